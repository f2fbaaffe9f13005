//! Inputs that were changed at random: each reader answers, with a value or an error, in time, and never panics.
//!
//! Every input begins as one that is right and is changed by flipped bits, cuts, repeats, parts of another one and
//! characters that formats give a meaning. A short run is part of the tests; `JALON_FUZZ_SECONDS=3600 cargo test --release
//! --test it fuzz:: -- --nocapture` runs each reader for an hour and says how many inputs it was given. `JALON_FUZZ_FROM=NUMBER` begins with
//! the input of that number; the number of the latest one is in `jalon-fuzz-NAME` in the folder for temporary files.

use jalon::{
    clients::{exposition, kafka::properties},
    expression::{Expression, Known},
    perf_output,
    plan::{Options, Plan, Sources, source::Source},
    record::RunState,
    store::{bundle, journal},
    support::redact,
};
use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

/// How long a processor may work on one input: a hang is far beyond it, also in a debug build.
const SLOW: Duration = Duration::from_secs(20);

/// How long a processor has worked for this thread. The time of the clock would count the work of others on a busy machine.
fn worked() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

/// What formats give a meaning.
const MEANING: &[&str] = &[
    "\n",
    "\r\n",
    "\t",
    " ",
    ":",
    "-",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "'",
    "\\",
    "#",
    "&a",
    "*a",
    "!!str ",
    "|",
    ">",
    "---\n",
    "{{",
    "}}",
    "{%",
    "%}",
    "=",
    "==",
    "<",
    "&&",
    "||",
    "!",
    ".",
    ",",
    ";",
    "/",
    "../",
    "\0",
    "\u{feff}",
    "\u{85}",
    "é",
    "NaN",
    "inf",
    "-1",
    "0",
    "1e309",
    "99999999999999999999",
    "null",
    "true",
    "records sent",
    "env:",
    "file:",
    "${",
    "<<: ",
    "~",
    "%",
    "@",
    "`",
    "$(",
    "+Inf",
    "# EOF",
    "# TYPE a histogram\n",
];

/// One input, changed in a few places.
fn changed(random: &mut ChaCha8Rng, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = corpus.choose(random).unwrap().clone();
    for _ in 0..random.random_range(1..8) {
        let at = random.random_range(0..=bytes.len());
        let end = (at + random.random_range(0..40)).min(bytes.len());
        match random.random_range(0..7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << random.random_range(0..8),
            1 => drop(bytes.drain(at..end)),
            2 => bytes.truncate(at),
            3 => {
                let part = bytes[at..end].repeat(random.random_range(1..200));
                bytes.splice(at..at, part);
            }
            4 => {
                let other = corpus.choose(random).unwrap();
                let from = random.random_range(0..=other.len());
                let part = other[from..(from + 200).min(other.len())].to_vec();
                bytes.splice(at..end, part);
            }
            5 => {
                let line = bytes.split_inclusive(|b| *b == b'\n').collect::<Vec<_>>().choose(random).copied();
                let line = line.unwrap_or_default().to_vec();
                bytes.splice(at..at, line);
            }
            _ => drop(bytes.splice(at..at, MEANING.choose(random).unwrap().bytes())),
        }
        bytes.truncate(256 << 10);
    }
    bytes
}

/// Gives `read` changed inputs for the time that is asked for, two seconds otherwise.
fn fuzz(name: &str, corpus: &[Vec<u8>], mut read: impl FnMut(&[u8])) {
    let asked = std::env::var("JALON_FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    let long = Duration::from_secs(asked.unwrap_or(2));
    let from = std::env::var("JALON_FUZZ_FROM").ok().and_then(|number| number.parse().ok());
    let seed: u64 = from.unwrap_or_else(|| asked.map_or(7, |_| u64::from(rand::random::<u32>())));
    let (begun, mut count) = (Instant::now(), 0_u64);
    while begun.elapsed() < long {
        // Each has a number of its own, so that one alone can be looked at again.
        let mut random = ChaCha8Rng::seed_from_u64(seed + count);
        let input = changed(&mut random, corpus);
        if asked.is_some() {
            // A stack that overflows leaves no word of its own.
            let _ = fs::write(
                std::env::temp_dir().join(format!("jalon-fuzz-{name}")),
                (seed + count).to_string(),
            );
        }
        let before = worked();
        // What one input made known would be looked for in all others.
        let forgetting = redact::forgetting();
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| read(&input)));
        drop(forgetting);
        let shown = || String::from_utf8_lossy(&input[..input.len().min(4000)]).into_owned();
        assert!(outcome.is_ok(), "{name}, input {}: panic on\n{}", seed + count, shown());
        let took = worked().saturating_sub(before);
        assert!(took < SLOW, "{name}, input {}: {took:?} for\n{}", seed + count, shown());
        count += 1;
    }
    crate::crash::tell(&format!(
        "fuzz: {name}: {count} inputs in {:?}, from number {seed} on",
        begun.elapsed()
    ));
}

fn file(path: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn shipped(folder: &str, extension: &str) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .map(|path| {
            (format!("{folder}/{}", path.file_name().unwrap().to_str().unwrap()), fs::read(&path).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn a_plan() {
    let (steps, environments) = (shipped("steps", "md"), shipped("plan/environments", "yaml"));
    let campaign = ("plan/campaign.yaml".to_owned(), file("plan/campaign.yaml"));
    let corpus: Vec<Vec<u8>> =
        steps.iter().chain(&environments).chain([&campaign]).map(|(_, bytes)| bytes.clone()).collect();
    let source =
        |(path, bytes): &(String, Vec<u8>)| Source::new(path, String::from_utf8_lossy(bytes).as_ref());
    let mut turn = 0;
    fuzz("plan", &corpus, |input| {
        let mut sources = Sources {
            root: env!("CARGO_MANIFEST_DIR").into(),
            campaign: source(&campaign),
            environments: environments
                .iter()
                .map(|file| {
                    (Path::new(&file.0).file_stem().unwrap().to_str().unwrap().to_owned(), source(file))
                })
                .collect(),
            steps: steps.iter().take(2).map(source).collect(),
            problems: Vec::new(),
        };
        let text = String::from_utf8_lossy(input);
        turn += 1;
        match turn % 3 {
            0 => sources.campaign = Source::new("plan/campaign.yaml", text.as_ref()),
            1 => sources.environments[0].1 = Source::new("plan/environments/x.yaml", text.as_ref()),
            _ => sources.steps[0] = Source::new("steps/00-x.md", text.as_ref()),
        }
        if let Err(error) = Plan::compile(&sources, &Options::default()) {
            assert!(!error.to_string().is_empty());
        }
    });
}

#[test]
fn an_expression() {
    let corpus = [
        "a.latency_ms.p99 < slo.p99_ms",
        "change(a.records_per_s.avg) > -5 && !(b.n in [1, 2, 3]) || c.x == 'y'",
        "[1, 2].all(n, n < a.b) ? 1.5 / a.c : size(a.d)",
        "{'a': x.y}.a >= 100.0 * 2",
    ]
    .map(|text| text.as_bytes().to_vec());
    fuzz("expression", &corpus, |input| {
        if let Ok(parsed) = Expression::parse(&String::from_utf8_lossy(input)) {
            let _ = (parsed.complaints(&|_| Known::NUMBER), parsed.certain(&|_| Known::NUMBER));
        }
    });
}

#[test]
fn a_file_of_properties() {
    let corpus = [
        "bootstrap.servers=a:9093\nsecurity.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\n\
         sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username=\"a\" password='b c';\n",
        "ssl.truststore.location = /x/y.jks\nssl.keystore.key=-----BEGIN PRIVATE KEY----- \\\n  abc\nacks : all\n! note\n",
        "linger.ms=5\nbatch.size 16384\nkey\\ with\\ blanks=\\u00e9\ncompression.type=zstd\n",
    ]
    .map(|text| text.as_bytes().to_vec());
    fuzz("properties", &corpus, |input| {
        let _ = properties::translate(input, Path::new("/nowhere"), "X", "secrets");
    });
}

#[test]
fn a_page_of_metrics() {
    let corpus = [
        "# HELP a b\n# TYPE a counter\na_total{l=\"x\\\"y\",m=\"z\"} 1.5 1700000000000\n# TYPE h histogram\n\
         h_bucket{le=\"0.1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n# EOF\n",
        "kafka_server_replicamanager_underreplicatedpartitions 0.0\njvm_memory_bytes_used{area=\"heap\",} 1.2E9\n",
    ]
    .map(|text| text.as_bytes().to_vec());
    fuzz("exposition", &corpus, |input| {
        for format in [exposition::Format::Text, exposition::Format::OpenMetrics] {
            drop(exposition::read(input, format, ["a", "h"]));
        }
    });
}

#[test]
fn an_import() {
    let corpus = [
        "$ bin/kafka-producer-perf-test.sh --topic t --num-records 1000 --record-size 100 --throughput -1 --producer-props acks=1\n\
         4999 records sent, 999.8 records/sec (0.95 MB/sec), 1.2 ms avg latency, 120.0 ms max latency.\n\
         1000000 records sent, 199401.794616 records/sec (19.02 MB/sec), 10.34 ms avg latency, 490.00 ms max latency, 1 ms 50th, 77 ms 95th, 87 ms 99th, 94 ms 99.9th.\n",
        "start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec\n\
         2021-01-08 13:27:40:123, 2021-01-08 13:27:54:456, 953.6743, 66.7, 10000001, 699, 1610, 14000, 68.1, 714285.8\n",
        "Matin : relance du premier test\n- On constate une latence de 12 ms\nRisque : disque plein\n",
    ]
    .map(|text| text.as_bytes().to_vec());
    fuzz("import", &corpus, |input| {
        let (reading, _) = perf_output::read(input, None).unwrap();
        let lines = input.split(|b| *b == b'\n').count() as u64;
        assert!(reading.scenarios.iter().all(|s| s.lines.first <= s.lines.last && s.lines.last <= lines));
    });
}

#[test]
fn a_text_with_secrets() {
    let corpus = [
        "sqlplus -s scott/tiger@db <<EOF\nALTER USER u IDENTIFIED BY x REPLACE y;\nEOF\nkinit ana <<< 'x y'\n",
        "{\"value\": \"x\", \"name\": \"DB_PASSWORD\", \"args\": [\"docker\", \"login\", \"-p\", \"a b\"]}\n- value: x\n  name: DB_PASSWORD\n",
        "<property><name>a.password</name><value>x</value></property><password type=\"c\"><![CDATA[x]]></password>&quot;password&quot;: &quot;x&quot;\n",
        "curl -su a:b -H 'Authorization: Basic YTpi' https://u:p@h/hooks/abcdefghijklmnopqrstuvwxyz user:pw@tcp(h:3306)/db h:5432:db:user:pw\n",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\nmachine h login a password b\npass: x, mot de passe : y\n",
        "sasl.jaas.config=a.B required username=\"a\" password='b c';\nexport AWS_SECRET_ACCESS_KEY='a b' && vault kv put s/x password=y other=z | cat\n",
        "{\"password\": {\"value\": \"x\"}, \"secrets\": {\"a\": [\"b\", {\"c\": 'd'}]}}\npasswords:\n- a\n- user: b\n  value: c\n[credentials]\nkey = \"x\"\n",
        "user;password\nana;x\n| user | password |\n|---|---|\n| ana | x |\n\"user\",\"api key\"\n\"ana\",\"x,y\"\na\tpassword\nb\tx\n",
        "props.put(\"ssl.key.password\", \"x\"); os.environ[\"PASSWORD\"] = 'x'\nb.withPassword(new String(\"x\")); basic_auth(\"a\", Some(\"x\")); let password: &'a str = \"x\";\n",
        "curl -u 'a':\"b\"'c' h \\\n  --password \\\n  x\nargs:\n  - --password\n  - x\n- docker\n- login\n- -p\n- x\npassword for user 'a': x\n",
        "apiVersion: v1\nkind: Secret\ndata:\n  a: eA==\nstringData: {b: x}\n---\n{\"kind\":\"Secret\",\"data\":{\"a\":\"eA==\"}}\nvariable \"db_password\" {\n  default = \"x\"\n}\n\"auth\": \"YTpi\"\n",
        "\u{feff}p\0a\0s\0s\0w\0o\0r\0d\0=\0x\0y\0\n\0\0p\0a\0s\0s\0w\0o\0r\0d\0=\0x",
        "args: [--user, ana, --pass, x]\nargs:\n  - --password # a\n\n  # b\n  - x\ncreds ana:x\n_auth=x\nsnmp_community: x\nset pw x\nspawn ssh h\n| token | count |\nle secret : attendre dix minutes\n",
        "\u{1b}[31mfuzz\u{1b}[0m-\"\u{e9}<&\u{1b}]8;;h\u{7}>-71 ^[[1mfuzz^[[m-\"\u{e9}<&>-71 fuzz[1m-\"e\u{8}\u{e9}<&>-71 \u{1b}[1mpassword\u{1b}[m=x\n",
        "fuzz-&quot;&eacute;&lt;&amp;&gt;-71 fuzz-&#0034;&#x000e9;&lt&amp;amp;&gt-71 fuzz-%2522%25C3%25A9%253C%2526%253E-71 fuzz-\"\u{c3}\u{a9}<&>-71 fuzz-M-CM-)\\\\\\\"\\u00e9\n",
        "eyJwIjoiZnV6ei1cIlx1MDBlOTwmPi03MSJ9\neyJhdXRocyI6eyJoIjp7InBhc3N3b3JkIjoiZnV6ei1cIsOpPCY+LTcxIiwiYSI6ImJiYmJi\nYmJiYmJiYmJiYmJiYmJiYmJiIn19fQ==\nZQB5AEoAdwBJAGoAbwBpAA==\n",
    ]
    .map(|text| text.as_bytes().to_vec());
    redact::learn("fuzz-\"\u{e9}<&>-71");
    fuzz("secrets", &corpus, |input| {
        let text = String::from_utf8_lossy(input);
        let masked = redact::mask(&text);
        assert!(text.lines().count() + 200 > masked.lines().count());
        let mut value =
            serde_json::json!({"password": text.as_ref(), "list": text.split(' ').collect::<Vec<_>>()});
        redact::mask_json(&mut value);
        drop(redact::mask_bytes(input));
        if let Ok(mut value) = serde_json::from_slice::<serde_json::Value>(input) {
            redact::mask_json(&mut value);
        }
    });
}

#[test]
fn a_journal() {
    let mut corpus: Vec<Vec<u8>> =
        shipped("tests/journals", "jsonl").into_iter().map(|(_, bytes)| bytes).collect();
    corpus.sort_by_key(Vec::len);
    corpus.truncate(5);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    fuzz("journal", &corpus, |input| {
        fs::write(&path, input).unwrap();
        if let Ok(contents) = journal::read(&path) {
            let _ = RunState::replay(&contents.records);
        }
    });
}

#[test]
fn a_bundle() {
    let project = crate::support::Project::new();
    project.step(0, "actions:\n  - wait: {id: w, for: 1ms}\ncriteria:\n  - expect: w.waited_s < slo.wait_s");
    project.jalon(&["run"]).exits(0);
    project.jalon(&["note", "observation", "quiet"]).exits(0);
    project.jalon(&["bundle", "--out", "b.tar.gz"]).exits(0);
    let bytes = fs::read(project.path().join("b.tar.gz")).unwrap();
    // Ten bytes of gzip, the words before the hash, the hash and a zero; what follows is the content.
    let start = bytes.iter().skip(10).position(|b| *b == 0).unwrap() + 11;
    let hash_at = start - 65;
    let mut content = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&bytes[..]), &mut content).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut turn = 0;
    fuzz("bundle", &[content], |input| {
        // With a hash that is right again, so that what is behind it is read.
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut gzip, input).unwrap();
        let body = gzip.finish().unwrap().split_off(10);
        let mut forged = bytes[..hash_at].to_vec();
        forged.extend(jalon::support::fingerprint::of_bytes(&body).bytes());
        forged.push(0);
        forged.extend(body);
        turn += 1;
        let (path, into) = (folder.path().join("f.tar.gz"), folder.path().join(turn.to_string()));
        fs::write(&path, forged).unwrap();
        let refused = bundle::unpack(&path, &into).is_err();
        let left = fs::read_dir(&into).map_or(0, |entries| entries.count());
        assert!(!refused || left == 0, "what was refused left {left} entries");
        let _ = fs::remove_dir_all(&into);
    });
}
