//! `jalon lab` with real processes. What needs Java and Kafka runs where both are there already, and says so where not.

use crate::support::{
    Ran,
    lab::{Lab, has_kafka},
};
use rdkafka::producer::{FutureProducer, FutureRecord};
use std::{
    fs,
    net::TcpListener,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

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
    lab.up().exits(2).says(&["already running", "(live processes: 2)", "jalon lab down"]);

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
    lab.lab(&["fault", "freeze", "source-broker-1"]).exits(2).says(&["`source-broker-1` is not running"]);
    lab.lab(&["fault", "start", "source-broker-1"]).exits(0);
    assert_eq!(lab.records("orders"), Some(1), "the data survive a restart");

    lab.lab(&["fault", "freeze", "source-zookeeper"]).exits(0);
    assert_eq!(lab.states(), ("degraded".into(), vec!["frozen".into(), "running".into()]));
    lab.lab(&["fault", "thaw", "source-zookeeper"]).exits(0);
    lab.lab(&["fault", "thaw", "source-zookeeper"]).exits(0).says(&["nothing to do"]);
    lab.lab(&["fault", "stop", "source-broke-1"]).exits(2).says(&["did you mean `source-broker-1`?"]);
    assert_eq!(lab.states().0, "up");

    assert_eq!(lab.living().len(), 2);
    lab.lab(&["down"]).exits(0).says(&["2 processes stopped"]);
    assert_eq!(lab.living(), [] as [i32; 0]);
    assert_eq!(lab.states().0, "down");
    lab.lab(&["down"]).exits(0).says(&["no lab is running"]);

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
    let holder = format!("is in use by pid {}", std::process::id());
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
    lab.up().exits(4).says(&["exited during startup (exit status: 3)", "no memory for you", ".log"]);
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
        .says(&["`prometheus` is not installed", "run `apt-get install prometheus`"]);
    lab.variables[0].1 = empty;
    lab.lab(&["up", &base, "--no-registry", "--no-prometheus"])
        .exits(4)
        .says(&["`mvn` is not installed", "run `apt-get install maven`"]);
}
