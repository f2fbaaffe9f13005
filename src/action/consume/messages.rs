//! What `consume` says, with whatever driver.

crate::record::messages! {
    area "consume";
    agent_told_nothing() => "an agent reported no figures: Trogdor loses them where it is stopped before it has read its records" / "un agent n'a donné aucune valeur : Trogdor les perd quand il est arrêté avant d'avoir lu ses enregistrements";
    ask_for_fewer() => "Trogdor reads what is there already: ask for so many or fewer, or use `driver: native`" / "Trogdor lit ce qui est déjà là : en demander autant ou moins, ou prendre `driver: native`";
    between_batches() => "what Trogdor calls latency is the time between two batches" / "ce que Trogdor appelle latence est le temps entre deux lots";
    consume(amount, topic, cluster) => "consume {amount} of `{topic}` of cluster `{cluster}`" / "consommer {amount} de `{topic}` du cluster `{cluster}`";
    consume_with(amount, topic, cluster, members) => "consume {amount} of `{topic}` of cluster `{cluster}` with {members} {members|member|members}" / "consommer {amount} de `{topic}` du cluster `{cluster}` avec {members} {members|membre|membres}";
    duration_over() => "its duration was over" / "sa durée était écoulée";
    give_idle_timeout() => "give 5s or more" / "donner 5s ou plus";
    give_members() => "give `members` 1 or more" / "donner à `members` 1 ou plus";
    give_records() => "give `records`" / "donner `records`";
    give_records_or_native() => "give `records`, or use `driver: native`" / "donner `records`, ou prendre `driver: native`";
    idle_timeout_passed() => "no record came for the idle time-out" / "aucun enregistrement n'est venu pendant le délai d'inactivité";
    idle_timeout_too_short() => "an `idle_timeout` below one second ends before a group can form" / "un `idle_timeout` de moins d'une seconde finit avant qu'un groupe puisse se former";
    members_too_many(members, most) => "{members} members are more than the {most} that one machine is asked to run" / "{members} membres dépassent les {most} qu'une machine fait tourner";
    no_members() => "a group of 0 members reads nothing" / "un groupe de 0 membre ne lit rien";
    no_partition_assigned() => "no partition was assigned" / "aucune partition n'a été affectée";
    no_such_request() => "the client sent no such request" / "le client n'a envoyé aucune requête de ce genre";
    none_read() => "no record was read" / "aucun enregistrement n'a été lu";
    not_ready() => "not every partition of the topic had a member here" / "toutes les partitions du topic n'avaient pas un membre ici";
    offsets_method() => "throughput and duration are those of the committed offsets, sampled every second: the rate between the first sample in which they had grown and the last but one; bytes include keys" / "débit et durée sont ceux des offsets validés, relevés chaque seconde : le débit entre le premier relevé où ils avaient crû et l'avant-dernier ; les octets comprennent les clés";
    one_member_per_partition() => "a partition has one member; more than the topic has partitions read nothing" / "une partition a un seul membre ; au-delà du nombre de partitions, ils ne lisent rien";
    only_older() => "every record was older than the group's assignment" / "chaque enregistrement était plus ancien que l'affectation du groupe";
    partitions_given() => "Trogdor's agents are given their partitions, they join no group" / "les agents Trogdor reçoivent leurs partitions, ils ne rejoignent aucun groupe";
    refuses_reading(cluster, topic, cause) => "cluster `{cluster}` refuses to let `{topic}` be read: {cause}" / "le cluster `{cluster}` refuse la lecture de `{topic}` : {cause}";
    statistics_none_yet() => "it ended before the client reported its statistics" / "terminé avant que le client donne ses statistiques";
    statistics_off() => "the client reports no statistics: `statistics.interval.ms` is 0" / "le client ne donne pas de statistiques : `statistics.interval.ms` vaut 0";
    stopped_early(why) => "it was stopped before it had read all: {why}" / "arrêté avant d'avoir tout lu : {why}";
    tool_needs_records() => "kafka-consumer-perf-test must know how many `records`" / "kafka-consumer-perf-test doit savoir combien de `records`";
    tool_rates() => "rates are over the time of fetching, without the time of joining; keys count among the bytes" / "les débits portent sur le temps de lecture, sans le temps d'entrée dans le groupe ; les clés comptent dans les octets";
    tool_reads_batches() => "the tool reads whole batches, which may be more records than asked for, and commits its group's offsets as the client does" / "l'outil lit des lots entiers, donc peut-être plus d'enregistrements que demandé, et valide les offsets de son groupe comme le client";
    tool_waits() => "kafka-consumer-perf-test prints its figures at its end" / "kafka-consumer-perf-test donne ses valeurs à sa fin";
    too_few_unread(topic, there, group, records) => "`{topic}` has {there} records that group `{group}` has not read, and {records} are to be read" / "`{topic}` a {there} enregistrements que le groupe `{group}` n'a pas lus, et {records} sont à lire";
    trogdor_needs_records() => "Trogdor loses the figures of a consumer that has no number of records to read" / "Trogdor perd les valeurs d'un consommateur qui n'a pas de nombre d'enregistrements à lire";
}
