//! What the kinds that talk to services share: finding a service in the environment, and its errors as
//! [`ActionError`].

use super::{ActionContext, ActionError};
use crate::{
    clients::{
        Cluster, Environment, SecretRef, Workers,
        connect::{self, Connect},
        environment, http, prometheus, secret,
    },
    record::{Said, Speaks, faults, messages},
};
use std::time::{Duration, Instant};
use url::Url;

/// The endpoint, or the advice to fill in that key of the environment's file.
pub(super) fn endpoint<'a, T>(
    cx: &'a ActionContext,
    key: &str,
    get: fn(&Environment) -> &Option<T>,
) -> Result<&'a T, ActionError> {
    cx.environment.endpoint(key, get(&cx.environment)).map_err(|error| unknown(&error, key))
}

/// The cluster of that name, or the names that there are.
pub(super) fn cluster<'a>(cx: &'a ActionContext, name: &str) -> Result<&'a Cluster, ActionError> {
    cx.environment.cluster(name).map_err(|error| unknown(&error, "clusters"))
}

fn unknown(error: &environment::Unknown, key: &str) -> ActionError {
    let hint = if error.known.is_empty() { fill_in(key) } else { defines(&error.known) };
    ActionError::misconfigured(error.said(), hint)
}

/// The URL in a parameter; a text until then, because it may hold a template.
pub(super) fn address(text: &str) -> Result<Url, ActionError> {
    let wrong = |cause: Said| ActionError::misconfigured(not_an_address(text, cause), address_form());
    let url = Url::parse(text).map_err(|error| wrong(faults::url(error)))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong(not_http()));
    }
    Ok(url)
}

/// How long Connect's workers may rebalance while a kind without `within` asks them: less than its time limit, which would
/// end it without this reason.
const PATIENCE: Duration = Duration::from_secs(45);

/// Connect, whose reads are sent again for [`PATIENCE`] while its workers rebalance; in a watch for the few seconds that a
/// look may take.
pub(super) async fn connect(cx: &ActionContext, workers: &Workers) -> Result<Connect, connect::ConnectError> {
    let connect = Connect::open(workers).await?;
    Ok(if cx.sampling { connect } else { connect.patient(Instant::now() + PATIENCE) })
}

/// Does `work`, unless the action is cancelled before it is done.
pub(super) async fn unless_cancelled<T, E: Into<ActionError>>(
    cx: &ActionContext,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, ActionError> {
    tokio::select! {
        biased;
        () = cx.cancel.cancelled() => Err(ActionError::Cancelled),
        done = work => done.map_err(Into::into),
    }
}

/// The text, or the secret where the text is a reference to one. The redactor knows the secret afterwards.
pub(super) fn exposed(text: &str) -> Result<String, ActionError> {
    match SecretRef::parse(text) {
        Some(reference) => Ok(reference.resolve()?.expose().to_owned()),
        None => Ok(text.to_owned()),
    }
}

impl From<secret::SecretError> for ActionError {
    fn from(error: secret::SecretError) -> Self {
        Self::misconfigured(error, supply_secret())
    }
}

impl From<http::HttpError> for ActionError {
    fn from(error: http::HttpError) -> Self {
        match error {
            http::HttpError::Unreachable { service, address, cause, .. } => {
                Self::Unreachable { service, address, cause }
            }
            http::HttpError::CaFile { .. } | http::HttpError::Invalid { .. } => {
                Self::misconfigured(error, look_at_endpoint())
            }
            http::HttpError::Secret(error) => error.into(),
            http::HttpError::Refused { status: 401, .. } => Self::misconfigured(error, look_at_user()),
            http::HttpError::Refused { status: 403, .. } => Self::misconfigured(error, not_allowed()),
            http::HttpError::Refused { .. } | http::HttpError::Unreadable { .. } => Self::failed(error),
        }
    }
}

impl From<connect::ConnectError> for ActionError {
    fn from(error: connect::ConnectError) -> Self {
        match error {
            connect::ConnectError::Http(error) => error.into(),
            connect::ConnectError::Rebalancing { .. } | connect::ConnectError::Refused { .. } => {
                Self::failed(error)
            }
        }
    }
}

impl From<prometheus::PrometheusError> for ActionError {
    fn from(error: prometheus::PrometheusError) -> Self {
        match error {
            prometheus::PrometheusError::Http(error) => error.into(),
            prometheus::PrometheusError::Query { .. } => Self::failed(error),
        }
    }
}

messages! {
    area "service";
    address_form() => "write it as `http://host:port/path`" / "l'écrire comme `http://host:port/path`";
    defines(known) => "it defines {known}" / "il définit {known}";
    fill_in(key) => "fill in `{key}` in the environment's file" / "remplir `{key}` dans le fichier d'environnement";
    look_at_endpoint() => "check the endpoint in the environment file" / "vérifier le service dans le fichier d'environnement";
    look_at_user() => "check `user` and `password` of the endpoint in the environment file" / "vérifier `user` et `password` du service dans le fichier d'environnement";
    not_allowed() => "the user of the endpoint is not allowed to do this" / "l'utilisateur du service n'a pas ce droit";
    not_an_address(text, cause) => "`{text}` is not an address: {cause}" / "`{text}` n'est pas une adresse : {cause}";
    not_http() => "it is neither `http` nor `https`" / "elle n'est ni `http` ni `https`";
    supply_secret() => "set the variable or create the file that the reference names" / "définir la variable ou créer le fichier que la référence nomme";
}
