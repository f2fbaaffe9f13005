//! Reads what both clusters know of the groups and puts it into rows.
//!
//! The target is asked before the source: what a group reads in between then looks like records read again, and never
//! like records that are skipped.

use super::super::{
    ActionContext, ActionError,
    kafka_access::Access,
    load_client::{self, Properties},
    mirror_access::{blocking, bounds, log},
};
use super::{
    judge::{Row, Syncs},
    messages,
};
use crate::{
    clients::{
        kafka::{Members, Role, Topology, admin::Offsets},
        mirror::Names,
        mirror_flow,
    },
    load::{
        mirror_log::{self, Checkpoints, SyncedOffsets},
        positions::{self, Pair, Pairs, Sides},
    },
    record::Said,
};
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};

/// What is to be looked at.
#[derive(Debug, Clone)]
pub(super) struct Question {
    /// Name of the source in the environment.
    pub(super) source: String,
    /// Name of the target in the environment.
    pub(super) target: String,
    /// The names of the flow.
    pub(super) names: Names,
    /// The prefix of a replicated topic's name on the target.
    pub(super) prefix: String,
    /// Patterns of the groups; none for all.
    pub(super) groups: Vec<Regex>,
    /// Patterns of the topics on the source; none for all that are on the target.
    pub(super) topics: Vec<Regex>,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// A row for each group and partition.
    pub(super) rows: Vec<Row>,
    /// When the newest checkpoint of these groups was written, in milliseconds since 1970.
    pub(super) newest_checkpoint_ms: Option<i64>,
    /// Whether the target has the topic of the checkpoints.
    pub(super) has_checkpoints: bool,
    /// Topics of these groups that are not on the target and were not asked for.
    pub(super) not_copied: BTreeSet<String>,
    /// Groups whose offsets could not be read.
    pub(super) unreadable: BTreeMap<String, String>,
    /// Members of groups on the target.
    pub(super) active: BTreeMap<String, usize>,
    /// Sentences about what was met on the way.
    pub(super) remarks: Vec<Said>,
}

impl Question {
    fn wants_group(&self, group: &str) -> bool {
        match self.groups.is_empty() {
            true => !mirror_flow::is_excluded_group(group),
            false => self.groups.iter().any(|pattern| pattern.is_match(group)),
        }
    }

    fn wants_topic(&self, topic: &str) -> bool {
        match self.topics.is_empty() {
            true => !self.names.is_left_alone(topic),
            false => self.topics.iter().any(|pattern| pattern.is_match(topic)),
        }
    }

    fn remote(&self, topic: &str) -> String {
        format!("{}{topic}", self.prefix)
    }
}

/// Looks.
pub(super) async fn look(cx: &ActionContext, question: &Question) -> Result<Survey, ActionError> {
    let source = Access::to(cx, &question.source).await?;
    let target = Access::to(cx, &question.target).await?;
    let (here, there) =
        (source.ask(cx, source.admin.topology()).await?, target.ask(cx, target.admin.topology()).await?);
    let groups: Vec<String> = source
        .ask(cx, source.groups(cx).groups())
        .await?
        .into_keys()
        .filter(|group| question.wants_group(group))
        .collect();
    let mut survey = Survey::default();
    if groups.is_empty() {
        return Ok(survey);
    }
    let none = Properties::default();
    let configs = Sides {
        source: load_client::settings(cx, &question.source, Role::Consumer, &none).await?.config,
        target: load_client::settings(cx, &question.target, Role::Consumer, &none).await?.config,
    };

    // The target first.
    let members = target.ask(cx, target.groups(cx).groups()).await?;
    let mut committed_there = target.ask(cx, target.groups(cx).group_offsets(groups.clone())).await?;
    let checkpoints = log(cx, &target, &there, &question.names.checkpoints()).await?;
    let (syncs_log, syncs_config, syncs_cluster) =
        match log(cx, &source, &here, &question.names.syncs_on_source()).await? {
            Some(found) => (Some(found), &configs.source, &question.source),
            None => {
                let found = log(cx, &target, &there, &question.names.syncs_on_target()).await?;
                (found, &configs.target, &question.target)
            }
        };
    let read = {
        let (config, log) = (configs.target.clone(), checkpoints.clone());
        blocking(cx, &question.target, move |cx| {
            log.map(|log| mirror_log::checkpoints(&config, &log, &cx.cancel)).transpose()
        })
        .await?
    };
    survey.has_checkpoints = read.is_some();
    let mut newest = Checkpoints::default();
    if let Some(read) = read {
        if read.malformed > 0 {
            survey.remarks.push(messages::malformed(read.malformed, question.names.checkpoints()));
        }
        newest = read.found;
    }
    let read = {
        let (config, log) = (syncs_config.clone(), syncs_log.clone());
        blocking(cx, syncs_cluster, move |cx| {
            log.map(|log| mirror_log::syncs(&config, &log, &cx.cancel)).transpose()
        })
        .await?
    };
    let syncs = read.map(|read| {
        if read.malformed > 0 {
            let topic = syncs_log.as_ref().map(|log| log.topic.clone()).unwrap_or_default();
            survey.remarks.push(messages::malformed(read.malformed, topic));
        }
        read.found
    });
    let mut committed_here = source.ask(cx, source.groups(cx).group_offsets(groups.clone())).await?;

    for group in groups {
        let known = |committed: &mut crate::clients::kafka::GroupOffsets| committed.remove(&group);
        let here_committed = match known(&mut committed_here) {
            Some(Err(code)) => {
                survey.unreadable.insert(group.clone(), format!("`{}`: {code}", question.source));
                continue;
            }
            other => other.and_then(Result::ok).unwrap_or_default(),
        };
        let there_committed = match known(&mut committed_there) {
            Some(Err(code)) => {
                survey.unreadable.insert(group.clone(), format!("`{}`: {code}", question.target));
                continue;
            }
            other => other.and_then(Result::ok).unwrap_or_default(),
        };
        add_rows(question, (&here, &there), &group, &here_committed, &there_committed, &newest, &mut survey);
        let active = members.get(&group).map_or(0, |group: &Members| group.members);
        if active > 0 && survey.rows.iter().rev().take_while(|row| row.group == group).count() > 0 {
            survey
                .rows
                .iter_mut()
                .rev()
                .take_while(|row| row.group == group)
                .for_each(|row| row.active = true);
            survey.active.insert(group, active);
        }
    }
    place(cx, question, configs, (&source, &target), syncs, &mut survey).await?;
    Ok(survey)
}

/// Adds a row for each partition of a group that is wanted.
fn add_rows(
    question: &Question,
    (here, there): (&Topology, &Topology),
    group: &str,
    committed: &Offsets,
    committed_there: &Offsets,
    checkpoints: &Checkpoints,
    survey: &mut Survey,
) {
    let own = checkpoints.get(group);
    for ((topic, partition), offset) in committed {
        if !question.wants_topic(topic) || here.topic(topic).is_none() {
            continue;
        }
        let key = (question.remote(topic), *partition);
        let copied = there.topic(&key.0).is_some_and(|t| t.partitions.iter().any(|p| p.id == *partition));
        if !copied && question.topics.is_empty() {
            survey.not_copied.insert(topic.clone());
            continue;
        }
        let newest = own.and_then(|own| own.get(&key));
        if let Some(newest) = newest.filter(|newest| newest.written_ms >= 0) {
            survey.newest_checkpoint_ms = survey.newest_checkpoint_ms.max(Some(newest.written_ms));
        }
        survey.rows.push(Row {
            group: group.to_owned(),
            topic: topic.clone(),
            partition: *partition,
            committed: *offset,
            source: (0, 0),
            target: copied.then_some((0, 0)),
            checkpoint: newest.map(|newest| (newest.upstream, newest.downstream)),
            there: committed_there.get(&key).copied(),
            active: false,
            syncs: Syncs::Unavailable,
            source_record: None,
            target_record: None,
            place: None,
        });
    }
}

/// Reads the ends of the partitions and the records that stand at the offsets, each once.
async fn place(
    cx: &ActionContext,
    question: &Question,
    configs: Sides,
    (source, target): (&Access, &Access),
    syncs: Option<SyncedOffsets>,
    survey: &mut Survey,
) -> Result<(), ActionError> {
    let keys: BTreeSet<(String, i32)> =
        survey.rows.iter().map(|row| (row.topic.clone(), row.partition)).collect();
    let copied: BTreeSet<(String, i32)> = survey
        .rows
        .iter()
        .filter(|row| row.target.is_some())
        .map(|row| (row.topic.clone(), row.partition))
        .collect();
    let here = bounds(cx, source, keys.into_iter().collect()).await?;
    let remote = copied.iter().map(|(topic, partition)| (question.remote(topic), *partition)).collect();
    let there = bounds(cx, target, remote).await?;
    let mut pairs = Pairs::new();
    for row in &mut survey.rows {
        let key = (row.topic.clone(), row.partition);
        row.source = here.get(&key).copied().unwrap_or_default();
        let remote = (question.remote(&row.topic), row.partition);
        let own = syncs.as_ref().map(|syncs| syncs.get(&key).map(Vec::as_slice).unwrap_or_default());
        row.syncs = nearest(own, row.committed);
        row.target = row.target.and(there.get(&remote).copied());
        let Some(target) = row.target else { continue };
        let pair = pairs.entry(key).or_insert_with(|| Pair {
            target_topic: remote.0,
            source: row.source,
            target,
            syncs: own.unwrap_or_default().to_vec(),
            ..Pair::default()
        });
        pair.wanted.insert(row.committed);
        pair.shown.extend(row.start());
    }
    let clusters = format!("{}` or `{}", question.source, question.target);
    let (mut found, work) = blocking(cx, &clusters, move |cx| {
        positions::find(&configs, &pairs, &cx.cancel).map(|found| (found, pairs))
    })
    .await?;
    drop(work);
    for row in &mut survey.rows {
        let Some(found) = found.get_mut(&(row.topic.clone(), row.partition)) else { continue };
        row.place = found.places.get(&row.committed).copied();
        row.source_record = found.source.get(&row.committed).copied();
        row.target_record = row.start().and_then(|start| found.target.get(&start).copied());
    }
    Ok(())
}

/// What the syncs of a partition tell of an offset.
fn nearest(syncs: Option<&[(i64, i64)]>, offset: i64) -> Syncs {
    let Some(syncs) = syncs else { return Syncs::Unavailable };
    let before = syncs.partition_point(|(upstream, _)| *upstream <= offset);
    match (syncs.first(), before.checked_sub(1).and_then(|at| syncs.get(at))) {
        (None, _) => Syncs::None,
        (Some((first, _)), None) => Syncs::Later(*first),
        (_, Some((upstream, _))) => Syncs::Nearest(*upstream),
    }
}
