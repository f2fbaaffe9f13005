//! `jalon lab up --secure` with real processes: a campaign logs in over TLS, who cannot is told why, and no password shows.

use crate::support::{
    Project,
    lab::{Lab, has_kafka},
};
use jalon::clients::Environment;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// One broker and Connect.
const REDUCED: [&str; 7] =
    ["up", "--secure", "--brokers=1", "--no-target", "--no-registry", "--no-prometheus", "--within=4m"];

const WORKS: &str = "actions:
  - cluster: {id: kafka, cluster: source}
  - topic: {id: made, cluster: source, name: orders, partitions: 1, replication_factor: 1, ensure: present}
  - produce: {id: load, cluster: source, topic: orders, records: 10, record_size: 100 B, rate: 100/s}
  - consume: {id: read, cluster: source, topic: orders, group: readers, records: 10, idle_timeout: 20s}
  - connect: {id: workers}
criteria:
  - expect: kafka.brokers == 1 && made.partitions == 1 && workers.up
  - expect: load.records_sent == 10 && read.records == 10";

/// Kafka's own tools log in as the campaign does.
const TOOLS: &str = "actions:
  - produce: {id: load, cluster: source, topic: orders, driver: kafka-tools, records: 3000, record_size: 100 B, rate: 1000/s, payload: letters}
  - consume: {id: read, cluster: source, topic: orders, driver: kafka-tools, records: 3000, idle_timeout: 20s}
criteria:
  - expect: load.records_sent == 3000 && load.records_failed == 0 && read.records >= 3000";

const NOT_WRITTEN: &str = "actions:
  - produce: {id: load, cluster: source, topic: orders, records: 100, record_size: 100 B, rate: 100/s}
criteria:
  - expect: load.records_sent == 100";

const NOT_READ: &str = "actions:
  - consume: {id: read, cluster: source, topic: orders, group: barred, records: 10, idle_timeout: 20s}
criteria:
  - expect: read.records == 10";

const NOT_SEEN: &str = "actions:
  - produce: {id: load, cluster: source, topic: hidden, records: 100, record_size: 100 B, rate: 100/s}
criteria:
  - expect: load.records_sent == 100";

const LOOKS: &str =
    "actions:\n  - cluster: {id: kafka, cluster: source}\ncriteria:\n  - expect: kafka.brokers == 1";

const ASKS: &str = "actions:\n  - connect: {id: workers}\ncriteria:\n  - expect: workers.connectors == 0";

/// A campaign of one step in this environment.
fn campaign(environment: &str, step: &str) -> Project {
    let project = Project::new();
    project.file("plan/environments/lab.yaml", environment).step(0, step);
    project
}

/// `environment` without the lines of these keys.
fn without(environment: &str, keys: &[&str]) -> String {
    let kept = |line: &&str| !keys.iter().any(|key| line.trim_start().starts_with(key));
    environment.lines().filter(kept).map(|line| format!("{line}\n")).collect()
}

/// The environment's part for Connect alone.
fn connect_only(environment: &str) -> String {
    let mut lines = environment.lines().skip_while(|line| !line.starts_with("connect:"));
    let first = lines.next().unwrap();
    let rest = lines.take_while(|line| line.starts_with(' '));
    ["name: lab", first].into_iter().chain(rest).map(|line| format!("{line}\n")).collect()
}

/// Every file below a folder that holds one of the passwords.
fn leaks(folder: &Path, passwords: &[String]) -> Vec<String> {
    let mut found = vec![];
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            found.extend(leaks(&path, passwords));
        } else {
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            if passwords.iter().any(|password| text.contains(password)) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

/// Every command line on the machine that holds one of the passwords.
fn shown(passwords: &[String]) -> Vec<String> {
    let lines =
        fs::read_dir("/proc").unwrap().flatten().filter_map(|e| fs::read(e.path().join("cmdline")).ok());
    lines
        .map(|line| String::from_utf8_lossy(&line).into_owned())
        .filter(|line| passwords.iter().any(|password| line.contains(password)))
        .collect()
}

/// The lab's passwords, where they are written by now.
fn passwords(folder: &Path) -> Vec<String> {
    ["admin.scram.properties", "campaign.password", "store.password"]
        .iter()
        .filter_map(|name| fs::read_to_string(folder.join("secrets").join(name)).ok())
        .filter_map(|text| text.trim().rsplit('=').next().map(str::to_owned))
        .filter(|password| password.len() == 32)
        .collect()
}

/// Takes rights away from the campaign's user, and looks how its loads end.
fn what_the_user_may_not_do_is_told(environment: &str) {
    let parsed: Environment = serde_yaml::from_str(environment).unwrap();
    let zookeeper = format!("zookeeper.connect={}", parsed.clusters["source"].zookeeper[0]);
    let libs = jalon::lab::Cache::of_user().unwrap().folder().join("kafka-3.7.2/libs/*");
    for (denied, step, parts) in [
        ("Write --topic orders", NOT_WRITTEN, ["refuses records for `orders`", "uthoriz", "ACLs"]),
        ("Read --group barred", NOT_READ, ["source", "roup", "ACLs"]),
        ("Describe --topic hidden", NOT_SEEN, ["topic `hidden`", "uthoriz", "ACLs"]),
    ] {
        let mut command = Command::new("java");
        command.args(["-Xmx128m", "-cp"]).arg(&libs).args(["kafka.admin.AclCommand", "--add", "--force"]);
        command.args([
            "--authorizer-properties",
            &zookeeper,
            "--deny-principal",
            "User:campaign",
            "--operation",
        ]);
        let made = command.args(denied.split(' ')).output().unwrap();
        assert!(made.status.success(), "{denied}: {made:?}");
        // Brokers hear of it a moment later.
        let begun = Instant::now();
        let ran = loop {
            let ran = campaign(environment, step).jalon(&["run"]);
            if ran.code == Some(4) || begun.elapsed() > Duration::from_secs(60) {
                break ran;
            }
        };
        ran.exits(4).says(&parts);
    }
}

#[test]
fn a_secure_lab_lets_in_who_logs_in_and_shows_no_password() {
    if !has_kafka("a_secure_lab_lets_in_who_logs_in_and_shows_no_password") {
        return;
    }
    let lab = Lab::new();
    let folder = lab.project.path().join(".jalon/lab");
    let base = format!("--port-base={}", lab.base);
    let mut up = lab.command(&[&REDUCED[..], &[&base]].concat()).spawn().unwrap();
    // The line of a program that is just being started is empty for a moment.
    let begun = Instant::now();
    while shown(std::slice::from_ref(&base)).is_empty() {
        assert!(begun.elapsed().as_secs() < 5, "command lines cannot be seen");
    }
    // The users and certificates are made by programs that live shortly.
    while up.try_wait().unwrap().is_none() {
        assert_eq!(shown(&passwords(&folder)), [] as [String; 0]);
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(up.wait().unwrap().success());
    let passwords = passwords(&folder);
    assert_eq!(passwords.len(), 3);
    assert_eq!(fs::metadata(folder.join("secrets")).unwrap().permissions().mode() & 0o777, 0o700);
    let holders = leaks(&folder, &passwords);
    assert!(holders.iter().any(|path| path.ends_with("conf/connect.properties")), "{holders:?}");
    for path in holders {
        assert!(path.contains("/secrets/") || path.contains("/conf/"), "a password is in {path}");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{path}");
    }

    let environment = lab.lab(&["environment"]).exits(0).stdout;
    assert!(!passwords.iter().any(|password| environment.contains(password)), "{environment}");
    let project = campaign(&environment, WORKS);
    project.jalon(&["run"]).exits(0);
    project.jalon(&["verify"]).exits(0);

    let tools = campaign(&environment, TOOLS);
    let mut run = tools.command(&["run"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while run.try_wait().unwrap().is_none() {
        assert_eq!(shown(&passwords), [] as [String; 0]);
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(run.wait().unwrap().success(), "{}", tools.status());
    assert_eq!(leaks(tools.path(), &passwords), [] as [String; 0]);
    what_the_user_may_not_do_is_told(&environment);
    crate::doctor::fifteen_faults_are_told_at_once(&environment);

    lab.lab(&["fault", "stop", "source-broker-1"]).exits(0);
    lab.lab(&["fault", "start", "source-broker-1"]).exits(0);
    lab.lab(&["fault", "kill", "connect"]).exits(0);
    lab.lab(&["fault", "start", "connect"]).exits(0);
    assert_eq!(lab.states().0, "up");

    // Who has the wrong password, and who does not trust the certificate.
    let wrong = lab.project.path().join("wrong.password");
    fs::write(&wrong, "not-the-password\n").unwrap();
    let right = folder.canonicalize().unwrap().join("secrets/campaign.password").display().to_string();
    let stranger = environment.replace(&right, &wrong.display().to_string());
    let trusting_nobody = without(&environment, &["ssl.truststore.", "ca_file"]);
    let (broker, connect) =
        (format!("127.0.0.1:{}", lab.base + 10), format!("https://127.0.0.1:{}", lab.base + 30));
    let cases: [(String, &str, i32, [&str; 3]); 4] = [
        (stranger.clone(), LOOKS, 4, [&broker, "is unreachable", "uthentication failed"]),
        (connect_only(&stranger), ASKS, 6, [&connect, "answered 401", "Unauthorized"]),
        (trusting_nobody.clone(), LOOKS, 4, [&broker, "SSL handshake failed", "certificate"]),
        (connect_only(&trusting_nobody), ASKS, 4, [&connect, "TLS certificate is not trusted", "ca_file"]),
    ];
    std::thread::scope(|scope| {
        for (environment, step, code, parts) in &cases {
            scope.spawn(move || {
                let project = campaign(environment, step);
                let ran = project.jalon(&["run"]).exits(*code);
                for part in parts {
                    assert!(ran.stderr.contains(part), "{part}: {ran:#?}");
                }
                let wrong = ["not-the-password".to_owned()];
                assert_eq!(leaks(project.path(), &wrong), [] as [String; 0]);
            });
        }
    });

    assert_eq!(leaks(project.path(), &passwords), [] as [String; 0]);
    assert_eq!(leaks(&folder.join("logs"), &passwords), [] as [String; 0]);
    assert_eq!(shown(&passwords), [] as [String; 0]);
    lab.lab(&["down", "--purge"]).exits(0);
    assert!(!folder.exists(), "the secrets go with the lab");
}
