//! [`Body`]: blocks of a document as WordprocessingML.

use super::{
    page::{Pages, Twips},
    text::Texts,
};
use crate::{
    report::{
        charts::{Picture, Tone},
        document::{Align, Block, Cell, Document, Row, Table, head},
        forms::{png::Png, xml::escaped},
        language::Word,
    },
    support::text::cut,
};
use std::fmt::Write;

/// Columns of a title in the table of contents.
const TITLE: usize = 110;
/// A row with more text than this may be broken over two pages.
const TOGETHER: usize = 700;
/// Units of a drawing: to a twentieth of a point, and to a pixel of a drawing.
const PER_TWIP: u64 = 635;
const PER_PIXEL: u64 = 9525;

/// A table of so many rows is small.
const SMALL: usize = 9;
/// About so many lines are most of a page.
const SHORT: usize = 40;

/// A picture of the document, in the order of the pictures.
pub(super) type Drawn = Result<Png, String>;

/// What a stretch of the document is, for the choice of its pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// It belongs to what follows.
    Lead,
    Plain,
    Wide,
}

/// About how many lines a stretch of the document takes.
fn lines(xml: &str) -> usize {
    let pictures = xml.matches("<w:drawing>").count();
    let rows = xml.matches("<w:tr>").count();
    let cells = xml.matches("<w:tc>").count();
    let paragraphs = xml.matches("<w:p>").count().saturating_sub(cells);
    // What is long wraps.
    let text: usize =
        xml.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text.len()).sum();
    18 * pictures + 2 * rows + paragraphs.max(1) + text / 120
}

pub(super) struct Body<'a> {
    document: &'a Document,
    pages: &'a Pages,
    pub(super) texts: Texts<'a>,
    drawn: std::vec::IntoIter<Drawn>,
    /// Pictures that are used, as files.
    pub(super) media: Vec<Vec<u8>>,
    tables: usize,
    pictures: usize,
    pieces: Vec<(Piece, String)>,
}

impl<'a> Body<'a> {
    pub(super) fn new(document: &'a Document, pages: &'a Pages, texts: Texts<'a>, drawn: Vec<Drawn>) -> Self {
        Self {
            document,
            pages,
            texts,
            drawn: drawn.into_iter(),
            media: Vec::new(),
            tables: 0,
            pictures: 0,
            pieces: Vec::new(),
        }
    }

    /// The whole body, without its element.
    pub(super) fn write(&mut self) -> String {
        let meta = &self.document.meta;
        for (style, text) in [("Title", &meta.title), ("Subtitle", &meta.subtitle)] {
            let run = self.texts.run("", text);
            let paragraph = self.texts.paragraph(style, "", &run);
            self.put(Piece::Plain, paragraph);
        }
        self.blocks(&self.document.cover);
        if !self.document.sections.is_empty() {
            self.contents();
        }
        for section in &self.document.sections {
            let heading = self.heading(1, &section.heading(), section.name);
            self.put(Piece::Lead, heading);
            self.blocks(&section.blocks);
        }
        self.paginate()
    }

    fn put(&mut self, piece: Piece, xml: String) {
        self.pieces.push((piece, xml));
    }

    /// Turns what lies between two wide pieces and is short too: pages would be turned to and fro.
    fn join(pieces: &[(Piece, String)], lying: &mut [bool]) {
        let mut at = 0;
        while at < lying.len() {
            let end = (at..lying.len()).find(|next| lying[*next] != lying[at]).unwrap_or(lying.len());
            if !lying[at] && at > 0 && end < lying.len() {
                let lines: usize = pieces[at..end].iter().map(|(_, xml)| lines(xml)).sum();
                if lines <= SHORT {
                    lying[at..end].fill(true);
                }
            }
            at = end;
        }
    }

    /// Puts wide pieces, and the headings that lead to them, on pages that lie on their long side.
    fn paginate(&mut self) -> String {
        let pieces = std::mem::take(&mut self.pieces);
        let mut lying: Vec<bool> = pieces.iter().map(|(piece, _)| *piece == Piece::Wide).collect();
        for at in (0..pieces.len().saturating_sub(1)).rev() {
            if pieces[at].0 == Piece::Lead && lying[at + 1] {
                lying[at] = true;
            }
        }
        Self::join(&pieces, &mut lying);
        let mut out = String::new();
        for (at, (_, xml)) in pieces.iter().enumerate() {
            if at > 0 && lying[at] != lying[at - 1] {
                out.push_str(&self.turn(lying[at - 1]));
            }
            out.push_str(xml);
        }
        let last = lying.last().copied().unwrap_or(false);
        out.push_str(&self.pages.section(last));
        out
    }

    /// Ends the pages of what stands before.
    fn turn(&self, wide: bool) -> String {
        self.texts.paragraph("SectionEnd", &self.pages.section(wide), "")
    }

    fn heading(&mut self, level: u8, text: &str, anchor: &str) -> String {
        let run = self.texts.run("", text);
        let content = self.texts.bookmarked(anchor, &run);
        self.texts.paragraph(&format!("Heading{}", level.clamp(1, 4)), "", &content)
    }

    /// The table of contents: links with the number of the page, each a field that is counted when the file is opened.
    fn contents(&mut self) {
        let word = head(self.document.meta.language, Word::Contents);
        let run = self.texts.run("", &word);
        let title = self.texts.paragraph("TOCHeading", "", &run);
        self.put(Piece::Plain, title);
        for section in &self.document.sections {
            let Some(name) = self.texts.bookmark(section.name) else { continue };
            let run = self.texts.run("", &cut(&section.heading(), TITLE));
            // A field inside of a contents field would be shown as it stands by LibreOffice; Word counts a dirty one.
            let content = format!(
                "<w:hyperlink w:anchor=\"{name}\" w:history=\"1\">{run}<w:r><w:tab/></w:r>\
                 <w:r><w:fldChar w:fldCharType=\"begin\" w:dirty=\"true\"/></w:r>\
                 <w:r><w:instrText xml:space=\"preserve\"> PAGEREF {name} \\h </w:instrText></w:r>\
                 <w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>–</w:t></w:r>\
                 <w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:hyperlink>"
            );
            let tab = format!(
                "<w:tabs><w:tab w:val=\"right\" w:leader=\"dot\" w:pos=\"{}\"/></w:tabs>",
                self.pages.text(false)
            );
            let paragraph = self.texts.paragraph("TOC1", &tab, &content);
            self.put(Piece::Plain, paragraph);
        }
    }

    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            let (piece, xml) = match block {
                Block::Callout(tone, content) => {
                    let shade =
                        format!("<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"{}\"/>", tone.colours().0);
                    let content = self.texts.inlines(content, None);
                    (Piece::Plain, self.texts.paragraph("Callout", &shade, &content))
                }
                Block::Code(text) => {
                    let run = self.texts.run("", text.trim_end());
                    (Piece::Plain, self.texts.paragraph("CodeBlock", "", &run))
                }
                Block::Heading(heading) => {
                    (Piece::Lead, self.heading(heading.level, &heading.text, &heading.anchor))
                }
                Block::List(items) => {
                    let items = items.iter().map(|item| {
                        let content = self.texts.inlines(item, None);
                        self.texts.paragraph("ListBullet", "", &content)
                    });
                    (Piece::Plain, items.collect())
                }
                Block::Mermaid(mermaid) => (
                    Piece::Plain,
                    self.picture(
                        &mermaid.caption,
                        &mermaid.description,
                        Some(&mermaid.source),
                        self.pages.text(false),
                    ),
                ),
                Block::Notes(notes) => {
                    let notes = notes.iter().enumerate().map(|(at, note)| {
                        let mark =
                            self.texts.run("<w:vertAlign w:val=\"superscript\"/>", &format!("{} ", at + 1));
                        let content = mark + &self.texts.inlines(note, None);
                        self.texts.paragraph("TableNote", "", &content)
                    });
                    (Piece::Plain, notes.collect())
                }
                Block::PageBreak => {
                    (Piece::Plain, "<w:p><w:r><w:br w:type=\"page\"/></w:r></w:p>".to_owned())
                }
                Block::Paragraph(content) => {
                    let content = self.texts.inlines(content, None);
                    (Piece::Plain, self.texts.paragraph("", "", &content))
                }
                Block::Picture(picture) => {
                    let room = self.pages.text(false);
                    (Piece::Plain, self.picture(&picture.caption, &picture.description, None, room))
                }
                Block::Pictures(pictures) => (Piece::Plain, self.beside(pictures)),
                Block::Table(table) => {
                    let piece = if table.wide { Piece::Wide } else { Piece::Plain };
                    (piece, self.table(table))
                }
            };
            self.put(piece, xml);
        }
    }

    /// A caption with a number that Word counts itself.
    fn caption(&self, word: Word, number: usize, text: &str, keep: &str) -> String {
        let language = self.document.meta.language;
        let word = head(language, word);
        let mut content = self.texts.run("", &format!("{word} "));
        let _ = write!(
            content,
            "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText xml:space=\"preserve\"> SEQ {word} \\* ARABIC \
             </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>{number}</w:t></w:r>\
             <w:r><w:fldChar w:fldCharType=\"end\"/></w:r>"
        );
        content.push_str(&self.texts.run("", &format!("{}{text}", language.colon())));
        self.texts.paragraph("Caption", keep, &content)
    }

    /// The next picture with its caption; its source where it could not be drawn.
    fn picture(&mut self, caption: &str, description: &str, source: Option<&str>, room: Twips) -> String {
        self.pictures += 1;
        let number = self.pictures;
        let drawn = self.drawn.next().unwrap_or_else(|| Err(String::new()));
        let caption_line = self.caption(Word::Picture, number, caption, "");
        match drawn {
            Ok(png) => {
                let room = u64::from(room) * PER_TWIP;
                // Two of them have room on a page, with what is said about them.
                let high = u64::from(self.pages.long) * PER_TWIP * 36 / 100;
                let (mut width, mut height) =
                    (u64::from(png.width) * PER_PIXEL, u64::from(png.height) * PER_PIXEL);
                if width > room {
                    (width, height) = (room, height * room / width.max(1));
                }
                if height > high {
                    (width, height) = (width * high / height.max(1), high);
                }
                self.media.push(png.bytes);
                let name = format!("rIdPicture{}", self.media.len());
                let said = escaped(&cut(description, 2000));
                let drawing = format!(
                    "<w:r><w:drawing><wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\">\
                     <wp:extent cx=\"{width}\" cy=\"{height}\"/><wp:docPr id=\"{number}\" name=\"{}\" descr=\"{said}\"/>\
                     <wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect=\"1\"/></wp:cNvGraphicFramePr><a:graphic>\
                     <a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><pic:pic><pic:nvPicPr>\
                     <pic:cNvPr id=\"{number}\" name=\"{number}.png\"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>\
                     <a:blip r:embed=\"{name}\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm>\
                     <a:off x=\"0\" y=\"0\"/><a:ext cx=\"{width}\" cy=\"{height}\"/></a:xfrm><a:prstGeom prst=\"rect\">\
                     <a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>",
                    escaped(&cut(caption, 200)),
                );
                self.texts.paragraph("Picture", "", &drawing) + &caption_line
            }
            Err(why) => {
                let source = source.unwrap_or(description);
                let run = self.texts.run("", source.trim_end());
                let why = self.texts.run("", &why);
                self.texts.paragraph("CodeBlock", "", &run)
                    + &self.texts.paragraph("Callout", "", &why)
                    + &caption_line
            }
        }
    }

    /// Pictures beside each other, two in a row, in a table without lines.
    fn beside(&mut self, pictures: &[Picture]) -> String {
        let room = self.pages.text(false);
        let half = room / 2;
        let mut out = format!(
            "<w:tbl><w:tblPr><w:tblW w:w=\"{room}\" w:type=\"dxa\"/><w:tblLayout w:type=\"fixed\"/></w:tblPr><w:tblGrid>\
             <w:gridCol w:w=\"{half}\"/><w:gridCol w:w=\"{half}\"/></w:tblGrid>"
        );
        for row in pictures.chunks(2) {
            out.push_str("<w:tr><w:trPr><w:cantSplit/></w:trPr>");
            for at in 0..2 {
                let content = match row.get(at) {
                    Some(picture) => {
                        self.picture(&picture.caption, &picture.description, None, half.saturating_sub(220))
                    }
                    None => self.texts.paragraph("TableText", "", ""),
                };
                let _ = write!(
                    out,
                    "<w:tc><w:tcPr><w:tcW w:w=\"{half}\" w:type=\"dxa\"/></w:tcPr>{content}</w:tc>"
                );
            }
            out.push_str("</w:tr>");
        }
        out.push_str("</w:tbl>");
        out + &self.gap()
    }

    /// Two tables without anything between them would be one.
    fn gap(&self) -> String {
        let gap = "<w:spacing w:before=\"0\" w:after=\"0\" w:line=\"140\" w:lineRule=\"exact\"/>";
        self.texts.paragraph("SectionEnd", gap, "")
    }

    fn table(&mut self, table: &Table) -> String {
        self.tables += 1;
        let mut out = self.caption(Word::Table, self.tables, &table.caption, "<w:keepNext/>");
        let room = self.pages.text(table.wide);
        let widths = crate::report::forms::widths::widths(table, room);
        let heads = table.has_heads();
        let _ = write!(
            out,
            "<w:tbl><w:tblPr><w:tblStyle w:val=\"{}\"/><w:tblW w:w=\"{room}\" w:type=\"dxa\"/><w:tblLayout w:type=\"fixed\"/>\
             <w:tblLook w:val=\"{}\" w:firstRow=\"{}\" w:lastRow=\"0\" w:firstColumn=\"1\" w:lastColumn=\"0\" w:noHBand=\"1\" \
             w:noVBand=\"1\"/><w:tblCaption w:val=\"{}\"/></w:tblPr><w:tblGrid>",
            self.texts.style("ReportTable"),
            if heads { "06A0" } else { "0680" },
            u8::from(heads),
            escaped(&cut(&table.caption, 200)),
        );
        for width in &widths {
            let _ = write!(out, "<w:gridCol w:w=\"{width}\"/>");
        }
        out.push_str("</w:tblGrid>");
        if heads {
            out.push_str("<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>");
            for (column, width) in table.columns.iter().zip(&widths) {
                let run = self.texts.run("", &column.head);
                let right = if column.align == Align::Right { "<w:jc w:val=\"right\"/>" } else { "" };
                let text = self.texts.paragraph("TableHead", right, &run);
                let _ = write!(
                    out,
                    "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/></w:tcPr>{text}</w:tc>"
                );
            }
            out.push_str("</w:tr>");
        }
        // A small table stays on one page, and a larger one has more than its head on the first.
        let together = if table.rows.len() <= SMALL { table.rows.len() } else { 3 };
        for (at, row) in table.rows.iter().enumerate() {
            self.row(&mut out, table, row, &widths, at + 1 < together);
        }
        // What has no row is no table to Word.
        if table.rows.is_empty() && !heads {
            let empty = self.texts.paragraph("TableText", "", "");
            let _ = write!(out, "<w:tr><w:tc><w:tcPr/>{empty}</w:tc></w:tr>");
        }
        out.push_str("</w:tbl>");
        out + &self.gap()
    }

    fn row(&mut self, out: &mut String, table: &Table, row: &Row, widths: &[u32], with_next: bool) {
        let mut cells = String::new();
        let mut anchor = row.anchor.as_deref();
        for ((Cell { content, tone }, column), width) in row.cells.iter().zip(&table.columns).zip(widths) {
            let shade = tone.map(Tone::colours).map_or_else(String::new, |(fill, _)| {
                format!("<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"{fill}\"/>")
            });
            let mut text = self.texts.inlines(content, *tone);
            if let Some(anchor) = anchor.take() {
                text = self.texts.bookmarked(anchor, &text);
            }
            let keep = if with_next { "<w:keepNext/>" } else { "" };
            let right = if column.align == Align::Right { "<w:jc w:val=\"right\"/>" } else { "" };
            let text = self.texts.paragraph("TableText", &format!("{keep}{right}"), &text);
            let _ = write!(
                cells,
                "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/>{shade}</w:tcPr>{text}</w:tc>"
            );
        }
        let long = row.cells.iter().any(|cell| super::text::length(&cell.content) > TOGETHER);
        out.push_str(if long { "<w:tr>" } else { "<w:tr><w:trPr><w:cantSplit/></w:trPr>" });
        out.push_str(&cells);
        out.push_str("</w:tr>");
    }
}
