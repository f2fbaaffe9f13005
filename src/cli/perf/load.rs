//! Runs the action of a `jalon perf`: live figures on a terminal, a bound on its time, Ctrl-C.

use super::{job::Job, target::BY_ADDRESS};
use crate::{
    action::{ActionContext, ActionError, ActionFailure, Operator, Progress, ProgressUpdate},
    cli::{CommandError, Exit, output, signals},
    clients::Environment,
    engine::{self, Stop},
    record::{ActionId, Answer, Attempt, Evidence, RunId, Said, StepId},
    store::ArtifactDir,
    support::{terminal, text},
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use std::{path::Path, sync::Arc, time::Duration};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// What a load came to.
pub(super) struct LoadResult {
    pub(super) description: String,
    pub(super) evidence: Evidence,
    /// Why it did not go on to its end.
    pub(super) error: Option<ActionError>,
}

/// Nobody is asked anything.
#[derive(Debug)]
struct Nobody;

#[async_trait::async_trait]
impl Operator for Nobody {
    async fn ask(&self, _: &str) -> Option<Answer> {
        None
    }
}

impl LoadResult {
    /// The exit code of a load that ended by itself or was stopped, else its error.
    pub(super) fn into_result(self) -> Result<Exit, CommandError> {
        match self.error {
            None => Ok(Exit::Passed),
            Some(ActionError::Cancelled) => {
                output::tell("stopped before its end");
                Ok(Exit::Interrupted)
            }
            Some(error @ ActionError::Misconfigured { .. }) => Err(usage(error)),
            Some(error) => Err(CommandError::Action(error)),
        }
    }
}

/// Runs the load with its artifacts in `folder`. The error is that it cannot be begun.
pub(super) async fn run(job: &Job, folder: &Path) -> Result<LoadResult, CommandError> {
    let name = job.kind.name;
    let action = (job.kind.parse)(&job.params).map_err(|error| CommandError::Usage {
        message: format!("`{}`: {error}", error.path.join(".")),
        hint: format!("see `jalon perf {name} --help`"),
    })?;
    if let Some(mistake) = action.mistakes(&job.environment).into_iter().next() {
        let error = ActionError::misconfigured(Said::verbatim(mistake.message), Said::verbatim(mistake.hint));
        return Err(usage(in_words_of_options(error, &job.environment)));
    }
    let (sender, updates) = mpsc::unbounded_channel();
    let cx = ActionContext {
        action: ActionId::from(name),
        answers: Vec::new(),
        artifacts: Arc::new(ArtifactDir::new(folder, ".")),
        attempt: Attempt::FIRST,
        cancel: CancellationToken::new(),
        children: Arc::default(),
        deadline: None,
        earlier: Arc::default(),
        environment: Arc::new(job.environment.clone()),
        operator: Arc::new(Nobody),
        progress: Progress::new(sender),
        run: RunId::new(Timestamp::now().strftime("perf-%Y%m%d-%H%M%S").to_string()),
        sampling: false,
        step: StepId(0),
        work_dir: std::env::current_dir().unwrap_or_default(),
    };
    let bar = Bar::new(name, action.expected());
    let showing = tokio::spawn(show(updates, bar.clone()));
    let stopping = stop_on_signals(cx.cancel.clone(), bar.clone());
    let outcome = engine::bounded(&*action, &cx, action.time_limit(), &Stop::default()).await;
    drop(stopping);
    drop(cx);
    // What was said last is shown before the bar goes.
    let _ = showing.await;
    bar.finish();
    let (evidence, error) = match outcome {
        Ok(evidence) => (evidence, None),
        Err(ActionFailure { error, evidence }) => (evidence, Some(error)),
    };
    let description = named(&action.describe(), &job.environment);
    Ok(LoadResult {
        description,
        evidence,
        error: error.map(|error| in_words_of_options(error, &job.environment)),
    })
}

/// The first signal ends the load, whose figures are then shown; the second one ends this process.
fn stop_on_signals(cancel: CancellationToken, bar: Bar) -> signals::Listening {
    signals::on_each(move || {
        if cancel.is_cancelled() {
            leave();
        }
        bar.say("stopping: what is in flight is not waited for; again to leave at once");
        cancel.cancel();
    })
}

#[expect(clippy::exit, reason = "the operator asked twice: nothing is left to be shown")]
fn leave() -> ! {
    std::process::exit(i32::from(Exit::Interrupted as u8))
}

async fn show(mut updates: mpsc::UnboundedReceiver<ProgressUpdate>, bar: Bar) {
    while let Some(update) = updates.recv().await {
        bar.update(&update);
    }
}

/// A line of live figures, where a person watches.
#[derive(Clone)]
struct Bar {
    bar: ProgressBar,
    /// The end of a load that has no number of records.
    expected: Option<Duration>,
}

impl Bar {
    fn new(kind: &'static str, expected: Option<Duration>) -> Self {
        // A bar and the log would write over each other.
        let target = match output::is_watched() && !tracing::dispatcher::has_been_set() {
            true => terminal::bars(),
            false => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(None, target);
        bar.set_style(style("{prefix} {spinner} {elapsed}  {msg}"));
        bar.set_prefix(kind);
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, expected }
    }

    fn update(&self, update: &ProgressUpdate) {
        if let Some(total) = update.total.filter(|total| *total > 0) {
            if self.bar.length() != Some(total) {
                self.bar.set_length(total);
                self.bar.set_style(style("{prefix} {bar:20} {percent:>3}% {elapsed}  {msg}"));
            }
            self.bar.set_position(update.done);
        }
        let of = match (self.expected, update.total) {
            (Some(expected), None) => format!(" of {}", text::duration(expected)),
            _ => String::new(),
        };
        self.bar.set_message(format!("{}{of}", text::cut(&update.message, 40)));
    }

    fn say(&self, line: &str) {
        self.bar.suspend(|| output::tell(line));
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

/// A sentence about a cluster that has no name, only an address.
fn named(text: &str, environment: &Environment) -> String {
    let Some(cluster) = environment.clusters.get(BY_ADDRESS).filter(|_| environment.name == BY_ADDRESS)
    else {
        return text.to_owned();
    };
    let own = format!("cluster `{BY_ADDRESS}`");
    text.replace(&format!("{own}: "), "")
        .replace(&format!("of {own}"), &format!("at {}", cluster.bootstrap_servers))
        .replace(&format!(" {own}"), "")
}

/// The error in words of the command line, where the action's own speaks of a plan.
fn in_words_of_options(error: ActionError, environment: &Environment) -> ActionError {
    let options = |text: &str| {
        named(text, environment)
            .replace("`record_size`", "`--record-size`")
            .replace("`records`", "`--num-records`")
            .replace("`duration`", "`--duration`")
            .replace("in `properties`", "as a property")
    };
    match error {
        ActionError::Failed(message) => ActionError::failed(Said::verbatim(options(&message))),
        ActionError::Misconfigured { message, hint } => {
            let hint = match hint.id() {
                Some("load action.create_topic") => {
                    "create it first: `kafka-topics.sh --create --topic NAME --partitions 6`".to_owned()
                }
                Some("load action.check_properties") => {
                    "check the properties that were given, and their file".to_owned()
                }
                _ => options(&hint),
            };
            ActionError::misconfigured(Said::verbatim(options(&message)), Said::verbatim(hint))
        }
        ActionError::Unreachable { service, address, cause } => {
            ActionError::Unreachable { service: Said::verbatim(named(&service, environment)), address, cause }
        }
        error => error,
    }
}

fn usage(error: ActionError) -> CommandError {
    match error {
        ActionError::Misconfigured { message, hint } => {
            CommandError::Usage { message: message.into(), hint: hint.into() }
        }
        error => CommandError::Action(error),
    }
}
