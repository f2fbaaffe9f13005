//! References to secrets, resolved when used and never written.

use crate::{
    record::{Arg, Said, Speaks, display_by_said, messages},
    support::{redact, schema::by_hand},
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// `env:NAME`, `file:PATH` or `command:PROGRAM ARGS`: where a secret is, not the secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SecretRef(String);

by_hand!(SecretRef, "secret", {"type": "string", "pattern": "^(env|file|command):.", "format": "secret-reference"});

/// A resolved secret. `Debug` and `Display` hide it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// Why a secret could not be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Neither of the known forms.
    NotAReference,
    /// The reference leads nowhere.
    Unreadable {
        /// The reference.
        reference: String,
        /// What happened.
        cause: Said,
    },
}

impl Speaks for Error {
    fn said(&self) -> Said {
        match self {
            Self::NotAReference => not_a_reference(),
            Self::Unreadable { reference, cause } => unreadable(reference, cause),
        }
    }
}

display_by_said!(Error);

messages! {
    area "secret";
    command_failed(status) => "the command ended with {status}" / "la commande s'est terminée avec {status}";
    not_a_reference() => "a secret is written `env:NAME`, `file:PATH` or `command:PROGRAM ARGS`, never in clear" / "un secret s'écrit `env:NAME`, `file:PATH` ou `command:PROGRAM ARGS`, jamais en clair";
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
    pub fn resolve(&self) -> Result<Secret, Error> {
        let unreadable = |cause: &dyn fmt::Display| Error::Unreadable {
            reference: self.0.clone(),
            cause: cause.to_string().into(),
        };
        let text = match self.0.split_once(':') {
            Some(("env", name)) => std::env::var(name).map_err(|e| unreadable(&e))?,
            Some(("file", path)) => std::fs::read_to_string(path).map_err(|e| unreadable(&e))?,
            Some(("command", line)) => {
                let mut words = line.split_whitespace();
                let program = words.next().ok_or(Error::NotAReference)?;
                let output =
                    std::process::Command::new(program).args(words).output().map_err(|e| unreadable(&e))?;
                if !output.status.success() {
                    let cause = command_failed(Arg::text(output.status));
                    return Err(Error::Unreadable { reference: self.0.clone(), cause });
                }
                String::from_utf8(output.stdout).map_err(|e| unreadable(&e))?
            }
            _ => return Err(Error::NotAReference),
        };
        let text = text.trim_end_matches(['\r', '\n']).to_owned();
        redact::learn(&text);
        tracing::debug!(target: "jalon::clients", reference = self.0, "secret resolved");
        Ok(Secret(text))
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
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse(&text).ok_or(Error::NotAReference)
    }
}

impl From<SecretRef> for String {
    fn from(reference: SecretRef) -> Self {
        reference.0
    }
}
