//! The disk: the journal, the artifacts, the locks, and where they are. [`Recorder`] is the only way to write on record.

pub mod artifacts;
pub mod bundle;
pub mod columns;
pub mod imports;
pub mod journal;
mod large_json;
pub mod lock;
pub mod own;
pub mod plan_files;
pub mod recorder;
pub mod run_dir;
pub mod seal;
pub mod verify;

pub use artifacts::{ArtifactDir, ArtifactWriter};
pub use lock::Lock;
pub use recorder::Recorder;
pub use run_dir::{RunDir, Runs};

use journal::Journal;
