//! The connectors of MirrorMaker 2 as Connect knows them: held, let go, given other settings.

use super::super::ActionError;
use crate::{
    clients::connect::{Config, Connect, Order, Status},
    record::messages,
};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// How long a connector may take to obey.
const OBEYS: Duration = Duration::from_secs(60);
/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// MirrorMaker 2's connectors, by the last part of their classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Checkpoint,
    Heartbeat,
    Source,
}

impl Part {
    fn class(self) -> &'static str {
        match self {
            Self::Checkpoint => "MirrorCheckpointConnector",
            Self::Heartbeat => "MirrorHeartbeatConnector",
            Self::Source => "MirrorSourceConnector",
        }
    }
}

/// What copies between the two clusters.
pub(super) struct Connectors {
    connect: Connect,
    found: BTreeMap<String, Config>,
    /// The source cluster's name in the environment, which is its alias where the connectors tell none.
    source: String,
}

impl Connectors {
    pub(super) async fn of(connect: Connect, source: &str) -> Result<Self, ActionError> {
        let (listed, _) = connect.connectors().await?;
        let found = listed.into_iter().map(|(name, listed)| (name, listed.info.config)).collect();
        Ok(Self { connect, found, source: source.to_owned() })
    }

    /// Name and settings of that part, where there is one.
    pub(super) fn part(&self, part: Part) -> Option<(&str, &Config)> {
        let is = |config: &Config| config.get("connector.class").is_some_and(|c| c.ends_with(part.class()));
        self.found.iter().find(|(_, config)| is(config)).map(|(name, config)| (name.as_str(), config))
    }

    /// What stands before a topic's name on the target: `source.`; empty where topics keep their names.
    pub(super) fn prefix(&self) -> String {
        let Some((_, config)) = self.part(Part::Source) else { return format!("{}.", self.source) };
        if config.get("replication.policy.class").is_some_and(|c| c.ends_with("IdentityReplicationPolicy")) {
            return String::new();
        }
        let alias = config.get("source.cluster.alias").unwrap_or(&self.source);
        let separator = config.get("replication.policy.separator").map_or(".", String::as_str);
        format!("{alias}{separator}")
    }

    /// Pauses that part and waits until it and its tasks stand. `false` where there is none.
    pub(super) async fn hold(&self, part: Part) -> Result<bool, ActionError> {
        let Some((name, _)) = self.part(part) else { return Ok(false) };
        self.connect.order(name, Order::Pause, Instant::now() + OBEYS).await?;
        self.until(name, "PAUSED").await.map(|()| true)
    }

    /// Lets it go on.
    pub(super) async fn release(&self, part: Part) -> Result<(), ActionError> {
        let Some((name, _)) = self.part(part) else { return Ok(()) };
        self.connect.order(name, Order::Resume, Instant::now() + OBEYS).await?;
        self.until(name, "RUNNING").await
    }

    /// Gives that part other settings and waits until Connect has taken them. `false` where there is none.
    pub(super) async fn set(&self, part: Part, settings: &[(&str, &str)]) -> Result<bool, ActionError> {
        let Some((name, config)) = self.part(part) else { return Ok(false) };
        self.put(name, config, settings).await.map(|()| true)
    }

    /// Makes another connector of that part's settings, under a name of its own. `false` where there is none.
    pub(super) async fn twin(&self, part: Part) -> Result<bool, ActionError> {
        let Some((name, config)) = self.part(part) else { return Ok(false) };
        let twin = format!("{name}-second");
        self.put(&twin, config, &[("name", &twin)]).await.map(|()| true)
    }

    async fn put(&self, name: &str, config: &Config, settings: &[(&str, &str)]) -> Result<(), ActionError> {
        let mut config = config.clone();
        config.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.connect.put(name, &config, Instant::now() + OBEYS).await?;
        self.until(name, "RUNNING").await?;
        // The tasks of the old settings still run when the connector of the new ones does.
        tokio::time::sleep(Duration::from_secs(3)).await;
        Ok(())
    }

    async fn until(&self, name: &str, state: &str) -> Result<(), ActionError> {
        let until = Instant::now() + OBEYS;
        let there = |status: &Status| status.instances().all(|(_, instance)| instance.state == state);
        while Instant::now() < until {
            if self.connect.status(name).await?.is_some_and(|(status, _)| there(&status)) {
                return Ok(());
            }
            tokio::time::sleep(LOOK).await;
        }
        Err(ActionError::failed(disobeys(name, state)))
    }
}

messages! {
    area "mutate connectors";
    disobeys(name, state) => "connector `{name}` did not come to {state}" / "le connecteur `{name}` n'est pas arrivé à l'état {state}";
}
