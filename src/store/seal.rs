//! Seals: the state of a run's record, signed. A journal that was written anew, with every hash computed again, is found by the
//! seal of what it said before.
//!
//! A seal is an in-toto statement about a test result in a DSSE envelope
//! (<https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md>), a file of the folder `seals` of the run.
//! Its subject is the journal up to its last record, which holds the hash of every artifact; the notes and the imports of the
//! campaign are subjects too.

use super::{
    ArtifactDir, RunDir, Runs,
    artifacts::ArtifactError,
    journal::{self, JournalError, Mark, Tried},
};
use crate::{
    record::{
        Record, RunId, RunState, Said, Verdict,
        event::{Outcome, PlanOutline},
        state::StepStatus,
    },
    support::{
        files, fingerprint,
        signature::{Envelope, KeyError, PublicKey, SigningKey},
    },
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{collections::BTreeMap, fs::File, io::Read, path::Path};

/// Folder of the seals, below that of the run.
pub(super) const FOLDER: &str = "seals";
/// What DSSE calls an in-toto statement.
const STATEMENT: &str = "application/vnd.in-toto+json";
/// What it calls a signed decision.
const DECISION: &str = "application/vnd.jalon.decision+json";
/// The longest seal that is read: a plan of thousands of steps has a tenth of it.
const LARGEST: u64 = 4 << 20;

/// Keys that are known, each with the name of its owner, by their ids.
pub type Keyring = BTreeMap<String, (String, PublicKey)>;

/// Why a run was not sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The record cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The seal could not be written.
    #[error(transparent)]
    Write(#[from] ArtifactError),
    /// The cryptography library did not sign.
    #[error("the key does not sign")]
    Key,
}

/// An in-toto statement.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    #[serde(rename = "_type")]
    form: String,
    subject: Vec<Subject>,
    predicate_type: String,
    predicate: TestResult,
}

#[derive(Debug, Serialize, Deserialize)]
struct Subject {
    name: String,
    digest: Digest,
}

#[derive(Debug, Serialize, Deserialize)]
struct Digest {
    sha256: String,
}

/// The predicate; a test is a step.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TestResult {
    result: String,
    configuration: Vec<Subject>,
    #[serde(default)]
    passed_tests: Vec<String>,
    #[serde(default)]
    warned_tests: Vec<String>,
    #[serde(default)]
    failed_tests: Vec<String>,
    jalon: SealedRun,
}

/// What of the run was sealed.
#[derive(Debug, Serialize, Deserialize)]
struct SealedRun {
    version: String,
    run: RunId,
    sealed_at: Timestamp,
    /// How far the journal went, that of the run first.
    #[serde(flatten)]
    journal: SealedJournal,
    others: Vec<SealedJournal>,
    /// Steps that came to no verdict.
    not_judged: Vec<String>,
}

/// How far one journal went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct SealedJournal {
    /// Its path below the folder of the run.
    name: String,
    /// Number of its last record.
    last: u64,
    /// Hash of that record.
    chain: String,
    /// Length of the file up to its end.
    bytes: u64,
}

/// What a person signs who decides.
#[derive(Debug, Serialize, Deserialize)]
struct SignedDecision {
    run: RunId,
    record: u64,
    hash: String,
    decision: String,
}

/// A seal as `jalon verify` tells it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Seal {
    /// File of the seal, below the folder of the run.
    pub file: String,
    /// Who sealed, by the name of the key; `null` where no known key signed it, and nothing was checked but its content.
    pub by: Option<String>,
    /// Id of the key that it names: the SHA-256 of its DER.
    pub key: String,
    /// `PASSED`, `WARNED` or `FAILED`, as it was sealed.
    pub result: String,
    /// When it was sealed, by the clock of whoever sealed.
    pub sealed_at: Timestamp,
    /// Number of the last record that it covers.
    pub last: u64,
}

/// Makes a seal of everything that is on record of `run` by now; gives its path below the folder of the run.
pub fn seal(runs: &Runs, run: &RunDir, key: &SigningKey, at: Timestamp) -> Result<String, SealError> {
    let mut state = RunState::default();
    let (journal, hash) = up_to_now(run, "journal.jsonl", |record| state.apply(record))?;
    let mut subject = vec![Subject { name: journal.name.clone(), digest: Digest { sha256: hash } }];
    let mut others = Vec::new();
    for folder in [runs.notes(), runs.imports()] {
        if folder.look()? {
            let (other, hash) = up_to_now(&folder, &format!("../{}/journal.jsonl", folder.run), |_| ())?;
            subject.push(Subject { name: other.name.clone(), digest: Digest { sha256: hash } });
            others.push(other);
        }
    }
    let tests = |wanted: &dyn Fn(Option<Verdict>, bool) -> bool| -> Vec<String> {
        let of_step = |status: &&StepStatus| {
            let verdict = status.latest().and_then(|attempt| attempt.verdict);
            wanted(verdict, status.waiver.is_some())
        };
        let name = |s: &StepStatus| format!("step {}: {}", s.outline.step, s.outline.title.get("en"));
        state.steps.values().filter(of_step).map(name).collect()
    };
    let warned = tests(&|verdict, waived| verdict == Some(Verdict::Warn) || waived);
    let result = match state.outcome {
        Some(Outcome::Passed) if warned.is_empty() => "PASSED",
        Some(Outcome::Passed | Outcome::PassedWithExceptions) => "WARNED",
        _ => "FAILED",
    };
    let last = journal.last;
    let statement = Statement {
        form: "https://in-toto.io/Statement/v1".to_owned(),
        subject,
        predicate_type: "https://in-toto.io/attestation/test-result/v0.1".to_owned(),
        predicate: TestResult {
            result: result.to_owned(),
            configuration: state.header.as_ref().map_or_else(Vec::new, |h| configuration(&h.plan)),
            passed_tests: tests(&|verdict, waived| verdict == Some(Verdict::Pass) && !waived),
            warned_tests: warned,
            failed_tests: tests(&|verdict, waived| verdict.is_some_and(|v| !v.unlocks()) && !waived),
            jalon: SealedRun {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                run: run.run.clone(),
                sealed_at: at,
                journal,
                others,
                not_judged: tests(&|verdict, waived| verdict.is_none() && !waived),
            },
        },
    };
    let payload = serde_json::to_vec(&statement).map_err(|_| SealError::Key)?;
    let envelope = key.sign(STATEMENT, &payload).map_err(|_| SealError::Key)?;
    let id = envelope.signatures.first().map_or("", |s| short(&s.keyid));
    let name = format!("{last:06}-{id}.json");
    Ok(ArtifactDir::new(&run.path, FOLDER).write_json(&name, &envelope)?.path)
}

/// The kept files of the plan, and the environment and the parameters by their fingerprints.
fn configuration(plan: &PlanOutline) -> Vec<Subject> {
    let of = |name: &str, sha256: &str| Subject {
        name: name.to_owned(),
        digest: Digest { sha256: sha256.to_owned() },
    };
    let kept = plan.kept.iter().map(|kept| of(&kept.path, &kept.sha256));
    kept.chain([
        of(&format!("environment {}", plan.environment), &plan.environment_fingerprint),
        of(&format!("parameters of profile {}", plan.profile), &plan.parameters_fingerprint),
    ])
    .collect()
}

/// The first letters of a key's id, which tell it from others.
pub fn short(id: &str) -> &str {
    id.get(..16).unwrap_or(id)
}

/// How far a journal goes, and the hash of the file up to there.
fn up_to_now(
    folder: &RunDir,
    name: &str,
    mut each: impl FnMut(&Record),
) -> Result<(SealedJournal, String), JournalError> {
    let (path, mut mark) = (folder.journal(), Mark::default());
    journal::scan(&path, &mut mark, |record, _| each(&record))?;
    let disk = |cause| JournalError::Disk { tried: Tried::Read, path: path.clone(), cause };
    let hash = hash_of_first(&path, mark.offset).map_err(disk)?;
    Ok((SealedJournal { name: name.to_owned(), last: mark.seq, chain: mark.hash, bytes: mark.offset }, hash))
}

fn hash_of_first(path: &Path, bytes: u64) -> std::io::Result<String> {
    fingerprint::of_reader(File::open(path)?.take(bytes))
}

/// The seals of a run, each compared with what is on record now, and what of them is not as it should be.
pub(super) fn check(runs: &Runs, run: &RunDir, keys: &Keyring) -> (Vec<Seal>, Vec<Said>) {
    let (mut seals, mut faults) = (Vec::new(), Vec::new());
    let entries = std::fs::read_dir(run.path.join(FOLDER)).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    for name in names {
        let file = format!("{FOLDER}/{name}");
        match read(&run.path.join(&file)) {
            Some((envelope, statement)) => {
                seals.push(compare(runs, run, keys, &file, &envelope, &statement, &mut faults));
            }
            None => faults.push(messages::unreadable(&file)),
        }
    }
    (seals, faults)
}

fn read(path: &Path) -> Option<(Envelope, Statement)> {
    let bytes = files::open_no_link(path).and_then(|file| files::read_all(file, LARGEST)).ok()?;
    let envelope: Envelope = serde_json::from_slice(&bytes).ok()?;
    let statement = serde_json::from_slice(&envelope.statement()?).ok()?;
    (envelope.payload_type == STATEMENT).then_some((envelope, statement))
}

/// Compares a seal with what is on record.
fn compare(
    runs: &Runs,
    run: &RunDir,
    keys: &Keyring,
    file: &str,
    envelope: &Envelope,
    statement: &Statement,
    faults: &mut Vec<Said>,
) -> Seal {
    let sealed = &statement.predicate.jalon;
    if sealed.run != run.run {
        faults.push(messages::of_another_run(file, sealed.run.as_str()));
    }
    let by = signer(envelope, keys).unwrap_or_else(|| {
        faults.push(messages::signature_wrong(file));
        None
    });
    for subject in &statement.subject {
        let mut journals = std::iter::once(&sealed.journal).chain(&sealed.others);
        let mark = journals.find(|journal| journal.name == subject.name);
        let path = match subject.name.as_str() {
            "journal.jsonl" => run.journal(),
            "../notes/journal.jsonl" => runs.notes().journal(),
            "../imports/journal.jsonl" => runs.imports().journal(),
            _ => {
                faults.push(messages::unreadable(file));
                continue;
            }
        };
        let there = mark.and_then(|mark| hash_of_first(&path, mark.bytes).ok());
        if there.as_ref() != Some(&subject.digest.sha256) {
            let last = mark.map_or(0, |mark| mark.last);
            faults.push(messages::not_what_was_sealed(subject.name.as_str(), last, file));
        }
    }
    Seal {
        file: file.to_owned(),
        by,
        key: envelope.signatures.first().map(|s| s.keyid.clone()).unwrap_or_default(),
        result: statement.predicate.result.clone(),
        sealed_at: sealed.sealed_at,
        last: sealed.journal.last,
    }
}

/// The owner of the known key that signed; none where it names no known key. `None` where a known key is named that did not
/// sign it.
#[allow(
    clippy::option_option,
    reason = "no known key, and a known one whose signature is wrong, are two things"
)]
fn signer(envelope: &Envelope, keys: &Keyring) -> Option<Option<String>> {
    let known: Vec<_> = envelope.signatures.iter().filter_map(|s| keys.get(&s.keyid)).collect();
    match known.iter().find(|(_, key)| envelope.is_signed_by(key)) {
        Some((name, _)) => Some(Some(name.clone())),
        None if known.is_empty() => Some(None),
        None => None,
    }
}

/// Signs a decision that is on record as number `record` with that hash.
pub fn sign_decision(
    key: &SigningKey,
    run: &RunId,
    (record, hash): (u64, &str),
    decision: &str,
) -> Result<Envelope, KeyError> {
    let (hash, decision) = (hash.to_owned(), decision.to_owned());
    let signed = SignedDecision { run: run.clone(), record, hash, decision };
    key.sign(DECISION, json!(signed).to_string().as_bytes())
}

/// Who signed a decision, as `jalon verify` tells it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DecisionSeal {
    /// Number of the record that was signed.
    pub record: u64,
    /// Name of the key; `null` where it is not known, and the signature was not checked.
    pub by: Option<String>,
    /// Id of the key that the signature names.
    pub key: String,
}

/// Compares the signature under a decision with the hash of its record; the fault where it is not of it.
pub(super) fn check_decision(
    run: &RunId,
    record: u64,
    hash: Option<&String>,
    envelope: &Envelope,
    keys: &Keyring,
) -> Result<DecisionSeal, Said> {
    let wrong = || messages::decision_signature_wrong(record);
    let statement = envelope.statement().ok_or_else(wrong)?;
    let signed: SignedDecision = serde_json::from_slice(&statement).map_err(|_| wrong())?;
    let is_of_it = envelope.payload_type == DECISION && signed.run == *run && signed.record == record;
    if !is_of_it || Some(&signed.hash) != hash {
        return Err(wrong());
    }
    let by = signer(envelope, keys).ok_or_else(wrong)?;
    let key = envelope.signatures.first().map(|s| s.keyid.clone()).unwrap_or_default();
    Ok(DecisionSeal { record, by, key })
}

/// The sentences, under a name of their own: `unreadable` is no fault of a file here.
pub(super) mod messages {
    crate::messages! {
        area "seal";
        decision_signature_wrong(record) => "the signature under record {record} is not of that record" / "la signature de l'enregistrement {record} n'est pas celle de cet enregistrement";
        no_seal_by(name) => "{name} has sealed nothing of it" / "{name} n'a rien scellé de cette exécution";
        not_what_was_sealed(journal, last, file) => "{journal} is not what was sealed up to record {last} ({file}): it was written anew" / "{journal} n'est pas ce qui a été scellé jusqu'à l'enregistrement {last} ({file}) : il a été réécrit";
        of_another_run(file, run) => "{file} is a seal of {run}" / "{file} est un sceau de {run}";
        signature_wrong(file) => "{file}: the signature is not of the key that it names" / "{file} : la signature n'est pas celle de la clé indiquée";
        unreadable(file) => "{file} is no seal" / "{file} n'est pas un sceau";
    }
}
