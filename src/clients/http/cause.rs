//! Why a request got no answer, in plain words. reqwest's own message stops at "error sending request": the cause
//! is at the end of its chain of sources.

use crate::record::{Said, messages};
use std::{error::Error, io, time::Duration};

/// What stood between us and an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// The connection broke before the answer was whole.
    Broken,
    /// The certificate that was shown is not trusted, has expired or is of another host. Something listens there.
    Certificate,
    /// The name of the host cannot be resolved.
    Name,
    /// Something else; the words say what.
    Other,
    /// Nothing listens at the port.
    Refused,
    /// The time limit passed.
    Timeout,
    /// TLS could not be set up for another reason than the certificate. Something listens there.
    Tls,
}

impl Obstacle {
    /// Whether TLS could not be set up, whatever the reason.
    pub fn is_of_tls(self) -> bool {
        matches!(self, Self::Certificate | Self::Tls)
    }
}

/// What kind of trouble it is, and a sentence with the root cause. `connection` and `answer` are the
/// limits of the connection and of the whole answer.
pub(super) fn of(error: &reqwest::Error, connection: Duration, answer: Duration) -> (Obstacle, Said) {
    let chain = chain(error);
    let root = chain.last().cloned().unwrap_or_default();
    // OpenSSL's verdict on a certificate stands one above the root.
    let tls = chain.iter().rev().find(|text| text.starts_with("error:") && text.ends_with(')'));
    let tls = tls_reason(tls.unwrap_or(&root));
    let says = |words: &[&str]| chain.iter().any(|text| words.iter().any(|word| text.contains(word)));
    if error.is_timeout() {
        let words =
            if error.is_connect() { no_connection(answer.min(connection)) } else { no_answer(answer) };
        return (Obstacle::Timeout, words);
    }
    if says(&["dns error", "failed to lookup address"]) {
        let root = root.trim_start_matches("failed to lookup address information: ");
        return (Obstacle::Name, name_unknown(root));
    }
    if says(&["wrong version number", "packet length too long", "http request"]) {
        return (Obstacle::Tls, not_tls(tls));
    }
    if says(&["mismatch"]) {
        return (Obstacle::Certificate, other_host(tls));
    }
    if says(&["certificate"]) {
        return (Obstacle::Certificate, untrusted(tls));
    }
    if says(&["SSL", "TLS", "tls", "handshake"]) {
        return (Obstacle::Tls, tls_failed(tls));
    }
    match io_kind(error) {
        Some(io::ErrorKind::ConnectionRefused) => {
            return (Obstacle::Refused, connection_refused());
        }
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof) => {
            return (Obstacle::Broken, broke(root));
        }
        Some(io::ErrorKind::TimedOut) => return (Obstacle::Timeout, Said::verbatim(root)),
        _ => {}
    }
    if says(&["invalid HTTP", "Parse"]) {
        return (Obstacle::Broken, not_http(root));
    }
    if says(&["closed", "incomplete"]) {
        return (Obstacle::Broken, broke(root));
    }
    (Obstacle::Other, Said::verbatim(root))
}

messages! {
    area "http-cause";
    broke(cause) => "the connection broke: {cause}" / "la connexion a été rompue : {cause}";
    connection_refused() => "connection refused: nothing listens there" / "connexion refusée : rien n'écoute à cette adresse";
    name_unknown(cause) => "the host's name cannot be resolved: {cause}" / "le nom de la machine est inconnu : {cause}";
    no_answer(limit) => "no answer within {limit}" / "pas de réponse en {limit}";
    no_connection(limit) => "no connection within {limit}" / "pas de connexion en {limit}";
    not_http(cause) => "the port does not speak HTTP, try `https://`: {cause}" / "le port ne parle pas HTTP, essayer `https://` : {cause}";
    not_tls(cause) => "the port does not speak TLS, try `http://`: {cause}" / "le port ne parle pas TLS, essayer `http://` : {cause}";
    other_host(cause) => "its TLS certificate is for another host: {cause}; use a name that is in it" / "son certificat TLS est celui d'une autre machine : {cause} ; utiliser un nom qui y figure";
    tls_failed(cause) => "TLS could not be set up: {cause}" / "TLS n'a pas pu être établi : {cause}";
    untrusted(cause) => "its TLS certificate is not trusted: {cause}; try `ca_file` of the endpoint" / "son certificat TLS n'est pas reconnu : {cause} ; essayer `ca_file` du service";
}

/// The text of the innermost cause.
pub(super) fn root(error: &reqwest::Error) -> String {
    chain(error).pop().unwrap_or_default()
}

/// Every message, from the outermost to the root. reqwest's own one shows the URL, which may hold a token: left out
/// where there is anything behind it.
fn chain(error: &reqwest::Error) -> Vec<String> {
    let mut texts = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        texts.push(cause.to_string());
        next = cause.source();
    }
    if texts.is_empty() {
        texts.push(if error.is_builder() {
            "the request is not valid".to_owned()
        } else {
            "unknown".to_owned()
        });
    }
    texts
}

fn io_kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
    let mut next = error.source();
    let mut found = None;
    while let Some(cause) = next {
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            found = Some(io.kind());
        }
        next = cause.source();
    }
    found
}

/// OpenSSL's `error:0A000086:SSL routines:function:reason:file:line: (detail)` without its numbers.
fn tls_reason(text: &str) -> String {
    if !text.starts_with("error:") {
        return text.to_owned();
    }
    let reason = text.split(':').nth(4).unwrap_or(text);
    match text.rsplit_once('(').map(|(_, detail)| detail.trim_end_matches(')')) {
        Some(detail) if !detail.is_empty() => format!("{reason} ({detail})"),
        _ => reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_openssls_words_the_reason_and_the_detail_are_kept() {
        let text = "error:0A000086:SSL routines:tls_post_process_server_certificate:certificate verify \
            failed:../ssl/statem/statem_clnt.c:1889: (self-signed certificate in certificate chain)";
        let reason = "certificate verify failed (self-signed certificate in certificate chain)";
        assert_eq!(tls_reason(text), reason);
        let text = "error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../ssl/record.c:354:";
        assert_eq!(tls_reason(text), "wrong version number");
    }
}
