//! When the record at an offset was written: [`Admin::first_records`], for the age of what waits to be copied.

use super::{
    admin::{Admin, AdminError},
    logged::make,
    reader::Reader,
    reports::Reports,
};
use crate::record::{Said, messages};
use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    consumer::Consumer,
    error::{KafkaError, KafkaResult},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

/// How long all partitions together may take to give their record.
const LIMIT: Duration = Duration::from_secs(2);

/// What stands at an offset, or behind it where nothing stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstRecord {
    /// Its offset, the asked one or a later one; `i64::MAX` where no record is there, only markers of transactions or what
    /// compaction took.
    pub offset: i64,
    /// Its timestamp in milliseconds since 1970, where it has one.
    pub timestamp_ms: Option<i64>,
}

impl Admin {
    /// The first record at each offset or behind it. A partition is left out where it did not come within 2 s.
    ///
    /// # Errors
    /// As every call of [`Admin`].
    pub async fn first_records(
        &self,
        places: &[(String, i32, i64)],
    ) -> Result<BTreeMap<(String, i32), FirstRecord>, AdminError> {
        if places.is_empty() {
            return Ok(BTreeMap::new());
        }
        let (reader, config, places) = (self.reader.clone(), self.reading(), places.to_vec());
        let read = tokio::task::spawn_blocking(move || read(&reader, &config, &places));
        let read = read.await.map_err(|e| AdminError::Client(Said::verbatim(e.to_string())))?;
        match read {
            Ok(records) => Ok(records),
            Err(error) => Err(self.fault(&read_records(), &error).await),
        }
    }

    /// The configuration of a consumer that reads single records and takes part in no group.
    fn reading(&self) -> ClientConfig {
        let mut config = self.config.clone();
        for (name, value) in [
            ("group.id", "jalon-reader"),
            ("enable.auto.commit", "false"),
            ("enable.partition.eof", "true"),
            ("auto.offset.reset", "earliest"),
            ("queued.min.messages", "1"),
            ("fetch.message.max.bytes", "65536"),
            ("fetch.wait.max.ms", "100"),
        ] {
            config.set(name, value);
        }
        config
    }
}

/// Reads until every partition has given a record or has none. Blocks.
fn read(
    reader: &Reader,
    config: &ClientConfig,
    places: &[(String, i32, i64)],
) -> KafkaResult<BTreeMap<(String, i32), FirstRecord>> {
    // A look that was given up may still be at it; its lock ends with it.
    let mut kept = reader.0.lock().map_err(|_| KafkaError::Canceled)?;
    let consumer = match kept.take() {
        Some(consumer) => consumer,
        None => make(config, Reports::default())?,
    };
    let mut list = TopicPartitionList::with_capacity(places.len());
    for (topic, partition, offset) in places {
        list.add_partition_offset(topic, *partition, Offset::Offset(*offset))?;
    }
    consumer.assign(&list)?;
    let mut waiting: BTreeSet<(String, i32)> = places.iter().map(|(t, p, _)| (t.clone(), *p)).collect();
    let mut found = BTreeMap::new();
    let until = Instant::now() + LIMIT;
    while !waiting.is_empty() && Instant::now() < until {
        match consumer.poll(Duration::from_millis(100)) {
            None => {}
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                // The event names no topic in rdkafka: where two topics wait, the time limit ends them.
                let mut same = waiting.iter().filter(|(_, p)| *p == partition);
                if let (Some(one), None) = (same.next().cloned(), same.next()) {
                    waiting.remove(&one);
                    found.insert(one, FirstRecord { offset: i64::MAX, timestamp_ms: None });
                }
            }
            Some(Err(error)) if found.is_empty() && matches!(error, KafkaError::Global(_)) => {
                return Err(error);
            }
            Some(Err(_)) => {}
            Some(Ok(message)) => {
                let key = (message.topic().to_owned(), message.partition());
                if waiting.remove(&key) {
                    let timestamp_ms = message.timestamp().to_millis().filter(|ms| *ms >= 0);
                    found.insert(key.clone(), FirstRecord { offset: message.offset(), timestamp_ms });
                    let mut done = TopicPartitionList::new();
                    done.add_partition(&key.0, key.1);
                    consumer.pause(&done)?;
                }
            }
        }
    }
    // A pause would outlive the assignment. Nothing is fetched between two looks.
    consumer.resume(&list)?;
    consumer.assign(&TopicPartitionList::new())?;
    *kept = Some(consumer);
    Ok(found)
}

messages! {
    area "kafka-records";
    read_records() => "read the oldest records that are not copied" / "lire les plus anciens enregistrements non copiés";
}
