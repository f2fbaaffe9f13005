//! The runs of a campaign: which there are, which one is meant, and what each holds.

use super::{HistoryError, basis::Basis};
use crate::{
    record::{Event, Record, RunId, RunState, Said, StepId, event::PlanOutline},
    store::{RunDir, Runs, journal, verify},
};
use std::{collections::BTreeMap, path::Path};

/// How many runs are named to who asks for one that there is not.
const NAMED: usize = 5;

/// Every run of the campaign in `campaign`, oldest first.
pub fn list(campaign: &Path) -> Result<Vec<RunDir>, HistoryError> {
    let disk = |cause| HistoryError::Disk { path: campaign.join("artifacts"), cause };
    Runs::of_campaign(campaign).list().map_err(disk)
}

/// The run of that name; the newest one where none is named.
pub fn choose(campaign: &Path, name: Option<&str>) -> Result<RunDir, HistoryError> {
    let mut list = list(campaign)?;
    let Some(name) = name else { return list.pop().ok_or(HistoryError::NoRun(campaign.join("artifacts"))) };
    let unknown = || HistoryError::UnknownRun {
        name: RunId::from(name),
        known: list.iter().rev().take(NAMED).map(|r| r.run.clone()).collect(),
    };
    if let Some(run) = list.iter().find(|r| r.run.as_str() == name) {
        return Ok(run.clone());
    }
    // What stands in the place of the run is told, where the name is no path to elsewhere.
    if Path::new(name).file_name().is_some_and(|last| last == name) {
        Runs::of_campaign(campaign).get(&RunId::from(name)).look()?;
    }
    Err(unknown())
}

/// The journal of a run as it is now, and the state that it comes to.
pub fn read(run: &RunDir) -> Result<(Vec<Record>, RunState), journal::JournalError> {
    let records = journal::read(&run.journal())?.records;
    let state = RunState::replay(&records);
    Ok((records, state))
}

/// Whether a living process writes the run now. Ask before you read: a run that ends in between has its end in the
/// journal.
pub fn is_live(run: &RunDir) -> bool {
    run.is_held()
}

/// One run as far as it can be read.
pub struct OnRecord {
    /// Folder of the run below `artifacts`.
    pub dir: RunDir,
    /// Whether a living process was writing it.
    pub live: bool,
    /// What its journal holds.
    pub read: Result<Contents, journal::JournalError>,
}

/// What the journal of a run holds.
pub struct Contents {
    /// Journal folded into the run's state, up to the last whole record.
    pub state: RunState,
    /// What a look shows not to be what was written; nothing where all seems to be.
    pub faults: Vec<Said>,
    /// What each attempt was made with: a resumed run may go on with another plan.
    pub(super) bases: BTreeMap<(StepId, u32), Basis>,
}

impl OnRecord {
    /// Reads the journal of a run; that it cannot be read is part of the result.
    pub fn read(dir: RunDir) -> Self {
        let live = is_live(&dir);
        let read = read(&dir).map(|(records, state)| Contents {
            faults: verify::at_a_glance(&dir, &records, &state),
            bases: bases(&records),
            state,
        });
        Self { dir, live, read }
    }
}

fn bases(records: &[Record]) -> BTreeMap<(StepId, u32), Basis> {
    let mut plan: Option<&PlanOutline> = None;
    let mut bases = BTreeMap::new();
    for record in records {
        match &record.event {
            Event::RunStarted(header) => plan = Some(&header.plan),
            Event::RunResumed { plan: now, .. } => plan = Some(now),
            Event::StepStarted { step, attempt } => {
                if let Some(plan) = plan {
                    bases.insert((*step, attempt.0), Basis::new(plan, *step));
                }
            }
            _ => {}
        }
    }
    bases
}
