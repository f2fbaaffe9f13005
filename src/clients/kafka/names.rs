//! The table of Kafka's client properties: what each one is in librdkafka, or why it is nothing there.
//!
//! Sources: what `ProducerConfig`, `ConsumerConfig` and `AdminClientConfig` of Kafka 3.7 and 4.1 document, and librdkafka
//! 2.12.1's `CONFIGURATION.md`.

/// Which clients a property belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    All,
    Consumer,
    Producer,
}

/// What becomes of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// Has no counterpart, and its absence changes nothing that a test measures. The text says why.
    Drop(&'static str),
    /// Read by `login`, together with others.
    Login,
    /// Has no counterpart, and leaving it out would change what is tested. The text says why.
    Refuse(&'static str),
    /// The same thing under another name.
    Rename(&'static str),
    /// The same name and meaning.
    Same,
    /// The same thing, with another form of value; `settings::translate` knows which.
    Value(&'static str),
}

/// One property.
#[derive(Debug)]
pub(super) struct Property {
    pub(super) name: &'static str,
    pub(super) scope: Scope,
    pub(super) rule: Rule,
}

/// The property of that name.
pub(super) fn property(name: &str) -> Option<&'static Property> {
    PROPERTIES.iter().find(|p| p.name == name)
}

const fn p(name: &'static str, scope: Scope, rule: Rule) -> Property {
    Property { name, scope, rule }
}

use Rule::{Drop, Login, Refuse, Rename, Same, Value};
use Scope::{All, Consumer, Producer};

const JAVA_OBJECT: &str = "it names Java code, which has no place in this client";
const JAVA_METRICS: &str = "it concerns the Java client's own metrics";
const OPENSSL: &str = "OpenSSL negotiates it";
const NO_KERBEROS: &str = "this program is built without Kerberos";
const NO_OAUTH: &str = "OAUTHBEARER is not supported yet";
const OAUTH_ALONE: &str = "only a log-in by OAUTHBEARER looks at it";

/// Every property that is known, by scope and then by name. Names of librdkafka's own are at the end of each scope.
pub(super) const PROPERTIES: &[Property] = &[
    p("auto.include.jmx.reporter", All, Drop(JAVA_METRICS)),
    p(
        "bootstrap.controllers",
        All,
        Refuse(
            "it is the environment's, and this client asks brokers: see `bootstrap_servers` of the cluster",
        ),
    ),
    p(
        "bootstrap.servers",
        All,
        Refuse("it is the environment's: change `bootstrap_servers` of the cluster instead"),
    ),
    p("client.dns.lookup", All, Same),
    p("client.id", All, Same),
    p("client.rack", All, Same),
    p("connections.max.idle.ms", All, Same),
    p("enable.metrics.push", All, Same),
    p("interceptor.classes", All, Refuse(JAVA_OBJECT)),
    p("metadata.max.age.ms", All, Rename("topic.metadata.refresh.interval.ms")),
    p("metadata.recovery.rebootstrap.trigger.ms", All, Same),
    p("metadata.recovery.strategy", All, Same),
    p("metric.reporters", All, Drop(JAVA_METRICS)),
    p("metrics.num.samples", All, Drop(JAVA_METRICS)),
    p("metrics.recording.level", All, Drop(JAVA_METRICS)),
    p("metrics.sample.window.ms", All, Drop(JAVA_METRICS)),
    p("receive.buffer.bytes", All, Value("socket.receive.buffer.bytes")),
    p("reconnect.backoff.max.ms", All, Same),
    p("reconnect.backoff.ms", All, Same),
    p("request.timeout.ms", All, Value("request.timeout.ms")),
    p("retry.backoff.max.ms", All, Same),
    p("retry.backoff.ms", All, Same),
    p("sasl.client.callback.handler.class", All, Refuse(JAVA_OBJECT)),
    p("sasl.jaas.config", All, Login),
    p("sasl.kerberos.kinit.cmd", All, Refuse(NO_KERBEROS)),
    p("sasl.kerberos.min.time.before.relogin", All, Refuse(NO_KERBEROS)),
    p("sasl.kerberos.service.name", All, Refuse(NO_KERBEROS)),
    p("sasl.kerberos.ticket.renew.jitter", All, Refuse(NO_KERBEROS)),
    p("sasl.kerberos.ticket.renew.window.factor", All, Refuse(NO_KERBEROS)),
    p("sasl.login.callback.handler.class", All, Refuse(JAVA_OBJECT)),
    p("sasl.login.class", All, Refuse(JAVA_OBJECT)),
    p("sasl.login.connect.timeout.ms", All, Drop(OAUTH_ALONE)),
    p("sasl.login.read.timeout.ms", All, Drop(OAUTH_ALONE)),
    p("sasl.login.refresh.buffer.seconds", All, Drop(OAUTH_ALONE)),
    p("sasl.login.refresh.min.period.seconds", All, Drop(OAUTH_ALONE)),
    p("sasl.login.refresh.window.factor", All, Drop(OAUTH_ALONE)),
    p("sasl.login.refresh.window.jitter", All, Drop(OAUTH_ALONE)),
    p("sasl.login.retry.backoff.max.ms", All, Drop(OAUTH_ALONE)),
    p("sasl.login.retry.backoff.ms", All, Drop(OAUTH_ALONE)),
    p("sasl.mechanism", All, Login),
    p("sasl.oauthbearer.assertion.algorithm", All, Refuse(NO_OAUTH)),
    p("sasl.oauthbearer.assertion.claim.aud", All, Refuse(NO_OAUTH)),
    p("sasl.oauthbearer.assertion.claim.exp.seconds", All, Refuse(NO_OAUTH)),
    p("sasl.oauthbearer.assertion.claim.iss", All, Refuse(NO_OAUTH)),
    p("sasl.oauthbearer.assertion.claim.jti.include", All, Refuse(NO_OAUTH)),
    p("sasl.oauthbearer.assertion.claim.nbf.seconds", All, Refuse(NO_OAUTH)),
    p("sasl.oauthbearer.assertion.claim.sub", All, Refuse(NO_OAUTH)),
    p("sasl.oauthbearer.assertion.file", All, Refuse(NO_OAUTH)),
    p("sasl.oauthbearer.assertion.private.key.file", All, Refuse(NO_OAUTH)),
    p("sasl.oauthbearer.assertion.private.key.passphrase", All, Refuse(NO_OAUTH)),
    p("sasl.oauthbearer.assertion.template.file", All, Refuse(NO_OAUTH)),
    p("sasl.oauthbearer.client.credentials.client.id", All, Refuse(NO_OAUTH)),
    p("sasl.oauthbearer.client.credentials.client.secret", All, Refuse(NO_OAUTH)),
    p("sasl.oauthbearer.clock.skew.seconds", All, Refuse(NO_OAUTH)),
    p("sasl.oauthbearer.expected.audience", All, Refuse(NO_OAUTH)),
    p("sasl.oauthbearer.expected.issuer", All, Refuse(NO_OAUTH)),
    p("sasl.oauthbearer.header.urlencode", All, Refuse(NO_OAUTH)),
    p("sasl.oauthbearer.jwks.endpoint.refresh.ms", All, Refuse(NO_OAUTH)),
    p("sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms", All, Refuse(NO_OAUTH)),
    p("sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", All, Refuse(NO_OAUTH)),
    p("sasl.oauthbearer.jwks.endpoint.url", All, Refuse(NO_OAUTH)),
    p("sasl.oauthbearer.jwt.retriever.class", All, Refuse(NO_OAUTH)),
    p("sasl.oauthbearer.jwt.validator.class", All, Refuse(NO_OAUTH)),
    p("sasl.oauthbearer.scope", All, Refuse(NO_OAUTH)),
    p("sasl.oauthbearer.scope.claim.name", All, Refuse(NO_OAUTH)),
    p("sasl.oauthbearer.sub.claim.name", All, Refuse(NO_OAUTH)),
    p("sasl.oauthbearer.token.endpoint.url", All, Refuse(NO_OAUTH)),
    p("security.protocol", All, Login),
    p("security.providers", All, Refuse(JAVA_OBJECT)),
    p("send.buffer.bytes", All, Value("socket.send.buffer.bytes")),
    p("socket.connection.setup.timeout.max.ms", All, Drop("the first attempt's time is every attempt's")),
    p("socket.connection.setup.timeout.ms", All, Same),
    p(
        "ssl.cipher.suites",
        All,
        Refuse("Java and OpenSSL name cipher suites differently; leave it to the broker"),
    ),
    p("ssl.enabled.protocols", All, Drop(OPENSSL)),
    p("ssl.endpoint.identification.algorithm", All, Value("ssl.endpoint.identification.algorithm")),
    p("ssl.engine.factory.class", All, Refuse(JAVA_OBJECT)),
    p("ssl.key.password", All, Same),
    p("ssl.keymanager.algorithm", All, Drop(OPENSSL)),
    p("ssl.keystore.certificate.chain", All, Rename("ssl.certificate.pem")),
    p("ssl.keystore.key", All, Rename("ssl.key.pem")),
    p("ssl.keystore.location", All, Login),
    p("ssl.keystore.password", All, Login),
    p("ssl.keystore.type", All, Login),
    p("ssl.protocol", All, Drop(OPENSSL)),
    p("ssl.provider", All, Drop(OPENSSL)),
    p("ssl.secure.random.implementation", All, Drop(OPENSSL)),
    p("ssl.trustmanager.algorithm", All, Drop(OPENSSL)),
    p("ssl.truststore.certificates", All, Rename("ssl.ca.pem")),
    p("ssl.truststore.location", All, Login),
    p("ssl.truststore.password", All, Login),
    p("ssl.truststore.type", All, Login),
    p("sasl.password", All, Same),
    p("sasl.username", All, Same),
    p("socket.timeout.ms", All, Same),
    p("ssl.ca.location", All, Same),
    p("ssl.ca.pem", All, Same),
    p("ssl.certificate.location", All, Same),
    p("ssl.certificate.pem", All, Same),
    p("ssl.key.location", All, Same),
    p("ssl.key.pem", All, Same),
    p("statistics.interval.ms", All, Same),
    p("allow.auto.create.topics", Consumer, Same),
    p("auto.commit.interval.ms", Consumer, Same),
    p("auto.offset.reset", Consumer, Value("auto.offset.reset")),
    p("check.crcs", Consumer, Same),
    p("default.api.timeout.ms", Consumer, Drop("each call has a limit of its own here")),
    p("enable.auto.commit", Consumer, Same),
    p("exclude.internal.topics", Consumer, Drop("topics are named one by one here")),
    p("fetch.max.bytes", Consumer, Same),
    p("fetch.max.wait.ms", Consumer, Rename("fetch.wait.max.ms")),
    p("fetch.min.bytes", Consumer, Same),
    p("fetch.queue.backoff.ms", Consumer, Same),
    p("group.id", Consumer, Same),
    p("group.instance.id", Consumer, Same),
    p("group.protocol", Consumer, Same),
    p("group.remote.assignor", Consumer, Same),
    p("heartbeat.interval.ms", Consumer, Same),
    p("isolation.level", Consumer, Same),
    p("key.deserializer", Consumer, Drop("keys are read as bytes")),
    p("max.partition.fetch.bytes", Consumer, Same),
    p("max.poll.interval.ms", Consumer, Same),
    p("max.poll.records", Consumer, Drop("records are taken as they come, up to 1000 at a time")),
    p("partition.assignment.strategy", Consumer, Value("partition.assignment.strategy")),
    p("session.timeout.ms", Consumer, Same),
    p("share.acknowledgement.mode", Consumer, Refuse("it is of share groups, and a group here is none")),
    p("value.deserializer", Consumer, Drop("values are read as bytes")),
    p("queued.max.messages.kbytes", Consumer, Same),
    p("queued.min.messages", Consumer, Same),
    p("acks", Producer, Same),
    p("batch.size", Producer, Same),
    p("buffer.memory", Producer, Value("queue.buffering.max.kbytes")),
    p("compression.gzip.level", Producer, Rename("compression.level")),
    p("compression.lz4.level", Producer, Rename("compression.level")),
    p("compression.type", Producer, Same),
    p("compression.zstd.level", Producer, Rename("compression.level")),
    p("delivery.timeout.ms", Producer, Same),
    p("enable.idempotence", Producer, Same),
    p("key.serializer", Producer, Drop("keys are sent as bytes")),
    p("linger.ms", Producer, Same),
    p(
        "max.block.ms",
        Producer,
        Drop("a full buffer never blocks here: the load generator waits and counts it"),
    ),
    p("max.in.flight.requests.per.connection", Producer, Same),
    p("max.request.size", Producer, Rename("message.max.bytes")),
    p("metadata.max.idle.ms", Producer, Drop("topics in use are never forgotten")),
    p(
        "partitioner.adaptive.partitioning.enable",
        Producer,
        Drop("librdkafka's sticky partitioning does not look at the brokers' queues"),
    ),
    p(
        "partitioner.availability.timeout.ms",
        Producer,
        Drop("librdkafka's sticky partitioning does not look at the brokers' queues"),
    ),
    p("partitioner.class", Producer, Value("partitioner")),
    p("partitioner.ignore.keys", Producer, Refuse("librdkafka has no such choice; send no keys instead")),
    p("retries", Producer, Same),
    p("transaction.timeout.ms", Producer, Same),
    p("transaction.two.phase.commit.enable", Producer, Refuse("librdkafka has no two-phase commit")),
    p("transactional.id", Producer, Same),
    p("value.serializer", Producer, Drop("values are sent as bytes")),
    p("batch.num.messages", Producer, Same),
    p("queue.buffering.max.messages", Producer, Same),
    p("sticky.partitioning.linger.ms", Producer, Same),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_property_is_listed_twice() {
        let mut names: Vec<_> = PROPERTIES.iter().map(|p| p.name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
