//! Consumer groups one at a time: what a group has committed, where it is put, what it is.

use super::{
    admin::{AdminError, Offsets, blocking, list, read_offsets},
    coordinator::{Asked, Patient, moving},
    group_offsets::Members,
    logged::{Logged, make},
    reports::Reports,
};
use crate::record::messages;
use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    consumer::{BaseConsumer, CommitMode, Consumer},
};
use std::time::Duration;

messages! {
    area "kafka-admin";
    commit(group) => "commit offsets of group `{group}`" / "valider des offsets du groupe `{group}`";
    committed(group) => "read the offsets of group `{group}`" / "lire les offsets du groupe `{group}`";
    describe_group(group) => "describe group `{group}`" / "décrire le groupe `{group}`";
}

impl Patient<'_> {
    /// The offsets that `group` has committed; partitions without one are left out.
    ///
    /// # Errors
    /// As every call of [`super::Admin`].
    pub async fn committed(&self, group: &str, partitions: &[(String, i32)]) -> Result<Offsets, AdminError> {
        let what = committed(group);
        let asked = list(partitions, Offset::Invalid)?;
        let mut config = self.admin.config.clone();
        config.set("group.id", group).set("enable.auto.commit", "false");
        let once = |limit| {
            let (config, asked) = (config.clone(), asked.clone());
            blocking(move || {
                let client: Logged<BaseConsumer<Reports>> = make(&config, Reports::default())?;
                let answer = client.committed_offsets(asked, limit)?;
                moving(&answer).map_or(Ok(answer), Err)
            })
        };
        read_offsets(&what, &self.ask(&what, Asked::Coordinator(group), once).await?)
    }

    /// Has `group`, which must have no members, stand at these offsets.
    ///
    /// # Errors
    /// As every call of [`super::Admin`].
    pub async fn commit(&self, group: &str, offsets: &Offsets) -> Result<(), AdminError> {
        let what = commit(group);
        let mut at = TopicPartitionList::new();
        for ((topic, partition), offset) in offsets {
            if let Err(error) = at.add_partition_offset(topic, *partition, Offset::Offset(*offset)) {
                return Err(self.admin.fault(&what, &error).await);
            }
        }
        let mut config: ClientConfig = self.admin.config.clone();
        config.set("group.id", group);
        let once = |limit: Duration| {
            let (mut config, at) = (config.clone(), at.clone());
            // Without a coordinator it gives up after the session time-out.
            config.set("session.timeout.ms", limit.as_millis().to_string());
            blocking(move || {
                let client: Logged<BaseConsumer<Reports>> = make(&config, Reports::default())?;
                client.commit(&at, CommitMode::Sync)
            })
        };
        self.ask(&what, Asked::Coordinator(group), once).await
    }

    /// What the cluster knows of a group; none where it knows nothing.
    ///
    /// # Errors
    /// As every call of [`super::Admin`].
    pub async fn group(&self, name: &str) -> Result<Option<Members>, AdminError> {
        let (what, admin) = (describe_group(name), self.admin);
        let once = |limit| {
            let name = name.to_owned();
            let call = move |client: &BaseConsumer<Reports>, limit: Duration| {
                let list = client.fetch_group_list(Some(&name), limit)?;
                let mut groups = list.groups().iter();
                let group = groups.find(|group| group.name() == name && !group.state().is_empty());
                Ok(group.map(|g| Members { state: g.state().to_owned(), members: g.members().len() }))
            };
            admin.once(limit, call)
        };
        // librdkafka asks all brokers which of them has the group.
        self.ask(&what, Asked::All, once).await
    }
}
