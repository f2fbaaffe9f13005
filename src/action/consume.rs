//! `consume`: reads a topic as a member of a group and measures throughput and end-to-end latency.

use super::{
    Action, ActionContext, ActionError, ActionFailure, Kind, OnInterrupt, Output, Param, Span,
    load_client::{self, Properties},
    output,
};
use crate::{
    clients::kafka::Role,
    load::{
        ClientConfig,
        consumer::{self, Ended, Outcome, Reader, Spec},
        latency::HistogramLog,
    },
    record::{Evidence, Unit, Value},
};
use hdrhistogram::serialization::V2DeflateSerializer;
use serde::Deserialize;
use std::{
    fmt::Write,
    io,
    time::{Duration, SystemTime},
};

/// Parameters of `consume`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Consume {
    /// The cluster, by its name in the environment.
    cluster: String,
    /// The topic.
    topic: String,
    /// The consumer group, whose offsets are committed. Without it, a group of this action's own that commits none.
    #[serde(default)]
    group: Option<String>,
    /// How many records. What comes first of this, `duration` and `idle_timeout` ends it.
    #[serde(default)]
    records: Option<Param<u64>>,
    /// For how long, from the first assignment.
    #[serde(default)]
    duration: Option<Param<Span>>,
    /// It ends when no record has come for this long.
    #[serde(default = "ten_seconds")]
    idle_timeout: Param<Span>,
    /// Where a group without committed offsets begins: `earliest` or `latest`.
    #[serde(default)]
    from: From,
    /// Consumer properties under Kafka's (Java) names; what is not given is as in the Java client.
    #[serde(default)]
    properties: Properties,
}

/// Where a group without committed offsets begins.
#[derive(Debug, Clone, Copy, Default, Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum From {
    /// With the oldest record.
    #[default]
    Earliest,
    /// With the next record.
    Latest,
}

fn ten_seconds() -> Param<Span> {
    Param::Literal(Span(Duration::from_secs(10)))
}

const WINDOWS: &str = "windows.csv";
const LATENCY: &str = "latency.hlog";

impl Kind for Consume {
    const SUMMARY: &'static str = "Reads a topic and measures throughput and end-to-end latency.";
    const EXAMPLE: &'static str = "\
consume:
  id: reader
  cluster: source
  topic: perf.nominal
  records: 60000
  from: earliest
";
    const OUTPUTS: &'static [Output] = &[
        output("records", Unit::Count, "Records read."),
        output(
            "throughput.records_per_s",
            Unit::RecordsPerSecond,
            "Records per second from the assignment to the last record.",
        ),
        output(
            "throughput.mb_per_s",
            Unit::MbPerSecond,
            "Bytes of values, 1024 × 1024 each, per second over the same time.",
        ),
        output(
            "end_to_end_ms.avg",
            Unit::Milliseconds,
            "Mean time from the record's timestamp to its arrival here, of records younger than the assignment.",
        ),
        output("end_to_end_ms.max", Unit::Milliseconds, "Longest of these times."),
        output("end_to_end_ms.p50", Unit::Milliseconds, "Median of these times."),
        output("end_to_end_ms.p95", Unit::Milliseconds, "95th percentile of these times."),
        output("end_to_end_ms.p99", Unit::Milliseconds, "99th percentile of these times."),
        output("end_to_end_ms.p999", Unit::Milliseconds, "99.9th percentile of these times."),
        output("join_ms", Unit::Milliseconds, "From the subscription to the first assignment of partitions."),
        output("duration_s", Unit::Seconds, "From the assignment to the last record."),
        output("errors", Unit::Count, "Errors that the client reported."),
    ];
}

impl Consume {
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

#[async_trait::async_trait]
impl Action for Consume {
    fn describe(&self) -> String {
        let mut text = "consume".to_owned();
        if let Some(records) = &self.records {
            let _ = write!(text, " {records} records");
        }
        if let Some(duration) = &self.duration {
            let _ = write!(text, " for {duration}");
        }
        let _ = write!(text, " of `{}` of cluster `{}`", self.topic, self.cluster);
        text
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    fn time_limit(&self) -> Duration {
        let margin =
            Duration::from_secs(120) + self.idle_timeout.known().map_or(Duration::ZERO, |idle| idle.0);
        // Without a duration it goes on while records come: an hour, unless the step says otherwise.
        self.expected().unwrap_or(Duration::from_secs(3600)).saturating_add(margin)
    }

    fn expected(&self) -> Option<Duration> {
        self.duration.as_ref()?.known().map(|span| span.0)
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        action::load_client::testing::{context, environment},
        load::{
            MockCluster,
            pacing::Pacing,
            payload::Content,
            producer::{self, Keys, Load},
        },
    };
    use tokio_util::sync::CancellationToken;

    fn consume(params: serde_json::Value) -> Consume {
        let mut all = serde_json::json!({"cluster": "source", "topic": "load"});
        for (key, value) in params.as_object().unwrap() {
            all[key] = value.clone();
        }
        serde_json::from_value(all).unwrap()
    }

    fn fill(servers: &str, records: u64, pacing: Pacing) {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", servers).set("linger.ms", "0");
        let spec = producer::Spec {
            config,
            content: Content::Zeros,
            duration: None,
            keys: Keys::Sequential,
            pacing,
            record_size: 1024,
            records: Some(records),
            token: None,
            topic: "load".to_owned(),
            warm_up: 0,
        };
        let cancel = CancellationToken::new();
        let outcome = Load::connect(spec, &cancel).unwrap().run(&mut |_| Ok(()), &cancel).unwrap();
        assert_eq!(outcome.delivered, records);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn old_records_count_for_throughput_and_not_for_latency() {
        let mock = MockCluster::new(1).unwrap();
        mock.create_topic("load", 3, 1).unwrap();
        fill(&mock.bootstrap_servers(), 5000, Pacing::Unlimited);
        let root = tempfile::tempdir().unwrap();
        let (cx, _progress) = context(root.path(), environment(&[("source", &mock.bootstrap_servers())]));
        let evidence = consume(serde_json::json!({"records": 5000})).run(&cx).await.unwrap();
        for output in Consume::OUTPUTS {
            assert!(evidence.get(output.name).is_some(), "no {}", output.name);
        }
        assert_eq!(evidence.get("records"), Some(&Value::count(5000)));
        assert!(evidence.get("join_ms").unwrap().as_f64().unwrap() > 0.0);
        assert!(
            matches!(evidence.get("end_to_end_ms.p99"), Some(Value::Missing(why)) if why.contains("older"))
        );
        assert!(evidence.remarks.iter().any(|r| r.starts_with("5000 records are older")), "{evidence:?}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn records_that_come_while_it_reads_have_a_latency() {
        let mock = MockCluster::new(1).unwrap();
        mock.create_topic("load", 1, 1).unwrap();
        let servers = mock.bootstrap_servers();
        let root = tempfile::tempdir().unwrap();
        let (cx, _progress) = context(root.path(), environment(&[("source", &servers)]));
        let load = tokio::task::spawn_blocking(move || {
            std::thread::sleep(Duration::from_secs(1));
            fill(&servers, 4000, "500/s".parse().unwrap());
        });
        let evidence =
            consume(serde_json::json!({"records": 4000, "idle_timeout": "15s"})).run(&cx).await.unwrap();
        load.await.unwrap();
        let p50 = evidence.get("end_to_end_ms.p50").unwrap().as_f64().unwrap_or(-1.0);
        assert!((0.0..500.0).contains(&p50), "{evidence:?}");
        assert!(evidence.remarks.iter().any(|r| r.contains("whole milliseconds")), "{:?}", evidence.remarks);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_empty_topic_ends_with_the_idle_time_out() {
        let mock = MockCluster::new(1).unwrap();
        mock.create_topic("load", 1, 1).unwrap();
        let root = tempfile::tempdir().unwrap();
        let (cx, _progress) = context(root.path(), environment(&[("source", &mock.bootstrap_servers())]));
        let evidence =
            consume(serde_json::json!({"records": 7, "idle_timeout": "1s"})).run(&cx).await.unwrap();
        assert_eq!(evidence.get("records"), Some(&Value::count(0)));
        assert!(matches!(evidence.get("throughput.records_per_s"), Some(Value::Missing(_))));
        assert!(evidence.remarks.iter().any(|r| r.contains("0 of 7 records")), "{:?}", evidence.remarks);
    }
}
