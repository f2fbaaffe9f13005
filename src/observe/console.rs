//! The console: one line an event on stderr, and a progress bar where a person watches.

use crate::{
    record::{
        ActionId, Event, Observer, Record, RunState, StepId, Verdict,
        event::{ActionResult, Judgement},
        plain_pair,
    },
    support::text,
};
use anstyle::{AnsiColor, Style};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use jiff::Timestamp;
use std::{
    collections::BTreeMap,
    io::{IsTerminal, Write},
    time::Duration,
};

/// Shows a run on stderr.
pub struct Console {
    bars: Option<MultiProgress>,
    /// Whether stderr takes styles.
    styled: bool,
    running: BTreeMap<ActionId, ProgressBar>,
    steps: BTreeMap<StepId, Timestamp>,
    /// Lines of the group of records that is being told.
    lines: String,
}

impl Default for Console {
    fn default() -> Self {
        Self::new()
    }
}

impl Console {
    /// Bars only where stderr is a terminal, and nothing but the console writes to it.
    pub fn new() -> Self {
        // A bar and the log would write over each other.
        let watched = std::io::stderr().is_terminal() && !tracing::dispatcher::has_been_set();
        Self {
            bars: watched.then(MultiProgress::new),
            styled: anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never,
            running: BTreeMap::new(),
            steps: BTreeMap::new(),
            lines: String::new(),
        }
    }

    fn line(&mut self, line: &str) {
        self.lines.push_str(line);
        self.lines.push('\n');
    }

    fn write_lines(&mut self) {
        if self.lines.is_empty() {
            return;
        }
        // What systems say may be styled too.
        let lines = match self.styled || !self.lines.contains('\x1b') {
            true => std::mem::take(&mut self.lines),
            false => anstream::adapter::strip_str(&std::mem::take(&mut self.lines)).to_string(),
        };
        let write = || {
            // Nobody may be left to read it; the run goes on.
            let _ = std::io::stderr().lock().write_all(lines.as_bytes());
        };
        match &self.bars {
            Some(bars) => bars.suspend(write),
            None => write(),
        }
    }

    /// The style where styles are taken, else none.
    fn style(&self, style: Style) -> Style {
        if self.styled { style } else { Style::new() }
    }

    fn start_bar(&mut self, action: &ActionId, description: &str) {
        let Some(bars) = &self.bars else { return };
        let bar = bars.add(ProgressBar::new_spinner());
        bar.set_style(spinner());
        bar.set_prefix(action.to_string());
        bar.set_message(text::cut(description, 50));
        bar.enable_steady_tick(Duration::from_millis(200));
        self.running.insert(action.clone(), bar);
    }

    fn end_bar(&mut self, action: &ActionId) {
        if let Some(bar) = self.running.remove(action) {
            bar.finish_and_clear();
        }
    }

    fn verdict(&self, verdict: Verdict) -> (Style, &'static str) {
        let colour = match verdict {
            Verdict::Pass => AnsiColor::Green,
            Verdict::Warn => AnsiColor::Yellow,
            Verdict::Inconclusive => AnsiColor::Magenta,
            Verdict::Fail | Verdict::Error => AnsiColor::Red,
        };
        (self.style(colour.on_default()), verdict.word())
    }

    fn judged(&mut self, judgement: &Judgement) {
        let (style, word) = self.verdict(judgement.verdict);
        let observed = match (&judgement.observed, &judgement.limit) {
            (Some(observed), Some(limit)) => {
                let (observed, limit) = plain_pair(&observed.value, &limit.value);
                format!(" · observed {observed}, limit {limit}")
            }
            _ => String::new(),
        };
        let reason = match judgement.verdict {
            // How sure a difference from another run is stands in the reason.
            Verdict::Pass if judgement.observed.is_some() && !judgement.reason.contains(" changed by ") => {
                String::new()
            }
            _ => format!(" · {}", judgement.reason),
        };
        self.line(&format!("    {style}{word:<12}{style:#} {}{observed}{reason}", judgement.text));
    }
}

impl Observer for Console {
    fn on_record(&mut self, record: &Record, state: &RunState) {
        match &record.event {
            Event::RunStarted(header) => {
                let plan = &header.plan;
                self.line(&format!(
                    "run {} · {} on {} · profile {}",
                    header.run, plan.campaign, plan.environment, plan.profile
                ));
                if !plan.profile_note.is_empty() {
                    self.line(&format!("  {}", plan.profile_note));
                }
            }
            Event::RunResumed { .. } => {
                let run = state.header.as_ref().map_or("", |h| h.run.as_str());
                self.line(&format!("run {run} goes on"));
            }
            Event::SnapshotTaken { artifacts, remarks } => {
                self.line(&format!("configuration kept: {}", text::plural(artifacts.len(), "file")));
                remarks.iter().for_each(|r| self.line(&format!("  {r}")));
            }
            Event::StepStarted { step, attempt } => {
                self.steps.insert(*step, record.at);
                let title = state.steps.get(step).map_or("", |s| s.outline.title.get("en"));
                let again = if attempt.0 > 1 { format!(" (attempt {attempt})") } else { String::new() };
                let bold = self.style(Style::new().bold());
                self.line(&format!("{bold}step {step}  {title}{bold:#}{again}"));
            }
            Event::ActionStarted { action, description, .. } => self.start_bar(action, description),
            Event::ActionKept { action, from, .. } => {
                self.line(&format!("  {action:<14} kept from attempt {from}"))
            }
            Event::WatchKept { watch, from, .. } => {
                self.line(&format!("  {watch:<14} kept from attempt {from}"))
            }
            Event::ActionFinished { step, attempt, action, result } => {
                self.end_bar(action);
                let status = state
                    .steps
                    .get(step)
                    .and_then(|s| s.attempts.iter().find(|a| a.attempt == *attempt))
                    .and_then(|a| a.action(action));
                let took = status.and_then(|s| elapsed(s.started, record.at)).unwrap_or_default();
                let description = status.map_or("", |s| s.description.as_str());
                match result {
                    ActionResult::Done(evidence) => {
                        self.line(&format!("  {action:<14} {} ({took})", text::cut(description, 90)));
                        evidence.remarks.iter().for_each(|r| self.line(&format!("    note: {r}")));
                    }
                    ActionResult::Failed { message, .. } => {
                        let red = self.style(AnsiColor::Red.on_default());
                        self.line(&format!("  {action:<14} {red}{message}{red:#} ({took})"));
                    }
                }
            }
            Event::ActionUndone { action, failure, .. } => match failure {
                None => self.line(&format!("  {action:<14} undone")),
                Some(why) => self.line(&format!("  {action:<14} NOT UNDONE: {why}")),
            },
            Event::ActionPassedOver { action, reason, .. } => {
                self.line(&format!("  {action:<14} passed over: {reason}"));
            }
            Event::ActionRetried { action, tried, reason, .. } => {
                self.line(&format!("  {action:<14} try {tried} failed: {reason}"));
            }
            Event::CriterionJudged { judgement, .. } => self.judged(judgement),
            Event::CriterionPassedOver { text, reason, .. } => {
                let dim = self.style(Style::new().dimmed());
                self.line(&format!("    {dim}{:<12}{dim:#} {text} · {reason}", "not judged"));
            }
            Event::StepNotApplicable { step, reason } => {
                let title = state.steps.get(step).map_or("", |s| s.outline.title.get("en"));
                let bold = self.style(Style::new().bold());
                self.line(&format!("{bold}step {step}  {title}{bold:#}\n  does not apply: {reason}"));
            }
            Event::ApprovalRequested { approve, .. } => {
                self.line(&format!("  waits for {}: {}", approve.role, approve.question));
            }
            Event::StepFinished { step, verdict: v, reason, .. } => {
                let (style, word) = self.verdict(*v);
                let Some(took) = self.steps.get(step).and_then(|at| elapsed(*at, record.at)) else {
                    // It was carried out before, and a person has answered since.
                    return self.line(&format!("step {step}  {style}{word}{style:#} · {reason}"));
                };
                let reason = if *v == Verdict::Pass { String::new() } else { format!(" · {reason}") };
                self.line(&format!("  {style}{word}{style:#} in {took}{reason}"));
            }
            Event::StepReset { step, reason, .. } => self.line(&format!("step {step} is set back: {reason}")),
            Event::RunFinished { outcome } => {
                self.running.values().for_each(ProgressBar::finish_and_clear);
                let word = serde_json::to_value(outcome).ok().and_then(|v| v.as_str().map(str::to_owned));
                self.line(&format!("run ended: {}", word.unwrap_or_default()));
            }
            _ => {}
        }
    }

    fn on_group_end(&mut self) {
        self.write_lines();
    }

    fn on_progress(&mut self, action: &ActionId, done: u64, total: Option<u64>, message: &str) {
        let Some(bar) = self.running.get(action) else { return };
        if let Some(total) = total.filter(|t| *t > 0) {
            if bar.length() != Some(total) {
                bar.set_length(total);
                bar.set_style(bounded());
            }
            bar.set_position(done);
        }
        bar.set_message(text::cut(message, 40));
    }
}

fn elapsed(from: Timestamp, to: Timestamp) -> Option<String> {
    Duration::try_from(to.duration_since(from)).ok().map(text::duration)
}

fn spinner() -> ProgressStyle {
    ProgressStyle::with_template("  {prefix:14} {spinner} {elapsed} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
}

fn bounded() -> ProgressStyle {
    ProgressStyle::with_template("  {prefix:14} {bar:24} {percent:>3}% {elapsed}, {eta} left  {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}
