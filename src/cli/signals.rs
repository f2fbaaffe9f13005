//! SIGINT and SIGTERM, for commands that end what they do before they leave.

use tokio::{
    signal::unix::{SignalKind, signal},
    task::JoinHandle,
};

/// Calls `each` at every SIGINT and SIGTERM until the task is aborted. Without it they end the process.
pub(super) fn on_each(mut each: impl FnMut() + Send + 'static) -> JoinHandle<()> {
    tokio::spawn(async move {
        let (Ok(mut interrupt), Ok(mut terminate)) =
            (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            return;
        };
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            each();
        }
    })
}
