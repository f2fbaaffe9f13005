//! [`prepare`]: what must be in the data of processes before they start for the first time.

use super::{LabError, programs, service::Member, state::Lab, tools::Tools};
use std::time::Duration;
use tokio::{
    task::JoinSet,
    time::{Instant, timeout_at},
};

/// Prepares the data of every process that needs it, all at once.
pub(super) async fn prepare(
    lab: &Lab,
    members: &[Member],
    tools: &Tools,
    limit: Duration,
) -> Result<(), LabError> {
    let deadline = Instant::now() + limit;
    let mut each = JoinSet::new();
    for line in members.iter().filter_map(|member| member.service().preparation(member, tools)) {
        let mut command = lab.command(&line.argv);
        let left = deadline.saturating_duration_since(Instant::now());
        each.spawn(async move {
            programs::run("prepare the data of a broker", &line.main, &mut command, left).await
        });
    }
    while let Ok(Some(done)) = timeout_at(deadline, each.join_next()).await {
        match done {
            Ok(done) => done?,
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
    }
    Ok(())
}
