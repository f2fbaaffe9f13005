//! What a note is about beside its sort: how far the work on something is, dashboards, certificates that expire.

use super::reading_as::reads_as;
use crate::record::event::NoteKind;

/// How far the work on something is, as a note tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It was fixed, added or set up.
    Corrected,
    /// It is left to do.
    Left,
    /// It is missing or does not work.
    Missing,
}

/// Whether something was corrected, is missing, or is left to do, by the words of a note.
///
/// None where it is none of these: a fact for the list above the table.
pub fn progress(text: &str) -> Option<Progress> {
    let lower = text.to_lowercase();
    let has = |stems: &[&str]| stems.iter().any(|stem| lower.contains(stem));
    let is_task = || reads_as(text).is_some_and(|reads| reads.kind == NoteKind::Action);
    Some(match () {
        () if has(&[
            "à faire", "a faire", "reste", "todo", "to do", "left", "prévoir", "prevoir", "faut", "must",
        ]) =>
        {
            Progress::Left
        }
        () if has(&[
            "manqu",
            "absent",
            "missing",
            "lack",
            "no data",
            "no access",
            "vide",
            "pas de ",
            "pas d'",
            "pas d’",
            "inaccessible",
            "injoignable",
            "unreachable",
            "broken",
            "cass",
        ]) =>
        {
            Progress::Missing
        }
        () if has(&[
            "répar",
            "repar",
            "corrig",
            "fix",
            "ajout",
            "cré",
            "creat",
            "added",
            "repair",
            "mis en place",
            "mise en place",
        ]) =>
        {
            Progress::Corrected
        }
        () if is_task() => Progress::Left,
        () => return None,
    })
}

/// Whether a note is about dashboards or what feeds them.
pub fn is_about_dashboards(text: &str) -> bool {
    const NAMES: [&str; 8] = [
        "grafana",
        "dashboard",
        "tableau de bord",
        "tableaux de bord",
        "prometheus",
        "exporter",
        "monitoring",
        "supervision",
    ];
    let lower = text.to_lowercase();
    NAMES.iter().any(|name| lower.contains(name))
}

/// Whether a note tells of a certificate that expires.
pub fn is_about_expiry(text: &str) -> bool {
    let lower = text.to_lowercase();
    let has = |stems: &[&str]| stems.iter().any(|stem| lower.contains(stem));
    has(&["certif", "keystore", "truststore", "tls"])
        && has(&["expir", "périm", "perim", "échéance", "echeance"])
}
