//! Reads a page of metrics as Prometheus 3 does ([`read`]): Prometheus' own text format, version 0.0.4, and OpenMetrics.
//!
//! Strict where Prometheus is, because a page that it would refuse is a finding: the first line that cannot be read is an
//! error with its number. Of the samples nothing is kept but what is asked for: a page may have millions of them.
//! Formats: <https://prometheus.io/docs/instrumenting/exposition_formats/>, and what `model/textparse` of Prometheus 3 takes.

use crate::{
    record::{Said, Speaks, display_by_said, messages},
    support::text,
};
use std::{
    collections::BTreeMap,
    hash::{BuildHasher, DefaultHasher, Hash, Hasher, RandomState},
};

/// The format of a page, which its content type tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `application/openmetrics-text`.
    OpenMetrics,
    /// The text format of Prometheus, `text/plain`.
    Text,
}

impl Format {
    /// The format that Prometheus 3 reads a page of that content type in, or why it refuses the page. Up to version 2 it
    /// took every other type, and none, for its own text format.
    pub fn of(content_type: Option<&str>) -> Result<Self, Said> {
        let Some(content_type) = content_type.filter(|text| !text.trim().is_empty()) else {
            return Err(no_content_type());
        };
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        match media_type.to_ascii_lowercase().as_str() {
            "application/openmetrics-text" => Ok(Self::OpenMetrics),
            "text/plain" => Ok(Self::Text),
            "application/vnd.google.protobuf" => Err(protobuf()),
            _ => Err(other_content_type(text::cut(content_type, 80))),
        }
    }

    fn types(self) -> &'static [&'static str] {
        match self {
            Self::OpenMetrics => {
                &["counter", "gauge", "gaugehistogram", "histogram", "info", "stateset", "summary", "unknown"]
            }
            Self::Text => &["counter", "gauge", "histogram", "summary", "untyped"],
        }
    }
}

/// What a page of metrics has: counts, repeated series and times.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Exposition {
    /// How many samples it has.
    pub samples: usize,
    /// The name of a series that stands on it more than once; Prometheus drops all but one.
    pub repeated: Option<String>,
    /// The earliest and the latest of the samples' own times, in seconds since 1970. Few exporters give any.
    pub times: Option<(f64, f64)>,
    /// Of all samples, values and times included, in their order.
    pub digest: u64,
    asked: BTreeMap<String, NameMatch>,
}

/// What was seen of a metric that was asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct NameMatch {
    /// A sample has its name.
    by_name: bool,
    /// A sample has its name and `_bucket`, `_count` or `_sum`.
    by_part: bool,
    /// It is a histogram or a summary, which has no sample of its own name.
    is_compound: bool,
}

/// One sample: a metric, its labels and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Name of the sample's metric, with a suffix such as `_bucket` or `_sum` where the line has one.
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
pub struct ExpositionError {
    /// Number of the line, from 1.
    pub line: usize,
    /// What is wrong with the line.
    pub message: Said,
    /// Text of the line, as the page has it.
    pub text: String,
}

impl Speaks for ExpositionError {
    fn said(&self) -> Said {
        wrong_line(self.line, &self.message, text::cut(&self.text, 120))
    }
}

display_by_said!(ExpositionError);

impl Exposition {
    /// Whether there is a sample of a metric that was asked for: by its own name, or by that of its histogram or summary.
    pub fn has(&self, metric: &str) -> bool {
        self.asked.get(metric).is_some_and(|seen| seen.by_name || seen.is_compound && seen.by_part)
    }

    fn add(&mut self, sample: &Sample) {
        self.samples += 1;
        if let Some(seen) = self.asked.get_mut(&sample.name) {
            seen.by_name = true;
        }
        let part = ["_bucket", "_count", "_sum"].iter().find_map(|end| sample.name.strip_suffix(end));
        if let Some(seen) = part.and_then(|family| self.asked.get_mut(family)) {
            seen.by_part = true;
        }
        if let Some(at) = sample.at {
            let (first, last) = self.times.unwrap_or((at, at));
            self.times = Some((first.min(at), last.max(at)));
        }
    }
}

/// Reads a page as it came, for these metrics.
pub fn read<'a>(
    page: &[u8],
    format: Format,
    asked: impl IntoIterator<Item = &'a str>,
) -> Result<Exposition, ExpositionError> {
    let seen = |name: &str| (name.to_owned(), NameMatch::default());
    let mut found = Exposition { asked: asked.into_iter().map(seen).collect(), ..Exposition::default() };
    // By digest: two different series of a million share one once in 30 million pages.
    let (mut known, keys) = (Vec::new(), RandomState::new());
    let mut digest = DefaultHasher::new();
    let mut ended = false;
    for (index, (line, has_end)) in lines(page).enumerate() {
        let fault = |message: Said, text: &str| ExpositionError {
            line: index + 1,
            message,
            text: text.trim().to_owned(),
        };
        let line = match std::str::from_utf8(line) {
            Ok(line) => line,
            Err(error) => {
                let before = String::from_utf8_lossy(&line[..error.valid_up_to()]);
                return Err(fault(not_utf_8(), &before));
            }
        };
        if ended {
            return Err(fault(after_end(), line));
        }
        if format == Format::OpenMetrics && line == "# EOF" {
            ended = true;
            continue;
        }
        // The text format demands it, and Prometheus does not check it: without it the page cannot be told from one that
        // was cut off. `# EOF` tells it of OpenMetrics.
        if format == Format::Text && !has_end {
            return Err(fault(cut_off(), line));
        }
        let trimmed = line.trim_matches([' ', '\t']);
        if trimmed.is_empty() {
            match format {
                Format::OpenMetrics => return Err(fault(blank_line(), line)),
                Format::Text => continue,
            }
        }
        if let Some(comment) = trimmed.strip_prefix('#') {
            let typed = type_line(comment, format).map_err(|message| fault(message, line))?;
            if let Some((name, kind)) = typed
                && let Some(seen) = found.asked.get_mut(name)
            {
                seen.is_compound = matches!(kind, "histogram" | "summary");
            }
            continue;
        }
        let sample = Reader { rest: trimmed }.sample(format).map_err(|message| fault(message, line))?;
        known.push(keys.hash_one((&sample.name, &sample.labels)));
        (&sample.name, &sample.labels, sample.value.to_bits(), sample.at.map(f64::to_bits)).hash(&mut digest);
        found.add(&sample);
    }
    if format == Format::OpenMetrics && !ended {
        let line = lines(page).count();
        return Err(ExpositionError { line, message: no_end(), text: String::new() });
    }
    found.digest = digest.finish();
    found.repeated = repeated(page, format, known, &keys);
    Ok(found)
}

/// The name of a series that stands on the page twice, by the digests of all.
fn repeated(page: &[u8], format: Format, mut known: Vec<u64>, keys: &RandomState) -> Option<String> {
    known.sort_unstable();
    let twice = known.windows(2).find(|pair| pair[0] == pair[1])?[0];
    let mut samples = lines(page).filter_map(|(line, _)| {
        let line = std::str::from_utf8(line).ok()?.trim_matches([' ', '\t']);
        (!line.is_empty() && !line.starts_with('#')).then(|| Reader { rest: line }.sample(format).ok())?
    });
    samples.find(|s| keys.hash_one((&s.name, &s.labels)) == twice).map(|sample| sample.name)
}

/// The names of the samples, as far as they can be told without reading the lines; for a look for the nearest one.
pub fn names(page: &[u8]) -> impl Iterator<Item = &str> {
    lines(page).filter_map(|(line, _)| {
        let line = std::str::from_utf8(line).ok()?.trim_start();
        let end = line.find(|c| !is_name(c, false) && c != ':').unwrap_or(line.len());
        Some(&line[..end]).filter(|name| !name.is_empty())
    })
}

/// The lines, and whether each has an end.
fn lines(page: &[u8]) -> impl Iterator<Item = (&[u8], bool)> {
    page.split_inclusive(|byte| *byte == b'\n').map(|line| match line.strip_suffix(b"\n") {
        Some(line) => (line, true),
        None => (line, false),
    })
}

/// The name and the type of `# TYPE name type`; every other comment, `HELP` included, is free text.
fn type_line(comment: &str, format: Format) -> Result<Option<(&str, &str)>, Said> {
    let mut words = comment.split([' ', '\t']).filter(|word| !word.is_empty());
    match words.next() {
        Some("TYPE") => {}
        Some("HELP" | "UNIT") => return Ok(None),
        _ if format == Format::OpenMetrics => return Err(free_comment()),
        _ => return Ok(None),
    }
    match (words.next(), words.next(), words.next()) {
        (Some(_), Some(kind), None) if !format.types().contains(&kind) => Err(unknown_type(kind)),
        (Some(name), Some(kind), None) => Ok(Some((name.trim_matches('"'), kind))),
        _ => Err(type_incomplete()),
    }
}

/// What is left of a line.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn sample(mut self, format: Format) -> Result<Sample, Said> {
        let mut name = self.name(|c, first| c == ':' || is_name(c, first)).map(str::to_owned);
        if name.is_none() && !self.rest.starts_with('{') {
            return Err(name_missing());
        }
        let labels = if self.take('{') { self.labels(&mut name)? } else { BTreeMap::new() };
        let name = name.ok_or_else(name_missing)?;
        let value = self.word().ok_or_else(value_missing)?;
        let value = number(value).ok_or_else(|| not_a_number(value))?;
        let mut at = None;
        let exemplar = |word: &str| format == Format::OpenMetrics && word.starts_with('#');
        match self.word() {
            None => {}
            Some(word) if exemplar(word) => return Ok(Sample { name, labels, value, at }),
            Some(word) => {
                // OpenMetrics counts in seconds where the older format counts in whole milliseconds.
                #[expect(clippy::cast_precision_loss, reason = "far below 2^53 for thousands of years")]
                let time = match format {
                    Format::OpenMetrics => number(word).filter(|time| time.is_finite()),
                    Format::Text => word.parse::<i64>().ok().map(|time| time as f64 / 1000.0),
                };
                at = Some(time.ok_or_else(|| not_a_timestamp(word))?);
            }
        }
        match self.word() {
            Some(word) if !exemplar(word) => Err(surplus(word)),
            _ => Ok(Sample { name, labels, value, at }),
        }
    }

    /// The labels and the closing brace. A name of the metric that is no plain word stands among them, in quotes.
    fn labels(&mut self, metric: &mut Option<String>) -> Result<BTreeMap<String, String>, Said> {
        let mut labels = BTreeMap::new();
        loop {
            self.skip_blanks();
            if self.take('}') {
                return Ok(labels);
            }
            let name = if self.take('"') {
                let name = self.quoted()?;
                self.skip_blanks();
                if metric.is_none() && self.rest.starts_with([',', '}']) {
                    *metric = Some(name);
                    self.take(',');
                    continue;
                }
                name
            } else {
                self.name(is_name).ok_or_else(label_name_missing)?.to_owned()
            };
            if !self.take('=') || !self.take('"') {
                return Err(label_without_value(name));
            }
            let value = self.quoted()?;
            if labels.insert(name.clone(), value).is_some() {
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
    cut_off() => "the last line has no line feed: the page may be truncated" / "la dernière ligne n'a pas de fin : la page est peut-être coupée";
    after_end() => "unexpected text after `# EOF`" / "quelque chose suit `# EOF`";
    blank_line() => "blank lines are not allowed in OpenMetrics" / "OpenMetrics n'a pas de lignes vides";
    free_comment() => "comments other than `HELP`, `TYPE`, `UNIT` and `EOF` are not allowed in OpenMetrics" / "OpenMetrics n'a d'autres commentaires que `HELP`, `TYPE`, `UNIT` et `EOF`";
    no_content_type() => "missing content type; Prometheus 3 rejects the page unless `fallback_scrape_protocol` is set" / "elle n'a pas de type de contenu, et Prometheus 3 refuse alors la page, sauf si `fallback_scrape_protocol` est donné";
    no_end() => "an OpenMetrics page must end with `# EOF`" / "la page ne se termine pas par `# EOF`, comme OpenMetrics le demande";
    other_content_type(kind) => "unsupported content type `{kind}`; Prometheus 3 rejects the page unless `fallback_scrape_protocol` is set" / "son type de contenu est `{kind}`, et Prometheus 3 refuse alors la page, sauf si `fallback_scrape_protocol` est donné";
    protobuf() => "protobuf is not supported; the text format was requested" / "elle est en protobuf, qui n'a pas été demandé et n'est pas lu ici";
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
        Reader { rest: line.trim() }.sample(Format::Text).unwrap_or_else(|e| panic!("{line}: {e}"))
    }

    fn text(page: &str) -> Result<Exposition, ExpositionError> {
        read(page.as_bytes(), Format::Text, ["h", "h_sum", "h_max", "c", "c_total"])
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
            \n# a comment\nprocess_start_time_seconds 1.732342E9\n";
        let exposition = text(page).unwrap();
        assert_eq!((exposition.samples, exposition.repeated.as_deref()), (5, None));
        assert_eq!(names(page.as_bytes()).last(), Some("process_start_time_seconds"));
        assert_eq!(exposition.digest, text(&page.replace("# a comment", "# another")).unwrap().digest);
        assert_ne!(exposition.digest, text(&page.replace("12.5", "12.6")).unwrap().digest);
    }

    #[test]
    fn the_content_type_tells_the_format_as_prometheus_3_demands() {
        for (content_type, format) in [
            ("text/plain; version=0.0.4; charset=utf-8", Format::Text),
            ("TEXT/PLAIN", Format::Text),
            ("application/openmetrics-text; version=1.0.0", Format::OpenMetrics),
        ] {
            assert_eq!(Format::of(Some(content_type)), Ok(format), "{content_type}");
        }
        for content_type in [None, Some(""), Some("text/html"), Some("application/json"), Some("text")] {
            let refused = Format::of(content_type).unwrap_err();
            assert!(refused.contains("Prometheus 3 rejects the page"), "{refused}");
        }
    }

    #[test]
    fn the_end_of_a_page_is_judged_as_prometheus_does() {
        for page in ["a 1\nb 12", "a 1\n# about"] {
            let error = text(page).unwrap_err().to_string();
            assert!(error.starts_with("line 2: the last line has no line feed"), "{error}");
        }
        let open = |page: &str| read(page.as_bytes(), Format::OpenMetrics, []);
        for page in ["a 1\n# EOF\n", "a 1\n# EOF"] {
            assert!(open(page).is_ok_and(|page| page.samples == 1), "{page}");
        }
        for (page, told) in [
            ("a 1\n", "must end with `# EOF`"),
            ("a 1", "must end with `# EOF`"),
            ("", "must end with `# EOF`"),
            ("a 1\n# EOF\nb 2\n", "line 3: unexpected text after `# EOF`"),
            ("a 1\n\n# EOF\n", "line 2: blank lines are not allowed in OpenMetrics"),
            ("# about\na 1\n# EOF\n", "line 1: comments other than"),
            ("# TYPE a untyped\na 1\n# EOF\n", "not a type"),
        ] {
            let error = open(page).unwrap_err().to_string();
            assert!(error.contains(told), "{page:?}: {error}");
        }
    }

    #[test]
    fn names_of_any_letters_stand_in_quotes() {
        let sample = one(r#"{"a.b", "c d"="e", f="g"} 1"#);
        assert_eq!((sample.name.as_str(), sample.labels.len()), ("a.b", 2));
        assert_eq!(sample.labels["c d"], "e");
        assert!(text("{\"a\", \"b\"} 1\n").is_err());
    }

    #[test]
    fn of_a_million_samples_nothing_is_kept() {
        let page = (0..1_000_000).fold(String::new(), |mut page, n| {
            page += &format!("m{{n=\"{n}\"}} 1\n");
            page
        });
        let exposition = text(&page).unwrap();
        assert_eq!((exposition.samples, exposition.repeated), (1_000_000, None));
        assert_eq!(exposition.asked.len(), 5);
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
    fn open_metrics_counts_in_seconds_and_has_exemplars() {
        let line = "a_bucket{le=\"1\"} 8 1700000000.5 # {trace_id=\"x\"} 0.5";
        let sample = Reader { rest: line }.sample(Format::OpenMetrics).unwrap();
        assert_eq!(sample.at, Some(1_700_000_000.5));
        let page = format!("# TYPE a counter\n# UNIT a seconds\n{line}\na_total 1 # {{}} 1\n# EOF\n");
        let page = read(page.as_bytes(), Format::OpenMetrics, []).unwrap();
        assert_eq!((page.samples, page.times), (2, Some((1_700_000_000.5, 1_700_000_000.5))));
        assert!(text("a 1 # {} 1\n").is_err());
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
            ("# TYPE a gauge\r", "is not a type"),
            ("a 1\r", "is not a number"),
            ("a 1 1.5", "is not a timestamp"),
        ] {
            let error = text(&format!("ok 1\n{line}\n")).unwrap_err();
            assert_eq!(error.line, 2);
            assert!(error.message.contains(message), "{line}: {error}");
        }
    }

    #[test]
    fn a_metric_is_found_by_its_own_name_and_a_histogram_by_its_family() {
        let page = "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_count 1\nh_sum 2\nc_total 3\nc_total 4\n";
        let exposition = text(page).unwrap();
        assert!(exposition.has("h") && exposition.has("h_sum") && exposition.has("c_total"));
        assert!(!exposition.has("c") && !exposition.has("h_max"));
        assert_eq!(exposition.repeated.as_deref(), Some("c_total"));
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
            let _ = text(&page);
            let _ = read(page.as_bytes(), Format::OpenMetrics, []);
        }

        #[test]
        fn no_line_makes_it_panic(line in r#"[a-z]{0,3}\{?[a-z]{0,3}=?"?[^x]{0,9}"?,?\}? ?[0-9+Ine#.]{0,6} ?.{0,5}"#) {
            let _ = text(&format!("{line}\n"));
            let _ = read(format!("{line}\n# EOF").as_bytes(), Format::OpenMetrics, []);
        }
    }
}
