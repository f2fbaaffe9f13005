//! Broken plans: each mistake is told with its place, what was expected and what to try.

use crate::support::Project;

const GOOD: &str = "actions:\n  - wait: {id: a, for: 1ms}\ncriteria:\n  - expect: a.waited_s < slo.wait_s";

/// One mistake in a step file: the front matter, the place, and what the message must say.
const MISTAKES: &[(&str, &str, &[&str])] = &[
    (
        "acitons: []\ncriteria:\n  - expect: a.x < 1",
        "steps/00-step.md:4:1",
        &["no key `acitons`", "did you mean `actions`"],
    ),
    (
        "actions:\n  - wiat: {for: 1s}\ncriteria:\n  - expect: a.waited_s < 1",
        "steps/00-step.md:5:5",
        &["no action kind `wiat`", "did you mean `wait`"],
    ),
    (
        "actions:\n  - wait: {id: a, fro: 1s}\ncriteria:\n  - expect: a.waited_s < 1",
        "steps/00-step.md:5:19",
        &["no key `fro`", "did you mean `for`"],
    ),
    (
        "actions:\n  - wait: {id: a, for: soon}\ncriteria:\n  - expect: a.waited_s < 1",
        "steps/00-step.md:5:24",
        &["`soon` is not a duration", "2m"],
    ),
    (
        "actions:\n  - wait: {id: a, for: 1s, for: 2s}\ncriteria:\n  - expect: a.waited_s < 1",
        "steps/00-step.md:5:28",
        &["`for` stands twice"],
    ),
    (
        "actions:\n  - wait: {id: a, for: 1s}\n  - wait: {id: a, for: 1s}\ncriteria:\n  - expect: a.waited_s < 1",
        "steps/00-step.md:6:5",
        &["id `a` stands twice"],
    ),
    (
        "actions:\n  - wait: {id: a, for: '{{ profile.pauze }}'}\ncriteria:\n  - expect: a.waited_s < 1",
        "steps/00-step.md:5:24",
        &["`profile` has no `pauze`", "did you mean `profile.pause`"],
    ),
    (
        "actions:\n  - wait: {id: a, for: '{{ profile.name }}'}\ncriteria:\n  - expect: a.waited_s < 1",
        "steps/00-step.md:5:24",
        &["`smoke` is not a duration"],
    ),
    (
        "actions:\n  - wait: {id: a, for: 1s}\ncriteria:\n  - expect: a.wated_s < 1",
        "steps/00-step.md:7:13",
        &["no output `wated_s`", "did you mean `a.waited_s`"],
    ),
    (
        "actions:\n  - wait: {id: a, for: 1s}\ncriteria:\n  - expect: b.waited_s < 1",
        "steps/00-step.md:7:13",
        &["`b` is no action or watch"],
    ),
    (
        "actions:\n  - wait: {id: a, for: 1s}\ncriteria:\n  - expect: a.waited_s < slo.p99_ms",
        "steps/00-step.md:7:13",
        &["is in s and", "in ms"],
    ),
    (
        "actions:\n  - wait: {id: a, for: 1s}\ncriteria:\n  - expect: slo.wait_s < 10",
        "steps/00-step.md:7:13",
        &["could never fail"],
    ),
    (
        "actions:\n  - wait: {id: a, for: 1s}\ncriteria:\n  - expect: a.waited_s < < 1",
        "steps/00-step.md:7:26",
        &["cannot be read"],
    ),
    (
        "actions:\n  - wait: {id: a, for: 1s}\ncriteria:\n  - expct: a.waited_s < 1",
        "steps/00-step.md:7:5",
        &["no key `expct`", "did you mean `expect`"],
    ),
    (
        "actions:\n  - wait: {id: a, for: 1s}\ncriteria:\n  - expect: a.waited_s < 1\n    severity: fatal",
        "steps/00-step.md:8:15",
        &["`critical` or `warn`"],
    ),
    ("actions:\n  - wait: {id: a, for: 1s}", "steps/00-step.md:2:7", &["no criterion"]),
    (
        "needs: [7]\nactions:\n  - wait: {id: a, for: 1s}\ncriteria:\n  - expect: a.waited_s < 1",
        "steps/00-step.md:4:9",
        &["step 7, which no file defines"],
    ),
    (
        "watch:\n  - wait: {id: w, for: 1s, every: 1s}\nactions:\n  - wait: {id: a, for: 1s}\ncriteria:\n  - expect: a.waited_s < 1",
        "steps/00-step.md:5:5",
        &["cannot be a watch"],
    ),
    (
        "actions:\n  - wait: {id: a, for: 1s}\ncriteria:\n  - always: a.waited_s < 1",
        "steps/00-step.md:7:13",
        &["samples of exactly one watch"],
    ),
    (
        "actions:\n  - wait: {id: a, for: 1s}\ncriteria:\n  - expect: a.waited_s < 1\n    for: 2m",
        "steps/00-step.md:8:10",
        &["`for` belongs to `always`"],
    ),
    (
        "actions:\n  - wait: {id: a, for: 1s}\ncriteria:\n  - expect: a.waited_s < 1\nartifacts: [b/file.csv]",
        "steps/00-step.md:8:13",
        &["names no action of this step"],
    ),
    ("actions: [\ncriteria:\n  - expect: a.waited_s < 1", "steps/00-step.md:", &["not YAML"]),
    (
        "needs: 3\nactions: 5\ncriteria:\n  - expect: a.waited_s < 1",
        "steps/00-step.md:5:10",
        &["`actions` is a list", "`needs`"],
    ),
    (
        "estimate: long\nactions:\n  - wait: {id: a, for: 1s}\ncriteria:\n  - expect: a.waited_s < 1",
        "steps/00-step.md:4:11",
        &["estimate: 45m"],
    ),
];

#[test]
fn every_mistake_has_its_place_and_a_hint() {
    for (front, place, said) in MISTAKES {
        let project = Project::new();
        project.step(0, front);
        let ran = project.jalon(&["check"]).exits(3);
        assert!(ran.stderr.contains(place), "{front}\nexpected at {place}:\n{}", ran.stderr);
        // A message may be broken over lines.
        let flat = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in *said {
            assert!(flat.contains(part), "{front}\nexpected {part:?}:\n{}", ran.stderr);
        }
    }
}

#[test]
fn all_problems_of_all_files_come_at_once() {
    let project = Project::new();
    project
        .step(0, "needs: [9]\nactions:\n  - wait: {id: a, fro: 1s, for: x}\ncriteria:\n  - expect: a.nope < 1")
        .step(1, "actions:\n  - wiat: {}\ncriteria:\n  - expect: slo.wait_s > 1")
        .file("plan/environments/lab.yaml", "name: lab\nclsters: {}\n")
        .file("plan/campaign.yaml", "name: test\ndefault_environment: lab\ndefault_profile: smoke\nlanguags: [en]\nprofiles: {smoke: {}}\n");
    let ran = project.jalon(&["check", "--json"]).exits(3);
    let problems: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let mut found: Vec<String> = problems["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| format!("{}:{} {}", p["file"].as_str().unwrap(), p["line"], p["code"].as_str().unwrap()))
        .collect();
    found.sort();
    for expected in [
        "plan/campaign.yaml:4 unknown-key",
        "plan/environments/lab.yaml:2 unknown-key",
        "steps/00-step.md:4 unknown-need",
        "steps/00-step.md:6 unknown-key",
        "steps/00-step.md:6 wrong-value",
        "steps/01-step.md:5 unknown-kind",
    ] {
        assert!(found.iter().any(|f| f == expected), "{expected} is missing: {found:#?}");
    }
}

#[test]
fn a_cycle_is_shown_whole() {
    let project = Project::new();
    project
        .step(0, &format!("needs: [2]\n{GOOD}"))
        .step(1, &format!("needs: [0]\n{GOOD}"))
        .step(2, &format!("needs: [1]\n{GOOD}"));
    project.jalon(&["check"]).exits(3).says(&["0 → 1 → 2 → 0"]);
}

#[test]
fn two_steps_cannot_have_one_number() {
    let project = Project::new();
    project.step(0, GOOD);
    project.file("steps/01-again.md", &format!("---\nstep: 0\ntitle: Again\n{GOOD}\n---\n"));
    project.jalon(&["check"]).exits(3).says(&["step 0 is already in", "00-step.md"]);
}

#[test]
fn a_file_without_front_matter_is_told_what_it_lacks() {
    let project = Project::new();
    project.file("steps/00-step.md", "# Readiness\n");
    project.jalon(&["check"]).exits(3).says(&["front matter"]);
}

#[test]
fn a_run_of_a_broken_plan_starts_nothing() {
    let project = Project::new();
    project.step(0, "actions: []");
    project.jalon(&["run"]).exits(3);
    assert!(!project.path().join("artifacts").exists());
}

#[test]
fn a_profile_that_lacks_a_key_is_shown_where_it_stands_and_not_where_its_name_comes_first() {
    let project = Project::new();
    project.step(0, GOOD).file(
        "plan/campaign.yaml",
        "name: test\n# small: it lacks a key\ndefault_environment: lab\ndefault_profile: big\nslo: {wait_s: 5}\nprofiles:\n  big: {a: 1}\n  small: {}\n",
    );
    project.jalon(&["check"]).exits(3).says(&["plan/campaign.yaml:8:3", "profile `small` lacks a"]);
}
