//! Where mutants go in the text of a step.

use super::*;
use crate::action::mutate::MUTANTS;

fn mutant(name: &str) -> &'static dyn Mutant {
    MUTANTS.iter().copied().find(|mutant| mutant.name() == name).unwrap()
}

const STEP: &str = "---\nstep: 7\ntitle: X\nactions:\n  # makes it\n  - topic: {id: t, cluster: source, name: x, ensure: present}\n  - parallel:\n      - produce:\n          id: p\n          cluster: source\n          topic: x\n          records: 3\n          record_size: 100\n          rate: 1/s\n      - wait: {id: w, for: 1s}\n  # looks at it\n  - replication: {id: r, source: source, target: target, topic: x, within: 1m}\ncriteria:\n  - expect: r.lost == 0\n---\n\nText.\n";

#[test]
fn a_mutant_stands_before_and_behind_the_first_load() {
    let step = Source::new("steps/07-x.md", STEP);
    let purged = mutant("purged");
    let found = sites(&step, purged).unwrap();
    let text = with(&step, purged, &found);
    let expected = STEP
        .replace(
            "  - parallel:",
            "  - mutate: {id: mutant_before_load, mutant: purged, moment: before-load}\n  - parallel:",
        )
        .replace(
            "  - replication",
            "  - mutate: {id: mutant_after_load, mutant: purged, moment: after-load}\n  - replication",
        );
    assert_eq!(text, expected);
}

#[test]
fn behind_the_last_action_there_is_room_too() {
    let text = "---\nstep: 7\ntitle: X\nactions:\n- produce:\n    id: p\n    topic: x\ncriteria: []\n---\n";
    let step = Source::new("steps/07-x.md", text);
    let found = sites(&step, mutant("drop")).unwrap();
    let with = with(&step, mutant("drop"), &found);
    assert!(
        with.contains(
            "    topic: x\n- mutate: {id: mutant_after_load, mutant: drop, moment: after-load}\ncriteria"
        ),
        "{with}"
    );
}

#[test]
fn a_step_without_a_place_says_why() {
    let none =
        Source::new("steps/00-x.md", "---\nstep: 0\ntitle: X\nactions:\n  - wait: {id: w, for: 1s}\n---\n");
    assert_eq!(sites(&none, mutant("drop")), Err(Unplaced::NothingThere));
    let flow = "---\nstep: 0\ntitle: X\nactions: [{wait: {id: v, for: 1s}}, {produce: {id: p}}]\n---\n";
    assert_eq!(sites(&Source::new("steps/00-x.md", flow), mutant("purged")), Err(Unplaced::Form));
    let step = Source::new("steps/07-x.md", STEP);
    assert_eq!(sites(&step, mutant("offset-skipped")), Err(Unplaced::NothingThere));
}
