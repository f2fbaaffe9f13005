//! Names of secrets, and texts that stand for a secret without being one.

/// What a secret is replaced by.
pub const MASK: &str = "***";

/// Ends of a word that names a secret.
const ENDS: &[&str] = &[
    "password",
    "passwords",
    "passwd",
    "passphrase",
    "passphrases",
    "secret",
    "secrets",
    "token",
    "tokens",
    "apikey",
    "apikeys",
    "credential",
    "credentials",
    "motdepasse",
];

/// Two neighbouring words, or one, that name a secret.
const NAMES: &[&str] = &[
    "accesskey",
    "accountkey",
    "apikey",
    "clientkey",
    "encryptionkey",
    "jaasconfig",
    "keypass",
    "keypem",
    "keystorekey",
    "masterkey",
    "mdp",
    "privatekey",
    "proxyauthorization",
    "secretaccess",
    "secretid",
    "secretkey",
    "sharedkey",
    "signaturekey",
    "signingkey",
    "srcstorepass",
    "deststorepass",
    "storagekey",
    "storepass",
    "userinfo",
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

/// First words of names that count.
const COUNTS: &[&str] = &["count", "max", "min", "num", "number", "total"];

/// Whether the value of that name is a secret.
pub fn is_secret_key(key: &str) -> bool {
    // No name of a secret is without one of these; most names are.
    const ROOTS: [&str; 9] = ["pass", "secret", "token", "key", "cred", "user", "jaas", "auth", "mdp"];
    let lower = key.to_ascii_lowercase();
    if key.len() > 256 || !(ROOTS.iter().any(|root| lower.contains(root)) || lower.contains("pwd")) {
        return false;
    }
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
    let short = words.len() > 1 && (*last == "pwd" || (*last == "pass" && lower.ends_with("_pass")));
    short
        || words.iter().any(|word| ENDS.iter().any(|end| word.ends_with(end)) || NAMES.contains(word))
        || pairs.iter().any(|pair| NAMES.contains(&pair.as_str()))
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

/// A reference tells where a secret is, and may be read by anybody.
pub fn is_reference(text: &str) -> bool {
    ["env:", "file:", "command:"].iter().any(|form| text.starts_with(form))
}

/// Whether a text may be a secret itself: no reference, no placeholder, no word that says whether there is one.
pub(super) fn is_clear(text: &str) -> bool {
    // What an error, a form or a help text says there.
    const WORDS: [&str; 34] = [
        "",
        "a",
        "aucun",
        "aucune",
        "connection",
        "denied",
        "empty",
        "expired",
        "expiré",
        "false",
        "good",
        "hidden",
        "identifier",
        "invalid",
        "masked",
        "missing",
        "n/a",
        "nil",
        "no",
        "none",
        "not",
        "null",
        "optional",
        "permission",
        "redacted",
        "refused",
        "required",
        "revoked",
        "true",
        "unbound",
        "unchanged",
        "undefined",
        "unset",
        "yes",
    ];
    let text = text.trim();
    let placeholder = match text.as_bytes() {
        [b'$', b'{' | b'(', ..] | [b'{', b'{', ..] | [b'<', .., b'>'] | [b'%', b's'] => true,
        // A variable of a shell; a password may begin with a dollar too.
        [b'$', rest @ ..] => {
            let upper = rest.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_');
            let name = rest.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_');
            let lower = text.to_ascii_lowercase();
            upper || name && ["pass", "token", "secret", "pwd"].iter().any(|word| lower.contains(word))
        }
        _ => {
            text.chars().all(|c| matches!(c, '*' | '.' | '…'))
                || (text.len() > 2 && text.chars().all(|c| matches!(c, 'x' | 'X')))
        }
    };
    !placeholder && !is_reference(text) && !WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
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
            "PWD",
            "passed",
            "bypass",
            "user",
        ] {
            assert!(!is_secret_key(key), "{key}");
        }
    }

    #[test]
    fn what_stands_for_a_secret_is_none() {
        for text in
            ["env:NAME", "${file:/a:b}", "$PASSWORD", "{{ vars.x }}", "***", "null", "<password>", "…"]
        {
            assert!(!is_clear(text), "{text}");
        }
        for text in ["hunter2", "$ecret", "xylophone", "123456"] {
            assert!(is_clear(text), "{text}");
        }
    }
}
