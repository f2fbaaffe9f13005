//! [`Finding`]: one thing that is wrong, doubtful or fine.

use crate::record::{Said, StepId};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// How grave a finding is, the mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Nothing is wrong.
    Fine,
    /// A run would go through; its figures or the platform may suffer.
    Warning,
    /// A run would fail because of it.
    Fault,
}

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    /// Severity of the finding.
    pub level: Level,
    /// What it is of: `cluster source`, `Connect`, `exporter connect`.
    pub part: Said,
    /// What was found, in a sentence.
    pub what: Said,
    /// What to do about it; absent where nothing is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Said>,
    /// The steps that need it.
    pub steps: BTreeSet<StepId>,
    /// Whether nobody answered at all.
    #[serde(skip)]
    pub(super) is_silence: bool,
    /// Whether a certificate was looked at itself.
    #[serde(skip)]
    pub(super) of_certificate: bool,
    /// Whether a client gave up because of a certificate.
    #[serde(skip)]
    pub(super) blames_certificate: bool,
    /// Whether it says what others have in common, and is none of its own.
    #[serde(skip)]
    pub sums_up: bool,
}

impl Finding {
    fn new(level: Level, part: impl Into<Said>, what: impl Into<Said>) -> Self {
        Self {
            level,
            part: part.into(),
            what: what.into(),
            remedy: None,
            steps: BTreeSet::new(),
            is_silence: false,
            of_certificate: false,
            blames_certificate: false,
            sums_up: false,
        }
    }

    /// Makes a finding of something that is as it should be.
    pub(super) fn fine(part: impl Into<Said>, what: impl Into<Said>) -> Self {
        Self::new(Level::Fine, part, what)
    }

    /// Makes a finding that does not make a run fail.
    pub(super) fn warning(part: impl Into<Said>, what: impl Into<Said>) -> Self {
        Self::new(Level::Warning, part, what)
    }

    /// What a run would fail on.
    pub fn fault(part: impl Into<Said>, what: impl Into<Said>) -> Self {
        Self::new(Level::Fault, part, what)
    }

    /// Whether a run would fail on it.
    pub(super) fn is_fault(&self) -> bool {
        self.level == Level::Fault
    }

    /// The same, with what to do.
    pub fn remedy(self, remedy: impl Into<Said>) -> Self {
        Self { remedy: Some(remedy.into()), ..self }
    }

    /// The same, needed by those steps.
    pub fn steps(self, steps: &BTreeSet<StepId>) -> Self {
        Self { steps: steps.clone(), ..self }
    }

    /// The same, of a certificate that was looked at.
    pub(super) fn of_certificate(self) -> Self {
        Self { of_certificate: true, ..self }
    }

    /// The same, of a client that gave up because of a certificate.
    pub(super) fn blaming_certificate(self) -> Self {
        Self { blames_certificate: true, ..self }
    }

    /// The same, as what others have in common.
    pub(super) fn summing_up(self) -> Self {
        Self { sums_up: true, ..self }
    }

    /// The same, of who does not answer at all.
    pub(super) fn silent(self) -> Self {
        Self { is_silence: true, ..self }
    }
}
