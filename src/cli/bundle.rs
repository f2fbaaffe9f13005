//! `jalon bundle` and `jalon unbundle`: a run in one file, and back.

use super::{
    CommandError, Exit,
    open::{self, RunChoice},
    output,
};
use crate::{
    history,
    record::RunId,
    store::bundle::{self, Entry, Manifest},
    support::text,
};
use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Arguments of `bundle`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jalon bundle\n  jalon bundle --run 20251218-091500-lab --out /media/usb/day1.tar.gz\n\nIt holds the journal, the evidence, the notes, the imports, the plan and the\nenvironments (references to secrets, never secrets). Any tar tool unpacks it;\n`jalon unbundle` also verifies it."
)]
pub(super) struct BundleArgs {
    #[command(flatten)]
    choice: RunChoice,
    /// Output file. Default: RUN.tar.gz in the current folder.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Arguments of `unbundle`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jalon unbundle day1.tar.gz --into day1\n  jalon -C day1 verify && jalon -C day1 report"
)]
pub(super) struct UnbundleArgs {
    /// File of the bundle.
    file: PathBuf,
    /// Campaign folder to unpack to, created if missing. Default: the folder of `-C`.
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What was packed, as `--json` prints it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Bundled<'a> {
    /// Run, records and files of the bundle.
    #[serde(flatten)]
    content: Content<'a>,
    /// Path of the bundle that was written.
    bundle: &'a Path,
    /// Size of the bundle, in bytes.
    bytes: u64,
    /// Whether the run was in progress: what came behind its last record is not in the bundle.
    in_progress: bool,
    /// Files of `plan` and `steps` that were left out, because they are hidden, links, or below a folder `secrets`.
    left_out: &'a [String],
}

/// What was unpacked, as `--json` prints it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Unbundled<'a> {
    /// Run, records and files of the bundle.
    #[serde(flatten)]
    content: Content<'a>,
    /// The campaign's folder that it was unpacked to.
    into: &'a Path,
    /// Whether the run was there already, the same in every byte.
    was_there: bool,
    /// Whether the plan was unpacked; not where there was one already.
    plan_unpacked: bool,
    /// What differs between the bundle and what was left as it is.
    remarks: &'a [String],
}

/// The content of a bundle, from its manifest.
#[derive(Serialize, JsonSchema)]
struct Content<'a> {
    /// Name of the run that was packed.
    run: &'a RunId,
    /// Version of the form of the bundle.
    format: u32,
    /// Version of the program that made it.
    jalon: &'a str,
    /// Records in the run's journal.
    records: u64,
    /// SHA-256 of the last record of the journal.
    head: &'a str,
    /// Every file, sorted by path.
    files: &'a [Entry],
}

impl<'a> Content<'a> {
    fn of(manifest: &'a Manifest) -> Self {
        Self {
            run: &manifest.run,
            format: manifest.format,
            jalon: &manifest.jalon,
            records: manifest.journal.seq,
            head: &manifest.journal.hash,
            files: &manifest.files,
        }
    }
}

/// Packs a run. It takes no lock, so it may be asked while the run is in progress.
pub(super) fn pack(dir: &Path, args: &BundleArgs) -> Result<Exit, CommandError> {
    let run = open::run_dir(dir, &args.choice)?;
    let live = history::is_live(&run);
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(format!("{}.tar.gz", run.run)));
    may_replace(dir, &out)?;
    let packed = bundle::pack(dir, &run, &out)?;
    if args.json {
        output::print_json(&Bundled {
            content: Content::of(&packed.manifest),
            bundle: &out,
            bytes: packed.bytes,
            in_progress: live,
            left_out: &packed.left_out,
        })?;
        return Ok(Exit::Passed);
    }
    let mut shown =
        format!("{}: {}, {}\n", text::path(&out), about(&packed.manifest), text::bytes(packed.bytes));
    if live {
        let seq = packed.manifest.journal.seq;
        shown.push_str(&format!("the run is in progress: it is packed up to record {seq}\n"));
    }
    for path in &packed.left_out {
        shown.push_str(&format!("left out, because it is hidden, a link, or below `secrets`: {path}\n"));
    }
    output::print(&shown)?;
    Ok(Exit::Passed)
}

/// Refuses to write over a file that is not a bundle, or into the folders that are packed.
fn may_replace(dir: &Path, out: &Path) -> Result<(), CommandError> {
    let refused = |what: &str| CommandError::Usage {
        message: format!("{} {what}", text::path(out)),
        hint: "name another file with `--out`".to_owned(),
    };
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let inside = |name: &str| {
        let own = dir.join(name).canonicalize();
        own.is_ok_and(|own| folder.canonicalize().is_ok_and(|folder| folder.starts_with(own)))
    };
    if let Some(own) = ["artifacts", "plan", "steps"].into_iter().find(|name| inside(name)) {
        return Err(refused(&format!("is in the folder `{own}` of the campaign, which is packed")));
    }
    match out.symlink_metadata() {
        Err(_) => Ok(()),
        Ok(found) if !found.is_file() => Err(refused("is not a regular file")),
        Ok(_) if bundle::is_bundle(out) => Ok(()),
        Ok(_) => Err(refused("exists and is not a bundle")),
    }
}

/// Checks and unpacks a bundle.
pub(super) fn unpack(dir: &Path, args: &UnbundleArgs) -> Result<Exit, CommandError> {
    let into = args.into.as_deref().unwrap_or(dir);
    let unpacked = bundle::unpack(&args.file, into)?;
    let run = &unpacked.manifest.run;
    if args.json {
        output::print_json(&Unbundled {
            content: Content::of(&unpacked.manifest),
            into,
            was_there: unpacked.was_there,
            plan_unpacked: unpacked.plan,
            remarks: &unpacked.remarks,
        })?;
        return Ok(Exit::Passed);
    }
    let mut shown = match unpacked.was_there {
        true => format!("{run} is already there, byte for byte the same\n"),
        false => format!("{}: {}\n", text::path(into), about(&unpacked.manifest)),
    };
    unpacked.remarks.iter().for_each(|remark| shown.push_str(&format!("note: {remark}\n")));
    shown.push_str(&format!("next: jalon -C {} status --run {run}\n", text::path(into)));
    output::print(&shown)?;
    Ok(Exit::Passed)
}

fn about(manifest: &Manifest) -> String {
    let records = usize::try_from(manifest.journal.seq).unwrap_or(usize::MAX);
    format!(
        "{}, {}, {}",
        manifest.run,
        text::plural(records, "record"),
        text::plural(manifest.files.len(), "file")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn only_a_bundle_is_written_over() {
        let campaign = tempfile::tempdir().unwrap();
        let path = |name: &str| campaign.path().join(name);
        for folder in ["artifacts/r", "steps"] {
            fs::create_dir_all(path(folder)).unwrap();
        }
        fs::write(path("artifacts/r/journal.jsonl"), "{}").unwrap();
        fs::write(path("mine.txt"), "mine").unwrap();
        let start = [&[0; 10], &b"jalon bundle 1, sha256 of what follows: 00"[..]].concat();
        fs::write(path("old.tar.gz"), start).unwrap();
        std::os::unix::fs::symlink("nowhere", path("link")).unwrap();
        for (out, refused) in [
            ("artifacts/r/journal.jsonl", "is in the folder `artifacts`"),
            ("steps/new.tar.gz", "is in the folder `steps`"),
            ("mine.txt", "exists and is not a bundle"),
            ("link", "is not a regular file"),
            ("artifacts/../steps", "is not a regular file"),
        ] {
            let error = may_replace(campaign.path(), &path(out)).unwrap_err().to_string();
            assert!(error.contains(refused), "{out}: {error}");
        }
        for out in ["old.tar.gz", "new.tar.gz", "elsewhere/new.tar.gz"] {
            assert!(may_replace(campaign.path(), &path(out)).is_ok(), "{out}");
        }
    }
}
