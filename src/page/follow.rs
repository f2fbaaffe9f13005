//! [`Follower`]: reads the journal of one run as it grows, and keeps what the page shows of it, in both languages.

use super::{
    chart::Charts,
    desk::Desk,
    view::{self, Beside},
};
use crate::{
    history,
    record::{ActionId, Event, Language, Record, RunState, Said, Speaks, StepId, StepState, told},
    store::{
        RunDir,
        journal::{self, Mark},
    },
};
use jiff::Timestamp;
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    thread,
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// How often a journal is looked at. An event is to be on the page 200 ms after it is durable.
const LOOK: Duration = Duration::from_millis(60);
/// How often the slower things are looked at: the files of a load, whether the run lives.
const SLOW: Duration = Duration::from_millis(900);
/// Records in words that are kept for those who come later; older ones are read from the journal.
const LINES: usize = 1000;

/// The text of one thing in each language, as it is sent.
type Texts = [Arc<str>; 2];

/// A record in words.
#[derive(Debug, Clone)]
pub(super) struct Told {
    /// Number of the record.
    pub(super) seq: u64,
    texts: Texts,
}

/// One record in words, as it is sent.
#[derive(Debug, Serialize)]
struct Sentence<'a> {
    seq: u64,
    at: Timestamp,
    step: Option<u32>,
    /// What to show it as: a verdict's word, `step`, `run`, or nothing.
    tone: &'a str,
    text: String,
}

/// Part of the page: a step, the run, the charts.
#[derive(Debug)]
struct Part {
    version: u64,
    texts: Texts,
}

/// Everything that a page shows of a run.
#[derive(Debug, Default)]
struct Shown {
    version: u64,
    lines: VecDeque<Told>,
    parts: BTreeMap<Name, Part>,
    /// The whole state, as it was less than two looks of the slow kind ago.
    state: Arc<RunState>,
}

/// Name of a part; the order is the one in which they are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Run,
    Step(StepId),
    Charts,
}

impl Name {
    fn event(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Step(_) => "step",
            Self::Charts => "charts",
        }
    }
}

/// How far a reader has come.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cursor {
    /// The last record that it has.
    pub(super) seq: u64,
    version: u64,
}

impl Cursor {
    /// That of a reader who has the records up to `seq`, and nothing else.
    pub(super) fn at(seq: u64) -> Self {
        Self { seq, version: 0 }
    }
}

/// Follows one run until nobody looks any more.
#[derive(Debug)]
pub(super) struct Follower {
    /// Folder of the run.
    pub(super) dir: RunDir,
    shown: Mutex<Shown>,
    changed: watch::Sender<u64>,
}

/// The place of a language among the texts.
fn place(language: Language) -> usize {
    match language {
        Language::En => 0,
        Language::Fr => 1,
    }
}

fn texts(make: impl Fn(Language) -> Option<String>) -> Texts {
    [Language::En, Language::Fr].map(|language| Arc::from(make(language).unwrap_or_default()))
}

fn json(value: &impl Serialize) -> Option<String> {
    serde_json::to_string(value).ok()
}

impl Follower {
    /// Begins to follow; what is on record already is read before this returns, as far as it can be.
    pub(super) fn begin(dir: RunDir, desk: Arc<Desk>) -> Arc<Self> {
        let follower = Arc::new(Self { dir, shown: Mutex::default(), changed: watch::channel(0).0 });
        let mut reader = Reader::new(&follower.dir, desk);
        reader.look(&follower);
        let weak = Arc::downgrade(&follower);
        thread::spawn(move || reader.go_on(&weak));
        follower
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells of each change.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// The state as it is on record.
    pub(super) fn state(&self) -> Arc<RunState> {
        Arc::clone(&self.shown().state)
    }

    /// What is new behind `cursor`, as server-sent events, and moves it; nothing where nothing is. Reads at most
    /// `most` records: a reader that is slow holds nothing up but itself.
    pub(super) fn new_for(&self, cursor: &mut Cursor, language: Language, most: usize) -> String {
        let mut out = String::new();
        let shown = self.shown();
        let place = place(language);
        for (name, part) in shown.parts.iter().filter(|(_, part)| part.version > cursor.version) {
            push(&mut out, None, name.event(), &part.texts[place]);
        }
        let first = shown.lines.partition_point(|line| line.seq <= cursor.seq);
        // A page that opens now needs no more than it shows.
        let first = if cursor.version == 0 && cursor.seq == 0 {
            first.max(shown.lines.len().saturating_sub(most))
        } else {
            first
        };
        for line in shown.lines.iter().skip(first).take(most) {
            push(&mut out, Some((self.dir.run.as_str(), line.seq)), "record", &line.texts[place]);
            cursor.seq = line.seq;
        }
        if shown.lines.back().is_none_or(|last| last.seq <= cursor.seq) {
            cursor.version = shown.version;
        }
        out
    }
}

/// Writes one server-sent event; JSON has no line end in it.
fn push(out: &mut String, id: Option<(&str, u64)>, event: &str, data: &str) {
    if let Some((run, seq)) = id {
        out.push_str(&format!("id: {run}:{seq}\n"));
    }
    out.push_str("event: ");
    out.push_str(event);
    out.push_str("\ndata: ");
    out.push_str(data);
    out.push_str("\n\n");
}

/// Reads what a follower shows.
struct Reader {
    dir: RunDir,
    desk: Arc<Desk>,
    mark: Mark,
    state: RunState,
    /// Length of the journal when it was last read.
    length: u64,
    shown_as: BTreeMap<StepId, StepState>,
    charts: Charts,
    live: bool,
    desk_version: u64,
    slow: Option<Instant>,
    /// How many slow looks there were.
    looks: u64,
    /// Whether the state has changed since it was last shown as a whole: it is copied for that, and it may be large.
    is_due: bool,
    problem: Option<Said>,
}

impl Reader {
    fn new(dir: &RunDir, desk: Arc<Desk>) -> Self {
        Self {
            dir: dir.clone(),
            desk,
            mark: Mark::default(),
            state: RunState::default(),
            length: 0,
            shown_as: BTreeMap::new(),
            charts: Charts::default(),
            live: false,
            desk_version: 0,
            slow: None,
            looks: 0,
            is_due: false,
            problem: None,
        }
    }

    fn go_on(mut self, follower: &Weak<Follower>) {
        loop {
            thread::sleep(LOOK);
            let Some(follower) = follower.upgrade() else { return };
            self.look(&follower);
        }
    }

    fn look(&mut self, follower: &Follower) {
        let (mut new, mut touched) = (Vec::new(), BTreeSet::new());
        let is_slow = self.slow.is_none_or(|at| at.elapsed() >= SLOW);
        let mut run_changed = false;
        if is_slow {
            self.slow = Some(Instant::now());
            // Whether it lives is asked before the look: what a run writes last is then seen by it.
            let live = history::is_live(&self.dir);
            // The time that is left goes by while nothing happens.
            self.looks += 1;
            run_changed |= live != self.live || live && self.looks.is_multiple_of(5);
            self.live = live;
        }
        let length = self.dir.journal().metadata().map_or(0, |file| file.len());
        // Without a new byte there is nothing to check; now and then it is looked at all the same.
        if length != self.length || self.mark.seq == 0 {
            self.length = length;
            let state = &mut self.state;
            let scanned = journal::scan(&self.dir.journal(), &mut self.mark, |record, _| {
                state.apply(&record);
                touched.extend(record.event.step());
                new.push(told_in_all(&record, state));
            });
            let problem = scanned.err().map(|error| error.said());
            run_changed |= problem.as_ref().map(Said::as_str) != self.problem.as_ref().map(Said::as_str);
            self.problem = problem;
        }
        if self.desk_version != self.desk.version() {
            self.desk_version = self.desk.version();
            run_changed = true;
        }
        let now = Timestamp::now();
        for step in self.state.steps.keys() {
            let shown = self.state.step_state(*step, now);
            if self.shown_as.insert(*step, shown) != Some(shown) {
                touched.insert(*step);
            }
        }
        self.is_due |= !new.is_empty();
        if is_slow && self.is_due {
            self.is_due = false;
            follower.shown().state = Arc::new(self.state.clone());
        }
        let charts = is_slow && self.look_at_charts();
        if !new.is_empty() || run_changed || charts || !touched.is_empty() {
            self.show(follower, new, &touched, charts, now);
        }
    }

    fn show(
        &self,
        follower: &Follower,
        new: Vec<Told>,
        touched: &BTreeSet<StepId>,
        charts: bool,
        now: Timestamp,
    ) {
        let mut parts = Vec::new();
        let beside = |language| Beside {
            live: self.live,
            desk: self.desk.of(&self.dir.run, language),
            problem: self.problem.clone(),
        };
        parts.push((Name::Run, texts(|l| json(&view::run(&self.state, beside(l), l, now)))));
        for (step, status) in touched.iter().filter_map(|step| self.state.steps.get_key_value(step)) {
            parts.push((Name::Step(*step), texts(|l| json(&view::step(&self.state, status, l, now)))));
        }
        if charts {
            parts.push((Name::Charts, texts(|_| json(&self.charts.all()))));
        }
        let version = {
            let mut shown = follower.shown();
            shown.version += 1;
            let version = shown.version;
            for (name, texts) in parts {
                shown.parts.insert(name, Part { version, texts });
            }
            shown.lines.extend(new);
            let over = shown.lines.len().saturating_sub(LINES);
            shown.lines.drain(..over);
            version
        };
        follower.changed.send_replace(version);
    }

    /// Reads the files of the step that runs, or ran last.
    fn look_at_charts(&mut self) -> bool {
        let running = |(step, _): &(&StepId, _)| self.shown_as.get(step) == Some(&StepState::Running);
        let latest = || {
            self.state
                .steps
                .iter()
                .filter_map(|(step, s)| Some((step, s.latest()?.started)))
                .max_by_key(|(_, at)| *at)
        };
        let step = self
            .state
            .steps
            .iter()
            .find(running)
            .map(|(step, _)| step)
            .or_else(|| latest().map(|(step, _)| step));
        let Some(status) = step.and_then(|step| self.state.steps.get(step)) else { return false };
        let Some(attempt) = status.latest() else { return false };
        let any = RunDir::action(status.outline.step, attempt.attempt, &ActionId::from("x"));
        let below = any.rsplit_once('/').map_or("", |(folder, _)| folder);
        let folder: PathBuf = self.dir.path.join(below);
        let is_another = !self.charts.is_of(&folder);
        if is_another {
            self.charts = Charts::of(folder);
        }
        let outline = Arc::clone(&status.outline);
        self.charts.look(&outline) || is_another
    }
}

fn told_in_all(record: &Record, state: &RunState) -> Told {
    let tone = match &record.event {
        Event::CriterionJudged { judgement, .. } => judgement.verdict.word(),
        Event::StepFinished { verdict, .. } => verdict.word(),
        Event::StepStarted { .. } => "step",
        Event::ApprovalRequested { .. } | Event::QuestionAsked { .. } => "asks",
        Event::RunStarted(_) | Event::RunResumed { .. } | Event::RunFinished { .. } => "run",
        _ => "",
    };
    let step = record.event.step().map(|step| step.0);
    let of = |language| Sentence {
        seq: record.seq,
        at: record.at,
        step,
        tone,
        text: told(record, state, language),
    };
    Told { seq: record.seq, texts: texts(|language| json(&of(language))) }
}

/// Records in words up to `before`, at most `most`, read from the journal: for who wants to see the beginning.
pub(super) fn earlier(dir: &RunDir, before: u64, most: usize, language: Language) -> Result<String, Said> {
    let mut state = RunState::default();
    let mut kept: VecDeque<Arc<str>> = VecDeque::new();
    journal::scan(&dir.journal(), &mut Mark::default(), |record, _| {
        state.apply(&record);
        if record.seq < before {
            kept.push_back(Arc::clone(&told_in_all(&record, &state).texts[place(language)]));
            let over = kept.len().saturating_sub(most);
            kept.drain(..over);
        }
    })
    .map_err(|error| error.said())?;
    let all: Vec<&str> = kept.iter().map(|line| &**line).collect();
    Ok(format!("[{}]", all.join(",")))
}
