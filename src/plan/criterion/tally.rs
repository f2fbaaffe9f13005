//! [`Tally`]: what `always` and `guard` have come to so far. It takes one sample at a time and keeps none, so that a
//! step of days needs no more memory than one of minutes.

use super::{
    Criterion, Form, messages,
    summary::{EMPTY, Unusable},
};
use crate::{
    plan::scope::Scope,
    record::{
        ActionId, Said, Sample, Value, Verdict,
        event::{Judgement, Operand},
    },
};
use std::time::Duration;

/// A criterion over the samples of a watch, while it looks.
#[derive(Debug)]
pub struct Tally {
    criterion: Criterion,
    index: usize,
    scope: Scope,
    watch: ActionId,
    hold: Duration,
    ignore_first: Duration,
    every: Duration,
    guard: bool,
    looks: usize,
    /// How many of them saw nothing.
    unknown: usize,
    /// When the first and the last look that count were taken.
    span: Option<(Duration, Duration)>,
    seen: bool,
    worst: Option<(f64, (Operand, Operand))>,
    breached_since: Option<Duration>,
    breach: Option<(Duration, Duration)>,
    /// How many looks saw it breached.
    breached: usize,
    /// Since when no look saw it hold, and whether one of them saw it breached.
    not_held_since: Option<(Duration, bool)>,
    /// How long it may have been breached, where looks that saw nothing leave open whether that was long enough.
    doubt: Option<Duration>,
    unknown_since: Option<Duration>,
    longest_unknown: Duration,
    unknown_reason: Said,
    /// Looks that saw something that cannot be judged.
    unusable: Option<Unusable>,
}

impl Tally {
    /// The tally of a criterion over a watch; `None` for one that is judged at the end. `scope` is what is known when
    /// the step begins.
    pub fn new(criterion: &Criterion, index: usize, scope: &Scope) -> Option<Self> {
        let Form::Always { watch, hold, ignore_first, every, guard } = criterion.form.clone() else {
            return None;
        };
        Some(Self {
            scope: scope.narrowed(&criterion.expression),
            criterion: criterion.clone(),
            index,
            watch,
            hold,
            ignore_first,
            every,
            guard,
            looks: 0,
            unknown: 0,
            span: None,
            seen: false,
            worst: None,
            breached_since: None,
            breach: None,
            breached: 0,
            not_held_since: None,
            doubt: None,
            unknown_since: None,
            longest_unknown: Duration::ZERO,
            unknown_reason: Said::default(),
            unusable: None,
        })
    }

    /// The watch that it is judged over.
    pub fn watch(&self) -> &ActionId {
        &self.watch
    }

    /// Adds one sample to the tally.
    pub fn push(&mut self, sample: &Sample) {
        let at = sample.at;
        if at < self.ignore_first {
            return;
        }
        self.looks += 1;
        // Until the next sample it is unknown too, and a sample may come late.
        if let Some(from) = self.unknown_since {
            self.longest_unknown = self.longest_unknown.max(at - from);
        }
        self.span = Some((self.span.map_or(at, |(first, _)| first), at));
        match self.look(sample) {
            Ok(true) => {
                (self.breached_since, self.not_held_since) = (None, None);
                (self.unknown_since, self.seen) = (None, true);
                return;
            }
            Ok(false) => {
                (self.unknown_since, self.seen) = (None, true);
                self.breached += 1;
                self.not_held_since.get_or_insert((at, true)).1 = true;
                let from = *self.breached_since.get_or_insert(at);
                if at - from >= self.hold {
                    self.breach = Some((from, at));
                }
            }
            Err(reason) => {
                self.unknown += 1;
                let from = *self.unknown_since.get_or_insert(at);
                self.longest_unknown = self.longest_unknown.max(at - from + self.every);
                // What cannot be judged may be a breach.
                let unusable = self.is_unusable(sample);
                if unusable {
                    Unusable::count(&mut self.unusable, at, &reason);
                }
                self.unknown_reason = reason;
                self.not_held_since.get_or_insert((at, false)).1 |= unusable;
            }
        }
        if let Some((from, true)) = self.not_held_since
            && at - from >= self.hold
        {
            self.doubt = self.doubt.max(Some(at - from));
        }
    }

    /// Whether a look in which it could not be told whether it holds saw something, and not just nothing: a value that is
    /// none, or one that does not fit the comparison. A gauge is NaN until it has something to measure.
    fn is_unusable(&self, sample: &Sample) -> bool {
        let Ok(evidence) = &sample.seen else { return false };
        let names = self.criterion.expression.names().iter();
        let of_watch = names.filter(|name| name.path[0] == self.watch.as_str());
        let values = of_watch.map(|name| evidence.get(&name.path[1..].join(".")));
        let lacking: Vec<Option<&Value>> =
            values.filter(|value| value.is_none_or(|value| matches!(value, Value::Missing(_)))).collect();
        let unusable = |value: &&Value| value.is_unusable() && (self.seen || !value.is_nan());
        lacking.is_empty() || lacking.iter().flatten().any(unusable)
    }

    /// Whether it holds in one sample, or why that cannot be told.
    fn look(&mut self, sample: &Sample) -> Result<bool, Said> {
        let evidence = sample.seen.clone()?;
        self.scope.evidence.insert(self.watch.clone(), evidence);
        let (verdict, sides, reason) = self.criterion.compare(&self.scope);
        let holds = match verdict {
            Verdict::Pass => true,
            Verdict::Fail => false,
            _ => return Err(reason),
        };
        if let Some((wants_small, sides)) = sides
            && let Some(observed) = sides.0.value.as_f64()
        {
            let distance = if wants_small { observed } else { -observed };
            if self.worst.as_ref().is_none_or(|(worst, _)| distance >= *worst) {
                self.worst = Some((distance, sides));
            }
        }
        Ok(holds)
    }

    /// Why the step must stop now, where this is a guard: breached, or blind for longer than it may be.
    pub fn stops(&self) -> Option<(Verdict, Said)> {
        if !self.guard {
            return None;
        }
        let text = self.criterion.text();
        if self.breach.is_some() {
            return Some((Verdict::Fail, messages::halted(text)));
        }
        let blind = self.unknown_since.is_some() && self.is_blind(self.hold);
        blind.then(|| {
            let reason = messages::halted_blind(self.longest_unknown, text, &self.unknown_reason);
            (Verdict::Inconclusive, reason)
        })
    }

    /// Whether it saw nothing for so long that it may have been breached for `hold`.
    fn is_blind(&self, hold: Duration) -> bool {
        // Looks come a little early or late; half an interval is never a whole look.
        self.longest_unknown + self.every / 2 >= hold.max(self.every * 3)
    }

    /// Returns the judgement over all samples.
    pub fn finish(self) -> Judgement {
        let worst = self.worst.as_ref().map(|(_, sides)| (true, sides.clone()));
        let (verdict, reason) = match (self.breach, self.span) {
            (Some((from, to)), _) => (Verdict::Fail, messages::breached(from, to, to - from + self.every)),
            (None, None) => (Verdict::Inconclusive, messages::no_sample(self.watch.as_str())),
            (None, Some((first, last))) => match self.open(first, last) {
                Some(reason) => (Verdict::Inconclusive, reason),
                None => (Verdict::Pass, self.held(last - first)),
            },
        };
        self.criterion.judgement(self.index, &self.scope, (verdict, worst, reason))
    }

    /// Why looks from `first` to `last` that saw no breach do not say that there was none.
    fn open(&self, first: Duration, last: Duration) -> Option<Said> {
        let watch = self.watch.as_str();
        let span = last - first;
        // Nothing is breached for longer than it was looked at, and what goes on at the end may have gone on.
        let cut_short = span < self.hold || self.unknown_since.is_some();
        let hold = if cut_short { Duration::ZERO } else { self.hold };
        if !self.seen || self.is_blind(hold) {
            Some(messages::saw_nothing_for(watch, self.longest_unknown, &self.unknown_reason))
        } else if let (Some(unusable), Some(_)) = (&self.unusable, self.doubt) {
            Some(messages::seen_unusable(watch, unusable.of(self.looks)))
        } else if self.unknown * if self.hold.is_zero() { EMPTY } else { 2 } > self.looks {
            Some(messages::saw_nothing_in(watch, self.unknown, self.looks, &self.unknown_reason))
        } else if let Some(from) = self.breached_since {
            Some(messages::breached_at_end(last - from + self.every, self.hold))
        } else if let Some(length) = self.doubt {
            Some(messages::breached_or_unseen(watch, length, &self.unknown_reason))
        } else if self.breached > 0 && span < self.hold {
            Some(messages::breached_in_short_step(self.breached, self.looks, span, self.hold))
        } else {
            None
        }
    }

    /// How it held over `span`.
    fn held(&self, span: Duration) -> Said {
        let not_held = self.breached + self.unknown;
        if not_held == 0 {
            return messages::held(self.looks, span);
        }
        let breached = (self.breached > 0).then(|| messages::breached_briefly(self.breached, self.hold));
        let unknown = (self.unknown > 0).then(|| messages::samples_mostly_empty(self.unknown, self.looks));
        let held = messages::held_in_part(self.looks - not_held, self.looks, span);
        Said::all([Some(held), breached, unknown].into_iter().flatten())
    }
}
