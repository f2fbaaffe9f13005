//! The driver `trogdor`: agents of Kafka's distributed test engine read, each with `ConsumeBench`.
//!
//! Facts from its sources in Kafka 3.7 (`ConsumeBenchWorker`) and from agents of that version. A consumer that is
//! stopped before it has read its number of records loses its figures, and one that has read them tells them when it is
//! stopped, or a minute later. So each agent is given partitions of its own and a number of records that are in them,
//! and is stopped when the offsets that it commits have reached it, or have not moved for `idle_timeout`: of its last
//! batch it commits none before it is stopped, so that the second is what usually happens. What Trogdor calls latency
//! is the time between two batches.

use super::{Consume, From, messages};
use crate::{
    action::{
        ActionContext, ActionError, ActionFailure, Kind, amount,
        kafka_access::fault,
        latency,
        load_client::{self, Driver},
        refusals,
        trogdor::{
            self,
            growth::{Growth, timed, too_short},
            session::{AGENTS, Session, conclude, keep, lost},
            tasks::{Outcomes, Tasks},
        },
    },
    clients::kafka::Role,
    record::{Evidence, Unit, Value},
};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::{
    collections::BTreeMap,
    io::Write as _,
    time::{Duration, Instant},
};

const OFFSETS: &str = "offsets.csv";
const CLASS: &str = "org.apache.kafka.trogdor.workload.ConsumeBenchSpec";
/// How often the committed offsets are looked at: a client is made each time.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often an agent commits, in milliseconds, unless the step says otherwise.
const COMMIT_EVERY: &str = "500";

/// What is to be read, checked.
#[derive(Debug, PartialEq)]
struct Load {
    records: u64,
    duration: Option<Duration>,
    idle_timeout: Duration,
}

/// What is unread of a partition.
#[derive(Debug, Clone, PartialEq)]
struct Part {
    partition: i32,
    start: u64,
    unread: u64,
}

/// What one agent is to read.
#[derive(Debug, Clone, PartialEq, Default)]
struct Share {
    parts: Vec<Part>,
    records: u64,
}

/// What one consumer of an agent tells at its end.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    total_messages_received: u64,
    total_bytes_received: u64,
}

/// How a load ended.
enum TrogdorReadEnd {
    Read,
    Idle,
    InTime,
    Badly(ActionError),
}

impl Consume {
    /// Has Trogdor read, follows it, and puts together what the agents tell.
    pub(super) async fn run_trogdor(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let load = self.trogdor_load()?;
        let place = (self.cluster.as_str(), self.topic.as_str());
        let session = Session::open(cx, place, Role::Consumer, &self.properties).await?;
        let group = self.group_name(cx);
        let parts = self.unread(cx, &session, &group).await?;
        let agents: Vec<String> = session.trogdor.agents().map(str::to_owned).collect();
        let shares = shares(load.records, parts, &agents).map_err(|there| {
            ActionError::misconfigured(
                messages::too_few_unread(&self.topic, there, &group, load.records),
                messages::ask_for_fewer(),
            )
        })?;
        let specs = self.specs(&session, &group, &shares)?;
        cx.artifacts.write_json("settings.json", &json!({"driver": "trogdor", "tasks": specs}))?;
        let mut growth = Growth::from(0);
        let mut csv = cx.artifacts.create(OFFSETS, "text/csv")?;
        writeln!(csv, "s,records").map_err(lost)?;
        let mut tasks = Tasks::start(cx, session.trogdor.clone(), &specs).await?;
        let begun = tasks.begun();
        let ended = loop {
            let ask = timed(begun, read(&session, &group, &shares));
            let (told, over) = match tasks.look(cx, LOOK_EVERY, ask).await {
                Ok(seen) => seen,
                Err(error) => break TrogdorReadEnd::Badly(error),
            };
            if let Some((at, (sum, all))) = told {
                growth.see(at, sum);
                writeln!(csv, "{:.3},{sum}", at.as_secs_f64()).map_err(lost)?;
                let message = growth.per_second().map(load_client::per_s).unwrap_or_default();
                cx.progress.update(&cx.action, sum.min(load.records), Some(load.records), message);
                if all {
                    break TrogdorReadEnd::Read;
                }
            }
            if over {
                break TrogdorReadEnd::Read;
            }
            if load.duration.is_some_and(|limit| begun.elapsed() >= limit) {
                break TrogdorReadEnd::InTime;
            }
            if begun.elapsed() >= growth.last_at().unwrap_or_default() + load.idle_timeout {
                break TrogdorReadEnd::Idle;
            }
        };
        let (outcomes, unended) = tasks.end().await;
        csv.finish()?;
        let mut evidence = evidence(&specs, &outcomes, &growth);
        session.remark(&mut evidence, trogdor::messages::read(&session.by));
        if self.group.is_none() {
            evidence.remark(trogdor::messages::group_made(&group));
        }
        let failed = keep(&cx.artifacts, &outcomes, specs.keys(), &mut evidence)?;
        let (early, cause) = match ended {
            TrogdorReadEnd::Read => (None, None),
            TrogdorReadEnd::Idle => (Some(messages::idle_timeout_passed()), None),
            TrogdorReadEnd::InTime => (Some(messages::duration_over()), None),
            TrogdorReadEnd::Badly(cause) => (None, Some(cause)),
        };
        let read = evidence.get("records").and_then(Value::as_f64).unwrap_or(0.0);
        if let Some(why) = early
            && read < load.records as f64
        {
            evidence.remark(messages::stopped_early(why));
        }
        conclude(evidence, [cause, unended, failed])
    }

    /// What to read, or what Trogdor cannot do of it. Every parameter is named, so that a new one is thought of here.
    fn trogdor_load(&self) -> Result<Load, ActionError> {
        let Self {
            cluster: _,
            topic: _,
            group: _,
            members,
            records,
            duration,
            idle_timeout,
            from,
            properties,
            driver: _,
        } = self;
        let idle_timeout = idle_timeout.get()?.0;
        let (records, duration) = amount::checked("consume", records.as_ref(), duration.as_ref(), true)?;
        let records = records.ok_or_else(|| {
            ActionError::misconfigured(messages::trogdor_needs_records(), messages::give_records_or_native())
        })?;
        if idle_timeout < Duration::from_secs(5) {
            return Err(ActionError::misconfigured(
                trogdor::messages::start_takes_seconds(),
                trogdor::messages::give_idle_timeout("idle_timeout"),
            ));
        }
        let commits = properties.0.get("enable.auto.commit");
        refusals::check(
            Driver::Trogdor,
            &[
                ("members", *members.get()? > 1),
                ("from", matches!(from, From::Latest)),
                ("enable.auto.commit", commits.is_some_and(|value| value != "true")),
            ],
        )?;
        Ok(Load { records, duration, idle_timeout })
    }

    /// What the group has not read of each partition.
    async fn unread(
        &self,
        cx: &ActionContext,
        session: &Session,
        group: &str,
    ) -> Result<Vec<Part>, ActionError> {
        let (admin, asked) = (&session.kafka.admin, &session.partitions);
        let wrong = |error| fault(&self.cluster, error);
        let ends = admin.end_offsets(asked).await.map_err(wrong)?;
        let begins = admin.begin_offsets(asked).await.map_err(wrong)?;
        let committed = session.kafka.groups(cx).committed(group, asked).await.map_err(wrong)?;
        let offset = |offset: Option<&i64>| offset.and_then(|o| u64::try_from(*o).ok());
        Ok(asked
            .iter()
            .map(|key| {
                let start = offset(committed.get(key)).or(offset(begins.get(key))).unwrap_or(0);
                let end = offset(ends.get(key)).unwrap_or(start);
                Part { partition: key.1, start, unread: end.saturating_sub(start) }
            })
            .collect())
    }

    /// The task of each agent.
    fn specs(
        &self,
        session: &Session,
        group: &str,
        shares: &BTreeMap<String, Share>,
    ) -> Result<BTreeMap<String, Json>, ActionError> {
        let limit = super::super::Action::time_limit(self).min(Duration::from_secs(7 * 86_400));
        let mut properties = session.properties.clone();
        properties.entry("auto.offset.reset".to_owned()).or_insert_with(|| "earliest".to_owned());
        properties.entry("auto.commit.interval.ms".to_owned()).or_insert_with(|| COMMIT_EVERY.to_owned());
        properties.insert("enable.auto.commit".to_owned(), "true".to_owned());
        Ok(shares
            .iter()
            .map(|(agent, share)| {
                let topics: Vec<String> =
                    share.parts.iter().map(|part| format!("{}:{}", self.topic, part.partition)).collect();
                let spec = json!({
                    "class": CLASS,
                    "startMs": 0,
                    "durationMs": u64::try_from(limit.as_millis()).unwrap_or(u64::MAX),
                    "consumerNode": agent,
                    "bootstrapServers": session.servers,
                    "targetMessagesPerSec": 0,
                    "maxMessages": share.records,
                    "consumerGroup": group,
                    "consumerConf": properties,
                    "activeTopics": topics,
                });
                (agent.clone(), spec)
            })
            .collect())
    }
}

/// How many records the agents have read by the offsets that they committed, and whether each has read its number.
/// `None` while the cluster does not tell.
async fn read(session: &Session, group: &str, shares: &BTreeMap<String, Share>) -> Option<(u64, bool)> {
    // It is asked again in a moment anyway.
    let groups = session.kafka.admin.patient(Instant::now());
    let committed = groups.committed(group, &session.partitions).await.ok()?;
    let by_partition: BTreeMap<i32, u64> =
        committed.iter().filter_map(|((_, p), o)| Some((*p, u64::try_from(*o).ok()?))).collect();
    let of = |share: &Share| -> u64 {
        let parts = share.parts.iter();
        parts.map(|p| by_partition.get(&p.partition).map_or(0, |o| o.saturating_sub(p.start))).sum()
    };
    Some((shares.values().map(of).sum(), shares.values().all(|share| of(share) >= share.records)))
}

/// Spreads the partitions over the agents and gives each a number of records that are in its own, in proportion; an
/// agent without any is left out. The error is how many records there are, where that is too few.
fn shares(records: u64, mut parts: Vec<Part>, agents: &[String]) -> Result<BTreeMap<String, Share>, u64> {
    let there: u64 = parts.iter().map(|part| part.unread).sum();
    if there < records {
        return Err(there);
    }
    // The largest first, each to the agent that has least.
    parts.sort_by_key(|part| (std::cmp::Reverse(part.unread), part.partition));
    let mut shares: Vec<(u64, Share)> = vec![(0, Share::default()); agents.len()];
    for part in parts.into_iter().filter(|part| part.unread > 0) {
        if let Some((unread, share)) = shares.iter_mut().min_by_key(|(unread, _)| *unread) {
            *unread += part.unread;
            share.parts.push(part);
        }
    }
    let (mut through, mut before) = (0, 0);
    for (unread, share) in &mut shares {
        through += *unread;
        let until =
            u64::try_from(u128::from(records) * u128::from(through) / u128::from(there)).unwrap_or(records);
        share.records = until - before;
        before = until;
    }
    let named = agents.iter().cloned().zip(shares.into_iter().map(|(_, share)| share));
    Ok(named.filter(|(_, share)| share.records > 0).collect())
}

fn evidence(specs: &BTreeMap<String, Json>, outcomes: &Outcomes, growth: &Growth) -> Evidence {
    let told: Vec<Told> = specs
        .keys()
        .filter_map(|agent| {
            let consumers: BTreeMap<String, Told> =
                serde_json::from_value(outcomes.get(agent)?.0.status.clone()).ok()?;
            consumers.into_values().next()
        })
        .collect();
    let records: u64 = told.iter().map(|told| told.total_messages_received).sum();
    let bytes: u64 = told.iter().map(|told| told.total_bytes_received).sum();
    let complete = told.len() == specs.len();
    let mut evidence = Evidence::default();
    let records_read = if complete { Ok(records) } else { Err(messages::agent_told_nothing()) };
    evidence.put_from("records", records_read.map_or_else(Value::missing, Value::count), AGENTS);
    let rate = growth.per_second();
    let mb = rate
        .filter(|_| complete && records > 0)
        .map(|rate| rate * bytes as f64 / records as f64 / 1_048_576.0);
    let no_mb = if complete { too_short() } else { messages::agent_told_nothing() };
    let length = growth.length().map(|length| length.as_secs_f64());
    evidence
        .put_from(
            "throughput.records_per_s",
            load_client::number(rate, Unit::RecordsPerSecond, &too_short()),
            OFFSETS,
        )
        .put_from("throughput.mb_per_s", load_client::number(mb, Unit::MbPerSecond, &no_mb), OFFSETS)
        .put_from(
            "duration_s",
            load_client::number(length, Unit::Seconds, &trogdor::messages::committed_once()),
            OFFSETS,
        )
        .put("join_ms", Value::missing(messages::partitions_given()))
        .put("errors", Value::missing(trogdor::messages::errors_in_agents()));
    latency::put_missing(&mut evidence, "end_to_end_ms", &messages::between_batches());
    load_client::untold(&mut evidence, Consume::OUTPUTS, &trogdor::messages::untold());
    if !complete {
        evidence.remark(trogdor::messages::committed(growth.total()));
    }
    evidence.remark(messages::offsets_method());
    evidence
}

#[cfg(test)]
mod tests;
