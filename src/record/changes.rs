//! Where two JSON values differ, down to the single value.

use super::{Said, Speaks};
use crate::support::text;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// One value that is not what it was.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ValueChange {
    /// Where it stands, with dots.
    pub name: String,
    /// The value before; absent where it was not set.
    pub old: Option<Value>,
    /// The value now; absent where it is no longer set.
    pub new: Option<Value>,
}

impl Speaks for ValueChange {
    fn said(&self) -> Said {
        change(self.name.as_str(), shown(self.old.as_ref()), shown(self.new.as_ref()))
    }
}

/// Where two JSON values differ, down to the single value.
pub fn json_changes(old: &Value, new: &Value) -> Vec<ValueChange> {
    fn walk(name: &str, old: Option<&Value>, new: Option<&Value>, found: &mut Vec<ValueChange>) {
        if old == new {
            return;
        }
        if let (Some(Value::Object(a)), Some(Value::Object(b))) = (old, new) {
            let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                walk(&name, a.get(key), b.get(key), found);
            }
            return;
        }
        found.push(ValueChange { name: name.to_owned(), old: old.cloned(), new: new.cloned() });
    }
    let mut found = Vec::new();
    walk("", Some(old), Some(new), &mut found);
    found
}

/// A value in a sentence.
pub fn shown(value: Option<&Value>) -> Said {
    match value {
        None => nothing(),
        Some(Value::String(text)) => Said::verbatim(text::cut(&text::one_line(text), 60)),
        Some(other) => Said::verbatim(text::cut(&other.to_string(), 60)),
    }
}

super::display_by_said!(ValueChange);

super::messages! {
    area "changes";
    change(name, old, new) => "{name}: {old} → {new}" / "{name} : {old} → {new}";
    nothing() => "nothing" / "rien";
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_differs_is_named_down_to_the_value() {
        let (old, new) =
            (json!({"a": 1, "p": {"acks": "all", "x": [1]}}), json!({"a": 1, "p": {"acks": "1"}, "b": true}));
        let shown: Vec<String> = json_changes(&old, &new).iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["b: nothing → true", "p.acks: all → 1", "p.x: [1] → nothing"]);
    }
}
