//! A web server of the folder in which the lab's configuration stands.

use crate::lab::{
    options::Switch,
    programs::Program,
    service::{Archive, CommandLine, Kind, Layer, Log, Member, Need, Options, Probe, Service, Tools},
};

static WEB: Switch = Switch { flag: "web", help: "Also serve the lab's folder to browsers of this machine" };

static PROGRAM: Program = Program { name: "python3", purpose: "to serve a folder", package: "python3" };

static KIND: Kind = Kind {
    name: "web",
    about: "A web server of the lab's folder.",
    layer: Layer::Monitoring,
    switch: Some(&WEB),
    runtime: None,
    needs: &[Need::Program(&PROGRAM)],
    scrape: None,
    faults: &[],
};

/// The service.
pub(super) struct Web;

#[async_trait::async_trait]
impl Service for Web {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn members(&self, options: &Options) -> Vec<Member> {
        if !options.given(&WEB) {
            return vec![];
        }
        vec![Member::single(&Self, "web", options.port(19_190, 59), options)]
    }

    fn command(&self, member: &Member, tools: &Tools, _: &Archive) -> CommandLine {
        let python = tools.program(&PROGRAM).display().to_string();
        let port = member.port.to_string();
        let argv = [&python, "-m", "http.server", &port, "--bind", "127.0.0.1"].map(ToOwned::to_owned);
        CommandLine { main: PROGRAM.name.to_owned(), argv: argv.into() }
    }

    fn address(&self, member: &Member) -> String {
        format!("http://{}/", member.socket())
    }

    async fn is_ready(&self, member: &Member, probe: &Probe, _: &Log) -> bool {
        probe.connect(member.port).await.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Cache;

    #[test]
    fn a_web_server_is_started_where_it_is_asked_for() {
        let usual = Options::new("/lab", Cache::at("/cache"));
        assert!(Web.members(&usual).is_empty());
        let asked = usual.with(&WEB);
        assert_eq!(Web.members(&asked).len(), 1);
    }
}
