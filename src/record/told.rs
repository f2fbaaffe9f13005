//! One sentence for each event, in every language: the console, `jalon log` and the report say an event in the same
//! words. A new event does not compile without its sentence.

use super::{
    ActionId, Attempt, Event, Evidence, Language, Record, RunState, Said, Speaks, StepId, StepState, Value,
    Verdict, decimals_of_pair,
    event::{ActionResult, Answer, Judgement, NoteKind, Outcome},
    messages,
    state::AttemptStatus,
};
use crate::support::text::{cut, one_line};

/// How many figures of an action are worth a place in its sentence.
const FIGURES: usize = 3;
/// Columns of a text that was observed; the record has all of it.
const LONGEST_SIDE: usize = 200;

/// What a record says, with the step and the attempt that it is about; `state` is the state with it.
pub fn told(record: &Record, state: &RunState, language: Language) -> String {
    let colon = language.colon();
    let said = sentence(record, state, language);
    let told = match (record.event.step(), record.event.attempt()) {
        (Some(step), Some(attempt)) => {
            format!("{}{colon}{said}", place(step.0, attempt.0).in_language(language))
        }
        (Some(step), None) => format!("{}{colon}{said}", step_is(step.0).in_language(language)),
        (None, _) => said,
    };
    one_line(&told)
}

/// What a record says of its action, its step or its run.
fn sentence(record: &Record, state: &RunState, language: Language) -> String {
    let say = |said: Said| said.in_language(language).into_owned();
    let of = |subject: &ActionId, said: Said| {
        format!("{subject}{}{}", language.colon(), said.in_language(language))
    };
    let lasted = |from: jiff::Timestamp| {
        record.at.duration_since(from).try_into().unwrap_or(std::time::Duration::ZERO)
    };
    match &record.event {
        Event::ActionFinished { step, attempt, action, result } => {
            let status = find(state, *step, *attempt).and_then(|a| a.action(action));
            let kind = status.map(|s| s.kind.clone()).unwrap_or_default();
            let took = lasted(status.map_or(record.at, |s| s.started));
            match result {
                ActionResult::Done(evidence) => {
                    let figures = figures(state, *step, action, evidence, language);
                    say(action_finished(kind, action.as_str(), took)) + &figures
                }
                ActionResult::Failed { message, .. } => {
                    say(action_failed(kind, action.as_str(), took, message))
                }
            }
        }
        Event::ActionKept { action, from, .. } => of(action, kept_from(from.0)),
        Event::ActionPassedOver { action, reason, .. } => of(action, passed_over(reason)),
        Event::ActionRetried { action, tried, reason, .. } => of(action, try_failed(*tried, reason)),
        Event::ActionStarted { action, kind, description, undo, .. } => {
            let starts = action_starts(kind, action.as_str(), description);
            let undo = undo.as_ref().map(|undo| taken_back_by(&undo.kind));
            say(Said::all([starts].into_iter().chain(undo)))
        }
        Event::ActionUndone { action, failure, .. } => {
            of(action, failure.as_ref().map_or_else(undone, not_undone))
        }
        Event::AnswerGiven { action, answer, .. } => {
            say(answered(&answer.by, action.as_str(), if answer.yes { yes() } else { no() }))
                + &comment(answer, language)
        }
        Event::ApprovalGiven { answer, .. } => {
            let given = if answer.yes { approved(&answer.by) } else { refused(&answer.by) };
            say(given) + &comment(answer, language)
        }
        Event::ApprovalRequested { approve, .. } => say(waits_for(&approve.role, &approve.question)),
        Event::ArtifactStored { artifact, .. } => {
            let hash: String = artifact.sha256.chars().take(12).collect();
            say(stored(&artifact.path, super::Arg::bytes(artifact.bytes), hash))
        }
        Event::CriterionJudged { judgement, .. } => {
            let seen = match judgement.sides(language) {
                [Some(observed), Some(limit)] => observed_and_limit(observed, limit),
                _ => judgement.reason.clone(),
            };
            [language.verdict(judgement.verdict), &judgement.text, &seen.in_language(language)]
                .join(language.colon())
        }
        Event::CriterionPassedOver { text, reason, .. } => {
            [&*not_judged().in_language(language), text, &reason.in_language(language)].join(language.colon())
        }
        Event::DecisionSigned { record, envelope, .. } => say(decision_signed(
            *record,
            super::Arg::list(
                envelope.signatures.iter().map(|s| s.keyid.chars().take(16).collect::<String>()),
            ),
        )),
        Event::ImportAdded(import) => {
            let day = language.day(import.day);
            say(imported(&import.by, &import.file, day, &import.id, import.scenarios.len()))
        }
        Event::ImportWithdrawn(w) => say(import_withdrawn(&w.import, &w.by, &w.reason)),
        Event::NoteAdded(note) => say(noted(sort(note.kind), &note.by, &note.text)),
        Event::NoticeSent { record, to, failure: None, .. } => say(notice_sent(*record, to)),
        Event::NoticeSent { record, to, tries, failure: Some(why) } => {
            say(notice_not_sent(*record, to, *tries, why))
        }
        Event::QuestionAsked { action, question, .. } => of(action, waits_for_answer(question)),
        Event::RunFinished { outcome } => say(run_ended(language.outcome(Some(*outcome)))),
        Event::RunResumed { jalon, operator, .. } => say(run_resumed(operator, jalon)),
        Event::RunStarted(header) => {
            let plan = &header.plan;
            let selection = header.selection.as_ref().map(|s| format!(", {s}")).unwrap_or_default();
            let of = [&plan.campaign, &plan.environment, &plan.profile];
            say(run_started(
                header.run.as_str(),
                of[0],
                of[1],
                of[2],
                selection,
                &header.operator,
                &header.jalon,
            ))
        }
        Event::SnapshotTaken { artifacts, remarks } => {
            let all = [snapshot(artifacts.len())].into_iter().chain(remarks.iter().cloned());
            say(Said::all(all))
        }
        Event::StepFinished { step, attempt, verdict, reason } => {
            let began = find(state, *step, *attempt).map(|a| a.started);
            let verdict = match began {
                Some(began) => say(ended_after(language.verdict(*verdict), lasted(began))),
                None => language.verdict(*verdict).to_owned(),
            };
            format!("{verdict}{}{}", language.colon(), reason.in_language(language))
        }
        Event::StepNotApplicable { reason, .. } => say(does_not_apply(reason)),
        Event::StepReset { reason, .. } => say(set_back(reason)),
        Event::StepSkipped { by, reason, .. } => say(skipped(by, reason)),
        Event::StepStarted { step, .. } => {
            let title = state.steps.get(step).map(|s| s.outline.title.get(language.code()));
            say(step_begins(title.unwrap_or_default()))
        }
        Event::StepWaived { by, reason, until, .. } => match until {
            Some(until) => say(waived_until(by, until.to_string(), reason)),
            None => say(waived(by, reason)),
        },
        Event::WatchFinished { step, watch, kind, evidence, .. } => {
            say(watch_ended(watch.as_str(), kind)) + &figures(state, *step, watch, evidence, language)
        }
        Event::WatchKept { watch, from, .. } => of(watch, kept_from(from.0)),
    }
}

fn find(state: &RunState, step: StepId, attempt: Attempt) -> Option<&AttemptStatus> {
    state.steps.get(&step)?.attempts.iter().rev().find(|a| a.attempt == attempt)
}

/// The figures that the step's criteria ask for; else the first numbers that there are.
fn figures(
    state: &RunState,
    step: StepId,
    action: &ActionId,
    evidence: &Evidence,
    language: Language,
) -> String {
    let criteria = state.steps.get(&step).map(|s| s.outline.criteria.as_slice()).unwrap_or_default();
    let asked = |name: &str| {
        let full = format!("{action}.{name}");
        let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
        criteria.iter().any(|c| c.text.match_indices(&full).any(|(at, _)| ends(&c.text[at + full.len()..])))
    };
    let numbers = || evidence.values.iter().filter(|(_, m)| matches!(m.value, Value::Number(..)));
    let mut chosen: Vec<_> = numbers().filter(|(name, _)| asked(name.as_str())).take(FIGURES).collect();
    if chosen.is_empty() {
        chosen = numbers().take(FIGURES).collect();
    }
    let shown: Vec<String> =
        chosen.iter().map(|(name, m)| format!("{name} {}", language.value(&m.value))).collect();
    if shown.is_empty() { String::new() } else { format!("{}{}", language.colon(), shown.join(", ")) }
}

/// What became of a snapshot with so many files.
pub(crate) fn snapshot(files: usize) -> Said {
    if files == 0 { snapshot_failed() } else { snapshot_kept(files) }
}

fn comment(answer: &Answer, language: Language) -> String {
    if answer.comment.is_empty() { String::new() } else { format!("{}{}", language.colon(), answer.comment) }
}

fn sort(kind: NoteKind) -> Said {
    match kind {
        NoteKind::Action => an_action(),
        NoteKind::Dashboard => dashboards(),
        NoteKind::Decision => a_decision(),
        NoteKind::Hypothesis => a_hypothesis(),
        NoteKind::Observation => an_observation(),
        NoteKind::Risk => a_risk(),
        NoteKind::Security => security(),
    }
}

impl Judgement {
    /// What was observed and its limit as texts, in the order that their exact values have; a captured text may be long
    /// and is cut.
    pub fn sides(&self, language: Language) -> [Option<String>; 2] {
        let values = [&self.observed, &self.limit].map(|side| side.as_ref().map(|o| &o.value));
        let decimals = match values.map(|v| v.and_then(Value::as_f64)) {
            [Some(a), Some(b)] => decimals_of_pair(a, b),
            _ => (0, 0),
        };
        let shown = |value: Option<&Value>, decimals| {
            value.map(|v| cut(&language.value_with(v, decimals), LONGEST_SIDE))
        };
        [shown(values[0], decimals.0), shown(values[1], decimals.1)]
    }
}

impl Language {
    /// The word of a step's state.
    pub fn state(self, state: StepState) -> &'static str {
        state.said().fixed(self).unwrap_or(state.word())
    }

    /// The word of a verdict.
    pub fn verdict(self, verdict: Verdict) -> &'static str {
        match self {
            Self::En => verdict.word(),
            Self::Fr => verdict.said().fixed(self).unwrap_or(verdict.word()),
        }
    }

    /// The word of a run's outcome; `None` is a run that goes on.
    pub fn outcome(self, outcome: Option<Outcome>) -> &'static str {
        let [english, french] = match outcome {
            None => ["running", "en cours"],
            Some(Outcome::Passed) => ["passed", "réussie"],
            Some(Outcome::PassedWithExceptions) => ["passed with exceptions", "réussie avec exceptions"],
            Some(Outcome::Failed) => ["failed", "échouée"],
            Some(Outcome::Inconclusive) => ["inconclusive", "non concluante"],
            Some(Outcome::Error) => ["error", "erreur"],
            Some(Outcome::Unreachable) => ["service unavailable", "service indisponible"],
            Some(Outcome::Waiting) => ["waiting for a person", "en attente d'une personne"],
            Some(Outcome::Interrupted) => ["interrupted", "interrompue"],
        };
        match self {
            Self::En => english,
            Self::Fr => french,
        }
    }
}

messages! {
    area "told";
    a_decision() => "a decision" / "une décision";
    a_hypothesis() => "a hypothesis" / "une hypothèse";
    a_risk() => "a risk" / "un risque";
    action_failed(kind, action, took, why) => "{kind} {action} failed in {took}: {why}" / "{kind} {action} en échec après {took} : {why}";
    action_finished(kind, action, took) => "{kind} {action} finished in {took}" / "{kind} {action} terminée en {took}";
    action_starts(kind, action, what) => "{kind} {action} started: {what}" / "{kind} {action} démarre : {what}";
    an_action() => "something to do" / "une action à mener";
    an_observation() => "an observation" / "une observation";
    attempt_is(attempt) => "attempt {attempt}" / "tentative {attempt}";
    answered(by, action, answer) => "{by} answers the question of {action}: {answer}" / "{by} répond à la question de {action} : {answer}";
    approved(by) => "approved by {by}" / "approuvée par {by}";
    dashboards() => "work on dashboards" / "un travail sur les tableaux de bord";
    does_not_apply(reason) => "does not apply: {reason}" / "sans objet : {reason}";
    decision_signed(record, keys) => "record {record} signed with key {keys}" / "enregistrement {record} signé avec la clé {keys}";
    ended_after(verdict, took) => "{verdict} after {took}" / "{verdict} après {took}";
    import_withdrawn(import, by, reason) => "import {import} withdrawn by {by}: {reason}" / "l'import {import} est retiré par {by} : {reason}";
    imported(by, file, day, id, scenarios) => "{by} imported {file} of {day} as {id}: {scenarios} {scenarios|scenario|scenarios}" / "{by} a importé {file} du {day} sous {id} : {scenarios} {scenarios|scénario|scénarios}";
    kept_from(attempt) => "kept from attempt {attempt}" / "repris de la tentative {attempt}";
    no() => "no" / "non";
    not_judged() => "not judged" / "non jugé";
    not_undone(why) => "NOT TAKEN BACK: {why}" / "NON ANNULÉ : {why}";
    notice_not_sent(record, to, tries, why) => "{to} could not be told of record {record}, tried {tries} {tries|time|times}: {why}" / "{to} n'a pas pu être averti de l'enregistrement {record} ({tries} {tries|essai|essais}) : {why}";
    notice_sent(record, to) => "{to} was told of record {record}" / "{to} a été averti de l'enregistrement {record}";
    noted(sort, by, text) => "{sort} noted by {by}: {text}" / "{sort}, note de {by} : {text}";
    observed_and_limit(observed, limit) => "observed {observed}, limit {limit}" / "constaté {observed}, limite {limit}";
    passed_over(reason) => "skipped: {reason}" / "sautée : {reason}";
    refused(by) => "refused by {by}" / "refusée par {by}";
    remark(text) => "note: {text}" / "remarque : {text}";
    place(step, attempt) => "step {step} attempt {attempt}" / "étape {step}, tentative {attempt}";
    run_ended(outcome) => "the run ended: {outcome}" / "fin de l'exécution : {outcome}";
    run_resumed(operator, version) => "run resumed by {operator} with jalon {version}" / "l'exécution continue, reprise par {operator} avec jalon {version}";
    run_started(run, campaign, environment, profile, selection, operator, version) => "run {run} started: {campaign} on {environment}, profile {profile}{selection}, by {operator} with jalon {version}" / "l'exécution {run} commence : {campaign} sur {environment}, profil {profile}{selection}, lancée par {operator} avec jalon {version}";
    security() => "work on security" / "un travail de sécurité";
    set_back(reason) => "reset: {reason}" / "à refaire : {reason}";
    skipped(by, reason) => "skipped by {by}: {reason}" / "sautée par {by} : {reason}";
    snapshot_failed() => "the configuration of the platform could not be read" / "la configuration de la plateforme n'a pas pu être lue";
    snapshot_kept(files) => "configuration of the platform saved, {files} {files|file|files}" / "configuration de la plateforme enregistrée, {files} {files|fichier|fichiers}";
    step_begins(title) => "started: {title}" / "démarre : {title}";
    step_is(step) => "step {step}" / "étape {step}";
    stored(path, size, hash) => "{path} stored, {size}, sha256 {hash}…" / "{path} enregistré, {size}, sha256 {hash}…";
    taken_back_by(kind) => "undo with {kind}" / "annulation par {kind}";
    try_failed(tried, reason) => "try {tried} failed: {reason}" / "échec de l'essai {tried} : {reason}";
    undone() => "undone" / "annulé";
    waits_for(role, question) => "waits for {role}: {question}" / "attend {role} : {question}";
    waits_for_answer(question) => "waits for an answer: {question}" / "attend une réponse : {question}";
    waived(by, reason) => "waived by {by}: {reason}" / "sous dérogation de {by} : {reason}";
    waived_until(by, until, reason) => "waived by {by} until {until}: {reason}" / "sous dérogation de {by} jusqu'au {until} : {reason}";
    watch_ended(watch, kind) => "watch {watch} ({kind}) ended" / "fin de la surveillance {watch} ({kind})";
    yes() => "yes" / "oui";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Severity, Unit, event::Operand};

    fn canned(language: Language) -> String {
        let canned = include_str!("../../tests/journals/v1.jsonl");
        let mut state = RunState::default();
        let mut lines = Vec::new();
        for line in canned.lines() {
            let record: Record = serde_json::from_str(line).unwrap();
            state.apply(&record);
            lines.push(format!("#{} {}", record.seq, told(&record, &state, language)));
        }
        lines.join("\n")
    }

    #[test]
    fn what_a_verdict_tells_apart_is_not_shown_as_equal() {
        let sides = |a: Value, b: Value, language| {
            let side = |value| Some(Operand { text: String::new(), value });
            let judgement = Judgement {
                index: 0,
                text: String::new(),
                severity: Severity::Critical,
                verdict: Verdict::Fail,
                observed: side(a),
                limit: side(b),
                reason: Said::default(),
            };
            judgement.sides(language).map(Option::unwrap)
        };
        for (a, b) in [
            (99.999_999, 100.0),
            (100.000_001, 100.0),
            (0.999_96, 1.0),
            (0.999_96, 1.000_01),
            (99.996, 99.9961),
            (99.985, 99.989),
            (1e-12, 0.0),
            (123.456, 123.456_000_1),
        ] {
            let [observed, limit] =
                sides(Value::number(a, Unit::None), Value::number(b, Unit::None), Language::En);
            let (shown_a, shown_b): (f64, f64) = (observed.parse().unwrap(), limit.parse().unwrap());
            assert_eq!(shown_a.partial_cmp(&shown_b), a.partial_cmp(&b), "{observed} and {limit}");
        }
        let late = || Value::number(3964.927, Unit::Milliseconds);
        assert_eq!(sides(late(), Value::number(100.0, Unit::None), Language::En), ["3,964.93 ms", "100"]);
        assert_eq!(
            sides(late(), Value::number(100.0, Unit::None), Language::Fr),
            ["3\u{202f}964,93\u{202f}ms", "100"]
        );
    }

    #[test]
    fn the_journal_reads_as_sentences() {
        insta::assert_snapshot!(canned(Language::En));
    }

    #[test]
    fn the_journal_reads_as_french_sentences() {
        insta::assert_snapshot!(canned(Language::Fr));
    }
}
