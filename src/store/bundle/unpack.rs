//! [`unpack`]: checks a bundle whole, unpacks it beside its place, and then lets it appear.

use super::{
    BundleError, Entry, FORMAT, HASH, IMPORTS, LEAD, MANIFEST, MANIFEST_LIMIT, Manifest, allowed, disk,
    is_name, seals_of,
};
use crate::{
    record::{Artifact, RunId},
    store::{
        RunDir, Runs, artifacts,
        journal::{self, Mark},
    },
    support::{files, fingerprint, text},
};
use flate2::bufread::GzDecoder;
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// The result of unpacking a bundle.
#[derive(Debug)]
pub struct Unpacked {
    /// Manifest of the bundle.
    pub manifest: Manifest,
    /// Whether the run was there already, the same in every byte.
    pub was_there: bool,
    /// Whether the plan was unpacked too; one that is there is left as it is.
    pub plan: bool,
    /// What differs between the bundle and what was left as it is.
    pub remarks: Vec<String>,
}

/// Unpacks the bundle into the campaign's folder `into`. Nothing appears there before every byte is checked, and nothing
/// that is there is changed.
pub fn unpack(bundle: &Path, into: &Path) -> Result<Unpacked, BundleError> {
    check_seal(bundle)?;
    let most = allowance(bundle)?;
    let made = make(into)?;
    let unpacked = unpack_within(bundle, into, most);
    if unpacked.is_err() {
        // Those that hold anything stay.
        made.iter().for_each(|folder| drop(fs::remove_dir(folder)));
    }
    unpacked
}

/// Says that the plan of a campaign's folder came with a bundle.
const UNPACKED: &str = ".jalon/unpacked";

/// Whether the plan in a campaign's folder is its owner's: what came with a bundle may name programs as where secrets come
/// from, and reading it must not run them.
pub fn is_own_plan(campaign: &Path) -> bool {
    !campaign.join(UNPACKED).exists()
}

/// Makes a folder; the answer is what had to be made for it, the innermost first.
fn make(folder: &Path) -> Result<Vec<PathBuf>, BundleError> {
    let missing = folder.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists());
    let missing = missing.map(Path::to_owned).collect();
    fs::create_dir_all(folder).map_err(disk("make", folder))?;
    Ok(missing)
}

fn unpack_within(bundle: &Path, into: &Path, most: u64) -> Result<Unpacked, BundleError> {
    let aside =
        tempfile::Builder::new().prefix(".unbundle-").tempdir_in(into).map_err(disk("write to", into))?;
    let manifest = extract(bundle, aside.path(), most)?;
    check_journals(bundle, &manifest, aside.path())?;
    let run = Runs::of_campaign(into).get(&manifest.run);
    run.look()?;
    let was_there = run.path.exists();
    if was_there {
        compare(&manifest, into, &run)?;
    }
    // One sync for all of it: one a file takes minutes for many small ones.
    File::open(aside.path())
        .and_then(|folder| Ok(rustix::fs::syncfs(folder)?))
        .map_err(disk("write", aside.path()))?;
    let mut remarks = Vec::new();
    let plan = place_plan(&manifest, aside.path(), into, &mut remarks)?;
    place_notes(&manifest, aside.path(), into, &mut remarks)?;
    place_imports(&manifest, aside.path(), into, &mut remarks)?;
    if was_there {
        place_seals(&manifest, aside.path(), into)?;
    } else {
        // The run comes last: where it is, all of it is there.
        place(&aside.path().join("artifacts").join(manifest.run.as_str()), &run.path)?;
        let Mark { seq, hash, .. } = &manifest.journal;
        journal::put_outside(&run.journal(), *seq, hash).map_err(disk("write", &run.path))?;
    }
    Ok(Unpacked { manifest, was_there, plan, remarks })
}

fn damaged(bundle: &Path, problem: impl Into<String>) -> BundleError {
    BundleError::Damaged { path: bundle.to_owned(), problem: problem.into() }
}

/// The gzip header as [`fn@super::pack`] writes it, up to the hash.
fn header() -> Vec<u8> {
    // Magic number, deflate, a comment and nothing else, no time, no hint of the effort, no system.
    let mut header = vec![0x1f, 0x8b, 8, 0x10, 0, 0, 0, 0, 0, 255];
    header.extend_from_slice(LEAD.as_bytes());
    header
}

/// Compares the hash in the header with that of what follows.
fn check_seal(bundle: &Path) -> Result<(), BundleError> {
    let read = disk("read", bundle);
    let mut file = files::open(bundle).map_err(read)?;
    let lead = header();
    let mut head = vec![0; lead.len() + HASH + 1];
    let whole = file.read_exact(&mut head).is_ok();
    if !whole || !head.starts_with(&lead) || head.last() != Some(&0) {
        return Err(damaged(bundle, "it does not begin as a bundle of jalon does"));
    }
    let named = &head[lead.len()..lead.len() + HASH];
    let hash = fingerprint::of_reader(file).map_err(disk("read", bundle))?;
    match hash.as_bytes() == named {
        true => Ok(()),
        false => {
            Err(damaged(bundle, "its content is not what was written: bytes were changed or are missing"))
        }
    }
}

/// How many bytes may come out of the bundle: a hundred times its size, and 64 MiB in any case. Evidence is no larger; what
/// is much more is made to fill a disk.
fn allowance(bundle: &Path) -> Result<u64, BundleError> {
    let packed = fs::metadata(bundle).map_err(disk("read", bundle))?.len();
    Ok(allowed_of(packed))
}

pub(super) fn allowed_of(packed: u64) -> u64 {
    packed.saturating_mul(100).max(64 << 20)
}

/// Unpacks every file into the folder `aside`, each checked against the manifest.
fn extract(bundle: &Path, aside: &Path, most: u64) -> Result<Manifest, BundleError> {
    let mut file = files::open(bundle).map_err(disk("read", bundle))?;
    file.seek(SeekFrom::Start(0)).map_err(disk("read", bundle))?;
    let mut tar = tar::Archive::new(GzDecoder::new(BufReader::new(file)));
    let unreadable = |e: std::io::Error| damaged(bundle, e.to_string());
    let mut entries = tar.entries().map_err(unreadable)?;
    let first = entries.next().ok_or_else(|| damaged(bundle, "it is empty"))?.map_err(unreadable)?;
    let manifest = manifest(bundle, first, most.min(MANIFEST_LIMIT))?;
    let declared = manifest.files.iter().fold(0_u64, |sum, entry| sum.saturating_add(entry.bytes));
    if declared > most {
        let declared = text::bytes(declared);
        return Err(damaged(
            bundle,
            format!("{declared} would come out of it, more than evidence of its size holds"),
        ));
    }
    let mut left: BTreeMap<&str, &Entry> = manifest.files.iter().map(|e| (e.path.as_str(), e)).collect();
    if left.len() != manifest.files.len() {
        return Err(damaged(bundle, format!("{MANIFEST} names a file twice")));
    }
    for entry in entries {
        let mut entry = entry.map_err(unreadable)?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if !allowed(&path, &manifest.run) {
            return Err(damaged(bundle, format!("`{path}` does not belong into a bundle")));
        }
        if entry.header().entry_type() != tar::EntryType::Regular {
            return Err(damaged(bundle, format!("`{path}` is not a file")));
        }
        let Some(expected) = left.remove(path.as_str()) else {
            return Err(damaged(bundle, format!("`{path}` is not in its {MANIFEST}, or is there twice")));
        };
        store(bundle, &mut entry, &aside.join(&path), expected)?;
    }
    match left.keys().next() {
        Some(missing) => Err(damaged(bundle, format!("`{missing}` is missing"))),
        None => Ok(manifest),
    }
}

fn manifest(bundle: &Path, entry: tar::Entry<'_, impl Read>, most: u64) -> Result<Manifest, BundleError> {
    if *entry.path_bytes() != *MANIFEST.as_bytes() || entry.size() > most {
        return Err(damaged(bundle, format!("it does not begin with {MANIFEST}")));
    }
    let mut json = String::new();
    entry.take(most).read_to_string(&mut json).map_err(|e| damaged(bundle, format!("{MANIFEST}: {e}")))?;
    let unreadable = |e: serde_json::Error| damaged(bundle, format!("{MANIFEST}: {e}"));
    let any: serde_json::Value = serde_json::from_str(&json).map_err(unreadable)?;
    let format = any["format"].as_u64().and_then(|f| u32::try_from(f).ok()).unwrap_or(0);
    if format > FORMAT {
        return Err(BundleError::Newer { path: bundle.to_owned(), format });
    }
    let manifest: Manifest = serde_json::from_value(any).map_err(unreadable)?;
    match is_name(manifest.run.as_str()) {
        true => Ok(manifest),
        false => Err(damaged(bundle, format!("`{}` is not the name of a run", manifest.run))),
    }
}

fn store(bundle: &Path, entry: &mut impl Read, path: &Path, expected: &Entry) -> Result<(), BundleError> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(disk("make", folder))?;
    let mut file = File::create_new(path).map_err(disk("write", path))?;
    let mut hash = Sha256::new();
    let mut bytes = 0;
    let mut buffer = [0; 64 * 1024];
    loop {
        let read =
            entry.read(&mut buffer).map_err(|e| damaged(bundle, format!("`{}`: {e}", expected.path)))?;
        bytes += read as u64;
        if read == 0 || bytes > expected.bytes {
            break;
        }
        hash.update(&buffer[..read]);
        file.write_all(&buffer[..read]).map_err(disk("write", path))?;
    }
    if bytes != expected.bytes || fingerprint::hex(&hash.finalize()) != expected.sha256 {
        return Err(damaged(bundle, format!("`{}` is not what {MANIFEST} says", expected.path)));
    }
    Ok(())
}

/// Reads the journals that came out, and looks whether all that they name came with them and nothing else.
fn check_journals(bundle: &Path, manifest: &Manifest, aside: &Path) -> Result<(), BundleError> {
    let runs = Runs::of_campaign(aside);
    if check_journal(bundle, manifest, &runs.get(&manifest.run))? != manifest.journal {
        return Err(damaged(bundle, format!("its journal does not end where {MANIFEST} says")));
    }
    for folder in [runs.notes(), runs.imports()] {
        if folder.path.exists() {
            check_journal(bundle, manifest, &folder)?;
        }
    }
    Ok(())
}

/// Reads one journal to its end.
fn check_journal(bundle: &Path, manifest: &Manifest, run: &RunDir) -> Result<Mark, BundleError> {
    let mut mark = Mark::default();
    let mut named: Vec<Artifact> = Vec::new();
    let torn = journal::scan(&run.journal(), &mut mark, |record, _| {
        named.extend(record.event.artifacts().into_iter().cloned());
    });
    let torn = torn.map_err(|e| damaged(bundle, e.to_string()))?;
    if !torn.is_empty() {
        return Err(damaged(bundle, format!("the journal of {} is cut short", run.run)));
    }
    let files: BTreeMap<&str, &str> =
        manifest.files.iter().map(|e| (e.path.as_str(), e.sha256.as_str())).collect();
    let prefix = format!("artifacts/{}/", run.run);
    for artifact in &named {
        let path = format!("{prefix}{}", artifact.path);
        if files.get(path.as_str()) != Some(&artifact.sha256.as_str()) {
            return Err(damaged(bundle, format!("`{path}` is not what the journal says")));
        }
    }
    let known: BTreeSet<String> = named.into_iter().map(|a| format!("{prefix}{}", a.path)).collect();
    let own = ["journal.jsonl", "journal.head"].map(|name| format!("{prefix}{name}"));
    let strange = files.keys().find(|path| {
        let is_own = own.contains(&(**path).to_owned()) || is_seal(path, &run.run);
        path.starts_with(&prefix) && !known.contains(**path) && !is_own
    });
    match strange {
        Some(path) => Err(damaged(bundle, format!("no record names `{path}`"))),
        None => Ok(mark),
    }
}

/// Looks whether the run that is there is the one in the bundle.
fn compare(manifest: &Manifest, into: &Path, run: &RunDir) -> Result<(), BundleError> {
    let prefix = format!("artifacts/{}/", manifest.run);
    let is_evidence = |e: &&Entry| !is_head(e) && !is_seal(&e.path, &manifest.run);
    for entry in manifest.files.iter().filter(|e| e.path.starts_with(&prefix)).filter(is_evidence) {
        if !is_same(&into.join(&entry.path), entry) {
            return Err(BundleError::Differs {
                run: RunId::clone(&manifest.run),
                folder: run.path.clone(),
                difference: entry.path.clone(),
            });
        }
    }
    Ok(())
}

/// Whether the path is that of a seal of the run.
fn is_seal(path: &str, run: &RunId) -> bool {
    let name = path.strip_prefix(&seals_of(run)).and_then(|rest| rest.strip_prefix('/'));
    name.is_some_and(|name| name.ends_with(".json") && !name.contains('/'))
}

/// Puts the seals beside the run that is there and has them not.
fn place_seals(manifest: &Manifest, aside: &Path, into: &Path) -> Result<(), BundleError> {
    let seals = manifest.files.iter().filter(|e| is_seal(&e.path, &manifest.run));
    for seal in seals.filter(|e| !into.join(&e.path).exists()) {
        place(&aside.join(&seal.path), &into.join(&seal.path))?;
    }
    Ok(())
}

/// Whether it is the head of a journal, which may be behind: the journal itself is compared.
fn is_head(entry: &Entry) -> bool {
    entry.path.ends_with("/journal.head")
}

fn is_same(path: &Path, entry: &Entry) -> bool {
    files::open(path).and_then(fingerprint::of_reader).is_ok_and(|hash| hash == entry.sha256)
}

/// Puts the plan where there is none. One that is there stays, and what differs is said.
fn place_plan(
    manifest: &Manifest,
    aside: &Path,
    into: &Path,
    remarks: &mut Vec<String>,
) -> Result<bool, BundleError> {
    let folders = ["plan", "steps"];
    if folders.iter().all(|folder| !into.join(folder).exists()) {
        let mark = into.join(UNPACKED);
        make(&into.join(".jalon"))?;
        fs::write(&mark, "The plan in this folder came with a bundle.\n").map_err(disk("write", &mark))?;
        for folder in folders.iter().filter(|folder| aside.join(folder).exists()) {
            place(&aside.join(folder), &into.join(folder))?;
        }
        return Ok(true);
    }
    let of_plan = manifest.files.iter().filter(|e| !e.path.starts_with("artifacts/"));
    let different: Vec<&str> =
        of_plan.filter(|e| !is_same(&into.join(&e.path), e)).map(|e| e.path.as_str()).collect();
    if !different.is_empty() {
        remarks.push(format!(
            "the plan here is left as it is; the bundle has another: {}",
            different.join(", ")
        ));
    }
    Ok(false)
}

/// Puts the notes where there are none.
fn place_notes(
    manifest: &Manifest,
    aside: &Path,
    into: &Path,
    remarks: &mut Vec<String>,
) -> Result<(), BundleError> {
    let notes = Runs::of_campaign(into).notes();
    let path = notes.journal();
    let Some(entry) = manifest.files.iter().find(|e| into.join(&e.path) == path) else { return Ok(()) };
    if !notes.look()? {
        let head = journal::head_of(Path::new(&entry.path));
        if aside.join(&head).exists() {
            place(&aside.join(&head), &into.join(&head))?;
        }
        return place(&aside.join(&entry.path), &path);
    }
    if !is_same(&path, entry) {
        remarks.push("the notes here are left as they are; the bundle has others".to_owned());
    }
    Ok(())
}

/// Puts the imports where there are none.
fn place_imports(
    manifest: &Manifest,
    aside: &Path,
    into: &Path,
    remarks: &mut Vec<String>,
) -> Result<(), BundleError> {
    let mut entries = manifest.files.iter().filter(|e| e.path.starts_with(IMPORTS)).peekable();
    if entries.peek().is_none() {
        return Ok(());
    }
    let imports = Runs::of_campaign(into).imports();
    let is_there = imports.look()?;
    let imports = imports.path;
    // A folder without a record, as a lock leaves one, is nobody's.
    if !is_there && !imports.exists() {
        return place(&Runs::of_campaign(aside).imports().path, &imports);
    }
    if entries.any(|e| !is_head(e) && !is_same(&into.join(&e.path), e)) {
        remarks.push("the imports here are left as they are; the bundle has others".to_owned());
    }
    Ok(())
}

fn place(from: &Path, to: &Path) -> Result<(), BundleError> {
    let folder = to.parent().unwrap_or(to);
    fs::create_dir_all(folder).map_err(disk("make", folder))?;
    fs::rename(from, to).map_err(disk("write", to))?;
    artifacts::sync_dir(folder).map_err(disk("write", folder))
}
