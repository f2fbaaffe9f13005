//! [`up`]: starts a lab with empty data.

use super::{
    LabError, Options, Progress, Status, archiving, certificates, conf, down,
    launch::launch,
    ports,
    preparing::prepare,
    programs,
    service::{CommandLine, Layer, Member, Setup},
    services,
    state::{Lab, Process},
    status,
    tools::Tools,
};
use std::time::Duration;
use tokio::{task::JoinSet, time::Instant};

/// Starts a lab with empty data and returns when all of it is ready. Its processes outlive this program.
///
/// Where one of them fails, all are ended again and the logs are kept. Where this future is dropped or the program is
/// killed, the processes stay, and [`super::down()`] ends them.
pub async fn up(
    options: &Options,
    on_progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Status, LabError> {
    options.check()?;
    services::check(options)?;
    let mut lab = Lab::create(&options.folder).await?;
    let members = services::members(options);
    ports::check(&members)?;
    let tools = Tools::prepare(&services::needs(&members), &options.cache, on_progress).await?;
    if let Err(error) = bring_up(&mut lab, options, &tools, on_progress).await {
        // The first error tells more than what may go wrong after it; `down` can be tried again.
        let _ = down::end_all(&mut lab, down::END_LIMIT, on_progress).await;
        return Err(error);
    }
    status::of(&lab.folder, &lab.state, false)
}

/// Downloads everything that a lab with these options needs, so that it can start later without a network.
pub async fn fetch_all(
    options: &Options,
    on_progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<(), LabError> {
    let needs = services::needs(&services::members(options));
    Tools::prepare(&needs, &options.cache, on_progress).await.map(drop)
}

async fn bring_up(
    lab: &mut Lab,
    options: &Options,
    tools: &Tools,
    on_progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<(), LabError> {
    archiving::make_missing(lab, options, tools, on_progress).await?;
    let members = services::members(options);
    ports::check(&members)?;
    let process = |member: &Member| {
        let command = member.service().command(member, tools, &member.archive(tools));
        Process::new(member.clone(), command)
    };
    lab.begin(members.iter().map(process).collect())?;
    let secrets = if options.secure {
        on_progress(Progress::MakingSecrets);
        Some(certificates::make(lab, tools, options.kafka).await?)
    } else {
        None
    };
    conf::write_all(&lab.folder, &Setup { options, members: &members, secrets: secrets.as_ref() })?;
    let begun = Instant::now();
    let left = || options.ready_within.saturating_sub(begun.elapsed());
    let users: Vec<Vec<CommandLine>> =
        members.iter().map(|member| member.service().users(member, tools)).collect();
    // What keeps the users comes first, because the others cannot start without theirs.
    // A controller is ready with its fellows only, so that a layer starts as one.
    let layers: Vec<Layer> = members
        .iter()
        .zip(&users)
        .filter(|(_, users)| !users.is_empty())
        .map(|(m, _)| m.kind().layer)
        .collect();
    let is_first = |member: &Member| layers.iter().any(|layer| member.kind().layer <= *layer);
    let (first, rest): (Vec<usize>, Vec<usize>) = (0..members.len()).partition(|&i| is_first(&members[i]));
    prepare(lab, &members, tools, left()).await?;
    if !first.is_empty() {
        launch(lab, &first, left(), on_progress).await?;
        on_progress(Progress::MakingUsers);
        make_users(lab, users, left()).await?;
    }
    launch(lab, &rest, left(), on_progress).await?;
    lab.state.complete = true;
    lab.save()
}

/// Runs the programs of each process one after another, those of several processes at once.
async fn make_users(lab: &Lab, users: Vec<Vec<CommandLine>>, limit: Duration) -> Result<(), LabError> {
    let deadline = Instant::now() + limit;
    let mut each = JoinSet::new();
    for tools in users {
        let tools: Vec<_> = tools.into_iter().map(|tool| (lab.command(&tool.argv), tool.main)).collect();
        each.spawn(async move {
            for (mut tool, name) in tools {
                let left = deadline.saturating_duration_since(Instant::now());
                programs::run("create the users of the lab", &name, &mut tool, left).await?;
            }
            Ok(())
        });
    }
    each.join_all().await.into_iter().collect()
}
