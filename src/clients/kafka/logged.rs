//! [`Logged`]: a client of librdkafka that has its token where it logs in by OAUTHBEARER, and keeps it fresh.
//!
//! librdkafka asks for a token by an event of its main queue, which rdkafka hands to a callback. That does not do here:
//! rdkafka's administrative client serves no main queue; a load would wait for the identity provider in the middle of its
//! answers, and measure that; a call that blocks serves no queue at all; and rdkafka hands on no extensions. So a token is
//! there before the client sends anything, and a thread of its own brings the next ones.

use super::{
    oauth::{self, OAuth},
    token::{self, Token, TokenError},
};
use crate::record::{Said, Speaks, display_by_said};
use rdkafka::{
    ClientConfig, ClientContext,
    admin::AdminClient,
    bindings as native,
    config::FromClientConfigAndContext,
    consumer::{BaseConsumer, Consumer, ConsumerContext},
    error::KafkaError,
    producer::{BaseProducer, FutureProducer, Producer, ProducerContext, ThreadedProducer},
};
use std::{
    ffi::{CString, c_char},
    ops::Deref,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread,
    time::{Duration, Instant},
};

/// How long after a refusal a token is asked for again; librdkafka waits as long.
const AGAIN: Duration = Duration::from_secs(10);
/// The same where an older token has some life left.
const SOON: Duration = Duration::from_secs(2);

/// A client that is logged in, as far as that is this program's part. Derefs to the client.
pub struct Logged<T> {
    // Before the client, because it must be gone when the client is.
    _keeper: Option<Keeper>,
    client: T,
}

impl<T> Deref for Logged<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.client
    }
}

/// Why a client could not be made.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// librdkafka refuses the settings.
    Client(KafkaError),
    /// A token to log in with could not be had.
    Token(#[from] TokenError),
}

impl Speaks for MakeError {
    fn said(&self) -> Said {
        match self {
            Self::Client(error) => Said::verbatim(error.to_string()),
            Self::Token(error) => error.said(),
        }
    }
}

display_by_said!(MakeError);

/// For calls whose other errors are rdkafka's: the words are kept.
impl From<MakeError> for KafkaError {
    fn from(error: MakeError) -> Self {
        match error {
            MakeError::Client(error) => error,
            MakeError::Token(error) => Self::ClientCreation(error.to_string()),
        }
    }
}

/// A client of rdkafka.
pub trait Native {
    /// librdkafka's own client in it, which lives as long.
    fn native(&self) -> *mut native::rd_kafka_t;
}

impl<C: ClientContext> Native for AdminClient<C> {
    fn native(&self) -> *mut native::rd_kafka_t {
        self.inner().native_ptr()
    }
}

impl<C: ConsumerContext> Native for BaseConsumer<C> {
    fn native(&self) -> *mut native::rd_kafka_t {
        self.client().native_ptr()
    }
}

impl<C: ProducerContext> Native for BaseProducer<C> {
    fn native(&self) -> *mut native::rd_kafka_t {
        self.client().native_ptr()
    }
}

impl<C: ClientContext + 'static> Native for FutureProducer<C> {
    fn native(&self) -> *mut native::rd_kafka_t {
        self.client().native_ptr()
    }
}

impl<C: ProducerContext + 'static> Native for ThreadedProducer<C> {
    fn native(&self) -> *mut native::rd_kafka_t {
        self.client().native_ptr()
    }
}

/// Makes a client; the one place where clients of a cluster are made.
///
/// Blocks while a token is fetched, where the log-in needs one and none is at hand.
pub fn make<T, C>(config: &ClientConfig, context: C) -> Result<Logged<T>, MakeError>
where
    C: ClientContext,
    T: FromClientConfigAndContext<C> + Native,
{
    let login = config.get(oauth::CARRIER).and_then(OAuth::carried_by);
    let token = login.as_ref().map(token::current).transpose()?;
    let client: T = config.create_with_context(context).map_err(MakeError::Client)?;
    let keeper = match login.zip(token) {
        Some((login, token)) => Some(Keeper::of(&client, login, &token)?),
        None => None,
    };
    Ok(Logged { _keeper: keeper, client })
}

/// The client, until it is gone.
struct Place(Option<*mut native::rd_kafka_t>);

#[expect(
    unsafe_code,
    reason = "the pointer is used under a lock that the keeper takes before its client goes"
)]
// SAFETY: librdkafka's functions are thread-safe, and the pointer is taken out before the client is destroyed.
unsafe impl Send for Place {}

/// Brings tokens to a client until it is dropped, which waits for no request.
struct Keeper {
    place: Arc<Mutex<Place>>,
    /// Dropped with it, which ends the thread.
    _wakes: Sender<()>,
}

impl Keeper {
    fn of<T: Native>(client: &T, login: OAuth, token: &Token) -> Result<Self, TokenError> {
        let place = Arc::new(Mutex::new(Place(Some(client.native()))));
        give(&place, &login, token)?;
        let (wakes, woken) = mpsc::channel();
        let (theirs, mut next) = (Arc::clone(&place), token.renew);
        let keep = move || {
            loop {
                match woken.recv_timeout(next.saturating_duration_since(Instant::now())) {
                    Err(RecvTimeoutError::Timeout) => {}
                    _ => return,
                }
                let given = token::current(&login).and_then(|token| {
                    give(&theirs, &login, &token)?;
                    Ok(token)
                });
                next = match given {
                    Ok(token) => token.renew.max(Instant::now() + SOON),
                    Err(error) => {
                        tell(&theirs, &error);
                        Instant::now() + AGAIN
                    }
                };
            }
        };
        thread::Builder::new()
            .name("tokens".to_owned())
            .spawn(keep)
            .map_err(|error| TokenError::Unusable { cause: Said::verbatim(error.to_string()) })?;
        Ok(Self { place, _wakes: wakes })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.place.lock().unwrap_or_else(PoisonError::into_inner).0 = None;
    }
}

/// Gives a client its token. Nothing is done where the client is gone.
fn give(place: &Mutex<Place>, login: &OAuth, token: &Token) -> Result<(), TokenError> {
    let text = |text: &str| {
        CString::new(text).map_err(|error| TokenError::Unusable { cause: Said::verbatim(error.to_string()) })
    };
    let (value, principal) = (text(&token.value)?, text(&token.principal)?);
    let mut extensions = Vec::new();
    for (name, value) in &login.extensions {
        extensions.extend([text(name)?, text(value)?]);
    }
    let mut pointers: Vec<*const c_char> = extensions.iter().map(|text| text.as_ptr()).collect();
    let mut said: [c_char; 512] = [0; 512];
    let place = place.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(client) = place.0 else { return Ok(()) };
    #[expect(unsafe_code, reason = "rdkafka gives tokens by its callback alone")]
    // SAFETY: the client lives while the lock is held; librdkafka copies the texts, which live until it returns, and
    // writes at most the given size into `said`, ended by a zero.
    let (code, said) = unsafe {
        let code = native::rd_kafka_oauthbearer_set_token(
            client,
            value.as_ptr(),
            token.expires.as_millisecond(),
            principal.as_ptr(),
            pointers.as_mut_ptr(),
            pointers.len(),
            said.as_mut_ptr(),
            said.len(),
        );
        (code, std::ffi::CStr::from_ptr(said.as_ptr()).to_string_lossy().into_owned())
    };
    match code {
        native::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR => Ok(()),
        _ => Err(TokenError::Unusable { cause: Said::verbatim(said).masked() }),
    }
}

/// Lets a client report, as an error of its log-in, that there is no new token.
fn tell(place: &Mutex<Place>, error: &TokenError) {
    let Ok(words) = CString::new(error.to_string().replace('\0', "")) else { return };
    let place = place.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(client) = place.0 else { return };
    #[expect(unsafe_code, reason = "rdkafka tells failures by its callback alone")]
    // SAFETY: the client lives while the lock is held; librdkafka copies the text.
    unsafe {
        native::rd_kafka_oauthbearer_set_token_failure(client, words.as_ptr());
    }
}
