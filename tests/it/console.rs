//! What a person sees of a run: the console in both languages, whole, so that its words are reviewed as words.

use crate::support::{Project, Ran, quiet};
use std::fs;

/// A campaign in which a run says nearly everything that it can say.
fn campaign() -> Project {
    let project = Project::new();
    let facts = "facts:\n  metadata: {label: {en: Metadata}, value: kraft, source: the test}\n";
    let campaign = fs::read_to_string(project.path().join("plan/campaign.yaml")).unwrap();
    project.file("plan/campaign.yaml", &(campaign + facts));
    project.file("plan/environments/lab.yaml", "name: lab\nconnect: {url: \"http://127.0.0.1:1\"}\n");
    project.step(
        0,
        "watch:
  - scrape: {id: w, url: \"http://127.0.0.1:1/metrics\", metrics: [a], every: 100ms}
actions:
  - shell: {id: s, argv: [echo, \"42\"], capture: {n: {regex: '(\\d+)'}}}
  - wait: {id: a, for: 300ms}
  - wait: {id: never, for: 1ms, when: s.n > 100}
criteria:
  - expect: s.n == 42
  - expect: a.waited_s < slo.wait_s
  - {expect: s.duration_s > 100, severity: warn}
  - {always: w.up, severity: warn}
  - {expect: never.waited_s < 1, severity: warn}",
    );
    project.step(
        1,
        "needs: [0]
actions:
  - parallel:
      - fault: {id: f, inject: [touch, broken], undo: [rm, -f, broken], hold: 500ms}
      - wait: {id: a, for: 1ms}
criteria:
  - expect: f.held_s >= 0.1
approve: {role: lead, question: \"Go on?\"}",
    );
    project
        .step(2, "needs: [1]\nactions:\n  - http: {id: h, service: connect, path: /connectors, attempts: 2}\ncriteria:\n  - expect: h.status == 200");
    project.step(
        3,
        "needs: [2]\nactions:\n  - wait: {id: a, for: 1ms}\ncriteria:\n  - expect: a.waited_s < slo.wait_s",
    );
    project.step(4, "when: facts.metadata == 'zookeeper'\nactions:\n  - wait: {id: a, for: 1ms}\ncriteria:\n  - expect: a.waited_s < slo.wait_s");
    project
}

fn whole(language: &str) -> String {
    let project = campaign();
    let said = |args: &[&str], code: i32| -> String {
        let args: Vec<&str> = args.iter().copied().chain(["--lang", language]).collect();
        let Ran { stdout, stderr, .. } = project.jalon(&args).exits(code);
        format!("$ jalon {}\n{stdout}{stderr}\n", args.join(" "))
    };
    let mut told = said(&["run"], 7);
    project.jalon(&["approve", "1", "--comment", "after lunch"]).exits(0);
    told += &said(&["resume", "--explain"], 0);
    told += &said(&["resume"], 4);
    told += &said(&["status"], 0);
    project.jalon(&["skip", "2", "--reason", "no Connect here"]).exits(0);
    told += &said(&["resume"], 11);
    told + &said(&["log"], 0)
}

#[test]
fn a_run_in_english() {
    quiet(|| insta::assert_snapshot!(whole("en")));
}

#[test]
fn a_run_in_french() {
    quiet(|| insta::assert_snapshot!(whole("fr")));
}

#[test]
fn the_language_of_a_session_is_that_of_the_variable() {
    let project = Project::new();
    project.step(0, "actions:\n  - wait: {id: a, for: 1ms}\ncriteria:\n  - expect: a.waited_s < slo.wait_s");
    let french = |args: &[&str]| Ran::of(project.command(args).env("JALON_LANG", "fr").output().unwrap());
    french(&["run"]).exits(0).says(&["étape 0", "fin de l'exécution : réussie", "ensuite : "]);
    french(&["status"]).exits(0).prints(&["réussie"]);
    french(&["log"]).exits(0).prints(&["étape 0, tentative 1 : "]);
    let english = project.jalon(&["status", "--json"]).exits(0).stdout;
    assert_eq!(french(&["status", "--json"]).exits(0).stdout.replace("\"fr\"", "\"en\""), english);
    project.jalon(&["status", "--lang", "de"]).exits(2).says(&["languages: en, fr"]);
}
