//! What every request must be, and what every answer carries.

use super::access::{Access, Right};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
        header::{self, AUTHORIZATION, COOKIE, HOST, ORIGIN},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::sync::Arc;

/// What a page of this program may load: itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// What evidence may load or run: nothing.
pub(super) const NOTHING: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";
/// What a report may load: what is in itself, without a script.
pub(super) const REPORT: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups; frame-ancestors 'none'";

/// Refuses what no page of this program asks for, and puts the headers on every answer.
pub(super) async fn guard(State(access): State<Arc<Access>>, request: Request<Body>, next: Next) -> Response {
    let mut response = match refused(&access, &request) {
        Some(status) => status.into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

fn refused(access: &Access, request: &Request<Body>) -> Option<StatusCode> {
    let headers = request.headers();
    let only = |name: HeaderName| {
        let mut values = headers.get_all(name).iter();
        let first = values.next().and_then(|value| value.to_str().ok());
        (first, values.next().is_some())
    };
    // A name that was made to point to this machine is not one of this page (DNS rebinding).
    let (host, is_more) = only(HOST);
    if is_more || !host.is_some_and(|host| access.is_host(host)) {
        return Some(StatusCode::MISDIRECTED_REQUEST);
    }
    match *request.method() {
        Method::GET | Method::HEAD => None,
        Method::POST => {
            let (origin, is_more) = only(ORIGIN);
            // A program that is no browser sends none.
            let is_other = origin.is_some_and(|origin| !access.is_origin(origin));
            (is_more || is_other || !headers.contains_key(ORIGIN) && headers.contains_key(COOKIE))
                .then_some(StatusCode::FORBIDDEN)
        }
        _ => Some(StatusCode::METHOD_NOT_ALLOWED),
    }
}

/// What the token in the header gives the right to.
pub(super) fn by_token(access: &Access, headers: &HeaderMap) -> Option<Right> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    access.right(value.strip_prefix("Bearer ")?.trim())
}

/// What the request may do: by its token, or to read by its cookie.
pub(super) fn right(access: &Access, headers: &HeaderMap) -> Option<Right> {
    let name = access.cookie();
    let by_cookie = || {
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs =
            cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let token = pairs.find(|(key, _)| *key == name).map(|(_, value)| value)?;
        access.right(token).map(|_| Right::Read)
    };
    by_token(access, headers).or_else(by_cookie)
}
