//! The rows as artifacts: a table for spreadsheets, and the same with both records as JSON.

use super::judge::{Row, Verdict};
use crate::{
    load::positions::{Place, ReadRecord},
    support::text::csv_cell,
};
use serde_json::json;
use std::fmt::Write;

/// A line for each group and partition.
pub(super) fn csv(rows: &[Row]) -> String {
    let mut csv = String::from(
        "group,topic,partition,committed_source,end_source,checkpoint_source,checkpoint_target,committed_target,end_target,\
         next_on_target,would_skip,would_repeat,reason,record_source,record_target\n",
    );
    for row in rows {
        let (skip, repeat) = counts(row);
        let number = |n: Option<i64>| n.map_or_else(String::new, |n| n.to_string());
        let record =
            |seen: Option<ReadRecord>| seen.map_or_else(String::new, |seen| seen.identity.to_string());
        let _ = writeln!(
            csv,
            "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}",
            // A name of a group may have any character.
            csv_cell(&row.group),
            row.topic,
            row.partition,
            row.committed,
            row.source.1,
            number(row.checkpoint.map(|(upstream, _)| upstream)),
            number(row.checkpoint.map(|(_, downstream)| downstream)),
            number(row.there),
            number(row.target.map(|(_, end)| end)),
            number(place(row)),
            skip.map_or_else(String::new, |n| n.to_string()),
            repeat.map_or_else(String::new, |n| n.to_string()),
            row.reason().word(),
            record(row.source_record),
            record(row.target_record),
        );
    }
    csv
}

fn counts(row: &Row) -> (Option<u64>, Option<u64>) {
    match row.verdict() {
        Verdict::GoesOn { skip, repeat } => (Some(skip), Some(repeat)),
        Verdict::Unknown | Verdict::Untranslated => (None, None),
    }
}

/// Where on the target the first record lies that was not read on the source.
fn place(row: &Row) -> Option<i64> {
    match row.place? {
        Place::Copied { last, .. } => Some(last),
        Place::NotYet(end) => Some(end),
        Place::Unknown(_) => None,
    }
}

/// Rows in the JSON form, at most: those that need to be looked at come first. The table has all.
const SHOWN: usize = 1000;

/// The rows with both records as JSON: what is skipped first, then what cannot be judged or is not translated, then what
/// is repeated most.
pub(super) fn json(rows: &[Row]) -> serde_json::Value {
    let record = |seen: &ReadRecord| json!({"offset": seen.offset, "record": seen.identity.to_string(), "timestamp_ms": seen.timestamp_ms});
    let rank = |row: &Row| match row.verdict() {
        Verdict::GoesOn { skip: skip @ 1.., .. } => (3, skip),
        Verdict::Unknown => (2, 0),
        Verdict::Untranslated => (1, 0),
        Verdict::GoesOn { repeat, .. } => (0, repeat),
    };
    let mut order: Vec<(&Row, (u8, u64))> = rows.iter().map(|row| (row, rank(row))).collect();
    order.sort_by_key(|(_, rank)| std::cmp::Reverse(*rank));
    let shown: Vec<_> = order
        .iter()
        .take(SHOWN)
        .map(|(row, _)| {
            let (skip, repeat) = counts(row);
            json!({
                "group": row.group, "topic": row.topic, "partition": row.partition,
                "source": {"committed": row.committed, "begin": row.source.0, "end": row.source.1,
                    "next_record": row.source_record.as_ref().map(record)},
                "checkpoint": row.checkpoint.map(|(source, target)| json!({"source": source, "target": target})),
                "target": row.target.map(|(begin, end)| json!({"committed": row.there, "begin": begin, "end": end,
                    "starts_at": row.start(), "next_record": row.target_record.as_ref().map(record),
                    "next_unread": place(row), "group_is_active": row.active})),
                "would_skip": skip, "would_repeat": repeat, "reason": row.reason().word(),
            })
        })
        .collect();
    json!({"partitions": rows.len(), "shown": shown.len(), "worst": shown})
}
