//! Undoes what earlier runs in an environment left on the platform, before another run begins there.

use super::{
    CommandError,
    open::{self, TakeOver},
    operator, output, signals,
};
use crate::{
    engine::{Engine, Selection, Stop, resume::Decisions},
    history::{self, Past},
    observe::Console,
    plan::Plan,
    record::{Arg, Language, RunId, RunState, Said, messages},
    store::{
        RunDir,
        journal::{self, Mark},
    },
    support::children::Children,
};
use std::{path::Path, sync::Arc};

/// Takes back what runs in the environment of `plan` left that came to no end, `own` apart, each on its own record. What
/// cannot be undone, or cannot be known, is an error. The answer is whether the operator asked to end meanwhile.
pub(super) async fn clear(
    dir: &Path,
    plan: &Plan,
    own: Option<&RunId>,
    take_over: TakeOver,
    language: Language,
) -> Result<bool, CommandError> {
    let stop = Stop::default();
    let listening = signals::end_gently(stop.clone(), language);
    let open = history::list(dir)?.into_iter().rev().filter(|run| Some(&run.run) != own);
    for run in open.filter(|run| !journal::has_ended(&run.journal())) {
        let name = run.run.clone();
        let cleared = clear_one(run, plan, take_over, language, &stop).await;
        cleared.map_err(|cause| CommandError::Earlier { run: name, cause: Box::new(cause) })?;
    }
    drop(listening);
    Ok(stop.asked())
}

async fn clear_one(
    run: RunDir,
    plan: &Plan,
    take_over: TakeOver,
    language: Language,
    stop: &Stop,
) -> Result<(), CommandError> {
    let Some(state) = of_environment(&run, &plan.environment.name)? else { return Ok(()) };
    let standing: Vec<Said> =
        state.to_undo().map(|(step, _, action)| of_step(action.action.as_str(), step.0)).collect();
    let processes = Children::recorded_in(run.groups()).has_left_any();
    // A run that goes on all the same, without its lock of the environment, must not be measured by another one.
    if standing.is_empty() && !processes && !run.is_held() {
        return Ok(());
    }
    let recorder = open::write(&run, "jalon run", take_over, language)?
        .observed_by(vec![Box::new(Console::new(language))]);
    let what = if standing.is_empty() { processes_left() } else { named(Arg::list(standing)) };
    output::tell(&left_behind(run.run.as_str(), what).in_language(language));
    let engine = Engine {
        plan,
        recorder,
        operator: Arc::new(operator::People { stop: stop.clone(), desk: None, language }),
        stop: stop.clone(),
        selection: Selection::default(),
        decisions: Decisions::new(),
        past: Past::default(),
    };
    Ok(engine.clear().await?)
}

messages! {
    area "earlier run";
    left_behind(run, what) => "the earlier run {run} did not come to an end and left {what} behind; undoing that first" / "l'exécution précédente {run} n'est pas arrivée à son terme et a laissé {what} en place ; annulation d'abord";
    named(names) => "{names}" / "{names}";
    of_step(action, step) => "`{action}` of step {step}" / "`{action}` de l'étape {step}";
    processes_left() => "processes" / "des processus";
}

/// The state of the run, where it is one of that environment; its name says so where its first record cannot be read.
pub(super) fn of_environment(
    run: &RunDir,
    environment: &str,
) -> Result<Option<RunState>, journal::JournalError> {
    let mut state = RunState::default();
    let read = journal::scan(&run.journal(), &mut Mark::default(), |record, _| state.apply(&record));
    let own = match &state.header {
        Some(header) => header.plan.environment == environment,
        None => is_named_after(&run.run, environment),
    };
    if !own {
        return Ok(None);
    }
    read.map(|_| Some(state))
}

/// Whether the name is `DATE-TIME-ENVIRONMENT`, or that with a number behind it.
fn is_named_after(run: &RunId, environment: &str) -> bool {
    let rest = run.as_str().get(16..).and_then(|name| name.strip_prefix(environment));
    rest.is_some_and(|rest| {
        rest.is_empty() || rest.strip_prefix('-').is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_named_after_its_environment() {
        let is = |name: &str| is_named_after(&RunId::from(name), "lab");
        assert!(is("20251218-091500-lab") && is("20251218-091500-lab-2"));
        assert!(!is("20251218-091500-lab-secure") && !is("20251218-091500-prod") && !is("lab") && !is("été"));
    }
}
