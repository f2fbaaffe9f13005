//! A MirrorMaker 2 that runs by itself: `jalon init` reads its file, and step 7 looks at what it copies from the outside.

use crate::support::{
    Ran,
    lab::{Lab, has_kafka},
};
use jalon::clients::Environment;
use std::{
    fs,
    process::{Child, Command, Stdio},
};

/// Ended with the test.
struct MirrorMaker(Child);

impl Drop for MirrorMaker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const FILE: &str = r"clusters = east, west
east.bootstrap.servers = SOURCE
west.bootstrap.servers = TARGET
east->west.enabled = true
topics = mm2\\..*
groups = jalon-.*
tasks.max = 2
replication.factor = 1
checkpoints.topic.replication.factor = 1
heartbeats.topic.replication.factor = 1
offset-syncs.topic.replication.factor = 1
offset.storage.replication.factor = 1
status.storage.replication.factor = 1
config.storage.replication.factor = 1
refresh.topics.interval.seconds = 1
refresh.groups.interval.seconds = 1
emit.heartbeats.interval.seconds = 1
emit.checkpoints.interval.seconds = 1
sync.group.offsets.enabled = true
sync.group.offsets.interval.seconds = 1
sync.topic.acls.enabled = false
offset.lag.max = 0
";

#[test]
fn a_mirrormaker_of_its_own_is_checked_from_the_outside() {
    if !has_kafka("a_mirrormaker_of_its_own_is_checked_from_the_outside") {
        return;
    }
    let lab = Lab::new();
    let base = format!("--port-base={}", lab.base);
    let up = ["up", "--brokers=1", "--no-connect", "--no-registry", "--no-prometheus", "--within=4m", &base];
    lab.lab(&up).exits(0);
    let there: Environment = serde_yaml::from_str(&lab.lab(&["environment"]).exits(0).stdout).unwrap();
    let servers = |name: &str| there.clusters[name].bootstrap_servers.clone();
    let folder = lab.project.path();
    let file = FILE.replace("SOURCE", &servers("source")).replace("TARGET", &servers("target"));
    fs::write(folder.join("mm2.properties"), file).unwrap();
    let libs = jalon::lab::Cache::of_user().unwrap().folder().join("kafka-3.7.2/libs/*");
    let log = fs::File::create(folder.join("mm2.log")).unwrap();
    let mut command = Command::new("java");
    command.args(["-Xmx384m", "-cp"]).arg(&libs).arg("org.apache.kafka.connect.mirror.MirrorMaker");
    command
        .arg(folder.join("mm2.properties"))
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log);
    let _mirror_maker = MirrorMaker(command.spawn().unwrap());

    let jalon = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jalon"));
        Ran::of(command.args(args).current_dir(folder).env_remove("JALON_ENV").output().unwrap())
    };
    jalon(&["init", "mine", "--mirror-properties", "mm2.properties"]).exits(0);
    let ran = jalon(&["-C", "mine", "run", "--only", "7", "--no-doctor"]);
    let shown = jalon(&["-C", "mine", "show", "7"]).stdout;
    assert!(ran.code == Some(0), "{ran:?}\n{shown}\n{}", fs::read_to_string(folder.join("mm2.log")).unwrap());
    let status: serde_json::Value =
        serde_json::from_str(&jalon(&["-C", "mine", "status", "--json"]).stdout).unwrap();
    let step = status["steps"].as_array().unwrap().iter().find(|step| step["step"] == 7).unwrap().clone();
    let criteria = step["criteria"].as_array().unwrap().clone();
    let verdict = |part: &str| {
        let found = criteria.iter().find(|c| c["expect"].as_str().unwrap_or_default().contains(part));
        found.unwrap_or_else(|| panic!("{part}: {criteria:#?}"))["verdict"].clone()
    };
    assert_eq!(verdict("orders_copy.lost == 0"), "pass");
    assert_eq!(verdict("configured_outside.topics_missing"), "pass");
    assert_eq!(verdict("orders_lag_outside.lag_records"), "pass");
    assert_ne!(verdict("mirror_after.overlapping"), "pass");
    lab.lab(&["down", "--purge"]).exits(0);
}
