//! What counts as noticed.

use super::*;
use crate::record::{RunId, Severity};

fn judged(index: Option<usize>, verdict: Verdict) -> Judged {
    Judged {
        step: StepId(7),
        criterion: index.map(|index| format!("c{index}")),
        index,
        severity: Some(Severity::default()),
        verdict,
        reason: String::new(),
    }
}

fn trial(mutant: Option<&str>, verdicts: &[Verdict]) -> Trial {
    let judged = verdicts.iter().enumerate().map(|(index, verdict)| judged(Some(index), *verdict)).collect();
    Trial {
        mutant: mutant.map(str::to_owned),
        step: None,
        applied: true,
        did: Vec::new(),
        run: RunId::from("run"),
        judged,
        took_s: 1.0,
    }
}

#[test]
fn a_criterion_that_came_out_worse_has_noticed() {
    use Verdict::{Fail, Inconclusive, Pass, Warn};
    let clean = trial(None, &[Pass, Warn, Pass]);
    let mut left_out = trial(Some("d"), &[Pass, Warn, Fail]);
    left_out.applied = false;
    let trials = [
        trial(Some("a"), &[Fail, Warn, Pass]),
        trial(Some("b"), &[Pass, Warn, Pass]),
        trial(Some("c"), &[Pass, Inconclusive, Pass]),
        left_out,
    ];
    let proof = Proof::of(&clean, &trials);
    let how: Vec<_> = proof.mutants.iter().map(|mutant| mutant.how).collect();
    assert_eq!(how, [Some(Notice::Failure), None, Some(Notice::Inconclusive), None]);
    let survivors: Vec<_> = proof.survivors().map(|mutant| mutant.mutant.as_str()).collect();
    assert_eq!(survivors, ["b", "c"], "what is not judged has not been noticed by a criterion");
    assert_eq!(proof.clean.len(), 1);
    assert_eq!(proof.idle.iter().map(|idle| idle.index).collect::<Vec<_>>(), Vec::<usize>::new());
}

#[test]
fn a_step_that_ends_in_an_error_is_noticed_by_no_criterion() {
    let clean = trial(None, &[Verdict::Pass]);
    let mut broken = trial(Some("a"), &[Verdict::Pass]);
    broken.judged.push(judged(None, Verdict::Error));
    let proof = Proof::of(&clean, &[broken]);
    assert_eq!(proof.mutants[0].how, Some(Notice::Error));
    assert_eq!(proof.survivors().count(), 1);
    assert_eq!(proof.idle.len(), 1);
}

#[test]
fn of_a_mutant_the_step_in_which_something_was_broken_counts() {
    let clean = trial(None, &[Verdict::Pass]);
    let at = |step: u32, applied| Trial {
        step: Some(StepId(step)),
        applied,
        ..trial(Some("a"), &[if applied { Verdict::Fail } else { Verdict::Pass }])
    };
    let proof = Proof::of(&clean, &[at(7, false), at(9, true), at(10, false)]);
    let [only] = proof.mutants.as_slice() else { panic!("{:?}", proof.mutants) };
    assert_eq!((only.step, only.how), (Some(StepId(9)), Some(Notice::Failure)));
}
