//! What a cluster tells of its settings: each is a [`Setting`], with where its value comes from.

use crate::{
    record::{Said, Speaks, messages, platform},
    support::redact,
};
use rdkafka::admin::{ConfigEntry, ConfigSource};
use serde::Serialize;
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::Instant,
};

/// Something that has settings.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entity {
    /// The broker with that id.
    Broker(i32),
    /// The topic of that name.
    Topic(String),
}

/// One setting of a broker or a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// Name of the setting, as Kafka has it.
    pub name: String,
    /// Its value; `None` where it has none, the mask where it is sensitive.
    pub value: Option<String>,
    /// Where the value comes from.
    pub source: Origin,
    /// Whether the broker keeps the value to itself.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
}

impl Setting {
    /// As a run keeps it.
    pub fn kept(&self) -> platform::Setting {
        let mut origin = BTreeMap::from([("source".to_owned(), json!(self.source))]);
        if self.sensitive {
            origin.insert("sensitive".to_owned(), true.into());
        }
        platform::Setting { name: self.name.clone(), value: self.value.clone(), origin }
    }
}

/// Where a setting's value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Default value of Kafka itself.
    Default,
    /// Set while running, for one broker.
    DynamicBroker,
    /// Set while running, for all brokers.
    DynamicDefaultBroker,
    /// Set on the topic, dynamically.
    DynamicTopic,
    /// From the broker's `server.properties`.
    StaticBroker,
    /// The broker does not say.
    Unknown,
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broker(id) => write!(f, "broker {id}"),
            Self::Topic(name) => write!(f, "topic {name}"),
        }
    }
}

impl Speaks for Origin {
    fn said(&self) -> Said {
        match self {
            Self::Default => default_value(),
            Self::DynamicBroker => dynamic_of_broker(),
            Self::DynamicDefaultBroker => dynamic_of_all(),
            Self::DynamicTopic => dynamic_of_topic(),
            Self::StaticBroker => in_file(),
            Self::Unknown => unknown_origin(),
        }
    }
}

/// A version of Kafka and how it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Version {
    /// The version as text, such as `3.7`.
    pub text: String,
    /// How the version was found out, in a sentence.
    pub how: Said,
}

/// What changes so rarely that a watch need not ask for it with every sample.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) min_isr: Option<MinIsr>,
    pub(super) version: Option<Result<Version, Said>>,
}

/// `min.insync.replicas` of topics.
#[derive(Debug)]
pub(super) struct MinIsr {
    pub(super) at: Instant,
    pub(super) asked: BTreeSet<String>,
    pub(super) told: BTreeMap<String, usize>,
}

/// Those of `asked` that told nothing, as texts.
pub fn silent(asked: &[Entity], told: &BTreeMap<Entity, Vec<Setting>>) -> Vec<String> {
    asked.iter().filter(|entity| !told.contains_key(entity)).map(ToString::to_string).collect()
}

/// The value of the setting of that name.
pub fn value<'a>(settings: &'a [Setting], name: &str) -> Option<&'a str> {
    settings.iter().find(|s| s.name == name)?.value.as_deref()
}

/// The version that a broker's settings tell. `inter.broker.protocol.version` is the release's own unless somebody
/// holds it back during an upgrade; Kafka 4.0 removed it.
pub fn version_of(broker: i32, settings: &[Setting]) -> Result<Version, Said> {
    const SETTING: &str = "inter.broker.protocol.version";
    let Some(setting) = settings.iter().find(|s| s.name == SETTING) else {
        return Err(no_version(broker, SETTING));
    };
    let text = setting.value.clone().unwrap_or_default();
    let how = match setting.source {
        Origin::Default => by_default(SETTING, &text, broker),
        _ => by_hand(SETTING, &text, broker),
    };
    Ok(Version { text: text.split("-IV").next().unwrap_or_default().to_owned(), how })
}

/// What rdkafka read, secrets masked.
pub(super) fn setting(entry: ConfigEntry) -> Setting {
    // Brokers send no value for what they take for sensitive; a name of their own plug-ins may slip through.
    let secret = entry.is_sensitive || redact::is_secret_key(&entry.name);
    Setting {
        value: match entry.value {
            // Brokers send none for a secret, set or not; that it has its default is told.
            None if entry.source == ConfigSource::Default => None,
            _ if secret => Some(redact::MASK.to_owned()),
            value => value,
        },
        source: match entry.source {
            ConfigSource::Default => Origin::Default,
            ConfigSource::DynamicBroker => Origin::DynamicBroker,
            ConfigSource::DynamicDefaultBroker => Origin::DynamicDefaultBroker,
            ConfigSource::DynamicTopic => Origin::DynamicTopic,
            ConfigSource::StaticBroker => Origin::StaticBroker,
            ConfigSource::Unknown => Origin::Unknown,
        },
        sensitive: secret,
        name: entry.name,
    }
}

messages! {
    area "kafka-version";
    by_default(setting, value, broker) => "from the default of `{setting}` (`{value}`) on broker {broker}" / "d'après la valeur par défaut de `{setting}` (`{value}`) du broker {broker}";
    by_hand(setting, value, broker) => "from `{setting}` (`{value}`), which is set by hand on broker {broker}: the software may be newer" / "d'après `{setting}` (`{value}`), fixé à la main sur le broker {broker} : le logiciel est peut-être plus récent";
    default_value() => "default" / "défaut";
    dynamic_of_all() => "dynamic (all brokers)" / "dynamique (tous les brokers)";
    dynamic_of_broker() => "dynamic (broker)" / "dynamique (broker)";
    dynamic_of_topic() => "dynamic (topic)" / "dynamique (topic)";
    in_file() => "static" / "fichier du broker";
    no_version(broker, setting) => "broker {broker} has no `{setting}`, as Kafka 4.0 and later; no request of Kafka returns its version" / "le broker {broker} n'a pas de `{setting}`, comme Kafka 4.0 et suivants ; aucune requête de Kafka ne donne sa version";
    settings_hidden(broker) => "could not read the configuration of broker {broker}: DescribeConfigs permission missing" / "configuration du broker {broker} illisible : droit DescribeConfigs manquant";
    unknown_origin() => "unknown" / "inconnue";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, value: &str, source: ConfigSource, is_sensitive: bool) -> ConfigEntry {
        ConfigEntry {
            name: name.to_owned(),
            value: Some(value.to_owned()),
            is_default: source == ConfigSource::Default,
            source,
            is_read_only: false,
            is_sensitive,
        }
    }

    #[test]
    fn secrets_are_masked_even_where_the_broker_shows_them() {
        for (name, sensitive, expected) in [
            ("ssl.keystore.password", true, "***"),
            ("my.plugin.password", false, "***"),
            ("listener.name.a.plain.sasl.jaas.config", false, "***"),
            ("log.retention.hours", false, "168"),
        ] {
            let setting = setting(entry(name, "168", ConfigSource::StaticBroker, sensitive));
            assert_eq!(setting.value.as_deref(), Some(expected), "{name}");
        }
    }

    #[test]
    fn the_version_comes_with_how_it_was_found() {
        let told = |source| vec![setting(entry("inter.broker.protocol.version", "3.7-IV4", source, false))];
        let version = version_of(1, &told(ConfigSource::Default)).unwrap();
        assert_eq!(version.text, "3.7");
        assert!(version.how.contains("default"), "{}", version.how);
        let held = version_of(1, &told(ConfigSource::StaticBroker)).unwrap();
        assert!(held.how.contains("may be newer"), "{}", held.how);
        assert!(version_of(1, &[]).unwrap_err().contains("Kafka 4.0"));
    }
}
