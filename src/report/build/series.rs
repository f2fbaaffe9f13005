//! What loads and watches kept second by second, thinned while it is read: a picture has a few hundred points, a day
//! a million windows.

use crate::{
    record::{Said, messages},
    store::columns::{columns, each_line, number},
};
use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};
use jiff::{SignedDuration, Timestamp};
use std::{collections::BTreeMap, io::BufRead};

/// Points that a series has at least, once there were as many, and half of how many it has at most.
const POINTS: usize = 250;

/// What a load did over its time; seconds count from its start.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Windows {
    /// Where the last window ends in which records of the warm-up are; zero where there is none.
    pub warm_up_s: f64,
    /// How many windows there were.
    pub windows: u64,
    /// Stretches of time, one after the other.
    pub stretches: Vec<Stretch>,
}

/// Some windows as one.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Stretch {
    /// Start of the stretch, in seconds as windows.csv counts them.
    pub start_s: f64,
    /// How long its windows are together.
    pub length_s: f64,
    /// Records that its windows brought.
    pub records: f64,
    /// The highest median of its windows, in milliseconds.
    pub p50_ms: Option<f64>,
    /// Highest P99 of the windows, in milliseconds.
    pub p99_ms: Option<f64>,
    /// Highest maximum of the windows, in milliseconds.
    pub max_ms: Option<f64>,
}

impl Stretch {
    fn join(&mut self, next: &Self) {
        self.length_s += next.length_s;
        self.records += next.records;
        for (mine, other) in [
            (&mut self.p50_ms, next.p50_ms),
            (&mut self.p99_ms, next.p99_ms),
            (&mut self.max_ms, next.max_ms),
        ] {
            *mine = highest(*mine, other);
        }
    }

    /// Returns the rate over the stretch, in records per second.
    pub fn rate(&self) -> f64 {
        if self.length_s > 0.0 { self.records / self.length_s } else { 0.0 }
    }
}

fn highest(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (a, b) => a.or(b),
    }
}

/// What a watch saw over its time, by output; seconds count from its start.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Samples {
    /// Points of each output: the moment, and the highest of what was seen about then.
    pub outputs: BTreeMap<String, Vec<(f64, Option<f64>)>>,
}

/// Joins neighbours whenever there are too many.
struct Thin<T> {
    points: Vec<T>,
    /// How many items make a point, and how many the last one has.
    each: usize,
    last: usize,
    join: fn(&mut T, &T),
}

impl<T: Copy> Thin<T> {
    fn new(join: fn(&mut T, &T)) -> Self {
        Self { points: Vec::new(), each: 1, last: 0, join }
    }

    fn push(&mut self, item: T) {
        match self.points.last_mut() {
            Some(last) if self.last < self.each => {
                (self.join)(last, &item);
                self.last += 1;
                return;
            }
            _ => {}
        }
        if self.points.len() == 2 * POINTS {
            let join = self.join;
            self.points = self
                .points
                .chunks(2)
                .map(|pair| {
                    let mut one = pair[0];
                    pair[1..].iter().for_each(|other| join(&mut one, other));
                    one
                })
                .collect();
            self.each *= 2;
        }
        self.points.push(item);
        self.last = 1;
    }
}

/// Reads a `windows.csv`, whatever kind of load wrote it; an error is a sentence.
pub fn windows(reader: &mut impl BufRead) -> Result<Windows, Said> {
    let mut found = Windows::default();
    let mut thin = Thin::new(Stretch::join);
    columns(
        reader,
        |names| places(names).ok_or_else(no_times),
        |values| {
            let &[Some(start_s), Some(length_s), rate, p50_ms, p99_ms, max_ms, warm_up] = values else {
                return Err(no_time(found.windows + 1));
            };
            found.windows += 1;
            if warm_up.is_some_and(|records| records > 0.0) {
                found.warm_up_s = found.warm_up_s.max(start_s + length_s);
            }
            let records = rate.unwrap_or(0.0) * length_s;
            thin.push(Stretch { start_s, length_s, records, p50_ms, p99_ms, max_ms });
            Ok(())
        },
    )?;
    found.stretches = thin.points;
    Ok(found)
}

messages! {
    area "series";
    no_time(window) => "window {window} has no time" / "la fenêtre {window} n'a pas d'instant";
    no_times() => "the columns of times and rates are missing" / "les colonnes des instants et des débits manquent";
}

/// Where what a picture shows stands: start, length, rate, median, P99, maximum, records of the warm-up.
fn places(names: &[&str]) -> Option<Vec<Option<usize>>> {
    let place = |wanted: &[&str]| wanted.iter().find_map(|name| names.iter().position(|n| n == name));
    let latency = |stat: &str| {
        let prefixes = ["latency_ms", "send_latency_ms", "end_to_end_ms"];
        prefixes.iter().find_map(|prefix| place(&[&format!("{prefix}_{stat}")]))
    };
    Some(vec![
        Some(place(&["start_s"])?),
        Some(place(&["length_s"])?),
        Some(place(&["records_per_s", "arrived_per_s"])?),
        latency("p50"),
        latency("p99"),
        latency("max"),
        place(&["warm_up"]),
    ])
}

/// When a load began, from the head of its `latency.hlog`: the intervals of the log count from then.
pub fn start(reader: &mut impl BufRead) -> Option<Timestamp> {
    let mut start = None;
    let _ = each_line(reader, |line| {
        match IntervalLogIterator::new(&[line, b"\n"].concat()).next() {
            Some(Ok(LogEntry::StartTime(since) | LogEntry::BaseTime(since))) => {
                let since = SignedDuration::try_from(since).ok();
                start = since.and_then(|since| Timestamp::from_duration(since).ok());
                Ok(())
            }
            // The head is all that is wanted: an error ends the reading.
            Some(_) => Err(Said::verbatim("")),
            None => Ok(()),
        }
    });
    start
}

/// Reads a `samples.csv`; texts and flags are no points. An error is a sentence.
pub fn samples(reader: &mut impl BufRead) -> Result<Samples, Said> {
    type Point = (f64, Option<f64>);
    let join = |mine: &mut Point, other: &Point| mine.1 = highest(mine.1, other.1);
    let mut head = true;
    let mut found: BTreeMap<String, Thin<Point>> = BTreeMap::new();
    each_line(reader, |line| {
        if std::mem::take(&mut head) {
            return Ok(());
        }
        let mut cells = line.splitn(4, |b| *b == b',');
        let (Some(at), Some(name), Some(value)) = (cells.next(), cells.next(), cells.next()) else {
            return Ok(());
        };
        let (Some(at), Ok(name)) = (number(at), std::str::from_utf8(name)) else { return Ok(()) };
        match (name, number(value)) {
            // A look that saw nothing is a gap in everything.
            ("", _) => found.values_mut().for_each(|of| of.push((at, None))),
            (name, Some(value)) => {
                let of = match found.get_mut(name) {
                    Some(of) => of,
                    None => found.entry(name.to_owned()).or_insert_with(|| Thin::new(join)),
                };
                of.push((at, Some(value)));
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(Samples { outputs: found.into_iter().map(|(name, of)| (name, of.points)).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fmt::Write;

    #[test]
    fn a_log_of_latencies_says_when_its_load_began() {
        let head = "#[Histogram log format version 1.3]\n#[StartTime: 1795686094.729 (seconds since epoch)]\n\
                    #[BaseTime: 1795686094.729 (seconds since epoch)]\nTag=intended,3.014,1.015,55.359,HISTFAAA\n";
        assert_eq!(start(&mut head.as_bytes()).unwrap().as_millisecond(), 1_795_686_094_729);
        assert_eq!(start(&mut "Tag=intended,3.014\n".as_bytes()), None);
    }

    #[test]
    fn a_million_windows_become_some_hundred_stretches_that_hide_no_peak() {
        let mut csv = "start_s,length_s,records_per_s,warm_up,latency_ms_p50,latency_ms_p99,latency_ms_max\n"
            .to_owned();
        for second in 0..100_003 {
            let p99 = if second == 77_777 { "1234.567" } else { "5.5" };
            let warm = u8::from(second < 10);
            let _ = writeln!(csv, "{second}.000,1.000,1000.0,{warm},,{p99},9");
        }
        let read = windows(&mut csv.as_bytes()).unwrap();
        assert_eq!((read.windows, read.warm_up_s), (100_003, 10.0));
        assert!((POINTS..=2 * POINTS).contains(&read.stretches.len()), "{}", read.stretches.len());
        assert_eq!(read.stretches.iter().filter(|s| s.p99_ms == Some(1234.567)).count(), 1);
        let length: f64 = read.stretches.iter().map(|s| s.length_s).sum();
        assert_eq!(length, 100_003.0);
        assert!(read.stretches.iter().all(|s| (s.rate() - 1000.0).abs() < 1e-6 && s.p50_ms.is_none()));
        assert!(
            read.stretches.windows(2).all(|w| (w[0].start_s + w[0].length_s - w[1].start_s).abs() < 1e-6)
        );
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        assert!(windows(&mut "a,b\n1,2\n".as_bytes()).unwrap_err().contains("columns"));
        assert!(windows(&mut "start_s,length_s,records_per_s\nx,1,2\n".as_bytes()).is_err());
        assert!(windows(&mut vec![b'x'; 200_000].as_slice()).unwrap_err().contains("longer"));
        assert_eq!(windows(&mut "".as_bytes()).unwrap(), Windows::default());
    }

    #[test]
    fn a_look_that_saw_nothing_is_a_gap() {
        let csv = "at_s,output,value,unit\n0.0,max,3,\n0.0,up,true,\n3.0,,,no answer\n6.0,max,5.5,records\n";
        let read = samples(&mut csv.as_bytes()).unwrap();
        assert_eq!(read.outputs.len(), 1);
        assert_eq!(read.outputs["max"], [(0.0, Some(3.0)), (3.0, None), (6.0, Some(5.5))]);
    }

    proptest! {
        #[test]
        fn a_number_is_what_the_library_reads(whole in 0_u64..1_000_000_000, part in 0_u32..1000, digits in 0_usize..4) {
            let text = if digits == 0 { whole.to_string() } else { format!("{whole}.{:0digits$}", part % 10_u32.pow(digits as u32)) };
            prop_assert_eq!(number(text.as_bytes()), text.parse().ok());
        }
    }
}
