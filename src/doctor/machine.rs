//! This machine: programs that the plan starts, room for the evidence, files that may be open.

use super::{
    finding::{Finding, Level},
    needs::Needs,
};
use crate::{action::Need, clients::environment::KafkaTools, record::StepId, support::text};
use std::{
    collections::{BTreeMap, BTreeSet},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

pub(super) const PART: &str = "this machine";
/// What evidence of a whole campaign may take: pages of exporters, windows, histograms.
const EVIDENCE: u64 = 2 << 30;
/// A load generator has a connection for each broker and client, and its journal.
const OPEN_FILES: u64 = 1024;

/// What was found. `root` is the campaign's folder, where commands run.
pub(super) fn examine(root: &Path, kit: Option<&KafkaTools>, needs: &Needs) -> Vec<Finding> {
    let mut found = programs(root, kit, needs);
    found.extend(room(root));
    found.extend(open_files());
    if found.iter().all(|f| f.level == Level::Fine) {
        let all = started(needs).len();
        found.push(Finding::fine(PART, format!("{} can be started", text::plural(all, "program"))));
    }
    found
}

/// The programs that actions start, with their steps.
fn started(needs: &Needs) -> BTreeMap<&str, BTreeSet<StepId>> {
    let mut programs: BTreeMap<&str, BTreeSet<StepId>> = BTreeMap::new();
    for (need, steps) in needs.iter() {
        if let Need::Program(argv) = need
            && let Some(program) = argv.first()
        {
            programs.entry(program).or_default().extend(steps);
        }
    }
    programs
}

/// What cannot be started.
pub(super) fn programs(root: &Path, kit: Option<&KafkaTools>, needs: &Needs) -> Vec<Finding> {
    let mut found = Vec::new();
    for (program, steps) in &started(needs) {
        let (what, remedy) = match executable(root, program) {
            Ok(()) => continue,
            Err(found) => found,
        };
        found.push(Finding::fault(PART, what).remedy(remedy).steps(steps));
    }
    found.extend(kit.and_then(|kit| tools(root, kit)));
    found
}

/// Whether a program can be started, or why not and what to do.
fn executable(root: &Path, program: &str) -> Result<(), (String, String)> {
    let places: Vec<PathBuf> = match program.contains('/') {
        true => vec![root.join(program)],
        false => {
            let path = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&path).map(|folder| folder.join(program)).collect()
        }
    };
    let there: Vec<&PathBuf> = places.iter().filter(|place| place.is_file()).collect();
    let runs = |place: &&PathBuf| place.metadata().is_ok_and(|meta| meta.permissions().mode() & 0o111 != 0);
    match there.iter().find(|place| runs(place)) {
        Some(_) => Ok(()),
        None => Err(match there.first() {
            Some(place) => {
                (format!("`{program}` is not executable"), format!("chmod +x {}", place.display()))
            }
            None if program.contains('/') => (
                format!("program `{program}` not found"),
                "correct the command; its path is relative to the campaign's folder".to_owned(),
            ),
            None => (
                format!("program `{program}` not found on the PATH"),
                "install it, or give its path".to_owned(),
            ),
        }),
    }
}

/// What is wrong with Kafka's own tools.
fn tools(root: &Path, kit: &KafkaTools) -> Option<Finding> {
    let bin = root.join(kit.bin.as_ref()?);
    let names = ["kafka-producer-perf-test.sh", "kafka-producer-perf-test"];
    let there = names.iter().any(|name| bin.join(name).is_file());
    (!there).then(|| {
        Finding::fault(PART, format!("`kafka_tools.bin`, {}, has no kafka-producer-perf-test", bin.display()))
            .remedy("name the folder `bin` of a distribution of Kafka")
    })
}

fn room(root: &Path) -> Option<Finding> {
    let disk = rustix::fs::statvfs(root).ok()?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    (free < EVIDENCE).then(|| {
        let what = format!("{} free where the evidence goes", text::bytes(free));
        Finding::warning(PART, what)
            .remedy(format!("make room: {} are enough for most campaigns", text::bytes(EVIDENCE)))
    })
}

fn open_files() -> Option<Finding> {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current?;
    (limit < OPEN_FILES).then(|| {
        let what = format!("only {limit} files may be open at once (`ulimit -n`)");
        Finding::warning(PART, what).remedy(format!("raise it: `ulimit -n {}`", OPEN_FILES * 4))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_program_is_looked_for_where_it_would_be_started() {
        let root = tempfile::tempdir().unwrap();
        let script = root.path().join("stop.sh");
        fs::write(&script, "#!/bin/sh\n").unwrap();
        let told = |program: &str| executable(root.path(), program).map_err(|(what, _)| what);
        assert_eq!(told("./stop.sh"), Err("`./stop.sh` is not executable".to_owned()));
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(told("./stop.sh"), Ok(()));
        assert_eq!(told("sh"), Ok(()));
        assert!(told("no-such-program").unwrap_err().ends_with("on the PATH"));
        assert!(told("bin/gone").unwrap_err().starts_with("program `bin/gone` not found"));
    }
}
