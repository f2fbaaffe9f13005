//! [`Summary`]: what a watch saw, in a few figures; samples go by and none is kept.

use super::messages;
use crate::plan::scope::{SAMPLES_EMPTY, SAMPLES_WITHOUT};
use crate::record::{Evidence, Measured, OutputName, Said, Sample, Unit, Value};
use std::{collections::BTreeMap, time::Duration};

/// So many looks in a row that saw nothing leave a gap in which anything may have happened.
const GAP: usize = 3;

/// So many different sentences of the samples are kept.
const REMARKS: usize = 12;

/// So much of the samples may be empty: one in ten.
pub(super) const EMPTY: usize = 10;

/// Least, greatest, average and last of every numeric output over the samples, and how many there were. These are
/// missing where a sample of them is unusable (infinite, several series, a text), where a watch saw nothing for three looks
/// in a row, or in more than one of ten, or where the first number came after half of the looks; and so is the last where
/// the last look saw nothing.
#[derive(Debug, Default)]
pub struct Summary {
    samples: usize,
    /// Looks without an answer.
    unanswered: usize,
    /// Looks that saw nothing to judge: those, and answers without a value.
    missed: usize,
    /// The first look that saw nothing.
    first_missed: Option<usize>,
    /// How many looks saw nothing for this reason, and when the first of them was.
    reasons: BTreeMap<Said, (usize, Duration)>,
    outputs: BTreeMap<OutputName, Output>,
    /// What the samples said beside their figures, in the order in which it was first said.
    remarks: Vec<Heard>,
    /// Sentences beyond those that are kept.
    not_kept: usize,
}

/// A sentence of samples: as it was last said, with how many samples said it and when the first one did.
#[derive(Debug)]
struct Heard {
    last: Said,
    count: usize,
    first: Duration,
}

#[derive(Debug, Default)]
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
    /// Looks without a value since the first number.
    missed: usize,
    /// Looks before the first number.
    late: usize,
    /// Whether it is a number at times, or would be one.
    numeric: bool,
    /// Looks that saw something that is none.
    unusable: Option<Unusable>,
    /// Of looks that were answered without a value: how many, when the first was, and why.
    without: Option<(usize, Duration, Said)>,
}

/// Samples that cannot be judged: how many, when the first was, and why.
#[derive(Debug, Clone)]
pub(super) struct Unusable {
    pub(super) count: usize,
    pub(super) first: Duration,
    pub(super) reason: Said,
}

impl Unusable {
    /// One more.
    pub(super) fn count(found: &mut Option<Self>, at: Duration, reason: &Said) {
        found.get_or_insert_with(|| Self { count: 0, first: at, reason: reason.clone() }).count += 1;
    }

    /// The sentence about them.
    pub(super) fn of(&self, samples: usize) -> Said {
        messages::samples_unusable(self.count, samples, self.first, &self.reason)
    }
}

impl Summary {
    /// Adds one sample to the statistics.
    pub fn push(&mut self, sample: &Sample) {
        let index = self.samples;
        self.samples += 1;
        let values = match &sample.seen {
            Ok(evidence) => {
                evidence.remarks.iter().for_each(|remark| self.hear(remark, sample.at));
                Some(&evidence.values)
            }
            Err(reason) => {
                self.unanswered += 1;
                self.first_missed.get_or_insert(index);
                self.reasons.entry(reason.clone()).or_insert((0, sample.at)).0 += 1;
                None
            }
        };
        self.missed += usize::from(!values.is_some_and(is_seen));
        // A gauge that answers and has no value yet is no gap.
        let begun = self.first_missed.map_or(0, |first| index - first);
        for (name, measured) in values.into_iter().flatten() {
            let output = self.outputs.entry(name.clone()).or_default();
            match &measured.value {
                Value::Number(number, unit) => output.take(*number, *unit, (index, begun)),
                value => output.take_other(value, sample.at),
            }
        }
        for (name, output) in &mut self.outputs {
            let seen = values.and_then(|v| v.get(name)).is_some_and(|m| matches!(m.value, Value::Number(..)));
            if !seen && output.count > 0 {
                output.miss();
            }
        }
    }

    /// Takes a sentence of a sample in. The same message with other figures is the same sentence.
    fn hear(&mut self, remark: &Said, at: Duration) {
        let same = |heard: &Heard| match (heard.last.id(), remark.id()) {
            (Some(a), Some(b)) => a == b,
            _ => heard.last == *remark,
        };
        if let Some(at) = self.remarks.iter().position(same) {
            let heard = &mut self.remarks[at];
            heard.count += 1;
            heard.last = remark.clone();
        } else if self.remarks.len() < REMARKS {
            self.remarks.push(Heard { last: remark.clone(), count: 1, first: at });
        } else {
            self.not_kept += 1;
        }
    }

    /// Returns the statistics of all samples as evidence.
    pub fn finish(self) -> Evidence {
        let mut evidence = Evidence::default();
        evidence.put("samples", Value::count(self.samples as u64));
        evidence.put("missed", Value::count(self.missed as u64));
        let has_value = self.outputs.iter().any(|(name, output)| output.numeric && name.as_str() == "value");
        for (name, output) in self.outputs.iter().filter(|(_, output)| output.numeric) {
            // The output `value` is the watch itself: `urp.max`, not `urp.value.max`.
            let prefix = match name.as_str() {
                "value" => String::new(),
                "min" | "max" | "avg" | "last" | "samples" if has_value => continue,
                name => format!("{name}."),
            };
            for (statistic, value) in output.statistics(self.samples) {
                evidence.put_from(format!("{prefix}{statistic}"), value, "samples.csv");
            }
            if let Some((count, first, reason)) = &output.without {
                evidence.remark(messages::samples_without(
                    name.as_str(),
                    *count,
                    self.samples,
                    *first,
                    reason,
                ));
            }
            if let Some(unusable) = &output.unusable {
                evidence.remark(messages::output_unusable(name.as_str(), unusable.of(self.samples)));
            }
        }
        let answered = self.samples - self.unanswered;
        for Heard { last, count, first } in self.remarks {
            evidence.remark(match count == answered {
                true => last,
                false => messages::samples_said(count, self.samples, first, last),
            });
        }
        if self.not_kept > 0 {
            evidence.remark(messages::remarks_not_kept(self.not_kept));
        }
        for (reason, (count, first)) in self.reasons {
            evidence.remark(messages::samples_empty(count, self.samples, first, reason));
        }
        evidence
    }
}

/// Whether a look saw something to judge: the output `value`, where there is one, or any other. What is not up was not
/// looked at.
fn is_seen(values: &BTreeMap<OutputName, Measured>) -> bool {
    if values.get(&"up".into()).is_some_and(|up| up.value == Value::Flag(false)) {
        return false;
    }
    let seen = |measured: &Measured| !matches!(measured.value, Value::Missing(_));
    values.get(&"value".into()).map_or_else(|| values.values().any(seen), seen)
}

impl Output {
    /// Takes a number in. Of the first one it is said how many looks there were before it, and since the first one
    /// that was not answered.
    fn take(&mut self, number: f64, unit: Unit, (before, begun): (usize, usize)) {
        if self.count == 0 {
            self.late = before;
            (self.min, self.max, self.unit, self.numeric) = (number, number, unit, true);
            (self.run, self.gap, self.missed) = (begun, begun, begun);
        }
        self.min = self.min.min(number);
        self.max = self.max.max(number);
        self.sum += number;
        self.count += 1;
        self.last = Some(number);
        self.run = 0;
    }

    /// Takes what is no number.
    fn take_other(&mut self, value: &Value, at: Duration) {
        let begun = self.count > 0;
        match value {
            Value::Missing(reason) if value.is_unusable() && (begun || !value.is_nan()) => {
                self.numeric = true;
                Unusable::count(&mut self.unusable, at, reason);
            }
            Value::Missing(reason) => {
                self.without.get_or_insert((0, at, reason.clone())).0 += 1;
            }
            // Where it is never a number, it is an output of another type.
            value => Unusable::count(&mut self.unusable, at, &messages::not_a_number(value)),
        }
    }

    fn miss(&mut self) {
        self.last = None;
        self.run += 1;
        self.gap = self.gap.max(self.run);
        self.missed += 1;
    }

    fn statistics(&self, samples: usize) -> [(&'static str, Value); 4] {
        let missing = match &self.unusable {
            Some(unusable) => Some(unusable.of(samples)),
            None if self.gap >= GAP => Some(messages::samples_empty_in_a_row(self.gap)),
            None if self.late * 2 > samples => Some(messages::samples_late(self.late, samples)),
            None if self.missed * EMPTY > self.missed + self.count => {
                Some(messages::samples_mostly_empty(self.missed, self.missed + self.count))
            }
            None => None,
        };
        let over_all = |number: f64| match &missing {
            Some(reason) => Value::missing(reason),
            None => Value::number(number, self.unit),
        };
        let last = match (self.last, &self.unusable) {
            (Some(number), _) => Value::number(number, self.unit),
            (None, Some(unusable)) if self.count == 0 => Value::missing(unusable.of(samples)),
            (None, _) => Value::missing(messages::last_sample_empty()),
        };
        #[expect(clippy::cast_precision_loss, reason = "the number of samples is small")]
        let average = self.sum / self.count as f64;
        [("min", over_all(self.min)), ("max", over_all(self.max)), ("avg", over_all(average)), ("last", last)]
    }
}

/// What a reader must know of the samples behind the figures of a watch that have these names: which are not in them.
pub(super) fn not_in(evidence: &Evidence, names: &[String]) -> Vec<Said> {
    let figures = || names.iter().filter(|name| !["samples", "missed"].contains(&name.as_str()));
    let of_output = |remark: &Said| {
        let output = remark.split('`').nth(1).unwrap_or_default();
        figures().any(|figure| match output {
            "value" => !figure.contains('.'),
            output => figure.strip_prefix(output).is_some_and(|rest| rest.starts_with('.')),
        })
    };
    let remarks = evidence.remarks.iter().filter(|remark| {
        remark.is(SAMPLES_EMPTY) && figures().next().is_some()
            || remark.is(SAMPLES_WITHOUT) && of_output(remark)
    });
    remarks.cloned().collect()
}

/// The [`Summary`] of samples that are at hand.
pub fn summarise<'s>(samples: impl IntoIterator<Item = &'s Sample>) -> Evidence {
    let mut summary = Summary::default();
    samples.into_iter().for_each(|sample| summary.push(sample));
    summary.finish()
}
