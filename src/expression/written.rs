//! What an expression's text says in a place of its tree: the parts of a chain of `&&`, and the sides of a comparison.

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
