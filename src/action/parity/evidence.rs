//! The outputs and the remarks, the worst first.

use super::{
    super::kafka_access::some_of,
    flow::Flows,
    item::{DOCUMENT, Items, TABLE, Unread, Verdict, What},
};
use crate::{
    clients::mirror_flow::Policy,
    record::{Evidence, Said, Value, messages},
};
use std::collections::BTreeMap;

/// So many findings are named; the others are in the table.
const NAMED: usize = 8;

/// The outputs and the remarks.
pub(super) fn evidence(items: &Items, flows: &Flows, unread: &Unread) -> Evidence {
    use Verdict::{Differs, Expected};
    let mut evidence = Evidence::default();
    let unknown_names = match &flows.own.policy {
        Policy::Other(class) if flows.remote("").is_none() => Some(own_policy(class)),
        _ => None,
    };
    let unread_configs = items.count(What::Unread, Differs);
    let mut put = |name: &str, count: u64, missing: Option<&Said>| {
        match missing {
            Some(reason) => evidence.put(name, Value::missing(reason)),
            None => evidence.put_from(name, Value::count(count), TABLE),
        };
    };
    let names = unknown_names.as_ref();
    put("topics", items.total(What::Topic), names);
    put("topics_missing", items.count(What::Topic, Differs), names);
    put("topics_uncovered", items.count(What::TopicUncovered, Differs), flows.others_unread_for_topics());
    put("topics_orphaned", items.count(What::Orphan, Differs), names);
    put("partitions_differ", items.count(What::Partitions, Differs), names);
    put("replication_factor_differs", items.count(What::ReplicationFactor, Differs), names);
    // Where no topic told its settings, none of them is known to be equal.
    let compared = items.total(What::Config);
    let blind = (compared == 0 && unread_configs > 0).then(nothing_read);
    let configs = names.or(unread.configs.as_ref()).or(blind.as_ref());
    put("configs_compared", compared, configs);
    put("configs_differ", items.count(What::Config, Differs), configs);
    put("configs_expected", items.count(What::Config, Expected), configs);
    put("configs_unread", unread_configs, names.or(unread.configs.as_ref()));
    put("acls_missing", items.count(What::Acl, Differs), unread.acls.as_ref());
    put("acls_expected", items.count(What::Acl, Expected), unread.acls.as_ref());
    put("quotas_differ", 0, Some(&no_quotas()));
    put("groups", items.total(What::Group), unread.groups.as_ref());
    put("groups_not_covered", items.count(What::Group, Differs), unread.groups.as_ref());
    put("subjects", items.total(What::Subject) + items.total(What::SubjectMissing), unread.subjects.as_ref());
    put("subjects_missing", items.count(What::SubjectMissing, Differs), unread.subjects.as_ref());
    put("subjects_differ", items.count(What::Subject, Differs), unread.subjects.as_ref());
    let differences =
        items.found().iter().filter(|item| item.verdict == Differs && item.what != What::Unread).count();
    put("differences", differences as u64, names);
    evidence.put_from("config_sync", Value::Flag(flows.own.syncs_configs), DOCUMENT);
    remarks(items, flows, unread, &mut evidence);
    evidence
}

fn remarks(items: &Items, flows: &Flows, unread: &Unread, evidence: &mut Evidence) {
    evidence.remark(copied_by(&flows.known_from));
    evidence.remarks.extend(flows.moved.clone());
    // The same difference of many topics is one finding. The items are sorted, the worst first.
    let mut order: Vec<(Verdict, u8, Said)> = Vec::new();
    let mut named: BTreeMap<Said, Vec<String>> = BTreeMap::new();
    for item in items.found() {
        let on = named.entry(item.consequence.clone()).or_default();
        if on.is_empty() {
            order.push((item.verdict, item.weight, item.consequence.clone()));
        }
        on.push(item.name.clone());
    }
    let differs = order.iter().filter(|(verdict, ..)| *verdict == Verdict::Differs);
    for (_, _, consequence) in differs.clone().take(NAMED) {
        evidence.remark(on(consequence, some_of(&named[consequence])));
    }
    if let Some(more) = differs.count().checked_sub(NAMED).filter(|more| *more > 0) {
        evidence.remark(more_findings(more, TABLE));
    }
    // Of what is expected the weightiest is said: it bites after a failover all the same.
    let expected = order.iter().filter(|(verdict, weight, _)| *verdict == Verdict::Expected && *weight >= 60);
    for (_, _, consequence) in expected.take(3) {
        evidence.remark(expected_on(consequence, some_of(&named[consequence])));
    }
    if !flows.own.syncs_configs {
        evidence.remark(sync_off());
    }
    for (reason, say) in [
        (&unread.configs, configs_unread as fn(&Said) -> Said),
        (&unread.acls, acls_unread),
        (&unread.groups, groups_unread),
        (&unread.subjects, subjects_unread),
    ] {
        if let Some(reason) = reason {
            evidence.remark(say(reason));
        }
    }
}

impl Flows {
    /// Why it is not known what other flows copy, where that matters.
    fn others_unread_for_topics(&self) -> Option<&Said> {
        None.or(self.others_unread.as_ref().filter(|reason| !reason.is(super::flow::NO_CONNECT)))
    }
}

fn configs_unread(reason: &Said) -> Said {
    without_configs(reason)
}

fn acls_unread(reason: &Said) -> Said {
    without_acls(reason)
}

fn groups_unread(reason: &Said) -> Said {
    without_groups(reason)
}

fn subjects_unread(reason: &Said) -> Said {
    without_subjects(reason)
}

messages! {
    area "parity-evidence";
    copied_by(from) => "what is copied is taken from {from}" / "ce qui est copié est pris de {from}";
    expected_on(consequence, names) => "expected: {consequence} (on {names})" / "attendu : {consequence} (sur {names})";
    more_findings(more, table) => "{more} further {more|finding|findings} in {table}" / "{more} {more|autre constat|autres constats} dans {table}";
    no_quotas() => "the client library has no request for quotas; compare `kafka-configs --describe --entity-type users` of both sides" / "la bibliothèque cliente n'a pas de requête pour les quotas ; comparer `kafka-configs --describe --entity-type users` des deux côtés";
    nothing_read() => "the settings of no topic could be read on both sides" / "les paramètres d'aucun topic n'ont pu être lus des deux côtés";
    on(consequence, names) => "{consequence} (on {names})" / "{consequence} (sur {names})";
    own_policy(class) => "the names of `{class}` are not known; add `prefix`" / "les noms de `{class}` ne sont pas connus ; ajouter `prefix`";
    sync_off() => "the flow does not copy settings of topics (`sync.topic.configs.enabled` is false): every change on the source must be made on the target by hand" / "le flux ne copie pas les paramètres des topics (`sync.topic.configs.enabled` vaut false) : chaque changement sur la source doit être refait à la main sur la cible";
    without_acls(reason) => "ACLs were not compared: {reason}" / "les ACL n'ont pas été comparées : {reason}";
    without_configs(reason) => "settings of topics were not compared: {reason}" / "les paramètres des topics n'ont pas été comparés : {reason}";
    without_groups(reason) => "groups were not compared: {reason}" / "les groupes n'ont pas été comparés : {reason}";
    without_subjects(reason) => "subjects were not compared: {reason}" / "les sujets n'ont pas été comparés : {reason}";
}
