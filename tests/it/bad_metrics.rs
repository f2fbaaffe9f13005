//! Bad metric data, from a server that answers as Prometheus and its exporters do, through the real binary to a
//! verdict. Whatever is wrong with the data, it is no pass.

use crate::support::Project;
use serde_json::{Value as Json, json};
use std::{
    collections::BTreeMap,
    sync::Mutex,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

/// What a question of the binary holds, times in seconds since 1970.
struct Ask {
    now: f64,
    start: f64,
    step: f64,
    steps: usize,
    /// How often this was asked before.
    look: usize,
}

type Reply = Box<dyn Fn(&Ask) -> ResponseTemplate + Send + Sync>;

/// One table row: its name (a metric, a page or a path), what the server says, the step and the state that it must
/// come to.
struct Case {
    name: String,
    reply: Reply,
    step: String,
    state: &'static str,
}

/// The server: it knows the case by the metric in the query, by the page, or by the first part of the path.
struct Platform {
    replies: BTreeMap<String, Reply>,
    looks: Mutex<BTreeMap<String, usize>>,
}

impl Respond for Platform {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let of = |name: &str| request.url.query_pairs().find(|(k, _)| k == name).map(|(_, v)| v.into_owned());
        let number = |name: &str| of(name).and_then(|v| v.parse::<f64>().ok()).unwrap_or_default();
        let first = request.url.path_segments().unwrap().next().unwrap().to_owned();
        let name = of("query").map_or(first, |query| query.replace("sum(", "").replace(')', ""));
        let Some(reply) = self.replies.get(&name) else { return ResponseTemplate::new(404) };
        let look = {
            let mut looks = self.looks.lock().unwrap();
            let look = looks.entry(name).or_default();
            *look += 1;
            *look - 1
        };
        let (start, end, step) = (number("start"), number("end"), number("step"));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few dozen")]
        let steps = if step > 0.0 { ((end - start) / step) as usize + 1 } else { 0 };
        reply(&Ask { now: now(), start, step, steps, look })
    }
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

/// The header `Date` of a server whose clock is that many seconds away.
fn date(seconds: i64) -> String {
    let at = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn ok(body: &Json) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

fn success(kind: &str, result: &Json) -> ResponseTemplate {
    ok(&json!({"status": "success", "data": {"resultType": kind, "result": result}}))
}

fn raw(status: u16, kind: &'static str, body: impl Into<Vec<u8>>) -> Reply {
    let body = body.into();
    Box::new(move |_| ResponseTemplate::new(status).set_body_raw(body.clone(), kind))
}

/// An instant answer with one series a value, evaluated so many seconds from now.
fn vector(values: &'static [&'static str], away: f64) -> Reply {
    Box::new(move |ask| {
        let series =
            |(i, v): (usize, &&str)| json!({"metric": {"i": i.to_string()}, "value": [ask.now + away, v]});
        success("vector", &values.iter().enumerate().map(series).collect())
    })
}

fn result(kind: &'static str, result: Json) -> Reply {
    Box::new(move |_| success(kind, &result))
}

/// An answer as it is written, with the time of the question in the place of `NOW`.
fn now_in(body: &'static str) -> Reply {
    Box::new(move |ask| {
        ResponseTemplate::new(200).set_body_raw(body.replace("NOW", &ask.now.to_string()), "application/json")
    })
}

/// A range answer of one series; the value of every step, or none.
fn series(value: impl Fn(usize, usize) -> Option<&'static str> + Send + Sync + 'static) -> Reply {
    Box::new(move |ask| success("matrix", &json!([{"metric": {}, "values": points(ask, &value)}])))
}

#[expect(clippy::cast_precision_loss, reason = "a few dozen")]
fn points(ask: &Ask, value: &dyn Fn(usize, usize) -> Option<&'static str>) -> Vec<Json> {
    let at = |i: usize| ask.start + ask.step * i as f64;
    (0..ask.steps).filter_map(|i| Some(json!([at(i), value(i, ask.steps)?]))).collect()
}

/// A range answer made of the points of a whole one.
fn remade(make: impl Fn(Vec<Json>) -> Json + Send + Sync + 'static) -> Reply {
    Box::new(move |ask| success("matrix", &make(points(ask, &|_, _| Some("5")))))
}

/// Looks of a watch, one word each; the last one for ever.
fn looks(words: &'static [&'static str]) -> Reply {
    Box::new(move |ask| match words[ask.look.min(words.len() - 1)] {
        "none" => success("vector", &json!([])),
        "503" => ResponseTemplate::new(503),
        "two" => vector(&["1", "2"], 0.0)(ask),
        "future" => vector(&["1"], 600.0)(ask),
        "old" => vector(&["1"], -600.0)(ask),
        "hang" => vector(&["1"], 0.0)(ask).set_delay(Duration::from_secs(7)),
        "text" => success("string", &json!([ask.now, "1"])),
        "partial" => partial("vector", &json!([{"metric": {}, "value": [ask.now, "1"]}])),
        value => success("vector", &json!([{"metric": {}, "value": [ask.now, value]}])),
    })
}

fn partial(kind: &str, result: &Json) -> ResponseTemplate {
    let data = json!({"resultType": kind, "result": result});
    ok(&json!({"status": "success", "data": data, "warnings": ["remote_read: connection refused"]}))
}

/// Pages of an exporter, one for each look; the last one for ever.
fn pages(pages: &'static [&'static str]) -> Reply {
    Box::new(move |ask| {
        let page = pages[ask.look.min(pages.len() - 1)].replace("LOOK", &ask.look.to_string());
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
        let page = page.replace("NOW", &((ask.now * 1000.0) as i64).to_string());
        ResponseTemplate::new(200).set_body_raw(page, "text/plain; version=0.0.4")
    })
}

fn target(health: &str, job: &str, scraped: i64) -> Json {
    let at = jiff::Timestamp::now() - jiff::SignedDuration::from_secs(scraped);
    json!({
        "discoveredLabels": {"__address__": "127.0.0.1:7071", "job": job},
        "labels": {"instance": "127.0.0.1:7071", "job": job},
        "scrapePool": job, "scrapeUrl": "http://127.0.0.1:7071/metrics", "globalUrl": "http://h:7071/metrics",
        "lastError": if health == "down" { "connection refused" } else { "" },
        "lastScrape": at.to_string(), "lastScrapeDuration": 0.03, "health": health,
        "scrapeInterval": "5s", "scrapeTimeout": "4s",
    })
}

fn targets(of: impl Fn() -> Json + Send + Sync + 'static) -> Reply {
    Box::new(move |_| {
        ok(&json!({"status": "success", "data": {"activeTargets": of(), "droppedTargets": []}}))
    })
}

fn expect(action: &str, criterion: &str) -> String {
    format!("actions:\n  - {action}\ncriteria:\n  - expect: \"{criterion}\"")
}

fn case(name: &str, state: &'static str, step: String, reply: Reply) -> Case {
    Case { name: name.to_owned(), reply, step, state }
}

fn instant(name: &str, criterion: &str, state: &'static str, reply: Reply) -> Case {
    case(name, state, expect(&format!("prometheus: {{id: q, query: {name}}}"), criterion), reply)
}

fn range(name: &str, criterion: &str, state: &'static str, reply: Reply) -> Case {
    let query = if name.ends_with("_total") { format!("sum({name})") } else { name.to_owned() };
    let action = format!("prometheus: {{id: q, query: {query}, range: 10m, step: 15s}}");
    case(name, state, expect(&action, criterion), reply)
}

fn watched(name: &str, criterion: &str, state: &'static str, reply: Reply) -> Case {
    let step = format!(
        "watch:\n  - prometheus: {{id: w, query: {name}, every: 50ms}}\nactions:\n  - wait: {{id: pause, for: \
         600ms}}\ncriteria:\n  - {criterion}"
    );
    case(name, state, step, reply)
}

/// `SERVER` stands for the address of the server.
fn scraped(name: &str, criterion: &str, state: &'static str, reply: Reply) -> Case {
    let action = format!("scrape: {{id: s, url: 'SERVER/{name}', metrics: [a]}}");
    case(name, state, expect(&action, criterion), reply)
}

/// Runs one campaign with a step for every case, and gives the state of each step and its verdicts in words.
fn judged(cases: Vec<Case>, prometheus: &str) -> Vec<(String, &'static str, String, String)> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut rows = Vec::new();
    let mut replies = BTreeMap::new();
    for case in cases {
        assert!(replies.insert(case.name.clone(), case.reply).is_none(), "duplicate case `{}`", case.name);
        rows.push((case.name, case.step, case.state));
    }
    let server = runtime.block_on(async {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(Platform { replies, looks: Mutex::default() }).mount(&server).await;
        server
    });
    let project = Project::new();
    let environment = format!("name: lab\nprometheus: {{url: '{}/{prometheus}'}}\n", server.uri());
    project.file("plan/environments/lab.yaml", &environment);
    for ((_, step, _), number) in rows.iter().zip(0..) {
        project.step(number, &step.replace("SERVER", &server.uri()));
    }
    let ran = project.jalon(&["run"]);
    let status = project.status();
    let steps = status["steps"].as_array().unwrap();
    assert_eq!(steps.len(), rows.len(), "{ran:#?}");
    let shown = |(row, step): ((String, String, &'static str), &Json)| {
        let state = step["state"].as_str().unwrap().to_owned();
        let verdicts = format!("{} {}", step["criteria"], step["reason"]);
        (row.0, row.2, state, verdicts)
    };
    rows.into_iter().zip(steps).map(shown).collect()
}

/// Fails with every row that did not come to its state.
fn hold(rows: Vec<(String, &'static str, String, String)>) {
    let wrong: Vec<String> = rows
        .iter()
        .filter(|(_, expected, state, _)| state != expected)
        .map(|(name, expected, state, why)| format!("{name}: {state}, not {expected}: {why}"))
        .collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

const LOW: &str = "q.value < 100";
const HIGH: &str = "q.value > 0";

fn bad_now() -> Vec<Case> {
    let unclear = [
        ("now_empty_vector", LOW, vector(&[], 0.0)),
        ("now_two_series", LOW, vector(&["1", "2"], 0.0)),
        ("now_two_equal_series", LOW, vector(&["1", "1"], 0.0)),
        ("now_nan", LOW, vector(&["NaN"], 0.0)),
        ("now_nan_not_equal", "q.value != 5", vector(&["NaN"], 0.0)),
        ("now_nan_negated", "!(q.value > 100)", vector(&["NaN"], 0.0)),
        ("now_nan_either", "q.value < 100 || q.value > 1000", vector(&["NaN"], 0.0)),
        ("now_nan_chosen", "q.value > 100 ? q.value > 200 : q.series == 1", vector(&["NaN"], 0.0)),
        ("now_nan_beside_a_good_one", "q.series == 1 && q.value < 100", vector(&["NaN"], 0.0)),
        ("now_infinite", HIGH, vector(&["+Inf"], 0.0)),
        ("now_minus_infinite", LOW, vector(&["-Inf"], 0.0)),
        ("now_beyond_a_double", HIGH, vector(&["1e999"], 0.0)),
        ("now_scalar_nan", LOW, result("scalar", json!([now(), "NaN"]))),
        ("now_scalar_infinite", HIGH, result("scalar", json!([now(), "+Inf"]))),
        ("now_scalar_of_1970", LOW, result("scalar", json!([0, "1"]))),
        ("now_string", LOW, result("string", json!([now(), "abc"]))),
        ("now_string_of_digits", LOW, result("string", json!([now(), "12"]))),
        ("now_string_empty", LOW, result("string", json!([now(), ""]))),
        ("now_evaluated_an_hour_ago", LOW, vector(&["1"], -3600.0)),
        ("now_evaluated_a_minute_ago", LOW, vector(&["1"], -60.0)),
        ("now_clock_in_the_future", LOW, vector(&["1"], 600.0)),
        ("now_time_before_1970", LOW, result("vector", json!([{"metric": {}, "value": [-1, "1"]}]))),
        ("now_histogram", LOW, now_in(HISTOGRAM)),
        ("now_two_samples", LOW, now_in(TWO_SAMPLES)),
        ("now_series_without_sample", LOW, now_in(NO_SAMPLE)),
        (
            "now_partial",
            LOW,
            Box::new(|ask: &Ask| partial("vector", &json!([{"metric": {}, "value": [ask.now, "1"]}]))),
        ),
        ("now_max_without_range", "q.max < 100", vector(&["1"], 0.0)),
        ("now_no_targets_asked", "q.targets_down == 0", vector(&["1"], 0.0)),
    ];
    let unreadable: [(&str, Reply); 30] = [
        ("now_matrix", result("matrix", json!([{"metric": {}, "values": [[1, "1"]]}]))),
        (
            "now_error_with_200",
            raw(200, JSON, r#"{"status":"error","errorType":"timeout","error":"too slow"}"#),
        ),
        (
            "now_error_with_data",
            now_in(r#"{"status":"error","data":{"resultType":"scalar","result":[NOW,"1"]}}"#),
        ),
        ("now_no_status", now_in(r#"{"data":{"resultType":"scalar","result":[NOW,"1"]}}"#)),
        ("now_null", raw(200, JSON, r#"{"status":"success","data":null}"#)),
        ("now_no_data", raw(200, JSON, r#"{"status":"success"}"#)),
        ("now_unknown_type", result("tensor", json!([]))),
        ("now_result_is_a_map", result("vector", json!({}))),
        ("now_result_is_null", result("vector", json!(null))),
        ("now_bare_number", result("vector", json!([{"metric": {}, "value": [1, 1]}]))),
        ("now_number_with_unit", vector(&["12ms"], 0.0)),
        ("now_decimal_comma", vector(&["0,5"], 0.0)),
        ("now_empty_text", vector(&[""], 0.0)),
        ("now_hexadecimal", vector(&["0x10"], 0.0)),
        ("now_null_value", result("vector", json!([{"metric": {}, "value": [1, null]}]))),
        ("now_time_as_text", result("vector", json!([{"metric": {}, "value": ["1", "1"]}]))),
        ("now_no_labels", result("vector", json!([{"value": [1, "1"]}]))),
        ("now_half_a_sample", result("vector", json!([{"metric": {}, "value": [1]}]))),
        (
            "now_sample_of_three",
            now_in(r#"{"status":"success","data":{"resultType":"scalar","result":[NOW,"1",2]}}"#),
        ),
        ("now_cut_off", now_in(r#"{"status":"success","data":{"resultType":"scalar","result":[NOW,"1"#)),
        (
            "now_two_documents",
            now_in(r#"{"status":"success","data":{"resultType":"scalar","result":[NOW,"1"]}}{}"#),
        ),
        ("now_not_utf8", raw(200, JSON, b"{\"status\":\"success\",\"data\":\"\xff\"}")),
        ("now_empty_body", raw(200, JSON, "")),
        ("now_no_content", raw(204, JSON, "")),
        ("now_list", raw(200, JSON, "[]")),
        ("now_login_page", raw(200, "text/html", "<html><form action=/login></form></html>")),
        ("now_page_of_metrics", raw(200, "text/plain", "up 1\n")),
        (
            "now_bad_data",
            raw(400, JSON, r#"{"status":"error","errorType":"bad_data","error":"1:2: parse error"}"#),
        ),
        (
            "now_execution",
            raw(422, JSON, r#"{"status":"error","errorType":"execution","error":"many-to-many"}"#),
        ),
        (
            "now_timeout",
            raw(503, JSON, r#"{"status":"error","errorType":"timeout","error":"query timed out"}"#),
        ),
    ];
    let refused = [301, 401, 403, 404, 429, 500, 502, 504].map(|status| {
        instant(&format!("now_status_{status}"), LOW, "error", raw(status, "text/html", "<html></html>"))
    });
    let unclear =
        unclear.into_iter().map(|(name, criterion, reply)| instant(name, criterion, "inconclusive", reply));
    let unreadable = unreadable.into_iter().map(|(name, reply)| instant(name, LOW, "error", reply));
    unclear.chain(unreadable).chain(refused).collect()
}

const JSON: &str = "application/json";
const HISTOGRAM: &str = r#"{"status":"success","data":{"resultType":"vector","result":[
    {"metric":{},"histogram":[NOW,{"count":"3","sum":"4.5","buckets":[[0,"1","2","3"]]}]}]}}"#;
const TWO_SAMPLES: &str = r#"{"status":"success","data":{"resultType":"vector","result":[
    {"metric":{},"values":[[NOW,"1"],[NOW,"2"]]}]}}"#;
const NO_SAMPLE: &str = r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{}}]}}"#;

fn bad_ranges() -> Vec<Case> {
    let (low, high) = ("q.max < 100", "q.max > 0");
    let unclear: Vec<(&str, &str, Reply)> = vec![
        ("range_empty", low, result("matrix", json!([]))),
        ("range_no_samples", low, remade(|_| json!([{"metric": {}, "values": []}]))),
        (
            "range_two_series",
            low,
            remade(|p| json!([{"metric": {"i": "0"}, "values": p}, {"metric": {"i": "1"}, "values": p}])),
        ),
        (
            "range_one_empty_series",
            low,
            remade(|p| json!([{"metric": {"i": "0"}, "values": p}, {"metric": {"i": "1"}, "values": []}])),
        ),
        ("range_all_nan", low, series(|_, _| Some("NaN"))),
        ("range_one_nan", low, series(|i, _| Some(if i == 20 { "NaN" } else { "5" }))),
        ("range_one_nan_mean", "q.avg < 100", series(|i, _| Some(if i == 20 { "NaN" } else { "5" }))),
        ("range_ends_with_nan", LOW, series(|i, n| Some(if i + 1 == n { "NaN" } else { "5" }))),
        ("range_one_infinite", "q.min < 100", series(|i, _| Some(if i == 20 { "+Inf" } else { "5" }))),
        ("range_one_minus_infinite", low, series(|i, _| Some(if i == 20 { "-Inf" } else { "5" }))),
        ("range_mean_beyond_a_double", "q.avg > 0", series(|_, _| Some("1e308"))),
        ("range_stale", LOW, series(|i, n| (i + 20 < n).then_some("5"))),
        ("range_stale_max", low, series(|i, n| (i + 20 < n).then_some("5"))),
        ("range_last_step_missing", LOW, series(|i, n| (i + 1 < n).then_some("5"))),
        ("range_gap", low, series(|i, _| (!(10..15).contains(&i)).then_some("5"))),
        ("range_gap_least", "q.min > 0", series(|i, _| (!(10..15).contains(&i)).then_some("5"))),
        ("range_one_step_missing", low, series(|i, _| (i != 10).then_some("5"))),
        ("range_every_other_step", low, series(|i, _| (i % 2 == 0).then_some("5"))),
        ("range_begins_late", low, series(|i, _| (i > 20).then_some("5"))),
        ("range_one_sample", low, series(|i, n| (i + 1 == n).then_some("5"))),
        ("range_reset_total", low, series(|i, _| Some(if i < 20 { "50" } else { "0" }))),
        ("range_reset_at_the_end_total", LOW, series(|i, n| Some(if i + 1 < n { "500" } else { "0" }))),
        ("range_reset_mean_count", "q.avg < 100", series(|i, _| Some(["1", "2", "3", "1", "2"][i % 5]))),
        (
            "range_samples_in_the_future",
            high,
            Box::new(|ask: &Ask| {
                success(
                    "matrix",
                    &json!([{"metric": {}, "values": points(&Ask { start: ask.start + 300.0, ..*ask }, &|_, _| Some("5"))}]),
                )
            }),
        ),
        (
            "range_samples_from_before",
            high,
            Box::new(|ask: &Ask| {
                success(
                    "matrix",
                    &json!([{"metric": {}, "values": points(&Ask { start: ask.start - 300.0, ..*ask }, &|_, _| Some("5"))}]),
                )
            }),
        ),
        (
            "range_clock_ahead",
            low,
            Box::new(|ask: &Ask| {
                success("matrix", &json!([{"metric": {}, "values": points(ask, &|_, _| Some("5"))}]))
                    .insert_header("date", &*date(600))
            }),
        ),
        (
            "range_clock_behind",
            low,
            Box::new(|ask: &Ask| {
                success("matrix", &json!([{"metric": {}, "values": points(ask, &|_, _| Some("5"))}]))
                    .insert_header("date", &*date(-600))
            }),
        ),
        (
            "range_backwards",
            low,
            remade(|p| json!([{"metric": {}, "values": p.into_iter().rev().collect::<Vec<_>>()}])),
        ),
        (
            "range_one_time_twice",
            low,
            remade(|mut p| {
                p[7] = p[6].clone();
                json!([{"metric": {}, "values": p}])
            }),
        ),
        (
            "range_all_at_one_time",
            low,
            remade(|p| json!([{"metric": {}, "values": vec![p[40].clone(); 41]}])),
        ),
        (
            "range_histograms",
            low,
            remade(|_| json!([{"metric": {}, "histograms": [[1, {"count": "1", "sum": "1"}]]}])),
        ),
        (
            "range_histograms_beside",
            low,
            remade(|p| json!([{"metric": {}, "values": p, "histograms": [[1, {"count": "1"}]]}])),
        ),
        (
            "range_partial",
            low,
            Box::new(|ask: &Ask| {
                partial("matrix", &json!([{"metric": {}, "values": points(ask, &|_, _| Some("5"))}]))
            }),
        ),
    ];
    let unreadable: Vec<(&str, Reply)> = vec![
        ("range_vector", vector(&["1"], 0.0)),
        ("range_scalar", result("scalar", json!([1, "1"]))),
        ("range_string", result("string", json!([1, "1"]))),
        ("range_number_with_unit", series(|_, _| Some("5 ms"))),
        (
            "range_cut_off",
            raw(200, JSON, r#"{"status":"success","data":{"resultType":"matrix","result":[{"met"#),
        ),
        (
            "range_too_many_steps",
            raw(
                400,
                JSON,
                r#"{"status":"error","errorType":"bad_data","error":"exceeded maximum resolution of 11,000 points"}"#,
            ),
        ),
    ];
    let unclear =
        unclear.into_iter().map(|(name, criterion, reply)| range(name, criterion, "inconclusive", reply));
    let unreadable = unreadable.into_iter().map(|(name, reply)| range(name, low, "error", reply));
    unclear.chain(unreadable).collect()
}

fn bad_watches() -> Vec<Case> {
    let always = "always: w.value < 100";
    let rows: Vec<(&str, &str, &'static [&'static str])> = vec![
        ("watch_empty", always, &["none"]),
        ("watch_nan", always, &["NaN"]),
        ("watch_two_series", always, &["two"]),
        ("watch_infinite", "always: w.value > 0", &["+Inf"]),
        ("watch_minus_infinite", always, &["-Inf"]),
        ("watch_text", always, &["text"]),
        ("watch_down", always, &["503"]),
        ("watch_future", always, &["future"]),
        ("watch_old", always, &["old"]),
        ("watch_partial", always, &["partial"]),
        ("watch_gap", always, &["1", "none", "NaN", "503", "1"]),
        ("watch_dies", always, &["1", "1", "none"]),
        ("watch_begins_late", always, &["none", "none", "none", "1"]),
        (
            "watch_blinks",
            always,
            &["1", "NaN", "none", "1", "two", "503", "1", "none", "old", "1", "NaN", "none"],
        ),
        ("watch_hangs", always, &["1", "hang", "1"]),
        ("watch_reset_total", always, &["50", "60", "0"]),
        ("watch_reset_last_total", "expect: w.last < 10", &["50", "60", "0"]),
        ("watch_reset_max_total", "expect: w.max < 100", &["50", "60", "0"]),
        ("watch_max_over_nothing", "expect: w.max < 100", &["none"]),
        ("watch_max_over_nan", "expect: w.max < 100", &["NaN"]),
        ("watch_max_over_gap", "expect: w.max < 100", &["1", "503", "503", "503", "1"]),
        ("watch_avg_over_gap", "expect: w.avg < 100", &["1", "NaN", "NaN", "NaN", "1"]),
        ("watch_min_over_infinite", "expect: w.min > 0", &["1", "+Inf"]),
        ("watch_last_nan", "expect: w.last < 100", &["1", "1", "1", "NaN"]),
        ("watch_max_over_one_infinite", "expect: w.max < 100", &["1", "+Inf", "1"]),
        ("watch_avg_over_one_infinite", "expect: w.avg < 100", &["1", "1", "+Inf", "1"]),
        ("watch_max_over_one_of_two", "expect: w.max < 100", &["1", "two", "1"]),
        ("watch_max_over_one_nan", "expect: w.max < 100", &["1", "NaN", "1"]),
        ("watch_max_over_one_text", "expect: w.max < 100", &["1", "text", "1"]),
        ("watch_max_over_errors", "expect: w.max < 100", &["1", "503", "1", "503", "1", "503", "1"]),
        ("watch_always_over_one_infinite", always, &["1", "-Inf", "1"]),
        ("watch_always_over_errors", always, &["1", "503", "1", "503", "1", "503", "1"]),
        ("watch_guard_blind", "guard: w.value < 100", &["none"]),
        ("watch_guard_two_series", "guard: w.value < 100", &["1", "two"]),
        ("watch_guard_reset_total", "guard: w.value < 100", &["50", "60", "0"]),
        ("watch_all_is_warm_up", "always: w.value < 100\n    ignore_first: 1h", &["1"]),
        ("watch_longer_hold_than_data", "always: w.value < 100\n    for: 1h", &["1", "none", "none", "none"]),
    ];
    rows.into_iter()
        .map(|(name, criterion, words)| watched(name, criterion, "inconclusive", looks(words)))
        .collect()
}

fn bad_pages() -> Vec<Case> {
    let page = |text: &'static str| pages(Box::leak(Box::new([text])));
    let with = |name: &'static str, value: &'static str| -> Reply {
        Box::new(move |ask: &Ask| pages(&["a LOOK\n"])(ask).insert_header(name, value))
    };
    let invalid = [
        ("page_html", "<html>login</html>\n"),
        ("page_json", "{\"a\": 1}\n"),
        ("page_empty", ""),
        ("page_of_comments", "# HELP a Something.\n# TYPE a gauge\n"),
        ("page_cut_in_a_number", "a 1\nb 12"),
        ("page_cut_in_a_label", "a 1\nb{c=\"d"),
        ("page_series_twice", "a{b=\"c\"} 1\na{b=\"c\"} 2\n"),
        ("page_label_twice", "a{b=\"c\",b=\"d\"} 1\n"),
        ("page_unknown_type", "# TYPE a metric\na 1\n"),
        ("page_no_type", "# TYPE a\na 1\n"),
        ("page_no_number", "a one\n"),
        ("page_no_value", "a\n"),
        ("page_decimal_comma", "a 1,5\n"),
        ("page_no_timestamp", "a 1 today\n"),
        ("page_more_behind", "a 1 1 1\n"),
        ("page_name_with_a_digit_first", "1a 1\n"),
        ("page_name_with_a_dash", "a-b 1\n"),
        ("page_label_without_quotes", "a{b=c} 1\n"),
    ];
    let invalid = invalid.into_iter().map(|(name, text)| scraped(name, "s.valid", "failed", page(text)));
    let others = [
        ("page_not_utf8", "s.valid", "failed", raw(200, "text/plain", b"a{b=\"\xff\"} 1\n")),
        (
            "page_protobuf",
            "s.valid",
            "failed",
            raw(200, "application/vnd.google.protobuf", b"\x0a\x01a\x12\x00"),
        ),
        ("page_html_missing", "s.missing == 0", "inconclusive", page("<html>\n")),
        ("page_lacks_the_metric", "s.missing == 0", "failed", page("b 1\n")),
        ("page_same_and_restless", "s.fresh", "failed", page("a 1\njmx_scrape_duration_seconds 0.04\n")),
        ("page_same", "s.fresh", "inconclusive", page("a 1\n")),
        ("page_same_nan", "s.fresh", "inconclusive", page("a NaN\n")),
        ("page_other_comment", "s.fresh", "inconclusive", page("# made for look LOOK\na 1\n")),
        ("page_then_html", "s.fresh", "inconclusive", pages(&["a 1\n", "<html>"])),
        ("page_then_cut_off", "s.fresh", "inconclusive", pages(&["a 1\nb 2\n", "a 1\nb"])),
        ("page_of_an_hour_ago", "s.fresh", "failed", page("a LOOK 1000000000000\n")),
        ("page_partly_old", "s.fresh", "failed", page("a LOOK NOW\nb 1 1000000000000\n")),
        ("page_of_tomorrow", "s.fresh", "failed", page("a LOOK 9000000000000\n")),
        ("page_aged", "s.fresh", "failed", with("age", "30")),
        ("page_from_a_cache", "s.fresh", "failed", with("x-cache", "HIT from proxy")),
        ("page_status_500", "s.up", "failed", raw(500, "text/plain", "")),
        ("page_status_401", "s.up", "failed", raw(401, "text/plain", "")),
        ("page_status_404_missing", "s.missing == 0", "inconclusive", raw(404, "text/plain", "")),
    ];
    let others =
        others.into_iter().map(|(name, criterion, state, reply)| scraped(name, criterion, state, reply));
    let nothing_asked = case(
        "page_nothing_asked",
        "inconclusive",
        expect("scrape: {id: s, url: 'SERVER/page_nothing_asked'}", "s.missing == 0"),
        page("b LOOK\n"),
    );
    let of_a_watch = |name: &str, criterion: &str, reply: Reply, state| {
        let step = format!(
            "watch:\n  - scrape: {{id: s, url: 'SERVER/{name}', every: 50ms}}\nactions:\n  - wait: {{id: pause, for: \
             1500ms}}\ncriteria:\n  - always: {criterion}"
        );
        case(name, state, step, reply)
    };
    invalid
        .chain(others)
        .chain([
            nothing_asked,
            of_a_watch("page_watched_html", "s.valid", page("<html>\n"), "failed"),
            of_a_watch("page_watched_same", "s.fresh", page("a 1\n"), "inconclusive"),
        ])
        .collect()
}

/// Each with a Prometheus of its own: whatever is asked for, there is one list of targets.
fn bad_targets() -> Vec<Case> {
    let rows: Vec<(&str, &'static str, Reply)> = vec![
        ("targets_none", "inconclusive", targets(|| json!([]))),
        ("targets_of_another_job", "inconclusive", targets(|| json!([target("up", "node", 1)]))),
        ("targets_down", "failed", targets(|| json!([target("down", "kafka", 1)]))),
        (
            "targets_one_of_two_down",
            "failed",
            targets(|| json!([target("up", "kafka", 1), target("down", "kafka", 1)])),
        ),
        ("targets_never_scraped", "failed", targets(|| json!([target("unknown", "kafka", 60_000_000_000)]))),
        ("targets_up_and_not_scraped", "failed", targets(|| json!([target("up", "kafka", 3600)]))),
        ("targets_scraped_in_the_future", "failed", targets(|| json!([target("up", "kafka", -3600)]))),
        (
            "targets_without_list",
            "error",
            raw(200, JSON, r#"{"status":"success","data":{"droppedTargets":[]}}"#),
        ),
        ("targets_null", "error", raw(200, JSON, r#"{"status":"success","data":null}"#)),
        (
            "targets_without_health",
            "error",
            targets(|| json!([{"labels": {"job": "kafka"}, "scrapeUrl": "http://h"}])),
        ),
        ("targets_login_page", "error", raw(200, "text/html", "<html></html>")),
        ("targets_unavailable", "error", raw(503, JSON, "")),
    ];
    let step = || expect("prometheus: {id: q, targets: kafka}", "q.targets_down == 0");
    rows.into_iter().map(|(name, state, reply)| case(name, state, step(), reply)).collect()
}

#[test]
fn no_bad_answer_about_now_passes() {
    hold(judged(bad_now(), ""));
}

#[test]
fn no_bad_range_passes() {
    hold(judged(bad_ranges(), ""));
}

#[test]
fn no_bad_watch_passes() {
    hold(judged(bad_watches(), ""));
}

#[test]
fn no_bad_page_passes() {
    hold(judged(bad_pages(), ""));
}

#[test]
fn no_bad_target_passes() {
    hold(
        bad_targets()
            .into_iter()
            .flat_map(|case| {
                let name = case.name.clone();
                judged(vec![case], &name)
            })
            .collect(),
    );
}

#[test]
fn there_are_a_hundred_cases_and_none_expects_a_pass() {
    let cases = [bad_now(), bad_ranges(), bad_watches(), bad_pages(), bad_targets()].into_iter().flatten();
    let states: Vec<&str> = cases.map(|case| case.state).collect();
    assert!(states.len() >= 100 && !states.contains(&"passed"), "{}", states.len());
}

#[test]
fn a_step_longer_than_the_range_passes_nowhere() {
    let project = Project::new();
    project.file("plan/environments/lab.yaml", "name: lab\nprometheus: {url: 'http://127.0.0.1:1'}\n");
    project.step(0, &expect("prometheus: {id: q, query: up, range: 10s, step: 1m}", "q.max < 100"));
    let ran = project.jalon(&["run"]);
    assert!(ran.code != Some(0), "{ran:#?}");
    ran.says(&["step of 1 min"]);
}

/// What the same server says when all is well does pass: the tables above can fail.
#[test]
fn good_data_passes() {
    let good = vec![
        instant("good_now", LOW, "passed", vector(&["12"], 0.0)),
        instant("good_now_a_little_off", LOW, "passed", vector(&["12"], 20.0)),
        instant(
            "good_scalar",
            "q.value == 1",
            "passed",
            now_in(r#"{"status":"success","data":{"resultType":"scalar","result":[NOW,"1e+00"]}}"#),
        ),
        instant("good_with_advice", LOW, "passed", now_in(ADVICE)),
        range(
            "good_range",
            "q.max == 5 && q.min == 5 && q.avg == 5 && q.value == 5",
            "passed",
            series(|_, _| Some("5")),
        ),
        range(
            "good_range_first_step_missing",
            "q.max < 100",
            "passed",
            series(|i, _| (i > 0).then_some("5")),
        ),
        range(
            "good_rising_total",
            "q.value == 9",
            "passed",
            series(|i, _| Some(if i < 20 { "5" } else { "9" })),
        ),
        range(
            "good_gauge_that_falls",
            "q.max < 100",
            "passed",
            series(|i, _| Some(if i < 20 { "50" } else { "0" })),
        ),
        watched("good_watch", "always: w.value < 100", "passed", looks(&["1"])),
        watched("good_watch_one_look_missed", "always: w.value < 100", "passed", looks(&["1", "none", "1"])),
        watched("good_watch_max_one_error", "expect: w.max == 1", "passed", looks(&["1", "503", "1"])),
        watched("good_watch_not_begun", "expect: w.max == 1", "passed", looks(&["NaN", "NaN", "NaN", "1"])),
        watched("good_watch_max", "expect: w.max == 3 && w.last == 2", "passed", looks(&["1", "3", "2"])),
        watched("good_watch_rising_total", "guard: w.value < 100", "passed", looks(&["1", "3", "5"])),
        scraped(
            "good_page",
            "s.up && s.valid && s.fresh && s.missing == 0",
            "passed",
            pages(&["# TYPE a gauge\na LOOK\n"]),
        ),
        scraped("good_page_timestamps", "s.valid && s.fresh", "passed", pages(&["a LOOK NOW\n"])),
    ];
    let mut rows = judged(good, "");
    let step = expect("prometheus: {id: q, targets: kafka}", "q.targets_down == 0 && q.targets_up == 1");
    let up = targets(|| json!([target("up", "kafka", 2), target("down", "node", 2)]));
    rows.extend(judged(vec![case("good_targets", "passed", step, up)], "good_targets"));
    hold(rows);
}

const ADVICE: &str = r#"{"status":"success","data":{"resultType":"scalar","result":[NOW,"1"]},
    "infos":["PromQL info: metric might not be a counter"]}"#;
