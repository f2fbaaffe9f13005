//! The outputs and artifacts of `end-to-end`.

use super::messages;
use crate::{
    action::{ActionContext, ActionError, latency, load_client},
    load::{
        client::{self, error_counts},
        end_to_end::{self, Outcome, RoundTripEnd, Run, Spec},
        latency::HistogramLog,
    },
    record::{Arg, Evidence, Unit, Value},
};
use hdrhistogram::serialization::V2DeflateSerializer;
use std::time::{Duration, SystemTime};

const LATENCY: &str = "latency.hlog";
pub(super) const RESULT: &str = "end-to-end.json";
const WINDOWS: &str = "windows.csv";

/// Does it and keeps every window; what was kept stays, whatever ends it.
pub(super) fn record(
    cx: &ActionContext,
    run: Run,
    total: Option<u64>,
    cluster: &str,
) -> Result<Outcome, ActionError> {
    let mut csv = cx.artifacts.create(WINDOWS, "text/csv")?;
    end_to_end::csv_header(&mut csv).map_err(load_client::lost)?;
    let mut hlog = cx.artifacts.create(LATENCY, "text/plain")?;
    let mut serializer = V2DeflateSerializer::new();
    let mut log =
        HistogramLog::begin(&mut hlog, &mut serializer, SystemTime::now()).map_err(load_client::lost)?;
    let outcome = run.run(
        &mut |window| {
            end_to_end::csv_line(&mut csv, window)?;
            log.interval("intended", window.intended, window.start, window.length)?;
            log.interval("send", window.send, window.start, window.length)?;
            let per_s = window.arrived as f64 / window.length.as_secs_f64().max(1e-3);
            let rate = load_client::arriving(load_client::per_s(per_s));
            let message = load_client::seen(rate, window.intended, window.failed);
            cx.progress.update(&cx.action, window.arrived_in_all, total, message);
            Ok(())
        },
        &cx.cancel,
    );
    csv.finish()?;
    hlog.finish()?;
    outcome.map_err(|error| load_client::fault(error, cluster))
}

/// The promised outputs, and what a reader must know beside them. `copied`: whether the reader had a copy.
pub(super) fn of(outcome: &Outcome, spec: &Spec, copied: bool) -> Evidence {
    let mut evidence = Evidence::default();
    let (sent, found) = (&outcome.sent, &outcome.found);
    let arrived = found.intended.len();
    let failed: u64 = sent.failures.values().map(|f| f.records).sum();
    let achieved = match sent.asked_per_s {
        Some(asked) if sent.delivered > 0 => Value::number(sent.records_per_s() / asked, Unit::Ratio),
        Some(_) => Value::number(0.0, Unit::Ratio),
        None => load_client::ratio_unknown(),
    };
    let seconds =
        found.last.zip(found.first).map_or(Duration::ZERO, |(last, first)| last.saturating_sub(first));
    let lost = found.lost.map_or_else(|| Value::missing(messages::failed_unknown()), Value::count);
    let catch_up = outcome.catch_up.map(|time| time.as_secs_f64());
    let catch_up = load_client::number(catch_up, Unit::Seconds, &messages::not_all_arrived());
    let errors = failed + sent.unanswered + outcome.errors.values().sum::<u64>();
    evidence
        .put("records_asked", Value::count(sent.asked))
        .put_from("records_sent", Value::count(sent.delivered), WINDOWS)
        .put_from("records_failed", Value::count(sent.failed), WINDOWS)
        .put_from("records_arrived", Value::count(arrived), WINDOWS)
        .put_from("lost", lost, RESULT)
        .put_from("duplicated", Value::count(found.duplicated), RESULT)
        .put_from("reordered", Value::count(found.reordered), RESULT)
        .put_from("corrupt", Value::count(found.corrupt), RESULT)
        .put_from("others", Value::count(found.others), RESULT)
        .put_from("complete", Value::Flag(outcome.catch_up.is_some()), RESULT)
        .put_from("achieved_ratio", achieved, WINDOWS)
        .put_from("catch_up_s", catch_up, RESULT)
        .put("duration_s", Value::number(seconds.as_secs_f64(), Unit::Seconds))
        .put("errors", Value::count(errors))
        .put("saturated", Value::Flag(!sent.blocked.is_zero()));
    let none = messages::none_arrived();
    load_client::put_throughput(&mut evidence, arrived, found.bytes, seconds.as_secs_f64(), &none);
    latency::put(&mut evidence, "latency_ms", &found.intended, LATENCY, &none);
    latency::put(&mut evidence, "send_latency_ms", &found.send, LATENCY, &none);
    latency::put(&mut evidence, "ack_latency_ms", &sent.intended, RESULT, &messages::none_acknowledged());
    remark(&mut evidence, outcome, spec, copied);
    evidence
}

/// What a reader must know beside the figures.
fn remark(evidence: &mut Evidence, outcome: &Outcome, spec: &Spec, copied: bool) {
    let (sent, found) = (&outcome.sent, &outcome.found);
    evidence.remark(messages::one_process(client::name()));
    if copied {
        evidence.remark(messages::way());
    }
    if outcome.ended == RoundTripEnd::TooLate && outcome.refused.is_none() {
        let missing = (sent.delivered + sent.warm_up.0).saturating_sub(found.arrived);
        evidence.remark(messages::not_arrived(missing, spec.within));
    }
    if found.negative > 0 {
        evidence.remark(messages::arrived_before_sent(found.negative));
    }
    if found.others > 0 {
        evidence.remark(messages::others_read(found.others));
    }
    if let Some((least, most)) = found.clock {
        #[expect(clippy::cast_precision_loss, reason = "shown to a few digits")]
        let ms = |us: i64| Arg::decimals(us as f64 / 1e3, 1);
        evidence.remark(messages::brokers_clock(ms(least), ms(most)));
    }
    if !outcome.errors.is_empty() {
        evidence.remark(messages::reader_reported(error_counts(&outcome.errors)));
    }
    evidence.remark_all(sent.remarks());
}

/// What arrived and what did not, by partition and by number.
pub(super) fn result_json(outcome: &Outcome) -> serde_json::Value {
    let (sent, found) = (&outcome.sent, &outcome.found);
    let partitions: Vec<_> = found
        .partitions
        .iter()
        .map(|(number, c)| {
            serde_json::json!({
                "partition": number, "records": c.whole, "repeated": c.repeated, "reordered": c.reordered,
            })
        })
        .collect();
    serde_json::json!({
        "acknowledged": sent.delivered + sent.warm_up.0, "failed": sent.failed + sent.warm_up.1,
        "unanswered": sent.unanswered, "arrived": found.arrived, "lost": found.lost,
        "missing": found.missing.iter().map(|(first, last)| serde_json::json!({"first": first, "last": last}))
            .collect::<Vec<_>>(),
        "duplicated": found.duplicated, "reordered": found.reordered, "corrupt": found.corrupt,
        "others": found.others, "acknowledgement": latency::json(&sent.intended),
        "clock_ahead_of_brokers_us": found.clock.map(|(least, most)| serde_json::json!({"least": least, "most": most})),
        "partitions": partitions,
    })
}
