//! [`Operation`]: what a user may do with a cluster, its topics and its groups, as the brokers tell it
//! (`include.authorized.operations`, KIP-430). The answer is about the user that asks, and changes nothing.
//!
//! The only module with `unsafe` code for it: rdkafka has no binding for these requests.

#![expect(unsafe_code, reason = "rdkafka has no call for authorized operations")]

use super::{
    admin::{Admin, AdminError, describe, refused},
    c_text::of_c,
    reports::Reports,
};
use crate::record::{Said, messages};
use rdkafka::{
    bindings::{
        rd_kafka_AclOperation_t, rd_kafka_AdminOptions_destroy, rd_kafka_AdminOptions_new,
        rd_kafka_AdminOptions_set_include_authorized_operations, rd_kafka_AdminOptions_set_request_timeout,
        rd_kafka_AdminOptions_t, rd_kafka_ConsumerGroupDescription_authorized_operations,
        rd_kafka_ConsumerGroupDescription_error, rd_kafka_ConsumerGroupDescription_group_id,
        rd_kafka_DescribeConsumerGroups, rd_kafka_DescribeConsumerGroups_result_groups,
        rd_kafka_DescribeTopics, rd_kafka_DescribeTopics_result_topics, rd_kafka_TopicCollection_destroy,
        rd_kafka_TopicCollection_of_topic_names, rd_kafka_TopicDescription_authorized_operations,
        rd_kafka_TopicDescription_error, rd_kafka_TopicDescription_name, rd_kafka_admin_op_t,
        rd_kafka_error_code, rd_kafka_error_destroy, rd_kafka_error_t,
        rd_kafka_event_DescribeConsumerGroups_result, rd_kafka_event_DescribeTopics_result,
        rd_kafka_event_destroy, rd_kafka_event_error, rd_kafka_event_t, rd_kafka_queue_destroy,
        rd_kafka_queue_new, rd_kafka_queue_poll, rd_kafka_queue_t, rd_kafka_t,
    },
    consumer::{BaseConsumer, Consumer},
    error::{KafkaError, KafkaResult, RDKafkaErrorCode},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::{CString, c_char, c_int},
    fmt, ptr,
    time::Duration,
};

/// How long one of these requests may take.
const LIMIT: Duration = Duration::from_secs(5);

/// An operation that an ACL allows (`org.apache.kafka.common.acl.AclOperation`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// `Describe`: see that a topic exists, and its partitions.
    Describe,
    /// `Read`: read a topic's records, or commit offsets as a group.
    Read,
    /// `Write`: send records to a topic.
    Write,
    /// `Delete`: delete a topic.
    Delete,
    /// `DescribeConfigs`: read a topic's settings.
    DescribeConfigs,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl Operation {
    /// By its code in Kafka's protocol; none for those that nothing here asks for.
    fn of_code(code: c_int) -> Option<Self> {
        let named = |operation: rd_kafka_AclOperation_t| operation as c_int == code;
        Some(match () {
            () if named(rd_kafka_AclOperation_t::RD_KAFKA_ACL_OPERATION_DESCRIBE) => Self::Describe,
            () if named(rd_kafka_AclOperation_t::RD_KAFKA_ACL_OPERATION_READ) => Self::Read,
            () if named(rd_kafka_AclOperation_t::RD_KAFKA_ACL_OPERATION_WRITE) => Self::Write,
            () if named(rd_kafka_AclOperation_t::RD_KAFKA_ACL_OPERATION_DELETE) => Self::Delete,
            () if named(rd_kafka_AclOperation_t::RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS) => {
                Self::DescribeConfigs
            }
            () => return None,
        })
    }
}

/// What may be done with each name; none where the broker does not tell, an error where it does not even describe it.
pub type Rights = BTreeMap<String, Result<Option<BTreeSet<Operation>>, AdminError>>;

messages! {
    area "kafka-rights";
    describe_group(group) => "describe group `{group}`" / "décrire le groupe `{group}`";
    describe_topic(topic) => "describe topic `{topic}`" / "décrire le topic `{topic}`";
}

impl Admin {
    /// What this user may do with each of these topics. Topics that are not there have an error.
    pub async fn rights_on_topics(&self, names: &[&str]) -> Result<Rights, AdminError> {
        let names = c_strings(names);
        let answer =
            self.ask_within(LIMIT, describe(), move |client, limit| topics(client, limit, &names)).await?;
        Ok(rights(answer, |name| describe_topic(name)))
    }

    /// What this user may do with each of these groups, whether they are there or not.
    pub async fn rights_in_groups(&self, names: &[&str]) -> Result<Rights, AdminError> {
        let names = c_strings(names);
        let answer =
            self.ask_within(LIMIT, describe(), move |client, limit| groups(client, limit, &names)).await?;
        Ok(rights(answer, |name| describe_group(name)))
    }
}

/// A name with the error code of its answer and what may be done with it.
type Answer = (String, RDKafkaErrorCode, Option<BTreeSet<Operation>>);

fn c_strings(names: &[&str]) -> Vec<CString> {
    names.iter().filter_map(|name| CString::new(*name).ok()).collect()
}

fn rights(answers: Vec<Answer>, what: impl Fn(&str) -> Said) -> Rights {
    let judged = |name: &str, code, operations| match code {
        RDKafkaErrorCode::NoError => Ok(operations),
        code => Err(refused(&what(name), code)),
    };
    answers
        .into_iter()
        .map(|(name, code, operations)| {
            let right = judged(&name, code, operations);
            (name, right)
        })
        .collect()
}

fn topics(client: &BaseConsumer<Reports>, limit: Duration, names: &[CString]) -> KafkaResult<Vec<Answer>> {
    let mut names: Vec<*const c_char> = names.iter().map(|name| name.as_ptr()).collect();
    let op = rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBETOPICS;
    answered(
        client,
        limit,
        op,
        // SAFETY: the names live until the end of this function, and librdkafka copies them.
        |client, options, queue| unsafe {
            let all = rd_kafka_TopicCollection_of_topic_names(names.as_mut_ptr(), names.len());
            rd_kafka_DescribeTopics(client, all, options, queue);
            rd_kafka_TopicCollection_destroy(all);
        },
        // SAFETY: the event is a whole answer to this request; what it holds lives as long as it does.
        |event| unsafe {
            let mut count = 0;
            let all = rd_kafka_DescribeTopics_result_topics(
                rd_kafka_event_DescribeTopics_result(event),
                &raw mut count,
            );
            (0..count)
                .map(|at| {
                    let topic = *all.add(at);
                    let mut many = 0;
                    let allowed = rd_kafka_TopicDescription_authorized_operations(topic, &raw mut many);
                    (
                        of_c(rd_kafka_TopicDescription_name(topic)),
                        code(rd_kafka_TopicDescription_error(topic)),
                        operations(allowed, many),
                    )
                })
                .collect()
        },
    )
}

fn groups(client: &BaseConsumer<Reports>, limit: Duration, names: &[CString]) -> KafkaResult<Vec<Answer>> {
    let mut names: Vec<*const c_char> = names.iter().map(|name| name.as_ptr()).collect();
    let op = rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS;
    answered(
        client,
        limit,
        op,
        // SAFETY: the names live until the end of this function, and librdkafka copies them.
        |client, options, queue| unsafe {
            rd_kafka_DescribeConsumerGroups(client, names.as_mut_ptr(), names.len(), options, queue);
        },
        // SAFETY: the event is a whole answer to this request; what it holds lives as long as it does.
        |event| unsafe {
            let mut count = 0;
            let result = rd_kafka_event_DescribeConsumerGroups_result(event);
            let all = rd_kafka_DescribeConsumerGroups_result_groups(result, &raw mut count);
            (0..count)
                .map(|at| {
                    let group = *all.add(at);
                    let mut many = 0;
                    let allowed =
                        rd_kafka_ConsumerGroupDescription_authorized_operations(group, &raw mut many);
                    (
                        of_c(rd_kafka_ConsumerGroupDescription_group_id(group)),
                        code(rd_kafka_ConsumerGroupDescription_error(group)),
                        operations(allowed, many),
                    )
                })
                .collect()
        },
    )
}

/// A queue of librdkafka, which is given back.
struct Queue(*mut rd_kafka_queue_t);

impl Drop for Queue {
    fn drop(&mut self) {
        // SAFETY: it was made here and is dropped once.
        unsafe { rd_kafka_queue_destroy(self.0) }
    }
}

/// Options of a request, which are given back.
struct Options(*mut rd_kafka_AdminOptions_t);

impl Drop for Options {
    fn drop(&mut self) {
        // SAFETY: they were made here and are dropped once.
        unsafe { rd_kafka_AdminOptions_destroy(self.0) }
    }
}

/// An answer, which is given back.
struct Event(*mut rd_kafka_event_t);

impl Drop for Event {
    fn drop(&mut self) {
        // SAFETY: it came from a queue and is dropped once.
        unsafe { rd_kafka_event_destroy(self.0) }
    }
}

/// Sends a request that asks for authorized operations, and reads its answer.
fn answered<T>(
    client: &BaseConsumer<Reports>,
    limit: Duration,
    op: rd_kafka_admin_op_t,
    send: impl FnOnce(*mut rd_kafka_t, *const rd_kafka_AdminOptions_t, *mut rd_kafka_queue_t),
    read: impl FnOnce(*mut rd_kafka_event_t) -> T,
) -> KafkaResult<T> {
    let client = client.client().native_ptr();
    let limit = c_int::try_from(limit.as_millis()).unwrap_or(c_int::MAX / 2);
    // SAFETY: the client outlives this call, and every other pointer is of an owner above.
    unsafe {
        let options = Options(rd_kafka_AdminOptions_new(client, op));
        rd_kafka_AdminOptions_set_request_timeout(options.0, limit, ptr::null_mut(), 0);
        let error = rd_kafka_AdminOptions_set_include_authorized_operations(options.0, 1);
        if !error.is_null() {
            rd_kafka_error_destroy(error);
        }
        let queue = Queue(rd_kafka_queue_new(client));
        send(client, options.0, queue.0);
        // A little longer than the request, whose end is an answer too.
        let event = Event(rd_kafka_queue_poll(queue.0, limit + 500));
        if event.0.is_null() {
            return Err(KafkaError::AdminOp(RDKafkaErrorCode::OperationTimedOut));
        }
        match RDKafkaErrorCode::from(rd_kafka_event_error(event.0)) {
            RDKafkaErrorCode::NoError => Ok(read(event.0)),
            code => Err(KafkaError::AdminOp(code)),
        }
    }
}

/// # Safety
/// An error of librdkafka, or null for none.
unsafe fn code(error: *const rd_kafka_error_t) -> RDKafkaErrorCode {
    // SAFETY: as the caller says; null is no error there.
    unsafe { rd_kafka_error_code(error) }.into()
}

/// # Safety
/// So many operations, or null where the broker tells none.
unsafe fn operations(first: *const rd_kafka_AclOperation_t, many: usize) -> Option<BTreeSet<Operation>> {
    if first.is_null() {
        return None;
    }
    // A later broker may send a code that the binding's type does not have.
    let first = first.cast::<c_int>();
    // SAFETY: `many` of them are there, as the caller says, and each is an int in C.
    Some((0..many).filter_map(|at| Operation::of_code(unsafe { *first.add(at) })).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_have_their_codes_of_the_protocol() {
        // https://kafka.apache.org/protocol: READ 3, WRITE 4, DELETE 6, DESCRIBE 8, DESCRIBE_CONFIGS 10.
        let names: Vec<String> = [3, 4, 6, 8, 10]
            .iter()
            .filter_map(|code| Operation::of_code(*code))
            .map(|o| o.to_string())
            .collect();
        assert_eq!(names, ["Read", "Write", "Delete", "Describe", "DescribeConfigs"]);
        assert_eq!(Operation::of_code(99), None);
    }
}
