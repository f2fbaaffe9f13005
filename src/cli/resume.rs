//! `jalon resume` and `jalon retry`: what is kept and what is done again is decided first, told, and then followed.

use super::{
    CommandError, Exit, earlier,
    explain::{Explained, Prospect},
    open::{self, RunChoice, TakeOver},
    output,
    run::{carry_out, closing, confirm, from_elsewhere, keep_files, observers},
    selected::{self, Looking, unknown_step},
    serve,
};
use crate::{
    engine::{
        Selection,
        resume::{self, Asked, Decisions, Fate, Standing, StepDecision},
    },
    history::{self, Past},
    plan::{Options, Plan},
    record::{
        ActionId, Arg, Event, RunState, Said, StepId,
        event::{Outcome, RunHeader},
        messages,
    },
    store::{RunDir, Runs},
    support::{children::Children, host, redact, text},
};
use clap::Args;
use std::{path::Path, sync::Arc};

/// Arguments of `resume`.
#[derive(Debug, Args)]
pub(super) struct ResumeArgs {
    /// Run this step again, and every step that depends on it.
    #[arg(long, value_name = "STEP")]
    from: Option<u32>,
    #[command(flatten)]
    wish: Wish,
}

/// Arguments of `retry`.
#[derive(Debug, Args)]
pub(super) struct RetryArgs {
    /// Number of the step.
    step: u32,
    /// Keep nothing of the step: run all of its actions again.
    #[arg(long, conflicts_with = "from")]
    whole_step: bool,
    /// Keep the actions before this one; run this one and all later ones again.
    #[arg(long, value_name = "ACTION")]
    from: Option<String>,
    #[command(flatten)]
    wish: Wish,
}

/// What `resume` and `retry` have in common.
#[derive(Debug, Args)]
struct Wish {
    #[command(flatten)]
    choice: RunChoice,
    /// Show what would be kept, what would run again, and why, without running it.
    #[arg(long)]
    explain: bool,
    /// With `--explain`: print JSON.
    #[arg(long, requires = "explain")]
    json: bool,
    /// Stop after this step. Default: the last step that the run was started for.
    #[arg(long, value_name = "STEP")]
    until: Option<u32>,
    /// Continue to the last step, even if the run was started for fewer.
    #[arg(long, conflicts_with = "until")]
    all: bool,
    /// Name of the environment, required to confirm a run on a production platform.
    #[arg(long, value_name = "NAME")]
    confirm: Option<String>,
    #[command(flatten)]
    looking: Looking,
    #[command(flatten)]
    take_over: TakeOver,
    /// Show the run in a browser while it goes on, as `jalon run --serve` does.
    #[arg(long, conflicts_with = "explain")]
    serve: bool,
    #[command(flatten)]
    page: serve::Listening,
    #[command(flatten)]
    spoken: output::Spoken,
}

/// Goes on with a run.
pub(super) async fn resume(dir: &Path, args: ResumeArgs) -> Result<Exit, CommandError> {
    let asked = Asked { by: host::operator(), from_step: args.from.map(StepId), ..Asked::default() };
    go_on(dir, &args.wish, &asked).await
}

/// Does one step again and goes on.
pub(super) async fn retry(dir: &Path, args: RetryArgs) -> Result<Exit, CommandError> {
    let asked = Asked {
        by: host::operator(),
        retry: Some(StepId(args.step)),
        whole_step: args.whole_step,
        from_action: args.from.as_deref().map(ActionId::from),
        from_step: None,
    };
    go_on(dir, &args.wish, &asked).await
}

async fn go_on(dir: &Path, wish: &Wish, asked: &Asked) -> Result<Exit, CommandError> {
    let run_dir = open::run_dir(dir, &wish.choice)?;
    let Some(header) = history::read(&run_dir)?.1.header else {
        let message = format!("the run {} ended before its first record", run_dir.run);
        return Err(CommandError::Usage { message, hint: "start a new one with `jalon run`".to_owned() });
    };
    if let Some((name, _)) = header.plan.vars.iter().find(|(_, v)| v.to_string().contains(redact::MASK)) {
        return Err(CommandError::Usage {
            message: format!("variable `{name}` of the run is a secret, which the record does not hold"),
            hint: format!("start a new run with a reference: `jalon run --var {name}=env:NAME`"),
        });
    }
    let selection = selection(&header, wish, asked);
    let chosen = Options {
        environment: Some(header.plan.environment.clone()),
        profile: Some(header.plan.profile.clone()),
        vars: header.plan.vars.clone(),
        typed_vars: Vec::new(),
        draft: false,
        selection: selection.clone(),
    };
    let plan = open::plan(dir, &chosen)?;
    check(&plan, wish, asked)?;
    selected::tell_unready(&plan, wish.spoken.lang);
    let past = Past::of(dir, &plan, &run_dir.run, header.baseline.as_ref())?;
    if let Some(step) = asked.retry.or(asked.from_step).filter(|step| !selection.includes(*step)) {
        let text = selection.text().unwrap_or_default();
        return Err(CommandError::Usage {
            message: format!("step {step} is not among those that the run was started for: {text}"),
            hint: format!("`--until {step}` or `--all` lifts that"),
        });
    }
    if let Some(text) = selection.text().filter(|_| wish.until.is_none() && selection.has_end()) {
        output::tell(&goes_no_further(text).in_language(wish.spoken.lang));
    }
    let ground = Ground { plan: &plan, run_dir: &run_dir, past: &past, asked };
    if wish.explain {
        let state = history::read(&run_dir)?.1;
        let decisions = resume::decide(&ground.standing(&state));
        let prospect = Prospect::of(&run_dir.run, &ground.standing(&state), &decisions, &selection);
        match wish.json {
            true => output::print_json(&Explained::of(&prospect))?,
            false => output::print(&prospect.full(wish.spoken.lang))?,
        }
        return Ok(Exit::Passed);
    }
    confirm(&plan, wish.confirm.as_deref())?;
    let lock = Runs::of_campaign(dir).environment_lock(&plan.environment.name);
    let environment_lock = open::lock(&lock, "jalon resume", wish.take_over, wish.spoken.lang)?;
    if earlier::clear(dir, &plan, Some(&run_dir.run), wish.take_over, wish.spoken.lang).await? {
        return Ok(Exit::Interrupted);
    }
    if let Some(exit) = nothing_to_do(&ground, wish, &selection)? {
        return Ok(exit);
    }
    let page = wish.page.open(dir, wish.serve, wish.spoken.lang).await?;
    let state = history::read(&run_dir)?.1;
    // What the run left is undone first, whatever the platform is like: it may be the cause.
    let left = state.to_undo().next().is_some() || Children::recorded_in(run_dir.groups()).has_left_any();
    if !left {
        let decisions = resume::decide(&ground.standing(&state));
        let runs = |step: StepId| {
            decisions.get(&step).is_some_and(|d| matches!(d.fate, Fate::Runs | Fate::RunsAgain))
        };
        wish.looking.look(&plan, |step| selection.includes(step) && runs(step)).await?;
    }
    let mut recorder = open::write_under(
        Some(&environment_lock),
        &run_dir,
        "jalon resume",
        wish.take_over,
        wish.spoken.lang,
    )?
    .observed_by(observers(&plan, page.as_ref().map(serve::Page::desk), wish.spoken.lang));
    if let Some(page) = &page {
        page.desk().is_of(&run_dir.run);
    }
    let decisions = resume::decide(&ground.standing(recorder.state()));
    let prospect = Prospect::of(&run_dir.run, &ground.standing(recorder.state()), &decisions, &selection);
    output::tell(prospect.short(wish.spoken.lang).trim_end());
    let mut outline = plan.outline();
    let known: Vec<_> = recorder.state().plans.iter().filter_map(|p| p.kept.clone()).collect();
    outline.kept = Some(keep_files(&run_dir, &plan, &known)?);
    let mut events = vec![Event::RunResumed {
        jalon: env!("CARGO_PKG_VERSION").to_owned(),
        operator: host::operator(),
        plan: outline,
        selection: selection.text(),
    }];
    events.extend(from_elsewhere(&environment_lock));
    events.extend(set_back(&decisions, asked));
    recorder.commit(events)?;
    let desk = page.as_ref().map(|page| Arc::clone(page.desk()));
    let exit = carry_out(&plan, recorder, (selection, decisions), past, desk, wish.spoken.lang).await;
    drop(environment_lock);
    if let (Some(page), Ok(_)) = (page, &exit) {
        page.stay(wish.spoken.lang).await;
    }
    exit
}

/// What a decision rests on, whatever the state of the run.
struct Ground<'a> {
    plan: &'a Plan,
    run_dir: &'a RunDir,
    past: &'a Past,
    asked: &'a Asked,
}

impl Ground<'_> {
    fn standing<'s>(&'s self, state: &'s RunState) -> Standing<'s> {
        let Self { plan, run_dir, past, asked } = *self;
        Standing { state, plan, run_dir: &run_dir.path, past, asked }
    }
}

/// Says of a run that has passed, and of which nothing changed, that there is nothing to go on with; nothing of any other run.
fn nothing_to_do(
    ground: &Ground<'_>,
    wish: &Wish,
    selection: &Selection,
) -> Result<Option<Exit>, CommandError> {
    let Ground { run_dir, asked, plan, .. } = *ground;
    // Whether it lives is asked first: a run that ends in between has its end in the journal.
    let live = history::is_live(run_dir);
    let state = history::read(run_dir)?.1;
    let outcome = match state.outcome {
        Some(outcome @ (Outcome::Passed | Outcome::PassedWithExceptions)) if !live => outcome,
        _ => return Ok(None),
    };
    if asked.retry.is_some() || asked.from_step.is_some() || state.to_undo().next().is_some() {
        return Ok(None);
    }
    let standing = ground.standing(&state);
    let decisions = resume::decide(&standing);
    let runs = |decision: &StepDecision| selection.includes(decision.step) && decision.fate != Fate::Kept;
    // Steps that this plan has and the run's did not have come to nothing yet.
    if decisions.values().any(runs) || Children::recorded_in(run_dir.groups()).has_left_any() {
        return Ok(None);
    }
    let prospect = Prospect::of(&run_dir.run, &standing, &decisions, selection);
    output::tell(prospect.short(wish.spoken.lang).trim_end());
    let gone: Vec<Said> =
        state.steps.keys().filter(|id| plan.graph.step(**id).is_none()).map(|id| step_name(id.0)).collect();
    let told = match gone.is_empty() {
        true => passed_already(run_dir.run.as_str()),
        false => passed_without(run_dir.run.as_str(), Arg::list(gone)),
    };
    output::tell(&told.in_language(wish.spoken.lang));
    let exit = Exit::from(outcome);
    closing(&state, run_dir, exit, wish.spoken.lang);
    Ok(Some(exit))
}

/// Which steps are meant: those that the run was started for, unless the operator says now how far it goes. Where it
/// began stays: the steps before that were passed over.
fn selection(header: &RunHeader, wish: &Wish, asked: &Asked) -> Selection {
    let begun = header.selection.as_deref().map(Selection::of_text).unwrap_or_default();
    let until = wish.until.map(StepId);
    if until.is_none() && !wish.all {
        return begun;
    }
    let first = [until, asked.retry, asked.from_step].into_iter().flatten().min();
    let from = begun.from.or(begun.only).filter(|from| first.is_none_or(|first| *from <= first));
    Selection { from, until, only: None }
}

/// The steps that have an outcome and lose it, and the one that the operator asks for.
fn set_back(decisions: &Decisions, asked: &Asked) -> Vec<Event> {
    decisions
        .values()
        .filter(|d| {
            matches!(d.fate, Fate::RunsAgain | Fate::JudgedAgain)
                || asked.retry == Some(d.step)
                || asked.from_step == Some(d.step)
        })
        .map(|d| Event::StepReset {
            step: d.step,
            reason: d.sentence(),
            judge_again: d.fate == Fate::JudgedAgain,
        })
        .collect()
}

/// Whether the step and the action that were named are there.
fn check(plan: &Plan, wish: &Wish, asked: &Asked) -> Result<(), CommandError> {
    let named = [asked.retry, asked.from_step, wish.until.map(StepId)];
    if let Some(step) = named.into_iter().flatten().find(|step| plan.graph.step(*step).is_none()) {
        return Err(unknown_step(plan, step));
    }
    let step = asked.retry.and_then(|step| plan.graph.step(step));
    let (Some(step), Some(action)) = (step, &asked.from_action) else { return Ok(()) };
    if step.actions().any(|spec| spec.id == *action) {
        return Ok(());
    }
    let known: Vec<&str> = step.actions().map(|spec| spec.id.as_str()).collect();
    let hint = match text::did_you_mean(action.as_str(), known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("its actions: {}", known.join(", ")),
    };
    Err(CommandError::Usage { message: format!("step {} has no action `{action}`", step.id), hint })
}

messages! {
    area "resume";
    goes_no_further(selection) => "the run was started with {selection}, and goes no further; `--all` lifts that" / "l'exécution a été lancée avec {selection} et ne va pas plus loin ; `--all` lève cette limite";
    passed_already(run) => "the run {run} has passed and nothing of its plan has changed: there is nothing to resume. To do a step again: `jalon retry STEP`; for a new run: `jalon run`" / "l'exécution {run} a réussi et rien de son plan n'a changé : il n'y a rien à reprendre. Pour refaire une étape : `jalon retry ÉTAPE` ; pour une nouvelle exécution : `jalon run`";
    passed_without(run, steps) => "the run {run} has passed and nothing of what is left of its plan has changed ({steps} left the plan since): there is nothing to resume. To do a step again: `jalon retry STEP`; for a new run: `jalon run`" / "l'exécution {run} a réussi et rien de ce qui reste de son plan n'a changé ({steps} hors du plan depuis) : il n'y a rien à reprendre. Pour refaire une étape : `jalon retry ÉTAPE` ; pour une nouvelle exécution : `jalon run`";
    step_name(number) => "step {number}" / "étape {number}";
}
