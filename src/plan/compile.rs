//! [`Plan::compile`]: files to one checked plan, every problem of every file at once.

use super::{
    campaign::Campaign,
    check,
    compiled::Plan,
    file::{self, StepFile},
    graph::Graph,
    load::Sources,
    scope::Scope,
    secrets,
    source::{Problem, Source, Span, User},
    step::Step,
    template, typed,
    yaml::{Content, Node},
};
use crate::{
    clients::Environment,
    record::Selection,
    support::{fingerprint, text},
};
use rayon::prelude::*;
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Duration,
};

/// What must be in `plan/campaign.yaml`, with an example.
const CAMPAIGN_KEYS: [(&str, &str); 4] = [
    ("name", "name: orders-2025"),
    ("default_environment", "default_environment: lab"),
    ("default_profile", "default_profile: smoke"),
    ("profiles", "profiles: {smoke: {rate: 1000}}"),
];

/// What the command line says about the plan.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Name of the environment; the campaign's default otherwise.
    pub environment: Option<String>,
    /// Name of the profile; the campaign's default otherwise.
    pub profile: Option<String>,
    /// Values that replace those of `vars` in the campaign.
    pub vars: BTreeMap<String, Value>,
    /// Those of `vars` that a person has just typed: the campaign must have them.
    pub typed_vars: Vec<String>,
    /// Whether the environment's file may still lack what steps use.
    pub draft: bool,
    /// The steps that are meant; the environment's file may lack what only others use.
    pub selection: Selection,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// The files have mistakes.
    #[error("the plan has {}", text::plural(.0.len(), "problem"))]
    Problems(Vec<Problem>),
    /// The command line names something that is not there.
    #[error("unknown {what} `{name}`")]
    Unknown {
        /// `environment`, `profile`, `variable`.
        what: &'static str,
        /// Name that the command line asked for, or the campaign's default.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
}

impl Plan {
    /// Compiles the files.
    pub fn compile(sources: &Sources, options: &Options) -> Result<Self, CompileError> {
        Self::checked(sources, options).map_err(|error| match error {
            CompileError::Problems(mut problems) => {
                problems.sort_by(|a, b| (&a.source.path, a.span.start).cmp(&(&b.source.path, b.span.start)));
                secrets::hide(&mut problems);
                // Each scenario of a matrix was read by itself.
                let mut told = BTreeSet::new();
                problems.retain(|p| {
                    told.insert((p.source.path.clone(), p.span.start, p.span.len, p.message.clone()))
                });
                CompileError::Problems(problems)
            }
            error => error,
        })
    }

    fn checked(sources: &Sources, options: &Options) -> Result<Self, CompileError> {
        if !sources.problems.is_empty() {
            return Err(CompileError::Problems(sources.problems.clone()));
        }
        let mut problems = Vec::new();
        let campaign = typed::read::<Campaign>(&sources.campaign, &CAMPAIGN_KEYS, &mut problems);
        let mut environments = BTreeMap::new();
        for (name, source) in &sources.environments {
            if let Some((environment, node)) =
                typed::read::<Environment>(source, &[("name", "name: lab")], &mut problems)
            {
                check::environment_name(&environment, name, source, &node, &mut problems);
                check::environment(&environment, source, &node, &mut problems);
                environments.insert(name.clone(), (environment, source));
            }
        }
        let files = read_all(&sources.steps, &mut problems);
        if sources.steps.is_empty() {
            problems.push(
                sources
                    .campaign
                    .problem(Span { start: 0, len: 1 }, "no-step", "the folder `steps` holds no step file")
                    .hint(
                        "`jalon init` writes a whole plan; `jalon schema step` says what a step file holds",
                    ),
            );
        }
        let Some((mut campaign, node)) = campaign else { return Err(CompileError::Problems(problems)) };
        let unknown_var = options.typed_vars.iter().find(|name| {
            !campaign.vars.contains_key(*name) && !sources.steps.iter().any(|s| asks_for(s, name))
        });
        if let (Some(name), true) = (unknown_var, problems.is_empty()) {
            let known = campaign.vars.keys().cloned().collect();
            return Err(CompileError::Unknown { what: "variable", name: name.clone(), known });
        }
        campaign.vars.extend(options.vars.clone());
        let known = sources.environments.iter().map(|(name, _)| name.as_str()).collect();
        check::campaign(&campaign, &known, &sources.campaign, &node, &mut problems);
        let environment =
            chosen("environment", options.environment.as_ref(), &campaign.default_environment, &environments);
        let profile =
            chosen("profile", options.profile.as_ref(), &campaign.default_profile, &campaign.profiles);
        check::numbers(&files, &mut problems);
        check::estimates(&files, &campaign, &mut problems);
        let (environment, environment_source) = match (environment, problems.is_empty()) {
            (Ok((environment, source)), _) => (environment.clone(), (*source).clone()),
            (Err(error), true) => return Err(error),
            (Err(_), false) => return Err(CompileError::Problems(problems)),
        };
        let profile_values = match (profile, problems.is_empty()) {
            (Ok(values), _) => values.clone(),
            (Err(error), true) => return Err(error),
            (Err(_), false) => return Err(CompileError::Problems(problems)),
        };
        let profile_name = options.profile.clone().unwrap_or_else(|| campaign.default_profile.clone());
        let fixed = fixed_names(&campaign, &environment, &profile_name, &profile_values);
        let mut graph = Graph::new(files.par_iter().map(|file| step(file, &profile_name)).collect());
        check::cycles(&files, &graph, &mut problems);
        check_all(&files, &graph, &fixed, &environment, &mut problems);
        let (unready, problems): (Vec<Problem>, Vec<Problem>) = problems
            .into_iter()
            .partition(|p| p.user.as_ref().is_some_and(|user| !is_strict(user, options, &graph)));
        if !problems.is_empty() {
            return Err(CompileError::Problems(problems));
        }
        for file in files {
            if let Some(step) = graph.step_mut(file.head.step) {
                (step.criteria, step.front) = (file.criteria, file.front);
            }
        }
        tracing::info!(
            campaign = campaign.name,
            environment = environment.name,
            profile = profile_name,
            steps = graph.steps().count(),
            "plan compiled"
        );
        Ok(Self {
            graph,
            parameters_fingerprint: fingerprint::of_json(&json!([
                profile_values,
                campaign.slo,
                campaign.vars
            ])),
            environment_fingerprint: fingerprint::of_bytes(environment_source.text.as_bytes()),
            profile: profile_name,
            vars: options.vars.clone(),
            campaign,
            environment: environment.into(),
            fixed: fixed.into(),
            files: [sources.campaign.clone(), environment_source]
                .into_iter()
                .chain(sources.steps.clone())
                .collect(),
            root: sources.root.clone(),
            unready,
        })
    }
}

/// Whether a step asks for a variable that the campaign leaves to the command line.
fn asks_for(step: &Source, variable: &str) -> bool {
    let is_end = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    step.text.split("vars.").skip(1).any(|rest| rest.strip_prefix(variable).is_some_and(is_end))
}

/// Whether everything that a step uses must be there: it is meant, or a step that is meant needs it to have passed.
fn is_strict(user: &User, options: &Options, graph: &Graph) -> bool {
    let meant = |step| options.selection.includes(step);
    let is_needed =
        || !options.selection.passes_over(user.step) && graph.after(user.step).into_iter().any(meant);
    (meant(user.step) || is_needed()) && !(options.draft && user.is_open)
}

/// Does the same with every item, on all cores; results and problems stand in the order of the items.
fn on_all_cores<I: Sync, T: Send>(
    items: &[I],
    work: impl Fn(&I, &mut Vec<Problem>) -> T + Sync,
    problems: &mut Vec<Problem>,
) -> Vec<T> {
    let one = |item| {
        let mut found = Vec::new();
        (work(item, &mut found), found)
    };
    let (done, found): (Vec<T>, Vec<Vec<Problem>>) = items.par_iter().map(one).unzip();
    problems.extend(found.into_iter().flatten());
    done
}

/// Reads every step file.
fn read_all(sources: &[Source], problems: &mut Vec<Problem>) -> Vec<StepFile> {
    on_all_cores(sources, file::read, problems).into_iter().flatten().collect()
}

/// Checks every step against the others and the environment.
fn check_all(
    files: &[StepFile],
    graph: &Graph,
    fixed: &Map<String, Value>,
    environment: &Environment,
    problems: &mut Vec<Problem>,
) {
    let whole = check::Whole {
        files: files.iter().rev().map(|file| (file.head.step, file)).collect(),
        graph,
        fixed,
        names: &template::Names::new(&Value::Object(fixed.clone())),
        scope: &Scope { fixed: fixed.clone().into(), ..Scope::default() },
        environment,
        index: check::Index::new(files),
        unread: {
            let wrong: BTreeSet<&Path> = problems.iter().map(|problem| &*problem.source.path).collect();
            let wrong = files.iter().filter(|file| wrong.contains(&*file.source.path));
            wrong.map(|file| (file.head.step, check::Declared::by(file))).collect()
        },
    };
    let check = |file: &StepFile, problems: &mut Vec<Problem>| {
        destructive(file, environment, problems);
        check::step(file, &whole, problems);
    };
    on_all_cores(files, check, problems);
}

fn chosen<'a, T>(
    what: &'static str,
    asked: Option<&String>,
    default: &String,
    known: &'a BTreeMap<String, T>,
) -> Result<&'a T, CompileError> {
    let name = asked.unwrap_or(default);
    known.get(name).ok_or_else(|| CompileError::Unknown {
        what,
        name: name.clone(),
        known: known.keys().cloned().collect(),
    })
}

/// On a production platform a step must say that it means to destroy something.
fn destructive(file: &StepFile, environment: &Environment, problems: &mut Vec<Problem>) {
    if !environment.production || file.head.allow_destructive {
        return;
    }
    for spec in file.groups.iter().chain(&file.clean_up).flatten() {
        if let Some(what) = spec.action.destructive() {
            let message =
                format!("`{}` {what}, and `{}` is a production environment", spec.id, environment.name);
            problems.push(file.source.problem(spec.span, "destructive", message).hint(
                "write `allow_destructive: true` in the head of this step, if it is meant for production too",
            ));
        }
    }
}

fn fixed_names(
    campaign: &Campaign,
    environment: &Environment,
    profile: &str,
    values: &BTreeMap<String, Value>,
) -> Map<String, Value> {
    let mut names = Map::new();
    let mut values = serde_json::json!(values);
    if let Some(values) = values.as_object_mut() {
        values.insert("name".to_owned(), profile.into());
    }
    let facts: BTreeMap<&String, &Option<Value>> =
        campaign.facts.iter().map(|(name, fact)| (name, &fact.value)).collect();
    names.insert("campaign".to_owned(), serde_json::json!({ "name": campaign.name }));
    names.insert("facts".to_owned(), serde_json::json!(facts));
    let mut environment = serde_json::to_value(environment).unwrap_or_default();
    // The keys that its file leaves out where they are not given, so that a condition may ask for them.
    if let Some(environment) = environment.as_object_mut() {
        for key in ["kafka_tools", "metrics", "metrics_profile", "mirror", "schema_registries"] {
            environment.entry(key).or_insert(Value::Null);
        }
    }
    names.insert("environment".to_owned(), environment);
    names.insert("profile".to_owned(), values);
    names.insert("slo".to_owned(), serde_json::json!(campaign.slo));
    names.insert("vars".to_owned(), serde_json::json!(campaign.vars));
    names
}

/// The step without its criteria and its front matter, which the file keeps until they are checked.
fn step(file: &StepFile, profile: &str) -> Step {
    Step {
        id: file.head.step,
        title: file.head.title.clone(),
        objective: file.head.objective.clone(),
        needs: file.head.needs.clone(),
        when: file.when.clone(),
        estimate: file.head.estimate.as_ref().and_then(|e| e.of(profile)),
        timeout: file.head.timeout.map(|t| t.0),
        allow_destructive: file.head.allow_destructive,
        watches: file.watches.clone(),
        groups: file.groups.clone(),
        clean_up: file.clean_up.clone(),
        criteria: Vec::new(),
        artifacts: file.artifacts.iter().map(|(artifact, _)| artifact.clone()).collect(),
        approve: file.head.approve.clone(),
        prose: file.prose.clone(),
        source: file.source.clone(),
        fingerprint: fingerprint::of_json(&file.front),
        front: Node { span: file.front.span, content: Content::Map(Vec::new()) },
    }
}

/// How long `steps` should take together, and how many of them have no estimate; `None` where none has one.
pub fn estimate<'a>(steps: impl Iterator<Item = &'a Step>) -> Option<(Duration, usize)> {
    let (known, unknown): (Vec<_>, Vec<_>) = steps.map(|s| s.estimate).partition(Option::is_some);
    (!known.is_empty()).then(|| (known.into_iter().flatten().sum(), unknown.len()))
}
