//! Services that only have to answer: ZooKeeper nodes, the schema registry, Grafana.

use super::{clocks, finding::Finding};
use crate::clients::{
    Endpoint, connect,
    http::{self, Client, Method, Response},
    prometheus, zookeeper,
};
use crate::record::Said;
use std::time::Duration;
use url::Url;

/// What was found of a ZooKeeper node.
pub(super) async fn zookeeper(part: &str, address: &str, limit: Duration) -> Vec<Finding> {
    match zookeeper::read(address, limit).await {
        Ok(reading) => {
            let version = reading.stats.version.split(['-', ',']).next().unwrap_or_default().to_owned();
            vec![Finding::fine(part, format!("{address}: version {version}, {}", reading.stats.mode))]
        }
        Err(zookeeper::ZooKeeperError::Unreachable { cause, .. }) => {
            let remedy = "check `zookeeper` of the cluster and the network path: name, port, firewall";
            vec![Finding::fault(part, format!("{address}: {cause}")).remedy(remedy).silent()]
        }
        Err(error) => {
            let remedy = "allow `mntr` and `srvr` with `4lw.commands.whitelist` on the node";
            vec![Finding::fault(part, error.to_string()).remedy(remedy)]
        }
    }
}

/// What was found of an HTTP service.
pub(super) async fn http(part: &'static str, endpoint: &Endpoint, path: &str) -> Vec<Finding> {
    let asked = async { Client::open(Said::verbatim(part), endpoint).await?.get(path).await };
    match asked.await {
        Ok(answer) => {
            let fine = Finding::fine(part, format!("{} answers", answer.address));
            [fine].into_iter().chain(clocks::of_answer(part, &answer)).collect()
        }
        Err(error) => vec![refused(part, &error)],
    }
}

/// The page of an exporter, or why there is none.
pub(super) async fn page(part: &str, endpoint: &Endpoint) -> Result<Response, Finding> {
    let asked = async {
        let client = Client::open(Said::verbatim(part), endpoint).await?;
        client.send(client.request(Method::GET, endpoint.url.clone())).await?.accept()
    };
    asked.await.map_err(|error: http::HttpError| refused(part, &error))
}

/// What was found of a coordinator or an agent of Trogdor.
pub(super) async fn trogdor(url: Url, path: &str) -> Vec<Finding> {
    http("Trogdor", &Endpoint::at(url), path).await
}

/// Why Connect has no usable answer.
pub(super) fn of_connect(part: &str, error: connect::ConnectError) -> Finding {
    match error {
        connect::ConnectError::Http(error) => refused(part, &error),
        error => Finding::fault(part, error.to_string()),
    }
}

/// Why Prometheus has no usable answer.
pub(super) fn of_prometheus(part: &str, error: prometheus::PrometheusError) -> Finding {
    match error {
        prometheus::PrometheusError::Http(error) => refused(part, &error),
        error => Finding::fault(part, error.to_string()),
    }
}

/// Why there is no usable answer, and what to do.
pub(super) fn refused(part: &str, error: &http::HttpError) -> Finding {
    let what = match error {
        http::HttpError::Unreachable { address, cause, .. } => format!("{address}: {cause}"),
        other => other.to_string(),
    };
    let finding = Finding::fault(part, what);
    match error {
        http::HttpError::Refused { status: 401, .. } => {
            finding.remedy("fill in `user` and `password` of the service in the environment's file")
        }
        http::HttpError::Refused { status: 403, .. } => {
            finding.remedy("the user of the service lacks this right")
        }
        http::HttpError::Refused { .. } | http::HttpError::Unreadable { .. } => {
            finding.remedy("is there something else at this address, such as a proxy or a log-in page?")
        }
        http::HttpError::CaFile { .. } | http::HttpError::Invalid { .. } => {
            finding.remedy("correct the service in the environment's file")
        }
        http::HttpError::Secret(_) => {
            finding.remedy("set the variable or create the file that the reference names")
        }
        http::HttpError::Unreachable { obstacle: http::Obstacle::Certificate, .. } => finding
            .remedy("give the authority that signed it with `ca_file`, or have the certificate renewed")
            .blaming_certificate(),
        http::HttpError::Unreachable { .. } => {
            finding.remedy("check the address and the network path: name, port, proxy, firewall").silent()
        }
    }
}
