//! What a property's value must look like before librdkafka sees it, which reads a number up to the first character that
//! is none and passes over the rest: numbers and flags whole, PEM in lines, no placeholder that nobody filled in.

use super::{
    config_def::{self, Refusal, Type},
    property_error::PropertyError,
};
use crate::record::{Arg, Said, messages};
use regex::Regex;
use std::{path::Path, sync::LazyLock};

/// What stands in the value of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `all` or a number of brokers.
    Acks,
    /// Certificates in PEM.
    Certificates,
    /// A number of milliseconds; librdkafka takes a part of one too.
    Decimal,
    Flag,
    /// A private key in PEM.
    PrivateKey,
    Text,
    Whole,
}

impl Form {
    /// The form of a property of the table.
    pub(super) fn of(name: &str) -> Self {
        const WHOLE: [&str; 6] = [
            "buffer.memory",
            "max.in.flight.requests.per.connection",
            "max.poll.records",
            "metrics.num.samples",
            "retries",
            "sasl.kerberos.min.time.before.relogin",
        ];
        const WHOLE_ENDS: [&str; 6] = [".bytes", ".kbytes", ".messages", ".ms", ".seconds", ".size"];
        match name {
            "acks" => Self::Acks,
            "linger.ms" => Self::Decimal,
            _ if Type::of(name) == Type::Flag => Self::Flag,
            "ssl.keystore.key" | "ssl.key.pem" => Self::PrivateKey,
            "ssl.ca.pem"
            | "ssl.certificate.pem"
            | "ssl.keystore.certificate.chain"
            | "ssl.truststore.certificates" => Self::Certificates,
            _ if WHOLE.contains(&name)
                || WHOLE_ENDS.iter().any(|end| name.ends_with(end))
                || name.starts_with("compression.") && name.ends_with(".level") =>
            {
                Self::Whole
            }
            _ => Self::Text,
        }
    }
}

/// `value` as librdkafka and Java both read it, or what is wrong with it.
pub(super) fn checked(property: &str, value: &str) -> Result<String, PropertyError> {
    let text = config_def::trimmed(value);
    let form = Form::of(property);
    // librdkafka takes a part of a millisecond.
    if form != Form::Decimal {
        as_kafka(property, text)?;
    }
    match form {
        Form::Text => Ok(value.to_owned()),
        Form::Whole => whole(property, text).map(|number| number.to_string()),
        Form::Acks => Ok(text.to_owned()),
        Form::Decimal => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number.to_string()),
            _ => Err(not_a_number(property, text)),
        },
        Form::Flag => Ok(text.to_ascii_lowercase()),
        Form::Certificates => pem(property, text, "CERTIFICATE"),
        Form::PrivateKey => pem(property, text, "PRIVATE KEY"),
    }
}

/// Refuses what Kafka's own clients refuse as the value of that property. `value` is trimmed.
pub(super) fn as_kafka(property: &str, value: &str) -> Result<(), PropertyError> {
    let Err(refusal) = Type::of(property).takes(value) else { return Ok(()) };
    let why = match refusal {
        Refusal::NotWhole => return Err(not_a_number(property, value)),
        _ if property == "acks" => not_acks(value),
        Refusal::AboveMost(most) => above_most(value, most),
        Refusal::BelowLeast(least) => below_least(value, least),
        Refusal::Empty => is_empty(),
        Refusal::EmptyEntry => empty_entry(),
        Refusal::NotAFlag => not_a_flag(value),
        Refusal::NotAMember => not_a_member(value),
        Refusal::NotANumber => not_a_fraction(value),
        Refusal::Unknown(words, meant) => {
            let said = not_one_of(
                value,
                Arg::List(words.iter().map(|word| Arg::Text(format!("`{word}`"))).collect()),
            );
            meant.map_or(said.clone(), |word| write(said, word))
        }
    };
    Err(malformed(property, why))
}

/// As [`as_kafka`], of a client's file: words that are librdkafka's alone are refused there too.
pub(super) fn in_file(property: &str, value: &str) -> Result<(), PropertyError> {
    let java = match (property, value) {
        ("partition.assignment.strategy", "range") => "org.apache.kafka.clients.consumer.RangeAssignor",
        ("partition.assignment.strategy", "roundrobin") => {
            "org.apache.kafka.clients.consumer.RoundRobinAssignor"
        }
        ("partition.assignment.strategy", "cooperative-sticky") => {
            "org.apache.kafka.clients.consumer.CooperativeStickyAssignor"
        }
        ("ssl.endpoint.identification.algorithm", "none") => "ssl.endpoint.identification.algorithm=",
        _ => return as_kafka(property, value),
    };
    Err(malformed(property, write(librdkafkas_word(value), java)))
}

/// The brokers of `bootstrap.servers`, in a client's file.
pub(super) fn servers(value: &str) -> Result<String, PropertyError> {
    config_def::servers(value).map_err(|entry| {
        malformed("bootstrap.servers", if entry.is_empty() { no_server() } else { not_a_server(entry) })
    })
}

/// The whole number that is the value.
pub(super) fn whole(property: &str, value: &str) -> Result<i64, PropertyError> {
    value.trim().parse().map_err(|_| not_a_number(property, value.trim()))
}

/// Refuses what something else was to fill in: Java's config providers (`${file:/path:key}`), a shell, a template.
pub(super) fn filled_in(property: &str, value: &str) -> Result<(), PropertyError> {
    static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\$\{([A-Za-z_][\w.-]*)(?::([^{}]*))?\}").expect("the pattern is a constant")
    });
    // As templates of vendors have it: `username='{{ CLUSTER_API_KEY }}'`.
    static TEMPLATE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\{\{\s*[\w.-]+\s*\}\}").expect("the pattern is a constant"));
    if let Some(found) = TEMPLATE.find(value) {
        return Err(malformed(property, placeholder(found.as_str())));
    }
    let Some(found) = PLACEHOLDER.captures(value) else { return Ok(()) };
    let whole = &found[0];
    let said = match (&found[1], found.get(2).map(|rest| rest.as_str())) {
        ("env", Some(name)) if !name.is_empty() => provider(whole, format!("env:{name}")),
        // Each key is a file of its own there.
        ("directory", Some(place)) => match place.rsplit_once(':') {
            Some((folder, key)) => provider(whole, format!("file:{}/{key}", folder.trim_end_matches('/'))),
            None => placeholder(whole),
        },
        ("file", Some(place)) => match place.rsplit_once(':') {
            Some((path, key)) => provider_file(whole, key, path),
            None => placeholder(whole),
        },
        (name, None) => provider(whole, format!("env:{name}")),
        _ => placeholder(whole),
    };
    Err(malformed(property, said))
}

fn malformed(property: &str, why: Said) -> PropertyError {
    PropertyError::Malformed { property: property.to_owned(), why }
}

/// Says what was expected, and the number that is surely meant where there is one.
fn not_a_number(property: &str, value: &str) -> PropertyError {
    let expected = match property {
        _ if value.is_empty() => no_number(),
        name if name.ends_with(".ms") => not_milliseconds(value),
        name if [".bytes", ".size", ".memory"].iter().any(|end| name.ends_with(end)) => not_bytes(value),
        _ => not_whole(value),
    };
    let before = value.split(['#', ';']).next().unwrap_or_default();
    let before = before.split("//").next().unwrap_or_default().trim();
    let said = match before.len() < value.len() && before.parse::<i64>().is_ok() {
        true => with_comment(expected, before),
        false => match meant(property, value) {
            Some(number) => write(expected, number),
            None => expected,
        },
    };
    malformed(property, said)
}

/// The whole number that a text surely means for that property: `1e6`, `1_000_000`, `30s` of milliseconds, `64KiB` of
/// bytes. Whether `KB` is 1000 or 1024 bytes is unknown.
fn meant(property: &str, value: &str) -> Option<i64> {
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*([A-Za-z]*)$")
            .expect("the pattern is a constant")
    });
    static GROUPS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^\d{1,3}(?:[_, '\u{a0}]\d{3})+$").expect("the pattern is a constant"));
    if GROUPS.is_match(value) {
        return value.chars().filter(char::is_ascii_digit).collect::<String>().parse().ok();
    }
    let found = NUMBER.captures(value)?;
    let time = property.ends_with(".ms");
    let factor = match &found[2] {
        "" => 1.0,
        "ms" if time => 1.0,
        "s" | "sec" | "secs" | "second" | "seconds" if time => 1e3,
        "m" | "min" | "mins" | "minute" | "minutes" if time => 6e4,
        "h" | "hour" | "hours" if time => 3.6e6,
        "B" | "b" | "bytes" if !time => 1.0,
        "KiB" if !time => 1024.0,
        "MiB" if !time => 1024.0 * 1024.0,
        "GiB" if !time => 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    let number = found[1].parse::<f64>().ok()? * factor;
    #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
    (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
}

/// The blocks of that kind in lines, however they were written: on one line, with `\n` or blanks where the lines ended.
fn pem(property: &str, value: &str, kind: &str) -> Result<String, PropertyError> {
    static BLOCK: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?s)-----BEGIN ([A-Z0-9 ]+?)-----(.*?)-----END [A-Z0-9 ]+?-----")
            .expect("the pattern is a constant")
    });
    // Of a key that OpenSSL encrypted in its own old way.
    static HEAD: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^\s*(Proc-Type:\s*\S+)\s+(DEK-Info:\s*[A-Z0-9-]+,[0-9A-Fa-f]+)\s+")
            .expect("the pattern is a constant")
    });
    let lines = value.replace("\\r", "").replace("\\n", "\n");
    let mut found = String::new();
    for block in BLOCK.captures_iter(&lines).filter(|block| block[1].ends_with(kind)) {
        let (label, body) = (&block[1], &block[2]);
        let head = HEAD.captures(body);
        let base64 = head.as_ref().map_or(body, |head| &body[head[0].len()..]);
        let base64: Vec<char> = base64.chars().filter(|c| !c.is_whitespace()).collect();
        let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
        if base64.is_empty() || !base64.iter().all(plain) {
            return Err(malformed(property, pem_damaged(label)));
        }
        found += &format!("-----BEGIN {label}-----\n");
        if let Some(head) = head {
            found += &format!("{}\n{}\n\n", &head[1], &head[2]);
        }
        for line in base64.chunks(64) {
            found.extend(line);
            found.push('\n');
        }
        found += &format!("-----END {label}-----\n");
    }
    if !found.is_empty() {
        return Ok(found);
    }
    if lines.contains("-----BEGIN ") {
        let said = if lines.contains("-----END ") { pem_of_another_kind(kind) } else { pem_cut(kind) };
        return Err(malformed(property, said));
    }
    let location = match property {
        "ssl.ca.pem" => "ssl.ca.location",
        "ssl.certificate.pem" => "ssl.certificate.location",
        "ssl.key.pem" => "ssl.key.location",
        "ssl.truststore.certificates" => "ssl.truststore.location",
        _ => "ssl.keystore.location",
    };
    // Anything else may be a key, and is not shown.
    Err(malformed(
        property,
        match is_path(value) {
            true => pem_is_a_path(value, location),
            false => pem_missing(kind),
        },
    ))
}

fn is_path(text: &str) -> bool {
    let ends = [".pem", ".key", ".crt", ".cer", ".cert", ".p8", ".pk8", ".jks", ".p12", ".pfx"];
    let name = text.to_ascii_lowercase();
    text.len() < 256
        && !text.contains(char::is_whitespace)
        && (ends.iter().any(|end| name.ends_with(end))
            || text.starts_with(['/', '.', '~']) && text.len() < 100
            || Path::new(text).exists())
}

messages! {
    area "kafka-value";
    above_most(value, most) => "`{value}` is above {most}, the most that Kafka takes" / "`{value}` dépasse {most}, le maximum de Kafka";
    below_least(value, least) => "`{value}` is below {least}, the least that Kafka takes" / "`{value}` est en dessous de {least}, le minimum de Kafka";
    empty_entry() => "an entry of the list is empty; separate entries with one comma" / "un élément de la liste est vide ; une virgule sépare deux éléments";
    is_empty() => "the value is empty; Kafka takes a text or no such line" / "elle est vide ; Kafka accepte un texte, ou l'absence de la ligne";
    librdkafkas_word(value) => "`{value}` is librdkafka's word, and Kafka's clients refuse it" / "`{value}` est un mot de librdkafka, que les clients de Kafka refusent";
    no_number() => "the value is empty; expected a whole number" / "elle n'a pas de valeur ; un nombre entier est attendu";
    no_server() => "the value is empty; expected `host:port`" / "elle est vide ; `hôte:port` est attendu";
    not_a_flag(value) => "`{value}` is neither `true` nor `false`" / "`{value}` n'est ni `true` ni `false`";
    not_a_fraction(value) => "`{value}` is not a number" / "`{value}` n'est pas un nombre";
    not_a_member(value) => "`{value}` is not a name that Kafka takes: letters, digits, `.`, `_` and `-`, at most 249, and neither `.` nor `..`" / "`{value}` n'est pas un nom que Kafka accepte : lettres, chiffres, `.`, `_` et `-`, 249 au plus, et ni `.` ni `..`";
    not_a_server(entry) => "`{entry}` is not `host:port`; commas separate brokers" / "`{entry}` n'est pas de la forme `hôte:port` ; des virgules séparent les brokers";
    not_acks(value) => "`{value}` is not `all`, `1` or `0`" / "`{value}` n'est ni `all`, ni `1`, ni `0`";
    not_bytes(value) => "`{value}` is not a whole number of bytes" / "`{value}` n'est pas un nombre entier d'octets";
    not_milliseconds(value) => "`{value}` is not a whole number of milliseconds" / "`{value}` n'est pas un nombre entier de millisecondes";
    not_one_of(value, words) => "`{value}` is not one of {words}, as Kafka writes them" / "`{value}` n'est aucun de {words}, tels que Kafka les écrit";
    not_whole(value) => "`{value}` is not a whole number" / "`{value}` n'est pas un nombre entier";
    pem_cut(kind) => "truncated PEM: the line `-----END {kind}-----` is missing" / "son PEM est coupé : la ligne `-----END {kind}-----` manque";
    pem_damaged(label) => "damaged PEM: the text after `-----BEGIN {label}-----` is not Base64" / "son PEM est abîmé : ce qui suit `-----BEGIN {label}-----` n'est pas du Base64";
    pem_is_a_path(path, location) => "`{path}` is a path, expected PEM text; write `file:{path}`, or set `{location}`" / "`{path}` est un chemin, alors qu'un texte PEM est attendu ; écrire `file:{path}`, ou nommer le fichier par `{location}`";
    pem_missing(kind) => "not PEM: `-----BEGIN {kind}-----` is missing (the value is not shown)" / "ce n'est pas du PEM : `-----BEGIN {kind}-----` manque ; son contenu n'est pas montré";
    pem_of_another_kind(kind) => "the PEM text has no `-----BEGIN {kind}-----`" / "son PEM n'a pas de `-----BEGIN {kind}-----`";
    placeholder(text) => "unresolved placeholder `{text}`; write the value, or a reference: `env:NAME`, `file:PATH` or `command:PROGRAM ARGS`" / "`{text}` n'est remplacé par rien ici ; écrire la valeur, ou `env:NOM`, `file:CHEMIN` ou `command:PROGRAMME ARGS` à sa place";
    provider(text, reference) => "unresolved placeholder `{text}`; write `{reference}` instead" / "`{text}` n'est remplacé par rien ici ; écrire `{reference}` à sa place";
    provider_file(text, key, path) => "unresolved placeholder `{text}`; put the value of `{key}` alone into a file (`{path}` has several) and write `file:PATH` instead" / "`{text}` est destiné aux « config providers » de Java, absents ici ; mettre la valeur de `{key}` seule dans un fichier et écrire `file:CHEMIN` à sa place (`{path}` en contient plusieurs)";
    with_comment(expected, number) => "{expected}; a comment needs a line of its own: write `{number}`" / "{expected} : un commentaire occupe sa propre ligne ; écrire `{number}`";
    write(expected, number) => "{expected}; write `{number}`" / "{expected} ; écrire `{number}`";
}

#[cfg(test)]
mod tests {
    use super::super::names::PROPERTIES;
    use super::*;

    fn refused(property: &str, value: &str) -> String {
        checked(property, value).unwrap_err().to_string()
    }

    #[test]
    fn a_number_is_whole_or_refused_and_never_cut() {
        for (property, value, told) in [
            ("batch.size", "64KB", "`batch.size`: `64KB` is not a whole number of bytes"),
            ("batch.size", "64KiB", "not a whole number of bytes; write `65536`"),
            ("request.timeout.ms", "30s", "not a whole number of milliseconds; write `30000`"),
            ("request.timeout.ms", "5   # wait", "a comment needs a line of its own: write `5`"),
            ("linger.ms", "5   # wait", "a comment needs a line of its own: write `5`"),
            ("linger.ms", "5ms", "not a whole number of milliseconds; write `5`"),
            ("fetch.min.bytes", "1e6", "write `1000000`"),
            ("fetch.min.bytes", "1_000_000", "write `1000000`"),
            ("fetch.min.bytes", "1,000", "write `1000`"),
            ("buffer.memory", "32m", "`32m` is not a whole number of bytes"),
            ("retries", "3 times", "`3 times` is not a whole number"),
            ("retries", "", "the value is empty"),
            ("retries", "3.5", "`3.5` is not a whole number"),
            ("acks", "1 // leader", "is not `all`, `1` or `0`"),
            ("acks", "ALL!", "is not `all`, `1` or `0`"),
            ("max.in.flight.requests.per.connection", "5;", "write `5`"),
            ("enable.idempotence", "true # yes", "neither `true` nor `false`"),
            ("session.timeout.ms", "0x10", "not a whole number"),
        ] {
            let error = refused(property, value);
            assert!(error.contains(told), "{property}={value}: {error}");
        }
        for (property, value, same) in [
            ("linger.ms", " 5 ", "5"),
            ("linger.ms", "0.5", "0.5"),
            // Read as octal by librdkafka.
            ("batch.size", "010000", "10000"),
            ("retries", "+3", "3"),
            ("acks", "-1", "-1"),
            ("enable.idempotence", "True", "true"),
            ("client.id", "64KB # x", "64KB # x"),
        ] {
            assert_eq!(checked(property, value).unwrap(), same, "{property}={value}");
        }
    }

    #[test]
    fn every_number_of_the_table_is_known_as_one() {
        let words = ["timeout", "interval", "backoff", "max.", "min.", "num.", "size", "bytes"];
        for property in PROPERTIES.iter().filter(|p| words.iter().any(|w| p.name.contains(w))) {
            assert_ne!(Form::of(property.name), Form::Text, "{}", property.name);
        }
        assert_eq!(Form::of("metrics.recording.level"), Form::Text);
    }

    #[test]
    fn pem_is_brought_into_lines() {
        let body = "MIIB".repeat(40);
        let whole = format!(
            "-----BEGIN CERTIFICATE-----\n{}\n{}\n{}\n-----END CERTIFICATE-----\n",
            &body[..64],
            &body[64..128],
            &body[128..]
        );
        for text in [
            whole.clone(),
            whole.replace('\n', "\\n"),
            whole.replace('\n', "\\r\\n"),
            whole.replace('\n', "\r\n"),
            whole.trim_end().replace('\n', " "),
            whole.replace('\n', ""),
            format!("Bag Attributes\n{whole}"),
        ] {
            assert_eq!(checked("ssl.truststore.certificates", &text).unwrap(), whole, "{text}");
        }
        let two = format!("{whole}{whole}");
        assert_eq!(checked("ssl.keystore.certificate.chain", &two.replace('\n', " ")).unwrap(), two);
        let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00FF\n\nMIIB\n-----END RSA PRIVATE KEY-----\n";
        assert_eq!(checked("ssl.keystore.key", &old.replace('\n', " ")).unwrap(), old);
    }

    #[test]
    fn what_is_no_pem_is_told_and_not_shown() {
        for (value, told) in [
            (
                "/etc/kafka/client.key",
                "`/etc/kafka/client.key` is a path, expected PEM text; write `file:/etc/kafka/client.key`, or set `ssl.keystore.location`",
            ),
            ("client.pem", "`client.pem` is a path"),
            ("MIIEvgIBADANBgkqhkiG9w0BAQEFAASC", "not PEM: `-----BEGIN PRIVATE KEY-----` is missing"),
            (
                "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
                "has no `-----BEGIN PRIVATE KEY-----`",
            ),
            ("-----BEGIN PRIVATE KEY-----\nMIIB", "truncated PEM"),
            ("-----BEGIN PRIVATE KEY-----\nMI!B\n-----END PRIVATE KEY-----", "is not Base64"),
        ] {
            let error = refused("ssl.keystore.key", value);
            assert!(error.contains(told), "{error}");
            assert!(!error.contains("MIIE"), "{error}");
        }
    }

    #[test]
    fn a_placeholder_is_told_with_what_to_write_instead() {
        for (value, told) in [
            ("${env:KAFKA_PASSWORD}", "write `env:KAFKA_PASSWORD` instead"),
            ("${file:/etc/kafka/secrets.properties:pw}", "put the value of `pw` alone into a file"),
            ("${directory:/etc/secrets:pw}", "write `file:/etc/secrets/pw` instead"),
            ("${KAFKA_PASSWORD}", "write `env:KAFKA_PASSWORD` instead"),
            ("${vault:kafka/client:pw}", "`env:NAME`, `file:PATH`"),
            (
                "x required username='{{ CLUSTER_API_KEY }}';",
                "unresolved placeholder `{{ CLUSTER_API_KEY }}`",
            ),
            ("x required username=\"u\" password=\"${env:PW}\";", "write `env:PW` instead"),
        ] {
            let error = filled_in("sasl.jaas.config", value).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
        for value in ["plain", "a$b{c}", "${}", "${1:2}"] {
            assert!(filled_in("client.id", value).is_ok(), "{value}");
        }
    }
}
