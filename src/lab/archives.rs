//! Class archives (CDS): made once for a version of Java, they halve the time that the lab takes to start.

use super::{
    Error, Options, Progress,
    command::{Archive, command},
    conf, down,
    launch::launch,
    members::{Member, Role, members},
    ports,
    state::{Lab, Process},
    tools::Tools,
};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::{Duration, UNIX_EPOCH},
};

/// To be raised where an archive of before would no longer fit: other options, other classes at the start.
const RECIPE: u32 = 1;

/// How long one of them may take to end, for it writes its archive then.
const WRITE_LIMIT: Duration = Duration::from_secs(120);

/// The archive of a role; none for what does not run on Java. Java ignores an archive that was made by another Java or
/// from other jars, without a word; therefore all of that is in the name.
fn path(options: &Options, tools: &Tools, role: Role) -> Option<PathBuf> {
    let (java, jars) = match role {
        Role::Zookeeper | Role::Broker | Role::Connect | Role::TrogdorCoordinator | Role::TrogdorAgent => {
            (&tools.java, &tools.libs)
        }
        Role::Registry => tools.registry.as_ref().map(|(java, folder)| (java, folder))?,
        Role::Prometheus | Role::Exporter => return None,
    };
    let java = fs::canonicalize(java).unwrap_or_else(|_| java.clone());
    let home = java.parent().and_then(Path::parent).unwrap_or(&java);
    let mut hash = Sha256::new_with_prefix(RECIPE.to_be_bytes());
    for path in [&home.join("lib/modules"), &home.join("lib/server/libjvm.so"), jars] {
        let changed = fs::metadata(path).and_then(|m| m.modified()).unwrap_or(UNIX_EPOCH);
        let age = changed.duration_since(UNIX_EPOCH).unwrap_or_default();
        hash.update(format!("{} {}\n", path.display(), age.as_nanos()));
    }
    let key: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Some(options.cache.folder().join("class-archives").join(format!("{role}-{key}.jsa")))
}

/// What a process of that role does with its archive: uses it where it could be made.
pub(super) fn usable(options: &Options, tools: &Tools, role: Role) -> Archive {
    match path(options, tools, role) {
        // An empty file says that this Java cannot make one.
        Some(path) if fs::metadata(&path).is_ok_and(|m| m.len() > 0) => Archive::Use(path),
        _ => Archive::None,
    }
}

/// Makes the archives that are missing: a small lab is started on the lab's own ports, and each of its processes writes
/// its archive when it ends. The data and logs of it go away when the real lab begins.
pub(super) async fn make_missing(
    lab: &mut Lab,
    options: &Options,
    tools: &Tools,
    on_progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<(), Error> {
    let small =
        Options { source_brokers: 1, target_brokers: 0, prometheus: false, secure: false, ..options.clone() };
    // One process of a role is enough.
    let mut one_each = members(&small);
    one_each.dedup_by_key(|member| member.role);
    let missing: Vec<(Role, PathBuf)> = one_each
        .iter()
        .filter_map(|member| Some((member.role, path(options, tools, member.role)?)))
        .filter(|(_, path)| !path.exists())
        .collect();
    let is_missing = |role| missing.iter().any(|(r, _)| *r == role);
    let needed = |role| match role {
        Role::Zookeeper => is_missing(role) || is_missing(Role::Broker) || is_missing(Role::Connect),
        Role::Broker => is_missing(role) || is_missing(Role::Connect),
        _ => is_missing(role),
    };
    let Some(folder) = missing.first().and_then(|(_, path)| path.parent()) else { return Ok(()) };
    on_progress(Progress::MakingArchives);
    fs::create_dir_all(folder).map_err(Error::io("make", folder))?;
    // An archive that was not written to the end must not be found under its name.
    let unfinished = tempfile::tempdir_in(folder).map_err(Error::io("make a folder in", folder))?;
    let made = |role: Role| unfinished.path().join(format!("{role}.jsa"));
    let members: Vec<Member> = one_each.into_iter().filter(|m| needed(m.role)).collect();
    ports::check(&members)?;
    let process = |member: Member| {
        let archive = match is_missing(member.role) {
            true => Archive::Make(made(member.role)),
            false => usable(options, tools, member.role),
        };
        let command = command(&member, tools, &archive);
        Process::new(member, command.main, command.argv)
    };
    lab.begin(members.iter().cloned().map(process).collect())?;
    conf::write_all(&lab.folder, &small, &members, None)?;
    let all: Vec<usize> = (0..members.len()).collect();
    let started = launch(lab, &all, options.ready_within, &mut |_| ()).await;
    let ended = down::end_all(lab, WRITE_LIMIT, &mut |_| ()).await?;
    started?;
    for (role, to) in &missing {
        let from = made(*role);
        if !from.exists() {
            // Without its archive a process starts all the same, only slower. One that had to be killed may write it
            // next time; another is not asked at each start.
            if ended.killed > 0 {
                continue;
            }
            File::create(&from).map_err(Error::io("write", &from))?;
        }
        fs::rename(&from, to).map_err(Error::io("write", to))?;
    }
    Ok(())
}
