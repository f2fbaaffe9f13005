//! `end-to-end`: produces and consumes together and measures each record's way, on one cluster or to a copy on another.

use super::{
    Action, ActionContext, ActionError, ActionFailure, Claim, Kind, Mistake, Need, OnInterrupt, Output,
    Param, Size, Span, amount,
    filling::Filling,
    flag_output,
    latency::{latency_outputs, outputs},
    load_client::{self, Driver, Properties},
    mirror_access, mistakes, output, promise, replication, text_output,
    trogdor::round_trip,
};
use crate::{
    clients::{
        Environment,
        kafka::{Defaults, Role, Settings},
    },
    load::{
        self,
        end_to_end::{self, Run, Spec},
        keys::Keys,
        pacing::Pacing,
        producer::{self, Load},
    },
    record::{ActionRole, Evidence, Family, Said, Undo, Unit},
};
use serde::Deserialize;
use std::{collections::BTreeMap, num::NonZeroU32, time::Duration};

mod evidence;
mod messages;
mod trogdor;

/// Parameters of `end-to-end`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EndToEnd {
    /// The cluster to which records are sent, by its name in the environment.
    cluster: String,
    /// The topic that they are sent to. It must exist.
    topic: String,
    /// The cluster on which they are read, where it is another one: MirrorMaker 2 brings them there.
    #[serde(default)]
    target: Option<String>,
    /// The topic that is read. The default is `topic`; with `target`, its copy as `mirror` of the environment names it, else
    /// `<cluster>.<topic>`, as in MirrorMaker 2's default policy.
    #[serde(default)]
    target_topic: Option<String>,
    /// How many records. Give this, `duration`, or both: what comes first ends it.
    #[serde(default)]
    records: Option<Param<u64>>,
    /// For how long.
    #[serde(default)]
    duration: Option<Param<Span>>,
    /// Size of a record's value in bytes, at least the 32 of its stamp.
    record_size: Param<Size>,
    /// How fast, all clients together: `1000/s` (records), `10 MB/s` (of values; MB is 1024 × 1024 bytes) or `unlimited`;
    /// `{ramp: {from: 100/s, to: 1000/s, over: 60s}}`; `{steps: [{rate: 1000/s, for: 30s}]}`, where `0/s` is a pause; or
    /// `{burst: {records: 500, every: 1s}}`.
    rate: Param<Pacing>,
    /// What fills the records behind their stamps: `random` bytes, `letters`, `zeros` or
    /// `{compressible: 0.6}`.
    #[serde(default)]
    payload: Filling,
    /// `none`, `sequential` (the record's number as text), `{size: 16}` (of so many bytes), `{uniform: 1000}` or
    /// `{zipf: {keys: 1000}}`.
    #[serde(default)]
    keys: Keys,
    /// Headers of every record.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// Records sent before the measured ones. They count for what is lost and repeated, and for no other figure.
    #[serde(default)]
    warm_up: Param<u64>,
    /// How long the last records may take to arrive once all are sent, and the topic on the target to appear.
    #[serde(default = "thirty_seconds")]
    within: Param<Span>,
    /// Producer properties under Kafka's (Java) names; what is not given is as in the Java client.
    #[serde(default)]
    producer: Properties,
    /// Consumer properties, likewise.
    #[serde(default)]
    consumer: Properties,
    /// What sends and reads: `native` or `trogdor`, whose round trips have no latencies.
    #[serde(default)]
    driver: Driver,
}

fn thirty_seconds() -> Param<Span> {
    Param::Literal(Span(Duration::from_secs(30)))
}

impl Kind for EndToEnd {
    const SUMMARY: &'static str = "Produces and consumes together, on one cluster or through MirrorMaker 2, and times each record from its \
         intended send time to its arrival.";
    const EXAMPLE: &'static str = "\
end-to-end:
  id: way
  cluster: source
  topic: mm2.load
  target: target
  records: 60000
  record_size: 1 KiB
  rate: 1000/s
  within: 2m
";
    const ROLE: ActionRole = ActionRole::Load;
    const OUTPUTS: &'static [Output] = outputs![
        &[
            output("records_asked", Unit::Count, "Records that the plan asked for, warm-up not counted."),
            output(
                "records_sent",
                Unit::Count,
                "Records that the cluster acknowledged, warm-up not counted."
            ),
            output("records_failed", Unit::Count, "Records that were given up.").of(Family::Loss),
            output("records_arrived", Unit::Count, "Records that arrived, warm-up not counted, each once."),
            output(
                "lost",
                Unit::Count,
                "Acknowledged records that did not arrive in time, warm-up included."
            )
            .of(Family::Loss),
            output(
                "duplicated",
                Unit::Count,
                "Arrivals of a record that had arrived before, warm-up included."
            ),
            output("reordered", Unit::Count, "Records that arrived after a later one of their partition."),
            output("corrupt", Unit::Count, "Stamped records whose bytes are not those that were sent.")
                .of(Family::Loss),
            output(
                "others",
                Unit::Count,
                "Records of other programs and runs that were read and do not count."
            ),
            flag_output("complete", "Whether every acknowledged record arrived in time."),
            output(
                "achieved_ratio",
                Unit::Ratio,
                "Achieved rate of sending by asked rate; not measured where it is unlimited.",
            ),
            output(
                "throughput.records_per_s",
                Unit::RecordsPerSecond,
                "Arrivals per second, from the first to the last one.",
            ),
            output(
                "throughput.mb_per_s",
                Unit::MbPerSecond,
                "Bytes of values that arrived, 1024 × 1024 each, per second over the same time.",
            ),
        ],
        latency_outputs!(
            "latency_ms",
            LatencyFromIntended,
            "time from the intended send time to the arrival"
        ),
        latency_outputs!("send_latency_ms", LatencyFromSend, "time from the send call to the arrival"),
        latency_outputs!(
            "ack_latency_ms",
            LatencyUntilAcknowledged,
            "time from the intended send time to the acknowledgement, as `produce` measures"
        ),
        &[
            output(
                "catch_up_s",
                Unit::Seconds,
                "From the last acknowledgement to the last arrival; 0 where all had arrived by then.",
            ),
            output("duration_s", Unit::Seconds, "From the first to the last arrival."),
            output("errors", Unit::Count, "Records that failed, and errors that the reader reported."),
            text_output("stamps", "Token of the stamps of its records."),
            flag_output("saturated", "Whether the producer's queue was ever full."),
        ],
    ];
}

#[async_trait::async_trait]
impl Action for EndToEnd {
    fn describe(&self) -> Said {
        let size = amount::of_size(&self.record_size);
        let amount = amount::said(self.records.as_ref(), size, self.duration.as_ref());
        match &self.target {
            None => messages::send_and_read(amount, &self.topic, &self.cluster, &self.rate),
            Some(target) => match &self.target_topic {
                Some(copy) => {
                    messages::send_and_read_copy(amount, &self.topic, &self.cluster, &self.rate, copy, target)
                }
                None => messages::send_and_read_on(amount, &self.topic, &self.cluster, &self.rate, target),
            },
        }
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    fn undo(&self) -> Option<Undo> {
        (self.driver == Driver::Trogdor).then(super::trogdor::undo)
    }

    fn claims(&self) -> Vec<Claim> {
        vec![
            Claim::ClusterLoad(self.cluster.clone()),
            Claim::Topic(format!("{}/{}", self.cluster, self.topic)),
        ]
    }

    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        let target = self.target.iter().map(|target| ("target", target.as_str()));
        let named: Vec<_> = [("cluster", self.cluster.as_str())].into_iter().chain(target).collect();
        let mut mistakes = mistakes::clusters(environment, &named);
        mistakes.extend(mistakes::topic("topic", &self.topic));
        mistakes.extend(self.target_topic.iter().filter_map(|topic| mistakes::topic("target_topic", topic)));
        let reads = self.target.as_deref().unwrap_or(&self.cluster);
        mistakes.extend(load_client::refused_together(
            environment,
            &self.cluster,
            ("producer", &self.producer),
            Role::Producer,
            Defaults::Java,
        ));
        mistakes.extend(load_client::refused_together(
            environment,
            reads,
            ("consumer", &self.consumer),
            Role::Consumer,
            Defaults::Java,
        ));
        if self.driver == Driver::Trogdor {
            mistakes.extend(self.driver.mistake(environment));
        }
        if self.driver == Driver::KafkaTools {
            mistakes.push(Mistake::new("driver", messages::no_tool(), messages::no_tool_hint()));
        }
        if self.driver == Driver::Trogdor && round_trip::has_own_group(environment) {
            mistakes.push(Mistake::new("driver", round_trip::own_group(), round_trip::own_group_hint()));
        }
        mistakes
    }

    fn time_limit(&self) -> Duration {
        let within = self.within.known().map_or(Duration::ZERO, |within| within.0);
        // A cluster may be slower than asked; where the rate is unlimited, an hour unless the step says otherwise.
        let length = self.expected().map_or(Duration::from_secs(3600), |length| length.saturating_mul(3));
        length.saturating_add(within.saturating_mul(2)).saturating_add(Duration::from_secs(300))
    }

    fn expected(&self) -> Option<Duration> {
        let warm_up = *self.warm_up.known()?;
        let schedule = self.rate.known()?.schedule(self.record_size.known()?.0, warm_up);
        let until = |records: u64| schedule.at(records).map(Duration::from_nanos);
        let by_count = match &self.records {
            Some(records) => until(records.known()?.saturating_add(warm_up)),
            None => None,
        };
        let by_time = match &self.duration {
            Some(duration) => Some(duration.known()?.0 + until(warm_up).unwrap_or_default()),
            None if self.records.is_none() => schedule.end().map(Duration::from_nanos),
            None => None,
        };
        by_count.into_iter().chain(by_time).min()
    }

    fn needs(&self, environment: &Environment) -> Vec<Need> {
        let records = self.records.as_ref().and_then(Param::known);
        let bytes =
            records.zip(self.record_size.known()).map(|(records, size)| records.saturating_mul(size.0));
        let cluster = self.target.as_ref().unwrap_or(&self.cluster).clone();
        let topic = self.target_topic(environment).unwrap_or_else(|_| self.topic.clone());
        vec![
            Need::Write { cluster: self.cluster.clone(), topic: self.topic.clone(), bytes },
            Need::Read { cluster, topic },
        ]
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        match self.driver {
            Driver::KafkaTools => {
                Err(ActionError::misconfigured(messages::no_tool(), messages::no_tool_hint()).into())
            }
            Driver::Native => self.run_native(cx).await,
            Driver::Trogdor => self.run_trogdor(cx).await,
        }
    }
}

impl EndToEnd {
    async fn run_native(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let reads = self.target.as_ref().unwrap_or(&self.cluster).clone();
        let sender = load_client::settings(cx, &self.cluster, Role::Producer, &self.producer).await?;
        let reader = load_client::settings(cx, &reads, Role::Consumer, &self.consumer).await?;
        let spec = self.spec(&sender, &reader, self.target_topic(&cx.environment)?)?;
        let send = &spec.send;
        cx.artifacts.write_json(
            "settings.json",
            &[
                load_client::settings_json(
                    &sender,
                    serde_json::json!({
                        "cluster": self.cluster, "topic": self.topic, "records": send.records,
                        "duration_s": send.duration.map(|d| d.as_secs_f64()),
                        "record_size_bytes": send.record_size, "rate": send.pacing.to_string(),
                        "payload": send.content.to_string(), "keys": send.keys.to_string(),
                        "headers": send.headers.len(), "warm_up_records": send.warm_up,
                        "stamps": send.token.map(|token| format!("{token:016x}")),
                    }),
                ),
                load_client::settings_json(
                    &reader,
                    serde_json::json!({
                        "cluster": reads, "topic": spec.topic, "within_s": spec.within.as_secs_f64(),
                    }),
                ),
            ],
        )?;
        let (cluster, target, work) = (self.cluster.clone(), reads.clone(), spec.clone());
        let outcome = load_client::on_own_thread(cx, move |cx| {
            let load =
                Load::connect(work.send.clone(), &cx.cancel).map_err(|e| load_client::fault(e, &cluster))?;
            let mut waits = || {
                let said = load_client::waits_for_topic(&work.topic, &target);
                cx.progress.update(&cx.action, 0, work.send.records, said);
            };
            let run = Run::connect(work.clone(), load, &mut waits, &cx.cancel).map_err(|e| match e {
                // Nobody but the one who copies makes a copy.
                load::LoadError::UnknownTopic(_) if work.topic != work.send.topic || target != cluster => {
                    ActionError::misconfigured(
                        load_client::of_cluster(&target, &e),
                        replication::messages::no_copy_hint(&work.send.topic),
                    )
                }
                e => load_client::fault(e, &target),
            })?;
            evidence::record(&cx, run, work.send.records.map(|n| n + work.send.warm_up), &cluster)
        })
        .await??;

        cx.artifacts.write_json(evidence::RESULT, &evidence::result_json(&outcome))?;
        let acks = send.config.get("acks");
        promise::keep(cx, &self.cluster, &self.topic, acks, &outcome.sent.acknowledged)?;
        let mut evidence = evidence::of(&outcome, &spec, self.target.is_some());
        evidence.put("stamps", promise::token(send.token));
        evidence.remark_all(sender.remarks).remark_all(reader.remarks);
        self.conclude(cx, outcome, evidence, &reads)
    }

    /// The topic that is read: as given, or the copy as `mirror` of the environment says.
    fn target_topic(&self, environment: &Environment) -> Result<String, ActionError> {
        match (&self.target_topic, &self.target) {
            (Some(topic), _) => Ok(topic.clone()),
            (None, Some(target)) => {
                let flow = (self.cluster.as_str(), target.as_str());
                let prefix = mirror_access::prefix(environment, flow, None, "target_topic")?;
                Ok(format!("{prefix}{}", self.topic))
            }
            (None, None) => Ok(self.topic.clone()),
        }
    }

    /// What to do, checked.
    fn spec(&self, sender: &Settings, reader: &Settings, copy: String) -> Result<Spec, ActionError> {
        let size = self.record_size.get()?.0;
        let pacing = self.rate.get()?.clone();
        let ends_by_itself = matches!(pacing, Pacing::Ramp { .. } | Pacing::Steps(_));
        let (records, duration) =
            amount::checked("end-to-end", self.records.as_ref(), self.duration.as_ref(), ends_by_itself)?;
        amount::stampable(size)?;
        if let Some(why) = self.keys.fault() {
            return Err(ActionError::misconfigured(messages::keys_wrong(why), messages::see_actions()));
        }
        Ok(Spec {
            send: producer::Spec {
                catch_up: false,
                clients: NonZeroU32::MIN,
                config: sender.config.clone(),
                content: self.payload.plain()?,
                duration,
                headers: self.headers.clone().into_iter().collect(),
                keys: self.keys,
                pacing,
                record_size: amount::buffer(size)?,
                records,
                token: Some(rand::random()),
                topic: self.topic.clone(),
                transaction: None,
                warm_up: *self.warm_up.get()?,
            },
            reader: reader.config.clone(),
            topic: copy,
            within: self.within.get()?.0,
        })
    }

    /// What failed or is missing is evidence; an error is only that nothing could be sent or read, or that it was stopped.
    fn conclude(
        &self,
        cx: &ActionContext,
        outcome: end_to_end::Outcome,
        evidence: Evidence,
        reads: &str,
    ) -> Result<Evidence, ActionFailure> {
        use crate::load::outcome::SendEnd;
        let refused = |name: &str, topic: &str, why: String| {
            let hint = load_client::refused_hint(&why);
            ActionError::misconfigured(messages::refuses(name, topic, why), hint)
        };
        let nothing = outcome.sent.delivered + outcome.sent.warm_up.0 == 0;
        let error = match (outcome.sent.ended, outcome.refused) {
            (SendEnd::Cancelled, _) => ActionError::Cancelled,
            _ if outcome.ended == end_to_end::RoundTripEnd::Cancelled => ActionError::Cancelled,
            (SendEnd::Refused(why), _) if nothing => refused(&self.cluster, &self.topic, why),
            (SendEnd::Refused(why), _) => ActionError::failed(load_client::of_cluster(&self.cluster, why)),
            (_, Some(why)) => refused(reads, &self.target_topic(&cx.environment)?, why),
            (SendEnd::Unreachable(cause), _) if nothing => load_client::unreachable(cx, &self.cluster, cause),
            (SendEnd::Finished | SendEnd::Unreachable(_), None) => return Ok(evidence),
        };
        Err(error.with(evidence))
    }
}

#[cfg(test)]
mod tests;
