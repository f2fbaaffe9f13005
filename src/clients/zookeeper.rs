//! ZooKeeper's four-letter words over TCP, and what `mntr` and `srvr` say of one server: [`ServerStats`].

use super::http::{connection_refused, no_answer};
use crate::{
    record::{Said, Speaks, display_by_said, messages},
    support::text,
};
use std::{
    collections::BTreeMap,
    io,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// The largest answer that is read; `mntr` of a leader has about 30 KB.
const MAX_ANSWER: u64 = 4 << 20;

/// A four-letter word. A server answers `srvr` out of the box, the others only when `4lw.commands.whitelist` has
/// them (ZooKeeper administrator's guide, "The Four Letter Words").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// Every figure of the server, one a line.
    Mntr,
    /// `imok`, when the process runs; says nothing about the quorum.
    Ruok,
    /// A few figures and the mode.
    Srvr,
}

impl Word {
    /// Returns the four letters that are sent.
    pub fn text(self) -> &'static str {
        match self {
            Self::Mntr => "mntr",
            Self::Ruok => "ruok",
            Self::Srvr => "srvr",
        }
    }
}

/// Why a server's figures could not be had.
#[derive(Debug, thiserror::Error)]
pub enum ZooKeeperError {
    /// The server answers, and serves nobody: it has no quorum.
    NotServing {
        /// The node, as `host:port`.
        address: String,
    },
    /// The server does not answer this word to anybody.
    NotWhitelisted {
        /// The node, as `host:port`.
        address: String,
        /// Four-letter word that was sent: `mntr`, `ruok` or `srvr`.
        word: &'static str,
    },
    /// The answer is not one of ZooKeeper.
    Unreadable {
        /// The node, as `host:port`.
        address: String,
        /// Four-letter word whose answer it is: `mntr` or `srvr`.
        word: &'static str,
        /// What the answer has in the place of a figure.
        cause: Said,
    },
    /// The node does not answer.
    Unreachable {
        /// The node, as `host:port`.
        address: String,
        /// Error of the connection or its time limit.
        cause: Said,
    },
}

impl Speaks for ZooKeeperError {
    fn said(&self) -> Said {
        match self {
            Self::NotServing { address } => not_serving(address),
            Self::NotWhitelisted { address, word } => not_whitelisted(address, *word),
            Self::Unreadable { address, word, cause } => unreadable(address, *word, cause),
            Self::Unreachable { address, cause } => unreachable(address, cause),
        }
    }
}

display_by_said!(ZooKeeperError);

/// What a server says about itself.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerStats {
    /// The word that was answered: `mntr`, or `srvr` where `mntr` is not allowed.
    pub word: Word,
    /// Version and build of the server, as it reports them.
    pub version: String,
    /// `standalone`, `leader`, `follower` or `observer`.
    pub mode: String,
    /// Average time from request to answer, in milliseconds, since the server's start or its last `srst`.
    pub avg_latency_ms: f64,
    /// Longest one since then, in milliseconds.
    pub max_latency_ms: f64,
    /// Requests that the server has not answered yet.
    pub outstanding: u64,
    /// Open client connections, this one included.
    pub connections: u64,
    /// Number of znodes in the data tree.
    pub znodes: u64,
    /// Followers in sync; only a leader's `mntr` tells.
    pub synced_followers: Option<u64>,
}

/// One answer of a server, with its figures.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Figures of the answer.
    pub stats: ServerStats,
    /// The answer as text, unchanged.
    pub raw: String,
    /// From the first attempt to connect to the end of the answer.
    pub elapsed: Duration,
}

/// Sends a word and reads the answer, all within `limit`.
pub async fn ask(address: &str, word: Word, limit: Duration) -> Result<String, ZooKeeperError> {
    let unreachable = |cause: Said| ZooKeeperError::Unreachable { address: address.to_owned(), cause };
    let dialogue = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(word.text().as_bytes()).await?;
        let mut answer = Vec::new();
        stream.take(MAX_ANSWER).read_to_end(&mut answer).await?;
        io::Result::Ok(answer)
    };
    let answer = match timeout(limit, dialogue).await {
        Err(_) => return Err(unreachable(no_answer(limit))),
        Ok(Err(error)) => return Err(unreachable(in_words(&error))),
        Ok(Ok(answer)) => String::from_utf8_lossy(&answer).into_owned(),
    };
    if answer.contains("is not executed because it is not in the whitelist") {
        return Err(ZooKeeperError::NotWhitelisted { address: address.to_owned(), word: word.text() });
    }
    if answer.contains("not currently serving requests") {
        return Err(ZooKeeperError::NotServing { address: address.to_owned() });
    }
    Ok(answer)
}

/// The figures of one server: by `mntr`, or by `srvr` where `mntr` is not allowed.
pub async fn read(address: &str, limit: Duration) -> Result<Reading, ZooKeeperError> {
    let started = Instant::now();
    let (word, raw) = match ask(address, Word::Mntr, limit).await {
        Err(ZooKeeperError::NotWhitelisted { .. }) => (Word::Srvr, ask(address, Word::Srvr, limit).await?),
        answer => (Word::Mntr, answer?),
    };
    let elapsed = started.elapsed();
    let stats = if word == Word::Mntr { of_mntr(&raw) } else { of_srvr(&raw) };
    match stats {
        Ok(stats) => Ok(Reading { stats, raw, elapsed }),
        Err(cause) => {
            Err(ZooKeeperError::Unreadable { address: address.to_owned(), word: word.text(), cause })
        }
    }
}

/// The lines of `mntr` as a map: `zk_avg_latency<TAB>0.7852`. Lines of another form are left out.
pub fn parse_mntr(answer: &str) -> BTreeMap<&str, &str> {
    answer
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(name, value)| (name.trim(), value.trim()))
        .collect()
}

fn of_mntr(answer: &str) -> Result<ServerStats, Said> {
    let lines = parse_mntr(answer);
    let text = |name: &str| lines.get(name).copied().ok_or_else(|| missing(name, answer));
    let number = |name: &str| text(name).and_then(|t| figure(name, t));
    Ok(ServerStats {
        word: Word::Mntr,
        version: text("zk_version")?.to_owned(),
        mode: text("zk_server_state")?.to_owned(),
        avg_latency_ms: number("zk_avg_latency")?,
        max_latency_ms: number("zk_max_latency")?,
        outstanding: whole(number("zk_outstanding_requests")?),
        connections: whole(number("zk_num_alive_connections")?),
        znodes: whole(number("zk_znode_count")?),
        synced_followers: number("zk_synced_followers").ok().map(whole),
    })
}

fn of_srvr(answer: &str) -> Result<ServerStats, Said> {
    let text = |name: &str| {
        answer
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
            .map(str::trim)
            .ok_or_else(|| missing(name, answer))
    };
    let number = |name: &str| text(name).and_then(|t| figure(name, t));
    let latency = text("Latency min/avg/max")?;
    let [_, avg, max] = latency.split('/').collect::<Vec<_>>()[..] else {
        return Err(not_latencies(latency));
    };
    Ok(ServerStats {
        word: Word::Srvr,
        version: text("Zookeeper version")?.to_owned(),
        mode: text("Mode")?.to_owned(),
        avg_latency_ms: figure("avg", avg)?,
        max_latency_ms: figure("max", max)?,
        outstanding: whole(number("Outstanding")?),
        connections: whole(number("Connections")?),
        znodes: whole(number("Node count")?),
        synced_followers: None,
    })
}

fn missing(name: &str, answer: &str) -> Said {
    match answer.trim() {
        "" => empty(),
        answer => lacks(name, text::cut(answer, 60)),
    }
}

fn figure(name: &str, value: &str) -> Result<f64, Said> {
    value
        .trim()
        .parse::<f64>()
        .ok()
        .filter(|n| n.is_finite())
        .ok_or_else(|| not_a_figure(name, text::cut(value, 60)))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts, never below zero")]
fn whole(number: f64) -> u64 {
    number as u64
}

/// Why a connection could not be made or was lost.
pub fn in_words(error: &io::Error) -> Said {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => connection_refused(),
        io::ErrorKind::ConnectionReset => reset(),
        _ => Said::verbatim(error.to_string()),
    }
}

messages! {
    area "zookeeper-client";
    empty() => "it is empty; the port may speak TLS only" / "elle est vide ; le port ne parle peut-être que TLS";
    lacks(name, start) => "it has no `{name}` and begins with `{start}`" / "elle n'a pas de `{name}` et commence par `{start}`";
    not_a_figure(name, value) => "`{name}` is `{value}`" / "`{name}` vaut `{value}`";
    not_latencies(value) => "`{value}` is not min/avg/max" / "`{value}` n'est pas de la forme min/moyenne/max";
    not_serving(address) => "ZooKeeper at {address} runs and does not serve requests: it has no quorum" / "ZooKeeper à {address} tourne et ne sert aucune requête : il n'a pas de quorum";
    not_whitelisted(address, word) => "ZooKeeper at {address} does not answer `{word}`: it is not in its whitelist; add it to `4lw.commands.whitelist` of the server" / "ZooKeeper à {address} ne répond pas à `{word}` : ce mot n'est pas permis ; l'ajouter à `4lw.commands.whitelist` du serveur";
    reset() => "the connection was reset; the port may speak TLS only, or the server takes no more clients" / "la connexion a été coupée ; le port ne parle peut-être que TLS, ou le serveur n'accepte plus de clients";
    unreachable(address, cause) => "ZooKeeper at {address} cannot be reached: {cause}" / "ZooKeeper à {address} est injoignable : {cause}";
    unreadable(address, word, cause) => "the answer of {address} to `{word}` is not one of ZooKeeper: {cause}" / "la réponse de {address} à `{word}` n'est pas de ZooKeeper : {cause}";
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const LEADER: &str = "zk_version\t3.8.4-9316c2a, built on 2024-02-12 22:16 UTC\n\
        zk_server_state\tleader\nzk_avg_latency\t0.7852\nzk_max_latency\t112\nzk_outstanding_requests\t3\n\
        zk_num_alive_connections\t2\nzk_znode_count\t60\nzk_synced_followers\t2\nzk_last_proposal_size\t-1\n";
    const SRVR: &str = "Zookeeper version: 3.8.4-9316c2a, built on 2024-02-12 22:16 UTC\n\
        Latency min/avg/max: 0/0.7852/8\nReceived: 271\nSent: 276\nConnections: 2\nOutstanding: 0\nZxid: 0x41\n\
        Mode: follower\nNode count: 60\n";

    /// A server that gives the answer that belongs to each word, and hangs up.
    pub(crate) async fn server(answers: &'static [(&'static str, &'static str)]) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut word = [0; 4];
                if stream.read_exact(&mut word).await.is_err() {
                    continue;
                }
                let refusal = format!(
                    "{} is not executed because it is not in the whitelist.\n",
                    String::from_utf8_lossy(&word)
                );
                let answer = answers.iter().find(|(w, _)| w.as_bytes() == word);
                let _ = stream.write_all(answer.map_or(refusal.as_str(), |(_, a)| a).as_bytes()).await;
            }
        });
        address
    }

    const LIMIT: Duration = Duration::from_secs(5);

    #[tokio::test]
    async fn mntr_of_a_leader_tells_of_its_followers() {
        let stats = read(&server(&[("mntr", LEADER)]).await, LIMIT).await.unwrap().stats;
        assert_eq!(
            (stats.mode.as_str(), stats.avg_latency_ms, stats.synced_followers),
            ("leader", 0.7852, Some(2))
        );
        assert_eq!((stats.max_latency_ms, stats.outstanding, stats.znodes), (112.0, 3, 60));
    }

    #[tokio::test]
    async fn srvr_stands_in_where_mntr_is_not_allowed() {
        let stats = read(&server(&[("srvr", SRVR)]).await, LIMIT).await.unwrap().stats;
        assert_eq!((stats.word, stats.mode.as_str(), stats.max_latency_ms), (Word::Srvr, "follower", 8.0));
        assert_eq!(stats.synced_followers, None);
    }

    #[tokio::test]
    async fn a_refused_word_and_a_lost_quorum_are_errors_of_their_own() {
        let error = ask(&server(&[]).await, Word::Ruok, LIMIT).await.unwrap_err();
        assert!(matches!(error, ZooKeeperError::NotWhitelisted { word: "ruok", .. }), "{error}");
        let lost = server(&[("mntr", "This ZooKeeper instance is not currently serving requests\n")]).await;
        assert!(matches!(read(&lost, LIMIT).await.unwrap_err(), ZooKeeperError::NotServing { .. }));
    }

    #[tokio::test]
    async fn silence_and_nonsense_are_named() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let silent = listener.local_addr().unwrap().to_string();
        let error = read(&silent, Duration::from_millis(100)).await.unwrap_err();
        assert!(error.to_string().ends_with("no answer within 100 ms"), "{error}");
        drop(listener);
        let error = read(&silent, LIMIT).await.unwrap_err();
        assert!(error.to_string().contains("connection refused"), "{error}");
        let other = server(&[("mntr", "HTTP/1.1 400 Bad Request\r\n")]).await;
        let error = read(&other, LIMIT).await.unwrap_err();
        assert!(error.to_string().contains("begins with `HTTP/1.1 400 Bad Request`"), "{error}");
    }
}
