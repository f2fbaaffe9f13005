//! [`Whole`]: what a step file is checked against.

use super::{declared::Declared, names::Index};
use crate::{
    clients::Environment,
    plan::{file::StepFile, graph::Graph, scope::Scope, step::Condition, template},
    record::StepId,
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What a step file is checked against.
pub(in crate::plan) struct Whole<'p> {
    /// Every step file.
    pub(in crate::plan) files: BTreeMap<StepId, &'p StepFile>,
    /// What needs what.
    pub(in crate::plan) graph: &'p Graph,
    /// `campaign`, `environment`, `profile`, …
    pub(in crate::plan) fixed: &'p Map<String, Value>,
    /// The same for parameters.
    pub(in crate::plan) names: &'p template::Names,
    /// The same for conditions.
    pub(in crate::plan) scope: &'p Scope,
    /// Where things are.
    pub(in crate::plan) environment: &'p Environment,
    /// The actions and watches of the step files, by their ids.
    pub(in crate::plan) index: Index<'p>,
    /// What the step files with mistakes declare: it may be what could not be read.
    pub(in crate::plan) unread: Vec<(StepId, Declared)>,
}

impl Whole<'_> {
    /// Whether something may take place: its condition holds, or only the run can tell.
    pub(super) fn may_apply(&self, when: Option<&Condition>) -> bool {
        let Some(when) = when else { return true };
        when.holds(self.scope)
            .unwrap_or_else(|_| when.expression.roots().iter().any(|root| !self.fixed.contains_key(root)))
    }
}
