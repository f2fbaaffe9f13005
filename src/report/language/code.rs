//! [`Language`]: the languages of reports.

use serde::Serialize;
use std::{fmt, str::FromStr};

/// A language of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// English.
    En,
    /// French.
    Fr,
}

/// There is no report in that language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no report in `{0}`; languages: en, fr")]
pub struct Unknown(String);

impl FromStr for Language {
    type Err = Unknown;

    fn from_str(code: &str) -> Result<Self, Unknown> {
        Self::ALL.into_iter().find(|l| l.code() == code).ok_or_else(|| Unknown(code.to_owned()))
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::En, Self::Fr];

    /// Its code, as in `report-2025-12-18.fr.md`.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
        }
    }
}
