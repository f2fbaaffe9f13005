//! The tree of a parsed expression: its names, its nodes, and the numbers in it.

use cel::{
    IdedExpr,
    common::ast::{ComprehensionExpr, EntryExpr, Expr, LiteralValue, MapExpr, StructExpr, operators},
};

/// A dotted name in an expression, such as `nominal.latency_ms.p99`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Parts of the dotted name, from the root.
    pub path: Vec<String>,
    /// Whether the expression only asks if it is there: `has(a.b)`.
    pub optional: bool,
}

pub(super) const COMPARISONS: [&str; 6] = [
    operators::LESS,
    operators::LESS_EQUALS,
    operators::GREATER,
    operators::GREATER_EQUALS,
    operators::EQUALS,
    operators::NOT_EQUALS,
];

/// Turns whole-number literals into decimal ones: CEL has no arithmetic between the two.
pub(super) fn decimal(node: &mut IdedExpr) {
    if let Expr::Literal(literal) = &mut node.expr {
        #[expect(clippy::cast_precision_loss, reason = "limits stay below 2^53")]
        let number = match literal {
            LiteralValue::Int(n) => Some(**n as f64),
            LiteralValue::UInt(n) => Some(**n as f64),
            _ => None,
        };
        if let Some(number) = number {
            *literal = LiteralValue::Double(number.into());
        }
    }
    for child in children_mut(node) {
        decimal(child);
    }
}

/// The operands of a chain of one operator (`&&`, `||`), in order; of something else, itself.
pub(super) fn parts_of<'e>(node: &'e IdedExpr, operator: &str) -> Vec<&'e IdedExpr> {
    match &node.expr {
        Expr::Call(call) if call.func_name == operator => {
            call.args.iter().flat_map(|arg| parts_of(arg, operator)).collect()
        }
        _ => vec![node],
    }
}

/// Hands every dotted name below `node` over, with the node that it is. What a macro binds is no name of the run.
pub(super) fn collect<'e>(node: &'e IdedExpr, f: &mut impl FnMut(&'e IdedExpr, Name)) {
    fn below<'e>(node: &'e IdedExpr, bound: &mut Vec<&'e str>, f: &mut impl FnMut(&'e IdedExpr, Name)) {
        match (name_of(node), &node.expr) {
            (Some(name), _) if !bound.contains(&name.path[0].as_str()) => f(node, name),
            (Some(_), _) => {}
            (None, Expr::Comprehension(c)) => {
                [&c.iter_range, &c.accu_init].into_iter().for_each(|outer| below(outer, bound, f));
                let outside = bound.len();
                bound.extend(std::iter::once(c.iter_var.as_str()).chain(c.iter_var2.as_deref()));
                [&c.loop_cond, &c.loop_step, &c.result].into_iter().for_each(|inner| below(inner, bound, f));
                bound.truncate(outside);
            }
            (None, _) => children(node).into_iter().for_each(|child| below(child, bound, f)),
        }
    }
    below(node, &mut Vec::new(), f);
}

/// The node as a dotted name, where it is one.
pub(super) fn name_of(node: &IdedExpr) -> Option<Name> {
    match &node.expr {
        // Names with `@` are made by the parser for its macros.
        Expr::Ident(name) if !name.starts_with('@') => {
            Some(Name { path: vec![name.clone()], optional: false })
        }
        Expr::Select(select) => {
            let mut name = name_of(&select.operand)?;
            name.path.push(select.field.clone());
            name.optional |= select.test;
            Some(name)
        }
        _ => None,
    }
}

/// The node of the first part of a dotted name.
pub(super) fn root(node: &IdedExpr) -> &IdedExpr {
    match &node.expr {
        Expr::Select(select) => root(&select.operand),
        _ => node,
    }
}

pub(super) fn visit<'e>(node: &'e IdedExpr, f: &mut impl FnMut(&'e IdedExpr)) {
    f(node);
    for child in children(node) {
        visit(child, f);
    }
}

pub(super) fn children(node: &IdedExpr) -> Vec<&IdedExpr> {
    match &node.expr {
        Expr::Call(call) => call.target.iter().map(AsRef::as_ref).chain(&call.args).collect(),
        Expr::List(list) => list.elements.iter().collect(),
        Expr::Map(MapExpr { entries }) | Expr::Struct(StructExpr { entries, .. }) => {
            let of_entry = entries.iter().map(|entry| match &entry.expr {
                EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
                EntryExpr::StructField(field) => vec![&field.value],
            });
            of_entry.flatten().collect()
        }
        Expr::Select(select) => vec![&select.operand],
        Expr::Comprehension(c) => vec![&c.iter_range, &c.accu_init, &c.loop_cond, &c.loop_step, &c.result],
        Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => Vec::new(),
    }
}

pub(super) fn children_mut(node: &mut IdedExpr) -> Vec<&mut IdedExpr> {
    match &mut node.expr {
        Expr::Call(call) => call.target.iter_mut().map(AsMut::as_mut).chain(&mut call.args).collect(),
        Expr::List(list) => list.elements.iter_mut().collect(),
        Expr::Map(MapExpr { entries }) | Expr::Struct(StructExpr { entries, .. }) => {
            let of_entry = entries.iter_mut().map(|entry| match &mut entry.expr {
                EntryExpr::MapEntry(entry) => vec![&mut entry.key, &mut entry.value],
                EntryExpr::StructField(field) => vec![&mut field.value],
            });
            of_entry.flatten().collect()
        }
        Expr::Select(select) => vec![&mut select.operand],
        Expr::Comprehension(c) => {
            let ComprehensionExpr { iter_range, accu_init, loop_cond, loop_step, result, .. } = &mut **c;
            vec![iter_range, accu_init, loop_cond, loop_step, result]
        }
        Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => Vec::new(),
    }
}
