//! Helpers that know nothing of campaigns: texts, fingerprints, the redactor, schemas, files, signatures, child processes and what they
//! inherit, who and where we are.

pub mod children;
pub mod clock;
pub mod files;
pub mod fingerprint;
pub mod host;
pub mod inherited;
pub mod jinja;
pub mod redact;
pub mod schema;
pub mod signature;
pub mod terminal;
pub mod text;
