//! `prometheus`: one figure from Prometheus, now or over a range, or how many of its targets are up.

use super::{
    Action, ActionContext, ActionError, ActionFailure, Kind, Mistake, OnInterrupt, Output, Param, Span,
    mistake, output,
    service::{endpoint, unless_cancelled},
};
use crate::{
    clients::{
        Environment,
        prometheus::{self, Instant, Prometheus as Server, Series, Target},
        promql,
    },
    record::{Evidence, Unit, Value},
    support::text,
};
use regex::Regex;
use serde::Deserialize;
use std::{
    collections::BTreeSet,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Parameters of `prometheus`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "Fields")]
pub(super) struct Prometheus(Fields);

/// Parameters of `prometheus`: a `query` or `targets`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Fields {
    /// A PromQL expression that gives one series, now or, with `range`, at every step. Several series are not
    /// judged: aggregate them (`sum(…)`, `max(…)`).
    #[serde(default)]
    query: Option<String>,
    /// How far to look back from now.
    #[serde(default)]
    range: Option<Param<Span>>,
    /// Distance between two samples of the range; 15 s where left out.
    #[serde(default)]
    step: Option<Param<Span>>,
    /// Instead of a query: a regular expression for the whole name of the jobs whose targets are counted.
    #[serde(default)]
    targets: Option<String>,
}

impl TryFrom<Fields> for Prometheus {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Self, String> {
        match (&fields.query, &fields.targets) {
            (None, None) => Err("write a `query`, or `targets` with the name of a job".to_owned()),
            (Some(_), Some(_)) => Err("write either `query` or `targets`".to_owned()),
            (None, Some(_)) if fields.range.is_some() => Err("`range` goes with `query`".to_owned()),
            _ if fields.step.is_some() && fields.range.is_none() => {
                Err("`step` goes with `range`".to_owned())
            }
            _ => Ok(Self(fields)),
        }
    }
}

impl Kind for Prometheus {
    const SUMMARY: &'static str = "Asks Prometheus for one figure, now or over a range, or for the state of its \
        targets.";
    const EXAMPLE: &'static str = "\
prometheus:
  id: urp
  query: sum(kafka_server_replicamanager_underreplicatedpartitions)
  range: 10m
  step: 15s";
    const OUTPUTS: &'static [Output] = &[
        output(
            "value",
            Unit::None,
            "The figure now, or the last one of the range. Prometheus looks back 5 minutes for the newest sample \
             unless it has marked the series stale.",
        ),
        output("min", Unit::None, "Smallest figure of the range."),
        output("max", Unit::None, "Greatest figure of the range."),
        output("avg", Unit::None, "Mean of the figures of the range."),
        output("series", Unit::Count, "Series that the query gave; more than one is not judged."),
        output("samples", Unit::Count, "Samples of all series, those that are no numbers included."),
        output("targets_up", Unit::Count, "Targets of those jobs that are up."),
        output("targets_down", Unit::Count, "Targets of those jobs that are not up, or were never scraped."),
    ];
    const PROBE: bool = true;
    const EFFECT: bool = false;
}

const QUERY_OUTPUTS: [&str; 6] = ["value", "min", "max", "avg", "series", "samples"];
const TARGET_OUTPUTS: [&str; 2] = ["targets_up", "targets_down"];

#[async_trait::async_trait]
impl Action for Prometheus {
    fn describe(&self) -> String {
        match (&self.0.query, &self.0.range, &self.0.targets) {
            (Some(query), Some(range), _) => format!("ask Prometheus for `{query}` over {range}"),
            (Some(query), None, _) => format!("ask Prometheus for `{query}`"),
            (None, _, targets) => {
                format!("count Prometheus' targets of job `{}`", targets.as_deref().unwrap_or(""))
            }
        }
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    fn mistakes(&self, _environment: &Environment) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        if let Some(query) = self.0.query.as_deref().filter(|query| !query.contains("{{"))
            && let Err(wrong) = promql::check(query)
        {
            let mistake = Mistake::new("query", wrong.message, wrong.hint);
            mistakes.push(match wrong.at {
                Some(character) => mistake.at(character),
                None => mistake,
            });
        }
        if let Some(targets) = &self.0.targets {
            mistakes.extend(mistake::pattern(
                "targets",
                targets,
                "write the name of a job, or a pattern such as `kafka-.*`",
            ));
        }
        if let (Some(range), Some(step)) =
            (self.0.range.as_ref().and_then(Param::known), self.0.step.as_ref().and_then(Param::known))
            && (step.0.is_zero() || step > range)
        {
            let message = format!("a step of {step} in a range of {range}");
            mistakes.push(Mistake::new("step", message, "write a step between 1 ms and the range"));
        }
        mistakes
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let endpoint = endpoint(cx, "prometheus", |e| &e.prometheus)?;
        let mut seen = unless_cancelled(cx, async {
            let server = Server::open(endpoint).await?;
            match (&self.0.query, &self.0.targets) {
                (Some(query), _) => match &self.0.range {
                    Some(range) => self.over(&server, query, range.get()?.0).await,
                    None => now(&server, query).await,
                },
                (None, jobs) => count(&server, jobs.as_deref().unwrap_or("")).await,
            }
        })
        .await?;
        for warning in &seen.warnings {
            seen.evidence.remark(format!("Prometheus warns: {warning}"));
        }
        if !cx.sampling {
            cx.artifacts.write("answer.json", "application/json", &seen.body)?;
            for measured in seen.evidence.values.values_mut() {
                measured.from = Some("answer.json".to_owned());
            }
            if let Some(query) = &self.0.query {
                cx.artifacts.write("query.txt", "text/plain", format!("{query}\n").as_bytes())?;
            }
        }
        Ok(seen.evidence)
    }
}

struct Seen {
    evidence: Evidence,
    warnings: Vec<String>,
    body: Vec<u8>,
}

impl Seen {
    fn of<T>(answer: prometheus::Answer<T>, evidence: Evidence) -> Self {
        Self { evidence, warnings: answer.warnings, body: answer.response.body }
    }
}

async fn now(server: &Server, query: &str) -> Result<Seen, ActionError> {
    let answer = server.query(query).await?;
    let mut evidence = absent(&TARGET_OUTPUTS, "a query was asked for, not `targets`");
    let (value, series, samples) = match &answer.result {
        Instant::Scalar(point) => (bare(point.1), 1, 1),
        Instant::Text(text) => (Value::Missing(format!("the query gives the text `{text}`")), 0, 0),
        Instant::Vector(series) => {
            let value = match the_one(series) {
                Ok(one) => one.points.last().map_or_else(no_data, |point| bare(point.1)),
                Err(missing) => missing,
            };
            (value, series.len() as u64, series.iter().map(|s| s.points.len() as u64).sum())
        }
    };
    for name in ["min", "max", "avg"] {
        evidence.put(name, Value::Missing("no `range` was asked for".to_owned()));
    }
    evidence.put("value", value).put("series", Value::count(series)).put("samples", Value::count(samples));
    Ok(Seen::of(answer, evidence))
}

impl Prometheus {
    async fn over(&self, server: &Server, query: &str, range: Duration) -> Result<Seen, ActionError> {
        let step = self.0.step.as_ref().map_or(Ok(Duration::from_secs(15)), |s| s.get().map(|s| s.0))?;
        if step.is_zero() || step > range {
            return Err(ActionError::Misconfigured {
                message: format!(
                    "a step of {} in a range of {}",
                    text::duration(step),
                    text::duration(range)
                ),
                hint: "write a step between 1 ms and the range".to_owned(),
            });
        }
        let end = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        let answer = server.range(query, end - range.as_secs_f64(), end, step).await?;
        let mut evidence = absent(&TARGET_OUTPUTS, "a query was asked for, not `targets`");
        evidence
            .put("series", Value::count(answer.result.len() as u64))
            .put("samples", Value::count(answer.result.iter().map(|s| s.points.len() as u64).sum()));
        match the_one(&answer.result) {
            Ok(one) => summary(&mut evidence, one, end, range, step),
            Err(missing) => {
                for name in ["value", "min", "max", "avg"] {
                    evidence.put(name, missing.clone());
                }
            }
        }
        Ok(Seen::of(answer, evidence))
    }
}

/// Last, least, greatest and mean figure. A NaN says that nothing was measured and is left out with a remark; an
/// infinity is a figure, and leaving it out would make the rest look better than it is.
fn summary(evidence: &mut Evidence, one: &Series, end: f64, range: Duration, step: Duration) {
    let figures: Vec<f64> = one.points.iter().map(|p| p.1).filter(|v| !v.is_nan()).collect();
    let (all, nan) = (one.points.len(), one.points.len() - figures.len());
    if nan > 0 {
        evidence.remark(format!("{nan} of {all} samples are NaN and left out of min, max and avg"));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "11,000 at most")]
    let steps = (range.as_secs_f64() / step.as_secs_f64()) as usize + 1;
    // The grid may begin just before the first scrape of the range.
    if all + 1 < steps {
        evidence.remark(format!("{all} of {steps} steps of the range have a sample"));
    }
    let infinite = figures.iter().filter(|v| v.is_infinite()).count();
    let of = |fold: fn(f64, f64) -> f64| match figures.iter().copied().reduce(fold) {
        None => Value::Missing(format!("all {all} samples are NaN")),
        Some(_) if infinite > 0 => Value::Missing(format!("{infinite} of {all} samples are infinite")),
        Some(figure) => bare(figure),
    };
    #[expect(clippy::cast_precision_loss, reason = "11,000 at most")]
    let mean = match of(|a, b| a + b) {
        Value::Number(sum, unit) => Value::number(sum / figures.len() as f64, unit),
        missing => missing,
    };
    let last = one.points.last().map_or_else(no_data, |point| {
        let age = end - point.0;
        if age > 2.0 * step.as_secs_f64() {
            let age = text::duration(Duration::from_secs_f64(age));
            return Value::Missing(format!(
                "stale: the last sample is {age} older than the end of the range"
            ));
        }
        bare(point.1)
    });
    evidence.put("value", last).put("min", of(f64::min)).put("max", of(f64::max)).put("avg", mean);
}

async fn count(server: &Server, jobs: &str) -> Result<Seen, ActionError> {
    let jobs_wanted = Regex::new(&format!("^(?:{jobs})$")).map_err(|error| ActionError::Misconfigured {
        message: format!("`{jobs}` is not a regular expression: {error}"),
        hint: "write the name of a job, or `a|b`".to_owned(),
    })?;
    let answer = server.targets().await?;
    let mut evidence = absent(&QUERY_OUTPUTS, "`targets` were asked for, not a query");
    let chosen: Vec<&Target> = answer.result.iter().filter(|t| jobs_wanted.is_match(t.job())).collect();
    if chosen.is_empty() {
        let known: BTreeSet<&str> = answer.result.iter().map(Target::job).collect();
        let known: Vec<String> = known.into_iter().map(|job| format!("`{job}`")).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        for name in TARGET_OUTPUTS {
            evidence.put(name, Value::Missing(format!("no target has a job `{jobs}`; the jobs are {known}")));
        }
        return Ok(Seen::of(answer, evidence));
    }
    let (up, down): (Vec<_>, Vec<_>) = chosen.into_iter().partition(|t| t.health == "up");
    for target in &down {
        let why = if target.last_error.is_empty() { "never scraped" } else { &target.last_error };
        evidence.remark(format!(
            "{} of job `{}` is {}: {why}",
            target.scrape_url,
            target.job(),
            target.health
        ));
    }
    evidence
        .put("targets_up", Value::count(up.len() as u64))
        .put("targets_down", Value::count(down.len() as u64));
    Ok(Seen::of(answer, evidence))
}

fn the_one(series: &[Series]) -> Result<&Series, Value> {
    match series {
        [] => Err(no_data()),
        [one] => Ok(one),
        several => {
            let shown: Vec<String> = several.iter().take(3).map(labels).collect();
            let more = if several.len() > 3 { ", …" } else { "" };
            let (n, shown) = (several.len(), shown.join(", "));
            Err(Value::Missing(format!("{n} series where one was meant: {shown}{more}; aggregate them")))
        }
    }
}

fn labels(series: &Series) -> String {
    let labels: Vec<String> = series
        .metric
        .iter()
        .filter(|(name, _)| *name != "__name__")
        .map(|(name, value)| format!("{name}=\"{value}\""))
        .collect();
    text::cut(&format!("{{{}}}", labels.join(",")), 100)
}

fn no_data() -> Value {
    Value::Missing("no series: the metric does not exist, or its newest sample is stale".to_owned())
}

fn bare(value: f64) -> Value {
    Value::number(value, Unit::None)
}

fn absent(names: &[&str], reason: &str) -> Evidence {
    let mut evidence = Evidence::default();
    for name in names {
        evidence.put(*name, Value::Missing(reason.to_owned()));
    }
    evidence
}

#[cfg(test)]
mod tests {
    use super::super::test_context::{action, artifact, context, keeps_its_promises, refusal, shown};
    use super::*;
    use serde_json::json;
    use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

    async fn ask(at: &str, data: serde_json::Value, params: &str) -> (Evidence, ActionContext) {
        let server = MockServer::start().await;
        let body = json!({"status": "success", "data": data, "warnings": ["a store is partial"]});
        Mock::given(path(at))
            .respond_with(ResponseTemplate::new(200).set_body_json(body))
            .mount(&server)
            .await;
        let (folder, cx) = context(&format!("prometheus: {{url: '{}'}}", server.uri()));
        let evidence = action("prometheus", params).run(&cx).await.unwrap();
        keeps_its_promises("prometheus", &evidence);
        let _ = folder.keep();
        (evidence, cx)
    }

    fn vector(values: &[&str]) -> serde_json::Value {
        let result =
            values.iter().enumerate().map(|(i, v)| json!({"metric": {"i": i.to_string()}, "value": [1, v]}));
        json!({"resultType": "vector", "result": result.collect::<Vec<_>>()})
    }

    /// A series whose samples end `age` seconds ago, one every 15 s.
    fn matrix(values: &[&str], age: f64) -> serde_json::Value {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64() - age;
        #[expect(clippy::cast_precision_loss, reason = "a few")]
        let at = |i: usize| now - 15.0 * (values.len() - 1 - i) as f64;
        let points: Vec<_> = values.iter().enumerate().map(|(i, v)| json!([at(i), v])).collect();
        json!({"resultType": "matrix", "result": [{"metric": {}, "values": points}]})
    }

    #[tokio::test]
    async fn one_series_is_the_figure_and_the_raw_answer_is_kept() {
        let (evidence, cx) = ask("/api/v1/query", vector(&["3"]), "query: sum(x)").await;
        assert_eq!(["value", "series", "samples"].map(|n| shown(&evidence, n)), ["3", "1", "1"]);
        assert!(shown(&evidence, "max").contains("no `range`"));
        assert_eq!(evidence.remarks, ["Prometheus warns: a store is partial"]);
        assert!(artifact(&cx, "answer.json").contains("\"3\""));
        assert_eq!(artifact(&cx, "query.txt"), "sum(x)\n");
    }

    #[tokio::test]
    async fn what_is_no_single_number_is_missing_with_the_reason() {
        for (data, reason) in [
            (vector(&[]), "no series"),
            (vector(&["1", "2"]), "2 series where one was meant: {i=\"0\"}, {i=\"1\"}"),
            (vector(&["NaN"]), "the value is NaN"),
            (vector(&["+Inf"]), "the value is inf"),
            (json!({"resultType": "string", "result": [1, "abc"]}), "gives the text `abc`"),
        ] {
            let (evidence, _) = ask("/api/v1/query", data, "query: x").await;
            let value = evidence.get("value").unwrap();
            assert!(matches!(value, Value::Missing(_)) && value.to_string().contains(reason), "{value}");
        }
    }

    #[tokio::test]
    async fn a_range_has_least_greatest_and_mean_and_says_what_is_left_out() {
        let params = "{query: x, range: 45s, step: 15s}";
        let at = "/api/v1/query_range";
        let (evidence, _) = ask(at, matrix(&["1", "NaN", "4", "1"], 1.0), params).await;
        assert_eq!(["value", "min", "max", "avg"].map(|n| shown(&evidence, n)), ["1", "1", "4", "2"]);
        assert_eq!(evidence.remarks[0], "1 of 4 samples are NaN and left out of min, max and avg");
        let (evidence, _) = ask(at, matrix(&["1", "+Inf"], 1.0), params).await;
        assert!(shown(&evidence, "min").contains("1 of 2 samples are infinite"));
        assert!(evidence.remarks[0].contains("2 of 4 steps"), "{:?}", evidence.remarks);
        let (evidence, _) = ask(at, matrix(&["1", "2"], 31.0), params).await;
        assert!(shown(&evidence, "value").contains("stale: the last sample is 31 s older"));
        assert_eq!(shown(&evidence, "max"), "2");
        let (evidence, _) = ask(at, matrix(&["NaN"], 1.0), params).await;
        assert!(shown(&evidence, "avg").contains("all 1 samples are NaN"));
    }

    #[tokio::test]
    async fn targets_are_counted_and_a_job_without_targets_is_no_zero() {
        let target = |job: &str, health: &str| json!({"labels": {"job": job}, "scrapeUrl": "http://x/metrics", "health": health, "lastError": ""});
        let data = json!({"activeTargets": [
            target("kafka", "up"), target("kafka", "up"), target("kafka", "unknown"), target("kafka2", "down"),
        ]});
        let (evidence, _) = ask("/api/v1/targets", data.clone(), "targets: kafka").await;
        assert_eq!(["targets_up", "targets_down"].map(|n| shown(&evidence, n)), ["2", "1"]);
        assert!(evidence.remarks[0].contains("is unknown: never scraped"));
        let (evidence, _) = ask("/api/v1/targets", data, "targets: kafa").await;
        let words = shown(&evidence, "targets_down");
        assert!(words.contains("the jobs are `kafka`, `kafka2`"), "{words}");
    }

    #[tokio::test]
    async fn a_wrong_query_fails_with_the_words_of_prometheus() {
        let server = MockServer::start().await;
        let body = json!({"status": "error", "errorType": "bad_data", "error": "1:4: parse error"});
        Mock::given(path("/api/v1/query"))
            .respond_with(ResponseTemplate::new(400).set_body_json(body))
            .mount(&server)
            .await;
        let (_folder, cx) = context(&format!("prometheus: {{url: '{}'}}", server.uri()));
        let failure = action("prometheus", "query: 'sum('").run(&cx).await.unwrap_err();
        assert!(failure.error.to_string().contains("1:4: parse error"), "{}", failure.error);
    }

    #[test]
    fn a_query_or_targets() {
        assert!(refusal("prometheus", "{}").contains("write a `query`"));
        assert!(refusal("prometheus", "{query: x, targets: kafka}").contains("either"));
        assert!(refusal("prometheus", "{query: x, step: 1s}").contains("goes with `range`"));
    }
}
