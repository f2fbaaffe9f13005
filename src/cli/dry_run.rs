//! `jalon run --dry-run`: everything that a run would do, from the plan alone. It makes nothing and asks nobody.

use super::{
    CommandError,
    explain::hanging,
    output,
    plan::{estimated, estimated_at},
};
use crate::{
    action::Action,
    engine::Selection,
    history::Past,
    plan::{ActionSpec, Plan, Step, compile, template},
    record::{Arg, Language, Localized, RunId, Said, Severity, StepId, event::Approve, messages},
};
use schemars::JsonSchema;
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// Everything that a run would do, as `--dry-run --json` prints it.
#[derive(Serialize, JsonSchema)]
pub(super) struct DryRun<'p> {
    /// Name of the campaign, as the campaign file has it.
    campaign: &'p str,
    /// Name of the environment.
    environment: &'p str,
    /// Name of the profile, such as `smoke`.
    profile: &'p str,
    /// The run that `baseline` means; `null` where none is named.
    baseline: Option<&'p RunId>,
    /// What `--confirm` must say; `null` where the environment is not a production one.
    needs_confirm: Option<&'p str>,
    /// How long the steps that would run should take together, in seconds; `null` where none says so.
    estimate_s: Option<u64>,
    /// Every step of the plan.
    steps: Vec<Planned<'p>>,
}

/// One step as it would be done.
#[derive(Serialize, JsonSchema)]
struct Planned<'p> {
    /// Number of the step in the plan.
    step: StepId,
    /// Its title, by language.
    title: &'p Localized,
    /// The steps that must have passed before.
    needs: &'p [StepId],
    /// Whether the selection passes it over, or leaves it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_run: Option<Said>,
    /// How long it should take, in seconds; `null` where the file does not say.
    estimate_s: Option<u64>,
    /// Watches of the step.
    watches: Vec<Doing>,
    /// In order; the actions of one group run together.
    groups: Vec<Vec<Doing>>,
    /// Criteria of the step, in the order of the step file.
    criteria: Vec<Judging>,
    /// Artifacts that it must leave, as `ACTION/FILE`.
    artifacts: &'p [String],
    /// Who is asked what at its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    approve: Option<&'p Approve>,
}

/// One action or watch as it would be done.
#[derive(Serialize, JsonSchema)]
struct Doing {
    /// Name of the action or watch in the step.
    id: String,
    /// Kind of the action, or of the probe of the watch.
    kind: &'static str,
    /// What it does, in a line.
    description: Said,
    /// How long it should take, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_s: Option<f64>,
    /// How often a watch looks, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    every_s: Option<f64>,
    /// Parameters that only the run can know, with the names that they wait for.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    known_later: BTreeMap<String, Vec<String>>,
    /// The action that undoes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    undo: Option<String>,
}

/// One criterion, as it would be judged.
#[derive(Serialize, JsonSchema)]
struct Judging {
    /// The criterion, as written in the step file.
    criterion: String,
    /// How much its failure weighs: `critical` or `warn`.
    severity: Severity,
    /// Whether it cannot be waived.
    must: bool,
}

/// Shows what a run of `plan` would do.
pub(super) fn show(
    plan: &Plan,
    selection: &Selection,
    baseline: Option<&RunId>,
    past: &Past,
    json: bool,
    language: Language,
) -> Result<(), CommandError> {
    let names = template::Names::new(&serde_json::Map::clone(&plan.fixed).into());
    let steps: Vec<Planned<'_>> = plan.graph.steps().map(|s| planned(plan, s, selection, &names)).collect();
    if !json {
        return output::print(&text(plan, selection, &steps, baseline, past, language));
    }
    output::print_json(&DryRun {
        campaign: &plan.campaign.name,
        environment: &plan.environment.name,
        profile: &plan.profile,
        baseline,
        needs_confirm: plan.environment.production.then_some(plan.environment.name.as_str()),
        estimate_s: compile::estimate(chosen(plan, selection)).map(|(sum, _)| sum.as_secs()),
        steps,
    })
}

fn chosen<'p>(plan: &'p Plan, selection: &'p Selection) -> impl Iterator<Item = &'p Step> {
    plan.graph.steps().filter(|s| selection.includes(s.id))
}

fn planned<'p>(plan: &Plan, step: &'p Step, selection: &Selection, names: &template::Names) -> Planned<'p> {
    let not_run = match (selection.includes(step.id), selection.passes_over(step.id)) {
        (true, _) => None,
        (false, true) => Some(skipped_for_later()),
        (false, false) => Some(not_selected()),
    };
    Planned {
        step: step.id,
        title: &step.title,
        needs: &step.needs,
        not_run,
        estimate_s: step.estimate.map(|e| e.as_secs()),
        watches: step
            .watches
            .iter()
            .map(|w| Doing { every_s: Some(w.every.as_secs_f64()), ..doing(plan, &w.spec, names) })
            .collect(),
        groups: step.groups.iter().map(|g| g.iter().map(|s| doing(plan, s, names)).collect()).collect(),
        criteria: step
            .criteria
            .iter()
            .map(|c| Judging { criterion: c.text(), severity: c.severity, must: c.must })
            .collect(),
        artifacts: &step.artifacts,
        approve: step.approve.as_ref(),
    }
}

fn doing(plan: &Plan, spec: &ActionSpec, names: &template::Names) -> Doing {
    let known: Option<Arc<dyn Action>> =
        template::resolve(&spec.params, names).ok().and_then(|params| (spec.kind.parse)(&params).ok());
    let action = known.unwrap_or_else(|| Arc::clone(&spec.action));
    let mut known_later = BTreeMap::new();
    for (path, names) in template::names_used(&spec.params).unwrap_or_default() {
        let waits: Vec<String> = names
            .into_iter()
            .filter(|name| !plan.fixed.contains_key(name.split('.').next().unwrap_or_default()))
            .collect();
        if !waits.is_empty() {
            known_later.insert(path.join("."), waits);
        }
    }
    Doing {
        id: spec.id.to_string(),
        kind: spec.kind.name,
        description: action.describe().masked(),
        expected_s: action.expected().map(|e| e.as_secs_f64()),
        every_s: None,
        known_later,
        undo: action.undo().map(|undo| undo.kind),
    }
}

fn text(
    plan: &Plan,
    selection: &Selection,
    steps: &[Planned<'_>],
    baseline: Option<&RunId>,
    past: &Past,
    language: Language,
) -> String {
    let running = steps.iter().filter(|s| s.not_run.is_none()).count();
    let (campaign, environment) = (plan.campaign.name.as_str(), plan.environment.name.as_str());
    let estimate = estimated(chosen(plan, selection));
    let head = would_do(campaign, environment, plan.profile.as_str(), running, estimate);
    let mut out = hanging("", &head.in_language(language), 2);
    if plan.environment.production {
        out.push_str(&hanging("  ", &needs_confirm(environment).in_language(language), 4));
    }
    if let Some(run) = baseline {
        let said = baseline_is(run.as_str(), past.baseline.len());
        out.push_str(&hanging("  ", &said.in_language(language), 4));
    }
    steps.iter().for_each(|step| out.push_str(&step_text(step, language)));
    out
}

fn step_text(step: &Planned<'_>, language: Language) -> String {
    let mut told: Vec<Said> = step.not_run.iter().cloned().collect();
    if !step.needs.is_empty() {
        told.push(needs(Arg::list(step.needs.iter().map(|step| step.0))));
    }
    told.extend(step.estimate_s.map(|s| estimated_at(Duration::from_secs(s))));
    let bold = anstyle::Style::new().bold();
    let head = format!("{} {:>2}  ", word_step().in_language(language), step.step);
    let indent = head.chars().count();
    let head = hanging(&head, step.title.get(language.code()), indent);
    let mut out = format!("{bold}{}{bold:#}\n", head.trim_end());
    if !told.is_empty() {
        out.push_str(&hanging(&" ".repeat(indent), &Said::all(told).in_language(language), indent));
    }
    if step.not_run.is_some() {
        return out;
    }
    for watch in &step.watches {
        out.push_str(&doing_text(&word_watch(), watch, language));
    }
    for group in &step.groups {
        for (index, action) in group.iter().enumerate() {
            out.push_str(&doing_text(&if index == 0 { word_do() } else { word_with() }, action, language));
        }
    }
    for criterion in &step.criteria {
        let weight = match (criterion.must, criterion.severity) {
            (true, _) => " (must)",
            (false, Severity::Warn) => " (warn)",
            (false, Severity::Critical) => "",
        };
        out.push_str(&line(&word_judge(), &format!("{}{weight}", criterion.criterion), language));
    }
    if !step.artifacts.is_empty() {
        out.push_str(&line(&word_leave(), &step.artifacts.join(", "), language));
    }
    if let Some(approve) = step.approve {
        let asked = is_asked(approve.role.as_str(), approve.question.as_str());
        out.push_str(&line(&word_gate(), &asked.in_language(language), language));
    }
    out
}

/// A line of a step behind the word that says what it is.
fn line(word: &Said, text: &str, language: Language) -> String {
    hanging(&format!("  {:<6} ", word.in_language(language)), text, 11)
}

fn doing_text(word: &Said, doing: &Doing, language: Language) -> String {
    let mut said = doing.description.clone();
    if let Some(every) = doing.every_s {
        said = every_so_often(said, Duration::from_secs_f64(every));
    }
    if doing.undo.is_some() {
        said = with_undo(said);
    }
    let text = format!("{}{}{}", doing.id, language.colon(), said.in_language(language));
    let mut out = line(word, &text, language);
    for (place, names) in &doing.known_later {
        let later = known_later(place.as_str(), Arg::list(names.iter().map(String::as_str)));
        out.push_str(&hanging("           ", &later.in_language(language), 13));
    }
    out
}

messages! {
    area "dry-run";
    baseline_is(run, count) => "`baseline` is the run {run}, {count} {count|step|steps} of it passed" / "`baseline` est l'exécution {run}, dont {count} {count|étape a réussi|étapes ont réussi}";
    every_so_often(what, time) => "{what}, every {time}" / "{what}, toutes les {time}";
    is_asked(role, question) => "{role} is asked: {question}" / "question à {role} : {question}";
    known_later(place, names) => "known when it runs: {place}, from {names}" / "connu à l'exécution : {place}, par {names}";
    needs(steps) => "needs {steps}" / "après {steps}";
    needs_confirm(name) => "gate: a production environment; the run needs `--confirm {name}`" / "verrou : un environnement de production ; l'exécution demande `--confirm {name}`";
    not_selected() => "not selected" / "non sélectionnée";
    skipped_for_later() => "skipped, so that later steps can run" / "sautée, pour que les étapes suivantes puissent s'exécuter";
    with_undo(what) => "{what}; undone at the end, and before anything else after a crash" / "{what} ; annulé à la fin, et avant toute autre chose après un arrêt brutal";
    word_do() => "do" / "faire";
    word_gate() => "gate" / "verrou";
    word_judge() => "judge" / "juger";
    word_leave() => "leave" / "garder";
    word_step() => "step" / "étape";
    word_watch() => "watch" / "suivre";
    word_with() => "  with" / "  avec";
    would_do(campaign, environment, profile, count, estimate) => "{campaign} on {environment}, profile {profile}: {count} {count|step|steps}, {estimate}; nothing is done" / "{campaign} sur {environment}, profil {profile} : {count} {count|étape|étapes}, {estimate} ; rien n'est fait";
}
