//! Old journals stay readable: those in `tests/journals` are never edited, only added to.

use crate::support::Project;
use std::{fs, path::Path};

#[test]
fn every_journal_ever_written_can_be_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journals");
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let expected = path.with_extension("states");
        if path.extension().is_none_or(|e| e != "jsonl") {
            continue;
        }
        seen += 1;
        let project = Project::new();
        project.file("artifacts/20250101-000000-lab/journal.jsonl", &fs::read_to_string(&path).unwrap());
        if let Ok(head) = fs::read_to_string(path.with_extension("head")) {
            project.file("artifacts/20250101-000000-lab/journal.head", &head);
        }
        let states: String = project.states().iter().map(|s| format!("{s}\n")).collect();
        assert_eq!(states, fs::read_to_string(&expected).unwrap(), "{}", path.display());
        // What most of them name was not kept, and `verify` says so.
        let verified = project.jalon(&["verify"]).code.unwrap();
        assert!([0, 9].contains(&verified), "{}", path.display());
        project.jalon(&["report", "--print"]).exits(verified);
        let kept = fs::read(project.path().join("artifacts/20250101-000000-lab/journal.jsonl")).unwrap();
        assert_eq!(kept, fs::read(&path).unwrap(), "{} was changed by reading it", path.display());
    }
    assert!(seen >= 10, "journals are missing from tests/journals");
}
