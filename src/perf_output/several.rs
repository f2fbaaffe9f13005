//! Several commands of the tools on one line, as a shell runs them one after the other: `A && B`, `A; B`, `A || B`, within
//! `bash -c "…"` too.

use super::{
    command::{self, Command},
    run::Run,
};
use crate::record::Tool;
use std::collections::VecDeque;

/// Words that only name a command.
const NAMES_ONLY: [&str; 10] = ["#", "alias", "cat", "echo", "grep", "less", "man", "printf", "vi", "which"];

/// The commands of a typed line that each start a tool; the whole line where it is at most one.
pub(super) fn commands(text: &str) -> Vec<Command> {
    let parse = |(part, otherwise): (String, bool)| Some(Command { otherwise, ..command::parse(&part)? });
    each(text).into_iter().filter_map(parse).collect()
}

/// The parts of a line that each start a tool, and whether `||` stands before each; the whole line where it is at most one.
fn each(text: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    for (part, otherwise) in parts(text) {
        let within = command::inner(part).filter(|inner| inner.len() < part.len()).map(|inner| each(&inner));
        match within {
            Some(several) if several.len() > 1 => found.extend(several),
            _ if starts_tool(part) => found.push((part.to_owned(), otherwise)),
            _ => {}
        }
    }
    if found.len() < 2 { vec![(text.to_owned(), false)] } else { found }
}

fn starts_tool(part: &str) -> bool {
    let first = part.split(' ').next().unwrap_or_default();
    !NAMES_ONLY.contains(&first)
        && command::parse(part).is_some_and(|found| !found.options.is_empty() || !found.properties.is_empty())
}

/// Whether a line goes on with what stands behind a command: `&& B`, `; B`.
pub(super) fn stands_behind(text: &str) -> bool {
    ["&", "||", ";"].iter().any(|sign| text.starts_with(sign))
}

/// Whether a command has ended at the end of that text, so that another one may stand behind it.
pub(super) fn has_ended(text: &str) -> bool {
    text.ends_with([';', '&'])
}

/// Whether another command must follow, in the next line if need be.
pub(super) fn is_open(text: &str) -> bool {
    ["&&", "||"].iter().any(|end| text.ends_with(end))
}

/// A line split where one command ends and the next begins, with whether `||` stands before each; `&` stays with the command
/// that it puts into the background.
fn parts(text: &str) -> Vec<(&str, bool)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let (mut from, mut at, mut quote, mut otherwise) = (0, 0, None, false);
    while at < bytes.len() {
        let (byte, next) = (bytes[at], bytes.get(at + 1).copied());
        // What belongs to the part before the split, and what to neither.
        let split = match (quote, byte) {
            (Some(open), _) if byte == open => {
                quote = None;
                None
            }
            (Some(b'\''), _) => None,
            (_, b'\\') => {
                at += 1;
                None
            }
            (Some(_), _) => None,
            (None, b'"' | b'\'') => {
                quote = Some(byte);
                None
            }
            (None, b'&') if next == Some(b'&') => Some((0, 2)),
            (None, b'|') if next == Some(b'|') => Some((0, 2)),
            (None, b';') => Some((0, 1)),
            // Not of `2>&1`, `&>` and `|&`.
            (None, b'&') if next != Some(b'>') && !matches!(bytes[..at].last(), Some(b'>' | b'|')) => {
                Some((1, 1))
            }
            _ => None,
        };
        if let Some((kept, passed)) = split {
            found.push((&text[from..at + kept], otherwise));
            otherwise = byte == b'|';
            at += passed;
            from = at;
        } else {
            at += 1;
        }
    }
    found.push((text.get(from..).unwrap_or_default(), otherwise));
    let bare = found.into_iter().map(|(part, otherwise)| (outside_group(part), otherwise));
    bare.filter(|(part, _)| !part.is_empty()).collect()
}

/// A part without the brackets of a group that it opens or closes.
fn outside_group(part: &str) -> &str {
    let mut part = part.trim();
    if part.matches('(').count() > part.matches(')').count() {
        part = part.trim_start_matches(['(', ' ']);
    }
    if part.matches(')').count() > part.matches('(').count() {
        part = part.trim_end_matches([')', ' ']);
    }
    part
}

/// Commands that come after the current one, each with its first and last line.
#[derive(Debug, Default)]
pub(super) struct Following(VecDeque<(Command, u64, u64)>);

impl Following {
    /// Lets commands of a line wait, all but those that are to begin at once: they are given back.
    pub(super) fn put(&mut self, commands: Vec<Command>, first: u64, last: u64) -> Vec<Command> {
        let mut commands = commands.into_iter().peekable();
        let mut begin = Vec::new();
        while let Some(command) = commands.next_if(Command::is_in_background) {
            begin.push(command);
        }
        begin.extend(commands.next());
        self.0.extend(commands.map(|command| (command, first, last)));
        begin
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Lets commands wait before all others.
    pub(super) fn put_first(&mut self, commands: Vec<(Command, u64, u64)>) {
        for command in commands.into_iter().rev() {
            self.0.push_front(command);
        }
    }

    /// The runs up to the one that figures of that tool are of, a total of so many records or another line; none where they
    /// are of the current one.
    pub(super) fn due(&mut self, current: Option<&Run>, tool: Tool, records: Option<u64>) -> Vec<Run> {
        let of_tool = |command: &Command| command.tool == tool;
        let asks = |command: &Command| of_tool(command) && records.is_some() && command.records() == records;
        let place = |fits: &dyn Fn(&Command) -> bool| self.0.iter().position(|(command, ..)| fits(command));
        let exact = place(&asks);
        let goes_on = current.is_some_and(|run| {
            // Nothing came of it, and another one asked for just so many.
            let has_failed = exact.is_some()
                && run.windows.count == 0
                && run.row.is_none()
                && !run.command.as_ref().is_some_and(asks);
            !run.has_ended() && run.tool == Some(tool) && !has_failed
        });
        match exact.or_else(|| place(&of_tool)).filter(|_| !goes_on) {
            Some(at) => {
                // What stands behind `||` did not run where the one before it did.
                let has_ended = current.is_some_and(Run::has_ended);
                let due = self.0.drain(..=at).enumerate();
                due.filter(|(n, (c, ..))| *n == at || !(has_ended && c.otherwise))
                    .map(|(_, one)| begun(one))
                    .collect()
            }
            None => Vec::new(),
        }
    }

    /// Those that nothing was seen of; where the current one has ended, without those that run only if it fails.
    pub(super) fn rest(&mut self, has_ended: bool) -> Vec<Run> {
        let rest = std::mem::take(&mut self.0).into_iter();
        rest.filter(|(command, ..)| !(has_ended && command.otherwise)).map(begun).collect()
    }
}

/// How many commands without output may stand together.
const TOGETHER: usize = 100;

/// Commands right before the current one, none of which has printed anything so far.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    runs: Vec<Run>,
    /// The last line of the current command, and how many notes there were then.
    begun: (u64, usize),
}

impl Earlier {
    /// Says that a command has begun, whose last line is `last`.
    pub(super) fn begin(&mut self, last: u64, notes: usize) {
        self.begun = (last, notes);
    }

    /// Whether that run, the current one, may wait for output behind the next command: nothing stands between.
    pub(super) fn takes(&self, run: &Run, notes: usize) -> bool {
        let prints_here = |command: &Command| !command.is_in_background() && !command.prints_elsewhere();
        self.runs.len() < TOGETHER
            && run.command.as_ref().is_some_and(prints_here)
            && run.is_silent()
            && (run.lines.last, notes) == self.begun
    }

    pub(super) fn put(&mut self, run: Run) {
        self.runs.push(run);
    }

    /// The last run of that tool whose command was typed beyond doubt, where that of `current` may be no more than text and
    /// nothing says that the figures are its own.
    pub(super) fn certain(&mut self, current: &Run, tool: Tool, records: Option<u64>) -> Option<Run> {
        let asks = |run: &Run| run.command.as_ref().and_then(Command::records) == records;
        let is_certain = |run: &Run| run.tool == Some(tool) && !run.is_doubtful();
        if !(current.is_doubtful() && current.is_silent()) {
            return None;
        }
        let at = self.runs.iter().rposition(is_certain)?;
        let is_own = records.is_some() && asks(current) && !asks(&self.runs[at]);
        (!is_own).then(|| self.runs.remove(at))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    pub(super) fn end(&mut self) -> Vec<Run> {
        std::mem::take(&mut self.runs)
    }

    /// The run that figures of that tool turn to, a total of so many records or another line, where `current` was the
    /// current one; with the commands that come after it now, and the run that has ended by that.
    pub(super) fn turn(
        &mut self,
        current: Run,
        tool: Tool,
        records: Option<u64>,
    ) -> (Run, Vec<(Command, u64, u64)>, Option<Run>) {
        // What may be no more than text takes nothing from what was typed.
        let may_take = |run: &Run| !run.is_doubtful() || current.is_doubtful();
        let asks = |run: &Run, records: Option<u64>| {
            run.tool == Some(tool)
                && may_take(run)
                && records.is_some()
                && run.command.as_ref().is_some_and(|command| command.records() == records)
        };
        let exact = |records| self.runs.iter().position(|run| asks(run, records));
        let of_tool = || self.runs.iter().position(|run| run.tool == Some(tool) && may_take(run));
        let is_of_tool = current.tool == Some(tool);
        // Figures of the current one may move, with it where it has none.
        let (moves, at) = if !is_of_tool {
            (false, exact(records).or_else(of_tool))
        } else if !current.has_ended() {
            (true, exact(records).filter(|_| !asks(&current, records)))
        } else {
            let counted = current.counted();
            match (asks(&current, counted), exact(counted)) {
                (_, Some(at)) => (true, Some(at)),
                (true, None) => (false, exact(records)),
                (false, None) => (true, of_tool()),
            }
        };
        let Some(at) = at else { return (current, Vec::new(), None) };
        if !moves && !current.is_silent() {
            return (self.runs.remove(at), Vec::new(), Some(current));
        }
        let between = self.runs.split_off(at + 1);
        let Some(to) = self.runs.pop() else { return (current, Vec::new(), None) };
        let (to, current) = if moves { current.exchanged(to) } else { (to, current) };
        let after = between.into_iter().chain([current]);
        (to, after.filter_map(Run::into_command).collect(), None)
    }
}

/// A run that has begun by its command in the lines `first` to `last`.
pub(super) fn begun((command, first, last): (Command, u64, u64)) -> Run {
    let mut run = Run::new(Some(command.tool), Some(command), first);
    run.lines.last = last;
    run
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{perf_output::read, record::Scenario};

    const A: &str = "kafka-producer-perf-test.sh --topic a --num-records 15000 --record-size 100 --throughput -1 \
        --producer-props bootstrap.servers=b:9092";
    const B: &str = "kafka-producer-perf-test.sh --topic b --num-records 200 --record-size 100 --throughput -1 \
        --producer-props bootstrap.servers=b:9092";
    const C: &str = "kafka-consumer-perf-test.sh --bootstrap-server b:9092 --topic c --messages 200480";
    const HEADER: &str = "start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, \
        rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec";
    const ROW: &str = "2026-03-02 09:10:53:093, 2026-03-02 09:10:54:472, 195.7813, 141.9734, 200480, 145380.7107, \
        365, 1014, 193.0782, 197712.0316";

    fn total(records: u64) -> String {
        format!(
            "{records} records sent, 499.750125 records/sec (0.05 MB/sec), 3.50 ms avg latency, 301.00 ms max latency, \
             1 ms 50th, 5 ms 95th, 55 ms 99th, 300 ms 99.9th."
        )
    }

    fn seen(lines: &[String]) -> Vec<(String, Option<u64>)> {
        let reading = read(lines.join("\n").as_bytes(), None).unwrap().0;
        assert!(reading.not_understood.is_empty(), "{lines:#?}: {:?}", reading.not_understood);
        let pair = |s: Scenario| (s.topic.unwrap_or_default(), s.records);
        reading.scenarios.into_iter().map(pair).collect()
    }

    #[test]
    fn each_command_of_a_line_has_its_own_figures() {
        let (a, b) = (total(15000), total(200));
        let both = [("a".to_owned(), Some(15000)), ("b".to_owned(), Some(200))];
        for line in [
            format!("$ {A} && {B}"),
            format!("$ {A}; {B}"),
            format!("$ {A};{B}"),
            format!("$ {A}&&{B}"),
            format!("$ {A} || {B}"),
            format!("$ {A} && sleep 10 && {B} && echo done"),
            format!("$ bash -c \"{A} && {B}\""),
            format!("$ docker exec broker-1 sh -c '{A}; {B}'"),
            format!("$ (cd /opt/kafka; bin/{A}; bin/{B})"),
            format!("$ {A} 2>&1 | tee a.txt; {B} 2>&1 | tee b.txt"),
            format!("$ {A} &&\n{B}"),
            format!("$ {A} && \\\n> {B}"),
            format!("$ {A} \\\n  && {B}"),
            format!("$ {A} \\\n> ; {B}"),
            format!("$ {A}; \\\n  {B}"),
            format!("$ {} && \\\n {B}", A.replace(" --", "\\\n  --")),
            format!("$ {A} \\\n  && sleep 10 \\\n  && {B}"),
            format!("{A} && {B}"),
        ] {
            assert_eq!(seen(&[line.clone(), a.clone(), b.clone()]), both, "{line}");
        }
        let mixed = [("a".to_owned(), Some(15000)), ("c".to_owned(), Some(200_480))];
        let output = [a.clone(), HEADER.to_owned(), ROW.to_owned()];
        for line in [format!("$ {A} && {C}"), format!("$ kubectl exec k-0 -- bash -lc '{A}; {C}'")] {
            let lines: Vec<String> = std::iter::once(line.clone()).chain(output.clone()).collect();
            assert_eq!(seen(&lines), mixed, "{line}");
        }
        let e2e = "kafka-e2e-latency.sh b:9092 e 5000 all 100";
        let output =
            [a.clone(), "0\t12.5".to_owned(), "1000\t11.5".to_owned(), "Avg latency: 11.4269 ms".to_owned()];
        let lines: Vec<String> = std::iter::once(format!("$ {A} && {e2e}")).chain(output).collect();
        assert_eq!(seen(&lines), [("a".to_owned(), Some(15000)), ("e".to_owned(), None)]);
        // The first one failed, as its count says.
        for sign in ["||", ";"] {
            let lines = [format!("$ {A} {sign} {B}"), b.clone()];
            assert_eq!(seen(&lines), [("a".to_owned(), None), ("b".to_owned(), Some(200))], "{sign}");
        }
        // The first one did not fail, so that the second one never ran.
        let lines = [format!("$ {A} || {B}"), a.clone(), "$ ls".to_owned()];
        assert_eq!(seen(&lines), [("a".to_owned(), Some(15000))]);
        // What comes of the next prompt is none of them.
        let lines = [format!("$ {A} && {B}"), a, format!("$ {C}"), HEADER.to_owned(), ROW.to_owned()];
        let expected = [("a", Some(15000)), ("b", None), ("c", Some(200_480))];
        assert_eq!(seen(&lines), expected.map(|(topic, records)| (topic.to_owned(), records)));
    }

    #[test]
    fn commands_that_stand_together_have_the_figures_behind_them() {
        let same = B.replace("--topic b --num-records 200 ", "--topic b --num-records 15000 ");
        let window =
            "2501 records sent, 500.2 records/sec (0.05 MB/sec), 3.1 ms avg latency, 300.0 ms max latency.";
        let pair = |a: Option<u64>, b: Option<u64>| [("a".to_owned(), a), ("b".to_owned(), b)];
        let (many, few) = (total(15000), total(200));
        for (second, output, expected) in [
            (B, vec![&many, &few], pair(Some(15000), Some(200))),
            (B, vec![&few, &many], pair(Some(15000), Some(200))),
            // The second one printed nothing, or the first one did not.
            (B, vec![&many], pair(Some(15000), None)),
            (B, vec![&few], pair(None, Some(200))),
            (&same, vec![&many, &many], pair(Some(15000), Some(15000))),
            (&same, vec![&many], pair(None, Some(15000))),
        ] {
            for (before, sign, behind) in [
                ("", "$ ", ""),
                ("", "", ""),
                ("$ ssh b1 <<EOF\n", "", "\nEOF"),
                ("", "$ ", &format!("\n{window}")),
            ] {
                let mut lines = vec![format!("{before}{sign}{A}"), format!("{sign}{second}{behind}")];
                lines.extend(output.iter().map(|line| (*line).clone()));
                assert_eq!(seen(&lines), expected, "{lines:#?}");
            }
        }
        // Each has its own average.
        let other = many.replace("3.50 ms avg", "7.77 ms avg");
        let text = [A, &same, &many, &other].map(str::to_owned).join("\n");
        let found = read(text.as_bytes(), None).unwrap().0.scenarios;
        let averages: Vec<_> = found.iter().map(|s| (s.topic.as_deref(), s.avg_ms)).collect();
        assert_eq!(averages, [(Some("a"), Some(3.5)), (Some("b"), Some(7.77))]);
        // What an empty prompt or another command stands between did not wait.
        for between in ["$", "$ ls"] {
            let lines = [format!("$ {A}"), between.to_owned(), format!("$ {same}"), many.clone()];
            assert_eq!(seen(&lines), pair(None, Some(15000)));
        }
        let consumer = C.replace(" c ", " d ");
        let output = [HEADER, ROW, HEADER, ROW].map(str::to_owned);
        let lines: Vec<String> = [C.to_owned(), consumer].into_iter().chain(output).collect();
        assert_eq!(
            seen(&lines),
            [("c", Some(200_480)), ("d", Some(200_480))].map(|(t, n)| (t.to_owned(), n))
        );
    }

    #[test]
    fn a_cell_before_the_command_has_its_figures() {
        let both = [("a".to_owned(), Some(15000)), ("b".to_owned(), Some(200))];
        for mark in ["", "`"] {
            let row = |records, command: &str| format!("| {} | {mark}{command}{mark} |", total(records));
            let head = ["| result | command |", "|--|--|"].map(str::to_owned);
            let rows = [row(15000, A), row(200, B)];
            assert_eq!(seen(&rows), both);
            let bare = rows.clone().map(|row| row.trim_matches(['|', ' ']).to_owned());
            assert_eq!(seen(&bare), both);
            assert_eq!(seen(&[head.as_slice(), &rows].concat()), both);
        }
        assert_eq!(seen(&[format!("| {ROW} | {C} |")]), [("c".to_owned(), Some(200_480))]);
        let text =
            "| Percentiles: 50th = 1, 99th = 5, 99.9th = 12 | kafka-e2e-latency.sh l:9092 t 10000 all 1024 |";
        let found = read(text.as_bytes(), None).unwrap().0.scenarios;
        assert_eq!((found.len(), found[0].p999_ms), (1, Some(12.0)), "{found:#?}");
    }

    #[test]
    fn one_command_stays_whole() {
        for line in [
            format!("cd /opt/kafka && bin/{A} | tee out.txt"),
            format!("{A} --producer-props 'client.id=a;b' 2>&1 &"),
            format!("echo {A} && {B}"),
            format!("bash -c \"unset JMX_PORT; {A}\""),
        ] {
            assert_eq!(each(&line), [(line.clone(), false)]);
        }
    }
}
