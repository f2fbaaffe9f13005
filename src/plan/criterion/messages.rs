//! What verdicts of criteria and summaries of watches say.

crate::record::messages! {
    area "criterion";
    also_differs(names) => "also differs: {names}" / "diffère aussi : {names}";
    breached(from, to, length) => "did not hold from {from} to {to} of the step ({length})" / "non respecté de {from} à {to} de l'étape ({length})";
    breached_at_end(length, hold) => "did not hold in the last {length}, and the step ended before {hold} had passed" / "non respecté dans les dernières {length}, et l'étape s'est terminée avant que {hold} soient écoulées";
    both_sides() => "the interval includes the limit" / "l'intervalle est de part et d'autre de la limite";
    breached_briefly(count, hold) => "did not hold in {count} {count|sample|samples}, never for {hold}" / "non respecté dans {count} {count|échantillon|échantillons}, jamais pendant {hold}";
    breached_in_short_step(count, samples, span, hold) => "did not hold in {count} of {samples} samples, and {span} of samples are too short to judge `for: {hold}`" / "non respecté dans {count} {count|échantillon|échantillons} sur {samples}, et {span} d'échantillons ne suffisent pas pour juger `for: {hold}`";
    breached_or_unseen(watch, length, reason) => "did not hold or had no sample for {length}; watch `{watch}`: {reason}" / "non respecté ou sans échantillon pendant {length} ; surveillance `{watch}` : {reason}";
    changed(name, percent, low, high) => "{name} changed by {percent} ({low} to {high})" / "{name} a varié de {percent} ({low} à {high})";
    changed_undetectably(name, percent, low, high) => "{name} changed by {percent} ({low} to {high}): no detectable difference" / "{name} a varié de {percent} ({low} à {high}) : aucune différence détectable";
    compared_with(reason, runs) => "{reason}; compared with {runs}" / "{reason} ; comparé à {runs}";
    does_not_hold() => "does not hold" / "non respecté";
    halted(text) => "stopped by its guard: {text}" / "arrêtée par sa garde : {text}";
    halted_blind(length, text, reason) => "stopped because its guard had no sample for {length}: {text}: {reason}" / "arrêtée parce que sa garde n'a rien vu pendant {length} : {text} : {reason}";
    held(samples, span) => "held in {samples} {samples|sample|samples} over {span}" / "respecté dans {samples} {samples|échantillon|échantillons} sur {span}";
    held_in_part(held, samples, span) => "held in {held} of {samples} {samples|sample|samples} over {span}" / "respecté dans {held} {held|échantillon|échantillons} sur {samples}, sur {span}";
    holds() => "holds" / "respecté";
    last_sample_empty() => "the last sample is empty" / "le dernier échantillon est vide";
    no_sample(watch) => "watch `{watch}` has no sample" / "la surveillance `{watch}` n'a aucun échantillon";
    no_value() => "no value" / "aucune valeur";
    not_decided() => "not decided" / "indécis";
    not_a_number(value) => "not a number: {value}" / "pas un nombre : {value}";
    not_judged(reason) => "not judged: {reason}" / "non jugé : {reason}";
    not_yes_or_no(value) => "the result is not a boolean: {value}" / "le résultat n'est pas un booléen : {value}";
    of_another_type(what) => "a {what}" / "valeur de type {what}";
    run(name) => "run {name}" / "l'exécution {name}";
    run_with_note(name, note) => "run {name} ({note})" / "l'exécution {name} ({note})";
    saw_nothing_for(watch, length, reason) => "watch `{watch}` had no sample for {length}: {reason}" / "la surveillance `{watch}` n'a rien vu pendant {length} : {reason}";
    saw_nothing_in(watch, missed, samples, reason) => "watch `{watch}`: {missed} of {samples} samples are empty: {reason}" / "la surveillance `{watch}` n'a rien vu dans {missed} échantillons sur {samples} : {reason}";
    output_unusable(output, unusable) => "`{output}`: {unusable}" / "`{output}` : {unusable}";
    samples_empty(missed, samples, first, reason) => "{missed} of {samples} samples are empty, the first at {first}: {reason}" / "{missed} {missed|échantillon|échantillons} sur {samples} {missed|n'a|n'ont} rien vu, le premier à {first} : {reason}";
    samples_empty_in_a_row(count) => "{count} samples in a row are empty" / "{count} échantillons de suite sont vides";
    samples_late(late, samples) => "the first {late} of {samples} samples have no number" / "les {late} premiers des {samples} échantillons n'ont pas de nombre";
    samples_mostly_empty(missed, samples) => "{missed} of {samples} samples are empty" / "{missed} {missed|échantillon|échantillons} sur {samples} {missed|est vide|sont vides}";
    samples_unusable(count, samples, first, reason) => "{count} of {samples} samples are unusable, the first at {first}: {reason}" / "{count} {count|échantillon|échantillons} sur {samples} {count|est inutilisable|sont inutilisables}, le premier à {first} : {reason}";
    remarks_not_kept(count) => "{count} further {count|remark|remarks} of samples are not shown" / "{count} {count|autre remarque|autres remarques} des échantillons ne sont pas montrées";
    samples_said(count, samples, first, remark) => "in {count} of {samples} samples, first after {first}: {remark}" / "dans {count} {count|échantillon|échantillons} sur {samples}, d'abord après {first} : {remark}";
    samples_without(output, count, samples, first, reason) => "`{output}` has no value in {count} of {samples} samples, the first at {first}: {reason}" / "`{output}` n'a pas de valeur dans {count} {count|échantillon|échantillons} sur {samples}, le premier à {first} : {reason}";
    seen_unusable(watch, unusable) => "watch `{watch}`: {unusable}" / "surveillance `{watch}` : {unusable}";
    two_runs(first, second) => "{first} and {second}" / "{first} et {second}";
}
