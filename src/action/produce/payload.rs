//! How what a step fills its records with becomes values.

use super::{Produce, messages};
use crate::{
    action::{
        ActionContext, ActionError, amount,
        filling::{AvroFilling, Filling},
        service::{endpoint, unless_cancelled},
    },
    clients::schema_registry::{self, SchemaRegistry},
    load::payload::{Content, avro, samples},
    record::Arg,
    support::{files, text},
};

impl Produce {
    /// What fills the records and their size in bytes: that of every record, or the mean of those that were read or made.
    pub(super) async fn content(&self, cx: &ActionContext) -> Result<(Content, u64), ActionError> {
        let sequence = *self.sequence.get()?;
        if let Some(why) = self.keys.fault() {
            return Err(ActionError::misconfigured(messages::keys_wrong(why), messages::see_actions()));
        }
        if self.payload.has_sizes() {
            if self.record_size.is_some() {
                return Err(ActionError::misconfigured(
                    messages::sizes_of_their_own(),
                    messages::leave_size_out(),
                ));
            }
            if sequence {
                return Err(ActionError::misconfigured(
                    messages::stamp_overwrites(),
                    messages::leave_sequence_out(),
                ));
            }
        }
        let content = match &self.payload {
            Filling::Avro(about) => Content::Records(self.avro(cx, about).await?),
            Filling::Samples(from) => {
                let (path, delimiter) = (cx.work_dir.join(&from.file), from.delimiter.clone());
                let read =
                    tokio::task::spawn_blocking(move || samples::read_with(&path, delimiter.as_deref()))
                        .await;
                let read =
                    read.map_err(|e| ActionError::failed(messages::samples_not_read(e.to_string())))?;
                Content::Records(
                    read.map_err(|e| ActionError::misconfigured(e, messages::give_sample_file()))?,
                )
            }
            plain => plain.plain()?,
        };
        let size = match &content {
            Content::Records(records) => records.mean_size(),
            _ => amount::size("produce", self.record_size.as_ref())?,
        };
        if sequence {
            amount::stampable(size)?;
        }
        Ok((content, size))
    }

    async fn avro(
        &self,
        cx: &ActionContext,
        about: &AvroFilling,
    ) -> Result<crate::load::payload::Records, ActionError> {
        let endpoint = endpoint(cx, "schema_registry", |e| &e.schema_registry)?;
        let subject = about.subject.clone().unwrap_or_else(|| format!("{}-value", self.topic));
        let schema = match &about.schema {
            None => None,
            Some(path) => {
                let path = cx.work_dir.join(path);
                let text = files::read_text(&path).map_err(|e| {
                    ActionError::misconfigured(
                        messages::schema_unreadable(Arg::text(text::path(&path)), e.to_string()),
                        messages::give_schema_file(),
                    )
                })?;
                Some(text)
            }
        };
        let registered = unless_cancelled(cx, async {
            let registry = SchemaRegistry::open(endpoint).await?;
            match &schema {
                None => registry.latest(&subject).await,
                Some(schema) if about.register => registry.register(&subject, schema).await,
                Some(schema) => registry.find(&subject, schema).await,
            }
        })
        .await?;
        tokio::task::spawn_blocking(move || avro::records(&registered.schema, registered.id, 0))
            .await
            .map_err(|e| ActionError::failed(messages::avro_not_made(e.to_string())))?
            .map_err(|e| ActionError::misconfigured(e, messages::check_schema()))
    }
}

impl From<schema_registry::RegistryError> for ActionError {
    fn from(error: schema_registry::RegistryError) -> Self {
        match error {
            schema_registry::RegistryError::Http(error) => error.into(),
            schema_registry::RegistryError::Unknown(message) => {
                ActionError::misconfigured(message, messages::check_subject())
            }
            schema_registry::RegistryError::NotAvro { .. }
            | schema_registry::RegistryError::References(_) => {
                ActionError::misconfigured(error, messages::change_subject_or_samples())
            }
        }
    }
}
