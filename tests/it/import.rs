//! Work done by hand: what `jalon import` reads, shows, puts on record, and what becomes of it there.

use crate::support::{Project, Ran};
use serde_json::Value;
use std::fs;

/// Notes as somebody pastes them: two runs, prose, a secret, a line that is cut.
pub(crate) const NOTES: &str = "\
Load of the afternoon, on the old hosts

-       First launch, with the usual settings

[root@7d1c appuser]# kafka-producer-perf-test --topic orders.load  --num-records 10000 --record-size 1024  --throughput 1000 \\
>   --producer.config client.properties --print-metrics
Picked up JAVA_TOOL_OPTIONS: -Djavax.net.ssl.trustStore=/etc/pki/client.jks -Djavax.net.ssl.trustStorePassword=Tr0ub4dor
4957 records sent, 991.2 records/sec (0.97 MB/sec), 42.8 ms avg latency, 597.0 ms max latency.
5037 records sent, 1007.4 rec
10000 records sent, 997.406742 records/sec (0.97 MB/sec), 28.75 ms avg latency, 597.00 ms max latency, 12 ms 50th, 137 ms 95th, 177 ms 99th, 189 ms 99.9th.

Metric Name                                                                Value
producer-metrics:batch-size-avg:{client-id=perf-producer-client}         : 6734.127
-       the password was Tr0ub4dor all the time
[root@7d1c appuser]# kafka-consumer-perf-test --topic orders.load --messages 200000 --bootstrap-server b:9092
start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec
2026-03-02 09:10:53:093, 2026-03-02 09:10:54:472, 195.7813, 141.9734, 200480, 145380.7107, 365, 1014, 193.0782, 197712.0316
";

const DAY: [&str; 2] = ["--day", "2026-03-02"];

fn import(project: &Project, more: &[&str]) -> Ran {
    project.jalon(&[&["import", "notes.txt"], &DAY[..], more].concat())
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// Every file below a folder with its content.
fn files(folder: &std::path::Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push((path.clone(), fs::read(path).unwrap()));
            }
        }
    }
    found
}

#[test]
fn a_dry_run_shows_what_was_read_and_changes_nothing() {
    let project = Project::new();
    project.file("notes.txt", NOTES);
    let shown = import(&project, &["--dry-run"]).exits(0).stdout;
    for part in [
        "produce orders.load",
        "lines 5 to 13",
        "JVM's options",
        "notes (3)",
        "not understood (1)",
        "    9  5037 records sent, 1007.4 rec",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("Tr0ub4dor"), "{shown}");
    let wide: Vec<&str> = shown.lines().filter(|l| l.chars().count() > 80).collect();
    assert!(wide.is_empty(), "{wide:#?}");
    assert!(!project.path().join("artifacts").exists());

    let read = json(&import(&project, &["--dry-run", "--json"]).exits(0).stdout);
    let keys: Vec<&str> = read.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["scenarios", "notes", "not_understood", "masked_lines"]);
    let scenario = &read["scenarios"][0];
    let keys: Vec<&str> = scenario.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys.join(" "),
        "name tool command topic records record_size_bytes target_rate achieved_records_per_s mb_per_s avg_ms max_ms p50_ms \
         p95_ms p99_ms p999_ms windows properties metrics warnings lines"
    );
    assert_eq!((&scenario["records"], &scenario["p99_ms"]), (&10_000.into(), &177.0.into()));
    assert!(read["scenarios"][1]["p99_ms"].is_null(), "a consumer measures no latency");
    assert_eq!(read["not_understood"][0]["line"], 9);
}

#[test]
fn an_import_is_evidence_that_is_checked_bundled_and_withdrawn() {
    let project = Project::new();
    project.file("notes.txt", NOTES);
    import(&project, &["--step", "1"]).exits(0).says(&["on record as 2026-03-02-1"]);
    import(&project, &["--json"]).exits(0).says(&["nothing added", "2026-03-02-1 for step 1"]);
    project.jalon(&["verify"]).exits(0);

    for (path, content) in files(&project.path().join("artifacts")) {
        let text = String::from_utf8_lossy(&content);
        assert!(!text.contains("Tr0ub4dor"), "{}", path.display());
    }
    let folder = project.path().join("artifacts/imports/2026-03-02-1");
    let source = fs::read_to_string(folder.join("source.txt")).unwrap();
    assert_eq!(source, NOTES.replace("Tr0ub4dor", "***"));
    let reading = json(&fs::read_to_string(folder.join("reading.json")).unwrap());
    assert_eq!(reading["scenarios"][0]["windows"][0]["records"], 4957);
    let journal = fs::read_to_string(project.path().join("artifacts/imports/journal.jsonl")).unwrap();
    assert_eq!(journal.lines().count(), 1);
    let import_added = &json(&journal)["event"];
    assert_eq!(import_added["sha256"], import_added["source"]["sha256"], "a hash of the secret");
    assert_eq!((&import_added["type"], &import_added["day"]), (&"import-added".into(), &"2026-03-02".into()));

    project.step(1, "actions:\n  - wait: {for: 1ms}\ncriteria: [{expect: wait.waited_s > 0}]");
    project.jalon(&["run"]).exits(0);
    assert_eq!(
        json(&project.jalon(&["runs", "--json"]).stdout).as_array().unwrap().len(),
        1,
        "imports are no run"
    );
    let verified = json(&project.jalon(&["verify", "--json"]).exits(0).stdout);
    assert_eq!((&verified["imports"], &verified["faults"]), (&1.into(), &Value::Array(Vec::new())));
    project.jalon(&["bundle", "--out", "a.tar.gz"]).exits(0);
    project.jalon(&["unbundle", "a.tar.gz", "--into", "elsewhere"]).exits(0);
    let there = project.jalon(&["-C", "elsewhere", "verify"]).exits(0).stdout;
    assert!(there.contains("imports: 1 import, 2 artifacts"), "{there}");
    let again = project.jalon(&["unbundle", "a.tar.gz", "--into", "elsewhere"]).exits(0).stdout;
    assert!(!again.contains("are left as they are"), "{again}");

    project
        .jalon(&["import", "--withdraw", "2026-03-02-9", "--reason", "x"])
        .exits(2)
        .says(&["2026-03-02-1"]);
    project.jalon(&["import", "--withdraw", "2026-03-02-1", "--reason", "the wrong day"]).exits(0);
    let list = project.jalon(&["import", "--list"]).exits(0).stdout;
    assert!(list.contains("withdrawn: the wrong day"), "{list}");
    import(&project, &[]).exits(0).says(&["on record as 2026-03-02-2"]);
    let again = project.jalon(&["unbundle", "a.tar.gz"]).exits(0).stdout;
    assert!(again.contains("the imports here are left as they are"), "{again}");

    fs::write(folder.join("reading.json"), "{}").unwrap();
    let ran = project.jalon(&["verify"]).exits(9);
    assert!(ran.stdout.contains("2026-03-02-1/reading.json"), "{ran:?}");
    project.jalon(&["bundle", "--out", "b.tar.gz"]).exits(9);
}

#[test]
fn a_run_is_not_needed_to_check_what_was_imported() {
    let project = Project::new();
    project.jalon(&["verify"]).exits(2);
    project.file("notes.txt", NOTES);
    import(&project, &[]).exits(0);
    let verified = json(&project.jalon(&["verify", "--json"]).exits(0).stdout);
    assert!(verified["run"].is_null());
    let journal = project.path().join("artifacts/imports/journal.jsonl");
    let bytes = fs::read_to_string(&journal).unwrap().replace("orders.load", "orders.laod");
    fs::write(&journal, bytes).unwrap();
    project.jalon(&["verify"]).exits(9);
}

#[test]
fn what_cannot_be_imported_is_refused_kindly() {
    let project = Project::new();
    project.jalon(&["import", "notes.txt"]).exits(2).says(&["--day"]);
    import(&project, &[]).exits(2).says(&["file notes.txt not found"]);
    project.jalon(&["import", ".", "--day", "2026-03-02"]).exits(2).says(&["is a folder"]);
    project.jalon(&["import", "notes.txt", "--day", "2026-02-30"]).exits(2);
    project.file("notes.txt", "%% 1 %%\n");
    import(&project, &[]).exits(2).says(&["nothing in it was understood"]);
    import(&project, &["--dry-run"]).exits(0);
    project.jalon(&["import", "--withdraw", "x", "--reason", " "]).exits(2).says(&["the reason is empty"]);
    project.jalon(&["import", "--withdraw", "x", "--reason", "y"]).exits(2).says(&["import `x` not found"]);
    assert!(!project.path().join("artifacts/imports/journal.jsonl").exists());
}

#[test]
fn what_can_be_read_only_once_is_imported_too() {
    for file in ["-", "/dev/stdin"] {
        let project = Project::new();
        let mut child = project
            .command(&["import", file, "--day", "2026-03-02"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), NOTES.as_bytes()).unwrap();
        Ran::of(child.wait_with_output().unwrap()).exits(0).says(&["on record as 2026-03-02-1"]);
    }
}

#[test]
fn work_done_by_hand_is_reported_without_a_run_and_its_lines_are_classified() {
    let project = Project::new();
    project.step(0, "actions: [{wait: {id: a, for: 0s}}]\ncriteria: [{expect: a.waited_s < 5}]");
    project.file("notes.txt", NOTES);
    import(&project, &[]).exits(0);
    let report = |more: &[&str]| {
        let args = [&["report", "--day", "2026-03-02", "--lang", "en"][..], more].concat();
        project.jalon(&args).exits(0).stdout
    };
    let text = report(&["--print"]);
    assert!(text.contains("No step of the plan was run") && text.contains("I1"), "{text}");
    assert!(text.contains("Step 0"), "the plan is shown as not begun: {text}");
    let trace = json(&report(&["--check", "--json"]));
    assert_eq!(trace["problems"], serde_json::json!([]));
    assert_eq!(trace["figures"][0]["folder"], "imports");
    let open = || json(&project.jalon(&["note", "--unclassified", "--json"]).exits(0).stdout);
    let before = open().as_array().unwrap().len();
    assert!(before > 0);
    project.jalon(&["note", "--classify"]).exits(2).says(&["is not a terminal", "--line", "--by-rules"]);
    let place = format!("2026-03-02-1:{}", open()[0]["line"]);
    project.jalon(&["note", "risk", "--line", &place, "--day", "2026-03-02", "--by", "ana"]).exits(0);
    assert_eq!(open().as_array().unwrap().len(), before - 1);
    assert!(report(&["--print"]).contains("**Noted**: "), "{}", report(&["--print"]));
    project.jalon(&["note", "risk", "--line", "2026-03-02-1:9999"]).exits(2).says(&["is not a note"]);
    project.jalon(&["note", "action", "x", "--amends", "9"]).exits(2).says(&["note 9 not found"]);
    let listed = json(&project.jalon(&["note", "--list", "--json"]).exits(0).stdout);
    assert_eq!(listed[0]["note"]["line"]["import"], "2026-03-02-1");
}

#[test]
fn lines_whose_own_words_say_what_they_are_are_classified_at_once() {
    let project = Project::new();
    let notes = "Risque : un seul broker\n\nOn constate une latence de 14 ms\n\nYohan et Mireille en parlent encore entre eux\n";
    project.file("notes.txt", notes);
    import(&project, &[]).exits(0);
    let listed = project.jalon(&["note", "--unclassified"]).exits(0).stdout;
    assert!(listed.contains("risk (risque)") && listed.contains("observation (on constat)"), "{listed}");
    let done = project.jalon(&["note", "--classify", "--by-rules", "--by", "ana"]).exits(0);
    done.says(&["2 lines classified, 1 left"]);
    let open = json(&project.jalon(&["note", "--unclassified", "--json"]).exits(0).stdout);
    assert_eq!(open.as_array().unwrap().len(), 1);
    assert_eq!(open[0]["text"], "Yohan et Mireille en parlent encore entre eux");
    let listed = json(&project.jalon(&["note", "--list", "--json"]).exits(0).stdout);
    assert_eq!([&listed[0]["note"]["kind"], &listed[1]["note"]["kind"]], ["risk", "observation"]);
}
