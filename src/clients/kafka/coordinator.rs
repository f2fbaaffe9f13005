//! Questions about consumer groups, asked again while a group's coordinator moves or loads: [`Admin::patient`].
//!
//! After a broker restarts, its groups have no coordinator for some seconds, or one that is still reading
//! `__consumer_offsets`. The rest of the cluster answers all the while, so this is waited for, and never taken for a
//! cluster that cannot be reached.

use super::{
    admin::{Admin, AdminError, LIMIT},
    faults::{code_of, is_silence},
};
use crate::record::{Said, messages};
use rdkafka::{
    TopicPartitionList,
    error::{KafkaError, KafkaResult, RDKafkaErrorCode as Code},
};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// Between two tries.
const PAUSE: Duration = Duration::from_millis(500);

/// One try has at least that long, however little of the patience is left.
const SHORTEST: Duration = Duration::from_secs(3);

/// A client that asks the coordinators of groups again until a moment.
#[derive(Debug, Clone, Copy)]
pub struct Patient<'a> {
    pub(super) admin: &'a Admin,
    until: Instant,
}

/// Who has to answer.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asked<'a> {
    /// Every broker.
    All,
    /// The coordinator of that group.
    Coordinator(&'a str),
}

impl Admin {
    /// This client, for questions about groups that are asked again until `until` while a coordinator moves.
    pub fn patient(&self, until: Instant) -> Patient<'_> {
        Patient { admin: self, until }
    }
}

impl Patient<'_> {
    /// The answer of the first try that has one. Each try is given its limit.
    pub(super) async fn ask<T, F: Future<Output = Result<KafkaResult<T>, AdminError>> + Send>(
        &self,
        what: &Said,
        asked: Asked<'_>,
        mut once: impl FnMut(Duration) -> F,
    ) -> Result<T, AdminError> {
        let began = Instant::now();
        loop {
            let limit = self.until.saturating_duration_since(Instant::now()).clamp(SHORTEST, LIMIT);
            let error = match once(limit).await? {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if !passes(&error) {
                return Err(self.admin.fault(what, &error).await);
            }
            self.wait(what, asked, &error, began).await?;
        }
    }

    /// Waits before the next try; the error where there is no time for one, or nobody to ask.
    pub(super) async fn wait(
        &self,
        what: &Said,
        asked: Asked<'_>,
        error: &KafkaError,
        began: Instant,
    ) -> Result<(), AdminError> {
        let over = Instant::now() + PAUSE >= self.until;
        let silent = code_of(error).is_some_and(is_silence);
        if silent || over {
            // Where no broker answers, it is not the coordinator that is missing.
            let Some(there) = self.admin.answering().await else {
                return Err(match silent {
                    true => self.admin.unreachable(what, None),
                    false => self.silence(what, asked, error, began, &BTreeMap::new()),
                });
            };
            if over {
                return Err(self.silence(what, asked, error, began, &there.leaders_of_offsets));
            }
        }
        tokio::time::sleep(PAUSE).await;
        Ok(())
    }

    fn silence(
        &self,
        what: &Said,
        asked: Asked<'_>,
        error: &KafkaError,
        began: Instant,
        leaders: &BTreeMap<i32, i32>,
    ) -> AdminError {
        let limit = Duration::from_secs(began.elapsed().as_secs().max(1));
        let cause = Said::verbatim(code_of(error).map_or_else(|| error.to_string(), |code| code.to_string()));
        AdminError::Silent(match asked {
            Asked::All => not_all_brokers(limit, what, cause),
            Asked::Coordinator(group) => match leader(group, leaders) {
                Some((_, broker @ 0..)) => coordinator_silent(group, broker, limit, cause),
                Some((partition, _)) => no_coordinator(group, limit, partition, cause),
                None => unknown_coordinator_silent(group, limit, cause),
            },
        })
    }
}

/// Whether an error is that of a coordinator that moves, loads or does not answer: another try may find it.
pub(super) fn passes(error: &KafkaError) -> bool {
    code_of(error).is_some_and(code_passes)
}

/// Whether a code is that of a coordinator that moves, loads or does not answer.
pub fn code_passes(code: Code) -> bool {
    matches!(
        code,
        Code::BrokerNotAvailable
            | Code::BrokerTransportFailure
            | Code::CoordinatorLoadInProgress
            | Code::CoordinatorNotAvailable
            | Code::NetworkException
            | Code::NotCoordinator
            | Code::OperationTimedOut
            | Code::Partial
            | Code::RequestTimedOut
            | Code::TimedOutQueue
            | Code::UnstableOffsetCommit
            | Code::WaitingForCoordinator
    )
}

/// The error of a partition in an answer that says no more than that the coordinator moves.
pub fn moving(answer: &TopicPartitionList) -> Option<KafkaError> {
    let mut codes = answer.elements().into_iter().filter_map(|e| e.error().err()?.rdkafka_error_code());
    codes.find(|code| code_passes(*code)).map(KafkaError::OffsetFetch)
}

/// The partition of `__consumer_offsets` that keeps a group, with its leader, which is the coordinator.
fn leader(group: &str, leaders: &BTreeMap<i32, i32>) -> Option<(i32, i32)> {
    let count = i32::try_from(leaders.len()).ok().filter(|count| *count > 0)?;
    // `Utils.abs(groupId.hashCode()) % partitions` of Kafka's GroupMetadataManager; Java hashes UTF-16.
    let hash = group.encode_utf16().fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(unit.into()));
    let partition = hash.checked_abs().unwrap_or(0) % count;
    Some((partition, *leaders.get(&partition)?))
}

messages! {
    area "kafka-coordinator";
    coordinator_silent(group, broker, limit, cause) => "the coordinator of group `{group}` (broker {broker}) did not answer within {limit}: {cause}" / "le coordinateur du groupe `{group}` (broker {broker}) n'a pas répondu en {limit} : {cause}";
    no_coordinator(group, limit, partition, cause) => "group `{group}` had no coordinator for {limit}: `__consumer_offsets-{partition}` has no leader ({cause})" / "le groupe `{group}` est resté {limit} sans coordinateur : `__consumer_offsets-{partition}` n'a pas de leader ({cause})";
    not_all_brokers(limit, what, cause) => "not all brokers answered within {limit} to: {what} ({cause})" / "des brokers n'ont pas répondu en {limit} à : {what} ({cause})";
    unknown_coordinator_silent(group, limit, cause) => "the coordinator of group `{group}` did not answer within {limit}: {cause}" / "le coordinateur du groupe `{group}` n'a pas répondu en {limit} : {cause}";
}

#[cfg(test)]
mod tests;
