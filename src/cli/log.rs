//! `jalon log`: the journal in words, also while it is written.

use super::{
    CommandError, Exit,
    open::{self, RunChoice},
    output,
};
use crate::{
    history,
    record::{Event, Record, RunState, StepId, told},
    report,
    store::journal::{self, Mark},
    support::text,
};
use clap::Args;
use jiff::{
    Timestamp, Zoned,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};
use std::{fmt::Write, path::Path, thread, time::Duration};

/// How often a journal is looked at that is followed.
const LOOK: Duration = Duration::from_millis(200);

/// Arguments of `log`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jalon log                         every record of the newest run\n  jalon log --step 3 --since 10m\n  jalon log --since 14:00\n  jalon log --follow                show new records until the run ends\n  jalon log --json | jq .event.type\n\nTimes are in this machine's time zone; `#42` is the number of the record\nin the journal."
)]
pub(super) struct LogArgs {
    #[command(flatten)]
    choice: RunChoice,
    /// Only records of this step.
    #[arg(long, value_name = "STEP")]
    step: Option<u32>,
    /// Only records since this time: `10m` ago, `14:00` today, `2025-12-18`, `2025-12-18T14:00` or
    /// `2025-12-18T14:00:00Z`.
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    since: Option<Timestamp>,
    /// Show new records until the run ends.
    #[arg(long, short)]
    follow: bool,
    /// Print the records as they are in the journal, one per line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    spoken: output::Spoken,
}

/// Where the reader has come to.
struct Reader<'a> {
    args: &'a LogArgs,
    zone: TimeZone,
    mark: Mark,
    state: RunState,
    day: Option<Date>,
}

/// Shows the records. It takes no lock.
pub(super) fn run(dir: &Path, args: &LogArgs) -> Result<Exit, CommandError> {
    let run = open::run_dir(dir, &args.choice)?;
    let mut reader = Reader {
        args,
        zone: TimeZone::system(),
        mark: Mark::default(),
        state: RunState::default(),
        day: None,
    };
    loop {
        // Whether it lives is asked before the look: what a run writes last is then seen by it.
        let live = history::is_live(&run);
        reader.look(&run.journal())?;
        reader.check_step()?;
        if !args.follow || !live {
            return Ok(Exit::Passed);
        }
        thread::sleep(LOOK);
    }
}

impl Reader<'_> {
    /// Refuses a step that the run's plan does not have: of it nothing would ever be shown.
    fn check_step(&self) -> Result<(), CommandError> {
        let steps = &self.state.steps;
        match self.args.step.map(StepId) {
            Some(step) if self.state.header.is_some() && !steps.contains_key(&step) => {
                let known: Vec<String> = steps.keys().map(ToString::to_string).collect();
                Err(CommandError::Usage {
                    message: format!("the plan has no step {step}"),
                    hint: format!("its steps: {}", known.join(", ")),
                })
            }
            _ => Ok(()),
        }
    }

    /// Shows what is new.
    fn look(&mut self, path: &Path) -> Result<(), CommandError> {
        let Self { args, zone, mark, state, day } = self;
        let mut out = String::new();
        let mut failed = None;
        journal::scan(path, mark, |record, line| {
            state.apply(&record);
            if wanted(args, &record) {
                show(&mut out, args, &record, line, state, zone, day);
            }
            if out.len() > 1 << 16 && failed.is_none() {
                failed = output::print(&std::mem::take(&mut out)).err();
            }
        })?;
        match failed {
            Some(error) => Err(error),
            None => output::print(&out),
        }
    }
}

fn wanted(args: &LogArgs, record: &Record) -> bool {
    let of_step = args.step.is_none_or(|step| record.event.step() == Some(StepId(step)));
    of_step && args.since.is_none_or(|since| record.at >= since)
}

fn show(
    out: &mut String,
    args: &LogArgs,
    record: &Record,
    line: &str,
    state: &RunState,
    zone: &TimeZone,
    day: &mut Option<Date>,
) {
    if args.json {
        let _ = writeln!(out, "{line}");
        return;
    }
    let at = record.at.to_zoned(zone.clone());
    if *day != Some(at.date()) {
        *day = Some(at.date());
        let bold = anstyle::Style::new().bold();
        let _ = writeln!(out, "{bold}{}{bold:#}", at.date());
    }
    let style = match &record.event {
        Event::CriterionJudged { judgement, .. } => report::verdict_style(judgement.verdict),
        Event::StepFinished { verdict, .. } => report::verdict_style(*verdict),
        Event::StepStarted { .. }
        | Event::RunStarted(_)
        | Event::RunResumed { .. }
        | Event::RunFinished { .. } => anstyle::Style::new().bold(),
        _ => anstyle::Style::new(),
    };
    let sentence = told(record, state, args.spoken.lang);
    let _ = writeln!(out, "{} #{} {style}{sentence}{style:#}", at.strftime("%H:%M:%S"), record.seq);
}

/// A moment, as a person writes one.
fn moment(text: &str) -> Result<Timestamp, String> {
    let now = Zoned::now();
    let zoned =
        |at: DateTime| at.to_zoned(now.time_zone().clone()).map(|z| z.timestamp()).map_err(|e| e.to_string());
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    if let Ok(at) = text.parse::<DateTime>() {
        return zoned(at);
    }
    if let Ok(time) = text.parse::<Time>()
        && text.contains(':')
    {
        return zoned(now.date().to_datetime(time));
    }
    let wrong = || format!("invalid time `{text}`; use `10m`, `14:00`, `2025-12-18` or `2025-12-18T14:00`");
    let ago = text::parse_duration(text).map_err(|_| wrong())?;
    now.timestamp().checked_sub(ago).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_in_every_form() {
        let now = Timestamp::now();
        let ago = now.duration_since(moment("10m").unwrap()).as_secs();
        assert!((598..=600).contains(&ago), "{ago}");
        assert_eq!(moment("2025-12-18T14:00:00Z").unwrap().to_string(), "2025-12-18T14:00:00Z");
        let local = |text: &str| moment(text).unwrap().to_zoned(TimeZone::system()).datetime().to_string();
        assert_eq!(local("2025-12-18"), "2025-12-18T00:00:00");
        assert_eq!(local("2025-12-18T14:30"), "2025-12-18T14:30:00");
        assert!(local("14:05").ends_with("T14:05:00"));
        assert!(moment("yesterday").unwrap_err().contains("10m"));
    }
}
