//! [`make`]: the users of secure clusters and what they may do, written into ZooKeeper before the first broker starts,
//! because brokers log in to one another as well.

use super::{
    Error,
    command::{self, Archive},
    helper,
    members::{Member, Role, Side},
    secrets::{ADMIN, CAMPAIGN, scram_file},
    state::Lab,
    tools::Tools,
};
use std::time::Duration;
use tokio::time::Instant;

/// Makes the users of every cluster within `limit`.
pub(super) async fn make(
    lab: &Lab,
    tools: &Tools,
    archive: &Archive,
    members: &[Member],
    limit: Duration,
) -> Result<(), Error> {
    let deadline = Instant::now() + limit;
    let of_cluster = async |side| {
        let zookeeper = members.iter().find(|m| m.role == Role::Zookeeper && m.side == Some(side));
        for (name, main, arguments) in zookeeper.map(|m| tasks(&m.address())).into_iter().flatten() {
            let argv = command::tool(tools, archive, main, arguments);
            let left = deadline.saturating_duration_since(Instant::now());
            helper::run(lab, "make the users of the lab", name, &argv, left).await?;
        }
        Ok(())
    };
    tokio::try_join!(of_cluster(Side::Source), of_cluster(Side::Target)).map(drop)
}

/// Name, main class and arguments of each of Kafka's tools for one cluster. The passwords are in files.
fn tasks(zookeeper: &str) -> [(&'static str, &'static str, Vec<String>); 3] {
    let words = |line: String| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let scram = |user: &str| {
        words(format!(
            "--zookeeper {zookeeper} --alter --entity-type users --entity-name {user} --add-config-file {}",
            scram_file(user)
        ))
    };
    let acls = words(format!(
        "--authorizer-properties zookeeper.connect={zookeeper} --add --allow-principal User:{CAMPAIGN} --operation All \
         --topic * --group * --transactional-id * --cluster"
    ));
    [
        ("ConfigCommand", "kafka.admin.ConfigCommand", scram(ADMIN)),
        ("ConfigCommand", "kafka.admin.ConfigCommand", scram(CAMPAIGN)),
        ("AclCommand", "kafka.admin.AclCommand", acls),
    ]
}
