//! `scrape`: whether a metrics endpoint answers, with a page that Prometheus could read, with the metrics that a
//! dashboard needs, and fresh.

use super::{
    Action, ActionContext, ActionError, ActionFailure, Kind, Mistake, Need, OnInterrupt, Output, flag_output,
    mistakes, output,
    service::{address, unless_cancelled},
};
use crate::{
    clients::{
        Endpoint, Environment,
        exposition::{self, Exposition, Format},
        http::{Client, Method, RequestBuilder, Response, header::CONTENT_TYPE},
    },
    record::{ActionRole, Evidence, Family, Refused, Said, Unit, Value, messages},
    support::{redact, text},
};
use serde::Deserialize;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use url::Url;

/// Pause between the two looks that tell a live page from a kept one.
const PAUSE: Duration = Duration::from_millis(250);
/// Among so many samples of a page the nearest name is looked for.
const NAMES: usize = 200_000;
/// A page whose own timestamps are older than this is an old page.
const OLD: f64 = 60.0;
/// Metrics that every scrape of a live process changes: the clock, the time that the last scrape took, the number
/// of scrapes. CPU time is not among them: a process at rest may use none between two looks.
const RESTLESS: [&str; 5] = [
    "jmx_scrape_duration_seconds",
    "node_scrape_collector_duration_seconds",
    "node_time_seconds",
    "promhttp_metric_handler_requests_total",
    "scrape_duration_seconds",
];

/// Parameters of `scrape`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "Fields")]
pub(super) struct Scrape(Fields);

/// Parameters of `scrape`: an `exporter` or a `url`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Fields {
    /// Name of the endpoint under `exporters` of the environment.
    #[serde(default)]
    exporter: Option<String>,
    /// Instead of an exporter: the address of the page.
    #[serde(default)]
    url: Option<String>,
    /// Metrics that must be there, by the name of the sample, or by that of the histogram or summary.
    #[serde(default)]
    metrics: Vec<String>,
}

impl TryFrom<Fields> for Scrape {
    type Error = Refused;

    fn try_from(fields: Fields) -> Result<Self, Refused> {
        match (&fields.exporter, &fields.url) {
            (None, None) => Err(write_an_address().into()),
            (Some(_), Some(_)) => Err(one_address().into()),
            _ => Ok(Self(fields)),
        }
    }
}

impl Kind for Scrape {
    const SUMMARY: &'static str = "Scrapes a metrics endpoint as Prometheus does, and checks what it shows.";
    const EXAMPLE: &'static str = "\
scrape:
  id: broker_1
  exporter: source-broker-1
  metrics: [kafka_server_replicamanager_underreplicatedpartitions]";
    const ROLE: ActionRole = ActionRole::Check;
    const OUTPUTS: &'static [Output] = &[
        flag_output("up", "Whether it answers 200."),
        output("status", Unit::None, "Its HTTP status.").within(100.0, 999.0),
        flag_output(
            "valid",
            "Whether Prometheus 3 takes the page as it stands: of a content type that it knows (`text/plain` or \
             `application/openmetrics-text`; version 2 took any), every line of that format, and OpenMetrics with its \
             `# EOF`. Besides, what Prometheus does not demand: at least one sample, no series twice (it would keep \
             one), and in the text format a line feed at the end, without which the page may be truncated.",
        ),
        output("samples", Unit::Count, "Samples on the page."),
        output(
            "present",
            Unit::Count,
            "How many of the metrics that must be there are there. One that is NaN is: MirrorMaker 2 shows it so \
             until it has something to measure.",
        ),
        output("missing", Unit::Count, "How many of them are not."),
        output("scrape_ms", Unit::Milliseconds, "Time of the first scrape, body included.")
            .of(Family::PageTime),
        flag_output(
            "fresh",
            "Whether a live process made the page: no cache says that it answered, no sample's own time is older \
             than a minute or as far in the future, and between two scrapes a value changes. A page on which nothing changes is old where \
             it holds a metric that every scrape changes (such as `jmx_scrape_duration_seconds`), and cannot be \
             judged where it holds none.",
        ),
    ];
}

#[async_trait::async_trait]
impl Action for Scrape {
    fn describe(&self) -> Said {
        match (&self.0.exporter, &self.0.url) {
            (Some(exporter), _) => scrape(the_exporter(exporter)),
            (None, url) => scrape(redact::mask(url.as_deref().unwrap_or(""))),
        }
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        let exporter = self.0.exporter.iter().filter_map(|name| {
            let known = environment.exporters.keys();
            mistakes::named(environment, "exporter", ("exporters", mistakes::an_exporter()), name, known)
        });
        exporter.chain(self.0.url.iter().filter_map(|url| mistakes::address("url", url))).collect()
    }

    fn needs(&self, _environment: &Environment) -> Vec<Need> {
        let names = self.0.metrics.clone();
        self.0
            .exporter
            .iter()
            .map(|name| Need::Metrics { exporter: name.clone(), names: names.clone() })
            .collect()
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let endpoint = self.page(cx)?;
        let looked = unless_cancelled(cx, async {
            let service = self.0.exporter.as_ref().map_or_else(an_exporter, the_exporter);
            let client = Client::open(service, &endpoint).await?;
            let first = client.send(request(&client, &endpoint.url)).await?;
            if first.status != 200 {
                return Ok((first, None));
            }
            tokio::time::sleep(PAUSE).await;
            let second = client.send(request(&client, &endpoint.url)).await.ok();
            Ok::<_, ActionError>((first, second))
        })
        .await;
        let (first, second) = match looked {
            Ok(looked) => looked,
            Err(error @ ActionError::Unreachable { .. }) => {
                let mut evidence = Evidence::default();
                evidence.put("up", Value::Flag(false));
                self.without_page(&mut evidence, &unreachable());
                evidence.put("status", Value::missing(unreachable()));
                evidence.put("scrape_ms", Value::missing(unreachable()));
                return Err(error.with(evidence));
            }
            Err(error) => return Err(error.into()),
        };
        let mut evidence = self.judge(&first, second.as_ref());
        if !cx.sampling {
            cx.artifacts.write("page.txt", "text/plain", &first.body)?;
            for measured in evidence.values.values_mut() {
                measured.from = Some("page.txt".to_owned());
            }
        }
        Ok(evidence)
    }
}

impl Scrape {
    fn page(&self, cx: &ActionContext) -> Result<Endpoint, ActionError> {
        let Some(name) = &self.0.exporter else {
            return address(self.0.url.as_deref().unwrap_or("")).map(Endpoint::at);
        };
        let exporters = &cx.environment.exporters;
        exporters.get(name).map(|exporter| exporter.0.clone()).ok_or_else(|| {
            let near = text::did_you_mean(name, exporters.keys().map(String::as_str));
            let hint = near.map_or_else(add_exporter, did_you_mean);
            ActionError::misconfigured(unknown_exporter(&cx.environment.name, name), hint)
        })
    }

    fn judge(&self, first: &Response, second: Option<&Response>) -> Evidence {
        let mut evidence = Evidence::default();
        let up = first.status == 200;
        evidence
            .put("up", Value::Flag(up))
            .put("status", Value::number(f64::from(first.status), Unit::None))
            .put("scrape_ms", Value::number(first.elapsed.as_secs_f64() * 1000.0, Unit::Milliseconds));
        if !up {
            evidence.remark(first.refused());
            self.without_page(&mut evidence, &answered(first.status));
            return evidence;
        }
        let format = format(first);
        let page = match self.read(first) {
            Ok(page) => page,
            Err(error) => {
                self.without_page(&mut evidence, &other_format());
                evidence.put("valid", Value::Flag(false)).remark(page_unreadable(&error));
                if let Err(cause) = format {
                    evidence.remark(cause);
                }
                return evidence;
            }
        };
        if let Some(name) = &page.repeated {
            evidence.remark(twice(name));
        }
        if page.samples == 0 {
            evidence.remark(empty());
        }
        let valid = format.is_ok() && page.repeated.is_none() && page.samples > 0;
        if let Err(cause) = format {
            evidence.remark(cause);
        }
        let lacking: Vec<&str> = self.0.metrics.iter().map(String::as_str).filter(|m| !page.has(m)).collect();
        for metric in &lacking {
            let near = text::did_you_mean(metric, exposition::names(&first.body).take(NAMES));
            evidence.remark(match near {
                Some(near) => lacks_perhaps(*metric, near),
                None => lacks(*metric),
            });
        }
        let asked = |count: usize| match self.0.metrics.is_empty() {
            true => Value::missing(none_asked()),
            false => Value::count(count as u64),
        };
        evidence
            .put("valid", Value::Flag(valid))
            .put("samples", Value::count(page.samples as u64))
            .put("present", asked(self.0.metrics.len() - lacking.len()))
            .put("missing", asked(lacking.len()))
            .put("fresh", self.fresh(first, &page, second));
        evidence
    }

    /// Reads a page for the metrics that must be there. One of another content type is read as text, for its remarks.
    fn read(&self, answer: &Response) -> Result<Exposition, exposition::ExpositionError> {
        let asked = self.0.metrics.iter().map(String::as_str).chain(RESTLESS);
        exposition::read(&answer.body, format(answer).unwrap_or(Format::Text), asked)
    }

    fn fresh(&self, first: &Response, page: &Exposition, second: Option<&Response>) -> Value {
        let header = |name: &str| first.headers.get(name).and_then(|v| v.to_str().ok());
        let kept = header("age").and_then(|age| age.trim().parse::<u64>().ok()).is_some_and(|age| age > 0)
            || header("x-cache").is_some_and(|cache| cache.to_ascii_uppercase().contains("HIT"));
        if kept {
            return Value::Flag(false);
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        if page.times.is_some_and(|(first, last)| now - first > OLD || last - now > OLD) {
            return Value::Flag(false);
        }
        let Some(second) = second.filter(|s| s.status == 200) else {
            return Value::missing(second_unanswered());
        };
        if second.body != first.body {
            match self.read(second) {
                Ok(second) if second.digest != page.digest => return Value::Flag(true),
                Ok(_) => {}
                Err(error) => return Value::missing(second_unreadable(&error)),
            }
        }
        if RESTLESS.iter().any(|metric| page.has(metric)) {
            return Value::Flag(false);
        }
        Value::missing(unchanged())
    }

    fn without_page(&self, evidence: &mut Evidence, reason: &Said) {
        for name in ["valid", "samples", "present", "missing", "fresh"] {
            evidence.put(name, Value::missing(reason));
        }
    }
}

/// Asks for the text format, which every exporter has. `no-cache` makes a cache on the way ask the exporter.
fn request(client: &Client, url: &Url) -> RequestBuilder {
    client
        .request(Method::GET, url.clone())
        .header("Accept", "text/plain;version=0.0.4;q=0.5,*/*;q=0.1")
        .header("Cache-Control", "no-cache")
}

fn format(answer: &Response) -> Result<Format, Said> {
    let content_type = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    Format::of(content_type)
}

messages! {
    area "scrape";
    add_exporter() => "add it under `exporters`" / "l'ajouter sous `exporters`";
    an_exporter() => "exporter" / "l'exporteur";
    answered(status) => "it answered {status}" / "il a répondu {status}";
    did_you_mean(near) => "did you mean `{near}`?" / "peut-être `{near}` ?";
    empty() => "the page holds no sample" / "la page ne contient aucun échantillon";
    lacks(metric) => "no sample of `{metric}`" / "aucun échantillon de `{metric}`";
    lacks_perhaps(metric, near) => "no sample of `{metric}`; the nearest is `{near}`" / "aucun échantillon de `{metric}` ; le plus proche est `{near}`";
    none_asked() => "no `metrics` were asked for" / "aucun `metrics` n'a été demandé";
    one_address() => "write either `exporter` or `url`" / "écrire soit `exporter`, soit `url`";
    other_format() => "the page is not of the exposition format" / "la page n'est pas au format d'exposition";
    page_unreadable(cause) => "the page cannot be read: {cause}" / "la page n'est pas lisible : {cause}";
    scrape(page) => "scrape {page}" / "lire {page}";
    second_unanswered() => "the second scrape, by which it is judged, was not answered" / "le second relevé, qui permet d'en juger, est resté sans réponse";
    second_unreadable(cause) => "the second scrape, by which it is judged, cannot be read: {cause}" / "le second relevé, qui permet d'en juger, n'est pas lisible : {cause}";
    the_exporter(name) => "exporter `{name}`" / "l'exporteur `{name}`";
    twice(metric) => "duplicate series of `{metric}` with the same labels" / "`{metric}` figure deux fois avec les mêmes étiquettes";
    unchanged() => "two scrapes show the same page, and no metric on it must change" / "deux relevés montrent la même page, et aucune métrique n'y change forcément";
    unknown_exporter(environment, name) => "environment `{environment}` defines no exporter `{name}`" / "l'environnement `{environment}` ne définit pas d'exporteur `{name}`";
    unreachable() => "the endpoint cannot be reached" / "le point d'accès est injoignable";
    write_an_address() => "write the name of an `exporter`, or a `url`" / "écrire le nom d'un `exporter`, ou une `url`";
}

#[cfg(test)]
mod tests {
    use super::super::test_context::{action, artifact, context, keeps_its_promises, refusal, shown};
    use super::*;
    use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

    async fn scrape(pages: &[ResponseTemplate], params: &str) -> (Evidence, String) {
        let server = MockServer::start().await;
        for (index, page) in pages.iter().enumerate() {
            let mock = Mock::given(path("/metrics")).respond_with(page.clone());
            let mock = if index + 1 < pages.len() { mock.up_to_n_times(1) } else { mock };
            mock.mount(&server).await;
        }
        let (_folder, cx) = context(&format!("exporters: {{broker: '{}/metrics'}}", server.uri()));
        let evidence = action("scrape", params).run(&cx).await.unwrap();
        keeps_its_promises("scrape", &evidence);
        (evidence, artifact(&cx, "page.txt"))
    }

    fn page(body: &str) -> ResponseTemplate {
        ResponseTemplate::new(200).set_body_string(body)
    }

    #[tokio::test]
    async fn a_live_page_is_read_and_what_is_missing_is_named() {
        let pages = [
            page("kafka_server_x 1\njmx_scrape_duration_seconds 0.04\n"),
            page("kafka_server_x 1\njmx_scrape_duration_seconds 0.05\n"),
        ];
        let params = "{exporter: broker, metrics: [kafka_server_x, kafka_server_z]}";
        let (evidence, kept) = scrape(&pages, params).await;
        assert_eq!(
            ["up", "status", "valid", "samples", "present", "missing", "fresh"].map(|n| shown(&evidence, n)),
            ["yes", "200", "yes", "2", "1", "1", "yes"]
        );
        assert_eq!(evidence.remarks, ["no sample of `kafka_server_z`; the nearest is `kafka_server_x`"]);
        assert!(kept.starts_with("kafka_server_x 1"));
    }

    #[tokio::test]
    async fn a_page_that_does_not_move_is_old_or_cannot_be_judged() {
        for (body, verdict) in [
            (page("a 1\njmx_scrape_duration_seconds 0.04\n"), "no"),
            (page("a 1\n"), "not measured (two scrapes"),
            (page("a 1 1000000000000\n"), "no"),
            (page("a 1\n").insert_header("Age", "12"), "no"),
        ] {
            let (evidence, _) = scrape(&[body], "exporter: broker").await;
            assert!(shown(&evidence, "fresh").starts_with(verdict), "{}", shown(&evidence, "fresh"));
        }
    }

    #[tokio::test]
    async fn what_is_no_page_of_metrics_is_evidence() {
        let (evidence, _) = scrape(&[page("<html>login</html>\n")], "exporter: broker").await;
        assert_eq!(["up", "valid"].map(|n| shown(&evidence, n)), ["yes", "no"]);
        assert!(evidence.remarks[0].contains("line 1: a metric's name is missing"), "{:?}", evidence.remarks);
        let (evidence, _) = scrape(&[page("a 1\na 2\n")], "exporter: broker").await;
        assert_eq!(shown(&evidence, "valid"), "no");
        let (evidence, _) = scrape(&[ResponseTemplate::new(503)], "exporter: broker").await;
        assert_eq!(["up", "status"].map(|n| shown(&evidence, n)), ["no", "503"]);
        assert_eq!(shown(&evidence, "missing"), "not measured (it answered 503)");
    }

    #[tokio::test]
    async fn a_page_is_valid_where_prometheus_3_takes_it() {
        let typed =
            |body: &str, content_type: &str| ResponseTemplate::new(200).set_body_raw(body, content_type);
        let open = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        for (page, valid, told) in [
            (typed("a 1\n", "text/plain; version=0.0.4"), "yes", ""),
            (typed("a 1", "text/plain"), "no", "the last line has no line feed"),
            (typed("a 1\n# EOF", open), "yes", ""),
            (typed("a 1\n", open), "no", "must end with `# EOF`"),
            (typed("a 1\n", "text/html"), "no", "unsupported content type `text/html`; Prometheus 3 rejects"),
            (ResponseTemplate::new(200).set_body_bytes("a 1\n"), "no", "missing content type"),
        ] {
            let (evidence, _) = scrape(&[page], "exporter: broker").await;
            assert_eq!(shown(&evidence, "valid"), valid, "{:?}", evidence.remarks);
            let said = evidence.remarks.iter().map(|r| r.to_string()).collect::<Vec<_>>().join("; ");
            assert!(said.contains(told) && said.is_empty() == told.is_empty(), "{said}");
        }
    }

    #[tokio::test]
    async fn a_dead_exporter_cannot_be_reached_and_an_unknown_one_is_asked_about() {
        let (_folder, cx) = context("exporters: {broker-1: 'http://127.0.0.1:1/metrics'}");
        let failure = action("scrape", "exporter: broker-1").run(&cx).await.unwrap_err();
        assert!(matches!(failure.error, ActionError::Unreachable { .. }));
        keeps_its_promises("scrape", &failure.evidence);
        let failure = action("scrape", "exporter: broker1").run(&cx).await.unwrap_err();
        let ActionError::Misconfigured { hint, .. } = failure.error else { panic!() };
        assert_eq!(hint, "did you mean `broker-1`?");
        assert_eq!(refusal("scrape", "metrics: [a]"), "write the name of an `exporter`, or a `url`");
    }
}
