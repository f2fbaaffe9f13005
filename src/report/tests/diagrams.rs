//! Diagrams as Mermaid itself reads them, in a browser.

use super::{super::*, story::*};
use std::process::Command;

/// The first of these programs that is on the PATH.
fn browser() -> Option<&'static str> {
    let there = |name: &&str| {
        std::env::var_os("PATH")
            .is_some_and(|path| std::env::split_paths(&path).any(|f| f.join(name).is_file()))
    };
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find(there)
}

#[test]
fn mermaid_itself_draws_every_diagram() {
    let script = std::env::var_os("JALON_MERMAID").filter(|path| !path.is_empty());
    let (Some(browser), Some(script)) = (browser(), script) else {
        println!(
            "skipped: it wants Chromium on the PATH and JALON_MERMAID=…/mermaid/dist/mermaid.min.js \
             (`npm pack mermaid@12`), as .ci/install and the Makefile see to it"
        );
        return;
    };
    let mut sources: Vec<String> =
        Language::ALL.map(|language| report(&story().records, language).model.diagram).into();
    // The platform's, with names that mean something to Mermaid.
    let environment = serde_json::json!({
        "clusters": {
            "source": {"brokers": 3, "zookeeper": ["127.0.0.1:2181"]},
            "target": {"brokers": 1},
            "end \"a\"]": {}, "note; `b`": {"zookeeper": ["x"]}, "é #35; <b>": {"brokers": 2},
        },
        "connect": {"url": "x"}, "schema_registry": {"url": "x"}, "prometheus": {"url": "x"},
        "grafana": {"url": "x"}, "exporters": {"a": "x", "b": "y"},
    });
    for language in Language::ALL {
        sources
            .extend(build::architecture::of_platform(language, &environment).into_iter().map(|d| d.source));
    }
    let mut bad = story();
    if let crate::record::Event::RunStarted(header) = &mut bad.records[0].event {
        let titles = ["\"] --> x", "end", "`; {a} <b>&amp;", "שלום 🚀 #35;", "%% no comment", "", "a\nb"];
        for (step, title) in header.plan.steps.iter_mut().zip(titles) {
            std::sync::Arc::make_mut(step).title = both(title, title);
        }
    }
    sources.push(report(&bad.records, Language::En).model.diagram);
    // One that is none, so that a page on which nothing works is no success.
    sources.push("flowchart LR\n a[[[ -->".to_owned());
    let list = serde_json::to_string(&sources).unwrap().replace("</", "<\\/");
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    let script = std::fs::canonicalize(script).unwrap();
    let html = format!(
        "<!DOCTYPE html><meta charset=\"utf-8\"><body><pre id=\"o\"></pre><script src=\"file://{}\"></script><script>\
         (async () => {{ const said = []; mermaid.initialize({{ startOnLoad: false }});\
         for (const source of {list}) {{ try {{ await mermaid.parse(source);\
         await mermaid.render('d' + said.length, source); said.push('drawn'); }}\
         catch (e) {{ said.push('refused'); }} }}\
         document.getElementById('o').textContent = '[' + said.join(' ') + ']'; }})()</script>",
        script.display()
    );
    std::fs::write(&page, html).unwrap();
    // A browser that hangs must not hang the test.
    let output = Command::new("timeout")
        .args(["120", browser])
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"])
        .args(["--allow-file-access-from-files", "--virtual-time-budget=60000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    let said = format!("[{}refused]", "drawn ".repeat(7));
    assert!(shown.contains(&said), "{}", shown.split("<script").next().unwrap_or(&shown));
}
