//! The book in `docs/`: nothing missing, nothing left over, no dead link.

use crate::support::Project;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Component, Path, PathBuf},
};

/// One Markdown file: where its links lead, and the anchors that links to it may name.
#[derive(Debug, Default)]
struct Page {
    links: Vec<String>,
    anchors: BTreeSet<String>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &Path) -> Page {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let (mut page, mut heading) = (Page::default(), None::<String>);
    for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let id = anchor(&heading.take().unwrap_or_default());
                assert!(page.anchors.insert(id.clone()), "{}: two headings `{id}`", file.display());
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                page.links.push(dest_url.into_string());
            }
            _ => {}
        }
    }
    page
}

/// The id that mdBook and GitHub give to a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || "-_ ".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

/// `folder/../page` as `page`.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(out.pop()),
            Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}

fn markdown_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            markdown_below(&path, found);
        } else if path.extension().is_some_and(|e| e == "md") {
            found.push(path);
        }
    }
}

#[test]
fn every_page_is_in_the_summary_once() {
    let book = root().join("docs/src");
    let summary = book.join("SUMMARY.md");
    let mut listed: Vec<PathBuf> = read(&summary).links.iter().map(|link| book.join(link)).collect();
    let mut pages = Vec::new();
    markdown_below(&book, &mut pages);
    pages.retain(|page| *page != summary);
    pages.sort();
    listed.sort();
    assert_eq!(listed, pages, "SUMMARY.md lists the left ones, docs/src has the right ones");
}

#[test]
fn no_link_of_the_readme_or_the_book_is_dead() {
    let book = root().join("docs/src");
    let mut files = vec![root().join("README.md"), root().join("artifacts/README.md")];
    markdown_below(&book, &mut files);
    let pages: BTreeMap<PathBuf, Page> = files.iter().map(|file| (file.clone(), read(file))).collect();
    let mut dead = Vec::new();
    for (file, page) in &pages {
        for link in &page.links {
            if link.starts_with("https://") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match path {
                "" => file.clone(),
                _ => normal(&file.parent().unwrap().join(path)),
            };
            // A built book holds nothing from outside its sources.
            let outside = file.starts_with(&book) && !target.starts_with(&book);
            let known = pages.get(&target).is_none_or(|p| anchor.is_empty() || p.anchors.contains(anchor));
            if outside || !target.exists() || !known {
                dead.push(format!("{}: {link}", file.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}

/// The paths below the repository's folders of code that a page names in code font.
fn paths_in(page: &str) -> Vec<String> {
    Parser::new_ext(page, Options::ENABLE_TABLES)
        .filter_map(|event| match event {
            Event::Code(code) => code.split_whitespace().next().map(str::to_owned),
            _ => None,
        })
        .filter(|path| ["src/", "tests/", "benches/"].iter().any(|folder| path.starts_with(folder)))
        .collect()
}

/// Whether a path exists: of a pattern the folder before its first `*`, of a file to be created (`my_…`) its folder.
fn exists(path: &str) -> bool {
    let (path, _) = path.split_once('*').unwrap_or((path, ""));
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    root().join(if file.starts_with("my_") { folder } else { path }).exists()
}

#[test]
fn every_file_that_the_readme_or_the_book_names_exists() {
    let mut files = vec![root().join("README.md")];
    markdown_below(&root().join("docs/src"), &mut files);
    let (mut named, mut missing) = (0, Vec::new());
    for file in &files {
        for path in paths_in(&fs::read_to_string(file).unwrap()) {
            named += 1;
            if !exists(&path) {
                missing.push(format!("{}: {path}", file.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    assert!(named > 40, "{named} paths were found");
    assert!(exists("src/action/my_kind.rs") && !exists("src/no_folder/my_kind.rs") && !exists("src/none.rs"));
}

#[test]
fn the_readme_is_short() {
    let lines = fs::read_to_string(root().join("README.md")).unwrap().lines().count();
    assert!(lines <= 200, "{lines} lines; details belong in docs/src");
}

/// The code blocks of a page in a language.
fn code_blocks(page: &str, language: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("docs/src").join(page)).unwrap();
    let (mut blocks, mut code) = (Vec::new(), None::<String>);
    for event in Parser::new(&text) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) if &*info == language => {
                code = Some(String::new());
            }
            Event::Text(text) => {
                if let Some(code) = &mut code {
                    code.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => blocks.extend(code.take()),
            _ => {}
        }
    }
    blocks
}

/// The shipped campaign with its first three steps.
fn beginning_of_the_plan() -> Project {
    let project = Project::new();
    for path in [
        "plan/campaign.yaml",
        "plan/environments/lab.yaml",
        "steps/00-readiness.md",
        "steps/01-observability.md",
        "steps/02-configuration-audit.md",
    ] {
        project.file(path, &fs::read_to_string(root().join(path)).unwrap());
    }
    project
}

#[test]
fn the_step_that_the_book_shows_is_sound() {
    let project = beginning_of_the_plan();
    let [step] = code_blocks("steps.md", "markdown").try_into().unwrap();
    project.file("steps/03-producer-baseline.md", &step);
    project.jalon(&["check"]).exits(0);
}

#[test]
fn the_criteria_that_the_book_shows_are_sound() {
    let blocks = code_blocks("criteria.md", "yaml");
    assert!(blocks.len() >= 3, "{blocks:?}");
    for block in blocks {
        let project = beginning_of_the_plan();
        let front = format!(
            "needs: [1, 2]\n\
            watch:\n  \
              - prometheus: {{id: urp, query: up, every: 5s}}\n  \
              - prometheus: {{id: offline, query: up, every: 5s}}\n\
            actions:\n  \
              - produce: {{id: nominal, cluster: source, topic: t, records: 1000, rate: 100/s}}\n\
            {block}"
        );
        project.step(3, &front).jalon(&["check"]).exits(0);
    }
}
