//! What the HTTP client says of services that refuse, hang or answer nonsense.

use super::*;
use crate::clients::SecretRef;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{basic_auth, header, method, path},
};

fn endpoint(url: &str) -> Endpoint {
    Endpoint::at(url.parse().unwrap())
}

async fn error_of(url: &str) -> (Obstacle, String) {
    let client = Client::open("Connect", &endpoint(url)).await.unwrap();
    match client.get("/").await.unwrap_err() {
        error @ HttpError::Unreachable { obstacle, .. } => (obstacle, error.to_string()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_stood_in_the_way_is_said_in_plain_words() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (obstacle, text) = error_of(&format!("http://bob:hunter2@127.0.0.1:{port}/")).await;
    assert_eq!(obstacle, Obstacle::Refused);
    assert_eq!(
        text,
        format!(
            "Connect at http://127.0.0.1:{port} cannot be reached: connection refused: nothing listens there"
        )
    );
    let (obstacle, text) = error_of("http://broker.invalid:8083/").await;
    assert_eq!(obstacle, Obstacle::Name, "{text}");
    assert!(text.contains("http://broker.invalid:8083"), "{text}");
    let server = MockServer::start().await;
    let (obstacle, text) = error_of(&server.uri().replace("http://", "https://")).await;
    assert_eq!(obstacle, Obstacle::Tls, "{text}");
    assert!(text.contains("does not speak TLS"), "{text}");
}

#[tokio::test]
async fn a_service_that_hangs_up_or_speaks_something_else_is_broken() {
    for (answer, words) in [("", "the connection broke"), ("This is no HTTP.\n\n", "does not speak HTTP")] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.read(&mut [0; 1024]).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        let (obstacle, text) = error_of(&format!("http://{address}/")).await;
        assert_eq!(obstacle, Obstacle::Broken, "{text}");
        assert!(text.contains(words), "{text}");
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_is_a_timeout() {
    let server = MockServer::start().await;
    let slow = ResponseTemplate::new(200).set_delay(Duration::from_secs(20));
    Mock::given(method("GET")).respond_with(slow).mount(&server).await;
    let client = Client::open("Connect", &endpoint(&server.uri())).await.unwrap();
    let request = client.request(Method::GET, client.url("/").unwrap()).timeout(Duration::from_millis(200));
    let error = client.send(request).await.unwrap_err();
    assert!(error.to_string().ends_with("no answer within 200 ms"), "{error}");
}

#[tokio::test]
async fn a_refusal_shows_its_status_and_its_body_without_secrets() {
    let server = MockServer::start().await;
    let body = format!("invalid: ssl.key.password=abcdef {}", "x".repeat(2000));
    Mock::given(path("/a"))
        .respond_with(ResponseTemplate::new(400).set_body_string(body))
        .mount(&server)
        .await;
    Mock::given(path("/b"))
        .respond_with(ResponseTemplate::new(302).insert_header("Location", "https://sso.example/login"))
        .mount(&server)
        .await;
    let client = Client::open("Connect", &endpoint(&server.uri())).await.unwrap();
    let text = client.get("/a").await.unwrap_err().to_string();
    assert!(text.contains("400 Bad Request: invalid: ssl.key.password=*** xx"), "{text}");
    assert!(text.len() < 650, "{text}");
    let text = client.get("/b?token=abcdef").await.unwrap_err().to_string();
    assert!(text.ends_with("/b answered 302 Found: it redirects to https://sso.example/login"), "{text}");
}

#[tokio::test]
async fn a_body_of_another_form_names_the_place() {
    #[derive(Debug, serde::Deserialize)]
    struct Root {
        #[expect(dead_code, reason = "only read")]
        version: String,
    }
    let server = MockServer::start().await;
    for (at, body) in [("/html", "<html>"), ("/json", r#"{"version": 3}"#)] {
        Mock::given(path(at))
            .respond_with(ResponseTemplate::new(200).set_body_string(body))
            .mount(&server)
            .await;
    }
    let client = Client::open("Connect", &endpoint(&server.uri())).await.unwrap();
    let text = client.get("/json").await.unwrap().json::<Root>().unwrap_err().to_string();
    assert!(text.contains("at `version`"), "{text}");
    let text = client.get("/html").await.unwrap().json::<Root>().unwrap_err().to_string();
    assert!(text.contains("begins with `<html>`"), "{text}");
}

#[tokio::test]
async fn a_body_without_end_is_not_read_to_the_end() {
    let server = MockServer::start().await;
    let huge = ResponseTemplate::new(200).set_body_bytes(vec![b'x'; MAX_BODY + 1]);
    Mock::given(method("GET")).respond_with(huge).mount(&server).await;
    let client = Client::open("scrape", &endpoint(&server.uri())).await.unwrap();
    let error = client.get("/").await.unwrap_err();
    assert!(error.to_string().ends_with("it is larger than 32.0 MiB"), "{error}");
}

#[tokio::test]
async fn a_body_is_bounded_whatever_length_it_tells() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    for head in ["Content-Length: 99999999999\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n", "\r\n"] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.read(&mut [0; 1024]).await;
                let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\n{head}").as_bytes()).await;
                let mut piece = vec![b' '; 1 << 16];
                if head.starts_with('T') {
                    piece = [b"10000\r\n", piece.as_slice(), b"\r\n"].concat();
                }
                while stream.write_all(&piece).await.is_ok() {}
            }
        });
        let client = Client::open("Connect", &endpoint(&format!("http://{address}/"))).await.unwrap();
        let error = client.get("/").await.unwrap_err();
        assert!(error.to_string().ends_with("it is larger than 32.0 MiB"), "{head}: {error}");
    }
}

#[test]
fn json_is_bounded_in_values_and_depth_before_it_is_read() {
    let answer = |body: String| Response {
        service: "Connect".into(),
        address: "http://c:8083".to_owned(),
        status: 200,
        headers: HeaderMap::new(),
        body: body.into_bytes(),
        elapsed: Duration::ZERO,
    };
    let many = answer(format!("[{}1]", "1,".repeat(MAX_VALUES)));
    let error = many.json::<serde_json::Value>().unwrap_err().to_string();
    assert!(error.ends_with("the JSON has more than 4000000 values"), "{error}");
    let deep = answer(format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)));
    let error = deep.json::<serde::de::IgnoredAny>().unwrap_err().to_string();
    assert!(error.ends_with("the JSON is nested deeper than 100 levels"), "{error}");
    let text = answer(format!("[\"{}\\\"[\"]", "[,{".repeat(MAX_VALUES / 2)));
    assert_eq!(text.json::<Vec<String>>().unwrap().len(), 1);
}

#[tokio::test]
async fn the_login_comes_from_the_reference_and_a_changed_password_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "first-password\n").unwrap();
    let server = MockServer::start().await;
    Mock::given(basic_auth("bob", "second-password"))
        .respond_with(ResponseTemplate::new(200))
        .mount(&server)
        .await;
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(401)).with_priority(9).mount(&server).await;
    let endpoint = Endpoint {
        user: Some("bob".to_owned()),
        password: SecretRef::parse(&format!("file:{}", file.display())),
        ..endpoint(&server.uri())
    };
    let client = Client::open("Connect", &endpoint).await.unwrap();
    assert!(!format!("{client:?}").contains("first-password"));
    assert!(matches!(client.get("/").await, Err(HttpError::Refused { status: 401, .. })));
    std::fs::write(&file, "second-password\n").unwrap();
    Client::open("Connect", &endpoint).await.unwrap().get("/").await.unwrap();
}

#[tokio::test]
async fn a_token_and_further_headers_go_with_every_request() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "abc.def\n").unwrap();
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(header("authorization", "Bearer abc.def"))
        .and(header("x-scope-orgid", "team-a"))
        .respond_with(ResponseTemplate::new(200))
        .mount(&server)
        .await;
    let endpoint = Endpoint {
        token: SecretRef::parse(&format!("file:{}", file.display())),
        headers: [("X-Scope-OrgID".to_owned(), "team-a".to_owned())].into(),
        ..endpoint(&server.uri())
    };
    let client = Client::open("Prometheus", &endpoint).await.unwrap();
    client.get("/").await.unwrap();
    assert!(!format!("{client:?}").contains("abc.def"));
    let wrong = Endpoint { headers: [("a b".to_owned(), "x".to_owned())].into(), ..endpoint };
    let error = Client::open("Prometheus", &wrong).await.unwrap_err().to_string();
    assert!(error.contains("`a b` of `headers` is not a valid header name"), "{error}");
}

#[test]
fn an_exporter_is_an_address_or_an_endpoint() {
    use crate::clients::Exporter;
    let plain: Exporter = serde_json::from_str("\"http://a:1/metrics\"").unwrap();
    assert_eq!(serde_json::to_string(&plain).unwrap(), "\"http://a:1/metrics\"");
    let whole: Exporter = serde_json::from_str(r#"{"url": "https://a:1/metrics", "user": "u"}"#).unwrap();
    assert_eq!(serde_json::to_string(&whole).unwrap(), r#"{"url":"https://a:1/metrics","user":"u"}"#);
    assert!(serde_json::from_str::<Exporter>(r#"{"url": "https://a:1/", "usr": "u"}"#).is_err());
}

#[tokio::test]
async fn paths_go_behind_the_base_and_names_are_encoded() {
    let client = Client::open("registry", &endpoint("http://127.0.0.1:1/apis/ccompat/v7/")).await.unwrap();
    assert_eq!(
        client.url("/subjects?x=1").unwrap().as_str(),
        "http://127.0.0.1:1/apis/ccompat/v7/subjects?x=1"
    );
    assert_eq!(
        client.segments(&["connectors", "a/b c"]).unwrap().as_str(),
        "http://127.0.0.1:1/apis/ccompat/v7/connectors/a%2Fb%20c"
    );
}

#[tokio::test]
async fn a_ca_file_that_is_none_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, "no certificate\n").unwrap();
    let endpoint = Endpoint { ca_file: Some(file), ..endpoint("https://127.0.0.1:1/") };
    let error = Client::open("Connect", &endpoint).await.unwrap_err();
    assert!(error.to_string().contains("ca.pem"), "{error}");
}
