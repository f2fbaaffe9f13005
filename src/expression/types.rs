//! Whether an expression makes sense of the values that it will get: flags are not ordered, texts are no numbers.

use super::{
    Expression, change,
    evaluation::STANDARD,
    tree::{COMPARISONS, children, collect, name_of},
};
use crate::support::text;
use cel::{
    Context, ExecutionError, IdedExpr,
    common::{
        ast::{CallExpr, Expr, LiteralValue, operators},
        types::{CelBool, CelDouble, CelString},
    },
};
use std::sync::Arc;

/// What is known of a name's value before anything has run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Known {
    /// Nothing, or something that is neither of the others.
    Anything,
    /// A boolean.
    Flag,
    /// A number between these two.
    Number {
        /// The least that it can be.
        least: f64,
        /// The most that it can be.
        most: f64,
    },
    /// Text of unknown content, such as a state.
    Text,
}

/// Something in an expression that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The first name of the piece that makes none; empty where it has no name.
    pub path: Vec<String>,
    /// The contradiction, with the expression in backticks.
    pub message: String,
    /// What to write instead.
    pub hint: String,
}

impl Known {
    /// A number of which nothing is known.
    pub const NUMBER: Self = Self::Number { least: f64::NEG_INFINITY, most: f64::INFINITY };
    /// A number that is never negative.
    pub const AMOUNT: Self = Self::Number { least: 0.0, most: f64::INFINITY };

    /// Returns the type of exactly this number.
    pub fn exactly(number: f64) -> Self {
        Self::Number { least: number, most: number }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Anything => "a value",
            Self::Flag => "a flag (yes or no)",
            Self::Number { .. } => "a number",
            Self::Text => "a text",
        }
    }

    fn is_same_sort(self, other: Self) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }

    fn may_be(self, other: Self) -> bool {
        self == Self::Anything || self.is_same_sort(other)
    }

    /// A literal of that sort, with which a function can be tried.
    fn sample(self) -> Option<LiteralValue> {
        match self {
            Self::Anything => None,
            Self::Flag => Some(LiteralValue::Boolean(CelBool::from(true))),
            Self::Number { .. } => Some(LiteralValue::Double(CelDouble::from(1.0))),
            Self::Text => Some(LiteralValue::String(CelString::from("x".to_owned()))),
        }
    }
}

impl Expression {
    /// What makes no sense in it, given what is known of its names; at the end it must say yes or no.
    pub fn complaints(&self, known: &dyn Fn(&[String]) -> Known) -> Vec<Complaint> {
        let mut check = Check { known, found: Vec::new(), bound: Vec::new() };
        let whole = check.sort(&self.tree);
        if check.found.is_empty() && !whole.may_be(Known::Flag) {
            let what = written(&self.tree);
            check.complain(
                &self.tree,
                format!("{what} is {}, and not a yes or no", whole.word()),
                "compare it with a limit: < <= > >= == !=",
            );
        }
        check.found
    }
}

struct Check<'e> {
    known: &'e dyn Fn(&[String]) -> Known,
    found: Vec<Complaint>,
    /// What macros bind, the innermost last.
    bound: Vec<(String, Known)>,
}

impl Check<'_> {
    fn complain(&mut self, node: &IdedExpr, message: String, hint: impl Into<String>) {
        let mut path: Option<Vec<String>> = None;
        collect(node, &mut |_, name| path = path.take().or(Some(name.path)));
        self.found.push(Complaint { path: path.unwrap_or_default(), message, hint: hint.into() });
    }

    fn sort(&mut self, node: &IdedExpr) -> Known {
        if let Some(name) = name_of(node) {
            let bound = self.bound.iter().rev().find(|(bound, _)| *bound == name.path[0]);
            return match bound {
                _ if name.optional => Known::Flag,
                Some((_, sort)) if name.path.len() == 1 => *sort,
                Some(_) => Known::Anything,
                None => (self.known)(&name.path),
            };
        }
        match &node.expr {
            Expr::Literal(literal) => match literal {
                LiteralValue::Boolean(_) => Known::Flag,
                LiteralValue::Double(_) | LiteralValue::Int(_) | LiteralValue::UInt(_) => Known::NUMBER,
                LiteralValue::String(_) => Known::Text,
                LiteralValue::Bytes(_) | LiteralValue::Null => Known::Anything,
            },
            Expr::Call(call) => self.call(node, call),
            Expr::Comprehension(c) => {
                self.sort(&c.iter_range);
                let item = self.item(&c.iter_range);
                self.bound.push((c.iter_var.clone(), item));
                self.sort(&c.loop_step);
                self.bound.pop();
                Known::Anything
            }
            _ => {
                for child in children(node) {
                    self.sort(child);
                }
                Known::Anything
            }
        }
    }

    fn call(&mut self, node: &IdedExpr, call: &CallExpr) -> Known {
        let operator = call.func_name.as_str();
        let sorts: Vec<Known> = call.args.iter().map(|arg| self.sort(arg)).collect();
        match (operator, call.args.as_slice(), sorts.as_slice()) {
            (operators::EQUALS | operators::NOT_EQUALS, [left, right], [a, b]) => {
                self.equal(operator, (left, *a), (right, *b));
                Known::Flag
            }
            (_, [left, right], [a, b]) if COMPARISONS.contains(&operator) => {
                self.ordered((left, *a), (right, *b));
                Known::Flag
            }
            (operators::LOGICAL_AND | operators::LOGICAL_OR | operators::LOGICAL_NOT, args, sorts) => {
                for (arg, sort) in args.iter().zip(sorts).filter(|(_, sort)| !sort.may_be(Known::Flag)) {
                    let what = written(arg);
                    self.complain(
                        arg,
                        format!("{what} is {}, and `&&`, `||` and `!` join yes or no", sort.word()),
                        match arg.expr {
                            Expr::Literal(_) => {
                                "write the whole comparison on both sides: `a.x > 1 && a.x < 5`".to_owned()
                            }
                            _ => format!("compare it with a limit, such as `{} > 0`", what.trim_matches('`')),
                        },
                    );
                }
                Known::Flag
            }
            (operators::CONDITIONAL, [condition, ..], [sort, a, b]) => {
                if !sort.may_be(Known::Flag) {
                    let what = written(condition);
                    let message = format!("{what} is {}, and `? :` asks a yes or no", sort.word());
                    self.complain(condition, message, "compare it with a limit before the `?`");
                }
                if a.is_same_sort(*b) && !matches!(a, Known::Number { .. }) { *a } else { Known::Anything }
            }
            // What is captured may be a text, and texts are joined.
            (
                operators::ADD,
                [_, _],
                [Known::Text, Known::Text | Known::Anything] | [Known::Anything, Known::Text],
            ) => Known::Text,
            (operators::ADD, [_, _], [Known::Anything, Known::Anything]) => Known::Anything,
            (
                operators::ADD
                | operators::SUBSTRACT
                | operators::MULTIPLY
                | operators::DIVIDE
                | operators::MODULO
                | operators::NEGATE,
                args,
                sorts,
            ) => {
                for (arg, sort) in args.iter().zip(sorts).filter(|(_, sort)| !sort.may_be(Known::NUMBER)) {
                    let what = written(arg);
                    let message = format!("{what} is {}, and one cannot calculate with it", sort.word());
                    self.complain(arg, message, "calculate with outputs that are numbers");
                }
                Known::NUMBER
            }
            (operators::IN, [left, right], [a, _]) => {
                if let Expr::List(list) = &right.expr {
                    for item in &list.elements {
                        let before = self.found.len();
                        let sort = self.sort(item);
                        // What makes no sense in it was told with the list.
                        self.found.truncate(before);
                        self.equal(operators::EQUALS, (left, *a), (item, sort));
                        if self.found.len() > before {
                            break;
                        }
                    }
                }
                Known::Flag
            }
            (operators::INDEX, _, _) => Known::Anything,
            _ if operator.starts_with(['_', '@']) => Known::Anything,
            _ => self.function(node, call, sorts),
        }
    }

    /// What is known of every element of a list.
    fn item(&mut self, list: &IdedExpr) -> Known {
        let Expr::List(list) = &list.expr else { return Known::Anything };
        let before = self.found.len();
        let sorts: Vec<Known> = list.elements.iter().map(|item| self.sort(item)).collect();
        self.found.truncate(before);
        match sorts.split_first() {
            Some((first, rest)) if rest.iter().all(|sort| sort.is_same_sort(*first)) => match first {
                // Not every number of the list has the bounds of the first.
                Known::Number { .. } => Known::NUMBER,
                sort => *sort,
            },
            _ => Known::Anything,
        }
    }

    fn equal(&mut self, operator: &str, (left, a): (&IdedExpr, Known), (right, b): (&IdedExpr, Known)) {
        if a == Known::Anything || b == Known::Anything || a.is_same_sort(b) {
            return;
        }
        let (one, other) = (written(left), written(right));
        let always = if operator == operators::EQUALS { "are never equal" } else { "always differ" };
        let message = format!("{one} is {} and {other} {}: they {always}", a.word(), b.word());
        let hint = match (name_of(left), name_of(right), a, b) {
            (Some(name), None, Known::Flag, _) | (None, Some(name), _, Known::Flag) => {
                let name = name.path.join(".");
                format!("write `{name}` or `!{name}`")
            }
            (Some(_), None, Known::Text, _) | (None, Some(_), _, Known::Text) => {
                "put the text that you expect in quotes".to_owned()
            }
            (Some(_), None, _, Known::Text) | (None, Some(_), Known::Text, _) => {
                "write the number without quotes".to_owned()
            }
            _ => "compare values of one sort".to_owned(),
        };
        self.complain(left, message, hint);
    }

    fn ordered(&mut self, (left, a): (&IdedExpr, Known), (right, b): (&IdedExpr, Known)) {
        for (node, sort) in [(left, a), (right, b)] {
            if sort == Known::Flag {
                let what = written(node);
                let hint = match name_of(node) {
                    Some(_) => format!("write {what} alone, or `!{}` for a no", what.trim_matches('`')),
                    None => "write it twice, joined by `&&`: `1 < a.x && a.x < 5`".to_owned(),
                };
                self.complain(node, format!("{what} is a flag (yes or no), and has no order"), hint);
                return;
            }
        }
        if a == Known::Text && b == Known::Text {
            let message = format!("{} and {} are texts, and have no order", written(left), written(right));
            self.complain(left, message, "compare texts with `==` or `!=`");
        } else if a != Known::Anything && b != Known::Anything && !a.is_same_sort(b) {
            let (one, other) = (written(left), written(right));
            let message = format!("{one} is {} and {other} {}", a.word(), b.word());
            self.complain(left, message, "numbers are compared with numbers, without quotes");
        }
    }

    /// A function is tried with a value of each sort: the evaluator itself knows what it takes and gives.
    fn function(&mut self, node: &IdedExpr, call: &CallExpr, sorts: Vec<Known>) -> Known {
        let target = call.target.as_ref().map(|target| self.sort(target));
        let name = &call.func_name;
        if name == change::FUNCTION {
            // What it takes is a name of the run, which a parsed one has become already.
            self.complain(
                node,
                "`change` takes the output of a load, and `baseline` where that is meant".to_owned(),
                "write `change(nominal.latency_ms.p99) < 10`, or `change(nominal.latency_ms.p99, baseline) < 10`",
            );
            return Known::Anything;
        }
        if name == "matches"
            && let Some(Expr::Literal(LiteralValue::String(pattern))) = call.args.last().map(|arg| &arg.expr)
            && regex::Regex::new(pattern.inner()).is_err()
        {
            self.complain(
                node,
                format!("`{}` is not a regular expression", text::cut(pattern.inner(), 60)),
                "close each bracket, and write a backslash before a character that is meant as itself",
            );
            return Known::Flag;
        }
        let all: Vec<Known> = target.iter().copied().chain(sorts.iter().copied()).collect();
        // Where a value may be anything, all that can be told is whether there is such a function at all.
        let unsure = all.contains(&Known::Anything);
        let literal = |sort: Known| {
            let sample = sort.sample().unwrap_or(LiteralValue::Null);
            IdedExpr { id: 0, expr: Expr::Literal(sample) }
        };
        let tried = IdedExpr {
            id: 0,
            expr: Expr::Call(CallExpr {
                func_name: name.clone(),
                target: target.map(|sort| Box::new(literal(sort))),
                args: sorts.iter().map(|sort| literal(*sort)).collect(),
            }),
        };
        match cel::Value::resolve(&tried, &Context::with_env(Arc::clone(&STANDARD))) {
            Ok(_) if unsure => Known::Anything,
            Ok(cel::Value::Bool(_)) => Known::Flag,
            Ok(cel::Value::Float(_) | cel::Value::Int(_) | cel::Value::UInt(_)) => match name.as_str() {
                "size" => Known::AMOUNT,
                _ => Known::NUMBER,
            },
            Ok(cel::Value::String(_)) => Known::Text,
            Ok(_) => Known::Anything,
            Err(ExecutionError::UndeclaredReference(_)) => {
                self.complain(
                    node,
                    format!("unknown function `{name}`"),
                    "known functions: size, contains, startsWith, endsWith, matches, and has(a.b)",
                );
                Known::Anything
            }
            // `int('x')` fails for this text and not for every one.
            Err(ExecutionError::FunctionError { .. }) => Known::Anything,
            Err(_) if unsure => Known::Anything,
            Err(_) => {
                let sorts = all.iter().map(|sort| sort.word()).collect::<Vec<_>>().join(" and ");
                self.complain(
                    node,
                    format!("`{name}` does not work on {sorts}"),
                    "`size`, `contains`, `startsWith`, `endsWith` and `matches` work on texts",
                );
                Known::Anything
            }
        }
    }
}

/// A piece of the expression as a message names it.
fn written(node: &IdedExpr) -> String {
    match (name_of(node), &node.expr) {
        (Some(name), _) => format!("`{}`", change::shown(&name.path)),
        (None, Expr::Literal(literal)) => literal_text(literal),
        (None, Expr::Call(call)) if COMPARISONS.contains(&call.func_name.as_str()) => {
            "a comparison".to_owned()
        }
        _ => "this expression".to_owned(),
    }
}

fn literal_text(literal: &LiteralValue) -> String {
    match literal {
        LiteralValue::Double(number) => format!("`{}`", crate::record::plain_number(**number)),
        LiteralValue::String(text) => format!("`'{}'`", &**text),
        LiteralValue::Boolean(flag) => format!("`{}`", **flag),
        _ => "this".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(path: &[String]) -> Known {
        match path.join(".").as_str() {
            "a.up" => Known::Flag,
            "a.state" => Known::Text,
            "a.count" => Known::AMOUNT,
            "a.value" => Known::NUMBER,
            _ => Known::Anything,
        }
    }

    fn told(text: &str) -> Vec<String> {
        let complaints = Expression::parse(text).unwrap().complaints(&known);
        complaints.into_iter().map(|c| format!("{}: {}; {}", c.path.join("."), c.message, c.hint)).collect()
    }

    #[test]
    fn what_makes_sense_is_left_alone() {
        for text in [
            "a.up",
            "!a.up && a.count == 0",
            "a.up == true",
            "a.state == 'RUNNING' || a.state.startsWith('R')",
            "size(a.state) > 3",
            "a.count + 1 < 2 * a.value",
            "-a.value < 3",
            "b.list.all(i, i > 3)",
            "size(b.list) > 0",
            "b.captured + 'x' == 'upx'",
            "'x' + b.captured != b.other",
            "b.captured + b.other == 'updown'",
            "b.captured + b.other > 3",
            "a.state in ['x', 'y']",
            "has(b.c)",
            "has(b.c) ? b.c > 1 : a.up",
            "b.thing == 3",
            "b.thing.startsWith('x')",
            "int(a.state) > 3",
            "a.state + 'x' == 'yx'",
            "a.state.matches('R.*')",
            "a.count in [1, a.value]",
            "a.value in b.list",
            "[a.count, 3].all(x, x > 2) && ['x'].exists(y, y == a.state)",
            "[a.count, a.state].exists(x, x == 'y')",
        ] {
            assert_eq!(told(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_told() {
        for (text, said) in [
            ("a.up == 1", "write `a.up` or `!a.up`"),
            ("a.up == 'true'", "never equal"),
            ("a.up > 0", "has no order"),
            ("a.up + 1 == 2", "cannot calculate"),
            ("a.state == 3", "in quotes"),
            ("a.count == '3'", "without quotes"),
            ("b.captured + 'x'", "this expression is a text, and not a yes or no"),
            ("b.captured + 'x' > 3", "this expression is a text and `3` a number"),
            ("b.captured + 1", "this expression is a number, and not a yes or no"),
            ("a.state < 3", "is a text and `3` a number"),
            ("a.state.matches('(')", "`(` is not a regular expression"),
            ("b.captured.matches('[a')", "`[a` is not a regular expression"),
            ("a.count", "not a yes or no"),
            ("a.count > 1 && a.value", "`a.value > 0`"),
            ("a.count > 1 && 5", "whole comparison"),
            ("!a.count", "join yes or no"),
            ("size(a.count) > 1", "`size` does not work on a number"),
            ("a.up.startsWith('x')", "does not work on a flag"),
            ("abs(a.value) < 3", "unknown function `abs`"),
            ("a.value ? true : false", "asks a yes or no"),
            ("1 < a.count < 5", "has no order"),
            ("a.state in [1, 2]", "never equal"),
            ("!(a.state in ['x', 2])", "never equal"),
            ("a.up in [1]", "never equal"),
            ("{'k': a.state == 3}.k", "in quotes"),
            ("[a.up == 1] == [true]", "write `a.up` or `!a.up`"),
            ("[1, 2].all(x, x != a.state)", "never equal|always differ"),
            ("[a.state].exists(x, x == 5)", "never equal"),
            ("[a.up].all(x, x > 1)", "has no order"),
        ] {
            let told = told(text);
            assert!(told.iter().any(|t| said.split('|').any(|said| t.contains(said))), "{text}: {told:?}");
            assert_eq!(told.len(), 1, "{text}: {told:?}");
        }
        assert!(told("a.count == 0 && a.up == 1")[0].starts_with("a.up: "));
    }
}
