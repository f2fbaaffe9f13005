//! The pictures of a report: the plan's timeline, latencies, rates, what loads did over their time, lag.

mod axes;
mod printed;

use super::{context::Build, input::Input, series::Windows};
use crate::{
    record::{
        ActionRole, Attempt, Family, StepId, StepState, Unit,
        state::{ActionStatus, AttemptStatus},
    },
    report::{
        charts::{
            Axis, Bars, Chart, Gantt, Line, Panel, Picture, Pictures, Scale, Series, Shade, Span, Tone,
        },
        document::{capital, head},
        language::{Language, Word},
        model::{Figure, LatencyRow, LoadSort, Scenario, places},
    },
};
use axes::{FEWEST, axis, with_unit};
use jiff::{Timestamp, ToSpan, Unit as Time};

/// Lines that can be told apart in one panel.
const LINES: usize = 5;
/// Bars of one picture.
const BARS: usize = 24;
/// The statistics of a latency row that have a place on the axis of percentiles, by their place in the row.
const PERCENTILES: [(usize, &str); 5] = [(2, "P50"), (3, "P95"), (4, "P99"), (5, "P99.9"), (1, "max")];

/// Every picture of the report; the timeline is that of the latest run.
pub(in crate::report) fn pictures(
    input: &Input<'_>,
    builds: &[Build<'_>],
    scenarios: &[Scenario],
) -> Pictures {
    let language = input.language;
    let mut overview: Vec<Picture> = Vec::new();
    overview.extend(bars(language, scenarios, Word::AchievedRate, |s| {
        s.rate().filter(|_| s.sort != LoadSort::Limit)
    }));
    overview.extend(percentiles(language, scenarios));
    Pictures {
        timeline: builds.last().and_then(timeline),
        overview,
        scenarios: scenarios
            .iter()
            .map(|s| match s.attempt {
                0 => printed::picture(input, s),
                _ => builds.iter().filter(|_| !s.superseded).find_map(|b| over_time(b, s)),
            })
            .collect(),
        lag: builds.iter().flat_map(lag).collect(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "seconds of a campaign are below 2^53")]
fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.as_millisecond().saturating_sub(from.as_millisecond()) as f64 / 1e3
}

/// When each attempt of each step was carried out.
fn timeline(build: &Build<'_>) -> Option<Picture> {
    let language = build.language;
    let (first, last) = (build.state.started?, build.state.last?.1);
    let mut rows = Vec::new();
    let mut told = Vec::new();
    for (step, status) in &build.state.steps {
        let shown = build.shown(*step);
        let latest = status.latest().map(|a| a.attempt);
        let span = |attempt: &AttemptStatus| {
            let (word, code) = match attempt.verdict {
                Some(verdict) => (language.verdict(verdict), verdict.word()),
                None if Some(attempt.attempt) == latest => (language.state(shown), shown.word()),
                None => (language.state(StepState::Interrupted), StepState::Interrupted.word()),
            };
            let to = seconds(first, attempt.ended.unwrap_or(last));
            Span { from: seconds(first, attempt.started), to, label: word.to_owned(), tone: Tone::of(code) }
        };
        let spans: Vec<Span> = status.attempts.iter().map(span).collect();
        let name = format!("{step} · {}", status.outline.title.get(language.code()));
        let when: Vec<String> = status
            .attempts
            .iter()
            .zip(&spans)
            .map(|(attempt, span)| {
                let clock =
                    |at: Timestamp| at.to_zoned(build.input.zone.clone()).strftime("%H:%M:%S").to_string();
                let ended = attempt.ended.map_or_else(|| "–".to_owned(), clock);
                format!("{} → {ended} ({})", clock(attempt.started), span.label)
            })
            .collect();
        let when = if when.is_empty() { language.state(shown).to_owned() } else { when.join(", ") };
        told.push(format!("{name}{}{when}", language.colon()));
        rows.push((name, spans));
    }
    if rows.iter().all(|(_, spans)| spans.is_empty()) {
        return None;
    }
    let ticks = clock(build, first, last);
    let zone = head(language, Word::TimeOfDay);
    Some(Picture {
        chart: Chart::Gantt(Gantt { x: Axis { label: zone, scale: Scale::Linear, ticks }, rows }),
        caption: head(language, Word::TimelinePicture),
        description: told.join(language.semicolon()),
        evidence: Vec::new(),
    })
}

/// Full hours, minutes or days between two moments, about eight of them.
fn clock(build: &Build<'_>, first: Timestamp, last: Timestamp) -> Vec<(f64, String)> {
    const STEPS: [i64; 14] = [1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 21_600, 43_200, 86_400, 604_800];
    let length = seconds(first, last).max(1.0);
    #[expect(clippy::cast_precision_loss, reason = "they are few")]
    let step = STEPS.into_iter().find(|s| length / *s as f64 <= 9.0).unwrap_or(2_419_200);
    let start = first.to_zoned(build.input.zone.clone());
    let unit = if step >= 86_400 { Time::Day } else { Time::Hour };
    let Ok(mut at) = start.round(jiff::ZonedRound::new().smallest(unit).mode(jiff::RoundMode::Trunc)) else {
        return Vec::new();
    };
    let format = match step {
        86_400.. => "%d/%m",
        60.. => "%H:%M",
        _ => "%H:%M:%S",
    };
    let mut ticks = Vec::new();
    // An hour has 3,600 seconds, a day 24 hours: no more are passed over before the first one.
    for _ in 0..5000 {
        if at.timestamp() > last || ticks.len() > 12 {
            break;
        }
        if at.timestamp() >= first {
            ticks.push((seconds(first, at.timestamp()), at.strftime(format).to_string()));
        }
        let next = if step >= 86_400 { (step / 86_400).days() } else { step.seconds() };
        let Ok(next) = at.checked_add(next) else { break };
        at = next;
    }
    ticks
}

/// One value of every scenario side by side.
fn bars<'s>(
    language: Language,
    scenarios: &'s [Scenario],
    word: Word,
    value: impl Fn(&'s Scenario) -> Option<&'s Figure>,
) -> Vec<Picture> {
    let with: Vec<(&Scenario, &Figure)> = scenarios
        .iter()
        .filter(|s| !s.superseded)
        .filter_map(|s| Some((s, value(s).filter(|f| f.exact.is_number())?)))
        .collect();
    if with.len() < 2 {
        return Vec::new();
    }
    let pages = with.chunks(BARS);
    let of = pages.len();
    pages
        .enumerate()
        .map(|(page, chunk)| {
            let bars =
                chunk.iter().map(|(s, f)| (s.name.clone(), f.exact.as_f64(), f.text.clone())).collect();
            let told: Vec<String> =
                chunk.iter().map(|(s, f)| format!("{}{}{}", s.name, language.colon(), f.text)).collect();
            Picture {
                chart: Chart::Bars(Bars {
                    y: axis(with_unit(language, word, language.word(Word::RecordsPerSecond)), Scale::Linear),
                    bars,
                }),
                caption: paged(head(language, Word::RatesPicture), page, of),
                description: language.list(&told),
                evidence: places(chunk.iter().map(|(_, f)| *f)),
            }
        })
        .collect()
}

fn paged(caption: String, page: usize, of: usize) -> String {
    if of < 2 { caption } else { format!("{caption} ({}/{of})", page + 1) }
}

/// The percentiles of the first point of view of every scenario, on a scale of powers of ten.
fn percentiles(language: Language, scenarios: &[Scenario]) -> Vec<Picture> {
    let known = |row: &LatencyRow| PERCENTILES.iter().filter(|(at, _)| exact(row, *at).is_some()).count();
    let with: Vec<(&Scenario, &LatencyRow)> = scenarios
        .iter()
        .filter(|s| !s.superseded)
        .filter_map(|s| Some((s, s.latencies.first()?)))
        .filter(|(_, row)| known(row) > 1)
        .collect();
    let pages = with.chunks(LINES);
    let of = pages.len();
    let picture = |(page, chunk): (usize, &[(&Scenario, &LatencyRow)])| {
        let line = |(s, row): &(&Scenario, &LatencyRow)| Line {
            name: format!("{} ({})", s.name, row.label),
            points: (0_u32..).zip(PERCENTILES).map(|(x, (at, _))| (f64::from(x), exact(row, at))).collect(),
        };
        let told = chunk.iter().map(|(s, row)| {
            let figures: Vec<String> = PERCENTILES
                .iter()
                .filter(|(at, _)| exact(row, *at).is_some())
                .filter_map(|(at, name)| Some(format!("{name} {}", row.figures.get(*at)?.text)))
                .collect();
            format!("{}{}{}", s.name, language.colon(), figures.join(", "))
        });
        Picture {
            description: language.list(&told.collect::<Vec<_>>()),
            chart: Chart::Series(Series {
                by_window: false,
                x: Axis {
                    label: head(language, Word::Percentile),
                    scale: Scale::Linear,
                    ticks: (0_u32..)
                        .zip(PERCENTILES)
                        .map(|(x, (_, name))| (f64::from(x), name.to_owned()))
                        .collect(),
                },
                panels: vec![Panel {
                    y: axis(with_unit(language, Word::Latency, "ms"), Scale::Log),
                    lines: chunk.iter().map(line).collect(),
                }],
                shades: Vec::new(),
            }),
            caption: paged(head(language, Word::PercentilesPicture), page, of),
            evidence: places(chunk.iter().flat_map(|(_, row)| &row.figures)),
        }
    };
    pages.enumerate().map(picture).collect()
}

/// A latency in milliseconds.
fn exact(row: &LatencyRow, at: usize) -> Option<f64> {
    let figure = row.figures.get(at).filter(|f| f.unit == Some(Unit::Milliseconds))?;
    figure.exact.as_f64().filter(|v| *v > 0.0)
}

/// The action of a scenario with its attempt.
fn action_of<'b>(build: &'b Build<'_>, of: &Scenario) -> Option<(&'b AttemptStatus, &'b ActionStatus)> {
    if of.run != build.number {
        return None;
    }
    let status = build.state.steps.get(&StepId(of.step))?;
    let attempt = status.attempts.iter().find(|a| a.attempt == Attempt(of.attempt))?;
    Some((attempt, attempt.actions.iter().find(|a| a.action.as_str() == of.action)?))
}

/// Rate and latency of a load over its time, with its warm-up and the faults of that time.
fn over_time(build: &Build<'_>, of: &Scenario) -> Option<Picture> {
    let language = build.language;
    let (_, action) = action_of(build, of).filter(|(_, action)| action.kept_from.is_none())?;
    let with: Vec<_> =
        action.artifacts.iter().filter(|a| build.run.kept.windows.contains_key(&a.path)).collect();
    // Of an action that made several loads, the one that its figures come from.
    let folder = |path: &str| path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
    let artifact = match with[..] {
        [only] => only,
        _ => {
            let figure =
                of.latencies.first().and_then(|row| row.figures.iter().find_map(|f| f.evidence.as_ref()));
            let place = folder(figure?.artifact.as_ref()?);
            with.into_iter().find(|a| folder(&a.path) == place)?
        }
    };
    let windows = &build.run.kept.windows[&artifact.path];
    let last = windows.stretches.last().filter(|_| windows.stretches.len() >= FEWEST)?;
    let end = last.start_s + last.length_s;
    let line = |word: &str, value: fn(&super::series::Stretch) -> Option<f64>| Line {
        name: word.to_owned(),
        points: windows.stretches.iter().map(|s| (s.start_s, value(s))).collect(),
    };
    let latencies: Vec<Line> =
        [line("max", |s| s.max_ms), line("P99", |s| s.p99_ms), line("P50", |s| s.p50_ms)]
            .into_iter()
            .filter(|l| l.points.iter().any(|p| p.1.is_some()))
            .collect();
    let of_rate = if of.is_arrival { Word::ArrivalRate } else { Word::AchievedRate };
    let rate = Panel {
        y: axis(with_unit(language, of_rate, language.word(Word::RecordsPerSecond)), Scale::Linear),
        lines: vec![line(language.word(of_rate), |s| Some(s.rate()))],
    };
    let mut panels = vec![rate];
    if !latencies.is_empty() {
        panels
            .push(Panel { y: axis(with_unit(language, Word::Latency, "ms"), Scale::Log), lines: latencies });
    }
    let mut shades = Vec::new();
    if windows.warm_up_s > 0.0 {
        shades.push(Shade {
            from: windows.stretches[0].start_s,
            to: windows.warm_up_s.min(end),
            label: language.word(Word::WarmUp).to_owned(),
        });
    }
    // The log of latencies says when the load itself began: reaching the cluster is not in its windows.
    let log = format!("{}/latency.hlog", folder(&artifact.path).unwrap_or_default());
    let began = build.run.kept.starts.get(&log).copied().unwrap_or(action.started);
    let of_faults = faults(build, began, end);
    let names: Vec<&str> = of_faults.iter().map(|shade| shade.label.as_str()).collect();
    // A form that has no room for the description names what is shaded all the same.
    let shaded = match names.is_empty() {
        true => String::new(),
        false => language.fill(Word::Shaded, &[("what", &names.join(", "))]),
    };
    shades.extend(of_faults.iter().cloned());
    let colon = language.colon();
    Some(Picture {
        description: told(build, windows, &shades),
        chart: Chart::Series(Series {
            by_window: false,
            x: axis(with_unit(language, Word::SinceStart, "s"), Scale::Linear),
            panels,
            shades,
        }),
        caption: format!("{}{colon}{}{shaded}", of.name, language.word(Word::OverTimePicture)),
        evidence: build.trace.artifact(&artifact.path).into_iter().collect(),
    })
}

/// What a picture over time shows, in words.
fn told(build: &Build<'_>, windows: &Windows, shades: &[Shade]) -> String {
    let language = build.language;
    let of = &windows.stretches;
    let rates = || of.iter().map(super::series::Stretch::rate);
    let (low, high) = (rates().fold(f64::INFINITY, f64::min), rates().fold(0.0, f64::max));
    let longest = of.iter().map(|s| s.length_s).fold(0.0, f64::max);
    let mut parts = vec![language.fill(
        Word::OverTimeTold,
        &[
            ("length", &language.number_with(longest, 0)),
            ("low", &language.number_with(low, 0)),
            ("high", &language.number_with(high, 0)),
        ],
    )];
    if let Some(p99) = of.iter().filter_map(|s| s.p99_ms).reduce(f64::max) {
        parts.push(language.fill(Word::OverTimeLatency, &[("p99", &language.number(p99))]));
    }
    for shade in shades {
        let (from, to) = (language.number_with(shade.from, 0), language.number_with(shade.to, 0));
        let places = [("what", shade.label.as_str()), ("from", &from), ("to", &to)];
        parts.push(language.fill(Word::OverTimeShade, &places));
    }
    parts.join(" ")
}

/// Faults and other changes that were in force during a load, in its own seconds.
fn faults(build: &Build<'_>, start: Timestamp, length: f64) -> Vec<Shade> {
    let mut found = Vec::new();
    for status in build.state.steps.values() {
        for attempt in &status.attempts {
            for fault in attempt
                .actions
                .iter()
                .filter(|a| a.declared.role == ActionRole::Fault && a.kept_from.is_none())
            {
                let from = seconds(start, fault.started);
                let to = fault.ended.or(attempt.ended).map_or(length, |at| seconds(start, at));
                if from < length && to > 0.0 {
                    let label = fault.action.to_string();
                    found.push(Shade { from: from.max(0.0), to: to.min(length), label });
                }
            }
        }
    }
    found
}

/// How far replication was behind, a line a watch.
fn lag(build: &Build<'_>) -> Vec<Picture> {
    let language = build.language;
    let mut found = Vec::new();
    for (step, status) in &build.state.steps {
        for attempt in &status.attempts {
            let mut lines = Vec::new();
            let mut evidence = Vec::new();
            let watches =
                attempt.watches.iter().filter(|(_, w)| w.declared.has(Family::Lag) && w.kept_from.is_none());
            for (id, watch) in watches {
                for artifact in &watch.artifacts {
                    let Some(samples) = build.run.kept.samples.get(&artifact.path) else { continue };
                    let points = watch.declared.of(Family::Lag).find_map(|lag| samples.outputs.get(lag));
                    if let Some(points) = points.filter(|p| p.len() > 1) {
                        lines.push(Line { name: id.to_string(), points: points.clone() });
                        evidence.extend(build.trace.artifact(&artifact.path));
                    }
                }
            }
            if lines.is_empty() {
                continue;
            }
            lines.truncate(LINES);
            let told: Vec<String> = lines
                .iter()
                .map(|l| {
                    let high = l.points.iter().filter_map(|p| p.1).fold(0.0, f64::max);
                    let end = l.points.iter().rev().find_map(|p| p.1).unwrap_or(0.0);
                    let places = [
                        ("watch", l.name.clone()),
                        ("high", language.number(high)),
                        ("end", language.number(end)),
                    ];
                    let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
                    language.fill(Word::LagTold, &places)
                })
                .collect();
            let shades = faults(
                build,
                attempt.started,
                lines.iter().flat_map(|l| l.points.last()).map(|p| p.0).fold(0.0, f64::max),
            );
            found.push(Picture {
                chart: Chart::Series(Series {
                    by_window: false,
                    x: axis(with_unit(language, Word::SinceStepStart, "s"), Scale::Linear),
                    panels: vec![Panel {
                        y: axis(with_unit(language, Word::Lag, language.word(Word::Records)), Scale::Linear),
                        lines,
                    }],
                    shades,
                }),
                caption: capital(&language.fill(
                    Word::LagPicture,
                    &[("step", &build.place(*step)), ("attempt", &attempt.attempt.to_string())],
                )),
                description: told.join(" "),
                evidence,
            });
        }
    }
    found
}
