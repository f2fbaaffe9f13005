//! Options of `jalon perf consume`, those of `kafka-consumer-perf-test` among them.

use super::{
    job::{Job, Keep},
    properties::{ConfigFile, Given, name_value},
    target::{Target, existing},
};
use crate::cli::CommandError;
use clap::Args;
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};

/// Arguments of `perf consume`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jalon perf consume --bootstrap-server localhost:9092 --topic t \\\n    --messages 1000000\n  jalon perf consume --bootstrap-server localhost:9092 --topic t \\\n    --from-latest --duration 1m --members 3\n  jalon perf consume --topic t --messages 1000 \\\n    --consumer.config client.properties\n\nIt ends after --messages, after --duration, or when no record has arrived for\n--timeout."
)]
pub(super) struct ConsumeArgs {
    #[command(flatten)]
    target: Target,
    /// Number of records.
    #[arg(long, visible_aliases = ["num-records", "records"], value_name = "N")]
    messages: Option<u64>,
    /// Duration, from the first assignment.
    #[arg(long, value_name = "TIME")]
    duration: Option<String>,
    /// Stop when no record has arrived for this time.
    #[arg(long, value_name = "MS", default_value_t = 10_000)]
    timeout: u64,
    /// Consumer group, whose offsets are committed. Default: a temporary group that commits nothing.
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,
    /// Start at the end of the topic if the group has no offsets.
    #[arg(long)]
    from_latest: bool,
    /// Number of members of the group.
    #[arg(long, value_name = "N", default_value_t = 1)]
    members: u64,
    /// Maximum number of bytes per partition in a fetch.
    #[arg(long, value_name = "BYTES")]
    fetch_size: Option<u64>,
    /// Size of the socket's receive buffer, in bytes.
    #[arg(long, value_name = "BYTES")]
    socket_buffer_size: Option<u64>,
    /// Consumer properties. A value may be `env:NAME` or `file:PATH`.
    #[arg(long, visible_alias = "command-property", value_name = "NAME=VALUE", num_args = 1.., value_parser = name_value)]
    consumer_props: Vec<(String, String)>,
    /// A file with client properties.
    #[arg(long = "consumer.config", visible_aliases = ["consumer-config", "command-config"], value_name = "FILE", value_parser = existing)]
    config: Option<PathBuf>,
    #[command(flatten)]
    keep: Keep,
    /// Accepted, and without effect: the figures come every second.
    #[arg(long, value_name = "MS", hide = true)]
    reporting_interval: Option<u64>,
    /// Accepted, and without effect: windows are kept with `--out`.
    #[arg(long, hide = true)]
    show_detailed_stats: bool,
    /// Accepted, and without effect.
    #[arg(long, hide = true)]
    hide_header: bool,
    /// Accepted, and without effect.
    #[arg(long, hide = true, value_name = "FORMAT")]
    date_format: Option<String>,
    /// Accepted, and without effect.
    #[arg(long, hide = true, value_name = "N")]
    num_fetch_threads: Option<u64>,
    /// Accepted, and without effect, as in Kafka's tool: members are what reads side by side.
    #[arg(long, hide = true, value_name = "N")]
    threads: Option<u64>,
    /// Refused with its reason: Kafka's tool reads several topics by it.
    #[arg(long, hide = true, value_name = "REGEX")]
    include: Option<String>,
}

impl ConsumeArgs {
    pub(super) fn job(self, dir: &Path) -> Result<Job, CommandError> {
        if self.include.is_some() {
            return Err(CommandError::Usage {
                message: "`--include` is not supported: a load reads one topic".to_owned(),
                hint: "use `--topic NAME`, and run the command once for each topic".to_owned(),
            });
        }
        let file = self.config.as_deref().map(ConfigFile::read).transpose()?;
        let mut given = Given::of(&self.consumer_props);
        if let Some(bytes) = self.fetch_size {
            given.set("max.partition.fetch.bytes", bytes.to_string(), "--fetch-size")?;
        }
        if let Some(bytes) = self.socket_buffer_size {
            given.set("receive.buffer.bytes", bytes.to_string(), "--socket-buffer-size")?;
        }
        let group = self.group.or_else(|| given.take("group.id"));
        let place = self.target.place(dir, file.as_ref(), &mut given)?;
        let mut params = json!({
            "cluster": place.cluster, "topic": self.target.topic, "members": self.members,
            "idle_timeout": format!("{}ms", self.timeout),
            "from": if self.from_latest { "latest" } else { "earliest" },
            "properties": given.json(),
        });
        for (key, value) in [
            ("records", self.messages.map(Json::from)),
            ("duration", self.duration.map(Json::from)),
            ("group", group.map(Json::from)),
        ] {
            if let Some(value) = value {
                params[key] = value;
            }
        }
        Ok(Job::new("consume", params, place.environment, self.keep, file))
    }
}
