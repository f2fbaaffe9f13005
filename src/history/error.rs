//! [`HistoryError`]: why what was asked for cannot be read back.

use crate::{
    record::{ActionId, Attempt, RunId, StepId},
    store::journal,
    support::text,
};
use std::{io, path::PathBuf};

/// Why what was asked for cannot be read back. All but the journal and the disk are names that lead nowhere.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The campaign has no run yet, in the folder that is named.
    #[error("no run found in {}", text::path(.0))]
    NoRun(PathBuf),
    /// No run of that name is on record.
    #[error("run `{name}` not found")]
    UnknownRun {
        /// Name that was asked for.
        name: RunId,
        /// Names of the newest runs, for the hint.
        known: Vec<RunId>,
    },
    /// There is no such run to compare with.
    #[error("baseline run `{name}` not found")]
    UnknownBaseline {
        /// Name given with `--baseline` or in the campaign file.
        name: RunId,
        /// Every run, oldest first.
        known: Vec<RunId>,
    },
    /// The run has no such step.
    #[error("the run {run} has no step {step}")]
    NoStep {
        /// Name of the run whose plan was searched.
        run: RunId,
        /// Number that was asked for.
        step: StepId,
        /// Numbers of the steps that the run has, ascending.
        known: Vec<StepId>,
    },
    /// The step has no such attempt.
    #[error("step {step} has no attempt {attempt}")]
    NoAttempt {
        /// Number of the step, which the run has.
        step: StepId,
        /// Number of the attempt that was asked for, from 1.
        attempt: Attempt,
        /// Attempts on record, oldest first; empty where the step has not begun.
        known: Vec<Attempt>,
    },
    /// The step has no such action and no such watch.
    #[error("step {step}{} has no action or watch `{name}`", .attempt.map(|n| format!(", attempt {n},")).unwrap_or_default())]
    NoAction {
        /// Number of the step that was searched.
        step: StepId,
        /// The attempt, where one was named.
        attempt: Option<Attempt>,
        /// Name that was asked for.
        name: ActionId,
        /// Names of the actions and watches that there are.
        known: Vec<ActionId>,
    },
    /// The step has not begun.
    #[error("step {step} of the run {run} has not begun")]
    NotBegun {
        /// Name of the run that was searched.
        run: RunId,
        /// Number of the step, which the run's plan has.
        step: StepId,
    },
    /// The action puts no load on a cluster.
    #[error("`{name}` of step {step} of run {run} is not a load")]
    NotALoad {
        /// Run that has the action.
        run: RunId,
        /// Number of the step that has the action.
        step: StepId,
        /// Name that was asked for: an action that is not a load, or a watch.
        name: ActionId,
    },
    /// There is nothing before the run to compare it with.
    #[error("no run before {0} passed in the same environment with the same parameters")]
    NoPrevious(RunId),
    /// The artifacts of an import are not what was written.
    #[error("import {import} cannot be used: {cause}")]
    Import {
        /// Name of the import, such as `2025-12-18-1`.
        import: String,
        /// What is wrong with its artifacts, in a sentence.
        cause: String,
    },
    /// The line of an import is no note.
    #[error("line {line} of import {import} is not a note")]
    NoLine {
        /// Name of the import that was asked for, such as `2025-12-18-1`.
        import: String,
        /// Number of the line in the imported file, from 1.
        line: u64,
    },
    /// The import was withdrawn, and its lines with it.
    #[error("import {import} was withdrawn")]
    Withdrawn {
        /// Import that was asked for, such as `2025-12-18-1`.
        import: String,
    },
    /// Journal of a run, of the notes or of the imports, which cannot be read.
    #[error(transparent)]
    Journal(#[from] journal::JournalError),
    /// The folder of the runs.
    #[error("cannot read {}: {cause}", text::path(.path))]
    Disk {
        /// Folder of the runs.
        path: PathBuf,
        /// Error of the operating system.
        #[source]
        cause: io::Error,
    },
}

impl HistoryError {
    /// What to try, where something can be said.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoRun(_) => "start one with `jalon run`".to_owned(),
            Self::UnknownRun { known, .. } => format!("newest runs: {}", joined(known)),
            Self::UnknownBaseline { name, known } => {
                let newest: Vec<&RunId> = known.iter().rev().take(5).collect();
                match text::did_you_mean(name.as_str(), known.iter().map(RunId::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if newest.is_empty() => "start one with `jalon run`".to_owned(),
                    None => format!("newest runs: {}", joined(newest)),
                }
            }
            Self::NoStep { known, .. } => format!("its steps: {}", joined(known)),
            Self::NoAttempt { known, .. } if known.is_empty() => "it has not begun".to_owned(),
            Self::NoAttempt { known, .. } => format!("its attempts: {}", joined(known)),
            Self::NoAction { known, .. } if known.is_empty() => "nothing of it has started yet".to_owned(),
            Self::NoAction { step, attempt, name, known } => {
                match text::did_you_mean(name.as_str(), known.iter().map(ActionId::as_str)) {
                    Some(near) => {
                        let attempt = attempt.map(|n| format!("{n}/")).unwrap_or_default();
                        format!("did you mean `jalon show {step}/{attempt}{near}`?")
                    }
                    None => format!("there are: {}", joined(known)),
                }
            }
            Self::NotBegun { run, .. } => format!("`jalon status --run {run}` shows its steps"),
            Self::NotALoad { .. } => {
                "`jalon show STEP` lists its actions; name one that sends or reads records".to_owned()
            }
            Self::NoPrevious(_) => {
                "give both: `jalon compare RUN RUN`; `jalon history` shows them".to_owned()
            }
            Self::Import { .. } => "`jalon import --withdraw` leaves it out".to_owned(),
            Self::Withdrawn { .. } => "`jalon import --list` shows those that count".to_owned(),
            Self::NoLine { .. } => "`jalon note --unclassified` lists those there are".to_owned(),
            Self::Journal(_) | Self::Disk { .. } => return None,
        })
    }
}

fn joined(all: impl IntoIterator<Item = impl ToString>) -> String {
    all.into_iter().map(|one| one.to_string()).collect::<Vec<_>>().join(", ")
}
