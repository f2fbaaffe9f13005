//! `config-sync-off`: settings of topics are no longer copied, and one changes at the source.

use super::super::{
    connectors::Part,
    mutant::{Broken, Moment, Mutant, Unbroken},
    site::Site,
};
use crate::record::{Said, messages};

pub(super) struct ConfigSyncOff;

#[async_trait::async_trait]
impl Mutant for ConfigSyncOff {
    fn name(&self) -> &'static str {
        "config-sync-off"
    }

    fn about(&self) -> Said {
        about()
    }

    fn moments(&self) -> &'static [Moment] {
        &[Moment::BeforeLoad, Moment::AfterLoad]
    }

    async fn act(&self, moment: Moment, site: &Site<'_>) -> Result<Broken, Unbroken> {
        if moment == Moment::BeforeLoad {
            return site.connectors.set(Part::Source, &[("sync.topic.configs.enabled", "false")]).await;
        }
        let copy = site.settled().await?;
        site.source.set(&copy.topic.name, "retention.ms", "7776000000").await
    }
}

messages! {
    area "mutant config-sync-off";
    about() => "settings of topics are no longer copied" / "les paramètres des topics ne sont plus copiés";
}
