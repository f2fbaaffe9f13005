//! The command line: arguments, one file per subcommand, the only place that knows exit codes.

mod args;
mod bundle;
mod check;
mod compare;
mod decide;
mod doctor;
mod dry_run;
mod earlier;
mod errors;
pub mod exit;
mod explain;
mod export;
mod findings;
mod graph;
mod hints;
mod history;
mod import;
mod init;
mod keys;
mod kinds;
mod lab;
mod log;
mod logging;
mod man;
mod note;
mod open;
mod operator;
mod output;
mod outputs;
mod perf;
mod plan;
mod prove;
mod report;
mod resume;
mod run;
mod runs;
mod schema;
mod seal;
mod selected;
mod serve;
mod show;
mod signals;
mod status;
mod typed;
mod types;
mod version;

use crate::record::Language;
use args::{Args, Command};
use clap::{ArgMatches, CommandFactory, FromArgMatches};
use errors::CommandError;
use exit::Exit;
use std::process::ExitCode;

/// Parses, does, shows what went wrong, and answers with the exit code.
pub fn main() -> ExitCode {
    let words = perf::written_out(std::env::args_os(), Args::command());
    if version::is_asked(&words) {
        return match output::print(&version::long()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => error.exit().into(),
        };
    }
    let parsed = Args::command().try_get_matches_from(&words).and_then(|matches| {
        let language = language(&matches);
        Ok((Args::from_arg_matches(&matches)?, language))
    });
    let (args, language) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return errors::usage(&error, hints::of(&error, &words, &Args::command())),
    };
    match args.logging.start().and_then(|()| dispatch(args)) {
        Ok(exit) => exit.into(),
        Err(error) => {
            errors::show(&error, language);
            error.exit().into()
        }
    }
}

/// The language that was asked for, of a command that has one.
fn language(matches: &ArgMatches) -> Language {
    let command = matches.subcommand().map(|(_, matches)| matches);
    let asked = command.and_then(|matches| matches.try_get_one::<Language>("lang").ok().flatten());
    asked.copied().unwrap_or(Language::En)
}

fn dispatch(args: Args) -> Result<Exit, CommandError> {
    let dir = args.campaign;
    match args.command {
        Command::Actions(args) => kinds::run(&args),
        Command::Approve(args) => decide::approve(&dir, &args),
        Command::Bundle(args) => bundle::pack(&dir, &args),
        Command::Check(args) => check::run(&dir, &args),
        Command::Compare(args) => compare::run(&dir, &args),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Args::command(), "jalon", &mut script);
            output::print(&String::from_utf8_lossy(&script))?;
            Ok(Exit::Passed)
        }
        Command::Doctor(args) => runtime()?.block_on(doctor::run(&dir, &args)),
        Command::Export(args) => export::run(&dir, &args),
        Command::Graph(args) => graph::run(&dir, &args),
        Command::History(args) => history::run(&dir, &args),
        Command::Import(args) => import::run(&dir, &args),
        Command::Init(args) => runtime()?.block_on(init::run(&dir, *args)),
        Command::Lab(args) => runtime()?.block_on(lab::run(&dir, args)),
        Command::Log(args) => log::run(&dir, &args),
        Command::Man(args) => man::run(&args, Args::command()),
        Command::Note(args) => note::run(&dir, &args),
        Command::Perf(args) => runtime()?.block_on(perf::run(&dir, args)),
        Command::Plan(args) => plan::run(&dir, &args),
        Command::Prove(args) => runtime()?.block_on(prove::run(&dir, &args)),
        Command::Report(args) => report::run(&dir, &args),
        Command::Resume(args) => runtime()?.block_on(resume::resume(&dir, args)),
        Command::Retry(args) => runtime()?.block_on(resume::retry(&dir, args)),
        Command::Run(args) => runtime()?.block_on(run::run(&dir, args)),
        Command::Runs(args) => runs::run(&dir, &args),
        Command::Schema(args) => schema::run(&dir, &args),
        Command::Seal(args) => seal::run(&dir, &args),
        Command::Serve(args) => runtime()?.block_on(serve::run(&dir, args)),
        Command::Show(args) => show::run(&dir, &args),
        Command::Skip(args) => decide::skip(&dir, &args),
        Command::Status(args) => status::run(&dir, &args),
        Command::Unbundle(args) => bundle::unpack(&dir, &args),
        Command::Verify(args) => runs::verify(&dir, &args),
        Command::Waive(args) => decide::waive(&dir, &args),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, CommandError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|cause| CommandError::Disk { verb: "start", path: "the runtime".into(), cause })
}

#[cfg(test)]
mod tests;
