//! `connector`: brings a connector of Kafka Connect into a state and proves that it is there, or looks at it.

mod flow;
mod settings;
mod watchful;

use super::{
    Action, ActionContext, ActionError, ActionFailure, Claim, Kind, Mistake, Need, OnInterrupt, Output,
    Param, Span, mistakes, output,
    service::{endpoint, unless_cancelled},
    text_output,
};
use crate::{
    clients::{
        Environment,
        connect::{Connect, Order, Put},
    },
    record::{ActionRole, Evidence, Family, Said, Unit, Value, messages},
};
use serde::Deserialize;
use serde_json::Value as Json;
use std::{
    collections::BTreeMap,
    sync::Arc,
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
    /// `restarted` (connector and tasks anew, then running). Left out, it is only looked at.
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
    /// How many tasks must be `RUNNING` on workers that answer, 1 where left out. MirrorMaker 2's source and
    /// checkpoint connectors have none until a topic or a group matches: write 0 there.
    #[serde(default)]
    tasks: Option<Param<u32>>,
    /// How long all of it may take; 60 s where left out.
    #[serde(default)]
    within: Option<Param<Span>>,
    /// Whether the workers that claim to run something are asked whether they live, at the address that they
    /// advertise. `false` where that address cannot be reached from here.
    #[serde(default = "yes")]
    check_workers: bool,
}

fn yes() -> bool {
    true
}

/// What to bring it to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
enum State {
    Absent,
    Paused,
    Restarted,
    Running,
    Stopped,
}

impl State {
    fn said(self) -> Said {
        match self {
            Self::Absent => absent(),
            Self::Paused => paused(),
            Self::Restarted => restarted(),
            Self::Running => running(),
            Self::Stopped => stopped(),
        }
    }
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
        (self.state == Some(State::Absent)).then(|| format!("deletes connector `{}`", self.name))
    }

    fn claims(&self) -> Vec<Claim> {
        match self.goal() {
            Some(_) => vec![Claim::Connector(self.name.clone())],
            None => Vec::new(),
        }
    }

    fn time_limit(&self) -> Duration {
        let within = self.within.as_ref().and_then(Param::known).map_or(WITHIN, |span| span.0);
        // A worker may take 90 s to answer a write although the bound is past.
        within + Duration::from_secs(60)
    }

    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        let service = mistakes::service(environment, "", "connect", &environment.connect);
        let flow = self.mirror.iter().flat_map(|name| flow::mistake(environment, name));
        let halves = (self.mirror.is_some() != self.role.is_some()).then(|| {
            let hint = "write both: `mirror: source->target` and `role: source`";
            Mistake::new("", "`mirror` and `role` go together", hint)
        });
        service.into_iter().chain(flow).chain(halves).collect()
    }

    fn needs(&self, environment: &Environment) -> Vec<Need> {
        let class = self.config.get("connector.class").and_then(Json::as_str);
        let plugin = class.or(self.role.map(flow::Role::class)).map(|class| Need::Plugin(class.to_owned()));
        let flow = self.mirror.as_ref().zip(self.role);
        let flow = flow.and_then(|(name, role)| flow::need(environment, name, role));
        plugin.into_iter().chain(flow).collect()
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let endpoint = endpoint(cx, "connect", |e| &e.connect)?;
        let connect = Connect::open(endpoint).await.map_err(ActionError::from)?;
        let within = self.within.as_ref().map_or(Ok(WITHIN), |span| span.get().map(|s| s.0))?;
        let Some(goal) = self.goal() else {
            // The next sample comes in any case.
            let patient = if cx.sampling { connect } else { connect.patient(Instant::now() + within) };
            let sight =
                unless_cancelled(cx, watchful::look(&patient, &self.name, self.check_workers)).await?;
            let mut evidence = self.evidence(cx, &sight)?;
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
        let mut remarks = Vec::new();
        let patient = connect.clone().patient(until);
        let change = self.change(&patient, cx, goal, until, &mut remarks);
        let steady = unless_cancelled(cx, change).await?;
        let goal = watchful::Goal { state: goal.into(), tasks, check_workers: self.check_workers, steady };
        let proof = unless_cancelled(cx, async {
            Ok::<_, ActionError>(goal.wait(&connect, cx, &self.name, until).await)
        })
        .await?;
        let (sight, shortfall) = match proof {
            Ok(sight) => (sight, None),
            Err(failure) => (failure.sight, Some(failure.error)),
        };
        let mut evidence = self.evidence(cx, &sight)?;
        evidence.remarks.splice(0..0, remarks);
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

    /// Its settings: those of its flow, and over them those of the step.
    async fn wanted(&self, cx: &ActionContext) -> Result<BTreeMap<String, Json>, ActionError> {
        let (Some(flow), Some(role)) = (self.mirror.clone(), self.role) else {
            return Ok(self.config.clone());
        };
        let environment = Arc::clone(&cx.environment);
        let of_flow = tokio::task::spawn_blocking(move || flow::settings(&environment, &flow, role));
        let mut wanted = of_flow.await.map_err(|e| ActionError::failed(e.to_string()))??;
        wanted.extend(self.config.clone());
        Ok(wanted)
    }

    /// Changes what differs from the goal, and nothing else: after an interruption this runs again. Says how long
    /// the goal must hold afterwards to be believed.
    async fn change(
        &self,
        connect: &Connect,
        cx: &ActionContext,
        goal: State,
        until: Instant,
        remarks: &mut Vec<Said>,
    ) -> Result<Duration, ActionError> {
        let wanted = settings::resolve(&self.wanted(cx).await?).await?;
        let found = connect.config(&self.name).await?;
        connect.learn_passwords(found.iter().chain([&wanted])).await;
        let mut put = None;
        if !wanted.is_empty() {
            cx.artifacts.write("settings.properties", "text/plain", settings::page(&wanted).as_bytes())?;
            let changes = settings::changes(found.as_ref(), &wanted);
            if found.is_some() && changes.is_empty() {
                remarks.push(unchanged());
            } else {
                let done = connect.put(&self.name, &wanted, until).await?;
                put = Some(done);
                match done {
                    Put::Created => remarks.push(created()),
                    Put::Updated => remarks.push(changed(Said::all(changes))),
                }
            }
        }
        if goal == State::Absent {
            connect.delete(&self.name, until).await?;
            return Ok(Duration::ZERO);
        }
        if found.is_none() && put.is_none() {
            return Err(ActionError::failed(no_connector(&self.name)));
        }
        let state = connect.status(&self.name).await?.map(|(status, _)| status.connector.state);
        let order = match (goal, state.as_deref()) {
            (State::Paused, Some("PAUSED")) | (State::Stopped, Some("STOPPED")) => None,
            (State::Paused, _) => Some(Order::Pause),
            (State::Stopped, _) => Some(Order::Stop),
            (State::Restarted, Some("PAUSED" | "STOPPED")) | (State::Running, Some("PAUSED" | "STOPPED")) => {
                Some(Order::Resume)
            }
            (State::Restarted, _) => Some(Order::Restart),
            (State::Running | State::Absent, _) => None,
        };
        if let Some(order) = order {
            connect.order(&self.name, order, until).await?;
        }
        let anew = put == Some(Put::Updated) || order == Some(Order::Restart);
        Ok(if anew { watchful::AFTER_A_CHANGE } else { Duration::ZERO })
    }

    /// Everything but the time that it took.
    fn evidence(&self, cx: &ActionContext, sight: &Sight) -> Result<Evidence, ActionError> {
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
            ("state", Value::text(sight.state())),
            ("tasks", Value::count(tasks as u64)),
            ("tasks_running", Value::count(sight.running().count() as u64)),
            ("tasks_failed", Value::count(sight.failed().count() as u64)),
        ] {
            match from {
                Some(file) => evidence.put_from(name, value, file),
                None => evidence.put(name, value),
            };
        }
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
        Ok(evidence)
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
    absent() => "absent" / "absent";
    absent_with_config(name) => "connector `{name}` is to be absent and has a `config`" / "le connecteur `{name}` doit être absent et a une `config`";
    bring(name, state) => "bring connector `{name}` to {state}" / "amener le connecteur `{name}` à l'état {state}";
    bring_with(name, state, settings) => "bring connector `{name}` to {state} with {settings} {settings|setting|settings}" / "amener le connecteur `{name}` à l'état {state} avec {settings} {settings|paramètre|paramètres}";
    changed(changes) => "settings changed: {changes}" / "paramètres modifiés : {changes}";
    created() => "the connector was created" / "le connecteur a été créé";
    dead_worker(worker, cause) => "worker {worker} claims to run something and does not answer: {cause}; what it claims does not count as running" / "le worker {worker} prétend exécuter quelque chose et ne répond pas : {cause} ; ce qu'il prétend ne compte pas comme en marche";
    look_at(name) => "look at connector `{name}`" / "examiner le connecteur `{name}`";
    no_connector(name) => "connector `{name}` does not exist; add `config` to create it" / "le connecteur `{name}` n'existe pas ; ajouter `config` pour le créer";
    not_there(within) => "it did not get there within {within}" / "il n'y est pas arrivé en {within}";
    only_looked_at() => "it was only looked at" / "il a seulement été examiné";
    paused() => "paused" / "en pause";
    restarted() => "restarted" / "redémarré";
    running() => "running" / "en marche";
    stopped() => "stopped" / "arrêté";
    unchanged() => "the connector had exactly these settings already: no PUT was sent" / "le connecteur avait déjà exactement ces paramètres : aucun PUT n'a été envoyé";
    watch_changes(name) => "a watch cannot bring connector `{name}` to a state" / "une surveillance ne peut pas amener le connecteur `{name}` à un état";
    watch_form() => "leave `state` and `config` out of a watch" / "retirer `state` et `config` d'une surveillance";
    without_config() => "leave `config` out" / "retirer `config`";
}

#[cfg(test)]
mod tests;
