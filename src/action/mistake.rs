//! [`Mistake`]: what a kind finds wrong with parameters before anything runs.

/// Something wrong with parameters that are well-formed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Keys and indices from the parameters down to it.
    pub path: Vec<String>,
    /// Where it is in the text there, in characters, where one character can be named.
    pub at: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What was expected or what to try.
    pub hint: String,
    /// Whether the environment's file only lacks something, which may be filled in later.
    pub is_absent: bool,
}

impl Mistake {
    /// A mistake in the value at `path`, its parts joined by dots.
    pub(super) fn new(path: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        let path = path.split('.').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        Self { path, at: None, message: message.into(), hint: hint.into(), is_absent: false }
    }

    /// The same, at a character of the text.
    pub(super) fn at(self, character: usize) -> Self {
        Self { at: Some(character), ..self }
    }

    /// The same, of something that the environment's file lacks.
    pub(super) fn absent(self) -> Self {
        Self { is_absent: true, ..self }
    }
}
