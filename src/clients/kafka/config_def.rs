//! What Kafka's own clients take for each property: the types and valid values that `ProducerConfig`, `ConsumerConfig` and
//! `AdminClientConfig` define (asked of their `configDef()` in 3.7.2 and 4.3.1; where the two differ, either is enough).
//!
//! `ConfigDef.parseType` trims every text, a `PASSWORD` too, as `String.trim()` does: characters up to U+0020. Then `BOOLEAN`
//! is `true` or `false` in either case; `INT`, `SHORT` and `LONG` are what `parseInt` and its like take, `DOUBLE` what
//! `parseDouble` takes; a `LIST` is split at commas with the blanks around them. `ValidString` tells cases apart,
//! `CaseInsensitiveValidString` does not, and a `Range` holds its ends.

use std::borrow::Cow;

/// The type of a property, with its valid values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Type {
    Flag,
    /// The name of a Java class, which may not be empty.
    Class,
    /// Texts with commas between them, none of which is empty; there may be none at all.
    List,
    /// What names a member of a group: as the name of a topic (`Topic.validate`).
    Member,
    /// `latest`, `earliest`, `none` or, from 4.0 on, `by_duration:` and a length.
    OffsetReset,
    /// One of a few words, in either case where `any_case` is set.
    OneOf {
        words: &'static [&'static str],
        any_case: bool,
    },
    /// A fraction between two ends.
    Share(f64, f64),
    /// A text that is not empty.
    Some,
    Text,
    /// A whole number between two ends.
    Whole(i64, i64),
}

/// Why Kafka refuses a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Refusal {
    AboveMost(String),
    BelowLeast(String),
    Empty,
    EmptyEntry,
    NotAFlag,
    NotAMember,
    NotANumber,
    NotWhole,
    /// The words that it takes, and the one that is meant where only the case differs.
    Unknown(Cow<'static, [&'static str]>, Option<&'static str>),
}

const INT: i64 = i32::MAX as i64;
const LEAST_INT: i64 = i32::MIN as i64;
const LONG: i64 = i64::MAX;

impl Type {
    /// The type of the property of that name; `Text` where no client of Kafka has it.
    pub(super) fn of(name: &str) -> Self {
        let exactly = |words| Self::OneOf { words, any_case: false };
        let in_any_case = |words| Self::OneOf { words, any_case: true };
        match name {
            "acks" => exactly(&["all", "-1", "0", "1"]),
            "client.dns.lookup" => exactly(&["use_all_dns_ips", "resolve_canonical_bootstrap_servers_only"]),
            "compression.type" => exactly(&["none", "gzip", "snappy", "lz4", "zstd"]),
            "isolation.level" => exactly(&["read_committed", "read_uncommitted"]),
            "metrics.recording.level" => exactly(&["INFO", "DEBUG", "TRACE"]),
            "group.protocol" => in_any_case(&["classic", "consumer"]),
            "metadata.recovery.strategy" => in_any_case(&["rebootstrap", "none"]),
            "sasl.oauthbearer.assertion.algorithm" => in_any_case(&["ES256", "RS256"]),
            "security.protocol" => in_any_case(&["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]),
            // What `SSLContext` of a JVM has.
            "ssl.protocol" => in_any_case(&["TLS", "TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1", "SSL", "SSLv3"]),
            "auto.offset.reset" => Self::OffsetReset,
            "config.providers"
            | "interceptor.classes"
            | "metric.reporters"
            | "partition.assignment.strategy"
            | "sasl.oauthbearer.expected.audience"
            | "ssl.cipher.suites"
            | "ssl.enabled.protocols" => Self::List,
            "key.deserializer"
            | "key.serializer"
            | "partitioner.class"
            | "sasl.client.callback.handler.class"
            | "sasl.login.callback.handler.class"
            | "sasl.login.class"
            | "sasl.oauthbearer.jwt.retriever.class"
            | "sasl.oauthbearer.jwt.validator.class"
            | "ssl.engine.factory.class"
            | "value.deserializer"
            | "value.serializer" => Self::Class,
            "group.instance.id" => Self::Member,
            "transactional.id" => Self::Some,
            "allow.auto.create.topics"
            | "auto.include.jmx.reporter"
            | "check.crcs"
            | "enable.auto.commit"
            | "enable.idempotence"
            | "enable.metrics.push"
            | "exclude.internal.topics"
            | "partitioner.adaptive.partitioning.enable"
            | "partitioner.ignore.keys"
            | "sasl.oauthbearer.assertion.claim.jti.include"
            | "sasl.oauthbearer.header.urlencode"
            | "transaction.two.phase.commit.enable" => Self::Flag,
            "sasl.login.refresh.window.factor" => Self::Share(0.5, 1.0),
            "sasl.login.refresh.window.jitter" => Self::Share(0.0, 0.25),
            "sasl.kerberos.ticket.renew.jitter" | "sasl.kerberos.ticket.renew.window.factor" => {
                Self::Share(f64::NEG_INFINITY, f64::INFINITY)
            }
            // 0 is none of them, unlike -1, the default.
            "compression.gzip.level" => exactly(&["-1", "1", "2", "3", "4", "5", "6", "7", "8", "9"]),
            "compression.lz4.level" => Self::Whole(1, 17),
            "compression.zstd.level" => Self::Whole(-131_072, 22),
            "sasl.login.refresh.buffer.seconds" => Self::Whole(0, 3600),
            "sasl.login.refresh.min.period.seconds" => Self::Whole(0, 900),
            "sasl.oauthbearer.assertion.claim.exp.seconds" => Self::Whole(0, 86_400),
            "sasl.oauthbearer.assertion.claim.nbf.seconds" => Self::Whole(0, 3600),
            "max.in.flight.requests.per.connection"
            | "max.poll.interval.ms"
            | "max.poll.records"
            | "metrics.num.samples" => Self::Whole(1, INT),
            "receive.buffer.bytes" | "send.buffer.bytes" => Self::Whole(-1, INT),
            "auto.commit.interval.ms"
            | "batch.size"
            | "default.api.timeout.ms"
            | "delivery.timeout.ms"
            | "fetch.max.bytes"
            | "fetch.max.wait.ms"
            | "fetch.min.bytes"
            | "max.partition.fetch.bytes"
            | "max.request.size"
            | "request.timeout.ms"
            | "retries" => Self::Whole(0, INT),
            "heartbeat.interval.ms"
            | "sasl.login.connect.timeout.ms"
            | "sasl.login.read.timeout.ms"
            | "sasl.oauthbearer.clock.skew.seconds"
            | "session.timeout.ms"
            | "transaction.timeout.ms" => Self::Whole(LEAST_INT, INT),
            "metadata.max.idle.ms" => Self::Whole(5000, LONG),
            "buffer.memory"
            | "linger.ms"
            | "max.block.ms"
            | "metadata.max.age.ms"
            | "metadata.recovery.rebootstrap.trigger.ms"
            | "metrics.sample.window.ms"
            | "partitioner.availability.timeout.ms"
            | "reconnect.backoff.max.ms"
            | "reconnect.backoff.ms"
            | "retry.backoff.max.ms"
            | "retry.backoff.ms" => Self::Whole(0, LONG),
            "connections.max.idle.ms"
            | "sasl.kerberos.min.time.before.relogin"
            | "sasl.login.retry.backoff.max.ms"
            | "sasl.login.retry.backoff.ms"
            | "sasl.oauthbearer.jwks.endpoint.refresh.ms"
            | "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms"
            | "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms"
            | "socket.connection.setup.timeout.max.ms"
            | "socket.connection.setup.timeout.ms" => Self::Whole(i64::MIN, LONG),
            _ => Self::Text,
        }
    }

    /// Whether Kafka takes `value`, which is trimmed.
    pub(super) fn takes(self, value: &str) -> Result<(), Refusal> {
        match self {
            Self::Text => Ok(()),
            Self::Class | Self::Member | Self::Some if value.is_empty() => Err(Refusal::Empty),
            Self::Class | Self::Some => Ok(()),
            Self::Member => {
                let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
                match value.len() <= 249 && value.chars().all(in_name) && ![".", ".."].contains(&value) {
                    true => Ok(()),
                    false => Err(Refusal::NotAMember),
                }
            }
            Self::List if value.is_empty() || value.split(',').all(|entry| !trimmed(entry).is_empty()) => {
                Ok(())
            }
            Self::List => Err(Refusal::EmptyEntry),
            Self::Flag if ["true", "false"].iter().any(|flag| value.eq_ignore_ascii_case(flag)) => Ok(()),
            Self::Flag => Err(Refusal::NotAFlag),
            Self::OneOf { words, any_case } => {
                let meant = words.iter().copied().find(|word| word.eq_ignore_ascii_case(value));
                match meant.is_some_and(|word| any_case || word == value) {
                    true => Ok(()),
                    false => Err(Refusal::Unknown(words.into(), meant)),
                }
            }
            Self::OffsetReset => {
                let words = &["earliest", "latest", "none"];
                let length = value.strip_prefix("by_duration:");
                if words.contains(&value) || length.is_some_and(|length| length.starts_with('P')) {
                    return Ok(());
                }
                let meant = words.iter().copied().find(|word| word.eq_ignore_ascii_case(value));
                Err(Refusal::Unknown(words.as_slice().into(), meant))
            }
            Self::Share(least, most) => {
                // Java takes the letter of a type behind a number.
                let number = value.strip_suffix(['f', 'F', 'd', 'D']).unwrap_or(value);
                let number: f64 = number.parse().map_err(|_| Refusal::NotANumber)?;
                if number < least {
                    return Err(Refusal::BelowLeast(least.to_string()));
                }
                if number > most {
                    return Err(Refusal::AboveMost(most.to_string()));
                }
                Ok(())
            }
            Self::Whole(least, most) => {
                let digits = value.strip_prefix(['+', '-']).unwrap_or(value);
                if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(Refusal::NotWhole);
                }
                // More digits than the largest type holds are beyond every end.
                let beyond = if value.starts_with('-') { i128::MIN } else { i128::MAX };
                let number = value.parse::<i128>().unwrap_or(beyond);
                if number < i128::from(least) {
                    return Err(Refusal::BelowLeast(least.to_string()));
                }
                if number > i128::from(most) {
                    return Err(Refusal::AboveMost(most.to_string()));
                }
                Ok(())
            }
        }
    }
}

/// `text` without the blanks that Java's `String.trim()` takes away; a no-break space stays.
pub(super) fn trimmed(text: &str) -> &str {
    text.trim_matches(|c| c <= ' ')
}

/// The brokers of a `bootstrap.servers`, without empty entries and blanks, as `ClientUtils.parseAndValidateAddresses` takes
/// them; or the entry that is not `host:port`, empty where there is none at all.
pub(super) fn servers(value: &str) -> Result<String, &str> {
    let entries: Vec<&str> = value.split(',').map(trimmed).filter(|entry| !entry.is_empty()).collect();
    let is_address = |entry: &&str| {
        let entry = entry.split_once("://").map_or(*entry, |(_, address)| address);
        let Some((host, port)) = entry.rsplit_once(':') else { return false };
        let (host, port_is_number) = (
            host.trim_start_matches('[').trim_end_matches(']'),
            !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok(),
        );
        let in_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '%' | '.' | '_' | ':');
        !host.is_empty() && host.chars().all(in_host) && port_is_number
    };
    match entries.iter().find(|entry| !is_address(entry)) {
        Some(entry) => Err(entry),
        None if entries.is_empty() => Err(""),
        None => Ok(entries.join(",")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `ConfigDef.parse` of 3.7.2 and 4.3.1 answered.
    #[test]
    fn values_are_taken_and_refused_as_by_kafka() {
        for (name, value) in [
            ("acks", "all"),
            ("acks", "-1"),
            ("batch.size", "+5"),
            ("batch.size", "05"),
            ("enable.idempotence", "TRUE"),
            ("security.protocol", "sasl_ssl"),
            ("sasl.login.refresh.window.factor", "0.9f"),
            ("metadata.recovery.strategy", "None"),
            ("group.protocol", "Consumer"),
            ("auto.offset.reset", "by_duration:PT1H"),
            ("client.id", ""),
            ("connections.max.idle.ms", "-1"),
            ("linger.ms", "9223372036854775807"),
            ("ssl.truststore.type", "jks"),
            ("interceptor.classes", ""),
            ("ssl.enabled.protocols", "TLSv1.2 , TLSv1.3"),
            ("ssl.protocol", "TLSv1.3"),
            ("ssl.protocol", "tls"),
            ("compression.gzip.level", "-1"),
            ("ssl.cipher.suites", ""),
            ("group.instance.id", "host-1.example_2"),
        ] {
            assert_eq!(Type::of(name).takes(value), Ok(()), "{name}={value}");
        }
        for (name, value) in [
            ("acks", "2"),
            ("acks", "ALL"),
            ("ssl.protocol", "TLSv9"),
            ("acks", "all\u{a0}"),
            ("linger.ms", "5.0"),
            ("linger.ms", ""),
            ("linger.ms", "9223372036854775808"),
            ("linger.ms", "-99999999999999999999999999999999999999999"),
            ("compression.type", "GZIP"),
            ("enable.idempotence", "yes"),
            ("enable.auto.commit", ""),
            ("transactional.id", ""),
            ("security.protocol", "SASL"),
            ("retries", "3L"),
            ("retries", "-1"),
            ("retries", "2147483648"),
            ("sasl.login.refresh.window.factor", "1.1"),
            ("sasl.login.refresh.buffer.seconds", "40000"),
            ("client.dns.lookup", "default"),
            ("metrics.recording.level", "info"),
            ("auto.offset.reset", "Earliest"),
            ("auto.offset.reset", "smallest"),
            ("auto.offset.reset", "by_duration:-PT1H"),
            ("isolation.level", "READ_COMMITTED"),
            ("max.in.flight.requests.per.connection", "0"),
            ("receive.buffer.bytes", "-2"),
            ("compression.gzip.level", "0"),
            ("interceptor.classes", "a,,b"),
            ("partition.assignment.strategy", "x.RangeAssignor,"),
            ("group.instance.id", ""),
            ("group.instance.id", ".."),
            ("group.instance.id", "host 1"),
            ("group.instance.id", "h\u{e9}te"),
            ("partitioner.class", ""),
            ("ssl.engine.factory.class", ""),
        ] {
            assert!(Type::of(name).takes(value).is_err(), "{name}={value}");
        }
        assert_eq!((trimmed(" a\t\r\n"), trimmed("a\u{a0}")), ("a", "a\u{a0}"));
    }

    #[test]
    fn brokers_have_a_host_and_a_port() {
        assert_eq!(servers("a:1 , ,SSL://b-1.x:2,[::1]:9092").unwrap(), "a:1,SSL://b-1.x:2,[::1]:9092");
        for (value, wrong) in [
            ("localhost", "localhost"),
            ("a:1,b", "b"),
            ("a:1;b:2", "a:1;b:2"),
            ("a:port", "a:port"),
            ("a:65536", "a:65536"),
            ("a:1 b:2", "a:1 b:2"),
            (" , ", ""),
        ] {
            assert_eq!(servers(value), Err(wrong), "{value}");
        }
    }
}
