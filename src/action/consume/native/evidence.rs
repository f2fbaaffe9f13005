//! The outputs of a group's reading, and the artifacts that are made of its outcome.

use super::super::messages;
use crate::{
    action::{latency, load_client},
    load::consumer::{Outcome, Read},
    record::{Evidence, Said, Unit, Value},
};
use std::{fmt::Write, time::Duration};

pub(super) const FETCHES: &str = "fetches.csv";
pub(super) const LATENCY: &str = "latency.hlog";
pub(super) const MEMBERS: &str = "members.csv";
pub(super) const REBALANCES: &str = "rebalances.csv";
pub(super) const WINDOWS: &str = "windows.csv";

/// The promised outputs. `statistics`: whether the clients were to report any.
pub(super) fn of(outcome: &Outcome, statistics: bool) -> Evidence {
    let mut evidence = Evidence::default();
    let seconds = outcome.elapsed.as_secs_f64();
    evidence
        .put_from("records", Value::count(outcome.records), WINDOWS)
        .put("duration_s", Value::number(seconds, Unit::Seconds))
        .put("errors", Value::count(outcome.errors.values().sum()))
        .put("negative_latencies", Value::count(outcome.clock.negative));
    let none = messages::none_read();
    load_client::put_throughput(&mut evidence, outcome.records, outcome.bytes, seconds, &none);
    let why = if outcome.records == 0 { none } else { messages::only_older() };
    latency::put(&mut evidence, "end_to_end_ms", &outcome.end_to_end, LATENCY, &why);
    #[expect(clippy::cast_precision_loss, reason = "shown to a few digits")]
    let ahead = outcome.clock.least_us.map(|us| us as f64 / 1e3);
    evidence.put("clock_ahead_max_ms", latency::milliseconds(ahead, &why));
    put_group(&mut evidence, outcome);
    put_fetches(&mut evidence, outcome, statistics);
    let lag = outcome.lag.clone().map_or_else(Value::missing, Value::count);
    evidence.put_from("lag_records", lag, MEMBERS);
    evidence
}

fn put_group(evidence: &mut Evidence, outcome: &Outcome) {
    let time = |time: Option<Duration>, otherwise: fn() -> Said| {
        latency::milliseconds(time.map(|time| time.as_secs_f64() * 1e3), &otherwise())
    };
    let unassigned = messages::no_partition_assigned;
    let found = &outcome.rebalances;
    evidence
        .put_from("join_ms", time(outcome.join, unassigned), REBALANCES)
        .put_from("group_ready_ms", time(found.ready, messages::not_ready), REBALANCES)
        .put_from("members_active", Value::count(found.active as u64), REBALANCES)
        .put_from("rebalances", Value::count(found.rebalances), REBALANCES)
        .put_from("partitions_lost", Value::count(found.lost), REBALANCES)
        .put_from("unassigned_max_ms", time(found.unassigned, unassigned), REBALANCES);
    let records = || outcome.members.iter().map(|m| m.records);
    evidence.put_from("records_by_member.max", Value::count(records().max().unwrap_or(0)), MEMBERS).put_from(
        "records_by_member.min",
        Value::count(records().min().unwrap_or(0)),
        MEMBERS,
    );
}

#[expect(clippy::cast_precision_loss, reason = "shown to a few digits")]
fn put_fetches(evidence: &mut Evidence, outcome: &Outcome, statistics: bool) {
    let total = &outcome.fetches;
    let why = match (statistics, total.reports) {
        (false, _) => messages::statistics_off(),
        (true, 0) => messages::statistics_none_yet(),
        (true, _) => messages::no_such_request(),
    };
    let figure = |known: bool, value: f64, unit| match known && total.reports > 0 {
        true => Value::number(value, unit),
        false => Value::missing(&why),
    };
    let ms = |us: u64| us as f64 / 1e3;
    let (asked, trips) = (total.requests > 0, total.round_trip.count > 0);
    let per_request = |amount: u64| amount as f64 / total.requests.max(1) as f64;
    let avg = ms(total.round_trip.sum_us) / total.round_trip.count.max(1) as f64;
    let requests = match total.reports {
        0 => Value::missing(&why),
        _ => Value::count(total.requests),
    };
    evidence
        .put_from("fetch.requests", requests, FETCHES)
        .put_from("fetch.records_avg", figure(asked, per_request(total.records), Unit::None), FETCHES)
        .put_from("fetch.bytes_avg", figure(asked, per_request(total.bytes), Unit::Bytes), FETCHES)
        .put_from("fetch_ms.avg", figure(trips, avg, Unit::Milliseconds), FETCHES)
        .put_from("fetch_ms.max", figure(trips, ms(total.round_trip.max_us), Unit::Milliseconds), FETCHES)
        .put_from("fetch_ms.p99_max", figure(trips, ms(total.round_trip.p99_us), Unit::Milliseconds), FETCHES)
        .put_from("throttled_ms.max", figure(true, total.throttled_ms as f64, Unit::Milliseconds), FETCHES);
}

/// A line a member. The lag is empty where there was nothing to ask for, or no answer.
pub(super) fn members_csv(outcome: &Outcome) -> String {
    let mut csv = "member,records,bytes,partitions,lag_records,errors\n".to_owned();
    for (index, member) in outcome.members.iter().enumerate() {
        let Read { records, bytes, holds, .. } = member;
        let known: Option<u64> = member.lag.values().copied().sum();
        let lag = known.filter(|_| !member.lag.is_empty()).map_or_else(String::new, |lag| lag.to_string());
        let errors: u64 = member.errors.values().sum();
        let _ = writeln!(csv, "{},{records},{bytes},{holds},{lag},{errors}", index + 1);
    }
    csv
}

/// The last statistics of each member as they came, a JSON array; `None` where there are none.
pub(super) fn statistics(outcome: &Outcome) -> Option<String> {
    let said: Vec<_> =
        outcome.members.iter().map(|m| m.statistics.as_str()).filter(|s| !s.is_empty()).collect();
    (!said.is_empty()).then(|| format!("[\n{}\n]\n", said.join(",\n")))
}
