//! The report as one HTML file that refers to nothing outside of itself: style, charts and diagrams are in it, and a
//! policy forbids whatever a text might bring along.

mod writer;

use super::{
    Renderer, ReportError,
    templates::{self, Pieces, Templates},
    xml,
};
use crate::{
    report::{
        document::{Block, Document, head},
        language::Word,
        model::ReportModel,
    },
    support::text::cut,
};
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

    fn render(
        &self,
        _: &ReportModel,
        document: &Document,
        house: &Templates,
        out: &mut dyn Write,
    ) -> Result<(), ReportError> {
        let text = match &house.html {
            None => whole(document),
            Some(template) => {
                let mut pieces = pieces(document);
                let mut list = String::new();
                contents(&mut list, document);
                pieces.more = vec![("contents", list), ("style", include_str!("style.css").to_owned())];
                templates::arrange(template, document, pieces, xml::escaped)?
            }
        };
        out.write_all(text.as_bytes()).map_err(ReportError::Write)
    }
}

/// A document in full.
fn whole(document: &Document) -> String {
    let meta = &document.meta;
    let mut out = head_of(document);
    let _ = write!(
        out,
        "<a class=\"skip\" href=\"#content\">{}</a>\n<header>\n<h1>{}</h1>\n<p class=\"subtitle\">{}</p>\n</header>\n",
        xml::escaped(&head(meta.language, Word::Contents)),
        xml::escaped(&meta.title),
        xml::escaped(&meta.subtitle)
    );
    let pieces = pieces(document);
    out.push_str(&pieces.cover);
    contents(&mut out, document);
    out.push_str("<main id=\"content\">\n");
    pieces.sections.iter().for_each(|(_, text)| out.push_str(text));
    let _ = write!(
        out,
        "</main>\n<footer>{} · {}</footer>\n</body>\n</html>\n",
        xml::escaped(&meta.generator),
        xml::escaped(&meta.day)
    );
    out
}

/// Everything up to the beginning of the body.
fn head_of(document: &Document) -> String {
    let meta = &document.meta;
    let mut out = String::from("<!DOCTYPE html>\n<html");
    xml::attribute(&mut out, "lang", meta.language.code());
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
        ">\n<title>{} · {}</title>\n<style>\n{}</style>\n</head>\n<body>\n",
        xml::escaped(&cut(&meta.title, TITLE)),
        xml::escaped(&meta.subtitle),
        include_str!("style.css"),
    );
    out
}

/// What a template arranges.
fn pieces(document: &Document) -> Pieces {
    let mut writer = Writer::new(document);
    writer.blocks(&document.cover);
    let cover = writer.take();
    let mut sections = Vec::new();
    for section in &document.sections {
        let mut out = String::from("<section");
        xml::attribute(&mut out, "id", section.name);
        let heading = format!("<h2>{}</h2>", xml::escaped(&section.heading()));
        writer.blocks(&section.blocks);
        let blocks = writer.take();
        // Whoever follows a link into a folded annex finds it open.
        let _ = match section.number {
            Some(_) => write!(out, ">\n{heading}\n{blocks}</section>\n"),
            None => write!(
                out,
                ">\n<details class=\"annex\">\n<summary>{heading}</summary>\n{blocks}</details>\n</section>\n"
            ),
        };
        sections.push((section.name, out));
    }
    Pieces { cover, sections, more: Vec::new() }
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
            // An annex is looked up, not read.
            Block::Heading(heading) if heading.level == 2 && section.number.is_some() => Some(heading),
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
