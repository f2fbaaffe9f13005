//! Offsets of many groups at once: [`Patient::groups`] lists the groups of a cluster, [`Patient::group_offsets`] reads what
//! each has committed, with many requests under way; [`Admin::offsets_since`] looks up times.
//!
//! The safe binding asks for one group at a time with a consumer of that group, which costs a client, its threads and
//! its connections for each. librdkafka's own `ListConsumerGroupOffsets` takes any group; it has one group a call
//! (2.12: "Exactly one ListConsumerGroupOffsets must be passed"), so the calls are made side by side on one queue.

#![expect(unsafe_code, reason = "librdkafka's call for the offsets of a group has no safe binding")]

use super::{
    admin::{Admin, AdminError, LIMIT, Offsets},
    coordinator::{Asked, Patient, code_passes},
    reports::Reports,
};
use crate::record::{Said, messages};
use rdkafka::{
    Offset, bindings as sys,
    consumer::{BaseConsumer, Consumer, ConsumerContext},
    error::{KafkaError, KafkaResult, RDKafkaErrorCode as Code},
};
use std::{
    collections::BTreeMap,
    ffi::{CStr, CString},
    ptr,
    time::{Duration, Instant},
};

/// Requests under way at one moment. A coordinator answers them one after the other.
const UNDER_WAY: usize = 200;

/// What each group has committed, by its name; the reason where it cannot be read.
pub type GroupOffsets = BTreeMap<String, Result<Offsets, Code>>;

/// A group's state and how many members it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members {
    /// `Stable`, `Empty`, `Dead`, …; empty where the coordinator does not say.
    pub state: String,
    /// How many members it has.
    pub members: usize,
}

messages! {
    area "kafka-groups";
    list() => "list the consumer groups" / "lister les groupes de consommateurs";
    offsets_of_time() => "look up the offsets of a time" / "chercher les offsets d'un instant";
    offsets(groups) => "read the offsets of {groups} {groups|group|groups}" / "lire les offsets de {groups} {groups|groupe|groupes}";
}

impl Admin {
    /// The first offset of each partition whose record has that timestamp or a later one, in milliseconds since 1970;
    /// partitions without such a record are left out.
    pub async fn offsets_since(
        &self,
        partitions: &[(String, i32)],
        time_ms: i64,
    ) -> Result<Offsets, AdminError> {
        // Negative times stand for ends.
        self.offsets(offsets_of_time(), partitions, Offset::Offset(time_ms.max(0))).await
    }
}

impl Patient<'_> {
    /// The consumer groups of the cluster, all of them, with state and members. Groups of other protocols than
    /// consumers', such as Connect's workers, are left out; those that have offsets and never had members are among them.
    ///
    /// # Errors
    /// As every call of [`Admin`].
    pub async fn groups(&self) -> Result<BTreeMap<String, Members>, AdminError> {
        let call = |client: &BaseConsumer<Reports>, limit: Duration| {
            let list = client.fetch_group_list(None, limit)?;
            let consumers = list.groups().iter().filter(|g| matches!(g.protocol_type(), "" | "consumer"));
            Ok(consumers
                .map(|g| {
                    let seen = Members { state: g.state().to_owned(), members: g.members().len() };
                    (g.name().to_owned(), seen)
                })
                .collect())
        };
        let admin = self.admin;
        self.ask(&list(), Asked::All, |limit| admin.once(limit, call)).await
    }

    /// All offsets that each of the groups has committed. A group that is unknown has none. Groups whose coordinator moves
    /// are asked again, they alone.
    ///
    /// One try is bounded: the answers may take the limit of one request and a millisecond for each group together.
    ///
    /// # Errors
    /// As every call of [`Admin`].
    pub async fn group_offsets(&self, mut groups: Vec<String>) -> Result<GroupOffsets, AdminError> {
        let what: Said = offsets(groups.len());
        let (began, mut found) = (Instant::now(), GroupOffsets::new());
        while !groups.is_empty() {
            let asked = groups;
            let call = move |client: &BaseConsumer<Reports>, limit| ask_all(client, &asked, limit);
            let seen = match self.admin.once_of_groups(LIMIT, call).await? {
                Ok(seen) => seen,
                Err(error) => return Err(self.admin.fault(&what, &error).await),
            };
            let moving = |code: &Code| code_passes(*code);
            let (again, done): (GroupOffsets, GroupOffsets) =
                seen.into_iter().partition(|(_, offsets)| offsets.as_ref().err().is_some_and(moving));
            found.extend(done);
            if let Some((group, Err(code))) = again.first_key_value() {
                let error = KafkaError::AdminOp(*code);
                self.wait(&what, Asked::Coordinator(group), &error, began).await?;
            }
            groups = again.into_keys().collect();
        }
        Ok(found)
    }
}

/// A queue of librdkafka that is ours.
struct Queue(*mut sys::rd_kafka_queue_t);

impl Drop for Queue {
    fn drop(&mut self) {
        // SAFETY: made by `rd_kafka_queue_new`, destroyed once.
        unsafe { sys::rd_kafka_queue_destroy(self.0) };
    }
}

/// An answer that is ours.
struct Event(*mut sys::rd_kafka_event_t);

impl Drop for Event {
    fn drop(&mut self) {
        // SAFETY: given by `rd_kafka_queue_poll`, destroyed once; null is allowed.
        unsafe { sys::rd_kafka_event_destroy(self.0) };
    }
}

/// Settings of one call, which are ours. They carry the number of its group, as an answer that is an error names none.
struct Options(*mut sys::rd_kafka_AdminOptions_t);

impl Options {
    fn new(client: *mut sys::rd_kafka_t, number: usize) -> Self {
        let op = sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS;
        // SAFETY: the client lives, as the caller borrows it.
        let options = unsafe { sys::rd_kafka_AdminOptions_new(client, op) };
        let millis = i32::try_from(LIMIT.as_millis()).unwrap_or(i32::MAX);
        // SAFETY: the options were just made; no text is asked for, so its length is 0. A time that is refused leaves the
        // default of a minute. The number is given back as it is and never followed as a pointer.
        unsafe {
            sys::rd_kafka_AdminOptions_set_request_timeout(options, millis, ptr::null_mut(), 0);
            sys::rd_kafka_AdminOptions_set_opaque(options, ptr::without_provenance_mut(number));
        }
        Self(options)
    }
}

impl Drop for Options {
    fn drop(&mut self) {
        // SAFETY: made in `new`, destroyed once.
        unsafe { sys::rd_kafka_AdminOptions_destroy(self.0) };
    }
}

/// Asks for all groups; those whose coordinator did not answer in time have the code that says so.
fn ask_all<C: ConsumerContext>(
    client: &BaseConsumer<C>,
    groups: &[String],
    limit: Duration,
) -> KafkaResult<GroupOffsets> {
    let native = client.client().native_ptr();
    // SAFETY: the client lives as long as this call, and the queue is destroyed before it ends.
    let queue = Queue(unsafe { sys::rd_kafka_queue_new(native) });
    let deadline = Instant::now() + limit + Duration::from_millis(groups.len() as u64);
    let mut found = GroupOffsets::new();
    let (mut asked, mut answered) = (0, 0);
    while answered < groups.len() {
        while asked < groups.len() && asked - answered < UNDER_WAY {
            if !ask(native, &groups[asked], &Options::new(native, asked), &queue) {
                // A name with a zero byte is no group's.
                answered += 1;
            }
            asked += 1;
        }
        if answered == groups.len() {
            break;
        }
        let left = deadline.saturating_duration_since(Instant::now());
        let millis = i32::try_from(left.as_millis()).unwrap_or(i32::MAX);
        // SAFETY: the queue lives; null says that nothing came.
        let event = Event(unsafe { sys::rd_kafka_queue_poll(queue.0, millis) });
        if event.0.is_null() {
            let silent = groups.iter().filter(|group| !group.contains('\0') && !found.contains_key(*group));
            let silent: Vec<_> = silent.map(|group| (group.clone(), Err(Code::OperationTimedOut))).collect();
            found.extend(silent);
            break;
        }
        answered += 1;
        read(&event, groups, &mut found)?;
    }
    Ok(found)
}

/// Sends the request for one group; whether it could be.
fn ask(client: *mut sys::rd_kafka_t, group: &str, options: &Options, queue: &Queue) -> bool {
    let Ok(name) = CString::new(group) else { return false };
    // SAFETY: client, options and queue live; request and options are copied by the call
    // (`rd_kafka_ListConsumerGroupOffsets_copy`, `rd_kafka_admin_request_op_new`), and the request is destroyed once. No list
    // of partitions means all of them.
    unsafe {
        let mut request = sys::rd_kafka_ListConsumerGroupOffsets_new(name.as_ptr(), ptr::null());
        sys::rd_kafka_ListConsumerGroupOffsets(client, &mut request, 1, options.0, queue.0);
        sys::rd_kafka_ListConsumerGroupOffsets_destroy(request);
    }
    true
}

/// Takes the offsets out of an answer. An error of a request that no other try would mend ends everything: this user may not
/// ask, for one.
fn read(event: &Event, groups: &[String], found: &mut GroupOffsets) -> KafkaResult<()> {
    // SAFETY: the event is live and not null.
    let error: Code = unsafe { sys::rd_kafka_event_error(event.0) }.into();
    if error != Code::NoError {
        // SAFETY: as above; what was set as a number comes back as one.
        let number = unsafe { sys::rd_kafka_event_opaque(event.0) }.addr();
        let group = groups.get(number).filter(|_| code_passes(error));
        let group = group.ok_or(KafkaError::AdminOp(error))?;
        found.insert(group.clone(), Err(error));
        return Ok(());
    }
    let mut count = 0;
    // SAFETY: the results live as long as the event; a null result is of another kind of event and has no groups. The
    // pointers of groups, names, lists and elements are good until the event is destroyed.
    unsafe {
        let result = sys::rd_kafka_event_ListConsumerGroupOffsets_result(event.0);
        if result.is_null() {
            return Ok(());
        }
        let groups = sys::rd_kafka_ListConsumerGroupOffsets_result_groups(result, &mut count);
        for index in 0..count {
            let group = *groups.add(index);
            let name = CStr::from_ptr(sys::rd_kafka_group_result_name(group)).to_string_lossy().into_owned();
            let error = sys::rd_kafka_group_result_error(group);
            let offsets = if error.is_null() {
                partitions(sys::rd_kafka_group_result_partitions(group))
            } else {
                Err(sys::rd_kafka_error_code(error).into())
            };
            found.insert(name, offsets);
        }
    }
    Ok(())
}

/// The committed offsets of a list, or the error of one of its partitions: a part of the offsets would pass for all.
///
/// # Safety
///
/// `list` is null or a live list.
unsafe fn partitions(list: *const sys::rd_kafka_topic_partition_list_t) -> Result<Offsets, Code> {
    let mut offsets = Offsets::new();
    if list.is_null() {
        return Ok(offsets);
    }
    // SAFETY: the caller's promise; a list has `cnt` elements, each with a name that ends with a zero byte.
    unsafe {
        for index in 0..usize::try_from((*list).cnt).unwrap_or(0) {
            let element = &*(*list).elems.add(index);
            match Code::from(element.err) {
                Code::NoError => {}
                // What is left of a topic that was deleted.
                Code::UnknownTopicOrPartition => continue,
                code => return Err(code),
            }
            if element.offset >= 0 {
                let topic = CStr::from_ptr(element.topic).to_string_lossy().into_owned();
                offsets.insert((topic, element.partition), element.offset);
            }
        }
    }
    Ok(offsets)
}
