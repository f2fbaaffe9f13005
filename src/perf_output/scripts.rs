//! [`Scripts`]: commands that may be no more than text (a comment, a script that is shown or written), and commands that
//! repeat (a loop, several machines). Whether text was run, the figures behind it decide.

use super::{
    command::{self, Command, Typed},
    programs::is_program,
};

/// Programs that show text, a script among it.
const SHOW: &str = "alias awk bat cat diff echo fc git grep head history less man more nl printf sed tail tee type vi view vim which";

/// Words that start what stands behind them more than once.
const REPEAT: &str = "ansible clush for gxargs parallel pdsh pssh repeat until watch while xargs";

/// Programs that run what they are given as their input.
const RUN: &str = "ash bash dash docker ksh kubectl nerdctl oc podman sh ssh su sudo zsh";

/// What a reader of lines knows of the scripts in them.
#[derive(Debug, Default)]
pub(super) struct Scripts {
    /// The word that ends the text of a here-document, and whether a shell runs that text.
    here: Option<(String, bool)>,
    /// A program shows a file, or the lines are a script.
    shown: bool,
    /// The last line begins a loop, whose `do` may stand in the next one.
    begun: bool,
    in_loop: bool,
    commands: usize,
    /// Whether the loop has another program that may print figures.
    another: bool,
    /// What stands before the command that is being read, where it may be no more than text.
    doubt: Option<String>,
}

fn is_among(word: &str, words: &str) -> bool {
    words.split(' ').any(|other| other == word)
}

impl Scripts {
    /// Whether a line ends text that only was written: what comes now is not of the commands in it.
    pub(super) fn ends_text(&mut self, text: &str) -> bool {
        match &self.here {
            // A shell writes its own mark before each line of it.
            Some((end, runs)) if text == end || command::continued(text) == end => {
                let is_text = !runs;
                self.here = None;
                is_text
            }
            _ => false,
        }
    }

    /// Looks at a line before it is read.
    pub(super) fn look(&mut self, text: &str) {
        if self.here.is_some() {
            return;
        }
        let typed = command::typed(text);
        let words = match &typed {
            Some(Typed::Other(words) | Typed::Tool(words)) => words,
            _ if text.starts_with("> ") => command::continued(text),
            _ => text,
        };
        let mut each = words.split(' ').map(|word| word.trim_matches(['(', ')', '"', '\'', ';']));
        let (first, second) = (each.next().unwrap_or_default(), each.next().unwrap_or_default());
        let shows = is_among(first, SHOW);
        let is_command = matches!(typed, Some(Typed::Other(_)));
        self.here = here(words).filter(|_| is_command || shows || is_among(first, RUN)).map(|end| {
            let runs = words.split([' ', '|']).any(|word| is_among(word, RUN));
            (end.to_owned(), runs)
        });
        // A prompt ends what was shown; a file is shown by a command or by its name.
        match typed {
            Some(Typed::Other(_)) => self.shown = shows,
            Some(Typed::Prompt) => self.shown = false,
            _ if text.starts_with("#!") => self.shown = true,
            None if shows && second.contains(['.', '/']) => self.shown = true,
            _ => {}
        }
        let line = words.trim_end_matches(['\\', ' ']);
        let begins = is_among(first, "for while until")
            && (line.ends_with(" do")
                || line.ends_with(";do")
                || line.ends_with([';', ')', ']'])
                || first == "for");
        self.in_loop = match line {
            "do" if self.begun => true,
            _ if begins && (line.ends_with(" do") || line.ends_with(";do")) => true,
            _ if line == "done" || line.starts_with("done ") || line.starts_with("done;") => false,
            // What is typed at a prompt is of no loop before it.
            _ if matches!(typed, Some(Typed::Tool(_))) && is_prompted(&text[..text.len() - words.len()]) => {
                false
            }
            _ => self.in_loop && !matches!(typed, Some(Typed::Other(_) | Typed::Prompt)),
        };
        if begins || line == "do" {
            self.commands = 0;
            self.another = false;
        }
        self.another |=
            self.in_loop && !begins && !matches!(typed, Some(Typed::Tool(_))) && is_program(words);
        self.begun = begins;
    }

    /// Takes in what stands before a command that begins here.
    pub(super) fn begin(&mut self, lead: &str) {
        let mark = lead.trim();
        let is_comment =
            !mark.is_empty() && mark.bytes().all(|b| b == b'#') || matches!(mark, "//" | ";" | "REM" | "rem");
        self.shown &= is_comment || !(is_prompted(lead) || mark == ">");
        let is_written = self.here.as_ref().is_some_and(|(_, runs)| !runs);
        let is_text = is_comment || self.shown || is_written;
        self.doubt = is_text.then(|| lead.to_owned());
    }

    /// The commands of a line, with what is known of each.
    pub(super) fn judged(&mut self, line: &str, commands: Vec<Command>) -> Vec<Command> {
        let repeats = self.in_loop || repeats(line);
        self.commands = match (self.in_loop, repeats) {
            (true, _) => self.commands + commands.len(),
            (false, true) => commands.len(),
            (false, false) => 0,
        };
        let doubt = self.doubt.take();
        commands.into_iter().map(|command| Command { doubt: doubt.clone(), repeats, ..command }).collect()
    }

    /// Whether the loop that was read last has another program too that may print figures.
    pub(super) fn loop_has_another(&self) -> bool {
        self.another
    }

    /// Whether the lines are those of a loop.
    pub(super) fn is_in_loop(&self) -> bool {
        self.in_loop
    }

    /// How many commands the loop has that was read last.
    pub(super) fn commands_in_loop(&self) -> usize {
        self.commands
    }
}

/// Whether a prompt stands before a command, and not that of a command that goes on.
fn is_prompted(lead: &str) -> bool {
    let mark = lead.trim();
    mark != ">" && mark.ends_with(['$', '%', '>', '#'])
}

/// The word that ends a here-document which begins in a line.
fn here(line: &str) -> Option<&str> {
    let (_, behind) = line.split_once("<<")?;
    let word = behind.trim_start_matches(['-', '~', ' ']).trim_start_matches(['"', '\'', '\\']);
    let end = word.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(word.len());
    (!behind.starts_with('<') && end > 0).then(|| &word[..end])
}

/// Whether what a line starts runs more than once.
fn repeats(line: &str) -> bool {
    let name =
        ["perf-test", "e2e-latency", "org.apache.kafka."].iter().filter_map(|name| line.find(name)).min();
    let lead = &line[..name.unwrap_or_default()];
    let mut words = lead.split([' ', ';', '|', '(', '"', '\'']).filter(|word| !word.is_empty());
    words.any(|word| is_among(word.rsplit('/').next().unwrap_or(word), REPEAT))
}

#[cfg(test)]
mod tests {
    use crate::perf_output::read;

    const OPTIONS: &str =
        "--num-records 10 --record-size 100 --throughput -1 --producer-props bootstrap.servers=b:9092";

    fn command(topic: &str) -> String {
        format!("kafka-producer-perf-test.sh --topic {topic} {OPTIONS}")
    }

    fn total(records: u64) -> String {
        format!(
            "{records} records sent, 499.750125 records/sec (0.05 MB/sec), 3.50 ms avg latency, 301.00 ms max latency, \
             1 ms 50th, 5 ms 95th, 55 ms 99th, 300 ms 99.9th."
        )
    }

    /// Topic and records of each run, and what is said of it by the name of the message.
    fn runs(lines: &[&str]) -> Vec<(String, Option<u64>, Vec<String>)> {
        let text = lines.join("\n").replace("{T}", &total(10)).replace("{U}", &total(11));
        let text = ["a", "b", "c"]
            .iter()
            .fold(text, |text, topic| text.replace(&format!("{{{topic}}}"), &command(topic)));
        let reading = read(text.as_bytes(), None).unwrap().0;
        assert!(reading.not_understood.iter().all(|line| line.text.starts_with(['#', '.'])), "{text}");
        let said = |warning: &crate::record::Said| {
            let names = ["in_loop_of_several", "in_loop", "comment_between"];
            names.into_iter().find(|name| warning.is(&format!("perf-output.{name}"))).map(str::to_owned)
        };
        let run = |s: crate::record::Scenario| {
            (s.topic.unwrap_or_default(), s.records, s.warnings.iter().filter_map(said).collect())
        };
        reading.scenarios.into_iter().map(run).collect()
    }

    fn plain(lines: &[&str]) -> Vec<(String, Option<u64>)> {
        runs(lines).into_iter().map(|(topic, records, _)| (topic, records)).collect()
    }

    #[test]
    fn a_command_behind_a_time_is_one() {
        for stamp in [
            "2024-02-22 17:44:31,260 $ ",
            "2024-02-22 17:44:31 ",
            "2024-02-22 17:44:31,260 ana@bench:~$ ",
            "2024-02-22T17:44:31Z ",
            "2024-02-22T17:44:31.123+01:00 $ ",
            "2024-02-22T17:44:31+0100 bench perf[17]: ",
            "[2024-02-22T17:44:31.123Z] + ",
            "Feb 22 17:44:31 bench ",
            "Feb 22 17:44:31 ",
            "Feb 22 17:44:31 bench ana[123]: ",
            "Thu Feb 22 17:44:31 CET 2024 $ ",
            "22/02/2024 17:44:31 $ ",
            "17:44:31.260 $ ",
        ] {
            let line = format!("{stamp}{{a}}");
            assert_eq!(plain(&[&line, "{T}"]), [("a".to_owned(), Some(10))], "{stamp}");
        }
        // A sentence stays one.
        assert_eq!(plain(&["2024-02-22 17:44:31 we launched {a} and it was slow", "{T}"])[0].0, "");
    }

    #[test]
    fn each_turn_of_a_loop_is_a_run_of_its_command() {
        let thrice = |lines: &[&str]| {
            let lines = [lines, &["{T}", "{T}", "{T}"]].concat();
            let turn = ("a".to_owned(), Some(10), vec!["in_loop".to_owned()]);
            assert_eq!(runs(&lines), [turn.clone(), turn.clone(), turn], "{lines:?}");
        };
        thrice(&["$ for i in 1 2 3; do {a}; done"]);
        thrice(&["while sleep 1; do {a}; done"]);
        thrice(&["for i in 1 2 3", "do", "  {a}", "done"]);
        thrice(&["$ for i in 1 2 3; do", "> {a}", "> done"]);
        thrice(&["$ seq 3 | xargs -n1 {a}"]);
        // Which of two it is of, nothing tells.
        let two = runs(&["$ for i in 1 2; do {a}; {b}; done", "{T}", "{T}", "{T}", "{T}"]);
        let topics: Vec<&str> = two.iter().map(|(topic, ..)| topic.as_str()).collect();
        assert_eq!(topics, ["a", "b", "", ""]);
        assert_eq!(two[2].2, ["in_loop_of_several"]);
        // One that does not repeat has one end.
        assert_eq!(plain(&["$ time {a}", "{T}", "{T}"])[1].0, "");
    }

    #[test]
    fn a_comment_or_a_script_is_a_run_where_figures_follow() {
        let (a, b) = (("a".to_owned(), Some(10)), ("b".to_owned(), Some(10)));
        let one = |lines: &[&str], expected: &(String, Option<u64>)| {
            assert_eq!(plain(lines), std::slice::from_ref(expected), "{lines:?}");
        };
        one(&["# {a}", "# then the next", "$ {b}", "{T}"], &b);
        one(&["# {a}", "{T}"], &a);
        one(&["# {a}", "{b}", "{T}"], &b);
        assert_eq!(plain(&["# {a}", "# {b}", "{T}", "{T}"]), [a.clone(), b.clone()]);
        let between = runs(&["$ {a}", "# {b}", "{T}"]);
        assert_eq!(
            (between.len(), &between[0].0, &between[0].2[0]),
            (1, &a.0, &"comment_between".to_owned())
        );
        let none = |lines: &[&str]| assert_eq!(plain(lines), [], "{lines:?}");
        none(&["$ echo '{a}'", "{a}", "$ ls"]);
        none(&["$ cat run.sh", "#!/bin/bash", "{a}", "{b}", "$ ls"]);
        none(&["$ history | grep perf", "  101  {a}", "  102  {b}", "$ ls"]);
        none(&["$ cat > run.sh <<'EOF'", "{a}", "EOF", "$ ls"]);
        // The figures are of the script, and it is not told which that is.
        for lines in [
            &["$ cat > run.sh <<EOF", "{a}", "EOF", "$ ./run.sh", "{T}"][..],
            &["cat > run.sh <<EOF", "{a}", "EOF", "./run.sh", "{T}"],
            &["$ cat run.sh", "#!/bin/bash", "{a}", "$ ./run.sh", "{T}"],
            &["$ echo '{a}'", "{a}", "$ ./run.sh", "{T}"],
        ] {
            assert_eq!(plain(lines), [(String::new(), Some(10))], "{lines:?}");
        }
        // A record that is shown, and a shell that runs its input.
        assert_eq!(plain(&["$ cat results.log", "{a}", "{T}", "{b}", "{T}"]), [a.clone(), b]);
        assert_eq!(plain(&["$ ssh bench bash <<EOF", "{a}", "EOF", "{T}"]), [a]);
    }
}
