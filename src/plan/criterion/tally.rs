//! [`Tally`]: what `always` and `guard` have come to so far. It takes one sample at a time and keeps none, so that a
//! step of days needs no more memory than one of minutes.

use super::{Criterion, Form, messages};
use crate::{
    plan::scope::Scope,
    record::{
        ActionId, Said, Sample, Verdict,
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
    unknown_since: Option<Duration>,
    longest_unknown: Duration,
    unknown_reason: Said,
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
            unknown_since: None,
            longest_unknown: Duration::ZERO,
            unknown_reason: Said::default(),
        })
    }

    /// The watch that it is judged over.
    pub fn watch(&self) -> &ActionId {
        &self.watch
    }

    /// Takes one sample in.
    pub fn push(&mut self, sample: &Sample) {
        let at = sample.at;
        if at < self.ignore_first {
            return;
        }
        self.looks += 1;
        // Until the next look nobody knows either, and a look may come late.
        if let Some(from) = self.unknown_since {
            self.longest_unknown = self.longest_unknown.max(at - from);
        }
        self.span = Some((self.span.map_or(at, |(first, _)| first), at));
        match self.look(sample) {
            Ok(true) => (self.breached_since, self.unknown_since, self.seen) = (None, None, true),
            Ok(false) => {
                (self.unknown_since, self.seen) = (None, true);
                let from = *self.breached_since.get_or_insert(at);
                if at - from >= self.hold {
                    self.breach = Some((from, at));
                }
            }
            Err(reason) => {
                self.unknown += 1;
                let from = *self.unknown_since.get_or_insert(at);
                self.longest_unknown = self.longest_unknown.max(at - from + self.every);
                self.unknown_reason = reason;
            }
        }
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
        let blind = self.unknown_since.is_some() && self.is_blind();
        blind.then(|| {
            let reason = messages::halted_blind(self.longest_unknown, text, &self.unknown_reason);
            (Verdict::Inconclusive, reason)
        })
    }

    fn is_blind(&self) -> bool {
        // Looks come a little early or late; half an interval is never a whole look.
        self.longest_unknown + self.every / 2 >= self.hold.max(self.every * 3)
    }

    /// What it came to.
    pub fn finish(self) -> Judgement {
        let watch = &self.watch;
        let worst = self.worst.as_ref().map(|(_, sides)| (true, sides.clone()));
        let (verdict, reason) = if let Some((from, to)) = self.breach {
            (Verdict::Fail, messages::breached(from, to, to - from + self.every))
        } else if let Some((first, last)) = self.span {
            if !self.seen || self.is_blind() {
                let reason =
                    messages::saw_nothing_for(watch.as_str(), self.longest_unknown, &self.unknown_reason);
                (Verdict::Inconclusive, reason)
            } else if self.unknown * 2 > self.looks {
                let reason =
                    messages::saw_nothing_in(watch.as_str(), self.unknown, self.looks, &self.unknown_reason);
                (Verdict::Inconclusive, reason)
            } else if let Some(from) = self.breached_since {
                let reason = messages::breached_at_end(last - from + self.every, self.hold);
                (Verdict::Inconclusive, reason)
            } else {
                (Verdict::Pass, messages::held(self.looks, last - first))
            }
        } else {
            (Verdict::Inconclusive, messages::no_sample(watch.as_str()))
        };
        self.criterion.judgement(self.index, &self.scope, (verdict, worst, reason))
    }
}
