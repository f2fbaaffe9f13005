//! What a reader must know beside the figures of a comparison.

use super::{ComparisonEnd, Outcome, SILENCE, Spec};
use crate::record::{Said, messages};

impl Outcome {
    /// What a reader must know beside the figures.
    pub fn remarks(&self, spec: &Spec) -> Vec<Said> {
        let mut remarks = Vec::new();
        let (total, counts) = (&self.total, &self.total.counts);
        if self.target.is_none() {
            remarks.push(no_target(&spec.target.topic, spec.within));
        }
        match self.ended {
            ComparisonEnd::TooLate if self.target.is_some() && total.lost > 0 => {
                remarks.push(not_arrived_within(total.lost, spec.within));
            }
            ComparisonEnd::SourceShort => {
                remarks.push(source_short(total.expected, spec.records.unwrap_or_default(), spec.within));
            }
            ComparisonEnd::SourceSilent => remarks.push(source_silent(SILENCE)),
            ComparisonEnd::TargetSilent => remarks.push(target_silent(SILENCE)),
            _ => {}
        }
        if !self.latency.is_empty() {
            remarks.push(match self.log_append_time {
                true => by_append_time(),
                false => by_arrival(self.latency.len()),
            });
        }
        if self.from_the_future > 0 {
            remarks.push(created_later(self.from_the_future));
        }
        let foreign = self.read[0].foreign;
        if foreign > 0 {
            remarks.push(by_content(foreign));
        }
        let begins = self.source.values().filter(|(begin, _)| *begin > 0).count();
        if begins > 0 {
            remarks.push(oldest_gone(begins));
        }
        for (count, said) in [
            (counts.expired, expired as fn(u64) -> Said),
            (counts.compacted, compacted),
            (counts.unknown, unknown),
            (counts.newer, newer),
            (total.beyond, beyond),
        ] {
            if count > 0 {
                remarks.push(said(count));
            }
        }
        let missing = self.missing_partitions().len();
        if missing > 0 && self.target.is_some() {
            remarks.push(partitions_missing(missing));
        }
        let more =
            self.target.as_ref().map_or(0, |t| t.keys().filter(|n| !self.source.contains_key(n)).count());
        if more > 0 {
            remarks.push(partitions_more(more));
        }
        if !self.recreated.is_empty() {
            remarks.push(recreated(self.recreated.len()));
        }
        remarks
    }

    /// The source's partitions that the target does not have.
    pub fn missing_partitions(&self) -> Vec<i32> {
        let there = |number: &i32| self.target.as_ref().is_some_and(|target| target.contains_key(number));
        self.source.keys().copied().filter(|number| !there(number)).collect()
    }
}

messages! {
    area "load verify";
    beyond(records) => "{records} records without a partner exceeded the limit that can be kept: other partitions were not searched for them" / "{records} enregistrements sans correspondant dépassaient ce qui peut être gardé : ils n'ont pas été cherchés dans les autres partitions";
    by_append_time() => "latency is the target's LogAppendTime (whole milliseconds, the broker's clock) minus the creation time in the record (the producing machine's clock)" / "la latence est le LogAppendTime de la cible (millisecondes entières, horloge du broker) moins l'heure de création dans l'enregistrement (horloge de la machine productrice)";
    by_arrival(records) => "latency is this machine's clock at arrival minus the creation time in the record (the producing machine's clock), of the {records} {records|record that was|records that were} waited for" / "la latence est l'horloge de cette machine à l'arrivée moins l'heure de création dans l'enregistrement (horloge de la machine productrice), pour {records} {records|enregistrement attendu|enregistrements attendus}";
    by_content(records) => "{records} {records|record has no stamp and was|records have no stamps and were} compared by content" / "{records} {records|enregistrement ne porte pas de marque et a été comparé|enregistrements ne portent pas de marque et ont été comparés} par contenu";
    compacted(records) => "{records} {records|record is|records are} on one side only because the other one keeps only the latest record of a key" / "{records} {records|enregistrement n'est|enregistrements ne sont} que d'un côté parce que l'autre ne garde que le dernier enregistrement d'une clé";
    created_later(records) => "{records} {records|record was|records were} created later than {records|it|they} arrived, by the clocks. hint: synchronize the clocks" / "{records} {records|enregistrement a été créé après son|enregistrements ont été créés après leur} arrivée, d'après les horloges ; synchroniser les horloges";
    expired(records) => "{records} {records|record|records} of the copy {records|is|are} older than the source's log, which has lost {records|it|them} since" / "{records} {records|enregistrement de la copie est antérieur|enregistrements de la copie sont antérieurs} au journal de la source, qui ne {records|le|les} contient plus";
    newer(records) => "{records} {records|record|records} of the copy came to the source while it was compared" / "{records} {records|enregistrement de la copie est arrivé|enregistrements de la copie sont arrivés} sur la source pendant la comparaison";
    no_target(topic, within) => "the target had no topic `{topic}` within {within}. hint: check that the connector's `topics` match, that it runs, and the name that its replication policy gives" / "la cible n'a pas eu de topic `{topic}` en {within} ; vérifier que `topics` du connecteur correspond, qu'il tourne, et le nom que donne sa politique de réplication";
    not_arrived_within(records, within) => "{records} {records|record|records} had not arrived within {within}" / "{records} {records|enregistrement n'était pas arrivé|enregistrements n'étaient pas arrivés} en {within}";
    oldest_gone(partitions) => "the oldest records of {partitions} {partitions|partition|partitions} are gone from the source and were not compared" / "les plus anciens enregistrements de {partitions} {partitions|partition|partitions} ont disparu de la source et n'ont pas été comparés";
    partitions_missing(partitions) => "{partitions} {partitions|partition|partitions} of the source {partitions|does|do} not exist on the target" / "{partitions} {partitions|partition|partitions} de la source n'{partitions|existe|existent} pas sur la cible";
    partitions_more(partitions) => "the target has {partitions} {partitions|partition|partitions} more than the source" / "la cible a {partitions} {partitions|partition|partitions} de plus que la source";
    recreated(partitions) => "the log of {partitions} {partitions|partition|partitions} of the source became shorter during the comparison: the topic was deleted and created again" / "le journal de {partitions} {partitions|partition|partitions} de la source a raccourci pendant la comparaison : le topic a été supprimé et recréé";
    source_short(records, asked, within) => "the source held {records} of {asked} records and got none for {within}" / "la source contenait {records} enregistrements sur {asked} et n'en a reçu aucun pendant {within}";
    source_silent(length) => "ended early: the source cluster did not answer for {length}, so the comparison is not complete" / "terminé avant l'heure : le cluster source n'a pas répondu pendant {length}, la comparaison n'est donc pas complète";
    target_silent(length) => "ended early: the target cluster did not answer for {length}, so the comparison is not complete" / "terminé avant l'heure : le cluster cible n'a pas répondu pendant {length}, la comparaison n'est donc pas complète";
    unknown(records) => "it is unknown whether {records} {records|record was|records were} copied: the log of one side begins later or was compacted" / "on ignore si {records} {records|enregistrement a été copié|enregistrements ont été copiés} : le journal d'un côté commence plus tard ou a été compacté";
}
