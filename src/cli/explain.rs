//! What a resumed run keeps and what it does again, as text of 80 columns and as JSON.

use crate::{
    engine::resume::{
        ActionDecision, ActionReason, Decisions, EffectAgain, Fate, InDoubt, Reason, StepDecision,
    },
    plan::Plan,
    record::{Attempt, Localized, RunId, StepId, StepState},
    report::wrap,
    support::text,
};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

const WIDTH: usize = 80;
/// So many lines of a difference are shown; `--json` has all.
const DIFF_LINES: usize = 40;

/// One line a step, for a person who goes on at once; actions only where some of a step are kept.
pub(super) fn short(decisions: &Decisions) -> String {
    let mut out = String::new();
    for decision in decisions.values() {
        out.push_str(&step_line(decision));
        if decision.fate == Fate::Runs && decision.actions.iter().any(|a| a.kept.is_some()) {
            out.push_str(&actions(decision));
        }
    }
    out + &effects(decisions)
}

/// Everything: what changed line by line, and every action.
pub(super) fn full(run: &RunId, decisions: &Decisions) -> String {
    let count = |fate: Fate| decisions.values().filter(|d| d.fate == fate).count();
    let mut parts = vec![format!("{} kept", text::plural(count(Fate::Kept), "step"))];
    for (number, what) in [
        (count(Fate::JudgedAgain), "judged again"),
        (count(Fate::RunsAgain), "done again"),
        (count(Fate::Runs), "to run"),
    ] {
        if number > 0 {
            parts.push(format!("{number} {what}"));
        }
    }
    let mut out = format!("run {run}: {}\n", parts.join(", "));
    let mut shown = BTreeSet::new();
    for decision in decisions.values() {
        out.push_str(&step_line(decision));
        for reason in &decision.why {
            out.push_str(&difference(reason, &mut shown));
        }
        if decision.fate != Fate::Kept {
            out.push_str(&actions(decision));
        }
    }
    out + &effects(decisions)
}

/// What comes again of what an earlier attempt did to the platform.
fn effects(decisions: &Decisions) -> String {
    let listed = |wanted: EffectAgain| {
        let of = |d: &StepDecision| {
            let again = d.actions.iter().filter(|a| a.effect == Some(wanted));
            again.map(|a| format!("`{}` of step {}", a.action, d.step)).collect::<Vec<_>>()
        };
        decisions.values().flat_map(of).collect::<Vec<_>>().join(", ")
    };
    let (asked, repeated) = (listed(EffectAgain::Asked), listed(EffectAgain::Repeated));
    let mut out = String::new();
    if !repeated.is_empty() {
        out.push_str(&hanging("done to the platform once more: ", &repeated, 2));
    }
    if !asked.is_empty() {
        out.push_str(&hanging("once more only if an operator says so: ", &asked, 2));
    }
    out
}

/// Everything, as `--explain --json` prints it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Explained<'a> {
    /// The run.
    run: &'a RunId,
    /// Every step of the plan.
    steps: Vec<ExplainedStep<'a>>,
}

/// What happens to one step, why, and what that means for each of its actions.
#[derive(Serialize, JsonSchema)]
struct ExplainedStep<'a> {
    /// Its number.
    step: StepId,
    /// Where it stands.
    state: StepState,
    /// What happens.
    fate: Fate,
    /// Why.
    why: &'a [Reason],
    /// The attempt that it rests on, where there is one.
    attempt: Option<Attempt>,
    /// Its actions, where an earlier attempt had begun.
    actions: Vec<ExplainedAction<'a>>,
    /// Its title, by language.
    title: Option<&'a Localized>,
    /// The reasons in one sentence.
    sentence: String,
}

/// What happens to one action.
#[derive(Serialize, JsonSchema)]
struct ExplainedAction<'a> {
    /// What, and why.
    #[serde(flatten)]
    decision: &'a ActionDecision,
    /// The reason in a sentence.
    sentence: String,
}

impl<'a> Explained<'a> {
    /// What `decisions` say of a run of `plan`.
    pub(super) fn of(run: &'a RunId, decisions: &'a Decisions, plan: &'a Plan) -> Self {
        let action =
            |decision: &'a ActionDecision| ExplainedAction { decision, sentence: decision.why.to_string() };
        let step = |decision: &'a StepDecision| ExplainedStep {
            step: decision.step,
            state: decision.state,
            fate: decision.fate,
            why: &decision.why,
            attempt: decision.attempt,
            actions: decision.actions.iter().map(action).collect(),
            title: plan.graph.step(decision.step).map(|s| &s.title),
            sentence: decision.sentence().into(),
        };
        Self { run, steps: decisions.values().map(step).collect() }
    }
}

fn step_line(decision: &StepDecision) -> String {
    let word = match decision.fate {
        Fate::JudgedAgain => "judged again",
        Fate::Kept => "kept",
        Fate::Runs => "runs",
        Fate::RunsAgain => "runs again",
    };
    hanging(&format!("step {:>2}  {word}: ", decision.step), &decision.sentence(), 9)
}

/// `head` and `text` in lines, those behind the first one indented.
pub(super) fn hanging(head: &str, text: &str, indent: usize) -> String {
    let room = WIDTH.saturating_sub(head.len());
    let (first, rest) = match text.char_indices().nth(room) {
        None => (text, ""),
        Some((at, _)) => match text[..at].rfind(' ') {
            Some(blank) => (&text[..blank], &text[blank + 1..]),
            None => ("", text),
        },
    };
    let rest = if rest.is_empty() { String::new() } else { wrap(rest, WIDTH, indent) };
    format!("{}\n{rest}", format!("{head}{first}").trim_end())
}

fn difference(reason: &Reason, shown: &mut BTreeSet<(String, String)>) -> String {
    let Some((file, diff)) = reason.diff() else { return String::new() };
    let Some(diff) = diff else {
        return format!("         {file}: the earlier text is not kept\n");
    };
    if !shown.insert((file.to_owned(), diff.to_owned())) {
        return format!("         {file}: as above\n");
    }
    let mut out = format!("         {file}\n");
    let lines: Vec<&str> = diff.lines().collect();
    let (added, removed) = (anstyle::AnsiColor::Green.on_default(), anstyle::AnsiColor::Red.on_default());
    for line in lines.iter().take(DIFF_LINES) {
        let style = match line.chars().next() {
            Some('+') => added,
            Some('-') => removed,
            _ => anstyle::Style::new(),
        };
        // A long line goes on in the next ones: what changed may stand at its end.
        let line: Vec<char> = text::one_line(line).chars().collect();
        for (index, piece) in line.chunks(WIDTH - 11).enumerate() {
            let bar = if index == 0 { '|' } else { ':' };
            out.push_str(&format!("         {bar} {style}{}{style:#}\n", piece.iter().collect::<String>()));
        }
    }
    if lines.len() > DIFF_LINES {
        let more = text::plural(lines.len() - DIFF_LINES, "more line");
        out.push_str(&format!("         | … {more}; `--json` has all\n"));
    }
    out
}

fn actions(decision: &StepDecision) -> String {
    let mut out = String::new();
    for action in &decision.actions {
        let head = match action.kept {
            Some(attempt) => format!("         {:<14} kept from attempt {attempt}: ", action.action),
            None => format!("         {:<14} {}: ", action.action, verb(action)),
        };
        out.push_str(&hanging(&head, &action.why.to_string(), 11));
    }
    out
}

fn verb(action: &ActionDecision) -> &'static str {
    match &action.why {
        ActionReason::NotReached => "runs",
        _ if action.effect == Some(EffectAgain::Asked) => "asks",
        ActionReason::InDoubt { then: InDoubt::Verify } => "verifies",
        _ => "runs again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_sentences_fit_eighty_columns() {
        let text = hanging("step  3  runs again: ", &"a change of something ".repeat(9), 9);
        assert!(text.lines().count() > 1 && text.lines().all(|l| l.chars().count() <= 80), "{text}");
        assert!(text.starts_with("step  3  runs again: a change"), "{text}");
    }
}
