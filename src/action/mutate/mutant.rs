//! [`Mutant`]: one way in which replication can be wrong, and when in a step it is brought about.

pub(super) use super::broken::{Broken, Unbroken};

use super::site::Site;
use crate::record::Said;
use serde::{Deserialize, Serialize};
use std::fmt;

/// When a mutant acts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    /// Before the step's first load.
    BeforeLoad,
    /// After its first load, before anything looks at what became of it.
    AfterLoad,
    /// After its groups have read, before their offsets are looked at.
    BeforeOffsets,
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BeforeLoad => "before-load",
            Self::AfterLoad => "after-load",
            Self::BeforeOffsets => "before-offsets",
        })
    }
}

/// One way in which replication can be wrong. A mutant is one file and one line of the list.
#[async_trait::async_trait]
pub trait Mutant: Sync {
    /// Returns the name of the mutant, as `--mutants` takes it.
    fn name(&self) -> &'static str;

    /// What is wrong afterwards.
    fn about(&self) -> Said;

    /// When it acts, in order.
    fn moments(&self) -> &'static [Moment];

    /// Brings it about.
    async fn act(&self, moment: Moment, site: &Site<'_>) -> Result<Broken, Unbroken>;
}
