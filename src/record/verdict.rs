//! What a criterion, and then a step, came to.

use super::{
    messages,
    said::{Said, Speaks},
};
use serde::{Deserialize, Serialize};
use std::fmt;

messages! {
    area "verdict";
    error() => "error" / "erreur";
    fail() => "fail" / "non conforme";
    inconclusive() => "inconclusive" / "non concluant";
    pass() => "pass" / "conforme";
    warn() => "warn" / "avertissement";
}

/// Outcome of one criterion. The order is that of gravity: the verdict of a step is the greatest of its criteria.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The evidence satisfies it.
    Pass,
    /// The evidence does not, and the criterion only warns.
    Warn,
    /// There is no evidence that could be judged: no data, NaN, stale, several series where one was meant.
    Inconclusive,
    /// The evidence does not satisfy it.
    Fail,
    /// The evidence could not be had: endpoint unreachable, tool crashed.
    Error,
}

impl Verdict {
    /// Whether a step with this verdict unlocks what needs it.
    pub fn unlocks(self) -> bool {
        matches!(self, Self::Pass | Self::Warn)
    }

    /// The word shown to people and scripts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Inconclusive => "inconclusive",
            Self::Fail => "fail",
            Self::Error => "error",
        }
    }
}

impl Speaks for Verdict {
    fn said(&self) -> Said {
        match self {
            Self::Pass => pass(),
            Self::Warn => warn(),
            Self::Inconclusive => inconclusive(),
            Self::Fail => fail(),
            Self::Error => error(),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// How much a failed criterion weighs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Its failure fails the step.
    #[default]
    Critical,
    /// Its failure is shown and lets the step pass.
    Warn,
}
