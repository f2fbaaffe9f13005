//! Answers of an identity provider, and what becomes of each.

use super::*;
use crate::clients::kafka::{Admin, admin::AdminError, client_config, settings::Role};
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{basic_auth, body_string, method, path},
};

const SECRET: &str = "hunter2-of-the-client";

fn login(endpoint: &str) -> OAuth {
    let given = [
        ("sasl.oauthbearer.token.endpoint.url", endpoint),
        ("sasl.oauthbearer.client.credentials.client.id", "jalon"),
        ("sasl.oauthbearer.client.credentials.client.secret", SECRET),
        ("sasl.oauthbearer.scope", "kafka read"),
    ];
    OAuth::of(&given.map(|(k, v)| (k.to_owned(), v.to_owned())).into()).unwrap()
}

fn jwt(claims: &serde_json::Value) -> String {
    let part = |value: &str| URL_SAFE_NO_PAD.encode(value);
    format!("{}.{}.{}", part("{\"alg\":\"none\"}"), part(&claims.to_string()), part("signature"))
}

fn answer(status: u16, kind: &str, body: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(body.to_owned(), kind)
}

async fn asked(template: ResponseTemplate) -> Result<Token, String> {
    // A port comes back, and with the same address the token of an earlier answer would.
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let place = format!("/token/{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let server = MockServer::start().await;
    Mock::given(method("POST")).and(path(&*place)).respond_with(template).mount(&server).await;
    let login = login(&format!("{}{place}", server.uri()));
    let token = tokio::task::spawn_blocking(move || current(&login)).await.unwrap();
    token.map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_token_is_asked_for_as_java_does_it_and_kept_for_all_clients() {
    let server = MockServer::start().await;
    let in_an_hour = Timestamp::now().as_second() + 3600;
    let token = jwt(&serde_json::json!({"sub": "service-jalon", "exp": in_an_hour}));
    let granted =
        serde_json::json!({"access_token": token, "expires_in": 100_000, "token_type": "Bearer"}).to_string();
    Mock::given(method("POST"))
        .and(path("/token"))
        .and(basic_auth("jalon", SECRET))
        .and(body_string("grant_type=client_credentials&scope=kafka+read"))
        .respond_with(answer(200, "application/json", &granted))
        .expect(1)
        .mount(&server)
        .await;
    let login = login(&format!("{}/token", server.uri()));
    for _ in 0..3 {
        let login = login.clone();
        let had = tokio::task::spawn_blocking(move || current(&login)).await.unwrap().unwrap();
        assert_eq!((had.value.as_str(), had.principal.as_str()), (token.as_str(), "service-jalon"));
        assert_eq!(had.expires.as_second(), in_an_hour);
        let left = had.renew - Instant::now();
        assert!((2800..=2880).contains(&left.as_secs()), "{left:?}");
    }
    assert!(!redact::mask(&format!("a line with {token}")).contains(&token));
}

#[tokio::test]
async fn a_token_without_claims_lives_as_long_as_the_endpoint_says() {
    let granted = r#"{"access_token": "opaque-token-of-a-provider", "expires_in": "60"}"#;
    let token = asked(answer(200, "application/json", granted)).await.unwrap();
    assert_eq!(token.principal, "jalon");
    let left = token.expires.as_second() - Timestamp::now().as_second();
    assert!((58..=61).contains(&left), "{left}");
}

#[tokio::test]
async fn what_keeps_a_token_away_is_told_without_the_secret() {
    let expired = jwt(&serde_json::json!({"sub": "a", "exp": 1_700_000_000}));
    let expired = serde_json::json!({"access_token": expired, "expires_in": 60}).to_string();
    let endless = serde_json::json!({"access_token": jwt(&serde_json::json!({"sub": "a"}))}).to_string();
    let wrong = format!(r#"{{"error": "invalid_client", "error_description": "no client {SECRET}"}}"#);
    for (template, told) in [
        (answer(401, "application/json", &wrong), "refuses client `jalon`: invalid_client"),
        (answer(401, "text/html", "<html>no</html>"), "refuses client `jalon`: HTTP 401"),
        (answer(400, "application/json", r#"{"error": "invalid_scope"}"#), "`clientSecret` and `scope`"),
        (answer(200, "text/html; charset=utf-8", "<html>log in</html>"), "a page (HTML), not a token"),
        (answer(200, "application/json", "<html>log in</html>"), "begins with `<html>"),
        (answer(302, "text/html", "").insert_header("location", "https://id/login"), "redirects to"),
        (answer(404, "text/plain", "no such page"), "404 Not Found"),
        (answer(200, "application/json", "{}"), "no `access_token`"),
        (answer(200, "application/json", &endless), "when the token ends"),
        (answer(200, "application/json", &expired), "had expired at 2023-11-14"),
        (answer(503, "text/plain", "later"), "503"),
    ] {
        let error = asked(template).await.err().unwrap();
        assert!(error.contains(told) && error.contains("no token for OAUTHBEARER"), "{told}: {error}");
        assert!(!error.contains(SECRET), "{error}");
    }
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_is_told_before_the_brokers_are_asked() {
    let properties = [
        ("security.protocol", "SASL_PLAINTEXT"),
        ("sasl.mechanism", "OAUTHBEARER"),
        ("sasl.oauthbearer.token.endpoint.url", "http://127.0.0.1:1/token"),
        (
            "sasl.jaas.config",
            "x.OAuthBearerLoginModule required clientId='jalon' clientSecret='hunter2-of-the-client';",
        ),
    ];
    let cluster = crate::clients::Cluster {
        bootstrap_servers: "127.0.0.1:2".to_owned(),
        brokers: None,
        properties: properties.map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
        site: None,
        zookeeper: Vec::new(),
    };
    let error = Admin::new(&cluster).await.err().unwrap();
    assert!(matches!(error, AdminError::Token { .. }), "{error}");
    let said = error.to_string();
    assert!(said.contains("the token endpoint at http://127.0.0.1:1/token cannot be reached"), "{said}");
    let config = client_config(&cluster, Role::Consumer, &BTreeMap::new()).unwrap().config;
    let shown = format!("{:?}", crate::load::client::effective(&config));
    assert!(shown.contains("sasl.oauthbearer.config") && !shown.contains("hunter2"), "{shown}");
}
