//! What `offsets` says.

use crate::record::messages;

messages! {
    area "offsets";
    active(groups) => "these groups have members on the target, so MirrorMaker 2 does not write their offsets: {groups}" / "ces groupes ont des membres sur la cible, donc MirrorMaker 2 n'écrit pas leurs offsets : {groups}";
    all_groups() => "all groups" / "tous les groupes";
    by_checkpoint(partitions) => "{partitions} {partitions|partition has|partitions have} a checkpoint and no committed offset on the target: a consumer there must translate the offset itself (`RemoteClusterUtils.translateOffsets`), or set `sync.group.offsets.enabled`" / "{partitions} {partitions|partition a|partitions ont} un checkpoint et aucun offset validé sur la cible : un consommateur doit y traduire l'offset lui-même (`RemoteClusterUtils.translateOffsets`), ou activer `sync.group.offsets.enabled`";
    cannot_tell(partitions, reason) => "{partitions} {partitions|partition|partitions} cannot be judged: {reason}" / "{partitions} {partitions|partition ne peut être jugée|partitions ne peuvent être jugées} : {reason}";
    checkpoint_clock() => "`checkpoint_age_s` is this machine's clock minus the checkpoint's timestamp, which the worker's clock set; MirrorMaker 2 writes a checkpoint only when the translated offset changes" / "`checkpoint_age_s` est l'horloge de cette machine moins l'horodatage du checkpoint, donné par l'horloge du worker ; MirrorMaker 2 n'écrit un checkpoint que si l'offset traduit change";
    commit_behind(group, partition) => "first before the newest checkpoint: group `{group}` on `{partition}`; its offset on the target is not synchronized yet (`sync.group.offsets.interval.seconds`), or another client reset it" / "d'abord avant le dernier checkpoint : groupe `{group}` sur `{partition}` ; son offset sur la cible n'est pas encore synchronisé (`sync.group.offsets.interval.seconds`), ou un autre client l'a reculé";
    commit_beyond(group, partition) => "first beyond the newest checkpoint: group `{group}` on `{partition}`; a consumer or a tool committed its offset on the target" / "d'abord au-delà du dernier checkpoint : groupe `{group}` sur `{partition}` ; un consommateur ou un outil a validé son offset sur la cible";
    compare(groups, source, target) => "compare the offsets of {groups} on `{source}` with those on `{target}`" / "comparer les offsets de {groups} sur `{source}` à ceux de `{target}`";
    equal_records() => "records that are equal in key, value, headers and timestamp lie side by side" / "des enregistrements égaux par la clé, la valeur, les en-têtes et l'horodatage se suivent";
    group_pattern(patterns) => "groups {patterns}" / "groupes {patterns}";
    malformed(records, topic) => "{records} {records|record|records} of `{topic}` could not be decoded" / "{records} {records|enregistrement|enregistrements} de `{topic}` n'ont pu être décodés";
    no_checkpoint_of_these() => "no checkpoint of these groups exists on the target" / "aucun checkpoint de ces groupes n'existe sur la cible";
    no_checkpoints_topic(topic) => "topic `{topic}` does not exist on the target: the checkpoint connector never wrote to it" / "le topic `{topic}` n'existe pas sur la cible : le connecteur de checkpoints n'y a jamais écrit";
    no_group() => "no group with committed offsets was found on the source" / "aucun groupe avec des offsets validés n'a été trouvé sur la source";
    not_copied(topics) => "these groups also read topics that are not on the target: {topics}" / "ces groupes lisent aussi des topics absents de la cible : {topics}";
    not_found() => "the next record of the group was not found on the target (lost or changed on its way, or the target sets other timestamps)" / "l'enregistrement suivant du groupe est introuvable sur la cible (perdu ou modifié en route, ou la cible change les horodatages)";
    nothing_translated() => "no offset of these groups is on the target, so nothing can be compared" / "aucun offset de ces groupes n'est sur la cible, donc rien à comparer";
    repeat_worst(group, partition, records, reason) => "most repeated: group `{group}` would read {records} {records|record|records} of `{partition}` again: {reason}" / "le plus relu : le groupe `{group}` relirait {records} {records|enregistrement|enregistrements} de `{partition}` : {reason}";
    skip_worst(group, partition, records, reason) => "most skipped: group `{group}` would miss {records} {records|record|records} of `{partition}`: {reason}" / "le plus manqué : le groupe `{group}` manquerait {records} {records|enregistrement|enregistrements} de `{partition}` : {reason}";
    some_not_judged(partitions) => "{partitions} {partitions|partition|partitions} could not be judged; a remark says why" / "{partitions} {partitions|partition n'a pu être jugée|partitions n'ont pu être jugées} ; une remarque dit pourquoi";
    unreadable(groups) => "the offsets of these groups could not be read: {groups}" / "les offsets de ces groupes n'ont pu être lus : {groups}";
    untranslated(partitions, group, partition, reason) => "{partitions} {partitions|partition has|partitions have} no offset on the target, first `{partition}` of group `{group}`: {reason}" / "{partitions} {partitions|partition n'a|partitions n'ont} pas d'offset sur la cible, d'abord `{partition}` du groupe `{group}` : {reason}";
    why_active() => "the group has members on the target, so its offset is not written" / "le groupe a des membres sur la cible, donc son offset n'est pas écrit";
    why_beyond_checkpoint() => "the offset on the target is beyond the newest checkpoint; a consumer or a tool committed it there" / "l'offset sur la cible dépasse le dernier checkpoint ; un consommateur ou un outil l'y a validé";
    why_beyond_end() => "the offset is beyond the end of the target's partition" / "l'offset dépasse la fin de la partition cible";
    why_checkpoint_behind() => "the newest checkpoint was made of an earlier offset; is the checkpoint connector running?" / "le dernier checkpoint vient d'un offset antérieur ; le connecteur de checkpoints tourne-t-il ?";
    why_commit_behind() => "the offset on the target was not brought to the newest checkpoint yet (`sync.group.offsets.interval.seconds`)" / "l'offset sur la cible n'a pas encore été amené au dernier checkpoint (`sync.group.offsets.interval.seconds`)";
    why_exact() => "nothing is wrong" / "rien à signaler";
    why_no_checkpoint() => "offset syncs exist, but no checkpoint of this group: is the checkpoint connector running, and does its `groups` match?" / "des syncs d'offsets existent, mais aucun checkpoint de ce groupe : le connecteur de checkpoints tourne-t-il, et son `groups` correspond-il ?";
    why_no_sync_yet() => "no offset sync of this partition was written yet; it comes with its next copied record" / "aucun sync d'offset de cette partition n'est encore écrit ; il vient avec le prochain enregistrement copié";
    why_no_syncs() => "the topic with offset syncs is on neither cluster" / "le topic des syncs d'offsets n'est sur aucun des deux clusters";
    why_no_topic() => "the topic is not on the target" / "le topic n'est pas sur la cible";
    why_offset_lag() => "the nearest offset sync is before the group's offset (`offset.lag.max`)" / "le sync d'offset le plus proche précède l'offset du groupe (`offset.lag.max`)";
    why_rewound() => "the group was rewound on the source; MirrorMaker 2 does not rewind it on the target" / "le groupe a été reculé sur la source ; MirrorMaker 2 ne le recule pas sur la cible";
    why_syncs_later() => "the group's offset is before the first offset sync that is left" / "l'offset du groupe précède le premier sync d'offset restant";
    why_translation() => "the translated offset is behind the record that the group would read next" / "l'offset traduit est après l'enregistrement que le groupe lirait ensuite";
}
