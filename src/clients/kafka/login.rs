//! Log-in and TLS: Java's `sasl.jaas.config` and key stores, in librdkafka's terms.

use super::{
    jaas,
    oauth::{self, OAuth},
    property_error::{PropertyError, file_unreadable, java_code, mechanisms},
    stores::{self, Part},
    values,
};
use crate::{
    record::{Speaks, messages},
    support::{files, text},
};
use openssl::pkey::PKey;
use std::{collections::BTreeMap, io::Read, path::Path};

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
        mechanism(given)?;
        sasl(given, set)?;
    }
    if protocol.ends_with("SSL") {
        trust(given, set)?;
        key(given, set)?;
        key_opens(given, set)?;
    }
    set.insert("security.protocol".to_owned(), protocol);
    Ok(())
}

/// Whether the log-in is one by Kerberos, which Kafka takes where no mechanism is named.
pub(super) fn is_kerberos(given: &BTreeMap<String, String>) -> bool {
    let protocol = given.get("security.protocol").map_or("", String::as_str);
    protocol.trim().to_ascii_uppercase().starts_with("SASL")
        && given.get("sasl.mechanism").is_none_or(|mechanism| mechanism == "GSSAPI")
}

/// Refuses a mechanism that no client here has, before what else belongs to it is looked at.
pub(super) fn mechanism(given: &BTreeMap<String, String>) -> Result<(), PropertyError> {
    let protocol = given.get("security.protocol").map_or("", String::as_str);
    if !protocol.trim().to_ascii_uppercase().starts_with("SASL") {
        return Ok(());
    }
    let why = match given.get("sasl.mechanism").map(String::as_str) {
        None | Some(oauth::MECHANISM | "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512") => return Ok(()),
        Some("") => values::is_empty(),
        Some("AWS_MSK_IAM") => msk_iam(),
        Some(other) => mechanism_unsupported(other, mechanisms()),
    };
    Err(PropertyError::value("sasl.mechanism", why))
}

fn sasl(given: &BTreeMap<String, String>, set: &mut BTreeMap<String, String>) -> Result<(), PropertyError> {
    match given.get("sasl.mechanism").map(String::as_str) {
        None => return Err(PropertyError::value("sasl.mechanism", mechanism_missing(mechanisms()))),
        Some(mechanism) => drop(set.insert("sasl.mechanisms".to_owned(), mechanism.to_owned())),
    }
    if given.get("sasl.mechanism").is_some_and(|mechanism| mechanism == oauth::MECHANISM) {
        set.insert(oauth::CARRIER.to_owned(), OAuth::of(given)?.carried());
        return Ok(());
    }
    if let Some(class) = given.get(oauth::HANDLER) {
        return Err(PropertyError::value(oauth::HANDLER, java_code(class)));
    }
    if let Some(jaas) = given.get("sasl.jaas.config") {
        let login = jaas::login(jaas)?;
        if login.is_token {
            return Err(PropertyError::value("sasl.jaas.config", delegation_token()));
        }
        set.insert("sasl.username".to_owned(), login.user);
        set.insert("sasl.password".to_owned(), login.password);
    }
    if !set.contains_key("sasl.username") || !set.contains_key("sasl.password") {
        return Err(PropertyError::value("sasl.jaas.config", login_missing()));
    }
    Ok(())
}

fn trust(given: &BTreeMap<String, String>, set: &mut BTreeMap<String, String>) -> Result<(), PropertyError> {
    let property = "ssl.truststore.location";
    let Some(path) = given.get(property) else { return Ok(()) };
    match store(property, path)? {
        Store::Pem => {
            set.insert("ssl.ca.location".to_owned(), path.clone());
            Ok(())
        }
        Store::Jks | Store::Pkcs12 => {
            let pem = opened(given, "truststore", path, Part::Certificates)?;
            set.insert("ssl.ca.pem".to_owned(), pem);
            Ok(())
        }
    }
}

/// What a store of Java holds, as PEM: librdkafka reads of those only a key in PKCS #12.
fn opened(
    given: &BTreeMap<String, String>,
    what: &str,
    path: &str,
    part: Part,
) -> Result<String, PropertyError> {
    let named = format!("ssl.{what}.password");
    let password =
        given.get(&named).ok_or_else(|| PropertyError::value(&named, store_password_missing(path)))?;
    let key_password = given.get("ssl.key.password").map(String::as_str);
    let store = stores::Store { path: Path::new(path), password, key_password };
    stores::to_pem(store, part)
        .map_err(|error| PropertyError::value(&format!("ssl.{what}.location"), error.said()))
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
            // The certificates stand before the key.
            let pem = opened(given, "keystore", path, Part::Key)?;
            set.insert("ssl.certificate.pem".to_owned(), pem.clone());
            set.insert("ssl.key.pem".to_owned(), pem);
        }
    }
    Ok(())
}

/// Tries the password of an encrypted key in PEM: librdkafka would say that the key is no PEM.
fn key_opens(given: &BTreeMap<String, String>, set: &BTreeMap<String, String>) -> Result<(), PropertyError> {
    let file = set.get("ssl.key.location").and_then(|path| files::read_text(Path::new(path)).ok());
    let Some(key) = set.get("ssl.key.pem").cloned().or(file) else { return Ok(()) };
    if !key.contains("ENCRYPTED") {
        return Ok(());
    }
    let password = given.get("ssl.key.password");
    // OpenSSL asks at the terminal where it is given no password.
    match PKey::private_key_from_pem_passphrase(key.as_bytes(), password.map_or(&[], |p| p.as_bytes())) {
        Ok(_) => Ok(()),
        Err(_) => {
            let why = if password.is_some() { other_key_password() } else { key_encrypted() };
            Err(PropertyError::value("ssl.key.password", why))
        }
    }
}

fn store(property: &str, path: &str) -> Result<Store, PropertyError> {
    let mut head = [0_u8; 4];
    let n = files::open(Path::new(path))
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
    delegation_token() => "librdkafka does not support delegation tokens (`tokenauth`); use a SCRAM user with a password, or `driver: kafka-tools`, whose Java client supports them" / "`tokenauth` connecte par un jeton de délégation, ce que librdkafka ne sait pas faire ; donner ici un utilisateur avec mot de passe, ou charger par `driver: kafka-tools`, dont le client Java le sait";
    key_encrypted() => "the private key is encrypted and its password is missing" / "la clé privée est chiffrée, et son mot de passe n'est pas donné";
    other_key_password() => "wrong password: the private key cannot be decrypted" / "il n'ouvre pas la clé privée";
    login_missing() => "a SASL protocol needs a user and a password; give `sasl.jaas.config`, best as `env:NAME` or `file:PATH`" / "un protocole SASL demande un utilisateur et un mot de passe ; donner `sasl.jaas.config`, de préférence comme `env:NAME` ou `file:PATH`";
    mechanism_missing(known) => "it is not given, and Kafka's default, GSSAPI (Kerberos), is not supported; {known}" / "il n'est pas donné, et celui de Kafka par défaut, GSSAPI (Kerberos), n'est pas pris en charge ; {known}";
    mechanism_unsupported(mechanism, known) => "`{mechanism}` is not supported; {known}" / "`{mechanism}` n'est pas pris en charge ; {known}";
    msk_iam() => "`AWS_MSK_IAM` is not supported: it signs with AWS's own Java library (`aws-msk-iam-auth`), which librdkafka has not; use a SCRAM user of the cluster (Amazon MSK has both side by side), or `driver: kafka-tools` with that library on the class path" / "`AWS_MSK_IAM` n'est pas pris en charge : il signe avec la bibliothèque Java d'AWS (`aws-msk-iam-auth`), que librdkafka n'a pas ; utiliser un utilisateur SCRAM du cluster (Amazon MSK permet les deux côte à côte), ou `driver: kafka-tools` avec cette bibliothèque dans le class path";
    protocol_misspelt(protocol, near) => "unknown protocol `{protocol}`; did you mean `{near}`?" / "protocole inconnu : `{protocol}` ; peut-être `{near}` ?";
    protocol_unknown(protocol) => "unknown protocol `{protocol}`" / "protocole inconnu : `{protocol}`";
    store_password_missing(path) => "`{path}` is a Java store and needs its password; best as `env:NAME` or `file:PATH`" / "`{path}` est un magasin Java et demande son mot de passe, de préférence comme `env:NAME` ou `file:PATH`";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
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

        let (property, path) = ("ssl.truststore.location", "/nowhere/ca.pem");
        let error = translate(&ssl(&[(property, path)]), &mut BTreeMap::new()).unwrap_err().to_string();
        assert!(
            error.contains("cannot be read") && error.contains(property) && error.contains(path),
            "{error}"
        );
    }

    #[test]
    fn stores_of_java_are_opened_with_their_passwords() {
        let stores = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stores");
        let path = |name: &str| stores.join(name).to_str().unwrap().to_owned();
        let (trust, own) = (path("keytool-17-same.jks"), path("keytool-21-same.jks"));
        let pairs = [
            ("security.protocol", "SSL"),
            ("ssl.truststore.location", trust.as_str()),
            ("ssl.truststore.password", "storepass"),
            ("ssl.keystore.location", own.as_str()),
            ("ssl.keystore.password", "storepass"),
        ];
        let mut set = BTreeMap::new();
        translate(&given(&pairs), &mut set).unwrap();
        assert!(set["ssl.ca.pem"].contains("BEGIN CERTIFICATE"));
        assert!(
            set["ssl.key.pem"].contains("PRIVATE KEY")
                && set["ssl.certificate.pem"].contains("BEGIN CERTIFICATE")
        );
        for (at, value, told) in [(2, None, "needs its password"), (2, Some("another"), "wrong password")] {
            let mut pairs = pairs.to_vec();
            match value {
                None => drop(pairs.remove(at)),
                Some(value) => pairs[at].1 = value,
            }
            let error = translate(&given(&pairs), &mut BTreeMap::new()).unwrap_err().to_string();
            assert!(error.contains(told) && error.contains(&trust), "{error}");
        }
    }

    #[test]
    fn a_delegation_token_is_refused_kindly() {
        let line = "x.ScramLoginModule required username='id' password='hmac-of-it' tokenauth=true;";
        let pairs = [
            ("security.protocol", "SASL_SSL"),
            ("sasl.mechanism", "SCRAM-SHA-256"),
            ("sasl.jaas.config", line),
        ];
        let error = translate(&given(&pairs), &mut BTreeMap::new()).unwrap_err().to_string();
        assert!(error.contains("librdkafka does not support delegation tokens"), "{error}");
    }

    #[test]
    fn an_encrypted_key_needs_its_password() {
        let key = PKey::from_rsa(openssl::rsa::Rsa::generate(2048).unwrap()).unwrap();
        let pem = key
            .private_key_to_pem_pkcs8_passphrase(openssl::symm::Cipher::aes_256_cbc(), b"key-pass-1")
            .unwrap();
        let pem = String::from_utf8(pem).unwrap();
        for (password, told) in [
            (Some("key-pass-1"), None),
            (Some("another"), Some("`ssl.key.password` cannot be used: wrong password")),
            (None, Some("is encrypted and its password is missing")),
        ] {
            let mut pairs = vec![("security.protocol", "SSL")];
            pairs.extend(password.map(|password| ("ssl.key.password", password)));
            let mut set = BTreeMap::from([("ssl.key.pem".to_owned(), pem.clone())]);
            let done = translate(&given(&pairs), &mut set).map_err(|e| e.to_string());
            match told {
                None => assert_eq!(done, Ok(())),
                Some(told) => assert!(done.as_ref().unwrap_err().contains(told), "{done:?}"),
            }
        }
    }

    #[test]
    fn sasl_needs_a_mechanism_a_user_and_a_password() {
        for (pairs, expected) in [
            (&[("security.protocol", "SASL_SSL")][..], "GSSAPI"),
            (
                &[("security.protocol", "SASL_SSL"), ("sasl.mechanism", "OAUTHBEARER")],
                "`sasl.oauthbearer.token.endpoint.url`: it is not given",
            ),
            (
                &[("security.protocol", "SASL_SSL"), ("sasl.mechanism", "PLAIN")],
                "needs a user and a password",
            ),
            (
                &[("security.protocol", "SASL_SSL"), ("sasl.mechanism", "AWS_MSK_IAM")],
                "AWS's own Java library",
            ),
            (&[("security.protocol", "SASL_SLS")], "did you mean `SASL_SSL`?"),
        ] {
            let error = translate(&given(pairs), &mut BTreeMap::new()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
