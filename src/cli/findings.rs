//! What was found of a platform, as text: by how grave it is, each with its steps and its remedy.

use crate::{
    doctor::{Finding, Level},
    record::{Arg, Language, messages},
    report::{WIDTH, wrap},
};

/// The findings under a heading for each level that there is.
pub(super) fn by_level(findings: &[Finding], language: Language) -> String {
    let mut shown = String::new();
    for (level, heading) in [(Level::Fault, faults()), (Level::Warning, warnings()), (Level::Fine, fine())] {
        let of_level: Vec<&Finding> = findings.iter().filter(|f| f.level == level).collect();
        if !of_level.is_empty() {
            shown += &format!("\n{}\n{}", heading.in_language(language), listed(&of_level, language));
        }
    }
    shown
}

/// One paragraph a finding.
pub(super) fn listed(findings: &[&Finding], language: Language) -> String {
    let mut shown = String::new();
    for (at, finding) in findings.iter().enumerate() {
        // Advice for several is said once, behind the last.
        let again = findings.get(at + 1).is_some_and(|next| next.remedy == finding.remedy);
        write(finding, !again, language, &mut shown);
    }
    shown
}

fn write(finding: &Finding, with_remedy: bool, language: Language, shown: &mut String) {
    let steps = Arg::list(finding.steps.iter().map(Arg::text));
    let line = match finding.steps.len() {
        0 => of_part(&finding.part, &finding.what),
        many => needed(&finding.part, &finding.what, many, steps),
    };
    shown.push_str(&wrap(&line.in_language(language), WIDTH, 2));
    if let Some(remedy) = finding.remedy.as_ref().filter(|_| with_remedy) {
        shown.push_str(&wrap(&format!("-> {}", remedy.in_language(language)), WIDTH, 6));
    }
}

messages! {
    area "findings";
    faults() => "Would make a run fail" / "Ferait échouer une exécution";
    fine() => "Fine" / "Sans problème";
    needed(part, what, count, steps) => "{part}: {what} ({count|step|steps} {steps})" / "{part} : {what} ({count|étape|étapes} {steps})";
    of_part(part, what) => "{part}: {what}" / "{part} : {what}";
    warnings() => "To check" / "À vérifier";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::StepId;
    use std::collections::BTreeSet;

    messages! {
        area "test of findings";
        full() => "the disk is full" / "le disque est plein";
        make_room() => "make room" / "faire de la place";
    }

    #[test]
    fn findings_are_shown_by_level_in_either_language() {
        let steps = |ids: &[u32]| ids.iter().copied().map(StepId).collect::<BTreeSet<_>>();
        let fault =
            |part: &str, ids: &[u32]| Finding::fault(part, full()).remedy(make_room()).steps(&steps(ids));
        let found = [fault("a", &[1]), fault("b", &[1, 2])];
        assert_eq!(
            by_level(&found, Language::En),
            "\nWould make a run fail\n  a: the disk is full (step 1)\n  b: the disk is full (steps 1, 2)\n      -> make room\n"
        );
        assert_eq!(
            by_level(&found, Language::Fr),
            "\nFerait échouer une exécution\n  a : le disque est plein (étape 1)\n  b : le disque est plein (étapes 1, 2)\n      -> faire de la place\n"
        );
    }
}
