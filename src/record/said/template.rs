//! Templates of messages, words and sentences: `{name}` is a place, `{name|one|many}` the form of a word that goes with
//! the number in that place.

use std::borrow::Cow;

/// What stands in a place.
pub struct Filling<'v> {
    /// As it is written.
    pub text: Cow<'v, str>,
    /// Whether what it counts stands in the singular.
    pub is_one: bool,
}

/// The template with its places filled; a place that `value` does not know stays empty. One pass, so that a value that
/// holds `{name}` itself is left alone.
pub fn filled<'v>(template: &str, value: impl Fn(&str) -> Option<Filling<'v>>) -> String {
    let mut rest = template;
    let mut text = String::with_capacity(template.len() + 32);
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((place, after)) = after.split_once('}') else {
            rest = "";
            break;
        };
        let (name, forms) = place.split_once('|').map_or((place, None), |(name, forms)| (name, Some(forms)));
        if let Some(filling) = value(name) {
            match forms.map(|forms| forms.split_once('|').unwrap_or((forms, forms))) {
                Some((one, many)) => text.push_str(if filling.is_one { one } else { many }),
                None => text.push_str(&filling.text),
            }
        }
        rest = after;
    }
    text + rest
}
