//! [`Criterion`]: one comparison over evidence, and how it is judged. Missing data is never a pass.

use super::{
    cel::{Expression, Outcome, Sides},
    scope::{Found, Scope},
    source::Span,
};
use crate::{
    record::{
        ActionId, Evidence, OutputName, Sample, Severity, Unit, Value, Verdict,
        event::{Judgement, Operand},
    },
    support::text,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// A checked criterion of a step.
#[derive(Debug)]
pub struct Criterion {
    /// What it says.
    pub expression: Expression,
    /// Over what it is judged.
    pub form: Form,
    /// How much its failure weighs.
    pub severity: Severity,
    /// Whether it cannot be waived.
    pub must: bool,
    /// What it comes to when it compares with a previous run and there is none.
    pub first_run: Verdict,
    /// Its place in the step file.
    pub span: Span,
}

/// Over what a criterion is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// Over every sample of a watch.
    Always {
        /// The watch.
        watch: ActionId,
        /// It is breached only when false for that long without a break.
        hold: Duration,
        /// Samples before that do not count.
        ignore_first: Duration,
        /// How often the watch looks.
        every: Duration,
    },
    /// Over the outputs at the end of the step.
    Expect,
}

impl Criterion {
    /// The criterion in words, as shown.
    pub fn text(&self) -> String {
        match &self.form {
            Form::Expect => self.expression.text().to_owned(),
            Form::Always { hold, .. } if hold.is_zero() => format!("always {}", self.expression.text()),
            Form::Always { hold, .. } => {
                format!("always {} (for {})", self.expression.text(), text::duration(*hold))
            }
        }
    }

    /// Judges it. Any error of evaluation is `inconclusive`.
    pub fn judge(&self, index: usize, scope: &Scope) -> Judgement {
        let (verdict, sides, reason) = match &self.form {
            Form::Expect => self.judge_end(scope),
            Form::Always { watch, hold, ignore_first, every } => {
                let samples = scope.samples.get(watch).map_or(&[][..], Vec::as_slice);
                self.judge_samples(scope, watch, samples, *hold, *ignore_first, *every)
            }
        };
        let verdict = match (verdict, self.severity) {
            (Verdict::Fail, Severity::Warn) => Verdict::Warn,
            (verdict, _) => verdict,
        };
        let (observed, limit) = sides.unzip();
        Judgement { index, text: self.text(), severity: self.severity, verdict, observed, limit, reason }
    }

    fn judge_end(&self, scope: &Scope) -> (Verdict, Option<(Operand, Operand)>, String) {
        for name in self.expression.names() {
            let shown = name.path.join(".");
            match scope.find(&name.path) {
                Found::Measured(Value::Missing(reason)) => {
                    return (Verdict::Inconclusive, None, format!("`{shown}` was not measured: {reason}"));
                }
                Found::Nothing(reason) => return (Verdict::Inconclusive, None, reason),
                Found::NoPrevious => {
                    let reason =
                        "there is no earlier run of this step that passed in this environment".to_owned();
                    return (self.first_run, None, reason);
                }
                Found::Measured(_) | Found::Fixed => {}
            }
        }
        let names = scope.names();
        let sides = self.expression.sides(&names).map(|sides| operands(&sides, scope));
        match self.expression.evaluate(&names) {
            Ok(Outcome::Flag(true)) => (Verdict::Pass, sides, "holds".to_owned()),
            Ok(Outcome::Flag(false)) => (Verdict::Fail, sides, "does not hold".to_owned()),
            Ok(other) => (Verdict::Inconclusive, None, format!("its value is neither yes nor no: {other:?}")),
            Err(error) => (Verdict::Inconclusive, None, format!("it cannot be evaluated: {error}")),
        }
    }

    fn judge_samples(
        &self,
        scope: &Scope,
        watch: &ActionId,
        samples: &[Sample],
        hold: Duration,
        ignore_first: Duration,
        every: Duration,
    ) -> (Verdict, Option<(Operand, Operand)>, String) {
        let mut scope = scope.clone();
        let counted: Vec<&Sample> = samples.iter().filter(|s| s.at >= ignore_first).collect();
        let looks: Vec<(Duration, Look)> =
            counted.iter().map(|sample| (sample.at, self.look(&mut scope, watch, sample))).collect();
        let Some((first, last)) = looks.first().zip(looks.last()).map(|(f, l)| (f.0, l.0)) else {
            return (Verdict::Inconclusive, None, format!("`{watch}` brought no sample"));
        };
        let worst = worst(&looks).cloned();
        let (mut since, mut breach, mut unknown_since) = (None, None, None);
        let (mut longest_unknown, mut unknown_reason) = (Duration::ZERO, String::new());
        for (at, look) in &looks {
            match look {
                Look::Holds(_) => (since, unknown_since) = (None, None),
                Look::Breached(_) => {
                    unknown_since = None;
                    let from = *since.get_or_insert(*at);
                    if *at - from >= hold {
                        breach = Some((from, *at));
                    }
                }
                Look::Unknown(reason) => {
                    let from = *unknown_since.get_or_insert(*at);
                    longest_unknown = longest_unknown.max(*at - from + every);
                    unknown_reason.clone_from(reason);
                }
            }
        }
        if let Some((from, to)) = breach {
            let length = text::duration(to - from + every);
            let reason = format!(
                "did not hold from {} to {} of the step ({length})",
                text::duration(from),
                text::duration(to)
            );
            return (Verdict::Fail, worst, reason);
        }
        let all_unknown = looks.iter().all(|(_, look)| matches!(look, Look::Unknown(_)));
        if all_unknown || longest_unknown >= hold.max(every * 3) {
            let reason =
                format!("`{watch}` saw nothing for {}: {unknown_reason}", text::duration(longest_unknown));
            return (Verdict::Inconclusive, worst, reason);
        }
        if let Some(from) = since {
            let reason = format!(
                "did not hold in the last {} and the step ended before {} had passed",
                text::duration(last - from + every),
                text::duration(hold)
            );
            return (Verdict::Inconclusive, worst, reason);
        }
        let span = text::duration(last - first);
        (Verdict::Pass, worst, format!("held in {} over {span}", text::plural(looks.len(), "sample")))
    }

    fn look(&self, scope: &mut Scope, watch: &ActionId, sample: &Sample) -> Look {
        match &sample.seen {
            Err(reason) => return Look::Unknown(reason.clone()),
            Ok(evidence) => scope.evidence.insert(watch.clone(), evidence.clone()),
        };
        match self.judge_end(scope) {
            (Verdict::Pass, sides, _) => Look::Holds(self.shown(scope, sides)),
            (Verdict::Fail, sides, _) => Look::Breached(self.shown(scope, sides)),
            (_, _, reason) => Look::Unknown(reason),
        }
    }

    fn shown(&self, scope: &Scope, sides: Option<(Operand, Operand)>) -> Option<Shown> {
        let wants_small = self.expression.sides(&scope.names())?.wants_small;
        sides.map(|sides| Shown { wants_small, sides })
    }
}

enum Look {
    Breached(Option<Shown>),
    Holds(Option<Shown>),
    Unknown(String),
}

struct Shown {
    wants_small: bool,
    sides: (Operand, Operand),
}

/// The sides of the sample that is nearest to a breach or furthest beyond the limit.
fn worst(looks: &[(Duration, Look)]) -> Option<&(Operand, Operand)> {
    looks
        .iter()
        .filter_map(|(_, look)| match look {
            Look::Breached(shown) | Look::Holds(shown) => shown.as_ref(),
            Look::Unknown(_) => None,
        })
        .filter_map(|shown| {
            let observed = shown.sides.0.value.as_f64()?;
            Some((if shown.wants_small { observed } else { -observed }, shown))
        })
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, shown)| &shown.sides)
}

fn operands(sides: &Sides, scope: &Scope) -> (Operand, Operand) {
    let side = |(written, outcome): &(String, Option<Outcome>)| {
        let path: Vec<String> = written.split('.').map(str::to_owned).collect();
        let value = match (scope.find(&path), outcome) {
            (Found::Measured(value), _) => value,
            (_, Some(Outcome::Number(number))) => {
                Value::number(*number, Unit::of_name(written).unwrap_or(Unit::None))
            }
            (_, Some(Outcome::Flag(flag))) => Value::Flag(*flag),
            (_, Some(Outcome::Text(text))) => Value::Text(text.clone()),
            (_, Some(Outcome::Other(what))) => Value::Missing(format!("a {what}")),
            (_, None) => Value::Missing("it has no value".to_owned()),
        };
        Operand { text: written.clone(), value }
    };
    (side(&sides.left), side(&sides.right))
}

/// So many looks in a row that saw nothing leave a gap in which anything may have happened.
const GAP: usize = 3;

/// Least, greatest, average and last of every numeric output over the samples, and how many there were. Where a
/// watch saw nothing for three looks in a row these are missing, and so is the last where the last look saw nothing.
pub fn summarise(samples: &[Sample]) -> Evidence {
    let mut evidence = Evidence::default();
    evidence.put("samples", Value::count(samples.len() as u64));
    let missed = samples.iter().filter(|s| s.seen.is_err()).count();
    evidence.put("missed", Value::count(missed as u64));
    let names: BTreeSet<&OutputName> = samples
        .iter()
        .filter_map(|s| s.seen.as_ref().ok())
        .flat_map(|seen| seen.values.iter().filter(|(_, m)| m.value.as_f64().is_some()).map(|(name, _)| name))
        .collect();
    let has_value = names.iter().any(|n| n.as_str() == "value");
    for name in names {
        // The output `value` is the watch itself: `urp.max`, not `urp.value.max`.
        let prefix = match name.as_str() {
            "value" => String::new(),
            "min" | "max" | "avg" | "last" | "samples" if has_value => continue,
            name => format!("{name}."),
        };
        for (statistic, value) in statistics(name, samples) {
            evidence.put_from(format!("{prefix}{statistic}"), value, "samples.csv");
        }
    }
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for reason in samples.iter().filter_map(|s| s.seen.as_ref().err()) {
        *reasons.entry(reason).or_default() += 1;
    }
    for (reason, count) in reasons {
        evidence.remark(format!("{count} of {} samples saw nothing: {reason}", samples.len()));
    }
    evidence
}

/// What one output was over the samples.
fn statistics(name: &OutputName, samples: &[Sample]) -> [(&'static str, Value); 4] {
    let looks: Vec<Option<(f64, Unit)>> = samples
        .iter()
        .map(|sample| match sample.seen.as_ref().ok()?.values.get(name)?.value {
            Value::Number(number, unit) => Some((number, unit)),
            _ => None,
        })
        .collect();
    // A gauge that answers and has no value yet is no gap.
    let begun = looks.iter().zip(samples).position(|(look, sample)| look.is_some() || sample.seen.is_err());
    let begun = begun.unwrap_or_default();
    let gap = looks[begun..].split(Option::is_some).map(<[_]>::len).max().unwrap_or_default();
    let values: Vec<f64> = looks.iter().flatten().map(|(number, _)| *number).collect();
    let unit = looks.iter().flatten().map(|(_, unit)| *unit).next().unwrap_or(Unit::None);
    let over_all = |number: f64| match gap >= GAP {
        true => Value::Missing(format!("the watch saw nothing in {gap} looks in a row")),
        false => Value::number(number, unit),
    };
    #[expect(clippy::cast_precision_loss, reason = "the number of samples is small")]
    let average = values.iter().sum::<f64>() / values.len() as f64;
    let last = match looks.last().copied().flatten() {
        Some((number, _)) => Value::number(number, unit),
        None => Value::Missing("the last look saw nothing".to_owned()),
    };
    [
        ("min", over_all(values.iter().copied().fold(f64::INFINITY, f64::min))),
        ("max", over_all(values.iter().copied().fold(f64::NEG_INFINITY, f64::max))),
        ("avg", over_all(average)),
        ("last", last),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn criterion(text: &str, form: Form) -> Criterion {
        Criterion {
            expression: Expression::parse(text).unwrap(),
            form,
            severity: Severity::Critical,
            must: false,
            first_run: Verdict::Inconclusive,
            span: Span::default(),
        }
    }

    fn scope(value: Value) -> Scope {
        let mut evidence = Evidence::default();
        evidence.put("latency_ms.p99", value);
        let mut scope = Scope::default();
        scope.evidence.insert("a".into(), evidence);
        scope.fixed.insert("slo".to_owned(), serde_json::json!({"p99_ms": 100}));
        scope
    }

    #[test]
    fn the_comparison_is_exact_and_keeps_both_sides() {
        let criterion = criterion("a.latency_ms.p99 < slo.p99_ms", Form::Expect);
        for (observed, verdict) in
            [(99.999_999, Verdict::Pass), (100.0, Verdict::Fail), (100.01, Verdict::Fail)]
        {
            let judged = criterion.judge(0, &scope(Value::number(observed, Unit::Milliseconds)));
            assert_eq!(judged.verdict, verdict, "{observed}");
            assert_eq!(judged.observed.unwrap().value, Value::number(observed, Unit::Milliseconds));
            assert_eq!(judged.limit.unwrap().value, Value::number(100.0, Unit::Milliseconds));
        }
    }

    #[test]
    fn bad_data_is_inconclusive_and_never_a_pass() {
        let criterion = criterion("a.latency_ms.p99 < slo.p99_ms", Form::Expect);
        for value in [
            Value::Missing("no data".to_owned()),
            Value::number(f64::NAN, Unit::Milliseconds),
            Value::number(f64::NEG_INFINITY, Unit::Milliseconds),
            Value::text("12"),
            Value::Flag(true),
        ] {
            let judged = criterion.judge(0, &scope(value.clone()));
            assert_eq!(judged.verdict, Verdict::Inconclusive, "{value:?}");
        }
        assert_eq!(criterion.judge(0, &Scope::default()).verdict, Verdict::Inconclusive);
    }

    /// One letter a sample, one sample a second: `.` holds, `x` breached, `?` nothing seen.
    fn watched(pattern: &str, hold: u64) -> Verdict {
        let form = Form::Always {
            watch: "w".into(),
            hold: Duration::from_secs(hold),
            ignore_first: Duration::ZERO,
            every: Duration::from_secs(1),
        };
        let mut scope = Scope::default();
        let samples = pattern
            .chars()
            .zip(0..)
            .map(|(letter, second)| Sample {
                at: Duration::from_secs(second),
                seen: match letter {
                    '?' => Err("no answer".to_owned()),
                    letter => {
                        let mut evidence = Evidence::default();
                        evidence.put("value", Value::count(u64::from(letter == 'x')));
                        Ok(evidence)
                    }
                },
            })
            .collect();
        scope.samples.insert("w".into(), samples);
        criterion("w.value == 0", form).judge(0, &scope).verdict
    }

    #[test]
    fn a_watch_is_breached_only_when_false_for_long_enough() {
        for (pattern, hold, verdict) in [
            ("......", 3, Verdict::Pass),
            ("..x...", 0, Verdict::Fail),
            ("..xx..", 3, Verdict::Pass),
            ("..xxxx..", 3, Verdict::Fail),
            ("..xx?x..", 3, Verdict::Fail),
            ("....xx", 3, Verdict::Inconclusive),
            ("??????", 3, Verdict::Inconclusive),
            ("..???..", 3, Verdict::Inconclusive),
            ("..?...", 3, Verdict::Pass),
            ("", 0, Verdict::Inconclusive),
        ] {
            assert_eq!(watched(pattern, hold), verdict, "{pattern} for {hold}s");
        }
    }

    #[test]
    fn a_gap_in_a_watch_is_no_figure() {
        let samples = |pattern: &str| -> Vec<Sample> {
            pattern
                .chars()
                .map(|letter| Sample {
                    at: Duration::ZERO,
                    seen: match letter {
                        '?' => Err("no answer".to_owned()),
                        letter => {
                            let digit = letter.to_digit(10).map_or(f64::NAN, f64::from);
                            let mut evidence = Evidence::default();
                            evidence.put("value", Value::number(digit, Unit::Count));
                            Ok(evidence)
                        }
                    },
                })
                .collect()
        };
        for (pattern, max, last) in [
            ("1234", Some(4.0), Some(4.0)),
            ("12??4", Some(4.0), Some(4.0)),
            ("12???4", None, Some(4.0)),
            ("124?", Some(4.0), None),
            ("12????", None, None),
            ("????12", None, Some(2.0)),
            ("nnnn12", Some(2.0), Some(2.0)),
        ] {
            let summary = summarise(&samples(pattern));
            assert_eq!(summary.get("max").unwrap().as_f64(), max, "{pattern}");
            assert_eq!(summary.get("last").unwrap().as_f64(), last, "{pattern}");
        }
    }

    #[test]
    fn a_watch_of_one_value_is_summed_up_under_its_own_name() {
        let samples: Vec<Sample> = [1.0, 3.0]
            .into_iter()
            .map(|v| {
                let mut evidence = Evidence::default();
                evidence.put("value", Value::number(v, Unit::None));
                Sample { at: Duration::ZERO, seen: Ok(evidence) }
            })
            .collect();
        let summary = summarise(&samples);
        assert_eq!(summary.get("max").unwrap().as_f64(), Some(3.0));
        assert_eq!(summary.get("avg").unwrap().as_f64(), Some(2.0));
        assert_eq!(summary.get("samples").unwrap().as_f64(), Some(2.0));
    }
}
