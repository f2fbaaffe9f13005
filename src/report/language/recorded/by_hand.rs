//! What the importer says of the output of Kafka's own tools.

/// English and French; the first form that fits counts.
pub(in crate::report) const FORMS: &[(&str, &str)] = &[
    // Work done by hand.
    (
        "the output shows a secret in clear among the JVM's options, masked here: change it where others can read the source",
        "la sortie montre un secret en clair parmi les options de la JVM, masqué ici : le changer si d'autres peuvent lire la source",
    ),
    (
        "the command holds a secret in clear, masked here: change it where others can read the source",
        "la commande contient un secret en clair, masqué ici : le changer si d'autres peuvent lire la source",
    ),
    (
        "{}: records that were given up are in no figure, and do not change the tool's exit code",
        "{} : les enregistrements abandonnés ne sont dans aucune valeur et ne changent pas le code de sortie de l'outil",
    ),
    ("{} more lines of warnings", "{} autres lignes d'avertissement"),
    (
        "of {} windows the first {} are listed; all of them were summed",
        "sur {#} fenêtres, les {#} premières sont listées ; toutes ont été sommées",
    ),
    (
        "no total follows: the run was ended, or its last lines are missing",
        "aucun total ne suit : l'exécution a été arrêtée, ou ses dernières lignes manquent",
    ),
    ("no figures follow the command", "aucune valeur ne suit la commande"),
    (
        "lines of it are dated {}, and it is imported for {}",
        "des lignes sont datées du {}, et l'import est fait pour le {}",
    ),
    (
        "lines were left out ({}): the sums of the windows are not compared with the total",
        "des lignes ont été omises ({}) : les sommes des fenêtres ne sont pas comparées au total",
    ),
    ("{} windows, first in line {}: {}", "{} fenêtres, la première ligne {} : {}"),
    ("the average latency is above the maximum", "la latence moyenne dépasse le maximum"),
    (
        "records/s by the command's record size do not make the MB/s",
        "les enr./s multipliés par la taille demandée ne font pas les MB/s",
    ),
    (
        "records by records/s make less time than there is between two windows",
        "les enregistrements divisés par les enr./s font moins de temps qu'entre deux fenêtres",
    ),
    (
        "it lasted far longer than the interval: the tool stood still, and prints nothing meanwhile",
        "bien plus longue que l'intervalle : l'outil était arrêté, et n'imprime rien pendant ce temps",
    ),
    (
        "records/s are far above the rate asked for: the tool catches up after a stall, and measures from the send call",
        "les enr./s dépassent de loin le débit demandé : l'outil rattrape après un arrêt, et mesure depuis l'appel d'envoi",
    ),
    (
        "no record was acknowledged: there is no latency",
        "aucun enregistrement n'a été acquitté : il n'y a pas de latence",
    ),
    ("percentiles out of order: {}, {}, {}, {} ms", "centiles dans le désordre : {#}, {#}, {#}, {#} ms"),
    (
        "the 99.9th percentile, {} ms, is above the maximum, {} ms",
        "le centile 99,9, {#} ms, dépasse le maximum, {#} ms",
    ),
    (
        "the average latency, {} ms, is above the maximum, {} ms",
        "la latence moyenne, {#} ms, dépasse le maximum, {#} ms",
    ),
    ("{} records/s of {} bytes do not make {} MB/s", "{#} enr./s de {#} octets ne font pas {#} MB/s"),
    (
        "the command asks for {} records, the total says {}: the rest was given up, or the run was ended",
        "la commande demande {#} enregistrements, le total dit {#} : le reste a été abandonné, ou l'exécution arrêtée",
    ),
    (
        "the command asks for {} records, the total says {}",
        "la commande demande {#} enregistrements, le total dit {#}",
    ),
    ("{} records/s are above the {}/s asked for", "{#} enr./s dépassent les {#}/s demandés"),
    (
        "{} records/s of the {}/s asked for: the rate was not reached, and the latencies are those of an overloaded client",
        "{#} enr./s sur les {#}/s demandés : le débit n'a pas été atteint, et les latences sont celles d'un client surchargé",
    ),
    (
        "the windows hold {} records, the total {}",
        "les fenêtres contiennent {#} enregistrements, le total {#}",
    ),
    (
        "records by records/s make {} s in the total and {} s in the windows together",
        "les enregistrements divisés par les enr./s font {#} s au total et {#} s dans l'ensemble des fenêtres",
    ),
    (
        "{} records and {} s of the total are in no window: lines may be missing",
        "{#} enregistrements et {#} s du total ne sont dans aucune fenêtre : des lignes manquent peut-être",
    ),
    (
        "the maximum of the total, {} ms, is below that of a window, {} ms",
        "le maximum du total, {#} ms, est inférieur à celui d'une fenêtre, {#} ms",
    ),
    (
        "the maximum of the total, {} ms, is in no window",
        "le maximum du total, {#} ms, n'est dans aucune fenêtre",
    ),
    (
        "the average of the total, {} ms, cannot be that of its windows",
        "la moyenne du total, {#} ms, ne peut pas être celle de ses fenêtres",
    ),
    (
        "the tool prints no total with detailed rows: rates are those of the windows",
        "l'outil n'imprime pas de total avec des lignes détaillées : les débits sont ceux des fenêtres",
    ),
    ("it ends before it starts", "il se termine avant de commencer"),
    ("{} MB/s over {} s do not make {} MB", "{#} MB/s pendant {#} s ne font pas {#} MB"),
    (
        "{} records/s over {} s do not make {} records",
        "{#} enr./s pendant {#} s ne font pas {#} enregistrements",
    ),
    (
        "{} ms of rebalance and {} ms of fetching are not the {} s in all",
        "{#} ms de rééquilibrage et {#} ms de lecture ne font pas les {#} s en tout",
    ),
    (
        "the command asks for {} records, and {} were read",
        "la commande demande {#} enregistrements, et {#} ont été lus",
    ),
    (
        "{} records were given up (record-error-total)",
        "{#} enregistrements ont été abandonnés (record-error-total)",
    ),
    (
        "{} records were sent again (record-retry-total)",
        "{#} enregistrements ont été renvoyés (record-retry-total)",
    ),
    (
        "{} sends found the buffer full (buffer-exhausted-total)",
        "{#} envois ont trouvé le tampon plein (buffer-exhausted-total)",
    ),
    (
        "{} ms is the longest time that a broker's quota held requests back",
        "{#} ms est le plus long temps pendant lequel le quota d'un broker a retenu des requêtes",
    ),
    (
        "the metrics count {} records sent, the total {}",
        "les métriques comptent {#} enregistrements envoyés, le total {#}",
    ),
];
