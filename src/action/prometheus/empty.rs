//! What an answer without series means. A query that filters (`x > 100`) gives none where it holds for none; one that
//! names a metric that does not exist gives none either, and that is no observation.

use super::{Instant, Server};
use crate::record::{Said, messages};
use promql_parser::parser::{self, Expr, token};

/// Why an answer without series says nothing about the platform: nothing that the query looks at is there.
pub(super) async fn unseen(server: &Server, query: &str) -> Option<Said> {
    absent(server, selectors(query)).await
}

/// The same of a figure where it may stand for series that are not there: `sum(lag) or vector(0)` is 0 for a misspelt
/// name too.
pub(super) async fn unseen_behind_default(server: &Server, query: &str) -> Option<Said> {
    absent(server, behind_default(query)).await
}

async fn absent(server: &Server, selectors: Vec<String>) -> Option<Said> {
    for selector in selectors {
        match server.query(&format!("count({selector})")).await {
            Ok(answer) => match answer.result {
                Instant::Vector(series) if series.is_empty() => return Some(no_such_series(selector)),
                _ => {}
            },
            Err(error) => return Some(existence_unknown(selector, &error)),
        }
    }
    None
}

/// What must be there for an answer without series to be one: of a query that filters all that it looks at, of any
/// other its metrics, whatever their labels.
fn selectors(query: &str) -> Vec<String> {
    let Ok(expr) = parser::parse(query) else { return Vec::new() };
    sorted(&[&expr])
}

/// What must be there for a figure to be one, of a query that puts a number in the place of series. Who means a 0 where
/// there is no metric says so: `sum(x) or 0 * absent(x)`.
fn behind_default(query: &str) -> Vec<String> {
    fn defaults<'e>(expr: &'e Expr, found: &mut Vec<&'e Expr>) {
        if let Expr::Binary(binary) = expr
            && binary.op.id() == token::T_LOR
            && sorted(&[&binary.rhs]).is_empty()
            && !asks_for_absence(&binary.rhs)
        {
            found.push(&binary.lhs);
        }
        children(expr).into_iter().for_each(|child| defaults(child, found));
    }
    let Ok(expr) = parser::parse(query) else { return Vec::new() };
    let mut found = Vec::new();
    defaults(&expr, &mut found);
    sorted(&found)
}

fn sorted(exprs: &[&Expr]) -> Vec<String> {
    let mut found = Vec::new();
    exprs.iter().for_each(|expr| collect(expr, filters(expr), &mut found));
    found.sort();
    found.dedup();
    found
}

fn collect(expr: &Expr, whole: bool, found: &mut Vec<String>) {
    let mut select = |selector: &parser::VectorSelector| {
        found.push(match &selector.name {
            Some(name) if !whole => name.clone(),
            _ => selector.to_string(),
        });
    };
    match expr {
        Expr::VectorSelector(selector) => select(selector),
        Expr::MatrixSelector(selector) => select(&selector.vs),
        // What is asked for because it may not be there.
        expr if is_absence(expr) => {}
        // What is taken away may well not be there.
        Expr::Binary(binary) if binary.op.id() == token::T_LUNLESS => collect(&binary.lhs, whole, found),
        expr => children(expr).into_iter().for_each(|child| collect(child, whole, found)),
    }
}

/// Whether what is not there is asked for in so many words.
fn asks_for_absence(expr: &Expr) -> bool {
    is_absence(expr) || children(expr).into_iter().any(asks_for_absence)
}

fn is_absence(expr: &Expr) -> bool {
    matches!(expr, Expr::Call(call) if ["absent", "absent_over_time"].contains(&call.func.name))
}

/// Whether it leaves out series by their values or by those of others.
fn filters(expr: &Expr) -> bool {
    is_filter(expr) || children(expr).into_iter().any(filters)
}

fn is_filter(expr: &Expr) -> bool {
    match expr {
        Expr::Binary(binary) if binary.op.is_comparison_operator() => !binary.return_bool(),
        Expr::Binary(binary) => [token::T_LAND, token::T_LUNLESS].contains(&binary.op.id()),
        _ => false,
    }
}

fn children(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::Aggregate(inner) => vec![&inner.expr],
        Expr::Unary(inner) => vec![&inner.expr],
        Expr::Binary(inner) => vec![&inner.lhs, &inner.rhs],
        Expr::Paren(inner) => vec![&inner.expr],
        Expr::Subquery(inner) => vec![&inner.expr],
        Expr::Call(call) => call.args.args.iter().map(AsRef::as_ref).collect(),
        Expr::NumberLiteral(_)
        | Expr::StringLiteral(_)
        | Expr::VectorSelector(_)
        | Expr::MatrixSelector(_)
        | Expr::Extension(_) => Vec::new(),
    }
}

/// From one figure to another, both included.
type Range = (f64, f64);

const ALL: Range = (f64::NEG_INFINITY, f64::INFINITY);
const FROM_ZERO: Range = (0.0, f64::INFINITY);
const FROM_ONE: Range = (1.0, f64::INFINITY);

/// The ranges of figures that a query can give, where it says so itself: what a comparison lets through, and that
/// nothing is counted as no series and not as 0.
pub(super) fn ranges(query: &str) -> Option<Vec<Range>> {
    of(&parser::parse(query).ok()?)
}

fn of(expr: &Expr) -> Option<Vec<Range>> {
    match expr {
        Expr::NumberLiteral(number) => Some(vec![(number.val, number.val)]),
        Expr::Paren(inner) => of(&inner.expr),
        Expr::Unary(inner) => {
            Some(of(&inner.expr)?.into_iter().map(|(least, most)| (-most, -least)).collect())
        }
        Expr::Binary(binary) if binary.op.is_comparison_operator() => match binary.return_bool() {
            true => Some(vec![(0.0, 1.0)]),
            false => let_through(binary),
        },
        Expr::Binary(binary) => match binary.op.id() {
            token::T_LAND | token::T_LUNLESS => of(&binary.lhs),
            token::T_LOR => Some([of(&binary.lhs)?, of(&binary.rhs)?].concat()),
            _ => reckoned(binary),
        },
        Expr::Aggregate(inner) => match inner.op.id() {
            token::T_COUNT | token::T_COUNT_VALUES => Some(vec![FROM_ONE]),
            token::T_GROUP => Some(vec![(1.0, 1.0)]),
            token::T_STDDEV | token::T_STDVAR => Some(vec![FROM_ZERO]),
            token::T_MIN | token::T_MAX | token::T_TOPK | token::T_BOTTOMK | token::T_LIMITK => {
                of(&inner.expr)
            }
            token::T_AVG | token::T_QUANTILE => whole(&of(&inner.expr)?),
            token::T_SUM => summed(&of(&inner.expr)?),
            _ => None,
        },
        Expr::Call(call) => of_call(call),
        Expr::Subquery(inner) => of(&inner.expr),
        _ => None,
    }
}

/// The figure of a range that is one.
fn number(ranges: &[Range]) -> Option<f64> {
    match ranges {
        [(least, most)] if least == most => Some(*least),
        _ => None,
    }
}

/// The ranges with each end changed, its ends in order; none where that is no number.
fn each(ranges: Vec<Range>, end: impl Fn(f64) -> f64) -> Option<Vec<Range>> {
    let ends = ranges.into_iter().map(|(least, most)| (end(least), end(most)));
    let ranges: Vec<Range> = ends.map(|(a, b)| (a.min(b), a.max(b))).collect();
    ranges.iter().all(|(a, b)| !a.is_nan() && !b.is_nan()).then_some(ranges)
}

fn of_call(call: &parser::Call) -> Option<Vec<Range>> {
    let arg = |at: usize| call.args.args.get(at).map(AsRef::as_ref);
    let limit = |at: usize| number(&of(arg(at)?)?);
    // A function may bound figures of which nothing is known.
    let any = || Some(of(arg(0)?).unwrap_or_else(|| vec![ALL]));
    match call.func.name {
        "absent" | "absent_over_time" | "present_over_time" => Some(vec![(1.0, 1.0)]),
        "count_over_time" => Some(vec![FROM_ONE]),
        "changes" | "increase" | "rate" | "irate" | "resets" | "sqrt" | "stddev_over_time"
        | "stdvar_over_time" => Some(vec![FROM_ZERO]),
        // The figure stays the same.
        "first_over_time" | "label_join" | "label_replace" | "last_over_time" | "max_over_time"
        | "min_over_time" | "sort" | "sort_by_label" | "sort_by_label_desc" | "sort_desc" | "vector" => {
            of(arg(0)?)
        }
        "avg_over_time" => whole(&of(arg(0)?)?),
        "quantile_over_time" => whole(&of(arg(1)?)?),
        "sum_over_time" => summed(&of(arg(0)?)?),
        "abs" => {
            let across = |range: &Range| range.0 < 0.0 && range.1 > 0.0;
            let parts = any()?.into_iter().flat_map(|range| match across(&range) {
                true => vec![(0.0, -range.0), (0.0, range.1)],
                false => vec![range],
            });
            whole(&each(parts.collect(), f64::abs)?)
        }
        "ceil" => each(any()?, f64::ceil),
        "floor" => each(any()?, f64::floor),
        "clamp_min" => limit(1).and_then(|least| each(any()?, |x| x.max(least))),
        "clamp_max" => limit(1).and_then(|most| each(any()?, |x| x.min(most))),
        "clamp" => {
            let (least, most) = (limit(1)?, limit(2)?);
            (least <= most).then(any)?.and_then(|ranges| each(ranges, |x| x.clamp(least, most)))
        }
        _ => None,
    }
}

/// Arithmetic of ranges with a number.
fn reckoned(binary: &parser::BinaryExpr) -> Option<Vec<Range>> {
    let (left, right) = (of(&binary.lhs)?, of(&binary.rhs)?);
    match (binary.op.id(), number(&left), number(&right)) {
        (token::T_ADD, Some(n), _) => each(right, |x| n + x),
        (token::T_ADD, _, Some(n)) => each(left, |x| x + n),
        (token::T_SUB, Some(n), _) => each(right, |x| n - x),
        (token::T_SUB, _, Some(n)) => each(left, |x| x - n),
        (token::T_MUL, Some(n), _) => each(right, |x| n * x),
        (token::T_MUL, _, Some(n)) => each(left, |x| x * n),
        (token::T_DIV, _, Some(n)) if n != 0.0 => each(left, |x| x / n),
        _ => None,
    }
}

/// What figures of those ranges add up to, where all of them have one sign.
fn summed(ranges: &[Range]) -> Option<Vec<Range>> {
    match whole(ranges)?.first()? {
        (least, _) if *least >= 0.0 => Some(vec![(*least, f64::INFINITY)]),
        (_, most) if *most <= 0.0 => Some(vec![(f64::NEG_INFINITY, *most)]),
        _ => None,
    }
}

/// All from the least to the greatest of several ranges.
fn whole(ranges: &[Range]) -> Option<Vec<Range>> {
    let all = ranges.iter().copied().reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
    Some(vec![all])
}

/// The figures that a comparison lets through.
fn let_through(binary: &parser::BinaryExpr) -> Option<Vec<Range>> {
    let number = |expr: &Expr| match expr {
        Expr::Call(_) | Expr::Aggregate(_) => None,
        expr => number(&of(expr)?),
    };
    let (series, limit, swapped) = match (number(&binary.lhs), number(&binary.rhs)) {
        (None, Some(limit)) => (&binary.lhs, limit, false),
        (Some(limit), None) => (&binary.rhs, limit, true),
        // What is let through has the figure of the left side, which may be anything: with 0 and 5, `x < y` gives 0.
        _ => return of(&binary.lhs),
    };
    let (below, above) = ((ALL.0, limit.next_down()), (limit.next_up(), ALL.1));
    let through = match (binary.op.id(), swapped) {
        (token::T_EQLC, _) => vec![(limit, limit)],
        (token::T_GTR, false) | (token::T_LSS, true) => vec![above],
        (token::T_GTE, false) | (token::T_LTE, true) => vec![(limit, ALL.1)],
        (token::T_LSS, false) | (token::T_GTR, true) => vec![below],
        (token::T_LTE, false) | (token::T_GTE, true) => vec![(ALL.0, limit)],
        _ => vec![below, above],
    };
    let both = of(series).unwrap_or_else(|| vec![ALL]);
    let both = both.iter().flat_map(|a| through.iter().map(|b| (a.0.max(b.0), a.1.min(b.1))));
    Some(both.filter(|(least, most)| least <= most).collect())
}

messages! {
    area "prometheus series";
    existence_unknown(selector, cause) => "the query gives no series, and could not ask Prometheus for `{selector}`: {cause}" / "la requête ne donne aucune série, et Prometheus n'a pas pu être interrogé sur `{selector}` : {cause}";
    no_such_series(selector) => "the query gives no series, and Prometheus has no series `{selector}` now" / "la requête ne donne aucune série, et Prometheus n'a actuellement aucune série `{selector}`";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_be_there_is_what_the_query_looks_at() {
        for (query, expected) in [
            ("x", vec!["x"]),
            ("x{code=~\"5..\"}", vec!["x"]),
            ("sum(rate(x{a=\"b\"}[5m])) by (c)", vec!["x"]),
            ("x{a=\"b\"} > 100", vec!["x{a=\"b\"}"]),
            ("sum(rate(x{a=\"b\"}[5m])) > on() y", vec!["x{a=\"b\"}", "y"]),
            ("count(up == 0)", vec!["up"]),
            ("x unless y", vec!["x"]),
            ("x and y == 1", vec!["x", "y"]),
            ("x > bool 1", vec!["x"]),
            ("max_over_time((x > 1)[5m:1m])", vec!["x"]),
            ("vector(1) > 2", vec![]),
            ("{job=\"a\"}", vec!["{job=\"a\"}"]),
            ("sum(", vec![]),
            ("absent(x)", vec![]),
            ("absent_over_time(x[5m]) or y", vec!["y"]),
            ("label_replace(x, 'a', '$1', 'b', '(.*)')", vec!["x"]),
        ] {
            assert_eq!(selectors(query), expected, "{query}");
        }
        for (query, expected) in [
            ("x > 100 or vector(0)", vec!["x"]),
            ("(sum(x) > on() y) or on() vector(0)", vec!["x", "y"]),
            ("count(up == 0) or vector(0)", vec!["up"]),
            ("sum(x) or vector(0)", vec!["x"]),
            ("sum(rate(x{code=~\"5..\"}[5m])) or vector(0)", vec!["x"]),
            ("(x or vector(0)) > bool 100", vec!["x"]),
            ("sum(x) or (vector(0))", vec!["x"]),
            // Who writes a number for a metric that is not there means it.
            ("sum(x) or 0 * absent(x)", vec![]),
            ("sum(x) or sum(y)", vec![]),
            ("absent(x) or vector(0)", vec![]),
            ("x > 100 or y", vec![]),
            ("x > 100", vec![]),
        ] {
            assert_eq!(behind_default(query), expected, "{query}");
        }
    }

    #[test]
    fn a_filter_bounds_what_it_lets_through() {
        const MANY: f64 = f64::INFINITY;
        let (above, below) = (f64::next_up, f64::next_down);
        for (query, expected) in [
            ("x", None),
            ("x + 1", None),
            ("x > 100", Some(vec![(above(100.0), MANY)])),
            ("100 < x", Some(vec![(above(100.0), MANY)])),
            ("(sum(x) >= 1)", Some(vec![(1.0, MANY)])),
            ("x < 0", Some(vec![(-MANY, below(0.0))])),
            ("x <= -5", Some(vec![(-MANY, -5.0)])),
            ("x == 0", Some(vec![(0.0, 0.0)])),
            ("x != 0", Some(vec![(-MANY, below(0.0)), (above(0.0), MANY)])),
            ("max(x != 0)", Some(vec![(-MANY, below(0.0)), (above(0.0), MANY)])),
            ("avg(x != 0)", Some(vec![(-MANY, MANY)])),
            ("x != 0 > 5", Some(vec![(above(5.0), MANY)])),
            ("x > 1 < 5", Some(vec![(above(1.0), below(5.0))])),
            ("x > bool 1", Some(vec![(0.0, 1.0)])),
            ("x > on() y", None),
            ("sum(x) < sum(y)", None),
            ("x < scalar(y)", None),
            ("x > -2 ^ 2", None),
            ("x < on() vector(5)", None),
            ("(x > 5) < y", Some(vec![(above(5.0), MANY)])),
            ("x == on() y", None),
            ("x > bool y", Some(vec![(0.0, 1.0)])),
            ("x > y or vector(0)", None),
            ("label_replace(x, 'a', '$1', 'b', '(.*)')", None),
            ("label_replace(x > 5, 'a', '$1', 'b', '(.*)')", Some(vec![(above(5.0), MANY)])),
            ("sort_desc(x >= 5)", Some(vec![(5.0, MANY)])),
            ("clamp_min(x > 10, 20)", Some(vec![(20.0, MANY)])),
            ("clamp_max(x, 20)", Some(vec![(-MANY, 20.0)])),
            ("clamp(x, 1, 3)", Some(vec![(1.0, 3.0)])),
            ("clamp(x, 3, 1)", None),
            ("abs(x)", Some(vec![(0.0, MANY)])),
            ("abs(x < -2)", Some(vec![(2.0_f64.next_up(), MANY)])),
            ("quantile(0.9, x >= 5)", Some(vec![(5.0, MANY)])),
            ("max_over_time((x >= 5)[5m:1m])", Some(vec![(5.0, MANY)])),
            ("quantile_over_time(0.5, (x >= 5)[5m:1m])", Some(vec![(5.0, MANY)])),
            ("group(x)", Some(vec![(1.0, 1.0)])),
            ("2 * (x >= 5) + 1", Some(vec![(11.0, MANY)])),
            ("(x >= 5) / -2", Some(vec![(-MANY, -2.5)])),
            ("rate(x[5m])", Some(vec![(0.0, MANY)])),
            ("x - y", None),
            ("absent(x) or vector(0)", Some(vec![(1.0, 1.0), (0.0, 0.0)])),
            ("sum(x > 0)", Some(vec![(above(0.0), MANY)])),
            ("max(x > 3)", Some(vec![(above(3.0), MANY)])),
            ("count(x == 0)", Some(vec![(1.0, MANY)])),
            ("count(up == 0) or vector(0)", Some(vec![(1.0, MANY), (0.0, 0.0)])),
            ("absent(x)", Some(vec![(1.0, 1.0)])),
            ("x > 5 unless y", Some(vec![(above(5.0), MANY)])),
        ] {
            assert_eq!(ranges(query), expected, "{query}");
        }
    }
}
