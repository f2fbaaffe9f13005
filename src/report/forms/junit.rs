//! The report as JUnit's XML, for a CI server: a suite a step, a case a criterion.

use super::{Renderer, ReportError, templates::Templates, xml};
use crate::{
    report::{
        document::Document,
        language::Word,
        model::{CriterionRow, PlanRow, ReportModel, StepCriteria},
    },
    support::redact,
};
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite, XmlString};
use std::{
    io::{self, Write},
    time::Duration,
};

/// Writes JUnit.
pub(super) struct Junit;

impl Renderer for Junit {
    fn name(&self) -> &'static str {
        "junit"
    }

    fn extension(&self) -> &'static str {
        "junit.xml"
    }

    fn render(
        &self,
        model: &ReportModel,
        _: &Document,
        _: &Templates,
        out: &mut dyn Write,
    ) -> Result<(), ReportError> {
        whole(model).serialize(out).map_err(|error| ReportError::Write(io::Error::other(error)))
    }
}

fn whole(model: &ReportModel) -> Report {
    let mut report = Report::new(plain(&format!("{} {}", model.header.campaign, model.header.run)));
    let steps = model.plan.iter().zip(&model.criteria);
    report.add_test_suites(steps.map(|(plan, step)| suite(model, plan, step)));
    report
}

fn suite(model: &ReportModel, plan: &PlanRow, step: &StepCriteria) -> TestSuite {
    let mut suite = TestSuite::new(plain(&format!("{} {}", plan.step, plan.title)));
    if let Some(attempt) = model.attempts.iter().rfind(|a| a.step == plan.step) {
        let started = attempt.started_at.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        suite.extra.insert("timestamp".into(), started.into());
        suite.set_time(Duration::try_from_secs_f64(attempt.seconds().unwrap_or(0.0)).unwrap_or_default());
    }
    let (environment, profile) = (&model.header.environment, &model.header.profile);
    for (name, value) in
        [("environment", environment.as_str()), ("profile", profile), ("state", plan.state_code)]
    {
        suite.add_property(Property::new(name, plain(value)));
    }
    suite.add_test_cases(step.rows.iter().map(|row| criterion(model, plan, row)));
    // An error is the step's: its criteria were never judged.
    let judged = step.rows.iter().any(|c| matches!(c.verdict_code, Some("fail" | "error" | "inconclusive")));
    if !judged && matches!(plan.state_code, "error" | "failed" | "interrupted") {
        let status = TestCaseStatus::non_success(NonSuccessKind::Error);
        suite.add_test_case(case(plan, &plan.title, status, &format!("{}: {}", plan.state, plan.reason)));
    }
    suite
}

fn criterion(model: &ReportModel, plan: &PlanRow, row: &CriterionRow) -> TestCase {
    let sides = match (&row.observed, &row.limit) {
        (Some(observed), Some(limit)) => {
            let sides = [("observed", observed.text.as_str()), ("limit", &limit.text)];
            format!("{}, ", model.language.fill(Word::ObservedAndLimit, &sides))
        }
        _ => String::new(),
    };
    let said = format!("{}: {sides}{}", row.verdict, row.reason);
    let (status, said) = match row.verdict_code {
        Some("pass") => (TestCaseStatus::success(), String::new()),
        Some("warn") => (TestCaseStatus::success(), said),
        // Somebody has answered for a step that was waived: it does not stop a pipeline, and it has not passed.
        Some(_) if plan.state_code == "waived" => {
            (TestCaseStatus::skipped(), format!("{} ({}); {said}", plan.state, plan.reason))
        }
        Some("fail") => (TestCaseStatus::non_success(NonSuccessKind::Failure), said),
        Some(_) => (TestCaseStatus::non_success(NonSuccessKind::Error), said),
        None => (TestCaseStatus::skipped(), format!("{}: {}", row.verdict, plan.state)),
    };
    case(plan, &row.text, status, &said)
}

/// A case; what is said of one that passed is its output.
fn case(plan: &PlanRow, name: &str, mut status: TestCaseStatus, said: &str) -> TestCase {
    let passed = matches!(status, TestCaseStatus::Success { .. });
    status.set_message(plain(said));
    let mut case = TestCase::new(plain(name), status);
    case.set_classname(format!("step-{}", plan.step));
    if passed && !said.is_empty() {
        case.set_system_out(plain(said));
    }
    case
}

/// Text that XML can hold, its secrets masked. The crate leaves characters in that XML has not, and takes out tabs.
fn plain(text: &str) -> XmlString {
    XmlString::new(xml::allowed(&redact::mask(text)).replace('\t', " "))
}
