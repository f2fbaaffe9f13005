//! The windows of a load, read back from its `windows.csv` for the charts.

use std::path::Path;

/// One second of a load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Window {
    /// When it began, in seconds since the start.
    pub(super) start_s: f64,
    pub(super) length_s: f64,
    pub(super) records_per_s: f64,
    /// Missing where nothing was measured in it.
    pub(super) p99_ms: Option<f64>,
}

/// The windows of that file; none where there is none, or it is not one.
pub(super) fn read(path: &Path) -> Vec<Window> {
    std::fs::read_to_string(path).map(|text| parse(&text)).unwrap_or_default()
}

fn parse(text: &str) -> Vec<Window> {
    let mut lines = text.lines();
    let heads: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let place = |wanted: &[&str]| heads.iter().position(|head| wanted.contains(head));
    let (Some(start), Some(length), Some(rate)) =
        (place(&["start_s"]), place(&["length_s"]), place(&["records_per_s", "arrived_per_s"]))
    else {
        return Vec::new();
    };
    // The first latency is that from the intended time, where there are two.
    let p99 = heads.iter().position(|head| head.ends_with("_ms_p99"));
    lines
        .filter_map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let number = |at: usize| cells.get(at)?.parse::<f64>().ok();
            Some(Window {
                start_s: number(start)?,
                length_s: number(length)?,
                records_per_s: number(rate)?,
                p99_ms: p99.and_then(number),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_of_every_load_are_read_by_the_names_of_their_columns() {
        let text = "start_s,length_s,records,records_per_s,mb_per_s,latency_ms_p50,latency_ms_p99,send_latency_ms_p99\n\
            0.000,1.000,10,10.0,0.1,1,2.5,1.5\n1.000,0.500,0,0.0,0.0,,,\nbroken\n";
        let second = Window { start_s: 1.0, length_s: 0.5, records_per_s: 0.0, p99_ms: None };
        assert_eq!(
            parse(text),
            [Window { start_s: 0.0, length_s: 1.0, records_per_s: 10.0, p99_ms: Some(2.5) }, second]
        );
        let arrivals = parse("start_s,length_s,arrived_per_s,latency_ms_p99\n0,1,7,3\n");
        assert_eq!((arrivals[0].records_per_s, arrivals[0].p99_ms), (7.0, Some(3.0)));
        assert!(parse("").is_empty() && parse("a,b\n1,2\n").is_empty());
    }
}
