//! [`verify`]: whether journals and artifacts are what was written.

use super::{
    RunDir, Runs, artifacts,
    journal::{self, Mark},
    own::is_own,
    run_dir,
    seal::{self, DecisionSeal, Keyring, Seal},
};
use crate::{
    record::{Arg, Artifact, Event, Record, RunId, RunState, Said, Speaks, messages, state::AttemptStatus},
    support::{signature::Envelope, text},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// Whether the evidence of a run, the notes and the imports are what was written.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Verified {
    /// The run; `null` where there is none and only notes and imports were checked.
    pub run: Option<RunId>,
    /// Records in its journal.
    pub records: usize,
    /// Artifacts that the journal names.
    pub artifacts: usize,
    /// Imports on record, withdrawn ones among them.
    pub imports: usize,
    /// Artifacts of the imports.
    pub imported_artifacts: usize,
    /// Notes on record that belong to no run.
    pub notes: usize,
    /// Artifacts that are missing, altered or added, and what is not what was sealed, in a sentence each.
    pub faults: Vec<String>,
    /// The seals of the run.
    pub seals: Vec<Seal>,
    /// The decisions of the run that were signed.
    pub signed: Vec<DecisionSeal>,
    /// Files that no record names and that a run may leave: those of an action that a crash ended, and those that stand
    /// outside of the folders of actions.
    pub extra: Vec<String>,
}

/// Checks every artifact that the journals of `run` and of the imports name, the chains of these and of the notes, and the
/// seals, of which those of `keys` are known. Each of `demanded` must have sealed the run.
pub fn verify(
    runs: &Runs,
    run: Option<&RunDir>,
    keys: &Keyring,
    demanded: &BTreeSet<String>,
) -> Result<Verified, journal::JournalError> {
    let (notes, imports) = (Checked::of_campaign(&runs.notes())?, Checked::of_campaign(&runs.imports())?);
    let checked = run.map(Checked::of).transpose()?.unwrap_or_default();
    let (seals, broken) = run.map(|run| seal::check(runs, run, keys)).unwrap_or_default();
    let sealed_by = |id: &String| seals.iter().any(|seal| seal.by.is_some() && seal.key == *id);
    let unsealed = demanded.iter().filter(|id| !sealed_by(id));
    let unsealed =
        unsealed.map(|id| seal::messages::no_seal_by(keys.get(id).map_or(id.as_str(), |(name, _)| name)));
    let told = |fault: Said| fault.to_string();
    let mut faults: Vec<String> = checked.faults.into_iter().map(told).collect();
    faults.extend(gone(runs).into_iter().map(told));
    faults.extend(broken.into_iter().chain(unsealed).map(told));
    let mut signed = Vec::new();
    for (record, hash, envelope) in &checked.signatures {
        let name = run.map_or_else(|| RunId::from(""), |run| run.run.clone());
        match seal::check_decision(&name, *record, hash.as_ref(), envelope, keys) {
            Ok(seal) => signed.push(seal),
            Err(fault) => faults.push(told(fault)),
        }
    }
    let mut extra = checked.extra;
    for (folder, found) in [("notes", notes.faults), ("imports", imports.faults)] {
        faults.extend(found.into_iter().map(|fault| told(of_folder(folder, fault))));
    }
    extra.extend(imports.extra.into_iter().map(|file| format!("imports/{file}")));
    Ok(Verified {
        run: run.map(|run| run.run.clone()),
        records: checked.records,
        artifacts: checked.artifacts,
        imports: imports.imports,
        imported_artifacts: imports.artifacts,
        notes: notes.records,
        faults,
        seals,
        signed,
        extra,
    })
}

/// What of a run, of which `records` and `state` were read, is not what was written, as far as a look tells: the place, kind
/// and size of each artifact, files that were added, and the content of what was touched since it was put on record, up
/// to 64 MiB.
pub fn at_a_glance(folder: &RunDir, records: &[Record], state: &RunState) -> Vec<Said> {
    let named = records.iter().flat_map(named_by).collect();
    Checked::compare(folder, named, state, &mut glance(folder)).faults
}

/// How many bytes of artifacts are read at one look: what a processor hashes before a person has to wait.
const LOOK: u64 = 64 << 20;

/// What tells at a glance that an artifact is altered.
fn glance(folder: &RunDir) -> impl FnMut(&Named) -> Option<artifacts::Altered> {
    let mut left = LOOK;
    move |named| artifacts::glance(&folder.path, &named.artifact, named.at, &mut left).err()
}

/// What of the notes or of the imports is not what was written.
pub fn faults(folder: &RunDir) -> Result<Vec<Said>, journal::JournalError> {
    Checked::of_campaign(folder).map(|checked| checked.faults)
}

/// What of a run is not what was written, apart from the content of its artifacts, which are not read.
pub fn faults_beside_artifacts(folder: &RunDir) -> Result<Vec<Said>, journal::JournalError> {
    Checked::read(folder, &mut |_| None).map(|checked| checked.faults)
}

/// What of the notes and of the imports is not what was written, as far as a look tells, or why that cannot be told, each with
/// the name of its folder, and which runs are gone.
pub fn faults_of_campaign(runs: &Runs) -> Vec<Said> {
    let of = |folder: RunDir| {
        let read = Checked::told(&folder, Checked::read(&folder, &mut glance(&folder)));
        let faults = read.map_or_else(|error| vec![error.said()], |checked| checked.faults);
        let name = folder.run;
        faults.into_iter().map(move |fault| of_folder(name.as_str(), fault))
    };
    [runs.notes(), runs.imports()].into_iter().flat_map(of).chain(gone(runs)).collect()
}

/// Runs that had records and whose folder or journal is gone.
fn gone(runs: &Runs) -> Vec<Said> {
    let all = runs.list().unwrap_or_default();
    all.iter().filter(|run| run.is_gone()).map(|run| all_gone(Arg::text(text::path(&run.path)))).collect()
}

/// An artifact, and when it was put on record first.
struct Named {
    artifact: Artifact,
    at: Timestamp,
}

fn named_by(record: &Record) -> impl Iterator<Item = Named> {
    let at = record.at;
    record.event.artifacts().into_iter().map(move |artifact| Named { artifact: artifact.clone(), at })
}

/// A journal and its artifacts, read and compared.
#[derive(Default)]
struct Checked {
    records: usize,
    artifacts: usize,
    imports: usize,
    faults: Vec<Said>,
    extra: Vec<String>,
    /// What was signed: the number of the decision's record, its hash, and the signature.
    signatures: Vec<(u64, Option<String>, Envelope)>,
}

impl Checked {
    /// As [`Checked::of`]; a journal that is not what was written is a fault among others.
    fn of_campaign(folder: &RunDir) -> Result<Self, journal::JournalError> {
        Self::told(folder, Self::of(folder))
    }

    /// A journal that is not what was written as a fault among others.
    fn told(
        folder: &RunDir,
        read: Result<Self, journal::JournalError>,
    ) -> Result<Self, journal::JournalError> {
        match read {
            Err(error) if error.is_damage() => {
                let fault = match folder.is_gone() && !matches!(error, journal::JournalError::Folder { .. }) {
                    true => all_gone(Arg::text(text::path(&folder.path))),
                    false => error.said(),
                };
                Ok(Self { faults: vec![fault], ..Self::default() })
            }
            checked => checked,
        }
    }

    /// Checks the folder; one without a journal has nothing to check.
    fn of(folder: &RunDir) -> Result<Self, journal::JournalError> {
        Self::read(folder, &mut |named| artifacts::verify(&folder.path, &named.artifact).err())
    }

    /// Checks the folder, and each artifact by `altered`.
    fn read(
        folder: &RunDir,
        altered: &mut impl FnMut(&Named) -> Option<artifacts::Altered>,
    ) -> Result<Self, journal::JournalError> {
        if !folder.look()? {
            return Ok(Self::default());
        }
        let (mut records, mut imports) = (0, 0);
        let mut named: Vec<Named> = Vec::new();
        let mut state = RunState::default();
        let mut decisions: BTreeMap<u64, String> = BTreeMap::new();
        let mut signatures = Vec::new();
        let torn = journal::scan(&folder.journal(), &mut Mark::default(), |record, line| {
            records += 1;
            if record.event.is_decision() {
                decisions.insert(record.seq, journal::hash_in(line).to_owned());
            }
            if let Event::DecisionSigned { record, envelope, .. } = &record.event {
                signatures.push((*record, decisions.get(record).cloned(), envelope.clone()));
            }
            imports += usize::from(matches!(record.event, Event::ImportAdded(_)));
            named.extend(named_by(&record));
            state.apply(&record);
        })?;
        let mut checked =
            Self { records, imports, signatures, ..Self::compare(folder, named, &state, altered) };
        // What a living writer has not finished is no fault.
        if !torn.is_empty() && !folder.is_held() {
            checked.faults.insert(0, cut_short());
        }
        Ok(checked)
    }

    /// Compares what stands in the folder with what its journal, which comes to `state`, names.
    fn compare(
        folder: &RunDir,
        mut named: Vec<Named>,
        state: &RunState,
        altered: &mut impl FnMut(&Named) -> Option<artifacts::Altered>,
    ) -> Self {
        let mut checked = Self::default();
        let key = |named: &Named| (named.artifact.path.clone(), named.artifact.sha256.clone());
        named.sort_by_cached_key(|named| (key(named), named.at));
        named.dedup_by_key(|named| key(named));
        let names: BTreeSet<&str> = named.iter().map(|named| named.artifact.path.as_str()).collect();
        let altered = named.iter().filter_map(altered);
        checked.artifacts = named.len();
        checked.faults.extend(altered.map(|e| e.said()));
        for file in extra_files(&folder.path, &names) {
            match is_added(state, &file) || is_own(folder.run.as_str()) && is_of_import(&names, &file) {
                true => checked.faults.push(added(&*text::name(&file))),
                false => checked.extra.push(file),
            }
        }
        checked
    }
}

/// Whether a file that no record names was put there by somebody else: in the folder of an action or a watch that came to
/// its end, whose files were all on record by then. What a crash ended may have left files behind that no record names.
fn is_added(state: &RunState, file: &str) -> bool {
    let mut parts = file.split('/');
    let (step, attempt) = (number(parts.next()), number(parts.next()));
    let (Some(step), Some(attempt), Some(folder), Some(name)) =
        (step, attempt, parts.next(), parts.next_back())
    else {
        return false;
    };
    let status = state.steps.iter().find(|(id, _)| id.0 == step).map(|(_, status)| status);
    let attempt = status.and_then(|s| s.attempts.iter().find(|a| a.attempt.0 == attempt));
    !name.ends_with(artifacts::PARTIAL) && attempt.is_some_and(|attempt| came_to_end(attempt, folder))
}

/// Whether a file lies in the folder of an import that is on record: all its files were then.
fn is_of_import(names: &BTreeSet<&str>, file: &str) -> bool {
    let import = |path: &str| path.split_once('/').map(|(import, _)| import.to_owned());
    import(file).is_some_and(|of| names.iter().any(|name| import(name).as_ref() == Some(&of)))
        && !file.ends_with(artifacts::PARTIAL)
}

/// Whether what `folder` belongs to came to its end: a watch, an action, one of its tries, or its undo.
fn came_to_end(attempt: &AttemptStatus, folder: &str) -> bool {
    if let Some((_, watch)) = attempt.watches.iter().find(|(id, _)| id.as_str() == folder) {
        return !watch.kind.is_empty();
    }
    let of = |more: &str| {
        let mut actions = attempt.actions.iter();
        actions.find(|a| folder.strip_prefix(a.action.as_str()).is_some_and(|rest| rest.starts_with(more)))
    };
    if let Some(action) = attempt.action(&folder.into()).or_else(|| of("-try-")) {
        return action.result.is_some();
    }
    // Where the step has a verdict, every action of it has ended.
    of("-undo").map_or(attempt.verdict.is_some(), |action| action.undone.is_some())
}

fn number(part: Option<&str>) -> Option<u32> {
    part?.parse().ok()
}

/// Files in the run's folder that no record names.
fn extra_files(root: &Path, named: &BTreeSet<&str>) -> Vec<String> {
    let mut extra = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            // What a link leads to is not of this run, and may lead round in a circle.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                open.push(path);
                continue;
            }
            let Ok(below) = path.strip_prefix(root) else { continue };
            let below = below.to_string_lossy().into_owned();
            let own = below.starts_with("journal.")
                || ["lock", run_dir::GROUPS].contains(&below.as_str())
                || Path::new(&below).starts_with(seal::FOLDER)
                || below.starts_with("report");
            if !own && !named.contains(below.as_str()) {
                extra.push(below);
            }
        }
    }
    extra.sort();
    extra
}

messages! {
    area "verify";
    added(file) => "{file} is in no record: it was added to finished work" / "{file} n'est dans aucun enregistrement : ce fichier a été ajouté à un travail terminé";
    all_gone(folder) => "{folder} is gone, with the records that were in it" / "{folder} a disparu, avec les enregistrements qui s'y trouvaient";
    cut_short() => "the last record of the journal is cut short; what goes on sets it aside" / "le dernier enregistrement du journal est tronqué ; la reprise le met de côté";
    of_folder(folder, fault) => "{folder}: {fault}" / "{folder} : {fault}";
}
