//! What Connect has given the tasks of a connector to do: [`Connect::task_settings`]; and a connector that is created in a
//! state: [`Connect::create`].

use super::{Config, Connect, ConnectError, found, without_nulls};
use crate::support::redact;
use reqwest::Method;
use serde::Deserialize;
use std::time::Instant;

/// Settings of one task, as the connector made them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskSettings {
    /// Number of the task, from 0.
    pub id: u32,
    /// Settings of the task, as Connect gives them.
    pub config: Config,
}

#[derive(Deserialize)]
struct Listed {
    id: Id,
    #[serde(deserialize_with = "without_nulls")]
    config: Config,
}

#[derive(Deserialize)]
struct Id {
    task: u32,
}

impl Connect {
    /// Makes a new connector that begins as `initial` says: `RUNNING`, `PAUSED` or `STOPPED` (Kafka 3.7 and later,
    /// KIP-980).
    ///
    /// # Errors
    /// If there is one of that name, or Connect refuses the settings: its own words.
    pub async fn create(
        &self,
        name: &str,
        config: &Config,
        initial: &str,
        until: Instant,
    ) -> Result<(), ConnectError> {
        let body = serde_json::json!({"name": name, "config": config, "initial_state": initial});
        self.write(Method::POST, &["connectors"], &[], Some(&body), until).await.map(drop)
    }

    /// The settings of every task that the connector asked for, by number; `None` where there is no such connector.
    /// They are there before the tasks run, so that a task without a worker is seen.
    ///
    /// # Errors
    /// As every read.
    pub async fn task_settings(&self, name: &str) -> Result<Option<Vec<TaskSettings>>, ConnectError> {
        let answer = found(self.read::<Vec<Listed>>(&["connectors", name, "tasks"], &[]).await)?;
        Ok(answer.map(|(listed, _)| {
            let mut tasks: Vec<_> = listed
                .into_iter()
                .map(|task| TaskSettings { id: task.id.task, config: task.config })
                .collect();
            tasks.sort_by_key(|task| task.id);
            for task in &tasks {
                task.config.iter().for_each(|(name, value)| redact::learn_setting(name, value));
            }
            tasks
        }))
    }
}

/// The topic-partitions that a task of MirrorMaker 2's source connector copies (`task.assigned.partitions`, a list of
/// `topic-partition`); `None` where it is no such task.
pub fn assigned(task: &TaskSettings) -> Option<Vec<(String, i32)>> {
    let list = task.config.get("task.assigned.partitions")?;
    let one = |text: &str| {
        let (topic, partition) = text.trim().rsplit_once('-')?;
        Some((topic.to_owned(), partition.parse().ok()?))
    };
    Some(list.split(',').filter_map(one).collect())
}
