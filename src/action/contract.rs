//! The contract between the engine and one kind of action: [`Action`], what it is given and what it may answer.

use super::{mistake::Mistake, need::Need};
use crate::{
    clients::Environment,
    expression::Known,
    record::{
        ActionId, ActionRole, Answer, Artifact, Attempt, Evidence, Family, RunId, Said, Speaks, StepId, Undo,
        Unit, Value, display_by_said, messages,
    },
    store::ArtifactDir,
    support::{children::Children, fingerprint, host},
};
use serde::Serialize;
use std::{
    fmt,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// One thing done, with its parameters. A kind is a type that implements this and [`Kind`].
#[async_trait::async_trait]
pub trait Action: fmt::Debug + Send + Sync {
    /// One line for a person: what will be done, with the parameters that matter.
    fn describe(&self) -> Said;

    /// What to do when a run ended between the start and the end of this action.
    fn on_interrupt(&self) -> OnInterrupt;

    /// What nothing else may touch while this runs.
    fn claims(&self) -> Vec<Claim> {
        Vec::new()
    }

    /// Whether it only looks with these parameters, though its kind may change something.
    fn only_looks(&self) -> bool {
        false
    }

    /// The action that undoes what this one does to the platform. It is durable before this one starts.
    fn undo(&self) -> Option<Undo> {
        None
    }

    /// What it destroys or breaks, as the rest of a sentence about it; a production platform must allow that.
    fn destructive(&self) -> Option<String> {
        None
    }

    /// Outputs that come from the parameters (captures) and not from the kind.
    fn captures(&self) -> Vec<String> {
        Vec::new()
    }

    /// What the parameters say of an output beyond what its kind promises.
    fn narrowed(&self, output: &str) -> Option<Narrowed> {
        let _ = output;
        None
    }

    /// The family of an output, where the parameters make it another one than the kind says.
    fn family(&self, output: &str) -> Option<Family> {
        let _ = output;
        None
    }

    /// What is wrong with the parameters in that environment, as far as it can be told without asking anybody: a name
    /// that the environment does not have, a query that cannot be read. Parameters may still be expressions.
    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        let _ = environment;
        Vec::new()
    }

    /// The earlier actions at whose evidence it looks, by name or as `step/name`; `None` where it looks at none. One that
    /// names nobody looks at all of them. They are in [`ActionContext::earlier`] then.
    fn looks_back(&self) -> Option<Vec<String>> {
        None
    }

    /// What it needs of the platform before it can do its work.
    fn needs(&self, environment: &Environment) -> Vec<Need> {
        let _ = environment;
        Vec::new()
    }

    /// The time after which this is taken for hung, where the step file names none.
    fn time_limit(&self) -> Duration {
        Duration::from_secs(60)
    }

    /// How long it should take, where the parameters tell; feeds estimates and progress bars.
    fn expected(&self) -> Option<Duration> {
        None
    }

    /// Does it. Must end soon after `cx.cancel` is cancelled, with [`ActionError::Cancelled`].
    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure>;
}

/// What is known of an output from the parameters of its action.
#[derive(Debug, Clone, PartialEq)]
pub struct Narrowed {
    /// What it can be, where it is not missing: one of these.
    pub known: Vec<Known>,
    /// What to do where that leaves no room for a criterion.
    pub hint: &'static str,
}

/// What a kind of action tells about itself; the register collects it.
pub trait Kind: Action + Sized + 'static {
    /// One sentence, in the third person.
    const SUMMARY: &'static str;
    /// One action as it is written in a step file, the kind's key included.
    const EXAMPLE: &'static str;
    /// Every output that it promises.
    const OUTPUTS: &'static [Output];
    /// What it is for. What has no effect may start while its intent is on its way to the disk.
    const ROLE: ActionRole;
    /// Whether it may be sampled as a watch. What only looks may, unless a look is long or keeps files.
    const WATCH: bool = matches!(Self::ROLE, ActionRole::Check);
}

/// One promised output of a kind.
#[derive(Debug, Clone, Copy, Serialize, schemars::JsonSchema)]
pub struct Output {
    /// Dotted name, as criteria write it behind the action's id.
    pub name: &'static str,
    /// Its unit; `none` for flags, texts and bare numbers.
    pub unit: Unit,
    /// What sort of value it is.
    pub sort: Sort,
    /// What it is, whatever its name, for readers that know no kinds.
    pub family: Family,
    /// The least number that it can be; none where there is no least. `check` refuses a criterion that no number from
    /// here to `most` could break.
    pub least: Option<f64>,
    /// The greatest number that it can be; none where there is no greatest.
    pub most: Option<f64>,
    /// What it means, in one sentence.
    pub meaning: &'static str,
}

/// What sort of value an output is; what a criterion does with it must fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// A boolean, which is neither ordered nor counted with.
    Flag,
    /// A number, with the unit of the output.
    Number,
    /// A text, which is compared for equality.
    Text,
}

/// Shorthand for tables of outputs: a number that is never negative, unless it is [`Output::signed`].
pub const fn output(name: &'static str, unit: Unit, meaning: &'static str) -> Output {
    let family = Family::of_unit(unit);
    Output { name, unit, sort: Sort::Number, family, least: Some(0.0), most: None, meaning }
}

/// Shorthand for tables of outputs: yes or no.
pub const fn flag_output(name: &'static str, meaning: &'static str) -> Output {
    Output { sort: Sort::Flag, family: Family::Flag, ..output(name, Unit::None, meaning) }
}

/// Shorthand for tables of outputs: a text.
pub const fn text_output(name: &'static str, meaning: &'static str) -> Output {
    Output { sort: Sort::Text, family: Family::Text, ..output(name, Unit::None, meaning) }
}

impl Output {
    /// A number that may be negative: a difference, a time between two clocks, a figure of somebody else's.
    pub const fn signed(self) -> Self {
        Self { least: None, ..self }
    }

    /// One of a family that its unit does not tell.
    pub const fn of(self, family: Family) -> Self {
        Self { family, ..self }
    }

    /// A number from `least` to `most`, both included.
    pub const fn within(self, least: f64, most: f64) -> Self {
        Self { least: Some(least), most: Some(most), ..self }
    }

    /// What an expression may assume of it.
    pub fn known(&self) -> Known {
        match self.sort {
            Sort::Flag => Known::Flag,
            Sort::Number => Known::Number {
                least: self.least.unwrap_or(f64::NEG_INFINITY),
                most: self.most.unwrap_or(f64::INFINITY),
            },
            Sort::Text => Known::Text,
        }
    }

    /// Whether `value` is one that it may have: of its sort, and a number of its unit and range. What is missing always
    /// may be.
    pub fn admits(&self, value: &Value) -> bool {
        match (self.sort, value) {
            (_, Value::Missing(_)) | (Sort::Flag, Value::Flag(_)) | (Sort::Text, Value::Text(_)) => true,
            (Sort::Number, Value::Number(number, unit)) => {
                *unit == self.unit
                    && self.least.is_none_or(|least| least <= *number)
                    && self.most.is_none_or(|most| *number <= most)
            }
            _ => false,
        }
    }
}

/// What to do with an action that had started and not finished when its run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnInterrupt {
    /// Only the operator can tell what state it left.
    Ask,
    /// Do it again in a new attempt; the old figures stay beside the new ones.
    Rerun,
    /// Do it again: it reads the real state first and changes only what differs.
    Verify,
}

/// Something that two actions must not share while both run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claim {
    /// The load of one cluster of the environment: two load tests would measure each other.
    ClusterLoad(String),
    /// The connector of that name.
    Connector(String),
    /// A topic, as `cluster/topic`.
    Topic(String),
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClusterLoad(cluster) => write!(f, "the load of cluster `{cluster}`"),
            Self::Connector(name) => write!(f, "connector `{name}`"),
            Self::Topic(topic) => write!(f, "topic `{topic}`"),
        }
    }
}

/// An action that was done before.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// Number of the step that it ran in, which may be the step that runs now.
    pub step: StepId,
    /// Name of that action in its step.
    pub action: ActionId,
    /// What it left, of the attempt that counts.
    pub artifacts: Vec<Artifact>,
    /// Whether the action has ended or still runs.
    pub ended: bool,
}

/// Everything an action may use while it runs.
#[derive(Debug, Clone)]
pub struct ActionContext {
    /// Name of the action in its step.
    pub action: ActionId,
    /// What operators answered to this action's questions before (a run without a terminal stops and is resumed).
    pub answers: Vec<Answer>,
    /// Where its artifacts go.
    pub artifacts: Arc<ArtifactDir>,
    /// Which try at the step this is.
    pub attempt: Attempt,
    /// Cancelled when the action must stop now.
    pub cancel: CancellationToken,
    /// Starts its child processes.
    pub children: Arc<Children>,
    /// When its time limit ends it; `None` for a look of a watch, and before it runs.
    pub deadline: Option<Instant>,
    /// What was done before, for an action that looks back, the nearest last; empty for others.
    pub earlier: Arc<[Earlier]>,
    /// The services of the platform, secrets as references.
    pub environment: Arc<Environment>,
    /// Asks a person, where there is one.
    pub operator: Arc<dyn Operator>,
    /// Tells the console how far it is.
    pub progress: Progress,
    /// Name of the run; names on the cluster are derived from it.
    pub run: RunId,
    /// Whether this is one sample of a watch: values only, no artifacts.
    pub sampling: bool,
    /// Number of the step that the action belongs to.
    pub step: StepId,
    /// The campaign's folder: relative paths and child processes start here.
    pub work_dir: PathBuf,
}

impl ActionContext {
    /// Until when it may wait for a part of a service that is starting again: a little less than its time limit, which would
    /// end it without the reason. A look of a watch does not wait.
    pub fn patience(&self) -> Instant {
        const TO_SAY_WHY: Duration = Duration::from_secs(6);
        let now = Instant::now();
        self.deadline
            .and_then(|deadline| deadline.checked_sub(TO_SAY_WHY))
            .map_or(now, |until| until.max(now))
    }

    /// A name for what this action has on a cluster, such as a consumer group. Every attempt at the step has the same.
    ///
    /// Runs are named by the second: host and folder keep those of two campaigns on one cluster apart.
    pub fn name_on_cluster(&self) -> String {
        let place = fingerprint::of_bytes(format!("{}:{}", host::name(), self.work_dir.display()));
        format!("jalon-{}-{}-{}-{}", self.run, self.step.padded(), self.action, &place[..8])
    }
}

/// Asks a person a question.
#[async_trait::async_trait]
pub trait Operator: fmt::Debug + Send + Sync {
    /// The answer, or `None` where no person can be asked (no terminal).
    async fn ask(&self, question: &str) -> Option<Answer>;
}

/// How far an action is; sending never waits and never fails.
#[derive(Debug, Clone, Default)]
pub struct Progress(Option<tokio::sync::mpsc::UnboundedSender<ProgressUpdate>>);

/// One message of [`Progress`].
#[derive(Debug, Clone)]
pub struct ProgressUpdate {
    /// The action that speaks.
    pub action: ActionId,
    /// How many units are done.
    pub done: u64,
    /// Of how many, where known.
    pub total: Option<u64>,
    /// A few words: the rate, the state waited for.
    pub message: Said,
}

impl Progress {
    /// A handle whose updates go to `sender`.
    pub fn new(sender: tokio::sync::mpsc::UnboundedSender<ProgressUpdate>) -> Self {
        Self(Some(sender))
    }

    /// Says how far `action` is.
    pub fn update(&self, action: &ActionId, done: u64, total: Option<u64>, message: impl Into<Said>) {
        if let Some(sender) = &self.0 {
            // Nobody listening is fine: progress is for show.
            let _ =
                sender.send(ProgressUpdate { action: action.clone(), done, total, message: message.into() });
        }
    }
}

/// Why an action could not be carried out. A measurement that came out badly is no error: it is evidence.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    /// The action was stopped before its end, on request.
    Cancelled,
    /// It ran and what it was to achieve did not happen.
    Failed(Said),
    /// The plan asks for something that this environment does not have or that makes no sense.
    Misconfigured {
        /// What is wrong, with the value and the parameter.
        message: Said,
        /// What to change, in the imperative.
        hint: Said,
    },
    /// A person must answer and none is there.
    NeedsAnswer {
        /// What was to be asked, as the action's `question` has it.
        question: String,
    },
    /// Evidence could not be stored.
    Store(#[from] crate::store::artifacts::ArtifactError),
    /// It took longer than its limit.
    TimedOut {
        /// Limit of one try, from `timeout` in the step file or from the action itself.
        limit: Duration,
    },
    /// A service does not answer.
    Unreachable {
        /// What it is (`Kafka cluster source`, `Connect`).
        service: Said,
        /// Address of the service, without user and password.
        address: String,
        /// Error of the attempt to reach it.
        cause: Said,
    },
}

impl Speaks for ActionError {
    fn said(&self) -> Said {
        match self {
            Self::Cancelled => cancelled(),
            Self::Failed(said) => said.clone(),
            Self::Misconfigured { message, .. } => message.clone(),
            Self::NeedsAnswer { question } => needs_answer(question),
            Self::Store(error) => error.said(),
            Self::TimedOut { limit } => timed_out(*limit),
            Self::Unreachable { service, address, cause } => unreachable(service, address, cause),
        }
    }
}

display_by_said!(ActionError);

messages! {
    area "action";
    cancelled() => "stopped before it was finished" / "arrêtée avant la fin";
    needs_answer(question) => "waits for an answer to: {question}" / "attend une réponse : {question}";
    timed_out(limit) => "did not end within {limit}" / "n'a pas pris fin en {limit}";
    unreachable(service, address, cause) => "{service} at {address} is unreachable: {cause}" / "{service} à {address} est injoignable : {cause}";
}

/// An [`ActionError`] with the evidence that was gathered before it.
#[derive(Debug)]
pub struct ActionFailure {
    /// The error, from which the class of the failure follows.
    pub error: ActionError,
    /// What had been seen until then.
    pub evidence: Evidence,
}

impl<E: Into<ActionError>> From<E> for ActionFailure {
    fn from(error: E) -> Self {
        Self { error: error.into(), evidence: Evidence::default() }
    }
}

impl ActionError {
    /// The plan asks for something that makes no sense, with what to try.
    /// It ran and what it was to achieve did not happen.
    pub fn failed(said: impl Into<Said>) -> Self {
        Self::Failed(said.into())
    }

    /// The plan asks for something that makes no sense, with what to try.
    pub fn misconfigured(message: impl Into<Said>, hint: impl Into<Said>) -> Self {
        Self::Misconfigured { message: message.into(), hint: hint.into() }
    }

    /// Adds the evidence gathered so far.
    pub fn with(self, evidence: Evidence) -> ActionFailure {
        ActionFailure { error: self, evidence }
    }
}
