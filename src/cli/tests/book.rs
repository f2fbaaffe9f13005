//! Every `jalon` command line that the README and the book show is one that the program takes.

use crate::cli::{args::Args, perf};
use clap::{CommandFactory, Parser, error::ErrorKind};
use pulldown_cmark::{CodeBlockKind, Event, Parser as Markdown, Tag, TagEnd};
use std::{
    fs,
    path::{Path, PathBuf},
};

#[test]
fn every_command_line_in_the_book_is_accepted() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for line in command_lines(&text) {
            let words = shlex::split(&line).unwrap_or_else(|| panic!("{}: {line}", page.display()));
            // A pipe or a redirection belongs to the shell.
            let own =
                words.into_iter().take_while(|word| !["|", ">", "&&", "||", ";"].contains(&word.as_str()));
            seen += 1;
            match Args::try_parse_from(perf::written_out(own.map(Into::into), Args::command())) {
                Ok(_) => {}
                Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {}
                // A file that an example names need not be here.
                Err(error)
                    if error.kind() == ErrorKind::ValueValidation
                        && error.to_string().contains("No such file or directory") => {}
                Err(error) => wrong.push(format!("{}: {line}\n  {error}", page.display())),
            }
        }
    }
    assert!(seen > 50, "only {seen} command lines were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![root.join("README.md"), root.join("artifacts/README.md")];
    for entry in fs::read_dir(root.join("docs/src")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "md") {
            pages.push(path);
        }
    }
    pages.sort();
    pages
}

/// The lines of code blocks that call `jalon`, with or without a prompt; a backslash joins two lines.
fn command_lines(text: &str) -> Vec<String> {
    let (mut found, mut code) = (Vec::new(), None::<String>);
    for event in Markdown::new(text) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                code = ["sh", "console"].contains(&&*info).then(String::new);
            }
            Event::Text(text) => {
                if let Some(code) = &mut code {
                    code.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                let code = code.take().unwrap_or_default();
                let mut lines = code.lines().map(|line| line.trim_start_matches("$ ").trim());
                while let Some(line) = lines.next() {
                    let mut whole = line.to_owned();
                    while let Some(start) = whole.strip_suffix('\\') {
                        whole = format!("{} {}", start.trim_end(), lines.next().unwrap_or_default());
                    }
                    // Help texts have a remark behind two spaces.
                    let command = whole.split("  ").next().unwrap_or_default();
                    found.extend(command.starts_with("jalon ").then(|| command.to_owned()));
                }
            }
            _ => {}
        }
    }
    found
}
