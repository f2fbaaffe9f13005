//! What `end-to-end` says, with whatever driver.

crate::record::messages! {
    area "end-to-end";
    agent_stopped() => "an agent was stopped before all of its records had arrived and all sends were acknowledged" / "un agent a été arrêté avant que tous ses enregistrements soient arrivés et tous ses envois acquittés";
    agents_take_all() => "Trogdor takes every record for one of its own" / "Trogdor prend chaque enregistrement pour un des siens";
    any_order() => "Trogdor takes records in any order" / "Trogdor prend les enregistrements dans n'importe quel ordre";
    arrived_before_sent(records) => "{records} {records|record|records} arrived before {records|it was|they were} sent, by the clock, which was set meanwhile" / "{records} {records|enregistrement est arrivé avant son|enregistrements sont arrivés avant leur} envoi, d'après l'horloge, réglée entre-temps";
    ask_for_fewer(most) => "ask for {most} or fewer, or use `driver: native`" / "en demander {most} ou moins, ou prendre `driver: native`";
    brokers_clock(least, most) => "this machine's clock is {least} to {most} ms ahead of that of the brokers which stamped the records (LogAppendTime): every record was appended between its send call and its arrival; no figure is corrected for it" / "l'horloge de cette machine est en avance de {least} à {most} ms sur celle des brokers qui ont horodaté les enregistrements (LogAppendTime) : chaque enregistrement a été ajouté entre son envoi et son arrivée ; aucune valeur n'en est corrigée";
    failed_unknown() => "records failed in the producer, and which of those that arrived are theirs is not known" / "des enregistrements ont échoué dans le producteur, et on ne sait pas lesquels de ceux arrivés sont les siens";
    give_number() => "give `records`, or a rate with the duration; or use `driver: native`" / "donner `records`, ou un débit avec la durée ; ou prendre `driver: native`";
    give_rate() => "leave `duration` out, give a rate, or use `driver: native`" / "omettre `duration`, donner un débit, ou prendre `driver: native`";
    keys_wrong(why) => "`keys`: {why}" / "`keys` : {why}";
    see_actions() => "see `jalon actions end-to-end`" / "voir `jalon actions end-to-end`";
    needs_number() => "a round trip of Trogdor needs a number of records" / "un aller-retour de Trogdor demande un nombre d'enregistrements";
    no_times() => "Trogdor keeps no times in a round trip" / "Trogdor ne garde aucun temps dans un aller-retour";
    no_tool() => "kafka-e2e-latency sends a record, waits for it, and only then sends the next: it puts no load on a cluster" / "kafka-e2e-latency envoie un enregistrement, l'attend, et n'envoie qu'alors le suivant : il ne charge pas un cluster";
    no_tool_hint() => "leave `driver` out, or use `driver: trogdor`" / "omettre `driver`, ou prendre `driver: trogdor`";
    none_acknowledged() => "no record was acknowledged" / "aucun enregistrement n'a été acquitté";
    none_arrived() => "no record arrived" / "aucun enregistrement n'est arrivé";
    not_all_arrived() => "not every record arrived" / "tous les enregistrements ne sont pas arrivés";
    not_arrived(records, within) => "{records} {records|record|records} had not arrived {within} after the last acknowledgement" / "{records} {records|enregistrement n'était pas arrivé|enregistrements n'étaient pas arrivés} {within} après le dernier acquittement";
    offsets_method() => "throughput and duration are those of the committed offsets and `achieved_ratio` that of the topic's end offsets, sampled every second: the rate between the first sample in which they had grown and the last but one" / "débit et durée sont ceux des offsets validés et `achieved_ratio` celui des offsets de fin du topic, relevés chaque seconde : le débit entre le premier relevé où ils avaient crû et l'avant-dernier";
    one_process(client) => "sender and reader are one process, {client}: both times of a latency are of this machine's clock, and the machine's own load is in them" / "l'émetteur et le lecteur sont un seul processus, {client} : les deux instants d'une latence viennent de l'horloge de cette machine, et sa propre charge y est";
    others_read(records) => "{records} {records|record|records} of other programs or runs {records|was|were} read and {records|counts|count} for nothing" / "{records} {records|enregistrement|enregistrements} d'autres programmes ou exécutions {records|a été lu et ne compte|ont été lus et ne comptent} pas";
    reader_reported(errors) => "the reader reported {errors}" / "le lecteur a signalé {errors}";
    refuses(cluster, topic, cause) => "cluster `{cluster}` refuses `{topic}`: {cause}" / "le cluster `{cluster}` refuse `{topic}` : {cause}";
    send_and_read(amount, topic, cluster, rate) => "send {amount} to `{topic}` of cluster `{cluster}` at {rate} and read them" / "envoyer {amount} vers `{topic}` du cluster `{cluster}` à {rate} et les lire";
    send_and_read_copy(amount, topic, cluster, rate, copy, target) => "send {amount} to `{topic}` of cluster `{cluster}` at {rate} and read them from `{copy}` of cluster `{target}`" / "envoyer {amount} vers `{topic}` du cluster `{cluster}` à {rate} et les lire dans `{copy}` du cluster `{target}`";
    send_and_read_on(amount, topic, cluster, rate, target) => "send {amount} to `{topic}` of cluster `{cluster}` at {rate} and read them from its copy on cluster `{target}`" / "envoyer {amount} vers `{topic}` du cluster `{cluster}` à {rate} et les lire dans sa copie sur le cluster `{target}`";
    sent_again(grown, arrived) => "the topic grew by {grown} records and {arrived} different ones arrived: some were sent again, or someone else wrote too" / "le topic a crû de {grown} enregistrements et {arrived} différents sont arrivés : certains ont été renvoyés, ou quelqu'un d'autre a écrit";
    stopped_late() => "it was stopped: nothing was sent and nothing arrived for as long as `within` says" / "arrêté : pendant la durée que dit `within`, rien n'a été envoyé et rien n'est arrivé";
    too_many(records) => "a round trip of Trogdor cannot distinguish {records} records" / "un aller-retour de Trogdor ne peut pas distinguer {records} enregistrements";
    values_not_compared() => "Trogdor compares no values" / "Trogdor ne compare aucune valeur";
    way() => "the way is that from the producer to the copy's reader, both of them and MirrorMaker 2 included; repeats that come after the last record are not seen" / "le trajet va du producteur au lecteur de la copie, les deux et MirrorMaker 2 compris ; les répétitions venues après le dernier enregistrement ne sont pas vues";
    whatever_the_time() => "a round trip of Trogdor ends with its records, whatever the time" / "un aller-retour de Trogdor se termine avec ses enregistrements, quel que soit le temps";
}
