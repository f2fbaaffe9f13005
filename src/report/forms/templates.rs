//! Templates of a campaign: they arrange what is rendered and escaped already, and cannot change a figure.

use super::ReportError;
use crate::{
    report::document::Document,
    support::{files, jinja},
};
use minijinja::{AutoEscape, Value};
use std::collections::BTreeMap;

/// The templates that a campaign has of its own, by form.
#[derive(Debug, Clone, Default)]
pub struct Templates {
    /// Template of the Markdown form; absent where the campaign has none.
    pub markdown: Option<Template>,
    /// Template of the HTML form; absent where the campaign has none.
    pub html: Option<Template>,
    /// Has the styles, pages, headers and footers of the house for Word.
    pub docx: Option<Template>,
}

/// One template, with its path for messages.
#[derive(Debug, Clone)]
pub struct Template {
    /// Its path, for messages.
    pub path: String,
    /// Content of the template file.
    pub bytes: Vec<u8>,
}

/// What a template may arrange: texts that are rendered and escaped already.
pub(in crate::report) struct Pieces {
    /// What stands below the title.
    pub(super) cover: String,
    /// Each section with its heading, by name.
    pub(super) sections: Vec<(&'static str, String)>,
    /// Further pieces of the form.
    pub(super) more: Vec<(&'static str, String)>,
}

/// What a template may take: steps, and 64 bytes each of what it makes. Thousands of times what arranging needs.
const FUEL: u64 = 500_000;

/// The pieces arranged; `escape` makes any other value harmless.
pub(super) fn arrange(
    template: &Template,
    document: &Document,
    pieces: Pieces,
    escape: fn(&str) -> String,
) -> Result<String, ReportError> {
    let wrong = |line: Option<usize>, message: String| ReportError::Template {
        path: template.path.clone(),
        line,
        message,
    };
    let text = files::text(template.bytes.clone())
        .map_err(|no_text| wrong(Some(no_text.line()), no_text.why.to_string()))?;
    let text = &*text;
    let all: String = pieces.sections.iter().map(|(_, text)| text.as_str()).collect();
    // What there is may be written some times over.
    let mut environment = jinja::environment(FUEL + all.len() as u64 / 8);
    environment.set_auto_escape_callback(|_| AutoEscape::Custom("report".into()));
    environment.set_formatter(move |out, _, value| {
        let written = match value {
            value if value.is_undefined() => {
                return Err(minijinja::Error::from(minijinja::ErrorKind::UndefinedError));
            }
            value if value.is_none() => Ok(()),
            value if value.is_safe() => out.write_str(value.as_str().unwrap_or_default()),
            value => {
                jinja::fitting(value)?;
                out.write_str(&escape(&value.to_string()))
            }
        };
        written.map_err(minijinja::Error::from)
    });
    let names: Vec<&str> = pieces.sections.iter().map(|(name, _)| *name).collect();
    let safe = |(name, text): (&'static str, String)| (name.to_owned(), Value::from_safe_string(text));
    let sections: BTreeMap<String, Value> = pieces.sections.iter().cloned().map(safe).collect();
    let meta = &document.meta;
    let plain = [
        ("title", &meta.title),
        ("subtitle", &meta.subtitle),
        ("campaign", &meta.campaign),
        ("day", &meta.day),
        ("generator", &meta.generator),
    ];
    let mut context: BTreeMap<String, Value> =
        plain.map(|(name, text)| (name.to_owned(), Value::from(text.clone()))).into();
    context.insert("language".to_owned(), Value::from(meta.language.code()));
    context.insert("authors".to_owned(), Value::from(meta.authors.join(", ")));
    context.extend(pieces.more.into_iter().map(safe));
    context.extend([safe(("cover", pieces.cover)), safe(("all", all))]);
    context.insert("sections".to_owned(), Value::from(sections));
    let made = environment.template_from_named_str(&template.path, text).and_then(|t| t.render(context));
    let rendered = made.map_err(|error| {
        let known = match error.kind() {
            minijinja::ErrorKind::UndefinedError => format!(
                "; there are `title`, `subtitle`, `cover`, `all` (every section) and `sections.NAME` of: {}",
                names.join(", ")
            ),
            _ => String::new(),
        };
        let cause = match error.kind() {
            minijinja::ErrorKind::OutOfFuel => {
                format!("{}; a template arranges what there is", jinja::TOO_MUCH)
            }
            kind => error.detail().map_or_else(|| kind.to_string(), str::to_owned),
        };
        wrong(error.line(), format!("{cause}{known}"))
    })?;
    // The last line end of a template is no part of what it renders.
    let end = if text.ends_with('\n') && !rendered.ends_with('\n') { "\n" } else { "" };
    Ok(rendered + end)
}
