//! `jalon lab`: the simulation environment on this machine.

use super::{CommandError, Exit, output, signals};
use crate::{
    lab::{self, Cache, Fault, LabState, Options, Progress, Release, Status},
    support::text,
};
use clap::{Arg, ArgAction, ArgMatches, Args, FromArgMatches, Subcommand, ValueEnum, builder::PossibleValue};
use std::{
    collections::BTreeSet,
    fmt::Write,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// Arguments of `lab`.
#[derive(Debug, Args)]
pub(super) struct LabArgs {
    /// Folder of the lab's data, logs and state (default: `.jalon/lab` in the campaign's folder).
    #[arg(long, global = true, value_name = "DIR", env = lab::FOLDER_VARIABLE)]
    folder: Option<PathBuf>,
    #[command(subcommand)]
    command: LabCommand,
}

/// What to do with the lab.
#[derive(Debug, Subcommand)]
enum LabCommand {
    /// Stop all processes; logs and data are kept until the next `up`.
    Down {
        /// Also delete logs and data.
        #[arg(long)]
        purge: bool,
    },
    /// Print the lab as an environment file for `plan/environments`.
    Environment {
        /// Name of the environment.
        #[arg(long, default_value = "lab")]
        name: String,
    },
    /// Stop, kill, freeze, thaw or start one process.
    Fault {
        /// What is done to the process.
        fault: Fault,
        /// Name of the process, as `jalon lab status` shows it.
        process: String,
    },
    /// Download what `up` needs, to start later without a network.
    Fetch(Members),
    /// Show the processes of the lab.
    Status {
        /// Print JSON: `{state, processes: [{name, role, pid, state, endpoints, memory_bytes}]}`.
        #[arg(long)]
        json: bool,
    },
    /// Start a lab with empty data, and return when every process is ready.
    Up(Members),
}

/// What belongs to the lab.
#[derive(Debug, Args)]
struct Members {
    /// Number of brokers of the source cluster.
    #[arg(long, value_name = "N", default_value_t = 3)]
    brokers: u16,
    /// Number of brokers of the target cluster.
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "no_target")]
    target_brokers: u16,
    /// Do not start the target cluster.
    #[arg(long)]
    no_target: bool,
    #[command(flatten)]
    switches: Switches,
    /// Use TLS, authentication and access control.
    ///
    /// Brokers accept only SASL_SSL with SCRAM-SHA-512, and allow what an ACL allows. Connect's API uses HTTPS with
    /// Basic
    /// authentication, the registry's HTTP with Basic authentication. ZooKeeper, Prometheus and the exporters are
    /// unchanged. New certificates and passwords are created in the folder `secrets` of the lab's folder, and
    /// `jalon lab environment` prints an environment that refers to them: its user is `campaign`, which has every right
    /// that an ACL can grant. (`admin` is for brokers and Connect.)
    ///
    /// A MirrorMaker 2 connector has its own clients for both clusters. On a secure lab it needs these settings, once
    /// with the prefix `source.cluster.` and once with `target.cluster.` (FOLDER is the absolute path of the lab's):
    /// `security.protocol: SASL_SSL`, `sasl.mechanism: SCRAM-SHA-512`,
    /// `sasl.jaas.config: ${file:FOLDER/secrets/connector.properties:jaas}`, `ssl.truststore.type: PEM`,
    /// `ssl.truststore.location: FOLDER/secrets/ca.pem`. `jalon lab environment` says so under `mirror`, and the shipped
    /// plan runs on it as it is.
    #[arg(long)]
    secure: bool,
    /// Release of Kafka: `3.7.2` needs Java 11 to 23, `4.3.1` needs Java 17 or newer and has no ZooKeeper.
    #[arg(long, value_name = "VERSION", default_value = "3.7.2")]
    kafka: Release,
    /// Use KRaft instead of ZooKeeper: the first three brokers of a cluster are its controllers too (one, where it has
    /// fewer). Kafka 4 supports only KRaft.
    #[arg(long)]
    kraft: bool,
    /// First of 61 ports to use instead of the default ones.
    #[arg(long, value_name = "PORT")]
    port_base: Option<u16>,
    /// Time limit for the processes to become ready; downloads do not count.
    #[arg(long, value_name = "DURATION", default_value = "2m", value_parser = text::parse_duration)]
    within: Duration,
}

/// The flags of the lab's services, by name.
#[derive(Debug)]
struct Switches(BTreeSet<&'static str>);

impl FromArgMatches for Switches {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let flags = lab::switches().into_iter().map(|switch| switch.flag);
        Ok(Self(flags.filter(|flag| matches.get_flag(flag)).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Switches {
    fn augment_args(command: clap::Command) -> clap::Command {
        command.args(lab::switches().into_iter().map(|switch| {
            Arg::new(switch.flag).long(switch.flag).help(switch.help).action(ArgAction::SetTrue)
        }))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl ValueEnum for Fault {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.word()).help(self.about()))
    }
}

impl ValueEnum for Release {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.version()))
    }
}

impl Members {
    fn options(&self, folder: PathBuf) -> Result<Options, CommandError> {
        Ok(Options {
            source_brokers: self.brokers,
            target_brokers: if self.no_target { 0 } else { self.target_brokers },
            switches: self.switches.0.clone(),
            secure: self.secure,
            kafka: self.kafka,
            kraft: self.kraft || self.kafka.is_kraft_only(),
            port_base: self.port_base,
            ready_within: self.within,
            ..Options::new(folder, Cache::of_user()?)
        })
    }
}

/// Does it.
pub(super) async fn run(dir: &Path, args: LabArgs) -> Result<Exit, CommandError> {
    let folder = args.folder.unwrap_or_else(|| dir.join(lab::USUAL_FOLDER));
    let folder = std::path::absolute(&folder).map_err(|cause| CommandError::Disk {
        verb: "find",
        path: folder.clone(),
        cause,
    })?;
    match args.command {
        LabCommand::Down { purge } => down(&folder, purge).await,
        LabCommand::Environment { name } => environment(&folder, &name),
        LabCommand::Fault { fault, process } => {
            let done = lab::inject(&folder, fault, &process, &mut tell).await?;
            let what = if done.changed { "done" } else { "nothing to do" };
            output::tell(&format!("{fault} {process}: {what} ({})", text::duration(done.took)));
            Ok(Exit::Passed)
        }
        LabCommand::Fetch(members) => {
            let options = members.options(folder)?;
            lab::fetch_all(&options, &mut tell).await?;
            output::tell(&format!("the downloads are in {}", options.cache.folder().display()));
            Ok(Exit::Passed)
        }
        LabCommand::Status { json } => {
            let status = lab::status(&folder)?;
            if json {
                output::print_json(&status)?
            } else {
                output::print(&table(&status))?
            }
            Ok(Exit::Passed)
        }
        LabCommand::Up(members) => up(&members.options(folder)?).await,
    }
}

/// Starts the lab; an interruption ends what was started.
async fn up(options: &Options) -> Result<Exit, CommandError> {
    let begun = Instant::now();
    let asked = CancellationToken::new();
    let end = asked.clone();
    let _listening = signals::on_each(move || end.cancel());
    let mut on_progress = tell;
    let status = tokio::select! {
        status = lab::up(options, &mut on_progress) => Some(status?),
        () = asked.cancelled() => None,
    };
    let Some(status) = status else {
        output::tell("interrupted: stopping the processes that were started");
        down(&options.folder, false).await?;
        return Ok(Exit::Interrupted);
    };
    output::tell(&format!(
        "the lab is up: {} processes ready after {}; logs are in {}",
        status.processes.len(),
        text::duration(begun.elapsed()),
        status.folder.join("logs").display()
    ));
    if options.port_base.is_some() {
        output::tell(
            "next: `jalon lab environment > plan/environments/lab.yaml`, so that the campaign uses these ports",
        );
    }
    Ok(Exit::Passed)
}

async fn down(folder: &Path, purge: bool) -> Result<Exit, CommandError> {
    let ended = lab::down(folder, purge, &mut tell).await?;
    let killed = match ended.killed {
        0 => String::new(),
        n => format!(", {n} of them killed"),
    };
    output::tell(&match ended.asked + ended.killed {
        0 => format!("no lab is running in {}", folder.display()),
        1 => format!("the lab is down: 1 process stopped{killed}"),
        n => format!("the lab is down: {n} processes stopped{killed}"),
    });
    Ok(Exit::Passed)
}

/// Prints the environment, without what is empty.
fn environment(folder: &Path, name: &str) -> Result<Exit, CommandError> {
    let program = std::env::current_exe().map_err(|cause| CommandError::Disk {
        verb: "find",
        path: "this program".into(),
        cause,
    })?;
    let words =
        [program.as_path(), Path::new("lab"), Path::new("--folder"), folder].map(|w| w.display().to_string());
    output::print(&lab::environment_text(folder, name, &words)?)?;
    Ok(Exit::Passed)
}

/// The processes in at most 80 columns.
fn table(status: &Status) -> String {
    let mut out = format!("{} in {}\n", status.state, status.folder.display());
    if status.state == LabState::Down && status.processes.is_empty() {
        return out;
    }
    let _ = writeln!(out, "\n{:<16}  {:<8}  {:>7}  {:>10}  WHERE", "PROCESS", "STATE", "PID", "MEMORY");
    for process in &status.processes {
        let pid = process.pid.map_or_else(|| "-".to_owned(), |pid| pid.to_string());
        let memory = process.memory_bytes.map_or_else(|| "-".to_owned(), text::bytes);
        let place = process.endpoints.first().map_or("", |e| e.trim_start_matches("http://"));
        let state = process.state.to_string();
        let _ = writeln!(out, "{:<16}  {state:<8}  {pid:>7}  {memory:>10}  {place}", process.name);
    }
    let total: u64 = status.processes.iter().filter_map(|p| p.memory_bytes).sum();
    let _ = writeln!(out, "{:<16}  {:<8}  {:>7}  {:>10}", "", "", "", text::bytes(total));
    out
}

/// Progress, for somebody who watches.
fn tell(progress: Progress) {
    if output::is_watched() {
        output::tell(&progress.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{ProcessState, ProcessStatus};

    fn status() -> Status {
        let process = |name: &str, role: &str, state, endpoint: &str| ProcessStatus {
            name: name.into(),
            role: serde_json::from_value(role.into()).unwrap(),
            pid: (state == ProcessState::Running).then_some(4_194_304),
            state,
            endpoints: vec![endpoint.into()],
            memory_bytes: (state == ProcessState::Running).then_some(1023 << 20),
        };
        Status {
            state: LabState::Degraded,
            processes: vec![
                process("source-zookeeper", "zookeeper", ProcessState::Running, "127.0.0.1:12181"),
                process(
                    "registry",
                    "registry",
                    ProcessState::Running,
                    "http://127.0.0.1:18182/apis/ccompat/v7",
                ),
                process("connect", "connect", ProcessState::Stopped, "http://127.0.0.1:18083"),
            ],
            folder: "/campaign/.jalon/lab".into(),
        }
    }

    #[test]
    fn the_table_fits_eighty_columns() {
        insta::assert_snapshot!(table(&status()), @r"
        degraded in /campaign/.jalon/lab

        PROCESS           STATE         PID      MEMORY  WHERE
        source-zookeeper  running   4194304  1023.0 MiB  127.0.0.1:12181
        registry          running   4194304  1023.0 MiB  127.0.0.1:18182/apis/ccompat/v7
        connect           stopped         -           -  127.0.0.1:18083
                                                2.0 GiB
        ");
        assert!(table(&status()).lines().all(|line| line.len() <= 80));
    }

    #[test]
    fn the_json_has_the_promised_fields() {
        let json = serde_json::to_value(status()).unwrap();
        let keys = |v: &serde_json::Value| v.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&json), ["state", "processes"]);
        assert_eq!(
            keys(&json["processes"][2]),
            ["name", "role", "pid", "state", "endpoints", "memory_bytes"]
        );
        assert_eq!(json["processes"][2]["pid"], serde_json::Value::Null);
        assert_eq!(json["state"], "degraded");
    }
}
