//! [`State`]: what a connector is brought to.

use crate::record::{Said, messages};
use serde::Deserialize;

/// What to bring it to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Absent,
    Paused,
    Restarted,
    Running,
    Stopped,
}

impl State {
    pub(super) fn said(self) -> Said {
        match self {
            Self::Absent => absent(),
            Self::Paused => paused(),
            Self::Restarted => restarted(),
            Self::Running => running(),
            Self::Stopped => stopped(),
        }
    }
}

messages! {
    area "connector";
    absent() => "absent" / "absent";
    paused() => "paused" / "en pause";
    restarted() => "restarted" / "redémarré";
    running() => "running" / "en marche";
    stopped() => "stopped" / "arrêté";
}
