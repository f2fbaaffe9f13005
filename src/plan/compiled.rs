//! [`Plan`]: the whole plan, compiled.

use super::{
    basis,
    campaign::Campaign,
    graph::Graph,
    source::{Problem, Source},
};
use crate::{
    clients::Environment,
    record::{
        Localized, StepId,
        event::{PlanOutline, StepOutline},
    },
};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
};

/// The whole plan for one environment and one profile. Only [`Plan::compile`] makes one.
#[derive(Debug)]
pub struct Plan {
    /// What `plan/campaign.yaml` says, with variables of the command line in place.
    pub campaign: Campaign,
    /// The environment of the run, secrets as references.
    pub environment: Arc<Environment>,
    /// Name of the profile, such as `smoke`.
    pub profile: String,
    /// Variables that the command line replaced.
    pub vars: BTreeMap<String, Value>,
    /// The steps with their needs.
    pub graph: Graph,
    /// `campaign`, `environment`, `profile`, `slo`, `vars`: the names that every expression sees.
    pub fixed: Arc<Map<String, Value>>,
    /// SHA-256 of profile, SLOs and variables.
    pub parameters_fingerprint: String,
    /// SHA-256 of the environment file.
    pub environment_fingerprint: String,
    /// The files that it was made from: campaign, environment, steps.
    pub files: Vec<Source>,
    /// Folder of the campaign, from which paths are taken.
    pub root: PathBuf,
    /// What the environment's file lacks and only steps use that are not meant now, each use with its place.
    pub unready: Vec<Problem>,
}

impl Plan {
    /// The steps that use what the environment's file lacks, and what it lacks.
    pub fn unready(&self) -> (BTreeSet<StepId>, BTreeSet<&str>) {
        let steps = self.unready.iter().filter_map(|p| p.user.as_ref()).map(|user| user.step);
        (steps.collect(), self.unready.iter().map(|p| p.message.as_str()).collect())
    }

    /// What the journal keeps of it.
    pub fn outline(&self) -> PlanOutline {
        PlanOutline {
            campaign: self.campaign.name.clone(),
            environment: self.environment.name.clone(),
            environment_fingerprint: self.environment_fingerprint.clone(),
            production: self.environment.production,
            profile: self.profile.clone(),
            profile_note: Localized::deserialize(&self.fixed["profile"]["note"]).unwrap_or_default(),
            vars: self.vars.clone(),
            parameters_fingerprint: self.parameters_fingerprint.clone(),
            slo: self.campaign.slo.clone(),
            steps: self
                .graph
                .steps()
                .map(|step| {
                    StepOutline { basis: Some(basis::of(step, &self.fixed)), ..step.outline() }.into()
                })
                .collect(),
            environment_basis: Some(basis::environment(&self.environment)),
            kept: None,
        }
    }
}
