//! `worker-killed`: the worker that runs the connectors is killed, and stays away.

use super::super::{
    super::{
        ActionError,
        command::{self, Invocation},
    },
    mutant::{Broken, Moment, Mutant, Unbroken},
    site::Site,
};
use crate::record::{Said, messages};
use std::collections::BTreeMap;

/// The command of a lab's environment.
const COMMAND: &str = "kill-connect";

pub(super) struct WorkerKilled;

#[async_trait::async_trait]
impl Mutant for WorkerKilled {
    fn name(&self) -> &'static str {
        "worker-killed"
    }

    fn about(&self) -> Said {
        about()
    }

    fn moments(&self) -> &'static [Moment] {
        &[Moment::BeforeLoad]
    }

    async fn act(&self, _: Moment, site: &Site<'_>) -> Result<Broken, Unbroken> {
        if !site.cx.environment.commands.contains_key(COMMAND) {
            return Err(Unbroken::Nothing(no_command(COMMAND)));
        }
        let argv = Invocation::Named(COMMAND.to_owned(), Vec::new()).argv(site.cx)?;
        let finished = command::run(site.cx, &argv, &BTreeMap::new(), None).await?;
        match finished.code() {
            Some(0) => Ok(Broken { touched: 1, said: killed(COMMAND) }),
            _ => Err(ActionError::failed(not_run(COMMAND, finished.how_ended())).into()),
        }
    }
}

messages! {
    area "mutant worker-killed";
    about() => "the worker that runs the connectors is killed" / "le worker qui exécute les connecteurs est tué";
    killed(command) => "the environment's command `{command}` was run" / "la commande `{command}` de l'environnement a été exécutée";
    no_command(command) => "the environment has no command `{command}`" / "l'environnement n'a pas de commande `{command}`";
    not_run(command, how) => "the command `{command}` {how}" / "la commande `{command}` {how}";
}
