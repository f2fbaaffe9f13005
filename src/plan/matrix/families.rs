//! [`Families`]: what an id of the step file stands for once its matrix is written out.

use super::writer::with_ids;
use crate::{
    expression::{Changed, Expression},
    plan::{
        scope::OTHER_RUNS,
        source::{Problem, Source},
        yaml::{Content, Node},
    },
};
use std::collections::{BTreeMap, BTreeSet};

/// Which ids an id of the step file stands for.
#[derive(Debug, Default)]
pub(in crate::plan) struct Families {
    ids: BTreeMap<String, Family>,
    /// Actions of a matrix that could not be written out, as they stand in the file.
    left_out: Vec<Node>,
}

#[derive(Debug)]
struct Family {
    /// Which matrix of the step, counted.
    matrix: usize,
    /// The id in each scenario.
    ids: Vec<String>,
}

impl Families {
    /// Takes in one scenario of a matrix: the new id of each of its actions.
    pub(super) fn add(&mut self, matrix: usize, renamed: &BTreeMap<String, String>) {
        for (id, new) in renamed {
            let family = self.ids.entry(id.clone());
            family.or_insert_with(|| Family { matrix, ids: Vec::new() }).ids.push(new.clone());
        }
    }

    /// Says that a matrix could not be written out, or not as a whole.
    pub(super) fn leave_out(&mut self, actions: &[Node]) {
        self.left_out.extend_from_slice(actions);
    }

    /// The actions of such matrices.
    pub(in crate::plan) fn left_out(&self) -> &[Node] {
        &self.left_out
    }

    /// What `expect` says, once for every scenario where it names actions of a matrix; else as it is.
    pub(in crate::plan) fn criterion(
        &self,
        source: &Source,
        node: &Node,
        problems: &mut Vec<Problem>,
    ) -> Vec<Node> {
        if self.ids.is_empty() {
            return vec![node.clone()];
        }
        let Some(text) = node.get("expect").and_then(Node::as_str) else { return vec![node.clone()] };
        let Ok(expression) = Expression::parse(text) else { return vec![node.clone()] };
        let roots: BTreeSet<String> = expression
            .names()
            .iter()
            .filter_map(|name| {
                if let Some(changed) = Changed::of(&name.path) {
                    return Some(changed.action().to_owned());
                }
                let past = OTHER_RUNS.contains(&name.path[0].as_str());
                name.path.get(usize::from(past)).cloned()
            })
            .filter(|root| self.ids.contains_key(root))
            .collect();
        let matrices: BTreeSet<usize> = roots.iter().map(|root| self.ids[root].matrix).collect();
        if matrices.len() > 1 {
            let problem =
                source.problem(node.span, "matrix", "this criterion names actions of more than one matrix");
            problems.push(problem.hint("name one scenario of the other matrix, or write two criteria"));
            return Vec::new();
        }
        let Some(count) = roots.iter().map(|root| self.ids[root].ids.len()).min() else {
            return vec![node.clone()];
        };
        (0..count)
            .map(|scenario| {
                let renamed =
                    roots.iter().map(|root| (root.clone(), self.ids[root].ids[scenario].clone())).collect();
                let mut node = node.clone();
                if let Content::Map(entries) = &mut node.content
                    && let Some((_, value)) = entries.iter_mut().find(|(k, _)| k.text == "expect")
                {
                    value.content = Content::Scalar(with_ids(text, &renamed).into());
                }
                node
            })
            .collect()
    }

    /// The artifacts that `action/file` stands for.
    pub(in crate::plan) fn artifacts(&self, artifact: &str) -> Vec<String> {
        match artifact.split_once('/').and_then(|(action, file)| Some((self.ids.get(action)?, file))) {
            Some((family, file)) => family.ids.iter().map(|id| format!("{id}/{file}")).collect(),
            None => vec![artifact.to_owned()],
        }
    }
}
