//! `jalon run`, `jalon resume`, `jalon retry`: load → compile → execute → report.

use super::{
    Error, Exit,
    open::{self, PlanArgs, RunChoice},
    operator, output,
};
use crate::{
    engine::{self, Engine, Recorder, Selection, Stop, resume::Fate},
    observe::Console,
    plan::{Options, Plan},
    record::{
        ActionId, Event, Evidence, RunId, RunState, StepId, StepState,
        event::{FORMAT, RunHeader},
    },
    store::{Journal, Lock, RunDir, Runs},
    support::host,
};
use clap::Args;
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

/// Arguments of `run`.
#[derive(Debug, Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    plan: PlanArgs,
    /// Start at this step; those before it are passed over.
    #[arg(long, value_name = "STEP", conflicts_with = "only")]
    from: Option<u32>,
    /// Stop after this step.
    #[arg(long, value_name = "STEP", conflicts_with = "only")]
    until: Option<u32>,
    /// Run this step alone; those before it are passed over.
    #[arg(long, value_name = "STEP")]
    only: Option<u32>,
    /// Name of the environment, to confirm that a production platform is meant.
    #[arg(long, value_name = "NAME")]
    confirm: Option<String>,
}

/// Arguments of `resume`.
#[derive(Debug, Args)]
pub(super) struct ResumeArgs {
    #[command(flatten)]
    choice: RunChoice,
    /// Only say what would be kept and what would run again, and why.
    #[arg(long)]
    explain: bool,
    /// Stop after this step.
    #[arg(long, value_name = "STEP")]
    until: Option<u32>,
    /// Name of the environment, to confirm that a production platform is meant.
    #[arg(long, value_name = "NAME")]
    confirm: Option<String>,
}

/// Arguments of `retry`.
#[derive(Debug, Args)]
pub(super) struct RetryArgs {
    /// Number of the step.
    step: u32,
    #[command(flatten)]
    choice: RunChoice,
    /// Stop after this step.
    #[arg(long, value_name = "STEP")]
    until: Option<u32>,
    /// Name of the environment, to confirm that a production platform is meant.
    #[arg(long, value_name = "NAME")]
    confirm: Option<String>,
}

/// Starts a run.
pub(super) async fn run(dir: &Path, args: RunArgs) -> Result<Exit, Error> {
    let plan = open::plan(dir, &args.plan.options())?;
    confirm(&plan, args.confirm.as_deref())?;
    let selection =
        Selection { from: args.from.map(StepId), until: args.until.map(StepId), only: args.only.map(StepId) };
    check_selection(&plan, &selection)?;
    let runs = Runs::of_campaign(dir);
    let environment_lock = Lock::take(&runs.environment_lock(&plan.environment.name), "jalon run")?;
    let run_dir = new_run(&runs, &plan)?;
    let run_lock = Lock::take(&run_dir.lock(), "jalon run")?;
    let mut recorder =
        Recorder::new(Journal::create(&run_dir.journal())?, &[], vec![Box::new(Console::new())]);
    recorder.commit(opening(&plan, &run_dir.run, &selection))?;
    let exit = carry_out(dir, &plan, recorder, run_dir, selection, BTreeSet::new()).await;
    drop((run_lock, environment_lock));
    exit
}

/// Goes on with a run.
pub(super) async fn resume(dir: &Path, args: ResumeArgs) -> Result<Exit, Error> {
    go_on(dir, &args.choice, args.explain, None, args.until.map(StepId), args.confirm.as_deref()).await
}

/// Does one step again and goes on.
pub(super) async fn retry(dir: &Path, args: RetryArgs) -> Result<Exit, Error> {
    go_on(dir, &args.choice, false, Some(StepId(args.step)), args.until.map(StepId), args.confirm.as_deref())
        .await
}

async fn go_on(
    dir: &Path,
    choice: &RunChoice,
    explain: bool,
    again: Option<StepId>,
    until: Option<StepId>,
    confirmed: Option<&str>,
) -> Result<Exit, Error> {
    let run_dir = open::run_dir(dir, choice)?;
    let header = open::read(&run_dir)?.1.header;
    let Some(header) = header else {
        let message = format!("the run {} ended before its first record", run_dir.run);
        return Err(Error::Usage { message, hint: "start a new one with `jalon run`".to_owned() });
    };
    let chosen = Options {
        environment: Some(header.plan.environment.clone()),
        profile: Some(header.plan.profile.clone()),
        vars: header.plan.vars.clone(),
    };
    let plan = open::plan(dir, &chosen)?;
    let runs = Runs::of_campaign(dir);
    if explain {
        let state = open::read(&run_dir)?.1;
        explain_fates(&engine::resume::fates(&state, &plan.outline(), &run_dir.path), true)?;
        return Ok(Exit::Passed);
    }
    confirm(&plan, confirmed)?;
    let _environment_lock = Lock::take(&runs.environment_lock(&plan.environment.name), "jalon resume")?;
    let opened = open::write(&run_dir, "jalon resume")?;
    let fates = engine::resume::fates(&opened.state, &plan.outline(), &run_dir.path);
    explain_fates(&fates, false)?;
    let mut recorder = Recorder::new(opened.journal, &opened.records, vec![Box::new(Console::new())]);
    let mut events = vec![Event::RunResumed {
        jalon: env!("CARGO_PKG_VERSION").to_owned(),
        operator: host::operator(),
        plan: plan.outline(),
    }];
    events.extend(fates.iter().filter_map(|(step, fate)| match fate {
        Fate::Reset(why) => Some(Event::StepReset { step: *step, reason: why.clone() }),
        _ => None,
    }));
    if let Some(step) = again {
        if plan.graph.step(step).is_none() {
            return Err(unknown_step(&plan, step));
        }
        let reason = format!("retried by {}", host::operator());
        events.push(Event::StepReset { step, reason });
    }
    recorder.commit(events)?;
    let changed =
        fates.iter().filter(|(_, fate)| fate.changed()).map(|(step, _)| *step).chain(again).collect();
    let selection = Selection { until, ..Selection::default() };
    let exit = carry_out(dir, &plan, recorder, run_dir, selection, changed).await;
    drop(opened.lock);
    exit
}

/// Executes, and says how it ended and what to do next.
async fn carry_out(
    dir: &Path,
    plan: &Plan,
    recorder: Recorder,
    run_dir: RunDir,
    selection: Selection,
    changed: BTreeSet<StepId>,
) -> Result<Exit, Error> {
    let stop = Stop::default();
    let listening = listen(stop.clone());
    let previous = previous(dir, plan, &run_dir.run);
    let engine = Engine {
        plan,
        recorder,
        run_dir: run_dir.clone(),
        operator: Arc::new(operator::Terminal),
        stop,
        selection,
        changed,
        previous,
    };
    let ended = engine.run().await;
    listening.abort();
    let (outcome, state) = ended?;
    let exit = Exit::from(outcome);
    closing(&state, &run_dir, exit);
    Ok(exit)
}

/// Turns SIGINT and SIGTERM into a graceful end.
fn listen(stop: Stop) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut interrupt), Ok(mut terminate)) =
            (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            return;
        };
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            let again = stop.asked();
            stop.signal();
            output::tell(if again {
                "leaving: undoing faults and writing the record"
            } else {
                "stopping: the action in progress ends, faults are undone; press Ctrl-C again not to wait for it"
            });
        }
    })
}

fn opening(plan: &Plan, run: &RunId, selection: &Selection) -> Vec<Event> {
    let header = RunHeader {
        format: FORMAT,
        jalon: env!("CARGO_PKG_VERSION").to_owned(),
        run: run.clone(),
        operator: host::operator(),
        plan: plan.outline(),
        selection: selection.text(),
    };
    let mut events = vec![Event::RunStarted(Box::new(header))];
    events.extend(plan.graph.steps().filter(|s| selection.passes_over(s.id)).map(|s| Event::StepSkipped {
        step: s.id,
        by: host::operator(),
        reason: format!("not asked for ({})", selection.text().unwrap_or_default()),
    }));
    events
}

/// Makes the folder of a new run, named by the time and the environment.
fn new_run(runs: &Runs, plan: &Plan) -> Result<RunDir, Error> {
    let stamp = Timestamp::now().strftime("%Y%m%d-%H%M%S").to_string();
    for number in 1.. {
        let suffix = if number == 1 { String::new() } else { format!("-{number}") };
        let run = runs.get(&RunId::new(format!("{stamp}-{}{suffix}", plan.environment.name)));
        let parent = run.path.parent().map_or_else(|| run.path.clone(), Path::to_owned);
        let fault = |cause| Error::Disk { verb: "make", path: run.path.clone(), cause };
        std::fs::create_dir_all(&parent).map_err(fault)?;
        match std::fs::create_dir(&run.path) {
            Ok(()) => return Ok(run),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(cause) => return Err(fault(cause)),
        }
    }
    unreachable!("the loop over all numbers returns")
}

fn confirm(plan: &Plan, confirmed: Option<&str>) -> Result<(), Error> {
    let name = &plan.environment.name;
    if plan.environment.production && confirmed != Some(name) {
        return Err(Error::Usage {
            message: format!("`{name}` is a production environment"),
            hint: format!("say that you mean it: `--confirm {name}`"),
        });
    }
    Ok(())
}

fn unknown_step(plan: &Plan, step: StepId) -> Error {
    let known: Vec<String> = plan.graph.steps().map(|s| s.id.to_string()).collect();
    Error::Usage {
        message: format!("the plan has no step {step}"),
        hint: format!("its steps: {}", known.join(", ")),
    }
}

fn check_selection(plan: &Plan, selection: &Selection) -> Result<(), Error> {
    match [selection.from, selection.until, selection.only]
        .into_iter()
        .flatten()
        .find(|s| plan.graph.step(*s).is_none())
    {
        Some(step) => Err(unknown_step(plan, step)),
        None => Ok(()),
    }
}

fn explain_fates(fates: &BTreeMap<StepId, Fate>, on_stdout: bool) -> Result<(), Error> {
    let mut text = String::new();
    for (step, fate) in fates {
        let line = match fate {
            Fate::Kept(why) => format!("step {step:>2}  kept: {why}\n"),
            Fate::Runs { why, .. } => format!("step {step:>2}  runs: {why}\n"),
            Fate::Reset(why) => format!("step {step:>2}  runs again: {why}\n"),
        };
        text.push_str(&line);
    }
    if on_stdout {
        return output::print(&text);
    }
    output::tell(text.trim_end());
    Ok(())
}

/// Evidence of the last run of each step that passed in this environment, where the plan compares with it. A run with
/// other sizes or objectives is none to compare with.
fn previous(dir: &Path, plan: &Plan, current: &RunId) -> BTreeMap<StepId, BTreeMap<ActionId, Evidence>> {
    let wanted: BTreeSet<StepId> = plan
        .graph
        .steps()
        .filter(|s| {
            s.criteria.iter().any(|c| c.expression.names().iter().any(|n| n.path[0] == "previous"))
                || s.actions().any(|a| a.params.to_string().contains("previous."))
        })
        .map(|s| s.id)
        .collect();
    let mut found = BTreeMap::new();
    if wanted.is_empty() {
        return found;
    }
    for run in Runs::of_campaign(dir).list().unwrap_or_default().iter().rev().filter(|r| r.run != *current) {
        // A run that cannot be read has no say; `jalon verify` tells why.
        let Ok((_, state)) = open::read(run) else { continue };
        let same = state.header.as_ref().is_some_and(|h| {
            h.plan.environment == plan.environment.name
                && h.plan.parameters_fingerprint == plan.parameters_fingerprint
        });
        for step in wanted.iter().filter(|_| same) {
            if let Some(attempt) = state.steps.get(step).and_then(|s| s.passed()) {
                found.entry(*step).or_insert_with(|| attempt.evidence().collect());
            }
        }
    }
    found
}

/// The last lines: where the evidence is and what to do next.
fn closing(state: &RunState, run: &RunDir, exit: Exit) {
    let now = Timestamp::now();
    let first = |wanted: &[StepState]| {
        state.steps.keys().copied().find(|s| wanted.contains(&state.step_state(*s, now)))
    };
    let next = match exit {
        Exit::Passed => "jalon report".to_owned(),
        Exit::Waiting => match first(&[StepState::AwaitingApproval, StepState::Interrupted]) {
            Some(step) => format!("jalon approve {step}, then jalon resume"),
            None => "jalon status".to_owned(),
        },
        Exit::Failed | Exit::Inconclusive | Exit::Unreachable => {
            match first(&[StepState::Failed, StepState::Error, StepState::Inconclusive]) {
                Some(step) => {
                    format!("jalon status, then jalon retry {step} (or jalon waive {step} --reason …)")
                }
                None => "jalon status".to_owned(),
            }
        }
        _ => "jalon resume".to_owned(),
    };
    output::tell(&format!("evidence: {}\nnext:     {next}", run.path.display()));
}
