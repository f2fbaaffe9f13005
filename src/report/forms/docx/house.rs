//! [`House`]: a Word file of the house, whose styles, pages, headers and footers the report takes over. What is written
//! in it is left out.

use super::{
    package::{HEAD, Parts, TYPES, relation},
    page::Pages,
};
use crate::report::forms::xml::escaped;
use roxmltree::{Document, Node};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    io::{Cursor, Read},
};

const W: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const R: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
/// Where the parts that matter are; Word has them nowhere else.
const MAIN: &str = "word/document.xml";
const STYLES: &str = "word/styles.xml";
const NUMBERING: &str = "word/numbering.xml";
pub(super) const RELATIONS: &str = "word/_rels/document.xml.rels";
pub(super) const CONTENT_TYPES: &str = "[Content_Types].xml";
/// A template that unpacks to more is none.
const LARGEST: u64 = 64 * 1024 * 1024;

/// What is taken over from a house template.
pub(super) struct House {
    /// Every part that stays as it is.
    pub(super) parts: Parts,
    pub(super) pages: Pages,
    /// The names of its styles for ours, where they differ.
    pub(super) styles: BTreeMap<String, String>,
}

impl House {
    /// Opens a template; `ours` are our styles, of which those that it lacks are added. An error is a sentence.
    pub(super) fn open(bytes: &[u8], ours: impl Fn(&str) -> String, language: &str) -> Result<Self, String> {
        let mut parts = unpack(bytes)?;
        if parts.keys().any(|name| name.ends_with("vbaProject.bin")) {
            return Err("it has macros; save it as a Word document without them (.docx)".to_owned());
        }
        let pages = pages(text(&parts, MAIN)?)?;
        forget_text(&mut parts)?;
        let bullets = bullets(&mut parts)?;
        let styles = styles(&mut parts, &ours(&bullets), language)?;
        let types = text(&parts, CONTENT_TYPES)?;
        // What begins as a template (.dotx) becomes a document.
        let mut types =
            types.replace("wordprocessingml.template.main+xml", "wordprocessingml.document.main+xml");
        for (kind, media) in [("png", "image/png"), ("xml", "application/xml")] {
            if !types.contains(&format!("Extension=\"{kind}\"")) {
                add_type(&mut types, &format!("<Default Extension=\"{kind}\" ContentType=\"{media}\"/>"));
            }
        }
        parts.insert(CONTENT_TYPES.to_owned(), types.into_bytes());
        Ok(Self { parts, pages, styles })
    }
}

/// Adds an element to the content types; defaults stand before overrides.
fn add_type(types: &mut String, element: &str) {
    let at = types.find("<Override").or_else(|| types.rfind("</Types>")).unwrap_or(types.len());
    types.insert_str(at, element);
}

/// Makes sure that a part has its type.
pub(super) fn override_type(parts: &mut Parts, part: &str, kind: &str) {
    let Some(types) = parts.get_mut(CONTENT_TYPES) else { return };
    let mut text = String::from_utf8_lossy(types).into_owned();
    if !text.contains(&format!("PartName=\"/{part}\"")) {
        let at = text.rfind("</Types>").unwrap_or(text.len());
        text.insert_str(at, &format!("<Override PartName=\"/{part}\" ContentType=\"{kind}\"/>"));
    }
    *types = text.into_bytes();
}

/// Adds elements at the end of a part that has one element around everything.
pub(in crate::report) fn append(parts: &mut Parts, part: &str, end: &str, more: &str) {
    let Some(bytes) = parts.get_mut(part) else { return };
    let mut text = String::from_utf8_lossy(bytes).into_owned();
    let at = text.rfind(end).unwrap_or(text.len());
    text.insert_str(at, more);
    *bytes = text.into_bytes();
}

fn unpack(bytes: &[u8]) -> Result<Parts, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes))
        .map_err(|e| format!("it is not a Word file (.docx): {e}"))?;
    let mut parts = Parts::new();
    let mut room = LARGEST;
    for at in 0..archive.len() {
        let file = archive.by_index(at).map_err(|e| e.to_string())?;
        if file.is_dir() {
            continue;
        }
        let name = file.name().map_err(|e| e.to_string())?.into_owned();
        let mut bytes = Vec::new();
        file.take(room + 1).read_to_end(&mut bytes).map_err(|e| format!("{name}: {e}"))?;
        room = room.checked_sub(bytes.len() as u64).ok_or("it unpacks to more than 64 MiB")?;
        parts.insert(name, bytes);
    }
    Ok(parts)
}

fn text<'p>(parts: &'p Parts, name: &str) -> Result<&'p str, String> {
    let bytes = parts.get(name).ok_or_else(|| format!("it is not a Word file (.docx): it has no {name}"))?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|_| format!("{name} is not UTF-8"))
}

fn parse<'t>(name: &str, text: &'t str) -> Result<Document<'t>, String> {
    Document::parse(text).map_err(|e| format!("{name}: {e}"))
}

/// Leaves out what only the text of the template refers to; a template may be an earlier report.
fn forget_text(parts: &mut Parts) -> Result<(), String> {
    let source = text(parts, RELATIONS)?.to_owned();
    let document = parse(RELATIONS, &source)?;
    let mut kept = source.clone();
    for relation in
        document.root_element().children().filter(Node::is_element).collect::<Vec<_>>().into_iter().rev()
    {
        let kind = relation.attribute("Type").unwrap_or_default();
        if kind.ends_with("/image") || kind.ends_with("/hyperlink") {
            kept.replace_range(relation.range(), "");
        }
    }
    parts.insert(RELATIONS.to_owned(), kept.into_bytes());
    parts.retain(|name, _| !name.starts_with("word/media/jalon-picture"));
    Ok(())
}

fn named<'a, 'i>(node: Node<'a, 'i>, name: &str) -> impl Iterator<Item = Node<'a, 'i>> {
    let name = name.to_owned();
    node.children().filter(move |n| n.has_tag_name((W, name.as_str())))
}

/// The pages of the last section.
fn pages(main: &str) -> Result<Pages, String> {
    let document = parse(MAIN, main)?;
    let section = document.descendants().rfind(|n| n.has_tag_name((W, "sectPr")));
    let mut pages = Pages { references: String::new(), ..Pages::default() };
    let Some(section) = section else { return Ok(pages) };
    let number =
        |node: Node<'_, '_>, name: &str| node.attribute((W, name)).and_then(|v| v.parse::<u32>().ok());
    for kind in ["headerReference", "footerReference"] {
        for node in named(section, kind) {
            if let (Some(of), Some(id)) = (node.attribute((W, "type")), node.attribute((R, "id"))) {
                let _ = write!(
                    pages.references,
                    "<w:{kind} w:type=\"{}\" r:id=\"{}\"/>",
                    escaped(of),
                    escaped(id)
                );
            }
        }
    }
    if let Some(size) = named(section, "pgSz").next()
        && let (Some(width), Some(height)) = (number(size, "w"), number(size, "h"))
    {
        (pages.short, pages.long) = (width.min(height), width.max(height));
    }
    if let Some(margins) = named(section, "pgMar").next() {
        pages.beside = number(margins, "left").unwrap_or(1134) + number(margins, "right").unwrap_or(1134);
        let all: String = margins
            .attributes()
            .filter(|a| a.namespace() == Some(W))
            .map(|a| format!(" w:{}=\"{}\"", a.name(), escaped(a.value())))
            .collect();
        pages.margins = format!("<w:pgMar{all}/>");
    }
    if named(section, "titlePg").next().is_some() {
        pages.rest = "<w:titlePg/>".to_owned();
    }
    Ok(pages)
}

/// The number of a list with marks, added to those that there are.
fn bullets(parts: &mut Parts) -> Result<String, String> {
    if !parts.contains_key(NUMBERING) {
        parts.insert(NUMBERING.to_owned(), include_bytes!("numbering.xml").to_vec());
        override_type(parts, NUMBERING, &format!("{TYPES}numbering+xml"));
        let own = relation("rIdJalonNumbering", "numbering", "numbering.xml", "");
        append(parts, RELATIONS, "</Relationships>", &own);
        return Ok("1".to_owned());
    }
    let source = text(parts, NUMBERING)?.to_owned();
    let document = parse(NUMBERING, &source)?;
    let root = document.root_element();
    let next = |element: &str, attribute: &str| {
        let used = named(root, element).filter_map(|n| n.attribute((W, attribute))?.parse::<u32>().ok());
        used.max().unwrap_or(0) + 1
    };
    let (kind, list) = (next("abstractNum", "abstractNumId"), next("num", "numId"));
    let ours = include_str!("numbering.xml");
    let cut = |from: &str, to: &str| {
        let start = ours.find(from).unwrap_or(0);
        let end = ours.find(to).map_or(ours.len(), |at| at + to.len());
        ours[start..end].to_owned()
    };
    let form = cut("<w:abstractNum ", "</w:abstractNum>")
        .replace("abstractNumId=\"1\"", &format!("abstractNumId=\"{kind}\""));
    let uses = format!("<w:num w:numId=\"{list}\"><w:abstractNumId w:val=\"{kind}\"/></w:num>");
    // Forms of lists stand before the lists.
    let first = named(root, "num").next().map(|n| n.range().start);
    let end = source.rfind("</").unwrap_or(source.len());
    let mut out = source.clone();
    let last = named(root, "num").last().map_or(end, |n| n.range().end);
    out.insert_str(last, &uses);
    out.insert_str(first.unwrap_or(last).min(last), &form);
    parts.insert(NUMBERING.to_owned(), out.into_bytes());
    Ok(list.to_string())
}

/// Adds those of our styles that the template does not have by name; the names that its own have.
fn styles(parts: &mut Parts, ours: &str, language: &str) -> Result<BTreeMap<String, String>, String> {
    if !parts.contains_key(STYLES) {
        parts.insert(STYLES.to_owned(), ours.as_bytes().to_vec());
        override_type(parts, STYLES, &format!("{TYPES}styles+xml"));
        append(parts, RELATIONS, "</Relationships>", &relation("rIdJalonStyles", "styles", "styles.xml", ""));
        return Ok(BTreeMap::new());
    }
    let source = text(parts, STYLES)?.to_owned();
    let document = parse(STYLES, &source)?;
    let own = parse("the styles of this program", ours)?;
    let name = |style: Node<'_, '_>| {
        let name = named(style, "name").next()?.attribute((W, "val"))?;
        Some((style.attribute((W, "type")).unwrap_or("paragraph").to_owned(), name.to_lowercase()))
    };
    let theirs: BTreeMap<(String, String), &str> = named(document.root_element(), "style")
        .filter_map(|s| Some((name(s)?, s.attribute((W, "styleId"))?)))
        .collect();
    let taken: BTreeSet<&str> = theirs.values().copied().collect();
    let mut map = BTreeMap::new();
    let mut missing = Vec::new();
    for style in named(own.root_element(), "style") {
        let (Some(key), Some(id)) = (name(style), style.attribute((W, "styleId"))) else { continue };
        match theirs.get(&key) {
            Some(their) if *their != id => drop(map.insert(id.to_owned(), (*their).to_owned())),
            Some(_) => {}
            None => {
                if taken.contains(id) {
                    map.insert(id.to_owned(), format!("Jalon{id}"));
                }
                missing.push(&ours[style.range()]);
            }
        }
    }
    let mut more = missing.concat().replace(" w:default=\"1\"", "");
    for (id, their) in &map {
        for element in ["basedOn", "next"] {
            more = more.replace(
                &format!("<w:{element} w:val=\"{id}\"/>"),
                &format!("<w:{element} w:val=\"{}\"/>", escaped(their)),
            );
        }
        more = more.replace(&format!("w:styleId=\"{id}\""), &format!("w:styleId=\"{}\"", escaped(their)));
    }
    let mut out = source.clone();
    let end = out.rfind("</").unwrap_or(out.len());
    out.insert_str(end, &more);
    // The language is that of the report, whatever that of the template is.
    let defaults = document.descendants().find(|n| n.has_tag_name((W, "rPrDefault")));
    let lang = defaults.and_then(|d| d.descendants().find(|n| n.has_tag_name((W, "lang"))));
    if let Some(lang) = lang {
        let east = format!("<w:lang w:val=\"{language}\" w:eastAsia=\"{language}\" w:bidi=\"ar-SA\"/>");
        out.replace_range(lang.range(), &east);
    }
    parts.insert(STYLES.to_owned(), out.into_bytes());
    Ok(map)
}

/// The part that holds what the file is about, where the package has one.
pub(super) fn core_part(parts: &Parts) -> Option<String> {
    let relations = std::str::from_utf8(parts.get("_rels/.rels")?).ok()?;
    let document = Document::parse(relations).ok()?;
    let core = document
        .root_element()
        .children()
        .find(|n| n.attribute("Type").is_some_and(|kind| kind.ends_with("/metadata/core-properties")))?;
    Some(core.attribute("Target")?.trim_start_matches('/').to_owned())
}

/// Puts what the file is about in its place.
pub(super) fn put_core(parts: &mut Parts, core: String) {
    let part = core_part(parts).unwrap_or_else(|| {
        let own = "<Relationship Id=\"rIdJalonCore\" \
                   Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" \
                   Target=\"docProps/core.xml\"/>";
        append(parts, "_rels/.rels", "</Relationships>", own);
        "docProps/core.xml".to_owned()
    });
    override_type(parts, &part, "application/vnd.openxmlformats-package.core-properties+xml");
    debug_assert!(core.starts_with(HEAD));
    parts.insert(part, core.into_bytes());
}
