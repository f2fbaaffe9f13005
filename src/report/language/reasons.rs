//! Sentences that the engine records in English, in the other languages. What is not known here stays as recorded.

use super::{Language, recorded};
use crate::record::Said;

/// A recorded sentence in `language`.
pub(in crate::report) fn translated(language: Language, said: &Said) -> String {
    match said.id() {
        Some(_) => said.in_language(language).into_owned(),
        None => recognised(language, said),
    }
}

/// A sentence of a journal that keeps texts alone, by the form that it has.
fn recognised(language: Language, sentence: &str) -> String {
    if language == Language::En {
        return sentence.to_owned();
    }
    if let Some(text) = fitting(language, recorded::forms(), sentence) {
        return text;
    }
    sentence.to_owned()
}

/// A piece of a recorded sentence.
fn piece(language: Language, text: &str) -> String {
    fitting(language, recorded::PIECES.iter(), text).unwrap_or_else(|| recognised(language, text))
}

/// The sentence by the first form that it has.
fn fitting<'f>(
    language: Language,
    mut forms: impl Iterator<Item = &'f (&'f str, &'f str)>,
    sentence: &str,
) -> Option<String> {
    forms.find_map(|(english, french)| filled(language, french, &pieces(english, sentence)?))
}

/// The form with its places filled: `{}` with the piece in that language, `{#}` with it as a number; none where that is
/// none.
fn filled(language: Language, form: &str, pieces: &[&str]) -> Option<String> {
    let mut text = String::new();
    let mut rest = form;
    let mut pieces = pieces.iter();
    while let Some((before, after)) = rest.split_once('{') {
        let (place, after) = after.split_once('}')?;
        let recorded = pieces.next().copied()?;
        text.push_str(before);
        text.push_str(&match place {
            "#" => number(language, recorded)?,
            _ => piece(language, recorded),
        });
        rest = after;
    }
    Some(text + rest)
}

/// A number as recorded, the way the language writes it: with as many decimals as it had.
fn number(language: Language, recorded: &str) -> Option<String> {
    let decimals = recorded.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let plain = recorded.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '-');
    let value = recorded.parse().ok().filter(|_| plain)?;
    Some(language.number_with(value, decimals))
}

/// The pieces of `text` that stand at the `{}` of `form`, where it has that form.
fn pieces<'t>(form: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let parts: Vec<&str> = form.split("{}").collect();
    let (first, rest) = parts.split_first()?;
    let mut text = text.strip_prefix(first)?;
    let mut found = Vec::new();
    for (at, part) in rest.iter().enumerate() {
        let last = at + 1 == rest.len();
        let (piece, after) = match (part.is_empty(), last) {
            (true, true) => (text, ""),
            (_, true) => (text.strip_suffix(part)?, ""),
            (_, false) => text.split_once(part)?,
        };
        found.push(piece);
        text = after;
    }
    (!rest.is_empty() || text.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_has_as_many_places_in_both_languages() {
        for (english, french) in recorded::forms().chain(recorded::PIECES) {
            let places = french.matches("{}").count() + french.matches("{#}").count();
            assert_eq!(english.matches("{}").count(), places, "{english}");
            assert_eq!(french.matches('{').count(), places, "{french}");
        }
    }
}
