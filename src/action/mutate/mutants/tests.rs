//! What a mutant leaves of records, and that the list of mutants is in order.

use super::*;
use crate::{
    action::mutate::{plain::Rewriting, records::Whole},
    load::payload::{Reading, Stamp},
};
use std::collections::BTreeSet;

/// Forty stamped records on two partitions.
fn records() -> Vec<Whole> {
    let record = |partition, n: u8| {
        let mut value = vec![n; 40];
        Stamp { token: 7, sequence: n.into(), created_us: 1 }.write(&mut value);
        Whole {
            partition,
            key: Some(vec![n]),
            value: Some(value),
            headers: vec![("h".to_owned(), Some(vec![n]))],
            timestamp: Some(1_700_000_000_000 + i64::from(n)),
        }
    };
    (0..20).map(|n| record(0, n)).chain((20..40).map(|n| record(1, n))).collect()
}

/// What the mutant leaves, and how many records are other ones at their place.
fn left(mutant: &Rewriting) -> (Vec<Whole>, usize) {
    let before = records();
    let mut after = before.clone();
    let touched = (mutant.change)(&mut after);
    assert!(touched > 0, "{}", mutant.name);
    let changed = before.iter().zip(&after).filter(|(before, after)| before != after).count();
    (after, changed)
}

#[test]
fn mutants_are_sorted_and_each_has_a_name_of_its_own() {
    let names: Vec<&str> = MUTANTS.iter().map(|mutant| mutant.name()).collect();
    assert!(names.is_sorted(), "{names:?}");
    assert_eq!(names.len(), names.iter().collect::<BTreeSet<_>>().len());
    assert!(MUTANTS.iter().all(|mutant| !mutant.moments().is_empty() && mutant.moments().is_sorted()));
    let book = include_str!("../../../../docs/src/prove.md");
    assert!(names.iter().all(|name| book.contains(&format!("`{name}`"))), "the book's table has them all");
}

#[test]
fn one_field_of_one_record_is_another() {
    for (mutant, field) in [
        (&key::MUTANT, 0),
        (&value::MUTANT, 1),
        (&header::MUTANT, 2),
        (&timestamp::MUTANT, 3),
        (&partition::MUTANT, 4),
    ] {
        let (after, changed) = left(mutant);
        assert_eq!((after.len(), changed), (40, 1), "{}", mutant.name);
        let both = records().into_iter().zip(after).find(|(before, after)| before != after);
        let (before, after) = both.unwrap();
        let differs = [
            before.key != after.key,
            before.value != after.value,
            before.headers != after.headers,
            before.timestamp != after.timestamp,
            before.partition != after.partition,
        ];
        assert_eq!(differs.iter().position(|differs| *differs), Some(field), "{}", mutant.name);
        assert_eq!(differs.iter().filter(|differs| **differs).count(), 1, "{}", mutant.name);
    }
}

#[test]
fn records_are_lost_repeated_and_moved() {
    assert_eq!(left(&drop::MUTANT).0.len(), 39);
    let (after, _) = left(&double::MUTANT);
    assert!(after.len() == 41 && after.windows(2).any(|pair| pair[0] == pair[1]));
    let (after, changed) = left(&swap::MUTANT);
    assert!((after.len(), changed) == (40, 2) && after != records());
    let (after, _) = left(&partition_standing::MUTANT);
    assert_eq!(after.iter().filter(|record| record.partition == 0).count(), 10);
    assert_eq!(after.iter().filter(|record| record.partition == 1).count(), 20);
    let (after, changed) = left(&lag_hidden::MUTANT);
    assert_eq!((after.len(), changed), (40, 2), "as long as before, and the newest two are not there");
}

#[test]
fn the_source_loses_some_of_each_partition() {
    assert_eq!(left(&source_lost::MUTANT).0.len(), 36);
    let (after, _) = left(&topic_recreated::MUTANT);
    let of = |partition| after.iter().filter(|record| record.partition == partition).count();
    assert_eq!((of(0), of(1)), (10, 10));
    assert_eq!(after[0], records()[10], "the second half of each");
}

#[test]
fn a_phantom_has_a_whole_stamp_that_the_source_never_had() {
    let (after, _) = left(&phantom::MUTANT);
    assert_eq!(after.len(), 41);
    let tokens: BTreeSet<u64> = after
        .iter()
        .map(|record| match Stamp::read(record.value.as_deref().unwrap()) {
            Reading::Whole(stamp) => stamp.token,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(tokens.len(), 2);
}

#[test]
fn nothing_is_made_of_nothing() {
    for mutant in
        [&drop::MUTANT, &double::MUTANT, &swap::MUTANT, &key::MUTANT, &value::MUTANT, &partition::MUTANT]
    {
        assert_eq!((mutant.change)(&mut Vec::new()), 0, "{}", mutant.name);
    }
}
