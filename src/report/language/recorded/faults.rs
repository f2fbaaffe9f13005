//! What is said of an action that could not be carried out.

/// English and French; the first form that fits counts.
pub(in crate::report) const FORMS: &[(&str, &str)] = &[
    // Of the program itself.
    ("took longer than {}", "a pris plus de {}"),
    ("did not end within {}", "ne s'est pas terminée en {}"),
    ("stopped before it was finished", "arrêtée avant d'avoir fini"),
    ("waits for an answer to: {}", "attend une réponse à : {}"),
    ("{} does not answer: {}", "{} ne répond pas : {}"),
    ("environment `{}` defines no {}", "l'environnement `{}` ne définit pas de {}"),
    ("stopped before it began", "arrêtée avant d'avoir commencé"),
    (
        "the expression `{}` was not resolved before the action ran",
        "l'expression `{}` n'était pas résolue quand l'action a commencé",
    ),
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
    ("neither service nor url", "ni service ni url"),
    ("a command line is empty", "une ligne de commande est vide"),
    // Secrets and files.
    ("the secret `{}` cannot be read: {}", "le secret `{}` est illisible : {}"),
    (
        "a secret is written `env:NAME`, `file:PATH` or `command:PROGRAM ARGS`, never in clear",
        "un secret s'écrit `env:NAME`, `file:PATH` ou `command:PROGRAM ARGS`, jamais en clair",
    ),
    (
        "the certificate authority of {}, {}, cannot be used: {}",
        "l'autorité de certification de {}, {}, est inutilisable : {}",
    ),
    ("{} holds no certificate", "{} ne contient pas de certificat"),
    ("{} holds no private key", "{} ne contient pas de clé privée"),
    ("{} holds no record", "{} ne contient aucun enregistrement"),
    (
        "{} is a {} store, and `keytool`, which reads it, is not on the PATH",
        "{} est un magasin {}, et `keytool`, qui le lit, n'est pas dans le PATH",
    ),
    ("{} is larger than {}", "{} dépasse {}"),
    ("line {} is no `name=value`", "la ligne {} n'est pas de la forme `nom=valeur`"),
    ("line {}: {} in `{}`", "ligne {} : {} dans `{}`"),
    // Kafka.
    ("Kafka refused to {}: {}", "Kafka a refusé (`{}`) : {}"),
    ("cannot make a Kafka client: {}", "impossible de créer un client Kafka : {}"),
    (
        "`{}` is no client property of Kafka; did you mean `{}`?",
        "`{}` n'est pas une propriété des clients de Kafka ; peut-être `{}` ?",
    ),
    ("`{}` is no client property of Kafka", "`{}` n'est pas une propriété des clients de Kafka"),
    (
        "`{}` is a property of {}; it has no meaning here",
        "`{}` est une propriété de {} ; elle n'a pas de sens ici",
    ),
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
        "topic `{}` is not on cluster `{}`: not made yet, or hidden from this user",
        "le topic `{}` n'est pas sur le cluster `{}` : pas encore créé, ou caché à cet utilisateur",
    ),
    ("topic `{}` is gone again", "le topic `{}` a de nouveau disparu"),
    (
        "topic `{}` of cluster `{}` told no settings within {}; may this user see them?",
        "le topic `{}` du cluster `{}` n'a donné aucun paramètre en {} ; cet utilisateur peut-il les voir ?",
    ),
    (
        "topic `{}` of cluster `{}` was not {} within {}: {}",
        "le topic `{}` du cluster `{}` n'a pas atteint l'état {} en {} : {}",
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
    ("subject `{}` holds {} and no Avro schema", "le sujet `{}` contient {} et pas de schéma Avro"),
    (
        "the schema of subject `{}` refers to schemas of other subjects, which are not fetched",
        "le schéma du sujet `{}` renvoie à des schémas d'autres sujets, qui ne sont pas lus",
    ),
    // Connect, ZooKeeper, Trogdor, Prometheus.
    (
        "Connect at {} was still rebalancing after {}: {}",
        "Connect à {} était encore en rééquilibrage après {} : {}",
    ),
    (
        "there is no connector `{}`; give it a `config` to make it",
        "il n'y a pas de connecteur `{}` ; une `config` le ferait créer",
    ),
    (
        "ZooKeeper at {} runs and does not serve requests: it has no quorum",
        "ZooKeeper à {} tourne et ne sert aucune requête : il n'a pas de quorum",
    ),
    (
        "ZooKeeper at {} does not answer `{}`: it is not in its whitelist; add it to `4lw.commands.whitelist` of the server",
        "ZooKeeper à {} ne répond pas à `{}` : ce mot n'est pas permis ; l'ajouter à `4lw.commands.whitelist` du serveur",
    ),
    ("Connect at {} answered {}: {}", "Connect à {} a répondu {} : {}"),
    ("Trogdor at {} answered {}: {}", "Trogdor à {} a répondu {} : {}"),
    (
        "the answer of {} to `{}` is not one of ZooKeeper: {}",
        "la réponse de {} à `{}` n'est pas de ZooKeeper : {}",
    ),
    ("Trogdor at {} has another task `{}` already", "Trogdor à {} a déjà une autre tâche `{}`"),
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
    ("Prometheus at {} refuses the query ({}): {}", "Prometheus à {} refuse la requête ({}) : {}"),
    // Any service.
    ("no request to {} can be made: {}", "aucune requête à {} n'est possible : {}"),
    ("the answer of {} at {} cannot be read: {}", "la réponse de {} à {} est illisible : {}"),
    ("{} at {} cannot be reached: {}", "{} à {} est injoignable : {}"),
    ("{} at {} answered {}: {}", "{} à {} a répondu {} : {}"),
    ("{} at {} answered {}", "{} à {} a répondu {}"),
    ("not confirmed within {}: `{}` {}", "pas de confirmation en {} : `{}` {}"),
    ("agent `{}`: {}", "agent `{}` : {}"),
    ("cluster `{}`: {}", "cluster `{}` : {}"),
    ("{} cannot be read: {}", "{} est illisible : {}"),
    ("{} cannot be opened: {}", "{} ne s'ouvre pas : {}"),
];
