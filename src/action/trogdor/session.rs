//! [`Session`]: what one load on Trogdor needs: the engine, the topic as it is, the properties of the agents' clients.

use super::{messages, missing, properties::client_properties, tasks::Outcomes};
use crate::{
    action::{
        ActionContext, ActionError, ActionFailure,
        kafka_access::Access,
        load_client::{self, Properties},
        service,
        service::unless_cancelled,
    },
    clients::{
        environment,
        kafka::{Role, admin},
        trogdor::{State, Trogdor},
    },
    load,
    record::{Arg, Evidence, Said},
    store::ArtifactDir,
};
use std::{collections::BTreeMap, io, time::Duration};

/// How often offsets and tasks are looked at.
pub(in crate::action) const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How long the offsets may take at the end, when what the load did may have taken the brokers away.
const LAST_OFFSETS: Duration = Duration::from_secs(30);

/// Everything that a load on Trogdor is made of.
#[derive(Debug)]
pub(in crate::action) struct Session {
    pub(in crate::action) trogdor: Trogdor,
    pub(in crate::action) kafka: Access,
    pub(in crate::action) servers: String,
    /// Partitions of the topic, as (topic, number).
    pub(in crate::action) partitions: Vec<(String, i32)>,
    /// The brokers that hold each partition.
    pub(in crate::action) assignment: BTreeMap<i32, Vec<i32>>,
    /// Properties of the agents' clients.
    pub(in crate::action) properties: BTreeMap<String, String>,
    /// What sends or reads.
    pub(in crate::action) by: Said,
    /// Tasks of others that were active on the coordinator when it was looked at.
    others: usize,
}

impl Session {
    /// Looks at all of it. The topic must be there: Trogdor would make one as it likes.
    pub(in crate::action) async fn open(
        cx: &ActionContext,
        (cluster, topic): (&str, &str),
        role: Role,
        overrides: &Properties,
    ) -> Result<Self, ActionError> {
        let about = cx.environment.trogdor.as_ref().ok_or_else(|| missing(cx))?;
        if about.agents.is_empty() {
            return Err(ActionError::misconfigured(messages::no_agents(), messages::give_agents()));
        }
        let found = service::cluster(cx, cluster)?;
        let properties = properties(cx, cluster, role, overrides)?;
        let kafka = Access::to(cx, cluster).await?;
        let topology = kafka.ask(cx, kafka.admin.topology()).await?;
        let there = topology
            .topic(topic)
            .filter(|t| !t.partitions.is_empty())
            .ok_or_else(|| load_client::fault(load::LoadError::UnknownTopic(topic.to_owned()), cluster))?;
        let trogdor = Trogdor::open(about).await?;
        let tasks = unless_cancelled(cx, trogdor.tasks()).await?;
        Ok(Self {
            trogdor,
            kafka,
            servers: found.bootstrap_servers.clone(),
            partitions: there.partitions.iter().map(|p| (topic.to_owned(), p.id)).collect(),
            assignment: there.partitions.iter().map(|p| (p.id, p.replicas.clone())).collect(),
            properties,
            by: client(about),
            others: tasks.values().filter(|task| task.state != State::Done).count(),
        })
    }

    /// Puts before the other remarks what a reader must know of who `did` it.
    pub(in crate::action) fn remark(&self, evidence: &mut Evidence, did: Said) {
        let later = std::mem::take(&mut evidence.remarks);
        evidence.remark(did);
        if self.others > 0 {
            evidence.remark(messages::active_before(self.others));
        }
        evidence.remarks.extend(later);
    }

    /// The sum of the topic's end offsets; `None` while the cluster does not tell.
    pub(in crate::action) async fn sum_of_ends(&self) -> Option<u64> {
        sum(self.kafka.admin.end_offsets(&self.partitions).await.ok()?, self.partitions.len())
    }

    /// The same at the end of a load, for which it waits up to 30 s, or 3 s where the action was cancelled.
    pub(in crate::action) async fn last_sum_of_ends(&self, cx: &ActionContext) -> Option<u64> {
        let again = async {
            loop {
                if let Some(sum) = self.sum_of_ends().await {
                    return sum;
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        let limit = if cx.cancel.is_cancelled() { LAST_OFFSETS / 10 } else { LAST_OFFSETS };
        tokio::time::timeout(limit, again).await.ok()
    }
}

/// Properties of the agents' clients for that cluster of the environment.
pub(in crate::action) fn properties(
    cx: &ActionContext,
    cluster: &str,
    role: Role,
    overrides: &Properties,
) -> Result<BTreeMap<String, String>, ActionError> {
    let about = cx.environment.trogdor.as_ref().ok_or_else(|| missing(cx))?;
    client_properties(about, (cluster, service::cluster(cx, cluster)?), role, &overrides.0)
}

/// The sum, where every partition is in it.
pub(in crate::action) fn sum(offsets: admin::Offsets, partitions: usize) -> Option<u64> {
    (offsets.len() == partitions).then(|| offsets.values().map(|o| u64::try_from(*o).unwrap_or(0)).sum())
}

/// What sends or reads.
fn client(about: &environment::Trogdor) -> Said {
    let agents = Arg::list(about.agents.keys().map(|agent| format!("`{agent}`")));
    match &about.version {
        Some(version) => messages::by_agents(agents, version),
        None => messages::by_agents_of_unknown_version(agents),
    }
}

/// The error of offsets that could not be written.
pub(in crate::action) fn lost(error: io::Error) -> ActionError {
    ActionError::failed(messages::offsets_unwritable(error.to_string()))
}

/// The artifact with what every agent told.
pub(in crate::action) const AGENTS: &str = "agents.json";

/// Ends an action with the evidence, or with the first of the causes for which it is not all: what ended the load, why
/// its tasks could not be ended, and what an agent failed with.
pub(in crate::action) fn conclude(
    evidence: Evidence,
    causes: [Option<ActionError>; 3],
) -> Result<Evidence, ActionFailure> {
    match causes.into_iter().flatten().next() {
        None => Ok(evidence),
        Some(error) => Err(error.with(evidence)),
    }
}

/// Keeps what each agent told, as it told it, and says which told nothing. The answer is why one failed.
pub(in crate::action) fn keep(
    artifacts: &ArtifactDir,
    outcomes: &Outcomes,
    agents: impl Iterator<Item = impl AsRef<str>>,
    evidence: &mut Evidence,
) -> Result<Option<ActionError>, ActionError> {
    let mut trouble = None;
    let mut all = serde_json::Map::new();
    for agent in agents {
        let agent = agent.as_ref();
        let Some((task, raw)) = outcomes.get(agent) else {
            evidence.remark(messages::agent_unknown(agent));
            continue;
        };
        all.insert(agent.to_owned(), serde_json::from_slice(raw).unwrap_or_default());
        if task.state != State::Done {
            evidence.remark(messages::agent_not_ended(agent));
        }
        if !task.error.is_empty() && trouble.is_none() {
            trouble = Some(super::tasks::failed(agent, &task.error));
        }
    }
    artifacts.write_json(AGENTS, &all)?;
    Ok(trouble)
}
