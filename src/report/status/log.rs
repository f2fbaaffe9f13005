//! The journal in words: one sentence for each record. A new event does not compile without its sentence.

use super::{outcome_code, sides};
use crate::{
    record::{
        ActionId, Attempt, Event, Evidence, Record, RunState, StepId, Value,
        event::{ActionResult, Answer, Judgement, NoteKind},
    },
    report::language::Language,
    support::text::{bytes, one_line, plural},
};

/// The language of the command line; a report has others.
const LANGUAGE: Language = Language::En;

/// How many figures of an action are worth a place in its sentence.
const FIGURES: usize = 3;

/// What a record says, on one line; `state` is the state with it.
pub fn sentence(record: &Record, state: &RunState) -> String {
    let event = &record.event;
    let place = match (event.step(), event.attempt()) {
        (Some(step), Some(attempt)) => format!("step {step} attempt {attempt}: "),
        (Some(step), None) => format!("step {step}: "),
        (None, _) => String::new(),
    };
    one_line(&format!("{place}{}", told(record, state)))
}

fn told(record: &Record, state: &RunState) -> String {
    let after = |from: Option<jiff::Timestamp>| {
        from.map(|from| format!(" after {}", LANGUAGE.between(from, record.at))).unwrap_or_default()
    };
    match &record.event {
        Event::ActionFinished { step, attempt, action, result } => {
            let status = find(state, *step, *attempt).and_then(|a| a.action(action));
            let (kind, took) = match status {
                Some(status) => (
                    format!("{} ", status.kind),
                    format!(" in {}", LANGUAGE.between(status.started, record.at)),
                ),
                None => Default::default(),
            };
            match result {
                ActionResult::Done(evidence) => {
                    format!("{kind}{action} finished{took}{}", figures(state, *step, action, evidence))
                }
                ActionResult::Failed { message, .. } => format!("{kind}{action} failed{took}: {message}"),
            }
        }
        Event::ActionKept { action, from, .. } => format!("{action} is kept from attempt {from}"),
        Event::ActionPassedOver { action, reason, .. } => format!("{action} is passed over: {reason}"),
        Event::ActionRetried { action, tried, reason, .. } => {
            format!("try {tried} of {action} failed, and there is another: {reason}")
        }
        Event::ActionStarted { action, kind, description, undo, .. } => {
            let undo = undo.as_ref().map(|u| format!("; {} takes it back", u.kind)).unwrap_or_default();
            format!("{kind} {action} starts: {description}{undo}")
        }
        Event::ActionUndone { action, failure: None, .. } => format!("what {action} changed is taken back"),
        Event::ActionUndone { action, failure: Some(why), .. } => {
            format!("what {action} changed is NOT TAKEN BACK: {why}")
        }
        Event::AnswerGiven { action, answer, .. } => {
            format!("{} answers the question of {action}: {}{}", answer.by, yes(answer), comment(answer))
        }
        Event::ApprovalGiven { answer, .. } => {
            let word = if answer.yes { "approved" } else { "refused" };
            format!("{word} by {}{}", answer.by, comment(answer))
        }
        Event::ApprovalRequested { approve, .. } => {
            format!("waits for {}: {}", approve.role, approve.question)
        }
        Event::ArtifactStored { artifact, .. } => {
            let hash: String = artifact.sha256.chars().take(12).collect();
            format!("{} is stored, {}, sha256 {hash}…", artifact.path, bytes(artifact.bytes))
        }
        Event::CriterionJudged { judgement, .. } => judged(judgement),
        Event::CriterionPassedOver { text, reason, .. } => format!("not judged: {text}: {reason}"),
        Event::ImportAdded(import) => format!(
            "{} imported {} of {} as {}: {}",
            import.by,
            import.file,
            import.day,
            import.id,
            plural(import.scenarios.len(), "scenario")
        ),
        Event::ImportWithdrawn(w) => {
            format!("the import {} is withdrawn by {}: {}", w.import, w.by, w.reason)
        }
        Event::NoteAdded(note) => format!("{} noted by {}: {}", sort(note.kind), note.by, note.text),
        Event::QuestionAsked { action, question, .. } => format!("{action} waits for an answer: {question}"),
        Event::RunFinished { outcome } => format!("the run ended: {}", outcome_code(Some(*outcome))),
        Event::RunResumed { jalon, operator, .. } => {
            format!("the run goes on, resumed by {operator} with jalon {jalon}")
        }
        Event::RunStarted(header) => {
            let plan = &header.plan;
            let of = format!("{} on {}, profile {}", plan.campaign, plan.environment, plan.profile);
            let narrowed = header.selection.as_ref().map(|s| format!(", {s}")).unwrap_or_default();
            format!(
                "run {} begins: {of}{narrowed}, started by {} with jalon {}",
                header.run, header.operator, header.jalon
            )
        }
        Event::SnapshotTaken { artifacts, remarks } => {
            let remarks: String = remarks.iter().map(|r| format!("; {r}")).collect();
            format!(
                "the configuration of the platform is kept in {}{remarks}",
                plural(artifacts.len(), "file")
            )
        }
        Event::StepFinished { step, attempt, verdict, reason } => {
            let took = after(find(state, *step, *attempt).map(|a| a.started));
            format!("{}{took}: {reason}", LANGUAGE.verdict(*verdict))
        }
        Event::StepNotApplicable { reason, .. } => format!("does not apply: {reason}"),
        Event::StepReset { reason, .. } => format!("set back: {reason}"),
        Event::StepSkipped { by, reason, .. } => format!("passed over by {by}: {reason}"),
        Event::StepStarted { step, .. } => {
            let title = state.steps.get(step).map(|s| s.outline.title.get(LANGUAGE.code()));
            format!("begins: {}", title.unwrap_or_default())
        }
        Event::StepWaived { by, reason, until, .. } => {
            let until = until.map(|at| format!(" until {at}")).unwrap_or_default();
            format!("waived by {by}{until}: {reason}")
        }
        Event::WatchFinished { step, watch, kind, evidence, .. } => {
            format!("watch {watch} ({kind}) ended{}", figures(state, *step, watch, evidence))
        }
        Event::WatchKept { watch, from, .. } => format!("watch {watch} is kept from attempt {from}"),
    }
}

fn find(state: &RunState, step: StepId, attempt: Attempt) -> Option<&crate::record::state::AttemptStatus> {
    state.steps.get(&step)?.attempts.iter().rev().find(|a| a.attempt == attempt)
}

/// The figures that the step's criteria ask for; else the first numbers that there are.
fn figures(state: &RunState, step: StepId, action: &ActionId, evidence: &Evidence) -> String {
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
        chosen.iter().map(|(name, m)| format!("{name} {}", LANGUAGE.value(&m.value))).collect();
    if shown.is_empty() { String::new() } else { format!(": {}", shown.join(", ")) }
}

fn judged(judgement: &Judgement) -> String {
    let seen = match sides(LANGUAGE, judgement) {
        [Some(observed), Some(limit)] => format!(": observed {observed}, limit {limit}"),
        _ => format!(": {}", judgement.reason),
    };
    format!("{}: {}{seen}", LANGUAGE.verdict(judgement.verdict), judgement.text)
}

fn yes(answer: &Answer) -> &'static str {
    if answer.yes { "yes" } else { "no" }
}

fn comment(answer: &Answer) -> String {
    if answer.comment.is_empty() { String::new() } else { format!(": {}", answer.comment) }
}

fn sort(kind: NoteKind) -> &'static str {
    match kind {
        NoteKind::Action => "something to do",
        NoteKind::Dashboard => "work on dashboards",
        NoteKind::Decision => "a decision",
        NoteKind::Hypothesis => "a hypothesis",
        NoteKind::Observation => "an observation",
        NoteKind::Risk => "a risk",
        NoteKind::Security => "work on security",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journal_reads_as_sentences() {
        let canned = include_str!("../../../tests/journals/v1.jsonl");
        let mut state = RunState::default();
        let mut lines = Vec::new();
        for line in canned.lines() {
            let record: Record = serde_json::from_str(line).unwrap();
            state.apply(&record);
            lines.push(format!("#{} {}", record.seq, sentence(&record, &state)));
        }
        insta::assert_snapshot!(lines.join("\n"));
    }
}
