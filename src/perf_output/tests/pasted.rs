//! Commands and figures behind prompts, containers, marks and times, and on lines that they share.

use super::*;

/// A run begins where its command stands, so that no total goes to the run before.
#[test]
fn a_run_begins_with_its_command_behind_any_prompt() {
    let command =
        "kafka-producer-perf-test --topic second --num-records 15000 --record-size 1024 --throughput 1000";
    for lead in [
        "mac:dir alice$ ",
        "➜  dir ",
        "/ # ",
        "k exec -it kafka-0 -- ",
        "stdbuf -oL ",
        "numactl -N 0 ",
        "^C$ ",
        "kafka-perf-1  | + ",
        "> ",
    ] {
        // The first one was ended by hand: it has no total.
        let reading = lines(&[COMMAND, WINDOWS[0], &format!("{lead}{command}"), WINDOWS[1], TOTAL]);
        let seen: Vec<_> =
            reading.scenarios.iter().map(|s| (s.topic.as_deref(), s.windows.len(), s.records)).collect();
        assert_eq!(
            seen,
            [(Some("orders.load"), 1, None), (Some("second"), 1, Some(15000))],
            "{lead}: {reading:#?}"
        );
        assert_eq!((reading.notes.len(), reading.not_understood.len()), (0, 0), "{lead}: {reading:#?}");
    }
    for end in ["^C", "^C^C", "^C%", "$ ^C", "^C[root@bench ~]#"] {
        let reading = lines(&[COMMAND, WINDOWS[0], end, WINDOWS[1], TOTAL]);
        assert_eq!(reading.scenarios.len(), 2, "{end}");
        assert_eq!((reading.notes.len(), reading.not_understood.len()), (0, 0), "{end}: {reading:#?}");
    }
    let reading = lines(&[COMMAND, WINDOWS[0], "^C", WINDOWS[1], TOTAL]);
    assert_eq!(reading.scenarios.iter().map(|s| s.records).collect::<Vec<_>>(), [None, Some(15000)]);
    assert_eq!((reading.notes.len(), reading.not_understood.len()), (0, 0));
}

#[test]
fn figures_are_read_behind_anything_and_without_their_end() {
    let expected = only(lines(&[COMMAND, WINDOWS[0], WINDOWS[1], TOTAL]));
    for (lead, end) in [
        ("[2024-02-22 17:44:31,260] ", ""),
        ("kafka-perf-1  | ", ""),
        ("- ", ""),
        ("| ", " |"),
        ("> ", ""),
        ("> > ", ""),
        ("{\"log\":\"", "\\n\",\"stream\":\"stdout\",\"time\":\"2024-02-22T17:44:31.260Z\"}"),
        ("`", "`"),
        ("2024-02-22T17:44:31.260Z ", ""),
    ] {
        for cut in [0, 1] {
            let framed = |line: &str| format!("{lead}{}{end}", &line[..line.len() - cut]);
            let mut got =
                only(lines(&[COMMAND, &framed(WINDOWS[0]), &framed(WINDOWS[1]), &framed(TOTAL), "$ ls"]));
            got.lines = expected.lines;
            assert_eq!(got, expected, "{lead} {cut}");
        }
    }
    let last = "1000000 records sent, 199401.794616 records/sec (19.02 MB/sec), 10.34 ms avg latency, 490.00 ms max \
        latency, 1 ms 50th, 77 ms 95th, 87 ms 99th, 94 ms 99.9th";
    let scenario = only(lines(&[last]));
    assert_eq!((scenario.records, scenario.p999_ms), (Some(1_000_000), Some(94.0)));
    // A mail quotes the pieces of a broken line.
    let broken = only(lines(&[&format!("> {}", &TOTAL[..70]), &format!("> {}", &TOTAL[70..])]));
    assert_eq!(broken.records, Some(15000));
    for note in [
        "- kafka-producer-perf-test --help shows the options",
        "kafka-producer-perf-test --topic t ran at noon",
    ] {
        let reading = lines(&[note]);
        assert_eq!((reading.scenarios.len(), texts(&reading.notes)), (0, vec![note]));
    }
    // A sentence is none.
    let reading =
        lines(&["Yesterday 500 records sent, and the broker stopped", "about 500 records sent, 99"]);
    assert_eq!((reading.scenarios.len(), reading.notes.len()), (0, 2), "{reading:#?}");
}

#[test]
fn what_a_container_prefixes_is_read() {
    let framed: Vec<String> = [HEADER, ROW].iter().map(|line| format!("kafka-perf-1  | {line}")).collect();
    let scenario = only(lines(&[&framed[0], &framed[1]]));
    assert_eq!(scenario.records, Some(200_480));
    for lead in [
        "Feb 22 17:44:31 bench kafka-perf[123]: ",
        "2024-02-22T17:44:31.1Z stdout F ",
        "| after | ",
        "Result: ",
    ] {
        let scenario = only(lines(&[&format!("{lead}{HEADER}"), &format!("{lead}{ROW} |")]));
        assert_eq!(scenario.records, Some(200_480), "{lead}");
    }
    let reading = lines(&[
        "```",
        "$ kafka-e2e-latency.sh b:9092 t 5000 all 100",
        "```",
        "",
        "```text",
        "> Avg latency: 11.4269 ms",
        "> Percentiles: 50th = 8, 99th = 92, 99.9th = 218",
        "```",
    ]);
    assert_eq!(only(reading.clone()).p99_ms, Some(92.0));
    assert!(reading.notes.is_empty(), "{:?}", reading.notes);
    let reading = lines(&[COMMAND, WINDOWS[0], TOTAL, "- at noon (local time)"]);
    assert_eq!(texts(&reading.notes), ["- at noon (local time)"]);
}

#[test]
fn output_on_the_line_of_its_command_is_not_lost() {
    let command =
        "$ kafka-consumer-perf-test.sh --bootstrap-server b:9092 --topic orders.load --messages 200000";
    for line in [
        format!("{command} {HEADER}\n{ROW}"),
        format!("{command}{HEADER}\n{ROW}"),
        format!("{command} {HEADER} {ROW}"),
        format!("{command} {ROW}"),
        format!("{command} {}\n{}\n{ROW}", &HEADER[..50], &HEADER[50..]),
    ] {
        let scenario = only(read(&line));
        assert_eq!(scenario.records, Some(200_480), "{line}");
        assert!(scenario.command.unwrap().ends_with("--messages 200000"), "{line}");
    }
    let scenario = only(read(&format!(
        "$ kafka-consumer-perf-test.sh --topic t \\\n> --messages 200000 {HEADER}\n{ROW}"
    )));
    assert_eq!((scenario.records, scenario.name.as_str()), (Some(200_480), "consume t"));
    assert!(scenario.command.unwrap().ends_with("--messages 200000"));
    let scenario = only(read(&format!("{COMMAND} {}\n{TOTAL}", WINDOWS[0])));
    assert_eq!((scenario.windows.len(), scenario.records), (1, Some(15000)));
    let reading = read(&format!("{command} 195.7813, 141.9734, 200480, 145380.7107, 365"));
    assert_eq!(reading.not_understood.len(), 1, "{reading:#?}");
}

#[test]
fn impossible_times_are_remarked_and_possible_ones_are_not() {
    let wrong = ROW.replace("365, 1014", "1610208351476, -1610208350097");
    let scenario = only(lines(&[HEADER, &wrong]));
    assert!(
        scenario.warnings.iter().any(|w| w.contains("impossible in this run")),
        "{:?}",
        scenario.warnings
    );
    assert_eq!(scenario.warnings.len(), 1, "{:?}", scenario.warnings);
    let header = HEADER.replace("start.time, end.time", "time, threadId");
    // Nine seconds of joining, and half a second of reading.
    let scenario = only(lines(&[
        &header,
        "2026-03-02 09:10:58:000, 0, 98.1396, 10.3304, 100495, 10578.4211, 9000, 500, 196.2792, 200990.0000",
        "2026-03-02 09:11:03:000, 0, 195.7813, 19.5283, 200480, 19997.0000, 0, 5000, 19.5283, 19997.0000",
    ]));
    assert_eq!(scenario.warnings.len(), 1, "{:?}", scenario.warnings);
    assert!(scenario.warnings[0].starts_with("the tool prints no total"), "{:?}", scenario.warnings);
}

/// Commands in the markup of notes and behind programs that take one as a word.
#[test]
fn a_command_in_markup_or_behind_a_launcher_begins_its_run() {
    for (start, end) in [
        ("**Command:** `", "`"),
        ("**Command**: `", "`"),
        ("*cmd*: `", "` (warm cache)"),
        ("__Commande :__ `", "`"),
        ("- **Command used on the bench for this run:** `", "`"),
        ("| Command | `", "` |"),
        ("| **Command** | `", "` | ok |"),
        ("<b>Command:</b> <code>", "</code>"),
        ("<p><strong>Command:</strong> <code>", "</code></p>"),
        ("`", "`:"),
        ("**`", "`**"),
        ("### `", "`"),
        ("> **Command:** `", "`"),
        ("gcloud compute ssh vm-1 --zone=x --command=\"", "\""),
        ("gcloud compute ssh vm-1 --command '", "' -- -t"),
        ("aws ssm start-session --target i-1 --parameters command=\"", "\""),
        ("az vm run-command invoke -g rg -n vm --scripts \"", "\""),
        ("docker compose exec broker ", ""),
        ("docker compose -f x.yml exec -T broker bash -c '", "'"),
        ("ssh host '", "'"),
        ("$ vagrant ssh -c '", "'"),
        ("$ tmux send-keys -t perf '", "' Enter"),
        ("$ oc rsh kafka-0 ", ""),
        ("$ bash -lc \"", "\""),
    ] {
        let command = COMMAND.split_once("# ").unwrap().1.replace('"', "");
        let line = format!("{start}{command}{end}");
        let scenario = only(lines(&[&line, WINDOWS[0], TOTAL]));
        let seen = (scenario.topic.as_deref(), scenario.records, scenario.windows.len());
        assert_eq!(seen, (Some("orders.load"), Some(15000), 1), "{line}");
        // No mark becomes a part of the last option.
        let said = scenario.command.unwrap();
        assert!(start.is_empty() || !said.contains(['`', '<', '|']), "{said}");
    }
    // What stands behind the code is kept.
    let line = format!("- *cmd*: `{}` (warm cache)", COMMAND.split_once("# ").unwrap().1);
    let reading = lines(&[&line, TOTAL]);
    assert_eq!(texts(&reading.notes), ["(warm cache)"]);
    assert!(reading.scenarios[0].command.as_deref().unwrap().ends_with("client.properties"));
}

/// A consumer's columns in the cells of a table, apart by semicolons or by blanks alone.
#[test]
fn a_consumers_row_is_read_out_of_a_table() {
    let header = HEADER.replace(", ", " | ");
    let row = ROW.replace(", ", " | ");
    let rule = "|---|---|---|---|---|---|---|---|---|---|";
    for table in [
        vec![format!("| {header} |"), rule.to_owned(), format!("| {row} |")],
        vec![
            format!("|{}|", HEADER.replace(", ", "|")),
            rule.to_owned(),
            format!("|{}|", ROW.replace(", ", "|")),
        ],
        vec![format!("| run | {header} | remark |"), rule.to_owned(), format!("| after | {row} | ok |")],
        vec![
            format!("| **{}** |", HEADER.replace(", ", "** | **")),
            rule.to_owned(),
            format!("| `{}` |", ROW.replace(", ", "` | `")),
        ],
        vec![format!("| {row} |")],
        vec![HEADER.replace(", ", ";"), ROW.replace(", ", ";")],
        vec![ROW.replace(", ", "\t")],
        vec![ROW.replace(", ", " ")],
    ] {
        let reading = lines(&table.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(reading.notes.is_empty() && reading.not_understood.is_empty(), "{table:#?}: {reading:#?}");
        assert_eq!(only(reading).records, Some(200_480), "{table:#?}");
    }
    // Two rows of a table are two runs.
    let reading = lines(&[&format!("| {header} |"), &format!("| {row} |"), &format!("| {row} |")]);
    assert_eq!(reading.scenarios.len(), 2, "{reading:#?}");
    let reading = lines(&["| broker | 2026-03-02 09:10:53:093 | up | 3 | 4 |"]);
    assert_eq!(reading.scenarios.len(), 0);
}
