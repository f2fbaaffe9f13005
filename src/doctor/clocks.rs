//! How far the clock of a service is from this machine's.

use super::finding::Finding;
use crate::{clients::http::Response, support::text};
use jiff::Timestamp;
use std::time::Duration;

/// From here on a difference is told: `Date` has whole seconds, and an answer takes its time.
const DOUBT: Duration = Duration::from_secs(5);
/// From here on times of evidence cannot be put side by side.
const FAULT: Duration = Duration::from_secs(60);

/// What the `Date` of an answer says.
pub(super) fn of_answer(part: &str, answer: &Response) -> Option<Finding> {
    let date = answer.headers.get("date")?.to_str().ok()?;
    let at = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    of_time(part, at)
}

/// What a time that was told just now says.
pub(super) fn of_time(part: &str, told: Timestamp) -> Option<Finding> {
    let now = Timestamp::now();
    let apart = told.duration_since(now).unsigned_abs();
    let which = if told > now { "ahead of" } else { "behind" };
    let what = format!("its clock is {} {which} this machine's", text::duration(apart));
    let remedy = "set both by NTP: latencies between machines and times in the report depend on it";
    match apart {
        apart if apart >= FAULT => Some(Finding::fault(part, what).remedy(remedy)),
        apart if apart >= DOUBT => Some(Finding::warning(part, what).remedy(remedy)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    #[test]
    fn an_hour_is_a_fault_and_a_second_is_none() {
        let told = |seconds: i64| of_time("x", Timestamp::now() + jiff::SignedDuration::from_secs(seconds));
        assert_eq!(told(1), None);
        assert_eq!(told(-20).map(|f| f.level), Some(Level::Warning));
        let hour = told(3600).unwrap();
        assert_eq!(hour.level, Level::Fault);
        assert!(hour.what.contains("ahead of"), "{}", hour.what);
    }
}
