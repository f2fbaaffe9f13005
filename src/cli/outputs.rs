//! What the read commands print with `--json`: fields may be added, none changes.
//!
//! Where a command prints a type of its own, the schema is that type's. The others put their output together; it is
//! described by the types here, which a test compares with what the commands really print.

use super::perf::Perf;
use crate::{
    action::Sort,
    compare::Comparison,
    lab,
    record::{
        ActionId, Artifact, Attempt, Localized, Measured, OutputName, Reading, RunId, Severity, StepId,
        StepState, Unit, Verdict,
        event::{Answer, Approve, Cause, Judgement, Undo},
    },
    report::StatusModel,
    support::schema::of_output,
};
use jiff::Timestamp;
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// One command with `--json`: its name and the schema of what it prints.
pub(super) type Documented = (&'static str, fn() -> Schema);

/// Every read command.
pub(super) const OUTPUTS: &[Documented] = &[
    ("actions KIND", of_output::<Kind>),
    ("check", of_output::<Check>),
    ("compare", of_output::<Comparison>),
    ("graph", of_output::<Graph>),
    ("import", of_output::<Reading>),
    ("lab status", of_output::<lab::Status>),
    ("perf", of_output::<Perf>),
    ("plan show", of_output::<PlanShow>),
    ("runs", of_output::<Vec<Run>>),
    ("show", of_output::<Show>),
    ("status", of_output::<StatusModel>),
    ("verify", of_output::<Verify>),
];

/// One kind of action. `jalon actions --json` prints a list of these.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Kind {
    /// Its key in a step file.
    kind: String,
    /// What it does, in a sentence.
    summary: String,
    /// Whether it only looks, so that it may be a watch.
    probe: bool,
    /// One action as it is written in a step file.
    example: String,
    /// What it promises.
    outputs: Vec<KindOutput>,
    /// JSON Schema of its parameters.
    schema: Value,
    /// JSON Schemas of the keys that every action has, by key.
    common: BTreeMap<String, Value>,
}

/// One output of a kind.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct KindOutput {
    /// Its name, as criteria write it behind the action's id.
    name: String,
    /// What sort of value it is.
    sort: Sort,
    /// Its unit; `none` for flags, texts and bare numbers.
    unit: Unit,
    /// What it means.
    meaning: String,
}

/// What is wrong with the plan; nothing where the list is empty.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Check {
    /// Every problem of every file.
    problems: Vec<Problem>,
}

/// One mistake in the plan.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Problem {
    /// The file, from the campaign's folder.
    file: String,
    /// Line, from 1.
    line: u32,
    /// Column in characters, from 1.
    column: u32,
    /// Class of the mistake (`unknown-key`).
    code: String,
    /// What is wrong.
    message: String,
    /// What was expected or what to try.
    hint: Option<String>,
    /// The line with a caret below the place, as `jalon check` shows it.
    shown: String,
}

/// The plan as a graph.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Graph {
    /// The steps.
    nodes: Vec<Node>,
    /// What needs what.
    edges: Vec<Edge>,
}

/// One step of the graph.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Node {
    /// Its number.
    step: StepId,
    /// Its name in a drawing.
    id: String,
    /// Its title, by language.
    title: Localized,
}

/// One need.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Edge {
    /// The step that must have passed.
    from: StepId,
    /// The step that needs it.
    to: StepId,
}

/// One step of the plan before it runs.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct PlanShow {
    /// Its number.
    step: StepId,
    /// Its title, by language.
    title: Localized,
    /// What it is for, by language.
    objective: Localized,
    /// Its file, from the campaign's folder.
    file: String,
    /// Name of the environment.
    environment: String,
    /// Name of the profile.
    profile: String,
    /// The steps that must have passed before.
    needs: Vec<StepId>,
    /// How long it should take, in seconds; `null` where the file does not say.
    estimate_s: Option<f64>,
    /// Its watches.
    watches: Vec<PlannedWatch>,
    /// Its actions, in their order.
    actions: Vec<PlannedAction>,
    /// Its criteria.
    criteria: Vec<PlannedCriterion>,
    /// Artifacts that it must leave, as `ACTION/FILE`.
    artifacts: Vec<String>,
}

/// One action of the plan.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct PlannedAction {
    /// Its id.
    id: ActionId,
    /// Its kind.
    kind: String,
    /// What it does, in a line.
    description: String,
    /// The limit that the step file sets, in seconds; `null` where it sets none.
    timeout_s: Option<f64>,
    /// Its parameters.
    parameters: Vec<PlannedValue>,
}

/// One watch of the plan.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct PlannedWatch {
    /// Its id.
    id: ActionId,
    /// Its kind.
    kind: String,
    /// What it does, in a line.
    description: String,
    /// The limit that the step file sets, in seconds; `null` where it sets none.
    timeout_s: Option<f64>,
    /// How often it looks, in seconds.
    every_s: f64,
    /// Its parameters.
    parameters: Vec<PlannedValue>,
}

/// One criterion of the plan.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct PlannedCriterion {
    /// As written.
    text: String,
    /// `critical` or `warn`.
    severity: Severity,
    /// Whether it cannot be waived.
    must: bool,
    /// What it names that comes from no evidence.
    limits: Vec<PlannedValue>,
}

/// One value, and where it comes from.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct PlannedValue {
    /// Its name; keys and places below a parameter are behind dots.
    name: String,
    /// What it comes to; `null` where that is known only when the step runs.
    value: Value,
    /// As written.
    written: Value,
    /// The line of the step file.
    line: usize,
    /// Whether `value` is known.
    known: bool,
    /// Where it comes from, in words, the place in the step file last.
    from: Vec<String>,
}

/// One run.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Run {
    /// Its name.
    run: RunId,
    /// `running`, `passed`, `failed`, `inconclusive`, `error`, `unreachable`, `waiting` or `interrupted`.
    state: String,
    /// How many of its steps have passed.
    passed: usize,
    /// How many steps it has.
    steps: usize,
}

/// One step of a run in full.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Show {
    /// The run.
    run: RunId,
    /// The step's number.
    step: StepId,
    /// Its title, in English.
    title: String,
    /// What it is for, in English.
    objective: String,
    /// Its state.
    state: StepState,
    /// How many attempts there are.
    attempts: usize,
    /// Every attempt, for comparing them.
    compared: Vec<Compared>,
    /// The attempt that was asked for, or the latest; `null` before the first.
    attempt: Option<ShownAttempt>,
}

/// One attempt beside the others.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Compared {
    /// Its number, from 1.
    attempt: Attempt,
    /// When it began.
    started: Timestamp,
    /// When it ended; `null` before.
    ended: Option<Timestamp>,
    /// What it came to; `null` before its end.
    verdict: Option<Verdict>,
    /// How it stands, in a word.
    word: String,
    /// Its criteria, judged.
    criteria: Vec<ComparedCriterion>,
}

/// One criterion of an attempt beside those of the others.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ComparedCriterion {
    /// As written.
    expect: String,
    /// What it came to.
    verdict: Verdict,
    /// Why, in a sentence.
    reason: String,
    /// The left side, where it is a number.
    observed: Option<f64>,
    /// The left side as shown, with its unit.
    observed_text: Option<String>,
    /// The right side, where it is a number.
    limit: Option<f64>,
    /// The right side as shown, with its unit.
    limit_text: Option<String>,
}

/// One try at a step.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ShownAttempt {
    /// Its number, from 1.
    attempt: Attempt,
    /// When it began.
    started: Timestamp,
    /// When it ended; `null` before.
    ended: Option<Timestamp>,
    /// What it came to; `null` before its end.
    verdict: Option<Verdict>,
    /// Why, in a sentence.
    reason: String,
    /// Its actions, in the order of their starts.
    actions: Vec<ShownAction>,
    /// Its watches.
    watches: Vec<ShownWatch>,
    /// Its criteria, judged.
    judgements: Vec<Judgement>,
    /// The go-ahead that it waits for or has had; `null` where none is asked for.
    approval: Option<Approval>,
}

/// One action of an attempt.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ShownAction {
    /// Its id.
    id: ActionId,
    /// Its kind.
    kind: String,
    /// What it measured, by output; `null` where it brought nothing.
    values: Option<BTreeMap<OutputName, Measured>>,
    /// What a reader must know beside the figures.
    remarks: Option<Vec<String>>,
    /// The files that it left.
    artifacts: Vec<Artifact>,
    /// What it does, in a line.
    description: String,
    /// Its parameters, every expression resolved.
    params: Value,
    /// When it began.
    started: Timestamp,
    /// When it ended; `null` before.
    ended: Option<Timestamp>,
    /// Whether it was carried out.
    done: bool,
    /// Why it was not; `null` otherwise.
    failure: Option<Failure>,
    /// The attempt whose evidence was kept; `null` where it was done in this one.
    kept_from: Option<Attempt>,
    /// What takes it back; `null` where nothing must.
    undo: Option<Undo>,
    /// Whether it was taken back; `null` where that was not tried.
    undone: Option<bool>,
}

/// Why an action was not carried out.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Failure {
    /// Class of the cause.
    cause: Cause,
    /// What happened.
    message: String,
}

/// One watch of an attempt.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ShownWatch {
    /// Its id.
    id: ActionId,
    /// Its kind.
    kind: String,
    /// The summary of its samples, by output.
    values: Option<BTreeMap<OutputName, Measured>>,
    /// What a reader must know beside the figures.
    remarks: Option<Vec<String>>,
    /// The files with its samples.
    artifacts: Vec<Artifact>,
}

/// A go-ahead.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Approval {
    /// Who is asked what.
    asked: Approve,
    /// The answer; `null` before it.
    answer: Option<Answer>,
}

/// Whether the evidence of a run, the notes and the imports are what was written.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Verify {
    /// The run; `null` where there is none and only notes and imports were checked.
    run: Option<RunId>,
    /// Records in its journal.
    records: usize,
    /// Artifacts that the journal names.
    artifacts: usize,
    /// Imports on record, withdrawn ones among them.
    imports: usize,
    /// Notes on record that belong to no run.
    notes: usize,
    /// Artifacts that are missing or altered, in a sentence each.
    faults: Vec<String>,
    /// Files that no record names.
    extra: Vec<String>,
}
