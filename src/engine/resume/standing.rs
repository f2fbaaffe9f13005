//! What a decision rests on: where the run stands, the plan of today, and what the operator asks for.

use crate::{
    history::Past,
    plan::Plan,
    record::{ActionId, RunState, StepId},
};
use std::path::Path;

/// What the operator asks for, beyond going on.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Name of the operator who asks.
    pub by: String,
    /// Number of the step that is to run again, alone.
    pub retry: Option<StepId>,
    /// Whether nothing of that step is kept.
    pub whole_step: bool,
    /// Keep what stands before this action of it.
    pub from_action: Option<ActionId>,
    /// Do this step again and everything that depends on it.
    pub from_step: Option<StepId>,
}

/// Everything that a decision rests on.
pub struct Standing<'a> {
    /// State of the run at the end of its journal.
    pub state: &'a RunState,
    /// The plan, compiled from today's files.
    pub plan: &'a Plan,
    /// Folder of the run below `artifacts`.
    pub run_dir: &'a Path,
    /// Other runs that this one compares with.
    pub past: &'a Past,
    /// What the operator asks for.
    pub asked: &'a Asked,
}
