//! Log-in and TLS: Java's `sasl.jaas.config` and key stores, in librdkafka's terms.

use super::property_error::{PropertyError, file_unreadable, mechanisms};
use crate::{
    clients::secret::SecretRef,
    record::{Said, messages},
    support::{redact, text},
};
use regex::Regex;
use std::{collections::BTreeMap, fs::File, io::Read, sync::LazyLock};

/// What a key store's file is. Java takes the type from a property; the file itself is surer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Store {
    Jks,
    Pem,
    Pkcs12,
}

/// Adds librdkafka's log-in and TLS properties for the Java ones in `given`, whose secrets are resolved.
pub(super) fn translate(
    given: &BTreeMap<String, String>,
    set: &mut BTreeMap<String, String>,
) -> Result<(), PropertyError> {
    let protocol =
        given.get("security.protocol").map_or("PLAINTEXT", String::as_str).trim().to_ascii_uppercase();
    if !["PLAINTEXT", "SASL_PLAINTEXT", "SASL_SSL", "SSL"].contains(&protocol.as_str()) {
        let known = ["PLAINTEXT", "SASL_PLAINTEXT", "SASL_SSL", "SSL"];
        let why = match text::did_you_mean(&protocol, known) {
            Some(near) => protocol_misspelt(&protocol, near),
            None => protocol_unknown(&protocol),
        };
        return Err(PropertyError::value("security.protocol", why));
    }
    if protocol.starts_with("SASL") {
        sasl(given, set)?;
    }
    if protocol.ends_with("SSL") {
        trust(given, set)?;
        key(given, set)?;
    }
    set.insert("security.protocol".to_owned(), protocol);
    Ok(())
}

fn sasl(given: &BTreeMap<String, String>, set: &mut BTreeMap<String, String>) -> Result<(), PropertyError> {
    match given.get("sasl.mechanism").map(String::as_str) {
        None => return Err(PropertyError::value("sasl.mechanism", mechanism_missing(mechanisms()))),
        Some(mechanism @ ("PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512")) => {
            set.insert("sasl.mechanisms".to_owned(), mechanism.to_owned());
        }
        Some(other) => {
            let why = mechanism_unsupported(other, mechanisms());
            return Err(PropertyError::value("sasl.mechanism", why));
        }
    }
    if let Some(jaas) = given.get("sasl.jaas.config") {
        let (user, password) = jaas_login(jaas)?;
        set.insert("sasl.username".to_owned(), user);
        set.insert("sasl.password".to_owned(), password);
    }
    if !set.contains_key("sasl.username") || !set.contains_key("sasl.password") {
        return Err(PropertyError::value("sasl.jaas.config", login_missing()));
    }
    Ok(())
}

/// The user and the password in a JAAS line of Kafka's `PlainLoginModule` or `ScramLoginModule`. Each may be a
/// reference to a secret.
pub(super) fn jaas_login(line: &str) -> Result<(String, String), PropertyError> {
    static OPTION: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s";]+))"#).expect("the pattern is a constant")
    });
    let wrong = |why: Said| PropertyError::value("sasl.jaas.config", why);
    let module = line.split_whitespace().next().unwrap_or_default();
    let short = module.rsplit('.').next().unwrap_or_default();
    if !["PlainLoginModule", "ScramLoginModule"].contains(&short) {
        // Not shown when it may be a password that somebody wrote in the wrong place.
        return Err(wrong(match short.ends_with("LoginModule") {
            true => module_unsupported(short),
            false => module_missing(),
        }));
    }
    let option = |name: &str| {
        let found = OPTION.captures_iter(line).find(|c| &c[1] == name)?;
        let quoted = found.get(2).map(|m| m.as_str().replace("\\\"", "\"").replace("\\\\", "\\"));
        Some(quoted.unwrap_or_else(|| found.get(3).map_or("", |m| m.as_str()).to_owned()))
    };
    let resolve = |name: &str| {
        let text = option(name).ok_or_else(|| wrong(option_missing(name)))?;
        match SecretRef::parse(&text) {
            Some(reference) => Ok(reference
                .resolve()
                .map_err(|cause| PropertyError::Secret { property: "sasl.jaas.config".to_owned(), cause })?
                .expose()
                .to_owned()),
            None => Ok(text),
        }
    };
    let (user, password) = (resolve("username")?, resolve("password")?);
    redact::learn(&password);
    Ok((user, password))
}

fn trust(given: &BTreeMap<String, String>, set: &mut BTreeMap<String, String>) -> Result<(), PropertyError> {
    let property = "ssl.truststore.location";
    let Some(path) = given.get(property) else { return Ok(()) };
    match store(property, path)? {
        Store::Pem => {
            set.insert("ssl.ca.location".to_owned(), path.clone());
            Ok(())
        }
        Store::Jks | Store::Pkcs12 => Err(PropertyError::value(property, java_trust(path, property))),
    }
}

fn key(given: &BTreeMap<String, String>, set: &mut BTreeMap<String, String>) -> Result<(), PropertyError> {
    let property = "ssl.keystore.location";
    let Some(path) = given.get(property) else { return Ok(()) };
    match store(property, path)? {
        // A PEM key store of Kafka holds the private key and the chain in one file.
        Store::Pem => {
            set.insert("ssl.certificate.location".to_owned(), path.clone());
            set.insert("ssl.key.location".to_owned(), path.clone());
        }
        Store::Pkcs12 => {
            set.insert("ssl.keystore.location".to_owned(), path.clone());
            if let Some(password) = given.get("ssl.keystore.password") {
                set.insert("ssl.keystore.password".to_owned(), password.clone());
            }
        }
        Store::Jks => {
            return Err(PropertyError::value(property, java_key(path)));
        }
    }
    Ok(())
}

fn store(property: &str, path: &str) -> Result<Store, PropertyError> {
    let mut head = [0_u8; 4];
    let n = File::open(path)
        .and_then(|mut file| file.read(&mut head))
        .map_err(|e| PropertyError::value(property, file_unreadable(path, e.to_string())))?;
    Ok(match &head[..n] {
        [0xFE, 0xED, 0xFE, 0xED] => Store::Jks,
        // A DER sequence.
        [0x30, ..] => Store::Pkcs12,
        // A PEM file may begin with a comment.
        _ => Store::Pem,
    })
}

messages! {
    area "kafka-login";
    java_key(path) => "`{path}` is a JKS key store, which is not supported yet; turn it into PKCS12 with `keytool -importkeystore -srckeystore {path} -destkeystore client.p12 -deststoretype PKCS12`" / "`{path}` est un magasin de clés JKS, pas encore pris en charge ; le convertir en PKCS12 par `keytool -importkeystore -srckeystore {path} -destkeystore client.p12 -deststoretype PKCS12`";
    java_trust(path, property) => "`{path}` is a Java trust store, which is not supported yet; write its certificates to a PEM file with `keytool -exportcert -rfc -keystore {path} -alias ALIAS -file ca.pem` and set `ssl.truststore.type: PEM` and `{property}: ca.pem`" / "`{path}` est un magasin de confiance Java, pas encore pris en charge ; écrire ses certificats dans un fichier PEM par `keytool -exportcert -rfc -keystore {path} -alias ALIAS -file ca.pem` et donner `ssl.truststore.type: PEM` et `{property}: ca.pem`";
    login_missing() => "a SASL protocol needs a user and a password; give `sasl.jaas.config`, best as `env:NAME` or `file:PATH`" / "un protocole SASL demande un utilisateur et un mot de passe ; donner `sasl.jaas.config`, de préférence comme `env:NAME` ou `file:PATH`";
    mechanism_missing(known) => "it is not given, and Kafka's default, GSSAPI (Kerberos), is not supported; {known}" / "il n'est pas donné, et celui de Kafka par défaut, GSSAPI (Kerberos), n'est pas pris en charge ; {known}";
    mechanism_unsupported(mechanism, known) => "`{mechanism}` is not supported; {known}" / "`{mechanism}` n'est pas pris en charge ; {known}";
    module_missing() => "its first word is not supported; it begins with `org.apache.kafka.common.security.scram.ScramLoginModule` or `….plain.PlainLoginModule`" / "son premier mot n'est pas pris en charge ; elle commence par `org.apache.kafka.common.security.scram.ScramLoginModule` ou `….plain.PlainLoginModule`";
    module_unsupported(module) => "`{module}` is not supported; it begins with `org.apache.kafka.common.security.scram.ScramLoginModule` or `….plain.PlainLoginModule`" / "`{module}` n'est pas pris en charge ; elle commence par `org.apache.kafka.common.security.scram.ScramLoginModule` ou `….plain.PlainLoginModule`";
    option_missing(name) => "it has no `{name}=\"…\"`" / "elle n'a pas de `{name}=\"…\"`";
    protocol_misspelt(protocol, near) => "unknown protocol `{protocol}`; did you mean `{near}`?" / "protocole inconnu : `{protocol}` ; peut-être `{near}` ?";
    protocol_unknown(protocol) => "unknown protocol `{protocol}`" / "protocole inconnu : `{protocol}`";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn a_jaas_line_gives_user_and_password() {
        for (line, password) in [
            (
                r#"org.apache.kafka.common.security.scram.ScramLoginModule required username="admin" password="plain\"text-1";"#,
                "plain\"text-1",
            ),
            (
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=admin password=plain-text-2;",
                "plain-text-2",
            ),
        ] {
            assert_eq!(jaas_login(line).unwrap(), ("admin".to_owned(), password.to_owned()));
        }
        let error =
            jaas_login("com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true;").unwrap_err();
        assert!(error.to_string().contains("`Krb5LoginModule` is not supported"), "{error}");
        let error = jaas_login("hunter2-in-the-wrong-place").unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn a_store_is_known_by_its_first_bytes_whatever_its_type_says() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let pem = file("ca.pem", b"-----BEGIN CERTIFICATE-----\n");
        let jks = file("trust.jks", &[0xFE, 0xED, 0xFE, 0xED, 0, 0]);
        let p12 = file("key.p12", &[0x30, 0x82]);

        let mut set = BTreeMap::new();
        let ssl = |extra: &[(&str, &str)]| given(&[&[("security.protocol", "ssl")], extra].concat());
        translate(&ssl(&[("ssl.truststore.location", &pem), ("ssl.keystore.location", &p12)]), &mut set)
            .unwrap();
        assert_eq!(set["ssl.ca.location"], pem);
        assert_eq!(set["ssl.keystore.location"], p12);
        assert_eq!(set["security.protocol"], "SSL");

        let mut set = BTreeMap::new();
        translate(&ssl(&[("ssl.keystore.location", &pem)]), &mut set).unwrap();
        assert_eq!((&set["ssl.certificate.location"], &set["ssl.key.location"]), (&pem, &pem));

        for (property, path, expected) in [
            ("ssl.truststore.location", jks.as_str(), "keytool -exportcert"),
            ("ssl.truststore.location", p12.as_str(), "keytool -exportcert"),
            ("ssl.keystore.location", jks.as_str(), "keytool -importkeystore"),
            ("ssl.truststore.location", "/nowhere/ca.pem", "cannot be read"),
        ] {
            let error = translate(&ssl(&[(property, path)]), &mut BTreeMap::new()).unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains(property) && error.contains(path), "{error}");
        }
    }

    #[test]
    fn sasl_needs_a_mechanism_a_user_and_a_password() {
        for (pairs, expected) in [
            (&[("security.protocol", "SASL_SSL")][..], "GSSAPI"),
            (
                &[("security.protocol", "SASL_SSL"), ("sasl.mechanism", "OAUTHBEARER")],
                "`OAUTHBEARER` is not supported",
            ),
            (
                &[("security.protocol", "SASL_SSL"), ("sasl.mechanism", "PLAIN")],
                "needs a user and a password",
            ),
            (&[("security.protocol", "SASL_SLS")], "did you mean `SASL_SSL`?"),
        ] {
            let error = translate(&given(pairs), &mut BTreeMap::new()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
