//! What people decide on the page: the same checks as on the command line, and the same record.

use super::{desk::Desk, hub::Hub};
use crate::{
    engine::decide::{self, Decision},
    record::{
        ActionId, Answer, Event, Language, Said, Speaks, StepId,
        event::{Note, NoteKind},
        messages,
    },
    store::{Recorder, RunDir, lock::LockError, recorder::RecorderError},
    support::redact,
};
use jiff::{Timestamp, Zoned, civil};
use serde::Deserialize;
use std::{
    thread,
    time::{Duration, Instant},
};

/// How long somebody else's few records may take.
const SOON: Duration = Duration::from_secs(5);
/// A look at whether a run lives holds its lock for a moment.
const LOOKED_AT: Duration = Duration::from_millis(500);
/// Characters of a name, and of a reason.
const LONGEST: [usize; 2] = [120, 4000];

/// What is asked for.
#[derive(Debug, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Wish {
    /// An answer to a question that a run in this process asks.
    Answer {
        id: u64,
        yes: bool,
        by: String,
        #[serde(default)]
        comment: String,
    },
    /// A go-ahead, or an answer to an action's question, of a run that has stopped for it.
    Approve {
        run: String,
        step: u32,
        action: Option<String>,
        yes: bool,
        by: String,
        #[serde(default)]
        comment: String,
    },
    /// To leave a step out.
    Skip { run: String, step: u32, by: String, reason: String },
    /// To go on in spite of a verdict.
    Waive { run: String, step: u32, by: String, reason: String, until: Option<String> },
    /// A note.
    Note { run: Option<String>, step: Option<u32>, kind: NoteKind, by: String, text: String },
}

/// Why nothing was written.
#[derive(Debug)]
pub(super) struct Refusal {
    /// Whether trying again later may help.
    pub(super) is_busy: bool,
    /// What is wrong, and what to do.
    pub(super) said: Said,
}

impl From<Said> for Refusal {
    fn from(said: Said) -> Self {
        Self { is_busy: false, said }
    }
}

messages! {
    area "page decision";
    answered() => "answer recorded" / "réponse enregistrée";
    bad_date(text) => "invalid date `{text}`; write it as `2025-12-31`" / "date invalide `{text}` ; l'écrire sous la forme `2025-12-31`";
    is_running(run) => "run {run} is in progress in another process: answer at its terminal, or decide once it has stopped" / "l'exécution {run} est en cours dans un autre processus : répondre à son terminal, ou décider une fois qu'elle s'est arrêtée";
    name_needed() => "enter your name: the record shows who decided" / "saisir votre nom : le journal montre qui a décidé";
    no_run(run) => "run `{run}` not found" / "exécution `{run}` introuvable";
    noted() => "note recorded" / "note enregistrée";
    nothing_asked() => "this question is no longer open" / "cette question n'est plus ouverte";
    recorded(run) => "recorded; continue with `jalon resume --run {run}`" / "noté ; continuer avec `jalon resume --run {run}`";
    text_needed() => "the text is empty" / "le texte est vide";
    too_long(most) => "the text is longer than {most} characters" / "le texte fait plus de {most} caractères";
}

/// Carries a wish out, on behalf of who holds the token; what was done, in a sentence.
pub(super) fn carry_out(hub: &Hub, wish: Wish, language: Language) -> Result<Said, Refusal> {
    // What is typed is on record for ever: a secret of the plan in it is masked, as everywhere.
    let clean = |text: String| redact::mask(text.trim()).to_string();
    match wish {
        Wish::Answer { id, yes, by, comment } => {
            let answer = Answer { yes, by: name(by)?, comment: bounded(clean(comment))? };
            answer_at(&hub.desk, id, answer)
        }
        Wish::Approve { run, step, action, yes, by, comment } => {
            let answer = Answer { yes, by: name(by)?, comment: bounded(clean(comment))? };
            let action = action.as_deref().map(ActionId::from);
            on_run(hub, &run, step, Decision::Approve { action, answer }, language)
        }
        Wish::Skip { run, step, by, reason } => {
            let decision = Decision::Skip { by: name(by)?, reason: bounded(clean(reason))? };
            on_run(hub, &run, step, decision, language)
        }
        Wish::Waive { run, step, by, reason, until } => {
            let until = until.filter(|until| !until.trim().is_empty());
            let until = until.as_deref().map(moment).transpose()?;
            let decision = Decision::Waive { by: name(by)?, reason: bounded(clean(reason))?, until };
            on_run(hub, &run, step, decision, language)
        }
        Wish::Note { run, step, kind, by, text } => {
            let text = bounded(clean(text))?;
            if text.is_empty() {
                return Err(text_needed().into());
            }
            let mut note = Note::new(kind, name(by)?, Said::verbatim(text));
            if let Some(run) = run {
                note.run = Some(find(hub, &run)?.run);
            }
            note.step = step.map(StepId);
            let mut recorder = open(&hub.runs().notes(), "note", SOON)?;
            recorder.commit([Event::NoteAdded(note)]).map_err(|error| error.said())?;
            Ok(noted())
        }
    }
}

fn answer_at(desk: &Desk, id: u64, answer: Answer) -> Result<Said, Refusal> {
    match desk.answer(id, answer) {
        true => Ok(answered()),
        false => Err(nothing_asked().into()),
    }
}

fn on_run(hub: &Hub, run: &str, step: u32, decision: Decision, language: Language) -> Result<Said, Refusal> {
    let dir = find(hub, run)?;
    let mut recorder = open(&dir, "jalon serve", LOOKED_AT)?;
    let event = decide::decide(recorder.state(), &dir.run, StepId(step), decision, Timestamp::now());
    let event = event.map_err(|refused| {
        let words = [&refused.message, &refused.hint].map(|said| said.in_language(language).into_owned());
        Said::verbatim(words.join(language.semicolon()))
    })?;
    recorder.commit([event]).map_err(|error| error.said())?;
    Ok(recorded(run))
}

fn find(hub: &Hub, run: &str) -> Result<RunDir, Refusal> {
    Ok(hub.run(Some(run)).ok_or_else(|| no_run(run))?.dir.clone())
}

/// Opens what is on record to write to it, waiting so long for another writer.
fn open(dir: &RunDir, what: &str, wait: Duration) -> Result<Recorder, Refusal> {
    let begun = Instant::now();
    loop {
        match Recorder::open(dir, what, false) {
            Ok(opened) => return Ok(opened.recorder),
            Err(RecorderError::Lock(LockError::Held { .. })) if begun.elapsed() < wait => {
                thread::sleep(Duration::from_millis(20));
            }
            Err(RecorderError::Lock(LockError::Held { .. })) => {
                return Err(Refusal { is_busy: true, said: is_running(dir.run.as_str()) });
            }
            Err(RecorderError::Lock(error)) => return Err(error.said().into()),
            Err(RecorderError::Journal(error)) => return Err(error.said().into()),
        }
    }
}

/// The name of a person, as they typed it.
fn name(by: String) -> Result<String, Refusal> {
    let by = by.trim().to_owned();
    match by.chars().count() {
        0 => Err(name_needed().into()),
        long if long > LONGEST[0] => Err(too_long(LONGEST[0]).into()),
        _ => Ok(by),
    }
}

fn bounded(text: String) -> Result<String, Refusal> {
    if text.chars().count() > LONGEST[1] { Err(too_long(LONGEST[1]).into()) } else { Ok(text) }
}

/// The end of a day where this machine is.
fn moment(text: &str) -> Result<Timestamp, Refusal> {
    let end = || {
        let date: civil::Date = text.trim().parse().ok()?;
        let next = date.tomorrow().ok()?.to_zoned(Zoned::now().time_zone().clone()).ok()?;
        Some(next.timestamp())
    };
    end().ok_or_else(|| bad_date(text).into())
}
