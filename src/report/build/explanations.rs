//! A short library of general facts about Kafka, each with its source. They explain what a setting does; that it did so
//! on this platform is for the figures to say.

use crate::report::{language::Language, model::ExplanationRow};

/// One fact: the parameters that it is about, what it says in English and French, where that is written.
struct Fact {
    about: &'static [&'static str],
    en: &'static str,
    fr: &'static str,
    source: &'static str,
}

const FACTS: &[Fact] = &[
    Fact {
        about: &["linger.ms"],
        en: "linger.ms is how long a producer waits for further records before it sends a batch that is not full: fewer and larger requests, at the price of up to that much latency for each record.",
        fr: "linger.ms est le temps pendant lequel un producteur attend d'autres enregistrements avant d'envoyer un lot incomplet : moins de requêtes, plus grosses, au prix d'autant de latence au plus par enregistrement.",
        source: "https://kafka.apache.org/37/documentation.html#producerconfigs_linger.ms",
    },
    Fact {
        about: &["batch.size"],
        en: "batch.size bounds the bytes of a batch for one partition: a batch that is full is sent without waiting for linger.ms.",
        fr: "batch.size borne les octets d'un lot pour une partition : un lot plein part sans attendre linger.ms.",
        source: "https://kafka.apache.org/37/documentation.html#producerconfigs_batch.size",
    },
    Fact {
        about: &["acks"],
        en: "With acks=all the leader answers when all in-sync replicas have the record, with acks=1 when it has it itself: the first one waits for replication, the second one can lose records with the leader.",
        fr: "Avec acks=all le leader répond quand tous les réplicas synchronisés ont l'enregistrement, avec acks=1 quand il l'a lui-même : le premier attend la réplication, le second peut perdre des enregistrements avec le leader.",
        source: "https://kafka.apache.org/37/documentation.html#producerconfigs_acks",
    },
    Fact {
        about: &["compression.type"],
        en: "Compression works on whole batches: it trades processor time of the client for bytes on the network and on disk, and gains more on larger batches.",
        fr: "La compression porte sur des lots entiers : elle échange du temps processeur du client contre des octets sur le réseau et le disque, et gagne plus sur de gros lots.",
        source: "https://kafka.apache.org/37/documentation.html#producerconfigs_compression.type",
    },
    Fact {
        about: &["buffer.memory", "max.block.ms"],
        en: "When buffer.memory is full, send() blocks for up to max.block.ms: the time that a record waits before it is handed over is in no latency that counts from the send call.",
        fr: "Quand buffer.memory est plein, send() bloque jusqu'à max.block.ms : le temps d'attente avant la remise n'est dans aucune latence comptée depuis l'appel d'envoi.",
        source: "https://kafka.apache.org/37/documentation.html#producerconfigs_buffer.memory",
    },
    Fact {
        about: &["enable.idempotence", "max.in.flight.requests.per.connection"],
        en: "An idempotent producer numbers its records, so that a retry writes none twice; it needs acks=all and at most five requests in flight.",
        fr: "Un producteur idempotent numérote ses enregistrements, de sorte qu'un renvoi n'en écrit aucun deux fois ; il exige acks=all et au plus cinq requêtes en vol.",
        source: "https://kafka.apache.org/37/documentation.html#producerconfigs_enable.idempotence",
    },
    Fact {
        about: &["rate"],
        en: "A producer without a cap fills its buffer: latency then measures mostly how long records wait in that buffer, and grows with its size, not with the time of a request.",
        fr: "Un producteur sans plafond remplit son tampon : la latence mesure alors surtout l'attente dans ce tampon, et croît avec sa taille, non avec la durée d'une requête.",
        source: "https://kafka.apache.org/37/documentation.html#producerconfigs_buffer.memory",
    },
];

/// The facts about a parameter, by their number.
pub(in crate::report) fn about(parameter: &str) -> impl Iterator<Item = usize> {
    FACTS.iter().enumerate().filter(move |(_, fact)| fact.about.contains(&parameter)).map(|(at, _)| at)
}

/// The fact of that number.
pub(super) fn explanation(language: Language, at: usize) -> ExplanationRow {
    let fact = &FACTS[at];
    let text = match language {
        Language::En => fact.en,
        Language::Fr => fact.fr,
    };
    ExplanationRow { text: text.to_owned(), source: fact.source.to_owned() }
}
