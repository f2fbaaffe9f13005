//! [`java_properties`]: the properties of a Java client of a cluster, for tools of Kafka's own, and their file.

use super::{
    Role, jaas,
    names::{PROPERTIES, Scope, foreign, property},
    oauth::{self, OAuth},
    property_error::{PropertyError, consumers, file_unreadable, mechanisms, producers},
    settings::{applies, resolve},
};
use crate::{
    clients::environment::Cluster,
    record::messages,
    support::{files, redact, text},
};
use std::{collections::BTreeMap, fmt::Write, path::Path};

/// Properties that librdkafka has and Java has not, where Java has no other name for them either.
const LIBRDKAFKA: [&str; 7] = [
    "batch.num.messages",
    "queue.buffering.max.messages",
    "queued.max.messages.kbytes",
    "queued.min.messages",
    "socket.timeout.ms",
    "statistics.interval.ms",
    "sticky.partitioning.linger.ms",
];

/// The properties of a Java client of `cluster`. Java's names pass as they are, those of librdkafka are translated or
/// refused; `overrides` (from a step) win over the cluster's own. Secrets are resolved.
///
/// Blocks while a secret is fetched.
pub fn java_properties(
    cluster: &Cluster,
    role: Role,
    overrides: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, PropertyError> {
    let mut set = BTreeMap::new();
    for (name, value) in cluster.properties.iter().filter(|(name, _)| !overrides.contains_key(*name)) {
        // What concerns librdkafka alone is in the cluster's properties for other steps.
        if property(name).is_none_or(|p| applies(p.scope, role)) && !LIBRDKAFKA.contains(&name.as_str()) {
            set.insert(name.clone(), resolve(name, value)?);
        }
    }
    for (name, value) in overrides {
        known(name, role)?;
        set.insert(name.clone(), resolve(name, value)?);
    }
    set.insert("bootstrap.servers".to_owned(), cluster.bootstrap_servers.clone());
    login(&mut set)?;
    trust(&mut set);
    key(&mut set)?;
    Ok(set)
}

/// Refuses what Java would pass over in silence. A name that is like none is let through: it may be newer than this table.
fn known(name: &str, role: Role) -> Result<(), PropertyError> {
    if name == "bootstrap.servers" {
        return Err(PropertyError::value(name, of_the_environment()));
    }
    if LIBRDKAFKA.contains(&name) {
        return Err(PropertyError::value(name, librdkafkas_own()));
    }
    match property(name) {
        Some(p) if !applies(p.scope, role) => {
            let owner = if p.scope == Scope::Consumer { consumers() } else { producers() };
            Err(PropertyError::Foreign { property: name.to_owned(), owner })
        }
        Some(_) => Ok(()),
        None => match (foreign(name), text::did_you_mean(name, PROPERTIES.iter().map(|p| p.name))) {
            (Some(owner), _) => Err(PropertyError::Foreign { property: name.to_owned(), owner }),
            (None, Some(near)) => Err(PropertyError::Unknown { property: name.to_owned(), near: Some(near) }),
            (None, None) => Ok(()),
        },
    }
}

/// User and password, or where tokens come from, as a line of JAAS.
fn login(set: &mut BTreeMap<String, String>) -> Result<(), PropertyError> {
    // Another handler or grant is Java's own affair, and its properties pass as they are.
    let is_own =
        set.get(oauth::HANDLER).is_some_and(|class| !class.ends_with(".OAuthBearerLoginCallbackHandler"));
    if !is_own && set.get("sasl.mechanism").is_some_and(|mechanism| mechanism == oauth::MECHANISM) {
        OAuth::of(set)?.put_java(set);
        return Ok(());
    }
    let (user, password) = (set.remove("sasl.username"), set.remove("sasl.password"));
    let login = match (set.get("sasl.jaas.config"), user, password) {
        // References within it are resolved.
        (Some(line), ..)
            if line.contains("LoginModule")
                && ["env:", "file:", "command:", "KafkaClient"].iter().any(|r| line.contains(r)) =>
        {
            jaas::login(line)?
        }
        (Some(_), ..) | (None, None, None) => return Ok(()),
        (None, Some(user), Some(password)) => jaas::Login { user, password, is_token: false },
        (None, ..) => {
            return Err(PropertyError::value("sasl.username", password_missing()));
        }
    };
    let module = match set.get("sasl.mechanism").map(String::as_str) {
        Some("PLAIN") => "plain.PlainLoginModule",
        Some("SCRAM-SHA-256" | "SCRAM-SHA-512") => "scram.ScramLoginModule",
        _ => {
            return Err(PropertyError::value("sasl.mechanism", mechanisms()));
        }
    };
    let line = format!(
        "org.apache.kafka.common.security.{module} required username={} password={}{};",
        jaas::quoted(&login.user),
        jaas::quoted(&login.password),
        if login.is_token { " tokenauth=\"true\"" } else { "" }
    );
    redact::learn(&login.password);
    set.insert("sasl.jaas.config".to_owned(), line);
    Ok(())
}

/// A PEM file of authorities as a trust store, which Java takes from 2.7 on where it is told the type.
fn trust(set: &mut BTreeMap<String, String>) {
    if let Some(path) = set.remove("ssl.ca.location") {
        set.entry("ssl.truststore.location".to_owned()).or_insert(path);
    }
    if let Some(pem) = set.remove("ssl.ca.pem") {
        set.entry("ssl.truststore.certificates".to_owned()).or_insert(pem);
    }
    let is_pem = match set.get("ssl.truststore.location") {
        Some(path) => files::read(Path::new(path), files::LARGEST_TEXT)
            .is_ok_and(|bytes| bytes.trim_ascii_start().starts_with(b"-----BEGIN")),
        None => set.contains_key("ssl.truststore.certificates"),
    };
    if is_pem {
        set.insert("ssl.truststore.type".to_owned(), "PEM".to_owned());
    }
}

/// Certificate and key in PEM, which librdkafka takes as two files and Java as two texts.
fn key(set: &mut BTreeMap<String, String>) -> Result<(), PropertyError> {
    let mut pem = false;
    for (file, text, java) in [
        ("ssl.certificate.location", "ssl.certificate.pem", "ssl.keystore.certificate.chain"),
        ("ssl.key.location", "ssl.key.pem", "ssl.keystore.key"),
    ] {
        let mut value = set.remove(text);
        if let Some(path) = set.remove(file) {
            let read = files::read_text(Path::new(&path))
                .map_err(|e| PropertyError::value(file, file_unreadable(&path, e.to_string())))?;
            value = Some(read);
        }
        if let Some(value) = value {
            redact::learn_setting(java, &value);
            set.insert(java.to_owned(), value);
        }
        pem |= set.contains_key(java);
    }
    if pem {
        set.insert("ssl.keystore.type".to_owned(), "PEM".to_owned());
    }
    Ok(())
}

/// The text of a properties file, as `java.util.Properties` reads it.
pub fn properties_text(properties: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    for (name, value) in properties {
        escaped(&mut text, name, true);
        text.push('=');
        escaped(&mut text, value, false);
        text.push('\n');
    }
    text
}

fn escaped(text: &mut String, part: &str, name: bool) {
    for (i, c) in part.chars().enumerate() {
        match c {
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            ' ' if i == 0 || name => text.push_str("\\ "),
            '=' | ':' | '#' | '!' if name => {
                text.push('\\');
                text.push(c);
            }
            ' '..='~' => text.push(c),
            c => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
        }
    }
}

messages! {
    area "kafka-java";
    librdkafkas_own() => "it is librdkafka's own, and Java has nothing like it; leave it out" / "elle est propre à librdkafka, et Java n'a rien de tel ; la retirer";
    of_the_environment() => "it is `bootstrap_servers` of the cluster in the environment file" / "c'est `bootstrap_servers` du cluster dans le fichier d'environnement";
    password_missing() => "user and password belong together: give `sasl.password` too" / "l'utilisateur ne va pas sans mot de passe : donner aussi `sasl.password`";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn java(
        cluster: &[(&str, &str)],
        overrides: &[(&str, &str)],
    ) -> Result<BTreeMap<String, String>, PropertyError> {
        let map =
            |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let cluster = Cluster {
            bootstrap_servers: "b:9092".to_owned(),
            brokers: None,
            properties: map(cluster),
            site: None,
            zookeeper: Vec::new(),
        };
        java_properties(&cluster, Role::Producer, &map(overrides))
    }

    #[test]
    fn a_log_in_for_librdkafka_becomes_one_for_java() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let ca = file("ca.pem", "-----BEGIN CERTIFICATE-----\nx\n");
        let password = format!("file:{}", file("password", "pa\"ss\\word\n"));
        let set = java(
            &[
                ("security.protocol", "SASL_SSL"),
                ("sasl.mechanism", "SCRAM-SHA-512"),
                ("sasl.username", "ana"),
                ("sasl.password", &password),
                ("ssl.ca.location", &ca),
                ("ssl.certificate.location", &file("c.pem", "CERT")),
                ("ssl.key.location", &file("k.pem", "KEY")),
                ("fetch.min.bytes", "7"),
                ("statistics.interval.ms", "1000"),
            ],
            &[("linger.ms", "5"), ("interceptor.classes", "x.Y")],
        )
        .unwrap();
        let shown: Vec<String> = set.iter().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(
            shown,
            [
                "bootstrap.servers=b:9092".to_owned(),
                "interceptor.classes=x.Y".to_owned(),
                "linger.ms=5".to_owned(),
                "sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username=\"ana\" \
                 password=\"pa\\\"ss\\\\word\";"
                    .to_owned(),
                "sasl.mechanism=SCRAM-SHA-512".to_owned(),
                "security.protocol=SASL_SSL".to_owned(),
                "ssl.keystore.certificate.chain=CERT".to_owned(),
                "ssl.keystore.key=KEY".to_owned(),
                "ssl.keystore.type=PEM".to_owned(),
                format!("ssl.truststore.location={ca}"),
                "ssl.truststore.type=PEM".to_owned(),
            ]
        );
    }

    #[test]
    fn a_log_in_by_tokens_becomes_one_for_every_version_of_java() {
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        std::fs::write(&secret, "s3cret-of-a-client\n").unwrap();
        let secret = format!("file:{}", secret.display());
        let mut given = vec![
            ("security.protocol", "SASL_SSL"),
            ("sasl.mechanism", "OAUTHBEARER"),
            ("sasl.oauthbearer.token.endpoint.url", "https://id.example/token"),
            ("sasl.oauthbearer.client.credentials.client.id", "jalon"),
            ("sasl.oauthbearer.client.credentials.client.secret", secret.as_str()),
        ];
        let set = java(&given, &[]).unwrap();
        assert!(set["sasl.jaas.config"].contains("clientId=\"jalon\" clientSecret=\"s3cret-of-a-client\""));
        assert!(set["sasl.login.callback.handler.class"].ends_with(".OAuthBearerLoginCallbackHandler"));
        assert_eq!(set["sasl.oauthbearer.token.endpoint.url"], "https://id.example/token");
        // Code of one's own is Java's affair.
        given.push(("sasl.login.callback.handler.class", "io.x.OwnHandler"));
        let set = java(&given, &[]).unwrap();
        assert_eq!(set["sasl.login.callback.handler.class"], "io.x.OwnHandler");
        assert!(!set.contains_key("sasl.jaas.config"));
    }

    #[test]
    fn what_java_would_pass_over_is_refused() {
        for (name, expected) in [
            ("lingr.ms", "did you mean `linger.ms`?"),
            ("queue.buffering.max.messages", "librdkafka's own"),
            ("fetch.min.bytes", "a property of consumers"),
            ("bootstrap.servers", "`bootstrap_servers` of the cluster"),
            ("log.dirs", "a property of brokers"),
        ] {
            let error = java(&[], &[(name, "1")]).unwrap_err();
            let told = format!("{error} {}", error.hint().unwrap_or_default());
            assert!(told.contains(expected), "{name}: {told}");
        }
        assert!(java(&[], &[("a.property.of.some.later.version", "1")]).is_ok());
    }

    #[test]
    fn a_properties_file_reads_back() {
        let set = BTreeMap::from([
            ("a b".to_owned(), " x\ny\\z=é".to_owned()),
            ("sasl.jaas.config".to_owned(), "m required password=\"p#q\";".to_owned()),
        ]);
        let text = properties_text(&set);
        assert_eq!(text, "a\\ b=\\ x\\ny\\\\z=\\u00e9\nsasl.jaas.config=m required password=\"p#q\";\n");
    }
}
