//! `kraft`: the quorum that keeps the metadata of a cluster without ZooKeeper, as Kafka's own tool describes it.

use super::{
    Action, ActionContext, ActionError, ActionFailure, Kind, Mistake, OnInterrupt, Output, kafka_tools,
    mistakes, output,
};
use crate::{
    clients::Environment,
    record::{ActionRole, Evidence, Said, Unit, Value, messages},
};
use serde::Deserialize;
use std::time::Duration;

/// Script and class of the tool (KIP-836).
const TOOL: (&str, &str) = ("kafka-metadata-quorum", "org.apache.kafka.tools.MetadataQuorumCommand");

/// Parameters of `kraft`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Kraft {
    /// Name of the cluster in the environment.
    cluster: String,
}

impl Kind for Kraft {
    const SUMMARY: &'static str = "Describes the quorum of controllers of a cluster in KRaft mode: leader, epoch, voters, \
        observers, and how far each is behind. It runs Kafka's own `kafka-metadata-quorum`, so that the environment needs \
        `kafka_tools`; as a watch, every look starts it twice, for a second or two.";
    const EXAMPLE: &'static str =
        "kraft: {id: quorum, cluster: source, when: size(environment.clusters.source.zookeeper) == 0}";
    const ROLE: ActionRole = ActionRole::Check;
    const OUTPUTS: &'static [Output] = &[
        output("leader", Unit::None, "Node id of the leader; missing where there is none."),
        output("epoch", Unit::Count, "Epoch of the leader: it grows by one or more with each election."),
        output("voters", Unit::Count, "Controllers that vote."),
        output("observers", Unit::Count, "Brokers that follow the quorum and do not vote."),
        output("high_watermark", Unit::Count, "Records of the metadata log that are committed."),
        output("max_voter_lag", Unit::Count, "Records that the slowest voter is behind the leader."),
        output(
            "max_voter_lag_ms",
            Unit::Milliseconds,
            "Time since the slowest voter had all that the leader has; missing where one never had.",
        ),
        output(
            "max_observer_lag",
            Unit::Count,
            "Records that the slowest observer is behind; missing without observers.",
        ),
        output(
            "max_observer_lag_ms",
            Unit::Milliseconds,
            "Time since the slowest observer had all that the leader has; missing without observers, and where one never \
             had.",
        ),
    ];
}

#[async_trait::async_trait]
impl Action for Kraft {
    fn describe(&self) -> Said {
        ask_quorum(&self.cluster)
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    fn time_limit(&self) -> Duration {
        Duration::from_secs(90)
    }

    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        let mut mistakes = mistakes::clusters(environment, &[("cluster", &self.cluster)]);
        mistakes.extend(mistakes::service(environment, "", "kafka_tools", &environment.kafka_tools));
        if mistakes::cluster(environment, &self.cluster).is_some_and(|c| !c.zookeeper.is_empty()) {
            let name = &self.cluster;
            let message =
                format!("cluster `{name}` has ZooKeeper nodes in environment `{}`", environment.name);
            let hint = format!(
                "ask them with `zookeeper`, and leave this out there: \
                 `when: size(environment.clusters.{name}.zookeeper) == 0`"
            );
            mistakes.push(Mistake::new("cluster", message, hint));
        }
        mistakes
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let mut texts = Vec::new();
        for (part, file) in [("--status", "status.txt"), ("--replication", "replication.txt")] {
            let arguments = ["describe", part].map(str::to_owned);
            let ended = kafka_tools::administer(cx, TOOL, &self.cluster, &arguments).await?;
            if !cx.sampling {
                cx.artifacts.write(file, "text/plain", ended.as_bytes())?;
            }
            texts.push(ended);
        }
        let quorum =
            Quorum::read(&texts[0], &texts[1]).ok_or_else(|| ActionError::failed(not_understood()))?;
        Ok(quorum.evidence(!cx.sampling))
    }
}

/// One node of the quorum.
#[derive(Debug, Clone, PartialEq)]
struct Node {
    id: i64,
    lag: u64,
    /// When it had all that the leader had, in ms since 1970; none where it never had.
    caught_up: Option<i64>,
    status: Status,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Leader,
    Voter,
    Observer,
}

/// What the tool says.
#[derive(Debug, PartialEq)]
struct Quorum {
    leader: Option<i64>,
    epoch: Option<u64>,
    high_watermark: Option<u64>,
    nodes: Vec<Node>,
}

impl Quorum {
    /// From what `describe --status` and `describe --replication` print, of 3.3 to 4.x: columns are found by their names,
    /// because 4.x has one more.
    fn read(status: &str, replication: &str) -> Option<Self> {
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.trim().strip_prefix(name));
            line.map(str::trim).and_then(|value| value.parse::<i64>().ok())
        };
        let mut lines = replication.lines().skip_while(|line| !line.trim_start().starts_with("NodeId"));
        let header: Vec<&str> = lines.next()?.split_whitespace().collect();
        let column = |name: &str| header.iter().position(|column| *column == name);
        let (id, lag, status_at) = (column("NodeId")?, column("Lag")?, column("Status")?);
        let caught_up = column("LastCaughtUpTimestamp");
        let mut nodes = Vec::new();
        for line in lines {
            let words: Vec<&str> = line.split_whitespace().collect();
            let Some(status) = words.get(status_at) else { continue };
            nodes.push(Node {
                id: words.get(id)?.parse().ok()?,
                lag: words.get(lag)?.parse::<i64>().ok().and_then(|lag| u64::try_from(lag).ok())?,
                caught_up: caught_up.and_then(|at| words.get(at)?.parse().ok()).filter(|at: &i64| *at >= 0),
                status: match *status {
                    "Leader" => Status::Leader,
                    "Observer" => Status::Observer,
                    _ => Status::Voter,
                },
            });
        }
        let amount = |name: &str| field(name).and_then(|value| u64::try_from(value).ok());
        (!nodes.is_empty()).then(|| Self {
            leader: field("LeaderId:").filter(|id| *id >= 0),
            epoch: amount("LeaderEpoch:"),
            high_watermark: amount("HighWatermark:"),
            nodes,
        })
    }

    fn evidence(&self, with_files: bool) -> Evidence {
        let of = |observers: bool| {
            self.nodes.iter().filter(move |node| (node.status == Status::Observer) == observers)
        };
        let count = |value: Option<u64>, why: Said| value.map_or_else(|| Value::missing(why), Value::count);
        let leads = self.nodes.iter().find(|node| node.status == Status::Leader);
        let behind = |observers: bool| {
            let each: Option<Vec<i64>> =
                of(observers).map(|node| Some((leads?.caught_up? - node.caught_up?).max(0))).collect();
            match each {
                None => Value::missing(never_caught_up()),
                Some(each) => match each.into_iter().max() {
                    #[expect(clippy::cast_precision_loss, reason = "a time in ms")]
                    Some(most) => Value::number(most as f64, Unit::Milliseconds),
                    None => Value::missing(no_observers()),
                },
            }
        };
        let mut evidence = Evidence::default();
        #[expect(clippy::cast_precision_loss, reason = "the id of a node is a 32 bit number")]
        let leader = self
            .leader
            .map_or_else(|| Value::missing(no_leader()), |id| Value::number(id as f64, Unit::None));
        evidence.put("leader", leader);
        evidence.put("epoch", count(self.epoch, not_told()));
        evidence.put("voters", Value::count(of(false).count() as u64));
        evidence.put("observers", Value::count(of(true).count() as u64));
        evidence.put("high_watermark", count(self.high_watermark, not_told()));
        evidence.put("max_voter_lag", count(of(false).map(|node| node.lag).max(), not_told()));
        evidence.put("max_voter_lag_ms", behind(false));
        evidence.put("max_observer_lag", count(of(true).map(|node| node.lag).max(), no_observers()));
        evidence.put("max_observer_lag_ms", behind(true));
        if with_files {
            for (name, measured) in &mut evidence.values {
                let of_status = ["leader", "epoch", "high_watermark"].contains(&name.as_str());
                measured.from = Some(if of_status { "status.txt" } else { "replication.txt" }.to_owned());
            }
        }
        evidence
    }
}

messages! {
    area "kraft";
    ask_quorum(cluster) => "describe the quorum of cluster `{cluster}`" / "décrire le quorum du cluster `{cluster}`";
    never_caught_up() => "a node has never had all that the leader has" / "un nœud n'a jamais eu tout ce qu'a le leader";
    no_leader() => "the quorum has no leader" / "le quorum n'a pas de leader";
    no_observers() => "the quorum has no observers" / "le quorum n'a pas d'observateur";
    not_told() => "the tool does not report it" / "l'outil ne le donne pas";
    not_understood() => "the output of kafka-metadata-quorum was not understood; see status.txt and replication.txt" / "la sortie de kafka-metadata-quorum n'a pas été comprise ; voir status.txt et replication.txt";
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "ClusterId:              amFsb24tbGFiLXNvdXJjZQ\nLeaderId:               1\nLeaderEpoch:            2\n\
        HighWatermark:          310\nMaxFollowerLag:         4\nMaxFollowerLagTimeMs:   17\n\
        CurrentVoters:          [1,2,3]\nCurrentObservers:       [4]\n";
    const OLD: &str = "NodeId\tLogEndOffset\tLag\tLastFetchTimestamp\tLastCaughtUpTimestamp\tStatus  \t\n\
        1     \t310         \t0  \t1700000000500     \t1700000000500        \tLeader  \t\n\
        2     \t310         \t0  \t1700000000400     \t1700000000400        \tFollower\t\n\
        3     \t306         \t4  \t1700000000300     \t1700000000100        \tFollower\t\n\
        4     \t310         \t0  \t1700000000490     \t1700000000490        \tObserver\t\n";

    fn value(quorum: &Quorum, name: &str) -> Option<f64> {
        quorum.evidence(false).get(name).and_then(Value::as_f64)
    }

    #[test]
    fn the_slowest_voter_and_the_slowest_observer_are_told_apart() {
        let quorum = Quorum::read(STATUS, OLD).unwrap();
        for (name, expected) in [
            ("leader", 1.0),
            ("epoch", 2.0),
            ("voters", 3.0),
            ("observers", 1.0),
            ("high_watermark", 310.0),
            ("max_voter_lag", 4.0),
            ("max_voter_lag_ms", 400.0),
            ("max_observer_lag", 0.0),
            ("max_observer_lag_ms", 10.0),
        ] {
            assert_eq!(value(&quorum, name), Some(expected), "{name}");
        }
    }

    #[test]
    fn the_columns_of_kafka_4_are_read_and_what_is_not_known_is_missing() {
        let new = "NodeId\tDirectoryId           \tLogEndOffset\tLag\tLastFetchTimestamp\tLastCaughtUpTimestamp\tStatus  \t\n\
            1     \tAAAAAAAAAAAAAAAAAAAAAA\t310         \t0  \t1700000000500     \t1700000000500        \tLeader  \t\n\
            2     \tAAAAAAAAAAAAAAAAAAAAAA\t0           \t310\t-1                \t-1                   \tFollower\t\n";
        let quorum = Quorum::read(&STATUS.replace("LeaderId:               1", "LeaderId: -1"), new).unwrap();
        assert_eq!(value(&quorum, "max_voter_lag"), Some(310.0));
        for name in ["leader", "max_voter_lag_ms", "max_observer_lag", "max_observer_lag_ms"] {
            assert_eq!(value(&quorum, name), None, "{name}");
        }
        assert_eq!(Quorum::read("", "Exception in thread main"), None);
    }
}
