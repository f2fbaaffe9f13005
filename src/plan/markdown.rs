//! Splits a step file into its YAML front matter and its prose, with byte offsets.

use super::source::{Problem, Source, Span};
use pulldown_cmark::{Event, MetadataBlockKind, Options, Parser, Tag};
use std::ops::Range;

/// The two parts of a step file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// Where the YAML is, without its `---` lines.
    pub front_matter: Range<usize>,
    /// Where the prose begins.
    pub prose: usize,
}

/// The options with which all Markdown of a campaign is read.
pub fn options() -> Options {
    Options::ENABLE_YAML_STYLE_METADATA_BLOCKS | Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH
}

/// Finds the parts, or says that there is no front matter.
pub fn split(source: &Source) -> Result<Parts, Box<Problem>> {
    let mut events = Parser::new_ext(&source.text, options()).into_offset_iter();
    match events.next() {
        Some((Event::Start(Tag::MetadataBlock(MetadataBlockKind::YamlStyle)), block)) => {
            let text = &source.text[block.clone()];
            let start = block.start + text.find('\n').map_or(0, |at| at + 1);
            let end = block.start + text.trim_end().rfind('\n').map_or(0, |at| at + 1);
            Ok(Parts { front_matter: start..end.max(start), prose: block.end })
        }
        _ if source.text.contains('\r') && !source.text.contains('\n') => Err(Box::new(
            source
                .problem(
                    Span { start: 0, len: 3.min(source.text.len()) },
                    "front-matter",
                    "the lines of this file end with a carriage return alone, so that it is one line",
                )
                .hint("save it with line feeds (`\\n`): `tr '\\r' '\\n' <OLD >NEW`"),
        )),
        _ => Err(Box::new(
            source
                .problem(
                    Span { start: 0, len: source.text.lines().next().map_or(0, str::len).max(1) },
                    "front-matter",
                    "a step file begins with YAML front matter between two lines `---`",
                )
                .hint("put `---` in the first line, the keys `step`, `title`, `actions`, `criteria` below it, and `---` after them"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_matter_and_prose_are_found() {
        let source = Source::new("00.md", "---\nstep: 0\ntitle: x\n---\n\n# Procedure\n");
        let parts = split(&source).unwrap();
        assert_eq!(&source.text[parts.front_matter], "step: 0\ntitle: x\n");
        assert!(source.text[parts.prose..].trim_start().starts_with("# Procedure"));
    }

    #[test]
    fn a_file_without_front_matter_is_a_problem() {
        assert!(split(&Source::new("00.md", "# Title\n")).is_err());
        assert!(split(&Source::new("00.md", "")).is_err());
        let one_line = split(&Source::new("00.md", "---\rstep: 0\r---\r")).unwrap_err();
        assert!(one_line.message.contains("carriage return"), "{}", one_line.message);
    }
}
