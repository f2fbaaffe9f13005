//! Which actions of an earlier attempt stand in the next one, and why the others do not.
//!
//! What is kept are the leading groups. The first action that must be done again draws everything behind it along, and
//! an action before it that prepares what it uses (a topic, a connector) too.

use super::{
    changes::unlike,
    decision::{ActionDecision, ActionReason, EffectAgain, InDoubt},
    standing::Standing,
};
use crate::{
    action::{Action, OnInterrupt},
    engine::{journalled, scope},
    plan::{ActionSpec, Scope, Step, template},
    record::{
        ActionId, Verdict,
        changes::json_changes,
        event::{ActionResult, Cause},
        state::{ActionStatus, AttemptStatus},
    },
    support::redact,
};
use std::sync::Arc;

/// Every action kept: the step is only judged again.
pub(super) fn all_kept(step: &Step, attempt: &AttemptStatus) -> Vec<ActionDecision> {
    step.actions().map(|spec| decision(spec, attempt, ActionReason::Finished)).collect()
}

fn decision(spec: &ActionSpec, attempt: &AttemptStatus, why: ActionReason) -> ActionDecision {
    let origin = || attempt.action(&spec.id).and_then(|a| a.kept_from).unwrap_or(attempt.attempt);
    let kept = (why == ActionReason::Finished).then(origin);
    ActionDecision { action: spec.id.clone(), kind: spec.kind.name, kept, why, effect: None }
}

/// What `decision` lets an action of `attempt` do to the platform once more. That an action is done again which only an
/// operator may repeat is asked for (`wanted`), or it is asked about.
pub(super) fn effect_again(
    decision: &ActionDecision,
    attempt: &AttemptStatus,
    wanted: bool,
) -> Option<EffectAgain> {
    let status = attempt.action(&decision.action).filter(|_| decision.kept.is_none())?;
    let action = journalled::action(status);
    let on_interrupt = action.as_ref().map_or(OnInterrupt::Ask, |action| action.on_interrupt());
    match (on_interrupt, &status.result) {
        (OnInterrupt::Verify, _) => None,
        // What was cut short or failed may have done all of it, unless it never began or was undone.
        (OnInterrupt::Ask, None | Some(ActionResult::Failed { .. }))
            if !wanted && status.undo.is_none() && began(status) =>
        {
            Some(EffectAgain::Asked)
        }
        (OnInterrupt::Ask, Some(ActionResult::Done(_))) if !wanted => Some(EffectAgain::Asked),
        _ => {
            let changes = action.is_none_or(|a| a.destructive().is_some() || !a.claims().is_empty());
            (status.undo.is_some() || changes).then_some(EffectAgain::Repeated)
        }
    }
}

/// Whether an action may have done something: one that failed by itself and left nothing, not even an output, did not
/// begin (its program is not there, what it was told makes no sense).
pub(super) fn began(status: &ActionStatus) -> bool {
    match &status.result {
        Some(ActionResult::Failed { cause: Cause::Failed, evidence, .. }) => {
            !evidence.values.is_empty() || !status.artifacts.is_empty()
        }
        _ => true,
    }
}

impl Standing<'_> {
    /// What of `attempt` stands in the next one. With `whole`, nothing does, for that reason.
    pub(super) fn actions(
        &self,
        step: &Step,
        attempt: &AttemptStatus,
        whole: Option<ActionReason>,
        changed: bool,
    ) -> Vec<ActionDecision> {
        let not_held = not_held(attempt);
        let mut whole = whole;
        // What did not hold lies in no action of this step, so that nothing but all of it can mend that.
        let unnamed = |text: &&str| !step.actions().any(|spec| names(text, &spec.id));
        if judged_badly(attempt)
            && (not_held.is_empty() || not_held.iter().any(unnamed))
            && self.asked.from_action.is_none()
        {
            whole.get_or_insert(ActionReason::WholeStep);
        }
        let mut scope = scope::of(self.plan, self.state, self.past, step);
        let mut first: Option<(usize, ActionId)> = None;
        let mut reasons: Vec<Vec<ActionReason>> = Vec::new();
        for (index, group) in step.groups.iter().enumerate() {
            let own: Vec<ActionReason> = group
                .iter()
                .map(|spec| match self.own(step, spec, attempt, &scope, changed, &not_held) {
                    // Where nothing is kept, what an action takes from another one is not known yet.
                    own @ (ActionReason::Finished | ActionReason::Unknown { .. }) => {
                        whole.clone().unwrap_or(own)
                    }
                    own => own,
                })
                .collect();
            for (spec, _) in group.iter().zip(&own).filter(|(_, own)| **own == ActionReason::Finished) {
                if let Some(evidence) = attempt.action(&spec.id).and_then(ActionStatus::evidence) {
                    scope.evidence.insert(spec.id.clone(), evidence.clone());
                }
            }
            let again = group.iter().zip(&own).find(|(_, own)| **own != ActionReason::Finished);
            if let (Some((spec, _)), None) = (again, &first) {
                first = Some((index, spec.id.clone()));
            }
            reasons.push(own);
        }
        let Some((first, cause)) = first else { return all_kept(step, attempt) };
        let (first, cause) = self.preparations(step, first, cause, &mut reasons);
        step.groups
            .iter()
            .zip(reasons)
            .enumerate()
            .flat_map(|(index, (group, own))| {
                group.iter().zip(own).map(move |(spec, own)| (index, spec, own))
            })
            .map(|(index, spec, own)| match own {
                ActionReason::Finished if index >= first => {
                    decision(spec, attempt, ActionReason::After { action: cause.clone() })
                }
                // It takes something from an action that is done again.
                ActionReason::Unknown { .. } if index > first => {
                    decision(spec, attempt, ActionReason::After { action: cause.clone() })
                }
                own => decision(spec, attempt, own),
            })
            .collect()
    }

    /// Goes back to the first action that prepares what a repeated one uses: a kind that reads the real state before it
    /// changes anything, and that claims the same thing.
    fn preparations(
        &self,
        step: &Step,
        first: usize,
        cause: ActionId,
        reasons: &mut [Vec<ActionReason>],
    ) -> (usize, ActionId) {
        let (mut first, mut cause) = (first, cause);
        let names = template::Names::new(&serde_json::Map::clone(&self.plan.fixed).into());
        // Claims of parameters that the plan alone can resolve are exact; the others are those of the text as written.
        let typed = |spec: &ActionSpec| -> Arc<dyn Action> {
            template::resolve(&spec.params, &names)
                .ok()
                .and_then(|params| (spec.kind.parse)(&params).ok())
                .unwrap_or_else(|| Arc::clone(&spec.action))
        };
        loop {
            let used: Vec<(ActionId, _)> = step.groups[first..]
                .iter()
                .flatten()
                .flat_map(|spec| typed(spec).claims().into_iter().map(|claim| (spec.id.clone(), claim)))
                .collect();
            let shared = |spec: &ActionSpec| {
                let action = typed(spec);
                let claims = action.claims();
                let (user, claim) = used.iter().find(|(_, claim)| claims.contains(claim))?;
                (action.on_interrupt() == OnInterrupt::Verify).then(|| (user.clone(), claim.to_string()))
            };
            let places = step.groups[..first].iter().enumerate();
            let found = places
                .flat_map(|(group, specs)| specs.iter().enumerate().map(move |(at, spec)| (group, at, spec)))
                .find_map(|(group, at, spec)| Some((group, at, spec, shared(spec)?)));
            let Some((group, at, spec, (action, what))) = found else { return (first, cause) };
            reasons[group][at] = ActionReason::Prepares { action, what };
            (first, cause) = (group, spec.id.clone());
        }
    }

    /// What speaks for or against one action, whatever becomes of the others.
    fn own(
        &self,
        step: &Step,
        spec: &ActionSpec,
        attempt: &AttemptStatus,
        scope: &Scope,
        changed: bool,
        not_held: &[&str],
    ) -> ActionReason {
        if attempt.passed_over.contains_key(&spec.id) {
            // What it depends on is unchanged, or the whole step runs again.
            return ActionReason::Finished;
        }
        let Some(status) = attempt.action(&spec.id) else { return ActionReason::NotReached };
        match &status.result {
            None => return ActionReason::InDoubt { then: in_doubt(status) },
            Some(ActionResult::Failed { message, .. }) => {
                return ActionReason::Failed { message: message.clone() };
            }
            Some(ActionResult::Done(_)) => {}
        }
        if self.asked.from_action.as_ref() == Some(&spec.id) && self.asked.retry == Some(step.id) {
            return ActionReason::Asked;
        }
        if status.kind != spec.kind.name {
            return ActionReason::Kind { old: status.kind.clone() };
        }
        let mut params = match template::resolve(&spec.params, &scope.template_names()) {
            Ok(params) => params,
            Err(error) => return ActionReason::Unknown { message: error.into() },
        };
        // The journal has them masked.
        redact::mask_record(&mut params);
        let changes = json_changes(&status.params, &params);
        if !changes.is_empty() {
            return ActionReason::Params { changes };
        }
        if changed && params.to_string().contains(redact::MASK) {
            return ActionReason::Secret;
        }
        if let Some(unlike) = status.artifacts.iter().find_map(|a| unlike(self.run_dir, a)) {
            return ActionReason::Evidence(unlike);
        }
        if judged_badly(attempt)
            && self.asked.from_action.is_none()
            && let Some(criterion) = not_held.iter().find(|text| names(text, &spec.id))
        {
            return ActionReason::NotHeld { criterion: (*criterion).to_owned() };
        }
        ActionReason::Finished
    }
}

/// Whether the attempt came to its end and did not pass: figures that were judged must be measured again.
fn judged_badly(attempt: &AttemptStatus) -> bool {
    matches!(attempt.verdict, Some(Verdict::Fail | Verdict::Inconclusive))
}

/// The criteria that did not hold.
fn not_held(attempt: &AttemptStatus) -> Vec<&str> {
    attempt.judgements.iter().filter(|j| !j.verdict.unlocks()).map(|j| j.text.as_str()).collect()
}

/// Whether the text of a criterion names the action.
fn names(criterion: &str, action: &ActionId) -> bool {
    criterion
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.')
        .any(|word| word.split('.').next() == Some(action.as_str()))
}

fn in_doubt(status: &ActionStatus) -> InDoubt {
    if status.undo.is_some() {
        return InDoubt::UndoFirst;
    }
    match journalled::action(status).map(|action| action.on_interrupt()) {
        Some(OnInterrupt::Rerun) => InDoubt::Rerun,
        Some(OnInterrupt::Verify) => InDoubt::Verify,
        Some(OnInterrupt::Ask) | None => InDoubt::Ask,
    }
}
