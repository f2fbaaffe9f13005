//! What a source file of the program names: the modules below it, its `use` lines and the paths in its code. Comments
//! and tests are left out.

use std::collections::BTreeSet;

/// One name that a `use` line brings in; `*` for all of a module.
#[derive(Debug, PartialEq)]
pub(super) struct Use {
    pub(super) path: Vec<String>,
    pub(super) name: String,
    /// Whether others may take the name from this file.
    pub(super) exported: bool,
}

/// A file as it is read here.
#[derive(Debug, Default)]
pub(super) struct Source {
    /// Modules that it declares, those of tests left out.
    pub(super) children: BTreeSet<String>,
    /// Modules of tests that it declares.
    pub(super) tests: BTreeSet<String>,
    pub(super) uses: Vec<Use>,
    /// Paths of two names or more outside of `use` lines.
    pub(super) paths: BTreeSet<Vec<String>>,
    /// Names of the items in it.
    pub(super) items: BTreeSet<String>,
}

impl Source {
    pub(super) fn read(text: &str) -> Self {
        let mut source = Self::default();
        let mut body = String::new();
        let mut lines = text.lines().filter(|l| !l.trim_start().starts_with("//"));
        while let Some(line) = lines.next() {
            if line == "#[cfg(test)]" {
                // The item behind it ends with the first line at the margin that closes something.
                let ends = |l: &str| !l.starts_with([' ', '#']) && l.ends_with([';', '}']);
                let item = lines.by_ref().find(|l| ends(l)).unwrap_or_default();
                source.tests.extend(declared(item));
                continue;
            }
            source.children.extend(declared(line));
            let Some((exported, tree)) = use_tree(line) else {
                body.push_str(line);
                body.push('\n');
                continue;
            };
            let mut tree = tree.to_owned();
            while !tree.ends_with(';') {
                tree.push_str(lines.next().unwrap_or(";").trim());
            }
            expand(tree.trim_end_matches(';'), &[], exported, &mut source.uses);
        }
        // Who may see an item is no use of anything.
        let mut parts = body.split("pub(in ");
        let before = parts.next().unwrap_or_default().to_owned();
        let body = parts.fold(before, |all, part| all + part.split_once(')').map_or("", |(_, rest)| rest));
        source.items = items(&body);
        source.paths = paths(&body);
        source
    }
}

/// The module that a line declares.
fn declared(line: &str) -> Option<String> {
    let name = visible(line.trim_start()).1.strip_prefix("mod ")?.strip_suffix(';')?;
    Some(name.to_owned())
}

/// Whether something is visible to others, and what stands behind that.
fn visible(line: &str) -> (bool, &str) {
    match line.strip_prefix("pub(").and_then(|rest| rest.split_once(") ")) {
        Some((_, rest)) => (true, rest),
        None => line.strip_prefix("pub ").map_or((false, line), |rest| (true, rest)),
    }
}

/// What a `use` line begins with, and whether it hands the names on.
fn use_tree(line: &str) -> Option<(bool, &str)> {
    let (exported, rest) = visible(line.trim_start());
    Some((exported, rest.strip_prefix("use ")?))
}

/// Every name of a tree like `a::{self, b::C as D}`.
fn expand(tree: &str, before: &[String], exported: bool, found: &mut Vec<Use>) {
    let names =
        |text: &str| text.split("::").map(|n| n.trim().to_owned()).filter(|n| !n.is_empty()).collect();
    if let Some((head, list)) = tree.split_once('{') {
        let head: Vec<String> = names(head);
        let before = [before, &head].concat();
        let (mut depth, mut start) = (0, 0);
        let list = list.trim_end().strip_suffix('}').unwrap_or(list);
        for (at, c) in list.char_indices().chain([(list.len(), ',')]) {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    expand(&list[start..at], &before, exported, found);
                    start = at + 1;
                }
                _ => {}
            }
        }
        return;
    }
    let (path, alias) =
        tree.split_once(" as ").map_or((tree, None), |(path, alias)| (path, Some(alias.trim())));
    let path: Vec<String> = names(path);
    let mut path = [before, &path].concat();
    if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    if tree.trim().is_empty() {
        return;
    }
    if let Some(name) = alias.map(str::to_owned).or_else(|| path.last().cloned()) {
        found.push(Use { path, name, exported });
    }
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn items(code: &str) -> BTreeSet<String> {
    const KINDS: [&str; 9] =
        ["const", "enum", "fn", "macro_rules!", "static", "struct", "trait", "type", "union"];
    // What is further in is a method or a local one, which no other file can name.
    let words: Vec<&str> =
        code.lines().filter(|line| !line.starts_with("  ")).flat_map(str::split_whitespace).collect();
    let named = words.windows(2).filter(|pair| KINDS.contains(&pair[0]));
    named.map(|pair| pair[1].chars().take_while(|c| is_of_name(*c)).collect()).collect()
}

/// Every path like `a::b::c`.
fn paths(code: &str) -> BTreeSet<Vec<String>> {
    let mut found = BTreeSet::new();
    let mut rest = code;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let length = rest.find(|c| !is_of_name(c)).unwrap_or(rest.len());
        if length == 0 {
            before = first;
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let mut path = vec![rest[..length].to_owned()];
        rest = &rest[length..];
        while let Some(behind) = rest.strip_prefix("::") {
            let length = behind.find(|c| !is_of_name(c)).unwrap_or(behind.len());
            if length == 0 {
                break;
            }
            path.push(behind[..length].to_owned());
            rest = &behind[length..];
        }
        if path.len() > 1 && !matches!(before, ':' | '.') {
            found.insert(path);
        }
        before = 'a';
    }
    found
}

#[test]
fn a_file_is_read_with_its_lists_and_without_its_tests() {
    let source = Source::read(
        "//! See [`crate::x::y`].\nmod child;\npub use child::{One, two as Two};\nuse super::{\n    \
         a::{self, b::C},\n    d,\n};\nfn own() { self::q(a::r(crate::s::T::new())); x.y::<u8>() }\npub(in crate::l) struct S;\n\
         #[cfg(test)]\nmod more;\n#[cfg(test)]\nmod tests {\n    use super::z;\n}\nuse crate::late::*;\n",
    );
    let uses: Vec<String> =
        source.uses.iter().map(|u| format!("{} {} {}", u.path.join("::"), u.name, u.exported)).collect();
    assert_eq!(
        uses,
        [
            "child::One One true",
            "child::two Two true",
            "super::a a false",
            "super::a::b::C C false",
            "super::d d false",
            "crate::late::* * false",
        ]
    );
    let paths: Vec<String> = source.paths.iter().map(|p| p.join("::")).collect();
    assert_eq!(paths, ["a::r", "crate::s::T::new", "self::q"]);
    assert_eq!(source.children.iter().collect::<Vec<_>>(), ["child"]);
    assert_eq!(source.tests.iter().collect::<Vec<_>>(), ["more"]);
    assert_eq!(source.items.iter().collect::<Vec<_>>(), ["S", "own"]);
}
