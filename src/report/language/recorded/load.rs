//! What loads say of themselves, by whatever driver.

/// English and French; the first form that fits counts.
pub(in crate::report) const FORMS: &[(&str, &str)] = &[
    // A search for the capacity.
    ("the latencies are those of probe {}, {}/s", "les latences sont celles de l'essai {}, {#}/s"),
    (
        "{} records/s, the highest rate of interest, held, {}: the limit is at least that, and was not found",
        "{#} enr./s, le plus haut débit recherché, a tenu, {} : la limite est au moins là, et n'a pas été trouvée",
    ),
    ("{} records/s held, {}; {} records/s did not: {}", "{#} enr./s ont tenu, {} ; {#} enr./s non : {}"),
    (
        "{}; {} records/s is the highest rate that held until then",
        "{} ; {#} enr./s est le plus haut débit qui avait tenu jusque-là",
    ),
    (
        "not even {} records/s, the lowest rate of interest, held: {}",
        "même {#} enr./s, le plus bas débit recherché, n'ont pas tenu : {}",
    ),
    (
        "not even {} records/s, the lowest rate of interest, held",
        "même {#} enr./s, le plus bas débit recherché, n'ont pas tenu",
    ),
    ("nothing held", "rien n'a tenu"),
    ("it gave up after too many probes", "abandon après trop d'essais"),
    (
        "the time for the search ({}) was over before it was confirmed",
        "le temps de la recherche ({}) était écoulé avant la confirmation",
    ),
    ("the search was stopped before it was confirmed", "la recherche a été arrêtée avant la confirmation"),
    ("every rate that was tried held", "tous les débits essayés ont tenu"),
    ("no rate held", "aucun débit n'a tenu"),
    ("it has one end only", "il n'a qu'une borne"),
    (
        "a rate that had held did not hold again, {}: near the limit chance decides, and the answer is on the lower side",
        "un débit qui avait tenu n'a pas tenu de nouveau, {} : près de la limite, le hasard décide, et la réponse est du côté bas",
    ),
    (
        "probe {}, {}/s, was not finished and counts for nothing",
        "l'essai {}, {#}/s, n'a pas été terminé et ne compte pas",
    ),
    // Producing, by whatever driver.
    (
        "sent by this program's own load generator, on {}",
        "envoyé par le générateur de charge de ce programme, sur {}",
    ),
    (
        "{} records of warm-up before it are in no rate and no latency",
        "{#} enregistrements de montée en charge, avant, ne sont dans aucun débit ni aucune latence",
    ),
    (
        "the rate was unlimited: the latencies are queueing in the client for the most part; judge latency at a capped rate only",
        "le débit était illimité : les latences sont surtout de l'attente dans le client ; ne juger la latence qu'à débit plafonné",
    ),
    ("asked for {} records/s and achieved {}", "{#} enr./s demandés, {#} obtenus"),
    (
        "the client's queue was full for {} in all: the cluster, or this client's settings, did not take the records as fast as they were due",
        "la file du client a été pleine pendant {} en tout : le cluster, ou les réglages de ce client, n'ont pas pris les enregistrements au rythme prévu",
    ),
    (
        "records were sent up to {} later than intended, which is in their latency; {}",
        "des enregistrements ont été envoyés jusqu'à {} après l'instant prévu, ce qui est dans leur latence ; {}",
    ),
    (
        "what was overdue was sent as fast as the client took it",
        "ce qui était en retard a été envoyé aussi vite que le client l'a pris",
    ),
    (
        "what was overdue was sent at no more than {} times the asked rate",
        "ce qui était en retard a été envoyé à au plus {#} fois le débit demandé",
    ),
    (
        "{} of {} records were not sent before the load's end: what they waited is in no latency, so the percentiles are lower than they would be with them",
        "{#} enregistrements sur {#} n'ont pas été envoyés avant la fin de la charge : leur attente n'est dans aucune latence, et les centiles sont plus bas qu'avec eux",
    ),
    (
        "the generator itself was late, its queue being free: 1 % of the records by {} ms or more, one by {} ms; this machine is too busy or too slow for the rate, and the latencies contain it",
        "le générateur lui-même était en retard, sa file étant libre : 1 % des enregistrements de {#} ms ou plus, l'un de {#} ms ; cette machine est trop occupée ou trop lente pour ce débit, et les latences le contiennent",
    ),
    (
        "{} latencies were over one hour; percentiles take them for one hour",
        "{#} latences dépassaient une heure ; les centiles les prennent pour une heure",
    ),
    (
        "`delivery.timeout.ms` is {}: in librdkafka it cannot be longer than `transaction.timeout.ms`",
        "`delivery.timeout.ms` vaut {} : dans librdkafka, il ne peut pas dépasser `transaction.timeout.ms`",
    ),
    ("{} transactions were aborted", "{#} transactions ont été annulées"),
    (
        "brokers asked the client to wait up to {} ms: a quota limits it, and the rate and the latencies are the quota's",
        "les brokers ont demandé au client d'attendre jusqu'à {#} ms : un quota le limite, et le débit et les latences sont ceux du quota",
    ),
    (
        "brokers asked the client to wait up to {} ms: a quota limits it, and the throughput is the quota's",
        "les brokers ont demandé au client d'attendre jusqu'à {#} ms : un quota le limite, et le débit est celui du quota",
    ),
    ("`{}` is not used: {}", "`{}` n'est pas utilisé : {}"),
    (
        "`{}`: the cooperative assignor is left out, as librdkafka takes it alone only",
        "`{}` : l'affectation coopérative est laissée de côté, car librdkafka ne la prend que seule",
    ),
    (
        "idempotence is off, as in the Java client, because of {}",
        "l'idempotence est désactivée, comme dans le client Java, à cause de {}",
    ),
    ("{} failed, from {} to {} after the start: {}", "{} en échec, de {} à {} après le début : {}"),
    ("{} records were never answered", "{#} enregistrements sont restés sans réponse"),
    ("the client reported {}", "le client a signalé {}"),
    ("the reader reported {}", "le lecteur a signalé {}"),
    (
        "it was ended early: no record was delivered any more for longer than `delivery.timeout.ms`: {}",
        "terminé avant l'heure : aucun enregistrement n'a plus été livré pendant plus de `delivery.timeout.ms` : {}",
    ),
    (
        "percentiles are whole milliseconds, of a sample of at most 500,000 records",
        "les centiles sont en millisecondes entières, sur un échantillon d'au plus 500 000 enregistrements",
    ),
    (
        "latencies are measured from the send call: what a record waited before it, because the tool was behind its {}, is in none",
        "les latences sont mesurées depuis l'appel d'envoi : ce qu'un enregistrement a attendu avant, parce que l'outil était en retard sur {}, n'est dans aucune",
    ),
    (
        "records of {} letters from A to Z, as the tool makes them, without keys",
        "enregistrements de {} lettres de A à Z, comme l'outil les fait, sans clé",
    ),
    // Consuming.
    (
        "rates are over the time of fetching, without the time of joining; keys count among the bytes",
        "les débits portent sur le temps de lecture, sans le temps d'entrée dans le groupe ; les clés comptent dans les octets",
    ),
    (
        "the tool reads whole batches, which may be more records than asked for, and commits its group's offsets as the client does",
        "l'outil lit des lots entiers, donc peut-être plus d'enregistrements que demandé, et valide les offsets de son groupe comme le client",
    ),
    (
        "it ended after {} of {} records because none came for {}",
        "terminé après {#} enregistrements sur {#}, car aucun n'est arrivé pendant {}",
    ),
    (
        "it ended after {} records because none came for {}",
        "terminé après {#} enregistrements, car aucun n'est arrivé pendant {}",
    ),
    (
        "{} for {}: a partition has one member of a group, so the others have nothing to read",
        "{} pour {} : une partition a un seul membre d'un groupe, les autres n'ont rien à lire",
    ),
    (
        "the first record came {} after the assignment; the throughput contains that wait",
        "le premier enregistrement est arrivé {} après l'affectation ; le débit contient cette attente",
    ),
    (
        "not every one of the topic's {} had a member here; another program may be in the group",
        "les {} du topic n'avaient pas toutes un membre ici ; un autre programme est peut-être dans le groupe",
    ),
    (
        "the group was rebalanced while it read, {} for one member; `rebalances.csv` has when and what",
        "le groupe a été rééquilibré pendant la lecture, {} pour un membre ; `rebalances.csv` dit quand et quoi",
    ),
    (
        "end-to-end latency is this machine's clock, as the client hands a record over, minus the record's timestamp, which has whole milliseconds and is of {}; where the clocks of two machines differ, so does the latency",
        "la latence de bout en bout est l'horloge de cette machine, quand le client remet l'enregistrement, moins son horodatage, qui est en millisecondes entières et vient de {} ; si les horloges de deux machines diffèrent, la latence aussi",
    ),
    ("the producer's clock (CreateTime)", "l'horloge du producteur (CreateTime)"),
    ("the broker's clock (LogAppendTime)", "l'horloge du broker (LogAppendTime)"),
    (
        "the producer's clock for some records (CreateTime) and the broker's for others (LogAppendTime)",
        "l'horloge du producteur pour certains enregistrements (CreateTime) et celle du broker pour d'autres (LogAppendTime)",
    ),
    (
        "the records bear the time of {}; by the least difference of arrival and timestamp this machine's clock is {}; no figure is corrected for it",
        "les enregistrements portent l'heure de {} ; d'après le plus petit écart entre arrivée et horodatage, l'horloge de cette machine est {} ; aucune valeur n'en est corrigée",
    ),
    (
        "{}; from {} to {} ahead, if the fastest record came within the shortest round trip ({})",
        "{} ; en avance de {} à {}, si l'enregistrement le plus rapide est venu dans le plus court aller-retour ({})",
    ),
    (
        "{} records are older than the group's assignment: they count for throughput and not for latency",
        "{#} enregistrements sont plus anciens que l'affectation du groupe : ils comptent pour le débit et non pour la latence",
    ),
    (
        "{} records bear a time later than this machine's clock and are not in the latency: set the clocks",
        "{#} enregistrements portent une heure postérieure à l'horloge de cette machine et ne sont pas dans la latence : régler les horloges",
    ),
    // From end to end, and what replication did.
    (
        "sender and reader are one process, {}: both times of a latency are of this machine's clock, and the machine's own load is in them",
        "l'émetteur et le lecteur sont un seul processus, {} : les deux instants d'une latence viennent de l'horloge de cette machine, et sa propre charge y est",
    ),
    (
        "the way is that from the producer to the copy's reader, both of them and MirrorMaker 2 included; repeats that come after the last record are not seen",
        "le trajet va du producteur au lecteur de la copie, les deux et MirrorMaker 2 compris ; les répétitions venues après le dernier enregistrement ne sont pas vues",
    ),
    (
        "{} records had not arrived {} after the last acknowledgement",
        "{#} enregistrements n'étaient pas arrivés {} après le dernier acquittement",
    ),
    (
        "{} records arrived before they were sent, by the clock, which was set meanwhile",
        "{#} enregistrements sont arrivés avant leur envoi, d'après l'horloge, réglée entre-temps",
    ),
    (
        "{} records of other programs or runs were read and count for nothing",
        "{#} enregistrements d'autres programmes ou exécutions ont été lus et ne comptent pas",
    ),
    (
        "this machine's clock is {} to {} ms ahead of that of the brokers which stamped the records (LogAppendTime): every record was appended between its send call and its arrival; no figure is corrected for it",
        "l'horloge de cette machine est en avance de {#} à {#} ms sur celle des brokers qui ont horodaté les enregistrements (LogAppendTime) : chaque enregistrement a été ajouté entre son envoi et son arrivée ; aucune valeur n'en est corrigée",
    ),
    ("the target had no topic `{}` within {}", "la cible n'a pas eu de topic `{}` en {}"),
    ("{} records had not arrived within {}", "{#} enregistrements n'étaient pas arrivés en {}"),
    (
        "the source held {} of {} records and got none for {}",
        "la source contenait {#} enregistrements sur {#} et n'en a reçu aucun pendant {}",
    ),
    (
        "it was ended early: the {} cluster did not answer for {}, so the comparison is not complete",
        "terminé avant l'heure : le cluster {} n'a pas répondu pendant {}, la comparaison n'est donc pas complète",
    ),
    (
        "latency is the target's LogAppendTime (whole milliseconds, the broker's clock) minus the creation time in the record (the producing machine's clock)",
        "la latence est le LogAppendTime de la cible (millisecondes entières, horloge du broker) moins l'heure de création dans l'enregistrement (horloge de la machine productrice)",
    ),
    (
        "latency is this machine's clock at arrival minus the creation time in the record (the producing machine's clock), of the {} records that were waited for",
        "la latence est l'horloge de cette machine à l'arrivée moins l'heure de création dans l'enregistrement (horloge de la machine productrice), pour les {#} enregistrements attendus",
    ),
    (
        "{} records were created later than they arrived, by the clocks: set them",
        "{#} enregistrements ont été créés après leur arrivée, d'après les horloges : les régler",
    ),
    (
        "{} stamped records are on the target and not on the source (any more)",
        "{#} enregistrements marqués sont sur la cible et pas (ou plus) sur la source",
    ),
    (
        "{} records are {} on the source already and count against nobody",
        "{#} enregistrements sont déjà {} sur la source et ne sont imputés à personne",
    ),
    (
        "the oldest records of {} partitions are gone from the source and were not compared",
        "les plus anciens enregistrements de {#} partitions ont disparu de la source et n'ont pas été comparés",
    ),
    // Trogdor.
    (
        "{} by Trogdor's agents {}: the Java client of a version that Trogdor does not tell and the environment does not name",
        "{} par les agents Trogdor {} : le client Java d'une version que Trogdor ne dit pas et que l'environnement ne nomme pas",
    ),
    (
        "{} by Trogdor's agents {}: the Java client of Kafka {}",
        "{} par les agents Trogdor {} : le client Java de Kafka {}",
    ),
    ("Trogdor does not tell it", "Trogdor ne le dit pas"),
    ("Trogdor keeps no times in a round trip", "Trogdor ne garde aucun temps dans un aller-retour"),
    ("Trogdor takes records in any order", "Trogdor prend les enregistrements dans n'importe quel ordre"),
    ("Trogdor compares no values", "Trogdor ne compare aucune valeur"),
    (
        "Trogdor takes every record for one of its own",
        "Trogdor prend chaque enregistrement pour un des siens",
    ),
    (
        "Trogdor's agents keep the client's errors in their own logs",
        "les agents Trogdor gardent les erreurs du client dans leurs propres journaux",
    ),
    (
        "Trogdor's agents are given their partitions, they join no group",
        "les agents Trogdor reçoivent leurs partitions, ils ne rejoignent aucun groupe",
    ),
    (
        "Trogdor does not tell whether the client's buffer was full",
        "Trogdor ne dit pas si le tampon du client a été plein",
    ),
    ("Trogdor knows no intended send times", "Trogdor ne connaît pas d'instants d'envoi prévus"),
    ("Trogdor keeps no maximum", "Trogdor ne garde pas de maximum"),
    ("Trogdor keeps no percentile above the 99th", "Trogdor ne garde aucun centile au-dessus du 99e"),
    (
        "what Trogdor calls latency is the time between two batches",
        "ce que Trogdor appelle latence est le temps entre deux lots",
    ),
    ("no number of records was asked for", "aucun nombre d'enregistrements n'était demandé"),
    ("an agent told no figures", "un agent n'a donné aucune valeur"),
    (
        "an agent told no figures: Trogdor loses them where it is stopped before it has read its records",
        "un agent n'a donné aucune valeur : Trogdor les perd quand il est arrêté avant d'avoir lu ses enregistrements",
    ),
    (
        "an agent was stopped before all of its records had arrived and all sends were acknowledged",
        "un agent a été arrêté avant que tous ses enregistrements soient arrivés et tous ses envois acquittés",
    ),
    (
        "the topic grew by {} records and {} different ones arrived: some were sent again, or someone else wrote too",
        "le topic a crû de {#} enregistrements et {#} différents sont arrivés : certains ont été renvoyés, ou quelqu'un d'autre a écrit",
    ),
    (
        "the topic grew by {} records and the agents sent {}: someone else wrote too, or records are in it twice",
        "le topic a crû de {#} enregistrements et les agents en ont envoyé {#} : quelqu'un d'autre a écrit, ou des enregistrements y sont deux fois",
    ),
    (
        "the cluster did not tell the topic's end offsets",
        "le cluster n'a pas dit les offsets de fin du topic",
    ),
    (
        "the cluster did not tell the topic's end offsets, and Trogdor counts failed records as sent",
        "le cluster n'a pas dit les offsets de fin du topic, et Trogdor compte les enregistrements échoués comme envoyés",
    ),
    (
        "the offsets grew for less than 2 s between the first and the last but one look at them",
        "les offsets ont crû pendant moins de 2 s entre le premier relevé et l'avant-dernier",
    ),
    (
        "the topic grew for less than 2 s between the first and the last but one look at its offsets",
        "le topic a crû pendant moins de 2 s entre le premier relevé de ses offsets et l'avant-dernier",
    ),
    (
        "the committed offsets grew for less than 2 s between the first and the last but one look at them",
        "les offsets validés ont crû pendant moins de 2 s entre le premier relevé et l'avant-dernier",
    ),
    ("the topic was seen growing once", "le topic n'a été vu croître qu'une fois"),
    ("the committed offsets were seen growing once", "les offsets validés n'ont été vus croître qu'une fois"),
    ("no record was sent", "aucun enregistrement n'a été envoyé"),
    (
        "latencies above 10 s count as 10 s in Trogdor, and there were some",
        "les latences au-dessus de 10 s comptent pour 10 s dans Trogdor, et il y en a eu",
    ),
    ("an agent sent too few records for it", "un agent a envoyé trop peu d'enregistrements pour cela"),
    (
        "it is 10 s or more: Trogdor's histogram ends there",
        "10 s ou plus : l'histogramme de Trogdor s'arrête là",
    ),
    (
        "it was stopped: for as long as `within` says, nothing was sent and nothing arrived",
        "arrêté : pendant la durée que dit `within`, rien n'a été envoyé et rien n'est arrivé",
    ),
    (
        "throughput and duration are those of the committed offsets and `achieved_ratio` that of the topic's end offsets, looked at every second: the rate between the first sample in which they had grown and the last but one",
        "débit et durée sont ceux des offsets validés et `achieved_ratio` celui des offsets de fin du topic, relevés chaque seconde : le débit entre le premier relevé où ils avaient crû et l'avant-dernier",
    ),
    (
        "group `{}` was made for this and has committed offsets",
        "le groupe `{}` a été créé pour cela et a des offsets validés",
    ),
    ("it was stopped before it had read all: {}", "arrêté avant d'avoir tout lu : {}"),
    ("the committed offsets tell of {} records", "les offsets validés correspondent à {#} enregistrements"),
    (
        "throughput and duration are those of the committed offsets, looked at every second: the rate between the first sample in which they had grown and the last but one; bytes include keys",
        "débit et durée sont ceux des offsets validés, relevés chaque seconde : le débit entre le premier relevé où ils avaient crû et l'avant-dernier ; les octets comprennent les clés",
    ),
    (
        "Trogdor's latencies run from the send call and include the first, cold sends; an agent that waits sends nothing and does not catch up, so that a stall shows in `achieved_ratio` and hardly in the percentiles",
        "les latences de Trogdor partent de l'appel d'envoi et comprennent les premiers envois, à froid ; un agent qui attend n'envoie rien et ne rattrape pas, si bien qu'un arrêt se voit dans `achieved_ratio` et à peine dans les centiles",
    ),
    (
        "throughput and duration are those of the topic's end offsets, looked at every 0.5 s: the rate between the first sample in which they had grown and the last but one",
        "débit et durée sont ceux des offsets de fin du topic, relevés toutes les 0,5 s : le débit entre le premier relevé où ils avaient crû et l'avant-dernier",
    ),
    ("the topic grew by {} records", "le topic a crû de {#} enregistrements"),
    (
        "{} of {} records that the agents sent are not in the topic; their logs say why",
        "{#} enregistrements sur {#} envoyés par les agents ne sont pas dans le topic ; leurs journaux disent pourquoi",
    ),
    (
        "percentiles of several agents cannot be merged: `send_latency_ms` has the largest of each, which that of all together does not exceed; averages are weighted by records",
        "les centiles de plusieurs agents ne peuvent pas être réunis : `send_latency_ms` a le plus grand de chaque, que celui de l'ensemble ne dépasse pas ; les moyennes sont pondérées par les enregistrements",
    ),
    ("latencies of Trogdor are whole milliseconds", "les latences de Trogdor sont en millisecondes entières"),
    (
        "the environment names no Trogdor: nothing of this run can be there",
        "l'environnement ne nomme aucun Trogdor : rien de cette exécution ne peut s'y trouver",
    ),
    (
        "{} other task(s) were active on the coordinator when this load began: what they did is in these figures",
        "{} autre(s) tâche(s) étaient actives sur le coordinateur au début de cette charge : ce qu'elles ont fait est dans ces valeurs",
    ),
    ("nothing is known of what agent `{}` did", "rien n'est connu de ce qu'a fait l'agent `{}`"),
    (
        "agent `{}` had not ended its task 10 s after it was to stop: its figures are as it told them last",
        "l'agent `{}` n'avait pas terminé sa tâche 10 s après l'ordre d'arrêt : ses valeurs sont les dernières qu'il a données",
    ),
];
