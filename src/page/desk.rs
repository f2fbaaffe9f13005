//! [`Desk`]: what a run in this process asks a person, and how far its actions are.

use crate::{
    record::{ActionId, Answer, Event, Language, Observer, Record, RunId, RunState, Said},
    support::text,
};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::sync::oneshot;

/// Where a run in this process lays down its questions, and the page its answers.
#[derive(Debug, Default)]
pub struct Desk {
    open: Mutex<Open>,
    viewers: AtomicUsize,
}

#[derive(Debug, Default)]
struct Open {
    run: Option<RunId>,
    /// Counts the changes of everything here.
    version: u64,
    next: u64,
    questions: BTreeMap<u64, (String, oneshot::Sender<Answer>)>,
    progress: BTreeMap<ActionId, (u64, Option<u64>, Said)>,
}

/// A question that waits for an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Question {
    /// Its number at the desk.
    pub(super) id: u64,
    /// The question, as the plan has it.
    pub(super) question: String,
}

/// How far an action is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct HowFar {
    /// The action.
    pub(super) action: String,
    /// Units done.
    pub(super) done: u64,
    /// Of how many, where known.
    pub(super) total: Option<u64>,
    /// A few words.
    pub(super) message: String,
}

impl Desk {
    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says which run it is of.
    pub fn is_of(&self, run: &RunId) {
        self.open().run = Some(run.clone());
    }

    /// Lays a question down and waits for its answer, until this future is dropped.
    pub async fn ask(&self, question: &str) -> Option<Answer> {
        let (sender, answer) = oneshot::channel();
        let id = {
            let mut open = self.open();
            open.next += 1;
            open.version += 1;
            let id = open.next;
            open.questions.insert(id, (question.to_owned(), sender));
            id
        };
        let _taken = Taken { desk: self, id };
        answer.await.ok()
    }

    /// How many pages are open.
    pub fn viewers(&self) -> usize {
        self.viewers.load(Ordering::Relaxed)
    }

    /// Counts one more page for as long as what this returns lives.
    pub(super) fn look(self: &Arc<Self>) -> Looking {
        self.viewers.fetch_add(1, Ordering::Relaxed);
        Looking(Arc::clone(self))
    }

    /// Answers a question; false where nobody waits for it any more.
    pub(super) fn answer(&self, id: u64, answer: Answer) -> bool {
        let taken = self.open().questions.remove(&id);
        taken.is_some_and(|(_, sender)| sender.send(answer).is_ok())
    }

    /// What lies on it, where it is of `run`: the count of its changes, the questions, and how far actions are.
    pub(super) fn of(&self, run: &RunId, language: Language) -> Option<(Vec<Question>, Vec<HowFar>)> {
        let open = self.open();
        open.run.as_ref().filter(|own| *own == run)?;
        let questions =
            open.questions.iter().map(|(id, (question, _))| Question { id: *id, question: question.clone() });
        let progress = open.progress.iter().map(|(action, (done, total, message))| HowFar {
            action: action.as_str().to_owned(),
            done: *done,
            total: *total,
            message: text::one_line(&message.in_language(language)).to_string(),
        });
        Some((questions.collect(), progress.collect()))
    }

    /// Counts every change of it.
    pub(super) fn version(&self) -> u64 {
        self.open().version
    }
}

/// One open page.
pub(super) struct Looking(Arc<Desk>);

impl Drop for Looking {
    fn drop(&mut self) {
        self.0.viewers.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Takes a question away again when nobody waits for it any more.
struct Taken<'d> {
    desk: &'d Desk,
    id: u64,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let mut open = self.desk.open();
        open.version += 1;
        open.questions.remove(&self.id);
    }
}

/// Hears how far the actions of a run are, for its page.
pub struct Hears(pub Arc<Desk>);

impl Observer for Hears {
    fn on_record(&mut self, record: &Record, _state: &RunState) {
        if let Event::ActionFinished { action, .. } = &record.event {
            let mut open = self.0.open();
            open.version += 1;
            open.progress.remove(action);
        }
    }

    fn on_progress(&mut self, action: &ActionId, done: u64, total: Option<u64>, message: &Said) {
        let mut open = self.0.open();
        open.version += 1;
        open.progress.insert(action.clone(), (done, total, message.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_question_is_there_until_it_is_answered_or_given_up() {
        let desk = Arc::new(Desk::default());
        let run = RunId::from("r");
        desk.is_of(&run);
        let questions = || desk.of(&run, Language::En).unwrap().0;
        let asking = tokio::spawn({
            let desk = Arc::clone(&desk);
            async move { desk.ask("Go on?").await }
        });
        while questions().is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(questions()[0].question, "Go on?");
        assert!(desk.of(&RunId::from("another"), Language::En).is_none());
        let id = questions()[0].id;
        let answer = Answer { yes: true, by: "ada".to_owned(), comment: String::new() };
        assert!(!desk.answer(id + 1, answer.clone()));
        assert!(desk.answer(id, answer.clone()));
        assert_eq!(asking.await.unwrap(), Some(answer.clone()));
        assert!(questions().is_empty() && !desk.answer(id, answer));
        drop(tokio::time::timeout(std::time::Duration::from_millis(5), desk.ask("Still?")).await);
        assert!(questions().is_empty(), "a question that nobody waits for lies on the desk");
    }
}
