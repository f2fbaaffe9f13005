//! How the reader turns from one run to another: the next command of a line, one that goes on in the background, one of
//! several commands that stand together before their output.

use super::{
    Reader,
    background::{Background, Owner},
    command::Command,
    messages, programs,
    run::{RUNS, Run},
    several::begun,
};
use crate::record::{Line, Tool};

impl Reader {
    /// Leaves the current run and what was to come after it.
    pub(super) fn leave(&mut self) {
        let has_ended = self.current.as_ref().is_some_and(Run::has_ended);
        self.let_go();
        let rest = self.following.rest(has_ended);
        self.close_each(rest);
        let earlier = self.earlier.end();
        self.close_each(earlier);
    }

    /// As [`Self::leave`], before a command. One that has printed nothing waits: where several stand together, their output
    /// may come behind the last one.
    pub(super) fn leave_for_command(&mut self) {
        let may_wait = self.following.is_empty() && self.background.is_empty();
        let notes = self.listed.reading.notes.len();
        match self.current.take_if(|run| may_wait && self.earlier.takes(run, notes)) {
            Some(run) => self.earlier.put(run),
            // It was put there, or there was none.
            None if self.current.is_none() && may_wait && !self.earlier.is_empty() => {}
            None => self.leave(),
        }
    }

    /// The commands of a line to which figures may belong. Those whose output goes elsewhere have ended, and all of them have
    /// where another program of the line may print such figures.
    pub(super) fn without_those_elsewhere(
        &mut self,
        line: &str,
        commands: Vec<Command>,
        (first, last): (u64, u64),
    ) -> Vec<Command> {
        let shared = programs::start_another(line);
        // Of one command the line tells more than its own part of it.
        let is_one = commands.len() == 1;
        let is_away = |command: &Command| {
            shared || command.prints_elsewhere() || is_one && programs::prints_elsewhere(line)
        };
        let (away, here): (Vec<_>, Vec<_>) = commands.into_iter().partition(is_away);
        if let Some(command) = away.first().filter(|_| here.is_empty()) {
            let ended = self.background.begin(command);
            self.let_go();
            self.close_each(ended);
            self.header = None;
        }
        let is_empty = here.is_empty();
        self.alone = match (is_empty, shared) {
            (false, _) => None,
            (true, true) => Some(messages::beside_another_program()),
            (true, false) => Some(messages::printed_elsewhere()),
        };
        let current = self.current.take();
        self.close_each(away.into_iter().map(|command| begun((command, first, last))).collect());
        self.current = current;
        here
    }

    /// Goes back to an earlier command that printed nothing, where figures that come now tell that those of the current one,
    /// or they themselves, are of that one. What stands between comes after it.
    fn look_back(&mut self, tool: Tool, records: Option<u64>) {
        if self.earlier.is_empty() {
            return;
        }
        let Some(current) = self.current.take() else { return };
        if let Some(mut certain) = self.earlier.certain(&current, tool, records) {
            certain.say(messages::comment_between());
            self.following.put_first(Vec::from_iter(current.into_command()));
            self.current = Some(certain);
            return;
        }
        let (run, after, ended) = self.earlier.turn(current, tool, records);
        self.following.put_first(after);
        self.close_each(Vec::from_iter(ended));
        self.current = Some(run);
    }

    /// Goes on to the command of the same line that figures are of.
    pub(super) fn advance(&mut self, tool: Tool, records: Option<u64>) {
        self.look_back(tool, records);
        for run in self.following.due(self.current.as_ref(), tool, records) {
            self.close();
            self.current = Some(run);
        }
    }

    /// Lets go of the current run: one in the background goes on, any other has ended.
    pub(super) fn let_go(&mut self) {
        match self.current.take_if(|run| Background::keeps(run)) {
            Some(run) => {
                self.metric = None;
                self.background.put(run);
            }
            None => self.close(),
        }
    }

    /// Makes the run current that figures of that tool are of, a total of so many records or another line. Whether it can
    /// be told; always where nothing runs in the background.
    pub(super) fn turn_to(&mut self, tool: Tool, records: Option<u64>) -> bool {
        let in_loop =
            |run: &Run| run.is_silent() && run.command.as_ref().is_some_and(|command| command.repeats);
        if self.scripts.loop_has_another() && self.current.as_ref().is_some_and(in_loop) {
            self.close();
            self.alone = Some(messages::in_loop_of_several());
        }
        self.advance(tool, records);
        if self.background.is_empty() {
            return true;
        }
        if self.current.as_ref().is_some_and(Run::has_ended) {
            self.close();
        }
        if let Some(run) = self.current.take() {
            self.background.put(run);
        }
        match self.background.take(tool, records) {
            Owner::Nobody => true,
            Owner::One(run) => {
                self.current = Some(*run);
                true
            }
            Owner::Several => false,
        }
    }

    /// Lets the next turn of a loop begin where the one before it has ended.
    pub(super) fn begin_again(&mut self, tool: Tool) {
        if self.current.as_ref().is_some_and(Run::has_ended) {
            self.next_turn(tool);
        }
    }

    /// Ends the current run. Where its command repeats, the next figures of its tool are of its next turn, unless others
    /// repeat with it: then the lines do not tell.
    pub(super) fn next_turn(&mut self, tool: Tool) {
        let repeats = |run: &&Run| {
            let command = run.command.as_ref().or(run.turn_of.as_ref());
            !run.left && run.tool == Some(tool) && command.is_some_and(|command| command.repeats)
        };
        let again = self.current.as_ref().filter(repeats).and_then(|run| {
            let command = run.command.clone().or_else(|| run.turn_of.clone())?;
            Some((command, run.lines.first, run.lines.last))
        });
        self.close();
        let Some(again) = again else { return };
        let (first, alone) = (again.1, self.scripts.commands_in_loop() < 2);
        let mut run = match alone {
            true => begun(again),
            false => Run { turn_of: Some(again.0), ..Run::new(Some(tool), None, self.number.max(first)) },
        };
        run.say(if alone { messages::in_loop() } else { messages::in_loop_of_several() });
        self.current = Some(run);
    }

    pub(super) fn close_each(&mut self, runs: Vec<Run>) {
        for run in runs {
            self.current = Some(run);
            self.close();
        }
    }

    pub(super) fn close(&mut self) {
        self.metric = None;
        let Some(run) = self.current.take() else { return };
        if let Some(text) = run.never_ran() {
            self.listed.note(Line { line: run.lines.first, indent: 0, text });
            return;
        }
        if self.listed.reading.scenarios.len() < RUNS {
            self.listed.reading.scenarios.push(run.finish(self.day));
        }
    }
}
