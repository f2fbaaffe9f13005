//! The words of reports in each [`Language`].

pub(super) mod reasons;
mod words;

pub use crate::record::Language;
pub(super) use words::Word;

impl Language {
    /// The word or sentence of that key.
    pub fn word(self, key: Word) -> &'static str {
        words::get(self, key)
    }

    /// The sentence of that key with its `{name}` places filled.
    pub fn fill(self, key: Word, places: &[(&str, &str)]) -> String {
        let mut rest = self.word(key);
        let mut filled = String::new();
        // One pass, so that a value that holds `{name}` itself is left alone.
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((name, after)) = after.split_once('}') else { break };
            filled.push_str(places.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value));
            rest = after;
        }
        filled + rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_with_braces_is_left_alone() {
        let filled = Language::En.fill(Word::Kept, &[("action", "{from} {x}"), ("from", "2")]);
        assert!(filled.contains("{from} {x}"), "{filled}");
    }
}
