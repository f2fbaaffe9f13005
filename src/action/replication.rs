//! `replication`: compares a topic with its copy on another cluster, record by record.

use super::{
    Action, ActionContext, ActionError, ActionFailure, Kind, Mistake, OnInterrupt, Output, Param, Span,
    flag_output,
    load_client::{self, Properties},
    mistake, output,
};
use crate::{
    clients::{Environment, kafka::Role},
    load::verify::{self, Ended, Outcome, Side, Spec},
    record::{Evidence, Said, Unit, Value},
};
use serde::Deserialize;
use std::{fmt::Write, time::Duration};

/// Parameters of `replication`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Replication {
    /// The cluster to which `produce` sent stamped records (`sequence: true`), by its name in the environment.
    source: String,
    /// The cluster where they are to arrive.
    target: String,
    /// The topic on the source.
    topic: String,
    /// The topic on the target; MirrorMaker 2's default name, `<source>.<topic>`, where it is not given.
    #[serde(default)]
    target_topic: Option<String>,
    /// How long the target may take once the source is complete.
    within: Param<Span>,
    /// Take the source for complete when it holds so many stamped records, and read along until then: beside a
    /// `produce` that runs in parallel, this measures the latency of every record. Without it, the source is complete
    /// as it is when this starts.
    #[serde(default)]
    records: Option<Param<u64>>,
}

const COUNTS: &str = "partitions.csv";
const RESULT: &str = "comparison.json";

impl Kind for Replication {
    const SUMMARY: &'static str = "Compares a topic with its copy on another cluster, record by record: what is lost, repeated, out of order or \
         changed.";
    const EXAMPLE: &'static str = "\
replication:
  id: copied
  source: source
  target: target
  topic: perf.nominal
  within: 2m
";
    const OUTPUTS: &'static [Output] = &[
        output("records_expected", Unit::Count, "Stamped records on the source, each counted once."),
        output("records_arrived", Unit::Count, "Those of them that are on the target, unchanged."),
        output("lost", Unit::Count, "Those of them that are not."),
        output("duplicated", Unit::Count, "Repeats on the target beyond the source's own."),
        output(
            "reordered",
            Unit::Count,
            "Records that come after a later one of their partition, beyond the source's own.",
        ),
        output(
            "corrupt",
            Unit::Count,
            "Records whose bytes are not those that were sent, beyond the source's own.",
        ),
        flag_output("complete", "Whether every record arrived."),
        output(
            "catch_up_s",
            Unit::Seconds,
            "From the moment at which the source was complete to the last arrival, at most; 0 where all was there.",
        ),
        output(
            "latency_ms.p50",
            Unit::Milliseconds,
            "Median time from a record's creation to its arrival on the target.",
        ),
        output("latency_ms.p95", Unit::Milliseconds, "95th percentile of these times."),
        output("latency_ms.p99", Unit::Milliseconds, "99th percentile of these times."),
        output("latency_ms.max", Unit::Milliseconds, "Longest of these times."),
    ];
}

#[async_trait::async_trait]
impl Action for Replication {
    fn describe(&self) -> Said {
        let text: String = {
            format!(
                "compare `{}` of cluster `{}` with `{}` of cluster `{}`, which has {} to catch up",
                self.topic,
                self.source,
                self.target_topic(),
                self.target,
                self.within
            )
        };
        text.into()
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    /// Reading itself takes time too: an hour for it.
    fn time_limit(&self) -> Duration {
        let within = self.within.known().map_or(Duration::ZERO, |within| within.0);
        within.saturating_mul(2).saturating_add(Duration::from_secs(3600))
    }

    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        mistake::clusters(environment, &[("source", &self.source), ("target", &self.target)])
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let none = Properties::default();
        let source = load_client::settings(cx, &self.source, Role::Consumer, &none).await?;
        let target = load_client::settings(cx, &self.target, Role::Consumer, &none).await?;
        let spec = Spec {
            source: Side { config: source.config.clone(), topic: self.topic.clone() },
            target: Side { config: target.config.clone(), topic: self.target_topic() },
            within: self.within.get()?.0,
            records: self.records.as_ref().map(Param::get).transpose()?.copied(),
        };
        let about = |cluster: &str, topic: &str| serde_json::json!({"cluster": cluster, "topic": topic});
        cx.artifacts.write_json(
            "settings.json",
            &[
                load_client::settings_json(&source, about(&self.source, &self.topic)),
                load_client::settings_json(&target, about(&self.target, &self.target_topic())),
            ],
        )?;

        let clusters = format!("{}` or `{}", self.source, self.target);
        let work = spec.clone();
        let outcome = load_client::on_own_thread(cx, move |cx| {
            let mut tell = |(source, target)| {
                cx.progress.update(&cx.action, target, Some(source), "records compared");
            };
            verify::run(&work, &mut tell, &cx.cancel).map_err(|e| load_client::fault(e, &clusters))
        })
        .await??;

        cx.artifacts.write(COUNTS, "text/csv", partitions_csv(&outcome).as_bytes())?;
        cx.artifacts.write_json(RESULT, &result_json(&outcome))?;
        let mut evidence = evidence(&outcome);
        for remark in
            outcome.remarks(&spec).into_iter().map(Said::from).chain(source.remarks).chain(target.remarks)
        {
            evidence.remark(remark);
        }
        if outcome.ended == Ended::Cancelled {
            return Err(ActionError::Cancelled.with(evidence));
        }
        let silent = match outcome.ended {
            Ended::SourceSilent => Some(&self.source),
            Ended::TargetSilent => Some(&self.target),
            _ => None,
        };
        if let Some(name) = silent {
            let error = ActionError::Unreachable {
                service: super::kafka_access::kafka_cluster(name),
                address: cx
                    .environment
                    .clusters
                    .get(name)
                    .map_or_else(String::new, |c| c.bootstrap_servers.clone()),
                cause: "it stopped answering, so the comparison is not complete".into(),
            };
            return Err(error.with(evidence));
        }
        if outcome.comparison.expected == 0 {
            return Err(ActionError::misconfigured(
                format!("`{}` of cluster `{}` holds no stamped record", self.topic, self.source),
                "produce to it with `sequence: true` first".to_owned(),
            )
            .with(evidence));
        }
        Ok(evidence)
    }
}

impl Replication {
    fn target_topic(&self) -> String {
        self.target_topic.clone().unwrap_or_else(|| format!("{}.{}", self.source, self.topic))
    }
}

fn evidence(outcome: &Outcome) -> Evidence {
    let mut evidence = Evidence::default();
    let found = &outcome.comparison;
    for (name, count) in [
        ("records_expected", found.expected),
        ("records_arrived", found.arrived),
        ("lost", found.lost),
        ("duplicated", found.duplicated),
        ("reordered", found.reordered),
        ("corrupt", found.corrupt),
    ] {
        evidence.put_from(name, Value::count(count), RESULT);
    }
    let complete = found.lost == 0 && outcome.ended == Ended::Complete;
    evidence.put_from("complete", Value::Flag(complete), RESULT);
    let catch_up = outcome.catch_up.map_or_else(
        || Value::missing(format!("{} records have not arrived", found.lost)),
        |time| Value::number(time.as_secs_f64(), Unit::Seconds),
    );
    evidence.put_from("catch_up_s", catch_up, RESULT);
    let summary = outcome.latency.summary();
    for (name, value) in [
        ("latency_ms.p50", summary.map(|s| s.p50)),
        ("latency_ms.p95", summary.map(|s| s.p95)),
        ("latency_ms.p99", summary.map(|s| s.p99)),
        ("latency_ms.max", summary.map(|s| s.max)),
    ] {
        let value = value.map_or_else(
            || {
                Value::missing(
                    "no record arrived while it was waited for, so nobody can tell when; run this in parallel with \
                     the load, with `records`"
                        .to_owned(),
                )
            },
            |value| Value::number(value, Unit::Milliseconds),
        );
        evidence.put_from(name, value, RESULT);
    }
    evidence
}

/// A line a partition: what was found on the source and on the target.
fn partitions_csv(outcome: &Outcome) -> String {
    let mut csv = "partition,side,whole,repeated,reordered,corrupt,foreign\n".to_owned();
    for (number, (source, target)) in &outcome.partitions {
        for (side, c) in [("source", source), ("target", target)] {
            let _ = writeln!(
                csv,
                "{number},{side},{},{},{},{},{}",
                c.whole, c.repeated, c.reordered, c.corrupt, c.foreign
            );
        }
    }
    csv
}

fn result_json(outcome: &Outcome) -> serde_json::Value {
    let found = &outcome.comparison;
    let latency = outcome.latency.summary().map(|s| {
        serde_json::json!({
            "records": outcome.latency.len(), "avg_ms": s.avg, "p50_ms": s.p50, "p95_ms": s.p95, "p99_ms": s.p99,
            "p999_ms": s.p999, "max_ms": s.max,
            "from": "creation time in the record's stamp",
            "to": if outcome.log_append_time { "LogAppendTime on the target" } else { "this reader's clock" },
        })
    });
    let lost: Vec<_> = found
        .lost_ranges
        .iter()
        .map(|(token, first, last)| {
            serde_json::json!({"stamps": format!("{token:016x}"), "first": first, "last": last})
        })
        .collect();
    serde_json::json!({
        "expected": found.expected, "arrived": found.arrived, "lost": found.lost, "duplicated": found.duplicated,
        "reordered": found.reordered, "corrupt": found.corrupt, "unexpected": found.unexpected,
        "lost_ranges": lost, "catch_up_s": outcome.catch_up.map(|t| t.as_secs_f64()), "latency": latency,
        "ended": format!("{:?}", outcome.ended), "source_begins_at": outcome.source_begins,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        action::load_client::testing::{context, environment},
        load::MockCluster,
    };

    #[tokio::test(flavor = "multi_thread")]
    async fn what_did_not_arrive_is_lost_and_every_output_is_there() {
        let (source, target) = (MockCluster::new(1).unwrap(), MockCluster::new(1).unwrap());
        source.create_topic("load", 2, 1).unwrap();
        target.create_topic("source.load", 2, 1).unwrap();
        let clusters = [("source", &*source.bootstrap_servers()), ("target", &*target.bootstrap_servers())];
        let root = tempfile::tempdir().unwrap();
        let (cx, _progress) = context(root.path(), environment(&clusters));
        let produce = serde_json::json!({"cluster": "source", "topic": "load", "records": 100, "record_size": 100,
            "rate": "unlimited", "sequence": true});
        let produce = (super::super::kind("produce").unwrap().parse)(&produce).unwrap();
        let replication =
            serde_json::json!({"source": "source", "target": "target", "topic": "load", "within": "2s"});
        let replication: Replication = serde_json::from_value(replication).unwrap();

        let failure = replication.run(&cx).await.unwrap_err();
        assert!(failure.error.to_string().contains("holds no stamped record"), "{}", failure.error);

        produce.run(&cx).await.unwrap();
        let evidence = replication.run(&cx).await.unwrap();
        for output in Replication::OUTPUTS {
            assert!(evidence.get(output.name).is_some(), "no {}", output.name);
        }
        assert_eq!(evidence.get("lost"), Some(&Value::count(100)));
        assert_eq!(evidence.get("complete"), Some(&Value::Flag(false)));
        assert!(
            matches!(evidence.get("catch_up_s"), Some(Value::Missing(why)) if why.contains("100 records"))
        );
        assert!(evidence.remarks.iter().any(|r| r.contains("had not arrived within 2 s")), "{evidence:?}");
    }
}
