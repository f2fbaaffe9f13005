//! [`StepState`]: how a step stands, as it is shown.

use super::{
    messages,
    said::{Said, Speaks},
};
use serde::Serialize;
use std::fmt;

/// State of a step as shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StepState {
    /// A need has not passed yet.
    Locked,
    /// Every need passed; it may start.
    Ready,
    /// An attempt at it is in progress.
    Running,
    /// Its criteria hold, and a person must approve it.
    AwaitingApproval,
    /// Every criterion holds, or only warns.
    Passed,
    /// A criterion does not hold.
    Failed,
    /// It could not be judged.
    Inconclusive,
    /// An action could not be carried out.
    Error,
    /// Its run ended before it did.
    Interrupted,
    /// A person decided to go on in spite of its verdict.
    Waived,
    /// A person decided to pass it over.
    Skipped,
    /// It does not apply to this platform.
    NotApplicable,
}

messages! {
    area "state";
    awaiting_approval() => "awaiting-approval" / "à approuver";
    error() => "error" / "en erreur";
    failed() => "failed" / "échouée";
    inconclusive() => "inconclusive" / "non concluante";
    interrupted() => "interrupted" / "interrompue";
    locked() => "locked" / "verrouillée";
    not_applicable() => "not-applicable" / "sans objet";
    passed() => "passed" / "réussie";
    ready() => "ready" / "prête";
    running() => "running" / "en cours";
    skipped() => "skipped" / "sautée";
    waived() => "waived" / "sous dérogation";
}

impl StepState {
    /// Every state.
    pub const ALL: [Self; 12] = [
        Self::Locked,
        Self::Ready,
        Self::Running,
        Self::AwaitingApproval,
        Self::Passed,
        Self::Failed,
        Self::Inconclusive,
        Self::Error,
        Self::Interrupted,
        Self::Waived,
        Self::Skipped,
        Self::NotApplicable,
    ];

    /// The word shown to people and scripts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Locked => "locked",
            Self::Ready => "ready",
            Self::Running => "running",
            Self::AwaitingApproval => "awaiting-approval",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Inconclusive => "inconclusive",
            Self::Error => "error",
            Self::Interrupted => "interrupted",
            Self::Waived => "waived",
            Self::Skipped => "skipped",
            Self::NotApplicable => "not-applicable",
        }
    }

    /// Whether what needs this step may go on.
    pub fn unlocks(self) -> bool {
        matches!(self, Self::Passed | Self::Waived | Self::Skipped | Self::NotApplicable)
    }
}

impl fmt::Display for StepState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl Speaks for StepState {
    fn said(&self) -> Said {
        match self {
            Self::Locked => locked(),
            Self::Ready => ready(),
            Self::Running => running(),
            Self::AwaitingApproval => awaiting_approval(),
            Self::Passed => passed(),
            Self::Failed => failed(),
            Self::Inconclusive => inconclusive(),
            Self::Error => error(),
            Self::Interrupted => interrupted(),
            Self::Waived => waived(),
            Self::Skipped => skipped(),
            Self::NotApplicable => not_applicable(),
        }
    }
}
