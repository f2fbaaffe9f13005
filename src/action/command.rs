//! Child processes of actions: started without a shell in a process group of their own, their output kept within
//! bounds, the whole group ended on cancellation.

use super::{ActionContext, ActionError, Mistake, Need, OnInterrupt, mistakes, service::exposed};
use crate::{
    clients::{Environment, SecretRef},
    record::{Arg, Refused, Said, messages},
    support::{children::Group, inherited, redact, text},
};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::{
    borrow::Cow,
    collections::{BTreeMap, VecDeque},
    fmt,
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{Child, Command},
    sync::mpsc::UnboundedSender,
    task::JoinHandle,
    time::{sleep, timeout},
};

/// How much of each stream is kept: this much from its beginning and this much from its end.
const HALF: usize = 8 << 20;
/// How long a stream is still read after the process has ended; a daemon that it left may hold it open for ever.
const DRAIN_LIMIT: Duration = Duration::from_secs(1);
/// How a variable is given; its braces are none of a message.
const USE_ENV: &str = "env: {NAME: env:NAME}";
/// How a command of the environment is written, for the same reason.
const COMMAND_FORM: &str = "{command: NAME, args: [argument]}";
const CONFIRM_PAUSE: Duration = Duration::from_secs(1);

/// A command line: `[program, argument, …]`, or `{command: NAME, args: […]}` with a command of the environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Json", into = "Json")]
pub(super) enum Invocation {
    /// Program and arguments.
    Argv(Vec<String>),
    /// A name under `commands` of the environment, and further arguments.
    Named(String, Vec<String>),
}

/// What happens when a run ended while a program ran.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Interrupted {
    // Only the operator can tell what state it left.
    #[default]
    Ask,
    // Doing it twice does no harm.
    Rerun,
}

impl From<Interrupted> for OnInterrupt {
    fn from(interrupted: Interrupted) -> Self {
        match interrupted {
            Interrupted::Ask => Self::Ask,
            Interrupted::Rerun => Self::Rerun,
        }
    }
}

impl TryFrom<Json> for Invocation {
    type Error = Refused;

    fn try_from(json: Json) -> Result<Self, Refused> {
        let form = || write_words(COMMAND_FORM);
        match json {
            Json::Array(words) => match words_of(&words)? {
                argv if argv.is_empty() => Err(no_words(form()).into()),
                argv => Ok(Self::Argv(argv)),
            },
            Json::Object(map) => {
                if let Some(key) = map.keys().find(|key| !["command", "args"].contains(&key.as_str())) {
                    return Err(unknown_key(key, form()).into());
                }
                let args = match map.get("args") {
                    None => Vec::new(),
                    Some(Json::Array(words)) => words_of(words)?,
                    Some(_) => return Err(args_no_list(form()).into()),
                };
                match map.get("command") {
                    Some(Json::String(name)) => Ok(Self::Named(name.clone(), args)),
                    _ => Err(no_command(form()).into()),
                }
            }
            _ => Err(one_text(form()).into()),
        }
    }
}

impl From<Invocation> for Json {
    fn from(invocation: Invocation) -> Self {
        match invocation {
            Invocation::Argv(argv) => argv.into(),
            Invocation::Named(command, args) => serde_json::json!({"command": command, "args": args}),
        }
    }
}

impl fmt::Display for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, rest) = match self {
            Self::Argv(argv) => (None, argv),
            Self::Named(command, args) => (Some(command), args),
        };
        let words: Vec<&str> = first.into_iter().chain(rest).map(String::as_str).collect();
        f.write_str(&text::cut(&redact::mask(&words.join(" ")), 120))
    }
}

fn words_of(words: &[Json]) -> Result<Vec<String>, Said> {
    words
        .iter()
        .map(|word| match word {
            Json::String(text) => Ok(text.clone()),
            Json::Number(number) => Ok(number.to_string()),
            other => Err(not_a_word(Arg::text(other))),
        })
        .collect()
}

impl Invocation {
    /// Program and arguments.
    pub(super) fn argv(&self, cx: &ActionContext) -> Result<Vec<String>, ActionError> {
        let (name, args) = match self {
            Self::Argv(argv) => return Ok(argv.clone()),
            Self::Named(name, args) => (name, args),
        };
        let commands = &cx.environment.commands;
        match commands.get(name) {
            Some(command) if !command.is_empty() => Ok([command.as_slice(), args].concat()),
            _ => {
                let near = text::did_you_mean(name, commands.keys().map(String::as_str));
                let hint = near.map_or_else(add_command, did_you_mean);
                Err(ActionError::misconfigured(unknown_command(&cx.environment.name, name), hint))
            }
        }
    }
}

impl Invocation {
    /// The command line that it starts, where the environment has it.
    pub(super) fn need(&self, environment: &Environment) -> Option<Need> {
        let argv = match self {
            Self::Argv(argv) => argv.clone(),
            Self::Named(name, args) => [environment.commands.get(name)?.as_slice(), args].concat(),
        };
        (!argv.is_empty()).then_some(Need::Program(argv))
    }

    /// That the environment has no such command.
    pub(super) fn mistake(&self, environment: &Environment, path: &str) -> Option<Mistake> {
        let words = match self {
            Self::Argv(argv) => argv.clone(),
            Self::Named(name, args) => {
                let command = environment.commands.get(name).cloned().unwrap_or_default();
                [command, args.clone()].concat()
            }
        };
        // A secret that the redactor finds in the plan's own text is already reported, at its exact place.
        let unseen = |pair: &[String]| matches!(redact::mask(&pair.join(", ")), Cow::Borrowed(_));
        let of_option = secret_of_option(&words).is_some_and(|pair| pair.len() == 2 && unseen(pair));
        if of_option || words.iter().any(|word| asks_for_secret(word)) {
            return Some(Mistake::new(path, &*secret_in_argument(), &*use_env(USE_ENV)));
        }
        let Self::Named(name, _) = self else { return None };
        let known = environment.commands.keys();
        mistakes::named(
            environment,
            &format!("{path}.command"),
            ("commands", mistakes::a_command()),
            name,
            known,
        )
    }

    /// Refuses a command line that would show a secret, once its expressions are resolved.
    pub(super) fn refuse_secret(argv: &[String]) -> Result<(), ActionError> {
        match shows_secret(argv) {
            true => Err(ActionError::misconfigured(secret_in_argument(), use_env(USE_ENV))),
            false => Ok(()),
        }
    }
}

/// Whether a command line would show a secret: in a word, or as the value of an option.
fn shows_secret(argv: &[String]) -> bool {
    argv.iter().any(|word| asks_for_secret(word)) || secret_of_option(argv).is_some()
}

/// The option whose value is a secret: `--password=x` by itself, `--password x` or `-u ana:x` with the next word.
fn secret_of_option(argv: &[String]) -> Option<&[String]> {
    let is_masked = |words: &[String]| {
        let words = Json::from(words);
        let mut shown = words.clone();
        redact::mask_record(&mut shown);
        shown != words
    };
    let is_option = |word: &str| word.starts_with('-') && !word.contains(char::is_whitespace);
    let options = argv.iter().enumerate().filter(|(_, word)| is_option(word));
    let mut candidates = options.flat_map(|(at, _)| [1, 2].map(|words| argv.get(at..at + words)));
    candidates
        .find_map(|words| words.filter(|words| is_masked(words)))
        .or_else(|| redact::secret_argument(argv))
}

/// Whether a word of a command line is or holds a secret, or refers to one as if it were resolved there.
fn asks_for_secret(word: &str) -> bool {
    let refers = |text: &str| SecretRef::parse(text).is_some() && !text.starts_with("file://");
    let variable = |text: &str| {
        text.strip_prefix("env:").is_some_and(|name| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        })
    };
    let part = |part: &str| {
        let value = part.rsplit_once('=').map(|(key, value)| (key, value.trim_matches(['"', '\''])));
        variable(part.trim_matches(['"', '\'']))
            || value
                .is_some_and(|(key, value)| variable(value) || (redact::is_secret_key(key) && refers(value)))
            || part.find(":env:").is_some_and(|at| variable(&part[at + 1..]))
    };
    refers(word) || word.split_whitespace().any(part) || redact::holds_secret(word)
}

/// How a process came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The action was cancelled, and the group was ended.
    Cancelled,
    /// By itself.
    Exited(ExitStatus),
    /// Its time was over, and the group was ended.
    TimedOut,
}

/// What a process left.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) end: End,
    /// Its standard output, secrets masked, the middle left out where it is larger than 16 MiB.
    pub(super) stdout: String,
    /// Whether the middle of its standard output is left out.
    pub(super) is_cut: bool,
    /// Its standard error, in the same way.
    pub(super) stderr: String,
    /// From its start to its end.
    pub(super) elapsed: Duration,
    /// What a reader must know: a cut stream, a stream left open.
    pub(super) remarks: Vec<Said>,
}

impl Finished {
    /// Its exit code; none where a signal ended it.
    pub(super) fn code(&self) -> Option<i32> {
        match self.end {
            End::Exited(status) => status.code(),
            End::Cancelled | End::TimedOut => None,
        }
    }

    /// How it ended.
    pub(super) fn how_ended(&self) -> Said {
        match self.end {
            End::Cancelled => was_stopped(),
            End::TimedOut => timed_out(self.elapsed),
            End::Exited(status) => match (status.code(), status.signal()) {
                // As a shell tells of a program that it started.
                (Some(code), _) => match super::fatal::why(code - 128) {
                    Some((name, why)) => exit_code_of(code, name, why),
                    None => exit_code(code),
                },
                (None, Some(signal)) => match super::fatal::why(signal) {
                    Some((name, why)) => by_fatal(signal, name, why),
                    None => by_signal(signal),
                },
                (None, None) => ended(),
            },
        }
    }

    /// How it ended, and the last lines that it said, standard error before standard output.
    pub(super) fn complaint(&self) -> Said {
        let said = if self.stderr.trim().is_empty() { &self.stdout } else { &self.stderr };
        let lines: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
        let last: Vec<String> = lines[lines.len().saturating_sub(5)..]
            .iter()
            .map(|line| text::cut(line.trim_end(), 300))
            .collect();
        if last.is_empty() { self.how_ended() } else { with_words(self.how_ended(), last.join("\n")) }
    }

    /// Stores both streams under `prefix` (empty, or `confirm-`); an empty standard error is not worth a file.
    pub(super) fn store(&self, cx: &ActionContext, prefix: &str) -> Result<(), ActionError> {
        if cx.sampling {
            return Ok(());
        }
        cx.artifacts.write(&format!("{prefix}stdout.txt"), "text/plain", self.stdout.as_bytes())?;
        if !self.stderr.is_empty() {
            cx.artifacts.write(&format!("{prefix}stderr.txt"), "text/plain", self.stderr.as_bytes())?;
        }
        Ok(())
    }
}

/// Runs a command until it ends, the action is cancelled or `limit` is over. `env` is added to what every child gets.
pub(super) async fn run(
    cx: &ActionContext,
    argv: &[String],
    env: &BTreeMap<String, String>,
    limit: Option<Duration>,
) -> Result<Finished, ActionError> {
    run_heard(cx, argv, env, limit, None).await
}

/// As [`run`]; what comes on standard output is also sent to `hear`, as it comes, secrets in clear.
pub(super) async fn run_heard(
    cx: &ActionContext,
    argv: &[String],
    env: &BTreeMap<String, String>,
    limit: Option<Duration>,
    hear: Option<UnboundedSender<Vec<u8>>>,
) -> Result<Finished, ActionError> {
    let started = Instant::now();
    let (mut child, mut group) = spawn(cx, argv, env, Stdio::null())?;
    let mut stdout = Stream::read(child.stdout.take(), hear);
    let mut stderr = Stream::read(child.stderr.take(), None);
    let over = async {
        match limit {
            Some(limit) => sleep(limit).await,
            None => std::future::pending().await,
        }
    };
    let end = tokio::select! {
        biased;
        () = cx.cancel.cancelled() => End::Cancelled,
        status = child.wait() => End::Exited(status.map_err(|error| fault(argv, &error))?),
        () = over => End::TimedOut,
    };
    let elapsed = started.elapsed();
    if !matches!(end, End::Exited(_)) {
        group.end(&mut child).await;
    }
    let mut remarks = Vec::new();
    let deadline = Instant::now() + DRAIN_LIMIT;
    let (stdout, is_cut) = stdout.finish(standard_output(), deadline, &mut remarks).await;
    let (stderr, _) = stderr.finish(standard_error(), deadline, &mut remarks).await;
    let left = group.release();
    if !left.is_empty() {
        remarks.push(left_running(Arg::list(left)));
    }
    Ok(Finished { end, stdout, is_cut, stderr, elapsed, remarks })
}

/// The variables that a step gives to a command, with the secrets behind references.
pub(super) fn resolved(env: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, ActionError> {
    env.iter().map(|(name, value)| Ok((name.clone(), exposed(value)?))).collect()
}

/// Runs a command again and again until it ends with 0, at most for `within`. Its last output becomes an artifact.
pub(super) async fn confirm(
    cx: &ActionContext,
    argv: &[String],
    env: &BTreeMap<String, String>,
    within: Duration,
) -> Result<(), ActionError> {
    let started = Instant::now();
    loop {
        let left = within.saturating_sub(started.elapsed()).max(Duration::from_millis(100));
        let finished = run(cx, argv, env, Some(left)).await?;
        if finished.end == End::Cancelled {
            return Err(ActionError::Cancelled);
        }
        // An artifact is stored once: what it says must not change any more.
        if finished.code() == Some(0) {
            return finished.store(cx, "confirm-");
        }
        if started.elapsed() + CONFIRM_PAUSE >= within {
            finished.store(cx, "confirm-")?;
            let command = Arg::text(Invocation::Argv(argv.to_vec()));
            return Err(ActionError::failed(not_confirmed(within, command, finished.complaint())));
        }
        tokio::select! {
            () = cx.cancel.cancelled() => return Err(ActionError::Cancelled),
            () = sleep(CONFIRM_PAUSE) => {}
        }
    }
}

/// Starts a command in a process group of its own, with pipes for what it says.
pub(super) fn spawn<'a>(
    cx: &'a ActionContext,
    argv: &[String],
    env: &BTreeMap<String, String>,
    stdin: Stdio,
) -> Result<(Child, Group<'a>), ActionError> {
    let [program, args @ ..] = argv else {
        return Err(ActionError::failed(empty()));
    };
    // The system looks for a relative program below the folder of this process or of the child, as it pleases.
    // `jalon` is this very program, wherever it stands: a plan's `[jalon, lab, fault, …]` needs no search path.
    let path = match Path::new(program) {
        path if program == "jalon" => std::env::current_exe().unwrap_or_else(|_| path.to_owned()),
        path if path.is_relative() && program.contains('/') => cx.work_dir.join(path),
        path => path.to_owned(),
    };
    tracing::debug!(program = %path.display(), ?args, "child process");
    let mut command = Command::new(path);
    command
        .args(args)
        .env_clear()
        .envs(inherited::variables())
        .envs(env)
        .current_dir(&cx.work_dir)
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    cx.children.spawn(command).map_err(|error| fault(argv, &error))
}

fn fault(argv: &[String], error: &std::io::Error) -> ActionError {
    let program = argv.first().map_or("", String::as_str);
    ActionError::misconfigured(not_started(program, error.to_string()), check_program())
}

/// One stream of a child, read as it comes.
struct Stream {
    kept: Arc<Mutex<Kept>>,
    reader: JoinHandle<()>,
}

/// The beginning and the end of a stream.
#[derive(Debug, Default)]
struct Kept {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    left_out: u64,
}

impl Stream {
    fn read(
        stream: Option<impl AsyncRead + Unpin + Send + 'static>,
        hear: Option<UnboundedSender<Vec<u8>>>,
    ) -> Self {
        let kept = Arc::new(Mutex::new(Kept::default()));
        let into = Arc::clone(&kept);
        let reader = tokio::spawn(async move {
            let Some(mut stream) = stream else { return };
            let mut buffer = vec![0; 64 << 10];
            while let Ok(n @ 1..) = stream.read(&mut buffer).await {
                if let Ok(mut kept) = into.lock() {
                    kept.push(&buffer[..n]);
                }
                if let Some(hear) = &hear {
                    // Who listens no more misses nothing.
                    let _ = hear.send(buffer[..n].to_vec());
                }
            }
        });
        Self { kept, reader }
    }

    /// What it was, and whether its middle is left out.
    async fn finish(&mut self, name: Said, deadline: Instant, remarks: &mut Vec<Said>) -> (String, bool) {
        let left = deadline.saturating_duration_since(Instant::now());
        if timeout(left, &mut self.reader).await.is_err() {
            self.reader.abort();
            remarks.push(left_open(&name));
        }
        let kept = self.kept.lock().map(|mut kept| std::mem::take(&mut *kept)).unwrap_or_default();
        if kept.left_out > 0 {
            remarks.push(left_out(Arg::bytes(kept.left_out), name));
        }
        let is_cut = kept.left_out > 0;
        (kept.into_text(), is_cut)
    }
}

impl Kept {
    fn push(&mut self, bytes: &[u8]) {
        let (first, rest) = bytes.split_at(bytes.len().min(HALF - self.head.len()));
        self.head.extend_from_slice(first);
        self.tail.extend(rest);
        let surplus = self.tail.len().saturating_sub(HALF);
        self.tail.drain(..surplus);
        self.left_out += surplus as u64;
    }

    /// The text, secrets masked. A cut is made between lines, lest half a secret be left that nobody knows.
    fn into_text(self) -> String {
        let mut bytes = self.head;
        let tail: Vec<u8> = self.tail.into();
        if self.left_out > 0 {
            bytes.truncate(bytes.iter().rposition(|b| *b == b'\n').map_or(bytes.len(), |at| at + 1));
            let start = tail.iter().position(|b| *b == b'\n').map_or(0, |at| at + 1);
            bytes.extend(format!("[… {} left out …]\n", text::bytes(self.left_out)).bytes());
            bytes.extend_from_slice(&tail[start..]);
        } else {
            bytes.extend_from_slice(&tail);
        }
        String::from_utf8_lossy(&redact::mask_bytes(&bytes)).into_owned()
    }
}

messages! {
    area "command";
    add_command() => "add it under `commands`" / "l'ajouter sous `commands`";
    args_no_list(form) => "`args` is not a list; {form}" / "`args` n'est pas une liste ; {form}";
    by_fatal(signal, name, why) => "was ended by signal {signal} ({name}: {why})" / "a été arrêté par le signal {signal} ({name} : {why})";
    by_signal(signal) => "was ended by signal {signal}" / "a été arrêté par le signal {signal}";
    check_program() => "check its name, its path from the campaign's folder, and that it is executable" / "vérifier son nom, son chemin depuis le dossier de la campagne, et qu'il peut être exécuté";
    did_you_mean(near) => "did you mean `{near}`?" / "peut-être `{near}` ?";
    empty() => "a command line is empty" / "une ligne de commande est vide";
    ended() => "ended" / "s'est terminé";
    exit_code(code) => "ended with exit code {code}" / "s'est terminé avec le code {code}";
    exit_code_of(code, name, why) => "ended with exit code {code}, as a shell does where {name} ended its program ({why})" / "s'est terminé avec le code {code}, comme un shell dont {name} a arrêté le programme ({why})";
    left_open(stream) => "a process that it left behind holds its {stream} open; it was read no further" / "un processus qu'elle a laissé garde sa {stream} ouverte ; la lecture s'est arrêtée là";
    left_out(bytes, stream) => "{bytes} from the middle of its {stream} were left out" / "{bytes} du milieu de sa {stream} ont été omis";
    no_command(form) => "`command` is missing; {form}" / "`command` manque ; {form}";
    no_words(form) => "a command line is empty; {form}" / "une ligne de commande est vide ; {form}";
    not_a_word(word) => "`{word}` is not a word of a command line; put it in quotes" / "`{word}` n'est pas un mot d'une ligne de commande ; le mettre entre guillemets";
    not_confirmed(within, command, how) => "not confirmed within {within}: `{command}` {how}" / "pas de confirmation en {within} : `{command}` {how}";
    not_started(program, cause) => "`{program}` cannot be started: {cause}" / "`{program}` ne peut pas être lancé : {cause}";
    left_running(processes) => "what it started in the background runs on, and nothing ends it: {processes}" / "ce qu'elle a lancé en arrière-plan continue, et rien ne l'arrête : {processes}";
    one_text(form) => "a command line is not one text, there is no shell to split it; {form}" / "une ligne de commande n'est pas un seul texte, aucun shell ne la découpe ; {form}";
    secret_in_argument() => "a secret is asked for in an argument, and everybody on the machine sees arguments" / "un secret est demandé dans un argument, et tout le monde sur la machine voit les arguments";
    standard_error() => "standard error" / "sortie d'erreur";
    standard_output() => "standard output" / "sortie standard";
    timed_out(elapsed) => "did not end within {elapsed}" / "n'a pas pris fin en {elapsed}";
    unknown_key(key, form) => "unknown key `{key}` in a command line; {form}" / "clé inconnue `{key}` dans une ligne de commande ; {form}";
    use_env(how) => "give it to the program in a variable, `{how}`, or in a file" / "le donner au programme dans une variable, `{how}`, ou dans un fichier";
    unknown_command(environment, name) => "environment `{environment}` defines no command `{name}`" / "l'environnement `{environment}` ne définit pas de commande `{name}`";
    was_stopped() => "was stopped" / "a été arrêté";
    with_words(how, words) => "{how}: {words}" / "{how} : {words}";
    write_words(named) => "write `[program, argument]`, or `{named}`" / "écrire `[program, argument]`, ou `{named}`";
}

#[cfg(test)]
mod tests {
    use super::super::test_context::context;
    use super::*;
    use crate::{record::Language, support::children::TERM_LIMIT};

    fn sh(script: &str) -> Vec<String> {
        ["sh", "-c", script].map(str::to_owned).to_vec()
    }

    async fn end_of(script: &str, cancel_after: Option<Duration>) -> Finished {
        let (_folder, cx) = context("");
        if let Some(after) = cancel_after {
            let cancel = cx.cancel.clone();
            tokio::spawn(async move {
                sleep(after).await;
                cancel.cancel();
            });
        }
        run(&cx, &sh(script), &BTreeMap::new(), None).await.unwrap()
    }

    fn alive(pid: &str) -> bool {
        // A zombie has no command line.
        std::fs::read(format!("/proc/{}/cmdline", pid.trim())).is_ok_and(|line| !line.is_empty())
    }

    #[test]
    fn a_command_line_of_another_form_is_refused_in_both_languages() {
        let refused = |json: Json| {
            let error = serde_json::from_value::<Invocation>(json).unwrap_err();
            crate::record::refusal(&error.to_string())
        };
        let said = refused(serde_json::json!("df -h"));
        assert_eq!(
            said,
            "a command line is not one text, there is no shell to split it; write `[program, argument]`, or \
             `{command: NAME, args: [argument]}`"
        );
        assert_eq!(
            said.in_language(Language::Fr),
            "une ligne de commande n'est pas un seul texte, aucun shell ne la découpe ; écrire `[program, argument]`, ou \
             `{command: NAME, args: [argument]}`"
        );
        let word = refused(serde_json::json!(["df", true]));
        assert_eq!(word, "`true` is not a word of a command line; put it in quotes");
    }

    #[tokio::test]
    async fn cancelling_ends_the_whole_group_even_one_that_ignores_sigterm() {
        let script = "sleep 300 & echo $!; trap '' TERM; while :; do sleep 0.1; done";
        let started = Instant::now();
        let finished = end_of(script, Some(Duration::from_millis(300))).await;
        assert_eq!(finished.end, End::Cancelled);
        assert!(started.elapsed() < TERM_LIMIT + Duration::from_secs(3));
        assert!(!finished.stdout.trim().is_empty() && !alive(&finished.stdout), "{}", finished.stdout);
    }

    #[tokio::test]
    async fn a_group_that_obeys_ends_at_once() {
        let started = Instant::now();
        let finished = end_of("sleep 300 & echo $!; wait", Some(Duration::from_millis(300))).await;
        assert!(started.elapsed() < Duration::from_secs(3));
        assert!(!alive(&finished.stdout));
    }

    #[tokio::test]
    async fn dropping_the_wait_kills_the_group() {
        let (folder, cx) = context("");
        let script = "sleep 300 & echo $! > pid; wait";
        let waited = timeout(Duration::from_millis(500), run(&cx, &sh(script), &BTreeMap::new(), None)).await;
        assert!(waited.is_err());
        let pid = std::fs::read_to_string(folder.path().join("pid")).unwrap();
        for _ in 0..100 {
            if !alive(&pid) {
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
        panic!("the group lives on");
    }

    #[tokio::test]
    async fn a_daemon_that_holds_the_output_open_does_not_hold_us() {
        let started = Instant::now();
        let finished = end_of("sleep 4 & echo ready", None).await;
        assert!(started.elapsed() < Duration::from_secs(3));
        assert_eq!(finished.stdout, "ready\n");
        assert!(finished.remarks[0].contains("holds its standard output open"), "{:?}", finished.remarks);
    }

    #[tokio::test]
    async fn of_a_large_output_the_beginning_and_the_end_are_kept() {
        let finished = end_of(
            "echo first; head -c 20000000 /dev/zero | tr '\\0' 'x' | fold -w 99; echo; echo last",
            None,
        )
        .await;
        assert!(finished.stdout.starts_with("first\n") && finished.stdout.ends_with("last\n"));
        assert!(finished.stdout.len() <= 2 * HALF + 100);
        assert!(finished.stdout.contains("x\n[… ") && finished.stdout.contains(" left out …]\nx"));
        assert!(finished.remarks[0].contains("left out"), "{:?}", finished.remarks);
    }

    #[test]
    fn a_command_line_has_two_forms_and_no_third() {
        let read = |json: &str| serde_json::from_str::<Invocation>(json).map_err(|e| e.to_string());
        assert_eq!(read(r#"["a", 1]"#).unwrap(), Invocation::Argv(vec!["a".to_owned(), "1".to_owned()]));
        let named = read(r#"{"command": "stop", "args": ["x"]}"#).unwrap();
        assert_eq!(serde_json::from_value::<Invocation>(named.clone().into()).unwrap(), named);
        assert!(read(r#""rm -rf x""#).unwrap_err().contains("no shell"));
        assert!(read("[]").unwrap_err().contains("empty"));
        assert!(read(r#"{"comand": "x"}"#).unwrap_err().contains("`comand`"));
        assert!(read("[true]").unwrap_err().contains("quotes"));
    }
}
