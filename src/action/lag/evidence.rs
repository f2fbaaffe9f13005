//! The outputs, the remarks and the table of one look.

use super::{
    super::{ActionContext, ActionError, kafka_access::some_of},
    look::Sight,
    memory::Line,
};
use crate::record::{Evidence, Unit, Value, messages};
use std::{collections::BTreeMap, fmt::Write};

/// The table, one line a partition.
pub(super) const TABLE: &str = "lag.csv";
/// The same by task.
const TASKS: &str = "lag-tasks.csv";

/// The offsets whose record's age is asked for: topic, partition, offset and lag.
pub(super) fn waiting(lines: &[Line]) -> Vec<(String, i32, i64, i64)> {
    let behind = lines.iter().filter(|line| line.lag > 0);
    let at = |line: &Line| line.position.unwrap_or(line.seen.begin).max(line.seen.begin);
    behind.map(|line| (line.seen.topic.clone(), line.seen.partition, at(line), line.lag)).collect()
}

/// Everything but the formula and what a drain measures.
pub(super) fn of(cx: &ActionContext, sight: &Sight, lines: &[Line]) -> Result<Evidence, ActionError> {
    let tasks = by_task(lines);
    if !cx.sampling {
        cx.artifacts.write(TABLE, "text/csv", table(sight, lines).as_bytes())?;
        if sight.has_tasks {
            let mut text = String::from("task,partitions,lag\n");
            for (task, (partitions, lag)) in &tasks {
                let task = task.map_or_else(|| "none".to_owned(), |task| task.to_string());
                let _ = writeln!(text, "{task},{partitions},{lag}");
            }
            cx.artifacts.write(TASKS, "text/csv", text.as_bytes())?;
        }
    }
    let mut evidence = Evidence::default();
    let lag = |line: &Line| line.lag.unsigned_abs();
    let mut put = |name: &str, value: Value| {
        evidence.put_from(name, value, TABLE);
    };
    put("lag_records", Value::count(lines.iter().map(lag).sum()));
    put("max_partition_lag_records", Value::count(lines.iter().map(lag).max().unwrap_or(0)));
    put(
        "max_task_lag_records",
        match sight.has_tasks {
            true => Value::count(tasks.values().map(|(_, lag)| *lag).max().unwrap_or(0)),
            false => Value::missing(no_tasks()),
        },
    );
    put("lag_s", age(sight, lines));
    put("ahead_records", Value::count(lines.iter().map(|l| l.ahead.unsigned_abs()).sum()));
    let missing: Vec<&Line> = lines.iter().filter(|l| l.seen.copy_end.is_none()).collect();
    put("missing_partitions", Value::count(missing.len() as u64));
    put(
        "stalled_partitions",
        match lines.iter().any(|l| l.still.is_some()) {
            true => Value::count(lines.iter().filter(|l| l.stalled).count() as u64),
            false => Value::missing(one_look()),
        },
    );
    let sum = |of: fn(&Line) -> Option<i64>| match lines.iter().map(of).sum::<Option<i64>>() {
        Some(sum) if sight.has_committed => Value::count(sum.unsigned_abs()),
        _ => Value::missing(nothing_committed()),
    };
    put("deleted_records", sum(|l| l.deleted));
    put(
        "methods_differ_records",
        match sight.has_committed && sight.absent.is_empty() {
            true => sum(|l| l.apart),
            false => Value::missing(one_method()),
        },
    );
    put("partitions", Value::count(lines.len() as u64));
    remarks(sight, lines, &mut evidence);
    Ok(evidence)
}

/// The outputs of a drain, where none was asked for.
pub(super) fn not_drained(evidence: &mut Evidence) {
    for name in ["drained", "drain_s", "catch_up_records_per_s"] {
        evidence.put(name, Value::missing(not_asked()));
    }
}

/// Age of the oldest record that waits.
fn age(sight: &Sight, lines: &[Line]) -> Value {
    if lines.iter().all(|line| line.lag == 0) {
        return Value::number(0.0, Unit::Seconds);
    }
    let Some(oldest) = &sight.oldest else { return Value::missing(age_unknown()) };
    // A record that came after the look is none that waited; where only such are found, nothing but markers of
    // transactions was behind.
    let waited = lines.iter().filter(|line| line.lag > 0).filter_map(|line| {
        let found = oldest.get(&(line.seen.topic.clone(), line.seen.partition))?;
        (found.offset < line.seen.end).then_some(found.timestamp_ms)
    });
    let times: Vec<Option<i64>> = waited.collect();
    match times.iter().flatten().min() {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of a few years at most")]
        Some(oldest) => Value::number((sight.now_ms - oldest).max(0) as f64 / 1000.0, Unit::Seconds),
        None if times.is_empty() && !oldest.is_empty() => Value::number(0.0, Unit::Seconds),
        None => Value::missing(age_unknown()),
    }
}

fn by_task(lines: &[Line]) -> BTreeMap<Option<u32>, (u64, u64)> {
    let mut tasks: BTreeMap<Option<u32>, (u64, u64)> = BTreeMap::new();
    for line in lines {
        let task = tasks.entry(line.seen.task).or_default();
        task.0 += 1;
        task.1 += line.lag.unsigned_abs();
    }
    tasks
}

fn remarks(sight: &Sight, lines: &[Line], evidence: &mut Evidence) {
    let named = |chosen: &dyn Fn(&Line) -> bool| -> Vec<String> {
        let chosen = lines.iter().filter(|l| chosen(l));
        chosen.map(|l| format!("{}-{}", l.seen.topic, l.seen.partition)).collect()
    };
    let mut say = |found: Vec<String>, remark: &dyn Fn(&[String]) -> crate::record::Said| {
        if !found.is_empty() {
            evidence.remark(remark(&found));
        }
    };
    say(named(&|l| l.stalled), &|found| stalled(some_of(found)));
    say(named(&|l| l.seen.copy_end.is_none() && !absent(sight, l)), &|found| missing(some_of(found)));
    say(named(&|l| sight.has_tasks && l.seen.task.is_none()), &|found| not_assigned(some_of(found)));
    let deleted: i64 = lines.iter().filter_map(|l| l.deleted).sum();
    say(named(&|l| l.deleted.is_some_and(|n| n > 0)), &|found| purged(deleted, some_of(found)));
    let ahead: i64 = lines.iter().map(|l| l.ahead).sum();
    say(named(&|l| l.ahead > 0), &|found| match sight.by_connect {
        true => committed_ahead(some_of(found)),
        false => copy_seen_ahead(ahead, some_of(found)),
    });
    say(named(&|l| l.position.is_none() && l.lag > 0 && l.seen.copy_end.is_some()), &|found| {
        nothing_copied(some_of(found))
    });
    if sight.not_read > 0 {
        evidence.remark(not_all_read(sight.not_read));
    }
    evidence.remark_all(sight.remarks.iter().cloned());
}

fn absent(sight: &Sight, line: &Line) -> bool {
    sight.absent.iter().any(|name| name.ends_with(&line.seen.topic))
}

fn table(sight: &Sight, lines: &[Line]) -> String {
    let mut table = String::from(
        "topic,partition,task,source_begin,source_end,target_end,committed,next_to_copy,lag,ahead,oldest_ms,stalled\n",
    );
    let shown = |value: Option<i64>| value.map_or_else(String::new, |v| v.to_string());
    for line in lines {
        let seen = &line.seen;
        let oldest = sight.oldest.as_ref().and_then(|o| o.get(&(seen.topic.clone(), seen.partition)));
        let _ = writeln!(
            table,
            "{},{},{},{},{},{},{},{},{},{},{},{}",
            seen.topic,
            seen.partition,
            shown(seen.task.map(i64::from)),
            seen.begin,
            seen.end,
            shown(seen.copy_end),
            shown(seen.committed),
            shown(line.position),
            line.lag,
            line.ahead,
            shown(oldest.and_then(|o| o.timestamp_ms)),
            line.stalled
        );
    }
    table
}

messages! {
    area "lag";
    age_unknown() => "the oldest record that is not copied could not be read" / "le plus ancien enregistrement non copié n'a pas pu être lu";
    committed_ahead(partitions) => "the connector has committed offsets behind the end of {partitions}: they were altered, or the source was created again; records below are not copied" / "le connecteur a validé des offsets au-delà de la fin de {partitions} : ils ont été modifiés, ou la source a été recréée ; les enregistrements en deçà ne sont pas copiés";
    copy_seen_ahead(records, partitions) => "the copy was seen {records} {records|record|records} ahead of the source in {partitions}: copied twice, or the source was created again; a single sample does not show how much lag they hide, a watch adds them" / "la copie a été vue en avance de {records} {records|enregistrement|enregistrements} sur la source dans {partitions} : copiés deux fois, ou la source a été recréée ; un seul relevé ne dit pas quel retard ils cachent, une surveillance les ajoute";
    missing(partitions) => "the target does not have {partitions}: nothing of them is copied" / "la cible n'a pas {partitions} : rien n'en est copié";
    no_tasks() => "which task copies what is known with `connector` only" / "quelle tâche copie quoi n'est connu qu'avec `connector`";
    not_all_read(partitions) => "the age was not read of {partitions} {partitions|partition|partitions} that are less far behind" / "l'âge n'a pas été lu pour {partitions} {partitions|partition|partitions} moins en retard";
    not_asked() => "`until_drained` was not asked for" / "`until_drained` n'était pas demandé";
    not_assigned(partitions) => "no task of the connector copies {partitions}" / "aucune tâche du connecteur ne copie {partitions}";
    nothing_committed() => "what the connector has committed is not known; add `connector`" / "ce que le connecteur a validé n'est pas connu ; ajouter `connector`";
    nothing_copied(partitions) => "nothing was copied yet of {partitions}; all that is there counts" / "rien n'a encore été copié de {partitions} ; tout ce qui s'y trouve compte";
    one_look() => "one sample does not show whether a partition is stalled; use a watch, or `until_drained`" / "un seul relevé ne dit pas qu'une partition est arrêtée ; utiliser une surveillance, ou `until_drained`";
    one_method() => "only one of the two methods is known" / "une seule des deux méthodes est connue";
    purged(records, partitions) => "the source deleted {records} {records|record|records} of {partitions} before the connector had committed them: they can no longer be copied" / "la source a supprimé {records} {records|enregistrement|enregistrements} de {partitions} avant que le connecteur les ait validés : ils ne peuvent plus être copiés";
    stalled(partitions) => "nothing is copied of {partitions} although the source grows" / "rien n'est copié de {partitions} alors que la source croît";
}
