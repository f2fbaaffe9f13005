//! The consumer groups of a cluster: [`Admin::group_names`].

use super::admin::{Admin, AdminError};
use crate::record::messages;
use rdkafka::consumer::Consumer;

impl Admin {
    /// The names of the consumer groups that have members or committed offsets, sorted. Groups that this user may not
    /// describe are not among them: Kafka leaves them out without a word.
    ///
    /// # Errors
    /// As every call of [`Admin`].
    pub async fn group_names(&self) -> Result<Vec<String>, AdminError> {
        self.ask(list_groups(), |client, limit| {
            let list = client.fetch_group_list(None, limit)?;
            let consumers = list.groups().iter().filter(|g| matches!(g.protocol_type(), "consumer" | ""));
            let mut names: Vec<_> = consumers.map(|group| group.name().to_owned()).collect();
            names.sort();
            names.dedup();
            Ok(names)
        })
        .await
    }
}

messages! {
    area "kafka-groups";
    list_groups() => "list the consumer groups" / "lister les groupes de consommateurs";
}
