//! `config-sync-off`: settings of topics are not copied any more, and one changes at the source.

use super::super::{
    super::ActionError,
    connectors::Part,
    mutant::{Broken, Moment, Mutant},
    plain::no_connector,
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

    async fn act(&self, moment: Moment, site: &Site<'_>) -> Result<Broken, ActionError> {
        if moment == Moment::BeforeLoad {
            return Ok(
                match site.connectors.set(Part::Source, &[("sync.topic.configs.enabled", "false")]).await? {
                    true => Broken::Done { touched: 1, said: off() },
                    false => Broken::Nothing(no_connector()),
                },
            );
        }
        let topic = match site.settled().await? {
            Ok(copy) => copy.topic,
            Err(why) => return Ok(Broken::Nothing(why)),
        };
        let mut settings = site.source.own_settings(&topic).await?;
        settings.insert("retention.ms".to_owned(), "7776000000".to_owned());
        site.source.ask(site, site.source.access.admin.set_topic(&topic, &settings)).await?;
        Ok(Broken::Done { touched: 1, said: changed(topic) })
    }
}

messages! {
    area "mutant config-sync-off";
    about() => "settings of topics are not copied any more" / "les paramètres des topics ne sont plus copiés";
    changed(topic) => "`retention.ms` of `{topic}` was set to 90 days at the source" / "`retention.ms` de `{topic}` a été mis à 90 jours à la source";
    off() => "the connector got sync.topic.configs.enabled=false" / "le connecteur a reçu sync.topic.configs.enabled=false";
}
