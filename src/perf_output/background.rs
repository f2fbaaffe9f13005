//! Runs that go on side by side, their commands put into the background with `&`: whose figures are printed where.
//!
//! Figures belong to the one run that they can be of: the only one of its tool that goes on, or the only one whose command asks
//! for as many records as a total counts. Otherwise nobody can tell, and it is said.

use super::{command::Command, messages, programs, run::Run};
use crate::record::Tool;

impl Command {
    /// Whether it was put into the background and prints where the next commands do.
    pub(super) fn is_in_background(&self) -> bool {
        self.text.trim_end().ends_with('&') && !self.prints_elsewhere()
    }

    /// Whether what it prints goes to a file or to another program.
    pub(super) fn prints_elsewhere(&self) -> bool {
        programs::prints_elsewhere(&self.text)
    }

    /// How many records it asks for.
    pub(super) fn records(&self) -> Option<u64> {
        self.option(&["num-records", "messages"])?.parse().ok()
    }
}

/// The runs that go on beside the current one.
#[derive(Debug, Default)]
pub(super) struct Background {
    runs: Vec<Run>,
    /// Whether there ever was one.
    has_begun: bool,
}

impl Background {
    /// Whether a run goes on there when its lines are left.
    pub(super) fn keeps(run: &Run) -> bool {
        !run.has_ended() && run.command.as_ref().is_some_and(Command::is_in_background)
    }

    /// Whether a line is what a shell says of its jobs, where there were any: `[1] 4711`, `[2]+  Done  …`.
    pub(super) fn is_told_by_shell(&self, text: &str) -> bool {
        const STATES: [&str; 6] = ["Done", "Exit ", "Killed", "Running", "Stopped", "Terminated"];
        let Some((number, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) else {
            return false;
        };
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let rest = rest.trim_start_matches(['+', '-']).trim_start();
        let is_state = STATES.iter().any(|state| rest.starts_with(state));
        self.has_begun && is_number(number) && (is_number(rest) || is_state)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    pub(super) fn put(&mut self, run: Run) {
        self.runs.push(run);
    }

    /// Before a command: the runs that have ended meanwhile. Where it is one in the foreground, these are those that went on
    /// beside the one before it.
    pub(super) fn begin(&mut self, command: &Command) -> Vec<Run> {
        if command.is_in_background() {
            self.has_begun = true;
            return Vec::new();
        }
        let (goes_on, ended): (Vec<Run>, Vec<Run>) =
            std::mem::take(&mut self.runs).into_iter().partition(|run| !run.passed && Self::keeps(run));
        self.runs = goes_on.into_iter().map(|run| Run { passed: true, ..run }).collect();
        ended
    }

    /// Every run that goes on.
    pub(super) fn end(&mut self) -> Vec<Run> {
        std::mem::take(&mut self.runs)
    }

    /// Which run figures of that tool are of: a total of so many records, or another line.
    pub(super) fn take(&mut self, tool: Tool, records: Option<u64>) -> Owner {
        let mut fits: Vec<usize> =
            (0..self.runs.len()).filter(|at| self.runs[*at].tool == Some(tool)).collect();
        if fits.is_empty() {
            return Owner::Nobody;
        }
        if fits.len() > 1
            && let Some(records) = records
        {
            let asked = |at: &usize| self.runs[*at].command.as_ref().and_then(Command::records);
            fits.retain(|at| asked(at) == Some(records));
        }
        match fits[..] {
            [one] => Owner::One(Box::new(self.runs.remove(one))),
            _ => Owner::Several,
        }
    }

    /// Says to each run of that tool that a line is of one of them.
    pub(super) fn say_of_any(&mut self, tool: Tool) {
        for run in self.runs.iter_mut().filter(|run| run.tool == Some(tool)) {
            run.say(messages::window_of_several());
        }
    }
}

/// Whose figures a line holds.
pub(super) enum Owner {
    Nobody,
    One(Box<Run>),
    Several,
}

#[cfg(test)]
mod tests {
    use crate::{perf_output::read, record::Scenario};

    fn scenarios(text: &str) -> Vec<Scenario> {
        read(text.as_bytes(), None).unwrap().0.scenarios
    }

    fn total(records: u64) -> String {
        format!(
            "{records} records sent, 499.750125 records/sec (0.05 MB/sec), 3.50 ms avg latency, 301.00 ms max latency, \
             1 ms 50th, 5 ms 95th, 55 ms 99th, 300 ms 99.9th.\n"
        )
    }

    fn producer(topic: &str, records: u64, end: &str) -> String {
        format!(
            "$ kafka-producer-perf-test.sh --topic {topic} --num-records {records} --record-size 100 --throughput -1 \
             --producer-props bootstrap.servers=b:9092{end}\n"
        )
    }

    const WINDOW: &str =
        "2501 records sent, 500.2 records/sec (0.05 MB/sec), 3.1 ms avg latency, 300.0 ms max latency.\n";

    #[test]
    fn totals_of_commands_in_the_background_go_to_the_one_that_asked_for_so_many() {
        let jobs = [
            "[1] 1234\n",
            "[2] 1235\n",
            "[1]-  Done    kafka-producer-perf-test.sh --topic a\n",
            "[2]+  Exit 1\n",
        ];
        let text = [
            &producer("a", 1000, " &"),
            jobs[0],
            &producer("b", 3000, " &"),
            jobs[1],
            WINDOW,
            &total(3000),
            WINDOW,
            &total(1000),
            jobs[2],
            jobs[3],
            "all went well\n",
        ]
        .concat();
        let (reading, _) = read(text.as_bytes(), None).unwrap();
        let told: Vec<_> = reading
            .scenarios
            .iter()
            .map(|s| (s.topic.as_deref(), s.records, s.windows.len(), s.warnings.len()))
            .collect();
        // The first window is of either, the second of the one that was left.
        let [a, b] = [(Some("a"), Some(1000), 1), (Some("b"), Some(3000), 0)];
        assert_eq!(told.iter().map(|t| (t.0, t.1, t.2)).collect::<Vec<_>>(), [a, b]);
        assert!(reading.scenarios.iter().all(|s| s.warnings.iter().any(|w| w.contains("several commands"))));
        assert_eq!((reading.notes.len(), reading.not_understood.len()), (1, 0), "{reading:#?}");
    }

    #[test]
    fn a_total_that_may_be_of_either_is_of_none() {
        let text = producer("a", 1000, " &") + &producer("b", 1000, "") + &total(1000) + &total(1000);
        let found = scenarios(&text);
        let of: Vec<_> = found.iter().map(|s| (s.topic.as_deref(), s.records)).collect();
        assert_eq!(of, [(Some("a"), None), (Some("b"), None), (None, Some(1000)), (None, Some(1000))]);
        assert!(found[2].warnings.iter().any(|w| w.contains("which of them")), "{found:#?}");
    }

    #[test]
    fn what_prints_elsewhere_or_ran_long_ago_takes_nothing() {
        let elsewhere =
            producer("a", 1000, " > a.log 2>&1 &") + &producer("b", 1000, "") + WINDOW + &total(1000);
        let found = scenarios(&elsewhere);
        assert_eq!((found[0].records, found[1].records, found[1].windows.len()), (None, Some(1000), 1));
        let long_ago =
            [producer("a", 1, " &"), producer("b", 1, ""), total(1), producer("c", 1, ""), total(1)].concat();
        let of: Vec<_> = scenarios(&long_ago).iter().map(|s| (s.topic.clone(), s.records)).collect();
        assert_eq!(of.last().unwrap(), &(Some("c".to_owned()), Some(1)), "{of:?}");
    }

    #[test]
    fn a_consumer_beside_a_producer_is_told_by_its_tool() {
        let text = producer("a", 1000, " &")
            + "$ kafka-consumer-perf-test.sh --topic a --messages 500 --bootstrap-server b:9092\n"
            + WINDOW
            + "start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, \
               fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec\n\
               2025-12-18 14:20:31:260, 2025-12-18 14:20:45:611, 97.6563, 6.8049, 500, 34.8412, 3000, 11351, 8.6033, 44.0490\n"
            + &total(1000);
        let of: Vec<_> = scenarios(&text).iter().map(|s| (s.records, s.windows.len())).collect();
        assert_eq!(of, [(Some(1000), 1), (Some(500), 0)]);
    }
}
