//! The report's figures as a workbook for Excel and LibreOffice Calc: scenarios, criteria, windows, watches and the
//! evidence, as real numbers.

use super::{Renderer, ReportError, templates::Templates};
use crate::{
    record::{Unit, decimals_of_pair},
    report::{
        charts::Chart,
        document::{Block, Document, Inline, capital, head, prose},
        language::{Language, Word},
        model::{CriterionRow, Figure, Reference, ReportModel, Scenario},
    },
};
use jiff::Timestamp;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};
use std::{
    borrow::Cow,
    collections::BTreeMap,
    io::{self, Write},
};

/// Writes a workbook.
pub(super) struct Xlsx;

impl Renderer for Xlsx {
    fn name(&self) -> &'static str {
        "xlsx"
    }

    fn extension(&self) -> &'static str {
        "xlsx"
    }

    fn is_text(&self) -> bool {
        false
    }

    fn render(
        &self,
        model: &ReportModel,
        document: &Document,
        _: &Templates,
        out: &mut dyn Write,
    ) -> Result<(), ReportError> {
        let bytes = workbook(model, document).map_err(|e| ReportError::Write(io::Error::other(e)))?;
        out.write_all(&bytes).map_err(ReportError::Write)
    }
}

/// A cell may hold so many characters.
const LONGEST: usize = 32_767;
/// Rows of a sheet, its head not counted.
const MOST_ROWS: usize = 1_048_575;
/// Height of a line, in points, and the most of them in a row.
const LINE: f64 = 15.0;
const MOST_LINES: usize = 12;
/// Widths of columns, in characters.
const WIDTHS: (usize, usize) = (8, 60);

/// What is in a cell.
enum Entry {
    Empty,
    Number(f64, Unit),
    /// A number beside the one that it is compared with, with as many decimals as tell them apart.
    Judged(f64, usize),
    Text(String),
}

/// One sheet: a head, and rows below it.
struct Sheet {
    name: String,
    heads: Vec<String>,
    rows: Vec<Vec<Entry>>,
}

impl Entry {
    fn of(figure: Option<&Figure>) -> Self {
        let Some(figure) = figure else { return Self::Empty };
        match figure.exact.as_f64() {
            Some(number) if number.is_finite() => Self::Number(number, figure.unit.unwrap_or_default()),
            _ => Self::Text(figure.text.clone()),
        }
    }

    fn count(number: usize) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "numbers of steps and of attempts")]
        Self::Number(number as f64, Unit::None)
    }

    /// How many lines it takes in a column of that width.
    fn lines(&self, width: usize) -> usize {
        match self {
            Self::Text(text) => {
                text.lines().map(|line| line.chars().count().div_ceil(width - 1).max(1)).sum()
            }
            Self::Empty | Self::Judged(..) | Self::Number(..) => 1,
        }
    }

    /// How many characters it takes.
    fn width(&self) -> usize {
        match self {
            Self::Empty => 0,
            Self::Judged(number, decimals) => format!("{number:.decimals$}").len() + 3,
            Self::Number(number, _) => format!("{number:.2}").len() + 3,
            Self::Text(text) => text.lines().map(|line| line.chars().count()).max().unwrap_or(0),
        }
    }
}

impl From<&str> for Entry {
    fn from(text: &str) -> Self {
        // A cell has no font of commands: what marks one elsewhere is no part of the text.
        let plain = |piece: Inline| match piece {
            Inline::Code(text) | Inline::Text(text) => text,
            _ => String::new(),
        };
        if text.is_empty() { Self::Empty } else { Self::Text(prose(text).into_iter().map(plain).collect()) }
    }
}

impl From<&String> for Entry {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<Option<&String>> for Entry {
    fn from(text: Option<&String>) -> Self {
        text.map_or(Self::Empty, Self::from)
    }
}

fn workbook(model: &ReportModel, document: &Document) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let properties = DocProperties::new()
        .set_title(&document.meta.title)
        .set_subject(&document.meta.subtitle)
        .set_author(document.meta.authors.join(", "))
        .set_company("")
        .set_comment(&document.meta.generator)
        .set_creation_datetime(&moment(model.made)?);
    book.set_properties(&properties);
    let middle = [scenarios(model), criteria(model), windows(model, document), watches(model)];
    for sheet in [about(model)].into_iter().chain(middle.into_iter().flatten()).chain([evidence(model)]) {
        sheet.write(book.add_worksheet())?;
    }
    book.save_to_buffer()
}

fn moment(at: Timestamp) -> Result<ExcelDateTime, XlsxError> {
    ExcelDateTime::from_timestamp(at.as_second())
}

impl Sheet {
    fn new(language: Language, name: Word, heads: &[Word]) -> Self {
        let heads = heads.iter().map(|word| head(language, *word)).collect();
        Self { name: head(language, name), heads, rows: Vec::new() }
    }

    fn write(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let bold = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top);
        let text = Format::new().set_text_wrap().set_align(FormatAlign::Top);
        // What begins like a formula stays text also where somebody edits the cell.
        let as_text = text.clone().set_quote_prefix();
        sheet
            .set_name(self.name.chars().filter(|c| !"[]:*?/\\'".contains(*c)).take(31).collect::<String>())?;
        sheet.set_landscape();
        let widths: Vec<usize> = (0..self.heads.len()).map(|at| self.width(at)).collect();
        for (at, width) in widths.iter().enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "it is at most sixty")]
            sheet.set_column_width(column(at), *width as f64)?;
        }
        for (at, head) in self.heads.iter().enumerate() {
            sheet.write_string_with_format(0, column(at), head, &bold)?;
        }
        for (row, entries) in (1..).zip(self.rows.iter().take(MOST_ROWS)) {
            // A program that opens the file does not find out by itself how high a row of long texts is.
            let lines = entries.iter().zip(&widths).map(|(entry, width)| entry.lines(*width)).max();
            if let Some(lines) = lines.filter(|lines| *lines > 1) {
                sheet.set_row_height(
                    row,
                    LINE * f64::from(u32::try_from(lines.min(MOST_LINES)).unwrap_or(1)),
                )?;
            }
            for (at, entry) in entries.iter().enumerate() {
                match entry {
                    Entry::Empty => {}
                    Entry::Judged(number, decimals) => {
                        let point = if *decimals > 0 { "." } else { "" };
                        let format = Format::new()
                            .set_align(FormatAlign::Top)
                            .set_num_format(format!("#,##0{point}{}", "0".repeat(*decimals)));
                        sheet.write_number_with_format(row, column(at), *number, &format)?;
                    }
                    Entry::Number(number, unit) => {
                        sheet.write_number_with_format(
                            row,
                            column(at),
                            *number,
                            &format_of(*number, *unit),
                        )?;
                    }
                    Entry::Text(whole) => {
                        let shown = fitting(whole);
                        let format =
                            if shown.starts_with(['=', '+', '-', '@', '\t']) { &as_text } else { &text };
                        sheet.write_string_with_format(row, column(at), shown, format)?;
                    }
                }
            }
        }
        sheet.set_freeze_panes(1, 0)?.set_repeat_rows(0, 0)?;
        let last = u32::try_from(self.rows.len().min(MOST_ROWS)).unwrap_or(u32::MAX);
        if let Some(columns) = self.heads.len().checked_sub(1) {
            sheet.autofilter(0, 0, last, column(columns))?;
        }
        Ok(())
    }
}

impl Sheet {
    /// The width of a column, in characters.
    fn width(&self, at: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(at)).map(Entry::width).max().unwrap_or(0);
        let words = self.heads[at].split(' ').map(|word| word.chars().count());
        (cells.max(words.max().unwrap_or(0)) + 2).clamp(WIDTHS.0, WIDTHS.1)
    }
}

/// The text as far as a cell holds it, `…` at its end where that is not all.
fn fitting(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(LONGEST - 1) {
        Some((at, c)) if at + c.len_utf8() < text.len() => Cow::Owned(format!("{}…", &text[..at])),
        _ => Cow::Borrowed(text),
    }
}

fn column(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

/// How a number of that unit is written; the unit stands in the head of its column.
fn format_of(number: f64, unit: Unit) -> Format {
    let format = Format::new().set_align(FormatAlign::Top);
    match unit {
        Unit::Bytes | Unit::Count => format.set_num_format("#,##0"),
        Unit::MbPerSecond | Unit::Milliseconds | Unit::Percent | Unit::RecordsPerSecond | Unit::Seconds => {
            format.set_num_format("#,##0.0##")
        }
        Unit::None | Unit::Ratio if number.fract() == 0.0 => format,
        Unit::None | Unit::Ratio => format.set_num_format("0.0###"),
    }
}

/// What the workbook is of, and the summary.
fn about(model: &ReportModel) -> Sheet {
    let (language, of) = (model.language, &model.header);
    let mut sheet = Sheet::new(language, Word::Summary, &[Word::Name, Word::Value, Word::Evidence]);
    let mut put = |word: Word, value: &str| {
        if !value.is_empty() {
            sheet.rows.push(vec![Entry::Text(head(language, word)), value.into()]);
        }
    };
    put(Word::Title, &model.title);
    put(Word::Campaign, &of.campaign);
    put(Word::Day, &model.day_shown);
    put(Word::Run, &of.run);
    put(Word::State, &of.state);
    put(Word::Environment, &of.environment);
    put(Word::Profile, &of.profile);
    put(Word::ProfileNote, &of.profile_note);
    put(Word::Operator, &of.operators.join(", "));
    put(Word::Started, of.started.as_deref().unwrap_or_default());
    put(Word::Ended, of.ended.as_deref().unwrap_or_default());
    put(Word::Made, &of.made);
    sheet.rows.extend(model.summary.iter().map(|line| {
        let places: Vec<&str> = line.statement.evidence.iter().map(|e| e.id.as_str()).collect();
        vec![(&line.title).into(), (&line.statement.text).into(), places.join(" ").as_str().into()]
    }));
    sheet.rows.extend(model.remarks.iter().map(|remark| vec![Entry::Empty, remark.into()]));
    sheet
}

/// The distinct places that figures were read from.
fn places<'f>(figures: impl IntoIterator<Item = &'f Figure>) -> Entry {
    let mut found: Vec<&str> = Vec::new();
    for reference in figures.into_iter().filter_map(|figure| figure.evidence.as_ref()) {
        if !found.contains(&reference.id.as_str()) {
            found.push(&reference.id);
        }
    }
    found.join(" ").as_str().into()
}

fn place(reference: Option<&Reference>) -> Entry {
    reference.map_or(Entry::Empty, |reference| (&reference.id).into())
}

/// How the unit is written.
fn symbol(language: Language, unit: Unit) -> &'static str {
    match unit {
        Unit::RecordsPerSecond => language.word(Word::RecordsPerSecond),
        other => other.symbol(),
    }
}

/// A name and its unit, as the head of a column.
fn with_unit(language: Language, name: &str, unit: Unit) -> String {
    match symbol(language, unit) {
        "" => capital(name),
        symbol => format!("{} ({symbol})", capital(name)),
    }
}

/// A row for each load and check, a column for each figure that any of them has.
fn scenarios(model: &ReportModel) -> Option<Sheet> {
    const FIXED: [Word; 10] = [
        Word::Run,
        Word::Step,
        Word::Scenario,
        Word::Title,
        Word::Kind,
        Word::Topic,
        Word::Client,
        Word::Settings,
        Word::RecordSize,
        Word::TargetRate,
    ];
    if model.scenarios.is_empty() {
        return None;
    }
    let language = model.language;
    let mut sheet = Sheet::new(language, Word::Scenarios, &FIXED);
    sheet.heads[8] = with_unit(language, &sheet.heads[8], Unit::Bytes);
    sheet.heads[9] = with_unit(language, &sheet.heads[9], Unit::RecordsPerSecond);
    let mut columns: Vec<(String, Unit)> = Vec::new();
    for (key, _) in model.scenarios.iter().flat_map(|of| measured(language, of)) {
        if !columns.contains(&key) {
            columns.push(key);
        }
    }
    sheet.heads.extend(columns.iter().map(|(name, unit)| with_unit(language, name, *unit)));
    sheet.heads.extend([Word::Reason, Word::Remarks, Word::Evidence].map(|word| head(language, word)));
    for of in &model.scenarios {
        #[expect(clippy::cast_precision_loss, reason = "the size of a record")]
        let size = of
            .record_bytes
            .map_or_else(|| of.record_size.as_ref().into(), |bytes| Entry::Number(bytes as f64, Unit::Bytes));
        let target = match &of.target {
            Some(figure) => Entry::of(Some(figure)),
            None => of.target_rate.as_ref().into(),
        };
        let mut row = vec![
            of.run.map_or(Entry::Empty, Entry::count),
            Entry::Number(of.step.into(), Unit::None),
            (&of.name).into(),
            (&of.title).into(),
            (&of.kind).into(),
            of.topic.as_ref().into(),
            of.client.as_ref().into(),
            of.settings.join("\n").as_str().into(),
            size,
            target,
        ];
        let of_this: BTreeMap<_, _> =
            measured(language, of).map(|((name, unit), f)| ((name, unit.symbol()), f)).collect();
        row.extend(
            columns
                .iter()
                .map(|(name, unit)| Entry::of(of_this.get(&(name.clone(), unit.symbol())).copied())),
        );
        row.push(of.failure.as_ref().into());
        row.push(of.remarks.join("\n").as_str().into());
        row.push(places(measured(language, of).map(|(_, figure)| figure)));
        sheet.rows.push(row);
    }
    Some(sheet)
}

/// Every figure of a scenario, each with the name and the unit of its column.
fn measured(language: Language, of: &Scenario) -> impl Iterator<Item = ((String, Unit), &Figure)> {
    let counts = of.figures.iter().map(|labelled| (labelled.label.clone(), &labelled.figure));
    let names = [
        (0, language.word(Word::AverageShort)),
        (2, "P50"),
        (3, "P95"),
        (4, "P99"),
        (5, "P99.9"),
        (1, "max"),
    ];
    let latencies = of.latencies.iter().flat_map(move |row| {
        names
            .into_iter()
            .filter_map(move |(at, name)| Some((format!("{name} {}", row.label), row.figures.get(at)?)))
    });
    // A figure that is missing has no unit: its column is that of the others.
    let is_number = |figure: &Figure| figure.exact.is_number();
    let counts = counts.filter(move |(_, figure)| is_number(figure));
    let latencies = latencies.filter(move |(_, figure)| is_number(figure));
    counts.chain(latencies).map(|(name, figure)| ((name, figure.unit.unwrap_or_default()), figure))
}

fn criteria(model: &ReportModel) -> Option<Sheet> {
    const HEADS: [Word; 12] = [
        Word::Run,
        Word::Step,
        Word::Title,
        Word::Attempt,
        Word::Criterion,
        Word::Severity,
        Word::Verdict,
        Word::ObservedValue,
        Word::Limit,
        Word::UnitOfFigure,
        Word::Reason,
        Word::Evidence,
    ];
    let mut sheet = Sheet::new(model.language, Word::Criteria, &HEADS);
    for step in &model.criteria {
        sheet.rows.extend(step.rows.iter().map(|row| {
            let unit = row.observed.as_ref().or(row.limit.as_ref()).and_then(|figure| figure.unit);
            let [observed, limit] = sides(row);
            vec![
                step.run.map_or(Entry::Empty, Entry::count),
                Entry::Number(step.step.into(), Unit::None),
                (&step.title).into(),
                step.attempt.map_or(Entry::Empty, |attempt| Entry::Number(attempt.into(), Unit::None)),
                (&row.text).into(),
                (&row.severity).into(),
                (&row.verdict).into(),
                observed,
                limit,
                unit.map_or("", |unit| symbol(model.language, unit)).into(),
                (&row.reason).into(),
                place(row.evidence.as_ref()),
            ]
        }));
    }
    (!sheet.rows.is_empty()).then_some(sheet)
}

/// Both sides of a criterion, in the order that their exact values have.
fn sides(row: &CriterionRow) -> [Entry; 2] {
    let sides = [row.observed.as_ref(), row.limit.as_ref()];
    match sides.map(|figure| figure.and_then(|figure| figure.exact.as_f64())) {
        [Some(observed), Some(limit)] if observed.is_finite() && limit.is_finite() => {
            let (first, second) = decimals_of_pair(observed, limit);
            [Entry::Judged(observed, first), Entry::Judged(limit, second)]
        }
        _ => sides.map(Entry::of),
    }
}

/// What each chart over time is drawn from: a row a point.
fn windows(model: &ReportModel, document: &Document) -> Option<Sheet> {
    const HEADS: [Word; 7] = [
        Word::Picture,
        Word::SinceStart,
        Word::PrintedWindow,
        Word::Output,
        Word::Figure,
        Word::Value,
        Word::Evidence,
    ];
    let mut sheet = Sheet::new(model.language, Word::OverTime, &HEADS);
    sheet.heads[1] = with_unit(model.language, &sheet.heads[1], Unit::Seconds);
    for block in document.sections.iter().flat_map(|section| &section.blocks) {
        let pictures = match block {
            Block::Picture(picture) => std::slice::from_ref(picture),
            Block::Pictures(pictures) => pictures,
            _ => continue,
        };
        for picture in pictures {
            let Chart::Series(series) = &picture.chart else { continue };
            // Percentiles and their like have places of their own on the axis.
            if !series.x.ticks.is_empty() {
                continue;
            }
            let places: Vec<&str> = picture.evidence.iter().map(|e| e.id.as_str()).collect();
            for panel in &series.panels {
                let points = panel
                    .lines
                    .iter()
                    .flat_map(|line| line.points.iter().filter_map(move |(x, y)| Some((line, *x, (*y)?))));
                sheet.rows.extend(points.map(|(line, x, y)| {
                    vec![
                        (&picture.caption).into(),
                        if series.by_window { Entry::Empty } else { Entry::Number(x, Unit::Seconds) },
                        if series.by_window { Entry::Number(x, Unit::None) } else { Entry::Empty },
                        (&line.name).into(),
                        (&panel.y.label).into(),
                        Entry::Number(y, Unit::Milliseconds),
                        places.join(" ").as_str().into(),
                    ]
                }));
            }
        }
    }
    (!sheet.rows.is_empty()).then_some(sheet)
}

fn watches(model: &ReportModel) -> Option<Sheet> {
    const HEADS: [Word; 13] = [
        Word::Run,
        Word::Step,
        Word::Attempt,
        Word::Watch,
        Word::Output,
        Word::UnitOfFigure,
        Word::Minimum,
        Word::Average,
        Word::Maximum,
        Word::Samples,
        Word::Missed,
        Word::Remarks,
        Word::Evidence,
    ];
    let mut sheet = Sheet::new(model.language, Word::Watches, &HEADS);
    sheet.rows.extend(model.watches.iter().map(|of| {
        let unit = [&of.max, &of.avg, &of.min].into_iter().flatten().find_map(|figure| figure.unit);
        vec![
            of.run.map_or(Entry::Empty, Entry::count),
            Entry::Number(of.step.into(), Unit::None),
            Entry::Number(of.attempt.into(), Unit::None),
            (&of.watch).into(),
            (&of.output).into(),
            unit.map_or("", |unit| symbol(model.language, unit)).into(),
            Entry::of(of.min.as_ref()),
            Entry::of(of.avg.as_ref()),
            Entry::of(of.max.as_ref()),
            Entry::of(of.samples.as_ref()),
            Entry::of(of.missed.as_ref()),
            of.remarks.join("\n").as_str().into(),
            of.evidence.iter().map(|e| e.id.as_str()).collect::<Vec<_>>().join(" ").as_str().into(),
        ]
    }));
    (!sheet.rows.is_empty()).then_some(sheet)
}

/// What the names of the evidence stand for.
fn evidence(model: &ReportModel) -> Sheet {
    const HEADS: [Word; 6] =
        [Word::Evidence, Word::File, Word::Size, Word::Sha256, Word::Description, Word::Window];
    let mut sheet = Sheet::new(model.language, Word::EvidenceSection, &HEADS);
    sheet.heads[2] = with_unit(model.language, &sheet.heads[2], Unit::Bytes);
    #[expect(clippy::cast_precision_loss, reason = "sizes of files")]
    sheet.rows.extend(model.evidence.iter().map(|of| {
        vec![
            (&of.id).into(),
            format!("{}/{}", of.folder, of.path).as_str().into(),
            Entry::Number(of.bytes as f64, Unit::Bytes),
            of.altered.as_ref().map_or_else(|| (&of.sha256).into(), Entry::from),
            (&of.description).into(),
            (&of.window).into(),
        ]
    }));
    sheet.rows.extend(model.records.iter().map(|of| {
        vec![
            (&of.id).into(),
            (&of.event).into(),
            Entry::Empty,
            Entry::Empty,
            (&of.about).into(),
            (&of.at).into(),
        ]
    }));
    sheet
}
