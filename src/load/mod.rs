//! The load generator, on librdkafka: [`pacing`] says when, [`payload`] what, [`producer`] and [`consumer`] do it,
//! [`latency`] keeps what it took, [`verify`] compares two clusters record by record, and [`search`] says which rate to try next
//! where the highest one is looked for.
//!
//! Uses `clients`, `record` and `support` alone. Everything here blocks: callers give it a thread.

pub mod bits;
pub mod client;
pub mod consumer;
pub mod content;
mod delivery;
pub mod drill;
pub mod end_to_end;
pub mod excerpt;
pub mod identity;
pub mod keys;
pub mod latency;
pub mod mirror_log;
pub mod outcome;
pub mod pacing;
pub mod payload;
pub mod positions;
pub mod producer;
mod raw;
pub mod search;
mod sender;
pub mod sequences;
mod silence;
pub mod statistics;
pub mod transaction;
pub mod verify;
pub mod window;

pub use client::LoadError;
pub use delivery::{Failure, Share};
#[cfg(test)]
pub use rdkafka::mocking::MockCluster;
pub use rdkafka::{
    ClientConfig,
    message::{Header, OwnedHeaders},
};
