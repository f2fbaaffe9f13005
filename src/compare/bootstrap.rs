//! The moving-block bootstrap: by how much a figure of a load would come out otherwise if the same load ran again.
//!
//! Windows of one second that follow each other are alike, so single windows must not be drawn as if they were
//! independent: stretches of them are, and the ends of the load are joined to a ring, so that no window counts less
//! (Politis and Romano 1992). How long a stretch is comes from the data, by the rule of Politis and White (2004, with
//! the correction of Patton, Politis and White 2009) and never below n^(1/3). The interval is the percentile interval,
//! widened as Student's t asks for the number of stretches (Hesterberg 2015, "expanded percentile"). The random numbers
//! have a fixed seed: the same input gives the same output.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// So often a load is drawn anew.
pub const RESAMPLES: usize = 1000;

/// Fewer windows tell nothing of what is between them.
pub const FEWEST_WINDOWS: usize = 10;

/// A load must fall into so many stretches that tell nothing of each other.
const FEWEST_BLOCKS: usize = 5;

/// Longer loads are looked at in this many cells, each of several windows.
const MOST_CELLS: usize = 256;

/// A load cannot be drawn anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TooLittle {
    /// It has fewer than [`FEWEST_WINDOWS`].
    Windows(usize),
    /// Its windows hang together over so long that there are fewer than five stretches of it.
    Stretches {
        /// Length of a stretch, in windows.
        length: usize,
        /// Windows in all.
        windows: usize,
    },
}

/// An estimate, and where it would lie in 95 of 100 repetitions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Value computed from the records as measured, without resampling.
    pub estimate: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

/// One figure before and after.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// Figure of the earlier load, in its own unit.
    pub before: f64,
    /// Figure of the later load, in the same unit.
    pub after: f64,
    /// By how much it changed, in its own unit.
    pub change: Interval,
    /// The same as a share of what it was, in percent; `None` where it was 0, or might have been.
    pub percent: Option<Interval>,
}

impl Difference {
    /// Whether the interval leaves zero out.
    pub fn is_detectable(&self) -> bool {
        self.change.low > 0.0 || self.change.high < 0.0
    }
}

/// How a load is drawn anew: which stretches, so many times.
#[derive(Debug, Clone)]
pub struct Draw {
    /// Windows in a cell.
    per_cell: usize,
    cells: usize,
    /// Cells in a stretch.
    block: usize,
    /// Stretches in one drawing.
    blocks: usize,
    starts: Vec<u32>,
}

/// A figure of a load, and what it came to in each drawing.
#[derive(Debug, Clone)]
pub struct Drawn {
    estimate: f64,
    again: Vec<f64>,
    blocks: usize,
}

/// Latencies of one cell: how many were at or below each value, values ascending.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    /// The values that occur.
    pub values: Vec<u64>,
    /// How many were at or below each of them.
    pub below: Vec<u64>,
}

impl Drawn {
    /// The same in another unit.
    pub fn times(mut self, factor: f64) -> Self {
        self.estimate *= factor;
        self.again.iter_mut().for_each(|value| *value *= factor);
        self
    }
}

impl Draw {
    /// For a load of `windows` windows that hang together over `length` of them; another `seed`, other drawings.
    pub fn new(windows: usize, length: usize, seed: u64) -> Result<Self, TooLittle> {
        if windows < FEWEST_WINDOWS {
            return Err(TooLittle::Windows(windows));
        }
        let per_cell = windows.div_ceil(MOST_CELLS);
        let cells = windows.div_ceil(per_cell);
        let block = length.max(1).div_ceil(per_cell);
        let blocks = cells / block;
        if blocks < FEWEST_BLOCKS {
            return Err(TooLittle::Stretches { length, windows });
        }
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let end = u32::try_from(cells).unwrap_or(u32::MAX);
        let starts = (0..RESAMPLES * blocks).map(|_| random.random_range(0..end)).collect();
        Ok(Self { per_cell, cells, block, blocks, starts })
    }

    /// Returns the number of windows in a cell.
    pub fn per_cell(&self) -> usize {
        self.per_cell
    }

    /// Returns the number of windows in a stretch.
    pub fn length(&self) -> usize {
        self.block * self.per_cell
    }

    /// Of values by window, their sums by cell.
    pub fn by_cell(&self, windows: &[f64]) -> Vec<f64> {
        windows.chunks(self.per_cell).map(|cell| cell.iter().sum()).collect()
    }

    /// The sum of `above` by the sum of `below`, both by cell; `None` where there is nothing below.
    pub fn ratio(&self, above: &[f64], below: &[f64]) -> Option<Drawn> {
        let estimate = above.iter().sum::<f64>() / below.iter().sum::<f64>();
        let (above, below) = (self.stretches(above), self.stretches(below));
        let again = self.starts.chunks_exact(self.blocks).map(|starts| {
            let (mut a, mut b) = (0.0, 0.0);
            for start in starts {
                a += above[*start as usize];
                b += below[*start as usize];
            }
            a / b
        });
        estimate.is_finite().then(|| Drawn { estimate, again: again.collect(), blocks: self.blocks })
    }

    /// The value that the share `quantile` of all latencies was at or below; `None` where there is no latency.
    pub fn quantile(&self, cells: &[Cell], quantile: f64) -> Option<Drawn> {
        let mut columns = Columns::new(self, cells);
        let whole: Vec<u32> = (0..u32::try_from(self.cells).ok()?).collect();
        let single = Self { block: 1, blocks: self.cells, starts: Vec::new(), ..*self };
        let mut first = Columns::new(&single, cells);
        let mut near = first.values.len() / 2;
        let estimate = first.find(&whole, quantile, &mut near)?;
        let again = self.starts.chunks_exact(self.blocks);
        let again = again.map(|starts| columns.find(starts, quantile, &mut near).unwrap_or(f64::NAN));
        Some(Drawn { estimate, again: again.collect(), blocks: self.blocks })
    }

    /// The sum of each stretch, by the cell that it begins with.
    fn stretches<T: Copy + std::iter::Sum<T>>(&self, cells: &[T]) -> Vec<T> {
        let ring = |at: usize| cells[at % cells.len()];
        (0..cells.len()).map(|start| (start..start + self.block).map(ring).sum()).collect()
    }
}

/// How many latencies of each stretch are at or below a value, found out when first asked for.
struct Columns<'a> {
    draw: &'a Draw,
    cells: &'a [Cell],
    /// Every value that occurs.
    values: Vec<u64>,
    known: Vec<Option<Vec<u64>>>,
    totals: Vec<u64>,
}

impl<'a> Columns<'a> {
    fn new(draw: &'a Draw, cells: &'a [Cell]) -> Self {
        let mut values: Vec<u64> = cells.iter().flat_map(|cell| cell.values.iter().copied()).collect();
        values.sort_unstable();
        values.dedup();
        let totals: Vec<u64> = cells.iter().map(|cell| cell.below.last().copied().unwrap_or(0)).collect();
        Self { draw, cells, known: vec![None; values.len()], values, totals: draw.stretches(&totals) }
    }

    fn count(&mut self, starts: &[u32], column: usize) -> u64 {
        let value = self.values[column];
        let known = self.known[column].get_or_insert_with(|| {
            let below = |cell: &Cell| match cell.values.partition_point(|v| *v <= value) {
                0 => 0,
                at => cell.below[at - 1],
            };
            let counts: Vec<u64> = self.cells.iter().map(below).collect();
            self.draw.stretches(&counts)
        });
        starts.iter().map(|start| known[*start as usize]).sum()
    }

    /// The quantile over the stretches that begin at `starts`; it is looked for around `near`, where the last one was.
    fn find(&mut self, starts: &[u32], quantile: f64, near: &mut usize) -> Option<f64> {
        let total: u64 = starts.iter().map(|start| self.totals[*start as usize]).sum();
        if total == 0 {
            return None;
        }
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rank among counts below 2^53"
        )]
        let rank = ((quantile * total as f64).ceil() as u64).clamp(1, total);
        let last = self.values.len() - 1;
        // `low` is below the rank (or before the first), `high` reaches it; both move away in growing steps.
        let (mut low, mut high, mut step) = (None, *near, 1);
        while high < last && self.count(starts, high) < rank {
            (low, high, step) = (Some(high), (high + step).min(last), step * 2);
        }
        if low.is_none() {
            let (mut at, mut step) = (high, 1);
            while at > 0 {
                let down = at.saturating_sub(step);
                if self.count(starts, down) < rank {
                    low = Some(down);
                    break;
                }
                (at, high, step) = (down, down, step * 2);
            }
        }
        let mut from = low.map_or(0, |low| low + 1);
        while from < high {
            let middle = usize::midpoint(from, high);
            match self.count(starts, middle) < rank {
                true => from = middle + 1,
                false => high = middle,
            }
        }
        *near = high;
        #[expect(clippy::cast_precision_loss, reason = "latencies are below one hour")]
        Some(self.values[high] as f64)
    }
}

/// By how much `after` differs from `before`; `None` where one of them could not be drawn often enough.
pub fn difference(before: &Drawn, after: &Drawn) -> Option<Difference> {
    let blocks = before.blocks.min(after.blocks);
    let pairs = || before.again.iter().zip(&after.again);
    let change = interval(after.estimate - before.estimate, pairs().map(|(b, a)| a - b), blocks)?;
    let percent = |b: f64, a: f64| (a - b) / b * 100.0;
    let ever_zero = before.estimate <= 0.0 || before.again.iter().any(|b| *b <= 0.0);
    Some(Difference {
        before: before.estimate,
        after: after.estimate,
        change,
        percent: match ever_zero {
            true => None,
            false => interval(
                percent(before.estimate, after.estimate),
                pairs().map(|(b, a)| percent(*b, *a)),
                blocks,
            ),
        },
    })
}

fn interval(estimate: f64, again: impl Iterator<Item = f64>, blocks: usize) -> Option<Interval> {
    let mut again: Vec<f64> = again.filter(|value| value.is_finite()).collect();
    // A drawing without a record has no figure; a load of which many are such has no interval.
    if again.len() < RESAMPLES * 9 / 10 {
        return None;
    }
    again.sort_unstable_by(f64::total_cmp);
    let tail = tail(blocks);
    Some(Interval { estimate, low: at(&again, tail), high: at(&again, 1.0 - tail) })
}

/// The value that the share `share` lies below, between two neighbours where it must be.
fn at(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len() - 1;
    #[expect(clippy::cast_precision_loss, reason = "some thousand")]
    let place = share * last as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the list")]
    let index = (place.floor() as usize).min(last);
    let (here, next) = (sorted[index], sorted[(index + 1).min(last)]);
    here + (next - here) * (place - place.floor())
}

/// What the percentile interval must leave out at each side so that it is as wide as Student's t with one degree of
/// freedom less than there are stretches asks for.
fn tail(blocks: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "at most some hundred")]
    let n = blocks as f64;
    normal_below(-student(n - 1.0) * (n / (n - 1.0)).sqrt())
}

/// The 97.5 % quantile of Student's t: Cornish and Fisher's expansion, within 0.02 from 4 degrees of freedom on.
fn student(freedom: f64) -> f64 {
    let z = 1.959_964_f64;
    let (z2, f) = (z * z, freedom);
    let terms = [
        (z2 + 1.0) / 4.0,
        ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0,
        (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0,
        ((((79.0 * z2 + 776.0) * z2 + 1482.0) * z2 - 1920.0) * z2 - 945.0) / 92_160.0,
    ];
    z * (1.0 + terms[0] / f + terms[1] / (f * f) + terms[2] / f.powi(3) + terms[3] / f.powi(4))
}

/// The normal distribution below `z`: Abramowitz and Stegun 26.2.17, within 1e-7.
fn normal_below(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z.abs());
    let poly = t
        * (0.319_381_530
            + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    let upper = (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() * poly;
    if z > 0.0 { 1.0 - upper } else { upper }
}

/// Over how many windows a series hangs together, as far as a bootstrap must know: the rule of Politis and White for the
/// circular bootstrap, and at least n^(1/3).
#[expect(clippy::cast_precision_loss, reason = "windows of days are below 2^53")]
pub fn block_length(series: &[f64]) -> usize {
    let n = series.len();
    let size = n as f64;
    let least = size.cbrt();
    let mean = series.iter().sum::<f64>() / size;
    let away: Vec<f64> = series.iter().map(|x| x - mean).collect();
    let covariance =
        |lag: usize| away.iter().zip(&away[lag.min(n)..]).map(|(a, b)| a * b).sum::<f64>() / size;
    let variance = covariance(0);
    if n < 4 || variance <= f64::EPSILON * mean * mean {
        return whole(least);
    }
    let in_a_row = whole(size.log10().sqrt().ceil()).max(5);
    let most = whole(size.sqrt().ceil()) + in_a_row;
    let noise = 2.0 * (size.log10() / size).sqrt();
    let covariances: Vec<f64> = (0..=(most + in_a_row).min(n - 1)).map(covariance).collect();
    let silent = |lag: usize| covariances.get(lag).is_none_or(|c| (c / variance).abs() < noise);
    let significant = (0..most).find(|m| (m + 1..=m + in_a_row).all(silent)).unwrap_or(most);
    let width = (2 * significant).clamp(1, most);
    let (mut g, mut d) = (0.0, variance);
    for (lag, c) in covariances.iter().enumerate().take(width + 1).skip(1) {
        let share = lag as f64 / width as f64;
        let weight = if share <= 0.5 { 1.0 } else { 2.0 * (1.0 - share) };
        g += 2.0 * weight * lag as f64 * c;
        d += 2.0 * weight * c;
    }
    // Windows that make up for each other, as where a load keeps its rate and one window has what the last one lacks: drawn
    // one by one they tell more noise than there is, never less.
    let best = if significant == 0 || d <= variance {
        1.0
    } else {
        (2.0 * g * g / (4.0 / 3.0 * d * d)).cbrt() * size.cbrt()
    };
    let ceiling = (3.0 * size.sqrt()).min(size / 3.0);
    whole(best.min(ceiling).max(least))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and positive")]
fn whole(value: f64) -> usize {
    value.round().max(1.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A load in which each window's latency hangs together with that of the one before it (an autoregressive process).
    struct Load {
        windows: Vec<Vec<u64>>,
    }

    impl Load {
        fn new(random: &mut ChaCha8Rng, windows: usize, memory: f64, factor: f64) -> Self {
            let mut level = normal(random);
            let windows = (0..windows).map(|_| {
                level = memory * level + (1.0 - memory * memory).sqrt() * normal(random);
                let middle = 10_000.0 * factor * (0.1 * level).exp();
                (0..20).map(|_| (middle * (0.3 * normal(random)).exp()) as u64 & !15).collect()
            });
            Self { windows: windows.collect() }
        }

        fn drawn(&self, length: Option<usize>, seed: u64) -> Option<[Drawn; 2]> {
            let sums: Vec<f64> = self.windows.iter().map(|w| w.iter().sum::<u64>() as f64).collect();
            let counts: Vec<f64> = self.windows.iter().map(|w| w.len() as f64).collect();
            let length = length.unwrap_or_else(|| block_length(&sums));
            let draw = Draw::new(self.windows.len(), length, seed).ok()?;
            let cells: Vec<Cell> = self.windows.chunks(draw.per_cell()).map(cell).collect();
            let mean = draw.ratio(&draw.by_cell(&sums), &draw.by_cell(&counts)).unwrap();
            Some([mean, draw.quantile(&cells, 0.95).unwrap()])
        }
    }

    fn cell(windows: &[Vec<u64>]) -> Cell {
        let mut all = windows.concat();
        all.sort_unstable();
        let mut cell = Cell::default();
        for (at, value) in all.iter().enumerate() {
            if cell.values.last() == Some(value) {
                cell.below.pop();
            } else {
                cell.values.push(*value);
            }
            cell.below.push(at as u64 + 1);
        }
        cell
    }

    fn normal(random: &mut ChaCha8Rng) -> f64 {
        let (u, v): (f64, f64) = (random.random_range(1e-12..1.0), random.random());
        (-2.0 * u.ln()).sqrt() * (2.0 * std::f64::consts::PI * v).cos()
    }

    /// In which share of pairs of loads the interval holds zero, for the mean and the 95th percentile.
    fn holds_zero(pairs: u64, memory: f64, factor: f64, length: Option<usize>) -> [f64; 2] {
        let (mut held, mut drawn) = ([0.0; 2], 0.0);
        for pair in 0..pairs {
            let mut random = ChaCha8Rng::seed_from_u64(pair);
            let mut load = |factor| Load::new(&mut random, 120, memory, factor);
            let (before, after) = (load(1.0), load(factor));
            // Now and then the windows seem to hang together over more than a fifth of the load.
            let Some((before, after)) = before.drawn(length, 1).zip(after.drawn(length, 2)) else { continue };
            drawn += 1.0;
            for (held, (before, after)) in held.iter_mut().zip(before.iter().zip(&after)) {
                *held += f64::from(!difference(before, after).unwrap().is_detectable());
            }
        }
        assert!(drawn >= pairs as f64 * 0.95, "{drawn} of {pairs} drawn");
        held.map(|held| held / drawn)
    }

    #[test]
    fn the_interval_of_two_loads_of_one_process_holds_zero_in_about_95_of_100() {
        // Of 120 pairs, 95 % less 3 standard deviations is 0.89; the seeds are fixed.
        for share in holds_zero(120, 0.5, 1.0, None) {
            assert!((0.89..=0.99).contains(&share), "{share}");
        }
        // As if the windows were independent, it is left out far too often.
        let [mean, _] = holds_zero(30, 0.8, 1.0, Some(1));
        assert!(mean < 0.85, "{mean}");
    }

    #[test]
    fn a_real_shift_is_found() {
        for missed in holds_zero(40, 0.5, 1.2, None) {
            assert!(missed <= 0.05, "{missed}");
        }
    }

    #[test]
    fn a_drawing_has_the_quantile_of_its_stretches() {
        let mut random = ChaCha8Rng::seed_from_u64(7);
        let load = Load::new(&mut random, 700, 0.5, 1.0);
        let draw = Draw::new(700, 12, 3).unwrap();
        let groups: Vec<&[Vec<u64>]> = load.windows.chunks(draw.per_cell()).collect();
        let cells: Vec<Cell> = groups.iter().map(|g| cell(g)).collect();
        for quantile in [0.0, 0.5, 0.99, 1.0] {
            let drawn = draw.quantile(&cells, quantile).unwrap();
            let rank = |all: &mut Vec<u64>| {
                all.sort_unstable();
                all[((quantile * all.len() as f64).ceil() as usize).max(1) - 1] as f64
            };
            assert_eq!(drawn.estimate, rank(&mut load.windows.concat()));
            for (starts, found) in draw.starts.chunks_exact(draw.blocks).zip(&drawn.again).take(20) {
                let of = |start: u32| (0..draw.block).map(move |at| (start as usize + at) % draw.cells);
                let mut all: Vec<u64> =
                    starts.iter().copied().flat_map(of).flat_map(|at| groups[at].concat()).collect();
                assert_eq!(*found, rank(&mut all), "{quantile}");
            }
        }
    }

    #[test]
    fn the_same_input_gives_the_same_output_and_itself_no_difference() {
        let load = Load::new(&mut ChaCha8Rng::seed_from_u64(1), 100, 0.5, 1.0);
        let of = |seed| load.drawn(None, seed).unwrap();
        let once = difference(&of(1)[0], &of(2)[0]).unwrap();
        assert_eq!(Some(once), difference(&of(1)[0], &of(2)[0]));
        assert!(!once.is_detectable() && once.change.estimate == 0.0, "{once:?}");
        let percent = once.percent.unwrap();
        assert!(percent.low < 0.0 && percent.high > 0.0, "{percent:?}");
    }

    #[test]
    fn what_was_zero_has_no_share() {
        let draw = Draw::new(50, 3, 1).unwrap();
        let (nothing, one) = (vec![0.0; 50], vec![1.0; 50]);
        let [nothing, one] = [nothing, one].map(|above| draw.ratio(&above, &[1.0; 50]).unwrap());
        let found = difference(&nothing, &one).unwrap();
        assert_eq!((found.percent, found.change), (None, Interval { estimate: 1.0, low: 1.0, high: 1.0 }));
        assert!(draw.ratio(&[0.0; 50], &[0.0; 50]).is_none());
        assert!(draw.quantile(&vec![Cell::default(); 50], 0.5).is_none());
    }

    #[test]
    fn a_load_that_is_too_short_is_not_drawn() {
        assert_eq!(Draw::new(9, 1, 1).unwrap_err(), TooLittle::Windows(9));
        assert_eq!(Draw::new(40, 9, 1).unwrap_err(), TooLittle::Stretches { length: 9, windows: 40 });
        assert!(Draw::new(10, 2, 1).is_ok());
        let day = Draw::new(86_400, 60, 1).unwrap();
        assert!(day.cells <= MOST_CELLS && day.length() >= 60);
    }

    #[test]
    fn a_stretch_is_as_long_as_the_memory() {
        let mut random = ChaCha8Rng::seed_from_u64(5);
        let mut series = |memory: f64| -> Vec<f64> {
            let mut level = 0.0;
            let mut next = || {
                level = memory * level + normal(&mut random);
                level
            };
            (0..1000).map(|_| next()).collect()
        };
        assert_eq!(block_length(&[7.0; 1000]), 10);
        assert_eq!(block_length(&series(0.0)), 10);
        // The rule's own value for this process is (2 (G / g)^2 · 3 / 4 · n)^(1/3), G / g being 2 · 0.8 / (1 - 0.8^2).
        let expected = (1.5 * (1.6_f64 / 0.36).powi(2) * 1000.0).cbrt();
        let found = block_length(&series(0.8)) as f64;
        assert!((0.5..=1.6).contains(&(found / expected)), "{found} for {expected}");
        assert_eq!(block_length(&[1.0]), 1);
    }

    /// A load that keeps its rate has no memory: what one window lacks, the next one has. It was "too short" for its noise.
    #[test]
    fn windows_that_make_up_for_each_other_are_no_memory() {
        let mut random = ChaCha8Rng::seed_from_u64(11);
        for windows in [11, 29, 60] {
            let late: Vec<f64> = (0..=windows).map(|_| normal(&mut random)).collect();
            let moved: Vec<f64> = late.windows(2).map(|late| 200.0 + late[1] - late[0]).collect();
            let in_fours: Vec<f64> = (0..windows)
                .map(|at| if at % 4 == 0 { 219.0 } else { 194.0 } + normal(&mut random))
                .collect();
            for rate in [moved, in_fours] {
                let length = block_length(&rate);
                assert!(Draw::new(windows, length, 1).is_ok(), "{length} of {windows}");
            }
        }
    }

    #[test]
    fn the_distributions_are_those_of_the_tables() {
        for (freedom, expected) in [(4.0, 2.776), (6.0, 2.447), (10.0, 2.228), (30.0, 2.042), (1e9, 1.960)] {
            assert!((student(freedom) - expected).abs() < 0.02, "{freedom}: {}", student(freedom));
        }
        for (z, expected) in [(-1.959_964, 0.025), (0.0, 0.5), (1.0, 0.841_345), (-3.0, 0.001_350)] {
            assert!((normal_below(z) - expected).abs() < 1e-6, "{z}");
        }
        assert!((tail(256) - 0.0245).abs() < 0.0005, "{}", tail(256));
    }
}
