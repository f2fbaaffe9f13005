//! What a type says of a value that it refuses, kept past serde, whose errors hold a text only.

use super::Said;
use serde::de;
use std::{cell::RefCell, fmt};

thread_local! {
    /// What was refused last on this thread.
    static LAST: RefCell<Option<Said>> = const { RefCell::new(None) };
}

/// A refusal as the error of a conversion that serde calls (`try_from`).
#[derive(Debug)]
pub struct Refused(Said);

impl<T: Into<Said>> From<T> for Refused {
    fn from(why: T) -> Self {
        let why = why.into();
        LAST.with(|last| last.replace(Some(why.clone())));
        Self(why)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The error of a reader that refuses a value; [`refusal`] finds the message behind its text again.
pub fn refused<E: de::Error>(why: impl Into<Said>) -> E {
    E::custom(Refused::from(why))
}

/// What an error of serde says: the message of [`refused`] that it is of, else a text of serde's.
pub fn refusal(text: &str) -> Said {
    let last = LAST.with(|last| last.borrow().clone());
    last.filter(|last| last == text).unwrap_or_else(|| Said::verbatim(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Language;
    use serde::Deserialize;

    #[derive(Debug)]
    struct Never;

    impl<'de> Deserialize<'de> for Never {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let text = String::deserialize(deserializer)?;
            Err(refused(crate::support::text::parse_duration(&text).unwrap_err()))
        }
    }

    #[test]
    fn a_refusal_is_a_message_and_what_serde_says_is_serdes() {
        let says = |json: serde_json::Value| refusal(&Never::deserialize(json).unwrap_err().to_string());
        let said = says("abc".into());
        assert!(said.starts_with("`abc` is not a duration; write it as"), "{said}");
        assert!(said.in_language(Language::Fr).starts_with("`abc` n'est pas une durée"), "{said}");
        assert_eq!(says(7.into()).id(), None, "of another value, and not the refusal before it");
        let size = Said::from(crate::support::text::parse_bytes("1 potato").unwrap_err());
        assert!(size.in_language(Language::Fr).starts_with("`1 potato` n'est pas une taille"), "{size}");
    }
}
