//! Captures: outputs that a step file names and finds in an answer.

use super::Output;
use crate::{
    record::{Unit, Value, messages},
    support::redact,
};
use serde_json::Value as Json;

/// Why `name` cannot be that of a capture, where it cannot.
pub(super) fn reserved(name: &str, outputs: &[Output]) -> Option<String> {
    if outputs.iter().any(|output| output.name == name) {
        return Some(format!("`{name}` is already an output of this kind; give the capture another name"));
    }
    let plain = !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric());
    (!plain).then(|| format!("`{name}` cannot name an output; write it as `schema_version`"))
}

/// The value at a JSON pointer.
pub(super) fn at_pointer(body: &Json, pointer: &str) -> Value {
    match body.pointer(pointer) {
        None => Value::missing(nothing_at(pointer)),
        Some(Json::Null) => Value::missing(null(pointer)),
        Some(Json::Bool(flag)) => Value::Flag(*flag),
        Some(Json::Number(number)) => of_text(&number.to_string()),
        Some(Json::String(text)) => of_text(text),
        Some(Json::Array(_) | Json::Object(_)) => Value::missing(not_single(pointer)),
    }
}

/// A number where the text is one, else the text, secrets masked.
pub(super) fn of_text(text: &str) -> Value {
    match text.trim().parse::<f64>() {
        Ok(number) => Value::number(number, Unit::None),
        Err(_) => Value::text(redact::mask(text)),
    }
}

messages! {
    area "capture";
    not_single(pointer) => "`{pointer}` is not a single value" / "`{pointer}` n'est pas une valeur simple";
    nothing_at(pointer) => "nothing found at `{pointer}`" / "rien à `{pointer}`";
    null(pointer) => "`{pointer}` is null" / "`{pointer}` est nul";
}
