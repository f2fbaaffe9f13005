//! [`Declared`]: the ids that a step file declares, also those of actions that could not be read.

use crate::plan::{
    file::StepFile,
    yaml::{Content, Node},
};
use std::collections::BTreeSet;

/// The ids of a step file, and whether more begin with them.
pub(in crate::plan) struct Declared {
    ids: BTreeSet<String>,
    /// Whether scenarios of a matrix are missing, whose ids begin with those of their actions.
    scenarios: bool,
}

impl Declared {
    /// Whether an id is one of them.
    pub(super) fn has(&self, id: &str) -> bool {
        let mut begun = id.match_indices('_').map(|(at, _)| &id[..at]);
        self.ids.contains(id) || self.scenarios && begun.any(|begun| self.ids.contains(begun))
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.ids.iter().map(String::as_str)
    }

    /// The ids of all actions and watches of a step file, also of those that could not be read.
    pub(in crate::plan) fn by(file: &StepFile) -> Self {
        let mut ids = BTreeSet::new();
        let mut open: Vec<&Node> = file.entries.iter().collect();
        while let Some(node) = open.pop() {
            match &node.content {
                Content::List(items) => open.extend(items),
                Content::Map(entries) => {
                    for (kind, params) in entries {
                        match params.get("id").and_then(Node::as_str) {
                            _ if kind.text == "parallel" => open.push(params),
                            _ if kind.text == "matrix" => open.extend(params.get("actions")),
                            // A name cannot have the dash that was told to be wrong.
                            Some(id) => ids.extend([id.to_owned(), id.replace('-', "_")]),
                            None => drop(ids.insert(kind.text.replace('-', "_"))),
                        }
                    }
                }
                Content::Scalar(_) => {}
            }
        }
        Self { ids, scenarios: file.left_out }
    }
}
