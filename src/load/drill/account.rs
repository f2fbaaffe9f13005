//! What one drill comes to: [`Account`], from the records that were acknowledged, processed, delivered and found. Pure.

use super::{
    member::{Key, Notes},
    writer::Ledger,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

/// What one drill comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Account {
    /// Records that the source acknowledged.
    pub acknowledged: u64,
    /// Of these, records that the group had read on the source when it was stopped.
    pub processed: u64,
    /// Records that the source acknowledged, that the group had not read, and that lie on the target and did not come.
    pub skipped: u64,
    /// Records that came on the target and had been read on the source before, or by an earlier attempt.
    pub repeated: u64,
    /// Records that the source acknowledged and that are not on the target at the end of the drill.
    pub not_arrived: u64,
    /// Records that the source had acknowledged at the cut and that were not on the target at that moment.
    pub rpo_records: u64,
    /// How long before the cut the oldest of these was acknowledged.
    pub rpo: Duration,
    /// Records that nobody of the group had read after it went back to the source.
    pub back_skipped: u64,
    /// Records that the group read on the target and again after it went back.
    pub back_repeated: u64,
    /// Records that lie more often on the source than they were sent: they came back.
    pub returned: u64,
}

/// How often each stamped record lies in a log.
pub(super) type Copies = BTreeMap<Key, u32>;

/// What is known of a drill.
pub(super) struct Known<'a> {
    pub(super) token: u64,
    pub(super) ledger: &'a Ledger,
    pub(super) cut: Instant,
    /// What the group read on the source before the cut, in this drill and in the ones before.
    pub(super) processed: &'a BTreeSet<Key>,
    /// What it read on the target.
    pub(super) there: &'a Notes,
    /// What it read on the source afterwards.
    pub(super) back: &'a Notes,
    /// What lay on the target at the cut.
    pub(super) at_cut: &'a Copies,
    /// What lies on the target at the end.
    pub(super) at_end: &'a Copies,
    /// What lies on the source at the end.
    pub(super) on_source: &'a Copies,
}

impl Known<'_> {
    pub(super) fn account(&self) -> Account {
        let mut account = Account { acknowledged: self.ledger.len() as u64, ..Account::default() };
        for (sequence, answer) in self.ledger {
            let key = (self.token, *sequence);
            let was_read = self.processed.contains(&key);
            let came = self.there.read.contains_key(&key);
            account.processed += u64::from(was_read);
            if !was_read && !came {
                // What is not there cannot be skipped: replication lost it, or is late.
                account.skipped += u64::from(self.at_end.contains_key(&key));
                account.back_skipped += u64::from(!self.back.read.contains_key(&key));
            }
            account.not_arrived += u64::from(!self.at_end.contains_key(&key));
            if answer.at <= self.cut && !self.at_cut.contains_key(&key) {
                account.rpo_records += 1;
                account.rpo = account.rpo.max(self.cut.saturating_duration_since(answer.at));
            }
        }
        for (key, times) in &self.there.read {
            let before = self.processed.contains(key) || key.0 != self.token;
            account.repeated += u64::from(if before { *times } else { times.saturating_sub(1) });
        }
        let again = |(key, times): (&Key, &u32)| {
            u64::from(if self.there.read.contains_key(key) { *times } else { 0 })
        };
        account.back_repeated = self.back.read.iter().map(again).sum();
        account.returned = self.on_source.values().map(|times| u64::from(times.saturating_sub(1))).sum();
        account
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::drill::writer::Acknowledged;
    use proptest::prelude::*;

    fn notes(records: impl IntoIterator<Item = u64>) -> Notes {
        let mut notes = Notes::default();
        for sequence in records {
            *notes.read.entry((1, sequence)).or_default() += 1;
        }
        notes
    }

    proptest! {
        /// Sequences are offsets on both clusters; the group goes on at `start`.
        #[test]
        fn what_is_skipped_and_repeated_is_what_a_list_says(
            sent in 1_u64..80, read in 0_u64..80, start in 0_u64..90, copied in 0_u64..80,
        ) {
            let (read, copied) = (read.min(sent), copied.min(sent));
            let cut = Instant::now();
            let at = |n: u64| cut.checked_sub(Duration::from_millis(sent - n)).unwrap_or(cut);
            let ledger: Ledger =
                (0..sent).map(|n| (n, Acknowledged { sent: at(n), at: at(n) })).collect();
            let processed: BTreeSet<Key> = (0..read).map(|n| (1, n)).collect();
            let copies = |to: u64| -> Copies { (0..to).map(|n| ((1, n), 1)).collect() };
            let known = Known {
                token: 1,
                ledger: &ledger,
                cut,
                processed: &processed,
                there: &notes(start..sent),
                back: &notes(read..sent),
                at_cut: &copies(copied),
                at_end: &copies(sent),
                on_source: &copies(sent),
            };
            let account = known.account();
            prop_assert_eq!(account.skipped, start.min(sent).saturating_sub(read));
            prop_assert_eq!(account.repeated, read.saturating_sub(start));
            prop_assert_eq!(account.rpo_records, sent - copied);
            let oldest = sent.saturating_sub(copied);
            prop_assert_eq!(account.rpo, Duration::from_millis(oldest));
            prop_assert_eq!((account.not_arrived, account.returned, account.back_skipped), (0, 0, 0));
            prop_assert_eq!(account.back_repeated, sent.saturating_sub(start.max(read)));
        }
    }

    #[test]
    fn what_never_arrived_is_no_skip_and_what_lies_twice_came_back() {
        let cut = Instant::now();
        let ledger: Ledger = (0..4).map(|n| (n, Acknowledged { sent: cut, at: cut })).collect();
        let copies =
            |list: &[(u64, u32)]| -> Copies { list.iter().map(|(n, times)| ((1, *n), *times)).collect() };
        let (nobody, processed) = (Notes::default(), BTreeSet::new());
        let known = Known {
            token: 1,
            ledger: &ledger,
            cut,
            processed: &processed,
            there: &notes([0, 1, 1]),
            back: &nobody,
            at_cut: &copies(&[]),
            at_end: &copies(&[(0, 1), (1, 1), (2, 1)]),
            on_source: &copies(&[(0, 1), (1, 3)]),
        };
        let account = known.account();
        assert_eq!((account.skipped, account.not_arrived, account.returned), (1, 1, 2));
        assert_eq!((account.repeated, account.back_skipped), (1, 2));
    }
}
