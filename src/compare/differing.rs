//! What else was not the same: in the runs as a whole, and in one load.

use super::{
    messages,
    model::{Differing, What},
    side::{Run, Side},
};
use crate::{
    record::{
        Said,
        changes::{json_changes, shown},
        event::PlanOutline,
        state::ActionStatus,
    },
    store::plan_files,
    support::files,
};
use serde_json::{Map, Value};
use std::{collections::BTreeSet, path::Path};

/// Parameters that say where a load goes and not what it is.
const WHERE: [&str; 3] = ["cluster", "group", "topic"];

/// Properties that name a client and do not shape what it does; the addresses are in the environment file.
const NAMES: [&str; 6] =
    ["bootstrap.servers", "client.id", "client.rack", "group.id", "group.instance.id", "transactional.id"];

/// In the runs as a whole; and what could not be told, in sentences.
pub(super) fn runs(before: &Run<'_>, after: &Run<'_>) -> (Vec<Differing>, Vec<Said>) {
    let (mut differs, mut unknown) = (Vec::new(), Vec::new());
    let headers = before.state.header.as_ref().zip(after.state.header.as_ref());
    let Some((then, now)) = headers else {
        return (differs, vec![messages::no_header()]);
    };
    let mut put = |what: What, name: &str, before: Option<String>, after: Option<String>| {
        if before != after {
            differs.push(Differing {
                what,
                name: Said::verbatim(name),
                before: before.map(Said::verbatim),
                after: after.map(Said::verbatim),
            });
        }
    };
    put(What::Program, "jalon", Some(then.jalon.clone()), Some(now.jalon.clone()));
    let (old, new) = (plan(before).unwrap_or(&then.plan), plan(after).unwrap_or(&now.plan));
    put(What::Environment, "name", Some(old.environment.clone()), Some(new.environment.clone()));
    put(What::Profile, "name", Some(old.profile.clone()), Some(new.profile.clone()));
    for change in json_changes(&serde_json::json!(old.vars), &serde_json::json!(new.vars)) {
        put(What::Variable, &change.name, change.old.as_ref().map(text), change.new.as_ref().map(text));
    }
    let same_environment = match (&old.environment_basis, &new.environment_basis) {
        (Some(a), Some(b)) => a == b,
        _ => old.environment_fingerprint == new.environment_fingerprint,
    };
    if !same_environment {
        match (environment(before.dir, old), environment(after.dir, new)) {
            (Some(a), Some(b)) => {
                for change in
                    json_changes(&a, &b).iter().filter(|c| c.name != "name" && c.name != "description")
                {
                    put(
                        What::Environment,
                        &change.name,
                        change.old.as_ref().map(text),
                        change.new.as_ref().map(text),
                    );
                }
            }
            _ => unknown.push(messages::environment_text_missing()),
        }
    }
    let mut steps = Vec::new();
    for (id, _) in &after.attempts {
        let of = |plan: &PlanOutline| plan.steps.iter().find(|s| s.step == *id).cloned();
        let (Some(a), Some(b)) = (of(old), of(new)) else { continue };
        match (&a.basis, &b.basis) {
            (Some(x), Some(y)) => {
                let changed = match (x.work == y.work, x.is_judged_as(y)) {
                    (true, true) => None,
                    (true, false) => Some(messages::judged_changed()),
                    (false, _) => Some(messages::work_changed()),
                };
                steps.extend(changed.map(|changed| (*id, changed)));
                for change in json_changes(&flat(&x.work_values), &flat(&y.work_values)) {
                    put(
                        What::Profile,
                        &change.name,
                        change.old.as_ref().map(text),
                        change.new.as_ref().map(text),
                    );
                }
            }
            _ if a.fingerprint != b.fingerprint => {
                steps.push((*id, messages::file_changed()));
            }
            _ => {}
        }
    }
    differs.extend(steps.into_iter().map(|(id, changed)| Differing {
        what: What::Plan,
        name: messages::step(id.0),
        before: Some(messages::as_before()),
        after: Some(changed),
    }));
    let mut told = BTreeSet::new();
    differs.retain(|d| told.insert((d.what, d.name.clone())));
    (differs, unknown)
}

/// The plan that the compared attempts followed.
fn plan<'a>(run: &Run<'a>) -> Option<&'a PlanOutline> {
    run.state.plans.get(run.attempts.last()?.1.plan)
}

fn flat(values: &std::collections::BTreeMap<String, Value>) -> Value {
    Value::Object(values.iter().map(|(k, v)| (k.clone(), v.clone())).collect())
}

/// What the environment file that the run kept says.
fn environment(dir: &Path, plan: &PlanOutline) -> Option<Value> {
    let path = format!("plan/environments/{}.yaml", plan.environment);
    serde_yaml::from_str(&plan_files::text(dir, plan.kept.as_ref()?, Path::new(&path))?).ok()
}

/// In one load: its parameters, its client, and where it went.
pub(super) fn loads(before: &Side<'_>, after: &Side<'_>) -> Vec<Differing> {
    let mut differs = Vec::new();
    let mut put = |what: What, name: &str, before: Option<String>, after: Option<String>| {
        if before != after {
            differs.push(Differing {
                what,
                name: Said::verbatim(name),
                before: before.map(Said::verbatim),
                after: after.map(Said::verbatim),
            });
        }
    };
    put(What::Load, "kind", Some(before.action.kind.clone()), Some(after.action.kind.clone()));
    let empty = Value::Object(Map::new());
    let [old, new] = [before, after].map(|side| settings(side).unwrap_or_else(|| empty.clone()));
    // What was not written has its value in the settings that the load began with.
    let resolved = |name: &str| {
        let (a, b) = (old.get("load")?.get(name)?, new.get("load")?.get(name)?);
        Some(a == b)
    };
    for change in json_changes(&before.action.params, &after.action.params) {
        let root = change.name.split('.').next().unwrap_or_default();
        let what = match root {
            root if WHERE.contains(&root) => What::Connection,
            "driver" => What::Client,
            // The properties in force are compared below, where they were kept.
            "properties" if old.get("properties").is_some() && new.get("properties").is_some() => continue,
            "properties" => What::Client,
            "timeout" => continue,
            root if resolved(root) == Some(true) => continue,
            _ => What::Load,
        };
        put(what, &change.name, change.old.as_ref().map(text), change.new.as_ref().map(text));
    }
    let client = |of: &Value| of.get("client").map(text);
    put(What::Client, "client", client(&old), client(&new));
    if let (Some(a), Some(b)) = (old.get("properties"), new.get("properties")) {
        for change in json_changes(&dotted(a), &dotted(b)) {
            let name = change.name.as_str();
            let what = match name {
                name if NAMES.contains(&name) => continue,
                name if ["ssl.", "sasl.", "security."].iter().any(|p| name.starts_with(p)) => {
                    What::Connection
                }
                _ => What::Client,
            };
            put(what, name, change.old.as_ref().map(text), change.new.as_ref().map(text));
        }
    }
    differs
}

/// The properties as one level, whatever they hold.
fn dotted(properties: &Value) -> Value {
    match properties.as_object() {
        Some(all) => Value::Object(all.iter().map(|(k, v)| (k.clone(), Value::String(text(v)))).collect()),
        None => properties.clone(),
    }
}

/// The artifact that says with what a load began.
fn settings(side: &Side<'_>) -> Option<Value> {
    read_json(side.dir, side.action, "/settings.json")
}

fn read_json(dir: &Path, action: &ActionStatus, name: &str) -> Option<Value> {
    let artifact = action.artifacts.iter().find(|a| a.path.ends_with(name))?;
    serde_json::from_slice(&files::read(&dir.join(&artifact.path), files::LARGEST).ok()?).ok()
}

/// A value on one line, without quotes.
pub(super) fn text(value: &Value) -> String {
    shown(Some(value)).into()
}
