//! [`Endpoint`]: where an HTTP service is and how to log in to it.

use super::secret::SecretRef;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::PathBuf};
use url::Url;

/// One HTTP service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Base URL.
    pub url: Url,
    /// User of Basic authentication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Password of Basic authentication, as a reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<SecretRef>,
    /// A bearer token, as a reference; instead of user and password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<SecretRef>,
    /// Further headers of every request (`X-Scope-OrgID`); a value may be a secret reference.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// PEM file of the certificate authority that signed the service's certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// PEM file of the client certificate, where the service asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_file: Option<PathBuf>,
    /// PEM file of its key, not encrypted; in `certificate_file` otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_file: Option<PathBuf>,
}

impl Endpoint {
    /// A service that asks for no log-in.
    pub fn at(url: Url) -> Self {
        Self {
            url,
            user: None,
            password: None,
            token: None,
            headers: BTreeMap::new(),
            ca_file: None,
            certificate_file: None,
            key_file: None,
        }
    }
}
