//! What `offsets` makes of rows: nothing that is not known becomes 0.

use super::*;
use crate::load::positions::{Place, Why};
use judge::Syncs;

fn row(group: &str, there: Option<i64>, place: Place) -> Row {
    Row {
        group: group.into(),
        topic: "t".into(),
        partition: 0,
        committed: 500,
        source: (0, 1000),
        target: Some((0, 1000)),
        checkpoint: there.map(|offset| (500, offset)),
        there,
        active: false,
        syncs: Syncs::Nearest(450),
        source_record: None,
        target_record: None,
        place: Some(place),
    }
}

fn at(offset: i64) -> Place {
    Place::Copied { first: offset, last: offset, certain: true }
}

fn told(rows: Vec<Row>, newest_checkpoint_ms: Option<i64>) -> Evidence {
    let environment = crate::action::load_client::testing::environment(&[]);
    let question = Question {
        source: "source".into(),
        target: "target".into(),
        names: Names::of(&environment, "source", "target"),
        prefix: "source.".to_owned(),
        groups: Vec::new(),
        topics: Vec::new(),
    };
    let survey = Survey { rows, newest_checkpoint_ms, has_checkpoints: true, ..Survey::default() };
    let evidence = evidence(&survey, &question, 10_000);
    crate::action::test_context::keeps_its_promises("offsets", &evidence);
    evidence
}

fn count(evidence: &Evidence, output: &str) -> Option<f64> {
    evidence.get(output).and_then(Value::as_f64)
}

#[test]
fn the_worst_group_is_named_and_counts_are_over_all() {
    let rows = vec![
        row("exact", Some(500), at(500)),
        row("ahead", Some(700), at(600)),
        row("far", Some(900), at(600)),
        row("behind", Some(400), at(500)),
        row("none", None, at(500)),
        Row { source: (500, 500), ..row("empty", None, Place::NotYet(1000)) },
    ];
    let evidence = told(rows, Some(4000));
    assert_eq!(count(&evidence, "groups"), Some(6.0));
    assert_eq!(count(&evidence, "would_skip_records"), Some(400.0));
    assert_eq!(count(&evidence, "would_repeat_records"), Some(100.0));
    assert_eq!(count(&evidence, "would_repeat_records_max"), Some(100.0));
    assert_eq!(count(&evidence, "partitions_without_translation"), Some(1.0));
    assert_eq!(count(&evidence, "groups_without_translation"), Some(1.0));
    assert_eq!(count(&evidence, "checkpoint_age_s"), Some(6.0));
    let remarks = evidence.remarks.join("\n");
    assert!(remarks.contains("group `far` would miss 300 records of `t-0`"), "{remarks}");
    assert!(remarks.contains("first `t-0` of group `none`"), "{remarks}");
}

#[test]
fn what_is_not_known_is_missing_and_never_0() {
    let missing = |evidence: &Evidence, output: &str| matches!(evidence.get(output), Some(Value::Missing(_)));
    let nothing = told(Vec::new(), None);
    assert!(missing(&nothing, "would_skip_records") && missing(&nothing, "groups_without_translation"));
    let untranslated = told(vec![row("g", None, at(500))], None);
    assert!(missing(&untranslated, "would_skip_records") && missing(&untranslated, "checkpoint_age_s"));
    let lost = row("g", Some(500), Place::Unknown(Why::NotFound));
    let partly = told(vec![lost.clone(), row("h", Some(500), at(500))], None);
    assert!(missing(&partly, "would_skip_records"), "{partly:?}");
    assert_eq!(count(&partly, "partitions_not_judged"), Some(1.0));
    // What fails already fails whatever the rest is.
    let skips = told(vec![lost, row("h", Some(510), at(500))], None);
    assert_eq!(count(&skips, "would_skip_records"), Some(10.0));
}

#[test]
fn a_worker_whose_clock_is_ahead_writes_checkpoints_of_the_future() {
    let evidence = told(vec![row("g", Some(500), at(500))], Some(12_000));
    assert_eq!(count(&evidence, "checkpoint_age_s"), Some(-2.0));
}

#[test]
fn a_commit_that_is_not_the_checkpoints_is_counted_although_nothing_would_be_skipped() {
    let moved = |there| Row { checkpoint: Some((500, 450)), ..row("g", Some(there), at(500)) };
    let uncommitted = Row { there: None, ..moved(450) };
    let evidence = told(vec![moved(450), moved(455), moved(440), moved(0), uncommitted], Some(4000));
    assert_eq!(count(&evidence, "commits_beyond_checkpoint"), Some(1.0));
    assert_eq!(count(&evidence, "commits_behind_checkpoint"), Some(2.0));
    assert_eq!(count(&evidence, "partitions_without_commit"), Some(1.0));
    assert_eq!(count(&evidence, "would_skip_records"), Some(0.0));
    let remarks = evidence.remarks.join("\n");
    assert!(
        remarks.contains("beyond the newest checkpoint") && remarks.contains("before the newest"),
        "{remarks}"
    );
    // Without a checkpoint nobody can tell.
    let none = told(vec![Row { checkpoint: None, ..moved(450) }], None);
    assert!(matches!(none.get("commits_beyond_checkpoint"), Some(Value::Missing(_))), "{none:?}");
}
