//! Pages: their size, their margins, and what ends a section of them.

/// A length of Word: a twentieth of a point.
pub(super) type Twips = u32;

/// The pages of a document.
#[derive(Debug, Clone)]
pub(super) struct Pages {
    /// The short side.
    pub(super) short: Twips,
    /// The long side.
    pub(super) long: Twips,
    /// `<w:pgMar …/>`.
    pub(super) margins: String,
    /// Left and right margin together.
    pub(super) beside: Twips,
    /// Headers and footers, as references of a section.
    pub(super) references: String,
    /// What else a section of the house template says, behind size and margins.
    pub(super) rest: String,
}

impl Default for Pages {
    /// A4, 2 cm of margin, the footer of this program.
    fn default() -> Self {
        Self {
            short: 11_906,
            long: 16_838,
            margins:
                "<w:pgMar w:top=\"1134\" w:right=\"1134\" w:bottom=\"1134\" w:left=\"1134\" w:header=\"567\" \
                      w:footer=\"567\" w:gutter=\"0\"/>"
                    .to_owned(),
            beside: 2268,
            references: "<w:footerReference w:type=\"default\" r:id=\"rIdFooter\"/>".to_owned(),
            rest: String::new(),
        }
    }
}

impl Pages {
    /// Width of the text.
    pub(super) fn text(&self, wide: bool) -> Twips {
        let width = if wide { self.long } else { self.short };
        width.saturating_sub(self.beside).max(2000)
    }

    /// What makes pages of everything since the last one.
    pub(super) fn section(&self, wide: bool) -> String {
        let (width, height, turned) = match wide {
            true => (self.long, self.short, " w:orient=\"landscape\""),
            false => (self.short, self.long, ""),
        };
        format!(
            "<w:sectPr>{}<w:type w:val=\"nextPage\"/><w:pgSz w:w=\"{width}\" w:h=\"{height}\"{turned}/>{}{}</w:sectPr>",
            self.references, self.margins, self.rest
        )
    }
}
