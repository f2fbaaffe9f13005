//! `jalon lab` with real processes. What needs Java and Kafka runs where both are there already, and says so where not.

#![expect(clippy::unwrap_used, reason = "a test may fail in its helpers as well")]

use crate::support::{Project, Ran};
use rdkafka::{
    ClientConfig,
    consumer::{BaseConsumer, Consumer},
    producer::{FutureProducer, FutureRecord},
};
use std::{
    fs,
    io::Write,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    time::{Duration, Instant},
};

/// The smallest lab: one ZooKeeper and one broker.
const SMALL: [&str; 6] =
    ["--brokers=1", "--no-target", "--no-connect", "--no-registry", "--no-prometheus", "--within=90s"];

/// A lab of its own in a temporary folder, ended with the test.
struct Lab {
    project: Project,
    base: u16,
    /// What to set in the environment of the binary.
    variables: Vec<(&'static str, PathBuf)>,
}

impl Lab {
    fn new() -> Self {
        Self { project: Project::new(), base: free_ports(), variables: vec![] }
    }

    /// A lab whose Java is this shell script, in a machine that has fetched everything.
    fn with_java(script: &str) -> Self {
        let mut lab = Self::new();
        lab.project.file("cache/jalon/kafka-3.7.2/libs/kafka_2.13-3.7.2.jar", "");
        let text = format!(
            "#!/bin/sh\n[ \"$1\" = -version ] && echo 'openjdk version \"17.0.1\"' >&2 && exit\n{script}\n"
        );
        lab.project.file("java/bin/java", &text);
        let java = lab.project.path().join("java/bin/java");
        fs::set_permissions(java, fs::Permissions::from_mode(0o755)).unwrap();
        lab.variables = vec![
            ("XDG_CACHE_HOME", lab.project.path().join("cache")),
            ("JAVA_HOME", lab.project.path().join("java")),
        ];
        lab
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.project.command(&[&["lab"], args].concat());
        command.env_remove("JALON_LAB_FOLDER").envs(self.variables.iter().map(|(k, v)| (k, v)));
        command
    }

    fn lab(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(args).output().unwrap())
    }

    fn up_args(&self) -> Vec<String> {
        let base = format!("--port-base={}", self.base);
        ["up".to_owned(), base].into_iter().chain(SMALL.map(str::to_owned)).collect()
    }

    fn up(&self) -> Ran {
        self.lab(&self.up_args().iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The state of the lab and of its processes.
    fn states(&self) -> (String, Vec<String>) {
        let ran = self.lab(&["status", "--json"]).exits(0);
        let status: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        let text = |v: &serde_json::Value| v["state"].as_str().unwrap().to_owned();
        (text(&status), status["processes"].as_array().unwrap().iter().map(text).collect())
    }

    /// What `lab.json` says.
    fn file(&self) -> Option<serde_json::Value> {
        let text = fs::read_to_string(self.project.path().join(".jalon/lab/lab.json")).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// The ids of the living processes that carry the mark of this lab.
    fn living(&self) -> Vec<i32> {
        let Some(file) = self.file() else { return vec![] };
        let mark = format!("JALON_LAB_ID={}", file["id"].as_str().unwrap());
        let marked = |path: &Path| {
            let environment = fs::read(path.join("environ")).unwrap_or_default();
            environment.split(|b| *b == 0).any(|entry| entry == mark.as_bytes())
        };
        fs::read_dir("/proc")
            .unwrap()
            .flatten()
            .filter(|entry| marked(&entry.path()))
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect()
    }

    fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", format!("127.0.0.1:{}", self.base + 10));
        config
    }

    /// How many records the topic has; `None` where there is no such topic.
    fn records(&self, topic: &str) -> Option<i64> {
        let consumer: BaseConsumer = self.client().create().unwrap();
        let limit = Duration::from_secs(20);
        let metadata = consumer.fetch_metadata(None, limit).unwrap();
        assert_eq!(metadata.brokers().len(), 1);
        metadata.topics().iter().find(|t| t.name() == topic)?;
        Some(consumer.fetch_watermarks(topic, 0, limit).unwrap().1)
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = self.command(&["down"]).output();
    }
}

/// The first of 61 ports that are free now and that no other test of this run gets.
fn free_ports() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(31_100);
    loop {
        let base = NEXT.fetch_add(61, Ordering::Relaxed);
        assert!(base < 32_000, "no 61 free ports in a row between 31100 and 32000");
        if (base..base + 61).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok()) {
            return base;
        }
    }
}

/// Whether Kafka is there; where not, says loudly that the test did not run.
fn has_kafka(test: &str) -> bool {
    let cache = jalon::lab::Cache::of_user().unwrap();
    let there = cache.folder().join("kafka-3.7.2/libs").is_dir()
        || std::env::var_os("JALON_LAB_TESTS").is_some_and(|v| v == "1");
    if !there {
        // Past the test harness, which swallows what a passing test prints.
        let _ = writeln!(
            std::io::stderr(),
            "\nNOT RUN: {test}: Kafka is not in {}; `jalon lab fetch` puts it there, JALON_LAB_TESTS=1 does it in the test",
            cache.folder().display()
        );
    }
    there
}

fn eventually(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what} did not come about");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[tokio::test]
async fn a_small_lab_serves_breaks_mends_and_goes() {
    if !has_kafka("a_small_lab_serves_breaks_mends_and_goes") {
        return;
    }
    let lab = Lab::new();
    lab.up().exits(0).says(&["the lab is up: 2 processes"]);
    assert_eq!(lab.states(), ("up".into(), vec!["running".into(), "running".into()]));
    lab.up().exits(2).says(&["2 of its processes live", "jalon lab down"]);

    let admin: rdkafka::admin::AdminClient<_> = lab.client().create().unwrap();
    let topic = rdkafka::admin::NewTopic::new("orders", 1, rdkafka::admin::TopicReplication::Fixed(1));
    admin.create_topics([&topic], &rdkafka::admin::AdminOptions::new()).await.unwrap()[0].as_ref().unwrap();
    let producer: FutureProducer = lab.client().create().unwrap();
    let record = FutureRecord::to("orders").key("k").payload("v").partition(0);
    producer.send(record, Duration::from_secs(20)).await.unwrap();
    drop(producer);
    assert_eq!(lab.records("orders"), Some(1));

    // A start within the old session of a killed broker fails first, and is tried again.
    lab.lab(&["fault", "kill", "source-broker-1"]).exits(0);
    assert_eq!(lab.states(), ("degraded".into(), vec!["running".into(), "stopped".into()]));
    lab.lab(&["fault", "freeze", "source-broker-1"]).exits(2).says(&["does not run"]);
    lab.lab(&["fault", "start", "source-broker-1"]).exits(0);
    assert_eq!(lab.records("orders"), Some(1), "the data survive a restart");

    lab.lab(&["fault", "freeze", "source-zookeeper"]).exits(0);
    assert_eq!(lab.states(), ("degraded".into(), vec!["frozen".into(), "running".into()]));
    lab.lab(&["fault", "thaw", "source-zookeeper"]).exits(0);
    lab.lab(&["fault", "thaw", "source-zookeeper"]).exits(0).says(&["nothing to do"]);
    lab.lab(&["fault", "stop", "source-broke-1"]).exits(2).says(&["did you mean `source-broker-1`?"]);
    assert_eq!(lab.states().0, "up");

    assert_eq!(lab.living().len(), 2);
    lab.lab(&["down"]).exits(0).says(&["2 processes ended"]);
    assert_eq!(lab.living(), [] as [i32; 0]);
    assert_eq!(lab.states().0, "down");
    lab.lab(&["down"]).exits(0).says(&["nothing was up"]);

    lab.up().exits(0);
    assert_eq!(lab.records("orders"), None, "a new lab has empty data");
    lab.lab(&["down", "--purge"]).exits(0);
    assert!(!lab.project.path().join(".jalon/lab").exists());
}

#[test]
fn down_cleans_up_after_a_starter_that_was_killed() {
    if !has_kafka("down_cleans_up_after_a_starter_that_was_killed") {
        return;
    }
    let lab = Lab::new();
    let mut starter =
        lab.command(&[]).args(lab.up_args()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    eventually("the first process", || {
        lab.file().is_some_and(|file| file["processes"][0]["identity"]["pid"].is_number())
    });
    starter.kill().unwrap();
    starter.wait().unwrap();

    // One that was spawned in the instant of the crash is marked and not noted.
    let id = lab.file().unwrap()["id"].as_str().unwrap().to_owned();
    let mut stray = Command::new("sleep").arg("600").env("JALON_LAB_ID", &id).spawn().unwrap();
    // A process of somebody else that has got the pid of one that is dead is left alone.
    let mut other = Command::new("sleep").arg("600").spawn().unwrap();
    let path = lab.project.path().join(".jalon/lab/lab.json");
    let mut file = lab.file().unwrap();
    let mut reused = file["processes"][0].clone();
    reused["member"]["name"] = "reused".into();
    reused["identity"] = serde_json::json!({"pid": other.id(), "start_ticks": 1});
    file["processes"].as_array_mut().unwrap().push(reused);
    fs::write(&path, file.to_string()).unwrap();
    eventually("the mark of the stray", || lab.living().len() >= 2);

    lab.lab(&["down"]).exits(0);
    assert!(!stray.wait().unwrap().success(), "the stray was ended");
    assert_eq!(lab.living(), [] as [i32; 0]);
    assert!(other.try_wait().unwrap().is_none(), "the other process lives");
    other.kill().unwrap();
    other.wait().unwrap();
}

#[test]
fn a_taken_port_is_told_with_its_holder_before_anything_starts() {
    let lab = Lab::new();
    let _listener = TcpListener::bind(("127.0.0.1", lab.base + 10)).unwrap();
    let holder = format!("is taken by pid {}", std::process::id());
    lab.up().exits(4).says(&[
        &format!("port {}, for `source-broker-1`", lab.base + 10),
        &holder,
        "--port-base",
    ]);
    assert_eq!(lab.living(), [] as [i32; 0]);
}

#[test]
fn a_process_that_dies_at_its_start_is_shown_with_its_log() {
    let lab = Lab::with_java("echo no memory for you\nexit 3");
    lab.up().exits(4).says(&["ended while it started (exit status: 3)", "no memory for you", ".log"]);
    assert_eq!(lab.living(), [] as [i32; 0]);
    assert_eq!(lab.states().0, "down");
}

#[test]
fn what_does_not_become_ready_is_ended_again() {
    let lab = Lab::with_java("echo still thinking\nexec sleep 600");
    let mut args = lab.up_args();
    args.retain(|a| !a.starts_with("--within"));
    args.push("--within=1s".to_owned());
    lab.lab(&args.iter().map(String::as_str).collect::<Vec<_>>())
        .exits(4)
        .says(&["`source-zookeeper`, `source-broker-1` did not become ready within 1 s", "still thinking"]);
    assert_eq!(lab.living(), [] as [i32; 0]);
}

#[test]
fn an_interrupted_up_ends_what_it_started() {
    let lab = Lab::with_java("exec sleep 600");
    let starter = lab.command(&[]).args(lab.up_args()).stderr(Stdio::piped()).spawn().unwrap();
    eventually("two processes", || lab.living().len() == 2);
    let id = starter.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    Ran::of(starter.wait_with_output().unwrap()).exits(5).says(&["interrupted", "2 processes"]);
    assert_eq!(lab.living(), [] as [i32; 0]);
}

#[test]
fn missing_programs_are_named_with_their_package() {
    let mut lab = Lab::with_java("exit 1");
    let empty = lab.project.path().join("empty");
    fs::create_dir(&empty).unwrap();
    lab.variables.push(("PATH", empty.clone()));
    let base = format!("--port-base={}", lab.base);
    lab.lab(&["up", &base, "--no-registry"])
        .exits(4)
        .says(&["`prometheus` is not installed", "try: `apt-get install prometheus`"]);
    lab.variables[0].1 = empty;
    lab.lab(&["up", &base, "--no-registry", "--no-prometheus"])
        .exits(4)
        .says(&["`mvn` is not installed", "try: `apt-get install maven`"]);
}
