//! The evidence of a run: which files there are, and each as it is, as text or as bytes and never as a page.

use crate::{
    record::{Artifact, RunState, StepId},
    store::{RunDir, artifacts},
};
use serde::Serialize;
use std::{fs::File, io::Read};

/// Files in a list.
const LISTED: usize = 2000;

/// One file.
#[derive(Debug, Serialize)]
struct Listed<'a> {
    path: &'a str,
    bytes: u64,
    sha256: &'a str,
    is_text: bool,
}

/// Every artifact that the journal names, of one step or of all.
fn named(state: &RunState, step: Option<StepId>) -> impl Iterator<Item = &Artifact> {
    let steps = state.steps.iter().filter(move |(number, _)| step.is_none_or(|step| step == **number));
    let of_steps = steps.flat_map(|(_, status)| status.attempts.iter().flat_map(|a| a.artifacts()));
    let of_run =
        state.snapshots.iter().flat_map(|(_, artifacts, _)| artifacts).filter(move |_| step.is_none());
    of_steps.chain(of_run)
}

/// The list of files as JSON.
pub(super) fn list(state: &RunState, step: Option<StepId>) -> String {
    let rows = named(state, step).take(LISTED).map(|artifact| Listed {
        path: &artifact.path,
        bytes: artifact.bytes,
        sha256: &artifact.sha256,
        is_text: is_text(artifact),
    });
    serde_json::to_string(&rows.collect::<Vec<_>>()).unwrap_or_default()
}

/// Whether a browser may show it as plain text.
fn is_text(artifact: &Artifact) -> bool {
    artifact.media_type.starts_with("text/")
        || ["json", "xml", "yaml"].iter().any(|form| artifact.media_type.ends_with(form))
}

/// A file of evidence, opened.
pub(super) struct Opened {
    /// The file, no more than `bytes` of it.
    pub(super) file: std::io::Take<File>,
    /// How much of it is sent.
    pub(super) bytes: u64,
    /// `text/plain` or `application/octet-stream`: whatever it is, no browser makes a page of it.
    pub(super) media_type: &'static str,
    /// Its last name.
    pub(super) name: String,
}

/// Opens the artifact of exactly that path. No path is joined from what somebody asks for: it is looked up among the
/// names in the journal. `most` is how much of it is wanted.
pub(super) fn open(dir: &RunDir, state: &RunState, path: &str, most: Option<u64>) -> Option<Opened> {
    let artifact = named(state, None).find(|artifact| artifact.path == path)?;
    let file = artifacts::open(&dir.path, artifact).ok()?;
    let bytes = most.map_or(artifact.bytes, |most| most.min(artifact.bytes));
    Some(Opened {
        file: file.take(bytes),
        bytes,
        media_type: if is_text(artifact) { "text/plain; charset=utf-8" } else { "application/octet-stream" },
        name: path.rsplit('/').next().unwrap_or_default().to_owned(),
    })
}
