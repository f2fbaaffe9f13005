//! [`Workshop`]: a copy of the campaign and a lab of its own, in which trials run one after another.

use super::{
    Unplaced, campaign, insert, judged,
    trials::{Again, Kept, Trial},
};
use crate::{
    action::mutate::Mutant,
    lab,
    plan::{Sources, source::Source},
    record::{ActionId, RunId, RunState, StepId, Value, event::ActionResult},
    store::{Runs, journal},
    support::{children::Children, fingerprint, text},
};
use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Instant,
};
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

/// The environment of the copy that is the lab.
const ENVIRONMENT: &str = "prove";

/// Why a trial could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// The operator asked for the end.
    #[error("stopped before it was finished")]
    Cancelled,
    /// A file of the workshop cannot be read or written.
    #[error("cannot use {}: {cause}", text::path(.path))]
    Disk {
        /// File or folder on which it failed.
        path: PathBuf,
        /// Error of the operating system.
        #[source]
        cause: io::Error,
    },
    /// The lab of the trials did not start.
    #[error(transparent)]
    Lab(#[from] lab::LabError),
    /// The campaign cannot be read.
    #[error(transparent)]
    Plan(#[from] crate::plan::load::CampaignError),
    /// The run left no record of what its steps came to.
    #[error("the run did not begin (exit {}): {said}", .exit.map_or_else(|| "by a signal".to_owned(), |code| code.to_string()))]
    NoRun {
        /// Exit code of the run; absent where a signal ended it.
        exit: Option<i32>,
        /// The last lines that it wrote.
        said: String,
    },
}

/// The copy of the campaign and the lab in which trials are made.
pub struct Workshop {
    /// The campaign that is tried.
    campaign: PathBuf,
    /// The workshop's own folder, below the campaign's.
    folder: PathBuf,
    options: lab::Options,
    program: PathBuf,
    /// The profile; the campaign's default where it is none.
    profile: Option<String>,
    /// The first and the last step.
    steps: (StepId, StepId),
    /// The step files, as the campaign has them.
    sources: Sources,
    /// What is tried, as a fingerprint.
    of: String,
}

impl Workshop {
    /// The workshop of a campaign: `steps` are the first and the last that run. The lab gets `options`, in a folder of its
    /// own.
    pub fn new(
        campaign: &Path,
        steps: (StepId, StepId),
        profile: Option<String>,
        program: PathBuf,
        options: impl FnOnce(PathBuf) -> lab::Options,
    ) -> Result<Self, ProveError> {
        let campaign = std::path::absolute(campaign).map_err(disk(campaign))?;
        let folder = campaign.join(".jalon/prove");
        let sources = Sources::read(&campaign)?;
        let options = options(folder.join("lab"));
        let texts: Vec<&str> = sources.steps.iter().chain([&sources.campaign]).map(|s| &*s.text).collect();
        let version = env!("CARGO_PKG_VERSION");
        let of =
            (version, texts, steps.0.0, steps.1.0, &profile, options.source_brokers, options.target_brokers);
        let of = fingerprint::of_json(&of);
        fs::create_dir_all(&folder).map_err(disk(&folder))?;
        Ok(Self { campaign, folder, options, program, profile, steps, sources, of })
    }

    /// The trials that were made of this plan before, without those that are made again.
    pub fn kept(&self, again: &Again) -> Result<Kept, ProveError> {
        let path = self.folder.join("trials.jsonl");
        Kept::open(path.clone(), &self.of, again).map_err(|cause| ProveError::Disk { path, cause })
    }

    /// The copy of the campaign, where the runs are.
    pub fn copy(&self) -> PathBuf {
        self.folder.join("campaign")
    }

    /// The steps in which a mutant has a place, in order.
    pub fn places(&self, mutant: &dyn Mutant) -> Vec<StepId> {
        let within = self.step_files().filter(|(step, _)| (self.steps.0..=self.steps.1).contains(step));
        within.filter(|(_, source)| insert::sites(source, mutant).is_ok()).map(|(step, _)| step).collect()
    }

    fn step_files(&self) -> impl Iterator<Item = (StepId, &Source)> {
        // Its number stands in the name as well, and `check` holds that they agree.
        self.sources.steps.iter().filter_map(|source| {
            let name = source.path.file_name()?.to_str()?;
            let number: String = name.chars().take_while(char::is_ascii_digit).collect();
            Some((StepId(number.parse().ok()?), source))
        })
    }

    /// Runs the steps on a fresh lab, with the mutant in that step, and keeps what they came to. The lab is down
    /// afterwards, whatever happened.
    pub async fn trial(
        &self,
        broken: Option<(&dyn Mutant, StepId)>,
        kept: &mut Kept,
        cancel: &CancellationToken,
        tell: &mut (dyn FnMut(lab::Progress) + Send),
    ) -> Result<Trial, ProveError> {
        let began = Instant::now();
        let made = self.run(broken, cancel, tell).await;
        let down = lab::down(&self.options.folder, true, tell).await;
        let (run, state) = made?;
        down?;
        let (applied, did) = broken.map_or((true, Vec::new()), |broken| applied(&state, broken));
        let trial = Trial {
            mutant: broken.map(|(mutant, _)| mutant.name().to_owned()),
            step: broken.map(|(_, step)| step),
            applied,
            did,
            run,
            judged: judged::all(&state),
            took_s: began.elapsed().as_secs_f64(),
        };
        let path = self.folder.join("trials.jsonl");
        kept.keep(&self.of, trial.clone()).map_err(|cause| ProveError::Disk { path, cause })?;
        Ok(trial)
    }

    async fn run(
        &self,
        broken: Option<(&dyn Mutant, StepId)>,
        cancel: &CancellationToken,
        tell: &mut (dyn FnMut(lab::Progress) + Send),
    ) -> Result<(RunId, RunState), ProveError> {
        // What a killed start left.
        lab::down(&self.options.folder, true, tell).await?;
        let copy = self.copy();
        campaign::copy(&self.campaign, &copy).map_err(disk(&copy))?;
        if let Some((mutant, step)) = broken {
            self.write_step(mutant, step)?;
        }
        tokio::select! {
            up = lab::up(&self.options, tell) => drop(up?),
            () = cancel.cancelled() => return Err(ProveError::Cancelled),
        }
        self.write_environment(&copy)?;
        let before = runs(&copy)?;
        let said = self.carry_out(&copy, cancel).await?;
        let made = runs(&copy)?.into_iter().find(|run| !before.contains(run));
        let no_run = || ProveError::NoRun { exit: said.0, said: last_lines(&said.1) };
        let run = made.ok_or_else(no_run)?;
        let dir = Runs::of_campaign(&copy).get(&run);
        let records = journal::read(&dir.journal()).map_err(|_| no_run())?.records;
        Ok((run, RunState::replay(&records)))
    }

    fn write_step(&self, mutant: &dyn Mutant, step: StepId) -> Result<(), ProveError> {
        let Some((_, source)) = self.step_files().find(|(id, _)| *id == step) else { return Ok(()) };
        let sites = match insert::sites(source, mutant) {
            Ok(sites) => sites,
            Err(Unplaced::Form | Unplaced::NothingThere) => return Ok(()),
        };
        let path = self.copy().join(&source.path);
        let text = insert::with(source, mutant, &sites);
        fs::write(&path, text).map_err(disk(&path))
    }

    fn write_environment(&self, copy: &Path) -> Result<(), ProveError> {
        let lab = &self.options.folder;
        let words = [self.program.as_path(), Path::new("lab"), Path::new("--folder"), lab];
        let words = words.map(|word| word.display().to_string());
        let text = lab::environment_text(lab, ENVIRONMENT, &words)?;
        let path = copy.join(format!("plan/environments/{ENVIRONMENT}.yaml"));
        fs::write(&path, text).map_err(disk(&path))
    }

    /// Runs the copy's steps; answers the exit code and what was said.
    async fn carry_out(
        &self,
        copy: &Path,
        cancel: &CancellationToken,
    ) -> Result<(Option<i32>, String), ProveError> {
        let out = self.folder.join("run.txt");
        let file = fs::File::create(&out).map_err(disk(&out))?;
        let again = file.try_clone().map_err(disk(&out))?;
        let mut command = Command::new(&self.program);
        command.arg("-C").arg(copy).args(["run", "--env", ENVIRONMENT]);
        command.arg("--no-doctor").args([
            "--from",
            &self.steps.0.to_string(),
            "--until",
            &self.steps.1.to_string(),
        ]);
        if let Some(profile) = &self.profile {
            command.args(["--profile", profile]);
        }
        command.env_remove("JALON_ENV").env_remove("JALON_PROFILE").env("NO_COLOR", "1");
        command.stdin(Stdio::null()).stdout(file).stderr(again);
        let children = Children::default();
        let (mut child, mut group) = children.spawn(command).map_err(disk(&self.program))?;
        let status = tokio::select! {
            status = child.wait() => status.map_err(disk(&self.program))?,
            () = cancel.cancelled() => {
                group.end(&mut child).await;
                return Err(ProveError::Cancelled);
            }
        };
        group.release();
        Ok((status.code(), fs::read_to_string(&out).unwrap_or_default()))
    }
}

/// Whether the mutant found something to break at each of its moments, and what it says it did.
fn applied(state: &RunState, (mutant, step): (&dyn Mutant, StepId)) -> (bool, Vec<String>) {
    let attempt = state.steps.get(&step).and_then(|status| status.latest());
    let mut did = Vec::new();
    let mut all = true;
    for moment in mutant.moments() {
        let action = attempt.and_then(|attempt| attempt.action(&ActionId::from(&*insert::action(*moment))));
        match action.and_then(|action| action.result.as_ref()) {
            Some(ActionResult::Done(evidence)) => {
                all &= evidence.get("applied") == Some(&Value::Flag(true));
                did.extend(evidence.remarks.iter().map(ToString::to_string));
            }
            Some(ActionResult::Failed { message, .. }) => {
                all = false;
                did.push(message.to_string());
            }
            None => all = false,
        }
    }
    (all, did)
}

fn runs(copy: &Path) -> Result<Vec<RunId>, ProveError> {
    let runs = Runs::of_campaign(copy).list().map_err(disk(copy))?;
    Ok(runs.into_iter().map(|run| run.run).collect())
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}

fn disk(path: &Path) -> impl Fn(io::Error) -> ProveError {
    let path = path.to_owned();
    move |cause| ProveError::Disk { path: path.clone(), cause }
}
