//! `exec`: a plugin. A program of the campaign's own takes parameters and gives values, remarks and files, as JSON lines on its
//! standard input and output.

mod asked;
mod talk;

use super::{
    Action, ActionContext, ActionFailure, Kind, Mistake, Need, OnInterrupt, Output, Param,
    capture::reserved,
    command::{self, Interrupted, Invocation},
    output,
};
use crate::{
    clients::Environment,
    record::{ActionRole, Arg, Evidence, Refused, Said, Undo, Unit, Value, messages},
};
use asked::{Fields, Operation};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

/// How long a plugin may take where the step file does not say.
const LIMIT: Duration = Duration::from_secs(300);
/// Parameters of `exec`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "Fields")]
pub(super) struct Exec(Fields);

impl TryFrom<Fields> for Exec {
    type Error = Refused;

    fn try_from(fields: Fields) -> Result<Self, Refused> {
        for (at, name) in fields.outputs.iter().enumerate() {
            if let Some(reason) = reserved(name, Self::OUTPUTS) {
                return Err(reason.into());
            }
            if fields.outputs[..at].contains(name) {
                return Err(output_twice(name).into());
            }
        }
        Ok(Self(fields))
    }
}

impl Kind for Exec {
    const SUMMARY: &'static str =
        "Runs a plugin: a program that takes parameters and gives values, remarks and files as JSON lines.";
    const EXAMPLE: &'static str = "\
exec:
  id: audit
  argv: [python3, plugins/audit.py]
  params: {topic: orders, limit: 1000}
  outputs: [checked, oldest_s]
  on_interrupt: rerun";
    const ROLE: ActionRole = ActionRole::Change;
    const OUTPUTS: &'static [Output] =
        &[output("duration_s", Unit::Seconds, "From the start of the plugin to its end.")];
}

#[async_trait::async_trait]
impl Action for Exec {
    fn describe(&self) -> Said {
        let argv = Arg::text(&self.0.argv);
        match self.0.operation {
            Operation::Run => run_plugin(argv),
            Operation::Undo => undo_by_plugin(argv),
        }
    }

    fn on_interrupt(&self) -> OnInterrupt {
        self.0.on_interrupt.into()
    }

    fn undo(&self) -> Option<Undo> {
        let fields = &self.0;
        (fields.undo && fields.operation == Operation::Run).then(|| {
            let mut params = json!({
                "argv": fields.argv, "params": fields.params, "env": fields.env, "outputs": fields.outputs,
                "undo": true, "operation": Operation::Undo, "on_interrupt": fields.on_interrupt,
                "memory_mib": fields.memory(),
            });
            if let Some(within) = fields.within.as_ref().and_then(Param::known) {
                params["within"] = json!(within.0.as_secs_f64());
            }
            Undo { kind: "exec".to_owned(), params }
        })
    }

    fn destructive(&self) -> Option<String> {
        (self.0.on_interrupt == Interrupted::Ask).then(|| {
            "runs a plugin that may change the platform (it has no `on_interrupt: rerun`)".to_owned()
        })
    }

    fn captures(&self) -> Vec<String> {
        self.0.outputs.clone()
    }

    fn time_limit(&self) -> Duration {
        let within = self.0.within.as_ref().and_then(Param::known).map_or(LIMIT, |span| span.0);
        // Time to end it, and to keep what it gave.
        within + Duration::from_secs(30)
    }

    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        self.0.argv.mistake(environment, "argv").into_iter().collect()
    }

    fn needs(&self, environment: &Environment) -> Vec<Need> {
        self.0.argv.need(environment).into_iter().collect()
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let argv = self.0.argv.argv(cx)?;
        Invocation::refuse_secret(&argv)?;
        let env = command::resolved(&self.0.env)?;
        let limit = self.0.within.as_ref().map_or(Ok(LIMIT), |span| span.get().map(|span| span.0))?;
        let (mut evidence, failed) = talk::talk(&self.0, cx, &argv, &env, limit).await?;
        for name in &self.0.outputs {
            if evidence.get(name).is_none() {
                evidence.put(name.as_str(), Value::missing(asked::not_given()));
            }
        }
        match failed {
            None => Ok(evidence),
            Some(error) => Err(error.with(evidence)),
        }
    }
}

messages! {
    area "exec";
    output_twice(name) => "the output `{name}` is listed twice" / "la sortie `{name}` est citée deux fois";
    run_plugin(command) => "run the plugin `{command}`" / "exécuter le plugin `{command}`";
    undo_by_plugin(command) => "undo by the plugin `{command}`" / "annulation par le plugin `{command}`";
}

#[cfg(test)]
mod tests;
