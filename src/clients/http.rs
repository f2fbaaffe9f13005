//! One way to talk HTTP to a service of the platform: [`Client`], with bounded times and bodies, and errors that
//! say what happened.

mod cause;

use super::{Endpoint, Secret, SecretRef, secret};
use crate::{
    record::{Arg, Said, Speaks, display_by_said, faults, messages},
    support::{files, redact, text},
};
pub use cause::Obstacle;
pub(crate) use cause::{connection_refused, no_answer};
use reqwest::{Certificate, Identity, StatusCode, redirect::Policy};
pub use reqwest::{
    Method, RequestBuilder,
    header::{self, HeaderMap},
};
use serde::de::DeserializeOwned;
use std::{
    borrow::Cow,
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{LazyLock, Mutex},
    time::{Duration, Instant},
};
use url::Url;

/// How long a TCP connection, TLS included, may take to be made.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a whole answer may take, where the caller names no other limit.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a connection is kept for the next sample. Jetty, and with it Connect, hangs up on one that is idle for
/// 30 s: a sample that comes just then would find a broken connection where nothing is broken.
const IDLE_LIMIT: Duration = Duration::from_secs(20);
/// The largest body that is read; a broker scraped with a rule for every bean answers about 0.5 MB.
pub const MAX_BODY: usize = 32 << 20;
/// As many values as an answer in JSON may have: one takes up to 80 bytes once read, however short its text. A range of
/// 10,000 points has 20,000.
const MAX_VALUES: usize = 4_000_000;
/// How deep an answer in JSON may be nested. Connect, Prometheus and registries stay below 10.
const MAX_DEPTH: usize = 100;

/// Clients by endpoint: a watch samples hundreds of times, and shall find its connection open and its secret
/// resolved. The runtime is part of the key because a pooled connection dies with the runtime it was made on.
static CLIENTS: LazyLock<Mutex<BTreeMap<String, Client>>> = LazyLock::new(Mutex::default);

/// A client of one service, with its credentials. Cheap to clone; clones share their connections.
#[derive(Debug, Clone)]
pub struct Client {
    service: Said,
    base: Url,
    http: reqwest::Client,
    login: Option<(String, Option<Secret>)>,
    key: String,
}

/// What a service answered, whatever its status.
#[derive(Debug, Clone)]
pub struct Response {
    /// Name of the service for messages, such as `Connect`.
    pub service: Said,
    /// The address that answered, without user, password and query.
    pub address: String,
    /// HTTP status of the answer.
    pub status: u16,
    /// Headers of the answer, names in lower case.
    pub headers: HeaderMap,
    /// The body, at most [`MAX_BODY`] bytes.
    pub body: Vec<u8>,
    /// From the first byte sent to the last byte read.
    pub elapsed: Duration,
}

/// Why there is no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The file with the certificate authority cannot be used.
    CaFile {
        /// Name of the service for messages, such as `Connect`.
        service: Said,
        /// Path of the file.
        path: PathBuf,
        /// Why the file cannot be used.
        cause: Said,
    },
    /// The request cannot be made as it was asked for.
    Invalid {
        /// Name of the service for messages, such as `Connect`.
        service: Said,
        /// Why no request can be made from it.
        cause: Said,
    },
    /// It answered, and not with success.
    Refused {
        /// Name of the service for messages, such as `Connect`.
        service: Said,
        /// URL of the request, without user, password and query.
        address: String,
        /// HTTP status of the answer.
        status: u16,
        /// The start of the body, secrets masked.
        body: Said,
    },
    /// A secret that the login needs.
    Secret(#[from] secret::SecretError),
    /// It answered with success, and the body is not what it should be.
    Unreadable {
        /// Name of the service for messages, such as `Connect`.
        service: Said,
        /// URL of the request, without user, password and query.
        address: String,
        /// What was expected and what was found.
        cause: Said,
    },
    /// No answer arrived, or none within the limit.
    Unreachable {
        /// Name of the service for messages, such as `Connect`.
        service: Said,
        /// URL of the request, without user, password and query.
        address: String,
        /// What failed: name, connection, TLS or time.
        obstacle: Obstacle,
        /// The same in words, with the root cause.
        cause: Said,
    },
}

impl Speaks for HttpError {
    fn said(&self) -> Said {
        match self {
            Self::CaFile { service, path, cause } => ca_unusable(service, Arg::text(text::path(path)), cause),
            Self::Invalid { service, cause } => invalid(service, cause),
            Self::Refused { service, address, status, body } if body.is_empty() => {
                refused_silently(service, address, status_line(*status))
            }
            Self::Refused { service, address, status, body } => {
                refused(service, address, status_line(*status), body)
            }
            Self::Secret(error) => error.said(),
            Self::Unreadable { service, address, cause } => unreadable(service, address, cause),
            Self::Unreachable { service, address, cause, .. } => unreachable(service, address, cause),
        }
    }
}

display_by_said!(HttpError);

messages! {
    area "http-client";
    at_path(error, path) => "{error} at `{path}`" / "{error} à `{path}`";
    body_begins(error, start) => "{error}; the body begins with `{start}`" / "{error} ; le corps commence par `{start}`";
    certificate_unusable(path, cause) => "its client certificate, {path}, cannot be used: {cause}" / "son certificat client, {path}, est inutilisable : {cause}";
    not_a_header(name) => "`{name}` of `headers` is not a valid header name, or its value has forbidden characters" / "`{name}` de `headers` n'est pas un nom d'en-tête valide, ou sa valeur a des caractères interdits";
    ca_empty() => "it contains no PEM certificate" / "elle ne contient aucun certificat PEM";
    ca_unusable(service, path, cause) => "the certificate authority of {service}, {path}, cannot be used: {cause}" / "{service} : l'autorité de certification {path} est inutilisable : {cause}";
    invalid(service, cause) => "no request to {service} can be made: {cause}" / "{service} : aucune requête n'est possible : {cause}";
    no_path(url) => "`{url}` cannot have a path" / "`{url}` ne peut pas avoir de chemin";
    password() => "a password" / "un mot de passe";
    redirects(to) => "it redirects to {to}" / "redirection vers {to}";
    refused(service, address, status, body) => "{service} at {address} answered {status}: {body}" / "{service} à {address} a répondu {status} : {body}";
    refused_silently(service, address, status) => "{service} at {address} answered {status}" / "{service} à {address} a répondu {status}";
    too_deep(limit) => "the JSON is nested deeper than {limit} levels" / "son JSON est imbriqué sur plus de {limit} niveaux";
    too_many_values(limit) => "the JSON has more than {limit} values" / "son JSON contient plus de {limit} valeurs";
    too_large(limit) => "it is larger than {limit}" / "elle dépasse {limit}";
    unreadable(service, address, cause) => "the answer of {service} at {address} cannot be read: {cause}" / "{service} à {address} : la réponse est illisible : {cause}";
    unreachable(service, address, cause) => "{service} at {address} cannot be reached: {cause}" / "{service} à {address} est injoignable : {cause}";
}

fn status_line(status: u16) -> String {
    let reason = StatusCode::from_u16(status).ok().and_then(|s| s.canonical_reason());
    reason.map_or_else(|| status.to_string(), |reason| format!("{status} {reason}"))
}

impl Client {
    /// The client of that endpoint; `service` is its name in errors (`Connect`).
    ///
    /// A redirect is not followed: behind a login page every answer would look like success. A proxy of the
    /// process's environment (`HTTPS_PROXY`, …) is used, except to this machine.
    pub async fn open(service: impl Into<Said>, endpoint: &Endpoint) -> Result<Self, HttpError> {
        let service = service.into();
        let key = format!(
            "{} {service} {}",
            tokio::runtime::Handle::current().id(),
            serde_json::to_string(endpoint).unwrap_or_default()
        );
        if let Some(client) = CLIENTS.lock().ok().and_then(|clients| clients.get(&key).cloned()) {
            return Ok(client);
        }
        let client = Self::connectionless(service, endpoint, key.clone()).await?;
        if let Ok(mut clients) = CLIENTS.lock() {
            clients.insert(key, client.clone());
        }
        Ok(client)
    }

    /// A client for one request, which nobody finds again.
    pub(super) async fn alone(service: impl Into<Said>, endpoint: &Endpoint) -> Result<Self, HttpError> {
        Self::connectionless(service.into(), endpoint, String::new()).await
    }

    async fn connectionless(service: Said, endpoint: &Endpoint, key: String) -> Result<Self, HttpError> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("jalon/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ANSWER_TIMEOUT)
            .redirect(Policy::none())
            .pool_idle_timeout(IDLE_LIMIT)
            .pool_max_idle_per_host(4);
        if is_this_machine(&endpoint.url) {
            builder = builder.no_proxy();
        }
        if let Some(path) = &endpoint.ca_file {
            let unusable =
                |cause: Said| HttpError::CaFile { service: service.clone(), path: path.clone(), cause };
            let pem = files::read(path, files::LARGEST_TEXT)
                .map_err(|e| unusable(Said::verbatim(e.to_string())))?;
            let certificates =
                Certificate::from_pem_bundle(&pem).map_err(|e| unusable(Said::verbatim(cause::root(&e))))?;
            if certificates.is_empty() {
                return Err(unusable(ca_empty()));
            }
            // Besides the system's authorities, as with curl's trust store extended: an internal one signs some
            // services of a platform and a public one others.
            builder = builder.tls_certs_merge(certificates);
        }
        if let Some(path) = &endpoint.certificate_file {
            let unusable = |path: &Path, cause: String| HttpError::Invalid {
                service: service.clone(),
                cause: certificate_unusable(Arg::text(text::path(path)), cause),
            };
            let key_path = endpoint.key_file.as_ref().unwrap_or(path);
            let certificate =
                files::read(path, files::LARGEST_TEXT).map_err(|e| unusable(path, e.to_string()))?;
            let key =
                files::read(key_path, files::LARGEST_TEXT).map_err(|e| unusable(key_path, e.to_string()))?;
            let identity = Identity::from_pkcs8_pem(&certificate, &key)
                .map_err(|e| unusable(key_path, cause::root(&e)))?;
            builder = builder.identity(identity);
        }
        builder = builder.default_headers(headers(&service, endpoint).await?);
        let login = match &endpoint.user {
            None => None,
            Some(user) => Some((user.clone(), resolved(endpoint.password.clone()).await?)),
        };
        let http = builder.build().map_err(|e| HttpError::Invalid {
            service: service.clone(),
            cause: Said::verbatim(cause::root(&e)),
        })?;
        Ok(Self { service, base: endpoint.url.clone(), http, login, key })
    }

    /// What the service is, as errors call it.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// Where the service is, without user and password.
    pub fn address(&self) -> String {
        shown(&self.base)
    }

    /// The base URL with `path` behind it; `path` may have a query of its own.
    pub fn url(&self, path: &str) -> Result<Url, HttpError> {
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let mut url = self.base.clone();
        url.set_path(&format!("{}/{}", self.base.path().trim_end_matches('/'), path.trim_start_matches('/')));
        if query.is_some() {
            url.set_query(query);
        }
        Ok(url)
    }

    /// The base URL with these path segments behind it, each one encoded (a connector's name may hold a `/`).
    pub fn segments(&self, segments: &[&str]) -> Result<Url, HttpError> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| HttpError::Invalid {
                service: self.service.clone(),
                cause: no_path(shown(&self.base)),
            })?
            .pop_if_empty()
            .extend(segments);
        Ok(url)
    }

    /// Begins a request, login included; [`Client::send`] sends it.
    pub fn request(&self, method: Method, url: Url) -> RequestBuilder {
        let request = self.http.request(method, url);
        match &self.login {
            Some((user, password)) => request.basic_auth(user, password.as_ref().map(Secret::expose)),
            None => request,
        }
    }

    /// Sends a request and reads the whole answer, whatever its status.
    pub async fn send(&self, request: RequestBuilder) -> Result<Response, HttpError> {
        let request = request.build().map_err(|e| HttpError::Invalid {
            service: self.service.clone(),
            cause: Said::verbatim(cause::root(&e)),
        })?;
        let address = shown(request.url());
        let limit = request.timeout().copied().unwrap_or(ANSWER_TIMEOUT);
        let started = Instant::now();
        let unreachable = |error: &reqwest::Error| {
            let (obstacle, cause) = cause::of(error, CONNECT_TIMEOUT, limit);
            HttpError::Unreachable {
                service: self.service.clone(),
                address: address.clone(),
                obstacle,
                cause: cause.masked(),
            }
        };
        let method = request.method().clone();
        let mut answer = self.http.execute(request).await.map_err(|e| unreachable(&e))?;
        let too_large = || HttpError::Unreadable {
            service: self.service.clone(),
            address: address.clone(),
            cause: too_large(Arg::bytes(MAX_BODY as u64)),
        };
        if method != Method::HEAD && answer.content_length().is_some_and(|length| length > MAX_BODY as u64) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        // Counted as it comes: the length that a service tells may be another, or missing.
        while let Some(chunk) = answer.chunk().await.map_err(|e| unreachable(&e))? {
            if body.len() + chunk.len() > MAX_BODY {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        let response = Response {
            service: self.service.clone(),
            address,
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body,
            elapsed: started.elapsed(),
        };
        tracing::debug!(%method, address = response.address, response.status, took = ?response.elapsed, "{}", self.service);
        if response.status == 401 {
            // A password may have been changed: the next use resolves it again.
            if let Ok(mut clients) = CLIENTS.lock() {
                clients.remove(&self.key);
            }
        }
        Ok(response)
    }

    /// Gets `path` below the base URL and asks for success.
    pub async fn get(&self, path: &str) -> Result<Response, HttpError> {
        self.send(self.request(Method::GET, self.url(path)?)).await?.accept()
    }
}

impl Response {
    /// Itself, when the status tells of success (2xx).
    pub fn accept(self) -> Result<Self, HttpError> {
        if (200..300).contains(&self.status) {
            return Ok(self);
        }
        Err(self.refused())
    }

    /// The error that this answer is.
    pub fn refused(&self) -> HttpError {
        let location = self.headers.get(header::LOCATION).and_then(|l| l.to_str().ok());
        let body = match location {
            Some(to) if (300..400).contains(&self.status) => redirects(text::cut(&redact::mask(to), 500)),
            _ => {
                let head = String::from_utf8_lossy(&self.body[..self.body.len().min(4096)]);
                let words = head.split_whitespace().collect::<Vec<_>>().join(" ");
                Said::verbatim(text::cut(&redact::mask(&words), 500))
            }
        };
        HttpError::Refused {
            service: self.service.clone(),
            address: self.address.clone(),
            status: self.status,
            body,
        }
    }

    /// Returns the body as text; bytes that are not UTF-8 are replaced.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// Itself, where its body as JSON is within the bounds of an answer.
    pub fn bounded(self) -> Result<Self, HttpError> {
        match beyond(&self.body) {
            Some(cause) => Err(self.unreadable(cause)),
            None => Ok(self),
        }
    }

    /// The body, read as JSON into `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, HttpError> {
        let mut reader = serde_json::Deserializer::from_slice(&self.body);
        let head = &self.body[..self.body.len().min(4096)];
        let start = || text::cut(&redact::mask(&String::from_utf8_lossy(head)), 120);
        if let Some(cause) = beyond(&self.body) {
            return Err(self.unreadable(cause));
        }
        let read = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let said = match error.path().to_string() {
                path if path == "." => faults::json(error.inner()),
                path => at_path(faults::json(error.inner()), path),
            };
            self.unreadable(body_begins(said, start()))
        })?;
        // What comes behind one document belongs to another answer, or to nothing.
        reader.end().map_err(|error| self.unreadable(body_begins(Arg::text(error), start())))?;
        Ok(read)
    }

    /// The error for a body that is not what it should be.
    pub fn unreadable(&self, cause: impl Into<Said>) -> HttpError {
        HttpError::Unreadable {
            service: self.service.clone(),
            address: self.address.clone(),
            cause: cause.into(),
        }
    }

    /// The media type, without parameters.
    pub fn media_type(&self) -> Option<String> {
        let value = self.headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        value.split(';').next().map(|t| t.trim().to_ascii_lowercase())
    }
}

/// The headers that every request has, secrets resolved.
async fn headers(service: &Said, endpoint: &Endpoint) -> Result<HeaderMap, HttpError> {
    let invalid = |name: &str| HttpError::Invalid { service: service.clone(), cause: not_a_header(name) };
    let mut headers = HeaderMap::new();
    let mut set = |name: &str, value: &str| {
        let key = header::HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid(name))?;
        let mut value = header::HeaderValue::from_str(value).map_err(|_| invalid(name))?;
        value.set_sensitive(true);
        headers.insert(key, value);
        Ok::<(), HttpError>(())
    };
    for (name, value) in &endpoint.headers {
        match resolved(SecretRef::parse(value)).await? {
            Some(secret) => set(name, secret.expose())?,
            None => set(name, value)?,
        }
    }
    if let Some(token) = resolved(endpoint.token.clone()).await? {
        set("authorization", &format!("Bearer {}", token.expose()))?;
    }
    Ok(headers)
}

/// What is beyond the bounds of an answer in JSON, found without reading it into memory.
fn beyond(json: &[u8]) -> Option<Said> {
    let (mut values, mut depth, mut in_text, mut escaped) = (1, 0_usize, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'[' | b'{' => {
                values += 1;
                depth += 1;
                if depth > MAX_DEPTH {
                    return Some(too_deep(MAX_DEPTH));
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' => values += 1,
            _ => {}
        }
    }
    (values > MAX_VALUES).then(|| too_many_values(MAX_VALUES))
}

/// The password behind the reference. A `command:` may take its time, so not on the runtime's own threads.
async fn resolved(reference: Option<super::SecretRef>) -> Result<Option<Secret>, HttpError> {
    let Some(reference) = reference else { return Ok(None) };
    match tokio::task::spawn_blocking(move || reference.resolve()).await {
        Ok(secret) => Ok(Some(secret?)),
        Err(error) => {
            Err(HttpError::Invalid { service: password(), cause: Said::verbatim(error.to_string()) })
        }
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The address for people: neither user nor password, and no query, where tokens hide.
pub fn shown(url: &Url) -> String {
    let mut url = url.clone();
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.to_string().trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests;
