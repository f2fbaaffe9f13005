//! Class archives (CDS): made once for a version of Java, they halve the time that the lab takes to start.

use super::{
    LabError, Options, Progress,
    archive::Archive,
    conf, down,
    launch::launch,
    ports,
    preparing::prepare,
    service::{Member, Setup},
    services,
    state::{Lab, Process},
    tools::Tools,
};
use std::{
    fs::{self, File},
    path::PathBuf,
    time::Duration,
};

/// How long one of them may take to end, for it writes its archive then.
const WRITE_LIMIT: Duration = Duration::from_secs(120);

/// Makes the archives that are missing: a small lab is started on the lab's own ports, and each of its processes writes
/// its archive when it ends. The data and logs of it go away when the real lab begins.
pub(super) async fn make_missing(
    lab: &mut Lab,
    options: &Options,
    tools: &Tools,
    on_progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<(), LabError> {
    let small = Options { source_brokers: 1, target_brokers: 0, secure: false, ..options.clone() };
    // One process of a service is enough.
    let mut members = services::members(&small);
    members.dedup_by_key(|member| member.role);
    let missing: Vec<(Member, PathBuf)> = members
        .iter()
        .filter_map(|member| {
            Some((member.clone(), Archive::path(&member.archive_name(), member.runtime()?, tools)))
        })
        .filter(|(_, path)| !path.exists())
        .collect();
    let is_missing = |member: &Member| missing.iter().any(|(m, _)| m.role == member.role);
    let Some(folder) = missing.first().and_then(|(_, path)| path.parent()) else { return Ok(()) };
    // What depends on a service needs it, whether its archive is there or not.
    let highest = missing.iter().map(|(member, _)| member.kind().layer).max();
    members.retain(|member| is_missing(member) || Some(member.kind().layer) < highest);
    on_progress(Progress::MakingArchives);
    fs::create_dir_all(folder).map_err(LabError::io("create", folder))?;
    // An archive that was not written to the end must not be found under its name.
    let unfinished = tempfile::tempdir_in(folder).map_err(LabError::io("create a folder in", folder))?;
    let made = |member: &Member| unfinished.path().join(format!("{}.jsa", member.kind().name));
    ports::check(&members)?;
    let process = |member: &Member| {
        let archive = match is_missing(member) {
            true => Archive::Make(made(member)),
            false => member.archive(tools),
        };
        Process::new(member.clone(), member.service().command(member, tools, &archive))
    };
    lab.begin(members.iter().map(process).collect())?;
    conf::write_all(&lab.folder, &Setup { options: &small, members: &members, secrets: None })?;
    prepare(lab, &members, tools, options.ready_within).await?;
    let all: Vec<usize> = (0..members.len()).collect();
    let started = launch(lab, &all, options.ready_within, &mut |_| ()).await;
    let ended = down::end_all(lab, WRITE_LIMIT, &mut |_| ()).await?;
    started?;
    for (member, to) in &missing {
        let from = made(member);
        if !from.exists() {
            // Without its archive a process starts all the same, only slower. One that had to be killed may write it
            // next time; another is not asked at each start.
            if ended.killed > 0 {
                continue;
            }
            File::create(&from).map_err(LabError::io("write", &from))?;
        }
        fs::rename(&from, to).map_err(LabError::io("write", to))?;
    }
    Ok(())
}
