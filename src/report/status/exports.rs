//! [`StatusModel`] for other people's papers: a table for Word, for a mail and for a spreadsheet.

use super::{StatusModel, StepRow};
use crate::{
    record::StepState,
    report::{
        document::{Block, Cell, Document, Meta, Table, column, head, numbers, row},
        forms::{ReportError, docx, xml::escaped},
        language::Word,
    },
    support::text::csv_cell,
};
use std::fmt::Write;

/// How long a step took, or has taken so far; nothing where that is not known.
fn took(model: &StatusModel, step: &StepRow) -> Option<String> {
    match (step.started, step.ended, step.state) {
        (Some(from), Some(to), _) => Some(model.language.between(from, to)),
        (Some(from), None, StepState::Running) => Some(model.language.between(from, model.now)),
        _ => None,
    }
}

fn criteria(step: &StepRow) -> String {
    format!("{} / {}", step.passed(), step.applying())
}

/// `campaign · environment (production) · profile`.
fn title(model: &StatusModel) -> String {
    let production = match model.production {
        true => format!(" ({})", model.language.word(Word::Production)),
        false => String::new(),
    };
    let parts = [model.campaign.as_str(), &format!("{}{production}", model.environment), &model.profile];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// The run and how it stands.
fn subtitle(model: &StatusModel) -> String {
    format!("{} · {}", model.run, model.language.outcome(model.outcome))
}

/// The steps as a Word file that holds a table, to be copied or inserted.
pub fn docx(model: &StatusModel) -> Result<Vec<u8>, ReportError> {
    let language = model.language;
    let rows = model.steps.iter().map(|step| {
        row([
            Cell::from(step.step.to_string()),
            Cell::from(&step.title),
            Cell::verdict(&step.state_text, step.state.word()),
            Cell::from(step.attempts.to_string()),
            Cell::or_dash(took(model, step)),
            Cell::from(criteria(step)),
            Cell::from(&step.reason),
        ])
    });
    let table = Table {
        caption: head(language, Word::Plan),
        columns: vec![
            numbers(head(language, Word::Step), 3),
            column(head(language, Word::Title), 9),
            column(head(language, Word::State), 5),
            numbers(head(language, Word::Attempts), 4),
            column(head(language, Word::Duration), 4),
            column(head(language, Word::Criteria), 4),
            column(head(language, Word::Reason), 9),
        ],
        rows: rows.collect(),
        wide: false,
    };
    let document = Document {
        meta: Meta {
            title: title(model),
            subtitle: subtitle(model),
            campaign: model.campaign.clone(),
            day: model.now.strftime("%Y-%m-%d").to_string(),
            language,
            authors: Vec::new(),
            made: model.updated.unwrap_or(model.now),
            generator: format!("jalon {}", env!("CARGO_PKG_VERSION")),
        },
        cover: vec![Block::Table(table)],
        sections: Vec::new(),
        elsewhere: None,
    };
    docx::file(&document, None)
}

/// The steps as lines with commas between the cells, as RFC 4180 says; times are those of UTC.
pub fn csv(model: &StatusModel) -> String {
    let mut out =
        "step,title,state,attempt,attempts,started,ended,criteria_passed,criteria,reason\r\n".to_owned();
    for step in &model.steps {
        let time = |at: Option<jiff::Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        let cells = [
            step.step.to_string(),
            step.title.clone(),
            step.state.word().to_owned(),
            step.attempt.map(|n| n.to_string()).unwrap_or_default(),
            step.attempts.to_string(),
            time(step.started),
            time(step.ended),
            step.passed().to_string(),
            step.applying().to_string(),
            step.reason.clone(),
        ];
        let _ = write!(out, "{}\r\n", cells.map(|cell| quoted(&cell)).join(","));
    }
    out
}

/// A cell; a text that a spreadsheet would calculate is kept from it.
fn quoted(cell: &str) -> String {
    let cell = match cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    };
    csv_cell(&cell).into_owned()
}

/// The status as the body of a mail: programs that read mail know no style sheets, so that every cell has its own.
pub fn mail(model: &StatusModel) -> String {
    let language = model.language;
    let cell = "border:1px solid #b9c0ca;padding:4px 8px;text-align:left;vertical-align:top";
    let mut out = String::from("<!DOCTYPE html>\n");
    let _ = write!(
        out,
        "<html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{}</title></head>\n\
         <body style=\"font-family:Arial,Helvetica,sans-serif;font-size:14px;color:#1d1f21\">\n\
         <p style=\"margin:0 0 4px\"><strong>{}</strong></p>\n<p style=\"margin:0 0 12px\">{}</p>\n\
         <table style=\"border-collapse:collapse;font-size:13px\">\n<thead><tr style=\"background:#dce3ee\">",
        language.code(),
        escaped(&subtitle(model)),
        escaped(&title(model)),
        escaped(&subtitle(model)),
    );
    for word in [Word::Step, Word::Title, Word::State, Word::Duration, Word::Criteria, Word::Reason] {
        let _ = write!(out, "<th scope=\"col\" style=\"{cell}\">{}</th>", escaped(&head(language, word)));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for step in &model.steps {
        let (fill, ink) = crate::report::charts::Tone::of(step.state.word()).colours();
        let cells = [
            (step.step.to_string(), String::new()),
            (step.title.clone(), String::new()),
            (step.state_text.clone(), format!(";background:#{fill};color:#{ink};font-weight:bold")),
            (took(model, step).unwrap_or_else(|| "–".to_owned()), String::new()),
            (criteria(step), String::new()),
            (step.reason.clone(), String::new()),
        ];
        out.push_str("<tr>");
        for (text, more) in cells {
            let _ = write!(out, "<td style=\"{cell}{more}\">{}</td>", escaped(&text));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n");
    for left in &model.left_in_place {
        let _ =
            writeln!(out, "<p style=\"margin:12px 0 0;font-weight:bold\">{}</p>", escaped(&left.with_undo));
    }
    if let Some(next) = model.next.first() {
        let _ = writeln!(
            out,
            "<p style=\"margin:12px 0 0\">{}{}<code>{}</code></p>",
            escaped(&head(language, Word::Next)),
            language.colon(),
            escaped(next)
        );
    }
    out.push_str("</body></html>\n");
    out
}
