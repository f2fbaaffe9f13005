//! What several drills tell together: distributions, and how likely a skip can be where none was seen. Pure.

/// How sure the upper bound is.
pub(super) const CONFIDENCE: f64 = 0.95;

/// Least, median, 95th percentile and greatest of some values; none where there are none.
///
/// Percentiles are values that were seen: the smallest one that at least that share of the values does not exceed.
pub(super) fn figures(mut values: Vec<f64>) -> Option<[f64; 4]> {
    values.retain(|value| value.is_finite());
    values.sort_by(f64::total_cmp);
    let at = |percent: usize| values.get((values.len() * percent).div_ceil(100).max(1) - 1).copied();
    Some([*values.first()?, at(50)?, at(95)?, *values.last()?])
}

/// The upper bound, with [`CONFIDENCE`], of the share of drills that would skip records, where `seen` of `drills` did:
/// Clopper and Pearson's exact one. It is the share at which as few as `seen` come out with a probability of 5 %; for
/// `seen` = 0 it is `1 - 0.05^(1 / drills)`, near the rule of three's `3 / drills`.
pub(super) fn upper_bound(seen: u64, drills: u64) -> f64 {
    if seen >= drills {
        return 1.0;
    }
    let (mut low, mut high) = (0.0, 1.0);
    // Each step halves it: 60 are as fine as the number can be.
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if at_most(seen, drills, middle) > 1.0 - CONFIDENCE { low = middle } else { high = middle }
    }
    high
}

/// The probability of at most `seen` in `drills`, each with probability `share`, which is not 1.
#[expect(clippy::cast_precision_loss, reason = "numbers of drills are small")]
fn at_most(seen: u64, drills: u64, share: f64) -> f64 {
    // Logarithms: powers of many drills are smaller than any number.
    let mut log = drills as f64 * (1.0 - share).ln();
    let mut sum = log.exp();
    for k in 1..=seen {
        log += ((drills - k + 1) as f64 / k as f64).ln() + (share / (1.0 - share)).ln();
        sum += log.exp();
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bounds_are_those_of_the_tables() {
        let near = |found: f64, expected: f64| assert!((found - expected).abs() < 5e-4, "{found} {expected}");
        // One-sided 95 % limits of Clopper and Pearson.
        near(upper_bound(0, 10), 0.2589);
        near(upper_bound(0, 30), 0.0950);
        near(upper_bound(0, 59), 0.0495);
        near(upper_bound(1, 10), 0.3942);
        near(upper_bound(2, 20), 0.2826);
        assert_eq!(upper_bound(3, 3), 1.0);
        assert_eq!(upper_bound(0, 0), 1.0);
    }

    #[test]
    fn percentiles_are_values_that_were_seen() {
        assert_eq!(figures(vec![]), None);
        assert_eq!(figures(vec![4.0]), Some([4.0; 4]));
        assert_eq!(figures((1..=20).map(f64::from).collect()), Some([1.0, 10.0, 19.0, 20.0]));
        assert_eq!(figures(vec![3.0, 1.0, 2.0]), Some([1.0, 2.0, 3.0, 3.0]));
    }

    proptest! {
        #[test]
        fn more_skips_never_lower_the_bound_and_more_drills_without_one_do(seen in 0_u64..10, drills in 10_u64..200) {
            prop_assert!(upper_bound(seen, drills) < upper_bound(seen + 1, drills));
            prop_assert!(upper_bound(0, drills + 1) < upper_bound(0, drills));
            prop_assert!((upper_bound(0, drills) - (1.0 - 0.05_f64.powf(1.0 / drills as f64))).abs() < 1e-9);
        }
    }
}
