//! One probe of a search: the load at one rate, and whether it held.

use super::{condition::Condition, messages};
use crate::{
    action::{ActionContext, ActionError, ActionFailure, Progress, load_client, produce::Produce},
    load::{search::Phase, window::Window},
    record::{Evidence, Said, Value},
};
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// A rate is reached when this share of it was.
pub(super) const REACHED: f64 = 0.99;
/// A generator that is later than this blurs the latencies that it measures.
const LATE_MS: f64 = 10.0;
/// The latencies of a load scatter by whole requests: its last record may be this share of the load later than the
/// median, where the first second scattered as much.
const SCATTER: f64 = 0.03;
/// A probe may be this far behind its schedule, however short it is.
const BEHIND: Duration = Duration::from_secs(2);

/// What one probe came to.
#[derive(Debug)]
pub(super) struct Probe {
    pub(super) number: u32,
    pub(super) rate: u64,
    pub(super) phase: Phase,
    /// Why it did not hold.
    pub(super) failed: Option<Said>,
    pub(super) evidence: Evidence,
    /// When it began, since the start of the search.
    pub(super) started: Duration,
    pub(super) took: Duration,
}

/// What is seen of a probe while it runs.
#[derive(Debug, Default)]
struct Watched {
    /// What the last record may take, by the first second of the measured load.
    first: Option<Duration>,
    /// How far behind it was when it was given up.
    gave_up: Option<Duration>,
}

impl Probe {
    /// The folder of its artifacts, below the action's.
    pub(super) fn folder(&self) -> String {
        folder(self.number)
    }

    pub(super) fn number(&self, output: &str) -> Option<f64> {
        self.evidence.get(output)?.as_f64()
    }
}

fn folder(number: u32) -> String {
    format!("probe-{number:02}")
}

/// A window in a few words.
#[expect(clippy::cast_precision_loss, reason = "shown to a few digits")]
fn seen(window: &Window<'_>) -> Said {
    let per_s = (window.delivered + window.warm_up) as f64 / window.length.as_secs_f64().max(1e-3);
    load_client::seen(load_client::per_s(per_s), window.intended, 0)
}

/// How far behind its schedule a probe may be.
pub(super) fn most_behind(hold: Duration) -> Duration {
    BEHIND.max(hold / 10)
}

/// Runs the load at one rate. The error is one of the whole search: the operator stopped it, or the cluster is
/// not there.
pub(super) async fn run(
    cx: &ActionContext,
    (load, hold): (Produce, Duration),
    condition: &Condition,
    (number, rate, phase): (u32, u64, Phase),
    began: Instant,
) -> Result<Probe, ActionFailure> {
    let started = began.elapsed();
    let mut own = cx.clone();
    let within = Arc::new(cx.artifacts.within(&folder(number)));
    own.artifacts = Arc::clone(&within);
    own.cancel = cx.cancel.child_token();
    // It is the search that says how far it is.
    own.progress = Progress::default();
    let watched = Arc::new(Mutex::new(Watched::default()));
    let look = {
        let (watched, stop, cx) = (Arc::clone(&watched), own.cancel.clone(), cx.clone());
        move |window: &Window<'_>| {
            let done = u64::from(number) - 1;
            let message = messages::probe_runs(number, rate, seen(window));
            cx.progress.update(&cx.action, done, None, message);
            if let Ok(mut watched) = watched.lock() {
                watched.see(window, rate, hold);
                if watched.gave_up.is_some() {
                    stop.cancel();
                }
            }
        }
    };
    let ran = load.run_native(&own, look).await;
    cx.artifacts.adopt(&within);
    let watched = watched.lock().map(|mut w| std::mem::take(&mut *w)).unwrap_or_default();
    let evidence = match ran {
        Ok(evidence) => evidence,
        Err(ActionFailure { error: ActionError::Cancelled, evidence })
            if watched.gave_up.is_some() && !cx.cancel.is_cancelled() =>
        {
            evidence
        }
        Err(failure) => return Err(failure),
    };
    let failed = judge(&evidence, condition, rate, &watched).err();
    let took = began.elapsed().saturating_sub(started);
    Ok(Probe { number, rate, phase, failed, evidence, started, took })
}

impl Watched {
    /// Looks whether a load that lasts `hold` is too far behind: more than it may be beyond what its first second took.
    fn see(&mut self, window: &Window<'_>, rate: u64, hold: Duration) {
        if self.first.is_none() {
            let latency = window.intended.summary();
            self.first = latency.map(|latency| last_record(latency.p50, latency.p95, hold));
        }
        let Some(first) = self.first else { return };
        #[expect(clippy::cast_precision_loss, reason = "compared with seconds")]
        let behind = Duration::from_secs_f64(window.backlog as f64 / rate as f64).saturating_sub(first);
        if behind > most_behind(hold) && self.gave_up.is_none() {
            self.gave_up = Some(behind);
        }
    }
}

/// What the last record of a load that lasts `hold` may take, by the median and the P95 (both in ms) of its first
/// second.
fn last_record(p50: f64, p95: f64, hold: Duration) -> Duration {
    Duration::from_secs_f64(p95.min(hold.as_secs_f64().mul_add(SCATTER * 1000.0, p50)) / 1000.0)
}

/// Whether a probe held. That its rate was reached comes first: the latencies of a load that was not sent as asked are
/// those of another load.
fn judge(evidence: &Evidence, condition: &Condition, rate: u64, watched: &Watched) -> Result<(), Said> {
    if let Some(behind) = watched.gave_up {
        return Err(blamed(messages::behind(behind), evidence));
    }
    let reached = reached(evidence, rate, watched.first.unwrap_or_default());
    if reached < REACHED {
        #[expect(clippy::cast_precision_loss, reason = "shown to a few digits")]
        let achieved = (reached * rate as f64).round();
        return Err(blamed(messages::not_reached(achieved, rate), evidence));
    }
    condition.judge(evidence)
}

/// The share of the asked rate that was delivered. The last record may take as long as those of the first second did:
/// what a round trip takes is no lack of capacity.
fn reached(evidence: &Evidence, rate: u64, first: Duration) -> f64 {
    let number = |name: &str| evidence.get(name).and_then(Value::as_f64).unwrap_or(0.0);
    #[expect(clippy::cast_precision_loss, reason = "a rate is far below 2^53")]
    let rate = rate as f64;
    let asked_s = number("records_asked") / rate;
    let took_s = (number("duration_s") - first.as_secs_f64()).max(asked_s);
    if took_s > 0.0 { number("records_sent") / took_s / rate } else { 0.0 }
}

/// The sentence, and who was too slow, as far as that is known.
fn blamed(why: Said, evidence: &Evidence) -> Said {
    let late = evidence.get("generator_late_ms.p99").and_then(Value::as_f64).filter(|late| *late > LATE_MS);
    let saturated = evidence.get("saturated") == Some(&Value::Flag(true));
    match late {
        Some(late) => messages::generator_late(why, late),
        None if saturated => messages::queue_full(why),
        None => why,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Unit;

    fn evidence(sent: u64, seconds: f64) -> Evidence {
        let mut evidence = Evidence::default();
        evidence
            .put("records_asked", Value::count(10_000))
            .put("records_sent", Value::count(sent))
            .put("duration_s", Value::number(seconds, Unit::Seconds))
            .put("latency_ms.p99", Value::number(50.0, Unit::Milliseconds))
            .put("saturated", Value::Flag(true));
        evidence
    }

    fn why(sent: u64, seconds: f64, watched: &Watched) -> Option<Said> {
        let condition = Condition::read("latency_ms.p99 < 100").unwrap();
        judge(&evidence(sent, seconds), &condition, 1000, watched).err()
    }

    /// With requests of ten records, a hundred a second, the last of a second's load comes with a whole request.
    #[test]
    fn the_last_record_may_scatter_as_the_first_second_did_and_a_growing_queue_is_no_scatter() {
        let short = Duration::from_secs(1);
        assert_eq!(last_record(127.0, 151.0, short), Duration::from_millis(151));
        // A tenth too much in one second: half of what it grew by is in the median, and little more is forgiven.
        assert_eq!(last_record(100.0, 145.0, short), Duration::from_millis(130));
        assert_eq!(last_record(100.0, 900.0, Duration::from_secs(60)), Duration::from_millis(900));
    }

    #[test]
    fn a_round_trip_is_no_lack_of_capacity_and_a_growing_queue_is() {
        let slow = Watched { first: Some(Duration::from_millis(500)), gave_up: None };
        assert_eq!(why(10_000, 10.5, &slow), None);
        assert_eq!(why(10_000, 10.05, &Watched::default()), None);
        let short = why(10_000, 10.7, &slow).unwrap();
        assert!(short.starts_with("the rate was not reached: 980 of 1000 records/s; the client's queue"));
        assert!(why(9_800, 10.0, &Watched::default()).unwrap().contains("980 of 1000"));
        let behind = Watched { first: None, gave_up: Some(Duration::from_millis(3456)) };
        assert!(why(10_000, 10.0, &behind).unwrap().contains("3.5 s behind"), "{:?}", why(1, 1.0, &behind));
    }
}
