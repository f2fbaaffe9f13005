//! Keys on the command line: the one that signs, by reference, and those that are known.

use super::CommandError;
use crate::{
    clients::secret::SecretRef,
    store::seal::Keyring,
    support::{
        files,
        signature::{KeyError, PublicKey, SigningKey},
        text,
    },
};
use clap::Args;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// Folder of the keys that a campaign knows, each in a file `NAME.pub`.
const KNOWN: &str = "plan/keys";
/// How the name of a file with a public key ends.
pub(super) const PUBLIC: &str = "pub";
/// The largest file that may be a public key.
const LARGEST: u64 = 64 << 10;

/// The key that signs, where one is given.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct SigningArgs {
    /// Sign with this Ed25519 key: a PEM file, or `env:NAME`, `file:PATH`, `command:PROGRAM ARGS`.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

impl SigningArgs {
    /// Reads the key.
    pub(super) fn read(&self) -> Result<Option<SigningKey>, CommandError> {
        self.key.as_deref().map(signing).transpose()
    }
}

/// The key that `reference` leads to.
pub(super) fn signing(reference: &str) -> Result<SigningKey, CommandError> {
    let of_file = || SecretRef::parse(&format!("file:{reference}"));
    let unknown = || wrong(reference, KeyError::NotPem);
    let parsed = SecretRef::parse(reference).or_else(of_file).ok_or_else(unknown)?;
    let secret = parsed.resolve().map_err(|error| CommandError::Usage {
        message: error.to_string(),
        hint: "make a key with `jalon seal --new-key FILE`".to_owned(),
    })?;
    SigningKey::of_pem(secret.expose()).map_err(|error| wrong(reference, error))
}

/// The keys of the campaign in `dir`, and those of `files`; with the ids of the latter.
pub(super) fn known(dir: &Path, files: &[PathBuf]) -> Result<(Keyring, BTreeSet<String>), CommandError> {
    let mut keys = Keyring::new();
    let folder = dir.join(KNOWN);
    let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let own = entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == PUBLIC));
    for path in own {
        let (id, name, key) = public(&path)?;
        keys.insert(id, (name, key));
    }
    let mut given = BTreeSet::new();
    for path in files {
        let (id, name, key) = public(path)?;
        given.insert(id.clone());
        keys.entry(id).or_insert((name, key));
    }
    Ok((keys, given))
}

/// The id, the owner's name and the key of a file.
fn public(path: &Path) -> Result<(String, String, PublicKey), CommandError> {
    let disk = |cause| CommandError::Disk { verb: "read", path: path.to_owned(), cause };
    let pem = files::read(path, LARGEST).map_err(disk)?;
    let shown = text::path(path).to_string();
    let key = PublicKey::of_pem(&String::from_utf8_lossy(&pem)).map_err(|error| wrong(&shown, error))?;
    let id = key.id().map_err(|error| wrong(&shown, error))?;
    let name = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    Ok((id, name.strip_suffix(".pem").unwrap_or(&name).to_owned(), key))
}

/// What is wrong with a key.
pub(super) fn wrong(place: &str, error: KeyError) -> CommandError {
    let message = match error {
        KeyError::NotPem => "no key in PEM without a password",
        KeyError::NotEd25519 => "the key is not an Ed25519 key",
        KeyError::Library => "the key cannot be used",
    };
    CommandError::Usage {
        message: format!("{place}: {message}"),
        hint: "make one with `jalon seal --new-key FILE`, which also writes FILE.pub".to_owned(),
    }
}
