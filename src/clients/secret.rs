//! References to secrets, resolved when used and never written.

use crate::{
    record::{Arg, Said, Speaks, display_by_said, messages},
    support::{files, inherited, redact, schema::by_hand},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    env::VarError,
    fmt,
    path::Path,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

/// How long the references of a file may take together before the work goes on without them.
const LEARN_LIMIT: Duration = Duration::from_secs(10);

/// The largest file with a secret that is read; a key with its certificates has some KiB.
const LARGEST: u64 = 1 << 20;

/// `env:NAME`, `file:PATH` or `command:PROGRAM ARGS`: where a secret is, not the secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SecretRef(String);

by_hand!(SecretRef, "secret", {"type": "string", "pattern": "^(env|file|command):.", "format": "secret-reference"});

/// A resolved secret. `Debug` and `Display` hide it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// Why a secret could not be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Neither of the known forms.
    NotAReference,
    /// The reference leads nowhere.
    Unreadable {
        /// Reference as written (`env:NAME`, `file:PATH`, `command:…`), never the secret.
        reference: String,
        /// Why the reference gave no secret.
        cause: Said,
    },
}

impl Speaks for SecretError {
    fn said(&self) -> Said {
        match self {
            Self::NotAReference => not_a_reference(),
            Self::Unreadable { reference, cause } => unreadable(reference, cause),
        }
    }
}

display_by_said!(SecretError);

messages! {
    area "secret";
    command_failed(status) => "the command ended with {status}" / "la commande s'est terminée avec {status}";
    not_a_reference() => "a secret is written `env:NAME`, `file:PATH` or `command:PROGRAM ARGS`, never in clear" / "un secret s'écrit `env:NAME`, `file:PATH` ou `command:PROGRAM ARGS`, jamais en clair";
    not_utf_8() => "it is not UTF-8" / "ce n'est pas de l'UTF-8";
    unset() => "the environment variable is not set" / "la variable d'environnement n'est pas définie";
    unreadable(reference, cause) => "the secret `{reference}` cannot be read: {cause}" / "le secret `{reference}` est illisible : {cause}";
}

impl SecretRef {
    /// The reference in `text`, or `None` where it has none of the forms.
    pub fn parse(text: &str) -> Option<Self> {
        ["env:", "file:", "command:"]
            .iter()
            .any(|form| text.len() > form.len() && text.starts_with(form))
            .then(|| Self(text.to_owned()))
    }

    /// Fetches the secret and makes the redactor know it.
    pub fn resolve(&self) -> Result<Secret, SecretError> {
        let unreadable_as = |cause: Said| SecretError::Unreadable { reference: self.0.clone(), cause };
        let unreadable = |cause: &dyn fmt::Display| unreadable_as(Said::verbatim(cause.to_string()));
        let text = match self.0.split_once(':') {
            Some(("env", name)) => {
                inherited::withhold(name);
                match std::env::var(name) {
                    Ok(text) => text,
                    Err(VarError::NotPresent) => return Err(unreadable_as(unset())),
                    Err(VarError::NotUnicode(_)) => return Err(unreadable_as(not_utf_8())),
                }
            }
            Some(("file", path)) => {
                let bytes = files::read(Path::new(path), LARGEST).map_err(|e| unreadable(&e))?;
                String::from_utf8(bytes).map_err(|_| unreadable_as(not_utf_8()))?
            }
            Some(("command", line)) => {
                let answer = Answer::of(line);
                let mut answer = answer.lock().unwrap_or_else(PoisonError::into_inner);
                match answer.fresh(Instant::now()) {
                    Some(text) => text,
                    None => {
                        let text = printed(line).map_err(unreadable_as)?;
                        answer.0 = Some((Instant::now(), text.clone()));
                        text
                    }
                }
            }
            _ => return Err(SecretError::NotAReference),
        };
        let text = text.trim_end_matches(['\r', '\n']).to_owned();
        redact::learn(&text);
        tracing::debug!(target: "jalon::clients", reference = self.0, "secret resolved");
        Ok(Secret(text))
    }
}

/// What a program printed last, and when. Each client of a run asks for its secrets, and a program may take long, or ask a
/// person.
#[derive(Default)]
struct Answer(Option<(Instant, String)>);

/// How long an answer counts: as long as the clients of a step take to begin, and a secret that changes is asked for again.
const KEPT: Duration = Duration::from_secs(60);

static ANSWERS: Mutex<BTreeMap<String, Arc<Mutex<Answer>>>> = Mutex::new(BTreeMap::new());

impl Answer {
    /// That of the program of a command line. Who holds it asks the program, and the others wait for the answer.
    fn of(line: &str) -> Arc<Mutex<Self>> {
        let mut answers = ANSWERS.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(answers.entry(line.to_owned()).or_default())
    }

    fn fresh(&self, now: Instant) -> Option<String> {
        let (at, text) = self.0.as_ref()?;
        (now.saturating_duration_since(*at) < KEPT).then(|| text.clone())
    }
}

/// What the program of a command line prints.
fn printed(line: &str) -> Result<String, Said> {
    let other = |cause: &dyn fmt::Display| Said::verbatim(cause.to_string());
    let mut words = line.split_whitespace();
    let program = words.next().ok_or_else(not_a_reference)?;
    let output = std::process::Command::new(program).args(words).output().map_err(|e| other(&e))?;
    match output.status.success() {
        true => String::from_utf8(output.stdout).map_err(|_| not_utf_8()),
        false => Err(command_failed(Arg::text(output.status))),
    }
}

/// Makes the redactor know every secret that a value refers to, before anything can show it; what cannot be had now is
/// an error where it is needed. Secrets in clear under a key that names one are learnt too. `commands` says whether
/// programs are run for it.
pub fn learn(value: &Value, commands: bool) {
    let mut found = BTreeSet::new();
    let mut logins = Vec::new();
    collect(value, &mut found, &mut logins);
    let (programs, others): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|reference| reference.0.starts_with("command:"));
    // What cannot be read is told by whoever needs it.
    others.iter().for_each(|reference| drop(reference.resolve()));
    if commands && !programs.is_empty() {
        let (done, each) = mpsc::channel();
        let count = programs.len();
        for reference in programs {
            let done = done.clone();
            thread::spawn(move || {
                drop(reference.resolve());
                let _ = done.send(());
            });
        }
        let deadline = Instant::now() + LEARN_LIMIT;
        for _ in 0..count {
            if each.recv_timeout(deadline.saturating_duration_since(Instant::now())).is_err() {
                break;
            }
        }
    }
    // As Basic authentication sends them.
    for (user, password) in logins {
        if let Ok(password) = password.resolve() {
            redact::learn(&format!("{user}:{}", password.expose()));
        }
    }
}

/// The references in a value, and the users whose passwords they are.
fn collect(value: &Value, found: &mut BTreeSet<SecretRef>, logins: &mut Vec<(String, SecretRef)>) {
    match value {
        // A log-in line of Java may have references in its quotes.
        Value::String(text) => {
            let quoted = text.split(['"', '\'']).skip(1);
            found.extend(SecretRef::parse(text).into_iter().chain(quoted.filter_map(SecretRef::parse)));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found, logins)),
        Value::Object(entries) => {
            let text = |name: &str| entries.get(name).and_then(Value::as_str);
            for (user, password) in [("user", "password"), ("sasl.username", "sasl.password")] {
                if let (Some(user), Some(password)) = (text(user), text(password).and_then(SecretRef::parse))
                    && !password.0.starts_with("command:")
                {
                    logins.push((user.to_owned(), password));
                }
            }
            for (key, value) in entries {
                match value {
                    Value::String(text) => redact::learn_setting(key, text),
                    Value::Number(number) => redact::learn_setting(key, &number.to_string()),
                    _ => {}
                }
                collect(value, found, logins);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl Secret {
    /// The secret in clear, for the one place that hands it to a client.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(redact::MASK)
    }
}

impl TryFrom<String> for SecretRef {
    type Error = SecretError;

    fn try_from(text: String) -> Result<Self, SecretError> {
        Self::parse(&text).ok_or(SecretError::NotAReference)
    }
}

impl From<SecretRef> for String {
    fn from(reference: SecretRef) -> Self {
        reference.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_program_is_asked_once_a_minute_and_again_after_a_failure() {
        let folder = tempfile::tempdir().unwrap();
        let (asked, script) = (folder.path().join("asked"), folder.path().join("ask.sh"));
        let text = format!(
            "echo x >> {0}; [ $(wc -l < {0}) -gt 1 ] && echo asked-for-$(wc -l < {0})",
            asked.display()
        );
        std::fs::write(&script, text).unwrap();
        let line = format!("sh {}", script.display());
        let reference = SecretRef::parse(&format!("command:{line}")).unwrap();
        assert!(matches!(reference.resolve(), Err(SecretError::Unreadable { .. })));
        for _ in 0..3 {
            assert_eq!(reference.resolve().unwrap().expose().replace(' ', ""), "asked-for-2");
        }
        let answer = Answer::of(&line);
        let now = Instant::now();
        assert!(answer.lock().unwrap().fresh(now).is_some());
        assert!(answer.lock().unwrap().fresh(now + KEPT).is_none());
        assert_eq!(std::fs::read_to_string(asked).unwrap().lines().count(), 2);
    }

    #[test]
    fn what_a_file_refers_to_is_known_before_it_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            format!("file:{}", path.display())
        };
        let jaas = format!(
            "x.PlainLoginModule required username=\"u\" password=\"{}\";",
            file("jaas", "learnt-from-jaas\n")
        );
        let value = json!({
            "clusters": {"source": {"properties": {"sasl.jaas.config": jaas, "ssl.key.password": file("key", "learnt-from-file\n")}}},
            "connect": {"user": "ana", "password": file("basic", "learnt-login")},
            "grafana": {"password": "command:echo learnt-from-command"},
            "vars": {"api_token": "learnt-in-clear", "pin_secret": 19283746},
        });
        learn(&value, true);
        // `ana:learnt-login`
        for text in [
            "learnt-from-jaas",
            "learnt-from-file",
            "learnt-from-command",
            "learnt-in-clear",
            "19283746",
            "YW5hOmxlYXJudC1sb2dpbg==",
        ] {
            assert_eq!(redact::mask(&format!("it is {text}.")), "it is ***.");
        }
        learn(&json!({"password": "command:echo not-asked-for"}), false);
        assert_eq!(redact::mask("not-asked-for"), "not-asked-for");
    }
}
