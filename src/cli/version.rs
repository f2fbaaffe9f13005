//! `jalon --version -v`: what this program was built from, for a report of a fault.

use crate::record::event;
use std::ffi::OsString;

/// Whether these arguments ask for the long form of the version, and for nothing else.
pub(super) fn is_asked(words: &[OsString]) -> bool {
    let words: Vec<&str> = words.iter().skip(1).map(|word| word.to_str().unwrap_or_default()).collect();
    let is_version = |word: &&str| ["--version", "-V"].contains(word);
    let is_verbose = |word: &&str| ["-v", "-vv", "--verbose"].contains(word);
    words.iter().any(is_version)
        && words.iter().any(is_verbose)
        && words.iter().all(|w| is_version(w) || is_verbose(w))
}

/// The version, what it was built from and how, and what it is built with.
pub(super) fn long() -> String {
    let built = if cfg!(debug_assertions) { "debug" } else { "release" };
    let tls = if cfg!(feature = "tls-vendored") { "built in" } else { "of this system" };
    format!(
        "jalon {}\ncommit:     {}\nbuild:      {built}, {}-{}-{}\nlibrdkafka: {}\nOpenSSL:    {}, {tls}\njournal:    format {}\n",
        env!("CARGO_PKG_VERSION"),
        option_env!("JALON_COMMIT").unwrap_or("not supplied"),
        std::env::consts::ARCH,
        std::env::consts::OS,
        if cfg!(target_env = "musl") { "musl" } else { "gnu" },
        rdkafka::util::get_rdkafka_version().1,
        openssl::version::version(),
        event::FORMAT,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_long_form_is_for_who_asks_for_it() {
        let is_asked = |words: &str| is_asked(&words.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert!(is_asked("jalon --version -v") && is_asked("jalon -vv -V"));
        for other in ["jalon --version", "jalon -v", "jalon run -v", "jalon --version -v run", "jalon"] {
            assert!(!is_asked(other), "{other}");
        }
        let shown = long();
        for part in [env!("CARGO_PKG_VERSION"), "commit:", "librdkafka: 2.", "OpenSSL", "format"] {
            assert!(shown.contains(part), "{shown}");
        }
    }
}
