//! `connector`: brings a connector of Kafka Connect into a state and proves that it is there, or looks at it.

mod change;
mod checks;
mod expected;
mod flow;
mod offsets;
mod put_before;
mod restarts;
mod settings;
mod state;
mod watchful;
mod work;

use super::{
    Action, ActionContext, ActionError, ActionFailure, Claim, Kind, Mistake, Need, OnInterrupt, Output,
    Param, Span, flag_output,
    kafka_access::some_of,
    mistakes, output,
    service::{endpoint, unless_cancelled},
    text_output,
};
use crate::{
    clients::{Environment, connect::Connect},
    record::{ActionRole, Evidence, Family, Said, Speaks, Unit, Value, messages},
};
use serde::Deserialize;
use serde_json::Value as Json;
use state::{State, running};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use watchful::Sight;

const WITHIN: Duration = Duration::from_secs(60);

/// Parameters of `connector`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Connector {
    /// Name of the connector.
    name: String,
    /// The state that it is brought to: `running`, `paused`, `stopped` (Connect 3.5 or later), `absent`, or
    /// `restarted` (connector and tasks started again, then running). Left out, it is only looked at.
    #[serde(default)]
    state: Option<State>,
    /// Settings that it is given first, unless it has exactly these. A list is joined by commas. A value that is a
    /// reference (`env:NAME`, `file:PATH`, `command:…`) is put as the secret behind it.
    #[serde(default)]
    config: BTreeMap<String, Json>,
    /// The flow that it is one of MirrorMaker 2's connectors of: `source->target`. The environment then gives class, aliases,
    /// addresses, log-ins and converters; what `config` says counts more.
    #[serde(default)]
    mirror: Option<String>,
    /// Which one of them.
    #[serde(default)]
    role: Option<flow::Role>,
    /// How many tasks at least must be `RUNNING` on workers that answer, 1 where left out; and never fewer than the
    /// connector has asked Connect for. MirrorMaker 2's source and checkpoint connectors have none until a topic or a group
    /// matches: write 0 there.
    #[serde(default)]
    tasks: Option<Param<u32>>,
    /// How long all of it may take; 60 s where left out.
    #[serde(default)]
    within: Option<Param<Span>>,
    /// Whether the workers that claim to run something are asked whether they live, at the address that they
    /// advertise. `false` where that address cannot be reached from here.
    #[serde(default = "yes")]
    check_workers: bool,
    /// Changes what the connector has committed, while it is stopped (Kafka 3.6 or later); needs `state: stopped`.
    /// The offsets from before are kept as `offsets-before.json`, in the form of `alter`.
    #[serde(default)]
    offsets: Option<offsets::Change>,
    /// Look every second for so long before the state is believed, and count tasks that start again (`task_restarts`).
    #[serde(default)]
    observe: Option<Param<Span>>,
    /// What earlier looks of the same watch saw.
    #[serde(skip)]
    restarts: Arc<Mutex<restarts::Restarts>>,
}

fn yes() -> bool {
    true
}

impl Kind for Connector {
    const SUMMARY: &'static str = "Brings a connector into a state, settings included, and waits until it is really \
        there; or looks at it.";
    const EXAMPLE: &'static str = "\
connector:
  id: mirror
  name: mm2-source
  state: running
  tasks: 2
  within: 90s
  config:
    connector.class: org.apache.kafka.connect.mirror.MirrorSourceConnector
    source.cluster.alias: source
    target.cluster.alias: target
    source.cluster.bootstrap.servers: source-1:9092
    target.cluster.bootstrap.servers: target-1:9092
    source.cluster.sasl.jaas.config: env:SOURCE_JAAS
    topics: [orders, 'perf.*']
    tasks.max: 2";
    const ROLE: ActionRole = ActionRole::Change;
    const WATCH: bool = true;
    const OUTPUTS: &'static [Output] = &[
        text_output("state", "State of the connector as Connect says it, or `ABSENT`.")
            .of(Family::ConnectorState),
        output("tasks", Unit::Count, "Tasks that it has."),
        output("tasks_running", Unit::Count, "Tasks that are `RUNNING` on workers that answer."),
        output("tasks_failed", Unit::Count, "Tasks that are `FAILED`."),
        output(
            "tasks_expected",
            Unit::Count,
            "Tasks that it should have: those that it asked Connect for, and of MirrorMaker 2's source connector `tasks.max` or the partitions that match, whichever is less.",
        ),
        output(
            "task_restarts",
            Unit::Count,
            "How often a task was seen to start again; needs a watch or `observe`.",
        ),
        output(
            "partitions_expected",
            Unit::Count,
            "Topic-partitions of the source that MirrorMaker 2's source connector should copy.",
        ),
        output("partitions_assigned", Unit::Count, "Those of them that a task has."),
        output("partitions_unassigned", Unit::Count, "Those of them that no task has."),
        output(
            "overlapping",
            Unit::Count,
            "Other running source connectors that copy the same topics to the same names; missing in a watch.",
        ),
        flag_output(
            "exactly_once",
            "Whether the worker and the connector copy exactly once; missing in a watch.",
        ),
        output("settings_changed", Unit::Count, "Settings that were changed, added or removed."),
        output(
            "settings_differ",
            Unit::Count,
            "Settings that Connect has otherwise than they were put: by this action, or where it gives none, by the latest \
             one of the run before it; missing in a watch.",
        ),
        output("offsets_changed", Unit::Count, "Partitions whose committed offset was changed."),
        output("transition_s", Unit::Seconds, "From the first call to the moment when the state was proved."),
    ];
}

#[async_trait::async_trait]
impl Action for Connector {
    fn describe(&self) -> Said {
        let state = self.state.map_or_else(running, State::said);
        match (self.state, self.config.len()) {
            (None, 0) => look_at(&self.name),
            (_, 0) => bring(&self.name, state),
            (_, settings) => bring_with(&self.name, state, settings),
        }
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Verify
    }

    fn only_looks(&self) -> bool {
        self.goal().is_none()
    }

    fn destructive(&self) -> Option<String> {
        match (self.state, &self.offsets) {
            (Some(State::Absent), _) => Some(format!("deletes connector `{}`", self.name)),
            (_, Some(_)) => Some(format!("changes what connector `{}` has committed", self.name)),
            _ => None,
        }
    }

    fn looks_back(&self) -> Option<Vec<String>> {
        self.compares_with_earlier().then(Vec::new)
    }

    fn claims(&self) -> Vec<Claim> {
        match self.goal() {
            Some(_) => vec![Claim::Connector(self.name.clone())],
            None => Vec::new(),
        }
    }

    fn time_limit(&self) -> Duration {
        let within = self.within.as_ref().and_then(Param::known).map_or(WITHIN, |span| span.0);
        let observe = self.observe.as_ref().and_then(Param::known).map_or(Duration::ZERO, |span| span.0);
        // A worker may take 90 s to answer a write although the bound is past.
        within + observe + Duration::from_secs(60)
    }

    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        let service = mistakes::service(environment, "", "connect", &environment.connect);
        let flow = self.mirror.iter().flat_map(|name| flow::mistake(environment, name));
        let halves = (self.mirror.is_some() != self.role.is_some()).then(|| {
            let hint = "write both: `mirror: source->target` and `role: source`";
            Mistake::new("", "`mirror` and `role` go together", hint)
        });
        let offsets = (self.offsets.is_some() && self.state != Some(State::Stopped)).then(|| {
            let hint = "write `state: stopped`; a later action with `state: running` starts it again";
            Mistake::new("offsets", "Connect changes offsets of a stopped connector only", hint)
        });
        let change = self.offsets.iter().filter_map(offsets::Change::mistake);
        service.into_iter().chain(flow).chain(halves).chain(offsets).chain(change).collect()
    }

    fn needs(&self, environment: &Environment) -> Vec<Need> {
        let class = self.config.get("connector.class").and_then(Json::as_str);
        let plugin = class.or(self.role.map(flow::Role::class)).map(|class| Need::Plugin(class.to_owned()));
        let flow = self.mirror.as_ref().zip(self.role);
        let flow = flow.and_then(|(name, role)| flow::need(environment, name, role));
        plugin.into_iter().chain(flow).collect()
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let workers = endpoint(cx, "connect", |e| &e.connect)?;
        let connect = Connect::open(workers).await.map_err(ActionError::from)?;
        let within = self.within.as_ref().map_or(Ok(WITHIN), |span| span.get().map(|s| s.0))?;
        let Some(goal) = self.goal() else {
            // The next sample comes in any case.
            let patient = if cx.sampling { connect } else { connect.patient(Instant::now() + within) };
            let sight =
                unless_cancelled(cx, watchful::look(&patient, &self.name, self.check_workers)).await?;
            let sight = self.observe(cx, &patient, sight).await?;
            let mut evidence = self.evidence(cx, &patient, &sight, within).await?;
            evidence.put("transition_s", Value::missing(only_looked_at()));
            return Ok(evidence);
        };
        if cx.sampling {
            return Err(ActionError::misconfigured(watch_changes(&self.name), watch_form()).into());
        }
        if goal == State::Absent && !(self.config.is_empty() && self.mirror.is_none()) {
            return Err(ActionError::misconfigured(absent_with_config(&self.name), without_config()).into());
        }
        let tasks = self.tasks.as_ref().map_or(Ok(1), |n| n.get().copied())?;
        let started = Instant::now();
        let until = started + within;
        let patient = connect.clone().patient(until);
        let work = work::Work { connect: &patient, cx, name: &self.name, until };
        let done = unless_cancelled(cx, async {
            let wanted = self.wanted(cx).await?;
            work.change(&wanted, goal).await
        })
        .await?;
        let aim = watchful::Goal {
            state: goal.into(),
            tasks,
            check_workers: self.check_workers,
            steady: done.steady,
        };
        let proof = unless_cancelled(cx, async {
            Ok::<_, ActionError>(aim.wait(&connect, cx, &self.name, until).await)
        })
        .await?;
        let (mut sight, shortfall) = match proof {
            Ok(sight) => (sight, None),
            Err(failure) => (failure.sight, Some(failure.error)),
        };
        if shortfall.is_none() {
            sight = self.observe(cx, &patient, sight).await?;
        }
        let mut evidence = self.evidence(cx, &patient, &sight, within).await?;
        let offsets = match (&self.offsets, &shortfall) {
            (Some(change), None) => Some(unless_cancelled(cx, work.offsets(change)).await),
            _ => None,
        };
        evidence.remarks.splice(0..0, done.remarks.iter().cloned());
        unless_cancelled(cx, work.put(&done, &mut evidence)).await?;
        let shortfall = match offsets {
            Some(Ok(changed)) => {
                evidence.put_from("offsets_changed", Value::count(changed), offsets::BEFORE);
                None
            }
            Some(Err(error)) => Some(error),
            None => shortfall,
        };
        match shortfall {
            None => {
                let elapsed = started.elapsed().as_secs_f64();
                evidence.put("transition_s", Value::number(elapsed, Unit::Seconds));
                Ok(evidence)
            }
            Some(error) => {
                evidence.put("transition_s", Value::missing(not_there(within)));
                Err(error.with(evidence))
            }
        }
    }
}

impl Connector {
    /// The state to bring it to, where anything is to be changed. Settings alone mean a running connector.
    fn goal(&self) -> Option<State> {
        self.state.or((!self.config.is_empty() || self.mirror.is_some()).then_some(State::Running))
    }

    /// Whether what an earlier action put is the measure of its settings.
    fn compares_with_earlier(&self) -> bool {
        self.config.is_empty() && self.mirror.is_none() && self.state != Some(State::Absent)
    }

    /// Its settings: those of its flow, and over them those of the step.
    async fn wanted(&self, cx: &ActionContext) -> Result<BTreeMap<String, Json>, ActionError> {
        let (Some(flow), Some(role)) = (self.mirror.clone(), self.role) else {
            return Ok(self.config.clone());
        };
        let environment = Arc::clone(&cx.environment);
        let of_flow = tokio::task::spawn_blocking(move || flow::settings(&environment, &flow, role));
        let mut wanted = of_flow.await.map_err(|e| ActionError::failed(Said::verbatim(e.to_string())))??;
        wanted.extend(self.config.clone());
        Ok(wanted)
    }

    /// Looks on for `observe`, in a watch only takes the look in; the last sight counts.
    async fn observe(
        &self,
        cx: &ActionContext,
        connect: &Connect,
        mut sight: Sight,
    ) -> Result<Sight, ActionError> {
        let span = self.observe.as_ref().map_or(Ok(Duration::ZERO), |span| span.get().map(|s| s.0))?;
        self.take(&sight);
        let started = Instant::now();
        while !cx.sampling && started.elapsed() < span {
            sight = unless_cancelled(cx, async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                watchful::look(connect, &self.name, self.check_workers).await
            })
            .await?;
            self.take(&sight);
        }
        Ok(sight)
    }

    fn take(&self, sight: &Sight) {
        if let Ok(mut restarts) = self.restarts.lock() {
            restarts.take(sight.status.as_ref());
        }
    }

    /// Everything but the time that it took and what was changed.
    async fn evidence(
        &self,
        cx: &ActionContext,
        connect: &Connect,
        sight: &Sight,
        within: Duration,
    ) -> Result<Evidence, ActionError> {
        let mut evidence = Evidence::default();
        let from = match &sight.raw {
            Some(raw) if !cx.sampling => {
                cx.artifacts.write("status.json", "application/json", raw)?;
                Some("status.json")
            }
            _ => None,
        };
        let tasks = sight.status.as_ref().map_or(0, |s| s.tasks.len());
        for (name, value) in [
            ("state", Value::text(Said::verbatim(sight.state()))),
            ("tasks", Value::count(tasks as u64)),
            ("tasks_running", Value::count(sight.running().count() as u64)),
            ("tasks_failed", Value::count(sight.failed().count() as u64)),
        ] {
            match from {
                Some(file) => evidence.put_from(name, value, file),
                None => evidence.put(name, value),
            };
        }
        evidence.remarks.extend(connect.moved());
        for (worker, cause) in &sight.dead {
            evidence.remark(dead_worker(worker, cause));
        }
        let traces = sight.traces();
        if !traces.is_empty() && !cx.sampling {
            cx.artifacts.write("traces.txt", "text/plain", traces.as_bytes())?;
        }
        if let Some(reason) = sight.first_trace() {
            evidence.remark(reason);
        }
        let (restarts, looping) = match self.restarts.lock() {
            Ok(restarts) => (restarts.total(), restarts.loops()),
            Err(_) => (None, None),
        };
        evidence.put("task_restarts", restarts.map_or_else(|| Value::missing(one_look()), Value::count));
        evidence.remark_all(looping);
        change::not_changed(&mut evidence);
        let config = unless_cancelled(cx, connect.config(&self.name)).await?;
        if self.compares_with_earlier() && !cx.sampling {
            put_before::compare(cx, &self.name, config.as_ref(), &mut evidence)?;
        }
        expected::of(cx, config.as_ref(), sight.asked.as_deref()).await?.put(&mut evidence);
        let beside = match (&config, cx.sampling) {
            (Some(config), false) => Some(config),
            _ => None,
        };
        unless_cancelled(cx, async {
            self.beside(connect, beside, within, &mut evidence).await;
            Ok::<_, ActionError>(())
        })
        .await?;
        Ok(evidence)
    }

    /// What it is beside the other connectors, and whether it copies exactly once.
    async fn beside(
        &self,
        connect: &Connect,
        config: Option<&BTreeMap<String, String>>,
        within: Duration,
        evidence: &mut Evidence,
    ) {
        let Some(config) = config.filter(|config| expected::is_mirror_source(config)) else {
            evidence.put("overlapping", Value::missing(not_asked()));
            evidence.put("exactly_once", Value::missing(not_asked()));
            return;
        };
        match connect.connectors().await {
            Ok((all, _)) => {
                let others = checks::overlapping(&self.name, config, &all);
                evidence.put("overlapping", Value::count(others.len() as u64));
                if !others.is_empty() {
                    evidence.remark(copied_twice(some_of(&others)));
                }
            }
            Err(error) => drop(evidence.put("overlapping", Value::missing(error.said()))),
        }
        let until = Instant::now() + within.min(Duration::from_secs(20));
        match checks::exactly_once(connect, &self.name, config, until).await {
            Ok(on) => {
                evidence.put("exactly_once", Value::Flag(on));
                if on {
                    evidence.remark(ask_exactly_once());
                }
            }
            Err(reason) => drop(evidence.put("exactly_once", Value::missing(reason))),
        }
    }
}

impl From<State> for watchful::Aim {
    fn from(state: State) -> Self {
        match state {
            State::Absent => Self::Absent,
            State::Paused => Self::Paused,
            State::Restarted | State::Running => Self::Running,
            State::Stopped => Self::Stopped,
        }
    }
}

messages! {
    area "connector";
    absent_with_config(name) => "connector `{name}` is to be absent and has a `config`" / "le connecteur `{name}` doit être absent et a une `config`";
    bring(name, state) => "bring connector `{name}` to {state}" / "amener le connecteur `{name}` à l'état {state}";
    bring_with(name, state, settings) => "bring connector `{name}` to {state} with {settings} {settings|setting|settings}" / "amener le connecteur `{name}` à l'état {state} avec {settings} {settings|paramètre|paramètres}";
    ask_exactly_once() => "exactly-once source support is on: a criterion may ask lost = 0 and duplicated = 0 of the copy" / "l'exactly-once des sources est actif : un critère peut exiger lost = 0 et duplicated = 0 de la copie";
    copied_twice(connectors) => "{connectors} copy the same topics of the same source to the same names: every record arrives more than once" / "{connectors} copient les mêmes topics de la même source sous les mêmes noms : chaque enregistrement arrive plus d'une fois";
    dead_worker(worker, cause) => "worker {worker} claims to run something and does not answer: {cause}; what it claims does not count as running" / "le worker {worker} prétend exécuter quelque chose et ne répond pas : {cause} ; ce qu'il prétend ne compte pas comme en marche";
    look_at(name) => "read connector `{name}`" / "examiner le connecteur `{name}`";
    not_asked() => "asked of MirrorMaker 2's source connector, and not in a watch" / "demandé au connecteur source de MirrorMaker 2, et pas dans une surveillance";
    not_there(within) => "it did not get there within {within}" / "il n'y est pas arrivé en {within}";
    one_look() => "one sample does not show whether a task restarts; use a watch, or `observe`" / "un seul relevé ne dit pas qu'une tâche redémarre ; utiliser une surveillance, ou `observe`";
    only_looked_at() => "it was only read" / "il a seulement été examiné";
    watch_changes(name) => "a watch cannot bring connector `{name}` to a state" / "une surveillance ne peut pas amener le connecteur `{name}` à un état";
    watch_form() => "leave `state` and `config` out of a watch" / "retirer `state` et `config` d'une surveillance";
    without_config() => "leave `config` out" / "retirer `config`";
}

#[cfg(test)]
mod tests;
