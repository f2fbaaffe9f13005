//! [`adapted`]: combinations that Java's clients take and librdkafka refuses when a client is made
//! (`rd_kafka_conf_finalize`): turned into what they mean in Java where that can be had, else refused by name.

use super::{property_error::PropertyError, role::Role};
use crate::record::{Said, messages};
use std::collections::BTreeMap;

type Properties = BTreeMap<String, String>;

/// The least that librdkafka lets a record be limited to, and what it has where nobody says.
const LEAST_RECORD: i64 = 1000;
const RECORD: i64 = 1_000_000;
/// In milliseconds, where nobody says.
const MAX_POLL_INTERVAL: i64 = 300_000;
const SESSION_TIMEOUT: i64 = 45_000;
const TRANSACTION_TIMEOUT: i64 = 60_000;

fn number(properties: &Properties, name: &str) -> Option<i64> {
    properties.get(name)?.parse().ok()
}

/// Adapts `set`, which is for librdkafka, to what was `given` under Kafka's names.
pub(super) fn adapted(
    given: &Properties,
    set: &mut Properties,
    role: Role,
    remarks: &mut Vec<Said>,
) -> Result<(), PropertyError> {
    reconnecting(given, set);
    match role {
        Role::Admin => Ok(()),
        Role::Consumer => consumer(given, set),
        Role::Producer => producer(given, set, remarks),
    }
}

/// In Java the first pause is every pause where only that is given, and is never longer than the longest.
fn reconnecting(given: &Properties, set: &mut Properties) {
    let (first, longest) = ("reconnect.backoff.ms", "reconnect.backoff.max.ms");
    let Some(pause) = number(given, first) else { return };
    match number(given, longest) {
        Some(most) => set.insert(first.to_owned(), pause.min(most).to_string()),
        None => set.insert(longest.to_owned(), pause.to_string()),
    };
}

fn consumer(given: &Properties, set: &mut Properties) -> Result<(), PropertyError> {
    if let Some(bytes) = number(given, "fetch.max.bytes").filter(|bytes| *bytes < RECORD) {
        if bytes < LEAST_RECORD {
            return Err(PropertyError::value("fetch.max.bytes", fetch_too_small(bytes, LEAST_RECORD)));
        }
        // Of a consumer it limits nothing else.
        set.entry("message.max.bytes".to_owned()).or_insert(bytes.to_string());
    }
    let is_classic =
        set.get("group.protocol").is_none_or(|protocol| protocol.eq_ignore_ascii_case("classic"));
    let poll = number(set, "max.poll.interval.ms").unwrap_or(MAX_POLL_INTERVAL);
    let session = number(set, "session.timeout.ms").unwrap_or(SESSION_TIMEOUT);
    if is_classic && poll < session {
        let name =
            ["max.poll.interval.ms", "session.timeout.ms"].into_iter().find(|name| given.contains_key(*name));
        return Err(PropertyError::value(name.unwrap_or_default(), poll_too_short(poll, session)));
    }
    Ok(())
}

fn producer(given: &Properties, set: &mut Properties, remarks: &mut Vec<Said>) -> Result<(), PropertyError> {
    let delivery = number(set, "delivery.timeout.ms").filter(|ms| *ms != 0);
    let linger = set.get("linger.ms").and_then(|ms| ms.parse::<f64>().ok()).unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of at most 32 bits")]
    if let Some(delivery) = delivery.filter(|ms| (*ms as f64) <= linger) {
        return Err(PropertyError::value("delivery.timeout.ms", delivery_not_above(delivery, linger)));
    }
    if !given.contains_key("transactional.id") {
        return Ok(());
    }
    let longest = number(set, "transaction.timeout.ms").unwrap_or(TRANSACTION_TIMEOUT);
    if let Some(delivery) = delivery.filter(|ms| *ms > longest) {
        if given.contains_key("delivery.timeout.ms") {
            let why = delivery_above_transaction(delivery, longest);
            return Err(PropertyError::value("delivery.timeout.ms", why));
        }
        // Java's defaults are 120 s and 60 s.
        set.insert("delivery.timeout.ms".to_owned(), longest.to_string());
        remarks.push(delivery_timeout_cut(longest));
    }
    match number(given, "socket.timeout.ms").filter(|ms| *ms > longest + 100) {
        Some(socket) => {
            Err(PropertyError::value("socket.timeout.ms", socket_above_transaction(socket, longest)))
        }
        None => Ok(()),
    }
}

messages! {
    area "kafka-adapted";
    delivery_above_transaction(delivery, transaction) => "{delivery} is longer than `transaction.timeout.ms` ({transaction}), which librdkafka refuses; lower it" / "{delivery} dépasse `transaction.timeout.ms` ({transaction}), ce que librdkafka refuse ; le réduire";
    delivery_not_above(delivery, linger) => "{delivery} is not longer than `linger.ms` ({linger}), which librdkafka refuses" / "{delivery} ne dépasse pas `linger.ms` ({linger}), ce que librdkafka refuse";
    fetch_too_small(bytes, least) => "{bytes} is below {least}, the least that librdkafka takes" / "{bytes} est en dessous de {least}, le minimum de librdkafka";
    poll_too_short(poll, session) => "`max.poll.interval.ms` is {poll} and `session.timeout.ms` {session}; librdkafka refuses a poll interval shorter than the session" / "`max.poll.interval.ms` vaut {poll} et `session.timeout.ms` {session} ; librdkafka refuse un intervalle plus court que la session";
    socket_above_transaction(socket, transaction) => "{socket} is longer than `transaction.timeout.ms` ({transaction}) and 100 ms, which librdkafka refuses; lower it" / "{socket} dépasse `transaction.timeout.ms` ({transaction}) de plus de 100 ms, ce que librdkafka refuse ; le réduire";
}

messages! {
    area "produce";
    delivery_timeout_cut(ms) => "`delivery.timeout.ms` is {ms}: in librdkafka it cannot be longer than `transaction.timeout.ms`" / "`delivery.timeout.ms` vaut {ms} : dans librdkafka, il ne peut pas dépasser `transaction.timeout.ms`";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(text: &str) -> Properties {
        let pairs = text.split(' ').filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn of(role: Role, text: &str) -> Result<Properties, PropertyError> {
        let mut set = map(text);
        adapted(&map(text), &mut set, role, &mut Vec::new())?;
        // What librdkafka says when a client is made.
        let config: rdkafka::ClientConfig = set.clone().into_iter().collect();
        let made = match role {
            Role::Producer => config.create::<rdkafka::producer::BaseProducer>().map(drop),
            Role::Admin | Role::Consumer => config.create::<rdkafka::consumer::BaseConsumer>().map(drop),
        };
        made.unwrap_or_else(|error| panic!("{text}: {error}"));
        Ok(set)
    }

    #[test]
    fn what_java_takes_is_what_it_means_or_refused_by_name() {
        for (role, text, name, value) in [
            (Role::Admin, "reconnect.backoff.ms=20000", "reconnect.backoff.max.ms", "20000"),
            (
                Role::Producer,
                "reconnect.backoff.ms=500 reconnect.backoff.max.ms=200",
                "reconnect.backoff.ms",
                "200",
            ),
            (Role::Consumer, "group.id=g fetch.max.bytes=50000", "message.max.bytes", "50000"),
            (
                Role::Producer,
                "transactional.id=t transaction.timeout.ms=9000",
                "transaction.timeout.ms",
                "9000",
            ),
        ] {
            assert_eq!(of(role, text).unwrap()[name], value, "{text}");
        }
        for (role, text, name) in [
            (Role::Consumer, "fetch.max.bytes=999", "fetch.max.bytes"),
            (Role::Consumer, "max.poll.interval.ms=44999", "max.poll.interval.ms"),
            (Role::Consumer, "session.timeout.ms=300001", "session.timeout.ms"),
            (Role::Producer, "delivery.timeout.ms=10 linger.ms=10", "delivery.timeout.ms"),
            (Role::Producer, "transactional.id=t delivery.timeout.ms=60001", "delivery.timeout.ms"),
            (
                Role::Producer,
                "transactional.id=t transaction.timeout.ms=9000 socket.timeout.ms=9101",
                "socket.timeout.ms",
            ),
        ] {
            assert_eq!(of(role, text).expect_err(text).property(), name, "{text}");
        }
    }
}
