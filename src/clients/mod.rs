//! The network: typed calls to the platform's services. Knows nothing of plans.

pub mod certificates;
pub mod connect;
pub mod endpoint;
pub mod environment;
pub mod exposition;
pub mod http;
pub mod kafka;
pub mod metric_names;
pub mod mirror;
pub mod mirror_flow;
pub mod mirror_properties;
pub mod part;
pub mod prometheus;
pub mod promql;
pub mod schema_registry;
pub mod secret;
pub mod trogdor;
pub mod workers;
pub mod zookeeper;

pub use endpoint::Endpoint;
pub use environment::{Cluster, Environment, Exporter, Flow, KafkaTools};
pub use secret::{Secret, SecretRef};
pub use workers::Workers;
