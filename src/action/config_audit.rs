//! `config-audit`: compares settings of brokers and topics with what they should be, and says why each matters.

use super::{
    Action, ActionContext, ActionError, ActionFailure, Kind, Mistake, OnInterrupt, Output,
    kafka_access::{Access, Scalar, some_of},
    mistake, output,
};
use crate::{
    clients::{
        Environment,
        kafka::{Entity, Setting, config_entry},
    },
    record::{Evidence, Said, Unit, Value},
    support::{schema::by_hand, text},
};
use regex::Regex;
use serde::Deserialize;
use std::{collections::BTreeMap, fmt};

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
    /// The settings.
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
      why: it loses records without a word
  topics:
    - topic: 'perf\\..*'
      settings: [{setting: cleanup.policy, expected: [delete, compact]}]";
    const OUTPUTS: &'static [Output] = &[
        output(
            "deviations",
            Unit::Count,
            "Settings that differ from what they should be, counted by broker and topic.",
        ),
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
        let text: String = {
            let of_topics: usize = self.topics.iter().map(|t| t.settings.len()).sum();
            format!(
                "audit {} of the brokers and {} of topics of cluster `{}`",
                text::plural(self.brokers.len(), "setting"),
                text::plural(of_topics, "setting"),
                self.cluster
            )
        };
        text.into()
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        let mut mistakes = mistake::clusters(environment, &[("cluster", &self.cluster)]);
        for (index, checks) in self.topics.iter().enumerate() {
            let path = format!("topics.{index}.topic");
            mistakes.extend(mistake::pattern(
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
            evidence.remark(format!("{} told no settings: gone, or hidden from this user", some_of(&silent)));
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
        ActionError::misconfigured(
            format!("`{pattern}` is neither a topic nor a regular expression: {error}"),
            "write a topic's name, or a pattern such as `perf\\..*`".to_owned(),
        )
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
    expected: String,
    observed: String,
    source: &'static str,
    verdict: Verdict,
    why: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Deviates,
    Hidden,
    NotFound,
    Ok,
}

impl Verdict {
    fn as_str(self) -> &'static str {
        match self {
            Self::Deviates => "deviates",
            Self::Hidden => "hidden",
            Self::NotFound => "not_found",
            Self::Ok => "ok",
        }
    }
}

impl Check {
    fn line(&self, entity: &Entity, settings: Option<&Vec<Setting>>) -> Line {
        let (scope, name) = match entity {
            Entity::Broker(id) => ("broker", id.to_string()),
            Entity::Topic(name) => ("topic", name.clone()),
        };
        let found = settings.and_then(|all| all.iter().find(|s| s.name == self.setting));
        let observed = found.and_then(|s| s.value.clone()).unwrap_or_default();
        let verdict = match found {
            None => Verdict::NotFound,
            Some(setting) if setting.sensitive => Verdict::Hidden,
            Some(_) if self.expected.holds(&observed) => Verdict::Ok,
            Some(_) => Verdict::Deviates,
        };
        Line {
            scope,
            entity: name,
            setting: self.setting.clone(),
            expected: self.expected.to_string(),
            observed,
            source: found.map_or("", |s| s.source.as_str()),
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
            expected: self.expected.to_string(),
            observed: String::new(),
            source: "",
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
        ("settings_checked", lines.len()),
    ] {
        evidence.put_from(name, Value::count(n as u64), artifact);
    }
    // The same deviation on every broker is one finding.
    let mut findings: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.verdict != Verdict::Ok) {
        let what = match line.verdict {
            Verdict::Hidden => "is hidden by the broker".to_owned(),
            Verdict::NotFound => "was not found".to_owned(),
            Verdict::Deviates | Verdict::Ok if line.observed.is_empty() => {
                format!("is empty ({}), expected {}", line.source, line.expected)
            }
            Verdict::Deviates | Verdict::Ok => {
                format!("is `{}` ({}), expected {}", line.observed, line.source, line.expected)
            }
        };
        let why = if line.why.is_empty() { String::new() } else { format!(": {}", line.why) };
        findings.entry(format!("`{}` {what}{why}", line.setting)).or_default().push(&line.entity);
    }
    for (finding, entities) in findings {
        let entities: Vec<_> = entities.into_iter().map(str::to_owned).collect();
        evidence.remark(format!("{finding} (on {})", some_of(&entities)));
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
            line.source,
            line.verdict.as_str(),
            &line.why,
        ];
        table.push_str(&row.map(csv).join(","));
        table.push('\n');
    }
    table
}

/// A field of RFC 4180.
fn csv(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
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
    type Error = String;

    fn try_from(value: serde_json::Value) -> Result<Self, String> {
        if let serde_json::Value::Array(values) = value {
            let values: Result<Vec<_>, _> =
                values.into_iter().map(|v| Scalar::try_from(v).map(|s| s.0)).collect();
            return match values?.as_slice() {
                [] => Err("a list of expected values needs one value at least".to_owned()),
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
                    .map_err(|_| format!("`{limit}` behind `{sign}` is not a number"));
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

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bound(bound, limit) => {
                let sign = match bound {
                    Bound::AtLeast => ">=",
                    Bound::AtMost => "<=",
                    Bound::Less => "<",
                    Bound::More => ">",
                };
                write!(f, "{sign} {limit}")
            }
            Self::Exactly(wanted) => f.write_str(wanted),
            Self::Not(unwanted) if unwanted.is_empty() => f.write_str("not empty"),
            Self::Not(unwanted) => write!(f, "!= {unwanted}"),
            Self::OneOf(wanted) => write!(f, "one of {}", wanted.join(" | ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::kafka::Origin;

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
        assert!(
            evidence.remarks.iter().any(|r| r == "`a` is `1` (static), expected >= 2: so, or else (on `1`)")
        );
        let table = table(&lines);
        assert!(table.contains("broker,1,a,>= 2,1,static,deviates,\"so, or else\"\n"), "{table}");
    }
}
