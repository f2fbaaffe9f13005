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
    /// Authors, from the campaign file, else the operators of the runs.
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
    /// The sentence, with the evidence that it rests on.
    #[serde(flatten)]
    pub statement: Statement,
}

/// A part of a day, such as the morning, with its observations and actions.
#[derive(Debug, Clone, Serialize)]
pub struct PeriodRow {
    /// Name of the part of the day, in the language.
    pub title: String,
    /// What was done and seen.
    pub observed: Vec<Statement>,
    /// What is supposed or unclear.
    pub to_validate: Vec<Statement>,
    /// Actions that follow from what was seen.
    pub actions: Vec<Statement>,
    /// What people decided: waivers, skips, approvals, answers and decisions that they noted.
    pub decisions: Vec<Statement>,
}

/// Something about dashboards and monitoring.
#[derive(Debug, Clone, Serialize)]
pub struct MonitoringRow {
    /// What was found missing.
    pub missing: String,
    /// What people noted as corrected; empty where the row is about something else.
    pub corrected: String,
    /// What is left to do, in a sentence; empty where nothing is.
    pub left: String,
    /// Checks, notes or lines that the row rests on.
    pub evidence: Vec<Reference>,
}

/// Something about security.
#[derive(Debug, Clone, Serialize)]
pub struct SecurityRow {
    /// Domain of security, such as encryption, in the language.
    pub domain: String,
    /// What holds, and who or what says so.
    pub fact: String,
    /// What the check found; `–` for a note, whose words are the fact.
    pub found: String,
    /// What is left to do, in a sentence; empty where nothing is.
    pub left: String,
    /// Checks, notes or files that the row rests on.
    pub evidence: Vec<Reference>,
}

/// What makes a risk, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RiskKind {
    /// A fault that was not undone.
    Fault,
    /// A critical criterion that failed.
    Failed,
    /// A step that came to no verdict.
    Stopped,
    /// A certificate that has expired or soon will.
    Certificate,
    /// A step that was waived or skipped.
    Waiver,
    /// A rate that was not held.
    Saturation,
    /// A total that contradicts itself.
    Contradictory,
    /// A criterion that could not be judged.
    Inconclusive,
    /// A criterion that only warns.
    Warning,
    /// A warning of a tool in an import.
    Tool,
    /// A secret that was in clear.
    Secret,
    /// A risk that a person noted.
    Noted,
}

/// A risk, with its class and its evidence.
#[derive(Debug, Clone, Serialize)]
pub struct RiskRow {
    /// Class of the risk, by which the list is sorted.
    pub kind: RiskKind,
    /// The same in the language.
    pub title: String,
    /// Sentence that says what the risk is, with its evidence.
    #[serde(flatten)]
    pub statement: Statement,
}

/// A next action, with its reason.
#[derive(Debug, Clone, Serialize)]
pub struct NextRow {
    /// What is to be done, in the report's language or in the words of who noted it.
    pub action: String,
    /// Why it is to be done, in a sentence of the language.
    pub reason: String,
    /// Records or artifacts that the action follows from.
    pub evidence: Vec<Reference>,
}

/// An objective of the campaign.
#[derive(Debug, Clone, Serialize)]
pub struct ObjectiveRow {
    /// Name in this report: `O1`.
    pub id: String,
    /// Key of the objective in `slo` of the campaign file.
    pub name: String,
    /// Target value, its unit taken from the suffix of the name.
    pub value: Figure,
    /// File and key that set the objective.
    pub source: String,
}

/// A line that a person wrote into an imported file.
#[derive(Debug, Clone, Serialize)]
pub struct LineRow {
    /// Name in this report: `I1:20`.
    pub id: String,
    /// Which sort of note it is, in a word of the language.
    pub kind: String,
    /// The rule or the words by which the line was classified, or that a person did.
    pub rule: String,
    /// Words of the line, without its marks.
    pub text: String,
}

/// A figure of a client and what it says.
#[derive(Debug, Clone, Serialize)]
pub struct MetricRow {
    /// Its name, as the client has it.
    pub name: String,
    /// Value of the metric, with its evidence.
    pub figure: Figure,
    /// What the value means for the load, in the language.
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
    /// Sentences that follow from the table.
    pub conclusions: Vec<Statement>,
}

/// A load of a comparison.
#[derive(Debug, Clone, Serialize)]
pub struct ComparedLoad {
    /// Name of the load, with its place.
    pub title: String,
    /// The values of the parameters, in their order.
    pub values: Vec<String>,
    /// Rate, MB/s, P50, P99 and maximum.
    pub figures: Vec<Figure>,
}
