//! `made-anew`: a topic is deleted and made again at the source, with the second half of its records.

use super::super::{
    super::ActionError,
    mutant::{Broken, Moment, Mutant},
    records::Whole,
    site::Site,
};
use crate::record::{Said, messages};

pub(super) struct MadeAnew;

#[async_trait::async_trait]
impl Mutant for MadeAnew {
    fn name(&self) -> &'static str {
        "made-anew"
    }

    fn about(&self) -> Said {
        about()
    }

    fn moments(&self) -> &'static [Moment] {
        &[Moment::AfterLoad]
    }

    async fn act(&self, _: Moment, site: &Site<'_>) -> Result<Broken, ActionError> {
        let copy = match site.settled().await? {
            Ok(copy) => copy,
            Err(why) => return Ok(Broken::Nothing(why)),
        };
        let touched = site.rewrite(&site.source, &copy.topic, change).await?;
        Ok(Broken::Done { touched, said: lost(touched, copy.topic) })
    }
}

fn change(records: &mut Vec<Whole>) -> u64 {
    let half = records.len() / 2;
    // Partition by partition, so that each one has lost something.
    let mut seen = std::collections::BTreeMap::new();
    let total = records.iter().fold(std::collections::BTreeMap::new(), |mut total, record| {
        *total.entry(record.partition).or_insert(0_usize) += 1;
        total
    });
    records.retain(|record| {
        let seen = seen.entry(record.partition).or_insert(0_usize);
        *seen += 1;
        *seen > total[&record.partition] / 2
    });
    half as u64
}

messages! {
    area "mutant made-anew";
    about() => "a topic was deleted at the source and made again" / "un topic a été supprimé à la source puis recréé";
    lost(records, topic) => "`{topic}` was made anew without {records} of its records" / "`{topic}` a été recréé sans {records} de ses enregistrements";
}
