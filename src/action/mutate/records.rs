//! Reads every record of a topic, and writes records with all that they have: key, value, headers, time, partition.

use super::super::ActionError;
use crate::{
    clients::kafka::{Logged, make},
    load::{
        self,
        excerpt::{self, Ranges},
        payload::{Reading, Stamp},
    },
    record::messages,
};
use rdkafka::{
    ClientConfig, Message,
    error::KafkaError,
    message::{Header, Headers, OwnedHeaders},
    producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer},
};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long a cluster may be silent.
const SILENCE: Duration = Duration::from_secs(30);

/// One record, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Whole {
    pub(super) partition: i32,
    pub(super) key: Option<Vec<u8>>,
    pub(super) value: Option<Vec<u8>>,
    pub(super) headers: Vec<(String, Option<Vec<u8>>)>,
    /// Milliseconds since 1970.
    pub(super) timestamp: Option<i64>,
}

/// The committed records of these ranges, partition by partition in order. Blocks.
pub(super) fn read(
    config: &ClientConfig,
    ranges: Ranges,
    cancel: &CancellationToken,
) -> Result<Vec<Whole>, load::LoadError> {
    let mut config = config.clone();
    config.set("isolation.level", "read_committed");
    let mut records = Vec::new();
    excerpt::read(&config, ranges, cancel, &mut |record| {
        records.push(Whole {
            partition: record.partition(),
            key: record.key().map(<[u8]>::to_vec),
            value: record.payload().map(<[u8]>::to_vec),
            headers: record.headers().map(headers).unwrap_or_default(),
            timestamp: record.timestamp().to_millis(),
        });
    })?;
    records.sort_by_key(|record| record.partition);
    Ok(records)
}

/// A record like this one that nobody sent: with a stamp of its own where it has one, else with another value.
pub(super) fn stamped(of: &Whole, number: u64) -> Whole {
    let mut made = of.clone();
    let value = made.value.get_or_insert_default();
    match Stamp::read(value) {
        Reading::Whole(stamp) => Stamp { token: !stamp.token, sequence: number, ..stamp }.write(value),
        Reading::Corrupt | Reading::Foreign => value.extend_from_slice(format!(" {number}").as_bytes()),
    }
    made
}

fn headers(of: &impl Headers) -> Vec<(String, Option<Vec<u8>>)> {
    of.iter().map(|header| (header.key.to_owned(), header.value.map(<[u8]>::to_vec))).collect()
}

/// How the records are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// In a transaction that is aborted.
    Aborted,
    /// For good.
    Kept,
}

/// Writes records, each into its partition. Blocks.
pub(super) fn write(
    config: &ClientConfig,
    topic: &str,
    records: &[Whole],
    end: End,
) -> Result<(), ActionError> {
    let mut config = config.clone();
    config.set("acks", "all").set("enable.idempotence", "true").set("linger.ms", "5");
    if end == End::Aborted {
        // The time of a message may be no longer than that of its transaction.
        config.remove("delivery.timeout.ms");
        config.set("transactional.id", format!("jalon-mutate-{topic}")).set("message.timeout.ms", "30000");
    }
    let producer: Logged<BaseProducer> =
        make(&config, DefaultProducerContext).map_err(|error| not_written(topic)(error.into()))?;
    if end == End::Aborted {
        producer.init_transactions(SILENCE).map_err(not_written(topic))?;
        producer.begin_transaction().map_err(not_written(topic))?;
    }
    for record in records {
        let mut own = OwnedHeaders::new();
        for (key, value) in &record.headers {
            own = own.insert(Header { key, value: value.as_deref() });
        }
        let mut next = BaseRecord::<[u8], [u8]>::to(topic).partition(record.partition).headers(own);
        next.key = record.key.as_deref();
        next.payload = record.value.as_deref();
        next.timestamp = record.timestamp;
        while let Err((error, back)) = producer.send(next) {
            if error.rdkafka_error_code() != Some(rdkafka::types::RDKafkaErrorCode::QueueFull) {
                return Err(not_written(topic)(error));
            }
            producer.poll(Duration::from_millis(50));
            next = back;
        }
    }
    producer.flush(SILENCE).map_err(not_written(topic))?;
    match end {
        End::Aborted => producer.abort_transaction(SILENCE).map_err(not_written(topic)),
        End::Kept => Ok(()),
    }
}

fn not_written(topic: &str) -> impl Fn(KafkaError) -> ActionError {
    move |error| ActionError::failed(unwritable(topic, error.to_string()))
}

messages! {
    area "mutate records";
    unwritable(topic, cause) => "`{topic}` could not be written: {cause}" / "`{topic}` n'a pas pu être écrit : {cause}";
}
