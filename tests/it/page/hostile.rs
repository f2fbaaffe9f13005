//! Clients that mean no good.

use super::{PASSES, READ, Served, WRITE, name};
use crate::support::Project;
use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

fn served() -> (Project, Served) {
    let project = Project::new();
    project.step(0, "actions:\n  - shell: {id: s, argv: [echo, '<script>alert(1)</script>']}\ncriteria:\n  - expect: s.exit_code == 0");
    project.file("secret.txt", "nobody may read this");
    project.jalon(&["run"]).exits(0);
    let page = Served::begin(&project, &["serve"]);
    (project, page)
}

#[test]
fn nothing_is_told_without_a_token_nor_under_another_name() {
    let (_project, page) = served();
    for path in [
        "/api/stream",
        "/api/runs",
        "/api/journal",
        "/api/evidence",
        "/api/notes",
        "/evidence",
        "/report",
        "/metrics",
    ] {
        assert_eq!(page.ask("GET", path, &[], "").status, 401, "{path}");
        let bearer = format!("Bearer {READ}x");
        assert_eq!(page.ask("GET", path, &[("Authorization", &bearer)], "").status, 401, "{path}");
    }
    let bearer = format!("Bearer {WRITE}");
    let token = ("Authorization", bearer.as_str());
    let own = page.address.to_string();
    for host in ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:80", ""] {
        assert_eq!(page.ask("GET", "/", &[("Host", host)], "").status, 421, "{host}");
        assert_eq!(page.ask("GET", "/api/runs", &[("Host", host), token], "").status, 421, "{host}");
    }
    assert_ne!(page.ask("GET", "/", &[("Host", &own), ("Host", "evil.example")], "").status, 200);
    for origin in ["http://evil.example", "null", "https://127.0.0.1", "file://"] {
        assert_eq!(
            page.ask("POST", "/api/session", &[("Origin", origin), token], "").status,
            403,
            "{origin}"
        );
        assert_eq!(
            page.ask("POST", "/api/decide", &[("Origin", origin), token], "{}").status,
            403,
            "{origin}"
        );
    }
    for method in ["PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT"] {
        assert_ne!(page.ask(method, "/api/runs", &[token], "").status, 200, "{method}");
    }
    let session = page.ask("POST", "/api/session", &[("Origin", &format!("http://{own}")), token], "");
    assert!(session.has("HttpOnly; SameSite=Strict") && !session.head.contains(WRITE), "{session:?}");
    for path in ["/", "/page.js", "/nothing", "/api/runs", "/evidence?path=x"] {
        let answer = page.ask("GET", path, &[token], "");
        for header in [
            "content-security-policy: default-src 'none'",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "frame-ancestors 'none'",
            "cache-control: no-store",
        ] {
            assert!(answer.has(header), "{path} without {header}: {}", answer.head);
        }
    }
}

#[test]
fn evidence_is_what_the_journal_names_and_nothing_beside_it() {
    let (project, page) = served();
    let run = name(&project);
    let listed = page.get(&format!("/api/evidence?run={run}&step=0")).json();
    let path = listed
        .as_array()
        .unwrap()
        .iter()
        .find_map(|f| f["path"].as_str().filter(|p| p.ends_with("stdout.txt")));
    let file = page.get(&format!("/evidence?run={run}&path={}", path.unwrap()));
    assert_eq!(file.status, 200);
    assert!(file.body.contains("<script>alert(1)</script>"));
    for header in ["content-type: text/plain", "nosniff", "default-src 'none'; sandbox"] {
        assert!(file.has(header), "{header}: {}", file.head);
    }
    let ways = [
        "../../secret.txt",
        "..%2f..%2fsecret.txt",
        "%2e%2e%2f%2e%2e%2fsecret.txt",
        "%252e%252e%252f%252e%252e%252fsecret.txt",
        "..%5c..%5csecret.txt",
        "....//....//secret.txt",
        "%c0%ae%c0%ae/%c0%ae%c0%ae/secret.txt",
        "00/1/s/../../../../../secret.txt",
        "%2fetc%2fpasswd",
        "file:%2f%2f%2fetc%2fpasswd",
        "..%00/..%00/secret.txt",
        "%u002e%u002e/%u002e%u002e/secret.txt",
        "00/1/s/stdout.txt%00.png",
        "./00/1/s/stdout.txt",
        "00/1/s//stdout.txt",
        "journal.jsonl",
        "lock",
        "",
    ];
    for way in ways {
        for path in
            [format!("/evidence?run={run}&path={way}"), format!("/evidence/{way}"), format!("/{way}x")]
        {
            let answer = page.get(&path);
            assert_ne!(answer.status, 200, "{path}: {answer:?}");
            assert!(!answer.body.contains("nobody may read") && !answer.body.contains("root:"), "{path}");
        }
        let of_run = page.get(&format!("/api/evidence?run={way}"));
        assert!(way.is_empty() || of_run.status != 200, "{way}: {of_run:?}");
    }
    // A file that is not what was stored is not shown as if it were.
    std::fs::write(project.run_dir().join("00/1/s/stdout.txt"), "forged").unwrap();
    assert_eq!(page.get(&format!("/evidence?run={run}&path={}", path.unwrap())).status, 404);
}

#[test]
fn what_is_too_large_is_refused() {
    let (_project, page) = served();
    let host = page.address;
    let large = "x".repeat(100_000);
    let head = format!("GET / HTTP/1.1\r\nHost: {host}\r\nX-Large: {large}\r\n\r\n");
    assert!([0, 400, 431].contains(&page.raw(head.as_bytes()).status));
    let many: String = (0..500).map(|n| format!("X-{n}: 1\r\n")).collect();
    let head = format!("GET / HTTP/1.1\r\nHost: {host}\r\n{many}\r\n");
    assert!([0, 400, 431].contains(&page.raw(head.as_bytes()).status));
    let line = format!("GET /{large} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    assert!([0, 400, 414, 431].contains(&page.raw(line.as_bytes()).status));
    let bearer = format!("Bearer {WRITE}");
    let body = "x".repeat(1 << 20);
    let posted = page.ask("POST", "/api/decide", &[("Authorization", &bearer)], &body);
    assert!([0, 413].contains(&posted.status), "{posted:?}");
    for wrong in ["", "{}", "[]", "{\"what\":\"approve\"}", "{\"what\":\"rm\"}", "\u{0}", &"[".repeat(20_000)]
    {
        assert_eq!(
            page.ask("POST", "/api/decide", &[("Authorization", &bearer)], wrong).status,
            400,
            "{wrong:.20}"
        );
    }
    assert_eq!(page.get("/").status, 200);
}

/// Memory of the page, in KiB.
fn memory(page: &Served) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", page.child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn a_thousand_connections_and_slow_readers_hold_nobody_up_for_long() {
    let (_project, page) = served();
    assert_eq!(page.get("/").status, 200);
    let before = memory(&page);
    let mut crowd: Vec<TcpStream> = Vec::new();
    for number in 0..1000 {
        let Ok(mut stream) = TcpStream::connect(page.address) else { continue };
        // Some say nothing, some half a line, some ask for a stream and never read.
        let host = page.address;
        let said = match number % 3 {
            0 => String::new(),
            1 => "GET /api/ru".to_owned(),
            _ => format!("GET /api/stream HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {READ}\r\n\r\n"),
        };
        drop(stream.write_all(said.as_bytes()));
        crowd.push(stream);
    }
    let begun = Instant::now();
    // Those who say nothing lose their places; nobody has to go away by themselves.
    while page.get("/api/runs").status != 200 {
        assert!(begun.elapsed() < Duration::from_secs(25), "the page answers nobody any more");
        std::thread::sleep(Duration::from_millis(200));
    }
    let grown = memory(&page).saturating_sub(before);
    assert!(grown < 64 * 1024, "a thousand connections took {grown} KiB");
    drop(crowd);
    assert_eq!(page.get("/api/runs").status, 200);
}

#[test]
fn a_head_that_never_ends_loses_its_connection() {
    let project = Project::new();
    project.step(0, PASSES);
    let page = Served::begin(&project, &["serve"]);
    let mut stream = page.connect();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: ").unwrap();
    let begun = Instant::now();
    let mut rest = Vec::new();
    drop(stream.read_to_end(&mut rest));
    let took = begun.elapsed();
    assert!(took > Duration::from_secs(5) && took < Duration::from_secs(18), "{took:?}");
}
