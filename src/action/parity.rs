//! `parity`: whether the target is configured like the source, for everything that a flow copies.

mod acls;
mod configs;
mod consequence;
mod evidence;
mod flow;
mod groups;
mod item;
mod params;
mod subjects;
mod topics;

use super::{
    Action, ActionContext, ActionError, ActionFailure, Kind, Mistake, OnInterrupt, Output, flag_output,
    kafka_access::Access, mistakes, output, service::unless_cancelled,
};
use crate::{
    clients::Environment,
    record::{ActionRole, Evidence, Family, Said, Unit, messages},
};
use item::{Items, Unread};
pub(super) use params::Parity;
use std::time::Duration;

impl Kind for Parity {
    const SUMMARY: &'static str = "Compares the target's configuration with the source's for everything that a flow copies: topics, \
         partitions, settings, ACLs, groups, subjects.";
    const EXAMPLE: &'static str = "\
parity:
  id: configured
  source: source
  target: target
  connector: mm2-source
  ignore_configs: [segment.bytes]";
    const ROLE: ActionRole = ActionRole::Check;
    const WATCH: bool = false;
    const OUTPUTS: &'static [Output] = &[
        output("topics", Unit::Count, "Topics of the source that the flow copies."),
        output("topics_missing", Unit::Count, "Those of them that are not on the target."),
        output(
            "topics_uncovered",
            Unit::Count,
            "Topics of the source that no flow copies, internal ones and ignored ones left out.",
        ),
        output(
            "topics_orphaned",
            Unit::Count,
            "Topics on the target that the flow would have made and that are not on the source.",
        ),
        output("partitions_differ", Unit::Count, "Topics whose copy has another number of partitions."),
        output(
            "replication_factor_differs",
            Unit::Count,
            "Topics whose copy has fewer replicas, although the target has brokers for more.",
        ),
        output(
            "configs_compared",
            Unit::Count,
            "Settings that were compared, over all topics that are on both sides.",
        ),
        output(
            "configs_differ",
            Unit::Count,
            "Settings that differ and that the flow should have made equal.",
        ),
        output(
            "configs_expected",
            Unit::Count,
            "Settings that differ as the flow's own settings say, or that are ignored.",
        ),
        output(
            "configs_unread",
            Unit::Count,
            "Topics whose settings this user could not read on one of the sides.",
        ),
        flag_output(
            "config_sync",
            "Whether the flow copies settings of topics (`sync.topic.configs.enabled`).",
        ),
        output(
            "acls_missing",
            Unit::Count,
            "ACLs of copied topics that the flow should have on the target and that are not there.",
        ),
        output(
            "acls_expected",
            Unit::Count,
            "ACLs that the flow does not copy, such as those for WRITE, and that the target does not have.",
        ),
        output(
            "quotas_differ",
            Unit::Count,
            "Client quotas that differ; missing, because the client library has no request for them.",
        ),
        output("groups", Unit::Count, "Consumer groups of the source."),
        output(
            "groups_not_covered",
            Unit::Count,
            "Those of them whose offsets no checkpoint connector copies, ignored ones left out.",
        ),
        output("subjects", Unit::Count, "Subjects of the source's schema registry."),
        output("subjects_missing", Unit::Count, "Those of them that the target's registry does not have."),
        output(
            "subjects_differ",
            Unit::Count,
            "Subjects whose newest schema or compatibility level differs.",
        ),
        output(
            "differences",
            Unit::Count,
            "Everything that differs and is not expected; what could not be read is not in it.",
        )
        .of(Family::Differences),
    ];
}

#[async_trait::async_trait]
impl Action for Parity {
    fn describe(&self) -> Said {
        compare(&self.target, &self.source)
    }

    fn on_interrupt(&self) -> OnInterrupt {
        OnInterrupt::Rerun
    }

    fn time_limit(&self) -> Duration {
        // 10,000 topics are 200 requests for settings.
        Duration::from_secs(300)
    }

    fn mistakes(&self, environment: &Environment) -> Vec<Mistake> {
        let mut mistakes =
            mistakes::clusters(environment, &[("source", &self.source), ("target", &self.target)]);
        for (key, name) in [("connector", &self.connector), ("checkpoint", &self.checkpoint)] {
            if name.is_some() {
                mistakes.extend(mistakes::service(environment, key, "connect", &environment.connect));
            }
        }
        let declared = environment.mirror.contains_key(&format!("{}->{}", self.source, self.target));
        if self.connector.is_none() && self.topics.is_empty() && !declared {
            let message = "nothing says which topics are copied";
            let hint = "add `connector: NAME`, or `topics: [PATTERN]`, or the flow under `mirror` of the environment";
            mistakes.push(Mistake::new("", message, hint));
        }
        mistakes
    }

    async fn run(&self, cx: &ActionContext) -> Result<Evidence, ActionFailure> {
        let flows = flow::Flows::read(self, cx).await?;
        let source = Access::to(cx, &self.source).await?;
        let target = Access::to(cx, &self.target).await?;
        let here = source.ask(cx, source.admin.topology()).await?;
        let there = target.ask(cx, target.admin.topology()).await?;
        let mut items = Items::default();
        let pairs = topics::compare(&flows, &here, &there, &mut items);
        let configs = configs::compare(cx, &flows, &source, &target, &pairs, &mut items).await?;
        let acls = acls::compare(cx, &flows, &source, &target, &pairs, &mut items).await?;
        let groups = groups::compare(cx, &flows, &source, &mut items).await?;
        let subjects = unless_cancelled(cx, async {
            Ok::<_, ActionError>(subjects::compare(cx, &self.source, &self.target, &mut items).await)
        })
        .await?;
        items.store(cx, &flows)?;
        let unread = Unread {
            configs: configs.err(),
            acls: acls.err(),
            groups: groups.err(),
            subjects: subjects.err(),
        };
        Ok(evidence::evidence(&items, &flows, &unread))
    }
}

messages! {
    area "parity";
    compare(target, source) => "compare the configuration of `{target}` with that of `{source}`" / "comparer la configuration de `{target}` à celle de `{source}`";
}

#[cfg(test)]
mod tests;
