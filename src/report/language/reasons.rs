//! Sentences that the engine records in English, in the other languages. What is not known here stays as recorded.

use super::{Language, recorded};
use crate::record::Said;

/// English and French forms; each `{}` stands for a piece that is carried over, translated itself where it can be.
pub(in crate::report) const FORMS: &[(&str, &str)] = &[
    ("every criterion holds", "chaque critère est respecté"),
    ("holds", "respecté"),
    ("does not hold", "non respecté"),
    (
        "the artifact {} was changed after it was stored",
        "l'artefact {} a été modifié après son enregistrement",
    ),
    ("the artifact {} is not there any more", "l'artefact {} n'existe plus"),
    ("the artifact {} cannot be read: {}", "l'artefact {} ne peut pas être lu : {}"),
    ("{}; compared with {}", "{} ; comparé à {}"),
    ("{}; also differs: {}", "{} ; diffère aussi : {}"),
    (
        "{}; the interval lies on both sides of the limit",
        "{} ; l'intervalle est de part et d'autre de la limite",
    ),
    ("holds; {}", "respecté ; {}"),
    ("does not hold; {}", "non respecté ; {}"),
    ("not decided; {}", "indécis ; {}"),
    (
        "{} changed by {} ({} to {}): no detectable difference",
        "{} a varié de {} ({} à {}) : aucune différence détectable",
    ),
    ("{} changed by {} ({} to {})", "{} a varié de {} ({} à {})"),
    ("run {} ({})", "l'exécution {} ({})"),
    ("run {}", "l'exécution {}"),
    ("in the environment {}", "dans l'environnement {}"),
    ("with the profile {}", "avec le profil {}"),
    ("with other parameters", "avec d'autres paramètres"),
    ("held in {} samples over {}", "respecté dans {} échantillons sur {}"),
    ("held in 1 sample over {}", "respecté dans 1 échantillon sur {}"),
    ("did not hold from {} to {} of the step ({})", "non respecté de {} à {} de l'étape ({})"),
    (
        "did not hold in the last {} and the step ended before {} had passed",
        "non respecté dans les dernières {}, et l'étape s'est terminée avant que {} soient écoulées",
    ),
    ("{} saw nothing for {}: {}", "{} n'a rien vu pendant {} : {}"),
    ("{} brought no sample", "{} n'a rapporté aucun échantillon"),
    ("{} was not measured: {}", "{} n'a pas été mesuré : {}"),
    ("it cannot be evaluated: {}", "ne peut pas être évalué : {}"),
    (
        "there is no earlier run of this step that passed in this environment with the same parameters",
        "aucune exécution antérieure de cette étape n'a réussi dans cet environnement avec les mêmes paramètres",
    ),
    (
        "there is no earlier run of this step that passed in this environment",
        "aucune exécution antérieure de cette étape n'a réussi dans cet environnement",
    ),
    (
        "no run was named to compare with ({}), or this step did not pass in it",
        "aucune exécution de référence n'a été nommée ({}), ou cette étape n'y a pas réussi",
    ),
    ("expected artifacts are missing: {}", "artefacts attendus absents : {}"),
    ("the run ended before the step did", "l'exécution s'est terminée avant l'étape"),
    ("approved by {}", "approuvé par {}"),
    ("refused by {}", "refusé par {}"),
    ("retried by {}", "relancé par {}"),
    ("{} of {} samples saw nothing: {}", "{} échantillons sur {} n'ont rien vu : {}"),
    ("not asked for ({})", "non demandée ({})"),
    ("{} does not hold", "{} n'est pas respecté"),
    ("it does not apply: {}", "sans objet : {}"),
    ("whether it applies cannot be told: {}: {}", "impossible de dire si elle s'applique : {} : {}"),
    ("its matrix was stopped: {} holds", "la matrice s'est arrêtée : {} est respecté"),
    ("stopped by its guard: {}", "arrêtée par sa garde : {}"),
    (
        "stopped because its guard saw nothing for {}: {}",
        "arrêtée parce que sa garde n'a rien vu pendant {} : {}",
    ),
    ("the step did not end within {}", "l'étape ne s'est pas terminée en {}"),
    ("the clean-up failed: {}", "le nettoyage a échoué : {}"),
    ("no criterion applied, so nothing was judged", "aucun critère ne s'appliquait : rien n'a été jugé"),
    ("{} is not supplied", "{} n'est pas fourni"),
    ("no data", "aucune donnée"),
    ("the watch ended early: {}", "la surveillance s'est arrêtée trop tôt : {}"),
    ("no answer within {}", "pas de réponse en {}"),
];

/// Beginnings of the parts of a step's reason (`fail: a < b; fail: c < d`).
const VERDICTS: &[(&str, &str)] = &[
    ("warn: ", "avertissement : "),
    ("inconclusive: ", "non concluant : "),
    ("fail: ", "non conforme : "),
    ("error: ", "erreur : "),
];

/// A recorded sentence in `language`.
pub(in crate::report) fn translated(language: Language, sentence: impl Into<Said>) -> String {
    let said = sentence.into();
    match said.id() {
        Some(_) => said.in_language(language).into_owned(),
        None => recognised(language, &said),
    }
}

/// A sentence of a journal that keeps texts alone, by the form that it has.
fn recognised(language: Language, sentence: &str) -> String {
    if language == Language::En {
        return sentence.to_owned();
    }
    if let Some(text) = fitting(language, FORMS.iter().chain(recorded::forms()), sentence) {
        return text;
    }
    let parts: Vec<&str> = sentence.split("; ").collect();
    if parts.iter().all(|part| VERDICTS.iter().any(|(english, _)| part.starts_with(english))) {
        let part = |part: &&str| {
            VERDICTS
                .iter()
                .find_map(|(english, french)| Some(format!("{french}{}", part.strip_prefix(english)?)))
                .unwrap_or_default()
        };
        return parts.iter().map(part).collect::<Vec<_>>().join(" ; ");
    }
    sentence.to_owned()
}

/// A piece of a recorded sentence.
fn piece(language: Language, text: &str) -> String {
    fitting(language, recorded::PIECES.iter(), text).unwrap_or_else(|| recognised(language, text))
}

/// The sentence by the first form that it has.
fn fitting<'f>(
    language: Language,
    mut forms: impl Iterator<Item = &'f (&'f str, &'f str)>,
    sentence: &str,
) -> Option<String> {
    forms.find_map(|(english, french)| filled(language, french, &pieces(english, sentence)?))
}

/// The name of what differs between two runs, or one side of it.
pub(in crate::report) fn named(language: Language, name: &str) -> String {
    match language {
        Language::En => name.to_owned(),
        Language::Fr => fitting(language, recorded::NAMES.iter(), name).unwrap_or_else(|| name.to_owned()),
    }
}

/// The form with its places filled: `{}` with the piece in that language, `{#}` with it as a number; none where that is
/// none.
fn filled(language: Language, form: &str, pieces: &[&str]) -> Option<String> {
    let mut text = String::new();
    let mut rest = form;
    let mut pieces = pieces.iter();
    while let Some((before, after)) = rest.split_once('{') {
        let (place, after) = after.split_once('}')?;
        let recorded = pieces.next().copied()?;
        text.push_str(before);
        text.push_str(&match place {
            "#" => number(language, recorded)?,
            _ => piece(language, recorded),
        });
        rest = after;
    }
    Some(text + rest)
}

/// A number as recorded, the way the language writes it: with as many decimals as it had.
fn number(language: Language, recorded: &str) -> Option<String> {
    let decimals = recorded.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let plain = recorded.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '-');
    let value = recorded.parse().ok().filter(|_| plain)?;
    Some(language.number_with(value, decimals))
}

/// The pieces of `text` that stand at the `{}` of `form`, where it has that form.
fn pieces<'t>(form: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let parts: Vec<&str> = form.split("{}").collect();
    let (first, rest) = parts.split_first()?;
    let mut text = text.strip_prefix(first)?;
    let mut found = Vec::new();
    for (at, part) in rest.iter().enumerate() {
        let last = at + 1 == rest.len();
        let (piece, after) = match (part.is_empty(), last) {
            (true, true) => (text, ""),
            (_, true) => (text.strip_suffix(part)?, ""),
            (_, false) => text.split_once(part)?,
        };
        found.push(piece);
        text = after;
    }
    (!rest.is_empty() || text.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_sentences_are_translated_and_others_kept() {
        for (english, french) in [
            ("does not hold", "non respecté"),
            ("`a.b` was not measured: no data", "`a.b` n'a pas été mesuré : aucune donnée"),
            ("held in 12 samples over 3 min", "respecté dans 12 échantillons sur 3 min"),
            ("did not hold from 2 s to 8 s of the step (7 s)", "non respecté de 2 s à 8 s de l'étape (7 s)"),
            ("fail: a < b; fail: c == 0", "non conforme : a < b ; non conforme : c == 0"),
            ("`urp` ended: connection refused", "`urp` ended: connection refused"),
            (
                "not decided; a.b changed by +8.0 % (-5.0 % to +22.0 %): no detectable difference; the interval lies on \
                 both sides of the limit; compared with run r1",
                "indécis ; a.b a varié de +8.0 % (-5.0 % à +22.0 %) : aucune différence détectable ; l'intervalle est de \
                 part et d'autre de la limite ; comparé à l'exécution r1",
            ),
            ("holds water", "holds water"),
        ] {
            assert_eq!(translated(Language::Fr, english), french);
            assert_eq!(translated(Language::En, english), english);
        }
    }

    #[test]
    fn every_form_has_as_many_places_in_both_languages() {
        for (english, french) in
            FORMS.iter().chain(recorded::forms()).chain(recorded::PIECES).chain(recorded::NAMES)
        {
            let places = french.matches("{}").count() + french.matches("{#}").count();
            assert_eq!(english.matches("{}").count(), places, "{english}");
            assert_eq!(french.matches('{').count(), places, "{french}");
        }
    }
}
