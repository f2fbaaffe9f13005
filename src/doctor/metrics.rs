//! Exporters and Prometheus: whether they have the metrics, jobs and labels that the plan asks for.

use super::{clocks, finding::Finding, needs::Needs, services};
use crate::{
    action::Need,
    clients::{
        Endpoint, Environment, exposition, metric_names,
        prometheus::{Instant, Prometheus, PrometheusError, Target},
        promql,
    },
    record::StepId,
    support::text,
};
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};

const PART: &str = "Prometheus";

/// What was found of the exporter called `name`.
pub(super) async fn exporter(part: &str, name: &str, endpoint: &Endpoint, needs: &Needs) -> Vec<Finding> {
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
        found.push(Finding::fine(part, format!("{} metrics", names.len())));
    }
    found.extend(missing.into_iter().map(|(metric, steps)| {
        Finding::fault(part, format!("its page has no metric `{metric}`"))
            .remedy(nearest(metric, names.iter().copied()))
            .steps(&steps)
    }));
    found
}

/// Whether a page has a metric, or the parts of it as a histogram or summary.
fn is_there(metric: &str, names: &BTreeSet<&str>) -> bool {
    names.contains(metric)
        || ["_bucket", "_count", "_sum"].iter().any(|part| names.contains(format!("{metric}{part}").as_str()))
}

/// What the node exporter says of its machine's clock.
fn own_clock(part: &str, page: &str) -> Option<Finding> {
    let line = page.lines().find(|line| line.starts_with("node_time_seconds "))?;
    let seconds: f64 = line.split(' ').nth(1)?.parse().ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "seconds since 1970")]
    let at = jiff::Timestamp::from_second(seconds as i64).ok()?;
    clocks::of_time(part, at)
}

/// The advice for a metric that is not there: the name that it may have here.
fn nearest<'n>(metric: &str, names: impl Iterator<Item = &'n str> + Clone) -> String {
    let same = |name: &&str| name.eq_ignore_ascii_case(metric);
    let near = names.clone().find(same).or_else(|| text::did_you_mean(metric, names.clone()));
    // The end of a name stays where the rules of another exporter give it another beginning.
    let words: Vec<&str> = metric.split('_').collect();
    let tail = words[words.len().saturating_sub(2)..].join("_");
    let near = near.or_else(|| names.clone().find(|name| name.to_ascii_lowercase().ends_with(&tail)));
    match near {
        Some(near) => {
            format!("the nearest is `{near}`: change the exporter's rules, or the name in the plan")
        }
        None => "add a rule for it to the exporter, or take it out of the plan".to_owned(),
    }
}

/// What was found of Prometheus.
pub(super) async fn prometheus(
    environment: &Environment,
    endpoint: &Endpoint,
    needs: &Needs,
) -> Vec<Finding> {
    asked(environment, endpoint, needs)
        .await
        .unwrap_or_else(|error| vec![services::of_prometheus(PART, error)])
}

async fn asked(
    environment: &Environment,
    endpoint: &Endpoint,
    needs: &Needs,
) -> Result<Vec<Finding>, PrometheusError> {
    let server = Prometheus::open(endpoint).await?;
    let answer = server.targets().await?;
    let mut found: Vec<Finding> = clocks::of_answer(PART, &answer.response).into_iter().collect();
    let targets = answer.result;
    found.push(Finding::fine(PART, text::plural(targets.len(), "target")));
    for target in targets.iter().filter(|target| target.health == "down") {
        let what = format!(
            "target {} of job `{}` is down: {}",
            target.scrape_url,
            target.job(),
            text::cut(&target.last_error, 160)
        );
        found.push(
            Finding::warning(PART, what).remedy("start its exporter, or correct its scrape configuration"),
        );
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
        false => Finding::fine(PART, format!("metric names fit `{taken}` ({own} of {all})")),
        true => Finding::warning(
            PART,
            format!("metric names fit `{}` ({most} of {all}), and not `{taken}` ({own})", best.name),
        )
        .remedy(format!("write `metrics_profile: {}` in the environment's file", best.name)),
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
        let what = format!("no metric `{metric}`");
        let finding = if later { Finding::warning(PART, what) } else { Finding::fault(PART, what) };
        let remedy = match later {
            true => {
                "it appears with the first record that a connector copies, if the exporter has a rule for it"
                    .to_owned()
            }
            false => nearest(metric, names.iter().map(String::as_str)),
        };
        return Ok(Some(finding.remedy(remedy)));
    }
    for (label, wanted) in &selected.labels {
        let values = server.label_values(label, metric).await?;
        if !values.contains(wanted) {
            let what = match values.is_empty() {
                true => {
                    format!("`{metric}` has no label `{label}`, and the plan asks for `{label}=\"{wanted}\"`")
                }
                false => format!("`{metric}` has no `{label}=\"{wanted}\"`; it has {}", values.join(", ")),
            };
            let remedy =
                "give the targets that label in the scrape configuration, or change the plan's queries";
            return Ok(Some(Finding::fault(PART, what).remedy(remedy)));
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
                let what = format!(
                    "no target of a job `{one}`; there are {}",
                    there.iter().copied().collect::<Vec<_>>().join(", ")
                );
                let remedy = "name the job so in the scrape configuration, or change `targets` in the plan";
                found.push(Finding::warning(PART, what).remedy(remedy).steps(steps));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_under_another_name_is_found() {
        let names = ["kafka_server_ReplicaManager_UnderReplicatedPartitions", "jvm_threads"];
        let advice = |metric: &str| nearest(metric, names.iter().copied());
        assert!(
            advice("kafka_server_replicamanager_underreplicatedpartitions")
                .contains("`kafka_server_ReplicaManager_Under")
        );
        assert!(advice("nothing_like_it_at_all").starts_with("add a rule"));
    }

    #[test]
    fn parts_of_a_histogram_are_the_metric() {
        let names = BTreeSet::from(["latency_count", "latency_sum"]);
        assert!(is_there("latency", &names) && !is_there("rate", &names));
    }
}
