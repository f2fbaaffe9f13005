//! Kafka's own tools, run as children: the performance tools of the drivers `kafka-tools`, read while they run, and
//! administrative ones.

use super::{
    ActionContext, ActionError,
    command::{self, End, Finished},
    kafka_access::Access,
    load_client,
};
use crate::{
    clients::{
        KafkaTools,
        kafka::{Role, allowed_url, java},
    },
    load,
    perf_output::{Reader, messages as messages_of_tools},
    record::{Arg, Evidence, Said, Scenario, Window, messages},
    support::text,
};
use rustix::fs::{MemfdFlags, Mode, fchmod, memfd_create};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    os::fd::AsRawFd,
    path::{Path, PathBuf},
};
use tokio::sync::mpsc::unbounded_channel;

/// One of the tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tool {
    /// `kafka-consumer-perf-test`.
    Consumer,
    /// `kafka-producer-perf-test`.
    Producer,
}

impl Tool {
    /// Name of its script, without an ending.
    pub(super) fn script(self) -> &'static str {
        match self {
            Self::Consumer => "kafka-consumer-perf-test",
            Self::Producer => "kafka-producer-perf-test",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Consumer => "org.apache.kafka.tools.ConsumerPerformance",
            Self::Producer => "org.apache.kafka.tools.ProducerPerformance",
        }
    }

    /// The option for a file of properties, of 3.7 to 4.x: 4.2 has another name, and takes this one until 5.0.
    fn config(self) -> &'static str {
        match self {
            Self::Consumer => "--consumer.config",
            Self::Producer => "--producer.config",
        }
    }

    fn role(self) -> Role {
        match self {
            Self::Consumer => Role::Consumer,
            Self::Producer => Role::Producer,
        }
    }
}

/// What a tool did.
#[derive(Debug)]
pub(super) struct Ran {
    /// What it printed, put together.
    pub(super) scenario: Scenario,
    /// End, output and time of its process.
    pub(super) finished: Finished,
    /// Sentences for who reads the figures.
    pub(super) remarks: Vec<Said>,
}

/// A file that only this user can open and that is on no disk: it is gone with this process, however that ends.
struct Private(File);

impl Private {
    fn new(name: &str, text: &str) -> io::Result<Self> {
        let mut file = File::from(memfd_create(name, MemfdFlags::CLOEXEC)?);
        fchmod(&file, Mode::RUSR | Mode::WUSR)?;
        file.write_all(text.as_bytes())?;
        Ok(Self(file))
    }

    /// The path by which a child opens it.
    fn path(&self) -> String {
        format!("/proc/{}/fd/{}", std::process::id(), self.0.as_raw_fd())
    }
}

/// Warnings of the client go to standard error, as with the scripts' own configuration (log4j 1, up to Kafka 3.9).
const LOG4J: &str = "\
log4j.rootLogger=WARN, stderr
log4j.appender.stderr=org.apache.log4j.ConsoleAppender
log4j.appender.stderr.Target=System.err
log4j.appender.stderr.layout=org.apache.log4j.PatternLayout
log4j.appender.stderr.layout.ConversionPattern=[%d] %p %m (%c)%n
";

/// Looks whether the topic is there: the tool would make it, and would wait a minute for each record where no broker is.
pub(super) async fn find_topic(cx: &ActionContext, cluster: &str, topic: &str) -> Result<(), ActionError> {
    let access = Access::to(cx, cluster).await?;
    let topology = access.ask(cx, access.admin.topology()).await?;
    match topology.topic(topic) {
        Some(_) => Ok(()),
        None => Err(load_client::fault(load::LoadError::UnknownTopic(topic.to_owned()), cluster)),
    }
}

/// Runs the tool with these arguments and properties, and gives every window to `hear` when it comes. What it printed and
/// its settings become artifacts, secrets masked.
pub(super) async fn run(
    cx: &ActionContext,
    tool: Tool,
    cluster: &str,
    arguments: &[String],
    properties: &BTreeMap<String, String>,
    mut hear: impl FnMut(&Window) + Send,
) -> Result<Ran, ActionError> {
    let kit = kit(cx)?;
    let (settings, properties) = settings(cx, cluster, tool.role(), properties).await?;
    let log4j = Private::new("log4j.properties", LOG4J).map_err(|e| not_handed(&e))?;
    let jvm = jvm(&properties);
    let mut argv = program(kit, (tool.script(), tool.class()), &cx.work_dir, &log4j, &jvm)?;
    argv.extend(arguments.iter().cloned());
    argv.extend([tool.config().to_owned(), settings.path()]);

    let version = version(kit, &cx.work_dir);
    let client = match &version {
        Some(version) => of_version(tool.script(), version),
        None => of_unknown_version(tool.script()),
    };
    let about =
        serde_json::json!({"client": client.as_str(), "arguments": arguments, "properties": properties});
    cx.artifacts.write_json("settings.json", &about)?;

    let mut reader = Reader::new(None);
    // It tells the reader what was asked for.
    let quoted = |word: &String| if word.contains(' ') { format!("'{word}'") } else { word.clone() };
    let words: Vec<String> = arguments.iter().map(quoted).collect();
    reader.line(format!("{} {}", tool.script(), words.join(" ")).as_bytes());
    let (sender, mut receiver) = unbounded_channel::<Vec<u8>>();
    let heard = async {
        let mut rest = Vec::new();
        while let Some(bytes) = receiver.recv().await {
            rest.extend_from_slice(&bytes);
            while let Some(end) = rest.iter().position(|b| *b == b'\n') {
                if let Some(window) = reader.line(&rest[..end]) {
                    hear(&window);
                }
                rest.drain(..=end);
            }
        }
        reader.line(&rest);
        reader
    };
    let env = options(&jvm);
    let (finished, mut reader) = tokio::join!(command::run_heard(cx, &argv, &env, None, Some(sender)), heard);
    let finished = finished?;
    finished.store(cx, "")?;
    for line in finished.stderr.lines() {
        reader.line(line.as_bytes());
    }
    let (reading, _) = reader.finish();
    let not_understood = reading.not_understood_in_all();
    let scenario = reading.scenarios.into_iter().next().unwrap_or_default();
    let mut remarks = vec![measured_by(client)];
    remarks.extend(finished.remarks.iter().cloned());
    let no_figures = messages_of_tools::no_figures();
    remarks.extend(scenario.warnings.iter().filter(|w| **w != no_figures).cloned());
    if not_understood > 0 {
        remarks.push(lines_unknown(not_understood));
    }
    Ok(Ran { scenario, finished, remarks })
}

/// What one of Kafka's administrative tools, a script and its class, prints of a cluster. Its log-in goes by a file that
/// only this user can open.
pub(super) async fn administer(
    cx: &ActionContext,
    tool: (&str, &str),
    cluster: &str,
    arguments: &[String],
) -> Result<String, ActionError> {
    let kit = kit(cx)?;
    let servers = super::service::cluster(cx, cluster)?.bootstrap_servers.clone();
    let (settings, properties) = settings(cx, cluster, Role::Admin, &BTreeMap::new()).await?;
    let log4j = Private::new("log4j.properties", LOG4J).map_err(|e| not_handed(&e))?;
    let jvm = jvm(&properties);
    let mut argv = program(kit, tool, &cx.work_dir, &log4j, &jvm)?;
    let where_to = ["--bootstrap-server".to_owned(), servers, "--command-config".to_owned(), settings.path()];
    argv.extend(where_to);
    argv.extend(arguments.iter().cloned());
    let finished = command::run(cx, &argv, &options(&jvm), None).await?;
    match finished.end {
        End::Cancelled => Err(ActionError::Cancelled),
        End::Exited(status) if status.success() => Ok(finished.stdout),
        End::Exited(_) | End::TimedOut => {
            Err(ActionError::failed(complained(tool.0, finished.complaint().masked())))
        }
    }
}

/// Where the tools are.
fn kit(cx: &ActionContext) -> Result<&KafkaTools, ActionError> {
    cx.environment.kafka_tools.as_ref().ok_or_else(|| {
        let example = "kafka_tools: {bin: /opt/kafka/bin}";
        ActionError::misconfigured(tools_unknown(&cx.environment.name), add_tools(example))
    })
}

/// The settings of a tool's client, in a file of their own; and as they are.
async fn settings(
    cx: &ActionContext,
    cluster: &str,
    role: Role,
    properties: &BTreeMap<String, String>,
) -> Result<(Private, BTreeMap<String, String>), ActionError> {
    let found = super::service::cluster(cx, cluster)?.clone();
    let overrides = properties.clone();
    // A secret may come from a command, which takes its time.
    let properties = tokio::task::spawn_blocking(move || java::java_properties(&found, role, &overrides))
        .await
        .map_err(|e| ActionError::failed(load_client::settings_not_made(e.to_string())))?
        .map_err(load_client::refused_property)?;
    let file = Private::new("client.properties", &java::properties_text(&properties));
    Ok((file.map_err(|e| not_handed(&e))?, properties))
}

fn not_handed(error: &io::Error) -> ActionError {
    ActionError::failed(settings_not_handed(error.to_string()))
}

/// Options of the tool's JVM. The tools print decimal commas where the machine does.
fn jvm(properties: &BTreeMap<String, String>) -> Vec<String> {
    let english = ["-Duser.language=en", "-Duser.country=US"].map(str::to_owned);
    english.into_iter().chain(allowed_url(properties)).collect()
}

/// The same for a script; what the user has set stays.
fn options(jvm: &[String]) -> BTreeMap<String, String> {
    let options = std::env::var("KAFKA_OPTS").unwrap_or_default();
    BTreeMap::from([("KAFKA_OPTS".to_owned(), format!("{options} {}", jvm.join(" ")))])
}

/// Program and first arguments.
fn program(
    kit: &KafkaTools,
    (script, class): (&str, &str),
    work_dir: &Path,
    log4j: &Private,
    jvm: &[String],
) -> Result<Vec<String>, ActionError> {
    match (&kit.bin, &kit.class_path) {
        (Some(bin), None) => {
            let bin = work_dir.join(bin);
            let names = [format!("{script}.sh"), script.to_owned()];
            let found = names.iter().map(|name| bin.join(name)).find(|path| path.is_file());
            let found = found.ok_or_else(|| {
                ActionError::misconfigured(not_in_bin(&names[0], Arg::text(text::path(&bin))), check_bin())
            })?;
            Ok(vec![found.display().to_string()])
        }
        (None, Some(class_path)) => {
            let java = kit.java.as_ref().map_or("java".to_owned(), |java| java.display().to_string());
            let log4j = format!("-Dlog4j.configuration=file:{}", log4j.path());
            let first = [java, "-Xmx512M".to_owned(), log4j];
            let last = ["-cp", class_path, class].map(str::to_owned);
            Ok(first.into_iter().chain(jvm.iter().cloned()).chain(last).collect())
        }
        _ => {
            let hint = give_bin("{bin: /opt/kafka/bin}");
            Err(ActionError::misconfigured(bin_or_class_path(), hint))
        }
    }
}

/// The version that the client's jar names.
fn version(kit: &KafkaTools, work_dir: &Path) -> Option<String> {
    let bin = kit.bin.as_ref().map(|bin| work_dir.join(bin));
    let of_scripts = bin.iter().flat_map(|bin| [bin.join("../libs"), bin.join("../share/java/kafka")]);
    let of_path = kit.class_path.iter().flat_map(|path| path.split(':')).map(|part| {
        work_dir.join(
            part.strip_suffix("/*")
                .map_or_else(|| Path::new(part).parent().unwrap_or(Path::new("")), Path::new),
        )
    });
    let folders: Vec<PathBuf> = of_scripts.chain(of_path).collect();
    let names = folders.iter().flat_map(|folder| fs::read_dir(folder).into_iter().flatten().flatten());
    names.filter_map(|entry| entry.file_name().into_string().ok()).find_map(|name| {
        let version = name.strip_prefix("kafka-clients-")?.strip_suffix(".jar")?;
        version.starts_with(|c: char| c.is_ascii_digit()).then(|| version.to_owned())
    })
}

impl Ran {
    /// Ends with the evidence where the tool came to its end with figures, else with what went wrong.
    pub(super) fn conclude(self, tool: Tool, evidence: Evidence) -> Result<Evidence, super::ActionFailure> {
        let error = match self.finished.end {
            End::Cancelled => ActionError::Cancelled,
            End::Exited(status) if status.success() && self.scenario.records.is_some_and(|n| n > 0) => {
                return Ok(evidence);
            }
            End::Exited(status)
                if status.success() && self.scenario.records == Some(0) && tool == Tool::Consumer =>
            {
                return Ok(evidence);
            }
            End::Exited(status) if status.success() => {
                let why = self.scenario.warnings.first().cloned();
                let why = why.unwrap_or_else(|| self.finished.complaint());
                ActionError::failed(no_figures(tool.script(), why))
            }
            End::Exited(_) | End::TimedOut => {
                let complaint = self.finished.complaint().masked();
                ActionError::failed(complained(tool.script(), complaint))
            }
        };
        Err(error.with(evidence))
    }
}

/// Gives every promised output that has no value yet the reason why the tool has none.
pub(super) fn fill(evidence: &mut Evidence, outputs: &[super::Output], tool: Tool) {
    load_client::untold(evidence, outputs, &untold(tool.script()));
}

messages! {
    area "kafka tools";
    add_tools(example) => "add `{example}` to the environment file" / "ajouter `{example}` au fichier d'environnement";
    bin_or_class_path() => "`kafka_tools` of the environment needs one of `bin` and `class_path`" / "`kafka_tools` de l'environnement demande soit `bin`, soit `class_path`";
    check_bin() => "`kafka_tools.bin` of the environment file is the folder `bin` of a distribution of Kafka" / "`kafka_tools.bin` du fichier d'environnement est le dossier `bin` d'une distribution de Kafka";
    complained(tool, complaint) => "{tool} {complaint}" / "{tool} {complaint}";
    give_bin(example) => "`{example}` runs a distribution's scripts" / "`{example}` lance les scripts d'une distribution";
    lines_unknown(lines) => "{lines} {lines|line that it printed was|lines that it printed were} not understood; stdout.txt has {lines|it|them}" / "{lines} {lines|ligne imprimée n'a pas été comprise|lignes imprimées n'ont pas été comprises} ; voir stdout.txt";
    measured_by(client) => "measured by {client}, on the Java client" / "mesuré par {client}, sur le client Java";
    no_figures(tool, cause) => "{tool} printed no figures: {cause}" / "{tool} n'a affiché aucune valeur : {cause}";
    no_total() => "the tool printed no total" / "l'outil n'a pas affiché de total";
    not_in_bin(script, folder) => "{script} not found in {folder}" / "{script} introuvable dans {folder}";
    of_unknown_version(tool) => "{tool}, of a version that its jars do not name" / "{tool}, d'une version que ses jars ne nomment pas";
    of_version(tool, version) => "{tool} of Kafka {version}" / "{tool} de Kafka {version}";
    settings_not_handed(cause) => "could not hand the tool its settings: {cause}" / "impossible de donner ses réglages à l'outil : {cause}";
    tools_unknown(environment) => "environment `{environment}` does not say where Kafka's tools are" / "l'environnement `{environment}` ne dit pas où sont les outils de Kafka";
    untold(tool) => "{tool} does not report it" / "{tool} ne le donne pas";
}
