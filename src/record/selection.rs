//! [`Selection`]: how a run is narrowed, as the operator said it and as the header of the run has it.

use super::StepId;

/// Which steps the operator asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Number of the first step to run.
    pub from: Option<StepId>,
    /// Number of the last step to run.
    pub until: Option<StepId>,
    /// Number of the only step to run.
    pub only: Option<StepId>,
}

impl Selection {
    /// Whether a step was asked for.
    pub fn includes(&self, step: StepId) -> bool {
        self.only.is_none_or(|only| only == step)
            && self.from.is_none_or(|from| from <= step)
            && self.until.is_none_or(|until| step <= until)
    }

    /// Steps that are passed over so that the selected ones may run: those before the first one asked for.
    pub fn passes_over(&self, step: StepId) -> bool {
        self.from.or(self.only).is_some_and(|first| step < first)
    }

    /// Whether it ends before the plan does.
    pub fn has_end(&self) -> bool {
        self.until.or(self.only).is_some()
    }

    /// What [`Selection::text`] wrote; nothing where it is no such text.
    pub fn of_text(text: &str) -> Self {
        let mut selection = Self::default();
        let mut words = text.split_whitespace();
        while let (Some(flag), Some(step)) = (words.next(), words.next()) {
            let step = step.parse().ok().map(StepId);
            match flag {
                "--from" => selection.from = step,
                "--until" => selection.until = step,
                "--only" => selection.only = step,
                _ => {}
            }
        }
        selection
    }

    /// As written on the command line, where something was.
    pub fn text(&self) -> Option<String> {
        let parts: Vec<String> = [("--from", self.from), ("--until", self.until), ("--only", self.only)]
            .into_iter()
            .filter_map(|(flag, step)| step.map(|s| format!("{flag} {s}")))
            .collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }
}
