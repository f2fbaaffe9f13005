//! [`Trend`]: the figures of one step, attempt by attempt over all runs, and how each changed.

use super::{LANGUAGE, short};
use crate::{
    record::{
        StepId, Value, Verdict,
        event::{Judgement, PlanOutline},
        state::AttemptStatus,
    },
    report::{self, grid, status::sides},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// What an attempt was made with. Figures are compared where environment, profile and parameters are the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Basis {
    environment: String,
    profile: String,
    parameters: String,
    /// Of the step's file.
    step: String,
}

/// One attempt, as `--json` prints it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Shown<'a> {
    /// Name of the run.
    run: &'a str,
    /// Number of the attempt, from 1.
    attempt: u32,
    /// Name of the environment.
    environment: &'a str,
    /// Name of the profile.
    profile: &'a str,
    /// Of the parameters that it was made with.
    parameters_fingerprint: &'a str,
    /// Of the step's file.
    step_fingerprint: &'a str,
    /// When it began.
    started: Timestamp,
    /// When it ended; `null` before.
    ended: Option<Timestamp>,
    /// What it came to; `null` before its end.
    verdict: Option<Verdict>,
    /// Whether the row before was made with the same environment, profile and parameters; `null` for the first row.
    comparable: Option<bool>,
    /// Whether the step's file changed since the row before.
    step_changed: bool,
    /// Its criteria, judged.
    criteria: Vec<ShownCriterion>,
}

/// One criterion of an attempt.
#[derive(Serialize, JsonSchema)]
struct ShownCriterion {
    /// As written.
    expect: String,
    /// What it came to.
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

/// Every attempt, oldest first.
#[derive(Debug, Default)]
pub(super) struct Trend {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    run: String,
    attempt: u32,
    started: Timestamp,
    ended: Option<Timestamp>,
    verdict: Option<Verdict>,
    basis: Basis,
    judgements: Vec<Judgement>,
    /// Whether the row before was made with the same environment, profile and parameters; none for the first row.
    comparable: Option<bool>,
    /// Whether the step's file changed since the row before.
    step_changed: bool,
    changes: Vec<Option<Change>>,
}

/// From one observed number to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Change {
    by: f64,
    /// None where the number before was 0.
    percent: Option<f64>,
}

impl Basis {
    pub(super) fn new(plan: &PlanOutline, step: StepId) -> Self {
        let outline = plan.steps.iter().find(|s| s.step == step);
        Self {
            environment: plan.environment.clone(),
            profile: plan.profile.clone(),
            parameters: plan.parameters_fingerprint.clone(),
            step: outline.map(|s| s.fingerprint.clone()).unwrap_or_default(),
        }
    }

    fn compares(&self, other: &Self) -> bool {
        let key = |b: &Self| [b.environment.clone(), b.profile.clone(), b.parameters.clone()];
        key(self) == key(other)
    }
}

impl Change {
    fn between(before: f64, now: f64) -> Self {
        let percent = (before != 0.0).then(|| (now - before) / before.abs() * 100.0);
        Self { by: now - before, percent: percent.filter(|p| p.is_finite()) }
    }

    fn text(self, value: &Value) -> String {
        let sign = if self.by > 0.0 { "+" } else { "" };
        match (self.percent, value) {
            _ if self.by == 0.0 => "=".to_owned(),
            (Some(percent), _) => format!("{sign}{} %", LANGUAGE.number_with(percent, 1)),
            (None, Value::Number(_, unit)) => {
                format!("{sign}{}", LANGUAGE.value(&Value::number(self.by, *unit)))
            }
            (None, _) => String::new(),
        }
    }
}

impl Trend {
    /// One more attempt.
    pub(super) fn push(&mut self, run: &str, attempt: &AttemptStatus, basis: Basis) {
        let before = self.rows.last();
        let comparable = before.map(|row| row.basis.compares(&basis));
        let changes = attempt.judgements.iter().map(|now| {
            let before = before.filter(|_| comparable == Some(true))?;
            let then = before.judgements.iter().find(|j| observed_in(j) == observed_in(now))?;
            Some(Change::between(number(then)?, number(now)?))
        });
        let row = Row {
            run: run.to_owned(),
            attempt: attempt.attempt.0,
            started: attempt.started,
            ended: attempt.ended,
            verdict: attempt.verdict,
            comparable,
            step_changed: before.is_some_and(|row| row.basis.step != basis.step),
            changes: changes.collect(),
            judgements: attempt.judgements.clone(),
            basis,
        };
        self.rows.push(row);
    }

    /// Lets go of all rows but the newest; their changes stand.
    pub(super) fn keep_last(&mut self, rows: usize) {
        self.rows.drain(..self.rows.len().saturating_sub(rows));
    }

    /// A table for each criterion over a number.
    pub(super) fn text(&self, step: StepId) -> String {
        if self.rows.is_empty() {
            return format!("step {step} has not begun in any of these runs\n");
        }
        let mut criteria: Vec<&str> = Vec::new();
        for judgement in self.rows.iter().flat_map(|r| &r.judgements) {
            if number(judgement).is_some() && !criteria.contains(&judgement.text.as_str()) {
                criteria.push(&judgement.text);
            }
        }
        let mut out = String::new();
        for criterion in &criteria {
            out.push_str(&report::wrap(criterion, report::WIDTH, 0));
            let rows: Vec<Vec<String>> = self.rows.iter().filter_map(|row| row.cells(criterion)).collect();
            let heads = ["run", "#", "started", "observed", "change", "verdict"];
            out.push_str(&grid(&heads, &rows, report::WIDTH));
            out.push('\n');
        }
        if criteria.is_empty() {
            out.push_str("no criterion of it was judged by a number; verdicts:\n");
            let verdict = |row: &Row| row.verdict.map_or("–", |v| LANGUAGE.verdict(v)).to_owned();
            let cells =
                |row: &Row| vec![row.run.clone(), row.attempt.to_string(), short(row.started), verdict(row)];
            let rows: Vec<Vec<String>> = self.rows.iter().map(cells).collect();
            out.push_str(&grid(&["run", "#", "started", "verdict"], &rows, report::WIDTH));
            out.push('\n');
        }
        let different = self.rows.iter().any(|row| row.comparable == Some(false));
        let foot = "not comparable: environment, profile or parameters differ from those of the row before";
        out.push_str(&if different { report::wrap(foot, report::WIDTH, 0) } else { String::new() });
        if self.rows.iter().any(|row| row.comparable == Some(true) && row.step_changed) {
            out.push_str("* the step's file changed since the row before\n");
        }
        out
    }

    /// Every row with its exact values.
    pub(super) fn rows(&self) -> Vec<Shown<'_>> {
        self.rows.iter().map(Row::shown).collect()
    }
}

impl Row {
    /// The cells of one criterion, where this attempt was judged by it.
    fn cells(&self, criterion: &str) -> Option<Vec<String>> {
        let (judgement, change) =
            self.judgements.iter().zip(&self.changes).find(|(j, _)| j.text == criterion)?;
        let [observed, _] = sides(LANGUAGE, judgement);
        let changed = match (self.comparable, change, &judgement.observed) {
            (Some(false), _, _) => "not comparable".to_owned(),
            (_, Some(change), Some(operand)) => {
                let mark = if self.step_changed { " *" } else { "" };
                format!("{}{mark}", change.text(&operand.value))
            }
            _ => String::new(),
        };
        Some(vec![
            self.run.clone(),
            self.attempt.to_string(),
            short(self.started),
            observed.unwrap_or_else(|| "–".to_owned()),
            changed,
            LANGUAGE.verdict(judgement.verdict).to_owned(),
        ])
    }

    fn shown(&self) -> Shown<'_> {
        let criterion = |(judgement, change): (&'_ Judgement, &Option<Change>)| {
            let [observed_text, limit_text] = sides(LANGUAGE, judgement);
            ShownCriterion {
                expect: judgement.text.clone(),
                verdict: judgement.verdict,
                observed: number(judgement),
                observed_text,
                limit: judgement.limit.as_ref().and_then(|l| l.value.as_f64()),
                limit_text,
                change: change.map(|c| c.by),
                change_percent: change.and_then(|c| c.percent),
            }
        };
        Shown {
            run: &self.run,
            attempt: self.attempt,
            environment: &self.basis.environment,
            profile: &self.basis.profile,
            parameters_fingerprint: &self.basis.parameters,
            step_fingerprint: &self.basis.step,
            started: self.started,
            ended: self.ended,
            verdict: self.verdict,
            comparable: self.comparable,
            step_changed: self.step_changed,
            criteria: self.judgements.iter().zip(&self.changes).map(criterion).collect(),
        }
    }
}

/// The number that a criterion looked at.
fn number(judgement: &Judgement) -> Option<f64> {
    judgement.observed.as_ref()?.value.as_f64()
}

/// What a criterion looks at: with another limit it is still the same figure.
fn observed_in(judgement: &Judgement) -> Option<&str> {
    judgement.observed.as_ref().map(|o| o.text.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Unit;

    #[test]
    fn a_change_is_a_share_of_what_was_before() {
        let text = |before: f64, now: f64| {
            Change::between(before, now).text(&Value::number(now, Unit::Milliseconds))
        };
        assert_eq!(text(10.0, 12.5), "+25.0 %");
        assert_eq!(text(10.0, 9.0), "-10.0 %");
        assert_eq!(text(-10.0, -5.0), "+50.0 %");
        assert_eq!(text(7.0, 7.0), "=");
        assert_eq!(text(0.0, 3.0), "+3 ms");
        assert_eq!(text(3.0, 0.0), "-100.0 %");
    }
}
