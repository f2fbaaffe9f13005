//! [`Evaluation`]: the value of an expression where some values are unknown.
//!
//! CEL compares values of any two types, knows NaN and infinities, and stops at the first error. A verdict needs more:
//! values of different types are not compared, a result that is not a finite number is unknown, and what is unknown
//! stays so until the rest of the expression decides without it (`false && unknown` is false).

use super::{
    change::shown,
    tree::{COMPARISONS, Name, name_of, visit},
    written,
};
use crate::{
    record::{Arg, Said, messages, plain_number},
    support::text,
};
use cel::{
    Context, Env, ExecutionError, IdedExpr, Value,
    common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, LiteralValue, operators},
    objects::{Key, Map},
};
use regex::RegexBuilder;
use serde_json::Value as Json;
use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

/// The value of an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Yes or no.
    Flag(bool),
    /// Number of any unit, integers included.
    Number(f64),
    /// Text, such as a state or a name.
    Text(String),
    /// Something that no criterion compares (a list, a map).
    Other(String),
}

/// Names and their values, as nested JSON objects by their first part.
pub type Names = BTreeMap<String, Json>;

/// CEL's own types and functions, made once: that takes longer than most expressions.
pub(super) static STANDARD: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

/// Why a value is unknown.
#[derive(Debug, Clone, PartialEq)]
pub enum Unknown<W> {
    /// A name has no value; why, in the words of the caller.
    Absent(W),
    /// There are values, and what is asked of them has no answer.
    Unanswerable(Said),
}

/// A value, or every reason why it is unknown.
pub(super) type Told<T, W> = Result<T, Vec<Unknown<W>>>;

/// What one evaluation may take, in bytes: of every value that it makes, of every one that a function looks at, and
/// [`STEP`] or [`CALL`] for each step. A criterion takes some thousands.
const WORK: usize = 16 << 20;
/// One step down the tree, and one entry of a list.
const STEP: usize = 64;
/// One call of a function.
const CALL: usize = 1 << 10;
/// One call of a regular expression, which is compiled for it, and how large that may get.
const PATTERN: usize = 256 << 10;

/// How many reasons of one sort are told.
const REASONS: usize = 8;

/// One evaluation over `names`.
pub(super) struct Evaluation<'e, W> {
    names: &'e Names,
    /// Why a dotted name has no value, where it has none.
    absent: &'e dyn Fn(&[String]) -> Option<W>,
    /// What macros bind, the innermost last.
    bound: Vec<(&'e str, Told<Value, W>)>,
    /// What is left of [`WORK`].
    left: usize,
}

impl<'e, W: Clone + PartialEq> Evaluation<'e, W> {
    pub(super) fn new(names: &'e Names, absent: &'e dyn Fn(&[String]) -> Option<W>) -> Self {
        Self { names, absent, bound: Vec::new(), left: WORK }
    }

    /// Takes so much of what is left, for a piece of the expression.
    fn take(&mut self, work: usize, node: &IdedExpr) -> Told<(), W> {
        self.left = self.left.saturating_sub(work);
        if self.left == 0 { Err(unanswerable(too_much(short(node)))) } else { Ok(()) }
    }

    /// Takes what it costs to copy or to look at all of these values.
    fn take_values(&mut self, values: &[Value], node: &IdedExpr) -> Told<(), W> {
        values.iter().try_for_each(|value| self.take_value(value, node))
    }

    fn take_value(&mut self, value: &Value, node: &IdedExpr) -> Told<(), W> {
        match value {
            Value::String(text) => self.take(text.len(), node),
            Value::Bytes(bytes) => self.take(bytes.len(), node),
            Value::List(items) => {
                self.take(STEP, node)?;
                self.take_values(items, node)
            }
            Value::Map(map) => map.map.iter().try_for_each(|(key, value)| {
                let key = if let Key::String(text) = key { text.len() } else { 0 };
                self.take(2 * STEP + key, node)?;
                self.take_value(value, node)
            }),
            _ => self.take(STEP, node),
        }
    }

    pub(super) fn outcome(&mut self, node: &'e IdedExpr) -> Told<Outcome, W> {
        Ok(match self.value(node)? {
            Value::Bool(flag) => Outcome::Flag(flag),
            Value::Float(number) => Outcome::Number(number),
            Value::String(text) => Outcome::Text(text.to_string()),
            other => Outcome::Other(other.type_of().to_string()),
        })
    }

    fn value(&mut self, node: &'e IdedExpr) -> Told<Value, W> {
        self.take(STEP, node)?;
        if let Some(name) = name_of(node)
            && !self.bound.iter().any(|(bound, _)| *bound == name.path[0])
        {
            let value = self.named(&name)?;
            return self.take_value(&value, node).map(|()| value);
        }
        match &node.expr {
            Expr::Literal(literal) => {
                let value = Value::try_from(literal.to_val().as_ref());
                let value = value.map(plain).map_err(|_| unanswerable(no_value(short(node))))?;
                self.take_value(&value, node).map(|()| value)
            }
            Expr::Ident(name) => match self.bound.iter_mut().rev().find(|(bound, _)| bound == name) {
                // What a macro gathers in is asked for once a round: taken, it can grow where it is.
                Some((_, value)) if name.starts_with('@') => std::mem::replace(value, Err(Vec::new())),
                Some((_, value)) => value.clone(),
                None => Err(unanswerable(no_value(name))),
            },
            Expr::Select(select) => {
                let held = self.value(&select.operand)?;
                let field = element(&held, &Value::from(select.field.as_str()));
                match (select.test, field) {
                    (true, field) => Ok(field.is_some().into()),
                    (false, Some(field)) => Ok(field),
                    (false, None) => Err(unanswerable(no_value(short(node)))),
                }
            }
            Expr::List(list) => Ok(Value::List(Arc::new(self.all(&list.elements)?))),
            Expr::Map(map) => {
                let mut values: Vec<(Key, Value)> = Vec::new();
                let mut reasons = Vec::new();
                for entry in &map.entries {
                    let EntryExpr::MapEntry(entry) = &entry.expr else { continue };
                    match (self.value(&entry.key), self.value(&entry.value)) {
                        (Ok(at), Ok(value)) => match key(&at) {
                            Some(at) => values.push((at, value)),
                            None => add(&mut reasons, unanswerable(no_value(short(&entry.key)))),
                        },
                        (at, value) => {
                            let why = [at, value].into_iter().filter_map(Result::err).flatten();
                            add(&mut reasons, why.collect());
                        }
                    }
                }
                if reasons.is_empty() {
                    Ok(Value::Map(Map { map: Arc::new(values.into_iter().collect()) }))
                } else {
                    Err(reasons)
                }
            }
            Expr::Comprehension(comprehension) => self.folded(node, comprehension),
            Expr::Call(call) => self.call(node, call),
            Expr::Struct(_) | Expr::Unspecified => Err(unanswerable(no_value(short(node)))),
        }
    }

    /// A dotted name: its value, or whether it is there.
    fn named(&self, name: &Name) -> Told<Value, W> {
        let at = |path: &[String]| {
            let (root, rest) = path.split_first()?;
            rest.iter()
                .try_fold(self.names.get(root)?, |at, part| at.get(part))
                .filter(|json| !json.is_null())
        };
        let unknown = |path: &[String]| match (self.absent)(path) {
            Some(why) => vec![Unknown::Absent(why)],
            None => unanswerable(no_value(shown(path))),
        };
        if name.optional && at(&name.path[..1]).is_some() {
            return Ok(at(&name.path).is_some().into());
        }
        let (None, Some(json)) = ((self.absent)(&name.path), at(&name.path)) else {
            return Err(unknown(&name.path));
        };
        match json {
            Json::Number(number) => number.as_f64().map(Value::Float).ok_or_else(|| unknown(&name.path)),
            json => cel::to_value(json).map(plain).map_err(|_| unknown(&name.path)),
        }
    }

    /// Every value, or the reasons of all that are unknown.
    fn all(&mut self, nodes: impl IntoIterator<Item = &'e IdedExpr>) -> Told<Vec<Value>, W> {
        let (mut values, mut reasons) = (Vec::new(), Vec::new());
        for node in nodes {
            match self.value(node) {
                Ok(value) => values.push(value),
                Err(why) => add(&mut reasons, why),
            }
        }
        if reasons.is_empty() { Ok(values) } else { Err(reasons) }
    }

    fn flag(&mut self, node: &'e IdedExpr) -> Told<bool, W> {
        match self.value(node)? {
            Value::Bool(flag) => Ok(flag),
            other => Err(unanswerable(not_boolean(short(node), described(&other)))),
        }
    }

    fn call(&mut self, node: &'e IdedExpr, call: &'e CallExpr) -> Told<Value, W> {
        let decided = |this: &mut Self, decides: bool| {
            let (left, right) = (this.flag(&call.args[0]), this.flag(&call.args[1]));
            match (left, right) {
                (Ok(flag), _) | (_, Ok(flag)) if flag == decides => Ok(flag),
                (Ok(_), Ok(_)) => Ok(!decides),
                (left, right) => {
                    let mut reasons = left.err().unwrap_or_default();
                    add(&mut reasons, right.err().unwrap_or_default());
                    Err(reasons)
                }
            }
        };
        match (call.func_name.as_str(), call.args.as_slice()) {
            (operators::LOGICAL_AND, [_, _]) => decided(self, false).map(Value::from),
            (operators::LOGICAL_OR, [_, _]) => decided(self, true).map(Value::from),
            (operators::LOGICAL_NOT, [inner]) => Ok((!self.flag(inner)?).into()),
            (operators::NOT_STRICTLY_FALSE, [inner]) => Ok(self.flag(inner).unwrap_or(true).into()),
            (operators::CONDITIONAL, [condition, yes, no]) => {
                let chosen = if self.flag(condition)? { yes } else { no };
                self.value(chosen)
            }
            (operator, [left, right]) if operator == operators::IN || COMPARISONS.contains(&operator) => {
                let values = self.all([left, right])?;
                self.take_values(&values, node)?;
                if operator == operators::EQUALS
                    && is_nothing_twice(&values[0], &values[1])
                    && ![left, right].into_iter().any(writes_empty_text)
                {
                    return Err(unanswerable(both_empty(short(left), short(right))));
                }
                let texts = [&values[0], &values[1]].iter().all(|value| matches!(value, Value::String(_)));
                if texts && ORDERS.contains(&operator) {
                    return Err(unanswerable(no_order(short(left), short(right))));
                }
                compared(operator, &values[0], &values[1]).map(Value::from).ok_or_else(|| {
                    let [a, b] = [&values[0], &values[1]].map(described);
                    unanswerable(different_types(short(left), a, short(right), b))
                })
            }
            _ => self.computed(node, call),
        }
    }

    /// A calculation or a function.
    fn computed(&mut self, node: &'e IdedExpr, call: &'e CallExpr) -> Told<Value, W> {
        let operands: Vec<&IdedExpr> = call.target.as_deref().into_iter().chain(&call.args).collect();
        let mut values = self.all(operands.iter().copied())?;
        let value = match (call.func_name.as_str(), values.as_mut_slice()) {
            (operators::ADD, [Value::Float(a), Value::Float(b)]) => Value::Float(*a + *b),
            (operators::SUBSTRACT, [Value::Float(a), Value::Float(b)]) => Value::Float(*a - *b),
            (operators::MULTIPLY, [Value::Float(a), Value::Float(b)]) => Value::Float(*a * *b),
            (operators::DIVIDE, [Value::Float(a), Value::Float(b)]) => Value::Float(*a / *b),
            (operators::MODULO, [Value::Float(a), Value::Float(b)]) => Value::Float(*a % *b),
            (operators::ADD, [Value::List(a), Value::List(b)]) => {
                let copied = if Arc::get_mut(a).is_some() { b.len() } else { a.len() + b.len() };
                self.take(copied * STEP, node)?;
                Arc::make_mut(a).extend(b.iter().cloned());
                Value::List(Arc::clone(a))
            }
            (operators::INDEX, [held, at]) => {
                element(held, at).ok_or_else(|| unanswerable(no_value(short(node))))?
            }
            ("matches", [Value::String(text), Value::String(pattern)]) => {
                self.take(if pattern.contains('{') { PATTERN } else { CALL + 64 * pattern.len() }, node)?;
                self.take(16 * text.len(), node)?;
                let pattern = RegexBuilder::new(pattern).size_limit(PATTERN).build().map_err(|_| {
                    unanswerable(could_not_compute(short(node), not_a_pattern(text::cut(pattern, SHOWN))))
                })?;
                pattern.is_match(text).into()
            }
            _ => {
                self.take(CALL, node)?;
                self.take_values(&values, node)?;
                function(call, &values)
                    .map_err(|cause| unanswerable(could_not_compute(short(node), cause)))?
            }
        };
        match value {
            Value::Float(number) if !number.is_finite() => {
                let seen =
                    operands.iter().zip(&values).filter(|(node, _)| !matches!(node.expr, Expr::Literal(_)));
                let seen = seen.map(|(node, value)| operand(short(node), described(value)));
                let (text, number) = (short(node), Arg::text(number));
                Err(unanswerable(match seen.reduce(two_operands) {
                    Some(seen) => not_finite_with(text, number, seen),
                    None => not_finite(text, number),
                }))
            }
            value => Ok(value),
        }
    }

    /// What a macro makes of a list or of the keys of a map.
    fn folded(&mut self, node: &'e IdedExpr, fold: &'e ComprehensionExpr) -> Told<Value, W> {
        let range = self.value(&fold.iter_range)?;
        let Some(items) = elements(&range) else {
            return Err(unanswerable(not_a_list(short(&fold.iter_range), described(&range))));
        };
        let depth = self.bound.len();
        let mut made = self.value(&fold.accu_init);
        for item in items {
            self.bound.push((&fold.accu_var, made));
            self.bound.push((&fold.iter_var, Ok(item)));
            made = self.value(&fold.loop_step);
            self.bound.truncate(depth);
            self.take(STEP, node)?;
        }
        self.bound.push((&fold.accu_var, made));
        let result = self.value(&fold.result);
        self.bound.truncate(depth);
        result
    }
}

fn unanswerable<W>(why: Said) -> Vec<Unknown<W>> {
    vec![Unknown::Unanswerable(why)]
}

/// Adds reasons that are not there yet; of those that are no name without a value, some stand for all.
fn add<W: PartialEq>(reasons: &mut Vec<Unknown<W>>, more: Vec<Unknown<W>>) {
    for reason in more {
        let told = |reason: &&Unknown<W>| matches!(reason, Unknown::Unanswerable(_));
        if !reasons.contains(&reason) && (!told(&&reason) || reasons.iter().filter(told).count() < REASONS) {
            reasons.push(reason);
        }
    }
}

/// How much of a text or of the expression a sentence shows.
const SHOWN: usize = 120;

/// A piece of the expression in a sentence.
fn short(node: &IdedExpr) -> String {
    text::cut(&written::of(node), SHOWN)
}

/// A function of CEL, or an operator over something other than numbers.
fn function(call: &CallExpr, values: &[Value]) -> Result<Value, Said> {
    let mut context = Context::with_env(Arc::clone(&STANDARD));
    let mut operands = Vec::new();
    for (index, value) in values.iter().enumerate() {
        let name = format!("@{index}");
        context.add_variable_from_value(name.clone(), value.clone());
        operands.push(IdedExpr { id: 0, expr: Expr::Ident(name) });
    }
    let target = call.target.as_ref().map(|_| Box::new(operands.remove(0)));
    let name = call.func_name.trim_matches(['_', '@']);
    let call = CallExpr { func_name: call.func_name.clone(), target, args: operands };
    let call = IdedExpr { id: 0, expr: Expr::Call(call) };
    Value::resolve(&call, &context).map(plain).map_err(|error| {
        let operands = Said::all(values.iter().map(described));
        match error {
            ExecutionError::UndeclaredReference(_) => unknown_function(name),
            ExecutionError::FunctionError { .. } | ExecutionError::Overflow(..) => no_result(name, operands),
            _ => does_not_take(name, operands),
        }
    })
}

/// Every number as a decimal one.
fn plain(value: Value) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "sizes and limits stay below 2^53")]
    match value {
        Value::Int(number) => Value::Float(number as f64),
        Value::UInt(number) => Value::Float(number as f64),
        Value::List(items) => Value::List(Arc::new(items.iter().cloned().map(plain).collect())),
        Value::Map(map) => {
            let values = map.map.iter().map(|(key, value)| (key.clone(), plain(value.clone())));
            Value::Map(Map { map: Arc::new(values.collect()) })
        }
        value => value,
    }
}

fn key(value: &Value) -> Option<Key> {
    match value {
        Value::String(text) => Some(Key::String(Arc::clone(text))),
        Value::Bool(flag) => Some(Key::Bool(*flag)),
        #[expect(clippy::cast_possible_truncation, reason = "it is a whole number")]
        Value::Float(number) if number.fract() == 0.0 => Some(Key::Int(*number as i64)),
        _ => None,
    }
}

/// What a list or a map has at a place.
fn element(held: &Value, at: &Value) -> Option<Value> {
    match (held, key(at)?) {
        (Value::Map(map), at) => map.map.get(&at).cloned(),
        (Value::List(items), Key::Int(at)) => items.get(usize::try_from(at).ok()?).cloned(),
        _ => None,
    }
}

/// What a macro goes through, and what `in` looks at.
fn elements(held: &Value) -> Option<Vec<Value>> {
    match held {
        Value::List(items) => Some(items.to_vec()),
        Value::Map(map) => {
            let mut keys: Vec<&Key> = map.map.keys().collect();
            keys.sort();
            Some(keys.into_iter().map(|key| plain(key.clone().into())).collect())
        }
        _ => None,
    }
}

/// What asks for an order.
const ORDERS: [&str; 4] =
    [operators::LESS, operators::LESS_EQUALS, operators::GREATER, operators::GREATER_EQUALS];

/// Whether two values are equal only because there is nothing in them: two captures that found nothing say nothing of each
/// other.
fn is_nothing_twice(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a.is_empty() && b.is_empty(),
        (Value::List(a), Value::List(b)) => a.iter().zip(b.iter()).any(|(a, b)| is_nothing_twice(a, b)),
        _ => false,
    }
}

/// Whether an empty text is written there: who compares with one asks for it.
fn writes_empty_text(node: &IdedExpr) -> bool {
    let mut found = false;
    visit(node, &mut |part| {
        found |= matches!(&part.expr, Expr::Literal(LiteralValue::String(text)) if text.inner().is_empty());
    });
    found
}

/// What a comparison comes to; `None` where the two sides are not of one type.
fn compared(operator: &str, a: &Value, b: &Value) -> Option<bool> {
    let order = || match (a, b) {
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        _ => None,
    };
    match operator {
        operators::EQUALS => equal(a, b),
        operators::NOT_EQUALS => equal(a, b).map(|equal| !equal),
        operators::LESS => order().map(std::cmp::Ordering::is_lt),
        operators::LESS_EQUALS => order().map(std::cmp::Ordering::is_le),
        operators::GREATER => order().map(std::cmp::Ordering::is_gt),
        operators::GREATER_EQUALS => order().map(std::cmp::Ordering::is_ge),
        _ => {
            let found: Vec<Option<bool>> = elements(b)?.iter().map(|b| equal(a, b)).collect();
            match found.contains(&Some(true)) {
                true => Some(true),
                false => (!found.contains(&None)).then_some(false),
            }
        }
    }
}

fn equal(a: &Value, b: &Value) -> Option<bool> {
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => Some(a == b),
        (Value::String(a), Value::String(b)) => Some(a == b),
        (Value::Bool(a), Value::Bool(b)) => Some(a == b),
        (Value::Bytes(a), Value::Bytes(b)) => Some(a == b),
        (Value::List(a), Value::List(b)) => {
            let pairs: Option<Vec<bool>> = a.iter().zip(b.iter()).map(|(a, b)| equal(a, b)).collect();
            Some(pairs?.into_iter().all(|equal| equal) && a.len() == b.len())
        }
        (Value::Map(a), Value::Map(b)) => {
            let pairs = a.map.iter().filter_map(|(key, a)| Some(equal(a, b.map.get(key)?)));
            let pairs = pairs.collect::<Option<Vec<bool>>>()?;
            Some(
                pairs.len() == a.map.len()
                    && pairs.len() == b.map.len()
                    && pairs.into_iter().all(|equal| equal),
            )
        }
        _ => None,
    }
}

/// A value in a sentence.
fn described(value: &Value) -> Said {
    match value {
        Value::Float(number) => a_number(plain_number(*number)),
        Value::String(text) if text.trim().is_empty() => an_empty_text(),
        Value::String(text) => a_text(text::cut(text, SHOWN)),
        Value::Bool(flag) => a_boolean(flag.to_string()),
        other => a_value_of_type(other.type_of().to_string()),
    }
}

messages! {
    area "expression";
    a_boolean(value) => "the boolean {value}" / "le booléen {value}";
    a_number(value) => "the number {value}" / "le nombre {value}";
    a_text(value) => "the text `{value}`" / "le texte `{value}`";
    a_value_of_type(kind) => "a {kind}" / "une valeur de type {kind}";
    an_empty_text() => "an empty text" / "un texte vide";
    does_not_take(name, operands) => "`{name}` does not work on {operands}" / "`{name}` ne s'applique pas à {operands}";
    both_empty(left, right) => "`{left}` and `{right}` are both empty, so they cannot be compared" / "`{left}` et `{right}` sont tous deux vides : ils ne peuvent pas être comparés";
    could_not_compute(text, cause) => "could not compute `{text}`: {cause}" / "impossible de calculer `{text}` : {cause}";
    different_types(left, a, right, b) => "cannot compare values of different types: `{left}` is {a}, `{right}` is {b}" / "comparaison impossible entre types différents : `{left}` est {a}, `{right}` est {b}";
    no_order(left, right) => "`{left}` and `{right}` are texts, which have no order; compare them with `==`" / "`{left}` et `{right}` sont des textes, qui n'ont pas d'ordre ; les comparer avec `==`";
    no_value(name) => "`{name}` has no value" / "`{name}` n'a pas de valeur";
    no_result(name, operands) => "`{name}` has no result for {operands}" / "`{name}` n'a pas de résultat pour {operands}";
    not_a_pattern(pattern) => "`{pattern}` is not a regular expression, or a too large one" / "`{pattern}` n'est pas une expression régulière, ou est trop grande";
    not_a_list(name, value) => "`{name}` is {value}, not a list" / "`{name}` est {value}, pas une liste";
    not_boolean(name, value) => "`{name}` is {value}, not a boolean" / "`{name}` est {value}, pas un booléen";
    not_finite(text, value) => "`{text}` is {value}, not a finite number" / "`{text}` vaut {value}, qui n'est pas un nombre fini";
    not_finite_with(text, value, operands) => "`{text}` is {value}, not a finite number: {operands}" / "`{text}` vaut {value}, qui n'est pas un nombre fini : {operands}";
    operand(name, value) => "`{name}` is {value}" / "`{name}` est {value}";
    too_much(text) => "computing `{text}` takes too many steps or too much memory; use fewer macros within macros, and shorter lists and texts" / "le calcul de `{text}` demande trop d'étapes ou trop de mémoire ; réduire les macros imbriquées, les listes et les textes";
    two_operands(first, second) => "{first}, {second}" / "{first}, {second}";
    unknown_function(name) => "unknown function `{name}`" / "fonction `{name}` inconnue";
}

#[cfg(test)]
mod tests {
    use super::super::Expression;
    use super::*;
    use serde_json::json;

    /// `Ok` the flag, or the first reason.
    fn judged(text: &str) -> Result<bool, String> {
        let names = Names::from([
            (
                "s".to_owned(),
                json!({
                    "n": 5.0, "zero": 0.0, "big": 1e308, "empty": "", "na": "n/a", "text": "5", "up": true,
                    "list": [1.0, 2.0], "mixed": [1.0, "x"], "map": {"a": 1.0}
                }),
            ),
            ("w".to_owned(), json!({})),
        ]);
        let absent =
            |path: &[String]| (path[1..].first().map(String::as_str) == Some("gone")).then(|| path.join("."));
        let outcome = Expression::parse(text).unwrap().evaluate(&names, &absent);
        match outcome {
            Ok(Outcome::Flag(flag)) => Ok(flag),
            Ok(other) => Err(format!("{other:?}")),
            Err(why) => Err(match &why[0] {
                Unknown::Absent(name) => format!("absent: {name}"),
                Unknown::Unanswerable(why) => why.to_string(),
            }),
        }
    }

    #[test]
    fn values_of_different_types_are_never_compared() {
        for name in
            ["s.empty", "s.na", "s.text", "s.up", "s.list", "s.map", "null", "[s.na][0]", "s.mixed[1]"]
        {
            for text in [
                "NAME != 5",
                "NAME == 5",
                "5 != NAME",
                "!(NAME == 5)",
                "!(NAME != 5)",
                "!!(NAME != 5)",
                "NAME < 5",
                "!(NAME >= 5)",
                "NAME in [5, 6]",
                "!(NAME in [5, 6])",
                "[NAME] != [5]",
                "[[NAME]] != [[5]]",
                "{'a': NAME} != {'a': 5}",
                "[NAME].all(x, x != 5)",
                "![NAME, 6].exists(x, x == 5)",
                "[5, 6].all(x, x != NAME)",
                "size([5, 6].filter(x, x == NAME)) == 0",
                "[5].map(x, x != NAME) == [true]",
                "NAME != 5 ? true : true",
                "NAME != 5 && true",
                "NAME != 5 || false",
                "(NAME != 5) == true",
                "(NAME != 5 ? 1 : 2) > 0",
            ] {
                let text = text.replace("NAME", name);
                assert!(judged(&text).is_err(), "{text}: {:?}", judged(&text));
            }
        }
        for text in
            ["s.up < true", "s.n != '5'", "!s.n", "s.n && true", "s.n ? true : true", "s.text + 1 != 3"]
        {
            assert!(judged(text).is_err(), "{text}");
        }
        let why = judged("!(s.na == 5)").unwrap_err();
        assert_eq!(
            why,
            "cannot compare values of different types: `s.na` is the text `n/a`, `5` is the number 5"
        );
    }

    #[test]
    fn texts_have_no_order_and_two_empty_ones_are_no_match() {
        let reason = |text| judged(text).unwrap_err();
        assert!(reason("s.na < 'o'").contains("texts, which have no order"));
        assert!(reason("s.empty == s.empty").contains("are both empty, so they cannot be compared"));
        assert!(
            reason("[s.n, s.empty] == [s.n, s.empty]").contains("are both empty, so they cannot be compared")
        );
        assert_eq!(judged("s.empty == '' && [s.empty] == ['']"), Ok(true));
    }

    #[test]
    fn values_of_one_type_are_compared_whatever_holds_them() {
        for (text, expected) in [
            ("s.n == 5", true),
            ("s.n in [5, 6]", true),
            ("s.n in ['5', 5]", true),
            ("s.n in []", false),
            ("'a' in s.map", true),
            ("s.na in ['x', 'n/a']", true),
            ("s.list == [1, 2]", true),
            ("s.list != [1, 2, 3]", true),
            ("s.list[1] == 2", true),
            ("s.map['a'] == 1 && s.map.a == 1", true),
            ("{'k': s.n}.k == 5", true),
            ("{'k': s.n} == {'k': 5}", true),
            ("{1: s.n}[1] == 5", true),
            ("size(s.na) + 1 == 4", true),
            ("s.n % 2 == 1", true),
            ("s.list.exists(x, x == 2) && s.list.all(x, x > 0)", true),
            ("s.list.exists_one(x, x == 2)", true),
            ("s.list.map(x, x * 2) == [2, 4]", true),
            ("s.list.filter(x, x > 1) == [2]", true),
            ("s.list.map(x, s.list.map(y, x + y)) == [[2, 3], [3, 4]]", true),
            ("s.mixed.exists(x, x == 1)", true),
            ("s.mixed.exists(x, x == 'x')", true),
            ("has(s.n) && !has(s.other)", true),
            ("(s.up ? s.n : s.na) == 5", true),
            ("int(s.text) == 5", true),
            ("s.na.contains('/') && s.na + 'x' == 'n/ax'", true),
        ] {
            assert_eq!(judged(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_finite_number_is_unknown_and_names_its_operands() {
        for (text, says) in [
            ("1 / s.zero > 5", "`1 / s.zero` is inf, not a finite number: `s.zero` is the number 0"),
            ("!(1 / s.zero < 5)", "`s.zero` is the number 0"),
            ("0 / 0 != 5", "`0 / 0` is NaN, not a finite number"),
            ("s.n % s.zero != 1", "`s.n` is the number 5, `s.zero` is the number 0"),
            ("-1 / s.zero < 5", "is -inf"),
            ("s.big * 10 > 5", "`s.big`"),
            ("s.big + s.big > 5", "`s.big`"),
            ("-s.big - s.big < 5", "`-s.big`"),
            ("1 / (s.n / s.zero) == 0", "`s.n / s.zero`"),
            ("double('NaN') != 5", "not a finite number"),
            ("double('inf') > 5", "not a finite number"),
            ("[1 / s.zero].all(x, x > 5)", "`s.zero`"),
            ("s.n in [0 / s.zero] || false", "`s.zero`"),
            ("int(s.big) > 5", "could not compute"),
        ] {
            let why = judged(text).unwrap_err();
            assert!(why.contains(says), "{text}: {why}");
        }
        assert_eq!(judged("s.zero == 0 || 1 / s.zero > 5"), Ok(true));
    }

    #[test]
    fn what_would_take_too_long_or_too_much_is_inconclusive_and_soon() {
        let ones = |n: usize| vec!["1"; n].join(",");
        let list = ones(300);
        let nested = format!("[{list}].map(a, [{list}].map(b, [{list}].map(c, a + b + c))).size() > 0");
        let doubled = |start: &str, step: &str| format!("{start}{} != [1]", step.repeat(30));
        for text in [
            nested,
            format!("[{list}].all(a, [{list}].all(b, [{list}].all(c, a + b + c > 0)))"),
            format!("[{list}].exists(a, [{list}].exists(b, [{list}].exists(c, a + b + c > 4)))"),
            format!("size([{list}].filter(a, [{list}].all(b, [{list}].all(c, s.gone > c)))) > 0"),
            doubled("['xxxxxxxx']", ".map(x, x + x)"),
            doubled("[[1]]", ".map(x, x + x)"),
            doubled("[1]", ".map(x, [x, x])"),
            doubled("[{'a': 1}]", ".map(x, {'a': x, 'b': x})"),
            format!("size([{list}].map(a, [{list}].map(b, 'a'.matches('(a{{50}}){{50}}')))) > 0"),
            format!("size([{list}].map(a, [{list}].map(b, [{list}].map(c, gone(c))))) > 0"),
        ] {
            let text = if text.len() > 16 << 10 { continue } else { text };
            let begun = std::time::Instant::now();
            let why = judged(&text).unwrap_err();
            let took = begun.elapsed();
            assert!(took.as_secs() < 5, "{took:?}: {}", &text[..80]);
            assert!(
                why.contains("too many steps") || why.contains("s.gone") || why.contains("gone`"),
                "{why}"
            );
            assert!(why.len() < 600, "{why}");
        }
        let long = format!("[{}].map(x, x * 2).filter(x, x > 1).size() == 7000", ones(7000));
        assert_eq!(judged(&long), Ok(true));
        let deep = format!("[{}].all(a, [{}].exists(b, a == b))", ones(100), ones(100));
        assert_eq!(judged(&deep), Ok(true));
    }

    #[test]
    fn what_a_function_does_not_take_is_told_with_its_operands() {
        for (text, says) in [
            (
                "s.na + 1 == 2",
                "could not compute `s.na + 1`: `+` does not work on the text `n/a`; the number 1",
            ),
            ("int(s.na) == 2", "could not compute `int(s.na)`: `int` has no result for the text `n/a`"),
            ("int(s.big) == 2", "`int` has no result for the number"),
            ("s.n.startsWith('x')", "`startsWith` does not work on the number 5; the text `x`"),
            ("s.na.matches('(')", "`(` is not a regular expression"),
            ("s.up - 1 == 0", "does not work on the boolean true"),
            ("size(s.n) == 1", "`size` does not work on the number 5"),
        ] {
            let why = judged(text).unwrap_err();
            assert!(why.contains(says), "{text}: {why}");
        }
    }

    #[test]
    fn a_name_without_a_value_counts_where_the_value_depends_on_it() {
        for text in [
            "s.gone > 5",
            "w.gone != 5",
            "w.never != 5",
            "[s.gone, 6].exists(x, x > 6)",
            "[s.gone].all(x, true)",
            "{'a': s.gone} != {'a': 5}",
            "{'a': s.gone}.a != 5",
            "size([s.gone]) == 1",
            "size({'a': s.gone}) == 1",
            "[1].all(x, x < s.gone)",
            "[1].exists(x, s.gone > x)",
            "s.gone > 5 ? true : true",
            "s.up ? s.gone < 5 : true",
            "s.up && s.gone < 5",
            "s.gone < 5 && s.up",
            "!s.up || s.gone < 5",
            "!(s.up && s.gone < 5)",
            "has(s.gone) == false && s.gone < 5 || false",
            "!has(nobody.n)",
        ] {
            assert!(judged(text).is_err(), "{text}");
        }
        for (text, expected) in [
            ("!s.up && s.gone < 5", false),
            ("s.gone < 5 && !s.up", false),
            ("s.up || s.gone < 5", true),
            ("s.gone < 5 || s.up", true),
            ("s.up ? s.n == 5 : s.gone < 5", true),
            ("(s.up ? s.n : s.gone) == 5", true),
            ("has(s.gone) ? s.gone < 5 : s.n == 5", true),
            ("[6, 7].exists(x, x == 7 || x == s.gone)", true),
            ("[].all(x, x < s.gone)", true),
        ] {
            assert_eq!(judged(text), Ok(expected), "{text}");
        }
        assert_eq!(judged("s.n > 1 && s.gone > 5"), Err("absent: s.gone".to_owned()));
    }
}
