//! The driver `kafka-tools`: `kafka-consumer-perf-test`.

use super::{Consume, From, messages};
use crate::{
    action::{
        ActionContext, ActionError, ActionFailure, Kind, amount,
        kafka_tools::{self, Ran, Tool},
        load_client::{self, Driver},
        refusals, service,
    },
    record::{Evidence, Unit, Value},
};

const OUTPUT: &str = "stdout.txt";

impl Consume {
    /// Lets Kafka's own tool read the topic.
    pub(super) async fn run_kafka_tools(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let arguments = self.arguments(cx)?;
        kafka_tools::find_topic(cx, &self.cluster, &self.topic).await?;
        let records = self.records.as_ref().and_then(|r| r.known().copied());
        cx.progress.update(&cx.action, 0, records, messages::tool_waits());
        let ran = kafka_tools::run(cx, Tool::Consumer, &self.cluster, &arguments, &self.properties.0, |_| ())
            .await?;
        let evidence = evidence(&ran);
        ran.conclude(Tool::Consumer, evidence)
    }

    fn arguments(&self, cx: &ActionContext) -> Result<Vec<String>, ActionError> {
        refusals::check(
            Driver::KafkaTools,
            &[
                ("members", *self.members.get()? > 1),
                ("duration", self.duration.is_some()),
                ("auto.offset.reset", self.properties.0.contains_key("auto.offset.reset")),
            ],
        )?;
        let (records, _) = amount::checked("consume", self.records.as_ref(), None, true)?;
        let records = records.ok_or_else(|| {
            ActionError::misconfigured(messages::tool_needs_records(), messages::give_records())
        })?;
        let idle_timeout = self.idle_timeout.get()?.0.as_millis().to_string();
        let servers = &service::cluster(cx, &self.cluster)?.bootstrap_servers;
        let group = self.group_name(cx);
        let mut arguments: Vec<String> = [
            ("--bootstrap-server", servers.clone()),
            ("--topic", self.topic.clone()),
            ("--messages", records.to_string()),
            ("--group", group),
            ("--timeout", idle_timeout),
        ]
        .into_iter()
        .flat_map(|(option, value)| [option.to_owned(), value])
        .collect();
        if self.from == From::Latest {
            arguments.push("--from-latest".to_owned());
        }
        arguments.push("--print-metrics".to_owned());
        Ok(arguments)
    }
}

fn evidence(ran: &Ran) -> Evidence {
    let scenario = &ran.scenario;
    let mut evidence = Evidence::default();
    let column = |name: &str| scenario.metrics.get(name).and_then(serde_json::Value::as_f64);
    let none = kafka_tools::no_total();
    let number = |value: Option<f64>, unit| load_client::number(value, unit, &none);
    let records = scenario.records.map_or_else(|| Value::missing(&none), Value::count);
    evidence
        .put_from("records", records, OUTPUT)
        .put_from(
            "throughput.records_per_s",
            number(column("fetch.nMsg.sec"), Unit::RecordsPerSecond),
            OUTPUT,
        )
        .put_from("throughput.mb_per_s", number(column("fetch.MB.sec"), Unit::MbPerSecond), OUTPUT)
        .put_from("join_ms", number(column("rebalance.time.ms"), Unit::Milliseconds), OUTPUT)
        .put_from("duration_s", number(column("fetch.time.ms").map(|ms| ms / 1e3), Unit::Seconds), OUTPUT);
    kafka_tools::fill(&mut evidence, Consume::OUTPUTS, Tool::Consumer);
    evidence.remark(messages::tool_rates()).remark(messages::tool_reads_batches()).remark_all(&ran.remarks);
    evidence
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::load_client::testing::{context, environment};

    #[test]
    fn what_the_tool_cannot_do_is_refused_kindly() {
        let root = tempfile::tempdir().unwrap();
        let (cx, _progress) = context(root.path(), environment(&[("source", "b:9092")]));
        let arguments = |params: serde_json::Value| {
            let mut all = serde_json::json!({"cluster": "source", "topic": "load", "driver": "kafka-tools"});
            all.as_object_mut().unwrap().extend(params.as_object().unwrap().clone());
            serde_json::from_value::<Consume>(all).unwrap().arguments(&cx)
        };
        for (params, expected) in [
            (serde_json::json!({}), "how many `records`"),
            (serde_json::json!({"records": 0}), "would do nothing"),
            (serde_json::json!({"records": 1, "duration": "5s"}), "no `duration`"),
            (
                serde_json::json!({"records": 1, "properties": {"auto.offset.reset": "latest"}}),
                "sets `auto.offset.reset`",
            ),
        ] {
            let Err(ActionError::Misconfigured { message, hint }) = arguments(params.clone()) else {
                panic!("{params}")
            };
            assert!(message.contains(expected) && !hint.is_empty(), "{params}: {message}");
        }
        let given =
            arguments(serde_json::json!({"records": 5, "from": "latest", "group": "g"})).unwrap().join(" ");
        assert_eq!(
            given,
            "--bootstrap-server b:9092 --topic load --messages 5 --group g --timeout 10000 --from-latest --print-metrics"
        );
    }
}
