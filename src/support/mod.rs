//! Helpers that know nothing of campaigns: texts, fingerprints, the redactor, schemas, who and where we are.

pub mod fingerprint;
pub mod host;
pub mod redact;
pub mod schema;
pub mod text;
