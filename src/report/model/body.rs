//! Rows of the report's body: its summary, the parts of the day, what the sections say in tables.

use super::figure::{Figure, Reference, Statement};
use serde::Serialize;

/// What a scenario is, whatever its kind or tool is called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LoadSort {
    /// It looks for what was copied.
    Copies,
    /// It looks for the highest rate that holds.
    Limit,
    /// It reads records that are on the cluster already.
    Reads,
    /// It sends records; any load that is none of the others.
    #[default]
    Sends,
}

/// What the first page of a report names beside its day.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Cover {
    /// Who wrote it.
    pub authors: Vec<String>,
    /// Version of the report, from the campaign file; `1` where that has none.
    pub version: String,
    /// Who may read it, where the campaign says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classification: Option<String>,
}

/// A sentence of the summary and what it is about.
#[derive(Debug, Clone, Serialize)]
pub struct SummaryLine {
    /// `caveat`, `done`, `results`, `risks` or `priorities`.
    pub lead: &'static str,
    /// The same in the language; empty for a caveat.
    pub title: String,
    /// The sentence.
    #[serde(flatten)]
    pub statement: Statement,
}

/// A part of the day.
#[derive(Debug, Clone, Serialize)]
pub struct PeriodRow {
    /// How it is called.
    pub title: String,
    /// What was done and seen.
    pub observed: Vec<Statement>,
    /// What is supposed or unclear.
    pub to_validate: Vec<Statement>,
    /// What follows from it.
    pub actions: Vec<Statement>,
}

/// Something about dashboards and monitoring.
#[derive(Debug, Clone, Serialize)]
pub struct MonitoringRow {
    /// What was found missing.
    pub missing: String,
    /// What people noted as corrected; empty where the row is about something else.
    pub corrected: String,
    /// What is left to do.
    pub left: String,
    /// Checks, notes or lines that the row rests on.
    pub evidence: Vec<Reference>,
}

/// Something about security.
#[derive(Debug, Clone, Serialize)]
pub struct SecurityRow {
    /// What it is about.
    pub domain: String,
    /// What holds, and who or what says so.
    pub fact: String,
    /// What the check found; `–` for a note, whose words are the fact.
    pub found: String,
    /// What is left to do.
    pub left: String,
    /// Checks, notes or files that the row rests on.
    pub evidence: Vec<Reference>,
}

/// What makes a risk, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RiskKind {
    /// A fault that was not taken back.
    Fault,
    /// A failed criterion.
    Failed,
    /// A step that came to no verdict.
    Stopped,
    /// A certificate that has expired or soon will.
    Certificate,
    /// A step that was waived or skipped.
    Waiver,
    /// A rate that was not held.
    Saturation,
    /// A criterion that could not be judged.
    Inconclusive,
    /// A criterion that only warns.
    Warning,
    /// A warning of a tool in an import.
    Tool,
    /// A secret that was in clear.
    Secret,
    /// What somebody noted.
    Noted,
}

/// A risk.
#[derive(Debug, Clone, Serialize)]
pub struct RiskRow {
    /// Which sort.
    pub kind: RiskKind,
    /// The same in the language.
    pub title: String,
    /// Sentence that says what the risk is, with its evidence.
    #[serde(flatten)]
    pub statement: Statement,
}

/// Something to be done.
#[derive(Debug, Clone, Serialize)]
pub struct NextRow {
    /// What is to be done, in the report's language or in the words of who noted it.
    pub action: String,
    /// Why.
    pub reason: String,
    /// What it follows from.
    pub evidence: Vec<Reference>,
}

/// An objective of the campaign.
#[derive(Debug, Clone, Serialize)]
pub struct ObjectiveRow {
    /// Name in this report: `O1`.
    pub id: String,
    /// Name in the campaign.
    pub name: String,
    /// Target value, its unit taken from the suffix of the name.
    pub value: Figure,
    /// Where it is written.
    pub source: String,
}

/// A line that a person wrote into an imported file.
#[derive(Debug, Clone, Serialize)]
pub struct LineRow {
    /// Name in this report: `I1:20`.
    pub id: String,
    /// Which sort of note it is, in a word of the language.
    pub kind: String,
    /// How that is known.
    pub rule: String,
    /// Words of the line, without its marks.
    pub text: String,
}

/// A figure of a client and what it says.
#[derive(Debug, Clone, Serialize)]
pub struct MetricRow {
    /// Its name, as the client has it.
    pub name: String,
    /// Its value.
    pub figure: Figure,
    /// What it says.
    pub meaning: String,
}

/// Loads beside each other.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// `capped`, `size` or `setting`.
    pub what: &'static str,
    /// The same in the language.
    pub title: String,
    /// Every parameter in which any two of the loads differ.
    pub parameters: Vec<String>,
    /// Loads that the table shows, one a row.
    pub loads: Vec<ComparedLoad>,
    /// What can be concluded.
    pub conclusions: Vec<Statement>,
}

/// A load of a comparison.
#[derive(Debug, Clone, Serialize)]
pub struct ComparedLoad {
    /// How it is called.
    pub title: String,
    /// The values of the parameters, in their order.
    pub values: Vec<String>,
    /// Rate, MB/s, P50, P99 and maximum.
    pub figures: Vec<Figure>,
}
