//! [`serve`]: takes connections, no more than there are places, and ends those that are slow.

use super::{access::Access, desk::Desk, hub::Hub, routes};
use crate::record::RunId;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use std::{path::Path, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time,
};

/// Connections at once. One more is closed at once: who is there already is not held up by it.
const CONNECTIONS: usize = 256;
/// How long the head of a request may take, or a connection lie idle.
const HEAD: Duration = Duration::from_secs(10);
/// How long sent bytes may wait for a reader to take them, in milliseconds.
const SLOW_MS: u32 = 20_000;
/// Bytes of a request's head.
const HEAD_BYTES: usize = 16 * 1024;
/// Lines of a request's head.
const HEADERS: usize = 64;

/// Serves the page of the campaign in `campaign` until it is dropped: of the run `only`, or of the newest.
pub async fn serve(
    listener: TcpListener,
    campaign: &Path,
    only: Option<RunId>,
    desk: Arc<Desk>,
    access: Access,
) {
    let hub = Hub::begin(campaign, only, desk);
    let router = routes::router(hub, Arc::new(access));
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(_) => {
                // No file is free: it is tried again when some are.
                time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
        bound(&stream);
        let service = TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD)
                .max_buf_size(HEAD_BYTES)
                .max_headers(HEADERS)
                .serve_connection(TokioIo::new(stream), service);
            // What a client does to its connection is no concern of the run.
            drop(connection.await);
            drop(place);
        });
    }
}

/// Has the system end a connection whose reader takes nothing.
fn bound(stream: &TcpStream) {
    // Without it a slow reader keeps its place until it goes away by itself.
    let _ = rustix::net::sockopt::set_tcp_user_timeout(stream, SLOW_MS);
    let _ = stream.set_nodelay(true);
}
