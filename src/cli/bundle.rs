//! `jalon bundle` and `jalon unbundle`: a run in one file, and back.

use super::{
    Error, Exit,
    open::{self, RunChoice},
    output,
};
use crate::{
    store::bundle::{self, Manifest},
    support::text,
};
use clap::Args;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Arguments of `bundle`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jalon bundle\n  jalon bundle --run 20251218-091500-lab --out /media/usb/day1.tar.gz\n\nIt holds the journal, the evidence, the notes, the imports, the plan and the\nenvironments (references to secrets, never secrets). Any tool unpacks it;\n`jalon unbundle` checks it too."
)]
pub(super) struct BundleArgs {
    #[command(flatten)]
    choice: RunChoice,
    /// The file; RUN.tar.gz in this folder otherwise.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// Arguments of `unbundle`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jalon unbundle day1.tar.gz --into day1\n  jalon -C day1 verify && jalon -C day1 report"
)]
pub(super) struct UnbundleArgs {
    /// The bundle.
    file: PathBuf,
    /// The campaign's folder to unpack to; it may be a new one. The folder of `-C` otherwise.
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// Packs a run. It takes no lock, so it may be asked while the run is in progress.
pub(super) fn pack(dir: &Path, args: &BundleArgs) -> Result<Exit, Error> {
    let run = open::run_dir(dir, &args.choice)?;
    let live = open::is_live(&run);
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(format!("{}.tar.gz", run.run)));
    let packed = bundle::pack(dir, &run, &out)?;
    if args.json {
        let mut shown = as_json(&packed.manifest);
        shown["bundle"] = json!(out);
        shown["bytes"] = json!(packed.bytes);
        shown["in_progress"] = json!(live);
        shown["left_out"] = json!(packed.left_out);
        output::print_json(&shown)?;
        return Ok(Exit::Passed);
    }
    let mut shown =
        format!("{}: {}, {}\n", out.display(), about(&packed.manifest), text::bytes(packed.bytes));
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

/// Checks and unpacks a bundle.
pub(super) fn unpack(dir: &Path, args: &UnbundleArgs) -> Result<Exit, Error> {
    let into = args.into.as_deref().unwrap_or(dir);
    let unpacked = bundle::unpack(&args.file, into)?;
    let run = &unpacked.manifest.run;
    if args.json {
        let mut shown = as_json(&unpacked.manifest);
        shown["into"] = json!(into);
        shown["was_there"] = json!(unpacked.was_there);
        shown["plan_unpacked"] = json!(unpacked.plan);
        shown["remarks"] = json!(unpacked.remarks);
        output::print_json(&shown)?;
        return Ok(Exit::Passed);
    }
    let mut shown = match unpacked.was_there {
        true => format!("{run} was there already, the same in every byte\n"),
        false => format!("{}: {}\n", into.display(), about(&unpacked.manifest)),
    };
    unpacked.remarks.iter().for_each(|remark| shown.push_str(&format!("note: {remark}\n")));
    shown.push_str(&format!("next: jalon -C {} status --run {run}\n", into.display()));
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

fn as_json(manifest: &Manifest) -> serde_json::Value {
    json!({
        "run": manifest.run,
        "format": manifest.format,
        "jalon": manifest.jalon,
        "records": manifest.journal.seq,
        "head": manifest.journal.hash,
        "files": manifest.files,
    })
}
