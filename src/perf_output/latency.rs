//! What `EndToEndLatency` prints: every thousandth latency, the average, and three percentiles in whole milliseconds.

use super::text;

/// A line of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Latencies {
    /// Number and latency of one record.
    One,
    /// The average in milliseconds.
    Average(f64),
    /// 50th, 99th and 99.9th percentile in milliseconds.
    Percentiles([f64; 3]),
}

/// The line, where it is one of these.
pub(super) fn latency(line: &str) -> Option<Latencies> {
    if let Some(average) = line.strip_prefix("Avg latency: ") {
        return text::number(average.strip_suffix(" ms")?).map(Latencies::Average);
    }
    if let Some(rest) = line.strip_prefix("Percentiles: 50th = ") {
        let (p50, rest) = rest.split_once(", 99th = ")?;
        let (p99, p999) = rest.split_once(", 99.9th = ")?;
        let [p50, p99, p999] = [p50, p99, p999].map(text::number);
        return Some(Latencies::Percentiles([p50?, p99?, p999?]));
    }
    let mut words = line.split_ascii_whitespace();
    let (record, ms) = (words.next()?, words.next()?);
    let every_thousandth = record.parse::<u64>().is_ok_and(|n| n.is_multiple_of(1000));
    let sound =
        every_thousandth && words.next().is_none() && ms.contains(['.', ',']) && text::number(ms).is_some();
    sound.then_some(Latencies::One)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_three_lines_are_known() {
        assert_eq!(latency("0 218.521854"), Some(Latencies::One));
        assert_eq!(latency("Avg latency: 11.4269 ms"), Some(Latencies::Average(11.4269)));
        assert_eq!(
            latency("Percentiles: 50th = 8, 99th = 92, 99.9th = 218"),
            Some(Latencies::Percentiles([8.0, 92.0, 218.0]))
        );
        for line in ["12 218.5", "1000 2", "Avg latency: high", "1 800 000"] {
            assert_eq!(latency(line), None, "{line}");
        }
    }
}
