//! Secrets that stand in clear in the campaign's files: told without being shown.
//!
//! By key (`password`, `sasl.jaas.config`, `Authorization`) in the YAML, and by shape (`user:password@` in an address,
//! `password="…"`, `-Dx.trustStorePassword=…`) anywhere, comments and prose included.

use super::{
    markdown,
    source::{Problem, Source, Span},
    yaml::{Content, Node},
};
use crate::support::redact::{self, MASK};
use regex::bytes::Regex;
use std::{collections::BTreeMap, path::PathBuf, sync::LazyLock};

/// One secret in clear.
struct Found {
    /// The secret itself.
    span: Span,
    /// What holds it, for the message.
    holder: String,
    hint: &'static str,
}

const REFER: &str =
    "write where the secret is, and not the secret: `env:NAME`, `file:PATH` or `command:PROGRAM ARGS`";
const CONNECTOR: &str = "write `env:NAME`, `file:PATH` or `command:PROGRAM ARGS`, or let Connect read it: \
    `${file:/path/to/secrets.properties:key}`";
const ADDRESS: &str = "leave user and password out of the address: an endpoint of the environment has `user: NAME` and \
    `password: env:NAME`, and a request a header `Authorization: env:NAME`";
const ARGUMENT: &str = "give it to the program in a variable (`env: {NAME: env:NAME}`) or in a file: arguments are visible \
    to every user of the machine";
const PROSE: &str =
    "remove it, write `$NAME` instead, and change the secret: everyone who read the file knows it";

/// What every shape has a part of. Most files have none, and the shapes are then not even compiled.
const TRACES: [&str; 6] = ["assword", "ASSWORD", "asswd", "assphrase", "ecret", "uthorization"];

/// Shapes of secrets; the secret is the group that takes part. Of bytes: a secret ends at an ASCII character, and
/// letters of every alphabet would take long to compile.
static SHAPES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?x-u)
        [A-Za-z][A-Za-z0-9+.-]*://[^\s/:@"'<>]+:([^\s/@"'<>]+)@
        | (?i:password|passwd|passphrase|secret)\s*=\s*\\?"([^"\\]+)
        | (?i:password|passwd|passphrase)=([^\s"',;}&\\`)\]]+)
        | (?i:authorization)["']?\s*:\s*["']?(?i:basic|bearer)\s+([A-Za-z0-9._~+/=-]{4,})
        "#,
    )
    .ok()
});

/// Every secret in clear of a file, as problems.
pub(super) fn in_clear(source: &Source, tree: &Node, problems: &mut Vec<Problem>) {
    for found in find(source, Some(tree)) {
        let message = format!("{} holds a secret in clear", found.holder);
        problems.push(source.problem(found.span, "secret-in-clear", message).hint(found.hint));
    }
}

/// Problems whose messages and source lines show no secret.
pub(super) fn hide(problems: &mut [Problem]) {
    let mut files: BTreeMap<PathBuf, Vec<Span>> = BTreeMap::new();
    for problem in problems {
        let spans = files.entry(problem.source.path.clone()).or_insert_with(|| spans(&problem.source));
        if spans.is_empty() {
            continue;
        }
        for secret in
            spans.iter().filter_map(|span| problem.source.text.get(span.start..span.start + span.len))
        {
            let secret = secret.trim_matches(['"', '\'']);
            if secret.len() >= 3 {
                problem.message = problem.message.replace(secret, MASK);
                problem.hint = problem.hint.take().map(|hint| hint.replace(secret, MASK));
            }
        }
        (problem.source, problem.span) = masked(&problem.source, problem.span, spans);
    }
}

/// The source with masks in the place of secrets, and a place in it.
fn masked(source: &Source, place: Span, secrets: &[Span]) -> (Source, Span) {
    let mut text = String::with_capacity(source.text.len());
    let (mut from, mut moved) = (0, place);
    for secret in secrets {
        text.push_str(&source.text[from..secret.start]);
        let start = text.len();
        text.push_str(MASK);
        from = secret.start + secret.len;
        if place.start >= from {
            moved.start = start + MASK.len() + (place.start - from);
        } else if place.start + place.len > secret.start {
            // The place is the secret, lies in it, or reaches into it.
            moved.start = moved.start.min(start);
            moved.len = start + MASK.len() - moved.start;
        }
    }
    text.push_str(&source.text[from..]);
    (Source::new(source.path.clone(), text), moved)
}

/// Where secrets stand in a file, in order and apart, also where it is no YAML.
fn spans(source: &Source) -> Vec<Span> {
    let is_step = source.path.extension().is_some_and(|e| e == "md");
    let yaml = match markdown::split(source) {
        Ok(parts) if is_step => parts.front_matter,
        _ => 0..source.text.len(),
    };
    let tree = Node::parse(source, yaml.start, yaml.end).ok();
    let mut spans: Vec<Span> = find(source, tree.as_ref()).into_iter().map(|found| found.span).collect();
    if tree.is_none() {
        spans.extend(by_line(source));
    }
    spans.sort_by_key(|span| span.start);
    let mut apart: Vec<Span> = Vec::new();
    for span in spans {
        match apart.last_mut() {
            Some(last) if span.start < last.start + last.len => {
                last.len = last.len.max(span.start + span.len - last.start);
            }
            _ => apart.push(span),
        }
    }
    apart
}

/// In a file that is no YAML: the rest of each line behind a key that names a secret.
fn by_line(source: &Source) -> Vec<Span> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in source.text.split_inclusive('\n') {
        if let Some((key, value)) = line.split_once(':') {
            let key = key.trim().trim_start_matches("- ").trim_matches(['"', '\'', '{', ' ']);
            let shown = value.trim();
            if redact::is_secret_key(key) && is_clear(shown.trim_matches(['"', '\''])) {
                let at = start + line.len() - value.len() + (value.len() - value.trim_start().len());
                found.push(Span { start: at, len: shown.len() });
            }
        }
        start += line.len();
    }
    found
}

fn find(source: &Source, tree: Option<&Node>) -> Vec<Found> {
    let mut found = Vec::new();
    if let Some(tree) = tree {
        by_key(source, tree, &mut Vec::new(), &mut found);
    }
    for (span, secret, in_address) in shapes(&source.text) {
        let known = found.iter().any(|f: &Found| {
            f.span.start <= span.start && span.start + span.len <= f.span.start + f.span.len
        });
        if known || !is_clear(secret) {
            continue;
        }
        let (inside, argument) = tree.map_or((false, false), |tree| scalar_at(tree, span.start, false));
        let (holder, hint) = match (in_address, inside) {
            (true, true) => ("this address", ADDRESS),
            (true, false) => ("an address in the text", PROSE),
            (false, true) if argument => ("this argument", ARGUMENT),
            (false, true) => ("this value", REFER),
            (false, false) => ("the text", PROSE),
        };
        found.push(Found { span, holder: holder.to_owned(), hint });
    }
    found
}

/// Whether a scalar stands at that place, and whether it is a word of a command line.
fn scalar_at(node: &Node, place: usize, in_command: bool) -> (bool, bool) {
    let inside = |node: &Node| node.span.start <= place && place < node.span.start + node.span.len.max(1);
    match &node.content {
        Content::Scalar(_) => (inside(node), in_command),
        Content::List(items) => items
            .iter()
            .map(|item| scalar_at(item, place, in_command))
            .find(|(found, _)| *found)
            .unwrap_or_default(),
        Content::Map(entries) => entries
            .iter()
            .map(|(key, value)| {
                let words = ["argv", "args", "inject", "undo", "confirm", "commands"];
                scalar_at(value, place, in_command || words.contains(&key.text.as_str()))
            })
            .find(|(found, _)| *found)
            .unwrap_or_default(),
    }
}

fn by_key<'n>(source: &Source, node: &'n Node, path: &mut Vec<&'n str>, found: &mut Vec<Found>) {
    match &node.content {
        Content::Scalar(_) => {}
        Content::List(items) => items.iter().for_each(|item| by_key(source, item, path, found)),
        Content::Map(entries) => {
            for (key, value) in entries {
                // What is captured is named there and not written down.
                if key.text == "capture" {
                    continue;
                }
                if redact::is_secret_key(&key.text) && matches!(value.content, Content::Scalar(_)) {
                    let written = source.text.get(value.span.start..value.span.start + value.span.len);
                    let text = written.unwrap_or_default().trim_matches(['"', '\'']);
                    let is_jaas = key.text.to_lowercase().ends_with("sasl.jaas.config");
                    let secret = match is_jaas {
                        true => holds_password(value.as_str().unwrap_or_default()),
                        false => is_clear(text) && !value.content.is_flag_or_nothing(),
                    };
                    if secret {
                        let hint = if path.contains(&"connector") { CONNECTOR } else { REFER };
                        found.push(Found { span: value.span, holder: format!("`{}`", key.text), hint });
                    }
                    continue;
                }
                path.push(&key.text);
                by_key(source, value, path, found);
                path.pop();
            }
        }
    }
}

/// Whether a log-in configuration has a password in it, and not the place of one.
fn holds_password(jaas: &str) -> bool {
    if redact::is_reference(jaas) {
        return false;
    }
    shapes(jaas).iter().any(|(_, secret, _)| is_clear(secret))
}

/// The secrets of a text by their shapes, each with whether it stands in an address.
fn shapes(text: &str) -> Vec<(Span, &str, bool)> {
    let has_trace =
        (text.contains("://") && text.contains('@')) || TRACES.iter().any(|trace| text.contains(trace));
    let Some(shapes) = SHAPES.as_ref().filter(|_| has_trace) else { return Vec::new() };
    shapes
        .captures_iter(text.as_bytes())
        .filter_map(|shape| {
            let secret = shape.iter().skip(1).flatten().next()?;
            let span = Span { start: secret.start(), len: secret.len() };
            Some((span, text.get(secret.range())?, shape.get(1).is_some()))
        })
        .collect()
}

/// Whether a text is the secret itself: no reference, no expression, no placeholder of Connect or of a reader.
fn is_clear(text: &str) -> bool {
    let text = text.trim();
    let word = text.split_once(' ').map_or(text, |(scheme, rest)| match scheme.to_lowercase().as_str() {
        "basic" | "bearer" => rest.trim(),
        _ => text,
    });
    // An expression that is nothing but a text in quotes is that text.
    if word.strip_prefix("{{").is_some_and(|inner| inner.trim_start().starts_with(['"', '\''])) {
        return true;
    }
    let placeholder =
        word.starts_with(['$', '<', '{', '*', '…', '%']) || word.chars().all(|c| c == '.' || c == 'x');
    !word.is_empty()
        && !placeholder
        && !redact::is_reference(word)
        && !["|", ">", "|-", ">-", "null", "~"].contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let source = Source::new("plan/x.yaml", text);
        let tree = Node::parse(&source, 0, text.len()).unwrap();
        let at = |f: Found| text[f.span.start..f.span.start + f.span.len].to_owned();
        find(&source, Some(&tree)).into_iter().map(at).collect()
    }

    #[test]
    fn secrets_are_found_where_they_stand() {
        for (text, secrets) in [
            ("password: hunter2", vec!["hunter2"]),
            ("password: 'hun ter2'", vec!["'hun ter2'"]),
            ("password: 123456", vec!["123456"]),
            ("password: '{{ \"hunter2\" }}'", vec!["'{{ \"hunter2\" }}'"]),
            ("headers: {Authorization: Basic YTpiOmM=}", vec!["Basic YTpiOmM="]),
            ("url: http://bob:hunter2@host:1/x", vec!["hunter2"]),
            ("# was http://bob:hunter2@host\nurl: http://host", vec!["hunter2"]),
            ("argv: [java, -Djavax.net.ssl.trustStorePassword=changeit]", vec!["changeit"]),
            ("a: 'x required username=\"u\" password=\"p4ss\";'", vec!["p4ss"]),
            (
                "sasl.jaas.config: 'x required username=\"u\" password=\"p4ss\";'",
                vec!["'x required username=\"u\" password=\"p4ss\";'"],
            ),
        ] {
            assert_eq!(found(text), secrets, "{text}");
        }
    }

    #[test]
    fn what_only_says_where_a_secret_is_may_be_read() {
        for text in [
            "password: env:NAME",
            "password: '{{ vars.password_file }}'",
            "password: ${file:/etc/secrets:key}",
            "password:",
            "ssl.key.password: ''",
            "headers: {Authorization: env:TOKEN}",
            "headers: {Authorization: 'Bearer ${TOKEN}'}",
            "sasl.jaas.config: env:JAAS",
            "sasl.jaas.config: 'x required username=\"u\" password=\"${file:/etc/secrets:key}\";'",
            "sasl.jaas.config: com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true keyTab=\"/k\";",
            "capture: {token: /access_token}",
            "url: http://host:8083/x@y",
            "# curl -u $USER:$PASSWORD, password=$PASSWORD, password=…, password=<secret>\na: 1",
            "must_have_password: true",
        ] {
            assert_eq!(found(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn a_place_moves_with_the_masks() {
        let text = "password: hunter2\nurl: http://bob:hunter2@host # here\n";
        let source = Source::new("plan/x.yaml", text);
        let here = Span { start: text.find("here").unwrap(), len: 4 };
        let mut problems = vec![source.problem(here, "x", "`hunter2` and more")];
        hide(&mut problems);
        let shown = &problems[0];
        assert_eq!(&*shown.source.text, "password: ***\nurl: http://bob:***@host # here\n");
        assert_eq!(&shown.source.text[shown.span.start..shown.span.start + shown.span.len], "here");
        assert_eq!(shown.message, "`***` and more");
    }

    #[test]
    fn a_file_that_is_no_yaml_shows_no_secret_either() {
        let text = "a: [\n  password: hun,ter2\nurl: http://bob:hunter2@host\n";
        let source = Source::new("plan/x.yaml", text);
        let mut problems = vec![source.problem(Span { start: 0, len: 1 }, "yaml", "no YAML")];
        hide(&mut problems);
        assert!(!problems[0].source.text.contains("ter2"), "{}", problems[0].source.text);
    }
}
