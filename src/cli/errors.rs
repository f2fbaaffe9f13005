//! The only place that shows an error: what is wrong, where, what to try; and the exit code of its cause.

mod drawn;
mod of_run;

pub(super) use drawn::drawn;

use super::{exit::Exit, findings, typed};
use crate::{
    action::ActionError,
    doctor::Finding,
    engine, history, lab,
    plan::{self, Problem},
    prove,
    record::{Arg, Language, RunId, Said, Speaks, faults},
    report::{self, GatherError, WIDTH, wrap},
    store::{bundle, journal, lock, recorder},
    support::{redact, text},
};
use std::{
    fmt::Write as _,
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
};

/// Everything that can end a command.
#[derive(Debug, thiserror::Error)]
pub(super) enum CommandError {
    /// An action that a command runs by itself.
    #[error(transparent)]
    Action(#[from] ActionError),
    /// A run that has no such thing, or not now.
    #[error("{message}")]
    Usage {
        /// What is wrong with the command line, with the value.
        message: String,
        /// What to type instead; empty where there is nothing to say.
        hint: String,
    },
    #[error(transparent)]
    Compile(#[from] plan::compile::CompileError),
    #[error(transparent)]
    Report(#[from] report::ReportError),
    /// A file that a campaign must have cannot be read.
    #[error(transparent)]
    Load(#[from] plan::load::CampaignError),
    #[error(transparent)]
    Lab(#[from] lab::LabError),
    /// A trial of `jalon prove` could not be made.
    #[error(transparent)]
    Prove(#[from] prove::ProveError),
    /// The engine stopped the run at once.
    #[error(transparent)]
    Engine(#[from] engine::EngineError),
    #[error(transparent)]
    Journal(#[from] journal::JournalError),
    #[error(transparent)]
    Bundle(#[from] bundle::BundleError),
    #[error(transparent)]
    Lock(#[from] lock::LockError),
    /// A decision about a run that is in progress.
    #[error("{}", of_run::busy(run, *owner))]
    Busy {
        run: RunId,
        /// The process that runs it.
        owner: Option<u32>,
        /// What was to be decided.
        what: String,
    },
    /// A decision that the run does not take.
    #[error(transparent)]
    Decision(#[from] engine::decide::DecisionRefused),
    /// An earlier run in the environment, which did not finish, and what it left cannot be undone.
    #[error("{}", of_run::not_ended(run.as_str(), cause.said_or_shown()))]
    Earlier {
        run: RunId,
        /// The error of the attempt to end it.
        #[source]
        cause: Box<CommandError>,
    },
    /// What the quick part of the doctor found, before a run was made.
    #[error("{}", of_run::platform(.0))]
    Platform(Vec<Finding>),
    #[error("cannot {verb} {}: {cause}", text::path(.path))]
    Disk {
        /// What was tried, as a verb.
        verb: &'static str,
        /// File or folder on which it failed.
        path: PathBuf,
        /// Error of the operating system.
        #[source]
        cause: io::Error,
    },
    /// A run, a step or an import that is not on record.
    #[error(transparent)]
    History(history::HistoryError),
    /// The reader of our output went away; nobody is left to tell.
    #[error("the output was closed")]
    ClosedPipe,
}

impl From<history::HistoryError> for CommandError {
    fn from(error: history::HistoryError) -> Self {
        match error {
            history::HistoryError::Journal(error) => error.into(),
            history::HistoryError::Disk { path, cause } => Self::Disk { verb: "read", path, cause },
            error => Self::History(error),
        }
    }
}

impl From<GatherError> for CommandError {
    fn from(error: GatherError) -> Self {
        match error {
            GatherError::DaysReversed { .. } => Self::Usage {
                message: error.to_string(),
                hint: "`--from` is the first day and `--day` the last one".to_owned(),
            },
            GatherError::History(error) => error.into(),
            GatherError::Journal(error) => error.into(),
        }
    }
}

impl From<recorder::RecorderError> for CommandError {
    fn from(error: recorder::RecorderError) -> Self {
        match error {
            recorder::RecorderError::Lock(error) => error.into(),
            recorder::RecorderError::Journal(error) => error.into(),
        }
    }
}

impl CommandError {
    /// The exit code of its cause.
    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Usage { .. } | Self::Decision(_) | Self::History(_) => Exit::Usage,
            Self::Compile(plan::compile::CompileError::Problems(_)) => Exit::Plan,
            Self::Compile(plan::compile::CompileError::Unknown { .. }) => Exit::Usage,
            Self::Load(error) if error.cause.kind() == io::ErrorKind::NotFound => Exit::Usage,
            Self::Load(error) if error.cause.kind() == io::ErrorKind::NotADirectory => Exit::Plan,
            Self::Load(_) | Self::Disk { .. } => Exit::Disk,
            Self::Prove(prove::ProveError::Lab(lab::LabError::Busy { .. }))
            | Self::Lab(lab::LabError::Busy { .. })
            | Self::Busy { .. } => Exit::Locked,
            Self::Prove(prove::ProveError::Cancelled) => Exit::Interrupted,
            Self::Prove(prove::ProveError::Disk { .. }) => Exit::Disk,
            Self::Prove(prove::ProveError::Plan(_)) => Exit::Plan,
            Self::Prove(prove::ProveError::NoRun { .. }) => Exit::Unreachable,
            Self::Lab(error) | Self::Prove(prove::ProveError::Lab(error)) => match error.class() {
                lab::Class::Usage => Exit::Usage,
                lab::Class::Environment => Exit::Unreachable,
                lab::Class::Disk => Exit::Disk,
            },
            Self::Engine(engine::EngineError::NotUndone { .. }) | Self::Action(_) | Self::Platform(_) => {
                Exit::Unreachable
            }
            Self::Engine(engine::EngineError::Lost { .. }) => Exit::Damaged,
            Self::Engine(
                engine::EngineError::Journal(error) | engine::EngineError::Left { cause: error, .. },
            )
            | Self::Journal(error) => exit_of_journal(error),
            Self::Bundle(error) => match error {
                bundle::BundleError::Damaged { .. } | bundle::BundleError::Altered(_) => Exit::Damaged,
                bundle::BundleError::Journal(error) => exit_of_journal(error),
                bundle::BundleError::Newer { .. } | bundle::BundleError::Differs { .. } => Exit::Usage,
                bundle::BundleError::Disk { verb: "read", cause, .. }
                    if cause.kind() == io::ErrorKind::NotFound =>
                {
                    Exit::Usage
                }
                bundle::BundleError::Disk { .. } => Exit::Disk,
            },
            Self::Lock(lock::LockError::Held { .. } | lock::LockError::Elsewhere { .. }) => Exit::Locked,
            Self::Lock(lock::LockError::Disk { .. }) => Exit::Disk,
            Self::Report(report::ReportError::Template { .. }) => Exit::Plan,
            Self::Report(report::ReportError::Write(_)) => Exit::Disk,
            Self::Report(report::ReportError::Office(_)) => Exit::Unreachable,
            Self::Earlier { cause, .. } => cause.exit(),
            Self::ClosedPipe => Exit::Passed,
        }
    }

    /// What went wrong, where it concerns a run and not what was typed.
    fn said(&self) -> Option<Said> {
        Some(match self {
            Self::Engine(error) => error.said(),
            Self::Journal(error) => error.said(),
            Self::Lock(error) => error.said(),
            Self::Busy { run, owner, .. } => of_run::busy(run, *owner),
            Self::Decision(refused) => refused.message.clone(),
            Self::Earlier { run, cause } => of_run::not_ended(run.as_str(), cause.said_or_shown()),
            Self::Platform(found) => of_run::platform(found),
            _ => return None,
        })
    }

    /// What went wrong as an argument: of a message where it is one.
    fn said_or_shown(&self) -> Arg {
        match self.said() {
            Some(said) => said.into(),
            None => Arg::text(self),
        }
    }

    /// What to try after what concerns a run.
    fn run_hint(&self) -> Option<Said> {
        Some(match self {
            Self::Busy { what, .. } => of_run::answer_there(what.as_str()),
            Self::Decision(refused) => refused.hint.clone(),
            Self::Journal(error) => return of_run::of_journal(error),
            Self::Lock(error) => of_run::of_lock(error),
            Self::Engine(error) => return of_run::of_engine(error),
            Self::Platform(_) => of_run::check_everything(),
            Self::Earlier { run, cause } => match &**cause {
                Self::Journal(journal::JournalError::Damaged { .. }) => of_run::restore_or_move(run.as_str()),
                Self::Engine(engine::EngineError::NotUndone { .. }) => of_run::undo_then_run(run.as_str()),
                cause => return cause.run_hint(),
            },
            _ => return None,
        })
    }

    /// What to try, where something can be said of a mistake in a command, a plan or a lab.
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Usage { hint, .. } => return Some(hint.clone()).filter(|h| !h.is_empty()),
            Self::Compile(plan::compile::CompileError::Unknown { what, name, known }) => {
                match text::did_you_mean(name, known.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if known.is_empty() => format!("this campaign has no {what}"),
                    None => format!("{what}s of this campaign: {}", known.join(", ")),
                }
            }
            Self::Load(error) if error.cause.kind() == io::ErrorKind::NotFound => {
                "run jalon in the campaign's folder (it holds `plan` and `steps`), or name it with `-C DIR`".to_owned()
            }
            Self::Load(error) if error.cause.kind() == io::ErrorKind::NotADirectory => {
                "`plan`, `plan/environments` and `steps` must be folders; rename the file that is there".to_owned()
            }
            Self::Lab(error) | Self::Prove(prove::ProveError::Lab(error)) => return error.hint(),
            Self::Prove(prove::ProveError::NoRun { .. }) => "`jalon run` on `jalon lab up` shows the same; fix it there first".to_owned(),
            Self::Report(report::ReportError::Office(_)) => {
                "install LibreOffice (Debian: `apt install libreoffice-writer`), or take `--format docx`, which needs nothing and can be saved as PDF in Word".to_owned()
            }
            Self::Report(report::ReportError::Template { .. }) => {
                "fix the template, or use `--built-in` to render without it".to_owned()
            }
            Self::History(error) => return error.hint(),
            Self::Disk { cause, .. } => of_run::of_disk(cause).to_string(),
            Self::Earlier { cause, .. } => return cause.hint(),
            Self::Bundle(bundle::BundleError::Journal(journal::JournalError::Folder { path, cause })) => {
                of_run::of_folder(path, cause).to_string()
            }
            Self::Bundle(error) => match error {
                bundle::BundleError::Damaged { .. } => "nothing was unpacked; copy the file again from its origin".to_owned(),
                bundle::BundleError::Altered(_) => "only unaltered evidence is packed; `jalon verify` lists what was altered".to_owned(),
                bundle::BundleError::Journal(_) => "only an undamaged journal is packed; run `jalon verify` for details".to_owned(),
                bundle::BundleError::Newer { .. } => "use the version of jalon that created it".to_owned(),
                bundle::BundleError::Differs { .. } => "nothing was changed; unpack it elsewhere with `--into DIR`".to_owned(),
                bundle::BundleError::Disk { .. } => return None,
            },
            _ => return None,
        })
    }
}

/// The exit code of what is wrong with a journal.
fn exit_of_journal(error: &journal::JournalError) -> Exit {
    match error {
        error if error.is_damage() => Exit::Damaged,
        journal::JournalError::InUse { .. } => Exit::Locked,
        _ => Exit::Disk,
    }
}

/// Shows what is wrong with the command line, or the help that was asked for.
pub(super) fn usage(error: &clap::Error, hint: Option<String>) -> ExitCode {
    let mut text = faults::plain(&error.render().ansi().to_string());
    if let Some(hint) = hint {
        let _ = writeln!(text, "  hint: {}", redact::mask(&hint));
    }
    let text = typed::shown(&text);
    let _ = match error.use_stderr() {
        true => anstream::stderr().write_all(text.as_bytes()),
        false => anstream::stdout().write_all(text.as_bytes()),
    };
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// Every problem with those that say the same of another place: what the environment lacks is told once.
fn once(problems: &[Problem]) -> Vec<(&Problem, Vec<&Problem>)> {
    let mut told: Vec<(&Problem, Vec<&Problem>)> = Vec::new();
    for problem in problems {
        let same = |(first, _): &&mut (&Problem, Vec<&Problem>)| {
            first.user.is_some() && problem.user.is_some() && first.message == problem.message
        };
        match told.iter_mut().find(same) {
            Some((_, again)) => again.push(problem),
            None => told.push((problem, Vec::new())),
        }
    }
    told
}

/// Who uses what is not there: the step, the action and the line.
fn place(problem: &Problem) -> String {
    let (line, _) = problem.source.line_column(problem.span.start);
    match &problem.user {
        Some(user) => format!("step {} `{}` (line {line})", user.step, user.action),
        None => format!("{}:{line}", text::path(&problem.source.path)),
    }
}

/// Shows an error on stderr: what happened to a run in `language`, mistakes in a command, a plan or a lab in English.
pub(super) fn show(error: &CommandError, language: Language) {
    if matches!(error, CommandError::ClosedPipe) {
        return;
    }
    let mut out = anstream::stderr();
    let mut text = String::new();
    if let CommandError::Compile(plan::compile::CompileError::Problems(problems)) = error {
        let told = once(problems);
        for (problem, again) in &told {
            text.push_str(&drawn(problem));
            if !again.is_empty() {
                let places: Vec<String> = again.iter().map(|problem| place(problem)).collect();
                text.push_str(&wrap(&format!("also used by {}", places.join(", ")), WIDTH, 2));
            }
        }
        let files = problems.iter().map(|p| &p.source.path).collect::<std::collections::BTreeSet<_>>().len();
        let _ = writeln!(text, "{} in {}", text::plural(told.len(), "problem"), text::plural(files, "file"));
    } else {
        let style = anstyle::AnsiColor::Red.on_default().bold();
        let (label, said) = match error.said() {
            Some(said) => {
                (of_run::label().in_language(language).into_owned(), said.in_language(language).into_owned())
            }
            None => (of_run::label().to_string(), error.to_string()),
        };
        let _ = writeln!(text, "{style}{label}{style:#} {}", redact::mask(&said));
        if let CommandError::Platform(found) = error {
            text += &redact::mask(&findings::listed(&found.iter().collect::<Vec<_>>(), language));
        }
        let hint = error
            .run_hint()
            .map(|hint| of_run::hint_line(hint).in_language(language).into_owned())
            .or_else(|| error.hint().map(|hint| format!("hint: {hint}")));
        if let Some(hint) = hint {
            let _ = writeln!(text, "  {}", redact::mask(&hint));
        }
    }
    let text = typed::shown(&text::without_error_numbers(&text));
    // Nothing is left to be told when stderr itself is gone.
    let _ = out.write_all(&redact::mask_known(text.as_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{ActionId, StepId};
    use journal::JournalError;

    #[test]
    fn what_ends_a_run_is_told_in_french_with_what_to_try() {
        let full = || JournalError::Disk {
            tried: journal::Tried::Write,
            path: "artifacts/runs/r/journal.jsonl".into(),
            cause: io::Error::from(io::ErrorKind::StorageFull),
        };
        let standing = engine::EngineError::NotUndone {
            step: StepId(8),
            action: ActionId::new("stop-broker"),
            cause: Said::verbatim("SIGKILL"),
        };
        let earlier = CommandError::Earlier { run: RunId::new("r"), cause: Box::new(standing.into()) };
        for (error, told, tried) in [
            (CommandError::Engine(full().into()), "« écrire dans le journal", "libérer de l'espace"),
            (CommandError::Journal(full()), "« écrire dans le journal", "libérer de l'espace"),
            (earlier, "`stop-broker` de l'étape 8 a changé", "les deux réessaient"),
            (
                lock::LockError::Held { path: "artifacts/.lock".into(), owner: None }.into(),
                "est utilisé par un autre processus",
                "attendre sa fin",
            ),
        ] {
            let french = |said: Option<Said>| said.unwrap().in_language(Language::Fr).into_owned();
            let (shown, hint) = (french(error.said()), french(error.run_hint()));
            assert!(shown.contains(told) && hint.contains(tried), "{shown}: {hint}");
            assert_eq!(error.said().unwrap().as_str(), error.to_string());
        }
    }

    #[test]
    fn what_a_platform_lacks_is_told_in_french() {
        let fault = || Finding::fault("x", "y");
        let error = CommandError::Platform(vec![fault(), fault()]);
        let french = |said: Option<Said>| said.unwrap().in_language(Language::Fr).into_owned();
        assert_eq!(
            error.to_string(),
            "the platform has 2 faults that would make the run fail; nothing was started"
        );
        assert_eq!(
            french(error.said()),
            "la plateforme a 2 défauts qui feraient échouer l'exécution ; rien n'a été lancé"
        );
        assert!(french(error.run_hint()).contains("`jalon doctor`") && error.hint().is_none());
    }

    #[test]
    fn an_earlier_run_that_cannot_be_ended_keeps_the_hint_of_its_cause() {
        let cause = CommandError::Disk {
            verb: "read",
            path: "steps/00-a.md".into(),
            cause: io::Error::from(io::ErrorKind::PermissionDenied),
        };
        let hint = cause.hint();
        let earlier = CommandError::Earlier { run: RunId::new("r"), cause: Box::new(cause) };
        assert!(hint.is_some() && earlier.run_hint().is_none());
        assert_eq!(earlier.hint(), hint);
    }
}
