//! A question that nobody answered: whether the whole cluster is silent, or only the broker that had to answer it; and a
//! group's coordinator, which may be moving and is asked again.

use super::client::LoadError;
use crate::{
    clients::kafka::code_passes,
    record::{Said, messages},
};
use rdkafka::{
    consumer::{BaseConsumer, Consumer, ConsumerContext},
    error::KafkaResult,
};
use std::{
    thread,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// Between two questions to a coordinator.
const PAUSE: Duration = Duration::from_millis(500);

/// The error of a question without an answer.
pub(super) fn of<C: ConsumerContext>(
    consumer: &BaseConsumer<C>,
    address: &str,
    cause: impl Into<Said>,
) -> LoadError {
    let cause = cause.into();
    match answers(consumer) {
        true => LoadError::Silent(part_silent(address, cause)),
        false => LoadError::Unreachable { address: address.to_owned(), cause },
    }
}

/// Whether any broker answers. A frozen one may be asked first, so there are several attempts.
fn answers<C: ConsumerContext>(consumer: &BaseConsumer<C>) -> bool {
    (0..3).any(|_| consumer.fetch_metadata(None, Duration::from_secs(1)).is_ok())
}

/// Asks the coordinator of `group` until it answers, for as long as `patience`.
pub(super) fn patiently<C: ConsumerContext, T>(
    consumer: &BaseConsumer<C>,
    (address, group): (&str, &str),
    patience: Duration,
    cancel: &CancellationToken,
    mut once: impl FnMut() -> KafkaResult<T>,
) -> Result<T, LoadError> {
    let began = Instant::now();
    loop {
        let error = match once() {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let said = Said::verbatim(error.to_string());
        if !error.rdkafka_error_code().is_some_and(code_passes) {
            return Err(LoadError::Refused(said));
        }
        if cancel.is_cancelled() {
            return Err(LoadError::Cancelled);
        }
        if !answers(consumer) {
            return Err(LoadError::Unreachable { address: address.to_owned(), cause: said });
        }
        if began.elapsed() >= patience {
            let waited = Duration::from_secs(began.elapsed().as_secs().max(1));
            return Err(LoadError::Silent(coordinator_silent(group, waited, said)));
        }
        thread::sleep(PAUSE);
    }
}

messages! {
    area "load silence";
    coordinator_silent(group, waited, cause) => "the coordinator of group `{group}` did not answer within {waited}: {cause}" / "le coordinateur du groupe `{group}` n'a pas répondu en {waited} : {cause}";
    part_silent(address, cause) => "brokers of {address} answer, but not the one that was asked: {cause}" / "des brokers de {address} répondent, mais pas celui qui était interrogé : {cause}";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::kafka::moving;
    use rdkafka::{
        ClientConfig, TopicPartitionList, bindings::rd_kafka_resp_err_t as Err, mocking::MockCluster,
        types::RDKafkaApiKey,
    };

    fn consumer(servers: &str) -> BaseConsumer {
        ClientConfig::new().set("bootstrap.servers", servers).set("group.id", "g").create().unwrap()
    }

    #[test]
    fn a_silent_broker_is_not_taken_for_the_cluster() {
        let kafka = MockCluster::new(2).unwrap();
        let servers = kafka.bootstrap_servers();
        let error = of(&consumer(&servers), &servers, Said::verbatim("timed out"));
        assert!(matches!(&error, LoadError::Silent(said) if said.contains("timed out")), "{error}");
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let error = of(&consumer(&closed), &closed, Said::verbatim("timed out"));
        assert!(matches!(error, LoadError::Unreachable { .. }), "{error}");
    }

    #[test]
    fn a_coordinator_that_moves_is_asked_again() {
        let kafka = MockCluster::new(1).unwrap();
        kafka.create_topic("t", 1, 1).unwrap();
        let servers = kafka.bootstrap_servers();
        let consumer = consumer(&servers);
        let committed = || {
            let mut list = TopicPartitionList::new();
            list.add_partition("t", 0);
            let answer = consumer.committed_offsets(list, Duration::from_secs(2))?;
            moving(&answer).map_or(Ok(()), Result::Err)
        };
        let loads = [Err::RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS; 4];
        kafka.request_errors(RDKafkaApiKey::OffsetFetch, &loads);
        let (name, cancel) = ((servers.as_str(), "g"), CancellationToken::new());
        patiently(&consumer, name, Duration::from_secs(30), &cancel, committed).unwrap();

        let gone = [Err::RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS; 500];
        kafka.request_errors(RDKafkaApiKey::OffsetFetch, &gone);
        let error = patiently(&consumer, name, Duration::from_secs(3), &cancel, committed).unwrap_err();
        assert!(
            error.to_string().starts_with("the coordinator of group `g` did not answer within"),
            "{error}"
        );
        cancel.cancel();
        let error = patiently(&consumer, name, Duration::from_secs(30), &cancel, committed).unwrap_err();
        assert!(matches!(error, LoadError::Cancelled), "{error}");
    }
}
