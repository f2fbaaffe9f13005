//! An environment for templates of people, bounded in the steps that they take and in the size of what they make.

use minijinja::{Environment, Error, ErrorKind, State, UndefinedBehavior, Value, value::ValueKind};

/// How large a list or a map may be where it becomes a text or leaves a template, in bytes. Both are repeated and joined
/// without any work, which is done where they are read.
const LARGEST: usize = 1 << 20;

/// What is told of a template that goes on and on.
pub const TOO_MUCH: &str = "it takes too many steps or makes too large a value";

/// An environment in which a name without a value is a mistake, and what is made takes at most `fuel`: one for each step,
/// and for 64 bytes of what it makes.
pub fn environment<'s>(fuel: u64) -> Environment<'s> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // One that goes round in circles is a mistake, too.
    environment.set_recursion_limit(64);
    environment.set_fuel(Some(fuel));
    environment.set_formatter(|out, state, value| {
        fitting(value)?;
        minijinja::escape_formatter(out, state, value)
    });
    environment.add_filter("tojson", |_: &State, value: &Value| {
        fitting(value)?;
        let json = serde_json::to_string(value);
        json.map(Value::from_safe_string)
            .map_err(|_| Error::new(ErrorKind::BadSerialization, "the value cannot be written as JSON"))
    });
    environment
}

/// An error where `value` is larger than a list or a map may be.
pub fn fitting(value: &Value) -> Result<(), Error> {
    if value.as_str().is_some() || left(value, LARGEST).is_some() {
        return Ok(());
    }
    Err(ErrorKind::OutOfFuel.into())
}

/// What is left of a room when `value` is in it; `None` where it does not fit.
fn left(value: &Value, room: usize) -> Option<usize> {
    let room = room.checked_sub(value.as_str().map_or(32, str::len))?;
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => {
            value.try_iter().ok()?.try_fold(room, |room, item| left(&item, room))
        }
        ValueKind::Map => value.try_iter().ok()?.try_fold(room, |room, key| {
            let held = value.get_item(&key).unwrap_or_default();
            left(&key, room).and_then(|room| left(&held, room))
        }),
        _ => Some(room),
    }
}
