//! PromQL as a text: whether Prometheus could read it, and if not, where it stops making sense.

use crate::support::text;
use promql_parser::{
    label::MatchOp,
    parser::Expr,
    util::{ExprVisitor, walk_expr},
};

/// Why a text is no query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// What is wrong with the query, without the place.
    pub message: String,
    /// Where, in characters, where one place can be named.
    pub at: Option<usize>,
    /// What to try.
    pub hint: String,
}

/// Functions that some versions of Prometheus have and the parser does not know.
const OTHER_VERSIONS: [&str; 1] = ["holt_winters"];

/// Whether `query` is PromQL of the right types (`rate` of a range, `sum` of a vector).
pub fn check(query: &str) -> Result<(), Wrong> {
    let Err(message) = promql_parser::parser::parse(query) else { return Ok(()) };
    if OTHER_VERSIONS.iter().any(|name| message.contains(&format!("'{name}'"))) {
        return Ok(());
    }
    if query.trim().is_empty() {
        return Err(Wrong { message: "the query is empty".to_owned(), at: None, hint: EXAMPLE.to_owned() });
    }
    let quoted = message.split('\'').nth(1).filter(|name| is_name(name));
    let (said, at, hint) = match bracket(query) {
        Some((at, message)) => {
            (message, Some(at), "every bracket that is opened is closed, in the same order")
        }
        None if message.contains("invalid promql") => (
            "it cannot be read as a whole".to_owned(),
            dangling(query),
            "look for a missing operator, comma or quote; Prometheus' own page shows where a query breaks off",
        ),
        None if message.starts_with(NO_FUNCTION) => {
            let name = quoted.unwrap_or_default();
            let hint = match text::did_you_mean(name, COMMON) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "Prometheus' documentation lists the functions there are".to_owned(),
            };
            let message = format!("invalid PromQL: unknown function `{name}`");
            return Err(Wrong { message, at: word(query, name), hint });
        }
        None if message.starts_with(NO_PATTERN) => {
            let pattern = message[NO_PATTERN.len()..].trim();
            (
                format!("`{pattern}` is not a regular expression"),
                query.find(pattern).map(|at| query[..at].chars().count()),
                "`=~` and `!~` take a regular expression for the whole value; `=` and `!=` take it as it is",
            )
        }
        None if message.contains("got matrix") => (
            sorts(&message),
            quoted.and_then(|name| word(query, name)),
            "take the range out, or put a function around it: `sum(rate(metric[1m]))`",
        ),
        None if message.contains("expected type matrix") => (
            sorts(&message),
            quoted.and_then(|name| word(query, name)),
            "give it a range: `rate(metric[1m])`",
        ),
        None => {
            let at = quoted.and_then(|name| word(query, name)).or_else(|| first_failing(query, &message));
            (sorts(&message), at, "write it as in Prometheus' own page, where it can be tried")
        }
    };
    Err(Wrong { message: format!("invalid PromQL: {said}"), at, hint: hint.to_owned() })
}

/// A metric that a query reads, and what it asks of the labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// Name of the metric.
    pub metric: String,
    /// Labels that must have a value, each with it.
    pub labels: Vec<(String, String)>,
}

/// Every metric that a query reads by its name; none where it cannot be read.
pub fn selected(query: &str) -> Vec<Selected> {
    struct Found(Vec<Selected>);
    impl ExprVisitor for Found {
        type Error = std::convert::Infallible;

        fn pre_visit(&mut self, expr: &Expr) -> Result<bool, Self::Error> {
            let selector = match expr {
                Expr::VectorSelector(selector) => Some(selector),
                Expr::MatrixSelector(selector) => Some(&selector.vs),
                _ => None,
            };
            if let Some((selector, metric)) = selector.and_then(|s| Some((s, s.name.clone()?))) {
                let fixed = selector.matchers.matchers.iter().filter(|m| matches!(m.op, MatchOp::Equal));
                let labels = fixed.map(|m| (m.name.clone(), m.value.clone())).collect();
                let found = Selected { metric, labels };
                if !self.0.contains(&found) {
                    self.0.push(found);
                }
            }
            Ok(true)
        }
    }
    let Ok(expr) = promql_parser::parser::parse(query) else { return Vec::new() };
    let mut found = Found(Vec::new());
    let Ok(_) = walk_expr(&mut found, &expr);
    found.0
}

/// The parser's words for sorts of values, as a reader of dashboards knows them.
fn sorts(message: &str) -> String {
    let words = [
        ("type matrix", "a range of samples (`x[5m]`)"),
        ("type vector", "figures of one moment"),
        ("type scalar", "a number"),
        ("type string", "a text"),
        ("got matrix", "got a range of samples"),
        ("got vector", "got figures of one moment"),
        ("got scalar", "got a number"),
        ("got string", "got a text"),
    ];
    words.iter().fold(message.to_owned(), |text, (from, to)| text.replace(from, to))
}

const NO_FUNCTION: &str = "unknown function with name";
const NO_PATTERN: &str = "illegal regex for ";
/// What is often misspelt.
const COMMON: [&str; 28] = [
    "absent",
    "avg",
    "avg_over_time",
    "bottomk",
    "changes",
    "clamp_max",
    "clamp_min",
    "count",
    "delta",
    "deriv",
    "histogram_quantile",
    "increase",
    "irate",
    "label_replace",
    "max",
    "max_over_time",
    "min",
    "min_over_time",
    "predict_linear",
    "quantile",
    "quantile_over_time",
    "rate",
    "scalar",
    "sum",
    "sum_over_time",
    "time",
    "topk",
    "vector",
];

const EXAMPLE: &str = "write one, such as `sum(kafka_server_replicamanager_underreplicatedpartitions)`";

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':')
}

/// Where a word stands by itself.
fn word(query: &str, word: &str) -> Option<usize> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let (at, _) = query.match_indices(word).find(|(at, _)| {
        let before = query[..*at].chars().next_back();
        let behind = query[at + word.len()..].chars().next();
        !before.is_some_and(is_part) && !behind.is_some_and(is_part)
    })?;
    Some(query[..at].chars().count())
}

/// The bracket that has no partner.
fn bracket(query: &str) -> Option<(usize, String)> {
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in query.chars().enumerate() {
        match quote {
            Some(mark) => {
                if c == mark && !escaped {
                    quote = None;
                }
                escaped = c == '\\' && !escaped && mark != '`';
            }
            None if matches!(c, '"' | '\'' | '`') => quote = Some(c),
            None if matches!(c, '(' | '[' | '{') => open.push((at, c)),
            None if matches!(c, ')' | ']' | '}') => {
                let partner = match c {
                    ')' => '(',
                    ']' => '[',
                    _ => '{',
                };
                match open.pop() {
                    Some((_, opened)) if opened == partner => {}
                    Some((_, opened)) => {
                        return Some((at, format!("`{c}` does not close `{opened}`")));
                    }
                    None => return Some((at, format!("`{c}` closes what was never opened"))),
                }
            }
            None => {}
        }
    }
    if quote.is_some() {
        return None;
    }
    open.pop().map(|(at, c)| (at, format!("`{c}` is never closed")))
}

/// An operator at the end, to which nothing belongs.
fn dangling(query: &str) -> Option<usize> {
    let trimmed = query.trim_end();
    let last = trimmed.chars().next_back()?;
    matches!(last, '+' | '-' | '*' | '/' | '%' | '<' | '>' | '=' | ',').then(|| trimmed.chars().count() - 1)
}

/// The last character of the shortest beginning that fails in the same way.
fn first_failing(query: &str, message: &str) -> Option<usize> {
    let ends = query.char_indices().map(|(at, c)| at + c.len_utf8());
    ends.enumerate().find_map(|(place, end)| {
        let fails = promql_parser::parser::parse(&query[..end]).is_err_and(|error| error == message);
        fails.then_some(place)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_of_every_version_in_use_are_read() {
        for query in [
            "sum(kafka_server_replicamanager_underreplicatedpartitions{cluster=\"source\"})",
            "100 * (1 - avg(rate(node_cpu_seconds_total{mode=\"idle\"}[1m])))",
            "max by (topic) (x{topic=~\"source\\\\..*\"}) > 3",
            "max(kafka_network_requestmetrics_totaltimems{cluster='source',request='Produce',quantile='0.99'})",
            "histogram_quantile(0.99, sum by (le) (rate(x_bucket[5m])))",
            "rate(x[5m:1m] offset 1h)",
            "sum(x) / on(a) group_left(b) sum(y)",
            "x @ end()",
            "topk(3, x)",
            "up",
            "vector(1)",
            "absent(x) or on() vector(0)",
            "holt_winters(x[5m], 0.5, 0.5)",
            "label_replace(x, 'a', '$1', 'b', '(.*)')",
            "{__name__=~\"kafka.*\"}",
            "sum(x) by (le)",
            "-x ^ 2",
            "x > bool 1",
            "count_values(\"v\", x)",
            "limitk(3, x)",
            "{\"my.metric\"}",
        ] {
            assert_eq!(check(query), Ok(()), "{query}");
        }
    }

    #[test]
    fn what_is_no_query_is_told_with_its_place() {
        for (query, said, at) in [
            ("sum(x", "`(` is never closed", Some(3)),
            ("sum(x))", "never opened", Some(6)),
            ("sum(x{a=\"b\")", "`)` does not close `{`", Some(11)),
            ("rate(x)", "expected a range of samples (`x[5m]`) in call to function 'rate'", Some(0)),
            ("1 + rate(é)", "unexpected character", Some(9)),
            ("sum(x[5m])", "got a range of samples", None),
            ("rat(x[5m])", "unknown function `rat`", Some(0)),
            ("sum(x) +", "as a whole", Some(7)),
            ("x{a=~\"(b\"}", "`(b` is not a regular expression", Some(6)),
            ("x{a=\"b}", "unterminated", None),
            ("x[5 minutes]", "", None),
            ("", "empty", None),
            ("sum by topic (x)", "as a whole", None),
            ("x y", "as a whole", None),
        ] {
            let wrong = check(query).expect_err(query);
            assert!(wrong.message.contains(said), "{query}: {wrong:?}");
            if at.is_some() {
                assert_eq!(wrong.at, at, "{query}: {wrong:?}");
            }
        }
    }
}
