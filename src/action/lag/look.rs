//! One look at both sides: [`look`] gives a [`Sight`].

use super::super::{
    ActionContext, ActionError,
    kafka_access::{Access, some_of},
    service::{self, endpoint, unless_cancelled},
};
use crate::{
    clients::{
        connect::{self, Places, assigned},
        kafka::{FirstRecord, Topology, admin::Offsets},
    },
    record::{Said, Speaks, messages},
};
use std::collections::BTreeMap;

/// The age is read of so many partitions, those that are farthest behind.
const READ: usize = 1000;

/// What is looked at.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) source: &'a str,
    pub(super) target: &'a str,
    pub(super) topics: &'a [String],
    pub(super) prefix: String,
    /// Whether the position is what the connector has committed.
    pub(super) by_connect: bool,
    pub(super) connector: Option<&'a str>,
}

/// What was seen of one partition of the source.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct SourcePartition {
    pub(super) topic: String,
    pub(super) partition: i32,
    pub(super) begin: i64,
    pub(super) end: i64,
    /// End offset of the copy; none where the target has no such partition.
    pub(super) copy_end: Option<i64>,
    /// The offset behind the last record that the connector has committed; none where it committed none.
    pub(super) committed: Option<i64>,
    /// The task that copies it.
    pub(super) task: Option<u32>,
}

/// What was seen at one moment.
#[derive(Debug, Default)]
pub(super) struct Sight {
    pub(super) partitions: Vec<SourcePartition>,
    pub(super) by_connect: bool,
    /// What the connector committed is known.
    pub(super) has_committed: bool,
    /// Which task copies what is known.
    pub(super) has_tasks: bool,
    /// Topics that are not on the target at all.
    pub(super) absent: Vec<String>,
    /// Why something beside the main figures is not known.
    pub(super) remarks: Vec<Said>,
    /// The first record that waits, by partition; none where the look does not know the positions.
    pub(super) oldest: Option<BTreeMap<(String, i32), FirstRecord>>,
    /// Milliseconds since 1970 when those were read.
    pub(super) now_ms: i64,
    /// Partitions whose record was not read, because there are too many.
    pub(super) not_read: usize,
}

/// Looks at both sides. The copy's position is read first: what arrives in between makes the lag look greater, never
/// smaller.
pub(super) async fn look(cx: &ActionContext, asked: &Asked<'_>) -> Result<Sight, ActionError> {
    let source = Access::to(cx, asked.source).await?;
    let here = source.ask(cx, source.admin.topology()).await?;
    let partitions = partitions(&here, asked.topics)
        .map_err(|topic| ActionError::failed(not_on_source(topic, asked.source)))?;
    let mut sight = Sight { by_connect: asked.by_connect, ..Sight::default() };
    let copy = copy_ends(cx, asked, &mut sight).await?;
    let connector = connector(cx, asked, &mut sight).await?;
    let ends = source.ask(cx, source.admin.end_offsets(&partitions)).await?;
    let begins = source.ask(cx, source.admin.begin_offsets(&partitions)).await?;
    for key in partitions {
        let Some(end) = ends.get(&key).copied() else { continue };
        sight.partitions.push(SourcePartition {
            begin: begins.get(&key).copied().unwrap_or(0),
            end,
            copy_end: copy.get(&key).copied(),
            committed: connector.committed.get(&key).copied(),
            task: connector.tasks.get(&key).copied(),
            topic: key.0,
            partition: key.1,
        });
    }
    Ok(sight)
}

/// Reads when the oldest record that waits was written, for the partitions and offsets in `waiting`.
pub(super) async fn read_oldest(
    cx: &ActionContext,
    source: &str,
    sight: &mut Sight,
    mut waiting: Vec<(String, i32, i64, i64)>,
) -> Result<(), ActionError> {
    // Offset and lag: those that are farthest behind first.
    waiting.sort_by_key(|(.., lag)| std::cmp::Reverse(*lag));
    sight.not_read = waiting.len().saturating_sub(READ);
    let places: Vec<_> = waiting.into_iter().take(READ).map(|(t, p, at, _)| (t, p, at)).collect();
    let access = Access::to(cx, source).await?;
    match access.ask(cx, access.admin.first_records(&places)).await {
        Ok(found) => sight.oldest = Some(found),
        Err(ActionError::Cancelled) => return Err(ActionError::Cancelled),
        Err(error) => sight.remarks.push(age_unread(error.said())),
    }
    sight.now_ms = jiff::Timestamp::now().as_millisecond();
    Ok(())
}

/// The target's end offsets under the source's names.
async fn copy_ends(cx: &ActionContext, asked: &Asked<'_>, sight: &mut Sight) -> Result<Offsets, ActionError> {
    let target = Access::to(cx, asked.target).await?;
    let there = match target.ask(cx, target.admin.topology()).await {
        Ok(there) => there,
        // The connector's own positions do without the target.
        Err(error @ ActionError::Unreachable { .. }) if asked.by_connect => {
            sight.remarks.push(error.said());
            return Ok(Offsets::new());
        }
        Err(error) => return Err(error),
    };
    let mut all = Vec::new();
    for topic in asked.topics {
        let name = format!("{}{topic}", asked.prefix);
        match there.topic(&name).filter(|t| t.error.is_none()) {
            Some(found) => all.extend(found.partitions.iter().map(|p| (name.clone(), p.id))),
            None => sight.absent.push(name),
        }
    }
    if !sight.absent.is_empty() {
        sight.remarks.push(topics_not_on_target(some_of(&sight.absent), asked.target));
    }
    let ends = target.ask(cx, target.admin.end_offsets(&all)).await?;
    let own = |topic: String| topic.strip_prefix(&asked.prefix).map_or(topic.clone(), str::to_owned);
    Ok(ends.into_iter().map(|((topic, partition), end)| ((own(topic), partition), end)).collect())
}

#[derive(Debug, Default)]
struct Connector {
    committed: Offsets,
    tasks: BTreeMap<(String, i32), u32>,
}

/// What the connector has committed, and which task copies what. Only where it is the method is its absence an error.
async fn connector(
    cx: &ActionContext,
    asked: &Asked<'_>,
    sight: &mut Sight,
) -> Result<Connector, ActionError> {
    let Some(name) = asked.connector else { return Ok(Connector::default()) };
    let endpoint = endpoint(cx, "connect", |e| &e.connect)?;
    let ask = async {
        let connect = service::connect(cx, endpoint).await?;
        let places = connect.places(name).await?;
        let tasks = connect.task_settings(name).await;
        Ok::<_, connect::ConnectError>((places, tasks, connect.moved()))
    };
    let (places, tasks, moved) = match unless_cancelled(cx, ask).await {
        Ok(answer) => answer,
        Err(error @ ActionError::Cancelled) => return Err(error),
        Err(error) if asked.by_connect => return Err(error),
        Err(error) => {
            sight.remarks.push(connector_unread(name, error.said()));
            return Ok(Connector::default());
        }
    };
    sight.remarks.extend(moved);
    let mut found = Connector::default();
    match places {
        Some((places, _)) => {
            found.committed = committed(&places);
            sight.has_committed = true;
        }
        None => sight.remarks.push(no_connector(name)),
    }
    if let Ok(Some(tasks)) = tasks {
        for task in &tasks {
            let Some(partitions) = assigned(task) else { continue };
            sight.has_tasks = true;
            found.tasks.extend(partitions.into_iter().map(|key| (key, task.id)));
        }
    }
    Ok(found)
}

/// The places of MirrorMaker 2's source connector as the next offset to be copied.
pub(super) fn committed(places: &Places) -> Offsets {
    places
        .offsets
        .iter()
        .filter_map(|place| {
            let topic = place.partition["topic"].as_str()?.to_owned();
            let partition = i32::try_from(place.partition["partition"].as_i64()?).ok()?;
            Some(((topic, partition), place.offset["offset"].as_i64()? + 1))
        })
        .collect()
}

/// The partitions of `topics`; or the name that is not there.
fn partitions(topology: &Topology, topics: &[String]) -> Result<Vec<(String, i32)>, String> {
    let mut all = Vec::new();
    for topic in topics {
        let found = topology.topic(topic).filter(|t| t.error.is_none()).ok_or_else(|| topic.clone())?;
        all.extend(found.partitions.iter().map(|p| (topic.clone(), p.id)));
    }
    Ok(all)
}

messages! {
    area "lag";
    age_unread(why) => "the age of the oldest record that is not copied is not known: {why}" / "l'âge du plus ancien enregistrement non copié n'est pas connu : {why}";
    connector_unread(name, why) => "connector `{name}` was not asked: {why}" / "le connecteur `{name}` n'a pas été interrogé : {why}";
    no_connector(name) => "Connect has no connector `{name}`" / "Connect n'a pas de connecteur `{name}`";
    not_on_source(topic, cluster) => "topic `{topic}` is not on cluster `{cluster}`: not created yet, or hidden from this user" / "le topic `{topic}` n'est pas sur le cluster `{cluster}` : pas encore créé, ou caché à cet utilisateur";
    topics_not_on_target(topics, cluster) => "{topics} not on cluster `{cluster}`: not created yet, or hidden from this user; all that the source has counts as lag" / "{topics} absent du cluster `{cluster}` : pas encore créé, ou caché à cet utilisateur ; tout ce que la source a compte comme retard";
}
