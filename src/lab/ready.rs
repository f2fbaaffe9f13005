//! Whether a process serves: each is asked in its own protocol, not believed.

use super::{
    members::{Member, Role},
    secrets,
};
use crate::clients::http;
use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// How long one question may take.
const ASK_LIMIT: Duration = Duration::from_secs(2);

/// What a broker writes into its log once it serves.
const BROKER_STARTED: &str = "started (kafka.server.KafkaServer)";

/// What a broker writes into its log when ZooKeeper still holds the session of the one before it.
const OLD_SESSION: &str = "NodeExistsException";

/// Asks processes whether they are ready.
#[derive(Debug, Clone)]
pub(super) struct Probe {
    folder: PathBuf,
    http: reqwest::Client,
}

impl Probe {
    /// One for all processes of the lab in `folder`.
    pub(super) fn new(folder: &Path) -> Self {
        // No proxy: every address is this machine's own. The builder only fails on TLS settings, of which there are none.
        let http = reqwest::Client::builder().no_proxy().timeout(ASK_LIMIT).build().unwrap_or_default();
        Self { folder: folder.to_owned(), http }
    }

    /// The lab's folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether the process serves, as far as its log from `log_start` on and its answer tell.
    pub(super) async fn is_ready(&self, member: &Member, log: &Path, log_start: u64) -> bool {
        match member.role {
            Role::Zookeeper => zookeeper(member.port).await,
            // The port opens shortly before the log line comes.
            Role::Broker => {
                connect(member.port).await.is_some() && log_since(log, log_start).contains(BROKER_STARTED)
            }
            Role::Connect if member.secure => secure_connect(member, &self.folder).await,
            Role::Connect => self.ok(member.port, "/connectors").await,
            Role::Registry => self.ok(member.metrics_port.unwrap_or(member.port), "/health/ready").await,
            Role::Prometheus => self.ok(member.port, "/-/ready").await,
            Role::Exporter => connect(member.port).await.is_some(),
            Role::TrogdorCoordinator => self.ok(member.port, "/coordinator/status").await,
            Role::TrogdorAgent => self.ok(member.port, "/agent/status").await,
        }
    }

    async fn ok(&self, port: u16, path: &str) -> bool {
        let answer = self.http.get(format!("http://127.0.0.1:{port}{path}")).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }
}

/// Whether a broker ended because ZooKeeper still holds the session of the one before it. It goes away with the session,
/// so that a later start succeeds.
pub(super) fn ended_of_old_session(member: &Member, log: &Path, log_start: u64) -> bool {
    member.role == Role::Broker && log_since(log, log_start).contains(OLD_SESSION)
}

/// The last lines of a log.
pub(super) fn tail(log: &Path, lines: usize) -> String {
    let length = log.metadata().map_or(0, |m| m.len());
    let text = log_since(log, length.saturating_sub(16 * 1024));
    let all: Vec<&str> = text.lines().collect();
    if all.is_empty() {
        return "(nothing)".to_owned();
    }
    all[all.len().saturating_sub(lines)..].join("\n")
}

/// A log from a position on; empty where it cannot be read.
fn log_since(log: &Path, start: u64) -> String {
    let mut bytes = vec![];
    let read = File::open(log).and_then(|mut file| {
        file.seek(SeekFrom::Start(start))?;
        file.read_to_end(&mut bytes)
    });
    read.map(|_| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

async fn connect(port: u16) -> Option<TcpStream> {
    timeout(ASK_LIMIT, TcpStream::connect(("127.0.0.1", port))).await.ok()?.ok()
}

/// Whether a Connect worker answers over TLS to who logs in.
async fn secure_connect(member: &Member, folder: &Path) -> bool {
    let ask = async {
        let client = http::Client::open("Connect", &secrets::endpoint(member, folder)?).await.ok()?;
        Some(client.get("/connectors").await.is_ok_and(|answer| answer.status == 200))
    };
    timeout(ASK_LIMIT, ask).await.ok().flatten().unwrap_or(false)
}

/// Whether a ZooKeeper node says which mode it serves in; before that it answers that it does not serve.
async fn zookeeper(port: u16) -> bool {
    let ask = async {
        let mut stream = connect(port).await?;
        stream.write_all(b"srvr").await.ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.ok()?;
        Some(answer.contains("Mode: "))
    };
    timeout(ASK_LIMIT, ask).await.ok().flatten().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{Cache, Options, members::members};
    use tokio::net::TcpListener;

    fn member(name: &str, port: u16) -> Member {
        let all = members(&Options::new("/lab", Cache::at("/cache")));
        Member { port, metrics_port: None, ..all.into_iter().find(|m| m.name == name).unwrap() }
    }

    /// A server that answers every connection with the same bytes.
    async fn server(answer: &'static str) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.read(&mut [0; 1024]).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        port
    }

    #[tokio::test]
    async fn a_zookeeper_that_does_not_serve_yet_is_not_ready() {
        let (probe, log) = (Probe::new(Path::new("/lab")), Path::new("/nowhere"));
        let serving = server("Zookeeper version: 3.8.4\nMode: standalone\n").await;
        assert!(probe.is_ready(&member("source-zookeeper", serving), log, 0).await);
        let waiting = server("This ZooKeeper instance is not currently serving requests\n").await;
        assert!(!probe.is_ready(&member("source-zookeeper", waiting), log, 0).await);
    }

    #[tokio::test]
    async fn a_broker_is_ready_only_by_the_log_of_this_start() {
        let port = server("").await;
        let root = tempfile::tempdir().unwrap();
        let log = root.path().join("broker.log");
        let before = "[KafkaServer id=1] started (kafka.server.KafkaServer)\n";
        std::fs::write(&log, format!("{before}KeeperErrorCode = NodeExists NodeExistsException\n")).unwrap();
        let (probe, broker) = (Probe::new(root.path()), member("source-broker-1", port));
        assert!(probe.is_ready(&broker, &log, 0).await);
        assert!(!probe.is_ready(&broker, &log, before.len() as u64).await);
        assert!(ended_of_old_session(&broker, &log, before.len() as u64));
        assert!(!ended_of_old_session(&member("connect", port), &log, 0));
        assert_eq!(tail(&log, 1), "KeeperErrorCode = NodeExists NodeExistsException");
    }

    #[tokio::test]
    async fn a_service_that_answers_an_error_is_not_ready() {
        let (probe, log) = (Probe::new(Path::new("/lab")), Path::new("/nowhere"));
        let good = server("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n[]").await;
        let bad = server("HTTP/1.1 503 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
        assert!(probe.is_ready(&member("connect", good), log, 0).await);
        assert!(!probe.is_ready(&member("connect", bad), log, 0).await);
    }
}
