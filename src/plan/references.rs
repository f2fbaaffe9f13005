//! What names in a step mean: every criterion, expression and expected artifact must name something that is there.

use super::{
    cel::{Expression, Name},
    criterion::Form,
    file::{self, StepFile},
    graph::Graph,
    scope::OTHER_RUNS,
    source::{Problem, Span},
    step::ActionSpec,
    template,
    yaml::{Content, Node},
};
use crate::{
    action::KindInfo,
    record::{ActionId, StepId, Unit},
    support::text,
};
use serde_json::{Map, Value};
use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
};

const SHARED_NAMES: [&str; 6] = ["campaign", "environment", "facts", "profile", "slo", "vars"];
const STATISTICS: [&str; 4] = ["avg", "last", "max", "min"];

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
struct Visible<'p> {
    file: &'p StepFile,
    files: &'p [StepFile],
    graph: &'p Graph,
    /// The outputs of the step itself.
    own: Outputs,
    /// Those of the steps before it, and the names that more than one of them has. Collected when first asked for:
    /// for each step of a long plan they would be most of the work.
    earlier: OnceCell<(Outputs, BTreeSet<ActionId>)>,
    /// The outputs of one sample, for `always` and `guard`.
    samples: Outputs,
}

type Outputs = BTreeMap<ActionId, BTreeMap<String, Unit>>;

impl<'p> Visible<'p> {
    fn of(file: &'p StepFile, files: &'p [StepFile], graph: &'p Graph) -> Self {
        let samples =
            file.watches.iter().map(|w| (w.spec.id.clone(), promised(w.spec.kind, &w.spec, false))).collect();
        let own = entries(file).into_iter().collect();
        Self { file, files, graph, own, earlier: OnceCell::new(), samples }
    }

    fn earlier(&self) -> &(Outputs, BTreeSet<ActionId>) {
        self.earlier.get_or_init(|| {
            let own = self.file.head.step;
            let before: BTreeSet<StepId> = self.graph.before(own);
            let (mut found, mut twice) = (Outputs::new(), BTreeSet::new());
            for earlier in self.files.iter().filter(|f| before.contains(&f.head.step) && f.head.step != own) {
                for (id, outputs) in entries(earlier) {
                    if !self.own.contains_key(&id) && found.insert(id.clone(), outputs).is_some() {
                        twice.insert(id);
                    }
                }
            }
            (found, twice)
        })
    }

    /// The outputs of an action: names of the step itself first, then those of the steps before it.
    fn outputs(&self, id: &ActionId) -> Option<&BTreeMap<String, Unit>> {
        self.own.get(id).or_else(|| self.earlier().0.get(id))
    }

    /// Why a dotted name means nothing here, with what to try.
    fn problem_of(
        &self,
        path: &[String],
        fixed: &Map<String, Value>,
        in_sample: bool,
    ) -> Option<(String, Option<String>)> {
        let (root, rest) = path.split_first()?;
        if OTHER_RUNS.contains(&root.as_str()) {
            return rest.split_first().and_then(|_| self.problem_of(rest, fixed, false));
        }
        if let Some(value) = fixed.get(root) {
            return missing_in(root, value, rest);
        }
        let id = ActionId::from(root.as_str());
        let samples = self.samples.get(&id).filter(|_| in_sample);
        let Some(outputs) = samples.or_else(|| self.outputs(&id)) else {
            let known: BTreeSet<&ActionId> = self.own.keys().chain(self.earlier().0.keys()).collect();
            let known: Vec<&str> =
                known.into_iter().map(ActionId::as_str).chain(SHARED_NAMES).chain(OTHER_RUNS).collect();
            let hint = match text::did_you_mean(root, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("names here: {}", known.join(", ")),
            };
            return Some((
                format!("`{root}` is no action or watch of this step or of those that it needs"),
                Some(hint),
            ));
        };
        if samples.is_none() && !self.own.contains_key(&id) && self.earlier().1.contains(&id) {
            return Some((
                format!("`{root}` is an action of more than one of the steps before this one"),
                Some("give the actions different ids".to_owned()),
            ));
        }
        let name = rest.join(".");
        if outputs.contains_key(&name) {
            let too_early = in_sample && samples.is_none() && self.own.contains_key(&id);
            return too_early.then(|| {
                (
                    format!("`{root}` has not ended while the watch looks"),
                    Some(
                        "compare with an SLO, a value of the profile or an output of an earlier step"
                            .to_owned(),
                    ),
                )
            });
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
        let outputs = if in_sample { self.samples.get(&id) } else { None }.or_else(|| self.outputs(&id));
        let unit = outputs
            .and_then(|o| o.get(&rest.join(".")))
            .copied()
            .or_else(|| Unit::of_name(&name.path.join(".")))?;
        (!matches!(unit, Unit::None | Unit::Count)).then_some(unit)
    }
}

fn entries(file: &StepFile) -> Vec<(ActionId, BTreeMap<String, Unit>)> {
    let actions = actions_of(file).map(|spec| (spec.id.clone(), promised(spec.kind, spec, false)));
    let watches = file.watches.iter().map(|w| (w.spec.id.clone(), promised(w.spec.kind, &w.spec, true)));
    actions.chain(watches).collect()
}

/// Every action of a step file, those that clean up at the end.
fn actions_of(file: &StepFile) -> impl Iterator<Item = &ActionSpec> {
    file.groups.iter().chain(&file.clean_up).flatten()
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
pub(super) fn check(
    file: &StepFile,
    files: &[StepFile],
    graph: &Graph,
    fixed: &Map<String, Value>,
    names: &template::Names,
    problems: &mut Vec<Problem>,
) {
    let source = &file.source;
    let specs: Vec<&ActionSpec> = actions_of(file).chain(file.watches.iter().map(|w| &w.spec)).collect();
    for (index, spec) in specs.iter().enumerate() {
        if SHARED_NAMES.contains(&spec.id.as_str()) || OTHER_RUNS.contains(&spec.id.as_str()) {
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
    let declared = declared(&file.entries);
    // An action that could not be read is reported once, and not again by everything that names it.
    let is_faulty = |root: &str| declared.contains(root) && !specs.iter().any(|s| s.id.as_str() == root);
    // The scenarios of a matrix stand in one place: what is wrong with one is told once.
    let mut told = BTreeSet::new();
    for criterion in &file.criteria {
        let before = problems.len();
        if told.contains(&criterion.span.start) {
            continue;
        }
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
        for name in names.iter().filter(|n| !is_faulty(&n.path[0])) {
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
        if problems.len() > before {
            told.insert(criterion.span.start);
        }
    }
    for spec in &specs {
        let before = problems.len();
        if !told.contains(&spec.span.start) {
            check_parameters(file, spec, &visible, fixed, names, problems);
        }
        if problems.len() > before {
            told.insert(spec.span.start);
        }
    }
    conditions(file, &visible, fixed, problems);
    for (artifact, span) in &file.artifacts {
        let action = artifact.split('/').next().unwrap_or_default();
        if !declared.contains(action) || !artifact.contains('/') {
            problems.push(
                source
                    .problem(*span, "artifact", format!("`{artifact}` names no action of this step"))
                    .hint("write it as `ACTION/FILE`, such as `nominal/windows.csv`"),
            );
        }
    }
}

/// What conditions and stop rules name: the step's own condition is asked before it begins.
fn conditions(
    file: &StepFile,
    visible: &Visible<'_>,
    fixed: &Map<String, Value>,
    problems: &mut Vec<Problem>,
) {
    let source = &file.source;
    let check = |expression: &Expression, span: Span, before_step: bool, problems: &mut Vec<Problem>| {
        for name in expression.names() {
            let own = before_step && visible.own.contains_key(&ActionId::from(name.path[0].as_str()));
            let problem = if own {
                Some((format!("`{}` has not run when the step asks whether it applies", name.path[0]), None))
            } else {
                visible.problem_of(&name.path, fixed, false)
            };
            if let Some((message, hint)) = problem {
                let at = file::inside(source, &text_node(span, expression.text()), name.offset);
                let span = Span { len: name.path.join(".").len(), ..at };
                problems.push(source.problem(span, "unknown-name", message).maybe_hint(hint));
            }
        }
    };
    if let Some(when) = &file.when {
        check(&when.expression, when.span, true, problems);
    }
    let mut told = BTreeSet::new();
    for spec in actions_of(file).chain(file.watches.iter().map(|w| &w.spec)) {
        if !told.insert(spec.span.start) {
            continue;
        }
        if let Some(when) = &spec.when {
            let is_watch = file.watches.iter().any(|w| w.spec.id == spec.id);
            check(&when.expression, when.span, is_watch, problems);
        }
        if let Some(stop_when) = spec.cell.as_ref().and_then(|cell| cell.stop_when.as_ref()) {
            check(stop_when, Span { len: 1, ..spec.span }, false, problems);
        }
    }
}

/// The ids of all actions and watches of a step file, also of those that could not be read.
fn declared(entries: &[Node]) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    let mut open: Vec<&Node> = entries.iter().collect();
    while let Some(node) = open.pop() {
        match &node.content {
            Content::List(items) => open.extend(items),
            Content::Map(entries) => {
                for (kind, params) in entries {
                    match params.get("id").and_then(Node::as_str) {
                        _ if kind.text == "parallel" => open.push(params),
                        Some(id) => drop(ids.insert(id.to_owned())),
                        None => drop(ids.insert(kind.text.replace('-', "_"))),
                    }
                }
            }
            Content::Scalar(_) => {}
        }
    }
    ids
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
    visible: &Visible<'_>,
    fixed: &Map<String, Value>,
    names: &template::Names,
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
    match template::resolve(&spec.params, names) {
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
pub(super) fn params_node<'n>(node: &'n Node, spec: &ActionSpec) -> Option<&'n Node> {
    match &node.content {
        Content::Map(entries) => entries.iter().find_map(|(key, value)| {
            if key.span == spec.span { Some(value) } else { params_node(value, spec) }
        }),
        Content::List(items) => items.iter().find_map(|item| params_node(item, spec)),
        Content::Scalar(_) => None,
    }
}

fn text_node(span: Span, text: &str) -> Node {
    Node { span, content: Content::Scalar(Value::String(text.to_owned())) }
}
