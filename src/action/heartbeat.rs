//! `heartbeat`: whether MirrorMaker 2's heartbeats of one flow come, and how regularly.

use super::{
    Action, ActionContext, ActionError, ActionFailure, Kind, Mistake, Need, OnInterrupt, Output, Param, Span,
    kafka_access::{Access, some_of},
    load_client::{self, Properties},
    mirror_access::{blocking, log},
    mistakes, output,
};
use crate::{
    clients::{
        Environment,
        kafka::{Role, Topology},
        mirror::{HEARTBEATS, Heartbeat as Sign, Names},
    },
    load::{
        ClientConfig,
        mirror_log::{self, Beat, Log},
    },
    record::{ActionRole, Evidence, Family, Said, Unit, Value, messages},
};
use serde::Deserialize;
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Parameters of `heartbeat`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Heartbeat {
    /// The cluster that records are copied from, by its name in the environment.
    source: String,
    /// The cluster that they are copied to, where the heartbeats are read.
    target: String,
    /// How far back heartbeats are counted; 1m where left out.
    #[serde(default = "a_minute")]
    window: Param<Span>,
}

fn a_minute() -> Param<Span> {
    Param::Literal(Span(Duration::from_secs(60)))
}

const FOUND: &str = "heartbeats.json";
/// Records at the end of the topic among which the newest heartbeat is looked for where the window has none.
const TAIL: i64 = 50_000;

impl Kind for Heartbeat {
    const SUMMARY: &'static str = "Counts the heartbeats that MirrorMaker 2 wrote for one flow, with their age and the longest silence.";
    const EXAMPLE: &'static str = "heartbeat: {id: heartbeat, source: source, target: target, window: 1m}";
    const ROLE: ActionRole = ActionRole::Check;
    const OUTPUTS: &'static [Output] = &[
        output(
            "newest_age_s",
            Unit::Seconds,
            "Age of the flow's newest heartbeat: this machine's clock minus the time that the worker wrote into it.",
        ).of(Family::HeartbeatAge)
        .signed(),
        output("count", Unit::Count, "Heartbeats of the flow in the window."),
        output(
            "max_gap_s",
            Unit::Seconds,
            "The longest time between two heartbeats of the flow that ended in the window, the time since the newest one \
             included.",
        )
        .signed(),
        output("other_flows", Unit::Count, "Heartbeats of other flows in the window, in the same topic."),
        output(
            "replicated.count",
            Unit::Count,
            "Heartbeats in the window that were written on the source and copied to the target by this flow.",
        ),
        output("replicated.newest_age_s", Unit::Seconds, "Age of the newest one of these.").signed(),
    ];
}

#[async_trait::async_trait]
impl Action for Heartbeat {
    fn describe(&self) -> Said {
        count_of(&self.source, &self.target, &self.window)
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    fn time_limit(&self) -> Duration {
        Duration::from_secs(120)
    }

    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        let mut mistakes =
            mistakes::clusters(environment, &[("source", &self.source), ("target", &self.target)]);
        if self.window.known().is_some_and(|window| window.0 < Duration::from_secs(1)) {
            let hint = "write a time that several heartbeats fall into, such as `1m`";
            mistakes.push(Mistake::new("window", "`window` is below one second", hint));
        }
        mistakes
    }

    fn needs(&self, _environment: &Environment) -> Vec<Need> {
        vec![Need::Read { cluster: self.target.clone(), topic: HEARTBEATS.to_owned() }]
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let window = self.window.get()?.0;
        let window_ms = i64::try_from(window.as_millis()).unwrap_or(i64::MAX / 4).max(1);
        let names = Names::of(&cx.environment, &self.source, &self.target);
        let target = Access::to(cx, &self.target).await?;
        let topology = target.ask(cx, target.admin.topology()).await?;
        let none = Properties::default();
        let config = load_client::settings(cx, &self.target, Role::Consumer, &none).await?.config;
        let now = jiff::Timestamp::now().as_millisecond();
        let read =
            Reader { cx, target: &target, topology: &topology, config: &config, since: now - 2 * window_ms };
        let is_own = |sign: &Sign| sign.source == names.source && sign.target == names.target;
        let direct = read.beats(HEARTBEATS, &|beat| is_own(&beat.heartbeat)).await?;
        let replicated = read.beats(&names.replicated_heartbeats(), &|_| true).await?;

        let mut evidence = Evidence::default();
        let (own, others): (Vec<Beat>, Vec<Beat>) =
            direct.iter().flatten().cloned().partition(|beat| is_own(&beat.heartbeat));
        let own = Account::of(&own, now, window_ms);
        let foreign = Account::of(&others, now, window_ms);
        let flow = format!("{}->{}", names.source, names.target);
        let why = match &direct {
            None => no_topic(HEARTBEATS, &self.target),
            Some(_) => none_of_flow(&flow),
        };
        put(&mut evidence, "", &own, &why);
        evidence.put("max_gap_s", seconds(own.max_gap_ms, &why));
        evidence.put("other_flows", Value::count(foreign.count));
        match &replicated {
            Some(beats) => {
                let account = Account::of(beats, now, window_ms);
                put(&mut evidence, "replicated.", &account, &none_copied());
            }
            None => {
                let why = no_topic(names.replicated_heartbeats(), &self.target);
                for name in ["replicated.count", "replicated.newest_age_s"] {
                    evidence.put(name, Value::missing(&why));
                }
            }
        }
        if direct.is_none() || own.newest_ms.is_none() {
            evidence.remark(why);
        }
        if foreign.count > 0 {
            let flows: BTreeSet<String> = others
                .iter()
                .map(|beat| format!("{}->{}", beat.heartbeat.source, beat.heartbeat.target))
                .collect();
            evidence.remark(of_others(foreign.count, some_of(&flows.into_iter().collect::<Vec<_>>()), &flow));
        }
        if own.newest_ms.is_some() {
            evidence.remark(clocks());
        }
        if !cx.sampling {
            let json = json!({
                "flow": flow, "window_s": window.as_secs_f64(), "now_ms": now,
                "heartbeats": own.json(), "other_flows": foreign.json(),
                "replicated": replicated.as_ref().map(|beats| Account::of(beats, now, window_ms).json()),
            });
            cx.artifacts.write_json(FOUND, &json)?;
            evidence.values.values_mut().for_each(|measured| measured.from = Some(FOUND.to_owned()));
        }
        Ok(evidence)
    }
}

/// Reads heartbeats on the target.
struct Reader<'a> {
    cx: &'a ActionContext,
    target: &'a Access,
    topology: &'a Topology,
    config: &'a ClientConfig,
    since: i64,
}

impl Reader<'_> {
    /// The heartbeats of a topic since the time; where none of them is `wanted`, those of the topic's end. None where
    /// there is no such topic.
    async fn beats(
        &self,
        topic: &str,
        wanted: &(dyn Fn(&Beat) -> bool + Sync),
    ) -> Result<Option<Vec<Beat>>, ActionError> {
        let Some(whole) = log(self.cx, self.target, self.topology, topic).await? else { return Ok(None) };
        let keys: Vec<_> = whole.partitions.keys().map(|number| (topic.to_owned(), *number)).collect();
        let since = self.target.ask(self.cx, self.target.admin.offsets_since(&keys, self.since)).await?;
        let mut recent = whole.clone();
        for (number, (begin, end)) in &mut recent.partitions {
            *begin = since.get(&(topic.to_owned(), *number)).copied().unwrap_or(*end);
        }
        let found = self.read(recent).await?;
        if found.iter().any(wanted) {
            return Ok(Some(found));
        }
        let mut tail = whole;
        tail.partitions.values_mut().for_each(|(begin, end)| *begin = (*begin).max(*end - TAIL));
        Ok(Some(self.read(tail).await?))
    }

    async fn read(&self, log: Log) -> Result<Vec<Beat>, ActionError> {
        let config = self.config.clone();
        let read = move |cx: ActionContext| mirror_log::heartbeats(&config, &log, &cx.cancel);
        let mut found = blocking(self.cx, &self.target.name, read).await?.found;
        found.sort_by_key(|beat| beat.heartbeat.timestamp_ms);
        Ok(found)
    }
}

/// What heartbeats come to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Account {
    count: u64,
    newest_ms: Option<i64>,
    newest_age_ms: Option<i64>,
    max_gap_ms: Option<i64>,
    flows: BTreeMap<String, u64>,
}

impl Account {
    /// Of heartbeats that are sorted by their times.
    fn of(beats: &[Beat], now: i64, window_ms: i64) -> Self {
        let mut account = Self::default();
        let begin = now - window_ms;
        let mut before: Option<i64> = None;
        for beat in beats {
            let at = beat.heartbeat.timestamp_ms;
            if at >= begin {
                account.count += 1;
                let flow = format!("{}->{}", beat.heartbeat.source, beat.heartbeat.target);
                *account.flows.entry(flow).or_default() += 1;
                account.max_gap_ms = account.max_gap_ms.max(before.map(|before| at - before));
            }
            before = Some(at);
        }
        account.newest_ms = before;
        account.newest_age_ms = before.map(|newest| now - newest);
        account.max_gap_ms = account.max_gap_ms.max(account.newest_age_ms);
        account
    }

    fn json(&self) -> serde_json::Value {
        json!({
            "count": self.count, "newest_ms": self.newest_ms, "newest_age_ms": self.newest_age_ms,
            "max_gap_ms": self.max_gap_ms, "flows": self.flows,
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 stay below 2^53")]
fn seconds(millis: Option<i64>, otherwise: &Said) -> Value {
    load_client::number(millis.map(|millis| millis as f64 / 1000.0), Unit::Seconds, otherwise)
}

fn put(evidence: &mut Evidence, prefix: &str, account: &Account, otherwise: &Said) {
    evidence.put(format!("{prefix}count"), Value::count(account.count));
    evidence.put(format!("{prefix}newest_age_s"), seconds(account.newest_age_ms, otherwise));
}

messages! {
    area "heartbeat";
    clocks() => "ages are this machine's clock minus that of the Connect worker that wrote the heartbeat; a difference of the clocks is in them" / "les âges sont l'horloge de cette machine moins celle du worker Connect qui a écrit le heartbeat ; un écart d'horloges s'y ajoute";
    count_of(source, target, window) => "count the heartbeats of the flow `{source}->{target}` in the last {window}" / "compter les heartbeats du flux `{source}->{target}` des {window} passées";
    no_topic(topic, cluster) => "topic `{topic}` does not exist on cluster `{cluster}`" / "le topic `{topic}` n'existe pas sur le cluster `{cluster}`";
    none_copied() => "no copied heartbeat was found" / "aucun heartbeat copié n'a été trouvé";
    none_of_flow(flow) => "the topic has no heartbeat of the flow `{flow}`" / "le topic n'a aucun heartbeat du flux `{flow}`";
    of_others(records, flows, flow) => "{records} {records|heartbeat|heartbeats} of other flows ({flows}) do not count for `{flow}`" / "{records} {records|heartbeat|heartbeats} d'autres flux ({flows}) ne comptent pas pour `{flow}`";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beats(times: &[i64]) -> Vec<Beat> {
        let beat = |timestamp_ms| Beat {
            heartbeat: Sign { source: "a".into(), target: "b".into(), timestamp_ms },
            written_ms: timestamp_ms,
        };
        times.iter().map(|at| beat(*at)).collect()
    }

    fn account(times: &[i64]) -> (u64, Option<i64>, Option<i64>) {
        let account = Account::of(&beats(times), 100_000, 10_000);
        (account.count, account.newest_age_ms, account.max_gap_ms)
    }

    #[test]
    fn a_silence_counts_where_it_ends_in_the_window_or_goes_on() {
        assert_eq!(account(&[]), (0, None, None));
        assert_eq!(account(&[97_000, 98_000, 99_000]), (3, Some(1000), Some(1000)));
        assert_eq!(account(&[91_000, 95_500, 99_500]), (3, Some(500), Some(4500)));
        assert_eq!(account(&[91_000, 92_000]), (2, Some(8000), Some(8000)), "it goes on");
        assert_eq!(account(&[82_000, 91_000, 99_000]), (2, Some(1000), Some(9000)), "it began before");
        assert_eq!(account(&[101_000]), (1, Some(-1000), Some(-1000)), "a worker whose clock is ahead");
        assert_eq!(account(&[50_000]), (0, Some(50_000), Some(50_000)), "an old one is the newest");
    }
}
