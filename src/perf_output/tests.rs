//! Pasted notes of every shape, and what is read from them.

use super::{listed::LISTED, *};
use crate::record::Scenario;

mod pasted;
mod whose;

const COMMAND: &str = "[root@7d1c appuser]# kafka-producer-perf-test --topic \"orders.load\"   --num-records 15000   \
    --record-size 1024   --throughput 1000  --producer.config client.properties";

const WINDOWS: [&str; 2] = [
    "4957 records sent, 991.2 records/sec (0.97 MB/sec), 42.8 ms avg latency, 597.0 ms max latency.",
    "5037 records sent, 1007.4 records/sec (0.98 MB/sec), 14.9 ms avg latency, 105.0 ms max latency.",
];

const TOTAL: &str = "15000 records sent, 999.800040 records/sec (0.98 MB/sec), 24.10 ms avg latency, 597.00 ms max latency, \
    12 ms 50th, 137 ms 95th, 177 ms 99th, 189 ms 99.9th.";

fn read(text: &str) -> Reading {
    super::read(text.as_bytes(), None).unwrap().0
}

fn lines(lines: &[&str]) -> Reading {
    read(&lines.join("\n"))
}

fn only(reading: Reading) -> Scenario {
    assert_eq!(reading.scenarios.len(), 1, "{reading:#?}");
    assert_eq!(reading.not_understood, [], "{reading:#?}");
    reading.scenarios.into_iter().next().unwrap()
}

fn texts(lines: &[Line]) -> Vec<&str> {
    lines.iter().map(|l| l.text.as_str()).collect()
}

#[test]
fn a_run_is_read_whole() {
    let scenario = only(lines(&[COMMAND, WINDOWS[0], WINDOWS[1], TOTAL]));
    assert_eq!(scenario.name, "produce orders.load, 1024 B at 1000/s");
    assert!(
        scenario
            .command
            .as_deref()
            .unwrap()
            .starts_with("kafka-producer-perf-test --topic \"orders.load\" --num")
    );
    assert_eq!(scenario.topic.as_deref(), Some("orders.load"));
    assert_eq!(
        (scenario.records, scenario.record_size_bytes, scenario.target_rate),
        (Some(15000), Some(1024), Some(1000.0))
    );
    assert_eq!((scenario.achieved_records_per_s, scenario.mb_per_s), (Some(999.80004), Some(0.98)));
    assert_eq!((scenario.avg_ms, scenario.max_ms), (Some(24.1), Some(597.0)));
    let percentiles = [scenario.p50_ms, scenario.p95_ms, scenario.p99_ms, scenario.p999_ms];
    assert_eq!(percentiles, [12.0, 137.0, 177.0, 189.0].map(Some));
    assert_eq!(
        scenario.windows.iter().map(|w| (w.line, w.records)).collect::<Vec<_>>(),
        [(2, 4957), (3, 5037)]
    );
    assert_eq!((scenario.lines.first, scenario.lines.last), (1, 4));
    assert!(scenario.warnings.is_empty(), "{:?}", scenario.warnings);
}

#[test]
fn what_the_source_does_not_say_is_not_there() {
    let scenario = only(lines(&[WINDOWS[0]]));
    let told = (&scenario.command, scenario.records, scenario.target_rate, scenario.p99_ms, &scenario.topic);
    assert_eq!(told, (&None, None, None, None, &None));
    assert!(scenario.warnings[0].starts_with("no total follows"), "{:?}", scenario.warnings);
    let scenario = only(lines(&[COMMAND]));
    assert_eq!(scenario.warnings, ["no figures follow the command"]);
}

#[test]
fn every_way_of_pasting_reads_the_same() {
    let plain = [COMMAND, WINDOWS[0], WINDOWS[1], TOTAL].join("\n");
    let expected = only(read(&plain));
    let same = |what: &str, bytes: &[u8], factor: u64| {
        let mut got = only(super::read(bytes, None).unwrap().0);
        got.lines = expected.lines;
        for (got, expected) in got.windows.iter_mut().zip(&expected.windows) {
            assert_eq!(got.line, (expected.line - 1) * factor + 1, "{what}");
            got.line = expected.line;
        }
        assert_eq!(got, expected, "{what}");
    };
    same("CRLF", plain.replace('\n', "\r\n").as_bytes(), 1);
    same("double spaced", plain.replace('\n', "\n\n").as_bytes(), 2);
    same("NBSP", plain.replace(' ', "\u{a0}").as_bytes(), 1);
    same("narrow NBSP and tabs", plain.replace(", ", ",\u{202f}").replace("  ", "\t").as_bytes(), 1);
    same("smart quotes", plain.replacen('"', "“", 1).replacen('"', "”", 1).as_bytes(), 1);
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(plain.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    same("UTF-16", &utf16, 1);
    let comma = plain.lines().map(|line| match line.starts_with('[') {
        true => line.to_owned(),
        false => {
            line.strip_suffix('.').unwrap().replace(".9th", "@").replace('.', ",").replace('@', ".9th") + "."
        }
    });
    same("decimal commas", comma.collect::<Vec<_>>().join("\n").as_bytes(), 1);
    same(
        "ends of lines lost",
        plain.replace("latency.\n", "latency.").replacen("latency.", "latency.\n", 1).as_bytes(),
        1,
    );
}

#[test]
fn broken_lines_are_put_together_at_any_width() {
    let expected = only(lines(&[COMMAND, WINDOWS[0], WINDOWS[1], TOTAL]));
    // Prompt and tool fit into any terminal.
    for width in 50..130 {
        let mut text = String::new();
        for line in [COMMAND, WINDOWS[0], WINDOWS[1], TOTAL] {
            for part in line.as_bytes().chunks(width) {
                text.push_str(std::str::from_utf8(part).unwrap().trim_end());
                text.push('\n');
            }
        }
        let mut got = only(read(&text));
        assert_eq!(got.windows.len(), 2, "{width}: {text}");
        got.lines = expected.lines;
        got.windows.iter_mut().zip(&expected.windows).for_each(|(got, expected)| got.line = expected.line);
        got.command.clone_from(&expected.command);
        assert_eq!(got, expected, "{width}: {text}");
    }
}

#[test]
fn a_command_over_several_lines_is_one() {
    let scenario = only(lines(&[
        "[root@7d1c appuser]# kafka-producer-perf-test \\",
        "",
        ">   --topic \"orders.load\" \\",
        ">   --num-records 15000 \\",
        "",
        ">   --record-size 1024 --throughput -1 \\",
        ">   --producer-props linger.ms=5 batch.size=32768  acks=1 compression.type=lz4 --print-metrics",
        TOTAL,
    ]));
    assert_eq!((scenario.target_rate, scenario.record_size_bytes), (Some(-1.0), Some(1024)));
    assert_eq!(scenario.properties.len(), 4);
    assert_eq!(scenario.properties["compression.type"], "lz4");
    assert_eq!((scenario.lines.first, scenario.lines.last), (1, 8));
    assert_eq!(scenario.name, "produce orders.load, 1024 B unlimited");
}

#[test]
fn metrics_are_read_however_they_are_broken() {
    let scenario = only(lines(&[
        COMMAND,
        WINDOWS[0],
        WINDOWS[1],
        TOTAL,
        "",
        "Metric Name                                                       Value",
        "app-info:commit-id:{client-id=perf-producer-client}             : 79a8f2",
        "b5f44f9d5a",
        "producer-metrics:batch-size-avg:{client-id=perf-producer-client}",
        "   : 6734.127",
        "producer-metrics:connections:{client-id=perf-producer-client, cipher=TLS_AES_256,",
        " protocol=TLSv1.3} : 3",
        "producer-metrics:outgoing-byte-total:{client-id=perf-producer-client} : 16940",
        "970.000",
        "producer-metrics:reauthentication-latency-avg:{client-id=perf-producer-client} : NaN",
        "producer-metrics:record-error-total:{client-id=perf-producer-client} : 4.000",
        "producer-metrics:record-send-total:{client-id=perf-producer-client} : 15004,000",
        "producer-node-metrics:request-la",
        "tency-max:{client-id=perf-producer-client, node-id=node-2} : 92.000",
        "",
        "real	0m15.879s",
    ]));
    let metric = |name: &str| scenario.metrics.iter().find(|(key, _)| key.contains(name)).unwrap().1;
    assert_eq!(scenario.metrics.len(), 8);
    assert_eq!(metric("commit-id"), "79a8f2b5f44f9d5a");
    assert_eq!(*metric("batch-size-avg"), 6734.127);
    assert_eq!(*metric("cipher=TLS_AES_256, protocol"), 3);
    assert_eq!(*metric("outgoing-byte-total"), 16_940_970.0);
    assert_eq!(metric("reauthentication-latency-avg"), "NaN");
    assert_eq!(*metric("request-latency-max"), 92.0);
    let warnings = scenario.warnings.join("\n");
    assert!(
        warnings.contains("4 records were given up") && warnings.contains("count 15004 records"),
        "{warnings}"
    );
}

#[test]
fn notes_are_kept_and_what_is_neither_is_counted() {
    let reading = lines(&[
        "Notes of the day : load on the old hosts",
        "-       Launch of a test with replication",
        "o   Throughput -1",
        "o   1 800 000",
        COMMAND,
        WINDOWS[0],
        "5037 records sent, 1007.4 rec",
        "....",
        TOTAL,
        "-       we ran kafka-producer-perf-test again, nothing seen",
        "[root@7d1c appuser]#",
        "[root@7d1c appuser]# df -h",
        "%%%% 0x77 ####",
    ]);
    assert_eq!(reading.scenarios.len(), 1);
    assert_eq!(reading.notes.iter().map(|n| n.line).collect::<Vec<_>>(), [1, 2, 3, 4, 10, 12]);
    assert_eq!(reading.not_understood.iter().map(|l| l.line).collect::<Vec<_>>(), [7, 13]);
    let warnings = &reading.scenarios[0].warnings;
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].starts_with("lines were left out (line 8)"), "{warnings:?}");
    assert_eq!(reading.scenarios[0].lines, crate::record::Lines { first: 5, last: 9 });
}

#[test]
fn every_line_is_somewhere() {
    // What is in no list lies within a scenario.
    let text = [COMMAND, WINDOWS[0], "x y z", "--what", TOTAL, "a note", "12 34 %%", WINDOWS[1]].join("\n");
    let reading = read(&text);
    for number in 1..=8 {
        let listed = |lines: &[Line]| lines.iter().filter(|l| l.line == number).count();
        let within = reading.scenarios.iter().any(|s| (s.lines.first..=s.lines.last).contains(&number));
        let times = listed(&reading.notes) + listed(&reading.not_understood);
        assert!(times == 1 || (times == 0 && within), "line {number}: {reading:#?}");
    }
}

#[test]
fn secrets_are_masked_and_told() {
    let options = "Picked up JAVA_TOOL_OPTIONS: -Djavax.net.ssl.trustStore=/etc/pki/client.jks -Djavax.net.ssl.trustStorePass";
    let (reading, replacements) = super::read(
        [
            COMMAND,
            options,
            "word=Tr0ub4dor -Djavax.net.ssl.trustStoreType=jks",
            TOTAL,
            "the password is Tr0ub4dor, as always",
            "$ kafka-producer-perf-test --topic t --num-records 1 --producer-props sasl.jaas.config='x.Y password=\"Xkcd936\";' acks=1",
        ]
        .join("\n")
        .as_bytes(),
        None,
    )
    .unwrap();
    let shown = serde_json::to_string(&reading).unwrap();
    assert!(!shown.contains("Tr0ub4dor") && !shown.contains("Xkcd936"), "{shown}");
    assert!(reading.scenarios[0].warnings.iter().any(|w| w.contains("JVM's options")), "{shown}");
    assert!(
        reading.scenarios[1].warnings.iter().any(|w| w.contains("the command holds a secret")),
        "{shown}"
    );
    assert_eq!(texts(&reading.notes).len(), 1);
    assert_eq!(replacements.keys().copied().collect::<Vec<_>>(), [2, 3]);
    assert!(replacements[&2].ends_with("trustStorePassword=*** -Djavax.net.ssl.trustStoreType=jks"));
    assert!(replacements[&3].is_empty());
}

#[test]
fn warnings_of_the_tool_are_kept_once_and_counted() {
    let log = "[2026-03-02 14:59:12,833] WARN [Producer clientId=perf-producer-client] Error while fetching metadata";
    let end =
        "with correlation id 1 : {orders.load=LEADER_NOT_AVAILABLE} (org.apache.kafka.clients.NetworkClient)";
    let day = jiff::civil::date(2026, 3, 3);
    let (reading, _) = super::read(
        [
            COMMAND,
            &format!("{log} {end}"),
            log,
            end,
            "[2026-03-02 14:59:12,900] INFO fine (org.apache.X.Y)",
            "org.apache.kafka.common.errors.TimeoutException: Expiring 5 record(s) for orders.load-0",
            "	at java.base/java.lang.Thread.run(Thread.java:833)",
            &WINDOWS.join("\n"),
            TOTAL,
        ]
        .join("\n")
        .as_bytes(),
        Some(day),
    )
    .unwrap();
    let scenario = only(reading);
    assert!(scenario.warnings[0].starts_with("2 times: WARN [Producer"), "{:#?}", scenario.warnings);
    assert!(scenario.warnings[0].ends_with("NetworkClient)"), "{:#?}", scenario.warnings);
    assert!(scenario.warnings[1].contains("Expiring 5"), "{:#?}", scenario.warnings);
    assert!(scenario.warnings[2].starts_with("1 exception: "), "{:#?}", scenario.warnings);
    assert!(scenario.warnings[3].contains("dated 2026-03-02"), "{:#?}", scenario.warnings);
    assert_eq!(scenario.warnings.len(), 4);
}

#[test]
fn contradictions_are_flagged_and_never_put_right() {
    let flagged = |windows: [&str; 2], total: &str, expected: &str| {
        let scenario = only(lines(&[COMMAND, windows[0], windows[1], total]));
        assert!(
            scenario.warnings.iter().any(|w| w.contains(expected)),
            "{expected}: {:#?}",
            scenario.warnings
        );
        scenario
    };
    let [a, b] = WINDOWS;
    flagged(WINDOWS, &TOTAL.replace("137 ms 95th", "237 ms 95th"), "out of order: 12, 237, 177, 189 ms");
    flagged(WINDOWS, &TOTAL.replace("189 ms", "899 ms"), "is above the maximum");
    flagged(WINDOWS, &TOTAL.replace("597.00 ms max", "500.00 ms max"), "is below that of a window");
    flagged(WINDOWS, &TOTAL.replace("24.10 ms avg", "240.10 ms avg"), "cannot be that of its windows");
    flagged(WINDOWS, &TOTAL.replace("24.10 ms avg", "4.10 ms avg"), "cannot be that of its windows");
    flagged(WINDOWS, &TOTAL.replace("15000", "14000"), "asks for 15000 records, the total says 14000");
    flagged(WINDOWS, &TOTAL.replace("0.98 MB", "9.80 MB"), "do not make 9.8 MB/s");
    flagged(WINDOWS, &TOTAL.replace("999.800040", "1020.0"), "above the 1000/s asked for");
    flagged(
        WINDOWS,
        &TOTAL.replace("999.800040", "600.0").replace("0.98", "0.59"),
        "the rate was not reached",
    );
    flagged([a, &b.replace("5037", "50370")], TOTAL, "hold 55327 records, the total 15000");
    flagged([a, &b.replace("5037", "1037")], TOTAL, "make less time than there is between two windows");
    flagged([a, &b.replace("1007.4", "370.7").replace("0.98", "0.36")], TOTAL, "the tool stood still");
    flagged([a, &b.replace("0.98 MB", "0.42 MB")], TOTAL, "line 3: records/s by the command's record size");
    flagged([a, &b.replace("14.9 ms avg", "114.9 ms avg")], TOTAL, "line 3: the average latency is above");
    flagged(
        [a, &b.replace("1007.4", "1891.2").replace("0.98", "1.85").replace("5037", "9473")],
        TOTAL,
        "catches up",
    );
    let scenario =
        flagged([a, b], &TOTAL.replace("999.800040", "500.0").replace("0.98", "0.49"), "are in no window");
    assert_eq!(scenario.achieved_records_per_s, Some(500.0));
}

#[test]
fn no_record_acknowledged_is_no_latency() {
    let nothing = "0 records sent, 0.000000 records/sec (0.00 MB/sec), NaN ms avg latency, 0.00 ms max latency, 0 ms 50th, \
        0 ms 95th, 0 ms 99th, 0 ms 99.9th.";
    let scenario = only(lines(&[COMMAND, nothing]));
    assert_eq!(
        (scenario.records, scenario.avg_ms, scenario.max_ms, scenario.p50_ms),
        (Some(0), None, None, None)
    );
    assert!(
        scenario.warnings.iter().any(|w| w.contains("no record was acknowledged")),
        "{:?}",
        scenario.warnings
    );
}

#[test]
fn a_warm_up_has_a_total_of_its_own() {
    let steady = TOTAL.replace("15000 records", "5037 steady state records");
    let reading = lines(&[
        &COMMAND.replace("--producer.config", "--warmup-records 4957 --command-config"),
        "Warmup first 4957 records. Steady state results will print after the complete test summary.",
        WINDOWS[0],
        "In steady state.",
        WINDOWS[1],
        TOTAL,
        &steady,
    ]);
    assert_eq!(reading.scenarios.len(), 2, "{reading:#?}");
    assert_eq!(reading.scenarios[0].windows.len(), 2);
    assert_eq!(reading.scenarios[1].windows.len(), 1);
    assert!(reading.scenarios[1].name.ends_with("steady state"));
    assert_eq!(reading.scenarios[1].records, Some(5037));
}

/// As Kafka 4.2.0 printed it, the metrics cut short.
#[test]
fn what_the_tools_of_kafka_4_2_print_is_understood() {
    let reading = lines(&[
        "$ kafka-producer-perf-test.sh --topic t --num-records 9000 --record-size 100 --throughput 1000 \
         --bootstrap-server b:9092 --warmup-records 3000 --reporting-interval 2000 --command-property acks=all",
        "Warmup first 3000 records. Steady state results will print after the complete test summary.",
        "1995 records sent, 996.0 records/sec (0.09 MB/sec), 75.8 ms avg latency, 918.0 ms max latency.",
        "In steady state.",
        "1998 records sent, 997.5 records/sec (0.10 MB/sec), 4.2 ms avg latency, 16.0 ms max latency.",
        "2007 records sent, 1000.5 records/sec (0.10 MB/sec), 5.0 ms avg latency, 28.0 ms max latency.",
        "9000 records sent, 997.119433 records/sec (0.10 MB/sec), 21.95 ms avg latency, 918.00 ms max latency, 6 ms 50th, \
         149 ms 95th, 226 ms 99th, 241 ms 99.9th.",
        "6000 steady state records sent, 991.735537 records/sec (0.09 MB/sec), 5.83 ms avg latency, 59.00 ms max latency, \
         4 ms 50th, 17 ms 95th, 44 ms 99th, 57 ms 99.9th.",
        "",
        "$ kafka-producer-perf-test.sh --topic t --num-records 500 --record-size 100 --throughput -1 \
         --producer-props bootstrap.servers=b:9092 --print-metrics",
        "Option --producer-props has been deprecated and will be removed in a future version. Use --command-property \
         instead.",
        "500 records sent, 676.589986 records/sec (0.06 MB/sec), 22.32 ms avg latency, 715.00 ms max latency, 15 ms 50th, \
         50 ms 95th, 52 ms 99th, 715 ms 99.9th.",
        "",
        "Metric Name                                                                                   Value",
        "app-info:commit-id:{client-id=perf-producer-client}                                         : a18251bae0b825c6",
        "producer-metrics:batch-size-avg:{client-id=perf-producer-client}                            : 9178.500",
        "",
        "$ kafka-consumer-perf-test.sh --topic t --messages 5000 --bootstrap-server b:9092",
        "Warning: --messages is deprecated. Use --num-records instead.",
        HEADER,
        "2026-11-26 10:17:57:480, 2026-11-26 10:17:58:268, 0.4305, 0.5463, 5000, 6345.1777, 672, 116, 3.7110, 43103.4483",
        "",
        "$ kafka-e2e-latency.sh --bootstrap-server b:9092 --topic t --num-records 200 --producer-acks all --record-size 100",
        "0\t82.84671300000001",
        "Avg latency: 6.3295 ms",
        "Percentiles: 50th = 5, 99th = 47, 99.9th = 82",
    ]);
    assert_eq!(reading.not_understood, [], "{reading:#?}");
    let seen: Vec<(&str, Option<u64>, Option<f64>)> =
        reading.scenarios.iter().map(|s| (s.name.as_str(), s.records, s.p99_ms)).collect();
    assert_eq!(
        seen,
        [
            ("produce t, 100 B at 1000/s", Some(9000), Some(226.0)),
            ("produce t, 100 B at 1000/s, steady state", Some(6000), Some(44.0)),
            ("produce t, 100 B unlimited", Some(500), Some(52.0)),
            ("consume t", Some(5000), None),
            ("end to end t, 100 B", None, Some(47.0)),
        ]
    );
    let warnings: Vec<_> = reading.scenarios.iter().flat_map(|s| &s.warnings).collect();
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(texts(&reading.notes), [""; 0]);
}

const HEADER: &str = "start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, \
    rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec";

const ROW: &str = "2026-03-02 09:10:53:093, 2026-03-02 09:10:54:472, 195.7813, 141.9734, 200480, 145380.7107, 365, 1014, \
    193.0782, 197712.0316";

#[test]
fn a_consumer_is_read_whole_broken_and_without_a_header() {
    let command =
        "$ bin/kafka-consumer-perf-test.sh --bootstrap-server b:9092 --topic orders.load --messages 200000";
    let scenario = only(lines(&[command, HEADER, ROW]));
    assert_eq!(scenario.name, "consume orders.load");
    assert_eq!((scenario.records, scenario.mb_per_s), (Some(200_480), Some(141.9734)));
    assert_eq!(scenario.achieved_records_per_s, Some(145380.7107));
    assert_eq!((scenario.avg_ms, scenario.p99_ms), (None, None));
    assert_eq!(scenario.metrics["rebalance.time.ms"], 365);
    assert_eq!(scenario.metrics["fetch.MB.sec"], 193.0782);
    assert!(scenario.warnings.is_empty(), "{:?}", scenario.warnings);
    for width in 40..170 {
        let broken = [HEADER, ROW].map(|l| {
            let parts: Vec<_> =
                l.as_bytes().chunks(width).map(|p| std::str::from_utf8(p).unwrap().trim()).collect();
            parts.join("\n")
        });
        let got = only(lines(&[command, &broken[0], &broken[1]]));
        assert_eq!((got.records, &got.metrics), (scenario.records, &scenario.metrics), "{width}");
    }
    let bare = only(lines(&[ROW]));
    assert_eq!((bare.records, bare.command), (Some(200_480), None));
    let wrong = only(lines(&[command, HEADER, &ROW.replace("141.9734", "14.1973").replace("1014", "10140")]));
    assert!(wrong.warnings[0].contains("do not make 195.7813 MB"), "{:?}", wrong.warnings);
    assert!(wrong.warnings[1].contains("10140 ms of fetching"), "{:?}", wrong.warnings);
    let short = only(lines(&[
        &command.replace("200000", "900000"),
        HEADER,
        "WARNING: Exiting before consuming the expected number of messages: timeout (3000 ms) exceeded. You can use the \
         --timeout option to increase the timeout.",
        ROW,
    ]));
    assert!(short.warnings.iter().any(|w| w.contains("Exiting before")), "{:?}", short.warnings);
    assert!(
        short.warnings.iter().any(|w| w.contains("900000 records, and 200480 were read")),
        "{:?}",
        short.warnings
    );
}

#[test]
fn detailed_rows_are_windows() {
    let header = HEADER.replace("start.time, end.time", "time, threadId");
    let scenario = only(lines(&[
        &header,
        "2026-03-02 09:10:58:000, 0, 98.1396, 19.6279, 100495, 20099.0000, 868, 4132, 23.7511, 24321.1520",
        "2026-03-02 09:11:03:000, 0, 195.7813, 19.5283, 200480, 19997.0000, 0, 5000, 19.5283, 19997.0000",
    ]));
    assert_eq!(scenario.windows.iter().map(|w| w.records).collect::<Vec<_>>(), [100_495, 99_985]);
    assert_eq!((scenario.records, scenario.achieved_records_per_s), (Some(200_480), None));
}

#[test]
fn an_end_to_end_run_is_read() {
    let scenario = only(lines(&[
        "$ kafka-e2e-latency.sh b:9092 orders.load 5000 all 100",
        "0	218.521854",
        "1000	8.1",
        "Avg latency: 11.4269 ms",
        "Percentiles: 50th = 8, 99th = 92, 99.9th = 218",
    ]));
    assert_eq!((scenario.avg_ms, scenario.max_ms, scenario.p95_ms), (Some(11.4269), None, None));
    assert_eq!((scenario.p50_ms, scenario.p99_ms, scenario.p999_ms), (Some(8.0), Some(92.0), Some(218.0)));
    assert_eq!(
        (scenario.record_size_bytes, scenario.name.as_str()),
        (Some(100), "end to end orders.load, 100 B")
    );
}

#[test]
fn several_runs_are_apart() {
    let reading = lines(&[COMMAND, WINDOWS[0], TOTAL, WINDOWS[1], TOTAL, HEADER, ROW, ROW, COMMAND]);
    let kinds: Vec<(&str, bool, usize)> =
        reading.scenarios.iter().map(|s| (s.name.as_str(), s.command.is_some(), s.windows.len())).collect();
    assert_eq!(
        kinds,
        [
            ("produce orders.load, 1024 B at 1000/s", true, 1),
            ("produce of line 4", false, 1),
            ("consume of line 6", false, 0),
            ("consume of line 8", false, 0),
            ("produce orders.load, 1024 B at 1000/s", true, 0),
        ]
    );
}

#[test]
fn lists_have_an_end_and_say_so() {
    let text = "%% 1 %%\n".repeat(LISTED + 5)
        + &"a note\n".repeat(LISTED + 7)
        + &format!("{}\n", WINDOWS[0]).repeat(100_010);
    let reading = read(&text);
    assert_eq!((reading.not_understood.len(), reading.notes.len()), (LISTED, LISTED));
    assert_eq!(
        (reading.not_understood_in_all(), reading.notes_in_all()),
        (LISTED as u64 + 5, LISTED as u64 + 7)
    );
    let scenario = &reading.scenarios[0];
    assert_eq!(scenario.windows.len(), 100_000);
    assert!(
        scenario.warnings[0].starts_with("of 100010 windows the first 100000"),
        "{:?}",
        scenario.warnings
    );
}

proptest::proptest! {
    /// Whatever comes in, nothing panics, and no line is lost.
    #[test]
    fn any_text_is_taken(parts in proptest::collection::vec(0..14_usize, 0..40), noise in "\\PC{0,60}", cut in 0..90_usize) {
        let known = [
            COMMAND, WINDOWS[0], TOTAL, HEADER, ROW, "", "....", "Metric Name   Value", "a-metrics:b:{c=d} : 1.0", "00",
            "[2026-03-02 14:59:12,833] WARN x", "Picked up JAVA_TOOL_OPTIONS: -Dx=y", noise.as_str(), "0 1.5",
        ];
        let text: Vec<String> = parts
            .iter()
            .map(|i| known[*i])
            .map(|line| line.chars().take(if cut > 60 { 1000 } else { cut }).collect())
            .collect();
        let reading = read(&text.join("\n"));
        for scenario in &reading.scenarios {
            proptest::prop_assert!(scenario.lines.first <= scenario.lines.last && scenario.lines.last <= text.len() as u64);
        }
    }
}

#[test]
fn the_tool_is_told_by_its_command_or_by_what_it_printed() {
    let sent = "10 records sent, 5.000000 records/sec (0.01 MB/sec), 2.00 ms avg latency, 9.00 ms max latency, 1 ms 50th, 3 ms 95th, 4 ms 99th, 9 ms 99.9th.";
    let producer = "$ kafka-producer-perf-test --topic consumer-events --num-records 10 --record-size 5 --throughput -1\n";
    for (text, tool) in [
        (format!("{producer}{sent}\n"), Tool::Producer),
        (format!("{sent}\n"), Tool::Producer),
        (
            "0\t12.5\nAvg latency: 0.6042 ms\nPercentiles: 50th = 0, 99th = 2, 99.9th = 5\n".to_owned(),
            Tool::EndToEnd,
        ),
    ] {
        let reading = read(&text);
        let tools: Vec<Option<Tool>> = reading.scenarios.iter().map(|s| s.tool).collect();
        assert_eq!(tools, [Some(tool)], "{text}");
    }
}
