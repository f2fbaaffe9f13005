//! `mutate`: breaks on purpose what replication did, so that it can be seen which criteria of a plan notice.

mod broken;
mod connectors;
mod mutant;
mod mutants;
mod offsets;
mod plain;
mod records;
mod site;
mod topics;

pub use mutant::{Moment, Mutant};
pub use mutants::MUTANTS;

use super::{
    Action, ActionContext, ActionFailure, Kind, Mistake, OnInterrupt, Output, flag_output, mistakes, output,
    service::unless_cancelled,
};
use crate::{
    clients::Environment,
    record::{ActionRole, Evidence, Said, Unit, Value, messages},
    support::text,
};
use mutant::{Broken, Unbroken};
use serde::Deserialize;
use site::Site;
use std::time::Duration;

/// Parameters of `mutate`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Mutate {
    /// What is broken; `jalon prove --list` tells them all.
    mutant: String,
    /// Which part of its work it does. A mutant that must hold replication back before a load, and alter something after
    /// it, is written twice.
    moment: Moment,
    /// The cluster from which MirrorMaker 2 copies, by its name in the environment.
    #[serde(default = "source")]
    source: String,
    /// The cluster to which it copies.
    #[serde(default = "target")]
    target: String,
}

fn source() -> String {
    "source".to_owned()
}

fn target() -> String {
    "target".to_owned()
}

impl Mutate {
    fn found(&self) -> Option<&'static dyn Mutant> {
        MUTANTS.iter().copied().find(|mutant| mutant.name() == self.mutant)
    }
}

impl Kind for Mutate {
    const SUMMARY: &'static str = "Breaks on purpose what MirrorMaker 2 did, so that it can be seen which criteria notice. `jalon prove` puts it into a \
         copy of the plan; a production platform refuses it.";
    const EXAMPLE: &'static str = "mutate: {id: broken, mutant: drop, moment: after-load}";
    const ROLE: ActionRole = ActionRole::Fault;
    const OUTPUTS: &'static [Output] = &[
        flag_output("applied", "Whether there was something to break."),
        output("touched", Unit::Count, "Records, settings, offsets or processes that were altered."),
    ];
}

#[async_trait::async_trait]
impl Action for Mutate {
    fn describe(&self) -> Said {
        match self.found() {
            Some(mutant) => break_it(mutant.about()),
            None => break_it(self.mutant.as_str()),
        }
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Ask
    }

    fn destructive(&self) -> Option<String> {
        Some("alters records, settings and offsets outside of replication".to_owned())
    }

    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        let mut mistakes =
            mistakes::clusters(environment, &[("source", &self.source), ("target", &self.target)]);
        mistakes.extend(mistakes::service(environment, "", "connect", &environment.connect));
        match self.found() {
            None => {
                let names: Vec<&str> = MUTANTS.iter().map(|mutant| mutant.name()).collect();
                let hint = match text::did_you_mean(&self.mutant, names.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("they are {}", names.join(", ")),
                };
                mistakes.push(Mistake::new("mutant", format!("unknown mutant `{}`", self.mutant), hint));
            }
            Some(mutant) if !mutant.moments().contains(&self.moment) => {
                let moments: Vec<String> = mutant.moments().iter().map(ToString::to_string).collect();
                let message = format!("`{}` does nothing `{}`", self.mutant, self.moment);
                mistakes.push(Mistake::new("moment", message, format!("write {}", moments.join(" or "))));
            }
            Some(_) => {}
        }
        mistakes
    }

    /// Reading a topic, making it anew and waiting until a connector obeys.
    fn time_limit(&self) -> Duration {
        Duration::from_secs(240)
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let mut evidence = Evidence::default();
        let Some(mutant) = self.found() else {
            return Err(super::ActionError::failed(unknown(&self.mutant)).into());
        };
        let act = async {
            let site = Site::of(cx, &self.source, &self.target).await?;
            match mutant.act(self.moment, &site).await {
                Ok(Broken { touched, said }) => Ok((true, touched, said)),
                Err(Unbroken::Nothing(why)) => Ok((false, 0, why)),
                Err(Unbroken::Failed(error)) => Err(error),
            }
        };
        let (applied, touched, said) = unless_cancelled(cx, act).await?;
        evidence.put("applied", Value::Flag(applied)).put("touched", Value::count(touched));
        evidence.remark(said);
        Ok(evidence)
    }
}

messages! {
    area "mutate";
    break_it(what) => "break on purpose: {what}" / "casser exprès : {what}";
    unknown(mutant) => "unknown mutant `{mutant}`" / "mutant inconnu : `{mutant}`";
}
