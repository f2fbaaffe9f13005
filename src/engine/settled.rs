//! [`Settled`]: whether a step may be carried out again.

/// Whether a step may be carried out again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled {
    /// Nothing speaks against it.
    Yes,
    /// An operator said no of one of its actions, and that is its end until somebody asks for it.
    Refused,
    /// A question is open.
    Waiting,
}
