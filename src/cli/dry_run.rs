//! `jalon run --dry-run`: everything that a run would do, from the plan alone. It makes nothing and asks nobody.

use super::{CommandError, explain::hanging, output, plan::estimated};
use crate::{
    action::Action,
    engine::Selection,
    history::Past,
    plan::{ActionSpec, Plan, Step, compile, template},
    record::{Localized, RunId, Severity, StepId, event::Approve},
    support::{redact, text},
};
use schemars::JsonSchema;
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};

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
    not_run: Option<&'static str>,
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
    description: String,
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
) -> Result<(), CommandError> {
    let names = template::Names::new(&serde_json::Map::clone(&plan.fixed).into());
    let steps: Vec<Planned<'_>> = plan.graph.steps().map(|s| planned(plan, s, selection, &names)).collect();
    if !json {
        return output::print(&text(plan, selection, &steps, baseline, past));
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
        (false, true) => Some("skipped, so that later steps can run"),
        (false, false) => Some("not selected"),
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
        description: redact::mask(&action.describe()).into_owned(),
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
) -> String {
    let running = steps.iter().filter(|s| s.not_run.is_none()).count();
    let mut out = hanging(
        "",
        &format!(
            "{} on {}, profile {}: {}, {}; nothing is done",
            plan.campaign.name,
            plan.environment.name,
            plan.profile,
            text::plural(running, "step"),
            estimated(chosen(plan, selection)),
        ),
        2,
    );
    if plan.environment.production {
        let name = &plan.environment.name;
        out.push_str(&format!("  gate: a production environment; the run needs `--confirm {name}`\n"));
    }
    if let Some(run) = baseline {
        let with = past.baseline.len();
        out.push_str(&hanging(
            "  ",
            &format!("`baseline` is the run {run}, {} of it passed", text::plural(with, "step")),
            4,
        ));
    }
    steps.iter().for_each(|step| out.push_str(&step_text(step)));
    out
}

fn step_text(step: &Planned<'_>) -> String {
    let mut told = Vec::new();
    told.extend(step.not_run.map(str::to_owned));
    if !step.needs.is_empty() {
        let needs: Vec<String> = step.needs.iter().map(ToString::to_string).collect();
        told.push(format!("needs {}", needs.join(", ")));
    }
    told.extend(
        step.estimate_s.map(|s| format!("estimated {}", text::duration(std::time::Duration::from_secs(s)))),
    );
    let bold = anstyle::Style::new().bold();
    let head = hanging(&format!("step {:>2}  ", step.step), step.title.get("en"), 9);
    let mut out = format!("{bold}{}{bold:#}\n", head.trim_end());
    if !told.is_empty() {
        out.push_str(&hanging("         ", &told.join("; "), 9));
    }
    if step.not_run.is_some() {
        return out;
    }
    for watch in &step.watches {
        out.push_str(&doing_text("watch", watch));
    }
    for group in &step.groups {
        for (index, action) in group.iter().enumerate() {
            out.push_str(&doing_text(if index == 0 { "do" } else { "  with" }, action));
        }
    }
    for criterion in &step.criteria {
        let weight = match (criterion.must, criterion.severity) {
            (true, _) => " (must)",
            (false, Severity::Warn) => " (warn)",
            (false, Severity::Critical) => "",
        };
        out.push_str(&hanging("  judge  ", &format!("{}{weight}", criterion.criterion), 11));
    }
    if !step.artifacts.is_empty() {
        out.push_str(&hanging("  leave  ", &step.artifacts.join(", "), 11));
    }
    if let Some(approve) = step.approve {
        out.push_str(&hanging("  gate   ", &format!("{} is asked: {}", approve.role, approve.question), 11));
    }
    out
}

fn doing_text(word: &str, doing: &Doing) -> String {
    let mut text = doing.description.clone();
    if let Some(every) = doing.every_s {
        text.push_str(&format!(", every {}", text::duration(std::time::Duration::from_secs_f64(every))));
    }
    if doing.undo.is_some() {
        text.push_str("; undone at the end, and before anything else after a crash");
    }
    let mut out = hanging(&format!("  {word:<6} {}: ", doing.id), &text, 11);
    for (place, names) in &doing.known_later {
        out.push_str(&hanging(
            "           ",
            &format!("known when it runs: {place}, from {}", names.join(", ")),
            13,
        ));
    }
    out
}
