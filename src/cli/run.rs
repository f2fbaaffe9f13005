//! `jalon run`: load → compile → execute → report.

use super::{
    CommandError, Exit, dry_run, earlier,
    open::{self, PlanArgs, TakeOver},
    operator, output,
    selected::{self, Looking, Selected},
    serve, signals,
};
use crate::{
    engine::{self, Engine, Selection, Stop, resume::Decisions},
    history::Past,
    observe::{Console, Notices},
    page::{Desk, Hears},
    plan::{Options, Plan},
    record::{
        Arg, Artifact, Event, Language, Observer, RunId, RunState, Said, StepState,
        event::{Cause, FORMAT, Outcome, PlanOutline, RunHeader},
        messages,
    },
    store::{
        Lock, Recorder, RunDir, Runs,
        lock::{End, Left},
        plan_files,
    },
    support::host,
};
use clap::Args;
use jiff::Timestamp;
use std::{path::Path, sync::Arc};

/// Arguments of `run`.
#[derive(Debug, Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    plan: PlanArgs,
    #[command(flatten)]
    selected: Selected,
    /// Show what would run, without running it.
    #[arg(long)]
    dry_run: bool,
    /// With `--dry-run`: print JSON.
    #[arg(long, requires = "dry_run")]
    json: bool,
    /// Run that `baseline.…` refers to. Default: the baseline of the campaign file.
    #[arg(long, value_name = "RUN")]
    baseline: Option<String>,
    /// Name of the environment, required to confirm a run on a production platform.
    #[arg(long, value_name = "NAME")]
    confirm: Option<String>,
    #[command(flatten)]
    looking: Looking,
    #[command(flatten)]
    take_over: TakeOver,
    /// Show the run in a browser while it goes on, as `jalon serve` does. A question of the run can be answered there,
    /// or at the terminal.
    #[arg(long, conflicts_with = "dry_run")]
    serve: bool,
    #[command(flatten)]
    page: serve::Listening,
    #[command(flatten)]
    spoken: output::Spoken,
}

/// Starts a run.
pub(super) async fn run(dir: &Path, args: RunArgs) -> Result<Exit, CommandError> {
    let selection = args.selected.selection();
    let plan = open::plan(dir, &Options { selection: selection.clone(), ..args.plan.options() })?;
    selected::check(&plan, &selection)?;
    selected::tell_unready(&plan, args.spoken.lang);
    let baseline = args.baseline.map(RunId::new).or_else(|| plan.campaign.baseline.clone().map(RunId::new));
    // A baseline that is not there is told before anything is made.
    let past = Past::of(dir, &plan, &RunId::from(""), baseline.as_ref())?;
    if args.dry_run {
        dry_run::show(&plan, &selection, baseline.as_ref(), &past, args.json, args.spoken.lang)?;
        return Ok(Exit::Passed);
    }
    confirm(&plan, args.confirm.as_deref())?;
    let page = args.page.open(dir, args.serve, args.spoken.lang).await?;
    let runs = Runs::of_campaign(dir);
    let environment_lock = open::lock(
        &runs.environment_lock(&plan.environment.name),
        "jalon run",
        args.take_over,
        args.spoken.lang,
    )?;
    if earlier::clear(dir, &plan, None, args.take_over, args.spoken.lang).await? {
        return Ok(Exit::Interrupted);
    }
    args.looking.look(&plan, |step| selection.includes(step)).await?;
    let run_dir = new_run(&runs, &plan)?;
    let mut recorder = open::write(&run_dir, "jalon run", args.take_over, args.spoken.lang)?
        .observed_by(observers(&plan, page.as_ref().map(serve::Page::desk), args.spoken.lang));
    if let Some(page) = &page {
        page.desk().is_of(&run_dir.run);
    }
    let mut outline = plan.outline();
    outline.kept = Some(keep_files(&run_dir, &plan, &[])?);
    recorder.commit(opening(&plan, outline, &run_dir.run, &selection, baseline))?;
    recorder.commit(from_elsewhere(&environment_lock))?;
    let desk = page.as_ref().map(|page| Arc::clone(page.desk()));
    let exit = carry_out(&plan, recorder, (selection, Decisions::new()), past, desk, args.spoken.lang).await;
    drop(environment_lock);
    if let (Some(page), Ok(_)) = (page, &exit) {
        page.stay(args.spoken.lang).await;
    }
    exit
}

/// Who hears what happens in a run.
pub(super) fn observers(plan: &Plan, desk: Option<&Arc<Desk>>, language: Language) -> Vec<Box<dyn Observer>> {
    let mut observers: Vec<Box<dyn Observer>> = vec![Box::new(Console::new(language))];
    if !plan.campaign.notify.is_empty() {
        observers.push(Box::new(Notices::new(&plan.campaign.notify, language)));
    }
    observers.extend(desk.map(|desk| Box::new(Hears(Arc::clone(desk))) as Box<dyn Observer>));
    observers
}

/// Keeps the files of the plan with the run.
pub(super) fn keep_files(
    run_dir: &RunDir,
    plan: &Plan,
    known: &[Artifact],
) -> Result<Artifact, CommandError> {
    let files = plan.files.iter().map(|file| (file.path.as_path(), &*file.text));
    plan_files::keep(run_dir, files, known).map_err(open::not_stored)
}

/// Executes, and says how it ended and what to do next.
pub(super) async fn carry_out(
    plan: &Plan,
    recorder: Recorder,
    (selection, decisions): (Selection, Decisions),
    past: Past,
    desk: Option<Arc<Desk>>,
    language: Language,
) -> Result<Exit, CommandError> {
    let stop = Stop::default();
    let listening = signals::end_gently(stop.clone(), language);
    let run_dir = recorder.dir().clone();
    let engine = Engine {
        plan,
        recorder,
        operator: Arc::new(operator::People { stop: stop.clone(), desk, language }),
        stop,
        selection,
        decisions,
        past,
    };
    let ended = engine.run().await;
    drop(listening);
    let (outcome, state) = ended?;
    let disk = outcome == Outcome::Error
        && state.steps.keys().any(|step| engine::failed_by(&state, *step, Cause::Disk));
    let exit = if disk { Exit::Disk } else { Exit::from(outcome) };
    closing(&state, &run_dir, exit, language);
    Ok(exit)
}

fn opening(
    plan: &Plan,
    outline: PlanOutline,
    run: &RunId,
    selection: &Selection,
    baseline: Option<RunId>,
) -> Vec<Event> {
    let header = RunHeader {
        format: FORMAT,
        jalon: env!("CARGO_PKG_VERSION").to_owned(),
        run: run.clone(),
        operator: host::operator(),
        plan: outline,
        selection: selection.text(),
        baseline,
    };
    let mut events = vec![Event::RunStarted(Box::new(header))];
    events.extend(plan.graph.steps().filter(|s| selection.passes_over(s.id)).map(|s| Event::StepSkipped {
        step: s.id,
        by: host::operator(),
        reason: not_selected(selection.text().unwrap_or_default()),
    }));
    events
}

messages! {
    area "run";
    approve(step) => "jalon approve {step}, then jalon resume" / "jalon approve {step}, puis jalon resume";
    approve_action(step, action) => "jalon approve {step} --action {action} (with --no: it may not), then jalon resume" / "jalon approve {step} --action {action} (avec --no : c'est non), puis jalon resume";
    evidence_at(path) => "evidence: {path}" / "preuves : {path}";
    except(steps) => "except:   {steps}" / "sauf :    {steps}";
    free_space() => "free some space or correct the permissions, then jalon resume" / "libérer de l'espace ou corriger les droits, puis jalon resume";
    next_is(command) => "next:     {command}" / "ensuite : {command}";
    not_selected(selection) => "not selected ({selection})" / "non sélectionnée ({selection})";
    report_or_go_on(selection) => "jalon report (the run was started with {selection}; to continue: jalon resume --all)" / "jalon report (l'exécution a été lancée avec {selection} ; pour continuer : jalon resume --all)";
    retry_or_waive(step) => "jalon status, then jalon retry {step} (or jalon waive {step} --reason …)" / "jalon status, puis jalon retry {step} (ou jalon waive {step} --reason …)";
    skip(step) => "jalon skip {step} --reason … (the plan no longer has the step; or put it back), then jalon resume" / "jalon skip {step} --reason … (le plan n'a plus cette étape ; ou la remettre), puis jalon resume";
    step_shown(step, state) => "step {step} {state}" / "étape {step} {state}";
    the_question(question) => "question: {question}" / "question : {question}";
}

/// The record that the lock of the environment was taken over from another machine, where it was.
pub(super) fn from_elsewhere(lock: &Lock) -> Option<Event> {
    lock.left().filter(|left| left.end == End::Elsewhere).map(Left::event)
}

/// Makes the folder of a new run, named by the time and the environment.
fn new_run(runs: &Runs, plan: &Plan) -> Result<RunDir, CommandError> {
    let stamp = Timestamp::now().strftime("%Y%m%d-%H%M%S").to_string();
    for number in 1.. {
        let suffix = if number == 1 { String::new() } else { format!("-{number}") };
        let run = runs.get(&RunId::new(format!("{stamp}-{}{suffix}", plan.environment.name)));
        let parent = run.path.parent().map_or_else(|| run.path.clone(), Path::to_owned);
        let fault = |cause| CommandError::Disk { verb: "make", path: run.path.clone(), cause };
        std::fs::create_dir_all(&parent).map_err(fault)?;
        match std::fs::create_dir(&run.path) {
            Ok(()) => return Ok(run),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(cause) => return Err(fault(cause)),
        }
    }
    unreachable!("the loop over all numbers returns")
}

pub(super) fn confirm(plan: &Plan, confirmed: Option<&str>) -> Result<(), CommandError> {
    let name = &plan.environment.name;
    if plan.environment.production && confirmed != Some(name) {
        return Err(CommandError::Usage {
            message: format!("`{name}` is a production environment"),
            hint: format!("to run on it, confirm with `--confirm {name}`"),
        });
    }
    Ok(())
}

/// The last lines: where the evidence is and what to do next.
pub(super) fn closing(state: &RunState, run: &RunDir, exit: Exit, language: Language) {
    let tell = |said: Said| output::tell(&said.in_language(language));
    let question = state.steps.iter().find_map(|(step, s)| Some((step, s.questions.first_key_value()?)));
    let next = match (exit, question) {
        (Exit::Waiting, Some((step, (action, question)))) => {
            tell(the_question(question));
            approve_action(step.0, action.as_str())
        }
        (exit, _) => next(state, exit),
    };
    if exit == Exit::Exceptions {
        let now = Timestamp::now();
        let exceptions = state.steps.keys().filter_map(|step| {
            let shown = state.step_state(*step, now);
            let word = step_shown(step.0, &shown);
            matches!(shown, StepState::Waived | StepState::Skipped).then_some(word)
        });
        tell(except(Arg::list(exceptions)));
    }
    tell(evidence_at(run.path.display().to_string()));
    tell(next_is(next));
}

/// What leads on from there.
fn next(state: &RunState, exit: Exit) -> Said {
    let now = Timestamp::now();
    let first = |wanted: &[StepState]| {
        state.steps.keys().copied().find(|s| wanted.contains(&state.step_state(*s, now)))
    };
    match exit {
        Exit::Passed | Exit::Exceptions => match state.header.as_ref().and_then(|h| h.selection.as_deref()) {
            Some(selection)
                if Selection::of_text(selection).has_end()
                    && first(&[StepState::Ready, StepState::Locked]).is_some() =>
            {
                report_or_go_on(selection)
            }
            _ => Said::verbatim("jalon report"),
        },
        Exit::Waiting => match first(&[StepState::AwaitingApproval, StepState::Interrupted]) {
            Some(step) => approve(step.0),
            None => Said::verbatim("jalon status"),
        },
        Exit::Disk => free_space(),
        Exit::Failed | Exit::Inconclusive | Exit::Unreachable => {
            match first(&[StepState::Failed, StepState::Error, StepState::Inconclusive]) {
                Some(step) => retry_or_waive(step.0),
                None => Said::verbatim("jalon status"),
            }
        }
        Exit::Interrupted => match state.waits_for_skip(now) {
            Some(step) => skip(step.0),
            None => Said::verbatim("jalon resume"),
        },
        _ => Said::verbatim("jalon resume"),
    }
}
