//! The plan as a graph: the order of the steps, cycles, and pictures of it.

use super::step::Step;
use crate::record::{Localized, StepId};
use petgraph::{
    Direction,
    algo::tarjan_scc,
    graph::{DiGraph, NodeIndex},
    visit::EdgeRef,
};
use schemars::JsonSchema;
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

/// Steps and what they need; an edge goes from a need to the step that needs it.
#[derive(Debug)]
pub struct Graph {
    steps: DiGraph<Step, ()>,
    index: BTreeMap<StepId, NodeIndex>,
    /// Steps by the names of their actions and watches, and by what stands before a `_` of those names.
    owners: BTreeMap<Vec<u8>, Vec<StepId>>,
}

impl Graph {
    /// Builds the graph. Needs that name no step are left out: `compile` has reported them.
    pub fn new(steps: Vec<Step>) -> Self {
        let mut graph = DiGraph::new();
        let mut index = BTreeMap::new();
        let mut owners: BTreeMap<Vec<u8>, Vec<StepId>> = BTreeMap::new();
        for step in steps {
            let id = step.id;
            for action in step.actions().chain(step.watches.iter().map(|w| &w.spec)).map(|s| s.id.as_str()) {
                let ends = action.match_indices('_').map(|(at, _)| at).chain([action.len()]);
                for name in ends.map(|end| &action[..end]) {
                    let steps = owners.entry(name.as_bytes().to_owned()).or_default();
                    if steps.last() != Some(&id) {
                        steps.push(id);
                    }
                }
            }
            index.insert(id, graph.add_node(step));
        }
        // Each once: looking for an edge that is there takes as long as there are needs.
        let edges: BTreeSet<_> = index
            .values()
            .flat_map(|to| {
                graph[*to].needs.iter().filter_map(|need| index.get(need)).map(|from| (*from, *to))
            })
            .collect();
        for (from, to) in edges {
            graph.add_edge(from, to, ());
        }
        Self { steps: graph, index, owners }
    }

    /// Every step in the order of their numbers.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.index.values().map(|node| &self.steps[*node])
    }

    /// The step of that number.
    pub fn step(&self, id: StepId) -> Option<&Step> {
        self.index.get(&id).map(|node| &self.steps[*node])
    }

    /// The step of that number, to complete it.
    pub(super) fn step_mut(&mut self, id: StepId) -> Option<&mut Step> {
        self.index.get(&id).map(|node| &mut self.steps[*node])
    }

    /// The steps that have an action or a watch of that name, or of a name that begins with it and `_`.
    pub fn owners(&self, name: impl AsRef<[u8]>) -> &[StepId] {
        self.owners.get(name.as_ref()).map_or(&[], Vec::as_slice)
    }

    /// Whether `earlier` must have passed before `later`, near or far.
    pub fn is_before(&self, earlier: StepId, later: StepId) -> bool {
        let (Some(&from), Some(&to)) = (self.index.get(&earlier), self.index.get(&later)) else {
            return false;
        };
        if self.steps.contains_edge(from, to) {
            return true;
        }
        let mut seen = vec![false; self.steps.node_count()];
        let mut open = vec![to];
        while let Some(node) = open.pop() {
            for need in self.steps.neighbors_directed(node, Direction::Incoming) {
                if need == from {
                    return true;
                }
                if !std::mem::replace(&mut seen[need.index()], true) {
                    open.push(need);
                }
            }
        }
        false
    }

    /// Every step that must have passed before `id`, near and far.
    pub fn before(&self, id: StepId) -> BTreeSet<StepId> {
        self.reach(id, Direction::Incoming)
    }

    /// Every step that needs `id`, near and far.
    pub fn after(&self, id: StepId) -> BTreeSet<StepId> {
        self.reach(id, Direction::Outgoing)
    }

    fn reach(&self, id: StepId, direction: Direction) -> BTreeSet<StepId> {
        let mut found = BTreeSet::new();
        let mut open: Vec<NodeIndex> = self.index.get(&id).copied().into_iter().collect();
        while let Some(node) = open.pop() {
            for next in self.steps.neighbors_directed(node, direction) {
                if found.insert(self.steps[next].id) {
                    open.push(next);
                }
            }
        }
        found
    }

    /// Steps that wait for each other, each loop in walking order with its first step repeated at the end.
    pub fn cycles(&self) -> Vec<Vec<StepId>> {
        tarjan_scc(&self.steps)
            .into_iter()
            .filter(|part| part.len() > 1 || self.steps.contains_edge(part[0], part[0]))
            .filter_map(|part| self.walk(&part))
            .collect()
    }

    /// Walks inside a component until a step comes up again.
    fn walk(&self, part: &[NodeIndex]) -> Option<Vec<StepId>> {
        let mut path = vec![*part.iter().min_by_key(|n| self.steps[**n].id)?];
        loop {
            let next = self.steps.edges(*path.last()?).map(|e| e.target()).find(|t| part.contains(t))?;
            if let Some(at) = path.iter().position(|n| *n == next) {
                let mut cycle: Vec<StepId> = path[at..].iter().map(|n| self.steps[*n].id).collect();
                cycle.push(self.steps[next].id);
                return Some(cycle);
            }
            path.push(next);
        }
    }

    /// Pairs of a need and the step that needs it, in the order of the numbers.
    pub fn edges(&self) -> Vec<(StepId, StepId)> {
        let mut edges: Vec<_> = self
            .steps
            .edge_references()
            .map(|e| (self.steps[e.source()].id, self.steps[e.target()].id))
            .collect();
        edges.sort_unstable();
        edges
    }

    /// Returns the graph in Graphviz's DOT language, titles in `language`.
    pub fn to_dot(&self, language: &str) -> String {
        let mut out = "digraph plan {\n  rankdir=LR;\n  node [shape=box];\n".to_owned();
        for step in self.steps() {
            let _ =
                writeln!(out, "  s{} [label=\"{} {}\"];", step.id, step.id, escape(step.title.get(language)));
        }
        for (from, to) in self.edges() {
            let _ = writeln!(out, "  s{from} -> s{to};");
        }
        out + "}\n"
    }

    /// As a Mermaid flowchart.
    pub fn to_mermaid(&self, language: &str) -> String {
        let mut out = "flowchart LR\n".to_owned();
        for step in self.steps() {
            let _ = writeln!(out, "  s{}[\"{} {}\"]", step.id, step.id, escape(step.title.get(language)));
        }
        for (from, to) in self.edges() {
            let _ = writeln!(out, "  s{from} --> s{to}");
        }
        out
    }

    /// Returns the graph as a value that is printed as JSON.
    pub fn drawing(&self) -> Drawing<'_> {
        Drawing {
            nodes: self
                .steps()
                .map(|s| Node { step: s.id, id: format!("s{}", s.id), title: &s.title })
                .collect(),
            edges: self.edges().into_iter().map(|(from, to)| Edge { from, to }).collect(),
        }
    }
}

/// The plan as a graph: steps as nodes, needs as edges.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Drawing<'p> {
    /// Every step, in the order of the numbers.
    pub nodes: Vec<Node<'p>>,
    /// Every need, in the order of the numbers.
    pub edges: Vec<Edge>,
}

/// One step of the plan as a node.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Node<'p> {
    /// Number of the step in the plan.
    pub step: StepId,
    /// Name of the node in DOT and Mermaid, such as `s3`.
    pub id: String,
    /// Its title, by language.
    pub title: &'p Localized,
}

/// One need as an edge.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Edge {
    /// The step that must have passed.
    pub from: StepId,
    /// The step that needs it.
    pub to: StepId,
}

/// A title inside double quotes.
fn escape(title: &str) -> String {
    title.replace('"', "'").replace(['\n', '\r'], " ")
}
