//! [`Condition`]: what a rate must hold, over the outputs of one probe, which are those of `produce`.

use super::{
    super::{Kind, Output, produce::Produce},
    messages,
};
use crate::{
    expression::{Expression, Known, Names, Outcome, Sides, Unknown, nested},
    record::{Arg, Evidence, Said, Value},
    support::text,
};

/// What a rate must hold.
#[derive(Debug)]
pub(super) struct Condition(Expression);

/// What is wrong with the text of one.
#[derive(Debug, PartialEq)]
pub(super) struct Wrong {
    /// The character of the text.
    pub(super) at: usize,
    pub(super) message: Said,
    pub(super) hint: Said,
}

impl Condition {
    /// Reads a condition whose names are all outputs of `produce`, and which can come out either way.
    pub(super) fn read(text: &str) -> Result<Self, Wrong> {
        let expression = Expression::parse(text).map_err(|(message, at)| Wrong {
            at,
            message: messages::condition_unreadable(message),
            hint: messages::compare_outputs(),
        })?;
        for name in expression.names() {
            let dotted = name.path.join(".");
            if output(&dotted).is_none() {
                let known = Produce::OUTPUTS.iter().map(|output| output.name);
                let behind = format!(".{dotted}");
                let near = text::did_you_mean(&dotted, known.clone())
                    .or_else(|| known.clone().find(|output| output.ends_with(&behind)));
                return Err(Wrong {
                    at: expression.place_of(&name.path),
                    message: messages::no_output(&dotted),
                    hint: near.map_or_else(messages::compare_outputs, messages::did_you_mean),
                });
            }
        }
        if let Some(complaint) = expression.complaints(&known).into_iter().next() {
            let at = expression.place_of(&complaint.path);
            return Err(Wrong { at, message: complaint.message, hint: complaint.hint });
        }
        if let Some((holds, why)) = expression.certain(&known) {
            let message = if holds { messages::never_fails(why) } else { messages::never_holds(why) };
            return Err(Wrong { at: 0, message, hint: messages::compare_outputs() });
        }
        Ok(Self(expression))
    }

    /// Whether it holds over the evidence of one probe; the error is why not, as a sentence.
    pub(super) fn judge(&self, evidence: &Evidence) -> Result<(), Said> {
        let names: Names = match nested(evidence) {
            serde_json::Value::Object(map) => map.into_iter().collect(),
            _ => Names::new(),
        };
        let absent = |path: &[String]| {
            let dotted = path.join(".");
            let Some(Value::Missing(reason)) = evidence.get(&dotted) else { return None };
            Some(messages::not_measured(dotted, reason))
        };
        match self.0.judge(&names, &absent) {
            Ok((Outcome::Flag(true), _)) => Ok(()),
            Ok((Outcome::Flag(false), Some(sides))) => Err(failed(&sides, evidence)),
            Ok((Outcome::Flag(false), None)) => Err(messages::does_not_hold(self.0.text())),
            Ok((other, _)) => Err(messages::not_boolean(format!("{other:?}"))),
            Err(unknown) => Err(match unknown.into_iter().next() {
                Some(Unknown::Absent(why)) => why,
                Some(Unknown::Unanswerable(why)) => messages::not_evaluated(why),
                None => messages::does_not_hold(self.0.text()),
            }),
        }
    }
}

/// The comparison that decided, with the value that was seen.
fn failed(sides: &Sides, evidence: &Evidence) -> Said {
    let shown = |(written, outcome): &(String, Option<Outcome>)| match (evidence.get(written), outcome) {
        (Some(value), _) => value.clone().into(),
        (None, Some(Outcome::Number(number))) => (*number).into(),
        (None, Some(Outcome::Flag(flag))) => Value::Flag(*flag).into(),
        (None, _) => Arg::text(written),
    };
    messages::was(&sides.left.0, shown(&sides.left), shown(&sides.right))
}

fn output(name: &str) -> Option<&'static Output> {
    Produce::OUTPUTS.iter().find(|output| output.name == name)
}

fn known(path: &[String]) -> Known {
    output(&path.join(".")).map_or(Known::Anything, Output::known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Unit;

    #[test]
    fn what_failed_is_said_with_what_was_seen() {
        let mut evidence = Evidence::default();
        evidence
            .put("latency_ms.p99", Value::number(312.456, Unit::Milliseconds))
            .put("latency_ms.p999", Value::missing("no record was delivered".to_owned()))
            .put("saturated", Value::Flag(true))
            .put("errors", Value::count(3));
        for (text, why) in [
            ("latency_ms.p99 < 500 && errors < 10", None),
            ("latency_ms.p99 < 100 && errors == 0", Some("`latency_ms.p99` was 312.46 ms, limit 100")),
            ("errors == 0", Some("`errors` was 3, limit 0")),
            ("!saturated", Some("`!saturated` was no, limit yes")),
            ("latency_ms.p999 < 1", Some("`latency_ms.p999` was not measured: no record was delivered")),
        ] {
            let judged = Condition::read(text).unwrap().judge(&evidence);
            assert_eq!(judged.err().as_deref(), why, "{text}");
        }
    }

    #[test]
    fn a_mistake_is_told_with_its_place_before_anything_runs() {
        for (text, at, message, hint) in [
            ("latency_ms.p99 < 100 ms", 21, "cannot be read", "latency_ms.p99 < 100"),
            ("errors == 0 && latency_ms.p98 < 100", 15, "not an output of a probe", "`latency_ms.p95`?"),
            ("p99 < 100", 0, "not an output of a probe", "`latency_ms.p99`?"),
            ("latency_ms.p99 < 'fast'", 0, "text", ""),
            ("latency_ms.p99", 0, "not a yes or no", "compare"),
            ("errors < 0", 0, "never hold", ""),
        ] {
            let wrong = Condition::read(text).unwrap_err();
            assert!(wrong.message.contains(message) && wrong.hint.contains(hint), "{text}: {wrong:?}");
            assert_eq!(wrong.at, at, "{text}: {wrong:?}");
        }
    }
}
