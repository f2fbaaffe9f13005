//! Secrets: whatever form a service, a program or a person gives them, none is in a record, an artifact, a report, a
//! message or an argument.

use crate::support::{Project, Ran};
use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compression, write::GzEncoder};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

const SPECIAL: &str = "p&q<r>\"s'\\t/uv=1+w";
const DIGITS: &str = "73194628";
const SHORTER: &str = "nasty-secret";
const LONGER: &str = "nasty-secret-and-more";
const LINES: [&str; 2] =
    ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDBj08sp5jvEHHs", "0wJ1c1x2v3b4n5m6Qw7e8r9t0y=="];
const BASIC: &str = "basic-password-1";
const HEADER: &str = "token-of-the-header";

fn pem() -> String {
    format!("-----BEGIN PRIVATE KEY-----\n{}\n{}\n-----END PRIVATE KEY-----\n", LINES[0], LINES[1])
}

fn secrets() -> Vec<String> {
    [SPECIAL, DIGITS, SHORTER, LONGER, LINES[0], LINES[1], BASIC, HEADER].map(str::to_owned).to_vec()
}

/// The forms in which a secret shows up.
fn forms(secret: &str) -> Vec<String> {
    let json = serde_json::to_string(secret).unwrap();
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let escapes = form.split('%').skip(1).map(|part| format!("%{}{}", part[..2].to_lowercase(), &part[2..]));
    let lower: String = form.split('%').take(1).map(str::to_owned).chain(escapes).collect();
    let html = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    vec![
        secret.to_owned(),
        json[1..json.len() - 1].to_owned(),
        serde_json::to_string(&json).unwrap(),
        form.replace('+', "%20"),
        lower,
        html.replace('\'', "&#39;"),
        secret.replace('\'', r"'\''"),
        STANDARD.encode(secret),
        STANDARD.encode(format!("ana:{secret}")),
        STANDARD.encode(format!("x:{secret}")),
    ]
}

/// Serves `/forms` as text, `/json`, `/gzip` and `/bytes`, each full of secrets.
fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let request = lines.next().unwrap().unwrap_or_default();
            let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
            let head: Vec<String> = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
            let text = secrets().iter().flat_map(|s| forms(s)).collect::<Vec<_>>().join("\n") + "\n" + &pem();
            let (kind, body) = match path.as_str() {
                "/json" => {
                    let number: u64 = DIGITS.parse().unwrap();
                    let value = serde_json::json!({
                        SPECIAL: 1, LONGER: {"pin": number}, "list": [number, SHORTER], "pem": pem(), "n": 1, "n2": text,
                        "aws.secret.access.key": "abcdefgh", "access_token": "ijklmnop", "head": head,
                    });
                    (
                        "application/json",
                        value
                            .to_string()
                            .replacen("\"n\":1", &format!("\"n\":\"{LONGER}\",\"n\":1"), 1)
                            .into_bytes(),
                    )
                }
                "/gzip" => {
                    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
                    encoder.write_all(text.as_bytes()).unwrap();
                    ("text/plain\r\nContent-Encoding: gzip", encoder.finish().unwrap())
                }
                "/bytes" => ("text/plain; charset=latin1", [b"\xff\xe9 ", text.as_bytes(), b"\xfe"].concat()),
                _ => ("text/plain", text.into_bytes()),
            };
            let head = format!(
                "HTTP/1.1 200 OK\r\nX-Echo: {LONGER}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
        }
    });
    address
}

fn campaign() -> Project {
    let project = Project::new();
    let address = server();
    project
        .file("secret/key.pem", &pem())
        .file("secret/basic", BASIC)
        .file(
            "plan/environments/lab.yaml",
            &format!(
                "name: lab
connect: {{url: 'http://{address}', user: ana, password: 'file:secret/basic'}}
clusters:
  source:
    bootstrap_servers: 127.0.0.1:1
    properties:
      security.protocol: SSL
      ssl.keystore.key: file:secret/key.pem
      ssl.key.password: env:JALON_T_SPECIAL
      ssl.truststore.password: env:KAFKA_T_DIGITS
      ssl.keystore.password: 'command:printenv T_SHORTER'
"
            ),
        )
        .file("say.sh", "env\nprintf 'ana:%s' \"$GIVEN\" | base64\nprintf '%s\\n' \"$GIVEN\" >&2\ncat secret/key.pem secret/basic\nsleep 1\n")
        .step(
            0,
            "actions:
  - shell: {id: say, argv: [sh, say.sh], env: {GIVEN: 'env:T_LONGER'}, capture: {token: {regex: 'HOME=(.*)'}}, on_interrupt: rerun}
  - http: {id: json, service: connect, path: /json, headers: {X-Auth: 'env:T_HEADER'}, capture: {pin: '/nasty-secret-and-more/pin', access_token: /access_token}}
  - http: {id: gzip, service: connect, path: /gzip}
  - http: {id: bytes, service: connect, path: /bytes}
  - http: {id: text, service: connect, path: /forms}
  - shell: {id: bad, argv: [sh, -c, 'cat secret/key.pem >&2; exit 3'], on_interrupt: rerun}
criteria:
  - expect: say.exit_code == 0",
        );
    project
}

fn command(project: &Project, args: &[&str]) -> Command {
    let mut command = project.command(args);
    for (name, value) in [
        ("JALON_T_SPECIAL", SPECIAL),
        ("KAFKA_T_DIGITS", DIGITS),
        ("T_SHORTER", SHORTER),
        ("T_LONGER", LONGER),
        ("T_HEADER", HEADER),
        ("T_UNASKED", "not-for-children"),
    ] {
        command.env(name, value);
    }
    command
}

/// What of the secrets is in a text.
fn leaks(bytes: &[u8]) -> Vec<String> {
    let found = |form: &String| memchr::memmem::find(bytes, form.as_bytes()).is_some();
    let mut leaks: Vec<String> = secrets().iter().flat_map(|s| forms(s)).filter(found).collect();
    leaks.extend(
        ["abcdefgh", "ijklmnop", "typed-by-hand"].map(str::to_owned).iter().filter(|s| found(s)).cloned(),
    );
    leaks
}

/// Every file below a folder that has one of them.
fn leaks_below(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            leaks_below(&path, found);
        } else {
            let leaks = leaks(&fs::read(&path).unwrap());
            found.extend(leaks.iter().map(|form| format!("{}: {form}", path.display())));
        }
    }
}

/// The command lines of every process but the tests' own.
fn arguments() -> Vec<u8> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    entries.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok()).flatten().collect()
}

#[test]
fn no_form_of_a_secret_is_kept_shown_or_passed_as_an_argument() {
    let project = campaign();
    let mut child =
        command(&project, &["run", "-vv"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut seen = Vec::new();
    while child.try_wait().unwrap().is_none() {
        seen.extend(leaks(&arguments()));
        thread::sleep(Duration::from_millis(50));
        if fs::read_dir(project.path().join("artifacts")).is_ok_and(|mut d| d.next().is_some()) {
            thread::sleep(Duration::from_millis(100));
        }
    }
    assert_eq!(seen, Vec::<String>::new(), "arguments");
    let mut outputs = vec![Ran::of(child.wait_with_output().unwrap())];
    let pasted = project.path().join("secret/pasted.txt");
    fs::write(&pasted, format!("a note with {SHORTER} and {LONGER}\n{}export AWS_SECRET_ACCESS_KEY=typed-by-hand\ncurl -u ana:typed-by-hand http://h\n5000 records sent, 999.2 records/sec (0.95 MB/sec), 2.2 ms avg latency, 28.0 ms max latency, 1 ms 50th, 5 ms 95th, 20 ms 99th, 27 ms 99.9th.\n", pem())).unwrap();
    let note = format!("with {SPECIAL}, {DIGITS} and password=typed-by-hand");
    for args in [
        &["note", "observation", &note, "--about", LONGER, "--check", "curl -u a:typed-by-hand"][..],
        &["note", "--list"],
        &["waive", "0", "--reason", &note],
        &["import", "secret/pasted.txt", "--day", "2026-03-02"],
        &["status"],
        &["status", "--json"],
        &["log"],
        &["check"],
        &["plan", "show", "0", "--resolved"],
        &["resume", "--explain"],
        &["run", "--dry-run"],
        &["report", "--all", "--format", "md", "--format", "html", "--format", "json", "--out", "out"],
    ] {
        let ran = Ran::of(command(&project, args).output().unwrap());
        assert_ne!(ran.code, Some(70), "{ran:?}");
        outputs.push(ran);
    }
    for ran in &outputs {
        assert_eq!(leaks(ran.stdout.as_bytes()), Vec::<String>::new(), "{}", ran.stdout);
        assert_eq!(leaks(ran.stderr.as_bytes()), Vec::<String>::new(), "{}", ran.stderr);
    }
    let mut found = Vec::new();
    for folder in ["artifacts", "out"] {
        leaks_below(&project.path().join(folder), &mut found);
    }
    assert_eq!(found, Vec::<String>::new());
    let said = fs::read_to_string(project.run_dir().join("00/1/say/stdout.txt")).unwrap();
    assert!(said.contains("HOME=") && said.contains("GIVEN=***"), "{said}");
    assert!(
        !said.contains("T_UNASKED") && !said.contains("T_SPECIAL") && !said.contains("T_DIGITS"),
        "{said}"
    );
    let json = fs::read_to_string(project.run_dir().join("00/1/json/body.json")).unwrap();
    assert!(json.contains("***") && json.contains("list"), "{json}");
}

#[test]
fn a_secret_is_not_given_as_an_argument() {
    for word in
        ["env:T_LONGER", "--password=env:T_LONGER", "'a:env:T_LONGER'", "'tool -p env:T_LONGER'", LONGER]
    {
        let project = campaign();
        project.step(1, &format!("actions:\n  - shell: {{id: a, argv: [echo, {word}], env: {{X: 'env:T_LONGER'}}, on_interrupt: rerun}}"));
        let ran = Ran::of(command(&project, &["check"]).output().unwrap());
        if word == LONGER {
            // It is known once the environment of the plan has it.
            let path = project.path().join("plan/environments/lab.yaml");
            let text =
                fs::read_to_string(&path).unwrap().replace("command:printenv T_SHORTER", "env:T_LONGER");
            fs::write(&path, text).unwrap();
            Ran::of(command(&project, &["check"]).output().unwrap()).exits(3);
            continue;
        }
        let told = ran.exits(3).says(&["everybody on the machine sees", "env: {NAME: env:NAME}"]);
        assert_eq!(leaks(told.stderr.as_bytes()), Vec::<String>::new());
    }
}

#[test]
fn a_variable_that_was_typed_in_clear_is_not_taken_up_as_its_mask() {
    let project = Project::new();
    project.step(0, "actions:\n  - shell: {id: a, argv: ['false'], on_interrupt: rerun, when: \"vars.api_token != ''\"}\ncriteria:\n  - expect: a.exit_code == 1");
    project.jalon(&["run", "--var", "api_token=typed-by-hand"]);
    let journal = fs::read_to_string(project.run_dir().join("journal.jsonl")).unwrap();
    assert!(!journal.contains("typed-by-hand"), "{journal}");
    project.jalon(&["resume"]).exits(2).says(&["`api_token`", "--var api_token=env:NAME"]);
}
