//! The campaign file and the environment files: names that they give each other, profiles that are alike, sources of facts.

use crate::{
    clients::Environment,
    plan::{
        Campaign,
        source::{Problem, Source, Span},
        yaml::Node,
    },
    record::Language,
    support::text,
};
use std::collections::BTreeSet;

/// Profiles have the same keys, facts have sources, and the defaults are there.
pub(in crate::plan) fn campaign(
    campaign: &Campaign,
    environments: &BTreeSet<&str>,
    source: &Source,
    node: &Node,
    problems: &mut Vec<Problem>,
) {
    let place = |map: &str, name: &str| node.locate(&[map.to_owned()], Some(name));
    let all: BTreeSet<&str> =
        campaign.profiles.values().flat_map(|profile| profile.keys().map(String::as_str)).collect();
    for (name, profile) in &campaign.profiles {
        for key in all.iter().filter(|key| !profile.contains_key(**key)) {
            // A key of this profile that no other has is the same key, misspelt.
            let alone = profile.keys().map(String::as_str).filter(|own| {
                campaign.profiles.iter().all(|(other, keys)| other == name || !keys.contains_key(*own))
            });
            let (at, hint) = match text::did_you_mean(key, alone) {
                Some(own) => (
                    node.locate(&["profiles".to_owned(), name.clone()], Some(own)),
                    format!("it has `{own}`, which no other profile has: one of the two is misspelt"),
                ),
                None => (
                    place("profiles", name),
                    "every profile has the same keys, so that a step works with each of them".to_owned(),
                ),
            };
            problems
                .push(source.problem(at, "profile", format!("profile `{name}` lacks `{key}`")).hint(hint));
        }
    }
    if campaign.name.trim().is_empty() {
        let at = node.locate(&["name".to_owned()], None);
        problems
            .push(source.problem(at, "wrong-value", "the `name` is empty").hint("reports and runs carry it"));
    }
    for (at, code) in campaign.languages.iter().enumerate() {
        if let Err(error) = code.parse::<Language>() {
            let span = node.locate(&["languages".to_owned(), at.to_string()], None);
            problems.push(
                source
                    .problem(span, "unknown-name", error.to_string())
                    .hint("a report is in English or in French: `languages: [en]`"),
            );
        }
    }
    for (name, fact) in &campaign.facts {
        if fact.value.is_some() && fact.source.is_none() {
            let problem = source.problem(
                place("facts", name),
                "fact",
                format!("fact `{name}` has a value and no source"),
            );
            problems.push(problem.hint("say who or what says so: `source: inventory of 12 March`"));
        }
    }
    for (at, notify) in campaign.notify.iter().enumerate() {
        let span = || node.locate(&["notify".to_owned(), at.to_string()], None);
        if let Some(mistake) = notify.mistake() {
            problems.push(source.problem(span(), "notify", mistake).hint("for example `url: env:CHAT_URL`"));
        }
        if campaign.notify[..at].iter().any(|other| other.name == notify.name) {
            let message = format!("two entries of `notify` are called `{}`", notify.name);
            problems.push(source.problem(span(), "notify", message).hint("give each a name of its own"));
        }
    }
    let profiles: BTreeSet<&str> = campaign.profiles.keys().map(String::as_str).collect();
    for (key, what, name, known) in [
        ("default_environment", "environment", &campaign.default_environment, environments),
        ("default_profile", "profile", &campaign.default_profile, &profiles),
    ] {
        if known.contains(name.as_str()) {
            continue;
        }
        if name.is_empty() && node.get(key).is_none() {
            // Of one, that one is meant.
            if known.len() != 1 {
                let message = match known.len() {
                    0 => format!("there is no {what}"),
                    _ => format!("the key `{key}` is missing, and there are several {what}s"),
                };
                let hint = match (known.first(), what) {
                    (Some(first), _) => {
                        let all = known.iter().copied().collect::<Vec<_>>().join(", ");
                        format!("add `{key}: {first}`; {what}s: {all}")
                    }
                    (None, "environment") => "write one as plan/environments/NAME.yaml".to_owned(),
                    (None, _) => "add one under `profiles:`".to_owned(),
                };
                let span = Span { start: node.span.start, len: 1 };
                problems.push(source.problem(span, "missing-key", message).hint(hint));
            }
            continue;
        }
        let hint = match text::did_you_mean(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => match what {
                "environment" => "write one as plan/environments/NAME.yaml".to_owned(),
                _ => "add one under `profiles:`".to_owned(),
            },
            None => format!("{what}s: {}", known.iter().copied().collect::<Vec<_>>().join(", ")),
        };
        let span = node.locate(&[key.to_owned()], None);
        let message = format!("unknown {what} `{name}` in `{key}`");
        problems.push(source.problem(span, "unknown-name", message).hint(hint));
    }
}

/// An environment is called as its file is.
pub(in crate::plan) fn environment_name(
    environment: &Environment,
    name: &str,
    source: &Source,
    node: &Node,
    problems: &mut Vec<Problem>,
) {
    if environment.name != name {
        let message = format!("this file is `{name}.yaml` and its name is `{}`", environment.name);
        let span: Span = node.locate(&["name".to_owned()], None);
        problems.push(
            source
                .problem(span, "name", message)
                .hint(format!("write `name: {name}`, or call the file `{}.yaml`", environment.name)),
        );
    }
}
