//! Exporters and Prometheus: whether they have the metrics, jobs and labels that the plan asks for.

use super::{clocks, finding::Finding, needs::Needs, services};
use crate::{
    action::Need,
    clients::{
        Endpoint, Environment, exposition, metric_names, part,
        prometheus::{Instant, Prometheus, PrometheusError, Target},
        promql,
    },
    record::{Arg, Said, StepId, messages},
    support::text,
};
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};

/// What was found of the exporter called `name`.
pub(super) async fn exporter(part: &Said, name: &str, endpoint: &Endpoint, needs: &Needs) -> Vec<Finding> {
    let page = match services::page(part, endpoint).await {
        Ok(page) => page,
        Err(finding) => return vec![finding],
    };
    let names: BTreeSet<&str> = exposition::names(&page.body).collect();
    let mut missing: BTreeMap<&str, BTreeSet<StepId>> = BTreeMap::new();
    for (need, steps) in needs.iter() {
        let Need::Metrics { exporter, names: wanted } = need else { continue };
        for metric in wanted.iter().filter(|metric| exporter == name && !is_there(metric, &names)) {
            missing.entry(metric).or_default().extend(steps);
        }
    }
    let mut found: Vec<Finding> = clocks::of_answer(part, &page).into_iter().collect();
    found.extend(own_clock(part, &page.text()));
    if missing.is_empty() {
        found.push(Finding::fine(part, metrics(names.len())));
    }
    found.extend(missing.into_iter().map(|(metric, steps)| {
        Finding::fault(part, not_on_page(metric)).remedy(nearest(metric, names.iter().copied())).steps(&steps)
    }));
    found
}

/// Whether a page has a metric, or the parts of it as a histogram or summary.
fn is_there(metric: &str, names: &BTreeSet<&str>) -> bool {
    names.contains(metric)
        || ["_bucket", "_count", "_sum"].iter().any(|part| names.contains(format!("{metric}{part}").as_str()))
}

/// What the node exporter says of its machine's clock.
fn own_clock(part: &Said, page: &str) -> Option<Finding> {
    let line = page.lines().find(|line| line.starts_with("node_time_seconds "))?;
    let seconds: f64 = line.split(' ').nth(1)?.parse().ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "seconds since 1970")]
    let at = jiff::Timestamp::from_second(seconds as i64).ok()?;
    clocks::of_time(part, at)
}

/// The advice for a metric that is not there: the name that it may have here.
fn nearest<'n>(metric: &str, names: impl Iterator<Item = &'n str> + Clone) -> Said {
    let same = |name: &&str| name.eq_ignore_ascii_case(metric);
    let near = names.clone().find(same).or_else(|| text::did_you_mean(metric, names.clone()));
    // The end of a name stays where the rules of another exporter give it another beginning.
    let words: Vec<&str> = metric.split('_').collect();
    let tail = words[words.len().saturating_sub(2)..].join("_");
    let near = near.or_else(|| names.clone().find(|name| name.to_ascii_lowercase().ends_with(&tail)));
    match near {
        Some(near) => similar_name(near),
        None => add_rule(),
    }
}

/// What was found of Prometheus.
pub(super) async fn prometheus(
    environment: &Environment,
    endpoint: &Endpoint,
    needs: &Needs,
) -> Vec<Finding> {
    asked(environment, endpoint, needs).await.unwrap_or_else(|error| vec![services::of_prometheus(error)])
}

async fn asked(
    environment: &Environment,
    endpoint: &Endpoint,
    needs: &Needs,
) -> Result<Vec<Finding>, PrometheusError> {
    let server = Prometheus::open(endpoint).await?;
    let answer = server.targets().await?;
    let mut found: Vec<Finding> =
        clocks::of_answer(&part::prometheus(), &answer.response).into_iter().collect();
    let targets = answer.result;
    found.push(Finding::fine(part::prometheus(), count_of_targets(targets.len())));
    for target in targets.iter().filter(|target| target.health == "down") {
        let what = is_down(&target.scrape_url, target.job(), text::cut(&target.last_error, 160));
        found.push(Finding::warning(part::prometheus(), what).remedy(start_exporter()));
    }
    let without_zookeeper = environment.clusters.values().all(|cluster| cluster.zookeeper.is_empty());
    jobs(&targets, needs, without_zookeeper, &mut found);
    let names = server.metric_names().await?;
    found.extend(profile(environment, &names));
    let mut told = BTreeSet::new();
    for (need, steps) in needs.iter() {
        let Need::Query(query) = need else { continue };
        let has_series = match server.query(query).await?.result {
            Instant::Vector(series) => !series.is_empty(),
            Instant::Scalar(_) | Instant::Text(_) => true,
        };
        if has_series {
            continue;
        }
        for selected in promql::selected(query) {
            if let Some(finding) = silent(&server, &selected, &names).await?
                && told.insert(finding.what.clone())
            {
                found.push(finding.steps(steps));
            }
        }
    }
    Ok(found)
}

/// Which of the usual rule files the exporters' names are of, against the one that the environment's file names.
fn profile(environment: &Environment, names: &[String]) -> Option<Finding> {
    let fitting = metric_names::fitting(names);
    let (best, most) = *fitting.first()?;
    let taken = environment.metrics_profile.as_deref().unwrap_or(metric_names::PROFILES[0].name);
    let own = fitting.iter().find(|(profile, _)| profile.name == taken).map_or(0, |(_, found)| *found);
    let all = metric_names::LOGICAL.len();
    if most == 0 {
        return None;
    }
    Some(match most > own {
        false => Finding::fine(part::prometheus(), fit(taken, own, all)),
        true => Finding::warning(part::prometheus(), fit_another(best.name, most, all, taken, own))
            .remedy(write_profile(best.name)),
    })
}

/// Why a query finds no series of a metric; none where it has some.
async fn silent(
    server: &Prometheus,
    selected: &promql::Selected,
    names: &[String],
) -> Result<Option<Finding>, PrometheusError> {
    let metric = &selected.metric;
    if !names.contains(metric) {
        // A connector has its metrics from its start on only.
        let later = metric.starts_with("kafka_connect_mirror_");
        let (part, what) = (part::prometheus(), no_metric(metric));
        return Ok(Some(match later {
            true => Finding::warning(part, what).remedy(appears_later()),
            false => Finding::fault(part, what).remedy(nearest(metric, names.iter().map(String::as_str))),
        }));
    }
    for (label, wanted) in &selected.labels {
        let values = server.label_values(label, metric).await?;
        if !values.contains(wanted) {
            let what = match values.is_empty() {
                true => no_label(metric, label, wanted),
                false => no_value(metric, label, wanted, Arg::list(values)),
            };
            return Ok(Some(Finding::fault(part::prometheus(), what).remedy(give_label())));
        }
    }
    Ok(None)
}

/// Jobs that the plan names and that no target has.
fn jobs(targets: &[Target], needs: &Needs, without_zookeeper: bool, found: &mut Vec<Finding>) {
    let there: BTreeSet<&str> = targets.iter().map(Target::job).collect();
    for (need, steps) in needs.iter() {
        let Need::Jobs(pattern) = need else { continue };
        // A plan for both modes names the job of the nodes that a platform in KRaft mode does not have.
        for one in pattern.split('|').filter(|one| !(without_zookeeper && *one == "zookeeper")) {
            let Ok(job) = Regex::new(&format!("^(?:{one})$")) else { continue };
            if !there.iter().any(|name| job.is_match(name)) {
                let what = no_job(one, Arg::list(there.iter().copied()));
                found.push(Finding::warning(part::prometheus(), what).remedy(name_job()).steps(steps));
            }
        }
    }
}

messages! {
    area "doctor-metrics";
    add_rule() => "add a rule for it to the exporter, or take it out of the plan" / "ajouter une règle pour elle à l'exporteur, ou la retirer du plan";
    appears_later() => "it appears with the first record that a connector copies, if the exporter has a rule for it" / "elle apparaît avec le premier enregistrement qu'un connecteur copie, si l'exporteur a une règle pour elle";
    count_of_targets(targets) => "{targets} {targets|target|targets}" / "{targets} {targets|cible|cibles}";
    fit(profile, own, all) => "metric names fit `{profile}` ({own} of {all})" / "les noms des métriques suivent `{profile}` ({own} sur {all})";
    fit_another(best, most, all, profile, own) => "metric names fit `{best}` ({most} of {all}), and not `{profile}` ({own})" / "les noms des métriques suivent `{best}` ({most} sur {all}), et non `{profile}` ({own})";
    give_label() => "give the targets that label in the scrape configuration, or change the plan's queries" / "donner ce label aux cibles dans la configuration de collecte, ou modifier les requêtes du plan";
    is_down(target, job, error) => "target {target} of job `{job}` is down: {error}" / "la cible {target} du job `{job}` ne répond pas : {error}";
    metrics(count) => "{count} metrics" / "{count} {count|métrique|métriques}";
    name_job() => "name the job so in the scrape configuration, or change `targets` in the plan" / "nommer ainsi le job dans la configuration de collecte, ou modifier `targets` dans le plan";
    no_job(job, jobs) => "no target of a job `{job}`; there are {jobs}" / "aucune cible d'un job `{job}` ; il y a {jobs}";
    no_label(metric, label, value) => "`{metric}` has no label `{label}`, and the plan asks for `{label}=\"{value}\"`" / "`{metric}` n'a pas de label `{label}`, et le plan demande `{label}=\"{value}\"`";
    no_metric(metric) => "no metric `{metric}`" / "pas de métrique `{metric}`";
    no_value(metric, label, value, values) => "`{metric}` has no `{label}=\"{value}\"`; it has {values}" / "`{metric}` n'a pas de `{label}=\"{value}\"` ; elle a {values}";
    not_on_page(metric) => "its page has no metric `{metric}`" / "sa page n'a pas de métrique `{metric}`";
    similar_name(near) => "the nearest is `{near}`: change the exporter's rules, or the name in the plan" / "la plus proche est `{near}` : modifier les règles de l'exporteur, ou le nom dans le plan";
    start_exporter() => "start its exporter, or correct its scrape configuration" / "démarrer son exporteur, ou corriger sa configuration de collecte";
    write_profile(profile) => "write `metrics_profile: {profile}` in the environment's file" / "écrire `metrics_profile: {profile}` dans le fichier de l'environnement";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Language;

    #[test]
    fn a_metric_under_another_name_is_found() {
        let names = ["kafka_server_ReplicaManager_UnderReplicatedPartitions", "jvm_threads"];
        let advice = |metric: &str| nearest(metric, names.iter().copied());
        assert!(
            advice("kafka_server_replicamanager_underreplicatedpartitions")
                .contains("`kafka_server_ReplicaManager_Under")
        );
        let other = advice("nothing_like_it_at_all");
        assert!(other.starts_with("add a rule"), "{other}");
        assert!(other.in_language(Language::Fr).starts_with("ajouter une règle"), "{other}");
    }

    #[test]
    fn what_prometheus_lacks_is_said_in_both_languages() {
        let said = no_value("urp", "cluster", "source", Arg::list(["prod-a", "prod-b"]));
        assert_eq!(said, "`urp` has no `cluster=\"source\"`; it has prod-a, prod-b");
        assert_eq!(
            said.in_language(Language::Fr),
            "`urp` n'a pas de `cluster=\"source\"` ; elle a prod-a, prod-b"
        );
    }

    #[test]
    fn parts_of_a_histogram_are_the_metric() {
        let names = BTreeSet::from(["latency_count", "latency_sum"]);
        assert!(is_there("latency", &names) && !is_there("rate", &names));
    }
}
