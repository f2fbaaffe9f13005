//! [`Notices`]: tells chat tools, programs and mailboxes what happens in a run, while the run goes on.
//!
//! Each receiver has a thread and a queue of its own: one that does not answer delays nobody. What could not be delivered is put
//! on record and fails nothing.

mod deliver;
mod form;
mod notice;

use crate::{
    plan::notify::Notify,
    record::{Event, Language, Observer, Record, RunState, Said, messages},
};
use notice::Notice;
use std::{
    sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TrySendError},
    thread,
    time::{Duration, Instant},
};

/// Notices that may wait for one receiver.
const QUEUE: usize = 64;

messages! {
    area "notices";
    no_time() => "the run ended first" / "l'exécution s'est terminée avant";
    no_thread() => "no thread could be started for it" / "aucun fil d'exécution n'a pu démarrer pour lui";
    too_many(limit) => "{limit} notices were waiting already" / "{limit} avis attendaient déjà";
}

/// Tells everybody who is to be told.
pub struct Notices {
    receivers: Vec<Told>,
    ended: Receiver<Event>,
    /// What is to be put on record.
    outcomes: Vec<Event>,
}

/// One receiver.
struct Told {
    notify: Notify,
    language: Language,
    /// Closed where there is no thread for it, or no more notices.
    queue: Option<SyncSender<(Notice, String)>>,
    /// Records of which nobody has said yet that they were told.
    waiting: Vec<u64>,
}

impl Notices {
    /// Begins to tell the receivers of a campaign, in `language` where they have none of their own.
    pub fn new(receivers: &[Notify], language: Language) -> Self {
        let (outcome, ended) = mpsc::channel();
        let receivers = receivers.iter().map(|notify| {
            let (queue, notices) = mpsc::sync_channel(QUEUE);
            let (to, outcome) = (notify.clone(), outcome.clone());
            let started = thread::Builder::new()
                .name(format!("notices-{}", notify.name))
                .spawn(move || deliver::all(&to, &notices, &outcome));
            let language = notify.lang.unwrap_or(language);
            let queue = started.is_ok().then_some(queue);
            Told { notify: notify.clone(), language, queue, waiting: Vec::new() }
        });
        Self { receivers: receivers.collect(), ended, outcomes: Vec::new() }
    }

    /// Takes what a thread said of a notice.
    fn take(&mut self, outcome: Event) {
        if let Event::NoticeSent { record, to, .. } = &outcome
            && let Some(told) = self.receivers.iter_mut().find(|told| told.notify.name == *to)
        {
            told.waiting.retain(|waiting| waiting != record);
        }
        self.outcomes.push(outcome);
    }
}

/// That a notice was not delivered, and was not tried.
fn untried(record: u64, to: &str, why: Said) -> Event {
    Event::NoticeSent { record, to: to.to_owned(), tries: 0, failure: Some(why) }
}

impl Observer for Notices {
    fn on_record(&mut self, record: &Record, state: &RunState) {
        let occasions = notice::occasions(record, state);
        for told in &mut self.receivers {
            let Some(occasion) = occasions.iter().find(|occasion| told.notify.tells(**occasion)) else {
                continue;
            };
            let notice = Notice::of(*occasion, record, state, told.language);
            let body = form::body(&told.notify, &notice, told.language);
            let outcome = match (&told.queue, body) {
                (_, Err(why)) => untried(record.seq, &told.notify.name, Said::verbatim(why)),
                (None, _) => untried(record.seq, &told.notify.name, no_thread()),
                (Some(queue), Ok(body)) => match queue.try_send((notice, body)) {
                    Ok(()) => {
                        told.waiting.push(record.seq);
                        continue;
                    }
                    Err(TrySendError::Full(_)) => untried(record.seq, &told.notify.name, too_many(QUEUE)),
                    Err(TrySendError::Disconnected(_)) => untried(record.seq, &told.notify.name, no_thread()),
                },
            };
            self.outcomes.push(outcome);
        }
    }

    fn to_record(&mut self) -> Vec<Event> {
        while let Ok(outcome) = self.ended.try_recv() {
            self.take(outcome);
        }
        std::mem::take(&mut self.outcomes)
    }

    fn close(&mut self, limit: Duration) {
        let end = Instant::now() + limit;
        self.receivers.iter_mut().for_each(|told| told.queue = None);
        while self.receivers.iter().any(|told| !told.waiting.is_empty()) {
            match self.ended.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(outcome) => self.take(outcome),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            }
        }
        for told in &mut self.receivers {
            let waiting = std::mem::take(&mut told.waiting);
            self.outcomes
                .extend(waiting.into_iter().map(|record| untried(record, &told.notify.name, no_time())));
        }
    }
}
