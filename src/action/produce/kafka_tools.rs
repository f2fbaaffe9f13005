//! The driver `kafka-tools`: `kafka-producer-perf-test`, read while it runs.

use super::Produce;
use crate::{
    action::{
        ActionContext, ActionError, ActionFailure, Kind, Param,
        filling::Filling,
        kafka_tools::{self, Ran, Tool},
    },
    load::{keys::Keys, pacing::Pacing, window::WindowsCsv},
    record::{Evidence, Unit, Value, Window},
};
use std::io::{self, Write};

const WINDOWS: &str = "windows.csv";
const OUTPUT: &str = "stdout.txt";

/// What the tool is asked for.
struct Asked {
    records: u64,
    size: u64,
    /// Records per second; `None` as fast as it goes.
    rate: Option<f64>,
}

impl Produce {
    /// Lets Kafka's own tool send the load.
    pub(super) async fn run_kafka_tools(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let asked = self.asked()?;
        kafka_tools::find_topic(cx, &self.cluster, &self.topic).await?;
        let mut arguments: Vec<String> = ["--topic", self.topic.as_str()].map(str::to_owned).to_vec();
        let rate = asked.rate.map_or("-1".to_owned(), |rate| rate.to_string());
        for (option, value) in [
            ("--num-records", asked.records.to_string()),
            ("--record-size", asked.size.to_string()),
            ("--throughput", rate),
        ] {
            arguments.extend([option.to_owned(), value]);
        }
        arguments.push("--print-metrics".to_owned());
        let mut rows = Rows::begin(cx.artifacts.create(WINDOWS, "text/csv")?);
        let mut sent = 0;
        let ran =
            kafka_tools::run(cx, Tool::Producer, &self.cluster, &arguments, &self.properties.0, |window| {
                rows.add(window);
                sent += window.records;
                let message = format!("{:.0} records/s", window.records_per_s);
                cx.progress.update(&cx.action, sent, Some(asked.records), message);
            })
            .await?;
        rows.out.finish()?;
        if let Some(error) = rows.error {
            return Err(ActionError::failed(format!("the windows cannot be written: {error}")).into());
        }
        let evidence = evidence(&asked, &ran);
        ran.conclude(Tool::Producer, evidence)
    }

    /// What the tool can do of what the step asks for; the rest is refused.
    fn asked(&self) -> Result<Asked, ActionError> {
        let own = "leave it out, or use the driver `native`";
        let size = match &self.record_size {
            Some(size) => size.get()?.0,
            None => {
                return Err(ActionError::misconfigured(
                    "kafka-producer-perf-test needs a `record_size`",
                    "give one",
                ));
            }
        };
        let pacing = self.rate.get()?;
        if !matches!(pacing, Pacing::Rate(_) | Pacing::Unlimited) {
            return Err(ActionError::misconfigured(
                format!("kafka-producer-perf-test cannot pace a load as {}", self.rate),
                "give a rate or `unlimited`, or use the driver `native`",
            ));
        }
        if size == 0 {
            return Err(ActionError::misconfigured(
                "records of 0 bytes measure nothing",
                "give a `record_size` of 1 or more",
            ));
        }
        let schedule = pacing.schedule(size, 0);
        let rate = schedule.records_per_s();
        if let Some(rate) = rate.filter(|rate| rate.fract() != 0.0 || *rate > f64::from(i32::MAX)) {
            return Err(ActionError::misconfigured(
                format!(
                    "kafka-producer-perf-test takes whole records per second up to 3.8, and this is {rate}"
                ),
                "give a whole rate, or use the driver `native`",
            ));
        }
        if *self.warm_up.get()? > 0 {
            return Err(ActionError::misconfigured(
                "kafka-producer-perf-test has no `warm_up` before Kafka 4.2",
                own,
            ));
        }
        if self.clients.get()?.get() > 1 {
            return Err(ActionError::misconfigured("kafka-producer-perf-test is one client", own));
        }
        if *self.sequence.get()? {
            return Err(ActionError::misconfigured(
                "kafka-producer-perf-test stamps no records (`sequence`)",
                own,
            ));
        }
        if self.keys != Keys::None {
            return Err(ActionError::misconfigured("kafka-producer-perf-test sends no keys", own));
        }
        if !self.headers.is_empty() {
            return Err(ActionError::misconfigured("kafka-producer-perf-test sends no headers", own));
        }
        // `random` is the default, so that the letters in its place are said and not refused.
        if !matches!(self.payload, Filling::Letters | Filling::Random) {
            return Err(ActionError::misconfigured(
                "kafka-producer-perf-test sends letters, and no other `payload`",
                own,
            ));
        }
        let records = self.records.as_ref().map(Param::get).transpose()?.copied();
        let duration = self.duration.as_ref().map(Param::get).transpose()?.map(|span| span.0);
        let within = duration.map(|span| schedule.before(span.as_nanos().try_into().unwrap_or(u64::MAX)));
        let records = match (records, within) {
            (Some(records), None) => records,
            (records, Some(Some(within))) => records.unwrap_or(u64::MAX).min(within),
            (_, Some(None)) => {
                return Err(ActionError::misconfigured(
                    "kafka-producer-perf-test knows no duration, and without a rate it cannot be told in records",
                    "give `records`, or a rate, or use the driver `native`",
                ));
            }
            (None, None) => {
                return Err(ActionError::misconfigured(
                    "the load has no end",
                    "give `records`, `duration`, or both",
                ));
            }
        };
        match records {
            0 => Err(ActionError::misconfigured("the load is to send nothing", "ask for one record or more")),
            records => Ok(Asked { records, size, rate }),
        }
    }
}

/// Lines of `windows.csv` as those of the driver `native`; what the tool does not tell is empty.
struct Rows<W: Write> {
    out: W,
    names: Vec<String>,
    start_s: f64,
    error: Option<io::Error>,
}

impl<W: Write> Rows<W> {
    fn begin(mut out: W) -> Self {
        let header = WindowsCsv::begin(Vec::new()).map(WindowsCsv::into_inner).unwrap_or_default();
        let text = String::from_utf8_lossy(&header).into_owned();
        let error = out.write_all(&header).err();
        Self { out, names: text.trim_end().split(',').map(str::to_owned).collect(), start_s: 0.0, error }
    }

    fn add(&mut self, window: &Window) {
        let length_s =
            if window.records_per_s > 0.0 { window.records as f64 / window.records_per_s } else { 0.0 };
        let cells: Vec<String> = self
            .names
            .iter()
            .map(|name| match name.as_str() {
                "start_s" => format!("{:.3}", self.start_s),
                "length_s" => format!("{length_s:.3}"),
                "records" => window.records.to_string(),
                "records_per_s" => format!("{:.1}", window.records_per_s),
                "mb_per_s" => format!("{:.2}", window.mb_per_s),
                "send_latency_ms_max" => window.max_ms.map_or(String::new(), |ms| format!("{ms:.1}")),
                _ => String::new(),
            })
            .collect();
        self.start_s += length_s;
        if let Err(error) = writeln!(self.out, "{}", cells.join(",")) {
            self.error.get_or_insert(error);
        }
    }
}

fn evidence(asked: &Asked, ran: &Ran) -> Evidence {
    const NOTHING: &str = "the tool came to no total";
    let scenario = &ran.scenario;
    let mut evidence = Evidence::default();
    let number = |value: Option<f64>, unit, otherwise: &str| {
        value.map_or_else(|| Value::missing(otherwise.to_owned()), |value| Value::number(value, unit))
    };
    let count = |value: Option<u64>| value.map_or_else(|| Value::missing(NOTHING.to_owned()), Value::count);
    let failed = scenario.records.map(|sent| asked.records.saturating_sub(sent));
    let rate = scenario.achieved_records_per_s;
    let ratio = match asked.rate {
        Some(asked) => number(rate.map(|rate| rate / asked), Unit::Ratio, NOTHING),
        None => Value::missing("the rate is unlimited: there is none to compare with".to_owned()),
    };
    let seconds = scenario.records.zip(rate).filter(|(_, rate)| *rate > 0.0).map(|(n, rate)| n as f64 / rate);
    evidence
        .put("records_asked", Value::count(asked.records))
        .put_from("records_sent", count(scenario.records), OUTPUT)
        .put_from("records_failed", count(failed), OUTPUT)
        .put_from("errors", count(failed), OUTPUT)
        .put_from("achieved_ratio", ratio, OUTPUT)
        .put_from("throughput.records_per_s", number(rate, Unit::RecordsPerSecond, NOTHING), OUTPUT)
        .put_from("throughput.mb_per_s", number(scenario.mb_per_s, Unit::MbPerSecond, NOTHING), OUTPUT)
        .put_from("duration_s", number(seconds, Unit::Seconds, NOTHING), OUTPUT);
    for (stat, value) in [
        ("avg", scenario.avg_ms),
        ("max", scenario.max_ms),
        ("p50", scenario.p50_ms),
        ("p95", scenario.p95_ms),
        ("p99", scenario.p99_ms),
        ("p999", scenario.p999_ms),
    ] {
        let name = format!("send_latency_ms.{stat}");
        evidence.put_from(name.as_str(), number(value, Unit::Milliseconds, NOTHING), OUTPUT);
        let why =
            "kafka-producer-perf-test measures from the send call, and does not know when a record was due";
        evidence.put(format!("latency_ms.{stat}").as_str(), Value::missing(why.to_owned()));
    }
    // The producer waits for room where its buffer is full.
    let waited = scenario
        .metrics
        .iter()
        .find(|(name, _)| name.starts_with("producer-metrics:bufferpool-wait-time-ns-total:"));
    if let Some(waited) = waited.and_then(|(_, ns)| ns.as_f64()) {
        evidence.put_from("saturated", Value::Flag(waited > 0.0), OUTPUT);
    }
    kafka_tools::fill(&mut evidence, Produce::OUTPUTS, Tool::Producer);
    evidence.remark("percentiles are whole milliseconds, of a sample of at most 500,000 records");
    evidence.remark(format!(
        "latencies are measured from the send call: what a record waited before it, because the tool was behind its {}, is in \
         none",
        if asked.rate.is_some() { "rate" } else { "own loop" }
    ));
    evidence.remark(format!(
        "records of {} letters from A to Z, as the tool makes them, without keys",
        asked.size
    ));
    for remark in &ran.remarks {
        evidence.remark(remark.clone());
    }
    evidence
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Scenario;

    fn produce(params: serde_json::Value) -> Produce {
        let mut all = serde_json::json!({
            "cluster": "source", "topic": "load", "record_size": 100, "rate": "1000/s", "driver": "kafka-tools"
        });
        for (key, value) in params.as_object().unwrap() {
            all[key] = value.clone();
        }
        serde_json::from_value(all).unwrap()
    }

    #[test]
    fn what_the_tool_cannot_do_is_refused_kindly() {
        for (params, expected) in [
            (serde_json::json!({}), "no end"),
            (serde_json::json!({"records": 0}), "send nothing"),
            (serde_json::json!({"records": 1, "record_size": 0}), "0 bytes"),
            (serde_json::json!({"records": 1, "warm_up": 1}), "warm_up"),
            (serde_json::json!({"records": 1, "sequence": true}), "sequence"),
            (serde_json::json!({"records": 1, "record_size": null}), "needs a `record_size`"),
            (serde_json::json!({"records": 1, "keys": "sequential"}), "no keys"),
            (serde_json::json!({"records": 1, "headers": {"a": "b"}}), "no headers"),
            (serde_json::json!({"records": 1, "clients": 2}), "one client"),
            (serde_json::json!({"records": 1, "payload": "zeros"}), "no other `payload`"),
            (serde_json::json!({"records": 1, "rate": "12.5/s"}), "whole records per second"),
            (serde_json::json!({"duration": "5s", "rate": "unlimited"}), "knows no duration"),
        ] {
            let Err(ActionError::Misconfigured { message, hint }) = produce(params.clone()).asked() else {
                panic!("{params}")
            };
            assert!(message.contains(expected) && !hint.is_empty(), "{params}: {message}");
        }
        let records = |params| produce(params).asked().unwrap().records;
        assert_eq!(records(serde_json::json!({"duration": "5s"})), 5000);
        assert_eq!(records(serde_json::json!({"duration": "5s", "records": 10})), 10);
        assert_eq!(records(serde_json::json!({"records": 7, "rate": "unlimited"})), 7);
    }

    #[test]
    fn windows_have_the_columns_of_the_other_driver() {
        let mut rows = Rows::begin(Vec::new());
        rows.add(&Window {
            line: 1,
            records: 500,
            records_per_s: 100.0,
            mb_per_s: 0.1,
            avg_ms: Some(2.0),
            max_ms: Some(9.0),
        });
        rows.add(&Window { records: 10, records_per_s: 2.0, ..Window::default() });
        let text = String::from_utf8(rows.out).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[1].starts_with("0.000,5.000,,500,100.0,0.10,") && lines[1].ends_with(",9.0"), "{text}");
        assert!(lines[2].starts_with("5.000,5.000,,10,2.0,"), "{text}");
        let columns = |line: &str| line.split(',').count();
        assert!(lines.iter().all(|line| columns(line) == columns(lines[0])), "{text}");
        assert!(
            WindowsCsv::begin(Vec::new()).is_ok_and(|csv| text.as_bytes().starts_with(&csv.into_inner()))
        );
    }

    #[test]
    fn a_scenario_without_a_window_keeps_its_reasons() {
        let missing = |value: Option<&Value>| matches!(value, Some(Value::Missing(why)) if why.contains("does not tell it"));
        let scenario = Scenario::default();
        assert!(scenario.records.is_none());
        let mut evidence = Evidence::default();
        kafka_tools::fill(&mut evidence, Produce::OUTPUTS, Tool::Producer);
        assert!(Produce::OUTPUTS.iter().all(|output| missing(evidence.get(output.name))));
    }
}
