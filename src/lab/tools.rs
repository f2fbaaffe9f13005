//! [`Tools`]: the programs and jars that the lab runs, found on the machine or downloaded.

use super::{
    LabError, Progress,
    fetch::{Cache, Item},
    java::{self, Java, Runtime},
    programs::Program,
};
use std::{collections::BTreeMap, path::PathBuf};

/// Something without which a process cannot start.
#[derive(Clone, Copy)]
pub(super) enum Need {
    Java(&'static Java),
    /// A program of the machine.
    Program(&'static Program),
    /// A download.
    Item(&'static Item),
}

/// The programs and jars that a lab runs.
#[derive(Debug, Clone)]
pub(super) struct Tools {
    /// Where downloads and class archives are kept.
    pub(super) cache: Cache,
    /// The Javas, by what needs them, and the programs, by their names.
    found: BTreeMap<&'static str, PathBuf>,
}

impl Tools {
    /// Finds what is needed. What the machine must have is looked for before anything is downloaded.
    pub(super) async fn prepare(
        needs: &[Need],
        cache: &Cache,
        on_progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Self, LabError> {
        let mut found = BTreeMap::new();
        let installed = java::installed();
        for need in needs {
            match need {
                Need::Java(java) => found.extend(java.choose(&installed)?.map(|path| (java.what, path))),
                Need::Program(program) => found.extend([(program.name, program.find()?)]),
                Need::Item(_) => {}
            }
        }
        for need in needs {
            match need {
                Need::Java(java) if !found.contains_key(java.what) => {
                    found.insert(java.what, java.fetch(cache, on_progress).await?);
                }
                Need::Item(item) => drop(cache.fetch(item, on_progress).await?),
                Need::Java(_) | Need::Program(_) => {}
            }
        }
        Ok(Self { cache: cache.clone(), found })
    }

    /// A Java that was needed.
    pub(super) fn java(&self, java: &Java) -> PathBuf {
        self.found.get(java.what).cloned().unwrap_or_else(|| "java".into())
    }

    /// A program that was needed.
    pub(super) fn program(&self, program: &Program) -> PathBuf {
        self.found.get(program.name).cloned().unwrap_or_else(|| program.name.into())
    }

    /// The folder of the jars of a runtime.
    pub(super) fn jars(&self, runtime: &Runtime) -> PathBuf {
        // An empty part would leave a slash at the end.
        self.cache.place(&runtime.item).join(runtime.jars).components().collect()
    }

    /// The one file of a download.
    pub(super) fn file(&self, item: &Item) -> PathBuf {
        item.proof(&self.cache.place(item))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Nothing but what is in that cache.
    pub(in crate::lab) fn none(cache: &Cache) -> Tools {
        Tools { cache: cache.clone(), found: BTreeMap::new() }
    }
}
