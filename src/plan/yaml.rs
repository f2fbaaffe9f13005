//! [`Node`]: YAML with the place of every key and value, so that a mistake found late still has its line.
//!
//! The parser refuses what is no YAML. Repeated keys are kept, and reported with all other problems.

use super::source::{Problem, Source, Span};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_json::{Number, Value};
use serde_yaml::Spanned;
use std::{collections::BTreeMap, fmt};

/// How many values a file may have; a step has some hundreds.
const MOST: usize = 50_000;

/// How deep values may stand in each other; a step comes to ten. A thread has 2 MiB of stack, and in a build without
/// optimisation the parser takes 32 KiB of it for each level.
const DEEPEST: usize = 32;

/// How many values the aliases of one file (`*name`) may come to: a few of them within each other come to millions.
const ALIASED: usize = 10_000;

/// One YAML value and where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its place in the source file.
    pub span: Span,
    /// Value itself, aliases expanded.
    pub content: Content,
}

/// The content of a [`Node`]: a value, a list or a map.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A single value.
    Scalar(Scalar),
    /// Sequence, in the order of the file.
    List(Vec<Node>),
    /// Keys and values in the order of the file, repeated keys included.
    Map(Vec<(Key, Node)>),
}

/// What has no parts; it takes a third of the room of a JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    /// `null`, or nothing behind the key.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Integer or finite decimal number.
    Number(Number),
    /// A text, quoted or plain.
    String(String),
}

impl From<&str> for Scalar {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Scalar {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<u64> for Scalar {
    fn from(number: u64) -> Self {
        Self::Number(number.into())
    }
}

impl From<&Scalar> for Value {
    fn from(scalar: &Scalar) -> Self {
        match scalar {
            Scalar::Null => Self::Null,
            Scalar::Bool(flag) => Self::Bool(*flag),
            Scalar::Number(number) => Self::Number(number.clone()),
            Scalar::String(text) => Self::String(text.clone()),
        }
    }
}

/// A key of a map and where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// Text of the key, without quotes.
    pub text: String,
    /// Place of the key in the file.
    pub span: Span,
}

impl Content {
    /// Whether it is yes, no or nothing.
    pub fn is_flag_or_nothing(&self) -> bool {
        matches!(self, Self::Scalar(Scalar::Null | Scalar::Bool(_)))
    }
}

/// As [`Node::to_json`], where no key is repeated.
impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.content {
            Content::Scalar(Scalar::Null) => serializer.serialize_unit(),
            Content::Scalar(Scalar::Bool(flag)) => serializer.serialize_bool(*flag),
            Content::Scalar(Scalar::Number(number)) => number.serialize(serializer),
            Content::Scalar(Scalar::String(text)) => serializer.serialize_str(text),
            Content::List(items) => serializer.collect_seq(items),
            Content::Map(entries) => {
                serializer.collect_map(entries.iter().map(|(key, value)| (&key.text, value)))
            }
        }
    }
}

impl Node {
    /// Parses `source.text[from..to]`; places are those in the whole file.
    #[expect(clippy::result_large_err, reason = "a mistake ends the reading of a file; it is made once")]
    pub fn parse(source: &Source, from: usize, to: usize) -> Result<Self, Problem> {
        let text = &source.text[from..to];
        if text.trim().is_empty() {
            return Ok(Self { span: Span { start: from, len: 0 }, content: Content::Map(Vec::new()) });
        }
        let options = serde_yaml::options! {
            duplicate_keys: serde_yaml::DuplicateKeyPolicy::LastWins,
            strict_booleans: true,
            non_finite_float_policy: serde_yaml::NonFiniteFloatPolicy::AsString,
            budget: serde_yaml::budget! { max_nodes: MOST, max_depth: DEEPEST },
            alias_limits: serde_yaml::alias_limits! { max_total_replayed_events: ALIASED },
        };
        let raw: Spanned<Raw> = serde_yaml::from_str_with_options(text, options).map_err(|error| {
            let location = error.location();
            let start = location
                .and_then(|l| l.span().byte_offset())
                .and_then(|o| usize::try_from(o).ok())
                .filter(|o| *o <= text.len())
                .unwrap_or_else(|| location.map_or(0, |l| offset_of(text, l.line(), l.column())));
            source
                .problem(
                    Span { start: from + start, len: 1 },
                    "yaml",
                    too_large(&error).unwrap_or_else(|| {
                        format!(
                            "this is not YAML: {}",
                            without_place(first_line(&error.without_snippet().to_string()))
                        )
                    }),
                )
                .hint(match too_large(&error) {
                    Some(_) => "split the file, or write values out",
                    None => "check indentation, quotes and brackets around this place",
                })
        })?;
        let mut node = Self::from(raw);
        node.move_by(from);
        Ok(node)
    }

    /// Moves every place in it that many bytes on.
    fn move_by(&mut self, bytes: usize) {
        self.span.start += bytes;
        match &mut self.content {
            Content::Scalar(_) => {}
            Content::List(items) => items.iter_mut().for_each(|item| item.move_by(bytes)),
            Content::Map(entries) => {
                for (key, value) in entries {
                    key.span.start += bytes;
                    value.move_by(bytes);
                }
            }
        }
    }

    /// The value of a key; of repeated keys the first.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(k, _)| k.text == key).map(|(_, v)| v)
    }

    /// Keys and values; none where it is no map.
    pub fn entries(&self) -> &[(Key, Self)] {
        match &self.content {
            Content::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The text, where it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(Scalar::String(text)) => Some(text),
            _ => None,
        }
    }

    /// As JSON; of repeated keys the first.
    pub fn to_json(&self) -> Value {
        match &self.content {
            Content::Scalar(value) => value.into(),
            Content::List(items) => items.iter().map(Self::to_json).collect(),
            Content::Map(entries) => {
                let mut map = serde_json::Map::new();
                for (key, value) in entries {
                    map.entry(&key.text).or_insert_with(|| value.to_json());
                }
                Value::Object(map)
            }
        }
    }

    /// The place that a path of keys and indices leads to, or of the deepest part of it that exists.
    /// A last part that is a key gives the key's place when `key` is set.
    pub fn locate(&self, path: &[String], unknown_key: Option<&str>) -> Span {
        let mut node = self;
        for part in path {
            let next = match &node.content {
                Content::Map(entries) => entries.iter().find(|(k, _)| k.text == *part).map(|(_, v)| v),
                Content::List(items) => index(part).and_then(|i| items.get(i)),
                Content::Scalar(_) => None,
            };
            match next {
                Some(next) => node = next,
                None => break,
            }
        }
        unknown_key
            .and_then(|key| node.entries().iter().find(|(k, _)| k.text == key))
            .map_or(node.span, |(k, _)| k.span)
    }

    /// The value that a path of keys and indices leads to.
    pub fn find(&self, path: &[String]) -> Option<&Self> {
        path.iter().try_fold(self, |node, part| match &node.content {
            Content::Map(_) => node.get(part),
            Content::List(items) => index(part).and_then(|index| items.get(index)),
            Content::Scalar(_) => None,
        })
    }

    /// Every duplicate key in a map of this tree.
    pub fn repeated_keys(&self, source: &Source, problems: &mut Vec<Problem>) {
        match &self.content {
            Content::Scalar(_) => {}
            Content::List(items) => items.iter().for_each(|item| item.repeated_keys(source, problems)),
            Content::Map(entries) => {
                let mut first: BTreeMap<&str, Span> = BTreeMap::new();
                for (key, value) in entries {
                    if let Some(first) = first.get(&*key.text) {
                        let (line, _) = source.line_column(first.start);
                        problems.push(
                            source
                                .problem(key.span, "repeated-key", format!("duplicate key `{}`", key.text))
                                .hint(format!("the first one is on line {line}; remove one of the two")),
                        );
                    }
                    first.entry(&key.text).or_insert(key.span);
                    value.repeated_keys(source, problems);
                }
            }
        }
    }

    /// Keys that are not among `known`.
    pub fn unknown_keys(&self, source: &Source, known: &[&str], problems: &mut Vec<Problem>) {
        for (key, _) in self.entries().iter().filter(|(k, _)| !known.contains(&k.text.as_str())) {
            problems.push(unknown_key(source, key.span, &key.text, known));
        }
    }
}

/// The place in a list that a part of a path names: `2`, or `[2]` as serde has it.
pub(super) fn index(part: &str) -> Option<usize> {
    part.strip_prefix('[').and_then(|part| part.strip_suffix(']')).unwrap_or(part).parse().ok()
}

/// The problem of a key that is not among `known`, with the nearest of them.
pub fn unknown_key(source: &Source, span: Span, key: &str, known: &[&str]) -> Problem {
    let near = crate::support::text::did_you_mean(key, known.iter().copied());
    source.problem(span, "unknown-key", format!("unknown key `{key}` here")).hint(match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known keys: {}", known.join(", ")),
    })
}

/// What is said of a file that would take too much, where that is what is wrong.
fn too_large(error: &serde_yaml::Error) -> Option<String> {
    use serde_yaml::Error;
    match error {
        Error::WithSnippet { error, .. } | Error::AliasError { error, .. } => too_large(error),
        Error::AliasReplayLimitExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => {
            Some(format!("the aliases of this file (`*name`) come to more than {ALIASED} values"))
        }
        Error::Budget { .. } => {
            Some(format!("this file has more than {MOST} values, or values too deep in each other"))
        }
        // The parser itself goes no deeper.
        error if error.without_snippet().to_string().contains("recursion limit") => {
            Some("this file has values too deep in each other".to_owned())
        }
        _ => None,
    }
}

/// The parser counts lines from the beginning of the front matter; the place is shown anyway.
fn without_place(text: &str) -> &str {
    text.split(" at line ").next().unwrap_or(text)
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or(text)
}

fn offset_of(text: &str, line: u64, column: u64) -> usize {
    let (line, column) = (usize::try_from(line).unwrap_or(1), usize::try_from(column).unwrap_or(1));
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let in_line = text[start..].char_indices().nth(column.saturating_sub(1)).map_or(0, |(i, _)| i);
    (start + in_line).min(text.len())
}

/// What the parser gives; its places are not yet moved to where the text stands in its file.
struct Raw(Content);

impl From<Spanned<Raw>> for Node {
    fn from(raw: Spanned<Raw>) -> Self {
        Self { span: place_of(&raw), content: raw.value.0 }
    }
}

fn place_of<T>(spanned: &Spanned<T>) -> Span {
    let span = spanned.referenced.span();
    let number = |n: Option<u64>| n.and_then(|n| usize::try_from(n).ok());
    Span { start: number(span.byte_offset()).unwrap_or(0), len: number(span.byte_len()).unwrap_or(1).max(1) }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_bool<E>(self, v: bool) -> Result<Raw, E> {
        Ok(Raw(Content::Scalar(Scalar::Bool(v))))
    }

    fn visit_i64<E>(self, v: i64) -> Result<Raw, E> {
        Ok(Raw(Content::Scalar(Scalar::Number(v.into()))))
    }

    fn visit_u64<E>(self, v: u64) -> Result<Raw, E> {
        Ok(Raw(Content::Scalar(v.into())))
    }

    fn visit_f64<E>(self, v: f64) -> Result<Raw, E> {
        // No JSON has what is no number.
        Ok(Raw(Content::Scalar(Number::from_f64(v).map_or(Scalar::Null, Scalar::Number))))
    }

    fn visit_str<E>(self, v: &str) -> Result<Raw, E> {
        Ok(Raw(Content::Scalar(v.into())))
    }

    fn visit_string<E>(self, v: String) -> Result<Raw, E> {
        Ok(Raw(Content::Scalar(v.into())))
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw(Content::Scalar(Scalar::Null)))
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw(Content::Scalar(Scalar::Null)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element::<Spanned<Raw>>()? {
            items.push(item.into());
        }
        Ok(Raw(Content::List(items)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<Spanned<String>, Spanned<Raw>>()? {
            entries.push((Key { span: place_of(&key), text: key.value }, value.into()));
        }
        Ok(Raw(Content::Map(entries)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (Source, Node) {
        let source = Source::new("x.yaml", text);
        let node = Node::parse(&source, 0, text.len()).unwrap();
        (source, node)
    }

    fn at(source: &Source, span: Span) -> &str {
        &source.text[span.start..span.start + span.len]
    }

    #[test]
    fn every_key_and_value_knows_its_place() {
        let (source, node) = parse("é: 1\nactions:\n  - produce:\n      recrods: 10\n      p: {acks: all}\n");
        let path = ["actions", "0", "produce"].map(str::to_owned);
        assert_eq!(at(&source, node.locate(&path, Some("recrods"))), "recrods");
        let deep = ["actions", "0", "produce", "p", "acks"].map(str::to_owned);
        assert_eq!(at(&source, node.locate(&deep, None)), "all");
        assert_eq!(source.line_column(node.locate(&path, Some("recrods")).start), (4, 7));
        assert_eq!(node.to_json()["actions"][0]["produce"]["recrods"], 10);
    }

    #[test]
    fn a_repeated_key_is_found_at_any_depth() {
        let (source, node) = parse("a: 1\nb: {c: 1, d: 2, c: 3}\na: 2\n");
        let mut problems = Vec::new();
        node.repeated_keys(&source, &mut problems);
        let found: Vec<_> = problems.iter().map(|p| source.line_column(p.span.start)).collect();
        assert_eq!(found, [(2, 17), (3, 1)]);
    }

    #[test]
    fn a_file_that_would_take_too_much_is_refused_at_once() {
        let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for (name, of) in ["b", "c", "d", "e", "f", "g"].iter().zip(["a", "b", "c", "d", "e", "f"]) {
            bomb += &format!("{name}: &{name} [{}]\n", vec![format!("*{of}"); 10].join(", "));
        }
        let long = format!("a: &a '{}'\nb: [{}]\n", "x".repeat(100_000), vec!["*a"; 9000].join(", "));
        for (text, says) in [
            (bomb, "the aliases of this file"),
            (long, "more than 50000 values"),
            (format!("needs: [{}]", "1, ".repeat(60_000)), "more than 50000 values"),
            ("{a: ".repeat(5000), "too deep"),
        ] {
            let begun = std::time::Instant::now();
            let source = Source::new("x.yaml", text.as_str());
            let problem = Node::parse(&source, 0, text.len()).unwrap_err();
            assert!(problem.message.contains(says), "{}", problem.message);
            assert!(begun.elapsed().as_secs() < 30, "{says}: {:?}", begun.elapsed());
        }
        let aliases = "a: &a {x: 1, y: [1, 2]}\nb: {<<: *a, z: 3}\nc: [*a, *a]\n";
        let (_, node) = parse(aliases);
        assert_eq!(node.to_json()["b"]["x"], 1);
    }

    #[test]
    fn what_is_no_yaml_has_its_place() {
        let text = "ok: 1\nbad: [1, 2\nnext: 3\n";
        let source = Source::new("x.yaml", text);
        let problem = Node::parse(&source, 0, text.len()).unwrap_err();
        assert!(source.line_column(problem.span.start).0 >= 2, "{problem:?}");
    }
}
