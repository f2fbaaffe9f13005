//! [`Changed`]: `change(nominal.latency_ms.p99)`, by how many percent an output of a load differs from another run.
//!
//! CEL hands values to functions, and this one needs the name. So the call becomes a name when the expression is
//! parsed: a root that nobody can write, the other run, and the output. What reads names finds it like any other.

use super::tree::{children_mut, name_of};
use cel::{
    IdedExpr,
    common::ast::{Expr, SelectExpr},
};
use std::fmt;

/// The function, as it is written.
pub(super) const FUNCTION: &str = "change";
/// The root of the name that a call becomes.
const ROOT: &str = "change()";
/// The run that is meant where none is named.
const PREVIOUS: &str = "previous";

/// An output of a load, compared with another run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Changed {
    /// `previous` or `baseline`, as it is written.
    pub run: String,
    /// The action and its output: `nominal`, `latency_ms`, `p99`.
    pub path: Vec<String>,
}

impl Changed {
    /// The first part of every such name.
    pub const ROOT: &'static str = ROOT;

    /// What a name of an expression compares, where it is such a one.
    pub fn of(path: &[String]) -> Option<Self> {
        match path {
            [root, run, path @ ..] if root == ROOT => Some(Self { run: run.clone(), path: path.to_vec() }),
            _ => None,
        }
    }

    /// Returns the name of the action.
    pub fn action(&self) -> &str {
        self.path.first().map_or("", String::as_str)
    }

    /// Returns the name of the output, such as `latency_ms.p99`.
    pub fn output(&self) -> String {
        self.path.get(1..).unwrap_or_default().join(".")
    }
}

/// A dotted name as it is written.
pub fn shown(path: &[String]) -> String {
    Changed::of(path).map_or_else(|| path.join("."), |changed| changed.to_string())
}

impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.join(".");
        match self.run.as_str() {
            PREVIOUS => write!(f, "{FUNCTION}({path})"),
            run => write!(f, "{FUNCTION}({path}, {run})"),
        }
    }
}

/// Turns every call into its name. What is no output stays a call, which has no meaning.
pub(super) fn name(node: &mut IdedExpr) {
    children_mut(node).into_iter().for_each(name);
    let Expr::Call(call) = &node.expr else { return };
    if call.func_name != FUNCTION || call.target.is_some() {
        return;
    }
    let plain = |node: &IdedExpr| name_of(node).filter(|name| !name.optional);
    let (output, run) = match call.args.as_slice() {
        [output] => (output, PREVIOUS.to_owned()),
        [output, run] => match plain(run) {
            Some(name) if name.path.len() == 1 => (output, name.path[0].clone()),
            _ => return,
        },
        _ => return,
    };
    if plain(output).is_some() {
        let mut output = output.clone();
        rooted(&mut output, run);
        *node = output;
    }
}

/// Puts the root and the run before a dotted name.
fn rooted(node: &mut IdedExpr, run: String) {
    match &mut node.expr {
        Expr::Select(select) => rooted(&mut select.operand, run),
        Expr::Ident(name) => {
            let name = std::mem::take(name);
            let at = |expr| IdedExpr { id: node.id, expr };
            let select = |operand, field| {
                Expr::Select(SelectExpr { operand: Box::new(at(operand)), field, test: false })
            };
            let run = select(Expr::Ident(ROOT.to_owned()), run);
            node.expr = select(run, name);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::{Expression, Names, Outcome};
    use serde_json::json;

    #[test]
    fn a_call_is_a_name_with_its_run_and_its_place() {
        let text = "errors.n == 0 && change(a.latency_ms.p99) < 10 && change(a.x, baseline) > -5";
        let expression = Expression::parse(text).unwrap();
        let shown: Vec<String> = expression.changes().iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["change(a.x, baseline)", "change(a.latency_ms.p99)"]);
        let change = &expression.changes()[1];
        assert_eq!(
            (change.action(), change.output().as_str(), change.run.as_str()),
            ("a", "latency_ms.p99", PREVIOUS)
        );
        let path: Vec<String> = ["change()", "previous", "a"].map(str::to_owned).to_vec();
        assert_eq!(expression.place_of(&path), text.find("a.latency").unwrap());
    }

    #[test]
    fn it_is_compared_like_a_number() {
        let names =
            Names::from([("change()".to_owned(), json!({"previous": {"a": {"latency_ms": {"p99": 12.5}}}}))]);
        let expression = Expression::parse("2 * change(a.latency_ms.p99) < 10").unwrap();
        assert_eq!(expression.evaluate(&names, &|_| None::<()>), Ok(Outcome::Flag(false)));
        let expression = Expression::parse("change(a.latency_ms.p99) < 10").unwrap();
        let sides = expression.judge(&names, &|_| None::<()>).unwrap().1.unwrap();
        assert_eq!(sides.left, ("change(a.latency_ms.p99)".to_owned(), Some(Outcome::Number(12.5))));
    }

    #[test]
    fn what_is_no_output_is_told() {
        use crate::expression::Known;
        for text in ["change(1) < 10", "change(a.x + 1) < 10", "change() < 10", "change(a.x, 2) < 10"] {
            let complaints = Expression::parse(text).unwrap().complaints(&|_| Known::NUMBER);
            assert!(complaints[0].message.contains("takes the output of a load"), "{text}: {complaints:?}");
        }
    }
}
