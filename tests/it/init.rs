//! `jalon init`: a campaign of the reader's own, from flags, Java's properties and Java's stores.

use crate::support::Ran;
use rdkafka::mocking::MockCluster;
use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
    thread,
};

type Mock = MockCluster<'static, rdkafka::producer::DefaultProducerContext>;

const BROKERS: [&str; 4] = ["--source-bootstrap", "a:9092,b:9092", "--target-bootstrap", "c:9092"];

/// The binary in an empty folder.
struct Empty(tempfile::TempDir);

impl Empty {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn jalon(&self, args: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jalon"));
        command.args(args).current_dir(self.path()).stdin(Stdio::null()).env_remove("JALON_ENV");
        Ran::of(command.output().unwrap())
    }

    fn init(&self, args: &[&str]) -> Ran {
        self.jalon(&[&["init", "mine", "--no-probe"], args].concat())
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join("mine").join(path)).unwrap()
    }
}

#[test]
fn a_plan_of_ones_own_is_sound() {
    let folder = Empty::new();
    let ran = folder.init(&BROKERS).exits(0);
    assert!(
        ran.stdout.contains("jalon check") && ran.stdout.lines().all(|l| l.chars().count() <= 80),
        "{ran:?}"
    );
    let check = folder.jalon(&["-C", "mine", "check", "--draft"]).exits(0);
    assert!(
        check.stdout.contains("mine: 11 steps") && check.stdout.contains("environment platform"),
        "{check:?}"
    );
    folder.jalon(&["-C", "mine", "check", "--env", "lab", "--profile", "nominal"]).exits(0);
    let campaign = folder.read("plan/campaign.yaml");
    let facts = campaign.split("\nfacts:\n").nth(1).unwrap();
    let ram = facts.split("vcpu_per_broker:").next().unwrap();
    assert!(!ram.contains("value:"), "a fact was made up: {ram}");
    assert!(folder.read("plan/environments/platform.yaml").contains("Not known yet"));
}

#[test]
fn a_run_of_the_first_steps_needs_what_they_use_and_no_more() {
    let folder = Empty::new();
    folder.init(&[&BROKERS[..], &["--connect", "http://127.0.0.1:1"]].concat()).exits(0);
    let narrowed = folder.jalon(&["-C", "mine", "check", "--until", "2"]).exits(0).stdout;
    assert!(narrowed.contains("3 steps of 11") && narrowed.contains("step 9 is not ready"), "{narrowed}");
    let dry = folder.jalon(&["-C", "mine", "run", "--dry-run", "--until", "2"]).exits(0);
    assert!(dry.stderr.contains("lacks 4 names") && dry.stderr.lines().count() == 1, "{dry:?}");
    folder.jalon(&["-C", "mine", "check", "--only", "99"]).exits(2).says(&["no step 99"]);
    folder.jalon(&["-C", "mine", "check", "--from", "7"]).exits(3);
    folder.jalon(&["-C", "mine", "run", "--dry-run"]).exits(3);

    // All of it at once: what is missing is told once, with every place that uses it.
    let path = folder.path().join("mine/plan/environments/platform.yaml");
    let environment = fs::read_to_string(&path).unwrap().replace("\nconnect:\n", "\ngrafana:\n");
    fs::write(&path, environment).unwrap();
    let strict = folder.jalon(&["-C", "mine", "check"]).exits(3);
    let told = strict.stderr.matches("has no `connect`").count();
    assert_eq!(told, 1, "{}", strict.stderr);
    assert!(strict.stderr.contains("also used by step"), "{}", strict.stderr);
    let json = folder.jalon(&["-C", "mine", "check", "--json"]).exits(3).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let places: Vec<_> = json["problems"].as_array().unwrap().iter().collect();
    let of_connect = |p: &&&serde_json::Value| p["message"].as_str().unwrap().ends_with("has no `connect`");
    assert!(places.iter().filter(of_connect).count() > 5, "{json:#}");
    assert!(places.iter().all(|p| p["step"].is_number() && p["action"].is_string()), "{json:#}");
}

#[test]
fn a_mirrormaker_of_its_own_becomes_the_flow_of_the_environment() {
    let folder = Empty::new();
    let file = "clusters = east, west\neast.bootstrap.servers = a:9092,b:9092\nwest.bootstrap.servers = c:9092\n\
        security.protocol = SASL_PLAINTEXT\nsasl.mechanism = PLAIN\n\
        sasl.jaas.config = x.PlainLoginModule required username=\"mm\" password=\"hunter2-of-mm2\";\n\
        east->west.enabled = true\neast->west.topics = orders.*, mm2\\\\..*\ngroups = jalon-.*\n\
        replication.policy.separator = _\nsync.group.offsets.enabled = true\nreplication.factor = 3\n\
        dedicated.mode.enable.internal.rest = true\n";
    fs::write(folder.path().join("mm2.properties"), file).unwrap();
    let ran = folder.init(&["--mirror-properties", "mm2.properties"]).exits(0);
    assert!(ran.stdout.contains("`dedicated.mode.enable.internal.rest` is left out"), "{ran:?}");
    let text = folder.read("plan/environments/platform.yaml");
    assert!(!text.contains("hunter2") && !text.contains("# connect:"), "{text}");
    let file: serde_json::Value = serde_yaml::from_str(&text).unwrap();
    assert_eq!(file["clusters"]["target"]["bootstrap_servers"], "c:9092");
    assert_eq!(
        file["clusters"]["source"]["properties"]["sasl.jaas.config"],
        "file:secrets/source-sasl.jaas.config"
    );
    assert!(folder.read("secrets/target-sasl.jaas.config").contains("hunter2-of-mm2"));
    let flow = &file["mirror"]["source->target"];
    assert_eq!((&flow["source_alias"], &flow["target_alias"]), (&"east".into(), &"west".into()));
    assert_eq!((&flow["topics"], &flow["groups"]), (&r"orders.*, mm2\..*".into(), &"jalon-.*".into()));
    assert_eq!(flow["separator"], "_");
    assert_eq!(flow["config"]["sync.group.offsets.enabled"], "true");
    folder.jalon(&["-C", "mine", "check", "--draft"]).exits(0);
    // What asks Connect does not apply; the same is looked at from the outside.
    folder.jalon(&["-C", "mine", "check", "--until", "8"]).exits(0);
    let dry = folder.jalon(&["-C", "mine", "run", "--dry-run", "--only", "7"]).exits(0).stdout;
    assert!(dry.contains("configured_outside"), "{dry}");
}

#[test]
fn which_flow_of_several_is_asked_for() {
    let folder = Empty::new();
    let file = "clusters = a, b, c\na.bootstrap.servers = a:1\nb.bootstrap.servers = b:1\nc.bootstrap.servers = c:1\n\
        a->b.enabled = true\nb->a.enabled = true\na->c.enabled = true\n";
    fs::write(folder.path().join("mm2.properties"), file).unwrap();
    let mirror = ["--mirror-properties", "mm2.properties"];
    folder
        .init(&mirror)
        .exits(2)
        .says(&["several flows are enabled", "`--mirror-flow`: `a->b`, `a->c`, `b->a`"]);
    folder
        .init(&[&mirror[..], &["--mirror-flow", "c->a"]].concat())
        .exits(2)
        .says(&["flow `c->a` is not enabled"]);
    let ran = folder.init(&[&mirror[..], &["--mirror-flow", "b->a"]].concat()).exits(0);
    assert!(ran.stdout.contains("flow `a->c` is left out"), "{ran:?}");
    let file: serde_json::Value =
        serde_yaml::from_str(&folder.read("plan/environments/platform.yaml")).unwrap();
    assert_eq!(file["clusters"]["source"]["bootstrap_servers"], "b:1");
    assert_eq!(file["mirror"]["target->source"]["source_alias"], "a");
}

#[test]
fn the_environment_file_is_as_its_schema_says() {
    let folder = Empty::new();
    let more = ["--connect", "https://c:8083", "--production", "--environment", "staging", "--name", "no: 1"];
    folder.init(&[&BROKERS[..], &more].concat()).exits(0);
    let file: serde_json::Value =
        serde_yaml::from_str(&folder.read("plan/environments/staging.yaml")).unwrap();
    assert_eq!((&file["production"], &file["connect"]["url"]), (&true.into(), &"https://c:8083/".into()));
    let schema = folder.jalon(&["schema", "environment"]).exits(0).stdout;
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    assert!(jsonschema::draft202012::new(&schema).unwrap().is_valid(&file), "{file:#}");
    assert!(folder.jalon(&["-C", "mine", "check", "--draft"]).exits(0).stdout.contains("no: 1: 11 steps"));
}

#[test]
fn what_is_missing_is_named() {
    let folder = Empty::new();
    folder.init(&[]).exits(2).says(&["--source-bootstrap and --target-bootstrap are missing"]);
    folder.init(&["--source-bootstrap", "a:1"]).exits(2).says(&["and --target-bootstrap is missing"]);
    folder.init(&["--source-bootstrap", "a", "--target-bootstrap", "b:1"]).exits(2).says(&["`host:port`"]);
    let login = [&BROKERS[..], &["--connect", "http://me:secret@c:8083"]].concat();
    assert!(!folder.init(&login).exits(2).says(&["no password"]).stderr.contains("me:secret@c:8083/"));
    folder.init(&[&BROKERS[..], &["--environment", "lab"]].concat()).exits(2).says(&["another name"]);
    assert!(!folder.path().join("mine").exists());
}

#[test]
fn nothing_is_overwritten() {
    let folder = Empty::new();
    let file = folder.path().join("mine/plan/campaign.yaml");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "mine").unwrap();
    folder.init(&BROKERS).exits(2).says(&["plan/campaign.yaml", "nothing is overwritten"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    assert!(!folder.path().join("mine/steps").exists());
}

#[test]
fn services_that_do_not_answer_are_named_with_the_cause() {
    let folder = Empty::new();
    let brokers = ["--source-bootstrap", "127.0.0.1:1", "--target-bootstrap", "127.0.0.1:1"];
    let more = ["--connect", "http://127.0.0.1:1", "--source-zookeeper", "127.0.0.1:1"];
    let ran = folder.jalon(&[&["init", "mine"], &brokers[..], &more].concat()).exits(0);
    assert_eq!(ran.stdout.matches("NO ANSWER").count(), 4, "{ran:?}");
    assert!(ran.stdout.contains("connection refused"), "{ran:?}");
    assert!(folder.read("plan/environments/platform.yaml").contains("correct it"));
}

/// A service that answers every request with this JSON.
fn service(json: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let length = json.len();
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
            let _ = write!(stream, "{head}Content-Length: {length}\r\n\r\n{json}");
        }
    });
    format!("http://{address}")
}

#[test]
fn services_that_answer_say_what_they_are() {
    let folder = Empty::new();
    let clusters: [Mock; 2] = [MockCluster::new(3).unwrap(), MockCluster::new(2).unwrap()];
    let [source, target] = clusters.each_ref().map(Mock::bootstrap_servers);
    let connect = service(r#"{"version": "3.9.0", "commit": "x", "kafka_cluster_id": "y"}"#);
    let prometheus = service(r#"{"status": "success", "data": {"version": "3.5.1"}}"#);
    let brokers = ["--source-bootstrap", source.split(',').next().unwrap(), "--target-bootstrap", &target];
    let more = ["--connect", &connect, "--prometheus", &prometheus];
    let ran = folder.jalon(&[&["init", "mine"], &brokers[..], &more].concat()).exits(0);
    for said in ["3 brokers", "2 brokers", "Connect 3.9.0", "version 3.5.1"] {
        assert!(ran.stdout.contains(said), "{said}: {ran:?}");
    }
    let environment = folder.read("plan/environments/platform.yaml");
    assert!(
        environment.contains("As the cluster said") && environment.contains("brokers: 3"),
        "{environment}"
    );
    assert!(!environment.contains("correct it"), "{environment}");
}

fn keytool(folder: &Path, args: &[&str]) -> bool {
    let mut command = Command::new("keytool");
    command.args(args).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

#[test]
fn java_stores_become_pem_and_no_password_stands_in_the_plan() {
    let folder = Empty::new();
    let (store, key, login) = ("st0re-pass", "k3y-pass", "l0gin-pass");
    let (jks, p12) =
        (["-storetype", "JKS", "-storepass", store], ["-storetype", "PKCS12", "-storepass", store]);
    let make = ["-genkeypair", "-alias", "me", "-keyalg", "RSA", "-dname", "CN=me", "-keypass"];
    if !keytool(folder.path(), &[&make[..], &[key, "-keystore", "key.jks"], &jks].concat()) {
        assert!(Command::new("keytool").arg("-help").output().is_err(), "keytool is there and made no store");
        eprintln!("passed over: no keytool here");
        return;
    }
    let export = ["-exportcert", "-rfc", "-alias", "me", "-keystore", "key.jks", "-file", "me.pem"];
    assert!(keytool(folder.path(), &[&export[..], &jks].concat()));
    let import = ["-importcert", "-noprompt", "-alias", "ca", "-file", "me.pem", "-keystore"];
    let legacy = ["-J-Dkeystore.pkcs12.legacy"];
    assert!(keytool(folder.path(), &[&import[..], &["trust.p12"], &p12].concat()));
    assert!(keytool(folder.path(), &[&import[..], &["old.p12"], &p12, &legacy].concat()));
    for (side, trust, port) in [("source", "trust.p12", 1), ("target", "old.p12", 2)] {
        let text = format!(
            "bootstrap.servers=127.0.0.1:{port}\nsecurity.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\n\
             sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \\\n  \
             username=\"u\" password=\"{login}\";\nssl.truststore.location={trust}\n\
             ssl.truststore.password={store}\nssl.keystore.location=key.jks\nssl.keystore.password={store}\n\
             ssl.key.password={key}\nno.such.property=1\n"
        );
        fs::write(folder.path().join(format!("{side}.properties")), text).unwrap();
    }
    let files = ["--source-properties", "source.properties", "--target-properties", "target.properties"];
    let ran = folder.init(&files).exits(0);
    assert!(ran.stdout.contains("no.such.property"), "{ran:?}");
    folder.jalon(&["-C", "mine", "check", "--draft"]).exits(0);
    for side in ["source", "target"] {
        let certificate = folder.read(&format!("secrets/{side}-ca.pem"));
        assert!(certificate.starts_with("-----BEGIN CERTIFICATE") && !certificate.contains("KEY"));
        assert!(folder.read(&format!("secrets/{side}-client.pem")).contains("-----BEGIN PRIVATE KEY"));
        assert!(folder.read(&format!("secrets/{side}-sasl.jaas.config")).contains(login));
        let path = folder.path().join(format!("mine/secrets/{side}-client.pem"));
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let environment = folder.read("plan/environments/platform.yaml");
    for secret in [store, key, login] {
        assert!(
            !environment.contains(secret) && !format!("{ran:?}").contains(secret),
            "{secret} stands there"
        );
    }
    let wrong =
        fs::read_to_string(folder.path().join("source.properties")).unwrap().replace(store, "wr0ng-pass");
    fs::write(folder.path().join("source.properties"), wrong).unwrap();
    fs::remove_dir_all(folder.path().join("mine")).unwrap();
    let ran = folder.init(&files).exits(2).says(&["trust.p12 cannot be opened", "password"]);
    assert!(!ran.stderr.contains("wr0ng-pass"), "{ran:?}");
    assert!(!folder.path().join("mine").exists());
}

#[test]
fn a_log_in_that_is_not_supported_is_refused_kindly() {
    let folder = Empty::new();
    let text = "bootstrap.servers=a:1\nsecurity.protocol=SASL_SSL\nsasl.mechanism=GSSAPI\n";
    fs::write(folder.path().join("o.properties"), text).unwrap();
    folder.init(&["--source-properties", "o.properties", "--target-bootstrap", "b:1"]).exits(2).says(&[
        "GSSAPI",
        "OAUTHBEARER",
        "ask for such a user",
    ]);
}
