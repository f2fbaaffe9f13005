//! Samples the watches of a step from its first action to its last.

use super::{halt::Halt, messages, samples};
use crate::{
    action::{ActionContext, KindInfo},
    plan::{
        Watch,
        criterion::{Summary, Tally},
    },
    record::{ActionId, Artifact, Declared, Evidence, Sample, Speaks, event::Judgement},
};
use std::time::{Duration, Instant};
use tokio::{task::JoinHandle, time::MissedTickBehavior};
use tokio_util::sync::CancellationToken;

/// A watch that looks on.
pub(super) struct Watching {
    pub(super) id: ActionId,
    pub(super) kind: &'static KindInfo,
    pub(super) declared: Declared,
    task: JoinHandle<WatchOutcome>,
}

/// What a watch saw.
pub(super) struct WatchOutcome {
    pub(super) judgements: Vec<Judgement>,
    pub(super) evidence: Evidence,
    pub(super) artifacts: Vec<Artifact>,
}

/// Starts to sample; the first look is at once, the last one when `end` is cancelled. A guard among `tallies` halts
/// the step.
pub(super) fn start(
    watch: &Watch,
    action: std::sync::Arc<dyn crate::action::Action>,
    cx: ActionContext,
    end: CancellationToken,
    tallies: Vec<Tally>,
    halt: Halt,
) -> Watching {
    let every = watch.every;
    Watching {
        id: watch.spec.id.clone(),
        kind: watch.spec.kind,
        declared: watch.spec.kind.declared(&*action),
        task: tokio::spawn(async move { sample(&*action, &cx, every, end, tallies, halt).await }),
    }
}

impl Watching {
    /// What it saw, once its end was asked for.
    pub(super) async fn finish(self) -> WatchOutcome {
        self.task.await.unwrap_or_else(|error| WatchOutcome {
            judgements: Vec::new(),
            evidence: Evidence {
                remarks: vec![messages::watch_ended_early(error.to_string())],
                ..Evidence::default()
            },
            artifacts: Vec::new(),
        })
    }
}

async fn sample(
    action: &dyn crate::action::Action,
    cx: &ActionContext,
    every: Duration,
    end: CancellationToken,
    mut tallies: Vec<Tally>,
    halt: Halt,
) -> WatchOutcome {
    let started = Instant::now();
    let mut summary = Summary::default();
    let file = cx.artifacts.create(samples::FILE, "text/csv").map_err(|error| error.to_string());
    let mut file = file.and_then(|file| samples::begin(file).map_err(|error| error.to_string()));
    let mut tick = tokio::time::interval(every);
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut last = false;
    let mut before: Option<Duration> = None;
    while !last {
        tokio::select! {
            _ = tick.tick() => {}
            () = end.cancelled() => last = true,
        }
        // As exact as the samples are kept, so that they read back as they were judged.
        let at = Duration::from_millis(u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX));
        // A look that hangs must not hold up the next one, nor the end of the step.
        let bound = action.time_limit().min(every.max(Duration::from_secs(5)));
        let seen = match tokio::time::timeout(bound, action.run(cx)).await {
            Ok(Ok(evidence)) => Ok(evidence),
            // That a service is down is seen too: `up` is no, and the other outputs are missing.
            Ok(Err(failure)) if !failure.evidence.values.is_empty() => Ok(failure.evidence),
            Ok(Err(failure)) => Err(failure.error.said().masked()),
            Err(_) => Err(messages::no_answer(bound)),
        };
        let mut taken = before.map_or_else(Vec::new, |before| not_taken(before, at, every, bound));
        before = Some(at);
        taken.push(Sample { at, seen });
        for sample in &taken {
            if let Ok(writer) = &mut file
                && let Err(error) = samples::write(writer, sample)
            {
                file = Err(error.to_string());
            }
            summary.push(sample);
            for tally in &mut tallies {
                tally.push(sample);
                if let Some((verdict, reason)) = tally.stops() {
                    halt.now(verdict, reason);
                }
            }
        }
    }
    let mut evidence = summary.finish();
    let kept = file.and_then(|file| {
        let file = file.into_inner().map_err(|error| error.to_string())?;
        file.finish().map_err(|error| error.to_string())
    });
    if let Err(error) = kept {
        evidence.remark(messages::samples_not_kept(error));
    }
    let judgements = tallies.into_iter().map(Tally::finish).collect();
    WatchOutcome { judgements, evidence, artifacts: cx.artifacts.take_stored() }
}

/// The looks that were due between two and were not taken, because this process or its machine stood still for longer
/// than a slow answer can make it. They saw nothing.
fn not_taken(before: Duration, at: Duration, every: Duration, bound: Duration) -> Vec<Sample> {
    let mut looks = Vec::new();
    if at.saturating_sub(before) <= bound + every * 3 {
        return looks;
    }
    let reason = messages::no_sample_taken(at - before);
    let mut due = before + every;
    while due < at {
        looks.push(Sample { at: due, seen: Err(reason.clone()) });
        due += every;
    }
    looks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_that_were_not_taken_saw_nothing() {
        let s = Duration::from_secs;
        assert!(not_taken(s(10), s(18), s(1), s(5)).is_empty(), "a slow answer is no gap");
        let looks = not_taken(s(10), s(20), s(1), s(5));
        assert_eq!(looks.iter().map(|l| l.at.as_secs()).collect::<Vec<_>>(), (11..20).collect::<Vec<_>>());
        assert!(looks.iter().all(|l| l.seen.as_ref().is_err_and(|why| why.contains("for 10 s"))));
    }
}
