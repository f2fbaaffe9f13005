//! `consume`: reads a topic as a member of a group and measures throughput and end-to-end latency.

use super::{
    Action, ActionContext, ActionFailure, Kind, OnInterrupt, Output, Param, Span,
    load_client::{Driver, Properties},
    output,
};
use crate::record::{Evidence, Unit};
use serde::Deserialize;
use std::{fmt::Write, time::Duration};

mod native;

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
    /// What reads.
    #[serde(default)]
    driver: Driver,
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
        match self.driver {
            Driver::Native => self.run_native(cx).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        action::load_client::testing::{context, environment},
        load::{
            ClientConfig, MockCluster,
            pacing::Pacing,
            payload::Content,
            producer::{self, Keys, Load},
        },
        record::Value,
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
            catch_up: false,
            clients: std::num::NonZeroU32::MIN,
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
