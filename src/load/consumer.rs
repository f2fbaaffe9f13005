//! The consuming half of the load generator: [`Reader`] reads a topic as a member of a group and measures throughput
//! and end-to-end latency.
//!
//! End-to-end latency is this machine's clock, when the client hands the record over, minus the record's timestamp:
//! the producer's clock (`CreateTime`) or the broker's (`LogAppendTime`). Timestamps have whole milliseconds, and two
//! machines' clocks differ. Records that are older than the reader's assignment are counted and not measured: their
//! age is no latency.

use super::{
    client::{self, Error, Member, Voice, is_refusal},
    latency::Latency,
    window::write_latency,
};
use rdkafka::{
    ClientConfig, Message, Timestamp,
    consumer::Consumer,
    error::{KafkaError, RDKafkaErrorCode as Code},
};
use std::{
    collections::BTreeMap,
    io::{self, Write},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio_util::sync::CancellationToken;

const WINDOW: Duration = Duration::from_secs(1);

/// What to read.
#[derive(Debug, Clone)]
pub struct Spec {
    /// The client's settings, `group.id` and `auto.offset.reset` included, secrets in clear.
    pub config: ClientConfig,
    /// Time after which it ends, counted from the first assignment.
    pub duration: Option<Duration>,
    /// It ends when no record has come for this long.
    pub idle_timeout: Duration,
    /// How many records.
    pub records: Option<u64>,
    /// The topic.
    pub topic: String,
}

/// One second of reading.
#[derive(Debug)]
pub struct Window<'a> {
    /// When it began, since the subscription.
    pub start: Duration,
    /// How long it was.
    pub length: Duration,
    /// Records read in it.
    pub records: u64,
    /// Bytes of their values.
    pub bytes: u64,
    /// Their end-to-end latency.
    pub end_to_end: &'a Latency,
    /// Records read since the start.
    pub read: u64,
}

/// What ended the reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It was told to stop.
    Cancelled,
    /// It read as many records, or for as long, as it was to.
    Finished,
    /// No record came for the idle time-out.
    Idle,
    /// The cluster says no.
    Refused(String),
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// Bytes of the values.
    pub bytes: u64,
    /// From the first assignment to the last record.
    pub elapsed: Duration,
    /// End-to-end latency of the records that are younger than the assignment.
    pub end_to_end: Latency,
    /// What ended it.
    pub ended: Ended,
    /// Errors by kind.
    pub errors: BTreeMap<String, u64>,
    /// From the first assignment to the first record.
    pub first_after: Duration,
    /// From the subscription to the first assignment, where there was one.
    pub join: Option<Duration>,
    /// Whether the broker stamped the records when it appended them.
    pub log_append_time: bool,
    /// Records older than the assignment.
    pub old: u64,
    /// Records read.
    pub records: u64,
    /// Records whose timestamp is later than this machine's clock: the clocks differ.
    pub from_the_future: u64,
}

/// A consumer whose topic is there.
#[derive(Debug)]
pub struct Reader {
    spec: Spec,
}

#[derive(Debug, Default)]
struct Tally {
    records: u64,
    bytes: u64,
    end_to_end: Latency,
}

impl Reader {
    /// Looks whether the cluster answers and has the topic. Blocks for some seconds where no broker answers.
    pub fn connect(spec: Spec, cancel: &CancellationToken) -> Result<Self, Error> {
        client::partitions(&spec.config, &spec.topic, cancel)?;
        Ok(Self { spec })
    }

    /// Reads until one of the limits is reached. `sink` hears every window.
    ///
    /// Blocks: at most `duration`, or until no record has come for the idle time-out.
    pub fn run(
        &self,
        sink: &mut dyn FnMut(&Window<'_>) -> io::Result<()>,
        cancel: &CancellationToken,
    ) -> Result<Outcome, Error> {
        let consumer = Member::new(&self.spec.config)?;
        let start = Instant::now();
        consumer.subscribe(&[&self.spec.topic]).map_err(|e| Error::Client(e.to_string()))?;
        let mut read = Reading::new(start);
        let ended = loop {
            if let Some(ended) = self.limit_reached(&read, consumer.context(), cancel) {
                break ended;
            }
            // A short time-out: the limits and the windows do not wait for records.
            match consumer.poll(Duration::from_millis(50)) {
                None => {}
                Some(Ok(message)) => {
                    read.record(message.timestamp(), message.payload_len(), consumer.context());
                }
                Some(Err(error)) => {
                    if let Some(refusal) = read.error(&error) {
                        break Ended::Refused(refusal);
                    }
                }
            }
            if start.elapsed() >= read.window_start + WINDOW {
                read.close_window(sink)?;
            }
        };
        read.close_window(sink)?;
        let assigned = consumer.context().assigned();
        for (kind, times) in consumer.context().counts() {
            *read.errors.entry(kind).or_default() += times;
        }
        Ok(read.outcome(ended, assigned))
    }

    fn limit_reached(&self, read: &Reading, voice: &Voice, cancel: &CancellationToken) -> Option<Ended> {
        if cancel.is_cancelled() {
            return Some(Ended::Cancelled);
        }
        if self.spec.records.is_some_and(|records| read.records() >= records) {
            return Some(Ended::Finished);
        }
        let assigned = voice.assigned();
        if let (Some(duration), Some(assigned)) = (self.spec.duration, assigned)
            && assigned.elapsed() >= duration
        {
            return Some(Ended::Finished);
        }
        let awake = read.last.or(assigned).unwrap_or(read.start);
        (awake.elapsed() >= self.spec.idle_timeout).then_some(Ended::Idle)
    }
}

/// The running account.
struct Reading {
    start: Instant,
    window_start: Duration,
    window: Tally,
    total: Tally,
    errors: BTreeMap<String, u64>,
    first: Option<Instant>,
    last: Option<Instant>,
    /// The wall clock's time of the first assignment, in milliseconds since 1970.
    assigned_ms: Option<i64>,
    old: u64,
    from_the_future: u64,
    log_append_time: bool,
}

impl Reading {
    fn new(start: Instant) -> Self {
        Self {
            start,
            window_start: Duration::ZERO,
            window: Tally::default(),
            total: Tally::default(),
            errors: BTreeMap::new(),
            first: None,
            last: None,
            assigned_ms: None,
            old: 0,
            from_the_future: 0,
            log_append_time: false,
        }
    }

    fn records(&self) -> u64 {
        self.total.records + self.window.records
    }

    fn record(&mut self, timestamp: Timestamp, bytes: usize, voice: &Voice) {
        let now = now_us();
        self.last = Some(Instant::now());
        self.first = self.first.or(self.last);
        self.window.records += 1;
        self.window.bytes += bytes as u64;
        let assigned_ms = *self.assigned_ms.get_or_insert_with(|| {
            let ago = voice.assigned().map_or(0, |at| at.elapsed().as_micros());
            now / 1000 - i64::try_from(ago / 1000).unwrap_or(0)
        });
        self.log_append_time |= matches!(timestamp, Timestamp::LogAppendTime(_));
        match timestamp.to_millis() {
            None => self.old += 1,
            Some(created_ms) if created_ms < assigned_ms => self.old += 1,
            Some(created_ms) => match u64::try_from(now - created_ms * 1000) {
                Ok(micros) => self.window.end_to_end.record(micros),
                Err(_) => self.from_the_future += 1,
            },
        }
    }

    /// Counts an error; says it when no waiting will help.
    fn error(&mut self, error: &KafkaError) -> Option<String> {
        let code = error.rdkafka_error_code().unwrap_or(Code::Unknown);
        // Broker and connection errors come through the context too, which counts them.
        if !matches!(error, KafkaError::Global(_)) {
            *self.errors.entry(format!("{code:?}")).or_default() += 1;
        }
        (is_refusal(code) || matches!(error, KafkaError::MessageConsumptionFatal(_)))
            .then(|| error.to_string())
    }

    fn close_window(&mut self, sink: &mut dyn FnMut(&Window<'_>) -> io::Result<()>) -> io::Result<()> {
        let now = self.start.elapsed();
        self.total.records += self.window.records;
        self.total.bytes += self.window.bytes;
        self.total.end_to_end.add(&self.window.end_to_end);
        sink(&Window {
            start: self.window_start,
            length: now.saturating_sub(self.window_start),
            records: self.window.records,
            bytes: self.window.bytes,
            end_to_end: &self.window.end_to_end,
            read: self.total.records,
        })?;
        self.window.end_to_end.clear();
        (self.window.records, self.window.bytes, self.window_start) = (0, 0, now);
        Ok(())
    }

    fn outcome(self, ended: Ended, assigned: Option<Instant>) -> Outcome {
        let after = |at: Option<Instant>| {
            at.zip(assigned).map_or(Duration::ZERO, |(at, assigned)| at.saturating_duration_since(assigned))
        };
        Outcome {
            bytes: self.total.bytes,
            elapsed: after(self.last),
            end_to_end: self.total.end_to_end,
            ended,
            errors: self.errors,
            first_after: after(self.first),
            join: assigned.map(|at| at.saturating_duration_since(self.start)),
            log_append_time: self.log_append_time,
            old: self.old,
            records: self.total.records,
            from_the_future: self.from_the_future,
        }
    }
}

impl Outcome {
    /// What a reader must know beside the figures.
    pub fn remarks(&self, asked: Option<u64>, idle_timeout: Duration) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.ended == Ended::Idle {
            let of = asked.map_or_else(String::new, |asked| format!(" of {asked}"));
            remarks.push(format!(
                "it ended after {}{of} records because none came for {}",
                self.records,
                crate::support::text::duration(idle_timeout)
            ));
        }
        if self.first_after > Duration::from_secs(1) {
            remarks.push(format!(
                "the first record came {} after the assignment; the throughput contains that wait",
                crate::support::text::duration(self.first_after)
            ));
        }
        if !self.end_to_end.is_empty() {
            remarks.push(format!(
                "end-to-end latency is this machine's clock minus the record's {}, which has whole milliseconds; where \
                 the clocks of two machines differ, so does the latency",
                if self.log_append_time { "LogAppendTime" } else { "CreateTime" }
            ));
        }
        if self.old > 0 {
            remarks.push(format!(
                "{} records are older than the reader's assignment: they count for throughput and not for latency",
                self.old
            ));
        }
        if self.from_the_future > 0 {
            remarks.push(format!(
                "{} records bear a time later than this machine's clock and are not in the latency: set the clocks",
                self.from_the_future
            ));
        }
        if !self.errors.is_empty() {
            let said: Vec<_> = self.errors.iter().map(|(kind, n)| format!("{kind} {n} times")).collect();
            remarks.push(format!("the client reported {}", said.join(", ")));
        }
        remarks
    }
}

/// The wall clock in microseconds since 1970.
pub(super) fn now_us() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_micros()).ok())
        .unwrap_or_default()
}

/// Writes the header of `windows.csv`.
pub fn csv_header(out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "start_s,length_s,records,records_per_s,mb_per_s,\
         end_to_end_ms_p50,end_to_end_ms_p95,end_to_end_ms_p99,end_to_end_ms_max"
    )
}

/// Writes one window's line; latencies of a window without a young record are empty.
#[expect(clippy::cast_precision_loss, reason = "shown to a few digits")]
pub fn csv_line(out: &mut impl Write, window: &Window<'_>) -> io::Result<()> {
    let seconds = window.length.as_secs_f64().max(1e-6);
    write!(
        out,
        "{:.3},{:.3},{},{:.1},{:.3}",
        window.start.as_secs_f64(),
        window.length.as_secs_f64(),
        window.records,
        window.records as f64 / seconds,
        window.bytes as f64 / 1_048_576.0 / seconds,
    )?;
    write_latency(out, window.end_to_end)?;
    writeln!(out)
}
