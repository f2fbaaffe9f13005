//! The node exporter: metrics of the machine.

use super::prometheus::{NO_PROMETHEUS, PURPOSE};
use crate::lab::{
    programs::Program,
    service::{Archive, CommandLine, Kind, Layer, Log, Member, Need, Options, Probe, Scrape, Service, Tools},
};

static PROGRAM: Program =
    Program { name: "prometheus-node-exporter", purpose: PURPOSE, package: "prometheus-node-exporter" };

static KIND: Kind = Kind {
    name: "exporter",
    about: "The machine's exporter.",
    layer: Layer::Monitoring,
    switch: Some(&NO_PROMETHEUS),
    runtime: None,
    needs: &[Need::Program(&PROGRAM)],
    scrape: Some(Scrape { job: "node", cluster: None, every: None }),
    faults: &[],
};

pub(super) struct NodeExporter;

#[async_trait::async_trait]
impl Service for NodeExporter {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn members(&self, options: &Options) -> Vec<Member> {
        if options.given(&NO_PROMETHEUS) {
            return vec![];
        }
        let port = options.port(19_100, 32);
        vec![Member { metrics_port: Some(port), ..Member::single(&Self, "node-exporter", port, options) }]
    }

    fn command(&self, member: &Member, tools: &Tools, _: &Archive) -> CommandLine {
        let argv = vec![
            tools.program(&PROGRAM).display().to_string(),
            format!("--web.listen-address={}", member.socket()),
            "--log.level=warn".to_owned(),
        ];
        CommandLine { main: PROGRAM.name.to_owned(), argv }
    }

    fn address(&self, member: &Member) -> String {
        format!("http://{}/metrics", member.socket())
    }

    async fn is_ready(&self, member: &Member, probe: &Probe, _: &Log) -> bool {
        probe.connect(member.port).await.is_some()
    }
}
