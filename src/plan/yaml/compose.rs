//! [`compose`]: a [`Node`] straight from the parser's events, for the YAML that most files are made of.
//!
//! A plan can be thousands of small files, and serde's way to a tree of any shape costs more than the parser itself.
//! Whatever takes more than the parser tells (anchors, tags, merged keys, a scalar whose type does not show at a glance)
//! is left to the library, and so is every error. A test holds both to the same result.

use super::{Content, Key, Node, Scalar};
use crate::plan::source::Span;
use serde_yaml::granit_parser::{self, Event, Parser, ScalarStyle};

/// Deeper nesting is left to the library, which has a limit for it.
const DEEPEST: usize = 32;
/// Plain scalars that are no text although they begin with a letter, in any case.
const WORDS: [&str; 6] = ["null", "true", "false", "nan", "inf", "infinity"];

/// A list or a map that is not complete yet.
struct Open {
    span: Span,
    /// How many nodes there were before its own.
    before: usize,
    is_map: bool,
}

/// The tree of the one document in `text`, where it is that simple; places are `from` further on.
pub(super) fn compose(text: &str, from: usize) -> Option<Node> {
    // Keys stand before their values; what is complete is taken off the end.
    let mut nodes: Vec<Node> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        let (event, place) = event.ok()?;
        match event {
            Event::Scalar(text, style, 0, None) => {
                let value = match style {
                    ScalarStyle::Plain => plain(&text)?,
                    _ => Scalar::String(text.into_owned()),
                };
                nodes.push(Node { span: span(&place, from)?, content: Content::Scalar(value) });
            }
            Event::SequenceStart(_, 0, None) | Event::MappingStart(_, 0, None) if open.len() < DEEPEST => {
                let is_map = matches!(event, Event::MappingStart(..));
                open.push(Open { span: span(&place, from)?, before: nodes.len(), is_map });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Open { span, before, is_map } = open.pop()?;
                let mut own = nodes.drain(before..);
                let content = match is_map {
                    false => Content::List(own.collect()),
                    true => {
                        let mut entries = Vec::with_capacity(own.len() / 2);
                        while let (Some(key), Some(value)) = (own.next(), own.next()) {
                            let Content::Scalar(Scalar::String(text)) = key.content else { return None };
                            entries.push((Key { text, span: key.span }, value));
                        }
                        drop(own);
                        Content::Map(entries)
                    }
                };
                nodes.push(Node { span, content });
            }
            Event::DocumentStart(..) => documents += 1,
            Event::StreamStart | Event::DocumentEnd | Event::StreamEnd | Event::Comment(..) => {}
            _ => return None,
        }
    }
    let node = nodes.pop()?;
    (documents == 1 && nodes.is_empty()).then_some(node)
}

fn span(place: &granit_parser::Span, from: usize) -> Option<Span> {
    let (start, end) = (place.start.byte_offset()?, place.end.byte_offset()?);
    Some(Span { start: from + start, len: end.saturating_sub(start).max(1) })
}

/// The value of a plain scalar, where its characters leave no doubt.
fn plain(text: &str) -> Option<Scalar> {
    let bytes = text.as_bytes();
    let (first, last) = (bytes.first()?, bytes.last()?);
    let is_text = match first {
        b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => {
            !WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
        }
        // No number ends with what is no hexadecimal digit, or has a space or a slash in it: `30s`, `10 MB`, `100/s`.
        b'0'..=b'9' => matches!(last, b'g'..=b'z' | b'G'..=b'Z' | b'%') || text.contains([' ', '/']),
        _ => false,
    };
    if is_text {
        return Some(text.into());
    }
    let is_decimal =
        bytes.len() < 19 && bytes.iter().all(u8::is_ascii_digit) && (*first != b'0' || bytes.len() == 1);
    if is_decimal { text.parse::<u64>().ok().map(Scalar::from) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::source::Source;
    use proptest::prelude::*;

    /// Whether it was composed; both ways must come to the same.
    fn same(text: &str) -> bool {
        let composed = compose(text, 7);
        if let Some(composed) = &composed {
            let source = Source::new("x.yaml", format!("{}{text}", " ".repeat(7)));
            let read = Node::read(&source, 7, source.text.len());
            assert_eq!(Some(composed), read.as_ref().ok(), "{text:?}: {read:?}");
        }
        composed.is_some()
    }

    #[test]
    fn scalars_are_what_the_library_says_or_left_to_it() {
        let texts = [
            "a",
            "A b",
            "true",
            "True",
            "TRUE",
            "yes",
            "No",
            "on",
            "off",
            "y",
            "null",
            "Null",
            "~",
            "nan",
            "NaN",
            "inf",
            ".inf",
            "-.inf",
            "Infinity",
            "0",
            "00",
            "07",
            "7",
            "-7",
            "+7",
            "18446744073709551615",
            "999999999999999999",
            "123456789012345678901",
            "1.5",
            "-1.5",
            "1.",
            ".5",
            "1e5",
            "1E5",
            "1e999",
            "0x1F",
            "0X1f",
            "0o17",
            "0b11",
            "1_000",
            "12:30",
            "12:30:45",
            "2026-11-26",
            "2026-11-26T00:00:00Z",
            "0s",
            "30s",
            "1m",
            "1h",
            "10 MB",
            "1 KiB",
            "100 B",
            "100B",
            "10/s",
            "1000/s",
            "10%",
            "5f",
            "0xg",
            "0x",
            "1.2.3",
            "w5.waited_s < 60",
            "'1'",
            "\"1\"",
            "''",
            "\"\"",
            "'it''s'",
            "\"a\\n\\u00e9\"",
            "é",
            "É 1",
            "\u{a0}1",
            "\u{2003}1",
            "\u{feff}1",
            "１",
            "_",
            "_1",
            "<",
            "<<",
            "=",
            "?a",
            "*",
            "a: b",
            "- a",
            "[a, 1]",
            "{a: 1}",
            "[]",
            "{}",
            "|\n  a\n  b\n",
            ">-\n  a\n  b\n",
            "&x a",
            "!!str 1",
            "!t a",
            "a # comment",
            "@a",
            "`a`",
            "%a",
            "10deg",
            "1pi",
            "null a",
            "true a",
            "PT24H",
            "1e",
            "0e",
            "1f",
            "e5",
            "i64",
        ];
        let mut composed = 0;
        for text in texts {
            for document in [
                format!("{text}\n"),
                format!("k: {text}\n"),
                format!("- {text}\n"),
                format!("{text}: 1\n"),
                format!("k: [{text}, b]\n"),
            ] {
                composed += usize::from(same(&document));
            }
        }
        assert!(composed > 200, "{composed}");
    }

    #[test]
    fn structure_is_what_the_library_says_or_left_to_it() {
        for (text, simple) in [
            (
                "step: 5\nneeds: [4]\nactions:\n  - wait: {id: w5, for: 0s}\ncriteria:\n  - expect: w5.waited_s < 60\n",
                true,
            ),
            ("a: 1\nb: {c: 1, d: 2, c: 3}\na: 2\n", true),
            ("é: x\n'quoted key': x\n\"other\": x\n? z\n: w\n", true),
            ("# only a comment\na: b # and another\n\n\n", true),
            ("a:\n- b\n-\n  c: d\n  e: [f, [g]]\n", true),
            ("---\na: b\n", true),
            ("a: b\r\nc:\r\n  - d\r\n", true),
            ("a: b\n---\nc: d\n", false),
            ("a: &x b\nc: *x\n", false),
            ("a: {b: c}\n<<: {d: e}\n", false),
            ("1: a\n", false),
            ("[a, b]: c\n", false),
            ("a:\n", false),
            ("a: [1, 2\nb: 3\n", false),
            ("", false),
        ] {
            assert_eq!(same(text), simple, "{text:?}");
        }
        assert!(!same(&format!("{}{}", "[".repeat(40), "]".repeat(40))), "too deep to be sure");
    }

    #[test]
    fn the_files_of_plans_are_read_alike() {
        let mut seen = (0, 0);
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut folders = vec![root.join("plan"), root.join("steps"), root.join("tests/plans")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let Ok(text) = std::fs::read_to_string(&path) else { continue };
                let yaml = match path.extension().and_then(|e| e.to_str()) {
                    Some("yaml") => text.as_str(),
                    Some("md") => text.split("---\n").nth(1).unwrap_or_default(),
                    _ => continue,
                };
                seen.0 += 1;
                seen.1 += usize::from(same(yaml));
            }
        }
        assert!(seen.0 > 60 && seen.1 * 2 > seen.0, "{seen:?}");
    }

    proptest! {
        #[test]
        fn whatever_is_composed_is_what_the_library_says(
            text in "([a-z]{1,2}: |- |  |\\[|\\]|\\{|\\}|, |\n|'|\"|[0-9]{1,3}|[a-zA-Z]{1,4}|\\.|_|/|%|:|#|&|\\*|!|e|x|-|é| ){1,24}"
        ) {
            same(&text);
        }
    }
}
