//! How what a step fills its records with becomes values.

use super::Produce;
use crate::{
    action::{
        ActionContext, ActionError, Param,
        filling::{AvroFilling, Filling},
        service::{endpoint, unless_cancelled},
    },
    clients::schema_registry::{self, SchemaRegistry},
    load::payload::{Content, Stamp, avro, samples},
};
impl Produce {
    /// What fills the records and their size in bytes: that of every record, or the mean of those that were read or made.
    pub(super) async fn content(&self, cx: &ActionContext) -> Result<(Content, u64), ActionError> {
        let sequence = *self.sequence.get()?;
        let size = self.record_size.as_ref().map(Param::get).transpose()?.map(|size| size.0);
        if let Some(why) = self.keys.fault() {
            return Err(ActionError::misconfigured(format!("`keys`: {why}"), "see `jalon actions produce`"));
        }
        if self.payload.has_sizes() {
            if size.is_some() {
                return Err(ActionError::misconfigured(
                    "these records have sizes of their own",
                    "leave `record_size` out",
                ));
            }
            if sequence {
                return Err(ActionError::misconfigured(
                    "a stamp would overwrite the first bytes of these records",
                    "leave `sequence` out, or fill the records with `random`",
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
                let read = read.map_err(|e| ActionError::failed(format!("the samples: {e}")))?;
                Content::Records(read.map_err(|e| {
                    ActionError::misconfigured(
                        e.to_string(),
                        "`samples` names a file with one record a line, or a folder of files",
                    )
                })?)
            }
            plain => plain.plain()?,
        };
        let size = match (&content, size) {
            (Content::Records(records), _) => records.mean_size(),
            (_, Some(0)) => {
                return Err(ActionError::misconfigured(
                    "records of 0 bytes measure nothing",
                    "give a `record_size` of 1 or more",
                ));
            }
            (_, Some(size)) => size,
            (_, None) => {
                return Err(ActionError::misconfigured(
                    "`produce` needs a `record_size`",
                    "such as `record_size: 1024 B`",
                ));
            }
        };
        if sequence && size < Stamp::LEN as u64 {
            return Err(ActionError::misconfigured(
                format!("a record of {size} bytes has no room for its stamp of {} bytes", Stamp::LEN),
                "make `record_size` larger, or leave `sequence` out",
            ));
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
                let text = std::fs::read_to_string(&path).map_err(|e| {
                    ActionError::misconfigured(
                        format!("the schema {} cannot be read: {e}", path.display()),
                        "`schema` names a file with an Avro schema, relative to the campaign's folder",
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
            .map_err(|e| ActionError::failed(format!("the Avro records: {e}")))?
            .map_err(|e| {
                ActionError::misconfigured(
                    e.to_string(),
                    "look at the schema in the registry, or give another `subject`",
                )
            })
    }
}

impl From<schema_registry::Error> for ActionError {
    fn from(error: schema_registry::Error) -> Self {
        match error {
            schema_registry::Error::Http(error) => error.into(),
            schema_registry::Error::Unknown(message) => ActionError::misconfigured(
                message,
                "look at `subject`, or give the file as `schema` with `register: true`",
            ),
            schema_registry::Error::NotAvro { .. } | schema_registry::Error::References(_) => {
                ActionError::misconfigured(
                    error.to_string(),
                    "give another `subject`, or records of your own as `samples`",
                )
            }
        }
    }
}
