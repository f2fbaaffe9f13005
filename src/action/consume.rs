//! `consume`: reads a topic with a group of members and measures throughput and end-to-end latency.

use super::{
    Action, ActionContext, ActionFailure, Kind, Mistake, Need, OnInterrupt, Output, Param, Span, amount,
    latency::{latency_outputs, outputs},
    load_client::{self, Driver, Properties},
    mistakes, output,
};
use crate::clients::{
    Environment,
    kafka::{Defaults, Role},
};
use crate::record::{ActionRole, Evidence, Said, Undo, Unit};
use serde::Deserialize;
use std::time::Duration;

mod kafka_tools;
mod messages;
mod native;
mod trogdor;

/// Parameters of `consume`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Consume {
    /// The cluster, by its name in the environment.
    cluster: String,
    /// The topic that is read, all partitions of it.
    topic: String,
    /// The consumer group, whose offsets are committed. Without it, a group of this action's own that commits none.
    #[serde(default)]
    group: Option<String>,
    /// How many members the group has: consumers of one connection each to every broker, each with a thread. More than
    /// the topic has partitions have nothing to read.
    #[serde(default = "one")]
    members: Param<u64>,
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
    /// Consumer properties under Kafka's (Java) names; what is not given is as in the Java client, or as near to it as
    /// librdkafka comes.
    #[serde(default)]
    properties: Properties,
    /// What reads.
    #[serde(default)]
    driver: Driver,
}

/// Where a group without committed offsets begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum From {
    /// With the oldest record.
    #[default]
    Earliest,
    /// With the next record.
    Latest,
}

fn one() -> Param<u64> {
    Param::Literal(1)
}

fn ten_seconds() -> Param<Span> {
    Param::Literal(Span(Duration::from_secs(10)))
}

impl Kind for Consume {
    const SUMMARY: &'static str = "Reads a topic with a group of members and measures throughput, end-to-end latency, rebalances and fetches.";
    const EXAMPLE: &'static str = "\
consume:
  id: reader
  cluster: source
  topic: perf.nominal
  records: 60000
  members: 3
  from: earliest
";
    const ROLE: ActionRole = ActionRole::Load;
    const OUTPUTS: &'static [Output] = outputs![
        &[
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
        ],
        latency_outputs!(
            "end_to_end_ms", LatencyFromTimestamp,
            "time from the record's timestamp to its arrival here, of records younger than the assignment"
        ),
        &[
        output(
            "negative_latencies",
            Unit::Count,
            "Records that bear a time later than this machine's clock, left out of the latency.",
        ),
        output(
            "clock_ahead_max_ms",
            Unit::Milliseconds,
            "By how much this machine's clock is at most ahead of the one that stamped the records (negative: behind by at \
             least as much): the least difference of arrival and timestamp.",
        )
        .signed(),
        output("join_ms", Unit::Milliseconds, "From the subscription to the first assignment of partitions."),
        output(
            "group_ready_ms",
            Unit::Milliseconds,
            "From the subscription until every partition of the topic had had a member.",
        ),
        output("members_active", Unit::Count, "Members that had a partition at any time."),
        output("records_by_member.max", Unit::Count, "Records of the member that read most."),
        output("records_by_member.min", Unit::Count, "Records of the member that read fewest."),
        output(
            "rebalances",
            Unit::Count,
            "The most times that one member was given its partitions again, the first time not counted.",
        ),
        output(
            "partitions_lost",
            Unit::Count,
            "Partitions that the group took from a member that it had given up.",
        ),
        output(
            "unassigned_max_ms",
            Unit::Milliseconds,
            "The longest time that a partition, once assigned, had no member of this action; other programs' members in the \
             group are not seen.",
        ),
        output("fetch.requests", Unit::Count, "Fetch requests that the client sent."),
        output("fetch.records_avg", Unit::None, "Records received per fetch request."),
        output("fetch.bytes_avg", Unit::Bytes, "Bytes received per fetch request."),
        output(
            "fetch_ms.avg",
            Unit::Milliseconds,
            "Mean round trip of the client's requests, nearly all of them fetches, the broker's waiting for records \
             included.",
        ),
        output("fetch_ms.max", Unit::Milliseconds, "Longest of these round trips."),
        output(
            "fetch_ms.p99_max",
            Unit::Milliseconds,
            "Greatest 99th percentile of these round trips that one report of the client's statistics had.",
        ),
        output(
            "throttled_ms.max",
            Unit::Milliseconds,
            "Longest time that a broker asked a client to wait: a quota.",
        ),
        output(
            "lag_records",
            Unit::Count,
            "Records behind what was read, at the end, in the partitions that the group had then.",
        ),
        output("duration_s", Unit::Seconds, "From the assignment to the last record."),
        output("errors", Unit::Count, "Errors that the clients reported."),
        ],
    ];
}

impl Consume {
    /// The group that reads: that of the step, or one of this attempt alone.
    fn group_name(&self, cx: &ActionContext) -> String {
        self.group.clone().unwrap_or_else(|| format!("{}-{}", cx.name_on_cluster(), cx.attempt.0))
    }
}

#[async_trait::async_trait]
impl Action for Consume {
    fn describe(&self) -> Said {
        let amount = amount::said(self.records.as_ref(), Said::default(), self.duration.as_ref());
        match self.members == one() {
            true => messages::consume(amount, &self.topic, &self.cluster),
            false => messages::consume_with(amount, &self.topic, &self.cluster, &self.members),
        }
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    fn undo(&self) -> Option<Undo> {
        (self.driver == Driver::Trogdor).then(super::trogdor::undo)
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

    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        let mut mistakes = mistakes::clusters(environment, &[("cluster", &self.cluster)]);
        mistakes.extend(mistakes::topic("topic", &self.topic));
        mistakes.extend(self.driver.mistake(environment));
        mistakes.extend(load_client::refused_together(
            environment,
            &self.cluster,
            ("properties", &self.properties),
            Role::Consumer,
            Defaults::Java,
        ));
        mistakes
    }

    fn needs(&self, _environment: &Environment) -> Vec<Need> {
        let read = Need::Read { cluster: self.cluster.clone(), topic: self.topic.clone() };
        let group = |group: &String| Need::Group { cluster: self.cluster.clone(), group: group.clone() };
        self.group.as_ref().map(group).into_iter().chain([read]).collect()
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        match self.driver {
            Driver::KafkaTools => self.run_kafka_tools(cx).await,
            Driver::Native => self.run_native(cx).await,
            Driver::Trogdor => self.run_trogdor(cx).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        action::{
            ActionError, kind,
            load_client::testing::{context, environment},
        },
        load::{
            ClientConfig, MockCluster,
            keys::Keys,
            pacing::Pacing,
            payload::Content,
            producer::{self, Load},
        },
        record::Value,
    };
    use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
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
            headers: Vec::new(),
            keys: Keys::Sequential,
            pacing,
            record_size: 1024,
            records: Some(records),
            token: None,
            topic: "load".to_owned(),
            transaction: None,
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
    async fn records_of_a_later_clock_put_this_one_behind_it() {
        let mock = MockCluster::new(1).unwrap();
        mock.create_topic("load", 1, 1).unwrap();
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", mock.bootstrap_servers());
        let producer: BaseProducer = config.create().unwrap();
        let in_an_hour = (jiff::Timestamp::now() + Duration::from_secs(3600)).as_millisecond();
        producer.send(BaseRecord::<(), _>::to("load").payload("x").timestamp(in_an_hour)).unwrap();
        producer.flush(Duration::from_secs(10)).unwrap();
        let root = tempfile::tempdir().unwrap();
        let (cx, _progress) = context(root.path(), environment(&[("source", &mock.bootstrap_servers())]));
        let evidence = consume(serde_json::json!({"records": 1})).run(&cx).await.unwrap();
        let ahead = evidence.get("clock_ahead_max_ms").unwrap().as_f64().unwrap();
        assert!((-3_600_000.0..-3_500_000.0).contains(&ahead), "{evidence:?}");
        assert_eq!(evidence.get("negative_latencies"), Some(&Value::count(1)));
        assert_eq!(kind("consume").unwrap().outside(&evidence), None);
    }

    /// Has a group read a topic that was filled before. The mock leaves a member aside for ever whose answer to the
    /// first rebalance comes late, as may be on a busy machine; a real broker asks it again (20 of 20 groups, six busy
    /// loops beside them). So it is tried a few times.
    async fn read_by_group(partitions: i32, filled: u64, records: u64) -> (Evidence, tempfile::TempDir) {
        let mut tries = 0;
        loop {
            tries += 1;
            let mock = MockCluster::new(1).unwrap();
            mock.create_topic("load", partitions, 1).unwrap();
            fill(&mock.bootstrap_servers(), filled, Pacing::Unlimited);
            let root = tempfile::tempdir().unwrap();
            let (cx, _progress) = context(root.path(), environment(&[("source", &mock.bootstrap_servers())]));
            let action = consume(serde_json::json!({"members": 2, "records": records}));
            let evidence = action.run(&cx).await.unwrap();
            if tries == 4 || evidence.get("records") == Some(&Value::count(records)) {
                return (evidence, root);
            }
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_group_shares_the_partitions_and_keeps_one_account() {
        let action = consume(serde_json::json!({"members": 2, "records": 5000}));
        assert_eq!(action.describe(), "consume 5000 records of `load` of cluster `source` with 2 members");
        let (evidence, root) = read_by_group(4, 6000, 5000).await;
        assert_eq!(
            evidence.get("records"),
            Some(&Value::count(5000)),
            "no more than asked for, over all members"
        );
        let file = |name: &str| std::fs::read_to_string(root.path().join("s/1/a").join(name)).unwrap();
        let members = file("members.csv");
        let read: u64 =
            members.lines().skip(1).map(|l| l.split(',').nth(1).unwrap().parse::<u64>().unwrap()).sum();
        assert_eq!((members.lines().count(), read), (3, 5000), "{members}");
        let windows: u64 = file("windows.csv")
            .lines()
            .skip(1)
            .map(|l| l.split(',').nth(2).unwrap().parse::<u64>().unwrap())
            .sum();
        assert_eq!(windows, 5000);
        let rebalances = file("rebalances.csv");
        assert!(rebalances.lines().count() > 1 && rebalances.contains(",assigned,"), "{rebalances}");
        assert_eq!(evidence.get("lag_records"), Some(&Value::count(1000)), "{evidence:?}");
        assert_eq!(evidence.get("negative_latencies"), Some(&Value::count(0)));
    }

    #[test]
    fn a_group_of_its_own_is_no_other_campaigns_and_no_other_attempts() {
        let group = |root: &std::path::Path, attempt| {
            let (mut cx, _progress) = context(root, environment(&[]));
            cx.attempt = crate::record::Attempt(attempt);
            consume(serde_json::json!({})).group_name(&cx)
        };
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let name = group(here.path(), 1);
        assert!(name.starts_with("jalon-r-03-a-") && name.ends_with("-1"), "{name}");
        assert_eq!(group(here.path(), 1), name);
        // Both runs may have begun in the same second.
        assert!(group(there.path(), 1) != name && group(here.path(), 2) != name);
        let (cx, _progress) = context(here.path(), environment(&[]));
        assert_eq!(consume(serde_json::json!({"group": "mine"})).group_name(&cx), "mine");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn more_members_than_partitions_is_said_and_no_error() {
        let (evidence, _root) = read_by_group(1, 100, 100).await;
        assert_eq!(evidence.get("records"), Some(&Value::count(100)));
        assert!(evidence.remarks.iter().any(|r| r.starts_with("2 members for 1 partition")), "{evidence:?}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_makes_no_sense_is_refused_with_a_hint() {
        let mock = MockCluster::new(1).unwrap();
        mock.create_topic("load", 1, 1).unwrap();
        let root = tempfile::tempdir().unwrap();
        let (cx, _progress) = context(root.path(), environment(&[("source", &mock.bootstrap_servers())]));
        for (params, expected) in [
            (serde_json::json!({"members": 0}), "0 members"),
            (serde_json::json!({"members": 201}), "more than the 200"),
            (serde_json::json!({"records": 0}), "would do nothing"),
            (serde_json::json!({"idle_timeout": "10ms"}), "below one second"),
            (serde_json::json!({"topic": "nowhere"}), "topic `nowhere` not found"),
            (serde_json::json!({"properties": {"acks": "all"}}), "property of producers"),
        ] {
            let failure = consume(params.clone()).run(&cx).await.unwrap_err();
            let ActionError::Misconfigured { message, hint } = &failure.error else {
                panic!("{params}: {}", failure.error)
            };
            assert!(message.contains(expected) && !hint.is_empty(), "{params}: {message}; {hint}");
        }
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
