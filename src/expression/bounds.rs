//! How long and how deep an expression may be: whoever reads, checks or evaluates one goes down its tree, and a thread has
//! only so much of a stack.

/// The most characters of an expression.
const LONGEST: usize = 16 << 10;
/// The most operators, dots, brackets and filters: each may be one more step down. A criterion has some tens at most.
const DEEPEST: usize = 300;

/// What makes `text` too large to be read, and the character where it becomes so.
pub(crate) fn too_large(text: &str) -> Option<(String, usize)> {
    if text.len() > LONGEST {
        return Some((
            format!("an expression has at most {LONGEST} characters, and this one has more"),
            LONGEST,
        ));
    }
    let (mut quote, mut escaped, mut count, mut before) = (None, false, 0_usize, ' ');
    for (at, c) in text.chars().enumerate() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => quote = Some(c),
            // One operator of two characters, or a decimal point.
            None if matches!((before, c), ('&', '&') | ('|', '|') | (_, '=')) => {}
            None => {
                count += usize::from(".[({?|&+-*/%<>!~".contains(c));
                if count > DEEPEST {
                    let message = format!(
                        "an expression has at most {DEEPEST} operators, dots and brackets, and this one has more"
                    );
                    return Some((message, at));
                }
            }
        }
        before = c;
    }
    None
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
            repeated("", "-", "1 == 1"),
            repeated("a", " ? a : a", ""),
            repeated("a", " && a", ""),
            repeated("", "[", ""),
            "x".repeat(100_000),
        ] {
            let (message, at) = Expression::parse(&text).unwrap_err();
            assert!(message.contains("at most") && at <= text.len(), "{message}");
        }
        let long = format!("a.b in [{}] && a.c != 'x.y+(z'", vec!["1"; 2000].join(", "));
        assert_eq!(too_large(&long), None);
        // What may be written goes down to its end on the stack of a worker thread.
        let deepest = format!("{}a{} > 1", "(".repeat(298), ")".repeat(298));
        for text in [deepest, format!("1{} > 0", " + 1".repeat(298)), format!("a{} == 1", ".b".repeat(298))] {
            std::thread::Builder::new()
                .stack_size(2 << 20)
                .spawn(move || {
                    let parsed = Expression::parse(&text).expect("it is not too large");
                    let _ = parsed.complaints(&|_| crate::expression::Known::NUMBER);
                    let _ = parsed.certain(&|_| crate::expression::Known::NUMBER);
                })
                .unwrap()
                .join()
                .unwrap();
        }
    }
}
