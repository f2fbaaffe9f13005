//! `settings`: a setting of the copy is another than its topic's.

use super::super::{
    mutant::{Broken, Moment, Mutant, Unbroken},
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

    async fn act(&self, _: Moment, site: &Site<'_>) -> Result<Broken, Unbroken> {
        let copy = site.settled().await?;
        site.target.set(&copy.copy, "retention.ms", "3600000").await
    }
}

messages! {
    area "mutant settings";
    about() => "a setting of the copy differs from its topic's" / "un paramètre de la copie diffère de celui de son topic";
}
