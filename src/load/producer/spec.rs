//! [`Spec`]: what a producing load is to send.

use crate::load::{keys::Keys, pacing::Pacing, payload::Content, transaction::Transaction};
use rdkafka::ClientConfig;
use std::{num::NonZeroU32, time::Duration};

/// A record that is later than this is overdue because of a stall.
pub const STALL: Duration = Duration::from_millis(50);
/// How much faster than asked overdue records are sent.
pub const CATCH_UP_PACE: u64 = 2;

/// The records of a load, its rate and its clients.
#[derive(Debug, Clone)]
pub struct Spec {
    /// Whether records that a stall made late are sent as fast as the client takes them.
    pub catch_up: bool,
    /// How many clients send it, each with threads of its own: of n clients, the first one sends records 0, n, 2n …
    pub clients: NonZeroU32,
    /// The client's settings, secrets in clear.
    pub config: ClientConfig,
    /// What fills the records.
    pub content: Content,
    /// Time after which nothing more is sent, counted from the end of the warm-up. A ramp and steps have an end of
    /// their own, which counts where neither this nor `records` is given.
    pub duration: Option<Duration>,
    /// Headers of every record.
    pub headers: Vec<(String, String)>,
    /// What the records' keys are.
    pub keys: Keys,
    /// Rate of the load over time.
    pub pacing: Pacing,
    /// Bytes of a record's value; the mean of [`Content::Records`].
    pub record_size: usize,
    /// How many records, the warm-up not counted.
    pub records: Option<u64>,
    /// The token of the stamps, where records are stamped; the second client has the next one, and so on.
    pub token: Option<u64>,
    /// Name of the topic that every record goes to.
    pub topic: String,
    /// When transactions are committed, where the records are sent in some. Each client then needs a
    /// `transactional.id` of its own, which is that of `config` and its number.
    pub transaction: Option<Transaction>,
    /// Records sent before those that are measured.
    pub warm_up: u64,
}

impl Spec {
    /// The settings of client `number`: with transactions, an id of its own.
    pub(in crate::load) fn client_config(&self, number: u32) -> ClientConfig {
        let mut config = self.config.clone();
        if self.transaction.is_some() {
            let id = config.get("transactional.id").unwrap_or("jalon").to_owned();
            config.set("transactional.id", format!("{id}-{number}"));
        }
        config
    }
}
