//! [`Criterion`]: one comparison over evidence, and how it is judged. Missing data is never a pass.

pub(crate) mod messages;
mod summary;
mod tally;
#[cfg(test)]
mod tests;

pub use summary::{Summary, summarise};
pub use tally::Tally;

use super::{
    scope::{Change, Found, Lack, OTHER_RUNS, Scope},
    source::Span,
};
use crate::{
    expression::{Changed, Expression, Outcome, Sides},
    record::{
        ActionId, Arg, Said, Severity, Unit, Value, Verdict,
        event::{CriterionOutline, Judgement, Operand},
    },
    support::text,
};
use std::{sync::Arc, time::Duration};

/// A checked criterion of a step.
#[derive(Debug, Clone)]
pub struct Criterion {
    /// The expression that must be true.
    pub expression: Arc<Expression>,
    /// Over what it is judged.
    pub form: Form,
    /// How much its failure weighs.
    pub severity: Severity,
    /// Whether it cannot be waived.
    pub must: bool,
    /// What it comes to when it compares with a previous run and there is none.
    pub first_run: Verdict,
    /// What it comes to when the noise of a comparison leaves both open.
    pub undecided: Verdict,
    /// Its place in the step file.
    pub span: Span,
}

/// Over what a criterion is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// Over every sample of a watch.
    Always {
        /// Name of the watch in the step whose samples are judged.
        watch: ActionId,
        /// It is breached only when false for that long without a break.
        hold: Duration,
        /// Samples before that do not count.
        ignore_first: Duration,
        /// How often the watch looks.
        every: Duration,
        /// Whether a breach, or a watch that sees nothing any more, stops the step at once.
        guard: bool,
    },
    /// Over the outputs at the end of the step.
    Expect,
}

/// A verdict, both sides of the comparison that decided (and whether it asks for a small left one), and why.
type Judged = (Verdict, Option<(bool, (Operand, Operand))>, Said);

impl Criterion {
    /// The criterion in words, as shown.
    pub fn text(&self) -> String {
        match &self.form {
            Form::Expect => self.expression.text().to_owned(),
            Form::Always { hold, guard, .. } => {
                let form = if *guard { "guard" } else { "always" };
                let hold =
                    if hold.is_zero() { String::new() } else { format!(" (for {})", text::duration(*hold)) };
                format!("{form} {}{hold}", self.expression.text())
            }
        }
    }

    /// The criterion as records have it.
    pub(super) fn outline(&self) -> CriterionOutline {
        CriterionOutline {
            text: self.text(),
            severity: self.severity,
            must: self.must,
            guard: matches!(self.form, Form::Always { guard: true, .. }),
        }
    }

    /// Judges what `expect` says. Any error of evaluation is `inconclusive`. What is judged over the samples of a
    /// watch has a [`Tally`].
    pub fn judge(&self, index: usize, scope: &Scope) -> Judgement {
        self.judgement(index, scope, self.compare(scope))
    }

    fn judgement(&self, index: usize, scope: &Scope, (verdict, sides, reason): Judged) -> Judgement {
        let reason = match self.compared(scope) {
            Some(with) => messages::compared_with(reason, with),
            None => reason,
        };
        let (verdict, reason) = match (verdict, self.severity) {
            (Verdict::Fail, Severity::Warn) => (Verdict::Warn, reason),
            // Its failing would not have stopped anything either.
            (Verdict::Inconclusive, Severity::Warn) => (Verdict::Warn, messages::not_judged(reason)),
            (verdict, _) => (verdict, reason),
        };
        let (observed, limit) = sides.map(|(_, sides)| sides).unzip();
        Judgement { index, text: self.text(), severity: self.severity, verdict, observed, limit, reason }
    }

    /// Which samples are not in the figures of watches that it names.
    fn not_in_figures(&self, scope: &Scope) -> Vec<Said> {
        if self.form != Form::Expect {
            return Vec::new();
        }
        let of_root = |root: String| {
            let evidence = scope.evidence.get(&ActionId::from(root.as_str()))?;
            let of_watch = self.expression.names().iter().filter(|name| name.path[0] == root);
            let figures: Vec<String> = of_watch.map(|name| name.path[1..].join(".")).collect();
            let told = summary::not_in(evidence, &figures);
            Some(told.into_iter().map(move |said| messages::seen_unusable(&root, said)))
        };
        self.expression.roots().into_iter().filter_map(of_root).flatten().collect()
    }

    /// The other runs that it compares with.
    fn compared(&self, scope: &Scope) -> Option<Said> {
        let (roots, changes) = (self.expression.roots(), self.expression.changes());
        let shown = OTHER_RUNS
            .iter()
            .filter(|name| roots.contains(**name) || changes.iter().any(|change| change.run == **name))
            .filter_map(|name| scope.other(name))
            .map(|other| match other.note.as_str() {
                "" => messages::run(&other.run),
                note => messages::run_with_note(&other.run, note),
            });
        shown.reduce(messages::two_runs)
    }

    fn compare(&self, scope: &Scope) -> Judged {
        match scope.judge(&self.expression) {
            Ok((Outcome::Flag(holds), sides)) => {
                let sides = sides.map(|sides| (sides.wants_small, operands(&sides, scope)));
                let changes = known(&self.expression, scope);
                let ends = if changes.is_empty() { Ok(Vec::new()) } else { scope.at_ends(&self.expression) };
                let decided = match ends {
                    Ok(ends) => ends.iter().all(|outcome| *outcome == Outcome::Flag(holds)),
                    Err(Lack::Nothing(reason) | Lack::NoOther(reason)) => {
                        return (Verdict::Inconclusive, sides, reason);
                    }
                };
                let (verdict, word) = match (decided, holds) {
                    (false, _) => (self.undecided, messages::not_decided()),
                    (true, true) => (Verdict::Pass, messages::holds()),
                    (true, false) => (Verdict::Fail, messages::does_not_hold()),
                };
                let reason = with_changes(word, decided, &changes);
                (verdict, sides, Said::all(std::iter::once(reason).chain(self.not_in_figures(scope))))
            }
            Ok((other, _)) => (Verdict::Inconclusive, None, messages::not_yes_or_no(format!("{other:?}"))),
            Err(Lack::NoOther(reason)) => match scope.lack_beside_another_run(&self.expression) {
                Some(Lack::Nothing(reason)) => (Verdict::Inconclusive, None, reason),
                _ => (self.first_run, None, reason),
            },
            Err(Lack::Nothing(reason)) => (Verdict::Inconclusive, None, reason),
        }
    }
}

/// What is known of the changes that an expression names.
fn known<'s>(expression: &Expression, scope: &'s Scope) -> Vec<(Changed, &'s Change)> {
    let known = |changed: Changed| {
        let change = scope.changes.get(&changed)?.as_ref().ok()?;
        Some((changed, change))
    };
    expression.changes().into_iter().filter_map(known).collect()
}

/// Why it came to that, with each change, its interval, and what else differs.
fn with_changes(word: Said, decided: bool, changes: &[(Changed, &Change)]) -> Said {
    let mut parts = vec![word];
    for (changed, change) in changes {
        let name = changed.path.join(".");
        let [percent, low, high] =
            [change.percent, change.low, change.high].map(|percent| Arg::signed_percent(percent, 1));
        parts.push(match change.is_detectable() {
            true => messages::changed(name, percent, low, high),
            false => messages::changed_undetectably(name, percent, low, high),
        });
    }
    if !decided {
        parts.push(messages::both_sides());
    }
    let mut differs: Vec<&Said> = changes.iter().map(|(_, c)| &c.differs).collect();
    differs.retain(|differs| !differs.is_empty());
    differs.dedup();
    if !differs.is_empty() {
        parts.push(messages::also_differs(Arg::list(differs)));
    }
    Said::all(parts)
}

fn operands(sides: &Sides, scope: &Scope) -> (Operand, Operand) {
    let side = |(written, outcome): &(String, Option<Outcome>)| {
        let path: Vec<String> = written.split('.').map(str::to_owned).collect();
        let changed = scope.changes.keys().any(|changed| changed.to_string() == *written);
        let value = match (scope.find(&path), outcome) {
            (Found::Measured(value), _) => value,
            (_, Some(Outcome::Number(percent))) if changed => Value::number(*percent, Unit::Percent),
            (_, Some(Outcome::Number(number))) => {
                Value::number(*number, Unit::of_path(written.split('.')).unwrap_or(Unit::None))
            }
            (_, Some(Outcome::Flag(flag))) => Value::Flag(*flag),
            (_, Some(Outcome::Text(text))) => Value::text(Said::verbatim(text)),
            (_, Some(Outcome::Other(what))) => Value::missing(messages::of_another_type(what.to_string())),
            (_, None) => Value::missing(messages::no_value()),
        };
        Operand { text: written.clone(), value }
    };
    (side(&sides.left), side(&sides.right))
}
