//! A properties file of something else than one client: names of a client's properties stand in it behind a prefix
//! (`producer.acks`, `source.bootstrap.servers`, `spring.kafka.security.protocol`).
//!
//! Such a file is refused. What a prefix means only its program knows: one of several clusters, what a worker overrides
//! beside properties of its own; a log-in that is put together from parts of it may be another one than was meant.

use super::names::{belongs_to_clients, foreign_to_workers};
use crate::record::{Arg, Said, messages};
use std::collections::BTreeMap;

/// What is known of such a file.
#[derive(Debug)]
pub(super) struct Prefixed {
    /// A name behind a prefix: the first one in the file.
    pub(super) name: String,
    pub(super) why: Said,
    pub(super) hint: String,
}

/// What the file of these names and lines is, where it is one of something else than a client.
pub(super) fn found<'n>(names: impl Iterator<Item = (&'n str, usize)> + Clone) -> Option<Prefixed> {
    let has = |name: &str| names.clone().any(|(known, _)| known == name);
    // A value of a broker's or a worker's own is told one by one.
    let behind: Vec<(&str, &str, usize)> = names
        .clone()
        .filter(|(name, _)| !belongs_to_clients(name) && !foreign_to_workers(name))
        .filter_map(|(name, line)| prefix(name).map(|prefix| (prefix, name, line)))
        .collect();
    let is_clients = names.clone().any(|(name, _)| belongs_to_clients(name));
    let connects =
        |(prefix, name, _): &(&str, &str, usize)| dotted(&name[prefix.len()..]) == "bootstrap.servers";
    if behind.is_empty() || is_clients && (has("bootstrap.servers") || !behind.iter().any(connects)) {
        return None;
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (prefix, ..) in &behind {
        *counts.entry(prefix).or_default() += 1;
    }
    let prefixes: Vec<&str> = counts.keys().copied().collect();
    let first = behind.iter().min_by_key(|(.., line)| *line)?;
    let is_mirror = has("clusters") || names.clone().any(|(name, _)| name.contains("->"));
    let of =
        |known: &[&str]| prefixes.iter().all(|prefix| known.iter().any(|begin| prefix.starts_with(begin)));
    let one = prefixes.first().copied().unwrap_or_default().replace('.', "\\.");
    let (looks, hint) = if is_mirror {
        (of_mirror(), "give it with `jalon init --mirror-properties FILE`".to_owned())
    } else if of(&["spring.", "quarkus.", "mp.messaging.", "camel."]) {
        let hint = "copy the log-in into a file of its own, under the names of Kafka (`bootstrap.servers`, \
                    `security.protocol`, `sasl.jaas.config`)";
        (of_framework(), hint.to_owned())
    } else if prefixes.len() == 1 {
        let looks = if of(&["producer.", "consumer.", "admin."]) { of_worker() } else { of_application() };
        (looks, format!("make a file without the prefix: `sed 's/^{one}//' FILE > client.properties`"))
    } else {
        let looks = if of(&["producer.", "consumer.", "admin."]) { of_worker() } else { of_application() };
        (looks, format!("make a file of one of them: `sed -n 's/^{one}//p' FILE > client.properties`"))
    };
    let shown = prefixes.iter().map(|prefix| Arg::Text(format!("`{prefix}`"))).collect();
    Some(Prefixed {
        name: first.1.to_owned(),
        why: prefixed(Arg::List(shown), behind.len() as u64, looks),
        hint,
    })
}

/// What stands before the name of a client's property, with its dot. Frameworks write dashes for dots.
fn prefix(name: &str) -> Option<&str> {
    let ends = name.match_indices('.').map(|(at, _)| at + 1);
    ends.map(|end| &name[..end]).find(|prefix| {
        let rest = &name[prefix.len()..];
        belongs_to_clients(rest) || belongs_to_clients(&dotted(rest))
    })
}

fn dotted(name: &str) -> String {
    name.replace('-', ".")
}

messages! {
    area "kafka-prefixes";
    of_application() => "it looks like the file of an application, or of several clusters" / "il ressemble au fichier d'une application, ou de plusieurs clusters";
    of_framework() => "it looks like the file of an application framework" / "il ressemble au fichier d'un cadre applicatif";
    of_mirror() => "it looks like the file of a dedicated MirrorMaker 2" / "il ressemble au fichier d'un MirrorMaker 2 dédié";
    of_worker() => "it looks like the file of a Connect worker, or of an application with several clients" / "il ressemble au fichier d'un worker de Connect, ou d'une application à plusieurs clients";
    prefixed(prefixes, count, looks) => "this is not the file of one client: {count} client {count|property has|properties have} the prefix {prefixes}; {looks}" / "ce n'est pas le fichier d'un seul client : {count} {count|propriété|propriétés} de client {count|se trouve|se trouvent} derrière {prefixes} ; {looks}";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str]) -> Option<(String, String)> {
        found(names.iter().enumerate().map(|(at, name)| (*name, at + 1))).map(|p| (p.why.to_string(), p.hint))
    }

    #[test]
    fn a_file_with_prefixes_is_told_with_what_it_looks_like() {
        for (names, prefixes, looks, hint) in [
            (
                &["producer.bootstrap.servers", "producer.acks"][..],
                "`producer.`",
                "Connect worker",
                r"s/^producer\.//' FILE",
            ),
            (
                &["source.bootstrap.servers", "target.bootstrap.servers"],
                "`source.`, `target.`",
                "several clusters",
                r"s/^source\.//p",
            ),
            (
                &["clusters", "a.bootstrap.servers", "a->b.enabled"],
                "`a.`",
                "dedicated MirrorMaker 2",
                "--mirror-properties",
            ),
            (
                &["spring.kafka.bootstrap-servers", "spring.kafka.properties.sasl.mechanism"],
                "`spring.kafka.`",
                "framework",
                "under the names of Kafka",
            ),
            (&["consumer.group.id", "key.x"], "`consumer.`", "Connect worker", r"s/^consumer\.//"),
            (&["kafka.security.protocol"], "`kafka.`", "an application", r"s/^kafka\.//"),
            (&["client.id", "myapp.bootstrap.servers"], "`myapp.`", "an application", r"s/^myapp\.//"),
        ] {
            let (why, way) = of(names).unwrap_or_else(|| panic!("{names:?}"));
            assert!(why.contains(prefixes) && why.contains(looks), "{why}");
            assert!(way.contains(hint), "{way}");
        }
    }

    #[test]
    fn a_clients_file_and_a_workers_own_are_none() {
        for names in [
            &["bootstrap.servers", "acks"][..],
            &["bootstrap.servers", "producer.acks", "consumer.group.id"],
            &["security.protocol", "producer.acks"],
            &["broker.id", "listener.name.internal.sasl.jaas.config", "log.dirs"],
            &["no.such.property"],
            &[],
        ] {
            assert!(of(names).is_none(), "{names:?}");
        }
    }
}
