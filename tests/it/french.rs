//! A French report has no English sentence: names of metrics, commands and what the plan and people wrote apart.

use crate::support::{Project, Ran};
use std::{fs, path::Path};

/// Words of English sentences that are no French words.
const ENGLISH: [&str; 52] = [
    "after", "and", "any", "are", "at", "be", "been", "before", "began", "both", "by", "cannot", "could",
    "does", "each", "every", "found", "from", "had", "has", "have", "holds", "is", "it", "its", "least",
    "more", "nobody", "none", "not", "of", "only", "other", "than", "that", "the", "their", "there", "these",
    "they", "this", "to", "took", "was", "were", "when", "where", "which", "while", "who", "with", "without",
];

/// A text without its code: spans and blocks.
fn without_code(markdown: &str) -> String {
    let mut out = String::new();
    let mut block = false;
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            block = !block;
            continue;
        }
        if !block {
            let prose: Vec<&str> = line.split('`').step_by(2).collect();
            out.push_str(&prose.join(" "));
            out.push('\n');
        }
    }
    out
}

/// The lines with an English word, each with the word.
fn english(markdown: &str) -> Vec<String> {
    // What librdkafka and the system say is theirs.
    let prose = without_code(markdown).replace("Connect to 127.0.0.1:1 failed: Connection refused", "");
    let word = |line: &str| {
        let mut words = line.split(|c: char| !(c.is_alphanumeric() || "_.-'’/".contains(c)));
        words.find(|word| ENGLISH.contains(&word.to_lowercase().as_str())).map(str::to_owned)
    };
    prose.lines().filter_map(|line| Some(format!("{}: {line}", word(line)?))).collect()
}

#[test]
fn what_french_commands_say_of_a_run_has_no_english_sentence() {
    let project = Project::new();
    let canned = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journals/v1-declared.jsonl");
    project.file("artifacts/20261129-122121-lab/journal.jsonl", &fs::read_to_string(canned).unwrap());
    for args in [
        &["report", "--print", "--lang", "fr", "--all"][..],
        &["status", "--lang", "fr"],
        &["log", "--lang", "fr"],
        &["history", "--lang", "fr"],
        &["history", "4", "--lang", "fr"],
        &["show", "0", "--lang", "fr"],
        &["show", "0/1", "--lang", "fr"],
        &["show", "0/s", "--lang", "fr"],
        &["show", "0/zk", "--lang", "fr"],
        &["show", "1", "--lang", "fr"],
        &["show", "1/1/f", "--lang", "fr"],
        &["show", "1/1", "--lang", "fr"],
        &["show", "2/1", "--lang", "fr"],
        &["show", "2/h", "--lang", "fr"],
    ] {
        // The artifacts of the canned run were not kept, and all but the log say so.
        let code = if args[0] == "log" { 0 } else { 9 };
        let text = project.jalon(args).exits(code).stdout;
        assert_eq!(english(&text), [""; 0], "jalon {}", args.join(" "));
    }
}

#[test]
fn why_a_step_was_passed_over_is_said_in_french() {
    let project = Project::new();
    for step in [0, 1] {
        project.step(step, "actions:\n  - wait: {for: 1ms}\ncriteria: [{expect: wait.waited_s > 0}]");
    }
    project.jalon(&["run", "--only", "1"]).exits(0);
    for args in [
        &["status", "--lang", "fr"][..],
        &["show", "0", "--lang", "fr"],
        &["report", "--print", "--lang", "fr"],
    ] {
        let text = project.jalon(args).exits(0).stdout;
        assert!(text.contains("non sélectionnée"), "jalon {}: {text}", args.join(" "));
        assert!(!text.contains("not selected"), "jalon {}: {text}", args.join(" "));
    }
}

const NOTES: &str = "Notes de travail : jeudi 18/12/2025

Matinée :

-       Lancement d'un tir de perf avec réplication en continu

o   512000 octets par message

-       On observe que la latence a baissé sur les envois avec le tuning effectué

-       Risque : saturation du disque des brokers

Réparation des dashboards de monitoring mm2 connect

Après midi :

Lancement du test 1 :

[root@bench appuser]# kafka-producer-perf-test  --topic \"perf.nominal\"   --num-records 500000   --record-size 51200   --throughput 1000  --producer.config client.properties

1878 records sent, 375.5 records/sec (18.34 MB/sec), 1260.0 ms avg latency, 4256.0 ms max latency.

3058 records sent, 611.2 records/sec (29.85 MB/sec), 1110.3 ms avg latency, 4277.0 ms max latency.

....

500000 records sent, 622.255077 records/sec (30.38 MB/sec), 1050.68 ms avg latency, 4277.00 ms max latency, 1039 ms 50th, 1173 ms 95th, 1235 ms 99th, 1478 ms 99.9th.

-       Relance du premier test de perf avec le paramétrage initial

[root@bench appuser]# kafka-producer-perf-test --topic \"perf.nominal\"  --num-records 1800000  --record-size 1024  --throughput 1000  --producer.config client.properties --print-metrics

1800000 records sent, 999.985000 records/sec (0.98 MB/sec), 22.21 ms avg latency, 701.00 ms max latency, 23 ms 50th, 31 ms 95th, 35 ms 99th, 63 ms 99.9th.

Metric Name                                                                   Value

producer-metrics:batch-size-avg:{client-id=perf-producer-client}              : 3141.749

producer-metrics:compression-rate-avg:{client-id=perf-producer-client}        : 1.000

producer-metrics:request-latency-avg:{client-id=perf-producer-client}         : 20.113

-       Nouvel essai avec plus de batch, et compression lz4

[root@bench appuser]# kafka-producer-perf-test \\
>   --topic \"perf.nominal-2\" \\
>   --num-records 1800000 \\
>   --record-size 10240 \\
>   --throughput 10000 \\
>   --producer.config client.properties \\
>   --producer-props linger.ms=5 batch.size=32768  acks=1 compression.type=lz4 --print-metrics

Picked up JAVA_TOOL_OPTIONS: -Djavax.net.ssl.trustStore=/etc/pki/truststore.jks -Djavax.net.ssl.trustStorePassword=un-secret-1 -Djavax.net.ssl.trustStoreType=jks

[2025-12-18 14:59:12,833] WARN [Producer clientId=perf-producer-client] Error while fetching metadata with correlation id 1 : {perf.nominal-2=LEADER_NOT_AVAILABLE} (org.apache.kafka.clients.NetworkClient)

1800000 records sent, 6524.117000 records/sec (63.71 MB/sec), 480.12 ms avg latency, 1980.00 ms max latency, 460 ms 50th, 910 ms 95th, 1180 ms 99th, 1640 ms 99.9th.

o   latence zookeeper entre 3 et 14 ms, vue sur le datacenter nord

o   1 800 000 oct envoyés

[root@bench appuser]# kafka-consumer-perf-test --bootstrap-server broker-1:9092 --topic perf.nominal --messages 100000

start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec
2025-12-18 14:20:31:260, 2025-12-18 14:20:45:611, 97.6563, 6.8049, 100000, 6968.1555, 1766064032012, -1766064017661, -0.0000, -0.0001
";

#[test]
fn a_french_report_of_notes_has_no_english_sentence() {
    let project = Project::new();
    project.file("notes.txt", NOTES);
    project.jalon(&["import", "notes.txt", "--day", "2025-12-18"]).exits(0);
    let report = project.jalon(&["report", "--print", "--lang", "fr", "--all"]).exits(0).stdout;
    assert!(report.contains("perf.nominal"), "{report}");
    assert_eq!(english(&report), [""; 0], "{report}");
}

#[test]
fn what_is_damaged_is_said_in_french() {
    let project = Project::new();
    project.file("notes.txt", NOTES);
    project.jalon(&["import", "notes.txt", "--day", "2025-12-18"]).exits(0);
    project.jalon(&["note", "observation", "la latence a baissé"]).exits(0);
    let journal = project.path().join("artifacts/notes/journal.jsonl");
    let text = fs::read_to_string(&journal).unwrap();
    fs::write(&journal, text.replace("baiss", "monté")).unwrap();
    let report = project.jalon(&["report", "--print", "--lang", "fr", "--all"]).exits(9).stdout;
    for part in ["le journal est endommagé", "l'enregistrement 1 a été modifié après son écriture"] {
        assert!(report.contains(part), "{part}: {report}");
    }
    assert_eq!(english(&report), [""; 0], "{report}");
}

/// A platform of which nothing listens.
const SILENT: &str = "\
name: lab
clusters:
  source: {bootstrap_servers: '127.0.0.1:1', brokers: 3, zookeeper: ['127.0.0.1:1']}
connect: {url: 'http://127.0.0.1:1'}
prometheus: {url: 'http://127.0.0.1:1'}
schema_registry: {url: 'http://127.0.0.1:1'}
grafana: {url: 'http://127.0.0.1:1'}
exporters: {broker: 'http://127.0.0.1:1/metrics'}
commands: {stop: [./stop.sh]}
";

/// The text in one line: what is in backticks may be broken over two.
fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_wrong_with_a_platform_is_said_in_french() {
    let project = Project::new();
    project
        .file("plan/environments/lab.yaml", SILENT)
        .step(
            0,
            "actions:\n  - cluster: {id: nodes, cluster: source}\n  - scrape: {id: page, exporter: broker, metrics: [a]}\n  \
             - http: {id: subjects, service: schema_registry, path: /subjects}\n  - shell: {id: stop, argv: {command: stop}, on_interrupt: rerun}\n  \
             - prometheus: {id: urp, query: 'sum(urp)'}\ncriteria:\n  - expect: nodes.brokers >= 1 && page.missing == 0 && subjects.status == 200 && stop.exit_code == 0 && urp.value == 0",
        )
        .step(
            1,
            "actions:\n  - scrape: {id: other, exporter: elsewhere, metrics: [a]}\ncriteria:\n  - expect: other.missing == 0",
        );
    let told = in_one_line(&project.jalon(&["doctor", "--lang", "fr"]).exits(4).stdout);
    for part in [
        "Environnement lab, profil smoke",
        "Ferait échouer une exécution",
        "cluster source : 127.0.0.1:1 : connexion refusée",
        "registre de schémas : http://127.0.0.1:1",
        "exporteur broker : http://127.0.0.1:1/metrics : connexion refusée",
        "fichier de l'environnement : exporteur `elsewhere` introuvable dans l'environnement `lab` (étape 1)",
        "cette machine : programme `./stop.sh` introuvable (étape 0)",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(english(&told), [""; 0]);

    // A script reads the same words in every session.
    let json = project.jalon(&["doctor", "--lang", "fr", "--json"]).exits(4).stdout;
    assert!(json.contains("\"exporter broker\"") && !json.contains("exporteur"), "{json}");

    let mut run = project.command(&["run", "--until", "0", "--lang", "fr"]);
    let told = in_one_line(&Ran::of(run.env_remove("JALON_NO_DOCTOR").output().unwrap()).exits(4).stderr);
    assert!(told.contains("défauts qui feraient échouer l'exécution ; rien n'a été lancé"), "{told}");
    assert_eq!(english(&told), [""; 0]);
    assert!(!project.has_run());
}

#[test]
fn an_english_sentence_is_seen() {
    assert_eq!(english("Le débit `is the rate`\nthe rate\n```\nthe code\n```\n"), ["the: the rate"]);
}
