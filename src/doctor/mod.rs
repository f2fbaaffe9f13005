//! What a run needs of its platform, tried all at once before anything runs: [`examine`].
//!
//! Nothing is changed on the platform. Each part has a bound of its own, and all parts are tried side by side.

mod certificates;
mod clocks;
mod cluster;
mod connect;
mod finding;
mod machine;
mod metrics;
mod needs;
mod services;

pub use finding::{Finding, Level};

use crate::{clients::Environment, plan::Plan, record::StepId};
use needs::Needs;
use std::{future::Future, sync::Arc, time::Duration};
use tokio::{task::JoinSet, time::timeout};

/// How long one part may take; librdkafka says after ten seconds why it did not connect.
const LIMIT: Duration = Duration::from_secs(15);

/// Everything that is wrong, doubtful or fine for the plan, or for one step of it.
pub async fn examine(plan: &Plan, step: Option<StepId>) -> Vec<Finding> {
    let environment = Arc::clone(&plan.environment);
    let needs = Arc::new(Needs::of(plan, step));
    let mut parts = Parts { found: JoinSet::new() };
    for name in environment.clusters.keys() {
        let (name, cluster) = (name.clone(), environment.clusters[name].clone());
        let part = format!("cluster {name}");
        let needs = Arc::clone(&needs);
        parts.add(part.clone(), async move { cluster::examine(&part, &name, &cluster, &needs).await });
    }
    each_service(&environment, &needs, &mut parts);
    let (root, of_machine) = (plan.root.clone(), Arc::clone(&needs));
    let kit = environment.kafka_tools.clone();
    parts.add("this machine".to_owned(), async move { machine::examine(&root, kit.as_ref(), &of_machine) });
    let mut found: Vec<Finding> = Vec::new();
    while let Some(part) = parts.found.join_next().await {
        match part {
            Ok(part) => found.extend(part),
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
    }
    // Everything of the lab fails alike while it is down.
    let is_down = environment.name == "lab" && found.iter().any(|f| f.is_silence);
    found.sort_by(|a, b| (b.level, &a.part, &a.what).cmp(&(a.level, &b.part, &b.what)));
    found.dedup();
    if is_down {
        let remedy = "start it with `jalon lab up`, or look at it with `jalon lab status`";
        found.insert(0, Finding::fault("lab", "something of it does not answer: is it up?").remedy(remedy));
    }
    found
}

/// Everything of the environment that is no cluster.
fn each_service(environment: &Environment, needs: &Arc<Needs>, parts: &mut Parts) {
    for (cluster, nodes) in environment.clusters.iter().map(|(name, c)| (name, &c.zookeeper)) {
        for node in nodes.clone() {
            let part = format!("ZooKeeper {cluster}");
            parts.add(part.clone(), async move { services::zookeeper(&part, &node, LIMIT).await });
        }
    }
    if let Some(endpoint) = environment.connect.clone() {
        let needs = Arc::clone(needs);
        parts.add("Connect".to_owned(), async move { connect::examine(&endpoint, &needs).await });
    }
    for (part, path, endpoint) in [
        ("schema registry", "subjects", &environment.schema_registry),
        ("Grafana", "api/health", &environment.grafana),
    ] {
        if let Some(endpoint) = endpoint.clone() {
            parts.add(part.to_owned(), async move { services::http(part, &endpoint, path).await });
        }
    }
    if let Some(endpoint) = environment.prometheus.clone() {
        let needs = Arc::clone(needs);
        parts.add("Prometheus".to_owned(), async move { metrics::prometheus(&endpoint, &needs).await });
    }
    for (name, exporter) in environment.exporters.clone() {
        let part = format!("exporter {name}");
        let needs = Arc::clone(needs);
        parts.add(part.clone(), async move { metrics::exporter(&part, &name, &exporter.0, &needs).await });
    }
    for (part, servers) in certificates::places(environment) {
        parts.add(part.clone(), async move { certificates::examine(&part, servers).await });
    }
}

/// Parts that are being tried.
struct Parts {
    found: JoinSet<Vec<Finding>>,
}

impl Parts {
    fn add(&mut self, part: String, trial: impl Future<Output = Vec<Finding>> + Send + 'static) {
        self.found.spawn(async move {
            timeout(LIMIT, trial).await.unwrap_or_else(|_| {
                vec![Finding::fault(&part, format!("no answer within {} s", LIMIT.as_secs())).silent()]
            })
        });
    }
}
