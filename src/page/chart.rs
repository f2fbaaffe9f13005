//! The charts of an attempt: the files that loads and watches write while they go on, read as they grow.

use crate::{
    record::event::StepOutline,
    store::columns::{each_line, number},
    support::files,
};
use regex::Regex;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fs,
    io::{BufReader, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

/// Points that a line of a chart has at most; twice as many are joined in pairs.
const POINTS: usize = 400;
/// What is read of a file at once.
const MOST: u64 = 4 << 20;
/// Charts of an attempt.
const CHARTS: usize = 24;

/// One line of a chart: seconds since its start, and the value where there was one.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct Line {
    /// Its name in the legend.
    name: String,
    points: Vec<(f64, Option<f64>)>,
    /// How many values make a point, and how many the last one has.
    #[serde(skip)]
    each: usize,
    #[serde(skip)]
    last: usize,
}

/// A limit that a criterion of the step names.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Limit {
    /// The criterion, as written.
    text: String,
    value: f64,
}

/// One chart.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct Chart {
    /// `action/what`.
    id: String,
    action: String,
    /// The output, or `rate` and `latency` of a load.
    what: String,
    unit: String,
    lines: Vec<Line>,
    limits: Vec<Limit>,
}

impl Line {
    fn new(name: &str) -> Self {
        Self { name: name.to_owned(), each: 1, ..Self::default() }
    }

    /// Adds a point; a point of several shows the highest, and nothing only where none of them has a value.
    fn push(&mut self, at: f64, value: Option<f64>) {
        let highest = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        };
        if let Some(point) = self.points.last_mut().filter(|_| self.last < self.each) {
            point.1 = highest(point.1, value);
            self.last += 1;
            return;
        }
        if self.points.len() >= 2 * POINTS {
            let joined = self.points.chunks(2).map(|pair| {
                (pair[0].0, pair[1..].iter().fold(pair[0].1, |value, point| highest(value, point.1)))
            });
            self.points = joined.collect();
            self.each *= 2;
        }
        self.points.push((at, value));
        self.last = 1;
    }
}

/// One file, and how far it has been read.
#[derive(Debug)]
struct Tail {
    path: PathBuf,
    offset: u64,
    /// Names of its columns, once they were read.
    columns: Vec<String>,
}

/// The charts of one attempt, and where their files have been read to.
#[derive(Debug, Default)]
pub(super) struct Charts {
    folder: PathBuf,
    tails: BTreeMap<String, Tail>,
    charts: BTreeMap<String, Chart>,
}

impl Charts {
    /// The charts of the attempt whose actions have their folders in `folder`.
    pub(super) fn of(folder: PathBuf) -> Self {
        Self { folder, ..Self::default() }
    }

    /// Whether they are those of that folder.
    pub(super) fn is_of(&self, folder: &Path) -> bool {
        self.folder == folder
    }

    /// Reads on; whether anything was new.
    pub(super) fn look(&mut self, step: &StepOutline) -> bool {
        let actions = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let names: Vec<String> = actions.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        let mut is_new = false;
        for action in names.into_iter().take(CHARTS) {
            for name in ["samples.csv", "windows.csv"] {
                is_new |= self.read(&action, name, step).unwrap_or(false);
            }
        }
        is_new
    }

    fn read(&mut self, action: &str, name: &str, step: &StepOutline) -> std::io::Result<bool> {
        let key = format!("{action}/{name}");
        let whole = self.folder.join(action).join(name);
        let partial = whole.with_extension("csv.partial");
        let Some(mut file) = [&partial, &whole].into_iter().find_map(|path| files::open_no_link(path).ok())
        else {
            return Ok(false);
        };
        let tail =
            self.tails.entry(key).or_insert_with(|| Tail { path: whole, offset: 0, columns: Vec::new() });
        if file.metadata()?.len() <= tail.offset {
            return Ok(false);
        }
        file.seek(SeekFrom::Start(tail.offset))?;
        let mut new = Vec::new();
        file.take(MOST).read_to_end(&mut new)?;
        // The last line may be half written.
        let end = new.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        tail.offset += end as u64;
        let is_samples = tail.path.ends_with("samples.csv");
        let mut rows: Vec<Vec<String>> = Vec::new();
        if is_samples {
            let mut reader =
                csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&new[..end]);
            rows.extend(reader.records().flatten().map(|r| r.iter().map(str::to_owned).collect()));
        } else {
            drop(each_line(&mut BufReader::new(&new[..end]), |line| {
                rows.push(
                    String::from_utf8_lossy(line).split(',').map(|cell| cell.trim().to_owned()).collect(),
                );
                Ok(())
            }));
        }
        let mut rows = rows.into_iter();
        if tail.columns.is_empty() {
            tail.columns = rows.next().unwrap_or_default();
        }
        let columns = tail.columns.clone();
        let is_new = end > 0;
        for row in rows {
            match is_samples {
                true => self.sample(action, &row, step),
                false => self.window(action, &columns, &row, step),
            }
        }
        Ok(is_new)
    }

    /// One value of a watch: `at_s, output, value, unit, …`; without a value it is a gap.
    fn sample(&mut self, action: &str, row: &[String], step: &StepOutline) {
        let [at, output, value, unit, ..] = row else { return };
        let (Some(at), false) = (number(at.as_bytes()), output.is_empty()) else { return };
        let value = match value.as_str() {
            "" => None,
            // A flag or a text is no line.
            text => match number(text.as_bytes()) {
                None => return,
                number => number,
            },
        };
        let id = format!("{action}/{output}");
        if !self.charts.contains_key(&id) && (value.is_none() || self.charts.len() >= CHARTS) {
            return;
        }
        let chart = self.charts.entry(id.clone()).or_insert_with(|| Chart {
            id,
            action: action.to_owned(),
            what: output.clone(),
            unit: unit.clone(),
            lines: vec![Line::new(output)],
            limits: limits(step, action, &[output]),
        });
        chart.lines[0].push(at, value);
    }

    /// One second of a load.
    fn window(&mut self, action: &str, columns: &[String], row: &[String], step: &StepOutline) {
        let cell = |name: &str| {
            let place = columns.iter().position(|column| column == name)?;
            number(row.get(place)?.as_bytes())
        };
        let Some(at) = cell("start_s") else { return };
        if let Some(rate) = cell("records_per_s") {
            let chart = self.charts.entry(format!("{action}/rate")).or_insert_with(|| Chart {
                id: format!("{action}/rate"),
                action: action.to_owned(),
                what: "rate".to_owned(),
                unit: "rec/s".to_owned(),
                lines: vec![Line::new("records_per_s")],
                limits: limits(step, action, &["throughput.records_per_s", "records_per_s"]),
            });
            chart.lines[0].push(at, Some(rate));
        }
        let Some(family) = columns.iter().find_map(|column| column.strip_suffix("_p50")) else { return };
        let stats = ["p50", "p95", "p99", "max"];
        let chart = self.charts.entry(format!("{action}/latency")).or_insert_with(|| Chart {
            id: format!("{action}/latency"),
            action: action.to_owned(),
            what: "latency".to_owned(),
            unit: "ms".to_owned(),
            lines: stats.iter().map(|stat| Line::new(stat)).collect(),
            limits: limits(step, action, &stats.map(|stat| format!("{family}.{stat}"))),
        });
        for (line, stat) in chart.lines.iter_mut().zip(stats) {
            line.push(at, cell(&format!("{family}_{stat}")));
        }
    }

    /// Every chart, as far as its file has come.
    pub(super) fn all(&self) -> Vec<&Chart> {
        self.charts.values().collect()
    }
}

/// The numbers that criteria of the step compare these outputs of the action with.
fn limits(step: &StepOutline, action: &str, outputs: &[impl AsRef<str>]) -> Vec<Limit> {
    let mut found: Vec<Limit> = Vec::new();
    for output in outputs {
        let of = format!("{action}.{}", output.as_ref());
        let pattern =
            format!(r"(?:^|[^\w.]){}(?:\.(?:max|min|avg|last))?\s*[<>]=?\s*([\w.]+)", regex::escape(&of));
        let Ok(pattern) = Regex::new(&pattern) else { continue };
        for criterion in &step.criteria {
            let Some(limit) = pattern.captures(&criterion.text).map(|found| found[1].to_owned()) else {
                continue;
            };
            let of_slo = limit.strip_prefix("slo.").and_then(|name| {
                let values = step.basis.as_ref().map(|basis| &basis.judged_values);
                values?.get(&format!("slo.{name}"))?.as_f64()
            });
            let Some(value) = limit.parse().ok().or(of_slo) else { continue };
            if !found.iter().any(|limit| limit.value.total_cmp(&value).is_eq()) {
                found.push(Limit { text: criterion.text.clone(), value });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Severity, StepId, event::CriterionOutline};

    fn step(criteria: &[&str]) -> StepOutline {
        let criterion = |text: &&str| CriterionOutline {
            text: (*text).to_owned(),
            severity: Severity::default(),
            must: false,
            guard: false,
        };
        StepOutline {
            step: StepId(3),
            title: Default::default(),
            objective: Default::default(),
            needs: Vec::new(),
            estimate_s: None,
            fingerprint: String::new(),
            criteria: criteria.iter().map(criterion).collect(),
            artifacts: Vec::new(),
            approve: None,
            file: String::new(),
            basis: None,
        }
    }

    #[test]
    fn a_file_is_read_as_it_grows_and_a_gap_stays_a_gap() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lag/samples.csv.partial");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let head = "at_s,output,value,unit,state,text,message\n";
        fs::write(&path, format!("{head}0.000,max,12,,,,\n1.000,max,,,missing,gone,\n2.000,ma")).unwrap();
        let step = step(&["every(lag.max < 1000)"]);
        let mut charts = Charts::of(folder.path().to_owned());
        assert!(charts.look(&step));
        assert_eq!(charts.all()[0].lines[0].points, [(0.0, Some(12.0)), (1.0, None)]);
        assert_eq!(charts.all()[0].limits[0].value, 1000.0);
        assert!(!charts.look(&step), "a line that is half written was taken");
        fs::write(
            folder.path().join("lag/samples.csv"),
            format!("{head}0.000,max,12,,,,\n1.000,max,,,missing,gone,\n2.000,max,7,,,,\n"),
        )
        .unwrap();
        fs::remove_file(&path).unwrap();
        assert!(charts.look(&step));
        assert_eq!(charts.all()[0].lines[0].points.last(), Some(&(2.0, Some(7.0))));
    }

    #[test]
    fn the_seconds_of_a_load_are_a_rate_and_latencies() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("load/windows.csv.partial");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let head = "start_s,length_s,records,records_per_s,latency_ms_p50,latency_ms_p95,latency_ms_p99,latency_ms_max";
        fs::write(&path, format!("{head}\n0.000,1.000,10,10.0,1,2,3,4\n1.000,1.000,0,0.0,,,,\n")).unwrap();
        let mut charts = Charts::of(folder.path().to_owned());
        assert!(charts.look(&step(&["load.latency_ms.p99 < 100", "load.latency_ms.p99 < other.p99"])));
        let all = charts.all();
        assert_eq!((all[0].what.as_str(), all[1].what.as_str()), ("latency", "rate"));
        assert_eq!(all[0].lines[2].points, [(0.0, Some(3.0)), (1.0, None)]);
        assert_eq!(all[0].limits.iter().map(|l| l.value).collect::<Vec<_>>(), [100.0]);
        assert_eq!(all[1].lines[0].points, [(0.0, Some(10.0)), (1.0, Some(0.0))]);
    }

    #[test]
    fn many_points_are_joined_by_their_highest() {
        let mut line = Line::new("x");
        for at in 0..100_000_u32 {
            line.push(f64::from(at), (at != 7).then_some(if at == 31_337 { 9.0 } else { 1.0 }));
        }
        assert!(line.points.len() <= 2 * POINTS && line.points.len() >= POINTS / 2, "{}", line.points.len());
        assert!(line.points.iter().any(|p| p.1 == Some(9.0)), "the highest was lost");
    }
}
