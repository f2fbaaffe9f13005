//! What is said of the platform, descriptions of actions, and what went wrong.

/// English and French; the first form that fits counts.
pub(in crate::report) const FORMS: &[(&str, &str)] = &[
    // Descriptions.
    ("look at cluster `{}`", "examiner le cluster `{}`"),
    ("look at connector `{}`", "examiner le connecteur `{}`"),
    ("look at Trogdor", "examiner Trogdor"),
    ("end this run's tasks on Trogdor", "terminer les tâches de cette exécution sur Trogdor"),
    ("ask the ZooKeeper nodes of `{}`", "interroger les nœuds ZooKeeper de `{}`"),
    (
        "ask Kafka Connect for its version, connectors and plugins",
        "demander à Kafka Connect sa version, ses connecteurs et ses plugins",
    ),
    ("ask Prometheus for `{}` over {}", "demander à Prometheus `{}` sur {}"),
    ("ask Prometheus for `{}`", "demander à Prometheus `{}`"),
    ("count Prometheus' targets of job `{}`", "compter les cibles Prometheus du job `{}`"),
    ("scrape exporter `{}`", "lire l'exporteur `{}`"),
    ("scrape {}", "lire {}"),
    ("ask: {}", "demander : {}"),
    ("{} /{} of the schema registry", "{} /{} du registre de schémas"),
    ("{} /{} of Kafka Connect", "{} /{} de Kafka Connect"),
    ("{} /{} of Prometheus", "{} /{} de Prometheus"),
    ("{} /{} of Grafana", "{} /{} de Grafana"),
    ("run `{}`", "exécuter `{}`"),
    ("wait {}", "attendre {}"),
    (
        "keep the whole configuration of brokers, topics and connectors",
        "relever toute la configuration des brokers, des topics et des connecteurs",
    ),
    (
        "audit {} of the brokers and {} of topics of cluster `{}`",
        "contrôler {} des brokers et {} de topics du cluster `{}`",
    ),
    ("count what `{}` has of {} and `{}` has not", "compter ce que `{}` a de {} et que `{}` n'a pas"),
    (
        "make sure that topic `{}` of cluster `{}` is absent",
        "s'assurer que le topic `{}` du cluster `{}` est absent",
    ),
    (
        "make sure that topic `{}` of cluster `{}` is there, {} partitions",
        "s'assurer que le topic `{}` du cluster `{}` existe, {} partitions",
    ),
    (
        "make sure that topic `{}` of cluster `{}` is there",
        "s'assurer que le topic `{}` du cluster `{}` existe",
    ),
    (
        "delete topic `{}` of cluster `{}` and make it again, {} partitions",
        "supprimer le topic `{}` du cluster `{}` et le recréer, {} partitions",
    ),
    (
        "delete topic `{}` of cluster `{}` and make it again",
        "supprimer le topic `{}` du cluster `{}` et le recréer",
    ),
    ("bring connector `{}` to {} with {}", "amener le connecteur `{}` à l'état {} avec {}"),
    ("bring connector `{}` to {}", "amener le connecteur `{}` à l'état {}"),
    (
        "produce {} to `{}` of cluster `{}` at {} by {} clients",
        "produire {} vers `{}` du cluster `{}` à {} par {} clients",
    ),
    ("produce {} to `{}` of cluster `{}` at {}", "produire {} vers `{}` du cluster `{}` à {}"),
    (
        "send {} to `{}` of cluster `{}` at {} and read them from `{}` of cluster `{}`",
        "envoyer {} vers `{}` du cluster `{}` à {} et les lire dans `{}` du cluster `{}`",
    ),
    (
        "send {} to `{}` of cluster `{}` at {} and read them",
        "envoyer {} vers `{}` du cluster `{}` à {} et les lire",
    ),
    (
        "consume {} of `{}` of cluster `{}` with {} members",
        "consommer {} de `{}` du cluster `{}` avec {} membres",
    ),
    ("consume of `{}` of cluster `{}` with {} members", "consommer `{}` du cluster `{}` avec {} membres"),
    ("consume of `{}` of cluster `{}`", "consommer `{}` du cluster `{}`"),
    ("consume {} of `{}` of cluster `{}`", "consommer {} de `{}` du cluster `{}`"),
    (
        "compare `{}` of cluster `{}` with `{}` of cluster `{}`, which has {} to catch up",
        "comparer `{}` du cluster `{}` à `{}` du cluster `{}`, qui a {} pour rattraper",
    ),
    (
        "look for the highest rate to `{}` of cluster `{}`, from {}, at which {} for {}",
        "chercher le plus haut débit vers `{}` du cluster `{}`, depuis {}, auquel {} pendant {}",
    ),
    ("break by `{}`, hold {}, take back by `{}`", "casser par `{}`, maintenir {}, annuler par `{}`"),
    ("{} records at once every {}", "{#} enregistrements d'un coup toutes les {}"),
    // Clusters, topics, their settings.
    (
        "version from the default of `{}` (`{}`) on broker {}",
        "version d'après la valeur par défaut de `{}` (`{}`) du broker {}",
    ),
    ("version {}", "version {}"),
    (
        "from the default of `{}` (`{}`) on broker {}",
        "d'après la valeur par défaut de `{}` (`{}`) du broker {}",
    ),
    ("cluster `{}` runs Kafka {}, {}", "le cluster `{}` est en Kafka {}, {}"),
    ("the version of cluster `{}` is not known: {}", "la version du cluster `{}` n'est pas connue : {}"),
    (
        "the environment file counts {}, and 1 is alive",
        "le fichier d'environnement compte {}, et 1 est en vie",
    ),
    (
        "the environment file counts {}, and {} are alive",
        "le fichier d'environnement compte {}, et {} sont en vie",
    ),
    (
        "{} tell no `min.insync.replicas` and are not counted in `under_min_isr`",
        "{} ne donnent pas `min.insync.replicas` et ne comptent pas dans `under_min_isr`",
    ),
    ("under `min.insync.replicas`: {}", "sous `min.insync.replicas` : {}"),
    ("offline: {}", "hors ligne : {}"),
    ("under-replicated: {}", "sous-répliquées : {}"),
    (
        "no topic is visible: there is none, or this user may see none (Kafka does not tell which)",
        "aucun topic n'est visible : il n'y en a pas, ou cet utilisateur n'en voit aucun (Kafka ne dit pas lequel des deux)",
    ),
    ("topic `{}` told nothing: {}", "le topic `{}` n'a rien dit : {}"),
    (
        "in cluster `{}`, {} told no settings: gone, or hidden from this user",
        "dans le cluster `{}`, {} n'ont donné aucun paramètre : disparus, ou cachés à cet utilisateur",
    ),
    (
        "{} told no settings: gone, or hidden from this user",
        "{} n'ont donné aucun paramètre : disparus, ou cachés à cet utilisateur",
    ),
    ("`{}` is hidden by the broker: {} (on {})", "`{}` est caché par le broker : {} (sur {})"),
    ("`{}` is hidden by the broker (on {})", "`{}` est caché par le broker (sur {})"),
    ("`{}` was not found: {} (on {})", "`{}` n'a pas été trouvé : {} (sur {})"),
    ("`{}` was not found (on {})", "`{}` n'a pas été trouvé (sur {})"),
    ("`{}` is `{}` ({}), expected {}: {} (on {})", "`{}` vaut `{}` ({}), attendu {} : {} (sur {})"),
    ("`{}` is `{}` ({}), expected {} (on {})", "`{}` vaut `{}` ({}), attendu {} (sur {})"),
    ("`{}` is empty ({}), expected {}: {} (on {})", "`{}` est vide ({}), attendu {} : {} (sur {})"),
    ("`{}` is empty ({}), expected {} (on {})", "`{}` est vide ({}), attendu {} (sur {})"),
    (
        "the topic grew from {} to {} partitions; records with keys go elsewhere from now on",
        "le topic est passé de {} à {} partitions ; les enregistrements avec clé vont désormais ailleurs",
    ),
    // Connectors.
    (
        "the connector had exactly these settings already: no PUT was sent",
        "le connecteur avait déjà exactement ces paramètres : aucun PUT n'a été envoyé",
    ),
    ("the connector was created", "le connecteur a été créé"),
    ("settings changed: {}", "paramètres modifiés : {}"),
    (
        "worker {} claims to run something and does not answer: {}; what it claims does not count as running",
        "le worker {} prétend exécuter quelque chose et ne répond pas : {} ; ce qu'il prétend ne compte pas comme en marche",
    ),
    // The lag.
    (
        "lag = end offset of `topic` on `{}` minus end offset of `{}topic` on `{}`, by partition; it is right where the copy began at offset 0 and neither side has transaction markers",
        "retard = offset de fin de `topic` sur `{}` moins offset de fin de `{}topic` sur `{}`, par partition ; juste si la copie a commencé à l'offset 0 et si aucun côté n'a de marqueur de transaction",
    ),
    (
        "lag = end offset on `{}` minus the offset behind the last record that connector `{}` has committed, by partition; Connect commits every `offset.flush.interval.ms`, so that it looks greater by that time",
        "retard = offset de fin sur `{}` moins l'offset qui suit le dernier enregistrement validé par le connecteur `{}`, par partition ; Connect valide toutes les `offset.flush.interval.ms`, ce qui grossit le retard d'autant",
    ),
    (
        "the copy is ahead of the source (counted as 0) in {}: records were copied twice, or the source was made anew",
        "la copie est en avance sur la source (compté 0) dans {} : des enregistrements ont été copiés deux fois, ou la source a été recréée",
    ),
    (
        "nothing was copied yet of {}; all that is there counts",
        "rien n'a encore été copié de {} ; tout ce qui s'y trouve compte",
    ),
    // Prometheus and exporters.
    ("Prometheus warns: {}", "Prometheus avertit : {}"),
    ("Prometheus remarks: {}", "Prometheus remarque : {}"),
    ("{} of job `{}` {}", "{} du job `{}` {}"),
    ("the page cannot be read: {}", "la page n'est pas lisible : {}"),
    ("`{}` stands twice with the same labels", "`{}` figure deux fois avec les mêmes étiquettes"),
    ("the page holds no sample", "la page ne contient aucun échantillon"),
    ("no sample of `{}`; did you mean `{}`?", "aucun échantillon de `{}` ; vouliez-vous dire `{}` ?"),
    ("no sample of `{}`", "aucun échantillon de `{}`"),
    ("the samples could not be kept: {}", "les échantillons n'ont pas pu être gardés : {}"),
];
