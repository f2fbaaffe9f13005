//! The command that started a tool, out of a line of a terminal: prompt, wrappers, options of Kafka 3.7 to 4.x.

use super::{
    programs::{self, is_among},
    prompt::{self, is_prompt},
    stamps,
};
use crate::record::Tool;
use std::collections::BTreeMap;

/// Script, class and options with one value, several values, and none.
struct Known {
    tool: Tool,
    script: &'static str,
    class: &'static str,
    one: &'static [&'static str],
    many: &'static [&'static str],
    none: &'static [&'static str],
}

impl Known {
    fn all(&self) -> impl Iterator<Item = &'static str> {
        self.one.iter().chain(self.many).chain(self.none).copied()
    }

    /// The option that goes under that name, or that alone begins with it: the tools' parsers take abbreviations.
    fn named(&self, name: &str) -> Option<&'static str> {
        let name = name.split('=').next().unwrap_or(name);
        self.all().find(|known| *known == name).or_else(|| {
            let mut begun = self.all().filter(|known| !name.is_empty() && known.starts_with(name));
            begun.next().filter(|_| begun.next().is_none())
        })
    }
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

/// Programs and words of a shell that start another program.
const LAUNCHERS: &str = "! ansible apptainer ash aws az bash builtin caffeinate call capsh cd cgexec chpst chronic chroot chrt clush \
    cmd command coproc crictl cset ctr dash distrobox do doas docker docker-compose dumb-init eatmydata elif \
    else env eval exec export faketime finch firejail flatpak fly for gcloud gdb gosu gtime gtimeout helm \
    hyperfine if incus ionice ip java k k3s k9s kc ksh kubectl limactl local ltrace lxc microk8s minikube mosh \
    mpirun multipass nerdctl nice noglob nohup nomad nsenter numactl numad oc parallel pdsh perf pkexec podman \
    podman-compose powershell prlimit proot proxychains pssh pwsh repeat rlwrap rsh runuser s6-setuidgid schroot \
    screen script set setarch setpriv setsid sh singularity source srun ssh sshpass start stdbuf strace su \
    su-exec sudo systemd-run taskset then time timeout tini tmux toolbox torsocks trickle ts unbuffer unshare \
    until vagrant valgrind watch while winpty wsl xargs xterm zsh";

/// Words of sentences that no command has.
const PROSE: &str = "a and avec by dans de des du est et is it la le les nous of ont par puis sur that the un une was \
    we were which with";

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
    /// The words among them that stand by themselves.
    pub stray: Vec<String>,
    /// Options without the value that they need.
    pub dangling: usize,
    /// Whether it runs only where the one before it in its line fails.
    pub otherwise: bool,
    /// What stands before it, where it may be no more than text: a comment, a script that is shown or written.
    pub doubt: Option<String>,
    /// Whether it runs again and again: in a loop, on several machines.
    pub repeats: bool,
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

/// The option of a tool that goes under that name, or that alone begins with it.
pub fn option_of_tool(script: &str, name: &str) -> Option<&'static str> {
    TOOLS.iter().find(|known| known.script == script)?.named(name)
}

/// What somebody typed, if the line is of that sort.
pub(super) fn typed(line: &str) -> Option<Typed<'_>> {
    let named = |known: &'static Known| {
        let places = line.match_indices(known.script).chain(line.match_indices(known.class));
        places.map(move |(at, _)| (known, at))
    };
    let found = TOOLS.iter().flat_map(named).find_map(|(known, at)| Some((begins(line, known, at)?, at)));
    let only_named = |at| {
        let at = word_start(line, at);
        programs::only_names(&line[..at], &line[at..])
    };
    let names_only = match found {
        Some((_, at)) if only_named(at) => true,
        Some((start, _)) => return Some(Typed::Tool(line[start..].trim_start())),
        None => false,
    };
    let prompt = prompt::length(line);
    let typed = line[prompt..].trim_start();
    match typed.is_empty() {
        _ if prompt == 0 && names_only && !line.contains("<!--") => Some(Typed::Other(line)),
        _ if prompt == 0 => None,
        true => Some(Typed::Prompt),
        false => Some(Typed::Other(typed)),
    }
}

/// Where the command begins whose tool has its name there: behind a prompt, with what launches it.
fn begins(line: &str, known: &Known, name: usize) -> Option<usize> {
    let at = word_start(line, name);
    if !line[at..].split(' ').next().is_some_and(is_tool) {
        return None;
    }
    let behind: Vec<&str> = line[name..].split_ascii_whitespace().skip(1).collect();
    let first = behind.first().copied().unwrap_or_default().trim_matches(['"', '\'', '`']);
    let option = first.strip_prefix('-').map(|rest| rest.strip_prefix('-').unwrap_or(rest));
    let has_options = option.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()));
    let servers = || {
        let port = first.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        known.tool == Tool::EndToEnd && port
    };
    // An option may be cut at the end of the line.
    let cut = option.is_some() && behind.len() == 1;
    if !(has_options || cut || matches!(first, "" | "\\" | "^") || servers()) {
        return None;
    }
    let words = places(&line[..at]);
    let bare: Vec<&str> = words.iter().map(|(_, word)| *word).collect();
    let prose = behind.iter().filter(|word| is_among(word, PROSE)).count() > 1;
    (0..=bare.len()).rev().find_map(|i| {
        let start = words.get(i).map_or(at, |(start, _)| *start);
        let (lead, launch) = bare.split_at(i);
        // A container's name may stand before all of it.
        let lead = if lead.get(1) == Some(&"|") { &lead[2..] } else { lead };
        let (count, syslog) = stamps::stamp(lead);
        let behind = &lead[count..];
        // Syslog names the machine.
        let is_host = |words: &[&str]| matches!(words, [host] if syslog && !is_among(host, PROSE));
        let sound = is_prompt(lead)
            || is_prompt(behind)
            || (!prose
                && (is_mark(lead, has_options)
                    || is_mark(behind, has_options)
                    || is_host(behind) && has_options));
        (sound && launches(launch)).then_some(start)
    })
}

/// The words of a text, each with its place. A prompt without a blank behind it is a word of its own.
fn places(text: &str) -> Vec<(usize, &str)> {
    let mut at = 0;
    let mut words = Vec::new();
    for word in text.split(' ') {
        let mark =
            word.find(['>', '#']).filter(|mark| words.is_empty() && word[..*mark].contains([':', '@']));
        match mark {
            Some(mark) if mark + 1 < word.len() => {
                words.extend([(at, &word[..=mark]), (at + mark + 1, &word[mark + 1..])]);
            }
            _ if word.is_empty() => {}
            _ => words.push((at, word)),
        }
        at += word.len() + 1;
    }
    words
}

/// Where the word begins that holds the tool's name.
fn word_start(line: &str, name: usize) -> usize {
    let before = &line[..name];
    let start = before.rfind([' ', '"', '\'', '=', '`', '(', ';', '|', '&', '!']).map_or(0, |at| at + 1);
    // A prompt without a blank behind it; `$HOME/bin` and `/opt/$VERSION` have none.
    let glued = before[start..].char_indices().rev().find(|(at, c)| {
        let next = &line[start + at + c.len_utf8()..];
        matches!(*c, '>' | '#' | '%')
            || *c == '$' && *at > 0 && ["kafka-", "bin/", "./", "/"].iter().any(|s| next.starts_with(s))
    });
    start + glued.map_or(0, |(at, c)| at + c.len_utf8())
}

/// Whether words of a sentence follow the options of `command`, and no prompt stands before what was typed.
pub(super) fn is_sentence(line: &str, typed: &str, command: &str) -> bool {
    let lead: Vec<&str> =
        line[..line.len() - typed.len()].split(' ').filter(|word| !word.is_empty()).collect();
    let letters = |word: &&String| word.len() > 1 && word.chars().all(char::is_alphabetic);
    let stray = parse(command).map_or(0, |command| command.stray.iter().filter(letters).count());
    stray > 1 && !is_prompt(&lead)
}

/// Whether these words only mark the line: nothing, a bullet, a number, a time, a container's name, a label before
/// options.
fn is_mark(words: &[&str], options: bool) -> bool {
    let in_code = words.last().is_some_and(|last| last.ends_with(['`', '>']));
    let words: Vec<&str> =
        words.iter().map(|word| stamps::unmarked(word)).filter(|word| !word.is_empty()).collect();
    let bullet = |word: &&str| {
        word.chars().all(|c| !c.is_alphabetic()) && word.len() < 40
            || *word == "o"
            || word.starts_with('[') && word.ends_with(']')
    };
    let is_cell = in_code && words.len() <= 8 && words.first() == Some(&"|") && words.last() == Some(&"|");
    words.iter().all(bullet)
        || is_cell
        || words.last().is_some_and(|last| last.ends_with(':'))
            && words.len() <= if in_code { 12 } else { 5 }
            && options
}

/// Whether these words start a program, and are no sentence.
fn launches(words: &[&str]) -> bool {
    let ends = |word: &&str| matches!(*word, "&&" | "||" | "|" | "&" | "{") || word.ends_with(';');
    let from = words.iter().rposition(ends).map_or(0, |at| at + 1);
    let words = &words[from..];
    let Some(first) = words.first() else { return true };
    if words.iter().any(|word| is_among(word, PROSE)) {
        return false;
    }
    let first = first.trim_start_matches(['"', '\'', '`', '(', '{', '!', '$', '@']);
    let name = first.rsplit(['/', '\\']).next().unwrap_or(first);
    let name = name.strip_suffix(".exe").unwrap_or(name);
    let path = ["/", "./", "../", "~/"].iter().any(|s| first.len() > s.len() + 1 && first.starts_with(s));
    is_among(name, LAUNCHERS)
        || is_assignment(first)
        || name.starts_with("kafka-run-class")
        || path && !first.ends_with(':')
        || words.get(1).is_some_and(|word| word.len() > 1 && word.starts_with('-') && !word.ends_with(':'))
        || words.len() > 1 && words.last() == Some(&"--")
        || first.is_empty() && (words.len() == 1 || launches(&words[1..]))
}

fn is_tool(word: &str) -> bool {
    // The command goes on in the next line.
    let word = word
        .strip_suffix('\\')
        .unwrap_or(word)
        .trim_matches(['"', '\'', '`', '(', '{', '!'])
        .trim_start_matches("$(");
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    let name = name.strip_suffix(".sh").or_else(|| name.strip_suffix(".bat")).unwrap_or(name);
    TOOLS.iter().any(|t| name == t.script || name.rsplit('.').next() == Some(t.class))
}

fn is_assignment(word: &str) -> bool {
    let name = word.split('=').next().unwrap_or("");
    word.contains('=')
        && !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphabetic() || b.is_ascii_digit() || b == b'_')
}

/// The line without the prompt of a command that goes on (`> `).
pub(super) fn continued(line: &str) -> &str {
    line.strip_prefix("> ").or_else(|| line.strip_prefix('>')).unwrap_or(line).trim_start()
}

/// Whether a line is the command of a tool and no prompt stands before it, but that of a command that goes on.
pub(super) fn is_typed_alone(line: &str) -> bool {
    let line = continued(line);
    matches!(typed(line), Some(Typed::Tool(found)) if found.len() == line.len())
}

/// Whether a line says that the command goes on behind it, and the line without the mark.
pub(super) fn goes_on(line: &str) -> (bool, &str) {
    if ["&&", "||"].iter().any(|sign| line.ends_with(sign)) {
        return (true, line);
    }
    // The end of code within a line of Markdown.
    let line = match line.strip_suffix('`') {
        Some(code) if !code.is_empty() && !code.ends_with(' ') => code,
        _ => line,
    };
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

/// The command that is one word of another one, as in `bash -c "…"` and `--command="…"`; none where the tool is a word
/// of its own.
pub(super) fn inner(text: &str) -> Option<String> {
    let words = words(text);
    if words.iter().any(|word| is_tool(word)) { None } else { inner_of(&words) }
}

fn inner_of(words: &[String]) -> Option<String> {
    let named = |word: &&String| TOOLS.iter().any(|t| word.contains(t.script) || word.contains(t.class));
    let inner = words.iter().find(|word| word.contains(' ') && named(word))?;
    let is_name =
        |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    let value =
        inner.split_once('=').filter(|(name, _)| is_name(name)).map_or(inner.as_str(), |(_, value)| value);
    Some(value.trim_start_matches(['[', '"', '\'']).trim_end_matches([']', '"', '\'']).to_owned())
}

/// Reads a command on one line.
pub(super) fn parse(text: &str) -> Option<Command> {
    let mut words = words(text);
    while !words.iter().any(|word| is_tool(word)) {
        words = self::words(&inner_of(&words)?);
    }
    // A container may have the tool's name too.
    let runs = |at: usize| {
        let next = words.get(at + 1).and_then(|next| next.strip_prefix("--"));
        is_tool(&words[at]) && next.is_some_and(|next| TOOLS.iter().any(|t| t.named(next).is_some()))
    };
    let at = (0..words.len()).find(|at| runs(*at)).or_else(|| words.iter().position(|word| is_tool(word)))?;
    let known = TOOLS.iter().find(|t| words[at].contains(t.script) || words[at].contains(t.class))?;
    let mut command = Command {
        tool: known.tool,
        text: text.split_ascii_whitespace().collect::<Vec<_>>().join(" "),
        options: BTreeMap::new(),
        properties: BTreeMap::new(),
        strange: 0,
        stray: Vec::new(),
        dangling: 0,
        otherwise: false,
        doubt: None,
        repeats: false,
    };
    let mut rest = words[at + 1..].iter().map(String::as_str).peekable();
    let mut positional = Vec::new();
    while let Some(word) = rest.next() {
        if matches!(word, "|" | "&" | "&&" | "||" | ";" | "#" | ")" | "}")
            || word.starts_with(['>', '<'])
            || word.starts_with("2>")
        {
            break;
        }
        let option = match word.strip_prefix("--") {
            Some(option) => Some(option),
            // joptsimple takes one dash too.
            None => word.strip_prefix('-').filter(|name| known.all().any(|known| known == *name)),
        };
        let Some(option) = option else {
            match known.tool {
                Tool::EndToEnd => positional.push(word.to_owned()),
                _ => {
                    command.strange += 1;
                    command.stray.push(word.to_owned());
                }
            }
            continue;
        };
        let (given_name, given) = match option.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (option, None),
        };
        let Some(name) = known.named(given_name) else {
            command.strange += 1;
            continue;
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
            // What reads as an abbreviation may be a name that the end of a line cut, and the word its rest.
            let cut = name != given_name && value.is_some_and(|v| v.starts_with(|c: char| c.is_alphabetic()));
            command.strange += usize::from(cut);
            command.options.insert(name.to_owned(), value.unwrap_or_default().to_owned());
        } else {
            command.options.insert(name.to_owned(), String::new());
        }
    }
    // Up to 4.1: broker_list topic num_messages producer_acks message_size_bytes [properties_file].
    if let [servers, topic, records, acks, size, ..] = positional.as_slice() {
        let names = ["bootstrap-server", "topic", "num-records", "producer-acks", "record-size"];
        let values = [servers, topic, records, acks, size];
        command.options.extend(names.iter().zip(values).map(|(k, v)| ((*k).to_owned(), v.clone())));
    }
    // The sixth is a file of properties.
    let read = if positional.len() < 5 { 0 } else { 6 };
    command.stray.extend(positional.into_iter().skip(read));
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
            (None, '|') => {
                words.extend(word.take());
                words.push("|".to_owned());
            }
            (None, ';') if chars.peek().is_none_or(|next| *next == ' ') => {
                words.extend(word.take());
                words.push(";".to_owned());
            }
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
    fn a_command_is_found_behind_any_prompt_and_launcher() {
        let plain = "kafka-producer-perf-test.sh --topic t --num-records 10 --record-size 5 --throughput -1";
        let prompts = [
            "",
            "$ ",
            "# ",
            "% ",
            "> ",
            ">>> ",
            "mac:dir alice$ ",
            "➜  dir ",
            "➜  kafka git:(main) ✗ ",
            "/ # ",
            "~ $ ",
            "/opt/kafka $ ",
            "[appuser@broker ~]$ ",
            "sh-4.4$ ",
            "kafka@broker-1:/opt/kafka> ",
            "broker-1:~ # ",
            "alice@mac kafka % ",
            "dir main* ❯ ",
            "\u{e0b0} ~/kafka \u{e0a0} main \u{e0b0} ",
            "I have no name!@kafka-0:/$ ",
            "╰─$ ",
            "└─# ",
            "^C[root@bench ~]# ",
            "- ",
            "1. ",
            "- `",
            "| ",
            "> $ ",
            "[10:22:33] ana@bench:~$ ",
            "2024-02-22 17:44:31 ",
            "kafka-perf-1  | ",
            "kafka-perf-1  | + ",
            "Commande : ",
            "+ ",
            "C:\\kafka>",
            "root@bench:/opt#",
            "(base) ana@bench:~/kafka$ ",
            "[2024-02-22 17:44:31,260] ",
        ];
        let launchers = [
            "",
            "k exec -it kafka-0 -- ",
            "kubectl -n perf exec kafka-0 -c kafka -- ",
            "docker exec -i broker-1 ",
            "docker compose exec broker ",
            "podman run --rm apache/kafka:4.0.0 /opt/kafka/bin/",
            "ssh bench ",
            "ssh -t ana@bench.example.org sudo ",
            "sudo -u kafka ",
            "time ",
            "/usr/bin/time -v ",
            "nohup ",
            "stdbuf -oL ",
            "numactl --cpunodebind=0 --membind=0 ",
            "taskset -c 0-3 ",
            "timeout 60 ",
            "ansible brokers -m shell -a \"",
            "a=b c=d ",
            "env A=b ",
            "env -i PATH=/bin ",
            "KAFKA_OPTS=-Dx=y ",
            "KAFKA_HEAP_OPTS=\"-Xms1g -Xmx1g\" ",
            "/opt/kafka/bin/",
            "./bin/",
            "$KAFKA_HOME/bin/",
            "bash -c \"",
            "sh -c 'cd /opt/kafka; bin/",
            "kubectl exec kafka-0 -- bash -c \"unset JMX_PORT; ",
            "cd /opt/kafka && ./bin/",
            "nice -n 5 ionice -c3 ",
            "for i in 1 2 3; do ",
            "somewrap exec kafka-0 -- ",
            "./run.sh ",
            "kubectl run kafka-producer-perf-test --image=kafka -- ",
        ];
        for prompt in prompts {
            for launcher in launchers {
                let end = match launcher.rfind(['"', '\'']).map(|at| &launcher[at..=at]) {
                    Some(quote) if launcher.matches(quote).count() % 2 == 1 => quote,
                    _ if prompt.ends_with('`') => "`",
                    _ => "",
                };
                let line = format!("{prompt}{launcher}{plain}{end}");
                let line = line.strip_prefix("^C").unwrap_or(&line);
                let found = typed(line);
                let Some(Typed::Tool(text)) = found else { panic!("{line}: {found:?}") };
                let command = parse(goes_on(text).1).unwrap_or_else(|| panic!("{line}"));
                let got = [&["topic"][..], &["throughput"]].map(|name| command.option(name));
                assert_eq!(got, [Some("t"), Some("-1")], "{line}");
                assert_eq!((command.strange, command.dangling), (0, 0), "{line}");
            }
        }
    }

    #[test]
    fn abbreviations_and_one_dash_are_those_of_the_tools() {
        let command =
            tool("$ kafka-producer-perf-test.sh --to t --num=5 --record-s 10 --thr 7 --producer-p acks=1")
                .unwrap();
        let names = ["topic", "num-records", "record-size", "throughput"];
        assert_eq!(names.map(|name| command.option(&[name])), ["t", "5", "10", "7"].map(Some));
        assert_eq!((command.properties["acks"].as_str(), command.strange, command.dangling), ("1", 1, 0));
        let command = tool("$ kafka-consumer-perf-test.sh -topic t --mess 5 --t 3").unwrap();
        assert_eq!(command.option(&["topic"]), Some("t"));
        assert_eq!(command.option(&["messages"]), Some("5"));
        assert_eq!((command.strange, command.stray.as_slice()), (2, ["3".to_owned()].as_slice()));
    }

    #[test]
    fn a_prompt_with_another_command_is_one() {
        for (line, expected) in [
            ("mac:dir alice$ ls -l", Typed::Other("ls -l")),
            ("➜  dir git:(main) ls", Typed::Other("dir git:(main) ls")),
            ("/ # df -h", Typed::Other("df -h")),
            ("[appuser ~]$", Typed::Prompt),
            ("broker-1:/opt/kafka # ls", Typed::Other("ls")),
            ("dir ❯ ls", Typed::Other("ls")),
        ] {
            assert_eq!(typed(line), Some(expected), "{line}");
        }
        for line in [
            "➜ Restart of the brokers",
            "14:05 80% CPU",
            "see http://a:80/ # and below",
            "/var > 80 % full",
            "10$",
        ] {
            assert_eq!(typed(line), None, "{line}");
        }
    }

    #[test]
    fn prose_about_a_tool_is_no_command() {
        for line in [
            "then we launched kafka-producer-perf-test --topic t --num-records 10 --record-size 5 --throughput -1",
            "Lancement de kafka-producer-perf-test --topic t avec acks=all",
            "time spent with kafka-producer-perf-test --topic t",
            "kafka-producer-perf-test - what it measures",
            "kafka-consumer-perf-test: slower than yesterday",
            "kafka-producer-perf-test --topic t was the command and it is slow",
            "see kafka-e2e-latency, 10:30 today",
            "vi kafka-producer-perf-test.sh",
            "→ lancement kafka-producer-perf-test --topic t",
            "root 4711 0.3 java -cp x org.apache.kafka.tools.ProducerPerformance --topic t",
            "command: [\"kafka-producer-perf-test.sh\", \"--topic\", \"t\"]",
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
