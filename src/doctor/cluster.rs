//! A Kafka cluster: whether it answers, what it is, and whether the topics and groups of the plan fit on it.

use super::{finding::Finding, needs::Needs, rights};
use crate::{
    action::Need,
    clients::{
        Cluster,
        http::no_answer,
        kafka::{
            Admin, Members, admin, advice, blames_certificate,
            config_entry::{Entity, Setting, value},
            topology::{Topic, Topology},
        },
        zookeeper,
    },
    record::{Arg, Said, Speaks, StepId, messages},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};
use tokio::{net::TcpStream, time::timeout};

/// How long a broker may take to take a connection.
const CONNECT: Duration = Duration::from_secs(3);

/// How long the coordinator of a group may move.
const MOVING: Duration = Duration::from_secs(10);

/// What was found of the cluster called `name`.
pub(super) async fn examine(part: &Said, name: &str, cluster: &Cluster, needs: &Needs) -> Vec<Finding> {
    // librdkafka takes long to say why it reaches nobody.
    if let Some(silence) = unreachable(part, &cluster.bootstrap_servers).await {
        return vec![silence];
    }
    let admin = match Admin::new(cluster).await {
        Ok(admin) => admin,
        Err(error) => return vec![unusable(part, &error)],
    };
    let topology = match admin.topology().await {
        Ok(topology) => topology,
        Err(error) => return vec![silence(part, cluster, &error)],
    };
    let mut found = Vec::new();
    brokers(part, cluster, &topology, &mut found);
    settings(part, &admin, &topology, needs, name, &mut found).await;
    topics(part, name, &admin, &topology, needs, &mut found).await;
    groups(part, name, &admin, needs, &mut found).await;
    rights::examine(part, (name, cluster), &admin, &topology, needs, &mut found).await;
    found
}

/// What keeps a run from working with the cluster, as far as it shows within `limit`: who does not answer or refuses the
/// log-in, and brokers that are missing.
pub(super) async fn quick(part: &Said, cluster: &Cluster, limit: Duration) -> Vec<Finding> {
    if let Some(silence) = unreachable(part, &cluster.bootstrap_servers).await {
        return vec![silence];
    }
    // The run goes on with the same client, which is connected then.
    let admin = match Admin::of(cluster).await {
        Ok(admin) => admin,
        Err(error) => return vec![unusable(part, &error)],
    };
    let mut found = Vec::new();
    match admin.topology_within(limit).await {
        Ok(topology) => brokers(part, cluster, &topology, &mut found),
        Err(error) => found.push(silence(part, cluster, &error)),
    }
    found
}

/// Why there is no client.
fn unusable(part: &Said, error: &admin::AdminError) -> Finding {
    let hint = match error {
        admin::AdminError::Settings(error) => error.hint(),
        _ => None,
    };
    Finding::fault(part, error.said()).remedy(hint.unwrap_or_else(correct_properties))
}

/// Why none of the bootstrap servers can be reached; none where one can.
async fn unreachable(part: &Said, servers: &str) -> Option<Finding> {
    let mut causes = Vec::new();
    for server in servers.split(',').map(str::trim).filter(|server| !server.is_empty()) {
        match timeout(CONNECT, TcpStream::connect(server)).await {
            Ok(Ok(_)) => return None,
            Ok(Err(error)) => causes.push(of(server, zookeeper::in_words(&error))),
            Err(_) => causes.push(of(server, no_answer(CONNECT))),
        }
    }
    Some(Finding::fault(part, Said::all(causes)).remedy(check_path()).silent())
}

/// Why nobody answers.
fn silence(part: &Said, cluster: &Cluster, error: &admin::AdminError) -> Finding {
    let cause = match error {
        admin::AdminError::Unreachable { cause, .. } => cause.clone(),
        other => other.said(),
    };
    let finding = Finding::fault(part, of(&cluster.bootstrap_servers, &cause)).silent();
    let finding = if blames_certificate(&cause) { finding.blaming_certificate() } else { finding };
    finding.remedy(advice(&cause).unwrap_or_else(check_path))
}

fn brokers(part: &Said, cluster: &Cluster, topology: &Topology, found: &mut Vec<Finding>) {
    let there = topology.brokers.len();
    if let Some(declared) = cluster.brokers.filter(|declared| *declared as usize != there) {
        found.push(Finding::fault(part, other_brokers(there, declared)).remedy(start_brokers()));
    }
    let (offline, behind) = (topology.offline().len(), topology.under_replicated().len());
    for (count, what) in [(offline, without_leader(offline)), (behind, under_replicated(behind))] {
        if count > 0 {
            found.push(Finding::warning(part, what).remedy(wait_for_brokers()));
        }
    }
}

async fn settings(
    part: &Said,
    admin: &Admin,
    topology: &Topology,
    needs: &Needs,
    name: &str,
    found: &mut Vec<Finding>,
) {
    let wanted: BTreeSet<StepId> = needs
        .iter()
        .filter(|(need, _)| **need == Need::Settings(name.to_owned()))
        .flat_map(|(_, steps)| steps.iter().copied())
        .collect();
    let Some(first) = topology.brokers.first() else { return };
    let entity = Entity::Broker(first.id);
    let told =
        admin.configs(std::slice::from_ref(&entity)).await.ok().and_then(|mut told| told.remove(&entity));
    let count = topology.brokers.len();
    let Some(told) = told else {
        let what = settings_hidden(count);
        let finding =
            if wanted.is_empty() { Finding::warning(part, what) } else { Finding::fault(part, what) };
        found.push(finding.remedy(allow_settings()).steps(&wanted));
        return;
    };
    let mode = if value(&told, "process.roles").is_some_and(|roles| !roles.is_empty()) {
        "KRaft"
    } else {
        "ZooKeeper"
    };
    found.push(Finding::fine(
        part,
        match admin.version(first.id).await {
            Ok(Ok(version)) => is_kafka(version.text, mode, count),
            _ => is_some_kafka(mode, count),
        },
    ));
    creates_by_itself(part, &told, found);
}

fn creates_by_itself(part: &Said, settings: &[Setting], found: &mut Vec<Finding>) {
    if value(settings, "auto.create.topics.enable") == Some("true") {
        found.push(Finding::warning(part, creates_topics()).remedy(set_to_false()));
    }
}

async fn topics(
    part: &Said,
    name: &str,
    admin: &Admin,
    topology: &Topology,
    needs: &Needs,
    found: &mut Vec<Finding>,
) {
    let known: BTreeMap<&str, &Topic> = topology.topics.iter().map(|t| (t.name.as_str(), t)).collect();
    let mut new = Vec::new();
    for (need, steps) in needs.iter() {
        let Need::Topic { cluster, topic, partitions, replication_factor } = need else { continue };
        if cluster != name {
            continue;
        }
        let brokers = topology.brokers.len();
        if let Some(factor) = replication_factor.filter(|factor| *factor as usize > brokers) {
            let what = too_many_replicas(topic, factor, brokers);
            found.push(Finding::fault(part, what).remedy(lower_replicas()).steps(steps));
        }
        match known.get(topic.as_str()) {
            None => new.push((topic, steps)),
            Some(there) => {
                found.extend(differs(part, there, *partitions, admin).await.map(|f| f.steps(steps)))
            }
        }
    }
    found.extend(may_not_make(part, admin, &new).await);
    for (need, steps) in needs.iter() {
        let (Need::Write { cluster, topic, .. } | Need::Read { cluster, topic }) = need else { continue };
        if cluster == name
            && let Some(error) = known.get(topic.as_str()).and_then(|topic| topic.error.as_ref())
        {
            found.push(Finding::fault(part, of_topic(topic, error)).remedy(allow_topic()).steps(steps));
        }
    }
}

/// That this user may not make topics of the plan, one finding for all that have the same cause.
async fn may_not_make(part: &Said, admin: &Admin, new: &[(&String, &BTreeSet<StepId>)]) -> Vec<Finding> {
    let names: Vec<&str> = new.iter().map(|(topic, _)| topic.as_str()).collect();
    let answers = match admin.may_create(&names).await {
        Ok(answers) => answers,
        Err(error) => return vec![Finding::fault(part, error.said()).remedy(allow_create())],
    };
    let mut alike: BTreeMap<Said, (Vec<String>, BTreeSet<StepId>)> = BTreeMap::new();
    for (name, answer) in answers {
        let Err(admin::AdminError::Refused { cause, .. }) = answer else { continue };
        let (names, steps) = alike.entry(cause).or_default();
        steps.extend(new.iter().filter(|(topic, _)| **topic == name).flat_map(|(_, steps)| *steps));
        names.push(format!("`{name}`"));
    }
    let finding = |(cause, (names, steps)): (Said, (Vec<String>, BTreeSet<StepId>))| {
        let what = not_created(Arg::list(names), cause);
        Finding::fault(part, what).remedy(allow_create()).steps(&steps)
    };
    alike.into_iter().map(finding).collect()
}

/// What is to be known of a topic that the plan makes and that is there already.
async fn differs(part: &Said, there: &Topic, wanted: Option<u32>, admin: &Admin) -> Option<Finding> {
    let has = there.partitions.len();
    if let Some(wanted) = wanted.filter(|wanted| *wanted as usize != has) {
        return Some(
            Finding::fault(part, other_partitions(&there.name, has, wanted)).remedy(delete_leftover()),
        );
    }
    let partitions: Vec<(String, i32)> =
        there.partitions.iter().map(|p| (there.name.clone(), p.id)).collect();
    let (first, last) = tokio::join!(admin.begin_offsets(&partitions), admin.end_offsets(&partitions));
    let sum = |offsets: &admin::Offsets| offsets.values().map(|o| (*o).max(0)).sum::<i64>();
    let records = sum(&last.ok()?) - sum(&first.ok()?);
    (records > 0).then(|| Finding::warning(part, has_records(&there.name, records)).remedy(ignore_own()))
}

async fn groups(part: &Said, name: &str, admin: &Admin, needs: &Needs, found: &mut Vec<Finding>) {
    for (need, steps) in needs.iter() {
        let Need::Group { cluster, group } = need else { continue };
        if cluster != name {
            continue;
        }
        let finding = match admin.patient(Instant::now() + MOVING).group(group).await {
            Ok(Some(Members { members, .. })) if members > 0 => {
                Finding::fault(part, has_members(group, members)).remedy(stop_consumers())
            }
            Ok(_) => continue,
            // What may not be done with it is said of all groups together.
            Err(error) if error.is_unauthorized() => continue,
            Err(error) => Finding::fault(part, of_group(group, &error)).remedy(allow_group()),
        };
        found.push(finding.steps(steps));
    }
}

messages! {
    area "doctor-cluster";
    allow_create() => "allow Create on the cluster, or on the topics of the plan, to this user" / "donner à cet utilisateur le droit Create sur le cluster, ou sur les topics du plan";
    allow_group() => "allow Describe and Read on the group to this user" / "donner à cet utilisateur les droits Describe et Read sur le groupe";
    allow_settings() => "allow DescribeConfigs on the cluster: version, mode and audits are unknown without" / "donner le droit DescribeConfigs sur le cluster : sans lui, version, mode et audits sont inconnus";
    allow_topic() => "allow Describe, Read and Write on it to this user" / "donner à cet utilisateur les droits Describe, Read et Write sur ce topic";
    check_path() => "check `bootstrap_servers` and the network path: name, port, firewall" / "vérifier `bootstrap_servers` et le chemin réseau : nom, port, pare-feu";
    correct_properties() => "correct the cluster's `properties` in the environment's file" / "corriger les `properties` du cluster dans le fichier de l'environnement";
    creates_topics() => "auto.create.topics.enable is true: a misspelt topic is created instead of refused" / "auto.create.topics.enable vaut true : un topic mal orthographié est créé au lieu d'être refusé";
    delete_leftover() => "delete it if it is a leftover, or give the plan's topic another name" / "le supprimer si c'est un reste, ou donner un autre nom au topic du plan";
    has_members(group, members) => "group `{group}` has {members} {members|member|members}" / "le groupe `{group}` a {members} {members|membre|membres}";
    has_records(topic, records) => "topic `{topic}` is there already, with about {records} {records|record|records}" / "le topic `{topic}` existe déjà, avec environ {records} {records|enregistrement|enregistrements}";
    ignore_own() => "ignore this if it belongs to an earlier run of this plan; otherwise give the plan's topic another name" / "ne rien faire s'il vient d'une exécution précédente de ce plan ; sinon donner un autre nom au topic du plan";
    is_kafka(version, mode, brokers) => "Kafka {version} with {mode}, {brokers} {brokers|broker|brokers}" / "Kafka {version} avec {mode}, {brokers} {brokers|broker|brokers}";
    is_some_kafka(mode, brokers) => "Kafka, version unknown with {mode}, {brokers} {brokers|broker|brokers}" / "Kafka, version inconnue, avec {mode}, {brokers} {brokers|broker|brokers}";
    lower_replicas() => "lower `replication_factor` in the profile or the step" / "baisser `replication_factor` dans le profil ou l'étape";
    not_created(topics, cause) => "Kafka would refuse to create topic {topics}: {cause}" / "Kafka refuserait de créer le topic {topics} : {cause}";
    of(servers, cause) => "{servers}: {cause}" / "{servers} : {cause}";
    of_group(group, cause) => "group `{group}`: {cause}" / "groupe `{group}` : {cause}";
    of_topic(topic, cause) => "topic `{topic}`: {cause}" / "topic `{topic}` : {cause}";
    other_brokers(brokers, declared) => "{brokers} {brokers|broker answers|brokers answer}, and the environment's file says {declared}" / "{brokers} {brokers|broker répond|brokers répondent}, et le fichier de l'environnement en indique {declared}";
    other_partitions(topic, partitions, wanted) => "topic `{topic}` is there with {partitions} {partitions|partition|partitions}, and the plan asks for {wanted}" / "le topic `{topic}` existe avec {partitions} {partitions|partition|partitions}, et le plan en demande {wanted}";
    set_to_false() => "set it to false on every broker" / "le mettre à false sur chaque broker";
    settings_hidden(brokers) => "{brokers} {brokers|broker|brokers}; this user may not read their settings" / "{brokers} {brokers|broker|brokers} ; cet utilisateur n'a pas le droit de lire leurs paramètres";
    start_brokers() => "start the missing ones, or correct `brokers`: steps compute with it" / "démarrer ceux qui manquent, ou corriger `brokers` : des étapes calculent avec";
    stop_consumers() => "stop its consumers, or give the plan's group another name" / "arrêter ses consommateurs, ou donner un autre nom au groupe du plan";
    too_many_replicas(topic, replicas, brokers) => "topic `{topic}` asks for {replicas} replicas of {brokers} {brokers|broker|brokers}" / "le topic `{topic}` demande {replicas} réplicats pour {brokers} {brokers|broker|brokers}";
    under_replicated(partitions) => "{partitions} {partitions|partition|partitions} under-replicated" / "{partitions} {partitions|partition sous-répliquée|partitions sous-répliquées}";
    wait_for_brokers() => "wait until the brokers have caught up: a campaign that starts now measures the recovery" / "attendre que les brokers aient rattrapé leur retard : une campagne lancée maintenant mesure la reprise";
    without_leader(partitions) => "{partitions} {partitions|partition|partitions} without a leader" / "{partitions} {partitions|partition|partitions} sans leader";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Language;

    #[test]
    fn what_was_found_is_said_in_both_languages() {
        for (said, english, french) in [
            (
                other_brokers(1_usize, 3_u32),
                "1 broker answers, and the environment's file says 3",
                "1 broker répond, et le fichier de l'environnement en indique 3",
            ),
            (
                too_many_replicas("t", 3_u32, 2_usize),
                "topic `t` asks for 3 replicas of 2 brokers",
                "le topic `t` demande 3 réplicats pour 2 brokers",
            ),
            (under_replicated(2_usize), "2 partitions under-replicated", "2 partitions sous-répliquées"),
            (
                not_created(Arg::list(["`a`", "`b`"]), "no"),
                "Kafka would refuse to create topic `a`, `b`: no",
                "Kafka refuserait de créer le topic `a`, `b` : no",
            ),
            (
                is_some_kafka("KRaft", 1_usize),
                "Kafka, version unknown with KRaft, 1 broker",
                "Kafka, version inconnue, avec KRaft, 1 broker",
            ),
        ] {
            assert_eq!(said, english);
            assert_eq!(said.in_language(Language::Fr), french);
        }
    }

    #[tokio::test]
    async fn servers_that_nobody_listens_at_are_named_in_both_languages() {
        let silence = unreachable(&Said::verbatim("x"), "127.0.0.1:1, 127.0.0.1:2").await.unwrap();
        assert!(silence.is_fault() && silence.is_silence);
        assert_eq!(
            silence.what,
            "127.0.0.1:1: connection refused: nothing listens there; 127.0.0.1:2: connection refused: nothing listens there"
        );
        assert_eq!(
            silence.what.in_language(Language::Fr),
            "127.0.0.1:1 : connexion refusée : rien n'écoute à cette adresse ; 127.0.0.1:2 : connexion refusée : rien n'écoute à cette adresse"
        );
    }
}
