//! JSON Schema of the files of a campaign, for editors: keys, what each one is for, and what may stand behind it.
//!
//! Step files are read key by key (see `file`), so that every mistake is found with its place; the types here say the
//! same to an editor, and a test holds the two together.

use super::{Campaign, estimate::Estimate};
use crate::{
    action::{KINDS, KindInfo, Span},
    clients::Environment,
    record::{StepId, event::Approve},
    support::schema::{by_hand, of},
};
use schemars::JsonSchema;
use serde_json::{Map, Value, json};

/// The dialect that every schema of this program is written in.
pub const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Keys of every action, whatever its kind.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Common {
    /// Its name in the step: a letter, then letters, digits and `_`. Criteria write it before an output
    /// (`nominal.latency_ms.p99`). The kind where left out, with `_` for `-`.
    #[schemars(regex(pattern = r"^[A-Za-z][A-Za-z0-9_]*$"))]
    pub id: Option<String>,
    /// The time after which it is taken for hung and stopped; each kind has a limit of its own where left out.
    pub timeout: Option<Span>,
    /// A CEL expression over what is known before the action starts. Where it is false the action is skipped, and
    /// shown as not applicable.
    pub when: Option<String>,
    /// How often it is tried before its failure counts; 1 where left out. For read-only kinds, and those that read
    /// the real state first.
    #[schemars(range(min = 1))]
    pub attempts: Option<u32>,
    /// Pause between two tries.
    pub backoff: Option<Span>,
    /// Does the action once for every combination of these axes, each a name with a list of values, such as
    /// `{acks: [all, 1]}`; the parameters say `{{ matrix.acks }}`. Other keys beside the axes: `exclude` (combinations to
    /// leave out), `limit` (how many there may be) and `stop_when` (an expression over a scenario's outputs).
    pub matrix: Option<Matrix>,
}

/// Key of every watch, beside those of every action.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Every {
    /// How often it looks; 15 s where left out.
    pub every: Option<Span>,
}

/// Axes by name, each one a list of values, and how far the combinations of them go.
#[derive(Debug)]
pub struct Matrix;

by_hand!(Matrix, "matrix", {
    "type": "object",
    "properties": {
        "exclude": {
            "type": "array",
            "items": {"type": "object"},
            "description": "Combinations that are left out, each one given by some of its values.",
        },
        "limit": {
            "type": "integer",
            "minimum": 1,
            "description": "The most combinations that it may come to; more are a mistake of the plan.",
        },
        "stop_when": {
            "type": "string",
            "description": "A CEL expression over the outputs of the latest combination; once it is true the rest is left out.",
        },
    },
    "additionalProperties": {
        "description": "An axis: the values that it takes, one after the other.",
        "anyOf": [{"type": "array"}, {"type": "object"}, {"type": "string"}],
    },
});

/// A text, or a text for each language.
#[derive(Debug)]
pub struct Text;

by_hand!(Text, "text", {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "properties": {
                "en": {"type": "string", "description": "In English."},
                "fr": {"type": "string", "description": "In French."},
            },
            "additionalProperties": {"type": "string", "description": "In the language of that code."},
        },
    ],
});

/// A list of actions, in their order.
#[derive(Debug)]
pub struct Entries;

by_hand!(Entries, "entries", {"type": ["array", "null"], "items": {"$ref": "#/$defs/entry"}});

/// The watches of a step.
#[derive(Debug)]
pub struct Watches;

by_hand!(Watches, "watches", {"type": ["array", "null"], "items": {"$ref": "#/$defs/watch"}});

/// The front matter of a step file.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct StepFront {
    /// Its number: steps go by it, and `needs` names them by it.
    pub step: StepId,
    /// Its title, as status and report show it.
    pub title: Text,
    /// What it is for, in a sentence or two.
    pub objective: Option<Text>,
    /// Numbers of the steps that must have passed before.
    #[schemars(default)]
    pub needs: Vec<StepId>,
    /// How long it should take: `45m`, or a time for each profile, `{smoke: 1m, nominal: 45m}`.
    pub estimate: Option<Estimate>,
    /// A CEL expression. Where it is false the step is not applicable, and the steps that need it can run.
    pub when: Option<String>,
    /// The time after which the step is stopped, its faults undone.
    pub timeout: Option<Span>,
    /// Allows actions that destroy data (a topic deleted) in a production environment.
    #[schemars(default)]
    pub allow_destructive: bool,
    /// Probes that look on from the first action to the last.
    pub watch: Option<Watches>,
    /// What is done, in this order.
    pub actions: Option<Entries>,
    /// What is done at the end whatever happened before: cleaning up.
    pub always: Option<Entries>,
    /// What the step must show. A step without a criterion could never fail, so one is asked for.
    #[schemars(length(min = 1))]
    pub criteria: Vec<Criterion>,
    /// Artifacts that it must leave, as `ACTION/FILE`.
    #[schemars(default)]
    pub artifacts: Vec<String>,
    /// A person's go-ahead that it waits for once its criteria are judged.
    pub approve: Option<Approve>,
}

/// One criterion: `expect`, `always` or `guard`, and what weighs in it.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Criterion {
    /// A CEL expression, judged once at the end of the step: outputs as `ID.OUTPUT`, those of a watch as
    /// `ID.OUTPUT.max` (`avg`, `min`, `last`), `ID.samples`; and `slo`, `profile`, `vars`, `environment`,
    /// `previous.ID.OUTPUT`; `change(ID.OUTPUT)` is the difference from the previous run in percent, with its noise.
    /// `jalon actions KIND` names the outputs.
    pub expect: Option<String>,
    /// A CEL expression over one sample of one watch (`ID.OUTPUT`), judged on every sample.
    pub always: Option<String>,
    /// As `always`, and a breach stops the step at once.
    pub guard: Option<String>,
    /// With `always` and `guard`: breached only where it is false for this long without a break.
    pub r#for: Option<Span>,
    /// With `always` and `guard`: samples of this time from the start are not judged.
    pub ignore_first: Option<Span>,
    /// `critical` where left out; with `warn` a breach lets the step pass and stays visible.
    pub severity: Option<crate::record::Severity>,
    /// It cannot be waived.
    #[schemars(default)]
    pub must: bool,
    /// What it comes to where it compares with `previous` and there is no earlier run; `inconclusive` where left out.
    pub first_run: Option<Open>,
    /// What it comes to where the noise of `change(ID.OUTPUT)` leaves both open: the interval of the difference lies on
    /// both sides of the limit; `inconclusive` where left out.
    pub undecided: Option<Open>,
}

/// The verdict of a criterion that cannot be judged as it stands.
#[derive(Debug, JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub enum Open {
    /// It cannot be judged.
    Inconclusive,
    /// It is fulfilled.
    Pass,
    /// It is remarked.
    Warn,
}

/// JSON Schema of a step file's front matter.
pub fn step() -> Value {
    let mut schema = of::<StepFront>().to_value();
    schema["properties"]["criteria"]["items"]["oneOf"] =
        ["expect", "always", "guard"].iter().map(|form| json!({"required": [form]})).collect();
    let kinds = |prefix: &str, wanted: &dyn Fn(&KindInfo) -> bool| -> Map<String, Value> {
        KINDS.iter().filter(|k| wanted(k)).map(|k| (k.name.to_owned(), reference(prefix, k))).collect()
    };
    let mut definitions = Map::new();
    for kind in KINDS {
        definitions.insert(format!("action-{}", kind.name), with(kind, &[of::<Common>().to_value()]));
        if kind.watch {
            let keys = [of::<Common>().to_value(), of::<Every>().to_value()];
            definitions.insert(format!("watch-{}", kind.name), with(kind, &keys));
        }
    }
    let mut entry = kinds("action", &|_| true);
    entry.insert(
        "parallel".to_owned(),
        json!({
            "description": "Actions that run together.",
            "type": "array",
            "items": {"$ref": "#/$defs/action"},
        }),
    );
    let mut matrix = of::<Matrix>().to_value();
    matrix["description"] = "Does a list of actions once for every combination of the axes.".into();
    matrix["properties"]["actions"] = json!({
        "description": "What is done for each combination, in this order.",
        "type": "array",
        "items": {"$ref": "#/$defs/entry"},
    });
    entry.insert("matrix".to_owned(), matrix);
    definitions.insert("action".to_owned(), one_of_its_keys(kinds("action", &|_| true)));
    definitions.insert("entry".to_owned(), one_of_its_keys(entry));
    definitions.insert("watch".to_owned(), one_of_its_keys(kinds("watch", &|k| k.watch)));
    schema["$defs"] = definitions.into();
    named(schema, "A step of a jalon campaign (the front matter of steps/NN-NAME.md)")
}

/// JSON Schema of `plan/campaign.yaml`.
pub fn campaign() -> Value {
    named(of::<Campaign>().to_value(), "A jalon campaign (plan/campaign.yaml)")
}

/// JSON Schema of the files in `plan/environments`.
pub fn environment() -> Value {
    named(of::<Environment>().to_value(), "An environment of a jalon campaign (plan/environments/NAME.yaml)")
}

/// What every action may say beside the parameters of its kind: keys and their schemas.
pub fn common() -> Map<String, Value> {
    match of::<Common>().to_value()["properties"].take() {
        Value::Object(keys) => keys,
        _ => Map::new(),
    }
}

fn reference(prefix: &str, kind: &KindInfo) -> Value {
    json!({"$ref": format!("#/$defs/{prefix}-{}", kind.name), "description": kind.summary})
}

/// The parameters of a kind, and further keys before them.
fn with(kind: &KindInfo, keys: &[Value]) -> Value {
    let mut schema = (kind.schema)().to_value();
    let own = schema["properties"].take();
    let mut properties = Map::new();
    let all = keys.iter().map(|k| &k["properties"]).chain([&own]);
    for (name, value) in all.filter_map(Value::as_object).flatten() {
        properties.insert(name.clone(), value.clone());
    }
    // An axis of a matrix may stand for a value of any form.
    for (_, value) in
        properties.iter_mut().filter(|(_, value)| matches!(value["type"].as_str(), Some("object" | "array")))
    {
        let description = value.as_object_mut().and_then(|own| own.remove("description"));
        let axis = json!({"type": "string", "pattern": r"^\{\{.*\}\}$"});
        *value = json!({"description": description, "anyOf": [value.take(), axis]});
    }
    schema["properties"] = properties.into();
    schema["description"] = kind.summary.into();
    // `- connect:` alone is an action without parameters.
    if schema.get("required").is_none() {
        schema["type"] = json!(["object", "null"]);
    }
    schema
}

fn one_of_its_keys(properties: Map<String, Value>) -> Value {
    json!({
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "properties": properties,
        "additionalProperties": false,
    })
}

fn named(schema: Value, title: &str) -> Value {
    let mut all = Map::new();
    all.insert("$schema".to_owned(), DIALECT.into());
    all.insert("title".to_owned(), title.into());
    if let Value::Object(entries) = schema {
        all.extend(entries);
    }
    all.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::file::{CRITERION_KEYS, STEP_KEYS};
    use std::collections::BTreeSet;

    fn keys(schema: &Value) -> BTreeSet<&str> {
        schema["properties"].as_object().unwrap().keys().map(String::as_str).collect()
    }

    #[test]
    fn the_schema_and_the_reader_know_the_same_keys() {
        let step = step();
        for (known, schema) in
            [(STEP_KEYS, &step), (CRITERION_KEYS, &step["properties"]["criteria"]["items"])]
        {
            let known: BTreeSet<&str> = known.iter().copied().collect();
            let described = keys(schema);
            let undescribed: Vec<_> = known.difference(&described).collect();
            assert!(undescribed.is_empty(), "no schema of {undescribed:?}: add them to plan/schema.rs");
            let unread: Vec<_> = described.difference(&known).collect();
            assert!(unread.is_empty(), "the reader of step files knows no {unread:?}");
        }
    }

    #[test]
    fn no_kind_has_a_parameter_with_the_name_of_a_shared_key() {
        let common = of::<Common>().to_value();
        for kind in KINDS {
            let own = (kind.schema)().to_value();
            let Some(own) = own["properties"].as_object() else { continue };
            let both: Vec<_> = own.keys().filter(|k| keys(&common).contains(k.as_str())).collect();
            assert!(both.is_empty(), "`{}`: {both:?}", kind.name);
        }
    }
}
