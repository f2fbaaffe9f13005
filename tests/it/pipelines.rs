//! The recipes for pipelines that the book shows, run as the runner would run them.

use crate::support::Project;
use std::{fs, path::Path, process::Command};

const PASSES: &str = "actions:\n  - wait: {id: a, for: 1ms}\ncriteria:\n  - expect: a.waited_s < slo.wait_s";
const FAILS: &str = "actions:\n  - wait: {id: a, for: 1ms}\ncriteria:\n  - expect: a.waited_s > slo.wait_s";

/// The YAML files that the page shows, in order.
fn recipes() -> Vec<serde_json::Value> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/src/ci.md");
    let text = fs::read_to_string(page).unwrap();
    let blocks = text.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.map(|yaml| serde_yaml::from_str(yaml).unwrap()).collect()
}

/// Runs a script of a recipe as runners do: by `bash -e`, with the program on the PATH.
fn run(project: &Project, script: &str) -> Option<i32> {
    let program = Path::new(env!("CARGO_BIN_EXE_jalon")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    command.args(["-e", "-c", script]).current_dir(project.path());
    command.env("PATH", path).env("JALON_NO_DOCTOR", "1");
    for key in ["JALON_ENV", "JALON_LANG", "JALON_PROFILE"] {
        command.env_remove(key);
    }
    command.output().unwrap().status.code()
}

/// What is there afterwards, whatever the result.
fn is_kept(project: &Project) {
    let out = project.path().join("out");
    let junit = fs::read_to_string(out.join("jalon.junit.xml")).unwrap();
    assert!(junit.contains("<testsuites") && out.join("evidence.tar.gz").exists(), "{junit}");
    let reports = fs::read_dir(&out).unwrap().filter(|entry| {
        entry
            .as_ref()
            .unwrap()
            .path()
            .extension()
            .is_some_and(|extension| extension == "html" || extension == "md")
    });
    assert!(reports.count() >= 2, "no report");
}

#[test]
fn a_pipeline_ends_with_the_result_of_the_run_and_keeps_its_evidence() {
    let recipes = recipes();
    let github = &recipes[0]["jobs"]["campaign"]["steps"];
    let gitlab = &recipes[1]["campaign"];
    let scripts = [
        [github[1]["run"].as_str().unwrap(), github[2]["run"].as_str().unwrap()],
        [gitlab["script"][0].as_str().unwrap(), gitlab["script"][1].as_str().unwrap()],
    ];
    let excepted = gitlab["allow_failure"]["exit_codes"][0].as_i64();
    for (at, [check, campaign]) in scripts.into_iter().enumerate() {
        for (step, code) in [(PASSES, Some(0)), (FAILS, Some(1))] {
            let project = Project::new();
            project.step(0, step);
            assert_eq!(run(&project, check), Some(0), "{check}");
            assert_eq!(run(&project, campaign), code, "{campaign}");
            is_kept(&project);
        }
        let project = Project::new();
        project.step(0, &format!("{PASSES}\napprove: {{role: lead, question: Go?}}"));
        assert_eq!(run(&project, campaign), Some(7), "{campaign}");
        is_kept(&project);
        let broken = Project::new();
        broken.step(0, "criteria:\n  - expect: nothing.here < 1");
        assert_eq!(run(&broken, check), Some(3), "recipe {at}");
    }
    assert_eq!(excepted, Some(11), "`passed with exceptions` of the exit codes");
    assert!(scripts[0][1].contains("= 11 ]"), "{}", scripts[0][1]);
}
