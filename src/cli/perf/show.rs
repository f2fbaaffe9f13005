//! What a load came to, for a person at a terminal: figures, latencies, charts, remarks.

use super::{chart, job::Job, load::LoadResult};
use crate::{
    record::{Declared, Evidence, Family, Value},
    report::{self, Language, WIDTH, grid, series::Stretch},
    support::text,
};
use anstyle::Style;
use std::{collections::BTreeMap, fmt::Write};

const STATS: [(&str, &str); 6] =
    [("avg", "avg"), ("p50", "P50"), ("p95", "P95"), ("p99", "P99"), ("p999", "P99.9"), ("max", "max")];

/// The point of view that a latency is measured from; none of a time that is no latency of a load.
fn point_of_view(family: Family) -> Option<&'static str> {
    Some(match family {
        Family::LatencyFromIntended => "from the intended time",
        Family::LatencyFromSend => "from the send call",
        Family::LatencyFromTimestamp => "from the record's timestamp",
        Family::LatencyUntilAcknowledged => "until acknowledged",
        _ => return None,
    })
}

/// The latencies with their points of view, from the one that matters most.
fn latencies(declared: &Declared) -> Vec<(&str, &'static str)> {
    let mut found: Vec<(Family, &str)> =
        declared.families.iter().map(|(name, family)| (*family, name.as_str())).collect();
    found.sort_unstable();
    found.into_iter().filter_map(|(family, name)| Some((name, point_of_view(family)?))).collect()
}

/// Styled, without a line over [`WIDTH`] columns but the last one, which other programs read.
pub(super) fn text(job: &Job, ended: &LoadResult, windows: &[Stretch], probes: &str) -> String {
    let evidence = &ended.evidence;
    let declared = job.kind.promised();
    let mut out = String::new();
    heading(&mut out, &ended.description);
    for (label, said) in figures(&declared, evidence, ended.error.is_none()) {
        let _ = write!(out, "  {label:<9}");
        out.push_str(report::wrap(&said, WIDTH - 2, 11).trim_start());
    }
    if !probes.is_empty() {
        let _ = write!(out, "\n{probes}");
    }
    latency_table(&mut out, &declared, evidence);
    charts(&mut out, &declared, evidence, windows);
    if job.keep.print_metrics {
        metrics(&mut out, evidence);
    }
    if !evidence.remarks.is_empty() {
        out.push('\n');
    }
    for remark in &evidence.remarks {
        out.push_str(&report::wrap(&format!("note: {remark}"), WIDTH, 2));
    }
    if let Some(folder) = &job.keep.out {
        let _ = writeln!(out, "\nkept in {}", folder.display());
    }
    if let Some(line) = as_kafka_says(evidence) {
        let _ = write!(out, "\n{line}\n");
    }
    out
}

fn heading(out: &mut String, title: &str) {
    let bold = Style::new().bold();
    let wrapped = report::wrap(title, WIDTH, 0);
    for line in wrapped.lines() {
        let _ = writeln!(out, "{bold}{line}{bold:#}");
    }
}

fn number(evidence: &Evidence, name: &str) -> Option<f64> {
    evidence.get(name)?.as_f64()
}

fn count(evidence: &Evidence, name: &str) -> String {
    number(evidence, name).map_or_else(|| "?".to_owned(), |n| Language::En.number_with(n, 0))
}

/// The first lines: label and text.
fn figures(declared: &Declared, evidence: &Evidence, complete: bool) -> Vec<(&'static str, String)> {
    if declared.has(Family::Capacity) {
        return found(evidence);
    }
    let of = |name: &str| count(evidence, name);
    let mut lines = Vec::new();
    let has = |name: &str| evidence.get(name).is_some();
    let records = match (has("records"), has("records_arrived")) {
        (true, _) => format!("{} read", of("records")),
        (_, true) => format!(
            "{} of {} sent, {} arrived, {} lost, {} repeated, {} out of order",
            of("records_sent"),
            of("records_asked"),
            of("records_arrived"),
            of("lost"),
            of("duplicated"),
            of("reordered")
        ),
        (false, false) => {
            let unsent = number(evidence, "records_unsent").filter(|n| *n > 0.0);
            let unsent = unsent.map_or_else(String::new, |n| {
                format!(", {} due and not sent", Language::En.number_with(n, 0))
            });
            let asked = match complete {
                true => format!(" of {}", of("records_asked")),
                false => String::new(),
            };
            let early = if complete { "" } else { "; stopped before its end" };
            format!("{}{asked} delivered, {} failed{unsent}{early}", of("records_sent"), of("records_failed"))
        }
    };
    lines.push(("records", records));
    let rate = number(evidence, "throughput.records_per_s").zip(number(evidence, "throughput.mb_per_s"));
    lines.push((
        "rate",
        match rate {
            Some((records, mb)) => {
                // Where arrivals are counted, the ratio is of the records sent.
                let (arrived, sent) =
                    if has("records_arrived") { (" arrived", "sent at ") } else { ("", "") };
                let asked = number(evidence, "achieved_ratio").map_or_else(String::new, |ratio| {
                    format!(", {sent}{} % of what was asked", Language::En.number_with(ratio * 100.0, 1))
                });
                format!("{} records/s, {} MB/s{arrived}{asked}", chart::number(records), chart::number(mb))
            }
            None => "not measured".to_owned(),
        },
    ));
    if let Some(seconds) = number(evidence, "duration_s") {
        lines.push(("took", format!("{} s", chart::number(seconds))));
    }
    if has("join_ms") {
        let joined = number(evidence, "join_ms").map_or_else(String::new, chart::number);
        lines.push((
            "group",
            format!(
                "joined in {joined} ms, {} members with a partition, {} rebalances, {} records behind at the end",
                of("members_active"),
                of("rebalances"),
                of("lag_records")
            ),
        ));
    }
    lines
}

/// What a search for the limit found.
fn found(evidence: &Evidence) -> Vec<(&'static str, String)> {
    let rate = |name: &str| number(evidence, &format!("{name}.records_per_s")).map(chart::number);
    let mut lines = vec![(
        "capacity",
        match (rate("rate"), number(evidence, "rate.mb_per_s")) {
            (Some(records), mb) => {
                let above = evidence.get("at_least") == Some(&Value::Flag(true));
                let least = if above { "at least " } else { "" };
                let mb = mb.map_or_else(String::new, |mb| format!(", {} MB/s", chart::number(mb)));
                format!("{least}{records} records/s{mb}")
            }
            (None, _) => match evidence.get("rate.records_per_s") {
                Some(Value::Missing(why)) => format!("none: {why}"),
                _ => "none".to_owned(),
            },
        },
    )];
    let ends = [("lower", "held"), ("upper", "did not")];
    let ends: Vec<String> =
        ends.iter().filter_map(|(end, word)| Some(format!("{} {word}", rate(end)?))).collect();
    lines.push(("between", ends.join(", ")));
    if let Some(Value::Text(why)) = evidence.get("limited_by") {
        lines.push(("limit", why.to_string()));
    }
    if let Some(seconds) = number(evidence, "duration_s") {
        let probes = count(evidence, "probes");
        lines.push(("took", format!("{probes} probes in {} s", chart::number(seconds))));
    }
    lines
}

fn latency_table(out: &mut String, declared: &Declared, evidence: &Evidence) {
    let mut rows = Vec::new();
    let mut missing: Vec<&str> = Vec::new();
    for (name, label) in latencies(declared) {
        let values = STATS.map(|(stat, _)| evidence.get(&format!("{name}.{stat}")));
        if let Some(Value::Missing(why)) = values[1] {
            missing.push(why);
            continue;
        }
        let shown = values.map(|value| value.and_then(Value::as_f64).map_or("–".to_owned(), chart::number));
        rows.push(std::iter::once(format!("  {label}")).chain(shown).collect::<Vec<_>>());
    }
    out.push('\n');
    let heads: Vec<&str> = std::iter::once("  latency, ms").chain(STATS.map(|(_, head)| head)).collect();
    if !rows.is_empty() {
        out.push_str(&grid(&heads, &right(rows), WIDTH));
    }
    missing.dedup();
    for why in missing {
        out.push_str(&report::wrap(&format!("latency not measured: {why}"), WIDTH, 2));
    }
}

/// Numbers to the right, in columns of one width.
fn right(mut rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let columns = rows.first().map_or(0, Vec::len);
    for column in 1..columns {
        let wide = rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        rows.iter_mut().for_each(|row| row[column] = format!("{:>wide$}", row[column]));
    }
    rows
}

#[expect(clippy::cast_precision_loss, reason = "some windows")]
fn charts(out: &mut String, declared: &Declared, evidence: &Evidence, windows: &[Stretch]) {
    // What is left of a second at the end has a rate of its own.
    let whole: Vec<&Stretch> = windows.iter().filter(|w| w.length_s >= 0.5).collect();
    let windows = if whole.len() >= 3 { whole } else { Vec::new() };
    let rates: Vec<_> = windows.iter().map(|w| (w.start_s, w.length_s, Some(w.rate()))).collect();
    let mean = |inside: &[(f64, f64)]| inside.iter().map(|v| v.1).sum::<f64>() / inside.len() as f64;
    if let Some(chart) = chart::over_time(&rates, mean) {
        let _ = write!(out, "\n  records/s over time\n{chart}");
    }
    let p99: Vec<_> = windows.iter().map(|w| (w.start_s, w.length_s, w.p99_ms)).collect();
    let worst = |inside: &[(f64, f64)]| inside.iter().map(|v| v.1).fold(0.0, f64::max);
    if let Some(chart) = chart::over_time(&p99, worst) {
        let _ = write!(out, "\n  P99 of each second over time, ms\n{chart}");
    }
    let Some((name, label)) = latencies(declared).into_iter().next() else { return };
    let bars: Vec<(&str, f64)> = STATS[1..]
        .iter()
        .filter_map(|(stat, head)| Some((*head, number(evidence, &format!("{name}.{stat}"))?)))
        .collect();
    if !bars.is_empty() {
        let _ = write!(out, "\n  latency {label}, ms\n{}", chart::bars(&bars));
    }
}

/// Every output.
fn metrics(out: &mut String, evidence: &Evidence) {
    out.push_str("\n  every figure\n");
    let mut missing: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, measured) in &evidence.values {
        match &measured.value {
            Value::Missing(why) => missing.entry(why).or_default().push(name.as_str()),
            value => {
                let line = format!("  {:<26}{}", name.as_str(), Language::En.value(value));
                let _ = writeln!(out, "{}", text::cut(&line, WIDTH));
            }
        }
    }
    for (why, names) in missing {
        out.push_str(&report::wrap(&format!("not measured ({why}): {}", names.join(", ")), WIDTH, 2));
    }
}

/// The line that `kafka-producer-perf-test` ends with: its latencies are those from the send call, in whole
/// milliseconds.
fn as_kafka_says(evidence: &Evidence) -> Option<String> {
    // Of a load that only sends, as that tool does.
    if evidence.get("records_arrived").is_some() {
        return None;
    }
    let of = |name: &str| number(evidence, name);
    let latency = |stat: &str| of(&format!("send_latency_ms.{stat}"));
    Some(format!(
        "{:.0} records sent, {:.1} records/sec ({:.2} MB/sec), {:.2} ms avg latency, {:.2} ms max latency, {:.0} ms \
         50th, {:.0} ms 95th, {:.0} ms 99th, {:.0} ms 99.9th.",
        of("records_sent")?,
        of("throughput.records_per_s")?,
        of("throughput.mb_per_s")?,
        latency("avg")?,
        latency("max")?,
        latency("p50")?,
        latency("p95")?,
        latency("p99")?,
        latency("p999")?
    ))
}

#[cfg(test)]
mod tests {
    use super::super::{job::Keep, load::LoadResult};
    use super::*;
    use crate::record::Unit;
    use unicode_width::UnicodeWidthStr;

    fn ended() -> LoadResult {
        let mut evidence = Evidence::default();
        for (name, number) in [("records_asked", 3000.0), ("records_sent", 2990.0), ("records_failed", 10.0)]
        {
            evidence.put(name, Value::number(number, Unit::Count));
        }
        evidence
            .put("throughput.records_per_s", Value::number(996.7, Unit::RecordsPerSecond))
            .put("throughput.mb_per_s", Value::number(0.973, Unit::MbPerSecond))
            .put("achieved_ratio", Value::number(0.9967, Unit::Ratio))
            .put("duration_s", Value::number(3.0, Unit::Seconds));
        for (at, (stat, _)) in STATS.iter().enumerate() {
            let value = [1.5, 1.0, 2.0, 12.25, 45.0, 60.0][at];
            evidence.put(format!("latency_ms.{stat}"), Value::number(value, Unit::Milliseconds));
            evidence.put(format!("send_latency_ms.{stat}"), Value::number(value / 2.0, Unit::Milliseconds));
        }
        evidence.remark("the generator itself was late, its queue being free, and this sentence is long enough to be wrapped");
        let description =
            "produce 3000 records of 1.0 KiB to `t` at 127.0.0.1:9092 at 1000 records/s".to_owned();
        LoadResult { description, evidence, error: None }
    }

    #[test]
    fn figures_latencies_and_charts_fit_a_terminal() {
        let ended = ended();
        let keep = Keep { out: Some("kept".into()), json: false, print_metrics: true };
        let environment = serde_yaml::from_str("name: perf").unwrap();
        let job = Job::new("produce", serde_json::json!({}), environment, keep, None);
        let windows: Vec<Stretch> = (0..3)
            .map(|i| Stretch {
                start_s: f64::from(i),
                length_s: 1.0,
                records: 1000.0,
                p99_ms: Some(f64::from(i) * 6.0),
                ..Stretch::default()
            })
            .collect();
        let shown = anstream::adapter::strip_str(&text(&job, &ended, &windows, "")).to_string();
        let (above, last) = shown.trim_end().rsplit_once('\n').unwrap();
        for line in above.lines() {
            assert!(line.width() <= WIDTH, "{line}");
        }
        assert_eq!(
            last,
            "2990 records sent, 996.7 records/sec (0.97 MB/sec), 0.75 ms avg latency, 30.00 ms max latency, 0 ms 50th, \
             1 ms 95th, 6 ms 99th, 22 ms 99.9th."
        );
        for part in [
            "2,990 of 3,000 delivered, 10 failed",
            "99.7 % of what was asked",
            "records/s over time",
            "P99 of each second",
            "latency from the intended time, ms",
            "every figure",
            "kept in kept",
        ] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
    }

    #[test]
    fn what_was_not_measured_is_said() {
        let mut ended = ended();
        for (name, measured) in &mut ended.evidence.values {
            if name.as_str().contains("latency") {
                measured.value = Value::missing("no record was delivered".to_owned());
            }
        }
        let environment = serde_yaml::from_str("name: perf").unwrap();
        let keep = Keep { out: None, json: false, print_metrics: false };
        let job = Job::new("produce", serde_json::json!({}), environment, keep, None);
        let shown = text(&job, &ended, &[], "");
        assert_eq!(shown.matches("latency not measured: no record was delivered").count(), 1, "{shown}");
        assert!(!shown.contains("records sent"), "{shown}");
    }
}
