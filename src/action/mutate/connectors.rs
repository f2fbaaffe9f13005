//! The connectors of MirrorMaker 2 as Connect knows them: held, let go, given other settings.

use super::{
    super::ActionError,
    broken::{Broken, Unbroken},
};
use crate::{
    clients::{
        connect::{Config, Connect, Order, Status, is_class},
        mirror_flow::{CHECKPOINT_CLASS, HEARTBEAT_CLASS, Mirror, SOURCE_CLASS},
    },
    record::{Speaks, messages},
};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// How long a connector may take to obey.
const OBEYS: Duration = Duration::from_secs(60);
/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// Which of MirrorMaker 2's connectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Checkpoint,
    Heartbeat,
    Source,
}

impl Part {
    fn class(self) -> &'static str {
        match self {
            Self::Checkpoint => CHECKPOINT_CLASS,
            Self::Heartbeat => HEARTBEAT_CLASS,
            Self::Source => SOURCE_CLASS,
        }
    }
}

/// What copies between the two clusters.
pub(super) struct Connectors {
    connect: Connect,
    found: BTreeMap<String, Config>,
}

impl Connectors {
    pub(super) async fn of(connect: Connect) -> Result<Self, ActionError> {
        let (listed, _) = connect.connectors().await?;
        let found = listed.into_iter().map(|(name, listed)| (name, listed.info.config)).collect();
        Ok(Self { connect, found })
    }

    /// Name and settings of that part.
    fn part(&self, part: Part) -> Result<(&str, &Config), Unbroken> {
        let is = |config: &Config| config.get("connector.class").is_some_and(|c| is_class(part.class(), c));
        let found = self.found.iter().find(|(_, config)| is(config));
        found.map(|(name, config)| (name.as_str(), config)).ok_or_else(|| Unbroken::Nothing(no_connector()))
    }

    /// What is copied, and under which names.
    pub(super) fn mirror(&self) -> Result<Mirror, Unbroken> {
        let (_, config) = self.part(Part::Source)?;
        Mirror::of_connector(config).map_err(|error| ActionError::failed(error.said()).into())
    }

    /// Pauses that part and waits until it and its tasks stand.
    pub(super) async fn hold(&self, part: Part) -> Result<Broken, Unbroken> {
        let (name, _) = self.part(part)?;
        self.order(name, Order::Pause, "PAUSED").await?;
        Ok(Broken { touched: 1, said: held() })
    }

    /// Lets it go on.
    pub(super) async fn release(&self, part: Part) -> Result<(), Unbroken> {
        let (name, _) = self.part(part)?;
        Ok(self.order(name, Order::Resume, "RUNNING").await?)
    }

    async fn order(&self, name: &str, order: Order, state: &str) -> Result<(), ActionError> {
        self.connect.order(name, order, Instant::now() + OBEYS).await?;
        self.until(name, state).await
    }

    /// Gives that part other settings and waits until Connect has taken them.
    pub(super) async fn set(&self, part: Part, settings: &[(&str, &str)]) -> Result<Broken, Unbroken> {
        let (name, config) = self.part(part)?;
        self.put(name, config, settings).await?;
        let shown: Vec<String> = settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Ok(Broken { touched: settings.len() as u64, said: set(shown.join(", ")) })
    }

    /// Makes another connector of that part's settings, under a name of its own.
    pub(super) async fn twin(&self, part: Part) -> Result<Broken, Unbroken> {
        let (name, config) = self.part(part)?;
        let second = format!("{name}-second");
        self.put(&second, config, &[("name", &second)]).await?;
        Ok(Broken { touched: 1, said: twin(second) })
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
    held() => "the connector was paused" / "le connecteur a été mis en pause";
    no_connector() => "the connector does not exist" / "le connecteur n'existe pas";
    set(settings) => "the connector got {settings}" / "le connecteur a reçu {settings}";
    twin(name) => "connector `{name}` was created with the same settings" / "le connecteur `{name}` a été créé avec les mêmes paramètres";
}
