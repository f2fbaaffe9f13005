//! [`Fields`]: what the step file says of a plugin.

use crate::{
    action::{
        ActionError, Param, Span,
        command::{Interrupted, Invocation},
    },
    record::{Said, Unit, messages},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How much memory a plugin and each of its children may have, in MiB, where the step file does not say.
const MEMORY_MIB: u32 = 1024;

/// Parameters of `exec`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Fields {
    /// The plugin: program and arguments, or `{command: NAME, args: […]}` with a command of the environment. It runs in the
    /// campaign's folder, in a process group of its own.
    pub(super) argv: Invocation,
    /// What the plugin is given: any values. Everything else it takes from the platform itself.
    #[serde(default)]
    pub(super) params: BTreeMap<String, serde_json::Value>,
    /// Variables added to those that every program gets; a value that is a reference (`env:NAME`, `file:PATH`, `command:…`) is
    /// given as the secret behind it.
    #[serde(default)]
    pub(super) env: BTreeMap<String, String>,
    /// The values that it gives, by name; the suffix of a name is its unit (`lag_s`, `size_bytes`). The plugin must promise the
    /// same.
    #[serde(default)]
    pub(super) outputs: Vec<String>,
    /// What happens when a run ended while it ran: `ask` the operator (where left out), or `rerun` when doing it twice does no
    /// harm. The plugin must promise the same.
    #[serde(default)]
    pub(super) on_interrupt: Interrupted,
    /// Whether the plugin can undo what it does: it is started with the operation `undo` then, also after a crash. The plugin
    /// must promise it.
    #[serde(default)]
    pub(super) undo: bool,
    /// How much memory it and each of its children may have, in MiB; 1024 where left out.
    #[serde(default)]
    pub(super) memory_mib: Option<Param<u32>>,
    /// How long it may take; 5 minutes where left out.
    #[serde(default)]
    pub(super) within: Option<Param<Span>>,
    /// What the plugin is asked to do; `undo` is for the undo itself.
    #[serde(default)]
    pub(super) operation: Operation,
}

/// What a plugin is asked to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Operation {
    #[default]
    Run,
    Undo,
}

impl Fields {
    /// How much memory it may have, in MiB.
    pub(super) fn memory(&self) -> u32 {
        self.memory_mib.as_ref().and_then(Param::known).copied().unwrap_or(MEMORY_MIB)
    }
}

/// The unit that the name of an output tells.
pub(super) fn unit_of(name: &str) -> Unit {
    Unit::of_name(name).unwrap_or(Unit::None)
}

/// What a plugin that breaks its promise is told.
pub(super) fn broken(said: Said) -> ActionError {
    ActionError::misconfigured(said, see_protocol())
}

messages! {
    area "exec";
    not_given() => "the plugin gave no value" / "le plugin n'a donné aucune valeur";
    see_protocol() => "the book describes what a plugin says: `docs/src/plugins.md`" / "le livre décrit ce que dit un plugin : `docs/src/plugins.md`";
}
