//! Names of secrets, and whether a value is one by its name.

use super::clear::{is_clear, is_outcome, is_request_of_kafka};
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::sync::LazyLock;

/// What a secret is replaced by.
pub const MASK: &str = "***";

/// Ends of a word that names a secret.
const ENDS: &[&str] = &[
    "password",
    "passwords",
    "passwd",
    "passphrase",
    "passphrases",
    "passcode",
    "passkey",
    "secret",
    "secrets",
    "token",
    "tokens",
    "apikey",
    "apikeys",
    "credential",
    "credentials",
    "motdepasse",
    "passwort",
    "authtok",
    "kennwort",
    "wachtwoord",
    "contraseña",
    "contrasena",
    "senha",
    "dbpass",
    "userpass",
    "rootpass",
    "adminpass",
    "requirepass",
    "bindpw",
    "rootpw",
];

/// Two neighbouring words, or one, that name a secret.
const NAMES: &[&str] = &[
    "accesskey",
    "accountkey",
    "apikey",
    "appkey",
    "applicationkey",
    "clientkey",
    "encryptionkey",
    "erlangcookie",
    "integrationkey",
    "jaasconfig",
    "keypass",
    "keypem",
    "keystorekey",
    "masterauth",
    "passphrase",
    "password",
    "masterkey",
    "mdp",
    "presharedkey",
    "privatekey",
    "proxyauthorization",
    "psk",
    "secretaccess",
    "secretid",
    "secretkey",
    "sharedkey",
    "signaturekey",
    "signingkey",
    "sonarlogin",
    "srcstorepass",
    "destkeypass",
    "deststorepass",
    "srckeypass",
    "storagekey",
    "storepass",
    "userinfo",
];

/// What stands before `key` in the last two words of names of secrets: `azure.eventhubs.sas.key`, `sftp.tls.key`.
pub(super) const BEFORE_KEY: &[&str] = &[
    "auth",
    "decryption",
    "deploy",
    "fernet",
    "hmac",
    "jwt",
    "license",
    "sas",
    "subscription",
    "tls",
    "webhook",
    "wrapping",
];

/// Last words of names that tell something about a secret, and hold none.
const ABOUT: &[&str] = &[
    "age",
    "algorithm",
    "alias",
    "attempts",
    "audience",
    "bytes",
    "callback",
    "class",
    "cmd",
    "command",
    "count",
    "days",
    "enable",
    "enabled",
    "endpoint",
    "event",
    "events",
    "expiry",
    "failure",
    "failures",
    "field",
    "file",
    "files",
    "format",
    "handler",
    "header",
    "helper",
    "id",
    "interval",
    "issuer",
    "iterations",
    "length",
    "lag",
    "lifetime",
    "limit",
    "location",
    "manager",
    "max",
    "min",
    "minutes",
    "mode",
    "ms",
    "name",
    "names",
    "path",
    "policy",
    "present",
    "provider",
    "providers",
    "rate",
    "ref",
    "required",
    "s",
    "scope",
    "second",
    "seconds",
    "set",
    "size",
    "source",
    "stdin",
    "time",
    "timeout",
    "topic",
    "ttl",
    "type",
    "uri",
    "url",
    "urls",
    "version",
    "bucket",
    "encoder",
    "error",
    "errors",
    "exception",
    "factory",
    "module",
    "refresher",
    "service",
    "validator",
];

/// Last words of names that tell something of what a block has secrets of.
const BESIDE: &[&str] = &[
    "account",
    "comment",
    "created",
    "description",
    "documentation",
    "domain",
    "email",
    "expires",
    "from",
    "group",
    "help",
    "host",
    "hostname",
    "kind",
    "labels",
    "login",
    "namespace",
    "note",
    "optional",
    "owner",
    "port",
    "realm",
    "region",
    "selector",
    "server",
    "status",
    "title",
    "updated",
    "user",
    "username",
];

/// First words of names that count.
const COUNTS: &[&str] = &["count", "max", "min", "num", "number", "total"];

/// No name of a secret is without one of these; most names are.
static ROOTS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let roots = [
        "pass", "secret", "token", "key", "cred", "user", "jaas", "auth", "psk", "sonar", "mdp", "pw",
        "wort", "woord", "contras", "senha", "hmac", "cookie",
    ];
    let mut builder = AhoCorasick::builder();
    builder.ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA));
    builder.build(roots).expect("the roots are constants that every test builds")
});

/// Whether the value of that name is a secret.
pub fn is_secret_key(key: &str) -> bool {
    if key.len() > 256 || !ROOTS.is_match(key) || is_safe(key) {
        return false;
    }
    let lower = key.to_ascii_lowercase();
    if lower == "authorization" {
        return true;
    }
    let words = words(key);
    // `password2`, and `password-events-0`, which is a partition.
    let words: Vec<&str> =
        words.iter().map(|word| word.trim_end_matches(|c: char| c.is_ascii_digit())).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return false };
    let pairs: Vec<String> = words.windows(2).map(|pair| pair.concat()).collect();
    if pairs.iter().any(|pair| pair == "secretid") {
        return true;
    }
    if ABOUT.contains(last) || COUNTS.contains(first) {
        return false;
    }
    // `PWD` is a folder, `DB_PWD` is not; a first pass is none either.
    let short = words.len() > 1
        && (*last == "pwd" || ["_pass", "_pw", "bindpw", "rootpw"].iter().any(|end| lower.ends_with(end)));
    let of_key = |pair: &String| pair.strip_suffix("key").is_some_and(|first| BEFORE_KEY.contains(&first));
    short
        || pairs.last().is_some_and(|pair| of_key(pair) || pair == "redisauth")
        || words.iter().any(|word| ENDS.iter().any(|end| word.ends_with(end)) || NAMES.contains(word))
        || pairs.iter().any(|pair| NAMES.contains(&pair.as_str()))
}

/// Whether a key in a block of secrets says something about them, and has none.
pub(super) fn describes(key: &str) -> bool {
    let words = words(key);
    words.last().is_some_and(|last| ABOUT.contains(&last.as_str()) || BESIDE.contains(&last.as_str()))
        && !is_secret_key(key)
}

/// Whether a text is the name of a field that stands beside a secret, or has one: `username`, `Host`, `PASSWORD`.
pub(super) fn is_field(text: &str) -> bool {
    let mut letters = text.chars().skip(1).filter(|c| c.is_alphabetic());
    let upper = letters.next().is_some_and(char::is_uppercase);
    let written = letters.all(|c| c.is_uppercase() == upper) && !text.contains(|c: char| c.is_ascii_digit());
    written && (describes(text) || is_secret_key(text) || ["value", "valeur", "utilisateur"].contains(&text))
}

/// Whether a name is that of a Secret of Kubernetes, or of a file of Compose, alone: `secret`, `imagePullSecrets`.
pub(super) fn names_resource(key: &str) -> bool {
    if !ends_with(key, &["secret", "secrets"]) {
        return false;
    }
    const BEFORE: [&str; 10] =
        ["ca", "cert", "certificate", "default", "existing", "external", "image", "ingress", "pull", "tls"];
    match words(key).split_last() {
        Some((last, before)) => {
            matches!(last.as_str(), "secret" | "secrets")
                && before.iter().all(|word| BEFORE.contains(&word.as_str()))
        }
        None => false,
    }
}

/// Whether a value may be the name of something: small letters, digits and what parts them.
pub(super) fn is_label(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b);
    text.len() <= 253 && text.bytes().all(inner) && text.starts_with(|c: char| c.is_ascii_lowercase())
}

/// Whether a value is the name of a secret, and not the secret: `secret: my-tls-secret`.
pub(super) fn is_resource(key: &str, value: &str) -> bool {
    const TELLING: [&str; 22] = [
        "auth",
        "ca",
        "cert",
        "certs",
        "config",
        "cred",
        "creds",
        "credentials",
        "key",
        "keys",
        "keystore",
        "password",
        "passwords",
        "pull",
        "regcred",
        "registry",
        "secret",
        "secrets",
        "ssl",
        "tls",
        "token",
        "truststore",
    ];
    let parts = || value.split(['-', '_', '.']);
    let telling = || value == "regcred" || parts().count() > 1 && parts().any(|part| TELLING.contains(&part));
    is_label(value) && (names_resource(key) && telling() || names_existing(key))
        || ends_with(key, &["key"]) && is_request_of_kafka(value) && words(key).concat().ends_with("apikey")
}

/// Whether a name says that there is a Secret already, which is named, or one of its keys: `auth.existingSecret`,
/// `existingSecretPasswordKey`, `pullSecrets`.
fn names_existing(key: &str) -> bool {
    let words = if key.len() <= 64 { words(key) } else { Vec::new() };
    let given = words.iter().position(|word| ["existing", "pull"].contains(&word.as_str()));
    given.is_some_and(|at| words[at..].iter().any(|word| word.starts_with("secret")))
}

/// Names of one word that are words of other things too: a verdict, a folder.
const SHORT: [&str; 5] = ["cred", "creds", "pass", "pw", "pwd"];
/// Names of keys that services give, and of those by which a broker of messages finds a queue.
const ROUTES: [&str; 2] = ["routingkey", "servicekey"];

/// Whether the value of that name may be a secret, which [`is_secret`] tells by the value.
pub(super) fn may_name(key: &str) -> bool {
    is_short(key)
        || is_route(key)
        || is_auth(key)
        || is_community(key)
        || is_digest(key)
        || is_secret_key(key)
}

/// Whether a value is a secret by its name and by what it is itself.
pub(super) fn is_secret(key: &str, value: &str) -> bool {
    let may_be = || {
        is_secret_key(key)
            || is_short(key) && !is_outcome(value)
            || is_route(key) && is_id(value)
            || is_auth(key) && (is_of_npm(key) || is_login(value) || is_open_login(key, value))
            || is_community(key) && is_own_community(value)
            || is_digest(key) && !is_algorithm(value)
            || is_pin(key) && is_pin_code(value)
    };
    may_be() && is_clear(value) && !is_resource(key, value)
}

/// Whether a name is that of a program that keeps secrets: `creds in KeePass: …`.
fn is_safe(key: &str) -> bool {
    ends_with(key, &["1password", "keepass", "keepass2", "lastpass", "nordpass", "protonpass"])
}

fn is_short(key: &str) -> bool {
    ends_with(key, &SHORT)
        && !is_safe(key)
        && words(key).last().is_some_and(|word| SHORT.contains(&word.as_str()))
}

fn is_route(key: &str) -> bool {
    ends_with(key, &["key"]) && ROUTES.iter().any(|route| words(key).concat().ends_with(route))
}

/// Whether a name is that of a digest by a key, which is as good as it: the HMAC of a delegation token.
fn is_digest(key: &str) -> bool {
    ends_with(key, &["hmac"]) && words(key).last().is_some_and(|word| word == "hmac")
}

/// Whether a value says how a digest is made, or nothing: `sha256`, `HmacSHA256`, `required`.
fn is_algorithm(value: &str) -> bool {
    const ALGORITHMS: [&str; 8] = ["blake", "hmac", "hs256", "hs384", "hs512", "md5", "ripemd", "sha"];
    let lower = value.to_ascii_lowercase();
    ALGORITHMS.iter().any(|known| lower.starts_with(known))
        || value.len() < 6
        || value.len() < 16 && !value.bytes().any(|b| b.is_ascii_digit())
}

/// Whether a name is that of a number that opens something.
pub(super) fn is_pin(key: &str) -> bool {
    ends_with(key, &["pin", "pincode"])
        && words(key).last().is_some_and(|word| ["pin", "pincode"].contains(&word.as_str()))
}

/// Whether a text may be such a number.
pub(super) fn is_pin_code(text: &str) -> bool {
    (4..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether an option of that name is given a password.
pub(super) fn is_password(option: &str) -> bool {
    words(option).last().is_some_and(|word| ["pass", "pw", "pwd"].contains(&word.as_str()))
}

/// Whether a name is that of a community of SNMP, which is the password of its version 2.
fn is_community(key: &str) -> bool {
    ends_with(key, &["community", "communitystring", "community_string", "community-string"])
        && words(key).iter().any(|word| word.ends_with("community"))
}

/// Whether a community is none that everybody knows, and no word of something else: `Community: https://…`.
fn is_own_community(value: &str) -> bool {
    const USUAL: [&str; 30] = [
        "access",
        "aiven",
        "apache",
        "aws",
        "azure",
        "cloudera",
        "confluent",
        "debian",
        "default",
        "docker",
        "edition",
        "elastic",
        "forum",
        "github",
        "grafana",
        "kafka",
        "kubernetes",
        "license",
        "oracle",
        "plan",
        "private",
        "prometheus",
        "public",
        "redhat",
        "slack",
        "strimzi",
        "string",
        "support",
        "ubuntu",
        "version",
    ];
    value.len() >= 4
        && !value.contains(char::is_whitespace)
        && !value.contains("://")
        && !USUAL.iter().any(|usual| value.eq_ignore_ascii_case(usual))
        && !is_outcome(value)
}

/// Whether a name is that of the log-in of a registry in a `.npmrc`.
fn is_of_npm(key: &str) -> bool {
    key == "_auth"
}

/// Whether a value is a user and a password, by a name that says so: `CONSUL_HTTP_AUTH=ana:x`.
fn is_open_login(key: &str, value: &str) -> bool {
    let of_people = words(key).iter().any(|word| ["basic", "http", "proxy"].contains(&word.as_str()));
    let login = value.split_once(':').is_some_and(|(user, password)| {
        !user.is_empty() && password.len() > 3 && !password.starts_with("//") && !password.contains(' ')
    });
    of_people && login
}

fn is_auth(key: &str) -> bool {
    ends_with(key, &["auth"]) && words(key).last().is_some_and(|word| word == "auth")
}

/// Whether a text is a user and a password in Base64, as Docker and npm keep them.
pub(super) fn is_login(text: &str) -> bool {
    let decoded = STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.is_some_and(|login| login.contains(':') && !login.chars().any(char::is_control))
}

/// Whether a name of usual length ends with one of those, in any case.
fn ends_with(key: &str, ends: &[&str]) -> bool {
    let bytes = key.as_bytes();
    let end = |end: &&str| {
        bytes.len().checked_sub(end.len()).is_some_and(|at| bytes[at..].eq_ignore_ascii_case(end.as_bytes()))
    };
    key.len() <= 64 && ends.iter().any(end)
}

/// Whether a text is a key of a service: many letters and digits at random.
fn is_id(text: &str) -> bool {
    text.len() >= 20
        && text.bytes().all(|b| b.is_ascii_alphanumeric())
        && text.bytes().any(|b| b.is_ascii_digit())
}

/// The words of a name in lower case: `ssl.trustStorePassword` has `ssl`, `trust`, `store` and `password`.
fn words(key: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in key.chars() {
        if !c.is_alphanumeric() || (c.is_ascii_uppercase() && before.is_ascii_lowercase()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_known_in_any_form() {
        for key in [
            "ssl.key.password",
            "Password",
            "x.API_KEY",
            "apiKey",
            "access-token",
            "a.sasl.jaas.config",
            "KAFKA_SASL_JAAS_CONFIG",
            "AUTHORIZATION",
            "Proxy-Authorization",
            "AWS_SECRET_ACCESS_KEY",
            "aws.secret.access.key",
            "basic.auth.user.info",
            "private.key",
            "privateKey",
            "confluent.cloud.credentials",
            "gcs.credentials.json",
            "oauth.token",
            "client.secret.value",
            "KAFKA_CLIENT_PASSWORDS",
            "trustStorePassword",
            "ssl.keystore.key",
            "delegation.token.secret.key",
            "password.encoder.secret",
            "sasl.oauthbearer.client.credentials.client.secret",
            "snowflake.private.key.passphrase",
            "storepass",
            "azure.eventhubs.sas.key",
            "azblob.sas.token",
            "sftp.tls.key",
            "redis.auth",
            "newrelic.license.key",
            "SSH_PASS_PHRASE",
            "hmac.key",
            "DB_PWD",
            "secret_id",
        ] {
            assert!(is_secret_key(key), "{key}");
        }
    }

    #[test]
    fn names_of_other_things_are_not() {
        for key in [
            "x.authorization",
            "key",
            "é",
            "",
            "num.partitions",
            "key.serializer",
            "key.converter",
            "partition.key",
            "primary.key",
            "password_file",
            "ssl.keystore.location",
            "ssl.key.location",
            "basic.auth.credentials.source",
            "sasl.oauthbearer.token.endpoint.url",
            "delegation.token.max.lifetime.ms",
            "password.encoder.key.length",
            "token_count",
            "max.tokens",
            "tokenizer",
            "aws.access.key.id",
            "azure.sas.key.name",
            "redis.auth.enabled",
            "tls.key.path",
            "consumer.key.deserializer",
            "hmac",
            "spin",
            "PWD",
            "passed",
            "bypass",
            "user",
        ] {
            assert!(!is_secret_key(key), "{key}");
        }
    }
}
