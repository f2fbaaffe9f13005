//! What all trials came to, as a person reads it: a table of the mutants, and what was noticed by nothing.

use crate::{
    cli::explain::hanging,
    prove::{Judged, Notice, Noticed, Proof},
    report::{WIDTH, wrap},
};
use std::fmt::Write;

/// Where the last column begins.
const NOTICED_BY: usize = 36;

/// What came of a mutant, in a word.
pub(super) fn word(noticed: &Noticed) -> &'static str {
    match (noticed.applied, noticed.how) {
        (false, _) => "-",
        (true, None) => "MISSED",
        (true, Some(Notice::Error)) => "error",
        (true, Some(Notice::Inconclusive)) => "unjudged",
        (true, Some(Notice::Warning)) => "warn",
        (true, Some(Notice::Failure)) => "fail",
    }
}

/// The table and what it comes to. `unplaced` are the mutants for which no step has a place.
pub(super) fn shown(proof: &Proof, unplaced: &[&str]) -> String {
    let mut out = String::new();
    if !proof.clean.is_empty() {
        out.push_str("Without a mutant, these do not hold:\n");
        for judged in &proof.clean {
            let own = |other: &Judged| other.step == judged.step && other.criterion.is_some();
            let line = match &judged.criterion {
                Some(criterion) => format!("{} step {}: {criterion}", judged.verdict, judged.step),
                // What a step as a whole comes to follows from its criteria.
                None if proof.clean.iter().any(own) => continue,
                None => format!("{} step {}: {}", judged.verdict, judged.step, judged.reason),
            };
            out.push_str(&hanging("  ", &line, 4));
        }
        out.push('\n');
    }
    let _ = writeln!(out, "{:<21} {:>4}  {:<8}NOTICED BY", "MUTANT", "STEP", "RESULT");
    for mutant in &proof.mutants {
        let step = mutant.step.map_or_else(String::new, |step| step.to_string());
        let line = format!("{:<21} {step:>4}  {:<8}", mutant.mutant, word(mutant));
        // The first line goes on where the line of the mutant ends.
        let by = wrap(&noticed_by(mutant), WIDTH, NOTICED_BY);
        out.push_str(&line);
        out.push_str(by.get(NOTICED_BY..).unwrap_or("\n"));
    }
    out.push('\n');
    let applied: Vec<&Noticed> = proof.mutants.iter().filter(|mutant| mutant.applied).collect();
    let count = |how: Notice| applied.iter().filter(|mutant| mutant.how == Some(how)).count();
    let (failed, warned) = (count(Notice::Failure), count(Notice::Warning));
    let sum = format!("{failed} of {} mutants made a criterion fail, {warned} made one warn", applied.len());
    let _ = writeln!(out, "{sum}");
    let names = |of: &[&str]| of.join(", ");
    let survivors: Vec<&str> = proof.survivors().map(|mutant| mutant.mutant.as_str()).collect();
    let untried: Vec<&str> =
        proof.mutants.iter().filter(|m| !m.applied).map(|mutant| mutant.mutant.as_str()).collect();
    for (what, which) in [
        ("noticed by no criterion", survivors.as_slice()),
        ("nothing was broken", untried.as_slice()),
        ("not applicable to these steps", unplaced),
    ] {
        if !which.is_empty() {
            out.push_str(&wrap(&format!("{what}: {}", names(which)), WIDTH, 0));
        }
    }
    if !proof.idle.is_empty() {
        out.push_str("\nCriteria that noticed nothing:\n");
        for idle in &proof.idle {
            out.push_str(&hanging("  ", &format!("{}: {}", idle.step, idle.criterion), 4));
        }
    }
    out
}

/// The gravest criterion that noticed the mutant and how many others did, or why there is none.
fn noticed_by(mutant: &Noticed) -> String {
    if !mutant.applied {
        return mutant.did.last().cloned().unwrap_or_default();
    }
    let criteria: Vec<_> = mutant.by.iter().filter(|judged| judged.criterion.is_some()).collect();
    let (Some(first), more) = (criteria.first(), criteria.len().saturating_sub(1)) else {
        return mutant.by.first().map_or_else(|| "nothing".to_owned(), |judged| judged.reason.clone());
    };
    let criterion = first.criterion.as_deref().unwrap_or_default();
    let criterion = match Some(first.step) == mutant.step {
        true => criterion.to_owned(),
        false => format!("step {}: {criterion}", first.step),
    };
    match more {
        0 => criterion,
        _ => format!("{criterion} (and {more} more)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        prove::Idle,
        record::{StepId, Verdict},
    };

    fn judged(step: u32, criterion: Option<&str>, verdict: Verdict) -> Judged {
        let criterion = criterion.map(str::to_owned);
        let index = criterion.as_ref().map(|_| 0);
        Judged {
            step: StepId(step),
            criterion,
            index,
            severity: None,
            verdict,
            reason: "no broker answers".into(),
        }
    }

    fn noticed(mutant: &str, how: Option<Notice>, by: Vec<Judged>) -> Noticed {
        let did = vec!["the connector does not exist".to_owned()];
        let applied = mutant != "no-tasks";
        Noticed { mutant: mutant.into(), step: Some(StepId(7)), applied, how, by, did }
    }

    #[test]
    fn a_person_sees_in_80_columns_what_noticed_each_mutant() {
        let long = "orders_copy.partitions_incomplete == 0 && orders_copy.partitions_missing == 0";
        let fails = |step, criterion| judged(step, Some(criterion), Verdict::Fail);
        let proof = Proof {
            mutants: vec![
                noticed(
                    "drop",
                    Some(Notice::Failure),
                    vec![fails(7, long), fails(8, "x"), judged(7, None, Verdict::Fail)],
                ),
                noticed("heartbeats-of-another", Some(Notice::Error), vec![judged(7, None, Verdict::Error)]),
                noticed("key", None, Vec::new()),
                noticed("no-tasks", None, Vec::new()),
                noticed("swap", Some(Notice::Warning), vec![judged(8, Some("c.d == 0"), Verdict::Warn)]),
            ],
            idle: vec![Idle { step: StepId(7), index: 3, criterion: "mirror.state == 'RUNNING'".into() }],
            clean: vec![
                judged(8, Some(long), Verdict::Warn),
                judged(8, None, Verdict::Warn),
                judged(9, None, Verdict::Error),
            ],
        };
        let shown = shown(&proof, &["settings"]);
        assert!(shown.lines().all(|line| line.chars().count() <= WIDTH), "{shown}");
        insta::assert_snapshot!(shown);
    }
}
