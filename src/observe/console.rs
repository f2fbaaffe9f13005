//! The console: one line an event on stderr, and a progress bar where a person watches.

use crate::{
    record::{
        ActionId, Event, Language, Observer, Record, RunState, Said, StepId, Verdict,
        event::{ActionResult, Judgement},
        told::{self, told},
    },
    support::{terminal, text},
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
    language: Language,
    bars: Option<MultiProgress>,
    /// Whether stderr takes styles.
    styled: bool,
    running: BTreeMap<ActionId, ProgressBar>,
    steps: BTreeMap<StepId, Timestamp>,
    /// Lines of the group of records that is being told.
    lines: String,
}

impl Console {
    /// Bars only where stderr is a terminal, and nothing but the console writes to it.
    pub fn new(language: Language) -> Self {
        // A bar and the log would write over each other.
        let watched = std::io::stderr().is_terminal() && !tracing::dispatcher::has_been_set();
        Self {
            language,
            bars: watched.then(|| MultiProgress::with_draw_target(terminal::bars())),
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

    /// A line about an action or a watch.
    fn line_of(&mut self, action: &ActionId, said: &Said) {
        let said = said.in_language(self.language);
        self.line(&format!("  {action:<14} {said}"));
    }

    fn remarks(&mut self, remarks: &[Said]) {
        for remark in remarks {
            let said = told::remark(remark);
            self.line(&format!("    {}", said.in_language(self.language)));
        }
    }

    /// Columns of a verdict.
    fn width(&self) -> usize {
        match self.language {
            Language::En => 12,
            Language::Fr => 13,
        }
    }

    /// The head of a step: its number and its title.
    fn head(&self, step: StepId, state: &RunState) -> String {
        let title = state.steps.get(&step).map_or("", |s| s.outline.title.get(self.language.code()));
        let bold = self.style(Style::new().bold());
        format!("{bold}{}  {title}{bold:#}", told::step_is(step.0).in_language(self.language))
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
        (self.style(colour.on_default()), self.language.verdict(verdict))
    }

    fn judged(&mut self, judgement: &Judgement) {
        let not_judged = told::not_judged();
        let (style, word) = match self.verdict(judgement.verdict) {
            (style, _) if judgement.verdict == Verdict::Warn && !judgement.is_judged() => {
                (style, not_judged.in_language(self.language))
            }
            (style, word) => (style, word.into()),
        };
        let observed = match judgement.sides(self.language) {
            [Some(observed), Some(limit)] => {
                format!(" · {}", told::observed_and_limit(observed, limit).in_language(self.language))
            }
            _ => String::new(),
        };
        let reason = match judgement.verdict {
            // How sure a difference from another run is stands in the reason.
            Verdict::Pass if judgement.observed.is_some() && !judgement.tells_a_difference() => String::new(),
            _ => format!(" · {}", judgement.reason.in_language(self.language)),
        };
        let wide = self.width();
        self.line(&format!("    {style}{word:<wide$}{style:#} {}{observed}{reason}", judgement.text));
    }
}

impl Observer for Console {
    fn on_record(&mut self, record: &Record, state: &RunState) {
        let language = self.language;
        match &record.event {
            Event::RunStarted(header) => {
                self.line(&told(record, state, language));
                let note = header.plan.profile_note.get(language.code());
                if !note.is_empty() {
                    self.line(&format!("  {note}"));
                }
            }
            Event::RunResumed { .. } => self.line(&told(record, state, language)),
            Event::SnapshotTaken { artifacts, remarks } => {
                let kept = told::snapshot(artifacts.len());
                self.line(&kept.in_language(language));
                self.remarks(remarks);
            }
            Event::StepStarted { step, attempt } => {
                self.steps.insert(*step, record.at);
                let again = match attempt.0 {
                    0 | 1 => String::new(),
                    again => format!(" ({})", told::attempt_is(again).in_language(language)),
                };
                self.line(&format!("{}{again}", self.head(*step, state)));
            }
            Event::ActionStarted { action, description, .. } => {
                self.start_bar(action, &description.in_language(language));
            }
            Event::ActionKept { action, from, .. } | Event::WatchKept { watch: action, from, .. } => {
                self.line_of(action, &told::kept_from(from.0));
            }
            Event::ActionFinished { step, attempt, action, result } => {
                self.end_bar(action);
                let status = state
                    .steps
                    .get(step)
                    .and_then(|s| s.attempts.iter().find(|a| a.attempt == *attempt))
                    .and_then(|a| a.action(action));
                let took = status.map(|s| language.between(s.started, record.at)).unwrap_or_default();
                match result {
                    ActionResult::Done(evidence) => {
                        let description = status.map(|s| s.description.in_language(language));
                        let what = text::cut(&description.unwrap_or_default(), 90);
                        self.line(&format!("  {action:<14} {what} ({took})"));
                        self.remarks(&evidence.remarks);
                    }
                    ActionResult::Failed { message, .. } => {
                        let red = self.style(AnsiColor::Red.on_default());
                        let message = message.in_language(language);
                        self.line(&format!("  {action:<14} {red}{message}{red:#} ({took})"));
                    }
                }
            }
            Event::ActionUndone { action, failure, .. } => {
                self.line_of(action, &failure.as_ref().map_or_else(told::undone, told::not_undone));
            }
            Event::ActionPassedOver { action, reason, .. } => {
                self.line_of(action, &told::passed_over(reason));
            }
            Event::ActionRetried { action, tried, reason, .. } => {
                self.line_of(action, &told::try_failed(*tried, reason));
            }
            Event::CriterionJudged { judgement, .. } => self.judged(judgement),
            Event::CriterionPassedOver { text, reason, .. } => {
                let dim = self.style(Style::new().dimmed());
                let word = told::not_judged();
                let (word, reason) = (word.in_language(language), reason.in_language(language));
                let wide = self.width();
                self.line(&format!("    {dim}{word:<wide$}{dim:#} {text} · {reason}"));
            }
            Event::StepNotApplicable { step, reason } => {
                let said = told::does_not_apply(reason);
                self.line(&format!("{}\n  {}", self.head(*step, state), said.in_language(language)));
            }
            Event::ApprovalRequested { approve, .. } => {
                let said = told::waits_for(&approve.role, &approve.question);
                self.line(&format!("  {}", said.in_language(language)));
            }
            Event::StepFinished { step, verdict, reason, .. } => {
                let (style, word) = self.verdict(*verdict);
                let reason = reason.in_language(language);
                let Some(began) = self.steps.get(step) else {
                    // It was carried out before, and a person has answered since.
                    let step = told::step_is(step.0);
                    return self
                        .line(&format!("{}  {style}{word}{style:#} · {reason}", step.in_language(language)));
                };
                let took = language.between(*began, record.at);
                let said = told::ended_after(format!("{style}{word}{style:#}"), took);
                let reason = if *verdict == Verdict::Pass { String::new() } else { format!(" · {reason}") };
                self.line(&format!("  {}{reason}", said.in_language(language)));
            }
            Event::StepReset { .. } => self.line(&told(record, state, language)),
            Event::RunFinished { .. } => {
                self.running.values().for_each(ProgressBar::finish_and_clear);
                self.line(&told(record, state, language));
            }
            _ => {}
        }
    }

    fn on_group_end(&mut self) {
        self.write_lines();
    }

    fn on_progress(&mut self, action: &ActionId, done: u64, total: Option<u64>, message: &Said) {
        let Some(bar) = self.running.get(action) else { return };
        if let Some(total) = total.filter(|t| *t > 0) {
            if bar.length() != Some(total) {
                bar.set_length(total);
                bar.set_style(bounded());
            }
            bar.set_position(done);
        }
        bar.set_message(text::cut(&message.in_language(self.language), 40));
    }
}

fn spinner() -> ProgressStyle {
    ProgressStyle::with_template("  {prefix:14} {spinner} {elapsed} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
}

fn bounded() -> ProgressStyle {
    ProgressStyle::with_template("  {prefix:14} {bar:24} {percent:>3}% {elapsed}, {eta} left  {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}
