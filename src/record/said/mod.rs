//! [`Said`]: a sentence of the program as a value: a message of the catalogue with its arguments, or a text of somebody
//! else's.
//!
//! Whoever writes a sentence into evidence, an event or a comparison says *which* message it is, and a reader asks for
//! it in a [`Language`](super::Language). `messages!` declares messages beside the code that says them, both languages on one line; the
//! arguments keep numbers as numbers, so that each language writes them its own way. In the journal a sentence is its
//! English text, and the event has the messages behind it ([`journal`]).

mod catalogue;
pub mod journal;
mod macros;
mod sentence;
pub mod template;
mod traits;

#[doc(hidden)]
pub use catalogue::CATALOGUE;
pub use catalogue::Entry;
pub use sentence::{Arg, Message, Said, Speaks};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Language, Unit, Value};
    use std::time::Duration;

    crate::record::messages! {
        area "test of said";
        held(rate, name, took) => "{rate} {rate|record|records}/s to `{name}` held for {took}"
            / "{rate} {rate|enregistrement|enregistrements}/s vers `{name}` ont tenu pendant {took}";
        because(what, why) => "{what}: {why}" / "{what} : {why}";
        nothing() => "nothing held" / "rien n'a tenu";
    }

    #[test]
    fn a_message_is_written_by_each_language() {
        let said = held(12_345.678, "perf.nominal", Duration::from_millis(2500));
        assert_eq!(said, "12345.68 records/s to `perf.nominal` held for 2.5 s");
        assert_eq!(
            said.in_language(Language::Fr),
            "12\u{202f}345,68 enregistrements/s vers `perf.nominal` ont tenu pendant 2,5 s"
        );
        let nested = because(nothing(), Value::number(3.5, Unit::Milliseconds));
        assert_eq!(nested, "nothing held: 3.5 ms");
        assert_eq!(nested.in_language(Language::Fr), "rien n'a tenu : 3,5\u{202f}ms");
    }

    #[test]
    fn the_measured_values_of_a_message_are_known() {
        let inner = because(Duration::from_millis(548), Value::number(3.5, Unit::Milliseconds));
        let said = because(inner, held(7_u64, "t", Duration::from_secs(90)));
        assert_eq!(
            said.quantities(Language::Fr),
            [
                (548.0, Unit::Milliseconds, "548 ms".to_owned()),
                (3.5, Unit::Milliseconds, "3,5\u{202f}ms".to_owned()),
            ]
        );
    }

    #[test]
    fn plural_forms_follow_the_number_and_the_language() {
        for (n, english, french) in [
            (0_u64, "0 records/s", "0 enregistrement/s"),
            (1, "1 record/s", "1 enregistrement/s"),
            (2, "2 records/s", "2 enregistrements/s"),
        ] {
            let said = held(n, "t", Duration::ZERO);
            assert!(said.starts_with(english), "{said}");
            assert!(said.in_language(Language::Fr).starts_with(french), "{}", said.in_language(Language::Fr));
        }
    }

    #[test]
    fn a_text_of_somebody_elses_is_left_alone() {
        let said = because(Said::verbatim("WARN {x} nothing held"), "not `{why}`");
        assert_eq!(said.in_language(Language::Fr), "WARN {x} nothing held : not `{why}`");
        assert_eq!(Said::from("nothing held").in_language(Language::Fr), "nothing held");
    }

    #[test]
    fn a_message_tells_its_places_and_is_cut_to_what_it_is_about() {
        let inner = held(1_u64, "perf.nominal", Duration::ZERO);
        let said = because(because(inner.clone(), "somebody's words"), "more of them");
        assert_eq!(said.text_of("name"), Some("perf.nominal"));
        assert_eq!(said.text_of("rate"), None);
        let cut = said.cut_to(said.id().unwrap(), "what");
        assert_eq!((cut.as_str(), cut.id()), (inner.as_str(), inner.id()));
        let verbatim = Said::verbatim("because: of that");
        assert_eq!(verbatim.cut_to("test of said.because", "what"), verbatim);
    }

    #[test]
    fn sentences_stand_one_behind_the_other() {
        let said = Said::all([nothing(), nothing()]);
        assert_eq!(said, "nothing held; nothing held");
        assert_eq!(said.in_language(Language::Fr), "rien n'a tenu ; rien n'a tenu");
        assert_eq!(Said::all([nothing()]).id(), nothing().id());
    }
}
