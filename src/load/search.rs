//! [`Search`]: looks for the highest rate that holds. It only says which rate to try next; whoever asks runs the load.
//!
//! It doubles from the lowest rate until one does not hold, halves the gap (by ratio) until it is as narrow as asked,
//! and tries the highest rate that held again. A rate that does not hold is tried a second time before it counts, so
//! that one hiccup far below the limit does not end the search there. A rate that does not hold when it is confirmed
//! held by luck: the search goes down one step, then two, then four, and what holds there must hold as often. So noise
//! makes the interval wider and the answer lower, never higher, and every search ends: each failure lowers the upper
//! end, and below the lowest rate there is none.

use std::collections::BTreeSet;

/// Where to look, and how closely.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The lowest rate of interest, in records per second; 1 or more. It is tried first.
    pub from: u64,
    /// The highest rate of interest, in records per second.
    pub to: Option<u64>,
    /// How far apart the two ends of the answer may be, as a share of the lower one.
    pub precision: f64,
    /// How often the answer must hold again.
    pub confirmations: u32,
    /// Whether a rate that does not hold is tried once more before it counts as one that does not.
    pub second_try: bool,
    /// It gives up after so many tries.
    pub most_probes: u32,
}

/// The purpose of a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// To see whether a rate that did not hold does not hold again.
    Again,
    /// To find a rate that does not hold.
    Bracket,
    /// To narrow the gap between the rate that held and the one that did not.
    Narrow,
    /// To see whether the answer holds again.
    Confirm,
}

/// The next act of a search: a probe, or its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Try this rate and [`Search::tell`].
    Probe(u64, Phase),
    /// There is no more to try.
    Done(End),
}

/// The result of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// A rate held as often as asked, and one above it did not.
    Found,
    /// The highest rate of interest held as often as asked: the limit is above it.
    AtLeast,
    /// Not even the lowest rate held.
    Nothing,
    /// The limit of probes was reached before the answer was confirmed.
    TooManyProbes,
}

/// The state of a search for the highest rate that holds.
#[derive(Debug, Clone)]
pub struct Search {
    bounds: Bounds,
    held: BTreeSet<u64>,
    upper: Option<u64>,
    /// The rate that did not hold and is tried once more.
    doubted: Option<u64>,
    /// The rate below one that did not hold again.
    candidate: Option<u64>,
    /// How often the rate that is confirmed held again.
    confirmed: u32,
    /// How often a rate did not hold again.
    falls: u32,
    probes: u32,
}

impl Phase {
    /// Its name in `probes.csv`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Again => "again",
            Self::Bracket => "bracket",
            Self::Narrow => "narrow",
            Self::Confirm => "confirm",
        }
    }
}

impl Bounds {
    /// How many probes a search takes, about, where the highest rate is known.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "some dozen"
    )]
    pub fn probes(&self) -> Option<u32> {
        let doublings = (self.to? as f64 / self.from.max(1) as f64).max(1.0).log2().ceil();
        let halvings = (2_f64.ln() / self.precision.ln_1p()).log2().ceil().max(0.0);
        let tries = (1.0 + doublings + halvings) * if self.second_try { 1.5 } else { 1.0 };
        Some((tries.ceil() as u32 + self.confirmations).min(self.most_probes))
    }
}

impl Search {
    /// A search that has tried nothing.
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            held: BTreeSet::new(),
            upper: None,
            doubted: None,
            candidate: None,
            confirmed: 0,
            falls: 0,
            probes: 0,
        }
    }

    /// The highest rate that held and that nothing contradicts: no rate at or below it failed, and none that is gone down
    /// from lies between.
    pub fn lower(&self) -> Option<u64> {
        let most = self.candidate.map_or(u64::MAX, |candidate| candidate + 1);
        self.held.range(..self.upper.unwrap_or(u64::MAX).min(most)).next_back().copied()
    }

    /// The lowest rate that did not hold.
    pub fn upper(&self) -> Option<u64> {
        self.upper
    }

    /// How often the rate that is confirmed held again.
    pub fn confirmed(&self) -> u32 {
        self.confirmed
    }

    /// How often a rate that had held did not hold again.
    pub fn falls(&self) -> u32 {
        self.falls
    }

    /// Returns the next probe, or the end of the search.
    pub fn next(&self) -> Next {
        let next = self.wish();
        match next {
            Next::Probe(..) if self.probes >= self.bounds.most_probes => Next::Done(End::TooManyProbes),
            next => next,
        }
    }

    fn wish(&self) -> Next {
        if let Some(doubted) = self.doubted {
            return Next::Probe(doubted, Phase::Again);
        }
        if let Some(candidate) = self.candidate {
            return self.confirm(candidate);
        }
        match (self.lower(), self.upper) {
            (None, None) => Next::Probe(self.bounds.from, Phase::Bracket),
            (None, Some(_)) => Next::Done(End::Nothing),
            (Some(lower), None) => match self.bounds.to {
                Some(to) if lower >= to => self.confirm(lower),
                to => {
                    let twice = lower.saturating_mul(2).min(to.unwrap_or(u64::MAX));
                    Next::Probe(twice, Phase::Bracket)
                }
            },
            (Some(lower), Some(upper)) if upper - lower <= self.step(lower) => self.confirm(lower),
            (Some(lower), Some(upper)) => Next::Probe(self.middle(lower, upper), Phase::Narrow),
        }
    }

    fn confirm(&self, rate: u64) -> Next {
        if self.confirmed < self.bounds.confirmations {
            return Next::Probe(rate, Phase::Confirm);
        }
        match self.upper {
            Some(_) => Next::Done(End::Found),
            None => Next::Done(End::AtLeast),
        }
    }

    /// Takes in what became of a rate that [`Search::next`] asked for.
    pub fn tell(&mut self, rate: u64, held: bool) {
        let Next::Probe(_, phase) = self.wish() else { return };
        self.probes += 1;
        self.doubted = None;
        match (held, phase) {
            (true, Phase::Confirm) => {
                self.held.insert(rate);
                self.confirmed += 1;
            }
            (true, _) => {
                self.held.insert(rate);
                self.confirmed = 0;
            }
            (false, Phase::Confirm) => {
                self.fail(rate);
                let steps = 1_u32 << self.falls.min(20);
                self.falls += 1;
                self.candidate = (rate > self.bounds.from).then(|| self.down(rate, steps));
            }
            (false, Phase::Bracket | Phase::Narrow) if self.bounds.second_try => self.doubted = Some(rate),
            (false, _) => self.fail(rate),
        }
    }

    fn fail(&mut self, rate: u64) {
        self.upper = Some(self.upper.map_or(rate, |upper| upper.min(rate)));
        self.confirmed = 0;
    }

    /// How far above a rate the next one may be that did not hold.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a rate is far below 2^53"
    )]
    fn step(&self, rate: u64) -> u64 {
        ((rate as f64 * self.bounds.precision) as u64).max(1)
    }

    /// So many steps below a rate, the lowest one at least.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a rate is far below 2^53"
    )]
    fn down(&self, rate: u64, steps: u32) -> u64 {
        let below = rate as f64 / (1.0 + self.bounds.precision).powf(f64::from(steps));
        round(below as u64, self.bounds.from, rate - 1, self.bounds.precision)
    }

    /// Between two rates, as far by ratio from the one as from the other.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a rate is far below 2^53"
    )]
    fn middle(&self, lower: u64, upper: u64) -> u64 {
        let middle = (lower as f64 * upper as f64).sqrt() as u64;
        round(middle, lower + 1, upper - 1, self.bounds.precision)
    }
}

/// The rate with three digits where the precision allows it, as people write rates; from `least` to `most`.
#[expect(clippy::cast_precision_loss, reason = "a rate is far below 2^53")]
fn round(rate: u64, least: u64, most: u64, precision: f64) -> u64 {
    let mut unit = 1;
    while rate / unit >= 1000 {
        unit *= 10;
    }
    let rounded = (rate + unit / 2) / unit * unit;
    let close = (rounded as f64 / rate.max(1) as f64 - 1.0).abs() < precision / 4.0;
    let chosen = if close && (least..=most).contains(&rounded) { rounded } else { rate };
    chosen.clamp(least, most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    const BOUNDS: Bounds =
        Bounds { from: 100, to: None, precision: 0.05, confirmations: 2, second_try: false, most_probes: 60 };
    const TWICE: Bounds = Bounds { second_try: true, ..BOUNDS };

    /// What a search over an oracle comes to, and everything that it tried.
    fn run(bounds: Bounds, mut holds: impl FnMut(u64) -> bool) -> (End, Search, Vec<(u64, Phase, bool)>) {
        let mut search = Search::new(bounds);
        let mut tried = Vec::new();
        loop {
            match search.next() {
                Next::Done(end) => return (end, search, tried),
                Next::Probe(rate, phase) => {
                    let held = holds(rate);
                    tried.push((rate, phase, held));
                    search.tell(rate, held);
                }
            }
        }
    }

    #[test]
    fn the_limit_lies_between_the_two_ends_whatever_it_is() {
        for limit in [100, 101, 199, 200, 201, 1000, 12_345, 99_999, 3_000_000] {
            for precision in [0.01, 0.05, 0.2] {
                let (end, search, tried) = run(Bounds { precision, ..BOUNDS }, |rate| rate <= limit);
                let (lower, upper) = (search.lower().unwrap(), search.upper().unwrap());
                assert_eq!(end, End::Found, "{limit}");
                assert!(lower <= limit && limit < upper, "{lower} {limit} {upper}");
                assert!(upper - lower <= 1.max((lower as f64 * precision) as u64), "{lower} {limit} {upper}");
                assert_eq!(search.confirmed(), 2);
                assert!(tried.len() < 30, "{tried:?}");
            }
        }
    }

    #[test]
    fn the_order_is_that_of_an_operator_who_goes_up_carefully() {
        let (_, _, tried) = run(BOUNDS, |rate| rate <= 500);
        assert_eq!(
            tried,
            [
                (100, Phase::Bracket, true),
                (200, Phase::Bracket, true),
                (400, Phase::Bracket, true),
                (800, Phase::Bracket, false),
                (565, Phase::Narrow, false),
                (475, Phase::Narrow, true),
                (518, Phase::Narrow, false),
                (496, Phase::Narrow, true),
                (496, Phase::Confirm, true),
                (496, Phase::Confirm, true),
            ]
        );
        assert!(BOUNDS.probes().is_none());
        assert_eq!(Bounds { to: Some(800), ..BOUNDS }.probes(), Some(10));
    }

    #[test]
    fn what_lies_outside_the_bounds_is_said() {
        let (end, search, tried) = run(BOUNDS, |_| false);
        assert_eq!((end, search.lower(), search.upper()), (End::Nothing, None, Some(100)));
        assert_eq!(tried.len(), 1);
        let (end, search, tried) = run(Bounds { to: Some(1000), ..BOUNDS }, |_| true);
        assert_eq!((end, search.lower(), search.upper()), (End::AtLeast, Some(1000), None));
        let rates: Vec<u64> = tried.iter().map(|t| t.0).collect();
        assert_eq!(rates, [100, 200, 400, 800, 1000, 1000, 1000]);
        let (end, search, _) = run(Bounds { most_probes: 5, ..BOUNDS }, |_| true);
        assert_eq!((end, search.lower(), search.upper()), (End::TooManyProbes, Some(1600), None));
    }

    #[test]
    fn a_single_rate_is_a_search_too() {
        let one = Bounds { to: Some(100), ..BOUNDS };
        assert_eq!(run(one, |_| true).0, End::AtLeast);
        assert_eq!(run(one, |_| false).0, End::Nothing);
        let unconfirmed = Bounds { confirmations: 0, ..one };
        let (end, _, tried) = run(unconfirmed, |_| true);
        assert_eq!((end, tried.len()), (End::AtLeast, 1));
    }

    #[test]
    fn what_does_not_hold_again_is_gone_down_from() {
        let mut asked = 0;
        // The rate found first holds once; one step below it holds as often as asked.
        let (end, search, tried) = run(BOUNDS, |rate| {
            asked += u32::from(rate == 496);
            rate <= 500 && !(rate == 496 && asked > 1)
        });
        assert_eq!(
            (end, search.lower(), search.upper(), search.falls()),
            (End::Found, Some(472), Some(496), 1)
        );
        assert_eq!(tried[tried.len() - 2..], [(472, Phase::Confirm, true); 2]);
        // Nothing ever holds twice: it ends at the lowest rate and says so.
        let mut seen = BTreeSet::new();
        let (end, search, tried) = run(BOUNDS, |rate| rate <= 5000 && seen.insert(rate));
        assert_eq!((end, search.lower()), (End::Nothing, None), "{tried:?}");
        assert!(tried.len() < 40, "{tried:?}");
    }

    #[test]
    fn noise_ends_in_a_lower_answer_and_never_in_a_rate_that_cannot_hold() {
        // Below 10,000 every probe holds, above 14,000 none does, and between the two chance decides.
        for seed in 0..200 {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            let (end, search, tried) = run(BOUNDS, |rate| match rate {
                ..=10_000 => true,
                14_000.. => false,
                _ => random.random_bool((14_000 - rate) as f64 / 4000.0),
            });
            let (lower, upper) = (search.lower().unwrap(), search.upper().unwrap());
            assert_eq!(end, End::Found, "{seed}: {tried:?}");
            assert!((6000..14_000).contains(&lower) && lower < upper, "{seed}: {lower} {upper}");
            let held = tried.iter().rev().take_while(|t| t.0 == lower && t.2).count();
            assert!(held >= 2, "{seed}: the answer held again: {tried:?}");
            assert!(tried.iter().all(|t| t.2 || t.0 >= upper), "{seed}: a failure lies in the answer");
        }
    }

    #[test]
    fn a_hiccup_far_below_the_limit_does_not_end_the_search_there() {
        let mut asked = 0;
        let (end, search, tried) = run(TWICE, |rate| {
            asked += 1;
            asked != 2 && rate <= 5000
        });
        assert_eq!(tried[1..3], [(200, Phase::Bracket, false), (200, Phase::Again, true)]);
        assert_eq!(end, End::Found);
        assert!((4750..=5000).contains(&search.lower().unwrap()), "{tried:?}");
        // Of probes of which one in twenty fails for no reason, most searches come near the limit.
        let mut near = 0;
        for seed in 0..200 {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            let (end, search, tried) = run(TWICE, |rate| rate <= 50_000 && random.random_bool(0.95));
            assert!(tried.len() < 60 && end == End::Found, "{seed}: {end:?} {tried:?}");
            let lower = search.lower().unwrap();
            assert!(lower <= 50_000);
            near += u32::from(lower > 40_000);
        }
        assert!(near > 180, "{near} of 200");
    }
}
