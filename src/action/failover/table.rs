//! The drills as artifacts, and the topics that came back to where they are from.

use crate::{
    clients::{kafka::Topology, mirror::Names},
    load::drill::Drill,
};
use serde_json::json;
use std::{fmt::Write, time::Duration};

/// Topics of a cluster whose names say that they came from it and came back: its own alias is among two or more aliases
/// before the name.
pub(super) fn looping(topology: &Topology, own: &str, names: &Names) -> Vec<String> {
    let aliases = |topic: &str| {
        let (mut rest, mut chain) = (topic, Vec::new());
        while let Some(alias) = [&names.source, &names.target].into_iter().find(|alias| {
            rest.strip_prefix(alias.as_str()).is_some_and(|rest| rest.starts_with(&names.separator))
        }) {
            chain.push(alias.as_str());
            rest = &rest[alias.len() + names.separator.len()..];
        }
        chain
    };
    let loops = |topic: &&str| {
        let chain = aliases(topic);
        chain.len() > 1 && chain.contains(&own)
    };
    topology.topics.iter().map(|topic| topic.name.as_str()).filter(loops).map(str::to_owned).collect()
}

/// A line for each drill.
pub(super) fn csv(drills: &[Drill]) -> String {
    let mut csv = String::from(
        "drill,cut_after_s,acknowledged,processed,skipped,repeated,not_arrived,rpo_records,rpo_s,time_to_first_record_s,rto_s,\
         back_skipped,back_repeated,returned,untranslated\n",
    );
    let seconds =
        |time: Option<Duration>| time.map_or_else(String::new, |t| format!("{:.3}", t.as_secs_f64()));
    for (number, drill) in (1..).zip(drills) {
        let a = &drill.account;
        let _ = writeln!(
            csv,
            "{number},{},{},{},{},{},{},{},{},{},{},{},{},{},{}",
            seconds(Some(drill.cut_after)),
            a.acknowledged,
            a.processed,
            a.skipped,
            a.repeated,
            a.not_arrived,
            a.rpo_records,
            seconds(Some(a.rpo)),
            seconds(drill.first_record),
            seconds(drill.recovered),
            a.back_skipped,
            a.back_repeated,
            a.returned,
            drill.untranslated,
        );
    }
    csv
}

pub(super) fn json(drills: &[Drill], seed: u64) -> serde_json::Value {
    let seconds = |time: Option<Duration>| time.map(|time| time.as_secs_f64());
    let drills: Vec<_> = drills
        .iter()
        .map(|drill| {
            let a = &drill.account;
            json!({
                "cut_after_s": drill.cut_after.as_secs_f64(), "sent": drill.sent, "acknowledged": a.acknowledged,
                "processed": a.processed, "skipped": a.skipped, "repeated": a.repeated, "not_arrived": a.not_arrived,
                "rpo_records": a.rpo_records, "rpo_s": a.rpo.as_secs_f64(),
                "time_to_first_record_s": seconds(drill.first_record), "rto_s": seconds(drill.recovered),
                "fail_back": {"skipped": a.back_skipped, "repeated": a.back_repeated}, "returned": a.returned,
                "committed_on_source": drill.committed, "committed_on_target": drill.translated,
                "was_ready": drill.was_ready, "errors": drill.errors,
            })
        })
        .collect();
    json!({"seed": seed, "drills": drills})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::{kafka::Topic, mirror_flow::Policy};

    #[test]
    fn a_topic_that_came_back_is_told_by_its_name() {
        let names = Names {
            source: "a".into(),
            target: "b".into(),
            separator: ".".into(),
            internal_separator: ".".into(),
            policy: Policy::Identity,
        };
        let topic = |name: &str| Topic { name: name.into(), error: None, partitions: Vec::new() };
        let topology = |topics: &[&str]| Topology {
            brokers: Vec::new(),
            cluster_id: None,
            controller: None,
            topics: topics.iter().map(|name| topic(name)).collect(),
            took: Duration::ZERO,
        };
        let here = topology(&["orders", "b.orders", "b.a.orders", "a.orders", "ab.a.b", "b.b.orders"]);
        assert_eq!(looping(&here, "a", &names), ["b.a.orders"]);
        let there = topology(&["a.orders", "a.b.a.orders", "a.b.orders"]);
        assert_eq!(looping(&there, "b", &names), ["a.b.a.orders", "a.b.orders"]);
    }
}
