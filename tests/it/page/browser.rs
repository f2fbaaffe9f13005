//! The page in a real browser, where there is one.

use super::{READ, Served, WRITE, name};
use crate::support::Project;
use std::{
    io::{Read, Write},
    net::TcpListener,
    path::PathBuf,
    process::Command,
};

/// The folder with playwright-core and axe-core, and a browser.
fn tools() -> Option<(PathBuf, PathBuf)> {
    let modules = std::env::var_os("JALON_PAGE_TEST").filter(|path| !path.is_empty()).map(PathBuf::from)?;
    let paths: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let browser = names.iter().find_map(|name| paths.iter().map(|p| p.join(name)).find(|p| p.is_file()))?;
    modules.join("playwright-core").is_dir().then_some((modules, browser))
}

const STEPS: [(u32, &str); 4] = [
    (
        0,
        "estimate: 8s\nobjective: {en: Everything is up.}\nactions:\n  - wait: {id: settle, for: 8s}\nwatch:\n  - scrape: {id: page, url: 'EXPORTER', every: 200ms}\ncriteria:\n  - expect: settle.waited_s < slo.settle_s\n  - always: page.samples < 60",
    ),
    (
        1,
        "needs: [0]\nactions:\n  - shell: {id: s, argv: [echo, '<b id=injected>not bold</b>']}\ncriteria:\n  - expect: s.exit_code == 0\napprove: {role: platform lead, question: 'Is everybody ready <i>now</i>?'}",
    ),
    (
        2,
        "needs: [1]\nactions:\n  - wait: {id: b, for: 10ms}\ncriteria:\n  - expect: b.waited_s > slo.wait_s\n    severity: warn\n  - expect: b.waited_s < slo.wait_s",
    ),
    (3, "needs: [1]\nactions:\n  - wait: {id: c, for: 10ms}\ncriteria:\n  - expect: c.waited_s > slo.wait_s"),
];

/// A page of metrics that has more samples at each look, up to 50; its address.
fn exporter() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for (look, stream) in listener.incoming().enumerate() {
            let mut stream = stream.unwrap();
            let page: String = (0..=look % 50).map(|n| format!("a{{n=\"{n}\"}} 1\n")).collect();
            let head = format!("Content-Type: text/plain; version=0.0.4\r\nContent-Length: {}", page.len());
            drop(stream.read(&mut [0; 4096]));
            drop(write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n{head}\r\n\r\n{page}"));
        }
    });
    format!("http://{address}/metrics")
}

#[test]
fn a_person_follows_a_run_and_approves_it_in_a_browser() {
    let Some((modules, browser)) = tools() else {
        println!(
            "skipped: it wants Chromium on the PATH and JALON_PAGE_TEST=FOLDER with playwright-core and axe-core, as \
             .ci/install and the Makefile see to it"
        );
        return;
    };
    let project = Project::new();
    project.file(
        "plan/campaign.yaml",
        "name: test\ndefault_environment: lab\ndefault_profile: smoke\nslo: {wait_s: 5, settle_s: 30}\nprofiles:\n  smoke: {pause: 10ms}\n",
    );
    let exporter = exporter();
    for (number, front) in STEPS {
        project.step(number, &front.replace("EXPORTER", &exporter));
    }
    let mut page = Served::begin(&project, &["run", "--serve"]);
    let pictures = std::env::var_os("JALON_PAGE_PICTURES").map(PathBuf::from).unwrap_or_else(|| {
        std::path::absolute(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("page")).unwrap()
    });
    std::fs::create_dir_all(&pictures).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/page/browser.mjs");
    let ran = |part: &str, address: &str| {
        let ran = Command::new("node")
            .arg(script)
            .args([part, address, WRITE, READ])
            .env("MODULES", &modules)
            .env("BROWSER", &browser)
            .env("PICTURES", &pictures)
            .output()
            .unwrap();
        let said =
            [ran.stdout, ran.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).join("\n");
        assert!(ran.status.success(), "{part}: {said}");
        said
    };
    let address = page.address.to_string();
    ran("live", &address);
    // Its page goes with the run; another one of the same address shows it further.
    page.child.wait().unwrap();
    drop(page);
    let given = project.journal().into_iter().find(|r| r["event"]["type"] == "approval-given").unwrap();
    assert_eq!(given["event"]["answer"]["by"], "Ada Lovelace");
    let page = Served::at(&project, &["serve"], &address);
    let said = ran("past", &page.address.to_string());
    println!("{said}");
    assert!(said.contains("serious 0"), "{said}");
    assert!(!name(&project).is_empty());
}
