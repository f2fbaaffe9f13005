//! `purged`: records are deleted at the source before they are copied.

use super::super::{
    super::ActionError,
    connectors::Part,
    mutant::{Broken, Moment, Mutant},
    plain::no_connector,
    site::Site,
    topics::nothing_wanted,
};
use crate::clients::kafka::admin::Offsets;
use crate::record::{Said, messages};

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

    async fn act(&self, moment: Moment, site: &Site<'_>) -> Result<Broken, ActionError> {
        if moment == Moment::BeforeLoad {
            return Ok(match site.connectors.hold(Part::Source).await? {
                true => Broken::Done { touched: 1, said: held() },
                false => Broken::Nothing(no_connector()),
            });
        }
        let broken = match site.loaded().await?.into_iter().next() {
            None => Broken::Nothing(nothing_wanted()),
            Some(copy) => {
                let topology = site.source.topology().await?;
                let Some(topic) = topology.topic(&copy.topic) else {
                    return Ok(Broken::Nothing(nothing_wanted()));
                };
                let (begin, end) = site.source.ends(topic).await?;
                // A third of what each partition has.
                let before: Offsets = end
                    .iter()
                    .filter_map(|(of, end)| {
                        let begin = begin.get(of)?;
                        Some((of.clone(), begin + (end - begin) / 3))
                    })
                    .collect();
                let deleted: i64 = before.iter().filter_map(|(of, at)| Some(at - begin.get(of)?)).sum();
                site.source.ask(site, site.source.access.admin.delete_records(&before)).await?;
                let touched = u64::try_from(deleted).unwrap_or(0);
                Broken::Done { touched, said: purged(touched, copy.topic) }
            }
        };
        site.connectors.release(Part::Source).await?;
        Ok(broken)
    }
}

messages! {
    area "mutant purged";
    about() => "records were deleted at the source before they were copied" / "des enregistrements ont été supprimés à la source avant d'être copiés";
    held() => "the connector was paused" / "le connecteur a été mis en pause";
    purged(records, topic) => "{records} {records|record|records} of `{topic}` deleted before {records|it was|they were} copied" / "{records} {records|enregistrement de|enregistrements de} `{topic}` {records|supprimé|supprimés} avant la copie";
}
