//! Certificates of the services and brokers that speak TLS: whose they are and until when they are valid.

use super::{
    endpoint::Endpoint,
    environment::{Cluster, Environment},
    part,
    workers::Workers,
    zookeeper,
};
use crate::record::{Said, messages};
use jiff::Timestamp;
use openssl::{
    asn1::{Asn1Time, Asn1TimeRef},
    error::ErrorStack,
    ssl::{HandshakeError, SslConnector, SslMethod, SslVerifyMode},
    x509::{X509, X509NameRef},
};
use serde::Serialize;
use std::{
    net::{TcpStream, ToSocketAddrs},
    time::Duration,
};
use url::Url;

/// A certificate with fewer days left is about to expire.
pub const SOON: i64 = 30;
/// How long the connection, and each answer of a handshake, may take.
const LIMIT: Duration = Duration::from_secs(5);

/// The certificate that a server presents. Trust is not checked here: the clients that use the server check it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// The subject, as `CN=broker-1,O=…`.
    pub subject: String,
    /// The issuer, in the same form.
    pub issuer: String,
    /// The end of its validity.
    pub valid_until: Timestamp,
    /// Whole days until then; below 0 once it is over.
    pub days_left: i64,
}

/// Whether the clients of a cluster speak TLS.
pub fn speaks_tls(cluster: &Cluster) -> bool {
    let protocol = cluster.properties.get("security.protocol");
    protocol.is_some_and(|protocol| protocol.to_uppercase().ends_with("SSL"))
}

/// Every part of the environment that speaks TLS, with the `host:port` of its servers; of a cluster, its bootstrap
/// servers.
pub fn places(environment: &Environment) -> Vec<(Said, Vec<String>)> {
    let clusters =
        environment.clusters.iter().filter(|(_, cluster)| speaks_tls(cluster)).map(|(name, cluster)| {
            let servers =
                cluster.bootstrap_servers.split(',').map(|server| server.trim().to_owned()).collect();
            (part::cluster(name), servers)
        });
    let address = |url: &Url| Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?));
    let secure = |(part, url): (Said, &Url)| {
        let server = (url.scheme() == "https").then(|| address(url)).flatten()?;
        Some((part, vec![server]))
    };
    let of = |part: Said, endpoint: &'_ Option<Endpoint>| {
        endpoint.as_ref().and_then(|endpoint| secure((part, &endpoint.url)))
    };
    let services = [
        of(part::schema_registry(), &environment.schema_registry),
        of(part::prometheus(), &environment.prometheus),
        of(part::grafana(), &environment.grafana),
    ];
    let workers = environment.connect.iter().flat_map(Workers::all);
    let workers = workers.filter_map(|worker| secure((part::connect(), &worker.url)));
    let registries = environment
        .schema_registries
        .iter()
        .filter_map(|(name, endpoint)| secure((part::schema_registry_named(name), &endpoint.url)));
    let exporters = environment
        .exporters
        .iter()
        .filter_map(|(name, exporter)| secure((part::exporter(name), &exporter.0.url)));
    clusters.chain(workers).chain(services.into_iter().flatten()).chain(registries).chain(exporters).collect()
}

/// The certificate that each server at `host:port` presents, all asked at the same time. An error says why there is
/// none: the server cannot be reached, or it ended the handshake first.
pub async fn of_servers(servers: Vec<String>) -> Vec<(String, Result<Certificate, Said>)> {
    let asked: Vec<_> = servers
        .into_iter()
        .map(|server| {
            let own = server.clone();
            (server, tokio::task::spawn_blocking(move || ask(&own)))
        })
        .collect();
    let mut found = Vec::new();
    for (server, answer) in asked {
        found.push((server, answer.await.unwrap_or_else(|_| Err(not_readable()))));
    }
    found
}

fn ask(server: &str) -> Result<Certificate, Said> {
    let host = server.rsplit_once(':').map_or(server, |(host, _)| host).trim_matches(['[', ']']);
    let unreached = |cause: std::io::Error| unreached(zookeeper::in_words(&cause));
    let address = server.to_socket_addrs().map_err(unreached)?.next().ok_or_else(no_address)?;
    let stream = TcpStream::connect_timeout(&address, LIMIT).map_err(unreached)?;
    stream.set_read_timeout(Some(LIMIT)).map_err(unreached)?;
    stream.set_write_timeout(Some(LIMIT)).map_err(unreached)?;
    let settings = || -> Result<_, ErrorStack> {
        let mut connector = SslConnector::builder(SslMethod::tls_client())?;
        connector.set_verify(SslVerifyMode::NONE);
        let mut settings = connector.build().configure()?;
        settings.set_verify_hostname(false);
        Ok(settings)
    };
    let settings = settings().map_err(|_| not_readable())?;
    let shown = match settings.connect(host, stream) {
        Ok(stream) => stream.ssl().peer_certificate(),
        // A server that demands a client certificate has presented its own before.
        Err(HandshakeError::Failure(ended) | HandshakeError::WouldBlock(ended)) => {
            ended.ssl().peer_certificate()
        }
        Err(HandshakeError::SetupFailure(_)) => None,
    };
    read(&shown.ok_or_else(no_handshake)?).map_err(|_| not_readable())
}

fn read(certificate: &X509) -> Result<Certificate, ErrorStack> {
    let (days_left, valid_until) = end(certificate.not_after())?;
    Ok(Certificate {
        subject: named(certificate.subject_name()),
        issuer: named(certificate.issuer_name()),
        valid_until,
        days_left,
    })
}

/// A name as `CN=x,O=y`.
fn named(name: &X509NameRef) -> String {
    let parts = name.entries().filter_map(|entry| {
        Some(format!("{}={}", entry.object().nid().short_name().ok()?, entry.data().to_string().ok()?))
    });
    parts.collect::<Vec<_>>().join(",")
}

/// The days until then, and then.
fn end(then: &Asn1TimeRef) -> Result<(i64, Timestamp), ErrorStack> {
    let diff = Asn1Time::from_unix(0)?.diff(then)?;
    let seconds = i64::from(diff.days) * 86_400 + i64::from(diff.secs);
    // A certificate "without an end" (9999-12-31) is within what a timestamp holds.
    let until = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
    Ok(((seconds - Timestamp::now().as_second()).div_euclid(86_400), until))
}

messages! {
    area "certificates";
    no_address() => "the name has no address" / "le nom n'a pas d'adresse";
    no_handshake() => "it presents no certificate; does it speak TLS?" / "aucun certificat présenté ; parle-t-il TLS ?";
    not_readable() => "the certificate cannot be read" / "le certificat n'est pas lisible";
    unreached(cause) => "it cannot be reached: {cause}" / "injoignable : {cause}";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_to_the_end() {
        let in_ten_days = Asn1Time::from_unix(Timestamp::now().as_second() + 10 * 86_400 + 60).unwrap();
        assert_eq!(end(&in_ten_days).unwrap().0, 10);
        let an_hour_ago = Timestamp::now().as_second() - 3600;
        let (days, until) = end(&Asn1Time::from_unix(an_hour_ago).unwrap()).unwrap();
        assert_eq!((days, until.as_second()), (-1, an_hour_ago));
    }

    #[test]
    fn no_certificate_and_no_server_are_different_errors() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let serving = std::thread::spawn(move || drop(listener.accept().unwrap()));
        let why = ask(&address).unwrap_err().to_string();
        assert!(why.contains("presents no certificate"), "{why}");
        serving.join().unwrap();
        let why = ask(&address).unwrap_err().to_string();
        assert!(why.contains("cannot be reached"), "{why}");
    }
}
