//! `purged`: records are deleted at the source before they are copied.

use super::super::{
    connectors::Part,
    mutant::{Broken, Moment, Mutant, Unbroken},
    site::Site,
};
use crate::{
    clients::kafka::admin::Offsets,
    record::{Said, messages},
};

pub(super) struct Purged;

#[async_trait::async_trait]
impl Mutant for Purged {
    fn name(&self) -> &'static str {
        "purged"
    }

    fn about(&self) -> Said {
        about()
    }

    fn moments(&self) -> &'static [Moment] {
        &[Moment::BeforeLoad, Moment::AfterLoad]
    }

    async fn act(&self, moment: Moment, site: &Site<'_>) -> Result<Broken, Unbroken> {
        if moment == Moment::BeforeLoad {
            return site.connectors.hold(Part::Source).await;
        }
        let copy = site.newest().await?;
        let (begin, end) = site.source.ends(&copy.topic).await?;
        // A third of what each partition has.
        let before: Offsets = begin
            .iter()
            .filter_map(|(of, begin)| Some((of.clone(), begin + (end.get(of)? - begin) / 3)))
            .collect();
        let deleted = before.values().sum::<i64>() - begin.values().sum::<i64>();
        site.source.ask(site, site.source.access.admin.delete_records(&before)).await?;
        site.connectors.release(Part::Source).await?;
        let touched = u64::try_from(deleted).unwrap_or(0);
        Ok(Broken { touched, said: purged(touched, copy.topic.name) })
    }
}

messages! {
    area "mutant purged";
    about() => "records were deleted at the source before they were copied" / "des enregistrements ont été supprimés à la source avant d'être copiés";
    purged(records, topic) => "{records} {records|record|records} of `{topic}` deleted before {records|it was|they were} copied" / "{records} {records|enregistrement de|enregistrements de} `{topic}` {records|supprimé|supprimés} avant la copie";
}
