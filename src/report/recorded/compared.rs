//! What is said of two runs beside each other, and why there is no value.

/// English and French; the first form that fits counts.
pub(super) const FORMS: &[(&str, &str)] = &[
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
        "{}: {} windows of one second; an interval needs {} or more",
        "{} : {#} fenêtres d'une seconde ; un intervalle en demande {#} ou plus",
    ),
    (
        "{}: its windows hang together over {} of {}: the load is too short to tell its noise",
        "{} : ses fenêtres se tiennent sur {#} de {#} : la charge est trop courte pour dire son bruit",
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
