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
        let text = fs::read_to_string(&path).unwrap();
        let name = text.split("\"run\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let journal = format!("artifacts/{name}/journal.jsonl");
        project.file(&journal, &text);
        if let Ok(head) = fs::read_to_string(path.with_extension("head")) {
            project.file(&format!("artifacts/{name}/journal.head"), &head);
        }
        let states: String = project.states().iter().map(|s| format!("{s}\n")).collect();
        assert_eq!(states, fs::read_to_string(&expected).unwrap(), "{}", path.display());
        // What most of them name was not kept, and `verify` says so.
        let verified = project.jalon(&["verify"]).code.unwrap();
        assert!([0, 9].contains(&verified), "{}", path.display());
        project.jalon(&["report", "--print"]).exits(verified);
        let kept = fs::read(project.path().join(&journal)).unwrap();
        assert_eq!(kept, fs::read(&path).unwrap(), "{} was changed by reading it", path.display());
    }
    assert!(seen >= 10, "journals are missing from tests/journals");
}
