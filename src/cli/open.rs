//! Opening what a command works on: the plan, a run, its journal.

use super::{Exit, errors::CommandError, output};
use crate::{
    history,
    plan::{self, Options, Plan, Sources},
    record::{Language, Said, messages},
    store::{
        Lock, Recorder, RunDir, Runs, bundle,
        lock::{self, Left},
        verify,
    },
    support::{files, text},
};
use clap::Args;
use jiff::{Zoned, civil::Date};
use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

/// Which environment, which profile, which variables.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct PlanArgs {
    /// Environment: the name of a file of `plan/environments`.
    #[arg(long = "env", value_name = "NAME", env = "JALON_ENV")]
    pub environment: Option<String>,
    /// Profile of the campaign (`smoke`, `nominal`).
    #[arg(long, value_name = "NAME", env = "JALON_PROFILE")]
    pub profile: Option<String>,
    /// Set a variable of the campaign. May be repeated.
    #[arg(long = "var", value_name = "KEY=VALUE", value_parser = key_value)]
    pub vars: Vec<(String, serde_json::Value)>,
    /// Set variables of the campaign from a YAML file. May be repeated; the later file wins, and `--var` wins over all
    /// files.
    #[arg(long = "var-file", value_name = "FILE", value_parser = VarFile::read)]
    pub var_files: Vec<VarFile>,
}

/// A file of variables, read.
#[derive(Debug, Clone)]
pub(super) struct VarFile {
    path: String,
    vars: BTreeMap<String, serde_json::Value>,
}

impl VarFile {
    fn read(path: &str) -> Result<Self, String> {
        let text = files::read_text(Path::new(path)).map_err(|e| e.to_string())?;
        let vars = serde_yaml::from_str(&text).map_err(|error| {
            let line = error.location().map_or(1, |location| location.line());
            format!("line {line} cannot be read: write `NAME: VALUE` on each line")
        })?;
        Ok(Self { path: path.to_owned(), vars })
    }
}

/// Which run.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct RunChoice {
    /// The run. Default: the newest one.
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
}

/// Whether to take a lock over.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(super) struct TakeOver {
    /// Take over the lock of a process on another machine. Make sure first that the process has ended.
    #[arg(long)]
    pub take_over: bool,
}

impl PlanArgs {
    /// As the compiler wants them.
    pub(super) fn options(&self) -> Options {
        Options {
            typed_vars: self.vars.iter().map(|(name, _)| name.clone()).collect(),
            environment: self.environment.clone(),
            profile: self.profile.clone(),
            vars: self
                .var_files
                .iter()
                .flat_map(|file| file.vars.clone())
                .chain(self.vars.iter().cloned())
                .collect::<BTreeMap<_, _>>(),
            ..Options::default()
        }
    }

    /// Where the variable of that name comes from, in words.
    pub(super) fn origin_of(&self, name: &str) -> String {
        if self.vars.iter().any(|(key, _)| key == name) {
            return format!("`--var {name}`");
        }
        match self.var_files.iter().rev().find(|file| file.vars.contains_key(name)) {
            Some(file) => format!("`{name}` of {}", file.path),
            None => "`vars` of plan/campaign.yaml".to_owned(),
        }
    }
}

/// A day that may be on record: no later than tomorrow, which it is somewhere already.
pub(super) fn day(text: &str) -> Result<Date, String> {
    let day: Date = text.parse().map_err(|_| format!("`{text}` is not a day; write it as `2025-12-18`"))?;
    let today = Zoned::now().date();
    match today.tomorrow() {
        Ok(last) if day > last => Err(format!(
            "`{text}` has not come yet; write a day of the past, `{today}` or `{last}` at the latest"
        )),
        _ => Ok(day),
    }
}

/// `key=value`; the value is JSON where it is valid JSON (a number, a flag), else a text.
fn key_value(text: &str) -> Result<(String, serde_json::Value), String> {
    let (key, value) =
        text.split_once('=').ok_or_else(|| format!("`{text}` is not of the form KEY=VALUE"))?;
    Ok((key.to_owned(), serde_json::from_str(value).unwrap_or_else(|_| value.into())))
}

/// The compiled plan of the campaign in `dir`. What it refers to as secret is known afterwards; of a plan that came with a
/// bundle no command is run for it, before an action needs it.
pub(super) fn plan(dir: &Path, options: &Options) -> Result<Plan, CommandError> {
    let sources = Sources::read(dir)?;
    let options = options.filled_in(&sources);
    let commands = bundle::is_own_plan(dir);
    plan::learn(&sources, &options, commands);
    let mut plan = Plan::of(&sources, &options)?;
    // Files that the environment names are from the campaign's folder, wherever this process works.
    if let Ok(folder) = std::path::absolute(dir)
        && std::env::current_dir().is_ok_and(|here| here != folder)
    {
        plan.environment = plan.environment.below(&folder).into();
    }
    plan.learn_secrets(commands);
    Ok(plan)
}

/// Makes the secrets of the campaign in `dir` known, where there is one, so that none is written that somebody types.
pub(super) fn learn(dir: &Path) {
    let options = Options { environment: std::env::var("JALON_ENV").ok(), draft: true, ..Options::default() };
    // A mistake in the plan is told by the commands that need the plan.
    drop(plan(dir, &options));
}

/// The folder of the run that was chosen.
pub(super) fn run_dir(dir: &Path, choice: &RunChoice) -> Result<RunDir, CommandError> {
    Ok(history::choose(dir, choice.run.as_deref())?)
}

/// Tells in a line what a look shows not to be what was written, `of_run` of a run and what there is of the notes, the imports
/// and runs that are gone. The answer is that of `jalon verify`.
pub(super) fn tell_faults(dir: &Path, of_run: Vec<Said>, language: Language) -> Exit {
    let mut faults = of_run.into_iter().chain(verify::faults_of_campaign(&Runs::of_campaign(dir)));
    let Some(first) = faults.next() else { return Exit::Passed };
    let told = match faults.count() {
        0 => warning(first),
        more => warning_of_several(first, more),
    };
    output::tell(&told.in_language(language));
    Exit::Damaged
}

messages! {
    area "status warning";
    lock_taken_over(what) => "note: took over {what}" / "note : a repris {what}";
    record_cut_short(run, path) => "note: the last record of {run} was cut short by a crash; it is kept in {path}" / "note : le dernier enregistrement de {run} a été coupé par un arrêt brutal ; il est gardé dans {path}";
    warning(what) => "warning: {what}; `jalon verify` checks all" / "attention : {what} ; `jalon verify` contrôle tout";
    warning_of_several(what, count) => "warning: {what}, and {count} more {count|fault|faults}; `jalon verify` lists all" / "attention : {what}, et encore {count} {count|défaut|défauts} ; `jalon verify` les liste tous";
}

/// A file of the plan that could not be kept in the run's folder.
pub(super) fn not_stored(error: crate::store::artifacts::ArtifactError) -> CommandError {
    CommandError::Disk { verb: "write", path: error.path, cause: error.cause }
}

/// Takes a lock; what its last owner left is told.
pub(super) fn lock(
    path: &Path,
    what: &str,
    take_over: TakeOver,
    language: Language,
) -> Result<Lock, CommandError> {
    let lock = Lock::take(path, what, take_over.take_over)?;
    tell_left(lock.left(), None, language);
    Ok(lock)
}

/// Tells whose lock was taken over, unless `told` is of the same process.
fn tell_left(left: Option<&Left>, told: Option<&Left>, language: Language) {
    let process = |left: &Left| (left.owner.pid, left.owner.host.clone(), left.owner.boot_id.clone());
    if let Some(left) = left.filter(|left| told.map(process) != Some(process(left))) {
        output::tell(&lock_taken_over(left).in_language(language));
    }
}

/// As [`write()`], for what is written at once: others who do the same are waited for.
pub(super) fn write_soon(
    dir: &RunDir,
    what: &str,
    take_over: TakeOver,
    language: Language,
) -> Result<Recorder, CommandError> {
    let begun = Instant::now();
    loop {
        match write(dir, what, take_over, language) {
            Err(CommandError::Lock(lock::LockError::Held { .. })) if begun.elapsed() < SOON => {
                std::thread::sleep(Duration::from_millis(20));
            }
            opened => return opened,
        }
    }
}

/// How long somebody else's few records may take.
const SOON: Duration = Duration::from_secs(30);

/// Opens what a folder has on record to write to it; what the writer before it left is told.
pub(super) fn write(
    dir: &RunDir,
    what: &str,
    take_over: TakeOver,
    language: Language,
) -> Result<Recorder, CommandError> {
    write_under(None, dir, what, take_over, language)
}

/// As [`write()`], under another lock: of a process that left both, that one was told.
pub(super) fn write_under(
    lock: Option<&Lock>,
    dir: &RunDir,
    what: &str,
    take_over: TakeOver,
    language: Language,
) -> Result<Recorder, CommandError> {
    let opened = Recorder::open(dir, what, take_over.take_over)?;
    tell_left(opened.left.as_ref(), lock.and_then(Lock::left), language);
    if let Some(torn) = opened.torn {
        output::tell(&record_cut_short(dir.run.as_str(), text::path(&torn)).in_language(language));
    }
    Ok(opened.recorder)
}
