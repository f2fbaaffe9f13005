//! What the kinds that talk to services share: finding a service in the environment, and its errors as
//! [`ActionError`].

use super::{ActionContext, ActionError};
use crate::clients::{
    Cluster, Endpoint, Environment, SecretRef, connect, environment, http, prometheus, secret,
};
use url::Url;

/// The endpoint, or the advice to fill in that key of the environment's file.
pub(super) fn endpoint<'a>(
    cx: &'a ActionContext,
    key: &str,
    get: fn(&Environment) -> &Option<Endpoint>,
) -> Result<&'a Endpoint, ActionError> {
    cx.environment.endpoint(key, get(&cx.environment)).map_err(|error| unknown(&error, key))
}

/// The cluster of that name, or the names that there are.
pub(super) fn cluster<'a>(cx: &'a ActionContext, name: &str) -> Result<&'a Cluster, ActionError> {
    cx.environment.cluster(name).map_err(|error| unknown(&error, "clusters"))
}

fn unknown(error: &environment::Unknown, key: &str) -> ActionError {
    let hint = if error.known.is_empty() {
        format!("fill in `{key}` in the environment's file")
    } else {
        format!("it defines {}", error.known)
    };
    ActionError::misconfigured(error.to_string(), hint)
}

/// The URL in a parameter; a text until then, because it may hold a template.
pub(super) fn address(text: &str) -> Result<Url, ActionError> {
    let wrong = |cause: String| {
        ActionError::misconfigured(
            format!("`{text}` is not an address: {cause}"),
            "write it as `http://host:port/path`".to_owned(),
        )
    };
    let url = Url::parse(text).map_err(|error| wrong(error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("it is neither `http` nor `https`".to_owned()));
    }
    Ok(url)
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

impl From<secret::Error> for ActionError {
    fn from(error: secret::Error) -> Self {
        Self::misconfigured(
            error.to_string(),
            "set the variable or make the file that the reference names".to_owned(),
        )
    }
}

impl From<http::Error> for ActionError {
    fn from(error: http::Error) -> Self {
        match error {
            http::Error::Unreachable { service, address, cause, .. } => {
                Self::Unreachable { service, address, cause: cause.into() }
            }
            http::Error::CaFile { .. } | http::Error::Invalid { .. } => Self::misconfigured(
                error.to_string(),
                "look at the endpoint in the environment's file".to_owned(),
            ),
            http::Error::Secret(error) => error.into(),
            http::Error::Refused { status: status @ (401 | 403), .. } => Self::misconfigured(
                error.to_string(),
                match status {
                    401 => {
                        "look at `user` and `password` of the endpoint in the environment's file".to_owned()
                    }
                    _ => "the user of the endpoint is not allowed to do this".to_owned(),
                },
            ),
            http::Error::Refused { .. } | http::Error::Unreadable { .. } => Self::failed(error.to_string()),
        }
    }
}

impl From<connect::Error> for ActionError {
    fn from(error: connect::Error) -> Self {
        match error {
            connect::Error::Http(error) => error.into(),
            connect::Error::Rebalancing { .. } | connect::Error::Refused { .. } => {
                Self::failed(error.to_string())
            }
        }
    }
}

impl From<prometheus::Error> for ActionError {
    fn from(error: prometheus::Error) -> Self {
        match error {
            prometheus::Error::Http(error) => error.into(),
            prometheus::Error::Query { .. } => Self::failed(error.to_string()),
        }
    }
}
