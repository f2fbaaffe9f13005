//! The ACLs of the copied topics: MirrorMaker 2 copies those of literal names, as the right to read.
//!
//! From the sources of Kafka 3.7 (`MirrorSourceConnector`): an entry that allows WRITE is not copied, one that allows ALL
//! becomes READ, prefixed entries and those of groups are not copied.

use super::{
    super::{ActionContext, ActionError, kafka_access::Access},
    flow::Flows,
    item::{Item, Items, Verdict, What},
    topics::Pair,
};
use crate::{
    clients::kafka::Acl,
    record::{Said, Speaks, messages},
};
use std::collections::BTreeMap;

/// Reads and compares the entries. The inner error is why they cannot be compared.
pub(super) async fn compare(
    cx: &ActionContext,
    flows: &Flows,
    source: &Access,
    target: &Access,
    pairs: &[Pair],
    items: &mut Items,
) -> Result<Result<(), Said>, ActionError> {
    let mut sides = Vec::new();
    for side in [source, target] {
        match side.ask(cx, side.admin.topic_acls()).await {
            // librdkafka does not pass the broker's refusal on: nothing may be all that this user is shown.
            Ok(acls) if acls.is_empty() => return Ok(Err(no_entries(&side.name))),
            Ok(acls) => sides.push(acls),
            Err(ActionError::Cancelled) => return Err(ActionError::Cancelled),
            Err(error) => return Ok(Err(error.said())),
        }
    }
    if let [here, there] = &sides[..] {
        entries(flows, pairs, here, there, items);
    }
    Ok(Ok(()))
}

/// Compares the entries of both sides.
pub(super) fn entries(flows: &Flows, pairs: &[Pair], here: &[Acl], there: &[Acl], items: &mut Items) {
    let copies: BTreeMap<&str, &str> = pairs.iter().map(|p| (p.source.as_str(), p.target.as_str())).collect();
    for entry in here.iter().filter(|entry| !entry.prefixed) {
        let Some(remote) = copies.get(entry.name.as_str()) else { continue };
        let all = entry.allows && entry.operation == "ALL";
        let wanted = Acl {
            name: (*remote).to_owned(),
            operation: if all { "READ".to_owned() } else { entry.operation.clone() },
            ..entry.clone()
        };
        if there.iter().any(|other| other.covers(&wanted)) {
            items.equal(What::Acl, 1);
            continue;
        }
        let writes = entry.allows && entry.operation == "WRITE";
        let (verdict, consequence, weight) = match (writes, flows.own.syncs_acls, entry.allows) {
            (true, ..) => (Verdict::Expected, no_write(&entry.principal, *remote), 10),
            (false, _, false) => {
                (Verdict::Differs, not_denied(&entry.principal, &wanted.operation, *remote), 85)
            }
            (false, false, true) => {
                (Verdict::Differs, no_sync(&entry.principal, &wanted.operation, *remote), 55)
            }
            (false, true, true) => {
                (Verdict::Differs, no_right(&entry.principal, &wanted.operation, *remote), 55)
            }
        };
        items.push(Item {
            what: What::Acl,
            name: entry.name.clone(),
            setting: format!(
                "{} {} {} from {}",
                entry.principal,
                if entry.allows { "ALLOW" } else { "DENY" },
                entry.operation,
                entry.host
            ),
            source: "present".to_owned(),
            target: "absent".to_owned(),
            verdict,
            consequence,
            weight,
        });
    }
}

messages! {
    area "parity-acls";
    no_entries(cluster) => "cluster `{cluster}` shows no ACL of a topic: it has no authorizer or no entries, or this user may not see them (DESCRIBE on the cluster)" / "le cluster `{cluster}` ne montre aucune ACL de topic : il n'a pas d'authorizer ou pas d'entrées, ou cet utilisateur ne peut pas les voir (DESCRIBE sur le cluster)";
    no_right(principal, operation, topic) => "`{principal}` has no {operation} on `{topic}` of the target, which it has on the source: it is refused after a failover" / "`{principal}` n'a pas {operation} sur `{topic}` de la cible, qu'il a sur la source : il est refusé après une bascule";
    no_sync(principal, operation, topic) => "`{principal}` has no {operation} on `{topic}` of the target, and the flow does not copy ACLs (`sync.topic.acls.enabled` is false): it is refused after a failover" / "`{principal}` n'a pas {operation} sur `{topic}` de la cible, et le flux ne copie pas les ACL (`sync.topic.acls.enabled` vaut false) : il est refusé après une bascule";
    no_write(principal, topic) => "`{principal}` may not write to `{topic}`: MirrorMaker 2 copies no WRITE; give it before producers move" / "`{principal}` ne peut pas écrire dans `{topic}` : MirrorMaker 2 ne copie pas WRITE ; le donner avant de déplacer les producteurs";
    not_denied(principal, operation, topic) => "{operation} on `{topic}` is denied to `{principal}` on the source and not on the target" / "{operation} sur `{topic}` est refusé à `{principal}` sur la source et pas sur la cible";
}
