//! Certificates of the services and brokers that speak TLS: which have expired, and which are about to.

use super::finding::Finding;
use crate::clients::certificates::{self, SOON};

/// What is to be known of the certificates at `servers`. Who does not answer is told by others.
pub(super) async fn examine(part: &str, servers: Vec<String>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (server, shown) in certificates::of_servers(servers).await {
        let Ok(certificate) = shown else { continue };
        let remedy = "renew it: clients refuse an expired certificate";
        match certificate.days_left {
            left if left < 0 => {
                let what = format!("the certificate of {server} expired {} days ago", -left);
                found.push(Finding::fault(part, what).remedy(remedy).of_certificate());
            }
            left if left < SOON => {
                let what = format!("the certificate of {server} expires in {left} days");
                found.push(Finding::warning(part, what).remedy(remedy));
            }
            _ => {}
        }
    }
    found
}
