//! Work done by hand: what `jalon import` put on record, in the form of the report's own scenarios.

use super::{
    input::{ImportInput, Input},
    lines,
    measure::{self, Client},
    notes::said,
    places,
};
use crate::{
    perf_output,
    record::{self, Artifact, Event, Family, Tool, Unit, Value, event::NoteLine},
    report::{
        language::{Language, Word},
        model::{
            EvidenceRow, Figure, ImportRow, Labelled, LatencyRow, LoadSort, Reference, Scenario, Statement,
            places as places_of,
        },
    },
};
use std::collections::{BTreeMap, BTreeSet};

/// How many lines are shown one by one.
const LISTED: usize = 200;

/// Every import.
pub(in crate::report) fn rows(input: &Input<'_>) -> Vec<ImportRow> {
    let language = input.language;
    let row = |(at, of): (usize, &ImportInput)| ImportRow {
        id: format!("I{}", at + 1),
        import: of.import.id.clone(),
        day: language.day(of.import.day),
        step: of.import.step.map(|s| s.0),
        file: of.import.file.clone(),
        sha256: of.import.sha256.clone(),
        by: format!("{}, {}", of.import.by, language.moment(of.at, &input.zone)),
        scenarios: of.import.scenarios.len(),
        notes: count(language, of.import.notes),
        not_understood: count(language, of.import.not_understood),
        problem: of.reading.as_ref().err().cloned(),
        evidence: places::reference(at, of),
    };
    input.imports.iter().enumerate().map(row).collect()
}

fn count(language: Language, of: u64) -> String {
    language.count(usize::try_from(of).unwrap_or(usize::MAX))
}

/// Both artifacts of every import.
pub(in crate::report) fn evidence(input: &Input<'_>) -> Vec<EvidenceRow> {
    let language = input.language;
    let one = |id: String, of: &ImportInput, artifact: &Artifact, what: Word| EvidenceRow {
        id,
        folder: places::IMPORTS.to_owned(),
        path: artifact.path.clone(),
        sha256: artifact.sha256.clone(),
        bytes: artifact.bytes,
        size: language.size(artifact.bytes),
        description: language.fill(what, &[("file", &of.import.file)]),
        window: language.day(of.import.day),
        altered: of.reading.as_ref().err().cloned(),
    };
    let both = |(at, of): (usize, &ImportInput)| {
        [
            one(format!("I{}", at + 1), of, &of.import.reading, Word::ImportReading),
            one(format!("I{}-source", at + 1), of, &of.import.source, Word::ImportSource),
        ]
    };
    input.imports.iter().enumerate().flat_map(both).collect()
}

/// The runs of the tools, as scenarios.
pub(in crate::report) fn scenarios(input: &Input<'_>) -> Vec<Scenario> {
    let mut found: Vec<Scenario> = Vec::new();
    for (at, of) in input.imports.iter().enumerate() {
        // Without its artifact a figure has no evidence: none is shown.
        let Ok(reading) = &of.reading else { continue };
        let reference = places::reference(at, of);
        let placed = perf_output::outline(reading);
        for (n, s) in reading.scenarios.iter().enumerate() {
            let mut made = scenario(input.language, of, n + 1, s, &reference);
            let introduced = lines::introduction(reading, &placed, n);
            let said = introduced.or_else(|| s.topic.clone()).unwrap_or_else(|| s.name.clone());
            let letter = letters(found.len());
            made.title = format!("{letter} – {said}");
            made.letter = Some(letter);
            found.push(made);
        }
    }
    found
}

/// The letter of a run, `A` first; behind `Z` comes `AA`.
fn letters(at: usize) -> String {
    let letter = |n: usize| char::from(b'A' + u8::try_from(n % 26).unwrap_or(0)).to_string();
    match at / 26 {
        0 => letter(at),
        more => letters(more - 1) + &letter(at),
    }
}

/// What the producer told of its work in its table of metrics.
fn client(language: Language, of: &record::Scenario, reference: &Reference) -> Client {
    let value = |group: &str, name: &str| {
        let start = format!("{group}:{name}:");
        let (key, value) =
            of.metrics.range(start.clone()..).next().filter(|(key, _)| key.starts_with(&start))?;
        Some((key.clone(), value.as_f64()?))
    };
    let named = |name: &str, unit: Unit| {
        let (_, number) = value("producer-metrics", name)?;
        Some((name.to_owned(), measure::given(language, number, unit, Some(reference.clone()))))
    };
    let nodes = of.metrics.range("producer-node-metrics:request-latency-avg:".to_owned()..);
    let nodes = nodes.take_while(|(key, _)| key.starts_with("producer-node-metrics:request-latency-avg:"));
    Client {
        batch_bytes: named("batch-size-avg", Unit::Bytes),
        queue_ms: named("record-queue-time-avg", Unit::Milliseconds),
        request_ms: named("request-latency-avg", Unit::Milliseconds),
        retries: named("record-retry-total", Unit::Count),
        buffer_wait: named("bufferpool-wait-ratio", Unit::Ratio),
        compression: named("compression-rate-avg", Unit::Ratio),
        throttled_ms: named("produce-throttle-time-avg", Unit::Milliseconds),
        compression_type: of.properties.get("compression.type").cloned(),
        batch_size: of.properties.get("batch.size").and_then(|size| size.parse().ok()),
        nodes: nodes
            .filter_map(|(key, value)| {
                // Those with a sign are the first contacts of the bootstrap list.
                let node = key.rsplit_once("node-id=")?.1.trim_end_matches('}').strip_prefix("node-")?;
                let number = value.as_f64().filter(|_| !node.starts_with('-'))?;
                let figure = measure::given(language, number, Unit::Milliseconds, Some(reference.clone()));
                Some((format!("broker {node}"), figure))
            })
            .collect(),
    }
}

fn scenario(
    language: Language,
    of: &ImportInput,
    number: usize,
    scenario: &record::Scenario,
    reference: &Reference,
) -> Scenario {
    let figure = |value: Option<f64>, unit: Unit| {
        value.map_or_else(
            || Figure::missing(language),
            |value| {
                let value = Value::number(value, unit);
                Figure::new(&value, language.value(&value), Some(reference.clone()))
            },
        )
    };
    #[expect(clippy::cast_precision_loss, reason = "a count of records stays below 2^53")]
    let records = scenario.records.map(|n| n as f64);
    let labelled = |name: &str, family: Family, label: Word, figure: Figure| Labelled {
        name: name.to_owned(),
        family: Some(family),
        label: language.word(label).to_owned(),
        figure,
    };
    let figures = vec![
        labelled("records_sent", Family::Count, Word::Records, figure(records, Unit::Count)),
        labelled(
            "throughput.records_per_s",
            Family::Rate,
            Word::AchievedRate,
            figure(scenario.achieved_records_per_s, Unit::RecordsPerSecond),
        ),
        labelled(
            "throughput.mb_per_s",
            Family::Throughput,
            Word::Throughput,
            figure(scenario.mb_per_s, Unit::MbPerSecond),
        ),
    ];
    let ms = |value| figure(value, Unit::Milliseconds);
    let latencies = vec![
        ms(scenario.avg_ms),
        ms(scenario.max_ms),
        ms(scenario.p50_ms),
        ms(scenario.p95_ms),
        ms(scenario.p99_ms),
        ms(scenario.p999_ms),
    ];
    let name = format!("{}.{number}", reference.id);
    let metrics = client(language, scenario, reference).rows(language, latencies.first());
    let row = LatencyRow {
        scenario: name.clone(),
        label: language.word(Word::FromSend).to_owned(),
        evidence: places_of(&latencies),
        remarks: Vec::new(),
        figures: latencies,
    };
    let lines = [scenario.lines.first, scenario.lines.last].map(|n| n.to_string());
    let place = [("file", of.import.file.as_str()), ("first", &lines[0]), ("last", &lines[1])];
    let mut remarks = vec![language.fill(Word::ByHand, &place)];
    let has_latency = row.figures.iter().any(|f| !f.exact.is_null());
    if has_latency {
        remarks.push(language.word(Word::WholeMilliseconds).to_owned());
    }
    // A line of the tool is its own words, and has its name.
    remarks.extend(scenario.warnings.iter().map(|warning| match warning.id() {
        Some(_) => language.say(warning),
        None => {
            let line = language.say(warning).replace('`', "'");
            format!("`{}`{}`{line}`", tool(scenario).script(), language.colon())
        }
    }));
    Scenario {
        run: None,
        step: of.import.step.map_or(0, |s| s.0),
        attempt: 0,
        action: name.clone(),
        kind: tool(scenario).script().to_owned(),
        title: name.clone(),
        letter: None,
        sort: if tool(scenario).sends() { LoadSort::Sends } else { LoadSort::Reads },
        is_replicated: false,
        is_arrival: false,
        asked_ratio: Vec::new(),
        name,
        command: scenario.command.clone(),
        description: scenario.command.clone().unwrap_or_else(|| scenario.name.clone()),
        topic: scenario.topic.clone(),
        client: Some(tool(scenario).script().to_owned()),
        settings: scenario.properties.iter().map(|(name, value)| format!("{name}={value}")).collect(),
        record_size: scenario.record_size_bytes.map(|bytes| format!("{bytes} B")),
        target_rate: scenario.target_rate.map(|rate| match rate < 0.0 {
            true => language.word(Word::Unlimited).to_owned(),
            false => format!("{}/s", language.number(rate)),
        }),
        basis: basis(scenario),
        disturbed: false,
        superseded: false,
        record_bytes: None,
        target: scenario
            .target_rate
            .filter(|rate| *rate > 0.0)
            .map(|rate| measure::given(language, rate, Unit::RecordsPerSecond, Some(reference.clone()))),
        achieved: None,
        held: None,
        seconds: None,
        stretches: scenario
            .windows
            .iter()
            .filter(|w| w.records_per_s > 0.0)
            .map(|w| {
                #[expect(clippy::cast_precision_loss, reason = "a count of records stays below 2^53")]
                let records = w.records as f64;
                (records, records / w.records_per_s)
            })
            .collect(),
        metrics,
        figures,
        latencies: if has_latency { vec![row] } else { Vec::new() },
        remarks,
        contradictions: perf_output::contradictions(scenario)
            .into_iter()
            .map(|said| language.say(said))
            .collect(),
        failure: None,
    }
    .complete(language)
}

/// What the load is, as far as its command says.
fn basis(of: &record::Scenario) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, String> = of.properties.clone();
    found.remove("bootstrap.servers");
    found.extend(of.record_size_bytes.map(|size| ("record_size".to_owned(), format!("{size} B"))));
    found.extend(of.target_rate.map(|rate| {
        let text = if rate < 0.0 { "unlimited".to_owned() } else { format!("{rate}/s") };
        ("rate".to_owned(), text)
    }));
    found
}

/// The tool that a scenario is of; every one that was read back from the record has it.
pub(super) fn tool(of: &record::Scenario) -> Tool {
    of.tool.unwrap_or(Tool::Producer)
}

/// Lines that are notes and that nobody has classified, how many lines were not understood; and the number of the former.
pub(in crate::report) fn unclassified(input: &Input<'_>) -> (Vec<Statement>, usize) {
    let language = input.language;
    let classified: BTreeSet<&NoteLine> = input
        .notes
        .iter()
        .filter_map(|record| match &record.event {
            Event::NoteAdded(note) => note.line.as_ref(),
            _ => None,
        })
        .collect();
    let (mut found, mut count) = (Vec::new(), 0_usize);
    for (at, of) in input.imports.iter().enumerate() {
        let Ok(reading) = &of.reading else { continue };
        let evidence = vec![places::reference(at, of)];
        let placed = perf_output::outline(reading);
        let open: Vec<&record::Line> = reading
            .notes
            .iter()
            .zip(&placed)
            .filter(|(_, placed)| !placed.is_structure() && placed.reads_as.is_none())
            .map(|(line, _)| line)
            .filter(|line| !lines::is_quoted(reading, line))
            .filter(|line| !classified.contains(&NoteLine { import: of.import.id.clone(), line: line.line }))
            .collect();
        for line in open.iter().take(LISTED) {
            let number = line.line.to_string();
            let places = [("file", of.import.file.as_str()), ("line", &number), ("text", line.said())];
            let text = language.fill(Word::LineOf, &places);
            found.push(said(text, evidence.clone()));
        }
        let more = open.len().saturating_sub(LISTED);
        let unlisted = reading.not_listed.map_or(0, |n| usize::try_from(n.notes).unwrap_or(usize::MAX));
        count = count.saturating_add(open.len()).saturating_add(unlisted);
        let sentences = [
            (more.saturating_add(unlisted), Word::FurtherLines),
            (usize::try_from(reading.not_understood_in_all()).unwrap_or(usize::MAX), Word::NotUnderstood),
        ];
        for (number, key) in sentences.into_iter().filter(|(number, _)| *number > 0) {
            let places = [("file", of.import.file.as_str()), ("count", &language.count(number))];
            let text = language.fill(key, &places);
            found.push(said(text, evidence.clone()));
        }
    }
    (found, count)
}
