//! [`Reason`]: why a step is kept or done again, as data and as a sentence.

use crate::record::{StepId, StepState, changes::shown};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::fmt;

/// Why a step is kept or done again.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Reason {
    /// The operator asks for it.
    Asked {
        /// In words.
        text: String,
    },
    /// Its criteria, its expected artifacts or its approval changed; what it does did not.
    Criteria {
        /// The file.
        file: String,
        /// What changed in it, where the earlier text is kept.
        #[serde(skip_serializing_if = "Option::is_none")]
        diff: Option<String>,
    },
    /// A person decided it.
    Decision {
        /// `waived`, `skipped`.
        what: &'static str,
        /// Who.
        by: String,
        /// Why.
        reason: String,
        /// Until when.
        #[serde(skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    },
    /// The environment file changed.
    Environment {
        /// The file.
        file: String,
        /// What changed in it, where the earlier text is kept.
        #[serde(skip_serializing_if = "Option::is_none")]
        diff: Option<String>,
    },
    /// An artifact is not what was stored.
    Evidence(Unlike),
    /// The step file changed.
    File {
        /// The file.
        file: String,
        /// What changed in it, where the earlier text is kept.
        #[serde(skip_serializing_if = "Option::is_none")]
        diff: Option<String>,
    },
    /// A step that it needs is done again.
    Need {
        /// That step.
        step: StepId,
    },
    /// Only its criteria changed, and they cannot be judged on what was kept.
    NotJudgeable {
        /// Why not.
        text: String,
    },
    /// It has not run yet.
    NotRunYet,
    /// The profile, the SLOs or the variables changed, in a run whose journal does not say which of them a step uses.
    Parameters,
    /// It was set back and not done again since.
    SetBack {
        /// Why.
        text: String,
    },
    /// It stands like this.
    State {
        /// The state.
        state: StepState,
    },
    /// Nothing that it depends on changed.
    Unchanged,
    /// A value of the plan that it uses changed.
    Value {
        /// Its dotted name.
        name: String,
        /// What it was.
        old: Option<Value>,
        /// What it is.
        new: Option<Value>,
    },
    /// A waiver let others go on, and holds no longer.
    WaiverExpired {
        /// Who gave it.
        by: String,
        /// Until when it held.
        until: Timestamp,
    },
}

/// An artifact that is not what the journal says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Unlike {
    /// Its path below the run's folder.
    pub path: String,
    /// The SHA-256 in the journal.
    pub expected: String,
    /// That of the file, where there is one.
    pub found: Option<String>,
}

impl Reason {
    /// The file that changed, and how.
    pub fn diff(&self) -> Option<(&str, Option<&str>)> {
        match self {
            Self::Criteria { file, diff } | Self::Environment { file, diff } | Self::File { file, diff } => {
                Some((file, diff.as_deref()))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked { text } => f.write_str(text),
            Self::Criteria { .. } => f.write_str("its criteria changed, what it does did not"),
            Self::Decision { what, by, reason, until } => {
                write!(f, "{what} by {by}: {reason}")?;
                until.map_or(Ok(()), |until| write!(f, " (until {until})"))
            }
            Self::Environment { .. } => f.write_str("the environment file changed"),
            Self::Evidence(unlike) => unlike.fmt(f),
            Self::File { .. } => f.write_str("its file changed"),
            Self::Need { step } => write!(f, "step {step}, which it needs, runs again"),
            Self::NotJudgeable { text } => f.write_str(text),
            Self::NotRunYet => f.write_str("it has not run yet"),
            Self::Parameters => f.write_str("the profile, the SLOs or the variables changed"),
            Self::SetBack { text } => write!(f, "it was set back ({text})"),
            Self::State { state: StepState::AwaitingApproval } => {
                f.write_str("it waits for a person's approval")
            }
            Self::State { state } => write!(f, "it is {state}"),
            Self::Unchanged => {
                f.write_str("its file, the parameters, the environment and its evidence are unchanged")
            }
            Self::Value { name, old, new } => {
                write!(f, "{name}: {} → {}", shown(old.as_ref()), shown(new.as_ref()))
            }
            Self::WaiverExpired { by, until } => write!(f, "the waiver of {by} expired at {until}"),
        }
    }
}

impl fmt::Display for Unlike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |hash: &str| hash.chars().take(12).collect::<String>();
        match &self.found {
            Some(found) => write!(
                f,
                "the artifact {} was changed after it was stored (SHA-256 {} expected, {} found)",
                self.path,
                short(&self.expected),
                short(found)
            ),
            None => write!(f, "the artifact {} is missing", self.path),
        }
    }
}
