//! Plugins, good ones and hostile ones, each a few lines of Python.

use super::super::test_context::{action, artifact, context, keeps_its_promises, refusal, shown};
use super::*;
use crate::{action::ActionError, store::ArtifactDir};
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

/// What every plugin begins with.
const BEGIN: &str = "\
import json, os, sys, time
def say(**message): print(json.dumps(message), flush=True)
def hear(): return json.loads(sys.stdin.readline())
";

/// Writes a plugin into the campaign's folder: what it says first, and what it does then.
fn plugin(folder: &Path, hello: &str, then: &str) {
    let text = format!("{BEGIN}hear()\n{hello}\nrequest = hear()\n{then}\n");
    fs::write(folder.join("plugin.py"), text).unwrap();
}

const HELLO: &str = "say(type='hello', protocol=1, name='test', outputs={'count': {}, 'age_s': {'unit': 's', 'about': 'age'}}, on_interrupt='rerun')";
const PARAMS: &str =
    "argv: [python3, plugin.py]\noutputs: [count, age_s]\non_interrupt: rerun\nparams: {topic: orders}";

#[tokio::test]
async fn a_plugin_gives_values_remarks_and_files() {
    let (folder, cx) = context("");
    plugin(
        folder.path(),
        HELLO,
        "\
say(type='progress', done=1, total=2, message='half')
say(type='remark', text='topic ' + request['params']['topic'])
say(type='value', name='count', value=12)
say(type='value', name='age_s', value=None, reason='nothing was read')
open(os.path.join(request['folder'], 'rows.csv'), 'w').write('a,b\\n1,2\\n')
say(type='artifact', file='rows.csv', media_type='text/csv')
print('a word', file=sys.stderr)
say(type='done')",
    );
    let evidence = action("exec", PARAMS).run(&cx).await.unwrap();
    keeps_its_promises("exec", &evidence);
    assert_eq!(
        (shown(&evidence, "count"), shown(&evidence, "age_s")),
        ("12".to_owned(), "not measured (nothing was read)".to_owned())
    );
    assert_eq!(evidence.remarks[0].as_str(), "topic orders");
    assert_eq!(artifact(&cx, "rows.csv"), "a,b\n1,2\n");
    assert_eq!(artifact(&cx, "stderr.txt"), "a word\n");
    assert_eq!(artifact(&cx, "conversation.jsonl").lines().count(), 7);
}

#[tokio::test]
async fn a_plugin_undoes_what_it_did_by_an_action_of_its_own() {
    let (folder, cx) = context("");
    let hello = "say(type='hello', protocol=1, name='test', undo=True)";
    plugin(
        folder.path(),
        hello,
        "open('state', 'a').write(request['type'] + request['params']['what'] + ' ')\nsay(type='done')",
    );
    let params = "argv: [python3, plugin.py]\nundo: true\nparams: {what: -x}";
    let exec = action("exec", params);
    let undo = exec.undo().unwrap();
    exec.run(&cx).await.unwrap();
    let again = action(&undo.kind, &undo.params.to_string());
    assert!(again.undo().is_none(), "an undo is not undone");
    let artifacts = std::sync::Arc::new(ArtifactDir::new(folder.path(), "undo"));
    again.run(&ActionContext { artifacts, ..cx }).await.unwrap();
    assert_eq!(fs::read_to_string(folder.path().join("state")).unwrap(), "run-x undo-x ");
}

#[tokio::test]
async fn a_hostile_plugin_is_ended_with_a_reason() {
    let other = |text: &str| HELLO.replace("protocol=1", text);
    let silent = "time.sleep(60)".to_owned();
    for (hello, then, told) in [
        (HELLO.to_owned(), "sys.exit(0)", "ended before it said that it was done"),
        (HELLO.to_owned(), "say(type='done')\nsys.exit(3)", "exit status: 3"),
        (HELLO.to_owned(), "say(type='failed', message='no such topic')", "no such topic"),
        (HELLO.to_owned(), "print('hello', flush=True)\ntime.sleep(60)", "is no message"),
        (
            HELLO.to_owned(),
            "say(type='value', name='other', value=1)\ntime.sleep(60)",
            "which it did not promise",
        ),
        (HELLO.to_owned(), "say(type='value', name='count', value=[1])\ntime.sleep(60)", "neither a number"),
        (
            HELLO.to_owned(),
            "for i in (1, 2): say(type='value', name='count', value=i)\ntime.sleep(60)",
            "`count` twice",
        ),
        (
            HELLO.to_owned(),
            "say(type='artifact', file='../../etc/passwd')\ntime.sleep(60)",
            "is no name of a file",
        ),
        (HELLO.to_owned(), "say(type='artifact', file='none.txt')\ntime.sleep(60)", "cannot be read"),
        (
            HELLO.to_owned(),
            "os.symlink('/etc/passwd', os.path.join(request['folder'], 'x'))\nsay(type='artifact', file='x')\ntime.sleep(60)",
            "cannot be read",
        ),
        (
            HELLO.to_owned(),
            "os.mkfifo(os.path.join(request['folder'], 'x'))\nsay(type='artifact', file='x')\ntime.sleep(60)",
            "cannot be read",
        ),
        (HELLO.to_owned(), "print('x' * (2 << 20), flush=True)\ntime.sleep(60)", "said more than"),
        (HELLO.to_owned(), "while True: say(type='remark', text='x' * 10000)", "said more than"),
        (HELLO.to_owned(), "say(type='hello', protocol=1)\ntime.sleep(60)", "twice"),
        (HELLO.to_owned(), "a = bytearray(3 << 30)\nsay(type='done')", "ended before it said"),
        (other("protocol=2"), "say(type='done')", "version 2 of the protocol"),
        (HELLO.replace("'count'", "'other'"), "say(type='done')", "promises other outputs"),
        (HELLO.replace("'s', 'about'", "'ms', 'about'"), "say(type='done')", "its name says otherwise"),
        (HELLO.replace(", on_interrupt='rerun'", ""), "say(type='done')", "`on_interrupt`"),
        (silent, "", "did not say hello within 10 s"),
    ] {
        let (folder, cx) = context("");
        plugin(folder.path(), &hello, then);
        let started = Instant::now();
        let failure = action("exec", PARAMS).run(&cx).await.unwrap_err();
        let error = failure.error.to_string();
        assert!(error.contains(told), "{then}: {error}");
        assert!(started.elapsed() < Duration::from_secs(25), "{then}: {:?}", started.elapsed());
    }
}

#[tokio::test]
async fn a_plugin_that_goes_on_is_ended_and_what_it_gave_is_kept() {
    let (folder, cx) = context("");
    plugin(folder.path(), HELLO, "say(type='value', name='count', value=1)\ntime.sleep(60)");
    let failure = action("exec", &format!("{PARAMS}\nwithin: 1s")).run(&cx).await.unwrap_err();
    assert!(matches!(failure.error, ActionError::TimedOut { .. }), "{}", failure.error);
    assert_eq!(shown(&failure.evidence, "count"), "1");
    assert!(shown(&failure.evidence, "age_s").contains("gave no value"));
    let (folder, cx) = context("");
    plugin(folder.path(), HELLO, "assert hear()['type'] == 'cancel'\nopen('cleaned', 'w')\n");
    let cancel = cx.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(800)).await;
        cancel.cancel();
    });
    let failure = action("exec", PARAMS).run(&cx).await.unwrap_err();
    assert!(matches!(failure.error, ActionError::Cancelled), "{}", failure.error);
    assert!(folder.path().join("cleaned").exists(), "it could not clean up");
}

#[test]
fn a_mistake_in_the_step_file_is_refused() {
    assert!(refusal("exec", "argv: [x]\noutputs: [a, a]").contains("listed twice"));
    assert!(refusal("exec", "argv: [x]\noutputs: [duration_s]").contains("already an output"));
}
