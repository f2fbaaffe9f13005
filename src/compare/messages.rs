//! What a comparison of two runs says.

use crate::record::{Said, Verdict};

crate::record::messages! {
    area "compare";
    and(first, second) => "{first} and {second}" / "{first} et {second}";
    as_before() => "unchanged" / "inchangé";
    achieved_rate_capped() => "the rate was capped and reached in both runs: the throughput shows no more than that" / "le débit était plafonné et tenu dans les deux : le débit en volume n'en dit pas plus";
    artifact_altered(path) => "artifact {path} changed after it was stored" / "l'artefact {path} a été modifié après son enregistrement";
    artifact_not_text(path) => "artifact {path} is not text" / "l'artefact {path} n'est pas du texte";
    behind(runs) => "the load fell behind its rate in {runs}: its latency grows for as long as it lasts" / "la charge a pris du retard sur son débit dans {runs} : sa latence croît tant qu'elle dure";
    broker_version(place) => "version in {place}" / "version dans {place}";
    brokers_in(cluster) => "number in {cluster}" / "nombre dans {cluster}";
    came_to(step, verdict, run) => "step {step} ended as {verdict} in {run}" / "l'étape {step} a abouti à « {verdict} » dans {run}";
    clocks() => "end-to-end latency depends on whole-millisecond timestamps and on the clocks of the machines: a clock that was reset looks like a change of latency" / "la latence de bout en bout repose sur des horodatages en millisecondes entières et sur les horloges des machines : une horloge remise à l'heure ressemble à un changement de latence";
    columns_differ(line) => "line {line} of windows.csv does not have the columns of its header" / "la ligne {line} de windows.csv n'a pas les colonnes de son en-tête";
    coordinated_omission() => "latency starts at the send call: waiting before it is not included, so a stall of the cluster looks shorter than it was (coordinated omission)" / "la latence part du seul appel d'envoi : l'attente d'avant n'y est pas, si bien qu'un arrêt du cluster paraît plus court qu'il n'a été (omission coordonnée)";
    differs(what, name, before, after) => "{what}: {name}: {before} → {after}" / "{what} : {name} : {before} → {after}";
    environment_text_missing() => "the environment files differ, but their texts were not kept" / "les fichiers d'environnement diffèrent, mais leurs textes n'ont pas été gardés";
    events_only() => "a count of events has no noise of its own" / "un nombre d'événements n'a pas de bruit propre";
    few_windows(before, after) => "only {before} and {after} windows: noise that lasts for more than some seconds is not seen, and the intervals are too narrow; run a load for a minute or more" / "seulement {before} et {after} fenêtres : un bruit qui dure plus de quelques secondes n'est pas vu, et les intervalles sont trop étroits ; donner une minute ou plus à une charge";
    file_changed() => "its file changed" / "son fichier a changé";
    in_run(run, why) => "{run}: {why}" / "{run} : {why}";
    judged_changed() => "its criteria changed" / "ses critères ont changé";
    latency_log(why) => "latency.hlog: {why}" / "latency.hlog : {why}";
    histogram_cut_short() => "the histogram is cut short" / "l'histogramme est tronqué";
    histogram_of_another_form() => "the histogram does not have the compressed form, version 2" / "l'histogramme n'a pas la forme compressée, version 2";
    histogram_not_unpacked(cause) => "the histogram cannot be unpacked: {cause}" / "l'histogramme ne peut pas être décompressé : {cause}";
    histogram_too_large(size) => "the histogram is larger than {size}" / "l'histogramme dépasse {size}";
    histogram_unreadable(cause) => "the histogram cannot be read: {cause}" / "l'histogramme n'est pas lisible : {cause}";
    line_invalid(line, why) => "line {line}: {why}" / "ligne {line} : {why}";
    line_unreadable(line) => "line {line} could not be read" / "la ligne {line} ne peut pas être lue";
    load_or_client_differ() => "load or client differ" / "la charge ou le client diffèrent";
    no_column(name) => "windows.csv has no column `{name}`" / "windows.csv n'a pas de colonne `{name}`";
    no_end() => "no end" / "sans fin";
    no_evidence() => "an action has no evidence" / "une action n'a aucune preuve";
    no_header() => "one of the journals has no header" / "l'un des journaux n'a pas d'en-tête";
    no_json(path, cause) => "{path} cannot be read as JSON: {cause}" / "{path} n'est pas du JSON lisible : {cause}";
    no_snapshot(run) => "{run} has no snapshot: the settings of its platform are unknown" / "{run} n'a pas de relevé : les paramètres de sa plateforme sont inconnus";
    no_windows(run) => "no windows were kept in {run}" / "aucune fenêtre n'a été gardée dans {run}";
    noise_unknown() => "the windows do not have it, so its noise is unknown" / "les fenêtres ne l'ont pas, donc son bruit est inconnu";
    not_in_run(run) => "{run} does not have it" / "{run} ne l'a pas";
    not_same_figure(first, second) => "`{first}` and `{second}` are different figures" / "`{first}` et `{second}` sont des grandeurs différentes";
    not_same_load(differs) => "not the same load and client, so not comparable: {differs}" / "ce ne sont pas la même charge et le même client : {differs}";
    nothing() => "nothing" / "rien";
    of_brokers(name, brokers, cluster) => "{name} ({brokers} of {cluster})" / "{name} ({brokers} de {cluster})";
    of_all_brokers(name, cluster) => "{name} (all of {cluster})" / "{name} (tous ceux de {cluster})";
    of_connector(setting, connector) => "{setting} of {connector}" / "{setting} de {connector}";
    of_topic(name, topic, cluster) => "{name} of {topic} in {cluster}" / "{name} de {topic} dans {cluster}";
    partitions_of(topic, cluster) => "partitions of {topic} in {cluster}" / "partitions de {topic} dans {cluster}";
    present() => "present" / "présent";
    queue_full(runs) => "the client's queue was full at times in {runs}: the latencies include that wait" / "la file du client a parfois été pleine dans {runs} : les latences comprennent cette attente";
    replication_factor_of(topic, cluster) => "replication factor of {topic} in {cluster}" / "facteur de réplication de {topic} dans {cluster}";
    snapshot_invalid(run, why) => "the snapshot of {run} is unusable: {why}" / "le relevé de {run} est inutilisable : {why}";
    step(number) => "step {number}" / "étape {number}";
    stretches(length, windows) => "its windows depend on each other over {length} of {windows}: the load is too short to estimate its noise" / "ses fenêtres dépendent les unes des autres sur {length} de {windows} : la charge est trop courte pour estimer son bruit";
    too_few_windows(windows, needed) => "{windows} windows of one second; an interval needs {needed} or more" / "{windows} fenêtres d'une seconde ; un intervalle en demande {needed} ou plus";
    unlimited() => "the rate was unlimited: the throughput is what the cluster and this client can do, and the latencies are mostly queueing in the client" / "le débit était illimité : c'est ce que peuvent le cluster et ce client, et les latences sont surtout de l'attente dans le client";
    warm_up(before, after) => "{before} and {after} windows of warm-up are excluded" / "{before} et {after} fenêtres de préchauffage sont exclues";
    was_zero() => "the earlier value was 0, so there is no percentage" / "la valeur d'avant était 0 : pas de pourcentage";
    windows_empty() => "too many windows have no record" / "trop de fenêtres sont sans enregistrement";
    work_changed() => "its actions changed" / "ses actions ont changé";
    what_broker() => "broker" / "broker";
    what_client() => "client" / "client";
    what_connection() => "connection" / "connexion";
    what_connector() => "connector" / "connecteur";
    what_environment() => "environment" / "environnement";
    what_load() => "load" / "charge";
    what_plan() => "plan" / "texte du plan";
    what_profile() => "profile" / "profil";
    what_program() => "program" / "programme";
    what_topic() => "topic" / "topic";
    what_variable() => "variable" / "variable";
    verdict_error() => "error" / "erreur";
    verdict_fail() => "fail" / "non conforme";
    verdict_inconclusive() => "inconclusive" / "non concluant";
    verdict_pass() => "pass" / "conforme";
    verdict_warn() => "warn" / "avertissement";
}

/// The word of a verdict.
pub(super) fn verdict(verdict: Verdict) -> Said {
    match verdict {
        Verdict::Error => verdict_error(),
        Verdict::Fail => verdict_fail(),
        Verdict::Inconclusive => verdict_inconclusive(),
        Verdict::Pass => verdict_pass(),
        Verdict::Warn => verdict_warn(),
    }
}
