//! The driver `trogdor`: agents of Kafka's distributed test engine send, each with `ProduceBench`.
//!
//! Facts from its sources in Kafka 3.7 (`ProduceBenchWorker`, `Throttle`, `Histogram`): an agent paces by whole records
//! in every 100 ms and does not catch up; a latency runs from the send call, in whole milliseconds, and counts as 10 s
//! where it is longer; `totalSent` counts failed records too; the figures come at the end, every 30 s before that.

use super::Produce;
use crate::{
    action::{
        ActionContext, ActionError, ActionFailure, Kind,
        trogdor::{
            figures::{not_measured, number, untold},
            growth::{Growth, timed},
            sending::{Asked, Load, admin_properties},
            session::{AGENTS, LOOK_EVERY, Session, conclude, keep},
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
            ActionError::failed(format!(
                "cluster `{}` does not tell the end offsets of `{}`",
                self.cluster, self.topic
            ))
        })?;
        cx.artifacts.write_json("settings.json", &json!({"driver": "trogdor", "tasks": specs}))?;
        let mut growth = Growth::from(before);
        let mut csv = cx.artifacts.create(OFFSETS, "text/csv")?;
        let lost = |e: std::io::Error| ActionError::failed(format!("the offsets cannot be written: {e}"));
        writeln!(csv, "s,records").map_err(lost)?;
        let mut tasks = Tasks::start(cx, session.trogdor.clone(), &specs).await?;
        let begun = tasks.begun();
        let ended = loop {
            let (told, over) = match tasks.look(cx, LOOK_EVERY, timed(begun, session.sum_of_ends())).await {
                Ok(seen) => seen,
                Err(error) => break Ended::Badly(error),
            };
            if let Some((at, sum)) = told {
                growth.see(at, sum);
                writeln!(csv, "{:.3},{}", at.as_secs_f64(), sum.saturating_sub(before)).map_err(lost)?;
                let message = growth.per_second().map_or_else(String::new, |r| format!("{r:.0} records/s"));
                cx.progress.update(&cx.action, growth.total(), load.records, message);
            }
            match over {
                true => break Ended::ByItself,
                false if load.duration.is_some_and(|limit| begun.elapsed() >= limit) => break Ended::InTime,
                false => {}
            }
        };
        let over_at = begun.elapsed();
        let (outcomes, unended) = tasks.end().await;
        // One that was stopped went on until the agents heard of it.
        let over_at = if matches!(ended, Ended::ByItself) { over_at } else { begun.elapsed() };
        let sum = session.last_sum_of_ends(cx).await;
        if let Some(sum) = sum {
            growth.see(over_at, sum);
            writeln!(csv, "{:.3},{}", over_at.as_secs_f64(), sum.saturating_sub(before)).map_err(lost)?;
        }
        csv.finish()?;
        let grown = sum.map(|sum| sum.saturating_sub(before));
        let mut evidence = evidence(&load, &specs, &outcomes, grown, &growth);
        session.remark(&mut evidence, "sent");
        let failed = keep(&cx.artifacts, &outcomes, specs.keys(), &mut evidence)?;
        let cause = if let Ended::Badly(cause) = ended { Some(cause) } else { None };
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
        if *warm_up.get()? > 0 {
            return Err(ActionError::misconfigured(
                "Trogdor has no warm-up",
                "send one before, with a `produce` of its own",
            ));
        }
        if *sequence.get()? {
            return Err(ActionError::misconfigured(
                "Trogdor does not stamp records",
                "leave `sequence` out, or use `driver: native`",
            ));
        }
        if *keys != Keys::None {
            return Err(ActionError::misconfigured(
                "Trogdor's keys are no text",
                "use `keys: none`, or `driver: native`",
            ));
        }
        if !headers.is_empty() {
            return Err(ActionError::misconfigured(
                "Trogdor sends no headers",
                "leave `headers` out, or use `driver: native`",
            ));
        }
        if clients.get()?.get() > 1 {
            return Err(ActionError::misconfigured(
                "the clients of Trogdor are its agents, one of each",
                "leave `clients` out",
            ));
        }
        if *catch_up.get()? {
            return Err(ActionError::misconfigured(
                "Trogdor does not catch up",
                "leave `catch_up` out, or use `driver: native`",
            ));
        }
        if *defaults != Defaults::Java {
            return Err(ActionError::misconfigured(
                "Trogdor's agents are Java clients, with the defaults of those",
                "leave `defaults` out, or use `driver: native`",
            ));
        }
        if transaction.is_some() {
            return Err(ActionError::misconfigured(
                "transactions are not asked of Trogdor here",
                "leave `transaction` out, or use `driver: native`",
            ));
        }
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
            return Err(ActionError::misconfigured("there is nothing to send", "ask for one record or more"));
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
    let ratio = match load.rate {
        Some(asked) => number(rate.map(|rate| rate / asked as f64), Unit::Ratio, short),
        None => Value::missing("the rate is unlimited: there is none to compare with".to_owned()),
    };
    evidence
        .put_from("achieved_ratio", ratio, OFFSETS)
        .put_from("throughput.records_per_s", number(rate, Unit::RecordsPerSecond, short), OFFSETS)
        .put_from(
            "throughput.mb_per_s",
            number(rate.map(|rate| load.mb_per_s(rate)), Unit::MbPerSecond, short),
            OFFSETS,
        )
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
    untold(&mut evidence, Produce::OUTPUTS);
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
                "the topic grew by {grown} records and the agents sent {sends}: someone else wrote too, or records are in it twice"
            );
            (Err(why.clone()), Err(why))
        }
        Some(grown) => {
            evidence.remark(format!("the topic grew by {grown} records"));
            let why = "an agent told no figures".to_owned();
            (Err(why.clone()), Err(why))
        }
        None => {
            let why =
                "the cluster did not tell the topic's end offsets, and Trogdor counts failed records as sent"
                    .to_owned();
            (Err(why.clone()), Err(why))
        }
    };
    let value = |count: &Result<u64, String>| match count {
        Ok(count) => Value::count(*count),
        Err(why) => Value::missing(why.clone()),
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
            Err(why) => Value::missing(why),
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
