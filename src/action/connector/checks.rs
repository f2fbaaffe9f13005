//! What is asked of Connect before settings are put, and about what a connector is beside the others.

use super::super::{ActionError, kafka_access::some_of};
use super::expected::is_mirror_source;
use crate::{
    clients::{
        connect::{Config, Connect, Listed, Validation},
        mirror_flow::Mirror,
    },
    record::{Said, Speaks, messages},
};
use std::{collections::BTreeMap, time::Instant};

/// Refuses settings that Connect would refuse, with every field, and those that make MirrorMaker 2 copy in circles.
pub(super) async fn before_put(
    connect: &Connect,
    name: &str,
    wanted: &Config,
    until: Instant,
) -> Result<(), ActionError> {
    let class = wanted.get("connector.class").map_or("", String::as_str);
    if class.contains("Mirror")
        && let (Some(source), Some(target)) =
            (wanted.get("source.cluster.alias"), wanted.get("target.cluster.alias"))
        && source == target
    {
        return Err(ActionError::misconfigured(same_alias(source), two_aliases()));
    }
    match connect.validate(name, wanted, until).await? {
        Validation::Checked(wrong) if wrong.is_empty() => Ok(()),
        Validation::Checked(wrong) => {
            let fields = wrong.iter().map(|one| field(&one.field, one.errors.join("; ")));
            Err(ActionError::misconfigured(invalid(name, wrong.len(), Said::all(fields)), correct_settings()))
        }
        Validation::NoPlugin => {
            let known = connect.plugins().await.map(|(plugins, _)| plugins).unwrap_or_default();
            let mut known: Vec<_> = known.into_iter().map(|plugin| plugin.class).collect();
            // Those of the same name or package first.
            let near = class.rsplit('.').next().unwrap_or_default().to_owned();
            known.sort_by_key(|known| (!known.ends_with(&near), !known.contains("mirror")));
            Err(ActionError::misconfigured(no_plugin(class, some_of(&known)), install_plugin()))
        }
        // Then the PUT itself tells.
        Validation::Unable(_) => Ok(()),
    }
}

/// Whether the connector copies exactly once: the worker has the support switched on and the connector can do it with
/// its settings. Asked without changing anything, by letting Connect look at the settings with
/// `exactly.once.support: required` (Kafka 3.3 and later, KIP-618). The inner error is why it cannot be told.
pub(super) async fn exactly_once(
    connect: &Connect,
    name: &str,
    config: &Config,
    until: Instant,
) -> Result<bool, Said> {
    let (root, _) = connect.root().await.map_err(|error| error.said())?;
    if !at_least(&root.version, (3, 3)) {
        return Err(too_old(&root.version));
    }
    let mut required = config.clone();
    required.insert("exactly.once.support".to_owned(), "required".to_owned());
    match connect.validate(name, &required, until).await.map_err(|error| error.said())? {
        Validation::Checked(wrong) => Ok(!wrong.iter().any(|one| one.field == "exactly.once.support")),
        Validation::NoPlugin => Err(cannot_check("")),
        Validation::Unable(words) => Err(cannot_check(Said::verbatim(words))),
    }
}

/// Whether a version such as `3.7.2` is `least` or later.
pub(super) fn at_least(version: &str, least: (u32, u32)) -> bool {
    let mut parts = version.split(['.', '-']).map_while(|part| part.parse::<u32>().ok());
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= least
}

/// Other source connectors that write the same topics to the same names: every record is copied twice.
pub(super) fn overlapping(name: &str, config: &Config, all: &BTreeMap<String, Listed>) -> Vec<String> {
    let Ok(own) = Mirror::of_connector(config) else { return Vec::new() };
    let servers = |config: &Config| {
        let get = |key: &str| config.get(key).cloned().unwrap_or_default();
        // Where records go: the worker's cluster unless the connector says another.
        (get("source.cluster.bootstrap.servers"), get("producer.override.bootstrap.servers"))
    };
    // Patterns cannot be compared; that both copy a topic is seen by the names in either's list.
    let topics = |config: &Config| config.get("topics").cloned().unwrap_or_else(|| ".*".to_owned());
    let plain = |text: &str| text.replace('\\', "");
    let share = |other: &Config, flow: &Mirror| {
        topics(config) == topics(other)
            || topics(config).split(',').any(|t| flow.copies(&plain(t.trim()).replace(".*", "x")))
            || topics(other).split(',').any(|t| own.copies(&plain(t.trim()).replace(".*", "x")))
    };
    all.iter()
        .filter(|(other, listed)| *other != name && is_mirror_source(&listed.info.config))
        .filter(|(_, listed)| !matches!(listed.status.connector.state.as_str(), "STOPPED" | "PAUSED"))
        .filter(|(_, listed)| {
            let other = &listed.info.config;
            Mirror::of_connector(other).is_ok_and(|flow| {
                flow.source == own.source
                    && flow.policy == own.policy
                    && servers(other) == servers(config)
                    && share(other, &flow)
            })
        })
        .map(|(other, _)| other.clone())
        .collect()
}

messages! {
    area "connector-checks";
    cannot_check(words) => "Connect could not check the settings: {words}" / "Connect n'a pas pu vérifier les paramètres : {words}";
    correct_settings() => "correct the settings of the step or of the flow; nothing was changed" / "corriger les paramètres de l'étape ou du flux ; rien n'a été modifié";
    field(name, errors) => "`{name}`: {errors}" / "`{name}` : {errors}";
    install_plugin() => "correct `connector.class`, or put the plugin's folder under `plugin.path` of every worker and restart it" / "corriger `connector.class`, ou placer le dossier du plugin sous `plugin.path` de chaque worker et le redémarrer";
    invalid(name, count, fields) => "Connect refuses {count} {count|setting|settings} of connector `{name}`: {fields}" / "Connect refuse {count} {count|paramètre|paramètres} du connecteur `{name}` : {fields}";
    no_plugin(class, known) => "no plugin of the worker has the class `{class}`; it has {known}" / "aucun plugin du worker n'a la classe `{class}` ; il a {known}";
    same_alias(alias) => "source and target have the same alias `{alias}`: MirrorMaker 2 would take its own copies for topics of the source" / "la source et la cible ont le même alias `{alias}` : MirrorMaker 2 prendrait ses propres copies pour des topics de la source";
    too_old(version) => "Connect {version} has no exactly-once support for sources" / "Connect {version} n'a pas d'exactly-once pour les sources";
    two_aliases() => "give `source.cluster.alias` and `target.cluster.alias` different names" / "donner des noms différents à `source.cluster.alias` et `target.cluster.alias`";
}
