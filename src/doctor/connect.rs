//! Kafka Connect: whether its workers answer, and whether they can run the plan's connectors.

use super::{
    clocks,
    finding::{Finding, Level},
    needs::Needs,
    services,
};
use crate::{
    action::Need,
    clients::{
        Endpoint, Workers,
        connect::{Connect, ConnectError},
        part,
    },
    record::messages,
    support::text,
};
use std::collections::BTreeSet;

/// What was found.
pub(super) async fn examine(workers: &Workers, needs: &Needs) -> Vec<Finding> {
    let mut found = if workers.all().len() > 1 { dead(workers).await } else { Vec::new() };
    match asked(workers, needs).await {
        Ok(more) => found.extend(more),
        // It names every worker, where none answers.
        Err(error) => found = vec![services::of_connect(error)],
    }
    found
}

/// The workers that cannot be used, all asked at the same time; no reason to stop while another one answers.
async fn dead(workers: &Workers) -> Vec<Finding> {
    let ask = |endpoint: Endpoint| async move { Connect::at(&endpoint).await?.root().await };
    let asked: Vec<_> = workers.all().iter().cloned().map(|worker| tokio::spawn(ask(worker))).collect();
    let mut found = Vec::new();
    for answer in asked {
        if let Ok(Err(error)) = answer.await {
            let finding = services::of_connect(error).remedy(start_worker());
            found.push(Finding { level: Level::Warning, is_silence: false, ..finding });
        }
    }
    found
}

async fn asked(workers: &Workers, needs: &Needs) -> Result<Vec<Finding>, ConnectError> {
    let connect = Connect::open(workers).await?;
    let (root, answer) = connect.root().await?;
    let mut found = vec![Finding::fine(part::connect(), version(root.version))];
    found.extend(clocks::of_answer(&part::connect(), &answer));
    let (plugins, _) = connect.plugins().await?;
    for (need, steps) in needs.iter() {
        let Need::Plugin(class) = need else { continue };
        if plugins.iter().any(|plugin| plugin.is(class)) {
            continue;
        }
        let near = text::did_you_mean(class, plugins.iter().map(|plugin| plugin.class.as_str()));
        let remedy = match near {
            Some(near) => similar_plugin(near),
            None => add_plugin(),
        };
        found.push(Finding::fault(part::connect(), no_plugin(class)).remedy(remedy).steps(steps));
    }
    let (connectors, _) = connect.connectors().await?;
    let workers: BTreeSet<&str> = connectors
        .values()
        .flat_map(|listed| listed.status.instances())
        .map(|(_, instance)| instance.worker_id.as_str())
        .collect();
    for worker in workers {
        if let Some(why) = connect.dead_worker(worker).await? {
            found.push(Finding::fault(part::connect(), of_worker(worker, why)).remedy(start_again()));
        }
    }
    Ok(found)
}

messages! {
    area "doctor-connect";
    add_plugin() => "put its jar on the class path or the `plugin.path` of every worker, and restart them" / "mettre son jar dans le class path ou le `plugin.path` de chaque worker, et les redémarrer";
    no_plugin(class) => "no plugin `{class}`" / "pas de plugin `{class}`";
    of_worker(worker, why) => "worker {worker}: {why}" / "worker {worker} : {why}";
    similar_plugin(near) => "it has `{near}`: is the class misspelt?" / "il a `{near}` : la classe est-elle bien orthographiée ?";
    start_again() => "start it again: what it ran counts as RUNNING until the others notice" / "le redémarrer : ce qu'il exécutait compte comme RUNNING jusqu'à ce que les autres le remarquent";
    start_worker() => "start this worker, or take it out of `connect`; the others are asked in its place" / "démarrer ce worker, ou le retirer de `connect` ; les autres sont interrogés à sa place";
    version(version) => "version {version}" / "version {version}";
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

    #[tokio::test]
    async fn a_dead_worker_among_others_is_named_and_stops_nothing() {
        let server = MockServer::start().await;
        for (place, body) in [
            ("/", json!({"version": "3.7.2", "commit": "x", "kafka_cluster_id": "k"})),
            ("/connector-plugins", json!([])),
            ("/connectors", json!({})),
        ] {
            let answer = ResponseTemplate::new(200).set_body_json(body);
            Mock::given(path(place)).respond_with(answer).mount(&server).await;
        }
        let gone = MockServer::builder().start().await;
        let dead = gone.uri();
        drop(gone);
        let workers: Workers = serde_json::from_value(json!([dead, server.uri()])).unwrap();
        let found = examine(&workers, &Needs::default()).await;
        assert_eq!(found[0].level, Level::Warning, "{found:?}");
        assert!(
            found[0].what.starts_with(&dead) && found[0].what.contains("connection refused"),
            "{found:?}"
        );
        assert!(found[1..].iter().all(|finding| !finding.is_fault()), "{found:?}");
        assert!(found.iter().any(|finding| finding.what == "version 3.7.2"), "{found:?}");

        let workers: Workers = serde_json::from_value(json!([dead])).unwrap();
        let found = examine(&workers, &Needs::default()).await;
        assert!(found.len() == 1 && found[0].is_fault(), "{found:?}");
    }
}
