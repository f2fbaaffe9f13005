//! Prometheus, which scrapes every process of the lab that has a metrics port.

use crate::{
    clients::Environment,
    lab::{
        programs::Program,
        secrets,
        service::{
            Archive, CommandLine, Kind, Layer, Log, Member, Need, Options, Probe, Scrape, Service, Setup,
            Side, Switch, Tools,
        },
    },
};
use std::{fmt::Write, path::Path};

/// What leaves monitoring out: Prometheus, node exporter, and the JMX exporters inside the Java processes.
pub(super) static NO_PROMETHEUS: Switch =
    Switch::new("no-prometheus", "Do not start Prometheus and the exporters");

/// What a lab with monitoring needs its programs for.
pub(super) const PURPOSE: &str = "for metrics (or use `--no-prometheus`)";

static PROGRAM: Program = Program { name: "prometheus", purpose: PURPOSE, package: "prometheus" };

static KIND: Kind = Kind {
    name: "prometheus",
    about: "Prometheus.",
    layer: Layer::Monitoring,
    switch: Some(&NO_PROMETHEUS),
    runtime: None,
    needs: &[Need::Program(&PROGRAM)],
    scrape: Some(Scrape { job: "prometheus", cluster: None, every: None }),
    faults: &[],
};

pub(super) struct Prometheus;

#[async_trait::async_trait]
impl Service for Prometheus {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn members(&self, options: &Options) -> Vec<Member> {
        if options.given(&NO_PROMETHEUS) {
            return vec![];
        }
        let port = options.port(19_090, 31);
        vec![Member { metrics_port: Some(port), ..Member::single(&Self, "prometheus", port, options) }]
    }

    fn files(&self, _: &Member, setup: &Setup) -> Vec<(String, String)> {
        vec![(CONF.to_owned(), jobs(setup.members))]
    }

    fn command(&self, member: &Member, tools: &Tools, _: &Archive) -> CommandLine {
        let argv = vec![
            tools.program(&PROGRAM).display().to_string(),
            format!("--config.file={CONF}"),
            "--storage.tsdb.path=data/prometheus".to_owned(),
            format!("--web.listen-address={}", member.socket()),
            "--log.level=warn".to_owned(),
        ];
        CommandLine { main: PROGRAM.name.to_owned(), argv }
    }

    async fn is_ready(&self, member: &Member, probe: &Probe, _: &Log) -> bool {
        probe.succeeds(member.port, "/-/ready").await
    }

    /// It asks for no log-in, in a secure lab either.
    fn enter(&self, member: &Member, _: &[String], _: &Path, environment: &mut Environment) {
        environment.prometheus = secrets::endpoint(&member.address(), None);
    }
}

const CONF: &str = "conf/prometheus.yml";

/// The processes by job, each with its name.
fn jobs(members: &[Member]) -> String {
    let mut text = "# The lab's Prometheus.\n\
                    global: {scrape_interval: 5s, scrape_timeout: 4s, evaluation_interval: 5s}\n\
                    scrape_configs:\n"
        .to_owned();
    // The processes of a service stand together.
    for members in members.chunk_by(|one, next| one.role == next.role) {
        let Some(scrape) = members.first().and_then(|m| m.kind().scrape) else { continue };
        let mut targets = String::new();
        for member in members {
            let Some(port) = member.metrics_port else { continue };
            let cluster = member.side.map(Side::name).or(scrape.cluster);
            let cluster = cluster.map(|name| format!("cluster: {name}, ")).unwrap_or_default();
            let name = &member.name;
            let _ = writeln!(
                targets,
                "  - {{targets: ['127.0.0.1:{port}'], labels: {{{cluster}process: {name}}}}}"
            );
        }
        if !targets.is_empty() {
            let every = scrape.every.map(|t| format!("  scrape_interval: {t}\n  scrape_timeout: {t}\n"));
            let every = every.unwrap_or_default();
            let _ = write!(text, "- job_name: {}\n{every}  static_configs:\n{targets}", scrape.job);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{
        Cache,
        services::{members, tests::file},
    };

    #[test]
    fn prometheus_scrapes_every_process_once() {
        let options = Options::new("/lab", Cache::at("/cache"));
        let text = file(&options, CONF);
        for member in members(&options) {
            let label = format!("process: {}}}", member.name);
            assert_eq!(text.matches(&label).count(), 1, "{}\n{text}", member.name);
        }
        serde_yaml::from_str::<serde_json::Value>(&text).unwrap();
    }
}
