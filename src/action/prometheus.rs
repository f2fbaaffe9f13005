//! `prometheus`: one figure from Prometheus, now or over a range, or how many of its targets are up.

mod counter;
mod empty;
mod figures;
mod named;

use super::{
    Action, ActionContext, ActionError, ActionFailure, Kind, Mistake, Narrowed, Need, OnInterrupt, Output,
    Param, Span, mistakes, output,
    service::{endpoint, unless_cancelled},
};
use crate::{
    clients::{
        Environment, metric_names,
        prometheus::{self, Instant, Prometheus as Server, Target},
        promql,
    },
    expression::Known,
    record::{ActionRole, Arg, Evidence, Family, Refused, Said, Unit, Value, faults, messages},
    support::text,
};
use figures::Window;
use regex::Regex;
use serde::Deserialize;
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// How old the last scrape of a target may be where Prometheus does not say how often it scrapes: as far as a query
/// looks back.
const LOOKBACK: Duration = Duration::from_secs(300);

/// Parameters of `prometheus`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "Fields")]
pub(super) struct Prometheus(Fields);

/// What a watch saw of a counter.
#[derive(Debug, Default)]
enum Counted {
    #[default]
    Nothing,
    /// The figure of the last look.
    Last(f64),
    /// It fell once, from the first figure to the second: no later figure says what was counted before.
    Fell(f64, f64),
}

/// Parameters of `prometheus`: a `query`, a `metric` or `targets`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Fields {
    /// A PromQL expression that gives one series, now or, with `range`, at every step. Several series are not
    /// judged: aggregate them (`sum(…)`, `max(…)`).
    #[serde(default)]
    query: Option<String>,
    /// Instead of a query: the name of a figure, which the environment's `metrics` or its `metrics_profile` put into PromQL.
    /// `under_replicated_partitions`, `offline_partitions`, `active_controllers`, `under_min_isr_partitions`, `partitions`,
    /// `produce_time_p99_ms`, `request_queue`, `unclean_elections`, `cpu_percent` and `disk_free_percent` of the machines,
    /// `mirror_latency_ms` (the slowest partition that MirrorMaker 2 copies) and `scrape_age_s` (the oldest target's) are
    /// known everywhere.
    #[serde(default)]
    metric: Option<String>,
    /// With `metric`: the cluster that it is of, as the label `cluster` names it; all clusters where left out.
    #[serde(default)]
    cluster: Option<String>,
    /// How far to look back from now.
    #[serde(default)]
    range: Option<Param<Span>>,
    /// Distance between two samples of the range; 15 s where left out.
    #[serde(default)]
    step: Option<Param<Span>>,
    /// Instead of a query: a regular expression for the whole name of the jobs whose targets are counted.
    #[serde(default)]
    targets: Option<String>,
    /// What the watch saw that this action is for.
    #[serde(skip)]
    counted: Arc<Mutex<Counted>>,
}

impl TryFrom<Fields> for Prometheus {
    type Error = Refused;

    fn try_from(fields: Fields) -> Result<Self, Refused> {
        let asks = fields.query.is_some() || fields.metric.is_some();
        match (asks, &fields.targets) {
            _ if fields.query.is_some() && fields.metric.is_some() => Err(query_or_metric().into()),
            _ if fields.cluster.is_some() && fields.metric.is_none() => {
                Err(goes_with("cluster", "metric").into())
            }
            (false, None) => Err(write_a_question().into()),
            (true, Some(_)) => Err(query_or_targets().into()),
            (false, Some(_)) if fields.range.is_some() => Err(goes_with("range", "query").into()),
            _ if fields.step.is_some() && fields.range.is_none() => Err(goes_with("step", "range").into()),
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
    const ROLE: ActionRole = ActionRole::Check;
    const OUTPUTS: &'static [Output] = &[
        output(
            "value",
            Unit::None,
            "The figure now, or the last one of the range. Prometheus looks back 5 minutes for the newest sample \
             unless it has marked the series stale. Missing where there are several series or none, where \
             Prometheus warns of its answer, where its clock is more than 30 s from this machine's, and where a \
             counter (`…_total`) fell in the range or while a watch looked on.",
        )
        .signed(),
        output(
            "min",
            Unit::None,
            "Smallest figure of the range; missing, as `max` and `avg` are, where a step of it has no sample or NaN.",
        )
        .signed(),
        output("max", Unit::None, "Greatest figure of the range.").signed(),
        output("avg", Unit::None, "Mean of the figures of the range.").signed(),
        output(
            "series",
            Unit::Count,
            "Series that the query gave; more than one is not judged. Missing where there are none and Prometheus has \
             no series of a metric of the query either, or none with its labels where the query filters \
             (`x > 100`): a misspelt name is no 0. Missing as well where Prometheus warns of its answer.",
        ),
        output("samples", Unit::Count, "Samples of all series, those that are no numbers included."),
        output("targets_up", Unit::Count, "Targets of those jobs that are up."),
        output(
            "targets_down",
            Unit::Count,
            "Targets of those jobs that are not up, were never scraped, or not for three of their intervals.",
        )
        .of(Family::TargetsDown),
    ];
}

/// The outputs that are in the unit of what was asked for.
const NUMBERS: [&str; 4] = ["value", "min", "max", "avg"];
const QUERY_OUTPUTS: [&str; 6] = ["value", "min", "max", "avg", "series", "samples"];
const TARGET_OUTPUTS: [&str; 2] = ["targets_up", "targets_down"];

#[async_trait::async_trait]
impl Action for Prometheus {
    fn describe(&self) -> Said {
        match (self.0.query.as_ref().or(self.0.metric.as_ref()), &self.0.range, &self.0.targets) {
            (Some(query), Some(range), _) => ask_over(query, range),
            (Some(query), None, _) => ask(query),
            (None, _, targets) => count_targets(targets.as_deref().unwrap_or("")),
        }
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    fn narrowed(&self, output: &str) -> Option<Narrowed> {
        let query = self.0.query.as_deref().filter(|query| !query.contains("{{"))?;
        let ranges = NUMBERS.contains(&output).then(|| empty::ranges(query))??;
        Some(Narrowed {
            known: ranges.into_iter().map(|(least, most)| Known::Number { least, most }).collect(),
            hint: "where a comparison or a count in PromQL finds nothing there is no series, and no 0: compare with \
                `> bool`, add `or vector(0)`, or judge `series`",
        })
    }

    fn family(&self, output: &str) -> Option<Family> {
        let known =
            [(metric_names::CPU_PERCENT, Family::CpuUse), (metric_names::SCRAPE_AGE, Family::ScrapeAge)];
        let metric = self.0.metric.as_deref().filter(|_| NUMBERS.contains(&output))?;
        known.iter().find(|(name, _)| *name == metric).map(|(_, family)| *family)
    }

    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        let service = mistakes::service(environment, "", "prometheus", &environment.prometheus);
        let mut mistakes: Vec<Mistake> = service.into_iter().collect();
        if let Some(query) = self.0.query.as_deref().filter(|query| !query.contains("{{"))
            && let Err(wrong) = promql::check(query)
        {
            let mistake = Mistake::new("query", wrong.message, wrong.hint);
            mistakes.push(match wrong.at {
                Some(character) => mistake.at(character),
                None => mistake,
            });
        }
        if let Some(name) = self.0.metric.as_deref().filter(|name| !name.contains("{{")) {
            mistakes.extend(named::mistake(environment, name));
        }
        if let Some(targets) = &self.0.targets {
            mistakes.extend(mistakes::pattern(
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

    fn needs(&self, environment: &Environment) -> Vec<Need> {
        let query = self.query(environment).map(Need::Query);
        query.into_iter().chain(self.0.targets.clone().map(Need::Jobs)).collect()
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let endpoint = endpoint(cx, "prometheus", |e| &e.prometheus)?;
        let query = self.query(&cx.environment);
        if let (None, Some(name)) = (&query, &self.0.metric) {
            let hint = names_of_metrics(Arg::list(metric_names::names(&cx.environment)));
            return Err(ActionError::misconfigured(no_such_metric(name), hint).into());
        }
        let mut seen = unless_cancelled(cx, async {
            let server = Server::open(endpoint).await?;
            match (&query, &self.0.targets) {
                (Some(query), _) => match &self.0.range {
                    Some(range) => self.over(&server, query, range.get()?.0).await,
                    None => self.now(&server, query, cx.sampling).await,
                },
                (None, jobs) => count(&server, jobs.as_deref().unwrap_or("")).await,
            }
        })
        .await?;
        seen.evidence.remark_all(seen.warnings.iter().map(warns)).remark_all(seen.infos.iter().map(remarks));
        if !cx.sampling {
            cx.artifacts.write("answer.json", "application/json", &seen.body)?;
            for measured in seen.evidence.values.values_mut() {
                measured.from = Some("answer.json".to_owned());
            }
            if let Some(query) = &query {
                cx.artifacts.write("query.txt", "text/plain", format!("{query}\n").as_bytes())?;
            }
        }
        Ok(seen.evidence)
    }
}

impl Prometheus {
    /// The PromQL that is asked, in the words of the environment's exporters.
    fn query(&self, environment: &Environment) -> Option<String> {
        let named = || {
            let name = self.0.metric.as_deref()?;
            metric_names::expression(environment, name, self.0.cluster.as_deref())
        };
        self.0.query.clone().or_else(named)
    }
}

struct QueryEvidence {
    evidence: Evidence,
    warnings: Vec<String>,
    infos: Vec<String>,
    body: Vec<u8>,
}

impl QueryEvidence {
    fn of<T>(answer: prometheus::Answer<T>, evidence: Evidence) -> Self {
        Self { evidence, warnings: answer.warnings, infos: answer.infos, body: answer.response.body }
    }
}

impl Prometheus {
    async fn now(&self, server: &Server, query: &str, sampling: bool) -> Result<QueryEvidence, ActionError> {
        let asked = seconds_now();
        let answer = server.query(query).await?;
        let mut evidence = absent(&TARGET_OUTPUTS, &query_asked());
        let (series, samples) = match &answer.result {
            Instant::Scalar(_) => (1, 1),
            Instant::Text(_) => (0, 0),
            Instant::Vector(series) => {
                (series.len() as u64, series.iter().map(|s| s.points.len() as u64).sum())
            }
        };
        for name in ["min", "max", "avg"] {
            evidence.put(name, Value::missing(no_range()));
        }
        let mut value = figures::instant(&answer, asked, seconds_now());
        if sampling && counter::is_bare(query) {
            value = self.counted(value);
        }
        if value.as_f64().is_some()
            && let Some(unseen) = empty::unseen_behind_default(server, query).await
        {
            value = Value::missing(unseen);
        }
        evidence.put("value", value);
        let doubt = figures::doubt(&answer);
        amounts(&mut evidence, server, query, (series, samples), doubt).await;
        Ok(QueryEvidence::of(answer, evidence))
    }

    /// A figure of a counter, beside those that the watch saw before.
    fn counted(&self, value: Value) -> Value {
        let mut counted = self.0.counted.lock().unwrap_or_else(PoisonError::into_inner);
        match (&*counted, value.as_f64()) {
            (Counted::Last(before), Some(now)) if now < *before => *counted = Counted::Fell(*before, now),
            (Counted::Nothing | Counted::Last(_), Some(now)) => *counted = Counted::Last(now),
            _ => {}
        }
        match *counted {
            Counted::Fell(from, to) => figures::begun_again(from, to),
            _ => value,
        }
    }

    async fn over(
        &self,
        server: &Server,
        query: &str,
        range: Duration,
    ) -> Result<QueryEvidence, ActionError> {
        let step = self.0.step.as_ref().map_or(Ok(Duration::from_secs(15)), |s| s.get().map(|s| s.0))?;
        if step.is_zero() || step > range {
            return Err(ActionError::misconfigured(step_too_long(step, range), step_form()));
        }
        let end = seconds_now();
        let answer = server.range(query, end - range.as_secs_f64(), end, step).await?;
        let mut evidence = absent(&TARGET_OUTPUTS, &query_asked());
        let samples = answer.result.iter().map(|s| s.points.len() as u64).sum();
        let doubt = figures::doubt(&answer);
        amounts(&mut evidence, server, query, (answer.result.len() as u64, samples), doubt).await;
        figures::range(&mut evidence, &answer, Window { end, range, step }, counter::is_bare(query));
        if evidence.get("value").is_some_and(|value| value.as_f64().is_some())
            && let Some(unseen) = empty::unseen_behind_default(server, query).await
        {
            figures::all(&mut evidence, &Value::missing(unseen));
        }
        Ok(QueryEvidence::of(answer, evidence))
    }
}

/// How many series and samples an answer has, where that says something.
async fn amounts(
    evidence: &mut Evidence,
    server: &Server,
    query: &str,
    (series, samples): (u64, u64),
    doubt: Option<Value>,
) {
    let unsure = match doubt {
        None if series == 0 => empty::unseen(server, query).await.map(Value::missing),
        doubt => doubt,
    };
    for (name, amount) in [("series", series), ("samples", samples)] {
        evidence.put(name, unsure.clone().unwrap_or_else(|| Value::count(amount)));
    }
}

async fn count(server: &Server, jobs: &str) -> Result<QueryEvidence, ActionError> {
    let jobs_wanted = Regex::new(&format!("^(?:{jobs})$"))
        .map_err(|error| ActionError::misconfigured(no_pattern(jobs, faults::pattern(&error)), job_form()))?;
    let answer = server.targets().await?;
    let mut evidence = absent(&QUERY_OUTPUTS, &targets_asked());
    let chosen: Vec<&Target> = answer.result.iter().filter(|t| jobs_wanted.is_match(t.job())).collect();
    if chosen.is_empty() {
        let known: BTreeSet<&str> = answer.result.iter().map(Target::job).collect();
        let known: Vec<String> = known.into_iter().map(|job| format!("`{job}`")).collect();
        let why = if known.is_empty() { no_jobs(jobs) } else { no_such_job(jobs, Arg::list(known)) };
        for name in TARGET_OUTPUTS {
            evidence.put(name, Value::missing(&why));
        }
        return Ok(QueryEvidence::of(answer, evidence));
    }
    let clock = answer.clock().unwrap_or_else(seconds_now);
    let (mut up, mut down) = (0, 0);
    for target in chosen {
        let why = match (&*target.health, old(target, clock)) {
            ("up", None) => {
                up += 1;
                continue;
            }
            ("up", Some(age)) => scraped_long_ago(age),
            (health, _) if target.last_error.is_empty() => never_scraped(health),
            (health, _) => is_down(health, &target.last_error),
        };
        down += 1;
        evidence.remark(target_down(&target.scrape_url, target.job(), why));
    }
    evidence.put("targets_up", Value::count(up)).put("targets_down", Value::count(down));
    Ok(QueryEvidence::of(answer, evidence))
}

/// How far the last scrape of a target is from `clock`, where that is further than three intervals.
fn old(target: &Target, clock: f64) -> Option<Duration> {
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^53")]
    let age = Duration::try_from_secs_f64((clock - target.last_scrape?.as_second() as f64).abs()).ok()?;
    let interval = text::parse_duration(&target.scrape_interval).map_or(LOOKBACK, |every| every * 3);
    (age > interval.max(Duration::from_secs(60))).then_some(age)
}

fn seconds_now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

fn absent(names: &[&str], reason: &Said) -> Evidence {
    let mut evidence = Evidence::default();
    for name in names {
        evidence.put(*name, Value::missing(reason));
    }
    evidence
}

messages! {
    area "prometheus";
    goes_with(key, other) => "`{key}` goes with `{other}`" / "`{key}` va avec `{other}`";
    names_of_metrics(names) => "known are {names}" / "sont connus {names}";
    no_such_metric(name) => "unknown metric `{name}` in this environment" / "métrique `{name}` inconnue dans cet environnement";
    ask(query) => "ask Prometheus for `{query}`" / "demander à Prometheus `{query}`";
    ask_over(query, range) => "ask Prometheus for `{query}` over {range}" / "demander à Prometheus `{query}` sur {range}";
    count_targets(jobs) => "count Prometheus' targets of job `{jobs}`" / "compter les cibles Prometheus du job `{jobs}`";
    is_down(health, error) => "is {health}: {error}" / "est {health} : {error}";
    job_form() => "write the name of a job, or `a|b`" / "écrire le nom d'un job, ou `a|b`";
    never_scraped(health) => "is {health}: never scraped" / "est {health} : jamais lue";
    no_jobs(jobs) => "no target has a job `{jobs}`; the jobs are none" / "aucune cible n'a de job `{jobs}` ; il n'y a aucun job";
    no_pattern(pattern, cause) => "`{pattern}` is not a regular expression: {cause}" / "`{pattern}` n'est pas une expression régulière : {cause}";
    no_range() => "no `range` was asked for" / "aucun `range` n'a été demandé";
    no_such_job(jobs, known) => "no target has a job `{jobs}`; the jobs are {known}" / "aucune cible n'a de job `{jobs}` ; les jobs sont {known}";
    query_asked() => "a query was asked for, not `targets`" / "c'est une requête qui a été demandée, et non `targets`";
    query_or_metric() => "write either `query` or `metric`" / "écrire soit `query`, soit `metric`";
    query_or_targets() => "write either a query or `targets`" / "écrire soit une requête, soit `targets`";
    remarks(info) => "Prometheus remarks: {info}" / "Prometheus remarque : {info}";
    scraped_long_ago(age) => "was last scraped {age} from now by the clock of Prometheus" / "a été lue pour la dernière fois à {age} d'ici selon l'horloge de Prometheus";
    step_form() => "write a step between 1 ms and the range" / "écrire un pas entre 1 ms et la plage";
    step_too_long(step, range) => "a step of {step} in a range of {range}" / "un pas de {step} dans une plage de {range}";
    target_down(url, job, why) => "{url} of job `{job}` {why}" / "{url} du job `{job}` {why}";
    targets_asked() => "`targets` were asked for, not a query" / "ce sont `targets` qui ont été demandés, et non une requête";
    warns(warning) => "Prometheus warns: {warning}" / "Prometheus avertit : {warning}";
    write_a_question() => "write a `query`, a `metric`, or `targets` with the name of a job" / "écrire une `query`, une `metric`, ou `targets` avec le nom d'un job";
}

#[cfg(test)]
mod tests {
    use super::super::test_context::{action, artifact, context, keeps_its_promises, refusal, shown};
    use super::*;
    use crate::record::Language;
    use serde_json::json;
    use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

    async fn ask(at: &str, data: serde_json::Value, params: &str) -> (Evidence, ActionContext) {
        asked(at, json!({"status": "success", "data": data, "infos": ["might not be a counter"]}), params)
            .await
    }

    async fn asked(at: &str, body: serde_json::Value, params: &str) -> (Evidence, ActionContext) {
        let server = MockServer::start().await;
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
        let result = values
            .iter()
            .enumerate()
            .map(|(i, v)| json!({"metric": {"i": i.to_string()}, "value": [seconds_now(), v]}));
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
        assert_eq!(evidence.remarks, ["Prometheus remarks: might not be a counter"]);
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
    async fn what_prometheus_warns_of_is_no_figure() {
        let body = json!({"status": "success", "data": vector(&["3"]), "warnings": ["a store is partial"]});
        let (evidence, _) = asked("/api/v1/query", body, "query: x").await;
        assert!(shown(&evidence, "value").contains("a store is partial"));
        assert_eq!(evidence.remarks, ["Prometheus warns: a store is partial"]);
    }

    #[tokio::test]
    async fn a_range_has_least_greatest_and_mean_or_says_where_it_has_a_hole() {
        let params = "{query: x, range: 45s, step: 15s}";
        let at = "/api/v1/query_range";
        let (evidence, _) = ask(at, matrix(&["1", "2", "4", "1"], 1.0), params).await;
        assert_eq!(["value", "min", "max", "avg"].map(|n| shown(&evidence, n)), ["1", "1", "4", "2"]);
        let (evidence, _) = ask(at, matrix(&["-1", "-2", "-4", "-1"], 1.0), params).await;
        assert_eq!(["value", "min", "max", "avg"].map(|n| shown(&evidence, n)), ["-1", "-4", "-1", "-2"]);
        let (evidence, _) = ask(at, matrix(&["1", "NaN", "4", "1"], 1.0), params).await;
        assert_eq!(shown(&evidence, "value"), "1");
        assert!(shown(&evidence, "max").contains("1 of 4 samples are NaN"));
        let (evidence, _) = ask(at, matrix(&["1", "2", "3", "+Inf"], 1.0), params).await;
        assert!(shown(&evidence, "min").contains("1 of 4 samples are infinite"));
        let (evidence, _) = ask(at, matrix(&["1", "2"], 1.0), params).await;
        assert!(shown(&evidence, "max").contains("the first 29 s of the range have no sample"));
        let (evidence, _) = ask(at, matrix(&["1", "2"], 31.0), params).await;
        assert!(shown(&evidence, "value").contains("stale: the last sample is 31 s older"));
        assert!(shown(&evidence, "max").contains("stale"));
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
    async fn no_series_of_a_metric_that_is_not_there_is_no_zero() {
        for (query, there, expected) in [
            ("x > 100", vec!["count(x)"], "0"),
            ("x > 100", vec![], "Prometheus has no series `x` now"),
            ("x{a=\"b\"} > 100", vec!["count(x)"], "has no series `x{a=\"b\"}` now"),
            ("x{a=\"b\"}", vec!["count(x)"], "0"),
            ("x > on() y", vec!["count(x)"], "has no series `y` now"),
        ] {
            let server = MockServer::start().await;
            for query in &there {
                let data = json!({"status": "success", "data": vector(&["3"])});
                Mock::given(path("/api/v1/query"))
                    .and(wiremock::matchers::query_param("query", *query))
                    .respond_with(ResponseTemplate::new(200).set_body_json(data))
                    .mount(&server)
                    .await;
            }
            let nothing = json!({"status": "success", "data": vector(&[])});
            Mock::given(path("/api/v1/query"))
                .respond_with(ResponseTemplate::new(200).set_body_json(nothing))
                .mount(&server)
                .await;
            let (_folder, cx) = context(&format!("prometheus: {{url: '{}'}}", server.uri()));
            let evidence = action("prometheus", &format!("query: '{query}'")).run(&cx).await.unwrap();
            keeps_its_promises("prometheus", &evidence);
            for output in ["series", "samples"] {
                let shown = shown(&evidence, output);
                assert!(shown == expected || expected != "0" && shown.contains(expected), "{query}: {shown}");
            }
        }
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
        let params = serde_yaml::from_str("{query: up, step: 5s}").unwrap();
        let refused = (super::super::kind("prometheus").unwrap().parse)(&params).unwrap_err().message;
        assert_eq!(refused, "`step` goes with `range`");
        assert_eq!(refused.in_language(Language::Fr), "`step` va avec `range`");
        assert!(refusal("prometheus", "{query: x, targets: kafka}").contains("either"));
        assert!(refusal("prometheus", "{query: x, step: 1s}").contains("goes with `range`"));
    }
}
