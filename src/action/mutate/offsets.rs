//! The form of mutants that move a group on the target.

use super::{
    connectors::Part,
    mutant::{Broken, Moment, Mutant, Unbroken},
    site::Site,
};
use crate::{
    clients::kafka::admin::Offsets,
    record::{Said, messages},
};

/// Where a group stands in a partition of the target, and what that partition holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) begin: i64,
    pub(super) at: i64,
    pub(super) end: i64,
}

/// A group stands elsewhere on the target.
pub(super) struct Moved {
    pub(super) name: &'static str,
    pub(super) about: fn() -> Said,
    /// Where it stands then.
    pub(super) to: fn(Place) -> i64,
}

#[async_trait::async_trait]
impl Mutant for Moved {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> Said {
        (self.about)()
    }

    fn moments(&self) -> &'static [Moment] {
        &[Moment::BeforeOffsets]
    }

    /// The connector writes no offsets of groups any more: it would put a group right that is behind. To pause it would
    /// not do: what writes them goes on then (seen with Kafka 3.7).
    async fn act(&self, _: Moment, site: &Site<'_>) -> Result<Broken, Unbroken> {
        let copy = site.settled().await?;
        // What was committed just now is translated first.
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        site.connectors.set(Part::Checkpoint, &[("sync.group.offsets.enabled", "false")]).await?;
        let topology = site.target.topology().await?;
        let topic = topology.topic(&copy.copy).ok_or_else(|| Unbroken::Nothing(no_group()))?;
        let (begin, end) = site.target.ends(topic).await?;
        let asked: Vec<_> = end.keys().cloned().collect();
        let groups = || site.target.access.groups(site.cx);
        let mut touched = 0;
        for group in site.target.ask(site, groups().groups()).await?.into_keys() {
            let committed = site.target.ask(site, groups().committed(&group, &asked)).await?;
            let places = committed.iter().filter_map(|(of, at)| {
                Some((of.clone(), Place { begin: *begin.get(of)?, at: *at, end: *end.get(of)? }))
            });
            let moved: Offsets = places.map(|(of, place)| (of, (self.to)(place))).collect();
            let others = moved.iter().filter(|(of, at)| committed.get(*of) != Some(*at)).count();
            if others > 0 {
                touched += others as u64;
                site.target.ask(site, groups().commit(&group, &moved)).await?;
            }
        }
        match touched {
            0 => Err(Unbroken::Nothing(no_group())),
            touched => Ok(Broken { touched, said: moved(touched, copy.copy) }),
        }
    }
}

messages! {
    area "mutate offsets";
    moved(offsets, copy) => "{offsets} committed {offsets|offset|offsets} of `{copy}` moved" / "{offsets} {offsets|offset validé|offsets validés} de `{copy}` {offsets|déplacé|déplacés}";
    no_group() => "no group has an offset on the copy that could be moved" / "aucun groupe n'a sur la copie d'offset à déplacer";
}
