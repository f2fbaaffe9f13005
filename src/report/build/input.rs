//! [`Input`]: what a report is made from.

use super::kept::Kept;
use crate::{
    compare::{Comparison, Differing},
    plan::Campaign,
    record::{Import, Reading, Record, Said, event::PlanOutline},
    report::language::Language,
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// What a report is made from.
#[derive(Debug, Clone)]
pub struct Input<'a> {
    /// Every run with a record in the time of the report, oldest first. There may be none.
    pub runs: &'a [RunInput<'a>],
    /// Work done by hand in that time, oldest first.
    pub imports: &'a [ImportInput],
    /// Changes to the platform that the snapshots show.
    pub changes: &'a [PlatformChange],
    /// The latest run beside the one before it.
    pub against: Option<&'a Comparison>,
    /// The plan as it stands in its files, for a report of no run.
    pub outline: Option<&'a PlanOutline>,
    /// What the environment file of the latest run says, where it can be read: where things are.
    pub environment: Option<&'a serde_json::Value>,
    /// The campaign, where its file can be read.
    pub campaign: Option<&'a Campaign>,
    /// Records of the journal of notes.
    pub notes: &'a [Record],
    /// Language of the report.
    pub language: Language,
    /// The first day that it is about.
    pub from: Date,
    /// Last day of the period.
    pub day: Date,
    /// Time zone of every time in the report.
    pub zone: TimeZone,
    /// The moment that it tells of, at most the end of its last day; waivers that have expired by then do not count.
    pub now: Timestamp,
    /// When the report is made, by the clock of this machine.
    pub made: Timestamp,
    /// What could not be read, and why.
    pub remarks: Vec<Said>,
}

/// One run of the period, as its journal tells it.
#[derive(Debug, Clone, Copy)]
pub struct RunInput<'a> {
    /// Name of the run's folder.
    pub run: &'a str,
    /// Records of the run's journal, up to the end of the time.
    pub records: &'a [Record],
    /// Whether a living process was writing the run then.
    pub live: bool,
    /// What was read of its artifacts.
    pub kept: &'a Kept,
}

/// One import, and what was read from its file.
#[derive(Debug, Clone)]
pub struct ImportInput {
    /// Number of its record in the journal of imports.
    pub seq: u64,
    /// Time of the record of the import.
    pub at: Timestamp,
    /// Record of the import in the journal: its name, day, step, file and counts.
    pub import: Import,
    /// What was read, or why that cannot be used.
    pub reading: Result<Reading, String>,
}

/// What became different between two looks at the platform.
#[derive(Debug, Clone)]
pub struct PlatformChange {
    /// What, before and after.
    pub differing: Differing,
    /// When it was still as before: the run whose snapshot shows it, and the time.
    pub before: (String, Timestamp),
    /// When it was seen to be otherwise.
    pub after: (String, Timestamp),
}

impl Input<'_> {
    /// The day of a moment, where the report is read.
    pub(super) fn date(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.clone()).date()
    }

    /// Whether a moment is within the time of the report.
    pub(super) fn covers(&self, at: Timestamp) -> bool {
        (self.from..=self.day).contains(&self.date(at))
    }
}
