//! [`Cache`]: what the lab downloads, each once for a user, whole or not at all.

use super::{LabError, Progress, programs};
use crate::support::inherited;
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::process::Command;

/// How long one download may take.
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(15 * 60);

/// An unfinished download this old belongs to a program that was killed.
const ABANDONED: Duration = Duration::from_secs(2 * 3600);

/// What the name of an unfinished download begins with.
const UNFINISHED: &str = ".unfinished-";

/// The programs of the machine that fetch, each with its Debian package.
const FETCHERS: [(&str, &str); 2] = [("mvn", "maven"), ("python3", "python3-venv")];

/// Where downloads and class archives are kept for all labs of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache(PathBuf);

/// One download: commands that fill a folder.
#[derive(Debug)]
pub(super) struct Item {
    /// The folder in the cache, version included.
    pub(super) folder: &'static str,
    /// What it is, for people.
    pub(super) what: &'static str,
    /// A file that is there when it is whole.
    pub(super) proof: &'static str,
    /// The `pom.xml` that the commands need.
    pub(super) pom: Option<&'static str>,
    /// The commands, run in the folder one after another. Spaces separate their words.
    pub(super) commands: &'static [&'static str],
}

impl Item {
    /// The file that is there when it is whole.
    pub(super) fn proof(&self, folder: &Path) -> PathBuf {
        folder.join(self.proof)
    }

    fn purpose(&self) -> String {
        format!("download {}", self.what)
    }
}

impl Cache {
    /// The cache in that folder.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    /// The user's: `$XDG_CACHE_HOME/jalon`, else `~/.cache/jalon`.
    pub fn of_user() -> Result<Self, LabError> {
        let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
        absolute("XDG_CACHE_HOME")
            .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
            .map(|folder| Self(folder.join("jalon")))
            .ok_or(LabError::NoCache)
    }

    /// Returns the folder of the downloads.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// The folder of an item, whether it has been fetched or not.
    pub(super) fn place(&self, item: &Item) -> PathBuf {
        self.0.join(item.folder)
    }

    /// The folder of an item, where it has been fetched.
    fn fetched(&self, item: &Item) -> Option<PathBuf> {
        Some(self.place(item)).filter(|folder| item.proof(folder).exists())
    }

    /// The folder of an item, fetched first where it is missing. It is filled under another name and renamed when it is
    /// whole, so that an interrupted download is not taken for a whole one.
    pub(super) async fn fetch(
        &self,
        item: &Item,
        on_progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<PathBuf, LabError> {
        if let Some(folder) = self.fetched(item) {
            return Ok(folder);
        }
        for command in item.commands {
            if let Some((program, package)) = FETCHERS.iter().find(|(name, _)| command.starts_with(name)) {
                programs::found(program, package, || format!("to {}", item.purpose()))?;
            }
        }
        fs::create_dir_all(&self.0).map_err(LabError::io("create", &self.0))?;
        self.remove_abandoned();
        let unfinished = tempfile::Builder::new()
            .prefix(&format!("{UNFINISHED}{}-", item.folder))
            .tempdir_in(&self.0)
            .map_err(LabError::io("create a folder in", &self.0))?;
        if let Some(pom) = item.pom {
            let path = unfinished.path().join("pom.xml");
            fs::write(&path, pom).map_err(LabError::io("write", path))?;
        }
        on_progress(Progress::Fetching(item.what));
        for command in item.commands {
            run(item, command, unfinished.path()).await?;
        }
        if !item.proof(unfinished.path()).exists() {
            return Err(LabError::Program {
                what: item.purpose(),
                name: item.commands.join("; "),
                why: format!("did not create `{}`", item.proof),
                output: String::new(),
            });
        }
        let folder = self.place(item);
        match fs::rename(unfinished.path(), &folder) {
            Ok(()) => {
                // It is no longer under the temporary name: nothing is left to remove.
                drop(unfinished.keep());
                Ok(folder)
            }
            // Another lab was faster.
            Err(_) if self.fetched(item).is_some() => Ok(folder),
            Err(cause) => Err(LabError::Io { doing: "rename the download to", path: folder, cause }),
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

/// Variables that a download needs besides those that every child gets: the way out of a network.
const NETWORK: [&str; 12] = [
    "ALL_PROXY",
    "CURL_CA_BUNDLE",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "MAVEN_ARGS",
    "MAVEN_OPTS",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// Runs one command of an item in `folder`.
async fn run(item: &Item, line: &str, folder: &Path) -> Result<(), LabError> {
    let mut words = line.split(' ');
    let program = words.next().unwrap_or_default();
    let program = if program.contains('/') { folder.join(program) } else { PathBuf::from(program) };
    let mut command = Command::new(program);
    let of_network = NETWORK.iter().filter_map(|name| Some((*name, std::env::var_os(name)?)));
    command.env_clear().envs(inherited::variables()).envs(of_network);
    command.args(words).current_dir(folder).stdin(Stdio::null());
    programs::run(&item.purpose(), line, &mut command, DOWNLOAD_LIMIT).await
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Item = Item {
        folder: "thing-1",
        what: "a thing",
        proof: "whole",
        pom: Some("<project/>"),
        commands: &["cp pom.xml whole"],
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
        let script = Some("touch whole; echo no such artifact; exit 3");
        let failing = Item { pom: script, commands: &["sh pom.xml"], ..GOOD };
        let error = cache.fetch(&failing, &mut |_| ()).await.unwrap_err().to_string();
        assert!(error.contains("no such artifact") && error.contains("3"), "{error}");
        let empty = Item { commands: &["true"], ..GOOD };
        let error = cache.fetch(&empty, &mut |_| ()).await.unwrap_err().to_string();
        assert!(error.contains("did not create `whole`"), "{error}");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
        assert_eq!(cache.fetched(&GOOD), None);
    }
}
