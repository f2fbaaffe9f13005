//! `aborted`: records of a transaction that was aborted are copied as if it had been committed.

use super::super::{
    super::ActionError,
    mutant::{Broken, Moment, Mutant},
    records::{End, stamped},
    site::Site,
};
use crate::record::{Said, messages};

pub(super) struct Aborted;

#[async_trait::async_trait]
impl Mutant for Aborted {
    fn name(&self) -> &'static str {
        "aborted"
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
        let records = site.read(&site.source, &copy.topic, copy.partitions.clone()).await?;
        let some: Vec<_> = records.iter().take(5).zip(0..).map(|(record, n)| stamped(record, n)).collect();
        let touched = some.len() as u64;
        site.append(&site.source, &copy.topic, some, End::Aborted).await?;
        // They are copied within a poll of the connector.
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        Ok(Broken::Done { touched, said: aborted(touched, copy.topic) })
    }
}

messages! {
    area "mutant aborted";
    about() => "records of an aborted transaction are copied" / "des enregistrements d'une transaction annulée sont copiés";
    aborted(records, topic) => "a transaction of {records} {records|record|records} on `{topic}` was aborted" / "une transaction de {records} {records|enregistrement|enregistrements} sur `{topic}` a été annulée";
}
