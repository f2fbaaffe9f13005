//! Changes what a stopped connector has committed, and keeps what it had committed before.

use super::{
    super::{ActionError, Mistake},
    work::Work,
};
use crate::{
    clients::connect::{OffsetsWritten, Place, Places},
    record::messages,
    support::files,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// What was committed before, in the form of `alter`.
pub(super) const BEFORE: &str = "offsets-before.json";
/// What is committed afterwards.
const AFTER: &str = "offsets-after.json";

/// What to do with the offsets: one of these.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    /// `true` forgets all offsets: the connector begins as a new one does, and copies everything again.
    #[serde(default)]
    reset: bool,
    /// Writes these offsets, in Connect's own form; of MirrorMaker 2
    /// `{partition: {cluster: source, topic: orders, partition: 0}, offset: {offset: 41}}`, where 41 is the last record
    /// that counts as copied. `offset: null` forgets one.
    #[serde(default)]
    alter: Vec<Alter>,
    /// Writes the offsets of a file that an earlier action kept (`offsets-before.json`), from the campaign's folder.
    #[serde(default)]
    restore: Option<PathBuf>,
}

/// One offset, in Connect's own form.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Alter {
    /// Which partition, as Connect names it.
    partition: Map<String, Value>,
    /// What is written; null forgets it.
    offset: Option<Map<String, Value>>,
}

impl Change {
    /// What is wrong with it.
    pub(super) fn mistake(&self) -> Option<Mistake> {
        let asked = [self.reset, !self.alter.is_empty(), self.restore.is_some()];
        (asked.iter().filter(|asked| **asked).count() != 1).then(|| {
            let hint = "write one of `reset: true`, `alter: […]` and `restore: FILE`";
            Mistake::new("offsets", "`offsets` asks for nothing, or for more than one thing", hint)
        })
    }

    /// Makes the change, and says of how many partitions.
    pub(super) async fn make(&self, work: &Work<'_>) -> Result<u64, ActionError> {
        let Work { connect, cx, name, until } = *work;
        let before = self.read(work).await?;
        cx.artifacts.write_json(BEFORE, &json!({ "offsets": before.offsets }))?;
        let places = match &self.restore {
            Some(path) => Some(restored(&cx.work_dir.join(path))?),
            None if self.reset => None,
            None => Some(Places {
                offsets: self
                    .alter
                    .iter()
                    .map(|one| Place {
                        partition: one.partition.clone().into(),
                        offset: one.offset.clone().map_or(Value::Null, Value::Object),
                    })
                    .collect(),
            }),
        };
        let written = match &places {
            Some(places) => connect.alter_offsets(name, places, until).await?,
            None => connect.reset_offsets(name, until).await?,
        };
        if written == OffsetsWritten::Unsupported {
            return Err(ActionError::misconfigured(unsupported(), newer_connect()));
        }
        let after = self.read(work).await?;
        cx.artifacts.write_json(AFTER, &json!({ "offsets": after.offsets }))?;
        let of = |places: &Places, partition: &Value| {
            places.offsets.iter().find(|p| p.partition == *partition).map(|p| p.offset.clone())
        };
        let mut partitions: Vec<_> =
            before.offsets.iter().chain(&after.offsets).map(|p| p.partition.clone()).collect();
        partitions.sort_by_key(ToString::to_string);
        partitions.dedup();
        Ok(partitions.iter().filter(|p| of(&before, p) != of(&after, p)).count() as u64)
    }

    async fn read(&self, work: &Work<'_>) -> Result<Places, ActionError> {
        let places = work.connect.places(work.name).await?;
        Ok(places.map_or_else(|| Places { offsets: Vec::new() }, |(places, _)| places))
    }
}

fn restored(path: &std::path::Path) -> Result<Places, ActionError> {
    let shown = path.display().to_string();
    let text = files::read_text(path)
        .map_err(|error| ActionError::misconfigured(unreadable(&shown, error.to_string()), kept_file()))?;
    serde_json::from_str(&text)
        .map_err(|error| ActionError::misconfigured(unreadable(&shown, error.to_string()), kept_file()))
}

messages! {
    area "connector-offsets";
    kept_file() => "give the `offsets-before.json` that an earlier action kept" / "donner le `offsets-before.json` gardé par une action précédente";
    newer_connect() => "Kafka 3.6 and later have it; before, delete the connector and create it under another name" / "Kafka 3.6 et suivants l'ont ; avant, supprimer le connecteur et le créer sous un autre nom";
    unreadable(path, cause) => "the offsets in `{path}` cannot be read: {cause}" / "les offsets de `{path}` sont illisibles : {cause}";
    unsupported() => "this version of Connect cannot change offsets" / "cette version de Connect ne peut pas modifier les offsets";
}
