//! Where in a step a mutant acts, and the step file with it.

use crate::{
    action::{
        KINDS, KindInfo,
        mutate::{Moment, Mutant},
    },
    plan::{
        markdown,
        source::Source,
        yaml::{Content, Node},
    },
    record::Family,
};
use std::collections::BTreeMap;

/// What kinds that send records measure.
const SEND: &[Family] = &[Family::LatencyFromIntended];
/// What kinds that look at offsets of groups count.
const OFFSETS: &[Family] = &[Family::Drills, Family::Untranslated];

/// Why a mutant has no place in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unplaced {
    /// The actions are not written one a line, so that nothing can be put between them.
    Form,
    /// The step sends nothing, or does not look at offsets.
    NothingThere,
}

/// Where each moment of `mutant` is in the step: places in its text, each the beginning of an action's line.
pub fn sites(step: &Source, mutant: &dyn Mutant) -> Result<BTreeMap<Moment, usize>, Unplaced> {
    let parts = markdown::split(step).map_err(|_| Unplaced::Form)?;
    let front =
        Node::parse(step, parts.front_matter.start, parts.front_matter.end).map_err(|_| Unplaced::Form)?;
    let actions = front.get("actions").ok_or(Unplaced::NothingThere)?;
    let Content::List(items) = &actions.content else { return Err(Unplaced::NothingThere) };
    let uses = |families: &[Family], item: &Node| {
        kinds_of(item).iter().any(|kind| families.iter().any(|family| kind.promised().has(*family)))
    };
    let first_load = items.iter().position(|item| uses(SEND, item));
    mutant
        .moments()
        .iter()
        .map(|moment| {
            let item = match moment {
                Moment::BeforeLoad => first_load,
                Moment::AfterLoad => first_load.map(|at| at + 1),
                Moment::BeforeOffsets => items.iter().position(|item| uses(OFFSETS, item)),
            };
            let item = item.ok_or(Unplaced::NothingThere)?;
            let place = match items.get(item) {
                Some(item) => line_of(&step.text, item.span.start),
                // Behind the last one.
                None => items.last().and_then(|last| end_of(&step.text, last)),
            };
            Ok((*moment, place.ok_or(Unplaced::Form)?))
        })
        .collect()
}

/// The step's text with the mutant's actions in it.
pub(super) fn with(step: &Source, mutant: &dyn Mutant, sites: &BTreeMap<Moment, usize>) -> String {
    let mut text = step.text.to_string();
    let name = mutant.name();
    // From the last to the first, so that places stay what they are.
    for (moment, at) in sites.iter().rev() {
        let indent = indent(&text, *at);
        let id = action(*moment);
        let line = format!("{indent}- mutate: {{id: {id}, mutant: {name}, moment: {moment}}}\n");
        text.insert_str(*at, &line);
    }
    text
}

/// The name of a mutant's action at that moment.
pub(super) fn action(moment: Moment) -> String {
    format!("mutant_{moment}").replace('-', "_")
}

/// The kinds of an item: its own, or those of its parallel actions.
fn kinds_of(item: &Node) -> Vec<&'static KindInfo> {
    let named = |name: &str| KINDS.iter().find(|kind| kind.name == name);
    let is_action = |node: &&Node| node.entries().iter().any(|(key, _)| named(&key.text).is_some());
    let mut kinds = Vec::new();
    for (key, value) in item.entries() {
        if let Some(kind) = named(&key.text) {
            kinds.push(kind);
        } else if let Content::List(items) = &value.content {
            kinds.extend(items.iter().filter(is_action).flat_map(kinds_of));
        }
    }
    kinds
}

/// The beginning of the line on which an item of a list starts; none where something other than the list's dash is
/// before it.
fn line_of(text: &str, at: usize) -> Option<usize> {
    let line = text[..at].rfind('\n')? + 1;
    let before = text[line..at].trim();
    (before == "-" || before.is_empty()).then_some(line)
}

/// The beginning of the line behind an item: the first one that is indented no more than the item's dash.
fn end_of(text: &str, last: &Node) -> Option<usize> {
    let mut at = line_of(text, last.span.start)?;
    let blanks = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let mut lines = text[at..].split_inclusive('\n');
    let first = lines.next()?;
    at += first.len();
    let behind = lines.take_while(|line| line.trim().is_empty() || blanks(line) > blanks(first));
    let inside: Vec<&str> = behind.collect();
    // Empty lines before the next key stay behind.
    let own = inside.iter().rposition(|line| !line.trim().is_empty()).map_or(0, |last| last + 1);
    Some(at + inside[..own].iter().map(|line| line.len()).sum::<usize>())
}

/// The blanks before the dash of the list at or before that line.
fn indent(text: &str, at: usize) -> String {
    let blanks = |line: &str| line.chars().take_while(|c| *c == ' ').collect::<String>();
    let is_item = |line: &&str| line.trim_start().starts_with("- ");
    let below = text[at..].lines().next().filter(is_item);
    let above = || text[..at].lines().rev().find(|line| is_item(line));
    below.or_else(above).map(blanks).unwrap_or_default()
}

#[cfg(test)]
mod tests;
