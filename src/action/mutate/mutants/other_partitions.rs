//! `other-partitions`: the copy has one partition more than its topic.

use super::super::{
    mutant::{Broken, Moment, Mutant, Unbroken},
    site::Site,
};
use crate::record::{Said, messages};

pub(super) struct OtherPartitions;

#[async_trait::async_trait]
impl Mutant for OtherPartitions {
    fn name(&self) -> &'static str {
        "other-partitions"
    }

    fn about(&self) -> Said {
        about()
    }

    fn moments(&self) -> &'static [Moment] {
        &[Moment::AfterLoad]
    }

    async fn act(&self, _: Moment, site: &Site<'_>) -> Result<Broken, Unbroken> {
        let copy = site.settled().await?;
        let total = u32::try_from(copy.topic.partitions.len() + 1).unwrap_or(u32::MAX);
        site.target.ask(site, site.target.access.admin.grow_topic(&copy.copy, total)).await?;
        Ok(Broken { touched: 1, said: grown(copy.copy, total) })
    }
}

messages! {
    area "mutant other-partitions";
    about() => "the copy has another number of partitions than its topic" / "la copie n'a pas le même nombre de partitions que son topic";
    grown(copy, total) => "`{copy}` has {total} partitions now" / "`{copy}` a maintenant {total} partitions";
}
