//! What `kafka-producer-perf-test`, `kafka-consumer-perf-test` and `kafka-e2e-latency` print, of Kafka 3.7 to 4.x: read
//! line by line, as it comes from the tool or as somebody pasted it into notes.
//!
//! [`Reader`] takes lines and gives a [`Reading`]: scenarios, notes, and what was not understood. Nothing is guessed: a line
//! that fits nothing is counted and shown, and what contradicts each other is said, never put right. The forms are those of
//! `ProducerPerformance`, `ConsumerPerformance`, `EndToEndLatency` and `ToolsUtils` in Kafka's module `tools`.

mod background;
mod chatter;
mod checks;
mod command;
mod consumer;
mod figures;
mod framed;
mod latency;
mod lines;
mod listed;
pub(crate) mod messages;
mod metrics;
mod notes;
mod pending;
mod programs;
mod prompt;
mod run;
mod scenario;
mod scripts;
mod several;
mod stamps;
#[cfg(test)]
mod tests;
mod text;
mod turns;
mod windows;

pub use command::option_of_tool;
pub use lines::Lines;
pub use messages::{contradictions, shows_secret};
pub use notes::{
    Declared, Part, Period, Placed, Progress, ReadsAs, declared, is_about_dashboards, is_about_expiry,
    is_trouble, outline, progress, reads_as, runs_without_output,
};
pub use text::decoded;

use crate::record::{Line, Reading, Said, Tool, Window};
use background::Background;
use chatter::Chatter;
use command::{Command, Typed};
use consumer::{Header, Row};
use figures::{Figures, Parsed, Total};
use framed::{is_own, unframed, without_output};
use jiff::civil::Date;
use latency::Latencies;
use listed::Listed;
use pending::{Kind, Pending, Step, Whole};
use programs::is_program;
use run::Run;
use scripts::Scripts;
use several::{Earlier, Following};
use std::{
    collections::BTreeMap,
    io::{self, Read},
};

/// How many lines must not be copied as they are.
const REPLACED: usize = 10_000;

/// Reads all of a file, as work of `day` where that is known.
pub fn read(from: impl Read, day: Option<Date>) -> io::Result<(Reading, Replacements)> {
    let mut reader = Reader::new(day);
    Lines::new(from).for_each(|line| {
        reader.line(line);
        Ok(())
    })?;
    Ok(reader.finish())
}

/// Lines, by their number, that must not be copied as they are: the parts of what was put together and holds a secret,
/// which no part may show. The first one has the whole, masked; the others are empty.
pub type Replacements = BTreeMap<u64, String>;

/// Takes lines in their order.
#[derive(Debug, Default)]
pub struct Reader {
    day: Option<Date>,
    number: u64,
    /// How many columns the line is set in.
    indent: usize,
    current: Option<Run>,
    /// Runs that go on beside the current one.
    background: Background,
    pending: Option<Pending>,
    header: Option<Header>,
    /// The metric of the line before, whose value may go on.
    metric: Option<String>,
    /// Blank lines before this one, and how often text came with none and with one before it.
    gap: u64,
    gaps: [u64; 2],
    /// Commands of the current one's line that come after it.
    following: Following,
    /// Commands right before the current one, none of which has printed anything so far.
    earlier: Earlier,
    listed: Listed,
    replacements: Replacements,
    scripts: Scripts,
    /// Why figures that come now are not of the commands before them.
    alone: Option<Said>,
}

impl Reader {
    /// A reader that compares the dates that it finds with `day`.
    pub fn new(day: Option<Date>) -> Self {
        Self { day, ..Self::default() }
    }

    /// Takes the next line, without its line feed. A window that it holds is returned, for who watches.
    pub fn line(&mut self, line: &[u8]) -> Option<Window> {
        self.number += 1;
        if self.pending.is_none()
            && let Some(window) = figures::window(line, self.number)
        {
            self.gap = 0;
            self.window(window);
            return Some(window);
        }
        let text = text::plain(line);
        self.indent = text::indent(line);
        if text.is_empty() {
            self.gap += 1;
            return None;
        }
        let near = self.gap == 0 || (self.gap == 1 && self.gaps[1] > self.gaps[0]);
        self.gaps[usize::from(self.gap > 0)] += 1;
        self.gap = 0;
        self.text(&text, near)
    }

    /// Everything that was read.
    pub fn finish(mut self) -> (Reading, Replacements) {
        while let Some(pending) = self.pending.take() {
            self.give_up(pending);
        }
        self.leave();
        let beside = self.background.end();
        self.close_each(beside);
        (self.listed.finish(), self.replacements)
    }

    fn text(&mut self, text: &str, near: bool) -> Option<Window> {
        while let Some(mut pending) = self.pending.take() {
            match pending.take(self.number, text, near, is_own(text)) {
                Step::More => {
                    self.pending = Some(pending);
                    return None;
                }
                Step::Whole(whole) => return self.whole(whole, pending.first()),
                Step::Log => {
                    self.log(pending.text(), pending.first());
                    return None;
                }
                Step::Apart => self.give_up(pending),
            }
        }
        self.classify(text)
    }

    /// A line on its own.
    fn classify(&mut self, text: &str) -> Option<Window> {
        let number = self.number;
        if self.background.is_told_by_shell(text) {
            return None;
        }
        if let Some((output, command)) = framed::reversed(text) {
            self.classify(command);
            if let Some(pending) = self.pending.take() {
                self.give_up(pending);
            }
            return self.classify(output);
        }
        if self.scripts.ends_text(text) {
            self.leave();
            self.note(text);
            return None;
        }
        self.scripts.look(text);
        let metric = self.metric.take();
        let digit = text.starts_with(|c: char| c.is_ascii_digit());
        let at_start = || digit.then(|| (0, figures::figures(text, number)));
        // A command may have its figures behind it.
        let command = || matches!(command::typed(text), Some(Typed::Tool(_)));
        match figures::find(text, number).or_else(at_start) {
            Some((start, Parsed::Whole(found, end))) if start == 0 || !command() => {
                let seen = self.whole(Whole::Figures(found), number);
                if text.starts_with("^C") {
                    self.close();
                }
                // A line feed was lost.
                let rest = text::trailing(&text[end..]);
                return if rest.is_empty() { seen } else { self.classify(rest).or(seen) };
            }
            Some((start, Parsed::Cut))
                if if start > 0 { !command() } else { text.contains(" rec") || text.contains(" steady") } =>
            {
                self.pending = Some(Pending::behind(Kind::Figures, number, text, &text[start..]));
                return None;
            }
            _ => {}
        }
        if let Some(cells) = framed::cells(text, self.header) {
            return self.classify(&cells);
        }
        // A command may have the time before it.
        if digit && !command() && prompt::length(text) == 0 {
            match consumer::row(text, self.header) {
                Parsed::Whole(row, _) => return self.whole(Whole::Row(row), number),
                Parsed::Cut => return self.wait(Kind::Row(self.header), text),
                Parsed::No => {}
            }
        }
        if let Some(name) = metric
            && let Some(run) = &mut self.current
            && let Some(whole) = run.metrics.get(&name).and_then(|value| metrics::value_goes_on(value, text))
        {
            run.metrics.insert(name.clone(), whole);
            run.lines.last = number;
            self.metric = Some(name);
            return None;
        }
        match consumer::header(text) {
            Parsed::Whole(header, end) => {
                let seen = self.whole(Whole::Header(header), number);
                return if end == text.len() { seen } else { self.classify(&text[end..]) };
            }
            Parsed::Cut => return self.wait(Kind::Header, text),
            Parsed::No => {}
        }
        if metrics::is_head(text) {
            self.run(None, number);
            return None;
        }
        match metrics::row(text) {
            Parsed::Whole((name, value), _) => return self.whole(Whole::Metric(name, value), number),
            Parsed::Cut => return self.wait(Kind::Metric, text),
            Parsed::No => {}
        }
        if let Some(chatter) = chatter::chatter(text) {
            return self.chatter(chatter, text);
        }
        if self.latency(text) {
            return None;
        }
        match command::typed(text) {
            Some(Typed::Tool(typed)) if command::is_sentence(text, typed, without_output(typed).0) => {
                self.note(text);
            }
            Some(Typed::Tool(typed)) => {
                self.scripts.begin(&text[..text.len() - typed.len()]);
                self.leave_for_command();
                let (typed, behind) = framed::code(text, typed);
                if let Some(behind) = behind {
                    self.give_up(Pending::new(Kind::Command { open: false }, number, typed));
                    return if behind.is_empty() { None } else { self.classify(behind) };
                }
                let (open, bare) = command::goes_on(typed);
                self.wait(Kind::Command { open }, bare);
                if !without_output(bare).1.is_empty()
                    && let Some(pending) = self.pending.take()
                {
                    self.give_up(pending);
                }
            }
            Some(Typed::Prompt | Typed::Other("^C")) => self.leave(),
            // A mail that is quoted thrice begins as Python's prompt does.
            Some(_) if text.starts_with(">>>") && unframed(text).is_some() => {
                return self.classify(unframed(text).unwrap_or_default());
            }
            typed if typed.is_some() || chatter::leaves_run(text) => {
                self.leave();
                self.note(text);
            }
            _ => match unframed(text) {
                Some(bare) => return self.classify(bare),
                None if is_program(text) => {
                    // In a loop it is one of its programs, and says nothing of where the one before ends.
                    if !self.scripts.is_in_loop() {
                        self.leave();
                    }
                    self.note(text);
                }
                None if chatter::is_machine(text) => self.not_understood(number, text),
                None => self.note(text),
            },
        }
        None
    }

    fn wait(&mut self, kind: Kind, text: &str) -> Option<Window> {
        self.pending = Some(Pending::new(kind, self.number, text));
        None
    }

    /// What did not come out whole is taken apart again.
    fn give_up(&mut self, pending: Pending) {
        match pending.kind {
            Kind::Command { .. } => {
                let (first, last) = (pending.first(), pending.last());
                let (text, output) = without_output(pending.text());
                match command::parse(text) {
                    Some(command) => {
                        let stray = command.stray.join(" ");
                        let each = several::commands(text);
                        match each.len() {
                            1 => self.leave_for_command(),
                            _ => self.leave(),
                        }
                        let each = self.scripts.judged(text, each);
                        let each = self.without_those_elsewhere(text, each, (first, last));
                        for command in self.following.put(each, first, last) {
                            self.command(command, first, last);
                        }
                        if chatter::is_machine(&stray) {
                            self.not_understood(last, &stray);
                        }
                        if !output.is_empty() {
                            self.at(last, |reader| reader.classify(output));
                        }
                    }
                    None => self.give_back(&pending.parts),
                }
                self.hide(&pending);
            }
            Kind::JvmOptions => {
                let run = self.run(None, pending.first());
                run.jvm_options(pending.text(), pending.last());
                self.hide(&pending);
            }
            Kind::Log => {
                let Some(((number, text), rest)) = pending.parts.split_first() else { return };
                self.log(text, *number);
                self.give_back(rest);
            }
            Kind::Row(header) => {
                let whole = |text: &String| consumer::row_without_end(text, header);
                match pending.joined.iter().find_map(whole) {
                    Some(row) => {
                        self.at(pending.last(), |reader| reader.whole(Whole::Row(row), pending.first()));
                    }
                    // A date may begin a sentence too.
                    None => self.give_back(&pending.parts),
                }
            }
            Kind::Header => self.give_back(&pending.parts),
            Kind::Figures => {
                let first = pending.first();
                match pending.joined.iter().find_map(|text| figures::without_end(text, first)) {
                    Some(found) => {
                        self.at(pending.last(), |reader| reader.whole(Whole::Figures(found), first));
                    }
                    // Its number may stand in a sentence.
                    None if pending.begins_with_digit() => self.all_not_understood(&pending.parts),
                    None => self.give_back(&pending.parts),
                }
            }
            Kind::Metric => self.all_not_understood(&pending.parts),
        }
    }

    /// Does something as if the line of that number were read just now.
    fn at<T>(&mut self, number: u64, what: impl FnOnce(&mut Self) -> T) -> T {
        let now = std::mem::replace(&mut self.number, number);
        let done = what(self);
        self.number = now;
        done
    }

    /// Looks at lines again, each on its own.
    fn give_back(&mut self, parts: &[(u64, String)]) {
        let now = self.number;
        for (number, text) in parts {
            self.number = *number;
            match chatter::is_machine(text) {
                true => self.not_understood(*number, text),
                false => self.note(text),
            }
        }
        self.number = now;
    }

    /// Lets no part of a broken secret into a copy.
    fn hide(&mut self, pending: &Pending) {
        if self.replacements.len() < REPLACED {
            self.replacements.extend(pending.masked_parts());
        }
    }

    fn whole(&mut self, whole: Whole, first: u64) -> Option<Window> {
        match whole {
            Whole::Figures(Figures::Window(mut window)) => {
                window.line = first;
                self.window(window);
                return Some(window);
            }
            Whole::Figures(Figures::Total(total)) => self.total(total, first),
            Whole::Header(header) => {
                self.header = Some(header);
                // Rows of one run have one header.
                if !self.following.is_empty() && self.current.as_ref().is_some_and(|run| run.row.is_some()) {
                    self.close();
                }
                if !self.turn_to(Tool::Consumer, None) {
                    return None;
                }
                self.begin_again(Tool::Consumer);
                self.run(Some(Tool::Consumer), first);
            }
            Whole::Row(row) => self.row(row, first),
            Whole::Metric(name, value) => {
                if self.current.as_ref().is_some_and(|run| run.metrics.contains_key(&name)) {
                    self.close();
                }
                self.run(None, first).metrics.insert(name.clone(), value);
                self.metric = Some(name);
            }
        }
        None
    }

    /// The run that a line of that tool belongs to: the current one, or a new one that no command is known of.
    fn run(&mut self, tool: Option<Tool>, first: u64) -> &mut Run {
        let other = |run: &Run| tool.is_some() && run.tool.is_some() && run.tool != tool;
        if self.current.as_ref().is_some_and(other) {
            self.close();
        }
        let run = self.current.get_or_insert_with(|| {
            let mut run = Run::new(tool, None, first);
            self.alone.iter().for_each(|why| run.say(why.clone()));
            run
        });
        run.tool = run.tool.or(tool);
        run.lines.last = self.number.max(first);
        run
    }

    fn window(&mut self, window: Window) {
        if !self.turn_to(Tool::Producer, None) {
            return self.background.say_of_any(Tool::Producer);
        }
        self.begin_again(Tool::Producer);
        self.run(Some(Tool::Producer), window.line).window(window);
    }

    fn total(&mut self, total: Total, first: u64) {
        let number = self.number;
        if total.steady
            && let Some(run) = self.current.as_ref().filter(|run| run.total.is_some())
        {
            let part = run.steady_part(total, number);
            self.close();
            self.current = Some(part);
            return;
        }
        if !self.turn_to(Tool::Producer, Some(total.records)) {
            self.current.insert(Run::of_any(Tool::Producer, first, number)).total = Some(total);
            return;
        }
        self.begin_again(Tool::Producer);
        self.run(Some(Tool::Producer), first).total = Some(total);
    }

    fn row(&mut self, row: Row, first: u64) {
        let records = (!row.detailed).then_some(row.values[2] as u64);
        if !self.turn_to(Tool::Consumer, records) {
            match records {
                Some(_) => {
                    self.current.insert(Run::of_any(Tool::Consumer, first, self.number)).row(row, first);
                }
                None => self.background.say_of_any(Tool::Consumer),
            }
            return;
        }
        let ended =
            self.current.as_ref().is_some_and(|run| run.has_ended() || (run.row.is_some() && !row.detailed));
        if ended {
            self.next_turn(Tool::Consumer);
        }
        self.run(Some(Tool::Consumer), first).row(row, first);
    }

    fn command(&mut self, command: Command, first: u64, last: u64) {
        self.alone = None;
        self.let_go();
        let ended = self.background.begin(&command);
        self.close_each(ended);
        self.header = None;
        let repeats = command.repeats;
        let run = self.current.insert(several::begun((command, first, last)));
        if repeats {
            run.say(messages::in_loop());
        }
        self.earlier.begin(last, self.listed.reading.notes.len());
    }

    fn chatter(&mut self, chatter: Chatter, text: &str) -> Option<Window> {
        let number = self.number;
        match chatter {
            Chatter::JvmOptions => return self.wait(Kind::JvmOptions, text),
            Chatter::Log | Chatter::Warning
                if !chatter::names_logger(text) && chatter::day(text).is_some() =>
            {
                return self.wait(Kind::Log, text);
            }
            Chatter::Log | Chatter::Warning => self.log(text, number),
            Chatter::Frames => {}
            Chatter::Interrupt => {
                self.leave();
                // zsh writes a mark behind a line without an end.
                let rest = text.trim_start_matches("^C").trim_start();
                return if rest.len() < 2 { None } else { self.classify(rest) };
            }
            _ => match self.current.as_mut().filter(|run| !run.left) {
                Some(run) => run.chatter(chatter, number, text),
                None => self.note(text),
            },
        }
        None
    }

    fn log(&mut self, text: &str, first: u64) {
        let warning = chatter::chatter(text) == Some(Chatter::Warning);
        let last = self.number;
        match self.current.as_mut().filter(|run| !run.left) {
            Some(run) => run.log(text, warning, last.min(first + 8)),
            None => self.keep_note(first, text),
        }
    }

    /// A line of an end-to-end run, where it is one.
    fn latency(&mut self, text: &str) -> bool {
        let Some(found) = latency::latency(text) else { return false };
        if !matches!(found, Latencies::One) || self.current.as_ref().is_some_and(Run::has_ended) {
            self.advance(Tool::EndToEnd, None);
        }
        let known = self.current.as_ref().is_some_and(|run| run.tool == Some(Tool::EndToEnd));
        // A number and another one are one of these lines only where one of these runs is going on.
        if matches!(found, Latencies::One) && !(known || self.current.is_none()) {
            return false;
        }
        if known
            && matches!(found, Latencies::Average(_))
            && self.current.as_ref().is_some_and(Run::has_ended)
        {
            self.next_turn(Tool::EndToEnd);
        }
        let run = self.run(Some(Tool::EndToEnd), self.number);
        run.latency(found);
        true
    }

    fn note(&mut self, text: &str) {
        self.keep_note(self.number, text);
    }

    fn keep_note(&mut self, line: u64, text: &str) {
        if let Some(run) = self.current.as_mut().filter(|run| run.has_ended()) {
            run.left = true;
        }
        // Of parts that are looked at again nothing is known.
        let indent = if line == self.number { self.indent } else { 0 };
        self.listed.note(Line { line, indent, text: text.to_owned() });
    }

    fn all_not_understood(&mut self, parts: &[(u64, String)]) {
        for (number, text) in parts {
            self.not_understood(*number, text);
        }
    }

    fn not_understood(&mut self, line: u64, text: &str) {
        self.listed.not_understood(line, text);
    }
}
