//! [`up`]: starts a lab with empty data.

use super::{
    Error, Options, Progress, Status, archives,
    command::command,
    conf, down,
    launch::launch,
    members::{Member, Role, members},
    ports,
    secrets::Secrets,
    state::{Lab, Process},
    status,
    tools::Tools,
    users,
};
use tokio::time::Instant;

/// Starts a lab with empty data and returns when all of it is ready. Its processes outlive this program.
///
/// Where one of them fails, all are ended again and the logs are kept. Where this future is dropped or the program is
/// killed, the processes stay, and [`super::down()`] ends them.
pub async fn up(options: &Options, on_progress: &mut (dyn FnMut(Progress) + Send)) -> Result<Status, Error> {
    options.check()?;
    let mut lab = Lab::create(&options.folder).await?;
    ports::check(&members(options))?;
    let tools = Tools::prepare(options, on_progress).await?;
    if let Err(error) = bring_up(&mut lab, options, &tools, on_progress).await {
        // The first error tells more than what may go wrong after it; `down` can be tried again.
        let _ = down::end_all(&mut lab, down::END_LIMIT, on_progress).await;
        return Err(error);
    }
    status::of(&lab.folder, &lab.state, false)
}

async fn bring_up(
    lab: &mut Lab,
    options: &Options,
    tools: &Tools,
    on_progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<(), Error> {
    archives::make_missing(lab, options, tools, on_progress).await?;
    let members = members(options);
    ports::check(&members)?;
    let process = |member: Member| {
        let command = command(&member, tools, &archives::usable(options, tools, member.role));
        Process::new(member, command.main, command.argv)
    };
    lab.begin(members.iter().cloned().map(process).collect())?;
    let secrets = if options.secure {
        on_progress(Progress::MakingSecrets);
        Some(Secrets::make(lab, tools).await?)
    } else {
        None
    };
    conf::write_all(&lab.folder, options, &members, secrets.as_ref())?;
    let begun = Instant::now();
    let left = || options.ready_within.saturating_sub(begun.elapsed());
    let mut rest: Vec<usize> = (0..members.len()).collect();
    if options.secure {
        // Users are kept in ZooKeeper, and brokers cannot start without theirs.
        let first: Vec<usize> = rest.extract_if(.., |i| members[*i].role == Role::Zookeeper).collect();
        launch(lab, &first, left(), on_progress).await?;
        on_progress(Progress::MakingUsers);
        users::make(lab, tools, &archives::usable(options, tools, Role::Broker), &members, left()).await?;
    }
    launch(lab, &rest, left(), on_progress).await?;
    lab.state.complete = true;
    lab.save()
}
