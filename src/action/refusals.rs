//! What the drivers of loads cannot do with parameters of `produce`, `consume` and `end-to-end`: one table.

use super::{ActionError, load_client::Driver};
use crate::record::{Said, messages};

/// A parameter that a driver cannot do anything with.
struct Refusal {
    driver: Driver,
    /// The parameter or property, as a step names it.
    parameter: &'static str,
    /// Why not.
    why: fn() -> Said,
    /// What to do, where it is something else than to leave it out.
    instead: Option<fn() -> Said>,
}

const fn kafka_tools(parameter: &'static str, why: fn() -> Said) -> Refusal {
    Refusal { driver: Driver::KafkaTools, parameter, why, instead: None }
}

const fn trogdor(parameter: &'static str, why: fn() -> Said) -> Refusal {
    Refusal { driver: Driver::Trogdor, parameter, why, instead: None }
}

impl Refusal {
    const fn or(self, instead: fn() -> Said) -> Self {
        Self { instead: Some(instead), ..self }
    }
}

const REFUSALS: &[Refusal] = &[
    kafka_tools("auto.offset.reset", tool_sets_offset_reset).or(use_from),
    kafka_tools("clients", tool_is_one_client),
    kafka_tools("duration", tool_knows_no_duration),
    kafka_tools("headers", tool_sends_no_headers),
    kafka_tools("keys", tool_sends_no_keys),
    kafka_tools("members", tool_is_one_member),
    // `random` is the default, so that the letters in its place are said and not refused.
    kafka_tools("payload", tool_sends_letters),
    kafka_tools("rate", tool_knows_one_rate).or(give_one_rate),
    kafka_tools("sequence", tool_stamps_nothing),
    kafka_tools("warm_up", tool_has_no_warm_up),
    trogdor("catch_up", trogdor_does_not_catch_up),
    trogdor("clients", trogdor_has_agents),
    trogdor("defaults", trogdor_has_java_clients),
    trogdor("enable.auto.commit", trogdor_is_seen_by_commits),
    trogdor("from", trogdor_reads_what_is_there),
    trogdor("headers", trogdor_sends_no_headers),
    trogdor("keys", trogdor_has_no_text_keys),
    trogdor("members", trogdor_forms_no_group),
    trogdor("payload", trogdor_fills_with_bytes_or_zeros),
    trogdor("rate", trogdor_knows_one_rate).or(give_one_rate),
    trogdor("sequence", trogdor_stamps_nothing),
    trogdor("target", trogdor_reads_where_it_sends),
    trogdor("target_topic", trogdor_reads_where_it_sends),
    trogdor("transaction", trogdor_sends_no_transactions),
    trogdor("warm_up", trogdor_has_no_warm_up).or(send_warm_up_before),
];

/// Refuses the first of the parameters that is used although the driver cannot do it.
pub(super) fn check(driver: Driver, used: &[(&str, bool)]) -> Result<(), ActionError> {
    let refusal = |name: &str| REFUSALS.iter().find(|r| r.driver == driver && r.parameter == name);
    match used.iter().filter(|(_, used)| *used).find_map(|(name, _)| refusal(name)) {
        None => Ok(()),
        Some(Refusal { parameter, why, instead, .. }) => Err(ActionError::misconfigured(
            why(),
            instead.map_or_else(|| leave_out(*parameter), |instead| instead()),
        )),
    }
}

messages! {
    area "refusals";
    give_one_rate() => "give a rate or `unlimited`, or use `driver: native`" / "donner un débit ou `unlimited`, ou prendre `driver: native`";
    leave_out(parameter) => "leave `{parameter}` out, or use `driver: native`" / "omettre `{parameter}`, ou prendre `driver: native`";
    send_warm_up_before() => "send one before, with a `produce` of its own" / "en envoyer un avant, par un `produce` à part";
    tool_has_no_warm_up() => "kafka-producer-perf-test has no `warm_up` before Kafka 4.2" / "kafka-producer-perf-test n'a pas de `warm_up` avant Kafka 4.2";
    tool_is_one_client() => "kafka-producer-perf-test is one client" / "kafka-producer-perf-test est un seul client";
    tool_is_one_member() => "kafka-consumer-perf-test is one member" / "kafka-consumer-perf-test est un seul membre";
    tool_knows_no_duration() => "kafka-consumer-perf-test has no `duration`" / "kafka-consumer-perf-test n'a pas de `duration`";
    tool_knows_one_rate() => "kafka-producer-perf-test keeps one rate for the whole load" / "kafka-producer-perf-test garde un seul débit pour toute la charge";
    tool_sends_letters() => "kafka-producer-perf-test sends letters, and no other `payload`" / "kafka-producer-perf-test envoie des lettres, et aucun autre `payload`";
    tool_sends_no_headers() => "kafka-producer-perf-test sends no headers" / "kafka-producer-perf-test n'envoie pas d'en-têtes";
    tool_sends_no_keys() => "kafka-producer-perf-test sends no keys" / "kafka-producer-perf-test n'envoie pas de clés";
    tool_sets_offset_reset() => "kafka-consumer-perf-test sets `auto.offset.reset` itself" / "kafka-consumer-perf-test fixe lui-même `auto.offset.reset`";
    tool_stamps_nothing() => "kafka-producer-perf-test does not stamp records (`sequence`)" / "kafka-producer-perf-test ne marque pas les enregistrements (`sequence`)";
    trogdor_does_not_catch_up() => "Trogdor does not catch up" / "Trogdor ne rattrape pas son retard";
    trogdor_fills_with_bytes_or_zeros() => "Trogdor fills records with random bytes or zeros only" / "Trogdor ne remplit les enregistrements que d'octets aléatoires ou de zéros";
    trogdor_forms_no_group() => "Trogdor's agents form no group" / "les agents Trogdor ne forment pas de groupe";
    trogdor_has_agents() => "the clients of Trogdor are its agents, one of each" / "les clients de Trogdor sont ses agents, un par agent";
    trogdor_has_java_clients() => "Trogdor's agents are Java clients with Java's defaults" / "les agents Trogdor sont des clients Java avec les défauts de Java";
    trogdor_has_no_text_keys() => "Trogdor's keys are not text" / "les clés de Trogdor ne sont pas du texte";
    trogdor_has_no_warm_up() => "Trogdor has no warm-up" / "Trogdor n'a pas de préchauffage";
    trogdor_is_seen_by_commits() => "the progress of Trogdor's agents is seen by the offsets that they commit" / "l'avancement des agents Trogdor se voit aux offsets qu'ils valident";
    trogdor_knows_one_rate() => "Trogdor keeps one rate for the whole load" / "Trogdor garde un seul débit pour toute la charge";
    trogdor_reads_what_is_there() => "Trogdor reads what is in the topic already" / "Trogdor lit ce qui est déjà dans le topic";
    trogdor_reads_where_it_sends() => "an agent of Trogdor reads where it sends" / "un agent Trogdor lit là où il envoie";
    trogdor_sends_no_headers() => "Trogdor sends no headers" / "Trogdor n'envoie pas d'en-têtes";
    trogdor_sends_no_transactions() => "transactions are not supported with Trogdor" / "les transactions ne sont pas prises en charge avec Trogdor";
    trogdor_stamps_nothing() => "Trogdor does not stamp records" / "Trogdor ne marque pas les enregistrements";
    use_from() => "use `from: earliest` or `from: latest`" / "écrire `from: earliest` ou `from: latest`";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_refused_by_the_drivers_that_cannot_do_it() {
        let all: Vec<_> = REFUSALS.iter().map(|r| (r.driver, r.parameter)).collect();
        let refused = |driver| check(driver, &[("acks", true), ("keys", false), ("headers", true)]);
        let error = refused(Driver::Trogdor).unwrap_err().to_string();
        assert_eq!(error, "Trogdor sends no headers");
        assert!(refused(Driver::KafkaTools).is_err() && refused(Driver::Native).is_ok());
        let mut once = all.clone();
        once.dedup();
        assert_eq!(all, once, "one row for a parameter of a driver");
    }
}
