//! What an expression's text says in a place of its tree: the parts of a chain of `&&`, and the sides of a comparison;
//! and a piece of the tree as a text.

use super::{change::shown, tree::name_of};
use crate::record::plain_number;
use cel::{
    IdedExpr,
    common::ast::{Expr, LiteralValue, operators as calls},
};

/// A piece of an expression as a text, for a sentence about it.
pub(super) fn of(node: &IdedExpr) -> String {
    if let Some(name) = name_of(node) {
        let shown = shown(&name.path);
        return if name.optional { format!("has({shown})") } else { shown };
    }
    let list = |nodes: &[IdedExpr]| nodes.iter().map(of).collect::<Vec<_>>().join(", ");
    match &node.expr {
        Expr::Literal(LiteralValue::Double(number)) => plain_number(**number),
        Expr::Literal(LiteralValue::String(text)) => format!("'{}'", &**text),
        Expr::Literal(LiteralValue::Boolean(flag)) => flag.to_string(),
        Expr::Literal(LiteralValue::Null) => "null".to_owned(),
        Expr::Ident(name) => name.clone(),
        Expr::List(items) => format!("[{}]", list(&items.elements)),
        Expr::Select(select) => format!("{}.{}", operand(&select.operand), select.field),
        Expr::Call(call) => match (call.func_name.as_str(), call.args.as_slice()) {
            (calls::CONDITIONAL, [condition, yes, no]) => {
                format!("{} ? {} : {}", operand(condition), operand(yes), operand(no))
            }
            (calls::INDEX, [held, at]) => format!("{}[{}]", operand(held), of(at)),
            (calls::IN, [left, right]) => format!("{} in {}", operand(left), operand(right)),
            (calls::LOGICAL_NOT, [inner]) => format!("!{}", operand(inner)),
            (calls::NEGATE, [inner]) => format!("-{}", operand(inner)),
            (operator, [left, right]) if operator.starts_with('_') => {
                format!("{} {} {}", operand(left), operator.trim_matches('_'), operand(right))
            }
            (function, args) => match &call.target {
                Some(target) => format!("{}.{function}({})", operand(target), list(args)),
                None => format!("{function}({})", list(args)),
            },
        },
        _ => "…".to_owned(),
    }
}

/// The same as a part of a longer piece.
fn operand(node: &IdedExpr) -> String {
    let text = of(node);
    match &node.expr {
        Expr::Call(call)
            if call.func_name.contains('_') && call.args.len() > 1 && call.func_name != calls::INDEX =>
        {
            format!("({text})")
        }
        Expr::Call(call) if call.func_name == calls::IN => format!("({text})"),
        _ => text,
    }
}

/// The parts of a chain of `&&`, in order; of something else, itself.
pub(super) fn parts(text: &str) -> Vec<&str> {
    let text = bare(text);
    let mut ands = Vec::new();
    for (at, operator) in operators(text) {
        match operator {
            "&&" => ands.push(at),
            // They bind less: the chain is but a part of a side of theirs.
            "||" | "?" => return vec![text],
            _ => {}
        }
    }
    if ands.is_empty() {
        return vec![text];
    }
    let starts = std::iter::once(0).chain(ands.iter().map(|at| at + 2));
    let ends = ands.iter().copied().chain([text.len()]);
    starts.zip(ends).flat_map(|(start, end)| parts(&text[start..end])).collect()
}

/// The sides of a comparison, where it is one.
pub(super) fn sides(text: &str) -> Option<(&str, &str)> {
    let text = bare(text);
    let comparison = |operator: &&str| matches!(*operator, "<" | "<=" | ">" | ">=" | "==" | "!=");
    // They are read from the left, so that the last one compares.
    let (at, operator) = operators(text).into_iter().rfind(|(_, operator)| comparison(operator))?;
    Some((bare(&text[..at]), bare(&text[at + operator.len()..])))
}

/// Without the spaces and brackets around all of it.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let inner = text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')'));
    match inner {
        // In `(a) + (b)` the first bracket is not closed by the last one.
        Some(inner) if closes(inner) => bare(inner),
        _ => text,
    }
}

/// Whether every bracket that is closed in it was opened in it.
fn closes(text: &str) -> bool {
    let mut depth = 0_i32;
    outside_of_texts(text).all(|(_, c)| {
        depth += match c {
            '(' | '[' | '{' => 1,
            ')' | ']' | '}' => -1,
            _ => 0,
        };
        depth >= 0
    })
}

/// The operators outside of all brackets, each with its place in bytes.
fn operators(text: &str) -> Vec<(usize, &str)> {
    const KNOWN: [&str; 9] = ["&&", "||", "<=", ">=", "==", "!=", "<", ">", "?"];
    let (mut found, mut depth, mut behind) = (Vec::new(), 0_i32, 0);
    for (at, c) in outside_of_texts(text) {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ if depth == 0 && at >= behind => {
                if let Some(operator) = KNOWN.iter().find(|operator| text[at..].starts_with(**operator)) {
                    found.push((at, *operator));
                    behind = at + operator.len();
                }
            }
            _ => {}
        }
    }
    found
}

/// The characters that stand in no quoted text.
fn outside_of_texts(text: &str) -> impl Iterator<Item = (usize, char)> {
    let (mut quote, mut escaped) = (None, false);
    text.char_indices().filter(move |(_, c)| {
        match quote {
            Some(_) if std::mem::take(&mut escaped) => {}
            Some(_) if *c == '\\' => escaped = true,
            Some(open) if *c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => quote = Some(*c),
            None => return true,
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_has_its_parts_however_it_is_bracketed() {
        for (text, expected) in [
            ("a == 0", vec!["a == 0"]),
            ("a == 0 && b.c < 5 && d", vec!["a == 0", "b.c < 5", "d"]),
            ("(a == 0 && (b < 5))&&(c || d && e)", vec!["a == 0", "b < 5", "c || d && e"]),
            ("a && b || c", vec!["a && b || c"]),
            ("a && b ? c : d", vec!["a && b ? c : d"]),
            (r#"a.b == "x && \"y" && c == ') && ('"#, vec![r#"a.b == "x && \"y""#, "c == ') && ('"]),
            ("a.exists(x, x > 1 && x < 2) && b", vec!["a.exists(x, x > 1 && x < 2)", "b"]),
        ] {
            assert_eq!(parts(text), expected);
        }
    }

    #[test]
    fn a_comparison_has_two_sides() {
        for (text, expected) in [
            ("a.b <= 5", Some(("a.b", "5"))),
            ("((a + 1) * 2 != -b)", Some(("(a + 1) * 2", "-b"))),
            ("size(a.text) > 100", Some(("size(a.text)", "100"))),
            ("m['<é'] >= (n)", Some(("m['<é']", "n"))),
            ("a < b == true", Some(("a < b", "true"))),
            ("!a.b", None),
            ("a.exists(x, x > 1)", None),
        ] {
            assert_eq!(sides(text), expected, "{text}");
        }
    }
}
