//! What is said of an action that could not be carried out.

/// English and French; the first form that fits counts.
pub(in crate::report) const FORMS: &[(&str, &str)] = &[
    // Of the program itself.
    ("stopped before it began", "arrêtée avant d'avoir commencé"),
    (
        "what `{}` of step {} did to the platform could not be undone: {}",
        "ce que `{}` de l'étape {} a fait à la plateforme n'a pas pu être défait : {}",
    ),
    ("the windows cannot be written: {}", "les fenêtres ne peuvent pas être écrites : {}"),
    ("the probes cannot be written: {}", "les essais ne peuvent pas être écrits : {}"),
    ("the offsets cannot be written: {}", "les offsets ne peuvent pas être écrits : {}"),
    ("the load generator stopped: {}", "le générateur de charge s'est arrêté : {}"),
    (
        "the tool's settings cannot be handed to it: {}",
        "les paramètres de l'outil ne peuvent pas lui être remis : {}",
    ),
    ("{} came to no figures: {}", "{} n'a donné aucune valeur : {}"),
    // Files.
    ("{} holds no record", "{} ne contient aucun enregistrement"),
    ("{} is larger than {}", "{} dépasse {}"),
    // Kafka.
    ("the client's settings are refused: {}", "les paramètres du client sont refusés : {}"),
    ("the client's settings: {}", "les paramètres du client : {}"),
    ("the cluster refuses: {}", "le cluster refuse : {}"),
    ("the cluster has no topic `{}`", "le cluster n'a pas de topic `{}`"),
    ("no broker of {} answers: {}", "aucun broker de {} ne répond : {}"),
    (
        "a record of {} bytes is larger than the client may send: `max.request.size` is {}",
        "un enregistrement de {#} octets dépasse ce que le client peut envoyer : `max.request.size` vaut {#}",
    ),
    (
        "cluster `{}` does not tell the end offsets of `{}`",
        "le cluster `{}` ne donne pas les derniers offsets de `{}`",
    ),
    (
        "`{}` is not a rate; write it as `1000/s`, `10 MB/s` or `unlimited`",
        "`{}` n'est pas un débit ; l'écrire `1000/s`, `10 MB/s` ou `unlimited`",
    ),
    // Schemas.
    ("the Avro schema cannot be used: {}", "le schéma Avro est inutilisable : {}"),
    ("the Avro records: {}", "les enregistrements Avro : {}"),
    (
        "a record of the Avro schema cannot be made: {}",
        "impossible de faire un enregistrement de ce schéma Avro : {}",
    ),
    // Trogdor.
    (
        "agent `{}` still works on task `{}` after {}",
        "l'agent `{}` travaille encore à la tâche `{}` après {}",
    ),
    (
        "agent `{}` did not take its task within {}: the coordinator at {} does not reach it under its own configuration",
        "l'agent `{}` n'a pas pris sa tâche en {} : le coordinateur à {} ne l'atteint pas avec sa propre configuration",
    ),
    (
        "agent `{}` was started anew during the load: what it had done is in no figure, and it would begin again",
        "l'agent `{}` a été relancé pendant la charge : ce qu'il avait fait n'est dans aucune valeur, et il recommencerait",
    ),
    (
        "Trogdor's coordinator at {} has forgotten task `{}`: it was started anew, and stops what its agents were at",
        "le coordinateur Trogdor à {} a oublié la tâche `{}` : il a été relancé, et arrête ce que faisaient ses agents",
    ),
    // Any service.
    ("agent `{}`: {}", "agent `{}` : {}"),
    ("cluster `{}`: {}", "cluster `{}` : {}"),
    ("{} cannot be read: {}", "{} est illisible : {}"),
];
