//! Settings of brokers and topics as the cluster tells them.

use super::{
    admin::{self, Admin, AdminError},
    config_entry::{Entity, MinIsr, Setting, Version, setting, settings_hidden, value, version_of},
};
use crate::record::Said;
use rdkafka::admin::{ConfigResource, ResourceSpecifier};
use std::{
    collections::BTreeMap,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

/// How long `min.insync.replicas` of the topics is taken for unchanged.
const FRESH: Duration = Duration::from_secs(60);

/// Topics in one request.
const BATCH: usize = 100;

impl Admin {
    /// The settings of each entity, by name; values of sensitive ones are masked. An entity that told nothing (it is
    /// not there, or this user may not see it) is left out: Kafka answers for each one, and [`silent`](super::config_entry::silent) names them.
    pub async fn configs(&self, entities: &[Entity]) -> Result<BTreeMap<Entity, Vec<Setting>>, AdminError> {
        // librdkafka takes one broker a request, because each broker knows its own settings only.
        let (brokers, topics): (Vec<_>, Vec<_>) =
            entities.iter().cloned().partition(|e| matches!(e, Entity::Broker(_)));
        let requests: Vec<Vec<Entity>> =
            brokers.chunks(1).chain(topics.chunks(BATCH)).map(<[Entity]>::to_vec).collect();
        // Every broker knows the topics' settings, but librdkafka would ask the controller, which may be dead.
        let alive = Some(self.answered_by.load(Ordering::Relaxed)).filter(|id| *id >= 0);
        let answers = self
            .administer(&admin::describe_settings(), async move |client, _| {
                let mut answers = Vec::new();
                for request in requests {
                    let asked: Vec<_> = request.iter().map(specifier).collect();
                    let broker =
                        if matches!(request.first(), Some(Entity::Broker(_))) { None } else { alive };
                    let options = admin::options().broker_id(broker);
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
    pub async fn min_isr(&self, topics: &[String]) -> Result<BTreeMap<String, usize>, AdminError> {
        let fresh =
            |known: &MinIsr| known.at.elapsed() < FRESH && topics.iter().all(|t| known.asked.contains(t));
        let told = |known: &MinIsr| known.told.clone();
        let known = self.known.lock().ok().and_then(|k| k.min_isr.as_ref().filter(|k| fresh(k)).map(told));
        if let Some(known) = known {
            return Ok(known);
        }
        let entities: Vec<_> = topics.iter().cloned().map(Entity::Topic).collect();
        let answer = self.configs(&entities).await;
        let mut known = self.known.lock().map_err(|e| AdminError::Client(Said::verbatim(e.to_string())))?;
        let told: BTreeMap<_, _> = match (answer, known.min_isr.take()) {
            (Ok(settings), _) => settings
                .into_iter()
                .filter_map(|(entity, settings)| {
                    let Entity::Topic(name) = entity else { return None };
                    let least = value(&settings, "min.insync.replicas")?.parse().ok()?;
                    Some((name, least))
                })
                .collect(),
            (Err(AdminError::Silent(_) | AdminError::Unreachable { .. }), Some(old)) => old.told,
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
    pub async fn version(&self, broker: i32) -> Result<Result<Version, Said>, AdminError> {
        if let Some(known) = self.known.lock().ok().and_then(|known| known.version.clone()) {
            return Ok(known);
        }
        let alive = self.answered_by.load(Ordering::Relaxed);
        let broker = if alive >= 0 { alive } else { broker };
        let entity = Entity::Broker(broker);
        let Some(settings) = self.configs(std::slice::from_ref(&entity)).await?.remove(&entity) else {
            return Ok(Err(settings_hidden(broker)));
        };
        let version = version_of(broker, &settings);
        if let Ok(mut known) = self.known.lock() {
            known.version = Some(version.clone());
        }
        Ok(version)
    }
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
