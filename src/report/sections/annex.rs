//! Annexes: facts about the platform, and every artifact.

use super::material::Material;
use crate::report::{
    charts::Tone,
    document::{Block, Cell, Inline, Row, Table, column, head, numbers, paragraph, row},
    language::Word,
    model::{EvidenceRow, ReportModel},
};
use std::collections::BTreeSet;

pub(super) fn facts(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    let mut blocks: Vec<Block> = run_of(model).into_iter().collect();
    blocks.extend(supplied(model));
    if !model.objectives.is_empty() {
        let rows = model.objectives.iter().map(|o| Row {
            anchor: Some(o.id.clone()),
            cells: vec![
                Cell::from(&o.id),
                Cell::code(&o.name),
                Cell::figure(Some(&o.value)),
                Cell::from(&o.source),
            ],
        });
        blocks.push(Block::Table(Table {
            caption: head(language, Word::Objectives),
            columns: vec![
                column(head(language, Word::Name), 2),
                column(head(language, Word::Objective), 7),
                numbers(head(language, Word::Value), 4),
                column(head(language, Word::Source), 7),
            ],
            rows: rows.collect(),
            wide: false,
        }));
    }
    let explained = [Word::EvidenceExplained, Word::MbExplained].map(|word| language.word(word));
    blocks.push(paragraph(explained.join(" ")));
    blocks
}

/// What the latest run is.
fn run_of(model: &ReportModel) -> Option<Block> {
    let (language, of) = (model.language, &model.header);
    if of.run.is_empty() {
        return None;
    }
    let span = [&of.started, &of.ended, &of.duration].map(|part| part.as_deref().unwrap_or("–"));
    let mut rows = vec![
        (Word::Run, Cell::code(&of.run)),
        (Word::State, Cell::from(&of.state)),
        (Word::Environment, Cell::from(&of.environment)),
        (Word::Profile, Cell::from(&of.profile)),
    ];
    if !of.profile_note.is_empty() {
        rows.push((Word::ProfileNote, Cell::from(&of.profile_note)));
    }
    rows.extend(of.selection.as_ref().map(|selection| (Word::Selection, Cell::code(selection))));
    rows.extend([
        (Word::Operator, Cell::from(of.operators.join(", "))),
        (Word::TimeSpan, Cell::from(format!("{} → {} ({})", span[0], span[1], span[2]))),
        (Word::Resumed, Cell::from(of.resumed.to_string())),
        (Word::JournalRecords, Cell::from(&of.records)),
        (Word::Versions, Cell::from(of.versions.join(", "))),
    ]);
    Some(Block::Table(Table {
        caption: head(language, Word::Run),
        columns: vec![column("", 2), column("", 6)],
        rows: rows.into_iter().map(|(word, cell)| row([Cell::from(head(language, word)), cell])).collect(),
        wide: false,
    }))
}

fn supplied(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    if model.facts.is_empty() && model.not_supplied.is_empty() {
        return vec![paragraph(language.word(Word::NoFacts))];
    }
    let supplied = model
        .facts
        .iter()
        .map(|f| row([Cell::from(&f.label), Cell::from(&f.value), Cell::or_dash(f.source.as_ref())]));
    let missing = model.not_supplied.iter().map(|f| {
        let value = Cell::from(vec![Inline::Emphasis(f.value.clone())]);
        row([Cell::from(&f.label), value, Cell::or_dash(f.source.as_ref())])
    });
    vec![Block::Table(Table {
        caption: head(language, Word::FactsSection),
        columns: vec![
            column(head(language, Word::Fact), 6),
            column(head(language, Word::Value), 6),
            column(head(language, Word::Source), 5),
        ],
        rows: supplied.chain(missing).collect(),
        wide: false,
    })]
}

/// Where it is: that it is not what was stored any more comes first, and what it is last, where its path does not lead
/// to a row of the actions.
fn artifact(of: &EvidenceRow, actions: &BTreeSet<String>) -> Cell {
    let mut content = Vec::new();
    if let Some(why) = &of.altered {
        content.push(Inline::Verdict(why.clone(), Tone::Bad));
        content.push(Inline::Text(" · ".to_owned()));
    }
    content.push(Inline::Code(of.path.clone()));
    let folder = of.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    if !actions.iter().any(|action| folder.starts_with(action.as_str())) {
        let when = if of.window.is_empty() { String::new() } else { format!(", {}", of.window) };
        content.push(Inline::Text(format!(" · {}{when}", of.description)));
    }
    Cell { content, tone: of.altered.as_ref().map(|_| Tone::Bad) }
}

pub(super) fn evidence(material: &Material<'_>) -> Vec<Block> {
    let model = material.model;
    let language = model.language;
    if model.evidence.is_empty() {
        return Vec::new();
    }
    let actions: BTreeSet<String> =
        model.work.iter().map(|w| format!("{:02}/{}/{}", w.step, w.attempt, w.name)).collect();
    let rows = model.evidence.iter().map(|e| Row {
        anchor: Some(e.id.clone()),
        cells: vec![Cell::from(&e.id), artifact(e, &actions), Cell::code(&e.sha256), Cell::from(&e.size)],
    });
    vec![
        paragraph(
            language
                .fill(Word::EvidenceWhere, &[("annex", &material.annex("parameters").unwrap_or_default())]),
        ),
        Block::Table(Table {
            caption: head(language, Word::EvidenceSection),
            columns: vec![
                column(head(language, Word::Name), 2),
                column(head(language, Word::Artifact), 10),
                column("SHA-256", 14),
                numbers(head(language, Word::Size), 3),
            ],
            rows: rows.collect(),
            wide: true,
        }),
    ]
}

pub(super) fn records(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    if model.records.is_empty() {
        return Vec::new();
    }
    let rows = model.records.iter().map(|r| Row {
        anchor: Some(r.id.clone()),
        cells: vec![
            Cell::from(&r.id),
            Cell::from(&r.at),
            Cell::code(&r.event),
            Cell::from(&r.about),
            Cell::from(&r.by),
        ],
    });
    vec![Block::Table(Table {
        caption: head(language, Word::RecordsSection),
        columns: vec![
            column(head(language, Word::Name), 2),
            column(head(language, Word::When), 4),
            column(head(language, Word::Event), 5),
            column(head(language, Word::StepAndAction), 5),
            column(head(language, Word::By), 4),
        ],
        rows: rows.collect(),
        wide: false,
    })]
}

/// A text in English and in French.
type Both = (&'static str, &'static str);

/// The words of the field as this report uses them, each with its meaning. A French term has the English one behind it
/// where engineers say that.
const GLOSSARY: &[(Both, Both)] = &[
    (
        ("acks", "acks"),
        (
            "What a producer waits for: nothing (0), the leader (1), or all in-sync replicas (all).",
            "Ce qu'un producteur attend : rien (0), le leader (1) ou tous les réplicas synchronisés (all).",
        ),
    ),
    (
        ("ISR", "ISR"),
        (
            "In-sync replicas: those that have caught up with the leader of a partition.",
            "Réplicas synchronisés : ceux qui ont rattrapé le leader d'une partition.",
        ),
    ),
    (
        ("under-replicated partition", "partition sous-répliquée (under-replicated partition)"),
        (
            "A partition with fewer in-sync replicas than replicas.",
            "Partition qui a moins de réplicas synchronisés que de réplicas.",
        ),
    ),
    (
        ("P99", "P99"),
        (
            "99 % of the records took no longer than this.",
            "99 % des enregistrements n'ont pas pris plus longtemps.",
        ),
    ),
    (
        ("coordinated omission", "omission coordonnée (coordinated omission)"),
        (
            "Latency that is not seen because a generator that waits sends nothing meanwhile; counting from the intended send time shows it.",
            "Latence non vue parce qu'un générateur qui attend n'envoie rien entre-temps ; compter depuis l'instant d'envoi prévu la montre.",
        ),
    ),
    (
        ("saturated", "saturé"),
        (
            "The generator could not keep the asked rate; its latencies then include the wait in its own queue.",
            "Le générateur n'a pas pu tenir le débit demandé ; ses latences comprennent alors l'attente dans sa propre file.",
        ),
    ),
    (
        ("replication latency", "latence de réplication"),
        (
            "From the timestamp of a record in the source cluster to its arrival in the target cluster.",
            "De l'horodatage d'un enregistrement dans le cluster source à son arrivée dans le cluster cible.",
        ),
    ),
];

pub(super) fn glossary(model: &ReportModel) -> Vec<Block> {
    let language = model.language;
    let in_language = |(en, fr): Both| match language {
        crate::report::language::Language::En => en,
        crate::report::language::Language::Fr => fr,
    };
    vec![Block::Table(Table {
        caption: head(language, Word::GlossarySection),
        columns: vec![column(head(language, Word::Term), 3), column(head(language, Word::Meaning), 12)],
        rows: GLOSSARY
            .iter()
            .map(|(term, meaning)| row([Cell::from(in_language(*term)), Cell::from(in_language(*meaning))]))
            .collect(),
        wide: false,
    })]
}
