//! What is said of two runs beside each other, and why there is no value.

/// English and French; the first form that fits counts.
pub(in crate::report) const FORMS: &[(&str, &str)] = &[
    // Why there is no value.
    ("there is nothing at `{}`", "il n'y a rien à `{}`"),
    ("`{}` is null", "`{}` est nul"),
    ("`{}` is not a single value", "`{}` n'est pas une valeur simple"),
    ("the cluster tells none", "le cluster n'en donne aucun"),
    ("no broker is the controller", "aucun broker n'est le contrôleur"),
    (
        "the environment file does not say how many brokers the cluster has",
        "le fichier d'environnement ne dit pas combien de brokers a le cluster",
    ),
    (
        "no topic tells its `min.insync.replicas`: this user may not see it",
        "aucun topic ne donne son `min.insync.replicas` : cet utilisateur ne peut peut-être pas le voir",
    ),
    ("Connect is not up", "Connect ne répond pas"),
    ("it was only looked at", "il a seulement été examiné"),
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
    ("it did not come to that", "on n'en est pas arrivé là"),
    ("the answer is not JSON: {}", "la réponse n'est pas du JSON : {}"),
    ("nothing was added", "rien n'a été ajouté"),
    (
        "the client said nothing of itself: the load was too short",
        "le client n'a rien dit de lui-même : la charge était trop courte",
    ),
    ("no transaction was committed", "aucune transaction n'a été validée"),
    (
        "no record was due while the queue was free",
        "aucun enregistrement n'était dû pendant que la file était libre",
    ),
    ("a query was asked for, not `targets`", "c'est une requête qui a été demandée, et non `targets`"),
    ("no `range` was asked for", "aucun `range` n'a été demandé"),
    ("`targets` were asked for, not a query", "ce sont `targets` qui ont été demandés, et non une requête"),
    ("no target has a job `{}`; the jobs are {}", "aucune cible n'a de job `{}` ; les jobs sont {}"),
    ("the query gives the text `{}`", "la requête donne le texte `{}`"),
    ("{} where a query for now has one", "{} là où une requête de l'instant en a un"),
    (
        "Prometheus warns that the answer may be wrong or lack something: {}",
        "Prometheus avertit que la réponse peut être fausse ou incomplète : {}",
    ),
    ("its samples are not in the order of time", "ses échantillons ne sont pas dans l'ordre du temps"),
    ("a sample is {} in the future", "un échantillon est {} dans le futur"),
    ("a sample is from before the range", "un échantillon est antérieur à l'intervalle"),
    (
        "the counter fell from {} to {}: what it counts began again and earlier counts are lost; ask for `increase(…)` or `rate(…)`",
        "le compteur est tombé de {} à {} : ce qu'il compte a recommencé et les comptes d'avant sont perdus ; demander `increase(…)` ou `rate(…)`",
    ),
    (
        "stale: the last sample is {} older than the end of the range",
        "périmé : le dernier échantillon précède de {} la fin de l'intervalle",
    ),
    (
        "a native histogram is no number; ask for `histogram_quantile(…)` or `histogram_count(…)`",
        "un histogramme natif n'est pas un nombre ; demander `histogram_quantile(…)` ou `histogram_count(…)`",
    ),
    (
        "{} series where one was meant: {}; aggregate them",
        "{} séries là où une seule était voulue : {} ; les agréger",
    ),
    (
        "the clock of Prometheus is {} behind this machine's, {}",
        "l'horloge de Prometheus retarde de {} sur celle de cette machine, {}",
    ),
    (
        "the clock of Prometheus is {} ahead of this machine's, {}",
        "l'horloge de Prometheus avance de {} sur celle de cette machine, {}",
    ),
    (
        "no series: the metric does not exist, or its newest sample is stale",
        "aucune série : la métrique n'existe pas, ou son dernier échantillon est périmé",
    ),
    ("{} records have not arrived", "{#} enregistrements ne sont pas arrivés"),
    ("the endpoint cannot be reached", "le point d'accès est injoignable"),
    ("no `metrics` were asked for", "aucun `metrics` n'a été demandé"),
    (
        "the second look, by which it is judged, was not answered",
        "le second relevé, qui permet d'en juger, est resté sans réponse",
    ),
    (
        "the second look, by which it is judged, cannot be read: {}",
        "le second relevé, qui permet d'en juger, n'est pas lisible : {}",
    ),
    (
        "two looks show the same page, and no metric on it has to change",
        "deux relevés montrent la même page, et aucune métrique n'y change forcément",
    ),
    ("standard output is not JSON: {}", "la sortie standard n'est pas du JSON : {}"),
    ("nothing to capture by", "rien pour extraire"),
    ("`{}` matches without its group 1", "`{}` correspond sans son groupe 1"),
    ("`{}` matches nothing in the output", "`{}` ne correspond à rien dans la sortie"),
    ("the environment defines no `connect`", "l'environnement ne définit pas de `connect`"),
    ("the topic is absent", "le topic est absent"),
    ("no node answers", "aucun nœud ne répond"),
    ("the watch saw nothing in {} looks in a row", "la surveillance n'a rien vu dans {} relevés de suite"),
    ("the watch saw nothing in {} of {} looks", "la surveillance n'a rien vu dans {} relevés sur {}"),
    ("the last look saw nothing", "le dernier relevé n'a rien vu"),
    (
        "every record was older than the group's assignment",
        "chaque enregistrement était plus ancien que l'affectation du groupe",
    ),
    (
        "{} series where one was meant: {}, …; aggregate them",
        "{} séries là où une seule était voulue : {}, … ; les agréger",
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
    (
        "every record was older than the assignment",
        "chaque enregistrement était plus ancien que l'affectation",
    ),
];
