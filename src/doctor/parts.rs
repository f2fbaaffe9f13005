//! [`Parts`]: parts of a platform that are tried side by side, each with a bound of its own.

use super::{
    finding::{Finding, Level},
    ports,
};
use crate::{
    clients::http::no_answer,
    record::{Said, messages},
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
    pub(super) fn add(&mut self, part: Said, trial: impl Future<Output = Vec<Finding>> + Send + 'static) {
        self.add_within(self.limit, part, trial);
    }

    /// Tries one more, which may take that long.
    pub(super) fn add_within(
        &mut self,
        limit: Duration,
        part: Said,
        trial: impl Future<Output = Vec<Finding>> + Send + 'static,
    ) {
        self.found.spawn(async move {
            timeout(limit, trial)
                .await
                .unwrap_or_else(|_| vec![Finding::fault(part, no_answer(limit)).silent()])
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
        let is_lab_down = is_silent && !is_told;
        // What does not run there is why the others do not answer.
        for finding in found.iter_mut().filter(|f| is_silent && f.sums_up) {
            finding.level = Level::Fault;
        }
        found.sort_by(|a, b| (b.level, &a.part, &a.what).cmp(&(a.level, &b.part, &b.what)));
        found.dedup();
        if is_lab_down {
            found.insert(0, Finding::fault(ports::whole_lab(), is_down()).remedy(start_lab()).summing_up());
        }
        found
    }
}

/// Takes out what a client says of a certificate where the certificate itself was looked at: that is one fault.
fn told_by_certificate(found: &mut Vec<Finding>) {
    let expired: Vec<Said> =
        found.iter().filter(|f| f.is_fault() && f.of_certificate).map(|f| f.part.clone()).collect();
    found.retain(|f| !f.blames_certificate || !expired.contains(&f.part));
}

messages! {
    area "doctor-parts";
    is_down() => "a service of the lab does not answer: is the lab running?" / "un service du lab ne répond pas : le lab tourne-t-il ?";
    start_lab() => "start it with `jalon lab up`, or check it with `jalon lab status`" / "le démarrer par `jalon lab up`, ou le vérifier par `jalon lab status`";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Language;

    async fn found(parts: Vec<Finding>) -> Vec<(Level, Said)> {
        let mut all = Parts::within(Duration::from_secs(5));
        all.add(Said::verbatim("x"), async move { parts });
        all.found(true).await.into_iter().map(|f| (f.level, f.what)).collect()
    }

    #[tokio::test]
    async fn a_process_of_the_lab_is_the_cause_where_something_does_not_answer() {
        let process = || Finding::warning(ports::whole_lab(), "process `connect` is stopped").summing_up();
        let silent = || Finding::fault("Connect", "no answer").silent();
        let level = |found: &[(Level, Said)], what: &str| {
            found.iter().find(|(_, said)| said.contains(what)).map(|(level, _)| *level)
        };
        let both = found(vec![process(), silent()]).await;
        assert_eq!(level(&both, "`connect` is stopped"), Some(Level::Fault), "{both:?}");
        assert_eq!(level(&both, "is the lab running"), None, "{both:?}");
        let alone = found(vec![process()]).await;
        assert_eq!(level(&alone, "`connect` is stopped"), Some(Level::Warning), "{alone:?}");
        let down = found(vec![silent()]).await;
        assert_eq!(level(&down, "is the lab running"), Some(Level::Fault), "{down:?}");
        assert_eq!(
            down[0].1.in_language(Language::Fr),
            "un service du lab ne répond pas : le lab tourne-t-il ?"
        );
    }
}
