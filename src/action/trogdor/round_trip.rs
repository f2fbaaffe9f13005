//! Which agents can make a round trip that counts.

use crate::{clients::Environment, record::messages};

/// Whether the environment names agents whose round trips read with a group of their own, whatever they are asked for.
pub(in crate::action) fn has_own_group(environment: &Environment) -> bool {
    let version = environment.trogdor.as_ref().and_then(|about| about.version.as_deref());
    let major =
        version.and_then(|version| version.trim_start_matches('v').split('.').next()?.parse::<u32>().ok());
    major.is_some_and(|major| major >= 4)
}

messages! {
    area "end-to-end by trogdor";
    own_group() => "round trips of Trogdor 4.x read with a group of their own from the first record of the topic, so that older records count as arrived" / "les allers-retours de Trogdor 4.x lisent avec un groupe à eux depuis le premier enregistrement du topic : des enregistrements plus anciens comptent comme arrivés";
    own_group_hint() => "use `driver: native`, or agents of Kafka 3.x" / "prendre `driver: native`, ou des agents de Kafka 3.x";
}
