//! [`PropertyError`]: why a property of a client cannot be used.

use crate::clients::secret;

/// A property that cannot be used. No message shows a secret.
#[derive(Debug, thiserror::Error)]
pub enum PropertyError {
    /// A property of another kind of client was given to this one.
    #[error("`{property}` is a property of {owner}; it has no meaning here")]
    Foreign {
        /// As given.
        property: String,
        /// Whose it is.
        owner: &'static str,
    },
    /// The property cannot be had, or not together with the others.
    #[error("`{property}`: {why}")]
    Refused {
        /// As given, under Kafka's name where it has one.
        property: String,
        /// Why, and what to try.
        why: String,
    },
    /// A secret could not be had.
    #[error("`{property}`: {cause}")]
    Secret {
        /// As given.
        property: String,
        /// Why.
        #[source]
        cause: secret::Error,
    },
    /// No client of Kafka has such a property.
    #[error("`{property}` is no client property of Kafka{hint}")]
    Unknown {
        /// As given.
        property: String,
        /// A suggestion, or empty.
        hint: String,
    },
}

impl PropertyError {
    pub(super) fn value(property: &str, why: impl Into<String>) -> Self {
        Self::Refused { property: property.to_owned(), why: why.into() }
    }
}
