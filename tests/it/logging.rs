//! The log of the program: on stderr alone, only where it is asked for, its secrets masked.

use crate::support::{Project, Ran};

/// The second program would be given the secret where everybody may read it; `check` cannot know that it is one.
const STEP: &str = "\
actions:
  - shell: {id: t, argv: ['true']}
  - shell: {id: s, argv: [sh, -c, 'exit 0 # w0rd-of-the-log'], env: {WORD: 'env:JALON_TEST_WORD'}}
criteria:
  - expect: s.exit_code == 0";

fn logged(project: &Project, filter: &str, args: &[&str]) -> Ran {
    let mut command = project.command(args);
    command.env("JALON_LOG", filter).env("JALON_TEST_WORD", "w0rd-of-the-log");
    Ran::of(command.output().unwrap())
}

#[test]
fn the_log_is_on_stderr_where_it_is_asked_for_and_nowhere_else() {
    let project = Project::new();
    project.step(0, STEP);
    let quiet = project.jalon(&["check"]).exits(0);
    assert_eq!(quiet.stderr, "");
    for (filter, args) in [("", &["check", "-v"][..]), ("jalon=info", &["check"]), ("", &["-vv", "check"])] {
        let ran = logged(&project, filter, args).exits(0).says(&[" INFO jalon::plan", "plan compiled"]);
        assert_eq!(ran.stdout, quiet.stdout, "{filter} {args:?}");
    }
    let ran = logged(&project, "jalon=trace", &["run", "-vv"]).exits(4);
    let ran = ran.says(&["run `sh", "child process", "journal synced", "secret resolved", "exit 0 # ***"]);
    assert!(!ran.stderr.contains("w0rd-of-the-log"), "{ran:?}");
    let status = logged(&project, "trace", &["status", "--json"]).exits(0);
    assert!(serde_json::from_str::<serde_json::Value>(&status.stdout).is_ok(), "{status:?}");
}

#[test]
fn a_filter_that_cannot_be_read_is_an_error_of_usage() {
    let project = Project::new();
    project.step(0, STEP);
    logged(&project, "jalon=loud", &["check"])
        .exits(2)
        .says(&["invalid JALON_LOG `jalon=loud`", "JALON_LOG=jalon=debug"]);
}
