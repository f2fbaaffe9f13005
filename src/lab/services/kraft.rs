//! Brokers without ZooKeeper (KRaft): the first of them are controllers too, and keep the metadata of their cluster.

use super::kafka;
use crate::lab::{
    release::Release,
    secrets::{ADMIN, CAMPAIGN, MECHANISM, trust_store},
    service::{Archive, CommandLine, Member, Options, Setup, Side, Tools},
};

/// The listener of controllers.
const LISTENER: &str = "CONTROLLER";
/// The class that formats the data of a broker.
const FORMATTER: &str = "kafka.tools.StorageTool";
/// How a program of Kafka's logs in as the user of brokers.
const ADMIN_FILE: &str = "secrets/admin.properties";

/// Whether a broker of a cluster of so many is a controller too: three of them can lose one, and fewer none.
fn is_controller(number: u16, brokers: u16) -> bool {
    number <= if brokers >= 3 { 3 } else { 1 }
}

/// Where a broker listens as a controller, where it is one. `nth` is the place of its cluster.
pub(super) fn port(nth: u16, number: u16, brokers: u16, options: &Options) -> Option<u16> {
    let is_one = options.kraft && is_controller(number, brokers);
    is_one.then(|| options.port(12_190 + 10_000 * nth + number, 1 + 3 * nth + number))
}

/// The identity of a cluster: 16 bytes in Base64, which spell its name.
fn cluster_id(side: Side) -> &'static str {
    match side {
        Side::Source => "amFsb24tbGFiLXNvdXJjZQ",
        Side::Target => "amFsb24tbGFiLXRhcmdldA",
    }
}

/// What such a broker says of itself and of its controllers, its listeners among it.
pub(super) fn settings(member: &Member, side: Side, setup: &Setup, protocol: &str) -> String {
    let (number, socket) = (member.number, member.socket());
    let voters: Vec<String> = setup
        .members
        .iter()
        .filter(|m| m.side == Some(side))
        .filter_map(|m| m.controller_port.map(|port| format!("{}@127.0.0.1:{port}", m.number)))
        .collect();
    let (roles, own) = match member.controller_port {
        Some(port) => ("broker,controller", format!(",{LISTENER}://127.0.0.1:{port}")),
        None => ("broker", String::new()),
    };
    let mut text = format!(
        "node.id={number}\n\
         process.roles={roles}\n\
         controller.quorum.voters={}\n\
         controller.listener.names={LISTENER}\n\
         listeners={protocol}://{socket}{own}\n\
         listener.security.protocol.map={LISTENER}:{},{protocol}:{protocol}\n",
        voters.join(","),
        if setup.secrets.is_some() { "SASL_SSL" } else { "PLAINTEXT" },
    );
    if let Some(secrets) = setup.secrets {
        // Users of SCRAM are in the metadata, which controllers have only once they have found one another.
        text += &format!(
            "sasl.mechanism.controller.protocol=PLAIN\n\
             listener.name.controller.sasl.enabled.mechanisms=PLAIN\n\
             listener.name.controller.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule \
             required username=\"{ADMIN}\" password=\"{password}\" user_{ADMIN}=\"{password}\";\n\
             authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n",
            password = secrets.admin,
        );
    }
    text
}

/// The file of the arguments that format the data of a broker. They hold the passwords of the first users.
fn arguments(member: &Member) -> String {
    format!("secrets/format-{}.args", member.name)
}

/// The files that such a broker needs besides.
pub(super) fn files(member: &Member, setup: &Setup) -> Vec<(String, String)> {
    let (true, Some(side), Some(secrets)) = (member.kraft, member.side, setup.secrets) else { return vec![] };
    let mut lines = vec![FORMATTER.to_owned()];
    lines.extend(format_arguments(member, side).split(' ').map(str::to_owned));
    for (user, password) in [(ADMIN, &secrets.admin), (CAMPAIGN, &secrets.campaign)] {
        lines.extend(["--add-scram".to_owned(), format!("{MECHANISM}=[name={user},password={password}]")]);
    }
    let admin = format!(
        "security.protocol=SASL_SSL\nsasl.mechanism={MECHANISM}\nsasl.jaas.config={}\n{}",
        secrets.admin_jaas(),
        trust_store(""),
    );
    vec![(arguments(member), lines.join("\n") + "\n"), (ADMIN_FILE.to_owned(), admin)]
}

fn format_arguments(member: &Member, side: Side) -> String {
    format!("format --cluster-id {} --config {}", cluster_id(side), kafka::properties(member))
}

/// The program that formats the data of a broker before its first start.
pub(super) fn preparation(member: &Member, tools: &Tools) -> Option<CommandLine> {
    let side = member.side.filter(|_| member.kraft)?;
    let archive = archive(member, tools);
    let line = match member.secure {
        true => kafka::tool(member, tools, &archive, FORMATTER, &format!("@{}", arguments(member))),
        false => kafka::tool(member, tools, &archive, FORMATTER, &format_arguments(member, side)),
    };
    Some(line)
}

/// The program that gives the campaign its rights in a secure cluster, run beside the first broker of it.
pub(super) fn rights(member: &Member, tools: &Tools) -> Option<CommandLine> {
    let is_first = member.kraft && member.secure && member.number == 1;
    is_first.then(|| {
        let acls = format!(
            "--bootstrap-server {} --command-config {ADMIN_FILE} --add --allow-principal User:{CAMPAIGN} --operation \
             All --topic * --group * --transactional-id * --cluster",
            member.socket()
        );
        // It moved with Kafka 4.
        let main = match member.kafka {
            Release::V3_7_2 => "kafka.admin.AclCommand",
            Release::V4_3_1 => "org.apache.kafka.tools.AclCommand",
        };
        kafka::tool(member, tools, &archive(member, tools), main, &acls)
    })
}

/// The tools load what a broker loads.
fn archive(member: &Member, tools: &Tools) -> Archive {
    member.archive(tools)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{
        Cache,
        services::tests::{file, member},
        tools::tests::none,
    };

    fn options(secure: bool) -> Options {
        let options =
            Options { secure, kraft: true, source_brokers: 4, ..Options::new("/lab", Cache::at("/cache")) };
        Options { kafka: Release::V4_3_1, ..options }
    }

    #[test]
    fn three_brokers_are_controllers_and_the_others_know_them() {
        let voters = "controller.quorum.voters=1@127.0.0.1:12191,2@127.0.0.1:12192,3@127.0.0.1:12193\n";
        for (name, role) in [("source-broker-3", "broker,controller"), ("source-broker-4", "broker")] {
            let text = file(&options(false), &format!("conf/{name}.properties"));
            assert!(text.contains(voters) && text.contains(&format!("process.roles={role}\n")), "{text}");
            assert!(!text.contains("zookeeper") && !text.contains("broker.id"), "{text}");
        }
        let text = file(&options(false), "conf/target-broker-1.properties");
        assert!(text.contains("controller.quorum.voters=1@127.0.0.1:22191\n"), "{text}");
    }

    #[test]
    fn no_password_is_on_a_command_line() {
        let options = options(true);
        let line = preparation(&member(&options, "source-broker-1"), &none(&options.cache)).unwrap();
        assert_eq!(line.argv.last().unwrap(), "@secrets/format-source-broker-1.args");
        let text = file(&options, "secrets/format-source-broker-1.args");
        assert!(text.starts_with("kafka.tools.StorageTool\nformat\n--cluster-id\n"), "{text}");
        assert!(text.contains("SCRAM-SHA-512=[name=campaign,password=campaign-pw]"), "{text}");
    }
}
