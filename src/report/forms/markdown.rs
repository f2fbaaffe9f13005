//! The report as Markdown (GitHub's tables); every text is escaped.

use super::{
    Renderer, ReportError,
    templates::{self, Pieces, Templates},
};
use crate::report::{
    charts::Picture,
    document::{Align, Block, Document, Inline, Links, Row, Section, Table, Target, head},
    language::Word,
    model::{Reference, ReportModel},
};
use std::{fmt::Write as _, io::Write};

/// Writes Markdown.
pub(in crate::report) struct Markdown;

impl Renderer for Markdown {
    fn name(&self) -> &'static str {
        "md"
    }

    fn extension(&self) -> &'static str {
        "md"
    }

    fn is_split(&self, house: &Templates) -> bool {
        // A template arranges both parts in one file.
        house.markdown.is_none()
    }

    fn render(
        &self,
        _: &ReportModel,
        document: &Document,
        house: &Templates,
        out: &mut dyn Write,
    ) -> Result<(), ReportError> {
        let text = match &house.markdown {
            None => whole(document),
            Some(template) => templates::arrange(template, document, pieces(document), escaped)?,
        };
        out.write_all(text.as_bytes()).map_err(ReportError::Write)
    }
}

/// A document in full.
fn whole(document: &Document) -> String {
    let mut writer = Writer::new(document);
    let _ =
        write!(writer.out, "# {}\n\n{}\n\n", escaped(&document.meta.title), escaped(&document.meta.subtitle));
    writer.blocks(&document.cover);
    document.sections.iter().for_each(|section| writer.section(section));
    let trimmed = writer.out.trim_end().len();
    writer.out.truncate(trimmed);
    writer.out.push('\n');
    writer.out
}

/// What a template arranges.
fn pieces(document: &Document) -> Pieces {
    let mut writer = Writer::new(document);
    writer.blocks(&document.cover);
    let cover = std::mem::take(&mut writer.out);
    let mut sections = Vec::new();
    for section in &document.sections {
        writer.section(section);
        sections.push((section.name, std::mem::take(&mut writer.out)));
    }
    Pieces { cover, sections, more: Vec::new() }
}

struct Writer<'a> {
    document: &'a Document,
    links: Links<'a>,
    out: String,
    pictures: usize,
}

impl<'a> Writer<'a> {
    fn new(document: &'a Document) -> Self {
        Self { document, links: document.links(), out: String::new(), pictures: 0 }
    }

    fn section(&mut self, section: &Section) {
        let _ = writeln!(self.out, "{}\n", anchor(section.name));
        // The number is followed by a dot and a blank: escaped it would be no number.
        let title = escaped(&section.title);
        let _ = match section.number {
            Some(number) => write!(self.out, "## {number}. {title}\n\n"),
            None => write!(self.out, "## {title}\n\n"),
        };
        self.blocks(&section.blocks);
    }

    /// Every block with an empty line behind it.
    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            match block {
                Block::Callout(_, content) => {
                    let content = self.inlines(content);
                    let _ = writeln!(self.out, "> {content}");
                }
                Block::Code(text) => {
                    let fence = "`".repeat(longest_run(text).max(2) + 1);
                    let _ = writeln!(self.out, "{fence}\n{}\n{fence}", text.trim_end());
                }
                Block::Heading(heading) => {
                    let marks = "#".repeat(usize::from(heading.level) + 1);
                    let (anchor, text) = (anchor(&heading.anchor), escaped(&heading.text));
                    let _ = writeln!(self.out, "{marks} {anchor}{text}");
                }
                Block::List(items) => {
                    for item in items {
                        let item = self.inlines(item);
                        let _ = writeln!(self.out, "- {item}");
                    }
                }
                // The source has escaped what it shows; it stands between fences.
                Block::Mermaid(mermaid) => {
                    let _ = writeln!(self.out, "```mermaid\n{}\n```", mermaid.source.trim_end());
                }
                Block::Notes(notes) => {
                    for (at, note) in notes.iter().enumerate() {
                        let note = self.inlines(note);
                        let _ = writeln!(self.out, "{}. {note}", at + 1);
                    }
                }
                Block::PageBreak => continue,
                Block::Paragraph(content) => {
                    let content = self.inlines(content);
                    let _ = writeln!(self.out, "{content}");
                }
                Block::Picture(picture) => self.picture(picture),
                Block::Pictures(pictures) => {
                    for (at, picture) in pictures.iter().enumerate() {
                        if at > 0 {
                            self.out.push('\n');
                        }
                        self.picture(picture);
                    }
                }
                Block::Table(table) => self.table(table),
            }
            self.out.push('\n');
        }
    }

    /// A chart in words: Markdown draws none.
    fn picture(&mut self, picture: &Picture) {
        self.pictures += 1;
        let language = self.document.meta.language;
        let (word, colon) = (head(language, Word::Picture), language.colon());
        let _ = write!(
            self.out,
            "*{word} {}{colon}{}.* {}",
            self.pictures,
            escaped(&picture.caption),
            escaped(&picture.description)
        );
        if !picture.evidence.is_empty() {
            let ids: Vec<String> = picture.evidence.iter().map(|e| self.reference(e)).collect();
            let _ = write!(self.out, " {}", ids.join(" "));
        }
        self.out.push('\n');
    }

    fn table(&mut self, table: &Table) {
        let head =
            |head: &str| if head.is_empty() { " |".to_owned() } else { format!(" {} |", escaped(head)) };
        let heads: String = table.columns.iter().map(|c| head(&c.head)).collect();
        let rules: Vec<&str> = table
            .columns
            .iter()
            .map(|c| match c.align {
                Align::Left => " --- |",
                Align::Right => " ---: |",
            })
            .collect();
        let _ = writeln!(self.out, "|{heads}\n|{}", rules.concat());
        for Row { cells, anchor: name } in &table.rows {
            self.out.push('|');
            for (at, cell) in cells.iter().enumerate() {
                let name = name.as_deref().filter(|_| at == 0).map(anchor).unwrap_or_default();
                let content = self.inlines(&cell.content);
                let _ = write!(self.out, " {name}{content} |");
            }
            self.out.push('\n');
        }
    }

    /// A place in the evidence, as a link where it leads somewhere.
    fn reference(&self, reference: &Reference) -> String {
        let id = &reference.id;
        match self.links.to(id) {
            Some(Target::Here) => format!("[{id}](#{})", name(id)),
            Some(Target::There(file)) => format!("[{id}]({}#{})", address(file), name(id)),
            None => escaped(&reference.label()),
        }
    }

    /// Pieces of text in one line.
    fn inlines(&self, content: &[Inline]) -> String {
        content.iter().map(|piece| self.inline(piece)).collect()
    }

    fn inline(&self, piece: &Inline) -> String {
        let marked = |mark: &str, text: &str| match text.trim() {
            // Marks around nothing, or beside a blank, are no marks.
            "" => String::new(),
            text => format!("{mark}{}{mark}", escaped(text)),
        };
        match piece {
            Inline::Code(text) if text.is_empty() => String::new(),
            Inline::Code(text) => code(text),
            Inline::Emphasis(text) => marked("*", text),
            Inline::Figure(figure) => escaped(&figure.text),
            Inline::Link { text, url } => format!("[{}](<{}>)", escaped(text), address(url)),
            Inline::Mark(number) => format!(" ({number})"),
            Inline::Reference(reference) => self.reference(reference),
            Inline::Strong(text) | Inline::Verdict(text, _) => marked("**", text),
            Inline::Text(text) => escaped(text),
        }
    }
}

/// A place that a link may lead to.
fn anchor(id: &str) -> String {
    format!("<a id=\"{}\"></a>", name(id))
}

/// A name of a place, without what an address or an attribute could not hold.
fn name(id: &str) -> String {
    id.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.:".contains(c) { c } else { '-' }).collect()
}

/// An address between `<` and `>`.
fn address(url: &str) -> String {
    url.chars().filter(|c| !c.is_control() && !matches!(c, '<' | '>' | '|' | '\\')).collect()
}

/// The longest run of backticks in a text.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// `text` as it reads, wherever in a line or a table's cell it stands: no markup, no HTML, no line end.
pub(in crate::report) fn escaped(text: &str) -> String {
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
pub(in crate::report) fn code(text: &str) -> String {
    let text = crate::support::text::one_line(text).replace('|', "\\|");
    let fence = "`".repeat(longest_run(&text) + 1);
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
