//! What the flow copies, and what the other flows of the same source copy: [`Flows`].

use super::{
    super::{
        ActionContext, ActionError,
        service::{self, unless_cancelled},
    },
    params::Parity,
};
use crate::{
    clients::{
        Cluster, Flow,
        connect::{self, Config, Listed},
        mirror_flow::{CHECKPOINT_CLASS, Mirror, Names, SOURCE_CLASS},
    },
    record::{Said, Speaks, messages},
};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// The reason where the environment has no Connect.
pub(super) const NO_CONNECT: &str = "parity-flow.no_connect";

/// The flow that is looked at, and those beside it.
#[derive(Debug)]
pub(super) struct Flows {
    /// What it copies.
    pub(super) own: Mirror,
    pub(super) known_from: Said,
    /// Every flow from the same source, this one included.
    sources: Vec<Mirror>,
    /// What covers groups; none where nothing tells.
    checkpoints: Option<Vec<Mirror>>,
    /// Names that differ or are missing on purpose.
    pub(super) ignored_topics: Names,
    pub(super) ignored_configs: Names,
    pub(super) ignored_groups: Names,
    /// What the other connectors are is not known, and why.
    pub(super) others_unread: Option<Said>,
    /// Which worker of Connect answered, where it was not the first.
    pub(super) moved: Option<Said>,
    prefix: Option<String>,
    settings: Config,
}

impl Flows {
    /// Asks Connect and the environment what is copied.
    pub(super) async fn read(params: &Parity, cx: &ActionContext) -> Result<Self, ActionError> {
        let mut moved = None;
        let listed = match &cx.environment.connect {
            None => Err(no_connect()),
            Some(endpoint) => {
                let ask = async {
                    let connect = service::connect(cx, endpoint).await?;
                    let (listed, _) = connect.connectors().await?;
                    connect.learn_passwords(listed.values().map(|c| &c.info.config)).await;
                    moved = connect.moved();
                    Ok::<_, connect::ConnectError>(listed)
                };
                match unless_cancelled(cx, ask).await {
                    Ok(listed) => Ok(listed),
                    // Without it nothing says what the named connector copies.
                    Err(error) if params.connector.is_some() || params.checkpoint.is_some() => {
                        return Err(error);
                    }
                    Err(ActionError::Cancelled) => return Err(ActionError::Cancelled),
                    Err(error) => Err(error.said()),
                }
            }
        };
        let declared = cx.environment.mirror.get(&format!("{}->{}", params.source, params.target));
        let all = listed.as_ref().ok();
        let (mut settings, known_from) = match &params.connector {
            Some(name) => (config_of(all, name)?, from_connector(name)),
            None => (
                of_environment(declared, &params.source, &params.target),
                match declared {
                    Some(_) => from_environment(format!("{}->{}", params.source, params.target)),
                    None => from_step(),
                },
            ),
        };
        if !params.topics.is_empty() {
            settings.insert("topics".to_owned(), params.topics.join(","));
        }
        let own = mirror(&settings)?;
        let cluster = service::cluster(cx, &params.source)?;
        let of_class = |class: &str| -> Result<Vec<Mirror>, ActionError> {
            let same = |c: &&Listed| {
                is_class(&c.info.config, class) && is_from(&c.info.config, cluster, &own.source)
            };
            all.into_iter()
                .flat_map(|all| all.values())
                .filter(same)
                .map(|c| mirror(&c.info.config))
                .collect()
        };
        let mut sources = of_class(SOURCE_CLASS)?;
        sources.push(own.clone());
        let checkpoints = match &params.checkpoint {
            Some(name) => Some(vec![mirror(&config_of(all, name)?)?]),
            None => match (of_class(CHECKPOINT_CLASS)?, declared.is_some_and(|d| d.groups.is_some())) {
                (found, false) if all.is_some() => Some(found),
                (mut found, true) => {
                    found.push(mirror(&of_environment(declared, &params.source, &params.target))?);
                    Some(found)
                }
                _ => None,
            },
        };
        let names = |key: &str, patterns: &[String]| {
            Names::matching(key, &patterns.join(","))
                .map_err(|error| ActionError::misconfigured(error.said(), pattern_form()))
        };
        Ok(Self {
            own,
            known_from,
            sources,
            checkpoints,
            ignored_topics: names("ignore_topics", &params.ignore_topics)?,
            ignored_configs: names("ignore_configs", &params.ignore_configs)?,
            ignored_groups: names("ignore_groups", &params.ignore_groups)?,
            others_unread: listed.as_ref().err().cloned(),
            moved,
            prefix: params.prefix.clone(),
            settings,
        })
    }

    /// The name of a source's topic on the target.
    pub(super) fn remote(&self, topic: &str) -> Option<String> {
        match &self.prefix {
            Some(prefix) => Some(format!("{prefix}{topic}")),
            None => self.own.remote(topic),
        }
    }

    /// The name on the source of a topic of the target.
    pub(super) fn upstream<'t>(&self, topic: &'t str) -> Option<&'t str> {
        match &self.prefix {
            Some(prefix) => topic.strip_prefix(prefix.as_str()),
            None => self.own.upstream(topic),
        }
    }

    /// Whether any flow copies the topic.
    pub(super) fn covers(&self, topic: &str) -> bool {
        self.sources.iter().any(|flow| flow.copies(topic))
    }

    /// What covers groups; none where nothing tells.
    pub(super) fn checkpoints(&self) -> Option<&[Mirror]> {
        self.checkpoints.as_deref()
    }

    /// The settings that count, for the document.
    pub(super) fn view(&self) -> Json {
        const SHOWN: [&str; 14] = [
            "topics",
            "topics.exclude",
            "groups",
            "groups.exclude",
            "config.properties.exclude",
            "use.defaults.from",
            "sync.topic.configs.enabled",
            "sync.topic.acls.enabled",
            "replication.factor",
            "replication.policy.class",
            "replication.policy.separator",
            "source.cluster.alias",
            "target.cluster.alias",
            "tasks.max",
        ];
        let shown: BTreeMap<_, _> =
            self.settings.iter().filter(|(name, _)| SHOWN.contains(&name.as_str())).collect();
        json!({"from": self.known_from.to_string(), "prefix": self.prefix, "settings": shown, "flows": self.sources.len()})
    }
}

#[cfg(test)]
impl Flows {
    /// A flow with these settings, for tests.
    pub(super) fn of(settings: &[(&str, &str)]) -> Self {
        let own = [("source.cluster.alias", "source"), ("target.cluster.alias", "target")];
        let settings: Config =
            own.iter().chain(settings).map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let own = mirror(&settings).unwrap();
        let none = || Names::matching("", "").unwrap();
        Self {
            sources: vec![own.clone()],
            checkpoints: Some(vec![own.clone()]),
            own,
            known_from: from_step(),
            ignored_topics: none(),
            ignored_configs: Names::matching("", "segment.*").unwrap(),
            ignored_groups: none(),
            others_unread: None,
            moved: None,
            prefix: None,
            settings,
        }
    }
}

fn config_of(listed: Option<&BTreeMap<String, Listed>>, name: &str) -> Result<Config, ActionError> {
    let found = listed.and_then(|all| all.get(name)).map(|c| c.info.config.clone());
    found.ok_or_else(|| {
        let known: Vec<_> = listed.into_iter().flat_map(|all| all.keys().cloned()).collect();
        ActionError::failed(no_connector(name, super::super::kafka_access::some_of(&known)))
    })
}

fn mirror(config: &Config) -> Result<Mirror, ActionError> {
    Mirror::of_connector(config).map_err(|error| ActionError::misconfigured(error.said(), pattern_form()))
}

fn is_class(config: &Config, class: &str) -> bool {
    config.get("connector.class").is_some_and(|own| connect::is_class(class, own))
}

/// Whether a connector copies from that cluster: by its address, or by the alias.
fn is_from(config: &Config, cluster: &Cluster, alias: &str) -> bool {
    let servers = config.get("source.cluster.bootstrap.servers").map_or("", String::as_str);
    let of = |text: &str| text.split(',').map(|s| s.trim().to_owned()).collect::<Vec<_>>();
    let known = of(&cluster.bootstrap_servers);
    of(servers).iter().any(|server| known.contains(server))
        || config.get("source.cluster.alias").is_some_and(|own| own == alias)
}

/// A flow of the environment as the connector's settings that it becomes.
fn of_environment(flow: Option<&Flow>, source: &str, target: &str) -> Config {
    let flow = flow.cloned().unwrap_or_default();
    let mut config: Config = [
        ("source.cluster.alias", Some(flow.source_alias.unwrap_or_else(|| source.to_owned()))),
        ("target.cluster.alias", Some(flow.target_alias.unwrap_or_else(|| target.to_owned()))),
        ("topics", flow.topics),
        ("groups", flow.groups),
        ("replication.policy.separator", flow.separator),
        (
            "replication.policy.class",
            flow.policy.filter(|p| p != "default").map(|policy| match policy.as_str() {
                "identity" => "IdentityReplicationPolicy".to_owned(),
                class => class.to_owned(),
            }),
        ),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    .collect();
    for (name, value) in flow.config {
        let text = match value {
            Json::String(text) => text,
            Json::Array(parts) => parts
                .iter()
                .map(|p| p.as_str().map_or_else(|| p.to_string(), str::to_owned))
                .collect::<Vec<_>>()
                .join(","),
            other => other.to_string(),
        };
        config.insert(name, text);
    }
    config
}

messages! {
    area "parity-flow";
    from_connector(name) => "the settings of connector `{name}`" / "les paramètres du connecteur `{name}`";
    from_environment(flow) => "`mirror: {flow}` of the environment" / "`mirror: {flow}` de l'environnement";
    from_step() => "the parameters of the step" / "les paramètres de l'étape";
    no_connect() => "the environment defines no `connect`" / "l'environnement ne définit pas de `connect`";
    no_connector(name, known) => "connector `{name}` does not exist on Connect, which has {known}" / "le connecteur `{name}` n'existe pas sur Connect, qui a {known}";
    pattern_form() => "write regular expressions separated by commas, as in MirrorMaker 2's own settings" / "écrire des expressions régulières séparées par des virgules, comme dans les paramètres de MirrorMaker 2";
}
