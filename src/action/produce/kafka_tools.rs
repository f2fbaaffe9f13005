//! The driver `kafka-tools`: `kafka-producer-perf-test`, read while it runs.

use super::{Produce, messages};
use crate::{
    action::{
        ActionContext, ActionError, ActionFailure, Kind, amount,
        filling::Filling,
        kafka_tools::{self, Ran, Tool},
        latency,
        load_client::{self, Driver},
        refusals,
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
                let message = load_client::per_s(window.records_per_s);
                cx.progress.update(&cx.action, sent, Some(asked.records), message);
            })
            .await?;
        rows.out.finish()?;
        if let Some(error) = rows.error {
            return Err(load_client::lost(error).into());
        }
        let evidence = evidence(&asked, &ran);
        ran.conclude(Tool::Producer, evidence)
    }

    /// What the tool can do of what the step asks for; the rest is refused.
    fn asked(&self) -> Result<Asked, ActionError> {
        let size = amount::size("produce", self.record_size.as_ref())?;
        let pacing = self.rate.get()?;
        refusals::check(
            Driver::KafkaTools,
            &[
                ("rate", !matches!(pacing, Pacing::Rate(_) | Pacing::Unlimited)),
                ("warm_up", *self.warm_up.get()? > 0),
                ("clients", self.clients.get()?.get() > 1),
                ("sequence", *self.sequence.get()?),
                ("keys", self.keys != Keys::None),
                ("headers", !self.headers.is_empty()),
                ("payload", !matches!(self.payload, Filling::Letters | Filling::Random)),
            ],
        )?;
        let schedule = pacing.schedule(size, 0);
        let rate = schedule.records_per_s();
        if let Some(rate) = rate.filter(|rate| rate.fract() != 0.0 || *rate > f64::from(i32::MAX)) {
            return Err(ActionError::misconfigured(
                messages::tool_needs_whole_rate(rate),
                messages::give_whole_rate(),
            ));
        }
        let (records, duration) =
            amount::checked("produce", self.records.as_ref(), self.duration.as_ref(), false)?;
        let within = duration.map(|span| schedule.before(span.as_nanos().try_into().unwrap_or(u64::MAX)));
        let records = match (records, within) {
            (_, Some(None)) => {
                return Err(ActionError::misconfigured(
                    messages::no_duration_without_rate(),
                    messages::give_records_or_rate(),
                ));
            }
            (records, within) => records.into_iter().chain(within.flatten()).min(),
        };
        match records {
            None | Some(0) => Err(amount::nothing("produce")),
            Some(records) => Ok(Asked { records, size, rate }),
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
    let scenario = &ran.scenario;
    let mut evidence = Evidence::default();
    let none = kafka_tools::no_total();
    let number = |value: Option<f64>, unit| load_client::number(value, unit, &none);
    let count = |value: Option<u64>| value.map_or_else(|| Value::missing(&none), Value::count);
    let failed = scenario.records.map(|sent| asked.records.saturating_sub(sent));
    let rate = scenario.achieved_records_per_s;
    let ratio = match asked.rate {
        Some(asked) => number(rate.map(|rate| rate / asked), Unit::Ratio),
        None => load_client::ratio_unknown(),
    };
    let seconds = scenario.records.zip(rate).filter(|(_, rate)| *rate > 0.0).map(|(n, rate)| n as f64 / rate);
    evidence
        .put("records_asked", Value::count(asked.records))
        .put_from("records_sent", count(scenario.records), OUTPUT)
        .put_from("records_failed", count(failed), OUTPUT)
        .put_from("errors", count(failed), OUTPUT)
        .put_from("achieved_ratio", ratio, OUTPUT)
        .put_from("throughput.records_per_s", number(rate, Unit::RecordsPerSecond), OUTPUT)
        .put_from("throughput.mb_per_s", number(scenario.mb_per_s, Unit::MbPerSecond), OUTPUT)
        .put_from("duration_s", number(seconds, Unit::Seconds), OUTPUT);
    let figures = [
        scenario.avg_ms,
        scenario.max_ms,
        scenario.p50_ms,
        scenario.p95_ms,
        scenario.p99_ms,
        scenario.p999_ms,
    ];
    let figures = figures.map(|figure| latency::milliseconds(figure, &none));
    latency::put_values(&mut evidence, "send_latency_ms", OUTPUT, figures);
    latency::put_missing(&mut evidence, "latency_ms", &messages::tool_measures_from_send());
    // The producer waits for room where its buffer is full.
    let waited = scenario
        .metrics
        .iter()
        .find(|(name, _)| name.starts_with("producer-metrics:bufferpool-wait-time-ns-total:"));
    if let Some(waited) = waited.and_then(|(_, ns)| ns.as_f64()) {
        evidence.put_from("saturated", Value::Flag(waited > 0.0), OUTPUT);
    }
    kafka_tools::fill(&mut evidence, Produce::OUTPUTS, Tool::Producer);
    evidence
        .remark(messages::percentiles_sampled())
        .remark(match asked.rate {
            Some(_) => messages::tool_behind_rate(),
            None => messages::tool_behind_loop(),
        })
        .remark(messages::letters(asked.size))
        .remark_all(&ran.remarks);
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
            (serde_json::json!({"records": 0}), "would do nothing"),
            (serde_json::json!({"records": 1, "record_size": 0}), "0 bytes"),
            (serde_json::json!({"records": 1, "warm_up": 1}), "warm_up"),
            (serde_json::json!({"records": 1, "sequence": true}), "sequence"),
            (serde_json::json!({"records": 1, "record_size": null}), "needs a `record_size`"),
            (serde_json::json!({"records": 1, "keys": "sequential"}), "no keys"),
            (serde_json::json!({"records": 1, "headers": {"a": "b"}}), "no headers"),
            (serde_json::json!({"records": 1, "clients": 2}), "one client"),
            (serde_json::json!({"records": 1, "payload": "zeros"}), "no other `payload`"),
            (serde_json::json!({"records": 1, "rate": "12.5/s"}), "whole records per second"),
            (serde_json::json!({"duration": "5s", "rate": "unlimited"}), "has no duration"),
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
        let missing = |value: Option<&Value>| matches!(value, Some(Value::Missing(why)) if why.contains("does not report it"));
        let scenario = Scenario::default();
        assert!(scenario.records.is_none());
        let mut evidence = Evidence::default();
        kafka_tools::fill(&mut evidence, Produce::OUTPUTS, Tool::Producer);
        assert!(Produce::OUTPUTS.iter().all(|output| missing(evidence.get(output.name))));
    }
}
