//! What a resumed run keeps and what it does again, as text of 80 columns and as JSON.

use crate::{
    engine::resume::{
        self, ActionDecision, ActionReason, Decisions, Fate, InDoubt, Left, Question, Questions, Reason,
        Standing, StepDecision,
    },
    plan::{Plan, Step},
    record::{
        ActionId, Arg, Attempt, Language, Localized, RunId, Said, Selection, Speaks, StepId, StepState,
        messages, told,
    },
    report::wrap,
    support::text,
};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

const WIDTH: usize = 80;
/// So many lines of a difference are shown; `--json` has all.
const DIFF_LINES: usize = 40;

/// What a run will do when it goes on. The run follows the same decisions, asks the same questions and goes as far.
pub(super) struct Prospect<'a> {
    run: &'a RunId,
    plan: &'a Plan,
    selection: &'a Selection,
    decisions: &'a Decisions,
    /// What is asked before a step that is selected and not kept.
    questions: BTreeMap<StepId, Vec<Question>>,
    /// Steps that the plan has no more and that came to no end.
    left: Vec<Left>,
}

impl<'a> Prospect<'a> {
    /// That of `run`, from where it stands.
    pub(super) fn of(
        run: &'a RunId,
        standing: &Standing<'a>,
        decisions: &'a Decisions,
        selection: &'a Selection,
    ) -> Self {
        let runs = |step: &&Step| {
            let decision = decisions.get(&step.id);
            selection.includes(step.id) && decision.is_some_and(|d| d.fate != Fate::Kept)
        };
        let asking = Questions::of(standing.plan, standing.state, decisions);
        let asked = |step: &Step| (step.id, asking.before(step));
        let questions = standing.plan.graph.steps().filter(runs).map(asked).collect();
        let mut left = resume::left(standing.plan, standing.state);
        left.retain(|left| selection.includes(left.step));
        Self { run, plan: standing.plan, selection, decisions, questions, left }
    }

    fn includes(&self, decision: &StepDecision) -> bool {
        self.selection.includes(decision.step)
    }

    /// What is asked about the actions of a step.
    fn questions(&self, step: StepId) -> &[Question] {
        self.questions.get(&step).map_or(&[], Vec::as_slice)
    }

    fn asks(&self, step: StepId, action: &ActionId) -> bool {
        self.questions(step).iter().any(|question| question.action == *action)
    }

    /// One line a step, for a person who goes on at once; actions only where some of a step are kept.
    pub(super) fn short(&self, language: Language) -> String {
        let mut out = String::new();
        for decision in self.decisions.values() {
            out.push_str(&self.step_line(decision, language));
            if self.includes(decision)
                && decision.fate == Fate::Runs
                && decision.actions.iter().any(|a| a.kept.is_some())
            {
                out.push_str(&self.actions(decision, language));
            }
        }
        out + &self.effects(language) + &self.left(language)
    }

    /// Everything: what changed line by line, every action and every question.
    pub(super) fn full(&self, language: Language) -> String {
        let all = || self.decisions.values();
        let count = |fate: Fate| all().filter(|d| d.fate == fate && self.includes(d)).count();
        let left_out = all().filter(|d| d.fate != Fate::Kept && !self.includes(d)).count();
        let kept = all().filter(|d| d.fate == Fate::Kept).count();
        let parts = [
            (count(Fate::JudgedAgain), n_judged_again as fn(usize) -> Said),
            (count(Fate::RunsAgain), n_again),
            (count(Fate::Runs), n_to_run),
            (left_out, n_not_selected),
        ];
        let parts = parts.into_iter().filter(|(number, _)| *number > 0).map(|(number, said)| said(number));
        let parts = Arg::list([n_kept(kept)].into_iter().chain(parts));
        let mut out = format!("{}\n", outcome_of(self.run.as_str(), parts).in_language(language));
        let mut shown = BTreeSet::new();
        for decision in all() {
            out.push_str(&self.step_line(decision, language));
            for reason in &decision.why {
                out.push_str(&difference(reason, &mut shown, language));
            }
            if decision.fate != Fate::Kept && self.includes(decision) {
                out.push_str(&self.actions(decision, language));
            }
        }
        out.push_str(&self.effects(language));
        for asked in self.questions.values().flatten().filter(|question| question.answer.is_none()) {
            let asked = question(asked.question.clone());
            out.push_str(&hanging("", &asked.in_language(language), 2));
        }
        out + &self.left(language)
    }

    /// What the plan has no more, and how the run goes on without it.
    fn left(&self, language: Language) -> String {
        self.left.iter().map(|left| hanging("", &left_said(left).in_language(language), 2)).collect()
    }

    fn step_line(&self, decision: &StepDecision, language: Language) -> String {
        let word = match (decision.fate, self.includes(decision)) {
            (Fate::Kept, _) => kept(),
            (Fate::Runs, false) => not_selected(),
            (Fate::JudgedAgain | Fate::RunsAgain, false) => set_back(),
            (Fate::JudgedAgain, true) => judged_again(),
            (Fate::Runs, true) => runs(),
            (Fate::RunsAgain, true) => runs_again(),
        };
        let step = told::step_is(format!("{:>2}", decision.step));
        let head =
            format!("{}  {}{}", step.in_language(language), word.in_language(language), language.colon());
        hanging(&head, &decision.sentence().in_language(language), 9)
    }

    fn actions(&self, decision: &StepDecision, language: Language) -> String {
        let mut out = String::new();
        for action in &decision.actions {
            let asks = self.asks(decision.step, &action.action);
            let what = action.kept.map_or_else(|| verb(action, asks), |attempt| told::kept_from(attempt.0));
            let head =
                format!("         {:<14} {}{}", action.action, what.in_language(language), language.colon());
            out.push_str(&hanging(&head, &action.why.said().in_language(language), 11));
        }
        out
    }

    /// What comes again of what an earlier attempt did to the platform.
    fn effects(&self, language: Language) -> String {
        let named = |step: StepId, action: &ActionId| action_of(action.as_str(), step.0);
        let asked = |refused: bool| -> Vec<Said> {
            let all = self.questions.iter().flat_map(|(step, asked)| asked.iter().map(move |q| (*step, q)));
            let meant = all.filter(|(_, question)| question.answer.is_some() == refused);
            meant.map(|(step, question)| named(step, &question.action)).collect()
        };
        let again = |decision: &StepDecision| -> Vec<Said> {
            let done = decision.actions.iter().filter(|a| a.effect.is_some());
            let done = done.filter(|a| !self.asks(decision.step, &a.action));
            done.map(|a| named(decision.step, &a.action)).collect()
        };
        let repeats: Vec<Said> =
            self.decisions.values().filter(|d| self.includes(d)).flat_map(again).collect();
        let mut out = String::new();
        for (actions, told) in
            [(repeats, repeated as fn(Arg) -> Said), (asked(false), only_if_asked), (asked(true), refused)]
        {
            if !actions.is_empty() {
                out.push_str(&hanging("", &told(Arg::list(actions)).in_language(language), 2));
            }
        }
        out
    }
}

/// Everything, as `--explain --json` prints it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Explained<'a> {
    /// Name of the run.
    run: &'a RunId,
    /// The steps that the run goes on with, as options of the command line: `--until 2`; `null` where these are all.
    selection: Option<String>,
    /// Every step of the plan.
    steps: Vec<ExplainedStep<'a>>,
    /// Steps that were interrupted and that the plan no longer has.
    left: Vec<ExplainedLeft<'a>>,
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
    /// Whether the step is one of those that the run goes on with. One that is not is kept, or left undone.
    selected: bool,
    /// The reasons, each with its values.
    why: &'a [Reason],
    /// The attempt that it rests on, where there is one.
    attempt: Option<Attempt>,
    /// Its actions, where an earlier attempt had begun.
    actions: Vec<ExplainedAction<'a>>,
    /// What an operator is asked before the step is carried out.
    questions: Vec<ExplainedQuestion<'a>>,
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

/// A step that was interrupted and that the plan no longer has: the run does not pass until it is skipped.
#[derive(Serialize, JsonSchema)]
struct ExplainedLeft<'a> {
    /// Number of the step, as the run had it.
    step: StepId,
    /// Its actions that had started and not finished, and that only an operator may repeat.
    in_doubt: &'a [ActionId],
    /// What it means and what to do, in a sentence.
    sentence: String,
}

/// A question whether an action may be done again.
#[derive(Serialize, JsonSchema)]
struct ExplainedQuestion<'a> {
    /// Name of the action in the plan.
    action: &'a ActionId,
    /// The question.
    question: String,
    /// Whether an operator has said no.
    refused: bool,
}

impl<'a> Explained<'a> {
    /// What `prospect` says.
    pub(super) fn of(prospect: &'a Prospect<'a>) -> Self {
        let action =
            |decision: &'a ActionDecision| ExplainedAction { decision, sentence: decision.why.to_string() };
        let question = |asked: &'a Question| ExplainedQuestion {
            action: &asked.action,
            question: asked.question.to_string(),
            refused: asked.answer.is_some(),
        };
        let step = |decision: &'a StepDecision| ExplainedStep {
            step: decision.step,
            state: decision.state,
            fate: decision.fate,
            selected: prospect.includes(decision),
            why: &decision.why,
            attempt: decision.attempt,
            actions: decision.actions.iter().map(action).collect(),
            questions: prospect.questions(decision.step).iter().map(question).collect(),
            title: prospect.plan.graph.step(decision.step).map(|s| &s.title),
            sentence: decision.sentence().into(),
        };
        let left = |left: &'a Left| ExplainedLeft {
            step: left.step,
            in_doubt: &left.in_doubt,
            sentence: left_said(left).to_string(),
        };
        Self {
            run: prospect.run,
            selection: prospect.selection.text(),
            steps: prospect.decisions.values().map(step).collect(),
            left: prospect.left.iter().map(left).collect(),
        }
    }
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

fn left_said(left: &Left) -> Said {
    match left.in_doubt.is_empty() {
        true => left_the_plan(left.step.0),
        false => {
            let actions = left.in_doubt.iter().map(|action| action_of(action.as_str(), left.step.0));
            left_in_doubt(left.step.0, Arg::list(actions))
        }
    }
}

fn verb(action: &ActionDecision, asked: bool) -> Said {
    match &action.why {
        _ if asked => asks(),
        ActionReason::NotReached => runs(),
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
    left_in_doubt(step, actions) => "step {step} was interrupted and is no longer in the plan; how far these came is unknown: {actions}. hint: check the platform, then put the step back or use `jalon skip {step} --reason …`" / "l'étape {step} a été interrompue et n'est plus dans le plan ; on ignore jusqu'où sont allées : {actions}. Vérifier la plateforme, puis remettre l'étape ou utiliser `jalon skip {step} --reason …`";
    left_the_plan(step) => "step {step} was interrupted and is no longer in the plan. hint: put it back or use `jalon skip {step} --reason …`" / "l'étape {step} a été interrompue et n'est plus dans le plan. La remettre ou utiliser `jalon skip {step} --reason …`";
    more_lines(count) => "{count} more {count|line|lines}; `--json` has all" / "encore {count} {count|ligne|lignes} ; `--json` les donne toutes";
    n_again(count) => "{count} done again" / "{count} à refaire";
    n_judged_again(count) => "{count} judged again" / "{count} à juger à nouveau";
    n_kept(count) => "{count} {count|step|steps} kept" / "{count} {count|étape conservée|étapes conservées}";
    n_not_selected(count) => "{count} not selected" / "{count} {count|non sélectionnée|non sélectionnées}";
    n_to_run(count) => "{count} to run" / "{count} à exécuter";
    not_kept(file) => "{file}: the earlier text is not kept" / "{file} : le texte précédent n'est pas conservé";
    not_selected() => "not selected" / "non sélectionnée";
    only_if_asked(actions) => "once more only if an operator says so: {actions}" / "encore une fois, seulement si un opérateur le demande : {actions}";
    outcome_of(run, parts) => "run {run}: {parts}" / "exécution {run} : {parts}";
    question(question) => "question: {question}" / "question : {question}";
    refused(actions) => "must not be done again, an operator said: {actions}" / "ne doit pas être refait, selon un opérateur : {actions}";
    repeated(actions) => "done to the platform again: {actions}" / "fait une fois de plus à la plateforme : {actions}";
    runs() => "runs" / "à exécuter";
    runs_again() => "runs again" / "à refaire";
    set_back() => "set back, not selected" / "remise à faire, non sélectionnée";
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
