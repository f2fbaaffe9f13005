//! [`Spec`]: what a group is to read.

use rdkafka::ClientConfig;
use std::time::Duration;

/// The topic, the group and the limits of a reading.
#[derive(Debug, Clone)]
pub struct Spec {
    /// The clients' settings, `group.id` and `auto.offset.reset` included, secrets in clear.
    pub config: ClientConfig,
    /// Time after which it ends, counted from the first assignment.
    pub duration: Option<Duration>,
    /// It ends when no record has come for this long.
    pub idle_timeout: Duration,
    /// How many members the group has.
    pub members: usize,
    /// How many records, over all members.
    pub records: Option<u64>,
    /// Name of the one topic that the group subscribes to.
    pub topic: String,
}
