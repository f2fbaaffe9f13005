//! The two sides of a judgement.

use crate::{
    record::{Value, decimals_of_pair, event::Judgement},
    report::language::Language,
};

/// The two sides of a judgement and how they are written.
pub(in crate::report) fn sides(language: Language, judgement: &Judgement) -> [Option<(&Value, String)>; 2] {
    let values = [&judgement.observed, &judgement.limit].map(|side| side.as_ref().map(|o| &o.value));
    let decimals = match values.map(|v| v.and_then(Value::as_f64)) {
        [Some(a), Some(b)] => decimals_of_pair(a, b),
        _ => (0, 0),
    };
    let shown = |value: Option<&'_ Value>, decimals| value.map(|v| language.value_with(v, decimals));
    let texts = [shown(values[0], decimals.0), shown(values[1], decimals.1)];
    let [a, b] = values;
    let [first, second] = texts;
    [a.zip(first), b.zip(second)]
}
