//! What in a run's figures contradicts what. Rounding is allowed for; nothing is put right.

use super::{
    consumer::Row,
    figures::Total,
    messages::{self, printed},
    run::Run,
    windows::{LISTED, Occurrences, Windows, fits},
};
use crate::record::{Arg, Said, Tool};
use jiff::civil::Date;

/// Every contradiction, and what else the reader of the figures must know, a sentence each.
pub(super) fn contradictions(run: &Run, day: Option<Date>) -> Vec<Said> {
    let mut found = Vec::new();
    elisions(run, &mut found);
    if run.windows.count > LISTED as u64 {
        found.push(messages::listed(run.windows.count, LISTED));
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
            found.push(messages::no_total());
        }
        (None, None) if run.command.is_some() => found.push(messages::no_figures()),
        (None, None) => {}
    }
    of_metrics(run, &mut found);
    if let Some(day) = day
        && let Some(other) = run.days.iter().find(|d| **d != day)
    {
        found.push(messages::dated_otherwise(Arg::text(other), Arg::text(day)));
    }
    found
}

fn elisions(run: &Run, found: &mut Vec<Said>) {
    let Some(first) = run.elisions.first() else { return };
    found.push(messages::left_out(match run.elisions.len() {
        1 => messages::line(first),
        n => messages::places(n, first),
    }));
}

fn times(seen: Occurrences, what: Said) -> Said {
    match seen.times {
        1 => messages::in_line(seen.first, what),
        n => messages::in_windows(n, seen.first, what),
    }
}

fn of_windows(run: &Run, found: &mut Vec<Said>) {
    let windows = &run.windows;
    // A consumer's rows come when its loop looks at the clock, the last one at the end.
    let short = if run.tool == Some(Tool::Consumer) { Occurrences::default() } else { windows.short };
    for (seen, what) in [
        (windows.average, messages::average_above_maximum as fn() -> Said),
        (windows.size, messages::size_does_not_fit_windows),
        (short, messages::too_short),
        (windows.stalled, messages::stood_still),
        (windows.above_target, messages::catches_up),
    ] {
        if seen.times > 0 {
            found.push(times(seen, what()));
        }
    }
}

fn of_total(run: &Run, total: &Total, found: &mut Vec<Said>) {
    if total.avg_ms.is_none() || total.records == 0 {
        found.push(messages::no_latency());
        return;
    }
    let [p50, p95, p99, p999] = total.percentiles;
    let max = total.max_ms.unwrap_or(f64::INFINITY);
    if !(p50 <= p95 && p95 <= p99 && p99 <= p999) {
        found.push(messages::out_of_order(printed(p50), printed(p95), printed(p99), printed(p999)));
    }
    if p999 > max + 0.5 {
        found.push(messages::above_maximum(messages::the_p999(), printed(p999), printed(max)));
    }
    if let Some(avg) = total.avg_ms.filter(|avg| *avg > max + 0.1) {
        found.push(messages::above_maximum(messages::the_average(), printed(avg), printed(max)));
    }
    if let Some(size) = run.asked.record_size
        && !fits(total.records_per_s, 0.05, total.mb_per_s, size)
    {
        let rate = printed(total.records_per_s);
        found.push(messages::size_does_not_fit(rate, size, printed(total.mb_per_s)));
    }
    let wanted =
        run.command.as_ref().and_then(|c| c.option(&["num-records"])).and_then(|n| n.parse::<u64>().ok());
    if let Some(wanted) = wanted.filter(|wanted| *wanted != total.records && !total.steady) {
        let said = messages::asked_and_total(wanted, total.records);
        found.push(if total.records < wanted { messages::rest_given_up(said) } else { said });
    }
    if let Some(target) = run.asked.target.filter(|target| *target > 0.0) {
        let rate = total.records_per_s;
        if rate > target * 1.005 + 1.0 {
            found.push(messages::above_rate(rate, target));
        } else if rate < target * 0.95 {
            found.push(messages::below_rate(rate, target));
        }
    }
}

fn against_windows(run: &Run, total: &Total, found: &mut Vec<Said>) {
    let windows: &Windows = &run.windows;
    if windows.records > total.records {
        found.push(messages::windows_above_total(windows.records, total.records));
        return;
    }
    let rest = total.records - windows.records;
    if total.records_per_s > 0.0 {
        let whole_s = total.records as f64 / total.records_per_s;
        let (sum, rest_s) = (windows.seconds, whole_s - windows.seconds);
        if rest_s < -1.0 - whole_s * 0.01 {
            found.push(messages::sums_differ(Arg::decimals(whole_s, 1), Arg::decimals(sum, 1)));
        } else if rest_s > run.asked.interval_s * 2.0 + whole_s * 0.01 && run.steady.is_none() {
            found.push(messages::rest_in_no_window(rest, Arg::decimals(rest_s, 1)));
        }
    }
    let Some((avg, max)) = total.avg_ms.zip(total.max_ms) else { return };
    if max + 0.1 < windows.max_ms {
        found.push(messages::maximum_below_window(printed(max), printed(windows.max_ms)));
    } else if rest == 0 && max > windows.max_ms + 0.1 {
        found.push(messages::maximum_in_no_window(printed(max)));
    }
    let (records, rest) = (total.records as f64, rest as f64);
    let rounding = windows.records as f64 * 0.05 + records * 0.005 + 1.0;
    let left = avg * records - windows.latency_ms;
    if left < -rounding || left > rest * max + rounding {
        found.push(messages::average_not_of_windows(printed(avg)));
    }
}

fn of_row(run: &Run, row: &Row, found: &mut Vec<Said>) {
    if let Some((rebalance, fetch)) = run.impossible {
        found.push(messages::impossible_times(printed(rebalance), printed(fetch)));
    }
    let value = |i: usize| row.values.get(i).copied();
    let [mb, mb_per_s, records, records_per_s] = [0, 1, 2, 3].map(|i| row.values[i]);
    if row.detailed {
        found.push(messages::no_total_with_details());
    }
    if let Some(seconds) = row.seconds() {
        if seconds < 0.0 {
            found.push(messages::ends_before_start());
        }
        let apart = |amount: f64, rate: f64| {
            rate.is_finite() && (rate * seconds - amount).abs() > amount * 0.005 + 1.0
        };
        if seconds > 0.0 && apart(mb, mb_per_s) {
            found.push(messages::mb_do_not_fit(printed(mb_per_s), Arg::decimals(seconds, 3), printed(mb)));
        }
        if seconds > 0.0 && apart(records, records_per_s) {
            let rate = printed(records_per_s);
            found.push(messages::records_do_not_fit(rate, Arg::decimals(seconds, 3), printed(records)));
        }
        if let Some((rebalance, fetch)) = value(4).zip(value(5))
            && (rebalance + fetch - seconds * 1000.0).abs() > 2.0
            && run.impossible.is_none()
        {
            let seconds = Arg::decimals(seconds, 3);
            found.push(messages::times_do_not_fit(printed(rebalance), printed(fetch), seconds));
        }
    }
    let names = ["messages", "num-records"];
    let wanted = run.command.as_ref().and_then(|c| c.option(&names)).and_then(|n| n.parse::<f64>().ok());
    if let Some(wanted) = wanted.filter(|wanted| records < *wanted) {
        found.push(messages::asked_and_read(printed(wanted), printed(records)));
    }
}

fn of_metrics(run: &Run, found: &mut Vec<Said>) {
    let metric = |name: &str| {
        let of = |key: &&String| key.strip_prefix("producer-metrics:").is_some_and(|k| k.starts_with(name));
        let key = run.metrics.keys().find(of)?;
        super::text::number(&run.metrics[key])
    };
    for (name, what) in [
        ("record-error-total:", messages::given_up as fn(Arg) -> Said),
        ("record-retry-total:", messages::sent_again),
        ("buffer-exhausted-total:", messages::buffer_full),
        ("produce-throttle-time-max:", messages::quota),
    ] {
        if let Some(value) = metric(name).filter(|v| *v > 0.0) {
            found.push(what(printed(value)));
        }
    }
    if let Some((sent, total)) = metric("record-send-total:").zip(run.total)
        && !total.steady
        && (sent - total.records as f64).abs() > 0.5
        && run.steady.is_none()
    {
        found.push(messages::metrics_and_total(printed(sent), total.records));
    }
}
