//! Settings of brokers and topics as the cluster tells them, with where each value comes from.

use super::admin::{Admin, Error};
use crate::support::redact;
use rdkafka::admin::{ConfigEntry, ConfigResource, ConfigSource, ResourceSpecifier};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

/// Something that has settings.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entity {
    /// A broker, by id.
    Broker(i32),
    /// A topic, by name.
    Topic(String),
}

/// One setting of a broker or a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// Kafka's name.
    pub name: String,
    /// Its value; `None` where it has none, the mask where it is sensitive.
    pub value: Option<String>,
    /// Where the value comes from.
    pub source: Origin,
    /// Whether the broker keeps the value to itself.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
}

/// Where a setting's value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Kafka's own default.
    Default,
    /// Set while running, for one broker.
    DynamicBroker,
    /// Set while running, for all brokers.
    DynamicDefaultBroker,
    /// Set on the topic.
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

impl Origin {
    /// As in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::DynamicBroker => "dynamic (broker)",
            Self::DynamicDefaultBroker => "dynamic (all brokers)",
            Self::DynamicTopic => "dynamic (topic)",
            Self::StaticBroker => "static",
            Self::Unknown => "unknown",
        }
    }
}

/// A version of Kafka and how it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Version {
    /// Such as `3.7`.
    pub text: String,
    /// One sentence.
    pub how: String,
}

/// What changes so rarely that a watch need not ask for it with every sample.
#[derive(Debug, Default)]
pub(super) struct Known {
    min_isr: Option<MinIsr>,
    version: Option<Result<Version, String>>,
}

#[derive(Debug)]
struct MinIsr {
    at: Instant,
    asked: BTreeSet<String>,
    told: BTreeMap<String, usize>,
}

/// How long `min.insync.replicas` of the topics is taken for unchanged.
const FRESH: Duration = Duration::from_secs(60);

/// Topics in one request.
const BATCH: usize = 100;

impl Admin {
    /// The settings of each entity, by name; values of sensitive ones are masked. An entity that told nothing (it is
    /// not there, or this user may not see it) is left out: Kafka answers for each one, and [`silent`] names them.
    pub async fn configs(&self, entities: &[Entity]) -> Result<BTreeMap<Entity, Vec<Setting>>, Error> {
        // librdkafka takes one broker a request, because each broker knows its own settings only.
        let (brokers, topics): (Vec<_>, Vec<_>) =
            entities.iter().cloned().partition(|e| matches!(e, Entity::Broker(_)));
        let requests: Vec<Vec<Entity>> =
            brokers.chunks(1).chain(topics.chunks(BATCH)).map(<[Entity]>::to_vec).collect();
        // Every broker knows the topics' settings, but librdkafka would ask the controller, which may be dead.
        let alive = Some(self.answered_by.load(Ordering::Relaxed)).filter(|id| *id >= 0);
        let answers = self
            .administer("describe settings", async move |client, _| {
                let mut answers = Vec::new();
                for request in requests {
                    let asked: Vec<_> = request.iter().map(specifier).collect();
                    let broker =
                        if matches!(request.first(), Some(Entity::Broker(_))) { None } else { alive };
                    let options = super::admin::options().broker_id(broker);
                    let answer = client.describe_configs(&asked, &options).await?;
                    answers.extend(request.into_iter().zip(answer));
                }
                Ok(answers)
            })
            .await?;
        // rdkafka drops the error of a single entity and leaves it without settings.
        Ok(answers
            .into_iter()
            .filter_map(|(entity, answer)| Some((entity, answer.ok()?)))
            .filter(|(_, resource)| !resource.entries.is_empty())
            .map(|(entity, resource)| (entity, settings(resource)))
            .collect())
    }

    /// `min.insync.replicas` of those of `topics` that tell it, a minute old at most; older while nobody answers
    /// this.
    pub async fn min_isr(&self, topics: &[String]) -> Result<BTreeMap<String, usize>, Error> {
        let fresh =
            |known: &MinIsr| known.at.elapsed() < FRESH && topics.iter().all(|t| known.asked.contains(t));
        let told = |known: &MinIsr| known.told.clone();
        let known = self.known.lock().ok().and_then(|k| k.min_isr.as_ref().filter(|k| fresh(k)).map(told));
        if let Some(known) = known {
            return Ok(known);
        }
        let entities: Vec<_> = topics.iter().cloned().map(Entity::Topic).collect();
        let answer = self.configs(&entities).await;
        let mut known = self.known.lock().map_err(|e| Error::Client(e.to_string()))?;
        let told: BTreeMap<_, _> = match (answer, known.min_isr.take()) {
            (Ok(settings), _) => settings
                .into_iter()
                .filter_map(|(entity, settings)| {
                    let Entity::Topic(name) = entity else { return None };
                    let least = value(&settings, "min.insync.replicas")?.parse().ok()?;
                    Some((name, least))
                })
                .collect(),
            (Err(Error::Unreachable { .. }), Some(old)) => old.told,
            (Err(error), old) => {
                known.min_isr = old;
                return Err(error);
            }
        };
        let asked = topics.iter().cloned().collect();
        known.min_isr = Some(MinIsr { at: Instant::now(), asked, told: told.clone() });
        Ok(told)
    }

    /// The version of Kafka, asked once: no request of Kafka tells it, so it is read from a setting of the broker that
    /// told the last topology, or of `broker` where none did. The inner error is why it cannot be told.
    pub async fn version(&self, broker: i32) -> Result<Result<Version, String>, Error> {
        if let Some(known) = self.known.lock().ok().and_then(|known| known.version.clone()) {
            return Ok(known);
        }
        let alive = self.answered_by.load(Ordering::Relaxed);
        let broker = if alive >= 0 { alive } else { broker };
        let entity = Entity::Broker(broker);
        let Some(settings) = self.configs(std::slice::from_ref(&entity)).await?.remove(&entity) else {
            return Ok(Err(format!("broker {broker} told no settings: this user may not see them")));
        };
        let version = version_of(broker, &settings);
        if let Ok(mut known) = self.known.lock() {
            known.version = Some(version.clone());
        }
        Ok(version)
    }
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
pub fn version_of(broker: i32, settings: &[Setting]) -> Result<Version, String> {
    const SETTING: &str = "inter.broker.protocol.version";
    let Some(setting) = settings.iter().find(|s| s.name == SETTING) else {
        return Err(format!(
            "broker {broker} has no `{SETTING}`, as Kafka 4.0 and later; no request of Kafka tells its version"
        ));
    };
    let text = setting.value.clone().unwrap_or_default();
    let how = if setting.source == Origin::Default {
        format!("from the default of `{SETTING}` (`{text}`) on broker {broker}")
    } else {
        format!(
            "from `{SETTING}` (`{text}`), which is set by hand on broker {broker}: the software may be newer"
        )
    };
    Ok(Version { text: text.split("-IV").next().unwrap_or_default().to_owned(), how })
}

fn specifier(entity: &Entity) -> ResourceSpecifier<'_> {
    match entity {
        Entity::Broker(id) => ResourceSpecifier::Broker(*id),
        Entity::Topic(name) => ResourceSpecifier::Topic(name),
    }
}

fn settings(resource: ConfigResource) -> Vec<Setting> {
    let mut settings: Vec<_> = resource.entries.into_iter().map(setting).collect();
    settings.sort_by(|a, b| a.name.cmp(&b.name));
    settings
}

fn setting(entry: ConfigEntry) -> Setting {
    // Brokers send no value for what they take for sensitive; a name of their own plug-ins may slip through.
    let secret = entry.is_sensitive
        || ["password", "secret", "jaas.config", "keystore.key"]
            .iter()
            .any(|part| entry.name.ends_with(part));
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
