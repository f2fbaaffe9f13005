//! Which of the services that were named answer, all asked at once.

use super::draft::Draft;
use crate::{
    clients::{Cluster, Endpoint, connect::Connect, http, kafka::Admin, zookeeper},
    record::Said,
    support::text,
};
use std::{future::Future, time::Duration};
use tokio::{task::JoinHandle, time::timeout};
use url::Url;

/// How long one service may take; librdkafka says after ten seconds why it did not connect.
const LIMIT: Duration = Duration::from_secs(15);

/// What came of asking one service.
#[derive(Debug)]
pub struct Answer {
    /// What it is (`source cluster`).
    pub service: String,
    /// Where it was asked.
    pub address: String,
    /// What it said, or why nothing.
    pub said: Result<String, String>,
    /// Id and host of each of its brokers, where it is a cluster that answered.
    pub brokers: Option<Hosts>,
}

/// Asks everything that the draft names. References to secrets are from the campaign's folder, so this process must be
/// there.
pub async fn all(draft: &Draft) -> Vec<Answer> {
    let mut asked = Vec::new();
    for (name, side) in [("source", &draft.source), ("target", &draft.target)] {
        let cluster = Cluster {
            bootstrap_servers: side.bootstrap.clone(),
            brokers: None,
            properties: side.properties.clone(),
            site: None,
            zookeeper: Vec::new(),
        };
        asked.push(ask(format!("{name} cluster"), side.bootstrap.clone(), kafka(cluster)));
        for node in &side.zookeeper {
            asked.push(ask(format!("{name} ZooKeeper"), node.clone(), node_of(node.clone())));
        }
    }
    for (name, url, path) in [
        ("Kafka Connect", &draft.connect, None),
        ("schema registry", &draft.registry, Some("subjects")),
        ("Prometheus", &draft.prometheus, Some("api/v1/status/buildinfo")),
    ] {
        let Some(url) = url else { continue };
        let endpoint = Endpoint::at(url.clone());
        match path {
            None => asked.push(ask(name.to_owned(), shown(url), worker(endpoint))),
            Some(path) => asked.push(ask(name.to_owned(), shown(url), service(name, endpoint, path))),
        }
    }
    let mut answers = Vec::new();
    for one in asked {
        match one.await {
            Ok(answer) => answers.push(answer),
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
    }
    answers
}

type Hosts = Vec<(i32, String)>;
type Answered = Result<(String, Option<Hosts>), String>;

fn ask(
    service: String,
    address: String,
    answer: impl Future<Output = Answered> + Send + 'static,
) -> JoinHandle<Answer> {
    tokio::spawn(async move {
        let said = timeout(LIMIT, answer)
            .await
            .unwrap_or_else(|_| Err(format!("no answer within {}", text::duration(LIMIT))));
        let brokers = said.as_ref().ok().and_then(|(_, brokers)| brokers.clone());
        Answer { service, address, said: said.map(|(said, _)| said), brokers }
    })
}

async fn kafka(cluster: Cluster) -> Answered {
    let admin = Admin::new(&cluster).await.map_err(|e| e.to_string())?;
    let topology = admin.topology().await.map_err(|e| match e {
        crate::clients::kafka::admin::AdminError::Unreachable { cause, .. } => cause.into(),
        other => other.to_string(),
    })?;
    let brokers = topology.brokers.len();
    let first = topology.brokers.first().map_or(0, |b| b.id);
    // A user that may not see settings is told no version; the cluster answers all the same.
    let version = match admin.version(first).await {
        Ok(Ok(version)) => format!("Kafka {}", version.text),
        _ => "Kafka, version unknown".to_owned(),
    };
    let hosts = topology.brokers.into_iter().map(|broker| (broker.id, broker.host)).collect();
    Ok((format!("{version}, {}", text::plural(brokers, "broker")), Some(hosts)))
}

async fn node_of(address: String) -> Answered {
    let reading = zookeeper::read(&address, LIMIT).await.map_err(|e| match e {
        zookeeper::ZooKeeperError::Unreachable { cause, .. } => cause.into(),
        other => other.to_string(),
    })?;
    let version = reading.stats.version.split(['-', ',']).next().unwrap_or_default().to_owned();
    Ok((format!("ZooKeeper {version}, {}", reading.stats.mode), None))
}

async fn worker(endpoint: Endpoint) -> Answered {
    let asked = async { Connect::at(&endpoint).await?.root().await };
    match asked.await {
        Ok((root, _)) => Ok((format!("Connect {}", root.version), None)),
        Err(crate::clients::connect::ConnectError::Http(error)) => Err(cause(error)),
        Err(other) => Err(other.to_string()),
    }
}

async fn service(name: &'static str, endpoint: Endpoint, path: &'static str) -> Answered {
    let asked = async {
        http::Client::open(Said::verbatim(name), &endpoint)
            .await?
            .get(path)
            .await?
            .json::<serde_json::Value>()
    };
    let answer = asked.await.map_err(cause)?;
    Ok((
        match (&answer["data"]["version"], answer.as_array()) {
            (serde_json::Value::String(version), _) => format!("version {version}"),
            (_, Some(subjects)) => text::plural(subjects.len(), "subject"),
            _ => "it answers".to_owned(),
        },
        None,
    ))
}

fn cause(error: http::HttpError) -> String {
    match error {
        http::HttpError::Unreachable { cause, .. } => cause.into(),
        http::HttpError::Refused { status: 401, .. } => {
            "it asks for a log-in: fill in `user` and `password`".to_owned()
        }
        other => other.to_string(),
    }
}

fn shown(url: &Url) -> String {
    http::shown(url)
}
