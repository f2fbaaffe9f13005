//! Options of `jalon perf capacity`, and the probes that it ran.

use super::{
    chart,
    job::{Job, Keep},
    produce::shape,
    properties::{ConfigFile, Given, name_value},
    target::{Target, existing},
};
use crate::{
    cli::CommandError,
    report::{WIDTH, grid},
};
use clap::Args;
use serde_json::{Value as Json, json};
use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

/// Arguments of `perf capacity`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jalon perf capacity --bootstrap-server localhost:9092 --topic t \\\n    --holds 'latency_ms.p99 < 100 && errors == 0' --from 1000/s\n  jalon perf capacity --bootstrap-server localhost:9092 --topic t \\\n    --holds 'latency_ms.p99 < 20' --from 1000/s --to 50000/s --for 10s \\\n    --precision 10% --producer-props acks=all linger.ms=5\n\nThe rate is doubled until the condition does not hold, then the gap is halved,\nand the result is confirmed. Exit code 1: no rate was confirmed. `jalon actions\nproduce` lists the outputs that a condition can use."
)]
pub(super) struct CapacityArgs {
    #[command(flatten)]
    target: Target,
    /// Condition that a rate must meet, in CEL over the outputs of `produce`.
    #[arg(long, value_name = "CONDITION")]
    holds: String,
    /// Duration of each probe.
    #[arg(long = "for", value_name = "TIME", default_value = "30s")]
    hold: String,
    /// Lowest rate to try: `1000/s`, `10 MB/s`.
    #[arg(long, value_name = "RATE")]
    from: String,
    /// Highest rate to try. Default: the rate is doubled until it does not hold.
    #[arg(long, value_name = "RATE")]
    to: Option<String>,
    /// Maximum gap between the rate that held and the rate that did not.
    #[arg(long, value_name = "SHARE", default_value = "5%")]
    precision: String,
    /// Number of times the result must be confirmed.
    #[arg(long, value_name = "N", default_value_t = 2)]
    confirmations: u32,
    /// Time limit of the whole search.
    #[arg(long, value_name = "TIME", default_value = "1h")]
    within: String,
    /// Size of a record's value.
    #[arg(long, value_name = "SIZE", default_value = "1024")]
    record_size: String,
    /// Content of the records: `letters`, `random`, `zeros` or `{compressible: 0.6}`.
    #[arg(long, value_name = "WHAT", default_value = "letters")]
    payload: String,
    /// Number of producers.
    #[arg(long, value_name = "N", default_value_t = 1)]
    clients: u32,
    /// Producer properties. A value may be `env:NAME` or `file:PATH`.
    #[arg(long, value_name = "NAME=VALUE", num_args = 1.., value_parser = name_value)]
    producer_props: Vec<(String, String)>,
    /// A file with client properties.
    #[arg(long = "producer.config", visible_alias = "command-config", value_name = "FILE", value_parser = existing)]
    config: Option<PathBuf>,
    #[command(flatten)]
    keep: Keep,
}

impl CapacityArgs {
    pub(super) fn job(self, dir: &Path) -> Result<Job, CommandError> {
        let file = self.config.as_deref().map(ConfigFile::read).transpose()?;
        let mut given = Given::of(&self.producer_props);
        let place = self.target.place(dir, file.as_ref(), &mut given)?;
        let mut params = json!({
            "cluster": place.cluster, "topic": self.target.topic, "holds": self.holds, "for": self.hold,
            "from": self.from, "precision": self.precision, "confirmations": self.confirmations,
            "within": self.within, "record_size": self.record_size,
            "payload": shape("--payload", &self.payload)?, "clients": self.clients, "properties": given.json(),
        });
        if let Some(to) = self.to {
            params["to"] = Json::from(to);
        }
        Ok(Job::new("capacity", params, place.environment, self.keep, file))
    }
}

/// The probes in that file as a table; empty where there are none.
pub(super) fn probes(path: &Path) -> String {
    let rows = csv::Reader::from_path(path).map(rows).unwrap_or_default();
    match rows.is_empty() {
        true => String::new(),
        false => grid(&["  probe", "", "asked/s", "got/s", "P99, ms", "held", "why not"], &rows, WIDTH),
    }
}

/// The rows of the table; a line that was torn is left out.
fn rows(reader: csv::Reader<impl io::Read>) -> Vec<Vec<String>> {
    let row = |line: BTreeMap<String, String>| {
        let cell = |name: &str| line.get(name).map(String::as_str);
        let number = |name: &str| {
            cell(name).and_then(|text| text.parse().ok()).map_or_else(|| "–".to_owned(), chart::number)
        };
        Some(vec![
            format!("  {:>5}", cell("probe")?),
            cell("phase")?.to_owned(),
            format!("{:>8}", number("asked_records_per_s")),
            format!("{:>8}", number("records_per_s")),
            format!("{:>7}", number("latency_ms_p99")),
            cell("held")?.to_owned(),
            cell("why")?.to_owned(),
        ])
    };
    reader.into_deserialize().filter_map(Result::ok).filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_is_a_row_whatever_its_reason_says_and_wherever_its_columns_stand() {
        let file = "phase,probe,asked_records_per_s,held,why,new,records_per_s,latency_ms_p99\n\
                    bracket,1,2000,yes,\"\",6000,1999.9,48.13\n\
                    bracket,2,2000,no,\"`a` was \"\"x\"\", limit 3\",6000,1999.9,\ntorn\n";
        let rows = rows(csv::Reader::from_reader(file.as_bytes()));
        assert_eq!(rows[0], ["      1", "bracket", "   2,000", "   2,000", "   48.1", "yes", ""]);
        assert_eq!(rows[1][4..], ["      –", "no", "`a` was \"x\", limit 3"]);
        assert_eq!(rows.len(), 2);
    }
}
