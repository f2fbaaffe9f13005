//! [`client_config`]: a librdkafka configuration from Kafka's (Java) property names, with the Java client's defaults,
//! so that figures compare with those of a Java application.

pub use super::role::{Defaults, Role};
use super::{
    adapted,
    config_def::Type,
    login,
    names::{PROPERTIES, Property, Rule, Scope, foreign, property},
    oauth,
    property_error::{PropertyError, consumers, java_code, producers},
    reports, together, values,
};
use crate::{
    clients::{environment::Cluster, secret::SecretRef},
    record::{Said, messages},
    support::{redact, text},
};
use rdkafka::{ClientConfig, error::KafkaError};
use std::{collections::BTreeMap, fmt};

/// A client's configuration. `Debug` shows the names of the properties, no values.
#[derive(Clone)]
pub struct Settings {
    /// For librdkafka, secrets in clear.
    pub config: ClientConfig,
    /// What a reader of the figures must know: properties left out, and values that mean something else here.
    pub remarks: Vec<Said>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.config.config_map().into_keys().collect();
        f.debug_struct("Settings").field("properties", &names).field("remarks", &self.remarks).finish()
    }
}

/// The configuration of a client of `cluster`. `overrides` (from a step) win over the cluster's own properties, which
/// win over the Java client's defaults. In the cluster's properties, those of another role are passed over, because
/// all roles share them; in `overrides` they are an error.
///
/// Blocks while a secret is fetched (`command:` references start a process).
pub fn client_config(
    cluster: &Cluster,
    role: Role,
    overrides: &BTreeMap<String, String>,
) -> Result<Settings, PropertyError> {
    client_config_with(cluster, role, overrides, Defaults::Java)
}

/// As [`client_config`], with other defaults.
pub fn client_config_with(
    cluster: &Cluster,
    role: Role,
    overrides: &BTreeMap<String, String>,
    defaults: Defaults,
) -> Result<Settings, PropertyError> {
    config(cluster, role, overrides, defaults, true)
}

/// As [`client_config`], but what Kafka's clients refuse together is not looked at.
pub(super) fn client_config_apart(cluster: &Cluster, role: Role) -> Result<Settings, PropertyError> {
    config(cluster, role, &BTreeMap::new(), Defaults::Java, false)
}

fn config(
    cluster: &Cluster,
    role: Role,
    overrides: &BTreeMap<String, String>,
    defaults: Defaults,
    is_judged_together: bool,
) -> Result<Settings, PropertyError> {
    let mut given = BTreeMap::new();
    let mut remarks = Vec::new();
    for (name, value) in cluster.properties.iter().filter(|(name, _)| !overrides.contains_key(*name)) {
        if applies(lookup(name)?.scope, role) {
            given.insert(name.clone(), resolve(name, value)?);
        }
    }
    for (name, value) in overrides {
        let scope = lookup(name)?.scope;
        if !applies(scope, role) {
            let owner = if scope == Scope::Consumer { consumers() } else { producers() };
            return Err(PropertyError::Foreign { property: name.clone(), owner });
        }
        given.insert(name.clone(), resolve(name, value)?);
    }

    login::mechanism(&given)?;
    if is_judged_together {
        together::refused(&given, role, defaults)?;
    }
    let mut set = default_values(role, defaults);
    if role == Role::Producer && defaults == Defaults::Java {
        idempotence(&given, &mut set, &mut remarks);
        delivery_timeout(&given, &mut set);
    }
    let compression = given.get("compression.type").map_or("none", String::as_str);
    for (name, value) in &given {
        let rule = lookup(name)?.rule;
        if codec_of_level(name).is_some_and(|codec| codec != compression) {
            remarks.push(not_used(name, other_compression(compression)));
            continue;
        }
        if matches!(rule, Rule::Rename(_) | Rule::Same | Rule::Value(_)) {
            fits(name, value)?;
        }
        // A list may be empty, and then names nothing that this client would lack.
        let names_nothing = value.is_empty() && Type::of(name) == Type::List;
        match rule {
            Rule::Drop(_) | Rule::Refuse(_) if names_nothing => {}
            Rule::Drop(why) => remarks.push(not_used(name, why())),
            Rule::Login if oauth::is_own(name) && !oauth::is_used(&given) => {
                remarks.push(not_used(name, oauth_alone()));
            }
            Rule::Login => {}
            Rule::Refuse(_) if name.starts_with("sasl.kerberos.") && !login::is_kerberos(&given) => {
                remarks.push(not_used(name, kerberos_alone()));
            }
            Rule::Refuse(why) => return Err(PropertyError::value(name, why())),
            Rule::Rename(to) => drop(set.insert(to.to_owned(), value.clone())),
            Rule::Same => drop(set.insert(name.clone(), value.clone())),
            Rule::Value(to) => translate(name, value, to, role, &mut set, &mut remarks)?,
        }
    }
    adapted::adapted(&given, &mut set, role, &mut remarks)?;
    login::translate(&given, &mut set)?;
    remarks.extend(login_unused(&given));
    set.insert("bootstrap.servers".to_owned(), cluster.bootstrap_servers.clone());

    if let Some(debug) = reports::debug() {
        set.insert("debug".to_owned(), debug.to_owned());
    }
    let config: ClientConfig = set.into_iter().collect();
    check(&config, &given)?;
    Ok(Settings { config, remarks })
}

/// That a log-in is named and the protocol does not use one: Kafka's clients say nothing then and connect without it.
fn login_unused(given: &BTreeMap<String, String>) -> Option<Said> {
    let protocol = given.get("security.protocol").map_or("PLAINTEXT", String::as_str);
    let named = ["sasl.jaas.config", "sasl.mechanism"].into_iter().find(|name| given.contains_key(*name))?;
    (!protocol.to_ascii_uppercase().starts_with("SASL")).then(|| no_login(named, protocol))
}

/// What Kafka's own clients refuse of properties of a client of `cluster` together, as far as their values are known before
/// it is made; `overrides` win.
pub fn refused_together(
    cluster: Option<&Cluster>,
    role: Role,
    overrides: &BTreeMap<String, String>,
    defaults: Defaults,
) -> Option<PropertyError> {
    let of_role = |name: &str| property(name).is_some_and(|property| applies(property.scope, role));
    let known = |value: &str| SecretRef::parse(value).is_none() && !value.contains("{{");
    let all = cluster.into_iter().flat_map(|cluster| &cluster.properties).chain(overrides);
    let given: BTreeMap<String, String> = all
        .filter(|(name, _)| of_role(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect::<BTreeMap<_, _>>()
        .into_iter()
        .filter(|(_, value)| known(value))
        .collect();
    // What is not known may be what makes them fit.
    let is_whole = overrides.values().all(|value| known(value));
    is_whole.then(|| together::refused(&given, role, defaults).err()).flatten()
}

/// Whether clients of that role have the property; an error where no client of Kafka has it.
pub fn belongs(name: &str, role: Role) -> Result<bool, PropertyError> {
    Ok(applies(lookup(name)?.scope, role))
}

fn lookup(name: &str) -> Result<&'static super::names::Property, PropertyError> {
    property(name).ok_or_else(|| match foreign(name) {
        Some(owner) => PropertyError::Foreign { property: name.to_owned(), owner },
        None => PropertyError::Unknown {
            property: name.to_owned(),
            near: text::did_you_mean(name, PROPERTIES.iter().map(|p| p.name)),
        },
    })
}

/// librdkafka keeps almost every number in 32 bits, and takes the lower ones of a longer one.
fn fits(name: &str, value: &str) -> Result<(), PropertyError> {
    let number = (values::Form::of(name) == values::Form::Whole && name != "buffer.memory")
        .then(|| values::whole(name, value))
        .transpose()?;
    match number {
        Some(number) if i32::try_from(number).is_err() => {
            Err(PropertyError::value(name, too_large(number, i32::MAX)))
        }
        _ => Ok(()),
    }
}

pub(super) fn applies(scope: Scope, role: Role) -> bool {
    match scope {
        Scope::All => true,
        Scope::Consumer => role == Role::Consumer,
        Scope::Producer => role == Role::Producer,
    }
}

pub(super) fn resolve(name: &str, value: &str) -> Result<String, PropertyError> {
    // As Java does it: nobody sees a blank at the end of a line.
    let value = value.trim();
    let value = match SecretRef::parse(value) {
        Some(reference) => {
            let secret = reference
                .resolve()
                .map_err(|cause| PropertyError::Secret { property: name.to_owned(), cause })?;
            secret.expose().to_owned()
        }
        None => {
            values::filled_in(name, value)?;
            value.to_owned()
        }
    };
    redact::learn_setting(name, &value);
    let value = values::checked(name, &value)?;
    redact::learn_setting(name, &value);
    Ok(value)
}

/// The Java client's defaults (Kafka 3.7) where librdkafka's differ and it matters to a test; of librdkafka's own, only
/// what jalon's own behaviour rests on.
fn default_values(role: Role, defaults: Defaults) -> BTreeMap<String, String> {
    if defaults == Defaults::Librdkafka {
        let never_make: &[_] =
            if role == Role::Producer { &[] } else { &[("allow.auto.create.topics", "false")] };
        let own = [("client.id", "jalon")];
        return own.iter().chain(never_make).map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    }
    let common: &[(&str, &str)] = &[("client.id", "jalon"), ("reconnect.backoff.max.ms", "1000")];
    let own: &[(&str, &str)] = match role {
        // Looking at a topic must never make it.
        Role::Admin => &[("allow.auto.create.topics", "false"), ("enable.metrics.push", "false")],
        // Java's `allow.auto.create.topics` is true; here a test of a topic that is not there fails instead of making it.
        Role::Consumer => &[
            ("allow.auto.create.topics", "false"),
            ("check.crcs", "true"),
            ("isolation.level", "read_uncommitted"),
            // Java holds a fetched MiB of each partition and fetches the next as soon as it hands that one over. 64 MiB and
            // a pause of a second once they are full, which librdkafka would have, hold more and stop more. With less than
            // two fetches of a partition it would stop after each.
            ("fetch.queue.backoff.ms", "1"),
            ("queued.max.messages.kbytes", "2048"),
        ],
        Role::Producer => &[
            ("acks", "all"),
            ("batch.size", "16384"),
            ("compression.type", "none"),
            ("delivery.timeout.ms", "120000"),
            ("enable.idempotence", "true"),
            ("linger.ms", "0"),
            ("max.in.flight.requests.per.connection", "5"),
            ("message.max.bytes", "1048576"),
            ("partitioner", "murmur2_random"),
            ("queue.buffering.max.kbytes", "32768"),
            // Java limits a batch and the buffer by bytes alone.
            ("batch.num.messages", "1000000"),
            ("queue.buffering.max.messages", "0"),
        ],
    };
    common.iter().chain(own).map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

/// Java turns idempotence off by itself where another property rules it out and nobody asked for it
/// (`ProducerConfig.postProcessAndValidateIdempotenceConfigs`).
fn idempotence(
    given: &BTreeMap<String, String>,
    set: &mut BTreeMap<String, String>,
    remarks: &mut Vec<Said>,
) {
    let Some(conflict) = together::no_idempotence(given) else { return };
    if !given.contains_key("enable.idempotence") {
        set.insert("enable.idempotence".to_owned(), "false".to_owned());
        remarks.push(idempotence_off(conflict));
    }
}

/// Java waits for `linger.ms` and `request.timeout.ms` together where nobody says how long
/// (`KafkaProducer.configureDeliveryTimeout`).
fn delivery_timeout(given: &BTreeMap<String, String>, set: &mut BTreeMap<String, String>) {
    let number = |name: &str| given.get(name).and_then(|value| value.parse::<f64>().ok());
    let least = number("linger.ms").unwrap_or_default()
        + number("request.timeout.ms").unwrap_or(together::REQUEST_TIMEOUT);
    if let Some(default) = set.get_mut("delivery.timeout.ms")
        && default.parse().is_ok_and(|default: f64| default < least)
    {
        *default = least.ceil().min(f64::from(i32::MAX)).to_string();
    }
}

/// The properties whose values take another form.
fn translate(
    name: &str,
    value: &str,
    to: &str,
    role: Role,
    set: &mut BTreeMap<String, String>,
    remarks: &mut Vec<Said>,
) -> Result<(), PropertyError> {
    let whole = || values::whole(name, value);
    let mut put = |name: &str, value: String| drop(set.insert(name.to_owned(), value));
    match name {
        "auto.offset.reset" if value.starts_with("by_duration:") => {
            return Err(PropertyError::value(name, no_duration(value)));
        }
        "auto.offset.reset" => put(to, if value == "none" { "error" } else { value }.to_owned()),
        "buffer.memory" => {
            let kib = whole()? / 1024;
            if kib < 1 {
                return Err(PropertyError::value(name, buffer_too_small(value)));
            }
            put(to, kib.to_string());
        }
        "partition.assignment.strategy" => put(to, assignors(name, value, remarks)?),
        "partitioner.class" => match value.rsplit('.').next().unwrap_or_default() {
            "" | "DefaultPartitioner" => put(to, "murmur2_random".to_owned()),
            other => return Err(PropertyError::value(name, java_code(other))),
        },
        // A connection that is never closed is one below 0 in Java.
        "connections.max.idle.ms" => put(to, whole()?.max(0).to_string()),
        // -1 is the system's choice in Java, 0 in librdkafka.
        "receive.buffer.bytes" | "send.buffer.bytes" => put(to, whole()?.max(0).to_string()),
        "request.timeout.ms" if role == Role::Producer => put(to, value.to_owned()),
        // Of librdkafka's producers alone; every other request has the socket's limit.
        "request.timeout.ms" => put("socket.timeout.ms", value.to_owned()),
        "ssl.endpoint.identification.algorithm" => {
            put(to, if value.is_empty() { "none".to_owned() } else { value.to_ascii_lowercase() });
        }
        _ => put(to, value.to_owned()),
    }
    Ok(())
}

/// librdkafka's names for Java's assignor classes. It cannot hold eager and cooperative ones side by side, as Java
/// does for rolling upgrades; Java then uses an eager one.
fn assignors(name: &str, value: &str, remarks: &mut Vec<Said>) -> Result<String, PropertyError> {
    let mut eager = Vec::new();
    let mut cooperative = false;
    for class in value.split(',').map(str::trim) {
        match class.rsplit('.').next().unwrap_or_default() {
            "RangeAssignor" | "range" => eager.push("range"),
            "RoundRobinAssignor" | "roundrobin" => eager.push("roundrobin"),
            "CooperativeStickyAssignor" => cooperative = true,
            _ if class == "cooperative-sticky" => cooperative = true,
            other => return Err(PropertyError::value(name, no_assignor(other))),
        }
    }
    if cooperative && !eager.is_empty() {
        remarks.push(cooperative_alone(name));
    }
    Ok(if eager.is_empty() { "cooperative-sticky".to_owned() } else { eager.join(",") })
}

/// The compression whose level a property of Kafka is. librdkafka has one level, of the compression that is chosen.
fn codec_of_level(name: &str) -> Option<&str> {
    name.strip_prefix("compression.")?.strip_suffix(".level")
}

/// Whether a property becomes that one of librdkafka.
fn becomes(property: &Property, name: &str) -> bool {
    matches!(property.rule, Rule::Rename(to) | Rule::Value(to) if to == name)
        || property.name == "request.timeout.ms" && name == "socket.timeout.ms"
}

/// Lets librdkafka check every value, and names the property as it was given.
fn check(config: &ClientConfig, given: &BTreeMap<String, String>) -> Result<(), PropertyError> {
    match config.create_native_config() {
        Ok(_) => Ok(()),
        Err(KafkaError::ClientConfig(_, why, name, _)) => {
            let compression = given.get("compression.type").map_or("none", String::as_str);
            let is_used = |p: &&Property| codec_of_level(p.name).is_none_or(|codec| codec == compression);
            let source = PROPERTIES
                .iter()
                .filter(|p| given.contains_key(p.name) && is_used(p))
                .find(|p| becomes(p, &name));
            let property = match given.contains_key(&name) {
                true => name.clone(),
                false => source.map_or(name.as_str(), |p| p.name).to_owned(),
            };
            let why: Said = Said::verbatim(redact::mask(&why));
            let commented = config.get(&name).is_some_and(|value| value.contains(" #"));
            let why = if commented { comment_alone(why) } else { why };
            // A number may be too large for librdkafka alone; a word that it does not know, Java does not know either.
            Err(match values::Form::of(&property) {
                values::Form::Text => PropertyError::Malformed { property, why },
                _ => PropertyError::Refused { property, why },
            })
        }
        Err(error) => {
            Err(PropertyError::value("bootstrap.servers", Said::verbatim(redact::mask(&error.to_string()))))
        }
    }
}

messages! {
    area "kafka-settings";
    buffer_too_small(value) => "`{value}` bytes is less than 1024, the least that librdkafka takes" / "`{value}` octets est moins que 1024, le minimum de librdkafka";
    comment_alone(why) => "{why}; a comment needs a line of its own" / "{why} ; un commentaire occupe sa propre ligne";
    cooperative_alone(name) => "`{name}`: the cooperative assignor is left out, as librdkafka takes it alone only" / "`{name}` : l'assignation coopérative est laissée de côté, car librdkafka ne l'accepte que seule";
    idempotence_off(setting) => "idempotence is off, as in the Java client, because of {setting}" / "l'idempotence est désactivée, comme dans le client Java, à cause de {setting}";
    kerberos_alone() => "only a log-in by GSSAPI (Kerberos) uses it" / "seule une connexion par GSSAPI (Kerberos) en tient compte";
    no_assignor(name) => "librdkafka has no `{name}`" / "librdkafka n'a pas de `{name}`";
    no_duration(value) => "`{value}` is of Kafka 4.0 and later, and librdkafka lacks it; write `earliest` or `latest`" / "`{value}` est de Kafka 4.0 et suivants, et librdkafka ne l'a pas ; écrire `earliest` ou `latest`";
    no_login(setting, protocol) => "`{setting}` has no effect: `security.protocol` is {protocol}; SASL_SSL or SASL_PLAINTEXT uses it" / "`{setting}` est sans effet : `security.protocol` vaut {protocol} ; SASL_SSL ou SASL_PLAINTEXT l'utilise";
    oauth_alone() => "only a log-in by OAUTHBEARER uses it" / "seule une connexion par OAUTHBEARER en tient compte";
    not_used(name, why) => "`{name}` is not used: {why}" / "`{name}` n'est pas utilisée : {why}";
    other_compression(compression) => "`compression.type` is `{compression}`" / "`compression.type` vaut `{compression}`";
    too_large(value, most) => "{value} exceeds {most}, the maximum of librdkafka" / "{value} dépasse {most}, le maximum de librdkafka";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    fn cluster(properties: &[(&str, &str)]) -> Cluster {
        Cluster {
            bootstrap_servers: "127.0.0.1:9092".to_owned(),
            brokers: None,
            properties: map(properties),
            site: None,
            zookeeper: Vec::new(),
        }
    }

    fn settings(role: Role, overrides: &[(&str, &str)]) -> Result<Settings, PropertyError> {
        client_config(&cluster(&[]), role, &map(overrides))
    }

    #[test]
    fn java_names_and_values_become_librdkafkas() {
        for (role, name, value, to, expected) in [
            (Role::Producer, "linger.ms", "10", "linger.ms", "10"),
            (Role::Producer, "buffer.memory", "67108864", "queue.buffering.max.kbytes", "65536"),
            (Role::Producer, "max.request.size", "2097152", "message.max.bytes", "2097152"),
            (Role::Producer, "request.timeout.ms", "5000", "request.timeout.ms", "5000"),
            (Role::Consumer, "request.timeout.ms", "5000", "socket.timeout.ms", "5000"),
            (Role::Admin, "metadata.max.age.ms", "60000", "topic.metadata.refresh.interval.ms", "60000"),
            (Role::Producer, "send.buffer.bytes", "-1", "socket.send.buffer.bytes", "0"),
            (Role::Admin, "connections.max.idle.ms", "-1", "connections.max.idle.ms", "0"),
            (
                Role::Producer,
                "partitioner.class",
                "org.apache.kafka.clients.producer.internals.DefaultPartitioner",
                "partitioner",
                "murmur2_random",
            ),
            (Role::Consumer, "auto.offset.reset", "none", "auto.offset.reset", "error"),
            (Role::Consumer, "fetch.max.wait.ms", "100", "fetch.wait.max.ms", "100"),
            (
                Role::Consumer,
                "partition.assignment.strategy",
                "org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
                "partition.assignment.strategy",
                "cooperative-sticky",
            ),
            (
                Role::Admin,
                "ssl.endpoint.identification.algorithm",
                "",
                "ssl.endpoint.identification.algorithm",
                "none",
            ),
        ] {
            let settings = settings(role, &[(name, value)]).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(settings.config.get(to), Some(expected), "{name}={value}");
            assert!(settings.remarks.is_empty(), "{name}: {:?}", settings.remarks);
        }
    }

    #[test]
    fn what_is_not_given_is_as_in_the_java_client() {
        let producer = settings(Role::Producer, &[]).unwrap().config;
        for (name, expected) in [
            ("client.id", "jalon"),
            ("linger.ms", "0"),
            ("batch.size", "16384"),
            ("queue.buffering.max.kbytes", "32768"),
            ("enable.idempotence", "true"),
            ("max.in.flight.requests.per.connection", "5"),
            ("delivery.timeout.ms", "120000"),
            ("message.max.bytes", "1048576"),
            ("partitioner", "murmur2_random"),
        ] {
            assert_eq!(producer.get(name), Some(expected), "{name}");
        }
        let consumer = settings(Role::Consumer, &[]).unwrap().config;
        assert_eq!(consumer.get("isolation.level"), Some("read_uncommitted"));
        assert_eq!(consumer.get("check.crcs"), Some("true"));
        assert_eq!(consumer.get("queued.max.messages.kbytes"), Some("2048"));
    }

    #[test]
    fn the_level_of_the_chosen_compression_is_the_one_that_counts() {
        let levels = [
            ("compression.gzip.level", "9"),
            ("compression.lz4.level", "3"),
            ("compression.zstd.level", "12"),
        ];
        for (codec, level) in
            [("gzip", Some("9")), ("lz4", Some("3")), ("zstd", Some("12")), ("snappy", None), ("none", None)]
        {
            let given = [levels.as_slice(), &[("compression.type", codec)]].concat();
            let settings = settings(Role::Producer, &given).unwrap();
            assert_eq!(settings.config.get("compression.level"), level, "{codec}");
            let told: Vec<String> = settings.remarks.iter().map(|said| said.to_string()).collect();
            assert_eq!(told.len(), if level.is_some() { 2 } else { 3 }, "{told:?}");
            for (name, _) in levels {
                let is_told = told.iter().any(|said| said.contains(&format!("`{name}` is not used")));
                assert_ne!(is_told, name.contains(codec), "{codec}: {told:?}");
            }
        }
        let given = [("compression.type", "zstd"), ("compression.zstd.level", "22")];
        let error = settings(Role::Producer, &given).unwrap_err();
        assert_eq!(error.property(), "compression.zstd.level");
    }

    #[test]
    fn what_only_kerberos_uses_is_passed_over_without_it() {
        let name = ("sasl.kerberos.service.name", "kafka");
        let login = [
            name,
            ("security.protocol", "SASL_PLAINTEXT"),
            ("sasl.mechanism", "SCRAM-SHA-512"),
            ("sasl.jaas.config", "x.ScramLoginModule required username=\"u\" password=\"p\";"),
        ];
        for given in [&[name][..], &login] {
            let settings = settings(Role::Admin, given).unwrap();
            assert!(settings.remarks[0].contains("GSSAPI"), "{:?}", settings.remarks);
        }
        let error = settings(Role::Admin, &[name, ("security.protocol", "SASL_PLAINTEXT")]).unwrap_err();
        assert!(error.to_string().contains("Kerberos"), "{error}");
    }

    #[test]
    fn librdkafkas_own_defaults_can_be_had() {
        let own = client_config_with(&cluster(&[]), Role::Producer, &map(&[]), Defaults::Librdkafka).unwrap();
        let native = own.config.create_native_config().unwrap();
        for (name, expected) in
            [("linger.ms", "5"), ("batch.size", "1000000"), ("enable.idempotence", "false")]
        {
            assert_eq!(native.get(name).unwrap().trim_matches('\0'), expected, "{name}");
        }
    }

    #[test]
    fn what_librdkafka_lacks_is_left_out_aloud_or_refused() {
        let dropped = settings(Role::Producer, &[("max.block.ms", "1000")]).unwrap();
        assert!(dropped.remarks[0].contains("`max.block.ms` is not used"), "{:?}", dropped.remarks);
        for (role, name, value, expected) in [
            (Role::Producer, "interceptor.classes", "x.Y", "Java code"),
            (Role::Producer, "lingr.ms", "1", "did you mean `linger.ms`?"),
            (Role::Producer, "banana", "1", "unknown Kafka client property `banana`"),
            (Role::Producer, "fetch.min.bytes", "1", "a property of consumers"),
            (Role::Consumer, "acks", "all", "a property of producers"),
            (Role::Producer, "linger.ms", "soon", "`linger.ms`: "),
            (Role::Producer, "max.request.size", "-1", "`max.request.size`: "),
            (Role::Producer, "buffer.memory", "lots", "not a whole number"),
            (Role::Producer, "batch.size", "64KB", "`64KB` is not a whole number of bytes"),
            (Role::Producer, "linger.ms", "5   # wait", "write `5`"),
            (Role::Consumer, "fetch.min.bytes", "1e6", "write `1000000`"),
            (Role::Admin, "request.timeout.ms", "30s", "write `30000`"),
            (Role::Admin, "metadata.max.age.ms", "9223372036854775807", "the maximum of librdkafka"),
            (Role::Consumer, "auto.offset.reset", "by_duration:PT1H", "librdkafka lacks it"),
            (Role::Producer, "acks", "1 of 3", "not `all`, `1` or `0`"),
            (Role::Admin, "client.id", "${env:HOSTNAME}", "write `env:HOSTNAME`"),
            (Role::Admin, "log.dirs", "/data", "a property of brokers"),
            (Role::Admin, "plugin.path", "/opt", "a property of Connect's workers"),
            (Role::Producer, "bootstrap.servers", "h:1", "`bootstrap_servers` of the cluster"),
            (Role::Consumer, "partition.assignment.strategy", "x.StickyAssignor", "no `StickyAssignor`"),
            (Role::Producer, "compression.type", "rar", "`compression.type`: "),
        ] {
            let error = settings(role, &[(name, value)]).unwrap_err();
            let told = format!("{error} {}", error.hint().unwrap_or_default());
            assert!(told.contains(expected), "{name}: {told}");
        }
    }

    #[test]
    fn properties_of_the_cluster_serve_every_role_and_overrides_win() {
        let shared = cluster(&[("acks", "all"), ("fetch.min.bytes", "7"), ("client.id", "team")]);
        let settings = client_config(&shared, Role::Consumer, &map(&[("client.id", "probe")])).unwrap();
        assert_eq!(settings.config.get("fetch.min.bytes"), Some("7"));
        assert_eq!(settings.config.get("client.id"), Some("probe"));
        assert_eq!(settings.config.get("acks"), None);
    }

    #[test]
    fn idempotence_yields_or_protests_as_in_the_java_client() {
        for (name, value) in [("acks", "1"), ("retries", "0"), ("max.in.flight.requests.per.connection", "6")]
        {
            let quiet = settings(Role::Producer, &[(name, value)]).unwrap();
            assert_eq!(quiet.config.get("enable.idempotence"), Some("false"), "{name}");
            assert!(quiet.remarks[0].contains("idempotence is off"));
            assert!(quiet.config.create::<rdkafka::producer::BaseProducer>().is_ok(), "{name}");
            let error =
                settings(Role::Producer, &[(name, value), ("enable.idempotence", "true")]).unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
        }
    }

    #[test]
    fn every_role_makes_a_client() {
        use rdkafka::{
            admin::AdminClient, client::DefaultClientContext, consumer::BaseConsumer, producer::BaseProducer,
        };
        settings(Role::Admin, &[]).unwrap().config.create::<AdminClient<DefaultClientContext>>().unwrap();
        settings(Role::Consumer, &[("group.id", "g")]).unwrap().config.create::<BaseConsumer>().unwrap();
        settings(Role::Producer, &[]).unwrap().config.create::<BaseProducer>().unwrap();
        let login = [
            ("security.protocol", "SASL_PLAINTEXT"),
            ("sasl.mechanism", "SCRAM-SHA-512"),
            ("sasl.jaas.config", "x.ScramLoginModule required username=\"u\" password=\"p\";"),
        ];
        settings(Role::Producer, &login).unwrap().config.create::<BaseProducer>().unwrap();
    }

    #[test]
    fn no_secret_shows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jaas");
        std::fs::write(&path, "x.ScramLoginModule required username=\"u\" password=\"s3cret-in-jaas\";\n")
            .unwrap();
        let login = [
            ("security.protocol", "SASL_PLAINTEXT"),
            ("sasl.mechanism", "PLAIN"),
            ("sasl.jaas.config", &format!("file:{}", path.display())),
        ];
        let settings = settings(Role::Admin, &login).unwrap();
        assert_eq!(settings.config.get("sasl.password"), Some("s3cret-in-jaas"));
        assert!(!format!("{settings:?} {:?}", settings.config).contains("s3cret-in-jaas"));
        assert_eq!(redact::mask("it was s3cret-in-jaas"), "it was ***");

        let missing = super::client_config(
            &cluster(&[("sasl.jaas.config", "env:JALON_NO_SUCH")]),
            Role::Admin,
            &map(&[]),
        );
        let error = missing.unwrap_err().to_string();
        assert!(error.contains("`sasl.jaas.config`") && error.contains("env:JALON_NO_SUCH"), "{error}");
    }
}
