//! One load in two runs: whether it was the same, and by how much its figures differ.

use super::{
    bootstrap::{Difference, FEWEST_WINDOWS, TooLittle, difference},
    differing,
    model::{Differing, Figure, Finding, Scenario},
    side::Side,
    windows::{Figures, Trouble, Windows},
};
use crate::record::{Evidence, Unit, Value};
use std::collections::BTreeSet;

/// Drawings of the two sides must not be the same ones.
const SEEDS: [u64; 2] = [0x006a_616c_6f6e, 0x6a61_6c6f_6e00];

/// Fewer windows than this hide what lasts for more than some seconds.
const FEW_WINDOWS: usize = 60;

/// What the windows of both sides tell, or why they tell nothing.
struct Drawn {
    windows: [usize; 2],
    warm_up: [usize; 2],
    figures: Result<[Figures; 2], String>,
}

impl Drawn {
    fn of(before: &Side<'_>, after: &Side<'_>) -> Self {
        let (mut windows, mut warm_up) = ([0; 2], [0; 2]);
        let mut one = |at: usize, side: &Side<'_>| -> Result<Figures, String> {
            let read = Windows::read(side.dir, side.action).map_err(|why| format!("{}: {why}", side.run))?;
            let read = read.ok_or_else(|| format!("no windows were kept in {}", side.run))?;
            (windows[at], warm_up[at]) = (read.len, read.warm_up);
            read.figures(SEEDS[at]).map_err(|why| format!("{}: {}", side.run, sentence(&why)))
        };
        let first = one(0, before);
        let figures = match (first, one(1, after)) {
            (Ok(first), Ok(second)) => Ok([first, second]),
            (Err(why), _) | (_, Err(why)) => Err(why),
        };
        Self { windows, warm_up, figures }
    }

    fn difference(&self, output: &str) -> Result<Difference, String> {
        let [before, after] = self.figures.as_ref().map_err(Clone::clone)?;
        let both = before.drawn.get(output).zip(after.drawn.get(output));
        let (before, after) = both.ok_or("the windows do not have it, so its noise is not known")?;
        difference(before, after).ok_or_else(|| "too many windows are without a record".to_owned())
    }
}

fn sentence(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Unreadable(why) => why.clone(),
        Trouble::TooLittle(TooLittle::Windows(windows)) => {
            format!("{windows} windows of one second; an interval needs {FEWEST_WINDOWS} or more")
        }
        Trouble::TooLittle(TooLittle::Stretches { length, windows }) => format!(
            "its windows hang together over {length} of {windows}: the load is too short to tell its noise"
        ),
    }
}

/// The load of `before` and of `after` beside each other.
pub(super) fn compare(before: &Side<'_>, after: &Side<'_>) -> Scenario {
    let differs = differing::loads(before, after);
    let comparable = !differs.iter().any(Differing::forbids);
    let drawn = comparable.then(|| Drawn::of(before, after));
    let mut remarks = Vec::new();
    if let Some(drawn) = &drawn {
        remarks = self::remarks(before, after, drawn);
    }
    let figures =
        outputs(before, after).into_iter().map(|output| figure(&output, before, after, drawn.as_ref()));
    let stretch =
        drawn.as_ref().and_then(|d| d.figures.as_ref().ok()).map_or([0; 2], |[a, b]| [a.length, b.length]);
    Scenario {
        before: before.place(),
        after: after.place(),
        comparable,
        differs,
        windows: drawn.as_ref().map_or([0; 2], |d| d.windows),
        stretch,
        figures: figures.collect(),
        remarks,
    }
}

/// The relative change of one output of a load from `before` to `after`, in percent, with its interval; an error says
/// why there is none.
pub fn change(before: &Side<'_>, after: &Side<'_>, outputs: [&str; 2]) -> Result<Difference, String> {
    let differs = differing::loads(before, after);
    let forbidding: Vec<String> = differs.iter().filter(|d| d.forbids()).map(ToString::to_string).collect();
    if !forbidding.is_empty() {
        return Err(format!("not the same load and client, so not comparable: {}", forbidding.join("; ")));
    }
    if outputs[0] != outputs[1] {
        return Err(format!("`{}` and `{}` are not the same figure", outputs[0], outputs[1]));
    }
    if let Some(why) = queueing(outputs[0], before, after) {
        return Err(why);
    }
    let found = Drawn::of(before, after).difference(outputs[0])?;
    match found.percent {
        Some(_) => Ok(found),
        None => Err("it was 0, so there is no share of it".to_owned()),
    }
}

/// Why a latency tells nothing where the client fell behind.
fn queueing(output: &str, before: &Side<'_>, after: &Side<'_>) -> Option<String> {
    let behind: Vec<&str> =
        [before, after].into_iter().filter(|s| s.fell_behind()).map(|s| s.run.as_str()).collect();
    (output.contains("latency_ms") && !behind.is_empty()).then(|| {
        format!(
            "the load fell behind its rate in {}: its latency grows for as long as it lasts",
            behind.join(" and ")
        )
    })
}

/// The outputs that are shown: throughput, each latency, errors where there were any.
fn outputs(before: &Side<'_>, after: &Side<'_>) -> Vec<String> {
    let evidence: Vec<&Evidence> = [before, after].into_iter().filter_map(|s| s.action.evidence()).collect();
    let has = |name: &str| evidence.iter().any(|e| e.get(name).is_some());
    let latencies: BTreeSet<&str> = evidence
        .iter()
        .flat_map(|e| e.values.keys())
        .filter_map(|name| name.as_str().strip_suffix(".p50"))
        .filter(|output| *output != "send_latency_ms" || !measured(&evidence, "latency_ms.p50"))
        .collect();
    let throughput = ["throughput.records_per_s", "throughput.mb_per_s"];
    let mut found: Vec<String> =
        throughput.iter().filter(|name| has(name)).map(|n| (*n).to_owned()).collect();
    for output in latencies {
        let names = ["avg", "p50", "p95", "p99", "p999"].map(|figure| format!("{output}.{figure}"));
        found.extend(names.into_iter().filter(|name| has(name)));
    }
    if [before, after].iter().any(|s| s.number("errors").is_some_and(|errors| errors > 0.0)) {
        found.push("errors".to_owned());
    }
    found
}

fn measured(evidence: &[&Evidence], output: &str) -> bool {
    evidence.iter().any(|e| matches!(e.get(output), Some(Value::Number(..))))
}

fn figure(output: &str, before: &Side<'_>, after: &Side<'_>, drawn: Option<&Drawn>) -> Figure {
    let unit = [before, after].iter().find_map(|s| match s.action.evidence()?.get(output)? {
        Value::Number(_, unit) => Some(*unit),
        _ => None,
    });
    let mut figure = Figure {
        name: output.to_owned(),
        unit: unit.or_else(|| Unit::of_name(output)).unwrap_or(Unit::None),
        before: before.number(output),
        after: after.number(output),
        change: None,
        change_percent: None,
        finding: Finding::NotCompared,
        why: None,
    };
    if figure.before.is_none() || figure.after.is_none() {
        figure.finding = Finding::NotMeasured;
        let why = [before, after].into_iter().find_map(|side| match side.action.evidence()?.get(output) {
            Some(Value::Missing(why)) => Some(format!("{}: {why}", side.run)),
            Some(_) => None,
            None => Some(format!("{} does not have it", side.run)),
        });
        figure.why = Some(why.unwrap_or_else(|| "an action brought no evidence".to_owned()));
        return figure;
    }
    let found = match drawn {
        None => Err("load or client differ".to_owned()),
        Some(_) if output == "errors" => {
            Err("a number of events, not a figure with noise of its own".to_owned())
        }
        Some(drawn) => match queueing(output, before, after) {
            Some(why) => Err(why),
            None => drawn.difference(output),
        },
    };
    match found {
        Err(why) => figure.why = Some(why),
        Ok(found) => {
            // Those of the windows that count, without the warm-up, so that they fit the difference.
            (figure.before, figure.after) = (Some(found.before), Some(found.after));
            figure.finding = Finding::of(&found);
            figure.change = Some(found.change.into());
            figure.change_percent = found.percent.map(Into::into);
        }
    }
    figure
}

/// What a reader must know beside the figures.
fn remarks(before: &Side<'_>, after: &Side<'_>, drawn: &Drawn) -> Vec<String> {
    let mut remarks = Vec::new();
    let sides = [before, after];
    let names = |of: &dyn Fn(&Side<'_>) -> bool| {
        let named: Vec<&str> = sides.iter().filter(|s| of(s)).map(|s| s.run.as_str()).collect();
        (!named.is_empty()).then(|| named.join(" and "))
    };
    for side in sides.iter().filter(|s| s.attempt.verdict.is_none_or(|v| !v.unlocks())) {
        let came_to = side.attempt.verdict.map_or("no end".to_owned(), |v| v.to_string());
        remarks.push(format!("step {} came to {came_to} in {}", side.step, side.run));
    }
    if drawn.figures.is_ok() && drawn.windows.iter().any(|n| *n < FEW_WINDOWS) {
        remarks.push(format!(
            "only {} and {} windows: noise that lasts for more than some seconds is not seen, and the intervals are \
             narrower than they should be; give a load a minute or more",
            drawn.windows[0], drawn.windows[1]
        ));
    }
    if drawn.warm_up.iter().any(|n| *n > 0) {
        let [a, b] = drawn.warm_up;
        remarks.push(format!("{a} and {b} windows of warm-up are left out"));
    }
    if sides.iter().any(|s| s.is_unlimited()) {
        remarks.push(
            "the rate was unlimited: the throughput is what the cluster and this client can do, and the latencies \
             are queueing in the client for the most part"
                .to_owned(),
        );
    } else if sides.iter().all(|s| s.number("achieved_ratio").is_some_and(|ratio| ratio >= 0.99)) {
        remarks
            .push("the rate was capped, and held in both: the throughput says no more than that".to_owned());
    }
    if let Some(runs) = names(&|s| s.flag("saturated") && !s.is_unlimited()) {
        remarks
            .push(format!("the client's queue was full at times in {runs}: the latencies contain that wait"));
    }
    let has = |output: &str| sides.iter().any(|s| s.number(output).is_some());
    if has("send_latency_ms.avg") && !has("latency_ms.avg") {
        remarks.push(
            "latency is from the send call alone: what waited before it is not in it, so that a stall of the cluster \
             looks shorter than it was (coordinated omission)"
                .to_owned(),
        );
    }
    if has("end_to_end_ms.avg") {
        remarks.push(
            "end-to-end latency rests on timestamps of whole milliseconds and on the machines' clocks: a clock that \
             was set anew looks like another latency"
                .to_owned(),
        );
    }
    remarks
}
