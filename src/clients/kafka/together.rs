//! [`refused`]: properties that Kafka's own clients refuse together when they start, each of them being valid alone.
//!
//! Sources: `ProducerConfig`, `KafkaProducer`, `ConsumerConfig`, `Heartbeat`, `ConsumerPartitionAssignor`, and
//! `DefaultSslEngineFactory` of Kafka 3.7 to 4.1; where the versions differ, either is enough.

use super::{
    config_def,
    property_error::PropertyError,
    role::{Defaults, Role},
};
use crate::record::{Said, messages};
use std::collections::{BTreeMap, BTreeSet};

type Given = BTreeMap<String, String>;

/// The most requests in flight that an idempotent producer may have.
const MOST_IN_FLIGHT: i64 = 5;

/// What Java's clients have where nothing is given, in milliseconds.
pub(super) const REQUEST_TIMEOUT: f64 = 30_000.0;
const HEARTBEAT: f64 = 3000.0;
const SESSION: f64 = 45_000.0;

fn text<'g>(given: &'g Given, name: &str) -> Option<&'g str> {
    given.get(name).map(|value| config_def::trimmed(value))
}

fn number(given: &Given, name: &str) -> Option<f64> {
    text(given, name)?.parse().ok()
}

fn is(given: &Given, name: &str, word: &str) -> bool {
    text(given, name).is_some_and(|value| value.eq_ignore_ascii_case(word))
}

/// Refuses what a client of Kafka in that role refuses. Values that are not valid alone are passed over.
pub(super) fn refused(given: &Given, role: Role, defaults: Defaults) -> Result<(), PropertyError> {
    match role {
        Role::Admin => Ok(()),
        Role::Consumer => consumer(given, defaults),
        Role::Producer => producer(given, defaults),
    }
}

/// What rules idempotence out, as `name=value`.
pub(super) fn no_idempotence(given: &Given) -> Option<String> {
    match text(given, "acks") {
        Some(acks) if !["all", "-1"].contains(&acks) => Some(format!("`acks={acks}`")),
        _ if number(given, "retries") == Some(0.0) => Some("`retries=0`".to_owned()),
        _ => text(given, "max.in.flight.requests.per.connection")
            .and_then(|value| value.parse::<i64>().ok())
            .filter(|number| *number > MOST_IN_FLIGHT)
            .map(|number| format!("`max.in.flight.requests.per.connection={number}`")),
    }
}

fn producer(given: &Given, defaults: Defaults) -> Result<(), PropertyError> {
    let conflict = no_idempotence(given);
    if let (Some(conflict), true) = (&conflict, is(given, "enable.idempotence", "true")) {
        return Err(together("enable.idempotence", idempotence_conflict(conflict)));
    }
    if given.contains_key("transactional.id") {
        let off = is(given, "enable.idempotence", "false").then(|| "`enable.idempotence=false`".to_owned());
        if let Some(setting) = off.or(conflict) {
            return Err(together("transactional.id", transactions_need_idempotence(setting)));
        }
        if is(given, "transaction.two.phase.commit.enable", "true")
            && given.contains_key("transaction.timeout.ms")
        {
            return Err(together("transaction.timeout.ms", no_limit_of_two_phases()));
        }
    }
    if defaults == Defaults::Java
        && let Some(delivery) = number(given, "delivery.timeout.ms")
    {
        let linger = number(given, "linger.ms").unwrap_or_default();
        let request = number(given, "request.timeout.ms").unwrap_or(REQUEST_TIMEOUT);
        // Java counts no further.
        let least = (linger + request).min(f64::from(i32::MAX));
        if delivery < least {
            return Err(together("delivery.timeout.ms", delivery_too_short(delivery, linger, request)));
        }
    }
    Ok(())
}

fn consumer(given: &Given, defaults: Defaults) -> Result<(), PropertyError> {
    if is(given, "group.protocol", "consumer") {
        let names = ["heartbeat.interval.ms", "partition.assignment.strategy", "session.timeout.ms"];
        if let Some(name) = names.into_iter().find(|name| given.contains_key(*name)) {
            return Err(together(name, brokers_decide()));
        }
        return Ok(());
    }
    let assignor = text(given, "group.remote.assignor").filter(|name| !name.is_empty());
    if assignor.is_some() && defaults == Defaults::Java {
        return Err(together("group.remote.assignor", no_remote_assignor()));
    }
    let is_given = |name: &str| given.contains_key(name);
    if defaults == Defaults::Java && (is_given("heartbeat.interval.ms") || is_given("session.timeout.ms")) {
        let heartbeat = number(given, "heartbeat.interval.ms").unwrap_or(HEARTBEAT);
        let session = number(given, "session.timeout.ms").unwrap_or(SESSION);
        if heartbeat >= session {
            let name =
                ["heartbeat.interval.ms", "session.timeout.ms"].into_iter().find(|name| is_given(name));
            return Err(together(name.unwrap_or_default(), heartbeat_too_slow(heartbeat, session)));
        }
    }
    assignors(given)
}

/// A consumer that subscribes needs an assignor, and each of them once.
fn assignors(given: &Given) -> Result<(), PropertyError> {
    let name = "partition.assignment.strategy";
    let Some(value) = text(given, name) else { return Ok(()) };
    if value.is_empty() {
        return Err(together(name, assignor_missing()));
    }
    let mut seen = BTreeSet::new();
    match value.split(',').map(config_def::trimmed).find(|class| !seen.insert(*class)) {
        Some(class) => Err(together(name, assignor_twice(class))),
        None => Ok(()),
    }
}

/// Refuses stores that Kafka does not open together, in a client's file.
pub(super) fn stores(given: &Given) -> Result<(), PropertyError> {
    let protocol = text(given, "security.protocol").unwrap_or_default().to_ascii_uppercase();
    if !protocol.ends_with("SSL") {
        return Ok(());
    }
    for (what, inline) in [("keystore", "ssl.keystore.key"), ("truststore", "ssl.truststore.certificates")] {
        let [location, password, kind] =
            ["location", "password", "type"].map(|end| format!("ssl.{what}.{end}"));
        let has = |name: &str| given.contains_key(name);
        if has(&location) && has(inline) {
            return Err(together(inline, store_and_text(&location)));
        }
        // What is no PEM at all is told as that.
        let is_pem = text(given, inline).is_some_and(|value| value.contains("-----BEGIN"));
        if is_pem && text(given, &kind) != Some("PEM") {
            return Err(together(inline, text_needs_type(&kind)));
        }
        if has(&password) && (has(inline) || text(given, &kind) == Some("PEM")) {
            return Err(together(&password, pem_has_no_password()));
        }
        if has(&password) && !has(&location) {
            return Err(together(&password, password_of_nothing(&location)));
        }
    }
    let (chain, key) = ("ssl.keystore.certificate.chain", "ssl.keystore.key");
    match given.contains_key(chain) && !given.contains_key(key) {
        true => Err(together(chain, chain_without_key(key))),
        false => Ok(()),
    }
}

fn together(property: &str, why: Said) -> PropertyError {
    PropertyError::Malformed { property: property.to_owned(), why }
}

messages! {
    area "kafka-settings";
    assignor_missing() => "the value is empty; a consumer that subscribes needs an assignor" / "elle est vide ; un consommateur qui s'abonne a besoin d'une assignation";
    assignor_twice(class) => "duplicate assignor `{class}`; Kafka accepts each one once" / "`{class}` figure deux fois, et Kafka prend chaque assignation une fois";
    brokers_decide() => "Kafka refuses it with `group.protocol=consumer`: the brokers decide it; leave one of the two out" / "Kafka la refuse avec `group.protocol=consumer` : ce sont les brokers qui en décident ; retirer l'une des deux";
    chain_without_key(key) => "the private key is missing; Kafka takes the chain with `{key}` only" / "il manque la clé privée ; Kafka ne prend la chaîne qu'avec `{key}`";
    delivery_too_short(delivery, linger, request) => "{delivery} is less than `linger.ms` ({linger}) and `request.timeout.ms` ({request}) together, which Kafka refuses; raise it, or lower `request.timeout.ms`" / "{delivery} est inférieur à la somme de `linger.ms` ({linger}) et de `request.timeout.ms` ({request}), ce que Kafka refuse ; l'augmenter, ou réduire `request.timeout.ms`";
    heartbeat_too_slow(heartbeat, session) => "`heartbeat.interval.ms` is {heartbeat} and `session.timeout.ms` {session}; Kafka refuses a heartbeat that is not shorter than the session" / "`heartbeat.interval.ms` vaut {heartbeat} et `session.timeout.ms` {session} ; Kafka refuse un battement qui n'est pas plus court que la session";
    idempotence_conflict(setting) => "it is not possible with {setting}: it needs `acks=all`, retries and at most 5 requests in flight" / "elle est impossible avec {setting} : il lui faut `acks=all`, des `retries` et au plus 5 requêtes en cours";
    no_limit_of_two_phases() => "Kafka refuses it with `transaction.two.phase.commit.enable=true`" / "Kafka la refuse avec `transaction.two.phase.commit.enable=true`";
    no_remote_assignor() => "Kafka refuses it without `group.protocol=consumer`" / "Kafka la refuse sans `group.protocol=consumer`";
    password_of_nothing(location) => "`{location}` is missing, and Kafka refuses a password without a store" / "il manque `{location}`, et Kafka refuse un mot de passe sans magasin";
    pem_has_no_password() => "Kafka refuses it for a store in PEM; leave it out (the password of an encrypted key is `ssl.key.password`)" / "Kafka le refuse pour un magasin en PEM ; le retirer (le mot de passe d'une clé chiffrée est `ssl.key.password`)";
    store_and_text(location) => "`{location}` is given too, and Kafka takes one of the two" / "`{location}` est donnée aussi, et Kafka ne prend que l'une des deux";
    text_needs_type(kind) => "`{kind}=PEM` is missing, and Kafka refuses the text of a store of another type (its default is JKS)" / "il manque `{kind}=PEM`, et Kafka refuse le texte d'un magasin d'un autre type (JKS par défaut)";
    transactions_need_idempotence(setting) => "transactions need idempotence, which {setting} rules out" / "les transactions demandent l'idempotence, que {setting} exclut";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(text: &str) -> Given {
        let pairs = text.split(' ').filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn what_kafka_refuses_together_is_refused_with_its_reason() {
        for (role, text, property, told) in [
            (Role::Producer, "enable.idempotence=true acks=1", "enable.idempotence", "`acks=1`"),
            (Role::Producer, "enable.idempotence=TRUE acks=0", "enable.idempotence", "`acks=0`"),
            (Role::Producer, "enable.idempotence=true retries=0", "enable.idempotence", "`retries=0`"),
            (
                Role::Producer,
                "enable.idempotence=true max.in.flight.requests.per.connection=6",
                "enable.idempotence",
                "connection=6`",
            ),
            (Role::Producer, "transactional.id=t enable.idempotence=false", "transactional.id", "=false`"),
            (Role::Producer, "transactional.id=t acks=1", "transactional.id", "`acks=1`"),
            (Role::Producer, "transactional.id=t retries=0", "transactional.id", "`retries=0`"),
            (
                Role::Producer,
                "transactional.id=t transaction.two.phase.commit.enable=true transaction.timeout.ms=1",
                "transaction.timeout.ms",
                "two.phase",
            ),
            (
                Role::Producer,
                "delivery.timeout.ms=29999",
                "delivery.timeout.ms",
                "`request.timeout.ms` (30000)",
            ),
            (
                Role::Producer,
                "delivery.timeout.ms=1000 request.timeout.ms=900 linger.ms=101",
                "delivery.timeout.ms",
                "`linger.ms` (101)",
            ),
            (
                Role::Consumer,
                "heartbeat.interval.ms=45000",
                "heartbeat.interval.ms",
                "`session.timeout.ms` 45000",
            ),
            (Role::Consumer, "session.timeout.ms=3000", "session.timeout.ms", "is 3000"),
            (
                Role::Consumer,
                "session.timeout.ms=9000 heartbeat.interval.ms=9000",
                "heartbeat.interval.ms",
                "9000",
            ),
            (Role::Consumer, "partition.assignment.strategy=", "partition.assignment.strategy", "empty"),
            (Role::Consumer, "partition.assignment.strategy=a,b,a", "partition.assignment.strategy", "`a`"),
            (
                Role::Consumer,
                "group.protocol=CONSUMER session.timeout.ms=9000",
                "session.timeout.ms",
                "group.protocol=consumer",
            ),
            (
                Role::Consumer,
                "group.remote.assignor=uniform",
                "group.remote.assignor",
                "group.protocol=consumer",
            ),
        ] {
            let error = refused(&given(text), role, Defaults::Java).expect_err(text);
            assert!(error.property() == property && error.to_string().contains(told), "{text}: {error}");
        }
        for (role, text) in [
            (Role::Producer, "acks=1"),
            (Role::Producer, "acks=1 enable.idempotence=false"),
            (Role::Producer, "enable.idempotence=true acks=-1 retries=1"),
            (Role::Producer, "enable.idempotence=true max.in.flight.requests.per.connection=5"),
            (Role::Producer, "transactional.id=t"),
            (Role::Producer, "request.timeout.ms=200000 linger.ms=5"),
            (Role::Producer, "delivery.timeout.ms=30000"),
            (Role::Producer, "delivery.timeout.ms=2147483647 request.timeout.ms=2147483647 linger.ms=5"),
            (Role::Consumer, "enable.idempotence=true acks=1"),
            (Role::Consumer, "session.timeout.ms=3001"),
            (Role::Consumer, "group.protocol=consumer group.remote.assignor=uniform"),
            (Role::Admin, "session.timeout.ms=1"),
        ] {
            assert!(refused(&given(text), role, Defaults::Java).is_ok(), "{text}");
        }
    }

    #[test]
    fn stores_that_kafka_does_not_open_together_are_refused() {
        for (text, property) in [
            ("ssl.keystore.location=a ssl.keystore.key=k", "ssl.keystore.key"),
            ("ssl.truststore.location=a ssl.truststore.certificates=c", "ssl.truststore.certificates"),
            ("ssl.keystore.certificate.chain=c", "ssl.keystore.certificate.chain"),
            ("ssl.truststore.certificates=-----BEGIN", "ssl.truststore.certificates"),
            ("ssl.truststore.certificates=-----BEGIN ssl.truststore.type=JKS", "ssl.truststore.certificates"),
            ("ssl.keystore.key=-----BEGIN ssl.truststore.type=PEM", "ssl.keystore.key"),
            ("ssl.truststore.password=p", "ssl.truststore.password"),
            ("ssl.keystore.password=p", "ssl.keystore.password"),
            (
                "ssl.truststore.location=a ssl.truststore.type=PEM ssl.truststore.password=p",
                "ssl.truststore.password",
            ),
        ] {
            for protocol in ["SSL", "sasl_ssl"] {
                let error = stores(&given(&format!("security.protocol={protocol} {text}"))).expect_err(text);
                assert_eq!(error.property(), property, "{text}");
            }
            // Kafka does not look at them.
            assert!(stores(&given(text)).is_ok(), "{text}");
        }
        let whole =
            "security.protocol=SSL ssl.keystore.location=a ssl.keystore.password=p ssl.truststore.location=b";
        assert!(stores(&given(whole)).is_ok());
    }
}
