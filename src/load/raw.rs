//! [`Client`]: one librdkafka producer, reached below the `rdkafka` crate where a load would feel that crate's comfort.
//!
//! The crate's `send` looks the topic up by its name for every record, and copies the name to do so; its `poll`
//! makes a list and a counted reference for every batch of deliveries. Here a topic is looked up once, deliveries are
//! walked where librdkafka keeps them, and values that are in [`Stock`] are sent from there, many at once. Like the batches of the consumer it needs `unsafe` code. It relies on this, from
//! `rdkafka.h` 2.12: the library is thread safe; a topic handle and a queue handle stay valid until they are destroyed,
//! which must be before the producer is; `rd_kafka_produce` with `RD_KAFKA_MSG_F_COPY` has copied key and value when
//! it returns, and without it reads the value until the message is answered or the producer destroyed; messages of an event live as long as the event.
#![expect(unsafe_code, reason = "the C interface of librdkafka")]

use super::{
    client::LoadError,
    delivery::{Answer, Deliveries, Ticket},
    keys::Key,
    payload::{Stamp, stock::Stock},
};
use crate::clients::kafka::{Logged, make, of_c};
use rdkafka::{
    ClientConfig, ClientContext,
    bindings::{self as sys, rd_kafka_resp_err_t as RespErr},
    config::RDKafkaLogLevel,
    error::{KafkaError, RDKafkaErrorCode as Code},
    message::{OwnedHeaders, ToBytes},
    producer::{BaseProducer, Producer},
};
use std::{
    ffi::{CString, c_char, c_void},
    mem::MaybeUninit,
    sync::{Arc, OnceLock},
    time::Duration,
};

/// `RD_KAFKA_PARTITION_UA`, a macro in C: the partitioner chooses.
const UNASSIGNED: i32 = -1;

/// A producer of one topic.
pub(super) struct Client {
    // In this order: the handles go before the producer that they belong to.
    /// Made with the first record: asked for earlier, when no broker is connected yet, the library waits before it
    /// asks again, and the first records wait with it.
    topic: OnceLock<Topic>,
    name: CString,
    queue: Queue,
    producer: Logged<BaseProducer<Deliveries>>,
    /// Records that wait in the producer point into it.
    stock: Option<Arc<Stock>>,
}

/// How many records are given together at most.
pub(super) const BATCH: usize = 64;

/// A record whose value is in stock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record {
    /// Its number in the load, which says what its value is.
    pub(super) index: u64,
    pub(super) key: Option<Key>,
    pub(super) ticket: Ticket,
}

struct Topic(*mut sys::rd_kafka_topic_t);
struct Queue(*mut sys::rd_kafka_queue_t);

// SAFETY: librdkafka's handles may be used from any thread, and from several at once (`rdkafka.h`, "Thread safety").
unsafe impl Send for Topic {}
// SAFETY: as above.
unsafe impl Sync for Topic {}
// SAFETY: as above.
unsafe impl Send for Queue {}
// SAFETY: as above.
unsafe impl Sync for Queue {}

impl Drop for Topic {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: made by `rd_kafka_topic_new`, destroyed once, before its producer.
            unsafe { sys::rd_kafka_topic_destroy(self.0) }
        }
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        // SAFETY: made by `rd_kafka_queue_get_main`, destroyed once, before its producer.
        unsafe { sys::rd_kafka_queue_destroy(self.0) }
    }
}

impl Client {
    /// With `stock`, records may be sent from it.
    pub(super) fn new(
        config: &ClientConfig,
        topic: &str,
        deliveries: Deliveries,
        stock: Option<Arc<Stock>>,
    ) -> Result<Self, LoadError> {
        let producer: Logged<BaseProducer<Deliveries>> = make(config, deliveries)?;
        let name = CString::new(topic).map_err(|_| LoadError::UnknownTopic(topic.replace('\0', "\\0")))?;
        let native = producer.client().native_ptr();
        // SAFETY: `native` lives as long as `producer`.
        let queue = Queue(unsafe { sys::rd_kafka_queue_get_main(native) });
        Ok(Self { topic: OnceLock::new(), name, queue, producer, stock })
    }

    pub(super) fn deliveries(&self) -> &Deliveries {
        self.producer.context()
    }

    /// The safe side of it, for transactions and fatal errors.
    pub(super) fn producer(&self) -> &BaseProducer<Deliveries> {
        &self.producer
    }

    /// Records that were given to the client and are not answered, answers that nobody has taken yet included.
    pub(super) fn queued(&self) -> u64 {
        u64::try_from(self.producer.in_flight_count()).unwrap_or(0)
    }

    /// The topic's handle, or null where there can be none.
    fn topic(&self) -> *mut sys::rd_kafka_topic_t {
        let make = || {
            let native = self.producer.client().native_ptr();
            // SAFETY: `native` lives as long as `producer`; a null configuration stands for the client's own.
            Topic(unsafe { sys::rd_kafka_topic_new(native, self.name.as_ptr(), std::ptr::null_mut()) })
        };
        self.topic.get_or_init(make).0
    }

    /// Gives a record to the client, which copies it.
    pub(super) fn send(&self, value: &[u8], key: Option<&[u8]>, opaque: usize) -> Result<(), Code> {
        let topic = self.topic();
        if topic.is_null() {
            return Err(Code::InvalidArgument);
        }
        let (key, key_len) = key.map_or((std::ptr::null(), 0), |key| (key.as_ptr(), key.len()));
        // SAFETY: with F_COPY, key and value are copied before it returns, and neither is written to. The opaque is a
        // number and is never followed as a pointer.
        let refused = unsafe {
            sys::rd_kafka_produce(
                topic,
                UNASSIGNED,
                sys::RD_KAFKA_MSG_F_COPY,
                value.as_ptr().cast_mut().cast::<c_void>(),
                value.len(),
                key.cast::<c_void>(),
                key_len,
                opaque as *mut c_void,
            )
        };
        if refused == 0 { Ok(()) } else { Err(last_error()) }
    }

    /// Whether its records' values are in stock.
    pub(super) fn has_stock(&self) -> bool {
        self.stock.is_some()
    }

    /// Gives at most [`BATCH`] records whose values are in stock, where they stay: the client copies nothing. `refused`
    /// hears of each that it does not take. Answers how many it took or refused: the one behind them found its queue
    /// full.
    pub(super) fn send_stock(&self, records: &[Record], refused: &dyn Fn(Code, &Record)) -> usize {
        let records = &records[..records.len().min(BATCH)];
        let topic = self.topic();
        let (false, Some(stock)) = (topic.is_null(), &self.stock) else {
            records.iter().for_each(|record| refused(Code::InvalidArgument, record));
            return records.len();
        };
        let mut messages = [const { MaybeUninit::<sys::rd_kafka_message_t>::uninit() }; BATCH];
        for (message, record) in messages.iter_mut().zip(records) {
            let value = stock.value(record.index);
            let (key, key_len) =
                record.key.as_deref().map_or((std::ptr::null(), 0), |key| (key.as_ptr(), key.len()));
            message.write(sys::rd_kafka_message_t {
                err: RespErr::RD_KAFKA_RESP_ERR_NO_ERROR,
                rkt: std::ptr::null_mut(),
                partition: UNASSIGNED,
                payload: value.as_ptr().cast_mut().cast(),
                len: value.len(),
                key: key.cast_mut().cast(),
                key_len,
                offset: 0,
                _private: record.ticket.pack() as *mut c_void,
            });
        }
        // SAFETY: as many messages as are said were written above. Without a flag the values are neither copied, freed
        // nor written to: they live in `stock`, which goes after the producer. Keys are copied before it returns. The
        // opaque is a number and is never followed as a pointer.
        let messages = unsafe {
            sys::rd_kafka_produce_batch(
                topic,
                UNASSIGNED,
                0,
                messages.as_mut_ptr().cast(),
                i32::try_from(records.len()).unwrap_or(0),
            );
            std::slice::from_raw_parts(messages.as_ptr().cast::<sys::rd_kafka_message_t>(), records.len())
        };
        for (done, (message, record)) in messages.iter().zip(records).enumerate() {
            match message.err {
                RespErr::RD_KAFKA_RESP_ERR_NO_ERROR => {}
                RespErr::RD_KAFKA_RESP_ERR__QUEUE_FULL => return done,
                error => refused(error.into(), record),
            }
        }
        records.len()
    }

    /// As [`Client::send`], with headers, which librdkafka copies with allocations of its own.
    pub(super) fn send_with(
        &self,
        value: &[u8],
        key: Option<&[u8]>,
        headers: &OwnedHeaders,
        topic: &str,
        opaque: usize,
    ) -> Result<(), Code> {
        let mut record = rdkafka::producer::BaseRecord::<[u8], [u8], usize>::with_opaque_to(topic, opaque)
            .payload(value.to_bytes())
            .headers(headers.clone());
        if let Some(key) = key {
            record = record.key(key);
        }
        self.producer.send(record).map_err(|(error, _)| error.rdkafka_error_code().unwrap_or(Code::Unknown))
    }

    /// Waits at most `time` until nothing is queued any more; another thread must be in [`Client::serve`].
    pub(super) fn flush(&self, time: Duration) -> bool {
        let millis = i32::try_from(time.as_millis()).unwrap_or(i32::MAX);
        // SAFETY: the producer lives.
        let answer = unsafe { sys::rd_kafka_flush(self.producer.client().native_ptr(), millis) };
        answer == RespErr::RD_KAFKA_RESP_ERR_NO_ERROR
    }

    /// Waits at most `time` for one event and hands it to the client's [`Deliveries`].
    pub(super) fn serve(&self, time: Duration) {
        let millis = i32::try_from(time.as_millis()).unwrap_or(i32::MAX);
        // SAFETY: the queue lives; the event is destroyed below, after its last use.
        let event = unsafe { sys::rd_kafka_queue_poll(self.queue.0, millis) };
        if event.is_null() {
            return;
        }
        // SAFETY: the event lives until `rd_kafka_event_destroy`.
        match unsafe { sys::rd_kafka_event_type(event) } {
            sys::RD_KAFKA_EVENT_DR => self.deliveries().answered(&mut Batch(event)),
            sys::RD_KAFKA_EVENT_ERROR => {
                // SAFETY: as above; the text belongs to the event.
                let (code, says) = unsafe {
                    (
                        sys::rd_kafka_event_error(event),
                        of_c(sys::rd_kafka_event_error_string(event)).trim().to_owned(),
                    )
                };
                self.deliveries().error(KafkaError::Global(code.into()), &says);
            }
            sys::RD_KAFKA_EVENT_STATS => {
                // SAFETY: as above.
                let json = unsafe { of_c(sys::rd_kafka_event_stats(event)) };
                self.deliveries().stats_raw(json.as_bytes());
            }
            sys::RD_KAFKA_EVENT_LOG => {
                let (mut facility, mut line) = (std::ptr::null::<c_char>(), std::ptr::null::<c_char>());
                let mut level = 0;
                // SAFETY: the three are written to when it answers 0, and the texts belong to the event.
                let (facility, line) = unsafe {
                    match sys::rd_kafka_event_log(event, &mut facility, &mut line, &mut level) {
                        0 => (of_c(facility), of_c(line).trim().to_owned()),
                        _ => (String::new(), String::new()),
                    }
                };
                self.deliveries().log(RDKafkaLogLevel::Debug, &facility, &line);
            }
            _ => {}
        }
        // SAFETY: the event came from `rd_kafka_queue_poll` and is destroyed once.
        unsafe { sys::rd_kafka_event_destroy(event) }
    }
}

/// The answers of one event.
pub(super) struct Batch(*mut sys::rd_kafka_event_t);

impl Iterator for Batch {
    type Item = Answer;

    fn next(&mut self) -> Option<Answer> {
        // SAFETY: the event lives while `serve` walks it, and with it its messages.
        unsafe {
            let message = sys::rd_kafka_event_message_next(self.0);
            if message.is_null() {
                return None;
            }
            let of = &*message;
            let failed = of.err != RespErr::RD_KAFKA_RESP_ERR_NO_ERROR;
            Some(Answer {
                error: failed.then(|| of.err.into()),
                opaque: of._private as usize,
                bytes: of.len as u64,
                partition: of.partition,
                broker: sys::rd_kafka_message_broker_id(message),
                stamp: match of.payload.is_null() || of.len < Stamp::LEN {
                    true => None,
                    // The value is kept until the answer is given back, which is when the event ends.
                    false => Stamp::named(std::slice::from_raw_parts(of.payload.cast::<u8>(), Stamp::LEN)),
                },
            })
        }
    }
}

fn last_error() -> Code {
    // SAFETY: it reads a variable of this thread.
    unsafe { sys::rd_kafka_last_error() }.into()
}
