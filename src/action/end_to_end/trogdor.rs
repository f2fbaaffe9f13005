//! The driver `trogdor`: agents of Kafka's distributed test engine send and read, each with `RoundTrip`.
//!
//! Facts from its source in Kafka 3.7 (`RoundTripWorker`) and from agents of that version. An agent numbers its records
//! from 0 on, in their keys, and takes every record of its partitions for one of its own: so each agent has partitions of
//! its own, and a group whose offsets stand at their ends when it begins. It sends again what fails, and is done when
//! each number has arrived and each send was acknowledged, which may be never. It keeps no times, and compares no
//! values. Its figures come at the end; where it is stopped before, they are up to 30 s old.

use super::{Action as _, EndToEnd, Kind as _, messages};
use crate::{
    action::{
        ActionContext, ActionError, ActionFailure, amount,
        kafka_access::fault,
        latency,
        load_client::{self, Driver},
        refusals,
        trogdor::{
            self,
            growth::{Growth, timed, too_short},
            round_trip::{has_own_group, own_group, own_group_hint},
            sending::{Asked, Load, admin_properties},
            session::{AGENTS, Session, conclude, keep, lost, properties},
            tasks::{Outcomes, Tasks},
        },
    },
    clients::kafka::{Role, admin::Offsets},
    load::keys::Keys,
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
const CLASS: &str = "org.apache.kafka.trogdor.workload.RoundTripWorkloadSpec";
/// How often the offsets are looked at: a client is made each time.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The shortest `within`: the agents need some seconds to begin.
const SHORTEST_WITHIN: Duration = Duration::from_secs(5);
/// What the agents' clients have where the step says nothing else: the Java client's own defaults, in place of the
/// workload's (64 KiB of buffer, blocked for 1 s at most), and commits that are looked at.
const PRODUCER: [(&str, &str); 3] =
    [("buffer.memory", "33554432"), ("max.block.ms", "60000"), ("request.timeout.ms", "30000")];
const CONSUMER: [(&str, &str); 3] =
    [("auto.commit.interval.ms", "500"), ("max.poll.interval.ms", "300000"), ("request.timeout.ms", "30000")];

/// What one agent tells.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    total_received: u64,
}

/// How a load ended.
enum TrogdorRoundTripEnd {
    ByItself,
    /// Nothing was sent and nothing arrived for `within`.
    TooLate,
    Badly(ActionError),
}

/// What was seen of a load from outside.
struct Course {
    /// Growth of the topic.
    sent: Growth,
    /// Growth of what the agents committed to have read.
    read: Growth,
    /// By how much the topic had grown in the end, where the cluster told.
    grown: Option<u64>,
    late: bool,
}

impl EndToEnd {
    /// Has Trogdor send and read, follows it, and puts together what the agents tell.
    pub(super) async fn run_trogdor(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let load = self.trogdor_load()?;
        if has_own_group(&cx.environment) {
            return Err(ActionError::misconfigured(own_group(), own_group_hint()).into());
        }
        let within = self.within.get()?.0;
        let reader = properties(cx, &self.cluster, Role::Consumer, &self.consumer)?;
        let place = (self.cluster.as_str(), self.topic.as_str());
        let session = Session::open(cx, place, Role::Producer, &self.producer).await?;
        let group = format!("{}-{}", cx.name_on_cluster(), cx.attempt.0);
        let agents: Vec<String> = session.trogdor.agents().map(str::to_owned).collect();
        let specs = self.specs(&load, &session, reader, &group, &agents)?;
        let admin = &session.kafka.admin;
        let wrong = |error| fault(&self.cluster, error);
        let ends = admin.end_offsets(&session.partitions).await.map_err(wrong)?;
        session.kafka.groups(cx).commit(&group, &ends).await.map_err(wrong)?;
        let before = sum(&ends);
        cx.artifacts.write_json("settings.json", &json!({"driver": "trogdor", "tasks": specs}))?;
        let mut course =
            Course { sent: Growth::from(before), read: Growth::from(before), grown: None, late: false };
        let mut csv = cx.artifacts.create(OFFSETS, "text/csv")?;
        writeln!(csv, "sent_s,sent,read_s,read").map_err(lost)?;
        let mut tasks = Tasks::start(cx, session.trogdor.clone(), &specs).await?;
        let begun = tasks.begun();
        let read_sum = async || {
            let groups = admin.patient(Instant::now());
            Some(sum(&groups.committed(&group, &session.partitions).await.ok()?))
        };
        let ended = loop {
            let ask = async { (timed(begun, session.sum_of_ends()).await, timed(begun, read_sum()).await) };
            let (told, over) = match tasks.look(cx, LOOK_EVERY, ask).await {
                Ok(seen) => seen,
                Err(error) => break TrogdorRoundTripEnd::Badly(error),
            };
            if let (Some((sent_at, sent)), Some((at, read))) = told {
                course.sent.see(sent_at, sent);
                course.read.see(at, read);
                let (sent, read) = (sent.saturating_sub(before), read.saturating_sub(before));
                let (sent_at, at) = (sent_at.as_secs_f64(), at.as_secs_f64());
                writeln!(csv, "{sent_at:.3},{sent},{at:.3},{read}").map_err(lost)?;
                let rate = course.read.per_second().map(load_client::per_s);
                let message = rate.map(load_client::arriving).unwrap_or_default();
                cx.progress.update(&cx.action, course.read.total(), load.records, message);
            }
            if over {
                break TrogdorRoundTripEnd::ByItself;
            }
            let moved = course.sent.last_at().max(course.read.last_at()).unwrap_or_default();
            if begun.elapsed() >= moved + within {
                break TrogdorRoundTripEnd::TooLate;
            }
        };
        let over_at = begun.elapsed();
        let (outcomes, unended) = tasks.end().await;
        course.grown = session.last_sum_of_ends(cx).await.map(|sum| sum.saturating_sub(before));
        // What was read last is committed when the consumer is closed.
        if let Some(read) = read_sum().await {
            course.read.see(over_at, read);
            let (sent, read) = (course.grown.unwrap_or(course.sent.total()), course.read.total());
            let at = over_at.as_secs_f64();
            writeln!(csv, "{at:.3},{sent},{at:.3},{read}").map_err(lost)?;
        }
        csv.finish()?;
        course.late = matches!(ended, TrogdorRoundTripEnd::TooLate);
        let mut evidence = evidence(&load, specs.len(), &outcomes, &course);
        session.remark(&mut evidence, trogdor::messages::sent_and_read(&session.by));
        evidence.remark(trogdor::messages::group_made(&group));
        let failed = keep(&cx.artifacts, &outcomes, specs.keys(), &mut evidence)?;
        let cause = if let TrogdorRoundTripEnd::Badly(cause) = ended { Some(cause) } else { None };
        conclude(evidence, [cause, unended, failed])
    }

    /// What to send, or what Trogdor cannot do of it. Every parameter is named, so that a new one is thought of here.
    fn trogdor_load(&self) -> Result<Load, ActionError> {
        let Self {
            cluster: _,
            topic: _,
            target,
            target_topic,
            records,
            duration,
            record_size,
            rate,
            payload,
            keys,
            headers,
            warm_up,
            within,
            producer: _,
            consumer,
            driver: _,
        } = self;
        let commits = consumer.0.get("enable.auto.commit");
        refusals::check(
            Driver::Trogdor,
            &[
                ("target", target.is_some()),
                ("target_topic", target_topic.as_ref().is_some_and(|topic| *topic != self.topic)),
                ("keys", *keys != Keys::None),
                ("headers", !headers.is_empty()),
                ("warm_up", *warm_up.get()? > 0),
                ("enable.auto.commit", commits.is_some_and(|value| value != "true")),
            ],
        )?;
        if within.get()?.0 < SHORTEST_WITHIN {
            return Err(ActionError::misconfigured(
                trogdor::messages::start_takes_seconds(),
                trogdor::messages::give_idle_timeout("within"),
            ));
        }
        let load = Load::new(
            "end-to-end",
            &Asked {
                records: records.as_ref(),
                duration: duration.as_ref(),
                record_size: Some(record_size),
                rate,
                payload,
            },
        )?;
        let (why, hint) = match load.records {
            None => (messages::needs_number(), messages::give_number()),
            Some(records) if records > i32::MAX as u64 => {
                (messages::too_many(records), messages::ask_for_fewer(i32::MAX))
            }
            // What else bounds a load without a rate would cut it off, and with it the agents' figures.
            Some(_) if load.duration.is_some() => (messages::whatever_the_time(), messages::give_rate()),
            Some(_) => return Ok(load),
        };
        Err(ActionError::misconfigured(why, hint))
    }

    /// The task of each agent, which has partitions of its own.
    fn specs(
        &self,
        load: &Load,
        session: &Session,
        mut reader: BTreeMap<String, String>,
        group: &str,
        agents: &[String],
    ) -> Result<BTreeMap<String, Json>, ActionError> {
        let limit = self.time_limit().min(Duration::from_secs(7 * 86_400));
        let mut sender = session.properties.clone();
        for (properties, defaults) in [(&mut sender, PRODUCER), (&mut reader, CONSUMER)] {
            for (name, value) in defaults {
                properties.entry(name.to_owned()).or_insert_with(|| value.to_owned());
            }
        }
        reader.insert("group.id".to_owned(), group.to_owned());
        let shares = load.shares(agents.len().min(session.assignment.len()));
        if shares.is_empty() {
            return Err(amount::nothing("end-to-end"));
        }
        let of = |agent: usize| {
            session.assignment.iter().skip(agent).step_by(shares.len()).collect::<BTreeMap<_, _>>()
        };
        Ok(agents
            .iter()
            .zip(&shares)
            .enumerate()
            .map(|(number, (agent, (rate, records)))| {
                let spec = json!({
                    "class": CLASS,
                    "startMs": 0,
                    "durationMs": u64::try_from(limit.as_millis()).unwrap_or(u64::MAX),
                    "clientNode": agent,
                    "bootstrapServers": session.servers,
                    "targetMessagesPerSec": rate,
                    "maxMessages": records,
                    "producerConf": sender,
                    "consumerConf": reader,
                    "adminClientConf": admin_properties(&session.properties),
                    "valueGenerator": load.value(number),
                    "activeTopics": {self.topic.as_str(): {"partitionAssignments": of(number)}},
                });
                (agent.clone(), spec)
            })
            .collect())
    }
}

fn sum(offsets: &Offsets) -> u64 {
    offsets.values().map(|offset| u64::try_from(*offset).unwrap_or(0)).sum()
}

fn evidence(load: &Load, agents: usize, outcomes: &Outcomes, course: &Course) -> Evidence {
    let asked = load.records.unwrap_or(0);
    let told: Vec<Told> =
        outcomes.values().filter_map(|(task, _)| serde_json::from_value(task.status.clone()).ok()).collect();
    let arrived: u64 = told.iter().map(|told| told.total_received).sum();
    let seen = course.read.total();
    // Agents that read with the group that was made for this commit to it, at the latest when they end.
    let elsewhere = arrived > 0 && seen == 0;
    let whole = told.len() == agents && arrived >= asked && !elsewhere;
    let early = || Value::missing(if elsewhere { own_group() } else { messages::agent_stopped() });
    let counted = |count: u64| if whole { Value::count(count) } else { early() };
    let repeated = match course.grown {
        Some(grown) if whole && grown == arrived => Value::count(0),
        Some(grown) if whole => Value::missing(messages::sent_again(grown, arrived)),
        Some(_) => early(),
        None => Value::missing(trogdor::messages::ends_unknown()),
    };
    let complete = match course.grown {
        _ if whole => Value::Flag(true),
        Some(grown) if course.late && grown > seen && !elsewhere => Value::Flag(false),
        _ => early(),
    };
    let number = |value: Option<f64>, unit| load_client::number(value, unit, &too_short());
    let (sends, reads) = (course.sent.per_second(), course.read.per_second());
    let ratio = match load.rate {
        Some(rate) => number(sends.map(|sends| sends / rate as f64), Unit::Ratio),
        None => load_client::ratio_unknown(),
    };
    let length = course.read.length().map(|length| length.as_secs_f64());
    let mut evidence = Evidence::default();
    evidence
        .put("records_asked", Value::count(asked))
        .put_from("records_sent", counted(asked), AGENTS)
        .put_from("records_failed", counted(0), AGENTS)
        .put_from("records_arrived", counted(arrived), AGENTS)
        .put_from("lost", counted(0), AGENTS)
        .put_from("duplicated", repeated, OFFSETS)
        .put_from("complete", complete, AGENTS)
        .put_from("achieved_ratio", ratio, OFFSETS)
        .put_from("throughput.records_per_s", number(reads, Unit::RecordsPerSecond), OFFSETS)
        .put_from(
            "throughput.mb_per_s",
            number(reads.map(|reads| load.mb_per_s(reads)), Unit::MbPerSecond),
            OFFSETS,
        )
        .put_from(
            "duration_s",
            load_client::number(length, Unit::Seconds, &trogdor::messages::committed_once()),
            OFFSETS,
        )
        .put("catch_up_s", Value::missing(messages::no_times()))
        .put("reordered", Value::missing(messages::any_order()))
        .put("corrupt", Value::missing(messages::values_not_compared()))
        .put("others", Value::missing(messages::agents_take_all()))
        .put("errors", Value::missing(trogdor::messages::errors_in_agents()))
        .put("saturated", Value::missing(trogdor::messages::buffer_unknown()));
    for latency in ["latency_ms", "send_latency_ms", "ack_latency_ms"] {
        latency::put_missing(&mut evidence, latency, &messages::no_times());
    }
    load_client::untold(&mut evidence, EndToEnd::OUTPUTS, &trogdor::messages::untold());
    if !whole {
        evidence.remark_all(course.grown.map(trogdor::messages::topic_grew));
        evidence.remark(trogdor::messages::committed(seen));
    }
    if course.late {
        evidence.remark(messages::stopped_late());
    }
    evidence.remark(messages::offsets_method());
    evidence
}

#[cfg(test)]
mod tests;
