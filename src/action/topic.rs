//! `topic`: makes sure that a topic is there as asked, is absent, or is empty.

use super::{
    Action, ActionContext, ActionError, ActionFailure, Claim, Kind, Mistake, Need, OnInterrupt, Output,
    Param, Span, flag_output,
    kafka_access::{Access, Scalar, fault, some_of},
    mistakes, output,
};
use crate::{
    clients::{
        Environment,
        kafka::{Entity, NewTopic, Origin, Setting, Topic as TopicFound, Topology},
    },
    record::{ActionRole, Arg, Evidence, Said, Speaks, Unit, Value, messages},
    support::text,
};
use serde::Deserialize;
use serde_json::json;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// Parameters of `topic`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Topic {
    /// Name of the cluster in the environment.
    cluster: String,
    /// Name of the topic.
    name: String,
    /// How many partitions; without it, those it has, or the broker's `num.partitions`.
    #[serde(default)]
    partitions: Option<Param<u32>>,
    /// Replicas of each partition; without it, those it has, or the broker's `default.replication.factor`.
    #[serde(default)]
    replication_factor: Option<Param<u32>>,
    /// Settings of the topic, under Kafka's names.
    #[serde(default)]
    config: BTreeMap<String, Scalar>,
    /// `present` makes it where it is absent, `absent` deletes it, `empty` deletes it and makes it again.
    #[serde(default)]
    ensure: Ensure,
    /// Lets a topic with fewer partitions grow. Records with keys go to other partitions from then on.
    #[serde(default)]
    grow: bool,
    /// How long the cluster may take until every partition has a leader and all replicas in sync; 60 s without it.
    #[serde(default = "within")]
    within: Param<Span>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Ensure {
    Absent,
    Empty,
    #[default]
    Present,
}

fn within() -> Param<Span> {
    Param::Literal(Span(Duration::from_secs(60)))
}

impl Kind for Topic {
    const SUMMARY: &'static str = "Makes sure that a topic is there as asked, is absent, or is empty.";
    const EXAMPLE: &'static str = "\
topic:
  id: topic
  cluster: source
  name: perf.nominal
  partitions: 6
  replication_factor: 3
  config: {min.insync.replicas: 2}
  ensure: present";
    const ROLE: ActionRole = ActionRole::Change;
    const OUTPUTS: &'static [Output] = &[
        flag_output("created", "Whether it was made now."),
        output("partitions", Unit::Count, "Partitions that it has now; 0 when it is absent."),
        output("replication_factor", Unit::Count, "Replicas of each partition; missing when it is absent."),
        output("settled_s", Unit::Seconds, "How long the cluster took until the topic was as asked."),
    ];
}

#[async_trait::async_trait]
impl Action for Topic {
    fn describe(&self) -> Said {
        let Self { cluster, name, .. } = self;
        match (self.ensure, &self.partitions) {
            (Ensure::Absent, _) => ensure_absent(name, cluster),
            (Ensure::Empty, None) => ensure_empty(name, cluster),
            (Ensure::Empty, Some(partitions)) => ensure_empty_of(name, cluster, partitions),
            (Ensure::Present, None) => ensure_present(name, cluster),
            (Ensure::Present, Some(partitions)) => ensure_present_of(name, cluster, partitions),
        }
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Verify
    }

    fn destructive(&self) -> Option<String> {
        (self.ensure != Ensure::Present)
            .then(|| format!("deletes topic `{}` of cluster `{}`", self.name, self.cluster))
    }

    fn claims(&self) -> Vec<Claim> {
        vec![Claim::Topic(format!("{}/{}", self.cluster, self.name))]
    }

    fn time_limit(&self) -> Duration {
        // Deletion and making each have the bound of their own, and a few requests stand around them.
        self.within.known().map_or(Duration::MAX, |span| span.0 * 2 + Duration::from_secs(60))
    }

    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        let mut mistakes = mistakes::clusters(environment, &[("cluster", &self.cluster)]);
        mistakes.extend(mistakes::topic("name", &self.name));
        for (path, count) in
            [("partitions", &self.partitions), ("replication_factor", &self.replication_factor)]
        {
            if count.as_ref().and_then(Param::known) == Some(&0) {
                mistakes.push(Mistake::new(
                    path,
                    format!("`{path}` is 0"),
                    "a topic has at least one of them",
                ));
            }
        }
        let factor = self.replication_factor.as_ref().and_then(Param::known).copied();
        let brokers = mistakes::cluster(environment, &self.cluster).and_then(|cluster| cluster.brokers);
        if let (Some(factor), Some(brokers)) = (factor, brokers)
            && factor > brokers
        {
            let message = format!(
                "{factor} replicas, and cluster `{}` has {}",
                self.cluster,
                text::plural(brokers as usize, "broker")
            );
            let hint = format!(
                "every replica needs a broker of its own; `\"{{{{ [environment.clusters.{}.brokers, 3] | min }}}}\"` fits every \
                 cluster",
                self.cluster
            );
            mistakes.push(Mistake::new("replication_factor", message, hint));
        }
        let in_sync = self.config.get("min.insync.replicas").and_then(|value| value.0.parse::<u32>().ok());
        if let (Some(factor), Some(in_sync)) = (factor, in_sync)
            && in_sync > factor
        {
            let message = format!(
                "{in_sync} replicas must be in sync and the topic has {factor}: no write with acks=all succeeds"
            );
            let hint = "write at most `replication_factor`, and less where one broker may be missing";
            let path = vec!["config".to_owned(), "min.insync.replicas".to_owned()];
            mistakes.push(Mistake { path, ..Mistake::new("", message, hint) });
        }
        mistakes
    }

    fn needs(&self, _environment: &Environment) -> Vec<Need> {
        let known = |count: &Option<Param<u32>>| count.as_ref().and_then(Param::known).copied();
        let (cluster, topic) = (self.cluster.clone(), self.name.clone());
        let delete = Need::Delete { cluster: cluster.clone(), topic: topic.clone() };
        let make = Need::Topic {
            cluster,
            topic,
            partitions: known(&self.partitions),
            replication_factor: known(&self.replication_factor),
        };
        match self.ensure {
            Ensure::Absent => vec![delete],
            Ensure::Empty => vec![delete, make],
            Ensure::Present => vec![make],
        }
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        self.spare_kafkas_own()?;
        let asked = self.asked()?;
        let access = Access::to(cx, &self.cluster).await?;
        let work = Work { cx, access: &access, name: &self.name, within: self.within.get()?.0 };
        let started = Instant::now();
        let before = work.look().await?;
        let mut evidence = Evidence::default();
        let created = match (self.ensure, &before) {
            (Ensure::Absent, None) => false,
            (Ensure::Absent, Some(_)) => {
                work.delete().await?;
                false
            }
            (Ensure::Empty, Some((seen, own))) => {
                let new = remake(asked.clone(), seen, own);
                work.delete().await?;
                work.make(&new).await?;
                true
            }
            (Ensure::Empty | Ensure::Present, None) => {
                work.make(&asked).await?;
                true
            }
            (Ensure::Present, Some((seen, own))) => {
                let (grow, differences) = compare(&asked, seen, own, self.grow);
                if !differences.is_empty() {
                    let message = differs(&self.name, &self.cluster, Said::all(differences));
                    return Err(ActionError::misconfigured(message, reconcile()).into());
                }
                if let Some(total) = grow {
                    let grown = access.admin.grow_topic(&self.name, total);
                    access.ask(cx, grown).await?;
                    evidence.remark(grew(seen.partitions.len(), total));
                }
                false
            }
        };
        let after = match self.ensure {
            Ensure::Absent => None,
            Ensure::Empty | Ensure::Present => Some(work.settle(asked.partitions).await?),
        };
        let artifact = format!("topic-{}.json", self.name);
        let view = |state: &Option<(TopicFound, Vec<Setting>)>| {
            state.as_ref().map(|(topic, own)| json!({"topic": topic, "settings": own}))
        };
        let json = json!({
            "cluster": self.cluster, "name": self.name, "created": created,
            "before": view(&before), "after": view(&after),
        });
        cx.artifacts.write_json(&artifact, &json)?;
        let settled = started.elapsed().as_secs_f64();
        let (partitions, replication_factor) = match &after {
            Some((topic, _)) => {
                (Value::count(topic.partitions.len() as u64), Value::count(topic.replication_factor() as u64))
            }
            None => (Value::count(0), Value::missing(absent())),
        };
        evidence
            .put_from("created", Value::Flag(created), &artifact)
            .put_from("partitions", partitions, &artifact)
            .put_from("replication_factor", replication_factor, &artifact)
            .put("settled_s", Value::number(settled, Unit::Seconds));
        Ok(evidence)
    }
}

impl Topic {
    /// Refuses to delete what must not be deleted.
    fn spare_kafkas_own(&self) -> Result<(), ActionError> {
        if self.ensure == Ensure::Present || !self.name.starts_with("__") {
            return Ok(());
        }
        Err(ActionError::misconfigured(kafkas_own(&self.name), name_another()))
    }

    fn asked(&self) -> Result<NewTopic, ActionError> {
        let number = |param: &Option<Param<u32>>| param.as_ref().map(|p| p.get().copied()).transpose();
        Ok(NewTopic {
            name: self.name.clone(),
            partitions: number(&self.partitions)?,
            replication_factor: number(&self.replication_factor)?,
            config: self.config.iter().map(|(name, value)| (name.clone(), value.0.clone())).collect(),
        })
    }
}

/// `asked`, with what it leaves open taken from the topic as it was, so that emptying changes nothing else.
fn remake(asked: NewTopic, seen: &TopicFound, settings: &[Setting]) -> NewTopic {
    let number = |n: usize| u32::try_from(n).ok().filter(|n| *n > 0);
    let mut config: BTreeMap<_, _> = settings
        .iter()
        .filter(|s| s.source == Origin::DynamicTopic && !s.sensitive)
        .filter_map(|s| Some((s.name.clone(), s.value.clone()?)))
        .collect();
    config.extend(asked.config);
    NewTopic {
        partitions: asked.partitions.or(number(seen.partitions.len())),
        replication_factor: asked.replication_factor.or(number(seen.replication_factor())),
        config,
        ..asked
    }
}

/// The number of partitions to grow to, and every other difference between what is asked and what is there.
fn compare(
    asked: &NewTopic,
    seen: &TopicFound,
    settings: &[Setting],
    may_grow: bool,
) -> (Option<u32>, Vec<Said>) {
    let mut differences = Vec::new();
    let mut grow = None;
    let there = seen.partitions.len();
    match asked.partitions {
        Some(n) if n as usize > there && may_grow => grow = Some(n),
        Some(n) if n as usize > there => differences.push(fewer_partitions(there, n)),
        Some(n) if (n as usize) < there => differences.push(more_partitions(there, n)),
        _ => {}
    }
    let factor = seen.replication_factor();
    if let Some(n) = asked.replication_factor.filter(|n| *n as usize != factor) {
        differences.push(other_factor(factor, n));
    }
    for (name, wanted) in &asked.config {
        match settings.iter().find(|s| s.name == *name) {
            None => differences.push(unknown_setting(name)),
            Some(setting) => {
                let is = setting.value.as_deref().unwrap_or_default();
                if is != wanted {
                    differences.push(other_value(name, is, setting.source.said(), wanted));
                }
            }
        }
    }
    (grow, differences)
}

/// The work on one topic of one cluster.
struct Work<'a> {
    cx: &'a ActionContext,
    access: &'a Access,
    name: &'a str,
    within: Duration,
}

impl Work<'_> {
    /// The topic and its settings, or `None` where it is absent.
    async fn look(&self) -> Result<Option<(TopicFound, Vec<Setting>)>, ActionError> {
        let topology = self.access.ask(self.cx, self.access.admin.topology()).await?;
        match topology.topic(self.name) {
            Some(topic) => Ok(Some((topic.clone(), self.settings().await?))),
            None => Ok(None),
        }
    }

    /// The topic's settings. Metadata knows a new topic a moment before every broker does.
    async fn settings(&self) -> Result<Vec<Setting>, ActionError> {
        let entity = Entity::Topic(self.name.to_owned());
        let started = Instant::now();
        loop {
            let asked = self.access.admin.configs(std::slice::from_ref(&entity));
            match self.access.ask(self.cx, asked).await?.remove(&entity) {
                Some(settings) => return Ok(settings),
                None if started.elapsed() < self.within => self.pause().await?,
                None => {
                    let said = settings_hidden(self.name, &self.access.name, self.within);
                    return Err(ActionError::failed(said));
                }
            }
        }
    }

    async fn delete(&self) -> Result<(), ActionError> {
        match self.access.admin.delete_topic(self.name).await {
            // Somebody else was quicker; what was asked is so.
            Err(error) if error.is_not_there() => {}
            other => other.map_err(|error| fault(&self.access.name, error))?,
        }
        let gone = |topology: &Topology| match topology.topic(self.name) {
            None => Ok(()),
            Some(_) => Err(still_there()),
        };
        self.until(deleted(), gone).await.map(drop)
    }

    /// Makes the topic. Metadata forgets a deleted topic before the controller does, so this tries until the name is
    /// free.
    async fn make(&self, new: &NewTopic) -> Result<(), ActionError> {
        let started = Instant::now();
        loop {
            match self.access.admin.create_topic(new).await {
                Err(error) if error.is_already_there() && started.elapsed() < self.within => {
                    self.pause().await?
                }
                other => {
                    return other.map_err(|error| match fault(&self.access.name, error) {
                        ActionError::Failed(why) => ActionError::failed(asked_for(why, show(new))),
                        error => error,
                    });
                }
            }
        }
    }

    /// Waits until every partition has a leader and all replicas in sync.
    async fn settle(&self, partitions: Option<u32>) -> Result<(TopicFound, Vec<Setting>), ActionError> {
        let whole = |topology: &Topology| {
            let topic = topology.topic(self.name).ok_or_else(not_known_yet)?;
            if let Some(n) = partitions.filter(|n| *n as usize != topic.partitions.len()) {
                return Err(partly_known(topic.partitions.len(), n));
            }
            if topic.is_whole() {
                return Ok(());
            }
            let not: Vec<_> = topic
                .partitions
                .iter()
                .filter(|p| !p.is_whole())
                .map(|p| format!("{}-{}", topic.name, p.id))
                .collect();
            Err(not_in_sync(some_of(&not)))
        };
        let topology = self.until(whole_state(), whole).await?;
        let topic = topology.topic(self.name).cloned();
        let topic = topic.ok_or_else(|| ActionError::failed(gone_again(self.name)))?;
        Ok((topic, self.settings().await?))
    }

    async fn until(
        &self,
        state: Said,
        done: impl Fn(&Topology) -> Result<(), Said>,
    ) -> Result<Topology, ActionError> {
        let started = Instant::now();
        loop {
            let topology = self.access.ask(self.cx, self.access.admin.topology()).await?;
            let Err(why) = done(&topology) else { return Ok(topology) };
            if started.elapsed() >= self.within {
                let said = not_settled(self.name, &self.access.name, state, self.within, why);
                return Err(ActionError::failed(said));
            }
            self.cx.progress.update(
                &self.cx.action,
                started.elapsed().as_secs(),
                Some(self.within.as_secs()),
                why,
            );
            self.pause().await?;
        }
    }

    async fn pause(&self) -> Result<(), ActionError> {
        tokio::select! {
            () = self.cx.cancel.cancelled() => Err(ActionError::Cancelled),
            () = tokio::time::sleep(Duration::from_millis(200)) => Ok(()),
        }
    }
}

/// What was asked, for an error: Kafka's answer names only the kind of mistake.
fn show(new: &NewTopic) -> Said {
    let number = |n: Option<u32>| -> Arg { n.map_or_else(|| by_default().into(), |n| n.into()) };
    let config: Vec<_> = new.config.iter().map(|(name, value)| format!("`{name}={value}`")).collect();
    let config: Arg = if config.is_empty() { no_settings().into() } else { Arg::list(config) };
    shape(number(new.partitions), number(new.replication_factor), config)
}

messages! {
    area "topic";
    absent() => "the topic is absent" / "le topic est absent";
    asked_for(why, asked) => "{why}; asked were {asked}" / "{why} ; demandé : {asked}";
    by_default() => "the default" / "par défaut";
    deleted() => "deleted" / "supprimé";
    differs(name, cluster, differences) => "topic `{name}` of cluster `{cluster}` is there and differs: {differences}" / "le topic `{name}` du cluster `{cluster}` existe et diffère : {differences}";
    ensure_absent(name, cluster) => "make sure that topic `{name}` of cluster `{cluster}` is absent" / "s'assurer que le topic `{name}` du cluster `{cluster}` est absent";
    ensure_empty(name, cluster) => "delete topic `{name}` of cluster `{cluster}` and create it again" / "supprimer le topic `{name}` du cluster `{cluster}` et le recréer";
    ensure_empty_of(name, cluster, partitions) => "delete topic `{name}` of cluster `{cluster}` and create it again, {partitions} partitions" / "supprimer le topic `{name}` du cluster `{cluster}` et le recréer, {partitions} partitions";
    ensure_present(name, cluster) => "make sure that topic `{name}` of cluster `{cluster}` is there" / "s'assurer que le topic `{name}` du cluster `{cluster}` existe";
    ensure_present_of(name, cluster, partitions) => "make sure that topic `{name}` of cluster `{cluster}` is there, {partitions} partitions" / "s'assurer que le topic `{name}` du cluster `{cluster}` existe, {partitions} partitions";
    fewer_partitions(found, asked) => "{found} partitions, asked {asked} (`grow: true` adds them)" / "{found} partitions, {asked} demandées (`grow: true` les ajoute)";
    gone_again(name) => "topic `{name}` is gone again" / "le topic `{name}` a de nouveau disparu";
    grew(before, after) => "the topic grew from {before} to {after} partitions; records with keys go elsewhere from now on" / "le topic est passé de {before} à {after} partitions ; les enregistrements avec clé vont désormais ailleurs";
    kafkas_own(name) => "topic `{name}` is Kafka's own and is never deleted" / "le topic `{name}` appartient à Kafka et n'est jamais supprimé";
    more_partitions(found, asked) => "{found} partitions, asked {asked} (a topic cannot shrink)" / "{found} partitions, {asked} demandées (un topic ne peut pas en perdre)";
    name_another() => "name a topic of the campaign" / "donner un topic de la campagne";
    no_settings() => "none" / "aucun";
    not_in_sync(partitions) => "without a leader or with replicas out of sync: {partitions}" / "sans leader ou avec des réplicas désynchronisés : {partitions}";
    not_known_yet() => "no broker knows it yet" / "aucun broker ne le connaît encore";
    not_settled(name, cluster, state, within, why) => "topic `{name}` of cluster `{cluster}` was not {state} within {within}: {why}" / "le topic `{name}` du cluster `{cluster}` n'était pas {state} après {within} : {why}";
    other_factor(found, asked) => "replication factor {found}, asked {asked}" / "facteur de réplication {found}, {asked} demandé";
    other_value(name, found, source, asked) => "`{name}` is `{found}` ({source}), asked `{asked}`" / "`{name}` vaut `{found}` ({source}), `{asked}` demandé";
    partly_known(known, total) => "{known} of {total} partitions are known" / "{known} partitions sur {total} sont connues";
    reconcile() => "change the step, change the topic, or let `ensure: empty` create it again" / "changer l'étape, changer le topic, ou le faire recréer par `ensure: empty`";
    settings_hidden(name, cluster, within) => "could not read the configuration of topic `{name}` on cluster `{cluster}` within {within}; check the permission `DescribeConfigs`" / "la configuration du topic `{name}` du cluster `{cluster}` n'a pas pu être lue en {within} ; vérifier le droit `DescribeConfigs`";
    shape(partitions, factor, settings) => "partitions: {partitions}, replication factor: {factor}, settings: {settings}" / "partitions : {partitions}, facteur de réplication : {factor}, paramètres : {settings}";
    still_there() => "it is still there; a broker that is down keeps Kafka from deleting its replicas" / "il existe encore ; un broker arrêté empêche Kafka d'en supprimer les réplicas";
    unknown_setting(name) => "unknown Kafka topic setting `{name}`" / "paramètre de topic Kafka inconnu : `{name}`";
    whole_state() => "whole" / "complet";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::kafka::Partition;

    fn topic(params: &str) -> Topic {
        serde_yaml::from_str(params).unwrap()
    }

    fn seen(partitions: i32) -> TopicFound {
        let replicas = vec![1, 2, 3];
        let partition =
            |id| Partition { id, leader: Some(1), replicas: replicas.clone(), isr: replicas.clone() };
        TopicFound { name: "t".to_owned(), error: None, partitions: (0..partitions).map(partition).collect() }
    }

    fn settings() -> Vec<Setting> {
        [("cleanup.policy", "delete", Origin::Default), ("retention.ms", "1000", Origin::DynamicTopic)]
            .map(|(name, value, source)| Setting {
                name: name.to_owned(),
                value: Some(value.to_owned()),
                source,
                sensitive: false,
            })
            .to_vec()
    }

    #[test]
    fn every_difference_is_named_at_once() {
        for (params, grow, grows_to, expected) in [
            ("{cluster: c, name: t}", false, None, vec![]),
            (
                "{cluster: c, name: t, partitions: 6, replication_factor: 3, config: {retention.ms: 1000}}",
                false,
                None,
                vec![],
            ),
            (
                "{cluster: c, name: t, partitions: 8}",
                false,
                None,
                vec!["6 partitions, asked 8 (`grow: true`"],
            ),
            ("{cluster: c, name: t, partitions: 8}", true, Some(8), vec![]),
            ("{cluster: c, name: t, partitions: 2}", true, None, vec!["cannot shrink"]),
            (
                "{cluster: c, name: t, replication_factor: 1, config: {cleanup.policy: compact, nope: 1}}",
                false,
                None,
                vec![
                    "replication factor 3, asked 1",
                    "`cleanup.policy` is `delete` (default), asked `compact`",
                    "unknown Kafka topic setting `nope`",
                ],
            ),
        ] {
            let (to, differences) = compare(&topic(params).asked().unwrap(), &seen(6), &settings(), grow);
            assert_eq!(to, grows_to, "{params}");
            assert_eq!(differences.len(), expected.len(), "{params}: {differences:?}");
            for (difference, part) in differences.iter().zip(expected) {
                assert!(difference.contains(part), "{params}: {difference}");
            }
        }
    }

    #[test]
    fn an_emptied_topic_keeps_what_the_step_leaves_open() {
        let asked =
            topic("{cluster: c, name: t, ensure: empty, config: {min.insync.replicas: 2}}").asked().unwrap();
        let new = remake(asked, &seen(6), &settings());
        assert_eq!((new.partitions, new.replication_factor), (Some(6), Some(3)));
        assert_eq!(new.config["retention.ms"], "1000");
        assert_eq!(new.config["min.insync.replicas"], "2");
        assert!(!new.config.contains_key("cleanup.policy"), "a default is not made the topic's own");
    }

    #[test]
    fn deletion_is_told_and_never_of_kafkas_own() {
        for (params, destroys, spared) in [
            ("{cluster: c, name: __consumer_offsets, ensure: absent}", true, true),
            ("{cluster: c, name: t, ensure: empty}", true, false),
            ("{cluster: c, name: t, ensure: absent}", true, false),
            ("{cluster: c, name: t, partitions: 6}", false, false),
        ] {
            let topic = topic(params);
            assert_eq!(topic.destructive().is_some(), destroys, "{params}");
            assert_eq!(topic.spare_kafkas_own().is_err(), spared, "{params}");
        }
    }
}
