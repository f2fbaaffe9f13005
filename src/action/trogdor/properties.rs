//! The properties of the agents' Java clients. They go over the network in clear, and whoever reaches the coordinator or
//! an agent reads them: so no secret is among them.

use super::messages;
use crate::{
    action::ActionError,
    clients::{
        Cluster, SecretRef,
        environment::Trogdor,
        kafka::{PropertyError, Role, settings},
    },
    support::redact,
};
use std::collections::BTreeMap;

/// How a property refers to a key of a file.
const REFERENCE: &str = "${file:PATH:KEY}";
/// What lets a Java client take a value from a file.
const FILES: &str = "org.apache.kafka.common.config.provider.FileConfigProvider";

/// The properties for clients of that cluster: the environment's for Trogdor where it has any, else the cluster's own;
/// `overrides` (from the step) win over them.
pub(in crate::action) fn client_properties(
    trogdor: &Trogdor,
    (name, cluster): (&str, &Cluster),
    role: Role,
    overrides: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, ActionError> {
    let base = trogdor.properties.get(name).unwrap_or(&cluster.properties);
    let mut properties = BTreeMap::new();
    for (property, value) in base.iter().filter(|(property, _)| !overrides.contains_key(*property)) {
        if provides(property) || settings::belongs(property, role).map_err(wrong)? {
            properties.insert(property.clone(), value.clone());
        }
    }
    for (property, value) in overrides {
        if !provides(property) && !settings::belongs(property, role).map_err(wrong)? {
            return Err(ActionError::misconfigured(
                messages::not_of_this_client(property),
                messages::leave_out_of_properties(),
            ));
        }
        properties.insert(property.clone(), value.clone());
    }
    for (property, value) in &properties {
        check(property, value)?;
    }
    let from_files = properties.values().any(|value| value.contains("${file:"));
    if from_files && !properties.contains_key("config.providers") {
        properties.insert("config.providers".to_owned(), "file".to_owned());
        properties.insert("config.providers.file.class".to_owned(), FILES.to_owned());
    }
    Ok(properties)
}

fn provides(property: &str) -> bool {
    property.starts_with("config.providers")
}

fn check(property: &str, value: &str) -> Result<(), ActionError> {
    if matches!(property, "bootstrap.servers" | "group.id") {
        return Err(ActionError::misconfigured(messages::set_by_driver(property), messages::leave_out()));
    }
    if property == "sasl.username" {
        return Err(ActionError::misconfigured(messages::no_sasl_username(), messages::give_jaas(REFERENCE)));
    }
    // What is wholly a reference to a file of the agent's machine tells no secret.
    if value.starts_with("${") && value.ends_with('}') && !value[2..].contains("${") {
        return Ok(());
    }
    let mut shown = serde_json::json!({property: value});
    redact::mask_json(&mut shown);
    if SecretRef::parse(value).is_some() || shown[property] != value {
        return Err(ActionError::misconfigured(
            messages::is_secret(property),
            messages::reference_file(REFERENCE),
        ));
    }
    Ok(())
}

fn wrong(error: PropertyError) -> ActionError {
    let hint = error.hint().unwrap_or_else(messages::check_properties);
    ActionError::misconfigured(error, hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(environment: &str, overrides: &[(&str, &str)]) -> Result<BTreeMap<String, String>, String> {
        let environment: crate::clients::Environment = serde_yaml::from_str(&format!(
            "name: e\ntrogdor:\n  url: http://h:1\n  agents: {{a: 'http://h:2'}}\n{environment}"
        ))
        .unwrap();
        let overrides = overrides.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let (trogdor, cluster) = (environment.trogdor.as_ref().unwrap(), &environment.clusters["s"]);
        client_properties(trogdor, ("s", cluster), Role::Producer, &overrides).map_err(|error| match error {
            ActionError::Misconfigured { message, hint } => format!("{message}; {hint}"),
            other => other.to_string(),
        })
    }

    #[test]
    fn the_steps_properties_win_and_those_of_another_client_are_left_out() {
        let clusters = "clusters:\n  s:\n    bootstrap_servers: h:9\n    properties: {acks: '1', fetch.min.bytes: '2', security.protocol: SSL}";
        let properties = of(clusters, &[("acks", "all"), ("linger.ms", "5")]).unwrap();
        let expected = [("acks", "all"), ("linger.ms", "5"), ("security.protocol", "SSL")];
        assert!(properties.iter().map(|(k, v)| (k.as_str(), v.as_str())).eq(expected), "{properties:?}");
        assert!(
            of(clusters, &[("fetch.min.bytes", "1")]).unwrap_err().contains("not a property of this kind")
        );
        assert!(of(clusters, &[("lingr.ms", "1")]).unwrap_err().contains("did you mean `linger.ms`?"));
        assert!(of(clusters, &[("group.id", "g")]).unwrap_err().contains("group.id"));
    }

    #[test]
    fn no_secret_leaves_and_a_reference_to_the_agents_file_does() {
        let own =
            "clusters:\n  s:\n    bootstrap_servers: h:9\n    properties: {ssl.key.password: 'env:PASSWORD'}";
        let refusal = of(own, &[]).unwrap_err();
        assert!(refusal.contains("in clear") && refusal.contains("${file:PATH:KEY}"), "{refusal}");
        let none = "clusters: {s: {bootstrap_servers: 'h:9'}}";
        for secret in ["x required password=\"hush-hush\";", "${file:/a:b} password=\"hush-hush\";"] {
            let refusal = of(none, &[("sasl.jaas.config", secret)]).unwrap_err();
            assert!(refusal.contains("is a secret") && !refusal.contains("hush-hush"), "{refusal}");
        }
        assert!(of(none, &[("sasl.username", "u")]).unwrap_err().contains("sasl.jaas.config"));
        let instead = format!("  properties: {{s: {{sasl.jaas.config: '${{file:/etc/k:jaas}}'}}}}\n{own}");
        let properties = of(&instead, &[]).unwrap();
        assert_eq!(properties["sasl.jaas.config"], "${file:/etc/k:jaas}");
        assert_eq!(properties["config.providers"], "file");
        assert!(
            !properties.contains_key("ssl.key.password"),
            "the environment's stand in place of the cluster's"
        );
    }
}
