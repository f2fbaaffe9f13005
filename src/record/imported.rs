//! What was read from the output of Kafka's own performance tools: [`Scenario`], and the [`Import`] that puts it on record.

use super::{Artifact, Said, StepId};
use crate::support::redact;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, collections::BTreeMap};

/// Kafka's own performance tools.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
pub enum Tool {
    /// Sends records and measures from the send call.
    #[serde(rename = "kafka-producer-perf-test")]
    Producer,
    /// Reads records and measures the rate.
    #[serde(rename = "kafka-consumer-perf-test")]
    Consumer,
    /// It sends a record and reads it before it sends the next one.
    #[serde(rename = "kafka-e2e-latency")]
    EndToEnd,
}

impl Tool {
    /// Name of its script, without an ending.
    pub const fn script(self) -> &'static str {
        match self {
            Self::Producer => "kafka-producer-perf-test",
            Self::Consumer => "kafka-consumer-perf-test",
            Self::EndToEnd => "kafka-e2e-latency",
        }
    }

    /// The verb that the names of its scenarios begin with.
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Producer => "produce",
            Self::Consumer => "consume",
            Self::EndToEnd => "end to end",
        }
    }

    /// Whether records are sent with it.
    pub const fn sends(self) -> bool {
        !matches!(self, Self::Consumer)
    }

    /// Whether records are read with it.
    pub const fn reads(self) -> bool {
        !matches!(self, Self::Producer)
    }
}

/// One run of a tool, as its output tells it. What the output does not say is `None`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Scenario {
    /// What was run on what, in a few words.
    pub name: String,
    /// The tool, where its command or the shape of its output tells; imports of before 0.2 do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<Tool>,
    /// The command on one line, without its prompt, secrets masked.
    pub command: Option<String>,
    /// The topic that the command names.
    pub topic: Option<String>,
    /// Records of the tool's total: acknowledged ones of a producer, read ones of a consumer.
    pub records: Option<u64>,
    /// Size of a record's value in bytes, as the command asks for it.
    pub record_size_bytes: Option<u64>,
    /// Records per second that the command asks for; below zero: as fast as it goes.
    pub target_rate: Option<f64>,
    /// Records per second of the total.
    pub achieved_records_per_s: Option<f64>,
    /// MB per second of the total; MB are 1024 × 1024 bytes.
    pub mb_per_s: Option<f64>,
    /// Mean latency in milliseconds, from the send call to the acknowledgement.
    pub avg_ms: Option<f64>,
    /// Longest latency in milliseconds.
    pub max_ms: Option<f64>,
    /// Median latency in whole milliseconds, of a sample of at most 500,000 records, as the other percentiles.
    pub p50_ms: Option<f64>,
    /// 95th percentile of the latency in whole milliseconds.
    pub p95_ms: Option<f64>,
    /// 99th percentile of the latency in whole milliseconds.
    pub p99_ms: Option<f64>,
    /// 99.9th percentile of the latency in whole milliseconds.
    pub p999_ms: Option<f64>,
    /// Figures of the intervals that the tool printed, in their order.
    pub windows: Vec<Window>,
    /// Properties on the command line; those of a file that it names are not known.
    pub properties: BTreeMap<String, String>,
    /// The table of `--print-metrics`, and the columns of a consumer that have no place above; numbers, or a text as printed.
    pub metrics: BTreeMap<String, serde_json::Value>,
    /// What the tool warned of, and what contradicts what.
    pub warnings: Vec<Said>,
    /// Where it stands in the file.
    pub lines: Lines,
}

/// First and last line, from 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Lines {
    /// Number of the first line.
    pub first: u64,
    /// Number of the last line, which is part of it.
    pub last: u64,
}

/// Figures of one interval. A consumer's have no latency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Window {
    /// Line of the file, from 1.
    pub line: u64,
    /// Records acknowledged or read in it.
    pub records: u64,
    /// Records per second, as the tool printed it.
    pub records_per_s: f64,
    /// MB per second; MB are 1024 × 1024 bytes.
    pub mb_per_s: f64,
    /// Mean latency in milliseconds.
    pub avg_ms: Option<f64>,
    /// Longest latency in milliseconds.
    pub max_ms: Option<f64>,
}

/// One line of the file, secrets masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Line {
    /// Number of the line in the file, from 1.
    pub line: u64,
    /// How many columns it is set in; a tab counts for four.
    #[serde(default, skip_serializing_if = "is_at_the_margin")]
    pub indent: usize,
    /// Text of the line, secrets masked.
    pub text: String,
}

/// Whether a line is not set in.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_at_the_margin(indent: &usize) -> bool {
    *indent == 0
}

impl Line {
    /// What it says, without the mark of a list that it was pasted with and the blanks behind that.
    pub fn said(&self) -> &str {
        let text = self.text.trim();
        let mark =
            ["- ", "– ", "— ", "• ", "· ", "* ", "o ", "§ "].into_iter().find(|mark| text.starts_with(mark));
        mark.map_or(text, |mark| text[mark.len()..].trim_start())
    }
}

/// Everything that a file says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Reading {
    /// The runs of the tools, in their order.
    pub scenarios: Vec<Scenario>,
    /// Lines that a person wrote.
    pub notes: Vec<Line>,
    /// Lines that are neither.
    pub not_understood: Vec<Line>,
    /// How many more there are of both sorts than are listed; there only where there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_listed: Option<NotListed>,
    /// How many of the listed lines held a secret in clear, which is masked; there only where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub masked_lines: Option<u64>,
}

/// Lines that are counted and not listed: a list has an end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct NotListed {
    /// Number of further lines that are notes.
    pub notes: u64,
    /// Number of further lines that were not understood.
    pub not_understood: u64,
}

impl Reading {
    /// Gives a scenario without a tool that of the verb of its name, else the producer's, whose output is the commonest:
    /// imports of before 0.2 do not say it.
    pub(crate) fn complete_tools(&mut self) {
        for scenario in &mut self.scenarios {
            let is_of = |tool: &Tool| scenario.name.starts_with(&format!("{} ", tool.verb()));
            let named = [Tool::Consumer, Tool::EndToEnd].into_iter().find(is_of);
            scenario.tool = scenario.tool.or(named).or(Some(Tool::Producer));
        }
    }

    /// Masks secrets in the lines that are listed, and counts the lines that held one.
    pub(crate) fn mask(&mut self) {
        for line in self.notes.iter_mut().chain(&mut self.not_understood) {
            if let Cow::Owned(masked) = redact::mask(&line.text) {
                line.text = masked;
                *self.masked_lines.get_or_insert(0) += 1;
            }
        }
    }

    /// How many lines are notes, listed or not.
    pub fn notes_in_all(&self) -> u64 {
        self.notes.len() as u64 + self.not_listed.map_or(0, |more| more.notes)
    }

    /// How many lines were not understood, listed or not.
    pub fn not_understood_in_all(&self) -> u64 {
        self.not_understood.len() as u64 + self.not_listed.map_or(0, |more| more.not_understood)
    }
}

/// Work done by hand, taken into the record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Import {
    /// Its name: the day, and a number behind it.
    pub id: String,
    /// The day on which the work was done, as whoever imports it says.
    pub day: Date,
    /// The step that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepId>,
    /// Who imported it, as `user@host`.
    pub by: String,
    /// Name of the file, without its folder.
    pub file: String,
    /// SHA-256 of the file as it was; of its masked text where there were secrets in it.
    pub sha256: String,
    /// The file's text, secrets masked.
    pub source: Artifact,
    /// What was read from it: a [`Reading`] as JSON, windows and metrics included.
    pub reading: Artifact,
    /// The scenarios without their windows and metrics, which the artifact has.
    pub scenarios: Vec<Scenario>,
    /// How many lines are notes.
    pub notes: u64,
    /// How many lines were not understood.
    pub not_understood: u64,
}

/// An import that was withdrawn; it stays on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// Name of the import, such as `2026-03-02-1`.
    pub import: String,
    /// Person who withdrew it: the name given with `--by`, or `user@host`.
    pub by: String,
    /// Reason that the person gave with `--reason`.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_without_a_tool_gets_that_of_its_name() {
        for (name, own, tool) in [
            ("produce orders, 1024 B", None, Tool::Producer),
            ("consume of line 7", None, Tool::Consumer),
            ("end to end orders", None, Tool::EndToEnd),
            ("run of line 3", None, Tool::Producer),
            ("endless orders", None, Tool::Producer),
            ("produce orders", Some(Tool::Consumer), Tool::Consumer),
        ] {
            let scenario = Scenario { name: name.to_owned(), tool: own, ..Scenario::default() };
            let mut reading = Reading { scenarios: vec![scenario], ..Reading::default() };
            reading.complete_tools();
            assert_eq!(reading.scenarios[0].tool, Some(tool), "{name}");
        }
    }

    #[test]
    fn the_mark_of_a_list_is_not_what_a_line_says() {
        for (text, said) in [
            ("-       On constate", "On constate"),
            ("o   1 800 000", "1 800 000"),
            (" • x - y", "x - y"),
            ("on constate", "on constate"),
            ("-1 est sans limite", "-1 est sans limite"),
        ] {
            assert_eq!(Line { line: 1, indent: 0, text: text.to_owned() }.said(), said);
        }
    }
}
