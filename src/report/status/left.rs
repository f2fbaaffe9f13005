//! [`Left`]: what a run broke or changed and did not undo.

use crate::{
    record::{ActionRole, Language, RunState, Said, StepId, messages},
    support::text,
};
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;

/// A change of the platform that is still in place though its run has stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Left {
    /// Number of the step.
    pub step: StepId,
    /// Name of the action in the step.
    pub action: String,
    /// Since when: the time of the record before the change.
    pub since: Timestamp,
    /// What the action does and what undoes it, in one line.
    pub what: String,
    /// Command that undoes it; it comes before anything else that the command does.
    pub undo: String,
    /// All of that in a sentence, without the command.
    #[serde(skip)]
    pub sentence: Said,
    /// The sentence, with the command.
    #[serde(skip)]
    pub with_undo: String,
}

/// What the run of `state` left in place, oldest first. Of a run that lives, ask nothing: it undoes its own.
pub fn left(state: &RunState, run: Option<&str>, language: Language, zone: &TimeZone) -> Vec<Left> {
    let undo = run.map_or_else(|| "jalon resume".to_owned(), |run| format!("jalon resume --run {run}"));
    let standing = state.to_undo().map(|(step, _, action)| {
        let what = language.say(&action.description);
        let since = action.started.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string();
        let (name, what_of) = (action.action.as_str(), text::cut(&what, 300));
        let left: Said = match action.declared.role {
            ActionRole::Fault => fault_left(name, step.0, since, what_of),
            _ => change_left(name, step.0, since, what_of),
        };
        Left {
            step,
            action: name.to_owned(),
            since: action.started,
            what,
            undo: undo.clone(),
            with_undo: language.say(&undone_by(&left, &undo)),
            sentence: left,
        }
    });
    standing.collect()
}

messages! {
    area "status";
    change_left(action, step, since, what) => "what `{action}` of step {step} changed is still in place, since {since}: {what}" / "ce que `{action}` de l'étape {step} a modifié est toujours en place, depuis le {since} : {what}";
    fault_left(action, step, since, what) => "fault `{action}` of step {step} is still in place, since {since}: {what}" / "la panne `{action}` de l'étape {step} est toujours en place, depuis le {since} : {what}";
    undone_by(left, command) => "{left}; `{command}` undoes it first" / "{left} ; `{command}` l'annule d'abord";
}
