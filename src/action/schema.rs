//! JSON Schema of parameters: what cannot be derived, because the type hides how it is written.

use super::{Param, Size, Span, command::Invocation, kafka_access::Scalar, load_client::Properties};
use crate::{load::pacing::Pacing, support::schema::by_hand};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// What a text with an expression in it looks like.
const EXPRESSION: &str = r"\{\{.*\}\}";

by_hand!(Span, "duration", {"type": ["string", "number"], "format": "duration-text", "minimum": 0});
by_hand!(Size, "size", {"type": ["string", "integer"], "format": "size-text", "minimum": 0});
by_hand!(Pacing, "rate", {"type": "string", "format": "rate-text"});
by_hand!(Scalar, "value", {"type": ["string", "number", "boolean"]});
by_hand!(Properties, "properties", {
    "type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]},
});
by_hand!(Invocation, "command line", {
    "format": "command-line",
    "anyOf": [
        {"type": "array", "minItems": 1, "items": {"type": ["string", "number"]}},
        {
            "type": "object",
            "properties": {
                "command": {"type": "string", "description": "Name of a command of the environment."},
                "args": {
                    "type": "array",
                    "items": {"type": ["string", "number"]},
                    "description": "Arguments behind those of that command.",
                },
            },
            "required": ["command"],
            "additionalProperties": false,
        },
    ],
});

impl<T: JsonSchema> JsonSchema for Param<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let literal = generator.subschema_for::<T>();
        json_schema!({"anyOf": [literal, {"type": "string", "pattern": EXPRESSION}]})
    }
}

// Defaults stand in the schema as a step file writes them.
impl<T: Serialize> Serialize for Param<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Literal(value) => value.serialize(serializer),
            Self::Expression(text) => text.serialize(serializer),
        }
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
