//! The outputs and artifacts of `replication`.

use super::messages;
use crate::{
    action::{latency, load_client, promise::Promised},
    load::{
        bits::Bits,
        content::{Fields, First, Kept, Lane, What},
        verify::{ComparisonEnd, Outcome},
    },
    record::{Evidence, Said, Unit, Value},
};
use std::{collections::BTreeMap, fmt::Write};

pub(super) const COUNTS: &str = "partitions.csv";
pub(super) const RESULT: &str = "comparison.json";
/// How many partitions' first differences are told beside the figures.
const TOLD: usize = 3;
/// Ranges of promised records that are shown, at most.
const RANGES: usize = 1000;

/// What is known of a topic's settings on one side, where they could be read.
#[derive(Debug, Clone, Default)]
pub(super) struct Settings(pub(super) Option<BTreeMap<String, String>>);

impl Settings {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.as_ref()?.get(name).map(String::as_str)
    }

    /// Whether only the latest record of a key is kept; `None` where nobody says.
    pub(super) fn compacts(&self) -> Option<bool> {
        self.get("cleanup.policy").map(|policy| policy.contains("compact"))
    }

    /// Why the log does not begin with its first record.
    fn why_begins(&self) -> &'static str {
        let (policy, ms, bytes) =
            (self.get("cleanup.policy"), self.get("retention.ms"), self.get("retention.bytes"));
        match (policy, ms, bytes) {
            (Some(policy), ..) if !policy.contains("delete") => "deleted",
            (Some(_), Some("-1"), Some("-1")) => "deleted",
            (Some(_), ..) => "expired or deleted: unknown which",
            (None, ..) => "unknown: settings not readable",
        }
    }

    /// Why offsets between two records hold none.
    fn why_gaps(&self) -> &'static str {
        match self.compacts() {
            Some(false) => "transactional: markers and aborted records",
            Some(true) => "compacted or transactional: unknown which",
            None => "unknown: settings not readable",
        }
    }
}

/// Promised records that one side does not have, and where the first of them are.
pub(super) struct Absent {
    pub(super) source: u64,
    pub(super) target: u64,
    ranges: Vec<(u64, u64, u64)>,
}

/// What of the promised is absent. A record that the source's log has lost since it was copied was there.
pub(super) fn absent(promised: &Promised, outcome: &Outcome) -> Absent {
    let nothing = Bits::default();
    let [ours, theirs] = &outcome.read;
    let of = |kept: &Kept, token: &u64| kept.stamps.get(token).cloned().unwrap_or_default();
    let begins_later = outcome.source.values().any(|(begin, _)| *begin > 0);
    let mut absent = Absent { source: 0, target: 0, ranges: Vec::new() };
    for (token, bits) in &promised.stamps {
        let mut there = of(ours, token);
        if begins_later {
            there.extend(theirs.stamps.get(token).unwrap_or(&nothing));
        }
        absent.source += bits.without(&there).count() as u64;
        let copied = of(theirs, token);
        absent.target += bits.without(&copied).count() as u64;
        let mut gone = Bits::default();
        for number in bits.without(&copied).take(1_000_000) {
            gone.insert(number);
        }
        absent.ranges.extend(gone.ranges().into_iter().map(|(first, last)| (*token, first, last)));
    }
    absent.ranges.truncate(RANGES);
    absent
}

/// The promised outputs.
pub(super) fn of(outcome: &Outcome, promised: Result<&(Promised, Absent), &Said>) -> Evidence {
    let mut evidence = Evidence::default();
    let (total, counts) = (&outcome.total, &outcome.total.counts);
    let missing = outcome.missing_partitions();
    let incomplete = |number: &i32, lane: &Lane| {
        lane.counts.lost + lane.counts.values > 0 || (missing.contains(number) && lane.counts.source > 0)
    };
    let partitions = outcome.lanes.iter().filter(|(number, lane)| incomplete(number, lane)).count();
    let recreated =
        outcome.lanes.iter().filter(|(number, lane)| is_recreated(outcome, **number, lane)).count();
    for (name, count) in [
        ("records_expected", total.expected),
        ("records_arrived", total.expected.saturating_sub(total.lost)),
        ("lost", total.lost),
        ("duplicated", counts.duplicated),
        ("reordered", counts.reordered),
        ("corrupt", counts.values),
        ("unexpected", counts.unexpected),
        ("moved", counts.moved),
        ("keys_changed", counts.keys),
        ("headers_changed", counts.headers),
        ("timestamps_changed", counts.timestamps),
        ("uncommitted_copied", counts.uncommitted),
        ("partitions_incomplete", partitions as u64),
        ("partitions_missing", missing.len() as u64),
        ("partitions_recreated", recreated as u64),
        ("not_comparable", counts.unknown),
    ] {
        evidence.put_from(name, Value::count(count), RESULT);
    }
    let purged: Option<Vec<u64>> = outcome.lanes.values().map(Lane::purged).collect();
    let purged = match purged {
        Some(purged) => Value::count(purged.iter().sum()),
        None => Value::missing(messages::purge_unknown()),
    };
    evidence.put_from("purged_uncopied", purged, RESULT);
    match promised {
        Ok((promised, absent)) => {
            evidence
                .put_from("records_promised", Value::count(promised.records()), RESULT)
                .put_from("lost_on_source", Value::count(absent.source), RESULT)
                .put_from("lost_of_acknowledged", Value::count(absent.target), RESULT)
                .remark(messages::acknowledged_by(promised.records(), promised.loads.join(", ")));
        }
        Err(why) => {
            for name in ["records_promised", "lost_on_source", "lost_of_acknowledged"] {
                evidence.put(name, Value::missing(why));
            }
            evidence.remark(why.clone());
        }
    }
    let complete = total.lost == 0 && outcome.ended == ComparisonEnd::Complete;
    evidence.put_from("complete", Value::Flag(complete), RESULT);
    let catch_up = outcome.catch_up.map(|time| time.as_secs_f64());
    let catch_up = load_client::number(catch_up, Unit::Seconds, &messages::not_arrived(total.lost));
    evidence.put_from("catch_up_s", catch_up, RESULT);
    latency::put(&mut evidence, "latency_ms", &outcome.latency, RESULT, &messages::none_while_waiting());
    for (number, first) in outcome.lanes.iter().filter_map(|(n, lane)| Some((n, lane.first?))).take(TOLD) {
        let source = first.source.map_or_else(|| "-".to_owned(), |offset| offset.to_string());
        let copy = place(&first);
        evidence.remark(messages::first_difference(*number, source, copy, word(first.what)));
    }
    evidence
}

/// Whether the source's partition seems to be another one than that which was copied: it became shorter while it was read,
/// or the copy begins with records that it does not hold although its log begins with its first.
fn is_recreated(outcome: &Outcome, number: i32, lane: &Lane) -> bool {
    outcome.recreated.contains(&number) || lane.begins_with_unexpected()
}

fn place(first: &First) -> String {
    first.target.map_or_else(|| "-".to_owned(), |(partition, offset)| format!("{partition}/{offset}"))
}

fn word(what: What) -> String {
    let of = |fields: Fields| {
        let names = [
            (fields.key, "key"),
            (fields.value, "value"),
            (fields.headers, "headers"),
            (fields.timestamp, "timestamp"),
        ];
        names.into_iter().filter_map(|(differs, name)| differs.then_some(name)).collect::<Vec<_>>().join("+")
    };
    match what {
        What::Changed(fields) => of(fields),
        What::Duplicated => "duplicated".to_owned(),
        What::Lost => "lost".to_owned(),
        What::Moved => "moved".to_owned(),
        What::Reordered => "reordered".to_owned(),
        What::Uncommitted => "uncommitted".to_owned(),
        What::Unexpected => "unexpected".to_owned(),
    }
}

/// A line a partition: where it begins and ends on both sides, what was found, and why offsets hold nothing.
pub(super) fn partitions_csv(outcome: &Outcome, settings: &Settings) -> String {
    let mut csv = "partition,source_begin,source_end,source_records,target_begin,target_end,target_records,paired,lost,\
         duplicated,reordered,corrupt,unexpected,moved,keys_changed,headers_changed,timestamps_changed,\
         uncommitted_copied,purged_uncopied,compacted,expired,newer,not_comparable,source_gaps,gaps_why,begin_why,\
         first_source_offset,first_copy,first_what\n"
        .to_owned();
    for (number, lane) in &outcome.lanes {
        let c = &lane.counts;
        let (begin, end) = outcome.source.get(number).copied().unwrap_or_default();
        let there = outcome.target.as_ref().and_then(|target| target.get(number));
        let (target_begin, target_end) = match there {
            Some((begin, end)) => (begin.to_string(), end.to_string()),
            None => (String::new(), String::new()),
        };
        let span = u64::try_from(end - begin).unwrap_or(0);
        let gaps = span.saturating_sub(c.source);
        let gaps_why = if gaps > 0 { settings.why_gaps() } else { "" };
        let begin_why = if begin > 0 { settings.why_begins() } else { "" };
        let purged = lane.purged().map_or_else(String::new, |purged| purged.to_string());
        let (first_source, first_copy, first_what) = match &lane.first {
            Some(first) => (
                first.source.map_or_else(String::new, |offset| offset.to_string()),
                place(first),
                word(first.what),
            ),
            None => Default::default(),
        };
        let _ = writeln!(
            csv,
            "{number},{begin},{end},{},{target_begin},{target_end},{},{},{},{},{},{},{},{},{},{},{},{},{purged},{},{},{},{},{gaps},{gaps_why},{begin_why},{first_source},{first_copy},{first_what}",
            c.source,
            c.target,
            c.paired,
            c.lost,
            c.duplicated,
            c.reordered,
            c.values,
            c.unexpected,
            c.moved,
            c.keys,
            c.headers,
            c.timestamps,
            c.uncommitted,
            c.compacted,
            c.expired,
            c.newer,
            c.unknown,
        );
    }
    csv
}

pub(super) fn result_json(
    outcome: &Outcome,
    promised: Result<&(Promised, Absent), &Said>,
) -> serde_json::Value {
    let (total, c) = (&outcome.total, &outcome.total.counts);
    let latency = latency::json(&outcome.latency).map(|mut json| {
        json["from"] = "creation time in the record's stamp".into();
        json["to"] =
            if outcome.log_append_time { "LogAppendTime on the target" } else { "this reader's clock" }
                .into();
        json
    });
    let shown = |ranges: &[(u64, u64, u64)]| -> Vec<serde_json::Value> {
        let one = |(token, first, last): &(u64, u64, u64)| serde_json::json!({"stamps": format!("{token:016x}"), "first": first, "last": last});
        ranges.iter().map(one).collect()
    };
    let promised = match promised {
        Ok((promised, absent)) => serde_json::json!({
            "loads": promised.loads, "records": promised.records(), "not_on_source": absent.source,
            "not_on_copy": absent.target, "not_on_copy_ranges": shown(&absent.ranges),
        }),
        Err(why) => serde_json::json!({ "unknown": why }),
    };
    let begins: BTreeMap<_, _> = outcome
        .source
        .iter()
        .filter(|(_, (begin, _))| *begin > 0)
        .map(|(n, (begin, _))| (n, begin))
        .collect();
    serde_json::json!({
        "expected": total.expected, "arrived": total.expected.saturating_sub(total.lost), "lost": total.lost,
        "duplicated": c.duplicated, "reordered": c.reordered, "corrupt": c.values, "unexpected": c.unexpected,
        "moved": c.moved, "keys_changed": c.keys, "headers_changed": c.headers, "timestamps_changed": c.timestamps,
        "uncommitted_copied": c.uncommitted, "compacted": c.compacted, "expired": c.expired, "newer": c.newer,
        "not_comparable": c.unknown, "without_stamp": total.foreign, "promised": promised,
        "lost_ranges": shown(&total.lost_ranges), "catch_up_s": outcome.catch_up.map(|t| t.as_secs_f64()),
        "latency": latency, "ended": format!("{:?}", outcome.ended), "source_begins_at": begins,
        "looked_for_aborted": outcome.looked_for_aborted,
    })
}
