//! The table of Kafka's client properties: what each one is in librdkafka, or why it is nothing there.
//!
//! Sources: what `ProducerConfig`, `ConsumerConfig` and `AdminClientConfig` of Kafka 3.7 and 4.1 document, and librdkafka
//! 2.12.1's `CONFIGURATION.md`.

use super::property_error::{brokers, workers};
use crate::record::{Said, messages};

/// Which clients a property belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    All,
    Consumer,
    Producer,
}

/// What becomes of a property.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rule {
    /// Has no counterpart, and its absence changes nothing that a test measures. The text says why.
    Drop(fn() -> Said),
    /// Read by `login`, together with others.
    Login,
    /// Has no counterpart, and leaving it out would change what is tested. The text says why.
    Refuse(fn() -> Said),
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
    // What each provider is and gets stands below its own name.
    let name = if name.starts_with("config.providers.") { "config.providers" } else { name };
    PROPERTIES.iter().find(|p| p.name == name)
}

/// Whether clients of Kafka have a property of that name; config providers are not among them.
pub fn belongs_to_clients(name: &str) -> bool {
    name == "bootstrap.servers" || property(name).is_some_and(|found| found.name != "config.providers")
}

/// Whose it is, where a property that no client has is one of brokers or of Connect's workers: their files are at hand
/// where a client's is asked for.
pub(super) fn foreign(name: &str) -> Option<Said> {
    let among = |names: &[&str]| {
        names.iter().any(|known| name == *known || known.ends_with('.') && name.starts_with(known))
    };
    if among(BROKERS) {
        return Some(brokers());
    }
    among(WORKERS).then(workers)
}

/// Whether it is a broker's, or a worker's that no client's property stands behind.
pub(super) fn foreign_to_workers(name: &str) -> bool {
    let of_client =
        ["admin.", "consumer.", "kafka.", "producer."].iter().any(|prefix| name.starts_with(prefix));
    !of_client && foreign(name).is_some()
}

/// Properties of brokers and controllers; those that end with a dot begin many.
const BROKERS: &[&str] = &[
    "advertised.",
    "allow.everyone.if.no.acl.found",
    "alter.",
    "authorizer.",
    "auto.create.topics.enable",
    "auto.leader.rebalance.enable",
    "background.threads",
    "broker.",
    "client.quota.",
    "cluster.id",
    "confluent.",
    "connection.failed.authentication.delay.ms",
    "connections.max.reauth.ms",
    "control.",
    "controlled.",
    "controller.",
    "create.topic.policy.class.name",
    "default.replication.factor",
    "delegation.",
    "delete.",
    "early.start.listeners",
    "eligible.",
    "fetch.purgatory.purge.interval.requests",
    "follower.",
    "group.consumer.",
    "group.coordinator.",
    "group.initial.rebalance.delay.ms",
    "group.max.",
    "group.min.",
    "group.share.",
    "initial.broker.registration.timeout.ms",
    "inter.broker.",
    "kafka.",
    "leader.",
    "listener.",
    "listeners",
    "log.",
    "log4j.",
    "max.connection.creation.rate",
    "max.connections",
    "max.connections.",
    "max.incremental.fetch.session.cache.slots",
    "message.max.bytes",
    "metadata.log.",
    "metadata.max.idle.interval.ms",
    "metadata.max.retention.bytes",
    "metadata.max.retention.ms",
    "min.insync.replicas",
    "node.id",
    "num.",
    "offset.metadata.max.bytes",
    "offsets.",
    "password.encoder.",
    "principal.builder.class",
    "process.roles",
    "producer.id.",
    "producer.purgatory.purge.interval.requests",
    "queued.max.request.bytes",
    "queued.max.requests",
    "quota.",
    "remote.",
    "replica.",
    "replication.quota.",
    "reserved.broker.max.id",
    "sasl.enabled.mechanisms",
    "sasl.kerberos.principal.to.local.rules",
    "sasl.mechanism.controller.protocol",
    "sasl.mechanism.inter.broker.protocol",
    "sasl.server.",
    "security.inter.broker.protocol",
    "server.max.startup.time.ms",
    "socket.listen.backlog.size",
    "socket.receive.buffer.bytes",
    "socket.request.max.bytes",
    "socket.send.buffer.bytes",
    "ssl.allow.",
    "ssl.client.auth",
    "ssl.principal.mapping.rules",
    "super.users",
    "telemetry.",
    "transaction.abort.",
    "transaction.max.timeout.ms",
    "transaction.partition.",
    "transaction.remove.",
    "transaction.state.",
    "transactional.id.expiration.ms",
    "unclean.leader.election.enable",
    "unstable.",
    "zookeeper.",
];

/// Properties of Connect's workers, the clients' that they pass on included.
const WORKERS: &[&str] = &[
    "admin.",
    "config.storage.",
    "connect.",
    "connector.client.config.override.policy",
    "consumer.",
    "exactly.once.source.support",
    "header.converter",
    "header.converter.",
    "inter.worker.",
    "internal.key.converter",
    "internal.value.converter",
    "key.converter",
    "key.converter.",
    "offset.flush.",
    "offset.storage.",
    "plugin.",
    "producer.",
    "rest.",
    "scheduled.rebalance.max.delay.ms",
    "status.storage.",
    "task.shutdown.graceful.timeout.ms",
    "topic.creation.enable",
    "topic.tracking.",
    "value.converter",
    "value.converter.",
    "worker.",
];

const fn p(name: &'static str, scope: Scope, rule: Rule) -> Property {
    Property { name, scope, rule }
}

use Rule::{Drop, Login, Refuse, Rename, Same, Value};
use Scope::{All, Consumer, Producer};

/// Every property that is known, by scope and then by name. Names of librdkafka's own are at the end of each scope.
pub(super) const PROPERTIES: &[Property] = &[
    p("auto.include.jmx.reporter", All, Drop(java_metrics)),
    p("bootstrap.controllers", All, Refuse(controllers)),
    p("bootstrap.servers", All, Refuse(servers)),
    p("client.dns.lookup", All, Same),
    p("client.id", All, Same),
    p("client.rack", All, Same),
    p("config.providers", All, Drop(no_providers)),
    p("connections.max.idle.ms", All, Value("connections.max.idle.ms")),
    p("enable.metrics.push", All, Same),
    p("interceptor.classes", All, Refuse(java_object)),
    p("metadata.max.age.ms", All, Rename("topic.metadata.refresh.interval.ms")),
    p("metadata.recovery.rebootstrap.trigger.ms", All, Same),
    p("metadata.recovery.strategy", All, Same),
    p("metric.reporters", All, Drop(java_metrics)),
    p("metrics.num.samples", All, Drop(java_metrics)),
    p("metrics.recording.level", All, Drop(java_metrics)),
    p("metrics.sample.window.ms", All, Drop(java_metrics)),
    p("receive.buffer.bytes", All, Value("socket.receive.buffer.bytes")),
    p("reconnect.backoff.max.ms", All, Same),
    p("reconnect.backoff.ms", All, Same),
    p("request.timeout.ms", All, Value("request.timeout.ms")),
    p("retry.backoff.max.ms", All, Same),
    p("retry.backoff.ms", All, Same),
    p("sasl.client.callback.handler.class", All, Refuse(java_object)),
    p("sasl.jaas.config", All, Login),
    p("sasl.kerberos.kinit.cmd", All, Refuse(no_kerberos)),
    p("sasl.kerberos.min.time.before.relogin", All, Refuse(no_kerberos)),
    p("sasl.kerberos.service.name", All, Refuse(no_kerberos)),
    p("sasl.kerberos.ticket.renew.jitter", All, Refuse(no_kerberos)),
    p("sasl.kerberos.ticket.renew.window.factor", All, Refuse(no_kerberos)),
    p("sasl.login.callback.handler.class", All, Login),
    p("sasl.login.class", All, Refuse(java_object)),
    p("sasl.login.connect.timeout.ms", All, Drop(own_pace)),
    p("sasl.login.read.timeout.ms", All, Login),
    p("sasl.login.refresh.buffer.seconds", All, Drop(own_pace)),
    p("sasl.login.refresh.min.period.seconds", All, Drop(own_pace)),
    p("sasl.login.refresh.window.factor", All, Drop(own_pace)),
    p("sasl.login.refresh.window.jitter", All, Drop(own_pace)),
    p("sasl.login.retry.backoff.max.ms", All, Drop(own_pace)),
    p("sasl.login.retry.backoff.ms", All, Drop(own_pace)),
    p("sasl.mechanism", All, Login),
    p("sasl.oauthbearer.assertion.algorithm", All, Refuse(no_assertion)),
    p("sasl.oauthbearer.assertion.claim.aud", All, Refuse(no_assertion)),
    p("sasl.oauthbearer.assertion.claim.exp.seconds", All, Refuse(no_assertion)),
    p("sasl.oauthbearer.assertion.claim.iss", All, Refuse(no_assertion)),
    p("sasl.oauthbearer.assertion.claim.jti.include", All, Refuse(no_assertion)),
    p("sasl.oauthbearer.assertion.claim.nbf.seconds", All, Refuse(no_assertion)),
    p("sasl.oauthbearer.assertion.claim.sub", All, Refuse(no_assertion)),
    p("sasl.oauthbearer.assertion.file", All, Refuse(no_assertion)),
    p("sasl.oauthbearer.assertion.private.key.file", All, Refuse(no_assertion)),
    p("sasl.oauthbearer.assertion.private.key.passphrase", All, Refuse(no_assertion)),
    p("sasl.oauthbearer.assertion.template.file", All, Refuse(no_assertion)),
    p("sasl.oauthbearer.client.credentials.client.id", All, Login),
    p("sasl.oauthbearer.client.credentials.client.secret", All, Login),
    p("sasl.oauthbearer.clock.skew.seconds", All, Drop(brokers_check)),
    p("sasl.oauthbearer.expected.audience", All, Drop(brokers_check)),
    p("sasl.oauthbearer.expected.issuer", All, Drop(brokers_check)),
    p("sasl.oauthbearer.header.urlencode", All, Login),
    p("sasl.oauthbearer.jwks.endpoint.refresh.ms", All, Drop(brokers_check)),
    p("sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms", All, Drop(brokers_check)),
    p("sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", All, Drop(brokers_check)),
    p("sasl.oauthbearer.jwks.endpoint.url", All, Drop(brokers_check)),
    p("sasl.oauthbearer.jwt.retriever.class", All, Login),
    p("sasl.oauthbearer.jwt.validator.class", All, Drop(brokers_check)),
    p("sasl.oauthbearer.scope", All, Login),
    p("sasl.oauthbearer.scope.claim.name", All, Drop(brokers_check)),
    p("sasl.oauthbearer.sub.claim.name", All, Login),
    p("sasl.oauthbearer.token.endpoint.url", All, Login),
    p("security.protocol", All, Login),
    p("security.providers", All, Refuse(java_object)),
    p("send.buffer.bytes", All, Value("socket.send.buffer.bytes")),
    p("socket.connection.setup.timeout.max.ms", All, Drop(first_attempt)),
    p("socket.connection.setup.timeout.ms", All, Same),
    p("ssl.cipher.suites", All, Refuse(ciphers)),
    p("ssl.enabled.protocols", All, Drop(openssl)),
    p("ssl.endpoint.identification.algorithm", All, Value("ssl.endpoint.identification.algorithm")),
    p("ssl.engine.factory.class", All, Refuse(java_object)),
    p("ssl.key.password", All, Same),
    p("ssl.keymanager.algorithm", All, Drop(openssl)),
    p("ssl.keystore.certificate.chain", All, Rename("ssl.certificate.pem")),
    p("ssl.keystore.key", All, Rename("ssl.key.pem")),
    p("ssl.keystore.location", All, Login),
    p("ssl.keystore.password", All, Login),
    p("ssl.keystore.type", All, Login),
    p("ssl.protocol", All, Drop(openssl)),
    p("ssl.provider", All, Drop(openssl)),
    p("ssl.secure.random.implementation", All, Drop(openssl)),
    p("ssl.trustmanager.algorithm", All, Drop(openssl)),
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
    p("default.api.timeout.ms", Consumer, Drop(own_limits)),
    p("enable.auto.commit", Consumer, Same),
    p("exclude.internal.topics", Consumer, Drop(topics_named)),
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
    p("key.deserializer", Consumer, Drop(keys_read)),
    p("max.partition.fetch.bytes", Consumer, Same),
    p("max.poll.interval.ms", Consumer, Same),
    p("max.poll.records", Consumer, Drop(as_they_come)),
    p("partition.assignment.strategy", Consumer, Value("partition.assignment.strategy")),
    p("session.timeout.ms", Consumer, Same),
    p("share.acknowledgement.mode", Consumer, Refuse(share_groups)),
    p("value.deserializer", Consumer, Drop(values_read)),
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
    p("key.serializer", Producer, Drop(keys_sent)),
    p("linger.ms", Producer, Same),
    p("max.block.ms", Producer, Drop(never_blocks)),
    p("max.in.flight.requests.per.connection", Producer, Same),
    p("max.request.size", Producer, Rename("message.max.bytes")),
    p("metadata.max.idle.ms", Producer, Drop(never_forgotten)),
    p("partitioner.adaptive.partitioning.enable", Producer, Drop(sticky)),
    p("partitioner.availability.timeout.ms", Producer, Drop(sticky)),
    p("partitioner.class", Producer, Value("partitioner")),
    p("partitioner.ignore.keys", Producer, Refuse(keys_count)),
    p("retries", Producer, Same),
    p("transaction.timeout.ms", Producer, Same),
    p("transaction.two.phase.commit.enable", Producer, Refuse(two_phases)),
    p("transactional.id", Producer, Same),
    p("value.serializer", Producer, Drop(values_sent)),
    p("batch.num.messages", Producer, Same),
    p("queue.buffering.max.messages", Producer, Same),
    p("sticky.partitioning.linger.ms", Producer, Same),
];

messages! {
    area "kafka-names";
    as_they_come() => "records are taken as they come, up to 1000 at a time" / "les enregistrements sont pris comme ils viennent, jusqu'à 1000 à la fois";
    brokers_check() => "brokers check tokens, not clients" / "ce sont les brokers qui vérifient les jetons, pas les clients";
    ciphers() => "Java and OpenSSL name cipher suites differently; leave it to the broker" / "Java et OpenSSL ne nomment pas les algorithmes de la même façon ; laisser choisir le broker";
    controllers() => "it is the environment's, and this client asks brokers: see `bootstrap_servers` of the cluster" / "elle appartient à l'environnement, et ce client interroge les brokers : voir `bootstrap_servers` du cluster";
    first_attempt() => "the first attempt's time is every attempt's" / "la durée du premier essai est celle de tous";
    java_metrics() => "it concerns the Java client's own metrics" / "elle concerne les métriques du client Java";
    java_object() => "it names Java code, which this client cannot run" / "elle désigne du code Java, que ce client ne peut pas exécuter";
    keys_count() => "librdkafka has no such choice; send no keys instead" / "librdkafka n'a pas ce choix ; envoyer plutôt sans clé";
    keys_read() => "keys are read as bytes" / "les clés sont lues comme des octets";
    keys_sent() => "keys are sent as bytes" / "les clés sont envoyées comme des octets";
    never_blocks() => "a full buffer never blocks here: the load generator waits and counts it" / "un tampon plein ne bloque jamais ici : le générateur de charge attend et le compte";
    never_forgotten() => "topics in use are never forgotten" / "les topics utilisés ne sont jamais oubliés";
    no_assertion() => "tokens are fetched with the id and the secret of a client (client credentials), not with an assertion" / "les jetons sont demandés avec l'identifiant et le secret d'un client (« client credentials »), pas avec une assertion";
    no_kerberos() => "this program is built without Kerberos" / "ce programme est construit sans Kerberos";
    no_providers() => "config providers of the Java client are not supported; write `env:NAME` or `file:PATH` instead of each placeholder" / "les « config providers » de Java sont absents ici ; écrire `env:NOM` ou `file:CHEMIN` là où ils donnent une valeur";
    openssl() => "OpenSSL negotiates it" / "OpenSSL le négocie";
    own_limits() => "each call has a limit of its own here" / "chaque appel a ici sa propre limite";
    own_pace() => "only a log-in by OAUTHBEARER uses it, and this client fetches tokens at its own pace" / "seule une connexion par OAUTHBEARER en tient compte, et ce client demande ses jetons à son propre rythme";
    servers() => "it is the environment's: change `bootstrap_servers` of the cluster instead" / "elle appartient à l'environnement : changer plutôt `bootstrap_servers` du cluster";
    share_groups() => "it concerns share groups, which are not used here" / "elle concerne les groupes partagés (share groups), qui ne sont pas utilisés ici";
    sticky() => "librdkafka's sticky partitioning does not take the brokers' queues into account" / "le partitionnement « sticky » de librdkafka ne tient pas compte des files des brokers";
    topics_named() => "topics are named one by one here" / "les topics sont nommés ici un par un";
    two_phases() => "librdkafka has no two-phase commit" / "librdkafka n'a pas de validation en deux phases";
    values_read() => "values are read as bytes" / "les valeurs sont lues comme des octets";
    values_sent() => "values are sent as bytes" / "les valeurs sont envoyées comme des octets";
}

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
