//! [`Summary`]: what a watch saw, in a few figures; samples go by and none is kept.

use super::messages;
use crate::record::{Evidence, OutputName, Said, Sample, Unit, Value};
use std::collections::BTreeMap;

/// So many looks in a row that saw nothing leave a gap in which anything may have happened.
const GAP: usize = 3;

/// Least, greatest, average and last of every numeric output over the samples, and how many there were. Where a
/// watch saw nothing for three looks in a row, or in more than half of them, these are missing, and so is the last where
/// the last look saw nothing.
#[derive(Debug, Default)]
pub struct Summary {
    samples: usize,
    missed: usize,
    /// The first look that saw nothing.
    first_missed: Option<usize>,
    reasons: BTreeMap<Said, usize>,
    outputs: BTreeMap<OutputName, Output>,
}

#[derive(Debug)]
struct Output {
    unit: Unit,
    min: f64,
    max: f64,
    sum: f64,
    count: usize,
    last: Option<f64>,
    /// Looks in a row without a value, up to now and at most.
    run: usize,
    gap: usize,
    /// Looks without a value.
    missed: usize,
}

impl Summary {
    /// Takes one sample in.
    pub fn push(&mut self, sample: &Sample) {
        let index = self.samples;
        self.samples += 1;
        let values = match &sample.seen {
            Ok(evidence) => Some(&evidence.values),
            Err(reason) => {
                self.missed += 1;
                self.first_missed.get_or_insert(index);
                *self.reasons.entry(reason.clone()).or_default() += 1;
                None
            }
        };
        for (name, measured) in values.into_iter().flatten() {
            let Value::Number(number, unit) = measured.value else { continue };
            // A gauge that answers and has no value yet is no gap.
            let begun = self.first_missed.map_or(0, |first| index - first);
            let output = self.outputs.entry(name.clone()).or_insert_with(|| Output::new(unit, begun));
            output.take(number);
        }
        for (name, output) in &mut self.outputs {
            let seen = values.and_then(|v| v.get(name)).is_some_and(|m| matches!(m.value, Value::Number(..)));
            if !seen {
                output.miss();
            }
        }
    }

    /// The figures.
    pub fn finish(self) -> Evidence {
        let mut evidence = Evidence::default();
        evidence.put("samples", Value::count(self.samples as u64));
        evidence.put("missed", Value::count(self.missed as u64));
        let has_value = self.outputs.keys().any(|n| n.as_str() == "value");
        for (name, output) in &self.outputs {
            // The output `value` is the watch itself: `urp.max`, not `urp.value.max`.
            let prefix = match name.as_str() {
                "value" => String::new(),
                "min" | "max" | "avg" | "last" | "samples" if has_value => continue,
                name => format!("{name}."),
            };
            for (statistic, value) in output.statistics() {
                evidence.put_from(format!("{prefix}{statistic}"), value, "samples.csv");
            }
        }
        for (reason, count) in self.reasons {
            evidence.remark(messages::samples_empty(count, self.samples, reason));
        }
        evidence
    }
}

impl Output {
    fn new(unit: Unit, missed: usize) -> Self {
        let (min, max) = (f64::INFINITY, f64::NEG_INFINITY);
        Self { unit, min, max, sum: 0.0, count: 0, last: None, run: missed, gap: missed, missed }
    }

    fn take(&mut self, number: f64) {
        self.min = self.min.min(number);
        self.max = self.max.max(number);
        self.sum += number;
        self.count += 1;
        self.last = Some(number);
        self.run = 0;
    }

    fn miss(&mut self) {
        self.last = None;
        self.run += 1;
        self.gap = self.gap.max(self.run);
        self.missed += 1;
    }

    fn statistics(&self) -> [(&'static str, Value); 4] {
        let over_all = |number: f64| match (self.gap >= GAP, self.missed > self.count) {
            (true, _) => Value::missing(messages::samples_empty_in_a_row(self.gap)),
            (_, true) => {
                Value::missing(messages::samples_mostly_empty(self.missed, self.missed + self.count))
            }
            _ => Value::number(number, self.unit),
        };
        let last = match self.last {
            Some(number) => Value::number(number, self.unit),
            None => Value::missing(messages::last_sample_empty()),
        };
        #[expect(clippy::cast_precision_loss, reason = "the number of samples is small")]
        let average = self.sum / self.count as f64;
        [("min", over_all(self.min)), ("max", over_all(self.max)), ("avg", over_all(average)), ("last", last)]
    }
}

/// The [`Summary`] of samples that are at hand.
pub fn summarise<'s>(samples: impl IntoIterator<Item = &'s Sample>) -> Evidence {
    let mut summary = Summary::default();
    samples.into_iter().for_each(|sample| summary.push(sample));
    summary.finish()
}
