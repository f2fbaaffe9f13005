//! Mermaid diagrams of the platform, from what its environment file names: who sends what to whom, and in which order.

use super::{imports, input::Input, lines::NotedLine};
use crate::{
    record::{Tool, event::NoteKind},
    report::{
        charts::mermaid::escaped,
        language::{Language, Word},
        model::DiagramRow,
    },
};
use serde_json::Value;
use std::{collections::BTreeSet, fmt::Write};

/// The architecture and the sequence of a record. Of a day without a run, what is known is what the tools did: no
/// environment of this campaign is drawn for the platform that was tested.
pub(super) fn diagrams(input: &Input<'_>, lines: &[NotedLine]) -> Vec<DiagramRow> {
    let language = input.language;
    if input.runs.is_empty() {
        return by_hand(input, lines).into_iter().collect();
    }
    input.environment.map(|environment| of_platform(language, environment)).unwrap_or_default()
}

/// The architecture and the sequence of a record on the platform of an environment file.
pub(in crate::report) fn of_platform(language: Language, environment: &Value) -> Vec<DiagramRow> {
    let platform = Platform::of(environment);
    if platform.clusters.is_empty() {
        return Vec::new();
    }
    vec![
        DiagramRow {
            caption: language.word(Word::ArchitectureDiagram).to_owned(),
            description: platform.told(),
            source: platform.architecture(language),
        },
        DiagramRow {
            caption: language.word(Word::SequenceDiagram).to_owned(),
            description: platform.told(),
            source: platform.sequence(language),
        },
    ]
}

/// The sequence of work done by hand: the tools, Kafka, and what dashboards show where people noted any.
fn by_hand(input: &Input<'_>, lines: &[NotedLine]) -> Option<DiagramRow> {
    let language = input.language;
    let tools: BTreeSet<Tool> = input
        .imports
        .iter()
        .filter_map(|of| of.reading.as_ref().ok())
        .flat_map(|reading| reading.scenarios.iter().map(imports::tool))
        .collect();
    if tools.is_empty() {
        return None;
    }
    let scripts = |does: fn(Tool) -> bool| {
        let of: Vec<&str> = tools.iter().filter(|tool| does(**tool)).map(|tool| tool.script()).collect();
        (!of.is_empty()).then(|| of.join(", "))
    };
    let (sends, reads) = (scripts(Tool::sends), scripts(Tool::reads));
    let word = |key| language.word(key);
    let mut out = "sequenceDiagram\n".to_owned();
    let mut told = Vec::new();
    let mut line = |text: String| {
        let _ = writeln!(out, "  {text}");
    };
    if let Some(scripts) = &sends {
        line(format!("participant P as {scripts}"));
        told.push(scripts.as_str());
    }
    line("participant S as Kafka".to_owned());
    told.push("Kafka");
    if let Some(scripts) = &reads {
        line(format!("participant C as {scripts}"));
        told.push(scripts);
    }
    let watched = lines.iter().any(|line| line.kind == Some(NoteKind::Dashboard));
    if watched {
        line("participant X as Prometheus".to_owned());
        line("participant G as Grafana".to_owned());
        told.extend(["Prometheus", "Grafana"]);
    }
    if sends.is_some() {
        line(format!("P->>S: {}", word(Word::Produces)));
        line(format!("S-->>P: {}", word(Word::Acknowledges)));
    }
    if reads.is_some() {
        line(format!("C->>S: {}", word(Word::Reads)));
    }
    if watched {
        line(format!("X->>S: {}", word(Word::Scrapes)));
        line(format!("G->>X: {}", word(Word::Queries)));
    }
    Some(DiagramRow {
        caption: language.word(Word::SequenceByHand).to_owned(),
        description: told.join(" → "),
        source: out,
    })
}

/// What the environment file names.
#[derive(Debug, Default)]
struct Platform {
    /// Name, brokers where that is said, whether it has a ZooKeeper; `source` comes first.
    clusters: Vec<(String, Option<u64>, bool)>,
    /// The data centre of each, where the file says so.
    sites: Vec<Option<String>>,
    connect: bool,
    registry: bool,
    prometheus: bool,
    grafana: bool,
    exporters: usize,
}

impl Platform {
    fn of(environment: &Value) -> Self {
        let there = |name: &str| environment.get(name).is_some_and(|v| !v.is_null());
        let mut clusters: Vec<(String, Option<u64>, bool)> = Vec::new();
        if let Some(named) = environment.get("clusters").and_then(Value::as_object) {
            clusters.extend(named.iter().map(|(name, of)| {
                let zookeeper = of.get("zookeeper").and_then(Value::as_array).is_some_and(|z| !z.is_empty());
                (name.clone(), of.get("brokers").and_then(Value::as_u64), zookeeper)
            }));
        }
        clusters.sort_by_key(|(name, ..)| (name != "source", name.clone()));
        let site = |(name, ..): &(String, Option<u64>, bool)| {
            let site = environment.get("clusters")?.get(name)?.get("site")?.as_str()?;
            Some(site.to_owned()).filter(|site| !site.is_empty())
        };
        Self {
            sites: clusters.iter().map(site).collect(),
            clusters,
            connect: there("connect"),
            registry: there("schema_registry"),
            prometheus: there("prometheus"),
            grafana: there("grafana"),
            exporters: environment.get("exporters").and_then(Value::as_object).map_or(0, |e| e.len()),
        }
    }

    fn told(&self) -> String {
        let mut parts: Vec<String> = self.clusters.iter().map(|(name, ..)| name.clone()).collect();
        for (there, name) in [
            (self.connect, "MirrorMaker 2"),
            (self.registry, "Schema Registry"),
            (self.prometheus, "Prometheus"),
            (self.grafana, "Grafana"),
        ] {
            if there {
                parts.push(name.to_owned());
            }
        }
        parts.join(" → ")
    }

    fn label(&self, at: usize, language: Language) -> String {
        let (name, brokers, _) = &self.clusters[at];
        let counted = |n: u64| {
            let count = language.count(usize::try_from(n).unwrap_or(usize::MAX));
            format!("<br/>{}", language.fill(Word::CountedBrokers, &[("count", &count)]))
        };
        let brokers = brokers.map(counted).unwrap_or_default();
        format!("{} {}{brokers}", language.word(Word::Cluster), escaped(name))
    }

    fn architecture(&self, language: Language) -> String {
        let mut out = "flowchart LR\n".to_owned();
        let mut line = |text: String| {
            let _ = writeln!(out, "  {text}");
        };
        line(format!("producer[\"{}\"]", language.word(Word::Producer)));
        for (at, (_, _, zookeeper)) in self.clusters.iter().enumerate() {
            let site = self.sites.get(at).and_then(Option::as_ref);
            if let Some(site) = site {
                line(format!("subgraph d{at}[\"{}\"]", escaped(site)));
            }
            line(format!("c{at}[(\"{}\")]", self.label(at, language)));
            if *zookeeper {
                line(format!("z{at}[\"ZooKeeper\"]"));
                line(format!("c{at} --- z{at}"));
            }
            if site.is_some() {
                line("end".to_owned());
            }
        }
        line("producer --> c0".to_owned());
        if self.registry {
            line("registry[\"Schema Registry\"]".to_owned());
            line("producer -.-> registry".to_owned());
        }
        if self.connect && self.clusters.len() > 1 {
            line("mm2[\"Kafka Connect<br/>MirrorMaker 2\"]".to_owned());
            line("c0 --> mm2".to_owned());
            line("mm2 --> c1".to_owned());
        }
        if self.prometheus {
            let exporters = self.exporters;
            let exporters = language.fill(Word::CountedExporters, &[("count", &language.count(exporters))]);
            line(format!("prometheus[\"Prometheus<br/>{exporters}\"]"));
            for at in 0..self.clusters.len() {
                line(format!("c{at} -.-> prometheus"));
            }
            if self.connect && self.clusters.len() > 1 {
                line("mm2 -.-> prometheus".to_owned());
            }
        }
        if self.grafana {
            line("grafana[\"Grafana\"]".to_owned());
            line("prometheus -.-> grafana".to_owned());
        }
        out
    }

    fn sequence(&self, language: Language) -> String {
        let mut out = "sequenceDiagram\n".to_owned();
        let word = |key| language.word(key);
        let mut line = |text: String| {
            let _ = writeln!(out, "  {text}");
        };
        line(format!("participant P as {}", word(Word::Producer)));
        let source = escaped(&self.clusters[0].0);
        line(format!("participant S as Kafka {source}"));
        let replicated = self.connect && self.clusters.len() > 1;
        if replicated {
            line("participant M as MirrorMaker 2".to_owned());
            line(format!("participant T as Kafka {}", escaped(&self.clusters[1].0)));
        }
        if self.prometheus {
            line("participant X as Prometheus".to_owned());
        }
        if self.grafana {
            line("participant G as Grafana".to_owned());
        }
        line(format!("P->>S: {}", word(Word::Produces)));
        line(format!("S-->>P: {}", word(Word::Acknowledges)));
        if replicated {
            line(format!("M->>S: {}", word(Word::Reads)));
            line(format!("M->>T: {}", word(Word::Produces)));
            line(format!("T-->>M: {}", word(Word::Acknowledges)));
        }
        if self.prometheus {
            line(format!("X->>S: {}", word(Word::Scrapes)));
            if replicated {
                line(format!("X->>M: {}", word(Word::Scrapes)));
                line(format!("X->>T: {}", word(Word::Scrapes)));
            }
        }
        if self.grafana {
            line(format!("G->>X: {}", word(Word::Queries)));
        }
        out
    }
}
