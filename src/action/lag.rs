//! `lag`: how many records of the source cluster are not on the target yet.

use super::{
    Action, ActionContext, ActionError, ActionFailure, Kind, Mistake, OnInterrupt, Output,
    kafka_access::{Access, some_of},
    mistakes, output,
    service::{self, endpoint, unless_cancelled},
};
use crate::{
    clients::{
        Environment,
        connect::Places,
        kafka::{Topology, admin::Offsets},
    },
    record::{ActionRole, Evidence, Family, Said, Unit, Value, messages},
};
use serde::Deserialize;
use std::fmt::Write;

/// Parameters of `lag`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Lag {
    /// The cluster from which records are copied, by its name in the environment.
    source: String,
    /// The cluster to which they are copied.
    target: String,
    /// The topics' names on the source.
    topics: Vec<String>,
    /// Where the copy's place is read: `end-offsets` of the target's topics, or `connect-offsets`, what the connector
    /// has committed.
    #[serde(default)]
    method: Method,
    /// The connector that copies; for `connect-offsets`.
    #[serde(default)]
    connector: Option<String>,
    /// What stands before a topic's name on the target; `<source>.` without it, as in MirrorMaker 2's default policy,
    /// and empty for its identity policy.
    #[serde(default)]
    prefix: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Method {
    ConnectOffsets,
    #[default]
    EndOffsets,
}

const TABLE: &str = "lag.csv";

impl Kind for Lag {
    const SUMMARY: &'static str = "Counts the records of the source cluster that are not on the target yet.";
    const EXAMPLE: &'static str = "lag: {id: lag, source: source, target: target, topics: [perf.nominal]}";
    const ROLE: ActionRole = ActionRole::Check;
    const OUTPUTS: &'static [Output] = &[
        output(
            "lag_records",
            Unit::Count,
            "Records that are not copied yet, over all partitions; a remark has the formula.",
        )
        .of(Family::Lag),
        output(
            "max_partition_lag_records",
            Unit::Count,
            "The same of the partition that is farthest behind.",
        ),
        output("partitions", Unit::Count, "Partitions that were compared."),
    ];
}

#[async_trait::async_trait]
impl Action for Lag {
    fn describe(&self) -> Said {
        count(&self.source, some_of(&self.topics), &self.target)
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        let mut mistakes =
            mistakes::clusters(environment, &[("source", &self.source), ("target", &self.target)]);
        if self.topics.is_empty() {
            let hint = "name the topics as they are called on the source";
            mistakes.push(Mistake::new("topics", "`topics` names no topic", hint));
        }
        if self.method == Method::ConnectOffsets {
            mistakes.extend(mistakes::service(environment, "method", "connect", &environment.connect));
        }
        if self.method == Method::ConnectOffsets && self.connector.is_none() {
            let message = "`connect-offsets` are those of a connector, and none is named";
            mistakes.push(Mistake::new("method", message, "add `connector: NAME`"));
        }
        mistakes
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        if self.topics.is_empty() {
            return Err(ActionError::misconfigured(no_topics(), name_topics()).into());
        }
        let source = Access::to(cx, &self.source).await?;
        let there = source.ask(cx, source.admin.topology()).await?;
        let asked = match partitions(&there, &self.topics, "") {
            Ok(asked) => asked,
            Err(topic) => {
                return Err(ActionError::failed(not_on_source(topic, &self.source)).into());
            }
        };
        // The copy's place is read first: what arrives in between makes the lag look greater, never smaller.
        let place = match self.method {
            Method::EndOffsets => self.end_offsets(cx).await?,
            Method::ConnectOffsets => self.connect_offsets(cx).await?,
        };
        let ends = source.ask(cx, source.admin.end_offsets(&asked)).await?;
        let begins = source.ask(cx, source.admin.begin_offsets(&asked)).await?;
        let mut evidence = match place {
            Ok(place) => {
                let lines = compare(&asked, &ends, &begins, &place);
                if !cx.sampling {
                    cx.artifacts.write(TABLE, "text/csv", table(&lines).as_bytes())?;
                }
                evidence(&lines)
            }
            Err(why) => {
                let mut evidence = Evidence::default();
                for name in ["lag_records", "max_partition_lag_records"] {
                    evidence.put(name, Value::missing(why.clone()));
                }
                evidence.put("partitions", Value::count(0));
                evidence
            }
        };
        evidence.remark(self.formula());
        if cx.sampling {
            evidence.values.values_mut().for_each(|measured| measured.from = None);
        }
        Ok(evidence)
    }
}

impl Lag {
    fn prefix(&self) -> String {
        self.prefix.clone().unwrap_or_else(|| format!("{}.", self.source))
    }

    fn formula(&self) -> Said {
        match self.method {
            Method::EndOffsets => by_end_offsets(&self.source, self.prefix(), &self.target),
            Method::ConnectOffsets => {
                by_connect_offsets(&self.source, self.connector.as_deref().unwrap_or_default())
            }
        }
    }

    /// The target's end offsets under the source's names, or why there are none.
    async fn end_offsets(&self, cx: &ActionContext) -> Result<Result<Offsets, Said>, ActionError> {
        let target = Access::to(cx, &self.target).await?;
        let there = target.ask(cx, target.admin.topology()).await?;
        let prefix = self.prefix();
        let asked = match partitions(&there, &self.topics, &prefix) {
            Ok(asked) => asked,
            Err(topic) => return Ok(Err(not_on_target(topic, &self.target))),
        };
        let ends = target.ask(cx, target.admin.end_offsets(&asked)).await?;
        Ok(Ok(ends
            .into_iter()
            .map(|((topic, partition), end)| {
                ((topic.strip_prefix(&prefix).map_or(topic.clone(), str::to_owned), partition), end)
            })
            .collect()))
    }

    /// The offset behind the last record that the connector has committed, or why there is none.
    async fn connect_offsets(&self, cx: &ActionContext) -> Result<Result<Offsets, Said>, ActionError> {
        let Some(connector) = &self.connector else {
            return Err(ActionError::misconfigured(no_connector_named(), add_connector()));
        };
        let endpoint = endpoint(cx, "connect", |e| &e.connect)?;
        let places = async { service::connect(cx, endpoint).await?.places(connector).await };
        let Some((places, _)) = unless_cancelled(cx, places).await? else {
            return Ok(Err(no_connector(connector)));
        };
        Ok(Ok(committed(&places)))
    }
}

/// The places of MirrorMaker 2's source connector as the next offset to be copied.
fn committed(places: &Places) -> Offsets {
    places
        .offsets
        .iter()
        .filter_map(|place| {
            let topic = place.partition["topic"].as_str()?.to_owned();
            let partition = i32::try_from(place.partition["partition"].as_i64()?).ok()?;
            Some(((topic, partition), place.offset["offset"].as_i64()? + 1))
        })
        .collect()
}

/// The partitions of `topics` in `topology`, where each name has `prefix` before it; or the name that is not there.
fn partitions(topology: &Topology, topics: &[String], prefix: &str) -> Result<Vec<(String, i32)>, String> {
    let mut all = Vec::new();
    for topic in topics {
        let name = format!("{prefix}{topic}");
        let found = topology.topic(&name).filter(|t| t.error.is_none()).ok_or_else(|| name.clone())?;
        all.extend(found.partitions.iter().map(|p| (name.clone(), p.id)));
    }
    Ok(all)
}

/// One partition.
#[derive(Debug, PartialEq)]
struct Line {
    topic: String,
    partition: i32,
    source_end: i64,
    /// The next offset to be copied, or `None` where nothing was copied.
    place: Option<i64>,
    lag: i64,
}

fn compare(asked: &[(String, i32)], ends: &Offsets, begins: &Offsets, place: &Offsets) -> Vec<Line> {
    asked
        .iter()
        .filter_map(|key| {
            let source_end = *ends.get(key)?;
            let place = place.get(key).copied();
            // What was deleted before it was copied can be copied no more.
            let from = place.unwrap_or_else(|| begins.get(key).copied().unwrap_or(0));
            Some(Line { topic: key.0.clone(), partition: key.1, source_end, place, lag: source_end - from })
        })
        .collect()
}

fn evidence(lines: &[Line]) -> Evidence {
    let mut evidence = Evidence::default();
    let lag = |line: &Line| u64::try_from(line.lag).unwrap_or(0);
    let total: u64 = lines.iter().map(lag).sum();
    let most = lines.iter().map(lag).max().unwrap_or(0);
    evidence
        .put_from("lag_records", Value::count(total), TABLE)
        .put_from("max_partition_lag_records", Value::count(most), TABLE)
        .put_from("partitions", Value::count(lines.len() as u64), TABLE);
    let named = |chosen: fn(&Line) -> bool| -> Vec<String> {
        lines.iter().filter(|l| chosen(l)).map(|l| format!("{}-{}", l.topic, l.partition)).collect()
    };
    let ahead = named(|l| l.lag < 0);
    if !ahead.is_empty() {
        evidence.remark(copy_ahead(some_of(&ahead)));
    }
    let nothing = named(|l| l.place.is_none() && l.lag > 0);
    if !nothing.is_empty() {
        evidence.remark(nothing_copied(some_of(&nothing)));
    }
    evidence
}

fn table(lines: &[Line]) -> String {
    let mut table = String::from("topic,partition,source_end,next_to_copy,lag\n");
    for line in lines {
        let place = line.place.map_or_else(String::new, |p| p.to_string());
        let _ = writeln!(table, "{},{},{},{place},{}", line.topic, line.partition, line.source_end, line.lag);
    }
    table
}

messages! {
    area "lag";
    add_connector() => "add `connector: NAME`" / "ajouter `connector: NOM`";
    by_connect_offsets(source, connector) => "lag = end offset on `{source}` minus the offset behind the last record that connector `{connector}` has committed, by partition; Connect commits every `offset.flush.interval.ms`, so that it looks greater by that time" / "retard = offset de fin sur `{source}` moins l'offset qui suit le dernier enregistrement validé par le connecteur `{connector}`, par partition ; Connect valide toutes les `offset.flush.interval.ms`, ce qui grossit le retard d'autant";
    by_end_offsets(source, prefix, target) => "lag = end offset of `topic` on `{source}` minus end offset of `{prefix}topic` on `{target}`, by partition; it is right where the copy began at offset 0 and neither side has transaction markers" / "retard = offset de fin de `topic` sur `{source}` moins offset de fin de `{prefix}topic` sur `{target}`, par partition ; juste si la copie a commencé à l'offset 0 et si aucun côté n'a de marqueur de transaction";
    copy_ahead(partitions) => "the copy is ahead of the source (counted as 0) in {partitions}: records were copied twice, or the source was created again" / "la copie est en avance sur la source (compté 0) dans {partitions} : des enregistrements ont été copiés deux fois, ou la source a été recréée";
    count(source, topics, target) => "count what `{source}` has of {topics} and `{target}` has not" / "compter ce que `{source}` a de {topics} et que `{target}` n'a pas";
    name_topics() => "name the topics as they are called on the source" / "donner les topics sous leur nom de la source";
    no_connector(name) => "Connect has no connector `{name}`" / "Connect n'a pas de connecteur `{name}`";
    no_connector_named() => "`method: connect-offsets` needs the connector's name" / "`method: connect-offsets` demande le nom du connecteur";
    no_topics() => "`topics` names no topic" / "`topics` ne nomme aucun topic";
    not_on_source(topic, cluster) => "topic `{topic}` is not on cluster `{cluster}`: not created yet, or hidden from this user" / "le topic `{topic}` n'est pas sur le cluster `{cluster}` : pas encore créé, ou caché à cet utilisateur";
    not_on_target(topic, cluster) => "topic `{topic}` is not on cluster `{cluster}`" / "le topic `{topic}` n'est pas sur le cluster `{cluster}`";
    nothing_copied(partitions) => "nothing was copied yet of {partitions}; all that is there counts" / "rien n'a encore été copié de {partitions} ; tout ce qui s'y trouve compte";
}

#[cfg(test)]
mod tests {
    use super::{super::test_context::*, *};

    fn offsets(of: &[(i32, i64)]) -> Offsets {
        of.iter().map(|(partition, offset)| (("orders".to_owned(), *partition), *offset)).collect()
    }

    #[test]
    fn lag_is_counted_by_partition_and_never_below_zero() {
        let asked: Vec<_> = (0..4).map(|p| ("orders".to_owned(), p)).collect();
        let ends = offsets(&[(0, 100), (1, 50), (2, 10), (3, 30)]);
        let begins = offsets(&[(0, 0), (1, 0), (2, 0), (3, 20)]);
        let lines = compare(&asked, &ends, &begins, &offsets(&[(0, 90), (1, 50), (2, 15)]));
        assert_eq!(lines.iter().map(|l| l.lag).collect::<Vec<_>>(), [10, 0, -5, 10]);
        let evidence = evidence(&lines);
        assert_eq!(shown(&evidence, "lag_records"), "20");
        assert_eq!(shown(&evidence, "max_partition_lag_records"), "10");
        let remarks = evidence.remarks.join("\n");
        assert!(remarks.contains("ahead of the source (counted as 0) in `orders-2`"), "{remarks}");
        assert!(remarks.contains("nothing was copied yet of `orders-3`"), "{remarks}");
        assert!(table(&lines).contains("orders,3,30,,10\n"));
    }

    #[test]
    fn a_committed_offset_is_that_of_the_last_record() {
        let places: Places = serde_json::from_str(
            r#"{"offsets":[
                {"partition":{"cluster":"source","partition":1,"topic":"orders"},"offset":{"offset":3292}},
                {"partition":{"sourceClusterAlias":"x"},"offset":{"offset":0}}
            ]}"#,
        )
        .unwrap();
        assert_eq!(committed(&places), offsets(&[(1, 3293)]));
    }

    #[tokio::test]
    async fn what_is_not_said_is_asked_for() {
        let (_folder, cx) = context("clusters: {}");
        let error = action("lag", "{source: a, target: b, topics: []}").run(&cx).await.unwrap_err().error;
        assert!(error.to_string().contains("names no topic"), "{error}");
    }
}
