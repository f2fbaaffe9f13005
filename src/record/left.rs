//! Steps that a run had begun and that its plan has no more.

use super::{RunState, Selection, StepId, StepState};
use jiff::Timestamp;

impl RunState {
    /// Whether the plan that the run follows has the step no more.
    pub fn has_left(&self, step: StepId) -> bool {
        self.header.as_ref().is_some_and(|header| !header.plan.steps.iter().any(|s| s.step == step))
    }

    /// The first selected step that left the plan before it came to an end, where nothing else is left to run. No run
    /// gets any further with it: a person skips it.
    pub fn waits_for_skip(&self, clock: Timestamp) -> Option<StepId> {
        let selection = self.header.as_ref().and_then(|header| header.selection.as_deref());
        let selection = selection.map(Selection::of_text).unwrap_or_default();
        let open = |step: &StepId| {
            use StepState::{Interrupted, Locked, Ready, Running};
            selection.includes(*step)
                && matches!(self.step_state(*step, clock), Interrupted | Locked | Ready | Running)
        };
        let open: Vec<StepId> = self.steps.keys().copied().filter(open).collect();
        open.iter().all(|step| self.has_left(*step)).then(|| open.first().copied())?
    }
}
