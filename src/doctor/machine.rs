//! This machine: programs that the plan starts, room for the evidence, files that may be open.

use super::{
    finding::{Finding, Level},
    needs::Needs,
};
use crate::{
    action::Need,
    clients::environment::KafkaTools,
    record::{Arg, Said, StepId, messages},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

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
        found.push(Finding::fine(part(), can_start(all)));
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
        found.push(Finding::fault(part(), what).remedy(remedy).steps(steps));
    }
    found.extend(kit.and_then(|kit| tools(root, kit)));
    found
}

/// Whether a program can be started, or why not and what to do.
fn executable(root: &Path, program: &str) -> Result<(), (Said, Said)> {
    // A command `jalon` is this very program, wherever it stands.
    if program == "jalon" {
        return Ok(());
    }
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
            Some(place) => (not_executable(program), make_executable(Arg::text(place.display()))),
            None if program.contains('/') => (not_found(program), correct_command()),
            None => (not_on_path(program), install()),
        }),
    }
}

/// What is wrong with Kafka's own tools.
fn tools(root: &Path, kit: &KafkaTools) -> Option<Finding> {
    let bin = root.join(kit.bin.as_ref()?);
    let names = ["kafka-producer-perf-test.sh", "kafka-producer-perf-test"];
    let there = names.iter().any(|name| bin.join(name).is_file());
    (!there).then(|| Finding::fault(part(), no_tools(Arg::text(bin.display()))).remedy(name_bin()))
}

fn room(root: &Path) -> Option<Finding> {
    let disk = rustix::fs::statvfs(root).ok()?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    (free < EVIDENCE).then(|| {
        Finding::warning(part(), little_room(Arg::bytes(free))).remedy(make_room(Arg::bytes(EVIDENCE)))
    })
}

fn open_files() -> Option<Finding> {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current?;
    (limit < OPEN_FILES).then(|| {
        // A figure of a command has no mark between its thousands.
        let enough = Arg::text(OPEN_FILES * 4);
        Finding::warning(part(), few_files(limit)).remedy(raise_limit(enough))
    })
}

messages! {
    area "doctor-machine";
    can_start(programs) => "{programs} {programs|program|programs} can be started" / "{programs} {programs|programme peut être lancé|programmes peuvent être lancés}";
    correct_command() => "correct the command; its path is relative to the campaign's folder" / "corriger la commande ; son chemin part du dossier de la campagne";
    few_files(limit) => "only {limit} files may be open at once (`ulimit -n`)" / "seuls {limit} fichiers peuvent être ouverts à la fois (`ulimit -n`)";
    install() => "install it, or give its path" / "l'installer, ou donner son chemin";
    little_room(free) => "{free} free where the evidence goes" / "{free} de libres là où vont les preuves";
    make_executable(path) => "chmod +x {path}" / "chmod +x {path}";
    make_room(enough) => "make room: {enough} are enough for most campaigns" / "faire de la place : {enough} suffisent à la plupart des campagnes";
    name_bin() => "name the folder `bin` of a distribution of Kafka" / "indiquer le dossier `bin` d'une distribution de Kafka";
    no_tools(bin) => "`kafka_tools.bin`, {bin}, has no kafka-producer-perf-test" / "`kafka_tools.bin`, {bin}, n'a pas de kafka-producer-perf-test";
    not_executable(program) => "`{program}` is not executable" / "`{program}` n'est pas exécutable";
    not_found(program) => "program `{program}` not found" / "programme `{program}` introuvable";
    not_on_path(program) => "program `{program}` not found on the PATH" / "programme `{program}` introuvable dans le PATH";
    part() => "this machine" / "cette machine";
    raise_limit(limit) => "raise it: `ulimit -n {limit}`" / "l'augmenter : `ulimit -n {limit}`";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Language;
    use std::fs;

    #[test]
    fn a_program_is_looked_for_where_it_would_be_started() {
        let root = tempfile::tempdir().unwrap();
        let script = root.path().join("stop.sh");
        fs::write(&script, "#!/bin/sh\n").unwrap();
        let told = |program: &str| executable(root.path(), program).map_err(|(what, _)| String::from(what));
        assert_eq!(told("./stop.sh"), Err("`./stop.sh` is not executable".to_owned()));
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(told("./stop.sh"), Ok(()));
        assert_eq!(told("sh"), Ok(()));
        assert!(told("no-such-program").unwrap_err().ends_with("on the PATH"));
        assert!(told("jalon").is_ok(), "it is the program that asks");
        assert!(told("bin/gone").unwrap_err().starts_with("program `bin/gone` not found"));
        let (what, remedy) = executable(root.path(), "no-such-program").unwrap_err();
        assert_eq!(what.in_language(Language::Fr), "programme `no-such-program` introuvable dans le PATH");
        assert_eq!(remedy.in_language(Language::Fr), "l'installer, ou donner son chemin");
    }
}
