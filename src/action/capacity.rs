//! `capacity`: looks for the highest rate at which a condition holds.

use super::{
    Action, ActionContext, ActionError, ActionFailure, Claim, Kind, Mistake, Need, OnInterrupt, Output,
    Param, Share, Size, Span,
    filling::Filling,
    flag_output,
    latency::{latency_outputs, outputs},
    load_client::{Driver, Properties},
    mistakes, output,
    produce::Produce,
    text_output,
};
use crate::{
    clients::{Environment, kafka::Defaults},
    load::{
        keys::Keys,
        pacing::{Pacing, Rate},
        search::{Bounds, Next, Search},
    },
    record::{ActionRole, Arg, Evidence, Family, Said, Unit},
};
use condition::Condition;
use evidence::{Book, Stopped};
use probe::Probe;
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    num::NonZeroU32,
    time::{Duration, Instant},
};

mod condition;
mod evidence;
mod messages;
mod probe;
#[cfg(test)]
mod tests;

/// Parameters of `capacity`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Capacity {
    /// The cluster, by its name in the environment.
    cluster: String,
    /// The topic. It must exist, and have room for what is sent.
    topic: String,
    /// What a rate must hold, over the outputs of `produce`: `latency_ms.p99 < 100 && errors == 0`. That the rate is
    /// reached is asked without being said.
    holds: Param<String>,
    /// How long it must hold: the length of a probe, its warm-up not counted.
    #[serde(rename = "for", default = "thirty_seconds")]
    hold: Param<Span>,
    /// The lowest rate of interest, all clients together: `1000/s` (records), or `10 MB/s` (of values) where
    /// `record_size` is given. It is tried first, then twice that, and so on.
    from: Param<Rate>,
    /// The highest rate of interest. Without it the rate is doubled until it does not hold.
    #[serde(default)]
    to: Option<Param<Rate>>,
    /// How close the highest rate that held and the lowest that did not must be: a share of the rate, such as `5 %`.
    #[serde(default = "five_percent")]
    precision: Param<Share>,
    /// How often the answer must hold again before it counts.
    #[serde(default = "two")]
    confirmations: Param<u32>,
    /// Whether a rate that does not hold is tried once more before it counts as one that does not.
    #[serde(default = "yes")]
    second_try: Param<bool>,
    /// The time for the whole search. Then it ends with what it knows.
    #[serde(default = "one_hour")]
    within: Param<Span>,
    /// The time between two probes, in which the cluster recovers.
    #[serde(default = "two_seconds")]
    pause: Param<Span>,
    /// How long each probe sends before what is measured.
    #[serde(default = "two_seconds")]
    warm_up: Param<Span>,
    /// Size of a record's value in bytes. Records of a file or a schema have their own.
    #[serde(default)]
    record_size: Option<Param<Size>>,
    /// How many clients send it, each with connections and threads of its own.
    #[serde(default = "one")]
    clients: Param<NonZeroU32>,
    /// What fills the records: `random` bytes, `letters` as `kafka-producer-perf-test` sends, `zeros`,
    /// `{compressible: 0.6}`, `{samples: FILE}` or `{avro: {}}`.
    #[serde(default)]
    payload: Filling,
    /// `none`, `sequential` (the record's number as text), `{uniform: 1000}` or `{zipf: {keys: 1000}}`.
    #[serde(default)]
    keys: Keys,
    /// Headers of every record.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// Producer properties under Kafka's (Java) names; what is not given is as `defaults` says.
    #[serde(default)]
    properties: Properties,
    /// Whose values the properties have that nobody gave: `java`, or `librdkafka`, the client that sends here.
    #[serde(default)]
    defaults: Defaults,
    /// What sends the load: `native` alone.
    #[serde(default)]
    driver: Driver,
}

/// It gives up after so many probes.
const MOST_PROBES: u32 = 100;
/// The closest that two rates can be told apart.
const FINEST: f64 = 0.001;

fn thirty_seconds() -> Param<Span> {
    Param::Literal(Span(Duration::from_secs(30)))
}

fn two_seconds() -> Param<Span> {
    Param::Literal(Span(Duration::from_secs(2)))
}

fn one_hour() -> Param<Span> {
    Param::Literal(Span(Duration::from_secs(3600)))
}

fn five_percent() -> Param<Share> {
    Param::Literal(Share(0.05))
}

fn one() -> Param<NonZeroU32> {
    Param::Literal(NonZeroU32::MIN)
}

fn two() -> Param<u32> {
    Param::Literal(2)
}

fn yes() -> Param<bool> {
    Param::Literal(true)
}

impl Kind for Capacity {
    const SUMMARY: &'static str =
        "Looks for the highest rate at which a condition holds, by doubling, halving and confirming.";
    const EXAMPLE: &'static str = "\
capacity:
  id: limit
  cluster: source
  topic: perf.capacity
  holds: latency_ms.p99 < 100 && errors == 0
  for: 30s
  from: 1000/s
  to: 200000/s
  record_size: 1 KiB
  properties: {acks: all, linger.ms: 5}
";
    const ROLE: ActionRole = ActionRole::Load;
    const OUTPUTS: &'static [Output] = outputs![
        &[
            output(
                "rate.records_per_s",
                Unit::RecordsPerSecond,
                "Highest rate that held, and held again in every confirmation.",
            )
            .of(Family::Capacity),
            output("rate.mb_per_s", Unit::MbPerSecond, "The same in bytes of values, 1024 × 1024 each.")
                .of(Family::Capacity),
            output(
                "lower.records_per_s",
                Unit::RecordsPerSecond,
                "Highest rate that held and that no failure contradicts, confirmed or not.",
            ),
            output("upper.records_per_s", Unit::RecordsPerSecond, "Lowest rate that did not hold."),
            output("gap_ratio", Unit::Ratio, "From the one to the other, as a share of the lower one."),
            flag_output("confirmed", "Whether the answer held again as often as asked."),
            flag_output(
                "at_least",
                "Whether the highest rate asked for held, so that the limit lies above it."
            ),
            text_output("limited_by", "Why the lowest rate that did not hold did not."),
            output("probes", Unit::Count, "Probes that were run."),
            output("probes_held", Unit::Count, "Probes that held."),
            output("confirmations", Unit::Count, "How often the answer held again."),
            output("falls", Unit::Count, "How often a rate that had held did not hold again: noise."),
            output("duration_s", Unit::Seconds, "The whole search."),
            output("errors", Unit::Count, "Records that failed or were never answered, in all probes."),
            output(
                "achieved_ratio",
                Unit::Ratio,
                "Achieved rate by asked rate, in the worst probe of the answer's rate.",
            ),
        ],
        latency_outputs!("latency_ms", LatencyFromIntended, "latency from the intended time, in that probe"),
    ];
}

impl Capacity {
    /// The load of one probe.
    fn load(&self, rate: u64) -> Result<Produce, ActionError> {
        let warm_up = self.warm_up.get()?.0.as_secs_f64();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            clippy::cast_sign_loss,
            reason = "seconds of a rate"
        )]
        let warm_up = (warm_up * rate as f64).ceil() as u64;
        Ok(Produce {
            cluster: self.cluster.clone(),
            topic: self.topic.clone(),
            records: None,
            duration: Some(self.hold.clone()),
            record_size: self.record_size.clone(),
            rate: Param::Literal(Pacing::Rate(Rate::records_per_s(rate))),
            clients: self.clients.clone(),
            catch_up: Param::Literal(false),
            payload: self.payload.clone(),
            keys: self.keys,
            headers: self.headers.clone(),
            properties: self.properties.clone(),
            defaults: self.defaults,
            transaction: None,
            warm_up: Param::Literal(warm_up),
            sequence: Param::Literal(false),
            driver: Driver::Native,
        })
    }

    /// Where to look; the error is what makes no sense.
    fn bounds(&self) -> Result<Bounds, ActionError> {
        let from = self.records_per_s("from", self.from.get()?)?;
        let to = match &self.to {
            Some(to) => Some(self.records_per_s("to", to.get()?)?),
            None => None,
        };
        if to.is_some_and(|to| to < from) {
            return Err(ActionError::misconfigured(
                messages::to_below_from(to.unwrap_or(0), from),
                messages::give_bounds(),
            ));
        }
        let precision = self.precision.get()?.0;
        if !(FINEST..=1.0).contains(&precision) {
            return Err(ActionError::misconfigured(
                messages::precision_of(Arg::text(Share(precision))),
                messages::finer_than_noise(),
            ));
        }
        if self.hold.get()?.0 < Duration::from_secs(1) {
            return Err(ActionError::misconfigured(messages::too_short(), messages::make_longer()));
        }
        Ok(Bounds {
            from,
            to,
            precision,
            confirmations: *self.confirmations.get()?,
            second_try: *self.second_try.get()?,
            most_probes: MOST_PROBES,
        })
    }

    /// What speaks against the driver, and what to do.
    fn driver_fault(&self) -> Option<(Said, Said)> {
        let why = match self.driver {
            Driver::Native => return None,
            Driver::KafkaTools => messages::tool_measures_from_send(),
            Driver::Trogdor => messages::trogdor_measures_from_send(),
        };
        Some((why, messages::measure_after()))
    }

    /// A rate in whole records per second.
    fn records_per_s(&self, name: &str, rate: &Rate) -> Result<u64, ActionError> {
        let pacing = Pacing::Rate(*rate);
        let size = match &self.record_size {
            Some(size) => size.get()?.0,
            None if pacing.counts_bytes() => {
                return Err(ActionError::misconfigured(
                    messages::size_unknown(name),
                    messages::give_size_or_records(),
                ));
            }
            None => 1,
        };
        let per_s = pacing.schedule(size, 0).records_per_s().unwrap_or(0.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate is below 2^63")]
        match per_s.round() as u64 {
            0 => Err(ActionError::misconfigured(messages::below_one(name, rate), messages::give_one())),
            whole => Ok(whole),
        }
    }

    /// One probe from its start to that of the next one.
    fn probe_length(&self) -> Option<Duration> {
        Some(self.hold.known()?.0 + self.warm_up.known()?.0 + self.pause.known()?.0)
    }
}

#[async_trait::async_trait]
impl Action for Capacity {
    fn describe(&self) -> Said {
        let (topic, cluster, from) = (&self.topic, &self.cluster, &self.from);
        let holds = Arg::text(&self.holds);
        match &self.to {
            None => messages::look(topic, cluster, from, holds, &self.hold),
            Some(to) => messages::look_between(topic, cluster, from, to, holds, &self.hold),
        }
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    fn claims(&self) -> Vec<Claim> {
        vec![
            Claim::ClusterLoad(self.cluster.clone()),
            Claim::Topic(format!("{}/{}", self.cluster, self.topic)),
        ]
    }

    /// What is given for the search, and for its last probe to end.
    fn time_limit(&self) -> Duration {
        let Some(within) = self.within.known() else { return Duration::MAX };
        let last = self.load(1).map_or(Duration::from_secs(300), |load| load.time_limit());
        within.0.saturating_add(last)
    }

    fn expected(&self) -> Option<Duration> {
        let probes = self.bounds().ok()?.probes()?;
        Some((self.probe_length()? * probes).min(self.within.known()?.0))
    }

    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        let mut mistakes = mistakes::clusters(environment, &[("cluster", &self.cluster)]);
        mistakes.extend(mistakes::topic("topic", &self.topic));
        if let Some(Err(wrong)) = self.holds.known().map(|text| Condition::read(text)) {
            mistakes.push(Mistake::new("holds", wrong.message, wrong.hint).at(wrong.at));
        }
        if let Some((why, hint)) = self.driver_fault() {
            mistakes.push(Mistake::new("driver", why, hint));
        }
        if let Err(ActionError::Misconfigured { message, hint }) = self.bounds() {
            mistakes.push(Mistake::new("", message, hint));
        }
        if let Ok(load) = self.load(1) {
            let of_load = ["properties", "record_size"];
            let in_it = |m: &Mistake| m.path.first().is_some_and(|root| of_load.contains(&root.as_str()));
            mistakes.extend(load.mistakes(environment).into_iter().filter(in_it));
        }
        mistakes
    }

    fn needs(&self, _environment: &Environment) -> Vec<Need> {
        vec![Need::Write { cluster: self.cluster.clone(), topic: self.topic.clone(), bytes: None }]
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        if let Some((why, hint)) = self.driver_fault() {
            return Err(ActionError::misconfigured(why, hint).into());
        }
        let condition = Condition::read(self.holds.get().map_err(ActionError::from)?)
            .map_err(|wrong| ActionError::misconfigured(wrong.message, wrong.hint))?;
        let within = self.within.get().map_err(ActionError::from)?.0;
        let pause = self.pause.get().map_err(ActionError::from)?.0;
        let mut search = Search::new(self.bounds()?);
        let mut book = Book::begin(cx)?;
        let began = Instant::now();
        let mut running = None;
        let ended = loop {
            let (rate, phase) = match search.next() {
                Next::Done(end) => break Ok(Stopped::Done(end)),
                Next::Probe(rate, phase) => (rate, phase),
            };
            let number = book.next_number();
            let ahead = if number == 1 { Duration::ZERO } else { pause };
            let needed = self.probe_length().unwrap_or_default();
            if number > 1 && began.elapsed() + needed > within {
                break Ok(Stopped::OutOfTime(within));
            }
            tokio::select! {
                () = tokio::time::sleep(ahead) => {}
                () = cx.cancel.cancelled() => break Err(ActionError::Cancelled.into()),
            }
            running = Some((number, rate));
            let load = (self.load(rate)?, self.hold.get().map_err(ActionError::from)?.0);
            match probe::run(cx, load, &condition, (number, rate, phase), began).await {
                Ok(probe) => {
                    search.tell(rate, probe.failed.is_none());
                    tell(cx, &probe);
                    book.add(probe)?;
                    running = None;
                }
                Err(failure) => break Err(failure),
            }
        };
        let mut evidence = book.close(&search, began.elapsed(), ended.as_ref().ok())?;
        match (ended, running) {
            (Ok(_), _) => Ok(evidence),
            // A search that was stopped is told with what it knew; what only the last probe saw is in its artifacts.
            (Err(failure), running) => {
                if let Some((number, rate)) = running {
                    evidence.remark(messages::not_finished(number, rate));
                }
                Err(failure.error.with(evidence))
            }
        }
    }
}

fn tell(cx: &ActionContext, probe: &Probe) {
    let outcome = match &probe.failed {
        None => messages::held(),
        Some(why) => messages::did_not_hold(why),
    };
    let message = messages::probe_came_to(probe.number, probe.rate, outcome);
    cx.progress.update(&cx.action, u64::from(probe.number), None, message);
}
