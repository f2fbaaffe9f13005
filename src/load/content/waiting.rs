//! [`Waiting`]: the records of one side that have found no partner yet, in their order and by what they are known by;
//! and [`LatestRecords`], what was known of the records before.

#![expect(
    clippy::disallowed_types,
    reason = "looked up a million times a second by digests, and never walked through"
)]

use super::print::Print;
use std::collections::{HashMap, VecDeque};

/// A hash of what is a hash already.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Same(u64);

impl std::hash::Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(23) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_u128(&mut self, number: u128) {
        self.write_u64((number >> 64) as u64);
        self.write_u64(number as u64);
    }
}

/// Maps of digests.
pub(super) type Map<K, V> = HashMap<K, V, std::hash::BuildHasherDefault<Same>>;

const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Slot {
    print: Print,
    position: u64,
    before: u32,
    after: u32,
    /// The next one that is known by the same.
    alike: u32,
}

/// Records of one side without a partner. Everything here takes the same time, however many there are.
#[derive(Debug)]
pub(super) struct Waiting {
    slots: Vec<Slot>,
    free: Vec<u32>,
    first: u32,
    last: u32,
    len: usize,
    index: Map<u128, (u32, u32)>,
    with_time: bool,
}

impl Waiting {
    pub(super) fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            first: NONE,
            last: NONE,
            len: 0,
            index: Map::default(),
            with_time: true,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Puts a record behind all others.
    pub(super) fn push(&mut self, print: Print, position: u64) {
        let slot = Slot { print, position, before: self.last, after: NONE, alike: NONE };
        let at = match self.free.pop() {
            Some(at) => {
                self.slots[at as usize] = slot;
                at
            }
            None => {
                self.slots.push(slot);
                u32::try_from(self.slots.len() - 1).unwrap_or(NONE)
            }
        };
        match self.last {
            NONE => self.first = at,
            last => self.slots[last as usize].after = at,
        }
        self.last = at;
        self.len += 1;
        self.list(at);
    }

    fn list(&mut self, at: u32) {
        let identity = self.slots[at as usize].print.identity(self.with_time);
        self.slots[at as usize].alike = NONE;
        match self.index.entry(identity) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert((at, at));
            }
            std::collections::hash_map::Entry::Occupied(mut entry) => {
                let (_, last) = entry.get_mut();
                self.slots[*last as usize].alike = at;
                *last = at;
            }
        }
    }

    /// Takes the oldest one that is known by this.
    pub(super) fn take(&mut self, identity: u128) -> Option<(Print, u64)> {
        let std::collections::hash_map::Entry::Occupied(mut entry) = self.index.entry(identity) else {
            return None;
        };
        let (at, last) = *entry.get();
        if at == last {
            entry.remove();
        } else {
            entry.get_mut().0 = self.slots[at as usize].alike;
        }
        Some(self.unlink(at))
    }

    fn unlink(&mut self, at: u32) -> (Print, u64) {
        let slot = self.slots[at as usize];
        match slot.before {
            NONE => self.first = slot.after,
            before => self.slots[before as usize].after = slot.after,
        }
        match slot.after {
            NONE => self.last = slot.before,
            after => self.slots[after as usize].before = slot.before,
        }
        self.free.push(at);
        self.len -= 1;
        (slot.print, slot.position)
    }

    /// Takes the record at its position; it must be one that waits.
    pub(super) fn take_at(&mut self, print: &Print, position: u64) {
        let identity = print.identity(self.with_time);
        let std::collections::hash_map::Entry::Occupied(mut entry) = self.index.entry(identity) else {
            return;
        };
        let (first, last) = *entry.get();
        let (mut at, mut previous) = (first, NONE);
        while at != NONE && self.slots[at as usize].position != position {
            previous = at;
            at = self.slots[at as usize].alike;
        }
        if at == NONE {
            return;
        }
        let next = self.slots[at as usize].alike;
        match (first == at, last == at) {
            (true, true) => drop(entry.remove()),
            (true, false) => entry.get_mut().0 = next,
            (false, is_last) => {
                self.slots[previous as usize].alike = next;
                if is_last {
                    entry.get_mut().1 = previous;
                }
            }
        }
        self.unlink(at);
    }

    /// The records in their order, oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Print, u64)> + '_ {
        let mut at = self.first;
        std::iter::from_fn(move || {
            let slot = self.slots.get(at as usize)?;
            at = slot.after;
            Some((slot.print, slot.position))
        })
    }

    /// Knows its records without their times from now on.
    pub(super) fn without_time(&mut self) {
        self.with_time = false;
        self.index.clear();
        let mut at = self.first;
        while at != NONE {
            self.list(at);
            at = self.slots[at as usize].after;
        }
    }
}

/// What the latest records of the source were known by, a bounded number of them.
#[derive(Debug)]
pub(super) struct LatestRecords {
    room: usize,
    order: VecDeque<u64>,
    times: Map<u64, u32>,
}

impl LatestRecords {
    pub(super) fn new(room: usize) -> Self {
        Self { room, order: VecDeque::new(), times: Map::default() }
    }

    pub(super) fn note(&mut self, identity: u128) {
        let short = short(identity);
        if self.order.len() >= self.room
            && let Some(oldest) = self.order.pop_front()
            && let std::collections::hash_map::Entry::Occupied(mut entry) = self.times.entry(oldest)
        {
            match *entry.get() {
                0 | 1 => drop(entry.remove()),
                _ => *entry.get_mut() -= 1,
            }
        }
        self.order.push_back(short);
        *self.times.entry(short).or_default() += 1;
    }

    pub(super) fn contains(&self, identity: u128) -> bool {
        self.times.contains_key(&short(identity))
    }
}

fn short(identity: u128) -> u64 {
    (identity >> 64) as u64 ^ (identity as u64).rotate_left(32)
}
