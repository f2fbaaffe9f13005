//! What a line starts beside a tool: whether it only names the tool, whether another program of it may print such figures,
//! and whether what the tool prints goes elsewhere.

use regex::Regex;
use std::sync::LazyLock;

/// Programs that take the name of a tool and do not run it.
const NAME_ONLY: &str = "ack alias apropos basename cat chmod chown code cp curl dirname dpkg echo egrep emacs fgrep find git \
    grep head history hash info jps kill killall less ll ln locate ls man md5sum more mv nano pgrep pidof pkill printf ps \
    readlink realpath rg rm rpm rsync scp sed sha256sum stat sudoedit tail tar touch type unalias vi view vim vimdiff wc \
    wget whatis whereis which zgrep";

/// Words before which the name of a variable stands that is given a value.
const DEFINE: &str = "alias declare export local readonly set typeset";

/// Programs that are no tool and print no figures of one, whatever script they are given.
const HARMLESS: &str = ". cat cd chmod cp echo exit export grep head kill ls mkdir mv popd printf pushd rm set sleep source \
    sync tail tee test true unset until wait which while";

/// Programs that keep to themselves what comes through a pipe.
const SINKS: &str = "bzip2 clip curl gzip logger mail md5sum nc pbcopy sha256sum sponge wc xclip xz zstd";

pub(super) fn is_among(word: &str, words: &str) -> bool {
    words.split([' ', '\n']).any(|other| other == word)
}

/// The part of a line in which one program runs, up to the end of `text`.
fn last_part(text: &str) -> &str {
    let begins = ["&&", "||", "$(", "|", ";", "{", "& "].iter().filter_map(|sign| {
        let at = text.rfind(sign)?;
        Some(at + sign.len())
    });
    &text[begins.max().unwrap_or(0)..]
}

fn bare(word: &str) -> &str {
    word.trim_matches(['"', '\'', '`', '(', ')', '{', '}', '[', ']'])
}

/// Whether the name of a tool, with `before` before it in its line and `behind` from it on, is only named: searched, shown,
/// ended, edited, asked for its help, put into a variable or left out of a page.
pub(super) fn only_names(before: &str, behind: &str) -> bool {
    let part = last_part(before);
    let words: Vec<&str> = part.split(' ').filter(|word| !word.is_empty()).collect();
    // The value of an option may be any word.
    let is_value = |at: usize| at > 0 && words[at - 1].starts_with('-') && words[at - 1] != "--";
    let names = (0..words.len()).any(|at| is_among(bare(words[at]), NAME_ONLY) && !is_value(at));
    let looks_up = words.windows(2).any(|pair| {
        bare(pair[0]) == "command" && ["-v", "-V"].contains(&pair[1])
            || matches!(pair[0], "[" | "test" | "[[") && pair[1].len() == 2 && pair[1].starts_with('-')
    });
    let own = behind.split(['|', ';', '&', '`', ')']).next().unwrap_or_default();
    let helps =
        own.split(' ').skip(1).any(|word| matches!(bare(word), "--help" | "-help" | "-h" | "--version"));
    names || looks_up || helps || before.contains("<!--") || defines(part, &words)
}

/// Whether a variable is given the name: `P="kafka-…`, `export P=kafka-…`.
fn defines(part: &str, words: &[&str]) -> bool {
    let start = part.trim_end_matches(['"', '\'']);
    let Some(name) = start.strip_suffix('=').and_then(|start| start.rsplit(' ').next()) else { return false };
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let lead = words.len().checked_sub(2).and_then(|at| words.get(at));
    is_name
        && lead.is_none_or(|lead| is_among(lead, DEFINE) || lead.ends_with(['$', '#', '%', '>', '❯', '+']))
}

/// Whether a word is a script or a program by its path, or what a variable holds; Kafka's own apart, which print no figures.
fn is_unknown(word: &str, first: bool) -> bool {
    let word = bare(word);
    let variable = word.strip_prefix('$').is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '{' || c == '_') && !rest.contains('/')
    });
    let name = word.rsplit('/').next().unwrap_or(word);
    let script = [".sh", ".py", ".bat", ".pl", ".rb"].iter().any(|end| name.ends_with(end));
    let path = ["./", "../", "~/"].iter().any(|lead| word.len() > lead.len() && word.starts_with(lead));
    let own = ["kafka-", "connect-", "zookeeper-"].iter().any(|lead| name.starts_with(lead));
    first && variable || (script || path) && !own
}

/// Whether a line that starts a tool starts another program too that may print such figures: a script, what a variable
/// holds.
pub(super) fn start_another(text: &str) -> bool {
    static ENDS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"&&|\|\|?|;|& ").expect("the pattern is a constant"));
    ENDS.split(text).any(|part| {
        let mut words = part
            .split(' ')
            .map(|word| bare(word.trim_start_matches("$(")))
            .filter(|word| !word.is_empty())
            .skip_while(|word| {
                matches!(*word, "do" | "then" | "else" | "time" | "sudo" | "bash" | "sh" | "-c")
            })
            .peekable();
        let first = words.peek().copied().unwrap_or_default();
        if is_among(first, HARMLESS) || names_tool(part) {
            return false;
        }
        let launched = !first.starts_with(['.', '/', '~', '$']);
        words.enumerate().any(|(at, word)| is_unknown(word, at == 0) && (at == 0 || launched))
    })
}

fn names_tool(text: &str) -> bool {
    tool_at(text).is_some()
}

fn tool_at(text: &str) -> Option<usize> {
    ["perf-test", "e2e-latency", "org.apache.kafka.", "ProducerPerformance", "ConsumerPerformance"]
        .iter()
        .filter_map(|name| text.find(name))
        .min()
}

/// Whether a line without a prompt starts a program: a script, a program by its path, what a variable holds, a tool of Kafka
/// with options, behind the mark of an item of a list or of a trace too.
pub(super) fn is_program(line: &str) -> bool {
    let line = line.trim_start_matches('+').trim_start();
    let line = match line.split_once(' ') {
        Some((mark, rest))
            if matches!(mark, "-" | "*" | "•" | ">")
                || mark.strip_suffix(['.', ')']).is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit())) =>
        {
            rest.trim_start()
        }
        _ => line,
    };
    let mut words = line
        .split(' ')
        .map(bare)
        .filter(|word| !word.is_empty())
        .skip_while(|word| matches!(*word, "time" | "sudo" | "nohup" | "bash" | "sh" | "exec"));
    let (first, second) = (words.next().unwrap_or_default(), words.next());
    let name = first.rsplit('/').next().unwrap_or(first);
    let ends_well = !first.ends_with([':', ',', '.', ';']);
    let argument = |word: &str| {
        word.starts_with(['-', '>', '<', '&', '|', '$', '/', '.', '2'])
            || word.contains(['=', '/'])
            || word.len() == 1
    };
    let of_kafka =
        name.starts_with("kafka-") || name.starts_with("connect-") || name.starts_with("zookeeper-");
    let by_place = first.starts_with("bin/") || first.starts_with('/') && first.contains("/bin/");
    let has_path = (is_unknown(first, true) && first.contains(['/', '$']) || by_place) && ends_well;
    has_path
        || is_unknown(first, true) && ends_well && second.is_none_or(argument)
        || of_kafka && second.is_some_and(|word| word.starts_with('-') && word.len() > 1)
        || first == "java" && second.is_some_and(|word| word.starts_with('-'))
}

/// Whether what the tool of a command prints goes to a file, into a variable or to a program that keeps it.
pub(super) fn prints_elsewhere(text: &str) -> bool {
    /// Placeholders and the input of other processes have the sign too.
    static OTHERWISE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"<[\w][\w .:-]*>|>\([^)]*\)").expect("the pattern is a constant"));
    static REDIRECTED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?:^|[^\w>=-]|[^2-9\s>=-])(?:1|&)?>{1,2}\|?&?\s*(?P<to>[^\s;|)]+)")
            .expect("the pattern is a constant")
    });
    const HERE: [&str; 7] =
        ["1", "2", "/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/fd/1", "/proc/self/fd/1"];
    let Some(at) = tool_at(text) else { return false };
    let (before, behind) = text.split_at(at);
    let part = last_part(before);
    let mut launch = part.split(' ').filter(|word| !word.is_empty());
    let detached = launch.clone().any(|word| bare(word) == "nohup")
        || launch.any(|word| ["docker", "podman", "nerdctl"].contains(&word))
            && part.split(' ').any(|word| ["-d", "-dt", "-td", "--detach", "-dit", "-itd"].contains(&word));
    let captured = before.contains("=$(") || before.contains("=`");
    let end = [";", "&&", "||"].iter().filter_map(|sign| behind.find(sign)).min().unwrap_or(behind.len());
    // Of a group the sign stands behind its end.
    let group = behind.find([')', '}']).map_or("", |close| behind[close + 1..].trim_start());
    let own = OTHERWISE.replace_all(&behind[..end], " ");
    let is_away = |text: &str| {
        REDIRECTED.captures_iter(text).any(|found| {
            found.name("to").is_some_and(|to| !HERE.contains(&to.as_str().trim_matches(['"', '\''])))
        })
    };
    let sink = own.rsplit_once('|').is_some_and(|(_, last)| {
        last.split(' ').find(|word| !word.is_empty()).is_some_and(|program| is_among(bare(program), SINKS))
    });
    detached || captured || sink || is_away(&own) || group.starts_with(['>', '&', '1']) && is_away(group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_that_goes_elsewhere_is_known() {
        let tool = "kafka-producer-perf-test.sh --topic a --producer-props bootstrap.servers=b:9092";
        for end in [
            "> /dev/null",
            ">/dev/null 2>&1",
            "> b.txt",
            ">> b.txt",
            "1> b.txt",
            "1>b.txt",
            "&> b.txt",
            ">| b.txt",
            "2>&1 > b.txt &",
            "| tee b.txt > /dev/null",
            "| tee b.txt >/dev/null",
            "| grep sent >> b.txt",
            "| gzip -c",
            "| wc -l",
            "| tee b.txt | mail -s perf ana",
        ] {
            assert!(prints_elsewhere(&format!("{tool} {end}")), "{end}");
        }
        for line in
            ["OUT=$({})", "out=`{}`", "nohup {} &", "({}) > b.txt", "docker exec -d b {}", "cd x && {} > y"]
        {
            assert!(prints_elsewhere(&line.replace("{}", tool)), "{line}");
        }
        for end in [
            "",
            "| tee b.txt",
            "2> err.log",
            "2>/dev/null",
            "2>&1",
            "2>&1 | tee b.txt",
            "2>>err.log | grep sent",
            "> /dev/stdout",
            "< /dev/null",
            "> >(tee b.txt)",
            "&",
            "; ls > b.txt",
            "&& cat x > y",
            "--topic <topic> --num-records 5",
        ] {
            assert!(!prints_elsewhere(&format!("{tool} {end}")), "{end}");
        }
        assert!(!prints_elsewhere(&format!("date > day; {tool}")));
    }

    #[test]
    fn another_program_of_a_line_may_print_figures() {
        let tool = "kafka-producer-perf-test.sh --topic a";
        for line in [
            "./other.sh && {}",
            "{} && ./other.sh",
            "{}; $P a",
            "$P b && {}",
            "${P} b; {}",
            "\"$P\" b; {}",
            "bash run-b.sh; {}",
            "ssh bench ./run-b.sh; {}",
            "time ./b.py & {}",
        ] {
            assert!(start_another(&line.replace("{}", tool)), "{line}");
        }
        for line in [
            "{}",
            "cd /opt/kafka && bin/{}",
            "sleep 10; {}; sleep 10",
            "source ./env.sh && {}",
            ". ./env.sh; {}",
            "./kafka-topics.sh --create --topic a && ./{}",
            "$KAFKA_HOME/bin/{}",
            "bash -c \"unset JMX_PORT; {}\"",
            "{} | tee ./a.sh.txt",
            "echo $A; {}",
        ] {
            assert!(!start_another(&line.replace("{}", tool)), "{line}");
        }
    }

    #[test]
    fn a_line_that_starts_a_program_is_known() {
        for line in [
            "./other.sh",
            "./other.sh && $P a",
            "$P a",
            "- ./kafka-topics.sh --list",
            "1. ./run-b.sh",
            "2) bin/kafka-topics.sh --list",
            "* run-b.sh",
            "+ ./run-b.sh",
            "> ./run-b.sh",
            "kafka-topics.sh --list",
            "/opt/kafka/bin/run-class.sh",
            "bash run-b.sh 2>&1",
            "java -jar perf.jar",
            "run-b.sh --fast",
        ] {
            assert!(is_program(line), "{line}");
        }
        for line in [
            "- the brokers were slow",
            "run-b.sh was slow",
            "see run-b.sh",
            "kafka-topics",
            "/opt/kafka/logs is full",
            "$100 a month",
            "1. Producer baseline",
            "... and more",
            ".",
            "- 10:30 restart",
        ] {
            assert!(!is_program(line), "{line}");
        }
    }
}
