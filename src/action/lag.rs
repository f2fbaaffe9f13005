//! `lag`: how many records of the source cluster are not on the target yet, and how old the oldest of them is.

mod drain;
mod evidence;
mod look;
mod memory;

use super::{
    Action, ActionContext, ActionError, ActionFailure, Kind, Mistake, OnInterrupt, Output, Param, Span,
    flag_output, kafka_access::some_of, mirror_access, mistakes, output,
};
use crate::{
    clients::Environment,
    record::{ActionRole, Evidence, Family, Said, Unit, messages},
};
use memory::Memory;
use serde::Deserialize;
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

const STALLED_AFTER: Duration = Duration::from_secs(30);
/// `offset.flush.interval.ms` of a worker where it is not set.
const FLUSH_INTERVAL: Duration = Duration::from_secs(60);

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
    /// Where the copy's position is read: `end-offsets` of the target's topics, or `connect-offsets`, what the connector
    /// has committed. With `connector`, the other one is read too, and `methods_differ_records` says how far they are apart.
    #[serde(default)]
    method: Method,
    /// The connector that copies; for `connect-offsets`, and for the lag of each task.
    #[serde(default)]
    connector: Option<String>,
    /// What is put before a topic's name on the target; empty where topics keep their names. The default follows `mirror`
    /// of the environment, else it is `<source>.`, as in MirrorMaker 2's default policy.
    #[serde(default)]
    prefix: Option<String>,
    /// A partition of which nothing was copied for so long while its source grew is *stalled*; 30 s where left out. With
    /// `connect-offsets` the flush interval is added.
    #[serde(default)]
    stalled_after: Option<Param<Span>>,
    /// `offset.flush.interval.ms` of the workers, after which `connect-offsets` are news; 60 s where left out, as in
    /// Connect.
    #[serde(default)]
    flush_interval: Option<Param<Span>>,
    /// Look every second until nothing is left to copy, for so long at most: measures `drain_s` and
    /// `catch_up_records_per_s` after a stop. Not for a watch.
    #[serde(default)]
    until_drained: Option<Param<Span>>,
    /// What earlier looks of the same watch saw.
    #[serde(skip)]
    memory: Arc<Mutex<Memory>>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Method {
    ConnectOffsets,
    #[default]
    EndOffsets,
}

impl Kind for Lag {
    const SUMMARY: &'static str = "Counts the records of the source cluster that are not on the target yet, and measures how old the oldest \
         is.";
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
        output(
            "max_task_lag_records",
            Unit::Count,
            "The same of the task that is farthest behind; needs `connector`.",
        ),
        output(
            "lag_s",
            Unit::Seconds,
            "Age of the oldest record that is not copied yet, by its timestamp and this machine's clock; 0 where all are copied.",
        ),
        output(
            "ahead_records",
            Unit::Count,
            "Records by which the copy is ahead of the source: copied twice, or the source was created again. In a watch they are added to the lag that they would hide.",
        ),
        output(
            "missing_partitions",
            Unit::Count,
            "Partitions of the source that the target does not have; all that they hold counts as lag.",
        ),
        output(
            "stalled_partitions",
            Unit::Count,
            "Partitions of which nothing was copied for `stalled_after` while their source grew; needs a watch or `until_drained`.",
        ),
        output(
            "deleted_records",
            Unit::Count,
            "Records that the source deleted before the connector had committed them; needs `connect-offsets` or `connector`.",
        ),
        output(
            "methods_differ_records",
            Unit::Count,
            "How far the positions of both methods are apart, over all partitions; needs `connector`.",
        ),
        output("partitions", Unit::Count, "Partitions that were compared."),
        flag_output("drained", "Whether everything was copied in the time of `until_drained`."),
        output("drain_s", Unit::Seconds, "Time until everything was copied; needs `until_drained`."),
        output(
            "catch_up_records_per_s",
            Unit::RecordsPerSecond,
            "Records copied in a second until then; needs `until_drained`.",
        ),
    ];
}

#[async_trait::async_trait]
impl Action for Lag {
    fn describe(&self) -> Said {
        match &self.until_drained {
            Some(within) => drain(some_of(&self.topics), &self.target, &self.source, within),
            None => count(&self.source, some_of(&self.topics), &self.target),
        }
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    fn time_limit(&self) -> Duration {
        let drain = self.until_drained.as_ref().map(|span| span.known().map_or(Duration::MAX, |span| span.0));
        drain.unwrap_or_default().saturating_add(Duration::from_secs(60))
    }

    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        let mut mistakes =
            mistakes::clusters(environment, &[("source", &self.source), ("target", &self.target)]);
        if self.topics.is_empty() {
            let hint = "name the topics as they are called on the source";
            mistakes.push(Mistake::new("topics", "`topics` is empty", hint));
        }
        if self.method == Method::ConnectOffsets {
            mistakes.extend(mistakes::service(environment, "method", "connect", &environment.connect));
        } else if self.connector.is_some() {
            mistakes.extend(mistakes::service(environment, "connector", "connect", &environment.connect));
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
        if self.method == Method::ConnectOffsets && self.connector.is_none() {
            return Err(ActionError::misconfigured(no_connector_named(), add_connector()).into());
        }
        let times = self.times()?;
        let flow = (self.source.as_str(), self.target.as_str());
        let prefix = mirror_access::prefix(&cx.environment, flow, self.prefix.as_deref(), "prefix")?;
        let asked = look::Asked {
            source: &self.source,
            target: &self.target,
            topics: &self.topics,
            prefix: prefix.clone(),
            by_connect: self.method == Method::ConnectOffsets,
            connector: self.connector.as_deref(),
        };
        if let Some(within) = &self.until_drained {
            if cx.sampling {
                return Err(ActionError::misconfigured(no_drain_in_watch(), drop_until_drained()).into());
            }
            return Ok(drain::until(cx, &asked, &times, within.get()?.0, self.formula(prefix)).await?);
        }
        let mut sight = look::look(cx, &asked).await?;
        let lines = {
            let mut own = Memory::default();
            let mut kept = self.memory.lock().ok();
            // What a watch saw before counts; a single look has nothing to compare with.
            let memory = match &mut kept {
                Some(kept) if cx.sampling => &mut **kept,
                _ => &mut own,
            };
            memory.take(&sight, Instant::now(), &times)
        };
        look::read_oldest(cx, &self.source, &mut sight, evidence::waiting(&lines)).await?;
        let mut evidence = evidence::of(cx, &sight, &lines)?;
        evidence.remark(self.formula(prefix));
        evidence::not_drained(&mut evidence);
        if cx.sampling {
            evidence.values.values_mut().for_each(|measured| measured.from = None);
        }
        Ok(evidence)
    }
}

impl Lag {
    fn times(&self) -> Result<memory::Times, ActionError> {
        let span = |param: &Option<Param<Span>>, default: Duration| {
            param.as_ref().map_or(Ok(default), |span| span.get().map(|span| span.0))
        };
        let flush = span(&self.flush_interval, FLUSH_INTERVAL)?;
        let stalled_after = span(&self.stalled_after, STALLED_AFTER)?;
        Ok(memory::Times {
            stalled_after: match self.method {
                Method::ConnectOffsets => stalled_after + flush,
                Method::EndOffsets => stalled_after,
            },
        })
    }

    fn formula(&self, prefix: String) -> Said {
        match self.method {
            Method::EndOffsets => by_ends(&self.source, prefix, &self.target),
            Method::ConnectOffsets => {
                let flush =
                    self.flush_interval.as_ref().and_then(Param::known).map_or(FLUSH_INTERVAL, |s| s.0);
                by_committed_offsets(&self.source, self.connector.as_deref().unwrap_or_default(), flush)
            }
        }
    }
}

messages! {
    area "lag";
    add_connector() => "add `connector: NAME`" / "ajouter `connector: NOM`";
    by_committed_offsets(source, connector, flush) => "lag = end offset on `{source}` minus the offset behind the last record that connector `{connector}` has committed, by partition, without records that the source deleted before; Connect commits every `offset.flush.interval.ms`, taken as {flush}, so that it looks greater by that time" / "retard = offset de fin sur `{source}` moins l'offset qui suit le dernier enregistrement validé par le connecteur `{connector}`, par partition, sans les enregistrements que la source a supprimés avant ; Connect valide toutes les `offset.flush.interval.ms`, pris pour {flush}, ce qui grossit le retard d'autant";
    by_ends(source, prefix, target) => "lag = end offset of `topic` on `{source}` minus end offset of `{prefix}topic` on `{target}`, by partition, plus the records by which the copy was seen ahead; it is right where the copy began at offset 0 and neither side has transaction markers" / "retard = offset de fin de `topic` sur `{source}` moins offset de fin de `{prefix}topic` sur `{target}`, par partition, plus les enregistrements dont la copie a été vue en avance ; juste si la copie a commencé à l'offset 0 et si aucun côté n'a de marqueur de transaction";
    count(source, topics, target) => "count what `{source}` has of {topics} and `{target}` has not" / "compter ce que `{source}` a de {topics} et que `{target}` n'a pas";
    drain(topics, target, source, within) => "wait until `{target}` has all of {topics} that `{source}` has, for {within} at most" / "attendre que `{target}` ait tout ce que `{source}` a de {topics}, {within} au plus";
    drop_until_drained() => "write it as an action, and leave `until_drained` out of the watch" / "l'écrire comme action, sans `until_drained` dans la surveillance";
    name_topics() => "name the topics as they are called on the source" / "donner les topics sous leur nom de la source";
    no_connector_named() => "`method: connect-offsets` needs the connector's name" / "`method: connect-offsets` demande le nom du connecteur";
    no_drain_in_watch() => "a watch takes one sample at a time and cannot wait until all is copied" / "une surveillance fait un relevé à la fois et ne peut attendre que tout soit copié";
    no_topics() => "`topics` is empty" / "`topics` est vide";
}

#[cfg(test)]
mod tests;
