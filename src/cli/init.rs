//! `jalon init`: the shipped plan, written for the reader's own clusters.

mod dedicated;
mod shipped;

use super::{
    CommandError, Exit,
    open::{self, PlanArgs},
    output,
};
use crate::{
    clients::kafka::properties::{self, Translated},
    discover::{
        self,
        draft::{Brokers, Draft, FoundFlow, Side, scalar},
        probe::{self, Answer},
    },
    plan::Options,
    record::faults,
    report::{WIDTH, wrap},
    support::text,
};
use clap::Args;
use std::{
    fmt::Write as _,
    fs::{self, OpenOptions},
    io::{self, BufRead, IsTerminal, Write as _},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};
use url::Url;

/// Where secrets are kept, from the campaign's folder.
const SECRETS: &str = "secrets";

/// Arguments of `init`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jalon init my-campaign               asks for what is missing\n  jalon init my-campaign --source-bootstrap a1:9092,a2:9092 \\\n    --target-bootstrap b1:9092\n  jalon init . --source-properties source.properties \\\n    --target-properties target.properties --connect https://connect:8083 \\\n    --prometheus http://prometheus:9090 --production\n\nA properties file is that of a Java client. Its log-in and its JKS and PKCS #12\nstores are converted. Secrets are written to files below `secrets`, which git\nignores and only you can read."
)]
pub(super) struct InitArgs {
    /// Folder of the new campaign, created if missing. No file is overwritten.
    #[arg(value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Name of the campaign. Default: the name of the folder.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Name of the environment.
    #[arg(long, value_name = "NAME", default_value = "platform")]
    environment: String,
    /// Mark the platform as production: every run must be confirmed.
    #[arg(long)]
    production: bool,
    /// Bootstrap brokers of the source cluster, as `host:port` separated by commas.
    #[arg(long, value_name = "SERVERS")]
    source_bootstrap: Option<String>,
    /// Bootstrap brokers of the target cluster, as `host:port` separated by commas.
    #[arg(long, value_name = "SERVERS")]
    target_bootstrap: Option<String>,
    /// `client.properties` of a Java client of the source cluster, with its log-in.
    #[arg(long, value_name = "FILE")]
    source_properties: Option<PathBuf>,
    /// `client.properties` of a Java client of the target cluster, with its log-in.
    #[arg(long, value_name = "FILE")]
    target_properties: Option<PathBuf>,
    /// Properties file of a dedicated MirrorMaker 2 (`connect-mirror-maker mm2.properties`): clusters, log-ins and
    /// flow.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["source_properties", "target_properties"])]
    mirror_properties: Option<PathBuf>,
    /// Flow of that file, if several are enabled: `east->west`.
    #[arg(long, value_name = "FLOW", requires = "mirror_properties")]
    mirror_flow: Option<String>,
    /// ZooKeeper nodes of the source cluster, as `host:port` separated by commas.
    #[arg(long, value_name = "NODES", value_delimiter = ',')]
    source_zookeeper: Vec<String>,
    /// ZooKeeper nodes of the target cluster, as `host:port` separated by commas.
    #[arg(long, value_name = "NODES", value_delimiter = ',')]
    target_zookeeper: Vec<String>,
    /// Address of Kafka Connect's REST API. MirrorMaker 2's connectors become the flow of the environment.
    #[arg(long, value_name = "URL", value_parser = address)]
    connect: Option<Url>,
    /// Address of Prometheus. Its targets become the exporters of the environment.
    #[arg(long, visible_alias = "from-prometheus", value_name = "URL", value_parser = address)]
    prometheus: Option<Url>,
    /// Address of the schema registry, including the path of the Confluent-compatible API.
    #[arg(long, value_name = "URL", value_parser = address)]
    schema_registry: Option<Url>,
    /// Do not check whether the services answer.
    #[arg(long)]
    no_probe: bool,
}

/// One file to be written.
struct NewFile {
    path: PathBuf,
    text: String,
    secret: bool,
}

/// Writes the campaign, and asks what answers.
pub(super) async fn run(campaign: &Path, args: InitArgs) -> Result<Exit, CommandError> {
    let dir = args.dir.clone().unwrap_or_else(|| campaign.to_owned());
    check_name(&args.environment)?;
    let dedicated::Campaign { sides, flows, mut remarks } = match &args.mirror_properties {
        Some(file) => dedicated::read(file, args.mirror_flow.as_deref(), SECRETS)?,
        None => {
            let source = translated(args.source_properties.as_deref(), "source")?;
            let sides = [source, translated(args.target_properties.as_deref(), "target")?];
            dedicated::Campaign { sides, ..dedicated::Campaign::default() }
        }
    };
    remarks.extend(sides.iter().flat_map(|side| side.remarks.clone()));
    let (mut draft, secrets) = draft(&args, sides, flows)?;
    let name = args.name.clone().unwrap_or_else(|| folder_name(&dir));
    let files = files(&name, &draft, secrets);
    refuse_to_overwrite(&dir, &files)?;
    for file in &files {
        write(&dir, file)?;
    }
    // From here on everything is as it is for every other command: in the campaign's folder.
    std::env::set_current_dir(&dir).map_err(disk("enter", &dir))?;
    let mut told = summary(&dir, &name, &args.environment, &files);
    for remark in &remarks {
        told.push_str(&wrap(remark, WIDTH, 2));
    }
    if !args.no_probe {
        let answers = probe::all(&draft).await;
        let seen =
            |service: &str| answers.iter().find(|a| a.service == service).and_then(|a| a.brokers.clone());
        for (side, service) in [(&mut draft.source, "source cluster"), (&mut draft.target, "target cluster")]
        {
            if let Some(hosts) = seen(service) {
                (side.brokers, side.hosts) = (Brokers::Seen(hosts.len()), hosts);
            }
        }
        let has_answered = |service: &str| answers.iter().any(|a| a.service == service && a.said.is_ok());
        discover::all(&mut draft, has_answered).await;
        let path = environment_path(&args.environment);
        fs::write(&path, draft.yaml()).map_err(disk("write", &path))?;
        let _ = write!(told, "\nReachability\n{}", reachability(&answers));
        told.push_str(&discovered(&draft));
    }
    open::plan(Path::new("."), &Options { draft: true, ..PlanArgs::default().options() })?;
    let _ = write!(told, "\n{}", next(&dir, &args, &draft));
    output::print(&told)?;
    Ok(Exit::Passed)
}

fn check_name(name: &str) -> Result<(), CommandError> {
    let usage = |message: String, hint: &str| Err(CommandError::Usage { message, hint: hint.to_owned() });
    if ["lab", "production-example"].contains(&name) {
        return usage(
            format!("the environment `{name}` comes with the plan"),
            "give yours another name: `--environment staging`",
        );
    }
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    match plain {
        true => Ok(()),
        false => usage(
            format!("`{name}` cannot name an environment"),
            "it is the name of a file: letters, digits, `-` and `_`",
        ),
    }
}

fn translated(path: Option<&Path>, prefix: &str) -> Result<Translated, CommandError> {
    let Some(path) = path else { return Ok(Translated::default()) };
    let bytes = properties::read(path).map_err(|cause| CommandError::Usage {
        message: format!("{} cannot be read: {cause}", text::path(path)),
        hint: format!("give a Java client's properties file with --{prefix}-properties"),
    })?;
    let folder = path.parent().unwrap_or(Path::new("."));
    properties::translate(bytes, folder, prefix, SECRETS).map_err(|error| CommandError::Usage {
        hint: error.hint(),
        message: format!("{}: {error}", text::path(path)),
    })
}

/// What is known now, after asking for what is missing, and the secrets' files.
fn draft(
    args: &InitArgs,
    sides: [Translated; 2],
    flows: Vec<FoundFlow>,
) -> Result<(Draft, Vec<(PathBuf, String)>), CommandError> {
    let person = io::stdin().is_terminal() && output::is_watched();
    let mut secrets = Vec::new();
    let mut missing = Vec::new();
    let mut clusters = Vec::new();
    let flags = [&args.source_bootstrap, &args.target_bootstrap];
    let zookeeper = [&args.source_zookeeper, &args.target_zookeeper];
    for (index, (name, side)) in ["source", "target"].into_iter().zip(sides).enumerate() {
        let asked = || match person {
            true => {
                answer(&format!("Brokers of the {name} cluster (host:port, separated by commas)"), |text| {
                    servers(name, text).map(|()| text.to_owned())
                })
            }
            false => None,
        };
        let bootstrap = flags[index].clone().or(side.bootstrap_servers).or_else(asked);
        let Some(bootstrap) = bootstrap.filter(|b| !b.trim().is_empty()) else {
            missing.push(format!("--{name}-bootstrap"));
            continue;
        };
        servers(name, &bootstrap).map_err(|message| CommandError::Usage {
            message,
            hint: "write `host:port`, several separated by commas".to_owned(),
        })?;
        secrets.extend(side.files);
        clusters.push(Side {
            bootstrap,
            brokers: Brokers::Supposed,
            properties: side.properties,
            zookeeper: zookeeper[index].clone(),
            hosts: Vec::new(),
        });
    }
    let (Some(target), Some(source)) = (clusters.pop(), clusters.pop()) else {
        return Err(CommandError::Usage {
            message: format!(
                "{}, and {} {} missing",
                if person { "no answer was given" } else { "standard input is not a terminal" },
                missing.join(" and "),
                if missing.len() == 1 { "is" } else { "are" }
            ),
            hint: "jalon init --source-bootstrap HOST:PORT --target-bootstrap HOST:PORT, or files with \
                   `bootstrap.servers` by --source-properties and --target-properties"
                .to_owned(),
        });
    };
    let url = |given: &Option<Url>, what: &str| match given {
        None if person => answer(&format!("Address of {what} (empty: not known yet)"), |text| match text {
            "" => Ok(None),
            text => address(text).map(Some),
        })
        .flatten(),
        given => given.clone(),
    };
    let draft = Draft {
        name: args.environment.clone(),
        production: args.production,
        source,
        target,
        // Where MirrorMaker 2 runs by itself, there is none to ask for.
        connect: match flows.is_empty() {
            true => url(&args.connect, "Kafka Connect"),
            false => args.connect.clone(),
        },
        prometheus: url(&args.prometheus, "Prometheus"),
        registry: args.schema_registry.clone(),
        flows,
        ..Draft::default()
    };
    Ok((draft, secrets))
}

/// Whether these are bootstrap servers.
fn servers(name: &str, servers: &str) -> Result<(), String> {
    let wrong = servers.split(',').map(str::trim).find(|server| {
        let port = server.rsplit_once(':').filter(|(host, _)| !host.is_empty());
        port.is_none_or(|(_, port)| port.parse::<u16>().is_err())
    });
    match wrong {
        None => Ok(()),
        Some("") => Err(format!("a campaign needs the {name} cluster: write `host:port`")),
        Some(server) => Err(format!("`{server}` is not a broker of the {name} cluster")),
    }
}

/// The person's answer, asked for until `read` takes it; none where the input ends (Ctrl-D).
fn answer<T>(question: &str, read: impl Fn(&str) -> Result<T, String>) -> Option<T> {
    let mut err = anstream::stderr();
    loop {
        let _ = write!(err, "{question}: ").and_then(|()| err.flush());
        let mut line = String::new();
        if io::stdin().lock().read_line(&mut line).ok()? == 0 {
            return None;
        }
        match read(line.trim()) {
            Ok(answer) => return Some(answer),
            Err(why) => {
                let _ = writeln!(err, "  {why}");
            }
        }
    }
}

/// An address that holds no password: it stands in a file of the plan.
fn address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text)
        .map_err(|e| format!("`{}` is not an address: {}", text::cut(text, 40), faults::url(e)))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err("an address begins with `http://` or `https://` and a host".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("an address holds no user and no password; fill in `user` and `password` of the environment file, \
                    the password as a reference (`env:NAME`)"
            .to_owned());
    }
    Ok(url)
}

fn environment_path(name: &str) -> PathBuf {
    format!("plan/environments/{name}.yaml").into()
}

fn folder_name(dir: &Path) -> String {
    let whole = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    let name = whole.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    if name.is_empty() { "campaign".to_owned() } else { name }
}

/// Everything that is to be written.
fn files(name: &str, draft: &Draft, secrets: Vec<(PathBuf, String)>) -> Vec<NewFile> {
    let plain = |path: &str, text: String| NewFile { path: path.into(), text, secret: false };
    let mut files: Vec<NewFile> = shipped::FILES
        .iter()
        .map(|(path, text)| match *path {
            "plan/campaign.yaml" => plain(path, campaign(text, name, &draft.name)),
            _ => plain(path, (*text).to_owned()),
        })
        .collect();
    files.push(NewFile { path: environment_path(&draft.name), text: draft.yaml(), secret: false });
    files.push(plain("artifacts/.gitignore", "*\n!.gitignore\n!README.md\n".to_owned()));
    files.push(plain(".jalon/.gitignore", "*\n".to_owned()));
    files.push(plain(&format!("{SECRETS}/.gitignore"), "*\n!.gitignore\n".to_owned()));
    files.extend(secrets.into_iter().map(|(path, text)| NewFile { path, text, secret: true }));
    files
}

/// The shipped campaign under its own name, with its own environment as the default.
fn campaign(text: &str, name: &str, environment: &str) -> String {
    text.lines().fold(String::new(), |mut out, line| {
        let _ = match line.split_once(':') {
            Some(("name", _)) => writeln!(out, "name: {}", scalar(name)),
            Some(("default_environment", _)) => writeln!(out, "default_environment: {environment}"),
            _ => writeln!(out, "{line}"),
        };
        out
    })
}

fn refuse_to_overwrite(dir: &Path, files: &[NewFile]) -> Result<(), CommandError> {
    let there: Vec<String> = files
        .iter()
        .filter(|file| dir.join(&file.path).symlink_metadata().is_ok())
        .map(|file| text::path(&file.path))
        .collect();
    if there.is_empty() {
        return Ok(());
    }
    let what = if there.len() == 1 { "this file is" } else { "these files are" };
    Err(CommandError::Usage {
        message: format!("{what} already in {}: {}", text::path(dir), there.join(", ")),
        hint: "nothing was written, and nothing is overwritten: name another folder".to_owned(),
    })
}

fn write(dir: &Path, file: &NewFile) -> Result<(), CommandError> {
    let path = dir.join(&file.path);
    if let Some(folder) = path.parent() {
        let mode = if folder.ends_with(SECRETS) { 0o700 } else { 0o777 };
        fs::DirBuilder::new().recursive(true).mode(mode).create(folder).map_err(disk("make", folder))?;
    }
    let mode = if file.secret { 0o600 } else { 0o666 };
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&path)
        .and_then(|mut open| open.write_all(file.text.as_bytes()))
        .map_err(disk("write", &path))
}

fn disk(verb: &'static str, path: &Path) -> impl FnOnce(io::Error) -> CommandError {
    let path = path.to_owned();
    move |cause| CommandError::Disk { verb, path, cause }
}

fn summary(dir: &Path, name: &str, environment: &str, files: &[NewFile]) -> String {
    let steps = files.iter().filter(|f| f.path.starts_with("steps")).count();
    let secrets = files.iter().filter(|f| f.secret).count();
    let mut out = format!("Campaign `{name}` in {}\n", text::path(dir));
    let path = text::path(&environment_path(environment));
    let mut rows = vec![
        ("plan/campaign.yaml".to_owned(), "objectives, sizes, facts (unknown yet)".to_owned()),
        (path, "addresses and log-ins of the services".to_owned()),
        ("steps".to_owned(), format!("the plan, {}", text::plural(steps, "step"))),
    ];
    if secrets > 0 {
        rows.push((
            SECRETS.to_owned(),
            format!("{}, readable only by you, ignored by git", text::plural(secrets, "file")),
        ));
    }
    let widest = rows.iter().map(|(path, _)| path.len()).max().unwrap_or(0);
    for (path, what) in rows {
        let _ = writeln!(out, "  {path:<widest$}  {what}");
    }
    out
}

/// The answers as a table, addresses cut where they are long.
fn reachability(answers: &[Answer]) -> String {
    let mut table = String::new();
    for answer in answers {
        let (mark, said) = match &answer.said {
            Ok(said) => ("answers", said),
            Err(why) => ("NO ANSWER", why),
        };
        let _ = writeln!(table, "  {:<17} {mark:<10} {}", answer.service, text::cut(&answer.address, 48));
        table.push_str(&wrap(said, WIDTH, 31));
    }
    table
}

/// What was found out beside who answers.
fn discovered(draft: &Draft) -> String {
    let mut found = Vec::new();
    if !draft.exporters.is_empty() || !draft.targets.is_empty() {
        let others = match draft.targets.len() {
            0 => String::new(),
            n => format!("; {} more, as comments", text::plural(n, "target")),
        };
        found.push(format!(
            "{} by the targets of Prometheus{others}",
            text::plural(draft.exporters.len(), "exporter")
        ));
    }
    for flow in &draft.flows {
        let direction = if flow.reversed { "target to source" } else { "source to target" };
        let (of, to) = (&flow.source_alias, &flow.target_alias);
        found.push(format!("the flow {of} to {to} ({direction}) by {}", flow.connectors.join(", ")));
    }
    match found.is_empty() {
        true => String::new(),
        false => format!("\nFound\n{}", found.iter().map(|line| wrap(line, WIDTH, 2)).collect::<String>()),
    }
}

fn next(dir: &Path, args: &InitArgs, draft: &Draft) -> String {
    let confirm = if args.production { format!(" --confirm {}", args.environment) } else { String::new() };
    let cd = match dir {
        dir if dir == Path::new(".") => String::new(),
        dir => format!("  cd {}\n", text::path(dir)),
    };
    format!(
        "The plan is sound as far as the environment is known. Next\n{cd}  fill in {} ({}commands, log-ins)\n  fill in the facts of \
         plan/campaign.yaml (memory, vCPU, disk of the brokers)\n  jalon check\n  jalon doctor\n  jalon plan show 3 --resolved\n  \
         jalon run --profile smoke --until 2{confirm}\n",
        text::path(&environment_path(&args.environment)),
        if draft.exporters.is_empty() { "exporters, " } else { "" },
    )
}
