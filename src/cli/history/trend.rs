//! The figures of one step over all runs, as JSON and as tables.

use crate::{
    history::trend::{Change, Row, Trend, number},
    record::{Language, Said, StepId, Value, Verdict, event::Judgement, messages},
    report::{self, grid},
};
use jiff::{Timestamp, tz::TimeZone};
use schemars::JsonSchema;
use serde::Serialize;

messages! {
    area "history of a step";
    change_head() => "change" / "écart";
    foot() => "not comparable: environment, profile or parameters differ from those of the row before" / "non comparable : environnement, profil ou paramètres diffèrent de ceux de la ligne précédente";
    no_number() => "no criterion of it was judged by a number; verdicts:" / "aucun de ses critères n'a été jugé sur un nombre ; verdicts :";
    not_begun(step) => "step {step} has not begun in any of these runs" / "l'étape {step} n'a commencé dans aucune de ces exécutions";
    not_comparable() => "not comparable" / "non comparable";
    observed_head() => "observed" / "observé";
    run_head() => "run" / "exécution";
    started_head() => "started" / "début";
    step_changed() => "* the step's file changed since the row before" / "* le fichier de l'étape a changé depuis la ligne précédente";
    verdict_head() => "verdict" / "verdict";
}

/// One attempt, as `--json` prints it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Attempt {
    /// Name of the run that made the attempt.
    run: String,
    /// Number of the attempt, from 1.
    attempt: u32,
    /// Name of the environment.
    environment: String,
    /// Name of the profile of the run.
    profile: String,
    /// Of the parameters that it was made with.
    parameters_fingerprint: String,
    /// SHA-256 of the step's front matter.
    step_fingerprint: String,
    /// When the attempt began.
    started: Timestamp,
    /// When it ended; `null` before.
    ended: Option<Timestamp>,
    /// What it came to; `null` before its end.
    verdict: Option<Verdict>,
    /// Whether the row before was made with the same environment, profile and parameters; `null` for the first row.
    comparable: Option<bool>,
    /// Whether the step's file changed since the row before.
    step_changed: bool,
    /// Criteria that were judged, in the order of the step file.
    criteria: Vec<Criterion>,
}

/// One criterion of an attempt.
#[derive(Serialize, JsonSchema)]
struct Criterion {
    /// The criterion, as written in the step file.
    expect: String,
    /// Verdict on the criterion.
    verdict: Verdict,
    /// The left side, where it is a number.
    observed: Option<f64>,
    /// The left side as shown, with its unit.
    observed_text: Option<String>,
    /// The right side, where it is a number.
    limit: Option<f64>,
    /// The right side as shown, with its unit.
    limit_text: Option<String>,
    /// By how much the left side changed since the row before; `null` where the two do not compare.
    change: Option<f64>,
    /// The same as a share of what it was, in percent; `null` where it was 0.
    change_percent: Option<f64>,
}

impl Attempt {
    pub(super) fn of(row: &Row) -> Self {
        Self {
            run: row.run.to_string(),
            attempt: row.attempt,
            environment: row.basis.environment.clone(),
            profile: row.basis.profile.clone(),
            parameters_fingerprint: row.basis.parameters.clone(),
            step_fingerprint: row.basis.step.clone(),
            started: row.started,
            ended: row.ended,
            verdict: row.verdict,
            comparable: row.comparable,
            step_changed: row.step_changed,
            criteria: row.judgements.iter().map(Criterion::of).collect(),
        }
    }
}

impl Criterion {
    fn of((judgement, change): &(Judgement, Option<Change>)) -> Self {
        let [observed_text, limit_text] = judgement.sides(Language::En);
        Self {
            expect: judgement.text.clone(),
            verdict: judgement.verdict,
            observed: number(judgement),
            observed_text,
            limit: judgement.limit.as_ref().and_then(|l| l.value.as_f64()),
            limit_text,
            change: change.map(|c| c.by),
            change_percent: change.and_then(|c| c.percent),
        }
    }
}

/// A table for each criterion over a number.
pub(super) fn text(trend: &Trend, step: StepId, language: Language) -> String {
    let rows = &trend.rows;
    let word = |said: Said| said.in_language(language).into_owned();
    let table = |heads: Vec<String>, cells: &[Vec<String>]| {
        let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
        grid(&heads, cells, report::WIDTH) + "\n"
    };
    if rows.is_empty() {
        return word(not_begun(step.0)) + "\n";
    }
    let mut criteria: Vec<&str> = Vec::new();
    for (judgement, _) in rows.iter().flat_map(|r| &r.judgements) {
        if number(judgement).is_some() && !criteria.contains(&judgement.text.as_str()) {
            criteria.push(&judgement.text);
        }
    }
    let mut out = String::new();
    for criterion in &criteria {
        out.push_str(&report::wrap(criterion, report::WIDTH, 0));
        let cells: Vec<Vec<String>> = rows.iter().filter_map(|row| cells(row, criterion, language)).collect();
        let heads =
            [run_head(), Said::verbatim("#"), started_head(), observed_head(), change_head(), verdict_head()];
        out.push_str(&table(heads.map(word).to_vec(), &cells));
    }
    if criteria.is_empty() {
        out.push_str(&(word(no_number()) + "\n"));
        let verdict = |row: &Row| row.verdict.map_or("–", |v| language.verdict(v)).to_owned();
        let cells = |row: &Row| {
            vec![row.run.to_string(), row.attempt.to_string(), short(row.started, language), verdict(row)]
        };
        let cells: Vec<Vec<String>> = rows.iter().map(cells).collect();
        let heads = [run_head(), Said::verbatim("#"), started_head(), verdict_head()];
        out.push_str(&table(heads.map(word).to_vec(), &cells));
    }
    let different = rows.iter().any(|row| row.comparable == Some(false));
    if different {
        out.push_str(&report::wrap(&word(foot()), report::WIDTH, 0));
    }
    if rows.iter().any(|row| row.comparable == Some(true) && row.step_changed) {
        out.push_str(&(word(step_changed()) + "\n"));
    }
    out
}

/// The cells of one criterion, where this attempt was judged by it.
fn cells(row: &Row, criterion: &str, language: Language) -> Option<Vec<String>> {
    let (judgement, change) = row.judgements.iter().find(|(j, _)| j.text == criterion)?;
    let [observed, _] = judgement.sides(language);
    let changed = match (row.comparable, change, &judgement.observed) {
        (Some(false), _, _) => not_comparable().in_language(language).into_owned(),
        (_, Some(change), Some(operand)) => {
            let mark = if row.step_changed { " *" } else { "" };
            format!("{}{mark}", change_text(*change, &operand.value, language))
        }
        _ => String::new(),
    };
    Some(vec![
        row.run.to_string(),
        row.attempt.to_string(),
        short(row.started, language),
        observed.unwrap_or_else(|| "–".to_owned()),
        changed,
        language.verdict(judgement.verdict).to_owned(),
    ])
}

fn change_text(change: Change, value: &Value, language: Language) -> String {
    let sign = if change.by > 0.0 { "+" } else { "" };
    match (change.percent, value) {
        _ if change.by == 0.0 => "=".to_owned(),
        (Some(percent), _) => format!("{sign}{} %", language.number_with(percent, 1)),
        (None, Value::Number(_, unit)) => {
            format!("{sign}{}", language.value(&Value::number(change.by, *unit)))
        }
        (None, _) => String::new(),
    }
}

/// A moment where the reader is, to the minute.
pub(super) fn short(at: Timestamp, language: Language) -> String {
    language.minute(at, &TimeZone::system())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Unit;

    #[test]
    fn a_change_is_a_share_of_what_was_before() {
        let text = |by: f64, percent: Option<f64>| {
            change_text(Change { by, percent }, &Value::number(1.0, Unit::Milliseconds), Language::En)
        };
        assert_eq!(text(2.5, Some(25.0)), "+25.0 %");
        assert_eq!(text(-1.0, Some(-10.0)), "-10.0 %");
        assert_eq!(text(0.0, Some(0.0)), "=");
        assert_eq!(text(3.0, None), "+3 ms");
    }
}
