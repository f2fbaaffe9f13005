//! The plain forms of mutants: other records on the copy, other settings of a connector, a connector that is held.

use super::{
    super::ActionError,
    connectors::Part,
    mutant::{Broken, Moment, Mutant},
    records::Whole,
    site::Site,
};
use crate::record::{Said, messages};

/// The copy has other records than its topic.
pub(super) struct Rewriting {
    pub(super) name: &'static str,
    pub(super) about: fn() -> Said,
    /// Changes the records of the copy, partition by partition in order, and says how many it touched; 0 where there are
    /// too few.
    pub(super) change: fn(&mut Vec<Whole>) -> u64,
}

#[async_trait::async_trait]
impl Mutant for Rewriting {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> Said {
        (self.about)()
    }

    fn moments(&self) -> &'static [Moment] {
        &[Moment::AfterLoad]
    }

    async fn act(&self, _: Moment, site: &Site<'_>) -> Result<Broken, ActionError> {
        site.rewrite_copy(self.change).await
    }
}

/// A connector has other settings.
pub(super) struct Setting {
    pub(super) name: &'static str,
    pub(super) about: fn() -> Said,
    pub(super) part: Part,
    pub(super) settings: &'static [(&'static str, &'static str)],
}

#[async_trait::async_trait]
impl Mutant for Setting {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> Said {
        (self.about)()
    }

    fn moments(&self) -> &'static [Moment] {
        &[Moment::BeforeLoad]
    }

    async fn act(&self, _: Moment, site: &Site<'_>) -> Result<Broken, ActionError> {
        Ok(match site.connectors.set(self.part, self.settings).await? {
            true => {
                let settings: Vec<String> =
                    self.settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
                Broken::Done { touched: self.settings.len() as u64, said: set(settings.join(", ")) }
            }
            false => Broken::Nothing(no_connector()),
        })
    }
}

/// A connector does nothing while the step runs.
pub(super) struct Held {
    pub(super) name: &'static str,
    pub(super) about: fn() -> Said,
    pub(super) part: Part,
}

#[async_trait::async_trait]
impl Mutant for Held {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> Said {
        (self.about)()
    }

    fn moments(&self) -> &'static [Moment] {
        &[Moment::BeforeLoad]
    }

    async fn act(&self, _: Moment, site: &Site<'_>) -> Result<Broken, ActionError> {
        Ok(match site.connectors.hold(self.part).await? {
            true => Broken::Done { touched: 1, said: held() },
            false => Broken::Nothing(no_connector()),
        })
    }
}

messages! {
    area "mutate plain";
    held() => "the connector was paused" / "le connecteur a été mis en pause";
    no_connector() => "there is no such connector" / "ce connecteur n'existe pas";
    set(settings) => "the connector got {settings}" / "le connecteur a reçu {settings}";
}
