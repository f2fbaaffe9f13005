//! `produce`: sends records to a topic at a chosen rate and measures what the cluster made of them.

use super::{
    Action, ActionContext, ActionFailure, Claim, Kind, Mistake, Need, OnInterrupt, Output, Param, Size, Span,
    amount,
    filling::Filling,
    flag_output,
    latency::{latency_outputs, outputs},
    load_client::{self, Driver, Properties},
    mistakes, output, text_output,
};
use crate::{
    clients::{
        Environment,
        kafka::{Defaults, Role},
    },
    load::{keys::Keys, pacing::Pacing},
    record::{ActionRole, Arg, Evidence, Family, Said, Undo, Unit},
    support::text,
};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    num::{NonZeroU32, NonZeroU64},
    time::Duration,
};

mod kafka_tools;
mod messages;
pub(super) mod native;
mod payload;
mod trogdor;

/// Parameters of `produce`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Produce {
    /// The cluster, by its name in the environment.
    pub(super) cluster: String,
    /// The topic. It must exist: a load must not make one with whatever settings the broker has.
    pub(super) topic: String,
    /// How many records. Give this, `duration`, or both: what comes first ends it. A ramp and steps may do without: they
    /// end by themselves.
    #[serde(default)]
    pub(super) records: Option<Param<u64>>,
    /// For how long. A ramp then goes on at its end, and steps at the last one.
    #[serde(default)]
    pub(super) duration: Option<Param<Span>>,
    /// Size of a record's value in bytes. Records of a file or a schema have their own.
    #[serde(default)]
    pub(super) record_size: Option<Param<Size>>,
    /// How fast, all clients together: `1000/s` (records), `10 MB/s` (of values; MB is 1024 × 1024 bytes) or `unlimited`;
    /// `{ramp: {from: 100/s, to: 1000/s, over: 60s}}`; `{steps: [{rate: 1000/s, for: 30s}]}`, where `0/s` is a pause; or
    /// `{burst: {records: 500, every: 1s}}`.
    pub(super) rate: Param<Pacing>,
    /// How many clients send it, each with connections and threads of its own. The records go to them in turn, and
    /// their latencies into one histogram.
    #[serde(default = "one")]
    pub(super) clients: Param<NonZeroU32>,
    /// Whether records that a stall made late are sent as fast as the client takes them. Otherwise they are sent at no
    /// more than twice the asked rate until the schedule is caught up. Either way their latency counts from the
    /// intended time.
    #[serde(default)]
    pub(super) catch_up: Param<bool>,
    /// What fills the records: `random` bytes, `letters` as `kafka-producer-perf-test` sends, `zeros`,
    /// `{compressible: 0.6}`, `{samples: FILE}` or `{avro: {}}`.
    #[serde(default)]
    pub(super) payload: Filling,
    /// `none`, `sequential` (the record's number as text), `{size: 16}` (of so many bytes), `{uniform: 1000}` or
    /// `{zipf: {keys: 1000}}`.
    #[serde(default)]
    pub(super) keys: Keys,
    /// Headers of every record.
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    /// Producer properties under Kafka's (Java) names; what is not given is as `defaults` says.
    #[serde(default)]
    pub(super) properties: Properties,
    /// Whose values the properties have that nobody gave: `java`, so that figures compare with a Java application's, or
    /// `librdkafka`, the client that sends here.
    #[serde(default)]
    pub(super) defaults: Defaults,
    /// Sends in transactions, and measures what a commit takes.
    #[serde(default)]
    pub(super) transaction: Option<Transactions>,
    /// Records sent before the measured ones, in no rate and no latency. Before a ramp and steps they go at the rate that
    /// it begins with.
    #[serde(default)]
    pub(super) warm_up: Param<u64>,
    /// Stamps every record with run, number and checksum (32 bytes of its value), for `replication` to find again.
    #[serde(default)]
    pub(super) sequence: Param<bool>,
    /// What sends the load.
    #[serde(default)]
    pub(super) driver: Driver,
}

/// When a transaction is committed.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Transactions {
    /// After so many records of one client.
    #[serde(default)]
    records: Option<NonZeroU64>,
    /// After this time; with `records`, after what comes first.
    #[serde(default)]
    every: Option<Span>,
}

fn one() -> Param<NonZeroU32> {
    Param::Literal(NonZeroU32::MIN)
}

/// Properties of a producer that take one of a few words.
const CHOICES: &[(&str, &[&str])] =
    &[("acks", &["0", "1", "-1", "all"]), ("compression.type", &["none", "gzip", "snappy", "lz4", "zstd"])];

impl Kind for Produce {
    const SUMMARY: &'static str =
        "Sends records to a topic at a chosen rate and measures throughput, latency and failures.";
    const EXAMPLE: &'static str = "\
produce:
  id: nominal
  cluster: source
  topic: perf.nominal
  records: 60000
  record_size: 1024 B
  rate: 1000/s
  properties: {acks: all, linger.ms: 0, compression.type: none}
";
    const ROLE: ActionRole = ActionRole::Load;
    const OUTPUTS: &'static [Output] = outputs![
        &[
            output("records_asked", Unit::Count, "Records that the plan asked for, warm-up not counted."),
            output("records_sent", Unit::Count, "Records that the cluster acknowledged."),
            output("records_failed", Unit::Count, "Records that were given up.").of(Family::Loss),
            output(
                "records_unsent",
                Unit::Count,
                "Records that were due and could not be sent before the end."
            ),
            output(
                "achieved_ratio",
                Unit::Ratio,
                "Achieved rate by asked rate; not measured where it is unlimited.",
            ),
            output("throughput.records_per_s", Unit::RecordsPerSecond, "Acknowledged records per second."),
            output(
                "throughput.mb_per_s",
                Unit::MbPerSecond,
                "Acknowledged bytes of values, 1024 × 1024 each, per second.",
            ),
        ],
        latency_outputs!(
            "latency_ms",
            LatencyFromIntended,
            "latency from the intended send time to the acknowledgement"
        ),
        latency_outputs!(
            "send_latency_ms",
            LatencyFromSend,
            "latency from the send call, as Kafka's own tool measures"
        ),
        &[
            output(
                "duration_s",
                Unit::Seconds,
                "From the first measured record's intended time to the last acknowledgement.",
            ),
            output("errors", Unit::Count, "Records that failed or were never answered, warm-up included."),
        ],
        latency_outputs!(
            "commit_latency_ms",
            LatencyOfCommit,
            "time of a commit; not measured without transactions"
        ),
        &[
            output(
                "commits",
                Unit::Count,
                "Transactions that were committed; not measured without transactions.",
            ),
            output("partitions_used", Unit::Count, "Partitions that got records, warm-up included."),
            output(
                "largest_partition_ratio",
                Unit::Ratio,
                "Share of the records that the largest partition got.",
            )
            .within(0.0, 1.0),
            output(
                "largest_broker_ratio",
                Unit::Ratio,
                "Share of the records that went to the busiest broker.",
            )
            .within(0.0, 1.0),
            output(
                "rtt_ms.avg",
                Unit::Milliseconds,
                "Mean time from a request to a broker's answer, as the client counts.",
            ),
            output("rtt_ms.max", Unit::Milliseconds, "Longest time from a request to a broker's answer."),
            output(
                "queue_ms.avg",
                Unit::Milliseconds,
                "Mean time that a record waited in the client before it was sent.",
            ),
            output("queue_ms.max", Unit::Milliseconds, "Longest time that a record waited in the client."),
            output("retries", Unit::Count, "Requests that the client sent again."),
            output("batch_bytes.avg", Unit::Bytes, "Mean size of a batch as it was sent, compressed."),
            output("batch_records.avg", Unit::Count, "Mean number of records of a batch."),
            output(
                "compression_ratio",
                Unit::Ratio,
                "Bytes sent for each byte of keys and values; batch headers count.",
            ),
            output(
                "throttled_ms.max",
                Unit::Milliseconds,
                "Longest time that a broker asked the client to wait: a quota.",
            ),
            text_output(
                "stamps",
                "Token of the stamps of its first client; every further client has the next one. Not measured without stamps.",
            ),
            flag_output("saturated", "Whether the client's queue was ever full."),
            output(
                "generator_late_ms.p99",
                Unit::Milliseconds,
                "99th percentile of how late the load generator itself was, its queue being free.",
            ),
            output(
                "backlog_max",
                Unit::Count,
                "The most records that were due and not answered at one moment.",
            ),
        ],
    ];
}

impl Produce {
    /// The length of the load where it is known: the shorter of the two limits, or that of its shape, warm-up included.
    fn length(&self) -> Option<Duration> {
        // Only bytes per second make the size matter; one that is not known is not guessed.
        let size = match &self.record_size {
            Some(size) => size.known()?.0,
            None if self.rate.known()?.counts_bytes() => return None,
            None => 1,
        };
        let warm_up = *self.warm_up.known()?;
        let schedule = self.rate.known()?.schedule(size, warm_up);
        let until = |records: u64| schedule.at(records).map(Duration::from_nanos);
        let by_count = match &self.records {
            Some(records) => until(records.known()?.saturating_add(warm_up)),
            None => None,
        };
        let by_time = match &self.duration {
            Some(duration) => Some(duration.known()?.0 + until(warm_up).unwrap_or_default()),
            None if self.records.is_none() => schedule.end().map(Duration::from_nanos),
            None => None,
        };
        by_count.into_iter().chain(by_time).min()
    }
}

#[async_trait::async_trait]
impl Action for Produce {
    fn describe(&self) -> Said {
        let size = self.record_size.as_ref().map_or_else(amount::of_own_sizes, amount::of_size);
        let amount = amount::said(self.records.as_ref(), size, self.duration.as_ref());
        match &self.clients {
            Param::Literal(NonZeroU32::MIN) => {
                messages::produce(amount, &self.topic, &self.cluster, &self.rate)
            }
            clients => {
                messages::produce_by(amount, &self.topic, &self.cluster, &self.rate, Arg::text(clients))
            }
        }
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    fn undo(&self) -> Option<Undo> {
        (self.driver == Driver::Trogdor).then(super::trogdor::undo)
    }

    fn claims(&self) -> Vec<Claim> {
        vec![
            Claim::ClusterLoad(self.cluster.clone()),
            Claim::Topic(format!("{}/{}", self.cluster, self.topic)),
        ]
    }

    /// Three times the expected length, as a cluster may be slower than asked; where the rate is unlimited, as long
    /// as one MB a second takes.
    fn time_limit(&self) -> Duration {
        let give_up = (self.properties.0.get("delivery.timeout.ms").and_then(|ms| ms.parse().ok()))
            .map_or(Duration::from_secs(120), Duration::from_millis);
        let length = self.expected().map(|length| length.saturating_mul(3)).or_else(|| {
            let records = self.records.as_ref()?.known()?;
            let size = self.record_size.as_ref()?.known()?.0;
            Some(Duration::from_secs(records.saturating_mul(size) >> 20))
        });
        let margin = give_up.saturating_mul(2) + Duration::from_secs(60);
        length.map_or(Duration::MAX, |length| length.saturating_add(margin))
    }

    fn expected(&self) -> Option<Duration> {
        self.length()
    }

    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        let mut mistakes = mistakes::clusters(environment, &[("cluster", &self.cluster)]);
        mistakes.extend(mistakes::topic("topic", &self.topic));
        mistakes.extend(self.driver.mistake(environment));
        mistakes.extend(self.payload.mistake(environment));
        for (name, allowed) in CHOICES {
            if let Some(value) =
                self.properties.0.get(*name).filter(|v| !v.contains("{{") && !allowed.contains(&v.as_str()))
            {
                let hint = match text::did_you_mean(value, allowed.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("one of {}", allowed.join(", ")),
                };
                let path = vec!["properties".to_owned(), (*name).to_owned()];
                mistakes.push(Mistake {
                    path,
                    ..Mistake::new("", format!("`{name}` cannot be `{value}`"), hint)
                });
            }
        }
        let mut properties = self.properties.clone();
        if self.transaction.is_some() {
            // It gets one.
            properties.0.entry("transactional.id".to_owned()).or_default();
        }
        mistakes.extend(load_client::refused_together(
            environment,
            &self.cluster,
            ("properties", &properties),
            Role::Producer,
            self.defaults,
        ));
        // A record has a few dozen bytes beside its value, so this errs on the side of the record.
        let limit =
            self.properties.0.get("max.request.size").map_or(Some(1_048_576), |size| size.parse().ok());
        if let (Some(size), Some(limit)) = (self.record_size.as_ref().and_then(Param::known), limit)
            && size.0 >= limit
        {
            let message = format!(
                "a record of {size} does not fit into a request of {} (`max.request.size`)",
                Size(limit)
            );
            mistakes.push(Mistake::new(
                "record_size",
                message,
                "make it smaller, or set `max.request.size` in `properties`",
            ));
        }
        mistakes
    }

    fn needs(&self, _environment: &Environment) -> Vec<Need> {
        let records = self.records.as_ref().and_then(Param::known);
        let size = self.record_size.as_ref().and_then(Param::known);
        let bytes = records.zip(size).map(|(records, size)| records.saturating_mul(size.0));
        vec![Need::Write { cluster: self.cluster.clone(), topic: self.topic.clone(), bytes }]
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        match self.driver {
            Driver::KafkaTools => self.run_kafka_tools(cx).await,
            Driver::Native => self.run_native(cx, |_| ()).await,
            Driver::Trogdor => self.run_trogdor(cx).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        action::{
            ActionError,
            load_client::testing::{context, environment},
        },
        load::MockCluster,
        record::Value,
    };

    fn produce(params: serde_json::Value) -> Produce {
        let mut all =
            serde_json::json!({"cluster": "source", "topic": "load", "record_size": 100, "rate": "1000/s"});
        for (key, value) in params.as_object().unwrap() {
            all[key] = value.clone();
        }
        serde_json::from_value(all).unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn every_promised_output_and_artifact_is_there() {
        let mock = MockCluster::new(1).unwrap();
        mock.create_topic("load", 2, 1).unwrap();
        let root = tempfile::tempdir().unwrap();
        let (cx, mut progress) = context(root.path(), environment(&[("source", &mock.bootstrap_servers())]));
        let action =
            produce(serde_json::json!({"records": 2500, "sequence": true, "properties": {"linger.ms": 0}}));
        let evidence = action.run(&cx).await.unwrap();
        for output in Produce::OUTPUTS {
            let value = evidence.get(output.name).unwrap_or_else(|| panic!("no {}", output.name));
            let missing = matches!(value, Value::Missing(_));
            assert_eq!(missing, output.name.starts_with("commit"), "{}: {value}", output.name);
        }
        assert_eq!(evidence.get("records_sent"), Some(&Value::count(2500)));
        assert_eq!(evidence.get("records_failed"), Some(&Value::count(0)));
        assert!(evidence.get("achieved_ratio").unwrap().as_f64().unwrap() > 0.97, "{evidence:?}");
        let names: Vec<_> = cx.artifacts.take_stored().into_iter().map(|a| a.path).collect();
        assert_eq!(
            names,
            [
                "s/1/a/windows.csv",
                "s/1/a/latency.hlog",
                "s/1/a/stats.jsonl",
                "s/1/a/settings.json",
                "s/1/a/acknowledged.json",
                "s/1/a/spread.csv"
            ]
        );
        let settings = std::fs::read_to_string(root.path().join("s/1/a/settings.json")).unwrap();
        assert!(
            settings.contains("\"linger.ms\": \"0\"") && settings.contains("librdkafka 2."),
            "{settings}"
        );
        let windows = std::fs::read_to_string(root.path().join("s/1/a/windows.csv")).unwrap();
        let columns = windows.lines().next().unwrap().split(',').count();
        assert!(windows.lines().all(|line| line.split(',').count() == columns), "{windows}");
        let last = std::iter::from_fn(|| progress.try_recv().ok()).last().unwrap();
        assert_eq!((last.done, last.total), (2500, Some(2500)));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn several_clients_share_a_shape_and_have_one_histogram() {
        let mock = MockCluster::new(1).unwrap();
        mock.create_topic("load", 2, 1).unwrap();
        let root = tempfile::tempdir().unwrap();
        let (cx, _progress) = context(root.path(), environment(&[("source", &mock.bootstrap_servers())]));
        let steps =
            serde_json::json!({"steps": [{"rate": "500/s", "for": "1s"}, {"rate": "1000/s", "for": "1s"}]});
        let action =
            produce(serde_json::json!({"rate": steps, "clients": 3, "warm_up": 100, "sequence": true}));
        let evidence = action.run(&cx).await.unwrap();
        assert_eq!(evidence.get("records_asked"), Some(&Value::count(1500)));
        assert_eq!(evidence.get("records_sent"), Some(&Value::count(1500)));
        assert_eq!(evidence.get("records_unsent"), Some(&Value::count(0)));
        assert!(evidence.get("achieved_ratio").unwrap().as_f64().unwrap() > 0.97, "{evidence:?}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_makes_no_sense_is_refused_with_a_hint() {
        let mock = MockCluster::new(1).unwrap();
        mock.create_topic("load", 1, 1).unwrap();
        let root = tempfile::tempdir().unwrap();
        let (cx, _progress) = context(root.path(), environment(&[("source", &mock.bootstrap_servers())]));
        for (params, expected) in [
            (serde_json::json!({}), "no end"),
            (serde_json::json!({"records": 0}), "would do nothing"),
            (serde_json::json!({"records": 1, "record_size": 0}), "0 bytes"),
            (serde_json::json!({"records": 1, "record_size": 31, "sequence": true}), "no room"),
            (serde_json::json!({"records": 1, "record_size": null}), "needs a `record_size`"),
            (serde_json::json!({"records": 1, "payload": {"compressible": 1.5}}), "not a share"),
            (serde_json::json!({"records": 1, "payload": {"samples": "none.txt"}}), "sizes of their own"),
            (
                serde_json::json!({"records": 1, "record_size": null, "payload": {"samples": "none.txt"}}),
                "could not read",
            ),
            (
                serde_json::json!({"records": 1, "record_size": null, "payload": {"avro": {}}, "sequence": true}),
                "overwrite",
            ),
            (
                serde_json::json!({"records": 1, "record_size": null, "payload": {"avro": {}}}),
                "`schema_registry`",
            ),
            (serde_json::json!({"records": 1, "keys": {"uniform": 0}}), "one key or more"),
            (serde_json::json!({"records": 1, "record_size": "2 MiB"}), "`max.request.size` is 1048576"),
            (serde_json::json!({"records": 1, "transaction": {}}), "no end"),
            (serde_json::json!({"records": 1, "topic": "nowhere"}), "topic `nowhere` not found"),
            (serde_json::json!({"records": 1, "cluster": "nowhere"}), "defines no cluster `nowhere`"),
            (serde_json::json!({"records": 1, "properties": {"lingr.ms": 1}}), "did you mean `linger.ms`?"),
        ] {
            let failure = produce(params.clone()).run(&cx).await.unwrap_err();
            let ActionError::Misconfigured { message, hint } = &failure.error else {
                panic!("{params}: {}", failure.error)
            };
            let told = format!("{message}; {hint}");
            assert!(told.contains(expected) && !hint.is_empty(), "{params}: {told}");
        }
        assert!(cx.artifacts.take_stored().is_empty(), "nothing was measured");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn stopping_keeps_what_was_seen() {
        let mock = MockCluster::new(1).unwrap();
        mock.create_topic("load", 1, 1).unwrap();
        let root = tempfile::tempdir().unwrap();
        let (cx, mut progress) = context(root.path(), environment(&[("source", &mock.bootstrap_servers())]));
        let cancel = cx.cancel.clone();
        let seen = tokio::spawn(async move {
            loop {
                let update = progress.recv().await.expect("the load says how far it is");
                if update.done > 0 {
                    cancel.cancel();
                    return update.done;
                }
            }
        });
        let failure = produce(serde_json::json!({"duration": "1h"})).run(&cx).await.unwrap_err();
        assert!(matches!(failure.error, ActionError::Cancelled), "{}", failure.error);
        let sent = failure.evidence.get("records_sent").unwrap().as_f64().unwrap();
        assert!(sent >= seen.await.unwrap() as f64, "{sent}");
        assert!(root.path().join("s/1/a/windows.csv").exists());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_cluster_that_is_not_there_is_unreachable() {
        let root = tempfile::tempdir().unwrap();
        let (cx, _progress) = context(root.path(), environment(&[("source", "127.0.0.1:34998")]));
        let failure = produce(serde_json::json!({"records": 10})).run(&cx).await.unwrap_err();
        let ActionError::Unreachable { address, .. } = &failure.error else { panic!("{}", failure.error) };
        assert_eq!(address, "127.0.0.1:34998");
    }

    /// Keys, headers and values of every record of the topic, in no order.
    type Read = (Vec<u8>, Vec<(String, Vec<u8>)>, Vec<u8>);

    fn read_back(servers: &str, count: usize) -> Vec<Read> {
        use rdkafka::{
            ClientConfig, Message,
            consumer::{BaseConsumer, Consumer},
            message::Headers,
        };
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", servers)
            .set("group.id", "reader")
            .set("auto.offset.reset", "earliest")
            .create()
            .unwrap();
        consumer.subscribe(&["load"]).unwrap();
        let mut records = Vec::new();
        let deadline = std::time::Instant::now() + Duration::from_secs(30);
        while records.len() < count {
            assert!(std::time::Instant::now() < deadline, "{} of {count} records", records.len());
            let Some(message) = consumer.poll(Duration::from_millis(100)) else { continue };
            let message = message.unwrap();
            let headers = message.headers().map(|headers| {
                headers.iter().map(|h| (h.key.to_owned(), h.value.unwrap_or_default().to_vec())).collect()
            });
            records.push((
                message.key().unwrap_or_default().to_vec(),
                headers.unwrap_or_default(),
                message.payload().unwrap_or_default().to_vec(),
            ));
        }
        records
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn records_of_a_file_go_out_with_their_keys_and_headers() {
        let mock = MockCluster::new(1).unwrap();
        mock.create_topic("load", 3, 1).unwrap();
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("orders.txt"), "first\nsecond, longer\n").unwrap();
        let (cx, _progress) = context(root.path(), environment(&[("source", &mock.bootstrap_servers())]));
        let evidence = produce(serde_json::json!({
            "records": 100, "record_size": null, "rate": "1000/s", "payload": {"samples": "orders.txt"},
            "keys": {"zipf": {"keys": 5}}, "headers": {"origin": "test", "version": "2"},
        }))
        .run(&cx)
        .await
        .unwrap();
        assert_eq!(evidence.get("records_sent"), Some(&Value::count(100)));
        let read = read_back(&mock.bootstrap_servers(), 100);
        assert_eq!(read.iter().filter(|(_, _, value)| value == b"second, longer").count(), 50);
        let headers = [("origin".to_owned(), b"test".to_vec()), ("version".to_owned(), b"2".to_vec())];
        assert!(read.iter().all(|(key, seen, _)| key.len() == 1 && *seen == headers), "{:?}", read[0]);
        let settings = std::fs::read_to_string(root.path().join("s/1/a/settings.json")).unwrap();
        assert!(settings.contains("the 2 lines of"), "{settings}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn avro_records_carry_the_id_of_their_schema() {
        use wiremock::{
            Mock, MockServer, ResponseTemplate,
            matchers::{method, path},
        };
        let registry = MockServer::start().await;
        let schema = r#"{"type": "record", "name": "A", "fields": [{"name": "n", "type": "long"}]}"#;
        Mock::given(method("GET"))
            .and(path("/subjects/load-value/versions/latest"))
            .respond_with(
                ResponseTemplate::new(200).set_body_json(serde_json::json!({"id": 258, "schema": schema})),
            )
            .mount(&registry)
            .await;
        let mock = MockCluster::new(1).unwrap();
        mock.create_topic("load", 1, 1).unwrap();
        let mut environment = environment(&[("source", &mock.bootstrap_servers())]);
        let endpoint = serde_json::json!({ "url": registry.uri() });
        environment.schema_registry = Some(serde_json::from_value(endpoint).unwrap());
        let root = tempfile::tempdir().unwrap();
        let (cx, _progress) = context(root.path(), environment);
        let mut params = serde_json::json!({"records": 50, "record_size": null, "payload": {"avro": {}}});
        produce(params.clone()).run(&cx).await.unwrap();
        let schema = apache_avro::Schema::parse_str(schema).unwrap();
        for (_, _, value) in read_back(&mock.bootstrap_servers(), 50) {
            assert_eq!(value[..5], [0, 0, 0, 1, 2]);
            apache_avro::from_avro_datum(&schema, &mut &value[5..], None).unwrap();
        }
        params["payload"]["avro"]["subject"] = "other".into();
        let failure = produce(params).run(&cx).await.unwrap_err();
        assert!(failure.error.to_string().contains("no subject `other`"), "{}", failure.error);
    }

    #[test]
    fn the_length_follows_from_rate_and_limits() {
        let length = |params| produce(params).expected();
        let second = |s| Some(Duration::from_secs(s));
        assert_eq!(length(serde_json::json!({"records": 60_000})), second(60));
        assert_eq!(
            length(serde_json::json!({"records": 60_000, "duration": "10s", "warm_up": 2000})),
            second(12)
        );
        assert_eq!(length(serde_json::json!({"records": 60_000, "rate": "unlimited"})), None);
        assert_eq!(length(serde_json::json!({"records": 60_000, "record_size": null})), second(60));
        let megabytes = serde_json::json!({"records": 60_000, "record_size": null, "rate": "1 MB/s"});
        assert_eq!(length(megabytes), None);
        assert_eq!(length(serde_json::json!({"records": "{{ profile.records }}"})), None);
        let ramp = serde_json::json!({"ramp": {"from": "0/s", "to": "200/s", "over": "10s"}});
        assert_eq!(length(serde_json::json!({"rate": ramp, "warm_up": 100})), second(11));
        assert_eq!(length(serde_json::json!({"rate": ramp, "records": 1200})), second(11));
        let computed =
            serde_json::json!({"ramp": {"from": "0/s", "to": "{{ profile.rate }}", "over": "10s"}});
        assert_eq!(length(serde_json::json!({"rate": computed})), None);
        assert!(produce(serde_json::json!({"records": 60_000})).time_limit() > Duration::from_secs(180));
    }
}
