//! What the kinds about MirrorMaker 2 share: bounds of logs, its internal topics, and its patterns.

use super::{ActionContext, ActionError, Mistake, kafka_access::Access, load_client, mistakes};
use crate::{
    clients::{Environment, kafka::Topology, mirror::Names, mirror_flow::Policy},
    load::{self, mirror_log::Log},
    record::messages,
};
use regex::Regex;
use std::collections::BTreeMap;

/// First offset and end of each partition.
pub(super) async fn bounds(
    cx: &ActionContext,
    access: &Access,
    keys: Vec<(String, i32)>,
) -> Result<BTreeMap<(String, i32), (i64, i64)>, ActionError> {
    if keys.is_empty() {
        return Ok(BTreeMap::new());
    }
    let begins = access.ask(cx, access.admin.begin_offsets(&keys)).await?;
    let ends = access.ask(cx, access.admin.end_offsets(&keys)).await?;
    Ok(ends
        .into_iter()
        .map(|(key, end)| {
            let begin = begins.get(&key).copied().unwrap_or(0);
            (key, (begin, end))
        })
        .collect())
}

/// The log of an internal topic; none where the cluster has no such topic.
pub(super) async fn log(
    cx: &ActionContext,
    access: &Access,
    topology: &Topology,
    topic: &str,
) -> Result<Option<Log>, ActionError> {
    let Some(seen) = topology.topic(topic).filter(|topic| topic.error.is_none()) else { return Ok(None) };
    let keys = seen.partitions.iter().map(|p| (topic.to_owned(), p.id)).collect();
    let partitions = bounds(cx, access, keys).await?.into_iter().map(|((_, p), range)| (p, range)).collect();
    Ok(Some(Log { topic: topic.to_owned(), partitions }))
}

/// Runs what blocks on a thread of its own and gives its errors the name of the cluster.
pub(super) async fn blocking<T: Send + 'static>(
    cx: &ActionContext,
    cluster: &str,
    work: impl FnOnce(ActionContext) -> Result<T, load::LoadError> + Send + 'static,
) -> Result<T, ActionError> {
    load_client::on_own_thread(cx, work).await?.map_err(|error| load_client::fault(error, cluster))
}

/// The prefix of a replicated topic's name on the target: `given`, or that of the environment's `mirror`, or the default of
/// MirrorMaker 2 (the source's alias and a dot). With an unknown replication policy it is an error, which names `parameter`.
pub(super) fn prefix(
    environment: &Environment,
    (source, target): (&str, &str),
    given: Option<&str>,
    parameter: &str,
) -> Result<String, ActionError> {
    if let Some(given) = given {
        return Ok(given.to_owned());
    }
    let names = Names::of(environment, source, target);
    names.prefix().ok_or_else(|| {
        let policy = if let Policy::Other(class) = &names.policy { class } else { "" };
        let flow = format!("{source}->{target}");
        ActionError::misconfigured(policy_unknown(policy, flow), give(parameter))
    })
}

/// Patterns of whole names, as MirrorMaker 2 reads its lists `topics` and `groups`.
pub(super) fn patterns(key: &str, patterns: &[String]) -> Result<Vec<Regex>, ActionError> {
    let read = |pattern: &String| {
        Regex::new(&format!("^(?:{pattern})$")).map_err(|error| {
            ActionError::misconfigured(no_pattern(key, pattern, error.to_string()), write_pattern())
        })
    };
    patterns.iter().map(read).collect()
}

/// The mistakes in such patterns.
pub(super) fn pattern_mistakes(key: &str, patterns: &[String]) -> Vec<Mistake> {
    let hint = "write a name, or a regular expression for the whole name such as `orders.*`";
    patterns.iter().filter_map(|pattern| mistakes::pattern(key, pattern, hint)).collect()
}

messages! {
    area "mirror";
    give(parameter) => "give `{parameter}`" / "donner `{parameter}`";
    no_pattern(key, pattern, cause) => "`{key}`: invalid pattern `{pattern}`: {cause}" / "`{key}` : motif `{pattern}` invalide : {cause}";
    policy_unknown(policy, flow) => "the topic names of policy `{policy}` of flow `{flow}` are unknown" / "les noms de topics que donne `{policy}` du flux `{flow}` sont inconnus";
    write_pattern() => "write a name, or a regular expression for the whole name such as `orders.*`" / "écrire un nom, ou une expression régulière pour le nom entier, par exemple `orders.*`";
}
