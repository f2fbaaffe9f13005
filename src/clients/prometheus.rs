//! Prometheus' HTTP API: instant and range queries and the list of targets ([`Prometheus`]).
//!
//! Sample values come as texts (`"NaN"`, `"+Inf"`, `"1e+00"`) and are kept as the numbers that they are: what a NaN
//! means is for the caller to say. Errors of a query come with status 400, 422 or 503 and a body of Prometheus' own.

use super::{
    Endpoint,
    http::{self, Client, Response},
};
use crate::record::{Said, Speaks, display_by_said, messages};
use reqwest::Method;
use serde::{Deserialize, Deserializer, de};
use std::{collections::BTreeMap, fmt, time::Duration};

/// The HTTP API of a Prometheus server.
#[derive(Debug, Clone)]
pub struct Prometheus {
    client: Client,
}

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum PrometheusError {
    /// No answer, or none that could be read.
    Http(#[from] http::HttpError),
    /// Prometheus cannot answer the query.
    Query {
        /// Base URL of Prometheus, without user and password.
        address: String,
        /// `bad_data` (the query is wrong), `execution`, `timeout`, `unavailable`, …
        kind: String,
        /// Message of the answer.
        message: String,
    },
}

impl Speaks for PrometheusError {
    fn said(&self) -> Said {
        match self {
            Self::Http(error) => error.said(),
            Self::Query { address, kind, message } => refused(address, kind, message),
        }
    }
}

display_by_said!(PrometheusError);

/// What a query came to, with the answer as it came.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    /// Parsed `data` of the answer.
    pub result: T,
    /// Why Prometheus says that the result may be wrong or lack something, such as a remote store that is down.
    pub warnings: Vec<String>,
    /// Its advice on the query, from 2.53 on, such as "metric might not be a counter".
    pub infos: Vec<String>,
    /// The HTTP answer behind the value, to keep as evidence.
    pub response: Response,
}

impl<T> Answer<T> {
    /// The clock of whoever answered, in seconds since 1970, to the second; from the header `Date`.
    pub fn clock(&self) -> Option<f64> {
        let date = self.response.headers.get(http::header::DATE)?.to_str().ok()?;
        let at = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
        #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^53")]
        Some(at.as_second() as f64)
    }
}

/// Result of an instant query.
#[derive(Debug, Clone, PartialEq)]
pub enum Instant {
    /// One number without labels.
    Scalar(Point),
    /// A text; PromQL knows literals only.
    Text(String),
    /// Series, each with one sample. No series means no data, or only stale ones.
    Vector(Vec<Series>),
}

/// One series of a range, with its samples.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Series {
    /// Its labels; `__name__` is its name.
    pub metric: BTreeMap<String, String>,
    /// Its samples, oldest first.
    #[serde(default, rename = "values", alias = "value", deserialize_with = "one_or_many")]
    pub points: Vec<Point>,
    /// Whether it has native histograms, which are no numbers, besides or instead.
    #[serde(default, alias = "histogram", deserialize_with = "is_there")]
    pub histograms: bool,
}

/// A sample: its time in seconds since 1970, and its value.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Point(
    /// Seconds since 1970. Of an instant query this is the time of the evaluation, not that of the scrape.
    pub f64,
    /// The value; may be NaN or infinite.
    #[serde(deserialize_with = "number_in_text")]
    pub f64,
);

/// One target that Prometheus scrapes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// Its labels after relabelling; `job` and `instance` among them.
    pub labels: BTreeMap<String, String>,
    /// URL of the target's page of metrics, such as `http://127.0.0.1:7071/metrics`.
    pub scrape_url: String,
    /// `up`, `down`, or `unknown` before the first scrape.
    pub health: String,
    /// Why the last scrape failed; empty when it did not.
    #[serde(default)]
    pub last_error: String,
    /// When it was last scraped, by the clock of Prometheus; year 1 before the first scrape.
    #[serde(default)]
    pub last_scrape: Option<jiff::Timestamp>,
    /// How often it is scraped, such as `15s`; Prometheus says it from 2.30 on.
    #[serde(default)]
    pub scrape_interval: String,
}

impl Target {
    /// Returns the label `job` of the target.
    pub fn job(&self) -> &str {
        self.labels.get("job").map_or("", String::as_str)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<T> {
    #[serde(default = "none")]
    data: Option<T>,
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_type: String,
    status: String,
    #[serde(default)]
    warnings: Vec<String>,
    #[serde(default)]
    infos: Vec<String>,
}

fn none<T>() -> Option<T> {
    None
}

#[derive(Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
enum QueryData {
    Matrix(Vec<Series>),
    Scalar(Point),
    String((f64, String)),
    Vector(Vec<Series>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TargetData {
    active_targets: Vec<Target>,
}

impl Prometheus {
    /// The server behind that endpoint.
    pub async fn open(endpoint: &Endpoint) -> Result<Self, PrometheusError> {
        Ok(Self { client: Client::open(Said::verbatim("Prometheus"), endpoint).await? })
    }

    /// Evaluates `query` now. Prometheus looks back 5 minutes for the newest sample of a series, unless the series
    /// was marked stale because its target could not be scraped.
    pub async fn query(&self, query: &str) -> Result<Answer<Instant>, PrometheusError> {
        let answer = self.ask::<QueryData>("api/v1/query", &[("query", query)]).await?;
        let result = match answer.result {
            QueryData::Scalar(point) => Instant::Scalar(point),
            QueryData::String((_, text)) => Instant::Text(text),
            QueryData::Vector(series) => Instant::Vector(series),
            QueryData::Matrix(_) => return Err(answer.response.unreadable(a_range()).into()),
        };
        Ok(Answer { result, warnings: answer.warnings, infos: answer.infos, response: answer.response })
    }

    /// Evaluates `query` at every `step` from `start` to `end`, in seconds since 1970.
    pub async fn range(
        &self,
        query: &str,
        start: f64,
        end: f64,
        step: Duration,
    ) -> Result<Answer<Vec<Series>>, PrometheusError> {
        let (start, end) = (format!("{start:.3}"), format!("{end:.3}"));
        let step = format!("{:.3}", step.as_secs_f64());
        let parameters = [("query", query), ("start", &start), ("end", &end), ("step", &step)];
        let answer = self.ask::<QueryData>("api/v1/query_range", &parameters).await?;
        match answer.result {
            QueryData::Matrix(result) => Ok(Answer {
                result,
                warnings: answer.warnings,
                infos: answer.infos,
                response: answer.response,
            }),
            _ => Err(answer.response.unreadable(no_matrix()).into()),
        }
    }

    /// Every target that is scraped now.
    pub async fn targets(&self) -> Result<Answer<Vec<Target>>, PrometheusError> {
        let answer = self.ask::<TargetData>("api/v1/targets", &[("state", "active")]).await?;
        Ok(Answer {
            result: answer.result.active_targets,
            warnings: answer.warnings,
            infos: answer.infos,
            response: answer.response,
        })
    }

    /// The name of every metric that it has.
    pub async fn metric_names(&self) -> Result<Vec<String>, PrometheusError> {
        Ok(self.ask("api/v1/label/__name__/values", &[]).await?.result)
    }

    /// The values of a label among the series of a metric.
    pub async fn label_values(&self, label: &str, metric: &str) -> Result<Vec<String>, PrometheusError> {
        Ok(self.ask(&format!("api/v1/label/{label}/values"), &[("match[]", metric)]).await?.result)
    }

    async fn ask<T: de::DeserializeOwned>(
        &self,
        path: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Answer<T>, PrometheusError> {
        let request = self.client.request(Method::GET, self.client.url(path)?).query(parameters);
        let response = self.client.send(request).await?;
        if !(200..300).contains(&response.status) {
            return Err(match response.json::<Envelope<de::IgnoredAny>>() {
                Ok(body) if !body.error.is_empty() => PrometheusError::Query {
                    address: self.client.address(),
                    kind: body.error_type,
                    message: body.error,
                },
                _ => response.refused().into(),
            });
        }
        let envelope: Envelope<T> = response.json()?;
        if envelope.status != "success" {
            let cause = match envelope.error.trim_end() {
                "" => status(envelope.status),
                error => status_with(envelope.status, error),
            };
            return Err(response.unreadable(cause).into());
        }
        let (warnings, infos) = (envelope.warnings, envelope.infos);
        match envelope.data {
            Some(result) => Ok(Answer { result, warnings, infos, response }),
            None => Err(response.unreadable(no_data()).into()),
        }
    }
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Point>, D::Error> {
    /// Reads one at a time: a list that is first kept as what it may be takes ten times its text.
    struct Points;

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Item {
        Pair(Point),
        Time(f64),
    }

    impl<'de> de::Visitor<'de> for Points {
        type Value = Vec<Point>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a sample `[time, \"value\"]` or a list of samples")
        }

        fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Vec<Point>, A::Error> {
            let mut points = Vec::new();
            while let Some(item) = list.next_element()? {
                points.push(match item {
                    Item::Pair(point) => point,
                    Item::Time(time) => {
                        let value: String =
                            list.next_element()?.ok_or_else(|| de::Error::invalid_length(1, &self))?;
                        Point(time, number(&value)?)
                    }
                });
            }
            Ok(points)
        }
    }

    deserializer.deserialize_seq(Points)
}

fn is_there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    de::IgnoredAny::deserialize(deserializer).map(|_| true)
}

fn number_in_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    number(&String::deserialize(deserializer)?)
}

fn number<E: de::Error>(text: &str) -> Result<f64, E> {
    // Rust reads `NaN`, `+Inf`, `-Inf` and `1e+00` just as Go writes them.
    text.parse().map_err(|_| de::Error::custom(format!("`{text}` is not a sample value")))
}

messages! {
    area "prometheus-client";
    a_range() => "the query selects a range of samples; write it as a function of that range, such as `max_over_time(…)`, or ask for a `range` with a plain query" / "la requête choisit une plage d'échantillons ; l'écrire comme fonction de cette plage, telle que `max_over_time(…)`, ou demander un `range` avec une requête simple";
    no_data() => "it has no `data`" / "elle n'a pas de `data`";
    no_matrix() => "a range query gave no `matrix`" / "une requête sur une plage n'a pas donné de `matrix`";
    refused(address, kind, message) => "Prometheus at {address} refuses the query ({kind}): {message}" / "Prometheus à {address} refuse la requête ({kind}) : {message}";
    status(status) => "its status is `{status}`" / "son statut est `{status}`";
    status_with(status, error) => "its status is `{status}` {error}" / "son statut est `{status}` {error}";
}

#[cfg(test)]
mod tests {
    use super::*;
    use wiremock::{
        Mock, MockServer, ResponseTemplate,
        matchers::{path, query_param},
    };

    async fn answers(status: u16, at: &str, body: &str) -> (MockServer, Prometheus) {
        let server = MockServer::start().await;
        Mock::given(path(at))
            .respond_with(ResponseTemplate::new(status).set_body_raw(body, "application/json"))
            .mount(&server)
            .await;
        let endpoint = Endpoint::at(server.uri().parse().unwrap());
        let prometheus = Prometheus::open(&endpoint).await.unwrap();
        (server, prometheus)
    }

    #[tokio::test]
    async fn sample_values_are_texts_and_may_be_nan_or_infinite() {
        let body = r#"{"status":"success","data":{"resultType":"vector","result":[
            {"metric":{"__name__":"up","job":"a"},"value":[1700000000.123,"1e+00"]},
            {"metric":{},"value":[1700000000.123,"NaN"]},
            {"metric":{},"value":[1700000000,"-Inf"]}]},"warnings":["remote store is partial"]}"#;
        let (_server, prometheus) = answers(200, "/api/v1/query", body).await;
        let answer = prometheus.query("up").await.unwrap();
        let Instant::Vector(series) = answer.result else { panic!() };
        assert_eq!(series[0].points, [Point(1_700_000_000.123, 1.0)]);
        assert!(series[1].points[0].1.is_nan());
        assert_eq!(series[2].points[0].1, f64::NEG_INFINITY);
        assert_eq!(answer.warnings, ["remote store is partial"]);
    }

    #[tokio::test]
    async fn a_scalar_and_a_text_are_told_apart() {
        let body = r#"{"status":"success","data":{"resultType":"scalar","result":[1700000000.1,"42"]}}"#;
        let (_server, prometheus) = answers(200, "/api/v1/query", body).await;
        assert_eq!(
            prometheus.query("42").await.unwrap().result,
            Instant::Scalar(Point(1_700_000_000.1, 42.0))
        );
        let body = r#"{"status":"success","data":{"resultType":"string","result":[1700000000.1,"x"]}}"#;
        let (_server, prometheus) = answers(200, "/api/v1/query", body).await;
        assert_eq!(prometheus.query("\"x\"").await.unwrap().result, Instant::Text("x".to_owned()));
    }

    #[tokio::test]
    async fn a_range_sends_its_bounds_and_gives_the_series() {
        let server = MockServer::start().await;
        let body = r#"{"status":"success","data":{"resultType":"matrix","result":[
            {"metric":{"job":"a"},"values":[[10,"1"],[15,"2.5"]]}]}}"#;
        Mock::given(path("/prom/api/v1/query_range"))
            .and(query_param("step", "5.000"))
            .and(query_param("start", "10.000"))
            .respond_with(ResponseTemplate::new(200).set_body_raw(body, "application/json"))
            .mount(&server)
            .await;
        let url = format!("{}/prom", server.uri()).parse().unwrap();
        let endpoint = Endpoint::at(url);
        let prometheus = Prometheus::open(&endpoint).await.unwrap();
        let series = prometheus.range("up", 10.0, 20.0, Duration::from_secs(5)).await.unwrap().result;
        assert_eq!(series[0].points, [Point(10.0, 1.0), Point(15.0, 2.5)]);
    }

    #[tokio::test]
    async fn the_words_of_a_refused_query_are_kept() {
        let body = r#"{"status":"error","errorType":"bad_data","error":"1:4: parse error: unclosed"}"#;
        let (_server, prometheus) = answers(400, "/api/v1/query", body).await;
        let error = prometheus.query("sum(").await.unwrap_err();
        assert!(
            error.to_string().ends_with("refuses the query (bad_data): 1:4: parse error: unclosed"),
            "{error}"
        );
        let (_server, prometheus) = answers(502, "/api/v1/query", "<html>").await;
        let error = prometheus.query("up").await.unwrap_err();
        assert!(
            matches!(error, PrometheusError::Http(http::HttpError::Refused { status: 502, .. })),
            "{error}"
        );
    }

    #[tokio::test]
    async fn targets_have_job_and_health() {
        let body = r#"{"status":"success","data":{"activeTargets":[{"discoveredLabels":{},
            "labels":{"instance":"127.0.0.1:7071","job":"kafka"},"scrapePool":"kafka",
            "scrapeUrl":"http://127.0.0.1:7071/metrics","lastError":"connection refused","health":"down"}],
            "droppedTargets":[]}}"#;
        let (_server, prometheus) = answers(200, "/api/v1/targets", body).await;
        let targets = prometheus.targets().await.unwrap().result;
        assert_eq!((targets[0].job(), targets[0].health.as_str()), ("kafka", "down"));
    }
}
