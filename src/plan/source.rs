//! [`Source`]: a text file and places in it, for messages that show the line and a caret.

use crate::record::{ActionId, Said, StepId};
use std::{path::PathBuf, sync::Arc};

/// A file of the campaign as text, with its path.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its path, as messages show it.
    pub path: PathBuf,
    /// Whole content of the file; spans count its bytes.
    pub text: Arc<str>,
}

/// A piece of a source, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// Offset of its first byte in the source, from 0.
    pub start: usize,
    /// Length of the piece, in bytes.
    pub len: usize,
}

/// One mistake in the plan, with everything that a message needs.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The file that has the mistake.
    pub source: Source,
    /// The piece of the file that is wrong.
    pub span: Span,
    /// What is wrong, with the value in backticks.
    pub message: String,
    /// What was expected or what to try.
    pub hint: Option<String>,
    /// A word of the class of mistake, stable for scripts (`unknown-key`).
    pub code: &'static str,
    /// The action that uses a name of the environment which is not there; none for every other mistake.
    pub user: Option<User>,
}

/// An action or a watch that uses a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Number of the step that has the action.
    pub step: StepId,
    /// Name of the action or watch in that step.
    pub action: ActionId,
    /// Whether the name may be filled in later: it is not just a misspelt one.
    pub is_open: bool,
    /// That the environment lacks it.
    pub lacks: Said,
    /// What to try.
    pub hint: Said,
}

impl Source {
    /// A source of that path and text.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> Self {
        Self { path: path.into(), text: text.into() }
    }

    /// Makes a problem at `span` of this file; `code` names its kind for scripts.
    pub fn problem(&self, span: Span, code: &'static str, message: impl Into<String>) -> Problem {
        Problem { source: self.clone(), span, message: message.into(), hint: None, code, user: None }
    }

    /// Line and column of a place, both from 1; the column counts characters.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

impl Problem {
    /// Adds a hint: what to try.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds what to try, where there is something.
    #[must_use]
    pub fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint.or(self.hint);
        self
    }
}
