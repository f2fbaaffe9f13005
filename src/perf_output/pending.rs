//! A line that may go on in the next one: what a narrow terminal broke is put together, and taken apart again where that
//! does not make it whole.

use super::{
    chatter, command,
    consumer::{self, Header, Row},
    figures::{Figures, Parsed, figures},
    metrics, several,
};
use crate::support::redact;
use std::borrow::Cow;

/// Most lines that one is put together from; a command may have many.
const PARTS: usize = 8;
const COMMAND_PARTS: usize = 60;

/// Most bytes of one.
const LONGEST: usize = 64 << 10;

/// What is being put together.
#[derive(Debug)]
pub(super) enum Kind {
    Command { open: bool },
    Figures,
    Header,
    JvmOptions,
    Log,
    Metric,
    Row(Option<Header>),
}

/// Lines so far.
#[derive(Debug)]
pub(super) struct Pending {
    pub kind: Kind,
    /// Numbers and texts of the lines.
    pub parts: Vec<(u64, String)>,
    /// The ways to put them together, the likelier one first.
    pub joined: Vec<String>,
}

/// What came out whole.
#[derive(Debug)]
pub(super) enum Whole {
    Figures(Figures),
    Header(Header),
    Row(Row),
    Metric(String, String),
}

/// What a further line made of it.
#[derive(Debug)]
pub(super) enum Step {
    /// Still not whole.
    More,
    /// Whole, with the line.
    Whole(Whole),
    /// A log line, whole with the line.
    Log,
    /// The line does not belong to it.
    Apart,
}

impl Pending {
    pub(super) fn new(kind: Kind, number: u64, text: &str) -> Self {
        Self::behind(kind, number, text, text)
    }

    /// One whose text is only the end of its line.
    pub(super) fn behind(kind: Kind, number: u64, line: &str, text: &str) -> Self {
        Self { kind, parts: vec![(number, line.to_owned())], joined: vec![text.to_owned()] }
    }

    pub(super) fn first(&self) -> u64 {
        self.parts.first().map_or(0, |(number, _)| *number)
    }

    pub(super) fn last(&self) -> u64 {
        self.parts.last().map_or(0, |(number, _)| *number)
    }

    /// Whether its line begins with the number: no sentence does.
    pub(super) fn begins_with_digit(&self) -> bool {
        self.parts.first().is_some_and(|(_, line)| line.starts_with(|c: char| c.is_ascii_digit()))
    }

    /// The text, put together in the likeliest way.
    pub(super) fn text(&self) -> &str {
        self.joined.first().map_or("", String::as_str)
    }

    /// What stands for each of its lines in a copy, where they hold a secret: the whole, masked, for the first one, nothing
    /// for the others.
    pub(super) fn masked_parts(&self) -> Vec<(u64, String)> {
        match redact::mask(self.text()) {
            Cow::Owned(masked) if self.parts.len() > 1 => {
                let texts = std::iter::once(masked).chain(std::iter::repeat(String::new()));
                self.parts.iter().map(|(number, _)| *number).zip(texts).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Looks whether a further line belongs to it. `near` is whether it follows without a gap; `own` whether the line
    /// is something of its own in any case.
    pub(super) fn take(&mut self, number: u64, text: &str, near: bool, own: bool) -> Step {
        let limit = if matches!(self.kind, Kind::Command { .. }) { COMMAND_PARTS } else { PARTS };
        if self.parts.len() >= limit || self.text().len() + text.len() > LONGEST {
            return Step::Apart;
        }
        let line = text;
        // A mail quotes each piece.
        let text = if matches!(self.kind, Kind::Command { .. }) {
            text
        } else {
            text.trim_start_matches(['>', ' '])
        };
        let step = match &self.kind {
            // Its output may stand behind the last options.
            Kind::Command { open: true } if command::continued(text).starts_with("--") => {
                self.command(true, text)
            }
            Kind::Command { .. } if several::is_open(self.text()) && command::is_typed_alone(text) => {
                self.command(true, text)
            }
            // The commands of one line, with a mark at the end of each.
            Kind::Command { open: true }
                if several::stands_behind(command::continued(text))
                    || several::has_ended(self.text()) && command::is_typed_alone(text) =>
            {
                self.command(true, text)
            }
            Kind::Command { .. } if own => Step::Apart,
            Kind::Command { open } => self.command(*open, text),
            _ if own => Step::Apart,
            Kind::Figures => self.ways(text, |t| whole(figures(t, number), Whole::Figures)),
            Kind::Header => self.ways(text, |t| whole(consumer::header(t), Whole::Header)),
            Kind::Row(header) => {
                let header = *header;
                self.ways(text, |t| whole(consumer::row(t, header), Whole::Row))
            }
            Kind::Metric => {
                let joined = metrics::join(self.text(), text);
                match metrics::row(&joined) {
                    Parsed::Whole((name, value), _) => Step::Whole(Whole::Metric(name, value)),
                    Parsed::Cut => {
                        self.joined = vec![joined];
                        Step::More
                    }
                    Parsed::No => Step::Apart,
                }
            }
            Kind::JvmOptions => self.options(text, near),
            Kind::Log if !near || self.parts.len() >= 4 => Step::Apart,
            Kind::Log => {
                self.joined = vec![format!("{} {text}", self.text())];
                if chatter::names_logger(text) || chatter::names_logger(self.text()) {
                    Step::Log
                } else {
                    Step::More
                }
            }
        };
        if !matches!(step, Step::Apart) {
            self.parts.push((number, line.to_owned()));
        }
        step
    }

    /// Goes on with every way that still fits.
    fn ways(&mut self, next: &str, read: impl Fn(&str) -> Parsed<Whole>) -> Step {
        let mut still = Vec::new();
        for joined in &self.joined {
            for blank in ["", " "] {
                let way = format!("{joined}{blank}{next}");
                match read(&way) {
                    Parsed::Whole(found, end) if end == way.len() => return Step::Whole(found),
                    Parsed::Cut if still.len() < 8 => still.push(way),
                    _ => {}
                }
            }
        }
        if still.is_empty() {
            return Step::Apart;
        }
        self.joined = still;
        Step::More
    }

    fn command(&mut self, open: bool, text: &str) -> Step {
        let (goes_on, bare) = command::goes_on(command::continued(text));
        let joined = match open {
            true => Some(format!("{} {bare}", self.text())),
            false => command::joined(self.text(), bare),
        };
        let Some(joined) = joined else { return Step::Apart };
        self.joined = vec![joined];
        self.kind = Kind::Command { open: goes_on };
        Step::More
    }

    /// Options go on in a line of options, or in one piece where the line before it was cut in the middle of one.
    fn options(&mut self, text: &str, near: bool) -> Step {
        let broken = near && self.parts.last().is_some_and(|(_, part)| part.len() >= 60);
        let piece = text
            .split(' ')
            .next()
            .is_some_and(|word| !word.is_empty() && word.chars().all(|c| !c.is_whitespace()))
            && (!text.contains(' ') || text.split(' ').skip(1).all(|word| word.starts_with('-')));
        if chatter::is_options(text) {
            self.joined = vec![format!("{} {text}", self.text())];
        } else if broken && piece {
            self.joined = vec![format!("{}{text}", self.text())];
        } else {
            return Step::Apart;
        }
        Step::More
    }
}

fn whole<T>(parsed: Parsed<T>, wrap: fn(T) -> Whole) -> Parsed<Whole> {
    match parsed {
        Parsed::Whole(found, end) => Parsed::Whole(wrap(found), end),
        Parsed::Cut => Parsed::Cut,
        Parsed::No => Parsed::No,
    }
}
