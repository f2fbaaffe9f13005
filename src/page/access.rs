//! [`Access`]: the tokens that open the page, and the names under which it may be asked.

use crate::{
    record::messages,
    record::{Said, Speaks, display_by_said},
    support::{files, fingerprint, text},
};
use rand::Rng;
use std::{error::Error, io, net::SocketAddr, os::unix::fs::PermissionsExt, path::Path, path::PathBuf};

/// The shortest token that a file may hold, in characters.
const SHORTEST: usize = 16;
/// The longest one, in bytes.
const LONGEST: u64 = 4096;

/// A secret that opens the page. It is compared by its hash, and never shown but on purpose.
#[derive(Clone)]
pub struct Token(String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(***)")
    }
}

/// Why a file gives no token.
#[derive(Debug)]
pub enum TokenError {
    /// Others than its owner may read it.
    Open(PathBuf),
    /// What it holds is too short, or no single word.
    Weak(PathBuf),
    /// It cannot be read.
    Unreadable(PathBuf, io::Error),
}

impl Speaks for TokenError {
    fn said(&self) -> Said {
        match self {
            Self::Open(path) => open_to_others(text::path(path)),
            Self::Weak(path) => weak(text::path(path), SHORTEST),
            Self::Unreadable(path, cause) => unreadable(text::path(path), cause.to_string()),
        }
    }
}

display_by_said!(TokenError);

impl Error for TokenError {}

messages! {
    area "page token";
    open_to_others(path) => "token file {path} is readable by other users" / "le fichier de jeton {path} est lisible par d'autres utilisateurs";
    unreadable(path, cause) => "cannot read token file {path}: {cause}" / "impossible de lire le fichier de jeton {path} : {cause}";
    weak(path, shortest) => "token file {path} does not hold one word of at least {shortest} characters" / "le fichier de jeton {path} ne contient pas un seul mot d'au moins {shortest} caractères";
}

impl Token {
    /// A token of 192 random bits.
    pub fn generate() -> Self {
        Self(fingerprint::hex(&rand::rng().random::<[u8; 24]>()))
    }

    /// The word in a file that only its owner may read.
    pub fn read(path: &Path) -> Result<Self, TokenError> {
        let unreadable = |cause| TokenError::Unreadable(path.to_owned(), cause);
        let file = files::open_given(path).map_err(unreadable)?;
        if file.metadata().map_err(unreadable)?.permissions().mode() & 0o077 != 0 {
            return Err(TokenError::Open(path.to_owned()));
        }
        let bytes = files::read_file(file, LONGEST).map_err(unreadable)?;
        let word = String::from_utf8(bytes).unwrap_or_default().trim().to_owned();
        match word.len() >= SHORTEST && word.chars().all(|c| c.is_ascii_graphic() && c != ';' && c != ',') {
            true => Ok(Self(word)),
            false => Err(TokenError::Weak(path.to_owned())),
        }
    }

    /// The token itself, for the one who may have it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether `given` is it. How long that takes says nothing of how much of it is right.
    fn is(&self, given: &str) -> bool {
        fingerprint::of_bytes(given) == fingerprint::of_bytes(&self.0)
    }
}

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Right {
    /// To see the page.
    Read,
    /// To decide too.
    Write,
}

/// Who may ask, and under which names.
#[derive(Debug, Clone)]
pub struct Access {
    read: Token,
    write: Token,
    /// `host:port` as a browser sends it.
    hosts: Vec<String>,
    /// Host of the reverse proxy, which speaks TLS.
    proxy: Option<String>,
    port: u16,
}

impl Access {
    /// Access to the page at `address`, and through the reverse proxy of that host where one is named.
    pub fn new(address: SocketAddr, proxy: Option<String>, read: Token, write: Token) -> Self {
        let port = address.port();
        let mut hosts = vec![address.to_string(), format!("localhost:{port}")];
        if port == 80 {
            hosts.extend([address.ip().to_string(), "localhost".to_owned()]);
        }
        Self { read, write, hosts, proxy: proxy.map(|host| host.to_ascii_lowercase()), port }
    }

    /// Whether a browser that names this host means this page: a name that somebody made point here does not.
    pub(super) fn is_host(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        self.hosts.contains(&host) || self.is_proxy(&host)
    }

    /// Whether that is the host of the proxy.
    pub(super) fn is_proxy(&self, host: &str) -> bool {
        self.proxy.as_deref().is_some_and(|proxy| proxy.eq_ignore_ascii_case(host))
    }

    /// Whether a page of this origin is this page.
    pub(super) fn is_origin(&self, origin: &str) -> bool {
        let origin = origin.to_ascii_lowercase();
        match origin.split_once("://") {
            Some(("http", host)) => self.hosts.iter().any(|own| own == host),
            Some(("https", host)) => self.is_proxy(host),
            _ => false,
        }
    }

    /// What a token gives the right to.
    pub(super) fn right(&self, token: &str) -> Option<Right> {
        let (read, write) = (self.read.is(token), self.write.is(token));
        if write { Some(Right::Write) } else { read.then_some(Right::Read) }
    }

    /// The name of the cookie, which is this port's alone: cookies of a host are those of all its ports.
    pub(super) fn cookie(&self) -> String {
        format!("jalon-{}", self.port)
    }

    /// What the cookie holds: it never gives more than the right to read.
    pub(super) fn cookie_value(&self) -> &str {
        self.read.reveal()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(proxy: Option<&str>) -> Access {
        let address = SocketAddr::from(([127, 0, 0, 1], 4242));
        Access::new(address, proxy.map(str::to_owned), Token("r".repeat(20)), Token("w".repeat(20)))
    }

    #[test]
    fn only_its_own_names_are_its_own() {
        let access = access(Some("runs.example.org"));
        for own in ["127.0.0.1:4242", "localhost:4242", "LOCALHOST:4242", "runs.example.org"] {
            assert!(access.is_host(own), "{own}");
        }
        for other in ["127.0.0.1", "localhost", "evil.example", "127.0.0.1:4243", "runs.example.org:4242", ""]
        {
            assert!(!access.is_host(other), "{other}");
        }
        assert!(access.is_origin("http://127.0.0.1:4242") && access.is_origin("https://runs.example.org"));
        for other in ["null", "https://127.0.0.1:4242", "http://runs.example.org", "http://evil.example"] {
            assert!(!access.is_origin(other), "{other}");
        }
    }

    #[test]
    fn a_token_gives_its_own_right_and_no_other() {
        let access = access(None);
        assert_eq!(access.right(&"r".repeat(20)), Some(Right::Read));
        assert_eq!(access.right(&"w".repeat(20)), Some(Right::Write));
        assert_eq!(access.right(""), None);
        assert_eq!(access.right(&"w".repeat(19)), None);
        assert!(!format!("{access:?}").contains("wwww"));
    }

    #[test]
    fn a_token_file_is_its_owners_alone_and_long_enough() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let put = |text: &str, mode| {
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            Token::read(&path)
        };
        assert!(put("0123456789abcdef\n", 0o600).is_ok_and(|t| t.reveal() == "0123456789abcdef"));
        assert!(matches!(put("0123456789abcdef", 0o644), Err(TokenError::Open(_))));
        assert!(matches!(put("short", 0o600), Err(TokenError::Weak(_))));
        assert!(matches!(put("two words that are long", 0o600), Err(TokenError::Weak(_))));
    }
}
