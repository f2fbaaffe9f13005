//! [`Reports`]: what librdkafka says on the side about connections, kept so that an error can name the cause.

use crate::record::{Said, messages};
use rdkafka::{
    ClientContext,
    client::DefaultClientContext,
    config::RDKafkaLogLevel,
    consumer::ConsumerContext,
    error::{KafkaError, RDKafkaErrorCode},
};
use std::sync::{Arc, Mutex};

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

    /// The reasons in one line, or `None` where librdkafka said nothing.
    pub(super) fn cause(&self) -> Option<Said> {
        let kept = self.0.lock().ok()?;
        [&kept.errors, &kept.logged].into_iter().find(|reasons| !reasons.is_empty()).map(Said::all)
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
    if tls { perhaps_tls(reason.trim()) } else { reason.trim().into() }
}

messages! {
    area "kafka-reports";
    perhaps_tls(reason) => "{reason} (a TLS listener, perhaps, and `security.protocol` says otherwise)" / "{reason} (peut-être un port TLS, alors que `security.protocol` dit autre chose)";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_three_different_reasons_are_kept() {
        let reports = Reports::default();
        assert_eq!(reports.cause(), None);
        for reason in ["a", "b", "b", "c", "d", "c"] {
            reports.error(KafkaError::Global(RDKafkaErrorCode::BrokerTransportFailure), reason);
        }
        reports.error(KafkaError::Global(RDKafkaErrorCode::AllBrokersDown), "1/1 brokers are down");
        assert_eq!(reports.cause().as_deref(), Some("b; d; c"));
        reports.clear();
        assert_eq!(reports.cause(), None);
    }

    #[test]
    fn a_lost_connection_is_told_where_there_is_no_error() {
        let reports = Reports::default();
        let line = "[thrd:h:1/bootstrap]: h:1/bootstrap: Disconnected: connection closed by peer: receive 0 after POLLIN \
                    (after 2ms in state APIVERSION_QUERY)";
        reports.log(RDKafkaLogLevel::Info, "FAIL", line);
        reports.log(RDKafkaLogLevel::Info, "CONNECT", "nothing to do with it");
        let cause = reports.cause().unwrap();
        assert!(
            cause.starts_with("h:1/bootstrap: Disconnected") && cause.contains("a TLS listener"),
            "{cause}"
        );
        reports.error(KafkaError::Global(RDKafkaErrorCode::SSL), "handshake failed");
        assert_eq!(reports.cause().as_deref(), Some("handshake failed"));
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
