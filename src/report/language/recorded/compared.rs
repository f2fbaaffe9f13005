//! What is said of two runs beside each other, and why there is no value.

/// English and French; the first form that fits counts.
pub(in crate::report) const FORMS: &[(&str, &str)] = &[
    // The run before.
    ("step {} came to {} in {}", "l'étape {} a abouti à « {} » dans {}"),
    (
        "only {} and {} windows: noise that lasts for more than some seconds is not seen, and the intervals are narrower than they should be; give a load a minute or more",
        "seulement {#} et {#} fenêtres : un bruit qui dure plus de quelques secondes n'est pas vu, et les intervalles sont plus étroits qu'ils ne devraient ; donner une minute ou plus à une charge",
    ),
    (
        "{} and {} windows of warm-up are left out",
        "{#} et {#} fenêtres de montée en charge sont laissées de côté",
    ),
    (
        "the rate was unlimited: the throughput is what the cluster and this client can do, and the latencies are queueing in the client for the most part",
        "le débit était illimité : c'est ce que peuvent le cluster et ce client, et les latences sont surtout de l'attente dans le client",
    ),
    (
        "latency is from the send call alone: what waited before it is not in it, so that a stall of the cluster looks shorter than it was (coordinated omission)",
        "la latence part du seul appel d'envoi : l'attente d'avant n'y est pas, si bien qu'un arrêt du cluster paraît plus court qu'il n'a été (coordinated omission)",
    ),
    (
        "end-to-end latency rests on timestamps of whole milliseconds and on the machines' clocks: a clock that was set anew looks like another latency",
        "la latence de bout en bout repose sur des horodatages en millisecondes entières et sur les horloges des machines : une horloge remise à l'heure ressemble à une autre latence",
    ),
    ("one of the journals has no header", "l'un des journaux n'a pas d'en-tête"),
    (
        "the environment files differ; in what, cannot be said: their text was not kept",
        "les fichiers d'environnement diffèrent ; en quoi, on ne peut le dire : leur texte n'a pas été gardé",
    ),
    ("the snapshot of {} cannot be used: {}", "le relevé de {} est inutilisable : {}"),
    ("import {}: {}", "import {} : {}"),
    ("{}: {}, cut short by a crash", "{} : {}, coupé par un arrêt brutal"),
    (
        "{} windows of one second; an interval needs {} or more",
        "{#} fenêtres d'une seconde ; un intervalle en demande {#} ou plus",
    ),
    (
        "its windows hang together over {} of {}: the load is too short to tell its noise",
        "ses fenêtres se tiennent sur {#} de {#} : la charge est trop courte pour dire son bruit",
    ),
    ("no windows were kept in {}", "aucune fenêtre n'a été gardée dans {}"),
    (
        "the windows do not have it, so its noise is not known",
        "les fenêtres ne l'ont pas, donc son bruit n'est pas connu",
    ),
    ("too many windows are without a record", "trop de fenêtres sont sans enregistrement"),
    ("{} does not have it", "{} ne l'a pas"),
    ("an action brought no evidence", "une action n'a apporté aucune preuve"),
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
