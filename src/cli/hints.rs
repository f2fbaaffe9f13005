//! What to write instead of what was typed, where the parser of the command line knows no more than that it is wrong: a
//! step's number for its name, and this program's word for another one's.

use crate::plan::{file, load::Sources};
use clap::{
    Command,
    error::{ContextKind, ContextValue, ErrorKind},
};
use std::{collections::BTreeMap, ffi::OsString, path::Path};

/// Words of other programs for a subcommand, with the parent's name and our word.
const SUBCOMMANDS: &[(&str, &[&str], &str)] = &[
    ("jalon", &["create", "new", "setup"], "init"),
    ("jalon", &["start", "launch"], "run"),
    ("jalon", &["continue", "restart"], "resume"),
    ("jalon", &["validate", "lint"], "check"),
    ("jalon", &["logs"], "log"),
    ("lab", &["start", "create", "launch"], "up"),
    ("lab", &["stop", "destroy", "delete"], "down"),
    ("lab", &["ps", "list", "ls"], "status"),
    ("lab", &["env"], "environment"),
    ("lab", &["freeze", "kill", "thaw"], "fault"),
];

/// Words of other programs for an option, with our word.
const OPTIONS: &[(&[&str], &str)] = &[
    (&["expires", "expiry", "expire", "expires-at", "expiration"], "until"),
    (&["why", "because", "message"], "reason"),
    (&["who", "user", "author", "name"], "by"),
    (&["environment"], "env"),
    (&["dir", "directory", "folder", "project"], "campaign"),
    (&["language"], "lang"),
    (&["output", "output-dir"], "out"),
    (&["tail"], "follow"),
    (&["force"], "take-over"),
];

/// What to write instead; `None` where nothing can be said that the parser does not say.
pub(super) fn of(error: &clap::Error, words: &[OsString], program: &Command) -> Option<String> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let words: Vec<&str> = words.iter().skip(1).filter_map(|word| word.to_str()).collect();
    let (command, path) = meant(program, &words);
    match error.kind() {
        ErrorKind::ValueValidation => {
            let (argument, value) = (text(ContextKind::InvalidArg)?, text(ContextKind::InvalidValue)?);
            let is_step = argument.contains("STEP") || argument.starts_with("--step");
            (is_step && value.parse::<u32>().is_err()).then(|| of_step(campaign(&words), value, argument))
        }
        ErrorKind::InvalidSubcommand => {
            let word = text(ContextKind::InvalidSubcommand)?;
            let known = |(parent, theirs, _): &&(&str, &[&str], &str)| {
                *parent == command.get_name() && theirs.contains(&word)
            };
            let (_, _, ours) = SUBCOMMANDS.iter().find(known)?;
            Some(format!("use `{path} {ours}`"))
        }
        ErrorKind::UnknownArgument => {
            let word = text(ContextKind::InvalidArg)?.trim_start_matches('-').split('=').next()?;
            let (_, ours) = OPTIONS.iter().find(|(theirs, _)| theirs.contains(&word))?;
            let has = |command: &Command| command.get_arguments().any(|arg| arg.get_long() == Some(ours));
            (has(command) || has(program)).then(|| format!("use `--{ours}`"))
        }
        _ => None,
    }
}

/// The subcommand that the words name, and how it is typed.
fn meant<'c>(program: &'c Command, words: &[&str]) -> (&'c Command, String) {
    let (mut command, mut path) = (program, "jalon".to_owned());
    for word in words {
        if let Some(found) = command.find_subcommand(word) {
            command = found;
            path = format!("{path} {}", found.get_name());
        }
    }
    (command, path)
}

/// The campaign's folder, which the parser had no time to find.
fn campaign<'w>(words: &[&'w str]) -> &'w Path {
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let attached = word.strip_prefix("--campaign=").or_else(|| word.strip_prefix("-C"));
        match attached {
            Some("") => return Path::new(rest.next().copied().unwrap_or(".")),
            Some(folder) => return Path::new(folder),
            None if *word == "--campaign" => return Path::new(rest.next().copied().unwrap_or(".")),
            None => {}
        }
    }
    Path::new(".")
}

/// That a step is named by its number, and which number that is.
fn of_step(campaign: &Path, value: &str, argument: &str) -> String {
    let steps = names(campaign);
    let wanted = value.to_lowercase();
    let has = |names: &String| names.contains(&wanted) && !wanted.trim().is_empty();
    let found: Vec<u32> = steps.iter().filter(|(_, names)| has(names)).map(|(number, _)| *number).collect();
    // `--step <N>` as it is typed; an argument without a name is its number alone.
    let typed = |number: u32| match argument.split_whitespace().next().filter(|name| name.starts_with("--")) {
        Some(name) => format!("`{name} {number}`"),
        None => format!("`{number}`"),
    };
    match (found.as_slice(), steps.len()) {
        ([number], _) => format!("a step is named by its number: {}", typed(*number)),
        ([_, _, ..], _) => {
            let numbers: Vec<String> = found.iter().map(|number| typed(*number)).collect();
            format!(
                "a step is named by its number, and `{value}` is in the name of several: {}",
                numbers.join(", ")
            )
        }
        ([], 0) => "a step is named by its number".to_owned(),
        ([], _) => {
            let numbers: Vec<String> = steps.keys().map(ToString::to_string).collect();
            format!("a step is named by its number: {}; `jalon graph` shows their names", numbers.join(", "))
        }
    }
}

/// What the steps of a campaign are called: file, title and actions, in small letters. Of a file with mistakes, its own name.
fn names(campaign: &Path) -> BTreeMap<u32, String> {
    let Ok(sources) = Sources::read(campaign) else { return BTreeMap::new() };
    let of = |source: &crate::plan::source::Source| {
        let stem = source.path.file_stem()?.to_str()?.to_lowercase();
        let number = stem.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok();
        match file::read(source, &mut Vec::new()) {
            Some(step) => {
                let titles = ["en", "fr"].map(|language| step.head.title.get(language).to_lowercase());
                let actions = step.groups.iter().flatten().map(|action| action.id.as_str().to_lowercase());
                let names: Vec<String> = [stem].into_iter().chain(titles).chain(actions).collect();
                Some((step.head.step.0, names.join("\n")))
            }
            None => Some((number?, stem)),
        }
    };
    sources.steps.iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::Args;
    use clap::{CommandFactory, Parser};
    use std::fs;

    fn hint(line: &str) -> Option<String> {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let error = Args::try_parse_from(&words).unwrap_err();
        of(&error, &words, &Args::command())
    }

    #[test]
    fn a_word_of_another_program_is_given_in_ours() {
        for (line, expected) in [
            ("jalon lab start", Some("use `jalon lab up`")),
            ("jalon lab stop", Some("use `jalon lab down`")),
            ("jalon start", Some("use `jalon run`")),
            ("jalon waive 3 --reason x --expires 2026-01-01", Some("use `--until`")),
            ("jalon waive 3 --reason x --expires=2026-01-01", Some("use `--until`")),
            ("jalon run --environment lab", Some("use `--env`")),
            // No option of that meaning here.
            ("jalon graph --expires 1", None),
            ("jalon lab sideways", None),
        ] {
            assert_eq!(hint(line).as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn every_word_that_is_advised_is_there() {
        let program = Args::command();
        for (parent, theirs, ours) in SUBCOMMANDS {
            let parent = if *parent == "jalon" { &program } else { program.find_subcommand(parent).unwrap() };
            assert!(parent.find_subcommand(ours).is_some(), "{ours}");
            assert!(theirs.iter().all(|word| parent.find_subcommand(word).is_none()), "{theirs:?}");
        }
    }

    #[test]
    fn a_step_that_is_named_is_given_its_number() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("plan/environments")).unwrap();
        fs::write(folder.path().join("plan/environments/lab.yaml"), "name: lab\n").unwrap();
        fs::create_dir_all(folder.path().join("steps")).unwrap();
        fs::write(folder.path().join("plan/campaign.yaml"), "name: c\n").unwrap();
        for (file, text) in [
            (
                "07-failover.md",
                "---\nstep: 7\ntitle: {en: Failover, fr: Bascule}\nactions:\n  - wait: {id: a, for: 1s}\n---\n",
            ),
            (
                "08-back.md",
                "---\nstep: 8\ntitle: Back after the failover\nactions:\n  - wait: {id: rest, for: 1s}\n---\n",
            ),
            ("09-broken.md", "---\nstep: [\n---\n"),
        ] {
            fs::write(folder.path().join("steps").join(file), text).unwrap();
        }
        let dir = folder.path().display();
        for (line, expected) in [
            (format!("jalon -C {dir} retry bascule"), "a step is named by its number: `7`"),
            (format!("jalon -C {dir} run --only Bascule"), "a step is named by its number: `--only 7`"),
            (format!("jalon --campaign={dir} log --step rest"), "a step is named by its number: `--step 8`"),
            (format!("jalon -C {dir} log --step broken"), "a step is named by its number: `--step 9`"),
            (
                format!("jalon -C {dir} doctor --step failover"),
                "a step is named by its number, and `failover` is in the name of several: `--step 7`, `--step 8`",
            ),
            (
                format!("jalon -C {dir} skip nothing --reason x"),
                "a step is named by its number: 7, 8, 9; `jalon graph` shows their names",
            ),
            ("jalon -C /nowhere retry x".to_owned(), "a step is named by its number"),
        ] {
            assert_eq!(hint(&line).as_deref(), Some(expected), "{line}");
        }
    }
}
