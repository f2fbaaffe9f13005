//! `two-replicators`: a second connector copies the same topics to the same copies.

use super::super::{
    connectors::Part,
    mutant::{Broken, Moment, Mutant, Unbroken},
    site::Site,
};
use crate::record::{Said, messages};

pub(super) struct TwoReplicators;

#[async_trait::async_trait]
impl Mutant for TwoReplicators {
    fn name(&self) -> &'static str {
        "two-replicators"
    }

    fn about(&self) -> Said {
        about()
    }

    fn moments(&self) -> &'static [Moment] {
        &[Moment::BeforeLoad]
    }

    async fn act(&self, _: Moment, site: &Site<'_>) -> Result<Broken, Unbroken> {
        site.connectors.twin(Part::Source).await
    }
}

messages! {
    area "mutant two-replicators";
    about() => "two replicators copy the same topics" / "deux réplicateurs copient les mêmes topics";
}
