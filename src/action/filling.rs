//! [`Filling`]: what a step may fill its records with.

use super::{ActionError, Mistake, mistakes};
use crate::{
    clients::Environment,
    load::payload::Content,
    record::{Arg, Refused, messages},
};
use serde::Deserialize;

/// What fills the records. What is generated is 4 MiB of values in turn, or fresh values for each record where the client
/// compresses them, they are stamped or they have headers.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Filling {
    /// Random Avro records of a schema in the schema registry.
    Avro(AvroFilling),
    /// Bytes that a compressor makes smaller by this share: 0 is `random`, 0.6 leaves 40 % of the bytes.
    Compressible(f64),
    /// Random capital letters, as `kafka-producer-perf-test` sends them; they compress to about 60 %.
    Letters,
    /// Random bytes, which no compression makes smaller.
    #[default]
    Random,
    /// The lines of this file, or the files of this folder, one record each, in order and from the start again. The
    /// path is relative to the campaign's folder. `{file: FILE, delimiter: "|"}` where something else than the end of a
    /// line stands between the records.
    Samples(Samples),
    /// Zeros, which compress to almost nothing.
    Zeros,
}

/// How samples of another form than lines are given; its braces are none of a message.
const SAMPLES_FORM: &str = "{file: …, delimiter: …}";

/// Where samples are, and what stands between them.
#[derive(Debug, Clone, PartialEq, Deserialize, serde::Serialize)]
#[serde(try_from = "serde_json::Value")]
pub(super) struct Samples {
    /// A file or a folder.
    pub(super) file: String,
    /// What stands between the records of a file; the end of a line where left out.
    pub(super) delimiter: Option<String>,
}

impl TryFrom<serde_json::Value> for Samples {
    type Error = Refused;

    fn try_from(value: serde_json::Value) -> Result<Self, Refused> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Map {
            file: String,
            delimiter: Option<String>,
        }
        match value {
            serde_json::Value::String(file) => Ok(Self { file, delimiter: None }),
            other => serde_json::from_value::<Map>(other)
                .map(|map| Self { file: map.file, delimiter: map.delimiter })
                .map_err(|error| not_samples(SAMPLES_FORM, Arg::text(error)).into()),
        }
    }
}

/// Which schema.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AvroFilling {
    /// The subject in the registry; `TOPIC-value` where left out.
    #[serde(default)]
    pub(super) subject: Option<String>,
    /// A file with the schema; the newest schema of the subject where left out.
    #[serde(default)]
    pub(super) schema: Option<String>,
    /// Registers the schema of the file if the subject does not have it. Otherwise that is an error.
    #[serde(default)]
    pub(super) register: bool,
}

impl Filling {
    /// That the environment has no registry to take a schema from.
    pub(super) fn mistake(&self, environment: &Environment) -> Option<Mistake> {
        let is_avro = matches!(self, Self::Avro(_));
        let registry = &environment.schema_registry;
        is_avro.then(|| mistakes::service(environment, "payload", "schema_registry", registry)).flatten()
    }

    /// Whether the records bring their own sizes.
    pub(super) fn has_sizes(&self) -> bool {
        matches!(self, Self::Avro(_) | Self::Samples(_))
    }

    /// The content of records that need nothing but a size.
    pub(super) fn plain(&self) -> Result<Content, ActionError> {
        Ok(match self {
            Self::Compressible(share) if !(0.0..=1.0).contains(share) => {
                return Err(ActionError::misconfigured(not_a_share(share.to_string()), share_form()));
            }
            Self::Compressible(share) => Content::Compressible(*share),
            Self::Letters => Content::Letters,
            Self::Random => Content::Random,
            Self::Zeros => Content::Zeros,
            Self::Avro(_) | Self::Samples(_) => {
                return Err(ActionError::misconfigured(overwritten(), other_fillings("{compressible: 0.6}")));
            }
        })
    }
}

messages! {
    area "filling";
    not_a_share(share) => "`compressible: {share}` is not a share" / "`compressible: {share}` n'est pas une part";
    not_samples(form, cause) => "`samples` is a path, or `{form}`: {cause}" / "`samples` est un chemin, ou `{form}` : {cause}";
    other_fillings(compressible) => "fill them with `random`, `letters`, `zeros` or `{compressible}`" / "les remplir avec `random`, `letters`, `zeros` ou `{compressible}`";
    overwritten() => "a stamp would overwrite the first bytes of these records" / "une marque écraserait les premiers octets de ces enregistrements";
    share_form() => "give a number from 0 to 1" / "donner un nombre de 0 à 1";
}
