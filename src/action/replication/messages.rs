//! What `replication` says.

crate::record::messages! {
    area "replication";
    acknowledged_by(records, loads) => "measured against {records} acknowledged {records|record|records} of {loads}" / "mesuré par rapport à {records} {records|enregistrement acquitté|enregistrements acquittés} de {loads}";
    compare(topic, source, copy, target, within) => "compare `{topic}` of cluster `{source}` with `{copy}` of cluster `{target}`, which has {within} to catch up" / "comparer `{topic}` du cluster `{source}` à `{copy}` du cluster `{target}`, qui a {within} pour rattraper";
    compare_copy(topic, source, target, within) => "compare `{topic}` of cluster `{source}` with its copy on cluster `{target}`, which has {within} to catch up" / "comparer `{topic}` du cluster `{source}` à sa copie sur le cluster `{target}`, qui a {within} pour rattraper";
    first_difference(partition, source, copy, what) => "first difference in partition {partition}: source offset {source}, copy {copy}: {what}" / "première différence dans la partition {partition} : offset source {source}, copie {copy} : {what}";
    no_copy_hint(topic) => "MirrorMaker 2 creates the copy: check that the connector's `topics` match `{topic}`, that it runs, and the name that its replication policy gives" / "MirrorMaker 2 crée la copie : vérifier que `topics` du connecteur correspond à `{topic}`, qu'il tourne, et le nom que donne sa politique de réplication";
    none_while_waiting() => "no record arrived during the wait, so the time is unknown; run this in parallel with the load, with `records`" / "aucun enregistrement n'est arrivé pendant l'attente, donc le moment est inconnu ; exécuter ceci en parallèle de la charge, avec `records`";
    not_arrived(records) => "{records} {records|record has|records have} not arrived" / "{records} {records|enregistrement n'est pas arrivé|enregistrements ne sont pas arrivés}";
    nothing_there(topic, cluster) => "`{topic}` of cluster `{cluster}` holds no record" / "`{topic}` du cluster `{cluster}` ne contient aucun enregistrement";
    produce_first() => "produce to it first, and check the name" / "y produire d'abord, et vérifier le nom";
    purge_unknown() => "the oldest records are gone on both sides: it is unknown whether they were copied" / "les plus anciens enregistrements ont disparu des deux côtés : on ignore s'ils ont été copiés";
    records_compared() => "records compared" / "enregistrements comparés";
    stopped_answering() => "it stopped answering, so the comparison is not complete" / "il ne répond plus, la comparaison n'est donc pas complète";
}
