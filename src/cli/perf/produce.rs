//! Options of `jalon perf produce`, those of `kafka-producer-perf-test` among them.

use super::{
    job::{Job, Keep},
    properties::{ConfigFile, Given, name_value},
    target::{Target, existing},
};
use crate::{cli::CommandError, clients::kafka::Defaults};
use clap::{Args, ValueEnum};
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};

/// Arguments of `perf produce`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jalon perf produce --bootstrap-server localhost:9092 --topic t \\\n    --rate 1000/s --duration 30s\n  jalon perf produce --topic t --num-records 1000000 --record-size 1024 \\\n    --throughput -1 --producer-props bootstrap.servers=localhost:9092 acks=all\n  jalon perf produce --topic t --producer.config client.properties \\\n    --rate '{ramp: {from: 100/s, to: 10000/s, over: 60s}}' --out ramp\n\nLatency is measured twice: from the intended send time of a record, and from\nthe send call, as kafka-producer-perf-test does. The last line of the output has\nthe format of that tool."
)]
pub(super) struct ProduceArgs {
    #[command(flatten)]
    target: Target,
    /// Number of records.
    #[arg(long, visible_alias = "num-records", value_name = "N")]
    records: Option<u64>,
    /// Duration: `30s`, `5m`. With `--records`, the load ends at whichever comes first.
    #[arg(long, value_name = "TIME")]
    duration: Option<String>,
    /// Rate: `1000/s`, `10 MB/s`, `unlimited` (the default), or a shape as in a plan: `{ramp: …}`, `{steps: …}`,
    /// `{burst: …}`.
    #[arg(long, value_name = "RATE")]
    rate: Option<String>,
    /// Rate in records per second; -1 for no limit.
    #[arg(long, value_name = "N", conflicts_with = "rate", allow_negative_numbers = true)]
    throughput: Option<f64>,
    /// Size of a record's value: `1024`, `1 KiB`.
    #[arg(long, value_name = "SIZE", default_value = "1024", conflicts_with = "payload_file")]
    record_size: String,
    /// Content of the records: `letters` as kafka-producer-perf-test sends, `random`, `zeros` or `{compressible: 0.6}`.
    #[arg(long, value_name = "WHAT", default_value = "letters", conflicts_with = "payload_file")]
    payload: String,
    /// File with the records, sent in order and repeated from the start.
    #[arg(long, value_name = "FILE", value_parser = existing)]
    payload_file: Option<PathBuf>,
    /// Delimiter between two records of that file. Default: `\n`.
    #[arg(long, value_name = "TEXT", requires = "payload_file")]
    payload_delimiter: Option<String>,
    /// `none`, `sequential`, `{size: 16}`, `{uniform: 1000}` or `{zipf: {keys: 1000}}`.
    #[arg(long, value_name = "KEYS", default_value = "none")]
    keys: String,
    /// A header of every record; may be repeated.
    #[arg(long = "header", value_name = "NAME=VALUE", value_parser = name_value)]
    headers: Vec<(String, String)>,
    /// Number of producers, each with its own connections and threads.
    #[arg(long, value_name = "N", default_value_t = 1)]
    clients: u32,
    /// Number of warm-up records before the measured ones.
    #[arg(long, value_name = "N", default_value_t = 0)]
    warm_up: u64,
    /// Warm-up records as in kafka-producer-perf-test: they are part of `--records`.
    #[arg(long, value_name = "N", conflicts_with = "warm_up", requires = "records")]
    warmup_records: Option<u64>,
    /// Send records delayed by a stall as fast as possible.
    #[arg(long)]
    catch_up: bool,
    /// Producer properties. A value may be `env:NAME` or `file:PATH`.
    #[arg(long, visible_alias = "command-property", value_name = "NAME=VALUE", num_args = 1.., value_parser = name_value)]
    producer_props: Vec<(String, String)>,
    /// A file with client properties.
    #[arg(long = "producer.config", visible_aliases = ["producer-config", "command-config"], value_name = "FILE", value_parser = existing)]
    config: Option<PathBuf>,
    /// Client whose defaults apply to properties that are not given.
    #[arg(long, value_enum, default_value_t = Whose::Java)]
    defaults: Whose,
    /// Send in transactions, with this id.
    #[arg(long, value_name = "ID")]
    transactional_id: Option<String>,
    /// Time after which a transaction is committed. Default with `--transactional-id`: 3000.
    #[arg(long, value_name = "MS")]
    transaction_duration_ms: Option<u64>,
    #[command(flatten)]
    keep: Keep,
    /// Accepted, and without effect: the figures come every second.
    #[arg(long, value_name = "MS", hide = true)]
    reporting_interval: Option<u64>,
    /// Refused with its reason.
    #[arg(long, hide = true)]
    payload_monotonic: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Whose {
    /// Defaults of the Java client.
    Java,
    /// Defaults of librdkafka, the client that sends the records.
    Librdkafka,
}

impl ProduceArgs {
    pub(super) fn job(self, dir: &Path) -> Result<Job, CommandError> {
        if self.payload_monotonic {
            return Err(CommandError::Usage {
                message: "`--payload-monotonic` is not supported: values have the size of `--record-size`"
                    .to_owned(),
                hint: "use `--record-size N`; with `--keys sequential` the key is the number of the record"
                    .to_owned(),
            });
        }
        let (records, warm_up) = self.counts()?;
        let file = self.config.as_deref().map(ConfigFile::read).transpose()?;
        let mut given = Given::of(&self.producer_props);
        let transaction = self.transaction(&mut given)?;
        let place = self.target.place(dir, file.as_ref(), &mut given)?;
        let rate = match (&self.rate, self.throughput) {
            (Some(rate), _) => shape("--rate", rate)?,
            (None, Some(per_s)) if per_s == 0.0 || !per_s.is_finite() => {
                return Err(CommandError::Usage {
                    message: format!("`--throughput {per_s}` is not a rate: no record would ever be sent"),
                    hint: "use `--throughput -1` for no limit, or records per second".to_owned(),
                });
            }
            (None, Some(per_s)) if per_s > 0.0 => format!("{per_s}/s").into(),
            (None, _) => "unlimited".into(),
        };
        let shaped = rate.is_object();
        if records.is_none() && self.duration.is_none() && !shaped {
            return Err(CommandError::Usage {
                message: "the load has no end".to_owned(),
                hint: "give `--num-records N`, `--duration 30s`, or both".to_owned(),
            });
        }
        let payload = match &self.payload_file {
            Some(path) => samples(path, self.payload_delimiter.as_deref()),
            None => shape("--payload", &self.payload)?,
        };
        let headers: serde_json::Map<String, Json> =
            self.headers.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        let mut params = json!({
            "cluster": place.cluster, "topic": self.target.topic, "rate": rate, "payload": payload,
            "keys": shape("--keys", &self.keys)?, "headers": headers, "clients": self.clients,
            "warm_up": warm_up, "catch_up": self.catch_up, "properties": given.json(),
            "defaults": match self.defaults {
                Whose::Java => Defaults::Java,
                Whose::Librdkafka => Defaults::Librdkafka,
            },
        });
        for (key, value) in [
            ("records", records.map(Json::from)),
            ("duration", self.duration.map(Json::from)),
            ("record_size", self.payload_file.is_none().then(|| self.record_size.into())),
            ("transaction", transaction),
        ] {
            if let Some(value) = value {
                params[key] = value;
            }
        }
        Ok(Job::new("produce", params, place.environment, self.keep, file))
    }

    /// Records that are measured, and those before them. Kafka's tool counts the latter among the former.
    fn counts(&self) -> Result<(Option<u64>, u64), CommandError> {
        match (self.records, self.warmup_records) {
            (Some(records), Some(first)) if first >= records => Err(CommandError::Usage {
                message: format!("of {records} records, {first} cannot be a warm-up: none would be measured"),
                hint: "give `--num-records` a greater number than `--warmup-records`".to_owned(),
            }),
            (Some(records), Some(first)) => Ok((Some(records - first), first)),
            (records, _) => Ok((records, self.warm_up)),
        }
    }

    /// Kafka's tool sends in transactions where one of the two options is given.
    fn transaction(&self, given: &mut Given) -> Result<Option<Json>, CommandError> {
        if let Some(id) = &self.transactional_id {
            given.set("transactional.id", id, "--transactional-id")?;
        }
        let every = match (self.transaction_duration_ms, &self.transactional_id) {
            (Some(0), _) | (None, None) => return Ok(None),
            (Some(ms), _) => ms,
            (None, Some(_)) => 3000,
        };
        Ok(Some(json!({"every": format!("{every}ms")})))
    }
}

/// A word, or a map as a plan writes it.
pub(super) fn shape(option: &str, text: &str) -> Result<Json, CommandError> {
    if !text.trim_start().starts_with('{') {
        return Ok(text.into());
    }
    serde_yaml::from_str(text).map_err(|error| CommandError::Usage {
        // The parser draws the line below its sentence; here it is the argument itself.
        message: format!("`{option}` cannot be read: {}", first_line(&error.to_string())),
        hint: "write it as in a plan, between quotes: '{ramp: {from: 100/s, to: 1000/s, over: 60s}}'"
            .to_owned(),
    })
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default().trim_start_matches("error: ")
}

fn samples(path: &Path, delimiter: Option<&str>) -> Json {
    let path = path.to_string_lossy();
    match delimiter {
        None => json!({ "samples": path }),
        Some(delimiter) => json!({"samples": {"file": path, "delimiter": unescaped(delimiter)}}),
    }
}

/// As Java's tool takes it: `\n` and `\t` for what cannot be typed.
fn unescaped(text: &str) -> String {
    text.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r")
}
