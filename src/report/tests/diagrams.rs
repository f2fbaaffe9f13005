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
    let (Some(browser), Some(script)) = (browser(), std::env::var_os("JALON_MERMAID")) else {
        println!(
            "skipped: it wants Chromium on the PATH and JALON_MERMAID=…/mermaid/dist/mermaid.min.js \
             (`npm install mermaid@12`)"
        );
        return;
    };
    let mut sources: Vec<String> =
        Language::ALL.map(|language| report(&story().records, language).diagram).into();
    let mut bad = story();
    if let crate::record::Event::RunStarted(header) = &mut bad.records[0].event {
        let titles = ["\"] --> x", "end", "`; {a} <b>&amp;", "שלום 🚀 #35;", "%% no comment", "", "a\nb"];
        for (step, title) in header.plan.steps.iter_mut().zip(titles) {
            step.title = both(title, title);
        }
    }
    sources.push(report(&bad.records, Language::En).diagram);
    // One that is none, so that a page on which nothing works is no success.
    sources.push("flowchart LR\n a[[[ -->".to_owned());
    let list = serde_json::to_string(&sources).unwrap().replace("</", "<\\/");
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
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
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"])
        .args(["--allow-file-access-from-files", "--virtual-time-budget=60000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(shown.contains("[drawn drawn drawn refused]"), "{shown}");
}
