//! Did replication bring every record? [`run`] reads a topic on the source and its copy on the target side by side and
//! compares stamps, record by record.
//!
//! *Latency* of a record is measured where it can be: where the target's brokers stamp records (`LogAppendTime`), it is
//! that timestamp minus the creation time in the stamp; otherwise it is this machine's clock when the record is read
//! minus the creation time, for the records read after the reader had reached the end of the target's partition and
//! waited there. Of records that were there before, nobody can tell when they came: MirrorMaker 2 keeps the source's
//! timestamps.

use super::{
    client::{self, Error, Member, Voice},
    consumer::clock::now_us,
    latency::Latency,
    sequences::{Comparison, Counts, Found},
};
use crate::record::{Said, messages};
use rdkafka::{
    ClientConfig, Message, Offset, Timestamp, TopicPartitionList,
    consumer::Consumer,
    error::{KafkaError, RDKafkaErrorCode as Code},
};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// How long the clusters may be silent, neither bringing a record nor saying that there is none.
const SILENCE: Duration = Duration::from_secs(60);
/// How many records of one side are read before the other has its turn.
const TURN: usize = 2000;

/// A topic on one cluster.
#[derive(Debug, Clone)]
pub struct Side {
    /// Settings of a consumer, secrets in clear.
    pub config: ClientConfig,
    /// The topic.
    pub topic: String,
}

/// What to compare.
#[derive(Debug, Clone)]
pub struct Spec {
    /// Where the records were produced.
    pub source: Side,
    /// Where they are to arrive.
    pub target: Side,
    /// How long the target may take, from the moment at which the source is complete.
    pub within: Duration,
    /// The source is complete when it holds so many stamped records; without it, it is complete as it is.
    pub records: Option<u64>,
}

/// How the comparison ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was told to stop.
    Cancelled,
    /// The last record of every partition arrived, and the target was read to its end.
    Complete,
    /// The source did not get as many records as it was to.
    SourceShort,
    /// Time is up.
    TooLate,
    /// The source cluster stopped answering.
    SourceSilent,
    /// The target cluster stopped answering.
    TargetSilent,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// From the moment at which the source was complete to the arrival of the last record, at most; `None` where some
    /// are missing.
    pub catch_up: Option<Duration>,
    /// The target compared with the source.
    pub comparison: Comparison,
    /// How it ended.
    pub ended: Ended,
    /// From creation to arrival, of those records of which it can be told.
    pub latency: Latency,
    /// Whether the target's brokers stamp records as they append them.
    pub log_append_time: bool,
    /// Counts of each partition on source and target.
    pub partitions: BTreeMap<i32, (Counts, Counts)>,
    /// The source's first offsets that are not 0: older records are gone there and were not compared.
    pub source_begins: BTreeMap<i32, i64>,
    /// Whether the target has the topic.
    pub target_exists: bool,
    /// Records whose creation is later than their arrival: the clocks differ.
    pub from_the_future: u64,
}

/// How far it is: stamped records found on the source and on the target.
pub type Seen = (u64, u64);

/// Reads both sides and compares them. `progress` hears how far it is, some times a second.
///
/// Blocks: until the target is complete, or for `within` after the source is and as long as reading takes.
pub fn run(
    spec: &Spec,
    progress: &mut dyn FnMut(Seen),
    cancel: &CancellationToken,
) -> Result<Outcome, Error> {
    let source = Reader::open(&spec.source, cancel)?;
    let began = Instant::now();
    let target = Reader::open_if_there(&spec.target, cancel)?;
    let mut work = Work {
        spec,
        source,
        target,
        began,
        complete_since: spec.records.is_none().then_some(began),
        last_source_record: began,
        last_arrival: None,
        latency: Latency::default(),
        log_append_time: false,
        from_the_future: 0,
    };
    let mut told = Instant::now();
    let ended = loop {
        if cancel.is_cancelled() {
            break Ended::Cancelled;
        }
        work.read_source()?;
        work.read_target(cancel)?;
        if told.elapsed() > Duration::from_millis(300) {
            told = Instant::now();
            progress((work.source.found.whole(), work.target.as_ref().map_or(0, |t| t.found.whole())));
        }
        if let Some(ended) = work.end() {
            break ended;
        }
    };
    Ok(work.outcome(ended))
}

/// Both readers and what they found.
struct Work<'a> {
    spec: &'a Spec,
    source: Reader,
    target: Option<Reader>,
    began: Instant,
    complete_since: Option<Instant>,
    last_source_record: Instant,
    last_arrival: Option<Instant>,
    latency: Latency,
    log_append_time: bool,
    from_the_future: u64,
}

impl Work<'_> {
    fn source_is_read(&self) -> bool {
        match self.spec.records {
            Some(records) => self.source.found.whole() >= records,
            None => self.source.partitions.values().all(|p| p.next >= p.end),
        }
    }

    fn read_source(&mut self) -> Result<(), Error> {
        if self.source_is_read() {
            return Ok(());
        }
        let bounded = self.spec.records.is_none();
        let before = self.source.found.whole();
        self.source.read(bounded, &mut |_| {})?;
        if self.source.found.whole() > before {
            self.last_source_record = Instant::now();
        }
        if self.source_is_read() {
            self.complete_since.get_or_insert_with(Instant::now);
        }
        Ok(())
    }

    fn read_target(&mut self, cancel: &CancellationToken) -> Result<(), Error> {
        let Some(target) = &mut self.target else {
            // MirrorMaker 2 makes the topic when it finds the source's, which may take minutes.
            std::thread::sleep(Duration::from_millis(200));
            self.target = Reader::open_if_there(&self.spec.target, cancel)?;
            return Ok(());
        };
        let (latency, log_append_time) = (&mut self.latency, &mut self.log_append_time);
        let (last_arrival, from_the_future) = (&mut self.last_arrival, &mut self.from_the_future);
        target.read(false, &mut |arrival| {
            if !arrival.was_there {
                *last_arrival = Some(Instant::now());
            }
            let at_us = match arrival.timestamp {
                Timestamp::LogAppendTime(ms) => {
                    *log_append_time = true;
                    ms * 1000
                }
                _ if arrival.awaited => now_us(),
                _ => return,
            };
            match u64::try_from(at_us).ok().and_then(|at| at.checked_sub(arrival.created_us)) {
                Some(micros) => latency.record(micros),
                None => *from_the_future += 1,
            }
        })
    }

    fn end(&self) -> Option<Ended> {
        let all_read = self.source_is_read();
        if let Some(target) = &self.target
            && all_read
            && self.source.found.ends_are_in(&target.found)
            && target.at_end()
        {
            return Some(Ended::Complete);
        }
        let within = self.spec.within;
        let late = self.complete_since.is_some_and(|since| since.elapsed() > within);
        // What is on the target already is read, however long that takes.
        if late && all_read && self.target.as_ref().is_none_or(Reader::at_end) {
            return Some(Ended::TooLate);
        }
        // At the end of a partition silence is what is to be expected.
        let silent = |reader: &Reader| !reader.at_end() && reader.last_sign.elapsed() > SILENCE;
        if !all_read && silent(&self.source) {
            return Some(Ended::SourceSilent);
        }
        if self.target.as_ref().is_some_and(silent) {
            return Some(Ended::TargetSilent);
        }
        let waits = self.complete_since.is_none() && self.last_source_record.elapsed() > within;
        waits.then_some(Ended::SourceShort)
    }

    fn outcome(self, ended: Ended) -> Outcome {
        let nothing = Found::default();
        let target = self.target.as_ref().map_or(&nothing, |target| &target.found);
        let comparison = self.source.found.compare(target);
        let mut partitions: BTreeMap<i32, (Counts, Counts)> = BTreeMap::new();
        for (number, counts) in self.source.found.partitions() {
            partitions.entry(*number).or_default().0 = *counts;
        }
        for (number, counts) in target.partitions() {
            partitions.entry(*number).or_default().1 = *counts;
        }
        let since = self.complete_since.unwrap_or(self.began);
        let catch_up = (ended == Ended::Complete && comparison.lost == 0)
            .then(|| self.last_arrival.map_or(Duration::ZERO, |at| at.saturating_duration_since(since)));
        let begins = self.source.partitions.iter().filter(|(_, p)| p.begin > 0);
        Outcome {
            catch_up,
            comparison,
            ended,
            latency: self.latency,
            log_append_time: self.log_append_time,
            partitions,
            source_begins: begins.map(|(number, p)| (*number, p.begin)).collect(),
            target_exists: self.target.is_some(),
            from_the_future: self.from_the_future,
        }
    }
}

/// One partition on its way from the first to the last offset.
#[derive(Debug)]
struct Progress {
    /// The first offset that there was when it was opened.
    begin: i64,
    /// The offset behind the last record when it was opened.
    end: i64,
    /// The offset to be read next.
    next: i64,
    /// Whether the end has been reached, and no record since.
    at_end: bool,
    /// Whether the end has been reached once: what comes now was waited for.
    awaited: bool,
}

/// A record of the target, read for the first time.
struct Arrival {
    created_us: u64,
    timestamp: Timestamp,
    was_there: bool,
    awaited: bool,
}

/// Reads one side.
struct Reader {
    consumer: Member,
    partitions: BTreeMap<i32, Progress>,
    found: Found,
    last_sign: Instant,
}

impl Reader {
    fn open_if_there(side: &Side, cancel: &CancellationToken) -> Result<Option<Self>, Error> {
        match Self::open(side, cancel) {
            Ok(reader) => Ok(Some(reader)),
            Err(Error::UnknownTopic(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn open(side: &Side, cancel: &CancellationToken) -> Result<Self, Error> {
        let numbers = client::partitions(&side.config, &side.topic, cancel)?;
        let mut config = side.config.clone();
        // librdkafka wants a group's name to assign partitions; nothing is joined and nothing committed.
        if config.get("group.id").is_none() {
            config.set("group.id", "jalon-replication");
        }
        config
            .set("enable.auto.commit", "false")
            .set("enable.partition.eof", "true")
            .set("auto.offset.reset", "earliest");
        let address = config.get("bootstrap.servers").unwrap_or_default().to_owned();
        let consumer = Member::new(&config, Voice::default())?;
        let fault = |e: KafkaError| Error::Unreachable {
            address: address.clone(),
            cause: consumer.context().last_or(e.to_string()),
        };
        let mut partitions = BTreeMap::new();
        let mut list = TopicPartitionList::new();
        for number in numbers {
            let (begin, end) =
                consumer.fetch_watermarks(&side.topic, number, Duration::from_secs(15)).map_err(fault)?;
            list.add_partition_offset(&side.topic, number, Offset::Offset(begin)).map_err(fault)?;
            partitions.insert(number, Progress { begin, end, next: begin, at_end: false, awaited: false });
        }
        consumer.assign(&list).map_err(fault)?;
        Ok(Self { consumer, partitions, found: Found::default(), last_sign: Instant::now() })
    }

    fn at_end(&self) -> bool {
        self.partitions.values().all(|p| p.at_end)
    }

    /// Reads a turn's worth of records. `bounded`: not beyond the ends that there were when it was opened.
    fn read(&mut self, bounded: bool, arrived: &mut dyn FnMut(&Arrival)) -> Result<(), Error> {
        for turn in 0..TURN {
            // Waits only when nothing is there, so that the other side is not kept waiting.
            let patience = if turn == 0 { Duration::from_millis(2) } else { Duration::ZERO };
            match self.consumer.poll(patience) {
                None => return Ok(()),
                Some(Err(KafkaError::PartitionEOF(number))) => {
                    self.last_sign = Instant::now();
                    if let Some(progress) = self.partitions.get_mut(&number) {
                        (progress.at_end, progress.awaited) = (true, true);
                        // The last offsets may be a transaction's marker, which no consumer sees.
                        progress.next = progress.next.max(progress.end);
                    }
                }
                Some(Err(error)) => {
                    let code = error.rdkafka_error_code().unwrap_or(Code::Unknown);
                    // The group is a name only.
                    if client::is_refusal(code) && code != Code::GroupAuthorizationFailed {
                        return Err(Error::Refused(error.to_string().into()));
                    }
                    // Anything else passes or ends in silence.
                    tracing::debug!(%error, "reading for the comparison");
                }
                Some(Ok(message)) => {
                    self.last_sign = Instant::now();
                    let number = message.partition();
                    let Some(progress) = self.partitions.get_mut(&number) else { continue };
                    let offset = message.offset();
                    progress.at_end = false;
                    progress.next = progress.next.max(offset + 1);
                    if bounded && offset >= progress.end {
                        continue;
                    }
                    let noted = self.found.note(number, message.payload().unwrap_or_default());
                    if let Some((stamp, true)) = noted {
                        arrived(&Arrival {
                            created_us: stamp.created_us,
                            timestamp: message.timestamp(),
                            was_there: offset < progress.end,
                            awaited: progress.awaited,
                        });
                    }
                }
            }
        }
        Ok(())
    }
}

impl Outcome {
    /// What a reader must know beside the figures.
    pub fn remarks(&self, spec: &Spec) -> Vec<Said> {
        let mut remarks = Vec::new();
        let found = &self.comparison;
        if !self.target_exists {
            remarks.push(no_target(&spec.target.topic, spec.within));
        }
        match self.ended {
            Ended::TooLate if self.target_exists => remarks.push(not_arrived_within(found.lost, spec.within)),
            Ended::SourceShort => {
                remarks.push(source_short(found.expected, spec.records.unwrap_or_default(), spec.within));
            }
            Ended::SourceSilent => remarks.push(source_silent(SILENCE)),
            Ended::TargetSilent => remarks.push(target_silent(SILENCE)),
            _ => {}
        }
        if !self.latency.is_empty() {
            remarks.push(match self.log_append_time {
                true => by_append_time(),
                false => by_arrival(self.latency.len()),
            });
        }
        if self.from_the_future > 0 {
            remarks.push(created_later(self.from_the_future));
        }
        if found.unexpected > 0 {
            remarks.push(not_on_source(found.unexpected));
        }
        let own = |count: fn(&Counts) -> u64| {
            self.partitions.values().map(|(source, _)| count(source)).sum::<u64>()
        };
        for (count, said) in [
            (own(|c| c.repeated), own_repeated as fn(u64) -> Said),
            (own(|c| c.reordered), own_reordered),
            (own(|c| c.corrupt), own_corrupt),
            (own(|c| c.foreign), own_unstamped),
        ] {
            if count > 0 {
                remarks.push(said(count));
            }
        }
        if !self.source_begins.is_empty() {
            remarks.push(oldest_gone(self.source_begins.len()));
        }
        remarks
    }
}

messages! {
    area "load verify";
    by_append_time() => "latency is the target's LogAppendTime (whole milliseconds, the broker's clock) minus the creation time in the record (the producing machine's clock)" / "la latence est le LogAppendTime de la cible (millisecondes entières, horloge du broker) moins l'heure de création dans l'enregistrement (horloge de la machine productrice)";
    by_arrival(records) => "latency is this machine's clock at arrival minus the creation time in the record (the producing machine's clock), of the {records} {records|record that was|records that were} waited for" / "la latence est l'horloge de cette machine à l'arrivée moins l'heure de création dans l'enregistrement (horloge de la machine productrice), pour {records} {records|enregistrement attendu|enregistrements attendus}";
    created_later(records) => "{records} {records|record was|records were} created later than {records|it|they} arrived, by the clocks. hint: synchronize the clocks" / "{records} {records|enregistrement a été créé après son|enregistrements ont été créés après leur} arrivée, d'après les horloges ; synchroniser les horloges";
    no_target(topic, within) => "the target had no topic `{topic}` within {within}" / "la cible n'a pas eu de topic `{topic}` en {within}";
    not_arrived_within(records, within) => "{records} {records|record|records} had not arrived within {within}" / "{records} {records|enregistrement n'était pas arrivé|enregistrements n'étaient pas arrivés} en {within}";
    not_on_source(records) => "{records} stamped {records|record is|records are} on the target and not, or no longer, on the source" / "{records} {records|enregistrement marqué est|enregistrements marqués sont} sur la cible et pas, ou plus, sur la source";
    oldest_gone(partitions) => "the oldest records of {partitions} {partitions|partition|partitions} are gone from the source and were not compared" / "les plus anciens enregistrements de {partitions} {partitions|partition|partitions} ont disparu de la source et n'ont pas été comparés";
    own_corrupt(records) => "{records} {records|record is|records are} corrupt on the source already and {records|counts|count} against nobody" / "{records} {records|enregistrement est déjà corrompu sur la source et n'est imputé|enregistrements sont déjà corrompus sur la source et ne sont imputés} à personne";
    own_reordered(records) => "{records} {records|record is|records are} out of order on the source already and {records|counts|count} against nobody" / "{records} {records|enregistrement est déjà dans le désordre sur la source et n'est imputé|enregistrements sont déjà dans le désordre sur la source et ne sont imputés} à personne";
    own_repeated(records) => "{records} {records|record is|records are} repeated on the source already and {records|counts|count} against nobody" / "{records} {records|enregistrement est déjà répété sur la source et n'est imputé|enregistrements sont déjà répétés sur la source et ne sont imputés} à personne";
    own_unstamped(records) => "{records} {records|record is|records are} without a stamp on the source already and {records|counts|count} against nobody" / "{records} {records|enregistrement est déjà sans marque sur la source et n'est imputé|enregistrements sont déjà sans marque sur la source et ne sont imputés} à personne";
    source_short(records, asked, within) => "the source held {records} of {asked} records and got none for {within}" / "la source contenait {records} enregistrements sur {asked} et n'en a reçu aucun pendant {within}";
    source_silent(length) => "ended early: the source cluster did not answer for {length}, so the comparison is not complete" / "terminé avant l'heure : le cluster source n'a pas répondu pendant {length}, la comparaison n'est donc pas complète";
    target_silent(length) => "ended early: the target cluster did not answer for {length}, so the comparison is not complete" / "terminé avant l'heure : le cluster cible n'a pas répondu pendant {length}, la comparaison n'est donc pas complète";
}

#[cfg(test)]
mod tests;
