//! `failover`: has a group go from one cluster to another under load, and counts what it skips and reads again.

mod messages;
mod statistics;
mod table;

use super::{
    Action, ActionContext, ActionError, ActionFailure, Claim, Kind, Mistake, Need, OnInterrupt, Output,
    Param, Size, Span,
    kafka_access::{Access, some_of},
    load_client::{self, Properties},
    mirror_access::{self, blocking},
    mistakes, output,
};
use crate::{
    clients::{
        Environment,
        kafka::{Role, Topology},
        mirror::Names,
    },
    load::{
        drill::{self, Cut, Drill, Flow, Spec, Stage},
        payload::Stamp,
    },
    record::{ActionRole, Arg, Evidence, Family, Said, Unit, Value},
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;
use std::{collections::BTreeSet, time::Duration};

/// Parameters of `failover`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Failover {
    /// The cluster that the group works on, by its name in the environment.
    source: String,
    /// The cluster that it goes to.
    target: String,
    /// A topic of the source that is copied to the target. It is for the drills alone: they write to it.
    topic: String,
    /// The group. It is for the drills alone: they put it at the end of the topic first. The checkpoint connector must
    /// know it.
    group: String,
    /// What is put before a topic's name on the target; empty where topics keep their names. The default follows `mirror`
    /// of the environment, else it is `<source>.`.
    #[serde(default)]
    prefix: Option<String>,
    /// How many drills, one behind the other.
    #[serde(default = "one")]
    drills: Param<u64>,
    /// Records per second on the source.
    #[serde(default = "five_hundred")]
    rate: Param<u64>,
    /// Size of a record's value.
    #[serde(default = "a_quarter")]
    record_size: Param<Size>,
    /// When the group is stopped, counted from the moment at which it has an offset on the target. Of several drills,
    /// and where `seed` is given, each has a random moment between half and one and a half of this time.
    #[serde(default = "ten_seconds")]
    after: Param<Span>,
    /// In place of `after`: the group is stopped when the source has acknowledged so many records more.
    #[serde(default)]
    after_records: Option<Param<u64>>,
    /// Where the random moments begin; without it, another one in each run. The result has it.
    #[serde(default)]
    seed: Option<u64>,
    /// Time from the stop to the start on the target. With `0s` it starts at once; with more than the interval of
    /// `sync.group.offsets` it finds its last translated offsets.
    #[serde(default = "at_once")]
    wait: Param<Span>,
    /// How long the group may take until it has an offset on the target in every partition.
    #[serde(default = "a_minute")]
    ready_within: Param<Span>,
    /// How long the records may take to come on the target, and on the way back.
    #[serde(default = "a_minute")]
    within: Param<Span>,
    /// How often the group commits on the source. What it read after its last commit is read again after a failover.
    #[serde(default = "one_second")]
    commit_every: Param<Span>,
    /// Where the group begins on the target in a partition without an offset: `earliest` or `latest`.
    #[serde(default)]
    reset: Reset,
}

/// Where a group without an offset begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Reset {
    /// With the oldest record.
    #[default]
    Earliest,
    /// With the next record.
    Latest,
}

fn one() -> Param<u64> {
    Param::Literal(1)
}

fn at_once() -> Param<Span> {
    Param::Literal(Span(Duration::ZERO))
}

fn five_hundred() -> Param<u64> {
    Param::Literal(500)
}

fn a_quarter() -> Param<Size> {
    Param::Literal(Size(256))
}

fn one_second() -> Param<Span> {
    Param::Literal(Span(Duration::from_secs(1)))
}

fn ten_seconds() -> Param<Span> {
    Param::Literal(Span(Duration::from_secs(10)))
}

fn a_minute() -> Param<Span> {
    Param::Literal(Span(Duration::from_secs(60)))
}

const TABLE: &str = "drills.csv";
const RESULT: &str = "failover.json";
/// Drills that one action may have.
const MOST: u64 = 1000;

macro_rules! distribution {
    ($name:literal, $unit:expr, $meaning:literal) => {
        [
            output(concat!($name, ".min"), $unit, concat!("Least ", $meaning, " over all drills.")),
            output(concat!($name, ".median"), $unit, concat!("Median ", $meaning, " over all drills.")),
            output(
                concat!($name, ".p95"),
                $unit,
                concat!("95th percentile of the ", $meaning, " over all drills."),
            ),
            output(concat!($name, ".max"), $unit, concat!("Greatest ", $meaning, " over all drills.")),
        ]
    };
}

const REPEATED: [Output; 4] = distribution!(
    "repeated_records",
    Unit::Count,
    "number of records read on the source and again on the target"
);
const FIRST: [Output; 4] = distribution!(
    "time_to_first_record_s",
    Unit::Seconds,
    "time from the group's start on the target to its first record there"
);
const RPO_RECORDS: [Output; 4] = distribution!(
    "rpo_records",
    Unit::Count,
    "number of records acknowledged by the source and not on the target at the stop"
);
const RPO: [Output; 4] = distribution!(
    "rpo_s",
    Unit::Seconds,
    "age at the stop of the oldest record that was acknowledged and not on the target, 0 where none was"
);
const RTO: [Output; 4] = distribution!(
    "rto_s",
    Unit::Seconds,
    "time from the stop to the first record on the target, the `wait` included"
);
/// The four figures of each.
const FIGURES: [&str; 4] = ["min", "median", "p95", "max"];

impl Kind for Failover {
    const SUMMARY: &'static str = "Stops a group under load, starts it on the other cluster at its translated offsets and counts record by record what \
         it skips and reads again; then has it go back.";
    const EXAMPLE: &'static str = "\
failover:
  id: drill
  source: source
  target: target
  topic: mm2.failover
  group: jalon-failover
  drills: 5
  after: 10s
  wait: 5s
";
    const ROLE: ActionRole = ActionRole::Load;
    const OUTPUTS: &'static [Output] = &[
        output("drills", Unit::Count, "Drills that were run.").of(Family::Drills),
        output("acknowledged_records", Unit::Count, "Records that the source acknowledged, over all drills."),
        output(
            "skipped_records",
            Unit::Count,
            "Records that the source acknowledged, that the group had not read, and that lie on the target and never came, \
             over all drills.",
        )
        .of(Family::Loss),
        output("skipped_drills", Unit::Count, "Drills that skipped at least one record."),
        output(
            "skip_share_upper",
            Unit::Ratio,
            "Share of such failovers that skip records, at most, with a confidence of 95 % (Clopper-Pearson).",
        )
        .within(0.0, 1.0),
        output(
            "not_arrived_records",
            Unit::Count,
            "Records that the source acknowledged and that were not on the target when the drill ended, over all drills.",
        )
        .of(Family::Loss),
        output(
            "partitions_without_translation",
            Unit::Count,
            "Partitions in which the group had an offset on the source and none on the target, of the worst drill.",
        ),
        REPEATED[0], REPEATED[1], REPEATED[2], REPEATED[3],
        FIRST[0], FIRST[1], FIRST[2], FIRST[3],
        RPO_RECORDS[0], RPO_RECORDS[1], RPO_RECORDS[2], RPO_RECORDS[3],
        RPO[0], RPO[1], RPO[2], RPO[3],
        RTO[0], RTO[1], RTO[2], RTO[3],
        output(
            "fail_back.skipped_records",
            Unit::Count,
            "Acknowledged records that the group read on neither cluster, after it went back to the source, over all drills.",
        )
        .of(Family::Loss),
        output(
            "fail_back.repeated_records",
            Unit::Count,
            "Records that it read on the target and again on the source, of the worst drill.",
        ),
        output(
            "looping_topics",
            Unit::Count,
            "Topics on either cluster whose names say that they came back (`a.b.a.…`).",
        ),
        output(
            "returned_records",
            Unit::Count,
            "Records that lie on the source more often than they were sent, over all drills.",
        ),
    ];
}

#[async_trait::async_trait]
impl Action for Failover {
    fn describe(&self) -> Said {
        messages::drill(&self.drills, &self.group, &self.source, &self.target)
    }

    /// The stamps of another try are others, and the group is put at the end first.
    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    fn claims(&self) -> Vec<Claim> {
        vec![Claim::ClusterLoad(self.source.clone()), Claim::Topic(format!("{}/{}", self.source, self.topic))]
    }

    fn time_limit(&self) -> Duration {
        let span = |param: &Param<Span>| param.known().map_or(Duration::from_secs(60), |span| span.0);
        let load = span(&self.after).saturating_mul(2);
        let one = load + span(&self.ready_within) + span(&self.wait) + span(&self.within) * 3;
        let drills = u32::try_from(self.drills.known().copied().unwrap_or(10)).unwrap_or(u32::MAX);
        (one + Duration::from_secs(60)).saturating_mul(drills).saturating_add(Duration::from_secs(120))
    }

    fn expected(&self) -> Option<Duration> {
        let drills = u32::try_from(*self.drills.known()?).ok()?;
        let one = self.after.known()?.0 + self.wait.known()?.0 + Duration::from_secs(12);
        self.after_records.is_none().then(|| one.saturating_mul(drills))
    }

    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        let mut mistakes =
            mistakes::clusters(environment, &[("source", &self.source), ("target", &self.target)]);
        mistakes.extend(mistakes::topic("topic", &self.topic));
        if self.source == self.target {
            let hint = "name two clusters of the environment";
            mistakes.push(Mistake::new("target", "source and target are the same cluster", hint));
        }
        for (key, wrong, hint) in [
            ("drills", self.drills.known().is_some_and(|n| !(1..=MOST).contains(n)), "write 1 to 1000"),
            (
                "rate",
                self.rate.known().is_some_and(|n| !(1..=100_000).contains(n)),
                "write 1 to 100000 records/s",
            ),
            (
                "record_size",
                self.record_size.known().is_some_and(|size| size.0 < Stamp::LEN as u64 || size.0 > 900_000),
                "write 32 B to 900 kB: a stamp takes 32 bytes",
            ),
            (
                "commit_every",
                self.commit_every.known().is_some_and(|every| every.0 < Duration::from_millis(50)),
                "write 50ms or more",
            ),
        ] {
            if wrong {
                mistakes.push(Mistake::new(key, format!("`{key}` is out of range"), hint));
            }
        }
        mistakes
    }

    fn needs(&self, _environment: &Environment) -> Vec<Need> {
        let group = |cluster: &String| Need::Group { cluster: cluster.clone(), group: self.group.clone() };
        vec![
            Need::Write { cluster: self.source.clone(), topic: self.topic.clone(), bytes: None },
            Need::Read { cluster: self.source.clone(), topic: self.topic.clone() },
            group(&self.source),
            group(&self.target),
        ]
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let names = Names::of(&cx.environment, &self.source, &self.target);
        let asked = *self.drills.get()?;
        let seed = self.seed.unwrap_or_else(|| rand::rng().random());
        let mut moments = ChaCha8Rng::seed_from_u64(seed);
        let mut spec = self.spec(cx).await?;
        self.wait_for_topic(cx, &spec.target_topic).await?;
        let (config, topic) = (spec.source.clone(), self.topic.clone());
        spec.flow.partitions =
            blocking(cx, &self.source, move |cx| drill::put_at_end(&config, &topic, &cx.cancel)).await?;

        let clusters = format!("{}` or `{}", self.source, self.target);
        let (mut drills, mut processed) = (Vec::new(), BTreeSet::new());
        let mut failed = None;
        for number in 1..=asked {
            let mut own = spec.clone();
            own.flow.token = rand::rng().random();
            if self.seed.is_some() || asked > 1 {
                own.cut = match own.cut {
                    Cut::After(time) => Cut::After(time.mul_f64(moments.random_range(0.5..1.5))),
                    Cut::Records(records) => {
                        Cut::Records(moments.random_range(records / 2..=records + records / 2))
                    }
                };
            }
            let work = blocking(cx, &clusters, move |cx| {
                let mut tell = |stage: Stage| {
                    let (done, said) = match stage {
                        Stage::Load(done) => (done, messages::stage_load(number)),
                        Stage::Wait => (0, messages::stage_wait(number)),
                        Stage::Target(done) => (done, messages::stage_target(number)),
                        Stage::Back(done) => (done, messages::stage_back()),
                    };
                    cx.progress.update(&cx.action, done, None, said);
                };
                drill::run(&own, &mut processed, &mut tell, &cx.cancel).map(|drill| (drill, processed))
            });
            match work.await {
                Ok((drill, known)) => {
                    processed = known;
                    drills.push(drill);
                }
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        let topologies = match &failed {
            Some(_) => None,
            None => Some((self.topology(cx, &self.source).await?, self.topology(cx, &self.target).await?)),
        };
        cx.artifacts.write(TABLE, "text/csv", table::csv(&drills).as_bytes())?;
        cx.artifacts.write_json(RESULT, &table::json(&drills, seed))?;
        let evidence = self.evidence(&drills, asked, &names, topologies)?;
        match failed {
            Some(error) => Err(error.with(evidence)),
            None => Ok(evidence),
        }
    }
}

impl Failover {
    async fn spec(&self, cx: &ActionContext) -> Result<Spec, ActionError> {
        let flow = (self.source.as_str(), self.target.as_str());
        let prefix = mirror_access::prefix(&cx.environment, flow, self.prefix.as_deref(), "prefix")?;
        let producer = [("acks", "all"), ("enable.idempotence", "true"), ("linger.ms", "5")];
        let producer = producer.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let producer = Properties(producer.collect());
        let none = Properties::default();
        let mut source = load_client::settings(cx, &self.source, Role::Consumer, &none).await?.config;
        let mut target = load_client::settings(cx, &self.target, Role::Consumer, &none).await?.config;
        source.set("group.id", &self.group).set("auto.offset.reset", "earliest");
        let reset = match self.reset {
            Reset::Earliest => "earliest",
            Reset::Latest => "latest",
        };
        target.set("group.id", &self.group).set("auto.offset.reset", reset);
        Ok(Spec {
            flow: Flow {
                config: load_client::settings(cx, &self.source, Role::Producer, &producer).await?.config,
                topic: self.topic.clone(),
                partitions: Vec::new(),
                rate: *self.rate.get()?,
                record_size: usize::try_from(self.record_size.get()?.0)
                    .unwrap_or(usize::MAX)
                    .clamp(Stamp::LEN, 900_000),
                token: 0,
            },
            source,
            target,
            target_topic: format!("{prefix}{}", self.topic),
            commit_every: self.commit_every.get()?.0,
            cut: match &self.after_records {
                Some(records) => Cut::Records(*records.get()?),
                None => Cut::After(self.after.get()?.0),
            },
            ready_within: self.ready_within.get()?.0,
            wait: self.wait.get()?.0,
            within: self.within.get()?.0,
        })
    }

    async fn topology(&self, cx: &ActionContext, cluster: &str) -> Result<Topology, ActionError> {
        let access = Access::to(cx, cluster).await?;
        access.ask(cx, access.admin.topology()).await
    }

    /// Waits until the copy of the topic is on the target.
    async fn wait_for_topic(&self, cx: &ActionContext, topic: &str) -> Result<(), ActionError> {
        let within = self.ready_within.get()?.0;
        let began = std::time::Instant::now();
        loop {
            let there = self.topology(cx, &self.target).await?;
            if there.topic(topic).is_some_and(|topic| topic.error.is_none() && !topic.partitions.is_empty()) {
                return Ok(());
            }
            if began.elapsed() >= within {
                let message = messages::not_copied(topic, &self.target, within);
                return Err(ActionError::misconfigured(message, messages::replicate_it()));
            }
            tokio::select! {
                () = cx.cancel.cancelled() => return Err(ActionError::Cancelled),
                () = tokio::time::sleep(Duration::from_millis(300)) => {}
            }
        }
    }

    fn evidence(
        &self,
        drills: &[Drill],
        asked: u64,
        names: &Names,
        topologies: Option<(Topology, Topology)>,
    ) -> Result<Evidence, ActionError> {
        let mut evidence = Evidence::default();
        let done = drills.len() as u64;
        let sum = |count: fn(&Drill) -> u64| drills.iter().map(count).sum::<u64>();
        let most = |count: fn(&Drill) -> u64| drills.iter().map(count).max().unwrap_or(0);
        let acknowledged = sum(|d| d.account.acknowledged);
        let skipped_drills = drills.iter().filter(|d| d.account.skipped > 0).count() as u64;
        let why = match done {
            0 => messages::drills_missing(0, asked),
            _ => messages::none_acknowledged(),
        };
        let count = |records: u64| match acknowledged {
            0 => Value::missing(&why),
            _ => Value::count(records),
        };
        let bound = statistics::upper_bound(skipped_drills, done);
        for (name, value) in [
            ("drills", Value::count(done)),
            ("acknowledged_records", Value::count(acknowledged)),
            ("skipped_records", count(sum(|d| d.account.skipped))),
            ("skipped_drills", count(skipped_drills)),
            (
                "skip_share_upper",
                if acknowledged == 0 { Value::missing(&why) } else { Value::number(bound, Unit::Ratio) },
            ),
            ("not_arrived_records", count(sum(|d| d.account.not_arrived))),
            ("partitions_without_translation", count(most(|d| d.untranslated))),
            ("fail_back.skipped_records", count(sum(|d| d.account.back_skipped))),
            ("fail_back.repeated_records", count(most(|d| d.account.back_repeated))),
            ("returned_records", count(sum(|d| d.account.returned))),
        ] {
            evidence.put_from(name, value, RESULT);
        }
        #[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
        let numbers = |count: fn(&Drill) -> u64| drills.iter().map(|d| count(d) as f64).collect::<Vec<_>>();
        let times = |time: fn(&Drill) -> Option<Duration>| {
            drills.iter().filter_map(|d| Some(time(d)?.as_secs_f64())).collect::<Vec<_>>()
        };
        let silent = drills.iter().filter(|d| d.first_record.is_none()).count();
        let no_record = messages::no_record(silent);
        for (name, unit, values) in [
            ("repeated_records", Unit::Count, numbers(|d| d.account.repeated)),
            ("time_to_first_record_s", Unit::Seconds, times(|d| d.first_record)),
            ("rpo_records", Unit::Count, numbers(|d| d.account.rpo_records)),
            ("rpo_s", Unit::Seconds, times(|d| Some(d.account.rpo))),
            ("rto_s", Unit::Seconds, times(|d| d.recovered)),
        ] {
            // A drill in which nothing came has no time: the figures of the others would be too good.
            let figures = (values.len() == drills.len()).then(|| statistics::figures(values)).flatten();
            for (index, figure) in FIGURES.iter().enumerate() {
                let value = figures.map(|figures| figures[index]);
                let otherwise = if done == 0 { &why } else { &no_record };
                evidence.put_from(
                    format!("{name}.{figure}"),
                    load_client::number(value, unit, otherwise),
                    RESULT,
                );
            }
        }
        match topologies {
            Some((source, target)) => {
                let mut loops = table::looping(&source, &names.source, names);
                loops.extend(table::looping(&target, &names.target, names));
                evidence.put("looping_topics", Value::count(loops.len() as u64));
                if !loops.is_empty() {
                    evidence.remark(messages::loops(some_of(&loops)));
                }
            }
            None => _ = evidence.put("looping_topics", Value::missing(messages::drills_missing(done, asked))),
        }
        self.remarks(&mut evidence, drills, skipped_drills, bound)?;
        Ok(evidence)
    }

    fn remarks(
        &self,
        evidence: &mut Evidence,
        drills: &[Drill],
        skipped_drills: u64,
        bound: f64,
    ) -> Result<(), ActionError> {
        for (number, drill) in (1_u64..).zip(drills) {
            if drill.account.skipped > 0 {
                let offsets: Vec<_> = drill.translated.iter().map(|(p, o)| format!("{p}: {o}")).collect();
                evidence.remark(messages::skipped(number, drill.account.skipped, offsets.join(", ")));
            }
            if !drill.was_ready {
                evidence.remark(messages::not_ready(number, self.ready_within.get()?.0));
            }
            for error in drill.errors.iter().take(1) {
                evidence.remark(messages::errors(number, error));
            }
        }
        let sum = |count: fn(&Drill) -> u64| drills.iter().map(count).sum::<u64>();
        if sum(|d| d.account.not_arrived) > 0 {
            evidence.remark(messages::not_arrived(sum(|d| d.account.not_arrived)));
        }
        if sum(|d| d.account.returned) > 0 {
            evidence.remark(messages::returned(sum(|d| d.account.returned)));
        }
        if !drills.is_empty() {
            let percent = Arg::decimals(bound * 100.0, 1);
            evidence.remark(messages::bound(skipped_drills, drills.len() as u64, percent));
            evidence.remark(messages::source_goes_on());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
