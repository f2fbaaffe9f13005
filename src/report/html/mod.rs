//! The report as one HTML file that refers to nothing outside of itself: style, charts and diagrams are in it, and a
//! policy forbids whatever a text might bring along.

mod writer;

use super::{
    Error, Renderer, ReportModel,
    document::{Block, Document, head},
    words::Word,
    xml,
};
use crate::support::text::cut;
use std::{fmt::Write as _, io::Write};
use writer::Writer;

/// Writes HTML.
pub(super) struct Html;

/// Columns of a title in the contents and in the browser's tab.
const TITLE: usize = 110;

impl Renderer for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn extension(&self) -> &'static str {
        "html"
    }

    fn render(&self, model: &ReportModel, out: &mut dyn Write) -> Result<(), Error> {
        out.write_all(whole(&Document::of(model)).as_bytes()).map_err(Error::Write)
    }
}

/// A document in full.
fn whole(document: &Document) -> String {
    let meta = &document.meta;
    let language = meta.language;
    let mut out = String::from("<!DOCTYPE html>\n<html");
    xml::attribute(&mut out, "lang", language.code());
    out.push_str(">\n<head>\n<meta charset=\"utf-8\">\n");
    out.push_str(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n",
    );
    out.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    out.push_str("<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"generator\"");
    xml::attribute(&mut out, "content", &meta.generator);
    out.push_str(">\n<meta name=\"author\"");
    xml::attribute(&mut out, "content", &meta.authors.join(", "));
    let _ = write!(
        out,
        ">\n<title>{} · {}</title>\n<style>\n{}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#content\">{}</a>\n",
        xml::escaped(&cut(&meta.title, TITLE)),
        xml::escaped(&meta.subtitle),
        include_str!("style.css"),
        xml::escaped(&head(language, Word::Contents)),
    );
    let _ = write!(
        out,
        "<header>\n<h1>{}</h1>\n<p class=\"subtitle\">{}</p>\n</header>\n",
        xml::escaped(&meta.title),
        xml::escaped(&meta.subtitle)
    );
    let mut writer = Writer::new(document);
    writer.blocks(&document.cover);
    out.push_str(&writer.take());
    contents(&mut out, document);
    out.push_str("<main id=\"content\">\n");
    for section in &document.sections {
        out.push_str("<section");
        xml::attribute(&mut out, "id", section.name);
        let _ = write!(out, ">\n<h2>{}</h2>\n", xml::escaped(&section.heading()));
        writer.blocks(&section.blocks);
        out.push_str(&writer.take());
        out.push_str("</section>\n");
    }
    let _ = write!(
        out,
        "</main>\n<footer>{} · {}</footer>\n</body>\n</html>\n",
        xml::escaped(&meta.generator),
        xml::escaped(&meta.day)
    );
    out
}

/// The table of contents: sections and the headings below them.
fn contents(out: &mut String, document: &Document) {
    let word = xml::escaped(&head(document.meta.language, Word::Contents));
    let _ = write!(out, "<nav aria-labelledby=\"contents\">\n<h2 id=\"contents\">{word}</h2>\n<ol>\n");
    let link = |out: &mut String, anchor: &str, title: &str| {
        let _ =
            write!(out, "<li><a href=\"#{}\">{}</a>", xml::escaped(anchor), xml::escaped(&cut(title, TITLE)));
    };
    for section in &document.sections {
        link(out, section.name, &section.heading());
        let headings = section.blocks.iter().filter_map(|block| match block {
            Block::Heading(heading) if heading.level == 2 => Some(heading),
            _ => None,
        });
        let mut below = String::new();
        for heading in headings {
            link(&mut below, &heading.anchor, &heading.text);
            below.push_str("</li>\n");
        }
        if !below.is_empty() {
            let _ = write!(out, "\n<ol>\n{below}</ol>\n");
        }
        out.push_str("</li>\n");
    }
    out.push_str("</ol>\n</nav>\n");
}
