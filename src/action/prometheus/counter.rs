//! Whether a query gives a counter as it is. Such a figure falls only when the process behind it began again, and says
//! then nothing about what was counted before.

use promql_parser::parser::{self, Expr, token};

/// What the names of counters end in, by the conventions of Prometheus' client libraries.
const SUFFIXES: [&str; 4] = ["_total", "_count", "_sum", "_bucket"];

/// Whether `query` is a counter, or a sum, least or greatest of counters, without `rate`, `increase` or any other
/// function that sees a restart.
pub(super) fn is_bare(query: &str) -> bool {
    parser::parse(query).is_ok_and(|expr| bare(&expr))
}

fn bare(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(inner) => bare(&inner.expr),
        Expr::Aggregate(inner) => {
            [token::T_SUM, token::T_MAX, token::T_MIN, token::T_AVG].contains(&inner.op.id())
                && bare(&inner.expr)
        }
        Expr::VectorSelector(selector) => {
            selector.name.as_deref().is_some_and(|name| SUFFIXES.iter().any(|suffix| name.ends_with(suffix)))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_bare;

    #[test]
    fn a_counter_is_known_by_its_name_and_by_what_is_done_to_it() {
        for query in
            ["errors_total", "sum(errors_total{topic=\"}\"})", "(max by (job) (request_seconds_count))"]
        {
            assert!(is_bare(query), "{query}");
        }
        for query in
            ["increase(errors_total[5m])", "errors", "a_total - b_total", "count(errors_total)", "sum("]
        {
            assert!(!is_bare(query), "{query}");
        }
    }
}
