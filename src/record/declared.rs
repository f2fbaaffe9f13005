//! [`Declared`]: what an action says of itself in the record, so that a reader needs to know no kind by its name.

use super::{ActionId, Evidence, Unit, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The role of an action in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ActionRole {
    /// It changes the platform, or may.
    Change,
    /// It reads the state of the platform and changes nothing.
    Check,
    /// It breaks something on purpose.
    Fault,
    /// It puts load on the platform and measures what that does.
    Load,
    /// It waits, for a time or for a person.
    Wait,
}

impl ActionRole {
    /// Whether it may do something outside this process that must not happen before it is recorded.
    pub const fn has_effect(self) -> bool {
        !matches!(self, Self::Check | Self::Wait)
    }
}

/// What a value of evidence is, whatever its name.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Time that a service took to answer.
    AnswerTime,
    /// The highest rate at which a condition holds.
    Capacity,
    /// Days until the first certificate expires.
    CertificateDays,
    /// How many connectors there are.
    Connectors,
    /// The state of the connector that the parameter `name` names.
    ConnectorState,
    /// A number of things, without a unit.
    Count,
    /// Percent of the processors of brokers that were busy.
    CpuUse,
    /// Settings that are not as they should be.
    Deviations,
    /// Everything in which two clusters differ that should be equal.
    Differences,
    /// Failovers that were tried.
    Drills,
    /// A boolean, such as whether a service is up.
    Flag,
    /// Time since the newest heartbeat of a flow.
    HeartbeatAge,
    /// Records that replication has not copied yet.
    Lag,
    /// Time from the intended send to what is waited for: an answer or an arrival.
    LatencyFromIntended,
    /// The same from the call that sent.
    LatencyFromSend,
    /// Time from a record's timestamp to its arrival at a consumer.
    LatencyFromTimestamp,
    /// Time that the commit of a transaction took.
    LatencyOfCommit,
    /// Time from a record's creation to its arrival on the cluster to which it is copied.
    LatencyOfReplication,
    /// Time from the intended send to the acknowledgement, beside the time to the arrival.
    LatencyUntilAcknowledged,
    /// Records that failed, did not arrive or arrived damaged.
    Loss,
    /// A number without a unit.
    Number,
    /// Time that a page of metrics took to come.
    PageTime,
    /// A number from 0 to 100, in percent.
    Percent,
    /// A rate in records per second.
    Rate,
    /// A share from 0 to 1, or a ratio of two values.
    Ratio,
    /// Partitions of groups whose offsets are not translated.
    Untranslated,
    /// How long ago a target was scraped.
    ScrapeAge,
    /// A size in bytes.
    Size,
    /// Targets of Prometheus that do not answer.
    TargetsDown,
    /// A text, such as a version or a state.
    Text,
    /// A throughput in MB per second (1024 × 1024 bytes).
    Throughput,
    /// A time that is none of the latencies.
    Time,
    /// How long ZooKeeper takes to answer.
    ZookeeperLatency,
}

impl Family {
    /// The latencies of a load or of a check of replication, from the one that matters most.
    pub const LATENCIES: [Self; 4] = [
        Self::LatencyFromIntended,
        Self::LatencyFromSend,
        Self::LatencyFromTimestamp,
        Self::LatencyOfReplication,
    ];

    /// The latencies in which the time stands that a record waits in a client that has fallen behind.
    pub const OF_THE_CLIENT: [Self; 3] =
        [Self::LatencyFromIntended, Self::LatencyFromSend, Self::LatencyUntilAcknowledged];

    /// That of a number of which only the unit is known.
    pub const fn of_unit(unit: Unit) -> Self {
        match unit {
            Unit::Bytes => Self::Size,
            Unit::Count => Self::Count,
            Unit::MbPerSecond => Self::Throughput,
            Unit::Milliseconds | Unit::Seconds => Self::Time,
            Unit::None => Self::Number,
            Unit::Percent => Self::Percent,
            Unit::Ratio => Self::Ratio,
            Unit::RecordsPerSecond => Self::Rate,
        }
    }
}

/// The statistics that a latency has as outputs, `latency_ms.p99`.
pub const STATISTICS: [&str; 6] = ["avg", "max", "p50", "p95", "p99", "p999"];

/// What an action says of itself when it starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Declared {
    /// Whether the action changes, checks, breaks or loads the platform, or waits.
    pub role: ActionRole,
    /// The family of each output that it promises, by name. Where several outputs are figures of one thing
    /// (`latency_ms.p99`), what stands before the last dot has the family.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub families: BTreeMap<String, Family>,
}

impl Default for Declared {
    /// Of something of which nothing is known: it may have changed anything.
    fn default() -> Self {
        Self { role: ActionRole::Change, families: BTreeMap::new() }
    }
}

impl Declared {
    /// The family of an output, where it was promised.
    pub fn family(&self, output: &str) -> Option<Family> {
        let whole = || output.rsplit_once('.').map(|(whole, _)| whole);
        self.families.get(output).or_else(|| self.families.get(whole()?)).copied()
    }

    /// The outputs of a family.
    pub fn of(&self, family: Family) -> impl Iterator<Item = &str> {
        self.families.iter().filter(move |(_, own)| **own == family).map(|(name, _)| name.as_str())
    }

    /// Whether there are outputs of that family.
    pub fn has(&self, family: Family) -> bool {
        self.of(family).next().is_some()
    }

    /// The latencies, each with its family, from the one that matters most.
    pub fn latencies(&self) -> impl Iterator<Item = (&str, Family)> {
        Family::LATENCIES.into_iter().flat_map(|family| self.of(family).map(move |name| (name, family)))
    }

    /// Whether it measures a load second by second, as opposed to a search that makes several loads.
    pub fn is_measured_load(&self) -> bool {
        self.role == ActionRole::Load && !self.has(Family::Capacity)
    }

    /// The first value of that family.
    pub fn value<'e>(&self, family: Family, evidence: &'e Evidence) -> Option<&'e Value> {
        self.of(family).find_map(|name| evidence.get(name))
    }

    /// What a journal of that format holds of an action. Before format 3 it holds the kind alone, or knew fewer families.
    pub(crate) fn read(recorded: Option<&Self>, format: u32, kind: &str, params: &serde_json::Value) -> Self {
        let before = || Self::of_kind_before(kind, params);
        let Some(recorded) = recorded else { return before() };
        let mut all = recorded.clone();
        if format < 3 {
            let known = before().families.into_iter();
            all.families.extend(known.filter(|(name, _)| recorded.families.contains_key(name)));
        }
        all
    }

    /// The same of a watch.
    pub(crate) fn read_watch(recorded: Option<&Self>, format: u32, kind: &str, watch: &ActionId) -> Self {
        let mut declared = Self::read(recorded, format, kind, &serde_json::Value::Null);
        // What the shipped plan called so before it had a name for the figure.
        if format < 3 && kind == "prometheus" && watch.as_str() == "cpu_percent" {
            declared.families.insert("value".to_owned(), Family::CpuUse);
        }
        declared
    }

    /// What an action of that kind would have said in a journal of before 0.2, which held the kind alone. The table is
    /// closed: a newer kind says it itself.
    fn of_kind_before(kind: &str, params: &serde_json::Value) -> Self {
        use Family as F;
        const RATES: [(&str, Family); 2] =
            [("throughput.mb_per_s", F::Throughput), ("throughput.records_per_s", F::Rate)];
        let of = |role, families: &[(&str, Family)]| Self {
            role,
            families: families.iter().map(|(name, family)| ((*name).to_owned(), *family)).collect(),
        };
        let load = |families: &[(&str, Family)]| of(ActionRole::Load, &[families, &RATES].concat());
        match kind {
            "capacity" => {
                let found = [("rate.mb_per_s", F::Capacity), ("rate.records_per_s", F::Capacity)];
                of(ActionRole::Load, &[&found[..], &[("latency_ms", F::LatencyFromIntended)]].concat())
            }
            "cluster" | "snapshot" => of(ActionRole::Check, &[]),
            "config-audit" => of(ActionRole::Check, &[("deviations", F::Deviations)]),
            "connect" => of(ActionRole::Check, &[("connectors", F::Connectors)]),
            "connector" => of(ActionRole::Change, &[("state", F::ConnectorState)]),
            "consume" => load(&[("end_to_end_ms", F::LatencyFromTimestamp)]),
            "end-to-end" => load(&[
                ("ack_latency_ms", F::LatencyUntilAcknowledged),
                ("corrupt", F::Loss),
                ("latency_ms", F::LatencyFromIntended),
                ("lost", F::Loss),
                ("records_failed", F::Loss),
                ("send_latency_ms", F::LatencyFromSend),
            ]),
            "fault" => of(ActionRole::Fault, &[]),
            "http" => match params.get("method").and_then(serde_json::Value::as_str) {
                Some(method) if !method.eq_ignore_ascii_case("get") => Self::default(),
                _ => of(ActionRole::Check, &[("response_ms", F::AnswerTime)]),
            },
            "lag" => of(ActionRole::Check, &[("lag_records", F::Lag)]),
            "manual" | "wait" => of(ActionRole::Wait, &[]),
            "produce" => load(&[
                ("latency_ms", F::LatencyFromIntended),
                ("records_failed", F::Loss),
                ("send_latency_ms", F::LatencyFromSend),
            ]),
            "prometheus" => {
                let query = params.get("query").and_then(serde_json::Value::as_str);
                let age = query == Some("max(time() - timestamp(up))");
                let asked = if age { [("value", F::ScrapeAge)] } else { [("targets_down", F::TargetsDown)] };
                of(ActionRole::Check, &asked)
            }
            "replication" => of(
                ActionRole::Check,
                &[("corrupt", F::Loss), ("latency_ms", F::LatencyOfReplication), ("lost", F::Loss)],
            ),
            "scrape" => of(ActionRole::Check, &[("scrape_ms", F::PageTime)]),
            "zookeeper" => of(ActionRole::Check, &[("avg_latency_ms", F::ZookeeperLatency)]),
            _ => Self::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_recorded_is_what_an_output_is() {
        let age = json!({"query": "max(time() - timestamp(up))"});
        let alone = Declared::read(None, 1, "prometheus", &age);
        assert_eq!(alone.family("value"), Some(Family::ScrapeAge));
        let families = BTreeMap::from([("value".to_owned(), Family::Number)]);
        let recorded = Declared { role: ActionRole::Check, families };
        assert_eq!(Declared::read(Some(&recorded), 3, "prometheus", &age), recorded);
        let older = Declared::read(Some(&recorded), 2, "prometheus", &age);
        assert_eq!(older.family("value"), Some(Family::ScrapeAge));
    }
}
