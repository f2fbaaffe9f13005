//! Helpers that know nothing of campaigns: texts, fingerprints, the redactor, who and where we are.

pub mod fingerprint;
pub mod host;
pub mod redact;
pub mod text;
