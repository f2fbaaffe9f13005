//! The topics that are copied and their copies: found, waited for, rewritten.

use super::{
    super::ActionError,
    connectors::Part,
    mutant::Broken,
    records::{self, End, Whole},
    site::{Side, Site},
};
use crate::{
    clients::kafka::{Entity, NewTopic, Origin, Topic, Topology, admin::Offsets},
    record::{Said, messages},
};
use regex::Regex;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

/// How long a copy may take to be as long as its topic.
const SETTLES: Duration = Duration::from_secs(60);
/// How long a deleted topic may take to be gone.
const GONE: Duration = Duration::from_secs(60);

/// A topic and its copy.
pub(super) struct Copy {
    pub(super) topic: String,
    pub(super) copy: String,
    pub(super) partitions: Vec<i32>,
}

impl Site<'_> {
    /// The topics of the source that are to be copied and hold records, the newest load first.
    pub(super) async fn loaded(&self) -> Result<Vec<Copy>, ActionError> {
        let topology = self.source.topology().await?;
        let wanted = self.wanted();
        let prefix = self.connectors.prefix();
        let mut found = Vec::new();
        for topic in topology.topics.iter().filter(|topic| is_data(&topic.name)) {
            if !wanted.iter().any(|pattern| pattern.is_match(&topic.name)) {
                continue;
            }
            let (begin, end) = self.source.ends(topic).await?;
            let records: i64 = end.values().sum::<i64>() - begin.values().sum::<i64>();
            if records > 0 {
                let partitions = topic.partitions.iter().map(|p| p.id).collect();
                let copy = format!("{prefix}{}", topic.name);
                found.push((
                    newest(&self.source, topic, &end).await,
                    Copy { topic: topic.name.clone(), copy, partitions },
                ));
            }
        }
        found.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        Ok(found.into_iter().map(|(_, copy)| copy).collect())
    }

    /// The topics of the source that are to be copied, with their number of partitions.
    pub(super) async fn wanted_topics(&self) -> Result<Vec<(String, usize)>, ActionError> {
        let wanted = self.wanted();
        let topics = self.source.topology().await?.topics.into_iter();
        Ok(topics
            .filter(|topic| {
                is_data(&topic.name) && wanted.iter().any(|pattern| pattern.is_match(&topic.name))
            })
            .map(|topic| (topic.name, topic.partitions.len()))
            .collect())
    }

    /// What the source connector copies, as its `topics` say: names or patterns, the whole name each.
    fn wanted(&self) -> Vec<Regex> {
        let topics = self.connectors.part(Part::Source).and_then(|(_, config)| config.get("topics"));
        let topics = topics.map_or(".*", String::as_str);
        topics.split(',').filter_map(|one| Regex::new(&format!("^(?:{})$", one.trim())).ok()).collect()
    }

    /// The newest load that is copied, once its copy is as long as it.
    pub(super) async fn settled(&self) -> Result<Result<Copy, Said>, ActionError> {
        let Some(copy) = self.loaded().await?.into_iter().next() else { return Ok(Err(nothing_wanted())) };
        let until = Instant::now() + SETTLES;
        loop {
            let (source, target) = (self.source.topology().await?, self.target.topology().await?);
            if let (Some(from), Some(to)) = (source.topic(&copy.topic), target.topic(&copy.copy)) {
                let (_, there) = self.source.ends(from).await?;
                let (_, here) = self.target.ends(to).await?;
                let sum = |ends: &Offsets| ends.values().sum::<i64>();
                if sum(&here) >= sum(&there) {
                    return Ok(Ok(copy));
                }
            }
            if Instant::now() > until {
                return Ok(Err(not_copied(&copy.copy)));
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    /// Makes the copy of the newest load anew, with the records that `change` leaves; nothing is copied meanwhile.
    /// `change` says how many it touched.
    pub(super) async fn rewrite_copy(
        &self,
        change: impl FnOnce(&mut Vec<Whole>) -> u64 + Send + 'static,
    ) -> Result<Broken, ActionError> {
        let copy = match self.settled().await? {
            Ok(copy) => copy,
            Err(why) => return Ok(Broken::Nothing(why)),
        };
        self.connectors.hold(Part::Source).await?;
        let touched = self.rewrite(&self.target, &copy.copy, change).await?;
        self.connectors.release(Part::Source).await?;
        Ok(match touched {
            0 => Broken::Nothing(too_few(&copy.copy)),
            touched => Broken::Done { touched, said: rewritten(&copy.copy, touched) },
        })
    }

    /// Makes a topic anew, with the records that `change` leaves of it. Where that touches none, the topic stays.
    pub(super) async fn rewrite(
        &self,
        side: &Side,
        name: &str,
        change: impl FnOnce(&mut Vec<Whole>) -> u64 + Send + 'static,
    ) -> Result<u64, ActionError> {
        let topology = side.topology().await?;
        let Some(topic) = topology.topic(name) else { return Ok(0) };
        let new = NewTopic {
            name: name.to_owned(),
            partitions: u32::try_from(topic.partitions.len()).ok(),
            replication_factor: topic.partitions.first().and_then(|p| u32::try_from(p.replicas.len()).ok()),
            config: side.own_settings(name).await?,
        };
        let partitions: Vec<i32> = topic.partitions.iter().map(|p| p.id).collect();
        let mut left = self.read(side, name, partitions).await?;
        let touched = change(&mut left);
        if touched == 0 {
            return Ok(0);
        }
        side.ask(self, side.access.admin.delete_topic(name)).await?;
        let until = Instant::now() + GONE;
        loop {
            match side.access.admin.create_topic(&new).await {
                Ok(()) => break,
                Err(error) if error.is_already_there() && Instant::now() < until => {
                    tokio::time::sleep(Duration::from_millis(250)).await;
                }
                Err(error) => return Err(super::super::kafka_access::fault(&side.access.name, error)),
            }
        }
        self.append(side, name, left, End::Kept).await?;
        Ok(touched)
    }

    /// Every record of a topic.
    pub(super) async fn read(
        &self,
        side: &Side,
        name: &str,
        partitions: Vec<i32>,
    ) -> Result<Vec<Whole>, ActionError> {
        let (config, topic, cx) = (side.consumer.clone(), name.to_owned(), self.cx.clone());
        blocking(move || records::read(&config, &topic, &partitions, &cx)).await
    }

    /// Writes records behind what a topic has.
    pub(super) async fn append(
        &self,
        side: &Side,
        name: &str,
        records: Vec<Whole>,
        end: End,
    ) -> Result<(), ActionError> {
        let (config, topic) = (side.producer.clone(), name.to_owned());
        blocking(move || records::write(&config, &topic, &records, end)).await
    }
}

impl Side {
    /// Waits for a call of the cluster's client.
    pub(super) async fn ask<T>(
        &self,
        site: &Site<'_>,
        call: impl Future<Output = Result<T, crate::clients::kafka::admin::Error>>,
    ) -> Result<T, ActionError> {
        self.access.ask(site.cx, call).await
    }

    pub(super) async fn topology(&self) -> Result<Topology, ActionError> {
        let answer = self.access.admin.topology().await;
        answer.map_err(|error| super::super::kafka_access::fault(&self.access.name, error))
    }

    /// First and end offsets of a topic.
    pub(super) async fn ends(&self, topic: &Topic) -> Result<(Offsets, Offsets), ActionError> {
        let asked: Vec<_> = topic.partitions.iter().map(|p| (topic.name.clone(), p.id)).collect();
        let fault = |error| super::super::kafka_access::fault(&self.access.name, error);
        let begin = self.access.admin.begin_offsets(&asked).await.map_err(fault)?;
        Ok((begin, self.access.admin.end_offsets(&asked).await.map_err(fault)?))
    }

    /// The settings that were given to the topic itself.
    pub(super) async fn own_settings(&self, name: &str) -> Result<BTreeMap<String, String>, ActionError> {
        let entity = Entity::Topic(name.to_owned());
        let answer = self.access.admin.configs(std::slice::from_ref(&entity)).await;
        let mut answer =
            answer.map_err(|error| super::super::kafka_access::fault(&self.access.name, error))?;
        let settings = answer.remove(&entity).unwrap_or_default().into_iter();
        Ok(settings
            .filter(|setting| setting.source == Origin::DynamicTopic)
            .filter_map(|setting| Some((setting.name, setting.value?)))
            .collect())
    }
}

/// Where a load's records end tells nothing of when it was; the youngest record does.
async fn newest(side: &Side, topic: &Topic, ends: &Offsets) -> i64 {
    let (config, name) = (side.consumer.clone(), topic.name.clone());
    let ends: Vec<(i32, i64)> = ends.iter().map(|((_, partition), end)| (*partition, *end)).collect();
    tokio::task::spawn_blocking(move || records::youngest(&config, &name, &ends).unwrap_or(0))
        .await
        .unwrap_or(0)
}

/// Whether a topic holds what programs sent, and not what Kafka, Connect or MirrorMaker 2 keeps there.
fn is_data(name: &str) -> bool {
    !name.starts_with("__")
        && !name.ends_with(".internal")
        && !name.ends_with("-internal")
        && name != "heartbeats"
}

/// The partitions of records.
pub(super) fn partitions(records: &[Whole]) -> BTreeSet<i32> {
    records.iter().map(|record| record.partition).collect()
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ActionError> + Send + 'static,
) -> Result<T, ActionError> {
    tokio::task::spawn_blocking(work).await.map_err(|e| ActionError::failed(ended(e.to_string())))?
}

messages! {
    area "mutate topics";
    ended(cause) => "the work ended before its time: {cause}" / "le travail s'est terminé avant l'heure : {cause}";
    not_copied(copy) => "`{copy}` was not complete, so there is nothing to alter" / "`{copy}` n'était pas complet, il n'y a donc rien à altérer";
    nothing_wanted() => "no topic that is copied holds records" / "aucun topic copié ne contient d'enregistrements";
    rewritten(copy, records) => "{records} {records|record|records} of `{copy}` altered" / "{records} {records|enregistrement de|enregistrements de} `{copy}` {records|altéré|altérés}";
    too_few(copy) => "`{copy}` has not what it takes: too few records or partitions" / "`{copy}` n'a pas ce qu'il faut : trop peu d'enregistrements ou de partitions";
}
