//! [`Reports`]: what librdkafka says on the side about connections, kept so that an error can name the cause.

use crate::support::redact;
use rdkafka::{
    ClientContext,
    config::RDKafkaLogLevel,
    consumer::ConsumerContext,
    error::{KafkaError, RDKafkaErrorCode},
};
use std::sync::{Arc, Mutex};

/// The last reasons, most recent last. Clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Reports(Arc<Mutex<Vec<String>>>);

/// As many as one error message can show: one for each broker of a usual bootstrap list.
const KEPT: usize = 3;

impl Reports {
    /// Forgets everything, after a call that went well.
    pub(super) fn clear(&self) {
        if let Ok(mut kept) = self.0.lock() {
            kept.clear();
        }
    }

    /// The reasons in one line, or `None` where librdkafka said nothing.
    pub(super) fn cause(&self) -> Option<String> {
        let kept = self.0.lock().ok()?;
        (!kept.is_empty()).then(|| kept.join("; "))
    }

    fn keep(&self, reason: &str) {
        let reason = redact::mask(reason).into_owned();
        if let Ok(mut kept) = self.0.lock() {
            kept.retain(|known| *known != reason);
            if kept.len() == KEPT {
                kept.remove(0);
            }
            kept.push(reason);
        }
    }
}

impl ClientContext for Reports {
    // Every line that matters comes as an error too; the rest belongs to the log.
    fn log(&self, _: RDKafkaLogLevel, facility: &str, line: &str) {
        tracing::debug!(target: "librdkafka", "{facility} {}", redact::mask(line));
    }

    fn error(&self, error: KafkaError, reason: &str) {
        // "1/1 brokers are down" says nothing that the reason of each broker does not.
        if error.rdkafka_error_code() != Some(RDKafkaErrorCode::AllBrokersDown) {
            self.keep(&plain(reason));
        }
    }
}

impl ConsumerContext for Reports {}

/// `reason` without librdkafka's own thread and state marks.
fn plain(reason: &str) -> String {
    let reason = reason.split(" (after ").next().unwrap_or(reason);
    let reason = reason.rsplit("]: ").next().unwrap_or(reason);
    reason.replace("ipv4#", "").replace("ipv6#", "").trim().to_owned()
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
