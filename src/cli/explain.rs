//! What a resumed run keeps and what it does again, as text of 80 columns and as JSON.

use crate::{
    engine::resume::{
        ActionDecision, ActionReason, Decisions, EffectAgain, Fate, InDoubt, Reason, StepDecision,
    },
    plan::Plan,
    record::{Arg, Attempt, Language, Localized, RunId, Said, Speaks, StepId, StepState, messages, told},
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
pub(super) fn short(decisions: &Decisions, language: Language) -> String {
    let mut out = String::new();
    for decision in decisions.values() {
        out.push_str(&step_line(decision, language));
        if decision.fate == Fate::Runs && decision.actions.iter().any(|a| a.kept.is_some()) {
            out.push_str(&actions(decision, language));
        }
    }
    out + &effects(decisions, language)
}

/// Everything: what changed line by line, and every action.
pub(super) fn full(run: &RunId, decisions: &Decisions, language: Language) -> String {
    let count = |fate: Fate| decisions.values().filter(|d| d.fate == fate).count();
    let parts = [
        (count(Fate::JudgedAgain), n_judged_again as fn(usize) -> Said),
        (count(Fate::RunsAgain), n_again),
        (count(Fate::Runs), n_to_run),
    ];
    let parts = parts.into_iter().filter(|(number, _)| *number > 0).map(|(number, said)| said(number));
    let parts = Arg::list([n_kept(count(Fate::Kept))].into_iter().chain(parts));
    let mut out = format!("{}\n", outcome_of(run.as_str(), parts).in_language(language));
    let mut shown = BTreeSet::new();
    for decision in decisions.values() {
        out.push_str(&step_line(decision, language));
        for reason in &decision.why {
            out.push_str(&difference(reason, &mut shown, language));
        }
        if decision.fate != Fate::Kept {
            out.push_str(&actions(decision, language));
        }
    }
    out + &effects(decisions, language)
}

/// What comes again of what an earlier attempt did to the platform.
fn effects(decisions: &Decisions, language: Language) -> String {
    let listed = |wanted: EffectAgain| {
        let of = |d: &StepDecision| {
            let again = d.actions.iter().filter(|a| a.effect == Some(wanted));
            again.map(|a| action_of(a.action.as_str(), d.step.0)).collect::<Vec<_>>()
        };
        Arg::list(decisions.values().flat_map(of))
    };
    let mut out = String::new();
    for (effect, once_more) in
        [(EffectAgain::Repeated, repeated as fn(Arg) -> Said), (EffectAgain::Asked, only_if_asked)]
    {
        if decisions.values().any(|d| d.actions.iter().any(|a| a.effect == Some(effect))) {
            out.push_str(&hanging("", &once_more(listed(effect)).in_language(language), 2));
        }
    }
    out
}

/// Everything, as `--explain --json` prints it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Explained<'a> {
    /// Name of the run.
    run: &'a RunId,
    /// Every step of the plan.
    steps: Vec<ExplainedStep<'a>>,
}

/// What happens to one step, why, and what that means for each of its actions.
#[derive(Serialize, JsonSchema)]
struct ExplainedStep<'a> {
    /// Number of the step in the plan.
    step: StepId,
    /// State of the step before the run continues.
    state: StepState,
    /// What happens to the step when the run continues.
    fate: Fate,
    /// The reasons, each with its values.
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
    /// Whether it is kept or done again, and why.
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

fn step_line(decision: &StepDecision, language: Language) -> String {
    let word = match decision.fate {
        Fate::JudgedAgain => judged_again(),
        Fate::Kept => kept(),
        Fate::Runs => runs(),
        Fate::RunsAgain => runs_again(),
    };
    let step = told::step_is(format!("{:>2}", decision.step));
    let head = format!("{}  {}{}", step.in_language(language), word.in_language(language), language.colon());
    hanging(&head, &decision.sentence().in_language(language), 9)
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

fn difference(reason: &Reason, shown: &mut BTreeSet<(String, String)>, language: Language) -> String {
    let Some((file, diff)) = reason.diff() else { return String::new() };
    let Some(diff) = diff else {
        return format!("         {}\n", not_kept(file).in_language(language));
    };
    if !shown.insert((file.to_owned(), diff.to_owned())) {
        return format!("         {}\n", as_above(file).in_language(language));
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
        let more = more_lines(lines.len() - DIFF_LINES);
        out.push_str(&format!("         | … {}\n", more.in_language(language)));
    }
    out
}

fn actions(decision: &StepDecision, language: Language) -> String {
    let mut out = String::new();
    for action in &decision.actions {
        let what = action.kept.map_or_else(|| verb(action), |attempt| told::kept_from(attempt.0));
        let head =
            format!("         {:<14} {}{}", action.action, what.in_language(language), language.colon());
        out.push_str(&hanging(&head, &action.why.said().in_language(language), 11));
    }
    out
}

fn verb(action: &ActionDecision) -> Said {
    match &action.why {
        ActionReason::NotReached => runs(),
        _ if action.effect == Some(EffectAgain::Asked) => asks(),
        ActionReason::InDoubt { then: InDoubt::Verify } => verifies(),
        _ => runs_again(),
    }
}

messages! {
    area "explain";
    action_of(action, step) => "`{action}` of step {step}" / "`{action}` de l'étape {step}";
    as_above(file) => "{file}: as above" / "{file} : comme ci-dessus";
    asks() => "asks" / "pose la question";
    judged_again() => "judged again" / "jugée à nouveau";
    kept() => "kept" / "conservée";
    more_lines(count) => "{count} more {count|line|lines}; `--json` has all" / "encore {count} {count|ligne|lignes} ; `--json` les donne toutes";
    n_again(count) => "{count} done again" / "{count} à refaire";
    n_judged_again(count) => "{count} judged again" / "{count} à juger à nouveau";
    n_kept(count) => "{count} {count|step|steps} kept" / "{count} {count|étape conservée|étapes conservées}";
    n_to_run(count) => "{count} to run" / "{count} à exécuter";
    not_kept(file) => "{file}: the earlier text is not kept" / "{file} : le texte précédent n'est pas conservé";
    only_if_asked(actions) => "once more only if an operator says so: {actions}" / "encore une fois, seulement si un opérateur le demande : {actions}";
    outcome_of(run, parts) => "run {run}: {parts}" / "exécution {run} : {parts}";
    repeated(actions) => "done to the platform again: {actions}" / "fait une fois de plus à la plateforme : {actions}";
    runs() => "runs" / "à exécuter";
    runs_again() => "runs again" / "à refaire";
    verifies() => "verifies" / "vérifie";
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
