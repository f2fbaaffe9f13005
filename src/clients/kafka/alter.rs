//! Alters what a topic holds and how it is set: records deleted from its beginning, settings.

use super::admin::{Admin, AdminError, judge};
use crate::record::Said;
use crate::record::messages;
use rdkafka::{
    Offset, TopicPartitionList,
    admin::{AlterConfig, ResourceSpecifier},
};
use std::collections::BTreeMap;

impl Admin {
    /// Gives a topic exactly these settings of its own; every other one goes back to the broker's default
    /// (`AlterConfigs`).
    pub async fn set_topic(&self, name: &str, config: &BTreeMap<String, String>) -> Result<(), AdminError> {
        let what = alter(name);
        let (name, config) = (name.to_owned(), config.clone());
        let answer = self
            .administer(&what, async move |client, options| {
                let mut altered = AlterConfig::new(ResourceSpecifier::Topic(&name));
                for (key, value) in &config {
                    altered = altered.set(key, value);
                }
                client.alter_configs([&altered], &options).await
            })
            .await?;
        let answer =
            answer.into_iter().map(|of| of.map(|_| String::new()).map_err(|(_, code)| (String::new(), code)));
        judge(&what, answer.collect())
    }

    /// Deletes what stands before these offsets (`DeleteRecords`).
    pub async fn delete_records(&self, before: &super::admin::Offsets) -> Result<(), AdminError> {
        let topic = before.keys().next().map_or("", |(topic, _)| topic.as_str());
        let what = delete_records(topic);
        let mut list = TopicPartitionList::with_capacity(before.len());
        for ((topic, partition), offset) in before {
            list.add_partition_offset(topic, *partition, Offset::Offset(*offset))
                .map_err(|e| AdminError::Client(Said::verbatim(e.to_string())))?;
        }
        self.administer(&what, async move |client, options| client.delete_records(&list, &options).await)
            .await
            .map(drop)
    }
}

messages! {
    area "kafka-alter";
    alter(topic) => "alter the settings of topic `{topic}`" / "modifier les paramètres du topic `{topic}`";
    delete_records(topic) => "delete records of topic `{topic}`" / "supprimer des enregistrements du topic `{topic}`";
}
