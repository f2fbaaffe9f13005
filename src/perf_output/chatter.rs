//! Lines around the figures: logs, exceptions, what the JVM and the tools say, what a person left out.

use crate::support::redact;

/// What a line is that holds no figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chatter {
    /// Lines were left out here.
    Elision,
    /// A line of a log that is worth a warning.
    Warning,
    /// Another line of a log.
    Log,
    /// An exception's name and message.
    Exception,
    /// A line of a stack trace.
    Frame,
    /// Options that the JVM took from the environment.
    JvmOptions,
    /// From here on the windows are those of the steady state.
    Steady,
    /// Something else that a tool, or `time`, prints.
    Tool,
    /// Ctrl-C, as a terminal shows it.
    Interrupt,
    /// What only frames text: a fence of Markdown, the line below the head of a table.
    Frames,
}

const LEVELS: [&str; 7] = ["TRACE", "DEBUG", "INFO", "WARN", "WARNING", "ERROR", "FATAL"];

/// First words of a line that introduces another run.
const RUNS: [&str; 13] = [
    "bench",
    "cas",
    "case",
    "campagne",
    "essai",
    "exécution",
    "execution",
    "relance",
    "run",
    "scenario",
    "scénario",
    "test",
    "tir",
];
/// Words of a heading over the output of the command above it.
const OUTPUTS: [&str; 13] = [
    "chiffres",
    "console",
    "figures",
    "log",
    "logs",
    "mesures",
    "metrics",
    "output",
    "result",
    "results",
    "résultat",
    "résultats",
    "sortie",
];

/// Whether what comes after the line is of no run before it: another section, another run, the end of a session on
/// another machine.
pub(super) fn leaves_run(line: &str) -> bool {
    if line == "logout"
        || line == "exit"
        || (line.starts_with("Connection to ") && line.ends_with(" closed."))
    {
        return true;
    }
    let title = line.trim_start_matches('#');
    let is_heading = title.len() < line.len() && title.starts_with(' ') && line.len() - title.len() <= 6;
    let lower = title.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let of_output = words.clone().any(|word| OUTPUTS.contains(&word));
    let label = line.ends_with(':') && words.next().is_some_and(|word| RUNS.contains(&word));
    (is_heading || label) && !of_output
}

/// What the line is, where it is one of these.
pub(super) fn chatter(line: &str) -> Option<Chatter> {
    if is_elision(line) {
        return Some(Chatter::Elision);
    }
    if line.starts_with("^C") {
        return Some(Chatter::Interrupt);
    }
    if is_frame(line) {
        return Some(Chatter::Frames);
    }
    if let Some(level) = level(line) {
        return Some(if matches!(level, "WARN" | "WARNING" | "ERROR" | "FATAL") {
            Chatter::Warning
        } else {
            Chatter::Log
        });
    }
    let starts = |leads: &[&str]| leads.iter().any(|lead| line.starts_with(lead));
    if ["JAVA_TOOL_OPTIONS:", "_JAVA_OPTIONS:", "JDK_JAVA_OPTIONS:"].iter().any(|name| line.contains(name))
        && starts(&["Picked up ", "NOTE: Picked up "])
    {
        return Some(Chatter::JvmOptions);
    }
    if line == "In steady state." {
        return Some(Chatter::Steady);
    }
    if starts(&["at "]) && line.ends_with(')') && line.contains('(') || is_more(line) {
        return Some(Chatter::Frame);
    }
    if starts(&["Caused by: ", "Suppressed: ", "Exception in thread "]) || is_exception(line) {
        return Some(Chatter::Exception);
    }
    if is_deprecation(line) {
        return Some(Chatter::Tool);
    }
    if starts(&["log4j:WARN", "WARNING: "]) {
        return Some(Chatter::Warning);
    }
    let tool = starts(&[
        "log4j:",
        "SLF4J: ",
        "SLF4J(",
        "Reading payloads from: ",
        "Number of messages read: ",
        "Number of records read: ",
        "Warmup first ",
        "OpenJDK 64-Bit Server VM warning",
    ]) || line.starts_with("Topic \"") && line.contains("does not exist. Will create topic")
        || is_time(line);
    tool.then_some(Chatter::Tool)
}

/// A fence of Markdown with or without a language, or a line of dashes between the cells of a table.
fn is_frame(line: &str) -> bool {
    let fence = ["```", "~~~"].iter().any(|f| {
        line.strip_prefix(f).is_some_and(|language| language.len() <= 20 && !language.contains([' ', '`']))
    });
    let cells = line.contains('|') && line.contains("--") && line.bytes().all(|b| b"|-:+ ".contains(&b));
    fence || cells
}

/// What the tools of 4.x say of options that are to go: `Option --producer-props has been deprecated …`, `Warning:
/// --messages is deprecated. …`, and what their scripts say of a configuration of Log4j 1.
fn is_deprecation(line: &str) -> bool {
    let lead = ["Option ", "Options ", "option ", "Warning: ", "WARNING: ", "The option ", "DEPRECATED: "];
    let told = line.contains("deprecated") || line.starts_with("DEPRECATED: ");
    let of_option =
        line.contains("--") || line.contains('[') || line.contains("Log4j") || line.contains("rgument");
    let migration = ["To use a Log4j 2.x configuration, ", "You can also use the "];
    told && of_option && lead.iter().any(|lead| line.starts_with(lead))
        || line.contains("og4j") && migration.iter().any(|lead| line.starts_with(lead))
}

/// Dots, or an ellipsis, alone or in brackets.
fn is_elision(line: &str) -> bool {
    let inner = line.trim_matches(['[', ']', '(', ')', '<', '>', ' ']);
    let dots = inner.replace('…', "...").replace(' ', "");
    dots.len() >= 2 && dots.bytes().all(|b| b == b'.')
}

/// The level of a line of a log: `[2026-03-02 09:10:11,833] WARN …`, or the same without brackets or without a time.
fn level(line: &str) -> Option<&str> {
    let rest = match line.strip_prefix('[') {
        Some(bracketed) => {
            let (time, rest) = bracketed.split_once(']')?;
            // Some layouts have the level in the brackets.
            if LEVELS.contains(&time.trim()) {
                return Some(time.trim());
            }
            starts_as_date(time).then_some(rest.trim_start())?
        }
        None if starts_as_date(line) => line.splitn(3, ' ').nth(2)?,
        None => line,
    };
    let word = rest.split([' ', ':']).next()?;
    let bare = rest.len() == line.len();
    let found = LEVELS.contains(&word.trim_matches(['[', ']']));
    // Without a time before it, the word may begin a sentence: `ERROR [` and `WARN org.…` do not.
    let logger = |rest: &str| {
        rest.trim_start().starts_with('[')
            || rest.split_ascii_whitespace().next().is_some_and(|w| w.matches('.').count() > 1)
    };
    (found && (!bare || logger(&rest[word.len()..]))).then_some(word.trim_matches(['[', ']']))
}

fn starts_as_date(text: &str) -> bool {
    let b = text.as_bytes();
    b.len() >= 19 && b[..4].iter().all(u8::is_ascii_digit) && b[4] == b'-' && b[7] == b'-' && b[13] == b':'
}

/// The day of a line of a log, where it has one.
pub(super) fn day(line: &str) -> Option<jiff::civil::Date> {
    let text = line.trim_start_matches('[');
    starts_as_date(text).then(|| text.get(..10)?.parse().ok()).flatten()
}

/// `... 12 more`.
fn is_more(line: &str) -> bool {
    line.strip_prefix("... ")
        .and_then(|rest| rest.strip_suffix(" more").or_else(|| rest.strip_suffix(" common frames omitted")))
        .is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
}

/// `org.apache.kafka.common.errors.TimeoutException: …`.
fn is_exception(line: &str) -> bool {
    let name = line.split([':', ' ']).next().unwrap_or("");
    let simple = name.rsplit('.').next().unwrap_or("");
    name.matches('.').count() >= 2
        && (simple.ends_with("Exception") || simple.ends_with("Error"))
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'$'))
}

/// `real 0m2.587s`, as the shell's `time` prints.
fn is_time(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    matches!(words.next(), Some("real" | "user" | "sys"))
        && words.next().is_some_and(|t| {
            t.ends_with('s')
                && t.contains('m')
                && t.bytes().all(|b| b.is_ascii_digit() || b"ms.,".contains(&b))
        })
        && words.next().is_none()
}

/// Whether a line of a log is whole: Kafka's layout ends with the logger in brackets.
pub(super) fn names_logger(line: &str) -> bool {
    let Some((_, name)) = line.strip_suffix(')').and_then(|l| l.rsplit_once('(')) else { return false };
    name.contains('.') && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'$'))
}

/// Whether a line is the rest of JVM options that were broken: options, or one piece of one.
pub(super) fn is_options(line: &str) -> bool {
    line.split(' ')
        .all(|word| word.starts_with("-D") || word.starts_with("-X") || word.starts_with("-javaagent"))
}

/// Whether a line that is nothing else looks as if a program printed it, rather than a person wrote it.
pub(super) fn is_machine(line: &str) -> bool {
    let bullet =
        line.split(' ').next().is_some_and(|w| matches!(w, "-" | "*" | "•" | "o" | "–" | "—" | "·" | "▪"));
    let figures = ["records sent", "records/sec", "MB/sec", "ms avg", "ms max"];
    let named = figures.iter().filter(|f| line.contains(*f)).count();
    if named >= 2 || named == 1 && line.starts_with(|c: char| c.is_ascii_digit()) {
        return true;
    }
    if bullet {
        return false;
    }
    let letters = line.chars().filter(|c| c.is_alphabetic()).count();
    let visible = line.chars().filter(|c| !c.is_whitespace()).count();
    let fields = line.split(',').filter(|f| super::text::number(f.trim()).is_some()).count();
    // `**Decisions**` is a word with marks.
    let marked = line.trim_matches(['*', '_']);
    let word = !line.contains(' ')
        && !marked.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | ':' | '.' | '!' | '?'));
    line.starts_with("--")
        || line.contains("-metrics:")
        || fields >= 4
        || letters * 10 < visible * 4
        || word
        || line.contains('\u{fffd}')
}

/// Makes secrets known that stand among the JVM's options, so that they are masked in the notes around them too.
pub(super) fn learn_secrets(options: &str) {
    for word in options.split(' ') {
        let Some((key, value)) = word.split_once('=') else { continue };
        let key = key.to_ascii_lowercase();
        if ["password", "passphrase", "secret", "token"].iter().any(|end| key.ends_with(end)) {
            redact::learn(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_a_label_and_a_closed_session_leave_the_run() {
        for line in [
            "## Run B",
            "# Essai 2 : acks=1",
            "Run B (idem, acks=1):",
            "Test sans compression :",
            "logout",
            "Connection to bench-1 closed.",
        ] {
            assert!(leaves_run(line), "{line}");
        }
        for line in [
            "## Output",
            "### Résultats du test",
            "Output:",
            "#1 of 3",
            "running again:",
            "P99 seems high, to be looked at:",
            "Results of the test:",
        ] {
            assert!(!leaves_run(line), "{line}");
        }
    }

    #[test]
    fn every_sort_is_known() {
        for (line, expected) in [
            ("....", Chatter::Elision),
            ("…", Chatter::Elision),
            ("[...]", Chatter::Elision),
            (
                "[2026-03-02 09:10:11,833] WARN [Producer clientId=p] Error (org.apache.kafka.X)",
                Chatter::Warning,
            ),
            ("2026-03-02 09:10:11,833 ERROR something", Chatter::Warning),
            ("[2026-03-02 09:10:11,833] INFO started", Chatter::Log),
            ("WARN [Producer clientId=p] Error", Chatter::Warning),
            ("org.apache.kafka.common.errors.TimeoutException: Expiring 5 record(s)", Chatter::Exception),
            ("at java.base/java.lang.Thread.run(Thread.java:833)", Chatter::Frame),
            ("... 12 more", Chatter::Frame),
            ("Picked up JAVA_TOOL_OPTIONS: -Dx=y", Chatter::JvmOptions),
            ("WARNING: Exiting before consuming the expected number of messages: timeout", Chatter::Warning),
            ("Reading payloads from: /tmp/x", Chatter::Tool),
            ("In steady state.", Chatter::Steady),
            ("real 0m2.587s", Chatter::Tool),
            (
                "Option --producer-props has been deprecated and will be removed in a future version. Use \
                 --command-property instead.",
                Chatter::Tool,
            ),
            ("Warning: --messages is deprecated. Use --num-records instead.", Chatter::Tool),
            (
                "WARNING: option [num-fetch-threads] and [threads] have been deprecated and will be ignored by the test",
                Chatter::Tool,
            ),
            (
                "DEPRECATED: A Log4j 1.x configuration file has been detected, which is no longer recommended.",
                Chatter::Tool,
            ),
            ("```", Chatter::Frames),
            ("```console", Chatter::Frames),
            ("~~~", Chatter::Frames),
            ("| --- | :--: |", Chatter::Frames),
            ("^C", Chatter::Interrupt),
        ] {
            assert_eq!(chatter(line), Some(expected), "{line}");
        }
        for line in [
            "Option 2 is deprecated",
            "Warning: the old hosts are deprecated",
            "``` is a fence",
            "WARN the team",
            "Errors: none",
            "real life",
            "...and then",
            "12 more",
            "at noon (UTC)?",
        ] {
            assert_eq!(chatter(line), None, "{line}");
        }
    }

    #[test]
    fn prose_is_told_from_output() {
        for line in [
            "- Relaunch",
            "*Decisions*",
            "o 1 800 000",
            "Afternoon :",
            "about 31 MB/sec on average",
            "p99 = 35 ms, stable",
        ] {
            assert!(!is_machine(line), "{line}");
        }
        for line in
            ["3157 records sent, 631.3 rec", "--topic t", "1, 2, 3, 4", "%%%% 12", "0x7f3a", "=====", "12"]
        {
            assert!(is_machine(line), "{line}");
        }
    }
}
