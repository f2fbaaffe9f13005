//! The house: a module uses only what stands below it.

use std::{collections::BTreeMap, fs, path::Path};

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
    ("engine", &["action", "clients", "compare", "expression", "plan", "record", "store", "support"]),
    ("observe", &["plan", "record", "support"]),
    ("report", &["compare", "plan", "record", "support"]),
    (
        "cli",
        &[
            "action",
            "clients",
            "compare",
            "engine",
            "lab",
            "load",
            "observe",
            "perf_output",
            "plan",
            "record",
            "report",
            "store",
            "support",
        ],
    ),
];

fn rust_files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// The modules that a file names behind `crate::`, also in a braced list, tests left out.
fn used(text: &str) -> Vec<String> {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
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
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let house: BTreeMap<&str, &[&str]> = HOUSE.iter().copied().collect();
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let below = file.strip_prefix(&src).unwrap();
        let own = below.components().next().unwrap().as_os_str().to_string_lossy().replace(".rs", "");
        if ["lib", "main"].contains(&own.as_str()) {
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
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_module_opens_with_its_purpose_and_stays_small() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("//!"), "{} does not open with a //! sentence", file.display());
        let lines = text.split("#[cfg(test)]\nmod tests").next().unwrap().lines().count();
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
