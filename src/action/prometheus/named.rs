//! Figures by a name of their own: what is wrong with one.

use super::super::Mistake;
use crate::{
    clients::{Environment, metric_names, promql},
    support::text,
};

/// What is wrong with the name of a figure, or with what the environment's file says of it.
pub(super) fn mistake(environment: &Environment, name: &str) -> Option<Mistake> {
    if let Some(expression) = metric_names::expression(environment, name, None) {
        let wrong = promql::check(&expression).err()?;
        let message = format!("`metrics` of the environment's file, `{name}`: {}", wrong.message);
        return Some(Mistake::new("metric", message, wrong.hint));
    }
    let known = metric_names::names(environment);
    let hint = match text::did_you_mean(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "known metrics: {}; add others under `metrics` of the environment file",
            known.into_iter().collect::<Vec<_>>().join(", ")
        ),
    };
    Some(Mistake::new("metric", format!("unknown metric `{name}`"), hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_nobody_knows_and_an_expression_that_is_none_are_told() {
        let own = [("mine".to_owned(), "sum(".to_owned())].into();
        let environment = Environment { metrics: own, ..Environment::default() };
        assert_eq!(mistake(&environment, "partitions"), None);
        let wrong = mistake(&environment, "mine").unwrap();
        assert!(wrong.message.contains("`mine`"), "{wrong:?}");
        let unknown = mistake(&environment, "under_replicated").unwrap();
        assert!(unknown.hint.contains("under_replicated_partitions"), "{unknown:?}");
    }
}
