//! The parts of the day: what was done and seen in each, what is to be validated, what follows.

use super::{
    context::Build,
    day::Day,
    decisions::decided,
    input::ImportInput,
    lines::{NotedLine, period_of},
    measure::{beside, brief},
    monitoring::is_audit,
    notes::{author, notes_of_campaign, said},
    places::place_of_run,
    scenarios::sort_of,
};
use crate::{
    perf_output::{self, Period},
    record::{
        ActionRole, StepState, Verdict,
        event::NoteKind,
        state::{ActionStatus, AttemptStatus, StepStatus},
    },
    report::{
        document::capital,
        language::{Language, Word},
        model::{Figure, LoadSort, PeriodRow, Reference, Scenario, Statement},
    },
};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// How many parts of days are told.
const PARTS: usize = 12;
/// How many statements of a sort a part of the day has.
const MOST: usize = 14;

/// The parts of the day in their order: by the clock of the runs, and by the headings of the notes; every one whole.
pub(super) fn whole(day: &Day<'_, '_>) -> Vec<PeriodRow> {
    let mut found = Parts(Vec::new());
    let mut attempts: Vec<(Timestamp, Statement)> = Vec::new();
    for build in day.builds {
        for status in build.state.steps.values() {
            let of_the_time = status.attempts.iter().filter(|a| build.is_of_the_time(a));
            attempts.extend(of_the_time.map(|a| (a.started, carried_out(build, status, a))));
        }
    }
    // Steps stand in the order of time, whatever their numbers.
    attempts.sort_by_key(|(at, _)| *at);
    for (at, told) in attempts {
        let (key, title) = part_of(day, at);
        found.at(key, &title).observed.push(told);
    }
    of_lines(day, &mut found);
    of_notes(day, &mut found);
    of_decisions(day, &mut found);
    found.0.sort_by_key(|(key, _)| *key);
    found.0.into_iter().map(|(_, row)| row).collect()
}

/// What the annexes tell of the lines of imported files and of work done by hand: observed, to validate, actions. Lines
/// that a person classified are notes of that person, and stand there as such; those that nobody has, have a list.
pub(super) fn of_imports(day: &Day<'_, '_>, rows: &[PeriodRow]) -> [Vec<Statement>; 3] {
    let elsewhere: BTreeSet<&str> = day
        .lines
        .iter()
        .filter(|line| line.is_by_note || line.kind.is_none())
        .map(|line| line.reference.id.as_str())
        .collect();
    let is_of_import = |of: &&Statement| {
        let Some(first) = of.evidence.first() else { return false };
        let by_somebody = of.author.as_ref().is_some_and(|author| !author.is_empty());
        first.id.starts_with('I') && !(by_somebody && elsewhere.contains(first.id.as_str()))
    };
    let all = |list: fn(&PeriodRow) -> &Vec<Statement>| -> Vec<Statement> {
        rows.iter().flat_map(list).filter(is_of_import).cloned().collect()
    };
    let colon = day.language.colon();
    let feared = day.lines.iter().filter(|line| line.kind == Some(NoteKind::Risk) && !line.is_by_note);
    let feared = feared.map(|line| Statement {
        author: Some(String::new()),
        ..said(format!("{}{colon}{}", day.language.word(Word::Risk), line.text), Some(line.reference.clone()))
    });
    [
        all(|row| &row.observed),
        all(|row| &row.to_validate).into_iter().chain(feared).collect(),
        all(|row| &row.actions),
    ]
}

/// The same as the body has room for.
pub(super) fn in_short(day: &Day<'_, '_>, mut rows: Vec<PeriodRow>) -> Vec<PeriodRow> {
    let older = rows.len().saturating_sub(PARTS);
    rows.drain(..older);
    // The more parts there are, the less of each.
    let most = (3 * MOST / rows.len().max(1)).clamp(2, MOST);
    for row in &mut rows {
        for list in [&mut row.observed, &mut row.to_validate, &mut row.actions, &mut row.decisions] {
            let further = list.len().saturating_sub(most);
            list.truncate(most);
            if further > 0 {
                let count = day.language.count(further);
                list.push(said(day.language.fill(Word::FurtherInAnnexes, &[("count", &count)]), None));
            }
        }
    }
    if older > 0 {
        let count = day.language.count(older);
        let told = said(day.language.fill(Word::OlderPeriods, &[("count", &count)]), None);
        rows[0].observed.insert(0, told);
    }
    rows
}

/// Parts of the day with what they are ordered by.
struct Parts(Vec<(i64, PeriodRow)>);

impl Parts {
    fn at(&mut self, key: i64, title: &str) -> &mut PeriodRow {
        let at = self.0.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
            let row = PeriodRow {
                title: title.to_owned(),
                observed: Vec::new(),
                to_validate: Vec::new(),
                actions: Vec::new(),
                decisions: Vec::new(),
            };
            self.0.push((key, row));
            self.0.len() - 1
        });
        &mut self.0[at].1
    }
}

/// The part of the day of a moment, and its place in the order of all.
fn part_of(day: &Day<'_, '_>, at: Timestamp) -> (i64, String) {
    let there = at.to_zoned(day.input.zone.clone());
    let part = match there.hour() {
        0..6 => Word::Night,
        6..12 => Word::Morning,
        12..18 => Word::Afternoon,
        _ => Word::Evening,
    };
    keyed(day, there.date(), part)
}

fn keyed(day: &Day<'_, '_>, date: jiff::civil::Date, part: Word) -> (i64, String) {
    let language = day.language;
    let order = [Word::Night, Word::Morning, Word::Afternoon, Word::Evening];
    let at = order.iter().position(|word| *word == part).unwrap_or(0);
    let days = i64::from(date.since(day.input.from).map_or(0, |span| span.get_days()));
    let word = capital(language.word(part));
    let title = match day.input.from == day.input.day {
        true => word,
        false => format!("{}, {}", language.day(date), language.word(part)),
    };
    (days * 10 + i64::try_from(at).unwrap_or(0), title)
}

/// One attempt at a step in a sentence.
fn carried_out(build: &Build<'_>, status: &StepStatus, attempt: &AttemptStatus) -> Statement {
    let language = build.language;
    let zone = || build.input.zone.clone();
    let length = attempt.ended.unwrap_or(build.input.now).duration_since(attempt.started);
    let format = if length.as_secs() < 600 { "%H:%M:%S" } else { "%H:%M" };
    let clock = |at: Timestamp| at.to_zoned(zone()).strftime(format).to_string();
    let ended = attempt.ended.map_or_else(|| "…".to_owned(), clock);
    let latest = status.latest().is_some_and(|latest| latest.attempt == attempt.attempt);
    let shown = build.shown(status.outline.step);
    let state = match attempt.verdict {
        _ if latest => language.state(shown),
        // In the word that the latest attempt has.
        Some(verdict) => language.state(match verdict {
            Verdict::Pass | Verdict::Warn => StepState::Passed,
            Verdict::Inconclusive => StepState::Inconclusive,
            Verdict::Fail => StepState::Failed,
            Verdict::Error => StepState::Error,
        }),
        None => language.state(StepState::Interrupted),
    };
    let count = |is: fn(&ActionStatus) -> bool| {
        attempt.actions.iter().filter(|a| a.kept_from.is_none() && is(a)).count()
    };
    let done = [
        (count(|a| matches!(sort_of(a), Some(LoadSort::Sends | LoadSort::Limit))), Word::CountedLoads),
        (count(|a| sort_of(a) == Some(LoadSort::Reads)), Word::CountedReads),
        (count(|a| sort_of(a) == Some(LoadSort::Copies)), Word::CountedCopies),
        (count(is_audit), Word::CountedAudits),
        (count(|a| a.declared.role == ActionRole::Fault), Word::CountedFaults),
        (
            count(|a| a.declared.role == ActionRole::Check && sort_of(a).is_none() && !is_audit(a)),
            Word::CountedLooks,
        ),
    ];
    let done: Vec<String> = done
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| language.fill(word, &[("count", &language.count(count))]))
        .collect();
    let done = if done.is_empty() { String::new() } else { format!(" ({})", done.join(", ")) };
    let text = language.fill(
        Word::CarriedOut,
        &[
            ("from", &clock(attempt.started)),
            ("to", &ended),
            ("step", &build.name(status)),
            ("state", state),
            ("done", &done),
        ],
    );
    said(text, build.trace.step_end(status.outline.step, attempt.attempt))
}

/// What the lines of imported files say, under their headings; what belongs to a line stands with it.
fn of_lines(day: &Day<'_, '_>, found: &mut Parts) {
    for (at, of) in day.input.imports.iter().enumerate() {
        let Ok(reading) = &of.reading else { continue };
        let placed = perf_output::outline(reading);
        let lines: Vec<&NotedLine> = day.lines.iter().filter(|line| line.import == at).collect();
        for (n, line) in lines.iter().enumerate() {
            if is_told_above(&lines, line) {
                continue;
            }
            let mut with = vec![*line];
            let below = lines[n + 1..].iter().take_while(|below| below.under.is_some());
            with.extend(below.filter(|below| below.under == Some(line.at) && is_told_above(&lines, below)));
            let (key, title) = part(day, of, line.period);
            noted(day, of, &with, found.at(key, &title));
        }
        for value in perf_output::declared(reading, &placed) {
            let Some(line) = lines.iter().find(|line| line.at == value.note) else { continue };
            let (key, title) = part(day, of, line.period);
            unclear(day, &value, line, found.at(key, &title));
        }
        for note in perf_output::runs_without_output(reading, &placed) {
            let Some(line) = lines.iter().find(|line| line.at == note) else { continue };
            let (key, title) = part(day, of, line.period);
            let row = found.at(key, &title);
            let told = |word: Word| said(day.language.word(word).to_owned(), Some(line.reference.clone()));
            row.to_validate.push(told(Word::NoOutput));
            row.actions.push(told(Word::JoinOutput));
        }
        for (n, scenario) in reading.scenarios.iter().enumerate() {
            let period = period_of(reading, &placed, scenario.lines.first);
            let (key, title) = part(day, of, period);
            let name = format!("I{}.{}", at + 1, n + 1);
            let Some(made) = day.scenarios.iter().find(|s| s.name == name) else { continue };
            found.at(key, &title).observed.push(ran(day.language, made, place_of_run(at, of, n)));
        }
    }
}

/// Whether a line is a value of the line above it, and is told with that.
fn is_told_above(lines: &[&NotedLine], line: &NotedLine) -> bool {
    let is_value =
        line.text.split_whitespace().count() <= 5 && line.text.contains(|c: char| c.is_ascii_digit());
    let above = line.under.and_then(|under| lines.iter().find(|above| above.at == under));
    is_value && above.is_some_and(|above| above.under.is_none())
}

fn part(day: &Day<'_, '_>, of: &ImportInput, period: Option<Period>) -> (i64, String) {
    let word = match period {
        Some(Period::Morning) => Word::Morning,
        Some(Period::Noon | Period::Afternoon) => Word::Afternoon,
        Some(Period::Evening) => Word::Evening,
        Some(Period::Night) => Word::Night,
        None => {
            let (key, _) = keyed(day, of.import.day, Word::Evening);
            let title = capital(day.language.word(Word::WithoutHour));
            let title = match day.input.from == day.input.day {
                true => title,
                false => format!("{}, {title}", day.language.day(of.import.day)),
            };
            return (key + 1, title);
        }
    };
    keyed(day, of.import.day, word)
}

/// A run of a tool in a sentence.
fn ran(language: Language, of: &Scenario, at: Reference) -> Statement {
    if of.rate().is_none() {
        return timed(language, of, at);
    }
    let rate = of.rate().map(|rate| match &of.target {
        Some(target) => beside(language, rate, target),
        None => brief(language, rate),
    });
    let achieved =
        rate.as_ref().map_or_else(|| language.word(Word::NotMeasured).to_owned(), |f| f.text.clone());
    let records = of.figure("records_sent").map(|f| f.text.clone()).unwrap_or_default();
    let size = of.record_size.clone().unwrap_or_else(|| "–".to_owned());
    let asked = of.target.as_ref().map_or_else(
        || language.word(Word::WithoutCap).to_owned(),
        |target| language.fill(Word::AskedFor, &[("rate", &brief(language, target).text)]),
    );
    let text = language.fill(
        if of.is_load() { Word::RanByHand } else { Word::ReadByHand },
        &[
            ("title", &of.title),
            ("records", &records),
            ("size", &size),
            ("asked", &asked),
            ("achieved", &achieved),
        ],
    );
    let text = match of.contradictory(language) {
        Some(told) => [text, language.semicolon().to_owned(), told].concat(),
        None => text,
    };
    let figures = rate.into_iter().chain(of.target.as_ref().map(|f| brief(language, f))).collect();
    Statement { figures, ..said(text, Some(at)) }
}

/// A run without a rate: the time of a record from end to end, or nothing.
fn timed(language: Language, of: &Scenario, at: Reference) -> Statement {
    let (p50, p99) = (of.latency(2), of.p99());
    let text = |figure: Option<&Figure>| {
        figure.map_or_else(|| language.word(Word::NotMeasured).to_owned(), |f| brief(language, f).text)
    };
    let figures: Vec<Figure> = [p50, p99].into_iter().flatten().map(|f| brief(language, f)).collect();
    let text = match figures.is_empty() {
        true => language.fill(Word::WithoutFigures, &[("title", &of.title)]),
        false => {
            let places = [("title", of.title.as_str()), ("p50", &text(p50)), ("p99", &text(p99))];
            language.fill(Word::TimedByHand, &places)
        }
    };
    Statement { figures, ..said(text, Some(at)) }
}

/// A line with the values that belong to it.
fn noted(day: &Day<'_, '_>, of: &ImportInput, lines: &[&NotedLine], row: &mut PeriodRow) {
    let language = day.language;
    let line = lines[0];
    let details: Vec<&str> = lines[1..].iter().map(|line| line.text.as_str()).collect();
    let mut text = match details.is_empty() {
        true => line.text.clone(),
        false => format!("{}{}{}", line.text, language.colon(), details.join(language.semicolon())),
    };
    let list = match line.kind {
        Some(NoteKind::Hypothesis) | None => &mut row.to_validate,
        Some(NoteKind::Action) => &mut row.actions,
        // These have sections of their own.
        Some(NoteKind::Dashboard | NoteKind::Risk | NoteKind::Security) => return,
        Some(NoteKind::Decision) => &mut row.decisions,
        Some(NoteKind::Observation) => &mut row.observed,
    };
    if line.kind == Some(NoteKind::Observation) && !text.contains(|c: char| c.is_ascii_digit()) {
        text.push_str(language.word(Word::SeenNotMeasured));
    }
    if line.kind.is_none() {
        text = language.fill(Word::NotClassified, &[("text", &text)]);
    }
    list.push(Statement {
        text,
        author: Some(of.import.by.clone()),
        evidence: lines.iter().map(|line| line.reference.clone()).collect(),
        figures: Vec::new(),
    });
}

/// What is unclear about a value that somebody gave; a latency of ZooKeeper above its objective.
fn unclear(day: &Day<'_, '_>, value: &perf_output::Declared, line: &NotedLine, row: &mut PeriodRow) {
    let language = day.language;
    let place = || Some(line.reference.clone());
    if let Some(doubt) = &value.doubt {
        let text = doubt.in_language(language).into_owned();
        row.to_validate.push(Statement { author: Some(String::new()), ..said(text, place()) });
    }
    let highest = value.high.unwrap_or(value.low);
    if let Some(limit) = day.objectives.get("zookeeper_latency_ms").filter(|_| value.is_of_zookeeper())
        && value.unit == Some("ms")
        && limit.exact.as_f64().is_some_and(|limit| highest > limit)
        && !row.to_validate.iter().any(|s| s.evidence.iter().any(|of| Some(of) == limit.evidence.as_ref()))
    {
        let declared = super::measure::given(language, highest, crate::record::Unit::Milliseconds, place());
        let places = [("declared", declared.text.as_str()), ("limit", limit.text.as_str())];
        let text = language.fill(Word::ZookeeperDeclared, &places);
        let evidence = place().into_iter().chain(limit.evidence.clone());
        row.to_validate.push(Statement { figures: vec![declared, limit.clone()], ..said(text, evidence) });
    }
}

/// What people noted by hand, but for what has a section of its own.
fn of_notes(day: &Day<'_, '_>, found: &mut Parts) {
    let of_runs = day.builds.iter().flat_map(Build::notes);
    let notes = of_runs.chain(notes_of_campaign(day.input)).filter(|(_, note, _)| note.line.is_none());
    for (at, note, reference) in notes {
        let (key, title) = match note.day {
            Some(of) if day.input.date(at) != of => {
                (keyed(day, of, Word::Evening).0 + 1, capital(day.language.word(Word::WithoutHour)))
            }
            _ => part_of(day, at),
        };
        let row = found.at(key, &title);
        let list = match note.kind {
            NoteKind::Observation => &mut row.observed,
            NoteKind::Decision => &mut row.decisions,
            NoteKind::Action => &mut row.actions,
            // The analysis has the hypotheses; the others have sections of their own.
            NoteKind::Dashboard | NoteKind::Hypothesis | NoteKind::Risk | NoteKind::Security => continue,
        };
        let check =
            note.check.as_ref().map(|check| day.language.fill(Word::ToBeChecked, &[("check", check)]));
        list.push(Statement {
            text: format!("{}{}", day.language.say(&note.text), check.unwrap_or_default()),
            author: Some(author(day.input, at, note)),
            evidence: vec![reference],
            figures: Vec::new(),
        });
    }
}

/// Waivers, skips, approvals and answers.
fn of_decisions(day: &Day<'_, '_>, found: &mut Parts) {
    let language = day.language;
    for build in day.builds {
        // What was only repeated was decided by nobody.
        let of_the_time =
            decided(build).into_iter().filter(|(at, row)| day.input.covers(*at) && !row.by.is_empty());
        for (at, row) in of_the_time {
            let until = row.until.as_ref().map_or_else(String::new, |until| {
                format!(", {}", language.fill(Word::UntilThen, &[("until", until)]))
            });
            let step = row.step.map(|step| step.to_string()).unwrap_or_default();
            let word = if row.reason.is_empty() { Word::DecidedBare } else { Word::Decided };
            let places = [("what", &row.what), ("step", &step), ("until", &until), ("reason", &row.reason)];
            let places = places.map(|(name, value)| (name, value.as_str()));
            let (key, title) = part_of(day, at);
            found.at(key, &title).decisions.push(Statement {
                text: capital(&language.fill(word, &places)),
                author: Some(format!("{}, {}", row.by, row.at)),
                evidence: vec![row.evidence],
                figures: Vec::new(),
            });
        }
    }
}
