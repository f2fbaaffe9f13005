//! Whether an expression comes out the same whatever is measured, and why.
//!
//! Only what is certain is told: a value of which nothing is known may be anything.

use super::{
    Expression, Known,
    tree::{COMPARISONS, name_of, parts_of},
};
use cel::{
    IdedExpr,
    common::ast::{CallExpr, Expr, LiteralValue, operators},
};

/// What an expression always comes to, and why.
type Certain = Option<(bool, String)>;

impl Expression {
    /// Whether it always holds (`true`) or never (`false`), and why; `None` where it depends on what is measured.
    pub fn certain(&self, known: &dyn Fn(&[String]) -> Known) -> Certain {
        Truth { known }.of(&self.tree)
    }
}

struct Truth<'e> {
    known: &'e dyn Fn(&[String]) -> Known,
}

/// What a comparison leaves of a number: the bounds, and whether each is left out itself.
#[derive(Debug, Clone, Copy)]
struct Room {
    least: f64,
    above: bool,
    most: f64,
    below: bool,
}

/// `term operator limit`, its sides swapped where the limit stood first.
struct Bound<'e> {
    term: &'e IdedExpr,
    operator: &'static str,
    limit: f64,
}

impl Truth<'_> {
    fn of(&self, node: &IdedExpr) -> Certain {
        if name_of(node).is_some() {
            return None;
        }
        match &node.expr {
            Expr::Literal(LiteralValue::Boolean(flag)) => Some((**flag, format!("it contains `{}`", **flag))),
            Expr::Call(call) => self.call(node, call),
            _ => None,
        }
    }

    fn call(&self, node: &IdedExpr, call: &CallExpr) -> Certain {
        match (call.func_name.as_str(), call.args.as_slice()) {
            (operators::LOGICAL_NOT, [inner]) => self.of(inner).map(|(holds, why)| (!holds, why)),
            (operators::LOGICAL_AND, _) => self.chain(node, operators::LOGICAL_AND, false),
            (operators::LOGICAL_OR, _) => self.chain(node, operators::LOGICAL_OR, true),
            (operators::CONDITIONAL, [condition, yes, no]) => match self.of(condition) {
                Some((true, _)) => self.of(yes),
                Some((false, _)) => self.of(no),
                None => match (self.of(yes), self.of(no)) {
                    (Some((a, why)), Some((b, _))) if a == b => Some((a, why)),
                    _ => None,
                },
            },
            (operators::IN, [left, right]) => self.in_list(left, right),
            (operator, [left, right]) => self.comparison(canonical(operator)?, left, right),
            _ => None,
        }
    }

    /// A number that is in no list of numbers which its bounds leave out.
    fn in_list(&self, left: &IdedExpr, right: &IdedExpr) -> Certain {
        let Expr::List(list) = &right.expr else { return None };
        let outcomes = list.elements.iter().map(|element| self.comparison(operators::EQUALS, left, element));
        let outcomes: Vec<(bool, String)> = outcomes.collect::<Option<_>>()?;
        let (first, why) = outcomes.first()?;
        outcomes.iter().all(|(holds, _)| holds == first).then(|| (*first, why.clone()))
    }

    /// A chain of `&&` (decided by one part that never holds) or of `||` (by one that always does).
    fn chain(&self, node: &IdedExpr, operator: &str, decides: bool) -> Certain {
        let parts = parts_of(node, operator);
        let outcomes: Vec<Certain> = parts.iter().map(|part| self.of(part)).collect();
        if let Some(decided) = outcomes.iter().flatten().find(|(holds, _)| *holds == decides) {
            return Some(decided.clone());
        }
        if let Some(Some(first)) = outcomes.first()
            && outcomes.iter().all(Option::is_some)
        {
            return Some(first.clone());
        }
        self.together(&parts, decides).map(|why| (decides, why))
    }

    /// Why parts of a chain of `&&` exclude each other, or those of a chain of `||` leave nothing out.
    fn together(&self, parts: &[&IdedExpr], decides: bool) -> Option<String> {
        let bounds: Vec<Bound<'_>> = parts.iter().filter_map(|part| self.bound(part)).collect();
        for (index, bound) in bounds.iter().enumerate() {
            let of_term = || bounds[index..].iter().filter(|other| same(other.term, bound.term));
            if of_term().count() < 2 {
                continue;
            }
            let mut room = Room { least: f64::NEG_INFINITY, above: false, most: f64::INFINITY, below: false };
            for other in of_term() {
                // What is left by `a || b` is what neither `a` nor `b` takes.
                let operator = if decides { opposite(other.operator) } else { other.operator };
                room.narrow(operator, other.limit);
            }
            if room.is_empty() {
                let name = written(bound.term);
                return Some(match decides {
                    true => format!("one of the limits for {name} always holds"),
                    false => format!("no value of {name} is within both limits"),
                });
            }
        }
        let texts: Vec<(&IdedExpr, &str)> = parts.iter().filter_map(|part| text(part, decides)).collect();
        for (index, (term, value)) in texts.iter().enumerate() {
            if texts[index..].iter().any(|(other, text)| same(term, other) && text != value) {
                let name = written(term);
                return Some(match decides {
                    true => format!("{name} always differs from one of the two texts"),
                    false => format!("{name} cannot be two texts at once"),
                });
            }
        }
        None
    }

    /// The part as a bound of something, where it is a comparison with a fixed number.
    fn bound<'e>(&self, part: &'e IdedExpr) -> Option<Bound<'e>> {
        let Expr::Call(call) = &part.expr else { return None };
        let [left, right] = call.args.as_slice() else { return None };
        let operator = canonical(&call.func_name)?;
        let fixed = |node| {
            let (least, most) = self.range(node)?;
            (least == most).then_some(least)
        };
        match (fixed(left), fixed(right)) {
            (None, Some(limit)) => Some(Bound { term: left, operator, limit }),
            (Some(limit), None) => Some(Bound { term: right, operator: swapped(operator), limit }),
            _ => None,
        }
    }

    fn comparison(&self, operator: &'static str, left: &IdedExpr, right: &IdedExpr) -> Certain {
        if same(left, right) {
            let holds =
                matches!(operator, operators::EQUALS | operators::LESS_EQUALS | operators::GREATER_EQUALS);
            return Some((holds, "both sides are the same".to_owned()));
        }
        if let (Expr::Literal(LiteralValue::String(a)), Expr::Literal(LiteralValue::String(b))) =
            (&left.expr, &right.expr)
        {
            let equal = **a == **b;
            return match operator {
                operators::EQUALS => Some((equal, "both sides are written down".to_owned())),
                operators::NOT_EQUALS => Some((!equal, "both sides are written down".to_owned())),
                _ => None,
            };
        }
        let (a, b) = (self.range(left)?, self.range(right)?);
        let holds = match operator {
            operators::LESS => decide(a.1 < b.0, a.0 >= b.1),
            operators::LESS_EQUALS => decide(a.1 <= b.0, a.0 > b.1),
            operators::GREATER => decide(a.0 > b.1, a.1 <= b.0),
            operators::GREATER_EQUALS => decide(a.0 >= b.1, a.1 < b.0),
            operators::EQUALS => decide(a.0 == a.1 && a == b, a.1 < b.0 || a.0 > b.1),
            _ => decide(a.1 < b.0 || a.0 > b.1, a.0 == a.1 && a == b),
        }?;
        Some((holds, self.reason(left, a).or_else(|| self.reason(right, b)).unwrap_or_else(fixed)))
    }

    /// What the bounds of one side are, in words, where it is no fixed number.
    fn reason(&self, node: &IdedExpr, bounds: (f64, f64)) -> Option<String> {
        let (least, most) = bounds;
        if least == most {
            return None;
        }
        let name = written(node);
        Some(match (least, most) {
            (0.0, f64::INFINITY) => format!("{name} is never negative"),
            (least, f64::INFINITY) => match rounder(least, least.next_down()) {
                Some(limit) => format!("{name} is always above {limit}"),
                None => format!("{name} is never below {least}"),
            },
            (f64::NEG_INFINITY, most) => match rounder(most, most.next_up()) {
                Some(limit) => format!("{name} is always below {limit}"),
                None => format!("{name} is never above {most}"),
            },
            (least, most) => {
                let (least, most) = (rounder(least, least.next_down()), rounder(most, most.next_up()));
                let (least, most) = (least.unwrap_or(bounds.0), most.unwrap_or(bounds.1));
                format!("{name} is always between {least} and {most}")
            }
        })
    }

    /// The range of a number; `None` where it may be no number.
    fn range(&self, node: &IdedExpr) -> Option<(f64, f64)> {
        if let Some(name) = name_of(node) {
            return match (self.known)(&name.path) {
                Known::Number { least, most } if !name.optional => Some((least, most)),
                _ => None,
            };
        }
        match &node.expr {
            Expr::Literal(LiteralValue::Double(number)) => Some((**number, **number)),
            Expr::Call(call) => {
                let ranges: Vec<(f64, f64)> =
                    call.args.iter().map(|arg| self.range(arg)).collect::<Option<_>>()?;
                let found = match (call.func_name.as_str(), ranges.as_slice()) {
                    (operators::NEGATE, [a]) => (-a.1, -a.0),
                    (operators::ADD, [a, b]) => (a.0 + b.0, a.1 + b.1),
                    (operators::SUBSTRACT, [a, b]) => (a.0 - b.1, a.1 - b.0),
                    (operators::MULTIPLY, [a, b]) => {
                        // Nought times a bound that there is not is still nought.
                        let times = |x: f64, y: f64| if x == 0.0 || y == 0.0 { 0.0 } else { x * y };
                        let all = [times(a.0, b.0), times(a.0, b.1), times(a.1, b.0), times(a.1, b.1)];
                        (
                            all.into_iter().fold(f64::INFINITY, f64::min),
                            all.into_iter().fold(f64::NEG_INFINITY, f64::max),
                        )
                    }
                    (operators::DIVIDE, [a, b]) if b.0 > 0.0 && b.0 == b.1 => (a.0 / b.0, a.1 / b.0),
                    _ => return None,
                };
                (!found.0.is_nan() && !found.1.is_nan()).then_some(found)
            }
            _ => None,
        }
    }
}

fn written(node: &IdedExpr) -> String {
    name_of(node).map_or_else(|| "one side".to_owned(), |name| format!("`{}`", name.path.join(".")))
}

impl Room {
    fn narrow(&mut self, operator: &str, limit: f64) {
        match operator {
            operators::LESS => self.at_most(limit, true),
            operators::LESS_EQUALS => self.at_most(limit, false),
            operators::GREATER => self.at_least(limit, true),
            operators::GREATER_EQUALS => self.at_least(limit, false),
            operators::EQUALS => {
                self.at_least(limit, false);
                self.at_most(limit, false);
            }
            // All but one number: nearly everything is left.
            _ => {}
        }
    }

    fn at_least(&mut self, limit: f64, above: bool) {
        if limit > self.least || limit == self.least && above {
            (self.least, self.above) = (limit, above);
        }
    }

    fn at_most(&mut self, limit: f64, below: bool) {
        if limit < self.most || limit == self.most && below {
            (self.most, self.below) = (limit, below);
        }
    }

    fn is_empty(self) -> bool {
        self.least > self.most || self.least == self.most && (self.above || self.below)
    }
}

/// The number beside a bound, where it is the one that was written: `x > 100` begins just above 100.
fn rounder(bound: f64, beside: f64) -> Option<f64> {
    (beside.to_string().len() + 8 < bound.to_string().len()).then_some(beside)
}

/// Nothing is measured on either side.
fn fixed() -> String {
    "both sides are fixed".to_owned()
}

fn decide(always: bool, never: bool) -> Option<bool> {
    match (always, never) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

/// The operator, where it compares.
fn canonical(operator: &str) -> Option<&'static str> {
    COMPARISONS.into_iter().find(|known| *known == operator)
}

/// The operator that says the same with its sides swapped.
fn swapped(operator: &'static str) -> &'static str {
    match operator {
        operators::LESS => operators::GREATER,
        operators::LESS_EQUALS => operators::GREATER_EQUALS,
        operators::GREATER => operators::LESS,
        operators::GREATER_EQUALS => operators::LESS_EQUALS,
        other => other,
    }
}

/// The operator that holds exactly where the other does not.
fn opposite(operator: &'static str) -> &'static str {
    match operator {
        operators::LESS => operators::GREATER_EQUALS,
        operators::LESS_EQUALS => operators::GREATER,
        operators::GREATER => operators::LESS_EQUALS,
        operators::GREATER_EQUALS => operators::LESS,
        operators::EQUALS => operators::NOT_EQUALS,
        _ => operators::EQUALS,
    }
}

/// `term == 'text'`, or `term != 'text'` where `negated`.
fn text(part: &IdedExpr, negated: bool) -> Option<(&IdedExpr, &str)> {
    let Expr::Call(call) = &part.expr else { return None };
    let wanted = if negated { operators::NOT_EQUALS } else { operators::EQUALS };
    match call.args.as_slice() {
        [term, other] if call.func_name == wanted => match (&term.expr, &other.expr) {
            (Expr::Literal(_), Expr::Literal(_)) => None,
            (_, Expr::Literal(LiteralValue::String(text))) => Some((term, text)),
            (Expr::Literal(LiteralValue::String(text)), _) => Some((other, text)),
            _ => None,
        },
        _ => None,
    }
}

/// Whether two pieces of an expression say the same.
fn same(a: &IdedExpr, b: &IdedExpr) -> bool {
    match (&a.expr, &b.expr) {
        (Expr::Ident(x), Expr::Ident(y)) => x == y,
        (Expr::Literal(x), Expr::Literal(y)) => x == y,
        (Expr::Select(x), Expr::Select(y)) => {
            x.field == y.field && x.test == y.test && same(&x.operand, &y.operand)
        }
        (Expr::Call(x), Expr::Call(y)) => {
            let targets = match (&x.target, &y.target) {
                (None, None) => true,
                (Some(x), Some(y)) => same(x, y),
                _ => false,
            };
            let args = x.args.len() == y.args.len() && x.args.iter().zip(&y.args).all(|(x, y)| same(x, y));
            x.func_name == y.func_name && targets && args
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(path: &[String]) -> Known {
        match path.join(".").as_str() {
            "a.count" | "b.count" => Known::AMOUNT,
            "a.value" => Known::NUMBER,
            "slo.limit" => Known::exactly(10.0),
            "slo.none" => Known::exactly(0.0),
            "a.up" => Known::Flag,
            _ => Known::Anything,
        }
    }

    #[test]
    fn what_depends_on_a_measurement_is_left_alone() {
        for text in [
            "a.count > 0",
            "a.count >= 1",
            "a.value >= 0",
            "a.count == 0",
            "a.count - b.count >= 0",
            "a.value > 1 && a.value < 2",
            "a.value < 1 || a.value > 2",
            "a.value >= 1 && a.value <= 1",
            "a.value != 1 || a.value != 2 && a.up",
            "a.up",
            "a.count < 1 && a.up || a.value > 3",
            "a.state == 'x' || a.state == 'y'",
            "a.state != 'x' && a.state != 'y'",
            "a.thing >= 0",
            "a.count >= 0 && a.value < 3",
            "a.count / b.count >= 0",
            "has(a.thing)",
            "a.count < slo.limit",
            "a.up ? a.count > 3 : false",
        ] {
            assert_eq!(Expression::parse(text).unwrap().certain(&known), None, "{text}");
        }
    }

    #[test]
    fn what_is_certain_is_told_with_its_reason() {
        for (text, holds, why) in [
            ("a.count >= 0", true, "`a.count` is never negative"),
            ("0 <= a.count", true, "`a.count` is never negative"),
            ("a.count > -1", true, "`a.count` is never negative"),
            ("a.count < 0", false, "`a.count` is never negative"),
            ("a.count >= slo.none", true, "`a.count` is never negative"),
            ("a.count + b.count >= 0", true, "never negative"),
            ("2 * a.count >= 0", true, "never negative"),
            ("a.value == a.value", true, "both sides are the same"),
            ("a.value < a.value", false, "both sides are the same"),
            ("a.value - 1 <= a.value - 1", true, "both sides are the same"),
            ("true || a.up", true, "it contains `true`"),
            ("a.up && false", false, "it contains `false`"),
            ("!(a.up && false)", true, "it contains `false`"),
            ("a.value < 1 && a.value > 2", false, "no value of `a.value`"),
            ("a.value < 2 || a.value > 1", true, "always holds"),
            ("a.value < 1 && a.up && a.value >= 1", false, "no value of `a.value`"),
            ("a.value == 1 && 2 == a.value", false, "no value of `a.value`"),
            ("a.value != 1 || a.value != 2", true, "always holds"),
            ("a.value > slo.limit && a.value < 5", false, "no value of `a.value`"),
            ("a.state == 'x' && a.state == 'y'", false, "two texts at once"),
            ("a.state != 'x' || a.state != 'y'", true, "differs from one"),
            ("1 < 2", true, "both sides are fixed"),
            ("slo.limit > 3", true, "both sides are fixed"),
        ] {
            let (found, reason) = Expression::parse(text).unwrap().certain(&known).expect(text);
            assert_eq!(found, holds, "{text}");
            assert!(reason.contains(why), "{text}: {reason}");
        }
    }
}
