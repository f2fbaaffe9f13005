//! What names mean in one step: values of the plan, outputs of its own actions and watches and of the steps before it.

use super::declared::Declared;
use crate::{
    action::Narrowed,
    compare,
    expression::{Changed, Known},
    plan::{file::StepFile, graph::Graph, scope::OTHER_RUNS, step::ActionSpec},
    record::{StepId, Unit},
    support::text,
};
use serde_json::{Map, Value};
use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
};

/// The names that every step sees.
pub(super) const SHARED_NAMES: [&str; 6] = ["campaign", "environment", "facts", "profile", "slo", "vars"];
const STATISTICS: [&str; 4] = ["avg", "last", "max", "min"];
/// What a watch counts over all of its looks: each is one number, and no series.
const COUNTS: [&str; 2] = ["missed", "samples"];

/// An action or a watch, for what it promises.
#[derive(Clone, Copy)]
struct Origin<'p> {
    spec: &'p ActionSpec,
    /// Whether its figures are those over the samples of a watch.
    summarised: bool,
}

/// One promised value.
#[derive(Debug, Clone, Copy)]
struct Promise {
    unit: Unit,
    /// What a number of it can be; a capture may be anything.
    known: Known,
}

impl<'p> Origin<'p> {
    fn find(self, name: &str) -> Option<Promise> {
        if !self.summarised {
            return self.output(name);
        }
        let count = Promise { unit: Unit::Count, known: Known::AMOUNT };
        let of_value = |name: &str| {
            STATISTICS.contains(&name).then(|| self.output("value")).flatten().filter(Promise::is_number)
        };
        let of_output = || {
            let (output, statistic) = name.rsplit_once('.')?;
            // The watch's own count has that name, whatever one look of its kind counts.
            let known = STATISTICS.contains(&statistic) && output != "value" && !COUNTS.contains(&output);
            known.then(|| self.output(output)).flatten().filter(Promise::is_number)
        };
        match name {
            name if COUNTS.contains(&name) => Some(count),
            name => of_value(name).or_else(of_output),
        }
    }

    fn output(self, name: &str) -> Option<Promise> {
        if let Some(output) = self.spec.kind.outputs.iter().find(|output| output.name == name) {
            return Some(Promise { unit: output.unit, known: output.known() });
        }
        let captured = self.spec.action.captures().iter().any(|capture| capture == name);
        let unit = Unit::of_name(name).unwrap_or(Unit::None);
        captured.then_some(Promise { unit, known: Known::Anything })
    }

    /// What the parameters say of an output, or of a figure over the samples of one.
    fn narrowed(self, name: &str) -> Option<Narrowed> {
        let output = match self.summarised {
            true if STATISTICS.contains(&name) => "value",
            true => name.rsplit_once('.').filter(|(_, statistic)| STATISTICS.contains(statistic))?.0,
            false => name,
        };
        self.spec.action.narrowed(output)
    }

    /// Every name, for a hint.
    fn names(self) -> Vec<String> {
        let captures = self.spec.action.captures();
        let outputs = self.spec.kind.outputs.iter().map(|o| o.name.to_owned()).chain(captures);
        if !self.summarised {
            return outputs.collect();
        }
        let summary = ["samples", "missed"].into_iter().chain(STATISTICS).map(str::to_owned);
        let statistics = outputs.flat_map(|name| STATISTICS.map(|s| format!("{name}.{s}")));
        summary.chain(statistics).filter(|name| self.find(name).is_some()).collect()
    }
}

impl Promise {
    fn is_number(&self) -> bool {
        matches!(self.known, Known::Anything | Known::Number { .. })
    }
}

/// The actions and watches of the step files by their ids: to walk through a step of ten thousand scenarios for each of its
/// criteria takes half a minute.
pub(in crate::plan) struct Index<'p>(BTreeMap<&'p OsStr, Ids<'p>>);

/// Those of one file.
struct Ids<'p> {
    watches: BTreeMap<&'p str, &'p ActionSpec>,
    actions: BTreeMap<&'p str, &'p ActionSpec>,
}

impl<'p> Index<'p> {
    pub(in crate::plan) fn new(files: &'p [StepFile]) -> Self {
        Self(files.iter().map(|file| (file.source.path.as_os_str(), Ids::of(file))).collect())
    }

    fn find(&self, file: &StepFile, id: &str, in_sample: bool) -> Option<Origin<'p>> {
        self.0.get(file.source.path.as_os_str())?.find(id, in_sample)
    }
}

impl<'p> Ids<'p> {
    fn of(file: &'p StepFile) -> Self {
        // Of two with one id the first counts.
        let by_id = |specs: Vec<&'p ActionSpec>| {
            specs.into_iter().rev().map(|spec| (spec.id.as_str(), spec)).collect::<BTreeMap<_, _>>()
        };
        Self {
            watches: by_id(file.watches.iter().map(|watch| &watch.spec).collect()),
            actions: by_id(actions_of(file).collect()),
        }
    }

    fn find(&self, id: &str, in_sample: bool) -> Option<Origin<'p>> {
        let watch = self.watches.get(id).map(|spec| Origin { spec, summarised: !in_sample });
        watch.or_else(|| self.actions.get(id).map(|spec| Origin { spec, summarised: false }))
    }
}

/// Why a dotted name means nothing, and what to try.
pub(super) type Wrong = (String, Option<String>);

/// What names of actions and watches mean in one step.
pub(super) struct Visible<'p> {
    file: &'p StepFile,
    files: &'p BTreeMap<StepId, &'p StepFile>,
    graph: &'p Graph,
    fixed: &'p Map<String, Value>,
    index: &'p Index<'p>,
    /// What other steps declare and could not be read: that was told, and is not told again by what names it.
    unread: &'p [(StepId, Declared)],
    /// The steps before it; collected for hints only, as that takes long in a long plan.
    before: OnceCell<BTreeSet<StepId>>,
}

impl<'p> Visible<'p> {
    pub(super) fn of(
        file: &'p StepFile,
        files: &'p BTreeMap<StepId, &'p StepFile>,
        graph: &'p Graph,
        fixed: &'p Map<String, Value>,
        index: &'p Index<'p>,
        unread: &'p [(StepId, Declared)],
    ) -> Self {
        Self { file, files, graph, fixed, index, unread, before: OnceCell::new() }
    }

    /// Whether the step itself has an action or a watch of that id.
    pub(super) fn has_own(&self, id: &str) -> bool {
        self.own(id, false).is_some()
    }

    fn own(&self, id: &str, in_sample: bool) -> Option<Origin<'p>> {
        self.index.find(self.file, id, in_sample)
    }

    /// The actions and watches of that id in the steps before this one.
    fn earlier(&self, id: &str) -> impl Iterator<Item = Origin<'p>> {
        let own = self.file.head.step;
        let owners = self.graph.owners(id).iter().filter(move |step| **step != own);
        owners
            .filter(move |step| self.graph.is_before(**step, own))
            .filter_map(move |step| self.index.find(self.files.get(step)?, id, false))
    }

    fn origin(&self, root: &str, in_sample: bool) -> Option<Origin<'p>> {
        self.own(root, in_sample).or_else(|| self.earlier(root).next())
    }

    fn find(&self, path: &[String], in_sample: bool) -> Option<Promise> {
        let (root, rest) = path.split_first()?;
        self.origin(root, in_sample)?.find(&rest.join("."))
    }

    /// What the parameters of its action say of a name.
    pub(super) fn narrowed(&self, path: &[String], in_sample: bool) -> Option<Narrowed> {
        let (root, rest) = path.split_first()?;
        self.origin(root, in_sample)?.narrowed(&rest.join("."))
    }

    /// Why a dotted name means nothing here.
    pub(super) fn problem_of(&self, path: &[String], in_sample: bool) -> Option<Wrong> {
        let (root, rest) = path.split_first()?;
        if let Some(changed) = Changed::of(path) {
            return self.problem_of_change(&changed, in_sample);
        }
        if OTHER_RUNS.contains(&root.as_str()) {
            return rest.split_first().and_then(|_| self.problem_of(rest, false));
        }
        if let Some(value) = self.fixed.get(root) {
            return missing_in(root, value, rest);
        }
        let name = rest.join(".");
        if let Some(origin) = self.own(root, in_sample) {
            let is_watch = self.file.watches.iter().any(|w| w.spec.id.as_str() == root);
            if origin.find(&name).is_none() {
                return Some(promises_no(root, &name, origin));
            }
            return (in_sample && !is_watch).then(|| {
                let hint = "compare with an SLO, a value of the profile or an output of an earlier step";
                (format!("`{root}` has not ended while the watch samples"), Some(hint.to_owned()))
            });
        }
        let mut earlier = self.earlier(root);
        let Some(origin) = earlier.next() else {
            let is_unread = self.graph.owners(root).is_empty()
                && self
                    .unread
                    .iter()
                    .any(|(step, declared)| *step != self.file.head.step && declared.has(root));
            return (!is_unread).then(|| self.no_such(root));
        };
        if earlier.next().is_some() {
            return Some((
                format!("`{root}` is an action of more than one of the steps before this one"),
                Some("give the actions different ids".to_owned()),
            ));
        }
        origin.find(&name).is_none().then(|| promises_no(root, &name, origin))
    }

    /// Why a comparison with another run means nothing.
    fn problem_of_change(&self, changed: &Changed, in_sample: bool) -> Option<Wrong> {
        if !OTHER_RUNS.contains(&changed.run.as_str()) {
            let message =
                format!("`change` compares with `previous` or `baseline`, not with `{}`", changed.run);
            return Some((message, Some(format!("write `change({})`", changed.path.join(".")))));
        }
        if in_sample {
            let hint = "judge it once at the end, by `expect`";
            return Some((format!("`{changed}` is known when the load has ended"), Some(hint.to_owned())));
        }
        if let Some(wrong) = self.problem_of(&changed.path, false) {
            return Some(wrong);
        }
        let kind = self.own(changed.action(), false).map(|origin| origin.spec.kind);
        let known = kind.map(|kind| compare::compared_outputs(&kind.promised())).unwrap_or_default();
        let output = changed.output();
        match kind {
            None => Some((
                format!("`change` compares loads of this step, and `{}` is of another one", changed.action()),
                Some("judge it in its own step".to_owned()),
            )),
            Some(kind) if known.is_empty() => Some((
                format!("`change` compares loads, and `{}` is a `{}`", changed.action(), kind.name),
                Some(format!(
                    "compare the figures: `{} <= 1.1 * {}.{0}`",
                    changed.path.join("."),
                    changed.run
                )),
            )),
            Some(_) if !known.contains(&output) => {
                let near = text::did_you_mean(&output, known.iter().map(String::as_str));
                let hint = match near {
                    Some(near) => format!("did you mean `{}.{near}`?", changed.action()),
                    None => format!("outputs with noise: {}", known.join(", ")),
                };
                Some((
                    format!("the noise of `{output}` is unknown, so a difference cannot be judged"),
                    Some(hint),
                ))
            }
            Some(_) => None,
        }
    }

    fn no_such(&self, root: &str) -> Wrong {
        let of_own = ids(self.file);
        let step = self.file.head.step;
        let before = self.before.get_or_init(|| self.graph.before(step));
        let of_earlier = before.iter().filter(|b| **b != step).filter_map(|step| self.files.get(step));
        let known: BTreeSet<&str> = of_own
            .chain(of_earlier.flat_map(|file| ids(file)))
            .chain(SHARED_NAMES)
            .chain(OTHER_RUNS)
            .collect();
        let hint = match text::did_you_mean(root, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => match self.elsewhere(root) {
                Some(step) => format!(
                    "step {step} has it; add {step} to `needs` of this step, so that it has passed before"
                ),
                None => format!("names here: {}", some(known.into_iter())),
            },
        };
        (format!("`{root}` is not an action or watch of this step or of those that it needs"), Some(hint))
    }

    /// A step that has an action of that id and is not before this one.
    fn elsewhere(&self, id: &str) -> Option<StepId> {
        let own = self.file.head.step;
        let has = |step: &&StepId| {
            self.files.get(step).is_some_and(|file| self.index.find(file, id, false).is_some())
        };
        self.graph.owners(id).iter().filter(has).find(|step| !self.graph.is_before(own, **step)).copied()
    }

    /// What is known of the value of a name.
    pub(super) fn known(&self, path: &[String], in_sample: bool) -> Known {
        let Some((root, rest)) = path.split_first() else { return Known::Anything };
        if Changed::of(path).is_some() {
            return Known::NUMBER;
        }
        if OTHER_RUNS.contains(&root.as_str()) {
            return self.find(rest, false).map_or(Known::Anything, |promise| promise.known);
        }
        if let Some(value) = self.fixed.get(root) {
            let value = rest.iter().try_fold(value, |at, part| at.get(part));
            return match value {
                Some(Value::Bool(_)) => Known::Flag,
                Some(Value::String(_)) => Known::Text,
                // An objective is the same in every run; sizes and variables are not.
                Some(Value::Number(number)) if root == "slo" => {
                    number.as_f64().map_or(Known::NUMBER, Known::exactly)
                }
                Some(Value::Number(_)) => Known::NUMBER,
                _ => Known::Anything,
            };
        }
        self.find(path, in_sample).map_or(Known::Anything, |promise| promise.known)
    }

    /// The unit of a name, where it has one that other units differ from.
    pub(super) fn unit_of(&self, path: &[String], in_sample: bool) -> Option<Unit> {
        if Changed::of(path).is_some() {
            return Some(Unit::Percent);
        }
        let past = path.first().is_some_and(|root| OTHER_RUNS.contains(&root.as_str()));
        let unit = self
            .find(&path[usize::from(past)..], in_sample && !past)
            .map(|promise| promise.unit)
            .or_else(|| Unit::of_path(path.iter().map(String::as_str)))?;
        (!matches!(unit, Unit::None | Unit::Count)).then_some(unit)
    }
}

/// Every action of a step file, those that clean up at the end.
pub(super) fn actions_of(file: &StepFile) -> impl Iterator<Item = &ActionSpec> {
    file.groups.iter().chain(&file.clean_up).flatten()
}

fn ids(file: &StepFile) -> impl Iterator<Item = &str> {
    actions_of(file).chain(file.watches.iter().map(|w| &w.spec)).map(|spec| spec.id.as_str())
}

fn promises_no(root: &str, name: &str, origin: Origin<'_>) -> Wrong {
    let known = origin.names();
    if name.is_empty() {
        let first = known.first().map_or("value", String::as_str);
        let hint = match known.as_slice() {
            [_] => format!("name its output: `{root}.{first}`"),
            known => format!("name an output, such as `{root}.{first}`; it has {}", some(known.iter())),
        };
        return (format!("`{root}` is the whole action, and not one of its outputs"), Some(hint));
    }
    let (behind, before) = (format!(".{name}"), format!("{name}."));
    let part = || {
        let ends = known.iter().find(|k| k.ends_with(&behind));
        ends.or_else(|| known.iter().find(|k| k.starts_with(&before)))
    };
    let hint = of_watch(root, name, origin).or_else(|| {
        let near = text::did_you_mean(name, known.iter().map(String::as_str));
        let near = near.or_else(|| part().map(String::as_str))?;
        Some(format!("did you mean `{root}.{near}`?"))
    });
    let hint = hint.unwrap_or_else(|| format!("outputs of `{root}`: {}", some(known.iter())));
    (format!("`{root}` promises no output `{name}`"), Some(hint))
}

/// What to write where an output of one look of a watch was named in place of a figure over all of them.
fn of_watch(root: &str, name: &str, origin: Origin<'_>) -> Option<String> {
    if !origin.summarised {
        return None;
    }
    let bare =
        name.rsplit_once('.').filter(|(_, end)| STATISTICS.contains(end)).map_or(name, |(bare, _)| bare);
    if bare.len() < name.len() && COUNTS.contains(&bare) {
        let what =
            if bare == "samples" { "how often the watch looked" } else { "how many looks saw nothing" };
        return Some(format!("`{root}.{bare}` is one number, {what}: write `{root}.{bare}` alone"));
    }
    let promise = origin.output(name).or_else(|| origin.output(bare))?;
    Some(match name {
        _ if !promise.is_number() => {
            format!(
                "`{root}.{bare}` is not a number, so a watch has no statistics of it: judge each sample with `always: {root}.{bare}`"
            )
        }
        _ if let Some(figure) = name.strip_prefix("value.").filter(|figure| STATISTICS.contains(figure)) => {
            format!("the statistics of the output `value` are outputs of their own: write `{root}.{figure}`")
        }
        "value" => format!(
            "`{root}` is a watch: write `{root}.max` (or min, avg, last), or judge each sample with `always`"
        ),
        _ => format!(
            "`{root}` is a watch: write `{root}.{name}.max` (or min, avg, last), or judge each sample with `always`"
        ),
    })
}

/// The first of many names.
fn some<'n, T: AsRef<str> + ?Sized + 'n>(names: impl Iterator<Item = &'n T>) -> String {
    const SHOWN: usize = 30;
    let names: Vec<&str> = names.map(AsRef::as_ref).collect();
    match names.len().checked_sub(SHOWN) {
        None | Some(0) => names.join(", "),
        Some(more) => format!("{} and {more} more", names[..SHOWN].join(", ")),
    }
}

/// How a problem begins that says which name a map of the campaign lacks.
pub(in crate::plan) fn lacks(map: &str) -> String {
    format!("`{map}` has no `")
}

fn missing_in(root: &str, value: &Value, rest: &[String]) -> Option<Wrong> {
    let (key, deeper) = rest.split_first()?;
    match value.get(key) {
        Some(inner) => missing_in(&format!("{root}.{key}"), inner, deeper),
        None => {
            let known: Vec<&str> =
                value.as_object().map(|m| m.keys().map(String::as_str).collect()).unwrap_or_default();
            let hint = match text::did_you_mean(key, known.iter().copied()) {
                Some(near) => format!("did you mean `{root}.{near}`?"),
                None if known.is_empty() => match value {
                    Value::Object(_) => format!("`{root}` is empty"),
                    Value::Null => format!("`{root}` is not supplied"),
                    _ => format!("`{root}` is a plain value"),
                },
                None => format!("`{root}` has {}", known.join(", ")),
            };
            Some((format!("{}{key}`", lacks(root)), Some(hint)))
        }
    }
}
