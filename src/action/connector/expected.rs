//! What a connector should be doing: how many tasks, and which topic-partitions they should copy between them.

use super::super::{ActionContext, ActionError, kafka_access::Access, kafka_access::some_of};
use crate::{
    clients::{
        connect::{Config, TaskSettings, assigned},
        mirror_flow::{Mirror, SOURCE_CLASS},
    },
    record::{Evidence, Said, Speaks, Value, messages},
};
use std::collections::BTreeSet;

/// What a connector should be doing, as far as that can be told.
#[derive(Debug)]
pub(super) struct Expected {
    /// How many tasks.
    pub(super) tasks: Result<u64, Said>,
    /// Which topic-partitions match, and which are given to tasks.
    partitions: Result<Partitions, Said>,
    remarks: Vec<Said>,
}

#[derive(Debug, Default)]
struct Partitions {
    expected: usize,
    assigned: usize,
    unassigned: Vec<String>,
}

/// Finds it out. `config` is what Connect has.
pub(super) async fn of(
    cx: &ActionContext,
    config: Option<&Config>,
    asked: Option<&[TaskSettings]>,
) -> Result<Expected, ActionError> {
    let from_connect = asked.map(|tasks| tasks.len() as u64).ok_or_else(no_task_list);
    let unknown = |tasks, reason: Said| Expected { tasks, partitions: Err(reason), remarks: Vec::new() };
    let Some(config) = config else { return Ok(unknown(Err(no_connector()), no_connector())) };
    if !is_mirror_source(config) {
        return Ok(unknown(from_connect, other_class()));
    }
    let mirror = match Mirror::of_connector(config) {
        Ok(mirror) => mirror,
        Err(error) => return Ok(unknown(from_connect, error.said())),
    };
    let Some(cluster) = cluster_of(cx, config, &mirror) else {
        return Ok(unknown(from_connect, no_cluster(&mirror.source)));
    };
    let topology = match Access::to(cx, &cluster).await {
        Ok(access) => access.ask(cx, access.admin.topology()).await,
        Err(error) => Err(error),
    };
    let topology = match topology {
        Ok(topology) => topology,
        Err(ActionError::Cancelled) => return Err(ActionError::Cancelled),
        Err(error) => return Ok(unknown(from_connect, error.said())),
    };
    let matching: BTreeSet<(String, i32)> = topology
        .partitions()
        .filter(|(topic, _)| topic.error.is_none() && mirror.copies(&topic.name))
        .map(|(topic, partition)| (topic.name.clone(), partition.id))
        .collect();
    Ok(expected(&mirror, &matching, asked))
}

/// What follows from what matches and what the tasks have.
fn expected(mirror: &Mirror, matching: &BTreeSet<(String, i32)>, asked: Option<&[TaskSettings]>) -> Expected {
    let tasks = (mirror.tasks_max as usize).min(matching.len()) as u64;
    let mut remarks = Vec::new();
    if matching.is_empty() {
        remarks.push(matches_nothing());
    }
    let Some(asked) = asked else {
        return Expected { tasks: Ok(tasks), partitions: Err(no_task_list()), remarks };
    };
    let mut given: BTreeSet<(String, i32)> = BTreeSet::new();
    let mut idle = Vec::new();
    let mut twice = Vec::new();
    for task in asked {
        let own = assigned(task).unwrap_or_default();
        if own.is_empty() {
            idle.push(task.id.to_string());
        }
        for key in own {
            if !given.insert(key.clone()) {
                twice.push(format!("{}-{}", key.0, key.1));
            }
        }
    }
    let named = |keys: &mut dyn Iterator<Item = &(String, i32)>| -> Vec<String> {
        keys.map(|(topic, partition)| format!("{topic}-{partition}")).collect()
    };
    let unassigned = named(&mut matching.difference(&given));
    let gone = named(&mut given.difference(matching));
    if !unassigned.is_empty() {
        remarks.push(not_taken_up(some_of(&unassigned)));
    }
    if !gone.is_empty() {
        remarks.push(no_longer_there(some_of(&gone)));
    }
    if !idle.is_empty() {
        remarks.push(serves_nothing(some_of(&idle)));
    }
    if !twice.is_empty() {
        remarks.push(served_twice(some_of(&twice)));
    }
    let partitions =
        Partitions { expected: matching.len(), assigned: matching.len() - unassigned.len(), unassigned };
    Expected { tasks: Ok(tasks), partitions: Ok(partitions), remarks }
}

impl Expected {
    /// The outputs and the remarks.
    pub(super) fn put(&self, evidence: &mut Evidence) {
        evidence.put(
            "tasks_expected",
            match &self.tasks {
                Ok(tasks) => Value::count(*tasks),
                Err(reason) => Value::missing(reason),
            },
        );
        let count = |of: fn(&Partitions) -> usize| match &self.partitions {
            Ok(partitions) => Value::count(of(partitions) as u64),
            Err(reason) => Value::missing(reason),
        };
        evidence.put("partitions_expected", count(|p| p.expected));
        evidence.put("partitions_assigned", count(|p| p.assigned));
        evidence.put("partitions_unassigned", count(|p| p.unassigned.len()));
        evidence.remark_all(self.remarks.iter().cloned());
    }
}

/// Whether the settings are those of MirrorMaker 2's source connector.
pub(super) fn is_mirror_source(config: &Config) -> bool {
    config.get("connector.class").is_some_and(|class| {
        [SOURCE_CLASS, "MirrorSourceConnector", "MirrorSource"].contains(&class.as_str())
    })
}

/// The cluster of the environment that the connector copies from: by its address, else by its alias.
fn cluster_of(cx: &ActionContext, config: &Config, mirror: &Mirror) -> Option<String> {
    let servers = config.get("source.cluster.bootstrap.servers").map_or("", String::as_str);
    let of = |text: &str| text.split(',').map(|s| s.trim().to_owned()).collect::<Vec<_>>();
    let servers = of(servers);
    let clusters = &cx.environment.clusters;
    let by_address = clusters
        .iter()
        .find(|(_, cluster)| of(&cluster.bootstrap_servers).iter().any(|server| servers.contains(server)));
    by_address
        .map(|(name, _)| name.clone())
        .or_else(|| clusters.contains_key(&mirror.source).then(|| mirror.source.clone()))
}

messages! {
    area "connector-expected";
    matches_nothing() => "no topic of the source matches `topics`: the connector has nothing to copy and no task" / "aucun topic de la source ne correspond à `topics` : le connecteur n'a rien à copier et aucune tâche";
    no_cluster(alias) => "the environment has no cluster with the address or the name of the connector's source `{alias}`" / "l'environnement n'a pas de cluster à l'adresse ou au nom de la source `{alias}` du connecteur";
    no_connector() => "the connector does not exist" / "le connecteur n'existe pas";
    no_longer_there(partitions) => "tasks still have {partitions}, which the source does not have or the connector no longer matches" / "des tâches ont encore {partitions}, que la source n'a pas ou que le connecteur ne retient plus";
    no_task_list() => "Connect gives no list of the connector's tasks" / "Connect ne donne pas la liste des tâches du connecteur";
    not_taken_up(partitions) => "no task copies {partitions}: not taken up yet (`refresh.topics.interval.seconds`), or the connector is not at work" / "aucune tâche ne copie {partitions} : pas encore prises (`refresh.topics.interval.seconds`), ou le connecteur ne travaille pas";
    other_class() => "only the tasks of MirrorMaker 2's source connector say which partitions they copy" / "seules les tâches du connecteur source de MirrorMaker 2 disent quelles partitions elles copient";
    served_twice(partitions) => "more than one task has {partitions}: records are copied twice" / "plus d'une tâche a {partitions} : des enregistrements sont copiés deux fois";
    serves_nothing(tasks) => "task {tasks} has no partition: it copies nothing" / "la tâche {tasks} n'a aucune partition : elle ne copie rien";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::connect::Config;

    fn task(id: u32, partitions: &str) -> TaskSettings {
        TaskSettings { id, config: [("task.assigned.partitions".to_owned(), partitions.to_owned())].into() }
    }

    #[test]
    fn what_matches_is_compared_with_what_the_tasks_have() {
        let config: Config = [("tasks.max", "4"), ("source.cluster.alias", "source")]
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .into();
        let mirror = Mirror::of_connector(&config).unwrap();
        let matching: BTreeSet<_> = (0..3).map(|p| ("a-b".to_owned(), p)).collect();
        let tasks = [task(0, "a-b-0,a-b-1"), task(1, ""), task(2, "a-b-1,old-0")];
        let expected = expected(&mirror, &matching, Some(&tasks));
        let mut evidence = Evidence::default();
        expected.put(&mut evidence);
        for (name, count) in [
            ("tasks_expected", 3),
            ("partitions_expected", 3),
            ("partitions_assigned", 2),
            ("partitions_unassigned", 1),
        ] {
            assert_eq!(evidence.get(name), Some(&Value::count(count)), "{name}");
        }
        let remarks = evidence.remarks.join("\n");
        for words in [
            "no task copies `a-b-2`",
            "task `1` has no partition",
            "more than one task has `a-b-1`",
            "still have `old-0`",
        ] {
            assert!(remarks.contains(words), "{words}: {remarks}");
        }
        let nothing = super::expected(&mirror, &BTreeSet::new(), None);
        assert_eq!(nothing.tasks, Ok(0));
        assert!(nothing.remarks[0].contains("no topic of the source matches"), "{:?}", nothing.remarks);
    }
}
