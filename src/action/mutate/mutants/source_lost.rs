//! `source-lost`: the source itself loses records that it had acknowledged, before they are copied.

use super::super::{
    super::ActionError,
    connectors::Part,
    mutant::{Broken, Moment, Mutant},
    plain::no_connector,
    records::Whole,
    site::Site,
    topics::nothing_wanted,
};
use crate::record::{Said, messages};

pub(super) struct SourceLost;

#[async_trait::async_trait]
impl Mutant for SourceLost {
    fn name(&self) -> &'static str {
        "source-lost"
    }

    fn about(&self) -> Said {
        about()
    }

    fn moments(&self) -> &'static [Moment] {
        &[Moment::BeforeLoad, Moment::AfterLoad]
    }

    async fn act(&self, moment: Moment, site: &Site<'_>) -> Result<Broken, ActionError> {
        if moment == Moment::BeforeLoad {
            return Ok(match site.connectors.hold(Part::Source).await? {
                true => Broken::Done { touched: 1, said: held() },
                false => Broken::Nothing(no_connector()),
            });
        }
        let copy = site.loaded().await?.into_iter().next();
        let Some(copy) = copy else { return Ok(Broken::Nothing(nothing_wanted())) };
        let touched = site.rewrite(&site.source, &copy.topic, change).await?;
        site.connectors.release(Part::Source).await?;
        Ok(Broken::Done { touched, said: lost(touched, copy.topic) })
    }
}

fn change(records: &mut Vec<Whole>) -> u64 {
    // Every tenth.
    let before = records.len();
    let mut number = 0_u64;
    records.retain(|_| {
        number += 1;
        !number.is_multiple_of(10)
    });
    (before - records.len()) as u64
}

messages! {
    area "mutant source-lost";
    about() => "the source lost records that it had acknowledged" / "la source a perdu des enregistrements qu'elle avait acquittés";
    held() => "the connector was paused" / "le connecteur a été mis en pause";
    lost(records, topic) => "`{topic}` was made anew without {records} of its records" / "`{topic}` a été recréé sans {records} de ses enregistrements";
}
