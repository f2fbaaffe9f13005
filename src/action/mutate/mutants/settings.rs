//! `settings`: a setting of the copy is another than the topic's.

use super::super::{
    super::ActionError,
    mutant::{Broken, Moment, Mutant},
    site::Site,
};
use crate::record::{Said, messages};

pub(super) struct Settings;

#[async_trait::async_trait]
impl Mutant for Settings {
    fn name(&self) -> &'static str {
        "settings"
    }

    fn about(&self) -> Said {
        about()
    }

    fn moments(&self) -> &'static [Moment] {
        &[Moment::AfterLoad]
    }

    async fn act(&self, _: Moment, site: &Site<'_>) -> Result<Broken, ActionError> {
        let copy = match site.settled().await? {
            Ok(copy) => copy.copy,
            Err(why) => return Ok(Broken::Nothing(why)),
        };
        let mut settings = site.target.own_settings(&copy).await?;
        settings.insert("retention.ms".to_owned(), "3600000".to_owned());
        site.target.ask(site, site.target.access.admin.set_topic(&copy, &settings)).await?;
        Ok(Broken::Done { touched: 1, said: set(copy) })
    }
}

messages! {
    area "mutant settings";
    about() => "a setting of the copy differs from its topic's" / "un paramètre de la copie diffère de celui de son topic";
    set(copy) => "`retention.ms` of `{copy}` was set to an hour" / "`retention.ms` de `{copy}` a été mis à une heure";
}
