//! Decisions over plans and journals that are made up, so that no platform is needed.

use super::*;
use crate::{
    history::Past,
    plan::{Options, Plan, Sources, source::Source},
    record::{
        Attempt, Event, Evidence, Record, RunState, Severity, Verdict,
        event::{Cause, FORMAT, Judgement, RunHeader},
    },
};
use std::path::Path;

const CAMPAIGN: &str = "name: t\ndefault_environment: lab\ndefault_profile: smoke\nslo: {x_ms: 5}\nprofiles: {smoke: {records: 10, rate: 7}}\n";
const LAB: &str = "name: lab\nclusters: {source: {bootstrap_servers: 'a:1'}}\n";
const LOAD: &str = "actions:
  - topic: {id: made, cluster: source, name: t, partitions: 1, ensure: empty}
  - wait: {id: pause, for: 1ms}
  - produce: {id: load, cluster: source, topic: t, records: '{{ profile.records }}', record_size: 10, rate: 10/s}
  - consume: {id: read, cluster: source, topic: t, records: '{{ load.records_sent }}'}
criteria:
  - expect: load.errors == 0
  - expect: read.records == 10";

fn plan(campaign: &str, front: &str) -> Plan {
    let sources = Sources {
        problems: Vec::new(),
        root: "/".into(),
        campaign: Source::new("plan/campaign.yaml", campaign),
        environments: vec![("lab".to_owned(), Source::new("plan/environments/lab.yaml", LAB))],
        steps: vec![Source::new("steps/00.md", format!("---\nstep: 0\ntitle: T\n{front}\n---\n"))],
    };
    Plan::compile(&sources, &Options::default()).unwrap()
}

/// How an action stands in the journal: `.` done, `x` failed, `?` in doubt, ` ` not reached.
fn journal(plan: &Plan, stands: &str, end: Option<(Verdict, &str)>) -> RunState {
    let (step, attempt) = (StepId(0), Attempt::FIRST);
    let header = RunHeader {
        format: FORMAT,
        jalon: "0".into(),
        run: "r".into(),
        operator: "o".into(),
        plan: plan.outline(),
        selection: None,
        baseline: None,
    };
    let mut events = vec![Event::RunStarted(header.into()), Event::StepStarted { step, attempt }];
    let mut evidence = Evidence::default();
    evidence.put("records_sent", crate::record::Value::count(10));
    for (spec, stand) in plan.graph.step(step).unwrap().actions().zip(stands.chars()) {
        if stand == ' ' {
            continue;
        }
        let names = crate::plan::template::Names::new(&serde_json::json!({
            "profile": plan.fixed["profile"], "load": {"records_sent": 10.0},
        }));
        events.push(Event::ActionStarted {
            step,
            attempt,
            action: spec.id.clone(),
            kind: spec.kind.name.to_owned(),
            declared: None,
            description: "".into(),
            params: crate::plan::template::resolve(&spec.params, &names).unwrap(),
            undo: None,
            scenario: None,
        });
        let result = match stand {
            '.' => ActionResult::Done(evidence.clone()),
            'x' => ActionResult::Failed {
                cause: Cause::Failed,
                message: "broke".into(),
                evidence: Evidence::default(),
            },
            _ => continue,
        };
        events.push(Event::ActionFinished { step, attempt, action: spec.id.clone(), result });
    }
    if let Some((verdict, text)) = end {
        let judgement = Judgement {
            index: 0,
            text: text.to_owned(),
            severity: Severity::Critical,
            verdict,
            observed: None,
            limit: None,
            reason: "".into(),
        };
        if !text.is_empty() {
            events.push(Event::CriterionJudged { step, attempt, judgement });
        }
        events.push(Event::StepFinished { step, attempt, verdict, reason: "".into() });
    }
    let records: Vec<Record> = events
        .into_iter()
        .zip(1..)
        .map(|(event, seq)| Record { seq, at: Timestamp::UNIX_EPOCH, event })
        .collect();
    RunState::replay(&records)
}

fn decided(state: &RunState, plan: &Plan, asked: &Asked) -> (Fate, Vec<&'static str>) {
    let standing = Standing { state, plan, run_dir: Path::new("/nowhere"), past: &Past::default(), asked };
    let decision = decide(&standing).remove(&StepId(0)).unwrap();
    let code = |reason: &ActionReason| match reason {
        ActionReason::After { .. } => "after",
        ActionReason::Failed { .. } => "failed",
        ActionReason::Finished => "kept",
        ActionReason::InDoubt { .. } => "doubt",
        ActionReason::NotHeld { .. } => "not-held",
        ActionReason::NotReached => "not-reached",
        ActionReason::Params { .. } => "params",
        ActionReason::Prepares { .. } => "prepares",
        ActionReason::WholeStep => "whole",
        _ => "other",
    };
    (decision.fate, decision.actions.iter().map(|a| code(&a.why)).collect())
}

#[test]
fn what_is_kept_follows_from_how_each_action_stands() {
    let plan = plan(CAMPAIGN, LOAD);
    let error = Some((Verdict::Error, ""));
    let table = [
        // Reading again what was sent leaves the sending alone.
        ("...?", None, Fate::Runs, ["kept", "kept", "kept", "doubt"]),
        ("...x", error, Fate::Runs, ["kept", "kept", "kept", "failed"]),
        // Sending again wants its topic as it was: emptied.
        ("..? ", None, Fate::Runs, ["prepares", "after", "doubt", "not-reached"]),
        ("..x ", error, Fate::Runs, ["prepares", "after", "failed", "not-reached"]),
        (".?  ", None, Fate::Runs, ["prepares", "doubt", "not-reached", "not-reached"]),
        // What a criterion judged badly is measured again.
        (
            "....",
            Some((Verdict::Fail, "read.records == 10")),
            Fate::Runs,
            ["kept", "kept", "kept", "not-held"],
        ),
        (
            "....",
            Some((Verdict::Fail, "load.errors == 0")),
            Fate::Runs,
            ["prepares", "after", "not-held", "after"],
        ),
        // Nothing of the step alone can mend these.
        ("....", Some((Verdict::Inconclusive, "other.x == 1")), Fate::Runs, ["whole"; 4]),
        ("....", Some((Verdict::Inconclusive, "")), Fate::Runs, ["whole"; 4]),
    ];
    for (stands, end, fate, expected) in table {
        let state = journal(&plan, stands, end);
        assert_eq!(decided(&state, &plan, &Asked::default()), (fate, expected.to_vec()), "{stands} {end:?}");
    }
    let passed = journal(&plan, "....", Some((Verdict::Pass, "load.errors == 0")));
    assert_eq!(decided(&passed, &plan, &Asked::default()), (Fate::Kept, vec![]));
    let whole = Asked { retry: Some(StepId(0)), whole_step: true, ..Asked::default() };
    assert_eq!(decided(&passed, &plan, &whole), (Fate::RunsAgain, vec!["whole"; 4]));
}

#[test]
fn only_a_value_that_the_step_uses_matters() {
    let before = plan(CAMPAIGN, LOAD);
    let passed = journal(&before, "....", Some((Verdict::Pass, "load.errors == 0")));
    let broken = journal(&before, "...?", None);
    let unused = plan(&CAMPAIGN.replace("rate: 7", "rate: 8").replace("x_ms: 5", "x_ms: 6"), LOAD);
    assert_eq!(decided(&passed, &unused, &Asked::default()).0, Fate::Kept);
    let used = plan(&CAMPAIGN.replace("records: 10", "records: 11"), LOAD);
    assert_eq!(decided(&passed, &used, &Asked::default()).0, Fate::RunsAgain);
    // The reading takes its number from the sending, which is done again: what it will be is not known.
    assert_eq!(
        decided(&broken, &used, &Asked::default()),
        (Fate::Runs, vec!["prepares", "after", "params", "doubt"])
    );
    let told = plan(CAMPAIGN, &format!("estimate: 5m\nobjective: Another\n{LOAD}"));
    assert_eq!(decided(&passed, &told, &Asked::default()).0, Fate::Kept);
    let judged = plan(CAMPAIGN, &LOAD.replace("read.records == 10", "read.records == 11"));
    assert_eq!(decided(&passed, &judged, &Asked::default()), (Fate::JudgedAgain, vec!["kept"; 4]));
}

#[test]
fn a_journal_of_an_older_version_is_compared_as_a_whole() {
    let before = plan(CAMPAIGN, LOAD);
    let mut passed = journal(&before, "....", Some((Verdict::Pass, "load.errors == 0")));
    for plan in &mut passed.plans {
        plan.environment_basis = None;
        plan.steps.iter_mut().for_each(|step| std::sync::Arc::make_mut(step).basis = None);
    }
    assert_eq!(decided(&passed, &before, &Asked::default()).0, Fate::Kept);
    let unused = plan(&CAMPAIGN.replace("rate: 7", "rate: 8"), LOAD);
    assert_eq!(decided(&passed, &unused, &Asked::default()), (Fate::RunsAgain, vec!["whole"; 4]));
    let judged = plan(CAMPAIGN, &LOAD.replace("read.records == 10", "read.records == 11"));
    assert_eq!(decided(&passed, &judged, &Asked::default()), (Fate::RunsAgain, vec!["whole"; 4]));
}

#[test]
fn a_finished_effect_is_asked_about_whatever_its_step_came_to_unless_it_is_wanted() {
    let shell = "actions:
  - shell: {id: a, argv: [touch, x]}
  - wait: {id: w, for: 1ms}
criteria:
  - expect: w.waited_s < 1";
    let before = plan(CAMPAIGN, shell);
    let changed = plan(CAMPAIGN, &shell.replace("[touch, x]", "[touch, y]"));
    let effect = |state: &RunState, asked: &Asked| {
        let past = &Past::default();
        let standing = Standing { state, plan: &changed, run_dir: Path::new("/nowhere"), past, asked };
        decide(&standing)[&StepId(0)].actions[0].effect
    };
    let nothing = Asked::default();
    let retry = Asked { retry: Some(StepId(0)), ..Asked::default() };
    let from = Asked { from_step: Some(StepId(0)), ..Asked::default() };
    for end in [
        Some((Verdict::Pass, "w.waited_s < 1")),
        Some((Verdict::Fail, "w.waited_s < 1")),
        Some((Verdict::Error, "")),
        None,
    ] {
        for stands in ["..", ".x", "? "] {
            let state = journal(&before, stands, end);
            assert_eq!(effect(&state, &nothing), Some(EffectAgain::Asked), "{stands} {end:?}");
            assert_eq!(effect(&state, &retry), Some(EffectAgain::Repeated), "{stands} {end:?}");
            assert_eq!(effect(&state, &from), Some(EffectAgain::Repeated), "{stands} {end:?}");
        }
        // It failed and left nothing: it did not begin.
        assert_eq!(effect(&journal(&before, "x ", end), &nothing), Some(EffectAgain::Repeated), "{end:?}");
    }
}

#[test]
fn a_step_is_wanted_with_the_one_that_it_needs() {
    let why = |step, why| {
        let (state, fate) = (StepState::Passed, Fate::RunsAgain);
        (
            StepId(step),
            StepDecision { step: StepId(step), state, fate, why, attempt: None, actions: Vec::new() },
        )
    };
    let asked = Reason::Asked { text: "x".into() };
    let need = |step| Reason::Need { step: StepId(step) };
    let decisions: Decisions = [
        why(0, vec![asked]),
        why(1, vec![Reason::State { state: StepState::Passed }, need(0)]),
        why(2, vec![need(1)]),
        why(3, vec![Reason::Parameters]),
        why(4, vec![need(3)]),
    ]
    .into();
    let wanted = |step| is_wanted(&decisions[&StepId(step)].why, &decisions);
    assert_eq!([0, 1, 2, 3, 4].map(wanted), [true, true, true, false, false]);
}
