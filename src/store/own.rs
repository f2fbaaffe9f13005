//! The folders of `artifacts` that belong to the campaign and to no run.

/// The folder of a campaign with what is on record.
pub(super) const ARTIFACTS: &str = "artifacts";
/// Folder of the notes.
pub(super) const NOTES: &str = "notes";
/// Folder of what was imported.
pub(super) const IMPORTS: &str = "imports";

/// Whether the folder of that name holds what belongs to the campaign and to no run.
pub fn is_own(name: &str) -> bool {
    [NOTES, IMPORTS].contains(&name)
}
