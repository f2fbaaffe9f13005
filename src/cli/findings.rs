//! What was found of a platform, as text: by how grave it is, each with its steps and its remedy.

use crate::{
    doctor::{Finding, Level},
    report::{WIDTH, wrap},
};

/// The findings under a heading for each level that there is.
pub(super) fn by_level(findings: &[Finding]) -> String {
    let mut shown = String::new();
    for (level, heading) in
        [(Level::Fault, "Would make a run fail"), (Level::Warning, "To check"), (Level::Fine, "Fine")]
    {
        let of_level: Vec<&Finding> = findings.iter().filter(|f| f.level == level).collect();
        if !of_level.is_empty() {
            shown += &format!("\n{heading}\n{}", listed(&of_level));
        }
    }
    shown
}

/// One paragraph a finding.
pub(super) fn listed(findings: &[&Finding]) -> String {
    let mut shown = String::new();
    for (at, finding) in findings.iter().enumerate() {
        // Advice for several is said once, behind the last.
        let again = findings.get(at + 1).is_some_and(|next| next.remedy == finding.remedy);
        write(finding, !again, &mut shown);
    }
    shown
}

fn write(finding: &Finding, with_remedy: bool, shown: &mut String) {
    let steps: Vec<String> = finding.steps.iter().map(ToString::to_string).collect();
    let needed = match steps.len() {
        0 => String::new(),
        1 => format!(" (step {})", steps[0]),
        _ => format!(" (steps {})", steps.join(", ")),
    };
    shown.push_str(&wrap(&format!("{}: {}{needed}", finding.part, finding.what), WIDTH, 2));
    if let Some(remedy) = finding.remedy.as_ref().filter(|_| with_remedy) {
        shown.push_str(&wrap(&format!("-> {remedy}"), WIDTH, 6));
    }
}
