//! `new-partitions`: topics grow at the source, and nobody looks for new partitions.

use super::super::{
    connectors::Part,
    mutant::{Broken, Moment, Mutant, Unbroken},
    site::Site,
    topics::nothing_wanted,
};
use crate::record::{Said, messages};

pub(super) struct NewPartitions;

#[async_trait::async_trait]
impl Mutant for NewPartitions {
    fn name(&self) -> &'static str {
        "new-partitions"
    }

    fn about(&self) -> Said {
        about()
    }

    fn moments(&self) -> &'static [Moment] {
        &[Moment::BeforeLoad]
    }

    async fn act(&self, _: Moment, site: &Site<'_>) -> Result<Broken, Unbroken> {
        site.connectors.set(Part::Source, &[("refresh.topics.enabled", "false")]).await?;
        let topics = site.wanted().await?;
        for topic in &topics {
            let total = u32::try_from(topic.partitions.len() + 1).unwrap_or(u32::MAX);
            site.source.ask(site, site.source.access.admin.grow_topic(&topic.name, total)).await?;
        }
        match topics.len() as u64 {
            0 => Err(Unbroken::Nothing(nothing_wanted())),
            touched => Ok(Broken { touched, said: grown(touched) }),
        }
    }
}

messages! {
    area "mutant new-partitions";
    about() => "topics got new partitions that are not copied" / "les topics ont de nouvelles partitions qui ne sont pas copiées";
    grown(topics) => "{topics} {topics|topic|topics} got one more partition, and the connector does not search for new ones" / "{topics} {topics|topic a|topics ont} une partition de plus, et le connecteur n'en cherche pas de nouvelles";
}
