//! The driver `trogdor`: agents of Kafka's distributed test engine send, each with `ProduceBench`.
//!
//! Facts from its sources in Kafka 3.7 (`ProduceBenchWorker`, `Throttle`, `Histogram`): an agent paces by whole records
//! in every 100 ms and does not catch up; a latency runs from the send call, in whole milliseconds, and counts as 10 s
//! where it is longer; `totalSent` counts failed records too; the figures come at the end, every 30 s before that.

use super::Produce;
use crate::{
    action::{
        ActionContext, ActionError, ActionFailure, Kind, Param,
        filling::Filling,
        trogdor::{
            growth::Growth,
            session::{AGENTS, LOOK_EVERY, Session, keep},
            tasks::{Outcomes, Tasks},
        },
    },
    clients::kafka::{Defaults, Role},
    load::{keys::Keys, pacing::Pacing},
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
const CLASS: &str = "org.apache.kafka.trogdor.workload.ProduceBenchSpec";
/// An agent's pace goes in steps of so many records a second.
const STEP: u64 = 10;
/// The longest latency that Trogdor tells apart.
const LONGEST_MS: u32 = 10_000;

/// What is to be sent, checked.
#[derive(Debug, PartialEq)]
struct Load {
    records: Option<u64>,
    /// Ends the load; only where nothing else does.
    duration: Option<Duration>,
    /// Records a second; `None`: as fast as the agents can.
    rate: Option<u64>,
    size: u64,
    zeros: bool,
}

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
enum Ended {
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
        let before = session.sum_of_ends().await.ok_or_else(|| {
            ActionError::Failed(format!(
                "cluster `{}` does not tell the end offsets of `{}`",
                self.cluster, self.topic
            ))
        })?;
        cx.artifacts.write_json("settings.json", &json!({"driver": "trogdor", "tasks": specs}))?;
        let mut growth = Growth::from(before);
        let mut csv = cx.artifacts.create(OFFSETS, "text/csv")?;
        let lost = |e: std::io::Error| ActionError::Failed(format!("the offsets cannot be written: {e}"));
        writeln!(csv, "s,records").map_err(lost)?;
        let begun = Instant::now();
        let mut tasks = Tasks::start(cx, session.trogdor.clone(), &specs).await?;
        let ended = loop {
            tokio::select! {
                () = cx.cancel.cancelled() => break Ended::Badly(ActionError::Cancelled),
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            let asked = Instant::now();
            let look = async { (session.sum_of_ends().await, asked.elapsed(), tasks.are_over().await) };
            let (sum, took, over) = tokio::select! {
                () = cx.cancel.cancelled() => break Ended::Badly(ActionError::Cancelled),
                seen = look => seen,
            };
            if let Some(sum) = sum {
                // The answer is of some moment between the question and now.
                let at = asked.duration_since(begun) + took / 2;
                growth.see(at, sum);
                writeln!(csv, "{:.3},{}", at.as_secs_f64(), sum.saturating_sub(before)).map_err(lost)?;
                let message = growth.per_second().map_or_else(String::new, |r| format!("{r:.0} records/s"));
                cx.progress.update(&cx.action, growth.total(), load.records, message);
            }
            match over {
                Ok(true) => break Ended::ByItself,
                Ok(false) if load.duration.is_some_and(|limit| begun.elapsed() >= limit) => {
                    break Ended::InTime;
                }
                Ok(false) => {}
                Err(error) => break Ended::Badly(error),
            }
        };
        let over_at = begun.elapsed();
        let outcomes = tasks.end().await;
        // One that was stopped went on until the agents heard of it.
        let over_at = if matches!(ended, Ended::ByItself) { over_at } else { begun.elapsed() };
        let sum = session.last_sum_of_ends(cx).await;
        if let Some(sum) = sum {
            growth.see(over_at, sum);
            writeln!(csv, "{:.3},{}", over_at.as_secs_f64(), sum.saturating_sub(before)).map_err(lost)?;
        }
        csv.finish()?;
        let (outcomes, mut error) = match outcomes {
            Ok(outcomes) => (outcomes, None),
            Err(error) => (Outcomes::new(), Some(error)),
        };
        let grown = sum.map(|sum| sum.saturating_sub(before));
        let mut evidence = evidence(&load, &specs, &outcomes, grown, &growth);
        evidence.remarks.splice(0..0, session.remarks.iter().map(|remark| format!("sent {remark}")));
        let trouble = keep(&cx.artifacts, &outcomes, specs.keys(), &mut evidence)?;
        if let Ended::Badly(cause) = ended {
            error = Some(cause);
        }
        match error.or(trouble) {
            None => Ok(evidence),
            Some(error) => Err(error.with(evidence)),
        }
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
        let records = records.as_ref().map(Param::get).transpose()?.copied();
        let duration = duration.as_ref().map(Param::get).transpose()?.map(|span| span.0);
        let Some(size) = record_size.as_ref().map(Param::get).transpose()?.map(|size| size.0) else {
            return Err(refused("`produce` needs a `record_size`", "such as `record_size: 1024 B`"));
        };
        let pacing = rate.get()?;
        if records.is_none() && duration.is_none() {
            return Err(refused("`produce` has no end", "give `records`, `duration`, or both"));
        }
        if records == Some(0) || duration == Some(Duration::ZERO) {
            return Err(refused("`produce` is to send nothing", "ask for one record or more"));
        }
        if size == 0 || size > i32::MAX as u64 {
            return Err(refused(
                &format!("a record of {size} bytes"),
                "give a `record_size` of 1 byte to 1 GiB",
            ));
        }
        if *warm_up.get()? > 0 {
            return Err(refused("Trogdor has no warm-up", "send one before, with a `produce` of its own"));
        }
        if *sequence.get()? {
            return Err(refused(
                "Trogdor does not stamp records",
                "leave `sequence` out, or use `driver: native`",
            ));
        }
        if *keys != Keys::None {
            return Err(refused("Trogdor's keys are no text", "use `keys: none`, or `driver: native`"));
        }
        if !headers.is_empty() {
            return Err(refused("Trogdor sends no headers", "leave `headers` out, or use `driver: native`"));
        }
        let zeros = match payload {
            Filling::Random => false,
            Filling::Zeros => true,
            Filling::Avro(_) | Filling::Compressible(_) | Filling::Letters | Filling::Samples(_) => {
                return Err(refused(
                    "Trogdor fills records with random bytes or zeros alone",
                    "use `random` or `zeros`, or `driver: native`",
                ));
            }
        };
        if clients.get()?.get() > 1 {
            return Err(refused("the clients of Trogdor are its agents, one of each", "leave `clients` out"));
        }
        if *catch_up.get()? {
            return Err(refused(
                "Trogdor does not catch up",
                "leave `catch_up` out, or use `driver: native`",
            ));
        }
        if *defaults != Defaults::Java {
            return Err(refused(
                "Trogdor's agents are Java clients, with the defaults of those",
                "leave `defaults` out, or use `driver: native`",
            ));
        }
        if transaction.is_some() {
            return Err(refused(
                "transactions are not asked of Trogdor here",
                "leave `transaction` out, or use `driver: native`",
            ));
        }
        let schedule = match pacing {
            Pacing::Rate(_) | Pacing::Unlimited => pacing.schedule(size, 0),
            Pacing::Burst { .. } | Pacing::Ramp { .. } | Pacing::Steps(_) => {
                return Err(refused(
                    "Trogdor knows one rate for the whole load",
                    "give a rate or `unlimited`, or use `driver: native`",
                ));
            }
        };
        let rate = schedule.records_per_s().map(whole_steps).transpose()?;
        let within = |length: Duration| schedule.before(u64::try_from(length.as_nanos()).unwrap_or(u64::MAX));
        let by_time = duration.and_then(within);
        Ok(Load {
            records: records.into_iter().chain(by_time).min(),
            duration: duration.filter(|_| rate.is_none()),
            rate,
            size,
            zeros,
        })
    }

    /// The task of each agent; an agent that would get nothing gets none.
    fn specs(
        &self,
        load: &Load,
        session: &Session,
        agents: &[String],
    ) -> Result<BTreeMap<String, Json>, ActionError> {
        let limit = super::super::Action::time_limit(self).min(Duration::from_secs(7 * 86_400));
        let partitions =
            json!({"numPartitions": session.partitions.len(), "replicationFactor": session.replicas});
        let shares = shares(load, agents.len());
        if shares.is_empty() {
            return Err(refused("there is nothing to send", "ask for one record or more"));
        }
        Ok(agents
            .iter()
            .zip(shares)
            .enumerate()
            .map(|(number, (agent, (rate, records)))| {
                let value = match load.zeros {
                    true => json!({"type": "constant", "size": load.size}),
                    // Each agent has bytes of its own.
                    false => json!({"type": "uniformRandom", "size": load.size, "padding": 0,
                        "seed": number as u64 * 1_000_000_007}),
                };
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
                    "valueGenerator": value,
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

fn refused(message: &str, hint: &str) -> ActionError {
    ActionError::Misconfigured { message: message.to_owned(), hint: hint.to_owned() }
}

/// What the client needs with which an agent looks at the topic first: how to reach the cluster.
fn admin_properties(properties: &BTreeMap<String, String>) -> BTreeMap<&String, &String> {
    let reaches = |name: &str| ["sasl.", "security.", "ssl.", "config."].iter().any(|p| name.starts_with(p));
    properties.iter().filter(|(name, _)| reaches(name)).collect()
}

/// The rate, where an agent can keep it.
fn whole_steps(per_s: f64) -> Result<u64, ActionError> {
    let steps = (per_s / STEP as f64).round();
    if steps < 1.0
        || steps > f64::from(i32::MAX) / STEP as f64
        || (per_s - steps * STEP as f64).abs() > 1e-6 * per_s
    {
        let near = (steps.max(1.0) * STEP as f64).min(f64::from(i32::MAX / 10 * 10));
        return Err(refused(
            &format!("Trogdor paces in steps of {STEP} records/s, and cannot send {per_s} records/s"),
            &format!("ask for {near}/s, or use `driver: native`"),
        ));
    }
    Ok(steps as u64 * STEP)
}

/// Rate and records of each agent, so that all end at the same time; fewer than `agents` where there is not enough for
/// all of them. 2147483647 a second is more than any agent sends.
fn shares(load: &Load, agents: usize) -> Vec<(u64, u64)> {
    let agents = agents as u64;
    let parts = match load.rate {
        Some(rate) => split(rate / STEP, agents),
        None => vec![1; agents as usize],
    };
    let all: u64 = parts.iter().sum();
    let mut before = (0, 0);
    parts
        .iter()
        .map(|part| {
            let through = before.0 + part;
            let records = load.records.map_or(u64::MAX >> 1, |records| {
                let until = u64::try_from(u128::from(records) * u128::from(through) / u128::from(all));
                let until = until.unwrap_or(records);
                let own = until - before.1;
                before.1 = until;
                own
            });
            before.0 = through;
            (load.rate.map_or(i32::MAX as u64, |_| part * STEP), records)
        })
        .filter(|(_, records)| *records > 0)
        .collect()
}

/// `whole` in `parts` parts as equal as can be, without those of nothing.
fn split(whole: u64, parts: u64) -> Vec<u64> {
    (0..parts).map(|i| whole / parts + u64::from(i < whole % parts)).filter(|part| *part > 0).collect()
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
    let not_measured = |why: &str| Value::Missing(format!("not measured: {why}"));
    evidence.put(
        "records_asked",
        load.records.map_or_else(|| not_measured("no number of records was asked for"), Value::count),
    );
    let sends: u64 = told.iter().map(|told| told.total_sent).sum();
    evidence.put_from(
        "records_unsent",
        match load.records {
            Some(records) if complete => Value::count(records.saturating_sub(sends)),
            Some(_) => not_measured("an agent told no figures"),
            None => Value::count(0),
        },
        AGENTS,
    );
    counts(&mut evidence, &told, complete, grown);
    let short = "the topic grew for less than 2 s between the first and the last but one look at its offsets";
    let rate = growth.per_second();
    let number = |value: Option<f64>, unit, why: &str| {
        value.map_or_else(|| not_measured(why), |value| Value::number(value, unit))
    };
    let mb = |rate: f64| rate * load.size as f64 / 1_048_576.0;
    let ratio = match load.rate {
        Some(asked) => number(rate.map(|rate| rate / asked as f64), Unit::Ratio, short),
        None => Value::Missing("the rate is unlimited: there is none to compare with".to_owned()),
    };
    evidence
        .put_from("achieved_ratio", ratio, OFFSETS)
        .put_from("throughput.records_per_s", number(rate, Unit::RecordsPerSecond, short), OFFSETS)
        .put_from("throughput.mb_per_s", number(rate.map(mb), Unit::MbPerSecond, short), OFFSETS)
        .put_from(
            "duration_s",
            number(
                growth.length().map(|l| l.as_secs_f64()),
                Unit::Seconds,
                "the topic was seen growing once",
            ),
            OFFSETS,
        )
        .put("saturated", not_measured("Trogdor does not tell whether the client's buffer was full"))
        .put("backlog_max", not_measured("Trogdor knows no intended send times"));
    latencies(&mut evidence, &told, complete);
    for name in ["avg", "max", "p50", "p95", "p99", "p999"] {
        evidence
            .put(format!("latency_ms.{name}").as_str(), not_measured("Trogdor knows no intended send times"));
    }
    for output in Produce::OUTPUTS {
        if evidence.get(output.name).is_none() {
            evidence.put(output.name, not_measured("Trogdor does not tell it"));
        }
    }
    evidence.remark(
        "Trogdor's latencies run from the send call and include the first, cold sends; an agent that waits sends \
         nothing and does not catch up, so that a stall shows in `achieved_ratio` and hardly in the percentiles",
    );
    evidence.remark(
        "throughput and duration are those of the topic's end offsets, looked at every 0.5 s: the rate between the \
         first sample in which they had grown and the last but one",
    );
    evidence
}

/// Sent, failed: the agents count both together, the topic only what arrived.
fn counts(evidence: &mut Evidence, told: &[Told], complete: bool, grown: Option<u64>) {
    let sends: u64 = told.iter().map(|told| told.total_sent).sum();
    let (sent, failed) = match grown {
        Some(grown) if complete && grown <= sends => (Ok(grown), Ok(sends - grown)),
        Some(grown) if complete => {
            let why = format!(
                "not measured: the topic grew by {grown} records and the agents sent {sends}: someone else wrote too, or records are in it twice"
            );
            (Err(why.clone()), Err(why))
        }
        Some(grown) => {
            evidence.remark(format!("the topic grew by {grown} records"));
            let why = "not measured: an agent told no figures".to_owned();
            (Err(why.clone()), Err(why))
        }
        None => {
            let why = "not measured: the cluster did not tell the topic's end offsets, and Trogdor counts failed records as sent".to_owned();
            (Err(why.clone()), Err(why))
        }
    };
    let value = |count: &Result<u64, String>| match count {
        Ok(count) => Value::count(*count),
        Err(why) => Value::Missing(why.clone()),
    };
    evidence
        .put_from("records_sent", value(&sent), OFFSETS)
        .put_from("records_failed", value(&failed), OFFSETS)
        .put_from("errors", value(&failed), OFFSETS);
    if let (Ok(_), Ok(failed @ 1..)) = (&sent, &failed) {
        evidence.remark(format!(
            "{failed} of {sends} records that the agents sent are not in the topic; their logs say why"
        ));
    }
}

/// The latencies of all agents together, as far as they can be had from those of each.
fn latencies(evidence: &mut Evidence, told: &[Told], complete: bool) {
    let mut put = |name: &str, value: Result<f64, String>| {
        let name = format!("send_latency_ms.{name}");
        let value = match value {
            Ok(ms) => Value::number(ms, Unit::Milliseconds),
            Err(why) => Value::Missing(format!("not measured: {why}")),
        };
        evidence.put_from(name.as_str(), value, AGENTS);
    };
    put("max", Err("Trogdor keeps no maximum".to_owned()));
    put("p999", Err("Trogdor keeps no percentile above the 99th".to_owned()));
    let told: Vec<&Told> = told.iter().filter(|told| told.total_sent > 0).collect();
    let sends: u64 = told.iter().map(|told| told.total_sent).sum();
    let nothing = || match complete {
        true => "no record was sent".to_owned(),
        false => "an agent told no figures".to_owned(),
    };
    let clipped = told.iter().any(|told| told.p99_latency_ms >= LONGEST_MS);
    put(
        "avg",
        match () {
            () if sends == 0 || !complete => Err(nothing()),
            () if clipped => {
                Err("latencies above 10 s count as 10 s in Trogdor, and there were some".to_owned())
            }
            () => {
                Ok(told.iter().map(|t| t.average_latency_ms * t.total_sent as f64).sum::<f64>()
                    / sends as f64)
            }
        },
    );
    for (name, fraction, of) in [
        ("p50", 0.5, (|t| t.p50_latency_ms) as fn(&Told) -> u32),
        ("p95", 0.95, |t| t.p95_latency_ms),
        ("p99", 0.99, |t| t.p99_latency_ms),
    ] {
        let largest = told.iter().map(|told| of(told)).max().unwrap_or(0);
        // It takes the record of rank floor(n × p), and 0 ms where that is none.
        let too_few = told.iter().any(|told| told.total_sent as f64 * fraction < 1.0);
        put(
            name,
            match () {
                () if sends == 0 || !complete => Err(nothing()),
                () if too_few => Err("an agent sent too few records for it".to_owned()),
                () if largest >= LONGEST_MS => {
                    Err("it is 10 s or more: Trogdor's histogram ends there".to_owned())
                }
                () => Ok(f64::from(largest)),
            },
        );
    }
    if told.len() > 1 {
        evidence.remark(
            "percentiles of several agents cannot be merged: `send_latency_ms` has the largest of each, which that of \
             all together does not exceed; averages are weighted by records",
        );
    }
    evidence.remark("latencies of Trogdor are whole milliseconds");
}

#[cfg(test)]
mod tests;
