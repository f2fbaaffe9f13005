//! [`Role`] and [`Defaults`]: what a client is for, and whose values it has where none are given.

/// What the client is for; decides which properties and defaults apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Looks at the cluster and administers it.
    Admin,
    /// A client that reads records.
    Consumer,
    /// A client that writes records.
    Producer,
}

/// Whose values the properties have that nobody gave.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Defaults {
    /// Those of the Java client, so that figures compare with a Java application's.
    #[default]
    Java,
    /// Those of librdkafka, the client that is used here.
    Librdkafka,
}
