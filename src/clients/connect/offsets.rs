//! Altering and resetting what a connector has committed (`PATCH` and `DELETE /connectors/NAME/offsets`, Kafka 3.6 and
//! later; KIP-875). Connect refuses both unless the connector is stopped.

use super::{Connect, ConnectError, Places, message};
use reqwest::Method;
use serde::Serialize;
use std::time::Instant;

/// The answer of Connect to an order about offsets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OffsetsWritten {
    /// The offsets were changed, with Connect's message.
    Done(String),
    /// This version of Connect has no such request.
    Unsupported,
}

impl Connect {
    /// Writes these offsets; partitions that are not named keep theirs. `None` in the place of an offset forgets it.
    ///
    /// # Errors
    /// If the connector is not stopped, or refuses the offsets: Connect's own words.
    pub async fn alter_offsets(
        &self,
        name: &str,
        places: &Places,
        until: Instant,
    ) -> Result<OffsetsWritten, ConnectError> {
        self.offsets_request(Method::PATCH, name, Some(places), until).await
    }

    /// Forgets every offset: the connector begins as a new one does.
    ///
    /// # Errors
    /// If the connector is not stopped: Connect's own words.
    pub async fn reset_offsets(&self, name: &str, until: Instant) -> Result<OffsetsWritten, ConnectError> {
        self.offsets_request::<Places>(Method::DELETE, name, None, until).await
    }

    async fn offsets_request<B: Serialize + Sync>(
        &self,
        method: Method,
        name: &str,
        body: Option<&B>,
        until: Instant,
    ) -> Result<OffsetsWritten, ConnectError> {
        match self.write(method, &["connectors", name, "offsets"], &[], body, until).await {
            Ok(answer) => Ok(OffsetsWritten::Done(message(&answer))),
            Err(ConnectError::Refused { status: 405, .. }) => Ok(OffsetsWritten::Unsupported),
            Err(ConnectError::Http(crate::clients::http::HttpError::Refused { status: 405, .. })) => {
                Ok(OffsetsWritten::Unsupported)
            }
            Err(error) => Err(error),
        }
    }
}
