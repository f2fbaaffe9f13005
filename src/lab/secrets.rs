//! [`Secrets`]: the passwords of a secure lab, and what they and its certificates look like to servers and clients.
//!
//! No password is ever part of a command line: programs are given the names of files, which only their owner can read.

use crate::clients::{Endpoint, SecretRef};
use std::{collections::BTreeMap, path::Path};
use url::Url;

/// The folder of the secrets, below the lab's.
pub(super) const FOLDER: &str = "secrets";

/// The user of brokers and Connect, to whom no ACL applies.
pub(super) const ADMIN: &str = "admin";

/// The user of campaigns, and of Connect's and the registry's APIs.
pub(super) const CAMPAIGN: &str = "campaign";

/// The mechanism of every log-in to a broker.
pub(super) const MECHANISM: &str = "SCRAM-SHA-512";

/// The certificate authority as a PEM file, which every client of the lab trusts.
pub(super) const CA: &str = "secrets/ca.pem";

/// The servers' key and certificate.
pub(super) const KEY_STORE: &str = "secrets/server.p12";

/// The password of [`CAMPAIGN`], for those who can read it from a file of its own.
pub(super) const PASSWORD: &str = "secrets/campaign.password";

/// The log-in of [`CAMPAIGN`] in the terms of Java. A connector's settings take it by `${file:…}`, so that they need not
/// hold the password themselves.
pub(super) const CONNECTOR: &str = "secrets/connector.properties";

/// The passwords of a secure lab, for the configuration files of its processes.
pub(super) struct Secrets {
    /// Of the user [`ADMIN`].
    pub(super) admin: String,
    /// Of the user [`CAMPAIGN`].
    pub(super) campaign: String,
    /// Of the key store.
    pub(super) store: String,
}

impl Secrets {
    /// The log-in of the brokers to one another and of Connect to them, as Kafka's properties take it.
    pub(super) fn admin_jaas(&self) -> String {
        jaas(ADMIN, &self.admin)
    }

    /// The servers' key store, as Kafka's properties take it.
    pub(super) fn key_store(&self, prefix: &str) -> String {
        format!(
            "{prefix}ssl.keystore.type=PKCS12\n\
             {prefix}ssl.keystore.location={KEY_STORE}\n\
             {prefix}ssl.keystore.password={password}\n\
             {prefix}ssl.key.password={password}\n",
            password = self.store,
        )
    }
}

/// The authority that is trusted, as Kafka's properties take it.
pub(super) fn trust_store(prefix: &str) -> String {
    format!("{prefix}ssl.truststore.type=PEM\n{prefix}ssl.truststore.location={CA}\n")
}

/// The file with the password of a user of Kafka, in the form that Kafka's own tool reads.
pub(super) fn scram_file(user: &str) -> String {
    format!("{FOLDER}/{user}.scram.properties")
}

/// A log-in in the terms of Java.
pub(super) fn jaas(user: &str, password: &str) -> String {
    format!(
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"{user}\" password=\"{password}\";"
    )
}

/// What a client of a secure cluster sets; `folder` is the lab's, absolute. The password is a reference to its file.
pub(super) fn client_properties(folder: &Path) -> BTreeMap<String, String> {
    let path = |name: &str| folder.join(name).display().to_string();
    [
        ("security.protocol", "SASL_SSL".to_owned()),
        ("sasl.mechanism", MECHANISM.to_owned()),
        ("sasl.username", CAMPAIGN.to_owned()),
        ("sasl.password", format!("file:{}", path(PASSWORD))),
        ("ssl.truststore.type", "PEM".to_owned()),
        ("ssl.truststore.location", path(CA)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// What a Java client sets that must not carry the password itself: it reads it from a file. `folder` is the lab's.
pub(super) fn agent_properties(folder: &Path) -> BTreeMap<String, String> {
    let jaas = folder.join(CONNECTOR);
    let mut properties = client_properties(folder);
    properties.retain(|name, _| !matches!(name.as_str(), "sasl.username" | "sasl.password"));
    properties.insert("sasl.jaas.config".to_owned(), format!("${{file:{}:jaas}}", jaas.display()));
    properties
}

/// Where a service is reached; with the campaign's log-in where the folder of a secure lab is given, absolute.
pub(super) fn endpoint(address: &str, log_in: Option<&Path>) -> Option<Endpoint> {
    let url = Url::parse(address).ok()?;
    let Some(folder) = log_in else {
        return Some(Endpoint::at(url));
    };
    let password = format!("file:{}", folder.join(PASSWORD).display());
    Some(Endpoint {
        ca_file: (url.scheme() == "https").then(|| folder.join(CA)),
        user: Some(CAMPAIGN.to_owned()),
        password: SecretRef::parse(&password),
        ..Endpoint::at(url)
    })
}
