//! `config-audit`: compares settings of brokers and topics with what they should be, and says why each matters.

use super::{
    Action, ActionContext, ActionError, ActionFailure, Kind, Mistake, Need, OnInterrupt, Output,
    kafka_access::{Access, Scalar, some_of},
    mistakes, output,
};
use crate::{
    clients::{
        Environment,
        kafka::{Entity, Origin, Setting, config_entry},
    },
    record::{
        ActionRole, Arg, Evidence, Family, Refused, Said, Speaks, Unit, Value, display_by_said, messages,
    },
    support::{schema::by_hand, text::csv_cell},
};
use regex::Regex;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Parameters of `config-audit`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfigAudit {
    /// Name of the cluster in the environment.
    cluster: String,
    /// Settings that every broker should have.
    #[serde(default)]
    brokers: Vec<Check>,
    /// Settings that topics should have.
    #[serde(default)]
    topics: Vec<TopicChecks>,
}

/// Settings of some topics.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct TopicChecks {
    /// A topic's name, or a regular expression for whole names. Kafka's own topics (`__…`) are meant only by a text
    /// that begins with `__`.
    topic: String,
    /// What each of its settings should be.
    settings: Vec<Check>,
}

/// One setting and what it should be.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Check {
    /// Kafka's name of it.
    setting: String,
    /// The value; or `>= 2`, `<= 2`, `> 2`, `< 2`, `!= x`; or a list of values, of which one must hold.
    expected: Expected,
    /// Why it matters.
    #[serde(default)]
    why: String,
}

/// What a value should be.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "serde_json::Value")]
enum Expected {
    Bound(Bound, f64),
    Exactly(String),
    Not(String),
    OneOf(Vec<String>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    AtLeast,
    AtMost,
    Less,
    More,
}

impl Kind for ConfigAudit {
    const SUMMARY: &'static str = "Compares settings of brokers and topics with what they should be.";
    const EXAMPLE: &'static str = "config-audit:
  id: audit
  cluster: source
  brokers:
    - setting: min.insync.replicas
      expected: '>= 2'
      why: one lost broker must not lose acknowledged records
    - setting: unclean.leader.election.enable
      expected: false
      why: it loses records without an error
  topics:
    - topic: 'perf\\..*'
      settings: [{setting: cleanup.policy, expected: [delete, compact]}]";
    const ROLE: ActionRole = ActionRole::Check;
    const WATCH: bool = false;
    const OUTPUTS: &'static [Output] = &[
        output(
            "deviations",
            Unit::Count,
            "Settings that differ from what they should be, counted by broker and topic.",
        )
        .of(Family::Deviations),
        output(
            "not_found",
            Unit::Count,
            "Settings or topics that are not there, and values that the broker hides.",
        ),
        output(
            "settings_checked",
            Unit::Count,
            "Comparisons that were asked for: one for each setting of each broker and topic.",
        ),
    ];
}

#[async_trait::async_trait]
impl Action for ConfigAudit {
    fn describe(&self) -> Said {
        let of_topics: usize = self.topics.iter().map(|t| t.settings.len()).sum();
        audit(self.brokers.len(), of_topics, &self.cluster)
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        let mut mistakes = mistakes::clusters(environment, &[("cluster", &self.cluster)]);
        for (index, checks) in self.topics.iter().enumerate() {
            let path = format!("topics.{index}.topic");
            mistakes.extend(mistakes::pattern(
                &path,
                &checks.topic,
                "write a topic's name, or a pattern such as `perf\\..*`",
            ));
        }
        if self.brokers.is_empty() && self.topics.is_empty() {
            let hint = "add `brokers:` or `topics:`; `jalon actions config-audit` has an example";
            mistakes.push(Mistake::new("", "this audit compares nothing", hint));
        }
        mistakes
    }

    fn needs(&self, _environment: &Environment) -> Vec<Need> {
        vec![Need::Settings(self.cluster.clone())]
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let access = Access::to(cx, &self.cluster).await?;
        let topology = access.ask(cx, access.admin.topology()).await?;
        let names: Vec<_> = topology.topics.iter().map(|t| t.name.as_str()).collect();
        let brokers: Vec<_> = topology.brokers.iter().map(|b| Entity::Broker(b.id)).collect();
        let mut asked = Vec::new();
        if !self.brokers.is_empty() {
            asked.extend(brokers.iter().cloned());
        }
        let mut meant = Vec::new();
        for checks in &self.topics {
            let topics = select(&checks.topic, &names)?;
            asked.extend(topics.iter().map(|name| Entity::Topic((*name).to_owned())));
            meant.push((checks, topics));
        }
        asked.sort();
        asked.dedup();
        let settings = access.ask(cx, access.admin.configs(&asked)).await?;

        let mut lines = Vec::new();
        for broker in &brokers {
            lines.extend(self.brokers.iter().map(|check| check.line(broker, settings.get(broker))));
        }
        for (checks, topics) in meant {
            if topics.is_empty() {
                lines.extend(checks.settings.iter().map(|check| check.nobody(&checks.topic)));
            }
            for topic in topics {
                let topic = Entity::Topic(topic.to_owned());
                lines.extend(checks.settings.iter().map(|check| check.line(&topic, settings.get(&topic))));
            }
        }
        let artifact = "audit.csv";
        cx.artifacts.write(artifact, "text/csv", table(&lines).as_bytes())?;
        let mut evidence = evidence(&lines, artifact);
        let silent = config_entry::silent(&asked, &settings);
        if !silent.is_empty() {
            evidence.remark(silent_ones(some_of(&silent)));
        }
        Ok(evidence)
    }
}

/// The topics that `pattern` means: the one of that name, else those whose whole name it matches.
fn select<'a>(pattern: &str, names: &[&'a str]) -> Result<Vec<&'a str>, ActionError> {
    if let Some(name) = names.iter().find(|name| **name == pattern) {
        return Ok(vec![name]);
    }
    let whole = Regex::new(&format!("^(?:{pattern})$")).map_err(|error| {
        ActionError::misconfigured(no_pattern(pattern, error.to_string()), pattern_form())
    })?;
    let own = pattern.starts_with("__");
    Ok(names
        .iter()
        .filter(|name| own || !name.starts_with("__"))
        .filter(|name| whole.is_match(name))
        .copied()
        .collect())
}

/// One line of the table.
#[derive(Debug, PartialEq)]
struct Line {
    scope: &'static str,
    entity: String,
    setting: String,
    expected: Said,
    observed: String,
    source: Option<Origin>,
    verdict: Verdict,
    why: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Deviates,
    Hidden,
    NotApplicable,
    NotFound,
    Ok,
}

impl Verdict {
    fn as_str(self) -> &'static str {
        match self {
            Self::Deviates => "deviates",
            Self::Hidden => "hidden",
            Self::NotApplicable => "not_applicable",
            Self::NotFound => "not_found",
            Self::Ok => "ok",
        }
    }
}

/// Whether a broker that has these settings keeps its metadata itself.
fn is_kraft(settings: &[Setting]) -> bool {
    config_entry::value(settings, "process.roles").is_some_and(|roles| !roles.is_empty())
}

/// Whether brokers of that mode have a setting (`kafka.server.KafkaConfig` of 3.7 says which belong to one mode alone).
fn exists_in(setting: &str, kraft: bool) -> bool {
    const ZOOKEEPER: [&str; 4] = [
        "broker.id.generation.enable",
        "control.plane.listener.name",
        "inter.broker.protocol.version",
        "reserved.broker.max.id",
    ];
    let of_zookeeper = setting.starts_with("zookeeper.") || ZOOKEEPER.contains(&setting);
    let of_kraft =
        ["controller.quorum.", "metadata.log.", "metadata.max."].iter().any(|p| setting.starts_with(p))
            || ["node.id", "process.roles"].contains(&setting);
    if kraft { !of_zookeeper } else { !of_kraft }
}

impl Check {
    fn line(&self, entity: &Entity, settings: Option<&Vec<Setting>>) -> Line {
        let (scope, name) = match entity {
            Entity::Broker(id) => ("broker", id.to_string()),
            Entity::Topic(name) => ("topic", name.clone()),
        };
        let found = settings.and_then(|all| all.iter().find(|s| s.name == self.setting));
        let observed = found.and_then(|s| s.value.clone()).unwrap_or_default();
        let other_mode = matches!(entity, Entity::Broker(_))
            && settings.is_some_and(|all| !exists_in(&self.setting, is_kraft(all)));
        let verdict = match found {
            _ if other_mode => Verdict::NotApplicable,
            None => Verdict::NotFound,
            Some(setting) if setting.sensitive => Verdict::Hidden,
            Some(_) if self.expected.holds(&observed) => Verdict::Ok,
            Some(_) => Verdict::Deviates,
        };
        Line {
            scope,
            entity: name,
            setting: self.setting.clone(),
            expected: self.expected.said(),
            observed,
            source: found.map(|s| s.source),
            verdict,
            why: self.why.clone(),
        }
    }

    /// The line where no topic is meant.
    fn nobody(&self, pattern: &str) -> Line {
        Line {
            scope: "topic",
            entity: pattern.to_owned(),
            setting: self.setting.clone(),
            expected: self.expected.said(),
            observed: String::new(),
            source: None,
            verdict: Verdict::NotFound,
            why: self.why.clone(),
        }
    }
}

fn evidence(lines: &[Line], artifact: &str) -> Evidence {
    let count = |wanted: &[Verdict]| lines.iter().filter(|line| wanted.contains(&line.verdict)).count();
    let mut evidence = Evidence::default();
    for (name, n) in [
        ("deviations", count(&[Verdict::Deviates])),
        ("not_found", count(&[Verdict::NotFound, Verdict::Hidden])),
        ("settings_checked", lines.len() - count(&[Verdict::NotApplicable])),
    ] {
        evidence.put_from(name, Value::count(n as u64), artifact);
    }
    // The same deviation on every broker is one finding.
    let mut findings: BTreeMap<Said, Vec<String>> = BTreeMap::new();
    let mut elsewhere = BTreeSet::new();
    for line in lines.iter().filter(|line| line.verdict != Verdict::Ok) {
        let Line { setting, expected, observed, .. } = line;
        let source = line.source.map(|source| source.said()).unwrap_or_default();
        let finding = match line.verdict {
            Verdict::NotApplicable => {
                elsewhere.insert(format!("`{setting}`"));
                continue;
            }
            Verdict::Hidden => hidden(setting),
            Verdict::NotFound => not_found(setting),
            Verdict::Deviates | Verdict::Ok if observed.is_empty() => empty(setting, source, expected),
            Verdict::Deviates | Verdict::Ok => deviates(setting, observed, source, expected),
        };
        let finding = if line.why.is_empty() { finding } else { because(finding, &line.why) };
        findings.entry(finding).or_default().push(line.entity.clone());
    }
    evidence.remark_all(findings.into_iter().map(|(finding, entities)| on(finding, some_of(&entities))));
    if !elsewhere.is_empty() {
        evidence.remark(of_other_mode(Arg::list(elsewhere)));
    }
    evidence
}

fn table(lines: &[Line]) -> String {
    let mut table = String::from("scope,entity,setting,expected,observed,source,verdict,why\n");
    for line in lines {
        let row = [
            line.scope,
            &line.entity,
            &line.setting,
            &line.expected,
            &line.observed,
            &line.source.map(|source| source.said().to_string()).unwrap_or_default(),
            line.verdict.as_str(),
            &line.why,
        ];
        table.push_str(&row.map(csv_cell).join(","));
        table.push('\n');
    }
    table
}

impl Expected {
    fn holds(&self, observed: &str) -> bool {
        match self {
            Self::Bound(bound, limit) => observed.trim().parse::<f64>().is_ok_and(|value| match bound {
                Bound::AtLeast => value >= *limit,
                Bound::AtMost => value <= *limit,
                Bound::Less => value < *limit,
                Bound::More => value > *limit,
            }),
            Self::Exactly(wanted) => same(wanted, observed),
            Self::Not(unwanted) => !same(unwanted, observed),
            Self::OneOf(wanted) => wanted.iter().any(|wanted| same(wanted, observed)),
        }
    }
}

/// Whether two values say the same: lists with and without spaces, `TRUE` and `true`, `2` and `2.0`.
fn same(a: &str, b: &str) -> bool {
    let plain = |text: &str| text.split(',').map(str::trim).collect::<Vec<_>>().join(",");
    let (a, b) = (plain(a), plain(b));
    a == b
        || (["true", "false"].iter().any(|flag| flag.eq_ignore_ascii_case(&a)) && a.eq_ignore_ascii_case(&b))
        || a.parse::<f64>().is_ok_and(|a| b.parse::<f64>() == Ok(a))
}

impl TryFrom<serde_json::Value> for Expected {
    type Error = Refused;

    fn try_from(value: serde_json::Value) -> Result<Self, Refused> {
        if let serde_json::Value::Array(values) = value {
            let values: Result<Vec<_>, _> =
                values.into_iter().map(|v| Scalar::try_from(v).map(|s| s.0)).collect();
            return match values?.as_slice() {
                [] => Err(nothing_expected().into()),
                values => Ok(Self::OneOf(values.to_vec())),
            };
        }
        let Scalar(text) = Scalar::try_from(value)?;
        for (sign, bound) in
            [(">=", Bound::AtLeast), ("<=", Bound::AtMost), (">", Bound::More), ("<", Bound::Less)]
        {
            if let Some(limit) = text.strip_prefix(sign) {
                let limit = limit.trim();
                return limit
                    .parse()
                    .map(|limit| Self::Bound(bound, limit))
                    .map_err(|_| no_bound(limit, sign).into());
            }
        }
        Ok(match text.strip_prefix("!=") {
            Some(unwanted) => Self::Not(unwanted.trim().to_owned()),
            None => Self::Exactly(text),
        })
    }
}

by_hand!(Expected, "Expected", {
    "anyOf": [
        {"type": ["string", "number", "boolean"]},
        {"type": "array", "minItems": 1, "items": {"type": ["string", "number", "boolean"]}},
    ],
});

impl Speaks for Expected {
    fn said(&self) -> Said {
        match self {
            Self::Bound(bound, limit) => {
                let sign = match bound {
                    Bound::AtLeast => ">=",
                    Bound::AtMost => "<=",
                    Bound::Less => "<",
                    Bound::More => ">",
                };
                Said::verbatim(format!("{sign} {limit}"))
            }
            Self::Exactly(wanted) => Said::verbatim(wanted),
            Self::Not(unwanted) if unwanted.is_empty() => not_empty(),
            Self::Not(unwanted) => Said::verbatim(format!("!= {unwanted}")),
            Self::OneOf(wanted) => one_of(wanted.join(" | ")),
        }
    }
}

display_by_said!(Expected);

messages! {
    area "config-audit";
    no_bound(limit, sign) => "`{limit}` behind `{sign}` is not a number" / "`{limit}` derrière `{sign}` n'est pas un nombre";
    nothing_expected() => "a list of expected values needs one value at least" / "une liste de valeurs attendues en demande au moins une";
    of_other_mode(settings) => "left out, because brokers in this cluster's mode (ZooKeeper or KRaft) do not have it: {settings}" / "laissé de côté, car les brokers dans le mode de ce cluster (ZooKeeper ou KRaft) ne l'ont pas : {settings}";
    audit(brokers, topics, cluster) => "audit {brokers} {brokers|setting|settings} of the brokers and {topics} {topics|setting|settings} of topics of cluster `{cluster}`" / "contrôler {brokers} {brokers|paramètre|paramètres} des brokers et {topics} {topics|paramètre|paramètres} de topics du cluster `{cluster}`";
    because(finding, why) => "{finding}: {why}" / "{finding} : {why}";
    deviates(setting, value, source, expected) => "`{setting}` is `{value}` ({source}), expected {expected}" / "`{setting}` vaut `{value}` ({source}), attendu {expected}";
    empty(setting, source, expected) => "`{setting}` is empty ({source}), expected {expected}" / "`{setting}` est vide ({source}), attendu {expected}";
    hidden(setting) => "`{setting}` is hidden by the broker" / "`{setting}` est caché par le broker";
    no_pattern(pattern, cause) => "`{pattern}` is neither a topic nor a regular expression: {cause}" / "`{pattern}` n'est ni un topic ni une expression régulière : {cause}";
    not_empty() => "not empty" / "non vide";
    not_found(setting) => "`{setting}` was not found" / "`{setting}` n'a pas été trouvé";
    on(finding, entities) => "{finding} (on {entities})" / "{finding} (sur {entities})";
    one_of(values) => "one of {values}" / "l'un de {values}";
    pattern_form() => "write a topic's name, or a pattern such as `perf\\..*`" / "écrire le nom d'un topic, ou un motif tel que `perf\\..*`";
    silent_ones(entities) => "could not read the configuration of {entities}: deleted, or DescribeConfigs permission missing" / "configuration de {entities} illisible : suppression, ou droit DescribeConfigs manquant";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Language;

    fn expected(json: &str) -> Result<Expected, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn what_is_expected_holds_or_not() {
        for (json, observed, holds) in [
            ("2", "2", true),
            ("\"2\"", "3", false),
            ("\">= 2\"", "3", true),
            ("\">=2\"", "1", false),
            ("\"< 10\"", "9.5", true),
            ("\">= 2\"", "many", false),
            ("\"!= GZIP\"", "producer", true),
            ("\"!= producer\"", "producer", false),
            ("false", "false", true),
            ("\"compact, delete\"", "compact,delete", true),
            ("[\"delete\", \"compact\"]", "compact", true),
            ("[1, 2]", "3", false),
            ("-1", "-1", true),
            ("\"\"", "", true),
        ] {
            assert_eq!(expected(json).unwrap().holds(observed), holds, "{json} of {observed}");
        }
        for wrong in ["\">= two\"", "[]", "{}"] {
            assert!(expected(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_pattern_means_whole_names_and_not_kafkas_own() {
        let names = ["__consumer_offsets", "perf.a", "perf.b", "perfXa", "x.perf.a"];
        for (pattern, meant) in [
            ("perf.a", vec!["perf.a"]),
            ("perf\\..*", vec!["perf.a", "perf.b"]),
            (".*perf.*", vec!["perf.a", "perf.b", "perfXa", "x.perf.a"]),
            ("__.*", vec!["__consumer_offsets"]),
            ("nope", vec![]),
        ] {
            assert_eq!(select(pattern, &names).unwrap(), meant, "{pattern}");
        }
        assert!(select("(", &names).unwrap_err().to_string().contains("neither a topic nor"));
    }

    #[test]
    fn each_setting_has_one_line_and_its_verdict() {
        let setting = |name: &str, value: &str, sensitive| Setting {
            name: name.to_owned(),
            value: Some(value.to_owned()),
            source: Origin::StaticBroker,
            sensitive,
        };
        let settings = vec![setting("a", "1", false), setting("p", "***", true)];
        let check = |name: &str, json: &str| Check {
            setting: name.to_owned(),
            expected: expected(json).unwrap(),
            why: "so, or else".to_owned(),
        };
        let broker = Entity::Broker(1);
        let lines: Vec<_> =
            [check("a", "1"), check("a", "\">= 2\""), check("p", "\"x\""), check("nope", "1")]
                .iter()
                .map(|c| c.line(&broker, Some(&settings)))
                .collect();
        let verdicts: Vec<_> = lines.iter().map(|l| l.verdict).collect();
        assert_eq!(verdicts, [Verdict::Ok, Verdict::Deviates, Verdict::Hidden, Verdict::NotFound]);
        let evidence = evidence(&lines, "audit.csv");
        assert_eq!(evidence.get("settings_checked"), Some(&Value::count(4)));
        assert_eq!(evidence.get("deviations"), Some(&Value::count(1)));
        assert_eq!(evidence.get("not_found"), Some(&Value::count(2)));
        let is_english = |r: &&Said| **r == "`a` is `1` (static), expected >= 2: so, or else (on `1`)";
        let french = evidence.remarks.iter().find(is_english).unwrap().in_language(Language::Fr);
        assert_eq!(french, "`a` vaut `1` (fichier du broker), attendu >= 2 : so, or else (sur `1`)");
        let table = table(&lines);
        assert!(table.contains("broker,1,a,>= 2,1,static,deviates,\"so, or else\"\n"), "{table}");
    }
}
