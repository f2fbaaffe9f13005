//! The verifier in Python (`tests/verify/verify.py`), which knows nothing of jalon's code: it finds whole evidence right, and
//! every damage at its place.

use crate::support::{Project, Ran};
use rdkafka::{mocking::MockCluster, producer::DefaultProducerContext};
use sha2::{Digest, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify/verify.py")
}

/// What the verifier says of `path`.
fn verify(path: &Path, args: &[&str]) -> Ran {
    let ran = Command::new("python3").arg(script()).arg(path).args(args).output();
    Ran::of(ran.unwrap_or_else(|error| panic!("these tests need python3: {error}")))
}

/// A campaign with a run: a step that passed, one that failed and was waived, a load, a step behind a person; its report is
/// `out/report.json`, and its bundle `run.tar.gz`.
fn recorded() -> Project {
    let project = Project::new();
    let mock: MockCluster<'static, DefaultProducerContext> = MockCluster::new(1).unwrap();
    mock.create_topic("load", 1, 1).unwrap();
    let servers = mock.bootstrap_servers();
    project.file(
        "plan/environments/lab.yaml",
        &format!("name: lab\nclusters:\n  source: {{bootstrap_servers: \"{servers}\"}}\n"),
    );
    project.step(
        0,
        "actions:\n  - shell: {id: s, argv: [echo, n=7], capture: {n: {regex: 'n=(.*)'}}}\ncriteria:\n  - expect: s.n < 10\n  - expect: s.n > 1 && s.exit_code == 0\n  - expect: s.n > 100\n    severity: warn",
    );
    project.step(1, "actions:\n  - wait: {id: a, for: 1ms}\ncriteria:\n  - expect: a.waited_s > slo.wait_s");
    project.step(
        2,
        "actions:\n  - produce: {id: load, cluster: source, topic: load, records: 300, rate: 500/s, record_size: 100, warm_up: 20}\ncriteria:\n  - expect: load.latency_ms.p99 < 10000\n  - expect: load.records_failed == 0\nartifacts: [load/windows.csv]",
    );
    project.step(
        3,
        "actions:\n  - wait: {id: b, for: 1ms}\ncriteria:\n  - expect: b.waited_s < slo.wait_s\napprove: {role: lead, question: Go on?}",
    );
    project.jalon(&["run", "--until", "2"]).exits(1);
    project.jalon(&["waive", "1", "--reason", "known", "--by", "ada"]).exits(0);
    project.jalon(&["resume", "--all"]).exits(7);
    project.jalon(&["approve", "3", "--by", "bob"]).exits(0);
    project.jalon(&["resume"]).exits(11);
    project.jalon(&["note", "observation", "slow at noon", "--step", "2", "--by", "ada"]).exits(0);
    project.jalon(&["report", "--format", "json", "--out", "out"]).exits(0);
    let report = fs::read_dir(project.path().join("out")).unwrap().next().unwrap().unwrap().path();
    fs::rename(report, project.path().join("out/report.json")).unwrap();
    project.jalon(&["bundle", "--out", "run.tar.gz"]).exits(0);
    project
}

#[test]
fn the_verifier_is_short_and_needs_nothing() {
    let text = fs::read_to_string(script()).unwrap();
    assert!(text.lines().count() <= 300, "{} lines", text.lines().count());
    let imports = text.lines().filter(|line| line.starts_with("import ") || line.starts_with("from "));
    let standard = "argparse base64 collections csv hashlib json math operator pathlib re struct subprocess sys tarfile tempfile zlib";
    for import in imports {
        let modules = import.split(" import ").next().unwrap();
        let modules = modules.trim_start_matches("import ").trim_start_matches("from ").split(", ");
        for module in modules {
            assert!(standard.split(' ').any(|known| known == module), "{module}");
        }
    }
}

#[test]
fn whole_evidence_is_right_wherever_it_is() {
    let project = recorded();
    let report = project.path().join("out/report.json");
    let report = ["--report", report.to_str().unwrap()];
    project.jalon(&["unbundle", "run.tar.gz", "--into", "there"]).exits(0);
    let unpacked = project.path().join("untarred");
    fs::create_dir(&unpacked).unwrap();
    let untarred = Command::new("tar")
        .args(["xzf", "run.tar.gz", "-C", "untarred"])
        .current_dir(project.path())
        .status();
    assert!(untarred.unwrap().success());
    for path in [
        project.path().join("run.tar.gz"),
        project.path().join("there"),
        unpacked,
        project.run_dir(),
        project.path().into(),
    ] {
        let ran = verify(&path, &report).exits(0).prints(&["not recomputed: missing"]);
        for line in ran.stdout.lines() {
            assert!(line.contains(" 0 differ"), "{ran:#?}");
            assert!(line.starts_with("seals:") || !line.contains(" 0 right"), "{ran:#?}");
        }
        for group in ["journals", "artifacts", "values", "verdicts", "gates", "report"] {
            assert!(
                ran.stdout.lines().any(|line| line.starts_with(&format!("{group}: "))),
                "{group}: {ran:#?}"
            );
        }
    }
}

#[test]
fn what_is_no_evidence_is_told_apart_from_damage() {
    let folder = tempfile::tempdir().unwrap();
    verify(folder.path(), &[]).exits(2);
    let file = folder.path().join("a.tar.gz");
    fs::write(&file, "no bundle").unwrap();
    verify(&file, &[]).exits(2);
}

/// A copy of evidence, to be damaged.
struct Copied {
    campaign: tempfile::TempDir,
    run: PathBuf,
}

impl Copied {
    fn of(project: &Project) -> Self {
        let campaign = tempfile::tempdir().unwrap();
        let copied = Command::new("cp").arg("-a").arg(project.path().join(".")).arg(campaign.path()).status();
        assert!(copied.unwrap().success());
        let run = campaign.path().join("artifacts").join(project.run_dir().file_name().unwrap());
        Self { campaign, run }
    }

    fn path(&self, below: &str) -> PathBuf {
        self.campaign.path().join(below)
    }

    fn flip(path: &Path, at: usize) {
        let mut bytes = fs::read(path).unwrap();
        bytes[at] ^= 1;
        fs::write(path, bytes).unwrap();
    }

    /// Changes the lines of the journal and nothing else.
    fn lines(&self, change: impl FnOnce(&mut Vec<String>)) {
        let path = self.run.join("journal.jsonl");
        let mut lines = fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect();
        change(&mut lines);
        fs::write(path, lines.join("\n") + "\n").unwrap();
    }

    /// Says something else in the first record that has these words, and computes every hash and the head again, as somebody
    /// would who wants it to look whole.
    fn rewrite(&self, words: &str, others: &str) {
        let mut changed = 0;
        let mut prev = "journal.head".to_owned();
        let mut last = 0;
        self.lines(|lines| {
            for line in lines.iter_mut() {
                let (event, _) = line.rsplit_once(",\"prev\":").unwrap();
                let event = match changed == 0 && event.contains(words) {
                    true => {
                        changed += 1;
                        event.replacen(words, others, 1)
                    }
                    false => event.to_owned(),
                };
                let body = format!("{event},\"prev\":\"{prev}\"");
                prev = hash_of(format!("{body}}}").as_bytes());
                *line = format!("{body},\"hash\":\"{prev}\"}}");
                last += 1;
            }
        });
        assert_eq!(changed, 1, "no record has {words}");
        fs::write(self.run.join("journal.head"), format!("{{\"seq\":{last:<20},\"hash\":\"{prev}\"}}\n"))
            .unwrap();
    }

    /// Changes an artifact, and its hash and size wherever the journal has them.
    fn replace_artifact(&self, below: &str, change: impl FnOnce(&str) -> String) {
        let path = self.run.join(below);
        let old = fs::read_to_string(&path).unwrap();
        let new = change(&old);
        assert_ne!(old, new);
        fs::write(&path, &new).unwrap();
        let named =
            |text: &str| format!("\"sha256\":\"{}\",\"bytes\":{}", hash_of(text.as_bytes()), text.len());
        self.rewrite(&named(&old), &named(&new));
    }

    fn report(&self, change: impl FnOnce(&mut serde_json::Value)) {
        let path = self.path("out/report.json");
        let mut report = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        change(&mut report);
        fs::write(path, report.to_string()).unwrap();
    }
}

fn hash_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What is done to the evidence, and what the verifier must say of it.
struct Damage {
    what: &'static str,
    done: fn(&Copied),
    says: &'static [&'static str],
}

const DAMAGES: &[Damage] = &[
    Damage {
        what: "a byte of an artifact",
        done: |copied| Copied::flip(&copied.run.join("02/1/load/windows.csv"), 9),
        says: &["02/1/load/windows.csv: size and hash"],
    },
    Damage {
        what: "an artifact is gone",
        done: |copied| fs::remove_file(copied.run.join("02/1/load/spread.csv")).unwrap(),
        says: &["02/1/load/spread.csv: size and hash", "no file"],
    },
    Damage {
        what: "an artifact was added",
        done: |copied| fs::write(copied.run.join("02/1/load/more.csv"), "x").unwrap(),
        says: &["02/1/load/more.csv: no record names it, it was added"],
    },
    Damage {
        what: "an artifact became a link",
        done: |copied| {
            let (file, elsewhere) = (copied.run.join("00/1/s/stdout.txt"), copied.path("elsewhere"));
            fs::rename(&file, &elsewhere).unwrap();
            std::os::unix::fs::symlink(elsewhere, file).unwrap();
        },
        says: &["00/1/s/stdout.txt: size and hash", "no file"],
    },
    Damage {
        what: "the end of the journal is cut",
        done: |copied| copied.lines(|lines| drop(lines.pop())),
        says: &["journal.head", "the end was cut"],
    },
    Damage {
        what: "half of the last record is cut",
        done: |copied| {
            let path = copied.run.join("journal.jsonl");
            let text = fs::read(&path).unwrap();
            fs::write(path, &text[..text.len() - 30]).unwrap();
        },
        says: &["what follows the last whole record", "the end was cut"],
    },
    Damage {
        what: "two records are swapped",
        done: |copied| copied.lines(|lines| lines.swap(4, 5)),
        says: &["journal.jsonl line 5: number", "journal.jsonl line 6: number"],
    },
    Damage {
        what: "a record is taken out",
        done: |copied| copied.lines(|lines| drop(lines.remove(6))),
        says: &["journal.jsonl line 7: number"],
    },
    Damage {
        what: "a word in a record",
        done: |copied| {
            copied.lines(|lines| {
                lines[0] = lines[0].replacen("\"profile\":\"smoke\"", "\"profile\":\"smoky\"", 1)
            })
        },
        says: &["journal.jsonl line 1: number, hash before, hash"],
    },
    Damage {
        what: "the head is gone",
        done: |copied| fs::remove_file(copied.run.join("journal.head")).unwrap(),
        says: &["journal.head: unreadable"],
    },
    Damage {
        what: "the head is of another record",
        done: |copied| Copied::flip(&copied.run.join("journal.head"), 40),
        says: &["journal.head: "],
    },
    Damage {
        what: "an observed value, every hash computed again",
        done: |copied| {
            copied.rewrite(
                "\"observed\":{\"text\":\"s.n\",\"value\":{\"number\":[7.0",
                "\"observed\":{\"text\":\"s.n\",\"value\":{\"number\":[2.0",
            )
        },
        says: &["['s.n < 10', 'pass', 2.0, 10.0], recomputed: ['s.n < 10', 'pass', 7.0, 10.0]"],
    },
    Damage {
        what: "the limit of a criterion",
        done: |copied| {
            copied.rewrite(
                "\"limit\":{\"text\":\"slo.wait_s\",\"value\":{\"number\":[5.0",
                "\"limit\":{\"text\":\"slo.wait_s\",\"value\":{\"number\":[0.0",
            )
        },
        says: &["'a.waited_s > slo.wait_s', 'fail'", "5.0]"],
    },
    Damage {
        what: "the verdict of a criterion",
        done: |copied| {
            copied.rewrite("\"verdict\":\"fail\",\"observed\"", "\"verdict\":\"pass\",\"observed\"")
        },
        says: &["'a.waited_s > slo.wait_s', 'pass'", "the verdict of the step: fail, recomputed: pass"],
    },
    Damage {
        what: "a failure that is weighed as a warning",
        done: |copied| {
            copied.rewrite("\"verdict\":\"fail\",\"observed\"", "\"verdict\":\"warn\",\"observed\"")
        },
        says: &["'a.waited_s > slo.wait_s', 'warn'", "the verdict of the step: fail, recomputed: warn"],
    },
    Damage {
        what: "the words of a criterion",
        done: |copied| {
            copied.rewrite("\"index\":0,\"text\":\"s.n < 10\"", "\"index\":0,\"text\":\"s.n < 99\"")
        },
        says: &["['s.n < 99', 'pass', 7.0, 10.0], recomputed: ['s.n < 10'"],
    },
    Damage {
        what: "the verdict of a step",
        done: |copied| copied.rewrite("\"verdict\":\"fail\",\"reason\"", "\"verdict\":\"pass\",\"reason\""),
        says: &["the verdict of the step: pass, recomputed: fail"],
    },
    Damage {
        what: "the outcome of the run",
        done: |copied| copied.rewrite("\"outcome\":\"failed\"", "\"outcome\":\"passed\""),
        says: &["the outcome of the run: passed, recomputed: failed"],
    },
    Damage {
        what: "an approval that became a refusal",
        done: |copied| copied.rewrite("\"answer\":{\"yes\":true", "\"answer\":{\"yes\":false"),
        says: &["the verdict of the step: pass, recomputed: fail"],
    },
    Damage {
        what: "a percentile in the evidence",
        done: |copied| {
            copied.rewrite(
                "\"latency_ms.p99\":{\"value\":{\"number\":[",
                "\"latency_ms.p99\":{\"value\":{\"number\":[7",
            )
        },
        says: &["latency_ms.p99: the value from latency.hlog", "'load.latency_ms.p99 < 10000'"],
    },
    Damage {
        what: "how many records were sent",
        done: |copied| {
            copied.rewrite(
                "\"records_sent\":{\"value\":{\"number\":[300.0",
                "\"records_sent\":{\"value\":{\"number\":[400.0",
            )
        },
        says: &["records_sent: the value from windows.csv: 400.0, recomputed: [[300.0, 300.0]]"],
    },
    Damage {
        what: "a window, with its hash in the journal",
        done: |copied| {
            copied.replace_artifact("02/1/load/windows.csv", |text| {
                let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                let mut columns: Vec<&str> = lines[1].split(',').collect();
                columns[3] = "1";
                lines[1] = columns.join(",");
                lines.join("\n") + "\n"
            });
        },
        says: &["records_sent: the value from windows.csv: 300.0"],
    },
    Damage {
        what: "a histogram, with its hash in the journal",
        done: |copied| {
            copied.replace_artifact("02/1/load/latency.hlog", |text| {
                let rest = text.lines().filter(|line| !line.starts_with("Tag=intended"));
                rest.map(|line| line.replace("Tag=send", "Tag=intended") + "\n").collect()
            });
        },
        says: &["latency_ms.avg: the value from latency.hlog"],
    },
    Damage {
        what: "a note",
        done: |copied| {
            let path = copied.path("artifacts/notes/journal.jsonl");
            let text = fs::read_to_string(&path).unwrap();
            fs::write(path, text.replace("slow at noon", "fast at noon")).unwrap();
        },
        says: &["notes/journal.jsonl line 1: number, hash before, hash"],
    },
    Damage {
        what: "the observed value in the report",
        done: |copied| {
            copied.report(|report| report["criteria"][1]["rows"][0]["observed"]["exact"] = 9.0_f64.into())
        },
        says: &["report.json criteria.1.rows.0.observed: the figure"],
    },
    Damage {
        what: "the text of a figure of the report",
        done: |copied| {
            copied.report(|report| report["criteria"][1]["rows"][0]["observed"]["text"] = "9 s".into())
        },
        says: &["report.json criteria.1.rows.0.observed: the text of the figure: 9 s"],
    },
    Damage {
        what: "a percentile in the report",
        done: |copied| {
            copied.report(|report| {
                report["scenarios"][0]["latencies"][0]["figures"][4]["exact"] = 0.5_f64.into()
            })
        },
        says: &["report.json scenarios.0.latencies.0.figures.4: the figure"],
    },
    Damage {
        what: "a verdict in the report",
        done: |copied| {
            copied.report(|report| report["criteria"][1]["rows"][0]["verdict_code"] = "pass".into())
        },
        says: &["report.json criteria.1.rows.0: the verdict: pass, recomputed: fail"],
    },
    Damage {
        what: "the state of a step in the report",
        done: |copied| copied.report(|report| report["plan"][1]["state_code"] = "passed".into()),
        says: &["report.json plan.1: the state of a step: passed, recomputed: waived"],
    },
    Damage {
        what: "a hash in the annex of the report",
        done: |copied| copied.report(|report| report["evidence"][0]["sha256"] = "0".repeat(64).into()),
        says: &["report.json evidence.0: the hash of an artifact: 000"],
    },
];

#[test]
fn every_damage_is_found_at_its_place() {
    let project = recorded();
    for Damage { what, done, says } in DAMAGES {
        let copied = Copied::of(&project);
        done(&copied);
        let report = copied.path("out/report.json");
        let ran = verify(&copied.run, &["--report", report.to_str().unwrap()]);
        assert_eq!(ran.code, Some(9), "{what}: {ran:#?}");
        let differs: Vec<&str> = ran.stdout.lines().filter(|line| line.contains("differs: ")).collect();
        for words in *says {
            assert!(differs.iter().any(|line| line.contains(*words)), "{what}: {words}: {ran:#?}");
        }
    }
}

#[test]
fn a_bundle_that_was_changed_is_told_as_such() {
    let project = recorded();
    let bundle = project.path().join("run.tar.gz");
    let whole = fs::read(&bundle).unwrap();
    let mut changed = whole.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    for bytes in [&changed[..], &whole[..whole.len() - 20]] {
        fs::write(&bundle, bytes).unwrap();
        verify(&bundle, &[]).exits(9).prints(&["differs: run.tar.gz: the hash in the header"]);
    }
}

#[test]
fn a_seal_is_compared_and_its_signature_checked_with_the_key() {
    let project = recorded();
    for name in ["ada", "bob"] {
        project.jalon(&["seal", "--new-key", &format!("{name}.pem")]).exits(0);
    }
    project.jalon(&["seal", "--key", "ada.pem"]).exits(0);
    project.jalon(&["bundle", "--out", "sealed.tar.gz"]).exits(0);
    let key = |name: &str| project.path().join(format!("{name}.pem.pub")).to_str().unwrap().to_owned();
    for path in [project.path().join("sealed.tar.gz"), project.run_dir()] {
        verify(&path, &[]).exits(0).prints(&["1 not recomputed: signatures by", "no key given"]);
        let ran = verify(&path, &["--key", &key("ada")]).exits(0);
        assert!(!ran.stdout.contains("no key given"), "{ran:#?}");
        verify(&path, &["--key", &key("bob")]).exits(9).prints(&["bob.pem.pub has sealed nothing of it"]);
    }
    // Nothing but the seal tells this from the truth.
    let copied = Copied::of(&project);
    copied.rewrite("\"reason\":\"known\"", "\"reason\":\"agreed\"");
    verify(&copied.run, &[]).exits(9).prints(&["journal.jsonl: run, hash of the journal"]);
    fs::remove_dir_all(copied.run.join("seals")).unwrap();
    verify(&copied.run, &[]).exits(0);
    verify(&copied.run, &["--key", &key("ada")]).exits(9).prints(&["ada.pem.pub has sealed nothing of it"]);
    let copied = Copied::of(&project);
    let seal = fs::read_dir(copied.run.join("seals")).unwrap().next().unwrap().unwrap().path();
    let mut envelope: serde_json::Value = serde_json::from_slice(&fs::read(&seal).unwrap()).unwrap();
    // Another letter of the signature's Base64.
    let signature = envelope["signatures"][0]["sig"].as_str().unwrap();
    let other = if signature.starts_with('A') { "B" } else { "A" };
    envelope["signatures"][0]["sig"] = format!("{other}{}", &signature[1..]).into();
    fs::write(&seal, envelope.to_string()).unwrap();
    verify(&copied.run, &["--key", &key("ada")]).exits(9).prints(&["openssl pkeyutl -verify"]);
}
