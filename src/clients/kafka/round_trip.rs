//! [`round_trip`]: one topic made, one record written and read again, the topic deleted: whether a user may do all that,
//! tried in earnest.

use super::{
    admin::{Admin, AdminError, NewTopic},
    logged::{Logged, make},
    reports::Reports,
    settings::{Role, client_config},
};
use crate::{
    clients::environment::Cluster,
    record::{Said, messages},
};
use jiff::Timestamp;
use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    error::KafkaError,
    producer::{FutureProducer, FutureRecord},
    util::Timeout,
};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// How long writing, and then reading, may take.
const LIMIT: Duration = Duration::from_secs(8);

/// What came of a round trip.
#[derive(Debug)]
pub struct RoundTrip {
    /// Why it went no further; none where the record came back.
    pub failed: Option<AdminError>,
    /// Why the topic could not be deleted; none where it is gone, or was never made.
    pub left: Option<AdminError>,
    /// From before the record was sent until it was read.
    pub took: Duration,
    /// When the broker appended the record, by its own clock.
    pub appended: Option<Timestamp>,
}

messages! {
    area "kafka-round-trip";
    not_read(topic) => "read topic `{topic}`" / "lire le topic `{topic}`";
    not_seen() => "the record did not come back in time" / "l'enregistrement n'est pas revenu à temps";
    not_written(topic) => "write to topic `{topic}`" / "écrire dans le topic `{topic}`";
}

/// Makes the topic, which must not be there, writes a record, reads it and deletes the topic again, whatever happened.
pub async fn round_trip(cluster: &Cluster, topic: &str) -> Result<RoundTrip, AdminError> {
    let admin = Admin::of(cluster).await?;
    let config = BTreeMap::from([("message.timestamp.type".to_owned(), "LogAppendTime".to_owned())]);
    let new = NewTopic { name: topic.to_owned(), partitions: Some(1), replication_factor: None, config };
    admin.create_topic(&new).await?;
    let begun = Instant::now();
    let gone = write_and_read(&admin, cluster, topic).await;
    let took = begun.elapsed();
    let left = admin.delete_topic(topic).await.err().filter(|error| !error.is_not_there());
    Ok(match gone {
        Ok(appended) => RoundTrip { failed: None, left, took, appended },
        Err(error) => RoundTrip { failed: Some(error), left, took, appended: None },
    })
}

async fn write_and_read(
    admin: &Admin,
    cluster: &Cluster,
    topic: &str,
) -> Result<Option<Timestamp>, AdminError> {
    let owned = cluster.clone();
    let configs = tokio::task::spawn_blocking(move || {
        let none = BTreeMap::new();
        let producer = client_config(&owned, Role::Producer, &none)?.config;
        Ok::<_, AdminError>((producer, client_config(&owned, Role::Consumer, &none)?.config))
    });
    let (mut producer, mut consumer) =
        configs.await.map_err(|e| AdminError::Client(Said::verbatim(e.to_string())))??;
    // A refusal comes back within the limit, and not after the two minutes of Java's default.
    producer.set("message.timeout.ms", LIMIT.as_millis().to_string());
    producer.set("request.timeout.ms", (LIMIT / 2).as_millis().to_string());
    producer.remove("delivery.timeout.ms");
    write(admin, producer, topic).await?;
    let (topic, what) = (topic.to_owned(), not_read(topic));
    // librdkafka wants a name before it reads; nothing is committed in it.
    consumer.set("group.id", &topic).set("enable.auto.commit", "false");
    let read = tokio::task::spawn_blocking(move || read(&consumer, &topic)).await;
    match read.map_err(|e| AdminError::Client(Said::verbatim(e.to_string())))? {
        Ok(Some(at)) => Ok(at),
        Ok(None) => Err(AdminError::Refused { what, cause: not_seen(), code: None }),
        Err(error) => Err(admin.fault(&what, &error).await),
    }
}

async fn write(admin: &Admin, config: ClientConfig, topic: &str) -> Result<(), AdminError> {
    let what: Said = not_written(topic);
    // A token may have to be fetched.
    let made = tokio::task::spawn_blocking(move || make(&config, Reports::default())).await;
    let made: Result<Logged<FutureProducer<Reports>>, _> =
        made.map_err(|e| AdminError::Client(Said::verbatim(e.to_string())))?;
    let producer = match made {
        Ok(producer) => producer,
        Err(error) => return Err(admin.fault(&what, &error.into()).await),
    };
    let record = FutureRecord::to(topic).partition(0).key("jalon").payload("doctor");
    let sent = producer.send(record, Timeout::After(LIMIT)).await;
    match sent {
        Ok(_) => Ok(()),
        Err((error, _)) => Err(admin.fault(&what, &error).await),
    }
}

/// The time of the first record; none where none comes in time.
fn read(config: &ClientConfig, topic: &str) -> Result<Option<Option<Timestamp>>, KafkaError> {
    let consumer: Logged<BaseConsumer<Reports>> = make(config, Reports::default())?;
    let mut from = TopicPartitionList::new();
    from.add_partition_offset(topic, 0, Offset::Beginning)?;
    consumer.assign(&from)?;
    let until = Instant::now() + LIMIT;
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        match consumer.poll(left.min(Duration::from_millis(200))) {
            Some(Ok(record)) => {
                let millis = record.timestamp().to_millis();
                return Ok(Some(millis.and_then(|at| Timestamp::from_millisecond(at).ok())));
            }
            Some(Err(error)) => return Err(error),
            None => {}
        }
    }
    Ok(None)
}
