//! [`Day`]: what the builders of the body share, and the [`Objectives`] of the campaign.

use super::{context::Build, input::Input, lines::NotedLine};
use crate::{
    record::{Event, Unit},
    report::{
        language::Language,
        model::{Analysis, FaultRow, Figure, ObjectiveRow, PlanRow, Reference, Scenario, SinceRow, WatchRow},
    },
};
use std::collections::BTreeMap;

/// What the builders of the body share.
pub(super) struct Day<'d, 'a> {
    pub(super) input: &'d Input<'a>,
    pub(super) language: Language,
    pub(super) builds: &'d [Build<'a>],
    pub(super) scenarios: &'d [Scenario],
    pub(super) watches: &'d [WatchRow],
    pub(super) faults: &'d [FaultRow],
    pub(super) plan: &'d [PlanRow],
    pub(super) lines: &'d [NotedLine],
    pub(super) objectives: Objectives,
    pub(super) since: &'d [SinceRow],
    pub(super) analysis: &'d Analysis,
    pub(super) unclassified: usize,
}

impl<'a> Day<'_, 'a> {
    /// Every step that a run answers for, with that run.
    pub(super) fn steps(&self) -> impl Iterator<Item = (&Build<'a>, &crate::record::state::StepStatus)> {
        self.builds.iter().flat_map(|build| {
            let counted = build.state.steps.iter().filter(|(id, _)| build.counted.contains(id));
            counted.map(move |(_, status)| (build, status))
        })
    }

    /// Scenarios that count and whose figures can be judged, those by hand among them.
    pub(super) fn counted(&self) -> impl Iterator<Item = &Scenario> {
        self.scenarios.iter().filter(|s| s.counts() && s.failure.is_none() && s.contradictions.is_empty())
    }

    /// Scenarios whose figures contradict each other.
    pub(super) fn contradictory(&self) -> impl Iterator<Item = &Scenario> {
        self.scenarios.iter().filter(|s| s.counts() && !s.contradictions.is_empty())
    }
}

/// The objectives of the latest run, of the campaign where there is none.
#[derive(Debug, Default)]
pub(super) struct Objectives {
    all: BTreeMap<String, Figure>,
    source: String,
}

impl Objectives {
    pub(super) fn of(input: &Input<'_>, builds: &[Build<'_>]) -> Self {
        let of_run = builds.last().and_then(|build| {
            let header = build.state.header.as_ref()?;
            let first = build.run.records.iter().find(|r| matches!(r.event, Event::RunStarted(_)))?;
            let source = format!("{}, {}", build.run.run, build.trace.record(first.seq).id);
            Some((header.plan.slo.clone(), source))
        });
        let of_run = of_run.filter(|(values, _)| !values.is_empty());
        let of_campaign = || Some((input.campaign?.slo.clone(), "plan/campaign.yaml".to_owned()));
        let Some((values, source)) = of_run.or_else(of_campaign) else { return Self::default() };
        let figure = |(at, (name, value)): (usize, (String, f64))| {
            let unit = Unit::of_name(&name).unwrap_or(Unit::None);
            let place = Reference {
                artifact: Some("plan/campaign.yaml".to_owned()),
                record: None,
                ..Reference::record(format!("O{}", at + 1), "plan", 0)
            };
            (name, super::measure::given(input.language, value, unit, Some(place)))
        };
        Self { all: values.into_iter().enumerate().map(figure).collect(), source }
    }

    /// The objective of that name.
    pub(super) fn get(&self, name: &str) -> Option<&Figure> {
        self.all.get(name)
    }

    /// The P99 that a load should stay below.
    pub(super) fn p99(&self) -> Option<&Figure> {
        self.get("producer_p99_ms")
    }

    /// The rows of the annex.
    pub(super) fn rows(&self) -> Vec<ObjectiveRow> {
        let row = |(name, value): (&String, &Figure)| ObjectiveRow {
            id: value.evidence.as_ref().map(|e| e.id.clone()).unwrap_or_default(),
            name: name.clone(),
            value: value.clone(),
            source: self.source.clone(),
        };
        self.all.iter().map(row).collect()
    }
}
