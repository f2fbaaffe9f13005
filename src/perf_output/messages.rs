//! What the importer and the drivers `kafka-tools` say of the output of Kafka's own tools.

use crate::record::{Arg, Said, Scenario, messages};

/// A number as the tool printed it, with all of its decimals.
pub(super) fn printed(number: f64) -> Arg {
    let decimals = number.to_string().split_once('.').map_or(0, |(_, decimals)| decimals.len());
    Arg::decimals(number, decimals)
}

messages! {
    area "perf-output";
    above_maximum(what, ms, max) => "{what}, {ms} ms, is above the maximum, {max} ms" / "{what}, {ms} ms, dépasse le maximum, {max} ms";
    above_rate(rate, asked) => "{rate} records/s are above the {asked}/s asked for" / "{rate} enr./s dépassent les {asked}/s demandés";
    asked_and_read(asked, read) => "the command asks for {asked} records, and {read} were read" / "la commande demande {asked} enregistrements, et {read} ont été lus";
    asked_and_total(asked, total) => "the command asks for {asked} records, the total says {total}" / "la commande demande {asked} enregistrements, le total dit {total}";
    average_above_maximum() => "the average latency is above the maximum" / "la latence moyenne dépasse le maximum";
    average_not_of_windows(ms) => "the average of the total, {ms} ms, cannot be that of its windows" / "la moyenne du total, {ms} ms, ne peut pas être celle de ses fenêtres";
    below_rate(rate, asked) => "{rate} records/s of the {asked}/s asked for: the rate was not reached, and the latencies are those of an overloaded client" / "{rate} enr./s sur les {asked}/s demandés : le débit n'a pas été atteint, et les latences sont celles d'un client surchargé";
    beside_another_program() => "another program in the line of the command may print such figures too: which of them printed these, the lines do not tell" / "un autre programme de la même ligne peut afficher de telles valeurs : les lignes ne disent pas lequel les a affichées";
    buffer_full(sends) => "{sends} sends found the buffer full (buffer-exhausted-total)" / "{sends} envois ont trouvé le tampon plein (buffer-exhausted-total)";
    catches_up() => "records/s are far above the rate asked for: the tool catches up after a stall, and measures from the send call, so that the wait before it is in no latency" / "les enr./s dépassent de loin le débit demandé : l'outil rattrape après un arrêt, et mesure depuis l'appel d'envoi, si bien que l'attente d'avant n'est dans aucune latence";
    comment_between() => "a commented-out command is between the command and these figures; if it was typed at root's prompt, they may be its own" / "une commande en commentaire se trouve entre la commande et ces valeurs ; si elle a été tapée à l'invite de root, elles sont peut-être les siennes";
    dated_otherwise(found, day) => "lines of it are dated {found}, and it is imported for {day}" / "des lignes sont datées du {found}, et l'import est fait pour le {day}";
    ends_before_start() => "it ends before it starts" / "il se termine avant de commencer";
    exceptions(count) => "{count} {count|exception|exceptions}: records that were given up are in no figure, and do not change the tool's exit code" / "{count} {count|exception|exceptions} : les enregistrements abandonnés ne sont dans aucune valeur et ne changent pas le code de sortie de l'outil";
    given_up(records) => "{records} records were given up (record-error-total)" / "{records} enregistrements ont été abandonnés (record-error-total)";
    impossible_times(rebalance, fetch) => "{rebalance} ms of rebalance and {fetch} ms of fetching are impossible in this run: the tool counted wrong, and fetch.MB.sec and fetch.nMsg.sec with it" / "{rebalance} ms de rééquilibrage et {fetch} ms de lecture sont impossibles dans cette exécution : l'outil a mal compté, et fetch.MB.sec et fetch.nMsg.sec sont faux avec";
    in_line(line, what) => "line {line}: {what}" / "ligne {line} : {what}";
    in_loop() => "the command repeats: these are the figures of one of its turns, and what varies from turn to turn is unknown" / "la commande se répète : ce sont les valeurs d'un de ses tours, et ce qui varie d'un tour à l'autre est inconnu";
    in_loop_of_several() => "several commands repeat in one loop: which of them this is of, the lines do not tell" / "plusieurs commandes se répètent dans une boucle : les lignes ne disent pas de laquelle il s'agit";
    in_windows(windows, line, what) => "{windows} windows, first in line {line}: {what}" / "{windows} fenêtres, la première ligne {line} : {what}";
    left_out(place) => "lines were left out ({place}): the sums of the windows are not compared with the total" / "des lignes ont été omises ({place}) : les sommes des fenêtres ne sont pas comparées au total";
    line(number) => "line {number}" / "ligne {number}";
    listed(windows, listed) => "of {windows} windows the first {listed} are listed; all of them were summed" / "sur {windows} fenêtres, les {listed} premières sont listées ; toutes ont été sommées";
    maximum_below_window(ms, window) => "the maximum of the total, {ms} ms, is below that of a window, {window} ms" / "le maximum du total, {ms} ms, est inférieur à celui d'une fenêtre, {window} ms";
    maximum_in_no_window(ms) => "the maximum of the total, {ms} ms, is in no window" / "le maximum du total, {ms} ms, n'est dans aucune fenêtre";
    mb_do_not_fit(rate, seconds, mb) => "{rate} MB/s over {seconds} s do not make {mb} MB" / "{rate} MB/s pendant {seconds} s ne font pas {mb} MB";
    metrics_and_total(sent, total) => "the metrics count {sent} records sent, the total {total}" / "les métriques comptent {sent} enregistrements envoyés, le total {total}";
    more_warnings(lines) => "{lines} more {lines|line|lines} of warnings" / "{lines} {lines|autre ligne|autres lignes} d'avertissement";
    no_figures() => "no figures follow the command" / "aucune valeur ne suit la commande";
    no_latency() => "no record was acknowledged: there is no latency" / "aucun enregistrement n'a été acquitté : il n'y a pas de latence";
    no_total() => "no total follows: the run was ended, or its last lines are missing" / "aucun total ne suit : l'exécution a été arrêtée, ou ses dernières lignes manquent";
    no_total_with_details() => "the tool prints no total with detailed rows: rates are those of the windows" / "l'outil n'imprime pas de total avec des lignes détaillées : les débits sont ceux des fenêtres";
    out_of_order(p50, p95, p99, p999) => "percentiles out of order: {p50}, {p95}, {p99}, {p999} ms" / "percentiles dans le désordre : {p50}, {p95}, {p99}, {p999} ms";
    places(count, line) => "{count} places, first in line {line}" / "{count} endroits, le premier ligne {line}";
    printed_elsewhere() => "the output of the command before these figures went to a file or to another program: they are not given to it" / "la sortie de la commande qui précède ces valeurs est allée dans un fichier ou vers un autre programme : elles ne lui sont pas attribuées";
    quota(ms) => "{ms} ms is the longest time that a broker's quota held requests back" / "{ms} ms est le plus long temps pendant lequel le quota d'un broker a retenu des requêtes";
    records_do_not_fit(rate, seconds, records) => "{rate} records/s over {seconds} s do not make {records} records" / "{rate} enr./s pendant {seconds} s ne font pas {records} enregistrements";
    rest_given_up(said) => "{said}: the rest was given up, or the run was ended" / "{said} : le reste a été abandonné, ou l'exécution arrêtée";
    rest_in_no_window(records, seconds) => "{records} records and {seconds} s of the total are in no window: lines may be missing" / "{records} enregistrements et {seconds} s du total ne sont dans aucune fenêtre : des lignes manquent peut-être";
    secret_in_command() => "the command holds a secret in clear, masked here. hint: change it where others can read the source" / "la commande contient un secret en clair, masqué ici ; le changer si d'autres peuvent lire la source";
    secret_in_jvm_options() => "the output shows a secret in clear among the JVM's options, masked here. hint: change it where others can read the source" / "la sortie montre un secret en clair parmi les options de la JVM, masqué ici ; le changer si d'autres peuvent lire la source";
    sent_again(records) => "{records} records were sent again (record-retry-total)" / "{records} enregistrements ont été renvoyés (record-retry-total)";
    size_does_not_fit(rate, size, mb) => "{rate} records/s of {size} bytes do not make {mb} MB/s" / "{rate} enr./s de {size} octets ne font pas {mb} MB/s";
    size_does_not_fit_windows() => "records/s by the command's record size do not make the MB/s" / "les enr./s multipliés par la taille demandée ne font pas les MB/s";
    stood_still() => "it lasted far longer than the interval: the tool stood still, and prints nothing meanwhile" / "bien plus longue que l'intervalle : l'outil était arrêté, et n'imprime rien pendant ce temps";
    sums_differ(total, windows) => "records by records/s make {total} s in the total and {windows} s in the windows together" / "les enregistrements divisés par les enr./s font {total} s au total et {windows} s dans l'ensemble des fenêtres";
    the_average() => "the average latency" / "la latence moyenne";
    the_p999() => "the 99.9th percentile" / "le percentile 99,9";
    times(count, warning) => "{count} times: {warning}" / "{count} fois : {warning}";
    times_do_not_fit(rebalance, fetch, seconds) => "{rebalance} ms of rebalance and {fetch} ms of fetching are not the {seconds} s in all" / "{rebalance} ms de rééquilibrage et {fetch} ms de lecture ne font pas les {seconds} s en tout";
    too_short() => "records by records/s make less time than there is between two windows" / "les enregistrements divisés par les enr./s font moins de temps qu'entre deux fenêtres";
    total_of_several() => "several commands ran at once: which of them this is the total of, the lines do not tell" / "plusieurs commandes tournaient ensemble : les lignes ne disent pas de laquelle est ce total";
    window_of_several() => "several commands ran at once: windows between their lines are of one of them, and in no figure" / "plusieurs commandes tournaient ensemble : des fenêtres entre leurs lignes sont de l'une d'elles, et dans aucune valeur";
    windows_above_total(windows, total) => "the windows hold {windows} records, the total {total}" / "les fenêtres contiennent {windows} enregistrements, le total {total}";
}

/// Whether a warning is of a secret that stood in clear.
pub fn shows_secret(warning: &Said) -> bool {
    warning.is("perf-output.secret_in_command") || warning.is("perf-output.secret_in_jvm_options")
}

/// Messages that say that figures of one run contradict each other; without those of a single window, and without what a
/// run that was ended, or whose lines are missing, explains.
const CONTRADICTIONS: [&str; 12] = [
    "perf-output.above_maximum",
    "perf-output.asked_and_total",
    "perf-output.average_not_of_windows",
    "perf-output.ends_before_start",
    "perf-output.maximum_below_window",
    "perf-output.maximum_in_no_window",
    "perf-output.mb_do_not_fit",
    "perf-output.out_of_order",
    "perf-output.records_do_not_fit",
    "perf-output.size_does_not_fit",
    "perf-output.sums_differ",
    "perf-output.windows_above_total",
];

/// The most of the rate asked for that a run may reach, as a share: what is above it contradicts the command.
const MOST_OF_RATE: f64 = 1.01;

/// The warnings of a run that say that its figures contradict each other.
pub fn contradictions(of: &Scenario) -> Vec<&Said> {
    let share = of.achieved_records_per_s.zip(of.target_rate.filter(|rate| *rate > 0.0));
    let is_above = share.is_some_and(|(rate, target)| rate > target * MOST_OF_RATE);
    let is_one = |said: &&Said| {
        CONTRADICTIONS.iter().any(|id| said.is(id)) || is_above && said.is("perf-output.above_rate")
    };
    of.warnings.iter().filter(is_one).collect()
}
