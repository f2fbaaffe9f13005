//! Criteria that could not be judged because an action of their step failed: one cause, and one sentence of it.

use super::{context::Build, notes::recorded};
use crate::{
    record::{
        event::{ActionResult, Judgement},
        state::{ActionStatus, StepStatus},
    },
    report::{
        language::Word,
        model::{Figure, Reference},
        status,
    },
};
use std::collections::BTreeSet;

/// What a criterion says of an action without evidence.
const NO_EVIDENCE: &str = "scope.no_evidence";

/// The criteria of a step that have no evidence because an action failed.
pub(super) struct Unbegun {
    indexes: BTreeSet<usize>,
    /// How many there are and why, in a sentence.
    pub(super) text: String,
    /// The action that failed and its message, in a sentence.
    pub(super) cause: String,
    /// The measured values in them.
    pub(super) figures: Vec<Figure>,
    /// The record of the failure.
    pub(super) evidence: Option<Reference>,
}

impl Unbegun {
    /// The criteria of the latest attempt at a step that have no evidence because an action failed; none where there are
    /// no such criteria.
    pub(super) fn of(build: &Build<'_>, status: &StepStatus) -> Option<Self> {
        let attempt = status.latest()?;
        let message = |action: &ActionStatus| match &action.result {
            Some(ActionResult::Failed { message, .. }) => Some(message.clone()),
            _ => None,
        };
        let failed = attempt.actions.iter().filter(|a| a.kept_from.is_none());
        let (action, message) = failed.into_iter().find_map(|a| Some((a, message(a)?)))?;
        let judged = || (0..status.outline.criteria.len()).filter_map(|at| status::judgement(status, at));
        let without = || judged().filter(|j| !j.is_judged() && j.reason.mentions(NO_EVIDENCE));
        let indexes: BTreeSet<usize> = without().map(|j| j.index).collect();
        if indexes.is_empty() {
            return None;
        }
        let began = |name: &str| attempt.actions.iter().any(|a| a.action.as_str() == name);
        let is_later = without().filter_map(|j| j.reason.text_of("action")).any(|name| !began(name));
        let word = if is_later { Word::LaterNotBegun } else { Word::LeftNoEvidence };
        let language = build.language;
        let evidence = build.trace.end(status.outline.step, attempt.attempt, &action.action);
        Some(Self {
            text: language.fill(word, &[("count", &language.count(indexes.len()))]),
            indexes,
            cause: format!("`{}`{}{}", action.action, language.colon(), language.say(&message)),
            figures: recorded(language, &message, evidence.as_ref()),
            evidence,
        })
    }

    /// Whether a judgement of the step is one of them.
    pub(super) fn has(&self, judgement: &Judgement) -> bool {
        self.indexes.contains(&judgement.index)
    }
}
