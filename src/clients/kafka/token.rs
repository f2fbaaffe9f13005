//! [`current`]: the token of a log-in by OAUTHBEARER, fetched from the identity provider and kept for all clients of the
//! program until most of its life is over.

use super::oauth::OAuth;
use crate::{
    clients::{
        endpoint::Endpoint,
        http::{Client, HttpError, Method, Response, header, shown},
    },
    record::{Arg, Said, Speaks, display_by_said, messages},
    support::{redact, text},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};
use url::form_urlencoded;

/// Pauses before the endpoint is asked again where it does not answer or says that it cannot now; Java asks again too.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];

/// A token, to be given to clients of Kafka.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) value: String,
    /// Who the token is for, as its claim says; the client's id where it has no claims to read.
    pub(super) principal: String,
    pub(super) expires: Timestamp,
    /// When another one is fetched: after 80 % of its life, as librdkafka and Java (on average) do it.
    pub(super) renew: Instant,
}

/// Why there is no token. No message shows a secret.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The endpoint did not answer, or answered something else than a token.
    Endpoint(#[from] HttpError),
    /// The token's life was over when it came.
    Expired {
        /// URL of the token endpoint.
        address: String,
        /// Time at which the token expired.
        at: Timestamp,
    },
    /// The endpoint refuses the client.
    Refused {
        /// URL of the token endpoint.
        address: String,
        /// Client id that the endpoint refused.
        client: String,
        /// The endpoint's own words.
        cause: Said,
    },
    /// Kafka's client does not take the token.
    Unusable {
        /// Why the token cannot be used.
        cause: Said,
    },
}

impl Speaks for TokenError {
    fn said(&self) -> Said {
        match self {
            Self::Endpoint(error) => check_endpoint(error),
            Self::Expired { address, at } => expired(address, Arg::text(at)),
            Self::Refused { address, client, cause } => refused(address, client, cause),
            Self::Unusable { cause } => unusable(cause),
        }
    }
}

display_by_said!(TokenError);

/// What is known of a log-in's token; a lock for each, so that its clients wait for one request together.
type Kept = Arc<Mutex<Option<Token>>>;

static TOKENS: LazyLock<Mutex<BTreeMap<OAuth, Kept>>> = LazyLock::new(Mutex::default);

/// A token that has some life left. Blocks while one is fetched; may be called from any thread.
pub(super) fn current(login: &OAuth) -> Result<Token, TokenError> {
    let kept =
        Arc::clone(TOKENS.lock().unwrap_or_else(PoisonError::into_inner).entry(login.clone()).or_default());
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(token) = kept.as_ref().filter(|token| Instant::now() < token.renew) {
        return Ok(token.clone());
    }
    match fetch(login) {
        Ok(token) => {
            *kept = Some(token.clone());
            Ok(token)
        }
        // The one that is there may have some life left, and the next one may be had by then.
        Err(error) => match kept.as_ref().filter(|token| token.expires > Timestamp::now()) {
            Some(token) => {
                tracing::warn!("no new token: {error}");
                Ok(token.clone())
            }
            None => Err(error),
        },
    }
}

/// Asks the endpoint, on a thread of its own: a runtime cannot be waited for within another one.
fn fetch(login: &OAuth) -> Result<Token, TokenError> {
    let ask = || -> Result<Token, TokenError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map_err(|error| unusable_as(Said::verbatim(error.to_string())))?.block_on(ask(login))
    };
    thread::scope(|scope| match thread::Builder::new().name("token".to_owned()).spawn_scoped(scope, ask) {
        Ok(asking) => asking.join().unwrap_or_else(|_| Err(unusable_as(request_broke_off()))),
        Err(error) => Err(unusable_as(Said::verbatim(error.to_string()))),
    })
}

async fn ask(login: &OAuth) -> Result<Token, TokenError> {
    let mut endpoint = Endpoint::at(login.endpoint.clone());
    endpoint.ca_file.clone_from(&login.ca_file);
    let client = Client::alone(service(), &endpoint).await?;
    let encoded = |text: &str| match login.urlencode {
        true => form_urlencoded::byte_serialize(text.as_bytes()).collect(),
        false => text.to_owned(),
    };
    let mut form = vec![("grant_type", "client_credentials")];
    form.extend(login.scope.as_deref().map(|scope| ("scope", scope)));
    let mut pauses = PAUSES.iter();
    loop {
        let request = client
            .request(Method::POST, login.endpoint.clone())
            .header(header::ACCEPT, "application/json")
            .basic_auth(encoded(&login.client_id), Some(encoded(&login.client_secret)))
            .form(&form)
            .timeout(login.limit());
        let answer = client.send(request).await;
        let passes = match &answer {
            Ok(answer) => answer.status >= 500 || answer.status == 429,
            Err(HttpError::Unreachable { obstacle, .. }) => !obstacle.is_of_tls(),
            Err(_) => false,
        };
        match pauses.next().filter(|_| passes) {
            Some(pause) => tokio::time::sleep(*pause).await,
            None => return read(login, &answer?, Timestamp::now()),
        }
    }
}

#[derive(Deserialize)]
struct Granted {
    access_token: Option<String>,
    /// Seconds, as a number or as a text.
    expires_in: Option<Value>,
}

#[derive(Deserialize)]
struct Denied {
    error: String,
    error_description: Option<String>,
}

/// The token in an answer that came at `now`.
fn read(login: &OAuth, answer: &Response, now: Timestamp) -> Result<Token, TokenError> {
    let address = shown(&login.endpoint);
    let cut = |words: &str| Said::verbatim(text::cut(&redact::mask(words), 300));
    if !(200..300).contains(&answer.status) {
        return Err(match answer.json::<Denied>() {
            Ok(Denied { error, error_description }) => {
                let words = error_description.map_or_else(|| error.clone(), |why| format!("{error}: {why}"));
                TokenError::Refused { address, client: login.client_id.clone(), cause: cut(&words) }
            }
            Err(_) if answer.status == 401 || answer.status == 403 => {
                let cause = cut(&format!("HTTP {}", answer.status));
                TokenError::Refused { address, client: login.client_id.clone(), cause }
            }
            Err(_) => answer.refused().into(),
        });
    }
    if answer.media_type().is_some_and(|kind| kind.contains("html")) {
        return Err(answer.unreadable(a_page()).into());
    }
    let granted: Granted = answer.json()?;
    let value = granted
        .access_token
        .filter(|token| !token.is_empty())
        .ok_or_else(|| TokenError::from(answer.unreadable(no_token())))?;
    redact::learn(&value);
    let claims = claims(&value).unwrap_or_default();
    let seconds = |value: &Value| value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
    let at = |seconds: f64| Timestamp::from_millisecond((seconds * 1000.0) as i64).ok();
    let told = granted.expires_in.as_ref().and_then(seconds).filter(|life| life.is_finite());
    let told = told.and_then(|life| at(life + now.as_millisecond() as f64 / 1000.0));
    let claimed = claims.get("exp").and_then(seconds).and_then(at);
    // The earlier one: what the endpoint tells counts from now, what the token says is what the brokers look at.
    let expires = told.into_iter().chain(claimed).min();
    let expires = expires.ok_or_else(|| TokenError::from(answer.unreadable(no_end())))?;
    let life = Duration::try_from(expires.duration_since(now)).unwrap_or_default();
    if life.is_zero() {
        return Err(TokenError::Expired { address, at: expires });
    }
    let principal = claims.get(&login.principal_claim).and_then(Value::as_str);
    Ok(Token {
        principal: principal.unwrap_or(&login.client_id).to_owned(),
        expires,
        renew: Instant::now() + life.mul_f64(0.8),
        value,
    })
}

/// The claims of a signed JWT; none where the token is of another form, which is the provider's own affair.
fn claims(token: &str) -> Option<Map<String, Value>> {
    let mut parts = token.split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn unusable_as(cause: impl Into<Said>) -> TokenError {
    TokenError::Unusable { cause: cause.into() }
}

messages! {
    area "kafka-token";
    a_page() => "it is a page (HTML), not a token" / "c'est une page (HTML), pas un jeton";
    check_endpoint(error) => "no token for OAUTHBEARER: {error}; check `sasl.oauthbearer.token.endpoint.url`" / "pas de jeton pour OAUTHBEARER : {error} ; vérifier `sasl.oauthbearer.token.endpoint.url`";
    expired(address, at) => "no token for OAUTHBEARER: the one that the token endpoint at {address} gave had expired at {at}; check the clocks of this machine and of the endpoint" / "pas de jeton pour OAUTHBEARER : celui que le fournisseur de jetons à {address} a donné était périmé depuis {at} ; vérifier les horloges de cette machine et du fournisseur";
    no_end() => "it does not say when the token ends: it has no `expires_in`, and the token no claim `exp`" / "elle ne dit pas quand le jeton expire : pas d'`expires_in`, et le jeton n'a pas de `exp`";
    no_token() => "it has no `access_token`" / "elle n'a pas d'`access_token`";
    refused(address, client, cause) => "no token for OAUTHBEARER: the token endpoint at {address} refuses client `{client}`: {cause}; check `clientId`, `clientSecret` and `scope`" / "pas de jeton pour OAUTHBEARER : le fournisseur de jetons à {address} refuse le client `{client}` : {cause} ; vérifier `clientId`, `clientSecret` et `scope`";
    request_broke_off() => "the request for it broke off" / "la demande a été interrompue";
    service() => "the token endpoint" / "le fournisseur de jetons";
    unusable(cause) => "the token for OAUTHBEARER cannot be used: {cause}" / "le jeton pour OAUTHBEARER est inutilisable : {cause}";
}

#[cfg(test)]
mod tests;
