//! What `failover` says.

use crate::record::messages;

messages! {
    area "failover";
    bound(seen, drills, percent) => "{seen} of {drills} {drills|drill|drills} skipped records: with a confidence of 95 %, fewer than {percent} % of such failovers do (Clopper-Pearson; drills are taken as independent)" / "{seen} {drills|exercice|exercices} sur {drills} ont manqué des enregistrements : avec une confiance de 95 %, moins de {percent} % de telles bascules en manquent (Clopper-Pearson ; exercices supposés indépendants)";
    drill(drills, group, source, target) => "{drills} failover {drills|drill|drills}: group `{group}` goes from cluster `{source}` to `{target}` and back" / "{drills} {drills|exercice|exercices} de bascule : le groupe `{group}` passe du cluster `{source}` à `{target}` et revient";
    drills_missing(done, asked) => "{done} of {asked} drills were run" / "{done} exercices sur {asked} ont été exécutés";
    errors(drill, cause) => "drill {drill}: {cause}" / "exercice {drill} : {cause}";
    loops(topics) => "topics that came back to where they are from: {topics}" / "topics revenus d'où ils viennent : {topics}";
    no_record(drills) => "the group read no record on the target in {drills} {drills|drill|drills}" / "le groupe n'a lu aucun enregistrement sur la cible dans {drills} {drills|exercice|exercices}";
    none_acknowledged() => "the source acknowledged no record" / "la source n'a acquitté aucun enregistrement";
    not_arrived(records) => "{records} acknowledged {records|record was|records were} not on the target when the drill ended: late or lost, and no skip of the group" / "{records} {records|enregistrement acquitté n'était|enregistrements acquittés n'étaient} pas sur la cible à la fin de l'exercice : en retard ou perdus, sans que le groupe les ait manqués";
    not_copied(topic, cluster, within) => "topic `{topic}` did not appear on cluster `{cluster}` within {within}" / "le topic `{topic}` n'est pas apparu sur le cluster `{cluster}` en {within}";
    not_ready(drill, within) => "drill {drill}: the group had no offset on the target in every partition after {within}; where there is none, `reset` decided" / "exercice {drill} : le groupe n'avait pas d'offset sur la cible dans chaque partition après {within} ; là où il n'y en a pas, `reset` a décidé";
    replicate_it() => "check that the `topics` of the source connector match it, and `refresh.topics.interval.seconds`" / "vérifier que `topics` du connecteur source lui correspond, et `refresh.topics.interval.seconds`";
    returned(records) => "{records} {records|record lies|records lie} more often on the source than sent: a loop of replications, or repeats of the producer" / "{records} {records|enregistrement figure|enregistrements figurent} plus souvent sur la source qu'envoyés : une boucle de réplications, ou des répétitions du producteur";
    skipped(drill, records, partitions) => "drill {drill} skipped {records} {records|record|records}; offsets on the target when the group started: {partitions}" / "l'exercice {drill} a manqué {records} {records|enregistrement|enregistrements} ; offsets sur la cible au démarrage du groupe : {partitions}";
    source_goes_on() => "the source stays up during a drill, so MirrorMaker 2 continues to copy after the cut; `rpo_records` and `rpo_s` are what a loss of the source at the cut would have cost" / "la source reste active pendant l'exercice, donc MirrorMaker 2 continue de copier après la coupure ; `rpo_records` et `rpo_s` sont ce qu'aurait coûté la perte de la source à la coupure";
    stage_back() => "the group goes back to the source" / "le groupe revient à la source";
    stage_load(drill) => "drill {drill}: records acknowledged" / "exercice {drill} : enregistrements acquittés";
    stage_target(drill) => "drill {drill}: records read on the target" / "exercice {drill} : enregistrements lus sur la cible";
    stage_wait(drill) => "drill {drill}: waits before the start on the target" / "exercice {drill} : attend avant le démarrage sur la cible";
}
