//! `matrix:`: an action, or a list of actions, once for every combination of values; each combination is a scenario.
//!
//! A matrix is written out before actions are read, so that a scenario is an action like any other, with an id,
//! evidence and a verdict of its own. Places stay those of the step file.

pub(super) mod cell;
mod families;
mod writer;

use cell::Cell;
pub(super) use families::Families;
use writer::{Combination, Writer, with_ids};

use super::{
    file::values::is_identifier,
    source::{Problem, Source},
    yaml::{Content, Node},
};
use crate::{
    expression::Expression,
    record::{ActionId, event::Scenario},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What a matrix may have beside its axes.
const KEYS: [&str; 4] = ["actions", "exclude", "limit", "stop_when"];
/// More scenarios than that are taken for a mistake, unless the matrix says `limit`.
const LIMIT: usize = 100;
/// More scenarios than that no matrix has, whatever it says: each is an action with a record of its own.
const MOST: usize = 100_000;
/// So many combinations are looked through for those that are not excluded.
const LISTED: u128 = 1_000_000;

/// One entry of `actions`, a matrix written out.
#[derive(Debug)]
pub(super) struct Entry {
    /// The action or the group.
    pub(super) node: Node,
    /// The cell of the matrix that each action of it comes from.
    pub(super) cells: Vec<Option<Arc<Cell>>>,
}

impl Entry {
    fn new(node: Node, cell: Option<Arc<Cell>>) -> Self {
        let members = members(&node).map_or(1, <[Node]>::len);
        Self { node, cells: vec![cell; members] }
    }
}

/// The actions of a `parallel` group.
fn members(node: &Node) -> Option<&[Node]> {
    match node.entries() {
        [(kind, Node { content: Content::List(members), .. })] if kind.text == "parallel" => Some(members),
        _ => None,
    }
}

struct Axis<'n> {
    name: &'n str,
    /// Each value with its name.
    values: Vec<(String, &'n Node)>,
}

impl Axis<'_> {
    /// The places of the values that an exclusion means by `wanted`, by name or by value; `values` are those of the axis.
    fn places(values: &[(&str, Value)], wanted: &Node) -> Vec<usize> {
        let (name, value) = (plain_text(wanted), wanted.to_json());
        let meant = values.iter().enumerate().filter(|(_, (n, v))| *n == name || *v == value);
        meant.map(|(place, _)| place).collect()
    }
}

/// Which combinations are left out: the places of their values, by the axes that an exclusion names. To compare each
/// combination with each exclusion takes minutes where both are many.
type Exclusions = BTreeMap<Vec<usize>, BTreeSet<Vec<usize>>>;

/// Writes every matrix of a list of actions out.
pub(super) fn expand(
    source: &Source,
    entries: &[Node],
    problems: &mut Vec<Problem>,
) -> (Vec<Entry>, Families) {
    let (mut expanded, mut families) = (Vec::new(), Families::default());
    for (index, node) in entries.iter().enumerate() {
        let Some((kind, params)) = node.entries().first().filter(|_| node.entries().len() == 1) else {
            expanded.push(Entry::new(node.clone(), None));
            continue;
        };
        let before = problems.len();
        if kind.text == "matrix" {
            let inner = match params.get("actions").map(|n| &n.content) {
                Some(Content::List(inner)) if !inner.is_empty() => inner.as_slice(),
                _ => {
                    let problem = source.problem(kind.span, "matrix", "this matrix has no actions to repeat");
                    problems.push(problem.hint("add `actions: [ … ]` beside its axes"));
                    families.leave_out(std::slice::from_ref(node));
                    continue;
                }
            };
            write_out(source, index, params, inner, &mut expanded, &mut families, problems);
            if problems.len() > before {
                families.leave_out(inner);
            }
        } else if let Some(matrix) = params.get("matrix") {
            let plain = [without_matrix(node)];
            write_out(source, index, matrix, &plain, &mut expanded, &mut families, problems);
            if problems.len() > before {
                families.leave_out(&plain);
            }
        } else if let Some(together) = members(node) {
            // A matrix among actions that run together: its scenarios run together too.
            let mut written = Vec::new();
            for (place, member) in together.iter().enumerate() {
                match member.entries().first().and_then(|(_, params)| params.get("matrix")) {
                    Some(matrix) => {
                        let (number, plain) = (index + (place + 1) * 10_000, [without_matrix(member)]);
                        let before = problems.len();
                        write_out(source, number, matrix, &plain, &mut written, &mut families, problems);
                        if problems.len() > before {
                            families.leave_out(&plain);
                        }
                    }
                    None => written.push(Entry::new(member.clone(), None)),
                }
            }
            let cells = written.iter().flat_map(|entry| entry.cells.clone()).collect();
            let list = Content::List(written.into_iter().map(|entry| entry.node).collect());
            let group = Content::Map(vec![(kind.clone(), Node { span: params.span, content: list })]);
            expanded.push(Entry { node: Node { span: node.span, content: group }, cells });
        } else {
            expanded.push(Entry::new(node.clone(), None));
        }
    }
    (expanded, families)
}

fn write_out(
    source: &Source,
    number: usize,
    matrix: &Node,
    actions: &[Node],
    expanded: &mut Vec<Entry>,
    families: &mut Families,
    problems: &mut Vec<Problem>,
) {
    let Some(axes) = axes(source, matrix, problems) else { return };
    let Some(combinations) = combinations(source, matrix, &axes, problems) else { return };
    let ids: Vec<String> = actions.iter().flat_map(ids_in).collect();
    let name = ids.first().cloned().unwrap_or_default();
    let per_row = axes.last().map_or(1, |a| a.values.len()).max(1);
    let stop_when = match matrix.get("stop_when").map(|n| (n, n.as_str())) {
        None => None,
        Some((_, Some(text))) => Some(text),
        Some((node, None)) => {
            problems.push(source.problem(node.span, "wrong-type", "`stop_when` is an expression"));
            None
        }
    };
    let mut taken = BTreeSet::new();
    for (position, combination) in &combinations {
        let suffix = combination.iter().map(|(_, (name, _))| slug(name)).collect::<Vec<_>>().join("_");
        if !taken.insert(suffix.clone()) {
            let problem = source.problem(
                matrix.span,
                "matrix",
                format!("two scenarios of this matrix would both be called `{name}_{suffix}`"),
            );
            problems.push(
                problem.hint("name the values: write the axis as `{slow: …, fast: …}` and not as a list"),
            );
            return;
        }
        let renamed: BTreeMap<String, String> =
            ids.iter().map(|id| (id.clone(), format!("{id}_{suffix}"))).collect();
        families.add(number, &renamed);
        let values = combination.iter().map(|(axis, (_, v))| ((*axis).to_owned(), v.to_json())).collect();
        let stop_when = match stop_when.map(|text| Expression::parse(&with_ids(text, &renamed))) {
            None => None,
            Some(Ok(expression)) => Some(Arc::new(expression)),
            Some(Err((message, _))) => {
                let span = matrix.get("stop_when").map_or(matrix.span, |n| n.span);
                let problem = source.problem(span, "expression", format!("`stop_when`: {message}"));
                problems.push(problem.hint(format!("write it over the outputs, such as `{name}.saturated`")));
                return;
            }
        };
        let cell = Arc::new(Cell {
            scenario: Scenario { matrix: ActionId::from(name.as_str()), values },
            row: number.saturating_mul(1_000_000) + position / per_row,
            stop_when,
            stop_span: matrix.get("stop_when").map(|node| node.span),
        });
        let before = problems.len();
        for action in actions {
            let mut writer = Writer { source, combination, renamed: &renamed, problems };
            let node = writer.action(action);
            expanded.push(Entry::new(node, Some(Arc::clone(&cell))));
        }
        if problems.len() > before {
            // The other scenarios have the same mistakes.
            return;
        }
    }
}

fn axes<'n>(source: &Source, matrix: &'n Node, problems: &mut Vec<Problem>) -> Option<Vec<Axis<'n>>> {
    let before = problems.len();
    let mut axes = Vec::new();
    for (key, node) in matrix.entries().iter().filter(|(k, _)| !KEYS.contains(&k.text.as_str())) {
        if !is_identifier(&key.text) {
            let problem = source.problem(
                key.span,
                "matrix",
                "the name of an axis begins with a letter and has letters, digits and `_` only",
            );
            let plain: String =
                key.text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
            problems.push(problem.hint(format!(
                "call it `{plain}` and write `{{{{ matrix.{plain} }}}}` where its value goes"
            )));
            continue;
        }
        let values: Vec<(String, &Node)> = match &node.content {
            Content::List(items) => items.iter().map(|item| (plain_text(item), item)).collect(),
            Content::Map(entries) => entries.iter().map(|(k, v)| (k.text.clone(), v)).collect(),
            Content::Scalar(_) => Vec::new(),
        };
        if values.is_empty() {
            problems.push(
                source
                    .problem(node.span, "matrix", format!("the axis `{}` has no values", key.text))
                    .hint("write `[all, 1]`, or `{name: value, other_name: value}` to name them"),
            );
        }
        axes.push(Axis { name: &key.text, values });
    }
    if axes.is_empty() && problems.len() == before {
        let problem = source.problem(matrix.span, "matrix", "this matrix has no axis");
        problems.push(problem.hint("write `matrix: {record_size: [1 KiB, 10 KiB], acks: [all, 1]}`"));
    }
    (problems.len() == before).then_some(axes)
}

/// Every combination that is not excluded, with its position among all; the last axis varies first.
fn combinations<'a>(
    source: &Source,
    matrix: &Node,
    axes: &'a [Axis<'a>],
    problems: &mut Vec<Problem>,
) -> Option<Vec<(usize, Combination<'a>)>> {
    let limit = match matrix.get("limit").map(|n| (n, n.to_json().as_u64())) {
        None => LIMIT,
        Some((_, Some(limit))) => usize::try_from(limit).unwrap_or(usize::MAX),
        Some((node, None)) => {
            problems.push(source.problem(node.span, "wrong-type", "`limit` is a whole number of scenarios"));
            return None;
        }
    };
    let excluded: Vec<&Node> = match matrix.get("exclude").map(|n| &n.content) {
        Some(Content::List(items)) => items.iter().collect(),
        _ => Vec::new(),
    };
    let excluded = exclusions(source, axes, &excluded, problems)?;
    let all = axes.iter().try_fold(1_u128, |n, axis| n.checked_mul(axis.values.len() as u128));
    let refused = |count: String, limit: usize| {
        let message = format!("this matrix has {count} scenarios and the limit is {limit}");
        let hint = match limit {
            MOST => "take values out, or write several steps: no matrix may have more",
            _ => "take values out with `exclude`, or allow that many with `limit: …`",
        };
        source.problem(matrix.span, "matrix", message).hint(hint)
    };
    let limit = limit.min(MOST);
    // Far beyond any limit the combinations are not even listed.
    let Some(listed) = all.filter(|all| *all <= LISTED).and_then(|all| usize::try_from(all).ok()) else {
        let count = all.map_or_else(|| format!("more than {}", u128::MAX), |all| all.to_string());
        problems.push(refused(count, limit));
        return None;
    };
    let kept: Vec<_> = (0..listed)
        .filter(|position| !is_excluded(&excluded, &places(axes, *position)))
        .map(|position| (position, combination(axes, position)))
        .collect();
    if kept.len() > limit {
        problems.push(refused(kept.len().to_string(), limit));
        return None;
    }
    if kept.is_empty() {
        problems.push(source.problem(matrix.span, "matrix", "every scenario of this matrix is excluded"));
        return None;
    }
    Some(kept)
}

/// The place of each axis's value in the combination at `position`.
fn places(axes: &[Axis<'_>], mut position: usize) -> Vec<usize> {
    let mut found = vec![0; axes.len()];
    for (place, axis) in found.iter_mut().zip(axes).rev() {
        *place = position % axis.values.len();
        position /= axis.values.len();
    }
    found
}

fn combination<'a>(axes: &'a [Axis<'a>], position: usize) -> Combination<'a> {
    let places = places(axes, position);
    axes.iter().zip(places).map(|(axis, place)| (axis.name, &axis.values[place])).collect()
}

fn is_excluded(exclusions: &Exclusions, places: &[usize]) -> bool {
    exclusions.iter().any(|(axes, excluded)| {
        let these: Vec<usize> = axes.iter().map(|axis| places[*axis]).collect();
        excluded.contains(&these)
    })
}

/// What the exclusions leave out. One that names no axis or no value of it excludes nothing: a mistake.
fn exclusions(
    source: &Source,
    axes: &[Axis<'_>],
    excluded: &[&Node],
    problems: &mut Vec<Problem>,
) -> Option<Exclusions> {
    let before = problems.len();
    let values: Vec<Vec<(&str, Value)>> = match excluded {
        [] => Vec::new(),
        _ => axes
            .iter()
            .map(|axis| axis.values.iter().map(|(name, value)| (name.as_str(), value.to_json())).collect())
            .collect(),
    };
    let mut found = Exclusions::new();
    for exclusion in excluded {
        let mut meant: Vec<(usize, Vec<usize>)> = Vec::new();
        for (key, wanted) in exclusion.entries() {
            let Some(index) = axes.iter().position(|a| a.name == key.text) else {
                let names: Vec<&str> = axes.iter().map(|a| a.name).collect();
                problems.push(super::yaml::unknown_key(source, key.span, &key.text, &names));
                continue;
            };
            let places = Axis::places(&values[index], wanted);
            if places.is_empty() {
                let known: Vec<&str> = values[index].iter().map(|(name, _)| *name).collect();
                let problem = source.problem(
                    wanted.span,
                    "matrix",
                    format!("the axis `{}` has no value `{}`", axes[index].name, plain_text(wanted)),
                );
                problems.push(problem.hint(format!("its values: {}", known.join(", "))));
            }
            meant.push((index, places));
        }
        if exclusion.entries().is_empty() {
            let problem = source.problem(exclusion.span, "matrix", "an exclusion names values of axes");
            problems.push(problem.hint("write `exclude: [{acks: 1, record_size: 10 KiB}]`"));
        }
        meant.sort();
        let (named, places): (Vec<usize>, Vec<Vec<usize>>) = meant.into_iter().unzip();
        let mut all = vec![Vec::new()];
        for places in places {
            let longer = |one: &Vec<usize>| {
                places.iter().map(|place| [one.as_slice(), &[*place]].concat()).collect::<Vec<_>>()
            };
            all = all.iter().flat_map(longer).collect();
        }
        found.entry(named).or_default().extend(all);
    }
    (problems.len() == before).then_some(found)
}

fn without_matrix(node: &Node) -> Node {
    let mut plain = node.clone();
    if let Content::Map(entries) = &mut plain.content
        && let Some((_, Node { content: Content::Map(params), .. })) = entries.first_mut()
    {
        params.retain(|(key, _)| key.text != "matrix");
    }
    plain
}

/// The ids of an entry's actions.
fn ids_in(entry: &Node) -> Vec<String> {
    let Some((kind, params)) = entry.entries().first() else { return Vec::new() };
    match &params.content {
        Content::List(together) if kind.text == "parallel" => together.iter().flat_map(ids_in).collect(),
        _ => vec![
            params
                .get("id")
                .and_then(Node::as_str)
                .map_or_else(|| kind.text.replace('-', "_"), str::to_owned),
        ],
    }
}

fn plain_text(node: &Node) -> String {
    match node.to_json() {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// A value as a part of an id: `1 KiB` is `1kib`.
fn slug(value: &str) -> String {
    let mut slug = String::new();
    for c in value.to_lowercase().chars().filter(|c| !c.is_whitespace()) {
        match c {
            c if c.is_ascii_alphanumeric() => slug.push(c),
            _ if slug.ends_with('_') || slug.is_empty() => {}
            _ => slug.push('_'),
        }
    }
    slug.trim_end_matches('_').to_owned()
}

#[cfg(test)]
mod tests;
