//! One load in two runs: whether it was the same, and by how much its figures differ.

use super::{
    bootstrap::{Difference, FEWEST_WINDOWS, TooLittle, difference},
    differing, messages,
    model::{Differing, Figure, Finding, Scenario},
    side::Side,
    windows::{Figures, Trouble, Windows},
};
use crate::record::{Evidence, Family, Said, Speaks, Unit, Value};
use std::collections::BTreeSet;

/// Drawings of the two sides must not be the same ones.
const SEEDS: [u64; 2] = [0x006a_616c_6f6e, 0x6a61_6c6f_6e00];

/// Fewer windows than this hide what lasts for more than some seconds.
const FEW_WINDOWS: usize = 60;

/// The latencies that are compared.
const LATENCIES: [Family; 6] = [
    Family::LatencyFromIntended,
    Family::LatencyFromSend,
    Family::LatencyFromTimestamp,
    Family::LatencyOfCommit,
    Family::LatencyOfReplication,
    Family::LatencyUntilAcknowledged,
];

/// What the windows of both sides tell, or why they tell nothing.
struct Drawn {
    windows: [usize; 2],
    warm_up: [usize; 2],
    figures: Result<[Figures; 2], Said>,
}

impl Drawn {
    fn of(before: &Side<'_>, after: &Side<'_>) -> Self {
        let (mut windows, mut warm_up) = ([0; 2], [0; 2]);
        let mut one = |at: usize, side: &Side<'_>| -> Result<Figures, Said> {
            let read = Windows::read(side.dir, side.action)
                .map_err(|why| messages::in_run(side.run.as_str(), why))?;
            let read = read.ok_or_else(|| messages::no_windows(side.run.as_str()))?;
            (windows[at], warm_up[at]) = (read.len, read.warm_up);
            read.figures(SEEDS[at]).map_err(|why| messages::in_run(side.run.as_str(), sentence(&why)))
        };
        let first = one(0, before);
        let figures = match (first, one(1, after)) {
            (Ok(first), Ok(second)) => Ok([first, second]),
            (Err(why), _) | (_, Err(why)) => Err(why),
        };
        Self { windows, warm_up, figures }
    }

    fn difference(&self, output: &str) -> Result<Difference, Said> {
        let [before, after] = self.figures.as_ref().map_err(Clone::clone)?;
        let both = before.drawn.get(output).zip(after.drawn.get(output));
        let (before, after) = both.ok_or_else(messages::noise_unknown)?;
        difference(before, after).ok_or_else(messages::windows_empty)
    }
}

fn sentence(trouble: &Trouble) -> Said {
    match trouble {
        Trouble::Unreadable(why) => why.clone(),
        Trouble::TooLittle(TooLittle::Windows(windows)) => {
            messages::too_few_windows(*windows, FEWEST_WINDOWS)
        }
        Trouble::TooLittle(TooLittle::Stretches { length, windows }) => {
            messages::stretches(*length, *windows)
        }
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
pub fn change(before: &Side<'_>, after: &Side<'_>, outputs: [&str; 2]) -> Result<Difference, Said> {
    let differs = differing::loads(before, after);
    let forbidding: Vec<Said> = differs.iter().filter(|d| d.forbids()).map(Speaks::said).collect();
    if !forbidding.is_empty() {
        return Err(messages::not_same_load(Said::all(forbidding)));
    }
    if outputs[0] != outputs[1] {
        return Err(messages::not_same_figure(outputs[0], outputs[1]));
    }
    if let Some(why) = queueing(outputs[0], before, after) {
        return Err(why);
    }
    let found = Drawn::of(before, after).difference(outputs[0])?;
    match found.percent {
        Some(_) => Ok(found),
        None => Err(messages::was_zero()),
    }
}

/// Why a latency tells nothing where the client fell behind.
fn queueing(output: &str, before: &Side<'_>, after: &Side<'_>) -> Option<Said> {
    let behind = runs([before, after], |side| side.fell_behind());
    let queues = |side: &Side<'_>| {
        let family = side.action.declared.family(output);
        family.is_some_and(|family| Family::OF_THE_CLIENT.contains(&family))
    };
    behind.filter(|_| queues(before) || queues(after)).map(messages::behind)
}

/// The outputs that are shown: throughput, each latency, errors where there were any.
fn outputs(before: &Side<'_>, after: &Side<'_>) -> Vec<String> {
    let evidence: Vec<&Evidence> = [before, after].into_iter().filter_map(|s| s.action.evidence()).collect();
    let has = |name: &str| evidence.iter().any(|e| e.get(name).is_some());
    let declared = [before, after].map(|side| &side.action.declared);
    let of = |family: Family| declared.into_iter().flat_map(move |d| d.of(family));
    let is_measured = |output: &str| measured(&evidence, &format!("{output}.p50"));
    let from_intended = of(Family::LatencyFromIntended).any(is_measured);
    let latencies: BTreeSet<&str> = LATENCIES
        .into_iter()
        .filter(|family| !(from_intended && *family == Family::LatencyFromSend))
        .flat_map(|family| of(family).map(move |output| (family, output)))
        // Most loads commit nothing: there the measure does not exist, and is not missing.
        .filter(|(family, output)| *family != Family::LatencyOfCommit || is_measured(output))
        .map(|(_, output)| output)
        .collect();
    let mut found: Vec<String> = Vec::new();
    for name in of(Family::Rate).chain(of(Family::Throughput)).filter(|name| has(name)) {
        if !found.iter().any(|known| known == name) {
            found.push(name.to_owned());
        }
    }
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
        family: [after, before].iter().find_map(|side| side.action.declared.family(output)),
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
            Some(Value::Missing(why)) => Some(messages::in_run(side.run.as_str(), why)),
            Some(_) => None,
            None => Some(messages::not_in_run(side.run.as_str())),
        });
        figure.why = Some(why.unwrap_or_else(messages::no_evidence));
        return figure;
    }
    let found = match drawn {
        None => Err(messages::load_or_client_differ()),
        Some(_) if output == "errors" => Err(messages::events_only()),
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

/// The runs of which something holds, by name.
fn runs(sides: [&Side<'_>; 2], holds: impl Fn(&Side<'_>) -> bool) -> Option<Said> {
    let named = sides.into_iter().filter(|side| holds(side)).map(|side| Said::verbatim(side.run.as_str()));
    named.reduce(messages::and)
}

/// What a reader must know beside the figures.
fn remarks(before: &Side<'_>, after: &Side<'_>, drawn: &Drawn) -> Vec<Said> {
    let mut remarks = Vec::new();
    let sides = [before, after];
    for side in sides.iter().filter(|s| s.attempt.verdict.is_none_or(|v| !v.unlocks())) {
        let came_to = side.attempt.verdict.map_or_else(messages::no_end, |verdict| verdict.said());
        remarks.push(messages::came_to(side.step.0, came_to, side.run.as_str()));
    }
    if drawn.figures.is_ok() && drawn.windows.iter().any(|n| *n < FEW_WINDOWS) {
        remarks.push(messages::few_windows(drawn.windows[0], drawn.windows[1]));
    }
    if drawn.warm_up.iter().any(|n| *n > 0) {
        let [a, b] = drawn.warm_up;
        remarks.push(messages::warm_up(a, b));
    }
    if sides.iter().any(|s| s.is_unlimited()) {
        remarks.push(messages::unlimited());
    } else if sides.iter().all(|s| s.number("achieved_ratio").is_some_and(|ratio| ratio >= 0.99)) {
        remarks.push(messages::achieved_rate_capped());
    }
    if let Some(runs) = runs(sides, |s| s.flag("saturated") && !s.is_unlimited()) {
        remarks.push(messages::queue_full(runs));
    }
    let has = |family: Family| {
        sides
            .iter()
            .any(|s| s.action.declared.of(family).any(|name| s.number(&format!("{name}.avg")).is_some()))
    };
    if has(Family::LatencyFromSend) && !has(Family::LatencyFromIntended) {
        remarks.push(messages::coordinated_omission());
    }
    if has(Family::LatencyFromTimestamp) {
        remarks.push(messages::clocks());
    }
    remarks
}
