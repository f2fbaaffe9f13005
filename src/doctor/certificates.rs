//! Certificates of the services and brokers that speak TLS: until when they are valid.

use super::finding::Finding;
use crate::clients::{Cluster, Endpoint, Environment};
use openssl::{
    asn1::{Asn1Time, Asn1TimeRef},
    ssl::{SslConnector, SslMethod, SslVerifyMode},
};
use std::{
    net::{TcpStream, ToSocketAddrs},
    time::Duration,
};
use url::Url;

/// From here on a certificate is about to expire, in days.
const SOON: i32 = 30;
/// How long one handshake may take.
const LIMIT: Duration = Duration::from_secs(5);

/// Every part that speaks TLS, with the `host:port` of its servers.
pub(super) fn places(environment: &Environment) -> Vec<(String, Vec<String>)> {
    let speaks = |cluster: &Cluster| {
        cluster
            .properties
            .get("security.protocol")
            .is_some_and(|protocol| protocol.to_uppercase().ends_with("SSL"))
    };
    let clusters =
        environment.clusters.iter().filter(|(_, cluster)| speaks(cluster)).map(|(name, cluster)| {
            let servers =
                cluster.bootstrap_servers.split(',').map(|server| server.trim().to_owned()).collect();
            (format!("cluster {name}"), servers)
        });
    let address = |url: &Url| Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?));
    let secure = |(part, url): (String, &Url)| {
        let server = (url.scheme() == "https").then(|| address(url)).flatten()?;
        Some((part, vec![server]))
    };
    let of = |part: &str, endpoint: &'_ Option<Endpoint>| {
        endpoint.as_ref().and_then(|endpoint| secure((part.to_owned(), &endpoint.url)))
    };
    let services = [
        of("Connect", &environment.connect),
        of("schema registry", &environment.schema_registry),
        of("Prometheus", &environment.prometheus),
        of("Grafana", &environment.grafana),
    ];
    let exporters = environment
        .exporters
        .iter()
        .filter_map(|(name, exporter)| secure((format!("exporter {name}"), &exporter.0.url)));
    clusters.chain(services.into_iter().flatten()).chain(exporters).collect()
}

/// What is to be known of the certificates at `servers`. Who does not answer is told by others.
pub(super) async fn examine(part: &str, servers: Vec<String>) -> Vec<Finding> {
    let asked = servers.into_iter().map(|server| {
        let part = part.to_owned();
        tokio::task::spawn_blocking(move || {
            let left = days_left(&server)?;
            let what = format!("the certificate of {server} {}", when(left));
            let remedy = "renew it: clients refuse an expired certificate";
            match left {
                left if left < 0 => Some(Finding::fault(&part, what).remedy(remedy).of_certificate()),
                left if left < SOON => Some(Finding::warning(&part, what).remedy(remedy)),
                _ => None,
            }
        })
    });
    let mut found = Vec::new();
    for one in asked.collect::<Vec<_>>() {
        found.extend(one.await.ok().flatten());
    }
    found
}

fn when(left: i32) -> String {
    match left {
        left if left < 0 => format!("expired {} days ago", -left),
        left => format!("expires in {left} days"),
    }
}

/// How many days the certificate of a server is still valid; none where there is none to be had.
fn days_left(server: &str) -> Option<i32> {
    let host = server.rsplit_once(':')?.0.trim_matches(['[', ']']);
    let address = server.to_socket_addrs().ok()?.next()?;
    let stream = TcpStream::connect_timeout(&address, LIMIT).ok()?;
    stream.set_read_timeout(Some(LIMIT)).ok()?;
    stream.set_write_timeout(Some(LIMIT)).ok()?;
    let mut connector = SslConnector::builder(SslMethod::tls_client()).ok()?;
    // Whether it is to be trusted is told by the client that uses it.
    connector.set_verify(SslVerifyMode::NONE);
    let mut settings = connector.build().configure().ok()?;
    settings.set_verify_hostname(false);
    let stream = settings.connect(host, stream).ok()?;
    let certificate = stream.ssl().peer_certificate()?;
    left(certificate.not_after())
}

fn left(end: &Asn1TimeRef) -> Option<i32> {
    let now = Asn1Time::days_from_now(0).ok()?;
    let diff = now.diff(end).ok()?;
    // Part of a day before it is a day less.
    Some(if diff.secs < 0 { diff.days - 1 } else { diff.days })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_to_the_end() {
        assert_eq!(left(&Asn1Time::days_from_now(10).unwrap()), Some(10));
        let now = jiff::Timestamp::now().as_second();
        assert_eq!(left(&Asn1Time::from_unix(now - 3600).unwrap()), Some(-1));
    }
}
