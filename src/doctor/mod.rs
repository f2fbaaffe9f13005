//! What a run needs of its platform, tried all at once before anything runs: [`examine`].
//!
//! Nothing is changed on the platform, unless a write probe is asked for. Each part has a bound of its own, and all parts are tried side by side.

mod certificates;
mod clocks;
mod cluster;
mod connect;
mod disk;
mod finding;
mod flows;
mod machine;
mod metrics;
mod needs;
mod parts;
mod ports;
mod quick;
mod rights;
mod services;
mod write_probe;

pub use finding::{Finding, Level};
pub use quick::quick;

use crate::{
    action::Need,
    clients::{Environment, certificates::places, part},
    plan::Plan,
    record::{Said, StepId, messages},
};
use needs::Needs;
use parts::Parts;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

/// How long one part may take; librdkafka says after ten seconds why it did not connect.
const LIMIT: Duration = Duration::from_secs(15);

/// What is asked of the doctor beside all that is tried without being asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wish {
    /// Only what this step needs, beside the services themselves.
    pub step: Option<StepId>,
    /// Whether a topic is made, written to, read and deleted on each cluster that is used.
    pub write_probe: bool,
}

/// Everything that is wrong, doubtful or fine for the plan, or for one step of it.
pub async fn examine(plan: &Plan, wish: Wish) -> Vec<Finding> {
    let environment = Arc::clone(&plan.environment);
    let meant = |id| wish.step.is_none_or(|step| step == id);
    let needs = Arc::new(Needs::of(plan, meant));
    let mut parts = Parts::within(LIMIT);
    for (name, cluster) in environment.clusters.clone() {
        let (part, needs) = (part::cluster(&name), Arc::clone(&needs));
        if wish.write_probe && needs.users("clusters", Some(&name)).is_some() {
            let (part, cluster) = (part.clone(), cluster.clone());
            parts.add_within(write_probe::LIMIT, part.clone(), async move {
                write_probe::examine(&part, &cluster).await
            });
        }
        parts.add(part.clone(), async move { cluster::examine(&part, &name, &cluster, &needs).await });
    }
    each_service(&environment, &needs, &mut parts);
    each_flow(&environment, &needs, &mut parts);
    let (of_disks, of_needs) = (Arc::clone(&environment), Arc::clone(&needs));
    parts.add(disk::disks(), async move { disk::examine(&of_disks, &of_needs).await });
    let (root, of_machine) = (plan.root.clone(), Arc::clone(&environment));
    parts.add(machine::part(), async move {
        let mut found = machine::examine(&root, of_machine.kafka_tools.as_ref(), &needs);
        found.extend(ports::examine(&root, &of_machine));
        found
    });
    let mut found = parts.found(environment.is_lab()).await;
    let open = unready(plan, meant);
    let behind = found.iter().take_while(|finding| finding.is_fault()).count();
    found.splice(behind..behind, open);
    found
}

/// Every flow of a connector of the plan.
fn each_flow(environment: &Environment, needs: &Needs, parts: &mut Parts) {
    for (need, steps) in needs.iter() {
        let Need::Flow { target, alias, prefix } = need else { continue };
        let Some(cluster) = environment.clusters.get(target).cloned() else { continue };
        let (connect, steps) = (environment.connect.clone(), steps.clone());
        let (part, alias, prefix) = (part::cluster(target), alias.clone(), prefix.clone());
        parts.add(part.clone(), async move {
            flows::examine(&part, &cluster, connect.as_ref(), (&prefix, &alias), &steps).await
        });
    }
}

/// What the environment's file does not name and steps use.
fn unready(plan: &Plan, meant: impl Fn(StepId) -> bool) -> Vec<Finding> {
    let mut open: BTreeMap<&Said, (&Said, BTreeSet<StepId>)> = BTreeMap::new();
    for user in
        plan.unready.iter().filter_map(|problem| problem.user.as_ref()).filter(|user| meant(user.step))
    {
        let (_, steps) = open.entry(&user.lacks).or_insert_with(|| (&user.hint, BTreeSet::new()));
        steps.insert(user.step);
    }
    let finding = |(what, (hint, steps)): (&Said, (&Said, BTreeSet<StepId>))| {
        Finding::fault(environment_file(), what).remedy(hint).steps(&steps)
    };
    open.into_iter().map(finding).collect()
}

/// Everything of the environment that is no cluster.
fn each_service(environment: &Environment, needs: &Arc<Needs>, parts: &mut Parts) {
    for (cluster, nodes) in environment.clusters.iter().map(|(name, c)| (name, &c.zookeeper)) {
        for node in nodes.clone() {
            let part = part::zookeeper(cluster);
            parts.add(part.clone(), async move { services::zookeeper(&part, &node, LIMIT).await });
        }
    }
    if let Some(endpoint) = environment.connect.clone() {
        let needs = Arc::clone(needs);
        parts.add(part::connect(), async move { connect::examine(&endpoint, &needs).await });
    }
    for (part, path, endpoint) in [
        (part::schema_registry(), "subjects", &environment.schema_registry),
        (part::grafana(), "api/health", &environment.grafana),
    ] {
        if let Some(endpoint) = endpoint.clone() {
            parts.add(part.clone(), async move { services::http(&part, &endpoint, path).await });
        }
    }
    if let Some(endpoint) = environment.prometheus.clone() {
        let (needs, environment) = (Arc::clone(needs), environment.clone());
        parts.add(
            part::prometheus(),
            async move { metrics::prometheus(&environment, &endpoint, &needs).await },
        );
    }
    for (name, exporter) in environment.exporters.clone() {
        let part = part::exporter(&name);
        let needs = Arc::clone(needs);
        parts.add(part.clone(), async move { metrics::exporter(&part, &name, &exporter.0, &needs).await });
    }
    for (part, servers) in places(environment) {
        parts.add(part.clone(), async move { certificates::examine(&part, servers).await });
    }
}

messages! {
    area "doctor";
    environment_file() => "environment file" / "fichier de l'environnement";
}
