//! [`StatusModel`]: where a run stands, for a person at a terminal and for a script.

pub(super) mod columns;
pub(super) mod exports;
pub(super) mod left;
pub(super) mod terminal;

use super::language::Language;
use crate::record::{
    ActionId, RunState, Said, Selection, StepId, StepState,
    event::{ActionResult, Cause, Judgement, Operand, Outcome},
    state::{ActionStatus, AttemptStatus, StepStatus},
};
use jiff::{Timestamp, tz::TimeZone};
use left::Left;
use serde::Serialize;
use serde_json::Value as Json;

/// Where a run stands. As JSON its fields are a contract with scripts: fields may be added, none changes.
///
/// Beside the fields of the contract (`run`, `environment`, `profile`, `started`, `state`, `steps` and theirs) there
/// are `campaign`, `production`, `live`, `updated`, `left_in_place`, `next`; on a step `state_text`, `reason`, `doing`; on a criterion
/// `observed_text`, `limit_text`, `must`.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct StatusModel {
    /// Name of the run, such as `20251218-091500-lab`.
    pub run: String,
    /// Name of the campaign, as the campaign file has it.
    pub campaign: String,
    /// Name of the environment.
    pub environment: String,
    /// Whether it is a production environment.
    pub production: bool,
    /// Name of the profile, such as `smoke`.
    pub profile: String,
    /// Time of the first record; `null` where the journal has none.
    pub started: Option<Timestamp>,
    /// Time of the latest record; `null` where the journal has none.
    pub updated: Option<Timestamp>,
    /// `running`, `passed`, `failed`, `inconclusive`, `error`, `unreachable`, `waiting` or `interrupted`.
    pub state: String,
    /// Whether a living process writes the run.
    pub live: bool,
    /// Every step in the order of the numbers.
    pub steps: Vec<StepRow>,
    /// Faults and other changes of the platform that the run made and did not undo, oldest first.
    pub left_in_place: Vec<Left>,
    /// Commands that lead on, the best one first.
    pub next: Vec<String>,
    /// Language of titles and reasons.
    #[serde(skip)]
    pub language: Language,
    /// The run's outcome; none while it goes on.
    #[serde(skip)]
    pub outcome: Option<Outcome>,
    /// The plan as a Mermaid flowchart.
    #[serde(skip)]
    pub diagram: String,
    /// When this was looked up.
    #[serde(skip)]
    pub now: Timestamp,
}

/// One step of the plan with its state.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct StepRow {
    /// Number of the step in the plan.
    pub step: StepId,
    /// Its title, in the language asked for.
    pub title: String,
    /// Its state, in the words of scripts.
    pub state: StepState,
    /// Its state, in a word of the language.
    pub state_text: String,
    /// Number of its latest attempt, `null` before the first.
    pub attempt: Option<u32>,
    /// How many attempts there are.
    pub attempts: usize,
    /// When the latest attempt began.
    pub started: Option<Timestamp>,
    /// When the latest attempt ended; `null` before.
    pub ended: Option<Timestamp>,
    /// Why it stands so, in a sentence; empty where there is nothing to add.
    pub reason: String,
    /// Actions that are in progress now.
    pub doing: Vec<String>,
    /// Its criteria, judged or not.
    pub criteria: Vec<CriterionRow>,
}

/// One criterion with its verdict in the latest attempt.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct CriterionRow {
    /// As written in the plan.
    pub expect: String,
    /// How much its failure weighs: `critical` or `warn`.
    pub severity: crate::record::Severity,
    /// Whether it cannot be waived.
    pub must: bool,
    /// `pass`, `warn`, `fail`, `inconclusive`, `error`; `null` where it was not judged.
    pub verdict: Option<crate::record::Verdict>,
    /// Whether it applies; `false` where all that it looks at was passed over.
    pub applies: bool,
    /// Exact value of the left side; `null` where there is none.
    pub observed: Json,
    /// Exact value of the right side; `null` where there is none.
    pub limit: Json,
    /// The left side as shown, with its unit.
    pub observed_text: Option<String>,
    /// The right side as shown, with its unit.
    pub limit_text: Option<String>,
    /// Why, in a sentence; empty where it was not judged yet.
    pub reason: String,
}

/// What a status is made from, beside the state.
#[derive(Debug, Clone)]
pub struct Look<'a> {
    /// Name of the run's folder, for a journal that has no first record yet.
    pub run: &'a str,
    /// Whether a living process writes the run.
    pub live: bool,
    /// Language of the texts; scripts get English.
    pub language: Language,
    /// The time zone of what is shown to a person.
    pub zone: TimeZone,
    /// Current time; durations of what is running count up to it.
    pub now: Timestamp,
    /// Whether the commands that lead on must name the run, because it is not the newest one.
    pub name_run: bool,
}

/// State of a step as shown: what a dead run left running was interrupted.
pub fn shown_state(state: &RunState, step: StepId, now: Timestamp, live: bool) -> StepState {
    match state.step_state(step, now) {
        StepState::Running if !live => StepState::Interrupted,
        shown => shown,
    }
}

/// How a run stands: none while it goes on; what has no outcome and no living writer was interrupted. A waiver that let a
/// run end well and that has expired since counts no longer.
pub fn outcome(state: &RunState, live: bool, now: Timestamp) -> Option<Outcome> {
    let recorded = match live {
        true => return None,
        false => state.outcome.unwrap_or(Outcome::Interrupted),
    };
    let waived = state.steps.values().filter(|status| status.waiver.is_some());
    let shown: Vec<StepState> = waived.map(|status| state.step_state(status.outline.step, now)).collect();
    Some(match recorded {
        Outcome::PassedWithExceptions if shown.contains(&StepState::Failed) => Outcome::Failed,
        Outcome::PassedWithExceptions if shown.contains(&StepState::Error) => Outcome::Error,
        Outcome::PassedWithExceptions if !shown.iter().all(|s| s.unlocks()) => Outcome::Inconclusive,
        recorded => recorded,
    })
}

/// The word of an outcome for scripts.
pub fn outcome_code(outcome: Option<Outcome>) -> &'static str {
    match outcome {
        None => "running",
        Some(Outcome::Passed) => "passed",
        Some(Outcome::PassedWithExceptions) => "passed-with-exceptions",
        Some(Outcome::Failed) => "failed",
        Some(Outcome::Inconclusive) => "inconclusive",
        Some(Outcome::Error) => "error",
        Some(Outcome::Unreachable) => "unreachable",
        Some(Outcome::Waiting) => "waiting",
        Some(Outcome::Interrupted) => "interrupted",
    }
}

impl StatusModel {
    /// Builds the model of a state, as a reader sees it at the time of `look`.
    pub fn new(state: &RunState, look: &Look<'_>) -> Self {
        let plan = state.header.as_ref().map(|h| &h.plan);
        let shown = |step| shown_state(state, step, look.now, look.live);
        let outcome = outcome(state, look.live, look.now);
        Self {
            run: state.header.as_ref().map_or(look.run, |h| h.run.as_str()).to_owned(),
            campaign: plan.map(|p| p.campaign.clone()).unwrap_or_default(),
            environment: plan.map(|p| p.environment.clone()).unwrap_or_default(),
            production: plan.is_some_and(|p| p.production),
            profile: plan.map(|p| p.profile.clone()).unwrap_or_default(),
            started: state.started,
            updated: state.last.map(|(_, at)| at),
            state: outcome_code(outcome).to_owned(),
            live: look.live,
            steps: state.steps.values().map(|s| row(s, shown(s.outline.step), look.language)).collect(),
            left_in_place: left_in_place(state, look),
            next: next(state, look),
            language: look.language,
            outcome,
            diagram: super::charts::mermaid::plan(look.language, state, shown),
            now: look.now,
        }
    }
}

impl StepRow {
    /// Counts the criteria that hold.
    pub fn passed(&self) -> usize {
        self.criteria.iter().filter(|c| c.verdict == Some(crate::record::Verdict::Pass)).count()
    }

    /// Counts the criteria that apply to the platform.
    pub fn applying(&self) -> usize {
        self.criteria.iter().filter(|c| c.applies).count()
    }
}

fn row(status: &StepStatus, shown: StepState, language: Language) -> StepRow {
    let latest = status.latest();
    StepRow {
        step: status.outline.step,
        title: status.outline.title.get(language.code()).to_owned(),
        state: shown,
        state_text: language.state(shown).to_owned(),
        attempt: latest.map(|a| a.attempt.0),
        attempts: status.attempts.len(),
        started: latest.map(|a| a.started),
        ended: latest.and_then(|a| a.ended),
        reason: reason(status, shown, language),
        doing: latest.filter(|_| shown == StepState::Running).map(doing).unwrap_or_default(),
        criteria: (0..status.outline.criteria.len())
            .map(|index| criterion(status, index, language))
            .collect(),
    }
}

/// Why a step stands as it does.
pub fn reason(status: &StepStatus, shown: StepState, language: Language) -> String {
    let told = |recorded: &Said| language.say(recorded);
    // What a person wrote is left as it is.
    let said = |by: &str, what: &str| format!("{by}{}{what}", language.colon());
    match shown {
        StepState::Waived => status.waiver.as_ref().map(|w| said(&w.by, &w.reason)),
        StepState::Skipped => status.skipped.as_ref().map(|s| said(&s.by, &told(&s.reason))),
        StepState::NotApplicable => status.not_applicable.as_ref().map(told),
        StepState::AwaitingApproval => status
            .latest()
            .and_then(|a| a.approval.as_ref())
            .map(|(approve, _)| said(&approve.role, &approve.question)),
        StepState::Interrupted => Some(interrupted(status, language)),
        _ if !status.questions.is_empty() => Some(interrupted(status, language)),
        StepState::Locked | StepState::Ready => status.reset.as_ref().map(told),
        _ => status.latest().map(|a| told(&a.reason)),
    }
    .unwrap_or_default()
}

/// The action of a step whose question a person has to answer before the run goes on.
pub(super) fn asking(status: &StepStatus) -> Option<&ActionId> {
    let asks = |a: &&ActionStatus| {
        matches!(a.result, Some(ActionResult::Failed { cause: Cause::NeedsAnswer, .. }))
            && !status.answers.contains_key(&a.action)
    };
    let of_latest = || status.latest()?.actions.iter().find(asks).map(|a| &a.action);
    status.questions.keys().next().or_else(of_latest)
}

/// What was in progress when the run ended under a step, by name.
fn interrupted(status: &StepStatus, language: Language) -> String {
    use super::language::Word;
    let Some(attempt) = status.latest() else { return String::new() };
    if let Some(question) = status.questions.values().next() {
        let question = language.say(question);
        return language.fill(Word::WaitsForAnswer, &[("question", &question)]);
    }
    let asked = attempt.actions.iter().find_map(|a| match &a.result {
        Some(ActionResult::Failed { cause: Cause::NeedsAnswer, message, .. }) => Some(language.say(message)),
        _ => None,
    });
    let hanging = doing(attempt);
    match (asked, hanging.is_empty()) {
        (Some(question), _) => question,
        (None, false) => language.fill(Word::InterruptedDuring, &[("actions", &hanging.join(", "))]),
        (None, true) => language.word(Word::InterruptedBetween).to_owned(),
    }
}

/// Actions that began and have no end.
pub(super) fn doing(attempt: &AttemptStatus) -> Vec<String> {
    attempt.actions.iter().filter(|a| a.result.is_none()).map(|a| a.action.to_string()).collect()
}

fn criterion(status: &StepStatus, index: usize, language: Language) -> CriterionRow {
    let outline = &status.outline.criteria[index];
    let judged = judgement(status, index);
    let passed_over = passed_over(status, index);
    let [observed_text, limit_text] = judged.map(|j| j.sides(language)).unwrap_or_default();
    let exact = |side: fn(&Judgement) -> &Option<Operand>| {
        judged.and_then(|j| side(j).as_ref()).map_or(Json::Null, |operand| exact(&operand.value))
    };
    CriterionRow {
        expect: outline.text.clone(),
        severity: outline.severity,
        must: outline.must,
        verdict: judged.map(|j| j.verdict),
        applies: passed_over.is_none(),
        observed: exact(|j| &j.observed),
        limit: exact(|j| &j.limit),
        observed_text,
        limit_text,
        reason: judged.map(|j| &j.reason).or(passed_over).map_or_else(String::new, |r| language.say(r)),
    }
}

/// Why a criterion was not judged in the latest attempt, where what it looks at was passed over.
pub(super) fn passed_over(status: &StepStatus, index: usize) -> Option<&Said> {
    status.latest()?.not_judged.get(&index)
}

/// How many criteria of a step apply.
pub(super) fn applying(status: &StepStatus) -> usize {
    (0..status.outline.criteria.len()).filter(|index| passed_over(status, *index).is_none()).count()
}

/// What a criterion came to in the latest attempt. A plan that changed since has other criteria: theirs do not count.
pub(super) fn judgement(status: &StepStatus, index: usize) -> Option<&Judgement> {
    let text = &status.outline.criteria.get(index)?.text;
    status.latest()?.judgements.iter().find(|j| j.index == index && j.text == *text)
}

fn exact(value: &crate::record::Value) -> Json {
    super::model::Figure::new(value, String::new(), None).exact
}

fn left_in_place(state: &RunState, look: &Look<'_>) -> Vec<Left> {
    if look.live {
        return Vec::new();
    }
    left::left(state, look.name_run.then_some(look.run), look.language, &look.zone)
}

/// Commands that lead on. A platform that is still broken comes before all else.
fn next(state: &RunState, look: &Look<'_>) -> Vec<String> {
    let mut commands = leading_on(state, look);
    let resumes = |command: &String| command.starts_with("jalon resume");
    if !look.live && state.to_undo().next().is_some() && !commands.first().is_some_and(resumes) {
        let run = if look.name_run { format!(" --run {}", look.run) } else { String::new() };
        commands.retain(|command| !resumes(command));
        commands.insert(0, format!("jalon resume{run}"));
    }
    commands
}

fn leading_on(state: &RunState, look: &Look<'_>) -> Vec<String> {
    let run = if look.name_run { format!(" --run {}", look.run) } else { String::new() };
    let of = |wanted: StepState| {
        state.steps.keys().copied().find(|s| shown_state(state, *s, look.now, look.live) == wanted)
    };
    if look.live {
        return of(StepState::Running).map(|s| format!("jalon show {s}{run}")).into_iter().collect();
    }
    if state.header.is_none() {
        return vec!["jalon run".to_owned()];
    }
    let resume = format!("jalon resume{run}");
    if let Some(step) = of(StepState::AwaitingApproval) {
        return vec![format!("jalon approve {step}{run}"), resume];
    }
    let question = state
        .steps
        .values()
        .filter(|s| !state.step_state(s.outline.step, look.now).unlocks())
        .find_map(|s| Some(format!("jalon approve {} --action {}{run}", s.outline.step, asking(s)?)));
    if let Some(question) = question {
        return vec![question, resume];
    }
    // What a crash left of a step, faults first, comes before what a verdict asks for.
    let resumable = of(StepState::Interrupted).is_some_and(|step| !state.has_left(step));
    if let Some(step) =
        [StepState::Failed, StepState::Error, StepState::Inconclusive].into_iter().find_map(of)
    {
        let mut commands = vec![format!("jalon show {step}{run}")];
        if !state.has_left(step) {
            commands.push(format!("jalon retry {step}{run}"));
        }
        if resumable {
            commands.insert(0, resume);
        }
        let status = &state.steps[&step];
        let must_hold = (0..status.outline.criteria.len()).any(|index| {
            status.outline.criteria[index].must
                && judgement(status, index).is_some_and(|j| !j.verdict.unlocks())
        });
        if !must_hold {
            commands.push(format!("jalon waive {step}{run} --reason …"));
        }
        return commands;
    }
    if let Some(step) = state.waits_for_skip(look.now) {
        return vec![format!("jalon skip {step}{run} --reason …"), resume];
    }
    let narrowed = state.header.as_ref().and_then(|h| h.selection.as_deref()).map(Selection::of_text);
    let goes_on = |step: &StepId| {
        matches!(shown_state(state, *step, look.now, look.live), StepState::Interrupted | StepState::Ready)
    };
    let mut open = state.steps.keys().filter(|step| goes_on(step)).peekable();
    if open.peek().is_some() {
        // A resumed run goes no further than it was started for.
        let within = narrowed.is_none_or(|narrowed| open.any(|step| narrowed.includes(*step)));
        return vec![if within { resume } else { format!("{resume} --all") }];
    }
    vec![format!("jalon report{run}")]
}
