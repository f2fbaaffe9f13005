//! `replication`: compares a topic with its copy on another cluster, record by record.

use super::{
    Action, ActionContext, ActionError, ActionFailure, Kind, Mistake, Need, OnInterrupt, Output, Param, Span,
    flag_output,
    kafka_access::Access,
    latency::{latency_outputs, outputs},
    load_client::{self, Properties},
    mirror_access, mistakes, output, promise,
};
use crate::{
    clients::{
        Environment,
        kafka::{Role, config_entry::Entity},
        mirror::Names,
    },
    load::verify::{self, ComparisonEnd, Side, Spec},
    record::{ActionRole, Evidence, Family, Said, Unit},
};
use evidence::{COUNTS, RESULT, Settings};
use messages::{compare, compare_copy, nothing_there, produce_first, records_compared, stopped_answering};
use serde::Deserialize;
use std::time::Duration;

mod evidence;
pub(super) mod messages;

/// How a copy is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Policy {
    /// The source's alias, a separator and the topic's name.
    Default,
    /// As the topic.
    Identity,
}

/// Parameters of `replication`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Replication {
    /// The cluster that is copied, by its name in the environment.
    source: String,
    /// The cluster where they are to arrive.
    target: String,
    /// The topic on the source.
    topic: String,
    /// The topic on the target. Where it is not given: the name that `policy` gives, else the one of `mirror` in the
    /// environment for `<source>-><target>`, else MirrorMaker 2's default, `<source>.<topic>`.
    #[serde(default)]
    target_topic: Option<String>,
    /// How copies are called: `default` (alias and separator of `mirror` in the environment, else `<source>.`) or
    /// `identity`.
    #[serde(default)]
    policy: Option<Policy>,
    /// The loads whose acknowledged records must be there, by name, or `STEP/NAME` of an earlier step. Where it is not
    /// given: every load with stamps that this step and those before it sent to the topic.
    #[serde(default)]
    promised: Option<Vec<String>>,
    /// How long the target may take once the source is complete.
    within: Param<Span>,
    /// Take the source for complete when it holds so many stamped records, and read along until then: beside a
    /// `produce` that runs in parallel, this measures the latency of every record. Without it, the source is complete
    /// as it is when this starts.
    #[serde(default)]
    records: Option<Param<u64>>,
}

impl Kind for Replication {
    const SUMMARY: &'static str = "Compares a topic with its copy on another cluster, record by record, and with what the producers were \
         promised: what is lost, repeated, out of order or changed.";
    const EXAMPLE: &'static str = "\
replication:
  id: copied
  source: source
  target: target
  topic: perf.nominal
  within: 2m
";
    const ROLE: ActionRole = ActionRole::Check;
    const WATCH: bool = false;
    const OUTPUTS: &'static [Output] = outputs![
        &[
            output(
                "records_promised",
                Unit::Count,
                "Records that the cluster acknowledged to the loads of `promised`; not measured where there are none.",
            ),
            output("lost_on_source", Unit::Count, "Acknowledged records that the source does not hold.")
                .of(Family::Loss),
            output("lost_of_acknowledged", Unit::Count, "Acknowledged records that the copy does not hold.")
                .of(Family::Loss),
            output(
                "records_expected",
                Unit::Count,
                "Committed records on the source; those with a stamp each counted once.",
            ),
            output("records_arrived", Unit::Count, "Those of them whose value is on the target, unchanged."),
            output("lost", Unit::Count, "Those of them whose value is not on the target.").of(Family::Loss),
            output("duplicated", Unit::Count, "Records of the target that are there more often than on the source."),
            output("reordered", Unit::Count, "Records that come after one that they come before on the source."),
            output("corrupt", Unit::Count, "Records whose value is another one than on the source.")
                .of(Family::Loss),
            output(
                "unexpected",
                Unit::Count,
                "Records of the target that the source does not hold and its log cannot have lost.",
            ),
            output("moved", Unit::Count, "Records that are in another partition than on the source."),
            output("keys_changed", Unit::Count, "Records whose key is another one than on the source."),
            output(
                "headers_changed",
                Unit::Count,
                "Records whose headers, or their order, are others than on the source.",
            ),
            output(
                "timestamps_changed",
                Unit::Count,
                "Records whose timestamp, or its type, is another one than on the source.",
            ),
            output(
                "uncommitted_copied",
                Unit::Count,
                "Records of the target that the source holds in an aborted transaction.",
            ),
            output("partitions_incomplete", Unit::Count, "Partitions of which a record is lost or corrupt.")
                .of(Family::Loss),
            output("partitions_missing", Unit::Count, "Partitions of the source that the target does not have.")
                .of(Family::Loss),
            output(
                "partitions_recreated",
                Unit::Count,
                "Partitions whose copy begins with records that the source never had: the topic was created again.",
            ),
            output(
                "purged_uncopied",
                Unit::Count,
                "Records that are gone from the source and not on the target, at most: offsets before the source's first \
                 one without a record of the target.",
            )
            .of(Family::Loss),
            output(
                "not_comparable",
                Unit::Count,
                "Records that may or may not have been copied: one side's log begins later, or is compacted.",
            ),
            flag_output("complete", "Whether every record arrived."),
            output(
                "catch_up_s",
                Unit::Seconds,
                "From the moment at which the source was complete to the last arrival, at most; 0 where all was there.",
            ),
        ],
        latency_outputs!(
            "latency_ms",
            LatencyOfReplication,
            "time from a record's creation to its arrival on the target"
        ),
    ];
}

#[async_trait::async_trait]
impl Action for Replication {
    fn describe(&self) -> Said {
        match self.known_target_topic() {
            Some(copy) => compare(&self.topic, &self.source, copy, &self.target, &self.within),
            None => compare_copy(&self.topic, &self.source, &self.target, &self.within),
        }
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    /// Reading itself takes time too: an hour for it.
    fn time_limit(&self) -> Duration {
        let within = self.within.known().map_or(Duration::ZERO, |within| within.0);
        within.saturating_mul(2).saturating_add(Duration::from_secs(3600))
    }

    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        mistakes::clusters(environment, &[("source", &self.source), ("target", &self.target)])
    }

    fn looks_back(&self) -> Option<Vec<String>> {
        Some(self.promised.clone().unwrap_or_default())
    }

    fn needs(&self, _environment: &Environment) -> Vec<Need> {
        vec![Need::Read { cluster: self.source.clone(), topic: self.topic.clone() }]
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let none = Properties::default();
        let copy = self.target_topic(&cx.environment)?;
        let source = load_client::settings(cx, &self.source, Role::Consumer, &none).await?;
        let target = load_client::settings(cx, &self.target, Role::Consumer, &none).await?;
        let of_source = topic_settings(cx, &self.source, &self.topic).await?;
        let of_target = topic_settings(cx, &self.target, &copy).await?;
        let compacts = of_source.compacts().unwrap_or(false);
        let spec = Spec {
            source: Side { config: source.config.clone(), topic: self.topic.clone() },
            target: Side { config: target.config.clone(), topic: copy.clone() },
            within: self.within.get()?.0,
            records: self.records.as_ref().map(Param::get).transpose()?.copied(),
            compacted: (compacts, of_target.compacts().unwrap_or(compacts)),
        };
        let promised = promise::find(cx, self.promised.as_deref(), &self.source, &self.topic)?;
        let about = |cluster: &str, topic: &str| serde_json::json!({"cluster": cluster, "topic": topic});
        cx.artifacts.write_json(
            "settings.json",
            &[
                load_client::settings_json(&source, about(&self.source, &self.topic)),
                load_client::settings_json(&target, about(&self.target, &copy)),
            ],
        )?;

        let clusters = format!("{}` or `{}", self.source, self.target);
        let work = spec.clone();
        let outcome = load_client::on_own_thread(cx, move |cx| {
            let mut tell = |(source, target)| {
                cx.progress.update(&cx.action, target, Some(source), records_compared());
            };
            verify::run(&work, &mut tell, &cx.cancel).map_err(|e| load_client::fault(e, &clusters))
        })
        .await??;

        let promised = promised.map(|promised| {
            let absent = evidence::absent(&promised, &outcome);
            (promised, absent)
        });
        let csv = evidence::partitions_csv(&outcome, &of_source);
        cx.artifacts.write(COUNTS, "text/csv", csv.as_bytes())?;
        cx.artifacts.write_json(RESULT, &evidence::result_json(&outcome, promised.as_ref()))?;
        let mut evidence = evidence::of(&outcome, promised.as_ref());
        evidence.remark_all(outcome.remarks(&spec)).remark_all(source.remarks).remark_all(target.remarks);
        if outcome.ended == ComparisonEnd::Cancelled {
            return Err(ActionError::Cancelled.with(evidence));
        }
        let silent = match outcome.ended {
            ComparisonEnd::SourceSilent => Some(&self.source),
            ComparisonEnd::TargetSilent => Some(&self.target),
            _ => None,
        };
        if let Some(name) = silent {
            return Err(load_client::unreachable(cx, name, stopped_answering()).with(evidence));
        }
        let nothing = outcome.total.expected == 0 && outcome.total.counts.target == 0;
        if nothing && promised.as_ref().map_or(0, |(promised, _)| promised.records()) == 0 {
            let error = ActionError::misconfigured(nothing_there(&self.topic, &self.source), produce_first());
            return Err(error.with(evidence));
        }
        Ok(evidence)
    }
}

impl Replication {
    /// The name of the copy, where the parameters alone tell it.
    fn known_target_topic(&self) -> Option<String> {
        let same = || (self.policy == Some(Policy::Identity)).then(|| self.topic.clone());
        self.target_topic.clone().or_else(same)
    }

    fn target_topic(&self, environment: &Environment) -> Result<String, ActionError> {
        if let Some(topic) = self.known_target_topic() {
            return Ok(topic);
        }
        let flow = (self.source.as_str(), self.target.as_str());
        let prefix = match self.policy {
            Some(_) => Names::of(environment, flow.0, flow.1).alias_prefix(),
            None => mirror_access::prefix(environment, flow, None, "target_topic")?,
        };
        Ok(format!("{prefix}{}", self.topic))
    }
}

/// The topic's settings; nothing where they may not be read or there is no such topic.
async fn topic_settings(cx: &ActionContext, cluster: &str, topic: &str) -> Result<Settings, ActionError> {
    let entity = Entity::Topic(topic.to_owned());
    let asked = async {
        let access = Access::to(cx, cluster).await?;
        access.ask(cx, access.admin.configs(std::slice::from_ref(&entity))).await
    };
    let mut told = match asked.await {
        Ok(told) => told,
        Err(ActionError::Cancelled) => return Err(ActionError::Cancelled),
        Err(error) => {
            tracing::debug!(%error, topic, "settings of a topic");
            return Ok(Settings::default());
        }
    };
    let values = told.remove(&entity);
    let values = values.map(|settings| {
        settings.into_iter().filter_map(|setting| Some((setting.name, setting.value?))).collect()
    });
    Ok(Settings(values))
}

#[cfg(test)]
mod tests;
