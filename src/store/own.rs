//! The folders of `artifacts` that belong to the campaign and to no run.

/// Folder of the notes.
pub(super) const NOTES: &str = "notes";
/// Folder of what was imported.
pub(super) const IMPORTS: &str = "imports";

/// Whether the folder of that name holds what belongs to the campaign and to no run.
pub(super) fn is_own(name: &str) -> bool {
    [NOTES, IMPORTS].contains(&name)
}
