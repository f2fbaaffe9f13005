//! What in a run's figures contradicts what. Rounding is allowed for; nothing is put right.

use super::{
    command::Tool,
    consumer::Row,
    figures::Total,
    run::Run,
    windows::{LISTED, Seen, Windows, fits},
};
use jiff::civil::Date;

/// Every contradiction, and what else the reader of the figures must know, a sentence each.
pub(super) fn contradictions(run: &Run, day: Option<Date>) -> Vec<String> {
    let mut found = Vec::new();
    elisions(run, &mut found);
    if run.windows.count > LISTED as u64 {
        found.push(format!(
            "of {} windows the first {LISTED} are listed; all of them were summed",
            run.windows.count
        ));
    }
    of_windows(run, &mut found);
    match (&run.total, &run.row) {
        (Some(total), _) => {
            of_total(run, total, &mut found);
            if run.elisions.is_empty() && run.windows.count > 0 {
                against_windows(run, total, &mut found);
            }
        }
        (None, Some(row)) => of_row(run, row, &mut found),
        (None, None) if run.tool == Some(Tool::EndToEnd) && run.latency.percentiles.is_some() => {}
        (None, None) if run.windows.count > 0 => {
            found.push("no total follows: the run was ended, or its last lines are missing".to_owned());
        }
        (None, None) if run.command.is_some() => found.push("no figures follow the command".to_owned()),
        (None, None) => {}
    }
    of_metrics(run, &mut found);
    if let Some(day) = day
        && let Some(other) = run.days.iter().find(|d| **d != day)
    {
        found.push(format!("lines of it are dated {other}, and it is imported for {day}"));
    }
    found
}

fn elisions(run: &Run, found: &mut Vec<String>) {
    let Some(first) = run.elisions.first() else { return };
    let lines = match run.elisions.len() {
        1 => format!("line {first}"),
        n => format!("{n} places, first in line {first}"),
    };
    found.push(format!(
        "lines were left out ({lines}): the sums of the windows are not compared with the total"
    ));
}

fn times(seen: Seen, what: &str) -> String {
    match seen.times {
        1 => format!("line {}: {what}", seen.first),
        n => format!("{n} windows, first in line {}: {what}", seen.first),
    }
}

fn of_windows(run: &Run, found: &mut Vec<String>) {
    let windows = &run.windows;
    // A consumer's rows come when its loop looks at the clock, the last one at the end.
    let short = if run.tool == Some(Tool::Consumer) { Seen::default() } else { windows.short };
    for (seen, what) in [
        (windows.average, "the average latency is above the maximum"),
        (windows.size, "records/s by the command's record size do not make the MB/s"),
        (short, "records by records/s make less time than there is between two windows"),
        (
            windows.stalled,
            "it lasted far longer than the interval: the tool stood still, and prints nothing meanwhile",
        ),
        (
            windows.above_target,
            "records/s are far above the rate asked for: the tool catches up after a stall, and measures from the send \
             call, so that the wait before it is in no latency",
        ),
    ] {
        if seen.times > 0 {
            found.push(times(seen, what));
        }
    }
}

fn of_total(run: &Run, total: &Total, found: &mut Vec<String>) {
    if total.avg_ms.is_none() || total.records == 0 {
        found.push("no record was acknowledged: there is no latency".to_owned());
        return;
    }
    let [p50, p95, p99, p999] = total.percentiles;
    let max = total.max_ms.unwrap_or(f64::INFINITY);
    if !(p50 <= p95 && p95 <= p99 && p99 <= p999) {
        found.push(format!("percentiles out of order: {p50}, {p95}, {p99}, {p999} ms"));
    }
    if p999 > max + 0.5 {
        found.push(format!("the 99.9th percentile, {p999} ms, is above the maximum, {max} ms"));
    }
    if let Some(avg) = total.avg_ms.filter(|avg| *avg > max + 0.1) {
        found.push(format!("the average latency, {avg} ms, is above the maximum, {max} ms"));
    }
    if let Some(size) = run.asked.record_size
        && !fits(total.records_per_s, 0.05, total.mb_per_s, size)
    {
        found.push(format!(
            "{} records/s of {size} bytes do not make {} MB/s",
            total.records_per_s, total.mb_per_s
        ));
    }
    let wanted =
        run.command.as_ref().and_then(|c| c.option(&["num-records"])).and_then(|n| n.parse::<u64>().ok());
    if let Some(wanted) = wanted.filter(|wanted| *wanted != total.records && !total.steady) {
        let why = if total.records < wanted { ": the rest was given up, or the run was ended" } else { "" };
        found.push(format!("the command asks for {wanted} records, the total says {}{why}", total.records));
    }
    if let Some(target) = run.asked.target.filter(|target| *target > 0.0) {
        let rate = total.records_per_s;
        if rate > target * 1.005 + 1.0 {
            found.push(format!("{rate} records/s are above the {target}/s asked for"));
        } else if rate < target * 0.95 {
            found.push(format!(
                "{rate} records/s of the {target}/s asked for: the rate was not reached, and the latencies are those of an \
                 overloaded client"
            ));
        }
    }
}

fn against_windows(run: &Run, total: &Total, found: &mut Vec<String>) {
    let windows: &Windows = &run.windows;
    if windows.records > total.records {
        found.push(format!("the windows hold {} records, the total {}", windows.records, total.records));
        return;
    }
    let rest = total.records - windows.records;
    if total.records_per_s > 0.0 {
        let whole_s = total.records as f64 / total.records_per_s;
        let (sum, rest_s) = (windows.seconds, whole_s - windows.seconds);
        if rest_s < -1.0 - whole_s * 0.01 {
            found.push(format!(
                "records by records/s make {whole_s:.1} s in the total and {sum:.1} s in the windows together"
            ));
        } else if rest_s > run.asked.interval_s * 2.0 + whole_s * 0.01 && run.steady.is_none() {
            found.push(format!(
                "{rest} records and {rest_s:.1} s of the total are in no window: lines may be missing"
            ));
        }
    }
    let Some((avg, max)) = total.avg_ms.zip(total.max_ms) else { return };
    if max + 0.1 < windows.max_ms {
        found.push(format!(
            "the maximum of the total, {max} ms, is below that of a window, {} ms",
            windows.max_ms
        ));
    } else if rest == 0 && max > windows.max_ms + 0.1 {
        found.push(format!("the maximum of the total, {max} ms, is in no window"));
    }
    let (records, rest) = (total.records as f64, rest as f64);
    let rounding = windows.records as f64 * 0.05 + records * 0.005 + 1.0;
    let left = avg * records - windows.latency_ms;
    if left < -rounding || left > rest * max + rounding {
        found.push(format!("the average of the total, {avg} ms, cannot be that of its windows"));
    }
}

fn of_row(run: &Run, row: &Row, found: &mut Vec<String>) {
    let value = |i: usize| row.values.get(i).copied();
    let [mb, mb_per_s, records, records_per_s] = [0, 1, 2, 3].map(|i| row.values[i]);
    if row.detailed {
        found.push("the tool prints no total with detailed rows: rates are those of the windows".to_owned());
    }
    if let Some((start, end)) = row.start.zip(row.end) {
        let seconds = start.until(end).map_or(0.0, |span| {
            span.total((jiff::Unit::Second, jiff::SpanRelativeTo::days_are_24_hours())).unwrap_or_default()
        });
        if seconds < 0.0 {
            found.push("it ends before it starts".to_owned());
        }
        let apart = |amount: f64, rate: f64| {
            rate.is_finite() && (rate * seconds - amount).abs() > amount * 0.005 + 1.0
        };
        if seconds > 0.0 && apart(mb, mb_per_s) {
            found.push(format!("{mb_per_s} MB/s over {seconds:.3} s do not make {mb} MB"));
        }
        if seconds > 0.0 && apart(records, records_per_s) {
            found
                .push(format!("{records_per_s} records/s over {seconds:.3} s do not make {records} records"));
        }
        if let Some((rebalance, fetch)) = value(4).zip(value(5))
            && (rebalance + fetch - seconds * 1000.0).abs() > 2.0
        {
            found.push(format!(
                "{rebalance} ms of rebalance and {fetch} ms of fetching are not the {seconds:.3} s in all"
            ));
        }
    }
    let names = ["messages", "num-records"];
    let wanted = run.command.as_ref().and_then(|c| c.option(&names)).and_then(|n| n.parse::<f64>().ok());
    if let Some(wanted) = wanted.filter(|wanted| records < *wanted) {
        found.push(format!("the command asks for {wanted} records, and {records} were read"));
    }
}

fn of_metrics(run: &Run, found: &mut Vec<String>) {
    let metric = |name: &str| {
        let of = |key: &&String| key.strip_prefix("producer-metrics:").is_some_and(|k| k.starts_with(name));
        let key = run.metrics.keys().find(of)?;
        super::text::number(&run.metrics[key])
    };
    for (name, what) in [
        ("record-error-total:", "records were given up (record-error-total)"),
        ("record-retry-total:", "records were sent again (record-retry-total)"),
        ("buffer-exhausted-total:", "sends found the buffer full (buffer-exhausted-total)"),
        ("produce-throttle-time-max:", "ms is the longest time that a broker's quota held requests back"),
    ] {
        if let Some(value) = metric(name).filter(|v| *v > 0.0) {
            found.push(format!("{value} {what}"));
        }
    }
    if let Some((sent, total)) = metric("record-send-total:").zip(run.total)
        && !total.steady
        && (sent - total.records as f64).abs() > 0.5
        && run.steady.is_none()
    {
        found.push(format!("the metrics count {sent} records sent, the total {}", total.records));
    }
}
