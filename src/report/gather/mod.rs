//! [`gather`]: reads what a report is made from: the runs of its days and their artifacts, imports, notes, changes to the
//! platform, and the run before.

mod evidence;

use super::{ImportInput, Kept, PlatformChange};
use crate::{
    compare::{self, Comparison, platform},
    history::{self, ComparedRun},
    plan::{Campaign, Options, Plan, Sources},
    record::{Arg, Event, Record, RunState, Said, Speaks, event::PlanOutline, messages},
    store::{RunDir, Runs, imports, journal, verify},
    support::files,
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use std::{collections::BTreeSet, path::Path};

/// So many faults of the evidence in one folder are told.
const FAULTS: usize = 10;

/// What the report is to be about.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// One run alone, by its name.
    pub run: Option<&'a str>,
    /// The last day; the newest one on record otherwise.
    pub day: Option<Date>,
    /// The first day; the last one otherwise.
    pub from: Option<Date>,
    /// The whole campaign, from its first day on record.
    pub all: bool,
}

/// Why there is nothing to make a report from.
#[derive(Debug, thiserror::Error)]
pub enum GatherError {
    /// The first day comes after the last one.
    #[error("the first day, {from}, is after the last day, {day}")]
    DaysReversed {
        /// The first one.
        from: Date,
        /// The last one.
        day: Date,
    },
    /// The run that was named cannot be read back.
    #[error(transparent)]
    History(#[from] history::HistoryError),
    /// No journal can be read.
    #[error(transparent)]
    Journal(#[from] journal::JournalError),
}

/// One run, read up to the end of the time.
#[derive(Debug)]
pub struct RunRead {
    /// Folder of the run below `artifacts`.
    pub dir: RunDir,
    /// Its records, up to the end of the time.
    pub records: Vec<Record>,
    /// Whether it was in progress then.
    pub live: bool,
    /// What its artifacts hold.
    pub kept: Kept,
}

/// Everything that is read for a report.
#[derive(Debug)]
pub struct Gathered {
    /// First day of the period.
    pub from: Date,
    /// Last day of the period.
    pub day: Date,
    /// The runs of the time, oldest first.
    pub runs: Vec<RunRead>,
    /// Work done by hand in the time.
    pub imports: Vec<ImportInput>,
    /// Records of the campaign's notes.
    pub notes: Vec<Record>,
    /// What became different on the platform.
    pub changes: Vec<PlatformChange>,
    /// The latest run beside the one before it.
    pub against: Option<Comparison>,
    /// What the environment file of the latest run says.
    pub environment: Option<serde_json::Value>,
    /// The plan as it stands in its files, where no run is told.
    pub outline: Option<PlanOutline>,
    /// The campaign, where its file can be read.
    pub campaign: Option<Campaign>,
    /// What could not be read, and why.
    pub remarks: Vec<Said>,
    /// Whether any of it is not what was written: the remarks say what.
    pub damaged: bool,
    /// Days with anything on record, the newest first.
    pub days: Vec<Date>,
}

/// Reads what the arguments ask for.
pub fn gather(dir: &Path, asked: &Asked<'_>, zone: &TimeZone) -> Result<Gathered, GatherError> {
    let runs = Runs::of_campaign(dir);
    let (campaign, mut remarks) = campaign(dir);
    let sound = remarks.len();
    let mut all = read_runs(dir, asked, &mut remarks)?;
    let notes = notes(&runs, &mut remarks);
    let imported = imports::read(&runs).unwrap_or_else(|error| {
        remarks.push(error.said());
        Vec::new()
    });
    let mut damaged = remarks.len() > sound;
    let mut days: BTreeSet<Date> =
        imported.iter().filter(|i| i.withdrawn.is_none()).map(|i| i.import.day).collect();
    days.extend(all.iter().flat_map(|run| &run.records).map(|record| date(record, zone)));
    let of_note = |record: &Record| match &record.event {
        Event::NoteAdded(note) => note.day.unwrap_or_else(|| date(record, zone)),
        _ => date(record, zone),
    };
    let of_runs = days.clone();
    days.extend(notes.iter().map(of_note));
    let today = || Timestamp::now().to_zoned(zone.clone()).date();
    let newest = || of_runs.last().or(days.last()).copied();
    let day = match (asked.day, asked.all) {
        (Some(day), _) => day,
        (None, true) => days.last().copied().unwrap_or_else(today),
        (None, false) => newest().unwrap_or_else(today),
    };
    let from = match (asked.from, asked.all) {
        (Some(from), _) => from,
        (None, true) => days.first().copied().unwrap_or(day),
        (None, false) => day,
    };
    if from > day {
        return Err(GatherError::DaysReversed { from, day });
    }
    for run in &mut all {
        let end = run.records.iter().position(|r| date(r, zone) > day).unwrap_or(run.records.len());
        run.live = in_progress(&run.records, end, run.live);
        run.records.truncate(end);
    }
    let changes = changes(&all, from, zone, &mut remarks);
    let latest = all.iter().rposition(|run| told(run, asked, from, zone));
    let against = latest.and_then(|at| against(dir, asked, &all[..at], &all[at]));
    // A run that was named is told, whatever its days; else those that did something in the time.
    all.retain(|run| told(run, asked, from, zone));
    // Two campaigns in one folder make one report: it says so.
    let named = |run: &RunRead| match &run.records.first()?.event {
        Event::RunStarted(header) => Some(header.plan.campaign.clone()),
        _ => None,
    };
    let names: BTreeSet<String> =
        all.iter().filter_map(named).chain(campaign.as_ref().map(|of| of.name.clone())).collect();
    if names.len() > 1 {
        remarks.push(several_campaigns(Arg::list(names)));
    }
    for run in &mut all {
        run.kept = evidence::read(&run.dir.path, &run.records);
    }
    let environment = environment(dir, all.last(), campaign.as_ref());
    let outline = all
        .is_empty()
        // What the environment still lacks makes the steps no others.
        .then(|| Plan::of(&Sources::read(dir).ok()?, &Options { draft: true, ..Options::default() }).ok())
        .flatten()
        .map(|plan| plan.outline());
    let imports = imported
        .into_iter()
        .enumerate()
        .filter(|(_, i)| i.withdrawn.is_none() && (from..=day).contains(&i.import.day))
        .map(|(at, i)| {
            let reading = imports::reading(&runs, &i.import).map_err(|e| e.to_string());
            if let Err(why) = &reading {
                remarks.push(import_unusable(&i.import.id, why));
            }
            ImportInput { seq: at as u64 + 1, at: i.at, import: i.import, reading }
        })
        .collect();
    let days = days.into_iter().rev().collect();
    let mut found = Vec::new();
    for run in &all {
        let altered = run.kept.altered.values().cloned();
        found.push((&run.dir, altered.chain(verify::faults_beside_artifacts(&run.dir)?).collect()));
    }
    let own = [runs.notes(), runs.imports()];
    for folder in &own {
        found.push((folder, verify::faults(folder).unwrap_or_else(|error| vec![error.said()])));
    }
    for (folder, faults) in found {
        let faults: Vec<Said> = faults;
        damaged |= !faults.is_empty();
        let more = faults.len().saturating_sub(FAULTS);
        for fault in faults.into_iter().take(FAULTS) {
            if !remarks.iter().any(|remark| remark.contains(&*fault)) {
                remarks.push(evidence_altered(folder.run.as_str(), fault));
            }
        }
        if more > 0 {
            remarks.push(more_altered(folder.run.as_str(), more));
        }
    }
    Ok(Gathered {
        from,
        day,
        runs: all,
        imports,
        notes,
        changes,
        against,
        environment,
        outline,
        campaign,
        remarks,
        damaged,
        days,
    })
}

/// Every run, or the one that was named; a damaged one is a remark, and an error where it was named.
fn read_runs(dir: &Path, asked: &Asked<'_>, remarks: &mut Vec<Said>) -> Result<Vec<RunRead>, GatherError> {
    let list = match asked.run {
        Some(name) => vec![history::choose(dir, Some(name))?],
        None => history::list(dir)?,
    };
    let mut read = Vec::new();
    let mut broken = None;
    for run in list {
        let live = history::is_live(&run);
        match journal::read(&run.journal()) {
            Ok(contents) => {
                if !contents.torn.is_empty() && !live {
                    let path = Arg::text(run.journal().display());
                    remarks.push(torn(path, Arg::bytes(contents.torn.len() as u64)));
                }
                read.push(RunRead { dir: run, records: contents.records, live, kept: Kept::default() });
            }
            Err(error) if asked.run.is_some() => return Err(error.into()),
            Err(error) => {
                remarks.push(error.said());
                broken = Some(error);
            }
        }
    }
    // Where nothing at all can be read, that is the answer.
    match broken {
        Some(error) if read.is_empty() => Err(error.into()),
        _ => Ok(read),
    }
}

fn date(record: &Record, zone: &TimeZone) -> Date {
    record.at.to_zoned(zone.clone()).date()
}

/// Whether the run was in progress at the end of its first `end` records.
fn in_progress(records: &[Record], end: usize, live: bool) -> bool {
    match records.get(end) {
        None => live,
        Some(later) => {
            // Behind the end stands what people decided and were told since.
            let last = records[..end].iter().rev().find(|record| {
                matches!(
                    record.event,
                    Event::RunFinished { .. } | Event::RunResumed { .. } | Event::RunStarted(_)
                )
            });
            let ended = matches!(last.map(|r| &r.event), Some(Event::RunFinished { .. }));
            !ended && !matches!(later.event, Event::RunResumed { .. })
        }
    }
}

/// What became different between one snapshot and the next of the same environment, the later one in the time.
fn changes(runs: &[RunRead], from: Date, zone: &TimeZone, remarks: &mut Vec<Said>) -> Vec<PlatformChange> {
    let mut found = Vec::new();
    let mut last: Vec<(String, platform::Look)> = Vec::new();
    for run in runs {
        let mut environment = String::new();
        for record in &run.records {
            match &record.event {
                Event::RunStarted(header) => header.plan.environment.clone_into(&mut environment),
                Event::SnapshotTaken { artifacts, .. } if !artifacts.is_empty() => {
                    let look = platform::Look::read(&run.dir.run, &run.dir.path, record.at, artifacts);
                    let look = match look {
                        Ok(look) => look,
                        Err(why) => {
                            remarks.push(snapshot_unusable(run.dir.run.as_str(), why));
                            continue;
                        }
                    };
                    let known = last.iter_mut().find(|(of, _)| *of == environment);
                    if let Some((_, before)) = &known
                        && date(record, zone) >= from
                    {
                        found.extend(platform::between(before, &look).into_iter().map(|differing| {
                            PlatformChange {
                                differing,
                                before: (before.run.to_string(), before.at),
                                after: (look.run.to_string(), look.at),
                            }
                        }));
                    }
                    match known {
                        Some((_, kept)) => *kept = look,
                        None => last.push((environment.clone(), look)),
                    }
                }
                _ => {}
            }
        }
    }
    found
}

/// Whether a run is in the report.
fn told(run: &RunRead, asked: &Asked<'_>, from: Date, zone: &TimeZone) -> bool {
    let in_time = || run.records.iter().any(|r| date(r, zone) >= from);
    !run.records.is_empty() && (asked.run.is_some() || in_time())
}

/// The latest run beside the last one before it that passed with the same parameters. Those before it have been read
/// already, unless one run alone was asked for.
fn against(dir: &Path, asked: &Asked<'_>, earlier: &[RunRead], latest: &RunRead) -> Option<Comparison> {
    let after = ComparedRun::new(latest.dir.clone(), RunState::replay(&latest.records), None);
    let before = match asked.run {
        Some(_) => after.previous(dir).ok()?,
        None => {
            let read = earlier.iter().rev().map(|run| (run.dir.clone(), RunState::replay(&run.records)));
            after.previous_among(read).ok()?
        }
    };
    Some(compare::compare(&before.side().ok()?, &after.side().ok()?))
}

/// The environment file of that run as it is now, else of the campaign's default one; it is drawn, no figure is from it.
fn environment(dir: &Path, run: Option<&RunRead>, campaign: Option<&Campaign>) -> Option<serde_json::Value> {
    let of_run = run.and_then(|run| match run.records.first().map(|r| &r.event) {
        Some(Event::RunStarted(header)) => Some(header.plan.environment.clone()),
        _ => None,
    });
    let name = of_run.or_else(|| {
        let meant = campaign.map(|c| c.default_environment.clone())?;
        match meant.is_empty() {
            true => Options::default().filled_in(&Sources::read(dir).ok()?).environment,
            false => Some(meant),
        }
    })?;
    let text = files::read_text(&dir.join(format!("plan/environments/{name}.yaml"))).ok()?;
    serde_yaml::from_str(&text).ok()
}

/// The campaign, or why it cannot be read: a report can be made all the same.
fn campaign(dir: &Path) -> (Option<Campaign>, Vec<Said>) {
    let path = dir.join("plan/campaign.yaml");
    let read = files::read_text(&path)
        .map_err(|e| e.to_string())
        .and_then(|text| serde_yaml::from_str::<Campaign>(&text).map_err(|e| e.to_string()));
    match read {
        Ok(campaign) => (Some(campaign), Vec::new()),
        Err(error) => (None, vec![file_unusable(Arg::text(path.display()), error)]),
    }
}

/// The campaign's notes; a damaged journal of notes is said and does not prevent the report.
fn notes(runs: &Runs, remarks: &mut Vec<Said>) -> Vec<Record> {
    let read = || match runs.notes().look()? {
        true => journal::read(&runs.notes().journal()).map(|c| c.records),
        false => Ok(Vec::new()),
    };
    read().unwrap_or_else(|error| {
        remarks.push(error.said());
        Vec::new()
    })
}

messages! {
    area "gather";
    evidence_altered(folder, fault) => "evidence of {folder}: {fault}" / "preuves de {folder} : {fault}";
    file_unusable(path, why) => "{path}: {why}" / "{path} : {why}";
    import_unusable(import, why) => "import {import}: {why}" / "import {import} : {why}";
    more_altered(folder, count) => "evidence of {folder}: {count} more {count|fault|faults}; `jalon verify` lists all" / "preuves de {folder} : encore {count} {count|défaut|défauts} ; `jalon verify` les liste tous";
    several_campaigns(names) => "this report mixes campaigns: {names}" / "ce rapport mêle plusieurs campagnes : {names}";
    snapshot_unusable(run, why) => "the snapshot of {run} is unusable: {why}" / "le relevé de {run} est inutilisable : {why}";
    torn(path, bytes) => "{path}: {bytes}, cut short by a crash" / "{path} : {bytes}, coupé par un arrêt brutal";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Attempt, StepId, event::Outcome};

    fn record(seq: u64, at: &str, event: Event) -> Record {
        Record { seq, at: at.parse().unwrap(), event }
    }

    #[test]
    fn a_run_was_in_progress_at_the_end_of_a_day_or_had_ended() {
        let begun = || Event::StepStarted { step: StepId(1), attempt: Attempt::FIRST };
        let ended = || Event::RunFinished { outcome: Outcome::Passed };
        let records = [
            record(1, "2025-12-18T22:59:59Z", begun()),
            record(2, "2025-12-18T23:00:00Z", ended()),
            record(3, "2025-12-19T08:00:00Z", begun()),
        ];
        let zone = TimeZone::get("Europe/Paris").unwrap();
        assert_eq!(date(&records[0], &zone).day(), 18);
        assert_eq!(date(&records[1], &zone).day(), 19, "a day ends where its time zone says");
        assert!(in_progress(&records, 1, false), "it was in progress at midnight");
        assert!(!in_progress(&records, 2, true), "it had ended");
        assert!(in_progress(&records, 3, true));
        assert!(!in_progress(&records, 3, false));
    }
}
