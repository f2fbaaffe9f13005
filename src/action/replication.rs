//! `replication`: compares a topic with its copy on another cluster, record by record.

use super::{
    Action, ActionContext, ActionError, ActionFailure, Kind, Mistake, Need, OnInterrupt, Output, Param, Span,
    flag_output,
    latency::{self, latency_outputs, outputs},
    load_client::{self, Properties},
    mistakes, output,
};
use crate::{
    clients::{Environment, kafka::Role},
    load::verify::{self, Ended, Outcome, Side, Spec},
    record::{ActionRole, Evidence, Family, Said, Unit, Value, messages},
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
    const ROLE: ActionRole = ActionRole::Check;
    const WATCH: bool = false;
    const OUTPUTS: &'static [Output] = outputs![
        &[
            output("records_expected", Unit::Count, "Stamped records on the source, each counted once."),
            output("records_arrived", Unit::Count, "Those of them that are on the target, unchanged."),
            output("lost", Unit::Count, "Those of them that are not.").of(Family::Loss),
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
            )
            .of(Family::Loss),
            flag_output("complete", "Whether every record arrived."),
            output(
                "catch_up_s",
                Unit::Seconds,
                "From the moment at which the source was complete to the last arrival, at most; 0 where all was there.",
            ),
        ],
        latency_outputs!(
            "latency_ms",
            LatencyOfReplication,
            "time from a record's creation to its arrival on the target"
        ),
    ];
}

#[async_trait::async_trait]
impl Action for Replication {
    fn describe(&self) -> Said {
        compare(&self.topic, &self.source, self.target_topic(), &self.target, &self.within)
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
        mistakes::clusters(environment, &[("source", &self.source), ("target", &self.target)])
    }

    fn needs(&self, _environment: &Environment) -> Vec<Need> {
        vec![Need::Read { cluster: self.source.clone(), topic: self.topic.clone() }]
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
                cx.progress.update(&cx.action, target, Some(source), records_compared());
            };
            verify::run(&work, &mut tell, &cx.cancel).map_err(|e| load_client::fault(e, &clusters))
        })
        .await??;

        cx.artifacts.write(COUNTS, "text/csv", partitions_csv(&outcome).as_bytes())?;
        cx.artifacts.write_json(RESULT, &result_json(&outcome))?;
        let mut evidence = evidence(&outcome);
        evidence.remark_all(outcome.remarks(&spec)).remark_all(source.remarks).remark_all(target.remarks);
        if outcome.ended == Ended::Cancelled {
            return Err(ActionError::Cancelled.with(evidence));
        }
        let silent = match outcome.ended {
            Ended::SourceSilent => Some(&self.source),
            Ended::TargetSilent => Some(&self.target),
            _ => None,
        };
        if let Some(name) = silent {
            return Err(load_client::unreachable(cx, name, stopped_answering()).with(evidence));
        }
        if outcome.comparison.expected == 0 {
            return Err(ActionError::misconfigured(
                nothing_stamped(&self.topic, &self.source),
                produce_first(),
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
    let catch_up = outcome.catch_up.map(|time| time.as_secs_f64());
    let catch_up = load_client::number(catch_up, Unit::Seconds, &not_arrived(found.lost));
    evidence.put_from("catch_up_s", catch_up, RESULT);
    latency::put(&mut evidence, "latency_ms", &outcome.latency, RESULT, &none_while_waiting());
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
    let latency = latency::json(&outcome.latency).map(|mut json| {
        json["from"] = "creation time in the record's stamp".into();
        json["to"] =
            if outcome.log_append_time { "LogAppendTime on the target" } else { "this reader's clock" }
                .into();
        json
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

messages! {
    area "replication";
    compare(topic, source, copy, target, within) => "compare `{topic}` of cluster `{source}` with `{copy}` of cluster `{target}`, which has {within} to catch up" / "comparer `{topic}` du cluster `{source}` à `{copy}` du cluster `{target}`, qui a {within} pour rattraper";
    none_while_waiting() => "no record arrived while it was waited for, so nobody knows when; run this in parallel with the load, with `records`" / "aucun enregistrement n'est arrivé pendant l'attente, donc nul ne sait quand ; exécuter ceci en parallèle de la charge, avec `records`";
    not_arrived(records) => "{records} {records|record has|records have} not arrived" / "{records} {records|enregistrement n'est pas arrivé|enregistrements ne sont pas arrivés}";
    nothing_stamped(topic, cluster) => "`{topic}` of cluster `{cluster}` holds no stamped record" / "`{topic}` du cluster `{cluster}` ne contient aucun enregistrement marqué";
    produce_first() => "produce to it with `sequence: true` first" / "y produire d'abord avec `sequence: true`";
    records_compared() => "records compared" / "enregistrements comparés";
    stopped_answering() => "it stopped answering, so the comparison is not complete" / "il ne répond plus, la comparaison n'est donc pas complète";
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
