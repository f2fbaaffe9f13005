//! Whose figures are: of the command that printed them, of none where another one or none may have printed them.

use crate::perf_output::read;

const OPTIONS: &str =
    "--num-records 10 --record-size 100 --throughput -1 --producer-props bootstrap.servers=b:9092";
const TOTAL: &str = "10 records sent, 499.750125 records/sec (0.05 MB/sec), 3.50 ms avg latency, 301.00 ms max latency, \
    1 ms 50th, 5 ms 95th, 55 ms 99th, 300 ms 99.9th.";

/// Topic, records and warnings of each run. `{a}` is a command on topic `a`, `{T}` a total.
fn runs(text: &str) -> Vec<(String, Option<u64>, String)> {
    let text = ["a", "b"].iter().fold(text.replace("{T}", TOTAL), |text, topic| {
        text.replace(
            &format!("{{{topic}}}"),
            &format!("kafka-producer-perf-test.sh --topic {topic} {OPTIONS}"),
        )
    });
    let reading = read(text.as_bytes(), None).unwrap().0;
    let run = |s: crate::record::Scenario| {
        let said: Vec<String> = s.warnings.iter().map(ToString::to_string).collect();
        (s.topic.unwrap_or_default(), s.records, said.join("; "))
    };
    reading.scenarios.into_iter().map(run).collect()
}

fn pairs(text: &str) -> Vec<(String, Option<u64>)> {
    runs(text).into_iter().map(|(topic, records, _)| (topic, records)).collect()
}

/// The topic that the only total is given to; none where it stands alone.
fn owner(text: &str) -> Option<String> {
    let runs = runs(text);
    let with: Vec<_> = runs.iter().filter(|(_, records, _)| *records == Some(10)).collect();
    assert_eq!(with.len(), 1, "{text}: {runs:#?}");
    Some(with[0].0.clone()).filter(|topic| !topic.is_empty())
}

#[test]
fn any_prompt_ends_the_run_before_it() {
    for prompt in [
        "17:45 $",
        "2024-02-22T17:44:31Z $",
        "2024-02-22T17:44:31.123+01:00 >",
        "17h44 >",
        "λ",
        "C:\\kafka λ",
        "PS C:\\>",
        "In [1]:",
        "┌──(kali㉿kali)-[~/kafka]\n└─$",
        "- ",
        "1. ",
        "mysql>",
        ">>>",
        "[ana@host ~]#",
        "host:~ #",
        "",
        "+",
    ] {
        for command in ["./run-b.sh", "./kafka-topics.sh --list; ./run-b.sh", "$P b"] {
            let text = format!(
                "$ {{a}}\n5 records sent, 1.0 records/sec (0.05 MB/sec), 3.1 ms avg latency, 300.0 ms max latency.\n{prompt} {command}\n{{T}}"
            );
            assert_eq!(owner(&text), None, "{text}");
        }
        if !["- ", "1. ", "", "+"].contains(&prompt) {
            assert_eq!(owner(&format!("$ {{a}}\n{prompt} ls -l\n{{T}}")), None, "{prompt}");
            assert_eq!(owner(&format!("{prompt} {{a}}\n{{T}}")).as_deref(), Some("a"), "{prompt}");
        }
    }
}

#[test]
fn a_line_that_only_names_a_tool_begins_no_run() {
    for line in [
        "pkill -f 'kafka-producer-perf-test'",
        "pkill -f kafka-producer-perf-test.sh",
        "<!-- {b} -->",
        "vi run-perf.sh # {b}",
        "grep -r kafka-producer-perf-test",
        "grep -rn 'kafka-producer-perf-test --topic' .",
        "kafka-producer-perf-test.sh --help",
        "./bin/kafka-producer-perf-test.sh --version",
        "man kafka-producer-perf-test",
        "which kafka-producer-perf-test.sh",
        "command -v kafka-producer-perf-test.sh",
        "ls -l /opt/kafka/bin/kafka-producer-perf-test.sh",
        "ls /opt/kafka/bin/kafka-producer-perf-test.sh",
        "alias perf='{b}'",
        "alias perf={b}",
        "P=\"{b}\"",
        "export P='{b}'",
        "sudo -u kafka vi kafka-producer-perf-test.sh",
        "ps aux | grep kafka-producer-perf-test",
        "cp kafka-producer-perf-test.sh /tmp",
        "ssh bench pgrep -f kafka-producer-perf-test",
    ] {
        for prompt in ["", "$ ", "ana@bench:~$ "] {
            let text = format!("{prompt}{line}\n");
            assert_eq!(pairs(&text), [], "{text}");
            let text = format!("{prompt}{line}\n{{T}}\n");
            assert_eq!(pairs(&text), [(String::new(), Some(10))], "{text}");
        }
        // A comment is no end of what runs.
        if !line.starts_with("<!--") {
            assert_eq!(owner(&format!("$ {{a}}\n$ {line}\n{{T}}")), None, "{line}");
        }
    }
}

#[test]
fn a_figure_that_another_program_of_the_line_may_have_printed_stands_alone() {
    for line in [
        "$ ./other.sh && {a}",
        "$ {a}; ./other.sh",
        "./other.sh && {a}",
        "$ bash run-b.sh; {a}",
        "$ {a} && $P b",
    ] {
        let runs = runs(&format!("{line}\n{{T}}\n"));
        assert_eq!(runs.len(), 2, "{line}: {runs:#?}");
        assert_eq!((runs[0].0.as_str(), runs[0].1), ("a", None), "{line}");
        assert_eq!((runs[1].0.as_str(), runs[1].1), ("", Some(10)), "{line}");
        assert!(runs[1].2.contains("another program"), "{line}: {runs:#?}");
    }
    assert_eq!(owner("$ ./other.sh && $P a\n{T}"), None);
    assert_eq!(owner("$ cd /opt/kafka && ./bin/{a}\n{T}").as_deref(), Some("a"));
    assert_eq!(owner("$ ./kafka-topics.sh --create --topic a && ./{a}\n{T}").as_deref(), Some("a"));
}

#[test]
fn a_trace_of_a_shell_names_what_it_runs() {
    assert_eq!(owner("$ bash -x run.sh\n+ {a}\n{T}").as_deref(), Some("a"));
    assert_eq!(owner("$ bash -x run.sh\n++ {a}\n{T}").as_deref(), Some("a"));
    assert_eq!(owner("$ bash -x run.sh\n+ {a}\n+ ./other.sh\n{T}"), None);
    assert_eq!(owner("$ bash -x run.sh\n+ {a}\n+ tee b.txt\n{T}").as_deref(), Some("a"));
}

#[test]
fn the_marks_of_a_command_that_goes_on_are_no_part_of_it() {
    let text = "$ for i in 1 2; do\n> {a}\n> done\n{T}\n{T}\n$ {b}\n{T}\n{T}";
    let topics: Vec<String> = runs(text).into_iter().map(|(topic, ..)| topic).collect();
    assert_eq!(topics, ["a", "a", "b", ""]);
    // Which of the two printed it, nothing tells.
    let text = "$ for i in 1 2; do\n> {a}\n> ./other.sh\n> done\n{T}\n{T}";
    let told = runs(text);
    assert!(told.iter().all(|(topic, records, _)| topic.is_empty() || records.is_none()), "{told:#?}");
    assert!(told.iter().any(|(_, _, said)| said.contains("which of them")), "{told:#?}");
    // What was written only was not run.
    assert_eq!(owner("$ cat > run.sh <<EOF\n> {a}\n> EOF\n$ ./run.sh\n{T}"), None);
}

#[test]
fn figures_are_never_of_a_command_whose_output_went_elsewhere() {
    for end in ["> /dev/null", "> b.txt", ">> b.txt 2>&1", "&> b.txt", "| tee b.txt > /dev/null", "> b.txt &"]
    {
        let runs = runs(&format!("$ {{a}} {end}\n{{T}}\n"));
        assert_eq!((runs[0].0.as_str(), runs[0].1), ("a", None), "{end}: {runs:#?}");
        assert_eq!((runs[1].0.as_str(), runs[1].1), ("", Some(10)), "{end}: {runs:#?}");
        assert!(runs[1].2.contains("went to a file"), "{end}: {runs:#?}");
        assert_eq!(owner(&format!("$ {{b}}; {{a}} {end}\n{{T}}")).as_deref(), Some("b"), "{end}");
        assert_eq!(owner(&format!("$ {{a}} {end}\n$ {{b}}\n{{T}}")).as_deref(), Some("b"), "{end}");
    }
    for end in ["| tee b.txt", "2>/dev/null", "2>&1 | tee b.txt", "2> err.log"] {
        assert_eq!(owner(&format!("$ {{a}} {end}\n{{T}}\n")).as_deref(), Some("a"), "{end}");
    }
    assert_eq!(owner("$ nohup {a} &\n{T}"), None);
    assert_eq!(owner("$ OUT=$({a})\n{T}"), None);
}
