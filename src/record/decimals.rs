//! How many decimals a number is shown with.

/// The number with as many decimals as a reader needs.
pub fn plain_number(value: f64) -> String {
    format!("{value:.*}", usual_decimals(value))
}

/// Decimals of the shortest text that means this number exactly.
fn exact_decimals(value: f64) -> usize {
    value.to_string().split_once('.').map_or(0, |(_, part)| part.len())
}

/// Decimals that a reader needs: two where a test tool prints two, more for small numbers, none that say nothing.
pub fn usual_decimals(value: f64) -> usize {
    exact_decimals(value).min(match value.abs() {
        a if a >= 1.0 => 2,
        a if a >= 0.01 => 4,
        a if a >= 0.000_1 => 6,
        _ => 9,
    })
}

/// Decimals beyond which an `f64` has no more to tell here.
const MOST_DECIMALS: usize = 17;

/// Decimals with which an observed number and its limit are shown in the order that their exact values have: a rounded
/// display never shows as equal, or the other way round, what a verdict has told apart. A limit is shown as it was
/// written.
pub fn decimals_of_pair(observed: f64, limit: f64) -> (usize, usize) {
    let written = exact_decimals(limit);
    let mut first = usual_decimals(observed);
    let mut second = if written <= 6 { written } else { usual_decimals(limit) };
    let shown = |value: f64, decimals: usize| format!("{value:.decimals$}").parse::<f64>().unwrap_or(value);
    while shown(observed, first).partial_cmp(&shown(limit, second)) != observed.partial_cmp(&limit) {
        // A whole number gains nothing by zeros behind it.
        let grow = |value: f64, decimals: usize| match value.fract() == 0.0 {
            true => decimals,
            false => (decimals + 1).min(MOST_DECIMALS),
        };
        // A limit that is shown as it was written needs no more.
        let grown = (grow(observed, first), if written <= 6 { second } else { grow(limit, second) });
        if grown == (first, second) {
            break;
        }
        (first, second) = grown;
    }
    (first, second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_apart_shows_apart() {
        for (observed, limit, first, second) in [
            (99.989, 99.99, "99.989", "99.99"),
            (99.989_999, 99.99, "99.989999", "99.99"),
            (100.000_4, 100.0, "100.0004", "100"),
            (99.99, 99.99, "99.99", "99.99"),
            (0.974_8, 0.975, "0.9748", "0.975"),
        ] {
            let (a, b) = decimals_of_pair(observed, limit);
            assert_eq!(
                (format!("{observed:.a$}"), format!("{limit:.b$}")),
                (first.to_owned(), second.to_owned())
            );
        }
    }
}
