//! Seals and signed decisions: what a record said when it was signed can no longer be said otherwise.

use crate::support::{Project, write_anew};
use std::{fs, os::unix::fs::PermissionsExt};

const PASSES: &str = "actions:\n  - wait: {id: a, for: 1ms}\ncriteria:\n  - expect: a.waited_s < slo.wait_s";
const FAILS: &str = "actions:\n  - wait: {id: a, for: 1ms}\ncriteria:\n  - expect: a.waited_s > slo.wait_s";

/// What `jalon verify --json` prints.
fn verified(project: &Project, args: &[&str], code: i32) -> serde_json::Value {
    let ran = project.jalon(&[&["verify", "--json"], args].concat()).exits(code);
    serde_json::from_str(&ran.stdout).unwrap()
}

/// A campaign with a run that passed, and keys of two people.
fn sealed() -> Project {
    let project = Project::new();
    project.step(0, PASSES);
    for name in ["ada", "bob"] {
        project.jalon(&["seal", "--new-key", &format!("{name}.pem")]).exits(0).prints(&["key ", ".pem.pub"]);
    }
    project.jalon(&["run"]).exits(0);
    project.jalon(&["seal", "--key", "ada.pem"]).exits(0).prints(&["sealed in seals/"]);
    project
}

#[test]
fn a_record_that_is_written_anew_is_found_by_its_seal_alone() {
    let project = sealed();
    let run = project.run_dir();
    project.jalon(&["verify"]).exits(0).prints(&["a key that is not known", "PASSED"]);
    project.jalon(&["verify", "--key", "ada.pem.pub"]).exits(0).prints(&["by ada: PASSED"]);
    project.jalon(&["verify", "--key", "bob.pem.pub"]).exits(9).prints(&["bob has sealed nothing"]);
    write_anew(&run, "\"verdict\":\"pass\"", "\"verdict\":\"warn\"");
    project.jalon(&["verify"]).exits(9).prints(&["is not what was sealed up to record"]);
    // What a chain of hashes alone cannot tell.
    fs::remove_dir_all(run.join("seals")).unwrap();
    project.jalon(&["verify"]).exits(0);
    project.jalon(&["verify", "--key", "ada.pem.pub"]).exits(9).prints(&["ada has sealed nothing"]);
}

#[test]
fn a_seal_is_known_by_the_keys_of_the_campaign_and_holds_while_the_record_goes_on() {
    let project = sealed();
    fs::create_dir_all(project.path().join("plan/keys")).unwrap();
    fs::rename(project.path().join("ada.pem.pub"), project.path().join("plan/keys/Ada L.pub")).unwrap();
    project.jalon(&["retry", "0"]).exits(0);
    let verified = verified(&project, &[], 0);
    let seal = &verified["seals"][0];
    assert_eq!((&seal["by"], &seal["result"]), (&"Ada L".into(), &"PASSED".into()), "{verified}");
    assert!(seal["last"].as_u64().unwrap() < verified["records"].as_u64().unwrap(), "{verified}");
    project.jalon(&["seal", "--key", "bob.pem"]).exits(0);
    assert_eq!(self::verified(&project, &[], 0)["seals"].as_array().unwrap().len(), 2);
}

#[test]
fn a_seal_that_was_tampered_with_or_is_of_another_run_is_no_seal() {
    let project = sealed();
    let seal = fs::read_dir(project.run_dir().join("seals")).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&seal).unwrap();
    let damaged = |new: &str, told: &str| {
        fs::write(&seal, new).unwrap();
        project.jalon(&["verify", "--key", "ada.pem.pub"]).exits(9).prints(&[told]);
    };
    damaged("", "is no seal");
    damaged(&text.replace("vnd.in-toto", "vnd.other"), "is no seal");
    let mut envelope: serde_json::Value = serde_json::from_str(&text).unwrap();
    envelope["signatures"][0]["sig"] = "AAAA".into();
    damaged(&envelope.to_string(), "the signature is not of the key");
    fs::write(&seal, &text).unwrap();
    project.jalon(&["verify", "--key", "ada.pem.pub"]).exits(0);
    project.jalon(&["run"]).exits(0);
    let other = project.run_dir().join("seals");
    fs::create_dir(&other).unwrap();
    fs::copy(&seal, other.join("000001-x.json")).unwrap();
    project.jalon(&["verify"]).exits(9).prints(&["is a seal of"]);
}

#[test]
fn a_seal_goes_with_a_bundle_and_comes_back_with_one() {
    let project = sealed();
    project.jalon(&["bundle", "--out", "day.tar.gz"]).exits(0);
    let elsewhere = Project::new();
    let bundle = project.path().join("day.tar.gz");
    let unpack = ["unbundle", bundle.to_str().unwrap()];
    elsewhere.jalon(&unpack).exits(0);
    let key = project.path().join("ada.pem.pub");
    elsewhere.jalon(&["verify", "--key", key.to_str().unwrap()]).exits(0).prints(&["by ada"]);
    // Where the run is already, what was sealed since comes along.
    project.jalon(&["seal", "--key", "bob.pem"]).exits(0);
    project.jalon(&["bundle", "--out", "day.tar.gz"]).exits(0);
    elsewhere.jalon(&unpack).exits(0);
    let key = project.path().join("bob.pem.pub");
    elsewhere.jalon(&["verify", "--key", key.to_str().unwrap()]).exits(0).prints(&["by bob"]);
}

#[test]
fn a_signed_decision_holds_for_its_record() {
    let project = Project::new();
    project.step(0, FAILS);
    project.jalon(&["seal", "--new-key", "ada.pem"]).exits(0);
    project.jalon(&["run"]).exits(1);
    project.jalon(&["waive", "0", "--reason", "known", "--by", "Ada", "--key", "ada.pem"]).exits(0);
    project.jalon(&["log"]).exits(0).prints(&["signed with key"]);
    project.jalon(&["verify"]).exits(0).prints(&["signed by a key that is not known"]);
    let verified = verified(&project, &["--key", "ada.pem.pub"], 9);
    // To sign a decision is not to seal the run.
    assert_eq!(verified["faults"].as_array().unwrap().len(), 1, "{verified}");
    assert_eq!(verified["signed"][0]["by"], "ada");
    write_anew(&project.run_dir(), "\"reason\":\"known\"", "\"reason\":\"fixed\"");
    project.jalon(&["verify"]).exits(9).prints(&["the signature under record"]);
}

#[test]
fn what_cannot_seal_or_be_sealed_is_told() {
    let project = sealed();
    let mode = fs::metadata(project.path().join("ada.pem")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "others can read the key");
    project.jalon(&["seal", "--new-key", "ada.pem"]).exits(10).says(&["ada.pem"]);
    project.file("none.pem", "hello");
    project.jalon(&["seal", "--key", "none.pem"]).exits(2).says(&["no key in PEM", "--new-key"]);
    project.jalon(&["seal", "--key", "ada.pem.pub"]).exits(2).says(&["no key in PEM"]);
    project.jalon(&["seal", "--key", "env:NO_SUCH_KEY"]).exits(2).says(&["NO_SUCH_KEY"]);
    project.jalon(&["seal"]).exits(2).says(&["--key"]);
    project.jalon(&["verify", "--key", "ada.pem"]).exits(2).says(&["no key in PEM"]);
    let kept = project.journal()[0]["event"]["plan"]["kept"]["path"].as_str().unwrap().to_owned();
    fs::write(project.run_dir().join(kept), "other").unwrap();
    project.jalon(&["seal", "--key", "ada.pem"]).exits(9).says(&["nothing was sealed"]);
}
