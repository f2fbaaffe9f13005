//! One thing that was compared, and all of them: [`Item`], [`Items`], the tables that are kept.

use super::{super::ActionContext, ActionError, flow::Flows};
use crate::{record::Said, support::text::csv_cell};
use serde_json::json;
use std::collections::BTreeMap;

/// The table, one line a finding and one a topic.
pub(super) const TABLE: &str = "parity.csv";
/// The same with the settings of the flow.
pub(super) const DOCUMENT: &str = "parity.json";

/// What was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    Acl,
    Config,
    Group,
    Orphan,
    Partitions,
    ReplicationFactor,
    Subject,
    SubjectMissing,
    Topic,
    TopicUncovered,
    Unread,
}

impl What {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Acl => "acl",
            Self::Config => "config",
            Self::Group => "group",
            Self::Orphan => "topic-orphaned",
            Self::Partitions => "partitions",
            Self::ReplicationFactor => "replication-factor",
            Self::Subject => "subject",
            Self::SubjectMissing => "subject-missing",
            Self::Topic => "topic",
            Self::TopicUncovered => "topic-uncovered",
            Self::Unread => "config-unread",
        }
    }
}

/// How the two sides are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    Differs,
    Equal,
    Expected,
}

impl Verdict {
    fn as_str(self) -> &'static str {
        match self {
            Self::Differs => "differs",
            Self::Equal => "equal",
            Self::Expected => "expected",
        }
    }
}

/// One thing that was compared.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub(super) what: What,
    /// The topic on the source, the group or the subject.
    pub(super) name: String,
    /// Which setting, or which entry.
    pub(super) setting: String,
    pub(super) source: String,
    pub(super) target: String,
    pub(super) verdict: Verdict,
    /// What follows from it.
    pub(super) consequence: Said,
    /// How bad it is: the greatest is named first.
    pub(super) weight: u8,
}

/// Everything that was compared.
#[derive(Debug, Default)]
pub(super) struct Items {
    found: Vec<Item>,
    /// Equal things are counted and have no line of their own, except topics.
    equal: BTreeMap<What, u64>,
}

/// What could not be read as a whole, and why.
#[derive(Debug, Default)]
pub(super) struct Unread {
    pub(super) configs: Option<Said>,
    pub(super) acls: Option<Said>,
    pub(super) groups: Option<Said>,
    pub(super) subjects: Option<Said>,
}

impl Items {
    /// Two things that are equal.
    pub(super) fn equal(&mut self, what: What, count: u64) {
        *self.equal.entry(what).or_default() += count;
    }

    /// Two things that are not.
    pub(super) fn push(&mut self, item: Item) {
        self.found.push(item);
    }

    /// How many have this verdict.
    pub(super) fn count(&self, what: What, verdict: Verdict) -> u64 {
        match verdict {
            Verdict::Equal => self.equal.get(&what).copied().unwrap_or(0),
            _ => self.found.iter().filter(|i| i.what == what && i.verdict == verdict).count() as u64,
        }
    }

    /// How many there are.
    pub(super) fn total(&self, what: What) -> u64 {
        self.equal.get(&what).copied().unwrap_or(0)
            + self.found.iter().filter(|i| i.what == what).count() as u64
    }

    /// What is not equal.
    pub(super) fn found(&self) -> &[Item] {
        &self.found
    }

    /// Keeps the tables, the worst first.
    pub(super) fn store(&mut self, cx: &ActionContext, flows: &Flows) -> Result<(), ActionError> {
        self.found.sort_by(|a, b| {
            (a.verdict, b.weight, a.what, &a.name, &a.setting)
                .cmp(&(b.verdict, a.weight, b.what, &b.name, &b.setting))
        });
        let mut table = String::from("what,name,setting,source,target,verdict,consequence\n");
        for (what, count) in &self.equal {
            table.push_str(&row(&[
                what.as_str(),
                "",
                "",
                &count.to_string(),
                &count.to_string(),
                "equal",
                "",
            ]));
        }
        for item in &self.found {
            table.push_str(&row(&[
                item.what.as_str(),
                &item.name,
                &item.setting,
                &item.source,
                &item.target,
                item.verdict.as_str(),
                &item.consequence,
            ]));
        }
        cx.artifacts.write(TABLE, "text/csv", table.as_bytes())?;
        let equal: BTreeMap<_, _> = self.equal.iter().map(|(what, count)| (what.as_str(), count)).collect();
        let found: Vec<_> = self
            .found
            .iter()
            .map(|item| {
                json!({
                    "what": item.what.as_str(), "name": item.name, "setting": item.setting, "source": item.source,
                    "target": item.target, "verdict": item.verdict.as_str(), "consequence": item.consequence.to_string(),
                })
            })
            .collect();
        cx.artifacts.write_json(DOCUMENT, &json!({"flow": flows.view(), "equal": equal, "found": found}))?;
        Ok(())
    }
}

fn row(fields: &[&str]) -> String {
    let fields: Vec<_> = fields.iter().map(|field| csv_cell(field)).collect();
    fields.join(",") + "\n"
}
