//! Class archives (CDS): made once for a version of Java, they halve the time that the lab takes to start.

use super::{
    Error, Options, Progress,
    command::{Archives, archive, command},
    conf, down,
    launch::launch,
    members::{Member, Role, members},
    ports,
    state::{Lab, Process},
    tools::Tools,
};
use sha2::{Digest, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, UNIX_EPOCH},
};

/// How long the processes may take to become ready that the archives are made from.
const START_LIMIT: Duration = Duration::from_secs(120);

/// How long one of them may take to end, for it writes its archive then.
pub(super) const WRITE_LIMIT: Duration = Duration::from_secs(60);

/// The folder of the archives that these tools can use. Java ignores an archive made by another Java or from other
/// jars, without a word; therefore all of that is in the name.
pub(super) fn folder(options: &Options, tools: &Tools) -> PathBuf {
    let java = fs::canonicalize(&tools.java).unwrap_or_else(|_| tools.java.clone());
    let home = java.parent().and_then(Path::parent).unwrap_or(&java);
    let mut hash = Sha256::new();
    for path in [home.join("lib/modules"), home.join("lib/server/libjvm.so"), tools.libs.clone()] {
        let changed = fs::metadata(&path)
            .and_then(|m| m.modified())
            .ok()
            .and_then(|at| at.duration_since(UNIX_EPOCH).ok())
            .unwrap_or_default();
        hash.update(format!("{} {}\n", path.display(), changed.as_nanos()));
    }
    let name = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect::<String>();
    options.cache.folder().join("class-archives").join(name)
}

/// Makes the archives that are missing: a small lab is started on the lab's own ports, and each of its processes writes
/// its archive when it ends. The data and logs of it go away when the real lab begins.
pub(super) async fn make_missing(
    lab: &mut Lab,
    options: &Options,
    tools: &Tools,
    on_progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<(), Error> {
    let folder = folder(options, tools);
    let wanted = [Some(Role::Zookeeper), Some(Role::Broker), options.connect.then_some(Role::Connect)];
    if wanted.into_iter().flatten().all(|role| archive(&folder, role).exists()) {
        return Ok(());
    }
    on_progress(Progress::MakingArchives);
    fs::create_dir_all(&folder).map_err(Error::io("make", &folder))?;
    // An archive that was not written to the end must not be found under its name.
    let unfinished = tempfile::tempdir_in(&folder).map_err(Error::io("make a folder in", &folder))?;
    let small = Options {
        source_brokers: 1,
        target_brokers: 0,
        registry: false,
        prometheus: false,
        ..options.clone()
    };
    let members = members(&small);
    ports::check(&members)?;
    let process = |member: Member| {
        let command = command(&member, tools, Archives::Make(unfinished.path()));
        Process::new(member, command.main, command.argv)
    };
    lab.begin(members.iter().cloned().map(process).collect())?;
    conf::write_all(&lab.folder, &small, &members)?;
    let all: Vec<usize> = (0..members.len()).collect();
    let started = launch(lab, &all, START_LIMIT, &mut |_| ()).await;
    down::end_all(lab, WRITE_LIMIT, &mut |_| ()).await?;
    started?;
    for role in wanted.into_iter().flatten() {
        let (from, to) = (archive(unfinished.path(), role), archive(&folder, role));
        // Without its archive a process starts all the same, only slower.
        if from.exists() {
            fs::rename(&from, &to).map_err(Error::io("write", to))?;
        }
    }
    Ok(())
}
