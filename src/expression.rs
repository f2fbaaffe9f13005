//! [`Expression`]: a CEL expression over evidence, its names with their places, and its value. The only user of the
//! `cel` crate.

mod bounds;
mod change;
mod evaluation;
mod tree;
mod truth;
mod types;
mod written;

pub(crate) use bounds::too_large;
pub use change::{Changed, shown};
pub use evaluation::{Names, Outcome, Unknown};
pub use tree::Name;
pub use types::{Complaint, Known};

use crate::record::{Evidence, Said, Value, messages};
use cel::{
    IdedExpr,
    common::ast::{Expr, LiteralValue, SourceInfo, operators},
    parser::{Parser, PrattParser},
};
use evaluation::Evaluation;
use serde_json::{Map, Value as Json};
use std::{collections::BTreeSet, sync::OnceLock};
use tree::{COMPARISONS, collect, decimal, name_of, parts_of, root, visit};

/// A parsed expression. Every number in it counts as a decimal one, so that `2 * x` and `x == 0` mean what they say.
#[derive(Debug)]
pub struct Expression {
    text: String,
    tree: IdedExpr,
    /// Every dotted name in it.
    names: Vec<Name>,
    /// The same from the parser that knows places, which takes twenty times as long: asked only where one is shown.
    placed: OnceLock<Option<(IdedExpr, SourceInfo)>>,
}

/// A comparison in an expression: both sides, where they are plain names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// Name on the left side; absent where it is another expression.
    pub left: Option<Name>,
    /// Name on the right side; absent where it is another expression.
    pub right: Option<Name>,
}

/// What a comparison came to: the text and value of both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Sides {
    /// Whether the comparison asks for a small left side (`<`, `<=`, `==`).
    pub wants_small: bool,
    /// Left side, as written, and its value.
    pub left: (String, Option<Outcome>),
    /// Right side, as written, and its value.
    pub right: (String, Option<Outcome>),
}

impl Expression {
    /// Parses `text`; an error is a sentence and the character where the mistake is.
    pub fn parse(text: &str) -> Result<Self, (Said, usize)> {
        if let Some(too_large) = bounds::too_large(text) {
            return Err(too_large);
        }
        let placed = OnceLock::new();
        let parse = || PrattParser::new().parse(text).ok().map(bounds::bounded);
        let mut tree = match bounds::with_room(text, parse) {
            Some(tree) => tree?,
            None => {
                let (tree, source) = with_places(text)?;
                let _ = placed.set(Some((tree.clone(), source)));
                tree
            }
        };
        decimal(&mut tree);
        change::name(&mut tree);
        let mut names = Vec::new();
        collect(&tree, &mut |_, name| names.push(name));
        Ok(Self { text: text.to_owned(), tree, names, placed })
    }

    /// The expression as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Every dotted name in it.
    pub fn names(&self) -> &[Name] {
        &self.names
    }

    /// What it compares with other runs, each once.
    pub fn changes(&self) -> Vec<Changed> {
        let mut found: Vec<Changed> =
            self.names().iter().filter_map(|name| Changed::of(&name.path)).collect();
        found.sort();
        found.dedup();
        found
    }

    /// Where a name first stands, in characters of the expression.
    pub fn place_of(&self, path: &[String]) -> usize {
        let Some((tree, source)) = self.placed() else { return 0 };
        let mut place = None;
        collect(tree, &mut |node, name| {
            if name.path.starts_with(path) && place.is_none() {
                place = source.offset_for(root(node).id).map(|(start, _)| start as usize);
            }
        });
        place.unwrap_or(0)
    }

    /// Every comparison in it.
    pub fn comparisons(&self) -> Vec<Compared> {
        let mut found = Vec::new();
        visit(&self.tree, &mut |node| {
            if let Expr::Call(call) = &node.expr
                && COMPARISONS.contains(&call.func_name.as_str())
                && let [left, right] = call.args.as_slice()
            {
                found.push(Compared { left: name_of(left), right: name_of(right) });
            }
        });
        found
    }

    /// Its value over `names`, or every reason why it is unknown. `absent` says why a dotted name has no value, where
    /// it has none.
    pub fn evaluate<W: Clone + PartialEq>(
        &self,
        names: &Names,
        absent: &dyn Fn(&[String]) -> Option<W>,
    ) -> Result<Outcome, Vec<Unknown<W>>> {
        Evaluation::new(names, absent).outcome(&self.tree)
    }

    /// Its value, and the sides of the part that decided.
    pub fn judge<W: Clone + PartialEq>(
        &self,
        names: &Names,
        absent: &dyn Fn(&[String]) -> Option<W>,
    ) -> Result<(Outcome, Option<Sides>), Vec<Unknown<W>>> {
        let outcome = self.evaluate(names, absent)?;
        Ok((outcome, self.sides(&|node| Evaluation::new(names, absent).outcome(node).ok())))
    }

    /// The first parts of its names: all that its value depends on.
    pub fn roots(&self) -> BTreeSet<String> {
        self.names.iter().filter_map(|name| name.path.first().cloned()).collect()
    }

    /// The sides of the part that decided: the first of a chain of `&&` that is false, else the first.
    fn sides<'e>(&'e self, value: &dyn Fn(&'e IdedExpr) -> Option<Outcome>) -> Option<Sides> {
        let parts = parts_of(&self.tree, operators::LOGICAL_AND);
        let decided = parts
            .iter()
            .position(|part| matches!(value(part), Some(Outcome::Flag(false))))
            .unwrap_or_default();
        let part: &'e IdedExpr = parts.get(decided)?;
        let texts = written::parts(&self.text);
        let text = if texts.len() == parts.len() { texts[decided] } else { self.text.trim() };
        let side = |node: &'e IdedExpr, text: &str| (side_text(node, text), value(node));
        match &part.expr {
            Expr::Call(call) if COMPARISONS.contains(&call.func_name.as_str()) => {
                let [left, right] = call.args.as_slice() else { return None };
                let wants_small =
                    ![operators::GREATER, operators::GREATER_EQUALS].contains(&call.func_name.as_str());
                let texts = written::sides(text).unwrap_or((text, text));
                Some(Sides { wants_small, left: side(left, texts.0), right: side(right, texts.1) })
            }
            // A flag by itself (`copy.complete`) is compared with yes.
            _ => {
                let right = ("true".to_owned(), Some(Outcome::Flag(true)));
                Some(Sides { wants_small: false, left: side(part, text), right })
            }
        }
    }

    /// The tree with places.
    fn placed(&self) -> Option<&(IdedExpr, SourceInfo)> {
        let parsed = self.placed.get_or_init(|| {
            let (mut tree, source) = with_places(&self.text).ok()?;
            decimal(&mut tree);
            change::name(&mut tree);
            Some((tree, source))
        });
        parsed.as_ref()
    }
}

/// A side of a comparison: its dotted name or number, else what stands there.
fn side_text(node: &IdedExpr, text: &str) -> String {
    match (name_of(node), &node.expr) {
        (Some(name), _) => shown(&name.path),
        (None, Expr::Literal(LiteralValue::Double(number))) => crate::record::plain_number(**number),
        (None, _) => text.to_owned(),
    }
}

/// The values of evidence as nested objects; missing ones are left out.
pub fn nested(evidence: &Evidence) -> Json {
    let mut root = Map::new();
    for (name, measured) in &evidence.values {
        let json = match &measured.value {
            Value::Flag(flag) => Json::from(*flag),
            Value::Number(number, _) => Json::from(*number),
            Value::Text(text) => Json::from(text.as_str()),
            Value::Missing(_) => continue,
        };
        let mut at = &mut root;
        let mut parts = name.as_str().split('.').peekable();
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                at.insert(part.to_owned(), json);
                break;
            }
            let next = at.entry(part).or_insert_with(|| Json::Object(Map::new()));
            match next {
                Json::Object(map) => at = map,
                // A value has this name already: the longer name cannot be reached beside it.
                _ => break,
            }
        }
    }
    root.into()
}

/// The parser's complaint without the list of all that it would have liked better.
fn plain(message: &str) -> Said {
    let message = message.trim_start_matches("Syntax error: ");
    let message = message.split(" expecting ").next().unwrap_or(message);
    let input = message.split('\'').nth(1).unwrap_or_default();
    match message {
        _ if input.ends_with("<EOF>") => unexpected_end(),
        m if m.starts_with("extraneous input") || m.starts_with("mismatched input") => unexpected(input),
        m if m.starts_with("token recognition error") => invalid_token(input),
        m if m.starts_with("no viable alternative") => invalid_syntax_at(input),
        m if m.contains("int literal") => number_too_large(),
        m if m.starts_with("missing") => missing(input),
        // `has(a.b)`, `list.exists(name, condition)` and the like.
        m if m.contains("macro") => invalid_arguments(),
        _ => invalid_syntax(),
    }
}

fn with_places(text: &str) -> Result<(IdedExpr, SourceInfo), (Said, usize)> {
    let parse = || {
        let parsed = Parser::new().parse_with_source_info(text);
        parsed.map(|(tree, source)| bounds::bounded(tree).map(|tree| (tree, source)))
    };
    bounds::with_room(text, parse).map_err(|errors| {
        let first = errors.errors.first();
        let column = first.map_or(1, |e| e.pos.1);
        let message = first.map_or_else(|| Said::verbatim(errors.to_string()), |e| plain(&e.msg));
        (message, usize::try_from(column).unwrap_or(1).saturating_sub(1))
    })?
}

messages! {
    area "expression";
    invalid_arguments() => "invalid arguments for this function" / "arguments invalides pour cette fonction";
    invalid_syntax() => "invalid syntax" / "syntaxe invalide";
    invalid_syntax_at(input) => "invalid syntax at `{input}`" / "syntaxe invalide à `{input}`";
    invalid_token(input) => "invalid token `{input}`" / "symbole invalide `{input}`";
    missing(input) => "missing `{input}`" / "`{input}` manque";
    number_too_large() => "this whole number is too large; write it with a decimal point" / "ce nombre entier est trop grand ; l'écrire avec un point décimal";
    unexpected(input) => "unexpected `{input}`" / "`{input}` inattendu";
    unexpected_end() => "unexpected end of expression" / "fin d'expression inattendue";
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn names() -> Names {
        Names::from([
            (
                "a".to_owned(),
                json!({"latency_ms": {"p99": 123.4}, "errors": 0.0, "text": "x", "nothing": null}),
            ),
            ("slo".to_owned(), json!({"p99_ms": 100.0})),
        ])
    }

    fn evaluate(text: &str) -> Result<Outcome, Vec<Unknown<()>>> {
        Expression::parse(text).unwrap().evaluate(&names(), &|_| None)
    }

    fn sides(text: &str) -> Sides {
        Expression::parse(text).unwrap().judge(&names(), &|_| None::<()>).unwrap().1.unwrap()
    }

    #[test]
    fn numbers_compare_whatever_their_form() {
        for (text, expected) in [
            ("a.latency_ms.p99 < slo.p99_ms", false),
            ("a.latency_ms.p99 < 2 * slo.p99_ms", true),
            ("a.errors == 0", true),
            ("a.errors == 0 && a.latency_ms.p99 > 100", true),
            ("a.text == 'x'", true),
            ("a.errors >= -1", true),
        ] {
            assert_eq!(evaluate(text), Ok(Outcome::Flag(expected)), "{text}");
        }
    }

    #[test]
    fn a_mistake_is_told_in_words_of_the_expression() {
        for text in [
            "a <",
            "(a < 1",
            "a << 3",
            "a..b < 1",
            "a < \"x",
            "a[ < 1",
            "a ? 1",
            "a < 1 2",
            "size(",
            "@",
            "a in [",
            "has(a)",
            "a.exists(x, )",
            "a.map(1, 2)",
            "{",
            "a.b.c(1,",
            "b'\\xff' ==",
        ] {
            let (message, at) = Expression::parse(text).unwrap_err();
            assert!(at <= text.chars().count(), "{text}: {at}");
            let internal = ["Expr", "EOF", "Context", "Syntax", "expecting", "macro"];
            assert!(internal.iter().all(|word| !message.contains(word)), "{text}: {message}");
        }
    }

    #[test]
    fn a_mistake_is_named_with_what_is_wrong() {
        for (text, expected) in [
            ("a <", "unexpected end of expression"),
            ("a < 99999999999999999999", "this whole number is too large; write it with a decimal point"),
            ("a << 3", "unexpected `<`"),
            ("a < 1 2", "unexpected `2`"),
            ("a < 1 #", "invalid token `#`"),
            ("has(a)", "invalid arguments for this function"),
        ] {
            assert_eq!(Expression::parse(text).unwrap_err().0, expected, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_compared_is_an_error_and_never_true() {
        for text in ["a.nothing < 100", "a.absent < 100", "b.x < 1", "a.text < 100", "a.latency_ms < 100"] {
            assert!(evaluate(text).is_err(), "{text}");
        }
    }

    #[test]
    fn names_and_sides_are_told() {
        let expression = Expression::parse("a.errors == 0 && a.latency_ms.p99 < slo.p99_ms").unwrap();
        let names_in: Vec<_> = expression.names().iter().map(|n| n.path.join(".")).collect();
        assert_eq!(names_in, ["a.errors", "a.latency_ms.p99", "slo.p99_ms"]);
        let sides = sides(expression.text());
        assert_eq!(sides.left, ("a.latency_ms.p99".to_owned(), Some(Outcome::Number(123.4))));
        assert_eq!(sides.right, ("slo.p99_ms".to_owned(), Some(Outcome::Number(100.0))));
        let sides = self::sides("a.text.startsWith('x') && a.errors == 0");
        assert_eq!(sides.left.1, Some(Outcome::Flag(true)));
        assert_eq!(sides.right, ("true".to_owned(), Some(Outcome::Flag(true))));
    }

    #[test]
    fn a_name_is_found_wherever_it_stands_and_what_a_macro_binds_is_none() {
        for (text, expected) in [
            ("{'k': a.b, c.d: 1} == {'k': 1}", vec!["a.b", "c.d"]),
            ("[a.b].all(x, x > c.d && x.y == 1)", vec!["a.b", "c.d"]),
            ("[1].exists(x, [2].exists(y, x + y == a.b))", vec!["a.b"]),
            ("[1].map(a, a)[0] == a.b", vec!["a.b"]),
            ("has(a.b) ? [c.d][0] > 1 : e.f.contains(g.h)", vec!["a.b", "c.d", "e.f", "g.h"]),
        ] {
            let expression = Expression::parse(text).unwrap();
            let names: Vec<_> = expression.names().iter().map(|n| n.path.join(".")).collect();
            assert_eq!(names, expected, "{text}");
        }
    }

    #[test]
    fn a_side_that_is_worked_out_is_shown_as_it_is_written() {
        for (text, left, right) in [
            (
                "a.errors == 0 && (a.latency_ms.p99 + 1) * 2 < slo.p99_ms",
                "(a.latency_ms.p99 + 1) * 2",
                "slo.p99_ms",
            ),
            (
                "a.errors == 0 && a.latency_ms.p99 - 1 < slo.p99_ms * 0.5",
                "a.latency_ms.p99 - 1",
                "slo.p99_ms * 0.5",
            ),
            ("size(a.text) > 100", "size(a.text)", "100"),
            ("a.text.endsWith('é') && a.errors > 1", "a.text.endsWith('é')", "true"),
        ] {
            let sides = sides(text);
            assert_eq!((sides.left.0.as_str(), sides.right.0.as_str()), (left, right), "{text}");
        }
    }

    #[test]
    fn a_mistake_has_its_place() {
        let (_, at) = Expression::parse("a.b < < 3").unwrap_err();
        assert!((5..=7).contains(&at), "{at}");
    }
}
