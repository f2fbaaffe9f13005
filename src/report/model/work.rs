//! Rows of what was done and decided.

use super::figure::Reference;
use serde::Serialize;

/// One thing that was done.
#[derive(Debug, Clone, Serialize)]
pub struct WorkRow {
    /// Number of the run, where the report is of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<usize>,
    /// The part of the day in which it began (*morning*).
    pub period: String,
    /// Date and time at which it began, as the language writes them.
    pub started: String,
    /// The time of day at which it began.
    pub at: String,
    /// When it ended, as the language writes it; absent while it runs.
    pub ended: Option<String>,
    /// Number of the step that the action belongs to.
    pub step: u32,
    /// Number of the attempt in which it ran, from 1.
    pub attempt: u32,
    /// Name of the action in the step.
    pub name: String,
    /// Key of the action in the step file, such as `produce`.
    pub kind: String,
    /// Whether it looked at something, changed nothing and came to its end.
    pub is_check: bool,
    /// What the action did, in one line.
    pub what: String,
    /// Its parameters, as `name=value`.
    pub parameters: Vec<String>,
    /// What went on at the same time: other actions, and connectors as they were last seen.
    pub meanwhile: Vec<String>,
    /// Watches that looked on.
    pub watched: Vec<String>,
    /// What it came to, in a word of the language.
    pub result: String,
    /// Records of its start and its end.
    pub evidence: Vec<Reference>,
}

/// Work done by hand, taken into the record.
#[derive(Debug, Clone, Serialize)]
pub struct ImportRow {
    /// Name of the import in this report, such as `I1`.
    pub id: String,
    /// Name of the import, such as `2026-03-02-1`.
    pub import: String,
    /// Day of the work, as the language writes it.
    pub day: String,
    /// The step that it is about.
    pub step: Option<u32>,
    /// Name of the imported file.
    pub file: String,
    /// SHA-256 of the file as it came.
    pub sha256: String,
    /// Who imported it, and when.
    pub by: String,
    /// Runs of a tool that were found in it.
    pub scenarios: usize,
    /// Number of lines that are notes, as the language writes it.
    pub notes: String,
    /// Lines that were not understood.
    pub not_understood: String,
    /// Why what was read cannot be used, where it cannot.
    pub problem: Option<String>,
    /// Record of the import.
    pub evidence: Reference,
}

/// Something that a person decided.
#[derive(Debug, Clone, Serialize)]
pub struct DecisionRow {
    /// Number of the run, where the report is of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<usize>,
    /// Time of the decision, as the language writes it.
    pub at: String,
    /// Step, where it is about one.
    pub step: Option<u32>,
    /// What was decided, in a sentence.
    pub what: String,
    /// Person who decided: the name given with `--by`, or `user@host`.
    pub by: String,
    /// Why, or what they added.
    pub reason: String,
    /// Expiry of a waiver, as the language writes it; absent otherwise.
    pub until: Option<String>,
    /// Record of the decision.
    pub evidence: Reference,
}
