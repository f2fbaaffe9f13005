//! `jalon plan show`: one step of the plan before it runs.

use super::{
    CommandError, Exit,
    open::{self, PlanArgs},
    output,
};
use crate::{
    plan::{
        ActionSpec, Options, Plan, Step, compile,
        criterion::Criterion,
        explain::{Explained, Explainer, Origin},
    },
    record::{ActionId, Localized, Said, Severity, StepId, messages},
    report::{WIDTH, wrap},
    support::{redact, text},
};
use clap::{Args, Subcommand};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::{fmt::Write, path::Path};

/// Arguments of `plan`.
#[derive(Debug, Args)]
pub(super) struct PlanCommandArgs {
    #[command(subcommand)]
    command: PlanCommand,
}

#[derive(Debug, Subcommand)]
enum PlanCommand {
    /// Show one step of the plan; with `--resolved`, each value and its source.
    #[command(
        after_help = "Examples:\n  jalon plan show 3                                the step in words\n  jalon plan show 3 --resolved --profile nominal   every value and its source\n  jalon plan show 3 --resolved --var partitions=12 --json\n\n`--var` overrides `--var-file` (a later file overrides an earlier one), and\n`--var-file` overrides `vars` of plan/campaign.yaml."
    )]
    Show(PlanShowArgs),
}

#[derive(Debug, Args)]
struct PlanShowArgs {
    /// Number of the step.
    step: u32,
    /// Show every parameter with its value and its source.
    #[arg(long)]
    resolved: bool,
    #[command(flatten)]
    plan: PlanArgs,
    /// Print JSON, with the values.
    #[arg(long)]
    json: bool,
}

/// Shows a step of the plan.
pub(super) fn run(dir: &Path, args: &PlanCommandArgs) -> Result<Exit, CommandError> {
    let PlanCommand::Show(args) = &args.command;
    let plan = open::plan(dir, &Options { draft: true, ..args.plan.options() })?;
    let Some(step) = plan.graph.step(StepId(args.step)) else {
        let known: Vec<String> = plan.graph.steps().map(|s| s.id.to_string()).collect();
        return Err(CommandError::Usage {
            message: format!("the plan has no step {}", args.step),
            hint: format!("its steps: {}", known.join(", ")),
        });
    };
    let view = View { plan: &plan, step, explainer: plan.explainer(step), args: &args.plan };
    match args.json {
        true => output::print_json(&view.as_json())?,
        false => output::print(&view.as_text(args.resolved))?,
    }
    Ok(Exit::Passed)
}

/// One step of the plan before it runs, as `--json` prints it.
#[derive(Serialize, JsonSchema)]
pub(super) struct PlanShow<'a> {
    /// Number of the step in the plan.
    step: StepId,
    /// Its title, by language.
    title: &'a Localized,
    /// What it is for, by language.
    objective: &'a Localized,
    /// Its file, from the campaign's folder.
    file: &'a Path,
    /// Name of the environment.
    environment: &'a str,
    /// Name of the profile.
    profile: &'a str,
    /// The steps that must have passed before.
    needs: &'a [StepId],
    /// How long it should take, in seconds; `null` where the file does not say.
    estimate_s: Option<f64>,
    /// What is sampled while its actions run.
    watches: Vec<PlannedWatch>,
    /// Its actions, in their order.
    actions: Vec<PlannedAction>,
    /// What must hold for the step to pass.
    criteria: Vec<PlannedCriterion>,
    /// Artifacts that it must leave, as `ACTION/FILE`.
    artifacts: &'a [String],
}

/// One action of the plan.
#[derive(Serialize, JsonSchema)]
struct PlannedAction {
    /// Name of the action in the step.
    id: ActionId,
    /// Kind of the action, such as `produce`.
    kind: &'static str,
    /// What it does, in a line.
    description: String,
    /// The limit that the step file sets, in seconds; `null` where it sets none.
    timeout_s: Option<f64>,
    /// Its parameters as far as they are known before it runs.
    parameters: Vec<PlannedValue>,
}

/// One watch of the plan.
#[derive(Serialize, JsonSchema)]
struct PlannedWatch {
    /// What it looks at.
    #[serde(flatten)]
    action: PlannedAction,
    /// How often it looks, in seconds.
    every_s: f64,
}

/// One criterion of the plan.
#[derive(Serialize, JsonSchema)]
struct PlannedCriterion {
    /// The criterion, as written in the step file.
    text: String,
    /// `critical` or `warn`.
    severity: Severity,
    /// Whether it cannot be waived.
    must: bool,
    /// What it names that comes from no evidence.
    limits: Vec<PlannedValue>,
}

/// One value, and where it comes from.
#[derive(Serialize, JsonSchema)]
struct PlannedValue {
    /// Its name; keys and places below a parameter are behind dots.
    name: String,
    /// What it comes to; `null` where that is known only when the step runs.
    value: Option<Value>,
    /// The value as written in the step file.
    written: Value,
    /// The line of the step file.
    line: usize,
    /// Whether `value` is known.
    known: bool,
    /// Where it comes from, in words, the place in the step file last.
    from: Vec<String>,
}

struct View<'a> {
    plan: &'a Plan,
    step: &'a Step,
    explainer: Explainer<'a>,
    args: &'a PlanArgs,
}

impl View<'_> {
    fn as_text(&self, resolved: bool) -> String {
        let step = self.step;
        let mut out = format!("step {}  {}\n", step.id, text::one_line(step.title.get("en")));
        out.push_str(&wrap(step.objective.get("en"), WIDTH, 2));
        let needs: Vec<String> = step.needs.iter().map(ToString::to_string).collect();
        let facts = [
            Some(format!(
                "{}; environment {}, profile {}",
                text::path(&step.source.path),
                self.plan.environment.name,
                self.plan.profile
            )),
            (!needs.is_empty()).then(|| format!("needs {}", needs.join(", "))),
            step.estimate.map(|e| format!("estimated {}", text::duration(e))),
            step.approve.as_ref().map(|a| format!("waits for {}: {}", a.role, a.question)),
        ];
        facts.iter().flatten().for_each(|fact| out.push_str(&wrap(fact, WIDTH, 2)));
        if !step.watches.is_empty() {
            out.push_str("\nWatches\n");
        }
        for watch in &step.watches {
            let every = format!("every {}", text::duration(watch.every));
            self.spec_text(&mut out, &watch.spec, &every, resolved);
        }
        if !step.groups.is_empty() {
            out.push_str("\nActions\n");
        }
        for group in &step.groups {
            for spec in group {
                let together = if group.len() > 1 { "in parallel" } else { "" };
                self.spec_text(&mut out, spec, together, resolved);
            }
        }
        out.push_str("\nCriteria\n");
        for criterion in &step.criteria {
            out.push_str(&wrap(&criterion_words(criterion), WIDTH, 2));
            let limits = resolved.then(|| self.explainer.limits(criterion));
            for limit in limits.iter().flatten() {
                self.value_text(&mut out, limit);
            }
        }
        if !step.artifacts.is_empty() {
            out.push_str("\nArtifacts\n");
            out.push_str(&wrap(&step.artifacts.join(", "), WIDTH, 2));
        }
        out
    }

    fn spec_text(&self, out: &mut String, spec: &ActionSpec, remark: &str, resolved: bool) {
        let remark = if remark.is_empty() { String::new() } else { format!(", {remark}") };
        let _ = writeln!(out, "  {}  ({}{remark})", spec.id, spec.kind.name);
        if !resolved {
            out.push_str(&wrap(&redact::mask(&spec.action.describe()), WIDTH, 6));
        }
        let values = resolved.then(|| self.explainer.explain(spec));
        for value in values.iter().flatten() {
            self.value_text(out, value);
        }
        if let Some(timeout) = spec.timeout.filter(|_| resolved) {
            let _ = writeln!(out, "      timeout = {}", text::duration(timeout));
        }
    }

    fn value_text(&self, out: &mut String, value: &Explained) {
        let known = match &value.value {
            Some(known) => masked(&value.name, known),
            None => "(known when the step runs)".to_owned(),
        };
        let mut from = self.origins(value);
        from.push(format!("line {}", value.line));
        out.push_str(&wrap(&format!("{} = {known}  [{}]", value.name, from.join(", ")), WIDTH, 6));
    }

    fn origins(&self, value: &Explained) -> Vec<String> {
        value.origins.iter().map(|origin| self.origin(origin)).collect()
    }

    /// Where a value comes from, in words, its place in the step file last.
    fn sources(&self, value: &Explained) -> Vec<String> {
        let mut said = self.origins(value);
        said.push(format!("{}:{}", text::path(&self.step.source.path), value.line));
        said
    }

    fn origin(&self, origin: &Origin) -> String {
        match origin {
            Origin::Campaign(what) => format!("`{what}` of plan/campaign.yaml"),
            Origin::Environment(name) => format!("plan/environments/{name}.yaml"),
            Origin::Output(name, None) => format!("`{name}` of an earlier step"),
            Origin::Output(name, Some(step)) if *step == self.step.id => format!("`{name}` of this step"),
            Origin::Output(name, Some(step)) => format!("`{name}` of step {step}"),
            Origin::Previous(name) => format!("`{name}` of the last run that passed"),
            Origin::Profile(name) => format!("profile {name}"),
            Origin::Variable(name) => self.args.origin_of(name),
        }
    }

    fn as_json(&self) -> PlanShow<'_> {
        let step = self.step;
        let criterion = |criterion: &Criterion| PlannedCriterion {
            text: criterion.text(),
            severity: criterion.severity,
            must: criterion.must,
            limits: self.values(self.explainer.limits(criterion)),
        };
        PlanShow {
            step: step.id,
            title: &step.title,
            objective: &step.objective,
            file: &step.source.path,
            environment: &self.plan.environment.name,
            profile: &self.plan.profile,
            needs: &step.needs,
            estimate_s: step.estimate.map(|e| e.as_secs_f64()),
            watches: step
                .watches
                .iter()
                .map(|watch| PlannedWatch {
                    action: self.action(&watch.spec),
                    every_s: watch.every.as_secs_f64(),
                })
                .collect(),
            actions: step.actions().map(|spec| self.action(spec)).collect(),
            criteria: step.criteria.iter().map(criterion).collect(),
            artifacts: &step.artifacts,
        }
    }

    fn action(&self, spec: &ActionSpec) -> PlannedAction {
        PlannedAction {
            id: spec.id.clone(),
            kind: spec.kind.name,
            description: redact::mask(&spec.action.describe()).into_owned(),
            timeout_s: spec.timeout.map(|t| t.as_secs_f64()),
            parameters: self.values(self.explainer.explain(spec)),
        }
    }

    fn values(&self, found: Vec<Explained>) -> Vec<PlannedValue> {
        let value = |value: &Explained| PlannedValue {
            name: value.name.clone(),
            value: value.value.as_ref().map(|known| masked_json(&value.name, known)),
            written: masked_json(&value.name, &value.written),
            line: value.line,
            known: value.value.is_some(),
            from: self.sources(value),
        };
        found.iter().map(value).collect()
    }
}

fn criterion_words(criterion: &Criterion) -> String {
    let mut words = text::one_line(&criterion.text());
    if criterion.severity == Severity::Warn {
        words.push_str("  (a warning)");
    }
    if criterion.must {
        words.push_str("  (cannot be waived)");
    }
    words
}

/// A value as shown, masked as `name=value`, which is how the redactor knows secrets.
fn masked(name: &str, value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let leaf = name.rsplit_once('.').map_or(name, |(_, leaf)| leaf);
    let both = [name, leaf].map(|name| {
        let line = redact::mask(&format!("{name}={text}")).into_owned();
        line.strip_prefix(&format!("{name}=")).map_or(line.clone(), str::to_owned)
    });
    // Keys of Kafka hold dots themselves, so that the secret's name may be more than the last part.
    both.iter().find(|shown| **shown != text).cloned().unwrap_or(text)
}

fn masked_json(name: &str, value: &Value) -> Value {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let shown = masked(name, value);
    if shown == text { value.clone() } else { shown.into() }
}

/// How long `steps` should take together, as far as they say so.
pub(super) fn estimated<'a>(steps: impl Iterator<Item = &'a Step>) -> Said {
    match compile::estimate(steps) {
        None => not_estimated(),
        Some((sum, 0)) => estimated_at(sum),
        Some((sum, without)) => estimated_at_least(sum, without),
    }
}

messages! {
    area "estimate";
    estimated_at(time) => "estimated {time}" / "durée estimée {time}";
    estimated_at_least(time, count) => "estimated {time} ({count} {count|step|steps} without an estimate not counted)" / "durée estimée {time} (sans compter {count} {count|étape|étapes} sans estimation)";
    not_estimated() => "not estimated" / "durée non estimée";
}
