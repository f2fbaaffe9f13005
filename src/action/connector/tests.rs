//! The connector action against a Connect whose answers are known.

use super::super::{
    Earlier,
    test_context::{action, artifact, context, keeps_its_promises, shown},
};
use super::*;
use serde_json::json;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_json, method, path},
};

fn status(state: &str, tasks: &[(&str, Option<&str>)], worker: &str) -> ResponseTemplate {
    let tasks: Vec<_> = tasks
        .iter()
        .enumerate()
        .map(|(id, (state, trace))| json!({"id": id, "state": state, "worker_id": worker, "trace": trace}))
        .collect();
    ResponseTemplate::new(200).set_body_json(json!({
        "name": "mm2", "connector": {"state": state, "worker_id": worker}, "tasks": tasks, "type": "source",
    }))
}

fn missing() -> ResponseTemplate {
    ResponseTemplate::new(404).set_body_json(json!({"error_code": 404, "message": "No status found"}))
}

async fn connect() -> (MockServer, tempfile::TempDir, ActionContext) {
    let server = MockServer::start().await;
    let (folder, cx) = context(&format!("connect: {{url: '{}'}}", server.uri()));
    (server, folder, cx)
}

async fn has_config(server: &MockServer, config: Json) {
    Mock::given(method("GET"))
        .and(path("/connectors/mm2/config"))
        .respond_with(ResponseTemplate::new(200).set_body_json(config))
        .mount(server)
        .await;
}

async fn has_status(server: &MockServer, answer: ResponseTemplate, times: u64) {
    Mock::given(method("GET"))
        .and(path("/connectors/mm2/status"))
        .respond_with(answer)
        .up_to_n_times(times)
        .mount(server)
        .await;
}

#[tokio::test]
async fn a_new_connector_is_waited_for_until_its_tasks_run() {
    let (server, folder, cx) = connect().await;
    let secret = folder.path().join("jaas");
    std::fs::write(&secret, "password-of-the-source\n").unwrap();
    let worker = server.address().to_string();
    let absent = ResponseTemplate::new(404).set_body_json(json!({"error_code": 404, "message": "not found"}));
    Mock::given(method("GET"))
        .and(path("/connectors/mm2/config"))
        .respond_with(absent)
        .up_to_n_times(1)
        .mount(&server)
        .await;
    let put = json!({
        "name": "mm2", "tasks.max": "2", "topics": "orders,perf.*", "ssl.key.password": "password-of-the-source",
    });
    has_config(&server, put).await;
    Mock::given(method("PUT"))
        .and(path("/connectors/mm2/config"))
        .and(body_json(json!({
            "tasks.max": "2", "topics": "orders,perf.*", "ssl.key.password": "password-of-the-source",
        })))
        .respond_with(ResponseTemplate::new(201).set_body_json(json!({})))
        .expect(1)
        .mount(&server)
        .await;
    // Absent at first, then without tasks, then with one that is not yet at work, as a real worker shows it.
    has_status(&server, missing(), 2).await;
    has_status(&server, status("RUNNING", &[], &worker), 1).await;
    has_status(&server, status("RUNNING", &[("RUNNING", None), ("UNASSIGNED", None)], &worker), 1).await;
    has_status(&server, status("RUNNING", &[("RUNNING", None), ("RUNNING", None)], &worker), 99).await;
    let params = format!(
        "name: mm2\nstate: running\ntasks: 2\nconfig: {{tasks.max: 2, topics: [orders, 'perf.*'], \
         ssl.key.password: 'file:{}'}}",
        secret.display()
    );
    let evidence = action("connector", &params).run(&cx).await.unwrap();
    keeps_its_promises("connector", &evidence);
    assert_eq!(["state", "tasks", "tasks_running"].map(|n| shown(&evidence, n)), ["RUNNING", "2", "2"]);
    assert_eq!(
        artifact(&cx, "settings.properties"),
        "name=mm2\nssl.key.password=***\ntasks.max=2\ntopics=orders,perf.*\n"
    );
    assert!(artifact(&cx, "status.json").contains("\"RUNNING\""));
    assert_eq!(evidence.remarks, ["the connector was created"]);
}

#[tokio::test]
async fn equal_settings_are_not_put_again() {
    let (server, _folder, cx) = connect().await;
    let worker = server.address().to_string();
    has_config(&server, json!({"name": "mm2", "tasks.max": "1"})).await;
    has_status(&server, status("RUNNING", &[("RUNNING", None)], &worker), 99).await;
    Mock::given(method("PUT")).respond_with(ResponseTemplate::new(500)).expect(0).mount(&server).await;
    let evidence = action("connector", "{name: mm2, config: {tasks.max: 1}}").run(&cx).await.unwrap();
    assert!(evidence.remarks[0].contains("no PUT was sent"));
}

#[tokio::test]
async fn changed_settings_are_named_and_a_paused_connector_is_resumed() {
    let (server, _folder, cx) = connect().await;
    let worker = server.address().to_string();
    let before = json!({"name": "mm2", "tasks.max": "1", "old": "x", "a.password": "pw-of-before"});
    Mock::given(method("GET"))
        .and(path("/connectors/mm2/config"))
        .respond_with(ResponseTemplate::new(200).set_body_json(before))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    has_config(&server, json!({"name": "mm2", "tasks.max": "2", "a.password": "pw-of-later"})).await;
    for (at, answer) in [("config", 200), ("resume", 202)] {
        Mock::given(method("PUT"))
            .and(path(format!("/connectors/mm2/{at}")))
            .respond_with(ResponseTemplate::new(answer).set_body_json(json!({})))
            .expect(1)
            .mount(&server)
            .await;
    }
    has_status(&server, status("PAUSED", &[("PAUSED", None)], &worker), 1).await;
    has_status(&server, status("RUNNING", &[("RUNNING", None)], &worker), 99).await;
    let params = "{name: mm2, state: running, config: {tasks.max: 2, a.password: pw-of-later}}";
    let evidence = action("connector", params).run(&cx).await.unwrap();
    assert_eq!(
        evidence.remarks,
        ["settings changed: a.password=*** (was `***`); `old` removed (was `x`); tasks.max=2 (was `1`)"]
    );
}

#[tokio::test]
async fn settings_that_somebody_changed_since_they_were_put_are_named() {
    let (server, _folder, mut cx) = connect().await;
    let worker = server.address().to_string();
    has_status(&server, status("RUNNING", &[("RUNNING", None)], &worker), 99).await;
    let config = |tasks: &str| json!({"name": "mm2", "tasks.max": tasks, "a.password": "pw-that-is-put"});
    let now = |config: Json| {
        let asked = Mock::given(method("GET")).and(path("/connectors/mm2/config"));
        asked.respond_with(ResponseTemplate::new(200).set_body_json(config))
    };
    let looked = |cx: ActionContext| async move { action("connector", "name: mm2").run(&cx).await.unwrap() };
    let unchanged = now(config("2")).mount_as_scoped(&server).await;
    let never = looked(cx.clone()).await;
    assert!(shown(&never, "settings_differ").contains("no action of this run put settings of `mm2`"));

    let params = "{name: mm2, config: {tasks.max: 2, a.password: pw-that-is-put}}";
    let put = action("connector", params).run(&cx).await.unwrap();
    assert_eq!(shown(&put, "settings_differ"), "0");
    let artifacts = cx.artifacts.take_stored();
    cx.earlier = [Earlier { step: cx.step, action: "mirror".into(), artifacts, ended: true }].into();
    assert_eq!(shown(&looked(cx.clone()).await, "settings_differ"), "0");
    drop(unchanged);

    let mut other = config("1");
    other["transforms"] = "drop".into();
    let _changed = now(other).mount_as_scoped(&server).await;
    let evidence = looked(cx.clone()).await;
    keeps_its_promises("connector", &evidence);
    assert_eq!(shown(&evidence, "settings_differ"), "2");
    let remarks = evidence.remarks.join("\n");
    assert!(remarks.contains("than `0/mirror` put; to get back to them: tasks.max=2 (was `1`)"), "{remarks}");
    assert!(!remarks.contains("pw-that"), "{remarks}");
    // Another connector's settings are no measure.
    let absent = action("connector", "{name: mm2, state: absent}");
    assert!(absent.looks_back().is_none());
    cx.sampling = true;
    assert!(shown(&looked(cx).await, "settings_differ").contains("gives no settings"));
}

#[tokio::test]
async fn a_failed_task_ends_the_wait_with_its_reason() {
    let (server, _folder, cx) = connect().await;
    let worker = server.address().to_string();
    has_config(&server, json!({"name": "mm2"})).await;
    let trace =
        "org.apache.kafka.common.KafkaException: no broker\n\tat x.Y\nCaused by: a.B: c\nCaused by: d.E: f\n";
    has_status(&server, status("RUNNING", &[("RUNNING", None), ("FAILED", Some(trace))], &worker), 99).await;
    let failure = action("connector", "{name: mm2, state: running, within: 1s}").run(&cx).await.unwrap_err();
    let words = failure.error.to_string();
    assert!(
        words.contains("task 1 failed: org.apache.kafka.common.KafkaException: no broker, caused by d.E: f;"),
        "{words}"
    );
    assert_eq!(shown(&failure.evidence, "tasks_failed"), "1");
    assert!(artifact(&cx, "traces.txt").contains("\tat x.Y"));
    keeps_its_promises("connector", &failure.evidence);
}

#[tokio::test]
async fn running_on_a_dead_worker_does_not_count() {
    let (server, _folder, mut cx) = connect().await;
    has_config(&server, json!({"name": "mm2"})).await;
    has_status(&server, status("RUNNING", &[("RUNNING", None)], "127.0.0.1:1"), 99).await;
    let evidence = action("connector", "name: mm2").run(&cx).await.unwrap();
    assert_eq!(["tasks", "tasks_running"].map(|n| shown(&evidence, n)), ["1", "0"]);
    assert!(evidence.remarks[0].contains("127.0.0.1:1 claims to run"), "{:?}", evidence.remarks);
    let failure = action("connector", "{name: mm2, state: running, within: 1s}").run(&cx).await.unwrap_err();
    assert!(failure.error.to_string().contains("check_workers: false"), "{}", failure.error);
    let trusting = "{name: mm2, state: running, within: 1s, check_workers: false}";
    action("connector", trusting).run(&cx).await.unwrap();
    cx.sampling = true;
    let failure = action("connector", "{name: mm2, state: running}").run(&cx).await.unwrap_err();
    assert!(matches!(failure.error, ActionError::Misconfigured { .. }));
}

#[tokio::test]
async fn a_connector_is_deleted_and_one_that_is_not_there_is_absent() {
    let (server, _folder, cx) = connect().await;
    Mock::given(method("DELETE")).respond_with(missing()).expect(1).mount(&server).await;
    for at in ["config", "status"] {
        Mock::given(path(format!("/connectors/mm2/{at}"))).respond_with(missing()).mount(&server).await;
    }
    let evidence = action("connector", "{name: mm2, state: absent}").run(&cx).await.unwrap();
    assert_eq!(shown(&evidence, "state"), "ABSENT");
    let looked = action("connector", "name: mm2").run(&cx).await.unwrap();
    assert_eq!(["state", "tasks"].map(|n| shown(&looked, n)), ["ABSENT", "0"]);
    let failure = action("connector", "{name: mm2, state: paused}").run(&cx).await.unwrap_err();
    assert!(failure.error.to_string().contains("connector `mm2` does not exist"), "{}", failure.error);
}

#[tokio::test]
async fn cancelling_ends_the_wait_at_once() {
    let (server, _folder, cx) = connect().await;
    has_config(&server, json!({"name": "mm2"})).await;
    has_status(&server, status("UNASSIGNED", &[], "x:1"), 99).await;
    let cancel = cx.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        cancel.cancel();
    });
    let started = Instant::now();
    let failure = action("connector", "{name: mm2, state: running}").run(&cx).await.unwrap_err();
    assert!(matches!(failure.error, ActionError::Cancelled));
    assert!(started.elapsed() < Duration::from_secs(2));
}
