//! [`quick`]: what stops a run at once, tried in a moment: whether everything that its steps use answers and lets it in.

use super::{cluster, finding::Finding, machine, needs::Needs, parts::Parts, ports, services};
use crate::{
    clients::{Environment, connect::Connect, part, prometheus::Prometheus},
    plan::Plan,
    record::{Said, StepId},
};
use std::{collections::BTreeSet, future::Future, sync::Arc, time::Duration};
use url::Url;

/// How long all of it may take.
const LIMIT: Duration = Duration::from_secs(5);
/// How long a client of Kafka may take, which reports its cause at the end only.
const KAFKA: Duration = Duration::from_secs(4);

/// What would make the steps that are `meant` fail, as far as it shows in a moment. Nothing where all is well.
pub async fn quick(plan: &Plan, meant: impl Fn(StepId) -> bool) -> Vec<Finding> {
    let environment = Arc::clone(&plan.environment);
    let needs = Arc::new(Needs::of(plan, meant));
    let mut trials = Trials { parts: Parts::within(LIMIT), needs: Arc::clone(&needs) };
    clusters(&environment, &mut trials);
    http(&environment, &mut trials);
    if let Some(workers) = environment.connect.clone() {
        trials.add("connect", None, part::connect(), async move {
            let mut asked = tokio::task::JoinSet::new();
            for worker in workers.all() {
                let worker = worker.clone();
                asked.spawn(async move { Connect::at(&worker).await?.root().await });
            }
            let mut found = Vec::new();
            // One worker that answers is enough.
            while let Some(answer) = asked.join_next().await {
                match answer {
                    Ok(Err(error)) => found.push(services::of_connect(error)),
                    _ => return Vec::new(),
                }
            }
            found
        });
    }
    if let Some(endpoint) = environment.prometheus.clone() {
        trials.add("prometheus", None, part::prometheus(), async move {
            // A gateway before it may answer nothing but queries.
            let one = async { Prometheus::open(&endpoint).await?.query("1").await };
            one.await.err().map(services::of_prometheus).into_iter().collect()
        });
    }
    let (root, of_machine, of_lab) = (plan.root.clone(), Arc::clone(&needs), Arc::clone(&environment));
    let kit = environment.kafka_tools.clone().filter(|_| needs.users("kafka_tools", None).is_some());
    trials.parts.add(machine::part(), async move {
        let mut found = machine::programs(&root, kit.as_ref(), &of_machine);
        found.extend(ports::examine(&root, &of_lab));
        found
    });
    let mut found = trials.parts.found(environment.is_lab()).await;
    found.retain(Finding::is_fault);
    found
}

fn clusters(environment: &Environment, trials: &mut Trials) {
    for (name, cluster) in &environment.clusters {
        let (part, cluster) = (part::cluster(name), cluster.clone());
        for node in &cluster.zookeeper {
            let (part, node) = (part::zookeeper(name), node.clone());
            let steps = trials.needs.zookeeper(name);
            if !steps.is_empty() {
                trials.of_steps(part.clone(), steps, async move {
                    services::zookeeper(&part, &node, LIMIT).await
                });
            }
        }
        let (key, name) = ("clusters", Some(name.as_str()));
        trials.add(key, name, part.clone(), async move { cluster::quick(&part, &cluster, KAFKA).await });
    }
}

/// Services that have a page which tells that they answer.
fn http(environment: &Environment, trials: &mut Trials) {
    for (part, key, path, endpoint) in [
        (part::schema_registry(), "schema_registry", "subjects", &environment.schema_registry),
        (part::grafana(), "grafana", "api/health", &environment.grafana),
    ] {
        if let Some(endpoint) = endpoint.clone() {
            trials.add(key, None, part.clone(), async move { services::http(&part, &endpoint, path).await });
        }
    }
    for (name, exporter) in environment.exporters.clone() {
        let part = part::exporter(&name);
        trials.add("exporters", Some(&name), part.clone(), async move {
            services::page(&part, &exporter.0).await.err().into_iter().collect()
        });
    }
    if let Some(trogdor) = &environment.trogdor {
        let status = |url: &Url, path: &str| (url.clone(), path.to_owned());
        let agents = trogdor.agents.values().map(|url| status(url, "agent/status"));
        for (url, path) in agents.chain([status(&trogdor.url, "coordinator/status")]) {
            trials.add("trogdor", None, part::trogdor(), async move { services::trogdor(url, &path).await });
        }
    }
}

/// Trials of what steps use.
struct Trials {
    parts: Parts,
    needs: Arc<Needs>,
}

impl Trials {
    /// Tries what a key of the environment names, where a step uses it.
    fn add(
        &mut self,
        key: &str,
        name: Option<&str>,
        part: Said,
        trial: impl Future<Output = Vec<Finding>> + Send + 'static,
    ) {
        if let Some(steps) = self.needs.users(key, name).cloned() {
            self.of_steps(part, steps, trial);
        }
    }

    fn of_steps(
        &mut self,
        part: Said,
        steps: BTreeSet<StepId>,
        trial: impl Future<Output = Vec<Finding>> + Send + 'static,
    ) {
        self.parts.add(part, async move { trial.await.into_iter().map(|f| f.steps(&steps)).collect() });
    }
}
