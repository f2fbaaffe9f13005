//! The driver `native`: this program's own load generator.

use super::Produce;
use crate::{
    action::{ActionContext, ActionError, ActionFailure, Param, load_client},
    clients::kafka::{Role, Settings},
    load::{
        self,
        latency::HistogramLog,
        outcome::{Ended, Outcome},
        pacing::Pacing,
        producer::{Load, Spec},
        window::WindowsCsv,
    },
    record::{Evidence, Unit, Value},
    store::ArtifactDir,
};
use hdrhistogram::serialization::V2DeflateSerializer;
use std::{
    fmt::Write,
    io,
    time::{Duration, SystemTime},
};

const WINDOWS: &str = "windows.csv";
const LATENCY: &str = "latency.hlog";
const ERRORS: &str = "errors.csv";
const NOTHING: &str = "no record was delivered";

impl Produce {
    /// Sends the load from this process and measures it.
    pub(super) async fn run_native(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let settings = load_client::settings(cx, &self.cluster, Role::Producer, &self.properties).await?;
        let spec = self.spec(cx, &settings).await?;
        let about = serde_json::json!({
            "cluster": self.cluster, "topic": spec.topic, "records": spec.records,
            "duration_s": spec.duration.map(|d| d.as_secs_f64()), "record_size_bytes": spec.record_size,
            "rate": spec.pacing.to_string(), "clients": spec.clients, "catch_up": spec.catch_up,
            "payload": spec.content.to_string(), "keys": spec.keys.to_string(), "headers": spec.headers.len(),
            "warm_up_records": spec.warm_up,
            "stamps": spec.token.map(|token| {
                let of_client = |k: u32| format!("{:016x}", token.wrapping_add(u64::from(k)));
                (0..spec.clients.get()).map(of_client).collect::<Vec<_>>()
            }),
        });
        let cluster = self.cluster.clone();
        let outcome = load_client::on_own_thread(cx, move |cx| {
            let load = Load::connect(spec, &cx.cancel).map_err(|e| load_client::fault(e, &cluster))?;
            record(&cx, &load, &cluster)
        })
        .await??;

        cx.artifacts.write_json("settings.json", &load_client::settings_json(&settings, about))?;
        if !outcome.failures.is_empty() || !outcome.client_errors.is_empty() {
            cx.artifacts.write(ERRORS, "text/csv", errors_csv(&outcome).as_bytes())?;
        }
        let mut evidence = evidence(&outcome);
        for remark in settings.remarks {
            evidence.remark(remark);
        }
        self.conclude(cx, outcome, evidence)
    }

    /// What to send, checked.
    async fn spec(&self, cx: &ActionContext, settings: &Settings) -> Result<Spec, ActionError> {
        let bad = |message: String, hint: &str| ActionError::Misconfigured { message, hint: hint.to_owned() };
        let records = self.records.as_ref().map(Param::get).transpose()?.copied();
        let duration = self.duration.as_ref().map(Param::get).transpose()?.map(|span| span.0);
        let pacing = self.rate.get()?.clone();
        let ends_by_itself = matches!(pacing, Pacing::Ramp { .. } | Pacing::Steps(_));
        if records.is_none() && duration.is_none() && !ends_by_itself {
            return Err(bad("`produce` has no end".to_owned(), "give `records`, `duration`, or both"));
        }
        if records == Some(0) || duration == Some(Duration::ZERO) {
            return Err(bad("`produce` is to send nothing".to_owned(), "ask for one record or more"));
        }
        let (content, size) = self.content(cx).await?;
        Ok(Spec {
            catch_up: *self.catch_up.get()?,
            clients: *self.clients.get()?,
            config: settings.config.clone(),
            content,
            duration,
            headers: self.headers.clone().into_iter().collect(),
            keys: self.keys,
            pacing,
            record_size: usize::try_from(size)
                .map_err(|_| bad(format!("a record of {size} bytes"), "make `record_size` smaller"))?,
            records,
            token: self.sequence.get()?.then(rand::random),
            topic: self.topic.clone(),
            warm_up: *self.warm_up.get()?,
        })
    }

    /// A failed delivery is evidence; an error is only that nothing could be delivered, or that it was stopped.
    fn conclude(
        &self,
        cx: &ActionContext,
        outcome: Outcome,
        evidence: Evidence,
    ) -> Result<Evidence, ActionFailure> {
        let nothing = outcome.delivered + outcome.warm_up.0 == 0;
        let error = match outcome.ended {
            Ended::Cancelled => ActionError::Cancelled,
            Ended::Refused(why) if nothing => ActionError::Misconfigured {
                message: format!("cluster `{}` refuses records for `{}`: {why}", self.cluster, self.topic),
                hint: load_client::REFUSED_HINT.to_owned(),
            },
            Ended::Refused(why) => ActionError::Failed(format!("cluster `{}`: {why}", self.cluster)),
            Ended::Unreachable(cause) if nothing => {
                let address = cx.environment.cluster(&self.cluster).map(|c| c.bootstrap_servers.clone());
                ActionError::Unreachable {
                    service: format!("Kafka cluster `{}`", self.cluster),
                    address: address.unwrap_or_default(),
                    cause,
                }
            }
            Ended::Finished | Ended::Unreachable(_) => return Ok(evidence),
        };
        Err(error.with(evidence))
    }
}

/// Runs the load and keeps every window; what was kept stays, whatever ends it.
fn record(cx: &ActionContext, load: &Load, cluster: &str) -> Result<Outcome, ActionError> {
    let artifacts: &ArtifactDir = &cx.artifacts;
    let mut csv = WindowsCsv::begin(artifacts.create(WINDOWS, "text/csv")?).map_err(|e| lost(&e))?;
    let mut hlog = artifacts.create(LATENCY, "text/plain")?;
    let mut serializer = V2DeflateSerializer::new();
    let mut log = HistogramLog::begin(&mut hlog, &mut serializer, SystemTime::now()).map_err(|e| lost(&e))?;
    let outcome = load.run(
        &mut |window| {
            csv.write(window)?;
            log.interval("intended", window.intended, window.start, window.length)?;
            log.interval("send", window.send, window.start, window.length)?;
            let per_s = (window.delivered + window.warm_up) as f64 / window.length.as_secs_f64().max(1e-3);
            let message = match window.failed {
                0 => format!("{per_s:.0} records/s"),
                failed => format!("{per_s:.0} records/s, {failed} failed"),
            };
            cx.progress.update(&cx.action, window.answered, window.total, message);
            Ok(())
        },
        &cx.cancel,
    );
    csv.into_inner().finish()?;
    hlog.finish()?;
    outcome.map_err(|error| load_client::fault(error, cluster))
}

fn lost(error: &io::Error) -> ActionError {
    ActionError::Failed(format!("the windows cannot be written: {error}"))
}

fn evidence(outcome: &Outcome) -> Evidence {
    let mut evidence = Evidence::default();
    let (asked, achieved) = (outcome.asked_per_s, outcome.records_per_s());
    let failed_in_all: u64 = outcome.failures.values().map(|f| f.records).sum();
    evidence
        .put("records_asked", Value::count(outcome.asked))
        .put_from("records_sent", Value::count(outcome.delivered), WINDOWS)
        .put_from("records_failed", Value::count(outcome.failed), WINDOWS)
        .put("records_unsent", Value::count(outcome.unsent))
        .put_from(
            "achieved_ratio",
            match asked {
                Some(asked) => {
                    Value::number(if outcome.delivered == 0 { 0.0 } else { achieved / asked }, Unit::Ratio)
                }
                None => Value::Missing("the rate is unlimited: there is none to compare with".to_owned()),
            },
            WINDOWS,
        )
        .put("duration_s", Value::number(outcome.elapsed.as_secs_f64(), Unit::Seconds))
        .put("errors", Value::count(failed_in_all + outcome.unanswered))
        .put_from("saturated", Value::Flag(!outcome.blocked.is_zero()), WINDOWS)
        .put_from("backlog_max", Value::count(outcome.backlog_max), WINDOWS);
    let seconds = outcome.elapsed.as_secs_f64();
    load_client::put_throughput(&mut evidence, outcome.delivered, outcome.bytes, seconds, NOTHING);
    load_client::put_latency(&mut evidence, "latency_ms", &outcome.intended, LATENCY, NOTHING);
    load_client::put_latency(&mut evidence, "send_latency_ms", &outcome.send, LATENCY, NOTHING);
    evidence.remark(format!("sent by this program's own load generator, on {}", load::client::name()));
    for remark in outcome.remarks() {
        evidence.remark(remark);
    }
    evidence
}

/// One line a kind of failure: of records, with the time since the start, and of the client's connections.
fn errors_csv(outcome: &Outcome) -> String {
    let mut csv = "kind,of,times,first_s,last_s,says\n".to_owned();
    for (kind, failure) in &outcome.failures {
        let _ = writeln!(
            csv,
            "{kind},record,{},{:.3},{:.3},\"{}\"",
            failure.records,
            failure.first.as_secs_f64(),
            failure.last.as_secs_f64(),
            failure.says.replace('"', "\"\"")
        );
    }
    for (kind, times) in &outcome.client_errors {
        let _ = writeln!(csv, "{kind},client,{times},,,");
    }
    csv
}
