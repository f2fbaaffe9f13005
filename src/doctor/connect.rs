//! Kafka Connect: whether its workers answer, and whether they can run the plan's connectors.

use super::{clocks, finding::Finding, needs::Needs, services};
use crate::{
    action::Need,
    clients::{
        Endpoint,
        connect::{Connect, ConnectError},
    },
    support::text,
};
use std::collections::BTreeSet;

const PART: &str = "Connect";

/// What was found.
pub(super) async fn examine(endpoint: &Endpoint, needs: &Needs) -> Vec<Finding> {
    asked(endpoint, needs).await.unwrap_or_else(|error| vec![services::of_connect(PART, error)])
}

async fn asked(endpoint: &Endpoint, needs: &Needs) -> Result<Vec<Finding>, ConnectError> {
    let connect = Connect::open(endpoint).await?;
    let (root, answer) = connect.root().await?;
    let mut found = vec![Finding::fine(PART, format!("version {}", root.version))];
    found.extend(clocks::of_answer(PART, &answer));
    let (plugins, _) = connect.plugins().await?;
    for (need, steps) in needs.iter() {
        let Need::Plugin(class) = need else { continue };
        if plugins.iter().any(|plugin| plugin.is(class)) {
            continue;
        }
        let near = text::did_you_mean(class, plugins.iter().map(|plugin| plugin.class.as_str()));
        let remedy = match near {
            Some(near) => format!("it has `{near}`: is the class misspelt?"),
            None => "put its jar on the class path or the `plugin.path` of every worker, and restart them"
                .to_owned(),
        };
        found.push(Finding::fault(PART, format!("no plugin `{class}`")).remedy(remedy).steps(steps));
    }
    let (connectors, _) = connect.connectors().await?;
    let workers: BTreeSet<&str> = connectors
        .values()
        .flat_map(|listed| listed.status.instances())
        .map(|(_, instance)| instance.worker_id.as_str())
        .collect();
    for worker in workers {
        if let Some(why) = connect.dead_worker(worker).await? {
            let remedy = "start it again: what it ran counts as RUNNING until the others notice";
            found.push(Finding::fault(PART, format!("worker {worker}: {why}")).remedy(remedy));
        }
    }
    Ok(found)
}
