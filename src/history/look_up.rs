//! Looking one step, attempt, action or watch of a run up: [`Wanted`] is the path that leads to it.

use super::HistoryError;
use crate::record::{
    ActionId, Attempt, RunId, RunState, StepId,
    state::{ActionStatus, AttemptStatus, StepStatus, WatchStatus},
};
use std::str::FromStr;

/// What `STEP[/ATTEMPT][/ACTION]` means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Number of the step, the part before the first `/`.
    pub step: StepId,
    /// The attempt; the latest one, or the latest that has the action, where none is named.
    pub attempt: Option<Attempt>,
    /// The action or watch, where one is meant.
    pub action: Option<ActionId>,
}

impl FromStr for Wanted {
    type Err = String;

    fn from_str(path: &str) -> Result<Self, String> {
        let wrong = || format!("`{path}` is not of the form STEP[/ATTEMPT][/ACTION], such as `3/1/nominal`");
        let mut parts = path.split('/');
        let step = parts.next().and_then(|p| p.parse().ok()).map(StepId).ok_or_else(wrong)?;
        let rest: Vec<&str> = parts.filter(|p| !p.is_empty()).collect();
        let number = |part: &str| part.parse().ok().map(Attempt);
        let (attempt, action) = match rest.as_slice() {
            [] => (None, None),
            [one] => match number(one) {
                Some(attempt) => (Some(attempt), None),
                None => (None, Some(ActionId::from(*one))),
            },
            [attempt, action] => (Some(number(attempt).ok_or_else(wrong)?), Some(ActionId::from(*action))),
            _ => return Err(wrong()),
        };
        Ok(Self { step, attempt, action })
    }
}

/// An action or a watch.
#[derive(Clone, Copy)]
pub enum Found<'a> {
    /// Action of the attempt, with its result where it has ended.
    Action(&'a ActionStatus),
    /// A watch, and its name.
    Watch(&'a ActionId, &'a WatchStatus),
}

/// The step of that number.
pub fn step<'a>(run: &RunId, state: &'a RunState, number: StepId) -> Result<&'a StepStatus, HistoryError> {
    state.steps.get(&number).ok_or_else(|| HistoryError::NoStep {
        run: run.clone(),
        step: number,
        known: state.steps.keys().copied().collect(),
    })
}

/// The attempt of that number.
pub fn attempt(status: &StepStatus, number: Attempt) -> Result<&AttemptStatus, HistoryError> {
    status.attempts.iter().find(|a| a.attempt == number).ok_or_else(|| HistoryError::NoAttempt {
        step: status.outline.step,
        attempt: number,
        known: status.attempts.iter().map(|a| a.attempt).collect(),
    })
}

/// The action or watch of that name: in the attempt that was named, else in the latest one that has it.
pub fn action<'a>(
    status: &'a StepStatus,
    number: Option<Attempt>,
    name: &ActionId,
) -> Result<(&'a AttemptStatus, Found<'a>), HistoryError> {
    let attempts: Vec<&AttemptStatus> = match number {
        Some(number) => vec![attempt(status, number)?],
        None => status.attempts.iter().rev().collect(),
    };
    let found = attempts.iter().find_map(|attempt| {
        let watch = || attempt.watches.get_key_value(name).map(|(id, watch)| Found::Watch(id, watch));
        Some((*attempt, attempt.action(name).map(Found::Action).or_else(watch)?))
    });
    let names = |attempt: &AttemptStatus| {
        let actions = attempt.actions.iter().map(|a| &a.action);
        actions.chain(attempt.watches.keys()).cloned().collect()
    };
    found.ok_or_else(|| HistoryError::NoAction {
        step: status.outline.step,
        attempt: number,
        name: name.clone(),
        known: attempts.first().map(|attempt| names(attempt)).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_meaning() {
        let wanted =
            |path: &str| path.parse::<Wanted>().map(|w| (w.step.0, w.attempt.map(|a| a.0), w.action));
        assert_eq!(wanted("3"), Ok((3, None, None)));
        assert_eq!(wanted("03/2/"), Ok((3, Some(2), None)));
        assert_eq!(wanted("3/load"), Ok((3, None, Some("load".into()))));
        assert_eq!(wanted("3/2/load"), Ok((3, Some(2), Some("load".into()))));
        for wrong in ["", "load", "3/load/2", "3/1/load/x", "-1"] {
            assert!(wanted(wrong).is_err_and(|e| e.contains("3/1/nominal")), "{wrong}");
        }
    }
}
