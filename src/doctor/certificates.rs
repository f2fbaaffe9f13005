//! Certificates of the services and brokers that speak TLS: which have expired, and which are about to.

use super::finding::Finding;
use crate::{
    clients::certificates::{self, SOON},
    record::{Said, messages},
};

/// What is to be known of the certificates at `servers`. Who does not answer is told by others.
pub(super) async fn examine(part: &Said, servers: Vec<String>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (server, shown) in certificates::of_servers(servers).await {
        let Ok(certificate) = shown else { continue };
        match certificate.days_left {
            left if left < 0 => {
                found.push(Finding::fault(part, expired(server, -left)).remedy(renew()).of_certificate());
            }
            left if left < SOON => {
                found.push(Finding::warning(part, expires(server, left)).remedy(renew()));
            }
            _ => {}
        }
    }
    found
}

messages! {
    area "doctor-certificates";
    expired(server, days) => "the certificate of {server} expired {days} {days|day|days} ago" / "le certificat de {server} a expiré il y a {days} {days|jour|jours}";
    expires(server, days) => "the certificate of {server} expires in {days} {days|day|days}" / "le certificat de {server} expire dans {days} {days|jour|jours}";
    renew() => "renew it: clients refuse an expired certificate" / "le renouveler : les clients refusent un certificat expiré";
}
