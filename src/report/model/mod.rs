//! [`ReportModel`]: one complete, serialisable value from which every form of the report is written.
//!
//! Every number in it is already written in the report's language, with its exact value and the place in the
//! evidence that it was read from beside it. A renderer only arranges.

mod body;
mod figure;
mod platform;
mod work;

pub use body::{
    ComparedLoad, Comparison, Cover, LineRow, LoadSort, MetricRow, MonitoringRow, NextRow, ObjectiveRow,
    PeriodRow, RiskKind, RiskRow, SecurityRow, SummaryLine,
};
pub(super) use figure::places;
pub use figure::{Figure, Reference, Statement};
pub use platform::{
    AgainstColumn, AgainstRow, Analysis, ChangeRow, ContextRow, DiagramRow, ExplanationRow, FaultRow,
    PairFigure, PairRow, SnapshotRow,
};
pub use work::{DecisionRow, ImportRow, WorkRow};

use super::language::Language;
use crate::record::{Family, Severity};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// Everything that a report says, from the journals, the evidence, the notes and the campaign file.
#[derive(Debug, Clone, Serialize)]
pub struct ReportModel {
    /// Language of every text in it.
    pub language: Language,
    /// The day that it is about, the last one of several, as `2025-12-18`.
    pub day: String,
    /// The first day, as `2025-12-16`.
    pub from: String,
    /// The same, as the language writes it.
    pub day_shown: String,
    /// When the report was made, by the clock of this machine.
    pub made: Timestamp,
    /// Title of the report, from the campaign file or the language's own.
    pub title: String,
    /// What the first page names.
    pub cover: Cover,
    /// The run that counts: the latest one. Its fields are empty where the report is of no run.
    pub header: Header,
    /// Every run of the time, oldest first.
    pub runs: Vec<RunRow>,
    /// The summary, sentence by sentence.
    pub summary: Vec<SummaryLine>,
    /// The parts of the day, with what was done in each.
    pub periods: Vec<PeriodRow>,
    /// Whether consumers could go on at the target, in sentences from the evidence.
    pub failover: Vec<Statement>,
    /// Dashboards and monitoring in sentences from the evidence.
    pub monitoring: Vec<Statement>,
    /// Dashboards and monitoring: missing, corrected, left.
    pub monitoring_rows: Vec<MonitoringRow>,
    /// Security: what was found, what is left.
    pub security_rows: Vec<SecurityRow>,
    /// Risks, the gravest first.
    pub risks: Vec<RiskRow>,
    /// What is to be done, the most urgent first.
    pub next_steps: Vec<NextRow>,
    /// The objectives of the campaign.
    pub objectives: Vec<ObjectiveRow>,
    /// The lines that people wrote into imported files.
    pub lines: Vec<LineRow>,
    /// What came to no end: steps and actions that hung, were interrupted or never began.
    pub unfinished: Vec<Statement>,
    /// The plan, step by step.
    pub plan: Vec<PlanRow>,
    /// Steps of the latest run whose state is not what it was when the time began.
    pub since: Vec<SinceRow>,
    /// The plan as a Mermaid flowchart.
    pub diagram: String,
    /// Criteria of the latest attempt of each step.
    pub criteria: Vec<StepCriteria>,
    /// Every attempt of every step.
    pub attempts: Vec<AttemptRow>,
    /// What was done, in the order of time.
    pub work: Vec<WorkRow>,
    /// Results of loads and of replication checks; those of imports last.
    pub scenarios: Vec<Scenario>,
    /// What the watches saw: one row for each output of each watch.
    pub watches: Vec<WatchRow>,
    /// Configuration that was kept.
    pub snapshots: Vec<SnapshotRow>,
    /// Loads beside each other, the run before, and what the platform did meanwhile.
    pub analysis: Analysis,
    /// What became different on the platform between two looks at it.
    pub changes: Vec<ChangeRow>,
    /// Faults and other changes to the platform, and their undo.
    pub faults: Vec<FaultRow>,
    /// Waivers, skips, approvals, answers and repetitions, in the order of time.
    pub decisions: Vec<DecisionRow>,
    /// Sequence and architecture as Mermaid diagrams.
    pub diagrams: Vec<DiagramRow>,
    /// What was seen: from evidence and operators' observations.
    pub observed: Vec<Statement>,
    /// What is supposed or could not be judged.
    pub to_validate: Vec<Statement>,
    /// Actions to be done, from the state of the plan and the notes.
    pub actions: Vec<Statement>,
    /// Work on dashboards and monitoring, as people noted it.
    pub dashboards: Vec<Statement>,
    /// Work on security, as people noted it.
    pub security: Vec<Statement>,
    /// Lines of imported files that are notes and that nobody has classified.
    pub unclassified: Vec<Statement>,
    /// Facts about the platform that were supplied.
    pub facts: Vec<FactRow>,
    /// Facts that were not supplied.
    pub not_supplied: Vec<FactRow>,
    /// Work done by hand that was imported.
    pub imports: Vec<ImportRow>,
    /// Every artifact that the report refers to, by its name in the report.
    pub evidence: Vec<EvidenceRow>,
    /// The records of the journals that the report names.
    pub records: Vec<RecordRow>,
    /// What the report could not use, and why (the campaign file, a journal's torn end, an artifact that was changed).
    pub remarks: Vec<String>,
}

/// One run of the time that the report is about.
#[derive(Debug, Clone, Serialize)]
pub struct RunRow {
    /// Its number in this report, where there are several.
    pub number: Option<usize>,
    /// Names, state and times of the run.
    #[serde(flatten)]
    pub header: Header,
    /// Number of steps of the run that passed.
    pub passed: usize,
    /// Number of steps in the plan of the run.
    pub steps: usize,
    /// Whether a later run of the same environment and profile takes its place.
    pub superseded: bool,
}

/// The campaign, the environment and the run that a report is about; texts are empty where there is no run.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Header {
    /// Name of the campaign, from the journal, else from the campaign file.
    pub campaign: String,
    /// Name of the run, such as `20251218-091500-lab`; empty in a report without a run.
    pub run: String,
    /// Name of the environment.
    pub environment: String,
    /// Whether it is a production environment.
    pub production: bool,
    /// Name of the profile, such as `smoke`.
    pub profile: String,
    /// What a reader must know of the profile's figures.
    pub profile_note: String,
    /// How the operator narrowed the run.
    pub selection: Option<String>,
    /// Who started and who resumed it, in that order, each once.
    pub operators: Vec<String>,
    /// Versions of the program that wrote the journal, each once.
    pub versions: Vec<String>,
    /// Time of the first record, as the language writes it; absent in a report without a run.
    pub started: Option<String>,
    /// Time of the latest record, as the language writes it; absent in a report without a run.
    pub ended: Option<String>,
    /// Time between the first and the latest record, as the language writes it.
    pub duration: Option<String>,
    /// Name of the time zone of every time in the report.
    pub time_zone: String,
    /// How the run stands, in a word.
    pub state: String,
    /// How often it was resumed.
    pub resumed: u32,
    /// Number of records in the journal.
    pub records: String,
    /// When the report was made.
    pub made: String,
}

/// One step of the plan and the state of its latest attempt.
#[derive(Debug, Clone, Serialize)]
pub struct PlanRow {
    /// Number of the step in the plan.
    pub step: u32,
    /// Title of the step, in the report's language.
    pub title: String,
    /// Why the step is there, in the report's language; empty where the plan does not say.
    pub objective: String,
    /// How long it should take.
    pub estimate: Option<String>,
    /// How long its latest attempt took.
    pub actual: Option<String>,
    /// Its state, in a word of the language.
    pub state: String,
    /// The same, as scripts read it.
    pub state_code: &'static str,
    /// Why it stands so, in a sentence; empty where there is nothing to add.
    pub reason: String,
    /// Criteria that hold (a warning does not), as a number.
    pub passed: usize,
    /// Number of criteria of the step.
    pub criteria: usize,
    /// How often it was tried.
    pub attempts: usize,
    /// Artifacts that it must leave, each with whether its latest attempt did.
    pub artifacts: Vec<Expected>,
}

/// A step whose state changed.
#[derive(Debug, Clone, Serialize)]
pub struct SinceRow {
    /// Number of the step in the plan.
    pub step: u32,
    /// Title of the step, in the report's language.
    pub title: String,
    /// What its state was, in a word of the language.
    pub before: String,
    /// The same, as scripts read it.
    pub before_code: &'static str,
    /// State at the end of the time, in a word of the language.
    pub after: String,
    /// The same, as scripts read it.
    pub after_code: &'static str,
}

/// An artifact that a step must leave.
#[derive(Debug, Clone, Serialize)]
pub struct Expected {
    /// The artifact as the step file names it: `action/file`.
    pub name: String,
    /// Where it is, when it is.
    pub evidence: Option<Reference>,
}

/// The criteria of one step.
#[derive(Debug, Clone, Serialize)]
pub struct StepCriteria {
    /// Number of the run, where the report is of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<usize>,
    /// Number of the step that has the criteria.
    pub step: u32,
    /// Title of the step, in the report's language.
    pub title: String,
    /// The attempt that was judged; none where the step never began.
    pub attempt: Option<u32>,
    /// Criteria in the order of the step file; those never judged are among them.
    pub rows: Vec<CriterionRow>,
}

/// One criterion and what it came to.
#[derive(Debug, Clone, Serialize)]
pub struct CriterionRow {
    /// As written in the plan.
    pub text: String,
    /// How much its failure weighs, in a word of the language.
    pub severity: String,
    /// The same, as scripts read it.
    pub severity_code: Severity,
    /// Whether it cannot be waived.
    pub must: bool,
    /// The left side of the comparison; absent where it was not judged.
    pub observed: Option<Figure>,
    /// What it was compared with.
    pub limit: Option<Figure>,
    /// The verdict, in a word of the language.
    pub verdict: String,
    /// The same as scripts read it; none where it was not judged.
    pub verdict_code: Option<&'static str>,
    /// Why the verdict is what it is, in a sentence of the language.
    pub reason: String,
    /// The record of the judgement.
    pub evidence: Option<Reference>,
}

/// One attempt at a step.
#[derive(Debug, Clone, Serialize)]
pub struct AttemptRow {
    /// Number of the run, where the report is of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<usize>,
    /// Number of the step that was tried.
    pub step: u32,
    /// Number of the attempt at the step, from 1.
    pub attempt: u32,
    /// When the attempt began, as the language writes it.
    pub started: String,
    /// The same, as scripts read it.
    pub started_at: Timestamp,
    /// When the attempt ended, as the language writes it; absent while it runs.
    pub ended: Option<String>,
    /// The same, as scripts read it.
    pub ended_at: Option<Timestamp>,
    /// How long the attempt took, as the language writes it; absent while it runs.
    pub duration: Option<String>,
    /// What it came to, in a word of the language.
    pub verdict: String,
    /// The same, as scripts read it.
    pub verdict_code: &'static str,
    /// Why the verdict is what it is, in a sentence of the language.
    pub reason: String,
    /// What its actions said beside their figures, each with the action's name.
    pub remarks: Vec<String>,
    /// The last record of the attempt in the journal.
    pub evidence: Option<Reference>,
}

impl AttemptRow {
    /// How long it took, in seconds.
    pub fn seconds(&self) -> Option<f64> {
        Some(self.ended_at?.duration_since(self.started_at).as_secs_f64().max(0.0))
    }
}

/// One load, or one check of what replication did.
#[derive(Debug, Clone, Serialize)]
pub struct Scenario {
    /// Number of the run, where the report is of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<usize>,
    /// Number of the step; 0 for an import that names none.
    pub step: u32,
    /// Attempt; 0 for work done by hand.
    pub attempt: u32,
    /// Action, or the import and its number in it.
    pub action: String,
    /// Its kind; that of the tool for work done by hand.
    pub kind: String,
    /// How it is called in the report: `3.1 nominal`.
    pub name: String,
    /// Whether it sends, reads, searches a limit or looks for copies.
    #[serde(skip)]
    pub sort: LoadSort,
    /// Whether its latencies end where its records arrive at a copy.
    #[serde(skip)]
    pub is_replicated: bool,
    /// Whether its throughput is that of the records that arrived; how much of its rate it achieved is of those sent.
    #[serde(skip)]
    pub is_arrival: bool,
    /// What criteria asked of how much of its rate it achieved, as a share, and whether each held.
    #[serde(skip)]
    pub asked_ratio: Vec<(f64, bool)>,
    /// How a reader calls it: the line of the notes that introduces it, the action's name.
    pub title: String,
    /// The letter of work done by hand, with which its title begins.
    #[serde(skip)]
    pub letter: Option<String>,
    /// The description of the action, in one line.
    pub description: String,
    /// The command of work done by hand, as it was typed.
    pub command: Option<String>,
    /// The topic, or source and target topic.
    pub topic: Option<String>,
    /// Which client made the load.
    pub client: Option<String>,
    /// Client settings, as `name=value`.
    pub settings: Vec<String>,
    /// Size of a record, as asked.
    pub record_size: Option<String>,
    /// The rate that the step asks for; absent where it names none.
    pub target_rate: Option<String>,
    /// What the load is, by parameter: two loads with one difference are compared.
    #[serde(skip)]
    pub basis: BTreeMap<String, String>,
    /// Whether something was broken on purpose meanwhile: it is compared with none.
    #[serde(skip)]
    pub disturbed: bool,
    /// Whether a later run takes the place of its run: it has its row in the table of all and no more.
    #[serde(skip)]
    pub superseded: bool,
    /// Size of a record in bytes, read from `record_size`; `None` where that is not a size.
    pub record_bytes: Option<u64>,
    /// The rate asked for, where there is one; none of a load without a cap.
    pub target: Option<Figure>,
    /// How much of it was achieved.
    pub achieved: Option<Figure>,
    /// Whether the target rate was achieved; absent where there was none or it was not measured.
    pub held: Option<bool>,
    /// How long the load was, in seconds.
    #[serde(skip)]
    pub seconds: Option<f64>,
    /// Records and seconds of each stretch of it that was measured, for the noise within.
    #[serde(skip)]
    pub stretches: Vec<(f64, f64)>,
    /// Figures of the client that say how it worked.
    pub metrics: Vec<MetricRow>,
    /// Counts, rates and times, each with its label.
    pub figures: Vec<Labelled>,
    /// Latencies, a row by point of view.
    pub latencies: Vec<LatencyRow>,
    /// What a reader must know beside the figures.
    pub remarks: Vec<String>,
    /// Where its figures contradict each other: they are shown, and judged by nobody.
    #[serde(skip)]
    pub contradictions: Vec<String>,
    /// How it ended, where it did not end well.
    pub failure: Option<String>,
}

/// A figure with its name.
#[derive(Debug, Clone, Serialize)]
pub struct Labelled {
    /// Name of the output, such as `achieved_rate`.
    pub name: String,
    /// What it means, where its action said so.
    #[serde(skip)]
    pub family: Option<Family>,
    /// What it is, in the language.
    pub label: String,
    /// Value as shown, with its evidence.
    pub figure: Figure,
}

/// Latencies from one point of view.
#[derive(Debug, Clone, Serialize)]
pub struct LatencyRow {
    /// Scenario, as `step.attempt action`.
    pub scenario: String,
    /// From when to when it was measured, in the language.
    pub label: String,
    /// Average, maximum, P50, P95, P99, P99.9; a figure that is *not measured* where there is none.
    pub figures: Vec<Figure>,
    /// Why figures are missing, each reason once.
    pub remarks: Vec<String>,
    /// The distinct places that the figures come from.
    pub evidence: Vec<Reference>,
}

/// One output of one watch.
#[derive(Debug, Clone, Serialize)]
pub struct WatchRow {
    /// Number of the run, where the report is of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<usize>,
    /// Number of the step that has the watch.
    pub step: u32,
    /// Number of the attempt during which it sampled, from 1.
    pub attempt: u32,
    /// Name of the watch in the step.
    pub watch: String,
    /// Kind of the action that is the probe, such as `prometheus`.
    pub kind: String,
    /// Name of the output; `–` for a watch without any.
    pub output: String,
    /// What the output is, where its kind says it.
    #[serde(skip)]
    pub family: Option<Family>,
    /// The smallest sample.
    pub min: Option<Figure>,
    /// The average of the samples; absent where they have none.
    pub avg: Option<Figure>,
    /// The greatest sample.
    pub max: Option<Figure>,
    /// How many looks there were.
    pub samples: Option<Figure>,
    /// How many of them saw nothing.
    pub missed: Option<Figure>,
    /// What a reader must know beside the figures.
    pub remarks: Vec<String>,
    /// The distinct places that the figures come from.
    pub evidence: Vec<Reference>,
}

/// A fact about the platform.
#[derive(Debug, Clone, Serialize)]
pub struct FactRow {
    /// Key of the fact in `facts` of the campaign file.
    pub name: String,
    /// Name for readers, in the report's language; the key where the campaign gives none.
    pub label: String,
    /// Its value; *not supplied* where there is none.
    pub value: String,
    /// Person or document that the fact comes from; absent where the fact is not supplied.
    pub source: Option<String>,
}

/// One record of a journal.
#[derive(Debug, Clone, Serialize)]
pub struct RecordRow {
    /// Name of the record in this report, such as `J17`.
    pub id: String,
    /// Time of the record, as the language writes it.
    pub at: String,
    /// What it is of, as the journal names it: `action-finished`.
    pub event: String,
    /// Step, attempt and action, where it is about them: `3.2 nominal`.
    pub about: String,
    /// Who is in it, where a person is.
    pub by: String,
}

/// One artifact that the report refers to.
#[derive(Debug, Clone, Serialize)]
pub struct EvidenceRow {
    /// Name of the artifact in this report, such as `E3`.
    pub id: String,
    /// The folder below `artifacts`: the run's, or `imports`.
    pub folder: String,
    /// Path below that folder.
    pub path: String,
    /// SHA-256 in hexadecimal, as the journal has it.
    pub sha256: String,
    /// Size of the file, in bytes.
    pub bytes: u64,
    /// Size of the file, as the language writes it.
    pub size: String,
    /// Command, query or description of the action that left it.
    pub description: String,
    /// Time window in which it was written.
    pub window: String,
    /// Why it is not what was stored any more, where that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub altered: Option<String>,
}
