//! A further reading of the source, transactions that were aborted included: it explains records of the copy that
//! nobody should have.

use super::reader::{Reader, Side};
use crate::load::{
    bits::Bits,
    client::LoadError,
    content::{Account, Kept},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// How long the source may be silent meanwhile.
const SILENCE: Duration = Duration::from_secs(30);
/// Records that are taken of a partition at a time.
const TURN: usize = 1000;

/// Which of the `wanted` records are in transactions of the source that were aborted: those that are there and that a
/// reader of committed records did not get. Blocks: as long as reading takes.
pub(super) fn find(
    source: &Side,
    read: &Kept,
    ends: &BTreeMap<i32, i64>,
    wanted: &BTreeSet<u128>,
    cancel: &CancellationToken,
) -> Result<BTreeSet<u128>, LoadError> {
    let mut side = source.clone();
    side.config.set("isolation.level", "read_uncommitted");
    let mut reader = Reader::open(&side, cancel)?;
    let numbers: Vec<i32> = reader.partitions.keys().copied().collect();
    let mut found = BTreeSet::new();
    let nothing = Bits::default();
    while !cancel.is_cancelled() && reader.last_sign.elapsed() < SILENCE {
        let began = Instant::now();
        let mut taken = 0;
        reader.serve()?;
        for number in &numbers {
            let committed = read.offsets.get(number).unwrap_or(&nothing);
            let end = ends.get(number).copied().unwrap_or(0);
            taken += reader.take(*number, TURN, &mut |_, arrival| {
                let (offset, known) = (arrival.print.offset, Account::known_by(&arrival.print));
                let is_committed = u64::try_from(offset).is_ok_and(|offset| committed.contains(offset));
                if offset < end && !is_committed && wanted.contains(&known) {
                    found.insert(known);
                }
            })?;
        }
        let done = |number: &i32| {
            reader
                .partitions
                .get(number)
                .is_none_or(|p| p.at_end || p.next >= ends.get(number).copied().unwrap_or(0))
        };
        if numbers.iter().all(done) {
            break;
        }
        if taken == 0 {
            std::thread::sleep(Duration::from_millis(5).saturating_sub(began.elapsed()));
        }
    }
    Ok(found)
}
