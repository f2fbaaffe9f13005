//! `fault`: breaks something on purpose, holds it, undoes it and verifies the undo.

use super::{
    Action, ActionContext, ActionError, ActionFailure, Kind, Mistake, Need, OnInterrupt, Output, Param, Span,
    command::{self, End, Finished, Invocation},
    output,
    shell::CONFIRM_WITHIN,
};
use crate::{
    clients::Environment,
    record::{ActionRole, Arg, Evidence, Said, Undo, Unit, Value, messages},
};
use serde::Deserialize;
use serde_json::json;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// How long a command that injects or undoes may take: a broker that was killed may start only after its old session
/// has ended.
const COMMAND_LIMIT: Duration = Duration::from_secs(180);

/// Parameters of `fault`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Fault {
    /// The command that breaks it: program and arguments, or `{command: NAME, args: […]}` with a command of the
    /// environment. It ends, within 3 minutes, once it is broken.
    inject: Invocation,
    /// The command that undoes it. It must be safe to run twice, and when nothing was broken: after a crash it is unknown
    /// how far the injection came.
    undo: Invocation,
    /// Variables added to those that every program gets, for all three commands, as `env` of `shell`: a value that is a
    /// reference (`env:NAME`, `file:PATH`, `command:…`) is given as the secret behind it.
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// How long it stays broken, from the end of the injection.
    hold: Param<Span>,
    /// A command that is run again every second until it ends with 0: then the platform is as it was. Where there is
    /// one, it judges the undo, and the undo's own exit code is only remarked.
    #[serde(default)]
    confirm: Option<Invocation>,
    /// How long the confirmation may take; 2 minutes where left out.
    #[serde(default)]
    confirm_within: Option<Param<Span>>,
}

impl Kind for Fault {
    const SUMMARY: &'static str = "Breaks something on purpose, holds it for a time, undoes it and verifies the undo. \
        The undo is in the journal before anything is broken, and runs first after a crash.";
    const EXAMPLE: &'static str = "\
fault:
  id: broker_down
  inject: {command: stop-broker, args: ['2']}
  undo: {command: start-broker, args: ['2']}
  confirm: {command: broker-is-up, args: ['2']}
  hold: 2m";
    const ROLE: ActionRole = ActionRole::Fault;
    const OUTPUTS: &'static [Output] = &[
        output("inject_s", Unit::Seconds, "How long the injection took."),
        output("held_s", Unit::Seconds, "From the end of the injection to the start of the undo."),
        output("undo_s", Unit::Seconds, "How long the undo took, its confirmation included."),
    ];
}

#[async_trait::async_trait]
impl Action for Fault {
    fn describe(&self) -> Said {
        break_and_hold(Arg::text(&self.inject), &self.hold, Arg::text(&self.undo))
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    fn destructive(&self) -> Option<String> {
        Some("breaks something on purpose".to_owned())
    }

    fn undo(&self) -> Option<Undo> {
        let mut params = json!({"argv": self.undo, "on_interrupt": "rerun"});
        if !self.env.is_empty() {
            params["env"] = json!(self.env);
        }
        if let Some(confirm) = &self.confirm {
            params["confirm"] = json!(confirm);
            params["exit_codes"] = json!([]);
            if let Some(within) = self.confirm_within.as_ref().and_then(Param::known) {
                params["confirm_within"] = json!(within.0.as_secs_f64());
            }
        }
        Some(Undo { kind: "shell".to_owned(), params })
    }

    fn time_limit(&self) -> Duration {
        let hold = self.hold.known().map_or(Duration::ZERO, |span| span.0);
        hold + COMMAND_LIMIT * 2 + self.confirm_limit() + Duration::from_secs(30)
    }

    fn expected(&self) -> Option<Duration> {
        self.hold.known().map(|span| span.0)
    }

    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        let commands = [
            Some(("inject", &self.inject)),
            Some(("undo", &self.undo)),
            self.confirm.as_ref().map(|c| ("confirm", c)),
        ];
        commands
            .into_iter()
            .flatten()
            .filter_map(|(path, command)| command.mistake(environment, path))
            .collect()
    }

    fn needs(&self, environment: &Environment) -> Vec<Need> {
        let commands = [Some(&self.inject), Some(&self.undo), self.confirm.as_ref()];
        commands.into_iter().flatten().filter_map(|command| command.need(environment)).collect()
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let hold = self.hold.get()?.0;
        let (inject, undo) = (self.inject.argv(cx)?, self.undo.argv(cx)?);
        [&inject, &undo].into_iter().try_for_each(|argv| Invocation::refuse_secret(argv))?;
        let confirm = self.confirm.as_ref().map(|c| c.argv(cx)).transpose()?;
        let env = command::resolved(&self.env)?;
        let mut evidence = Evidence::default();
        for name in ["inject_s", "held_s", "undo_s"] {
            evidence.put(name, Value::missing(not_reached()));
        }
        // From here on, whatever ends this early leaves the undo to the engine, which has it in the journal.
        let injected = step(cx, &inject, &env, "inject", &mut evidence).await?;
        evidence.put("inject_s", seconds(injected.elapsed));
        if injected.code() != Some(0) {
            let said = injection(Arg::text(&self.inject), injected.complaint());
            return Err(ActionError::failed(said).with(evidence));
        }
        let broken = Instant::now();
        let held = held(cx, hold).await;
        evidence.put("held_s", seconds(broken.elapsed()));
        if held.is_none() {
            return Err(ActionError::Cancelled.with(evidence));
        }
        cx.progress.update(&cx.action, hold.as_secs(), Some(hold.as_secs()), taking_back());
        let started = Instant::now();
        let undone = step(cx, &undo, &env, "undo", &mut evidence).await?;
        if undone.code() != Some(0) {
            let said = the_undo(Arg::text(&self.undo), undone.complaint());
            if confirm.is_none() {
                return Err(ActionError::failed(said).with(evidence));
            }
            evidence.remark(said);
        }
        if let Some(confirm) = confirm
            && let Err(error) = command::confirm(cx, &confirm, &env, self.confirm_limit()).await
        {
            return Err(error.with(evidence));
        }
        evidence.put("undo_s", seconds(started.elapsed()));
        Ok(evidence)
    }
}

impl Fault {
    fn confirm_limit(&self) -> Duration {
        self.confirm_within.as_ref().and_then(Param::known).map_or(CONFIRM_WITHIN, |span| span.0)
    }
}

/// Runs one of the commands and keeps what it says.
async fn step(
    cx: &ActionContext,
    argv: &[String],
    env: &BTreeMap<String, String>,
    name: &str,
    evidence: &mut Evidence,
) -> Result<Finished, ActionFailure> {
    let finished = match command::run(cx, argv, env, Some(COMMAND_LIMIT)).await {
        Ok(finished) => finished,
        Err(error) => return Err(error.with(evidence.clone())),
    };
    finished.store(cx, &format!("{name}-"))?;
    evidence.remark_all(finished.remarks.iter().map(|remark| of_command(name, remark)));
    if finished.end == End::Cancelled {
        return Err(ActionError::Cancelled.with(evidence.clone()));
    }
    Ok(finished)
}

/// Waits; `None` when cancelled.
async fn held(cx: &ActionContext, hold: Duration) -> Option<()> {
    let started = Instant::now();
    let end = tokio::time::sleep(hold);
    tokio::pin!(end);
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            biased;
            () = cx.cancel.cancelled() => return None,
            () = &mut end => return Some(()),
            _ = tick.tick() => {
                cx.progress.update(&cx.action, started.elapsed().as_secs(), Some(hold.as_secs()), broken(hold));
            }
        }
    }
}

fn seconds(elapsed: Duration) -> Value {
    Value::number(elapsed.as_secs_f64(), Unit::Seconds)
}

messages! {
    area "fault";
    break_and_hold(inject, hold, undo) => "break with `{inject}`, hold {hold}, undo with `{undo}`" / "casser avec `{inject}`, maintenir {hold}, annuler avec `{undo}`";
    broken(length) => "broken, for {length}" / "en panne, pendant {length}";
    injection(command, how) => "the injection `{command}` {how}" / "le déclenchement `{command}` {how}";
    not_reached() => "the action did not get that far" / "l'action n'est pas allée jusque-là";
    of_command(name, remark) => "{name}: {remark}" / "{name} : {remark}";
    taking_back() => "undoing it" / "annulation";
    the_undo(command, how) => "the undo `{command}` {how}" / "l'annulation `{command}` {how}";
}

#[cfg(test)]
mod tests {
    use super::super::{
        kind,
        test_context::{action, context, keeps_its_promises},
    };
    use super::*;

    const BREAK: &str = "inject: [sh, -c, 'touch broken']\nundo: [sh, -c, 'rm broken']\n";

    #[tokio::test]
    async fn it_is_broken_for_that_long_and_then_whole_again() {
        let (folder, cx) = context("");
        let params = format!("{BREAK}hold: 1s\nconfirm: [sh, -c, '! test -e broken']");
        let fault = action("fault", &params);
        let run = fault.run(&cx);
        let look = async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            folder.path().join("broken").exists()
        };
        let (evidence, broken) = tokio::join!(run, look);
        let evidence = evidence.unwrap();
        keeps_its_promises("fault", &evidence);
        assert!(broken && !folder.path().join("broken").exists());
        assert!((1.0..1.5).contains(&evidence.get("held_s").unwrap().as_f64().unwrap()));
    }

    #[tokio::test]
    async fn a_cancelled_fault_leaves_its_undo_to_the_engine_and_that_can_be_run_twice() {
        let (folder, cx) = context("");
        let params = format!("{BREAK}hold: 1h\nconfirm: [sh, -c, '! test -e broken']\nconfirm_within: 5s");
        let fault = action("fault", &params);
        let cancel = cx.cancel.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(400)).await;
            cancel.cancel();
        });
        let started = Instant::now();
        let failure = fault.run(&cx).await.unwrap_err();
        assert!(matches!(failure.error, ActionError::Cancelled));
        assert!(started.elapsed() < Duration::from_secs(2));
        assert!(folder.path().join("broken").exists());
        assert!(failure.evidence.get("held_s").unwrap().as_f64().is_some());
        // As the engine has it from the journal.
        let undo = serde_json::to_string(&fault.undo().unwrap()).unwrap();
        let undo: Undo = serde_json::from_str(&undo).unwrap();
        let undo = (kind(&undo.kind).unwrap().parse)(&undo.params).unwrap();
        assert_eq!(undo.on_interrupt(), OnInterrupt::Rerun);
        let mut fresh = cx.clone();
        fresh.cancel = tokio_util::sync::CancellationToken::new();
        for _ in 0..2 {
            undo.run(&fresh).await.unwrap();
            assert!(!folder.path().join("broken").exists());
        }
    }

    #[tokio::test]
    async fn its_commands_get_the_variables_of_the_step() {
        let (folder, cx) = context("");
        std::fs::write(folder.path().join("token"), "s3cr3t-of-the-fault").unwrap();
        let params = format!(
            "inject: [sh, -c, 'echo $TOKEN-$KIND > seen']\nundo: [sh, -c, 'echo $TOKEN-$KIND >> seen']\nconfirm: [sh, -c, \
             'echo $TOKEN-$KIND >> seen']\nhold: 1ms\nenv: {{TOKEN: 'file:{}/token', KIND: kill}}",
            folder.path().display()
        );
        let fault = action("fault", &params);
        fault.run(&cx).await.unwrap();
        // As the engine undoes it after a crash: by the reference, which alone is in the journal.
        let undo = fault.undo().unwrap();
        assert!(!undo.params.to_string().contains("s3cr3t"), "{}", undo.params);
        let mut fresh = cx.clone();
        fresh.cancel = tokio_util::sync::CancellationToken::new();
        fresh.sampling = true;
        (kind(&undo.kind).unwrap().parse)(&undo.params).unwrap().run(&fresh).await.unwrap();
        let seen = std::fs::read_to_string(folder.path().join("seen")).unwrap();
        assert_eq!(seen, "s3cr3t-of-the-fault-kill\n".repeat(5));
    }

    #[tokio::test]
    async fn an_undo_that_does_not_help_is_a_failure() {
        let (_folder, cx) = context("");
        let params =
            format!("{BREAK}hold: 10ms\nconfirm: [sh, -c, 'echo URP 3; false']\nconfirm_within: 100ms");
        let failure = action("fault", &params).run(&cx).await.unwrap_err();
        assert!(failure.error.to_string().contains("URP 3"), "{}", failure.error);
        let params = "{inject: ['true'], undo: [sh, -c, 'echo no such unit >&2; exit 5'], hold: 10ms}";
        let failure = action("fault", params).run(&cx).await.unwrap_err();
        assert!(failure.error.to_string().contains("exit code 5: no such unit"), "{}", failure.error);
    }

    #[tokio::test]
    async fn an_injection_that_fails_holds_nothing() {
        let (_folder, cx) = context("commands: {stop: [sh, -c, 'exit 2']}");
        let params = "{inject: {command: stop}, undo: ['true'], hold: 1h}";
        let failure = action("fault", params).run(&cx).await.unwrap_err();
        assert!(
            failure.error.to_string().contains("the injection `stop` ended with exit code 2"),
            "{}",
            failure.error
        );
        keeps_its_promises("fault", &failure.evidence);
        let params = "{inject: {command: stopp}, undo: ['true'], hold: 1h}";
        let failure = action("fault", params).run(&cx).await.unwrap_err();
        let ActionError::Misconfigured { hint, .. } = failure.error else { panic!() };
        assert_eq!(hint, "did you mean `stop`?");
    }
}
