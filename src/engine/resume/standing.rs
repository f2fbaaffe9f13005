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
    /// Who asks.
    pub by: String,
    /// Do this step again.
    pub retry: Option<StepId>,
    /// Keep nothing of it.
    pub whole_step: bool,
    /// Keep what stands before this action of it.
    pub from_action: Option<ActionId>,
    /// Do this step again and everything that depends on it.
    pub from_step: Option<StepId>,
}

/// Everything that a decision rests on.
pub struct Standing<'a> {
    /// Where the run stands.
    pub state: &'a RunState,
    /// The plan as it is now.
    pub plan: &'a Plan,
    /// The run's folder.
    pub run_dir: &'a Path,
    /// Other runs that this one compares with.
    pub past: &'a Past,
    /// What the operator asks for.
    pub asked: &'a Asked,
}
