//! What of the plan, the parameters, the environment and the evidence is not as it was when a step was done.

use super::{
    decision::{Decisions, Fate},
    reason::{Reason, Unlike, another_size},
    standing::Standing,
};
use crate::{
    plan::{Step, source::Source},
    record::{
        Artifact, Said, Verdict,
        event::{Basis, PlanOutline, StepOutline},
        state::AttemptStatus,
    },
    store::{artifacts, plan_files},
    support::{fingerprint, redact},
};
use serde_json::Value;
use std::collections::BTreeMap;

/// What changed for one step.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// In what it does.
    pub(super) work: Vec<Reason>,
    pub(super) judged: Vec<Reason>,
    /// Whether nothing of it can be kept.
    pub(super) whole: bool,
}

impl Standing<'_> {
    /// What is not as it was when `step` came to where it stands: at its latest attempt, or with the latest plan for a
    /// step that did not apply.
    pub(super) fn changes(
        &self,
        step: &Step,
        plan: &PlanOutline,
        outline: &StepOutline,
        attempt: Option<&AttemptStatus>,
        before: &Decisions,
    ) -> Changes {
        let mut changes = Changes::default();
        let old = attempt.map_or(self.state.plans.last(), |a| self.state.plans.get(a.plan));
        let Some(old) = old else { return changes };
        let unlocked = attempt.is_none_or(|a| a.verdict.is_some_and(Verdict::unlocks));
        let same_environment = match (&old.environment_basis, &plan.environment_basis) {
            (Some(old), Some(new)) => old == new,
            _ => old.environment_fingerprint == plan.environment_fingerprint,
        };
        if !same_environment {
            let file = format!("plan/environments/{}.yaml", plan.environment);
            let diff = self.diff(old, &file);
            changes.work.push(Reason::Environment { file, diff });
            changes.whole = true;
        }
        if let Some(earlier) = old.steps.iter().find(|s| s.step == step.id) {
            match (&earlier.basis, &outline.basis) {
                (Some(was), Some(is)) => self.parts(&mut changes, step, old, was, is),
                _ => self.fingerprints(&mut changes, step, old, earlier, plan, outline),
            }
        }
        let again = outline.needs.iter().find(|need| match before.get(need).map(|d| d.fate) {
            Some(Fate::RunsAgain) => true,
            // What it saw of that step may come out otherwise; a step that has passed keeps what it passed on.
            Some(Fate::Runs) => !unlocked,
            _ => false,
        });
        if let Some(need) = again {
            // A person's wish to measure one step again is no reason to do those behind it again.
            if self.asked.retry != Some(*need) {
                changes.work.push(Reason::Need { step: *need });
                changes.whole = true;
            }
        }
        changes
    }

    /// Compares part by part.
    fn parts(&self, changes: &mut Changes, step: &Step, old: &PlanOutline, was: &Basis, is: &Basis) {
        let file = step.source.path.display().to_string();
        if was.work != is.work {
            changes.work.push(Reason::File { diff: self.diff(old, &file), file });
        } else if !was.is_judged_as(is) {
            changes.judged.push(Reason::Criteria { diff: self.diff(old, &file), file });
        }
        changes.work.extend(value_changes(&was.work_values, &is.work_values, was.work == is.work));
        changes.judged.extend(value_changes(&was.judged_values, &is.judged_values, was.is_judged_as(is)));
    }

    /// Compares as the journals of older versions allow it.
    fn fingerprints(
        &self,
        changes: &mut Changes,
        step: &Step,
        old: &PlanOutline,
        earlier: &StepOutline,
        plan: &PlanOutline,
        outline: &StepOutline,
    ) {
        let file = step.source.path.display().to_string();
        if earlier.fingerprint != outline.fingerprint {
            changes.work.push(Reason::File { diff: self.diff(old, &file), file });
            changes.whole = true;
        }
        if old.parameters_fingerprint != plan.parameters_fingerprint {
            changes.work.push(Reason::Parameters);
            changes.whole = true;
        }
    }

    /// The difference between the text that the run kept and that of today.
    fn diff(&self, old: &PlanOutline, path: &str) -> Option<String> {
        let kept = old.kept.as_ref()?;
        let now = self.plan.files.iter().find(|f| f.path.as_os_str() == path)?;
        artifacts::verify(self.run_dir, kept).ok()?;
        let before = plan_files::text(self.run_dir, kept, &now.path)?;
        Some(unified(&before, now)).filter(|diff| !diff.is_empty())
    }

    /// The first artifact of an attempt that is not what was stored.
    pub(super) fn altered(&self, attempt: &AttemptStatus) -> Option<Reason> {
        attempt.artifacts().into_iter().find_map(|a| unlike(self.run_dir, a)).map(Reason::Evidence)
    }
}

/// How an artifact differs from what was stored, where it does.
pub(super) fn unlike(run_dir: &std::path::Path, artifact: &Artifact) -> Option<Unlike> {
    // One of another size is not read: it may have any.
    let found = match artifacts::open(run_dir, artifact) {
        Ok(file) => fingerprint::of_reader(file).ok().map(Said::verbatim),
        Err(artifacts::Altered::Changed(_)) => Some(another_size()),
        Err(_) => None,
    };
    (found.as_deref() != Some(artifact.sha256.as_str())).then(|| Unlike {
        path: artifact.path.clone(),
        expected: artifact.sha256.clone(),
        found,
    })
}

fn unified(before: &str, now: &Source) -> String {
    let after = redact::mask(&now.text);
    similar::TextDiff::from_lines(before, after.as_ref()).unified_diff().context_radius(1).to_string()
}

/// Values that are not what they were. Where the text changed too (not `same_text`), a name that only one of the texts
/// has is part of that change.
fn value_changes(
    was: &BTreeMap<String, Value>,
    is: &BTreeMap<String, Value>,
    same_text: bool,
) -> Vec<Reason> {
    let names: std::collections::BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    names
        .into_iter()
        .filter(|name| was.get(*name) != is.get(*name))
        .filter(|name| same_text || (was.contains_key(*name) && is.contains_key(*name)))
        .map(|name| Reason::Value {
            name: name.clone(),
            old: was.get(name).cloned(),
            new: is.get(name).cloned(),
        })
        .collect()
}
