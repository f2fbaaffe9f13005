//! Snapshots, facts and the list of the artifacts.

use super::{context::Build, input::Input};
use crate::{
    record::{Localized, Said},
    report::{
        language::Word,
        model::{EvidenceRow, FactRow, SnapshotRow},
    },
};
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Every look at the platform's configuration.
pub(in crate::report) fn snapshots(build: &Build<'_>) -> Vec<SnapshotRow> {
    let row = |(at, artifacts, remarks): &(Timestamp, Vec<crate::record::Artifact>, Vec<Said>)| SnapshotRow {
        run: build.number,
        at: build.moment(*at),
        evidence: artifacts.iter().filter_map(|a| build.trace.artifact(&a.path)).collect(),
        remarks: remarks.iter().map(|r| build.language.say(r)).collect(),
    };
    build.state.snapshots.iter().map(row).collect()
}

/// Every fact; one without a value has no source either.
pub(in crate::report) fn facts(input: &Input<'_>) -> Vec<FactRow> {
    let language = input.language;
    let Some(campaign) = input.campaign else { return Vec::new() };
    let row = |(name, fact): (&String, &crate::plan::campaign::Fact)| {
        let label = fact.label.get(language.code());
        let value = fact.value.as_ref().filter(|v| !v.is_null()).map(|v| match v {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Number(number) => {
                number.as_f64().map_or_else(|| number.to_string(), |n| language.number(n))
            }
            serde_json::Value::Bool(flag) => {
                language.word(if *flag { Word::Yes } else { Word::No }).to_owned()
            }
            other => Localized::deserialize(other)
                .map_or_else(|_| other.to_string(), |text| text.get(language.code()).to_owned()),
        });
        FactRow {
            name: name.clone(),
            label: if label.is_empty() { name.clone() } else { label.to_owned() },
            source: value
                .as_ref()
                .map(|_| fact.source.as_ref().map_or("", |s| s.get(language.code())).to_owned()),
            value: value.unwrap_or_else(|| language.word(Word::NotSupplied).to_owned()),
        }
    };
    // What the plan does is no fact of a platform on which it did not run.
    let told = campaign.facts.iter().filter(|(_, fact)| !(fact.of_the_plan && input.runs.is_empty()));
    told.map(row).collect()
}

/// Every artifact with the action that left it and the time in which it did.
pub(in crate::report) fn evidence(build: &Build<'_>) -> Vec<EvidenceRow> {
    let mut origins: BTreeMap<&str, (String, String)> = BTreeMap::new();
    let window = |from: Timestamp, to: Option<Timestamp>| match to {
        Some(to) => {
            format!("{} → {}", build.moment(from), to.to_zoned(build.input.zone.clone()).strftime("%H:%M:%S"))
        }
        None => format!("{} →", build.moment(from)),
    };
    for (at, artifacts, _) in &build.state.snapshots {
        for artifact in artifacts {
            let what = build.language.word(Word::Snapshot).to_owned();
            origins.insert(&artifact.path, (what, build.moment(*at)));
        }
    }
    for attempt in build.state.steps.values().flat_map(|s| &s.attempts) {
        for action in attempt.actions.iter().filter(|a| a.kept_from.is_none()) {
            for artifact in &action.artifacts {
                let said = build.language.say(&action.description);
                let what = format!("{said} ({})", action.kind);
                origins.insert(&artifact.path, (what, window(action.started, action.ended)));
            }
        }
        for (id, watch) in attempt.watches.iter().filter(|(_, w)| w.kept_from.is_none()) {
            for artifact in &watch.artifacts {
                let what = build
                    .language
                    .fill(Word::WatchNamed, &[("watch", id.as_str()), ("kind", watch.kind.as_str())]);
                origins.insert(&artifact.path, (what, window(attempt.started, attempt.ended)));
            }
        }
    }
    let row = |(reference, artifact): (crate::report::model::Reference, &crate::record::Artifact)| {
        let (description, window) = origins.get(artifact.path.as_str()).cloned().unwrap_or_default();
        EvidenceRow {
            id: reference.id,
            folder: reference.folder,
            path: artifact.path.clone(),
            sha256: artifact.sha256.clone(),
            bytes: artifact.bytes,
            size: build.language.size(artifact.bytes),
            description,
            window,
            altered: build.run.kept.altered.get(&artifact.path).map(|why| build.language.say(why)),
        }
    };
    build.trace.artifacts().into_iter().map(row).collect()
}
