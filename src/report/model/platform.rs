//! Rows of the analysis, of the platform and of what was done to it.

use super::{
    body::Comparison,
    figure::{Figure, Reference, Statement},
};
use crate::compare;
use serde::Serialize;

/// Comparisons of loads and runs, from evidence alone.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Analysis {
    /// Loads of the same kind and client that differ in one parameter.
    pub pairs: Vec<PairRow>,
    /// How many more such pairs there are.
    pub further: usize,
    /// The run that the latest one is compared with, where there is one.
    pub against_run: Option<String>,
    /// What else differed between the two runs.
    pub differs: Vec<String>,
    /// What of that could not be told.
    pub unknown: Vec<String>,
    /// Figures of both runs, one row for each load and output.
    pub against: Vec<AgainstRow>,
    /// What the platform did during each load.
    pub context: Vec<ContextRow>,
    /// Loads beside each other: capped and not, by record size, by setting.
    pub comparisons: Vec<Comparison>,
    /// General facts about the parameters that differ.
    pub explanations: Vec<ExplanationRow>,
}

/// Two loads that differ in one parameter.
#[derive(Debug, Clone, Serialize)]
pub struct PairRow {
    /// What sort of comparison it is, in a word of the language.
    pub what: String,
    /// Name of the parameter that differs, such as `record_size` or `linger.ms`.
    pub parameter: String,
    /// Its value in the first load.
    pub before: String,
    /// Its value in the second one.
    pub after: String,
    /// Name of the first load.
    pub first: String,
    /// Name of the second one.
    pub second: String,
    /// Whether they went to different topics.
    pub other_topic: bool,
    /// The figures that both have.
    pub figures: Vec<PairFigure>,
}

/// One figure of two loads.
#[derive(Debug, Clone, Serialize)]
pub struct PairFigure {
    /// What it is, in the language.
    pub label: String,
    /// Value in the first load, with its evidence.
    pub before: Figure,
    /// Value in the second load, with its evidence.
    pub after: Figure,
    /// The second one divided by the first one; none where that is zero.
    pub factor: Option<Figure>,
}

/// One figure of the latest run and of the run before.
#[derive(Debug, Clone, Serialize)]
pub struct AgainstRow {
    /// Name of the load, with its step.
    pub scenario: String,
    /// The output; empty where the loads cannot be compared.
    pub figure: String,
    /// Which of the columns it belongs to; none where the loads cannot be compared.
    #[serde(skip)]
    pub column: Option<AgainstColumn>,
    /// Value in the earlier run, with its unit; empty where the loads cannot be compared.
    pub before: String,
    /// Value in the latest run, with its unit; empty where the loads cannot be compared.
    pub after: String,
    /// The difference in percent with its 95 % interval.
    pub change: String,
    /// What follows.
    #[serde(skip)]
    pub found: compare::Finding,
    /// The same in words of the language, with the reason where nothing can be told.
    pub finding: String,
}

/// The columns of a comparison of two runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgainstColumn {
    /// The rate: of arrivals where a load counts those.
    Rate,
    /// The median of the latency that matters most.
    P50,
    /// The 99th percentile of that latency.
    P99,
}

/// What the platform did during a load.
#[derive(Debug, Clone, Serialize)]
pub struct ContextRow {
    /// The step that it is of, with its title.
    pub place: String,
    /// Name of the load.
    pub scenario: String,
    /// Records per second that the load reached; *not measured* where there is none.
    pub rate: Figure,
    /// 99th percentile of its first latency; *not measured* where there is none.
    pub p99: Figure,
    /// The greatest processor load of a broker that a watch saw.
    pub cpu: Figure,
    /// The greatest latency of ZooKeeper that a watch saw.
    pub zookeeper: Figure,
}

/// A general fact about Kafka.
#[derive(Debug, Clone, Serialize)]
pub struct ExplanationRow {
    /// The fact, in a sentence of the language.
    pub text: String,
    /// Address of the page of Kafka's documentation that says so.
    pub source: String,
}

/// A diagram of the platform.
#[derive(Debug, Clone, Serialize)]
pub struct DiagramRow {
    /// Caption of the diagram.
    pub caption: String,
    /// Description of the diagram in words, for readers who cannot see it.
    pub description: String,
    /// The diagram in Mermaid's language.
    pub source: String,
}

/// What became different on the platform.
#[derive(Debug, Clone, Serialize)]
pub struct ChangeRow {
    /// What sort of thing, in a word of the language.
    pub what: String,
    /// Name of the thing, such as that of a topic or a setting.
    pub name: String,
    /// What it was; *nothing* where there was none.
    pub before: String,
    /// Value in the later look; *nothing* where it is gone.
    pub after: String,
    /// When it was still as before.
    pub seen_before: String,
    /// When it was seen to be otherwise.
    pub seen_after: String,
    /// Why, as people noted it.
    pub why: Vec<Statement>,
}

/// One look at the platform's configuration.
#[derive(Debug, Clone, Serialize)]
pub struct SnapshotRow {
    /// Number of the run, where the report is of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<usize>,
    /// Time of the snapshot, as the language writes it.
    pub at: String,
    /// Files of the snapshot.
    pub evidence: Vec<Reference>,
    /// What could not be read.
    pub remarks: Vec<String>,
}

/// A change to the platform that has an undo.
#[derive(Debug, Clone, Serialize)]
pub struct FaultRow {
    /// Number of the run, where the report is of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<usize>,
    /// Number of the step that made the change.
    pub step: u32,
    /// Number of the attempt at that step, from 1.
    pub attempt: u32,
    /// Name of the action in the step.
    pub action: String,
    /// What the action did, in one line.
    pub description: String,
    /// When the change began, as the language writes it.
    pub started: String,
    /// When it ended or was undone; absent while it lasts.
    pub ended: Option<String>,
    /// How it was undone, in a sentence.
    pub undo: String,
    /// Whether the change may still stand.
    pub stands: bool,
    /// The records of the change and of its undo.
    pub evidence: Vec<Reference>,
}
