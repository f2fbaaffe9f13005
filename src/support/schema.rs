//! JSON Schema of what people write in files and scripts read from commands: derived from the types, in one plain form.

use schemars::{
    JsonSchema, Schema,
    generate::{Contract, SchemaSettings},
    transform::transform_subschemas,
};
use serde_json::Value;

/// Gives a type the schema that is written here, where its own way of being read hides it.
macro_rules! by_hand {
    ($type:ty, $name:literal, $schema:tt $(,)?) => {
        impl schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!($schema)
            }
        }
    };
}
pub(crate) use by_hand;

/// The schema of a type as a person writes it: everything in its place, no `null` beside a value, one line of text
/// in a description.
pub fn of<T: JsonSchema>() -> Schema {
    let mut schema = generated::<T>(Contract::Deserialize);
    drop_null(&mut schema);
    schema
}

/// As [`of`], of what a value is written as: there `null` is a value like any other.
pub fn of_output<T: JsonSchema>() -> Schema {
    generated::<T>(Contract::Serialize)
}

fn generated<T: JsonSchema>(contract: Contract) -> Schema {
    let settings = SchemaSettings::draft2020_12().with(|s| {
        s.inline_subschemas = true;
        s.meta_schema = None;
        s.contract = contract;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    plain(&mut schema);
    schema
}

/// One line of text in a description, no name of a Rust type.
fn plain(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    object.remove("title");
    for kind in ["uint", "uint32", "uint64", "int32", "int64", "double"] {
        if object.get("format").is_some_and(|f| f == kind) {
            object.remove("format");
        }
    }
    if let Some(Value::String(text)) = object.get_mut("description") {
        *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    transform_subschemas(&mut plain, schema);
}

/// No `null` beside a value: an `Option` may be left out. No default that says nothing.
fn drop_null(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    let says_nothing = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    };
    if object.get("default").is_some_and(says_nothing) {
        object.remove("default");
    }
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|t| t != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            object.insert("type".to_owned(), one);
        }
    }
    if let Some(Value::Array(values)) = object.get_mut("enum") {
        values.retain(|v| !v.is_null());
    }
    if let Some(Value::Array(forms)) = object.get_mut("anyOf") {
        forms.retain(|f| f.get("type").is_none_or(|t| t != "null"));
        if let [Value::Object(one)] = forms.as_slice() {
            let one = one.clone();
            object.remove("anyOf");
            for (key, value) in one {
                object.entry(key).or_insert(value);
            }
        }
    }
    transform_subschemas(&mut drop_null, schema);
}
