//! [`Hub`]: the runs of the campaign that somebody looks at, and which is the newest.

use super::{desk::Desk, follow::Follower};
use crate::{
    history::{self, OnRecord},
    record::{Language, RunId},
    store::{RunDir, Runs},
};
use jiff::Timestamp;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, Weak},
    thread,
    time::Duration,
};
use tokio::sync::watch;

/// How often the folder of the runs is looked at for a new one.
const LOOK: Duration = Duration::from_millis(120);
/// Runs in the list, the newest.
const LISTED: usize = 100;

/// One run in the list.
#[derive(Debug, Clone, Serialize)]
struct Listed {
    run: String,
    started: Option<Timestamp>,
    last: Option<Timestamp>,
    environment: String,
    profile: String,
    outcome: &'static str,
    outcome_words: String,
}

/// What is known of a run whose journal has that length.
type Known = (u64, bool, [Listed; 2]);

/// The runs of a campaign.
#[derive(Debug)]
pub(super) struct Hub {
    campaign: PathBuf,
    /// The only run that is shown, where one was named.
    only: Option<RunId>,
    /// What a run of this process asks.
    pub(super) desk: Arc<Desk>,
    newest: watch::Sender<Option<Arc<Follower>>>,
    others: Mutex<BTreeMap<RunId, Weak<Follower>>>,
    listed: Mutex<BTreeMap<RunId, Known>>,
}

impl Hub {
    /// Begins to look for runs of the campaign in `campaign`.
    pub(super) fn begin(campaign: &Path, only: Option<RunId>, desk: Arc<Desk>) -> Arc<Self> {
        let hub = Arc::new(Self {
            campaign: campaign.to_owned(),
            only,
            desk,
            newest: watch::channel(None).0,
            others: Mutex::default(),
            listed: Mutex::default(),
        });
        hub.look();
        let weak = Arc::downgrade(&hub);
        thread::spawn(move || {
            loop {
                thread::sleep(LOOK);
                let Some(hub) = Weak::upgrade(&weak) else { return };
                hub.look();
            }
        });
        hub
    }

    /// Folder of the campaign.
    pub(super) fn campaign(&self) -> &Path {
        &self.campaign
    }

    /// All runs, to write to.
    pub(super) fn runs(&self) -> Runs {
        Runs::of_campaign(&self.campaign)
    }

    fn look(&self) {
        let Ok(dir) = history::choose(&self.campaign, self.only.as_ref().map(RunId::as_str)) else { return };
        let is_new = self.newest.borrow().as_ref().is_none_or(|newest| newest.dir != dir);
        if is_new && dir.journal().exists() {
            self.newest.send_replace(Some(Follower::begin(dir, Arc::clone(&self.desk))));
        }
    }

    /// The newest run, or the one that is shown alone; `None` where there is none yet. It changes when another begins.
    pub(super) fn newest(&self) -> watch::Receiver<Option<Arc<Follower>>> {
        self.newest.subscribe()
    }

    /// The run of that name, which must be one of the list; the newest where none is named.
    pub(super) fn run(&self, name: Option<&str>) -> Option<Arc<Follower>> {
        let newest = self.newest.borrow().clone();
        let Some(name) = name else { return newest };
        if let Some(newest) = newest.filter(|newest| newest.dir.run.as_str() == name) {
            return Some(newest);
        }
        let dir = self.list().into_iter().find(|dir| dir.run.as_str() == name)?;
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        others.retain(|_, follower| follower.strong_count() > 0);
        if let Some(follower) = others.get(&dir.run).and_then(Weak::upgrade) {
            return Some(follower);
        }
        let follower = Follower::begin(dir.clone(), Arc::clone(&self.desk));
        others.insert(dir.run, Arc::downgrade(&follower));
        Some(follower)
    }

    fn list(&self) -> Vec<RunDir> {
        let mut list = history::list(&self.campaign).unwrap_or_default();
        list.retain(|dir| self.only.as_ref().is_none_or(|only| *only == dir.run));
        list
    }

    /// The list of runs as JSON, the newest first. A journal that has not grown is not read again.
    pub(super) fn listed(&self, language: Language) -> String {
        let mut known = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        let place = usize::from(language == Language::Fr);
        let mut rows = Vec::new();
        for dir in self.list().into_iter().rev().take(LISTED) {
            let length = dir.journal().metadata().map_or(0, |file| file.len());
            let live = history::is_live(&dir);
            let run = dir.run.clone();
            if known.get(&run).is_none_or(|(len, lived, _)| (*len, *lived) != (length, live)) {
                let on_record = OnRecord::read(dir);
                known.insert(
                    run.clone(),
                    (length, live, [Language::En, Language::Fr].map(|l| listed(&on_record, l))),
                );
            }
            rows.extend(known.get(&run).map(|(_, _, texts)| texts[place].clone()));
        }
        serde_json::to_string(&rows).unwrap_or_default()
    }
}

fn listed(run: &OnRecord, language: Language) -> Listed {
    let state = run.read.as_ref().ok().map(|contents| &contents.state);
    let header = state.and_then(|state| state.header.as_ref());
    let outcome = state.and_then(|state| state.outcome);
    let (word, words) = match (state, outcome, run.live) {
        (None, _, _) => ("damaged", super::view::damaged(language)),
        (_, _, true) => ("running", language.outcome(None).to_owned()),
        (_, None, false) => ("broken-off", super::view::broken_off_in(language)),
        (_, Some(outcome), false) => (super::view::word(outcome), language.outcome(Some(outcome)).to_owned()),
    };
    Listed {
        run: run.dir.run.as_str().to_owned(),
        started: state.and_then(|s| s.started),
        last: state.and_then(|s| s.last).map(|(_, at)| at),
        environment: header.map(|h| h.plan.environment.clone()).unwrap_or_default(),
        profile: header.map(|h| h.plan.profile.clone()).unwrap_or_default(),
        outcome: word,
        outcome_words: words,
    }
}
