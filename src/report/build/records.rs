//! The records of the journals that a report names, so that each name leads somewhere.

use super::{context::Build, input::Input};
use crate::{
    record::Record,
    report::model::{RecordRow, ReportModel},
};
use serde_json::Value;
use std::collections::BTreeSet;

/// The rows of every record that is named in `model`, in the order of the journals.
pub(super) fn cited(input: &Input<'_>, builds: &[Build<'_>], model: &ReportModel) -> Vec<RecordRow> {
    let mut named = BTreeSet::new();
    // Wherever a section has a reference, it is in the model's own form: none can be forgotten.
    if let Ok(value) = serde_json::to_value(model) {
        collect(&value, &mut named);
    }
    let of_runs = builds
        .iter()
        .flat_map(|build| build.run.records.iter().map(|record| (build.trace.record(record.seq).id, record)));
    let of_notes = input.notes.iter().map(|record| (format!("N{}", record.seq), record));
    let wanted = of_runs.chain(of_notes).filter(|(id, _)| named.contains(id));
    wanted.map(|(id, record)| row(input, id, record)).collect()
}

/// Names of records in a value.
fn collect(value: &Value, named: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, named)),
        Value::Object(fields) => {
            if let (Some(Value::String(id)), Some(Value::Number(_))) =
                (fields.get("id"), fields.get("record"))
            {
                named.insert(id.clone());
            }
            fields.values().for_each(|field| collect(field, named));
        }
        _ => {}
    }
}

fn row(input: &Input<'_>, id: String, record: &Record) -> RecordRow {
    let event = serde_json::to_value(&record.event).unwrap_or_default();
    let part = |name: &str| match event.get(name) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let place = match (part("step"), part("attempt")) {
        (Some(step), Some(attempt)) => format!("{step}.{attempt}"),
        (step, _) => step.unwrap_or_default(),
    };
    let action = part("action").or_else(|| part("watch")).unwrap_or_default();
    RecordRow {
        id,
        at: input.language.moment(record.at, &input.zone),
        event: part("type").unwrap_or_default(),
        about: format!("{place} {action}").trim().to_owned(),
        by: part("by").or_else(|| part("operator")).unwrap_or_default(),
    }
}
