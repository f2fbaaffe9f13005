//! What follows from another value of a setting on the target, in words, and how bad it is.

use crate::record::{Arg, Said, messages};
use std::time::Duration;

/// The weight of a difference of the setting `name`, 0 to 99, and what follows from it.
pub(super) fn of(name: &str, source: &str, target: &str) -> (u8, Said) {
    let numbers = source.trim().parse::<i64>().ok().zip(target.trim().parse::<i64>().ok());
    // -1 means without a limit.
    let less = numbers.map(|(s, t)| if s < 0 { t >= 0 } else { t >= 0 && t < s });
    match (name, less) {
        ("retention.ms", Some(true)) => (90, deletes_sooner(period(target), period(source))),
        ("retention.ms", Some(false)) => (45, deletes_later(period(target), period(source))),
        ("retention.bytes", Some(true)) => (88, keeps_less(size(target), size(source))),
        ("retention.bytes", Some(false)) => (44, keeps_more(size(target), size(source))),
        ("delete.retention.ms", Some(true)) => (60, forgets_sooner(period(target), period(source))),
        ("cleanup.policy", _) => (92, cleans_otherwise(target, source)),
        ("max.message.bytes", Some(true)) => (91, refuses_large(size(target), size(source))),
        ("min.insync.replicas", Some(true)) => (65, acknowledges_with_fewer(target, source)),
        ("min.insync.replicas", Some(false)) => (64, refuses_with_fewer(target, source)),
        ("unclean.leader.election.enable", _) if target == "true" => (66, elects_unclean()),
        ("message.timestamp.type", _) => (86, stamps_otherwise(target, source)),
        ("compression.type", _) => (30, compresses_otherwise(target, source)),
        ("max.compaction.lag.ms" | "min.compaction.lag.ms" | "min.cleanable.dirty.ratio", _) => {
            (35, compacts_otherwise(name, target, source))
        }
        ("message.format.version", _) => (25, otherwise(name, target, source)),
        _ if target.is_empty() => (20, not_set(name, source)),
        _ => (40, otherwise(name, target, source)),
    }
}

/// A time in milliseconds as a person writes it.
fn period(text: &str) -> Arg {
    match text.trim().parse::<i64>() {
        Ok(ms) if ms >= 0 => match (ms % 86_400_000, ms / 86_400_000) {
            (0, days) if days > 0 => days_of(days.unsigned_abs()).into(),
            _ => Duration::from_millis(ms.unsigned_abs()).into(),
        },
        Ok(_) => unlimited().into(),
        Err(_) => text.to_owned().into(),
    }
}

/// A size in bytes.
fn size(text: &str) -> Arg {
    match text.trim().parse::<i64>() {
        Ok(bytes) if bytes >= 0 => bytes_of(bytes.unsigned_abs()).into(),
        Ok(_) => everything().into(),
        Err(_) => text.to_owned().into(),
    }
}

messages! {
    area "parity-consequence";
    acknowledges_with_fewer(target, source) => "the target acknowledges a record with {target} {target|replica|replicas} in sync, the source with {source}: a lost broker can cost records after a failover" / "la cible acquitte un enregistrement avec {target} {target|réplica|réplicas} synchronisés, la source avec {source} : un broker perdu peut coûter des enregistrements après une bascule";
    bytes_of(bytes) => "{bytes} {bytes|byte|bytes}" / "{bytes} {bytes|octet|octets}";
    cleans_otherwise(target, source) => "`cleanup.policy` is `{target}` on the target and `{source}` on the source: one side keeps the last record of each key, the other deletes by age" / "`cleanup.policy` vaut `{target}` sur la cible et `{source}` sur la source : un côté garde le dernier enregistrement de chaque clé, l'autre supprime selon l'âge";
    compacts_otherwise(name, target, source) => "`{name}` is `{target}` on the target and `{source}` on the source: compaction happens at other times" / "`{name}` vaut `{target}` sur la cible et `{source}` sur la source : le compactage a lieu à d'autres moments";
    compresses_otherwise(target, source) => "`compression.type` is `{target}` on the target and `{source}` on the source: brokers compress again, and sizes differ" / "`compression.type` vaut `{target}` sur la cible et `{source}` sur la source : les brokers recompressent et les tailles diffèrent";
    days_of(days) => "{days} {days|day|days}" / "{days} {days|jour|jours}";
    deletes_later(target, source) => "the target deletes after {target}, the source after {source}: the target needs more disk" / "la cible supprime après {target}, la source après {source} : la cible demande plus de disque";
    deletes_sooner(target, source) => "the target deletes after {target}, the source after {source}: a consumer that fails over can miss records" / "la cible supprime après {target}, la source après {source} : un consommateur qui bascule peut manquer des enregistrements";
    elects_unclean() => "the target lets a replica that is behind become leader: acknowledged records can be lost after a failover" / "la cible laisse un réplica en retard devenir leader : des enregistrements acquittés peuvent être perdus après une bascule";
    forgets_sooner(target, source) => "the target drops deletion marks after {target}, the source after {source}: a slow reader of the copy can miss deletions" / "la cible efface les marques de suppression après {target}, la source après {source} : un lecteur lent de la copie peut manquer des suppressions";
    keeps_less(target, source) => "the target keeps {target} a partition, the source {source}: a consumer that fails over can miss records" / "la cible garde {target} par partition, la source {source} : un consommateur qui bascule peut manquer des enregistrements";
    keeps_more(target, source) => "the target keeps {target} a partition, the source {source}: the target needs more disk" / "la cible garde {target} par partition, la source {source} : la cible demande plus de disque";
    not_set(name, source) => "`{name}` is `{source}` on the source and not set on the target" / "`{name}` vaut `{source}` sur la source et n'est pas fixé sur la cible";
    otherwise(name, target, source) => "`{name}` is `{target}` on the target and `{source}` on the source: the topic behaves otherwise after a failover" / "`{name}` vaut `{target}` sur la cible et `{source}` sur la source : le topic se comporte autrement après une bascule";
    refuses_large(target, source) => "the target takes batches up to {target}, the source up to {source}: a larger one fails the task, and replication stops" / "la cible accepte des lots jusqu'à {target}, la source jusqu'à {source} : un lot plus grand fait échouer la tâche, et la réplication s'arrête";
    refuses_with_fewer(target, source) => "the target needs {target} replicas in sync for a record, the source {source}: it refuses records sooner when brokers are missing" / "la cible exige {target} réplicas synchronisés par enregistrement, la source {source} : elle refuse plus tôt des enregistrements quand des brokers manquent";
    stamps_otherwise(target, source) => "`message.timestamp.type` is `{target}` on the target and `{source}` on the source: timestamps change, and with them retention and lookups by time" / "`message.timestamp.type` vaut `{target}` sur la cible et `{source}` sur la source : les horodatages changent, et avec eux la rétention et les recherches par date";
    everything() => "everything" / "tout";
    unlimited() => "an unlimited time" / "un temps illimité";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consequence_is_said_in_days_and_by_direction() {
        let said = |name, source, target| of(name, source, target).1.to_string();
        assert_eq!(
            said("retention.ms", "604800000", "86400000"),
            "the target deletes after 1 day, the source after 7 days: a consumer that fails over can miss records"
        );
        assert!(
            said("retention.ms", "86400000", "-1")
                .contains("the target deletes after an unlimited time, the source after 1 day")
        );
        assert!(said("retention.ms", "-1", "3600000").contains("can miss records"));
        assert!(said("max.message.bytes", "2000000", "1000000").contains("replication stops"));
        assert!(said("segment.ms", "1", "2").contains("`segment.ms` is `2` on the target"));
        let weight = |name, source, target| of(name, source, target).0;
        assert!(weight("retention.ms", "604800000", "1") > weight("retention.ms", "1", "604800000"));
    }
}
