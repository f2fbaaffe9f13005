//! `aborted`: records of a transaction that was aborted are copied as if it had been committed.

use super::super::{
    mutant::{Broken, Moment, Mutant, Unbroken},
    records::{End, stamped},
    site::Site,
};
use crate::record::{Said, messages};
use std::time::Duration;
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

    async fn act(&self, _: Moment, site: &Site<'_>) -> Result<Broken, Unbroken> {
        let copy = site.settled().await?;
        let records = site.read(&site.source, &copy.topic).await?;
        let some: Vec<_> = records.iter().take(5).zip(0..).map(|(record, n)| stamped(record, n)).collect();
        let touched = some.len() as u64;
        site.append(&site.source, &copy.topic.name, some, End::Aborted).await?;
        // They are copied within a poll of the connector.
        tokio::time::sleep(Duration::from_secs(3)).await;
        Ok(Broken { touched, said: aborted(touched, copy.topic.name) })
    }
}

messages! {
    area "mutant aborted";
    about() => "records of an aborted transaction are copied" / "des enregistrements d'une transaction annulée sont copiés";
    aborted(records, topic) => "a transaction of {records} {records|record|records} on `{topic}` was aborted" / "une transaction de {records} {records|enregistrement|enregistrements} sur `{topic}` a été annulée";
}
