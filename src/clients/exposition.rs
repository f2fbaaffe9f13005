//! Reads Prometheus' text exposition format, version 0.0.4, and what OpenMetrics adds to it: [`parse`].
//!
//! Strict, because a page that Prometheus would refuse is a finding: the first line that cannot be read is an
//! error with its number. Format: <https://prometheus.io/docs/instrumenting/exposition_formats/>.

use crate::{
    record::{Said, Speaks, display_by_said, messages},
    support::text,
};
use std::collections::{BTreeMap, BTreeSet};

/// A page of metrics.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Exposition {
    /// Samples in their order.
    pub samples: Vec<Sample>,
    /// `counter`, `gauge`, … by the name of the metric.
    pub types: BTreeMap<String, String>,
}

/// One sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Its name.
    pub name: String,
    /// Its labels, escapes undone.
    pub labels: BTreeMap<String, String>,
    /// Its value; may be NaN or infinite.
    pub value: f64,
    /// Its own time in seconds since 1970, where the page gives one. Few exporters do.
    pub at: Option<f64>,
}

/// A line that is not of the format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    /// Number of the line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: Said,
    /// The line.
    pub text: String,
}

impl Speaks for Error {
    fn said(&self) -> Said {
        wrong_line(self.line, &self.message, text::cut(&self.text, 120))
    }
}

display_by_said!(Error);

impl Exposition {
    /// Whether there is a sample of that metric: by its own name, or by that of its histogram or summary.
    pub fn has(&self, metric: &str) -> bool {
        let compound = matches!(self.types.get(metric).map(String::as_str), Some("histogram" | "summary"));
        self.samples.iter().any(|sample| {
            sample.name == metric
                || compound
                    && sample
                        .name
                        .strip_prefix(metric)
                        .is_some_and(|rest| ["_bucket", "_count", "_sum"].contains(&rest))
        })
    }

    /// A series that stands on the page more than once; Prometheus drops all but one.
    pub fn repeated(&self) -> Option<&Sample> {
        let mut seen = BTreeSet::new();
        self.samples.iter().find(|sample| !seen.insert((&sample.name, &sample.labels)))
    }
}

/// The types that a metric can have, in the older format and in OpenMetrics. Prometheus refuses a page with another.
const TYPES: [&str; 9] =
    ["counter", "gauge", "gaugehistogram", "histogram", "info", "stateset", "summary", "unknown", "untyped"];

/// Reads a page as it came.
pub fn parse_bytes(page: &[u8]) -> Result<Exposition, Error> {
    let text = std::str::from_utf8(page).map_err(|error| {
        let before = &page[..error.valid_up_to()];
        let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        Error {
            line: before.iter().filter(|b| **b == b'\n').count() + 1,
            message: not_utf_8(),
            text: String::from_utf8_lossy(&before[start..]).into_owned(),
        }
    })?;
    parse(text)
}

/// Reads a page. Its last line must end as the others do: else nobody can tell it from one that was cut off.
pub fn parse(page: &str) -> Result<Exposition, Error> {
    let mut exposition = Exposition::default();
    if !page.is_empty() && !page.ends_with('\n') {
        return Err(Error {
            line: page.lines().count(),
            message: cut_off(),
            text: page.lines().next_back().unwrap_or("").trim().to_owned(),
        });
    }
    // OpenMetrics counts in seconds where the older format counts in milliseconds; only its `# EOF` tells them apart.
    let open_metrics = page.lines().next_back().is_some_and(|line| line.trim_end() == "# EOF");
    for (index, line) in page.lines().enumerate() {
        let fault = |message: Said| Error { line: index + 1, message, text: line.trim().to_owned() };
        let line = line.trim_matches([' ', '\t', '\r']);
        if line.is_empty() {
            continue;
        }
        if let Some(comment) = line.strip_prefix('#') {
            if let Some((name, kind)) = type_line(comment).map_err(fault)? {
                exposition.types.insert(name, kind);
            }
            continue;
        }
        exposition.samples.push(Reader { rest: line }.sample(open_metrics).map_err(fault)?);
    }
    Ok(exposition)
}

/// The name and the type of `# TYPE name type`; every other comment, `HELP` included, is free text.
fn type_line(comment: &str) -> Result<Option<(String, String)>, Said> {
    let mut words = comment.split_ascii_whitespace();
    if words.next() != Some("TYPE") {
        return Ok(None);
    }
    match (words.next(), words.next(), words.next()) {
        (Some(_), Some(kind), None) if !TYPES.contains(&kind) => Err(unknown_type(kind)),
        (Some(name), Some(kind), None) => Ok(Some((name.to_owned(), kind.to_owned()))),
        _ => Err(type_incomplete()),
    }
}

/// What is left of a line.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn sample(mut self, open_metrics: bool) -> Result<Sample, Said> {
        let name = self.name(|c, first| c == ':' || is_name(c, first)).ok_or_else(name_missing)?;
        let labels = if self.take('{') { self.labels()? } else { BTreeMap::new() };
        let value = self.word().ok_or_else(value_missing)?;
        let value = number(value).ok_or_else(|| not_a_number(value))?;
        let mut at = None;
        match self.word() {
            None => {}
            // An exemplar of OpenMetrics.
            Some(word) if word.starts_with('#') => {
                return Ok(Sample { name: name.to_owned(), labels, value, at });
            }
            Some(word) => {
                let time = number(word).filter(|t| t.is_finite()).ok_or_else(|| not_a_timestamp(word))?;
                at = Some(if open_metrics { time } else { time / 1000.0 });
            }
        }
        match self.word() {
            Some(word) if !word.starts_with('#') => Err(surplus(word)),
            _ => Ok(Sample { name: name.to_owned(), labels, value, at }),
        }
    }

    /// The labels and the closing brace.
    fn labels(&mut self) -> Result<BTreeMap<String, String>, Said> {
        let mut labels = BTreeMap::new();
        loop {
            self.skip_blanks();
            if self.take('}') {
                return Ok(labels);
            }
            let name = self.name(is_name).ok_or_else(label_name_missing)?;
            if !self.take('=') || !self.take('"') {
                return Err(label_without_value(name));
            }
            if labels.insert(name.to_owned(), self.quoted()?).is_some() {
                return Err(label_twice(name));
            }
            if !self.take(',') && !self.rest.starts_with('}') {
                return Err(label_not_ended(name, "}"));
            }
        }
    }

    /// The text up to the closing quote, escapes undone.
    fn quoted(&mut self) -> Result<String, Said> {
        let mut value = String::new();
        let mut characters = self.rest.char_indices();
        while let Some((index, c)) = characters.next() {
            match c {
                '"' => {
                    self.rest = &self.rest[index + 1..];
                    return Ok(value);
                }
                '\\' => match characters.next() {
                    Some((_, 'n')) => value.push('\n'),
                    Some((_, escaped @ ('\\' | '"'))) => value.push(escaped),
                    // The older format lets an unknown escape stand for itself.
                    Some((_, other)) => value.extend(['\\', other]),
                    None => break,
                },
                c => value.push(c),
            }
        }
        Err(quote_open())
    }

    fn name(&mut self, allowed: impl Fn(char, bool) -> bool) -> Option<&'a str> {
        self.skip_blanks();
        let end = self
            .rest
            .char_indices()
            .find(|(index, c)| !allowed(*c, *index == 0))
            .map_or(self.rest.len(), |(index, _)| index);
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!name.is_empty()).then_some(name)
    }

    fn word(&mut self) -> Option<&'a str> {
        self.skip_blanks();
        let end = self.rest.find([' ', '\t']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }

    /// Takes `expected`, blanks before it left out.
    fn take(&mut self, expected: char) -> bool {
        self.skip_blanks();
        let Some(rest) = self.rest.strip_prefix(expected) else { return false };
        self.rest = rest;
        true
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }
}

fn is_name(c: char, first: bool) -> bool {
    c == '_' || c.is_ascii_alphabetic() || !first && c.is_ascii_digit()
}

/// A number as Go writes it. Rust reads the same forms, and `infinity` and `nan` in any case besides.
fn number(word: &str) -> Option<f64> {
    word.parse().ok()
}

messages! {
    area "exposition";
    cut_off() => "the last line has no end: the page may be cut off" / "la dernière ligne n'a pas de fin : la page est peut-être coupée";
    label_name_missing() => "a label's name is missing" / "le nom d'une étiquette manque";
    label_not_ended(name, brace) => "`,` or `{brace}` is missing behind label `{name}`" / "`,` ou `{brace}` manque après l'étiquette `{name}`";
    label_twice(name) => "duplicate label `{name}`" / "l'étiquette `{name}` est en double";
    label_without_value(name) => "label `{name}` has no `=\"value\"`" / "l'étiquette `{name}` n'a pas de `=\"valeur\"`";
    name_missing() => "a metric's name is missing" / "le nom d'une métrique manque";
    not_a_number(value) => "`{value}` is not a number" / "`{value}` n'est pas un nombre";
    not_a_timestamp(word) => "`{word}` is not a timestamp" / "`{word}` n'est pas un horodatage";
    not_utf_8() => "bytes that are not UTF-8" / "des octets qui ne sont pas de l'UTF-8";
    quote_open() => "a quote is not closed" / "un guillemet n'est pas fermé";
    surplus(word) => "unexpected `{word}` after the sample" / "`{word}` inattendu après l'échantillon";
    type_incomplete() => "`# TYPE` needs a name and a type" / "`# TYPE` demande un nom et un type";
    unknown_type(kind) => "`{kind}` is not a type of a metric" / "`{kind}` n'est pas un type de métrique";
    value_missing() => "the value is missing" / "la valeur manque";
    wrong_line(line, message, text) => "line {line}: {message} in `{text}`" / "ligne {line} : {message} dans `{text}`";
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one(line: &str) -> Sample {
        let mut samples = parse(&format!("{line}\n")).unwrap_or_else(|e| panic!("{e}")).samples;
        assert_eq!(samples.len(), 1, "{line}");
        samples.remove(0)
    }

    #[test]
    fn a_page_of_a_broker_is_read() {
        let page = "# HELP jvm_buffer_pool_capacity_bytes Bytes capacity of a given JVM buffer pool.\n\
            # TYPE jvm_buffer_pool_capacity_bytes gauge\n\
            jvm_buffer_pool_capacity_bytes{pool=\"mapped - 'non-volatile memory'\"} 0.0\n\
            jmx_exporter_build_info{name=\"jmx_prometheus_javaagent\",version=\"1.0.1\"} 1\n\
            # TYPE kafka_network_requestmetrics_totaltimems gauge\n\
            kafka_network_requestmetrics_totaltimems{quantile=\"0.99\",request=\"Produce\"} 12.5\n\
            kafka_connect_replication_latency_ms_avg{destination=\"target\",topic=\"source.orders\"} NaN\n\
            process_start_time_seconds 1.732342E9\n";
        let exposition = parse(page).unwrap();
        assert_eq!(exposition.samples.len(), 5);
        assert_eq!(exposition.samples[0].labels["pool"], "mapped - 'non-volatile memory'");
        assert!(exposition.samples[3].value.is_nan());
        assert_eq!(exposition.samples[4].value, 1_732_342_000.0);
        assert_eq!(exposition.types["jvm_buffer_pool_capacity_bytes"], "gauge");
        assert_eq!(exposition.repeated(), None);
    }

    #[test]
    fn labels_may_hold_anything() {
        let sample =
            one(r#"a_total{x="1,2",y="}",z="k=v",path="C:\\dir\"q\"\nend", e="é",} +Inf 1700000000000"#);
        assert_eq!(sample.labels["x"], "1,2");
        assert_eq!(sample.labels["y"], "}");
        assert_eq!(sample.labels["z"], "k=v");
        assert_eq!(sample.labels["path"], "C:\\dir\"q\"\nend");
        assert_eq!(sample.labels["e"], "é");
        assert_eq!((sample.value, sample.at), (f64::INFINITY, Some(1_700_000_000.0)));
        assert_eq!(one(r#"a{b="c"}-1"#).value, -1.0);
        assert_eq!(one("  a\t{ }  1e3  -5").at, Some(-0.005));
    }

    #[test]
    fn open_metrics_is_tolerated() {
        let page = "# TYPE a counter\n# UNIT a seconds\n\
            a_bucket{le=\"1\"} 8 1700000000.5 # {trace_id=\"x\"} 0.5\na_total 1 # {} 1\n# EOF\n";
        let samples = parse(page).unwrap().samples;
        assert_eq!((samples.len(), samples[0].at), (2, Some(1_700_000_000.5)));
    }

    #[test]
    fn a_line_that_prometheus_would_refuse_is_named() {
        for (line, message) in [
            ("<html>", "name is missing"),
            ("9lives 1", "name is missing"),
            ("a", "the value is missing"),
            ("a one", "`one` is not a number"),
            ("a{b=\"c\" 1", "is missing behind label `b`"),
            ("a{b=\"c} 1", "a quote is not closed"),
            ("a{b=c} 1", "label `b` has no"),
            ("a{b=\"1\",b=\"2\"} 1", "duplicate label `b`"),
            ("a 1 now", "is not a timestamp"),
            ("a 1 2 3", "unexpected `3`"),
            ("# TYPE a", "needs a name and a type"),
        ] {
            let error = parse(&format!("ok 1\n{line}\n")).unwrap_err();
            assert_eq!(error.line, 2);
            assert!(error.message.contains(message), "{line}: {error}");
        }
    }

    #[test]
    fn a_metric_is_found_by_its_own_name_and_a_histogram_by_its_family() {
        let page = "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_count 1\nh_sum 2\nc_total 3\nc_total 4\n";
        let exposition = parse(page).unwrap();
        assert!(exposition.has("h") && exposition.has("h_sum") && exposition.has("c_total"));
        assert!(!exposition.has("c") && !exposition.has("h_max"));
        assert_eq!(exposition.repeated().map(|s| s.name.as_str()), Some("c_total"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            name in "[a-zA-Z_:][a-zA-Z0-9_:]{0,20}",
            labels in prop::collection::btree_map("[a-zA-Z_][a-zA-Z0-9_]{0,8}", ".{0,20}|[\\\\\"\n,={}]{0,8}", 0..5),
            value in any::<f64>().prop_filter("NaN is never equal", |v| !v.is_nan()),
            at in prop::option::of(-10_000_000_000_i64..10_000_000_000_000),
        ) {
            let written: Vec<_> = labels
                .iter()
                .map(|(k, v)| {
                    let v = v.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
                    format!("{k}=\"{v}\"")
                })
                .collect();
            // A carriage return or another line break of Unicode is no line break of the format.
            prop_assume!(!labels.values().any(|v| v.contains('\r')));
            let time = at.map_or(String::new(), |t| format!(" {t}"));
            let sample = one(&format!("{name}{{{}}} {value:e}{time}", written.join(",")));
            prop_assert_eq!(&sample.name, &name);
            prop_assert_eq!(&sample.labels, &labels);
            prop_assert_eq!(sample.value, value);
            #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
            let expected = at.map(|t| t as f64 / 1000.0);
            prop_assert_eq!(sample.at, expected);
        }

        #[test]
        fn no_page_makes_it_panic(page in any::<String>()) {
            let _ = parse_bytes(page.as_bytes());
            let _ = parse(&format!("{page}\n"));
        }

        #[test]
        fn no_line_makes_it_panic(line in r#"[a-z]{0,3}\{?[a-z]{0,3}=?"?[^x]{0,9}"?,?\}? ?[0-9+Ine#.]{0,6} ?.{0,5}"#) {
            let _ = parse(&format!("{line}\n"));
        }
    }
}
