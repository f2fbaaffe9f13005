//! What Connect says of settings before it takes them: [`Connect::validate`].

use super::{Config, Connect, ConnectError};
use crate::support::{redact, text};
use reqwest::Method;
use serde::Deserialize;
use std::time::Instant;

/// What Connect says of settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Validation {
    /// It looked at them: these are wrong, none where all are right.
    Checked(Vec<Invalid>),
    /// No class of that name is among the worker's plugins.
    NoPlugin,
    /// It could not look, in its own words: a class that is broken, or a worker without this request.
    Unable(String),
}

/// A setting that Connect refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// Name of the setting.
    pub field: String,
    /// Messages of Connect about the setting, secrets masked.
    pub errors: Vec<String>,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    configs: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    value: Checked,
}

#[derive(Deserialize)]
struct Checked {
    name: String,
    #[serde(default)]
    errors: Vec<String>,
}

impl Connect {
    /// Lets the class look at the settings (`PUT /connector-plugins/CLASS/config/validate`). Nothing is changed.
    ///
    /// # Errors
    /// If Connect cannot be reached, or goes on rebalancing until `until`.
    pub async fn validate(
        &self,
        name: &str,
        config: &Config,
        until: Instant,
    ) -> Result<Validation, ConnectError> {
        // Without a class nobody can look; the PUT itself says so.
        let Some(class) = config.get("connector.class") else {
            return Ok(Validation::Unable(String::new()));
        };
        let mut body = config.clone();
        body.insert("name".to_owned(), name.to_owned());
        // The path takes the simple name in every version; a full one must be that of a plugin.
        let path = ["connector-plugins", class, "config", "validate"];
        let answer = match self.write(Method::PUT, &path, &[], Some(&body), until).await {
            Ok(answer) => answer,
            Err(ConnectError::Refused { status: 404, message, .. }) => {
                return Ok(Validation::Unable(message));
            }
            // A proxy that lets this path not pass.
            Err(error @ ConnectError::Http(crate::clients::http::HttpError::Refused { .. })) => {
                return Ok(Validation::Unable(error.to_string()));
            }
            Err(ConnectError::Refused { message, .. }) => {
                // 3.7 answers 500 with these words, later versions 400.
                return Ok(match message.contains("Failed to find any class") {
                    true => Validation::NoPlugin,
                    false => Validation::Unable(message),
                });
            }
            Err(error) => return Err(error),
        };
        let checked = answer.json::<Answer>()?.configs.into_iter().map(|entry| entry.value);
        let wrong = checked.filter(|value| !value.errors.is_empty()).map(|value| Invalid {
            errors: value.errors.iter().map(|e| text::cut(&redact::mask(e), 300)).collect(),
            field: value.name,
        });
        Ok(Validation::Checked(wrong.collect()))
    }
}
