//! [`Archive`]: a class archive (CDS) of Java, which halves the time that a process takes to start.

use super::{java::Runtime, tools::Tools};
use sha2::{Digest, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

/// To be raised where an archive of before would no longer fit: other options, other classes at the start.
const RECIPE: u32 = 1;

/// The first compiler alone and the serial collector: half the CPU time and less memory for a short-lived lab. Java makes
/// class archives for one collector only, so that these must not differ between making and using one.
const LIGHT: [&str; 4] =
    ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xlog:cds=off", "-Xlog:cds+dynamic=off"];

/// What a Java process does with a class archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Archive {
    /// Nothing: its classes are loaded from the jars.
    None,
    /// Starts from this one.
    Use(PathBuf),
    /// Writes this one when it ends. Java refuses that to a process with an agent.
    Make(PathBuf),
}

impl Archive {
    /// What a process of the service of that name does with its archive: uses it where it could be made.
    pub(super) fn usable(name: &str, runtime: Option<&Runtime>, tools: &Tools) -> Self {
        match runtime.map(|runtime| Self::path(name, runtime, tools)) {
            // An empty file says that this Java cannot make one.
            Some(path) if fs::metadata(&path).is_ok_and(|m| m.len() > 0) => Self::Use(path),
            _ => Self::None,
        }
    }

    /// The file of the archive for the service of that name. Java ignores an archive that was made by another Java or
    /// from other jars, without a word; therefore all of that is in the file's name.
    pub(super) fn path(name: &str, runtime: &Runtime, tools: &Tools) -> PathBuf {
        let java = tools.java(&runtime.java);
        let java = fs::canonicalize(&java).unwrap_or(java);
        let home = java.parent().and_then(Path::parent).unwrap_or(&java);
        let mut hash = Sha256::new_with_prefix(RECIPE.to_be_bytes());
        for path in [home.join("lib/modules"), home.join("lib/server/libjvm.so"), tools.jars(runtime)] {
            let changed = fs::metadata(&path).and_then(|m| m.modified()).unwrap_or(UNIX_EPOCH);
            let age = changed.duration_since(UNIX_EPOCH).unwrap_or_default();
            hash.update(format!("{} {}\n", path.display(), age.as_nanos()));
        }
        let key: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        tools.cache.folder().join("class-archives").join(format!("{name}-{key}.jsa"))
    }

    /// The start of a command line: Java, its `options`, and what it does with its archive.
    pub(super) fn java(&self, runtime: &Runtime, tools: &Tools, options: &[&str]) -> Vec<String> {
        let mut argv = vec![tools.java(&runtime.java).display().to_string()];
        argv.extend(options.iter().chain(&LIGHT).map(|&option| option.to_owned()));
        argv.extend(match self {
            Self::None => None,
            Self::Use(path) => Some(format!("-XX:SharedArchiveFile={}", path.display())),
            Self::Make(path) => Some(format!("-XX:ArchiveClassesAtExit={}", path.display())),
        });
        argv
    }
}
