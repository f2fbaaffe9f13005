//! The report as a Word file (Office Open XML), written part by part: what a report needs of it (a contents field with
//! its entries, heads that repeat on every page, pages on their long side, links into the annex, a house template) is
//! little, and equal input gives equal bytes.

mod body;
mod house;
mod package;
mod page;
mod text;

use super::{
    Renderer, ReportError, diagrams, png, svg,
    templates::{Template, Templates},
    xml::escaped,
};
use crate::{
    report::{
        charts::Picture,
        document::{Block, Document, Meta, head},
        language::{Language, Word},
        model::ReportModel,
    },
    support::text::cut,
};
use body::{Body, Drawn};
use house::House;
use package::{HEAD, Parts, RELATIONS, TYPES, relation};
use page::Pages;
use rayon::prelude::*;
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{self, Write},
};
use text::Texts;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// Writes Word files.
pub(super) struct Docx;

/// How much larger than its drawing a picture is, so that it is sharp on paper.
const SCALE: f32 = 2.0;

impl Renderer for Docx {
    fn name(&self) -> &'static str {
        "docx"
    }

    fn extension(&self) -> &'static str {
        "docx"
    }

    fn is_text(&self) -> bool {
        false
    }

    fn is_split(&self, _: &Templates) -> bool {
        true
    }

    fn render(
        &self,
        _: &ReportModel,
        document: &Document,
        house: &Templates,
        out: &mut dyn Write,
    ) -> Result<(), ReportError> {
        out.write_all(&file(document, house.docx.as_ref())?).map_err(ReportError::Write)
    }
}

/// A document as a Word file, with the styles and pages of a house template where there is one.
pub(in crate::report) fn file(
    document: &Document,
    template: Option<&Template>,
) -> Result<Vec<u8>, ReportError> {
    let parts =
        parts(document, template.map(|t| t.bytes.as_slice())).map_err(|message| ReportError::Template {
            path: template.map(|t| t.path.clone()).unwrap_or_default(),
            line: None,
            message,
        })?;
    pack(&parts).map_err(ReportError::Write)
}

/// Every part of the file; those of the house come from its template.
fn parts(document: &Document, template: Option<&[u8]>) -> Result<Parts, String> {
    let meta = &document.meta;
    let house = match template {
        Some(template) => {
            House::open(template, |bullets| styles(meta.language, bullets), tag(meta.language))?
        }
        None => House { parts: own(meta), pages: Pages::default(), styles: BTreeMap::new() },
    };
    let House { mut parts, pages, styles } = house;
    let texts = Texts::new(document.anchors(), document.elsewhere.as_ref(), styles);
    let mut body = Body::new(document, &pages, texts, pictures(document));
    let main = main(&body.write());
    house::put_core(&mut parts, core(meta));
    parts.insert("word/document.xml".to_owned(), main.into_bytes());
    let mut relations = String::new();
    for at in 1..=body.media.len() {
        relations +=
            &relation(&format!("rIdPicture{at}"), "image", &format!("media/jalon-picture{at}.png"), "");
    }
    for (at, url) in body.texts.links.iter().enumerate() {
        let id = format!("rIdLink{}", at + 1);
        relations += &relation(&id, "hyperlink", url, " TargetMode=\"External\"");
    }
    if let Some(other) = &document.elsewhere {
        relations += &relation(text::OTHER, "hyperlink", &escaped(&other.file), " TargetMode=\"External\"");
    }
    house::append(&mut parts, house::RELATIONS, "</Relationships>", &relations);
    for (at, bytes) in body.media.into_iter().enumerate() {
        parts.insert(format!("word/media/jalon-picture{}.png", at + 1), bytes);
    }
    Ok(parts)
}

/// The parts of a file of our own, but for its text.
fn own(meta: &Meta) -> Parts {
    let mut parts = Parts::new();
    let mut put = |name: &str, text: String| {
        parts.insert(name.to_owned(), text.into_bytes());
    };
    put(house::CONTENT_TYPES, content_types());
    put("_rels/.rels", package_relations());
    put("docProps/app.xml", app(meta));
    put("word/styles.xml", styles(meta.language, "1"));
    put("word/numbering.xml", include_str!("numbering.xml").to_owned());
    put("word/settings.xml", settings(meta.language));
    put("word/footer1.xml", footer(meta));
    let own = [
        ("rIdStyles", "styles", "styles.xml"),
        ("rIdNumbering", "numbering", "numbering.xml"),
        ("rIdSettings", "settings", "settings.xml"),
        ("rIdFooter", "footer", "footer1.xml"),
    ];
    let relations = own.map(|(id, kind, target)| relation(id, kind, target, "")).concat();
    put(house::RELATIONS, relationships(&relations));
    parts
}

/// Every picture of the document in its order. They take most of the time, so that all processors draw.
fn pictures(document: &Document) -> Vec<Drawn> {
    enum Drawing<'d> {
        Diagram(&'d str),
        Chart(&'d Picture, f64),
    }
    let mut drawings = Vec::new();
    for block in document.cover.iter().chain(document.sections.iter().flat_map(|s| &s.blocks)) {
        match block {
            Block::Mermaid(mermaid) => drawings.push(Drawing::Diagram(&mermaid.source)),
            Block::Picture(picture) => drawings.push(Drawing::Chart(picture, svg::WIDTH)),
            Block::Pictures(pictures) => {
                drawings.extend(pictures.iter().map(|picture| Drawing::Chart(picture, svg::HALF)));
            }
            _ => {}
        }
    }
    let language = document.meta.language;
    let drawn = |drawing: &Drawing<'_>| match drawing {
        Drawing::Diagram(source) => png::draw(&diagrams::draw(source, "d")?, SCALE),
        Drawing::Chart(picture, width) => {
            let said = svg::Said {
                id: "c",
                title: &picture.caption,
                description: &picture.description,
                language,
                width: *width,
            };
            png::draw(&svg::draw(&picture.chart, &said), SCALE)
        }
    };
    // One by one: a diagram takes many times as long as a chart.
    drawings.par_iter().with_max_len(1).map(drawn).collect()
}

/// The file; its entries have no time of their own.
fn pack(parts: &Parts) -> io::Result<Vec<u8>> {
    let mut writer = ZipWriter::new(io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    // Readers look for the types first.
    let first = parts.iter().filter(|(name, _)| *name == "[Content_Types].xml");
    let others = parts.iter().filter(|(name, _)| *name != "[Content_Types].xml");
    for (name, bytes) in first.chain(others) {
        let options = match name.ends_with(".png") {
            true => options.compression_method(CompressionMethod::Stored),
            false => options,
        };
        writer.start_file(name.as_str(), options).map_err(io::Error::other)?;
        writer.write_all(bytes)?;
    }
    Ok(writer.finish().map_err(io::Error::other)?.into_inner())
}

fn main(body: &str) -> String {
    format!(
        "{HEAD}<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
         xmlns:r=\"{RELATIONS}\" \
         xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" \
         xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
         xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><w:body>{body}</w:body></w:document>"
    )
}

fn content_types() -> String {
    let mut out = format!(
        "{HEAD}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/><Default Extension=\"png\" ContentType=\"image/png\"/>\
         <Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>\
         <Override PartName=\"/docProps/app.xml\" \
         ContentType=\"application/vnd.openxmlformats-officedocument.extended-properties+xml\"/>"
    );
    let parts = [
        ("document", "document.main"),
        ("styles", "styles"),
        ("numbering", "numbering"),
        ("settings", "settings"),
        ("footer1", "footer"),
    ];
    for (name, kind) in parts {
        let _ = write!(out, "<Override PartName=\"/word/{name}.xml\" ContentType=\"{TYPES}{kind}+xml\"/>");
    }
    out + "</Types>"
}

fn relationships(all: &str) -> String {
    format!(
        "{HEAD}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{all}</Relationships>"
    )
}

fn package_relations() -> String {
    let core = "<Relationship Id=\"rId2\" \
                Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" \
                Target=\"docProps/core.xml\"/>";
    relationships(&format!(
        "{}{core}{}",
        relation("rId1", "officeDocument", "word/document.xml", ""),
        relation("rId3", "extended-properties", "docProps/app.xml", "")
    ))
}

/// The tag of a language with its country, as Word wants it.
fn tag(language: Language) -> &'static str {
    match language {
        Language::En => "en-GB",
        Language::Fr => "fr-FR",
    }
}

fn core(meta: &Meta) -> String {
    let made = meta.made.strftime("%Y-%m-%dT%H:%M:%SZ");
    let authors = escaped(&meta.authors.join("; "));
    format!(
        "{HEAD}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>{}</dc:title><dc:subject>{}</dc:subject>\
         <dc:creator>{authors}</dc:creator><cp:keywords>{}</cp:keywords><cp:lastModifiedBy>{}</cp:lastModifiedBy>\
         <dcterms:created xsi:type=\"dcterms:W3CDTF\">{made}</dcterms:created>\
         <dcterms:modified xsi:type=\"dcterms:W3CDTF\">{made}</dcterms:modified><dc:language>{}</dc:language></cp:coreProperties>",
        escaped(&cut(&meta.title, 250)),
        escaped(&meta.subtitle),
        escaped(&meta.campaign),
        escaped(&meta.generator),
        tag(meta.language),
    )
}

fn app(meta: &Meta) -> String {
    format!(
        "{HEAD}<Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties\">\
         <Application>{}</Application></Properties>",
        escaped(&meta.generator)
    )
}

/// Our styles; `bullets` is the number of the list with marks.
fn styles(language: Language, bullets: &str) -> String {
    include_str!("styles.xml").replace("{{lang}}", tag(language)).replace("{{bullets}}", bullets)
}

fn settings(language: Language) -> String {
    let tag = tag(language);
    format!(
        "{HEAD}<w:settings xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">\
         <w:defaultTabStop w:val=\"709\"/><w:characterSpacingControl w:val=\"doNotCompress\"/><w:compat>\
         <w:compatSetting w:name=\"compatibilityMode\" w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"15\"/>\
         </w:compat><w:themeFontLang w:val=\"{tag}\"/></w:settings>"
    )
}

fn footer(meta: &Meta) -> String {
    let texts = Texts::new(std::collections::BTreeSet::new(), None, BTreeMap::new());
    let field = |name: &str| {
        format!(
            "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText xml:space=\"preserve\"> {name} \
             </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>1</w:t></w:r>\
             <w:r><w:fldChar w:fldCharType=\"end\"/></w:r>"
        )
    };
    let lead = format!(
        "{} · {} · {} ",
        cut(&meta.title, 70),
        meta.subtitle,
        head(meta.language, Word::Page).to_lowercase()
    );
    let content =
        format!("{}{}{}{}", texts.run("", &lead), field("PAGE"), texts.run("", " / "), field("NUMPAGES"));
    format!(
        "{HEAD}<w:ftr xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">{}</w:ftr>",
        texts.paragraph("Footer", "", &content)
    )
}
