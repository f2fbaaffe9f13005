//! What a comparison comes to: [`Comparison`], as `jalon compare --json` prints it.

use super::{
    bootstrap::{Difference, Interval},
    messages,
};
use crate::record::{ActionId, Attempt, Family, RunId, Said, Speaks, StepId, Unit, Verdict, display_by_said};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// Two runs beside each other.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Comparison {
    /// The run that was named first.
    pub before: RunSide,
    /// The run that `before` is compared with.
    pub after: RunSide,
    /// What differed, apart from the figures: read this first.
    pub differs: Vec<Differing>,
    /// What could not be compared for want of evidence, in sentences.
    pub unknown: Vec<Said>,
    /// The loads that both have.
    pub scenarios: Vec<Scenario>,
    /// Loads of the first run alone.
    pub only_before: Vec<Place>,
    /// Loads of the other run alone.
    pub only_after: Vec<Place>,
}

/// Name, environment and profile of one of the two runs.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RunSide {
    /// Name of the run.
    pub run: RunId,
    /// Name of its environment.
    pub environment: Option<String>,
    /// Name of its profile, such as `smoke`; `null` where its journal does not say.
    pub profile: Option<String>,
    /// Time of its first record; `null` where there is none.
    pub started: Option<Timestamp>,
}

/// Class of a difference between two runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// The client of a load, its driver or its properties: figures are not compared.
    Client,
    /// A parameter of a load: figures are not compared.
    Load,
    /// The version of this program.
    Program,
    /// The environment or its file.
    Environment,
    /// The profile or a value of the plan that a step uses.
    Profile,
    /// A variable that the operator replaced.
    Variable,
    /// The text of a step file.
    Plan,
    /// Brokers, their version or their settings.
    Broker,
    /// A topic of a load: partitions, replication or settings.
    Topic,
    /// A connector or its settings.
    Connector,
    /// How a client is connected (TLS, log-in), or on which cluster, topic or group it works.
    Connection,
}

/// One thing that is not the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Differing {
    /// Class of the thing that differs.
    pub what: What,
    /// Name of the thing that differs, such as a setting with its topic.
    pub name: Said,
    /// What it was; `null` where there was nothing.
    pub before: Option<Said>,
    /// What it is in the later run; `null` where it is gone.
    pub after: Option<Said>,
}

/// Where a load stands in its run.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Place {
    /// Number of the step that has the load.
    pub step: StepId,
    /// Number of the attempt, from 1.
    pub attempt: Attempt,
    /// What the attempt came to; `null` before its end.
    pub verdict: Option<Verdict>,
    /// Name of the action in the step.
    pub action: ActionId,
    /// Kind of the action, such as `produce`.
    pub kind: String,
}

/// One load in both runs, with its figures.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Scenario {
    /// Step, attempt and action in the first run.
    pub before: Place,
    /// Step, attempt and action in the other run.
    pub after: Place,
    /// Whether load and client are the same, so that figures may be compared.
    pub comparable: bool,
    /// What differs in load, client and connection.
    pub differs: Vec<Differing>,
    /// Windows of one second that were looked at, before and after, the warm-up left out; 0 where none were kept.
    pub windows: [usize; 2],
    /// Over how many windows they hang together, before and after; 0 where no interval could be drawn.
    pub stretch: [usize; 2],
    /// What a reader must know beside the figures.
    pub remarks: Vec<Said>,
    /// One entry for each output that either of the two has.
    pub figures: Vec<Figure>,
}

/// What came out for one figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// It is higher, beyond the noise within the runs.
    Higher,
    /// It is lower, beyond the noise within the runs.
    Lower,
    /// The interval of the difference holds zero.
    NoDetectableDifference,
    /// Both are there and no difference is told, for the reason in `why`.
    NotCompared,
    /// One of the two was not measured.
    NotMeasured,
}

/// One figure, before and after.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Figure {
    /// Name of the output, such as `latency_ms.p99`.
    pub name: String,
    /// What it means, where its action said so.
    #[serde(skip)]
    pub family: Option<Family>,
    /// Unit of all values of this figure, percentages apart.
    pub unit: Unit,
    /// What it was; `null` where it was not measured.
    pub before: Option<f64>,
    /// Value in the other run; `null` where it was not measured.
    pub after: Option<f64>,
    /// The difference in its unit; `null` where none is told.
    pub change: Option<Range>,
    /// The difference in percent of what it was; `null` also where that was 0, or might have been.
    pub change_percent: Option<Range>,
    /// Conclusion from the interval of the difference.
    pub finding: Finding,
    /// Why no difference is told; `null` where one is.
    pub why: Option<Said>,
}

/// A difference and its two-sided 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Range {
    /// The difference that was measured, after minus before.
    pub estimate: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

impl Differing {
    /// Whether the figures of a load with this difference are not compared.
    pub fn forbids(&self) -> bool {
        matches!(self.what, What::Client | What::Load)
    }
}

impl Speaks for What {
    fn said(&self) -> Said {
        match self {
            Self::Broker => messages::what_broker(),
            Self::Client => messages::what_client(),
            Self::Connection => messages::what_connection(),
            Self::Connector => messages::what_connector(),
            Self::Environment => messages::what_environment(),
            Self::Load => messages::what_load(),
            Self::Plan => messages::what_plan(),
            Self::Profile => messages::what_profile(),
            Self::Program => messages::what_program(),
            Self::Topic => messages::what_topic(),
            Self::Variable => messages::what_variable(),
        }
    }
}

impl Speaks for Differing {
    fn said(&self) -> Said {
        let side = |side: &Option<Said>| side.clone().unwrap_or_else(messages::nothing);
        messages::differs(&self.what, &self.name, side(&self.before), side(&self.after))
    }
}

display_by_said!(Differing);

impl From<Interval> for Range {
    fn from(of: Interval) -> Self {
        Self { estimate: of.estimate, low: of.low, high: of.high }
    }
}

impl Finding {
    pub(super) fn of(difference: &Difference) -> Self {
        match difference {
            d if d.change.low > 0.0 => Self::Higher,
            d if d.change.high < 0.0 => Self::Lower,
            _ => Self::NoDetectableDifference,
        }
    }
}
