//! [`Trend`]: the figures of one step, attempt by attempt over all runs, and how each changed.

use super::{OnRecord, basis::Basis};
use crate::record::{RunId, StepId, Verdict, event::Judgement, state::AttemptStatus};
use jiff::Timestamp;

/// Every attempt, oldest first.
#[derive(Debug, Default)]
pub struct Trend {
    /// Attempts of all runs, in the order in which the runs began.
    pub rows: Vec<Row>,
    /// Whether any run that can be read has the step.
    pub known: bool,
}

/// One attempt at the step, with its criteria.
#[derive(Debug)]
pub struct Row {
    /// Name of the run that made the attempt.
    pub run: RunId,
    /// Number of the attempt, from 1.
    pub attempt: u32,
    /// When the attempt began.
    pub started: Timestamp,
    /// When the attempt ended; absent while it runs.
    pub ended: Option<Timestamp>,
    /// Verdict of the attempt; absent before its end.
    pub verdict: Option<Verdict>,
    /// Environment, profile, parameters and step file of the attempt.
    pub basis: Basis,
    /// Its criteria, and how much what each looked at changed since the row before, where the two compare.
    pub judgements: Vec<(Judgement, Option<Change>)>,
    /// Whether the row before was made with the same environment, profile and parameters; none for the first row.
    pub comparable: Option<bool>,
    /// Whether the step's file changed since the row before.
    pub step_changed: bool,
}

/// From one observed number to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// The later number minus the earlier one, in its unit.
    pub by: f64,
    /// As a share of what it was; none where that was 0.
    pub percent: Option<f64>,
}

impl Change {
    fn between(before: f64, now: f64) -> Self {
        let percent = (before != 0.0).then(|| (now - before) / before.abs() * 100.0);
        Self { by: now - before, percent: percent.filter(|p| p.is_finite()) }
    }
}

impl Trend {
    /// Every attempt at `step` in `runs`, which come oldest first; those that cannot be read are left out.
    pub fn of(step: StepId, runs: &[OnRecord]) -> Self {
        let mut trend = Self::default();
        for (run, contents) in runs.iter().filter_map(|run| Some((&run.dir.run, run.read.as_ref().ok()?))) {
            let Some(status) = contents.state.steps.get(&step) else { continue };
            trend.known = true;
            for attempt in &status.attempts {
                if let Some(basis) = contents.bases.get(&(step, attempt.attempt.0)) {
                    trend.push(run, attempt, basis.clone());
                }
            }
        }
        trend
    }

    fn push(&mut self, run: &RunId, attempt: &AttemptStatus, basis: Basis) {
        let before = self.rows.last();
        let comparable = before.map(|row| row.basis.compares(&basis));
        let change = |now: &Judgement| {
            let before = before.filter(|_| comparable == Some(true))?;
            let (then, _) = before.judgements.iter().find(|(j, _)| observed_in(j) == observed_in(now))?;
            Some(Change::between(number(then)?, number(now)?))
        };
        let row = Row {
            run: run.clone(),
            attempt: attempt.attempt.0,
            started: attempt.started,
            ended: attempt.ended,
            verdict: attempt.verdict,
            comparable,
            step_changed: before.is_some_and(|row| row.basis.step != basis.step),
            judgements: attempt.judgements.iter().map(|now| (now.clone(), change(now))).collect(),
            basis,
        };
        self.rows.push(row);
    }

    /// Lets go of all rows but the newest; their changes stand.
    pub fn keep_last(&mut self, rows: usize) {
        self.rows.drain(..self.rows.len().saturating_sub(rows));
    }
}

/// The number that a criterion looked at.
pub fn number(judgement: &Judgement) -> Option<f64> {
    judgement.observed.as_ref()?.value.as_f64()
}

/// What a criterion looks at: with another limit it is still the same figure.
fn observed_in(judgement: &Judgement) -> Option<&str> {
    judgement.observed.as_ref().map(|o| o.text.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_a_share_of_what_was_before() {
        let percent = |before: f64, now: f64| Change::between(before, now).percent;
        assert_eq!(percent(10.0, 12.5), Some(25.0));
        assert_eq!(percent(10.0, 9.0), Some(-10.0));
        assert_eq!(percent(-10.0, -5.0), Some(50.0));
        assert_eq!(percent(7.0, 7.0), Some(0.0));
        assert_eq!(percent(3.0, 0.0), Some(-100.0));
        assert_eq!(Change::between(0.0, 3.0), Change { by: 3.0, percent: None });
    }
}
