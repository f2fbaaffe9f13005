//! The command that started a tool, out of a line of a terminal: prompt, wrappers, options of Kafka 3.7 to 4.x.

use std::collections::BTreeMap;

/// Which tool printed something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tool {
    Producer,
    Consumer,
    EndToEnd,
}

/// Script, class and options with one value, several values, and none.
struct Known {
    tool: Tool,
    script: &'static str,
    class: &'static str,
    one: &'static [&'static str],
    many: &'static [&'static str],
    none: &'static [&'static str],
}

const TOOLS: [Known; 3] = [
    Known {
        tool: Tool::Producer,
        script: "kafka-producer-perf-test",
        class: "ProducerPerformance",
        one: &[
            "bootstrap-server",
            "command-config",
            "num-records",
            "payload-delimiter",
            "payload-file",
            "producer.config",
            "record-size",
            "reporting-interval",
            "throughput",
            "topic",
            "transaction-duration-ms",
            "transactional-id",
            "warmup-records",
        ],
        many: &["command-property", "producer-props"],
        none: &["help", "payload-monotonic", "print-metrics", "version"],
    },
    Known {
        tool: Tool::Consumer,
        script: "kafka-consumer-perf-test",
        class: "ConsumerPerformance",
        one: &[
            "bootstrap-server",
            "broker-list",
            "command-config",
            "consumer.config",
            "date-format",
            "fetch-size",
            "group",
            "include",
            "messages",
            "num-fetch-threads",
            "num-records",
            "reporting-interval",
            "socket-buffer-size",
            "threads",
            "timeout",
            "topic",
        ],
        many: &["command-property"],
        none: &["from-latest", "help", "hide-header", "print-metrics", "show-detailed-stats", "version"],
    },
    Known {
        tool: Tool::EndToEnd,
        script: "kafka-e2e-latency",
        class: "EndToEndLatency",
        one: &[
            "bootstrap-server",
            "command-config",
            "num-headers",
            "num-records",
            "producer-acks",
            "record-header-key-size",
            "record-header-size",
            "record-key-size",
            "record-size",
            "topic",
        ],
        many: &[],
        none: &["help", "version"],
    },
];

/// Programs that start another one.
const LAUNCHERS: [&str; 20] = [
    "bash",
    "docker",
    "docker-compose",
    "env",
    "exec",
    "ionice",
    "java",
    "kubectl",
    "nerdctl",
    "nice",
    "nohup",
    "oc",
    "podman",
    "sh",
    "ssh",
    "sudo",
    "taskset",
    "time",
    "timeout",
    "watch",
];

/// A command of one of the tools.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Command {
    pub tool: Tool,
    /// Without prompt, on one line.
    pub text: String,
    /// Options without their dashes, and their values.
    pub options: BTreeMap<String, String>,
    /// Properties on the command line.
    pub properties: BTreeMap<String, String>,
    /// Words that are no option and no value of one.
    pub strange: usize,
    /// Options without the value that they need.
    pub dangling: usize,
}

impl Command {
    /// The option that goes under one of these names.
    pub(super) fn option(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.options.get(*name)).map(String::as_str)
    }

    /// How far it is from being whole.
    fn faults(&self) -> usize {
        self.strange + self.dangling
    }
}

/// A prompt with or without a command behind it, or a command where no prompt is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Typed<'l> {
    /// A command of one of the tools, from its first word on; it may go on in the next line.
    Tool(&'l str),
    /// Something else behind a prompt.
    Other(&'l str),
    /// A prompt alone.
    Prompt,
}

/// What somebody typed, if the line is of that sort.
pub(super) fn typed(line: &str) -> Option<Typed<'_>> {
    let tool = TOOLS.iter().find_map(|known| {
        // Most lines have neither.
        let at = line.find(known.script).or_else(|| line.find(known.class))?;
        Some(line[..at].rfind([' ', '"', '\'', '=']).map_or(0, |blank| blank + 1))
    });
    let prompt = prompt(line);
    let typed = line[prompt..].trim_start();
    match tool {
        Some(at) if at >= prompt && starts_command(&line[prompt..at], typed) => Some(Typed::Tool(typed)),
        _ if prompt == 0 => None,
        _ if typed.is_empty() => Some(Typed::Prompt),
        _ => Some(Typed::Other(typed)),
    }
}

/// Whether what stands before the tool's name is nothing but what starts programs, and what stands behind is no prose.
fn starts_command(before: &str, typed: &str) -> bool {
    let mut words = before.split_ascii_whitespace().peekable();
    let launched = match words.peek() {
        None => true,
        Some(first) => {
            let name = first.rsplit('/').next().unwrap_or(first);
            LAUNCHERS.contains(&name) || is_assignment(first) || name.starts_with("kafka-run-class")
        }
    };
    let mut behind = typed.split_ascii_whitespace().skip_while(|word| !is_tool(word)).skip(1);
    let sound = behind.next().is_none_or(|word| {
        word.starts_with('-')
            || matches!(word, "\\" | "^" | "`")
            || word.contains(':') && !word.ends_with(':')
    });
    launched && sound
}

fn is_tool(word: &str) -> bool {
    let word = word.trim_matches(['"', '\'', '`']);
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    let name = name.strip_suffix(".sh").or_else(|| name.strip_suffix(".bat")).unwrap_or(name);
    TOOLS.iter().any(|t| name == t.script || name.rsplit('.').next() == Some(t.class))
}

fn is_assignment(word: &str) -> bool {
    let name = word.split('=').next().unwrap_or("");
    word.contains('=')
        && !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// Length of the prompt at the start of a line; 0 where there is none.
fn prompt(line: &str) -> usize {
    let marked = |at: usize| line[at..].chars().next().map_or(at, |c| at + c.len_utf8());
    for (at, mark) in line.match_indices(['$', '#', '%', '>', '❯']) {
        // zsh puts a blank before its mark.
        let before = if mark == "%" { line[..at].trim_end() } else { &line[..at] };
        let behind = &line[marked(at)..];
        if !(behind.is_empty() || behind.starts_with(' ')) {
            continue;
        }
        let user =
            before.contains('@') && before.split_ascii_whitespace().count() <= 4 && !before.ends_with(' ');
        let shell = before.is_empty() && !line.starts_with(['>', '%', '#'])
            || ["bash-", "sh-", "zsh-"].iter().any(|s| before.starts_with(s))
            || before.starts_with("PS ") && before.contains(':')
            || before.len() > 2 && before.as_bytes()[1..3] == *b":\\";
        // `# kafka-…`: a root prompt, and of prose a comment or a heading.
        let root = before.is_empty() && TOOLS.iter().any(|t| behind.contains(t.script));
        if user || shell || root {
            return marked(at);
        }
        if before.len() > 80 {
            break;
        }
    }
    0
}

/// The line without the prompt of a command that goes on (`> `).
pub(super) fn continued(line: &str) -> &str {
    line.strip_prefix("> ").or_else(|| line.strip_prefix('>')).unwrap_or(line).trim_start()
}

/// Whether a line says that the command goes on behind it, and the line without the mark.
pub(super) fn goes_on(line: &str) -> (bool, &str) {
    match line.strip_suffix(['\\', '`', '^']) {
        Some(rest) if rest.is_empty() || rest.ends_with(' ') || line.ends_with('\\') => {
            (true, rest.trim_end())
        }
        _ => (false, line),
    }
}

/// The command with the next line behind it, where it is nearer to a whole one with it than without.
pub(super) fn joined(command: &str, next: &str) -> Option<String> {
    let now = parse(command)?;
    let open = quotes_open(command);
    let (tight, spaced) = (format!("{command}{next}"), format!("{command} {next}"));
    if open {
        // Names have no blanks; a log-in has.
        let inside = &command[command.rfind(['"', '\'']).unwrap_or(0)..];
        return Some(if inside.contains(' ') { spaced } else { tight });
    }
    if next.starts_with("--") {
        return Some(spaced);
    }
    let faults = |text: &str| parse(text).map_or(usize::MAX, |c| c.faults());
    // An option without its value waits for a word of its own.
    let ways = if now.dangling > 0 { [spaced, tight] } else { [tight, spaced] };
    let properties = |text: &str| parse(text).map_or(0, |c| c.properties.len());
    let best = ways.into_iter().min_by_key(|way| (faults(way), std::cmp::Reverse(properties(way))))?;
    // The last word may be cut as well.
    let but_last = best.trim_end().rsplit_once(' ').map_or(0, |(but_last, _)| faults(but_last));
    let fewer = faults(&best) < now.faults() || (but_last < now.faults() && next.split(' ').count() > 1);
    let options = next.contains(" --") && but_last.min(faults(&best)) <= now.faults();
    let more = faults(&best) == 0 && properties(&best) > now.properties.len();
    (fewer || options || more).then_some(best)
}

fn quotes_open(text: &str) -> bool {
    text.matches('"').count() % 2 == 1 || text.matches('\'').count() % 2 == 1
}

/// Reads a command on one line.
pub(super) fn parse(text: &str) -> Option<Command> {
    let words = words(text);
    let at = words.iter().position(|word| is_tool(word))?;
    let known = TOOLS.iter().find(|t| words[at].contains(t.script) || words[at].contains(t.class))?;
    let mut command = Command {
        tool: known.tool,
        text: text.split_ascii_whitespace().collect::<Vec<_>>().join(" "),
        options: BTreeMap::new(),
        properties: BTreeMap::new(),
        strange: 0,
        dangling: 0,
    };
    let mut rest = words[at + 1..].iter().map(String::as_str).peekable();
    let mut positional = Vec::new();
    while let Some(word) = rest.next() {
        if matches!(word, "|" | "&" | "&&" | "||" | ";")
            || word.starts_with(['>', '<'])
            || word.starts_with("2>")
        {
            break;
        }
        let Some(option) = word.strip_prefix("--") else {
            match known.tool {
                Tool::EndToEnd => positional.push(word.to_owned()),
                _ => command.strange += 1,
            }
            continue;
        };
        let (name, given) = match option.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (option, None),
        };
        if known.many.contains(&name) {
            let mut values = Vec::from_iter(given);
            while let Some(value) = rest.next_if(|word| !word.starts_with("--") && word.contains('=')) {
                values.push(value);
            }
            command.dangling += usize::from(values.is_empty());
            let pairs = values.into_iter().filter_map(|value| value.split_once('='));
            command.properties.extend(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())));
        } else if known.one.contains(&name) {
            let value = given.or_else(|| rest.next_if(|word| !word.starts_with("--")));
            command.dangling += usize::from(value.is_none());
            command.options.insert(name.to_owned(), value.unwrap_or_default().to_owned());
        } else if known.none.contains(&name) {
            command.options.insert(name.to_owned(), String::new());
        } else {
            command.strange += 1;
        }
    }
    // Up to 4.1: broker_list topic num_messages producer_acks message_size_bytes [properties_file].
    if let [servers, topic, records, acks, size, ..] = positional.as_slice() {
        let names = ["bootstrap-server", "topic", "num-records", "producer-acks", "record-size"];
        let values = [servers, topic, records, acks, size];
        command.options.extend(names.iter().zip(values).map(|(k, v)| ((*k).to_owned(), v.clone())));
    }
    command.options.retain(|_, value| !value.contains('\n'));
    Some(command)
}

/// The words of a command as a shell splits them.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (Some('"') | None, '\\')
                if chars.peek().is_some_and(|next| matches!(next, '"' | '\\' | ' ' | '$')) =>
            {
                word.get_or_insert_default().extend(chars.next());
            }
            (None, ' ') => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(line: &str) -> Option<Command> {
        match typed(line)? {
            Typed::Tool(text) => parse(text),
            _ => None,
        }
    }

    #[test]
    fn a_command_is_found_behind_any_prompt() {
        let plain = "kafka-producer-perf-test --topic t --num-records 10 --record-size 5 --throughput -1";
        for line in [
            plain.to_owned(),
            format!("[root@1f2e3d appuser]# {plain}"),
            format!("ana@bench:~/kafka$ {plain}"),
            format!("$ {plain}"),
            format!("# {plain}"),
            format!("bash-5.1$ time {plain}"),
            format!("(venv) ana@bench % sudo -u kafka KAFKA_HEAP_OPTS=-Xmx1G {plain}"),
            format!("PS C:\\kafka> bin\\windows\\{}", plain.replace("perf-test", "perf-test.bat")),
            format!("ana@b:~$ docker exec -it broker-1 /opt/kafka/bin/{}", plain.replace("perf-test", "perf-test.sh")),
            "./kafka-run-class.sh org.apache.kafka.tools.ProducerPerformance --topic t --num-records 10 --record-size 5 \
             --throughput -1"
                .to_owned(),
        ] {
            let command = tool(&line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(command.option(&["topic"]), Some("t"), "{line}");
            assert_eq!(command.option(&["throughput"]), Some("-1"), "{line}");
            assert_eq!((command.strange, command.dangling), (0, 0), "{line}");
        }
    }

    #[test]
    fn prose_about_a_tool_is_no_command() {
        for line in [
            "we ran kafka-producer-perf-test twice",
            "kafka-producer-perf-test was slow today",
            "- launched kafka-consumer-perf-test --topic t on the second host",
            "# Results of the kafka tools",
            "latency > 10 ms",
            "50 % of records",
        ] {
            assert_eq!(tool(line), None, "{line}");
        }
        assert_eq!(typed("[root@1f2e3d appuser]#"), Some(Typed::Prompt));
        assert_eq!(typed("ana@bench:~$ ls -l"), Some(Typed::Other("ls -l")));
        assert_eq!(typed("mail ana@example.org > today"), None);
    }

    #[test]
    fn properties_and_quotes_are_read_as_a_shell_does() {
        let command = tool(
            "$ kafka-producer-perf-test --topic \"a b\" --num-records=1800 --producer-props linger.ms=50 acks=1 \
             compression.type='lz4' --print-metrics | tee out.txt",
        )
        .unwrap();
        assert_eq!(command.option(&["topic"]), Some("a b"));
        assert_eq!(command.option(&["num-records"]), Some("1800"));
        let properties: Vec<_> = command.properties.iter().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(properties, ["acks=1", "compression.type=lz4", "linger.ms=50"]);
        let positional = tool("$ kafka-e2e-latency.sh b:9092 t 5000 all 100").unwrap();
        assert_eq!(positional.option(&["record-size"]), Some("100"));
    }

    #[test]
    fn a_broken_command_is_put_together_where_that_makes_it_whole() {
        let start = "kafka-producer-perf-test --topic t --num-rec";
        assert_eq!(joined(start, "ords 10").unwrap(), format!("{start}ords 10"));
        assert!(joined("kafka-producer-perf-test --topic", "t").unwrap().ends_with("--topic t"));
        assert!(joined("kafka-producer-perf-test --topic t", "--throughput 5").is_some());
        assert!(joined("kafka-producer-perf-test --producer-props acks=1", "linger.ms=5").is_some());
        assert_eq!(joined("kafka-producer-perf-test --topic t", "then the dashboard froze"), None);
        assert_eq!(goes_on("--topic t \\"), (true, "--topic t"));
    }
}
