//! [`Batches`]: hands over the records that a consumer has fetched, many at a time, without an allocation a record.
//!
//! The only module with `unsafe` code here. The binding's `poll` makes an event, a reference count and a lock of two
//! queues for every record; librdkafka's `rd_kafka_consume_batch_queue` fills an array of pointers. For that the
//! partitions' queues are taken off the consumer's own queue, where events such as rebalances go on arriving and are
//! polled as always, and forwarded to one queue of records alone.
//!
//! What is relied on (librdkafka 2.12, `rdkafka.h` and `rdkafka_queue.c`): a partition's queue that the application has
//! forwarded keeps its target when fetching starts; stopping to fetch undoes the forwarding, so it is done anew before every
//! assignment; a message is the caller's until `rd_kafka_message_destroy`; a queue must be destroyed before its client.

#![expect(unsafe_code, reason = "librdkafka's batch interface has no safe binding")]

use rdkafka::{
    Timestamp,
    bindings::{
        rd_kafka_consume_batch_queue, rd_kafka_consume_queue, rd_kafka_header_get_all,
        rd_kafka_message_destroy, rd_kafka_message_headers, rd_kafka_message_t, rd_kafka_message_timestamp,
        rd_kafka_queue_destroy, rd_kafka_queue_forward, rd_kafka_queue_get_partition, rd_kafka_queue_new,
        rd_kafka_queue_t, rd_kafka_resp_err_t, rd_kafka_timestamp_type_t,
    },
    consumer::{BaseConsumer, Consumer, ConsumerContext},
    error::RDKafkaErrorCode as Code,
};
use std::{
    ffi::{CStr, CString},
    ptr,
    sync::atomic::{AtomicPtr, Ordering},
    time::Duration,
};

/// Records that are handed over at a time, at most.
const BATCH: usize = 1000;

/// One record, as long as it is looked at.
#[derive(Debug)]
pub(in crate::load) struct Record<'a> {
    pub(in crate::load) partition: i32,
    pub(in crate::load) key: Option<&'a [u8]>,
    /// Its place in the partition.
    pub(in crate::load) offset: i64,
    /// Its value; empty where it has none.
    pub(in crate::load) value: &'a [u8],
    /// Whether it has a value.
    pub(in crate::load) has_value: bool,
    /// What the producer or the broker stamped it with.
    pub(in crate::load) timestamp: Timestamp,
}

/// Where a consumer's rebalances find the queue that its partitions are to be forwarded to. Empty while there is none.
#[derive(Debug, Default)]
pub(super) struct Forward(AtomicPtr<rd_kafka_queue_t>);

impl Forward {
    /// Forgets the queue, which is about to be destroyed.
    pub(super) fn clear(&self) {
        self.0.store(ptr::null_mut(), Ordering::Release);
    }

    /// Sends the records of a partition that is about to be assigned to the queue of records. Where that cannot be, they
    /// go on coming through the consumer's own queue.
    pub(super) fn partition<C: ConsumerContext>(&self, consumer: &BaseConsumer<C>, topic: &str, number: i32) {
        let to = self.0.load(Ordering::Acquire);
        let (false, Ok(topic)) = (to.is_null(), CString::new(topic)) else { return };
        // SAFETY: the client lives, as it is borrowed. `to` is a queue of the same client: the owner of both clears
        // `self` before it drops the queue, on the thread that polls the consumer, which is also the one that this runs on. The reference
        // to the partition's queue is given back; forwarding keeps references of its own.
        unsafe {
            let from = rd_kafka_queue_get_partition(consumer.client().native_ptr(), topic.as_ptr(), number);
            if !from.is_null() {
                rd_kafka_queue_forward(from, to);
                rd_kafka_queue_destroy(from);
            }
        }
    }
}

/// The queue of records of one consumer. It must be dropped before the consumer.
pub(in crate::load) struct Batches {
    queue: *mut rd_kafka_queue_t,
    room: Box<[*mut rd_kafka_message_t]>,
}

// SAFETY: librdkafka's queues may be used from any thread, and `room` holds no message between two calls of `take`.
unsafe impl Send for Batches {}

impl Batches {
    /// Makes the queue and says so to `forward`.
    pub(super) fn of<C: ConsumerContext>(consumer: &BaseConsumer<C>, forward: &Forward) -> Self {
        // SAFETY: the client lives. The call allocates and cannot fail otherwise.
        let queue = unsafe { rd_kafka_queue_new(consumer.client().native_ptr()) };
        forward.0.store(queue, Ordering::Release);
        Self { queue, room: vec![ptr::null_mut(); BATCH].into_boxed_slice() }
    }

    /// The queue of one partition alone, which is about to be assigned: what it holds does not stand in the way of other
    /// partitions, and no more is fetched of it while nobody takes. `None` where there can be none.
    pub(in crate::load) fn of_partition<C: ConsumerContext>(
        consumer: &BaseConsumer<C>,
        topic: &str,
        number: i32,
    ) -> Option<Self> {
        let topic = CString::new(topic).ok()?;
        // SAFETY: the client lives, as it is borrowed. Forwarding to nothing makes the queue the application's own. The
        // reference is given back when the batches are dropped, which must be before the consumer is.
        let queue = unsafe {
            let queue = rd_kafka_queue_get_partition(consumer.client().native_ptr(), topic.as_ptr(), number);
            if queue.is_null() {
                return None;
            }
            rd_kafka_queue_forward(queue, ptr::null_mut());
            queue
        };
        Some(Self { queue, room: vec![ptr::null_mut(); BATCH].into_boxed_slice() })
    }

    /// The records that are there, at most `limit` and at most [`BATCH`]. Where there is none it waits for one, at most
    /// `patience`.
    pub(in crate::load) fn take(&mut self, limit: usize, patience: Duration) -> Batch<'_> {
        let limit = limit.min(self.room.len());
        // SAFETY: the queue lives as long as `self`, and `room` has space for `limit` pointers.
        let filled = unsafe { rd_kafka_consume_batch_queue(self.queue, 0, self.room.as_mut_ptr(), limit) };
        let mut filled = usize::try_from(filled).unwrap_or(0);
        if filled == 0 && limit > 0 && !patience.is_zero() {
            // The batch call would wait until its array is full.
            let millis = i32::try_from(patience.as_millis()).unwrap_or(i32::MAX);
            // SAFETY: as above; a null pointer says that nothing came.
            let message = unsafe { rd_kafka_consume_queue(self.queue, millis) };
            if !message.is_null() {
                self.room[0] = message;
                filled = 1;
            }
        }
        Batch(self.room[..filled].iter())
    }
}

impl Drop for Batches {
    fn drop(&mut self) {
        // SAFETY: made in `of`, destroyed once. No batch of it is left, as each borrows `self`.
        unsafe { rd_kafka_queue_destroy(self.queue) };
    }
}

/// Records that were handed over at one moment.
pub(in crate::load) struct Batch<'a>(std::slice::Iter<'a, *mut rd_kafka_message_t>);

impl Batch<'_> {
    /// How many records, or errors in their place, are left.
    pub(in crate::load) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Iterator for Batch<'_> {
    type Item = Owned;

    fn next(&mut self) -> Option<Owned> {
        self.0.next().map(|message| Owned(*message))
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        self.for_each(drop);
    }
}

/// A message that is ours, never null, or an error in the place of one.
pub(in crate::load) struct Owned(*mut rd_kafka_message_t);

impl Owned {
    /// The partition that it is of.
    pub(in crate::load) fn partition(&self) -> i32 {
        // SAFETY: as in `record`.
        unsafe { (*self.0).partition }
    }

    /// The record, or what the client says instead of one.
    pub(in crate::load) fn record(&self) -> Result<Record<'_>, Code> {
        // SAFETY: librdkafka gave the pointer, it is ours until it is destroyed, and nobody else writes to it.
        let message = unsafe { &*self.0 };
        if message.err != rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
            return Err(message.err.into());
        }
        let value = match message.payload.is_null() {
            true => &[][..],
            // SAFETY: payload and length belong together and live as long as the message.
            false => unsafe { std::slice::from_raw_parts(message.payload.cast::<u8>(), message.len) },
        };
        let key = match message.key.is_null() {
            true => None,
            // SAFETY: key and length belong together and live as long as the message.
            false => Some(unsafe { std::slice::from_raw_parts(message.key.cast::<u8>(), message.key_len) }),
        };
        let mut kind = rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
        // SAFETY: both pointers are good for the call.
        let millis = unsafe { rd_kafka_message_timestamp(self.0, &mut kind) };
        let timestamp = match kind {
            _ if millis < 0 => Timestamp::NotAvailable,
            rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_CREATE_TIME => Timestamp::CreateTime(millis),
            rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME => Timestamp::LogAppendTime(millis),
            rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE => Timestamp::NotAvailable,
        };
        Ok(Record {
            partition: message.partition,
            key,
            offset: message.offset,
            value,
            has_value: !message.payload.is_null(),
            timestamp,
        })
    }

    /// Names and values of its headers, in their order.
    pub(in crate::load) fn headers(&self) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
        let mut headers = ptr::null_mut();
        // SAFETY: both pointers are good for the call. The headers belong to the message.
        let answer = unsafe { rd_kafka_message_headers(self.0, &mut headers) };
        let mut next = (answer == rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR).then_some(0_usize);
        std::iter::from_fn(move || {
            let at = next?;
            let (mut name, mut value, mut length) = (ptr::null(), ptr::null(), 0);
            // SAFETY: the headers live as long as the message; the three are written to where it answers that there is one.
            let answer = unsafe { rd_kafka_header_get_all(headers, at, &mut name, &mut value, &mut length) };
            if answer != rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR || name.is_null() {
                next = None;
                return None;
            }
            next = Some(at + 1);
            // SAFETY: a header's name ends with a zero; value and length belong together. Both live as long as the message.
            unsafe {
                let value =
                    (!value.is_null()).then(|| std::slice::from_raw_parts(value.cast::<u8>(), length));
                Some((CStr::from_ptr(name).to_bytes(), value))
            }
        })
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: given back once, as `Owned` cannot be copied.
        unsafe { rd_kafka_message_destroy(self.0) };
    }
}
