//! [`Next`]: what leads on from where a run stands.

use super::{Look, asking, judgement, shown_state};
use crate::record::{ActionId, RunState, Selection, StepId, StepState};

/// A command that leads on.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Next {
    /// Answers the question of an action.
    Answer(StepId, ActionId),
    /// Approves a step.
    Approve(StepId),
    /// Writes the report.
    Report,
    /// Resumes the run, beyond the steps that it was started for where `all`.
    Resume { all: bool },
    /// Repeats a step.
    Retry(StepId),
    /// Starts the campaign.
    Run,
    /// Shows a step.
    Show(StepId),
    /// Skips a step.
    Skip(StepId),
    /// Waives the verdict of a step.
    Waive(StepId),
}

impl Next {
    /// The command as it is typed; `run` is the option that names the run, with the blank before it.
    fn command(&self, run: &str) -> String {
        match self {
            Self::Answer(step, action) => format!("jalon approve {step} --action {action}{run}"),
            Self::Approve(step) => format!("jalon approve {step}{run}"),
            Self::Report => format!("jalon report{run}"),
            Self::Resume { all: false } => format!("jalon resume{run}"),
            Self::Resume { all: true } => format!("jalon resume{run} --all"),
            Self::Retry(step) => format!("jalon retry {step}{run}"),
            Self::Run => "jalon run".to_owned(),
            Self::Show(step) => format!("jalon show {step}{run}"),
            Self::Skip(step) => format!("jalon skip {step}{run} --reason …"),
            Self::Waive(step) => format!("jalon waive {step}{run} --reason …"),
        }
    }
}

/// Commands that lead on, the best one first.
pub(super) fn commands(state: &RunState, look: &Look<'_>) -> Vec<String> {
    let run = if look.name_run { format!(" --run {}", look.run) } else { String::new() };
    next(state, look).iter().map(|next| next.command(&run)).collect()
}

/// What leads on. A platform that is still broken comes before all else.
fn next(state: &RunState, look: &Look<'_>) -> Vec<Next> {
    let mut found = leading_on(state, look);
    let resumes = |next: &Next| matches!(next, Next::Resume { .. });
    if !look.live && state.to_undo().next().is_some() && !found.first().is_some_and(resumes) {
        found.retain(|next| !resumes(next));
        found.insert(0, Next::Resume { all: false });
    }
    found
}

fn leading_on(state: &RunState, look: &Look<'_>) -> Vec<Next> {
    let of = |wanted: StepState| {
        state.steps.keys().copied().find(|s| shown_state(state, *s, look.now, look.live) == wanted)
    };
    if look.live {
        return of(StepState::Running).map(Next::Show).into_iter().collect();
    }
    if state.header.is_none() {
        return vec![Next::Run];
    }
    let resume = Next::Resume { all: false };
    if let Some(step) = of(StepState::AwaitingApproval) {
        return vec![Next::Approve(step), resume];
    }
    let question = state
        .steps
        .values()
        .filter(|s| !state.step_state(s.outline.step, look.now).unlocks())
        .find_map(|s| Some(Next::Answer(s.outline.step, asking(s)?.clone())));
    if let Some(question) = question {
        return vec![question, resume];
    }
    // What a crash left of a step, faults first, comes before what a verdict asks for.
    let resumable = of(StepState::Interrupted).is_some_and(|step| !state.has_left(step));
    if let Some(step) =
        [StepState::Failed, StepState::Error, StepState::Inconclusive].into_iter().find_map(of)
    {
        let mut found = vec![Next::Show(step)];
        if !state.has_left(step) {
            found.push(Next::Retry(step));
        }
        if resumable {
            found.insert(0, resume);
        }
        let status = &state.steps[&step];
        let must_hold = (0..status.outline.criteria.len()).any(|index| {
            status.outline.criteria[index].must
                && judgement(status, index).is_some_and(|j| !j.verdict.unlocks())
        });
        if !must_hold {
            found.push(Next::Waive(step));
        }
        return found;
    }
    if let Some(step) = state.waits_for_skip(look.now) {
        return vec![Next::Skip(step), resume];
    }
    let narrowed = state.header.as_ref().and_then(|h| h.selection.as_deref()).map(Selection::of_text);
    let goes_on = |step: &StepId| {
        matches!(shown_state(state, *step, look.now, look.live), StepState::Interrupted | StepState::Ready)
    };
    let mut open = state.steps.keys().filter(|step| goes_on(step)).peekable();
    if open.peek().is_some() {
        // A resumed run goes no further than it was started for.
        let within = narrowed.is_none_or(|narrowed| open.any(|step| narrowed.includes(*step)));
        return vec![Next::Resume { all: !within }];
    }
    vec![Next::Report]
}
