//! The comparison by content against a naive model of it, over whatever may happen to a copy.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// A record in words.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Plain {
    key: Option<u8>,
    value: Option<u16>,
    header: Option<u8>,
    at: i64,
}

/// A record of the source and where it is.
#[derive(Debug, Clone, PartialEq)]
struct Placed {
    partition: i32,
    plain: Plain,
    aborted: bool,
}

fn print(plain: &Plain, offset: usize) -> Print {
    let key = plain.key.map(|key| [key]);
    let value = plain.value.map(u16::to_be_bytes);
    let header = plain.header.map(|header| [header]);
    let headers = header.iter().map(|value| (&b"h"[..], Some(&value[..])));
    Printer::default().print(
        i64::try_from(offset).unwrap(),
        key.as_ref().map(|key| &key[..]),
        value.as_ref().map(|value| &value[..]),
        headers,
        Time::Created(plain.at),
    )
}

/// What the model finds in one partition.
#[derive(Debug, Default, PartialEq, Eq)]
struct Model {
    paired: u64,
    duplicated: u64,
    reordered: u64,
    fields: [u64; 4],
    lost: Vec<(i32, Plain)>,
    extra: Vec<(i32, Plain)>,
}

type Agree = fn(&Plain, &Plain) -> bool;

/// Compares two lists of one partition, as a person would with time to spare.
fn model(partition: i32, source: &[Plain], target: &[Plain]) -> Model {
    let mut model = Model::default();
    let mut partner: Vec<Option<usize>> = vec![None; target.len()];
    let mut free = vec![true; source.len()];
    for (there, record) in target.iter().enumerate() {
        if let Some(at) = (0..source.len()).find(|at| free[*at] && source[*at] == *record) {
            free[at] = false;
            partner[there] = Some(at);
            model.paired += 1;
        }
    }
    let mut furthest = None;
    for at in partner.iter().flatten() {
        match furthest {
            Some(before) if at < before => model.reordered += 1,
            _ => furthest = Some(at),
        }
    }
    let mut open: Vec<usize> = Vec::new();
    for there in (0..target.len()).filter(|there| partner[*there].is_none()) {
        match source.contains(&target[there]) {
            true => model.duplicated += 1,
            false => open.push(there),
        }
    }
    let agree: [Agree; 7] = [
        |a, b| a.key == b.key && a.value == b.value && a.header == b.header,
        |a, b| a.key == b.key && a.value == b.value && a.at == b.at,
        |a, b| a.value.is_some() && a.value == b.value && a.header == b.header && a.at == b.at,
        |a, b| a.key == b.key && a.header == b.header && a.at == b.at,
        |a, b| a.value.is_some() && a.key == b.key && a.value == b.value,
        |a, b| a.value.is_some() && a.value == b.value && a.at == b.at,
        |a, b| a.value.is_some() && a.value == b.value && a.header == b.header,
    ];
    for agree in agree {
        for at in 0..source.len() {
            if !free[at] {
                continue;
            }
            if let Some(found) = open.iter().position(|there| agree(&source[at], &target[*there])) {
                let (ours, theirs) = (&source[at], &target[open.remove(found)]);
                free[at] = false;
                model.paired += 1;
                for (count, differs) in model.fields.iter_mut().zip([
                    ours.key != theirs.key,
                    ours.value != theirs.value,
                    ours.header != theirs.header,
                    ours.at != theirs.at,
                ]) {
                    *count += u64::from(differs);
                }
            }
        }
    }
    model.lost = (0..source.len()).filter(|at| free[*at]).map(|at| (partition, source[at].clone())).collect();
    model.extra = open.into_iter().map(|there| (partition, target[there].clone())).collect();
    model
}

/// Reads both sides in turns: of the source first, as the reader does.
fn account(
    window: usize,
    turn: usize,
    source: &[Vec<Plain>],
    target: &[Vec<Plain>],
    bounds: Bounds,
) -> Account {
    let mut account = Account::new(source.len()).with_window(window);
    for number in 0..source.len().max(target.len()) {
        let partition = i32::try_from(number).unwrap();
        account.open(partition, bounds);
        let (nothing, mut ours, mut theirs) = (Vec::new(), 0, 0);
        let (source, target) =
            (source.get(number).unwrap_or(&nothing), target.get(number).unwrap_or(&nothing));
        while ours < source.len() || theirs < target.len() {
            let before = (ours, theirs);
            while ours < source.len() && !account.is_full(Side::Source, partition) {
                account.take(Side::Source, partition, print(&source[ours], ours));
                ours += 1;
            }
            let until = target.len().min(theirs + turn);
            while theirs < until && !account.is_full(Side::Target, partition) {
                account.take(Side::Target, partition, print(&target[theirs], theirs));
                theirs += 1;
            }
            if before == (ours, theirs) {
                let ended = match (ours < source.len(), theirs < target.len()) {
                    (false, _) => Some(Side::Source),
                    (_, false) => Some(Side::Target),
                    _ => None,
                };
                account.make_room(partition, ended);
            }
        }
    }
    account
}

fn plain() -> impl Strategy<Value = Plain> {
    let few = prop_oneof![1 => Just(None), 5 => (0u8..4).prop_map(Some)];
    let value = prop_oneof![1 => Just(None), 8 => (0u16..12).prop_map(Some)];
    let header = prop_oneof![3 => Just(None), 1 => (0u8..2).prop_map(Some)];
    (few, value, header, 0i64..6).prop_map(|(key, value, header, at)| Plain { key, value, header, at })
}

fn placed() -> impl Strategy<Value = Placed> {
    (0i32..2, plain(), proptest::bool::weighted(0.1)).prop_map(|(partition, plain, aborted)| Placed {
        partition,
        plain,
        aborted,
    })
}

/// What happens to a record on its way.
#[derive(Debug, Clone)]
enum Way {
    Well,
    Lost,
    Twice,
    Late(usize),
    Key,
    Value,
    Header,
    Time,
    Moved,
    Phantom(Plain),
}

fn way() -> impl Strategy<Value = Way> {
    prop_oneof![
        40 => Just(Way::Well),
        2 => Just(Way::Lost),
        2 => Just(Way::Twice),
        2 => (1usize..6).prop_map(Way::Late),
        1 => Just(Way::Key),
        1 => Just(Way::Value),
        1 => Just(Way::Header),
        1 => Just(Way::Time),
        1 => Just(Way::Moved),
        1 => plain().prop_map(Way::Phantom),
    ]
}

/// The committed records of the source and the copy, by partition.
fn sides(records: &[(Placed, Way)], copies_aborted: bool) -> (Vec<Vec<Plain>>, Vec<Vec<Plain>>) {
    let mut source = vec![Vec::new(); 2];
    let mut target: Vec<Vec<(usize, Plain)>> = vec![Vec::new(); 2];
    for (at, (placed, way)) in records.iter().enumerate() {
        let own = usize::try_from(placed.partition).unwrap();
        if !placed.aborted {
            source[own].push(placed.plain.clone());
        } else if !copies_aborted {
            continue;
        }
        let mut copy = placed.plain.clone();
        let (mut to, mut place) = (own, 10 * at);
        match way {
            Way::Well | Way::Twice | Way::Phantom(_) => {}
            Way::Lost => continue,
            Way::Late(by) => place += 10 * by + 5,
            Way::Key => copy.key = Some(99),
            Way::Value => copy.value = Some(999),
            Way::Header => copy.header = Some(99),
            Way::Time => copy.at += 1000,
            Way::Moved => to = 1 - own,
        }
        if let Way::Phantom(phantom) = way {
            target[own].push((place, phantom.clone()));
        }
        if matches!(way, Way::Twice) {
            target[to].push((place + 1, copy.clone()));
        }
        target[to].push((place, copy));
    }
    let target = target.into_iter().map(|mut records| {
        records.sort_by_key(|(place, _)| *place);
        records.into_iter().map(|(_, record)| record).collect()
    });
    (source, target.collect())
}

/// Pairs what is left of different partitions, as the account does.
fn across(models: &mut [Model]) -> u64 {
    let mut lost: Vec<(i32, Plain)> = models.iter_mut().flat_map(|m| std::mem::take(&mut m.lost)).collect();
    let mut extra: Vec<(i32, Plain)> = models.iter_mut().flat_map(|m| std::mem::take(&mut m.extra)).collect();
    let mut moved = 0;
    let agree: [Agree; 2] =
        [|a, b| a == b, |a, b| a.key == b.key && a.value == b.value && a.header == b.header];
    for agree in agree {
        extra.retain(|(_, there)| match lost.iter().position(|(_, at)| agree(at, there)) {
            Some(found) => {
                lost.remove(found);
                moved += 1;
                false
            }
            None => true,
        });
    }
    models[0].lost = lost;
    models[0].extra = extra;
    moved
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn within_its_window_it_finds_what_a_naive_model_finds(
        records in proptest::collection::vec((placed(), way()), 0..80),
        copies_aborted: bool,
        turn in 1usize..20,
    ) {
        let (source, target) = sides(&records, copies_aborted);
        let mut models: Vec<Model> =
            (0..2).map(|n| model(i32::try_from(n).unwrap(), &source[n], &target[n])).collect();
        let sum = |of: fn(&Model) -> u64| models.iter().map(of).sum::<u64>();
        let (paired, duplicated, reordered) = (sum(|m| m.paired), sum(|m| m.duplicated), sum(|m| m.reordered));
        let fields = [sum(|m| m.fields[0]), sum(|m| m.fields[1]), sum(|m| m.fields[2])];
        let moved = across(&mut models);
        let mut account = account(1000, turn, &source, &target, Bounds::default());
        account.close();
        // What is in aborted transactions, as a further reading finds it.
        let aborted: BTreeSet<u128> = records
            .iter()
            .filter(|(placed, _)| placed.aborted)
            .map(|(placed, _)| Account::known_by(&print(&placed.plain, 0)))
            .collect();
        let wanted = account.unexplained();
        let found: BTreeSet<u128> = aborted.intersection(&wanted).copied().collect();
        let uncommitted = models[0]
            .extra
            .iter()
            .filter(|(_, plain)| aborted.contains(&Account::known_by(&print(plain, 0))))
            .count() as u64;
        let (total, lanes, _) = account.conclude(&found);
        let c = total.counts;
        prop_assert_eq!(c.duplicated, duplicated);
        prop_assert_eq!(c.reordered, reordered);
        prop_assert_eq!(c.moved, moved);
        prop_assert_eq!(c.paired, paired + moved);
        prop_assert_eq!([c.keys, c.values, c.headers], fields);
        prop_assert_eq!(c.lost, models[0].lost.len() as u64);
        prop_assert_eq!(c.uncommitted, uncommitted);
        prop_assert_eq!(c.unexpected, models[0].extra.len() as u64 - uncommitted);
        prop_assert_eq!(c.source, c.paired + c.lost);
        prop_assert_eq!(c.target, c.paired + c.duplicated + c.unexpected + c.uncommitted);
        let differs = c.lost + c.duplicated + c.reordered + c.unexpected + c.uncommitted + c.moved + c.keys + c.values
            + c.headers + c.timestamps;
        prop_assert_eq!(lanes.values().any(|lane| lane.first.is_some()), differs > 0);
    }

    #[test]
    fn beyond_its_window_every_record_still_counts_once_and_a_good_copy_is_good(
        records in proptest::collection::vec((placed(), way()), 0..200),
        window in 4usize..20,
        turn in 1usize..40,
    ) {
        let (source, target) = sides(&records, true);
        let mut odd = account(window, turn, &source, &target, Bounds::default());
        odd.close();
        let c = odd.conclude(&BTreeSet::new()).0.counts;
        prop_assert_eq!(c.source, c.paired + c.lost);
        prop_assert_eq!(c.target, c.paired + c.duplicated + c.unexpected);
        let mut same = account(window, turn, &source, &source, Bounds::default());
        same.close();
        let (total, lanes, _) = same.conclude(&BTreeSet::new());
        prop_assert_eq!(total.counts.paired, total.counts.source);
        prop_assert!(lanes.values().all(|lane| lane.first.is_none()));
    }

    #[test]
    fn compaction_of_either_side_is_no_loss_and_no_phantom(
        records in proptest::collection::vec(plain(), 0..60),
        of_source: bool,
        until in 0usize..60,
    ) {
        // The same place is taken for the head of the log, which is not compacted.
        let keep = |at: usize| {
            at >= until || records[at].key.is_none()
                || !records[at + 1..].iter().any(|later| later.key == records[at].key)
        };
        let whole: Vec<Plain> = records.clone();
        let compacted: Vec<Plain> =
            (0..records.len()).filter(|at| keep(*at)).map(|at| records[at].clone()).collect();
        let gone = (whole.len() - compacted.len()) as u64;
        let bounds =
            Bounds { source_compacts: of_source, target_compacts: !of_source, ..Bounds::default() };
        let (source, target) = if of_source { (compacted, whole) } else { (whole, compacted) };
        let mut account = account(1000, 7, &[source], &[target], bounds);
        account.close();
        let c = account.conclude(&BTreeSet::new()).0.counts;
        prop_assert_eq!((c.lost, c.unexpected, c.unknown), (0, 0, 0));
        // Records that are equal may stand for each other.
        prop_assert!(c.compacted + c.duplicated + c.keys.max(c.values).max(c.headers).max(c.timestamps) <= gone);
    }
}

fn plains(numbers: impl IntoIterator<Item = u16>) -> Vec<Plain> {
    let one = |n: u16| Plain { key: Some((n % 7) as u8), value: Some(n), header: Some(1), at: i64::from(n) };
    numbers.into_iter().map(one).collect()
}

fn counts(source: Vec<Plain>, target: Vec<Plain>, bounds: Bounds) -> (Counts, Option<First>, Option<u64>) {
    let mut account = account(64, 16, &[source], &[target], bounds);
    account.close();
    let (total, lanes, _) = account.conclude(&BTreeSet::new());
    (total.counts, lanes[&0].first, lanes[&0].purged())
}

#[test]
fn a_restart_that_repeats_a_block_is_repeats_and_no_disorder() {
    let target = plains((0..500).chain(300..1000));
    let (c, first, _) = counts(plains(0..1000), target, Bounds::default());
    assert_eq!((c.duplicated, c.reordered, c.lost, c.unexpected), (200, 0, 0, 0));
    assert_eq!(first.map(|f| (f.source, f.target, f.what)), Some((None, Some((0, 500)), What::Duplicated)));
}

#[test]
fn the_sources_own_repeats_do_not_stand_in_for_the_copys() {
    let source = plains([1, 2, 2, 3]);
    let (c, ..) = counts(source.clone(), plains([1, 1, 2, 3]), Bounds::default());
    assert_eq!((c.duplicated, c.lost), (1, 1));
    assert_eq!(counts(source.clone(), source, Bounds::default()).0.duplicated, 0);
}

#[test]
fn what_the_source_no_longer_holds_is_told_from_what_it_never_had_and_a_gap_from_both() {
    let bounds = Bounds { source_begin: 500, ..Bounds::default() };
    let (c, _, purged) = counts(plains(500..1000), plains(0..1000), bounds);
    assert_eq!((c.expired, c.unexpected, c.lost, purged), (500, 0, 0, Some(0)));
    let (c, _, purged) = counts(plains(500..1000), plains((0..400).chain(500..1000)), bounds);
    assert_eq!((c.expired, c.unexpected, c.lost, purged), (400, 0, 0, Some(100)));
    // A topic that was created again begins with its first record.
    let (c, _, purged) = counts(plains(500..1000), plains((0..100).chain(500..1000)), Bounds::default());
    assert_eq!((c.expired, c.unexpected, purged), (0, 100, Some(0)));
    // Where the copy's log begins later too, it is unknown.
    let bounds = Bounds { target_begin: 600, ..Bounds::default() };
    let (c, ..) = counts(plains(500..1000), plains(600..1000), bounds);
    assert_eq!((c.lost, c.unknown), (0, 100));
}

#[test]
fn a_record_of_another_partition_is_moved_and_not_one_that_the_source_has_lost_since() {
    let bounds = Bounds { source_begin: 500, ..Bounds::default() };
    let source = [plains(500..1000), plains(2000..2100)];
    let target = [plains([2050].into_iter().chain(0..1000)), plains((2000..2050).chain(2051..2100))];
    let mut account = account(64, 16, &source, &target, bounds);
    account.close();
    let (total, lanes, _) = account.conclude(&BTreeSet::new());
    let c = total.counts;
    assert_eq!((c.moved, c.expired, c.lost, c.unexpected, c.paired), (1, 500, 0, 0, 600));
    assert_eq!(lanes[&0].purged(), Some(0));
}

#[test]
fn a_block_beyond_the_window_is_lost_or_unexpected_and_no_disorder() {
    let (c, first, _) = counts(plains(0..2000), plains((0..300).chain(900..2000)), Bounds::default());
    assert_eq!((c.lost, c.unexpected, c.reordered, c.duplicated, c.paired), (600, 0, 0, 0, 1400));
    assert_eq!(first.map(|f| (f.source, f.what)), Some((Some(300), What::Lost)));
    let (c, ..) =
        counts(plains(0..1000), plains((0..300).chain(5000..5600).chain(300..1000)), Bounds::default());
    assert_eq!((c.lost, c.unexpected, c.reordered, c.paired), (0, 600, 0, 1000));
    // A phantom now and then fills the window, and nothing else is given up for it.
    let mixed = (0..3000).flat_map(|n| if n % 10 == 0 { vec![n, 10_000 + n] } else { vec![n] });
    let (c, ..) = counts(plains(0..3000), plains(mixed), Bounds::default());
    assert_eq!((c.lost, c.unexpected, c.reordered, c.paired), (0, 300, 0, 3000));
}

#[test]
fn where_one_side_stamps_by_its_own_clock_records_are_known_without_it() {
    let mut account = Account::new(1);
    let printer = Printer::default();
    for n in 0..1000_i64 {
        let value = n.to_be_bytes();
        let of = |time| printer.print(n, None, Some(&value), std::iter::empty(), time);
        account.take(Side::Source, 0, of(Time::Created(n)));
        account.take(Side::Target, 0, of(Time::Appended(n + 5)));
    }
    assert_eq!(account.waiting_of(Side::Source, 0), 0);
    account.close();
    let (total, lanes, _) = account.conclude(&BTreeSet::new());
    let c = total.counts;
    assert_eq!((c.timestamps, c.lost, c.reordered, c.paired), (1000, 0, 0, 1000));
    let fields = Fields { timestamp: true, ..Fields::default() };
    let first = First { source: Some(0), target: Some((0, 0)), what: What::Changed(fields) };
    assert_eq!(lanes[&0].first, Some(first));
}

#[test]
fn stamps_tell_of_every_record_whatever_became_of_its_fields() {
    use crate::load::payload::Stamp;
    let printer = Printer::default();
    let value = |sequence: u64, spoil: bool| {
        let mut value = vec![7; 64];
        Stamp { token: 1, sequence, created_us: 1 }.write(&mut value);
        value[40] ^= u8::from(spoil);
        value
    };
    let of = |sequence: u64, key: &str, at: i64, spoil: bool| {
        let value = value(sequence, spoil);
        printer.print(0, Some(key.as_bytes()), Some(&value), std::iter::empty(), Time::Created(at))
    };
    let mut account = Account::new(2);
    for n in 0..100 {
        account.take(Side::Source, 0, of(n, "k", 5, false));
    }
    for n in (0..100).filter(|n| ![7, 8].contains(n)) {
        match n {
            20 => account.take(Side::Target, 1, of(n, "k", 5, false)),
            30 => account.take(Side::Target, 0, of(n, "other", 6, false)),
            40 => account.take(Side::Target, 0, of(n, "k", 5, true)),
            50 => {
                account.take(Side::Target, 0, of(n, "k", 5, false));
                account.take(Side::Target, 1, of(n, "k", 5, false))
            }
            _ => account.take(Side::Target, 0, of(n, "k", 5, false)),
        };
    }
    account.take(Side::Target, 0, of(900, "k", 5, false));
    account.close();
    let (total, ..) = account.conclude(&BTreeSet::new());
    let c = total.counts;
    assert_eq!((total.expected, total.lost, total.lost_ranges), (100, 3, vec![(1, 7, 8), (1, 40, 40)]));
    assert_eq!((c.moved, c.keys, c.timestamps, c.values), (1, 1, 1, 1));
    assert_eq!((c.duplicated, c.unexpected, c.reordered), (1, 1, 0));
}
