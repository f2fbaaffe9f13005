//! The plugin that the book shows, in a plan.

use crate::support::Project;
use std::{fs, path::Path};

const STEP: &str = "\
actions:
  - exec:
      id: backups
      argv: [python3, plugins/backups.py]
      params: {folder: kept}
      outputs: [backups, newest_s]
      on_interrupt: rerun
criteria:
  - expect: backups.backups >= 1
  - expect: backups.newest_s < 3600";

#[test]
fn the_example_of_the_book_is_judged_on_what_it_gives() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plugins/backups.py");
    let project = Project::new();
    project.file("plugins/backups.py", &fs::read_to_string(example).unwrap());
    project.step(0, STEP);
    project.jalon(&["check"]).exits(0);
    project.jalon(&["run"]).exits(4).says(&["No such file or directory: 'kept'"]);
    project.file("kept/.keep", "").file("kept/monday.tar", "x");
    project.jalon(&["resume"]).exits(0);
    let criteria = &project.status()["steps"][0]["criteria"];
    assert_eq!(
        (&criteria[0]["verdict"], &criteria[0]["observed_text"]),
        (&"pass".into(), &"2".into()),
        "{criteria}"
    );
    assert_eq!(criteria[1]["limit_text"], "3,600", "{criteria}");
    let table = fs::read_to_string(project.run_dir().join("00/2/backups/backups.csv")).unwrap();
    assert!(table.contains(",monday.tar\n"), "{table}");
    project.jalon(&["verify"]).exits(0);
}

#[test]
fn what_a_plugin_did_is_undone_by_it_after_a_kill() {
    let project = Project::new();
    let plugin = "\
import json, sys, time
def say(**message): print(json.dumps(message), flush=True)
sys.stdin.readline()
say(type='hello', protocol=1, name='switch', undo=True)
request = json.loads(sys.stdin.readline())
open('state', 'a').write(request['type'] + '\\n')
if open('state').read() == 'run\\n': time.sleep(60)
say(type='done')
";
    project.file("switch.py", plugin);
    project.step(
        0,
        "actions:\n  - exec: {id: switch, argv: [python3, switch.py], undo: true}\n  - wait: {id: w, for: 1ms}\ncriteria:\n  - expect: w.waited_s < slo.wait_s",
    );
    let mut run = project.command(&["run"]).spawn().unwrap();
    let begun = std::time::Instant::now();
    while !project.path().join("state").exists() && begun.elapsed().as_secs() < 20 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    run.kill().unwrap();
    run.wait().unwrap();
    project.jalon(&["resume"]).exits(0);
    // Undone before anything else, and then done again from the beginning.
    assert_eq!(fs::read_to_string(project.path().join("state")).unwrap(), "run\nundo\nrun\n");
}
