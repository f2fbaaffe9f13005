//! The report as Markdown (GitHub's tables), from a template in which every value is escaped.

use super::{Error, Renderer, ReportModel, words};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, syntax::SyntaxConfig, value::Serde};
use std::io::Write;

/// Writes Markdown.
pub(super) struct Markdown;

impl Renderer for Markdown {
    fn name(&self) -> &'static str {
        "md"
    }

    fn extension(&self) -> &'static str {
        "md"
    }

    fn render(&self, model: &ReportModel, out: &mut dyn Write) -> Result<(), Error> {
        let text = render(model, include_str!("templates/report.md.j2"))?;
        out.write_all(text.as_bytes()).map_err(Error::Write)
    }
}

/// `template` with the names `r` (the model) and `t` (the words of its language).
fn render(model: &ReportModel, template: &str) -> Result<String, Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // A macro's output is then marked as escaped already.
    environment.set_auto_escape_callback(|_| AutoEscape::Custom("markdown".into()));
    environment.set_syntax(
        SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().map_err(Error::Template)?,
    );
    environment.set_formatter(|out, _, value| {
        let written = match value {
            value if value.is_undefined() => {
                return Err(minijinja::Error::from(minijinja::ErrorKind::UndefinedError));
            }
            value if value.is_none() => out.write_str("–"),
            value if value.is_safe() => out.write_str(value.as_str().unwrap_or_default()),
            value => out.write_str(&escaped(&value.to_string())),
        };
        written.map_err(minijinja::Error::from)
    });
    environment.add_filter("code", |text: String| Value::from_safe_string(code(&text)));
    environment.add_filter("cap", |text: String| capital(&text));
    environment.add_filter("fig", |figure: Value| match figure.get_attr("text") {
        Ok(text) if !text.is_undefined() => text,
        _ => Value::from("–"),
    });
    environment.add_filter("latency", latency);
    environment.add_filter("named", named);
    // The Mermaid source has escaped what it shows; it stands between fences.
    environment.add_filter("raw", |text: String| Value::from_safe_string(text));
    environment.add_filter("refs", refs);
    let words: serde_json::Map<String, serde_json::Value> =
        words::all(model.language).map(|(name, word)| (name.to_owned(), capital(word).into())).collect();
    let names = serde_json::json!({ "r": model, "t": words });
    environment
        .render_named_str("report.md.j2", template, Value::from(Serde(&names)))
        .map_err(Error::Template)
}

/// `text` with a capital at its beginning, as a sentence or a cell begins.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The figure of that name of a scenario, none where it has no such figure.
fn named(scenario: Value, name: String) -> Result<Value, minijinja::Error> {
    let mut figures = scenario.get_attr("figures")?.try_iter()?;
    let wanted = figures.find(|f| f.get_attr("name").is_ok_and(|n| n.as_str() == Some(&name)));
    wanted.map_or(Ok(Value::from(())), |f| f.get_attr("figure"))
}

/// The figure at that place of a scenario's first row of latencies, none where it has no such row.
fn latency(scenario: Value, at: usize) -> Result<Value, minijinja::Error> {
    match scenario.get_attr("latencies")?.try_iter()?.next() {
        Some(row) => row.get_attr("figures")?.get_item_by_index(at),
        None => Ok(Value::from(())),
    }
}

/// Names of references: of one, of a list, or of the one of a figure; nothing for none.
fn refs(value: Value) -> String {
    let one = |value: &Value| match value.get_attr("id") {
        Ok(id) if !id.is_undefined() => Some(id.to_string()),
        _ => None,
    };
    if value.is_none() || value.is_undefined() {
        return String::new();
    }
    if let Some(id) = one(&value) {
        return id;
    }
    if let Ok(inner) = value.get_attr("evidence")
        && !inner.is_undefined()
    {
        return refs(inner);
    }
    let ids = value.try_iter().map(|items| items.filter_map(|v| one(&v)).collect::<Vec<_>>());
    ids.unwrap_or_default().join(" ")
}

/// `text` as it reads, wherever in a line or a table's cell it stands: no markup, no HTML, no line end.
pub(super) fn escaped(text: &str) -> String {
    let chars: Vec<char> = crate::support::text::one_line(text).chars().collect();
    let mut out = String::with_capacity(text.len());
    for (at, c) in chars.iter().enumerate() {
        let between_letters = |neighbour: Option<&char>| neighbour.is_some_and(|n| n.is_alphanumeric());
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '|' | '[' | ']' | '~' => out.extend(['\\', *c]),
            // Within a word it is no markup, and topics and settings are full of it.
            '_' if at > 0 && between_letters(chars.get(at - 1)) && between_letters(chars.get(at + 1)) => {
                out.push('_');
            }
            '_' => out.push_str("\\_"),
            '#' | '+' | '-' | '=' if at == 0 && chars.get(1).is_none_or(|n| !n.is_ascii_digit()) => {
                out.extend(['\\', *c]);
            }
            '.' | ')'
                if at > 0
                    && chars[..at].iter().all(char::is_ascii_digit)
                    && chars.get(at + 1) == Some(&' ') =>
            {
                out.extend(['\\', *c]);
            }
            c => out.push(*c),
        }
    }
    out
}

/// `text` as code; a pipe is escaped because a table reads it first.
pub(super) fn code(text: &str) -> String {
    let text = crate::support::text::one_line(text).replace('|', "\\|");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.trim().is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulldown_cmark::{Event, Options, Parser};

    /// What a reader of the Markdown sees: its texts, and whether there is any markup besides.
    fn seen(markdown: &str) -> (String, bool) {
        let mut text = String::new();
        let mut markup = false;
        for event in Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
            match event {
                Event::Text(t) | Event::Code(t) => text.push_str(&t),
                Event::Start(tag) => {
                    markup |= !matches!(
                        tag,
                        pulldown_cmark::Tag::Table(_)
                            | pulldown_cmark::Tag::TableHead
                            | pulldown_cmark::Tag::TableRow
                            | pulldown_cmark::Tag::TableCell
                    );
                }
                Event::Html(_) | Event::InlineHtml(_) => markup = true,
                _ => {}
            }
        }
        (text, markup)
    }

    #[test]
    fn any_text_reads_as_itself_in_a_cell() {
        for text in [
            "<script>alert('x')</script>",
            "a | b || c",
            "`code` and ``more``",
            "*bold* _it_ __b__ ~~gone~~ perf_nominal_1",
            "[link](http://example.com) ![i](x) <http://example.com>",
            "back\\slash \\| pipe",
            "&amp; &lt; R&D",
            "# head",
            "- item",
            "1. item",
        ] {
            let (shown, markup) = seen(&format!("| h |\n| --- |\n| {} |\n", escaped(text)));
            assert_eq!(shown.strip_prefix('h'), Some(text));
            assert!(!markup, "{text}");
            let (shown, _) = seen(&format!("| h |\n| --- |\n| {} |\n", code(text)));
            if !text.contains("\\|") {
                assert_eq!(shown.strip_prefix('h'), Some(text));
            }
        }
    }

    #[test]
    fn any_text_stays_in_its_list_item() {
        for text in ["# head", "- item", "+ item", "1. item", "12) item", "=== x", "a\n\n# b", "> q", "--- "]
        {
            let inner = Parser::new(&format!("- {}\n", escaped(text)))
                .filter(|e| matches!(e, Event::Start(_)))
                .count();
            // The list and its item; a paragraph is not told in a tight list.
            assert_eq!(inner, 2, "{text}");
        }
    }
}
