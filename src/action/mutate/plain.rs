//! The plain forms of mutants: other records, other settings of a connector, a connector that is paused.

use super::{
    connectors::Part,
    mutant::{Broken, Moment, Mutant, Unbroken},
    records::Whole,
    site::Site,
};
use crate::record::Said;

/// Which topic has other records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Copy,
    /// The source's, once it is copied.
    Source,
    /// The source's, before it is copied.
    SourceUncopied,
}

/// A topic has other records than were sent or copied.
pub(super) struct Rewriting {
    pub(super) name: &'static str,
    pub(super) about: fn() -> Said,
    pub(super) of: Of,
    /// Changes the records, partition by partition in order, and says how many it touched; 0 where there are too few.
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
        match self.of {
            Of::SourceUncopied => &[Moment::BeforeLoad, Moment::AfterLoad],
            Of::Copy | Of::Source => &[Moment::AfterLoad],
        }
    }

    async fn act(&self, moment: Moment, site: &Site<'_>) -> Result<Broken, Unbroken> {
        if moment == Moment::BeforeLoad {
            return site.connectors.hold(Part::Source).await;
        }
        let copy = match self.of {
            Of::SourceUncopied => site.newest().await?,
            Of::Copy | Of::Source => site.settled().await?,
        };
        if self.of == Of::Copy {
            site.connectors.hold(Part::Source).await?;
        }
        let broken = match self.of {
            Of::Copy => site.rewrite(&site.target, &copy.copy, self.change).await,
            Of::Source | Of::SourceUncopied => {
                site.rewrite(&site.source, &copy.topic.name, self.change).await
            }
        };
        if self.of != Of::Source {
            site.connectors.release(Part::Source).await?;
        }
        broken
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

    async fn act(&self, _: Moment, site: &Site<'_>) -> Result<Broken, Unbroken> {
        site.connectors.set(self.part, self.settings).await
    }
}

/// A connector is paused while the step runs.
pub(super) struct Paused {
    pub(super) name: &'static str,
    pub(super) about: fn() -> Said,
    pub(super) part: Part,
}

#[async_trait::async_trait]
impl Mutant for Paused {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> Said {
        (self.about)()
    }

    fn moments(&self) -> &'static [Moment] {
        &[Moment::BeforeLoad]
    }

    async fn act(&self, _: Moment, site: &Site<'_>) -> Result<Broken, Unbroken> {
        site.connectors.hold(self.part).await
    }
}
