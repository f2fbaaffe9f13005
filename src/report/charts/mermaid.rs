//! The plan as a Mermaid flowchart in which each step has its state as a class and as a word.

use crate::{
    record::{RunState, StepId, StepState},
    report::language::Language,
};
use std::{collections::BTreeMap, fmt::Write};

/// Fill, border and border style of each state; the word in the node says the same without colour.
const CLASSES: &[(StepState, &str)] = &[
    (StepState::Locked, "fill:#f2f2f2,stroke:#8c8c8c,color:#404040,stroke-dasharray:4 3"),
    (StepState::Ready, "fill:#ffffff,stroke:#404040,color:#000000"),
    (StepState::Running, "fill:#cfe2ff,stroke:#0a58ca,color:#000000,stroke-width:3px"),
    (StepState::AwaitingApproval, "fill:#e2d9f3,stroke:#59359a,color:#000000"),
    (StepState::Passed, "fill:#d1e7dd,stroke:#146c43,color:#000000"),
    (StepState::Failed, "fill:#f8d7da,stroke:#b02a37,color:#000000,stroke-width:3px"),
    (StepState::Inconclusive, "fill:#fff3cd,stroke:#997404,color:#000000"),
    (StepState::Error, "fill:#f1aeb5,stroke:#842029,color:#000000,stroke-width:3px"),
    (StepState::Interrupted, "fill:#ffe5d0,stroke:#ca6510,color:#000000"),
    (StepState::Waived, "fill:#d1e7dd,stroke:#997404,color:#000000,stroke-dasharray:4 3"),
    (StepState::Skipped, "fill:#ffffff,stroke:#8c8c8c,color:#8c8c8c,stroke-dasharray:2 4"),
    (StepState::NotApplicable, "fill:#eeeeee,stroke:#8c8c8c,color:#404040"),
];

/// So many steps one behind the other have room beside each other.
const LONGEST: usize = 7;

/// How many steps the longest way through the plan has. A step needs only steps that stand before it in the plan, or
/// its turn has not come yet: then the way is told a little too short.
fn longest(state: &RunState) -> usize {
    let mut ways: BTreeMap<StepId, usize> = BTreeMap::new();
    for (id, status) in &state.steps {
        let before = status.outline.needs.iter().filter_map(|need| ways.get(need)).max();
        ways.insert(*id, before.copied().unwrap_or(0) + 1);
    }
    ways.values().copied().max().unwrap_or(0)
}

/// The flowchart; `shown` is the state of each step as shown.
pub(in crate::report) fn plan(
    language: Language,
    state: &RunState,
    shown: impl Fn(StepId) -> StepState,
) -> String {
    // A long way from left to right would be drawn too small to be read on a page.
    let direction = if longest(state) > LONGEST { "TB" } else { "LR" };
    let mut out = format!("flowchart {direction}\n");
    for (id, status) in &state.steps {
        let shown = shown(*id);
        let title = escaped(status.outline.title.get(language.code()));
        let word = escaped(language.state(shown));
        let _ = writeln!(out, "  s{id}[\"{id} · {title}<br/>{word}\"]:::{}", class(shown));
    }
    for (id, status) in &state.steps {
        for need in status.outline.needs.iter().filter(|need| state.steps.contains_key(need)) {
            let _ = writeln!(out, "  s{need} --> s{id}");
        }
    }
    for (state, style) in CLASSES {
        let _ = writeln!(out, "  classDef {} {style}", class(*state));
    }
    out
}

/// The name of the class; `passed` and the like are not reserved, a hyphen is not wanted.
fn class(state: StepState) -> String {
    state.word().replace('-', "_")
}

/// A text inside a double-quoted label: whatever Mermaid or a Markdown fence would read otherwise, as its number.
pub(in crate::report) fn escaped(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || *c == '\n').fold(String::new(), |mut out, c| {
        match c {
            '\n' => out.push(' '),
            '"' | '#' | '&' | '<' | '>' | '`' | ';' | '\\' | '[' | ']' | '{' | '}' => {
                let _ = write!(out, "#{};", u32::from(c));
            }
            c => out.push(c),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_title_cannot_leave_its_label() {
        let shown = escaped("a\"] --> b <script>alert(1)</script> ```\n# end");
        for bad in ['"', '<', '>', '`', '\n', ']'] {
            assert!(!shown.contains(bad), "{shown}");
        }
    }

    #[test]
    fn every_state_has_a_class() {
        for state in StepState::ALL {
            assert_eq!(CLASSES.iter().filter(|(s, _)| *s == state).count(), 1, "{state}");
        }
    }
}
