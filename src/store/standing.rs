//! Where a run stands, without reading a long journal from its first record each time.
//!
//! The state up to some record is kept beside the journal, in `journal.state`. It is derived (from the journal alone),
//! checked (its own SHA-256, the code that made it, and that the journal still has that record with that hash in that
//! place) and disposable: without it, or where a check fails, the journal is read whole. What stands before that record is
//! then not read again, so damage there is seen by `jalon verify`, which always reads all of it, and not by `jalon status`.

use super::{
    RunDir,
    journal::{self, Mark},
};
use crate::{
    record::{
        ActionId, Attempt, Event, Evidence, Record, RunState, StepId,
        event::{ActionResult, Cause, Judgement},
    },
    support::fingerprint,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::IgnoredAny};
use std::{fs, io::Write, path::Path};

/// The state is kept when so many records had to be read. A shorter journal is always read whole.
const WORTH_KEEPING: u64 = if cfg!(test) { 200 } else { 20_000 };

/// A state is thinned when it has taken in so many records.
const THIN_EVERY: u64 = 20_000;

/// First line of the file; the second one is the state.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    /// Of the code that made it.
    code: String,
    /// Of the second line.
    sha256: String,
    /// Up to where the journal is in it.
    mark: Mark,
    /// Length of the last record's line in it, with its end.
    line: u64,
}

/// The state of a run as its journal has it now, as far as its status shows it; needs no lock.
pub fn read(run: &RunDir) -> Result<RunState, journal::Error> {
    let journal = run.journal();
    let (mut mark, mut line, mut state) = load(run).unwrap_or_default();
    let before = mark.seq;
    journal::scan_with(&journal, &mut mark, brief, |seq, at, event, text| {
        take(&mut state, seq, at, event);
        line = text.len() as u64 + 1;
        if seq.is_multiple_of(THIN_EVERY) {
            state.thin();
        }
    })?;
    if mark.seq - before >= WORTH_KEEPING {
        // A folder that cannot be written is no reason not to answer.
        let _ = keep(&run.kept_state(), &mark, line, &state);
    }
    Ok(state)
}

/// Takes a record in, or that there was one which changes nothing that the status shows.
fn take(state: &mut RunState, seq: u64, at: Timestamp, event: Option<Event>) {
    match event {
        Some(event) => state.apply(&Record { seq, at, event }),
        None => state.last = Some((seq, at)),
    }
}

/// The event as far as the status needs it, so that most of a long journal is hashed and not taken apart: see
/// [`RunState::thin`] for what that leaves out.
fn brief(text: &str) -> Result<Option<Event>, serde_json::Error> {
    const TYPE: &str = "{\"type\":\"";
    let kind = text.strip_prefix(TYPE).and_then(|rest| rest.split_once('"')).map(|(kind, _)| kind);
    Ok(match kind {
        Some("artifact-stored" | "note-added" | "snapshot-taken" | "watch-finished") => None,
        Some("action-started") => {
            let Started { step, attempt, action, kind, description } = serde_json::from_str(text)?;
            let params = serde_json::Value::Null;
            Some(Event::ActionStarted {
                step,
                attempt,
                action,
                kind,
                description,
                params,
                undo: None,
                scenario: None,
            })
        }
        Some("action-finished") => {
            let Finished { step, attempt, action, result } = serde_json::from_str(text)?;
            let evidence = Evidence::default();
            let result = match result {
                Ended::Done(_) => ActionResult::Done(evidence),
                Ended::Failed { cause, message } => ActionResult::Failed { cause, message, evidence },
            };
            Some(Event::ActionFinished { step, attempt, action, result })
        }
        Some("criterion-judged") => {
            let Judged { step, attempt, judgement } = serde_json::from_str(text)?;
            Some(Event::CriterionJudged { step, attempt, judgement })
        }
        _ => Some(serde_json::from_str(text)?),
    })
}

/// [`Event::CriterionJudged`], of which a journal has many, read without a look for its type.
#[derive(Deserialize)]
struct Judged {
    step: StepId,
    attempt: Attempt,
    judgement: Judgement,
}

/// [`Event::ActionStarted`] without what [`RunState::thin`] lets go of.
#[derive(Deserialize)]
struct Started {
    step: StepId,
    attempt: Attempt,
    action: ActionId,
    kind: String,
    description: String,
}

/// [`Event::ActionFinished`] without its evidence.
#[derive(Deserialize)]
struct Finished {
    step: StepId,
    attempt: Attempt,
    action: ActionId,
    result: Ended,
}

/// [`ActionResult`] without its evidence.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Ended {
    Done(IgnoredAny),
    Failed { cause: Cause, message: String },
}

/// What was kept, where it is of this journal and of this code.
fn load(run: &RunDir) -> Option<(Mark, u64, RunState)> {
    let text = fs::read_to_string(run.kept_state()).ok()?;
    let (head, state) = text.split_once('\n')?;
    let head: Head = serde_json::from_str(head).ok()?;
    if head.code != code() || head.sha256 != fingerprint::of_bytes(state) {
        return None;
    }
    journal::stands(&run.journal(), &head.mark, head.line).then_some(())?;
    Some((head.mark, head.line, serde_json::from_str(state).ok()?))
}

fn keep(path: &Path, mark: &Mark, line: u64, state: &RunState) -> std::io::Result<()> {
    let mut thin = state.clone();
    thin.thin();
    let state = serde_json::to_string(&thin)?;
    let head = Head { code: code(), sha256: fingerprint::of_bytes(&state), mark: mark.clone(), line };
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file =
        tempfile::Builder::new().prefix("journal.state.").suffix(".partial").tempfile_in(folder)?;
    write!(file, "{}\n{state}", serde_json::to_string(&head)?)?;
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}

/// What the state depends on besides the journal: whoever changes the fold makes what was kept worthless.
fn code() -> String {
    let sources = [
        include_str!("../record/state.rs"),
        include_str!("../record/event.rs"),
        include_str!("../record/note.rs"),
    ];
    fingerprint::of_bytes(sources.concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        record::{
            RunId,
            event::{Note, NoteKind},
        },
        store::Journal,
    };

    #[test]
    fn what_is_left_out_is_what_a_thinned_state_has_not() {
        let canned = include_str!("../../tests/journals/v1.jsonl");
        let (mut whole, mut state) = (RunState::default(), RunState::default());
        for line in canned.lines() {
            let record: Record = serde_json::from_str(line).unwrap();
            let text = line.split_once("\"event\":").unwrap().1;
            let text = text.rsplit_once(",\"prev\":").unwrap().0;
            whole.apply(&record);
            take(&mut state, record.seq, record.at, brief(text).unwrap());
            let (mut a, mut b) = (whole.clone(), state.clone());
            a.thin();
            b.thin();
            assert_eq!(a, b, "record {}", record.seq);
        }
    }

    fn events(count: u64) -> Vec<Event> {
        let note =
            |n| Note { step: Some(StepId(0)), ..Note::new(NoteKind::Risk, "ada", format!("note {n}")) };
        (0..count).map(|n| Event::NoteAdded(note(n))).collect()
    }

    fn run(folder: &Path) -> RunDir {
        RunDir { run: RunId::from("r"), path: folder.to_owned() }
    }

    #[test]
    fn what_is_kept_is_used_checked_and_disposable() {
        let folder = tempfile::tempdir().unwrap();
        let run = run(folder.path());
        let mut journal = Journal::create(&run.journal()).unwrap();
        journal.append(Timestamp::now(), events(100)).unwrap();
        assert_eq!(read(&run).unwrap().last.unwrap().0, 100);
        assert!(!run.kept_state().exists(), "a short journal is read whole");
        journal.append(Timestamp::now(), events(WORTH_KEEPING)).unwrap();
        let whole = read(&run).unwrap();
        let kept = fs::read(run.kept_state()).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        journal.append(Timestamp::now(), events(1)).unwrap();
        assert_eq!(read(&run).unwrap().last.unwrap().0, whole.last.unwrap().0 + 1);
        // Damage far before the end is not seen from what is kept, and is without it.
        let text = fs::read_to_string(run.journal()).unwrap();
        fs::write(run.journal(), text.replacen("note 7\"", "note 8\"", 1)).unwrap();
        assert_eq!(read(&run).unwrap().last.unwrap().0, whole.last.unwrap().0 + 1);
        fs::remove_file(run.kept_state()).unwrap();
        assert!(read(&run).is_err());
        fs::write(run.journal(), &text).unwrap();
        for at in (0..kept.len()).step_by(7) {
            let mut bad = kept.clone();
            bad[at] ^= 1;
            fs::write(run.kept_state(), &bad).unwrap();
            let loaded = load(&run).map(|(mark, line, state)| (mark.seq, line > 9, state.last));
            assert!(loaded.is_none(), "byte {at}: {loaded:?}");
        }
        fs::write(run.kept_state(), &kept[..kept.len() / 2]).unwrap();
        assert_eq!(read(&run).unwrap().last.unwrap().0, whole.last.unwrap().0 + 1);
        assert!(load(&run).is_some(), "a wrong one is written anew");
    }

    #[test]
    fn what_was_kept_of_another_journal_is_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let run = run(folder.path());
        let write = |count| {
            let _ = fs::remove_file(run.journal());
            Journal::create(&run.journal()).unwrap().append(Timestamp::now(), events(count)).unwrap();
        };
        write(WORTH_KEEPING);
        read(&run).unwrap();
        for other in [WORTH_KEEPING, 10] {
            write(other);
            assert!(load(&run).is_none());
            assert_eq!(read(&run).unwrap().last.unwrap().0, other);
        }
    }
}
