//! Why a question to a cluster has no answer: whether nobody answers, only others do, or the answer is no.

use super::{
    admin::{Admin, AdminError, blocking, fetch_metadata, refused},
    logged::{MakeError, make},
    reports::Reports,
};
use crate::record::{Said, messages};
use rdkafka::{
    consumer::BaseConsumer,
    error::{KafkaError, KafkaResult, RDKafkaErrorCode},
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// How long a broker may take to show that it is there, when another one did not answer.
const PROBE: Duration = Duration::from_secs(3);

impl Admin {
    /// Tells a cluster that does not answer from one that answers no, and from one of which only other brokers answer.
    pub(super) async fn fault(&self, what: &Said, error: &KafkaError) -> AdminError {
        let code = code_of(error);
        match code {
            Some(code) if is_silence(code) => {
                let cause = self.reports.cause(self.config.get("sasl.mechanisms"));
                match self.answering().await {
                    Some(_) => {
                        let silence = silence(self.limit, what);
                        AdminError::Silent(match cause {
                            Some(cause) => only_others_answer_cause(silence, cause),
                            None => only_others_answer(silence),
                        })
                    }
                    None => self.unreachable(what, cause),
                }
            }
            Some(code) => refused(what, code),
            None => AdminError::Client(Said::verbatim(error.to_string())),
        }
    }

    pub(super) fn unreachable(&self, what: &Said, cause: Option<Said>) -> AdminError {
        let cause = cause.or_else(|| self.reports.cause(self.config.get("sasl.mechanisms")));
        AdminError::Unreachable {
            addresses: self.bootstrap.clone(),
            cause: cause.unwrap_or_else(|| silence(self.limit, what)),
        }
    }

    /// What a broker says of the cluster, where one answers at once.
    pub(super) async fn answering(&self) -> Option<Answering> {
        let answer = self.once(PROBE, |client, limit| {
            let (metadata, _) = fetch_metadata(client, limit)?;
            let offsets = metadata.topics().iter().find(|topic| topic.name() == "__consumer_offsets");
            let leaders =
                offsets.map(|topic| topic.partitions().iter().map(|p| (p.id(), p.leader())).collect());
            Ok(Answering { leaders_of_offsets: leaders.unwrap_or_default() })
        });
        answer.await.ok()?.ok()
    }

    /// As [`Self::fault`], of a question that any broker could have answered: nobody is left to be asked.
    pub(super) async fn fault_of_all(&self, what: &Said, error: &KafkaError) -> AdminError {
        match code_of(error).is_some_and(is_silence) {
            true => self.unreachable(what, None),
            false => self.fault(what, error).await,
        }
    }

    /// As [`Self::once`], for the offsets of groups.
    pub(super) async fn once_of_groups<T: Send + 'static>(
        &self,
        limit: Duration,
        call: impl FnOnce(&BaseConsumer<Reports>, Duration) -> KafkaResult<T> + Send + 'static,
    ) -> Result<KafkaResult<T>, AdminError> {
        let make_it = || async {
            let (mut config, reports) = (self.config.clone(), self.reports.clone());
            config.set("group.id", "jalon-reader").set("enable.auto.commit", "false");
            blocking(move || make(&config, reports)).await?.map(Arc::new).map_err(|error| match error {
                MakeError::Client(error) => AdminError::Client(Said::verbatim(error.to_string())),
                MakeError::Token(cause) => AdminError::Token { addresses: self.bootstrap.clone(), cause },
            })
        };
        let client = Arc::clone(self.of_groups.get_or_try_init(make_it).await?);
        self.once_with(client, limit, call).await
    }
}

/// What a cluster says of itself when a part of it is silent.
pub(super) struct Answering {
    /// The leader of each partition of `__consumer_offsets`, which is the coordinator of its groups; -1 for none.
    pub(super) leaders_of_offsets: BTreeMap<i32, i32>,
}

/// Kafka's or librdkafka's code of an error.
pub(super) fn code_of(error: &KafkaError) -> Option<RDKafkaErrorCode> {
    match error {
        KafkaError::AdminOp(code) => Some(*code),
        other => other.rdkafka_error_code(),
    }
}

/// Whether an error says that nobody answered, and not that a broker refused.
pub(super) fn is_silence(code: RDKafkaErrorCode) -> bool {
    use RDKafkaErrorCode as Code;
    matches!(
        code,
        Code::AllBrokersDown
            | Code::Authentication
            | Code::BrokerTransportFailure
            | Code::OperationTimedOut
            | Code::Resolve
            | Code::SSL
            | Code::TimedOutQueue
            | Code::UnknownBroker
            | Code::WaitingForCoordinator
    )
}

messages! {
    area "kafka-admin";
    only_others_answer(silence) => "{silence}, although brokers of the cluster answer" / "{silence}, alors que des brokers du cluster répondent";
    only_others_answer_cause(silence, cause) => "{silence}, although brokers of the cluster answer: {cause}" / "{silence}, alors que des brokers du cluster répondent : {cause}";
    silence(limit, what) => "no answer within {limit} to: {what}" / "pas de réponse en {limit} à : {what}";
}
