//! What to do next: a pure function of the plan and the state. A step is ready when every need lets it go on.

pub use crate::record::Selection;
use crate::record::{RunState, StepId, StepState};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// The next act of the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Run this step.
    Run(StepId),
    /// This step passed its criteria and a person has answered: end it.
    Conclude(StepId),
    /// Nothing more can be done now.
    Done,
}

/// The next thing to do. Steps in `tried` were already carried out by this command and are not tried again; those before
/// `first` have passed for good.
pub fn next(
    state: &RunState,
    selection: &Selection,
    tried: &BTreeSet<StepId>,
    first: StepId,
    now: Timestamp,
) -> Next {
    for (&step, status) in state.steps.range(first..) {
        if status.passed_for_good() || !selection.includes(step) {
            continue;
        }
        let answered =
            status.latest().is_some_and(|a| a.approval.as_ref().is_some_and(|(_, answer)| answer.is_some()));
        match state.step_state(step, now) {
            StepState::AwaitingApproval if answered => return Next::Conclude(step),
            StepState::Ready
            | StepState::Failed
            | StepState::Inconclusive
            | StepState::Error
            | StepState::Interrupted
                if !tried.contains(&step) && state.needs_met(step, now) =>
            {
                return Next::Run(step);
            }
            _ => {}
        }
    }
    Next::Done
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{
        Attempt, Event, Localized, Record, Verdict,
        event::{PlanOutline, RunHeader, StepOutline},
    };

    fn outline(step: u32, needs: &[u32]) -> StepOutline {
        StepOutline {
            step: StepId(step),
            title: Localized::default(),
            objective: Localized::default(),
            needs: needs.iter().map(|n| StepId(*n)).collect(),
            estimate_s: None,
            fingerprint: String::new(),
            criteria: Vec::new(),
            artifacts: Vec::new(),
            approve: None,
            file: String::new(),
            basis: None,
        }
    }

    fn run(events: Vec<Event>) -> RunState {
        let plan = PlanOutline {
            campaign: "c".into(),
            environment: "lab".into(),
            environment_fingerprint: String::new(),
            production: false,
            profile: "smoke".into(),
            profile_note: Localized::default(),
            vars: Default::default(),
            parameters_fingerprint: String::new(),
            slo: Default::default(),
            steps: [outline(0, &[]), outline(1, &[0]), outline(2, &[0]), outline(3, &[1, 2])]
                .map(Into::into)
                .to_vec(),
            environment_basis: None,
            kept: None,
        };
        let header = RunHeader {
            format: 1,
            jalon: "0".into(),
            run: "r".into(),
            operator: "o".into(),
            plan,
            selection: None,
            baseline: None,
        };
        let events = std::iter::once(Event::RunStarted(header.into())).chain(events);
        let records: Vec<Record> =
            events.zip(1..).map(|(event, seq)| Record { seq, at: Timestamp::UNIX_EPOCH, event }).collect();
        RunState::replay(&records)
    }

    fn ended(step: u32, verdict: Verdict) -> Vec<Event> {
        let (step, attempt) = (StepId(step), Attempt::FIRST);
        vec![
            Event::StepStarted { step, attempt },
            Event::StepFinished { step, attempt, verdict, reason: "".into() },
        ]
    }

    fn next_of(state: &RunState, selection: &Selection, tried: &[u32]) -> Next {
        let tried = tried.iter().map(|s| StepId(*s)).collect();
        next(state, selection, &tried, StepId(0), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_step_runs_only_when_every_need_passed() {
        let all = Selection::default();
        let table = [
            (vec![], vec![], Next::Run(StepId(0))),
            (ended(0, Verdict::Pass), vec![0], Next::Run(StepId(1))),
            (ended(0, Verdict::Warn), vec![0], Next::Run(StepId(1))),
            (ended(0, Verdict::Fail), vec![0], Next::Done),
            (ended(0, Verdict::Inconclusive), vec![0], Next::Done),
            (ended(0, Verdict::Error), vec![], Next::Run(StepId(0))),
            ([ended(0, Verdict::Pass), ended(1, Verdict::Fail)].concat(), vec![0, 1], Next::Run(StepId(2))),
            (
                [ended(0, Verdict::Pass), ended(1, Verdict::Fail), ended(2, Verdict::Pass)].concat(),
                vec![0, 1, 2],
                Next::Done,
            ),
            (
                [ended(0, Verdict::Pass), ended(1, Verdict::Pass), ended(2, Verdict::Pass)].concat(),
                vec![],
                Next::Run(StepId(3)),
            ),
        ];
        for (events, tried, expected) in table {
            assert_eq!(next_of(&run(events.clone()), &all, &tried), expected, "{events:?}");
        }
    }

    #[test]
    fn a_waiver_unlocks_until_it_expires() {
        let until = Some(Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_secs(10));
        let waived = Event::StepWaived { step: StepId(0), by: "a".into(), reason: "b".into(), until };
        let state = run([ended(0, Verdict::Fail), vec![waived]].concat());
        assert_eq!(next_of(&state, &Selection::default(), &[0]), Next::Run(StepId(1)));
        let later = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_secs(11);
        let tried = BTreeSet::from([StepId(0)]);
        assert_eq!(next(&state, &Selection::default(), &tried, StepId(0), later), Next::Done);
    }

    #[test]
    fn an_expired_waiver_does_not_count_again_when_the_clock_is_set_back() {
        let at = |seconds| Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_secs(seconds);
        let waived =
            Event::StepWaived { step: StepId(0), by: "a".into(), reason: "b".into(), until: Some(at(10)) };
        let mut state = run([ended(0, Verdict::Fail), vec![waived]].concat());
        assert_eq!(state.step_state(StepId(0), at(1)), StepState::Waived);
        let note = Event::RunFinished { outcome: crate::record::event::Outcome::Failed };
        // The last record is from the clock that was set back, and one before it from behind the end.
        for (seq, seconds) in [(10, 11), (11, 2)] {
            state.apply(&Record { seq, at: at(seconds), event: note.clone() });
        }
        assert_eq!(state.step_state(StepId(0), at(3)), StepState::Failed);
        assert_eq!(next_of(&state, &Selection::default(), &[0]), Next::Done);
        assert_eq!(state.now(at(3)), at(11));
        assert_eq!(state.now(at(12)), at(12));
    }

    #[test]
    fn a_selection_limits_what_runs() {
        let state = run(ended(0, Verdict::Pass));
        let until = Selection { until: Some(StepId(0)), ..Selection::default() };
        assert_eq!(next_of(&state, &until, &[0]), Next::Done);
        let only = Selection { only: Some(StepId(2)), ..Selection::default() };
        assert_eq!(next_of(&state, &only, &[]), Next::Run(StepId(2)));
    }
}
