//! [`Plan::compile`]: files to one checked plan, every problem of every file at once.

use super::{
    Plan,
    campaign::Campaign,
    cel::Name,
    criterion::Form,
    file::{self, StepFile},
    graph::Graph,
    load::Sources,
    source::{Problem, Source, Span},
    step::{ActionSpec, Step},
    template,
    yaml::Node,
};
use crate::{
    action::KindInfo,
    clients::Environment,
    record::{ActionId, StepId, Unit},
    support::{fingerprint, text},
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// What the command line says about the plan.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Name of the environment; the campaign's default otherwise.
    pub environment: Option<String>,
    /// Name of the profile; the campaign's default otherwise.
    pub profile: Option<String>,
    /// Values that replace those of `vars` in the campaign.
    pub vars: BTreeMap<String, Value>,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The files have mistakes.
    #[error("the plan has {}", text::plural(.0.len(), "problem"))]
    Problems(Vec<Problem>),
    /// The command line names something that is not there.
    #[error("there is no {what} `{name}`")]
    Unknown {
        /// `environment`, `profile`.
        what: &'static str,
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
}

const SHARED_NAMES: [&str; 5] = ["campaign", "environment", "profile", "slo", "vars"];
const STATISTICS: [&str; 4] = ["avg", "last", "max", "min"];

impl Plan {
    /// Compiles the files.
    pub fn compile(sources: &Sources, options: &Options) -> Result<Self, Error> {
        let mut problems = Vec::new();
        let campaign: Option<Campaign> = typed(&sources.campaign, &mut problems);
        let mut environments = BTreeMap::new();
        for (name, source) in &sources.environments {
            if let Some(environment) = typed::<Environment>(source, &mut problems) {
                if environment.name != *name {
                    let message =
                        format!("this file is `{name}.yaml` and its name is `{}`", environment.name);
                    problems.push(
                        source
                            .problem(Span { start: 0, len: 1 }, "name", message)
                            .hint(format!("write `name: {name}`")),
                    );
                }
                environments.insert(name.clone(), (environment, source));
            }
        }
        let files: Vec<StepFile> =
            sources.steps.iter().filter_map(|s| file::read(s, &mut problems)).collect();
        if sources.steps.is_empty() {
            problems.push(sources.campaign.problem(
                Span { start: 0, len: 1 },
                "no-step",
                "the folder `steps` holds no step file",
            ));
        }
        let Some(mut campaign) = campaign else { return Err(Error::Problems(problems)) };
        campaign.vars.extend(options.vars.clone());
        check_campaign(&campaign, &sources.campaign, &mut problems);
        let environment =
            chosen("environment", options.environment.as_ref(), &campaign.default_environment, &environments);
        let profile =
            chosen("profile", options.profile.as_ref(), &campaign.default_profile, &campaign.profiles);
        check_needs(&files, &mut problems);
        let (environment, environment_source) = match (environment, problems.is_empty()) {
            (Ok((environment, source)), _) => (environment.clone(), (*source).clone()),
            (Err(error), true) => return Err(error),
            (Err(_), false) => return Err(Error::Problems(problems)),
        };
        let profile_values = match (profile, problems.is_empty()) {
            (Ok(values), _) => values.clone(),
            (Err(error), true) => return Err(error),
            (Err(_), false) => return Err(Error::Problems(problems)),
        };
        let profile_name = options.profile.clone().unwrap_or_else(|| campaign.default_profile.clone());
        let fixed = fixed_names(&campaign, &environment, &profile_name, &profile_values);
        let graph = Graph::new(files.iter().map(step).collect());
        for cycle in graph.cycles() {
            let shown = cycle.iter().map(ToString::to_string).collect::<Vec<_>>().join(" → ");
            if let Some(file) = files.iter().find(|f| f.head.step == cycle[0]) {
                let problem = file.source.problem(
                    file.step_span,
                    "cycle",
                    format!("steps wait for each other: {shown}"),
                );
                problems.push(problem.hint("take one of these needs out"));
            }
        }
        for file in &files {
            check_references(file, &files, &graph, &fixed, &mut problems);
        }
        if !problems.is_empty() {
            problems.sort_by(|a, b| (&a.source.path, a.span.start).cmp(&(&b.source.path, b.span.start)));
            return Err(Error::Problems(problems));
        }
        // The compiled criteria live in the graph: it is built anew from the files it checked.
        Ok(Self {
            graph: Graph::new(files.into_iter().map(into_step).collect()),
            parameters_fingerprint: fingerprint::of_json(&serde_json::json!([
                profile_values,
                campaign.slo,
                campaign.vars
            ])),
            environment_fingerprint: fingerprint::of_bytes(environment_source.text.as_bytes()),
            profile: profile_name,
            campaign,
            environment: environment.into(),
            fixed,
            root: sources.root.clone(),
        })
    }
}

/// A whole YAML file as a type, its mistakes with their places.
fn typed<T: DeserializeOwned>(source: &Source, problems: &mut Vec<Problem>) -> Option<T> {
    let node = match Node::parse(source, 0, source.text.len()) {
        Ok(node) => node,
        Err(problem) => {
            problems.push(problem);
            return None;
        }
    };
    node.repeated_keys(source, problems);
    let mut json = node.to_json();
    loop {
        let error = match serde_path_to_error::deserialize::<_, T>(&json) {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        let mut path: Vec<String> = error.path().iter().map(ToString::to_string).collect();
        let message = error.inner().to_string();
        let unknown = message
            .strip_prefix("unknown field `")
            .and_then(|rest| rest.split('`').next())
            .map(str::to_owned);
        if path.last() == unknown.as_ref() {
            path.pop();
        }
        let span = node.locate(&path, unknown.as_deref());
        let Some(key) = unknown else {
            let place = if path.is_empty() { String::new() } else { format!("`{}`: ", path.join(".")) };
            problems.push(source.problem(span, "wrong-value", format!("{place}{message}")));
            return None;
        };
        let known: Vec<&str> = message.split('`').skip(3).step_by(2).collect();
        problems.push(super::yaml::unknown_key(source, span, &key, &known));
        // The unknown key is taken out, so that what is behind it is found too.
        let around = path.iter().try_fold(&mut json, |at, part| match at {
            Value::Array(items) => part.parse::<usize>().ok().and_then(|i| items.get_mut(i)),
            other => other.get_mut(part.as_str()),
        });
        around.and_then(Value::as_object_mut).and_then(|map| map.remove(&key))?;
    }
}

fn chosen<'a, T>(
    what: &'static str,
    asked: Option<&String>,
    default: &String,
    known: &'a BTreeMap<String, T>,
) -> Result<&'a T, Error> {
    let name = asked.unwrap_or(default);
    known.get(name).ok_or_else(|| Error::Unknown {
        what,
        name: name.clone(),
        known: known.keys().cloned().collect(),
    })
}

fn check_campaign(campaign: &Campaign, source: &Source, problems: &mut Vec<Problem>) {
    let all: BTreeSet<&String> = campaign.profiles.values().flat_map(BTreeMap::keys).collect();
    for (name, profile) in &campaign.profiles {
        let missing: Vec<&str> =
            all.iter().filter(|k| !profile.contains_key(**k)).map(|k| k.as_str()).collect();
        if !missing.is_empty() {
            let at = source.text.find(&format!("{name}:")).unwrap_or(0);
            problems.push(
                source
                    .problem(
                        Span { start: at, len: name.len() },
                        "profile",
                        format!("profile `{name}` lacks {}", missing.join(", ")),
                    )
                    .hint("every profile has the same keys, so that a step works with each of them"),
            );
        }
    }
    for (name, fact) in &campaign.facts {
        if fact.value.is_some() && fact.source.is_none() {
            let at = source.text.find(&format!("{name}:")).unwrap_or(0);
            problems.push(
                source
                    .problem(
                        Span { start: at, len: name.len() },
                        "fact",
                        format!("fact `{name}` has a value and no source"),
                    )
                    .hint("say who or what says so: `source: inventory of 12 March`"),
            );
        }
    }
}

fn check_needs(files: &[StepFile], problems: &mut Vec<Problem>) {
    for (index, file) in files.iter().enumerate() {
        if let Some(first) = files[..index].iter().find(|f| f.head.step == file.head.step) {
            problems.push(
                file.source
                    .problem(
                        file.step_span,
                        "same-number",
                        format!("step {} is already in {}", file.head.step, first.source.path.display()),
                    )
                    .hint("every step has a number of its own"),
            );
        }
        for (need, span) in file.head.needs.iter().zip(&file.needs_spans) {
            if !files.iter().any(|f| f.head.step == *need) {
                let known: Vec<String> = files.iter().map(|f| f.head.step.to_string()).collect();
                problems.push(
                    file.source
                        .problem(
                            *span,
                            "unknown-need",
                            format!("step {} needs step {need}, which no file defines", file.head.step),
                        )
                        .hint(format!("steps: {}", known.join(", "))),
                );
            }
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
    names.insert("campaign".to_owned(), serde_json::json!({ "name": campaign.name }));
    names.insert("environment".to_owned(), serde_json::to_value(environment).unwrap_or_default());
    names.insert("profile".to_owned(), values);
    names.insert("slo".to_owned(), serde_json::json!(campaign.slo));
    names.insert("vars".to_owned(), serde_json::json!(campaign.vars));
    names
}

/// The outputs that one action or watch promises, by dotted name.
fn promised(kind: &KindInfo, spec: &ActionSpec, watch: bool) -> BTreeMap<String, Unit> {
    let mut outputs: BTreeMap<String, Unit> =
        kind.outputs.iter().map(|o| (o.name.to_owned(), o.unit)).collect();
    outputs.extend(spec.action.captures().into_iter().map(|name| {
        let unit = Unit::of_name(&name).unwrap_or(Unit::None);
        (name, unit)
    }));
    if !watch {
        return outputs;
    }
    let has_value = outputs.contains_key("value");
    let mut summary =
        BTreeMap::from([("samples".to_owned(), Unit::Count), ("missed".to_owned(), Unit::Count)]);
    for (name, unit) in outputs {
        match name.as_str() {
            "value" => summary.extend(STATISTICS.map(|s| (s.to_owned(), unit))),
            "min" | "max" | "avg" | "last" | "samples" if has_value => {}
            name => summary.extend(STATISTICS.map(|s| (format!("{name}.{s}"), unit))),
        }
    }
    summary
}

/// What names of actions and watches mean in one step.
struct Visible {
    outputs: BTreeMap<ActionId, BTreeMap<String, Unit>>,
    twice: BTreeSet<ActionId>,
    /// The outputs of one sample, for `always`.
    samples: BTreeMap<ActionId, BTreeMap<String, Unit>>,
}

impl Visible {
    /// Names of the step itself first, then those of the steps before it.
    fn of(file: &StepFile, files: &[StepFile], graph: &Graph) -> Self {
        let mut visible = Self { outputs: BTreeMap::new(), twice: BTreeSet::new(), samples: BTreeMap::new() };
        let before: BTreeSet<StepId> = graph.before(file.head.step);
        for watch in &file.watches {
            visible.samples.insert(watch.spec.id.clone(), promised(watch.spec.kind, &watch.spec, false));
        }
        let own = entries(file);
        let own_ids: BTreeSet<ActionId> = own.iter().map(|(id, _)| id.clone()).collect();
        visible.outputs.extend(own);
        for earlier in files.iter().filter(|f| before.contains(&f.head.step) && f.head.step != file.head.step)
        {
            for (id, outputs) in entries(earlier) {
                if !own_ids.contains(&id) && visible.outputs.insert(id.clone(), outputs).is_some() {
                    visible.twice.insert(id);
                }
            }
        }
        visible
    }

    /// Why a dotted name means nothing here, with what to try.
    fn problem_of(
        &self,
        path: &[String],
        fixed: &Map<String, Value>,
        in_sample: bool,
    ) -> Option<(String, Option<String>)> {
        let (root, rest) = path.split_first()?;
        if root == "previous" {
            return rest.split_first().and_then(|_| self.problem_of(rest, fixed, false));
        }
        if let Some(value) = fixed.get(root) {
            return missing_in(root, value, rest);
        }
        let id = ActionId::from(root.as_str());
        let samples = self.samples.get(&id).filter(|_| in_sample);
        let Some(outputs) = samples.or_else(|| self.outputs.get(&id)) else {
            let known: Vec<&str> = self.outputs.keys().map(ActionId::as_str).chain(SHARED_NAMES).collect();
            let hint = match text::did_you_mean(root, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("names here: {}", known.join(", ")),
            };
            return Some((
                format!("`{root}` is no action or watch of this step or of those that it needs"),
                Some(hint),
            ));
        };
        if self.twice.contains(&id) && samples.is_none() {
            return Some((
                format!("`{root}` is an action of more than one of the steps before this one"),
                Some("give the actions different ids".to_owned()),
            ));
        }
        let name = rest.join(".");
        if outputs.contains_key(&name) {
            return None;
        }
        let known: Vec<&str> = outputs.keys().map(String::as_str).collect();
        let hint = match text::did_you_mean(&name, known.iter().copied()) {
            Some(near) => format!("did you mean `{root}.{near}`?"),
            None => format!("outputs of `{root}`: {}", known.join(", ")),
        };
        Some((format!("`{root}` promises no output `{name}`"), Some(hint)))
    }

    fn unit_of(&self, name: &Name, in_sample: bool) -> Option<Unit> {
        let (root, rest) = name.path.split_first()?;
        let id = ActionId::from(root.as_str());
        let outputs = if in_sample { self.samples.get(&id) } else { None }.or_else(|| self.outputs.get(&id));
        let unit = outputs
            .and_then(|o| o.get(&rest.join(".")))
            .copied()
            .or_else(|| Unit::of_name(&name.path.join(".")))?;
        (!matches!(unit, Unit::None | Unit::Count)).then_some(unit)
    }
}

fn entries(file: &StepFile) -> Vec<(ActionId, BTreeMap<String, Unit>)> {
    let actions =
        file.groups.iter().flatten().map(|spec| (spec.id.clone(), promised(spec.kind, spec, false)));
    let watches = file.watches.iter().map(|w| (w.spec.id.clone(), promised(w.spec.kind, &w.spec, true)));
    actions.chain(watches).collect()
}

fn missing_in(root: &str, value: &Value, rest: &[String]) -> Option<(String, Option<String>)> {
    let (key, deeper) = rest.split_first()?;
    match value.get(key) {
        Some(inner) => missing_in(&format!("{root}.{key}"), inner, deeper),
        None => {
            let known: Vec<&str> =
                value.as_object().map(|m| m.keys().map(String::as_str).collect()).unwrap_or_default();
            let hint = match text::did_you_mean(key, known.iter().copied()) {
                Some(near) => format!("did you mean `{root}.{near}`?"),
                None => format!("`{root}` has {}", known.join(", ")),
            };
            Some((format!("`{root}` has no `{key}`"), Some(hint)))
        }
    }
}

/// Ids, criteria, expressions in parameters and expected artifacts: everything that names something else.
fn check_references(
    file: &StepFile,
    files: &[StepFile],
    graph: &Graph,
    fixed: &Map<String, Value>,
    problems: &mut Vec<Problem>,
) {
    let source = &file.source;
    let specs: Vec<&ActionSpec> =
        file.groups.iter().flatten().chain(file.watches.iter().map(|w| &w.spec)).collect();
    for (index, spec) in specs.iter().enumerate() {
        if SHARED_NAMES.contains(&spec.id.as_str()) || spec.id.as_str() == "previous" {
            problems.push(source.problem(
                spec.span,
                "reserved",
                format!("`{}` is a name of the plan language", spec.id),
            ));
        }
        if specs[..index].iter().any(|s| s.id == spec.id) {
            problems.push(
                source
                    .problem(spec.span, "same-id", format!("the id `{}` stands twice in this step", spec.id))
                    .hint("give each action and watch an `id` of its own"),
            );
        }
    }
    let visible = Visible::of(file, files, graph);
    for criterion in &file.criteria {
        let in_sample = matches!(criterion.form, Form::Always { .. });
        let names = criterion.expression.names();
        if names.iter().all(|n| fixed.contains_key(&n.path[0])) {
            problems.push(
                source
                    .problem(
                        criterion.span,
                        "constant",
                        "this criterion looks at no evidence, so it could never fail",
                    )
                    .hint("compare an output of an action or a watch"),
            );
        }
        let place = |characters: usize| {
            file::inside(source, &text_node(criterion.span, criterion.expression.text()), characters)
        };
        for name in &names {
            if let Some((message, hint)) = visible.problem_of(&name.path, fixed, in_sample) {
                let len = name.path.join(".").len();
                let span = Span { len, ..place(name.offset) };
                problems.push(source.problem(span, "unknown-name", message).maybe_hint(hint));
            }
        }
        for compared in criterion.expression.comparisons() {
            if let (Some(left), Some(right)) = (&compared.left, &compared.right)
                && let (Some(a), Some(b)) =
                    (visible.unit_of(left, in_sample), visible.unit_of(right, in_sample))
                && a != b
            {
                let message = format!(
                    "`{}` is in {} and `{}` in {}",
                    left.path.join("."),
                    unit_word(a),
                    right.path.join("."),
                    unit_word(b)
                );
                problems.push(
                    source.problem(place(left.offset), "units", message).hint("compare values of one unit"),
                );
            }
        }
    }
    for spec in &specs {
        check_parameters(file, spec, &visible, fixed, problems);
    }
    for (artifact, span) in file.head.artifacts.iter().zip(&file.artifact_spans) {
        let action = artifact.split('/').next().unwrap_or_default();
        if !specs.iter().any(|s| s.id.as_str() == action) || !artifact.contains('/') {
            problems.push(
                source
                    .problem(*span, "artifact", format!("`{artifact}` names no action of this step"))
                    .hint("write it as `ACTION/FILE`, such as `nominal/windows.csv`"),
            );
        }
    }
}

fn unit_word(unit: Unit) -> &'static str {
    match unit.symbol() {
        "" => "a share",
        symbol => symbol,
    }
}

/// Expressions in the parameters name something, and those that only need the plan give a value of the right type.
fn check_parameters(
    file: &StepFile,
    spec: &ActionSpec,
    visible: &Visible,
    fixed: &Map<String, Value>,
    problems: &mut Vec<Problem>,
) {
    let source = &file.source;
    let params = params_node(&file.front, spec).unwrap_or(&file.front);
    let used = match template::names_used(&spec.params) {
        Ok(used) => used,
        Err(error) => {
            let message = format!("the expression cannot be read: {error}");
            problems.push(source.problem(params.locate(&error.path, None), "expression", message));
            return;
        }
    };
    let mut later = false;
    let before = problems.len();
    for (path, names) in &used {
        for name in names {
            let parts: Vec<String> = name.split('.').map(str::to_owned).collect();
            later |= !fixed.contains_key(&parts[0]);
            if let Some((message, hint)) = visible.problem_of(&parts, fixed, false) {
                problems.push(
                    source.problem(params.locate(path, None), "unknown-name", message).maybe_hint(hint),
                );
            }
        }
    }
    if later || used.is_empty() || problems.len() > before {
        return;
    }
    match template::resolve(&spec.params, &Value::Object(fixed.clone())) {
        Ok(resolved) => {
            if let Err(error) = (spec.kind.parse)(&resolved) {
                problems.push(file::param_problem(source, params, spec.kind.name, &error, None, &[]));
            }
        }
        Err(error) => {
            problems.push(source.problem(
                params.locate(&error.path, None),
                "expression",
                error.message.clone(),
            ));
        }
    }
}

/// The parameters of an action, found again by the place of its kind.
fn params_node<'n>(node: &'n Node, spec: &ActionSpec) -> Option<&'n Node> {
    match &node.content {
        super::yaml::Content::Map(entries) => entries.iter().find_map(|(key, value)| {
            if key.span == spec.span { Some(value) } else { params_node(value, spec) }
        }),
        super::yaml::Content::List(items) => items.iter().find_map(|item| params_node(item, spec)),
        super::yaml::Content::Scalar(_) => None,
    }
}

fn text_node(span: Span, text: &str) -> Node {
    Node { span, content: super::yaml::Content::Scalar(Value::String(text.to_owned())) }
}

/// The skeleton of a step, enough for the graph.
fn step(file: &StepFile) -> Step {
    Step {
        id: file.head.step,
        title: file.head.title.clone(),
        objective: file.head.objective.clone(),
        needs: file.head.needs.clone(),
        estimate: file.head.estimate.map(|e| e.0),
        watches: file.watches.clone(),
        groups: file.groups.clone(),
        criteria: Vec::new(),
        artifacts: file.head.artifacts.clone(),
        approve: file.head.approve.clone(),
        prose: file.prose.clone(),
        source: file.source.clone(),
        fingerprint: fingerprint::of_json(&file.front.to_json()),
    }
}

fn into_step(file: StepFile) -> Step {
    let skeleton = step(&file);
    Step { criteria: file.criteria, ..skeleton }
}

/// The sum of the estimates.
pub fn estimate<'a>(steps: impl Iterator<Item = &'a Step>) -> Duration {
    steps.filter_map(|s| s.estimate).sum()
}
