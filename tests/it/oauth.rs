//! OAUTHBEARER in earnest: brokers of Kafka 3.7 and 4.x that check signed tokens, an identity provider of a few lines, and
//! a campaign that logs in with the credentials of a client.

use crate::support::{
    Project,
    lab::{free_ports, has_kafka},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openssl::{
    hash::MessageDigest,
    pkey::{PKey, Private},
    rsa::Rsa,
    sign::Signer,
};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// What may not be seen anywhere.
const SECRET: &str = "s3cret-of-the-client-9d1f";
/// Seconds that a token lives: two loads take longer.
const LIFE: u64 = 12;

/// An identity provider: `/jwks` has its key, `/token` gives tokens to a client with the right secret.
struct Provider {
    port: u16,
    given: Arc<AtomicUsize>,
}

impl Provider {
    fn start() -> Self {
        let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, given) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&given);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                answer(stream, &key, &count);
            }
        });
        Self { port, given }
    }

    fn at(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }
}

fn answer(mut stream: TcpStream, key: &PKey<Private>, given: &AtomicUsize) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut first, mut authorization, mut length) = (String::new(), String::new(), 0);
    let _ = reader.read_line(&mut first);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
            break;
        }
        let (name, value) = line.trim().split_once(':').unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "authorization" => authorization = value.trim().to_owned(),
            "content-length" => length = value.trim().parse().unwrap_or(0),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    let _ = reader.read_exact(&mut body);
    let right =
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("jalon:{SECRET}")));
    let (status, kind, text) = match first.split(' ').nth(1).unwrap_or_default() {
        "/jwks" => ("200 OK", "application/json", jwks(key)),
        "/token" if authorization == right => {
            given.fetch_add(1, Ordering::Relaxed);
            let token = token(key, LIFE);
            ("200 OK", "application/json", format!(r#"{{"access_token":"{token}","expires_in":{LIFE}}}"#))
        }
        "/token" => ("401 Unauthorized", "application/json", r#"{"error":"invalid_client"}"#.to_owned()),
        "/forged" => {
            let token = token(&PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap(), 600);
            ("200 OK", "application/json", format!(r#"{{"access_token":"{token}","expires_in":600}}"#))
        }
        _ => ("200 OK", "text/html", "<html>log in</html>".to_owned()),
    };
    let length = text.len();
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}"
    );
}

fn jwks(key: &PKey<Private>) -> String {
    let rsa = key.rsa().unwrap();
    let (n, e) = (URL_SAFE_NO_PAD.encode(rsa.n().to_vec()), URL_SAFE_NO_PAD.encode(rsa.e().to_vec()));
    format!(r#"{{"keys":[{{"kty":"RSA","kid":"k1","use":"sig","alg":"RS256","n":"{n}","e":"{e}"}}]}}"#)
}

fn token(key: &PKey<Private>, life: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let claims = format!(
        r#"{{"sub":"service-jalon","iss":"test","aud":"kafka","scope":"kafka","iat":{now},"exp":{}}}"#,
        now + life
    );
    let signed =
        [r#"{"alg":"RS256","kid":"k1","typ":"JWT"}"#, &claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    let signed = signed.join(".");
    let mut signer = Signer::new(MessageDigest::sha256(), key).unwrap();
    let signature = signer.sign_oneshot_to_vec(signed.as_bytes()).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// A broker that is its own controller, ended with the test.
struct Broker(Child);

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Broker {
    fn start(version: &str, folder: &Path, base: u16, provider: &Provider) -> Self {
        let libs = jalon::lab::Cache::of_user().unwrap().folder().join(format!("kafka-{version}/libs/*"));
        let validator = "org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler";
        let module = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule";
        let (client, controller, inner) = (base, base + 1, base + 2);
        let text = format!(
            "process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@127.0.0.1:{controller}\n\
             listeners=CLIENT://127.0.0.1:{client},CONTROLLER://127.0.0.1:{controller},INNER://127.0.0.1:{inner}\n\
             listener.security.protocol.map=CLIENT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT,INNER:PLAINTEXT\n\
             controller.listener.names=CONTROLLER\ninter.broker.listener.name=INNER\n\
             sasl.enabled.mechanisms=OAUTHBEARER\n\
             listener.name.client.sasl.enabled.mechanisms=OAUTHBEARER\n\
             listener.name.client.oauthbearer.sasl.jaas.config={module} required;\n\
             listener.name.client.oauthbearer.sasl.server.callback.handler.class={validator}\n\
             listener.name.client.oauthbearer.connections.max.reauth.ms=600000\n\
             sasl.oauthbearer.jwks.endpoint.url={}\nsasl.oauthbearer.expected.audience=kafka\n\
             sasl.oauthbearer.expected.issuer=test\n\
             offsets.topic.replication.factor=1\noffsets.topic.num.partitions=1\n\
             transaction.state.log.replication.factor=1\ntransaction.state.log.min.isr=1\n\
             group.initial.rebalance.delay.ms=0\nlog.cleaner.dedupe.buffer.size=2097152\nauto.create.topics.enable=false\nlog.dirs={}\n",
            provider.at("jwks"),
            folder.join("data").display()
        );
        let file = folder.join("server.properties");
        fs::write(&file, text).unwrap();
        let java = |class: &str| {
            let mut command = Command::new("java");
            let allowed = format!("-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={}", provider.at("jwks"));
            command.args(["-Xmx384m", &allowed, "-cp"]).arg(&libs).arg(class).stdin(Stdio::null());
            command
        };
        let id = "MkU3OEVBNTcwNTJENDM2Qk";
        let formatted =
            java("kafka.tools.StorageTool").args(["format", "-t", id, "-c"]).arg(&file).output().unwrap();
        assert!(formatted.status.success(), "{formatted:?}");
        let log = fs::File::create(folder.join("broker.log")).unwrap();
        let child =
            java("kafka.Kafka").arg(&file).stderr(log.try_clone().unwrap()).stdout(log).spawn().unwrap();
        let broker = Self(child);
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", client)).is_err() {
            let log = || fs::read_to_string(folder.join("broker.log")).unwrap_or_default();
            assert!(begun.elapsed() < Duration::from_secs(120), "{}", log());
            thread::sleep(Duration::from_millis(200));
        }
        broker
    }
}

fn environment(version: &str, base: u16, endpoint: &str, secret: &str) -> String {
    let libs = jalon::lab::Cache::of_user().unwrap().folder().join(format!("kafka-{version}/libs/*"));
    format!(
        "name: lab
clusters:
  source:
    bootstrap_servers: 127.0.0.1:{base}
    properties:
      security.protocol: SASL_PLAINTEXT
      sasl.mechanism: OAUTHBEARER
      sasl.oauthbearer.token.endpoint.url: {endpoint}
      sasl.jaas.config: org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientId=\"jalon\" clientSecret=\"{secret}\" scope=\"kafka\";
kafka_tools: {{class_path: '{}'}}
",
        libs.display()
    )
}

/// Every kind of client: administrative, producer, consumer without and in a group, a load that outlives its token, and
/// Kafka's own tools.
const STEP: &str = "actions:
  - cluster: {id: nodes, cluster: source}
  - topic: {id: made, cluster: source, name: orders, partitions: 1, replication_factor: 1, ensure: present}
  - produce: {id: load, cluster: source, topic: orders, records: 4000, record_size: 100 B, rate: 200/s}
  - consume: {id: read, cluster: source, topic: orders, group: readers, records: 4000, idle_timeout: 20s}
  - produce: {id: tool, cluster: source, topic: orders, driver: kafka-tools, records: 1000, record_size: 100 B, rate: 500/s, payload: letters}
criteria:
  - expect: nodes.brokers == 1 && made.partitions == 1
  - expect: load.records_sent == 4000 && load.records_failed == 0 && read.records == 4000
  - expect: tool.records_sent == 1000 && tool.records_failed == 0";

const LOOKS: &str =
    "actions:\n  - cluster: {id: kafka, cluster: source}\ncriteria:\n  - expect: kafka.brokers == 1";

/// Every file below a folder that holds the secret.
fn leaks(folder: &Path) -> Vec<String> {
    let mut found = vec![];
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            found.extend(leaks(&path));
        } else if String::from_utf8_lossy(&fs::read(&path).unwrap()).contains(SECRET) {
            found.push(path.display().to_string());
        }
    }
    found
}

fn a_campaign_logs_in(version: &str) {
    let (provider, broker_folder, base) = (Provider::start(), tempfile::tempdir().unwrap(), free_ports());
    let _broker = Broker::start(version, broker_folder.path(), base, &provider);
    let project = Project::new();
    let place = |endpoint: &str, secret: &str| {
        project
            .file("plan/environments/lab.yaml", &environment(version, base, &provider.at(endpoint), secret));
    };
    place("token", "env:OAUTH_SECRET");
    project.step(0, STEP);
    let mut command = project.command(&["run"]);
    let ran = crate::support::Ran::of(command.env("OAUTH_SECRET", SECRET).output().unwrap());
    ran.exits(0);
    // The load, and what is read after it, took longer than one token lives.
    let given = provider.given.load(Ordering::Relaxed);
    assert!(given >= 3, "{given} tokens");
    assert_eq!(leaks(project.path()), Vec::<String>::new());

    // What keeps it out is told where the doctor looks and where a step runs.
    for (endpoint, secret, told) in [
        ("token", "another-secret-of-it", "the token endpoint at http"),
        ("page", SECRET, "a page (HTML), not a token"),
        ("forged", SECRET, "the brokers refuse the token"),
    ] {
        let project = Project::new();
        project.file("secret", secret).step(0, LOOKS);
        project.file(
            "plan/environments/lab.yaml",
            &environment(version, base, &provider.at(endpoint), "file:secret"),
        );
        let doctor = project.jalon(&["doctor"]);
        assert_ne!(doctor.code, Some(0), "{doctor:?}");
        let ran = project.jalon(&["run"]);
        for said in [format!("{}{}", doctor.stdout, doctor.stderr), format!("{}{}", ran.stdout, ran.stderr)] {
            let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(flat.contains(told) && !flat.contains(secret), "{told}: {said}");
        }
    }
}

#[test]
fn a_campaign_logs_in_with_tokens_on_kafka_3_7() {
    if has_kafka("a_campaign_logs_in_with_tokens_on_kafka_3_7") {
        a_campaign_logs_in("3.7.2");
    }
}

#[test]
fn a_campaign_logs_in_with_tokens_on_kafka_4() {
    let there = jalon::lab::Cache::of_user().unwrap().folder().join("kafka-4.3.1/libs").is_dir();
    if has_kafka("a_campaign_logs_in_with_tokens_on_kafka_4") && there {
        a_campaign_logs_in("4.3.1");
    }
}

/// A client that is made elsewhere would have no token.
#[test]
fn every_client_of_kafka_is_made_in_one_place() {
    fn makers(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                makers(&path, found);
            } else if fs::read_to_string(&path).is_ok_and(|text| text.contains(".create_with_context(")) {
                found.push(path.file_name().unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    let mut found = Vec::new();
    makers(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert_eq!(found, ["logged.rs"]);
}
