//! What must hold between the files of a campaign: names, units, sorts of values, claims, reach and secrets.
//!
//! Each check takes what is read and adds problems; a mistake is told once, by the first check that finds it.

mod campaign;
mod claims;
mod criteria;
mod declared;
mod environment;
mod names;
mod parameters;
mod reach;
mod step;
mod steps;
mod whole;

pub(super) use campaign::{campaign, environment_name};
pub(super) use declared::Declared;
pub(super) use environment::environment;
pub(super) use names::{Index, lacks};
pub(super) use parameters::params_node;
pub(super) use step::step;
pub(super) use steps::{cycles, estimates, numbers};
pub(super) use whole::Whole;
