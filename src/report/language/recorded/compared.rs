//! What is said of two runs beside each other, and why there is no value.

/// English and French; the first form that fits counts.
pub(in crate::report) const FORMS: &[(&str, &str)] = &[
    // Why there is no value.
    ("{} does not tell it", "{} ne le dit pas"),
    ("the tool came to no total", "l'outil n'est pas arrivé à un total"),
    (
        "kafka-producer-perf-test measures from the send call, and does not know when a record was due",
        "kafka-producer-perf-test mesure depuis l'appel d'envoi, et ne sait pas quand un enregistrement était dû",
    ),
    ("not measured: {}", "non mesuré : {}"),
    (
        "records failed in the producer, and which of those that arrived are theirs cannot be told",
        "des enregistrements ont échoué dans le producteur, et on ne peut dire lesquels de ceux arrivés sont les siens",
    ),
    ("not every record arrived", "tous les enregistrements ne sont pas arrivés"),
    (
        "the client said nothing of itself: the load was too short",
        "le client n'a rien dit de lui-même : la charge était trop courte",
    ),
    ("no transaction was committed", "aucune transaction n'a été validée"),
    (
        "no record was due while the queue was free",
        "aucun enregistrement n'était dû pendant que la file était libre",
    ),
    ("{} records have not arrived", "{#} enregistrements ne sont pas arrivés"),
    (
        "every record was older than the group's assignment",
        "chaque enregistrement était plus ancien que l'affectation du groupe",
    ),
    (
        "the rate is unlimited: there is none to compare with",
        "le débit est illimité : il n'y en a pas avec quoi comparer",
    ),
    ("no record was acknowledged", "aucun enregistrement n'a été acquitté"),
    ("no record arrived while it was waited for", "aucun enregistrement n'est arrivé pendant l'attente"),
    (
        "no record arrived while it was waited for, so nobody can tell when; run this in parallel with the load, with `records`",
        "aucun enregistrement n'est arrivé pendant l'attente, donc nul ne sait quand ; exécuter ceci en parallèle de la charge, avec `records`",
    ),
    ("no record was read", "aucun enregistrement n'a été lu"),
];
