//! The conversation with a plugin: what it says is checked against what it promised, and kept.

use super::asked::{Fields, Operation, broken, not_given, unit_of};
use crate::{
    action::{
        ActionContext, ActionError,
        command::{self, Interrupted},
    },
    record::{Arg, Evidence, Said, Unit, Value, messages},
    support::{files, redact, text},
};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    process::{ChildStderr, ChildStdout},
    time::{sleep, timeout},
};

/// The version of what is said.
const PROTOCOL: u64 = 1;
/// How long a plugin may take to say who it is.
const HELLO: Duration = Duration::from_secs(10);
/// How long it may take to end once it said that it is done, or was asked to stop.
const FAREWELL: Duration = Duration::from_secs(5);
/// The longest line.
const LINE: usize = 1 << 20;
/// As much may be said in all: what it says is kept.
const SAID: usize = 16 << 20;
/// As much of standard error is kept.
const STDERR: usize = 1 << 20;
/// The largest file that is taken over, and how many are.
const FILE: u64 = 256 << 20;
const FILES: usize = 100;
/// Remarks that are kept.
const REMARKS: usize = 100;
/// What was said, and what stood on standard error, as files.
const CONVERSATION: &str = "conversation.jsonl";
const ERRORS: &str = "stderr.txt";

/// What a plugin may say.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
enum Message {
    /// Who it is and what it promises; the first message.
    Hello {
        protocol: u64,
        #[serde(default)]
        name: String,
        #[serde(default)]
        outputs: BTreeMap<String, Promise>,
        #[serde(default)]
        on_interrupt: Interrupted,
        #[serde(default)]
        undo: bool,
    },
    /// How far it is.
    Progress {
        done: u64,
        #[serde(default)]
        total: Option<u64>,
        #[serde(default)]
        message: String,
    },
    /// Something that a reader of the report should know.
    Remark { text: String },
    /// A value, or why there is none.
    Value {
        name: String,
        #[serde(default)]
        value: Json,
        #[serde(default)]
        reason: String,
    },
    /// A file that it wrote into the folder that it was given.
    Artifact {
        file: String,
        #[serde(default)]
        media_type: Option<String>,
    },
    /// It did what it was asked to do.
    Done {},
    /// It could not.
    Failed { message: String },
}

/// What a plugin promises of a value.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Promise {
    /// `ms`, `s`, `bytes`, …; the same as the suffix of the name says.
    #[serde(default)]
    unit: String,
    /// What it means.
    #[serde(default, rename = "about")]
    _about: String,
}

/// What became of it so far.
struct Conversation<'a> {
    fields: &'a Fields,
    cx: &'a ActionContext,
    folder: tempfile::TempDir,
    evidence: Evidence,
    files: BTreeSet<String>,
    /// Lines of the plugin, as they came.
    said: Vec<u8>,
    lines: usize,
    remarks: usize,
}

/// Why the conversation ended.
enum End {
    Done,
    Error(ActionError),
}

/// Starts a plugin and talks to it until it is done. The evidence, and the error where it failed.
pub(super) async fn talk(
    fields: &Fields,
    cx: &ActionContext,
    argv: &[String],
    env: &BTreeMap<String, String>,
    limit: Duration,
) -> Result<(Evidence, Option<ActionError>), ActionError> {
    let started = Instant::now();
    let folder = tempfile::tempdir().map_err(|error| ActionError::failed(no_folder(error.to_string())))?;
    let (mut child, mut group) = command::spawn(cx, argv, env, std::process::Stdio::piped())?;
    bound(child.id(), fields.memory());
    let (mut stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let errors = tokio::spawn(kept(child.stderr.take()));
    let mut conversation = Conversation {
        fields,
        cx,
        folder,
        evidence: Evidence::default(),
        files: BTreeSet::new(),
        said: Vec::new(),
        lines: 0,
        remarks: 0,
    };
    let end = {
        let held = conversation.hold(stdout, &mut stdin, limit);
        tokio::select! {
            biased;
            () = cx.cancel.cancelled() => End::Error(ActionError::Cancelled),
            end = held => end,
        }
    };
    if matches!(end, End::Error(ActionError::Cancelled)) {
        // It may clean up; then it is ended.
        tell(&mut stdin, &json!({"type": "cancel"})).await;
    }
    drop(stdin);
    let is_done = matches!(end, End::Done | End::Error(ActionError::Cancelled));
    let exited = if is_done { timeout(FAREWELL, child.wait()).await.ok().and_then(Result::ok) } else { None };
    match exited {
        Some(_) => drop(group.release()),
        None => group.end(&mut child).await,
    }
    let stderr = timeout(Duration::from_secs(1), errors).await.ok().and_then(Result::ok).unwrap_or_default();
    let error = match (end, exited) {
        (End::Error(error), _) => Some(error),
        (End::Done, None) => Some(ActionError::failed(did_not_end(FAREWELL))),
        (End::Done, Some(status)) if !status.success() => {
            Some(ActionError::failed(ended_badly(Arg::text(status), last_line(&stderr))))
        }
        (End::Done, Some(_)) => None,
    };
    let Conversation { mut evidence, said, .. } = conversation;
    cx.artifacts.write(CONVERSATION, "text/plain", &said)?;
    if !stderr.is_empty() {
        cx.artifacts.write(ERRORS, "text/plain", &stderr)?;
    }
    evidence.put("duration_s", Value::number(started.elapsed().as_secs_f64(), Unit::Seconds));
    Ok((evidence, error))
}

/// Bounds the memory of a child that has just been started, and of what it will start.
fn bound(pid: Option<u32>, memory_mib: u32) {
    let pid = pid.and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
    let bytes = Some(u64::from(memory_mib) << 20);
    // One that has ended already needs none.
    let _ = prlimit(pid, Resource::As, Rlimit { current: bytes, maximum: bytes });
}

async fn tell(stdin: &mut Option<tokio::process::ChildStdin>, message: &Json) {
    if let Some(stdin) = stdin {
        // One that does not listen says by its end what that means.
        let _ = timeout(FAREWELL, stdin.write_all(format!("{message}\n").as_bytes())).await;
    }
}

/// What stands on a stream, up to the limit; the rest is read and dropped.
async fn kept(stream: Option<ChildStderr>) -> Vec<u8> {
    let Some(mut stream) = stream else { return Vec::new() };
    let (mut kept, mut buffer) = (Vec::new(), vec![0; 16 << 10]);
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        let room = STDERR.saturating_sub(kept.len());
        kept.extend_from_slice(&buffer[..read.min(room)]);
    }
    kept
}

fn last_line(bytes: &[u8]) -> String {
    let all = String::from_utf8_lossy(bytes);
    let last = all.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    redact::mask(&text::cut(last, 300)).into_owned()
}

impl Conversation<'_> {
    /// Asks, and listens until the plugin is done.
    async fn hold(
        &mut self,
        stdout: Option<ChildStdout>,
        stdin: &mut Option<tokio::process::ChildStdin>,
        limit: Duration,
    ) -> End {
        let Some(stdout) = stdout else { return End::Error(ActionError::failed(ended_first())) };
        let mut lines = BufReader::new(stdout);
        tell(stdin, &json!({"type": "hello", "protocol": PROTOCOL})).await;
        let hello = match timeout(HELLO, self.next(&mut lines)).await {
            Ok(hello) => hello,
            Err(_) => Err(broken(no_hello(HELLO))),
        };
        if let Err(error) = hello.and_then(|hello| self.greeted(hello)) {
            return End::Error(error);
        }
        tell(stdin, &self.request()).await;
        let over = sleep(limit);
        tokio::pin!(over);
        loop {
            let message = tokio::select! {
                biased;
                message = self.next(&mut lines) => message,
                () = &mut over => return End::Error(ActionError::TimedOut { limit }),
            };
            match message.and_then(|message| self.heard(message)) {
                Ok(None) => {}
                Ok(Some(end)) => return end,
                Err(error) => return End::Error(error),
            }
        }
    }

    /// What the plugin is asked to do.
    fn request(&self) -> Json {
        let (fields, cx) = (self.fields, self.cx);
        json!({
            "type": match fields.operation { Operation::Run => "run", Operation::Undo => "undo" },
            "params": fields.params,
            "run": cx.run.as_str(),
            "step": cx.step.0,
            "attempt": cx.attempt.0,
            "action": cx.action.as_str(),
            "name": cx.name_on_cluster(),
            "folder": self.folder.path(),
        })
    }

    /// The next message.
    async fn next(&mut self, lines: &mut BufReader<ChildStdout>) -> Result<Message, ActionError> {
        let mut line = Vec::new();
        let mut bounded = lines.take(LINE as u64 + 1);
        let read = bounded.read_until(b'\n', &mut line).await;
        read.map_err(|error| ActionError::failed(cannot_listen(error.to_string())))?;
        if line.is_empty() {
            return Err(ActionError::failed(ended_first()));
        }
        if line.len() > LINE || self.said.len() + line.len() > SAID {
            return Err(broken(says_too_much(Arg::bytes(LINE as u64), Arg::bytes(SAID as u64))));
        }
        self.said.extend_from_slice(&line);
        self.lines += 1;
        let number = self.lines;
        serde_json::from_slice(&line).map_err(|error| {
            let shown = redact::mask(&text::cut(&String::from_utf8_lossy(&line), 120)).into_owned();
            broken(not_a_message(number, crate::record::faults::json(&error), shown.trim()))
        })
    }

    /// Compares what a plugin promises with what the step file says of it.
    fn greeted(&mut self, hello: Message) -> Result<(), ActionError> {
        let Message::Hello { protocol, name, outputs, on_interrupt, undo } = hello else {
            return Err(broken(hello_first()));
        };
        let fields = self.fields;
        if protocol != PROTOCOL {
            return Err(broken(other_protocol(name, protocol, PROTOCOL)));
        }
        let asked: BTreeSet<&str> = fields.outputs.iter().map(String::as_str).collect();
        let promised: BTreeSet<&str> = outputs.keys().map(String::as_str).collect();
        if asked != promised {
            return Err(broken(other_outputs(list(&promised), list(&asked))));
        }
        for (output, promise) in &outputs {
            let unit = unit_of(output).symbol();
            if !promise.unit.is_empty() && promise.unit != unit {
                return Err(broken(other_unit(output, &promise.unit)));
            }
        }
        if on_interrupt != fields.on_interrupt {
            return Err(broken(other_on_interrupt()));
        }
        if fields.undo && !undo {
            return Err(broken(cannot_undo()));
        }
        Ok(())
    }

    /// Takes a message; the end where it is one.
    fn heard(&mut self, message: Message) -> Result<Option<End>, ActionError> {
        match message {
            Message::Hello { .. } => return Err(broken(hello_again())),
            Message::Progress { done, total, message } => {
                let message = Said::verbatim(redact::mask(&text::cut(&message, 200)).into_owned());
                self.cx.progress.update(&self.cx.action, done, total, message);
            }
            Message::Remark { text } => {
                self.remarks += 1;
                if self.remarks <= REMARKS {
                    self.evidence.remark(Said::verbatim(text::cut(&text, 500)));
                }
            }
            Message::Value { name, value, reason } => self.value(&name, &value, &reason)?,
            Message::Artifact { file, media_type } => {
                self.artifact(&file, media_type.as_deref().unwrap_or("application/octet-stream"))?;
            }
            Message::Done {} => return Ok(Some(End::Done)),
            Message::Failed { message } => {
                let why = Said::verbatim(redact::mask(&text::cut(&message, 500)).into_owned());
                return Ok(Some(End::Error(ActionError::failed(why))));
            }
        }
        Ok(None)
    }

    fn value(&mut self, name: &str, value: &Json, reason: &str) -> Result<(), ActionError> {
        if !self.fields.outputs.iter().any(|output| output == name) {
            return Err(broken(unknown_output(name)));
        }
        if self.evidence.get(name).is_some() {
            return Err(broken(value_twice(name)));
        }
        let given = match value {
            Json::Null if reason.is_empty() => Value::missing(not_given()),
            Json::Null => Value::missing(Said::verbatim(text::cut(reason, 500))),
            Json::Bool(flag) => Value::Flag(*flag),
            Json::Number(number) => match number.as_f64() {
                Some(number) => Value::number(number, unit_of(name)),
                None => Value::unusable(not_a_value(name)),
            },
            Json::String(text) => Value::text(Said::verbatim(text::cut(text, 1000))),
            Json::Array(_) | Json::Object(_) => return Err(broken(not_a_value(name))),
        };
        self.evidence.put_from(name, given, CONVERSATION);
        Ok(())
    }

    /// Takes over a file of the folder that the plugin was given.
    fn artifact(&mut self, file: &str, media_type: &str) -> Result<(), ActionError> {
        let is_plain = !file.is_empty() && file.len() <= 100 && !file.starts_with('.');
        let is_plain = is_plain && file.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
        if !is_plain || [CONVERSATION, ERRORS].contains(&file) || file.ends_with(".partial") {
            return Err(broken(no_file_name(file)));
        }
        if self.files.len() >= FILES || !self.files.insert(file.to_owned()) {
            return Err(broken(file_refused(file, FILES)));
        }
        let path = self.folder.path().join(file);
        let bytes = files::open_no_link(&path).and_then(|open| files::read_all(open, FILE));
        let bytes = bytes.map_err(|error| broken(file_unreadable(file, error.to_string())))?;
        self.cx.artifacts.write(file, media_type, &bytes)?;
        Ok(())
    }
}

fn list(names: &BTreeSet<&str>) -> Arg {
    if names.is_empty() { none().into() } else { Arg::list(names.iter().copied()) }
}

messages! {
    area "exec plugin";
    cannot_listen(cause) => "what the plugin says cannot be read: {cause}" / "ce que dit le plugin est illisible : {cause}";
    cannot_undo() => "the step says `undo: true`, and the plugin cannot undo" / "l'étape dit `undo: true`, et le plugin ne sait pas annuler";
    did_not_end(limit) => "the plugin said that it was done and did not end within {limit}" / "le plugin s'est dit terminé et ne s'est pas arrêté en {limit}";
    ended_badly(status, why) => "the plugin said that it was done and ended with {status}: {why}" / "le plugin s'est dit terminé et a fini avec {status} : {why}";
    ended_first() => "the plugin ended before it said that it was done" / "le plugin s'est arrêté avant de se dire terminé";
    file_refused(file, limit) => "the file `{file}` was given before, or more than {limit} files were given" / "le fichier `{file}` a déjà été donné, ou plus de {limit} fichiers l'ont été";
    file_unreadable(file, cause) => "the plugin named the file `{file}`, which cannot be read: {cause}" / "le plugin a cité le fichier `{file}`, qui est illisible : {cause}";
    hello_again() => "the plugin said hello twice" / "le plugin a envoyé `hello` deux fois";
    hello_first() => "the first message of the plugin is no `hello`" / "le premier message du plugin n'est pas `hello`";
    no_file_name(file) => "`{file}` is no name of a file that a plugin may give" / "`{file}` n'est pas un nom de fichier qu'un plugin peut donner";
    no_folder(cause) => "no folder could be made for the plugin: {cause}" / "aucun dossier n'a pu être créé pour le plugin : {cause}";
    no_hello(limit) => "the plugin did not say hello within {limit}" / "le plugin n'a pas envoyé `hello` en {limit}";
    none() => "none" / "aucune";
    not_a_message(line, cause, text) => "line {line} of the plugin is no message ({cause}): {text}" / "la ligne {line} du plugin n'est pas un message ({cause}) : {text}";
    not_a_value(name) => "the value of `{name}` is neither a number, a flag nor a text" / "la valeur de `{name}` n'est ni un nombre, ni un booléen, ni un texte";
    other_on_interrupt() => "`on_interrupt` of the step and of the plugin differ" / "`on_interrupt` diffère entre l'étape et le plugin";
    other_outputs(promised, asked) => "the plugin promises other outputs ({promised}) than the step lists ({asked})" / "le plugin promet d'autres sorties ({promised}) que celles de l'étape ({asked})";
    other_protocol(name, theirs, ours) => "the plugin `{name}` speaks version {theirs} of the protocol; this program speaks {ours}" / "le plugin `{name}` parle la version {theirs} du protocole ; ce programme parle la version {ours}";
    other_unit(name, unit) => "the plugin says that `{name}` is in `{unit}`, and its name says otherwise" / "le plugin dit que `{name}` est en `{unit}`, et son nom dit autre chose";
    says_too_much(line, all) => "the plugin said more than {line} in one line, or more than {all} in all" / "le plugin a dit plus de {line} en une ligne, ou plus de {all} en tout";
    unknown_output(name) => "the plugin gave a value `{name}`, which it did not promise" / "le plugin a donné une valeur `{name}` qu'il n'avait pas promise";
    value_twice(name) => "the plugin gave `{name}` twice" / "le plugin a donné `{name}` deux fois";
}
