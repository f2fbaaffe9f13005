//! Who may do what with the topics of a cluster: [`Admin::topic_acls`]. rdkafka has no call for it.

#![expect(unsafe_code, reason = "librdkafka's DescribeAcls has no safe binding")]

use super::{
    admin::{Admin, AdminError, LIMIT, refused},
    c_text::of_c,
    reports::Reports,
};
use crate::record::{Said, messages};
use rdkafka::{
    bindings::{self as native, rd_kafka_AclOperation_t as Operation},
    consumer::{BaseConsumer, Consumer},
    error::{KafkaError, RDKafkaErrorCode},
};
use std::{ffi::c_char, ptr, slice};

/// One access control entry of topics.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Acl {
    /// The topic, or the beginning of the names where it is prefixed; `*` means all.
    pub name: String,
    /// Whether `name` is the beginning of names.
    pub prefixed: bool,
    /// The principal, such as `User:alice`.
    pub principal: String,
    /// The address that it holds for, `*` for all.
    pub host: String,
    /// `READ`, `WRITE`, `ALL` and so on, as Kafka's tools write it.
    pub operation: String,
    /// Whether it allows; it denies otherwise.
    pub allows: bool,
}

impl Acl {
    /// Whether this entry alone lets `wanted` happen on the topic that `wanted` names literally.
    pub fn covers(&self, wanted: &Self) -> bool {
        let named = match self.prefixed {
            true => wanted.name.starts_with(&self.name),
            false => self.name == "*" || self.name == wanted.name,
        };
        // READ, WRITE, DELETE and ALTER imply DESCRIBE (`AclOperation`).
        let implied = wanted.operation == "DESCRIBE"
            && ["READ", "WRITE", "DELETE", "ALTER"].contains(&self.operation.as_str());
        named
            && self.allows == wanted.allows
            && (self.principal == wanted.principal || self.principal == "User:*")
            && (self.host == wanted.host || self.host == "*")
            && (self.operation == wanted.operation || self.operation == "ALL" || self.allows && implied)
    }
}

impl Admin {
    /// Every entry about topics that this user may see. An empty list says nothing: where the brokers have no authorizer, or
    /// refuse, librdkafka 2.12 drops their error code (`rd_kafka_DescribeAclsResponse_parse`).
    ///
    /// # Errors
    /// As every call of [`Admin`].
    pub async fn topic_acls(&self) -> Result<Vec<Acl>, AdminError> {
        let what = describe_acls();
        let answer = self.ask(what.clone(), |client, _| Ok(describe(client))).await?;
        let (code, words) = match answer {
            Ok(entries) => return Ok(entries),
            Err(refusal) => refusal,
        };
        Err(match self.fault(&what, &KafkaError::AdminOp(code)).await {
            error @ (AdminError::Silent(_) | AdminError::Unreachable { .. }) => error,
            _ if words.is_empty() => refused(&what, code),
            _ => AdminError::Refused { what: what.clone(), cause: Said::verbatim(words), code: Some(code) },
        })
    }
}

/// The answer, or the broker's error code with its words. Blocks.
fn describe(client: &BaseConsumer<Reports>) -> Result<Vec<Acl>, (RDKafkaErrorCode, String)> {
    let handle = client.client().native_ptr();
    let milliseconds = i32::try_from(LIMIT.as_millis()).unwrap_or(i32::MAX);
    let mut words: [c_char; 256] = [0; 256];
    // SAFETY: the client outlives this call; every object made here is destroyed here, after its last use; the filter
    // with null fields means any, as librdkafka documents.
    unsafe {
        let filter = native::rd_kafka_AclBindingFilter_new(
            native::rd_kafka_ResourceType_t::RD_KAFKA_RESOURCE_TOPIC,
            ptr::null(),
            native::rd_kafka_ResourcePatternType_t::RD_KAFKA_RESOURCE_PATTERN_ANY,
            ptr::null(),
            ptr::null(),
            Operation::RD_KAFKA_ACL_OPERATION_ANY,
            native::rd_kafka_AclPermissionType_t::RD_KAFKA_ACL_PERMISSION_TYPE_ANY,
            words.as_mut_ptr(),
            words.len(),
        );
        if filter.is_null() {
            return Err((RDKafkaErrorCode::InvalidArgument, of_c(words.as_ptr())));
        }
        let options = native::rd_kafka_AdminOptions_new(
            handle,
            native::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBEACLS,
        );
        native::rd_kafka_AdminOptions_set_request_timeout(
            options,
            milliseconds,
            words.as_mut_ptr(),
            words.len(),
        );
        let queue = native::rd_kafka_queue_new(handle);
        native::rd_kafka_DescribeAcls(handle, filter, options, queue);
        // A little longer than the request may take: librdkafka then says itself why there is no answer.
        let event = native::rd_kafka_queue_poll(queue, milliseconds + 1000);
        let answer = read(event);
        if !event.is_null() {
            native::rd_kafka_event_destroy(event);
        }
        native::rd_kafka_queue_destroy(queue);
        native::rd_kafka_AdminOptions_destroy(options);
        native::rd_kafka_AclBinding_destroy(filter);
        answer
    }
}

/// What an event says.
///
/// # Safety
/// `event` is null or a live event that `rd_kafka_DescribeAcls` brought.
unsafe fn read(event: *mut native::rd_kafka_event_t) -> Result<Vec<Acl>, (RDKafkaErrorCode, String)> {
    if event.is_null() {
        return Err((RDKafkaErrorCode::OperationTimedOut, String::new()));
    }
    // SAFETY: the event lives until its caller destroys it, and so does all that it holds.
    unsafe {
        let code = RDKafkaErrorCode::from(native::rd_kafka_event_error(event));
        if code != RDKafkaErrorCode::NoError {
            return Err((code, of_c(native::rd_kafka_event_error_string(event))));
        }
        let result = native::rd_kafka_event_DescribeAcls_result(event);
        if result.is_null() {
            return Err((RDKafkaErrorCode::Unknown, String::new()));
        }
        let mut count = 0;
        let entries = native::rd_kafka_DescribeAcls_result_acls(result, &raw mut count);
        if entries.is_null() || count == 0 {
            return Ok(Vec::new());
        }
        Ok(slice::from_raw_parts(entries, count).iter().map(|entry| acl(*entry)).collect())
    }
}

/// One entry.
///
/// # Safety
/// `entry` belongs to a live result.
unsafe fn acl(entry: *const native::rd_kafka_AclBinding_t) -> Acl {
    use native::{rd_kafka_AclPermissionType_t as Permission, rd_kafka_ResourcePatternType_t as Pattern};
    // SAFETY: the texts belong to the entry and are copied.
    unsafe {
        Acl {
            name: of_c(native::rd_kafka_AclBinding_name(entry)),
            prefixed: native::rd_kafka_AclBinding_resource_pattern_type(entry)
                == Pattern::RD_KAFKA_RESOURCE_PATTERN_PREFIXED,
            principal: of_c(native::rd_kafka_AclBinding_principal(entry)),
            host: of_c(native::rd_kafka_AclBinding_host(entry)),
            operation: of_c(native::rd_kafka_AclOperation_name(native::rd_kafka_AclBinding_operation(entry))),
            allows: native::rd_kafka_AclBinding_permission_type(entry)
                == Permission::RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW,
        }
    }
}

messages! {
    area "kafka-acls";
    describe_acls() => "describe the ACLs of topics" / "décrire les ACL des topics";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acl(name: &str, prefixed: bool, principal: &str, operation: &str, allows: bool) -> Acl {
        let (name, principal, operation) = (name.to_owned(), principal.to_owned(), operation.to_owned());
        Acl { name, prefixed, principal, host: "*".to_owned(), operation, allows }
    }

    #[test]
    fn an_entry_covers_what_it_implies_and_nothing_else() {
        let wanted = acl("source.orders", false, "User:app", "READ", true);
        for (entry, covered) in [
            (acl("source.orders", false, "User:app", "READ", true), true),
            (acl("source.", true, "User:app", "ALL", true), true),
            (acl("*", false, "User:*", "READ", true), true),
            (acl("source.orders", false, "User:app", "WRITE", true), false),
            (acl("orders", true, "User:app", "READ", true), false),
            (acl("source.orders", false, "User:app", "READ", false), false),
            (acl("source.orders", false, "User:other", "READ", true), false),
        ] {
            assert_eq!(entry.covers(&wanted), covered, "{entry:?}");
        }
        let describe = acl("source.orders", false, "User:app", "DESCRIBE", true);
        assert!(acl("source.", true, "User:app", "READ", true).covers(&describe));
    }
}
