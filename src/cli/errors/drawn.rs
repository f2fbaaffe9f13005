//! [`drawn`]: a problem of the plan with its source line and a caret.

use crate::{plan::Problem, support::text};
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, MietteError, MietteSpanContents,
    Report, SourceCode, SourceSpan, SpanContents,
};
use std::io::{self, IsTerminal};

/// A line of more bytes is shown in part: so much before the caret and behind it.
const WIDEST: usize = 240;
const BEFORE: usize = 60;
const BEHIND: usize = 120;
/// How many lines of one value are shown.
const LINES: usize = 12;
/// How much of a sentence is shown, in columns: it may hold a value of a million characters.
const SENTENCE: usize = 1000;

/// The lines around a place, as they are shown.
struct Excerpt {
    path: String,
    text: String,
    /// How many lines are before it.
    line: usize,
    /// Which of its lines has the caret, and in which column of the whole line.
    caret: (usize, usize),
}

/// One problem with its source line and a caret.
pub(crate) fn drawn(problem: &Problem) -> String {
    let (excerpt, span) = excerpt(problem);
    let message = text::cut(&problem.message, SENTENCE);
    let label = LabeledSpan::new_primary_with_span(None, span);
    let mut diagnostic = MietteDiagnostic::new(message.clone()).with_label(label);
    if let Some(hint) = &problem.hint {
        diagnostic = diagnostic.with_help(text::cut(hint, SENTENCE));
    }
    let report = Report::new(diagnostic).with_source_code(excerpt);
    let colour = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler =
        GraphicalReportHandler::new_themed(theme).with_context_lines(1).with_width(100).with_links(false);
    let mut text = String::new();
    if handler.render_report(&mut text, report.as_ref()).is_err() {
        let (line, column) = problem.source.line_column(problem.span.start);
        text = format!("{}:{line}:{column}: {message}\n", text::path(&problem.source.path));
    }
    text
}

/// The lines of a problem with one before and one behind, and where the problem is in them.
fn excerpt(problem: &Problem) -> (Excerpt, SourceSpan) {
    let all = &*problem.source.text;
    let start = all.floor_char_boundary(problem.span.start.min(all.len()));
    let end = all.floor_char_boundary(start.saturating_add(problem.span.len).min(all.len()));
    let first = all[..start].rfind('\n').map_or(0, |at| at + 1);
    let from = all[..first.saturating_sub(1)].rfind('\n').map_or(0, |at| at + 1);
    let end = all[start..end].match_indices('\n').nth(LINES).map_or(end, |(at, _)| start + at);
    let mut shown = Excerpt {
        path: text::path(&problem.source.path),
        text: String::new(),
        line: all[..from].matches('\n').count(),
        caret: (0, 0),
    };
    let (mut offset, mut caret, mut caret_end, mut behind) = (from, 0, 0, false);
    for (index, line) in all[from..].split_inclusive('\n').enumerate() {
        // One line behind the last is enough.
        if std::mem::replace(&mut behind, offset > end) {
            break;
        }
        let has_caret = (offset..=offset + line.len()).contains(&start) && offset == first;
        let (mut left, mut right) = (0, line.len());
        if line.len() > WIDEST {
            let at = if has_caret { start - offset } else { 0 };
            left = line.floor_char_boundary(at.saturating_sub(BEFORE));
            right = line.floor_char_boundary(at + BEHIND).min(line.trim_end_matches('\n').len());
        }
        shown.text.push_str(if left > 0 { "…" } else { "" });
        let base = shown.text.len();
        let in_shown = |place: usize| base + place.saturating_sub(offset).clamp(left, right) - left;
        if has_caret {
            shown.caret = (index, all[first..start].chars().count());
            caret = in_shown(start);
        }
        if offset <= end {
            caret_end = in_shown(end);
        }
        shown.text.extend(line[left..right].chars().map(harmless));
        if right < line.trim_end_matches('\n').len() {
            shown.text.push('…');
        }
        if right < line.len() && line.ends_with('\n') {
            shown.text.push('\n');
        }
        offset += line.len();
    }
    (shown, SourceSpan::new(caret.into(), caret_end.saturating_sub(caret).max(1)))
}

/// A character that steers no terminal, as long as it was.
fn harmless(c: char) -> char {
    match c {
        '\n' | '\t' => c,
        c if c.is_ascii_control() => ' ',
        c if c.is_control() => '·',
        c => c,
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        behind: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let read = self.text.read_span(span, before, behind)?;
        let at_caret = before == 0 && read.line() == self.caret.0;
        Ok(Box::new(MietteSpanContents::new_named(
            self.path.clone(),
            read.data(),
            *read.span(),
            read.line() + self.line,
            if at_caret { self.caret.1 } else { read.column() },
            read.line_count(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::source::{Source, Span};

    fn shown(text: &str, start: usize, len: usize) -> String {
        drawn(&Source::new("x.yaml", text).problem(Span { start, len }, "code", "it is wrong"))
    }

    #[test]
    fn a_problem_is_shown_with_the_lines_around_it() {
        let drawn = shown("a: 1\nb: [2, 3]\nc: 4\nd: 5\n", 9, 1);
        for part in ["x.yaml:2:5", "1 │ a: 1", "2 │ b: [2, 3]", "3 │ c: 4", "it is wrong"] {
            assert!(drawn.contains(part), "{part}: {drawn}");
        }
        assert!(!drawn.contains("d: 5"), "{drawn}");
        assert!(shown("", 0, 1).contains("it is wrong"));
        let drawn = shown("a: \u{1b}[2J\u{9b}2J x\rb\r\n", 3, 1);
        assert!(!drawn.contains(['\u{1b}', '\u{9b}', '\r']) && drawn.contains("[2J·2J x b"), "{drawn}");
        assert!(shown("a", 1, 0).contains("x.yaml:1:2"));
    }

    #[test]
    fn of_a_long_line_the_part_around_the_caret_is_shown() {
        let long = "é".repeat(1_000_000);
        let text = format!("{long}\n{long} wrong {long}\n{long}\n");
        let place = text.find("wrong").unwrap();
        let drawn = shown(&text, place, 5);
        assert!(drawn.len() < 3000, "{}", drawn.len());
        assert!(drawn.contains("x.yaml:2:1000002") && drawn.contains("é wrong é"), "{drawn}");
        let value = format!("a: [\n{}]\n", "1,\n".repeat(100_000));
        assert!(shown(&value, 3, value.len()).lines().count() < 30);
        let (problem, name) = (Source::new("x", "a: 1"), "n".repeat(1_000_000));
        let problem = problem.problem(Span { start: 0, len: 1 }, "code", format!("`{name}` is wrong"));
        assert!(super::drawn(&problem).len() < 5000);
    }
}
