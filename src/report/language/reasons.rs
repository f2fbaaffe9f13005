//! Recorded sentences in the language of a report.

use super::Language;
use crate::record::Said;

/// The sentence in `language`. Those of journals from before there were messages stay as they were recorded.
pub(in crate::report) fn translated(language: Language, said: &Said) -> String {
    said.in_language(language).into_owned()
}
