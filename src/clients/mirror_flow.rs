//! [`Mirror`]: what one of MirrorMaker 2's connectors copies and under which names, read from the connector's settings.
//!
//! Facts from the sources of Kafka 3.7 (`connect/mirror`): `DefaultTopicFilter`, `DefaultGroupFilter` and
//! `DefaultConfigPropertyFilter` join a list of patterns by `|` and match whole names;
//! `MirrorSourceConnector.shouldReplicateTopic` adds the topic `heartbeats`, and leaves out internal topics and those that
//! came from the target.

use crate::record::{Said, Speaks, display_by_said, messages};
use regex::Regex;
use std::{collections::BTreeMap, sync::LazyLock};

/// `topics.exclude` where it is not set.
const TOPICS_EXCLUDE: &str = r".*[\-\.]internal, .*\.replica, __.*";
/// `groups.exclude` where it is not set.
const GROUPS_EXCLUDE: &str = "console-consumer-.*, connect-.*, __.*";
/// `config.properties.exclude` where it is not set.
const CONFIGS_EXCLUDE: &str = r"follower\.replication\.throttled\.replicas, leader\.replication\.throttled\.replicas, message\.timestamp\.difference\.max\.ms, message\.timestamp\.type, unclean\.leader\.election\.enable, min\.insync\.replicas";

/// Class of the connector that copies records.
pub const SOURCE_CLASS: &str = "org.apache.kafka.connect.mirror.MirrorSourceConnector";
/// Class of the connector that copies the offsets of groups.
pub const CHECKPOINT_CLASS: &str = "org.apache.kafka.connect.mirror.MirrorCheckpointConnector";

/// Class of the connector that shows that the flow lives.
pub const HEARTBEAT_CLASS: &str = "org.apache.kafka.connect.mirror.MirrorHeartbeatConnector";

/// Settings of a connector: every value is a text.
type Config = BTreeMap<String, String>;

/// Names that patterns match as a whole.
#[derive(Debug, Clone)]
pub struct Names(Option<Regex>);

/// A pattern that is not a regular expression that this program can read.
#[derive(Debug, Clone, thiserror::Error)]
pub struct BadPattern {
    /// Key of the setting that holds the pattern, such as `topics`.
    pub setting: String,
    /// Value of the setting: patterns separated by commas.
    pub value: String,
    /// Error of the regular expression.
    pub cause: String,
}

impl Speaks for BadPattern {
    fn said(&self) -> Said {
        bad_pattern(&self.setting, &self.value, &self.cause)
    }
}

display_by_said!(BadPattern);

/// How a topic of the source is called on the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Policy {
    /// `<source alias><separator><topic>`.
    Default {
        /// Between the alias and the topic; `.` unless set.
        separator: String,
    },
    /// The copy has the name of its topic.
    Identity,
    /// A class of somebody else's, whose names are not known.
    Other(String),
}

/// The topics, groups and settings that a flow copies.
#[derive(Debug, Clone)]
pub struct Mirror {
    /// Alias of the source cluster.
    pub source: String,
    /// Alias of the target cluster.
    pub target: String,
    /// How topics are called on the target.
    pub policy: Policy,
    /// `sync.topic.configs.enabled`.
    pub syncs_configs: bool,
    /// `sync.topic.acls.enabled`.
    pub syncs_acls: bool,
    /// Whether a setting that the source leaves at its default is given the source's default on the target
    /// (`use.defaults.from: source`).
    pub source_defaults: bool,
    /// `replication.factor` of new topics on the target; 2 unless set, `None` where the brokers decide (-1).
    pub replication_factor: Option<u32>,
    /// `tasks.max`; 1 unless set.
    pub tasks_max: u32,
    topics: Names,
    topics_exclude: Names,
    groups: Names,
    groups_exclude: Names,
    configs_exclude: Names,
    heartbeats: bool,
}

impl Names {
    /// The names that one of `patterns`, a list separated by commas, matches as a whole.
    ///
    /// # Errors
    /// If a pattern cannot be read; `setting` says where it stands.
    pub fn matching(setting: &str, patterns: &str) -> Result<Self, BadPattern> {
        let parts: Vec<_> = patterns.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
        if parts.is_empty() {
            return Ok(Self(None));
        }
        let whole = format!("^(?:{})$", parts.join("|"));
        Regex::new(&whole).map(|regex| Self(Some(regex))).map_err(|error| BadPattern {
            setting: setting.to_owned(),
            value: patterns.to_owned(),
            cause: error.to_string().lines().last().unwrap_or_default().trim().to_owned(),
        })
    }

    /// Whether `name` is one of them.
    pub fn has(&self, name: &str) -> bool {
        self.0.as_ref().is_some_and(|regex| regex.is_match(name))
    }
}

impl Policy {
    /// The policy that `replication.policy.class` or the `policy` of an environment names; the default one where it is
    /// empty.
    pub fn named(policy: &str, separator: &str) -> Self {
        match policy.rsplit('.').next().unwrap_or_default() {
            "" | "default" | "DefaultReplicationPolicy" => Self::Default { separator: separator.to_owned() },
            "identity" | "IdentityReplicationPolicy" => Self::Identity,
            _ => Self::Other(policy.to_owned()),
        }
    }

    fn of(config: &Config) -> Self {
        let separator = config.get("replication.policy.separator").map_or(".", String::as_str);
        Self::named(config.get("replication.policy.class").map_or("", String::as_str), separator)
    }
}

impl Mirror {
    /// What the connector with these settings copies; both MM2's source and its checkpoint connector are read so.
    ///
    /// # Errors
    /// If a pattern cannot be read.
    pub fn of_connector(config: &Config) -> Result<Self, BadPattern> {
        let get = |name: &str| config.get(name).map(String::as_str);
        let names = |setting: &str, older: &str, default: &str| {
            Names::matching(setting, get(setting).or_else(|| get(older)).unwrap_or(default))
        };
        let flag = |name: &str, default| get(name).map_or(default, |v| v.trim().eq_ignore_ascii_case("true"));
        Ok(Self {
            source: get("source.cluster.alias").unwrap_or_default().to_owned(),
            target: get("target.cluster.alias").unwrap_or("target").to_owned(),
            policy: Policy::of(config),
            syncs_configs: flag("sync.topic.configs.enabled", true),
            syncs_acls: flag("sync.topic.acls.enabled", true),
            source_defaults: get("use.defaults.from").is_some_and(|v| v.trim() == "source"),
            replication_factor: get("replication.factor").map_or(Some(2), |v| v.trim().parse().ok()),
            tasks_max: get("tasks.max").and_then(|v| v.trim().parse().ok()).unwrap_or(1),
            topics: names("topics", "topics.whitelist", ".*")?,
            topics_exclude: names("topics.exclude", "topics.blacklist", TOPICS_EXCLUDE)?,
            groups: names("groups", "groups.whitelist", ".*")?,
            groups_exclude: names("groups.exclude", "groups.blacklist", GROUPS_EXCLUDE)?,
            configs_exclude: names(
                "config.properties.exclude",
                "config.properties.blacklist",
                CONFIGS_EXCLUDE,
            )?,
            heartbeats: flag("heartbeats.replication.enabled", true),
        })
    }

    /// Whether the topic of that name on the source is copied.
    pub fn copies(&self, topic: &str) -> bool {
        (self.topics.has(topic) && !self.topics_exclude.has(topic)
            || self.heartbeats && self.is_heartbeats(topic))
            && !is_internal(topic)
            && !self.is_cycle(topic)
    }

    /// Whether the offsets of the group of that name are copied.
    pub fn copies_group(&self, group: &str) -> bool {
        self.groups.has(group) && !self.groups_exclude.has(group)
    }

    /// Whether `groups.exclude` names the group.
    pub fn excludes_group(&self, group: &str) -> bool {
        self.groups_exclude.has(group)
    }

    /// Whether a setting of topics is never copied (`config.properties.exclude`).
    pub fn excludes_config(&self, setting: &str) -> bool {
        self.configs_exclude.has(setting)
    }

    /// The name of a source's topic on the target; `None` with a policy of somebody else's.
    pub fn remote(&self, topic: &str) -> Option<String> {
        match &self.policy {
            Policy::Default { separator } => Some(format!("{}{separator}{topic}", self.source)),
            Policy::Identity if self.is_heartbeats(topic) => Some(format!("{}.{topic}", self.source)),
            Policy::Identity => Some(topic.to_owned()),
            Policy::Other(_) => None,
        }
    }

    /// The name on the source of a topic of the target that this flow would have written.
    pub fn upstream<'t>(&self, topic: &'t str) -> Option<&'t str> {
        match &self.policy {
            Policy::Default { separator } => {
                topic.strip_prefix(self.source.as_str())?.strip_prefix(separator.as_str())
            }
            Policy::Identity => Some(topic),
            Policy::Other(_) => None,
        }
    }

    /// `MirrorSourceConnector.isCycle`: the topic came from the target, directly or through other clusters.
    pub fn is_cycle(&self, topic: &str) -> bool {
        let Policy::Default { separator } = &self.policy else { return false };
        let mut rest = topic;
        while let Some((source, upstream)) = rest.split_once(separator.as_str()) {
            if source == self.target {
                return true;
            }
            rest = upstream;
        }
        false
    }

    fn is_heartbeats(&self, topic: &str) -> bool {
        match &self.policy {
            Policy::Default { separator } => topic.rsplit(separator.as_str()).next() == Some("heartbeats"),
            _ => topic == "heartbeats",
        }
    }
}

/// A topic that is of Kafka's, Connect's or MirrorMaker 2's own (`ReplicationPolicy.isInternalTopic`).
pub fn is_internal(topic: &str) -> bool {
    topic.starts_with("__")
        || topic.starts_with('.')
        || topic.ends_with("-internal")
        || topic.ends_with(".internal")
}

/// What `topics.exclude` and `groups.exclude` name where they are not set.
static DEFAULTS: LazyLock<(Names, Names)> = LazyLock::new(|| {
    let names = |setting, patterns| Names::matching(setting, patterns).unwrap_or(Names(None));
    (names("topics.exclude", TOPICS_EXCLUDE), names("groups.exclude", GROUPS_EXCLUDE))
});

/// Whether MirrorMaker 2 leaves that topic out where nothing else is said (`topics.exclude`).
pub fn is_excluded_topic(topic: &str) -> bool {
    DEFAULTS.0.has(topic)
}

/// Whether MirrorMaker 2 leaves that group out where nothing else is said (`groups.exclude`).
pub fn is_excluded_group(group: &str) -> bool {
    DEFAULTS.1.has(group)
}

messages! {
    area "mirror-flow";
    bad_pattern(setting, value, cause) => "`{setting}: {value}` cannot be read as regular expressions: {cause}" / "`{setting}: {value}` n'est pas lisible comme expressions régulières : {cause}";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mirror(settings: &[(&str, &str)]) -> Mirror {
        let own = [("source.cluster.alias", "source"), ("target.cluster.alias", "target")];
        let config = own.iter().chain(settings).map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Mirror::of_connector(&config).unwrap()
    }

    #[test]
    fn topics_are_chosen_as_mirror_maker_chooses_them() {
        let all = mirror(&[]);
        for (topic, copied) in [
            ("orders", true),
            ("__consumer_offsets", false),
            ("connect-offsets-internal", false),
            ("source.checkpoints.internal", false),
            ("target.orders", false),
            ("east.target.orders", false),
            ("a.replica", false),
            ("heartbeats", true),
        ] {
            assert_eq!(all.copies(topic), copied, "{topic}");
        }
        let some = mirror(&[("topics", r"mm2\..*, orders"), ("topics.exclude", r"mm2\.x")]);
        for (topic, copied) in
            [("mm2.a", true), ("mm2.x", false), ("orders", true), ("orders2", false), ("heartbeats", true)]
        {
            assert_eq!(some.copies(topic), copied, "{topic}");
        }
        assert!(
            !mirror(&[("heartbeats.replication.enabled", "false"), ("topics", "a")]).copies("heartbeats")
        );
    }

    #[test]
    fn what_is_excluded_by_default_is_what_a_connector_without_settings_excludes() {
        let default = mirror(&[]);
        for name in [
            "a",
            "connect-mm2",
            "connector",
            "console-consumer-1",
            "__x",
            "x.replica",
            "a-internal",
            "replica",
        ] {
            assert_eq!(is_excluded_group(name), default.excludes_group(name), "{name}");
            assert_eq!(is_excluded_topic(name), default.topics_exclude.has(name), "{name}");
        }
        assert!(is_excluded_group("connect-mm2") && !is_excluded_group("connector"));
        assert!(is_excluded_topic("x.replica") && !is_excluded_topic("replica"));
    }

    #[test]
    fn names_on_the_target_follow_the_policy() {
        let default = mirror(&[("replication.policy.separator", "-")]);
        assert_eq!(default.remote("orders").as_deref(), Some("source-orders"));
        assert_eq!(default.upstream("source-orders"), Some("orders"));
        assert_eq!(default.upstream("east-orders"), None);
        let identity = mirror(&[(
            "replication.policy.class",
            "org.apache.kafka.connect.mirror.IdentityReplicationPolicy",
        )]);
        assert_eq!(identity.remote("orders").as_deref(), Some("orders"));
        assert!(identity.copies("target.orders"), "the identity policy knows no cycles");
        assert_eq!(mirror(&[("replication.policy.class", "com.x.Own")]).remote("orders"), None);
    }

    #[test]
    fn settings_and_groups_are_excluded_as_by_default() {
        let default = mirror(&[]);
        assert!(default.excludes_config("min.insync.replicas") && !default.excludes_config("retention.ms"));
        assert!(!default.copies_group("console-consumer-17") && default.copies_group("billing"));
        assert_eq!((default.replication_factor, default.tasks_max), (Some(2), 1));
        assert!(default.syncs_configs && !default.source_defaults);
        let own = mirror(&[("config.properties.exclude", "retention.*"), ("replication.factor", "-1")]);
        assert!(own.excludes_config("retention.ms") && !own.excludes_config("min.insync.replicas"));
        assert_eq!(own.replication_factor, None);
        let config = [("topics".to_owned(), "(".to_owned())].into();
        assert!(
            Mirror::of_connector(&config).unwrap_err().to_string().starts_with("`topics: (` cannot be read")
        );
    }
}
