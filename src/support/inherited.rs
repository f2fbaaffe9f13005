//! The variables of our own environment that child processes get: what programs need, and no secret.

use super::redact;
use std::{collections::BTreeSet, env, ffi::OsString, sync::RwLock};

/// Variables that every program may need.
const COMMON: &[&str] = &["HOME", "JAVA_HOME", "LANG", "LOGNAME", "PATH", "TERM", "TMPDIR", "TZ", "USER"];
/// Those that Kafka's own scripts read (`bin/kafka-run-class.sh`). Others that begin like them are of people, and may hold
/// anything.
const OF_KAFKA: &[&str] = &[
    "INCLUDE_TEST_JARS",
    "JMX_PORT",
    "KAFKA_CLASSPATH",
    "KAFKA_DEBUG",
    "KAFKA_GC_LOG_OPTS",
    "KAFKA_HEAP_OPTS",
    "KAFKA_HOME",
    "KAFKA_JMX_OPTS",
    "KAFKA_JVM_PERFORMANCE_OPTS",
    "KAFKA_LOG4J_OPTS",
    "KAFKA_OPTS",
    "LOG_DIR",
];
/// Beginnings of the names of others: the language, and what is made for this program.
const FAMILIES: &[&str] = &["LC_", "JALON_"];

static SECRETS: RwLock<BTreeSet<String>> = RwLock::new(BTreeSet::new());

/// Takes the variable for a secret: no child gets it that does not ask for it.
pub fn withhold(name: &str) {
    if let Ok(mut secrets) = SECRETS.write() {
        secrets.insert(name.to_owned());
    }
}

/// The variables for a child, before those that it asks for.
pub fn variables() -> impl Iterator<Item = (OsString, OsString)> {
    env::vars_os().filter(|(name, _)| name.to_str().is_some_and(passes))
}

fn passes(name: &str) -> bool {
    COMMON.contains(&name)
        || ((OF_KAFKA.contains(&name) || FAMILIES.iter().any(|family| name.starts_with(family)))
            && !redact::is_secret_key(name)
            && SECRETS.read().is_ok_and(|secrets| !secrets.contains(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_get_what_they_need_and_no_secret() {
        withhold("JALON_OF_THE_TEST");
        withhold("HOME");
        for name in ["PATH", "HOME", "LC_ALL", "KAFKA_OPTS", "JMX_PORT", "JALON_ENV", "JAVA_HOME"] {
            assert!(passes(name), "{name}");
        }
        for name in [
            "AWS_PROFILE",
            "KAFKA_CLIENT_PASSWORDS",
            "KAFKA_SASL_JAAS",
            "KAFKA_AUTH",
            "JMX_CREDS",
            "JALON_TOKEN",
            "JALON_OF_THE_TEST",
            "XPATH",
        ] {
            assert!(!passes(name), "{name}");
        }
    }
}
