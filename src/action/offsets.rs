//! `offsets`: where each group would go on at the target, what it would skip there, and what it would read again.

mod judge;
mod messages;
mod survey;
mod table;

use super::{
    Action, ActionContext, ActionFailure, Kind, Mistake, Need, OnInterrupt, Output, kafka_access::some_of,
    mirror_access, mistakes, output,
};
use crate::{
    clients::{Environment, mirror::Names},
    record::{ActionRole, Evidence, Family, Said, Unit, Value},
};
use judge::{Reason, Row, Verdict};
use serde::Deserialize;
use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use survey::{Question, Survey};

/// Parameters of `offsets`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Offsets {
    /// The cluster that the groups read from, by its name in the environment.
    source: String,
    /// The cluster where they would go on.
    target: String,
    /// Names of the groups, or regular expressions for whole names. Without it, all groups of the source except those
    /// that MirrorMaker 2 leaves out by default (`console-consumer-.*`, `connect-.*`, `__.*`).
    #[serde(default)]
    groups: Vec<String>,
    /// Topics by their names on the source, or regular expressions for whole names. A topic that is named here and is
    /// not on the target counts as not translated. Without it, all topics of these groups that are on the target.
    #[serde(default)]
    topics: Vec<String>,
    /// What is put before a topic's name on the target; empty where topics keep their names. The default follows `mirror`
    /// of the environment, else it is `<source>.`.
    #[serde(default)]
    prefix: Option<String>,
}

const TABLE: &str = "offsets.csv";
const DETAILS: &str = "offsets.json";

impl Kind for Offsets {
    const SUMMARY: &'static str = "Compares the committed offsets of groups on two clusters and counts what each group would skip or read again if \
         it continued at the target now.";
    const EXAMPLE: &'static str = "\
offsets:
  id: offsets
  source: source
  target: target
  groups: [billing, 'orders-.*']
";
    const ROLE: ActionRole = ActionRole::Check;
    const OUTPUTS: &'static [Output] = &[
        output("groups", Unit::Count, "Groups with committed offsets in these topics of the source."),
        output("partitions", Unit::Count, "Partitions with a committed offset, over all groups."),
        output(
            "would_skip_records",
            Unit::Count,
            "Records that no member of a group has read on the source and that lie before its offset on the target, over all \
             groups; counted in offsets of the target.",
        )
        .of(Family::Loss),
        output(
            "would_repeat_records",
            Unit::Count,
            "Records that were read on the source and lie at or behind the group's offset on the target, over all groups; \
             counted in offsets of the target.",
        ),
        output(
            "would_repeat_records_max",
            Unit::Count,
            "The same of the group and partition that would read most again.",
        ),
        output(
            "groups_without_translation",
            Unit::Count,
            "Groups that have no offset on the target in any partition.",
        ),
        output(
            "partitions_without_translation",
            Unit::Count,
            "Partitions with records and a committed offset on the source that have neither a committed offset nor a \
             checkpoint on the target, over all groups.",
        ).of(Family::Untranslated),
        output(
            "partitions_not_judged",
            Unit::Count,
            "Partitions whose next record could not be found on the target, over all groups.",
        ),
        output(
            "groups_active_on_target",
            Unit::Count,
            "Groups that have members on the target: MirrorMaker 2 writes no offset of them.",
        ),
        output(
            "checkpoints_beyond_end",
            Unit::Count,
            "Partitions whose offset on the target, committed or of a checkpoint, is beyond the end of the log there, \
             over all groups.",
        ),
        output(
            "partitions_without_commit",
            Unit::Count,
            "Partitions with a checkpoint and without a committed offset on the target, over all groups: a group that \
             translates no checkpoint itself begins there where its `auto.offset.reset` says.",
        ),
        output(
            "commits_beyond_checkpoint",
            Unit::Count,
            "Partitions whose committed offset on the target is beyond the newest checkpoint, over all groups: a \
             client other than MirrorMaker 2 committed it.",
        ),
        output(
            "commits_behind_checkpoint",
            Unit::Count,
            "Partitions whose committed offset on the target is before the newest checkpoint, over all groups: not \
             synchronized yet, or reset by another client.",
        ),
        output("checkpoint_age_s", Unit::Seconds, "Age of the newest checkpoint of these groups.").signed(),
        output(
            "checkpoints_behind",
            Unit::Count,
            "Partitions whose newest checkpoint was made of an earlier offset than the group has committed now, over all \
             groups.",
        ),
    ];
}

#[async_trait::async_trait]
impl Action for Offsets {
    fn describe(&self) -> Said {
        let groups = match self.groups.is_empty() {
            true => messages::all_groups(),
            false => messages::group_pattern(some_of(&self.groups)),
        };
        messages::compare(groups, &self.source, &self.target)
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    /// A thousand groups of a hundred partitions take seconds; clusters that hardly answer take longer.
    fn time_limit(&self) -> Duration {
        Duration::from_secs(300)
    }

    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        let mut mistakes =
            mistakes::clusters(environment, &[("source", &self.source), ("target", &self.target)]);
        if self.source == self.target {
            let hint = "name two clusters of the environment";
            mistakes.push(Mistake::new("target", "source and target are the same cluster", hint));
        }
        mistakes.extend(mirror_access::pattern_mistakes("groups", &self.groups));
        mistakes.extend(mirror_access::pattern_mistakes("topics", &self.topics));
        mistakes
    }

    fn needs(&self, _environment: &Environment) -> Vec<Need> {
        let is_name = |text: &&String| regex::escape(text).replace("\\.", ".").replace("\\-", "-") == **text;
        let group =
            |cluster: &String, group: &String| Need::Group { cluster: cluster.clone(), group: group.clone() };
        let groups = self.groups.iter().filter(is_name);
        groups.flat_map(|name| [group(&self.source, name), group(&self.target, name)]).collect()
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let flow = (self.source.as_str(), self.target.as_str());
        let question = Question {
            source: self.source.clone(),
            target: self.target.clone(),
            names: Names::of(&cx.environment, &self.source, &self.target),
            prefix: mirror_access::prefix(&cx.environment, flow, self.prefix.as_deref(), "prefix")?,
            groups: mirror_access::patterns("groups", &self.groups)?,
            topics: mirror_access::patterns("topics", &self.topics)?,
        };
        let survey = survey::look(cx, &question).await?;
        if !cx.sampling {
            cx.artifacts.write(TABLE, "text/csv", table::csv(&survey.rows).as_bytes())?;
            cx.artifacts.write_json(DETAILS, &table::json(&survey.rows))?;
        }
        let mut evidence = evidence(&survey, &question, jiff::Timestamp::now().as_millisecond());
        if cx.sampling {
            evidence.values.values_mut().for_each(|measured| measured.from = None);
        }
        Ok(evidence)
    }
}

/// The rows that are of one verdict or the other.
struct Sums<'a> {
    skip: u64,
    repeat: u64,
    compared: usize,
    worst_skip: Option<(&'a Row, u64)>,
    worst_repeat: Option<(&'a Row, u64)>,
    untranslated: Vec<&'a Row>,
    unknown: BTreeMap<Reason, usize>,
}

impl<'a> Sums<'a> {
    fn of(rows: &'a [Row]) -> Self {
        let mut sums = Self {
            skip: 0,
            repeat: 0,
            compared: 0,
            worst_skip: None,
            worst_repeat: None,
            untranslated: Vec::new(),
            unknown: BTreeMap::new(),
        };
        let worse = |worst: &mut Option<(&'a Row, u64)>, row: &'a Row, records: u64| {
            if records > worst.map_or(0, |(_, most)| most) {
                *worst = Some((row, records));
            }
        };
        for row in rows {
            match row.verdict() {
                Verdict::GoesOn { skip, repeat } => {
                    sums.skip += skip;
                    sums.repeat += repeat;
                    sums.compared += 1;
                    worse(&mut sums.worst_skip, row, skip);
                    worse(&mut sums.worst_repeat, row, repeat);
                }
                Verdict::Unknown => *sums.unknown.entry(row.reason()).or_default() += 1,
                Verdict::Untranslated if row.is_empty() => {}
                Verdict::Untranslated => sums.untranslated.push(row),
            }
        }
        sums
    }
}

fn evidence(survey: &Survey, question: &Question, now_ms: i64) -> Evidence {
    let mut evidence = Evidence::default();
    let rows = &survey.rows;
    let sums = Sums::of(rows);
    let groups: BTreeSet<&str> = rows.iter().map(|row| &*row.group).collect();
    let started: BTreeSet<&str> =
        rows.iter().filter(|row| row.start().is_some() || row.is_empty()).map(|row| &*row.group).collect();
    let unknown: usize = sums.unknown.values().sum();
    let count = |n: usize| Value::count(n as u64);
    let nothing = match rows.is_empty() {
        true => messages::no_group(),
        false => messages::nothing_translated(),
    };
    // A number that some partition could still make greater is given only where it fails a criterion already.
    let sum = |records: u64| match (records, unknown) {
        _ if sums.compared == 0 => Value::missing(&nothing),
        (0, 1..) => Value::missing(messages::some_not_judged(unknown)),
        (0, _) if !survey.unreadable.is_empty() => {
            Value::missing(messages::unreadable(some_of(&unreadable_groups(survey))))
        }
        _ => Value::count(records),
    };
    let beyond = rows.iter().filter(|row| row.beyond_end()).count();
    let behind = rows.iter().filter(|row| row.checkpoint.is_some_and(|(up, _)| up < row.committed)).count();
    let commits = |how: Ordering| rows.iter().filter(|row| row.against_checkpoint() == Some(how)).count();
    let uncommitted = rows.iter().filter(|row| row.checkpoint.is_some() && row.there.is_none()).count();
    let none = || Value::missing(messages::no_group());
    let known = |value: Value| if rows.is_empty() { none() } else { value };
    for (name, value) in [
        ("groups", count(groups.len())),
        ("partitions", count(rows.len())),
        ("would_skip_records", sum(sums.skip)),
        ("would_repeat_records", sum(sums.repeat)),
        ("would_repeat_records_max", sum(sums.worst_repeat.map_or(0, |(_, most)| most))),
        ("groups_without_translation", known(count(groups.difference(&started).count()))),
        ("partitions_without_translation", known(count(sums.untranslated.len()))),
        ("partitions_not_judged", known(count(unknown))),
        ("groups_active_on_target", known(count(survey.active.len()))),
        ("checkpoints_beyond_end", known(count(beyond))),
        ("partitions_without_commit", of_checkpoints(survey, question, uncommitted)),
        ("commits_beyond_checkpoint", of_checkpoints(survey, question, commits(Ordering::Greater))),
        ("commits_behind_checkpoint", of_checkpoints(survey, question, commits(Ordering::Less))),
        ("checkpoint_age_s", age(survey, question, now_ms)),
        ("checkpoints_behind", of_checkpoints(survey, question, behind)),
    ] {
        evidence.put_from(name, value, TABLE);
    }
    remarks(&mut evidence, survey, &sums);
    evidence
}

fn unreadable_groups(survey: &Survey) -> Vec<String> {
    survey.unreadable.iter().map(|(group, cause)| format!("{group} ({cause})")).collect()
}

fn no_checkpoint(survey: &Survey, question: &Question) -> Said {
    match survey.has_checkpoints {
        true => messages::no_checkpoint_of_these(),
        false if survey.rows.is_empty() => messages::no_group(),
        false => messages::no_checkpoints_topic(question.names.checkpoints()),
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 stay below 2^53")]
fn age(survey: &Survey, question: &Question, now_ms: i64) -> Value {
    match survey.newest_checkpoint_ms {
        Some(written) => Value::number((now_ms - written) as f64 / 1000.0, Unit::Seconds),
        None => Value::missing(no_checkpoint(survey, question)),
    }
}

/// A count that only checkpoints can tell.
fn of_checkpoints(survey: &Survey, question: &Question, count: usize) -> Value {
    match survey.rows.iter().any(|row| row.checkpoint.is_some()) {
        true => Value::count(count as u64),
        false => Value::missing(no_checkpoint(survey, question)),
    }
}

fn remarks(evidence: &mut Evidence, survey: &Survey, sums: &Sums<'_>) {
    let partition = |row: &Row| format!("{}-{}", row.topic, row.partition);
    if let Some((row, records)) = sums.worst_skip {
        evidence.remark(messages::skip_worst(&row.group, partition(row), records, words(row.reason())));
    }
    if let Some(row) = sums.untranslated.first() {
        let (count, reason) = (sums.untranslated.len(), words(row.reason()));
        evidence.remark(messages::untranslated(count, &row.group, partition(row), reason));
    }
    for (reason, partitions) in &sums.unknown {
        evidence.remark(messages::cannot_tell(*partitions, words(*reason)));
    }
    if let Some((row, records)) = sums.worst_repeat {
        evidence.remark(messages::repeat_worst(&row.group, partition(row), records, words(row.reason())));
    }
    if !survey.active.is_empty() {
        let groups: Vec<String> = survey.active.keys().cloned().collect();
        evidence.remark(messages::active(some_of(&groups)));
    }
    let first = |how: Ordering| survey.rows.iter().find(|row| row.against_checkpoint() == Some(how));
    if let Some(row) = first(Ordering::Greater) {
        evidence.remark(messages::commit_beyond(&row.group, partition(row)));
    }
    if let Some(row) = first(Ordering::Less) {
        evidence.remark(messages::commit_behind(&row.group, partition(row)));
    }
    let by_checkpoint =
        survey.rows.iter().filter(|row| row.there.is_none() && row.checkpoint.is_some()).count();
    if by_checkpoint > 0 {
        evidence.remark(messages::by_checkpoint(by_checkpoint));
    }
    if !survey.not_copied.is_empty() {
        let topics: Vec<String> = survey.not_copied.iter().cloned().collect();
        evidence.remark(messages::not_copied(some_of(&topics)));
    }
    if !survey.unreadable.is_empty() {
        evidence.remark(messages::unreadable(some_of(&unreadable_groups(survey))));
    }
    if survey.newest_checkpoint_ms.is_some() {
        evidence.remark(messages::checkpoint_clock());
    }
    evidence.remark_all(survey.remarks.clone());
}

/// A sentence for a reason.
fn words(reason: Reason) -> Said {
    match reason {
        Reason::Exact => messages::why_exact(),
        Reason::NoTopic => messages::why_no_topic(),
        Reason::NoSyncs => messages::why_no_syncs(),
        Reason::NoSyncYet => messages::why_no_sync_yet(),
        Reason::SyncsLater => messages::why_syncs_later(),
        Reason::NoCheckpoint => messages::why_no_checkpoint(),
        Reason::Active => messages::why_active(),
        Reason::BeyondCheckpoint => messages::why_beyond_checkpoint(),
        Reason::Rewound => messages::why_rewound(),
        Reason::Translation => messages::why_translation(),
        Reason::BeyondEnd => messages::why_beyond_end(),
        Reason::CheckpointBehind => messages::why_checkpoint_behind(),
        Reason::OffsetLag => messages::why_offset_lag(),
        Reason::CommitBehind => messages::why_commit_behind(),
        Reason::NotFound => messages::not_found(),
        Reason::Equal => messages::equal_records(),
    }
}

#[cfg(test)]
mod tests;
