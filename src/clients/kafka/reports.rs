//! [`Reports`]: what librdkafka says on the side about connections, kept so that an error can name the cause.

use crate::record::{Said, messages};
use rdkafka::{
    ClientContext,
    client::DefaultClientContext,
    config::RDKafkaLogLevel,
    consumer::ConsumerContext,
    error::{KafkaError, RDKafkaErrorCode},
};
use regex::Regex;
use std::sync::{Arc, LazyLock, Mutex};

/// The last reasons, most recent last. Clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Reports(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    errors: Vec<Said>,
    /// Lines of the log about lost connections, which are no errors to librdkafka: it tries again.
    logged: Vec<Said>,
}

/// As many as one error message can show: one for each broker of a usual bootstrap list.
const KEPT: usize = 3;

impl Reports {
    /// Forgets everything, after a call that went well.
    pub(super) fn clear(&self) {
        if let Ok(mut kept) = self.0.lock() {
            *kept = Kept::default();
        }
    }

    /// The reasons in one line, with what to look at, or `None` where librdkafka said nothing. `mechanism` is that of the
    /// log-in.
    pub(super) fn cause(&self, mechanism: Option<&str>) -> Option<Said> {
        let kept = self.0.lock().ok()?;
        let reasons = [&kept.errors, &kept.logged].into_iter().find(|reasons| !reasons.is_empty())?;
        let said = Said::all(reasons.iter().map(|reason| refusal(reason, mechanism)));
        Some(match reasons.iter().rev().find_map(|reason| advice(reason)) {
            Some(advice) => with_advice(said, advice),
            None => said,
        })
    }

    fn keep(&self, list: fn(&mut Kept) -> &mut Vec<Said>, reason: &str) {
        let reason = plain(reason).masked();
        if let Ok(mut kept) = self.0.lock() {
            let list = list(&mut kept);
            list.retain(|known| *known != reason);
            if list.len() == KEPT {
                list.remove(0);
            }
            list.push(reason);
        }
    }
}

impl ClientContext for Reports {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        if facility == "FAIL" {
            self.keep(|kept| &mut kept.logged, line);
        }
        DefaultClientContext.log(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        // "1/1 brokers are down" says nothing that the reason of each broker does not.
        if error.rdkafka_error_code() != Some(RDKafkaErrorCode::AllBrokersDown) {
            self.keep(|kept| &mut kept.errors, reason);
        }
    }
}

impl ConsumerContext for Reports {}

/// The value of librdkafka's property `debug`: without it its log has no line below `info`.
pub(super) fn debug() -> Option<&'static str> {
    if tracing::enabled!(target: "librdkafka", tracing::Level::TRACE) {
        Some("all")
    } else {
        tracing::enabled!(target: "librdkafka", tracing::Level::DEBUG)
            .then_some("generic,broker,metadata,security,cgrp,admin,eos")
    }
}

/// `reason` without librdkafka's own thread and state marks, and with what the state tells.
fn plain(reason: &str) -> Said {
    // A TLS listener ends a connection that begins in plain text, without a word.
    let tls = reason.contains("Disconnected") && reason.contains("APIVERSION_QUERY");
    let reason = reason.split(" (after ").next().unwrap_or(reason);
    let reason = reason.rsplit("]: ").next().unwrap_or(reason);
    let reason = reason.replace("ipv4#", "").replace("ipv6#", "");
    if tls { perhaps_tls(reason.trim()) } else { Said::verbatim(reason.trim()) }
}

/// `reason` with the mechanism where a log-in was refused: librdkafka names it only where the broker has no such one.
pub fn refusal(reason: &str, mechanism: Option<&str>) -> Said {
    let reason = plain(reason).masked();
    let is_log_in = reason.to_ascii_lowercase().contains("authentication");
    match mechanism.filter(|mechanism| is_log_in && !reason.contains(*mechanism)) {
        Some(mechanism) => with_mechanism(reason, mechanism),
        None => reason,
    }
}

/// Whether it is the broker's certificate that this client did not take.
pub fn blames_certificate(reason: &str) -> bool {
    advice(reason).is_some_and(|advice| [expired(), other_host(), untrusted()].contains(&advice))
}

/// What to look at where TLS or the log-in failed, as the words of librdkafka, OpenSSL and the brokers tell it.
pub fn advice(reason: &str) -> Option<Said> {
    static HANDSHAKE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"SASL (\S+) mechanism handshake failed.*supported mechanisms: ?([\w, -]*)")
            .expect("the pattern is a constant")
    });
    if let Some(found) = HANDSHAKE.captures(reason) {
        return Some(match found[2].trim() {
            "" => other_mechanism(&found[1]),
            theirs => their_mechanisms(&found[1], theirs),
        });
    }
    let reason = reason.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| reason.contains(word));
    Some(match () {
        () if says(&["unsupported sasl mechanism", "unsupported_sasl_mechanism"]) => any_mechanism(),
        () if says(&["hostname mismatch", "ip address mismatch", "host name mismatch"]) => other_host(),
        () if says(&["certificate has expired", "certificate is not yet valid"]) => expired(),
        () if says(&[
            "certificate required",
            "alert bad certificate",
            "alert unknown ca",
            "alert certificate",
            "alert handshake failure",
            "peer did not return a certificate",
        ]) =>
        {
            own_certificate()
        }
        () if says(&["certificate verify failed", "self-signed", "self signed", "local issuer"]) => {
            untrusted()
        }
        () if says(&[
            "wrong version number",
            "packet length too long",
            "plaintext broker listener",
            "http request",
        ]) =>
        {
            no_tls()
        }
        () if says(&["tls listener", "sasl_ssl listener"]) => tls_listener(),
        () if says(&[
            "unsupported protocol",
            "protocol version",
            "no shared cipher",
            "no protocols available",
        ]) =>
        {
            tls_version()
        }
        () if says(&["ssl handshake", "ssl transport", "ssl routines", "ssl_error", "ssl error"]) => {
            tls_failed()
        }
        // It says itself what to look at.
        () if says(&["failed to acquire sasl oauthbearer"]) => return None,
        () if says(&["invalid_token", "invalid token", "oauthbearer"]) => token_refused(),
        () if says(&[
            "authentication failed",
            "authentication error",
            "authentication failure",
            "invalid credentials",
        ]) =>
        {
            log_in()
        }
        () => return None,
    })
}

messages! {
    area "kafka-reports";
    any_mechanism() => "the brokers do not support this `sasl.mechanism`; ask which ones they support" / "les brokers n'acceptent pas ce `sasl.mechanism` ; demander lesquels ils acceptent";
    expired() => "the broker's certificate has expired or is not valid yet; renew it, or check the clocks" / "le certificat du broker n'est pas valable en ce moment : le renouveler, ou vérifier les horloges";
    log_in() => "check user and password (`sasl.jaas.config`), and that the user has credentials for this `sasl.mechanism`" / "vérifier l'utilisateur et le mot de passe (`sasl.jaas.config`), et si l'utilisateur a été créé pour ce `sasl.mechanism`";
    no_tls() => "the port does not use TLS; check the port and `security.protocol` (`PLAINTEXT` or `SASL_PLAINTEXT`)" / "le port ne parle pas TLS : vérifier le port et `security.protocol` (`PLAINTEXT` ou `SASL_PLAINTEXT`)";
    other_host() => "the broker's certificate is for another host name; use a name in the certificate, or set `ssl.endpoint.identification.algorithm` to an empty value" / "le certificat du broker est celui d'un autre nom de machine : utiliser un nom qui y figure, ou laisser `ssl.endpoint.identification.algorithm` vide";
    other_mechanism(mechanism) => "the brokers do not support `{mechanism}`; check `sasl.mechanism`" / "les brokers n'acceptent pas `{mechanism}` : vérifier `sasl.mechanism`";
    own_certificate() => "the broker rejects the client certificate, or requires one; check the key store (`ssl.keystore.location` or `ssl.keystore.key` with `ssl.keystore.certificate.chain`) and its issuer" / "le broker refuse le certificat de ce client, ou n'en reçoit pas : vérifier le magasin de clés (`ssl.keystore.location`, ou `ssl.keystore.key` avec `ssl.keystore.certificate.chain`) et qui l'a signé";
    their_mechanisms(mechanism, theirs) => "the brokers do not support `{mechanism}`, only {theirs}; check `sasl.mechanism`" / "les brokers n'acceptent pas `{mechanism}`, ils acceptent {theirs} : vérifier `sasl.mechanism`";
    tls_failed() => "TLS could not be set up; check `security.protocol`, the trust store and the key store" / "TLS n'a pas pu être établi : vérifier `security.protocol`, le magasin de confiance et le magasin de clés";
    tls_listener() => "the port may use TLS; check the port and `security.protocol` (`SSL` or `SASL_SSL`)" / "le port parle peut-être TLS : vérifier le port et `security.protocol` (`SSL` ou `SASL_SSL`)";
    tls_version() => "the client and the broker have no TLS version or cipher in common; check `ssl.enabled.protocols` and `ssl.cipher.suites` of the broker" / "ce client et le broker n'ont aucune version ni aucun algorithme TLS en commun : vérifier `ssl.enabled.protocols` et `ssl.cipher.suites` du broker";
    token_refused() => "the brokers refuse the token; check that they trust its issuer (`sasl.oauthbearer.jwks.endpoint.url`, `sasl.oauthbearer.expected.issuer` and `sasl.oauthbearer.expected.audience` of the brokers), and `scope`" / "les brokers refusent le jeton : vérifier qu'ils reconnaissent son émetteur (`sasl.oauthbearer.jwks.endpoint.url`, `sasl.oauthbearer.expected.issuer` et `sasl.oauthbearer.expected.audience` des brokers), et `scope`";
    untrusted() => "the broker's certificate is not signed by a trusted authority; check the trust store (`ssl.truststore.location` or `ssl.truststore.certificates`)" / "le certificat du broker n'est pas signé par une autorité reconnue ici : vérifier le magasin de confiance (`ssl.truststore.location` ou `ssl.truststore.certificates`)";
    with_advice(reason, advice) => "{reason}; {advice}" / "{reason} ; {advice}";
    with_mechanism(reason, mechanism) => "{reason} (mechanism `{mechanism}`)" / "{reason} (connexion par `{mechanism}`)";
    perhaps_tls(reason) => "{reason} (a TLS listener, perhaps, and `security.protocol` says otherwise)" / "{reason} (peut-être un port TLS, alors que `security.protocol` dit autre chose)";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_three_different_reasons_are_kept() {
        let reports = Reports::default();
        assert_eq!(reports.cause(None), None);
        for reason in ["a", "b", "b", "c", "d", "c"] {
            reports.error(KafkaError::Global(RDKafkaErrorCode::BrokerTransportFailure), reason);
        }
        reports.error(KafkaError::Global(RDKafkaErrorCode::AllBrokersDown), "1/1 brokers are down");
        assert_eq!(reports.cause(None).as_deref(), Some("b; d; c"));
        reports.clear();
        assert_eq!(reports.cause(None), None);
    }

    #[test]
    fn a_lost_connection_is_told_where_there_is_no_error() {
        let reports = Reports::default();
        let line = "[thrd:h:1/bootstrap]: h:1/bootstrap: Disconnected: connection closed by peer: receive 0 after POLLIN \
                    (after 2ms in state APIVERSION_QUERY)";
        reports.log(RDKafkaLogLevel::Info, "FAIL", line);
        reports.log(RDKafkaLogLevel::Info, "CONNECT", "nothing to do with it");
        let cause = reports.cause(None).unwrap();
        assert!(
            cause.starts_with("h:1/bootstrap: Disconnected") && cause.contains("a TLS listener"),
            "{cause}"
        );
        reports.error(KafkaError::Global(RDKafkaErrorCode::SSL), "handshake failed");
        assert_eq!(reports.cause(None).as_deref(), Some("handshake failed"));
    }

    #[test]
    fn advice_is_about_what_failed() {
        for (reason, told) in [
            (
                "SASL PLAIN mechanism handshake failed: Broker: Unsupported SASL mechanism: broker's supported mechanisms: SCRAM-SHA-256,SCRAM-SHA-512",
                "do not support `PLAIN`, only SCRAM-SHA-256,SCRAM-SHA-512",
            ),
            (
                "SASL PLAIN mechanism handshake failed: Broker: Unsupported SASL mechanism: broker's supported mechanisms: ",
                "do not support `PLAIN`; check",
            ),
            (
                "SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: broker certificate could not be verified, verify that ssl.ca.location is correctly configured",
                "trust store",
            ),
            (
                "SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: hostname mismatch",
                "another host name",
            ),
            (
                "SSL handshake failed: error:0A00045C:SSL routines::tlsv13 alert certificate required: SSL alert number 116",
                "key store",
            ),
            ("SSL handshake failed: error:0A00010B:SSL routines::wrong version number", "does not use TLS"),
            (
                "SSL handshake failed: Disconnected: connection closed by peer: connecting to a PLAINTEXT broker listener?",
                "does not use TLS",
            ),
            (
                "SSL handshake failed: error:0A0000BF:SSL routines::no protocols available",
                "TLS version or cipher",
            ),
            (
                "SASL authentication error: Authentication failed: Invalid username or password",
                "user and password",
            ),
            (
                "SASL authentication error: Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-512",
                "user and password",
            ),
        ] {
            let said = advice(reason).unwrap_or_else(|| panic!("{reason}"));
            assert!(said.contains(told) && !said.contains("ACL"), "{reason}: {said}");
        }
        let refused =
            "SASL OAUTHBEARER authentication failed (principal=jalon): {\"status\":\"invalid_token\"}";
        assert!(advice(refused).unwrap().contains("jwks"));
        let none = "Failed to acquire SASL OAUTHBEARER token: no token for OAUTHBEARER: check it";
        assert_eq!(advice(none), None);
        assert_eq!(advice("Broker: Topic authorization failed"), None);
        assert_eq!(advice("Connect to 127.0.0.1:9 failed: Connection refused"), None);
    }

    #[test]
    fn a_refused_log_in_names_its_mechanism() {
        let reports = Reports::default();
        let reason = "[thrd:b:1/bootstrap]: b:1/bootstrap: SASL authentication error: Authentication failed (after 3ms in state AUTH_REQ)";
        reports.error(KafkaError::Global(RDKafkaErrorCode::Authentication), reason);
        let cause = reports.cause(Some("PLAIN")).unwrap();
        assert!(cause.contains("(mechanism `PLAIN`); check user and password"), "{cause}");
        let named = refusal("SASL SCRAM-SHA-256 authentication failed", Some("SCRAM-SHA-256"));
        assert_eq!(named, "SASL SCRAM-SHA-256 authentication failed");
    }

    #[test]
    fn the_marks_of_librdkafka_are_cut_off() {
        assert_eq!(
            plain(
                "[thrd:127.0.0.1:9/bootstrap]: 127.0.0.1:9/bootstrap: Connect to ipv4#127.0.0.1:9 failed: \
                 Connection refused (after 0ms in state CONNECT)"
            ),
            "127.0.0.1:9/bootstrap: Connect to 127.0.0.1:9 failed: Connection refused"
        );
    }
}
