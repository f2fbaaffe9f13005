//! Kafka itself, over librdkafka: [`settings`] turns Kafka's property names into a client's configuration.

mod login;
mod names;
pub mod settings;

pub use settings::{Role, Settings, client_config};
