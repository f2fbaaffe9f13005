//! `worker-killed`: the worker that runs the connectors is killed, and stays away.

use super::super::{
    super::ActionError,
    mutant::{Broken, Moment, Mutant},
    site::Site,
};
use crate::record::{Said, messages};

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

    async fn act(&self, _: Moment, site: &Site<'_>) -> Result<Broken, ActionError> {
        let Some(command) = site.cx.environment.commands.get(COMMAND) else {
            return Ok(Broken::Nothing(no_command()));
        };
        let Some((program, arguments)) = command.split_first() else {
            return Ok(Broken::Nothing(no_command()));
        };
        let ended = tokio::process::Command::new(program)
            .args(arguments)
            .current_dir(&site.cx.work_dir)
            .stdin(std::process::Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .map_err(|error| ActionError::failed(not_run(error.to_string())))?;
        if !ended.status.success() {
            return Err(ActionError::failed(not_run(String::from_utf8_lossy(&ended.stderr).into_owned())));
        }
        Ok(Broken::Done { touched: 1, said: killed(COMMAND) })
    }
}

messages! {
    area "mutant worker-killed";
    about() => "the worker that runs the connectors is killed" / "le worker qui exécute les connecteurs est tué";
    killed(command) => "the environment's command `{command}` was run" / "la commande `{command}` de l'environnement a été exécutée";
    no_command() => "the environment has no command `kill-connect`" / "l'environnement n'a pas de commande `kill-connect`";
    not_run(cause) => "the worker could not be killed: {cause}" / "le worker n'a pas pu être tué : {cause}";
}
