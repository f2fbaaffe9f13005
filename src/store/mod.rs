//! The disk: the journal, the artifacts, the locks, and where they are.

pub mod artifacts;
pub mod bundle;
pub mod imports;
pub mod journal;
pub mod lock;
pub mod plan_files;
pub mod run_dir;

pub use artifacts::{ArtifactDir, ArtifactWriter};
pub use journal::Journal;
pub use lock::Lock;
pub use run_dir::{RunDir, Runs};
