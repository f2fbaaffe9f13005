//! [`Mistake`]: what a kind finds wrong with parameters before anything runs.

use crate::record::Said;

/// Something wrong with parameters that are well-formed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Keys and indices from the parameters down to it.
    pub path: Vec<String>,
    /// Where it is in the text there, in characters, where one character can be named.
    pub at: Option<usize>,
    /// What is wrong, with the value in backticks.
    pub message: String,
    /// What was expected or what to try.
    pub hint: String,
    /// What the environment's file lacks, where it is that.
    pub lacks: Option<Lack>,
}

/// What the environment's file lacks, in both languages: whoever looks at a platform says it too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    /// What an action uses.
    pub used: Use,
    /// Whether it may be filled in later: the name is not just a misspelt one.
    pub is_open: bool,
    /// That the environment lacks it.
    pub what: Said,
    /// What to try.
    pub hint: Said,
}

/// Something of the environment that an action uses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    /// The key of the environment's file: `connect`, `clusters`.
    pub key: &'static str,
    /// The name under that key, where it holds several.
    pub name: Option<String>,
}

impl Mistake {
    /// A mistake in the value at `path`, its parts joined by dots.
    pub(super) fn new(path: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        let path = path.split('.').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        Self { path, at: None, message: message.into(), hint: hint.into(), lacks: None }
    }

    /// The same, at a character of the text.
    pub(super) fn at(self, character: usize) -> Self {
        Self { at: Some(character), ..self }
    }

    /// The mistake that the environment's file lacks what the value at `path` names.
    pub(super) fn lacking(path: &str, lack: Lack) -> Self {
        Self { lacks: Some(lack.clone()), ..Self::new(path, lack.what, lack.hint) }
    }
}
