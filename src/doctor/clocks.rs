//! How far the clock of a service is from this machine's.

use super::finding::Finding;
use crate::{
    clients::http::Response,
    record::{Said, messages},
};
use jiff::Timestamp;
use std::time::Duration;

/// From here on a difference is told: `Date` has whole seconds, and an answer takes its time.
const DOUBT: Duration = Duration::from_secs(5);
/// From here on times of evidence cannot be put side by side.
const FAULT: Duration = Duration::from_secs(60);

/// What the `Date` of an answer says.
pub(super) fn of_answer(part: &Said, answer: &Response) -> Option<Finding> {
    let date = answer.headers.get("date")?.to_str().ok()?;
    let at = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    of_time(part, at)
}

/// What a time that was told just now says.
pub(super) fn of_time(part: &Said, told: Timestamp) -> Option<Finding> {
    let now = Timestamp::now();
    let apart = told.duration_since(now).unsigned_abs();
    let what = if told > now { ahead(apart) } else { behind(apart) };
    match apart {
        apart if apart >= FAULT => Some(Finding::fault(part, what).remedy(set_clocks())),
        apart if apart >= DOUBT => Some(Finding::warning(part, what).remedy(set_clocks())),
        _ => None,
    }
}

messages! {
    area "doctor-clocks";
    ahead(by) => "its clock is {by} ahead of this machine's" / "son horloge avance de {by} sur celle de cette machine";
    behind(by) => "its clock is {by} behind this machine's" / "son horloge retarde de {by} sur celle de cette machine";
    set_clocks() => "set both by NTP: latencies between machines and times in the report depend on it" / "régler les deux par NTP : les latences entre machines et les heures du rapport en dépendent";
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;
    use crate::record::Language;

    #[test]
    fn an_hour_is_a_fault_and_a_second_is_none() {
        let told = |seconds: i64| {
            of_time(&Said::verbatim("x"), Timestamp::now() + jiff::SignedDuration::from_secs(seconds))
        };
        assert_eq!(told(1), None);
        assert_eq!(told(-20).map(|f| f.level), Some(Level::Warning));
        let hour = told(3600).unwrap();
        assert_eq!(hour.level, Level::Fault);
        assert!(hour.what.contains("ahead of"), "{}", hour.what);
        assert_eq!(ahead(Duration::from_secs(3600)), "its clock is 1 h ahead of this machine's");
        let french = ahead(Duration::from_millis(5500)).in_language(Language::Fr).into_owned();
        assert_eq!(french, "son horloge avance de 5,5 s sur celle de cette machine");
    }
}
