//! Kafka itself, over librdkafka: [`settings`] turns Kafka's property names into a client's configuration, [`Admin`]
//! looks at a cluster and administers it.

mod acls;
pub mod admin;
mod alter;
mod c_text;
pub mod config_entry;
mod configs;
mod coordinator;
mod faults;
mod first_records;
mod group_names;
mod group_offsets;
mod groups;
mod jaas;
pub mod java;
mod logged;
mod login;
mod names;
mod oauth;
pub mod properties;
mod property_error;
mod reader;
mod reports;
pub mod rights;
mod round_trip;
pub mod settings;
pub mod stores;
mod token;
pub mod topology;
mod values;

pub use acls::Acl;
pub use admin::{Admin, NewTopic};
pub use c_text::of_c;
pub use config_entry::{Entity, Origin, Setting, Version};
pub use coordinator::{Patient, code_passes, moving};
pub use first_records::FirstRecord;
pub use group_offsets::{GroupOffsets, Members};
pub use logged::{Logged, MakeError, make};
pub use names::belongs_to_clients;
pub use oauth::allowed_url;
pub use property_error::PropertyError;
pub use reports::{advice, blames_certificate, refusal};
pub use round_trip::{RoundTrip, round_trip};
pub use settings::{Defaults, Role, Settings, client_config, client_config_with};
pub use token::TokenError;
pub use topology::{Broker, Partition, Topic, Topology};
