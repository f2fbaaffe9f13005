//! [`Plan::of`]: the plan of a campaign's files, with what they leave unsaid, and with the mistakes that have one cause told
//! at that cause.

use super::{
    check::lacks,
    compile::{CompileError, Options},
    compiled::Plan,
    load::Sources,
    source::{Problem, Source, Span},
    yaml::Node,
};
use std::collections::{BTreeMap, BTreeSet};

/// The maps of the campaign file whose names steps use.
const MAPS: [&str; 3] = ["facts", "slo", "vars"];

/// How many of the names that are used are shown.
const SHOWN: usize = 12;

impl Options {
    /// The same with the environment and the profile that are meant where neither the caller nor the campaign names one:
    /// the only one that there is.
    #[must_use]
    pub fn filled_in(&self, sources: &Sources) -> Self {
        let campaign = node(&sources.campaign);
        let says = |key: &str| campaign.as_ref().is_none_or(|node| node.get(key).is_some());
        let mut options = self.clone();
        if let ([(only, _)], None, false) =
            (sources.environments.as_slice(), &options.environment, says("default_environment"))
        {
            options.environment = Some(only.clone());
        }
        let profiles = campaign.as_ref().and_then(|node| node.get("profiles")).map_or(&[][..], Node::entries);
        if let ([(only, _)], None, false) = (profiles, &options.profile, says("default_profile")) {
            options.profile = Some(only.text.clone());
        }
        options
    }
}

impl Plan {
    /// Compiles the files of a campaign.
    ///
    /// # Errors
    /// As [`Plan::compile`].
    pub fn of(sources: &Sources, options: &Options) -> Result<Self, CompileError> {
        Self::compile(sources, &options.filled_in(sources)).map_err(|error| match error {
            CompileError::Problems(problems) => {
                CompileError::Problems(at_their_cause(problems, &sources.campaign))
            }
            error => error,
        })
    }
}

fn node(source: &Source) -> Option<Node> {
    Node::parse(source, 0, source.text.len()).ok()
}

/// The problems, with one in place of all those that say of an empty map of the campaign that it lacks a name.
fn at_their_cause(problems: Vec<Problem>, campaign: &Source) -> Vec<Problem> {
    let mut lacking: BTreeMap<&str, (BTreeSet<String>, usize)> = BTreeMap::new();
    let node = node(campaign);
    let is_empty = |map: &str| {
        node.as_ref().is_some_and(|node| node.get(map).is_none_or(|values| values.entries().is_empty()))
    };
    let of = |problem: &Problem| {
        let map = MAPS.into_iter().find(|map| problem.message.starts_with(&lacks(map)))?;
        let name = problem.message.strip_prefix(&lacks(map))?.split('`').next()?;
        is_empty(map).then(|| (map, name.to_owned()))
    };
    let found: Vec<Option<(&str, String)>> = problems.iter().map(of).collect();
    for (map, name) in found.iter().flatten() {
        let (names, uses) = lacking.entry(map).or_default();
        names.insert(name.clone());
        *uses += 1;
    }
    // One use is told at its place.
    lacking.retain(|_, (_, uses)| *uses > 1);
    let is_told =
        |found: &Option<(&str, String)>| found.as_ref().is_some_and(|(map, _)| lacking.contains_key(map));
    let kept: Vec<Problem> = problems
        .into_iter()
        .zip(&found)
        .filter(|(_, found)| !is_told(found))
        .map(|(problem, _)| problem)
        .collect();
    let causes = lacking.into_iter().map(|(map, (names, uses))| {
        let at = node.as_ref().map(|node| node.locate(&[], Some(map))).unwrap_or_default();
        // Where the key is not there at all, the first line stands for the file.
        let at = if node.as_ref().is_some_and(|node| node.get(map).is_some()) {
            at
        } else {
            Span { start: 0, len: 1 }
        };
        let first = names.first().cloned().unwrap_or_default();
        let shown = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let more = match names.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let message = format!("`{map}` is empty, and the steps use values of it {uses} times: {shown}{more}");
        let example = match map {
            "facts" => format!("facts: {{{first}: {{label: …, value: …, source: …}}}}"),
            "slo" => format!("slo: {{{first}: 100}}"),
            _ => format!("{map}: {{{first}: …}}"),
        };
        campaign.problem(at, "unknown-name", message).hint(format!("add what the steps use: `{example}`"))
    });
    causes.collect::<Vec<_>>().into_iter().chain(kept).collect()
}
