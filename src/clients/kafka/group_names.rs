//! The consumer groups of a cluster: [`Patient::group_names`].

use super::{
    admin::AdminError,
    coordinator::{Asked, Patient},
    reports::Reports,
};
use crate::record::messages;
use rdkafka::consumer::{BaseConsumer, Consumer};
use std::time::Duration;

impl Patient<'_> {
    /// The names of the consumer groups that have members or committed offsets, sorted. Groups that this user may not
    /// describe are not among them: Kafka leaves them out without a word.
    ///
    /// # Errors
    /// As every call of [`super::Admin`].
    pub async fn group_names(&self) -> Result<Vec<String>, AdminError> {
        let call = |client: &BaseConsumer<Reports>, limit: Duration| {
            let list = client.fetch_group_list(None, limit)?;
            let consumers = list.groups().iter().filter(|g| matches!(g.protocol_type(), "consumer" | ""));
            let mut names: Vec<_> = consumers.map(|group| group.name().to_owned()).collect();
            names.sort();
            names.dedup();
            Ok(names)
        };
        let admin = self.admin;
        self.ask(&list_groups(), Asked::All, |limit| admin.once(limit, call)).await
    }
}

messages! {
    area "kafka-groups";
    list_groups() => "list the consumer groups" / "lister les groupes de consommateurs";
}
