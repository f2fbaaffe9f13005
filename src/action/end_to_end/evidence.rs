//! The outputs and artifacts of `end-to-end`.

use super::{LATENCY, RESULT, WINDOWS};
use crate::{
    action::{ActionContext, ActionError, load_client},
    load::{
        end_to_end::{self, Ended, Outcome, Run, Spec},
        latency::HistogramLog,
    },
    record::{Evidence, Unit, Value, plain_number},
    support::text,
};
use hdrhistogram::serialization::V2DeflateSerializer;
use std::{
    fmt::Write as _,
    io,
    time::{Duration, SystemTime},
};

/// Does it and keeps every window; what was kept stays, whatever ends it.
pub(super) fn record(
    cx: &ActionContext,
    run: Run,
    total: Option<u64>,
    cluster: &str,
) -> Result<Outcome, ActionError> {
    let lost = |error: io::Error| ActionError::failed(format!("the windows cannot be written: {error}"));
    let mut csv = cx.artifacts.create(WINDOWS, "text/csv")?;
    end_to_end::csv_header(&mut csv).map_err(lost)?;
    let mut hlog = cx.artifacts.create(LATENCY, "text/plain")?;
    let mut serializer = V2DeflateSerializer::new();
    let mut log = HistogramLog::begin(&mut hlog, &mut serializer, SystemTime::now()).map_err(lost)?;
    let outcome = run.run(
        &mut |window| {
            end_to_end::csv_line(&mut csv, window)?;
            log.interval("intended", window.intended, window.start, window.length)?;
            log.interval("send", window.send, window.start, window.length)?;
            let per_s = window.arrived as f64 / window.length.as_secs_f64().max(1e-3);
            let mut message = format!("{per_s:.0} records/s arrive");
            if let Some(latency) = window.intended.summary() {
                let _ = write!(message, ", P99 {} ms", plain_number(latency.p99));
            }
            if window.failed > 0 {
                let _ = write!(message, ", {} failed", window.failed);
            }
            cx.progress.update(&cx.action, window.arrived_in_all, total, message);
            Ok(())
        },
        &cx.cancel,
    );
    csv.finish()?;
    hlog.finish()?;
    outcome.map_err(|error| load_client::fault(error, cluster))
}

/// The promised outputs.
pub(super) fn of(outcome: &Outcome) -> Evidence {
    const NOTHING: &str = "no record arrived";
    let mut evidence = Evidence::default();
    let (sent, found) = (&outcome.sent, &outcome.found);
    let arrived = found.intended.len();
    let failed: u64 = sent.failures.values().map(|f| f.records).sum();
    let achieved = match sent.asked_per_s {
        Some(asked) if sent.delivered > 0 => Value::number(sent.records_per_s() / asked, Unit::Ratio),
        Some(_) => Value::number(0.0, Unit::Ratio),
        None => Value::missing("the rate is unlimited: there is none to compare with".to_owned()),
    };
    let seconds =
        found.last.zip(found.first).map_or(Duration::ZERO, |(last, first)| last.saturating_sub(first));
    let lost = found.lost.map_or_else(
        || {
            Value::missing(
                "records failed in the producer, and which of those that arrived are theirs cannot be told"
                    .to_owned(),
            )
        },
        Value::count,
    );
    let catch_up = outcome.catch_up.map_or_else(
        || Value::missing("not every record arrived".to_owned()),
        |time| Value::number(time.as_secs_f64(), Unit::Seconds),
    );
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
    load_client::put_throughput(&mut evidence, arrived, found.bytes, seconds.as_secs_f64(), NOTHING);
    load_client::put_latency(&mut evidence, "latency_ms", &found.intended, LATENCY, NOTHING);
    load_client::put_latency(&mut evidence, "send_latency_ms", &found.send, LATENCY, NOTHING);
    load_client::put_latency(
        &mut evidence,
        "ack_latency_ms",
        &sent.intended,
        RESULT,
        "no record was acknowledged",
    );
    evidence
}

/// What a reader must know beside the figures.
pub(super) fn remarks(outcome: &Outcome, spec: &Spec, copied: bool) -> Vec<String> {
    let found = &outcome.found;
    let mut remarks = vec![format!(
        "sender and reader are one process, {}: both times of a latency are of this machine's clock, and the machine's own \
         load is in them",
        crate::load::client::name()
    )];
    if copied {
        remarks.push(
            "the way is that from the producer to the copy's reader, both of them and MirrorMaker 2 included; repeats \
             that come after the last record are not seen"
                .to_owned(),
        );
    }
    if outcome.ended == Ended::TooLate && outcome.refused.is_none() {
        remarks.push(format!(
            "{} records had not arrived {} after the last acknowledgement",
            (outcome.sent.delivered + outcome.sent.warm_up.0).saturating_sub(found.arrived),
            text::duration(spec.within)
        ));
    }
    for (count, what) in [
        (found.negative, "records arrived before they were sent, by the clock, which was set meanwhile"),
        (found.others, "records of other programs or runs were read and count for nothing"),
    ] {
        if count > 0 {
            remarks.push(format!("{count} {what}"));
        }
    }
    if let Some((least, most)) = found.clock {
        #[expect(clippy::cast_precision_loss, reason = "shown to a few digits")]
        let ms = |us: i64| us as f64 / 1e3;
        remarks.push(format!(
            "this machine's clock is {:.1} to {:.1} ms ahead of that of the brokers which stamped the records \
             (LogAppendTime): every record was appended between its send call and its arrival; no figure is corrected for it",
            ms(least),
            ms(most)
        ));
    }
    if !outcome.errors.is_empty() {
        let said: Vec<_> = outcome.errors.iter().map(|(kind, n)| format!("{kind} {n} times")).collect();
        remarks.push(format!("the reader reported {}", said.join(", ")));
    }
    remarks.extend(outcome.sent.remarks());
    remarks
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
    let ack = sent.intended.summary().map(|s| {
        serde_json::json!({
            "records": sent.intended.len(), "avg_ms": s.avg, "p50_ms": s.p50, "p95_ms": s.p95, "p99_ms": s.p99,
            "p999_ms": s.p999, "max_ms": s.max,
        })
    });
    serde_json::json!({
        "acknowledged": sent.delivered + sent.warm_up.0, "failed": sent.failed + sent.warm_up.1,
        "unanswered": sent.unanswered, "arrived": found.arrived, "lost": found.lost,
        "missing": found.missing.iter().map(|(first, last)| serde_json::json!({"first": first, "last": last}))
            .collect::<Vec<_>>(),
        "duplicated": found.duplicated, "reordered": found.reordered, "corrupt": found.corrupt,
        "others": found.others, "acknowledgement": ack,
        "clock_ahead_of_brokers_us": found.clock.map(|(least, most)| serde_json::json!({"least": least, "most": most})),
        "partitions": partitions,
    })
}
