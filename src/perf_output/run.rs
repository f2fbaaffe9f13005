//! One run of a tool while its lines come in.

use super::{
    chatter::{self, Chatter},
    command::Command,
    consumer::Row,
    figures::Total,
    latency::Latencies,
    messages,
    windows::{Asked, Windows},
};
use crate::{
    record::{Lines, Said, Tool, Window},
    support::{redact, text},
};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// How many runs are kept: a file of more is not one of notes.
pub(super) const RUNS: usize = 10_000;

/// How many different warnings of a run are kept.
const WARNINGS: usize = 50;

/// Columns of a warning that are kept.
const WIDTH: usize = 400;

/// What an end-to-end run comes to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Latency {
    pub avg_ms: Option<f64>,
    /// 50th, 99th and 99.9th percentile.
    pub percentiles: Option<[f64; 3]>,
}

/// A run of a tool, as far as it has been read.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub tool: Option<Tool>,
    pub command: Option<Command>,
    /// One of several commands of a loop, of which these figures may be.
    pub turn_of: Option<Command>,
    pub lines: Lines,
    pub asked: Asked,
    pub windows: Windows,
    /// Those behind the warm-up, which are among the others too.
    pub steady: Option<Windows>,
    pub total: Option<Total>,
    pub row: Option<Row>,
    /// Rebalance and fetch times that cannot be, of the first row that has such.
    pub impossible: Option<(f64, f64)>,
    pub latency: Latency,
    pub metrics: BTreeMap<String, String>,
    pub elisions: Vec<u64>,
    pub days: BTreeSet<Date>,
    /// Whether a person went on writing behind its end.
    pub left: bool,
    /// Whether it is in the background and a command in the foreground came after it.
    pub passed: bool,
    /// Different warnings, and how often each came.
    pub said: Vec<(Said, u64)>,
    /// Lines of warnings that found no place.
    pub not_said: u64,
    pub failed_sends: u64,
}

impl Run {
    pub(super) fn new(tool: Option<Tool>, command: Option<Command>, first: u64) -> Self {
        let number = |names: &[&str]| command.as_ref()?.option(names)?.parse::<f64>().ok();
        let asked = Asked {
            interval_s: number(&["reporting-interval"]).filter(|ms| *ms > 0.0).map_or(5.0, |ms| ms / 1000.0),
            record_size: number(&["record-size"]).map(|size| size as u64),
            target: number(&["throughput"]),
        };
        let mut run = Self {
            tool,
            lines: Lines { first, last: first },
            asked,
            windows: Windows::default(),
            steady: None,
            total: None,
            row: None,
            impossible: None,
            latency: Latency::default(),
            metrics: BTreeMap::new(),
            elisions: Vec::new(),
            days: BTreeSet::new(),
            left: false,
            passed: false,
            said: Vec::new(),
            not_said: 0,
            failed_sends: 0,
            command: None,
            turn_of: None,
        };
        if command.as_ref().is_some_and(|c| redact::mask(&c.text) != c.text) {
            run.say(messages::secret_in_command());
        }
        run.command = command;
        run
    }

    /// A run of its own for an end that may be of one of several commands.
    pub(super) fn of_any(tool: Tool, first: u64, last: u64) -> Self {
        let mut run = Self::new(Some(tool), None, first);
        run.lines.last = last.max(first);
        run.say(messages::total_of_several());
        run
    }

    /// Whether it has come to its end, so that other figures belong to another run.
    pub(super) fn has_ended(&self) -> bool {
        self.total.is_some()
            || self.row.as_ref().is_some_and(|row| !row.detailed)
            || self.latency.percentiles.is_some()
    }

    /// Whether no figure of it was seen.
    pub(super) fn is_silent(&self) -> bool {
        let has_latency = self.latency.avg_ms.is_some() || self.latency.percentiles.is_some();
        self.windows.count == 0
            && self.total.is_none()
            && self.row.is_none()
            && self.metrics.is_empty()
            && !has_latency
    }

    /// Whether its command may be no more than text.
    pub(super) fn is_doubtful(&self) -> bool {
        self.command.as_ref().is_some_and(|command| command.doubt.is_some())
    }

    /// The text of a command that may be no more than that, where nothing at all was printed behind it.
    pub(super) fn never_ran(&self) -> Option<String> {
        let command = self.command.as_ref()?;
        let doubt = command.doubt.as_ref()?;
        let secret = messages::secret_in_command();
        let is_quiet = self.said.iter().all(|(said, _)| *said == secret) && self.days.is_empty();
        (self.is_silent() && is_quiet && self.elisions.is_empty() && self.not_said == 0)
            .then(|| format!("{doubt}{}", command.text))
    }

    /// How many records its end counts.
    pub(super) fn counted(&self) -> Option<u64> {
        let row = self.row.as_ref().filter(|row| !row.detailed);
        self.total.map(|total| total.records).or_else(|| row.map(|row| row.values[2] as u64))
    }

    /// The same figures as those of the command of `other`, which has none; and the command without them.
    pub(super) fn exchanged(mut self, other: Self) -> (Self, Self) {
        let mut without = Self::new(self.tool, self.command.take(), self.lines.first);
        self.said.retain(|(said, _)| *said != messages::secret_in_command());
        for (said, _) in other.said {
            self.say(said);
        }
        (self.command, self.lines.first, self.asked) = (other.command, other.lines.first, other.asked);
        // How long a consumer's window may be, its joining says too.
        if self.tool == Some(Tool::Producer) {
            for windows in std::iter::once(&mut self.windows).chain(&mut self.steady) {
                *windows = windows.of(self.asked);
            }
        }
        without.lines.last = without.lines.first;
        (self, without)
    }

    /// Its command, with its first and last line.
    pub(super) fn into_command(self) -> Option<(Command, u64, u64)> {
        Some((self.command?, self.lines.first, self.lines.last))
    }

    pub(super) fn window(&mut self, window: Window) {
        self.windows.add(window, self.asked);
        if let Some(steady) = &mut self.steady {
            steady.add(window, self.asked);
        }
    }

    /// Takes in a consumer's row: a window where it is one of several.
    pub(super) fn row(&mut self, row: Row, line: u64) {
        self.days.extend([row.start, row.end].into_iter().flatten().map(|at| at.date()));
        if self.impossible.is_none() && row.is_impossible() {
            self.impossible = row.values.get(4).copied().zip(row.values.get(5).copied());
        }
        if row.detailed {
            // Whoever joins reads nothing meanwhile.
            let joining = row.values.get(4).filter(|ms| (0.0..1e10).contains(*ms)).unwrap_or(&0.0);
            let asked = Asked { interval_s: self.asked.interval_s + joining / 1000.0, ..self.asked };
            let before = self.row.as_ref().map_or(0.0, |r| r.values[2]);
            self.windows.add(
                Window {
                    line,
                    records: (row.values[2] - before).max(0.0) as u64,
                    records_per_s: row.values[3],
                    mb_per_s: row.values[1],
                    avg_ms: None,
                    max_ms: None,
                },
                asked,
            );
        }
        self.row = Some(row);
    }

    /// Keeps a warning once, and how often it came.
    pub(super) fn say(&mut self, warning: impl Into<Said>) {
        let warning = warning.into();
        if let Some((_, times)) = self.said.iter_mut().find(|(said, _)| *said == warning) {
            *times += 1;
        } else if self.said.len() < WARNINGS {
            self.said.push((warning, 1));
        } else {
            self.not_said += 1;
        }
    }

    /// Takes in a line that holds no figure.
    pub(super) fn chatter(&mut self, chatter: Chatter, number: u64, line: &str) {
        self.lines.last = number;
        match chatter {
            Chatter::Elision if self.elisions.len() < 1000 => self.elisions.push(number),
            Chatter::Exception => self.exception(line),
            Chatter::Steady => self.steady = Some(Windows::default()),
            _ => {}
        }
    }

    /// Takes in the JVM's options, which go up to the line `last`.
    pub(super) fn jvm_options(&mut self, options: &str, last: u64) {
        self.lines.last = last;
        if redact::mask(options) != options {
            self.say(messages::secret_in_jvm_options());
            chatter::learn_secrets(options);
        }
    }

    /// Takes in a line of an end-to-end run.
    pub(super) fn latency(&mut self, found: Latencies) {
        match found {
            Latencies::One => {}
            Latencies::Average(avg) => self.latency.avg_ms = Some(avg),
            Latencies::Percentiles(percentiles) => self.latency.percentiles = Some(percentiles),
        }
    }

    /// Keeps a line of a log that ends in the line `last`, without its time so that equal ones are counted.
    pub(super) fn log(&mut self, line: &str, warning: bool, last: u64) {
        self.lines.last = self.lines.last.max(last);
        self.days.extend(chatter::day(line));
        if warning {
            let rest = match chatter::day(line) {
                Some(_) if line.starts_with('[') => line.split_once(']').map_or(line, |(_, rest)| rest),
                Some(_) => line.splitn(3, ' ').nth(2).unwrap_or(line),
                None => line,
            };
            self.say(Said::verbatim(text::cut(&redact::mask(rest.trim()), WIDTH)));
        }
    }

    /// Counts an exception: with a producer, a record that was given up.
    fn exception(&mut self, line: &str) {
        if self.tool == Some(Tool::Producer) && !line.contains("Caused by") {
            self.failed_sends += 1;
        }
        self.say(Said::verbatim(text::cut(&redact::mask(line), WIDTH)));
    }

    /// The run behind its warm-up, which has a total of its own.
    pub(super) fn steady_part(&self, total: Total, line: u64) -> Self {
        let mut part = Self::new(self.tool, self.command.clone(), self.lines.first);
        part.said.clear();
        part.windows = self.steady.clone().unwrap_or_default();
        part.elisions.clone_from(&self.elisions);
        part.total = Some(total);
        part.lines.last = line;
        part
    }
}
