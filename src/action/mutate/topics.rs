//! The topics that are copied and their copies: found, waited for, rewritten.

use super::{
    super::{ActionContext, ActionError, kafka_access, load_client, mirror_access},
    mutant::{Broken, Unbroken},
    records::{self, End, Whole},
    site::{Side, Site},
};
use crate::{
    clients::{
        kafka::{
            Entity, NewTopic, Origin, Topic, Topology,
            admin::{self, Offsets},
        },
        mirror::HEARTBEATS,
    },
    load::excerpt::Range,
    record::messages,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

/// A topic with more records is not rewritten: a mutant is for loads of seconds.
const MOST: i64 = 500_000;
/// How long a copy may take to be as long as its topic.
const SETTLES: Duration = Duration::from_secs(60);
/// How long a deleted topic may take to be gone.
const GONE: Duration = Duration::from_secs(60);

/// A topic and its copy.
pub(super) struct Copy {
    pub(super) topic: Topic,
    pub(super) copy: String,
}

impl Site<'_> {
    /// The topic of the newest load that is to be copied.
    pub(super) async fn newest(&self) -> Result<Copy, Unbroken> {
        let mirror = self.connectors.mirror()?;
        let mut last = Vec::new();
        let topics = self.wanted().await?;
        for topic in &topics {
            let (begin, end) = self.source.ends(topic).await?;
            let holds = end.into_iter().filter(|(of, end)| begin.get(of).is_some_and(|begin| begin < end));
            last.extend(holds.map(|((topic, partition), end)| (topic, partition, end - 1)));
        }
        let written = self.source.ask(self, self.source.access.admin.first_records(&last)).await?;
        let newest = written.into_iter().max_by_key(|(_, record)| record.timestamp_ms);
        let found = newest.and_then(|((name, _), _)| topics.iter().find(|topic| topic.name == name));
        let topic = found.ok_or_else(|| Unbroken::Nothing(nothing_wanted()))?;
        let copy = mirror.remote(&topic.name).ok_or_else(|| Unbroken::Nothing(nothing_wanted()))?;
        Ok(Copy { copy, topic: topic.clone() })
    }

    /// The topics of the source that are to be copied, heartbeats left out.
    pub(super) async fn wanted(&self) -> Result<Vec<Topic>, Unbroken> {
        let mirror = self.connectors.mirror()?;
        let topics = self.source.topology().await?.topics.into_iter();
        Ok(topics.filter(|topic| mirror.copies(&topic.name) && topic.name != HEARTBEATS).collect())
    }

    /// The newest load that is copied, once its copy is as long as it.
    pub(super) async fn settled(&self) -> Result<Copy, Unbroken> {
        let copy = self.newest().await?;
        let until = Instant::now() + SETTLES;
        loop {
            let (source, target) = (self.source.topology().await?, self.target.topology().await?);
            if let (Some(from), Some(to)) = (source.topic(&copy.topic.name), target.topic(&copy.copy)) {
                let (_, there) = self.source.ends(from).await?;
                let (_, here) = self.target.ends(to).await?;
                let sum = |ends: &Offsets| ends.values().sum::<i64>();
                if sum(&here) >= sum(&there) {
                    return Ok(copy);
                }
            }
            if Instant::now() > until {
                return Err(Unbroken::Nothing(not_copied(&copy.copy)));
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    /// Makes a topic anew, with the records that `change` leaves of it. Where that touches none, the topic stays.
    pub(super) async fn rewrite(
        &self,
        side: &Side,
        name: &str,
        change: fn(&mut Vec<Whole>) -> u64,
    ) -> Result<Broken, Unbroken> {
        let few = || Unbroken::Nothing(too_few(name));
        let topology = side.topology().await?;
        let topic = topology.topic(name).ok_or_else(few)?;
        let new = NewTopic {
            name: name.to_owned(),
            partitions: u32::try_from(topic.partitions.len()).ok(),
            replication_factor: topic.partitions.first().and_then(|p| u32::try_from(p.replicas.len()).ok()),
            config: side.own_settings(name).await?,
        };
        let mut left = self.read(side, topic).await?;
        let touched = change(&mut left);
        if touched == 0 {
            return Err(few());
        }
        side.ask(self, side.access.admin.delete_topic(name)).await?;
        let until = Instant::now() + GONE;
        loop {
            match side.access.admin.create_topic(&new).await {
                Ok(()) => break,
                Err(error) if error.is_already_there() && Instant::now() < until => {
                    tokio::time::sleep(Duration::from_millis(250)).await;
                }
                Err(error) => return Err(side.fault(error).into()),
            }
        }
        self.append(side, name, left, End::Kept).await?;
        Ok(Broken { touched, said: rewritten(name, touched) })
    }

    /// Every record of a topic.
    pub(super) async fn read(&self, side: &Side, topic: &Topic) -> Result<Vec<Whole>, ActionError> {
        let (begin, end) = side.ends(topic).await?;
        let records = end.values().sum::<i64>() - begin.values().sum::<i64>();
        if records > MOST {
            return Err(ActionError::misconfigured(too_many(&topic.name, records), smaller_profile()));
        }
        let range = |(of, until): ((String, i32), i64)| {
            let from = begin.get(&of).copied().unwrap_or(0);
            (of, vec![Range { from, until, at_most: u64::MAX }])
        };
        let (config, ranges) = (side.consumer.clone(), end.into_iter().map(range).collect());
        let read = move |cx: ActionContext| records::read(&config, ranges, &cx.cancel);
        mirror_access::blocking(self.cx, &side.access.name, read).await
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
        let write = move |_| records::write(&config, &topic, &records, end);
        load_client::on_own_thread(self.cx, write).await?
    }
}

impl Side {
    /// Waits for a call of the cluster's client.
    pub(super) async fn ask<T>(
        &self,
        site: &Site<'_>,
        call: impl Future<Output = Result<T, admin::AdminError>>,
    ) -> Result<T, ActionError> {
        self.access.ask(site.cx, call).await
    }

    fn fault(&self, error: admin::AdminError) -> ActionError {
        kafka_access::fault(&self.access.name, error)
    }

    pub(super) async fn topology(&self) -> Result<Topology, ActionError> {
        self.access.admin.topology().await.map_err(|error| self.fault(error))
    }

    /// First and end offsets of a topic.
    pub(super) async fn ends(&self, topic: &Topic) -> Result<(Offsets, Offsets), ActionError> {
        let asked: Vec<_> = topic.partitions.iter().map(|p| (topic.name.clone(), p.id)).collect();
        let begin = self.access.admin.begin_offsets(&asked).await.map_err(|error| self.fault(error))?;
        Ok((begin, self.access.admin.end_offsets(&asked).await.map_err(|error| self.fault(error))?))
    }

    /// The settings that were given to the topic itself.
    async fn own_settings(&self, name: &str) -> Result<BTreeMap<String, String>, ActionError> {
        let entity = Entity::Topic(name.to_owned());
        let answer = self.access.admin.configs(std::slice::from_ref(&entity)).await;
        let mut answer = answer.map_err(|error| self.fault(error))?;
        let settings = answer.remove(&entity).unwrap_or_default().into_iter();
        Ok(settings
            .filter(|setting| setting.source == Origin::DynamicTopic)
            .filter_map(|setting| Some((setting.name, setting.value?)))
            .collect())
    }

    /// Gives the topic one more setting of its own.
    pub(super) async fn set(&self, topic: &str, name: &str, value: &str) -> Result<Broken, Unbroken> {
        let mut settings = self.own_settings(topic).await?;
        settings.insert(name.to_owned(), value.to_owned());
        self.access.admin.set_topic(topic, &settings).await.map_err(|error| self.fault(error))?;
        Ok(Broken { touched: 1, said: set(topic, name, value) })
    }
}

/// The partitions of records.
pub(super) fn partitions(records: &[Whole]) -> BTreeSet<i32> {
    records.iter().map(|record| record.partition).collect()
}

messages! {
    area "mutate topics";
    not_copied(copy) => "`{copy}` was not complete, so there is nothing to alter" / "`{copy}` n'était pas complet, il n'y a donc rien à altérer";
    nothing_wanted() => "no topic that is copied holds records" / "aucun topic copié ne contient d'enregistrements";
    rewritten(copy, records) => "{records} {records|record|records} of `{copy}` altered" / "{records} {records|enregistrement de|enregistrements de} `{copy}` {records|altéré|altérés}";
    set(topic, name, value) => "`{name}` of `{topic}` was set to {value}" / "`{name}` de `{topic}` a été mis à {value}";
    smaller_profile() => "use a profile with smaller loads, such as `smoke`" / "utiliser un profil à charges plus petites, comme `smoke`";
    too_few(copy) => "`{copy}` has not what it takes: too few records or partitions" / "`{copy}` n'a pas ce qu'il faut : trop peu d'enregistrements ou de partitions";
    too_many(topic, records) => "`{topic}` has {records} records, too many to rewrite" / "`{topic}` a {records} enregistrements, trop pour être réécrit";
}
