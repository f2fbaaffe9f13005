//! How long and how deep an expression may be: whoever reads, checks or evaluates one goes down its tree, and a thread has
//! only so much of a stack.

use super::tree::children;
use crate::record::{Said, messages};
use cel::IdedExpr;

/// The most characters of an expression.
const LONGEST: usize = 16 << 10;
/// The most operators, dots, brackets and filters: each may be one more step down. A criterion has some tens at most.
const DEEPEST: usize = 200;

/// The most brackets within brackets, and choices (`a ? b : c`) in one expression: the parser goes down a dozen steps for each.
const NESTED: usize = 32;

/// The deepest tree: a macro (`all`, `exists`, `map` …) becomes several calculations within each other, each of which
/// takes its part of a thread's stack from whoever checks or evaluates it.
const TREE: usize = 256;

/// From how many operators, and brackets within brackets, on a parser gets a stack of its own.
const DEEP: Size = Size { operators: 60, nested: 4 };
/// More than the deepest expression takes; what is not touched costs nothing.
const ROOM: usize = 256 << 20;

/// How large an expression is.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    /// Operators, dots, brackets and filters.
    operators: usize,
    /// Brackets within brackets, or choices where there are more.
    nested: usize,
}

/// The size of the expression up to each character that counts, with the place of it. Texts and comments are passed over
/// as CEL reads them: raw ones have no escapes, those in three quotes go over lines.
fn sizes(text: &str) -> impl Iterator<Item = (usize, Size)> {
    let chars: Vec<char> = text.chars().collect();
    let (mut at, mut found) = (0, Vec::new());
    let (mut operators, mut open, mut choices) = (0_usize, Vec::new(), 0_usize);
    while let Some(&c) = chars.get(at) {
        let before = at.checked_sub(1).map_or(' ', |at| chars[at]);
        match c {
            '"' | '\'' | ')' | ']' | '}' if is_swallowed(&chars, at) => {}
            '"' | '\'' => {
                at = behind_text(&chars, at);
                continue;
            }
            '/' if chars.get(at + 1) == Some(&'/') => {
                at += chars[at..].iter().take_while(|c| **c != '\n').count();
                continue;
            }
            // One operator of two characters.
            _ if matches!((before, c), ('&', '&') | ('|', '|') | (_, '=')) => {}
            // One that closes another kind of bracket closes none: the parser goes on within.
            ')' | ']' | '}' => {
                let _ = open.pop_if(|kind| matches!((*kind, c), ('(', ')') | ('[', ']') | ('{', '}')));
            }
            _ if ".[({?|&+-*/%<>!~".contains(c) || is_in(&chars, at) => {
                operators += 1;
                open.extend("([{".contains(c).then_some(c));
                choices += usize::from(c == '?');
                found.push((at, Size { operators, nested: open.len().max(choices) }));
            }
            _ => {}
        }
        at += 1;
    }
    found.into_iter()
}

/// Whether the lexer discards this character together with an incomplete token before it: a single `&`, `|` or `=`, or an
/// unterminated name in backticks. A discarded quote opens no string, and a discarded bracket closes none.
fn is_swallowed(chars: &[char], at: usize) -> bool {
    let (before, name) = chars[..at].split_at(
        chars[..at]
            .iter()
            .rposition(|c| !c.is_ascii_alphanumeric() && !"_.-/ ".contains(*c))
            .map_or(0, |at| at + 1),
    );
    let run = |of: char| before.iter().rev().take_while(|c| **c == of).count();
    match before.last() {
        Some('`') => run('`') % 2 == 1,
        Some(half @ ('&' | '|')) if name.is_empty() => run(*half) % 2 == 1,
        Some('=') if name.is_empty() => {
            run('=') % 2 == 1 && !matches!(before.iter().rev().find(|c| **c != '='), Some('!' | '<' | '>'))
        }
        _ => false,
    }
}

/// Whether the operator `in` is at this position.
fn is_in(chars: &[char], at: usize) -> bool {
    let in_name = |at: usize| chars.get(at).is_some_and(|c| *c == '_' || c.is_ascii_alphanumeric());
    chars[at..].starts_with(&['i', 'n']) && !in_name(at + 2) && !at.checked_sub(1).is_some_and(in_name)
}

/// The place behind the text that begins at a quote. One that does not end on its line is none, and is not passed over.
fn behind_text(chars: &[char], start: usize) -> usize {
    let quote = chars[start];
    let mut prefix = chars[..start].iter().rev().take_while(|c| "rRbB".contains(**c));
    let raw = prefix.any(|c| matches!(c, 'r' | 'R'));
    let three = chars[start..].iter().take(3).filter(|c| **c == quote).count() == 3;
    let mut at = start + if three { 3 } else { 1 };
    while let Some(&c) = chars.get(at) {
        match c {
            '\\' if !raw => at += 1,
            '\n' if !three => break,
            c if c == quote && !three => return at + 1,
            c if c == quote && chars[at..].iter().take(3).filter(|c| **c == quote).count() == 3 => {
                return at + 3;
            }
            _ => {}
        }
        at += 1;
    }
    start + 1
}

/// Parses `text` where there is room for it.
pub(super) fn with_room<T: Send>(text: &str, parse: impl FnOnce() -> T + Send) -> T {
    if !sizes(text).any(|(_, size)| size.operators > DEEP.operators || size.nested > DEEP.nested) {
        return parse();
    }
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(ROOM);
        let thread = builder.spawn_scoped(scope, parse).expect("the system has a thread for the parser");
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// What makes `text` too large to be read, and the character where it becomes so.
pub(crate) fn too_large(text: &str) -> Option<(Said, usize)> {
    if text.len() > LONGEST {
        return Some((too_long(LONGEST), LONGEST));
    }
    match sizes(text).find(|(_, size)| size.operators > DEEPEST || size.nested > NESTED) {
        None => None,
        Some((at, size)) if size.operators > DEEPEST => Some((too_many_operators(DEEPEST), at)),
        Some((at, _)) => Some((too_nested(NESTED), at)),
    }
}

/// The tree, where it is not too deep to be checked or evaluated. Else it is dropped here, where there is room for it, and
/// the error is a sentence with the character where it begins.
pub(super) fn bounded(tree: IdedExpr) -> Result<IdedExpr, (Said, usize)> {
    let mut left = vec![(&tree, 1)];
    while let Some((node, depth)) = left.pop() {
        if depth > TREE {
            return Err((too_deep(TREE), 0));
        }
        left.extend(children(node).into_iter().map(|child| (child, depth + 1)));
    }
    Ok(tree)
}

messages! {
    area "expression-size";
    too_deep(most) => "an expression has at most {most} calculations within each other, and a macro is several of them" / "une expression a au plus {most} calculs imbriqués, et une macro en fait plusieurs";
    too_long(most) => "an expression has at most {most} characters, and this one has more" / "une expression a au plus {most} caractères, et celle-ci en a plus";
    too_many_operators(most) => "an expression has at most {most} operators, dots and brackets, and this one has more" / "une expression a au plus {most} opérateurs, points et parenthèses, et celle-ci en a plus";
    too_nested(most) => "an expression has at most {most} brackets within brackets and as many choices, and this one has more" / "une expression a au plus {most} parenthèses imbriquées et autant d'alternatives, et celle-ci en a plus";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::Expression;

    #[test]
    fn what_would_go_too_deep_is_refused_and_what_people_write_is_not() {
        let repeated = |start: &str, part: &str, end: &str| format!("{start}{}{end}", part.repeat(12_000));
        for text in [
            repeated("1", " + 1", " > 0"),
            repeated("a", ".b", " == 1"),
            repeated("a", "[0]", " == 1"),
            repeated("", "(", ""),
            format!("{}1{} == 1", "(".repeat(12_000), ")".repeat(12_000)),
            repeated("a", ".size()", " == 1"),
            repeated("", "!", "a"),
            repeated("a", " in a", ""),
            repeated("", "-", "1 == 1"),
            repeated("a", " ? a : a", ""),
            repeated("a", " && a", ""),
            repeated("", "[", ""),
            "x".repeat(100_000),
            repeated("r'\\' == a && ", "(", ""),
            repeated("a // it's\n && ", "(", ""),
            repeated("'''it's''' == ", "(", ""),
            repeated("a == 'not ended && ", "(", ""),
        ] {
            let (message, at) = Expression::parse(&text).unwrap_err();
            assert!(message.contains("at most") && at <= text.len(), "{message}");
        }
        // What seems a text that hides brackets, or closes them, is dropped behind half of a token.
        for half in ["a`v'", "a &'", "a ='"] {
            assert!(Expression::parse(&format!("{half}{}'", "f(".repeat(120))).is_err());
        }
        assert!(Expression::parse(&"(a `)".repeat(150)).is_err());
        // The parser goes on within brackets of another kind, and makes a tree of what is left.
        for part in [".all(n, ]", ".all(n, ]n, ]."] {
            assert!(Expression::parse(&format!("[1, 2]{}.all(n, n", part.repeat(23))).is_err());
        }
        let long = format!("a.b in [{}] && a.c != 'x.y+(z'", vec!["1"; 2000].join(", "));
        assert_eq!(too_large(&long), None);
        // What may be written goes down to its end on the stack of a worker thread.
        let nested =
            |open: &str, close: &str| format!("{}a{} > 1", open.repeat(NESTED), close.repeat(NESTED));
        for text in [
            nested("(", ")"),
            nested("(", ""),
            nested("[", ""),
            nested("f(", ")"),
            nested("{1:", ""),
            nested("a ? b : ", ""),
            nested("a ? ", ""),
            nested("!(", ""),
            format!("1{} > ", " + 1".repeat(195)),
            format!("1{} > 0", " + 1".repeat(195)),
            format!("a{} == 1", ".b".repeat(195)),
            format!("{}a", "!".repeat(195)),
            format!("{}1 == 1", "-".repeat(195)),
            format!("a{}", " && a".repeat(95)),
        ] {
            std::thread::Builder::new()
                .stack_size(2 << 20)
                .spawn(move || {
                    let Ok(parsed) = Expression::parse(&text) else { return };
                    let _ = parsed.complaints(&|_| crate::expression::Known::NUMBER);
                    let _ = parsed.certain(&|_| crate::expression::Known::NUMBER);
                })
                .unwrap()
                .join()
                .unwrap();
        }
    }
}
