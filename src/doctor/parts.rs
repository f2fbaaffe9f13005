//! [`Parts`]: parts of a platform that are tried side by side, each with a bound of its own.

use super::{finding::Finding, ports};
use std::{future::Future, time::Duration};
use tokio::{task::JoinSet, time::timeout};

/// Parts that are being tried.
pub(super) struct Parts {
    found: JoinSet<Vec<Finding>>,
    limit: Duration,
}

impl Parts {
    /// None yet; each may take `limit`.
    pub(super) fn within(limit: Duration) -> Self {
        Self { found: JoinSet::new(), limit }
    }

    /// Tries one more.
    pub(super) fn add(&mut self, part: String, trial: impl Future<Output = Vec<Finding>> + Send + 'static) {
        self.add_within(self.limit, part, trial);
    }

    /// Tries one more, which may take that long.
    pub(super) fn add_within(
        &mut self,
        limit: Duration,
        part: String,
        trial: impl Future<Output = Vec<Finding>> + Send + 'static,
    ) {
        self.found.spawn(async move {
            timeout(limit, trial).await.unwrap_or_else(|_| {
                vec![Finding::fault(&part, format!("no answer within {} s", limit.as_secs())).silent()]
            })
        });
    }

    /// What was found of all of them, the gravest first, each once. Everything of a lab fails alike while it is down.
    pub(super) async fn found(mut self, of_lab: bool) -> Vec<Finding> {
        let mut found: Vec<Finding> = Vec::new();
        while let Some(part) = self.found.join_next().await {
            match part {
                Ok(part) => found.extend(part),
                Err(panic) => std::panic::resume_unwind(panic.into_panic()),
            }
        }
        told_by_certificate(&mut found);
        // Where the lab itself was found to be elsewhere, that is the cause.
        let is_told = found.iter().any(|f| f.sums_up);
        let is_down = of_lab && !is_told && found.iter().any(|f| f.is_silence);
        found.sort_by(|a, b| (b.level, &a.part, &a.what).cmp(&(a.level, &b.part, &b.what)));
        found.dedup();
        if is_down {
            let remedy = "start it with `jalon lab up`, or check it with `jalon lab status`";
            found.insert(
                0,
                Finding::fault(ports::PART, "a service of the lab does not answer: is the lab running?")
                    .remedy(remedy)
                    .summing_up(),
            );
        }
        found
    }
}

/// Takes out what a client says of a certificate where the certificate itself was looked at: that is one fault.
fn told_by_certificate(found: &mut Vec<Finding>) {
    let expired: Vec<String> =
        found.iter().filter(|f| f.is_fault() && f.of_certificate).map(|f| f.part.clone()).collect();
    found.retain(|f| {
        f.of_certificate || !f.is_fault() || !expired.contains(&f.part) || !f.what.contains("certificate")
    });
}
