//! What the kinds that talk to Kafka share: a cluster's client by name, its errors in the contract's terms, and texts.

use super::{ActionContext, ActionError, service};
use crate::{
    clients::kafka::{Admin, Patient, admin},
    record::{Refused, Said, messages},
};
use serde::Deserialize;
use std::{fmt, future::Future, sync::Arc};

/// One cluster of the environment, by the name that step files use.
#[derive(Debug)]
pub(super) struct Access {
    pub(super) name: String,
    pub(super) admin: Arc<Admin>,
}

/// A setting's value as a step file writes it: a text, a number or a flag.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "serde_json::Value")]
pub(super) struct Scalar(pub(super) String);

impl Access {
    /// The client of the cluster called `name`.
    pub(super) async fn to(cx: &ActionContext, name: &str) -> Result<Self, ActionError> {
        let admin = Admin::of(service::cluster(cx, name)?).await.map_err(|error| fault(name, error))?;
        Ok(Self { name: name.to_owned(), admin })
    }

    /// The client for questions about groups, asked again while a coordinator moves, as long as the action may run.
    pub(super) fn groups(&self, cx: &ActionContext) -> Patient<'_> {
        self.admin.patient(cx.patience())
    }

    /// Waits for a call of the client, but no longer than the action may run.
    pub(super) async fn ask<T>(
        &self,
        cx: &ActionContext,
        call: impl Future<Output = Result<T, admin::AdminError>>,
    ) -> Result<T, ActionError> {
        service::unless_cancelled(cx, async { call.await.map_err(|error| fault(&self.name, error)) }).await
    }
}

/// An error of the client in the contract's terms.
pub(super) fn fault(cluster: &str, error: admin::AdminError) -> ActionError {
    match error {
        admin::AdminError::Unreachable { addresses, cause } => {
            ActionError::Unreachable { service: kafka_cluster(cluster), address: addresses, cause }
        }
        admin::AdminError::Settings(error) => {
            ActionError::misconfigured(of_cluster(cluster, &error), correct_properties())
        }
        error @ admin::AdminError::Token { .. } => {
            ActionError::misconfigured(of_cluster(cluster, &error), correct_properties())
        }
        error @ (admin::AdminError::Client(_)
        | admin::AdminError::Refused { .. }
        | admin::AdminError::Silent(_)) => ActionError::failed(of_cluster(cluster, &error)),
    }
}

/// The first few of `names`, and how many more there are.
pub(super) fn some_of(names: &[String]) -> Said {
    const SHOWN: usize = 5;
    let shown: Vec<_> = names.iter().take(SHOWN).map(|n| format!("`{n}`")).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => Said::verbatim(shown.join(", ")),
        more => and_more(shown.join(", "), more),
    }
}

messages! {
    area "kafka";
    and_more(shown, more) => "{shown} and {more} more" / "{shown} et {more} {more|autre|autres}";
    correct_properties() => "correct the cluster's `properties` in the environment file" / "corriger les `properties` du cluster dans le fichier d'environnement";
    kafka_cluster(name) => "Kafka cluster `{name}`" / "le cluster Kafka `{name}`";
    of_cluster(cluster, said) => "cluster `{cluster}`: {said}" / "cluster `{cluster}` : {said}";
    setting_form() => "a setting's value is a text, a number or a flag" / "la valeur d'un paramètre est un texte, un nombre ou un booléen";
}

impl TryFrom<serde_json::Value> for Scalar {
    type Error = Refused;

    fn try_from(value: serde_json::Value) -> Result<Self, Refused> {
        match value {
            serde_json::Value::String(text) => Ok(Self(text)),
            serde_json::Value::Bool(_) | serde_json::Value::Number(_) => Ok(Self(value.to_string())),
            _ => Err(setting_form().into()),
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<_> = (0..7).map(|n| format!("t-{n}")).collect();
        assert_eq!(some_of(&names[..2]), "`t-0`, `t-1`");
        assert_eq!(some_of(&names), "`t-0`, `t-1`, `t-2`, `t-3`, `t-4` and 2 more");
    }

    #[test]
    fn a_setting_may_be_written_as_a_number_or_a_flag() {
        for (json, text) in [("604800000", "604800000"), ("true", "true"), ("\"compact\"", "compact")] {
            assert_eq!(serde_json::from_str::<Scalar>(json).unwrap().0, text);
        }
        assert!(serde_json::from_str::<Scalar>("[1]").is_err());
    }
}
