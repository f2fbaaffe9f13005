//! [`Document`]: a report as headings, texts, tables and pictures, before any form of it.
//!
//! The sections build it from the model, and a renderer knows nothing else: a new section appears in every form, and
//! a new form has every section. Texts are as a person reads them; each renderer escapes them in its own way.

use super::{
    charts::{Picture, Tone},
    language::{Language, Word},
    model::{Figure, Reference},
};
use jiff::Timestamp;
use std::{collections::BTreeSet, str::FromStr};

/// A report, ready to be arranged by a renderer.
#[derive(Debug, Clone)]
pub struct Document {
    /// Campaign, run, language and dates of the document.
    pub meta: Meta,
    /// What stands below the title, before the first section.
    pub cover: Vec<Block>,
    /// Sections in their order, the annexes last.
    pub sections: Vec<Section>,
    /// The other file of the report, where its body and its annexes are two.
    pub elsewhere: Option<Elsewhere>,
}

/// The other file of a report.
#[derive(Debug, Clone)]
pub struct Elsewhere {
    /// Name of the file that has the annexes.
    pub file: String,
    /// Every name in it that a link may lead to.
    pub anchors: BTreeSet<String>,
}

/// Where the annexes of a report are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Annexes {
    /// In a file of their own, where the form is one of pages; behind the body otherwise.
    #[default]
    Separate,
    /// At the end of the document itself.
    Inline,
    /// Left out.
    None,
}

impl FromStr for Annexes {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "separate" => Ok(Self::Separate),
            "inline" => Ok(Self::Inline),
            "none" => Ok(Self::None),
            other => Err(format!("unknown value `{other}`; values: separate, inline, none")),
        }
    }
}

/// The file that a link leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'d> {
    /// To a place in the same file.
    Here,
    /// To a place in the file of that name.
    There(&'d str),
}

/// Every place that a link may lead to.
#[derive(Debug, Clone)]
pub struct Links<'d> {
    here: BTreeSet<&'d str>,
    elsewhere: Option<&'d Elsewhere>,
}

impl<'d> Links<'d> {
    /// Where the link of that name leads; none where no such place is.
    pub fn to(&self, anchor: &str) -> Option<Target<'d>> {
        let there = || self.elsewhere.filter(|other| other.anchors.contains(anchor));
        match self.here.contains(anchor) {
            true => Some(Target::Here),
            false => there().map(|other| Target::There(&other.file)),
        }
    }
}

impl Document {
    /// The report without its annexes; links lead to those in `file`, or nowhere where there is none.
    pub fn body(&self, file: Option<&str>) -> Self {
        let elsewhere = file.map(|file| self.other(file, |section| section.number.is_none()));
        self.part(|section| section.number.is_some(), self.cover.clone(), elsewhere)
    }

    /// The annexes alone; the body is in `file`.
    pub fn annexes(&self, file: &str) -> Self {
        let elsewhere = Some(self.other(file, |section| section.number.is_some()));
        let mut part = self.part(|section| section.number.is_none(), Vec::new(), elsewhere);
        part.meta.title = format!("{} – {}", part.meta.title, part.meta.language.word(Word::Annexes));
        part
    }

    fn part(&self, is_in: fn(&Section) -> bool, cover: Vec<Block>, elsewhere: Option<Elsewhere>) -> Self {
        let sections = self.sections.iter().filter(|section| is_in(section)).cloned().collect();
        Self { meta: self.meta.clone(), cover, sections, elsewhere }
    }

    fn other(&self, file: &str, is_in: fn(&Section) -> bool) -> Elsewhere {
        let part = self.part(is_in, Vec::new(), None);
        Elsewhere { file: file.to_owned(), anchors: part.anchors().into_iter().map(str::to_owned).collect() }
    }

    /// Every place that a link in it may lead to.
    pub fn links(&self) -> Links<'_> {
        Links { here: self.anchors(), elsewhere: self.elsewhere.as_ref() }
    }

    /// Every name in the document that a link may lead to.
    pub fn anchors(&self) -> BTreeSet<&str> {
        let blocks = self.cover.iter().chain(self.sections.iter().flat_map(|s| &s.blocks));
        let mut found: BTreeSet<&str> = self.sections.iter().map(|s| s.name).collect();
        for block in blocks {
            match block {
                Block::Heading(heading) => {
                    found.insert(&heading.anchor);
                }
                Block::Table(table) => found.extend(table.rows.iter().filter_map(|r| r.anchor.as_deref())),
                _ => {}
            }
        }
        found
    }
}

/// What a document is about.
#[derive(Debug, Clone)]
pub struct Meta {
    /// Title on the first page, in the document's language.
    pub title: String,
    /// What stands below the title.
    pub subtitle: String,
    /// Name of the campaign, as the campaign file has it.
    pub campaign: String,
    /// Day that the document is about, the last one of several, as `2025-12-18`.
    pub day: String,
    /// Language of the texts, and of numbers and dates.
    pub language: Language,
    /// Who made the run, each once.
    pub authors: Vec<String>,
    /// When the document was made, by the clock of this machine.
    pub made: Timestamp,
    /// The version of the program that made it.
    pub generator: String,
}

/// A section with a heading of the first level.
#[derive(Debug, Clone)]
pub struct Section {
    /// Name, as a template arranges it, and its anchor.
    pub name: &'static str,
    /// Its number; none for an annex.
    pub number: Option<usize>,
    /// Its heading, without the number.
    pub title: String,
    /// Content below the heading, in order.
    pub blocks: Vec<Block>,
}

impl Section {
    /// The heading with its number.
    pub fn heading(&self) -> String {
        match self.number {
            Some(number) => format!("{number}. {}", self.title),
            None => self.title.clone(),
        }
    }
}

/// One thing below the other.
#[derive(Debug, Clone)]
pub enum Block {
    /// A remark that stands out.
    Callout(Tone, Inlines),
    /// Text as it is, line by line.
    Code(String),
    /// A heading inside a section.
    Heading(Heading),
    /// A list with a mark before each item.
    List(Vec<Inlines>),
    /// A diagram in Mermaid's language, drawn where the form can.
    Mermaid(Mermaid),
    /// What follows begins on a new page, where there are pages.
    PageBreak,
    /// Running text, set apart by the space around it.
    Paragraph(Inlines),
    /// Remarks below a table, each with its number.
    Notes(Vec<Inlines>),
    /// A chart of figures, with its caption and description.
    Picture(Picture),
    /// Charts beside each other, two in a row.
    Pictures(Vec<Picture>),
    /// Rows and columns with a caption.
    Table(Table),
}

/// A heading inside a section.
#[derive(Debug, Clone)]
pub struct Heading {
    /// 2 for the first one below that of a section, up to 4.
    pub level: u8,
    /// Words of the heading, in the document's language.
    pub text: String,
    /// Name to link to; unique in the document.
    pub anchor: String,
}

/// A diagram by its source.
#[derive(Debug, Clone)]
pub struct Mermaid {
    /// The source, in which every text is escaped already.
    pub source: String,
    /// Caption of the diagram.
    pub caption: String,
    /// The same in words, for who does not see it.
    pub description: String,
}

/// A table; every row has a cell for every column.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Title for the numbered line that names the table.
    pub caption: String,
    /// Its columns. Where every head is empty there is no row of heads.
    pub columns: Vec<Column>,
    /// Rows from top to bottom, heads not among them.
    pub rows: Vec<Row>,
    /// Whether it wants the long side of a page.
    pub wide: bool,
}

impl Table {
    /// Whether any column has a head.
    pub fn has_heads(&self) -> bool {
        self.columns.iter().any(|c| !c.head.is_empty())
    }
}

/// A column of a table: its head, its width and how its cells are aligned.
#[derive(Debug, Clone)]
pub struct Column {
    /// Word at the top of the column; empty where it needs none.
    pub head: String,
    /// How its cells are aligned.
    pub align: Align,
    /// Its share of the width.
    pub weight: u32,
}

/// How the cells of a column are aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// At the left, for texts.
    Left,
    /// At the right, for numbers.
    Right,
}

/// A row of a table, which links may lead to.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// Name to link to; unique in the document.
    pub anchor: Option<String>,
    /// Cells from left to right, one for each column.
    pub cells: Vec<Cell>,
}

/// The content of one cell of a table.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    /// Text, figures and links, one after the other.
    pub content: Inlines,
    /// Its colour, beside a word that says the same.
    pub tone: Option<Tone>,
}

/// A run of text in one line, piece by piece.
pub type Inlines = Vec<Inline>;

/// A piece of text with one style or one meaning.
#[derive(Debug, Clone)]
pub enum Inline {
    /// A name or a command, as it is typed.
    Code(String),
    /// Text that stands apart a little.
    Emphasis(String),
    /// The number of a remark below the table.
    Mark(usize),
    /// A value; the place in the evidence that it comes from is linked where the form can.
    Figure(Figure),
    /// A link to somewhere else.
    Link {
        /// The text of the link.
        text: String,
        /// The address that the link leads to.
        url: String,
    },
    /// A place in the evidence by its name.
    Reference(Reference),
    /// Bold text.
    Strong(String),
    /// Text without a style.
    Text(String),
    /// A verdict or a state: a word, and the colour that says the same.
    Verdict(String, Tone),
}

/// `text` with a capital at its beginning, as a sentence or a cell begins. A command, a file and a name begin as they are
/// written.
pub fn capital(text: &str) -> String {
    let first =
        text.split_whitespace().next().unwrap_or_default().trim_end_matches(['.', ',', ':', ';', '!', '?']);
    let is_name = first.contains(|c: char| "/_.=$@".contains(c) || c.is_ascii_digit())
        || first.matches('-').count() > 1 && first.is_ascii()
        || ["kafka-", "jalon"].iter().any(|start| first.starts_with(start));
    if is_name {
        return text.to_owned();
    }
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// `text` with a full stop, where no mark ends it.
pub fn ended(text: &str) -> String {
    match text.trim_end().ends_with(['.', '?', '!', '…']) {
        true => text.trim_end().to_owned(),
        false => format!("{text}."),
    }
}

/// The word with a capital.
pub fn head(language: Language, word: Word) -> String {
    capital(language.word(word))
}

/// A heading of a section's own.
pub fn heading(level: u8, text: impl Into<String>, anchor: impl Into<String>) -> Block {
    Block::Heading(Heading { level, text: text.into(), anchor: anchor.into() })
}

/// A paragraph of plain text.
pub fn paragraph(text: impl Into<String>) -> Block {
    Block::Paragraph(vec![Inline::Text(text.into())])
}

/// A sentence in which what stands between two backticks is a name or a command.
pub fn prose(text: &str) -> Inlines {
    let mut content = Vec::new();
    let mut rest = text;
    while let Some((before, quoted)) = rest.split_once('`') {
        let Some((name, after)) = quoted.split_once('`') else { break };
        if !before.is_empty() {
            content.push(Inline::Text(before.to_owned()));
        }
        match name.trim() {
            // Two beside each other surround nothing.
            "" => content.push(Inline::Text(format!("`{name}`"))),
            _ => content.push(Inline::Code(name.to_owned())),
        }
        rest = after;
    }
    if !rest.is_empty() {
        content.push(Inline::Text(rest.to_owned()));
    }
    content
}

/// Makes a column of texts; `weight` is its share of the width.
pub fn column(head: impl Into<String>, weight: u32) -> Column {
    Column { head: head.into(), align: Align::Left, weight }
}

/// Makes a column of numbers; `weight` is its share of the width.
pub fn numbers(head: impl Into<String>, weight: u32) -> Column {
    Column { head: head.into(), align: Align::Right, weight }
}

/// Makes a row of these cells, without an anchor.
pub fn row(cells: impl IntoIterator<Item = Cell>) -> Row {
    Row { anchor: None, cells: cells.into_iter().collect() }
}

impl Cell {
    /// What is there, `–` where there is nothing.
    pub fn or_dash<T: Into<Self>>(content: Option<T>) -> Self {
        content.map_or_else(|| Self::from("–"), Into::into)
    }

    /// Makes a cell in code font, for a name or a command.
    pub fn code(text: impl Into<String>) -> Self {
        Self { content: vec![Inline::Code(text.into())], tone: None }
    }

    /// Makes a cell of a sentence, its code spans set as code.
    pub fn prose(text: &str) -> Self {
        Self { content: prose(text), tone: None }
    }

    /// A verdict or a state and its colour.
    pub fn verdict(word: impl Into<String>, code: &str) -> Self {
        let tone = Tone::of(code);
        Self { content: vec![Inline::Verdict(word.into(), tone)], tone: Some(tone) }
    }

    /// A value; `–` where there is none.
    pub fn figure(figure: Option<&Figure>) -> Self {
        match figure {
            Some(figure) => Self { content: vec![Inline::Figure(figure.clone())], tone: None },
            None => Self::from("–"),
        }
    }

    /// Places in the evidence.
    pub fn references<'r>(references: impl IntoIterator<Item = &'r Reference>) -> Self {
        Self { content: links(references), tone: None }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<&String> for Cell {
    fn from(text: &String) -> Self {
        Self::from(text.clone())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { content: vec![Inline::Text(text)], tone: None }
    }
}

impl From<Inlines> for Cell {
    fn from(content: Inlines) -> Self {
        Self { content, tone: None }
    }
}

/// Places in the evidence, a blank between two.
pub fn links<'r>(references: impl IntoIterator<Item = &'r Reference>) -> Inlines {
    let mut content = Vec::new();
    for reference in references {
        if !content.is_empty() {
            content.push(Inline::Text(" ".to_owned()));
        }
        content.push(Inline::Reference(reference.clone()));
    }
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_and_a_file_begin_as_they_are_written() {
        for name in [
            "kafka-topics --list",
            "bin/kafka-topics.sh",
            "notes.txt",
            "perf_nominal",
            "jalon run",
            "p99 of it",
            "ada@vm: known",
        ] {
            assert_eq!(capital(name), name);
        }
        for (text, shown) in
            [("peut-être", "Peut-être"), ("c'est-à-dire", "C'est-à-dire"), ("step.", "Step."), ("", "")]
        {
            assert_eq!(capital(text), shown);
        }
    }

    #[test]
    fn names_between_backticks_are_names() {
        let shown = |text: &str| format!("{:?}", prose(text));
        assert_eq!(shown("`a` took `b c`."), r#"[Code("a"), Text(" took "), Code("b c"), Text(".")]"#);
        assert_eq!(shown("one ` alone"), r#"[Text("one ` alone")]"#);
        assert_eq!(shown("``` fence"), r#"[Text("``"), Text("` fence")]"#);
        assert_eq!(shown(""), "[]");
    }
}
