//! [`uses`]: which services and names of its environment an action uses.

use super::{Action, Use};
use crate::clients::Environment;

/// What an action uses of its environment: what it misses in one that has nothing.
pub fn uses(action: &dyn Action) -> impl Iterator<Item = Use> {
    action
        .mistakes(&Environment::default())
        .into_iter()
        .filter_map(|mistake| mistake.lacks)
        .map(|lack| lack.used)
}
