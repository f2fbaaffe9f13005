//! [`Wanted`]: what `STEP[/ATTEMPT][/ACTION]` means, and what there is where it leads nowhere.

use super::Error;
use crate::{
    record::{
        ActionId, Attempt, StepId,
        state::{ActionStatus, AttemptStatus, StepStatus, WatchStatus},
    },
    support::text,
};
use std::str::FromStr;

/// What is to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Wanted {
    pub(in crate::cli) step: StepId,
    pub(in crate::cli) attempt: Option<Attempt>,
    pub(in crate::cli) action: Option<ActionId>,
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
pub(in crate::cli) enum Found<'a> {
    Action(&'a ActionStatus),
    Watch(&'a ActionId, &'a WatchStatus),
}

/// The attempt of that number.
pub(in crate::cli) fn attempt(status: &StepStatus, number: Attempt) -> Result<&AttemptStatus, Error> {
    status.attempts.iter().find(|a| a.attempt == number).ok_or_else(|| {
        let known: Vec<String> = status.attempts.iter().map(|a| a.attempt.to_string()).collect();
        Error::Usage {
            message: format!("step {} has no attempt {number}", status.outline.step),
            hint: match known.is_empty() {
                true => "it has not begun".to_owned(),
                false => format!("its attempts: {}", known.join(", ")),
            },
        }
    })
}

/// The action or watch of that name: in the attempt that was named, else in the latest one that has it.
pub(in crate::cli) fn action<'a>(
    status: &'a StepStatus,
    number: Option<Attempt>,
    name: &ActionId,
) -> Result<(&'a AttemptStatus, Found<'a>), Error> {
    let attempts: Vec<&AttemptStatus> = match number {
        Some(number) => vec![attempt(status, number)?],
        None => status.attempts.iter().rev().collect(),
    };
    let found = attempts.iter().find_map(|attempt| {
        let watch = || attempt.watches.get_key_value(name).map(|(id, watch)| Found::Watch(id, watch));
        Some((*attempt, attempt.action(name).map(Found::Action).or_else(watch)?))
    });
    found.ok_or_else(|| unknown(status, number, name, attempts.first().copied()))
}

fn unknown(
    status: &StepStatus,
    number: Option<Attempt>,
    name: &ActionId,
    looked_in: Option<&AttemptStatus>,
) -> Error {
    let step = status.outline.step;
    let of = number.map(|n| format!(", attempt {n},")).unwrap_or_default();
    let mut known: Vec<&str> = Vec::new();
    if let Some(attempt) = looked_in {
        known.extend(attempt.actions.iter().map(|a| a.action.as_str()));
        known.extend(attempt.watches.keys().map(ActionId::as_str));
    }
    let hint = match text::did_you_mean(name.as_str(), known.iter().copied()) {
        _ if known.is_empty() => "nothing of it has started yet".to_owned(),
        Some(near) => {
            let attempt = number.map(|n| format!("{n}/")).unwrap_or_default();
            format!("did you mean `jalon show {step}/{attempt}{near}`?")
        }
        None => format!("there are: {}", known.join(", ")),
    };
    Error::Usage { message: format!("step {step}{of} has no action or watch `{name}`"), hint }
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
