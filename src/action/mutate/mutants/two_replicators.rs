//! `two-replicators`: a second connector copies the same topics to the same copies.

use super::super::{
    super::ActionError,
    connectors::Part,
    mutant::{Broken, Moment, Mutant},
    plain::no_connector,
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

    async fn act(&self, _: Moment, site: &Site<'_>) -> Result<Broken, ActionError> {
        Ok(match site.connectors.twin(Part::Source).await? {
            true => Broken::Done { touched: 1, said: twin() },
            false => Broken::Nothing(no_connector()),
        })
    }
}

messages! {
    area "mutant two-replicators";
    about() => "two replicators copy the same topics" / "deux réplicateurs copient les mêmes topics";
    twin() => "a second connector with the same settings was made" / "un second connecteur avec les mêmes paramètres a été créé";
}
