//! What the engine says of steps and actions.

crate::record::messages! {
    area "engine";
    action(id, what) => "`{id}`: {what}" / "`{id}` : {what}";
    again_failed(action, step, why) => "`{action}` of step {step} failed ({why}) and may have done its work all the same; may it be done again?" / "`{action}` de l'étape {step} a échoué ({why}) et a pu faire son travail malgré tout ; peut-elle être refaite ?";
    again_finished(action, step, why) => "`{action}` of step {step} had finished, and would be done again ({why}); may it be done again?" / "`{action}` de l'étape {step} était terminée et serait refaite ({why}) ; peut-elle l'être ?";
    again_in_doubt(action, step) => "`{action}` of step {step} had started when the run ended, and how far it came is unknown; may it be repeated?" / "`{action}` de l'étape {step} avait commencé quand l'exécution s'est arrêtée, et on ignore jusqu'où elle est allée ; peut-elle être refaite ?";
    again_moved(action, step, old, old_step) => "`{action}` of step {step} may do again what `{old}` of step {old_step} did in this run, which the plan no longer has; may it be done?" / "`{action}` de l'étape {step} peut refaire ce que `{old}` de l'étape {old_step} a fait dans cette exécution, et que le plan n'a plus ; peut-elle être exécutée ?";
    again_refused(action, by) => "`{action}` must not be done again, says {by}; its step cannot be carried out" / "`{action}` ne doit pas être refaite, selon {by} ; son étape ne peut pas être exécutée";
    again_renamed(action, step, old, old_step) => "`{action}` of step {step} does what `{old}` of step {old_step} did in this run; may it be done again?" / "`{action}` de l'étape {step} fait ce que `{old}` de l'étape {old_step} a fait dans cette exécution ; peut-elle être refaite ?";
    again_reworded(action, step, old) => "`{action}` of step {step} may do again what `{old}` of that step did in this run, which the plan no longer has; may it be done?" / "`{action}` de l'étape {step} peut refaire ce que `{old}` de cette étape a fait dans cette exécution, et que le plan n'a plus ; peut-elle être exécutée ?";
    approved(by) => "approved by {by}" / "approuvé par {by}";
    approved_with(by, comment) => "approved by {by}: {comment}" / "approuvé par {by} : {comment}";
    artifacts_missing(paths) => "expected artifacts are missing: {paths}" / "artefacts attendus absents : {paths}";
    clean_up_failed(failures) => "the clean-up failed: {failures}" / "le nettoyage a échoué : {failures}";
    condition_false(condition) => "{condition} does not hold" / "{condition} n'est pas respecté";
    ended_what_was_left(names) => "ended processes that the killed run had left: {names}" / "processus terminés, que l'exécution tuée avait laissés : {names}";
    error(criterion) => "error: {criterion}" / "erreur : {criterion}";
    every_criterion_holds() => "every criterion holds" / "chaque critère est respecté";
    fail(criterion) => "fail: {criterion}" / "non conforme : {criterion}";
    inconclusive(criterion) => "inconclusive: {criterion}" / "non concluant : {criterion}";
    matrix_stopped(condition) => "its matrix was stopped: {condition} holds" / "la matrice s'est arrêtée : {condition} est respecté";
    more(shown, count) => "{shown} and {count} more" / "{shown} et {count} autres";
    named(names) => "{names}" / "{names}";
    no_answer(bound) => "no answer within {bound}" / "pas de réponse en {bound}";
    no_criterion_applied() => "no criterion applied, so nothing was judged" / "aucun critère ne s'appliquait : rien n'a été jugé";
    no_sample_taken(length) => "no sample was taken for {length}: jalon was suspended" / "aucun échantillon pendant {length} : jalon était suspendu";
    not_applicable(condition) => "not applicable: {condition} does not hold" / "sans objet : {condition} n'est pas respecté";
    not_comparable(why) => "not the same load from the same client: {why}" / "ce n'est pas la même charge du même client : {why}";
    not_here(action) => "`{action}` is not in this run" / "`{action}` n'est pas dans cette exécution";
    not_in_other(action) => "`{action}` is not in the other run" / "`{action}` n'est pas dans l'autre exécution";
    not_tried() => "it was not tried" / "elle n'a pas été tentée";
    output_not_compared(output) => "`{output}` is not compared where `latency_ms` is measured. hint: compare `latency_ms`" / "`{output}` n'est pas comparé quand `latency_ms` est mesuré ; comparer `latency_ms`";
    parameters_refused(why) => "its parameters, as resolved, are refused: {why}" / "ses paramètres, une fois résolus, sont refusés : {why}";
    pass(criterion) => "pass: {criterion}" / "conforme : {criterion}";
    panicked(text) => "internal error, the action panicked: {text}" / "erreur interne, l'action a paniqué : {text}";
    refused(by) => "refused by {by}" / "refusé par {by}";
    refused_with(by, comment) => "refused by {by}: {comment}" / "refusé par {by} : {comment}";
    samples_not_kept(cause) => "the samples could not be stored: {cause}" / "les échantillons n'ont pas pu être enregistrés : {cause}";
    step_timed_out(limit) => "the step did not end within {limit}" / "l'étape ne s'est pas terminée en {limit}";
    unknown_kind(kind) => "unknown action kind `{kind}`" / "genre d'action inconnu `{kind}`";
    warn(criterion) => "warn: {criterion}" / "avertissement : {criterion}";
    was_zero() => "the other value was 0, so there is no percentage" / "l'autre valeur était 0 : pas de pourcentage";
    watch(id, what) => "watch `{id}`: {what}" / "surveillance `{id}` : {what}";
    watch_ended_early(cause) => "the watch ended early: {cause}" / "la surveillance s'est arrêtée trop tôt : {cause}";
    when_failed(condition, cause) => "could not evaluate `when: {condition}`: {cause}" / "impossible d'évaluer `when: {condition}` : {cause}";
}
