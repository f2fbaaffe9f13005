//! [`StatusModel`] as text of at most 80 columns, and as a Markdown table.

use super::{
    CriterionRow, StatusModel, StepRow,
    columns::{cell, wrap},
};
use crate::{
    record::{StepState, Verdict},
    report::{forms::markdown, language::Word},
    support::text::cut,
};
use anstyle::{AnsiColor, Style};
use std::fmt::Write;

/// Columns of a terminal that every line fits.
pub const WIDTH: usize = 80;

/// Columns of a line: number, title, state, attempt, duration, criteria, with a blank between two.
const COLUMNS: [usize; 6] = [3, 34, 17, 3, 11, 6];

/// For a person at a terminal; styled, without a line over [`WIDTH`] columns.
pub fn text(model: &StatusModel) -> String {
    let mut out = String::new();
    let bold = Style::new().bold();
    let production = match model.production {
        true => format!(" ({})", model.language.word(Word::Production)),
        false => String::new(),
    };
    let of = [model.campaign.as_str(), &format!("{}{production}", model.environment), &model.profile];
    let of: Vec<&str> = of.into_iter().filter(|part| !part.is_empty()).collect();
    if !of.is_empty() {
        let _ = writeln!(out, "{bold}{}{bold:#}", cut(&of.join(" · "), WIDTH));
    }
    let _ = writeln!(out, "{}", cut(&headline(model), WIDTH));
    out.push('\n');
    for step in &model.steps {
        line(&mut out, model, step);
        below(&mut out, model, step);
    }
    for left in &model.left_in_place {
        let style = verdict_style(Verdict::Fail);
        let shown = wrap(&left.with_undo, WIDTH, 0);
        let _ = write!(out, "\n{style}{shown}{style:#}");
    }
    if !model.next.is_empty() {
        out.push('\n');
    }
    for (at, command) in model.next.iter().enumerate() {
        let lead = if at == 0 { model.language.word(Word::Next) } else { "" };
        let _ = writeln!(out, "{} {}", cell(lead, 9), cut(command, WIDTH - 10));
    }
    out
}

/// How the run stands, since when and for how long.
fn headline(model: &StatusModel) -> String {
    let language = model.language;
    let word = language.outcome(model.outcome);
    let took = match (model.started, model.updated) {
        (Some(started), _) if model.live => format!(" · {}", language.between(started, model.now)),
        (Some(started), Some(updated)) => format!(" · {}", language.between(started, updated)),
        _ => String::new(),
    };
    format!("{} · {word}{took}", model.run)
}

fn line(out: &mut String, model: &StatusModel, step: &StepRow) {
    let language = model.language;
    let took = match (step.started, step.ended, step.state) {
        (Some(started), Some(ended), _) => language.between(started, ended),
        (Some(started), None, StepState::Running) => language.between(started, model.now),
        // When an interrupted step stopped is not known.
        _ => String::new(),
    };
    let attempt = step.attempt.map(|n| format!("#{n}")).unwrap_or_default();
    let criteria = match step.attempt {
        Some(_) => format!("{}/{}", step.passed(), step.applying()),
        None => String::new(),
    };
    let [number, title, state, tries, time, count] = COLUMNS;
    let style = style(step.state);
    let left = format!("{:>number$} {}", cut(&step.step.to_string(), number), cell(&step.title, title));
    let right = format!(" {} {} {}", cell(&attempt, tries), cell(&took, time), cut(&criteria, count))
        .trim_end()
        .to_owned();
    let word = match right.is_empty() {
        true => cut(&step.state_text, state),
        false => cell(&step.state_text, state),
    };
    let _ = writeln!(out, "{left} {style}{word}{style:#}{right}");
}

/// What a person must know about a step: what it waits for, what it does now, which criteria do not hold.
fn below(out: &mut String, model: &StatusModel, step: &StepRow) {
    let wanting: Vec<&CriterionRow> =
        step.criteria.iter().filter(|c| c.verdict.is_some_and(|v| v != Verdict::Pass)).collect();
    let told = match step.state {
        StepState::Passed | StepState::Locked => false,
        StepState::Failed | StepState::Inconclusive => wanting.is_empty(),
        _ => true,
    };
    if told && !step.reason.is_empty() {
        out.push_str(&wrap(&step.reason, WIDTH, 4));
    }
    for action in &step.doing {
        let sentence = model.language.fill(Word::InProgress, &[("action", action)]);
        out.push_str(&wrap(&sentence, WIDTH, 4));
    }
    for criterion in wanting {
        let Some(verdict) = criterion.verdict else { continue };
        let (style, word) = (verdict_style(verdict), model.language.verdict(verdict));
        let colon = model.language.colon();
        let shown = wrap(&format!("{word}{colon}{}", criterion.expect), WIDTH, 4);
        // The word alone is coloured; the wrapping has counted it without colour.
        let _ = write!(out, "{}", shown.replacen(word, &format!("{style}{word}{style:#}"), 1));
        let seen = match (&criterion.observed_text, &criterion.limit_text) {
            (Some(observed), Some(limit)) => {
                let pair = [("observed", observed.as_str()), ("limit", limit)];
                format!("{} · ", model.language.fill(Word::ObservedAndLimit, &pair))
            }
            _ => String::new(),
        };
        out.push_str(&wrap(&format!("{seen}{}", criterion.reason), WIDTH, 6));
    }
}

/// The colour of a state.
pub fn style(state: StepState) -> Style {
    match state {
        StepState::Passed => AnsiColor::Green.on_default(),
        StepState::Failed | StepState::Error => AnsiColor::Red.on_default().bold(),
        StepState::Inconclusive | StepState::Interrupted => AnsiColor::Magenta.on_default(),
        StepState::Running => AnsiColor::Blue.on_default().bold(),
        StepState::AwaitingApproval | StepState::Waived => AnsiColor::Yellow.on_default(),
        StepState::Ready => Style::new().bold(),
        StepState::Locked | StepState::Skipped | StepState::NotApplicable => Style::new().dimmed(),
    }
}

/// The colour of a verdict.
pub fn verdict_style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Pass => AnsiColor::Green.on_default(),
        Verdict::Warn => AnsiColor::Yellow.on_default(),
        Verdict::Inconclusive => AnsiColor::Magenta.on_default(),
        Verdict::Fail | Verdict::Error => AnsiColor::Red.on_default(),
    }
}

/// The steps as a Markdown table, for other people's reports.
pub fn table(model: &StatusModel) -> String {
    let language = model.language;
    let heads =
        [Word::Step, Word::Title, Word::State, Word::Attempts, Word::Duration, Word::Criteria, Word::Reason]
            .map(|w| language.word(w));
    let mut out = format!("| {} |\n|{}\n", heads.join(" | "), " --- |".repeat(heads.len()));
    for step in &model.steps {
        let took = match (step.started, step.ended) {
            (Some(started), Some(ended)) => language.between(started, ended),
            _ => "–".to_owned(),
        };
        let cells = [
            step.step.to_string(),
            markdown::escaped(&step.title),
            markdown::escaped(&step.state_text),
            step.attempts.to_string(),
            took,
            format!("{}/{}", step.passed(), step.applying()),
            markdown::escaped(&step.reason),
        ];
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    out
}
