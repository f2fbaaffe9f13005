//! `jalon seal`: signs what is on record of a run.

use super::{
    CommandError, Exit, keys,
    open::{self, RunChoice},
    output,
};
use crate::{
    history,
    store::{Runs, artifacts::ArtifactError, seal, verify},
    support::signature::SigningKey,
};
use clap::Args;
use jiff::Timestamp;
use std::{
    collections::BTreeSet,
    fs::OpenOptions,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Arguments of `seal`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jalon seal --new-key ~/keys/ada.pem        once; also writes ada.pem.pub\n  jalon seal --key ~/keys/ada.pem\n  jalon seal --key command:\"pass show jalon\"\n  jalon verify --key ada.pem.pub            on any machine, of any copy\n\nA seal is an in-toto test result in a DSSE envelope, in the folder `seals` of\nthe run. Keys in plan/keys/NAME.pub are known to `jalon verify` by NAME."
)]
pub(super) struct SealArgs {
    #[command(flatten)]
    choice: RunChoice,
    /// The Ed25519 key that signs: a PEM file, or `env:NAME`, `file:PATH`, `command:PROGRAM ARGS`.
    #[arg(long, value_name = "KEY", required_unless_present = "new_key")]
    key: Option<String>,
    /// Make a new key in this file, and its public half in FILE.pub. Nothing is sealed.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key", "run"])]
    new_key: Option<PathBuf>,
}

/// Seals a run, or makes a key.
pub(super) fn run(dir: &Path, args: &SealArgs) -> Result<Exit, CommandError> {
    if let Some(path) = &args.new_key {
        return new_key(path);
    }
    let key = keys::signing(args.key.as_deref().unwrap_or_default())?;
    let run = open::run_dir(dir, &args.choice)?;
    if history::is_live(&run) {
        return Err(CommandError::Usage {
            message: format!("{} is in progress", run.run),
            hint: "seal it after its end".to_owned(),
        });
    }
    let runs = Runs::of_campaign(dir);
    let verified = verify::verify(&runs, Some(&run), &seal::Keyring::new(), &BTreeSet::new())?;
    if let Some(fault) = verified.faults.first() {
        output::tell(&format!("nothing was sealed: {fault}"));
        return Ok(Exit::Damaged);
    }
    let file = seal::seal(&runs, &run, &key, Timestamp::now()).map_err(|error| match error {
        seal::SealError::Journal(error) => error.into(),
        seal::SealError::Write(ArtifactError { path, cause, .. }) => {
            CommandError::Disk { verb: "write", path, cause }
        }
        seal::SealError::Key => keys::wrong("--key", crate::support::signature::KeyError::Library),
    })?;
    output::print(&format!("{}: {} records sealed in {file}\n", run.run, verified.records))?;
    Ok(Exit::Passed)
}

/// Makes a key, readable by its owner alone, and its public half. A file that is there is left as it is.
fn new_key(path: &Path) -> Result<Exit, CommandError> {
    let made = SigningKey::generate().and_then(|key| {
        let public = key.public()?;
        Ok((key.to_pem()?, public.to_pem()?, public.id()?))
    });
    let (private, public, id) = made.map_err(|error| keys::wrong("--new-key", error))?;
    let mut public_path = path.as_os_str().to_owned();
    public_path.push(format!(".{}", keys::PUBLIC));
    let public_path = PathBuf::from(public_path);
    if let Some(there) = [path, &public_path].into_iter().find(|path| path.symlink_metadata().is_ok()) {
        return Err(disk(there)(io::ErrorKind::AlreadyExists.into()));
    }
    write_new(path, &private, 0o600).map_err(disk(path))?;
    write_new(&public_path, &public, 0o644).map_err(disk(&public_path))?;
    output::print(&format!("key {}\npublic half: {}\n", seal::short(&id), public_path.display()))?;
    Ok(Exit::Passed)
}

fn disk(path: &Path) -> impl FnOnce(io::Error) -> CommandError {
    let path = path.to_owned();
    |cause| CommandError::Disk { verb: "write", path, cause }
}

fn write_new(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
