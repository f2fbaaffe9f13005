//! Waits until everything is copied, and measures how long that takes and how fast it goes.

use super::{
    super::{ActionContext, ActionError, service::unless_cancelled},
    evidence,
    look::{self, Asked},
    memory::{Line, Memory, Times},
};
use crate::record::{Evidence, Said, Unit, Value, messages};
use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_secs(1);

/// Looks every second until nothing is behind, or `within` is over.
pub(super) async fn until(
    cx: &ActionContext,
    asked: &Asked<'_>,
    times: &Times,
    within: Duration,
    formula: Said,
) -> Result<Evidence, ActionError> {
    let started = Instant::now();
    let mut memory = Memory::default();
    let mut first: Option<(u64, i64)> = None;
    loop {
        let mut sight = look::look(cx, asked).await?;
        let lines = memory.take(&sight, Instant::now(), times);
        let waited = started.elapsed();
        let lag: u64 = lines.iter().map(|line| line.lag.unsigned_abs()).sum();
        let (most, from) = *first.get_or_insert((lag, copied(&lines)));
        cx.progress.update(&cx.action, most.saturating_sub(lag), Some(most), still_behind(lag));
        // Only then is it asked whether what is behind is a record: a marker of a transaction is never copied.
        let over = waited >= within;
        if lag > 0 && (over || only_markers_possible(&lines)) {
            look::read_oldest(cx, asked.source, &mut sight, evidence::waiting(&lines)).await?;
        }
        let nothing = lag == 0 || nothing_waits(&sight, &lines);
        if nothing || over {
            let mut evidence = evidence::of(cx, &sight, &lines)?;
            let seconds = waited.as_secs_f64();
            let moved = u64::try_from(copied(&lines) - from).unwrap_or(0);
            evidence.put("drained", Value::Flag(nothing));
            evidence.put(
                "drain_s",
                match nothing {
                    true => Value::number(seconds, Unit::Seconds),
                    false => Value::missing(not_drained(within, lag)),
                },
            );
            #[expect(clippy::cast_precision_loss, reason = "counts of records far below 2^52")]
            evidence.put(
                "catch_up_records_per_s",
                match (moved, seconds > 0.0) {
                    (0, _) | (_, false) => Value::missing(nothing_moved()),
                    (moved, true) => Value::number(moved as f64 / seconds, Unit::RecordsPerSecond),
                },
            );
            if !nothing {
                evidence.remark(not_drained(within, lag));
            }
            evidence.remark(formula);
            return Ok(evidence);
        }
        unless_cancelled(cx, async {
            tokio::time::sleep(PAUSE).await;
            Ok::<_, ActionError>(())
        })
        .await?;
    }
}

/// Up to where all partitions together are copied.
fn copied(lines: &[Line]) -> i64 {
    lines.iter().map(|line| line.position.unwrap_or(line.seen.begin)).sum()
}

/// Whether so little is behind that it may be markers of transactions alone.
fn only_markers_possible(lines: &[Line]) -> bool {
    lines.iter().all(|line| line.lag <= 2 && line.still.is_some())
}

/// Whether no record is behind, although offsets are.
fn nothing_waits(sight: &look::Sight, lines: &[Line]) -> bool {
    let Some(oldest) = &sight.oldest else { return false };
    let behind = lines.iter().filter(|line| line.lag > 0);
    sight.not_read == 0
        && !oldest.is_empty()
        && behind.clone().all(|line| {
            oldest
                .get(&(line.seen.topic.clone(), line.seen.partition))
                .is_some_and(|found| found.offset >= line.seen.end)
        })
}

messages! {
    area "lag";
    not_drained(within, records) => "{records} {records|record|records} are not copied after {within}" / "{records} {records|enregistrement|enregistrements} ne sont pas copiés après {within}";
    nothing_moved() => "nothing was left to copy" / "il ne restait rien à copier";
    still_behind(records) => "{records} {records|record|records} to copy" / "{records} {records|enregistrement|enregistrements} à copier";
}
