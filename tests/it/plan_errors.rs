//! Broken plans: what `jalon check` says about each is kept beside it, whole, so that it can be read as a person does.
//!
//! `tests/plans/NAME.md` is a step file, `tests/plans/NAME/` the files of a campaign, in place of those of
//! `tests/plans/base`, which is sound. What is said stands in `tests/plans/told/NAME.snap`;
//! `INSTA_UPDATE=always cargo test --test it plan_errors` writes it, and the difference is to be read before it is kept.

use crate::support::Project;
use std::{
    collections::BTreeSet,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans")
}

/// The names of the files and folders in `folder`, without their extensions.
fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

fn broken() -> BTreeSet<String> {
    let mut names = names(&folder());
    names.retain(|name| !["base", "told"].contains(&name.as_str()));
    names
}

/// Copies the files below `from` into the campaign.
fn lay(project: &Project, from: &Path, below: &str) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{below}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            lay(project, &entry.path(), &format!("{name}/"));
        } else {
            project.file(&name, &fs::read_to_string(entry.path()).unwrap());
        }
    }
}

fn campaign(name: &str) -> Project {
    let project = Project::new();
    lay(&project, &folder().join("base"), "");
    let (file, own) = (folder().join(format!("{name}.md")), folder().join(name));
    if own.is_dir() {
        lay(&project, &own, "");
    } else if file.is_file() {
        project.file("steps/00-step.md", &fs::read_to_string(file).unwrap());
    }
    project
}

#[test]
fn the_plan_that_they_are_made_from_is_sound() {
    for profile in ["smoke", "nominal"] {
        campaign("base").jalon(&["check", "--profile", profile]).exits(0);
    }
}

#[test]
fn what_is_said_about_each_is_what_a_person_needs() {
    let names = broken();
    assert!(names.len() >= 60, "{} plans", names.len());
    let failed: Vec<&String> = names
        .iter()
        .filter(|name| {
            let told = || {
                let ran = campaign(name).jalon(&["check"]).exits(3);
                assert!(ran.stdout.is_empty(), "{ran:?}");
                let mut settings = insta::Settings::clone_current();
                settings.set_snapshot_path(folder().join("told"));
                settings.set_prepend_module_to_snapshot(false);
                settings.set_omit_expression(true);
                // A new kind of action changes no plan here.
                settings.add_filter(r"(?s)(help: (?:read-only )?kinds[^:]*:).*?(\n\d+ problem)", "$1 […]$2");
                settings.bind(|| insta::assert_snapshot!(name.as_str(), ran.stderr));
            };
            catch_unwind(AssertUnwindSafe(told)).is_err()
        })
        .collect();
    assert!(failed.is_empty(), "not as kept in tests/plans/told: {failed:?}");
}

#[test]
fn every_plan_has_what_is_said_about_it_and_nothing_else_is_kept() {
    let told = names(&folder().join("told"));
    assert_eq!(told, broken());
}

#[test]
fn no_form_of_output_shows_a_secret() {
    let mut looked = 0;
    for name in broken().iter().filter(|name| name.starts_with("secret-")) {
        for format in ["text", "json", "github"] {
            let ran = campaign(name).jalon(&["check", "--format", format]).exits(3);
            assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("hunter2"), "{name}: {ran:?}");
            assert!(format!("{}{}", ran.stdout, ran.stderr).contains("secret"), "{name}: {ran:?}");
            looked += 1;
        }
    }
    assert!(looked >= 18);
}

#[test]
fn every_form_of_output_tells_the_same_problems() {
    for name in ["key-of-an-action", "units-differ", "secret-in-client-properties"] {
        let project = campaign(name);
        let json = project.jalon(&["check", "--format", "json"]).exits(3).stdout;
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let problems = json["problems"].as_array().unwrap();
        let github = project.jalon(&["check", "--format", "github"]).exits(3).stdout;
        assert_eq!(github.lines().count(), problems.len());
        for (line, problem) in github.lines().zip(problems) {
            let place = format!(
                "::error file={},line={},col={},",
                problem["file"].as_str().unwrap(),
                problem["line"],
                problem["column"]
            );
            assert!(line.starts_with(&place), "{line}\n{problem}");
        }
    }
    // Where a campaign is a folder of the repository, its files are named from the root.
    let project = campaign("key-of-an-action");
    let root = project.path().parent().unwrap();
    let own = project.path().file_name().unwrap().to_str().unwrap();
    let mut command = project.command(&["-C", own, "check", "--format", "github"]);
    let ran = crate::support::Ran::of(command.current_dir(root).output().unwrap()).exits(3);
    assert!(ran.stdout.starts_with(&format!("::error file={own}/steps/00-step.md,line=5,")), "{ran:?}");
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
fn a_run_of_a_broken_plan_starts_nothing() {
    let project = Project::new();
    project.step(0, "actions: []");
    project.jalon(&["run"]).exits(3);
    assert!(!project.path().join("artifacts").exists());
}

#[test]
fn a_profile_that_lacks_a_key_is_shown_where_it_stands_and_not_where_its_name_comes_first() {
    let project = Project::new();
    project.step(0, "actions:\n  - wait: {id: a, for: 1ms}\ncriteria:\n  - expect: a.waited_s < slo.wait_s").file(
        "plan/campaign.yaml",
        "name: test\n# small: it lacks a key\ndefault_environment: lab\ndefault_profile: big\nslo: {wait_s: 5}\nprofiles:\n  big: {a: 1}\n  small: {}\n",
    );
    project.jalon(&["check"]).exits(3).says(&["plan/campaign.yaml:8:3", "profile `small` lacks `a`"]);
}

#[test]
fn a_query_that_filters_never_gives_what_it_leaves_out() {
    let check = |query: &str, form: &str, criterion: &str| {
        let project = Project::new();
        project.file("plan/environments/lab.yaml", "name: lab\nprometheus: {url: 'http://127.0.0.1:1'}\n");
        let step = format!(
            "{form}:\n  - prometheus: {{id: q, query: '{query}'}}\ncriteria:\n  - expect: {criterion}\n"
        );
        let action = if form == "watch" { "actions:\n  - wait: {id: a, for: 1s}\n" } else { "" };
        project.step(0, &format!("{action}{step}"));
        project.jalon(&["check"])
    };
    for (query, form, criterion) in [
        ("sum(lag) > 100", "actions", "q.value == 0"),
        ("sum(lag) > 100", "actions", "q.value <= 100"),
        ("100 < sum(lag)", "watch", "q.max == 0"),
        ("lag != 0", "actions", "q.value == 0"),
        ("lag != 0", "watch", "q.max == 0"),
        ("count(up == 0)", "actions", "q.value == 0"),
        ("count(up == 0)", "actions", "q.value < 1"),
        ("absent(up)", "actions", "q.value == 0"),
    ] {
        check(query, form, criterion).exits(3).says(&["could never pass", "or vector(0)"]);
    }
    for (query, form, criterion) in [
        ("sum(lag) > 100", "actions", "q.value < 1000"),
        ("sum(lag) > 100", "actions", "q.series == 0"),
        ("sum(lag) > bool 100", "actions", "q.value == 0"),
        ("count(up == 0) or vector(0)", "actions", "q.value == 0"),
        ("lag != 0", "actions", "q.value < 5"),
        ("absent(up)", "actions", "q.value == 1"),
        ("sum(lag)", "watch", "q.max == 0"),
    ] {
        check(query, form, criterion).exits(0);
    }
}

#[test]
fn a_number_that_is_too_large_is_told_as_that() {
    for (number, criterion, told) in [
        (
            "99999999999999999999",
            "w.waited_s < 5",
            "a whole number from 0 to 4294967295, found a number that is too large",
        ),
        ("1e30", "w.waited_s < 5", "found a number that is too large"),
        (
            "4294967296",
            "w.waited_s < 5",
            "a whole number from 0 to 4294967295, found the number `4294967296`",
        ),
        ("0", "w.waited_s < 99999999999999999999", "this whole number is too large"),
        ("0", "w.waited_s > -99999999999999999999", "this whole number is too large"),
    ] {
        let project = Project::new();
        let text = format!(
            "---\nstep: {number}\ntitle: X\nactions:\n  - wait: {{id: w, for: 1ms}}\ncriteria:\n  - expect: {criterion}\n---\n\n# P\n"
        );
        project.file("steps/00-x.md", &text);
        let ran = project.jalon(&["check"]).exits(3);
        // Lines are wrapped at the width of a terminal.
        let shown = ran.stderr.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
        assert!(shown.contains(told), "{number} {criterion}: {ran:?}");
    }
}
