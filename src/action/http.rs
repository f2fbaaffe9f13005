//! `http`: one request to a service of the environment or to any address; whatever it answers is evidence.

use super::{
    Action, ActionContext, ActionError, ActionFailure, Kind, Mistake, OnInterrupt, Output,
    capture::{at_pointers, named, reserved},
    mistakes, output,
    service::{address, connect, endpoint, exposed, unless_cancelled},
};
use crate::{
    clients::{
        Endpoint, Environment,
        http::{
            Client, HeaderMap, HttpError, Method, RequestBuilder, Response,
            header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue},
            shown,
        },
        schema_registry::the_registry,
    },
    record::{ActionRole, Evidence, Family, Refused, Said, Unit, Value, faults, messages},
    support::redact,
};
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use serde::Deserialize;
use serde_json::Value as Json;
use std::{collections::BTreeMap, io::Read};

/// How large a compressed body may become.
const UNPACKED_LIMIT: u64 = 64 << 20;

/// Parameters of `http`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "Fields")]
pub(super) struct Http(Fields);

/// Parameters of `http`: a `service` with a `path`, or a `url`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Fields {
    /// A service of the environment; its login and its certificate authority are used.
    #[serde(default)]
    service: Option<Service>,
    /// Path below the service's address, with its query.
    #[serde(default)]
    path: String,
    /// Instead of a service: the whole address.
    #[serde(default)]
    url: Option<String>,
    /// `GET` where left out. After an interruption a `GET` or `HEAD` is sent again; for others the operator is asked.
    #[serde(default)]
    method: Verb,
    /// Headers. A value that is a reference (`env:NAME`, `file:PATH`, `command:…`) is sent as the secret behind it.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// The body: a text as it is, or a map or list, sent as JSON.
    #[serde(default)]
    body: Option<Json>,
    /// Outputs by name, each one a JSON pointer (`/0/version`) into the answer.
    #[serde(default)]
    capture: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
enum Verb {
    Delete,
    #[default]
    Get,
    Head,
    Patch,
    Post,
    Put,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Service {
    Connect,
    Grafana,
    Prometheus,
    SchemaRegistry,
}

impl Service {
    /// The request, in a few words.
    fn request(self, method: &Method, path: &str) -> Said {
        match self {
            Self::Connect => to_connect(method.as_str(), path),
            Self::Grafana => to_grafana(method.as_str(), path),
            Self::Prometheus => to_prometheus(method.as_str(), path),
            Self::SchemaRegistry => to_registry(method.as_str(), path),
        }
    }

    /// That the environment has no such service.
    fn mistake(self, environment: &Environment) -> Option<Mistake> {
        let (key, endpoint) = match self {
            Self::Connect => {
                return mistakes::service(environment, "service", "connect", &environment.connect);
            }
            Self::Grafana => ("grafana", &environment.grafana),
            Self::Prometheus => ("prometheus", &environment.prometheus),
            Self::SchemaRegistry => ("schema_registry", &environment.schema_registry),
        };
        mistakes::service(environment, "service", key, endpoint)
    }

    /// Sends what `make` makes of a client; with the answer, which of several workers gave it, where it was not the first.
    async fn send(
        self,
        cx: &ActionContext,
        make: impl Fn(&Client) -> Result<(Method, RequestBuilder), HttpError>,
    ) -> Result<(Response, Option<Said>), ActionError> {
        let (name, endpoint) = match self {
            Self::Connect => {
                let connect = connect(cx, endpoint(cx, "connect", |e| &e.connect)?).await?;
                return Ok((connect.pass(make).await?, connect.moved()));
            }
            Self::Grafana => (Said::verbatim("Grafana"), endpoint(cx, "grafana", |e| &e.grafana)?),
            Self::Prometheus => {
                (Said::verbatim("Prometheus"), endpoint(cx, "prometheus", |e| &e.prometheus)?)
            }
            Self::SchemaRegistry => {
                (the_registry(), endpoint(cx, "schema_registry", |e| &e.schema_registry)?)
            }
        };
        let client = Client::open(name, endpoint).await?;
        Ok((client.send(make(&client)?.1).await?, None))
    }
}

impl Verb {
    fn method(self) -> Method {
        match self {
            Self::Delete => Method::DELETE,
            Self::Get => Method::GET,
            Self::Head => Method::HEAD,
            Self::Patch => Method::PATCH,
            Self::Post => Method::POST,
            Self::Put => Method::PUT,
        }
    }
}

impl TryFrom<Fields> for Http {
    type Error = Refused;

    fn try_from(fields: Fields) -> Result<Self, Refused> {
        match (&fields.service, &fields.url) {
            (None, None) => return Err(write_an_address().into()),
            (Some(_), Some(_)) => return Err(one_address().into()),
            (None, Some(_)) if !fields.path.is_empty() => {
                return Err(path_without_service().into());
            }
            _ => {}
        }
        for (name, pointer) in &fields.capture {
            if let Some(reason) = reserved(name, Self::OUTPUTS) {
                return Err(reason.into());
            }
            if !pointer.is_empty() && !pointer.starts_with(['/', '{']) {
                return Err(no_pointer(pointer).into());
            }
        }
        Ok(Self(fields))
    }
}

impl Kind for Http {
    const SUMMARY: &'static str = "Sends one HTTP request; whatever status comes back is evidence, which criteria \
        judge.";
    const EXAMPLE: &'static str = "\
http:
  id: registry
  service: schema_registry
  path: /subjects/orders-value/versions/latest
  capture: {schema_version: /version}";
    const ROLE: ActionRole = ActionRole::Change;
    const OUTPUTS: &'static [Output] = &[
        output("status", Unit::None, "The HTTP status; a redirect is not followed.").within(100.0, 999.0),
        output("response_ms", Unit::Milliseconds, "Time to the last byte of the answer.")
            .of(Family::AnswerTime),
        output("bytes", Unit::Bytes, "Size of the answer's body."),
    ];
}

#[async_trait::async_trait]
impl Action for Http {
    fn describe(&self) -> Said {
        let method = self.0.method.method();
        let path = self.0.path.split('?').next().unwrap_or("").trim_start_matches('/');
        match (self.0.service, &self.0.url) {
            (Some(service), _) => service.request(&method, path),
            (None, url) => {
                let url = url.as_deref().unwrap_or("");
                let shown = address(url).map_or_else(|_| redact::mask(url).into_owned(), |u| shown(&u));
                Said::verbatim(format!("{method} {shown}"))
            }
        }
    }

    fn on_interrupt(&self) -> OnInterrupt {
        if self.only_looks() { OnInterrupt::Rerun } else { OnInterrupt::Ask }
    }

    fn only_looks(&self) -> bool {
        matches!(self.0.method, Verb::Get | Verb::Head)
    }

    fn destructive(&self) -> Option<String> {
        (self.0.method == Verb::Delete).then(|| format!("sends `{}`", self.describe()))
    }

    fn captures(&self) -> Vec<String> {
        self.0.capture.keys().cloned().collect()
    }

    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        let service = self.0.service.and_then(|service| service.mistake(environment));
        service.into_iter().chain(self.0.url.iter().filter_map(|url| mistakes::address("url", url))).collect()
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let (mut answer, moved) = unless_cancelled(cx, self.send(cx)).await?;
        let bytes = size(&answer);
        let unread = unpack(&mut answer);
        let file = match answer.media_type().as_deref() {
            Some(json) if json.ends_with("json") => "body.json",
            Some("text/html") => "body.html",
            _ => "body.txt",
        };
        // Millions of values are neither searched nor kept: that takes a minute, in which nothing can stop it.
        let answer = match file == "body.json" || !self.0.capture.is_empty() {
            true => answer.bounded().map_err(ActionError::from)?,
            false => answer,
        };
        let mut evidence = Evidence::default();
        evidence
            .put_from("status", Value::number(f64::from(answer.status), Unit::None), "head.txt")
            .put("response_ms", Value::number(answer.elapsed.as_secs_f64() * 1000.0, Unit::Milliseconds))
            .put_from("bytes", Value::number(bytes, Unit::Bytes), file);
        evidence.remark_all(&unread);
        evidence.remarks.extend(moved);
        let pointers: Vec<&str> = self.0.capture.values().map(String::as_str).collect();
        let found = match pointers.is_empty() {
            true => Vec::new(),
            false => at_pointers(&answer.body, &pointers)
                .unwrap_or_else(|e| vec![Value::missing(not_json(faults::json(&e))); pointers.len()]),
        };
        for (name, value) in self.0.capture.keys().zip(found) {
            evidence.put_from(name.as_str(), named(name, value), file);
        }
        if cx.sampling {
            evidence.values.values_mut().for_each(|measured| measured.from = None);
        } else {
            let media_type = answer.media_type().unwrap_or_else(|| "text/plain".to_owned());
            cx.artifacts.write(file, &media_type, &answer.body)?;
            let head = head(&self.0.method.method(), &answer);
            cx.artifacts.write("head.txt", "text/plain", head.as_bytes())?;
        }
        Ok(evidence)
    }
}

impl Http {
    async fn send(&self, cx: &ActionContext) -> Result<(Response, Option<Said>), ActionError> {
        let method = self.0.method.method();
        let mut headers = HeaderMap::new();
        for (name, value) in &self.0.headers {
            headers.append(header_name(name)?, header_value(name, value)?);
        }
        let finish = |request: RequestBuilder| {
            let request = request.headers(headers.clone());
            match &self.0.body {
                None => request,
                Some(Json::String(text)) => request.body(text.clone()),
                Some(json) => {
                    let request = request.body(json.to_string());
                    if headers.contains_key(CONTENT_TYPE) {
                        request
                    } else {
                        request.header(CONTENT_TYPE, "application/json")
                    }
                }
            }
        };
        match (self.0.service, &self.0.url) {
            (Some(service), _) => {
                let make = |client: &Client| {
                    let url = client.url(&self.0.path)?;
                    Ok((method.clone(), finish(client.request(method.clone(), url))))
                };
                service.send(cx, make).await
            }
            (None, Some(url)) => {
                let url = address(url)?;
                let client = Client::open(the_address(), &Endpoint::at(url.clone())).await?;
                Ok((client.send(finish(client.request(method, url))).await?, None))
            }
            (None, None) => Err(ActionError::failed(nowhere())),
        }
    }
}

fn header_name(name: &str) -> Result<HeaderName, ActionError> {
    name.parse().map_err(|_| ActionError::misconfigured(not_a_header(name), header_form()))
}

fn header_value(name: &str, value: &str) -> Result<HeaderValue, ActionError> {
    let mut value = HeaderValue::from_str(&exposed(value)?)
        .map_err(|_| ActionError::misconfigured(header_unsendable(name), header_value_form()))?;
    value.set_sensitive(true);
    Ok(value)
}

#[expect(clippy::cast_precision_loss, reason = "32 MiB at most")]
fn size(answer: &Response) -> f64 {
    answer.body.len() as f64
}

/// Puts what was compressed in the place of the compressed body, so that captures can be taken from it and secrets looked
/// for in it. What cannot be unpacked is left out, with the sentence that says so.
fn unpack(answer: &mut Response) -> Option<Said> {
    let encoding = answer.headers.get(CONTENT_ENCODING)?.to_str().unwrap_or("?").trim().to_ascii_lowercase();
    let body = &answer.body[..];
    let mut out = Vec::new();
    let mut read = |reader: &mut dyn Read| {
        out.clear();
        reader.take(UNPACKED_LIMIT + 1).read_to_end(&mut out).is_ok_and(|n| n as u64 <= UNPACKED_LIMIT)
    };
    let done = match encoding.as_str() {
        "" | "identity" => return None,
        "gzip" | "x-gzip" => read(&mut MultiGzDecoder::new(body)),
        // Some servers send it without the head that the standard asks for.
        "deflate" => read(&mut ZlibDecoder::new(body)) || read(&mut DeflateDecoder::new(body)),
        _ => false,
    };
    answer.body = if done { out } else { Vec::new() };
    (!done).then(|| not_unpacked(encoding))
}

/// What was asked and the head of the answer. A cookie is as good as a password.
fn head(method: &Method, answer: &Response) -> String {
    let mut page = format!("{method} {}\n\n{}\n", answer.address, answer.status);
    for (name, value) in &answer.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        let shown = if name == "set-cookie" {
            redact::MASK.into()
        } else {
            redact::mask_setting(name.as_str(), &value)
        };
        page += &format!("{name}: {shown}\n");
    }
    page
}

messages! {
    area "http";
    header_form() => "write it as `Accept` or `X-Request-Id`" / "l'écrire comme `Accept` ou `X-Request-Id`";
    header_unsendable(name) => "the value of header `{name}` cannot be sent" / "la valeur de l'en-tête `{name}` ne peut pas être envoyée";
    header_value_form() => "a header's value has no line break and no control characters" / "la valeur d'un en-tête n'a ni saut de ligne ni caractère de contrôle";
    no_pointer(pointer) => "`{pointer}` is not a JSON pointer; write it as `/0/version`" / "`{pointer}` n'est pas un pointeur JSON ; l'écrire comme `/0/version`";
    not_a_header(name) => "`{name}` is not the name of a header" / "`{name}` n'est pas le nom d'un en-tête";
    not_json(cause) => "the answer is not JSON: {cause}" / "la réponse n'est pas du JSON : {cause}";
    not_unpacked(encoding) => "the body is not kept: it is compressed (`{encoding}`) and could not be searched for secrets" / "le corps n'est pas conservé : il est compressé (`{encoding}`) et n'a pas pu être examiné pour y masquer les secrets";
    nowhere() => "neither service nor url" / "ni service ni url";
    one_address() => "write either `service` or `url`" / "écrire soit `service`, soit `url`";
    path_without_service() => "`path` goes with `service`; put it into the `url`" / "`path` va avec `service` ; le mettre dans `url`";
    the_address() => "the address" / "l'adresse";
    to_connect(method, path) => "{method} /{path} of Kafka Connect" / "{method} /{path} de Kafka Connect";
    to_grafana(method, path) => "{method} /{path} of Grafana" / "{method} /{path} de Grafana";
    to_prometheus(method, path) => "{method} /{path} of Prometheus" / "{method} /{path} de Prometheus";
    to_registry(method, path) => "{method} /{path} of the schema registry" / "{method} /{path} du registre de schémas";
    write_an_address() => "write a `service` with a `path`, or a `url`" / "écrire un `service` avec un `path`, ou une `url`";
}

#[cfg(test)]
mod tests {
    use super::super::test_context::{action, artifact, context, keeps_its_promises, refusal, shown};
    use super::*;
    use serde_json::json;
    use wiremock::{
        Mock, MockServer, ResponseTemplate,
        matchers::{body_json, header, method, path, query_param},
    };

    #[tokio::test]
    async fn captures_are_read_from_the_answer_and_secrets_stay_out_of_it() {
        let server = MockServer::start().await;
        let folder = tempfile::tempdir().unwrap();
        let token = folder.path().join("token");
        std::fs::write(&token, "the-token-of-this-test\n").unwrap();
        Mock::given(method("POST"))
            .and(path("/apis/v7/subjects"))
            .and(query_param("x", "1"))
            .and(header("X-Auth", "the-token-of-this-test"))
            .and(header("Content-Type", "application/json"))
            .and(body_json(json!({"schema": "s"})))
            .respond_with(
                ResponseTemplate::new(409).insert_header("Set-Cookie", "session=abcdef").set_body_json(
                    json!({"id": 7, "name": "n", "ok": true, "none": null, "list": [1.5, "2"],
                        "echo": "the-token-of-this-test"}),
                ),
            )
            .mount(&server)
            .await;
        let (_folder, cx) = context(&format!("schema_registry: {{url: '{}/apis/v7'}}", server.uri()));
        let params = format!(
            "{{service: schema_registry, path: '/subjects?x=1', method: POST, body: {{schema: s}}, \
             headers: {{X-Auth: 'file:{}'}}, capture: {{id: /id, name: /name, ok: /ok, none: /none, \
             first: /list/0, second: /list/1, gone: /a/b, list: /list}}}}",
            token.display()
        );
        let post = action("http", &params);
        assert_eq!(post.on_interrupt(), OnInterrupt::Ask);
        assert_eq!(post.captures().len(), 8);
        let evidence = post.run(&cx).await.unwrap();
        keeps_its_promises("http", &evidence);
        assert_eq!(
            ["status", "id", "name", "ok", "first", "second"].map(|n| shown(&evidence, n)),
            ["409", "7", "n", "yes", "1.5", "2"]
        );
        assert!(shown(&evidence, "gone").contains("nothing found at `/a/b`"));
        assert!(shown(&evidence, "none").contains("`/none` is null"));
        assert!(shown(&evidence, "list").contains("not a single value"));
        assert!(artifact(&cx, "body.json").contains(r#""echo": "***""#));
        let head = artifact(&cx, "head.txt");
        assert!(
            head.contains("409") && head.contains("set-cookie: ***") && !head.contains("abcdef"),
            "{head}"
        );
    }

    #[tokio::test]
    async fn an_answer_of_too_many_values_is_not_read() {
        let server = MockServer::start().await;
        let body = format!("[{}1]", "1,".repeat(4_000_000));
        for (place, kind) in [("/json", "application/json"), ("/text", "text/plain")] {
            let answer = ResponseTemplate::new(200).set_body_raw(body.clone(), kind);
            Mock::given(path(place)).respond_with(answer).mount(&server).await;
        }
        for params in [
            format!("{{url: '{}/json'}}", server.uri()),
            format!("{{url: '{}/text', capture: {{first: /0}}}}", server.uri()),
            "{service: schema_registry, path: /json}".to_owned(),
        ] {
            let (_folder, cx) = context(&format!("schema_registry: {{url: '{}'}}", server.uri()));
            let failure = action("http", &params).run(&cx).await.unwrap_err();
            assert!(failure.error.to_string().contains("has more than 4000000 values"), "{failure:?}");
        }
    }

    #[tokio::test]
    async fn an_address_without_service_works_and_a_dead_one_cannot_be_reached() {
        let server = MockServer::start().await;
        Mock::given(path("/-/ready"))
            .respond_with(ResponseTemplate::new(503).set_body_string("starting"))
            .mount(&server)
            .await;
        let (_folder, cx) = context("");
        let params = format!("{{url: '{}/-/ready', capture: {{x: /x}}}}", server.uri());
        let evidence = action("http", &params).run(&cx).await.unwrap();
        assert_eq!(["status", "bytes"].map(|n| shown(&evidence, n)), ["503", "8 B"]);
        assert!(shown(&evidence, "x").contains("not JSON"));
        let failure = action("http", "url: 'http://127.0.0.1:1/'").run(&cx).await.unwrap_err();
        assert!(matches!(failure.error, ActionError::Unreachable { .. }));
        let failure = action("http", "{service: grafana, path: /}").run(&cx).await.unwrap_err();
        assert!(failure.error.to_string().contains("`grafana`"), "{}", failure.error);
    }

    #[test]
    fn what_makes_no_sense_is_refused_at_once() {
        assert!(refusal("http", "{}").contains("write a `service`"));
        assert!(refusal("http", "{url: 'http://x/', path: /a}").contains("goes with `service`"));
        assert!(refusal("http", "{url: 'http://x/', capture: {status: /a}}").contains("already an output"));
        assert!(refusal("http", "{url: 'http://x/', capture: {a: b}}").contains("not a JSON pointer"));
    }
}
