//! What loads on Trogdor say, of whatever kind.

crate::record::messages! {
    area "trogdor";
    active_before(tasks) => "{tasks} other {tasks|task was|tasks were} active on the coordinator when this load began: what {tasks|it|they} did is in these figures" / "{tasks} {tasks|autre tâche était active|autres tâches étaient actives} sur le coordinateur au début de cette charge : ce {tasks|qu'elle a|qu'elles ont} fait est dans ces valeurs";
    agent_failed(agent, cause) => "agent `{agent}`: {cause}" / "agent `{agent}` : {cause}";
    agent_idle(agent, limit, address) => "agent `{agent}` did not take its task within {limit}: the coordinator at {address} does not reach it under its own configuration" / "l'agent `{agent}` n'a pas pris sa tâche en {limit} : le coordinateur à {address} ne l'atteint pas avec sa propre configuration";
    agent_not_ended(agent) => "agent `{agent}` had not ended its task 10 s after it was to stop: its figures are the last that it reported" / "l'agent `{agent}` n'avait pas terminé sa tâche 10 s après l'ordre d'arrêt : ses valeurs sont les dernières qu'il a données";
    agent_restarted(agent) => "agent `{agent}` restarted during the load: its earlier records are missing from the figures, and it would begin again" / "l'agent `{agent}` a redémarré pendant la charge : ses enregistrements d'avant manquent aux valeurs, et il recommencerait";
    agent_still_works(agent, task, limit) => "agent `{agent}` still works on task `{task}` after {limit}" / "l'agent `{agent}` travaille encore à la tâche `{task}` après {limit}";
    agent_unknown(agent) => "nothing is known of what agent `{agent}` did" / "rien n'est connu de ce qu'a fait l'agent `{agent}`";
    buffer_unknown() => "Trogdor does not report whether the client's buffer was full" / "Trogdor ne dit pas si le tampon du client a été plein";
    by_agents(agents, version) => "by Trogdor's agents {agents}: the Java client of Kafka {version}" / "par les agents Trogdor {agents} : le client Java de Kafka {version}";
    by_agents_of_unknown_version(agents) => "by Trogdor's agents {agents}: the Java client of a version that Trogdor does not report and the environment does not name" / "par les agents Trogdor {agents} : le client Java d'une version que Trogdor ne dit pas et que l'environnement ne nomme pas";
    check_properties() => "check `properties` of the action, of the cluster and of `trogdor`" / "vérifier `properties` de l'action, du cluster et de `trogdor`";
    committed(records) => "the committed offsets cover {records} {records|record|records}" / "les offsets validés correspondent à {records} {records|enregistrement|enregistrements}";
    committed_once() => "the committed offsets grew in one sample only" / "les offsets validés n'ont crû que dans un relevé";
    coordinator_forgot(address, task) => "Trogdor's coordinator at {address} has forgotten task `{task}`: it restarted, and stops what its agents were doing" / "le coordinateur Trogdor à {address} a oublié la tâche `{task}` : il a redémarré, et arrête ce que faisaient ses agents";
    end_tasks() => "end this run's tasks on Trogdor" / "terminer les tâches de cette exécution sur Trogdor";
    ends_unknown() => "the cluster did not report the topic's end offsets" / "le cluster n'a pas donné les offsets de fin du topic";
    errors_in_agents() => "Trogdor's agents keep the client's errors in their own logs" / "les agents Trogdor gardent les erreurs du client dans leurs propres journaux";
    give_agents() => "give `agents`: the names of the coordinator's nodes, each with its URL" / "donner `agents` : les noms des nœuds du coordinateur, chacun avec son URL";
    give_idle_timeout(name) => "give `{name}` 5s or more" / "donner à `{name}` 5s ou plus";
    give_jaas(reference) => "under `trogdor.properties` of the environment give the agents `sasl.jaas.config: {reference}`" / "sous `trogdor.properties` de l'environnement, donner aux agents `sasl.jaas.config: {reference}`";
    give_near_rate(rate) => "ask for {rate}/s, or use `driver: native`" / "demander {rate}/s, ou prendre `driver: native`";
    give_size_in_range() => "give a `record_size` of 1 byte to 1 GiB" / "donner un `record_size` de 1 octet à 1 Gio";
    give_trogdor() => "add `trogdor` to the environment file; for the lab, `jalon lab up --trogdor`" / "ajouter `trogdor` au fichier d'environnement ; pour le lab, `jalon lab up --trogdor`";
    group_made(group) => "group `{group}` was created for this and has committed offsets" / "le groupe `{group}` a été créé pour cela et a des offsets validés";
    is_secret(property) => "`{property}` is a secret, and Trogdor would pass it on in clear to everyone who asks it" / "`{property}` est un secret, et Trogdor le donnerait en clair à quiconque le lui demande";
    leave_out() => "leave it out" / "l'omettre";
    leave_out_of_properties() => "leave it out of `properties`" / "l'omettre de `properties`";
    look() => "check Trogdor" / "examiner Trogdor";
    no_agents() => "`trogdor` of the environment has no agents" / "`trogdor` de l'environnement ne contient aucun agent";
    no_sasl_username() => "a Java client has no property `sasl.username`" / "un client Java n'a pas de propriété `sasl.username`";
    none_to_end() => "the environment does not define `trogdor`: nothing of this run can be there" / "l'environnement ne définit pas de `trogdor` : rien de cette exécution ne peut s'y trouver";
    not_of_this_client(property) => "`{property}` is not a property of this kind of client" / "`{property}` n'est pas une propriété de ce genre de client";
    offsets_unwritable(cause) => "could not write the offsets: {cause}" / "impossible d'écrire les offsets : {cause}";
    paces_in_steps(step, rate) => "Trogdor paces in steps of {step} records/s, and cannot send {rate} records/s" / "Trogdor va par pas de {step} enr./s, et ne peut pas envoyer {rate} enr./s";
    read(by) => "read {by}" / "lu {by}";
    reference_file(reference) => "under `trogdor.properties` of the environment write it as `{reference}`: each agent then takes it from that file of its own machine" / "sous `trogdor.properties` de l'environnement, l'écrire `{reference}` : chaque agent le prend alors dans ce fichier de sa propre machine";
    sent(by) => "sent {by}" / "envoyé {by}";
    sent_and_read(by) => "sent and read {by}" / "envoyé et lu {by}";
    set_by_driver(property) => "`{property}` is set by the driver `trogdor` itself" / "`{property}` est fixé par le driver `trogdor` lui-même";
    start_takes_seconds() => "Trogdor's agents need some seconds to begin" / "les agents Trogdor demandent quelques secondes pour commencer";
    topic_grew(records) => "the topic grew by {records} {records|record|records}" / "le topic a crû de {records} {records|enregistrement|enregistrements}";
    topic_grew_once() => "the topic grew in one sample only" / "le topic n'a crû que dans un relevé";
    undefined(environment) => "environment `{environment}` defines no `trogdor`" / "l'environnement `{environment}` ne définit pas de `trogdor`";
    untold() => "Trogdor does not report it" / "Trogdor ne le donne pas";
}
