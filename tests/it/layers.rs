//! The house: a module uses only what stands below it, and inside a module no files use each other in a circle.

mod graph;
mod source;

use graph::{Arrows, Graph, circles};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Every module and the modules that it may use.
const HOUSE: &[(&str, &[&str])] = &[
    ("support", &[]),
    ("record", &["support"]),
    ("expression", &["record", "support"]),
    ("store", &["record", "support"]),
    ("clients", &["record", "support"]),
    ("load", &["clients", "record", "support"]),
    ("perf_output", &["record", "support"]),
    ("lab", &["clients", "record", "support"]),
    ("compare", &["record", "store", "support"]),
    ("action", &["clients", "expression", "load", "perf_output", "record", "store", "support"]),
    ("plan", &["action", "clients", "compare", "expression", "record", "support"]),
    ("history", &["compare", "perf_output", "plan", "record", "store", "support"]),
    (
        "engine",
        &["action", "clients", "compare", "expression", "history", "plan", "record", "store", "support"],
    ),
    ("discover", &["clients", "record", "support"]),
    ("doctor", &["action", "clients", "lab", "plan", "record", "support"]),
    ("prove", &["action", "lab", "plan", "record", "store", "support"]),
    ("observe", &["clients", "plan", "record", "support"]),
    ("report", &["compare", "history", "perf_output", "plan", "record", "store", "support"]),
    ("page", &["compare", "engine", "history", "plan", "record", "report", "store", "support"]),
    (
        "cli",
        &[
            "action",
            "clients",
            "compare",
            "discover",
            "doctor",
            "engine",
            "history",
            "lab",
            "observe",
            "page",
            "perf_output",
            "plan",
            "prove",
            "record",
            "report",
            "store",
            "support",
        ],
    ),
];

/// The folder of the sources.
fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// A file's text up to the tests in it.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap()
}

/// The modules that a file names behind `crate::`, also in a braced list and in what it says of itself, tests left out.
fn used(text: &str) -> Vec<String> {
    let text = without_tests(text);
    let mut found = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let name = |s: &str| s.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        let Some(list) = rest.strip_prefix('{') else {
            found.push(name(rest));
            continue;
        };
        let (mut depth, mut start) = (1, 0);
        for (i, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 || (depth == 1 && c == ',') {
                found.push(name(list[start..i].trim()));
                start = i + 1;
            }
            if depth == 0 {
                break;
            }
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

#[test]
fn every_module_uses_only_what_stands_below_it() {
    let src = src();
    let house: BTreeMap<&str, &[&str]> = HOUSE.iter().copied().collect();
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let below = file.strip_prefix(&src).unwrap();
        let own = below.components().next().unwrap().as_os_str().to_string_lossy().replace(".rs", "");
        // A story of the tests may be told with what stands above.
        let of_tests =
            below.components().any(|part| ["tests", "tests.rs"].iter().any(|name| part.as_os_str() == *name));
        if ["lib", "main"].contains(&own.as_str()) || of_tests {
            continue;
        }
        let Some(allowed) = house.get(own.as_str()) else {
            wrong.push(format!("{} belongs to no layer", below.display()));
            continue;
        };
        for name in used(&fs::read_to_string(&file).unwrap()) {
            if name != own && !allowed.contains(&name.as_str()) && house.contains_key(name.as_str()) {
                wrong.push(format!("{} uses {name}", below.display()));
            }
        }
    }
    // What is named by `super::` or through another name.
    for (from, taken) in &Graph::read(&src).arrows() {
        let Some(own) = from.first() else { continue };
        for (to, names) in taken {
            let Some(other) = to.first().filter(|other| *other != own) else { continue };
            if house.get(own.as_str()).is_some_and(|allowed| !allowed.contains(&other.as_str())) {
                wrong.push(format!("{} takes {names:?} from {}", from.join("/"), to.join("/")));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What ties the files of a circle, a line each.
fn ties(arrows: &Arrows, circle: &BTreeSet<Vec<String>>) -> String {
    let taken = circle.iter().flat_map(|from| arrows[from].iter().map(move |(to, names)| (from, to, names)));
    let within = taken.filter(|(_, to, _)| circle.contains(*to));
    within
        .map(|(from, to, names)| {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            format!("\n    {} takes from {}: {}", from.join("/"), to.join("/"), names.join(", "))
        })
        .collect()
}

#[test]
fn no_files_of_a_module_use_each_other_in_a_circle() {
    let mut arrows = Graph::read(&src()).arrows();
    for (from, taken) in &mut arrows {
        taken.retain(|to, _| to.first() == from.first());
    }
    let mut wrong = String::new();
    for circle in circles(&arrows) {
        let files: Vec<String> = circle.iter().map(|file| file.join("/")).collect();
        wrong += &format!("\n{}:{}", files.join(", "), ties(&arrows, &circle));
    }
    assert!(wrong.is_empty(), "these files use each other in a circle:{wrong}");
}

#[test]
fn a_circle_is_seen_through_a_line_that_only_hands_on() {
    let folder = std::env::temp_dir().join(format!("jalon-layers-{}", std::process::id()));
    let files = [
        ("lib.rs", "mod a;\n"),
        ("a/mod.rs", "mod b;\nmod c;\nmod d;\npub use b::One;\npub use c::Two;\n"),
        ("a/b.rs", "use super::Two;\npub struct One(Two);\n"),
        ("a/c.rs", "pub struct Two;\nfn one() { crate::a::One(Two) }\n"),
        ("a/d.rs", "use super::{One, c};\nfn two() { c::Two }\n"),
    ];
    fs::create_dir_all(folder.join("a")).unwrap();
    files.iter().for_each(|(name, text)| fs::write(folder.join(name), text).unwrap());
    let arrows = Graph::read(&folder).arrows();
    fs::remove_dir_all(&folder).unwrap();
    let found: Vec<Vec<String>> =
        circles(&arrows).iter().map(|circle| circle.iter().map(|file| file.join("/")).collect()).collect();
    assert_eq!(found, [["a/b", "a/c"]]);
}

#[test]
fn every_module_opens_with_its_purpose_and_stays_small() {
    let mut files = Vec::new();
    rust_files(&src(), &mut files);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("//!"), "{} does not open with a //! sentence", file.display());
        let lines = without_tests(&text).lines().count();
        assert!(
            lines <= 600,
            "{} has {lines} lines without tests: find the second thing in it",
            file.display()
        );
    }
}

#[test]
fn the_reader_of_braced_lists_sees_every_module() {
    assert_eq!(used("use crate::{a::{b, c}, d::E, f};\nuse crate::g;"), ["a", "d", "f", "g"]);
}

/// The redactor forgets for tests alone: what a program knows as a secret stays masked to its end.
#[test]
fn nothing_of_the_program_forgets_a_secret() {
    let own = ["src/support/redact/known.rs", "src/support/redact/mod.rs"];
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs")
                && !own.iter().any(|own| path.ends_with(own))
            {
                seen += 1;
                let text = std::fs::read_to_string(&path).unwrap();
                assert!(!text.contains("forgetting("), "{}", path.display());
            }
        }
    }
    assert!(seen > 100);
}
