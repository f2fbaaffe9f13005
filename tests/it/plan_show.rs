//! `jalon plan show`: every value of a step before it runs, and where it comes from.

use crate::support::Project;
use serde_json::{Value, json};

const STEP: &str = "\
needs: [0]
watch:
  - shell: {id: eye, argv: [echo], every: 2s}
actions:
  - wait: {id: first, for: '{{ vars.pause }}', timeout: 1m}
  - wait: {id: second, for: '{{ profile.pause }}'}
  - shell: {id: third, argv: [echo, '{{ before.waited_s }}', 'password={{ vars.word }}'], env: {PASSWORD: '{{ vars.word }}'}}
criteria:
  - expect: first.waited_s < slo.wait_s
    must: true";

fn project() -> Project {
    let project = Project::new();
    let campaign = "name: test\ndefault_environment: lab\ndefault_profile: smoke\nslo: {wait_s: 5}\n\
        profiles: {smoke: {pause: 10ms}}\nvars: {pause: 1ms, other: 2, word: hunter2hunter2}\n";
    project
        .file("plan/campaign.yaml", campaign)
        .file("a.yaml", "pause: 2ms\nother: 7\n")
        .file("b.yaml", "pause: 3ms\n")
        .step(0, "actions: [{wait: {id: before, for: 1ms}}]\ncriteria: [{expect: before.waited_s > 0}]")
        .step(1, &STEP.replace("watch:\n  - shell: {id: eye, argv: [echo], every: 2s}\n", ""));
    project
}

fn shown(project: &Project, args: &[&str]) -> Value {
    let ran = project.jalon(&[&["plan", "show", "1", "--json"], args].concat()).exits(0);
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn every_value_says_where_it_comes_from() {
    let project = project();
    let step = shown(&project, &[]);
    let parameter = |action: usize, place: usize| &step["actions"][action]["parameters"][place];
    assert_eq!(parameter(0, 0)["value"], json!("1ms"));
    assert_eq!(parameter(0, 0)["from"], json!(["`vars` of plan/campaign.yaml", "steps/01-step.md:6"]));
    assert_eq!(parameter(1, 0)["value"], json!("10ms"));
    assert_eq!(parameter(1, 0)["from"][0], json!("profile smoke"));
    let words = parameter(2, 0);
    assert_eq!((&words["known"], &words["value"]), (&json!(false), &Value::Null));
    assert_eq!(words["from"][0], json!("`before.waited_s` of step 0"));
    let limit = &step["criteria"][0]["limits"][0];
    assert_eq!((&limit["name"], &limit["value"]), (&json!("slo.wait_s"), &json!(5.0)));
    assert_eq!(limit["from"][0], json!("`slo` of plan/campaign.yaml"));
    let text = project.jalon(&["plan", "show", "1", "--resolved"]).exits(0).stdout;
    for part in ["for = 1ms", "line 6]", "(known when the step runs)", "profile smoke", "slo.wait_s = 5"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.lines().all(|l| l.chars().count() <= 80), "{text}");
    assert!(!text.contains("hunter2") && !step.to_string().contains("hunter2"), "a secret is shown: {text}");
    let plain = project.jalon(&["plan", "show", "1"]).exits(0).stdout;
    assert!(plain.contains("first  (wait)") && !plain.contains("slo.wait_s = 5"), "{plain}");
    project.jalon(&["plan", "show", "7"]).exits(2).says(&["no step 7", "its steps: 0, 1"]);
}

#[test]
fn a_variable_comes_from_the_last_place_that_has_it() {
    let project = project();
    let first = |args: &[&str]| {
        let step = shown(&project, args);
        let first = &step["actions"][0]["parameters"][0];
        (first["value"].clone(), first["from"][0].as_str().unwrap().to_owned())
    };
    assert_eq!(
        first(&["--var-file", "b.yaml", "--var-file", "a.yaml"]),
        (json!("2ms"), "`pause` of a.yaml".into())
    );
    assert_eq!(
        first(&["--var-file", "a.yaml", "--var-file", "b.yaml"]),
        (json!("3ms"), "`pause` of b.yaml".into())
    );
    let all = ["--var", "pause=4ms", "--var-file", "a.yaml"];
    assert_eq!(first(&all), (json!("4ms"), "`--var pause`".into()));
    project.jalon(&["check", "--var-file", "none.yaml"]).exits(2).says(&["none.yaml", "No such file"]);
    project.file("c.yaml", "- 1\n").jalon(&["check", "--var-file", "c.yaml"]).exits(2).says(&["NAME: VALUE"]);
    project.jalon(&["run", "--var-file", "a.yaml"]).exits(0);
    assert_eq!(
        project.journal()[0]["event"]["plan"]["vars"]["other"],
        json!(7),
        "{:#}",
        project.journal()[0]
    );
}
