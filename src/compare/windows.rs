//! [`Windows`]: what one load did second by second, from its artifacts `windows.csv` and `latency.hlog`.

use super::{
    bootstrap::{Cell, Draw, Drawn, TooLittle, block_length},
    hlog, messages,
};
use crate::{
    record::{Artifact, Said, Speaks, state::ActionStatus},
    store::{artifacts, columns::columns},
    support::fingerprint,
};
use std::{collections::BTreeMap, io::Read, path::Path};

/// Percentiles, under the names of their outputs.
pub(super) const QUANTILES: [(&str, f64); 4] = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("p999", 0.999)];

/// So much longer than a window's start in one file it may be in the other: both have whole milliseconds.
const SAME_START_S: f64 = 0.002;

/// What one load did, second by second, its warm-up left out.
#[derive(Debug, Default)]
pub(super) struct Windows {
    /// Columns of the CSV by name, a value a window; `None` where the cell is empty.
    columns: BTreeMap<String, Vec<Option<f64>>>,
    /// How many there are.
    pub(super) len: usize,
    /// How many were left out because records of the warm-up are in them.
    pub(super) warm_up: usize,
    log: Option<String>,
}

/// The figures of one load, drawn anew.
#[derive(Debug)]
pub(super) struct Figures {
    /// By the name of the output.
    pub(super) drawn: BTreeMap<String, Drawn>,
    /// Windows in a stretch.
    pub(super) length: usize,
}

impl Windows {
    /// Reads what an action left. `None` where its driver keeps no windows; an error is a sentence.
    pub(super) fn read(run_dir: &Path, action: &ActionStatus) -> Result<Option<Self>, Said> {
        let named = |name: &str| action.artifacts.iter().find(|a| a.path.ends_with(name));
        let Some(csv) = named("/windows.csv") else { return Ok(None) };
        let mut windows = Self::parse(&load(run_dir, csv)?)?;
        windows.log = named("/latency.hlog").map(|log| load(run_dir, log)).transpose()?;
        Ok(Some(windows))
    }

    fn parse(csv: &str) -> Result<Self, Said> {
        let mut names: Vec<String> = Vec::new();
        let mut rows: Vec<Vec<Option<f64>>> = Vec::new();
        let choose = |heads: &[&str]| {
            names = heads.iter().map(|name| (*name).to_owned()).collect();
            Ok((0..heads.len()).map(Some).collect())
        };
        columns(&mut csv.as_bytes(), choose, |cells| {
            rows.push(cells.to_vec());
            Ok(())
        })?;
        let place = |wanted: &str| names.iter().position(|name| name == wanted);
        // A record of `end-to-end` counts when it has arrived.
        let (arrivals, warm_up) = (place("arrived"), place("warm_up"));
        let mut windows = Self::default();
        let mut columns = vec![Vec::new(); names.len()];
        for cells in rows {
            if warm_up.is_some_and(|at| cells[at].is_some_and(|records| records > 0.0)) {
                // What came before is of the warm-up too: its records were on their way and none had arrived.
                windows.warm_up += 1 + std::mem::take(&mut windows.len);
                columns.iter_mut().for_each(Vec::clear);
                continue;
            }
            windows.len += 1;
            columns.iter_mut().zip(cells).for_each(|(column, cell)| column.push(cell));
        }
        if let Some(at) = arrivals {
            windows.cut_to_arrivals(&mut columns, at);
            "records".clone_into(&mut names[at]);
        }
        windows.columns = names.into_iter().zip(columns).collect();
        for needed in ["start_s", "length_s", "records"] {
            if !windows.columns.contains_key(needed) {
                return Err(messages::no_column(needed));
            }
        }
        Ok(windows)
    }

    /// Of arrivals, which do not count before the warm-up has arrived: leaves out the windows up to the one in which that
    /// was, and those in which the last records had arrived already.
    fn cut_to_arrivals(&mut self, columns: &mut [Vec<Option<f64>>], arrived: usize) {
        let some = |cell: &Option<f64>| cell.is_some_and(|records| records > 0.0);
        let from = columns[arrived].iter().position(some).map_or(0, |first| first + 1);
        let to = columns[arrived].iter().rposition(some).map_or(from, |last| last + 1).max(from);
        columns.iter_mut().for_each(|column| *column = column[from..to].to_vec());
        (self.len, self.warm_up) = (to - from, self.warm_up + from);
    }

    fn column(&self, name: &str) -> Option<&[Option<f64>]> {
        self.columns.get(name).map(Vec::as_slice)
    }

    /// A column whose empty cells are nothing.
    fn amounts(&self, name: &str) -> Vec<f64> {
        self.column(name).unwrap_or_default().iter().map(|v| v.unwrap_or(0.0)).collect()
    }

    /// Every figure that the windows tell, drawn anew; another `seed`, other drawings.
    pub(super) fn figures(&self, seed: u64) -> Result<Figures, Trouble> {
        let (seconds, records) = (self.amounts("length_s"), self.amounts("records"));
        let rate: Vec<f64> = records.iter().zip(&seconds).map(|(r, s)| r / s.max(1e-6)).collect();
        let logged = self.latencies().map_err(Trouble::Unreadable)?;
        let means = logged.values().map(|of| of.iter().map(Vec::as_slice).map(mean).collect());
        let means: Vec<Vec<Option<f64>>> = means.collect();
        let averages = self.averages(&logged);
        let lengths = averages.iter().map(|(_, column)| *column).chain(means.iter().map(Vec::as_slice));
        let lengths =
            lengths.map(|series| block_length(&series.iter().flatten().copied().collect::<Vec<_>>()));
        let length = lengths.chain([block_length(&rate)]).max().unwrap_or(1);
        let draw = Draw::new(self.len, length, seed).map_err(Trouble::TooLittle)?;
        let mut drawn = BTreeMap::new();
        let mut put = |name: String, figure: Option<Drawn>| figure.map(|figure| drawn.insert(name, figure));
        let (in_cells, seconds) = (draw.by_cell(&records), draw.by_cell(&seconds));
        put("throughput.records_per_s".to_owned(), draw.ratio(&in_cells, &seconds));
        if self.columns.contains_key("mb_per_s") {
            let per_s = self.amounts("mb_per_s");
            let mb: Vec<f64> =
                per_s.iter().zip(self.amounts("length_s")).map(|(rate, length)| rate * length).collect();
            put("throughput.mb_per_s".to_owned(), draw.ratio(&draw.by_cell(&mb), &seconds));
        }
        for (output, windows) in &logged {
            let sums = draw.by_cell(&windows.iter().map(|of| sum(of) / 1e3).collect::<Vec<_>>());
            let counts = draw.by_cell(&windows.iter().map(|of| total(of)).collect::<Vec<_>>());
            put(format!("{output}.avg"), draw.ratio(&sums, &counts));
            let cells: Vec<Cell> = windows.chunks(draw.per_cell()).map(cell).collect();
            for (name, quantile) in QUANTILES {
                put(
                    format!("{output}.{name}"),
                    draw.quantile(&cells, quantile).map(|drawn| drawn.times(1e-3)),
                );
            }
        }
        for (output, column) in averages {
            let sums: Vec<f64> =
                column.iter().zip(&records).map(|(avg, records)| avg.unwrap_or(0.0) * records).collect();
            let of: Vec<f64> =
                column.iter().zip(&records).map(|(avg, n)| if avg.is_some() { *n } else { 0.0 }).collect();
            put(format!("{output}.avg"), draw.ratio(&draw.by_cell(&sums), &draw.by_cell(&of)));
        }
        Ok(Figures { drawn, length: draw.length() })
    }

    /// Averages by window that stand in the CSV and have no histogram.
    fn averages(&self, logged: &BTreeMap<String, Vec<hlog::Counts>>) -> Vec<(String, &[Option<f64>])> {
        let columns = self.columns.iter().filter_map(|(name, column)| {
            let output = name.strip_suffix("_avg").filter(|output| output.ends_with("_ms"))?;
            Some((output.to_owned(), column.as_slice()))
        });
        columns.filter(|(output, _)| !logged.contains_key(output)).collect()
    }

    /// The histograms by output and window. Of a load that has both, the latency from the intended send time alone.
    fn latencies(&self) -> Result<BTreeMap<String, Vec<hlog::Counts>>, Said> {
        let mut found: BTreeMap<String, Vec<hlog::Counts>> = BTreeMap::new();
        let Some(log) = &self.log else { return Ok(found) };
        let intended = hlog::lines(log).take(4).flatten().any(|line| line.tag() == "intended");
        let starts = self.amounts("start_s");
        let mut reader = hlog::Reader::new();
        for line in hlog::lines(log) {
            let line = line.map_err(messages::latency_log)?;
            if intended && line.tag() == "send" {
                continue;
            }
            let from = line.start();
            let at = starts.partition_point(|start| *start < from - SAME_START_S);
            if starts.get(at).is_none_or(|start| *start > from + SAME_START_S) {
                // It is of the warm-up.
                continue;
            }
            let counts = reader.read(&line).map_err(messages::latency_log)?;
            let windows = found.entry(output(line.tag())).or_insert_with(|| vec![Vec::new(); self.len]);
            windows[at] = counts;
        }
        Ok(found)
    }
}

/// Why the windows of a load tell nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// They are too few.
    TooLittle(TooLittle),
    /// They cannot be read.
    Unreadable(Said),
}

/// The output that a tag of the log belongs to.
fn output(tag: &str) -> String {
    match tag {
        "intended" | "" => "latency_ms".to_owned(),
        "send" => "send_latency_ms".to_owned(),
        other => format!("{}_ms", other.replace('-', "_")),
    }
}

/// The text of an artifact, which must be what was stored.
fn load(run_dir: &Path, artifact: &Artifact) -> Result<String, Said> {
    let mut bytes = Vec::new();
    artifacts::open(run_dir, artifact)
        .and_then(|mut file| file.read_to_end(&mut bytes).map_err(|cause| artifacts::unread(artifact, cause)))
        .map_err(|altered| altered.said())?;
    if fingerprint::of_bytes(&bytes) != artifact.sha256 {
        return Err(messages::artifact_altered(&artifact.path));
    }
    String::from_utf8(bytes).map_err(|_| messages::artifact_not_text(&artifact.path))
}

/// How many latencies there were.
#[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
fn total(counts: &[hlog::Count]) -> f64 {
    counts.iter().map(|of| of.count as f64).sum()
}

/// Their sum in microseconds: each counts as the middle of its bucket.
#[expect(clippy::cast_precision_loss, reason = "latencies are below one hour")]
fn sum(counts: &[hlog::Count]) -> f64 {
    let middle = |of: &hlog::Count| of.highest as f64 - (of.width - 1) as f64 / 2.0;
    counts.iter().map(|of| middle(of) * of.count as f64).sum()
}

fn mean(counts: &[hlog::Count]) -> Option<f64> {
    (!counts.is_empty()).then(|| sum(counts) / total(counts))
}

/// Several windows as one cell.
fn cell(windows: &[hlog::Counts]) -> Cell {
    let mut all: hlog::Counts = windows.concat();
    if windows.len() > 1 {
        all.sort_unstable_by_key(|of| of.highest);
    }
    let mut cell = Cell::default();
    let mut below = 0;
    for of in all {
        below += of.count;
        match cell.values.last() == Some(&of.highest) {
            true => drop(cell.below.pop()),
            false => cell.values.push(of.highest),
        }
        cell.below.push(below);
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_their_names_and_the_warm_up_is_left_out() {
        let csv = "records,new,length_s,warm_up,start_s\n5,x,1.0,3,0\n8,y,1.0,0,1\n9,,0.5,0,2\n";
        let windows = Windows::parse(csv).unwrap();
        assert_eq!((windows.len, windows.warm_up), (2, 1));
        assert_eq!(windows.amounts("records"), [8.0, 9.0]);
        assert_eq!(windows.column("new"), Some(&[None, None][..]));
        let silent = "start_s,length_s,records,warm_up\n0,1,0,0\n1,1,4,2\n2,1,7,0\n";
        let windows = Windows::parse(silent).unwrap();
        assert_eq!((windows.len, windows.warm_up, windows.amounts("records")), (1, 2, vec![7.0]));
        let way = "start_s,length_s,arrived\n0,1,0\n1,1,2\n2,1,7\n3,1,0\n4,1,6\n5,1,0\n";
        let windows = Windows::parse(way).unwrap();
        assert_eq!((windows.len, windows.warm_up, windows.amounts("records")), (3, 2, vec![7.0, 0.0, 6.0]));
        assert!(Windows::parse("start_s,length_s\n").unwrap_err().contains("`records`"));
        assert!(Windows::parse("start_s,length_s,records\n1,2\n").unwrap_err().contains("line 2"));
    }

    #[test]
    fn averages_of_windows_without_histograms_count_by_their_records() {
        let mut csv = "start_s,length_s,records,send_latency_ms_avg\n".to_owned();
        for second in 0..20 {
            csv.push_str(&format!(
                "{second},1,{},{}\n",
                if second % 2 == 0 { 300 } else { 100 },
                second % 2 * 4
            ));
        }
        let figures = Windows::parse(&csv).unwrap().figures(1).unwrap();
        let drawn = &figures.drawn;
        let names: Vec<&str> = drawn.keys().map(String::as_str).collect();
        assert_eq!(names, ["send_latency_ms.avg", "throughput.records_per_s"]);
        let same =
            super::super::bootstrap::difference(&drawn["send_latency_ms.avg"], &drawn["send_latency_ms.avg"]);
        assert_eq!(same.unwrap().before, 1.0);
    }

    #[test]
    fn each_tag_has_its_output() {
        assert_eq!(
            ["intended", "send", "end-to-end"].map(output),
            ["latency_ms", "send_latency_ms", "end_to_end_ms"]
        );
    }
}
