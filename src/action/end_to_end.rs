//! `end-to-end`: produces and consumes together and measures each record's way, on one cluster or to a copy on another.

use super::{
    Action, ActionContext, ActionError, ActionFailure, Claim, Kind, Mistake, OnInterrupt, Output, Param,
    Size, Span,
    filling::Filling,
    flag_output,
    load_client::{self, Driver, Properties},
    mistake, output,
    trogdor::round_trip,
};
use crate::{
    clients::{
        Environment,
        kafka::{Role, Settings},
    },
    load::{
        end_to_end::{self, Run, Spec},
        keys::Keys,
        pacing::Pacing,
        payload::Stamp,
        producer::{self, Load},
    },
    record::{Evidence, Said, Undo, Unit},
};
use serde::Deserialize;
use std::{fmt::Write, num::NonZeroU32, time::Duration};

mod evidence;
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
    /// The topic that is read. Where it is not given: `topic`, or with `target` MirrorMaker 2's default name,
    /// `<cluster>.<topic>`.
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

const LATENCY: &str = "latency.hlog";
const RESULT: &str = "end-to-end.json";
const WINDOWS: &str = "windows.csv";

const NO_TOOL: &str = "kafka-e2e-latency sends a record, waits for it, and only then sends the next: it puts no load on a cluster";
const NO_TOOL_HINT: &str = "leave `driver` out, or use `driver: trogdor`";

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
    const OUTPUTS: &'static [Output] = &[
        output("records_asked", Unit::Count, "Records that the plan asked for, warm-up not counted."),
        output("records_sent", Unit::Count, "Records that the cluster acknowledged, warm-up not counted."),
        output("records_failed", Unit::Count, "Records that were given up."),
        output("records_arrived", Unit::Count, "Records that arrived, warm-up not counted, each once."),
        output("lost", Unit::Count, "Acknowledged records that did not arrive in time, warm-up included."),
        output("duplicated", Unit::Count, "Arrivals of a record that had arrived before, warm-up included."),
        output("reordered", Unit::Count, "Records that arrived after a later one of their partition."),
        output("corrupt", Unit::Count, "Stamped records whose bytes are not those that were sent."),
        output("others", Unit::Count, "Records of other programs and runs that were read and do not count."),
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
        output("latency_ms.avg", Unit::Milliseconds, "Mean time from the intended send time to the arrival."),
        output("latency_ms.max", Unit::Milliseconds, "Longest of these times."),
        output("latency_ms.p50", Unit::Milliseconds, "Median of these times."),
        output("latency_ms.p95", Unit::Milliseconds, "95th percentile of these times."),
        output("latency_ms.p99", Unit::Milliseconds, "99th percentile of these times."),
        output("latency_ms.p999", Unit::Milliseconds, "99.9th percentile of these times."),
        output("send_latency_ms.avg", Unit::Milliseconds, "Mean time from the send call to the arrival."),
        output("send_latency_ms.max", Unit::Milliseconds, "Longest of these times."),
        output("send_latency_ms.p50", Unit::Milliseconds, "Median of these times."),
        output("send_latency_ms.p95", Unit::Milliseconds, "95th percentile of these times."),
        output("send_latency_ms.p99", Unit::Milliseconds, "99th percentile of these times."),
        output("send_latency_ms.p999", Unit::Milliseconds, "99.9th percentile of these times."),
        output(
            "ack_latency_ms.avg",
            Unit::Milliseconds,
            "Mean time from the intended send time to the acknowledgement, as `produce` measures.",
        ),
        output("ack_latency_ms.max", Unit::Milliseconds, "Longest of these times."),
        output("ack_latency_ms.p50", Unit::Milliseconds, "Median of these times."),
        output("ack_latency_ms.p95", Unit::Milliseconds, "95th percentile of these times."),
        output("ack_latency_ms.p99", Unit::Milliseconds, "99th percentile of these times."),
        output("ack_latency_ms.p999", Unit::Milliseconds, "99.9th percentile of these times."),
        output(
            "catch_up_s",
            Unit::Seconds,
            "From the last acknowledgement to the last arrival; 0 where all had arrived by then.",
        ),
        output("duration_s", Unit::Seconds, "From the first to the last arrival."),
        output("errors", Unit::Count, "Records that failed, and errors that the reader reported."),
        flag_output("saturated", "Whether the producer's queue was ever full."),
    ];
}

#[async_trait::async_trait]
impl Action for EndToEnd {
    fn describe(&self) -> Said {
        let text: String = {
            let mut text = "send".to_owned();
            if let Some(records) = &self.records {
                let _ = write!(text, " {records} records");
            }
            if let Some(duration) = &self.duration {
                let _ = write!(text, " for {duration}");
            }
            let _ = write!(
                text,
                " of {} to `{}` of cluster `{}` at {} and read them",
                self.record_size, self.topic, self.cluster, self.rate
            );
            if let Some(target) = &self.target {
                let _ = write!(text, " from `{}` of cluster `{target}`", self.target_topic());
            }
            text
        };
        text.into()
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
        let mut mistakes = mistake::clusters(environment, &named);
        mistakes.extend(mistake::topic("topic", &self.topic));
        mistakes.extend(self.target_topic.iter().filter_map(|topic| mistake::topic("target_topic", topic)));
        if self.driver == Driver::KafkaTools {
            mistakes.push(Mistake::new("driver", NO_TOOL, NO_TOOL_HINT));
        }
        if self.driver == Driver::Trogdor && round_trip::has_own_group(environment) {
            mistakes.push(Mistake::new("driver", &*round_trip::own_group(), round_trip::OWN_GROUP_HINT));
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

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        match self.driver {
            Driver::KafkaTools => Err(ActionError::misconfigured(NO_TOOL, NO_TOOL_HINT).into()),
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
        let spec = self.spec(&sender, &reader)?;
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
                        "payload": send.content.to_string(), "warm_up_records": send.warm_up,
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
                let said = format!("waits for `{}` of cluster `{target}`", work.topic);
                cx.progress.update(&cx.action, 0, work.send.records, said);
            };
            let run = Run::connect(work.clone(), load, &mut waits, &cx.cancel)
                .map_err(|e| load_client::fault(e, &target))?;
            evidence::record(&cx, run, work.send.records.map(|n| n + work.send.warm_up), &cluster)
        })
        .await??;

        cx.artifacts.write_json(RESULT, &evidence::result_json(&outcome))?;
        let mut evidence = evidence::of(&outcome);
        let remarks = evidence::remarks(&outcome, &spec, self.target.is_some());
        for remark in remarks.into_iter().map(Said::from).chain(sender.remarks).chain(reader.remarks) {
            evidence.remark(remark);
        }
        self.conclude(cx, outcome, evidence, &reads)
    }

    fn target_topic(&self) -> String {
        match (&self.target_topic, &self.target) {
            (Some(topic), _) => topic.clone(),
            (None, Some(_)) => format!("{}.{}", self.cluster, self.topic),
            (None, None) => self.topic.clone(),
        }
    }

    /// What to do, checked.
    fn spec(&self, sender: &Settings, reader: &Settings) -> Result<Spec, ActionError> {
        let records = self.records.as_ref().map(Param::get).transpose()?.copied();
        let duration = self.duration.as_ref().map(Param::get).transpose()?.map(|span| span.0);
        let size = self.record_size.get()?.0;
        let pacing = self.rate.get()?.clone();
        let ends_by_itself = matches!(pacing, Pacing::Ramp { .. } | Pacing::Steps(_));
        if records.is_none() && duration.is_none() && !ends_by_itself {
            return Err(ActionError::misconfigured(
                "`end-to-end` has no end",
                "give `records`, `duration`, or both",
            ));
        }
        if records == Some(0) || duration == Some(Duration::ZERO) {
            return Err(ActionError::misconfigured(
                "`end-to-end` is to send nothing",
                "ask for one record or more",
            ));
        }
        if size < Stamp::LEN as u64 {
            return Err(ActionError::misconfigured(
                format!("a record of {size} bytes has no room for its stamp of {} bytes", Stamp::LEN),
                "make `record_size` larger",
            ));
        }
        Ok(Spec {
            send: producer::Spec {
                catch_up: false,
                clients: NonZeroU32::MIN,
                config: sender.config.clone(),
                content: self.payload.plain()?,
                duration,
                headers: Vec::new(),
                keys: Keys::None,
                pacing,
                record_size: usize::try_from(size).map_err(|_| {
                    ActionError::misconfigured(
                        format!("a record of {size} bytes"),
                        "make `record_size` smaller",
                    )
                })?,
                records,
                token: Some(rand::random()),
                topic: self.topic.clone(),
                transaction: None,
                warm_up: *self.warm_up.get()?,
            },
            reader: reader.config.clone(),
            topic: self.target_topic(),
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
        use crate::load::outcome::Ended;
        let unreachable = |name: &str, cause: String| {
            let found = cx.environment.cluster(name).map(|c| c.bootstrap_servers.clone());
            let address = found.unwrap_or_default();
            ActionError::Unreachable {
                service: super::kafka_access::kafka_cluster(name),
                address,
                cause: cause.into(),
            }
        };
        let refused = |name: &str, topic: &str, why: String| {
            ActionError::misconfigured(
                format!("cluster `{name}` refuses `{topic}`: {why}"),
                load_client::REFUSED_HINT.to_owned(),
            )
        };
        let nothing = outcome.sent.delivered + outcome.sent.warm_up.0 == 0;
        let error = match (outcome.sent.ended, outcome.refused) {
            (Ended::Cancelled, _) => ActionError::Cancelled,
            _ if outcome.ended == end_to_end::Ended::Cancelled => ActionError::Cancelled,
            (Ended::Refused(why), _) if nothing => refused(&self.cluster, &self.topic, why),
            (Ended::Refused(why), _) => ActionError::failed(format!("cluster `{}`: {why}", self.cluster)),
            (_, Some(why)) => refused(reads, &self.target_topic(), why),
            (Ended::Unreachable(cause), _) if nothing => unreachable(&self.cluster, cause),
            (Ended::Finished | Ended::Unreachable(_), None) => return Ok(evidence),
        };
        Err(error.with(evidence))
    }
}

#[cfg(test)]
mod tests;
