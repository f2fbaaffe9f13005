//! Helpers that know nothing of campaigns: texts and the redactor.

pub mod redact;
pub mod text;
