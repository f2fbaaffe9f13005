//! [`Outcome`]: what came of a producing load, and the account that is kept while it runs.

use super::{
    delivery::{Deliveries, Failure, Tally, micros},
    latency::Latency,
    producer::{CATCH_UP_PACE, STALL},
    sender::{Plan, Shared},
    window::Window,
};
use crate::{record::plain_number, support::text};
use std::{
    collections::BTreeMap,
    io,
    sync::atomic::Ordering::Relaxed,
    time::{Duration, SystemTime},
};

/// What ended a load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It was told to stop.
    Cancelled,
    /// Everything was sent and answered.
    Finished,
    /// The cluster refused the first record.
    Refused(String),
    /// No record was delivered any more for longer than `delivery.timeout.ms`.
    Unreachable(String),
}

/// What came of a load.
#[derive(Debug)]
pub struct Outcome {
    /// Records asked for, warm-up not counted; where the rate and the number are free, those that were tried.
    pub asked: u64,
    /// Records that were asked for in a second, where a rate was asked for: on average over the load.
    pub asked_per_s: Option<f64>,
    /// The most records that were due and not answered at one moment.
    pub backlog_max: u64,
    /// How long the client's queue was full, warm-up not counted.
    pub blocked: Duration,
    /// Bytes of the delivered values.
    pub bytes: u64,
    /// Whether records that a stall made late were sent as fast as the client took them.
    pub catch_up: bool,
    /// What the client said about its connections: kind and how often.
    pub client_errors: BTreeMap<String, u64>,
    /// Records delivered.
    pub delivered: u64,
    /// From the first intended time after the warm-up to the last delivery, at least the schedule's length.
    pub elapsed: Duration,
    /// What ended it.
    pub ended: Ended,
    /// Records that failed.
    pub failed: u64,
    /// Failed records by kind, warm-up included.
    pub failures: BTreeMap<String, Failure>,
    /// Latency from the intended send time.
    pub intended: Latency,
    /// How late the generator itself was, its queue being free.
    pub lag: Latency,
    /// Latency from the send call.
    pub send: Latency,
    /// When it started.
    pub started: SystemTime,
    /// How late records were sent at most, for whatever reason.
    pub stalled: Duration,
    /// Records that were never answered.
    pub unanswered: u64,
    /// Records that were due before the end of the load's time and could not be sent in it.
    pub unsent: u64,
    /// Records of the warm-up delivered, and failed.
    pub warm_up: (u64, u64),
}

impl Outcome {
    /// Delivered records per second.
    #[expect(clippy::cast_precision_loss, reason = "shown to a few digits")]
    pub fn records_per_s(&self) -> f64 {
        self.delivered as f64 / self.elapsed.as_secs_f64()
    }

    /// What a reader must know beside the figures.
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        match self.asked_per_s {
            None => remarks.push(
                "the rate was unlimited: the latencies are queueing in the client for the most part; judge latency \
                 at a capped rate only"
                    .to_owned(),
            ),
            Some(asked) if self.records_per_s() < asked * 0.99 => remarks.push(format!(
                "asked for {} records/s and achieved {}",
                plain_number(asked),
                plain_number(self.records_per_s())
            )),
            Some(_) => {}
        }
        if self.asked_per_s.is_some() && !self.blocked.is_zero() {
            remarks.push(format!(
                "the client's queue was full for {} in all: the cluster, or this client's settings, did not take the \
                 records as fast as they were due",
                text::duration(self.blocked)
            ));
        }
        if self.asked_per_s.is_some() && self.stalled > STALL {
            remarks.push(format!(
                "records were sent up to {} later than intended, which is in their latency; {}",
                text::duration(self.stalled),
                match self.catch_up {
                    true => "what was overdue was sent as fast as the client took it".to_owned(),
                    false => format!(
                        "what was overdue was sent at no more than {CATCH_UP_PACE} times the asked rate"
                    ),
                }
            ));
        }
        if self.unsent > 0 {
            remarks.push(format!(
                "{} of {} records were not sent before the load's end: what they waited is in no latency, so the \
                 percentiles are lower than they would be with them",
                self.unsent, self.asked
            ));
        }
        if let Some(lag) = self.lag.summary().filter(|lag| lag.p99 > LATE_MS) {
            remarks.push(format!(
                "the generator itself was late, its queue being free: 1 % of the records by {} ms or more, one by {} \
                 ms; this machine is too busy or too slow for the rate, and the latencies contain it",
                plain_number(lag.p99),
                plain_number(lag.max)
            ));
        }
        let over = self.intended.over_bound();
        if over > 0 {
            remarks.push(format!("{over} latencies were over one hour; percentiles take them for one hour"));
        }
        for failure in self.failures.values() {
            remarks.push(format!(
                "{} failed, from {} to {} after the start: {}",
                text::plural(usize::try_from(failure.records).unwrap_or(usize::MAX), "record"),
                text::duration(failure.first),
                text::duration(failure.last),
                failure.says
            ));
        }
        if self.unanswered > 0 {
            remarks.push(format!("{} records were never answered", self.unanswered));
        }
        if !self.client_errors.is_empty() {
            let said: Vec<_> =
                self.client_errors.iter().map(|(kind, n)| format!("{kind} {n} times")).collect();
            remarks.push(format!("the client reported {}", said.join(", ")));
        }
        if let Ended::Unreachable(cause) = &self.ended {
            remarks.push(format!(
                "it was ended early: no record was delivered any more for longer than `delivery.timeout.ms`: {cause}"
            ));
        }
        if self.warm_up.0 + self.warm_up.1 > 0 {
            remarks.push(format!(
                "{} records of warm-up before it are in no figure",
                self.warm_up.0 + self.warm_up.1
            ));
        }
        remarks
    }
}

/// A generator that is later than this blurs the latencies that it measures.
const LATE_MS: f64 = 10.0;

/// What only the end tells.
pub(super) struct Facts {
    pub(super) ended: Ended,
    pub(super) lag: Latency,
    pub(super) queued: u64,
    pub(super) started: SystemTime,
}

/// The deliveries' thread's running account.
pub(super) struct Books<'p> {
    pub(super) window_start: Duration,
    window: Tally,
    total: Tally,
    blocked_us: u64,
    backlog: u64,
    backlog_max: u64,
    plan: &'p Plan,
}

impl<'p> Books<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        Self {
            window_start: Duration::ZERO,
            window: Tally::default(),
            total: Tally::default(),
            blocked_us: 0,
            backlog: 0,
            backlog_max: 0,
            plan,
        }
    }

    /// Takes the backlog of this moment.
    pub(super) fn look(&mut self, now: Duration, queued: u64, deliveries: &Deliveries, shared: &Shared) {
        let answered = self.total.answered() + deliveries.answers().window.answered();
        let nanos = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
        let due = self.plan.due(nanos).unwrap_or_else(|| shared.tried.load(Relaxed));
        self.backlog = due.saturating_sub(answered).max(queued);
        if micros(now) >= shared.measured_from_us.load(Relaxed) {
            self.backlog_max = self.backlog_max.max(self.backlog);
        }
    }

    pub(super) fn close_window(
        &mut self,
        now: Duration,
        queued: u64,
        deliveries: &Deliveries,
        shared: &Shared,
        sink: &mut dyn FnMut(&Window<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        deliveries.take_window(&mut self.window);
        self.total.add(&self.window);
        let blocked_us = shared.blocked_us.load(Relaxed);
        let window = Window {
            start: self.window_start,
            length: now.saturating_sub(self.window_start),
            delivered: self.window.delivered,
            bytes: self.window.bytes,
            failed: self.window.failed + self.window.warm_up_failed,
            warm_up: self.window.warm_up_delivered,
            queued,
            backlog: self.backlog,
            blocked: Duration::from_micros(blocked_us - self.blocked_us),
            intended: &self.window.intended,
            send: &self.window.send,
            answered: self.total.answered(),
            total: self.plan.total,
        };
        (self.blocked_us, self.window_start) = (blocked_us, now);
        sink(&window)
    }

    pub(super) fn outcome(self, deliveries: &Deliveries, shared: &Shared, facts: Facts) -> Outcome {
        let (plan, answers) = (self.plan, deliveries.answers());
        let tried = shared.tried.load(Relaxed).saturating_sub(plan.warm_up);
        let asked = plan.total.map_or(tried, |total| total - plan.warm_up);
        let from_us = shared.measured_from_us.load(Relaxed);
        // The last record has its slot of the schedule too, or ten records a second would be done in 0.9 s.
        let slots_end_us = plan.schedule.at(asked.saturating_add(plan.warm_up)).map(|nanos| nanos / 1000);
        let sent_until_us = match slots_end_us {
            Some(end) if tried >= asked => end,
            _ => shared.sent_until_us.load(Relaxed),
        };
        let until_us = answers.last_delivery.map_or(0, micros).max(sent_until_us);
        let asked_over = slots_end_us.map(|end| Duration::from_micros(end.saturating_sub(from_us)));
        let all_blocked = shared.blocked_us.load(Relaxed);
        Outcome {
            asked,
            asked_per_s: plan.schedule.records_per_s().or_else(|| per_s(asked, asked_over?)),
            backlog_max: self.backlog_max,
            blocked: Duration::from_micros(all_blocked - shared.blocked_before_us.load(Relaxed)),
            bytes: self.total.bytes,
            catch_up: plan.catch_up,
            client_errors: deliveries.voice.counts(),
            delivered: self.total.delivered,
            elapsed: Duration::from_micros(until_us.saturating_sub(from_us)),
            ended: facts.ended,
            failed: self.total.failed,
            failures: answers.failures.clone(),
            intended: self.total.intended,
            lag: facts.lag,
            send: self.total.send,
            stalled: Duration::from_micros(shared.late_us.load(Relaxed)),
            started: facts.started,
            unanswered: facts.queued,
            unsent: if plan.schedule.is_unlimited() { 0 } else { asked.saturating_sub(tried) },
            warm_up: (self.total.warm_up_delivered, self.total.warm_up_failed),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "shown and compared to a few digits")]
fn per_s(records: u64, time: Duration) -> Option<f64> {
    (!time.is_zero()).then(|| records as f64 / time.as_secs_f64())
}
