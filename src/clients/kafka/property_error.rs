//! [`PropertyError`]: why a property of a client cannot be used.

use crate::{
    clients::secret,
    record::{Said, Speaks, display_by_said, messages},
    support::redact,
};

/// A property that cannot be used. No message shows a secret.
#[derive(Debug, thiserror::Error)]
pub enum PropertyError {
    /// A property of another kind of client was given to this one.
    Foreign {
        /// As given.
        property: String,
        /// Whose it is.
        owner: Said,
    },
    /// The value is none for that property, in Java neither.
    Malformed {
        /// As given.
        property: String,
        /// What was expected, and what to write.
        why: Said,
    },
    /// The property cannot be had, or not together with the others.
    Refused {
        /// As given, under Kafka's name where it has one.
        property: String,
        /// Why, and what to try.
        why: Said,
    },
    /// A secret could not be had.
    Secret {
        /// As given.
        property: String,
        /// Why.
        #[source]
        cause: secret::SecretError,
    },
    /// No client of Kafka has such a property.
    Unknown {
        /// As given.
        property: String,
        /// What may be meant.
        near: Option<&'static str>,
    },
}

impl PropertyError {
    /// The property that it is about.
    pub fn property(&self) -> &str {
        match self {
            Self::Foreign { property, .. }
            | Self::Malformed { property, .. }
            | Self::Refused { property, .. }
            | Self::Secret { property, .. }
            | Self::Unknown { property, .. } => property,
        }
    }

    pub(super) fn value(property: &str, why: impl Into<Said>) -> Self {
        Self::Refused { property: property.to_owned(), why: why.into() }
    }
}

impl Speaks for PropertyError {
    fn said(&self) -> Said {
        match self {
            Self::Foreign { property, owner } => foreign(property, owner),
            // What stands behind the name of a secret and a colon would be taken for the secret.
            Self::Malformed { property, why } | Self::Refused { property, why }
                if redact::is_secret_key(property) =>
            {
                refused_secret(property, why)
            }
            Self::Malformed { property, why } | Self::Refused { property, why } => refused(property, why),
            Self::Secret { property, cause } if redact::is_secret_key(property) => {
                refused_secret(property, cause)
            }
            Self::Secret { property, cause } => refused(property, cause),
            Self::Unknown { property, near: Some(near) } => misspelt(property, *near),
            Self::Unknown { property, near: None } => unknown(property),
        }
    }
}

display_by_said!(PropertyError);

messages! {
    area "kafka-property";
    brokers() => "brokers" / "brokers";
    consumers() => "consumers" / "consommateurs";
    file_unreadable(path, cause) => "`{path}` cannot be read: {cause}" / "`{path}` est illisible : {cause}";
    foreign(property, owner) => "`{property}` is a property of {owner}; it has no meaning here" / "`{property}` est une propriété des {owner} ; elle n'a pas de sens ici";
    java_code(name) => "`{name}` is Java code, which has no place in this client" / "`{name}` est du code Java, qui n'a pas sa place dans ce client";
    mechanisms() => "say `PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512` or `OAUTHBEARER`" / "donner `PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512` ou `OAUTHBEARER`";
    misspelt(property, near) => "unknown Kafka client property `{property}`; did you mean `{near}`?" / "propriété de client Kafka inconnue : `{property}` ; peut-être `{near}` ?";
    producers() => "producers" / "producteurs";
    refused(property, why) => "`{property}`: {why}" / "`{property}` : {why}";
    workers() => "Connect's workers" / "workers de Connect";
    refused_secret(property, why) => "`{property}` cannot be used: {why}" / "`{property}` est inutilisable : {why}";
    unknown(property) => "unknown Kafka client property `{property}`" / "propriété de client Kafka inconnue : `{property}`";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_a_secret_cannot_be_used_is_not_taken_for_the_secret() {
        for property in ["sasl.jaas.config", "ssl.keystore.password", "ssl.key.password", "acks", "client.id"]
        {
            let said = PropertyError::value(property, "it is of another form").to_string();
            assert!(
                said.contains(property) && redact::mask(&said).contains("it is of another form"),
                "{said}"
            );
        }
    }
}
