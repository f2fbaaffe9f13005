//! `certificates`: what servers show, and what the report says of those that end.

use crate::support::{Project, tls};
use serde_json::Value as Json;

const STEP: &str = "actions:
  - certificates: {id: tls}
criteria:
  - expect: tls.expired == 0 && tls.unread == 0
  - {expect: tls.days_left >= 30, severity: warn}";

fn evidence(project: &Project) -> Json {
    let journal = project.journal();
    let ended = journal.iter().find(|r| r["event"]["type"] == "action-finished").unwrap();
    ended["event"]["result"]["done"]["values"].clone()
}

#[test]
fn a_certificate_that_ends_is_a_risk_of_the_report() {
    let project = Project::new();
    let (gone, soon, later) = (tls::server(-10), tls::server(12), tls::server(400));
    project
        .file(
            "plan/environments/lab.yaml",
            &format!(
                "name: lab\nconnect: {{url: 'https://{later}'}}\ngrafana: {{url: 'https://{soon}'}}\n\
                 exporters: {{broker: 'https://{gone}/metrics', plain: 'http://127.0.0.1:1/metrics'}}\n"
            ),
        )
        .step(0, STEP);
    project.jalon(&["run"]).exits(1);
    let values = evidence(&project);
    assert_eq!(values["servers"]["value"]["number"][0], 3.0);
    assert_eq!(values["expired"]["value"]["number"][0], 1.0);
    assert_eq!(values["days_left"]["value"]["number"][0], -10.0);
    assert_eq!(values["first"]["value"]["text"], gone);
    let kept = std::fs::read_to_string(project.run_dir().join("00/1/tls/certificates.json")).unwrap();
    assert!(kept.contains("CN=localhost") && kept.contains("valid_until"), "{kept}");
    for (language, words) in [
        (
            "fr",
            [format!("le certificat de {gone} a expiré le"), format!("le certificat de {soon} expire le")],
        ),
        (
            "en",
            [
                format!("the certificate of {gone} expired on"),
                format!("the certificate of {soon} expires on"),
            ],
        ),
    ] {
        let report = project.jalon(&["report", "--lang", language, "--print"]).exits(0).stdout;
        assert!(words.iter().all(|words| report.contains(words)), "{report}");
        assert!(!report.contains(&format!("{later} expire")), "{report}");
    }
}

#[test]
fn without_tls_nothing_is_known_of_certificates() {
    let project = Project::new();
    project.file("plan/environments/lab.yaml", "name: lab\n").step(0, STEP);
    project.jalon(&["run"]).exits(6);
    let values = evidence(&project);
    assert_eq!(values["servers"]["value"]["number"][0], 0.0);
    for name in ["expired", "unread", "days_left"] {
        assert!(values[name]["value"]["missing"].to_string().contains("TLS"), "{values}");
    }
}

#[test]
fn an_address_without_a_port_is_a_mistake_of_the_plan() {
    let project = Project::new();
    project.step(0, &STEP.replace("{id: tls}", "{id: tls, addresses: [kafka.example.com]}"));
    project.jalon(&["check"]).exits(3).says(&["`kafka.example.com` is not `host:port`"]);
}
