//! The driver `native`: this program's own reader.

use super::{Consume, From};
use crate::{
    action::{ActionContext, ActionError, ActionFailure, Param, load_client},
    clients::kafka::Role,
    load::{
        ClientConfig,
        consumer::{self, Ended, Outcome, Reader, Spec},
        latency::HistogramLog,
    },
    record::{Evidence, Unit, Value},
};
use hdrhistogram::serialization::V2DeflateSerializer;
use std::{
    io,
    time::{Duration, SystemTime},
};

const WINDOWS: &str = "windows.csv";
const LATENCY: &str = "latency.hlog";

impl Consume {
    /// Reads in this process and measures it.
    pub(super) async fn run_native(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let mut settings = load_client::settings(cx, &self.cluster, Role::Consumer, &self.properties).await?;
        let spec = self.spec(cx, settings.config.clone())?;
        settings.config = spec.config.clone();
        let about = serde_json::json!({
            "cluster": self.cluster, "topic": spec.topic, "records": spec.records,
            "duration_s": spec.duration.map(|d| d.as_secs_f64()),
            "idle_timeout_s": spec.idle_timeout.as_secs_f64(),
        });
        let (asked, idle_timeout) = (spec.records, spec.idle_timeout);
        let cluster = self.cluster.clone();
        let outcome = load_client::on_own_thread(cx, move |cx| {
            let reader = Reader::connect(spec, &cx.cancel).map_err(|e| load_client::fault(e, &cluster))?;
            record(&cx, &reader, asked, &cluster)
        })
        .await??;

        cx.artifacts.write_json("settings.json", &load_client::settings_json(&settings, about))?;
        let mut evidence = evidence(&outcome);
        for remark in outcome.remarks(asked, idle_timeout).into_iter().chain(settings.remarks) {
            evidence.remark(remark);
        }
        match outcome.ended {
            Ended::Cancelled => Err(ActionError::Cancelled.with(evidence)),
            Ended::Refused(why) => Err(ActionError::Misconfigured {
                message: format!("cluster `{}` refuses to let `{}` be read: {why}", self.cluster, self.topic),
                hint: load_client::REFUSED_HINT.to_owned(),
            }
            .with(evidence)),
            Ended::Finished | Ended::Idle => Ok(evidence),
        }
    }

    fn spec(&self, cx: &ActionContext, mut config: ClientConfig) -> Result<Spec, ActionError> {
        let bad = |message: &str, hint: &str| ActionError::Misconfigured {
            message: message.to_owned(),
            hint: hint.to_owned(),
        };
        let records = self.records.as_ref().map(Param::get).transpose()?.copied();
        let duration = self.duration.as_ref().map(Param::get).transpose()?.map(|span| span.0);
        let idle_timeout = self.idle_timeout.get()?.0;
        if records == Some(0) || duration == Some(Duration::ZERO) {
            return Err(bad("`consume` is to read nothing", "ask for one record or more"));
        }
        if idle_timeout < Duration::from_secs(1) {
            return Err(bad(
                "an `idle_timeout` below one second ends before a group can form",
                "give 5s or more",
            ));
        }
        match &self.group {
            Some(group) => config.set("group.id", group),
            None => config
                .set(
                    "group.id",
                    format!("jalon-{}-{}-{}-{}", cx.run, cx.step.padded(), cx.action, cx.attempt.0),
                )
                .set("enable.auto.commit", "false"),
        };
        if !self.properties.0.contains_key("auto.offset.reset") {
            let from = match self.from {
                From::Earliest => "earliest",
                From::Latest => "latest",
            };
            config.set("auto.offset.reset", from);
        }
        Ok(Spec { config, duration, idle_timeout, records, topic: self.topic.clone() })
    }
}

/// Reads and keeps every window; what was kept stays, whatever ends it.
fn record(
    cx: &ActionContext,
    reader: &Reader,
    asked: Option<u64>,
    cluster: &str,
) -> Result<Outcome, ActionError> {
    let lost = |error: io::Error| ActionError::Failed(format!("the windows cannot be written: {error}"));
    let mut csv = cx.artifacts.create(WINDOWS, "text/csv")?;
    consumer::csv_header(&mut csv).map_err(lost)?;
    let mut hlog = cx.artifacts.create(LATENCY, "text/plain")?;
    let mut serializer = V2DeflateSerializer::new();
    let mut log = HistogramLog::begin(&mut hlog, &mut serializer, SystemTime::now()).map_err(lost)?;
    let outcome = reader.run(
        &mut |window| {
            consumer::csv_line(&mut csv, window)?;
            log.interval("end-to-end", window.end_to_end, window.start, window.length)?;
            let per_s = window.records as f64 / window.length.as_secs_f64().max(1e-3);
            cx.progress.update(&cx.action, window.read, asked, format!("{per_s:.0} records/s"));
            Ok(())
        },
        &cx.cancel,
    );
    csv.finish()?;
    hlog.finish()?;
    outcome.map_err(|error| load_client::fault(error, cluster))
}

fn evidence(outcome: &Outcome) -> Evidence {
    const NOTHING: &str = "no record was read";
    let mut evidence = Evidence::default();
    let seconds = outcome.elapsed.as_secs_f64();
    let join = outcome.join.map_or_else(
        || Value::Missing("no partition was assigned".to_owned()),
        |join| Value::number(join.as_secs_f64() * 1e3, Unit::Milliseconds),
    );
    evidence
        .put_from("records", Value::count(outcome.records), WINDOWS)
        .put("join_ms", join)
        .put("duration_s", Value::number(seconds, Unit::Seconds))
        .put("errors", Value::count(outcome.errors.values().sum()));
    load_client::put_throughput(&mut evidence, outcome.records, outcome.bytes, seconds, NOTHING);
    let why =
        if outcome.records == 0 { NOTHING } else { "every record was older than the reader's assignment" };
    load_client::put_latency(&mut evidence, "end_to_end_ms", &outcome.end_to_end, LATENCY, why);
    evidence
}
