//! What an action brought back: named values with units, and the artifacts that they were read from.

use super::{OutputName, Said, Value};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

/// A file kept for ever, named by its path below the run's folder and by its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Artifact {
    /// Path below the run's folder, with `/`.
    pub path: String,
    /// SHA-256 of the content, in lower-case hexadecimal.
    pub sha256: String,
    /// Size of the file, in bytes.
    pub bytes: u64,
    /// Media type, such as `text/csv`.
    pub media_type: String,
}

/// One value and the artifact that it was read from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Measured {
    /// The value with its unit, or why there is none.
    pub value: Value,
    /// File name of the artifact, within the action's folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

/// Everything that an action saw.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Evidence {
    /// The promised outputs, by name.
    #[serde(default)]
    pub values: BTreeMap<OutputName, Measured>,
    /// What a reader must know beside the figures: saturation, warnings of a tool, whole-millisecond percentiles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Said>,
}

impl Evidence {
    /// Adds one value that was read from no artifact of its own.
    pub fn put(&mut self, name: impl Into<OutputName>, value: Value) -> &mut Self {
        self.values.insert(name.into(), Measured { value, from: None });
        self
    }

    /// Adds one value that was read from the artifact with this file name.
    pub fn put_from(&mut self, name: impl Into<OutputName>, value: Value, artifact: &str) -> &mut Self {
        self.values.insert(name.into(), Measured { value, from: Some(artifact.to_owned()) });
        self
    }

    /// Adds a sentence that belongs beside the figures.
    pub fn remark(&mut self, sentence: impl Into<Said>) -> &mut Self {
        self.remarks.push(sentence.into());
        self
    }

    /// Adds sentences that belong beside the figures.
    pub fn remark_all(&mut self, sentences: impl IntoIterator<Item = impl Into<Said>>) -> &mut Self {
        self.remarks.extend(sentences.into_iter().map(Into::into));
        self
    }

    /// The value of that name, if the action brought one.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(&OutputName::from(name)).map(|m| &m.value)
    }
}

/// One sample of a watch.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// When, counted from the start of the step.
    pub at: Duration,
    /// What it saw, or why it saw nothing.
    pub seen: Result<Evidence, Said>,
}
