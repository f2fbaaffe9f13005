//! [`Options`]: what belongs to a lab and where it listens.

use super::{LabError, fetch::Cache, release::Release};
use std::{collections::BTreeSet, path::PathBuf, time::Duration};

/// Most brokers a cluster of the lab can have: the default ports leave room for so many.
const MOST_BROKERS: u16 = 8;

/// How many ports a lab takes from [`Options::port_base`] on, gaps included.
const PACKED_PORTS: u16 = 61;

/// A flag of `jalon lab up` that adds processes to the usual lab, or leaves some out.
#[derive(Debug, PartialEq, Eq)]
pub struct Switch {
    /// The flag, without its dashes.
    pub flag: &'static str,
    /// What it does, in one sentence without a full stop.
    pub help: &'static str,
    /// Whether its processes are of a Kafka that still has a mode with ZooKeeper.
    pub before_4: bool,
}

impl Switch {
    /// A flag that goes with every release of Kafka.
    pub(super) const fn new(flag: &'static str, help: &'static str) -> Self {
        Self { flag, help, before_4: false }
    }
}

/// What belongs to a lab and where it listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Folder of the lab's data, logs and state. Made where it is missing.
    pub folder: PathBuf,
    /// Where downloads and class archives are kept for all labs of the user.
    pub cache: Cache,
    /// Brokers of the source cluster, 1 to 8.
    pub source_brokers: u16,
    /// Brokers of the target cluster, 0 to 8; 0 leaves the cluster out, and Connect then works on the source cluster.
    pub target_brokers: u16,
    /// The flags of the [`Switch`]es that are given.
    pub switches: BTreeSet<&'static str>,
    /// Whether brokers and Connect speak TLS alone, and these and the registry ask for a log-in.
    pub secure: bool,
    /// Kafka release that brokers and Connect run.
    pub kafka: Release,
    /// Whether brokers keep their metadata themselves (KRaft), and not in ZooKeeper.
    pub kraft: bool,
    /// First port of a block of 61 that the lab takes instead of the usual ports.
    pub port_base: Option<u16>,
    /// How long the processes may take from their start until all are ready; downloads do not count.
    pub ready_within: Duration,
}

impl Options {
    /// The whole lab, three source brokers and one target broker, in `folder`.
    pub fn new(folder: impl Into<PathBuf>, cache: Cache) -> Self {
        Self {
            folder: folder.into(),
            cache,
            source_brokers: 3,
            target_brokers: 1,
            switches: BTreeSet::new(),
            secure: false,
            kafka: Release::default(),
            kraft: false,
            port_base: None,
            ready_within: Duration::from_secs(120),
        }
    }

    /// Refuses numbers that no lab can have.
    pub(super) fn check(&self) -> Result<(), LabError> {
        if !(1..=MOST_BROKERS).contains(&self.source_brokers) || self.target_brokers > MOST_BROKERS {
            return Err(LabError::Brokers { most: MOST_BROKERS });
        }
        let last = u16::MAX - PACKED_PORTS;
        match self.port_base {
            Some(base) if !(1024..=last).contains(&base) => Err(LabError::PortBase { base, last }),
            _ => Ok(()),
        }
    }

    /// Whether a switch is given.
    pub(super) fn given(&self, switch: &Switch) -> bool {
        self.switches.contains(switch.flag)
    }

    /// These options with a switch given.
    #[cfg(test)]
    pub(super) fn with(mut self, switch: &Switch) -> Self {
        self.switches.insert(switch.flag);
        self
    }

    /// The `usual` port, or the one `packed` places after [`Self::port_base`].
    pub(super) fn port(&self, usual: u16, packed: u16) -> u16 {
        debug_assert!(packed < PACKED_PORTS);
        self.port_base.map_or(usual, |base| base + packed)
    }
}
