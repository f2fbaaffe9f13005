//! The settings of MirrorMaker 2's connectors from what the environment says of a flow, so that no step repeats them.

use super::super::{ActionError, Mistake, Need, mistakes};
use crate::{
    clients::{
        Cluster, Environment, Flow,
        kafka::{Role as Client, java},
        mirror_flow::{CHECKPOINT_CLASS, HEARTBEAT_CLASS, SOURCE_CLASS},
    },
    record::messages,
};
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// What reads and writes bytes as they are.
const BYTES: &str = "org.apache.kafka.connect.converters.ByteArrayConverter";

/// Which of MirrorMaker 2's three connectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Role {
    /// Copies offsets of groups.
    Checkpoint,
    /// Shows that the flow lives.
    Heartbeat,
    /// Copies records.
    Source,
}

impl Role {
    /// The connector's class.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Checkpoint => CHECKPOINT_CLASS,
            Self::Heartbeat => HEARTBEAT_CLASS,
            Self::Source => SOURCE_CLASS,
        }
    }
}

/// The two clusters that `source->target` names.
pub(super) fn sides(flow: &str) -> Option<(&str, &str)> {
    let (source, target) = flow.split_once("->")?;
    Some((source.trim(), target.trim())).filter(|(source, target)| !source.is_empty() && !target.is_empty())
}

/// What is wrong with the name of a flow in an environment.
pub(super) fn mistake(environment: &Environment, flow: &str) -> Vec<Mistake> {
    match sides(flow) {
        _ if flow.contains("{{") => Vec::new(),
        Some((source, target)) => mistakes::clusters(environment, &[("mirror", source), ("mirror", target)]),
        None => {
            let hint = "write the two clusters: `source->target`";
            vec![Mistake::new("mirror", format!("`{flow}` is not a flow"), hint)]
        }
    }
}

/// The settings that the flow gives a connector of that role. Blocks while a secret is fetched.
pub(super) fn settings(
    environment: &Environment,
    name: &str,
    role: Role,
) -> Result<BTreeMap<String, Json>, ActionError> {
    let (source, target) =
        sides(name).ok_or_else(|| ActionError::misconfigured(no_flow(name), flow_form()))?;
    let declared = environment.mirror.get(name).cloned().unwrap_or_default();
    let mut settings: BTreeMap<String, Json> = [
        ("connector.class", role.class()),
        ("key.converter", BYTES),
        ("value.converter", BYTES),
        ("header.converter", BYTES),
        ("source.cluster.alias", declared.source_alias.as_deref().unwrap_or(source)),
        ("target.cluster.alias", declared.target_alias.as_deref().unwrap_or(target)),
    ]
    .map(|(name, value)| (name.to_owned(), value.into()))
    .into();
    for (prefix, cluster, own) in [
        ("source.cluster.", source, &declared.source_properties),
        ("target.cluster.", target, &declared.target_properties),
    ] {
        let found =
            environment.cluster(cluster).map_err(|error| ActionError::misconfigured(error, flow_form()))?;
        for (property, value) in client(found, own.as_ref())? {
            settings.insert(format!("{prefix}{property}"), value.into());
        }
    }
    of_role(&declared, role, &mut settings);
    settings.extend(declared.config);
    Ok(settings)
}

/// What a connector of that role copies under which prefix; nothing where names are kept, or a class decides on them.
pub(super) fn need(environment: &Environment, name: &str, role: Role) -> Option<Need> {
    let (source, target) = sides(name).filter(|_| matches!(role, Role::Source))?;
    let declared = environment.mirror.get(name).cloned().unwrap_or_default();
    let is_default = declared.policy.as_deref().is_none_or(|policy| policy == "default");
    let alias = declared.source_alias.unwrap_or_else(|| source.to_owned());
    let prefix = format!("{alias}{}", declared.separator.as_deref().unwrap_or("."));
    is_default.then(|| Need::Flow { target: target.to_owned(), alias, prefix })
}

/// How the connector's clients log in to a cluster: as the flow says, else as this program does.
fn client(
    cluster: &Cluster,
    own: Option<&BTreeMap<String, String>>,
) -> Result<BTreeMap<String, String>, ActionError> {
    let servers = ("bootstrap.servers".to_owned(), cluster.bootstrap_servers.clone());
    match own {
        Some(own) => Ok(own.clone().into_iter().chain([servers]).collect()),
        None => java::java_properties(cluster, Client::Admin, &BTreeMap::new())
            .map_err(|error| ActionError::misconfigured(error, log_in_of_flow())),
    }
}

fn of_role(flow: &Flow, role: Role, settings: &mut BTreeMap<String, Json>) {
    let mut set = |name: &str, value: &Option<String>| {
        if let Some(value) = value {
            settings.insert(name.to_owned(), value.as_str().into());
        }
    };
    match role {
        Role::Source => set("topics", &flow.topics),
        Role::Checkpoint => set("groups", &flow.groups),
        Role::Heartbeat => {}
    }
    let policy = flow.policy.as_ref().map(|policy| match policy.as_str() {
        "default" => "org.apache.kafka.connect.mirror.DefaultReplicationPolicy".to_owned(),
        "identity" => "org.apache.kafka.connect.mirror.IdentityReplicationPolicy".to_owned(),
        class => class.to_owned(),
    });
    set("replication.policy.class", &policy);
    set("replication.policy.separator", &flow.separator);
}

messages! {
    area "connector-flow";
    flow_form() => "write the names of two clusters of the environment: `source->target`" / "écrire les noms de deux clusters de l'environnement : `source->target`";
    log_in_of_flow() => "correct the cluster's `properties`, or give the connector's own as `source_properties` and `target_properties` of the flow" / "corriger les `properties` du cluster, ou donner celles du connecteur comme `source_properties` et `target_properties` du flux";
    no_flow(name) => "`{name}` is not a flow" / "`{name}` n'est pas un flux";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(mirror: &str) -> Environment {
        let text = format!(
            "name: lab\nclusters:\n  source: {{bootstrap_servers: \"s:1\", properties: {{security.protocol: SASL_SSL, sasl.mechanism: PLAIN, sasl.username: u, sasl.password: p-of-u}}}}\n  \
             target: {{bootstrap_servers: \"t:1\"}}\n{mirror}"
        );
        serde_yaml::from_str(&text).unwrap()
    }

    #[test]
    fn a_flow_gives_aliases_addresses_and_log_ins() {
        let settings = settings(&environment(""), "source->target", Role::Source).unwrap();
        let text = |name: &str| settings[name].as_str().unwrap().to_owned();
        assert_eq!(text("connector.class"), Role::Source.class());
        assert_eq!(text("source.cluster.alias"), "source");
        assert_eq!(text("target.cluster.bootstrap.servers"), "t:1");
        assert_eq!(text("source.cluster.security.protocol"), "SASL_SSL");
        assert!(text("source.cluster.sasl.jaas.config").contains("username=\"u\" password=\"p-of-u\""));
        assert!(!settings.contains_key("topics"));
    }

    #[test]
    fn what_the_environment_says_of_a_flow_counts() {
        let mirror = "mirror:\n  source->target:\n    source_alias: east\n    topics: 'orders.*'\n    groups: billing\n    policy: identity\n    \
                      source_properties: {security.protocol: SSL}\n    config: {offset.lag.max: 0}\n";
        let environment = environment(mirror);
        let source = settings(&environment, "source->target", Role::Source).unwrap();
        assert_eq!(source["source.cluster.alias"], "east");
        assert_eq!(source["topics"], "orders.*");
        assert_eq!(source["source.cluster.security.protocol"], "SSL");
        assert!(!source.contains_key("source.cluster.sasl.jaas.config"));
        assert_eq!(
            source["replication.policy.class"],
            "org.apache.kafka.connect.mirror.IdentityReplicationPolicy"
        );
        assert_eq!(source["offset.lag.max"], 0);
        let checkpoint = settings(&environment, "source->target", Role::Checkpoint).unwrap();
        assert_eq!(checkpoint["groups"], "billing");
        assert!(!checkpoint.contains_key("topics"));
    }

    #[test]
    fn a_flow_of_unknown_clusters_is_a_mistake() {
        let environment = environment("");
        assert!(mistake(&environment, "source->target").is_empty());
        assert_eq!(mistake(&environment, "source->elsewhere").len(), 1);
        assert_eq!(mistake(&environment, "source").len(), 1);
    }
}
