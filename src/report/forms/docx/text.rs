//! [`Texts`]: pieces of text as runs, links and bookmarks.

use crate::{
    report::{
        charts::Tone,
        document::{Elsewhere, Inline, Inlines},
        forms::xml::escaped,
        model::{Figure, Reference},
    },
    support::text::cut,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

/// The relationship of the report's other file.
pub(super) const OTHER: &str = "rIdOther";

pub(in crate::report) struct Texts<'a> {
    /// The name of the bookmark of each anchor: Word allows letters and digits, and forty of them.
    bookmarks: BTreeMap<&'a str, String>,
    /// The same of the report's other file.
    others: BTreeMap<&'a str, String>,
    /// Names of styles where a house template has its own for ours.
    styles: BTreeMap<String, String>,
    /// Addresses that are linked, in the order of their relationships.
    pub(super) links: Vec<String>,
    next: usize,
}

impl<'a> Texts<'a> {
    pub(super) fn new(
        anchors: BTreeSet<&'a str>,
        elsewhere: Option<&'a Elsewhere>,
        styles: BTreeMap<String, String>,
    ) -> Self {
        let named = |(at, anchor): (usize, &'a str)| {
            let plain: String = anchor.chars().filter(char::is_ascii_alphanumeric).take(24).collect();
            (anchor, format!("j{}_{plain}", at + 1))
        };
        let others = elsewhere.into_iter().flat_map(|other| &other.anchors).map(String::as_str);
        Self {
            bookmarks: anchors.into_iter().enumerate().map(named).collect(),
            others: others.enumerate().map(named).collect(),
            styles,
            links: Vec::new(),
            next: 0,
        }
    }

    /// The name of a style in the document.
    pub(super) fn style<'s>(&'s self, ours: &'s str) -> &'s str {
        self.styles.get(ours).map_or(ours, String::as_str)
    }

    /// The bookmark of an anchor.
    pub(super) fn bookmark(&self, anchor: &str) -> Option<&str> {
        self.bookmarks.get(anchor).map(String::as_str)
    }

    /// A paragraph; `properties` follow its style.
    pub(super) fn paragraph(&self, style: &str, properties: &str, content: &str) -> String {
        let style = match style {
            "" => String::new(),
            style => format!("<w:pStyle w:val=\"{}\"/>", escaped(self.style(style))),
        };
        match (style.is_empty(), properties.is_empty()) {
            (true, true) => format!("<w:p>{content}</w:p>"),
            _ => format!("<w:p><w:pPr>{style}{properties}</w:pPr>{content}</w:p>"),
        }
    }

    /// Text with properties; line ends are kept.
    pub(super) fn run(&self, properties: &str, text: &str) -> String {
        let mut out = String::from("<w:r>");
        if !properties.is_empty() {
            let _ = write!(out, "<w:rPr>{properties}</w:rPr>");
        }
        for (at, line) in text.lines().enumerate() {
            if at > 0 {
                out.push_str("<w:br/>");
            }
            let _ = write!(out, "<w:t xml:space=\"preserve\">{}</w:t>", escaped(line));
        }
        out.push_str("</w:r>");
        out
    }

    /// Content that a link may lead to.
    pub(super) fn bookmarked(&mut self, anchor: &str, content: &str) -> String {
        let Some(name) = self.bookmarks.get(anchor) else { return content.to_owned() };
        self.next += 1;
        format!(
            "<w:bookmarkStart w:id=\"{id}\" w:name=\"{name}\"/>{content}<w:bookmarkEnd w:id=\"{id}\"/>",
            id = self.next
        )
    }

    /// Pieces of text; in a cell with a colour the words take the colour that goes with it.
    pub(super) fn inlines(&mut self, content: &Inlines, tone: Option<Tone>) -> String {
        content.iter().map(|piece| self.inline(piece, tone)).collect()
    }

    fn inline(&mut self, piece: &Inline, tone: Option<Tone>) -> String {
        match piece {
            Inline::Code(text) => {
                let style = format!("<w:rStyle w:val=\"{}\"/>", escaped(self.style("CodeText")));
                self.run(&style, text)
            }
            Inline::Emphasis(text) => self.run("<w:i/>", text),
            Inline::Figure(figure) => self.figure(figure),
            Inline::Link { text, url } => match url.starts_with("https://") || url.starts_with("http://") {
                true => {
                    self.links.push(url.clone());
                    let run = self.run(&self.linked("Hyperlink"), text);
                    format!(
                        "<w:hyperlink r:id=\"rIdLink{}\" w:history=\"1\">{run}</w:hyperlink>",
                        self.links.len()
                    )
                }
                false => self.run("", text),
            },
            Inline::Mark(number) => self.run("<w:vertAlign w:val=\"superscript\"/>", &number.to_string()),
            Inline::Reference(reference) => self.reference(reference),
            Inline::Strong(text) => self.run("<w:b/>", text),
            Inline::Text(text) => self.run("", text),
            Inline::Verdict(text, own) => {
                let colour = tone.unwrap_or(*own).colours().1;
                self.run(&format!("<w:b/><w:color w:val=\"{colour}\"/>"), text)
            }
        }
    }

    /// The attributes of a link to an anchor, in this file or in the other one.
    fn place(&self, anchor: &str) -> Option<String> {
        let here = self.bookmark(anchor).map(|name| format!("w:anchor=\"{name}\""));
        here.or_else(|| Some(format!("r:id=\"{OTHER}\" w:anchor=\"{}\"", self.others.get(anchor)?)))
    }

    fn linked(&self, style: &str) -> String {
        format!("<w:rStyle w:val=\"{}\"/>", escaped(self.style(style)))
    }

    fn reference(&self, reference: &Reference) -> String {
        let tip = reference.artifact.clone().unwrap_or_default();
        match self.place(&reference.id) {
            Some(place) => {
                let run = self.run(&self.linked("ReferenceLink"), &reference.label());
                to(&place, &tip, &run)
            }
            None => self.run("", &reference.label()),
        }
    }

    /// A value that leads to its row in the annex and tells its exact value.
    fn figure(&self, figure: &Figure) -> String {
        let place = figure.evidence.as_ref().and_then(|e| Some((e, self.place(&e.id)?)));
        let exact = match &figure.exact {
            serde_json::Value::Null => return self.run("", &figure.text),
            serde_json::Value::String(exact) => cut(exact, 200),
            exact => exact.to_string(),
        };
        let unit = figure.unit.map(|u| format!(" {}", u.symbol())).unwrap_or_default();
        match place {
            Some((evidence, place)) => {
                let run = self.run(&self.linked("FigureLink"), &figure.text);
                to(&place, &format!("{} · {}", format!("{exact}{unit}").trim_end(), evidence.id), &run)
            }
            None => self.run("", &figure.text),
        }
    }
}

/// A link within the document, with a text that is shown when it is pointed at.
fn to(place: &str, tip: &str, run: &str) -> String {
    let tip = match tip {
        "" => String::new(),
        tip => format!(" w:tooltip=\"{}\"", escaped(&cut(tip, 200))),
    };
    format!("<w:hyperlink {place}{tip} w:history=\"1\">{run}</w:hyperlink>")
}

/// How many bytes of text there are, about.
pub(in crate::report) fn length(content: &Inlines) -> usize {
    let of = |piece: &Inline| match piece {
        Inline::Code(text)
        | Inline::Emphasis(text)
        | Inline::Link { text, .. }
        | Inline::Strong(text)
        | Inline::Text(text)
        | Inline::Verdict(text, _) => text.len(),
        Inline::Figure(figure) => figure.text.len(),
        Inline::Mark(_) => 1,
        Inline::Reference(reference) => reference.id.len() + 2,
    };
    content.iter().map(of).sum()
}
