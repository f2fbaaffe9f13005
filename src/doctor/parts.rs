//! [`Parts`]: parts of a platform that are tried side by side, each with a bound of its own.

use super::{
    finding::{Finding, Level},
    ports,
};
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
        let is_silent = of_lab && found.iter().any(|f| f.is_silence);
        let is_down = is_silent && !is_told;
        // What does not run there is why the others do not answer.
        for finding in found.iter_mut().filter(|f| is_silent && f.sums_up) {
            finding.level = Level::Fault;
        }
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
    found.retain(|f| !f.blames_certificate || !expired.contains(&f.part));
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn found(parts: Vec<Finding>) -> Vec<(Level, String)> {
        let mut all = Parts::within(Duration::from_secs(5));
        all.add("x".to_owned(), async move { parts });
        all.found(true).await.into_iter().map(|f| (f.level, f.what)).collect()
    }

    #[tokio::test]
    async fn a_process_of_the_lab_is_the_cause_where_something_does_not_answer() {
        let process = || Finding::warning(ports::PART, "process `connect` is stopped").summing_up();
        let silent = || Finding::fault("Connect", "no answer").silent();
        let level = |found: &[(Level, String)], what: &str| {
            found.iter().find(|(_, said)| said.contains(what)).map(|(level, _)| *level)
        };
        let both = found(vec![process(), silent()]).await;
        assert_eq!(level(&both, "`connect` is stopped"), Some(Level::Fault), "{both:?}");
        assert_eq!(level(&both, "is the lab running"), None, "{both:?}");
        let alone = found(vec![process()]).await;
        assert_eq!(level(&alone, "`connect` is stopped"), Some(Level::Warning), "{alone:?}");
        let down = found(vec![silent()]).await;
        assert_eq!(level(&down, "is the lab running"), Some(Level::Fault), "{down:?}");
    }
}
