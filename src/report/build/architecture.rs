//! Mermaid diagrams of the platform, from what its environment file names: who sends what to whom, and in which order.

use crate::report::{
    charts::mermaid::escaped,
    language::{Language, Word},
    model::DiagramRow,
};
use serde_json::Value;
use std::fmt::Write;

/// The architecture and the sequence of a record.
pub(in crate::report) fn diagrams(language: Language, environment: &Value) -> Vec<DiagramRow> {
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

/// What the environment file names.
#[derive(Debug, Default)]
struct Platform {
    /// Name, brokers where that is said, whether it has a ZooKeeper; `source` comes first.
    clusters: Vec<(String, Option<u64>, bool)>,
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
        Self {
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
        let brokers =
            brokers.map(|n| format!("<br/>{n} {}", language.word(Word::Brokers))).unwrap_or_default();
        format!("{} {}{brokers}", language.word(Word::Cluster), escaped(name))
    }

    fn architecture(&self, language: Language) -> String {
        let mut out = "flowchart LR\n".to_owned();
        let mut line = |text: String| {
            let _ = writeln!(out, "  {text}");
        };
        line(format!("producer[\"{}\"]", language.word(Word::Producer)));
        for (at, (_, _, zookeeper)) in self.clusters.iter().enumerate() {
            line(format!("c{at}[(\"{}\")]", self.label(at, language)));
            if *zookeeper {
                line(format!("z{at}[\"ZooKeeper\"]"));
                line(format!("c{at} --- z{at}"));
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
            line(format!("prometheus[\"Prometheus<br/>{exporters} {}\"]", language.word(Word::Exporters)));
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
