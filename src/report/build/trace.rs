//! [`Trace`]: from a figure to the artifact or the journal record that it comes from, and how exactly it is shown.

use super::input::RunInput;
use crate::{
    record::{
        ActionId, Artifact, Attempt, Event, Evidence, Said, StepId, Verdict, decimals_of_pair,
        event::Judgement,
        state::{ActionStatus, AttemptStatus, WatchStatus},
    },
    report::{
        language::{Language, Word},
        model::{Figure, Reference},
    },
};
use std::collections::BTreeMap;

/// Where things of a run are in its journal and in the report's annex.
pub(super) struct Trace<'a> {
    pub(super) language: Language,
    folder: &'a str,
    /// Number of the run, where the report is of several.
    number: Option<usize>,
    /// How many artifacts the runs before have.
    before: usize,
    artifacts: BTreeMap<&'a str, (usize, &'a Artifact)>,
    starts: BTreeMap<(StepId, Attempt, &'a ActionId), u64>,
    ends: BTreeMap<(StepId, Attempt, &'a ActionId), u64>,
    step_ends: BTreeMap<(StepId, Attempt), u64>,
    judgements: BTreeMap<(StepId, Attempt, usize), u64>,
    decimals: BTreeMap<(StepId, Attempt, String), usize>,
    /// What criteria compared an output with, and whether they held.
    asked: BTreeMap<(StepId, Attempt, String), Vec<(f64, bool)>>,
    /// Artifacts that are not what was stored any more, and why.
    altered: &'a BTreeMap<String, Said>,
}

/// Where a value stands in a run.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) step: StepId,
    pub(super) attempt: Attempt,
    pub(super) action: &'a ActionId,
    pub(super) evidence: &'a Evidence,
    pub(super) artifacts: &'a [Artifact],
    /// The attempt that did the work.
    pub(super) origin: Attempt,
}

impl<'a> Place<'a> {
    /// The place of an action's values, once it has any.
    pub(super) fn of_action(
        step: StepId,
        attempt: &'a AttemptStatus,
        action: &'a ActionStatus,
    ) -> Option<Self> {
        Some(Self {
            step,
            attempt: attempt.attempt,
            action: &action.action,
            evidence: action.evidence()?,
            artifacts: &action.artifacts,
            origin: action.kept_from.unwrap_or(attempt.attempt),
        })
    }

    /// The place of a watch's values.
    pub(super) fn of_watch(
        step: StepId,
        attempt: &'a AttemptStatus,
        id: &'a ActionId,
        watch: &'a WatchStatus,
    ) -> Self {
        Self {
            step,
            attempt: attempt.attempt,
            action: id,
            evidence: &watch.evidence,
            artifacts: &watch.artifacts,
            origin: watch.kept_from.unwrap_or(attempt.attempt),
        }
    }
}

impl<'a> Trace<'a> {
    /// Of a run; `number` is its place among several, `before` how many artifacts those before it have.
    pub(super) fn new(language: Language, run: &RunInput<'a>, number: Option<usize>, before: usize) -> Self {
        let mut trace = Self {
            language,
            folder: run.run,
            number,
            before,
            artifacts: BTreeMap::new(),
            starts: BTreeMap::new(),
            ends: BTreeMap::new(),
            step_ends: BTreeMap::new(),
            judgements: BTreeMap::new(),
            decimals: BTreeMap::new(),
            asked: BTreeMap::new(),
            altered: &run.kept.altered,
        };
        for record in run.records {
            let seq = record.seq;
            match &record.event {
                Event::ArtifactStored { artifact, .. } => trace.add(artifact),
                Event::SnapshotTaken { artifacts, .. } => artifacts.iter().for_each(|a| trace.add(a)),
                Event::ActionStarted { step, attempt, action, .. } => {
                    trace.starts.insert((*step, *attempt, action), seq);
                }
                Event::ActionFinished { step, attempt, action, .. }
                | Event::ActionUndone { step, attempt, action, .. }
                | Event::ActionKept { step, attempt, action, .. }
                | Event::WatchFinished { step, attempt, watch: action, .. }
                | Event::WatchKept { step, attempt, watch: action, .. } => {
                    trace.ends.entry((*step, *attempt, action)).or_insert(seq);
                }
                Event::StepFinished { step, attempt, .. } | Event::StepStarted { step, attempt } => {
                    trace.step_ends.insert((*step, *attempt), seq);
                }
                Event::CriterionJudged { step, attempt, judgement } => {
                    trace.judgements.insert((*step, *attempt, judgement.index), seq);
                    trace.see(*step, *attempt, judgement);
                }
                _ => {}
            }
        }
        trace
    }

    fn add(&mut self, artifact: &'a Artifact) {
        let next = self.before + self.artifacts.len() + 1;
        self.artifacts.entry(&artifact.path).or_insert((next, artifact));
    }

    /// Keeps how many decimals the sides of a judgement need, so that the same output shows the same way elsewhere.
    fn see(&mut self, step: StepId, attempt: Attempt, judgement: &Judgement) {
        let (Some(observed), Some(limit)) = (&judgement.observed, &judgement.limit) else { return };
        let (Some(a), Some(b)) = (observed.value.as_f64(), limit.value.as_f64()) else { return };
        let (first, second) = decimals_of_pair(a, b);
        for (operand, decimals) in [(observed, first), (limit, second)] {
            let known = self.decimals.entry((step, attempt, operand.text.clone())).or_default();
            *known = decimals.max(*known);
        }
        if matches!(judgement.verdict, Verdict::Pass | Verdict::Fail | Verdict::Warn) {
            let key = (step, attempt, observed.text.clone());
            self.asked.entry(key).or_default().push((b, judgement.verdict == Verdict::Pass));
        }
    }

    /// What criteria compared an output of an action with, and whether they held.
    pub(super) fn asked(&self, place: &Place<'_>, output: &str) -> Vec<(f64, bool)> {
        let key = (place.step, place.attempt, format!("{}.{output}", place.action));
        self.asked.get(&key).cloned().unwrap_or_default()
    }

    /// Every artifact in the order of its name in the report.
    pub(super) fn artifacts(&self) -> Vec<(Reference, &'a Artifact)> {
        let mut all: Vec<_> = self.artifacts.values().copied().collect();
        all.sort_by_key(|(number, _)| *number);
        all.into_iter().filter_map(|(_, a)| Some((self.artifact(&a.path)?, a))).collect()
    }

    /// The artifact at that path.
    pub(super) fn artifact(&self, path: &str) -> Option<Reference> {
        let (number, artifact) = self.artifacts.get(path)?;
        Some(Reference {
            id: format!("E{number}"),
            folder: self.folder.to_owned(),
            artifact: Some(artifact.path.clone()),
            sha256: Some(artifact.sha256.clone()),
            record: None,
        })
    }

    /// The record of that number.
    pub(super) fn record(&self, seq: u64) -> Reference {
        let id = match self.number {
            None => format!("J{seq}"),
            Some(run) => format!("J{run}.{seq}"),
        };
        Reference::record(id, self.folder, seq)
    }

    /// The record that ended an action or a watch.
    pub(super) fn end(&self, step: StepId, attempt: Attempt, action: &ActionId) -> Option<Reference> {
        self.ends.get(&(step, attempt, action)).map(|seq| self.record(*seq))
    }

    /// The record that began an action.
    pub(super) fn start(&self, step: StepId, attempt: Attempt, action: &ActionId) -> Option<Reference> {
        self.starts.get(&(step, attempt, action)).map(|seq| self.record(*seq))
    }

    /// The record that ended an attempt, or began it where it has no end.
    pub(super) fn step_end(&self, step: StepId, attempt: Attempt) -> Option<Reference> {
        self.step_ends.get(&(step, attempt)).map(|seq| self.record(*seq))
    }

    /// The record of a judgement.
    pub(super) fn judgement(&self, step: StepId, attempt: Attempt, index: usize) -> Option<Reference> {
        self.judgements.get(&(step, attempt, index)).map(|seq| self.record(*seq))
    }

    /// One output as shown; none where the action brought no such output.
    pub(super) fn figure(&self, place: &Place<'_>, output: &str) -> Option<Figure> {
        let measured = place.evidence.values.iter().find(|(name, _)| name.as_str() == output)?.1;
        let artifact = measured.from.as_ref().and_then(|name| {
            let suffix = format!("/{name}");
            place.artifacts.iter().find(|a| a.path.ends_with(&suffix)).and_then(|a| self.artifact(&a.path))
        });
        // What is judged of each sample is shown alike in the statistics of the samples.
        let of_samples = match output.rsplit_once('.') {
            Some((output, "min" | "avg" | "max" | "last")) => format!("{}.{output}", place.action),
            None if matches!(output, "min" | "avg" | "max" | "last") => format!("{}.value", place.action),
            _ => String::new(),
        };
        let keys = [format!("{}.{output}", place.action), of_samples];
        let keys = keys.map(|name| (place.step, place.attempt, name));
        let decimals = keys.iter().filter_map(|key| self.decimals.get(key)).copied().max().unwrap_or(0);
        let limits = keys.iter().filter_map(|key| self.asked.get(key)).flatten().map(|(limit, _)| *limit);
        let text = self.language.value_with(&measured.value, decimals);
        // What the artifact says now is not what was measured: nobody could check the figure.
        if let Some(path) = artifact.as_ref().and_then(|a| a.artifact.as_ref())
            && self.altered.contains_key(path)
        {
            let text = self.language.word(Word::WithdrawnFigure).to_owned();
            return Some(Figure { text, evidence: artifact, ..self.missing() });
        }
        let evidence = artifact.or_else(|| self.end(place.step, place.origin, place.action));
        Some(Figure { limits: limits.collect(), ..Figure::new(&measured.value, text, evidence) })
    }

    /// One output as shown, *not measured* where there is none.
    pub(super) fn figure_or_missing(&self, place: &Place<'_>, output: &str) -> Figure {
        self.figure(place, output).unwrap_or_else(|| self.missing())
    }

    /// The figure that nobody measured.
    pub(super) fn missing(&self) -> Figure {
        Figure::missing(self.language)
    }

    /// The two sides of a judgement as shown, in the order of their exact values.
    pub(super) fn sides(&self, judgement: &Judgement, evidence: Option<&Reference>) -> [Option<Figure>; 2] {
        let values = [&judgement.observed, &judgement.limit];
        let mut shown = values
            .into_iter()
            .zip(judgement.sides(self.language))
            .map(|(side, text)| Some(Figure::new(&side.as_ref()?.value, text?, evidence.cloned())));
        [shown.next().flatten(), shown.next().flatten()]
    }
}
