//! [`learn`]: makes the redactor know what the campaign's files refer to, before anything can show it.

use super::{compile::Options, compiled::Plan, load::Sources, source::Source, yaml::Node};
use crate::clients::secret;

/// Resolves what the files of a campaign refer to, so that nothing shows or writes a secret of them: the references of
/// the environment that is meant, and those of variables. Of other environments no command is run, and of none where
/// `commands` is false.
pub fn learn(sources: &Sources, options: &Options, commands: bool) {
    let json = |source: &Source| {
        Node::parse(source, 0, source.text.len()).map(|node| node.to_json()).unwrap_or_default()
    };
    let campaign = json(&sources.campaign);
    let meant = options.environment.as_deref().or_else(|| campaign["default_environment"].as_str());
    for (name, source) in &sources.environments {
        secret::learn(&json(source), commands && meant == Some(name));
    }
    for values in [&campaign["vars"], &campaign["profiles"], &campaign["notify"]] {
        secret::learn(values, commands);
    }
    secret::learn(&options.vars.clone().into_iter().collect(), true);
}

impl Plan {
    /// Resolves what the parameters of actions refer to, as [`learn`] does with the files that all steps share.
    pub fn learn_secrets(&self, commands: bool) {
        let specs = self.graph.steps().flat_map(|step| {
            let watches = step.watches.iter().map(|watch| &watch.spec);
            step.groups.iter().chain(&step.clean_up).flatten().chain(watches)
        });
        for spec in specs {
            for key in ["config", "env", "headers", "properties"] {
                secret::learn(&spec.params[key], commands);
            }
        }
    }
}
