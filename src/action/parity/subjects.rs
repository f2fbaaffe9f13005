//! The subjects of the schema registries of both sides: newest schema and compatibility level.

use super::{
    super::ActionContext,
    item::{Item, Items, Verdict, What},
};
use crate::{
    clients::schema_registry::{self, SchemaRegistry},
    record::{Said, Speaks, messages},
};
use std::collections::BTreeSet;

/// Reads and compares both registries, or says why that cannot be.
pub(super) async fn compare(
    cx: &ActionContext,
    source: &str,
    target: &str,
    items: &mut Items,
) -> Result<(), Said> {
    let mut registries = Vec::new();
    for side in [source, target] {
        let endpoint = cx.environment.schema_registries.get(side).ok_or_else(|| no_registry(side))?;
        registries.push(SchemaRegistry::open(endpoint).await.map_err(|error| error.said())?);
    }
    let [here, there] = &registries[..] else { return Err(no_registry(target)) };
    let mut found = Items::default();
    subjects(here, there, &mut found).await.map_err(|error| error.said())?;
    items.equal(What::Subject, found.count(What::Subject, Verdict::Equal));
    found.found().iter().cloned().for_each(|item| items.push(item));
    Ok(())
}

async fn subjects(
    here: &SchemaRegistry,
    there: &SchemaRegistry,
    items: &mut Items,
) -> Result<(), schema_registry::RegistryError> {
    let on_target: BTreeSet<String> = there.subjects().await?.into_iter().collect();
    for subject in here.subjects().await? {
        if !on_target.contains(&subject) {
            items.push(item(What::SubjectMissing, &subject, "", ("present", "absent"), missing(), 82));
            continue;
        }
        let levels = (here.compatibility(&subject).await?, there.compatibility(&subject).await?);
        let same_schema = here.newest_text(&subject).await? == there.newest_text(&subject).await?;
        if !same_schema {
            let sides = ("newest", "another");
            items.push(item(What::Subject, &subject, "schema", sides, other_schema(), 78));
        } else if levels.0 != levels.1 {
            let effect = other_level(&levels.1, &levels.0);
            items.push(item(What::Subject, &subject, "compatibility", (&levels.0, &levels.1), effect, 58));
        } else {
            items.equal(What::Subject, 1);
        }
    }
    Ok(())
}

fn item(
    what: What,
    subject: &str,
    setting: &str,
    sides: (&str, &str),
    consequence: Said,
    weight: u8,
) -> Item {
    Item {
        what,
        name: subject.to_owned(),
        setting: setting.to_owned(),
        source: sides.0.to_owned(),
        target: sides.1.to_owned(),
        verdict: Verdict::Differs,
        consequence,
        weight,
    }
}

messages! {
    area "parity-subjects";
    missing() => "the target's registry does not have the subject: readers of the copy cannot decode its records" / "le registre de la cible n'a pas le sujet : les lecteurs de la copie ne peuvent pas décoder ses enregistrements";
    no_registry(cluster) => "`schema_registries` of the environment has no registry of cluster `{cluster}`" / "`schema_registries` de l'environnement n'a pas de registre du cluster `{cluster}`";
    other_level(target, source) => "the target checks new schemas with {target}, the source with {source}" / "la cible vérifie les nouveaux schémas avec {target}, la source avec {source}";
    other_schema() => "the newest schema differs: readers of the copy may not understand the newest records" / "le schéma le plus récent diffère : les lecteurs de la copie risquent de ne pas comprendre les derniers enregistrements";
}
