//! [`Basis`]: what an attempt at a step was made with, so that only like is compared with like.

use crate::record::{StepId, event::PlanOutline};

/// What an attempt was made with. Figures are compared where environment, profile and parameters are the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// Name of the environment.
    pub environment: String,
    /// Name of the profile, such as `smoke`.
    pub profile: String,
    /// Fingerprint of the parameters.
    pub parameters: String,
    /// Fingerprint of the step's file.
    pub step: String,
}

impl Basis {
    pub(super) fn new(plan: &PlanOutline, step: StepId) -> Self {
        let outline = plan.steps.iter().find(|s| s.step == step);
        Self {
            environment: plan.environment.clone(),
            profile: plan.profile.clone(),
            parameters: plan.parameters_fingerprint.clone(),
            step: outline.map(|s| s.fingerprint.clone()).unwrap_or_default(),
        }
    }

    pub(super) fn compares(&self, other: &Self) -> bool {
        let key = |b: &Self| [b.environment.clone(), b.profile.clone(), b.parameters.clone()];
        key(self) == key(other)
    }
}
