//! The client against a Connect whose answers are known.

use super::*;
use serde_json::json;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path, query_param},
};

async fn connect(server: &MockServer) -> Connect {
    let endpoint = Endpoint::at(server.uri().parse().unwrap());
    Connect::at(&endpoint).await.unwrap()
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

fn refusal(status: u16, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({"error_code": status, "message": message}))
}

#[tokio::test]
async fn a_write_is_sent_again_while_the_workers_rebalance() {
    let server = MockServer::start().await;
    Mock::given(method("PUT"))
        .respond_with(refusal(409, "Cannot complete request momentarily due to no known leader URL"))
        .up_to_n_times(2)
        .mount(&server)
        .await;
    Mock::given(path("/connectors/mm2%2Fa/config"))
        .respond_with(ResponseTemplate::new(201).set_body_json(json!({})))
        .expect(1)
        .mount(&server)
        .await;
    let put = connect(&server).await.put("mm2/a", &Config::new(), soon()).await.unwrap();
    assert_eq!(put, Put::Created);
}

#[tokio::test]
async fn rebalancing_without_end_is_named() {
    let server = MockServer::start().await;
    Mock::given(method("PUT")).respond_with(refusal(409, "rebalance")).mount(&server).await;
    let until = Instant::now() + Duration::from_millis(700);
    let error = connect(&server).await.order("mm2", Order::Pause, until).await.unwrap_err();
    assert!(matches!(error, ConnectError::Rebalancing { .. }), "{error}");
}

#[tokio::test]
async fn a_read_is_sent_again_while_the_workers_rebalance() {
    let server = MockServer::start().await;
    let rebalance = "Cannot complete request because of a conflicting operation (e.g. worker rebalance)";
    Mock::given(method("GET")).respond_with(refusal(409, rebalance)).up_to_n_times(2).mount(&server).await;
    Mock::given(path("/connectors"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!(["a"])))
        .mount(&server)
        .await;
    assert_eq!(connect(&server).await.names().await.unwrap().0, ["a"]);
    let server = MockServer::start().await;
    Mock::given(method("GET")).respond_with(refusal(409, rebalance)).mount(&server).await;
    let patient = connect(&server).await.patient(Instant::now() + Duration::from_millis(700));
    let error = patient.status("a").await.unwrap_err();
    assert!(
        matches!(error, ConnectError::Rebalancing { waited, .. } if waited < Duration::from_secs(3)),
        "{error}"
    );
}

#[tokio::test]
async fn connects_own_words_are_shown() {
    let server = MockServer::start().await;
    Mock::given(path("/connectors/a/config"))
        .respond_with(refusal(
            500,
            "Failed to find any class that implements Connector and which name matches Nope",
        ))
        .mount(&server)
        .await;
    Mock::given(path("/connectors/b/config"))
        .respond_with(ResponseTemplate::new(502).set_body_string("<html>bad gateway</html>"))
        .mount(&server)
        .await;
    let connect = connect(&server).await;
    let error = connect.put("a", &Config::new(), soon()).await.unwrap_err().to_string();
    assert!(error.contains("answered 500: Failed to find any class"), "{error}");
    let error = connect.put("b", &Config::new(), soon()).await.unwrap_err().to_string();
    assert!(error.contains("502 Bad Gateway: <html>bad gateway</html>"), "{error}");
}

#[tokio::test]
async fn a_status_has_tasks_with_traces_and_may_be_absent() {
    let server = MockServer::start().await;
    Mock::given(path("/connectors/a/status"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({
            "name": "a", "type": "source",
            "connector": {"state": "RUNNING", "worker_id": "127.0.0.1:8083"},
            "tasks": [{"id": 1, "state": "FAILED", "worker_id": "127.0.0.1:8083", "trace": "org.X: no\n\tat"}],
        })))
        .mount(&server)
        .await;
    Mock::given(path("/connectors/b/status"))
        .respond_with(refusal(404, "No status found for connector b"))
        .mount(&server)
        .await;
    let connect = connect(&server).await;
    let (status, _) = connect.status("a").await.unwrap().unwrap();
    assert_eq!((status.tasks[0].id, status.tasks[0].instance.state.as_str()), (1, "FAILED"));
    assert!(status.tasks[0].instance.trace.is_some());
    assert!(connect.status("b").await.unwrap().is_none());
}

#[tokio::test]
async fn a_restart_includes_the_tasks() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/connectors/a/restart"))
        .and(query_param("includeTasks", "true"))
        .respond_with(ResponseTemplate::new(202))
        .expect(1)
        .mount(&server)
        .await;
    connect(&server).await.order("a", Order::Restart, soon()).await.unwrap();
}

#[tokio::test]
async fn a_worker_lives_when_it_answers_anything_and_not_when_it_only_takes_connections() {
    let server = MockServer::start().await;
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(401)).mount(&server).await;
    let connect = connect(&server).await;
    let other = MockServer::start().await;
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(401)).mount(&other).await;
    assert_eq!(connect.dead_worker(&other.address().to_string()).await.unwrap(), None);
    let frozen = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = connect.dead_worker(&frozen.local_addr().unwrap().to_string()).await.unwrap();
    assert_eq!(dead.as_deref(), Some("no answer within 3 s"));
}

/// Two workers, of which the first is not there.
async fn pair(second: &MockServer) -> Connect {
    let gone = MockServer::builder().start().await;
    let urls = format!(r#"["{}", "{}"]"#, gone.uri(), second.uri());
    drop(gone);
    Connect::open(&serde_json::from_str(&urls).unwrap()).await.unwrap()
}

#[tokio::test]
async fn the_next_worker_answers_where_the_first_does_not() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/connectors"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!(["a"])))
        .mount(&server)
        .await;
    Mock::given(method("PUT"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({})))
        .mount(&server)
        .await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(204)).mount(&server).await;
    let connect = pair(&server).await;
    assert_eq!(connect.moved(), None);
    // A request that reached nobody may be sent again, whatever it does.
    connect.order("a", Order::Restart, soon()).await.unwrap();
    assert_eq!(connect.names().await.unwrap().0, ["a"]);
    assert_eq!(connect.put("a", &Config::new(), soon()).await.unwrap(), Put::Updated);
    let moved = connect.moved().unwrap().to_string();
    let second = server.uri();
    assert!(moved.starts_with(&format!("Connect answered at {second}, because http://")), "{moved}");
    assert!(moved.contains("did not answer: connection refused"), "{moved}");
    assert_eq!(connect.address(), second);
}

#[tokio::test]
async fn every_worker_is_named_where_none_answers() {
    let server = MockServer::builder().start().await;
    let connect = pair(&server).await;
    let second = server.uri();
    drop(server);
    let error = connect.names().await.unwrap_err().to_string();
    assert!(
        error.matches("did not answer: connection refused").count() == 2 && error.contains(&second),
        "{error}"
    );
}
