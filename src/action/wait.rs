//! `wait`: lets time pass, so that watches see the platform at rest.

use super::{
    Action, ActionContext, ActionError, ActionFailure, Kind, OnInterrupt, Output, Param, Span, output,
};
use crate::record::{ActionRole, Evidence, Said, Unit, Value, messages};
use serde::Deserialize;
use std::time::{Duration, Instant};

/// Parameters of `wait`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Wait {
    /// How long.
    #[serde(rename = "for")]
    length: Param<Span>,
}

impl Kind for Wait {
    const SUMMARY: &'static str = "Waits while the watches of the step sample.";
    const EXAMPLE: &'static str = "wait: {id: settle, for: 30s}";
    const ROLE: ActionRole = ActionRole::Wait;
    const OUTPUTS: &'static [Output] = &[output("waited_s", Unit::Seconds, "How long it really waited.")];
}

#[async_trait::async_trait]
impl Action for Wait {
    fn describe(&self) -> Said {
        wait(&self.length)
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    fn time_limit(&self) -> Duration {
        self.expected().map_or(Duration::MAX, |d| d + Duration::from_secs(10))
    }

    fn expected(&self) -> Option<Duration> {
        self.length.known().map(|s| s.0)
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let length = self.length.get()?.0;
        let started = Instant::now();
        if length.is_zero() {
            // A timer ends at its next tick, a millisecond later at the worst.
            return Ok(waited(started));
        }
        let mut tick = tokio::time::interval(Duration::from_millis(500));
        let end = tokio::time::sleep(length);
        tokio::pin!(end);
        loop {
            tokio::select! {
                () = cx.cancel.cancelled() => return Err(ActionError::Cancelled.into()),
                () = &mut end => break,
                _ = tick.tick() => {
                    cx.progress.update(&cx.action, started.elapsed().as_secs(), Some(length.as_secs()), waiting());
                }
            }
        }
        Ok(waited(started))
    }
}

fn waited(since: Instant) -> Evidence {
    let mut evidence = Evidence::default();
    evidence.put("waited_s", Value::number(since.elapsed().as_secs_f64(), Unit::Seconds));
    evidence
}

messages! {
    area "wait";
    wait(length) => "wait {length}" / "attendre {length}";
    waiting() => "waiting" / "attente";
}
