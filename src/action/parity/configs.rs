//! The settings of the topics that are on both sides, and which differences MirrorMaker 2 makes by itself.
//!
//! From the sources of Kafka 3.7 (`MirrorSourceConnector.targetConfig`): a setting is copied unless
//! `config.properties.exclude` names it, it is sensitive, or its value is the source broker's own (`server.properties`). A
//! default of the source is not copied but taken from the target, unless `use.defaults.from` is `source`.

use super::{
    super::{ActionContext, ActionError, kafka_access::Access},
    consequence,
    flow::Flows,
    item::{Item, Items, Verdict, What},
    topics::Pair,
};
use crate::{
    clients::kafka::{Entity, Origin, Setting},
    record::{Said, Speaks, messages},
};
use std::collections::{BTreeMap, BTreeSet};

/// Topics whose settings are in memory at the same time.
const AT_ONCE: usize = 1000;

/// Reads and compares the settings of all pairs. The inner error is why they cannot be read.
pub(super) async fn compare(
    cx: &ActionContext,
    flows: &Flows,
    source: &Access,
    target: &Access,
    pairs: &[Pair],
    items: &mut Items,
) -> Result<Result<(), Said>, ActionError> {
    let mut done = 0;
    for chunk in pairs.chunks(AT_ONCE) {
        let named = |name: fn(&Pair) -> &String| -> Vec<Entity> {
            chunk.iter().map(|pair| Entity::Topic(name(pair).clone())).collect()
        };
        let here = source.ask(cx, source.admin.configs(&named(|p| &p.source))).await;
        let there = target.ask(cx, target.admin.configs(&named(|p| &p.target))).await;
        let (here, there) = match (here, there) {
            (Ok(here), Ok(there)) => (here, there),
            (Err(ActionError::Cancelled), _) | (_, Err(ActionError::Cancelled)) => {
                return Err(ActionError::Cancelled);
            }
            (Err(error), _) | (_, Err(error)) => return Ok(Err(error.said())),
        };
        for pair in chunk {
            let own = here.get(&Entity::Topic(pair.source.clone()));
            let copy = there.get(&Entity::Topic(pair.target.clone()));
            match (own, copy) {
                (Some(own), Some(copy)) => topic(flows, pair, own, copy, items),
                (own, _) => items.push(unread(pair, own.is_none())),
            }
        }
        done += chunk.len();
        cx.progress.update(&cx.action, done as u64, Some(pairs.len() as u64), comparing());
    }
    Ok(Ok(()))
}

fn unread(pair: &Pair, on_source: bool) -> Item {
    Item {
        what: What::Unread,
        name: pair.source.clone(),
        setting: String::new(),
        source: String::new(),
        target: String::new(),
        verdict: Verdict::Differs,
        consequence: match on_source {
            true => unread_on_source(),
            false => unread_on_target(),
        },
        weight: 50,
    }
}

/// Compares one topic's settings with its copy's.
pub(super) fn topic(flows: &Flows, pair: &Pair, own: &[Setting], copy: &[Setting], items: &mut Items) {
    let by_name = |settings: &'_ [Setting]| -> BTreeMap<String, Setting> {
        settings.iter().map(|s| (s.name.clone(), s.clone())).collect()
    };
    let (own, copy) = (by_name(own), by_name(copy));
    let names: BTreeSet<&String> = own.keys().chain(copy.keys()).collect();
    let mut equal = 0;
    for name in names {
        let (here, there) = (own.get(name), copy.get(name));
        let shown = |setting: Option<&Setting>| setting.and_then(|s| s.value.clone()).unwrap_or_default();
        if let (Some(here), Some(there)) = (here, there)
            && same(here, there)
        {
            equal += 1;
            continue;
        }
        let (weight, effect) = consequence::of(name, &shown(here), &shown(there));
        let (verdict, why) = verdict(flows, name, here, there);
        let effect = match why {
            Some(why) => because(effect, why),
            None => effect,
        };
        items.push(Item {
            what: What::Config,
            name: pair.source.clone(),
            setting: name.clone(),
            source: shown(here),
            target: shown(there),
            verdict,
            consequence: effect,
            weight,
        });
    }
    items.equal(What::Config, equal);
}

fn same(a: &Setting, b: &Setting) -> bool {
    if a.sensitive || b.sensitive {
        // Neither side tells its value.
        return a.sensitive == b.sensitive;
    }
    let plain = |s: &Setting| {
        let mut parts: Vec<_> =
            s.value.as_deref().unwrap_or_default().split(',').map(|p| p.trim().to_owned()).collect();
        parts.sort();
        parts
    };
    plain(a) == plain(b)
}

/// Whether the flow makes the difference by itself, and by which of its settings.
fn verdict(
    flows: &Flows,
    name: &str,
    here: Option<&Setting>,
    there: Option<&Setting>,
) -> (Verdict, Option<Said>) {
    if flows.ignored_configs.has(name) {
        return (Verdict::Expected, Some(ignored()));
    }
    if flows.own.excludes_config(name) {
        return (Verdict::Expected, Some(excluded()));
    }
    if !flows.own.syncs_configs {
        return (Verdict::Expected, Some(not_synced()));
    }
    let (Some(here), Some(there)) = (here, there) else {
        return (Verdict::Expected, Some(unknown_there()));
    };
    match here.source {
        Origin::StaticBroker => (Verdict::Expected, Some(of_the_brokers())),
        Origin::Default | Origin::Unknown if !flows.own.source_defaults => match there.source {
            // With the target's defaults an own value there is removed by the next synchronisation.
            Origin::DynamicTopic => (Verdict::Differs, Some(set_there())),
            _ => (Verdict::Expected, Some(target_default())),
        },
        _ => (Verdict::Differs, None),
    }
}

messages! {
    area "parity-configs";
    because(effect, why) => "{effect} ({why})" / "{effect} ({why})";
    comparing() => "comparing settings of topics" / "comparaison des paramètres des topics";
    excluded() => "`config.properties.exclude` of the flow names this setting" / "`config.properties.exclude` du flux nomme ce paramètre";
    ignored() => "ignored by the step" / "ignoré par l'étape";
    not_synced() => "the flow does not copy settings: `sync.topic.configs.enabled` is false" / "le flux ne copie pas les paramètres : `sync.topic.configs.enabled` vaut false";
    of_the_brokers() => "set in the source brokers' `server.properties`, which MirrorMaker 2 does not copy" / "fixé dans `server.properties` des brokers de la source, que MirrorMaker 2 ne copie pas";
    set_there() => "set on the target's topic only" / "fixé sur le topic de la cible seulement";
    target_default() => "a default of the source; the flow takes the target's defaults, `use.defaults.from: target`" / "une valeur par défaut de la source ; le flux prend celles de la cible, `use.defaults.from: target`";
    unknown_there() => "only one of the two versions of Kafka has this setting" / "une seule des deux versions de Kafka a ce paramètre";
    unread_on_source() => "could not read the settings of this topic on the source: deleted, or DescribeConfigs permission missing" / "paramètres de ce topic illisibles sur la source : topic supprimé, ou droit DescribeConfigs manquant";
    unread_on_target() => "could not read the settings of this topic on the target: deleted, or DescribeConfigs permission missing" / "paramètres de ce topic illisibles sur la cible : topic supprimé, ou droit DescribeConfigs manquant";
}
