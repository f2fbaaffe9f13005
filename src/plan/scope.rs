//! [`Scope`]: the names that criteria and parameters may use, and their values.

use super::template;
use crate::{
    expression::{Changed, Expression, Names, Outcome, Sides, Unknown, nested},
    record::{ActionId, Evidence, Said, Unit, Value, messages},
};
use serde_json::{Map, Value as Json};
use std::{collections::BTreeMap, sync::Arc};

/// What a criterion or a parameter of one step sees.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// `campaign`, `environment`, `profile`, `slo`, `vars`.
    pub fixed: Arc<Map<String, Json>>,
    /// Evidence by action or watch, of this step and of those that it needs.
    pub evidence: BTreeMap<ActionId, Evidence>,
    /// The last run of this step that passed in this environment.
    pub previous: Option<Compared>,
    /// The run that was named to compare with.
    pub baseline: Option<Compared>,
    /// By how much loads of this step differ from those of other runs, or why that cannot be told.
    pub changes: BTreeMap<Changed, Result<Change, Said>>,
}

/// By how much an output of a load differs from that of another run, in percent of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Change {
    /// The difference, in percent of the earlier value.
    pub percent: f64,
    /// Lower end of its 95 % interval.
    pub low: f64,
    /// Upper end of its 95 % interval.
    pub high: f64,
    /// What else differs between the two runs; a few words, empty where nothing is known to.
    pub differs: Said,
}

impl Change {
    /// Whether the interval leaves zero out.
    pub fn is_detectable(&self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }
}

/// Another run, as far as a step compares with it.
#[derive(Debug, Clone, Default)]
pub struct Compared {
    /// Name of that run.
    pub run: String,
    /// What a reader must know when figures are compared with it; empty where nothing.
    pub note: Said,
    /// What each action and watch of the step measured in that run, by name.
    pub evidence: BTreeMap<ActionId, Evidence>,
}

/// The names of other runs in the plan language.
pub const OTHER_RUNS: [&str; 2] = ["baseline", "previous"];

/// What a dotted name leads to.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// A value of evidence, possibly a missing one.
    Measured(Value),
    /// Something of the plan: an SLO, a value of the profile.
    Fixed,
    /// It has no value, for this reason.
    Lacking(Lack),
}

/// The reason why a name has no value.
#[derive(Debug, Clone, PartialEq)]
pub enum Lack {
    /// There is none in this run, or none that the question has an answer for.
    Nothing(Said),
    /// `previous` or `baseline`, and there is no such run or it has no such step.
    NoOther(Said),
}

impl Scope {
    /// What a dotted name leads to.
    pub fn find(&self, path: &[String]) -> Found {
        let Some((root, rest)) = path.split_first() else {
            return Found::Lacking(Lack::Nothing(empty_name()));
        };
        if let Some(changed) = Changed::of(path) {
            return match (self.other(&changed.run), self.changes.get(&changed)) {
                (None, _) => Found::Lacking(Lack::NoOther(none(&changed.run))),
                (Some(_), Some(Ok(change))) => Found::Measured(Value::number(change.percent, Unit::Percent)),
                (Some(_), Some(Err(why))) => {
                    Found::Lacking(Lack::Nothing(change_unknown(changed.to_string(), why)))
                }
                (Some(_), None) => Found::Lacking(Lack::Nothing(change_at_end(changed.to_string()))),
            };
        }
        if OTHER_RUNS.contains(&root.as_str()) {
            let Some(other) = self.other(root) else { return Found::Lacking(Lack::NoOther(none(root))) };
            let Some((action, rest)) = rest.split_first() else { return Found::Fixed };
            let place = in_run(&other.run);
            return measured(other.evidence.get(&ActionId::from(action.as_str())), action, rest, &place);
        }
        if let Some(value) = self.fixed.get(root) {
            return match rest.iter().try_fold(value, |at, part| at.get(part)) {
                // A fact or an address that the campaign leaves open.
                None | Some(Json::Null) => Found::Lacking(Lack::Nothing(not_supplied(path.join(".")))),
                Some(_) => Found::Fixed,
            };
        }
        measured(self.evidence.get(&ActionId::from(root.as_str())), root, rest, &in_this_run())
    }

    /// The run that a name of the plan language stands for.
    pub fn other(&self, name: &str) -> Option<&Compared> {
        match name {
            "baseline" => self.baseline.as_ref(),
            "previous" => self.previous.as_ref(),
            _ => None,
        }
    }

    /// What an expression comes to and the sides of the part that decided, or what it lacks: something of this run
    /// before another run.
    pub fn judge(&self, expression: &Expression) -> Result<(Outcome, Option<Sides>), Lack> {
        expression.judge(&self.names(expression), &|path| self.absent(path)).map_err(first)
    }

    /// The same as if this run were the one that it compares with, to see whether the lack of another run is all that is
    /// lacking; `None` where it compares by `change(…)`.
    pub fn lack_beside_another_run(&self, expression: &Expression) -> Option<Lack> {
        let own = || Some(Compared { evidence: self.evidence.clone(), ..Compared::default() });
        let alone = expression.changes().is_empty();
        let alike = Self { previous: own(), baseline: own(), ..self.clone() };
        alike.judge(expression).err().filter(|_| alone)
    }

    /// What an expression comes to at every end of the intervals of what it compares with other runs.
    pub fn at_ends(&self, expression: &Expression) -> Result<Vec<Outcome>, Lack> {
        let outcome = |names| expression.evaluate(names, &|path| self.absent(path)).map_err(first);
        self.ends(expression).iter().map(outcome).collect()
    }

    /// Why a dotted name has no value, where it has none.
    fn absent(&self, path: &[String]) -> Option<Lack> {
        match self.find(path) {
            Found::Measured(Value::Missing(reason)) => {
                Some(Lack::Nothing(not_measured(path.join("."), reason)))
            }
            Found::Measured(_) | Found::Fixed => None,
            Found::Lacking(lack) => Some(lack),
        }
    }

    /// What an expression may name, for its value: numbers are decimal, missing values are left out.
    fn names(&self, expression: &Expression) -> Names {
        let mut names = Names::new();
        for root in expression.roots() {
            let value = if root == Changed::ROOT {
                continue;
            } else if OTHER_RUNS.contains(&root.as_str()) {
                let Some(other) = self.other(&root) else { continue };
                by_action(&other.evidence)
            } else if let Some(fixed) = self.fixed.get(&root) {
                decimal(fixed)
            } else if let Some(evidence) = self.evidence.get(&ActionId::from(root.as_str())) {
                nested(evidence)
            } else {
                continue;
            };
            names.insert(root, value);
        }
        let changes = expression.changes();
        let values = changes
            .iter()
            .filter_map(|changed| Some((changed, self.changes.get(changed)?.as_ref().ok()?.percent)));
        put_changes(&mut names, values);
        names
    }

    /// The same for every end of the intervals of what it compares with other runs, each with the others.
    fn ends(&self, expression: &Expression) -> Vec<Names> {
        let changes = expression.changes();
        let known: Vec<(&Changed, &Change)> = changes
            .iter()
            .filter_map(|changed| Some((changed, self.changes.get(changed)?.as_ref().ok()?)))
            .collect();
        let names = self.names(expression);
        (0..1_usize << known.len())
            .map(|corner| {
                let mut names = names.clone();
                let end = |(at, (changed, change)): (usize, &(&'_ Changed, &Change))| {
                    let high = corner >> at & 1 == 1;
                    ((*changed).clone(), if high { change.high } else { change.low })
                };
                let ends: Vec<(Changed, f64)> = known.iter().enumerate().map(end).collect();
                put_changes(&mut names, ends.iter().map(|(changed, value)| (changed, *value)));
                names
            })
            .collect()
    }

    /// The part of it that an expression may name.
    pub fn narrowed(&self, expression: &Expression) -> Self {
        let roots = expression.roots();
        Self {
            fixed: self
                .fixed
                .iter()
                .filter(|(k, _)| roots.contains(*k))
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect::<Map<_, _>>()
                .into(),
            evidence: self
                .evidence
                .iter()
                .filter(|(id, _)| roots.contains(id.as_str()))
                .map(|(id, e)| (id.clone(), e.clone()))
                .collect(),
            previous: self.previous.clone().filter(|_| roots.contains("previous")),
            baseline: self.baseline.clone().filter(|_| roots.contains("baseline")),
            changes: BTreeMap::new(),
        }
    }

    /// Every name, for a template.
    pub fn template_names(&self) -> template::Names {
        let mut names = Map::clone(&self.fixed);
        names.extend(self.evidence.iter().map(|(id, e)| (id.to_string(), nested(e))));
        let others = OTHER_RUNS.iter().filter_map(|name| Some((name, self.other(name)?)));
        names.extend(others.map(|(name, other)| ((*name).to_owned(), by_action(&other.evidence))));
        template::Names::new(&names.into())
    }
}

/// The reason that counts among those why a value is unknown: that there is no other run excuses nothing else.
fn first(reasons: Vec<Unknown<Lack>>) -> Lack {
    let mut lacks = reasons.into_iter().map(|reason| match reason {
        Unknown::Absent(lack) => lack,
        Unknown::Unanswerable(why) => Lack::Nothing(not_evaluated(why)),
    });
    let first = lacks.next().unwrap_or_else(|| Lack::Nothing(empty_name()));
    match first {
        Lack::NoOther(_) => lacks.find(|lack| matches!(lack, Lack::Nothing(_))).unwrap_or(first),
        first => first,
    }
}

/// Puts changes where the names of an expression have them.
fn put_changes<'c>(names: &mut Names, values: impl Iterator<Item = (&'c Changed, f64)>) {
    for (changed, value) in values {
        let mut at = names.entry(Changed::ROOT.to_owned()).or_insert_with(|| Json::Object(Map::new()));
        for part in std::iter::once(&changed.run).chain(&changed.path) {
            if !at.is_object() {
                *at = Json::Object(Map::new());
            }
            at = &mut at[part.as_str()];
        }
        *at = value.into();
    }
}

/// What a watch says of looks that were not answered.
pub(super) const SAMPLES_EMPTY: &str = "criterion.samples_empty";
/// What it says of those that were answered without a value.
pub(super) const SAMPLES_WITHOUT: &str = "criterion.samples_without";

/// Why there is no other run to compare with.
fn none(name: &str) -> Said {
    match name {
        "baseline" => no_baseline(),
        _ => no_previous(),
    }
}

messages! {
    area "scope";
    change_at_end(name) => "`{name}` is known only at the end of a step" / "`{name}` n'est connu qu'à la fin d'une étape";
    change_unknown(name, why) => "`{name}` is unknown: {why}" / "`{name}` est inconnu : {why}";
    empty_name() => "an empty name" / "un nom vide";
    in_run(run) => "in run {run}" / "dans l'exécution {run}";
    in_this_run() => "in this run" / "dans cette exécution";
    no_baseline() => "no run to compare with (`--baseline RUN`), or this step did not pass in it" / "aucune exécution de référence (`--baseline RUN`), ou cette étape n'y a pas réussi";
    no_evidence(action, place) => "`{action}` has no evidence {place}" / "`{action}` n'a aucune preuve {place}";
    no_output(action, output, place) => "`{action}` has no output `{output}` {place}" / "`{action}` n'a pas de sortie `{output}` {place}";
    no_previous() => "no earlier run of this step passed in this environment with the same parameters" / "aucune exécution antérieure de cette étape n'a réussi dans cet environnement avec les mêmes paramètres";
    not_evaluated(cause) => "could not evaluate: {cause}" / "impossible à évaluer : {cause}";
    not_measured(name, reason) => "`{name}` was not measured: {reason}" / "`{name}` n'a pas été mesuré : {reason}";
    not_supplied(name) => "`{name}` is not supplied" / "`{name}` n'est pas fourni";
}

fn by_action(evidence: &BTreeMap<ActionId, Evidence>) -> Json {
    evidence.iter().map(|(id, e)| (id.to_string(), nested(e))).collect::<Map<_, _>>().into()
}

fn measured(evidence: Option<&Evidence>, id: &str, rest: &[String], place: &Said) -> Found {
    let Some(evidence) = evidence else {
        return Found::Lacking(Lack::Nothing(no_evidence(id, place)));
    };
    let name = rest.join(".");
    match evidence.get(&name) {
        Some(value) => Found::Measured(value.clone()),
        // A watch that saw nothing has no figures, and says why.
        None => {
            let why = evidence.remarks.iter().find(|r| r.is(SAMPLES_EMPTY) || r.is(SAMPLES_WITHOUT));
            Found::Lacking(Lack::Nothing(match why {
                Some(why) => not_measured(format!("{id}.{name}"), why),
                None => no_output(id, name, place),
            }))
        }
    }
}

fn decimal(value: &Json) -> Json {
    match value {
        Json::Number(n) => n.as_f64().map_or_else(|| value.clone(), Json::from),
        Json::Array(items) => items.iter().map(decimal).collect(),
        Json::Object(map) => {
            let values = map.iter().filter(|(_, v)| !v.is_null());
            Json::Object(values.map(|(k, v)| (k.clone(), decimal(v))).collect())
        }
        other => other.clone(),
    }
}
