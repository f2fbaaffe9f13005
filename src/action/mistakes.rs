//! The mistakes in parameters that many kinds share.

use super::{
    ActionError, Mistake,
    mistake::{Lack, Use},
};
use crate::{
    clients::{Environment, environment::Cluster},
    record::{Arg, Said, faults, messages},
    support::text,
};
use regex::Regex;

/// The mistake that a name is not under that key of the environment.
pub(super) fn named<'n>(
    environment: &Environment,
    path: &str,
    (key, what): (&'static str, Said),
    name: &str,
    known: impl Iterator<Item = &'n String>,
) -> Option<Mistake> {
    let known: Vec<&str> = known.map(String::as_str).collect();
    if name.contains("{{") || known.contains(&name) {
        return None;
    }
    let file = format!("plan/environments/{}.yaml", environment.name);
    let (hint, is_open) = match misspelling(name, &known) {
        Some(near) => (did_you_mean(near), false),
        None if key == "clusters" && !known.is_empty() => (file_has(key, file, Arg::list(known)), false),
        None if known.is_empty() => (add_first(key, file, name), true),
        None => (add(key, file, Arg::list(known), name), true),
    };
    let used = Use { key, name: Some(name.to_owned()) };
    let what = has_no(&environment.name, what, name);
    Some(Mistake::lacking(path, Lack { used, is_open, what, hint }))
}

/// The name that was meant. One that has another word or another number in it (`start-…` beside `stop-…`, `broker-2`
/// beside `broker-1`) is another name.
fn misspelling<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let near = text::did_you_mean(name, known.iter().copied())?;
    let words = |name: &str| name.split(['-', '_', '.']).map(str::to_owned).collect::<Vec<_>>();
    let (own, other) = (words(name), words(near));
    let is_number = |word: &str| word.bytes().all(|b| b.is_ascii_digit());
    let is_slip = |(own, other): (&String, &String)| {
        own == other
            || !(is_number(own) && is_number(other)) && text::did_you_mean(own, [other.as_str()]).is_some()
    };
    (own.len() != other.len() || own.iter().zip(&other).all(is_slip)).then_some(near)
}

/// The mistake that the environment has no service under that key.
pub(super) fn service<T>(
    environment: &Environment,
    path: &str,
    key: &'static str,
    service: &Option<T>,
) -> Option<Mistake> {
    service.is_none().then(|| {
        let (what, hint) = (has_no_service(&environment.name, key), fill_in(key, &environment.name));
        Mistake::lacking(path, Lack { used: Use { key, name: None }, is_open: true, what, hint })
    })
}

/// The mistakes of parameters that name clusters: pairs of parameter and name.
pub(super) fn clusters(environment: &Environment, names: &[(&str, &str)]) -> Vec<Mistake> {
    let known = || environment.clusters.keys();
    names
        .iter()
        .filter_map(|(path, name)| named(environment, path, ("clusters", a_cluster()), name, known()))
        .collect()
}

/// The cluster of that name, where the name is known and the environment has it.
pub(super) fn cluster<'e>(environment: &'e Environment, name: &str) -> Option<&'e Cluster> {
    environment.clusters.get(name)
}

/// The mistake in a pattern that is not a regular expression.
pub(super) fn pattern(path: &str, pattern: &str, hint: &str) -> Option<Mistake> {
    if pattern.contains("{{") {
        return None;
    }
    let whole = format!("^(?:{pattern})$");
    // Compiling takes a hundred times as long as parsing, and a pattern that repeats nothing a given number of times is
    // never too large.
    if !pattern.contains('{') && regex_syntax::parse(&whole).is_ok() {
        return None;
    }
    let error = Regex::new(&whole).err()?;
    let cause = faults::pattern(&error);
    Some(Mistake::new(path, format!("`{pattern}` is not a regular expression: {cause}"), hint))
}

/// The mistake in an address that is none.
pub(super) fn address(path: &str, text: &str) -> Option<Mistake> {
    if text.contains("{{") {
        return None;
    }
    match super::service::address(text) {
        Err(ActionError::Misconfigured { message, hint }) => Some(Mistake::new(path, message, hint)),
        _ => None,
    }
}

/// What no topic may be called, as Kafka says (`org.apache.kafka.common.internals.Topic`).
pub(super) fn topic(path: &str, name: &str) -> Option<Mistake> {
    if name.contains("{{") {
        return None;
    }
    let (wrong, hint) = match name {
        "" => ("the topic name is empty".to_owned(), "write a name such as `perf.nominal`".to_owned()),
        "." | ".." => (format!("invalid topic name `{name}`"), "choose another name".to_owned()),
        name if name.len() > 249 => (
            format!("the topic name has {} characters; the maximum is 249", name.len()),
            "shorten it".to_owned(),
        ),
        name => {
            let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
            let bad = name.chars().find(|c| !is_allowed(*c))?;
            let plain: String = name.chars().map(|c| if is_allowed(c) { c } else { '-' }).collect();
            (
                format!("invalid character `{bad}` in the topic name"),
                format!("letters, digits, `.`, `_` and `-` are allowed: `{plain}`"),
            )
        }
    };
    Some(Mistake::new(path, wrong, hint))
}

messages! {
    area "mistakes";
    a_cluster() => "cluster" / "cluster";
    a_command() => "command" / "commande";
    add(key, file, known, name) => "add it to `{key}` of {file} (it has {known}), or leave this out there: `when: \"'{name}' in environment.{key}\"`" / "l'ajouter à `{key}` de {file} (on y trouve {known}), ou s'en passer dans cet environnement : `when: \"'{name}' in environment.{key}\"`";
    add_first(key, file, name) => "add it to `{key}` of {file}, or leave this out there: `when: \"'{name}' in environment.{key}\"`" / "l'ajouter à `{key}` de {file}, ou s'en passer dans cet environnement : `when: \"'{name}' in environment.{key}\"`";
    an_exporter() => "exporter" / "exporteur";
    did_you_mean(near) => "did you mean `{near}`?" / "peut-être `{near}` ?";
    file_has(key, file, known) => "`{key}` of {file} has {known}" / "`{key}` de {file} contient {known}";
    fill_in(key, environment) => "fill in `{key}` in plan/environments/{environment}.yaml, or leave this out there: `when: has(environment.{key})`" / "renseigner `{key}` dans plan/environments/{environment}.yaml, ou s'en passer dans cet environnement : `when: has(environment.{key})`";
    has_no(environment, what, name) => "environment `{environment}` has no {what} `{name}`" / "{what} `{name}` introuvable dans l'environnement `{environment}`";
    has_no_service(environment, key) => "environment `{environment}` has no `{key}`" / "l'environnement `{environment}` n'a pas de `{key}`";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_word_or_number_makes_another_name_and_no_slip() {
        let known = ["stop-source-broker-2", "source-broker-1"];
        assert_eq!(misspelling("stop-sorce-broker-2", &known), Some("stop-source-broker-2"));
        for other in ["start-source-broker-2", "stop-source-broker-3", "source-broker-2"] {
            assert_eq!(misspelling(other, &known), None, "{other}");
        }
    }
}
