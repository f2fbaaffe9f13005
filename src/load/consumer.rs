//! The consuming half of the load generator: [`Reader`] reads a topic with a group of members, each a consumer with a
//! thread of its own, and measures throughput and end-to-end latency in one account.
//!
//! End-to-end latency is this machine's clock, when the client hands the record over, minus the record's timestamp:
//! the producer's clock (`CreateTime`) or the broker's (`LogAppendTime`). Timestamps have whole milliseconds, and two
//! machines' clocks differ; [`Clock`] says what the records tell about that. Records that are older than the group's
//! assignment are counted and not measured: their age is no latency.

use super::client::{self, LoadError};
use member::{Shared, Slot, Tally, locked};
use std::{io, thread, time::Duration};
use tokio_util::sync::CancellationToken;

pub(super) mod batch;
pub(super) mod clock;
pub(super) mod feed;
pub mod fetches;
mod member;
mod outcome;
pub mod rebalances;
mod spec;
pub mod window;

pub use clock::Clock;
pub use member::Read;
pub use outcome::{Outcome, ReadEnd};
pub use spec::Spec;
pub use window::Window;

const WINDOW: Duration = Duration::from_secs(1);
/// How often the limits are looked at.
const TURN: Duration = Duration::from_millis(10);

/// A group whose topic is there.
#[derive(Debug)]
pub struct Reader {
    spec: Spec,
    partitions: usize,
}

impl Reader {
    /// Looks whether the cluster answers and has the topic. Blocks for some seconds where no broker answers.
    pub fn connect(spec: Spec, cancel: &CancellationToken) -> Result<Self, LoadError> {
        let partitions = client::partitions(&spec.config, &spec.topic, cancel)?.len();
        Ok(Self { spec, partitions })
    }

    /// Reads until one of the limits is reached. `sink` hears every window.
    ///
    /// Blocks: at most `duration`, or until no record has come for the idle time-out, and some seconds for the last
    /// questions to the brokers and for leaving the group.
    pub fn run(
        &self,
        sink: &mut dyn FnMut(&Window<'_>) -> io::Result<()>,
        cancel: &CancellationToken,
    ) -> Result<Outcome, LoadError> {
        let spec = &self.spec;
        let shared = Shared::new(spec.records);
        let slots: Vec<Slot> = (0..spec.members).map(|_| Slot::default()).collect();
        let mut books = Books::default();
        let (ended, changes, members) = thread::scope(|scope| {
            let members: Vec<_> = slots
                .iter()
                .enumerate()
                .map(|(index, slot)| {
                    let shared = &shared;
                    let member = index + 1;
                    thread::Builder::new()
                        .name(format!("member-{member}"))
                        .spawn_scoped(scope, move || {
                            member::read(&spec.config, &spec.topic, member, shared, slot)
                        })
                        // Those that run already must not be waited for.
                        .inspect_err(|_| shared.stop(false))
                })
                .collect::<io::Result<_>>()?;
            let ended = loop {
                if let Some(ended) = self.limit_reached(&shared, cancel) {
                    break ended;
                }
                // One that could not even begin.
                if members.iter().any(thread::ScopedJoinHandle::is_finished) {
                    break ReadEnd::Idle;
                }
                thread::sleep(TURN);
                if shared.start.elapsed() >= books.window_start + WINDOW
                    && let Err(error) = books.close_window(&shared, &slots, sink)
                {
                    shared.stop(false);
                    return Err(error.into());
                }
            };
            let changes = shared.rebalances.close();
            shared.stop(matches!(ended, ReadEnd::Finished | ReadEnd::Idle));
            let members: Result<Vec<Read>, LoadError> = members
                .into_iter()
                .map(|member| member.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect();
            Ok::<_, LoadError>((ended, changes, members?))
        })?;
        books.close_window(&shared, &slots, sink)?;
        Ok(Outcome::of(spec, self.partitions, ended, &shared, books.total, changes, members))
    }

    fn limit_reached(&self, shared: &Shared, cancel: &CancellationToken) -> Option<ReadEnd> {
        if cancel.is_cancelled() {
            return Some(ReadEnd::Cancelled);
        }
        if let Some(why) = shared.refusal() {
            return Some(ReadEnd::Refused(why));
        }
        if self.spec.records.is_some_and(|records| shared.read() >= records) {
            return Some(ReadEnd::Finished);
        }
        let now = shared.start.elapsed();
        let assigned = shared.rebalances.first();
        if let (Some(duration), Some(assigned)) = (self.spec.duration, assigned)
            && now.saturating_sub(assigned) >= duration
        {
            return Some(ReadEnd::Finished);
        }
        let awake = shared.last().or(assigned).unwrap_or_default();
        (now.saturating_sub(awake) >= self.spec.idle_timeout).then_some(ReadEnd::Idle)
    }
}

/// The running account of the whole group.
#[derive(Default)]
struct Books {
    window_start: Duration,
    window: Tally,
    spare: Tally,
    total: Tally,
}

impl Books {
    fn close_window(
        &mut self,
        shared: &Shared,
        slots: &[Slot],
        sink: &mut dyn FnMut(&Window<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        self.window.clear();
        for slot in slots {
            // The member goes on in the memory of the window before.
            self.spare.clear();
            std::mem::swap(&mut *locked(slot), &mut self.spare);
            self.window.add(&self.spare);
            self.window.reports.append(&mut self.spare.reports);
        }
        self.total.add(&self.window);
        let now = shared.start.elapsed();
        sink(&Window {
            start: self.window_start,
            length: now.saturating_sub(self.window_start),
            records: self.window.records,
            bytes: self.window.bytes,
            end_to_end: &self.window.end_to_end,
            read: self.total.records,
            reports: &self.window.reports,
        })?;
        self.window_start = now;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
