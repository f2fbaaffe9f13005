//! Changes a connector: what differs from the goal, and nothing else, each change kept as evidence before it is made.

use super::{
    super::ActionError, checks, offsets, put_before::PUT, settings, state::State, watchful, work::Work,
};
use crate::{
    clients::connect::{Config, Order, Put},
    record::{Evidence, Said, Speaks, Value, messages},
};
use serde_json::Value as Json;
use std::{collections::BTreeMap, time::Duration};

/// The difference, before it is put.
const DIFFERENCE: &str = "settings.diff";

/// What was changed.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// How long the goal must hold afterwards to be believed.
    pub(super) steady: Duration,
    pub(super) remarks: Vec<Said>,
    /// The settings that it was to have; none where the step names none.
    wanted: Option<Config>,
    changed: u64,
}

impl Work<'_> {
    /// Changes what differs: after an interruption this runs again.
    pub(super) async fn change(
        &self,
        wanted: &BTreeMap<String, Json>,
        goal: State,
    ) -> Result<Done, ActionError> {
        let Self { connect, cx, name, until } = *self;
        let wanted = settings::resolve(wanted).await?;
        let found = connect.config(name).await?;
        // New settings restart the connector, and it has another state for a moment.
        let before = self.state().await?;
        connect.learn_passwords(found.iter().chain([&wanted])).await;
        let mut done = Done::default();
        let mut put = None;
        if !wanted.is_empty() {
            let page = format!("name={name}\n{}", settings::page(&wanted));
            cx.artifacts.write(PUT, "text/plain", page.as_bytes())?;
            let changes = settings::changes(found.as_ref(), &wanted);
            done.changed = changes.len() as u64;
            if found.is_some() && changes.is_empty() {
                done.remarks.push(unchanged());
            } else {
                let lines: String = changes.iter().map(|change| format!("{change}\n")).collect();
                cx.artifacts.write(DIFFERENCE, "text/plain", lines.as_bytes())?;
                cx.progress.update(&cx.action, 0, None, to_change(done.changed));
                checks::before_put(connect, name, &wanted, until).await?;
                let made = self.make(&wanted, goal, found.is_none()).await?;
                put = Some(made);
                done.remarks.push(match made {
                    Put::Created => created(),
                    Put::Updated => changed(Said::all(changes)),
                });
            }
            done.wanted = Some(wanted);
        }
        if goal == State::Absent {
            connect.delete(name, until).await?;
            return Ok(done);
        }
        if found.is_none() && put.is_none() {
            return Err(ActionError::failed(no_connector(name)));
        }
        let now = self.state().await?;
        let held = before
            .filter(|state| goal != State::Restarted && ["PAUSED", "STOPPED"].contains(&state.as_str()));
        let order = order(goal, held.or(now).as_deref());
        if let Some(order) = order {
            connect.order(name, order, until).await?;
        }
        let anew = put == Some(Put::Updated) || order == Some(Order::Restart);
        done.steady = if anew { watchful::AFTER_A_CHANGE } else { Duration::ZERO };
        Ok(done)
    }

    /// Puts the settings. A new connector that is to be paused or stopped is created so where Connect can do it (3.7 and
    /// later, KIP-980): otherwise it would copy until the order to pause arrives.
    async fn make(&self, wanted: &Config, goal: State, new: bool) -> Result<Put, ActionError> {
        let initial = match goal {
            State::Paused if new => Some("PAUSED"),
            State::Stopped if new => Some("STOPPED"),
            _ => None,
        };
        if let Some(initial) = initial
            && let Ok((root, _)) = self.connect.root().await
            && checks::at_least(&root.version, (3, 7))
        {
            self.connect.create(self.name, wanted, initial, self.until).await?;
            return Ok(Put::Created);
        }
        Ok(self.connect.put(self.name, wanted, self.until).await?)
    }

    /// The connector's state, where it has one.
    async fn state(&self) -> Result<Option<String>, ActionError> {
        Ok(self.connect.status(self.name).await?.map(|(status, _)| status.connector.state))
    }

    /// Changes what it has committed, and says of how many partitions.
    pub(super) async fn offsets(&self, change: &offsets::Change) -> Result<u64, ActionError> {
        change.make(self).await
    }

    /// The outputs about what was changed.
    pub(super) async fn put(&self, done: &Done, evidence: &mut Evidence) -> Result<(), ActionError> {
        let Some(wanted) = &done.wanted else { return Ok(()) };
        match done.changed {
            0 => evidence.put("settings_changed", Value::count(0)),
            changed => evidence.put_from("settings_changed", Value::count(changed), DIFFERENCE),
        };
        // Somebody else, an operator such as Strimzi's, may put other settings at once.
        match self.connect.config(self.name).await {
            Ok(found) => {
                let differ = settings::changes(found.as_ref(), wanted);
                evidence.put("settings_differ", Value::count(differ.len() as u64));
                if !differ.is_empty() {
                    evidence.remark(put_otherwise(Said::all(differ)));
                }
            }
            Err(error) => drop(evidence.put("settings_differ", Value::missing(error.said()))),
        }
        Ok(())
    }
}

/// What a connector in that state must be told for the goal.
fn order(goal: State, state: Option<&str>) -> Option<Order> {
    match (goal, state) {
        (State::Paused, Some("PAUSED")) | (State::Stopped, Some("STOPPED")) => None,
        (State::Paused, _) => Some(Order::Pause),
        (State::Stopped, _) => Some(Order::Stop),
        (State::Restarted | State::Running, Some("PAUSED" | "STOPPED")) => Some(Order::Resume),
        (State::Restarted, _) => Some(Order::Restart),
        (State::Running | State::Absent, _) => None,
    }
}

/// The outputs about changes, where none was asked for.
pub(super) fn not_changed(evidence: &mut Evidence) {
    for name in ["settings_changed", "settings_differ"] {
        evidence.put(name, Value::missing(no_settings()));
    }
    evidence.put("offsets_changed", Value::missing(no_offsets()));
}

messages! {
    area "connector";
    changed(changes) => "settings changed: {changes}" / "paramètres modifiés : {changes}";
    created() => "the connector was created" / "le connecteur a été créé";
    no_connector(name) => "connector `{name}` does not exist; add `config` to create it" / "le connecteur `{name}` n'existe pas ; ajouter `config` pour le créer";
    no_offsets() => "the step changes no offsets" / "l'étape ne modifie pas d'offsets";
    no_settings() => "the step gives no settings" / "l'étape ne donne pas de paramètres";
    put_otherwise(changes) => "Connect has other settings than those that were put; to get back to them: {changes}" / "Connect a d'autres paramètres que ceux envoyés ; pour y revenir : {changes}";
    to_change(count) => "{count} {count|setting|settings} to change" / "{count} {count|paramètre|paramètres} à modifier";
    unchanged() => "the connector had exactly these settings already: no PUT was sent" / "le connecteur avait déjà exactement ces paramètres : aucun PUT n'a été envoyé";
}
