//! The redactor: masks resolved secrets and the known shapes of secrets in any text before it is kept or shown.

use regex::{Captures, Regex};
use std::{
    borrow::Cow,
    sync::{LazyLock, RwLock},
};

/// What stands in place of a secret.
pub const MASK: &str = "***";

static KNOWN: RwLock<Vec<String>> = RwLock::new(Vec::new());

/// Each pattern has the part to keep as group 1, and the secret behind it.
static SHAPES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        r#"(?i)((?:sasl\.jaas\.config)["']?\s*[=:]\s*\\?["']?)[^\r\n]+"#,
        r#"(?i)((?:[\w.-]*(?:password|passwd|passphrase|secret|api[._-]?key|token))\\?["']?\s*[=:]\s*\\?["']?)[^\s"',;}&\\]+"#,
        r"(?i)(authorization\s*:\s*(?:basic|bearer)\s+)[A-Za-z0-9._~+/=-]+",
        r"(?i)(\b[a-z][a-z0-9+.-]*://[^\s/:@]+:)[^\s/@]+(?:@)",
    ]
    .into_iter()
    .map(|pattern| Regex::new(pattern).expect("the pattern is a constant that a test compiles"))
    .collect()
});

/// No shape and no secret key is without one of these, and most texts have none.
static TRACES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("(?i)passw|passphrase|secret|api|token|jaas|authorization|://")
        .expect("the pattern is a constant that a test compiles")
});

/// What a key whose whole value is a secret ends with, in lower case.
const SECRET_KEYS: [&str; 10] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "apikey",
    "api.key",
    "api_key",
    "api-key",
    "token",
    "sasl.jaas.config",
];

/// Makes `secret` known, so that it is masked wherever it shows up from now on. Very short ones are left out:
/// masking every `a` would destroy the evidence.
pub fn learn(secret: &str) {
    if secret.len() >= 4
        && let Ok(mut known) = KNOWN.write()
        && !known.iter().any(|k| k == secret)
    {
        known.push(secret.to_owned());
    }
}

/// `text` with every secret masked.
pub fn mask(text: &str) -> Cow<'_, str> {
    let mut masked = Cow::Borrowed(text);
    if let Ok(known) = KNOWN.read() {
        for secret in known.iter().filter(|secret| text.contains(secret.as_str())) {
            masked = Cow::Owned(masked.replace(secret.as_str(), MASK));
        }
    }
    if !TRACES.is_match(text) {
        return masked;
    }
    for shape in SHAPES.iter() {
        if shape.is_match(&masked) {
            let replaced = shape.replace_all(&masked, |found: &Captures<'_>| {
                let at = if found[0].ends_with('@') { "@" } else { "" };
                format!("{}{MASK}{at}", &found[1])
            });
            masked = Cow::Owned(replaced.into_owned());
        }
    }
    masked
}

/// Whether [`mask_json`] could change anything in the value of this JSON text. A no is certain.
pub fn may_mask(json: &str) -> bool {
    KNOWN.read().map_or(true, |known| !known.is_empty()) || TRACES.is_match(json)
}

/// Masks every string of a JSON value, and whole values whose key names a secret.
pub fn mask_json(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => {
            if let Cow::Owned(masked) = mask(text) {
                *text = masked;
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(mask_json),
        serde_json::Value::Object(entries) => {
            for (key, value) in entries.iter_mut() {
                match value {
                    serde_json::Value::String(text) if is_secret_key(key) && !is_reference(text) => {
                        MASK.clone_into(text);
                    }
                    value => mask_json(value),
                }
            }
        }
        _ => {}
    }
}

/// Whether the whole value of that key is a secret.
pub fn is_secret_key(key: &str) -> bool {
    let ends_with = |end: &str| {
        key.len()
            .checked_sub(end.len())
            .and_then(|at| key.get(at..))
            .is_some_and(|k| k.eq_ignore_ascii_case(end))
    };
    SECRET_KEYS.iter().any(|end| ends_with(end)) || key.eq_ignore_ascii_case("authorization")
}

/// A reference tells where a secret is, and may be read by anybody.
pub fn is_reference(text: &str) -> bool {
    ["env:", "file:", "command:"].iter().any(|form| text.starts_with(form))
}

/// `bytes` with every secret masked where they are text; other bytes are returned as they are.
pub fn mask_bytes(bytes: &[u8]) -> Cow<'_, [u8]> {
    match std::str::from_utf8(bytes) {
        Ok(text) => match mask(text) {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        },
        Err(_) => Cow::Borrowed(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_shapes_are_masked() {
        for (text, expected) in [
            (
                "-Djavax.net.ssl.trustStorePassword=changeit -Dx=y",
                "-Djavax.net.ssl.trustStorePassword=*** -Dx=y",
            ),
            ("ssl.key.password=abc", "ssl.key.password=***"),
            ("Authorization: Basic YTpi", "Authorization: Basic ***"),
            ("http://bob:hunter2@host/x", "http://bob:***@host/x"),
            (r#"{"ssl.key.password": "abc", "a": 1}"#, r#"{"ssl.key.password": "***", "a": 1}"#),
        ] {
            assert_eq!(mask(text), expected);
        }
        assert!(!mask("sasl.jaas.config=x.Y required username=\"u\" password=\"p\";").contains("\"p\""));
    }

    #[test]
    fn what_is_masked_has_a_trace() {
        for end in SECRET_KEYS.iter().chain(&["authorization"]) {
            assert!(may_mask(&format!("{{\"X.{}\":1}}", end.to_uppercase())), "{end}");
        }
        for text in
            ["Password: x", "sasl.jaas.config=x", "API-key=1", "Authorization: Bearer x", "http://a:b@c"]
        {
            assert!(mask(text) != text && may_mask(text), "{text}");
        }
    }

    #[test]
    fn a_learnt_secret_is_masked_anywhere() {
        learn("s3cr3t-of-the-test");
        assert_eq!(mask("it is s3cr3t-of-the-test, really"), "it is ***, really");
    }

    #[test]
    fn keys_that_name_a_secret_are_known_in_any_case() {
        for key in [
            "ssl.key.password",
            "Password",
            "x.API_KEY",
            "apiKey",
            "access-token",
            "a.sasl.jaas.config",
            "AUTHORIZATION",
        ] {
            assert!(is_secret_key(key), "{key}");
        }
        for key in ["passwords", "x.authorization", "key", "é", ""] {
            assert!(!is_secret_key(key), "{key}");
        }
    }

    #[test]
    fn ordinary_text_is_borrowed() {
        assert!(matches!(mask("1000 records sent"), Cow::Borrowed(_)));
    }
}
