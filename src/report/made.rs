//! [`Gathered::report`]: the report of what was gathered, for whoever shows or writes it.

use super::{Gathered, Input, Language, Report, RunInput};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

impl Gathered {
    /// Makes the report in `language` at the time `made`, times in `zone`. It tells of its last day as it was at its end: a
    /// waiver that has expired since counted then.
    pub fn report(&self, language: Language, made: Timestamp, zone: &TimeZone) -> Report {
        let runs: Vec<RunInput<'_>> = self
            .runs
            .iter()
            .map(|run| RunInput {
                run: run.dir.run.as_str(),
                records: &run.records,
                live: run.live,
                kept: &run.kept,
            })
            .collect();
        Report::new(&Input {
            runs: &runs,
            imports: &self.imports,
            changes: &self.changes,
            against: self.against.as_ref(),
            environment: self.environment.as_ref(),
            outline: self.outline.as_ref(),
            campaign: self.campaign.as_ref(),
            notes: &self.notes,
            language,
            from: self.from,
            day: self.day,
            now: end_of(self.day, zone).map_or(made, |end| end.min(made)),
            made,
            zone: zone.clone(),
            remarks: self.remarks.clone(),
        })
    }
}

/// The end of a day where the report is made.
fn end_of(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    Some(day.tomorrow().ok()?.to_zoned(zone.clone()).ok()?.timestamp())
}
