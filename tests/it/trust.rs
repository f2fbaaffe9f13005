//! How far the load generator can be trusted, where the truth is known by arithmetic.
//!
//! The machine that runs these tests adds to every latency, and nobody knows beforehand how much. So nothing is taken off
//! a figure and no tolerance is widened by guess: what is allowed beyond 1 % or 1 ms is what the same run shows of it (a
//! load beside it whose broker answers at once, the client's own round-trip times, or the log of the broker). A run that the machine spoilt may
//! be repeated; one that measures wrongly is wrong every time.

use crate::support::lab::{Lab, has_kafka};
use jalon::load::{
    ClientConfig,
    keys::Keys,
    latency::Summary,
    outcome::{Outcome, SendEnd},
    pacing::Pacing,
    payload::Content,
    producer::{Load, Spec},
};
use rdkafka::{
    Message, Offset, Timestamp, TopicPartitionList,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    bindings as sys,
    consumer::{BaseConsumer, Consumer},
    mocking::MockCluster,
    producer::{BaseProducer, DefaultProducerContext, Producer},
    types::{RDKafkaApiKey, RDKafkaRespErr},
};
use serde_json::Value;
use std::{
    num::NonZeroU32,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// How often a run is made until the machine has let one alone.
const ATTEMPTS: usize = 6;

type Mock = MockCluster<'static, DefaultProducerContext>;

fn mock() -> Mock {
    let mock = MockCluster::new(1).unwrap();
    mock.create_topic("load", 1, 1).unwrap();
    mock
}

/// Sends records of 100 bytes and checks that each of them was delivered and has its latencies.
fn send(servers: &str, rate: u64, warm_up: u64, records: u64, properties: &[(&str, &str)]) -> Outcome {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", servers).set("linger.ms", "0").set("statistics.interval.ms", "100");
    for (name, value) in properties {
        config.set(*name, *value);
    }
    let spec = Spec {
        catch_up: false,
        clients: NonZeroU32::MIN,
        config,
        content: Content::Random,
        duration: None,
        headers: Vec::new(),
        keys: Keys::None,
        pacing: format!("{rate}/s").parse::<Pacing>().unwrap(),
        record_size: 100,
        records: Some(records),
        token: None,
        topic: "load".to_owned(),
        transaction: None,
        warm_up,
    };
    let cancel = CancellationToken::new();
    let outcome = Load::connect(spec, &cancel).unwrap().run(&mut |_| Ok(()), &cancel).unwrap();
    assert_eq!((&outcome.ended, outcome.delivered, outcome.failed), (&SendEnd::Finished, records, 0));
    assert_eq!((outcome.intended.len(), outcome.send.len()), (records, records));
    outcome
}

const QUANTILES: [f64; 4] = [0.5, 0.95, 0.99, 0.999];

/// Those of [`QUANTILES`], in milliseconds.
fn percentiles(summary: &Summary) -> [f64; 4] {
    [summary.p50, summary.p95, summary.p99, summary.p999]
}

/// 1 % of the truth, or 1 ms.
fn tolerance(truth_ms: f64) -> f64 {
    (truth_ms / 100.0).max(1.0)
}

/// Makes the same run until it comes out as it must; shows what came of each where none does.
fn one_of(mut run: impl FnMut() -> Result<(), String>) {
    let mut said = Vec::new();
    while said.len() < ATTEMPTS {
        match run() {
            Ok(()) => return,
            Err(what) => said.push(what),
        }
    }
    panic!("none of {ATTEMPTS} runs came out as it must:\n{}", said.join("\n"));
}

fn must(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}

/// A round trip of fixed length is every percentile; a load beside it, whose broker answers at once, shows what mock,
/// client and machine add in the same seconds.
#[test]
fn a_fixed_round_trip_is_what_is_reported() {
    const RATE: u64 = 300;
    const RECORDS: u64 = 3000;
    // Half a second is also what each request takes before the first record can go.
    const WARM_UP: u64 = 4 * RATE;
    let none = mock();
    let delayed = [5, 50, 500].map(|ms| {
        let mock = mock();
        mock.broker_round_trip_time(1, Duration::from_millis(ms)).unwrap();
        (ms as f64, mock)
    });
    let mut open = vec![true; delayed.len()];
    one_of(|| {
        let servers =
            [&none, &delayed[0].1, &delayed[1].1, &delayed[2].1].map(MockCluster::bootstrap_servers);
        let [beside, rest @ ..] = thread::scope(|scope| {
            let loads = servers
                .each_ref()
                .map(|servers| scope.spawn(move || send(servers, RATE, WARM_UP, RECORDS, &[])));
            loads.map(|load| load.join().unwrap())
        });
        let beside = beside.intended.summary().unwrap();
        // The three records of P99.9 are too few to be alike in two loads: the longest is what may be added there.
        let added = [beside.p50, beside.p95, beside.p99, beside.max];
        let mut wrong = Vec::new();
        for (((rtt, _), outcome), open) in delayed.iter().zip(&rest).zip(&mut open) {
            let judged = is_round_trip(*rtt, outcome, RATE as f64, added);
            *open &= judged.is_err();
            wrong.extend(judged.err().filter(|_| *open));
        }
        must(wrong.is_empty(), || wrong.join("; "))
    });
}

/// Whether all that a load tells is the round trip and no more than 1 % or 1 ms, and twice what the load beside it shows:
/// two loads suffer alike from a busy machine, not equally.
fn is_round_trip(rtt_ms: f64, outcome: &Outcome, rate: f64, added: [f64; 4]) -> Result<(), String> {
    for latency in [&outcome.intended, &outcome.send] {
        let found = percentiles(&latency.summary().unwrap());
        // No answer comes before its time; three digits are kept.
        assert!(found[0] >= rtt_ms * 0.999, "{rtt_ms} ms: {found:?}");
        for (found_ms, added_ms) in found.iter().zip(added) {
            must(*found_ms <= rtt_ms + tolerance(rtt_ms) + 2.0 * added_ms, || {
                format!("{rtt_ms} ms: {found:?}, without it {added:?}")
            })?;
        }
    }
    // The last answer may come after the end of the last record's slot.
    let records = outcome.delivered as f64;
    let truth = records / f64::max(records / rate, (records - 1.0) / rate + rtt_ms / 1000.0);
    let achieved = outcome.records_per_s();
    must((achieved / truth - 1.0).abs() <= 0.001, || {
        format!("{rtt_ms} ms: {achieved} records/s, by arithmetic {truth}")
    })
}

/// A mock cluster of which single answers can be delayed.
struct Delaying(BaseProducer);

impl Delaying {
    fn new() -> Self {
        let owner: BaseProducer = ClientConfig::new().set("test.mock.num.brokers", "1").create().unwrap();
        owner.client().mock_cluster().unwrap().create_topic("load", 1, 1).unwrap();
        Self(owner)
    }

    fn servers(&self) -> String {
        self.0.client().mock_cluster().unwrap().bootstrap_servers()
    }

    /// The next `count` produce requests are answered so late each.
    fn push(&self, count: usize, delay_ms: i32) {
        const OK: RDKafkaRespErr = RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR;
        for _ in 0..count {
            #[expect(unsafe_code, reason = "the `rdkafka` crate has no function for it")]
            // SAFETY: the client lives and owns its cluster, which has a lock of its own; one pair follows, as is said.
            let answer = unsafe {
                let cluster = sys::rd_kafka_handle_mock_cluster(self.0.client().native_ptr());
                sys::rd_kafka_mock_broker_push_request_error_rtts(
                    cluster,
                    1,
                    RDKafkaApiKey::Produce.into(),
                    1,
                    OK,
                    delay_ms,
                )
            };
            assert_eq!(answer, OK);
        }
    }
}

/// One request of a thousand is answered late, and what was sent behind it on the same connection waits as well, as it
/// does at a broker: of a thousand records at 1,000/s, 400 wait for 400 ms, 399 ms … 1 ms.
#[test]
fn every_thousandth_request_delayed_shows_in_the_percentiles_that_it_reaches() {
    const DELAY_MS: i32 = 400;
    const RECORDS: u64 = 5000;
    one_of(|| {
        let mock = Delaying::new();
        for _ in 0..RECORDS / 1000 {
            mock.push(500, 0);
            mock.push(1, DELAY_MS);
            mock.push(499, 0);
        }
        // A request a record, those of the warm-up too.
        let outcome = send(&mock.servers(), 1000, 200, RECORDS, &[("batch.num.messages", "1")]);
        let summary = outcome.intended.summary().unwrap();
        let found = percentiles(&summary);
        // Half of the records wait for nobody: what the mock, the client and the machine add.
        let added = found[0];
        must(added < 20.0, || format!("{added} ms without a delay: the machine is too busy to tell"))?;
        for (found_ms, quantile) in found.iter().zip(QUANTILES).skip(1) {
            let truth = f64::from(DELAY_MS) - 1000.0 * (1.0 - quantile);
            must((found_ms - truth).abs() <= tolerance(truth) + added, || {
                format!("{found:?}: P{} is {truth} by arithmetic, {added} added", 100.0 * quantile)
            })?;
        }
        assert!(summary.max >= f64::from(DELAY_MS) * 0.999, "{summary:?}");
        Ok(())
    });
}

/// 500 records a request, one request in flight, an answer after 4 s: of 1,000/s, 125/s are possible. The client holds a
/// thousand records; what comes then waits outside, where only the latency from the intended time sees it.
#[test]
fn a_rate_that_cannot_be_reached_is_told_with_the_one_that_was() {
    const ANSWER_S: f64 = 4.0;
    const RATE: f64 = 1000.0;
    const BATCH: u32 = 500;
    const BATCHES: u32 = 3;
    const RECORDS: f64 = (BATCH * BATCHES) as f64;
    // The first request goes when its last record is due.
    let first_s = f64::from(BATCH - 1) / RATE;
    let answered_s = |record: u32, answer_s: f64| first_s + f64::from(record / BATCH + 1) * answer_s;
    let mut truth: Vec<f64> = (0..BATCH * BATCHES)
        .map(|record| 1000.0 * (answered_s(record, ANSWER_S) - f64::from(record) / RATE))
        .collect();
    truth.sort_by(f64::total_cmp);
    one_of(|| {
        let mock = Delaying::new();
        mock.push(10, (ANSWER_S * 1000.0) as i32);
        let properties = [
            ("batch.num.messages", "500"),
            ("linger.ms", "10000"),
            ("max.in.flight.requests.per.connection", "1"),
            ("queue.buffering.max.messages", "1000"),
        ];
        let outcome = send(&mock.servers(), RATE as u64, 0, RECORDS as u64, &properties);
        let intended = outcome.intended.summary().unwrap();
        let found = percentiles(&intended);
        for (found_ms, quantile) in found.iter().zip(QUANTILES) {
            let truth = truth[(quantile * RECORDS).ceil() as usize - 1];
            must((found_ms - truth).abs() <= tolerance(truth), || {
                format!("{found:?}: P{} is {truth} by arithmetic", 100.0 * quantile)
            })?;
        }
        // The longest round trip that the client saw tells what the mock and the machine added to an answer.
        let seen_s = outcome.statistics.rtt.max().unwrap_or_default().max(ANSWER_S * 1000.0) / 1000.0;
        let rate = |answer_s: f64| RECORDS / answered_s(BATCH * BATCHES - 1, answer_s);
        let (least, most) = (rate(seen_s) * 0.999, rate(ANSWER_S) * 1.001);
        let achieved = outcome.records_per_s();
        must((least..=most).contains(&achieved), || format!("{achieved} records/s, not {least} to {most}"))?;

        // From the send call it is two answers at most: that of the request in flight, and its own.
        let send = outcome.send.summary().unwrap();
        must((send.p99 / (2000.0 * ANSWER_S) - 1.0).abs() <= 0.01, || format!("{send:?}"))?;
        let remarks = outcome.remarks().join("; ");
        assert!(remarks.contains("asked for 1000 records/s and achieved 1"), "{remarks}");
        assert!(outcome.blocked.as_secs_f64() > 3.0 && remarks.contains("queue was full"), "{remarks}");
        assert_eq!(outcome.unsent, 0, "every record was sent in the end");
        Ok(())
    });
}

/// One load of 20 s at 1,000/s, which says what it saw as JSON.
fn perf(lab: &Lab, topic: &str, out: &str, more: &[&str]) -> Child {
    let servers = format!("127.0.0.1:{}", lab.base + 10);
    let args = [
        &["perf", "produce", "--bootstrap-server", &servers, "--topic", topic, "--num-records", "20000"][..],
        &["--record-size", "100", "--throughput", "1000", "--warm-up", "2000", "--json", "--out", out],
        &["--producer-props", "acks=all"],
        more,
    ]
    .concat();
    lab.project.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// What such a load printed, by the name of the output.
fn printed(load: Child) -> impl Fn(&str) -> f64 {
    let output = load.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    move |name| said["outputs"][name]["number"][0].as_f64().unwrap_or_else(|| panic!("{name}: {said:#}"))
}

/// The same percentiles by the log of the broker: from the turn of each of the newest `records`, `rate` a second, to the
/// time at which the broker appended it, by its clock in whole milliseconds. The first turn is where no record would have
/// been appended before its own.
fn by_the_log(lab: &Lab, topic: &str, records: u32, rate: f64) -> [f64; 4] {
    let reader: BaseConsumer = lab.client().set("group.id", "none").create().unwrap();
    let (_, end) = reader.fetch_watermarks(topic, 0, Duration::from_secs(10)).unwrap();
    let mut from = TopicPartitionList::new();
    from.add_partition_offset(topic, 0, Offset::Offset(end - i64::from(records))).unwrap();
    reader.assign(&from).unwrap();
    let mut late: Vec<f64> = (0..records)
        .map(|record| {
            let message = reader.poll(Duration::from_secs(30)).expect("a record").unwrap();
            let Timestamp::LogAppendTime(at) = message.timestamp() else {
                panic!("{:?}", message.timestamp())
            };
            at as f64 - 1000.0 * f64::from(record) / rate
        })
        .collect();
    late.sort_by(f64::total_cmp);
    QUANTILES.map(|quantile| late[(quantile * f64::from(records)).ceil() as usize - 1] - late[0])
}

/// A broker frozen for 5 s under 1,000 records/s for 20 s: records go on being due, and each waits for the rest of the
/// freeze, and for what the broker needs to catch up, which its log tells. Beside it the same load by a client that holds a hundred records: from the send call, the freeze is half a
/// percent of its records, and 99 % of them know nothing of it.
#[tokio::test]
async fn a_frozen_broker_is_in_the_percentiles_and_not_in_those_from_the_send_call() {
    const RATE: f64 = 1000.0;
    const RECORDS: f64 = 20_000.0;
    const HELD: f64 = 100.0;
    if !has_kafka("a_frozen_broker_is_in_the_percentiles_and_not_in_those_from_the_send_call") {
        return;
    }
    let lab = Lab::new();
    lab.up().exits(0);
    let admin: AdminClient<_> = lab.client().create().unwrap();
    let topics = ["whole", "held"].map(|name| {
        NewTopic::new(name, 1, TopicReplication::Fixed(1)).set("message.timestamp.type", "LogAppendTime")
    });
    for made in admin.create_topics(&topics, &AdminOptions::new()).await.unwrap() {
        made.unwrap();
    }
    let file = lab.file().unwrap();
    let mut processes = file["processes"].as_array().unwrap().iter();
    let broker = processes.find(|p| p["member"]["name"] == "source-broker-1").unwrap();
    let pid = broker["identity"]["pid"].to_string();
    let signal = |name: &str| assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    let mut attempt = 0;
    one_of(|| {
        attempt += 1;
        let out = |topic: &str| format!("{topic}-{attempt}");
        let whole = perf(&lab, "whole", &out("whole"), &[]);
        let held = perf(&lab, "held", &out("held"), &["queue.buffering.max.messages=100"]);
        let begun = Instant::now();
        for topic in ["whole", "held"] {
            while !lab.project.path().join(out(topic)).join("windows.csv.partial").exists() {
                assert!(begun.elapsed() < Duration::from_secs(30), "the load did not begin");
                thread::sleep(Duration::from_millis(20));
            }
        }
        // The warm-up is over then, and the schedule is met again before the end.
        thread::sleep(Duration::from_secs(4));
        let frozen = Instant::now();
        signal("-STOP");
        thread::sleep(Duration::from_secs(5));
        signal("-CONT");
        let frozen_s = frozen.elapsed().as_secs_f64();

        // Latencies from the longest: those that the client holds, then those that are sent at twice the pace.
        let truth = |quantile: f64, held: f64| {
            let rank = (1.0 - quantile) * RECORDS;
            let waiting = rank.min(held) / RATE + (rank - held).max(0.0) / (2.0 * RATE);
            1000.0 * (frozen_s - waiting)
        };
        for (topic, load, held) in [("whole", printed(whole), RECORDS), ("held", printed(held), HELD)] {
            let log = by_the_log(&lab, topic, RECORDS as u32, RATE);
            // The freeze and the catching up at twice the pace take half of the load: the median of what is held lies
            // where they end, and a few records more or less are some milliseconds there.
            let from = usize::from(held <= HELD);
            for (name, truth) in ["p50", "p95", "p99", "p999"].iter().zip(log).skip(from) {
                let found = load(&format!("latency_ms.{name}"));
                must((found - truth).abs() <= tolerance(truth), || {
                    format!("{name} with {held} held is {found} ms, by the broker's log {truth}")
                })?;
            }
            for (name, quantile) in [("p95", 0.95), ("p99", 0.99), ("p999", 0.999)] {
                let (found, truth) = (load(&format!("latency_ms.{name}")), truth(quantile, held));
                must((found - truth).abs() <= tolerance(truth), || {
                    format!("{name} with {held} held is {found} ms, by arithmetic {truth}")
                })?;
            }
            let rate = load("throughput.records_per_s");
            must((rate / RATE - 1.0).abs() <= 0.001, || format!("{rate} records/s with {held} held"))?;
            let (p50, from_send) = (load("latency_ms.p50"), load("send_latency_ms.p99"));
            if held > HELD {
                must(p50 < 100.0, || format!("half of the records saw no freeze: {p50} ms"))?;
                must(from_send > 4000.0, || format!("a client that holds all sees it: {from_send} ms"))?;
            } else {
                must(from_send < 500.0, || format!("the send call saw {from_send} ms at P99"))?;
            }
        }
        Ok(())
    });
}
