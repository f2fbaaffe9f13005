//! Which consumer groups of the source the checkpoint connectors cover.

use super::{
    super::{ActionContext, ActionError, kafka_access::Access},
    flow::Flows,
    item::{Item, Items, Verdict, What},
};
use crate::record::{Said, Speaks, messages};

/// Reads the groups and sorts them. The inner error is why that cannot be.
pub(super) async fn compare(
    cx: &ActionContext,
    flows: &Flows,
    source: &Access,
    items: &mut Items,
) -> Result<Result<(), Said>, ActionError> {
    if flows.checkpoints().is_none() {
        return Ok(Err(no_checkpoint_known(flows.others_unread.clone().unwrap_or_default())));
    }
    match source.ask(cx, source.groups(cx).group_names()).await {
        Ok(groups) => {
            sort(flows, &groups, items);
            Ok(Ok(()))
        }
        Err(ActionError::Cancelled) => Err(ActionError::Cancelled),
        Err(error) => Ok(Err(error.said())),
    }
}

/// Sorts the groups into covered, expected and not covered.
pub(super) fn sort(flows: &Flows, groups: &[String], items: &mut Items) {
    let checkpoints = flows.checkpoints().unwrap_or_default();
    for group in groups {
        if checkpoints.iter().any(|flow| flow.copies_group(group)) {
            items.equal(What::Group, 1);
            continue;
        }
        let (verdict, consequence) = if flows.ignored_groups.has(group) {
            (Verdict::Expected, ignored())
        } else if checkpoints.iter().any(|flow| flow.excludes_group(group)) {
            (Verdict::Expected, excluded())
        } else if checkpoints.is_empty() {
            (Verdict::Differs, no_connector())
        } else {
            (Verdict::Differs, not_covered())
        };
        items.push(Item {
            what: What::Group,
            name: group.clone(),
            setting: String::new(),
            source: "present".to_owned(),
            target: String::new(),
            verdict,
            consequence,
            weight: 80,
        });
    }
}

messages! {
    area "parity-groups";
    excluded() => "`groups.exclude` of the checkpoint connector names this group" / "`groups.exclude` du connecteur de checkpoints nomme ce groupe";
    ignored() => "ignored by the step" / "ignoré par l'étape";
    no_checkpoint_known(why) => "nothing says which groups the checkpoint connector covers: {why}" / "rien ne dit quels groupes couvre le connecteur de checkpoints : {why}";
    no_connector() => "no checkpoint connector copies offsets of this flow: the group starts at its `auto.offset.reset` after a failover" / "aucun connecteur de checkpoints ne copie les offsets de ce flux : le groupe repart selon son `auto.offset.reset` après une bascule";
    not_covered() => "no checkpoint connector covers the group: it starts at its `auto.offset.reset` after a failover" / "aucun connecteur de checkpoints ne couvre le groupe : il repart selon son `auto.offset.reset` après une bascule";
}
