//! [`Figure`], [`Statement`] and the [`Reference`] that each has: what everything in a report is made of.

use crate::{
    record::{Unit, Value},
    report::language::{Language, Word},
};
use serde::Serialize;

/// A place in the evidence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Reference {
    /// Name in this report: `E12` for an artifact of the annex, `J45` for record 45 of the run's journal (`J2.45` for
    /// that of the second of several runs), `N3` for a note, `I2` for an import.
    pub id: String,
    /// The folder below `artifacts` that holds it: the run's, `notes` or `imports`.
    pub folder: String,
    /// The artifact's path below that folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact: Option<String>,
    /// SHA-256 of the artifact as stored, in hexadecimal; `None` for a record or a file of the plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Number of the record in the journal; absent for an artifact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<u64>,
}

impl Reference {
    /// How the text names it: `[E12]`.
    pub fn label(&self) -> String {
        format!("[{}]", self.id)
    }

    /// Record `seq` of the journal in `folder`, called `id`.
    pub fn record(id: String, folder: &str, seq: u64) -> Self {
        Self { id, folder: folder.to_owned(), artifact: None, sha256: None, record: Some(seq) }
    }
}

/// One value as shown, its exact value, and where it comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// As shown, with its unit; *not measured* and why, where there is none.
    pub text: String,
    /// The exact value; `null` where there is none.
    pub exact: serde_json::Value,
    /// Unit of `exact`; `None` for a text, a flag and a missing value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// The artifact or record that the value was read from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Reference>,
    /// What criteria compared it with: however it is rounded, it shows on the same side of each.
    #[serde(skip)]
    pub limits: Vec<f64>,
}

impl Figure {
    /// The figure that nobody measured.
    pub(in crate::report) fn missing(language: Language) -> Self {
        let text = language.word(Word::NotMeasured).to_owned();
        Self { text, exact: serde_json::Value::Null, unit: None, evidence: None, limits: Vec::new() }
    }

    /// A value written as `text`.
    pub fn new(value: &Value, text: String, evidence: Option<Reference>) -> Self {
        let (exact, unit) = match value {
            Value::Flag(flag) => ((*flag).into(), None),
            Value::Missing(_) => (serde_json::Value::Null, None),
            Value::Number(number, unit) => ((*number).into(), Some(*unit)),
            Value::Text(text) => (text.as_str().into(), None),
        };
        Self { text, exact, unit, evidence, limits: Vec::new() }
    }
}

/// A sentence and the evidence that it rests on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Statement {
    /// The sentence, in the language of the report.
    pub text: String,
    /// Who said it and when, where a person did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// The artifacts and records that the sentence rests on.
    pub evidence: Vec<Reference>,
    /// The figures in the sentence that no table shows; they are checked with those that one does.
    #[serde(skip)]
    pub figures: Vec<Figure>,
}

/// The distinct places that figures come from, in order.
pub(in crate::report) fn places<'f>(figures: impl IntoIterator<Item = &'f Figure>) -> Vec<Reference> {
    let mut found: Vec<Reference> = Vec::new();
    for reference in figures.into_iter().filter_map(|f| f.evidence.as_ref()) {
        if !found.contains(reference) {
            found.push(reference.clone());
        }
    }
    found
}
