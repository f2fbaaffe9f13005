//! A lab of its own for a test, ended with the test.

use super::{Project, Ran};
use rdkafka::{
    ClientConfig,
    consumer::{BaseConsumer, Consumer},
};
use std::{
    fs,
    io::Write,
    net::TcpListener,
    ops::Range,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU16, Ordering},
    time::Duration,
};

/// The smallest lab: one ZooKeeper and one broker.
pub(crate) const SMALL: [&str; 6] =
    ["--brokers=1", "--no-target", "--no-connect", "--no-registry", "--no-prometheus", "--within=90s"];

/// A lab of its own in a temporary folder, ended with the test.
pub(crate) struct Lab {
    pub(crate) project: Project,
    pub(crate) base: u16,
    /// What to set in the environment of the binary.
    pub(crate) variables: Vec<(&'static str, PathBuf)>,
}

impl Lab {
    pub(crate) fn new() -> Self {
        Self { project: Project::new(), base: free_ports(), variables: vec![] }
    }

    /// A lab whose Java is this shell script, in a machine that has fetched everything.
    pub(crate) fn with_java(script: &str) -> Self {
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

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = self.project.command(&[&["lab"], args].concat());
        command.env_remove("JALON_LAB_FOLDER").envs(self.variables.iter().map(|(k, v)| (k, v)));
        command
    }

    pub(crate) fn lab(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(args).output().unwrap())
    }

    pub(crate) fn up_args(&self) -> Vec<String> {
        let base = format!("--port-base={}", self.base);
        ["up".to_owned(), base].into_iter().chain(SMALL.map(str::to_owned)).collect()
    }

    pub(crate) fn up(&self) -> Ran {
        self.lab(&self.up_args().iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The state of the lab and of its processes.
    pub(crate) fn states(&self) -> (String, Vec<String>) {
        let ran = self.lab(&["status", "--json"]).exits(0);
        let status: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        let text = |v: &serde_json::Value| v["state"].as_str().unwrap().to_owned();
        (text(&status), status["processes"].as_array().unwrap().iter().map(text).collect())
    }

    /// What `lab.json` says.
    pub(crate) fn file(&self) -> Option<serde_json::Value> {
        let text = fs::read_to_string(self.project.path().join(".jalon/lab/lab.json")).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// The ids of the living processes that carry the mark of this lab.
    pub(crate) fn living(&self) -> Vec<i32> {
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

    pub(crate) fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", format!("127.0.0.1:{}", self.base + 10));
        config
    }

    /// How many records the topic has; `None` where there is no such topic.
    pub(crate) fn records(&self, topic: &str) -> Option<i64> {
        let consumer: BaseConsumer = self.client().create().unwrap();
        let limit = Duration::from_secs(20);
        let metadata = consumer.fetch_metadata(None, limit).unwrap();
        assert_eq!(metadata.brokers().len(), 1);
        metadata.topics().iter().find(|t| t.name() == topic)?;
        Some(consumer.fetch_watermarks(topic, 0, limit).unwrap().1)
    }

    /// The end offset of a partition.
    pub(crate) fn end(&self, topic: &str, partition: i32) -> i64 {
        let consumer: BaseConsumer = self.client().create().unwrap();
        consumer.fetch_watermarks(topic, partition, Duration::from_secs(20)).unwrap().1
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = self.command(&["down"]).output();
    }
}

/// Ports of the labs of one run of the tests: above the usual ones of services, below those that the system hands out, and
/// none of a lab that was started by hand.
const PORTS: Range<u16> = 25_000..28_900;

/// The first of 61 ports that are free now and that no other test of this run gets.
pub(crate) fn free_ports() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(PORTS.start);
    loop {
        let base = NEXT.fetch_add(61, Ordering::Relaxed);
        assert!(base + 61 <= PORTS.end, "no 61 free ports in a row in {PORTS:?}");
        if (base..base + 61).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok()) {
            return base;
        }
    }
}

/// Whether Kafka is there; where not, says loudly that the test did not run.
pub(crate) fn has_kafka(test: &str) -> bool {
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
