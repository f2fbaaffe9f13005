//! The report as JUnit's XML, for a CI server: a suite a step, a case a criterion.

use super::{Error, Renderer, templates::Templates, xml};
use crate::report::{
    document::Document,
    model::{CriterionRow, PlanRow, ReportModel, StepCriteria},
};
use std::{fmt::Write as _, io::Write};

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
    ) -> Result<(), Error> {
        out.write_all(whole(model).as_bytes()).map_err(Error::Write)
    }
}

/// What a case came to.
enum Came {
    Error(String),
    Failure(String),
    Pass,
    Skipped(String),
    Warning(String),
}

/// Counts of what cases came to.
#[derive(Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Counts {
    fn count(&mut self, came: &Came) {
        self.tests += 1;
        match came {
            Came::Error(_) => self.errors += 1,
            Came::Failure(_) => self.failures += 1,
            Came::Skipped(_) => self.skipped += 1,
            Came::Pass | Came::Warning(_) => {}
        }
    }

    fn add(&mut self, other: &Self) {
        self.tests += other.tests;
        self.failures += other.failures;
        self.errors += other.errors;
        self.skipped += other.skipped;
    }

    fn attributes(&self) -> String {
        format!(
            " tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
            self.tests, self.failures, self.errors, self.skipped
        )
    }
}

fn whole(model: &ReportModel) -> String {
    let mut suites = String::new();
    let mut all = Counts::default();
    for (plan, step) in model.plan.iter().zip(&model.criteria) {
        suite(&mut suites, model, plan, step, &mut all);
    }
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
    xml::attribute(&mut out, "name", &format!("{} {}", model.header.campaign, model.header.run));
    let _ = write!(out, "{}>\n{suites}</testsuites>\n", all.attributes());
    out
}

fn suite(out: &mut String, model: &ReportModel, plan: &PlanRow, step: &StepCriteria, all: &mut Counts) {
    let mut cases: Vec<(&str, Came)> =
        step.rows.iter().map(|c| (c.text.as_str(), criterion(model, plan, c))).collect();
    // An error is the step's: its criteria were never judged.
    let judged = step.rows.iter().any(|c| matches!(c.verdict_code, Some("fail" | "error" | "inconclusive")));
    if !judged && matches!(plan.state_code, "error" | "failed" | "interrupted") {
        cases.push((&plan.title, Came::Error(format!("{}: {}", plan.state, plan.reason))));
    }
    let mut counts = Counts::default();
    cases.iter().for_each(|(_, came)| counts.count(came));
    all.add(&counts);
    let attempt = model.attempts.iter().rfind(|a| a.step == plan.step);
    out.push_str("  <testsuite");
    xml::attribute(out, "name", &format!("{} {}", plan.step, plan.title));
    out.push_str(&counts.attributes());
    if let Some(attempt) = attempt {
        xml::attribute(out, "timestamp", &attempt.started_at.strftime("%Y-%m-%dT%H:%M:%S").to_string());
        let _ = write!(out, " time=\"{:.3}\"", attempt.seconds().unwrap_or(0.0));
    }
    out.push_str(">\n    <properties>\n");
    let state = plan.state_code.to_owned();
    for (name, value) in
        [("environment", &model.header.environment), ("profile", &model.header.profile), ("state", &state)]
    {
        out.push_str("      <property");
        xml::attribute(out, "name", name);
        xml::attribute(out, "value", value);
        out.push_str("/>\n");
    }
    out.push_str("    </properties>\n");
    for (name, came) in &cases {
        case(out, plan, name, came);
    }
    out.push_str("  </testsuite>\n");
}

fn case(out: &mut String, plan: &PlanRow, name: &str, came: &Came) {
    out.push_str("    <testcase");
    xml::attribute(out, "classname", &format!("step-{}", plan.step));
    xml::attribute(out, "name", name);
    let (element, said) = match came {
        Came::Pass => {
            out.push_str("/>\n");
            return;
        }
        Came::Warning(said) => {
            let _ = writeln!(out, "><system-out>{}</system-out></testcase>", xml::escaped(said));
            return;
        }
        Came::Error(said) => ("error", said),
        Came::Failure(said) => ("failure", said),
        Came::Skipped(said) => ("skipped", said),
    };
    let _ = write!(out, "><{element}");
    xml::attribute(out, "message", said);
    out.push_str("/></testcase>\n");
}

fn criterion(model: &ReportModel, plan: &PlanRow, of: &CriterionRow) -> Came {
    let sides = match (&of.observed, &of.limit) {
        (Some(observed), Some(limit)) => format!(
            "{}, ",
            model.language.fill(
                crate::report::language::Word::ObservedAndLimit,
                &[("observed", &observed.text), ("limit", &limit.text)]
            )
        ),
        _ => String::new(),
    };
    let said = format!("{}: {sides}{}", of.verdict, of.reason);
    // Somebody has answered for a step that was waived: it does not stop a pipeline, and it has not passed.
    let waived = |came: Came| match plan.state_code {
        "waived" => Came::Skipped(format!("{} ({}); {said}", plan.state, plan.reason)),
        _ => came,
    };
    match of.verdict_code {
        Some("pass") => Came::Pass,
        Some("warn") => Came::Warning(said),
        Some("fail") => waived(Came::Failure(said.clone())),
        Some(_) => waived(Came::Error(said.clone())),
        None => Came::Skipped(format!("{}: {}", of.verdict, plan.state)),
    }
}
