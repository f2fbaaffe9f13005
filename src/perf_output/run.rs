//! One run of a tool while its lines come in, and the [`Scenario`] that it ends as.

use super::{
    chatter, checks,
    command::{Command, Tool},
    consumer::{COLUMNS, Row},
    figures::Total,
    metrics,
    windows::{Asked, Windows},
};
use crate::{
    record::{Lines, Scenario, Window},
    support::{redact, text},
};
use jiff::civil::Date;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

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
    pub lines: Lines,
    pub asked: Asked,
    pub windows: Windows,
    /// Those behind the warm-up, which are among the others too.
    pub steady: Option<Windows>,
    pub total: Option<Total>,
    pub row: Option<Row>,
    pub latency: Latency,
    pub metrics: BTreeMap<String, String>,
    pub elisions: Vec<u64>,
    pub days: BTreeSet<Date>,
    /// Whether a person went on writing behind its end.
    pub left: bool,
    said: Vec<(String, u64)>,
    not_said: u64,
    failed_sends: u64,
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
            latency: Latency::default(),
            metrics: BTreeMap::new(),
            elisions: Vec::new(),
            days: BTreeSet::new(),
            left: false,
            said: Vec::new(),
            not_said: 0,
            failed_sends: 0,
            command: None,
        };
        if command.as_ref().is_some_and(|c| redact::mask(&c.text) != c.text) {
            run.say("the command holds a secret in clear, masked here: change it where others can read the source");
        }
        run.command = command;
        run
    }

    /// Whether it has come to its end, so that other figures belong to another run.
    pub(super) fn has_ended(&self) -> bool {
        self.total.is_some()
            || self.row.as_ref().is_some_and(|row| !row.detailed)
            || self.latency.percentiles.is_some()
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
        if row.detailed {
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
                self.asked,
            );
        }
        self.row = Some(row);
    }

    /// Keeps a warning once, and how often it came.
    pub(super) fn say(&mut self, warning: &str) {
        if let Some((_, times)) = self.said.iter_mut().find(|(said, _)| said == warning) {
            *times += 1;
        } else if self.said.len() < WARNINGS {
            self.said.push((warning.to_owned(), 1));
        } else {
            self.not_said += 1;
        }
    }

    /// Keeps a line of a log, without its time so that equal ones are counted.
    pub(super) fn log(&mut self, line: &str, warning: bool) {
        self.days.extend(chatter::day(line));
        if warning {
            let rest = match chatter::day(line) {
                Some(_) if line.starts_with('[') => line.split_once(']').map_or(line, |(_, rest)| rest),
                Some(_) => line.splitn(3, ' ').nth(2).unwrap_or(line),
                None => line,
            };
            self.say(&text::cut(&redact::mask(rest.trim()), WIDTH));
        }
    }

    /// Counts an exception: with a producer, a record that was given up.
    pub(super) fn exception(&mut self, line: &str) {
        if self.tool == Some(Tool::Producer) && !line.contains("Caused by") {
            self.failed_sends += 1;
        }
        self.say(&text::cut(&redact::mask(line), WIDTH));
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

    /// The scenario that it comes to.
    pub(super) fn finish(mut self, day: Option<Date>) -> Scenario {
        if self.failed_sends > 0 {
            let exceptions =
                text::plural(usize::try_from(self.failed_sends).unwrap_or(usize::MAX), "exception");
            self.say(&format!(
                "{exceptions}: records that were given up are in no figure, and do not change the tool's exit code"
            ));
        }
        for warning in checks::contradictions(&self, day) {
            self.say(&warning);
        }
        let mut warnings: Vec<String> = self
            .said
            .iter()
            .map(
                |(warning, times)| {
                    if *times == 1 { warning.clone() } else { format!("{times} times: {warning}") }
                },
            )
            .collect();
        if self.not_said > 0 {
            warnings.push(format!("{} more lines of warnings", self.not_said));
        }
        let option = |names: &[&str]| self.command.as_ref().and_then(|c| c.option(names));
        let mut scenario = Scenario {
            name: self.name(),
            command: self.command.as_ref().map(|c| redact::mask(&c.text).into_owned()),
            topic: option(&["topic", "include"]).map(|topic| redact::mask(topic).into_owned()),
            record_size_bytes: self.asked.record_size,
            target_rate: self.asked.target,
            properties: self.properties(),
            warnings,
            lines: self.lines,
            metrics: self
                .metrics
                .iter()
                .map(|(name, printed)| (name.clone(), metrics::value(printed)))
                .collect(),
            ..Scenario::default()
        };
        if let Some(total) = self.total {
            let [p50, p95, p99, p999] = total.percentiles.map(|p| total.avg_ms.map(|_| p));
            scenario.records = Some(total.records);
            scenario.achieved_records_per_s = Some(total.records_per_s);
            scenario.mb_per_s = Some(total.mb_per_s);
            (scenario.avg_ms, scenario.max_ms) =
                (total.avg_ms, total.max_ms.filter(|_| total.avg_ms.is_some()));
            (scenario.p50_ms, scenario.p95_ms, scenario.p99_ms, scenario.p999_ms) = (p50, p95, p99, p999);
        }
        if let Some(row) = &self.row {
            scenario.records = Some(row.values[2] as u64);
            let finite = |value: f64| Some(value).filter(|v| v.is_finite());
            // The rates of a detailed row are those of its interval.
            if !row.detailed {
                scenario.achieved_records_per_s = finite(row.values[3]);
                scenario.mb_per_s = finite(row.values[1]);
            }
            let places = COLUMNS.iter().zip(&row.values).enumerate();
            let extra = places.filter(|(i, _)| *i == 0 || (*i > 3 && !row.detailed));
            scenario.metrics.extend(extra.map(|(_, (name, value))| ((*name).to_owned(), json(*value))));
        }
        if self.tool == Some(Tool::EndToEnd) {
            scenario.avg_ms = self.latency.avg_ms;
            let [p50, p99, p999] = self.latency.percentiles.map_or([None; 3], |p| p.map(Some));
            (scenario.p50_ms, scenario.p99_ms, scenario.p999_ms) = (p50, p99, p999);
        }
        scenario.windows = self.windows.listed;
        scenario
    }

    fn properties(&self) -> BTreeMap<String, String> {
        let Some(command) = &self.command else { return BTreeMap::new() };
        let mut json: Value =
            command.properties.iter().map(|(k, v)| (k.clone(), Value::from(v.as_str()))).collect();
        redact::mask_json(&mut json);
        let Value::Object(masked) = json else { return BTreeMap::new() };
        masked.into_iter().map(|(k, v)| (k, v.as_str().unwrap_or_default().to_owned())).collect()
    }

    /// `produce orders, 1024 B at 1000/s`; without a command, the line where it begins.
    fn name(&self) -> String {
        let verb = match self.tool {
            Some(Tool::Producer) => "produce",
            Some(Tool::Consumer) => "consume",
            Some(Tool::EndToEnd) => "end to end",
            None => "run",
        };
        let Some(topic) = self.command.as_ref().and_then(|c| c.option(&["topic", "include"])) else {
            return format!("{verb} of line {}", self.lines.first);
        };
        let mut name = format!("{verb} {topic}");
        if let Some(size) = self.asked.record_size {
            name.push_str(&format!(", {size} B"));
        }
        match self.asked.target {
            Some(rate) if rate < 0.0 => name.push_str(" unlimited"),
            Some(rate) => name.push_str(&format!(" at {rate}/s")),
            None => {}
        }
        if self.total.is_some_and(|t| t.steady) {
            name.push_str(", steady state");
        }
        redact::mask(&name).into_owned()
    }
}

/// A number as JSON: whole where it is, a text where it is none.
fn json(value: f64) -> Value {
    match value {
        v if v.is_finite() && v.fract() == 0.0 && v.abs() < 1e15 => Value::from(v as i64),
        v if v.is_finite() => v.into(),
        v if v.is_nan() => "NaN".into(),
        _ => "Infinity".into(),
    }
}
