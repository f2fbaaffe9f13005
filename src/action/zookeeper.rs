//! `zookeeper`: what every node of an ensemble says of its latency, its waiting requests and its role.

use super::{
    Action, ActionContext, ActionError, ActionFailure, Kind, Mistake, Need, OnInterrupt, Output, mistakes,
    output,
    service::{cluster, unless_cancelled},
};
use crate::{
    clients::{
        Environment,
        zookeeper::{self, Reading, Word},
    },
    record::{ActionRole, Evidence, Family, Said, Speaks, Unit, Value, messages},
};
use serde::Deserialize;
use std::time::Duration;
use tokio::task::JoinSet;

/// How long one node may take to answer one word: less than a watch gives one look, so that a frozen node is counted
/// and not the whole look lost.
const NODE_LIMIT: Duration = Duration::from_secs(3);

/// Parameters of `zookeeper`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Zookeeper {
    /// The cluster whose ZooKeeper nodes are asked, by its name in the environment.
    ensemble: String,
}

impl Kind for Zookeeper {
    const SUMMARY: &'static str = "Asks every node of a ZooKeeper ensemble for its figures, by `mntr` or, where that \
        is not allowed, `srvr`.";
    const EXAMPLE: &'static str = "zookeeper: {id: zk, ensemble: source}";
    const ROLE: ActionRole = ActionRole::Check;
    const OUTPUTS: &'static [Output] = &[
        output(
            "avg_latency_ms",
            Unit::Milliseconds,
            "Average time to answer of the worst node, since its start or its last `srst`.",
        )
        .of(Family::ZookeeperLatency),
        output(
            "max_latency_ms",
            Unit::Milliseconds,
            "Longest time to answer of the worst node, since its start or its last `srst`.",
        ),
        output("outstanding_requests", Unit::Count, "Requests that wait, of all nodes together."),
        output("nodes", Unit::Count, "Nodes that the environment names."),
        output("nodes_up", Unit::Count, "Nodes that answer and serve requests."),
        output("leaders", Unit::Count, "Nodes that lead; a standalone server leads itself."),
        output("synced_followers", Unit::Count, "Followers in sync, as the leader's `mntr` says."),
        output("znodes", Unit::Count, "Znodes, of the node that has most."),
        output("connections", Unit::Count, "Client connections, of all nodes together."),
        output("response_ms", Unit::Milliseconds, "Time that the slowest node took to answer."),
    ];
}

#[async_trait::async_trait]
impl Action for Zookeeper {
    fn describe(&self) -> Said {
        ask_nodes(&self.ensemble)
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    fn time_limit(&self) -> Duration {
        Duration::from_secs(30)
    }

    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        let mut mistakes = mistakes::clusters(environment, &[("ensemble", &self.ensemble)]);
        if let Some(cluster) = mistakes::cluster(environment, &self.ensemble)
            && cluster.zookeeper.is_empty()
        {
            let name = &self.ensemble;
            let message =
                format!("cluster `{name}` has no ZooKeeper nodes in environment `{}`", environment.name);
            let hint = format!(
                "list them under `zookeeper`, or, as one in KRaft mode has none, add \
                 `when: size(environment.clusters.{name}.zookeeper) > 0`"
            );
            mistakes.push(Mistake::new("ensemble", message, hint));
        }
        mistakes
    }

    fn needs(&self, _environment: &Environment) -> Vec<Need> {
        vec![Need::ZooKeeper(self.ensemble.clone())]
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let addresses = &cluster(cx, &self.ensemble)?.zookeeper;
        if addresses.is_empty() {
            return Err(ActionError::misconfigured(no_nodes(&self.ensemble), list_nodes()).into());
        }
        let readings = unless_cancelled(cx, async { Ok::<_, ActionError>(ask_all(addresses).await) }).await?;
        let mut evidence = summed(&readings);
        if !cx.sampling {
            for (address, reading) in &readings {
                if let Ok(reading) = reading {
                    let name =
                        format!("{}-{}.txt", reading.stats.word.text(), address.replace([':', '/'], "-"));
                    cx.artifacts.write(&name, "text/plain", reading.raw.as_bytes())?;
                }
            }
            cx.artifacts.write("nodes.csv", "text/csv", table(&readings).as_bytes())?;
            for measured in evidence.values.values_mut() {
                measured.from = Some("nodes.csv".to_owned());
            }
        }
        // Nobody answers: that is no figure of ZooKeeper but a lack of them.
        let mut causes = readings.iter().filter_map(|(_, reading)| match reading {
            Err(zookeeper::ZooKeeperError::Unreachable { address, cause }) => {
                Some((address.clone(), cause.clone()))
            }
            _ => None,
        });
        match causes.next() {
            Some((address, cause)) if causes.count() + 1 == readings.len() => {
                let service = ensemble(&self.ensemble);
                Err(ActionError::Unreachable { service, address, cause }.with(evidence))
            }
            _ => Ok(evidence),
        }
    }
}

type Answered = Vec<(String, Result<Reading, zookeeper::ZooKeeperError>)>;

async fn ask_all(addresses: &[String]) -> Answered {
    let mut asked = JoinSet::new();
    for (index, address) in addresses.iter().cloned().enumerate() {
        asked.spawn(async move {
            let reading = zookeeper::read(&address, NODE_LIMIT).await;
            (index, address, reading)
        });
    }
    let mut answered = asked.join_all().await;
    answered.sort_by_key(|(index, ..)| *index);
    answered.into_iter().map(|(_, address, reading)| (address, reading)).collect()
}

fn summed(readings: &Answered) -> Evidence {
    let up: Vec<&Reading> = readings.iter().filter_map(|(_, reading)| reading.as_ref().ok()).collect();
    let mut evidence = Evidence::default();
    for error in readings.iter().filter_map(|(_, reading)| reading.as_ref().err()) {
        evidence.remark(error.said());
    }
    let worst = |get: fn(&Reading) -> f64| {
        up.iter()
            .map(|r| get(r))
            .reduce(f64::max)
            .map_or_else(|| Value::missing(nobody()), |worst| Value::number(worst, Unit::Milliseconds))
    };
    let count = |n: Option<u64>| n.map_or_else(|| Value::missing(nobody()), Value::count);
    let sum =
        |get: fn(&Reading) -> u64| count((!up.is_empty()).then(|| up.iter().map(|r| get(r)).sum::<u64>()));
    let leads = |reading: &&&Reading| matches!(reading.stats.mode.as_str(), "leader" | "standalone");
    evidence
        .put("avg_latency_ms", worst(|r| r.stats.avg_latency_ms))
        .put("max_latency_ms", worst(|r| r.stats.max_latency_ms))
        .put("outstanding_requests", sum(|r| r.stats.outstanding))
        .put("nodes", Value::count(readings.len() as u64))
        .put("nodes_up", Value::count(up.len() as u64))
        .put("leaders", Value::count(up.iter().filter(leads).count() as u64))
        .put("synced_followers", synced_followers(&up))
        .put("znodes", count(up.iter().map(|r| r.stats.znodes).max()))
        .put("connections", sum(|r| r.stats.connections))
        .put("response_ms", worst(|r| r.elapsed.as_secs_f64() * 1000.0));
    evidence
}

fn synced_followers(up: &[&Reading]) -> Value {
    let reason = match up.iter().find(|r| matches!(r.stats.mode.as_str(), "leader" | "standalone")) {
        None => no_leader(),
        Some(leader) => match leader.stats.synced_followers {
            Some(followers) => return Value::count(followers),
            None if leader.stats.mode == "standalone" => standalone(),
            None if leader.stats.word == Word::Srvr => mntr_not_allowed(),
            None => not_told(),
        },
    };
    Value::missing(reason)
}

fn table(readings: &Answered) -> String {
    use std::fmt::Write;
    let mut csv = "node,mode,word,avg_latency_ms,max_latency_ms,outstanding_requests,connections,znodes,\
        synced_followers,response_ms,error\n"
        .to_owned();
    for (address, reading) in readings {
        let _ = match reading {
            Ok(Reading { stats: s, elapsed, .. }) => writeln!(
                csv,
                "{address},{},{},{},{},{},{},{},{},{:.3},",
                s.mode,
                s.word.text(),
                s.avg_latency_ms,
                s.max_latency_ms,
                s.outstanding,
                s.connections,
                s.znodes,
                s.synced_followers.map_or(String::new(), |n| n.to_string()),
                elapsed.as_secs_f64() * 1000.0
            ),
            Err(error) => writeln!(csv, "{address},,,,,,,,,,\"{}\"", error.to_string().replace('"', "'")),
        };
    }
    csv
}

messages! {
    area "zookeeper";
    ask_nodes(cluster) => "ask the ZooKeeper nodes of `{cluster}`" / "interroger les nœuds ZooKeeper de `{cluster}`";
    ensemble(cluster) => "ZooKeeper of cluster `{cluster}`" / "ZooKeeper du cluster `{cluster}`";
    list_nodes() => "list them as `host:port` under `zookeeper` of the cluster; one in KRaft mode has none" / "les donner comme `host:port` sous `zookeeper` du cluster ; un cluster en mode KRaft n'en a pas";
    mntr_not_allowed() => "the leader does not allow `mntr`; add it to `4lw.commands.whitelist`" / "le leader ne permet pas `mntr` ; l'ajouter à `4lw.commands.whitelist`";
    no_leader() => "no leader answers" / "aucun leader ne répond";
    no_nodes(cluster) => "cluster `{cluster}` has no ZooKeeper nodes in the environment" / "le cluster `{cluster}` n'a pas de nœuds ZooKeeper dans l'environnement";
    nobody() => "no node answers" / "aucun nœud ne répond";
    not_told() => "the leader's `mntr` does not say" / "le `mntr` du leader ne le dit pas";
    standalone() => "a standalone server has no followers" / "un serveur isolé n'a pas de suiveurs";
}

#[cfg(test)]
mod tests {
    use super::super::test_context::{action, artifact, context, keeps_its_promises, shown};
    use super::*;
    use crate::clients::zookeeper::tests::{LEADER, server};

    const FOLLOWER: &str = "zk_version\t3.8.4\nzk_server_state\tfollower\nzk_avg_latency\t12.5\n\
        zk_max_latency\t20\nzk_outstanding_requests\t1\nzk_num_alive_connections\t4\nzk_znode_count\t60\n";

    #[tokio::test]
    async fn an_ensemble_is_judged_by_its_worst_node_and_a_dead_one_is_counted() {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (leader, follower) = (server(&[("mntr", LEADER)]).await, server(&[("mntr", FOLLOWER)]).await);
        let (_folder, cx) = context(&format!(
            "clusters: {{source: {{bootstrap_servers: 'x:1', zookeeper: ['{leader}', '{follower}', '127.0.0.1:{port}']}}}}"
        ));
        let evidence = action("zookeeper", "ensemble: source").run(&cx).await.unwrap();
        keeps_its_promises("zookeeper", &evidence);
        for (name, value) in [
            ("avg_latency_ms", "12.5 ms"),
            ("max_latency_ms", "112 ms"),
            ("outstanding_requests", "4"),
            ("nodes", "3"),
            ("nodes_up", "2"),
            ("leaders", "1"),
            ("synced_followers", "2"),
            ("connections", "6"),
        ] {
            assert_eq!(shown(&evidence, name), value, "{name}");
        }
        assert!(evidence.remarks[0].contains("connection refused"), "{:?}", evidence.remarks);
        assert!(artifact(&cx, "nodes.csv").contains(&format!("{follower},follower,mntr,12.5,20,1,4,60,,")));
        assert_eq!(artifact(&cx, &format!("mntr-{}.txt", leader.replace(':', "-"))), LEADER);
    }

    #[tokio::test]
    async fn an_ensemble_of_which_nobody_answers_is_unreachable() {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (_folder, cx) = context(&format!(
            "clusters: {{source: {{bootstrap_servers: 'x:1', zookeeper: ['127.0.0.1:{port}']}}}}"
        ));
        let failure = action("zookeeper", "ensemble: source").run(&cx).await.unwrap_err();
        assert!(matches!(failure.error, ActionError::Unreachable { .. }), "{:?}", failure.error);
        assert_eq!(shown(&failure.evidence, "nodes_up"), "0");
        assert_eq!(shown(&failure.evidence, "avg_latency_ms"), "not measured (no node answers)");
    }

    #[tokio::test]
    async fn a_cluster_without_zookeeper_or_without_entry_is_explained() {
        let (_folder, cx) = context("clusters: {source: {bootstrap_servers: 'x:1'}}");
        for (ensemble, words) in
            [("source", "has no ZooKeeper nodes"), ("sauce", "defines no cluster `sauce`")]
        {
            let action = action("zookeeper", &format!("ensemble: {ensemble}"));
            let failure = action.run(&cx).await.unwrap_err();
            assert!(failure.error.to_string().contains(words), "{}", failure.error);
        }
    }
}
