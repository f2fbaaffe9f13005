//! Options of `jalon perf end-to-end`, in the words of `kafka-e2e-latency` where it has them.

use super::{
    job::{Job, Keep},
    produce::shape,
    properties::{ConfigFile, Given, name_value},
    target::{Target, existing},
};
use crate::cli::CommandError;
use clap::Args;
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};

/// Arguments of `perf end-to-end`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jalon perf end-to-end --bootstrap-server localhost:9092 --topic t \\\n    --rate 100/s --duration 30s\n  jalon perf end-to-end --bootstrap-server localhost:9092 --topic t \\\n    --num-records 10000 --record-size 1024 --producer-acks all\n  jalon perf end-to-end localhost:9092 t 10000 all 1024\n\nThe last example is the command line of kafka-e2e-latency up to 4.1. Each record\nis stamped, so that lost, duplicate and reordered records are counted; records\nof other programs in the topic are ignored."
)]
pub(super) struct EndToEndArgs {
    #[command(flatten)]
    target: Target,
    /// Number of records.
    #[arg(long, visible_alias = "num-records", value_name = "N")]
    records: Option<u64>,
    /// Duration. With `--records`, the load ends at whichever comes first.
    #[arg(long, value_name = "TIME")]
    duration: Option<String>,
    /// Rate: `1000/s`, `10 MB/s`, `unlimited`, or a shape as in a plan.
    #[arg(long, value_name = "RATE", default_value = "100/s")]
    rate: String,
    /// Size of a record's value, at least the 32 bytes of its stamp.
    #[arg(long, value_name = "SIZE", default_value = "1024")]
    record_size: String,
    /// The producer's `acks`.
    #[arg(long, value_name = "ACKS")]
    producer_acks: Option<String>,
    /// Size of a record's key, in bytes; 0 for no key.
    #[arg(long, value_name = "N", default_value_t = 0)]
    record_key_size: u64,
    /// Number of headers of a record.
    #[arg(long, value_name = "N", default_value_t = 0)]
    num_headers: usize,
    /// Size of a header's name, in bytes, at least the digits of its number.
    #[arg(long, value_name = "N", default_value_t = 0)]
    record_header_key_size: usize,
    /// Size of a header's value, in bytes.
    #[arg(long, value_name = "N", default_value_t = 0)]
    record_header_size: usize,
    /// Number of warm-up records before the measured ones.
    #[arg(long, value_name = "N", default_value_t = 0)]
    warm_up: u64,
    /// Time limit for the last records to arrive after the last send.
    #[arg(long, value_name = "TIME", default_value = "30s")]
    within: String,
    /// Producer properties.
    #[arg(long, value_name = "NAME=VALUE", num_args = 1.., value_parser = name_value)]
    producer_props: Vec<(String, String)>,
    /// Consumer properties.
    #[arg(long, value_name = "NAME=VALUE", num_args = 1.., value_parser = name_value)]
    consumer_props: Vec<(String, String)>,
    /// A file with client properties.
    #[arg(long, visible_alias = "producer.config", value_name = "FILE", value_parser = existing)]
    command_config: Option<PathBuf>,
    #[command(flatten)]
    keep: Keep,
}

impl EndToEndArgs {
    pub(super) fn job(self, dir: &Path) -> Result<Job, CommandError> {
        let file = self.command_config.as_deref().map(ConfigFile::read).transpose()?;
        let headers = self.headers()?;
        let mut producer = Given::of(&self.producer_props);
        let consumer = Given::of(&self.consumer_props);
        if let Some(acks) = self.producer_acks {
            producer.set("acks", acks, "--producer-acks")?;
        }
        let place = self.target.place(dir, file.as_ref(), &mut producer)?;
        let rate = shape("--rate", &self.rate)?;
        if self.records.is_none() && self.duration.is_none() && !rate.is_object() {
            return Err(CommandError::Usage {
                message: "the load has no end".to_owned(),
                hint: "give `--num-records N`, `--duration 30s`, or both".to_owned(),
            });
        }
        let mut params = json!({
            "cluster": place.cluster, "topic": self.target.topic, "rate": rate,
            "record_size": self.record_size, "warm_up": self.warm_up, "within": self.within,
            "headers": headers, "producer": producer.json(), "consumer": consumer.json(),
        });
        let keys = (self.record_key_size > 0).then(|| json!({"size": self.record_key_size}));
        for (key, value) in [
            ("records", self.records.map(Json::from)),
            ("duration", self.duration.map(Json::from)),
            ("keys", keys),
        ] {
            if let Some(value) = value {
                params[key] = value;
            }
        }
        Ok(Job::new("end-to-end", params, place.environment, self.keep, file))
    }

    /// The headers of every record: their numbers as names, with zeros before them.
    fn headers(&self) -> Result<serde_json::Map<String, Json>, CommandError> {
        let (name, value) = (self.record_header_key_size, self.record_header_size);
        // No broker takes a record of more.
        if self.num_headers.saturating_mul(name.max(1).saturating_add(value)) > 1 << 30 {
            return Err(CommandError::Usage {
                message: format!(
                    "{} headers of {name} and {value} bytes are more than 1 GiB",
                    self.num_headers
                ),
                hint: "use a smaller `--num-headers`".to_owned(),
            });
        }
        Ok((0..self.num_headers).map(|n| (format!("{n:0>name$}"), "x".repeat(value).into())).collect())
    }
}
