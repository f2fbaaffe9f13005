//! What a resumed run keeps and what it does again, and why.

use crate::{
    record::{Artifact, RunState, StepId, StepState, event::PlanOutline},
    store::artifacts,
};
use jiff::Timestamp;
use std::{collections::BTreeMap, path::Path};

/// What happens to one step when its run goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Its outcome stands, and why.
    Kept(String),
    /// It is done again, or for the first time, and why.
    Runs {
        /// In a sentence.
        why: String,
        /// Whether something that it depends on changed, so that nothing of an earlier attempt is kept.
        changed: bool,
    },
    /// It has passed, and must be done again because something changed.
    Reset(String),
}

impl Fate {
    /// Whether something that the step depends on changed.
    pub fn changed(&self) -> bool {
        matches!(self, Self::Reset(_) | Self::Runs { changed: true, .. })
    }
}

/// The fate of every step of `plan`, from the state of the run and the evidence on disk.
pub fn fates(state: &RunState, plan: &PlanOutline, run_dir: &Path) -> BTreeMap<StepId, Fate> {
    let now = Timestamp::now();
    let old = state.header.as_ref().map(|h| &h.plan);
    let shared = old.and_then(|old| {
        if old.environment_fingerprint != plan.environment_fingerprint {
            Some("the environment file changed")
        } else if old.parameters_fingerprint != plan.parameters_fingerprint {
            Some("the profile, the SLOs or the variables changed")
        } else {
            None
        }
    });
    let mut fates: BTreeMap<StepId, Fate> = BTreeMap::new();
    for outline in &plan.steps {
        let status = state.steps.get(&outline.step);
        let step_state = match state.step_state(outline.step, now) {
            // Its run has ended, or it could not be resumed.
            StepState::Running => StepState::Interrupted,
            other => other,
        };
        let again = outline
            .needs
            .iter()
            .find(|need| matches!(fates.get(need), Some(Fate::Reset(_))))
            .map(|need| format!("step {need}, which it needs, runs again"));
        let changed = status
            .filter(|s| s.outline.fingerprint != outline.fingerprint)
            .map(|_| "its file changed".to_owned())
            .or_else(|| shared.map(str::to_owned))
            .or_else(|| status.and_then(|s| altered(s.passed().map(|a| a.artifacts())?, run_dir)))
            .or(again);
        let fate = match (step_state, changed) {
            (StepState::Passed | StepState::AwaitingApproval | StepState::NotApplicable, Some(why)) => {
                Fate::Reset(why)
            }
            (StepState::NotApplicable, None) => {
                Fate::Kept("it does not apply, and nothing changed".to_owned())
            }
            (StepState::Passed | StepState::AwaitingApproval, None) => Fate::Kept(
                "its file, the parameters, the environment and its evidence are unchanged".to_owned(),
            ),
            (StepState::Waived | StepState::Skipped, _) => Fate::Kept(format!("it is {step_state}")),
            (StepState::Locked | StepState::Ready, _) => {
                Fate::Runs { why: "it has not run yet".to_owned(), changed: false }
            }
            (state, None) => Fate::Runs { why: format!("it is {state}"), changed: false },
            (state, Some(why)) => Fate::Runs { why: format!("it is {state}, and {why}"), changed: true },
        };
        fates.insert(outline.step, fate);
    }
    fates
}

fn altered(artifacts: Vec<&Artifact>, run_dir: &Path) -> Option<String> {
    artifacts.into_iter().find_map(|a| artifacts::verify(run_dir, a).err().map(|e| e.to_string()))
}
