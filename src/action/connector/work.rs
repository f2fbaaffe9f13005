//! [`Work`]: a connector that is being changed, and until when.

use crate::{action::ActionContext, clients::connect::Connect};
use std::time::Instant;

/// What is needed to change a connector.
pub(super) struct Work<'a> {
    pub(super) connect: &'a Connect,
    pub(super) cx: &'a ActionContext,
    pub(super) name: &'a str,
    pub(super) until: Instant,
}
