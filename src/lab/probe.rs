//! [`Probe`]: asks a process whether it serves.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{net::TcpStream, time::timeout};

/// How long one question may take.
pub(super) const ASK_LIMIT: Duration = Duration::from_secs(2);

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

    /// Whether a GET is answered with success.
    pub(super) async fn succeeds(&self, port: u16, path: &str) -> bool {
        let answer = self.http.get(format!("http://127.0.0.1:{port}{path}")).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    /// A connection to a port; none where nothing listens.
    pub(super) async fn connect(&self, port: u16) -> Option<TcpStream> {
        timeout(ASK_LIMIT, TcpStream::connect(("127.0.0.1", port))).await.ok()?.ok()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    /// The port of a server that answers every connection with the same bytes.
    pub(in crate::lab) async fn server(answer: &'static str) -> u16 {
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
    async fn a_service_that_answers_an_error_is_not_ready() {
        let probe = Probe::new(Path::new("/lab"));
        let good = server("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n[]").await;
        let bad = server("HTTP/1.1 503 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
        assert!(probe.succeeds(good, "/connectors").await);
        assert!(!probe.succeeds(bad, "/connectors").await);
        assert!(probe.connect(bad).await.is_some());
    }
}
