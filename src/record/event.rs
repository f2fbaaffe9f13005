//! The one [`Event`]: everything that a run does, owned and serialisable, as the journal keeps it.

pub use super::note::{Note, NoteKind, NoteLine};
use super::{
    ActionId, Artifact, Attempt, Declared, Evidence, Import, Localized, RunId, Said, Severity, StepId, Value,
    Verdict, Withdrawal, shared,
};
use crate::support::signature::Envelope;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

/// Version of the journal's form. Older ones stay readable: before 2 no head stands beside it, before 3 an output may have
/// a more general family than it would have today.
pub const FORMAT: u32 = 3;

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Counted from 1 without a gap.
    pub seq: u64,
    /// When it was written, by this machine's clock.
    pub at: Timestamp,
    /// What happened, with everything that a reader needs of it.
    pub event: Event,
}

/// What a run is of; the first record of a journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunHeader {
    /// Version of the journal's form.
    pub format: u32,
    /// Version of the program.
    pub jalon: String,
    /// Name of the run: time of its start and environment, such as `20251218-091500-lab`.
    pub run: RunId,
    /// Who started it, as `user@host`.
    pub operator: String,
    /// The plan as it was then.
    pub plan: PlanOutline,
    /// How the operator narrowed the run (`--only 4`), where they did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<String>,
    /// The run that `baseline.…` compares with, where one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<RunId>,
}

/// The plan as far as a reader of the record needs it, so that an old run is readable without today's plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanOutline {
    /// Name of the campaign, as the campaign file has it.
    pub campaign: String,
    /// Name of the environment.
    pub environment: String,
    /// SHA-256 of the environment file's content.
    pub environment_fingerprint: String,
    /// Whether the environment is a production one.
    #[serde(default)]
    pub production: bool,
    /// Name of the profile, such as `smoke`.
    pub profile: String,
    /// What a reader must know of the profile's figures, where the campaign says so (`note` of the profile).
    #[serde(default, skip_serializing_if = "Localized::is_empty")]
    pub profile_note: Localized,
    /// Variables that the operator replaced (`--var`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub vars: BTreeMap<String, serde_json::Value>,
    /// SHA-256 of the profile's values, the SLOs and the variables.
    pub parameters_fingerprint: String,
    /// The SLOs, by name; the suffix of the name is the unit.
    #[serde(default)]
    pub slo: BTreeMap<String, f64>,
    /// Every step, in the order of their numbers.
    #[serde(with = "shared")]
    pub steps: Vec<Arc<StepOutline>>,
    /// SHA-256 of what the environment file says, its layout, comments and description left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment_basis: Option<String>,
    /// The files of the plan as they were, secrets masked: a tar archive in the run's folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Artifact>,
}

/// What a step depends on, in parts, so that a change can be named and only what it touches is done again.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Basis {
    /// SHA-256 of what it does: its front matter without title, objective, estimate and all that is in `judged`.
    pub work: String,
    /// SHA-256 of how it is judged: criteria, expected artifacts, approval.
    pub judged: String,
    /// The same without the blanks that only lay a criterion out; journals of before 0.2 do not have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged_without_blanks: Option<String>,
    /// Values of the profile, the SLOs, the variables and the campaign that its actions and watches use, by dotted name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub work_values: BTreeMap<String, serde_json::Value>,
    /// Those that its criteria use.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub judged_values: BTreeMap<String, serde_json::Value>,
}

impl Basis {
    /// Whether a step is judged in the same way; how its criteria are laid out makes no difference.
    pub fn is_judged_as(&self, other: &Self) -> bool {
        let plain = |of: &Self| of.judged_without_blanks.clone();
        self.judged == other.judged || plain(self).is_some_and(|own| plain(other) == Some(own))
    }
}

/// One step of [`PlanOutline`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepOutline {
    /// Number of the step in the plan.
    pub step: StepId,
    /// Title, by language, as the step file had it.
    pub title: Localized,
    /// Why the step is there, by language; empty where the step file did not say.
    pub objective: Localized,
    /// The steps that must have passed before.
    pub needs: Vec<StepId>,
    /// How long it should take, in seconds, where the step file says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate_s: Option<u64>,
    /// SHA-256 of its front matter.
    pub fingerprint: String,
    /// Criteria in the order of the step file; judgements refer to them by index.
    pub criteria: Vec<CriterionOutline>,
    /// The artifacts that it must leave, as `action/file`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<String>,
    /// The question to a person at its end, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approve: Option<Approve>,
    /// The file that defines it, by its path in the campaign's folder.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// What it depends on; journals of older versions have the fingerprint alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
}

/// One criterion, as written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CriterionOutline {
    /// The expression, as written in the step file.
    pub text: String,
    /// How much its failure weighs.
    pub severity: Severity,
    /// Whether it cannot be waived.
    #[serde(default)]
    pub must: bool,
    /// Whether a breach stops the step at once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub guard: bool,
}

/// A person's go-ahead that a step waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Approve {
    /// Role of the person who may approve, such as `platform lead`.
    pub role: String,
    /// The question that the person answers with yes or no.
    pub question: String,
}

/// An action in its journalled form, run to undo what another one did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Undo {
    /// Kind of the action, such as `shell`.
    pub kind: String,
    /// Its parameters, every expression already resolved.
    pub params: serde_json::Value,
}

/// The scenario of a matrix that an action runs: one combination of values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scenario {
    /// The matrix, by the id that its action has in the step file.
    pub matrix: ActionId,
    /// Value of each axis, as written, in the order of the axes.
    pub values: serde_json::Map<String, serde_json::Value>,
}

/// An operator's answer to a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Answer {
    /// Whether the answer is yes.
    pub yes: bool,
    /// Person who answered: the name given with `--by`, or `user@host`.
    pub by: String,
    /// Comment of that person; empty where they gave none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
}

/// The result of an action: its evidence, or why it failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActionResult {
    /// It brought its evidence.
    Done(Evidence),
    /// It could not be carried out.
    Failed {
        /// What sort of failure, for the exit code.
        cause: Cause,
        /// What went wrong, for a person.
        message: Said,
        /// What had been seen until then.
        evidence: Evidence,
    },
}

impl ActionResult {
    /// The evidence it brought, whole or not.
    pub fn evidence(&self) -> &Evidence {
        match self {
            Self::Done(evidence) | Self::Failed { evidence, .. } => evidence,
        }
    }
}

/// Sort of an action's failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The action was stopped on request, before its end.
    Cancelled,
    /// Evidence could not be written.
    Disk,
    /// It ran and did not come to its end as it should.
    Failed,
    /// A person's answer is missing.
    NeedsAnswer,
    /// The action reached its time limit.
    TimedOut,
    /// A service does not answer.
    Unreachable,
}

/// A part of a criterion and what it was when it was judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Operand {
    /// The part of the criterion, as written.
    pub text: String,
    /// Its value, or why there was none.
    pub value: Value,
}

/// The verdict on one criterion, with the values that it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Judgement {
    /// Its place in the step, from 0.
    pub index: usize,
    /// The criterion as written.
    pub text: String,
    /// How much its failure weighs.
    pub severity: Severity,
    /// Result of the comparison; `inconclusive` where evidence is missing.
    pub verdict: Verdict,
    /// The left side of the comparison.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<Operand>,
    /// The right side of the comparison; absent where the criterion is not one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Operand>,
    /// Why the verdict is what it is, in a sentence.
    pub reason: Said,
}

impl Judgement {
    /// Whether there was evidence to judge. A criterion that only warns may lack it, and comes to a warning.
    pub fn is_judged(&self) -> bool {
        let unjudged = self.verdict == Verdict::Inconclusive || self.verdict == Verdict::Error;
        !unjudged && !self.reason.is("criterion.not_judged")
    }

    /// Whether the reason tells a difference from another run, and how sure it is.
    pub fn tells_a_difference(&self) -> bool {
        ["criterion.changed", "criterion.changed_undetectably"].iter().any(|id| self.reason.mentions(id))
    }
}

/// The result of a run, from which the exit code follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Every step that was asked for passed.
    Passed,
    /// Nothing is open, and a step that was asked for was waived or skipped.
    PassedWithExceptions,
    /// A criterion of a step that was asked for failed.
    Failed,
    /// A step could not be judged.
    Inconclusive,
    /// An action could not be carried out.
    Error,
    /// As `Error`, because a service does not answer.
    Unreachable,
    /// A person must answer or approve.
    Waiting,
    /// Stopped by the operator.
    Interrupted,
}

/// Everything that can happen in a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Event {
    /// An action came to its end.
    ActionFinished {
        /// Number of the step that the action belongs to.
        step: StepId,
        /// Attempt at the step in which it ran, from 1.
        attempt: Attempt,
        /// Name of the action in the step.
        action: ActionId,
        /// Whether it was done or failed, and its evidence either way.
        result: ActionResult,
    },
    /// The result of an earlier attempt stands, because nothing that it depends on changed.
    ActionKept {
        /// Number of the step that the action belongs to.
        step: StepId,
        /// New attempt, which takes the result over.
        attempt: Attempt,
        /// Name of the action whose result is taken over.
        action: ActionId,
        /// The attempt that did the work.
        from: Attempt,
    },
    /// An action is about to start; durable before its first effect.
    ActionStarted {
        /// Number of the step that the action belongs to.
        step: StepId,
        /// Attempt at the step in which it runs, from 1.
        attempt: Attempt,
        /// Name of the action in the step, unique within the attempt.
        action: ActionId,
        /// Key of the action in the step file, such as `produce`.
        kind: String,
        /// What it is for, and what its outputs are. Journals of older versions have the kind alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        declared: Option<Declared>,
        /// What the action does with these parameters, in one line.
        description: Said,
        /// Its parameters, every expression resolved, secrets masked.
        params: serde_json::Value,
        /// The action that undoes it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        undo: Option<Undo>,
        /// Which scenario of which matrix it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scenario: Option<Scenario>,
    },
    /// An action or a watch is passed over: it does not apply, or its matrix was stopped.
    ActionPassedOver {
        /// Number of the step that has the action or watch.
        step: StepId,
        /// Attempt at the step in which it is passed over, from 1.
        attempt: Attempt,
        /// Name of the action or watch in the step.
        action: ActionId,
        /// Condition that does not hold, or the stop of the matrix, in a sentence.
        reason: Said,
    },
    /// A try at an action failed, and the plan allows another one.
    ActionRetried {
        /// Number of the step that the action belongs to.
        step: StepId,
        /// Attempt at the step in which it runs; tries do not count as attempts.
        attempt: Attempt,
        /// Name of the action that is tried again.
        action: ActionId,
        /// The try that failed, from 1.
        tried: u32,
        /// Why the try failed, in a sentence.
        reason: Said,
    },
    /// What an action did to the platform was undone, or could not be.
    ActionUndone {
        /// Number of the step that the action belongs to.
        step: StepId,
        /// Attempt that made the change; later ones may have begun since.
        attempt: Attempt,
        /// Name of the action whose change was undone.
        action: ActionId,
        /// Why it could not, where it could not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<Said>,
    },
    /// An operator answered the question of an action: of a `manual` one, or whether it may be done again.
    AnswerGiven {
        /// Number of the step that the action belongs to.
        step: StepId,
        /// Name of the action that the question is about.
        action: ActionId,
        /// Yes or no, by whom, and their comment.
        answer: Answer,
    },
    /// A person approved a step, or refused to.
    ApprovalGiven {
        /// Number of the step whose latest attempt waits for the approval.
        step: StepId,
        /// Whether it may pass, by whom, and their comment.
        answer: Answer,
    },
    /// A step has passed its criteria and waits for a person.
    ApprovalRequested {
        /// Number of the step that waits.
        step: StepId,
        /// Attempt at the step that passed its criteria, from 1.
        attempt: Attempt,
        /// The role that is asked, and the question.
        approve: Approve,
    },
    /// A file of evidence was written and synced.
    ArtifactStored {
        /// Number of the step that the file is evidence of.
        step: StepId,
        /// Attempt that the file is evidence of, from 1.
        attempt: Attempt,
        /// Name of the action or watch that stored the file.
        action: ActionId,
        /// Path, size and SHA-256 of the file.
        artifact: Artifact,
    },
    /// A criterion got its verdict, at the end of an attempt.
    CriterionJudged {
        /// Number of the step that has the criterion.
        step: StepId,
        /// Attempt at the step whose evidence was judged, from 1.
        attempt: Attempt,
        /// Verdict, and the values that it rests on.
        judgement: Judgement,
    },
    /// A criterion was not judged: everything that it looks at was passed over.
    CriterionPassedOver {
        /// Number of the step that has the criterion.
        step: StepId,
        /// Attempt at the step in which it was passed over, from 1.
        attempt: Attempt,
        /// Its place in the step, from 0.
        index: usize,
        /// The criterion as written.
        text: String,
        /// Why the actions and watches that the criterion uses did not run.
        reason: Said,
    },
    /// The person who decided signed it: the record of the decision, by its number and hash.
    DecisionSigned {
        /// Number of the step that was decided about.
        step: StepId,
        /// Number of the decision's record.
        record: u64,
        /// The signed statement.
        envelope: Envelope,
    },
    /// Somebody was told what another record says, or could not be told.
    NoticeSent {
        /// Number of the record that the notice was about.
        record: u64,
        /// Name of the receiver in the campaign file.
        to: String,
        /// How often it was tried.
        tries: u32,
        /// Why it was not delivered; absent where it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<Said>,
    },
    /// Work done by hand was taken into the record; in the journal of imports.
    ImportAdded(Box<Import>),
    /// An import was withdrawn; in the journal of imports.
    ImportWithdrawn(Withdrawal),
    /// A person noted something.
    NoteAdded(Note),
    /// An action may be done again only when an operator says so, and nobody could be asked.
    QuestionAsked {
        /// Number of the step that waits for the answer.
        step: StepId,
        /// Name of the action that may be done again, or not.
        action: ActionId,
        /// What an operator is to answer with yes or no.
        question: Said,
    },
    /// The run came to its end, for now.
    RunFinished {
        /// Result over all steps that were asked for; the exit code follows from it.
        outcome: Outcome,
    },
    /// The run goes on after an end, a stop or a crash.
    RunResumed {
        /// Version of the program.
        jalon: String,
        /// Who resumed it, as `user@host`.
        operator: String,
        /// The plan that the run follows from now on.
        plan: PlanOutline,
        /// How the run is narrowed from now on (`--until 4`), where it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        selection: Option<String>,
    },
    /// The first record of a run: what it is of.
    RunStarted(Box<RunHeader>),
    /// The configuration of the platform was kept, or why it could not be.
    SnapshotTaken {
        /// The files of the snapshot, with path, size and SHA-256; empty where nothing could be read.
        artifacts: Vec<Artifact>,
        /// What could not be read, and why.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        remarks: Vec<Said>,
    },
    /// A step came to its end.
    StepFinished {
        /// Number of the step that ended.
        step: StepId,
        /// Attempt that ended, from 1.
        attempt: Attempt,
        /// The gravest verdict of its criteria, or `error`.
        verdict: Verdict,
        /// Why the verdict is what it is, in a sentence.
        reason: Said,
    },
    /// A step does not apply to this platform; what needs it may go on.
    StepNotApplicable {
        /// Number of the step whose `when` does not hold.
        step: StepId,
        /// Its condition and what it found.
        reason: Said,
    },
    /// A step that had an outcome must be done again.
    StepReset {
        /// Number of the step that is done or judged again.
        step: StepId,
        /// Why: an operator's wish, or what changed.
        reason: Said,
        /// Whether only its criteria are judged again, on the evidence that there is.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        judge_again: bool,
    },
    /// A step is passed over by an operator's decision; what needs it may go on.
    StepSkipped {
        /// Number of the step that is passed over.
        step: StepId,
        /// Person who decided: the name given with `--by`, or `user@host`.
        by: String,
        /// Reason that the person gave with `--reason`.
        reason: Said,
    },
    /// An attempt at a step starts.
    StepStarted {
        /// Number of the step that begins.
        step: StepId,
        /// Attempt that begins: one more than the step has had.
        attempt: Attempt,
    },
    /// A named person decided to go on in spite of a verdict.
    StepWaived {
        /// Number of the step whose verdict is waived.
        step: StepId,
        /// Person who decided: the name given with `--by`, or `user@host`.
        by: String,
        /// Reason that the person gave with `--reason`.
        reason: String,
        /// Expiry of the waiver; absent where it has none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    },
    /// A watch came to its end with its step.
    WatchFinished {
        /// Number of the step that the watch belongs to.
        step: StepId,
        /// Attempt at the step during which it sampled, from 1.
        attempt: Attempt,
        /// Name of the watch in the step.
        watch: ActionId,
        /// Key of its probe in the step file, such as `prometheus`.
        kind: String,
        /// What its outputs are; see `ActionStarted`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        declared: Option<Declared>,
        /// Least, greatest, average and last of each output, and how many samples there were.
        evidence: Evidence,
    },
    /// What a watch saw in an earlier attempt stands, together with the actions that it looked on.
    WatchKept {
        /// Number of the step that is judged again.
        step: StepId,
        /// New attempt, which takes the samples over.
        attempt: Attempt,
        /// Name of the watch whose samples are taken over.
        watch: ActionId,
        /// The attempt in which it looked.
        from: Attempt,
    },
}
