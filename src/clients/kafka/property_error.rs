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
        /// Name of the property, as given.
        property: String,
        /// The clients or servers that have the property.
        owner: Said,
    },
    /// The value is none for that property, in Java neither.
    Malformed {
        /// Name of the property, as given.
        property: String,
        /// What was expected, and what to write.
        why: Said,
    },
    /// The property cannot be had, or not together with the others.
    Refused {
        /// As given, under Kafka's name where it has one.
        property: String,
        /// Why it is refused, and what to write instead.
        why: Said,
    },
    /// A secret could not be had.
    Secret {
        /// Name of the property, as given.
        property: String,
        /// Why the reference gave no secret.
        #[source]
        cause: secret::SecretError,
    },
    /// No client of Kafka has such a property.
    Unknown {
        /// Name of the property, as given.
        property: String,
        /// The known property whose name is nearest; absent where none is near.
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

    /// The property that is probably meant, as a hint; `None` where no name is near the one that was given.
    pub fn hint(&self) -> Option<Said> {
        match self {
            Self::Unknown { near: Some(near), .. } => Some(did_you_mean(*near)),
            _ => None,
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
            Self::Unknown { property, .. } => unknown(property),
        }
    }
}

display_by_said!(PropertyError);

messages! {
    area "kafka-property";
    brokers() => "brokers" / "brokers";
    consumers() => "consumers" / "consommateurs";
    did_you_mean(near) => "did you mean `{near}`?" / "peut-être `{near}` ?";
    file_unreadable(path, cause) => "`{path}` cannot be read: {cause}" / "`{path}` est illisible : {cause}";
    foreign(property, owner) => "`{property}` is a property of {owner}; it has no meaning here" / "`{property}` est une propriété des {owner} ; elle n'a pas de sens ici";
    java_code(name) => "`{name}` is Java code, which this client cannot run" / "`{name}` est du code Java, que ce client ne peut pas exécuter";
    mechanisms() => "say `PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512` or `OAUTHBEARER`" / "donner `PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512` ou `OAUTHBEARER`";
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
