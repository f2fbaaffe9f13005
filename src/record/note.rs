//! [`Note`]: what a person saw, supposes, fears, decided or did.

use super::{RunId, Said, StepId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A note of a person, about a run, a step or a day; or of jalon about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Note {
    /// Kind of the note, such as a risk.
    pub kind: NoteKind,
    /// Who, as `user@host` or the name that they gave.
    pub by: String,
    /// Text of the note. What a person wrote is never translated.
    pub text: Said,
    /// The run that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// The step that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepId>,
    /// What else it is about: a setting that was changed, an artifact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// What would verify a hypothesis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// The day that it is about, where that is not the day on which it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<Date>,
    /// Number of the note that it takes the place of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amends: Option<u64>,
    /// The line of an imported file that it classifies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<NoteLine>,
}

/// A line of an imported file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
pub struct NoteLine {
    /// Name of the import, such as `2026-03-02-1`.
    pub import: String,
    /// Number of the line in the imported file, from 1.
    pub line: u64,
}

impl Note {
    /// The author of what jalon notes of itself.
    pub const JALON: &str = "jalon";

    /// A note about nothing in particular.
    pub fn new(kind: NoteKind, by: impl Into<String>, text: impl Into<Said>) -> Self {
        let (by, text) = (by.into(), text.into());
        Self {
            kind,
            by,
            text,
            run: None,
            step: None,
            about: None,
            check: None,
            day: None,
            amends: None,
            line: None,
        }
    }
}

/// Sort of a note; the report keeps what was observed apart from what was supposed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum NoteKind {
    /// Work to do.
    Action,
    /// Work on dashboards and monitoring: missing, corrected, left.
    Dashboard,
    /// Decision.
    Decision,
    /// Assumption to validate.
    Hypothesis,
    /// What was seen.
    Observation,
    /// Possible harm.
    Risk,
    /// Work on security: done, left.
    Security,
}

impl NoteKind {
    /// Every sort, by its word.
    pub const ALL: [Self; 7] = [
        Self::Action,
        Self::Dashboard,
        Self::Decision,
        Self::Hypothesis,
        Self::Observation,
        Self::Risk,
        Self::Security,
    ];

    /// Its word, as commands and the journal have it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::Dashboard => "dashboard",
            Self::Decision => "decision",
            Self::Hypothesis => "hypothesis",
            Self::Observation => "observation",
            Self::Risk => "risk",
            Self::Security => "security",
        }
    }

    /// What is noted with it.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Action => "Work to do",
            Self::Dashboard => "Work on dashboards and monitoring: missing, corrected, left",
            Self::Decision => "Decision",
            Self::Hypothesis => "Assumption to validate",
            Self::Observation => "What was seen",
            Self::Risk => "Possible harm",
            Self::Security => "Work on security: done, left",
        }
    }
}
