//! The driver `trogdor`: agents of Kafka's distributed test engine send, each with `ProduceBench`.
//!
//! Facts from its sources in Kafka 3.7 (`ProduceBenchWorker`, `Throttle`, `Histogram`): an agent paces by whole records
//! in every 100 ms and does not catch up; a latency runs from the send call, in whole milliseconds, and counts as 10 s
//! where it is longer; `totalSent` counts failed records too; the figures come at the end, every 30 s before that.

use super::{Produce, messages};
use crate::{
    action::{
        ActionContext, ActionError, ActionFailure, Kind, amount, latency,
        load_client::{self, Driver},
        refusals,
        trogdor::{
            self,
            growth::{Growth, timed, too_short},
            sending::{Asked, Load, admin_properties},
            session::{AGENTS, LOOK_EVERY, Session, conclude, keep, lost},
            tasks::{Outcomes, Tasks},
        },
    },
    clients::kafka::{Defaults, Role},
    load::keys::Keys,
    record::{Evidence, Unit, Value},
};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::{collections::BTreeMap, io::Write as _, time::Duration};

const OFFSETS: &str = "offsets.csv";
const CLASS: &str = "org.apache.kafka.trogdor.workload.ProduceBenchSpec";
/// The longest latency that Trogdor tells apart.
const LONGEST_MS: u32 = 10_000;

/// What one agent tells at its end.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    total_sent: u64,
    average_latency_ms: f64,
    p50_latency_ms: u32,
    p95_latency_ms: u32,
    p99_latency_ms: u32,
}

/// How a load ended, where it was not by itself.
enum TrogdorSendEnd {
    ByItself,
    InTime,
    Badly(ActionError),
}

impl Produce {
    /// Has Trogdor send the load, follows it, and puts together what the agents tell.
    pub(super) async fn run_trogdor(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let load = self.trogdor_load()?;
        let place = (self.cluster.as_str(), self.topic.as_str());
        let session = Session::open(cx, place, Role::Producer, &self.properties).await?;
        let agents: Vec<String> = session.trogdor.agents().map(str::to_owned).collect();
        let specs = self.specs(&load, &session, &agents)?;
        let before = session
            .sum_of_ends()
            .await
            .ok_or_else(|| ActionError::failed(messages::ends_unknown_before(&self.cluster, &self.topic)))?;
        cx.artifacts.write_json("settings.json", &json!({"driver": "trogdor", "tasks": specs}))?;
        let mut growth = Growth::from(before);
        let mut csv = cx.artifacts.create(OFFSETS, "text/csv")?;
        writeln!(csv, "s,records").map_err(lost)?;
        let mut tasks = Tasks::start(cx, session.trogdor.clone(), &specs).await?;
        let begun = tasks.begun();
        let ended = loop {
            let (told, over) = match tasks.look(cx, LOOK_EVERY, timed(begun, session.sum_of_ends())).await {
                Ok(seen) => seen,
                Err(error) => break TrogdorSendEnd::Badly(error),
            };
            if let Some((at, sum)) = told {
                growth.see(at, sum);
                writeln!(csv, "{:.3},{}", at.as_secs_f64(), sum.saturating_sub(before)).map_err(lost)?;
                let message = growth.per_second().map(load_client::per_s).unwrap_or_default();
                cx.progress.update(&cx.action, growth.total(), load.records, message);
            }
            match over {
                true => break TrogdorSendEnd::ByItself,
                false if load.duration.is_some_and(|limit| begun.elapsed() >= limit) => {
                    break TrogdorSendEnd::InTime;
                }
                false => {}
            }
        };
        let over_at = begun.elapsed();
        let (outcomes, unended) = tasks.end().await;
        // One that was stopped went on until the agents heard of it.
        let over_at = if matches!(ended, TrogdorSendEnd::ByItself) { over_at } else { begun.elapsed() };
        let sum = session.last_sum_of_ends(cx).await;
        if let Some(sum) = sum {
            growth.see(over_at, sum);
            writeln!(csv, "{:.3},{}", over_at.as_secs_f64(), sum.saturating_sub(before)).map_err(lost)?;
        }
        csv.finish()?;
        let grown = sum.map(|sum| sum.saturating_sub(before));
        let mut evidence = evidence(&load, &specs, &outcomes, grown, &growth);
        session.remark(&mut evidence, trogdor::messages::sent(&session.by));
        let failed = keep(&cx.artifacts, &outcomes, specs.keys(), &mut evidence)?;
        let cause = if let TrogdorSendEnd::Badly(cause) = ended { Some(cause) } else { None };
        conclude(evidence, [cause, unended, failed])
    }

    /// What to send, or what Trogdor cannot do of it. Every parameter is named, so that a new one is thought of here.
    fn trogdor_load(&self) -> Result<Load, ActionError> {
        let Self {
            cluster: _,
            topic: _,
            records,
            duration,
            record_size,
            rate,
            clients,
            catch_up,
            payload,
            keys,
            headers,
            properties: _,
            defaults,
            transaction,
            warm_up,
            sequence,
            driver: _,
        } = self;
        refusals::check(
            Driver::Trogdor,
            &[
                ("warm_up", *warm_up.get()? > 0),
                ("sequence", *sequence.get()?),
                ("keys", *keys != Keys::None),
                ("headers", !headers.is_empty()),
                ("clients", clients.get()?.get() > 1),
                ("catch_up", *catch_up.get()?),
                ("defaults", *defaults != Defaults::Java),
                ("transaction", transaction.is_some()),
            ],
        )?;
        Load::new(
            "produce",
            &Asked {
                records: records.as_ref(),
                duration: duration.as_ref(),
                record_size: record_size.as_ref(),
                rate,
                payload,
            },
        )
    }

    /// The task of each agent; an agent that would get nothing gets none.
    fn specs(
        &self,
        load: &Load,
        session: &Session,
        agents: &[String],
    ) -> Result<BTreeMap<String, Json>, ActionError> {
        let limit = super::super::Action::time_limit(self).min(Duration::from_secs(7 * 86_400));
        let replicas = session.assignment.values().map(Vec::len).min().unwrap_or(1);
        let partitions = json!({"numPartitions": session.partitions.len(), "replicationFactor": replicas});
        let shares = load.shares(agents.len());
        if shares.is_empty() {
            return Err(amount::nothing("produce"));
        }
        Ok(agents
            .iter()
            .zip(shares)
            .enumerate()
            .map(|(number, (agent, (rate, records)))| {
                let spec = json!({
                    "class": CLASS,
                    "startMs": 0,
                    "durationMs": u64::try_from(limit.as_millis()).unwrap_or(u64::MAX),
                    "producerNode": agent,
                    "bootstrapServers": session.servers,
                    "targetMessagesPerSec": rate,
                    "maxMessages": records,
                    "producerConf": session.properties,
                    "adminClientConf": admin_properties(&session.properties),
                    "keyGenerator": {"type": "null"},
                    "valueGenerator": load.value(number),
                    "useConfiguredPartitioner": true,
                    "skipFlush": true,
                    "activeTopics": {self.topic.as_str(): partitions.clone()},
                    "inactiveTopics": {},
                });
                (agent.clone(), spec)
            })
            .collect())
    }
}

fn evidence(
    load: &Load,
    specs: &BTreeMap<String, Json>,
    outcomes: &Outcomes,
    grown: Option<u64>,
    growth: &Growth,
) -> Evidence {
    let mut evidence = Evidence::default();
    let told: Vec<Told> = specs
        .keys()
        .filter_map(|agent| serde_json::from_value(outcomes.get(agent)?.0.status.clone()).ok())
        .collect();
    let complete = told.len() == specs.len();
    evidence.put(
        "records_asked",
        load.records.map_or_else(|| Value::missing(messages::no_records_asked()), Value::count),
    );
    let sends: u64 = told.iter().map(|told| told.total_sent).sum();
    evidence.put_from(
        "records_unsent",
        match load.records {
            Some(records) if complete => Value::count(records.saturating_sub(sends)),
            Some(_) => Value::missing(messages::agent_told_nothing()),
            None => Value::count(0),
        },
        AGENTS,
    );
    counts(&mut evidence, &told, complete, grown);
    let rate = growth.per_second();
    let number = |value: Option<f64>, unit| load_client::number(value, unit, &too_short());
    let ratio = match load.rate {
        Some(asked) => number(rate.map(|rate| rate / asked as f64), Unit::Ratio),
        None => load_client::ratio_unknown(),
    };
    let length = growth.length().map(|length| length.as_secs_f64());
    evidence
        .put_from("achieved_ratio", ratio, OFFSETS)
        .put_from("throughput.records_per_s", number(rate, Unit::RecordsPerSecond), OFFSETS)
        .put_from(
            "throughput.mb_per_s",
            number(rate.map(|rate| load.mb_per_s(rate)), Unit::MbPerSecond),
            OFFSETS,
        )
        .put_from(
            "duration_s",
            load_client::number(length, Unit::Seconds, &trogdor::messages::topic_grew_once()),
            OFFSETS,
        )
        .put("saturated", Value::missing(trogdor::messages::buffer_unknown()))
        .put("backlog_max", Value::missing(messages::backlog_unknown()));
    latencies(&mut evidence, &told, complete);
    latency::put_missing(&mut evidence, "latency_ms", &messages::backlog_unknown());
    load_client::untold(&mut evidence, Produce::OUTPUTS, &trogdor::messages::untold());
    evidence.remark(messages::trogdor_latencies()).remark(messages::offsets_method());
    evidence
}

/// Sent, failed: the agents count both together, the topic only what arrived.
fn counts(evidence: &mut Evidence, told: &[Told], complete: bool, grown: Option<u64>) {
    let sends: u64 = told.iter().map(|told| told.total_sent).sum();
    let counted = match grown {
        Some(grown) if complete && grown <= sends => Ok((grown, sends - grown)),
        Some(grown) if complete => Err(messages::topic_grew_otherwise(grown, sends)),
        Some(grown) => {
            evidence.remark(trogdor::messages::topic_grew(grown));
            Err(messages::agent_told_nothing())
        }
        None => Err(messages::ends_unknown()),
    };
    let value = |count: fn(&(u64, u64)) -> u64| match &counted {
        Ok(both) => Value::count(count(both)),
        Err(why) => Value::missing(why),
    };
    evidence
        .put_from("records_sent", value(|(sent, _)| *sent), OFFSETS)
        .put_from("records_failed", value(|(_, failed)| *failed), OFFSETS)
        .put_from("errors", value(|(_, failed)| *failed), OFFSETS);
    if let Ok((_, failed @ 1..)) = counted {
        evidence.remark(messages::lost_on_the_way(failed, sends));
    }
}

/// The latencies of all agents together, as far as they can be had from those of each.
fn latencies(evidence: &mut Evidence, told: &[Told], complete: bool) {
    let told: Vec<&Told> = told.iter().filter(|told| told.total_sent > 0).collect();
    let sends: u64 = told.iter().map(|told| told.total_sent).sum();
    let nothing = match (sends, complete) {
        (_, false) => Some(messages::agent_told_nothing()),
        (0, true) => Some(messages::none_sent()),
        _ => None,
    };
    let clipped = told.iter().any(|told| told.p99_latency_ms >= LONGEST_MS);
    let average = match &nothing {
        Some(why) => Value::missing(why),
        None if clipped => Value::missing(messages::at_most_ten_seconds()),
        None => {
            let sum: f64 = told.iter().map(|t| t.average_latency_ms * t.total_sent as f64).sum();
            Value::number(sum / sends as f64, Unit::Milliseconds)
        }
    };
    let percentile = |fraction: f64, of: fn(&Told) -> u32| {
        let largest = told.iter().map(|told| of(told)).max().unwrap_or(0);
        // It takes the record of rank floor(n × p), and 0 ms where that is none.
        let too_few = told.iter().any(|told| (told.total_sent as f64) * fraction < 1.0);
        match &nothing {
            Some(why) => Value::missing(why),
            None if too_few => Value::missing(messages::agent_too_few()),
            None if largest >= LONGEST_MS => Value::missing(messages::ten_seconds_or_more()),
            None => Value::number(f64::from(largest), Unit::Milliseconds),
        }
    };
    let values = [
        average,
        Value::missing(messages::no_maximum()),
        percentile(0.5, |told| told.p50_latency_ms),
        percentile(0.95, |told| told.p95_latency_ms),
        percentile(0.99, |told| told.p99_latency_ms),
        Value::missing(messages::no_p999()),
    ];
    latency::put_values(evidence, "send_latency_ms", AGENTS, values);
    if told.len() > 1 {
        evidence.remark(messages::percentiles_not_merged());
    }
    evidence.remark(messages::latencies_whole());
}

#[cfg(test)]
mod tests;
