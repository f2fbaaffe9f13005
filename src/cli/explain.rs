//! What a resumed run keeps and what it does again, as text of 80 columns and as JSON.

use crate::{
    engine::resume::{ActionReason, Decisions, Fate, InDoubt, Reason, StepDecision},
    plan::Plan,
    record::RunId,
    report::wrap,
    support::text,
};
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
    out
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
    out
}

/// Everything, for a script.
pub(super) fn json(run: &RunId, decisions: &Decisions, plan: &Plan) -> serde_json::Value {
    let steps: Vec<serde_json::Value> = decisions
        .values()
        .map(|decision| {
            let mut step = serde_json::json!(decision);
            step["title"] = serde_json::json!(plan.graph.step(decision.step).map(|s| &s.title));
            step["sentence"] = decision.sentence().as_str().into();
            for (shown, action) in step["actions"].as_array_mut().into_iter().flatten().zip(&decision.actions)
            {
                shown["sentence"] = action.why.to_string().into();
            }
            step
        })
        .collect();
    serde_json::json!({ "run": run, "steps": steps })
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
            None => format!("         {:<14} {}: ", action.action, verb(&action.why)),
        };
        out.push_str(&hanging(&head, &action.why.to_string(), 11));
    }
    out
}

fn verb(why: &ActionReason) -> &'static str {
    match why {
        ActionReason::NotReached => "runs",
        ActionReason::InDoubt { then: InDoubt::Ask } => "asks",
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
