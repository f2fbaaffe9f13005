//! [`Turn`]: the workers of a Connect cluster, of which one is asked at a time: the first, or the next one that answers.

use crate::{
    clients::{
        http::{Client, HttpError, Method, Obstacle, RequestBuilder, Response},
        workers::Workers,
    },
    record::{Said, messages},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// How long a worker may take for a read while others could be asked instead.
const TRY: Duration = Duration::from_secs(10);
/// How long one that was silent is left alone.
const LEFT_ALONE: Duration = Duration::from_secs(60);

/// Workers and whose turn it is. All of the same list share it, so that not every action waits for the same dead worker.
#[derive(Debug, Clone)]
pub(super) struct Turn {
    workers: Arc<[Client]>,
    place: Arc<Mutex<Place>>,
}

#[derive(Debug, Default)]
struct Place {
    at: usize,
    /// Who was silent before it, and why.
    silent: Vec<Said>,
    since: Option<Instant>,
}

/// Places by the addresses of the workers.
type Places = BTreeMap<Vec<String>, Arc<Mutex<Place>>>;

static PLACES: LazyLock<Mutex<Places>> = LazyLock::new(Mutex::default);

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Turn {
    pub(super) async fn of(workers: &Workers) -> Result<Self, HttpError> {
        let mut clients = Vec::new();
        for endpoint in workers.all() {
            clients.push(Client::open(Said::verbatim("Connect"), endpoint).await?);
        }
        let key = clients.iter().map(Client::address).collect();
        let place = Arc::clone(locked(&PLACES).entry(key).or_default());
        Ok(Self { workers: clients.into(), place })
    }

    /// The one that is asked next.
    pub(super) fn client(&self) -> &Client {
        &self.workers[self.at()]
    }

    fn at(&self) -> usize {
        let mut place = locked(&self.place);
        if place.since.is_some_and(|since| since.elapsed() > LEFT_ALONE) {
            *place = Place::default();
        }
        place.at
    }

    /// Which one answers in place of the first, and why; none where the first does.
    pub(super) fn moved(&self) -> Option<Said> {
        let place = locked(&self.place);
        (place.at > 0)
            .then(|| another(self.workers[place.at].address(), Said::all(place.silent.iter().cloned())))
    }

    /// The first answer, whatever its status, of the workers in their order from the one whose turn it is. What is no
    /// repeatable request goes to the next one only where it has reached nobody.
    pub(super) async fn send(
        &self,
        make: impl Fn(&Client) -> Result<(Method, RequestBuilder), HttpError>,
    ) -> Result<Response, HttpError> {
        let (first, count) = (self.at(), self.workers.len());
        let (mut silent, mut addresses) = (Vec::new(), Vec::new());
        for step in 0..count {
            let at = (first + step) % count;
            let (client, is_last) = (&self.workers[at], step + 1 == count);
            let (method, mut request) = make(client)?;
            if !is_last && method == Method::GET {
                request = request.timeout(TRY);
            }
            match client.send(request).await {
                Err(HttpError::Unreachable { service, address: _, obstacle, cause }) => {
                    let address = client.address();
                    silent.push(at_address(&address, &cause));
                    addresses.push(address);
                    let none_reached =
                        obstacle.is_of_tls() || matches!(obstacle, Obstacle::Name | Obstacle::Refused);
                    if is_last || !(none_reached || method != Method::POST) {
                        let cause = if silent.len() == 1 { cause } else { Said::all(silent) };
                        let address = addresses.join(", ");
                        return Err(HttpError::Unreachable { service, address, obstacle, cause });
                    }
                }
                Err(error) => return Err(error),
                Ok(answer) => {
                    if step > 0 {
                        let known =
                            if at > first { std::mem::take(&mut locked(&self.place).silent) } else { vec![] };
                        let silent = known.into_iter().chain(silent).take(at).collect();
                        *locked(&self.place) = Place { at, silent, since: Some(Instant::now()) };
                    }
                    return Ok(answer);
                }
            }
        }
        unreachable!("there is at least one worker, and the last one returns")
    }
}

messages! {
    area "connect-turn";
    another(address, silent) => "Connect answered at {address}, because {silent}" / "Connect a répondu à {address}, car {silent}";
    at_address(address, cause) => "{address} did not answer: {cause}" / "{address} n'a pas répondu : {cause}";
}
