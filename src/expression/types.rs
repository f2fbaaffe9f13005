//! Whether an expression makes sense of the values that it will get: flags are not ordered, texts are no numbers.

use super::{
    Expression, change,
    evaluation::STANDARD,
    tree::{COMPARISONS, children, collect, name_of},
};
use crate::{
    record::{Said, messages},
    support::text,
};
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
    pub message: Said,
    /// What to write instead.
    pub hint: Said,
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

    fn word(self) -> Said {
        match self {
            Self::Anything => a_value(),
            Self::Flag => a_flag(),
            Self::Number { .. } => a_number(),
            Self::Text => a_text(),
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
            check.complain(&self.tree, not_a_flag(what, whole.word()), compare_with_limit());
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
    fn complain(&mut self, node: &IdedExpr, message: Said, hint: Said) {
        let mut path: Option<Vec<String>> = None;
        collect(node, &mut |_, name| path = path.take().or(Some(name.path)));
        self.found.push(Complaint { path: path.unwrap_or_default(), message, hint });
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
                    let hint = match arg.expr {
                        Expr::Literal(_) => write_both_sides(),
                        _ => compare_such_as(bare(arg)),
                    };
                    self.complain(arg, not_joined(written(arg), sort.word()), hint);
                }
                Known::Flag
            }
            (operators::CONDITIONAL, [condition, ..], [sort, a, b]) => {
                if !sort.may_be(Known::Flag) {
                    let message = not_a_choice(written(condition), sort.word());
                    self.complain(condition, message, compare_before_choice());
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
                    let message = not_calculated(written(arg), sort.word());
                    self.complain(arg, message, calculate_with_numbers());
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
        let message = match operator {
            operators::EQUALS => never_equal(one, a.word(), other, b.word()),
            _ => always_differ(one, a.word(), other, b.word()),
        };
        let hint = match (name_of(left), name_of(right), a, b) {
            (Some(name), None, Known::Flag, _) | (None, Some(name), _, Known::Flag) => {
                write_flag(name.path.join("."))
            }
            (Some(_), None, Known::Text, _) | (None, Some(_), _, Known::Text) => put_in_quotes(),
            (Some(_), None, _, Known::Text) | (None, Some(_), Known::Text, _) => leave_quotes_out(),
            _ => compare_one_sort(),
        };
        self.complain(left, message, hint);
    }

    fn ordered(&mut self, (left, a): (&IdedExpr, Known), (right, b): (&IdedExpr, Known)) {
        for (node, sort) in [(left, a), (right, b)] {
            if sort == Known::Flag {
                let hint = match name_of(node) {
                    Some(_) => write_alone(bare(node)),
                    None => write_twice(),
                };
                self.complain(node, flag_has_no_order(written(node)), hint);
                return;
            }
        }
        if a == Known::Text && b == Known::Text {
            let message = texts_have_no_order(written(left), written(right));
            self.complain(left, message, compare_texts());
        } else if a != Known::Anything && b != Known::Anything && !a.is_same_sort(b) {
            let message = two_sorts(written(left), a.word(), written(right), b.word());
            self.complain(left, message, compare_numbers());
        }
    }

    /// A function is tried with a value of each sort: the evaluator itself knows what it takes and gives.
    fn function(&mut self, node: &IdedExpr, call: &CallExpr, sorts: Vec<Known>) -> Known {
        let target = call.target.as_ref().map(|target| self.sort(target));
        let name = &call.func_name;
        if name == change::FUNCTION {
            // What it takes is a name of the run, which a parsed one has become already.
            self.complain(node, change_takes_output(), write_change());
            return Known::Anything;
        }
        if name == "matches"
            && let Some(Expr::Literal(LiteralValue::String(pattern))) = call.args.last().map(|arg| &arg.expr)
            && regex::Regex::new(pattern.inner()).is_err()
        {
            self.complain(node, no_pattern(text::cut(pattern.inner(), 60)), mend_pattern());
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
                self.complain(node, unknown_function(name), known_functions());
                Known::Anything
            }
            // `int('x')` fails for this text and not for every one.
            Err(ExecutionError::FunctionError { .. }) => Known::Anything,
            Err(_) if unsure => Known::Anything,
            Err(_) => {
                let sorts = all.iter().map(|sort| sort.word()).reduce(both).unwrap_or_default();
                self.complain(node, does_not_work_on(name, sorts), functions_of_texts());
                Known::Anything
            }
        }
    }
}

/// A piece of the expression as a message names it.
fn written(node: &IdedExpr) -> Said {
    match (name_of(node), &node.expr) {
        (Some(_), _) => code(bare(node)),
        (
            None,
            Expr::Literal(LiteralValue::Double(_) | LiteralValue::String(_) | LiteralValue::Boolean(_)),
        ) => code(bare(node)),
        _ => bare(node),
    }
}

/// The same without its backticks.
fn bare(node: &IdedExpr) -> Said {
    match (name_of(node), &node.expr) {
        (Some(name), _) => Said::verbatim(change::shown(&name.path)),
        (None, Expr::Literal(literal)) => match literal {
            LiteralValue::Double(number) => Said::verbatim(crate::record::plain_number(**number)),
            LiteralValue::String(text) => Said::verbatim(format!("'{}'", &**text)),
            LiteralValue::Boolean(flag) => Said::verbatim(flag.to_string()),
            _ => this(),
        },
        (None, Expr::Call(call)) if COMPARISONS.contains(&call.func_name.as_str()) => a_comparison(),
        _ => this_expression(),
    }
}

messages! {
    area "expression-sorts";
    a_comparison() => "a comparison" / "une comparaison";
    a_flag() => "a flag (yes or no)" / "un booléen (oui ou non)";
    a_number() => "a number" / "un nombre";
    a_text() => "a text" / "un texte";
    a_value() => "a value" / "une valeur";
    always_differ(one, sort, other, its) => "{one} is {sort} and {other} {its}: they always differ" / "{one} est {sort} et {other} {its} : ils diffèrent toujours";
    both(one, other) => "{one} and {other}" / "{one} et {other}";
    calculate_with_numbers() => "calculate with outputs that are numbers" / "calculer avec des sorties qui sont des nombres";
    change_takes_output() => "`change` takes the output of a load, and `baseline` where that is meant" / "`change` prend la sortie d'une charge, et `baseline` si c'est elle qui est visée";
    code(text) => "`{text}`" / "`{text}`";
    compare_before_choice() => "compare it with a limit before the `?`" / "le comparer à une limite avant le `?`";
    compare_numbers() => "numbers are compared with numbers, without quotes" / "un nombre se compare à un nombre, sans guillemets";
    compare_one_sort() => "compare values of one sort" / "comparer des valeurs de même nature";
    compare_such_as(what) => "compare it with a limit, such as `{what} > 0`" / "le comparer à une limite, comme `{what} > 0`";
    compare_texts() => "compare texts with `==` or `!=`" / "comparer des textes avec `==` ou `!=`";
    compare_with_limit() => "compare it with a limit: < <= > >= == !=" / "le comparer à une limite : < <= > >= == !=";
    does_not_work_on(function, sorts) => "`{function}` does not work on {sorts}" / "`{function}` ne s'applique pas à {sorts}";
    flag_has_no_order(what) => "{what} is a flag (yes or no), and has no order" / "{what} est un booléen (oui ou non), qui n'a pas d'ordre";
    functions_of_texts() => "`size`, `contains`, `startsWith`, `endsWith` and `matches` work on texts" / "`size`, `contains`, `startsWith`, `endsWith` et `matches` s'appliquent à des textes";
    known_functions() => "known functions: size, contains, startsWith, endsWith, matches, and has(a.b)" / "fonctions connues : `size`, `contains`, `startsWith`, `endsWith`, `matches` et `has(a.b)`";
    leave_quotes_out() => "write the number without quotes" / "écrire le nombre sans guillemets";
    mend_pattern() => "close each bracket, and write a backslash before a character that is meant as itself" / "fermer chaque parenthèse ou crochet, et mettre une barre oblique inverse devant un caractère à prendre tel quel";
    never_equal(one, sort, other, its) => "{one} is {sort} and {other} {its}: they are never equal" / "{one} est {sort} et {other} {its} : ils ne sont jamais égaux";
    no_pattern(pattern) => "`{pattern}` is not a regular expression" / "`{pattern}` n'est pas une expression régulière";
    not_a_choice(what, sort) => "{what} is {sort}, and `? :` asks a yes or no" / "{what} est {sort}, et `? :` demande un oui ou un non";
    not_a_flag(what, sort) => "{what} is {sort}, and not a yes or no" / "{what} est {sort}, et non un oui ou un non";
    not_calculated(what, sort) => "{what} is {sort}, and one cannot calculate with it" / "{what} est {sort}, et ne se calcule pas";
    not_joined(what, sort) => "{what} is {sort}, and `&&`, `||` and `!` join yes or no" / "{what} est {sort}, et `&&`, `||` et `!` relient des oui ou non";
    put_in_quotes() => "put the text that you expect in quotes" / "mettre le texte attendu entre guillemets";
    texts_have_no_order(one, other) => "{one} and {other} are texts, and have no order" / "{one} et {other} sont des textes, qui n'ont pas d'ordre";
    this() => "this" / "ceci";
    this_expression() => "this expression" / "cette expression";
    two_sorts(one, sort, other, its) => "{one} is {sort} and {other} {its}" / "{one} est {sort} et {other} {its}";
    unknown_function(function) => "unknown function `{function}`" / "fonction inconnue : `{function}`";
    write_alone(flag) => "write `{flag}` alone, or `!{flag}` for a no" / "écrire `{flag}` seul, ou `!{flag}` pour un non";
    write_both_sides() => "write the whole comparison on both sides: `a.x > 1 && a.x < 5`" / "écrire la comparaison entière des deux côtés : `a.x > 1 && a.x < 5`";
    write_change() => "write `change(nominal.latency_ms.p99) < 10`, or `change(nominal.latency_ms.p99, baseline) < 10`" / "écrire `change(nominal.latency_ms.p99) < 10`, ou `change(nominal.latency_ms.p99, baseline) < 10`";
    write_flag(flag) => "write `{flag}` or `!{flag}`" / "écrire `{flag}` ou `!{flag}`";
    write_twice() => "write it twice, joined by `&&`: `1 < a.x && a.x < 5`" / "l'écrire deux fois, en les reliant par `&&` : `1 < a.x && a.x < 5`";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Language;

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

    #[test]
    fn what_makes_no_sense_is_told_in_both_languages() {
        let complaint = |text: &str| Expression::parse(text).unwrap().complaints(&known).remove(0);
        for (text, english, french, hint) in [
            (
                "a.state < 3",
                "`a.state` is a text and `3` a number",
                "`a.state` est un texte et `3` un nombre",
                "un nombre se compare à un nombre, sans guillemets",
            ),
            (
                "a.up > 0",
                "`a.up` is a flag (yes or no), and has no order",
                "`a.up` est un booléen (oui ou non), qui n'a pas d'ordre",
                "écrire `a.up` seul, ou `!a.up` pour un non",
            ),
            (
                "b.captured + 1",
                "this expression is a number, and not a yes or no",
                "cette expression est un nombre, et non un oui ou un non",
                "le comparer à une limite : < <= > >= == !=",
            ),
        ] {
            let told = complaint(text);
            assert_eq!(told.message, english);
            assert_eq!(told.message.in_language(Language::Fr), french);
            assert_eq!(told.hint.in_language(Language::Fr), hint);
        }
    }
}
