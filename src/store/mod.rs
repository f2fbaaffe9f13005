//! The disk: artifacts and, beside them, the journal.

pub mod artifacts;

pub use artifacts::{ArtifactDir, ArtifactWriter};
