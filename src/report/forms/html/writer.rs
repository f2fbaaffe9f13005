//! [`Writer`]: blocks of a document as HTML.

use crate::{
    report::{
        charts::Picture,
        document::{Align, Block, Cell, Document, Inline, Links, Mermaid, Row, Table, head},
        forms::{
            diagrams, svg, widths,
            xml::{self, escaped},
        },
        language::Word,
        model::{Figure, Reference},
    },
    support::text::cut,
};
use std::fmt::Write;

/// A table of so many columns has no room on a phone.
const MANY: usize = 5;
/// The width of the page as the widths of columns are shared out: about as many letters as a screen has.
const ROOM: u32 = 14_500;
/// A word of code that is longer may be broken anywhere.
const LONG: usize = 36;

pub(in crate::report) struct Writer<'a> {
    document: &'a Document,
    links: Links<'a>,
    out: String,
    tables: usize,
    pictures: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        Self { document, links: document.links(), out: String::new(), tables: 0, pictures: 0 }
    }

    /// What was written since the last time.
    pub(super) fn take(&mut self) -> String {
        std::mem::take(&mut self.out)
    }

    pub(super) fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            match block {
                Block::Callout(tone, content) => {
                    let content = self.inlines(content);
                    let _ = writeln!(
                        self.out,
                        "<p class=\"callout {}\" role=\"note\">{content}</p>",
                        tone.name()
                    );
                }
                Block::Code(text) => {
                    let _ = writeln!(self.out, "<pre><code>{}</code></pre>", escaped(text.trim_end()));
                }
                Block::Heading(heading) => {
                    let level = heading.level + 1;
                    let _ = write!(self.out, "<h{level}");
                    xml::attribute(&mut self.out, "id", &heading.anchor);
                    let _ = writeln!(self.out, ">{}</h{level}>", escaped(&heading.text));
                }
                Block::List(items) => {
                    self.out.push_str("<ul>\n");
                    for item in items {
                        let item = self.inlines(item);
                        let _ = writeln!(self.out, "<li>{item}</li>");
                    }
                    self.out.push_str("</ul>\n");
                }
                Block::Mermaid(mermaid) => self.mermaid(mermaid),
                Block::Notes(notes) => {
                    self.out.push_str("<ol class=\"notes\">\n");
                    for note in notes {
                        let note = self.inlines(note);
                        let _ = writeln!(self.out, "<li>{note}</li>");
                    }
                    self.out.push_str("</ol>\n");
                }
                Block::PageBreak => {}
                Block::Paragraph(content) => {
                    let content = self.inlines(content);
                    let _ = writeln!(self.out, "<p>{content}</p>");
                }
                Block::Picture(picture) => self.picture(picture, svg::WIDTH),
                Block::Pictures(pictures) => {
                    self.out.push_str("<div class=\"beside\">\n");
                    pictures.iter().for_each(|picture| self.picture(picture, svg::HALF));
                    self.out.push_str("</div>\n");
                }
                Block::Table(table) => self.table(table),
            }
        }
    }

    /// The diagram as it is drawn, or its source where it cannot be.
    fn mermaid(&mut self, mermaid: &Mermaid) {
        let caption = self.caption(&mermaid.caption);
        let source = escaped(mermaid.source.trim_end());
        let _ = match diagrams::draw(&mermaid.source, &format!("diagram-{}", self.pictures)) {
            Ok(drawn) => write!(
                self.out,
                "<figure>\n<div class=\"diagram\" role=\"img\" aria-label=\"{}\">{drawn}</div>\n\
                 <figcaption>{caption}</figcaption>\n<details><summary>Mermaid</summary>\n<pre><code>{source}</code></pre>\n\
                 </details>\n</figure>\n",
                escaped(&mermaid.description)
            ),
            Err(why) => write!(
                self.out,
                "<figure>\n<pre><code>{source}</code></pre>\n<figcaption>{caption} ({})</figcaption>\n</figure>\n",
                escaped(&why)
            ),
        };
    }

    /// The number of the next picture and what is seen on it.
    fn caption(&mut self, caption: &str) -> String {
        self.pictures += 1;
        let language = self.document.meta.language;
        let (word, colon) = (head(language, Word::Picture), language.colon());
        escaped(&format!("{word} {}{colon}{caption}", self.pictures))
    }

    fn picture(&mut self, picture: &Picture, width: f64) {
        let caption = self.caption(&picture.caption);
        let said = svg::Said {
            id: &format!("chart-{}", self.pictures),
            title: &picture.caption,
            description: &picture.description,
            language: self.document.meta.language,
            width,
        };
        let drawn = svg::draw(&picture.chart, &said);
        let mut evidence = String::new();
        for reference in &picture.evidence {
            let _ = write!(evidence, " {}", self.reference(reference));
        }
        let _ =
            write!(self.out, "<figure>\n{drawn}\n<figcaption>{caption}{evidence}</figcaption>\n</figure>\n");
    }

    fn table(&mut self, table: &Table) {
        self.tables += 1;
        let language = self.document.meta.language;
        let caption =
            format!("{} {}{}{}", head(language, Word::Table), self.tables, language.colon(), table.caption);
        let _ = write!(
            self.out,
            "<div class=\"scroll{}\" role=\"region\" tabindex=\"0\" aria-labelledby=\"table-{number}\">\n<table>\n\
             <caption id=\"table-{number}\">{}</caption>\n",
            match (table.wide, table.columns.len()) {
                (true, _) => " wide",
                (false, MANY..) => " many",
                _ => "",
            },
            escaped(&caption),
            number = self.tables,
        );
        self.out.push_str("<colgroup>");
        for width in widths::widths(table, ROOM) {
            let _ = write!(
                self.out,
                "<col style=\"width:{}.{}%\">",
                100 * width / ROOM,
                1000 * width / ROOM % 10
            );
        }
        self.out.push_str("</colgroup>\n");
        if table.has_heads() {
            self.out.push_str("<thead><tr>");
            for column in &table.columns {
                let class = class(column.align, None);
                let _ = write!(self.out, "<th scope=\"col\"{class}>{}</th>", escaped(&column.head));
            }
            self.out.push_str("</tr></thead>\n");
        }
        self.out.push_str("<tbody>\n");
        for Row { anchor, cells } in &table.rows {
            self.out.push_str("<tr");
            if let Some(anchor) = anchor {
                xml::attribute(&mut self.out, "id", anchor);
            }
            self.out.push('>');
            for (index, (Cell { content, tone }, column)) in cells.iter().zip(&table.columns).enumerate() {
                let class = class(column.align, tone.map(crate::report::charts::Tone::name));
                let content = self.inlines(content);
                // The first cell says what the row is about.
                let _ = match index {
                    0 => write!(self.out, "<th scope=\"row\"{class}>{content}</th>"),
                    _ => write!(self.out, "<td{class}>{content}</td>"),
                };
            }
            self.out.push_str("</tr>\n");
        }
        self.out.push_str("</tbody>\n</table>\n</div>\n");
    }

    fn inlines(&self, content: &[Inline]) -> String {
        let mut out = String::new();
        for piece in content {
            let _ = match piece {
                Inline::Code(text) if text.is_empty() => Ok(()),
                Inline::Code(text) => {
                    let is_long = text.split_whitespace().any(|word| word.chars().count() > LONG);
                    let class = if is_long { " class=\"long\"" } else { "" };
                    write!(out, "<code{class}>{}</code>", escaped(text))
                }
                Inline::Emphasis(text) => write!(out, "<em>{}</em>", escaped(text)),
                Inline::Figure(figure) => write!(out, "{}", self.figure(figure)),
                Inline::Link { text, url } => match is_web(url) {
                    true => {
                        write!(out, "<a href=\"{}\" rel=\"noreferrer\">{}</a>", escaped(url), escaped(text))
                    }
                    false => write!(out, "{}", escaped(text)),
                },
                Inline::Mark(number) => write!(out, "<sup>{number}</sup>"),
                Inline::Reference(reference) => write!(out, "{}", self.reference(reference)),
                Inline::Strong(text) => write!(out, "<strong>{}</strong>", escaped(text)),
                Inline::Text(text) => write!(out, "{}", escaped(text)),
                Inline::Verdict(text, _) => write!(out, "<strong>{}</strong>", escaped(text)),
            };
        }
        out
    }

    /// A value that leads to its row in the annex and tells its exact value.
    fn figure(&self, figure: &Figure) -> String {
        let text = escaped(&figure.text);
        let exact = match &figure.exact {
            serde_json::Value::Null => return text,
            serde_json::Value::String(exact) => cut(exact, 200),
            exact => exact.to_string(),
        };
        let unit = figure.unit.map(|u| format!(" {}", u.symbol())).unwrap_or_default();
        let mut title = format!("{exact}{unit}").trim_end().to_owned();
        if let Some(evidence) = &figure.evidence {
            let _ = write!(title, " · {}", told(evidence));
        }
        match figure.evidence.as_ref().filter(|e| self.links.to(&e.id).is_some()) {
            Some(evidence) => format!(
                "<a class=\"figure\" href=\"#{}\" title=\"{}\">{text}</a>",
                escaped(&evidence.id),
                escaped(&title)
            ),
            None => format!("<span class=\"figure\" title=\"{}\">{text}</span>", escaped(&title)),
        }
    }

    fn reference(&self, reference: &Reference) -> String {
        let (id, title) = (escaped(&reference.id), escaped(&told(reference)));
        match self.links.to(&reference.id) {
            Some(_) => format!("<a class=\"ref\" href=\"#{id}\" title=\"{title}\">[{id}]</a>"),
            None => format!("<span class=\"ref\" title=\"{title}\">[{id}]</span>"),
        }
    }
}

/// A place in the evidence in a few words.
fn told(reference: &Reference) -> String {
    match &reference.artifact {
        Some(artifact) => format!("{} {artifact}", reference.id),
        None => reference.id.clone(),
    }
}

/// Whether an address is one of the web or of mail: whatever else there is would be run, not opened.
fn is_web(url: &str) -> bool {
    ["https://", "http://", "mailto:"].iter().any(|scheme| url.starts_with(scheme))
}

/// ` class="…"`.
fn class(align: Align, tone: Option<&str>) -> String {
    let right = (align == Align::Right).then_some("n");
    let names: Vec<&str> = right.into_iter().chain(tone).collect();
    if names.is_empty() { String::new() } else { format!(" class=\"{}\"", names.join(" ")) }
}
