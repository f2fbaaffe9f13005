//! `shell`: runs a program and keeps what it says.

use super::{
    Action, ActionContext, ActionError, ActionFailure, Kind, Mistake, Need, OnInterrupt, Output, Param, Span,
    capture::{at_pointers, named, of_text, reserved},
    command::{self, End, Finished, Interrupted, Invocation},
    output,
};
use crate::{
    clients::Environment,
    record::{ActionRole, Arg, Evidence, Refused, Said, Unit, Value, faults, messages},
};
use regex::Regex;
use serde::Deserialize;
use std::{collections::BTreeMap, time::Duration};

/// How long a confirmation is waited for where the step file does not say.
pub(super) const CONFIRM_WITHIN: Duration = Duration::from_secs(120);

/// Parameters of `shell`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "Fields")]
pub(super) struct Shell(Fields);

/// Parameters of `shell`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Fields {
    /// Program and arguments, or `{command: NAME, args: […]}` with a command of the environment. There is no shell:
    /// write `[sh, -c, …]` for one. It runs in the campaign's folder, without input, in a process group of its own.
    argv: Invocation,
    /// Variables added to those that every program gets (`PATH`, `HOME`, `LANG`, `LC_*`, `TZ`, `TMPDIR`, `TERM`, `USER`,
    /// `JAVA_HOME`, and of `KAFKA_*`, `JMX_*` and `JALON_*` those that are no secret). A value that is a reference
    /// (`env:NAME`, `file:PATH`, `command:…`) is given as the secret behind it; arguments are seen by everybody on the
    /// machine, so secrets go here.
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// Outputs by name: `{regex: …}` takes group 1 of the first match in standard output, or else in standard error;
    /// `{pointer: /a/0}` takes a value of the JSON on standard output. What reads as a number is one.
    #[serde(default)]
    capture: BTreeMap<String, Capture>,
    /// Exit codes that are no failure; `[0]` where left out, and `[]` accepts any.
    #[serde(default)]
    exit_codes: Option<Vec<i32>>,
    /// A command that is run again every second, once the first has ended, until it ends with 0. It gets `env` too.
    #[serde(default)]
    confirm: Option<Invocation>,
    /// How long the confirmation may take; 2 minutes where left out.
    #[serde(default)]
    confirm_within: Option<Param<Span>>,
    /// What happens when a run ended while it ran: `ask` the operator (where left out), or `rerun` when doing it twice
    /// does no harm.
    #[serde(default)]
    on_interrupt: Interrupted,
}

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Capture {
    /// A regular expression with a group; group 1 of its first match is taken.
    #[serde(default)]
    regex: Option<String>,
    /// Instead of it: a JSON pointer (`/a/0`) into the JSON on standard output.
    #[serde(default)]
    pointer: Option<String>,
}

impl TryFrom<Fields> for Shell {
    type Error = Refused;

    fn try_from(fields: Fields) -> Result<Self, Refused> {
        for (name, capture) in &fields.capture {
            if let Some(reason) = reserved(name, Self::OUTPUTS) {
                return Err(reason.into());
            }
            match (&capture.regex, &capture.pointer) {
                // A template is no regular expression yet.
                (Some(pattern), None) if pattern.contains("{{") => {}
                (Some(pattern), None) => drop(grouped(pattern)?),
                (None, Some(_)) => {}
                _ => return Err(one_way_to_capture(name).into()),
            }
        }
        if fields.confirm.is_none() && fields.confirm_within.is_some() {
            return Err(within_without_confirm().into());
        }
        Ok(Self(fields))
    }
}

fn grouped(pattern: &str) -> Result<Regex, Said> {
    let regex = Regex::new(pattern).map_err(|error| no_pattern(pattern, faults::pattern(&error)))?;
    if regex.captures_len() < 2 {
        return Err(no_group(pattern));
    }
    Ok(regex)
}

impl Kind for Shell {
    const SUMMARY: &'static str = "Runs a program, keeps what it says, and captures figures from it.";
    const EXAMPLE: &'static str = "\
shell:
  id: disk
  argv: [df, -B1, --output=avail, /var/lib/kafka]
  capture:
    available_bytes: {regex: '(\\d+)'}
  on_interrupt: rerun";
    const ROLE: ActionRole = ActionRole::Change;
    const OUTPUTS: &'static [Output] = &[
        output("exit_code", Unit::None, "Its exit code; missing where a signal ended it.").within(0.0, 255.0),
        output("duration_s", Unit::Seconds, "From its start to its end, the confirmation left out."),
    ];
}

#[async_trait::async_trait]
impl Action for Shell {
    fn describe(&self) -> Said {
        run(Arg::text(&self.0.argv))
    }

    fn on_interrupt(&self) -> OnInterrupt {
        self.0.on_interrupt.into()
    }

    fn destructive(&self) -> Option<String> {
        // One that may be repeated without harm is said to change nothing that matters.
        (self.0.on_interrupt == Interrupted::Ask).then(|| {
            "runs a command that may change the platform (it has no `on_interrupt: rerun`)".to_owned()
        })
    }

    fn captures(&self) -> Vec<String> {
        self.0.capture.keys().cloned().collect()
    }

    fn time_limit(&self) -> Duration {
        let confirm = match (&self.0.confirm, &self.0.confirm_within) {
            (None, _) => Duration::ZERO,
            (Some(_), within) => within.as_ref().and_then(Param::known).map_or(CONFIRM_WITHIN, |s| s.0),
        };
        Duration::from_secs(60) + confirm
    }

    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        let argv = self.0.argv.mistake(environment, "argv");
        argv.into_iter()
            .chain(self.0.confirm.iter().filter_map(|c| c.mistake(environment, "confirm")))
            .collect()
    }

    fn needs(&self, environment: &Environment) -> Vec<Need> {
        let commands = [Some(&self.0.argv), self.0.confirm.as_ref()];
        commands.into_iter().flatten().filter_map(|command| command.need(environment)).collect()
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let argv = self.0.argv.argv(cx)?;
        Invocation::refuse_secret(&argv)?;
        let env = command::resolved(&self.0.env)?;
        let finished = command::run(cx, &argv, &env, None).await?;
        finished.store(cx, "")?;
        let evidence = self.evidence(&finished);
        let accepted = match (&self.0.exit_codes, finished.code()) {
            (Some(codes), Some(code)) => codes.is_empty() || codes.contains(&code),
            (None, Some(code)) => code == 0,
            (_, None) => false,
        };
        if finished.end == End::Cancelled {
            return Err(ActionError::Cancelled.with(evidence));
        }
        if !accepted {
            let said = ended(Arg::text(&self.0.argv), finished.complaint());
            return Err(ActionError::failed(said).with(evidence));
        }
        if let Some(confirm) = &self.0.confirm {
            let argv = confirm.argv(cx)?;
            let within =
                self.0.confirm_within.as_ref().map_or(Ok(CONFIRM_WITHIN), |s| s.get().map(|s| s.0))?;
            command::confirm(cx, &argv, &env, within).await.map_err(|error| error.with(evidence.clone()))?;
        }
        Ok(evidence)
    }
}

impl Shell {
    fn evidence(&self, finished: &Finished) -> Evidence {
        let mut evidence = Evidence::default();
        let code = match finished.code() {
            Some(code) => Value::number(f64::from(code), Unit::None),
            None => Value::missing(finished.how_ended()),
        };
        evidence
            .put("exit_code", code)
            .put("duration_s", Value::number(finished.elapsed.as_secs_f64(), Unit::Seconds));
        evidence.remark_all(&finished.remarks);
        for (name, capture) in &self.0.capture {
            let (value, from) = match (&capture.regex, &capture.pointer) {
                (Some(pattern), _) => of_regex(pattern, finished),
                (None, Some(pointer)) => {
                    let found = at_pointers(finished.stdout.as_bytes(), &[pointer.as_str()]);
                    let value = match found {
                        Ok(mut values) => values.remove(0),
                        Err(_) if finished.is_cut => Value::missing(too_long()),
                        Err(error) => Value::missing(not_json(faults::json(&error))),
                    };
                    (value, "stdout.txt")
                }
                (None, None) => (Value::missing(no_capture()), "stdout.txt"),
            };
            evidence.put_from(name.as_str(), named(name, value), from);
        }
        evidence
    }
}

fn of_regex(pattern: &str, finished: &Finished) -> (Value, &'static str) {
    let regex = match grouped(pattern) {
        Ok(regex) => regex,
        Err(reason) => return (Value::missing(reason), "stdout.txt"),
    };
    for (text, file) in [(&finished.stdout, "stdout.txt"), (&finished.stderr, "stderr.txt")] {
        if let Some(found) = regex.captures(text) {
            let value = match found.get(1) {
                Some(group) => of_text(group.as_str()),
                None => Value::missing(group_missing(pattern)),
            };
            return (value, file);
        }
    }
    (Value::missing(no_match(pattern)), "stdout.txt")
}

messages! {
    area "shell";
    ended(command, how) => "`{command}` {how}" / "`{command}` {how}";
    group_missing(pattern) => "`{pattern}` matches without its group 1" / "`{pattern}` correspond sans son groupe 1";
    no_capture() => "nothing to capture by" / "rien pour extraire";
    no_group(pattern) => "`{pattern}` has no group; put the part to capture in parentheses" / "`{pattern}` n'a pas de groupe ; mettre la partie à extraire entre parenthèses";
    no_match(pattern) => "`{pattern}` matches nothing in the output" / "`{pattern}` ne correspond à rien dans la sortie";
    no_pattern(pattern, cause) => "`{pattern}` is not a regular expression: {cause}" / "`{pattern}` n'est pas une expression régulière : {cause}";
    not_json(cause) => "standard output is not JSON: {cause}" / "la sortie standard n'est pas du JSON : {cause}";
    one_way_to_capture(name) => "capture `{name}` wants either `regex` or `pointer`" / "l'extraction `{name}` demande soit `regex`, soit `pointer`";
    too_long() => "standard output is larger than 16 MiB: its middle was left out, and what is left is not JSON" / "la sortie standard dépasse 16 Mio : son milieu a été omis, et le reste n'est pas du JSON";
    run(command) => "run `{command}`" / "exécuter `{command}`";
    within_without_confirm() => "`confirm_within` goes with `confirm`" / "`confirm_within` va avec `confirm`";
}

#[cfg(test)]
mod tests {
    use super::super::test_context::{action, artifact, context, keeps_its_promises, refusal, shown};
    use super::*;

    #[tokio::test]
    async fn figures_are_captured_and_the_output_is_kept() {
        let (_folder, cx) = context("commands: {say: [echo, '-n']}");
        let params = "\
argv: [sh, -c, 'echo \"{\\\"a\\\": [1, \\\"x\\\"]}\"; echo took 12.5 ms >&2']
capture:
  took: {regex: 'took ([\\d.]+) ms'}
  first: {pointer: /a/0}
  second: {pointer: /a/1}
  none: {regex: 'lost (\\d+)'}";
        let evidence = action("shell", params).run(&cx).await.unwrap();
        keeps_its_promises("shell", &evidence);
        assert_eq!(
            ["exit_code", "took", "first", "second"].map(|n| shown(&evidence, n)),
            ["0", "12.5", "1", "x"]
        );
        assert!(shown(&evidence, "none").contains("matches nothing"));
        assert_eq!(artifact(&cx, "stderr.txt"), "took 12.5 ms\n");
        let named = "argv: {command: say, args: [hello, 3]}";
        action("shell", named).run(&cx).await.unwrap();
        assert_eq!(artifact(&cx, "stdout.txt"), "hello 3");
    }

    #[tokio::test]
    async fn secrets_go_through_the_environment_and_are_masked() {
        let (folder, cx) = context("");
        std::fs::write(folder.path().join("token"), "token-of-the-shell\n").unwrap();
        let params = format!(
            "argv: [sh, -c, 'echo got $TOKEN']\nenv: {{TOKEN: 'file:{}/token'}}",
            folder.path().display()
        );
        action("shell", &params).run(&cx).await.unwrap();
        assert_eq!(artifact(&cx, "stdout.txt"), "got ***\n");
    }

    #[tokio::test]
    async fn an_exit_code_that_was_not_expected_fails_with_the_last_words() {
        let (_folder, cx) = context("");
        let script = "argv: [sh, -c, 'echo begun; echo no such broker >&2; exit 3']";
        let failure = action("shell", script).run(&cx).await.unwrap_err();
        assert!(
            failure.error.to_string().ends_with("ended with exit code 3: no such broker"),
            "{}",
            failure.error
        );
        assert_eq!(shown(&failure.evidence, "exit_code"), "3");
        let tolerant = format!("{script}\nexit_codes: [0, 3]");
        assert_eq!(shown(&action("shell", &tolerant).run(&cx).await.unwrap(), "exit_code"), "3");
        let failure = action("shell", "argv: [sh, -c, 'kill -9 $$']").run(&cx).await.unwrap_err();
        assert!(shown(&failure.evidence, "exit_code").contains("signal 9"));
        for (script, told) in [
            ("kill -FPE $$", "ended by signal 8 (SIGFPE: "),
            ("kill -ILL $$", "ended by signal 4 (SIGILL: "),
            ("kill -BUS $$", "ended by signal 7 (SIGBUS: "),
            (
                "sh -c 'kill -SEGV $$'; exit $?",
                "exit code 139, as a shell does where SIGSEGV ended its program",
            ),
        ] {
            let params = serde_json::json!({"argv": ["sh", "-c", script]}).to_string();
            let failure = action("shell", &params).run(&cx).await.unwrap_err();
            assert!(failure.error.to_string().contains(told), "{script}: {}", failure.error);
        }
        let failure = action("shell", "argv: [no-such-program-here]").run(&cx).await.unwrap_err();
        assert!(matches!(failure.error, ActionError::Misconfigured { .. }), "{:?}", failure.error);
    }

    #[tokio::test]
    async fn a_confirmation_is_tried_until_it_holds_or_its_time_is_over() {
        let (_folder, cx) = context("");
        let params = "{argv: ['true'], confirm: [sh, -c, 'test -f there || { touch there; exit 1; }']}";
        action("shell", params).run(&cx).await.unwrap();
        let params =
            "{argv: ['true'], confirm: [sh, -c, 'echo still down >&2; false'], confirm_within: 500ms}";
        let failure = action("shell", params).run(&cx).await.unwrap_err();
        assert!(failure.error.to_string().contains("still down"), "{}", failure.error);
    }

    #[tokio::test]
    async fn a_program_starts_in_the_folder_of_the_campaign() {
        use std::os::unix::fs::PermissionsExt;
        let (folder, cx) = context("");
        let tool = folder.path().join("tool.sh");
        std::fs::write(&tool, "#!/bin/sh\npwd\n").unwrap();
        std::fs::set_permissions(&tool, std::fs::Permissions::from_mode(0o755)).unwrap();
        action("shell", "argv: [./tool.sh]").run(&cx).await.unwrap();
        let folder = folder.path().canonicalize().unwrap();
        assert_eq!(artifact(&cx, "stdout.txt").trim(), folder.to_str().unwrap());
    }

    #[test]
    fn what_makes_no_sense_is_refused_at_once() {
        assert!(refusal("shell", "{argv: [a], capture: {x: {regex: 'a'}}}").contains("no group"));
        assert!(refusal("shell", "{argv: [a], capture: {x: {regex: '('}}}").contains("not a regular"));
        assert!(refusal("shell", "{argv: [a], capture: {x: {}}}").contains("either"));
        assert!(
            refusal("shell", "{argv: [a], capture: {exit_code: {pointer: /a}}}")
                .contains("already an output")
        );
        assert!(refusal("shell", "argv: ls -l").contains("no shell"));
        assert_eq!(action("shell", "argv: [a]").on_interrupt(), OnInterrupt::Ask);
        assert_eq!(action("shell", "{argv: [a], on_interrupt: rerun}").on_interrupt(), OnInterrupt::Rerun);
    }
}
