//! `jalon report`.

use super::{
    Error, Exit, evidence, language,
    open::{self, RunChoice},
    output,
};
use crate::{
    plan::Campaign,
    record::{Event, Record},
    report::{self, Input, Language, RENDERERS, Renderer, ReportModel, Template, Templates},
    store::{RunDir, Runs, journal},
    support::text,
};
use clap::Args;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
};

/// Arguments of `report`.
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    #[command(flatten)]
    choice: RunChoice,
    /// The day, as `2025-12-18`; that of the run's last record otherwise. The run is reported as it stood at its end.
    #[arg(long, value_name = "DAY")]
    day: Option<Date>,
    /// Language: `en` or `fr`; the campaign's first one otherwise.
    #[arg(long, value_name = "LANG", value_parser = language)]
    lang: Option<Language>,
    /// Forms, with commas between them: `docx` (Word), `html` (one file), `json`, `junit`,
    /// `md`.
    #[arg(long, value_name = "FORMAT", value_delimiter = ',', default_value = "md", value_parser = format)]
    format: Vec<String>,
    /// Folder to write to; the run's folder otherwise.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Leave the campaign's own templates (`plan/templates/report.md.j2`, `report.html.j2`, `report.docx`) aside.
    #[arg(long)]
    built_in: bool,
    /// Write to standard output and make no file.
    #[arg(long, conflicts_with = "out")]
    print: bool,
}

/// A form that there is.
fn format(name: &str) -> Result<String, String> {
    let known: Vec<&str> = RENDERERS.iter().map(|r| r.name()).collect();
    match report::renderer(name) {
        Some(renderer) => Ok(renderer.name().to_owned()),
        None => Err(match text::did_you_mean(name, known.iter().copied()) {
            Some(near) => format!("there is no form `{name}`; did you mean `{near}`?"),
            None => format!("there is no form `{name}`; forms: {}", known.join(", ")),
        }),
    }
}

/// Writes the report of a run, in whatever state it is; needs no lock.
pub(super) fn run(dir: &Path, args: &ReportArgs) -> Result<Exit, Error> {
    let forms: Vec<&dyn Renderer> = args.format.iter().filter_map(|name| report::renderer(name)).collect();
    if let Some(form) = forms.iter().find(|form| args.print && !form.is_text()) {
        return Err(Error::Usage {
            message: format!("a report in the form `{}` is no text that can be printed", form.name()),
            hint: "leave `--print` out; `--out DIR` says where the file goes".to_owned(),
        });
    }
    let zone = TimeZone::system();
    let run = choose(dir, args, &zone)?;
    let live = open::is_live(&run);
    let contents = journal::read(&run.journal())?;
    let (campaign, mut remarks) = campaign(dir);
    let language = args.lang.unwrap_or_else(|| {
        let first = campaign.as_ref().and_then(|c| c.languages.first());
        first.and_then(|code| code.parse().ok()).unwrap_or(Language::En)
    });
    let day = args.day.or_else(|| contents.records.last().map(|r| date(r, &zone)));
    let day = day.unwrap_or_else(|| Timestamp::now().to_zoned(zone.clone()).date());
    if !contents.torn.is_empty() && !live {
        let bytes = text::bytes(contents.torn.len() as u64);
        remarks.push(format!("{}: {bytes}, cut short by a crash", run.journal().display()));
    }
    let notes = notes(dir, &mut remarks);
    let (records, live) = until(&contents.records, day, &zone, live);
    if let (Some(first), true) = (contents.records.first(), records.is_empty()) {
        let hint = format!("it begins on {}", date(first, &zone));
        return Err(Error::Usage { message: format!("the run {} has no record up to {day}", run.run), hint });
    }
    let house = if args.built_in { Templates::default() } else { templates(dir)? };
    let kept = evidence::read(&run.path, records);
    let model = ReportModel::new(&Input {
        run: run.run.as_str(),
        records,
        live,
        campaign: campaign.as_ref(),
        notes: &notes,
        language,
        day,
        now: end_of(day, &zone).map_or_else(Timestamp::now, |end| end.min(Timestamp::now())),
        zone,
        remarks,
        kept: &kept,
    });
    for renderer in forms {
        let mut bytes = Vec::new();
        renderer.render(&model, &house, &mut bytes)?;
        if args.print {
            output::print(&String::from_utf8_lossy(&bytes))?;
        } else {
            let folder = args.out.as_ref().unwrap_or(&run.path);
            let path = folder.join(file_name(day, language, renderer));
            output::write(&path, &bytes)?;
            output::print(&format!("{}\n", path.display()))?;
        }
    }
    Ok(Exit::Passed)
}

/// Writes one form of the report of a run, to standard output where no folder is named.
pub(super) fn export(
    dir: &Path,
    choice: &RunChoice,
    lang: Option<Language>,
    form: &str,
    out: Option<&Path>,
) -> Result<Exit, Error> {
    let args = ReportArgs {
        choice: choice.clone(),
        day: None,
        lang,
        format: vec![form.to_owned()],
        out: out.map(Path::to_owned),
        built_in: true,
        print: out.is_none(),
    };
    run(dir, &args)
}

fn file_name(day: Date, language: Language, renderer: &dyn Renderer) -> String {
    format!("report-{day}.{language}.{}", renderer.extension())
}

/// The run that was named; else the newest one with a record on the day; else the newest one.
fn choose(dir: &Path, args: &ReportArgs, zone: &TimeZone) -> Result<RunDir, Error> {
    let (Some(day), None) = (args.day, &args.choice.run) else { return open::run_dir(dir, &args.choice) };
    // Says that there is no run at all, where that is so.
    open::run_dir(dir, &args.choice)?;
    let artifacts = dir.join("artifacts");
    let list = Runs::of_campaign(dir).list();
    let list = list.map_err(|cause| Error::Disk { verb: "read", path: artifacts, cause })?;
    let mut unreadable = None;
    let mut days = BTreeSet::new();
    for run in list.iter().rev() {
        // A damaged run hides no other one; it is the answer only where there is none.
        let records = match journal::read(&run.journal()) {
            Ok(contents) => contents.records,
            Err(error) => {
                unreadable.get_or_insert(error);
                continue;
            }
        };
        if records.iter().any(|r| date(r, zone) == day) {
            return Ok(run.clone());
        }
        days.extend(records.iter().map(|r| date(r, zone)));
    }
    if let Some(error) = unreadable {
        return Err(error.into());
    }
    let days: Vec<String> = days.iter().rev().take(5).map(ToString::to_string).collect();
    Err(Error::Usage {
        message: format!("no run has a record of {day}"),
        hint: format!("days with records: {}; or name a run with `--run`", days.join(", ")),
    })
}

fn date(record: &Record, zone: &TimeZone) -> Date {
    record.at.to_zoned(zone.clone()).date()
}

/// The moment at which a day is over.
fn end_of(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    Some(day.tomorrow().ok()?.to_zoned(zone.clone()).ok()?.timestamp())
}

/// The records up to the end of the day, and whether the run was in progress then.
fn until<'r>(records: &'r [Record], day: Date, zone: &TimeZone, live: bool) -> (&'r [Record], bool) {
    let end = records.iter().position(|r| date(r, zone) > day).unwrap_or(records.len());
    let live = match records.get(end) {
        None => live,
        Some(later) => {
            let ended = matches!(records[..end].last().map(|r| &r.event), Some(Event::RunFinished { .. }));
            !ended && !matches!(later.event, Event::RunResumed { .. })
        }
    };
    (&records[..end], live)
}

/// The templates that the campaign has.
fn templates(dir: &Path) -> Result<Templates, Error> {
    let read = |name: &str| {
        let path = dir.join("plan/templates").join(name);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(Template { path: path.display().to_string(), bytes })),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(Error::Disk { verb: "read", path, cause }),
        }
    };
    Ok(Templates {
        markdown: read("report.md.j2")?,
        html: read("report.html.j2")?,
        docx: read("report.docx")?,
    })
}

/// The campaign, or why it cannot be read: a report can be made all the same.
fn campaign(dir: &Path) -> (Option<Campaign>, Vec<String>) {
    let path = dir.join("plan/campaign.yaml");
    let read = std::fs::read_to_string(&path)
        .map_err(|e| e.to_string())
        .and_then(|text| serde_yaml::from_str::<Campaign>(&text).map_err(|e| e.to_string()));
    match read {
        Ok(campaign) => (Some(campaign), Vec::new()),
        Err(error) => (None, vec![format!("{}: {error}", path.display())]),
    }
}

/// The campaign's notes; a damaged journal of notes is said and does not prevent the report.
fn notes(dir: &Path, remarks: &mut Vec<String>) -> Vec<Record> {
    let path = Runs::of_campaign(dir).notes().journal();
    if !path.exists() {
        return Vec::new();
    }
    journal::read(&path).map(|c| c.records).unwrap_or_else(|error| {
        remarks.push(error.to_string());
        Vec::new()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Attempt, StepId, event::Outcome};

    fn record(seq: u64, at: &str, event: Event) -> Record {
        Record { seq, at: at.parse().unwrap(), event }
    }

    #[test]
    fn a_day_ends_where_its_time_zone_says() {
        let begun = || Event::StepStarted { step: StepId(1), attempt: Attempt::FIRST };
        let ended = || Event::RunFinished { outcome: Outcome::Passed };
        let zone = TimeZone::get("Europe/Paris").unwrap();
        let day = jiff::civil::date(2025, 12, 18);
        let records = [
            record(1, "2025-12-18T22:59:59Z", begun()),
            record(2, "2025-12-18T23:00:00Z", ended()),
            record(3, "2025-12-19T08:00:00Z", begun()),
        ];
        let (kept, live) = until(&records, day, &zone, false);
        assert_eq!((kept.len(), live), (1, true), "the run was in progress at midnight");
        let (kept, live) = until(&records[1..], jiff::civil::date(2025, 12, 19), &zone, true);
        assert_eq!((kept.len(), live), (2, true));
        let (kept, live) = until(&records[..2], jiff::civil::date(2025, 12, 19), &zone, false);
        assert_eq!((kept.len(), live), (2, false));
        let (kept, live) = until(&records[1..], day, &TimeZone::UTC, false);
        assert_eq!((kept.len(), live), (1, false), "it had ended");
        assert_eq!(end_of(day, &zone), Some("2025-12-18T23:00:00Z".parse().unwrap()));
    }
}
