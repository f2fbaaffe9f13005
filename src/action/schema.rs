//! JSON Schema of parameters: what cannot be derived, because the type hides how it is written.

use super::{
    Param, Share, Size, Span, command::Invocation, filling::Samples, kafka_access::Scalar,
    load_client::Properties,
};
use crate::{
    load::pacing::{Pacing, Rate},
    support::schema::by_hand,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// What a text with an expression in it looks like.
const EXPRESSION: &str = r"\{\{.*\}\}";

by_hand!(Span, "duration", {"type": ["string", "number"], "format": "duration-text", "minimum": 0});
by_hand!(Size, "size", {"type": ["string", "integer"], "format": "size-text", "minimum": 0});
by_hand!(Share, "share", {"type": ["string", "number"], "format": "share-text", "minimum": 0});
by_hand!(Rate, "rate", {"type": "string", "format": "rate-text"});
by_hand!(Pacing, "rate", {"anyOf": [
    {"type": "string", "format": "rate-text"},
    {
        "type": "object",
        "properties": {"ramp": {
            "type": "object",
            "description": "A rate that changes evenly.",
            "properties": {
                "from": {"type": "string", "format": "rate-text", "description": "The rate at the start; `0/s` may be."},
                "to": {"type": "string", "format": "rate-text", "description": "The rate at the end, and after it."},
                "over": {"type": ["string", "number"], "format": "duration-text", "description": "How long it takes."},
            },
            "required": ["from", "to", "over"],
            "additionalProperties": false,
        }},
        "required": ["ramp"],
        "additionalProperties": false,
    },
    {
        "type": "object",
        "properties": {"steps": {
            "type": "array",
            "minItems": 1,
            "description": "One rate after another.",
            "items": {
                "type": "object",
                "properties": {
                    "rate": {"type": "string", "format": "rate-text", "description": "The rate; `0/s` is a pause."},
                    "for": {"type": ["string", "number"], "format": "duration-text", "description": "How long it holds."},
                },
                "required": ["rate", "for"],
                "additionalProperties": false,
            },
        }},
        "required": ["steps"],
        "additionalProperties": false,
    },
    {
        "type": "object",
        "properties": {"burst": {
            "type": "object",
            "description": "So many records at once, again and again.",
            "properties": {
                "records": {"type": ["integer", "string"], "minimum": 1, "description": "Records of one burst."},
                "every": {"type": ["string", "number"], "format": "duration-text", "description": "From one to the next."},
            },
            "required": ["records", "every"],
            "additionalProperties": false,
        }},
        "required": ["burst"],
        "additionalProperties": false,
    },
]});
by_hand!(Samples, "samples", {"anyOf": [
    {"type": "string"},
    {
        "type": "object",
        "properties": {
            "file": {"type": "string", "description": "The file."},
            "delimiter": {"type": "string", "description": "Delimiter between two records."},
        },
        "required": ["file"],
        "additionalProperties": false,
    },
]});
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

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
