//! [`Proof`]: which criteria noticed what, from all trials.

use super::{judged::Judged, trials::Trial};
use crate::record::{StepId, Verdict};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What all trials came to.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Proof {
    /// Each mutant that was tried, by name.
    pub mutants: Vec<Noticed>,
    /// Criteria that came to the same in every trial.
    pub idle: Vec<Idle>,
    /// Criteria and steps that did not hold in the run of the plan as it is.
    pub clean: Vec<Judged>,
}

/// A mutant, and what noticed it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Noticed {
    /// Name of the mutant, such as `drop`.
    pub mutant: String,
    /// The step in which it was.
    pub step: Option<StepId>,
    /// Whether there was something to break.
    pub applied: bool,
    /// The gravest way in which it was noticed; none where nothing noticed it.
    pub how: Option<Notice>,
    /// What came out worse than in the run of the plan as it is, the gravest first.
    pub by: Vec<Judged>,
    /// Sentences on what the mutant changed, as it reported them.
    pub did: Vec<String>,
}

/// How a mutant was noticed, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Notice {
    /// No criterion was worse, but an action could not be carried out.
    Error,
    /// A criterion could not be judged any more.
    Inconclusive,
    /// A criterion of severity `warn` did not hold.
    Warning,
    /// A critical criterion did not hold.
    Failure,
}

/// A criterion that never noticed anything.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Idle {
    /// Number of the step that has the criterion.
    pub step: StepId,
    /// Its place in the step, from 0.
    pub index: usize,
    /// The criterion, as written in the step file.
    pub criterion: String,
}

impl Proof {
    /// Compares each trial with that of the plan as it is.
    pub fn of(clean: &Trial, trials: &[Trial]) -> Self {
        // Of a mutant that found nothing to break in one step, the trial in the next one counts.
        let mut by_name: BTreeMap<String, Noticed> = BTreeMap::new();
        for noticed in trials.iter().filter_map(|trial| noticed(clean, trial)) {
            if !by_name.get(&noticed.mutant).is_some_and(|before| before.applied) {
                by_name.insert(noticed.mutant.clone(), noticed);
            }
        }
        let mutants: Vec<Noticed> = by_name.into_values().collect();
        let seen: BTreeSet<(StepId, Option<usize>)> =
            mutants.iter().flat_map(|mutant| &mutant.by).map(|judged| (judged.step, judged.index)).collect();
        let idle = clean.judged.iter().filter(|judged| !seen.contains(&(judged.step, judged.index)));
        Self {
            idle: idle
                .filter_map(|judged| {
                    let (index, criterion) = (judged.index?, judged.criterion.clone()?);
                    Some(Idle { step: judged.step, index, criterion })
                })
                .collect(),
            clean: clean.judged.iter().filter(|judged| judged.verdict > Verdict::Pass).cloned().collect(),
            mutants,
        }
    }

    /// The mutants that found something to break and that nothing noticed.
    pub fn survivors(&self) -> impl Iterator<Item = &Noticed> {
        self.mutants.iter().filter(|mutant| mutant.applied && mutant.how < Some(Notice::Warning))
    }
}

fn noticed(clean: &Trial, trial: &Trial) -> Option<Noticed> {
    let before = |judged: &Judged| {
        let same = clean.judged.iter().find(|c| c.step == judged.step && c.index == judged.index);
        same.map_or(Verdict::Pass, |same| same.verdict)
    };
    let mut by: Vec<Judged> =
        trial.judged.iter().filter(|judged| judged.verdict > before(judged)).cloned().collect();
    by.sort_by_key(|judged| std::cmp::Reverse(notice(judged)));
    let how = by.first().map(notice);
    Some(Noticed {
        mutant: trial.mutant.clone()?,
        step: trial.step,
        applied: trial.applied,
        how: how.filter(|_| trial.applied),
        by,
        did: trial.did.clone(),
    })
}

fn notice(judged: &Judged) -> Notice {
    match (&judged.criterion, judged.verdict) {
        (None, _) | (Some(_), Verdict::Error) => Notice::Error,
        (Some(_), Verdict::Fail) => Notice::Failure,
        (Some(_), Verdict::Inconclusive) => Notice::Inconclusive,
        (Some(_), Verdict::Pass | Verdict::Warn) => Notice::Warning,
    }
}

#[cfg(test)]
mod tests;
