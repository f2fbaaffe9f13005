//! Kafka itself, over librdkafka: [`settings`] turns Kafka's property names into a client's configuration, [`Admin`]
//! looks at a cluster and administers it.

pub mod admin;
pub mod configs;
pub mod java;
mod login;
mod names;
pub mod properties;
mod reports;
pub mod settings;
pub mod stores;
pub mod topology;

pub use admin::{Admin, NewTopic};
pub use configs::{Entity, Origin, Setting, Version};
pub use settings::{Defaults, Role, Settings, client_config, client_config_with};
pub use topology::{Broker, Partition, Topic, Topology};
